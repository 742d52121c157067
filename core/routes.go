package core

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/route"
)

// routes are the policies of Config.Routes, by path.
type routes struct {
	table    route.Table
	policies []*Policy // by id; nil where CORS is disabled
	paths    []string  // by id: Path or PathRegex
}

// routes makes the policies of the routes.
func (c *compiler) routes() *routes {
	if len(c.cfg.Routes) == 0 {
		return nil
	}
	rs := &routes{policies: make([]*Policy, len(c.cfg.Routes)), paths: make([]string, len(c.cfg.Routes))}
	for i, r := range c.cfg.Routes {
		rs.paths[i] = r.Path + r.PathRegex
		c.addRoute(rs, i, r)
		if r.Disable {
			if !reflect.ValueOf(r.Config).IsZero() {
				c.refuse("Routes", i, r.Path+r.PathRegex, "a disabled route has no Config", "leave Disable or Config out")
			}
			continue
		}
		sub := compiler{cfg: r.Config, prefix: fmt.Sprintf("%sRoutes[%d].Config.", c.prefix, i)}
		if r.Config.OnDecision != nil {
			sub.refuse("OnDecision", -1, "", "decisions are observed for all routes together", "set OnDecision beside Routes")
		}
		if len(r.Config.Routes) > 0 {
			sub.refuse("Routes", -1, "", "routes are not nested", "list every route beside the others")
			sub.cfg.Routes = nil
		}
		rs.policies[i] = sub.compile()
		c.problems = append(c.problems, sub.problems...)
	}
	return rs
}

// addRoute adds the i-th route to the table.
func (c *compiler) addRoute(rs *routes, i int, r Route) {
	switch {
	case r.Path != "" && r.PathRegex != "":
		c.refuse("Routes", i, r.Path, "a route has a Path or a PathRegex", "make two routes of it")
	case r.PathRegex != "":
		// "." stands for a line feed too, or /admin/x%0Ay would escape from /admin/.*.
		if re, problem := compileWhole(`(?is)`, r.PathRegex); problem == nil {
			rs.table.AddRegex(re, i)
		} else {
			c.refuse("Routes", i, r.PathRegex, problem.Rule, problem.Fix)
		}
	case r.Path == "":
		c.refuse("Routes", i, r.Path, "a route has a Path or a PathRegex", `write one, such as Path: "/api/"`)
	default:
		if problem := addPath(&rs.table, r.Path, i); problem != nil {
			c.refuse("Routes", i, r.Path, problem.Rule, problem.Fix)
		}
	}
}

// addPath adds a pattern to a table. It returns what is wrong with it, nil for nothing.
func addPath(t *route.Table, path string, id int) *origin.Problem {
	pattern, err := route.Parse(path)
	if err != nil {
		rule, fix, _ := strings.Cut(err.Error(), "; ")
		return &origin.Problem{Rule: rule, Fix: fix}
	}
	if conflict, ok := t.Add(pattern, id); !ok {
		return &origin.Problem{
			Rule: fmt.Sprintf("it matches paths that %q matches too, and neither is more specific", conflict),
			Fix:  "remove one, or add a more specific one for what they share",
		}
	}
	return nil
}

// policyOf returns the policy of a route, nil if there is none: CORS is disabled there, or nothing is allowed outside of the routes.
func (p *Policy) policyOf(id int) *Policy {
	switch {
	case id >= 0:
		return p.routes.policies[id]
	case id == route.None && p.fallback:
		return p
	}
	return nil
}

// pathOf returns the Path or PathRegex of a route, "" for none.
func (p *Policy) pathOf(id int) string {
	if id < 0 {
		return ""
	}
	return p.routes.paths[id]
}

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
	forbids  bool      // one of them has ForbidDisallowed
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
		rs.forbids = rs.forbids || rs.policies[i].forbid
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
		pattern, problem := parsePath(r.Path)
		if problem == nil {
			problem = addPath(&rs.table, pattern, i)
		}
		if problem != nil {
			c.refuse("Routes", i, r.Path, problem.Rule, problem.Fix)
		}
	}
}

// parsePath parses a pattern. The problem says what is wrong with it, nil for nothing.
func parsePath(text string) (*route.Pattern, *origin.Problem) {
	pattern, err := route.Parse(text)
	if err != nil {
		rule, fix, _ := strings.Cut(err.Error(), "; ")
		return nil, &origin.Problem{Rule: rule, Fix: fix}
	}
	return pattern, nil
}

// addPath adds a pattern to a table. It returns what is wrong with it, nil for nothing.
func addPath(t *route.Table, pattern *route.Pattern, id int) *origin.Problem {
	if conflict, ok := t.Add(pattern, id); !ok {
		return &origin.Problem{
			Rule: fmt.Sprintf("it matches paths that %q matches too, and neither is more specific", conflict),
			Fix:  "remove one, or add a more specific one for what they share",
		}
	}
	return nil
}

// policyOf returns the policy of a route, nil if there is none: CORS is disabled there, or the path
// is under no route and the top level names no origins.
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

// mayForbid reports whether one of the policies that a path may fall under has ForbidDisallowed.
func (p *Policy) mayForbid(readings *route.Readings) bool {
	if readings.Unknown() != "" {
		return p.routes.forbids || p.fallback && p.forbid // it may be any policy
	}
	for _, reading := range readings.All() {
		for _, id := range [...]int{reading.Lenient, reading.Strict} {
			if q := p.policyOf(id); q != nil && q.forbid {
				return true
			}
		}
	}
	return false
}

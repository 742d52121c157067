package core

import (
	"cmp"
	"reflect"
	"regexp"

	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/route"
)

// routes contains the compiled Config.Routes. The id of a route is its index in that list.
type routes struct {
	table    route.Table
	policies []*Policy // by id; nil if the route has Disable
	paths    []string  // by id: Path or PathRegex
	forbids  bool      // a route has ForbidDisallowed
}

// routes compiles Routes. It returns nil if there are none.
func (c *compiler) routes() *routes {
	if len(c.cfg.Routes) == 0 {
		return nil
	}
	rs := &routes{policies: make([]*Policy, len(c.cfg.Routes)), paths: make([]string, len(c.cfg.Routes))}
	for i, r := range c.cfg.Routes {
		rs.paths[i] = cmp.Or(r.Path, r.PathRegex)
		c.addRoute(rs, i, r)
		if r.Disable {
			if !reflect.ValueOf(r.Config).IsZero() {
				c.report(pathPlace(i, r), cmp.Or(r.Path, r.PathRegex), &problem.Problem{
					Rule: problem.Textf("a route with %v must not have a %v", problem.Disable, problem.Config),
					Fix:  problem.Textf("remove %v, or remove %v", problem.Disable, problem.Config),
				})
			}
			continue
		}
		rs.policies[i] = c.routePolicy(i, r.Config)
		rs.forbids = rs.forbids || rs.policies[i].forbid
	}
	return rs
}

// routePolicy compiles the Config of the i-th route.
func (c *compiler) routePolicy(i int, cfg Config) *Policy {
	sub := compiler{cfg: cfg, inRoute: true, route: i}
	if cfg.OnDecision != nil {
		sub.refusef(problem.OnDecision, -1, "",
			problem.Textf("the %v of the top level is called for all routes", problem.OnDecision),
			problem.Textf("set %v at the top level", problem.OnDecision))
	}
	if len(cfg.Routes) > 0 {
		sub.refuse(problem.Routes, -1, "", "routes cannot be nested", "move these routes to the top level")
		sub.cfg.Routes = nil
	}
	p := sub.compile()
	c.problems = append(c.problems, sub.problems...)
	return p
}

// pathPlace returns the place of the Path or PathRegex of the i-th route. If the route has neither,
// it returns the place of the route.
func pathPlace(i int, r Route) problem.Place {
	switch {
	case r.Path != "":
		return problem.At(problem.Path, -1).In(i)
	case r.PathRegex != "":
		return problem.At(problem.PathRegex, -1).In(i)
	}
	return problem.At(problem.Routes, i)
}

// addRoute adds the path of the i-th route to the table.
func (c *compiler) addRoute(rs *routes, i int, r Route) {
	bad := addRoutePath(&rs.table, i, r)
	switch {
	case bad == nil:
	case r.Path != "":
		c.report(pathPlace(i, r), r.Path, bad)
	default:
		c.report(pathPlace(i, r), r.PathRegex, bad)
	}
}

// addRoutePath adds the Path or PathRegex of a route to the table. It returns the problem with it,
// or nil if there is none.
func addRoutePath(t *route.Table, i int, r Route) *problem.Problem {
	switch {
	case r.Path != "" && r.PathRegex != "":
		return &problem.Problem{
			Rule: problem.Textf("a route has a %v or a %v, not both", problem.Path, problem.PathRegex),
			Fix:  problem.Textf("remove %v, or remove %v", problem.Path, problem.PathRegex),
		}
	case r.Path != "":
		pattern, bad := route.Parse(r.Path)
		if bad != nil {
			return bad
		}
		return addPath(t, pattern, problem.Routes, i)
	case r.PathRegex != "":
		re, bad := compilePath(r.PathRegex)
		if bad != nil {
			return bad
		}
		t.AddRegex(re, i)
		return nil
	}
	return &problem.Problem{
		Rule:  problem.Textf("a route needs a %v or a %v", problem.Path, problem.PathRegex),
		Fix:   problem.Textf(`write one, such as %v: "/api/"`, problem.Path),
		OneOf: []problem.Field{problem.Path, problem.PathRegex},
	}
}

// compilePath compiles a PathRegex, which must match an entire path.
func compilePath(text string) (*regexp.Regexp, *problem.Problem) {
	if bad := route.CheckExpr(text); bad != nil {
		return nil, bad
	}
	// With "s", "." also matches a line feed. Otherwise /admin/x%0Ay would not match /admin/.*.
	return compileWhole(`(?is)`, text)
}

// addPath adds a pattern with the given id to the table. If the pattern conflicts with another one,
// addPath returns a description of the problem. The id must be the index of the pattern in the
// list.
func addPath(t *route.Table, pattern *route.Pattern, list problem.Field, id int) *problem.Problem {
	c := t.Add(pattern, id)
	if c == nil {
		return nil
	}
	other := problem.At(list, c.ID)
	switch {
	case c.Equal && list == problem.ExemptPaths:
		return &problem.Problem{
			Rule: problem.Textf("%v matches the same paths", other),
			Fix:  problem.Plain("remove it"),
		}
	case c.Equal:
		return &problem.Problem{
			Rule: problem.Textf("%v, %q, matches the same paths", other, c.Text),
			Fix:  problem.Plain("remove one of the two routes"),
		}
	case list == problem.ExemptPaths:
		return &problem.Problem{
			Rule: problem.Textf("%v, %q, also matches %q, and neither is more specific", other, c.Text, c.Both),
			Fix:  problem.Plain("list the paths that one of them is meant for"),
		}
	default:
		return &problem.Problem{
			Rule: problem.Textf("%v, %q, also matches %q, and neither is more specific", other, c.Text, c.Both),
			Fix:  problem.Textf("write %v in %v", problem.PathExpr(c.Expr), problem.PathRegex),
		}
	}
}

// policyOf returns the policy of a route. It returns nil if the route has Disable, or if the path
// matches no route and the Config itself allows no origins.
func (p *Policy) policyOf(id int) *Policy {
	switch {
	case id >= 0:
		return p.routes.policies[id]
	case id == route.None && p.fallback:
		return p
	}
	return nil
}

// pathOf returns the Path or PathRegex of the route with the given id, or "" if id is route.None.
func (p *Policy) pathOf(id int) string {
	if id < 0 {
		return ""
	}
	return p.routes.paths[id]
}

// mayForbid reports whether any policy that may apply to the path has ForbidDisallowed set.
func (p *Policy) mayForbid(readings *route.Readings) bool {
	if readings.Unknown() != "" {
		return p.routes.forbids || p.fallback && p.forbid // any policy may apply
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

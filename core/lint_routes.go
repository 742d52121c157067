package core

import (
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/regex"
	"github.com/polycors/cors/core/internal/route"
)

// deadRoutes returns the findings about routes that no path reaches, by the index of the route, and
// the finding about a top level that no path reaches. A pattern wins over every expression, and an
// expression wins over those after it.
func (l *linter) deadRoutes() map[int][]Finding {
	found := map[int][]Finding{}
	find := func(i int, code, name, message string) {
		found[i] = append(found[i], Finding{code, at("Routes", i) + name, message + "."})
	}
	routes := routesBefore{all: route.None, first: map[string]int{}}
	for i, r := range l.cfg.Routes {
		if r.PathRegex == "" && r.Path != "" {
			routes.addPattern(r.Path, i)
		}
	}
	for i, r := range l.cfg.Routes {
		if r.PathRegex == "" || r.Path != "" {
			continue
		}
		if why := routes.takenBy(r.PathRegex); why != "" {
			find(i, "dead-route", ".PathRegex", why)
		}
		routes.addRegex(r.PathRegex, i)
	}
	if routes.all != route.None && saysOrigins(&l.cfg) {
		find(routes.all, "shadowed-policy", "", "every path falls under it or another route, "+
			"so that the top level's origins hold for none; remove one of them")
	}
	return found
}

// routesBefore are the routes that win over the expression that is checked next: all patterns, and
// the expressions so far.
type routesBefore struct {
	patterns route.Table
	first    map[string]int // by expression: the first route with it
	all      int            // the route that takes every path that no other one takes, or route.None
}

func (rs *routesBefore) addPattern(text string, i int) {
	pattern, problem := route.Parse(text)
	if problem == nil && addPath(&rs.patterns, pattern, i) == nil && pattern.MatchesAll() {
		rs.all = i
	}
}

func (rs *routesBefore) addRegex(expr string, i int) {
	if rs.all == route.None && takesAll(expr) {
		rs.all = i
	}
	if _, again := rs.first[expr]; !again {
		rs.first[expr] = i
	}
}

// takenBy says why no path reaches a route with this expression. It returns "" if a path may reach
// it.
func (rs *routesBefore) takenBy(expr string) string {
	parsed, err := regex.Parse(expr)
	if err != nil {
		return ""
	}
	if !parsed.MatchesPath() {
		return `it matches no path, for a path begins with a slash and is matched as a whole; write it as in "/api/.*"`
	}
	if rs.all != route.None {
		return at("Routes", rs.all) + " takes every path before; remove one of them"
	}
	if path, literal := parsed.Literal(); literal {
		readings := rs.patterns.Read(path, "")
		if id := readings.All()[0].Lenient; id >= 0 {
			return at("Routes", id) + " takes that path before, for patterns win over expressions; remove one of them"
		}
	}
	if i, again := rs.first[expr]; again {
		return "it is " + at("Routes", i) + " once more; remove it"
	}
	return ""
}

// takesAll reports whether an expression is one of the usual ways to match every path. Other
// expressions that match every path are not recognised.
func takesAll(expr string) bool {
	return slices.Contains([]string{".*", ".+", "/.*"}, strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$"))
}

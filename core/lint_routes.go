package core

import (
	"regexp"
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
	"github.com/polycors/cors/core/internal/route"
)

// routeFindings returns the findings about the paths of routes. The keys are the indexes of the
// routes.
func (l *linter) routeFindings() map[int][]problem.Finding {
	found := map[int][]problem.Finding{}
	find := func(i int, code string, place problem.Place, message problem.Text) {
		found[i] = append(found[i], problem.Finding{Code: code, Place: place, Message: problem.Textf("%v.", message)})
	}
	routes := routesBefore{all: route.None, first: map[string]int{}}
	patterns := make([]*route.Pattern, len(l.cfg.Routes)) // nil for a route without a valid Path
	for i, r := range l.cfg.Routes {
		if r.PathRegex == "" && r.Path != "" {
			patterns[i] = routes.addPattern(r.Path, i)
		}
	}
	all := routePaths{cfg: l.cfg, table: routes.patterns}
	usual := map[int]*regexp.Regexp{} // the routes with a PathRegex that have no finding so far
	for i, r := range l.cfg.Routes {
		if r.PathRegex == "" || r.Path != "" {
			continue
		}
		re, bad := compilePath(r.PathRegex)
		if bad != nil {
			continue
		}
		all.table.AddRegex(re, i)
		place := problem.At(problem.PathRegex, -1).In(i)
		if why, ok := routes.takenBy(r.PathRegex); ok {
			find(i, "dead-route", place, why)
		} else if why, ok := narrowRegex(r.PathRegex); ok {
			find(i, "narrow-route", place, why)
		} else {
			usual[i] = re
		}
		routes.addRegex(r.PathRegex, i)
	}
	for i, re := range usual {
		if why, ok := all.narrowPrefix(i, re); ok {
			find(i, "narrow-route", problem.At(problem.PathRegex, -1).In(i), why)
		}
	}
	for i, pattern := range patterns {
		if pattern == nil {
			continue
		}
		if why, ok := all.narrow(i, pattern); ok {
			find(i, "narrow-route", problem.At(problem.Path, -1).In(i), why)
		}
	}
	if routes.all != route.None && allowsSome(&l.cfg) {
		find(routes.all, "shadowed-policy", problem.At(problem.Routes, routes.all), problem.Plain("every path matches it "+
			"or another route, so the origins of the top level have no effect; remove the origins or the route"))
	}
	return found
}

// routesBefore contains the routes that take precedence over the next PathRegex. These are all
// routes with a Path, and the preceding ones with a PathRegex.
type routesBefore struct {
	patterns route.Table
	first    map[string]int // by expression: the first route with it
	// all is the index of the route that matches every remaining path, or route.None if there is
	// none.
	all int
}

// addPattern adds a Path. It returns nil if New would refuse it.
func (rs *routesBefore) addPattern(text string, i int) *route.Pattern {
	pattern, bad := route.Parse(text)
	if bad != nil || rs.patterns.Add(pattern, i) != nil {
		return nil
	}
	if pattern.MatchesAll() {
		rs.all = i
	}
	return pattern
}

func (rs *routesBefore) addRegex(expr string, i int) {
	if rs.all == route.None && takesAll(expr) {
		rs.all = i
	}
	if _, again := rs.first[expr]; !again {
		rs.first[expr] = i
	}
}

// takenBy explains why no request reaches a route with the given expression. ok is false if a
// request may reach it.
func (rs *routesBefore) takenBy(text string) (why problem.Text, ok bool) {
	expr, err := regex.Parse(text)
	if err != nil {
		return why, false
	}
	if why := unreachable(text); why != "" {
		return problem.Plain(why), true
	}
	if rs.all != route.None {
		return problem.Textf("%v matches every path and takes precedence; remove one of the two routes",
			problem.At(problem.Routes, rs.all)), true
	}
	if path, literal := expr.Literal(); literal {
		readings := rs.patterns.Read(path, "")
		if id := readings.All()[0].Lenient; id >= 0 {
			return problem.Textf("%v has a %v that matches the same path, and a %v takes precedence over a %v; "+
				"remove one of the two routes",
				problem.At(problem.Routes, id), problem.Path, problem.Path, problem.PathRegex), true
		}
	}
	if i, again := rs.first[text]; again {
		return problem.Textf("%v has the same %v and is tried first; remove one of the two routes",
			problem.At(problem.Routes, i), problem.PathRegex), true
	}
	return why, false
}

// takesAll reports whether an expression is one of the usual ways to match every path. It does not
// recognize other expressions that match every path.
func takesAll(expr string) bool {
	return slices.Contains([]string{".*", ".+", "/.*"}, strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$"))
}

var (
	dotDotSegment = regexp.MustCompile(`/(?:\\\.\\\.|\.\.)(?:/|\$?$)`)
	encodedByte   = regexp.MustCompile(`^[^[(|\\]*%[0-9A-Fa-f]{2}`)
	queryOrHash   = regexp.MustCompile(`^[^[(|]*(\\\?|#|\[\?\])`)
)

// unreachable explains why no path can match the expression, whatever the other routes are. It
// recognizes only common mistakes.
func unreachable(text string) string {
	switch {
	case dotDotSegment.MatchString(text):
		return `a request with a ".." segment in its path is refused before any route is chosen; ` +
			"write the path that the segment leads to"
	case encodedByte.MatchString(text):
		return `the expression is matched against decoded paths, and this one contains a percent-encoded byte; ` +
			"write the decoded character"
	}
	return ""
}

// narrowRegex explains why an expression probably matches fewer paths than its author meant. ok is
// false if there is no sign of that.
func narrowRegex(text string) (why problem.Text, ok bool) {
	if m := negativeFlags.FindStringSubmatch(text); m != nil {
		return problem.Textf("%q makes case or line feeds matter, so another policy applies to other spellings of the "+
			"same path; remove the flag", m[1]), true
	}
	text = strings.TrimPrefix(text, "^")
	if strings.HasSuffix(text, "$") || strings.Contains(text, "|") {
		return why, false
	}
	expr, err := regex.Parse(text)
	if err != nil {
		return why, false
	}
	below := problem.PathExpr(strings.TrimSuffix(text, "/") + "/.*")
	switch path, literal := expr.Literal(); {
	case queryOrHash.MatchString(text):
		return problem.Plain(`a path contains "?" and "#" only if they were percent-encoded, because they begin the ` +
			"query and the fragment; remove that part of the expression"), true
	case aFile.MatchString(path):
	case literal:
		return problem.Textf("it matches only %s, because an expression must match the whole path; write %v to "+
			"include the paths below it, or %v to say that only this path is meant",
			path, below, problem.PathExpr(text+"$")), true
	case strings.HasSuffix(text, "/"):
		return problem.Textf("it matches no path below the slash at its end, because an expression must match the whole "+
			"path; write %v", below), true
	}
	return why, false
}

// negativeFlags matches the beginning of a group that switches off the flag i or s.
var negativeFlags = regexp.MustCompile(`(?:^|[^\\\[])(\(\?[imsU]*-[mU]*[is])`)

// routePaths finds the policy of a path.
type routePaths struct {
	cfg   Config
	table route.Table
}

// narrow explains why the paths below the Path of a route should probably have the same policy as
// the route. This is the case if the Path does not match the paths below it, and the policy for
// them is more lenient. Otherwise, ok is false.
func (rs *routePaths) narrow(i int, pattern *route.Pattern) (why problem.Text, ok bool) {
	r := rs.cfg.Routes[i]
	path := strings.TrimSuffix(pattern.Example(), "/")
	if path == "" || pattern.HasOpenStart() || r.Disable && oneResource.MatchString(path) {
		return why, false
	}
	why, ok = rs.lenientBelow(i, path)
	return problem.Textf("%v; write %q", why, strings.TrimSuffix(strings.TrimSuffix(r.Path, "{$}"), "/")+"/"), ok
}

// narrowPrefix is like narrow, but for a PathRegex that was probably meant as a prefix. This is the
// case if it begins with "^" and does not end with "$", or if it ends with an optional slash. The
// argument re is the compiled expression.
func (rs *routePaths) narrowPrefix(i int, re *regexp.Regexp) (why problem.Text, ok bool) {
	text := rs.cfg.Routes[i].PathRegex
	prefix := prefixEnd.ReplaceAllString(text, "")
	if strings.HasSuffix(text, "$") || prefix == text && !strings.HasPrefix(text, "^") {
		return why, false
	}
	expr, err := regex.Parse(text)
	if err != nil {
		return why, false
	}
	for n := range maxExamples {
		path := expr.Example(n)
		if !re.MatchString(path) || strings.Trim(path, "/") == "" {
			continue
		}
		path = strings.TrimSuffix(path, "/")
		why, ok := rs.lenientBelow(i, path)
		if !ok {
			continue
		}
		below, bad := compilePath(prefix + "/.*")
		if bad != nil || !below.MatchString(path+"/x") || regex.HasAlternatives(prefix) {
			return problem.Textf(`%v; end each alternative with "/.*"`, why), true
		}
		return problem.Textf("%v; write %v to include the paths below it, or %v to say that only this path is meant",
			why, problem.PathExpr(prefix+"/.*"), problem.PathExpr(text+"$")), true
	}
	return why, false
}

// maxExamples is the maximum number of alternatives of an expression that are checked.
const maxExamples = 8

// prefixEnd matches the end of an expression that was meant as a prefix: a slash that may be
// optional, or a word boundary.
var prefixEnd = regexp.MustCompile(`(?:/\??|\(\??:?/\)\??|\(\??:?/\|\$\)|\\b)$`)

var (
	// aFile matches the path of a file. There are no paths below it.
	aFile = regexp.MustCompile(`[^/]\.[A-Za-z][A-Za-z0-9]*$`)
	// oneResource matches the paths of resources for monitoring. There are no paths below them.
	oneResource = regexp.MustCompile(`(?i)/(?:healthz?|livez|readyz|metrics|ping)$`)
)

// lenientBelow reports whether the paths below the given path have a policy that is more lenient
// than the i-th route, to which the path belongs. The text names that policy.
func (rs *routePaths) lenientBelow(i int, path string) (why problem.Text, ok bool) {
	r := rs.cfg.Routes[i]
	if aFile.MatchString(path) || !r.Disable && !saysOrigins(&r.Config) {
		return why, false
	}
	below := path + "/x"
	readings := rs.table.Read(below, "")
	id, ok := readings.Route()
	owner, other := problem.Plain("the top level"), rs.cfg
	switch {
	case !ok || id == i || id >= 0 && rs.cfg.Routes[id].Disable:
		return why, false
	case id >= 0:
		owner, other = problem.Textf("%v", problem.At(problem.Routes, id)), rs.cfg.Routes[id].Config
	}
	if !isMoreLenient(other, r) {
		return why, false
	}
	return problem.Textf("it matches no path below it, so %q has the policy of %v, which allows more", below, owner), true
}

// allowsSome reports whether a Config may allow any origin.
func allowsSome(cfg *Config) bool {
	return len(cfg.AllowOrigins) > 0 || len(cfg.AllowOriginRegexes) > 0 || cfg.AllowOriginFunc != nil ||
		len(cfg.DangerouslyAllowOrigins) > 0 || len(cfg.DangerouslyAllowOriginRegexes) > 0
}

// isMoreLenient reports whether cfg allows something that the route r does not allow.
func isMoreLenient(cfg Config, r Route) bool {
	switch {
	case !allowsSome(&cfg):
		return false
	case r.Disable:
		return true
	case cfg.AllowCredentials && !r.Config.AllowCredentials && !slices.Contains(r.Config.AllowOrigins, "*"):
		return true
	case slices.Contains(r.Config.AllowOrigins, "*"):
		return false
	case cfg.AllowOriginFunc != nil && r.Config.AllowOriginFunc == nil:
		return true
	}
	regexes := slices.Concat(r.Config.AllowOriginRegexes, r.Config.DangerouslyAllowOriginRegexes)
	for _, text := range slices.Concat(cfg.AllowOriginRegexes, cfg.DangerouslyAllowOriginRegexes) {
		if !slices.Contains(regexes, text) {
			return true
		}
	}
	var cover origin.Cover
	listed := map[string]bool{}
	for i, text := range slices.Concat(r.Config.AllowOrigins, r.Config.DangerouslyAllowOrigins) {
		if p, bad := origin.ParsePattern(text); bad == nil {
			listed[p.Text] = true
			cover.Add(p, i)
		}
	}
	for _, text := range slices.Concat(cfg.AllowOrigins, cfg.DangerouslyAllowOrigins) {
		p, bad := origin.ParsePattern(text)
		if bad != nil || listed[p.Text] {
			continue
		}
		if _, covered := cover.First(p); !covered {
			return true
		}
	}
	return false
}

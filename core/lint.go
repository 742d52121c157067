package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/regex"
	"github.com/polycors/cors/core/internal/route"
)

// Finding is something in a [Config] that works but deserves a look.
type Finding struct {
	Code    string // stable, in kebab case, as in "any-origin"
	Field   string // the field, with its index where it is one entry, as in "AllowOrigins[1]"
	Message string // a sentence that says what it means and what to do
}

// Lint returns what works in cfg but deserves a look, in the order of the fields of Config. Each Finding has one of these codes:
//
//	any-origin                 "*" among the origins
//	null-origin, file-origin   origins that every website can send
//	insecure-origin            http beyond loopback, listed or matched by an expression
//	loopback-origin            a developer's machine
//	public-suffix              a wildcard under which anyone can register a name
//	credentials-wildcard       a wildcard together with AllowCredentials
//	duplicate-entry            an entry that stands there already
//	covered-entry              an entry that another one covers, "*" for one
//	broad-regex                an expression that matches origins under domains that it does not spell out
//	dead-regex                 an expression that matches no origin
//	loose-dot                  a dot in an expression that is not escaped
//	plain-regex                an expression that an entry of AllowOrigins says better
//	unused-func                an AllowOriginFunc that is never asked
//	authorization-not-covered  "*" among the headers without authorization
//	forbidden-header           a header that no page can set
//	safelisted-header          a header that needs no permission
//	needless-credentials       AllowCredentials with a header for tokens
//	long-max-age               longer than Chromium keeps it
//	private-network            what browsers have abandoned
//	continued-preflight        handlers that see preflights
//	debug                      what is not for production
//	dead-route                 a route that no path falls under
//	shadowed-policy            a top level that no path falls under
//	not-inherited              a field that nothing uses, for routes inherit nothing
//	insecure-credentials, public-suffix-credentials, needless-dangerous   the Dangerously fields
//
// A cfg that [New] refuses is looked at as far as it can be read. GET, HEAD and POST among the methods are no finding, although they need no permission:
// [DefaultMethods] has them too, for people who read the list.
func Lint(cfg Config) []Finding {
	l := linter{cfg: cfg}
	l.policy()
	dead := l.deadRoutes()
	for i, r := range cfg.Routes {
		l.findings = append(l.findings, dead[i]...)
		if r.Disable {
			continue
		}
		sub := linter{cfg: r.Config, prefix: at("Routes", i) + ".Config."}
		sub.cfg.Routes = nil
		sub.policy()
		sub.dangerously()
		l.findings = append(l.findings, sub.findings...)
	}
	l.dangerously()
	return l.findings
}

// linter looks at one Config.
type linter struct {
	cfg      Config
	prefix   string // of the names of fields
	findings []Finding
}

func (l *linter) find(code, name, message string) {
	l.findings = append(l.findings, Finding{code, l.prefix + name, message + "."})
}

func at(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }

// policy looks at the fields before Routes.
func (l *linter) policy() {
	if l.isUnused() {
		l.notInherited()
		return
	}
	l.origins()
	l.regexes()
	if l.cfg.AllowOriginFunc != nil && l.any() {
		l.find("unused-func", "AllowOriginFunc", `it is never asked, for "*" lets every origin in; remove it, or "*"`)
	}
	l.methods()
	l.headers()
	l.exposed()
	l.credentials()
	if l.cfg.MaxAge > 2*time.Hour {
		l.find("long-max-age", "MaxAge", "Chromium keeps the answer to a preflight for 2 hours whatever the policy says, Firefox for 24 and Safari for 10 minutes; write 2 * time.Hour, or expect no more")
	}
	if l.cfg.AllowPrivateNetwork {
		l.find("private-network", "AllowPrivateNetwork", "browsers have abandoned this for a permission prompt; remove it unless old ones count")
	}
	if l.cfg.ContinuePreflight {
		l.find("continued-preflight", "ContinuePreflight", "allowed preflights reach the handler, which must answer OPTIONS with a status from 200 to 299 and without authentication; remove it unless the handler does so")
	}
	l.debug()
}

func (l *linter) debug() {
	if l.cfg.Debug {
		l.find("debug", "Debug", "it tells allowed origins the whole policy; turn it off in production")
	}
}

// isUnused reports whether the policy says nothing to anybody, because only its routes name origins.
func (l *linter) isUnused() bool { return len(l.cfg.Routes) > 0 && !l.names() }

// names reports whether the policy names origins at all.
func (l *linter) names() bool {
	return len(l.cfg.AllowOrigins) > 0 || len(l.cfg.AllowOriginRegexes) > 0 || l.cfg.AllowOriginFunc != nil
}

// notInherited tells about a top level that says how, but not to whom.
func (l *linter) notInherited() {
	for _, f := range [...]struct {
		set  bool
		name string
	}{
		{l.cfg.AllowMethods != nil, "AllowMethods"}, {l.cfg.AllowHeaders != nil, "AllowHeaders"}, {l.cfg.ExposeHeaders != nil, "ExposeHeaders"},
		{l.cfg.AllowCredentials, "AllowCredentials"}, {l.cfg.MaxAge != 0, "MaxAge"}, {l.cfg.AllowPrivateNetwork, "AllowPrivateNetwork"},
		{l.cfg.PreflightStatus != 0, "PreflightStatus"}, {l.cfg.ContinuePreflight, "ContinuePreflight"}, {l.cfg.ForbidDisallowed, "ForbidDisallowed"},
	} {
		if f.set {
			l.find("not-inherited", f.name, "nothing uses it: the top level names no origins, and routes inherit nothing; set it in each route")
		}
	}
	l.debug()
}

func (l *linter) any() bool { return slices.Contains(l.cfg.AllowOrigins, "*") }

// listedOrigin is a valid entry of AllowOrigins.
type listedOrigin struct {
	i       int
	pattern origin.Pattern
}

func (l *linter) origins() {
	const name = "AllowOrigins"
	first := map[string]int{}
	var all []listedOrigin
	var cover origin.Cover
	for i, text := range l.cfg.AllowOrigins {
		p, problem := origin.ParsePattern(text)
		if problem != nil {
			continue
		}
		all = append(all, listedOrigin{i, p})
		if _, again := first[p.Text]; !again {
			first[p.Text] = i
			cover.Add(p, len(all)-1)
		}
	}
	for _, o := range all {
		if i := first[o.pattern.Text]; i < o.i {
			l.find("duplicate-entry", at(name, o.i), "it is "+at(name, i)+" once more; remove it")
		} else if j, ok := cover.First(o.pattern); ok {
			l.find("covered-entry", at(name, o.i), fmt.Sprintf("%s, %q, covers it; remove one of them", at(name, all[j].i), all[j].pattern.Text))
		} else {
			l.origin(at(name, o.i), o.pattern)
		}
	}
}

// origin looks at one entry by itself.
func (l *linter) origin(name string, p origin.Pattern) {
	switch {
	case p.Kind == origin.Any:
		l.find("any-origin", name, "every website may read what is answered without credentials; list the origins, unless this is public and not behind a firewall")
		return
	case p.Text == "null":
		l.find("null-origin", name, "every website can send it, from a sandboxed frame; list the page's origin instead")
		return
	case p.Text == "file://":
		l.find("file-origin", name, "every file that a visitor has saved can send it; list the page's origin instead")
		return
	case origin.IsLoopback(p.Host):
		l.find("loopback-origin", name, "it is whatever runs on the visitor's machine; keep it out of production")
	case p.Risk()&origin.RiskInsecure != 0:
		l.find("insecure-origin", name, "anyone on the network path of a visitor can send it; serve the page over https")
	}
	switch {
	case p.Risk()&origin.RiskSuffix != 0:
		l.find("public-suffix", name, "anyone can register a name under "+strconv.Quote(p.PublicSuffix())+"; list the origins that are yours")
	case l.cfg.AllowCredentials && p.Kind != origin.Exact && !origin.IsLoopback(p.Host):
		l.find("credentials-wildcard", name, "whoever takes over one of these hosts, an abandoned one for instance, acts as its visitors; list those that need it")
	}
}

func (l *linter) regexes() {
	const list = "AllowOriginRegexes"
	for i, text := range l.cfg.AllowOriginRegexes {
		expr, err := regex.Parse(text)
		if err != nil || text == "" || wildcardOf(text) != "" {
			continue
		}
		if _, err := expr.Compile(""); err != nil {
			continue
		}
		name := at(list, i)
		switch first := slices.Index(l.cfg.AllowOriginRegexes, text); {
		case first < i:
			l.find("duplicate-entry", name, "it is "+at(list, first)+" once more; remove it")
		case l.any():
			l.find("covered-entry", name, `"*" among AllowOrigins covers it; remove one of them`)
		default:
			l.regex(name, expr)
		}
	}
}

// regex looks at one expression by itself.
func (l *linter) regex(name string, expr *regex.Expr) {
	if !expr.MatchesOrigin() {
		l.find("dead-regex", name, "it matches no origin as browsers send it: scheme, host and port in lower case, no default port and no slash at the end; correct it")
		return
	}
	if plain := plainEntry(expr); plain != "" {
		l.find("plain-regex", name, "it says what "+strconv.Quote(plain)+" among AllowOrigins says, which is faster; list that instead")
		return
	}
	risks := expr.Judge()
	if expr.HasLooseDot() {
		l.find("loose-dot", name, fixOf(expr, `a dot matches any character in it; write \. for a dot`))
		return
	}
	for _, risk := range risks {
		switch risk.Kind {
		case regex.TooLarge:
		case regex.Insecure:
			l.find("insecure-origin", name, "it matches "+witness(risk)+", which anyone on the network path of a visitor can send; "+fixOf(expr, "write https in it"))
			return
		default:
			l.find("broad-regex", name, "it matches "+witness(risk)+"; "+fixOf(expr, spellOut))
			return
		}
	}
}

// plainEntry returns the entry of AllowOrigins that says what the expression says, "" if there is none.
func plainEntry(expr *regex.Expr) string {
	if text, ok := expr.Literal(); ok {
		return text
	}
	text, ok := expr.Wildcard()
	if p, problem := origin.ParsePattern(text); !ok || problem != nil || p.Kind != origin.Subdomains || p.Text != text {
		return ""
	}
	return text
}

func (l *linter) methods() {
	const name = "AllowMethods"
	seen := map[string]int{}
	any := slices.Contains(l.cfg.AllowMethods, "*")
	for i, text := range l.cfg.AllowMethods {
		text = field.NormalizeMethod(text)
		first, ok := seen[text]
		switch {
		case ok:
			l.find("duplicate-entry", at(name, i), "it is "+at(name, first)+" once more; remove it")
			continue
		case text != "*" && any:
			l.find("covered-entry", at(name, i), `"*" covers it; remove one of them`)
		}
		seen[text] = i
	}
}

// safelisted need no permission in a request unless the value is unusual (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
// Content-Type and Range need it for most values, so they are listed rightly.
var safelisted = []string{"accept", "accept-language", "content-language"}

// exposedAlready can be read by every page that may read the response (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
var exposedAlready = []string{"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}

func (l *linter) headers() {
	const name = "AllowHeaders"
	list := lowered(l.cfg.AllowHeaders)
	first := firsts(list)
	for i, text := range list {
		switch {
		case l.repeats(name, list, first, i):
		case text == "*" && !slices.Contains(list, "authorization"):
			l.find("authorization-not-covered", at(name, i), `"*" does not cover authorization; list it as well, if pages send it`)
		case field.IsForbiddenRequestHeader(text):
			l.find("forbidden-header", at(name, i), "no page can set it, so listing it does nothing; remove it")
		case slices.Contains(safelisted, text) && !l.extendsDefaults(list):
			l.find("safelisted-header", at(name, i), "it needs no permission unless its value is longer than 128 bytes or has unusual bytes; remove it")
		}
	}
}

// extendsDefaults reports whether the list was made from DefaultHeaders, which has a safelisted name for such values.
func (l *linter) extendsDefaults(list []string) bool {
	return !slices.ContainsFunc(DefaultHeaders(), func(name string) bool { return !slices.Contains(list, name) })
}

func (l *linter) exposed() {
	const name = "ExposeHeaders"
	list := lowered(l.cfg.ExposeHeaders)
	first := firsts(list)
	for i, text := range list {
		if !l.repeats(name, list, first, i) && slices.Contains(exposedAlready, text) {
			l.find("safelisted-header", at(name, i), "pages may read it anyway; remove it")
		}
	}
}

// firsts returns the index at which each text is in the list first.
func firsts(list []string) map[string]int {
	first := make(map[string]int, len(list))
	for i, text := range list {
		if _, again := first[text]; !again {
			first[text] = i
		}
	}
	return first
}

// repeats tells about an entry that is in the list already or is covered by "*", which never covers authorization. first is that of [firsts].
func (l *linter) repeats(name string, list []string, first map[string]int, i int) bool {
	_, any := first["*"]
	switch text := list[i]; {
	case first[text] < i:
		l.find("duplicate-entry", at(name, i), "it is "+at(name, first[text])+" once more; remove it")
	case any && text != "*" && text != "authorization":
		l.find("covered-entry", at(name, i), `"*" covers it; remove one of them`)
	default:
		return false
	}
	return true
}

func lowered(list []string) []string {
	low := make([]string, len(list))
	for i, text := range list {
		low[i] = strings.ToLower(text)
	}
	return low
}

// credentials looks for the sign that they are not needed. A Config does not say whether pages rely on cookies; but where a list names
// authorization on purpose, they may send tokens instead.
func (l *linter) credentials() {
	list := lowered(l.cfg.AllowHeaders)
	if l.cfg.AllowCredentials && slices.Contains(list, "authorization") && !l.extendsDefaults(list) {
		l.find("needless-credentials", "AllowCredentials", "a page that sets Authorization by itself needs no credentials; leave them out, unless it relies on cookies too")
	}
}

// dangerously looks at the Dangerously fields, which are last.
func (l *linter) dangerously() {
	var insecure, suffix bool
	for _, text := range l.cfg.AllowOrigins {
		if pattern, problem := origin.ParsePattern(text); problem == nil {
			insecure = insecure || pattern.Risk()&origin.RiskInsecure != 0
			suffix = suffix || pattern.Risk()&origin.RiskSuffix != 0
		}
	}
	c := compiler{cfg: l.cfg}
	if c.isGuarded() {
		for _, text := range l.cfg.AllowOriginRegexes {
			expr, err := regex.Parse(text)
			if err != nil {
				continue
			}
			for _, risk := range expr.Judge() {
				insecure = insecure || risk.Kind == regex.Insecure
				suffix = suffix || risk.Kind == regex.Foreign || risk.Kind == regex.AnyApp
			}
		}
	}
	_, harm := c.guard()
	harm = strings.ReplaceAll(harm, "its visitors", "the visitors")
	l.dangerous(l.cfg.DangerouslyAllowInsecureOrigins, insecure && c.isGuarded(), "DangerouslyAllowInsecureOrigins", "insecure-credentials",
		"anyone on the network path of a visitor can "+harm+"; serve the pages over https and remove it")
	l.dangerous(l.cfg.DangerouslyAllowPublicSuffixes, suffix && c.isGuarded(), "DangerouslyAllowPublicSuffixes", "public-suffix-credentials",
		"anyone who registers a matching name can "+harm+"; list the origins that are yours and remove it")
}

func (l *linter) dangerous(set, used bool, name, code, message string) {
	switch {
	case set && l.isUnused():
		l.find("not-inherited", name, "nothing uses it: the top level names no origins, and routes inherit nothing; set it in each route")
	case set && used:
		l.find(code, name, message)
	case set:
		l.find("needless-dangerous", name, "no entry needs it; remove it, so that it does not permit a later one")
	}
}

// deadRoutes returns, by route, what to say about routes that no path falls under: patterns win
// over expressions, and an expression over those after it.
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
	if routes.all != route.None && l.names() {
		find(routes.all, "shadowed-policy", "", "every path falls under it or another route, so that the top level's origins hold for none; remove one of them")
	}
	return found
}

// routesBefore are the routes that win over an expression.
type routesBefore struct {
	patterns route.Table
	first    map[string]int // the first route with an expression
	all      int            // the route that takes every path that is left, route.None if there is none
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

// takenBy says why no path falls under an expression, "" if one does.
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

// takesAll reports whether it is plain to see that an expression matches every path.
func takesAll(expr string) bool {
	return slices.Contains([]string{".*", ".+", "/.*"}, strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$"))
}

package core

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

// Finding is a part of a [Config] that [New] accepts but that should be reviewed, because it is
// risky or has no effect.
type Finding struct {
	Code    string // the kind of finding in kebab case, such as "any-origin"; codes do not change
	Field   string // the name of the field, with the index of the entry if any, such as "AllowOrigins[1]"
	Message string // a sentence that explains the finding and says what to do
}

// Lint returns the parts of cfg that should be reviewed, in the order of the fields of Config. It
// returns nil if there are none. Findings about AllowOrigins, AllowOriginRegexes and
// AllowOriginFunc have these codes:
//
//	any-origin                 the list contains "*"
//	null-origin, file-origin   the list contains null or file://, which every website can send
//	any-app                    the list contains every host of a scheme, such as chrome-extension://*
//	insecure-origin            an http origin that is not a loopback address is allowed
//	loopback-origin            the list contains an origin on the visitor's own machine
//	public-suffix              an entry allows names that anyone can register, or a host that people share
//	credentials-wildcard       a wildcard is combined with AllowCredentials
//	broad-regex                an expression matches origins under domains that it does not spell out
//	loose-dot                  an expression contains a dot that is not escaped
//	plain-regex                an expression could be written as an entry of AllowOrigins
//	credentials-func           AllowOriginFunc is combined with AllowCredentials
//
// These codes are for lists of methods and headers. The first two are also used for lists of
// origins:
//
//	duplicate-entry            an entry is in the list twice
//	covered-entry              another entry, such as "*", already allows what this entry allows
//	authorization-not-covered  AllowHeaders contains "*", which does not include authorization
//	forbidden-header           AllowHeaders contains a header that browsers never let a page set
//	safelisted-header          a listed header is one that pages may use anyway
//	misspelled-name            a method or header is one letter away from a well-known one
//
// These codes are for the other fields. The top level is cfg without its Routes:
//
//	needless-credentials       AllowCredentials is set, but pages send tokens in Authorization
//	long-max-age               MaxAge is longer than Chromium caches a preflight
//	private-network            AllowPrivateNetwork is set, which browsers have abandoned
//	continued-preflight        ContinuePreflight is set, so preflights reach the handlers
//	debug                      Debug is set, which is not meant for production
//	dead-route                 no path reaches the route
//	narrow-route               the paths below a route, or other spellings of it, have another policy
//	shadowed-policy            the top level allows origins, but every path belongs to a route
//	not-inherited              the top level sets a field that has no effect, because routes do not inherit it
//	insecure-credentials       a Dangerously list allows an http origin that is not a loopback address
//	public-suffix-credentials  a Dangerously list allows origins that anyone can register
//
// If cfg is invalid, Lint skips the invalid entries. It does not report GET, HEAD and POST in
// AllowMethods. They need no permission, but [DefaultMethods] includes GET and POST for
// completeness.
func Lint(cfg Config) []Finding {
	var list []Finding
	for _, f := range lint(cfg) {
		list = append(list, Finding{f.Code, goPlace(f.Place), f.Message.String()})
	}
	return list
}

// goPlace returns the name of a place with its index, such as "Routes[2].Config.AllowOrigins[1]".
func goPlace(p problem.Place) string {
	name, index := p.GoName()
	if index >= 0 {
		name = at(name, index)
	}
	if p.InRoute && p.Field.OfRoute() {
		name += "." + p.Field.String()
	}
	return name
}

// Package settings reports the same findings under the names of JSON keys and variables.
func init() {
	problem.Lint = func(cfg any) []problem.Finding { return lint(cfg.(Config)) }
}

// lint implements [Lint].
func lint(cfg Config) []problem.Finding {
	l := linter{cfg: cfg}
	l.policy()
	routes := l.routeFindings()
	for i, r := range cfg.Routes {
		l.findings = append(l.findings, routes[i]...)
		if r.Disable {
			continue
		}
		sub := linter{cfg: r.Config, inRoute: true, route: i}
		sub.cfg.Routes = nil
		sub.policy()
		sub.dangerously()
		l.findings = append(l.findings, sub.findings...)
	}
	l.dangerously()
	return l.findings
}

// linter collects the findings about one Config, which is the top level or the Config of a route.
type linter struct {
	cfg      Config
	inRoute  bool // cfg is the Config of a route
	route    int  // the index of that route
	findings []problem.Finding
	risks    map[string][]regex.Risk // the risks of each expression that has been judged

	// The entries of both lists of origins, and of both lists of expressions.
	listed       []listedOrigin
	cover        origin.Cover             // by the index in listed
	firstOrigins map[string]int           // by the normal form: the index in listed
	firstRegexes map[string]problem.Place // by the expression
}

// find adds a finding about an entry of a field. If index is -1, the finding is about the whole
// field.
func (l *linter) find(code string, f problem.Field, index int, message string) {
	l.findf(code, problem.At(f, index), "%s", message)
}

// findf is like find, but for a message that mentions fields.
func (l *linter) findf(code string, place problem.Place, format string, args ...any) {
	if l.inRoute {
		place = place.In(l.route)
	}
	l.findings = append(l.findings, problem.Finding{Code: code, Place: place, Message: problem.Textf(format+".", args...)})
}

func at(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }

// policy checks all fields that come before Routes.
func (l *linter) policy() {
	if l.isUnused() {
		l.notInherited()
		return
	}
	l.list(problem.AllowOrigins, l.cfg.AllowOrigins)
	l.list(problem.DangerouslyAllowOrigins, l.cfg.DangerouslyAllowOrigins)
	l.origins(problem.AllowOrigins, l.origin)
	l.regexes(problem.AllowOriginRegexes, l.cfg.AllowOriginRegexes, l.regex)
	if l.cfg.AllowOriginFunc != nil && l.cfg.AllowCredentials {
		l.find("credentials-func", problem.AllowOriginFunc, -1, "it decides which websites may act as your "+
			"visitors; compare the whole origin, because https://evilexample.com ends with example.com, too")
	}
	l.methods()
	l.headers()
	l.exposed()
	l.credentials()
	if l.cfg.MaxAge > 2*time.Hour {
		l.findf("long-max-age", problem.At(problem.MaxAge, -1), "Chromium caches a preflight for at most 2 hours, "+
			"Firefox for 24 hours, and Safari for 10 minutes; write %v", problem.Literal{Go: "2 * time.Hour", Data: "7200"})
	}
	if l.cfg.AllowPrivateNetwork {
		l.find("private-network", problem.AllowPrivateNetwork, -1,
			"browsers have abandoned this in favor of a permission prompt; remove it, unless you support old browsers")
	}
	if l.cfg.ContinuePreflight {
		l.find("continued-preflight", problem.ContinuePreflight, -1, "allowed preflights reach the handler, "+
			"which must respond to OPTIONS with a status between 200 and 299, without authentication; "+
			"remove it unless the handler does so")
	}
	l.debug()
}

func (l *linter) debug() {
	if l.cfg.Debug {
		l.find("debug", problem.Debug, -1, "it shows the whole policy to allowed origins; turn it off in production")
	}
}

// isUnused reports whether the policy itself allows no origins, because only its routes list any.
func (l *linter) isUnused() bool { return len(l.cfg.Routes) > 0 && !saysOrigins(&l.cfg) }

// notInherited reports the fields that are set at the top level but have no effect, because the top
// level lists no origins.
func (l *linter) notInherited() {
	for _, f := range [...]struct {
		set   bool
		field problem.Field
	}{
		{l.cfg.AllowMethods != nil, problem.AllowMethods},
		{l.cfg.AllowHeaders != nil, problem.AllowHeaders},
		{l.cfg.ExposeHeaders != nil, problem.ExposeHeaders},
		{l.cfg.AllowCredentials, problem.AllowCredentials},
		{l.cfg.MaxAge != 0, problem.MaxAge},
		{l.cfg.AllowPrivateNetwork, problem.AllowPrivateNetwork},
		{l.cfg.PreflightStatus != 0, problem.PreflightStatus},
		{l.cfg.ContinuePreflight, problem.ContinuePreflight},
		{l.cfg.ForbidDisallowed, problem.ForbidDisallowed},
	} {
		if f.set {
			l.find("not-inherited", f.field, -1, notInherited)
		}
	}
	l.debug()
}

const notInherited = "nothing uses it, because the top level allows no origins and routes inherit nothing; " +
	"set it in each route"

// Messages that several lists share.
const (
	sameAs    = "it is the same as %v; remove it"
	coveredBy = `"*" covers it; remove one of them`
)

// listedOrigin is a valid entry of a list of origins.
type listedOrigin struct {
	place   problem.Place
	pattern origin.Pattern
}

// list adds a list of origins to l.listed.
func (l *linter) list(list problem.Field, entries []string) {
	if l.firstOrigins == nil {
		l.firstOrigins = map[string]int{}
	}
	for i, text := range entries {
		p, bad := origin.ParsePattern(text)
		if bad != nil {
			continue
		}
		id := len(l.listed)
		l.listed = append(l.listed, listedOrigin{problem.At(list, i), p})
		if _, again := l.firstOrigins[p.Text]; !again {
			l.firstOrigins[p.Text] = id
			l.cover.Add(p, id)
		}
	}
}

// origins checks a list of origins. It calls check for each entry that is neither a duplicate nor
// covered by another.
func (l *linter) origins(list problem.Field, check func(place problem.Place, p origin.Pattern)) {
	for id, o := range l.listed {
		if o.place.Field != list {
			continue
		}
		if first := l.firstOrigins[o.pattern.Text]; first < id {
			l.findf("duplicate-entry", o.place, sameAs, l.listed[first].place)
		} else if by, ok := l.cover.First(o.pattern); ok {
			l.findf("covered-entry", o.place,
				"%v, %q, covers it; remove one of them", l.listed[by].place, l.listed[by].pattern.Text)
		} else {
			check(o.place, o.pattern)
		}
	}
}

// origin checks an entry of AllowOrigins that is neither a duplicate nor covered by another.
func (l *linter) origin(place problem.Place, p origin.Pattern) {
	find := func(code, message string) { l.find(code, place.Field, place.Index, message) }
	switch {
	case p.Kind == origin.Any:
		find("any-origin", "every website can read the responses; "+
			"list the origins, unless the responses are public and the server is not in a private network")
		return
	case p.Text == "null":
		find("null-origin", "any website can send this origin from a sandboxed frame; "+
			"list the origin of the page instead")
		return
	case p.Text == "file://":
		find("file-origin",
			"any page that a visitor has saved sends this origin; list the origin of the page instead")
		return
	case p.Kind == origin.AnyHost:
		find("any-app", "every app or extension with the scheme "+strconv.Quote(p.Scheme)+
			" can read the responses; list the origins of your own")
		return
	case p.Scheme != "http" && p.Scheme != "https": // an app's own origin, such as capacitor://localhost
		return
	case p.Text == "https://localhost": // the origin of Capacitor apps on Android
	case origin.IsLoopback(p.Host):
		find("loopback-origin", "any program on the visitor's machine can serve a page there; "+
			"leave it out in production")
	case p.Risk()&origin.RiskInsecure != 0:
		find("insecure-origin", "anyone who can tamper with http traffic can read the responses; "+
			"serve the page over https")
	}
	switch guard := guardOf(&l.cfg); {
	case p.Risk()&origin.RiskSuffix != 0:
		find("public-suffix", danger(p, "read the responses")+"; list your own origins")
	case guard.isSet() && p.Kind == origin.Exact && origin.IsSharedHost(p.Host):
		find("public-suffix", "this host serves the pages of different people, and each of them could "+guard.harm()+
			"; list a host that is your own")
	case l.cfg.AllowCredentials && p.Kind != origin.Exact && !origin.IsLoopback(p.Host):
		find("credentials-wildcard", "anyone who takes over one of these hosts, such as an abandoned one, "+
			"can act as your visitors; list only the hosts that need access")
	}
}

// regexes checks a list of expressions. It calls check for each expression that is neither a
// duplicate nor covered by "*".
func (l *linter) regexes(
	list problem.Field, entries []string, check func(place problem.Place, text string, expr *regex.Expr),
) {
	if l.firstRegexes == nil {
		l.firstRegexes = map[string]problem.Place{}
	}
	any := slices.Contains(l.cfg.AllowOrigins, "*")
	guarded := guardOf(&l.cfg).isSet()
	for i, text := range entries {
		expr, _, bad := readRegex(text, problem.AllowOrigins, guarded)
		if bad != nil {
			continue
		}
		place := problem.At(list, i)
		first, again := l.firstRegexes[text]
		if !again {
			l.firstRegexes[text] = place
		}
		switch {
		case again:
			l.findf("duplicate-entry", place, sameAs, first)
		case any:
			l.findf("covered-entry", place, `"*" in %v covers it; remove one of them`, problem.AllowOrigins)
		default:
			check(place, text, expr)
		}
	}
}

// judge returns the risks of an expression. It calls [regex.Expr.Judge] only once for each text.
func (l *linter) judge(text string, expr *regex.Expr) []regex.Risk {
	risks, ok := l.risks[text]
	if !ok {
		risks = expr.Judge()
		if l.risks == nil {
			l.risks = map[string][]regex.Risk{}
		}
		l.risks[text] = risks
	}
	return risks
}

// regex checks an expression that is neither a duplicate nor covered by "*". It reports at most one
// finding.
func (l *linter) regex(place problem.Place, text string, expr *regex.Expr) {
	if plain := plainEntry(expr); plain != "" {
		l.findf("plain-regex", place, "it means the same as %q in %v, which is faster and easier to read; list that instead",
			plain, problem.AllowOrigins)
		l.findings[len(l.findings)-1].Needs = problem.AllowOrigins
		return
	}
	findf := func(code, format string, args ...any) { l.findf(code, place, format, args...) }
	if expr.HasLooseDot() {
		findf("loose-dot", "a dot that is not escaped matches any character; %v",
			fixOf(expr, problem.Plain(`write \. for a dot`)))
		return
	}
	for _, risk := range l.judge(text, expr) {
		switch risk.Kind {
		case regex.TooLarge: // the expression may be harmless
		case regex.Insecure:
			findf("insecure-origin", "it matches %s, and anyone who can tamper with http traffic can change its pages; %v",
				witness(risk), fixOf(expr, problem.Plain("write https instead of http")))
			return
		case regex.AnyApp:
			findf("broad-regex", "it matches %s; %v", witness(risk), ownApps)
			return
		default:
			findf("broad-regex", "it matches %s; %v", witness(risk), fixOf(expr, spellOut))
			return
		}
	}
}

// plainEntry returns the entry of AllowOrigins that allows the same origins as the expression, or
// "".
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
	const list = problem.AllowMethods
	seen := map[string]int{}
	any := slices.Contains(l.cfg.AllowMethods, "*")
	for i, text := range l.cfg.AllowMethods {
		if field.CheckMethod(text) != nil {
			continue
		}
		text = field.NormalizeMethod(text)
		first, ok := seen[text]
		switch {
		case ok:
			l.findf("duplicate-entry", problem.At(list, i), sameAs, problem.At(list, first))
			continue
		case text != "*" && any:
			l.find("covered-entry", list, i, coveredBy)
		case field.MisspelledUpper(text) != "":
			l.misspelled(list, i, field.MisspelledUpper(text))
		}
		seen[text] = i
	}
}

// safelisted lists the request headers that need no permission unless their value is unusual
// (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). Content-Type and Range are not
// in the list, because most of their values do need permission.
var safelisted = []string{"accept", "accept-language", "content-language"}

// exposedAlready lists the response headers that a page can read even if they are not exposed
// (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
var exposedAlready = []string{
	"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
}

func (l *linter) headers() {
	const list = problem.AllowHeaders
	texts := lowered(l.cfg.AllowHeaders)
	first := firsts(texts)
	for i, text := range texts {
		switch {
		case field.CheckRequestHeader(l.cfg.AllowHeaders[i]) != nil:
		case l.repeats(list, texts, first, i):
		case text == "*" && !slices.Contains(texts, "authorization"):
			l.find("authorization-not-covered", list, i,
				`"*" does not cover authorization; list it as well, if pages send it`)
		case field.IsForbiddenRequestHeader(text):
			l.find("forbidden-header", list, i, "no page can set it, so listing it does nothing; remove it")
		case slices.Contains(safelisted, text) && !l.extendsDefaults(texts):
			l.find("safelisted-header", list, i,
				"it needs no permission unless its value is longer than 128 bytes or has unusual bytes; remove it")
		case field.Misspelled(text) != "":
			l.misspelled(list, i, field.Misspelled(text))
		}
	}
}

// misspelled reports a method or a header that differs slightly from a well-known one. New accepts
// it, because it may exist.
func (l *linter) misspelled(list problem.Field, i int, known string) {
	l.find("misspelled-name", list, i, "it is one letter away from "+strconv.Quote(known)+"; write that if you meant it")
}

// extendsDefaults reports whether the list contains all of DefaultHeaders. In that case, the
// safelisted header in it is not a mistake of its author.
func (l *linter) extendsDefaults(list []string) bool {
	return !slices.ContainsFunc(DefaultHeaders(), func(name string) bool { return !slices.Contains(list, name) })
}

func (l *linter) exposed() {
	const list = problem.ExposeHeaders
	texts := lowered(l.cfg.ExposeHeaders)
	first := firsts(texts)
	for i, text := range texts {
		switch {
		case field.CheckResponseHeader(l.cfg.ExposeHeaders[i], l.cfg.AllowCredentials) != nil:
		case l.repeats(list, texts, first, i):
		case slices.Contains(exposedAlready, text):
			l.find("safelisted-header", list, i, "pages may read it anyway; remove it")
		case field.Misspelled(text) != "":
			l.misspelled(list, i, field.Misspelled(text))
		}
	}
}

// firsts returns the index of the first occurrence of each text.
func firsts(list []string) map[string]int {
	first := make(map[string]int, len(list))
	for i, text := range list {
		if _, again := first[text]; !again {
			first[text] = i
		}
	}
	return first
}

// repeats reports a finding if the i-th entry of a list of headers is a duplicate or is covered by
// "*", which never covers authorization. It returns whether it has reported one. The argument first
// is the result of [firsts] for the list.
func (l *linter) repeats(list problem.Field, texts []string, first map[string]int, i int) bool {
	_, any := first["*"]
	switch text := texts[i]; {
	case first[text] < i:
		l.findf("duplicate-entry", problem.At(list, i), sameAs, problem.At(list, first[text]))
	case any && text != "*" && text != "authorization":
		l.find("covered-entry", list, i, coveredBy)
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

// credentials reports a finding if AllowCredentials is probably not needed. A Config does not say
// whether pages rely on cookies. But if authorization is listed, pages may send tokens instead.
func (l *linter) credentials() {
	list := lowered(l.cfg.AllowHeaders)
	if l.cfg.AllowCredentials && slices.Contains(list, "authorization") && !l.extendsDefaults(list) {
		l.find("needless-credentials", problem.AllowCredentials, -1,
			"a page that sets Authorization itself needs no credentials; remove it, unless pages also rely on cookies")
	}
}

var ownOrigins = problem.Textf("list your own origins in %v if you can", problem.AllowOrigins).
	Else(problem.Plain("list your own origins if you can"))

// dangerously checks the lists whose names begin with Dangerously. It runs last, because these
// fields come after Routes in a Config.
func (l *linter) dangerously() {
	guard := guardOf(&l.cfg)
	if !guard.isSet() {
		return // New refuses all their entries
	}
	insecure := func(place problem.Place, what string) {
		l.findf("insecure-credentials", place, "%s, so anyone who can tamper with http traffic could %s; %v",
			what, guard.harm(), problem.Textf("list an https origin in %v if you can", problem.AllowOrigins).
				Else(problem.Plain("list an https origin if you can")))
	}
	l.origins(problem.DangerouslyAllowOrigins, func(place problem.Place, p origin.Pattern) {
		if guard.ofPattern(p) != exempt {
			return // New refuses it
		}
		if p.Risk()&origin.RiskInsecure != 0 {
			insecure(place, "it is an http origin")
		}
		if p.Risk()&(origin.RiskSuffix|origin.RiskAnyHost) != 0 {
			l.findf("public-suffix-credentials", place, "%s; %v", danger(p, guard.harm()), ownOrigins)
		}
	})
	l.regexes(problem.DangerouslyAllowOriginRegexes, l.cfg.DangerouslyAllowOriginRegexes,
		func(place problem.Place, text string, expr *regex.Expr) {
			re, err := expr.Compile("")
			risks := l.judge(text, expr)
			if err != nil || guard.ofRegex(re, risks) != exempt {
				return // New refuses it
			}
			others := "" // how it matches origins of other people
			for _, risk := range risks {
				switch risk.Kind {
				case regex.Insecure:
					insecure(place, "it matches "+witness(risk))
				case regex.TooLarge:
					others = cmp.Or(others, "it is too large to check which websites it matches")
				default:
					others = cmp.Or(others, "it matches "+witness(risk))
				}
			}
			if others != "" {
				l.findf("public-suffix-credentials", place, "%s, so other people could %s; %v", others, guard.harm(), ownOrigins)
			}
		})
}

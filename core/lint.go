package core

import (
	"cmp"
	"fmt"
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
//	public-suffix              a wildcard is directly under a domain where anyone can register a name
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
	l := linter{cfg: cfg}
	l.policy()
	routes := l.routeFindings()
	for i, r := range cfg.Routes {
		l.findings = append(l.findings, routes[i]...)
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

// linter collects the findings about one Config, that of the top level or of a route.
type linter struct {
	cfg      Config
	prefix   string // before the names of fields: "" or, for example, "Routes[2].Config."
	findings []Finding
	risks    map[string][]regex.Risk // of the expressions that were judged

	// The entries of both lists of origins, and of both lists of expressions.
	listed       []listedOrigin
	cover        origin.Cover      // by the index in listed
	firstOrigins map[string]int    // by the normal form: the index in listed
	firstRegexes map[string]string // by the expression: the name of the entry
}

func (l *linter) find(code, name, message string) {
	l.findings = append(l.findings, Finding{code, l.prefix + name, message + "."})
}

func at(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }

// policy checks the fields before Routes.
func (l *linter) policy() {
	if l.isUnused() {
		l.notInherited()
		return
	}
	l.list("AllowOrigins", l.cfg.AllowOrigins)
	l.list("DangerouslyAllowOrigins", l.cfg.DangerouslyAllowOrigins)
	l.origins("AllowOrigins", l.origin)
	l.regexes("AllowOriginRegexes", l.cfg.AllowOriginRegexes, l.regex)
	if l.cfg.AllowOriginFunc != nil && l.cfg.AllowCredentials {
		l.find("credentials-func", "AllowOriginFunc", "it decides which websites may act on behalf of the visitors; "+
			"compare the whole origin, because https://evilexample.com ends with example.com, too")
	}
	l.methods()
	l.headers()
	l.exposed()
	l.credentials()
	if l.cfg.MaxAge > 2*time.Hour {
		l.find("long-max-age", "MaxAge", "Chromium caches a preflight for at most 2 hours, Firefox for 24 hours, "+
			"and Safari for 10 minutes; write 2 * time.Hour")
	}
	if l.cfg.AllowPrivateNetwork {
		l.find("private-network", "AllowPrivateNetwork",
			"browsers have abandoned this in favor of a permission prompt; remove it, unless you support old browsers")
	}
	if l.cfg.ContinuePreflight {
		l.find("continued-preflight", "ContinuePreflight", "allowed preflights reach the handler, "+
			"which must respond to OPTIONS with a status between 200 and 299, without authentication; "+
			"remove it unless the handler does so")
	}
	l.debug()
}

func (l *linter) debug() {
	if l.cfg.Debug {
		l.find("debug", "Debug", "it shows the whole policy to allowed origins; turn it off in production")
	}
}

// isUnused reports whether the policy allows nobody anything, because only its routes name origins.
func (l *linter) isUnused() bool { return len(l.cfg.Routes) > 0 && !saysOrigins(&l.cfg) }

// notInherited reports the fields that are set at a top level without origins.
func (l *linter) notInherited() {
	for _, f := range [...]struct {
		set  bool
		name string
	}{
		{l.cfg.AllowMethods != nil, "AllowMethods"},
		{l.cfg.AllowHeaders != nil, "AllowHeaders"},
		{l.cfg.ExposeHeaders != nil, "ExposeHeaders"},
		{l.cfg.AllowCredentials, "AllowCredentials"},
		{l.cfg.MaxAge != 0, "MaxAge"},
		{l.cfg.AllowPrivateNetwork, "AllowPrivateNetwork"},
		{l.cfg.PreflightStatus != 0, "PreflightStatus"},
		{l.cfg.ContinuePreflight, "ContinuePreflight"},
		{l.cfg.ForbidDisallowed, "ForbidDisallowed"},
	} {
		if f.set {
			l.find("not-inherited", f.name, notInherited)
		}
	}
	l.debug()
}

const notInherited = "nothing uses it, because the top level allows no origins and routes inherit nothing; " +
	"set it in each route"

// listedOrigin is a valid entry of a list of origins.
type listedOrigin struct {
	list    string // the field
	name    string // the field and the index
	pattern origin.Pattern
}

// list adds a list of origins to l.listed.
func (l *linter) list(list string, entries []string) {
	if l.firstOrigins == nil {
		l.firstOrigins = map[string]int{}
	}
	for i, text := range entries {
		p, problem := origin.ParsePattern(text)
		if problem != nil {
			continue
		}
		id := len(l.listed)
		l.listed = append(l.listed, listedOrigin{list, at(list, i), p})
		if _, again := l.firstOrigins[p.Text]; !again {
			l.firstOrigins[p.Text] = id
			l.cover.Add(p, id)
		}
	}
}

// origins checks a list of origins. It calls check for each entry that is neither a duplicate nor
// covered by another.
func (l *linter) origins(list string, check func(name string, p origin.Pattern)) {
	for id, o := range l.listed {
		if o.list != list {
			continue
		}
		if first := l.firstOrigins[o.pattern.Text]; first < id {
			l.find("duplicate-entry", o.name, "it is the same as "+l.listed[first].name+"; remove it")
		} else if by, ok := l.cover.First(o.pattern); ok {
			l.find("covered-entry", o.name,
				fmt.Sprintf("%s, %q, covers it; remove one of them", l.listed[by].name, l.listed[by].pattern.Text))
		} else {
			check(o.name, o.pattern)
		}
	}
}

// origin checks an entry of AllowOrigins that is neither a duplicate nor covered by another.
func (l *linter) origin(name string, p origin.Pattern) {
	switch {
	case p.Kind == origin.Any:
		l.find("any-origin", name, "every website can read the responses; "+
			"list the origins, unless the responses are public and the server is not in a private network")
		return
	case p.Text == "null":
		l.find("null-origin", name, "any website can send this origin from a sandboxed frame; "+
			"list the origin of the page instead")
		return
	case p.Text == "file://":
		l.find("file-origin", name,
			"any page that a visitor has saved sends this origin; list the origin of the page instead")
		return
	case p.Kind == origin.AnyHost:
		l.find("any-app", name, "every app or extension with the scheme "+strconv.Quote(p.Scheme)+
			" can read the responses; list the origins of your own")
		return
	case p.Scheme != "http" && p.Scheme != "https": // an app's own origin, such as capacitor://localhost
		return
	case origin.IsLoopback(p.Host):
		l.find("loopback-origin", name, "any program on the visitor's machine can serve a page there; "+
			"leave it out in production")
	case p.Risk()&origin.RiskInsecure != 0:
		l.find("insecure-origin", name, "anyone who can tamper with http traffic can read the responses; "+
			"serve the page over https")
	}
	switch {
	case p.Risk()&origin.RiskSuffix != 0:
		l.find("public-suffix", name, danger(p, "read the responses")+"; list your own origins")
	case l.cfg.AllowCredentials && p.Kind != origin.Exact && !origin.IsLoopback(p.Host):
		l.find("credentials-wildcard", name, "anyone who takes over one of these hosts, such as an abandoned one, "+
			"can act on behalf of the visitors; list only the hosts that need access")
	}
}

// regexes checks a list of expressions. It calls check for each expression that is neither a
// duplicate nor covered by "*".
func (l *linter) regexes(list string, entries []string, check func(name, text string, expr *regex.Expr)) {
	if l.firstRegexes == nil {
		l.firstRegexes = map[string]string{}
	}
	any := slices.Contains(l.cfg.AllowOrigins, "*")
	guarded := guardOf(&l.cfg).isSet()
	for i, text := range entries {
		expr, _, bad := readRegex(text, problem.AllowOrigins, guarded)
		if bad != nil {
			continue
		}
		name := at(list, i)
		first, again := l.firstRegexes[text]
		if !again {
			l.firstRegexes[text] = name
		}
		switch {
		case again:
			l.find("duplicate-entry", name, "it is the same as "+first+"; remove it")
		case any:
			l.find("covered-entry", name, `"*" in AllowOrigins covers it; remove one of them`)
		default:
			check(name, text, expr)
		}
	}
}

// judge is [regex.Expr.Judge] for an expression, once for each text.
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
func (l *linter) regex(name, text string, expr *regex.Expr) {
	if plain := plainEntry(expr); plain != "" {
		l.find("plain-regex", name, "it means the same as "+strconv.Quote(plain)+" in AllowOrigins, "+
			"which is faster and easier to read; list that instead")
		return
	}
	if expr.HasLooseDot() {
		l.find("loose-dot", name, "a dot that is not escaped matches any character; "+fixOf(expr, `write \. for a dot`))
		return
	}
	for _, risk := range l.judge(text, expr) {
		switch risk.Kind {
		case regex.TooLarge: // the expression may be harmless
		case regex.Insecure:
			l.find("insecure-origin", name, "it matches "+witness(risk)+
				", and anyone who can tamper with http traffic can change its pages; "+
				fixOf(expr, "write https instead of http"))
			return
		default:
			l.find("broad-regex", name, "it matches "+witness(risk)+"; "+fixOf(expr, spellOut))
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
		case field.MisspelledUpper(text) != "":
			l.misspelled(at(name, i), field.MisspelledUpper(text))
		}
		seen[text] = i
	}
}

// safelisted are the request headers that need no permission unless their value is unusual
// (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). Content-Type and Range are
// missing because most of their values do need permission.
var safelisted = []string{"accept", "accept-language", "content-language"}

// exposedAlready are the response headers that every page may read if it may read the response
// (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
var exposedAlready = []string{
	"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
}

func (l *linter) headers() {
	const name = "AllowHeaders"
	list := lowered(l.cfg.AllowHeaders)
	first := firsts(list)
	for i, text := range list {
		switch {
		case l.repeats(name, list, first, i):
		case text == "*" && !slices.Contains(list, "authorization"):
			l.find("authorization-not-covered", at(name, i),
				`"*" does not cover authorization; list it as well, if pages send it`)
		case field.IsForbiddenRequestHeader(text):
			l.find("forbidden-header", at(name, i), "no page can set it, so listing it does nothing; remove it")
		case slices.Contains(safelisted, text) && !l.extendsDefaults(list):
			l.find("safelisted-header", at(name, i),
				"it needs no permission unless its value is longer than 128 bytes or has unusual bytes; remove it")
		case field.Misspelled(text) != "":
			l.misspelled(at(name, i), field.Misspelled(text))
		}
	}
}

// misspelled reports a method or a header that is similar to a well-known one. It may well exist,
// so New accepts it.
func (l *linter) misspelled(name, known string) {
	l.find("misspelled-name", name, "it is one letter away from "+strconv.Quote(known)+"; write that if you meant it")
}

// extendsDefaults reports whether the list has all of DefaultHeaders. Then its author did not
// choose the safelisted name in it.
func (l *linter) extendsDefaults(list []string) bool {
	return !slices.ContainsFunc(DefaultHeaders(), func(name string) bool { return !slices.Contains(list, name) })
}

func (l *linter) exposed() {
	const name = "ExposeHeaders"
	list := lowered(l.cfg.ExposeHeaders)
	first := firsts(list)
	for i, text := range list {
		switch {
		case l.repeats(name, list, first, i):
		case slices.Contains(exposedAlready, text):
			l.find("safelisted-header", at(name, i), "pages may read it anyway; remove it")
		case field.Misspelled(text) != "":
			l.misspelled(at(name, i), field.Misspelled(text))
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

// repeats reports an entry of a list of headers that is a duplicate or is covered by "*", which
// never covers authorization. It returns whether the entry is one of the two. first is the result
// of [firsts] for the list.
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

// credentials looks for a sign that AllowCredentials is not needed. A Config does not say whether
// pages rely on cookies. But if its author listed authorization, pages may send tokens instead.
func (l *linter) credentials() {
	list := lowered(l.cfg.AllowHeaders)
	if l.cfg.AllowCredentials && slices.Contains(list, "authorization") && !l.extendsDefaults(list) {
		l.find("needless-credentials", "AllowCredentials",
			"a page that sets Authorization itself needs no credentials; remove it, unless pages also rely on cookies")
	}
}

const ownOrigins = "; list your own origins in AllowOrigins if you can"

// dangerously checks the Dangerously lists. They are after Routes in a Config, so these findings
// are the last.
func (l *linter) dangerously() {
	guard := guardOf(&l.cfg)
	if !guard.isSet() {
		return // New refuses all their entries
	}
	insecure := func(name, what string) {
		l.find("insecure-credentials", name, what+", so anyone who can tamper with http traffic could "+guard.harm()+
			"; list an https origin in AllowOrigins if you can")
	}
	l.origins("DangerouslyAllowOrigins", func(name string, p origin.Pattern) {
		if guard.ofPattern(p) != exempt {
			return // New refuses it
		}
		if p.Risk()&origin.RiskInsecure != 0 {
			insecure(name, "it is an http origin")
		}
		if p.Risk()&origin.RiskSuffix != 0 {
			l.find("public-suffix-credentials", name, danger(p, guard.harm())+ownOrigins)
		}
	})
	l.regexes("DangerouslyAllowOriginRegexes", l.cfg.DangerouslyAllowOriginRegexes,
		func(name, text string, expr *regex.Expr) {
			re, err := expr.Compile("")
			risks := l.judge(text, expr)
			if err != nil || guard.ofRegex(re, risks) != exempt {
				return // New refuses it
			}
			others := "" // how it matches origins of other people
			for _, risk := range risks {
				switch risk.Kind {
				case regex.Insecure:
					insecure(name, "it matches "+witness(risk))
				case regex.TooLarge:
					others = cmp.Or(others, "it is too large to check which websites it matches")
				default:
					others = cmp.Or(others, "it matches "+witness(risk))
				}
			}
			if others != "" {
				l.find("public-suffix-credentials", name, others+", so other people could "+guard.harm()+ownOrigins)
			}
		})
}

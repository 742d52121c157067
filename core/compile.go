package core

import (
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
)

// This file compiles a Config into a Policy. It reads every field once, and parses every entry
// once. After it has found a problem, it continues, so that New can return all problems together.

// compiler compiles a Config into a Policy. The Config is the argument of New or belongs to a
// route.
type compiler struct {
	cfg      Config
	policy   *Policy
	inRoute  bool // cfg is the Config of a route
	route    int  // the index of that route
	problems []error
	// expressions counts the entries of AllowOrigins that were meant as regular expressions.
	expressions int
}

// configured contains those parts of a Config that only Explain needs.
type configured struct {
	origins          []string // the first entries of AllowOrigins in normal form; the indexes are those of the Config
	dangerousOrigins []string // the same for DangerouslyAllowOrigins
	regexes          int      // how many of Policy.regexes are from AllowOriginRegexes, which are the first ones
	methods          bool     // AllowMethods is not nil
	headers          bool     // AllowHeaders is not nil
}

// maxConfigured is the maximum number of entries of each list of origins that Explain compares with
// an origin.
const maxConfigured = 1000

// refuse adds a problem with an entry of a field. If index is -1, the problem is with the whole
// field.
func (c *compiler) refuse(f problem.Field, index int, value, rule, fix string) {
	c.report(problem.At(f, index), value, problem.New(rule, fix))
}

// refusef is like refuse, but for a rule and a fix that mention fields.
func (c *compiler) refusef(f problem.Field, index int, value string, rule, fix problem.Text) {
	c.report(problem.At(f, index), value, &problem.Problem{Rule: rule, Fix: fix})
}

// report adds a problem at the given place in c.cfg to the list of problems.
func (c *compiler) report(place problem.Place, value string, bad *problem.Problem) {
	if c.inRoute {
		place = place.In(c.route)
	}
	bad.Place, bad.Value = place, value
	c.problems = append(c.problems, configError(bad))
}

func (c *compiler) compile() *Policy {
	c.policy = &Policy{
		allowFunc:      c.cfg.AllowOriginFunc,
		fallback:       saysOrigins(&c.cfg),
		privateNetwork: c.cfg.AllowPrivateNetwork,
		forbid:         c.cfg.ForbidDisallowed,
		debug:          c.cfg.Debug,
		onDecision:     c.cfg.OnDecision,
		configured: configured{
			regexes: len(c.cfg.AllowOriginRegexes),
			methods: c.cfg.AllowMethods != nil,
			headers: c.cfg.AllowHeaders != nil,
		},
	}
	if !c.policy.fallback && len(c.cfg.Routes) == 0 {
		c.report(problem.At(problem.AllowOrigins, -1), "", &problem.Problem{
			Rule:  problem.Plain("no origins are configured"),
			Fix:   problem.Plain(`list the origins, such as "https://app.example.com", or write an empty list to allow nobody`),
			OneOf: []problem.Field{problem.AllowOrigins, problem.AllowOriginRegexes, problem.Routes},
		})
	}
	c.policy.routes = c.routes()
	c.origins()
	c.regexes()
	c.originFunc()
	c.policy.listed = len(c.policy.regexes) == 0 && c.policy.allowFunc == nil && !c.policy.debug
	c.responses(headerValues{
		allowMethods:  c.methods(),
		allowHeaders:  c.headers(),
		exposeHeaders: c.exposed(),
		maxAge:        c.maxAge(),
	}, c.preflightStatus())
	return c.policy
}

// saysOrigins reports whether a Config says which origins are allowed. An empty, non-nil list says
// that no origins are allowed. A Config that says nothing applies only to the paths of its routes.
func saysOrigins(cfg *Config) bool {
	return cfg.AllowOrigins != nil || cfg.AllowOriginRegexes != nil || cfg.AllowOriginFunc != nil ||
		cfg.DangerouslyAllowOrigins != nil || cfg.DangerouslyAllowOriginRegexes != nil
}

// origins compiles AllowOrigins and DangerouslyAllowOrigins.
func (c *compiler) origins() {
	p := c.policy
	p.origins = origin.NewSet(len(c.cfg.AllowOrigins) + len(c.cfg.DangerouslyAllowOrigins))
	p.configured.origins = c.originList(problem.AllowOrigins, c.cfg.AllowOrigins)
	p.configured.dangerousOrigins = c.originList(problem.DangerouslyAllowOrigins, c.cfg.DangerouslyAllowOrigins)
	if p.any {
		p.origins = origin.Set{} // "*" covers every other entry
	}
}

// originList compiles a list of origins. It returns the first entries in normal form, for Explain.
func (c *compiler) originList(list problem.Field, entries []string) (first []string) {
	for i, entry := range entries {
		pattern, ok := c.originEntry(list, i, entry)
		switch {
		case !ok:
			continue
		case pattern.Kind == origin.Any:
			c.policy.any = true
		default:
			c.policy.origins.Add(pattern)
		}
		if i < maxConfigured {
			first = append(first, pattern.Text)
		}
	}
	return first
}

// originEntry checks an entry of a list of origins. It returns false if the entry is not a pattern.
func (c *compiler) originEntry(list problem.Field, i int, entry string) (pattern origin.Pattern, ok bool) {
	pattern, bad := c.parseOrigin(list, entry)
	if bad != nil {
		c.report(problem.At(list, i), entry, bad)
		return pattern, false
	}
	c.distrust(list, i, entry, pattern)
	if pattern.Kind == origin.Any && c.cfg.AllowOriginFunc != nil {
		c.refusef(list, i, entry, problem.Textf(`"*" allows every origin, so %v would never be called`,
			problem.AllowOriginFunc), problem.Textf("remove it, or remove %v", problem.AllowOriginFunc))
	}
	return pattern, true
}

// CheckEntry returns an error if entry cannot be added to cfg.AllowOrigins. The error is the one
// that [New] would return if entry were appended to the list. CheckEntry ignores all other problems
// in cfg.
//
// Use it for origins that come from a database or a form, so that a single bad entry does not make
// [Live.Reload] fail. CheckEntry does not check entries of other lists or of routes. For these,
// call New.
func (cfg Config) CheckEntry(entry string) error {
	c := compiler{cfg: cfg}
	c.originEntry(problem.AllowOrigins, len(cfg.AllowOrigins), entry)
	if len(c.problems) > 0 {
		return problems(c.problems)
	}
	return nil
}

// distrust refuses an entry that is too dangerous for its list of origins, or not dangerous enough.
func (c *compiler) distrust(list problem.Field, i int, entry string, pattern origin.Pattern) {
	guard := guardOf(&c.cfg)
	dangerous := list == problem.DangerouslyAllowOrigins
	switch trust := guard.ofPattern(pattern); {
	case trust == trusted && dangerous:
		c.refusef(list, i, entry, problem.Textf("%v accepts this entry", problem.AllowOrigins).
			Else(problem.Plain("this list is only for entries that match other people's websites, and http origins")),
			problem.Textf("move it to %v", problem.AllowOrigins).Else(problem.Plain("remove it")))
		return
	case trust == trusted, trust == exempt && dangerous:
		return
	}
	c.refusef(list, i, entry, problem.Textf("with %v, %s", guard.fields(), danger(pattern, guard.harm())),
		guard.fix(list, pattern))
}

// originFunc refuses AllowOriginFunc together with AllowPrivateNetwork, because New cannot know
// which origins a function allows.
func (c *compiler) originFunc() {
	if c.cfg.AllowOriginFunc != nil && c.cfg.AllowPrivateNetwork {
		c.refusef(problem.AllowOriginFunc, -1, "",
			problem.Textf("with %v, any website that the func allows could reach private networks",
				problem.AllowPrivateNetwork),
			problem.Textf("write your own origins in %v instead, or remove %v",
				problem.AllowOrigins, problem.AllowPrivateNetwork))
	}
}

// methods compiles AllowMethods and returns the value of Access-Control-Allow-Methods.
func (c *compiler) methods() string {
	const name = problem.AllowMethods
	p := c.policy
	entries := c.cfg.AllowMethods
	if entries == nil {
		entries = DefaultMethods()
	}
	seen := map[string]bool{}
	for i, entry := range entries {
		if bad := field.CheckMethod(entry); bad != nil {
			c.report(problem.At(name, i), entry, bad)
			continue
		}
		method := field.NormalizeMethod(entry)
		switch {
		case entry == "*":
			p.anyMethod = true
		case !seen[method]:
			seen[method] = true
			p.methods = append(p.methods, method)
		}
	}
	if p.anyMethod {
		p.echoMethod = c.cfg.AllowCredentials
		return "*"
	}
	return strings.Join(p.methods, ", ")
}

// headers compiles AllowHeaders and returns the value of Access-Control-Allow-Headers.
func (c *compiler) headers() string {
	const name = problem.AllowHeaders
	p := c.policy
	entries := c.cfg.AllowHeaders
	if entries == nil {
		entries = DefaultHeaders()
	}
	var list []string
	seen := map[string]bool{}
	for i, entry := range entries {
		if bad := field.CheckRequestHeader(entry); bad != nil {
			c.report(problem.At(name, i), entry, bad)
			continue
		}
		lower := strings.ToLower(entry)
		if field.IsForbiddenRequestHeader(lower) || seen[lower] {
			continue
		}
		seen[lower] = true
		p.headers.Add(lower)
		list = append(list, lower)
	}
	if p.headers.Any() {
		p.echoHeaders = c.cfg.AllowCredentials
		// "*" covers every name except this one
		// (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
		if seen["authorization"] {
			return "*, authorization"
		}
		return "*"
	}
	return strings.Join(list, ", ")
}

// exposed checks ExposeHeaders and returns the value of Access-Control-Expose-Headers.
func (c *compiler) exposed() string {
	const name = problem.ExposeHeaders
	var list []string
	seen := map[string]bool{}
	for i, entry := range c.cfg.ExposeHeaders {
		if bad := field.CheckResponseHeader(entry, c.cfg.AllowCredentials); bad != nil {
			c.report(problem.At(name, i), entry, bad)
			continue
		}
		if lower := strings.ToLower(entry); !seen[lower] {
			seen[lower] = true
			list = append(list, entry)
		}
	}
	return strings.Join(list, ", ")
}

// maxAge checks MaxAge and returns the value of Access-Control-Max-Age.
func (c *compiler) maxAge() string {
	const longest = 24 * time.Hour
	age := c.cfg.MaxAge
	switch {
	case age == 0:
		age = longest
	case age < 0:
		age = 0
	case age < time.Second:
		seconds := int64(1)
		if age%time.Millisecond != 0 { // a number of seconds without the unit, such as 600
			seconds = min(int64(age), int64(longest/time.Second))
		}
		c.refusef(problem.MaxAge, -1, age.String(), problem.Textf("%v must be at least one second", problem.MaxAge),
			problem.Plain("write "+strconv.FormatInt(seconds, 10)+" * time.Second"))
	case age > longest:
		c.refuse(problem.MaxAge, -1, age.String(), "no browser caches a preflight for longer than 24 hours",
			"write 24 * time.Hour")
	}
	return strconv.FormatInt(int64(age/time.Second), 10)
}

// preflightStatus checks PreflightStatus and returns the status of an allowed preflight.
func (c *compiler) preflightStatus() int {
	status := c.cfg.PreflightStatus
	switch {
	case status == 0:
		return 204
	case status < 200 || status > 299:
		c.refusef(problem.PreflightStatus, -1, strconv.Itoa(status),
			problem.Plain("browsers reject a preflight unless its status is between 200 and 299"),
			problem.Textf("write 204, or remove %v", problem.PreflightStatus))
	}
	return status
}

// headerValues contains the values of response headers that do not depend on the request.
type headerValues struct{ allowMethods, allowHeaders, exposeHeaders, maxAge string }

// responses prepares decisions in which Decide only has to fill in what depends on the request.
func (c *compiler) responses(values headerValues, status int) {
	p := c.policy
	// If every origin is allowed, the responses do not vary by Origin.
	vary, preflightVary := varyActual, varyPreflight
	if p.any {
		vary, preflightVary = vary&^varyOrigin, preflightVary&^varyOrigin
	}
	if p.privateNetwork {
		preflightVary |= varyPrivateNetwork
	}
	p.noOrigin = Decision{Kind: KindNotCORS, Reason: ReasonNoOrigin, Vary: varyLines[vary]}
	if p.any {
		// A cache may reuse this response for a request that has an Origin
		// (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
		p.noOrigin.AllowOrigin, p.noOrigin.ExposeHeaders = "*", values.exposeHeaders
	}
	p.actual = Decision{
		Kind: KindActual, Reason: ReasonAllowed, Vary: varyLines[vary],
		ExposeHeaders: values.exposeHeaders, AllowCredentials: c.cfg.AllowCredentials,
	}
	p.refusedPreflight = &refusedPreflights[index(p.debug)][preflightVary]
	p.allowedPreflight = c.allowed(values, varyLines[preflightVary], status)
	p.shownPreflight = c.shown(values, varyLines[preflightVary], status)
}

// allowed returns the decision for an allowed preflight.
func (c *compiler) allowed(values headerValues, vary string, status int) Decision {
	d := Decision{
		Kind: KindPreflight, Reason: ReasonAllowed, Status: status, Vary: vary, AllowCredentials: c.cfg.AllowCredentials,
		AllowMethods: values.allowMethods, AllowHeaders: values.allowHeaders, MaxAge: values.maxAge,
	}
	if c.cfg.ContinuePreflight {
		d.Status = 0
	}
	if c.policy.echoMethod {
		d.AllowMethods = ""
	}
	if c.policy.echoHeaders {
		d.AllowHeaders = ""
	}
	return d
}

// shown returns the decision for a preflight that is refused because of its method or headers if
// Debug is set. The decision lists what is allowed, so that the error in the browser's console
// names what is not.
func (c *compiler) shown(values headerValues, vary string, status int) Decision {
	d := Decision{
		Kind: KindPreflight, Status: status, Vary: vary, AllowCredentials: c.cfg.AllowCredentials, Debug: true,
		AllowMethods: values.allowMethods, AllowHeaders: values.allowHeaders,
	}
	if c.policy.anyMethod {
		d.AllowMethods = "" // "*" would allow the refused method
	}
	if c.policy.headers.Any() {
		d.AllowHeaders = ""
	}
	if values.allowMethods == "" {
		// If the page listens to the progress of an upload, browsers treat a missing list as one
		// that has the requested method (CORS-preflight fetch, step 7.4). So list the methods that
		// need no permission.
		d.AllowMethods = "GET, HEAD, POST"
	}
	return d
}

package core

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// Decider is what an adapter asks. [*Policy], [*Live] and [*CSRFProtection] are Deciders. Decide may be called concurrently.
type Decider interface {
	Decide(ctx context.Context, r Request) Decision
}

// Policy decides about requests. It is made by [New], never changes, and may be used by several goroutines at once.
type Policy struct {
	any       bool // "*" is listed; then no other origin is looked at
	origins   origin.Set
	regexes   []*regexp.Regexp
	allowFunc originFunc

	methods     []string // those listed; few, so that comparing with each is faster than a map
	anyMethod   bool
	echoMethod  bool // anyMethod with credentials: "*" would be taken literally, so the requested method is written back
	headers     field.Names
	echoHeaders bool // likewise

	routes   *routes // nil if there are none
	fallback bool    // this policy holds for paths under no route

	privateNetwork bool
	forbid         bool
	debug          bool
	onDecision     func(ctx context.Context, e Event)

	// What is the same for every request of a kind. Deciding fills in the rest.
	noOrigin         Decision
	actual           Decision // allowed
	allowedPreflight Decision
	shownPreflight   Decision  // refused with Debug, its origin allowed
	refusedPreflight *refusals // shared by many policies

	configured configured // for Explain
}

// New makes a Policy of cfg. If cfg has problems, the Policy is nil, and the error joins all of them as [errors.Join] does, each a
// [*ConfigError]. Its text shows the first hundred and counts the rest.
func New(cfg Config) (*Policy, error) {
	c := compiler{cfg: cfg}
	p := c.compile()
	if len(c.problems) > 0 {
		return nil, problems(c.problems)
	}
	return p, nil
}

// compiler makes a Policy and collects the problems on the way.
type compiler struct {
	cfg      Config
	prefix   string // of the names of fields: "Routes[2].Config."
	problems []error
}

func (c *compiler) refuse(field string, index int, value, rule, fix string) {
	c.problems = append(c.problems, &ConfigError{Field: c.prefix + field, Index: index, Value: value, Rule: rule, Fix: fix})
}

func (c *compiler) compile() *Policy {
	p := &Policy{
		allowFunc:      c.cfg.AllowOriginFunc,
		privateNetwork: c.cfg.AllowPrivateNetwork,
		forbid:         c.cfg.ForbidDisallowed,
		debug:          c.cfg.Debug,
		onDecision:     c.cfg.OnDecision,
	}
	p.fallback = len(c.cfg.AllowOrigins) > 0 || len(c.cfg.AllowOriginRegexes) > 0 || c.cfg.AllowOriginFunc != nil
	if !p.fallback && len(c.cfg.Routes) == 0 {
		c.refuse("AllowOrigins", -1, "", "a policy without origins, regexes or a func allows nobody", `list the origins that may read, such as "https://app.example.com"`)
	}
	p.routes = c.routes()
	p.configured = c.configured()
	c.origins(p)
	c.regexes(p)
	c.originFunc()
	allowMethods := c.methods(p)
	allowHeaders := c.headers(p)
	exposeHeaders := c.exposed()
	c.templates(p, allowMethods, allowHeaders, exposeHeaders, c.maxAge(), c.preflightStatus())
	return p
}

func (c *compiler) origins(p *Policy) {
	const name = "AllowOrigins"
	p.origins = origin.NewSet(len(c.cfg.AllowOrigins))
	for i, entry := range c.cfg.AllowOrigins {
		pattern, problem := origin.ParsePattern(entry)
		if problem != nil {
			c.refuse(name, i, entry, problem.Rule, problem.Fix)
			continue
		}
		if c.isGuarded() {
			c.distrust(name, i, entry, pattern)
		}
		if pattern.Kind == origin.Any {
			p.any = true
			continue
		}
		p.origins.Add(pattern)
	}
	if p.any {
		p.origins = origin.Set{} // "*" covers every other entry
	}
}

// isGuarded reports whether every origin that the policy allows must be one that can be trusted.
func (c *compiler) isGuarded() bool { return c.cfg.AllowCredentials || c.cfg.AllowPrivateNetwork }

// guard returns the settings because of which origins must be trusted, and what an allowed site can do by them.
func (c *compiler) guard() (settings, harm string) {
	switch {
	case !c.cfg.AllowPrivateNetwork:
		return "AllowCredentials", "act as its visitors"
	case !c.cfg.AllowCredentials:
		return "AllowPrivateNetwork", "reach private networks"
	}
	return "AllowCredentials and AllowPrivateNetwork", "act as its visitors and reach private networks"
}

// distrust refuses an entry of AllowOrigins that must not be combined with AllowCredentials or AllowPrivateNetwork.
func (c *compiler) distrust(name string, i int, entry string, pattern origin.Pattern) {
	settings, harm := c.guard()
	risk := pattern.Risk()
	if risk&origin.RiskAny != 0 {
		c.refuse(name, i, entry, "every origin with "+settings+" lets every website "+harm, "list the origins, or leave "+settings+" out")
	}
	if risk&origin.RiskOpaque != 0 {
		c.refuse(name, i, entry, "an opaque origin with "+settings+" lets every website "+harm+", from a sandboxed frame or a saved page",
			"leave the entry or "+settings+" out")
	}
	if risk&origin.RiskInsecure != 0 && !c.cfg.DangerouslyAllowInsecureOrigins {
		c.refuse(name, i, entry, "an http origin with "+settings+" lets anyone on the network path "+harm,
			"write "+strconv.Quote("https"+strings.TrimPrefix(pattern.Text, "http"))+", or set DangerouslyAllowInsecureOrigins")
	}
	if risk&origin.RiskSuffix != 0 && !c.cfg.DangerouslyAllowPublicSuffixes {
		under := "under"
		if pattern.PublicSuffix() != pattern.Host {
			under = "above"
		}
		c.refuse(name, i, entry, "a wildcard "+under+" the public suffix "+strconv.Quote(pattern.PublicSuffix())+" with "+settings+" also matches names that anyone can register",
			"list the origins that are yours, or set DangerouslyAllowPublicSuffixes")
	}
}

// originFunc refuses a func where every origin must be known to be trusted.
func (c *compiler) originFunc() {
	if c.cfg.AllowOriginFunc != nil && c.cfg.AllowPrivateNetwork {
		c.refuse("AllowOriginFunc", -1, "", "a func can allow any website, which AllowPrivateNetwork would let reach private networks",
			"list the origins, or leave AllowPrivateNetwork out")
	}
}

// methods returns the value of Access-Control-Allow-Methods.
func (c *compiler) methods(p *Policy) string {
	const name = "AllowMethods"
	entries := c.cfg.AllowMethods
	if entries == nil {
		entries = DefaultMethods()
	}
	seen := map[string]bool{}
	for i, entry := range entries {
		method := field.NormalizeMethod(entry)
		switch {
		case entry == "":
			c.refuse(name, i, entry, "an empty entry allows nothing", "remove it")
		case entry == "*":
			p.anyMethod = true
		case !field.IsToken(entry):
			c.refuse(name, i, entry, "a method is one token (RFC 9110, section 9.1)", "list each method by itself")
		case field.IsForbiddenMethod(entry):
			c.refuse(name, i, entry, "browsers send no such request", "remove it")
		case field.MisspelledMethod(entry) != "":
			c.refuse(name, i, entry, "methods are case-sensitive", "write "+field.MisspelledMethod(entry))
		case len(entry) > field.MaxMethod:
			c.refuse(name, i, entry, "a method has at most "+strconv.Itoa(field.MaxMethod)+" bytes", "remove it")
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

// headers returns the value of Access-Control-Allow-Headers.
func (c *compiler) headers(p *Policy) string {
	const name = "AllowHeaders"
	entries := c.cfg.AllowHeaders
	if entries == nil {
		entries = DefaultHeaders()
	}
	var list []string
	seen := map[string]bool{}
	for i, entry := range entries {
		lower := strings.ToLower(entry)
		switch {
		case !c.isHeaderName(name, i, entry):
		case field.IsCORSResponseHeader(lower):
			c.refuse(name, i, entry, "this is a response header of CORS itself", "remove it; the policy writes it")
		case len(entry) > field.MaxName:
			c.refuse(name, i, entry, "a header name has at most "+strconv.Itoa(field.MaxName)+" bytes here", "use a shorter one")
		case field.IsForbiddenRequestHeader(lower) || seen[lower]:
		default:
			seen[lower] = true
			p.headers.Add(lower)
			list = append(list, lower)
		}
	}
	if p.headers.Any() {
		p.echoHeaders = c.cfg.AllowCredentials
		// "*" covers every name but this one (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
		if seen["authorization"] {
			return "*, authorization"
		}
		return "*"
	}
	return strings.Join(list, ", ")
}

// exposed returns the value of Access-Control-Expose-Headers.
func (c *compiler) exposed() string {
	const name = "ExposeHeaders"
	var list []string
	seen := map[string]bool{}
	for i, entry := range c.cfg.ExposeHeaders {
		lower := strings.ToLower(entry)
		switch {
		case !c.isHeaderName(name, i, entry):
		case entry == "*" && c.cfg.AllowCredentials:
			c.refuse(name, i, entry, `browsers read "*" literally with AllowCredentials`, "list the headers")
		case field.IsForbiddenResponseHeader(lower):
			c.refuse(name, i, entry, "no page may read it, whatever a server exposes", "remove it")
		case field.IsCORSResponseHeader(lower) || field.IsRequestOnlyHeader(lower):
			c.refuse(name, i, entry, "this is no header that a page reads from a response", "remove it")
		case !seen[lower]:
			seen[lower] = true
			list = append(list, entry)
		}
	}
	return strings.Join(list, ", ")
}

// isHeaderName refuses what is not one header name.
func (c *compiler) isHeaderName(name string, i int, entry string) bool {
	switch {
	case entry == "":
		c.refuse(name, i, entry, "an empty entry allows nothing", "remove it")
	case !field.IsToken(entry):
		c.refuse(name, i, entry, "a header name is one token (RFC 9110, section 5.1)", "list each name by itself, without a colon")
	default:
		return true
	}
	return false
}

// maxAge returns the value of Access-Control-Max-Age.
func (c *compiler) maxAge() string {
	const longest = 24 * time.Hour
	age := c.cfg.MaxAge
	switch {
	case age == 0:
		age = longest
	case age < 0:
		age = 0
	case age < time.Second:
		c.refuse("MaxAge", -1, age.String(), "this is less than a second", "write it with its unit, as in "+strconv.FormatInt(int64(age), 10)+" * time.Second")
	case age > longest:
		c.refuse("MaxAge", -1, age.String(), "no browser keeps a preflight longer than 24 hours", "write 24 * time.Hour")
	}
	return strconv.FormatInt(int64(age/time.Second), 10)
}

func (c *compiler) preflightStatus() int {
	status := c.cfg.PreflightStatus
	switch {
	case status == 0:
		return 204
	case status < 200 || status > 299:
		c.refuse("PreflightStatus", -1, strconv.Itoa(status), "browsers refuse a preflight whose status is not from 200 to 299", "write 204 or leave it out")
	}
	return status
}

// templates fills in what is the same for every request of a kind: the rows of a table whose first columns are Kind, Status and Vary.
func (c *compiler) templates(p *Policy, allowMethods, allowHeaders, exposeHeaders, maxAge string, status int) {
	// A "*" policy answers every origin alike, so its answers do not vary by it.
	vary, preflight := varyActual, varyPreflight
	if p.any {
		vary, preflight = vary&^varyOrigin, preflight&^varyOrigin
	}
	if p.privateNetwork {
		preflight |= varyPrivateNetwork
	}

	p.noOrigin = Decision{Kind: KindNotCORS, Reason: ReasonNoOrigin, Vary: varyLines[vary]}
	if p.any {
		// What a cache keeps of a request without Origin must serve those with one (Fetch, "CORS protocol and HTTP caches").
		p.noOrigin.AllowOrigin, p.noOrigin.ExposeHeaders = "*", exposeHeaders
	}
	p.actual = Decision{Kind: KindActual, Reason: ReasonAllowed, Vary: varyLines[vary], ExposeHeaders: exposeHeaders, AllowCredentials: c.cfg.AllowCredentials}

	p.allowedPreflight = Decision{
		Kind: KindPreflight, Reason: ReasonAllowed, Status: status, Vary: varyLines[preflight], AllowCredentials: c.cfg.AllowCredentials,
		AllowMethods: allowMethods, AllowHeaders: allowHeaders, MaxAge: maxAge,
	}
	p.refusedPreflight = refusedPreflights[preflightKey{preflight, p.debug}]
	p.shownPreflight = Decision{
		Kind: KindPreflight, Status: status, Vary: p.allowedPreflight.Vary, Debug: true, AllowCredentials: c.cfg.AllowCredentials,
		AllowMethods: allowMethods, AllowHeaders: allowHeaders,
	}
	// "*" would let in what is refused.
	if p.anyMethod {
		p.shownPreflight.AllowMethods = ""
	}
	if p.headers.Any() {
		p.shownPreflight.AllowHeaders = ""
	}
	// So would no list at all: where a page listens to the progress of an upload, browsers take the absent list to hold the method
	// that they ask for (CORS-preflight fetch, step 7.4). What needs no permission can stand in it.
	if allowMethods == "" {
		p.shownPreflight.AllowMethods = "GET, HEAD, POST"
	}
	if c.cfg.ContinuePreflight {
		p.allowedPreflight.Status = 0
	}
	if p.echoMethod {
		p.allowedPreflight.AllowMethods = ""
	}
	if p.echoHeaders {
		p.allowedPreflight.AllowHeaders = ""
	}
}

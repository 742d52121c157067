package core

import (
	"context"
	"net/url"
	"strconv"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/route"
)

// CSRFConfig configures a [CSRFProtection]. The zero CSRFConfig is valid. It trusts no other
// origins and protects every path.
type CSRFConfig struct {
	// TrustedOrigins lists other origins that may send state-changing requests. Entries have the
	// same forms as in Config.AllowOrigins:
	//
	//	https://admin.example.com   this origin only
	//	https://*.example.com       any subdomain of example.com
	//
	// Anyone who controls a trusted origin can act on behalf of your visitors. NewCSRFProtection
	// therefore refuses "*", "null", "file://", http origins other than loopback addresses, and
	// wildcards directly under a public suffix, such as https://*.github.io.
	//
	// The default is an empty list. The server's own origin does not need to be listed.
	TrustedOrigins []string

	// ExemptPaths lists the paths of handlers that accept requests from every website, such as
	// webhooks. Entries are patterns as in Route.Path:
	//
	//	/webhooks/stripe   this path only
	//	/webhooks/         this path and everything below it
	//
	// Unlike the paths of a [Route], exempt paths are case-sensitive, and a trailing slash makes a
	// difference. If routers could interpret a path in several ways, the path is exempt only if
	// every interpretation matches. A path that contains "//", "/./" or "/../" is never exempt,
	// even if those are percent-encoded.
	//
	// A pattern must begin with a literal segment. NewCSRFProtection refuses "/", "/{rest...}" and
	// "/{id}", because they would also exempt handlers that are added later. It accepts "/{$}",
	// which exempts only the root.
	//
	// The default is an empty list.
	ExemptPaths []string

	// OnDecision is called once for each decision, on the goroutine that serves the request. It must
	// be safe for concurrent use. If OnDecision is nil, decisions are not reported.
	OnDecision func(ctx context.Context, e Event)
}

// CSRFProtection is a [Decider] that protects against cross-site request forgery. It refuses
// state-changing requests that another website makes a visitor's browser send. Use
// [NewCSRFProtection] to create one. A CSRFProtection never changes, so it is safe for concurrent
// use.
//
// CSRFProtection follows the rules of [net/http.CrossOriginProtection]. The following requests are
// passed on to the handler:
//
//   - GET, HEAD and OPTIONS requests. Handlers must not change any state for them.
//   - Requests whose Sec-Fetch-Site header is "same-origin" or "none".
//   - Requests that have neither a Sec-Fetch-Site nor an Origin header. They come from pages of the
//     same origin, or not from a browser.
//   - Requests without a Sec-Fetch-Site header whose Origin matches the Host of the request. The
//     schemes are not compared, because a server that runs behind a proxy does not know its own
//     scheme.
//   - Requests from a trusted origin, and requests to an exempt path.
//
// All other requests get status 403. CSRFProtection neither writes nor removes CORS headers. To let
// allowed pages read the 403 response, register the CORS middleware outside of CSRFProtection.
//
// Permission to read responses does not imply trust. An origin in Config.AllowOrigins is trusted
// only if it is also in TrustedOrigins.
//
// CSRFProtection is stricter than net/http in three ways:
//
//   - If a request has several Sec-Fetch-Site or Origin lines, they count as one malformed value,
//     which is refused.
//   - An Origin without a host, such as "null", never matches a missing Host.
//   - If routers could interpret a path in several ways, the path is exempt only if every
//     interpretation is exempt.
type CSRFProtection struct {
	trusted    origin.Set
	exempt     route.Table
	onDecision func(ctx context.Context, e Event)
}

// NewCSRFProtection creates a [CSRFProtection] from cfg.
//
// If cfg is invalid, NewCSRFProtection returns an error that wraps one [*ConfigError] for each
// problem. Use [Problems] to iterate over them.
func NewCSRFProtection(cfg CSRFConfig) (*CSRFProtection, error) {
	p := &CSRFProtection{
		trusted:    origin.NewSet(len(cfg.TrustedOrigins)),
		exempt:     route.Table{Strict: true},
		onDecision: cfg.OnDecision,
	}
	var found problems
	report := func(place problem.Place, entry string, bad *problem.Problem) {
		bad.Place, bad.Value = place, entry
		found = append(found, configError(bad))
	}
	for i, entry := range cfg.TrustedOrigins {
		pattern, bad := parseTrusted(entry)
		if bad != nil {
			report(problem.At(problem.TrustedOrigins, i), entry, bad)
			continue
		}
		p.trusted.Add(pattern)
	}
	for i, entry := range cfg.ExemptPaths {
		pattern, bad := route.ParseExempt(entry)
		if bad == nil {
			bad = addPath(&p.exempt, pattern, problem.ExemptPaths, i)
		}
		if bad != nil {
			report(problem.At(problem.ExemptPaths, i), entry, bad)
		}
	}
	if found != nil {
		return nil, found
	}
	return p, nil
}

// parseTrusted parses an entry of TrustedOrigins.
func parseTrusted(entry string) (origin.Pattern, *problem.Problem) {
	pattern, bad := origin.ParseFor(origin.Trusted|origin.OriginsOnly, entry)
	if bad == nil {
		bad = distrust(pattern)
	}
	return pattern, bad
}

// distrust returns the reason not to trust the pattern, or nil if it can be trusted.
func distrust(p origin.Pattern) *problem.Problem {
	risk := p.Risk()
	if risk == 0 {
		return nil
	}
	rule := danger(p, guard{credentials: true}.harm())
	switch {
	case risk&origin.RiskAny != 0:
		return problem.New(rule, "replace it with the origins that you trust")
	case risk&origin.RiskOpaque != 0:
		return problem.New(rule, "remove it")
	case risk&(origin.RiskSuffix|origin.RiskAnyHost) != 0:
		return problem.New(rule, "replace it with your own origins")
	}
	return problem.New(rule, "write "+strconv.Quote(overHTTPS(p)))
}

// Decide returns how to respond to the request. If the request is refused, the Decision has
// [ReasonCrossSiteWrite] and status 403. Otherwise, it is the zero Decision, so the request is
// passed on to the handler.
func (p *CSRFProtection) Decide(ctx context.Context, r Request) Decision {
	d := p.decide(&r)
	if p.onDecision != nil {
		p.onDecision(ctx, Event{Request: r, Decision: d, source: p})
	}
	return d
}

func (p *CSRFProtection) decide(r *Request) Decision { return p.judge(r).decision() }

// csrfVerdict is the rule of [CSRFProtection] that decided about a request.
type csrfVerdict uint8

const (
	csrfRefused    csrfVerdict = iota
	csrfSafeMethod             // GET, HEAD or OPTIONS
	csrfNotBrowser             // neither Sec-Fetch-Site nor Origin
	csrfSameOrigin             // Sec-Fetch-Site is same-origin or none
	csrfSameHost               // Origin names the host of the request
	csrfTrusted                // Origin is trusted
	csrfExempt                 // the path is exempt
)

func (v csrfVerdict) decision() Decision {
	if v == csrfRefused {
		return Decision{Reason: ReasonCrossSiteWrite, Status: 403}
	}
	return Decision{}
}

// judge decides about r with the algorithm of net/http.CrossOriginProtection.Check.
func (p *CSRFProtection) judge(r *Request) csrfVerdict {
	switch r.Method {
	case "GET", "HEAD", "OPTIONS":
		return csrfSafeMethod
	}
	if r.Header == nil {
		return csrfNotBrowser
	}
	from := r.Header.Field("Origin")
	switch r.Header.Field("Sec-Fetch-Site") {
	case "same-origin", "none":
		return csrfSameOrigin
	case "":
		if from == "" {
			return csrfNotBrowser
		}
		// Without a Host there is nothing to compare. In net/http, "null" equals a missing Host.
		if u, err := url.Parse(from); err == nil && u.Host == r.Host && r.Host != "" {
			return csrfSameHost
		}
	}
	switch {
	case p.trusts(from):
		return csrfTrusted
	case p.exempts(r.Path, r.RawPath):
		return csrfExempt
	}
	return csrfRefused
}

func (p *CSRFProtection) trusts(from string) bool {
	if _, ok := p.trusted.Exact(from); ok {
		return true
	}
	o, ok := origin.Parse(from)
	return ok && p.trusted.Match(o, from)
}

// exempts reports whether the path is exempt in every way in which routers may interpret it.
func (p *CSRFProtection) exempts(path, rawPath string) bool {
	if !route.IsClean(path) {
		return false // net/http.ServeMux redirects such a path
	}
	readings := p.exempt.Read(path, rawPath)
	for _, reading := range readings.All() {
		if reading.Lenient < 0 || reading.Strict < 0 {
			return false
		}
	}
	return true
}

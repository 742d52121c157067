package core

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/route"
)

// CSRFConfig configures a [CSRFProtection]. The zero CSRFConfig is valid: it trusts no other origin
// and protects every path.
type CSRFConfig struct {
	// TrustedOrigins lists other origins that may send state-changing requests. Entries have the
	// forms of Config.AllowOrigins:
	//
	//	https://admin.example.com   that origin
	//	https://*.example.com       any subdomain
	//
	// Whoever controls a trusted origin can act as the visitors of this server. So
	// NewCSRFProtection refuses "*", "null", "file://", http origins that are not loopback, and
	// wildcards directly under a public suffix such as https://*.github.io.
	//
	// The default is none. The server's own origin need not be listed.
	TrustedOrigins []string

	// ExemptPaths lists the paths of handlers that accept requests from everywhere, such as
	// webhooks. Entries are patterns as in Route.Path:
	//
	//	/webhooks/stripe   that path
	//	/webhooks/         that path and everything below it
	//
	// Unlike those of a Route, they are matched exactly: case and a trailing slash matter. If
	// routers could read a path in several ways, it is exempt only if every reading matches. A path
	// with "//", "/./" or "/../", even an encoded one, is never exempt.
	//
	// A pattern must name the first segment. NewCSRFProtection refuses "/", "/{rest...}" and
	// "/{id}", because they also exempt handlers that are added later. "/{$}" is accepted: it
	// exempts the root alone.
	//
	// The default is none.
	ExemptPaths []string

	// OnDecision is called once per decision, on the goroutine of the request. The default is nil:
	// nothing is called.
	OnDecision func(ctx context.Context, e Event)
}

// CSRFProtection is a [Decider] that refuses cross-site request forgery: state-changing requests
// that another website makes a visitor's browser send. It is made by [NewCSRFProtection] and never
// changes, so several goroutines can use it at once.
//
// It follows [net/http.CrossOriginProtection]. These requests pass:
//
//   - GET, HEAD and OPTIONS requests. Handlers must not change anything for them.
//   - Requests whose Sec-Fetch-Site is "same-origin" or "none".
//   - Requests without Sec-Fetch-Site and Origin. They come from pages of the same origin, or not
//     from a browser.
//   - Requests without Sec-Fetch-Site whose Origin has the Host of the request. The schemes are not
//     compared, because a server that runs behind a proxy does not know its own.
//   - Requests from a trusted origin, and requests to an exempt path.
//
// All other requests get status 403. CSRFProtection writes no CORS headers and removes none. So
// register the CORS middleware outside of it: then an allowed page can read the 403.
//
// Trust is not the same as permission to read. An origin in Config.AllowOrigins is not trusted,
// unless it is also in TrustedOrigins.
//
// There are three differences from net/http, all of them stricter. Several Sec-Fetch-Site or Origin
// lines count as one malformed value, which is refused. An Origin without a host, such as "null",
// never equals a missing Host. And every reading of a path must be exempt.
type CSRFProtection struct {
	trusted    origin.Set
	exempt     route.Table
	onDecision func(ctx context.Context, e Event)
}

// NewCSRFProtection compiles cfg into a [CSRFProtection].
//
// If cfg has problems, NewCSRFProtection returns an error that reports all of them, as [New] does.
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
		pattern, bad := origin.ParsePattern(entry)
		if bad == nil {
			bad = distrust(pattern)
		}
		if bad != nil {
			report(problem.At(problem.TrustedOrigins, i), entry, bad)
			continue
		}
		p.trusted.Add(pattern)
	}
	for i, entry := range cfg.ExemptPaths {
		pattern, bad := route.Parse(entry)
		if bad == nil {
			bad = tooManyExempt(pattern, entry)
		}
		if bad == nil {
			bad = addPath(&p.exempt, pattern, i)
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

// distrust returns why the pattern cannot be trusted, or nil if it can.
func distrust(p origin.Pattern) *problem.Problem {
	switch risk := p.Risk(); {
	case risk&origin.RiskAny != 0:
		return problem.New("trusting every origin protects from none", "list the origins")
	case risk&origin.RiskOpaque != 0:
		return problem.New("every website can send this origin, from a sandboxed frame or a saved page", "remove it")
	case risk&origin.RiskInsecure != 0:
		return problem.New("anyone on the network path can write what an http page does",
			"write "+strconv.Quote("https"+strings.TrimPrefix(p.Text, "http")))
	case risk&origin.RiskSuffix != 0:
		if p.Kind == origin.Label && p.PublicSuffix() != p.Host {
			return problem.New("anyone can serve pages from the public suffix "+strconv.Quote(p.PublicSuffix()),
				"list the origins that are yours")
		}
		return problem.New("anyone can register a name under the public suffix "+strconv.Quote(p.PublicSuffix()),
			"list the origins that are yours")
	}
	return nil
}

// tooManyExempt returns why a pattern may not be exempt, or nil if it may. A pattern that does not
// name the first segment exempts handlers all over the server.
func tooManyExempt(p *route.Pattern, text string) *problem.Problem {
	switch {
	case p.MatchesAll():
		return problem.New("this exempts every path, so it protects nothing",
			`write "/{$}" for the root alone, or list the paths, such as "/webhooks/"`)
	case p.HasOpenStart():
		_, rest, _ := strings.Cut(text, "}")
		return problem.New("this exempts paths under every first segment, those of handlers to come included",
			"name the first segment, as in "+strconv.Quote("/webhooks"+rest))
	}
	return nil
}

// Decide refuses a forged request: the Decision has [ReasonCrossSiteWrite] and status 403. For all
// other requests it returns the zero Decision, which passes them on.
func (p *CSRFProtection) Decide(ctx context.Context, r Request) Decision {
	d := p.decide(&r)
	if p.onDecision != nil {
		p.onDecision(ctx, Event{Request: r, Decision: d})
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

// judge is the algorithm of net/http.CrossOriginProtection.Check.
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

// exempts reports whether every reading of the path is exempt.
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

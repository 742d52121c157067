package core

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/route"
)

// CSRFConfig says whom a [CSRFProtection] trusts. The zero CSRFConfig trusts nobody.
type CSRFConfig struct {
	// TrustedOrigins lists other origins whose pages may change state here, in the forms of Config.AllowOrigins. Whoever controls one of
	// them can act as its visitors, so "*", null, file://, http beyond loopback and wildcards directly under a public suffix are refused.
	TrustedOrigins []string

	// ExemptPaths are patterns as in Route.Path, for handlers that accept requests from everywhere,
	// such as webhooks. Case and a slash at the end count. If a path can be read in several ways,
	// it is exempt only if it is in every one of them. A path with "//", "/./" or "/../" never is,
	// nor is one that routers may decode twice to a path with "/../".
	//
	// A pattern must name the first segment. So "/", "/{rest...}" and "/{id}" are refused: they
	// exempt handlers that nobody thought of. "/{$}" exempts the root alone.
	ExemptPaths []string

	// OnDecision is called once per Decide with what was decided, in the goroutine of the request.
	OnDecision func(ctx context.Context, e Event)
}

// CSRFProtection is a [Decider] that refuses state changes which a page of another site makes a browser send (cross-site request
// forgery). It follows net/http.CrossOriginProtection, and so:
//
//   - GET, HEAD and OPTIONS pass. A handler must not change anything for them.
//   - A request whose Sec-Fetch-Site is same-origin or none passes, and one with any other value is refused.
//   - Without that field, one without Origin passes: it comes from no browser, or from a page of the same origin. One whose Origin names
//     the host of the request passes; the scheme cannot be compared, for it is not known behind a proxy.
//   - Everything else is refused, unless its origin is trusted or its path exempt.
//
// A refused request is answered with 403; its CORS headers are left to the policy around it, so register CORS outside: a page that
// may read answers can read this one. That an origin is allowed to read does not make it trusted to write, so the two lists are apart.
//
// It is stricter than net/http in three ways. Several lines of Sec-Fetch-Site or Origin are read as one malformed value, hence refused. An Origin
// without a host, such as null, does not match a request without one. And each reading of an exempt path counts. A CSRFProtection may be used by several
// goroutines.
type CSRFProtection struct {
	trusted    origin.Set
	exempt     route.Table
	onDecision func(ctx context.Context, e Event)
}

// NewCSRFProtection makes a CSRFProtection of cfg. If cfg has problems, the error joins all of them as that of [New] does.
func NewCSRFProtection(cfg CSRFConfig) (*CSRFProtection, error) {
	p := &CSRFProtection{trusted: origin.NewSet(len(cfg.TrustedOrigins)), exempt: route.Table{Strict: true}, onDecision: cfg.OnDecision}
	var found problems
	for i, entry := range cfg.TrustedOrigins {
		pattern, problem := origin.ParsePattern(entry)
		if problem == nil {
			problem = distrust(pattern)
		}
		if problem != nil {
			found = append(found, &ConfigError{"TrustedOrigins", i, entry, problem.Rule, problem.Fix})
			continue
		}
		p.trusted.Add(pattern)
	}
	for i, entry := range cfg.ExemptPaths {
		pattern, problem := parsePath(entry)
		if problem == nil {
			problem = tooManyExempt(pattern, entry)
		}
		if problem == nil {
			problem = addPath(&p.exempt, pattern, i)
		}
		if problem != nil {
			found = append(found, &ConfigError{"ExemptPaths", i, entry, problem.Rule, problem.Fix})
		}
	}
	if found != nil {
		return nil, found
	}
	return p, nil
}

// distrust says why the pattern cannot be trusted, nil if it can.
func distrust(p origin.Pattern) *origin.Problem {
	switch risk := p.Risk(); {
	case risk&origin.RiskAny != 0:
		return &origin.Problem{Rule: "trusting every origin protects from none", Fix: "list the origins"}
	case risk&origin.RiskOpaque != 0:
		return &origin.Problem{Rule: "every website can send this origin, from a sandboxed frame or a saved page", Fix: "remove it"}
	case risk&origin.RiskInsecure != 0:
		return &origin.Problem{Rule: "anyone on the network path can write what an http page does", Fix: "write " + strconv.Quote("https"+strings.TrimPrefix(p.Text, "http"))}
	case risk&origin.RiskSuffix != 0:
		return &origin.Problem{Rule: "anyone can register a name under the public suffix " + strconv.Quote(p.PublicSuffix()), Fix: "list the origins that are yours"}
	}
	return nil
}

// tooManyExempt says why the pattern cannot be exempt, nil if it can: it does not say where the
// exempt paths are.
func tooManyExempt(p *route.Pattern, text string) *origin.Problem {
	switch {
	case p.MatchesAll():
		return &origin.Problem{
			Rule: "this exempts every path, so it protects nothing",
			Fix:  `write "/{$}" for the root alone, or list the paths, such as "/webhooks/"`,
		}
	case p.HasOpenStart():
		_, rest, _ := strings.Cut(text, "}")
		return &origin.Problem{
			Rule: "this exempts paths under every first segment, those of handlers to come included",
			Fix:  "name the first segment, as in " + strconv.Quote("/webhooks"+rest),
		}
	}
	return nil
}

// Decide refuses a request forgery with [ReasonCrossSiteWrite] and 403. Everything else passes: the zero Decision.
func (p *CSRFProtection) Decide(ctx context.Context, r Request) Decision {
	d := p.decide(&r)
	if p.onDecision != nil {
		p.onDecision(ctx, Event{Request: r, Decision: d})
	}
	return d
}

func (p *CSRFProtection) decide(r *Request) Decision {
	if p.refuses(r) {
		return Decision{Reason: ReasonCrossSiteWrite, Status: 403}
	}
	return Decision{}
}

// refuses is the algorithm of net/http.CrossOriginProtection.Check.
func (p *CSRFProtection) refuses(r *Request) bool {
	switch r.Method {
	case "GET", "HEAD", "OPTIONS":
		return false
	}
	if r.Header == nil {
		return false
	}
	from := r.Header.Field("Origin")
	switch r.Header.Field("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		if from == "" {
			return false
		}
		// Where no Host has come through, "null" does not name it. net/http takes the two for equal.
		if u, err := url.Parse(from); err == nil && u.Host == r.Host && r.Host != "" {
			return false
		}
	}
	return !p.trusts(from) && !p.exempts(r.Path, r.RawPath)
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
		return false // net/http.ServeMux redirects it
	}
	readings := p.exempt.Read(path, rawPath)
	for _, reading := range readings.All() {
		if reading.Lenient < 0 || reading.Strict < 0 {
			return false
		}
	}
	return true
}

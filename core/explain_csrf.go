package core

import (
	"context"
	"strconv"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
)

// Explain describes why Decide allows or refuses r. It is meant for debugging, and does not call
// OnDecision. The work it does is bounded, whatever r contains.
func (p *CSRFProtection) Explain(ctx context.Context, r Request) Explanation {
	return p.explain(ctx, r)
}

// explainEvent implements [source].
func (p *CSRFProtection) explainEvent(e *Event) Explanation {
	return p.explain(context.Background(), e.Request)
}

func (p *CSRFProtection) explain(ctx context.Context, r Request) Explanation {
	x := newExplainer(ctx, r)
	// No request is treated as a preflight.
	x.e.RequestMethod, x.e.RequestHeaders, x.method, x.headers = "", "", "", ""
	x.origin = clip.Cut(x.r.Header.Field("Origin"), maxValue)
	x.e.Origin = clip.Shown(x.origin)
	verdict := p.judge(&r)
	x.concludes(verdict.decision())
	site := x.r.Header.Field("Sec-Fetch-Site")
	if verdict != csrfRefused {
		x.e.Because = verdict.because(r.Method, site)
		return x.finish()
	}
	because := "Sec-Fetch-Site is " + clip.Quoted(site)
	if site == "" {
		because = "Origin does not name the host of the request, " + clip.Quoted(r.Host)
	}
	x.blame("origin", because+": a page of another origin sends it, and "+clip.Quoted(x.origin)+" is not trusted",
		"", "TrustedOrigins")
	_, bad := parseTrusted(x.origin)
	if _, ok := origin.Parse(x.origin); !ok && bad == nil {
		bad = problem.New("it is not a single origin", "")
	}
	if bad != nil {
		x.cannot("send it from a page of the server's own origin; this one cannot be trusted: " + bad.Rule.String())
		return x.finish()
	}
	x.e.Changes = []ConfigChange{{Field: "TrustedOrigins", Add: []string{x.origin}}}
	x.fixes = append(x.fixes,
		"if its pages may act as their visitors, add "+strconv.Quote(x.origin)+" to TrustedOrigins")
	return x.finish()
}

// because says why a request is allowed.
func (v csrfVerdict) because(method, site string) string {
	switch v {
	case csrfSafeMethod:
		return "a handler changes nothing for " + method
	case csrfSameOrigin:
		return "Sec-Fetch-Site is " + clip.Quoted(site) + ", so no page of another origin sends it"
	case csrfNotBrowser:
		return "it has neither Sec-Fetch-Site nor Origin, so no page of another origin sends it"
	case csrfExempt:
		return "the path is exempt"
	case csrfTrusted:
		return "the origin is trusted"
	}
	return "Origin names the host of the request"
}

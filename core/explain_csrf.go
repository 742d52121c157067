package core

import (
	"context"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
)

// Explain describes why Decide allows or refuses r. It is meant for debugging, and does not call
// OnDecision. The cost is bounded, whatever r contains.
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
	x.blame("origin", refusedWrite(x.origin, site, r.Host), "", "TrustedOrigins")
	_, bad := parseTrusted(x.origin)
	if _, ok := origin.Parse(x.origin); !ok && bad == nil {
		bad = problem.New("it is not a single origin", "")
	}
	if bad != nil {
		fix := "send the request from a page of the server itself"
		if strings.HasPrefix(x.origin, "http://") {
			fix = "open the page over https, or " + fix
		}
		if x.origin != "" {
			fix += "; " + clip.Quoted(x.origin) + " cannot be trusted: " + bad.Rule.String()
		}
		x.cannot(fix)
		return x.finish()
	}
	x.e.Changes = []ConfigChange{{Field: "TrustedOrigins", Add: []string{x.origin}}}
	x.fixes = append(x.fixes,
		"add "+strconv.Quote(x.origin)+" to TrustedOrigins if its pages may act as your visitors")
	return x.finish()
}

// refusedWrite explains why a request is refused.
func refusedWrite(from, site, host string) string {
	because := "Sec-Fetch-Site is " + clip.Quoted(site) + ", which is neither same-origin nor none"
	switch site {
	case "":
		return "the Origin header " + clip.Quoted(from) + " does not match the Host " + clip.Quoted(host) +
			", and is not in TrustedOrigins"
	case "cross-site":
		because = `Sec-Fetch-Site is "cross-site", so a page of another site sent the request`
	case "same-site":
		because = `Sec-Fetch-Site is "same-site", so a page of another origin of the same site sent the request`
	}
	if from == "" {
		return because + ", and there is no Origin header"
	}
	return because + ", and " + clip.Quoted(from) + " is not in TrustedOrigins"
}

// because explains why a request is allowed.
func (v csrfVerdict) because(method, site string) string {
	switch v {
	case csrfSafeMethod:
		return method + " requests are not checked, because they must not change anything"
	case csrfSameOrigin:
		return "Sec-Fetch-Site is " + clip.Quoted(site) + ", so no page of another origin sent the request"
	case csrfNotBrowser:
		return "the request has neither a Sec-Fetch-Site nor an Origin header, so no page of another origin sent it"
	case csrfExempt:
		return "the path is in ExemptPaths"
	case csrfTrusted:
		return "the origin is in TrustedOrigins"
	}
	return "the Origin matches the Host of the request"
}

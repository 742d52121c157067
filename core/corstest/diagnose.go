package corstest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/rawhttp"
)

// How diagnose finds the cause of a problem.
//
// Whether or not a policy allows a request, the middleware leaves a mark in the response: either in
// the Vary header, or as "*" in Access-Control-Allow-Origin. A response without a mark did not pass
// through the middleware. Its status usually shows what responded instead. If it does not, diagnose
// requests paths that have no route. If those responses have a mark, the middleware is registered,
// but not for the route of the path.
//
// Policies respond to preflights without running a handler. So if the preflight and the actual
// response disagree about an origin, something other than the policy has written to one of them.

// evidence contains the responses to the requests for one path, from which diagnose concludes what
// is wrong.
type evidence struct {
	addr, path       string
	origin           string // an origin that the policy should allow
	listed, unlisted responses
}

// problem describes what is wrong with the responses, and what may have caused it.
type problem struct {
	fact   string
	causes []cause // several if the responses have more than one possible cause
}

// cause is a possible cause of a problem, and how to fix it. The field what describes the cause. It
// is "" if the problem itself makes the cause clear.
type cause struct{ what, fix string }

func (p *problem) String() string {
	switch {
	case len(p.causes) == 1 && p.causes[0].what == "":
		return p.fact + "; " + p.causes[0].fix
	case len(p.causes) == 1:
		return p.fact + ": " + p.causes[0].what + "; " + p.causes[0].fix
	}
	var b strings.Builder
	b.WriteString(p.fact + ", for one of these reasons:")
	for _, c := range p.causes {
		b.WriteString("\n\t- " + c.what + "; " + c.fix)
	}
	return b.String()
}

// Fixes that several causes share.
const (
	globally = "register the middleware once, for the whole server and before the routes, " +
		"and give paths a policy of their own with Config.Routes"
	wrap = "wrap the whole router with the middleware (on net/http: corshttp.New(cfg)(router)), " +
		"so that it sees the router's own responses"
	outermost  = "register the CORS middleware before it, outermost"
	policyOnly = "leave the header to the policy: delete the line that sets it, " +
		"or use core.Strip on the response of an upstream server; for a handler that you cannot change, " +
		"see docs/guides/proxies.md, \"Handlers and upstreams that set CORS headers\""
)

// Causes that several problems share.
var (
	excluded = cause{
		"Config.Routes has no policy for this path, or a skipper excludes it",
		"give the path a policy, or leave it out of this check",
	}
	overriding = cause{
		"a handler, a helper for server-sent events, a second CORS middleware or an upstream server " +
			"sets the header inside the middleware",
		policyOnly,
	}
	unauthenticated = cause{
		"something outside the middleware, such as authentication, responds first, " +
			"and a preflight never carries credentials",
		outermost,
	}
	late = cause{
		"the middleware is registered after the route " +
			"(gin, fiber and echo groups run only what was registered before it), " +
			"or on a group that the route is not in",
		globally,
	}
	noGET = cause{
		"the path has no route for GET, and the router's own responses do not pass through the middleware",
		"check a path that has a route for GET, or " + wrap,
	}
)

// diagnose describes the most fundamental problem that the responses show. It returns "" if there
// is none.
func diagnose(e *evidence) string {
	checks := [...]func(*evidence) *problem{
		findSeveralValues, findUnseen, findOverridden, findRefused, findUnansweredPreflight, findMissingVary,
	}
	for _, check := range checks {
		if p := check(e); p != nil {
			return p.String()
		}
	}
	return ""
}

// named returns all responses together with their names for messages.
func (e *evidence) named() []namedResponse {
	return []namedResponse{
		{"preflight", e.listed.preflight}, {"actual response", e.listed.actual},
		{"preflight", e.unlisted.preflight}, {"actual response", e.unlisted.actual},
	}
}

type namedResponse struct {
	name string
	*rawhttp.Response
}

// findRefused finds a response in which a policy refuses the origin that the caller has passed.
func findRefused(e *evidence) *problem {
	preflight, actual := e.listed.preflight, e.listed.actual
	if got := allowed(preflight); got == e.origin || got == "*" {
		return nil
	}
	fact := fmt.Sprintf("the middleware ran, but the policy refuses %s (preflight: %s; actual request: %s)",
		e.origin, outcome(preflight), outcome(actual))
	if lookupFailed(e) {
		return &problem{fact, []cause{{
			"AllowOriginFunc returned an error", "log refusals with core.LogRefusals, which includes the error",
		}}}
	}
	return &problem{fact, []cause{{"", "give an origin that it allows for this path"}}}
}

// lookupFailed reports whether AllowOriginFunc returned an error. In that case, the response to an
// actual request has "Vary: *". This alone does not prove that the middleware ran, because handlers
// write it too.
func lookupFailed(e *evidence) bool {
	return e.listed.preflight.Status == 503 && wasSeen(e.listed.preflight) && varies(e.listed.actual, "*")
}

// outcome describes the status and the CORS headers of a response, for use in a message.
func outcome(r *rawhttp.Response) string {
	return strings.Join(append([]string{fmt.Sprintf("status %d", r.Status)}, r.CORSLines()...), ", ")
}

// findUnansweredPreflight finds a preflight that the middleware allowed and passed on to a handler,
// although the handler does not respond to OPTIONS.
func findUnansweredPreflight(e *evidence) *problem {
	switch status := e.listed.preflight.Status; {
	case isRedirect(status):
		return &problem{
			fmt.Sprintf("the middleware ran, but the preflight is redirected (status %d), and browsers do not follow", status),
			[]cause{{"the middleware passes preflights on", "respond to them, or remove ContinuePreflight"}},
		}
	case status < 200 || status > 299:
		return &problem{
			fmt.Sprintf("the middleware ran, but the preflight's status is %d, and browsers want 200 to 299", status),
			[]cause{{
				"the middleware passes preflights on, and nothing responds to OPTIONS", "remove ContinuePreflight",
			}},
		}
	}
	return nil
}

// allowed returns the value of Access-Control-Allow-Origin, or "" if the response does not have it.
func allowed(r *rawhttp.Response) string {
	return strings.Join(r.Values("Access-Control-Allow-Origin"), ", ")
}

func varies(r *rawhttp.Response, name string) bool {
	return slices.ContainsFunc(r.VaryTokens(), func(token string) bool { return strings.EqualFold(token, name) })
}

// described returns the status and, if there is an Allow header, the methods that it lists.
func described(r *rawhttp.Response) string {
	text := fmt.Sprintf("status %d", r.Status)
	for _, methods := range r.Values("Allow") {
		text += ", Allow: " + methods
	}
	return text
}

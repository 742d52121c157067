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

// evidence is what diagnose knows about a path.
type evidence struct {
	addr, path       string
	origin           string // one that the policy allows, according to the caller
	listed, unlisted responses
}

// problem is what the responses show, and what can have caused it.
type problem struct {
	fact   string
	causes []cause // several if the responses do not tell which of them it is
}

// cause is a possible cause of a problem, and how to fix it. what is "" if the fact is the cause.
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
		"see docs/production.md, \"Handlers and upstreams that set CORS headers\""
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
		"the middleware is registered after the route (gin, fiber and echo groups run only what was registered before it), " +
			"or on a group that the route is not in",
		globally,
	}
	noGET = cause{
		"the path has no route for GET, and the router's own responses do not pass through the middleware",
		"check a path that has a route for GET, or " + wrap,
	}
)

// diagnose returns the most fundamental problem that the responses show, or "".
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

// named returns all responses, with a name for each.
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

// findSeveralValues finds a response with more than one Access-Control-Allow-Origin.
func findSeveralValues(e *evidence) *problem {
	for _, r := range e.named() {
		values := strings.Split(strings.Join(r.Values("Access-Control-Allow-Origin"), ", "), ", ")
		if len(values) < 2 {
			continue
		}
		return &problem{
			fmt.Sprintf("the %s has Access-Control-Allow-Origin %d times (%s), and browsers accept only one value",
				r.name, len(values), strings.Join(values, " and ")),
			[]cause{{
				"a handler, a second CORS middleware, an upstream server or a gateway adds its own",
				policyOnly,
			}},
		}
	}
	return nil
}

// findUnseen finds a request that did not pass through the middleware.
func findUnseen(e *evidence) *problem {
	preflight := wasSeen(e.listed.preflight) || wasSeen(e.unlisted.preflight)
	actual := wasSeen(e.listed.actual) || wasSeen(e.unlisted.actual)
	switch {
	case preflight && actual, lookupFailed(e):
		return nil
	case preflight:
		return explainUnseenActual(e)
	case actual:
		return explainUnseenPreflight(e)
	}
	return explainUnseen(e)
}

// explainUnseen is for a path where the middleware saw neither request.
func explainUnseen(e *evidence) *problem {
	preflight, actual := e.listed.preflight, e.listed.actual
	p := &problem{fact: fmt.Sprintf("neither the preflight (%s) nor the actual request (%s) reached a CORS policy",
		described(preflight), described(actual))}
	switch {
	case isRedirect(preflight.Status) && isRedirect(actual.Status):
		p.causes = []cause{{
			"the router redirects before any middleware runs, because of a slash at the end or the case of the path",
			"use the path as it is registered, or " + wrap,
		}}
		return p
	case isAuth(preflight.Status) && isAuth(actual.Status):
		p.causes = []cause{unauthenticated}
		return p
	}
	if other := e.seenElsewhere(); other != "" {
		p.fact += ", but a request for " + other + ", which has no route, did"
		// Nothing else in the folder has a route for OPTIONS either, and yet the middleware runs there.
		if other == sibling(e.path) && isMissing(preflight) {
			p.causes = []cause{excluded}
		} else {
			p.causes = []cause{late, excluded}
		}
		return p
	}
	switch {
	case actual.Status == 405:
		p.causes = []cause{noGET}
	case preflight.Status == 404 && actual.Status == 404:
		p.causes = []cause{{
			"no route matches GET or OPTIONS, and the middleware runs only for routes that match", globally,
		}, excluded}
	default:
		p.causes = []cause{
			{"the middleware is registered after the route " +
				"(gin, fiber and echo groups run only what was registered before it), " +
				"on another route or group, or not at all", globally},
			excluded,
		}
	}
	return p
}

// explainUnseenPreflight is for a path where the middleware saw the actual request only.
func explainUnseenPreflight(e *evidence) *problem {
	r := e.listed.preflight
	p := &problem{fact: fmt.Sprintf(
		"the actual request reached the CORS middleware, but the preflight (%s) did not", described(r))}
	switch {
	case isRedirect(r.Status):
		p.causes = []cause{{
			"the router redirects it before any middleware runs, and browsers do not follow",
			"use the path as it is registered, or " + wrap,
		}}
	case isAuth(r.Status):
		p.causes = []cause{unauthenticated}
	case isMissing(r):
		p.causes = []cause{{"the middleware is registered on a route or a group, which has no OPTIONS", globally}}
	case r.Status < 300:
		p.causes = []cause{{
			"something else responds to OPTIONS first, such as a route for OPTIONS or the router itself", globally,
		}}
	default:
		p.causes = []cause{{"something outside the middleware responds to OPTIONS", outermost}}
	}
	if a := e.unlisted.actual; isMissing(r) && allowed(a) != "" && !varies(a, "Origin") {
		p.fact = fmt.Sprintf("the actual response has Access-Control-Allow-Origin: %s, but the preflight (%s) "+
			"did not reach the CORS middleware", allowed(a), described(r))
		p.causes = append(p.causes, cause{
			"the middleware is not registered for this path, and the handler sets the header itself",
			"delete the line that sets it, and register the middleware once, for the whole server and before the routes",
		})
	}
	return p
}

// explainUnseenActual is for a path where the middleware saw the preflight only.
func explainUnseenActual(e *evidence) *problem {
	r := e.listed.actual
	p := &problem{fact: fmt.Sprintf(
		"the preflight reached the CORS middleware, but the actual request (%s) did not", described(r))}
	switch {
	case isRedirect(r.Status):
		p.causes = []cause{{
			"the router redirects it before any middleware runs, and a page cannot follow",
			"use the path as it is registered, or " + wrap,
		}}
		return p
	case isAuth(r.Status):
		p.causes = []cause{{
			"something outside the middleware, such as authentication, responds first, so a page cannot read why", outermost,
		}}
		return p
	}
	if other := e.seenElsewhere(); other != "" {
		p.fact += ", although a request for " + other + ", which has no route, did"
		p.causes = []cause{late}
		return p
	}
	switch {
	case r.Status == 404 || r.Status == 405 || r.Status == 501:
		p.causes = []cause{noGET}
	case r.Status >= 500:
		p.causes = []cause{{
			"something outside the middleware, such as a recovery or a timeout, wrote its own response", outermost,
		}}
	default:
		p.causes = []cause{
			{"the middleware is registered for OPTIONS only", globally},
			{"the handler or a proxy removes the headers of the response", "leave the header to the policy"},
		}
	}
	return p
}

// findOverridden finds a response in which something has overridden the policy.
func findOverridden(e *evidence) *problem {
	listed, unlisted := e.listed, e.unlisted
	reads := func(r *rawhttp.Response) bool { return allowed(r) == "*" || allowed(r) == unlistedOrigin }
	switch preflight, actual := reads(unlisted.preflight), reads(unlisted.actual); {
	case actual && !preflight:
		return &problem{fmt.Sprintf("every website can read the response, because it has %s, "+
			"although the policy refuses other origins in preflights", corsHeaders(unlisted.actual)),
			[]cause{overriding}}
	case preflight && allowed(unlisted.actual) == "":
		return &problem{fmt.Sprintf("preflights from every website are allowed (%s), "+
			"although the policy refuses other origins in actual requests", corsHeaders(unlisted.preflight)),
			[]cause{{
				"something else responds to OPTIONS, such as a route for OPTIONS or a gateway", globally,
			}}}
	}
	for _, r := range e.named() {
		switch withCredentials := len(r.Values("Access-Control-Allow-Credentials")) > 0; {
		case withCredentials && allowed(r.Response) == "*":
			return &problem{fmt.Sprintf("the %s has %s, which no policy sends and browsers refuse",
				r.name, corsHeaders(r.Response)), []cause{overriding}}
		case withCredentials && allowed(r.Response) == unlistedOrigin:
			return &problem{fmt.Sprintf("every website can read the response with the visitor's cookies (%s)",
				corsHeaders(r.Response)), []cause{
				{"AllowOriginFunc or AllowOriginRegexes allow every origin", "allow only origins that you trust"},
				{"something else sets the header to the value of Origin", policyOnly},
			}}
		}
	}
	want, got := allowed(listed.preflight), allowed(listed.actual)
	switch {
	case want == got || want == "":
		return nil
	case got == "":
		return &problem{fmt.Sprintf("the preflight has Access-Control-Allow-Origin: %s, "+
			"but the actual response (%s) has none", want, described(listed.actual)), []cause{{
			"a handler or a proxy removes the header", "leave the header to the policy",
		}}}
	}
	return &problem{fmt.Sprintf("the preflight has Access-Control-Allow-Origin: %s, but the actual response has %s",
		want, got), []cause{overriding}}
}

// findRefused finds a policy that refuses the origin that the caller gave.
func findRefused(e *evidence) *problem {
	preflight, actual := e.listed.preflight, e.listed.actual
	if got := allowed(preflight); got == e.origin || got == "*" {
		return nil
	}
	fact := fmt.Sprintf("the middleware ran, but the policy refuses %s (preflight: %s; actual request: %s)",
		e.origin, outcome(preflight), outcome(actual))
	if lookupFailed(e) {
		return &problem{fact, []cause{{"AllowOriginFunc returned an error", "see its log"}}}
	}
	return &problem{fact, []cause{{"", "give an origin that it allows for this path"}}}
}

// lookupFailed reports whether AllowOriginFunc returned an error. An actual response then has
// "Vary: *", which is not a mark of the middleware, because handlers write it too.
func lookupFailed(e *evidence) bool {
	return e.listed.preflight.Status == 503 && wasSeen(e.listed.preflight) && varies(e.listed.actual, "*")
}

// outcome returns the status and the headers that a policy has written.
func outcome(r *rawhttp.Response) string {
	return strings.Join(append([]string{fmt.Sprintf("status %d", r.Status)}, r.CORSLines()...), ", ")
}

// findUnansweredPreflight finds a preflight that the middleware allowed but passed on to something
// that does not respond to OPTIONS.
func findUnansweredPreflight(e *evidence) *problem {
	switch status := e.listed.preflight.Status; {
	case isRedirect(status):
		return &problem{
			fmt.Sprintf("the middleware ran, but the preflight is redirected (status %d), and browsers do not follow", status),
			[]cause{{"the middleware passes preflights on", "respond to them, or leave ContinuePreflight out"}},
		}
	case status < 200 || status > 299:
		return &problem{
			fmt.Sprintf("the middleware ran, but the preflight's status is %d, and browsers want 200 to 299", status),
			[]cause{{
				"the middleware passes preflights on, and nothing responds to OPTIONS", "leave ContinuePreflight out",
			}},
		}
	}
	return nil
}

// findMissingVary finds a response that a cache would serve to the wrong origin.
func findMissingVary(e *evidence) *problem {
	for _, r := range e.named() {
		value := allowed(r.Response)
		if value != "" && value != "*" && !varies(r.Response, "Origin") && !varies(r.Response, "*") {
			return &problem{
				fmt.Sprintf("the %s has Access-Control-Allow-Origin: %s, but Vary does not name Origin, "+
					"so a cache serves the response to other origins", r.name, value),
				[]cause{{"the handler sets Vary instead of adding to it", "use Header().Add instead of Set"}},
			}
		}
	}
	return nil
}

// seenElsewhere returns a path without a route for which the middleware runs, or "". Such a path
// shows that the middleware is registered for more than a single route.
func (e *evidence) seenElsewhere() (path string) {
	for _, path := range []string{sibling(e.path), "/polycors-reachable/no-such-route"} {
		if r, err := probe(e.addr, unlistedOrigin, path); err == nil && wasSeen(r.actual) {
			return path
		}
	}
	return ""
}

// sibling returns a path in the same folder that has no route of its own.
func sibling(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path[:strings.LastIndexByte(path, '/')+1] + "polycors-reachable-no-such-route"
}

// wasSeen reports whether a CORS middleware has written to the response.
func wasSeen(r *rawhttp.Response) bool {
	return allowed(r) != "" || varies(r, "Origin") || varies(r, "Access-Control-Request-Method")
}

// allowed returns the value of Access-Control-Allow-Origin, or "".
func allowed(r *rawhttp.Response) string {
	return strings.Join(r.Values("Access-Control-Allow-Origin"), ", ")
}

func varies(r *rawhttp.Response, name string) bool {
	return slices.ContainsFunc(r.VaryTokens(), func(token string) bool { return strings.EqualFold(token, name) })
}

// corsHeaders returns the header lines that let a page read the response.
func corsHeaders(r *rawhttp.Response) string {
	lines := "Access-Control-Allow-Origin: " + allowed(r)
	for _, value := range r.Values("Access-Control-Allow-Credentials") {
		lines += " and Access-Control-Allow-Credentials: " + value
	}
	return lines
}

// described returns the status, and the methods that the path has according to Allow.
func described(r *rawhttp.Response) string {
	text := fmt.Sprintf("status %d", r.Status)
	for _, methods := range r.Values("Allow") {
		text += ", Allow: " + methods
	}
	return text
}

func isRedirect(status int) bool { return status >= 300 && status < 400 && status != 304 }

func isAuth(status int) bool { return status == 401 || status == 403 || status == 407 }

// isMissing reports whether the response is a router's own, because no route matches.
func isMissing(r *rawhttp.Response) bool {
	return r.Status == 404 || r.Status == 405 || r.Status == 501 || r.Status < 300 && len(r.Values("Allow")) > 0
}

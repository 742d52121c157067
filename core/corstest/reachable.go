package corstest

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// CheckReachable tells an application's own test whether the CORS middleware sees the requests for each path. h is the whole
// application: the router with its middlewares, as it is served.
//
//	func TestCORSReachesEveryRoute(t *testing.T) {
//		corstest.CheckReachable(t, newRouter(), "/api/items", "/api/items/1", "/no/such/path")
//	}
//
// Each path gets a preflight (OPTIONS) and an actual request (GET), both with an Origin of which no policy has heard. What the policy decides
// does not matter: its mark is in Vary, or it is the "*" of Access-Control-Allow-Origin. Where the mark is missing, t.Errorf names
// the path, what was seen and the mistake in the registration that explains it. The handlers of the application run for the GETs.
//
// A path is what stands in a request line: "/search?q=1" is one, and "/users/{id}" is none. Paths without a policy
// (core.Route.Disable, a framework's skipper) are not reachable, and not to be listed.
func CheckReachable(t testing.TB, h http.Handler, paths ...string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("corstest: %v", err)
	}
	// Unlike httptest's, this server's Close does not wait for a handler that never ends.
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	defer server.Close()
	CheckReachableAt(t, listener.Addr().String(), paths...)
}

// CheckReachableAt is CheckReachable for a server that is running, at host:port and without TLS: one of fasthttp or fiber, for example.
func CheckReachableAt(t testing.TB, addr string, paths ...string) {
	t.Helper()
	if len(paths) == 0 {
		t.Errorf("corstest: no path to check")
	}
	for _, path := range paths {
		if problem := checkPath(addr, path); problem != "" {
			t.Errorf("corstest: %s: %s", path, problem)
		}
	}
}

// probeOrigin is listed nowhere: .example is nobody's (RFC 2606).
const probeOrigin = "https://polycors-reachable.example"

func checkPath(addr, path string) (problem string) {
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "this is no path of a request; write it as it is sent, such as /users/42"
	}
	preflight, err := probe(addr, request("OPTIONS", path, "Origin: "+probeOrigin, "Access-Control-Request-Method: GET"))
	if err != nil {
		return fmt.Sprintf("the preflight got no answer (%v)", err)
	}
	actual, err := probe(addr, request("GET", path, "Origin: "+probeOrigin))
	if err != nil {
		return fmt.Sprintf("the actual request got no answer (%v)", err)
	}
	return diagnose(preflight, actual)
}

// probe returns status and header. The body may never end, as that of an event stream.
func probe(addr, request string) (*response, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.send(request); err != nil {
		return nil, err
	}
	for {
		resp := &response{}
		if err := c.readHead(resp); err != nil {
			return nil, err
		}
		if resp.status >= 200 || resp.status == 101 {
			return resp, nil
		}
	}
}

// wasSeen reports whether a CORS middleware has had the response in its hands.
func (r *response) wasSeen() bool {
	return len(r.values("Access-Control-Allow-Origin")) > 0 || r.varies("Origin") || r.varies("Access-Control-Request-Method")
}

func (r *response) varies(name string) bool {
	return slices.ContainsFunc(r.varyTokens(), func(token string) bool { return strings.EqualFold(token, name) })
}

// What a registration can do better.
const (
	globally = "register the middleware once, for the whole server and before the routes, and give paths a policy of their own with Config.Routes"
	wrap     = "wrap the whole router with the middleware (on net/http: corshttp.New(cfg)(router)), so that it sees what the router answers by itself"
	outside  = "register the CORS middleware before it, outermost"
)

// diagnose says which mistake explains the two answers, "" if there is none.
func diagnose(preflight, actual *response) string {
	for _, r := range []*response{preflight, actual} {
		if n := len(r.values("Access-Control-Allow-Origin")); n > 1 {
			return strconv.Itoa(n) + " lines of Access-Control-Allow-Origin: something behind the middleware, such as a proxied upstream or a second CORS library, sends its own; remove them (core.Strip), for browsers refuse two"
		}
	}
	switch p, a := preflight.wasSeen(), actual.wasSeen(); {
	case !p && !a:
		return diagnoseNeither(preflight, actual)
	case !p:
		return diagnosePreflight(preflight)
	case !a:
		return diagnoseActual(actual)
	}
	return diagnoseSeen(preflight, actual)
}

func diagnoseNeither(preflight, actual *response) string {
	seen := fmt.Sprintf("neither the preflight (status %d) nor the actual request (status %d) reached the CORS middleware: ", preflight.status, actual.status)
	switch {
	case isRedirect(preflight.status) && isRedirect(actual.status):
		return seen + "the router redirects before any middleware runs, because of a slash at the end or the case of the path; use the path as it is registered, or " + wrap
	case isAuth(preflight.status) && isAuth(actual.status):
		return seen + "authentication answers first, and a preflight never carries credentials; " + outside
	case preflight.status == 404 && actual.status == 404:
		return seen + "no route matches this path, and the middleware runs for matching routes only; " + globally
	case isMissing(preflight):
		return seen + "it is not registered, registered behind this route, or on another group; " + globally
	}
	return seen + "it is not registered, or excludes this path; " + globally
}

func diagnosePreflight(r *response) string {
	seen := fmt.Sprintf("the actual request reached the CORS middleware, the preflight (status %d) did not: ", r.status)
	switch {
	case isRedirect(r.status):
		return seen + "the router redirects it before any middleware runs, and browsers do not follow; use the path as it is registered, or " + wrap
	case isAuth(r.status):
		return seen + "authentication answers first, and a preflight never carries credentials; " + outside
	case isMissing(r):
		return seen + "the middleware is registered on a route or a group, which has no OPTIONS; " + globally
	case r.status < 300:
		return seen + "something else answers OPTIONS first, such as a route of its own or the router's automatic answer; " + globally
	}
	return seen + "something outside of the middleware answers OPTIONS; " + outside
}

func diagnoseActual(r *response) string {
	seen := fmt.Sprintf("the preflight reached the CORS middleware, the answer to the actual request (status %d) shows nothing of it: ", r.status)
	switch {
	case isRedirect(r.status):
		return seen + "the router redirects it before any middleware runs, and a page cannot follow; use the path as it is registered, or " + wrap
	case isAuth(r.status):
		return seen + "authentication answers first, so that a page cannot read why; " + outside
	case isMissing(r):
		return seen + "no route matches, and the middleware does not see what the router answers by itself; " + wrap
	case r.status >= 500:
		return seen + "something outside of the middleware, such as a recovery or a timeout, wrote an answer of its own; " + outside
	}
	return seen + "the middleware answers preflights only, or something behind it sets Vary instead of adding to it, or has brought the answer from a cache; add to Vary, and keep caches outside"
}

// diagnoseSeen looks for what is wrong although the middleware ran.
func diagnoseSeen(preflight, actual *response) string {
	switch {
	case isRedirect(preflight.status):
		return fmt.Sprintf("the middleware ran, but the preflight is redirected (status %d), and browsers do not follow: the middleware passes preflights on; answer them, or leave ContinuePreflight out", preflight.status)
	case preflight.status == 404 || preflight.status == 405 || preflight.status == 501:
		return fmt.Sprintf("the middleware ran, but the preflight's status is %d, and browsers want 200 to 299: the middleware passes preflights on, and nothing answers OPTIONS here; leave ContinuePreflight out", preflight.status)
	}
	for _, r := range []*response{preflight, actual} {
		if allowed := r.values("Access-Control-Allow-Origin"); len(allowed) == 1 && allowed[0] != "*" && !r.varies("Origin") && !r.varies("*") {
			return "Access-Control-Allow-Origin is for one origin, but Vary does not name Origin, so that a cache serves the answer to others: something behind the middleware sets Vary instead of adding to it"
		}
	}
	return ""
}

func isRedirect(status int) bool { return status >= 300 && status < 400 && status != 304 }

func isAuth(status int) bool { return status == 401 || status == 403 || status == 407 }

// isMissing reports whether a router says that it has no such route.
func isMissing(r *response) bool {
	return r.status == 404 || r.status == 405 || r.status == 501 || r.status < 300 && len(r.values("Allow")) > 0
}

// Package corstest helps applications to test their own CORS setup. [CheckReachable] finds paths
// for which requests do not reach the CORS middleware, and reports the likely reason.
//
// To test an adapter for a framework, use package core/adapter/adaptertest instead.
package corstest

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core/internal/rawhttp"
)

// patience is how long one exchange may take.
const patience = 20 * time.Second

// CheckReachable checks that requests for each of the given paths reach the application's CORS
// middleware. The handler h must be the complete application: the router with all its middleware.
// For example:
//
//	func TestCORSReachesEveryRoute(t *testing.T) {
//		corstest.CheckReachable(t, newRouter(), "/api/items", "/api/items/1", "/no/such/path")
//	}
//
// For each path, CheckReachable sends a preflight and a GET request, which runs the application's
// handler. If a response shows no sign of the CORS middleware, CheckReachable calls t.Errorf with
// the most likely mistake in how the middleware is registered.
//
// Write each path as it appears in a request, such as "/search?q=1" or "/users/42" but not
// "/users/{id}". Leave out paths for which CORS is disabled.
func CheckReachable(t testing.TB, h http.Handler, paths ...string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("corstest: %v", err)
	}
	// httptest.Server is not suitable, because its Close method waits for the handlers, and a handler
	// may never return.
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	defer server.Close()
	CheckReachableAt(t, listener.Addr().String(), paths...)
}

// CheckReachableAt is like [CheckReachable], but checks a server that is already running at addr,
// such as "127.0.0.1:8080". The server must not use TLS. Use CheckReachableAt for frameworks that
// are not built on net/http, such as fasthttp and fiber.
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

// probeOrigin is an origin that no policy lists, because nobody can register a name under .example
// (RFC 2606).
const probeOrigin = "https://polycors-reachable.example"

func checkPath(addr, path string) (problem string) {
	isBlank := func(r rune) bool { return r <= ' ' || r == 0x7f }
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, isBlank) {
		return "this is not the path of a request; write it as it is sent, such as /users/42"
	}
	origin := "Origin: " + probeOrigin
	preflight, err := probe(addr, rawhttp.Request("OPTIONS", path, origin, "Access-Control-Request-Method: GET"))
	if err != nil {
		return fmt.Sprintf("the preflight got no response (%v)", err)
	}
	actual, err := probe(addr, rawhttp.Request("GET", path, origin))
	if err != nil {
		return fmt.Sprintf("the actual request got no response (%v)", err)
	}
	return diagnose(preflight, actual)
}

// probe sends a request and returns the status and the header of the response. It does not read the
// body, which may never end.
func probe(addr, request string) (*rawhttp.Response, error) {
	c, err := rawhttp.Dial(addr, patience)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Send(request); err != nil {
		return nil, err
	}
	for {
		resp := &rawhttp.Response{}
		if err := c.ReadHead(resp); err != nil {
			return nil, err
		}
		if resp.Status >= 200 || resp.Status == 101 {
			return resp, nil
		}
	}
}

// wasSeen reports whether a CORS middleware has written to the response.
func wasSeen(r *rawhttp.Response) bool {
	return len(r.Values("Access-Control-Allow-Origin")) > 0 ||
		varies(r, "Origin") || varies(r, "Access-Control-Request-Method")
}

func varies(r *rawhttp.Response, name string) bool {
	return slices.ContainsFunc(r.VaryTokens(), func(token string) bool { return strings.EqualFold(token, name) })
}

// Fixes for a registration.
const (
	globally = "register the middleware once, for the whole server and before the routes, " +
		"and give paths a policy of their own with Config.Routes"
	wrap = "wrap the whole router with the middleware (on net/http: corshttp.New(cfg)(router)), " +
		"so that it sees the router's own responses"
	outside = "register the CORS middleware before it, outermost"
)

// diagnose returns the mistake that explains the two responses, or "".
func diagnose(preflight, actual *rawhttp.Response) string {
	for _, r := range []*rawhttp.Response{preflight, actual} {
		if n := len(r.Values("Access-Control-Allow-Origin")); n > 1 {
			return fmt.Sprintf("%d lines of Access-Control-Allow-Origin, and browsers refuse two: something inside "+
				"the middleware, such as a proxied upstream or a second CORS library, sends its own; "+
				"remove them with core.Strip", n)
		}
	}
	switch p, a := wasSeen(preflight), wasSeen(actual); {
	case !p && !a:
		return diagnoseNeither(preflight, actual)
	case !p:
		return diagnosePreflight(preflight)
	case !a:
		return diagnoseActual(actual)
	}
	return diagnoseSeen(preflight, actual)
}

func diagnoseNeither(preflight, actual *rawhttp.Response) string {
	seen := fmt.Sprintf(
		"neither the preflight (status %d) nor the actual request (status %d) reached the CORS middleware: ",
		preflight.Status, actual.Status,
	)
	switch {
	case isRedirect(preflight.Status) && isRedirect(actual.Status):
		return seen + "the router redirects before any middleware runs, because of a slash at the end or the case of " +
			"the path; use the path as it is registered, or " + wrap
	case isAuth(preflight.Status) && isAuth(actual.Status):
		return seen + "authentication responds first, and a preflight never carries credentials; " + outside
	case preflight.Status == 404 && actual.Status == 404:
		return seen + "no route matches this path, and the middleware runs only for routes that match; " + globally
	case isMissing(preflight):
		return seen + "it is not registered, registered after this route, or on another group; " + globally
	}
	return seen + "it is not registered, or excludes this path; " + globally
}

func diagnosePreflight(r *rawhttp.Response) string {
	seen := fmt.Sprintf("the actual request reached the CORS middleware, the preflight (status %d) did not: ", r.Status)
	switch {
	case isRedirect(r.Status):
		return seen + "the router redirects it before any middleware runs, and browsers do not follow; " +
			"use the path as it is registered, or " + wrap
	case isAuth(r.Status):
		return seen + "authentication responds first, and a preflight never carries credentials; " + outside
	case isMissing(r):
		return seen + "the middleware is registered on a route or a group, which has no OPTIONS; " + globally
	case r.Status < 300:
		return seen + "something else responds to OPTIONS first, such as a route for OPTIONS or the router itself; " +
			globally
	}
	return seen + "something outside the middleware responds to OPTIONS; " + outside
}

func diagnoseActual(r *rawhttp.Response) string {
	seen := fmt.Sprintf(
		"the preflight reached the CORS middleware, but the response to the actual request (status %d) has no mark of it: ",
		r.Status,
	)
	switch {
	case isRedirect(r.Status):
		return seen + "the router redirects it before any middleware runs, and a page cannot follow; " +
			"use the path as it is registered, or " + wrap
	case isAuth(r.Status):
		return seen + "authentication responds first, so a page cannot read why; " + outside
	case isMissing(r):
		return seen + "no route matches, and the middleware does not see the router's own responses; " + wrap
	case r.Status >= 500:
		return seen + "something outside the middleware, such as a recovery or a timeout, wrote its own " +
			"response; " + outside
	}
	return seen + "the middleware sees preflights only, or the handler sets Vary instead of adding to it, or " +
		"the response comes from a cache; add to Vary, and keep caches outside"
}

// diagnoseSeen returns the mistake in a setup whose middleware ran for both requests, or "".
func diagnoseSeen(preflight, actual *rawhttp.Response) string {
	switch status := preflight.Status; {
	case isRedirect(status):
		return fmt.Sprintf(
			"the middleware ran, but the preflight is redirected (status %d), and browsers do not follow: "+
				"the middleware passes preflights on; respond to them, or leave ContinuePreflight out",
			status,
		)
	case status == 404 || status == 405 || status == 501:
		return fmt.Sprintf("the middleware ran, but the preflight's status is %d, and browsers want 200 to 299: the "+
			"middleware passes preflights on, and nothing responds to OPTIONS; leave ContinuePreflight out", status)
	}
	for _, r := range []*rawhttp.Response{preflight, actual} {
		allowed := r.Values("Access-Control-Allow-Origin")
		if len(allowed) == 1 && allowed[0] != "*" && !varies(r, "Origin") && !varies(r, "*") {
			return "Access-Control-Allow-Origin is for one origin, but Vary does not name Origin, so a cache " +
				"serves the response to other origins: the handler sets Vary instead of adding to it"
		}
	}
	return ""
}

func isRedirect(status int) bool { return status >= 300 && status < 400 && status != 304 }

func isAuth(status int) bool { return status == 401 || status == 403 || status == 407 }

// isMissing reports whether the router itself wrote the response, because no route matched.
func isMissing(r *rawhttp.Response) bool {
	return r.Status == 404 || r.Status == 405 || r.Status == 501 || r.Status < 300 && len(r.Values("Allow")) > 0
}

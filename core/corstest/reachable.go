// Package corstest helps an application test its own CORS setup. [CheckReachable] finds paths for
// which the CORS middleware does not run, and handlers that override its headers. It reports the
// cause and the fix.
//
// Tests for adapters are in core/adapter/adaptertest.
package corstest

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/polycors/cors/core/internal/rawhttp"
)

// patience is how long one exchange may take.
const patience = 20 * time.Second

// CheckReachable checks that the CORS middleware handles the requests for each of the given paths,
// and that its headers arrive at the page. The handler h must be the one that the application
// serves: the router with all its middleware. The origin must be one that the policy allows for
// these paths, such as the origin of your own website.
//
//	func TestCORSReachesEveryRoute(t *testing.T) {
//		corstest.CheckReachable(t, newRouter(), "https://app.example.com", "/api/items", "/no/such/path")
//	}
//
// For each path, CheckReachable sends a preflight (OPTIONS) and an actual request (GET) from the
// given origin, and the same two from an origin that no policy lists. The GET requests run the
// application's handlers. CheckReachable calls t.Errorf, with the cause and the fix, if
//
//   - a response did not pass through the middleware, for example because the middleware was
//     registered after the route;
//   - a page of the given origin could not read the response;
//   - a page of the other origin could read it, although the policy refuses that origin. This
//     happens if a handler sets Access-Control-Allow-Origin itself.
//
// If the responses have several possible causes, the message lists them.
//
// Write each path as it appears in a request, such as "/search?q=1" or "/users/42" but not
// "/users/{id}". Leave out paths that have no policy because core.Route.Disable or a framework's
// skipper excludes them. If paths have different policies, call CheckReachable once for each policy
// with an origin that it allows. The Host header of all requests is api.example.net.
func CheckReachable(t testing.TB, h http.Handler, origin string, paths ...string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("corstest: %v", err)
	}
	// httptest.Server would not do, because its Close waits for the handlers, and one may never end.
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	defer server.Close()
	CheckReachableAt(t, listener.Addr().String(), origin, paths...)
}

// CheckReachableAt is like [CheckReachable], but checks a server that is already running at addr,
// which has the form host:port. The server must not use TLS. Use CheckReachableAt for frameworks
// that are not built on net/http, such as fasthttp and fiber.
func CheckReachableAt(t testing.TB, addr, origin string, paths ...string) {
	t.Helper()
	if problem := checkOrigin(origin); problem != "" {
		t.Errorf("corstest: %s", problem)
		return
	}
	if len(paths) == 0 {
		t.Errorf("corstest: there is no path to check; give one path of each group of routes")
	}
	for _, path := range paths {
		problem := checkTarget(path)
		if problem == "" {
			problem = checkPath(addr, origin, path)
		}
		if problem != "" {
			t.Errorf("corstest: %s: %s", path, problem)
		}
	}
}

// unlistedOrigin is an origin that no policy lists, because nobody can register a name under
// .example (RFC 2606).
const unlistedOrigin = "https://polycors-reachable.example"

// checkPath describes what is wrong with the responses for a path. It returns "" if nothing is
// wrong.
func checkPath(addr, origin, path string) (problem string) {
	listed, err := probe(addr, origin, path)
	if err != nil {
		return err.Error()
	}
	unlisted, err := probe(addr, unlistedOrigin, path)
	if err != nil {
		return err.Error()
	}
	return diagnose(&evidence{addr: addr, origin: origin, path: path, listed: listed, unlisted: unlisted})
}

// responses contains the responses to a preflight and an actual request for the same path and
// origin.
type responses struct{ preflight, actual *rawhttp.Response }

// probe sends a preflight and an actual request, and returns the responses.
func probe(addr, origin, path string) (r responses, err error) {
	preflight := rawhttp.Request("OPTIONS", path, "Origin: "+origin, "Access-Control-Request-Method: GET")
	if r.preflight, err = exchange(addr, preflight); err != nil {
		return r, fmt.Errorf("the preflight got no response (%w)", err)
	}
	if r.actual, err = exchange(addr, rawhttp.Request("GET", path, "Origin: "+origin)); err != nil {
		return r, fmt.Errorf("the actual request got no response (%w)", err)
	}
	return r, nil
}

// exchange sends a request and returns the status and the header of the response. It does not read
// the body, which may never end.
func exchange(addr, request string) (*rawhttp.Response, error) {
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

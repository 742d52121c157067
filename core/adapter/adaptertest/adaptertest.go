// Package adaptertest tests adapters, which connect Polycors to a web framework.
//
// [Run] starts servers that use the adapter on loopback addresses. It sends them raw HTTP/1.1
// requests, and compares each response with the expected one, byte by byte. An adapter that passes
// responds in the same way as the adapters of Polycors itself.
//
// Suppose that a framework has handlers of type func(*Context), and that c.Next runs the next one.
// This is a complete adapter for it:
//
//	func CORS(d core.Decider) HandlerFunc {
//		adapter.MustDecider("mycors", d)
//		return func(c *Context) {
//			if status := adapter.Decide(d, c.Request, c.Writer.Header()); status != 0 {
//				c.Writer.WriteHeader(status)
//				return
//			}
//			c.Next()
//		}
//	}
//
// This is its test:
//
//	func TestConformance(t *testing.T) {
//		adaptertest.Run(t, func(t testing.TB, s adaptertest.Server) string {
//			app := App{Recover, func(c *Context) {
//				maps.Copy(c.Writer.Header(), s.Before.Clone())
//				c.Next()
//			}}
//			for _, d := range s.Deciders {
//				app = append(app, CORS(d))
//			}
//			app = append(app, func(c *Context) { s.Handler.ServeHTTP(c.Writer, c.Request) })
//			return adaptertest.Listen(t, app)
//		})
//	}
//
// The package example contains the same code together with the framework.
//
// Each case is a subtest, whose name consists of its topic and its own name. If a case fails, it
// prints the request, the response, what was expected and why, and the section of the standard that
// requires it. To run a single topic or a single case:
//
//	go test -run 'TestConformance/panic'
//	go test -run 'TestConformance/vary/before-has-star$'
//
// These are the topics, grouped by the question that they answer:
//
//   - Which origins are allowed? origin, null, pattern, port, regex, ip, idn, wildcard, func.
//   - What does a response contain? credentials, expose, preflight, method, header, max-age,
//     private-network, debug, forbid.
//   - What happens to other headers and statuses? vary, status.
//   - Is every request read correctly? boundary, transport, malformed, oversized.
//   - Do requests affect each other? keep-alive, pipeline, concurrency.
//   - What must an adapter do under every policy? contract, panic.
//
// [RunNetHTTP] contains further tests for frameworks built on net/http, such as how the adapter
// works with http.TimeoutHandler and HTTP/2. Use [NewSite] to write tests that are specific to one
// adapter.
package adaptertest

import (
	"net/http"
	"testing"

	"github.com/polycors/cors/core"
)

// Server describes a server that a [Serve] function must start. The server consists of these
// layers, from the outermost to the innermost:
//
//  1. Recovery middleware, which responds to a panic with status 500. Use that of the framework, if
//     it has one. If you write it yourself, keep the headers that were set before the panic.
//  2. Middleware that adds the headers in the field Before to each response.
//  3. The CORS middleware under test, once for each element of the field Deciders. The first element
//     is the outermost.
//  4. The handler in the field Handler.
type Server struct {
	// Deciders contains one Decider for each CORS middleware, from the outermost to the innermost.
	// There is at least one element, and usually only one.
	Deciders []core.Decider

	// Handler is the innermost handler, which runs after all middleware. It is safe for concurrent
	// use. The server must call it for every path and method, and must not redirect unusual paths,
	// such as "/a//b". If the framework is not built on net/http, use the framework's own wrapper
	// for net/http handlers.
	Handler http.Handler

	// Before contains headers that the server adds to each response before the CORS middleware runs.
	// Each value must become a separate header line. Copy the values for each response, because the
	// middleware or the handler may modify them.
	Before http.Header
}

// A Serve function starts the server that s describes on a loopback address, and returns that
// address, such as "127.0.0.1:8080". It must use t.Cleanup to stop the server when the test ends,
// and must call t.Fatal if the server cannot be started. For a framework built on net/http, use
// [Listen], which does all of this.
//
// The server must speak HTTP/1.1 without TLS, and must accept request headers of up to 64 KiB. For
// fasthttp and fiber, set ReadBufferSize accordingly.
//
// [Run] starts about two hundred servers, which all run at the same time.
type Serve func(t testing.TB, s Server) (addr string)

// Run tests an adapter with the conformance suite. It calls serve to start servers that use the
// adapter, and runs each case of the suite as a subtest. The suite takes a few seconds. Run may be
// called from parallel tests.
func Run(t *testing.T, serve Serve) {
	t.Helper()
	run(t, serve, nil, func(name string, check func(r reporter)) {
		t.Run(name, func(t *testing.T) { check(t) })
	})
}

// reporter contains the methods of a *testing.T that a case needs.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

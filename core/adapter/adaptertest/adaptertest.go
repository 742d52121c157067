// Package adaptertest tests adapters: the middleware that asks a core.Decider about the requests of
// a web framework.
//
// [Run] starts servers with the adapter on loopback addresses, sends them raw HTTP/1.1, and
// compares what comes back with literal expectations, byte by byte. An adapter that passes responds
// like the adapters of this project.
//
// Suppose a framework has handlers of type func(*Context), and c.Next runs the next one. This is a
// complete adapter for it:
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
// And this is its test:
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
// The package example is the same with the framework included.
//
// Each case is a subtest with the name of its topic and its own. If it fails, it prints what was
// sent, what came back, what was expected and why, and the section of the standard that says so. To
// run one topic, or one case, for one adapter:
//
//	go test -run 'TestConformance/panic'
//	go test -run 'TestConformance/vary/before-has-star$'
//
// The topics are, by the question that they answer:
//
//   - Which origins are allowed? origin, null, pattern, port, regex, ip, idn, wildcard, func.
//   - What does a response say? credentials, expose, preflight, method, header, max-age,
//     private-network, debug, forbid.
//   - What happens to other headers and statuses? vary, status.
//   - Is every request read correctly? boundary, transport, malformed, oversized.
//   - Are requests kept apart? keep-alive, pipeline, concurrency.
//   - What does an adapter owe its users under every policy? contract, panic.
//
// [RunNetHTTP] runs what all frameworks built on net/http have in common, such as
// http.TimeoutHandler and HTTP/2. [NewSite] is for an adapter's own tests.
package adaptertest

import (
	"net/http"
	"testing"

	"github.com/polycors/cors/core"
)

// Server describes a server for a [Serve] function to start. The server has these layers, from the
// outermost to the innermost:
//
//  1. Recovery, which responds with status 500 if a middleware or the handler panics.
//  2. A layer that adds the headers in Before to the response.
//  3. One CORS middleware for each of the Deciders.
//  4. The Handler.
//
// Use the framework's own recovery. If the framework has none, recover from the panic and respond
// with status 500, keeping the headers that are already set.
type Server struct {
	// Deciders contains one Decider for each CORS middleware, outermost first. It is never empty,
	// and it nearly always has exactly one element.
	Deciders []core.Decider

	// Handler is the innermost handler, which must serve every path and method. The server must not
	// redirect requests, even those with unusual paths. If the framework is not built on net/http,
	// wrap Handler with the framework's own adaptor. Handler is safe for concurrent use.
	Handler http.Handler

	// Before holds response headers to add before the outermost CORS middleware runs, as a router
	// or another middleware might do. Add each value as a separate header line. Copy the values for
	// each response, so that a change to one response does not affect the next.
	Before http.Header
}

// A Serve function starts the server that s describes on a loopback address, and returns the
// address in the form host:port. It uses t.Cleanup to stop the server when the test ends, and calls
// t.Fatal if the server cannot be started. For a framework built on net/http, [Listen] does all of
// this.
//
// The server must speak HTTP/1.1 without TLS. It must accept request headers of up to 64 KiB, so
// servers built on fasthttp or fiber must set ReadBufferSize.
//
// [Run] calls the Serve function on the goroutine of the test. It starts about two hundred servers,
// which all run at the same time.
type Serve func(t testing.TB, s Server) (addr string)

// Run runs the conformance suite for an adapter. It calls serve to start the servers that use the
// adapter, and runs each case as a subtest. The suite takes a few seconds. Several adapters may be
// tested in parallel, because calls to Run share no state.
func Run(t *testing.T, serve Serve) {
	t.Helper()
	run(t, serve, nil, func(name string, check func(r reporter)) {
		t.Run(name, func(t *testing.T) { check(t) })
	})
}

// reporter is what a case needs of a *testing.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

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

// Server is what a [Serve] has to start. From the outside in, it consists of: what turns a panic
// into a response; the headers Before; a middleware for each of the Deciders; the Handler.
//
// A panic of a middleware or of the handler must become a response with status 500. Use the
// framework's own recovery. If there is none, recover and respond with the headers that are set.
type Server struct {
	// Deciders are what the middlewares ask, one middleware each, outermost first. There is at least
	// one, and nearly always just one.
	Deciders []core.Decider

	// Handler responds to every path and every method, inside the middlewares. The server must not
	// redirect a request instead, whatever its path looks like. A framework that is not built on
	// net/http wraps Handler with its own adaptor. Handler may be called concurrently.
	Handler http.Handler

	// Before are response headers to add before the outermost middleware runs, as a router or another
	// middleware could. Add each line as a line of its own, and to a copy: a response must not change
	// what the next one gets.
	Before http.Header
}

// Serve starts s on a loopback address, registers with t.Cleanup what stops it, and returns the
// address as host:port. If it cannot, it calls t.Fatal. For a framework on net/http, [Listen] does
// all of this.
//
// The server must accept header blocks of 64 KiB (fasthttp and fiber: ReadBufferSize) and speak
// HTTP/1.1 without TLS. Run starts about two hundred servers, all at once, and calls Serve on the
// goroutine of the test.
type Serve func(t testing.TB, s Server) (addr string)

// Run runs the suite for an adapter, each case as a subtest. It takes a few seconds. Several
// adapters may be tested in parallel, because two calls share nothing.
func Run(t *testing.T, serve Serve) {
	t.Helper()
	run(t, serve, func(name string, check func(r reporter)) {
		t.Run(name, func(t *testing.T) { check(t) })
	})
}

// reporter is what a case needs of a *testing.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

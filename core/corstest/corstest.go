// Package corstest tests adapters: what makes the decisions of package core the middleware of a framework.
//
// [Run] starts the adapter on a loopback address and sends it raw HTTP/1.1. What comes back is held against literal
// expectations, byte by byte and in the order on the wire, for every request that CORS treats in its own way, and for what an adapter owes
// its users whatever the policy. An adapter that passes answers as those of this project do.
//
// [CheckReachable] is for an application's own tests: it says which of its paths the middleware does not see, and why.
package corstest

import (
	"net/http"
	"testing"

	"github.com/polycors/cors/core"
)

// Server is what Run asks a [Serve] to start.
type Server struct {
	// Deciders are what the middlewares ask, one middleware each, outermost first. There is nearly always one; never none.
	Deciders []core.Decider

	// Handler answers every path and every method behind the middlewares. A framework that is not built on net/http wraps it with its own
	// adaptor. It is to be reached without a redirect, whatever the path looks like, and may be called concurrently.
	Handler http.Handler

	// Before are response headers to add before the outermost middleware runs, as a router or a middleware outside would. nil: none.
	// A line is added as it is, and neither joined with another nor kept for the next response.
	Before http.Header
}

// Serve starts s on a loopback address, registers with t.Cleanup what stops it, and returns the address as host:port.
// If it cannot, it calls t.Fatal.
//
// The server must accept header blocks of 64 KiB (fasthttp and fiber: ReadBufferSize) and speak HTTP/1.1 without TLS. Run starts about two
// hundred of them, all at once, and calls Serve from the goroutine of the test.
type Serve func(t testing.TB, s Server) (addr string)

// Run holds an adapter against the suite. Each case is a subtest, named after its topic: go test -run 'TestConformance/vary'. A failure
// says what was sent, what came back, what was expected, why, and where the standard says so.
//
// Run takes a few seconds. The servers share nothing between two calls, so several adapters may be tested in parallel.
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

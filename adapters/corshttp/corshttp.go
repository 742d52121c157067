// Package corshttp is CORS for net/http and every router that takes a func(http.Handler)
// http.Handler.
//
// Wrap the whole handler, outside the router and outside authentication:
//
//	mux := http.NewServeMux()
//	cors := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}})
//	http.ListenAndServe(addr, cors(mux))
//
// Do not wrap single routes. A preflight is an OPTIONS request, and a route such as "GET /items"
// does not run for it: the mux responds with 405 and no CORS header, and the browser gives up. To
// give a path its own policy, use Config.Routes.
//
// The headers are set before the next handler runs, so that error pages, redirects, streams and
// responses to recovered panics carry them too. A handler that sets one of these headers itself
// wins. A handler should add to Vary: if it sets Vary, it removes ours.
//
// Three things in net/http need attention:
//
//   - The server responds to "OPTIONS *" itself, before any handler, unless
//     http.Server.DisableGeneralOptionsHandler is set.
//   - Put http.TimeoutHandler inside the middleware. Outside, its timeout response has no CORS
//     headers. Inside, one case remains: if the guarded handler writes Vary, its Vary replaces
//     ours, and a cache may serve the response to another origin. Let such a handler add "Origin"
//     to its Vary.
//   - httputil.ReverseProxy adds the upstream's CORS headers to ours, and browsers refuse two of
//     them. Call core.Strip in its ModifyResponse.
package corshttp

import (
	"net/http"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is [core.Config].
type Config = core.Config

// New returns a middleware for cfg. If cfg has problems it panics and lists all of them. To handle
// them as an error, call [core.New] and then [Middleware].
func New(cfg Config) func(http.Handler) http.Handler {
	return Middleware(adapter.MustPolicy("corshttp", cfg))
}

// Middleware returns a middleware that asks d, which other servers and frameworks may share. It
// panics if d is nil.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	return adapter.Middleware("corshttp", d)
}

// Request returns what a policy reads of r, for code that asks a policy itself: Policy.Explain in a
// handler, or the origin check of a WebSocket upgrader. A WebSocket handshake always carries
// cookies, so accept one from another origin only if the decision is Allowed and has
// AllowCredentials.
func Request(r *http.Request) core.Request { return adapter.Request(r) }

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

// Config is an alias for [core.Config].
type Config = core.Config

// New returns middleware that applies the policy described by cfg. If cfg is invalid, New panics
// with a message that lists every problem. To get an error instead, create the policy with
// [core.New] and pass it to [Middleware].
func New(cfg Config) func(http.Handler) http.Handler {
	return Middleware(adapter.MustPolicy("corshttp", cfg))
}

// Middleware returns middleware that calls d for each request and sets the CORS headers of the
// response accordingly. The same Decider may be shared with other servers and frameworks.
// Middleware panics if d is nil or contains a nil pointer.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	return adapter.Middleware("corshttp", d)
}

// Request returns the parts of r that a policy examines. Use it in code that calls a policy
// directly. For example, a handler may call [core.Policy.Explain], and a WebSocket upgrader may
// check the origin.
//
// A WebSocket handshake always carries the user's cookies. Accept a handshake from another origin
// only if [core.Decision.Allowed] returns true and the decision's AllowCredentials field is set.
func Request(r *http.Request) core.Request { return adapter.Request(r) }

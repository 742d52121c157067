// Package corshttp provides CORS middleware for net/http, and for every router whose middleware has
// the type func(http.Handler) http.Handler.
//
// Wrap the server's whole handler, outside the router and outside authentication:
//
//	mux := http.NewServeMux()
//	cors := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}})
//	http.ListenAndServe(addr, cors(mux))
//
// Do not wrap single routes. A preflight is an OPTIONS request, and a route such as "GET /items"
// does not match it. The mux responds with 405 and no CORS headers, so the browser gives up. To
// give a path its own policy, use Config.Routes.
//
// The middleware sets the CORS headers before it calls the next handler. Error pages, redirects,
// streams and responses to recovered panics therefore have them too. If a handler sets one of these
// headers itself, its value is used. A handler should add to Vary and not set it, because setting
// it removes the names that the middleware has added.
//
// Three parts of net/http need attention:
//
//   - The server responds to "OPTIONS *" itself, before any handler runs, unless
//     http.Server.DisableGeneralOptionsHandler is set.
//   - Put http.TimeoutHandler inside the middleware. Outside the middleware, its timeout response
//     has no CORS headers. Inside, one problem remains: if the handler writes a Vary header, it
//     replaces that of the middleware, so a cache may serve the response to another origin. Such a
//     handler should add "Origin" to its Vary header.
//   - httputil.ReverseProxy adds the CORS headers of the upstream server to those of the
//     middleware, and browsers reject duplicates. Call core.Strip in its ModifyResponse function.
package corshttp

import (
	"net/http"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is an alias for [core.Config].
type Config = core.Config

// New returns CORS middleware configured by cfg. It panics if cfg is invalid, with a message that
// lists the problems.
//
// To get an error instead of a panic, create a policy with [core.New] and pass it to [Middleware].
func New(cfg Config) func(http.Handler) http.Handler {
	return Middleware(adapter.MustPolicy("corshttp", cfg))
}

// Middleware returns CORS middleware that calls d to decide how to respond to each request. In most
// applications, d is a [*core.Policy], which several servers may share.
//
// Middleware panics if d is nil or holds a nil pointer.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	return adapter.Middleware("corshttp", d)
}

// Request converts r to a [core.Request], so that a handler can call functions such as
// [core.Policy.Explain] and [core.AllowsWebSocket].
func Request(r *http.Request) core.Request { return adapter.Request(r) }

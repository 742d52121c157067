// Package corschi provides CORS middleware for chi (github.com/go-chi/chi/v5).
//
// Register it on the root router, before the routes and before authentication:
//
//	r := chi.NewRouter()
//	r.Use(corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it using With or Group. For these, chi runs middleware only if a route matches
// the method. OPTIONS usually has no route, so chi responds to preflights with 405 and no CORS
// headers. On a sub-router that is added with Route or Mount, the middleware does receive
// preflights for the sub-router's paths. To give a path its own policy, use Config.Routes.
//
// On a router without any routes, chi runs no middleware at all. The middleware of a sub-router
// does not run for paths outside of it. Redirects by middleware that is registered earlier, such as
// middleware.RedirectSlashes, have no CORS headers, and browsers do not follow redirects of
// preflights. To avoid all of these problems, wrap the router:
//
//	http.ListenAndServe(addr, corschi.New(cfg)(r))
//
// The middleware sets the CORS headers before it calls the next handler. Error pages, streams and
// responses of middleware.Recoverer therefore have them too. If a handler sets one of these headers
// itself, its value is used. A handler should add to Vary and not set it, because setting it
// removes the names that the middleware has added.
//
// A policy with Routes uses the path as the client sent it. If you use middleware.URLFormat, which
// serves /report.json with the handler of /report, write Routes for both paths.
//
// Some parts of net/http need attention:
//
//   - The server responds to "OPTIONS *" itself, before any handler runs, unless
//     http.Server.DisableGeneralOptionsHandler is set.
//   - The timeout response of an http.TimeoutHandler outside the middleware has no CORS headers.
//     Inside, a handler that writes a Vary header replaces that of the middleware, so it should add
//     "Origin" to it.
//   - httputil.ReverseProxy adds the CORS headers of the upstream server to those of the
//     middleware. Call core.Strip in its ModifyResponse function.
//
// This module does not depend on chi, because its middleware has the standard type.
package corschi

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
	return Middleware(adapter.MustPolicy("corschi", cfg))
}

// Middleware returns CORS middleware that calls d to decide how to respond to each request. In most
// applications, d is a [*core.Policy], which several servers may share.
//
// Middleware panics if d is nil or holds a nil pointer.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	return adapter.Middleware("corschi", d)
}

// Request converts r to a [core.Request], so that a handler can call functions such as
// [core.Policy.Explain] and [core.AllowsWebSocket].
func Request(r *http.Request) core.Request { return adapter.Request(r) }

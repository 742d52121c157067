// Package corschi is CORS for chi (github.com/go-chi/chi/v5).
//
// Register it on the root router, before the routes and before authentication:
//
//	r := chi.NewRouter()
//	r.Use(corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it with With or in a Group. chi runs their middleware only for methods that have
// a route, and OPTIONS has none: chi responds to the preflight with 405 and no CORS header. Use on
// a sub-router that Route or Mount puts under a path does see preflights for that path. To give a
// path its own policy, use Config.Routes.
//
// chi runs no middleware at all on a router without a route, and a sub-router's middleware does not
// run for paths outside it. Redirects of a middleware registered before this one, such as
// middleware.RedirectSlashes, have no CORS headers, and browsers do not follow a redirected
// preflight. Wrapping the router covers all of this:
//
//	http.ListenAndServe(addr, corschi.New(cfg)(r))
//
// The headers are set before the next handler runs, so that error pages, streams and responses of
// middleware.Recoverer carry them too. A handler that sets one of these headers itself wins. A
// handler should add to Vary: if it sets Vary, it removes ours.
//
// A policy with Routes applies to the path as sent, but middleware.URLFormat serves /report.json
// from the handler of /report. Write Routes for both.
//
// What is true of every net/http server is true here: the server responds to "OPTIONS *" itself,
// before any handler, unless http.Server.DisableGeneralOptionsHandler is set. http.TimeoutHandler
// outside the middleware drops the headers when it fires; inside, a guarded handler that writes
// Vary replaces ours, so let it add "Origin". httputil.ReverseProxy adds the upstream's CORS
// headers to ours unless core.Strip in its ModifyResponse removes them.
//
// This module does not depend on chi: its middleware has the standard type.
package corschi

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
	return Middleware(adapter.MustPolicy("corschi", cfg))
}

// Middleware returns a middleware that asks d, which other servers and frameworks may share. It
// panics if d is nil.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	return adapter.Middleware("corschi", d)
}

// Request returns what a policy reads of r, for code that asks a policy itself: Policy.Explain in a
// handler, or the origin check of a WebSocket upgrader. A WebSocket handshake always carries
// cookies, so accept one from another origin only if the decision is Allowed and has
// AllowCredentials.
func Request(r *http.Request) core.Request { return adapter.Request(r) }

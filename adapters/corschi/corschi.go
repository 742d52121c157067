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

// Config is an alias for [core.Config].
type Config = core.Config

// New returns middleware that applies the policy described by cfg. If cfg is invalid, New panics
// with a message that lists every problem. To get an error instead, create the policy with
// [core.New] and pass it to [Middleware].
func New(cfg Config) func(http.Handler) http.Handler {
	return Middleware(adapter.MustPolicy("corschi", cfg))
}

// Middleware returns middleware that calls d for each request and sets the CORS headers of the
// response accordingly. The same Decider may be shared with other servers and frameworks.
// Middleware panics if d is nil or contains a nil pointer.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	return adapter.Middleware("corschi", d)
}

// Request returns the parts of r that a policy examines. Use it in code that calls a policy
// directly. For example, a handler may call [core.Policy.Explain], and a WebSocket upgrader may
// check the origin.
//
// A WebSocket handshake always carries the user's cookies. Accept a handshake from another origin
// only if [core.Decision.Allowed] returns true and the decision's AllowCredentials field is set.
func Request(r *http.Request) core.Request { return adapter.Request(r) }

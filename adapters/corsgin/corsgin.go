// Package corsgin is CORS for gin (github.com/gin-gonic/gin).
//
// Register it on the engine, before the routes and before authentication:
//
//	r := gin.New()
//	r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it on a group or a route. gin runs their middleware only for methods that have a
// route, and OPTIONS has none: gin responds to the preflight with 404 and no CORS header. The
// engine's middleware runs for every path, with or without a route. To give a path its own policy,
// use Config.Routes.
//
// gin redirects a request that misses a route by a trailing slash (RedirectTrailingSlash, on by
// default), or by its case or an extra slash (RedirectFixedPath), and runs no middleware for it.
// Such a redirect has no CORS headers, so a page cannot follow it. Where the route next to the path
// is one for OPTIONS, the preflight is redirected as well, and fails. Turn the redirects off, or
// wrap the engine with corshttp instead of r.Use:
//
//	http.ListenAndServe(addr, corshttp.New(cfg)(r))
//
// Then do not call r.Run, which serves the engine without the wrapper.
//
// The headers are set before the next handler runs, so that error pages, streams and responses of
// gin.Recovery carry them too. A handler that sets one of these headers itself wins. A handler
// should add to Vary: if it sets Vary, it removes ours.
//
// github.com/gin-contrib/gzip 1.2.5 removes Vary, ours included, from responses with status 400 and
// above, and from responses that the handler has compressed itself, whichever middleware comes
// first. A shared cache that keeps such a response then serves it to pages of other origins.
// Compress around the engine instead, for example with github.com/klauspost/compress/gzhttp:
//
//	http.ListenAndServe(addr, gzhttp.GzipHandler(r))
//
// What is true of every net/http server is true here: the server responds to "OPTIONS *" itself,
// before any handler, unless http.Server.DisableGeneralOptionsHandler is set. http.TimeoutHandler
// outside the middleware drops the headers when it fires; inside, a guarded handler that writes
// Vary replaces ours, so let it add "Origin". httputil.ReverseProxy adds the upstream's CORS
// headers to ours unless core.Strip in its ModifyResponse removes them.
package corsgin

import (
	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is an alias for [core.Config].
type Config = core.Config

// New returns middleware that applies the policy described by cfg. If cfg is invalid, New panics
// with a message that lists every problem. To get an error instead, create the policy with
// [core.New] and pass it to [Middleware].
func New(cfg Config) gin.HandlerFunc { return Middleware(adapter.MustPolicy("corsgin", cfg)) }

// Middleware returns middleware that calls d for each request and sets the CORS headers of the
// response accordingly. The same Decider may be shared with other servers and frameworks.
// Middleware panics if d is nil or contains a nil pointer.
func Middleware(d core.Decider) gin.HandlerFunc {
	adapter.MustDecider("corsgin", d)
	return func(c *gin.Context) {
		if status := adapter.Decide(d, c.Request, c.Writer.Header()); status != 0 {
			c.AbortWithStatus(status)
		}
	}
}

// Request returns the parts of the request in c that a policy examines. Use it in code that calls a
// policy directly. For example, a handler may call [core.Policy.Explain], and a WebSocket upgrader
// may check the origin.
//
// A WebSocket handshake always carries the user's cookies. Accept a handshake from another origin
// only if [core.Decision.Allowed] returns true and the decision's AllowCredentials field is set.
func Request(c *gin.Context) core.Request { return adapter.Request(c.Request) }

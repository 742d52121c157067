// Package corsgin provides CORS middleware for gin (github.com/gin-gonic/gin).
//
// Register it on the engine, before the routes and before authentication:
//
//	r := gin.New()
//	r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it on a group or a route. There, gin runs middleware only if a route matches the
// method. OPTIONS usually has no route, so gin responds to preflights with 404 and no CORS headers.
// The engine's middleware runs for every path, whether or not a route matches. To give a path its
// own policy, use Config.Routes.
//
// If a path differs from a route only by a trailing slash (RedirectTrailingSlash, which is on by
// default), or by its case or an extra slash (RedirectFixedPath), gin redirects the request and
// runs no middleware. Such a redirect has no CORS headers, so a page cannot follow it. If the route
// is for OPTIONS, gin redirects the preflight as well, and it fails. Turn these redirects off, or
// wrap the engine with corshttp instead of calling r.Use:
//
//	http.ListenAndServe(addr, corshttp.New(cfg)(r))
//
// In this case do not call r.Run, which serves the engine without the wrapper.
//
// The middleware sets the CORS headers before it calls the next handler. Error pages, streams and
// responses of gin.Recovery therefore have them too. If a handler sets one of these headers itself,
// its value is used. A handler should add to Vary and not set it, because setting it removes the
// names that the middleware has added.
//
// github.com/gin-contrib/gzip 1.2.5 removes Vary from responses with status 400 and above, and from
// responses that the handler has compressed itself. The order of the middleware does not matter. A
// shared cache may then serve the response to pages of other origins. Compress outside the engine
// instead, for example with github.com/klauspost/compress/gzhttp:
//
//	http.ListenAndServe(addr, gzhttp.GzipHandler(r))
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
package corsgin

import (
	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is an alias for [core.Config].
type Config = core.Config

// New returns CORS middleware configured by cfg. It panics if cfg is invalid, with a message that
// lists the problems.
//
// To get an error instead of a panic, create a policy with [core.New] and pass it to [Middleware].
func New(cfg Config) gin.HandlerFunc { return Middleware(adapter.MustPolicy("corsgin", cfg)) }

// Middleware returns CORS middleware that calls d to decide how to respond to each request. In most
// applications, d is a [*core.Policy], which several servers may share.
//
// Middleware panics if d is nil or holds a nil pointer.
func Middleware(d core.Decider) gin.HandlerFunc {
	adapter.MustDecider("corsgin", d)
	return func(c *gin.Context) {
		if status := adapter.Decide(d, c.Request, c.Writer.Header()); status != 0 {
			c.AbortWithStatus(status)
		}
	}
}

// Request converts the request in c to a [core.Request], so that a handler can call functions such
// as [core.Policy.Explain] and [core.AllowsWebSocket].
func Request(c *gin.Context) core.Request { return adapter.Request(c.Request) }

// Package corsecho5 provides CORS middleware for echo v5 (github.com/labstack/echo/v5).
//
// Register it on the Echo instance, before the routes and before authentication:
//
//	e := echo.New()
//	e.Use(corsecho5.New(corsecho5.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it on a route. If a path only has routes for other methods, echo responds to
// OPTIONS itself, with 204 and no CORS headers, and runs only the middleware of the instance. On a
// group, the middleware does run, but Group.Use adds catch-all routes for this purpose, which turn
// a 405 response into a 404. If Config.NoGroupAutoRegister404Routes is set, Group.Use does not add
// these routes, and the middleware of a group does not receive preflights. To give a path its own
// policy, use Config.Routes.
//
// Middleware registered with Pre runs before middleware registered with Use. Redirects by
// middleware.AddTrailingSlash and middleware.RemoveTrailingSlash have no CORS headers, and browsers
// do not follow redirects of preflights. If you use these, register this middleware with Pre as
// well, before them:
//
//	e.Pre(corsecho5.New(cfg), middleware.RemoveTrailingSlashWithConfig(…))
//
// The middleware of the instance that echo.NewVirtualHostHandler returns runs only for hosts that
// are not in its map. Register this middleware on each of the instances in the map as well.
//
// The middleware sets the CORS headers before it calls the next handler. Error pages, streams and
// responses of middleware.Recover therefore have them too. If a handler sets one of these headers
// itself, its value is used. A handler should add to Vary and not set it, because setting it
// removes the names that the middleware has added.
//
// A parameter at the end of an echo route matches the rest of the path: the handler of /users/:id
// also runs for /users/7/x. Write its core.Route as /users/{rest...}, because /users/{id} does not
// match /users/7/x.
//
// Static("/private", dir) also serves the file secret.txt for /privatesecret.txt, which a
// core.Route for /private/ does not match. Write Static("/private/", dir) instead.
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
package corsecho5

import (
	"github.com/labstack/echo/v5"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is an alias for [core.Config].
type Config = core.Config

// New returns CORS middleware configured by cfg. It panics if cfg is invalid, with a message that
// lists the problems.
//
// To get an error instead of a panic, create a policy with [core.New] and pass it to [Middleware].
func New(cfg Config) echo.MiddlewareFunc { return Middleware(adapter.MustPolicy("corsecho5", cfg)) }

// Middleware returns CORS middleware that calls d to decide how to respond to each request. In most
// applications, d is a [*core.Policy], which several servers may share.
//
// Middleware panics if d is nil or holds a nil pointer.
func Middleware(d core.Decider) echo.MiddlewareFunc {
	adapter.MustDecider("corsecho5", d)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			if status := adapter.Decide(d, c.Request(), c.Response().Header()); status != 0 {
				return c.NoContent(status)
			}
			return next(c)
		}
	}
}

// Request converts the request in c to a [core.Request], so that a handler can call functions such
// as [core.Policy.Explain] and [core.AllowsWebSocket].
func Request(c *echo.Context) core.Request { return adapter.Request(c.Request()) }

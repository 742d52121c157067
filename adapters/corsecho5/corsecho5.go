// Package corsecho5 is CORS for echo v5 (github.com/labstack/echo/v5).
//
// Register it on the instance, before the routes and before authentication:
//
//	e := echo.New()
//	e.Use(corsecho5.New(corsecho5.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it on a route. For a path that has routes of other methods, echo responds to
// OPTIONS itself, with 204 and no CORS header, and runs only the instance's middleware. On a group
// the middleware does run, but through the catch-all routes that Group.Use adds, and these turn a
// 405 into a 404. With Config.NoGroupAutoRegister404Routes there are no such routes, and the
// middleware of a group does not see preflights. To give a path its own policy, use Config.Routes.
//
// Middleware registered with Pre runs before middleware registered with Use. The redirects of
// middleware.AddTrailingSlash and RemoveTrailingSlash have no CORS headers, and browsers do not
// follow a redirected preflight. With them, register this middleware with Pre too, before them:
//
//	e.Pre(corsecho5.New(cfg), middleware.RemoveTrailingSlashWithConfig(…))
//
// echo.NewVirtualHostHandler returns an instance whose middleware runs only for other hosts than
// those in its map. Register this middleware on each of the instances in the map as well.
//
// The headers are set before the next handler runs, so that error pages, streams and responses of
// middleware.Recover carry them too. A handler that sets one of these headers itself wins. A
// handler should add to Vary: if it sets Vary, it removes ours.
//
// A parameter at the end of an echo route matches everything below it: the handler of /users/:id
// also runs for /users/7/x. Write its core.Route as /users/{rest...}. /users/{id} would leave
// /users/7/x to another policy.
//
// Static("/private", dir) also serves secret.txt for /privatesecret.txt, which a core.Route for
// /private/ does not match, so write Static("/private/", dir).
//
// What is true of every net/http server is true here: the server responds to "OPTIONS *" itself,
// before any handler, unless http.Server.DisableGeneralOptionsHandler is set. http.TimeoutHandler
// outside the middleware drops the headers when it fires; inside, a guarded handler that writes
// Vary replaces ours, so let it add "Origin". httputil.ReverseProxy adds the upstream's CORS
// headers to ours unless core.Strip in its ModifyResponse removes them.
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

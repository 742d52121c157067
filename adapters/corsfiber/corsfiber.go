// Package corsfiber is CORS for fiber v2 (github.com/gofiber/fiber/v2).
//
// Register it on the app, before the routes and before authentication, or [Attach] it to the app's server:
//
//	app := fiber.New()
//	app.Use(corsfiber.New(corsfiber.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it on a single route: a preflight is an OPTIONS request, and a route of another method does not run
// for it, so fiber responds with 405 and without CORS headers. The Use of a group does see preflights. It also sees
// those of paths that only begin like the group's, such as /apix for /api.
//
// Attach covers what the middleware cannot reach: 413 for a body that is too large, 400 for an unknown method, and an
// ErrorHandler that resets the response. A header of more than 4 KiB is refused with 431, unless
// fiber.Config.ReadBufferSize is larger. By then the server has dropped the request, as it has after a malformed header.
// So no page can read these responses, unless an attached policy allows "*".
//
// The policy decides before the next handler and writes its headers afterwards, because handlers that send files, proxy
// or reset the response remove headers. CORS headers that a handler or an upstream sets are therefore replaced, and a
// response from a cache inside gets the headers for the current request. If a handler panics the headers are written as
// well, for a recover middleware outside.
//
// A policy reads the request before the next handler runs, so a rewrite middleware inside does not change which route of
// the policy applies: it is that of the path as sent. If the body is chunked, or the app does not normalise header names,
// a policy reads the header as sent, so what a middleware outside has changed in it does not count.
//
// With fiber.Config.StreamRequestBody, fasthttp parses a body that no handler has read as the next
// request on the connection. For a request that it refuses itself, the middleware reads the body, or
// closes the connection if the body is long. A handler that returns without reading the body should
// do the same: read it, or call c.Context().SetConnectionClose.
//
// If several policies are around a handler the innermost wins, and the others only add to Vary.
//
// An AllowOriginFunc gets the context of SetUserContext if the application has set one, otherwise the
// *fasthttp.RequestCtx.
package corsfiber

import (
	"context"
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is [core.Config].
type Config = core.Config

// New returns a middleware for cfg. It panics if cfg has problems, and lists all of them. To handle them, call
// [core.New] and pass its policy to [Middleware].
func New(cfg Config) fiber.Handler { return Middleware(adapter.MustPolicy("corsfiber", cfg)) }

// Middleware returns a middleware that asks d, which may be shared with other servers and frameworks. It panics if d is
// nil.
func Middleware(d core.Decider) fiber.Handler {
	adapter.MustDecider("corsfiber", d)
	return func(c *fiber.Ctx) (err error) {
		corsfasthttp.Serve(userContext(c), c.Context(), d, func() { err = c.Next() })
		return err
	}
}

// userContext returns the context that the application has set, or the request's own.
func userContext(c *fiber.Ctx) context.Context {
	if ctx := c.UserContext(); ctx != context.Background() {
		return ctx
	}
	return c.Context()
}

// Attach wraps the handlers of the app's server in place. So what the app and the server send without running a handler
// has CORS headers too, as far as the server has kept the request. Call it before the app listens; routes and mounts may
// follow. An AllowOriginFunc gets the *fasthttp.RequestCtx. The function that app.Handler returns is not wrapped, but
// app.Server().Handler is. The error says why the app could not respond to preflights; the app is unchanged then.
func Attach(app *fiber.App, d core.Decider) error {
	switch {
	case app == nil:
		return errors.New("corsfiber: Attach: the app is nil")
	case adapter.IsNil(d):
		return errors.New("corsfiber: Attach: the core.Decider is nil; look at the error that came with it")
	case app.Server() == nil || app.Server().Handler == nil:
		return errors.New("corsfiber: Attach: the app has no server; make it with fiber.New")
	case app.Config().GETOnly:
		return errors.New("corsfiber: Attach: the app has GETOnly set and refuses OPTIONS, " +
			"so no preflight can be answered; clear it")
	case !slices.Contains(app.Config().RequestMethods, fiber.MethodOptions):
		return errors.New("corsfiber: Attach: OPTIONS is not among the app's RequestMethods, " +
			"so no preflight can be answered; add it")
	}
	return corsfasthttp.Attach(app.Server(), d)
}

// Request returns what a policy reads of the request. Use it where no middleware runs: in the origin check of a
// WebSocket upgrader, or to call Policy.Explain in a handler. Its strings are valid until the handler returns, and
// nothing else may use the request's header meanwhile. A WebSocket handshake always carries cookies, so accept one from
// another origin only if the decision is Allowed and has AllowCredentials.
func Request(c *fiber.Ctx) core.Request { return corsfasthttp.Request(c.Context()) }

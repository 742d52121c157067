// Package corsfiber3 provides CORS middleware for fiber v3 (github.com/gofiber/fiber/v3).
//
// Register it on the app, before the routes and before authentication, or use [Attach] to add it to
// the app's server:
//
//	app := fiber.New()
//	app.Use(corsfiber3.New(corsfiber3.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// Do not register it on a single route. A preflight is an OPTIONS request, and a route for another
// method does not match it, so fiber responds with 405 and no CORS headers. If it is registered
// with the Use method of a group, the middleware does receive preflights for the paths in the
// group.
//
// The policy decides before the next handler runs. The middleware writes the headers after the
// handler has run, because handlers that send files, act as proxies or reset the response remove
// headers. It replaces any CORS headers that a handler or an upstream server has set. A response
// from a cache inside the middleware gets the headers for the current request.
//
// If middleware inside this one rewrites the path, the policy still uses the original path.
// However, if a handler calls c.RestartRouting, the middleware runs again, and the policy uses the
// new path. A policy that is added with [Attach] always uses the original path.
//
// If middleware outside this one changes the header of the request, the policy usually sees the
// changes. There are two exceptions: if the body is chunked, or if the app does not normalize
// header names, the policy sees the header as the client sent it.
//
// If several policies apply to a handler, the innermost determines the CORS headers, and the others
// only add to Vary. If a handler panics, the middleware writes the headers as well, so that the
// response of a recover middleware outside has them.
//
// If fiber.Config.StreamRequestBody is set and no handler has read the body of a request, fasthttp
// parses the body as the next request on the connection. When the middleware responds without
// calling the handler, it therefore reads the body, or closes the connection if the body is long. A
// handler that returns without reading the body should do the same: read it, or call
// c.RequestCtx().SetConnectionClose.
//
// The context passed to an AllowOriginFunc is the one that the application has set with
// c.SetContext, or else the *fasthttp.RequestCtx.
//
// When the server reports an error, such as 413 for a body that is too large, fiber runs the
// middleware too. [Attach] covers responses that the middleware cannot reach: 501 for an unknown
// method, 404 for "OPTIONS *", those of an ErrorHandler that resets the response, and 404 and 405
// if fiber.Config.SkipUnmatchedRoutes is set.
//
// If a header is malformed or too large (more than 4 KiB, unless fiber.Config.ReadBufferSize is
// larger), the server discards the request before it responds. Pages cannot read these responses
// unless an attached policy allows "*".
package corsfiber3

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is an alias for [core.Config].
type Config = core.Config

// New returns CORS middleware configured by cfg. It panics if cfg is invalid, with a message that
// lists the problems.
//
// To get an error instead of a panic, create a policy with [core.New] and pass it to [Middleware].
func New(cfg Config) fiber.Handler { return Middleware(adapter.MustPolicy("corsfiber3", cfg)) }

// Middleware returns CORS middleware that calls d to decide how to respond to each request. In most
// applications, d is a [*core.Policy], which several servers may share.
//
// Middleware panics if d is nil or holds a nil pointer.
func Middleware(d core.Decider) fiber.Handler {
	adapter.MustDecider("corsfiber3", d)
	key := contextKey()
	return func(c fiber.Ctx) (err error) {
		rc := c.RequestCtx()
		corsfasthttp.Serve(applicationContext(rc, key), rc, d, func() { err = c.Next() })
		return err
	}
}

// applicationContext returns the context that the application has set with c.SetContext, or rc if
// it has set none. The key is that of contextKey.
//
// It does not call c.Context, which stores a context if there isn't one. fiber would then write to
// rc when the request is over, while a handler that has timed out may still be using rc.
func applicationContext(rc *fasthttp.RequestCtx, key any) context.Context {
	if ctx, ok := rc.UserValue(key).(context.Context); ok && ctx != context.Background() {
		return ctx
	}
	return rc
}

// contextKey returns the key of the user value in which fiber stores the context of an application.
// fiber does not export the key, so contextKey stores a context and looks where it is.
var contextKey = sync.OnceValue(func() (key any) {
	type mark struct{ context.Context }
	rc := new(fasthttp.RequestCtx)
	app := fiber.New()
	c := app.AcquireCtx(rc)
	defer app.ReleaseCtx(c)
	c.SetContext(mark{context.Background()})
	rc.VisitUserValuesAll(func(k, value any) {
		if _, ok := value.(mark); ok {
			key = k
		}
	})
	return key
})

// Attach adds CORS middleware that calls d to app. It replaces the handlers of the app's server
// with wrapped ones. Unlike [Middleware], it also adds CORS headers to responses that fiber sends
// without running any middleware, such as the error for a malformed request. If d is a policy with
// an AllowOriginFunc, that function receives the *fasthttp.RequestCtx as its context.
//
// If d refuses a request whose body is too large, the response has the status that d chose instead
// of 413. Otherwise, fiber would run the handlers registered with Use for that error.
//
// Call Attach before the app starts to listen. Routes and mounted apps may be added later. Attach
// does not affect the handler that app.Handler returns.
//
// Attach returns an error, and does not change app, if an argument is nil or if app has no server.
// It also returns an error if every preflight would fail, because GETOnly is set or RequestMethods
// does not include OPTIONS.
func Attach(app *fiber.App, d core.Decider) error {
	switch {
	case app == nil:
		return errors.New("corsfiber3: Attach: the app is nil")
	case adapter.IsNil(d):
		return errors.New("corsfiber3: Attach: the core.Decider is nil; look at the error that came with it")
	case app.Server() == nil || app.Server().Handler == nil:
		return errors.New("corsfiber3: Attach: the app has no server; make it with fiber.New")
	case app.Config().GETOnly:
		return errors.New("corsfiber3: Attach: GETOnly is set, so every preflight is refused; clear it")
	case !slices.Contains(app.Config().RequestMethods, fiber.MethodOptions):
		return errors.New("corsfiber3: Attach: RequestMethods has no OPTIONS, so every preflight is refused; add it")
	}
	server := app.Server()
	// fiber runs the handlers registered with Use for errors of the server too. A request that d
	// refuses must not reach them, so d responds to it, and not to the error.
	next := server.ErrorHandler
	if err := corsfasthttp.Attach(server, d); err != nil || next == nil {
		return err
	}
	server.ErrorHandler = func(rc *fasthttp.RequestCtx, err error) {
		corsfasthttp.Serve(rc, rc, d, func() { next(rc, err) })
	}
	return nil
}

// Request converts the request in c to a [core.Request], so that a handler can call functions such
// as [core.Policy.Explain] and [core.AllowsWebSocket].
//
// The result shares memory with c, so it is valid only until the handler returns. While the result
// is in use, no other goroutine may use c.
func Request(c fiber.Ctx) core.Request { return corsfasthttp.Request(c.RequestCtx()) }

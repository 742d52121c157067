// Package corsfasthttp provides CORS middleware for fasthttp (github.com/valyala/fasthttp) and its
// routers.
//
// Wrap the server's whole handler, outside the router, outside authentication and outside
// fasthttp.TimeoutHandler:
//
//	cors := corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://app.example.com"}})
//	server := &fasthttp.Server{Handler: cors(router.Handler)}
//
// Do not wrap single routes. A preflight is an OPTIONS request, and a route for another method does
// not match it. Do not put the middleware inside fasthttp.TimeoutHandler either: it cannot change
// the timeout response, and accessing it is a data race.
//
// The policy decides before the handler runs. The middleware writes the headers after the handler
// has run, because ctx.Error, ctx.NotFound, file handlers and proxies reset the response. It
// replaces any CORS headers that a handler or an upstream server has set. The timeout response of a
// fasthttp.TimeoutHandler inside the middleware has the CORS headers too. If a handler rewrites the
// path, the policy still uses the original path.
//
// If middleware outside this one changes the header of the request, the policy usually sees the
// changes. There are two exceptions: if the body is chunked, or if the server does not normalize
// header names, the policy sees the header as the client sent it.
//
// If several policies apply to a handler, the innermost determines the CORS headers, and the others
// only add to Vary.
//
// If Server.StreamRequestBody is set and no handler has read the body of a request, fasthttp parses
// the body as the next request on the connection. When the middleware responds without calling the
// handler, it therefore reads the body, or closes the connection if the body is long. A handler
// that returns without reading the body should do the same: read it, or call
// ctx.SetConnectionClose.
//
// If a handler panics, the middleware writes the CORS headers as well. Recover from panics inside
// the middleware. A handler outside it that recovers and calls ctx.Error resets the response, and
// the headers are lost.
//
// [Attach] wraps the handler in place. It also covers the response to a body that is too large,
// which the server sends without running a handler. If a header is malformed or too large (more
// than 4 KiB, unless Server.ReadBufferSize is larger), or if the body arrives too late, the server
// discards the request before it responds. Pages cannot read these responses unless an attached
// policy allows "*".
package corsfasthttp

import (
	"context"
	"errors"
	"net"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Config is an alias for [core.Config].
type Config = core.Config

// New returns CORS middleware configured by cfg. It panics if cfg is invalid, with a message that
// lists the problems.
//
// To get an error instead of a panic, create a policy with [core.New] and pass it to [Middleware].
func New(cfg Config) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	return Middleware(adapter.MustPolicy("corsfasthttp", cfg))
}

// Middleware returns CORS middleware that calls d to decide how to respond to each request. In most
// applications, d is a [*core.Policy], which several servers may share.
//
// If d is a policy with an AllowOriginFunc, that function receives the *fasthttp.RequestCtx as its
// context.
//
// Middleware panics if d is nil or holds a nil pointer.
func Middleware(d core.Decider) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	adapter.MustDecider("corsfasthttp", d)
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			Serve(ctx, ctx, d, func() { next(ctx) })
		}
	}
}

// Attach adds CORS middleware to server by wrapping its Handler and ErrorHandler in place. Unlike
// [Middleware], it also adds CORS headers to error responses that the server sends without calling
// Handler, such as the one for a malformed request. Call Attach before the server starts.
//
// If a request body is too large, the error response gets the CORS headers for the origin of the
// request. For other errors, the server has already discarded the request, so pages can read the
// response only if the policy allows every origin.
//
// Attach returns an error, and does not change server, if an argument is nil or if Handler is not
// set. It also returns an error if GetOnly is set, because every preflight would fail.
func Attach(server *fasthttp.Server, d core.Decider) error {
	switch {
	case server == nil:
		return errors.New("corsfasthttp: Attach: the server is nil")
	case adapter.IsNil(d):
		return errors.New("corsfasthttp: Attach: the core.Decider is nil; look at the error that came with it")
	case server.Handler == nil:
		return errors.New("corsfasthttp: Attach: the server has no Handler; set it first")
	case server.GetOnly:
		return errors.New("corsfasthttp: Attach: Server.GetOnly is set, so every preflight is refused; clear it")
	}
	server.Handler = Middleware(d)(server.Handler)
	next := server.ErrorHandler
	if next == nil {
		next = writeError
	}
	server.ErrorHandler = func(ctx *fasthttp.RequestCtx, err error) {
		Serve(ctx, ctx, withoutStatus{d}, func() { next(ctx, err) })
	}
	return nil
}

// withoutStatus is a Decider that makes the same decisions as another one, but with status 0, so
// that the error handler always runs.
type withoutStatus struct{ core.Decider }

// Decide implements core.Decider.
func (d withoutStatus) Decide(ctx context.Context, r core.Request) core.Decision {
	decision := d.Decider.Decide(ctx, r)
	decision.Status = 0
	return decision
}

// writeError responds in the same way as a server without an ErrorHandler.
func writeError(ctx *fasthttp.RequestCtx, err error) {
	var small *fasthttp.ErrSmallBuffer
	var network *net.OpError
	switch {
	case errors.As(err, &small):
		ctx.Error("Too big request header", fasthttp.StatusRequestHeaderFieldsTooLarge)
	case errors.As(err, &network) && network.Timeout():
		ctx.Error("Request timeout", fasthttp.StatusRequestTimeout)
	default:
		ctx.Error("Error when parsing request", fasthttp.StatusBadRequest)
	}
}

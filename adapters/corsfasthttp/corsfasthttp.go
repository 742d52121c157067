// Package corsfasthttp is CORS for fasthttp (github.com/valyala/fasthttp) and its routers.
//
// Wrap the server's handler as a whole, outside the router, outside authentication and outside
// fasthttp.TimeoutHandler:
//
//	cors := corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://app.example.com"}})
//	server := &fasthttp.Server{Handler: cors(router.Handler)}
//
// Do not wrap single routes. A preflight is an OPTIONS request, and a route of another method does
// not run for it. Do not put the middleware inside fasthttp.TimeoutHandler either: it cannot change
// the timeout response, and accessing it is a data race.
//
// The policy decides before the handler runs, and writes its headers afterwards, because ctx.Error,
// ctx.NotFound, file handlers and proxies reset the response. So it replaces the CORS headers that
// a handler or an upstream has set, and the response of a fasthttp.TimeoutHandler inside has the
// policy's headers too. A handler that rewrites the path does not change which route of the policy
// applies.
//
// A policy usually sees what a middleware outside has changed in the request's header. It does not
// if the body is chunked or the server does not normalise header names: then it reads the header as
// the client sent it.
//
// If several policies are around a handler, the innermost wins and the others only add to Vary.
//
// With Server.StreamRequestBody, fasthttp parses a body that no handler has read as the next
// request on the connection. For a request that it refuses itself, the middleware reads the body,
// or closes the connection if the body is long. A handler that returns without reading the body
// should do the same: read it, or call ctx.SetConnectionClose.
//
// If a handler panics, the headers are written as well. Recover inside the middleware: a handler
// outside that recovers with ctx.Error resets the response and loses them.
//
// [Attach] wraps the handler in place, and also covers the response to a body that is too large,
// which the server sends without running a handler. When a header is too large (more than 4 KiB,
// unless Server.ReadBufferSize is larger) or malformed, or a body is late, the server drops the
// request before it responds. Pages cannot read these responses unless an attached policy allows
// "*".
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

// New returns middleware that applies the policy described by cfg. If cfg is invalid, New panics
// with a message that lists every problem. To get an error instead, create the policy with
// [core.New] and pass it to [Middleware].
func New(cfg Config) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	return Middleware(adapter.MustPolicy("corsfasthttp", cfg))
}

// Middleware returns middleware that calls d for each request and sets the CORS headers of the
// response accordingly. The same Decider may be shared with other servers and frameworks.
// Middleware panics if d is nil or contains a nil pointer.
//
// If a policy has an AllowOriginFunc, the context passed to it is the *fasthttp.RequestCtx.
func Middleware(d core.Decider) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	adapter.MustDecider("corsfasthttp", d)
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			Serve(ctx, ctx, d, func() { next(ctx) })
		}
	}
}

// Attach wraps the server's Handler and ErrorHandler in place, so that the server calls d for each
// request. Unlike [Middleware], Attach also adds CORS headers to responses that the server sends
// without running a handler, such as errors for malformed requests. If the request body was too
// large, the response gets all the headers. In the other cases the request is no longer available,
// so the response gets only the headers that do not depend on it.
//
// Call Attach before the server starts. Attach returns an error, and leaves the server unchanged,
// if an argument is nil, if the server has no Handler, or if the server's configuration would make
// every preflight fail.
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

// withoutStatus decides as another Decider, but leaves the response to the handler.
type withoutStatus struct{ core.Decider }

// Decide implements core.Decider.
func (d withoutStatus) Decide(ctx context.Context, r core.Request) core.Decision {
	decision := d.Decider.Decide(ctx, r)
	decision.Status = 0
	return decision
}

// writeError responds as a server without ErrorHandler does.
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

package main

import (
	"encoding/json"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
)

func mountFasthttp(a *demoAPI, d core.Decider) mounted {
	// The recovery is inside the middleware. Outside it, ctx.Error would remove the CORS headers.
	return mounted{fast: newFastServer(corsfasthttp.Middleware(d)(func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if recover() != nil {
				replyFast(ctx, panicked())
			}
		}()
		e, ok := find(string(ctx.Method()), string(ctx.Path()))
		if !ok {
			ctx.NotFound()
			return
		}
		replyFast(ctx, e.handle(a, a.readFast(ctx)))
	}))}
}

// find is the router.
func find(method, path string) (endpoint, bool) {
	for _, e := range endpoints {
		prefix, anyID := strings.CutSuffix(e.path, ":id")
		matches := e.path == path
		if anyID {
			matches = strings.HasPrefix(path, prefix) && !strings.Contains(path[len(prefix):], "/")
		}
		if e.method == method && matches {
			return e, true
		}
	}
	return endpoint{}, false
}

// readFast returns the parts of a request that the API needs. Its strings are copies.
func (a *demoAPI) readFast(ctx *fasthttp.RequestCtx) call {
	h := &ctx.Request.Header
	return call{
		host: string(h.Host()), token: string(ctx.QueryArgs().Peek("t")), cookie: string(h.Cookie(a.cookieName())),
		authorization: string(h.Peek("Authorization")), contentType: string(h.ContentType()), body: len(ctx.PostBody()),
	}
}

func replyFast(ctx *fasthttp.RequestCtx, r apiResponse) {
	for _, h := range r.header {
		ctx.Response.Header.Set(h[0], h[1])
	}
	ctx.SetContentType("application/json; charset=utf-8")
	ctx.SetStatusCode(r.status)
	_ = json.NewEncoder(ctx).Encode(r.body) // to memory
}

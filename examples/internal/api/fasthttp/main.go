// Command fasthttp serves the API of package api with fasthttp and its router.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	return api.Serve(ctx, "fasthttp", args, stdout, server{&fasthttp.Server{
		Handler:     routes(api.NewStore()),
		ReadTimeout: 10 * time.Second,
		// The default is 4 KiB, which cookies alone can exceed. fasthttp's own 431 response to longer
		// headers has no CORS headers.
		ReadBufferSize: 64 << 10,
	}})
}

// server implements api.Server, whose Shutdown takes a context.
type server struct{ *fasthttp.Server }

func (s server) Shutdown(ctx context.Context) error { return s.ShutdownWithContext(ctx) }

func routes(store *api.Store) fasthttp.RequestHandler {
	r := router.New()
	// As with the other frameworks, /items/ is not a route.
	r.RedirectTrailingSlash = false

	r.GET("/items", func(ctx *fasthttp.RequestCtx) {
		items := store.Items()
		ctx.Response.Header.Set("X-Total-Count", strconv.Itoa(len(items)))
		reply(ctx, api.Response{Status: http.StatusOK, Body: items})
	})
	r.POST("/items", func(ctx *fasthttp.RequestCtx) {
		reply(ctx, store.Add(contentType(ctx), bytes.NewReader(ctx.PostBody())))
	})
	r.GET("/items/{id}", func(ctx *fasthttp.RequestCtx) {
		reply(ctx, store.Get(id(ctx)))
	})
	r.PUT("/items/{id}", func(ctx *fasthttp.RequestCtx) {
		reply(ctx, store.Replace(id(ctx), contentType(ctx), bytes.NewReader(ctx.PostBody())))
	})
	r.DELETE("/items/{id}", func(ctx *fasthttp.RequestCtx) {
		reply(ctx, store.Delete(id(ctx)))
	})

	r.POST("/login", func(ctx *fasthttp.RequestCtx) {
		cookie, response := store.Login(contentType(ctx), bytes.NewReader(ctx.PostBody()))
		if cookie != nil {
			ctx.Response.Header.Set("Set-Cookie", cookie.String())
		}
		reply(ctx, response)
	})
	r.GET("/me", func(ctx *fasthttp.RequestCtx) {
		reply(ctx, store.Me(string(ctx.Request.Header.Cookie(api.CookieName))))
	})

	r.GET("/fail", func(ctx *fasthttp.RequestCtx) { reply(ctx, api.Fail()) })
	r.GET("/panic", func(*fasthttp.RequestCtx) { panic("GET /panic does what it says") })
	r.PanicHandler = func(ctx *fasthttp.RequestCtx, v any) {
		log.Printf("panic: %v\n%s", v, debug.Stack())
		reply(ctx, api.Panicked())
	}

	// Wrap the whole router, not single routes. A preflight is an OPTIONS request, and the handler of
	// PUT /items/{id} does not run for it.
	return corsfasthttp.New(api.Policy())(r.Handler)
}

func contentType(ctx *fasthttp.RequestCtx) string { return string(ctx.Request.Header.ContentType()) }

func id(ctx *fasthttp.RequestCtx) string { return ctx.UserValue("id").(string) }

func reply(ctx *fasthttp.RequestCtx, response api.Response) {
	ctx.SetContentType("application/json; charset=utf-8")
	ctx.SetStatusCode(response.Status)
	json.NewEncoder(ctx).Encode(response.Body) // writes to memory, so it does not fail
}

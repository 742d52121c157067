package corsfasthttp_test

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	put := func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(fasthttp.StatusNoContent) }
	handler := corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://app.example.com"}})(put)

	var ctx fasthttp.RequestCtx // a preflight; a server makes it of what it reads
	ctx.Request.Header.SetMethod(fasthttp.MethodOptions)
	ctx.Request.SetRequestURI("/items/1")
	ctx.Request.Header.Set("Origin", "https://app.example.com")
	ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
	handler(&ctx)
	fmt.Println(ctx.Response.StatusCode(), string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	// Output: 204 https://app.example.com
}

// This example handles the problems of a Config, and replaces the policy while the server is
// running.
func ExampleMiddleware() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	live := core.NewLive(policy)
	list := func(ctx *fasthttp.RequestCtx) { ctx.WriteString("bread, apples") }
	handler := corsfasthttp.Middleware(live)(list)

	get := func() {
		var ctx fasthttp.RequestCtx
		ctx.Request.SetRequestURI("/items")
		ctx.Request.Header.Set("Origin", "https://shop.example.com")
		handler(&ctx)
		fmt.Printf("%d %q\n", ctx.Response.StatusCode(), ctx.Response.Header.Peek("Access-Control-Allow-Origin"))
	}
	get()
	if err := live.Reload(core.Config{AllowOrigins: []string{"https://*.example.com"}}); err != nil {
		fmt.Println(err)
	}
	get()
	// Output:
	// 200 ""
	// 200 "https://shop.example.com"
}

// A page that may read the handler's responses can also read those that the server sends itself.
func ExampleAttach() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &fasthttp.Server{
		Handler:            func(ctx *fasthttp.RequestCtx) { ctx.WriteString("bread, apples") },
		MaxRequestBodySize: 64 << 10,
		GetOnly:            true,
	}
	fmt.Println(corsfasthttp.Attach(server, policy))
	server.GetOnly = false
	fmt.Println(corsfasthttp.Attach(server, policy))
	// Output:
	// corsfasthttp: Attach: Server.GetOnly is set, so every preflight is refused; clear it
	// <nil>
}

// Browsers send cookies with WebSocket handshakes, and do not apply CORS to them. So the handler
// calls the policy itself.
func ExampleRequest() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	mayConnect := func(ctx *fasthttp.RequestCtx) bool {
		request := corsfasthttp.Request(ctx)
		origin := request.Header.Field("Origin")
		if d := policy.Decide(ctx, request); origin == "" || d.Allowed() && d.AllowCredentials {
			return true // not a browser, or a page that may read with cookies
		}
		if site := request.Header.Field("Sec-Fetch-Site"); site != "" {
			return site == "same-origin"
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == request.Host // Chromium sends no Sec-Fetch-Site with a handshake
	}

	for _, origin := range []string{"https://app.example.com", "https://api.example.com", "https://evil.example"} {
		var handshake fasthttp.Request
		handshake.SetRequestURI("https://api.example.com/socket")
		handshake.Header.Set("Origin", origin)
		var ctx fasthttp.RequestCtx
		ctx.Init(&handshake, nil, nil)
		fmt.Println(origin, mayConnect(&ctx))
	}
	// Output:
	// https://app.example.com true
	// https://api.example.com true
	// https://evil.example false
}

// This is the middleware of an adapter for a framework whose handlers return an error.
func ExampleServe() {
	type handler func(ctx *fasthttp.RequestCtx) error
	middleware := func(d core.Decider, next handler) handler {
		return func(ctx *fasthttp.RequestCtx) (err error) {
			corsfasthttp.Serve(ctx, ctx, d, func() { err = next(ctx) })
			return err
		}
	}

	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	missing := middleware(policy, func(*fasthttp.RequestCtx) error { return errors.New("no such item") })
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("Origin", "https://app.example.com")
	err = missing(&ctx)
	fmt.Println(err, string(ctx.Response.Header.Peek("Access-Control-Allow-Origin")))
	// Output: no such item https://app.example.com
}

package corsfasthttp_test

import (
	"fmt"

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

// A policy whose problems are handled, and which is replaced while the server runs.
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

// A server whose own answers can be read by the pages that may read its handler's.
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
	// corsfasthttp: Attach: the server has GetOnly set and refuses OPTIONS, so no preflight can be answered; clear it
	// <nil>
}

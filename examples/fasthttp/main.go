// Command fasthttp is an API on fasthttp. Pages of https://app.example.com may read its responses, and pages
// of other websites may not. Try it:
//
//	$ go run .
//	$ curl -si -H "Origin: https://app.example.com" http://127.0.0.1:8080/items
//	HTTP/1.1 200 OK
//	Access-Control-Allow-Origin: https://app.example.com
//
//	$ curl -si -H "Origin: https://evil.example" -H "Access-Control-Request-Method: PUT" \
//	  -X OPTIONS http://127.0.0.1:8080/items
//	HTTP/1.1 403 Forbidden
//
// The responses have other lines too.
package main

import (
	"log"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/valyala/fasthttp"
)

func main() {
	cors := corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://app.example.com"}})
	handler := func(ctx *fasthttp.RequestCtx) { ctx.WriteString("bread, apples") }
	log.Fatal(fasthttp.ListenAndServe("127.0.0.1:8080", cors(handler)))
}

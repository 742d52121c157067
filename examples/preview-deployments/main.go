// Command preview-deployments is a staging API for an app whose pull requests are deployed to
// Netlify, each at an address of its own. Try it:
//
//	$ go run .
//	$ curl -si -H "Origin: https://deploy-preview-7--my-shop.netlify.app" http://127.0.0.1:8080/items
//	HTTP/1.1 200 OK
//	Access-Control-Allow-Credentials: true
//	Access-Control-Allow-Origin: https://deploy-preview-7--my-shop.netlify.app
//
//	$ curl -si -H "Origin: https://deploy-preview-7--evil.netlify.app" http://127.0.0.1:8080/items
//	HTTP/1.1 403 Forbidden
//
// The responses have other lines too.
package main

import (
	"io"
	"log"
	"net/http"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() {
	cors := corshttp.New(corshttp.Config{
		AllowOrigins:     []string{"https://staging.example.com"},
		AllowCredentials: true,
		// Anyone can publish a site under netlify.app, and if its name matches, that site can act as your
		// visitors. AllowOrigins refuses such a pattern, so it has to be listed here. Do this for test
		// data only. If your previews are under your own domain, you do not need this list:
		// AllowOrigins accepts "https://deploy-preview-*.example.com".
		DangerouslyAllowOrigins: []string{"https://deploy-preview-*--my-shop.netlify.app"},
		// Requests from other origins get status 403. Without this, handlers run for them, and only the
		// response is hidden from the page.
		ForbidDisallowed: true,
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", cors(mux)))
}

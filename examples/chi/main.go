// Command chi is an API on chi. Pages of https://app.example.com may read its responses, and pages
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
	"io"
	"log"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/polycors/cors/adapters/corschi"
)

func main() {
	r := chi.NewRouter()
	r.Use(corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}}))
	r.Get("/items", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", r))
}

// Command nethttp is an API on net/http. Pages of https://app.example.com may read its responses, and pages
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

	"github.com/polycors/cors/adapters/corshttp"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
	cors := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", cors(mux)))
}

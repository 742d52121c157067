// Command httprouter serves an API with httprouter.
package main

import (
	"io"
	"log"
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() { log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler())) }

var config = corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}

func handler() http.Handler {
	r := httprouter.New()
	r.PUT("/items/:id", put)
	return corshttp.New(config)(r) // leave GlobalOPTIONS alone: preflights never reach the router
}

func put(w http.ResponseWriter, _ *http.Request, params httprouter.Params) {
	io.WriteString(w, "item "+params.ByName("id"))
}

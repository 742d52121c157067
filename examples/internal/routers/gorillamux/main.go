// Command gorillamux serves an API with gorilla/mux.
package main

import (
	"io"
	"log"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() { log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler())) }

var config = corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}

func handler() http.Handler {
	r := mux.NewRouter()
	register(r)
	return corshttp.New(config)(r) // not r.Use, which runs only for requests that match a route
}

func register(r *mux.Router) {
	r.HandleFunc("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "item "+mux.Vars(r)["id"])
	}).Methods("GET", "PUT")
}

// Command huma serves an API with huma on http.ServeMux.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() { log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler())) }

var config = corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}

func handler() http.Handler {
	mux := http.NewServeMux()
	register(humago.New(mux, huma.DefaultConfig("Items", "1.0.0")))
	return corshttp.New(config)(mux)
}

type itemInput struct {
	ID int `path:"id"`
}

type itemOutput struct {
	Body []int
}

func register(api huma.API) {
	huma.Put(api, "/items/{id}", func(_ context.Context, in *itemInput) (*itemOutput, error) {
		return &itemOutput{Body: []int{in.ID}}, nil
	})
}

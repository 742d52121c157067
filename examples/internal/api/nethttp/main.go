// Command nethttp serves the API of package api with net/http alone.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	server := &http.Server{Handler: routes(api.NewStore()), ReadTimeout: 10 * time.Second}
	return api.Serve(ctx, "nethttp", args, stdout, server)
}

func routes(store *api.Store) http.Handler {
	mux := http.NewServeMux()

	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) {
		items := store.Items()
		w.Header().Set("X-Total-Count", strconv.Itoa(len(items)))
		reply(w, api.Response{Status: http.StatusOK, Body: items})
	})
	mux.HandleFunc("POST /items", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Add(r.Header.Get("Content-Type"), r.Body))
	})
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Get(r.PathValue("id")))
	})
	mux.HandleFunc("PUT /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Replace(r.PathValue("id"), r.Header.Get("Content-Type"), r.Body))
	})
	mux.HandleFunc("DELETE /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Delete(r.PathValue("id")))
	})

	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		cookie, response := store.Login(r.Header.Get("Content-Type"), r.Body)
		http.SetCookie(w, cookie)
		reply(w, response)
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		token := ""
		if cookie, err := r.Cookie(api.CookieName); err == nil {
			token = cookie.Value
		}
		reply(w, store.Me(token))
	})

	mux.HandleFunc("GET /fail", func(w http.ResponseWriter, _ *http.Request) { reply(w, api.Fail()) })
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("GET /panic does what it says") })

	// Wrap the whole mux, not single routes. A preflight is an OPTIONS request, and the handler of
	// "PUT /items/{id}" does not run for it.
	return recovery(corshttp.New(api.Policy())(mux))
}

// recovery responds with 500 after a panic. The CORS headers that are already set are kept.
func recovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				log.Printf("panic: %v\n%s", v, debug.Stack())
				reply(w, api.Panicked())
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func reply(w http.ResponseWriter, response api.Response) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(response.Status)
	json.NewEncoder(w).Encode(response.Body) // an error means that the client has gone
}

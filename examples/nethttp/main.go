// Command nethttp serves the API of the examples with net/http alone.
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
		reply(w, api.Answer{Status: http.StatusOK, Body: items})
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
		cookie, answer := store.Login(r.Header.Get("Content-Type"), r.Body)
		http.SetCookie(w, cookie)
		reply(w, answer)
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

	// Around the whole mux, not around single routes: "PUT /items/{id}" does not run for the OPTIONS request of a preflight.
	return recovery(corshttp.New(api.Policy())(mux))
}

// recovery answers 500 after a panic. The CORS headers are set by then, and stay.
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

func reply(w http.ResponseWriter, answer api.Answer) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(answer.Status)
	json.NewEncoder(w).Encode(answer.Body) // an error means that the client has gone
}

// Command chi serves the API of package api with chi.
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

	"github.com/go-chi/chi/v5"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	server := &http.Server{Handler: routes(api.NewStore()), ReadTimeout: 10 * time.Second}
	return api.Serve(ctx, "chi", args, stdout, server)
}

func routes(store *api.Store) http.Handler {
	r := chi.NewRouter()

	// Use it on the root router, not with With or in a Group. A preflight is an OPTIONS request, and
	// no route has that method.
	r.Use(recovery, corschi.New(api.Policy()))

	r.Get("/items", func(w http.ResponseWriter, r *http.Request) {
		items := store.Items()
		w.Header().Set("X-Total-Count", strconv.Itoa(len(items)))
		reply(w, api.Response{Status: http.StatusOK, Body: items})
	})
	r.Post("/items", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Add(r.Header.Get("Content-Type"), r.Body))
	})
	r.Get("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Get(chi.URLParam(r, "id")))
	})
	r.Put("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Replace(chi.URLParam(r, "id"), r.Header.Get("Content-Type"), r.Body))
	})
	r.Delete("/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, store.Delete(chi.URLParam(r, "id")))
	})

	r.Post("/login", func(w http.ResponseWriter, r *http.Request) {
		cookie, response := store.Login(r.Header.Get("Content-Type"), r.Body)
		http.SetCookie(w, cookie)
		reply(w, response)
	})
	r.Get("/me", func(w http.ResponseWriter, r *http.Request) {
		token := ""
		if cookie, err := r.Cookie(api.CookieName); err == nil {
			token = cookie.Value
		}
		reply(w, store.Me(token))
	})

	r.Get("/fail", func(w http.ResponseWriter, _ *http.Request) { reply(w, api.Fail()) })
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("GET /panic does what it says") })
	return r
}

// recovery responds with 500 after a panic. The CORS headers that are already set are kept. chi's
// own middleware.Recoverer would respond without a body.
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

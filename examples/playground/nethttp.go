package main

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

func mountNetHTTP(a *demoAPI, d core.Decider) mounted {
	mux := http.NewServeMux()
	for _, e := range endpoints {
		mux.HandleFunc(e.method+" "+e.braced(), func(w http.ResponseWriter, r *http.Request) {
			reply(w, e.handle(a, a.read(r)))
		})
	}
	// Wrap the whole mux, not single routes. A preflight is an OPTIONS request, and the handler of
	// "PUT /items/1" does not run for it.
	return mounted{handler: recovering(corshttp.Middleware(d)(mux))}
}

// recovering responds with 500 after a panic. The CORS headers that are already set are kept.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				reply(w, panicked())
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// read returns the parts of a request that the API needs. It is for net/http and the frameworks
// that are built on it.
func (a *demoAPI) read(r *http.Request) call {
	c := call{
		host:          r.Host,
		token:         r.URL.Query().Get("t"),
		authorization: r.Header.Get("Authorization"),
		contentType:   r.Header.Get("Content-Type"),
	}
	if cookie, err := r.Cookie(a.cookieName()); err == nil {
		c.cookie = cookie.Value
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody))
	c.body = len(body)
	return c
}

func reply(w http.ResponseWriter, r apiResponse) {
	for _, h := range r.header {
		w.Header().Add(h[0], h[1])
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(r.body) // an error means that the client has gone
}

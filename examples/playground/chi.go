package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/core"
)

func init() { chi.RegisterMethod("PURGE") } // chi knows only standard methods

func mountChi(a *demoAPI, d core.Decider) mounted {
	r := chi.NewRouter()
	r.Use(recovering) // middleware.Recoverer would print a stack trace, but these panics are intended
	r.Use(corschi.Middleware(d))
	for _, e := range endpoints {
		r.MethodFunc(e.method, e.braced(), func(w http.ResponseWriter, r *http.Request) { reply(w, e.handle(a, a.read(r))) })
	}
	return mounted{handler: r}
}

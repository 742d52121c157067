package benchmarks

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/polycors/cors/adapters/corschi"
)

func serveChi(middleware ...func(http.Handler) http.Handler) Server {
	r := chi.NewRouter()
	r.Use(middleware...)
	r.HandleFunc("/items", handled)
	return httpServer{r}
}

func polycorsChi(p *Policy) (func(http.Handler) http.Handler, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corschi.Middleware(policy), nil
}

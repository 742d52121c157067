package benchmarks

import (
	"net/http"
	"time"

	"github.com/go-chi/cors"
)

func goChiCORS(p *Policy) (func(http.Handler) http.Handler, error) {
	options := cors.Options{
		AllowedOrigins:   p.Origins,
		AllowedMethods:   p.Methods,
		AllowedHeaders:   p.Headers,
		ExposedHeaders:   p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}
	if p.Func != nil {
		options.AllowOriginFunc = func(_ *http.Request, origin string) bool { return p.Func(origin) }
	}
	return cors.Handler(options), nil
}

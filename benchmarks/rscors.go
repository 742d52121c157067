package benchmarks

import (
	"net/http"
	"time"

	"github.com/rs/cors"
)

func rsCORS(p *Policy) (func(http.Handler) http.Handler, error) {
	return cors.New(cors.Options{
		AllowedOrigins:   p.Origins,
		AllowOriginFunc:  p.Func,
		AllowedMethods:   p.Methods,
		AllowedHeaders:   p.Headers,
		ExposedHeaders:   p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}).Handler, nil
}

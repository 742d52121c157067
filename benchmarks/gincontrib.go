package benchmarks

import (
	"slices"
	"strings"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

func ginContribCORS(p *Policy) (gin.HandlerFunc, error) {
	cfg := cors.Config{
		AllowOrigins:     p.Origins,
		AllowOriginFunc:  p.Func,
		AllowMethods:     p.Methods,
		AllowHeaders:     p.Headers,
		ExposeHeaders:    p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           p.MaxAge,
		AllowWildcard:    slices.ContainsFunc(p.Origins, func(s string) bool { return strings.Contains(s, "*.") }),
	}
	if slices.Equal(p.Origins, []string{"*"}) {
		cfg.AllowOrigins, cfg.AllowAllOrigins = nil, true
	}
	return cors.New(cfg), nil
}

package benchmarks

import (
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func echoCORS(p *Policy) (echo.MiddlewareFunc, error) {
	cfg := middleware.CORSConfig{
		AllowOrigins:     p.Origins,
		AllowMethods:     p.Methods,
		AllowHeaders:     p.Headers,
		ExposeHeaders:    p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}
	if p.Func != nil {
		cfg.AllowOriginFunc = func(origin string) (bool, error) { return p.Func(origin), nil }
	}
	return middleware.CORSWithConfig(cfg), nil
}

package benchmarks

import (
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

func echo5CORS(p *Policy) (echo.MiddlewareFunc, error) {
	cfg := middleware.CORSConfig{
		AllowOrigins:     p.Origins,
		AllowMethods:     p.Methods,
		AllowHeaders:     p.Headers,
		ExposeHeaders:    p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}
	if p.Func != nil {
		cfg.UnsafeAllowOriginFunc = func(_ *echo.Context, origin string) (string, bool, error) {
			return origin, p.Func(origin), nil
		}
	}
	return cfg.ToMiddleware()
}

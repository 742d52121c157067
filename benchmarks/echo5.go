package benchmarks

import (
	"github.com/labstack/echo/v5"

	"github.com/polycors/cors/adapters/corsecho5"
)

func serveEcho5(middleware ...echo.MiddlewareFunc) Server {
	e := echo.New()
	e.Use(middleware...)
	e.Any("/items", func(c *echo.Context) error { return c.NoContent(Handled) })
	return httpServer{e}
}

func floorEcho5(want Response) echo.MiddlewareFunc {
	lines := headerLines(want)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			write(c.Response().Header(), lines)
			if want.Status == Handled {
				return next(c)
			}
			return c.NoContent(want.Status)
		}
	}
}

func polycorsEcho5(p *Policy) (echo.MiddlewareFunc, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corsecho5.Middleware(policy), nil
}

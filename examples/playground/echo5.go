package main

import (
	"github.com/labstack/echo/v5"

	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/core"
)

func mountEcho5(a *demoAPI, d core.Decider) mounted {
	reply := func(c *echo.Context, r apiResponse) error {
		for _, h := range r.header {
			c.Response().Header().Set(h[0], h[1])
		}
		return c.JSON(r.status, r.body)
	}
	e := echo.New()
	// middleware.Recover would print a stack trace, but this panic is intended.
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) (err error) {
			defer func() {
				if recover() != nil {
					err = reply(c, panicked())
				}
			}()
			return next(c)
		}
	})
	e.Use(corsecho5.Middleware(d))
	for _, route := range endpoints {
		e.Add(route.method, route.path, func(c *echo.Context) error { return reply(c, route.handle(a, a.read(c.Request()))) })
	}
	return mounted{handler: e}
}

package main

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/core"
)

func mountFiber(a *demoAPI, d core.Decider) mounted {
	app := fiber.New(fiber.Config{
		ReadBufferSize:        maxHeader,
		BodyLimit:             maxBody,
		ReadTimeout:           10 * time.Second,
		IdleTimeout:           time.Minute,
		DisableStartupMessage: true,
		RequestMethods:        append(slices.Clone(fiber.DefaultMethods), "PURGE"),
	})
	app.Use(recover.New())
	app.Use(corsfiber.Middleware(d))
	for _, e := range endpoints {
		app.Add(e.method, e.path, func(c *fiber.Ctx) error {
			r := e.handle(a, a.readFast(c.Context()))
			for _, h := range r.header {
				c.Set(h[0], h[1])
			}
			return c.Status(r.status).JSON(r.body)
		})
	}
	app.Handler() // prepares app.Server(), which then serves on two listeners
	return mounted{fast: app.Server()}
}

package main

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/core"
)

func mountFiber3(a *demoAPI, d core.Decider) mounted {
	app := fiber.New(fiber.Config{
		ReadBufferSize: maxHeader,
		BodyLimit:      maxBody,
		ReadTimeout:    10 * time.Second,
		IdleTimeout:    time.Minute,
		RequestMethods: append(slices.Clone(fiber.DefaultMethods), "PURGE"),
	})
	app.Use(recover.New())
	app.Use(corsfiber3.Middleware(d))
	for _, e := range endpoints {
		app.Add([]string{e.method}, e.path, func(c fiber.Ctx) error {
			r := e.handle(a, a.readFast(c.RequestCtx()))
			for _, h := range r.header {
				c.Set(h[0], h[1])
			}
			return c.Status(r.status).JSON(r.body)
		})
	}
	app.Handler() // prepares app.Server(), which then serves on two listeners
	return mounted{fast: app.Server()}
}

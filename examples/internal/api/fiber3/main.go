// Command fiber3 serves the API of package api with fiber v3.
package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	return api.Serve(ctx, "fiber v3", args, stdout, server{routes(api.NewStore())})
}

// server implements api.Server.
type server struct{ app *fiber.App }

func (s server) Serve(l net.Listener) error {
	return s.app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
}

func (s server) Shutdown(ctx context.Context) error { return s.app.ShutdownWithContext(ctx) }

func routes(store *api.Store) *fiber.App {
	app := fiber.New(fiber.Config{
		ErrorHandler: failed,
		ReadTimeout:  10 * time.Second,
		// The default is 4 KiB, which cookies alone can exceed. A page cannot read fiber's own 431
		// response to longer headers.
		ReadBufferSize: 64 << 10,
		// As with the other frameworks, /items/ is not a route.
		StrictRouting: true,
	})

	// Use it on the app, not on a route. A preflight is an OPTIONS request, and no route has that
	// method.
	app.Use(recover.New())
	app.Use(corsfiber3.New(api.Policy()))

	app.Get("/items", func(c fiber.Ctx) error {
		items := store.Items()
		c.Set("X-Total-Count", strconv.Itoa(len(items)))
		return c.JSON(items)
	})
	app.Post("/items", func(c fiber.Ctx) error {
		return reply(c, store.Add(c.Get("Content-Type"), bytes.NewReader(c.Body())))
	})
	app.Get("/items/:id", func(c fiber.Ctx) error {
		return reply(c, store.Get(c.Params("id")))
	})
	app.Put("/items/:id", func(c fiber.Ctx) error {
		return reply(c, store.Replace(c.Params("id"), c.Get("Content-Type"), bytes.NewReader(c.Body())))
	})
	app.Delete("/items/:id", func(c fiber.Ctx) error {
		return reply(c, store.Delete(c.Params("id")))
	})

	app.Post("/login", func(c fiber.Ctx) error {
		cookie, response := store.Login(c.Get("Content-Type"), bytes.NewReader(c.Body()))
		if cookie != nil {
			c.Set("Set-Cookie", cookie.String())
		}
		return reply(c, response)
	})
	app.Get("/me", func(c fiber.Ctx) error { return reply(c, store.Me(c.Cookies(api.CookieName))) })

	app.Get("/fail", func(c fiber.Ctx) error { return reply(c, api.Fail()) })
	app.Get("/panic", func(fiber.Ctx) error { panic("GET /panic does what it says") })
	return app
}

// failed responds to an error of a handler. A *fiber.Error has its own response. Any other error is
// from a panic.
func failed(c fiber.Ctx, err error) error {
	var known *fiber.Error
	if errors.As(err, &known) {
		return fiber.DefaultErrorHandler(c, err)
	}
	return reply(c, api.Panicked())
}

func reply(c fiber.Ctx, response api.Response) error {
	return c.Status(response.Status).JSON(response.Body)
}

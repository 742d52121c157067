// Command echo5 serves the API of package api with echo v5.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	server := &http.Server{Handler: routes(api.NewStore()), ReadTimeout: 10 * time.Second}
	return api.Serve(ctx, "echo v5", args, stdout, server)
}

func routes(store *api.Store) http.Handler {
	e := echo.New()
	e.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	respond := echo.DefaultHTTPErrorHandler(false)
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		var known echo.HTTPStatusCoder
		if errors.As(err, &known) {
			respond(c, err)
			return
		}
		reply(c, api.Panicked())
	}

	// Use it on the instance, not on a route. A preflight is an OPTIONS request, and for a path that
	// only has other methods echo responds itself.
	e.Use(middleware.Recover(), corsecho5.New(api.Policy()))

	e.GET("/items", func(c *echo.Context) error {
		items := store.Items()
		c.Response().Header().Set("X-Total-Count", strconv.Itoa(len(items)))
		return c.JSON(http.StatusOK, items)
	})
	e.POST("/items", func(c *echo.Context) error {
		return reply(c, store.Add(contentType(c), c.Request().Body))
	})
	e.GET("/items/:id", func(c *echo.Context) error {
		return reply(c, store.Get(c.Param("id")))
	})
	e.PUT("/items/:id", func(c *echo.Context) error {
		return reply(c, store.Replace(c.Param("id"), contentType(c), c.Request().Body))
	})
	e.DELETE("/items/:id", func(c *echo.Context) error {
		return reply(c, store.Delete(c.Param("id")))
	})

	e.POST("/login", func(c *echo.Context) error {
		cookie, response := store.Login(contentType(c), c.Request().Body)
		http.SetCookie(c.Response(), cookie)
		return reply(c, response)
	})
	e.GET("/me", func(c *echo.Context) error {
		token := ""
		if cookie, err := c.Cookie(api.CookieName); err == nil {
			token = cookie.Value
		}
		return reply(c, store.Me(token))
	})

	e.GET("/fail", func(c *echo.Context) error { return reply(c, api.Fail()) })
	e.GET("/panic", func(*echo.Context) error { panic("GET /panic does what it says") })
	return e
}

func contentType(c *echo.Context) string { return c.Request().Header.Get("Content-Type") }

func reply(c *echo.Context, response api.Response) error {
	return c.JSON(response.Status, response.Body)
}

// Command gin serves the API of package api with gin.
package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	server := &http.Server{Handler: routes(api.NewStore()), ReadTimeout: 10 * time.Second}
	return api.Serve(ctx, "gin", args, stdout, server)
}

func routes(store *api.Store) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	// Otherwise gin redirects /items/ to /items before any middleware runs, and a page cannot follow a
	// redirect without CORS headers.
	r.RedirectTrailingSlash = false

	// Use it on the engine, not on a group. A preflight is an OPTIONS request, and no route has that
	// method.
	r.Use(gin.CustomRecovery(func(c *gin.Context, _ any) {
		c.Abort()
		reply(c, api.Panicked())
	}))
	r.Use(corsgin.New(api.Policy()))

	r.GET("/items", func(c *gin.Context) {
		items := store.Items()
		c.Header("X-Total-Count", strconv.Itoa(len(items)))
		c.JSON(http.StatusOK, items)
	})
	r.POST("/items", func(c *gin.Context) {
		reply(c, store.Add(c.GetHeader("Content-Type"), c.Request.Body))
	})
	r.GET("/items/:id", func(c *gin.Context) {
		reply(c, store.Get(c.Param("id")))
	})
	r.PUT("/items/:id", func(c *gin.Context) {
		reply(c, store.Replace(c.Param("id"), c.GetHeader("Content-Type"), c.Request.Body))
	})
	r.DELETE("/items/:id", func(c *gin.Context) {
		reply(c, store.Delete(c.Param("id")))
	})

	r.POST("/login", func(c *gin.Context) {
		cookie, response := store.Login(c.GetHeader("Content-Type"), c.Request.Body)
		http.SetCookie(c.Writer, cookie)
		reply(c, response)
	})
	r.GET("/me", func(c *gin.Context) {
		token, _ := c.Cookie(api.CookieName)
		reply(c, store.Me(token))
	})

	r.GET("/fail", func(c *gin.Context) { reply(c, api.Fail()) })
	r.GET("/panic", func(*gin.Context) { panic("GET /panic does what it says") })
	return r
}

func reply(c *gin.Context, response api.Response) { c.JSON(response.Status, response.Body) }

package main

import (
	"io"

	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/core"
)

func init() { gin.SetMode(gin.ReleaseMode) } // otherwise gin prints its routes

func mountGin(a *demoAPI, d core.Decider) mounted {
	reply := func(c *gin.Context, r apiResponse) {
		for _, h := range r.header {
			c.Header(h[0], h[1])
		}
		c.JSON(r.status, r.body)
	}
	r := gin.New()
	// Otherwise gin redirects /items/ to /items before any middleware runs, and a page cannot
	// follow a redirect without CORS headers.
	r.RedirectTrailingSlash = false
	// gin.Recovery would print a stack trace, but this panic is intended.
	r.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		c.Abort()
		reply(c, panicked())
	}))
	r.Use(corsgin.Middleware(d))
	for _, e := range endpoints {
		r.Handle(e.method, e.path, func(c *gin.Context) { reply(c, e.handle(a, a.read(c.Request))) })
	}
	return mounted{handler: r}
}

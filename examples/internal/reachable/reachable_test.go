// Package reachable tests corstest.CheckReachable with mistakes in setups of real frameworks.
package reachable

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	"github.com/labstack/echo/v4"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/examples/internal/frameworks"
)

// Parts of messages that several tests expect.
const (
	globally = "register the middleware once, for the whole server and before the routes, " +
		"and give paths a policy of their own with Config.Routes"
	policyOnly = "leave the header to the policy: delete the line that sets it, " +
		"or use core.Strip on the response of an upstream server; for a handler that you cannot change, " +
		`see docs/guides/proxies.md, "Handlers and upstreams that set CORS headers"`
	overriding = "a handler, a helper for server-sent events, a second CORS middleware or an upstream server " +
		"sets the header inside the middleware"
	excluded = "Config.Routes has no policy for this path, or a skipper excludes it; " +
		"give the path a policy, or leave it out of this check"
)

const app = "https://app.example.com"

var config = core.Config{AllowOrigins: []string{app}, AllowCredentials: true}

// collecting is a testing.TB that keeps what is reported.
type collecting struct {
	testing.TB
	errors []string
}

func (c *collecting) Helper() {}

func (c *collecting) Errorf(format string, args ...any) {
	c.errors = append(c.errors, fmt.Sprintf(format, args...))
}

func ginHandler(c *gin.Context) { c.String(200, "ok") }

func ginStar(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.SSEvent("message", "ok")
}

func chiHandler(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) }

func httpStar(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Write([]byte("ok"))
}

func echoHandler(c echo.Context) error { return c.String(200, "ok") }

func fiberHandler(c *fiber.Ctx) error { return c.SendString("ok") }

// setups has the mistakes. Each function returns the address of the server.
var setups = []struct {
	name  string
	serve func(t *testing.T) (addr string)
	path  string
	want  string // the only message; "" for none
}{
	{
		"net/http, handler sets *", overHTTP(func() http.Handler {
			return corshttp.New(config)(http.HandlerFunc(httpStar))
		}), "/events",
		"every website can read the response, because it has Access-Control-Allow-Origin: *, " +
			"although the policy refuses other origins in preflights: " + overriding + "; " + policyOnly,
	},

	{"gin", overGin(func(r *gin.Engine) {
		r.Use(corsgin.New(config))
		r.GET("/items", ginHandler)
	}), "/items", ""},
	{
		"gin, route before Use", overGin(func(r *gin.Engine) {
			r.GET("/items", ginHandler)
			r.Use(corsgin.New(config))
		}), "/items",
		"the preflight reached the CORS middleware, but the actual request (status 200) did not, " +
			"although a request for /polycors-reachable-no-such-route, which has no route, did: the " +
			"middleware is registered after the route (gin, fiber and echo groups run only what was " +
			"registered before it), or on a group that the route is not in; " + globally,
	},
	{
		"gin, route with a parameter before Use", overGin(func(r *gin.Engine) {
			r.GET("/items/:id", ginHandler)
			r.Use(corsgin.New(config))
		}), "/items/42",
		"the preflight reached the CORS middleware, but the actual request (status 200) did not, " +
			"although a request for /polycors-reachable/no-such-route, which has no route, did: the " +
			"middleware is registered after the route (gin, fiber and echo groups run only what was " +
			"registered before it), or on a group that the route is not in; " + globally,
	},
	{
		"gin, all methods before Use", overGin(func(r *gin.Engine) {
			r.Any("/items", ginHandler)
			r.Use(corsgin.New(config))
		}), "/items",
		"neither the preflight (status 200) nor the actual request (status 200) reached a CORS " +
			"policy, but a request for /polycors-reachable-no-such-route, which has no route, did, for " +
			"one of these reasons:\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), or on a group that the route is not in; " + globally + "\n" +
			"\t- " + excluded,
	},
	{
		"gin, route before Use of its group", overGin(func(r *gin.Engine) {
			api := r.Group("/api")
			api.GET("/items", ginHandler)
			api.Use(corsgin.New(config))
		}), "/api/items",
		"neither the preflight (status 404) nor the actual request (status 200) reached a CORS " +
			"policy, for one of these reasons:\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), on another route or group, or not at all; " + globally + "\n" +
			"\t- " + excluded,
	},
	{
		"gin, route before Use of its group, 405", overGin(func(r *gin.Engine) {
			r.HandleMethodNotAllowed = true
			api := r.Group("/api")
			api.GET("/items", ginHandler)
			api.Use(corsgin.New(config))
		}), "/api/items",
		"neither the preflight (status 405, Allow: GET) nor the actual request (status 200) reached " +
			"a CORS policy, for one of these reasons:\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), on another route or group, or not at all; " + globally + "\n" +
			"\t- " + excluded,
	},
	{
		"gin, on a group", overGin(func(r *gin.Engine) {
			r.Group("/api", corsgin.New(config)).GET("/items", ginHandler)
		}), "/api/items",
		"the actual request reached the CORS middleware, but the preflight (status 404) did not: the " +
			"middleware is registered on a route or a group, which has no OPTIONS; " + globally,
	},
	{
		"gin, not registered", overGin(func(r *gin.Engine) { r.GET("/items", ginHandler) }), "/items",
		"neither the preflight (status 404) nor the actual request (status 200) reached a CORS " +
			"policy, for one of these reasons:\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), on another route or group, or not at all; " + globally + "\n" +
			"\t- " + excluded,
	},
	{
		"gin, no route", overGin(func(r *gin.Engine) { r.Group("/api", corsgin.New(config)) }), "/api/items",
		"neither the preflight (status 404) nor the actual request (status 404) reached a CORS " +
			"policy, for one of these reasons:\n" +
			"\t- no route matches GET or OPTIONS, and the middleware runs only for routes that match; " +
			globally + "\n" +
			"\t- " + excluded,
	},
	{
		"gin, only a route for POST", overGin(func(r *gin.Engine) {
			r.HandleMethodNotAllowed = true
			r.POST("/items", corsgin.New(config), ginHandler)
		}), "/items",
		"neither the preflight (status 405, Allow: POST) nor the actual request (status 405, Allow: " +
			"POST) reached a CORS policy: the path has no route for GET, and the router's own responses " +
			"do not pass through the middleware; check a path that has a route for GET, or wrap the " +
			"whole router with the middleware (on net/http: corshttp.New(cfg)(router)), so that it sees " +
			"the router's own responses",
	},
	{
		"gin, only routes for POST and OPTIONS", overGin(func(r *gin.Engine) {
			r.HandleMethodNotAllowed = true
			r.POST("/items", corsgin.New(config), ginHandler)
			r.OPTIONS("/items", corsgin.New(config), ginHandler)
		}), "/items",
		"the preflight reached the CORS middleware, but the actual request (status 405, Allow: POST, " +
			"OPTIONS) did not: the path has no route for GET, and the router's own responses do not pass " +
			"through the middleware; check a path that has a route for GET, or wrap the whole router " +
			"with the middleware (on net/http: corshttp.New(cfg)(router)), so that it sees the router's " +
			"own responses",
	},
	{
		"gin, disabled", overGin(func(r *gin.Engine) {
			disabled := config
			disabled.Routes = []core.Route{{Path: "/items", Disable: true}}
			r.Use(corsgin.New(disabled))
			r.GET("/items", ginHandler)
		}), "/items",
		"neither the preflight (status 404) nor the actual request (status 200) reached a CORS " +
			"policy, but a request for /polycors-reachable-no-such-route, which has no route, did: " + excluded,
	},
	{
		"gin, outside Routes", overGin(func(r *gin.Engine) {
			r.Use(corsgin.New(core.Config{Routes: []core.Route{{Path: "/api/", Config: config}}}))
			r.GET("/items", ginHandler)
		}), "/items",
		"neither the preflight (status 404) nor the actual request (status 200) reached a CORS " +
			"policy, for one of these reasons:\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), on another route or group, or not at all; " + globally + "\n" +
			"\t- " + excluded,
	},
	{
		"gin, handler sets *", overGin(func(r *gin.Engine) {
			r.Use(corsgin.New(config))
			r.GET("/events", ginStar)
		}), "/events",
		"every website can read the response, because it has Access-Control-Allow-Origin: *, " +
			"although the policy refuses other origins in preflights: " + overriding + "; " + policyOnly,
	},

	{
		"chi, on a group", overHTTP(func() http.Handler {
			r := chi.NewRouter()
			r.Group(func(r chi.Router) {
				r.Use(corschi.New(config))
				r.Get("/items", chiHandler)
			})
			return r
		}), "/items",
		"the actual request reached the CORS middleware, but the preflight (status 405, Allow: GET) " +
			"did not: the middleware is registered on a route or a group, which has no OPTIONS; " + globally,
	},
	{
		"chi, handler sets *", overHTTP(func() http.Handler {
			r := chi.NewRouter()
			r.Use(corschi.New(config))
			r.Get("/events", httpStar)
			return r
		}), "/events",
		"every website can read the response, because it has Access-Control-Allow-Origin: *, " +
			"although the policy refuses other origins in preflights: " + overriding + "; " + policyOnly,
	},
	{
		"chi, disabled", overHTTP(func() http.Handler {
			disabled := config
			disabled.Routes = []core.Route{{Path: "/items", Disable: true}}
			r := chi.NewRouter()
			r.Use(corschi.New(disabled))
			r.Get("/items", chiHandler)
			return r
		}), "/items",
		"neither the preflight (status 405, Allow: GET) nor the actual request (status 200) reached " +
			"a CORS policy, but a request for /polycors-reachable-no-such-route, which has no route, " +
			"did, for one of these reasons:\n" +
			"\t- " + excluded + "\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), or on a group that the route is not in; " + globally,
	},

	{
		"echo, on a route", overEcho(func(e *echo.Echo) { e.GET("/items", echoHandler, corsecho.New(config)) }), "/items",
		"the actual request reached the CORS middleware, but the preflight (status 204, Allow: " +
			"OPTIONS, GET) did not: the middleware is registered on a route or a group, which has no " +
			"OPTIONS; " + globally,
	},
	{"echo, Use after the route", overEcho(func(e *echo.Echo) {
		e.GET("/items", echoHandler)
		e.Use(corsecho.New(config))
	}), "/items", ""},
	{
		"echo, route before Use of its group", overEcho(func(e *echo.Echo) {
			api := e.Group("/api")
			api.GET("/items", echoHandler)
			api.Use(corsecho.New(config))
		}), "/api/items",
		"the preflight reached the CORS middleware, but the actual request (status 200) did not, " +
			"although a request for /api/polycors-reachable-no-such-route, which has no route, did: the " +
			"middleware is registered after the route (gin, fiber and echo groups run only what was " +
			"registered before it), or on a group that the route is not in; " + globally,
	},
	{
		"echo, handler sets *", overEcho(func(e *echo.Echo) {
			e.Use(corsecho.New(config))
			e.GET("/events", echo.WrapHandler(http.HandlerFunc(httpStar)))
		}), "/events",
		"every website can read the response, because it has Access-Control-Allow-Origin: *, " +
			"although the policy refuses other origins in preflights: " + overriding + "; " + policyOnly,
	},

	{
		"fiber, route before Use", overFiber(func(app *fiber.App) {
			app.Get("/items", fiberHandler)
			app.Use(corsfiber.New(config))
		}), "/items",
		"the preflight reached the CORS middleware, but the actual request (status 200) did not, " +
			"although a request for /polycors-reachable-no-such-route, which has no route, did: the " +
			"middleware is registered after the route (gin, fiber and echo groups run only what was " +
			"registered before it), or on a group that the route is not in; " + globally,
	},
	{"fiber, handler sets *", overFiber(func(app *fiber.App) {
		app.Use(corsfiber.New(config))
		app.Get("/events", func(c *fiber.Ctx) error {
			c.Set("Access-Control-Allow-Origin", "*")
			return fiberHandler(c)
		})
	}), "/events", ""},

	{"fasthttp, handler sets *", overFast(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
	}, corsfasthttp.New(config)), "/events", ""},
	{
		"fasthttp, not registered", overFast(func(ctx *fasthttp.RequestCtx) {
			if !ctx.IsGet() {
				ctx.SetStatusCode(405)
			}
		}), "/items",
		"neither the preflight (status 405) nor the actual request (status 200) reached a CORS " +
			"policy, for one of these reasons:\n" +
			"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
			"was registered before it), on another route or group, or not at all; " + globally + "\n" +
			"\t- " + excluded,
	},
}

func TestSetups(t *testing.T) {
	for _, tt := range setups {
		t.Run(tt.name, func(t *testing.T) {
			got := &collecting{TB: t}
			corstest.CheckReachableAt(got, tt.serve(t), app, tt.path)
			var want []string
			if tt.want != "" {
				want = []string{"corstest: " + tt.path + ": " + tt.want}
			}
			if !slices.Equal(got.errors, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got.errors, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func overHTTP(handler func() http.Handler) func(*testing.T) string {
	return func(t *testing.T) string { return frameworks.ServeHTTP(t, adaptertest.Server{}, handler()) }
}

func overGin(register func(*gin.Engine)) func(*testing.T) string {
	return overHTTP(func() http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		register(r)
		return r
	})
}

func overEcho(register func(*echo.Echo)) func(*testing.T) string {
	return overHTTP(func() http.Handler {
		e := echo.New()
		register(e)
		return e
	})
}

func overFiber(register func(*fiber.App)) func(*testing.T) string {
	return func(t *testing.T) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		register(app)
		return frameworks.ServeFiber(t, app)
	}
}

func overFast(
	handler fasthttp.RequestHandler, middlewares ...func(fasthttp.RequestHandler) fasthttp.RequestHandler,
) func(*testing.T) string {
	return func(t *testing.T) string {
		for _, m := range middlewares {
			handler = m(handler)
		}
		return frameworks.ServeFast(t, &fasthttp.Server{Handler: handler})
	}
}

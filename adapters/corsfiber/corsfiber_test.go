package corsfiber_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gofiber/fiber/v2/middleware/basicauth"
	"github.com/gofiber/fiber/v2/middleware/cache"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/etag"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
	"github.com/gofiber/fiber/v2/middleware/proxy"
	recovery "github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/timeout"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
)

func TestConformance(t *testing.T) {
	before := func(s adaptertest.Server) fiber.Handler {
		return func(c *fiber.Ctx) error {
			for name, values := range s.Before {
				for _, value := range values {
					c.Response().Header.Add(name, value)
				}
			}
			return c.Next()
		}
	}
	t.Run("middleware", func(t *testing.T) {
		adaptertest.Run(t, func(t testing.TB, s adaptertest.Server) string {
			app := newApp()
			app.Use(recovery.New(), before(s))
			for _, d := range s.Deciders {
				app.Use(corsfiber.Middleware(d))
			}
			app.Use(adaptor.HTTPHandler(s.Handler))
			return start(t, app)
		})
	})
	t.Run("attached", func(t *testing.T) {
		adaptertest.Run(t, func(t testing.TB, s adaptertest.Server) string {
			app := newApp()
			attach(t, app, s.Deciders[0])
			for _, d := range s.Deciders[1:] {
				app.Use(corsfiber.Middleware(d))
			}
			app.Use(adaptor.HTTPHandler(s.Handler))
			attached := app.Server().Handler
			app.Server().Handler = func(ctx *fasthttp.RequestCtx) {
				defer func() {
					if recover() != nil {
						ctx.SetStatusCode(500)
					}
				}()
				for name, values := range s.Before {
					for _, value := range values {
						ctx.Response.Header.Add(name, value)
					}
				}
				attached(ctx)
			}
			return start(t, app)
		})
	})
}

const app = "Origin: https://app.example"

// policy is the one of most tests.
var policy = core.Config{
	AllowOrigins:     []string{"https://app.example", "https://*.sub.example"},
	AllowMethods:     []string{"GET", "POST", "PUT", "DELETE"},
	AllowHeaders:     []string{"content-type", "x-token"},
	ExposeHeaders:    []string{"X-Total"},
	AllowCredentials: true,
	MaxAge:           10 * time.Minute,
}

// other lets another origin in, and nobody else.
var other = core.Config{AllowOrigins: []string{"https://other.example"}}

// What policy answers.
var (
	granted = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Expose-Headers: X-Total",
		"Vary: Origin",
	}
	refused   = []string{"Vary: Origin"}
	preflight = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Headers: content-type, x-token",
		"Access-Control-Allow-Methods: GET, POST, PUT, DELETE",
		"Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Max-Age: 600",
		"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	preflightRefused = []string{"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
)

// grantedWith is granted with other lines of Vary.
func grantedWith(vary ...string) []string { return append(slices.Clone(granted[:3]), vary...) }

// A situation is a request, and what is to come back.
type situation struct {
	name    string
	handler fiber.Handler // inside of the policy
	request string
	status  int
	lines   []string // of Access-Control-* and Vary, in order
	body    string   // "": any
}

func run(t *testing.T, situations []situation, before ...fiber.Handler) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			s.check(t, exchange(t, start(t, use(append(slices.Clone(before), s.handler)...)), s.request))
		})
	}
}

// use returns an app with these handlers for every path and method.
func use(handlers ...fiber.Handler) *fiber.App {
	return with(fiber.Config{ReadBufferSize: 64 << 10}, handlers...)
}

// with is use with a configuration.
func with(config fiber.Config, handlers ...fiber.Handler) *fiber.App {
	app := newApp(config)
	for _, h := range handlers {
		app.Use(h)
	}
	return app
}

func newApp(config ...fiber.Config) *fiber.App {
	cfg := fiber.Config{ReadBufferSize: 64 << 10}
	if len(config) > 0 {
		cfg = config[0]
	}
	cfg.DisableStartupMessage = true
	return fiber.New(cfg)
}

func (s *situation) check(t *testing.T, got answer) {
	t.Helper()
	if got.status != s.status {
		t.Errorf("got status %d, want %d", got.status, s.status)
	}
	if lines := got.cors(); !slices.Equal(lines, s.lines) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(lines, "\n\t"), strings.Join(s.lines, "\n\t"))
	}
	if s.body != "" && got.body != s.body {
		t.Errorf("got body %q, want %q", got.body, s.body)
	}
}

func ok(c *fiber.Ctx) error { return c.SendString("ok") }

func boom(*fiber.Ctx) error { panic("boom") }

const (
	evil = "Origin: https://evil.example"
	put  = "Access-Control-Request-Method: PUT"
)

// TestHandlers: whatever a handler does to the response or to the request, the headers are the policy's, each once.
func TestHandlers(t *testing.T) {
	header := func(f func(h *fasthttp.ResponseHeader)) fiber.Handler {
		return func(c *fiber.Ctx) error { f(&c.Response().Header); return c.SendString("ok") }
	}
	set := func(name, value string) fiber.Handler {
		return func(c *fiber.Ctx) error { c.Set(name, value); return c.SendString("ok") }
	}
	add := func(name string, values ...string) fiber.Handler {
		return header(func(h *fasthttp.ResponseHeader) {
			for _, value := range values {
				h.Add(name, value)
			}
		})
	}
	request := func(f func(ctx *fasthttp.RequestCtx)) fiber.Handler {
		return func(c *fiber.Ctx) error { f(c.Context()); return c.SendString("ok") }
	}
	fails := func(err error) fiber.Handler { return func(*fiber.Ctx) error { return err } }
	all := header(func(h *fasthttp.ResponseHeader) {
		for _, name := range []string{
			"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
			"Access-Control-Allow-Private-Network", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Polycors-Reason",
		} {
			h.Add(name, "true")
			h.Add(name, "*")
		}
	})
	run(t, []situation{
		{"plain", ok, get("/", app), 200, granted, "ok"},
		{"pattern", ok, get("/", "Origin: https://a.sub.example"), 200, []string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.sub.example", "Access-Control-Expose-Headers: X-Total", "Vary: Origin",
		}, "ok"},
		{"refused origin", ok, get("/", evil), 200, refused, "ok"},
		{"no origin", ok, get("/"), 200, refused, "ok"},
		{"writes nothing", fails(nil), get("/", app), 200, granted, ""},
		{"returns an error", fails(errors.New("failed")), get("/", app), 500, granted, "failed"},
		{"returns an error, refused origin", fails(errors.New("failed")), get("/", evil), 500, refused, "failed"},
		{"fiber.NewError", fails(fiber.NewError(418, "teapot")), get("/", app), 418, granted, "teapot"},
		{"fiber.ErrNotFound", fails(fiber.ErrNotFound), get("/", app), 404, granted, "Not Found"},
		{"c.SendStatus", func(c *fiber.Ctx) error { return c.SendStatus(401) }, get("/", app), 401, granted, "Unauthorized"},
		{"c.Redirect", func(c *fiber.Ctx) error { return c.Redirect("/there") }, get("/", app), 302, granted, ""},
		{"c.JSON", func(c *fiber.Ctx) error { return c.JSON("ok") }, get("/", app), 200, granted, `"ok"`},
		{"c.Format", func(c *fiber.Ctx) error { return c.Format("ok") }, get("/", app, "Accept: text/plain"), 200, granted, "ok"},
		{"c.Vary", func(c *fiber.Ctx) error { c.Vary("Accept", "Origin"); return c.SendString("ok") }, get("/", app), 200, grantedWith("Vary: Accept, Origin"), "ok"},
		{"ctx.Error", request(func(ctx *fasthttp.RequestCtx) { ctx.Error("failed", 500) }), get("/", app), 500, granted, "ok"},
		{"ctx.NotFound", request((*fasthttp.RequestCtx).NotFound), get("/", app), 404, granted, "ok"},
		{"HEAD", ok, "HEAD" + strings.TrimPrefix(get("/", app), "GET"), 200, granted, ""},
		{"resets the response", request(func(ctx *fasthttp.RequestCtx) { ctx.Response.Reset() }), get("/", app), 200, granted, "ok"},
		{"resets the header", header((*fasthttp.ResponseHeader).Reset), get("/", app), 200, granted, "ok"},
		{"sets Allow-Origin", set("Access-Control-Allow-Origin", "*"), get("/", app), 200, granted, "ok"},
		{"adds Allow-Origin twice", add("Access-Control-Allow-Origin", "*", "https://evil.example"), get("/", app), 200, granted, "ok"},
		{"adds everything twice", all, get("/", app), 200, granted, "ok"},
		{"adds everything twice, refused origin", all, get("/", evil), 200, refused, "ok"},
		{"adds everything twice, no origin", all, get("/"), 200, refused, "ok"},
		{"sets Allow-Origin, refused origin", set("Access-Control-Allow-Origin", "https://evil.example"), get("/", evil), 200, refused, "ok"},
		{"sets Vary", set("Vary", "Accept"), get("/", app), 200, grantedWith("Vary: Accept", "Vary: Origin"), "ok"},
		{"sets Vary to star", set("Vary", "*"), get("/", app), 200, grantedWith("Vary: *"), "ok"},
		{"adds two lines of Vary", add("Vary", "Accept", "X-Tenant, Accept-Language"), get("/", app), 200,
			grantedWith("Vary: Accept", "Vary: X-Tenant, Accept-Language", "Vary: Origin"), "ok"},
		{"sets Vary to origin in lower case", set("Vary", "accept, origin"), get("/", app), 200, grantedWith("Vary: accept, origin"), "ok"},
		{"deletes Vary", header(func(h *fasthttp.ResponseHeader) { h.Del("Vary") }), get("/", app), 200, granted, "ok"},
		{"deletes the request's Origin", request(func(ctx *fasthttp.RequestCtx) { ctx.Request.Header.Del("Origin") }), get("/", app), 200, granted, "ok"},
		{"rewrites the request's Origin", request(func(ctx *fasthttp.RequestCtx) {
			origin := ctx.Request.Header.Peek("Origin")
			for i := range origin {
				origin[i] = 'x'
			}
		}), get("/", app), 200, granted, "ok"},
		{"rewrites the request's Origin that a pattern let in", request(func(ctx *fasthttp.RequestCtx) {
			ctx.Request.Header.Set("Origin", "https://a.evil.example")
		}), get("/", "Origin: https://a.sub.example"), 200, []string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.sub.example", "Access-Control-Expose-Headers: X-Total", "Vary: Origin",
		}, "ok"},
		{"resets the request", request(func(ctx *fasthttp.RequestCtx) { ctx.Request.Reset() }), get("/", app), 200, granted, "ok"},
		{"resets the user values", request((*fasthttp.RequestCtx).ResetUserValues), get("/", app), 200, granted, "ok"},
		{"OPTIONS without a requested method", ok, options("/", app), 200, granted, "ok"},
		{"OPTIONS with an empty requested method", ok, options("/", app, "Access-Control-Request-Method:"), 200, granted, "ok"},
		{"OPTIONS without Origin", ok, options("/", put), 200, refused, "ok"},
	}, corsfiber.New(policy))
}

// TestPreflights: the handler does not run, whatever the path, and nothing of what it might have said is there.
func TestPreflights(t *testing.T) {
	var ran atomic.Bool
	never := func(*fiber.Ctx) error { ran.Store(true); return nil }
	// What a middleware outside has prepared goes.
	prepared := func(c *fiber.Ctx) error {
		c.Set("Allow", "GET, OPTIONS")
		c.Type("txt")
		c.WriteString("prepared")
		return c.Next()
	}
	situations := []situation{
		{"allowed", never, options("/", app, put), 204, preflight, ""},
		{"with headers", never, options("/", app, put, "Access-Control-Request-Headers: content-type,x-token"), 204, preflight, ""},
		{"headers in two lines", never, options("/", app, put, "Access-Control-Request-Headers: content-type", "Access-Control-Request-Headers: x-token"), 204, preflight, ""},
		{"second line of headers not allowed", never, options("/", app, put, "Access-Control-Request-Headers: content-type", "Access-Control-Request-Headers: x-evil"), 403, preflightRefused, ""},
		{"header not allowed", never, options("/", app, put, "Access-Control-Request-Headers: x-evil"), 403, preflightRefused, ""},
		{"a thousand commas", never, options("/", app, put, "Access-Control-Request-Headers: "+strings.Repeat(",", 1000)), 403, preflightRefused, ""},
		{"method not allowed", never, options("/", app, "Access-Control-Request-Method: PATCH"), 403, preflightRefused, ""},
		{"method in lower case", never, options("/", app, "Access-Control-Request-Method: put"), 403, preflightRefused, ""},
		{"two lines of method", never, options("/", app, put, put), 403, preflightRefused, ""},
		{"refused origin", never, options("/", evil, put), 403, preflightRefused, ""},
		{"path with two slashes", never, options("//get", app, put), 204, preflight, ""},
		{"path with dots", never, options("/api/../get", app, put), 204, preflight, ""},
		{"path percent-encoded", never, options("/%67et", app, put), 204, preflight, ""},
		{"path badly encoded", never, options("/%zz", app, put), 204, preflight, ""},
		{"star", never, options("*", app, put), 204, preflight, ""},
		{"absolute target", never, options("http://h/get", app, put), 204, preflight, ""},
		{"HTTP/1.0", never, strings.Replace(options("/", app, put), "HTTP/1.1", "HTTP/1.0", 1), 204, preflight, ""},
		{"with a body", never, options("/", app, put, "Content-Length: 5") + "hello", 204, preflight, ""},
		{"names in lower case", never, options("/", "origin: https://app.example", "access-control-request-method: PUT"), 204, preflight, ""},
		{"names in upper case", never, options("/", "ORIGIN: https://app.example", "ACCESS-CONTROL-REQUEST-METHOD: PUT"), 204, preflight, ""},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			attached := use(prepared, s.handler)
			attach(t, attached, compile(t, policy))
			for _, server := range []*fiber.App{use(prepared, corsfiber.New(policy), s.handler), attached} {
				got := exchange(t, start(t, server), s.request)
				s.check(t, got)
				if got.body != "" || got.has("Content-Type") || got.has("Allow") {
					t.Errorf("got %q and the body %q, want no Content-Type, no Allow and no body", got.lines, got.body)
				}
				if ran.Swap(false) {
					t.Error("the handler has run")
				}
			}
		})
	}
}

// TestRouting: registered on the app, the middleware sees every path.
func TestRouting(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.txt"), []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	routes := func(r *fiber.App) {
		r.Get("/get", ok)
		r.Get("/p/:id", func(c *fiber.Ctx) error { return c.SendString(c.Params("id")) })
		r.Group("/api").Get("/g", ok)
		r.Static("/static", root, fiber.Static{ByteRange: true})
		r.Options("/explicit", func(c *fiber.Ctx) error { return c.SendString("explicit") })
		sub := newApp()
		sub.Get("/x", ok)
		sub.Get("/fails", func(*fiber.Ctx) error { return fiber.ErrTeapot })
		r.Mount("/sub", sub)
		r.Get("/secret", basicauth.New(basicauth.Config{Users: map[string]string{"ada": "x"}}), ok)
		r.Get("/restart", func(c *fiber.Ctx) error { c.Path("/get"); return c.RestartRouting() })
	}
	get0 := "Access-Control-Request-Method: GET"
	used := newApp()
	used.Use(corsfiber.New(policy))
	routes(used)
	attached := newApp()
	attach(t, attached, compile(t, policy))
	routes(attached)
	for name, server := range map[string]*fiber.App{"used": used, "attached": attached} {
		addr := start(t, server)
		for _, s := range []situation{
			{name: "preflight of a GET route", request: options("/get", app, put), status: 204, lines: preflight},
			{name: "preflight of a parameter", request: options("/p/42", app, put), status: 204, lines: preflight},
			{name: "preflight of an unknown path", request: options("/nope", app, put), status: 204, lines: preflight},
			{name: "preflight of a group", request: options("/api/g", app, get0), status: 204, lines: preflight},
			{name: "preflight of an unknown path in a group", request: options("/api/nope", app, put), status: 204, lines: preflight},
			{name: "preflight of a file", request: options("/static/a.txt", app, get0), status: 204, lines: preflight},
			{name: "preflight of a file that is not there", request: options("/static/zz", app, get0), status: 204, lines: preflight},
			{name: "preflight of a mounted app", request: options("/sub/x", app, get0), status: 204, lines: preflight},
			{name: "preflight of an unknown path in a mounted app", request: options("/sub/zz", app, get0), status: 204, lines: preflight},
			{name: "preflight of an OPTIONS route", request: options("/explicit", app, put), status: 204, lines: preflight},
			{name: "preflight with another slash", request: options("/get/", app, get0), status: 204, lines: preflight},
			{name: "preflight in upper case", request: options("/GET", app, get0), status: 204, lines: preflight},
			{name: "preflight before authentication", request: options("/secret", app, get0), status: 204, lines: preflight},
			{name: "OPTIONS route", request: options("/explicit", app), status: 200, lines: granted, body: "explicit"},
			{name: "OPTIONS route without Origin", request: options("/explicit"), status: 200, lines: refused, body: "explicit"},
			{name: "route", request: get("/get", app), status: 200, lines: granted, body: "ok"},
			{name: "parameter", request: get("/p/42", app), status: 200, lines: granted, body: "42"},
			{name: "group", request: get("/api/g", app), status: 200, lines: granted, body: "ok"},
			{name: "mounted app", request: get("/sub/x", app), status: 200, lines: granted, body: "ok"},
			{name: "mounted app fails", request: get("/sub/fails", app), status: 418, lines: granted},
			{name: "not found", request: get("/nope", app), status: 404, lines: granted, body: "Cannot GET /nope"},
			{name: "not found in a mounted app", request: get("/sub/nope", app), status: 404, lines: granted},
			{name: "not found, refused origin", request: get("/nope", evil), status: 404, lines: refused},
			{name: "method not allowed", request: "POST" + strings.TrimPrefix(get("/get", app, "Content-Length: 0"), "GET"), status: 405, lines: granted},
			{name: "not authorised", request: get("/secret", app), status: 401, lines: granted},
			{name: "routed once more", request: get("/restart", app), status: 200, lines: granted, body: "ok"},
			{name: "file", request: get("/static/a.txt", app), status: 200, lines: granted, body: "a file"},
			{name: "HEAD of a file", request: "HEAD" + strings.TrimPrefix(get("/static/a.txt", app), "GET"), status: 200, lines: granted},
			{name: "range of a file", request: get("/static/a.txt", app, "Range: bytes=2-3"), status: 206, lines: granted, body: "fi"},
			{name: "range that is not there", request: get("/static/a.txt", app, "Range: bytes=99-"), status: 416, lines: granted},
			{name: "file not modified", request: get("/static/a.txt", app, "If-Modified-Since: "+time.Now().Add(time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")), status: 304, lines: granted},
			{name: "file that is not there", request: get("/static/zz", app), status: 404, lines: granted},
			{name: "directory", request: get("/static/dir", app), status: 404, lines: granted},
		} {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				got := exchange(t, addr, s.request)
				s.check(t, got)
				if got.has("Allow") != (s.status == 405) {
					t.Errorf("got %q, want Allow with 405 only", got.lines)
				}
			})
		}
	}
}

// TestWhereToRegister: what the documentation of the package says of groups, of single routes and of app.Handler.
func TestWhereToRegister(t *testing.T) {
	cors := corsfiber.New(policy)
	grouped := newApp()
	api := grouped.Group("/api")
	api.Use(cors)
	api.Get("/g", ok)
	grouped.Get("/other", ok)
	single := newApp()
	single.Get("/one", cors, ok)
	late := newApp()
	late.Get("/early", ok)
	late.Use(cors)
	late.Get("/late", ok)

	bypassed := newApp()
	bypassed.Get("/get", ok)
	attach(t, bypassed, compile(t, policy))
	for _, s := range []struct {
		situation
		app *fiber.App
	}{
		{situation{name: "in a group", request: options("/api/g", app, put), status: 204, lines: preflight}, grouped},
		{situation{name: "in a group, unknown path", request: options("/api/nope", app, put), status: 204, lines: preflight}, grouped},
		{situation{name: "beside a group, a path that begins alike", request: options("/apix", app, put), status: 204, lines: preflight}, grouped},
		{situation{name: "beside a group", request: options("/other", app, put), status: 405}, grouped},
		{situation{name: "on a route", request: options("/one", app, put), status: 405}, single},
		{situation{name: "on a route, actual", request: get("/one", app), status: 200, lines: granted, body: "ok"}, single},
		{situation{name: "behind a route", request: get("/early", app), status: 200, body: "ok"}, late},
		{situation{name: "before a route", request: get("/late", app), status: 200, lines: granted, body: "ok"}, late},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, exchange(t, start(t, s.app), s.request)) })
	}
	for _, s := range []struct {
		situation
		handler fasthttp.RequestHandler
	}{
		{situation{name: "app.Handler is without what is attached", request: get("/get", app), status: 200, body: "ok"}, bypassed.Handler()},
		{situation{name: "app.Server().Handler is with it", request: get("/get", app), status: 200, lines: granted, body: "ok"}, bypassed.Server().Handler},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, exchange(t, serve(t, &fasthttp.Server{Handler: s.handler}), s.request)) })
	}
	t.Run("app.Test is with what is attached", func(t *testing.T) {
		request := httptest.NewRequest("GET", "/get", nil)
		request.Header.Set("Origin", "https://app.example")
		response, err := bypassed.Test(request, 20_000)
		if err != nil || response.Header.Get("Access-Control-Allow-Origin") != "https://app.example" {
			t.Errorf("got %v (%v)", response, err)
		}
	})
}

// TestErrorHandlers: one that resets the response takes off what the middleware has written, and Attach puts it back.
func TestErrorHandlers(t *testing.T) {
	fails := func(*fiber.Ctx) error { return fiber.ErrTeapot }
	keeps := fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error { return c.Status(500).SendString("kept") }}
	resets := fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		c.Response().Reset()
		return c.Status(500).SendString("reset")
	}}
	errs := fiber.Config{ErrorHandler: func(*fiber.Ctx, error) error { return errors.New("again") }}
	for _, test := range []struct {
		name           string
		config         fiber.Config
		used, attached bool
		origin         string
		want           []string
	}{
		{"keeps, used", keeps, true, false, app, granted},
		{"keeps, attached", keeps, false, true, app, granted},
		{"fails, used", errs, true, false, app, granted},
		{"resets, used", resets, true, false, app, nil}, // as the documentation says
		{"resets, attached", resets, false, true, app, granted},
		{"resets, used and attached", resets, true, true, app, granted},
		{"resets, used and attached, refused origin", resets, true, true, evil, refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newApp(test.config)
			if test.attached {
				attach(t, server, compile(t, policy))
			}
			if test.used {
				server.Use(corsfiber.New(policy))
			}
			server.Get("/", fails)
			s := situation{status: 500, lines: test.want}
			s.check(t, exchange(t, start(t, server), get("/", test.origin)))
		})
	}
	t.Run("resets between a policy that is attached and a stricter one", func(t *testing.T) {
		server := newApp(resets)
		attach(t, server, compile(t, policy))
		server.Use(corsfiber.New(other))
		server.Get("/", fails)
		s := situation{status: 500, lines: refused, body: "reset"}
		s.check(t, exchange(t, start(t, server), get("/", app)))
	})
}

// TestNamesAsSent: on an app that does not normalise names, they are read and written in canonical form and in lower case.
func TestNamesAsSent(t *testing.T) {
	lower := func(c *fiber.Ctx) error {
		for _, name := range []string{"access-control-allow-origin", "access-control-max-age", "polycors-reason", "ACCESS-CONTROL-ALLOW-ORIGIN", "access-Control-allow-Credentials"} {
			c.Response().Header.Add(name, "*")
			c.Response().Header.Add(name, "evil")
		}
		c.Response().Header.Add("vary", "Accept")
		return c.SendString("ok")
	}
	const names = "Access-Control-Request-Headers"
	ask := func(lines ...string) string {
		return options("/", append([]string{"origin: https://app.example", "access-control-request-method: PUT"}, lines...)...)
	}
	addr := start(t, with(fiber.Config{DisableHeaderNormalizing: true}, corsfiber.New(policy), lower))
	for _, s := range []situation{
		{name: "actual", request: get("/", "origin: https://app.example"), status: 200, lines: grantedWith("Vary: Accept", "Vary: Origin"), body: "ok"},
		{name: "refused origin", request: get("/", "origin: https://evil.example"), status: 200, lines: []string{"Vary: Accept", "Vary: Origin"}, body: "ok"},
		{name: "preflight", request: ask("access-control-request-headers: x-token"), status: 204, lines: preflight},
		{name: "preflight, both forms", request: ask("access-control-request-headers: x-token", names+": content-type"), status: 204, lines: preflight},
		{name: "preflight, one form refused", request: ask("access-control-request-headers: x-token", names+": x-evil"), status: 403, lines: preflightRefused},
		{name: "preflight, the other form refused", request: ask("access-control-request-headers: x-evil", names+": x-token"), status: 403, lines: preflightRefused},
		{name: "preflight, an empty line in front of each form", request: ask(names+":", names+": x-evil", "access-control-request-headers:"), status: 403, lines: preflightRefused},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, exchange(t, addr, s.request)) })
	}
}

// TestNormalizingStays: what looks up the fields of a request behind the policy finds them as it would without.
func TestNormalizingStays(t *testing.T) {
	// A name as no client sends it is found if names are normalised when they are looked up.
	look := func(c *fiber.Ctx) error { return c.Send(c.Context().Request.Header.Peek("x-TOKEN")) }
	for _, server := range []struct {
		name         string
		denormalised bool
		body         string
	}{
		{"normalised", false, "found"},
		{"names as they are sent", true, ""},
	} {
		addr := start(t, with(fiber.Config{DisableHeaderNormalizing: server.denormalised}, corsfiber.New(policy), look))
		for name, request := range map[string]string{
			"no origin":        get("/", "X-Token: found"),
			"allowed":          get("/", app, "X-Token: found"),
			"lower case":       get("/", "origin: https://app.example", "X-Token: found"),
			"refused":          get("/", "Origin: https://evil.example", "X-Token: found"),
			"plain OPTIONS":    options("/", app, "X-Token: found"),
			"a host of nobody": "GET / HTTP/1.0\r\nHost:\r\nX-Token: found\r\n" + app + "\r\n\r\n",
		} {
			t.Run(server.name+"/"+name, func(t *testing.T) {
				if got := exchange(t, addr, request); got.body != server.body {
					t.Errorf("got %d and %q, want %q", got.status, got.body, server.body)
				}
			})
		}
	}
}

// TestBlanksThatAMiddlewareSets: a server trims what it reads, but not what is set afterwards.
func TestBlanksThatAMiddlewareSets(t *testing.T) {
	set := func(c *fiber.Ctx) error {
		c.Request().Header.Set("Origin", "\t https://app.example \t")
		return c.Next()
	}
	s := situation{status: 200, lines: granted, body: "ok"}
	s.check(t, exchange(t, start(t, use(set, corsfiber.New(policy), ok)), get("/")))
}

// careless is a Decider that has validated nothing.
type careless struct{}

func (careless) Decide(context.Context, core.Request) core.Decision {
	return core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin", AllowOrigin: "https://app.example\r\nX-Evil: yes", MaxAge: "1\nX-Evil: yes"}
}

// TestNewlines: not even a Decider that has validated nothing can write a line of its own.
func TestNewlines(t *testing.T) {
	for name, handler := range map[string]fiber.Handler{"nothing there": ok, "something there": func(c *fiber.Ctx) error { c.Set("Vary", "Accept"); return nil }} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, start(t, use(corsfiber.Middleware(careless{}), handler)), get("/", app))
			if got.status != 200 || got.has("X-Evil") {
				t.Errorf("got %d and %q", got.status, got.lines)
			}
		})
	}
}

// TestPanics: the headers are there when something inside or outside turns a panic into an answer.
func TestPanics(t *testing.T) {
	partly := func(c *fiber.Ctx) error {
		c.Status(201).WriteString("partly")
		panic("boom")
	}
	keeping := func(c *fiber.Ctx) error {
		defer func() { recover() }()
		return c.Next()
	}
	cors := corsfiber.New(policy)
	run(t, []situation{
		{"inside", boom, get("/", app), 500, granted, "boom"},
		{"inside, refused origin", boom, get("/", evil), 500, refused, "boom"},
		{"inside, after writing", partly, get("/", app), 500, granted, "boom"},
	}, cors, recovery.New())
	run(t, []situation{
		{"outside", boom, get("/", app), 500, granted, "boom"},
		{"outside, refused origin", boom, get("/", evil), 500, refused, "boom"},
		{"outside, after writing", partly, get("/", app), 500, granted, "boom"},
	}, recovery.New(), cors)
	run(t, []situation{{"inside, keeping what is written", partly, get("/", app), 201, granted, "partly"}}, cors, keeping)
	run(t, []situation{{"outside, keeping what is written", partly, get("/", app), 201, granted, "partly"}}, keeping, cors)
}

// TestPanickingFunc: when an AllowOriginFunc panics, what recovers outside answers without the grant of an outer policy, or of anything else.
func TestPanickingFunc(t *testing.T) {
	foreign := func(c *fiber.Ctx) error { c.Set("Access-Control-Allow-Origin", "*"); return c.Next() }
	outer := corsfiber.New(policy)
	inner := corsfiber.New(core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") }})
	attached := use(recovery.New(), inner)
	attach(t, attached, compile(t, policy))
	for name, server := range map[string]*fiber.App{
		"nested": use(foreign, recovery.New(), outer, inner), "nested, recovered between": use(outer, recovery.New(), inner),
		"alone": use(foreign, recovery.New(), inner), "attached around": attached,
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, start(t, server), get("/", app))
			if got.status != 500 || got.has("Access-Control-Allow-Origin") || got.has("Access-Control-Allow-Credentials") {
				t.Errorf("got %d and %q, want 500 and no grant", got.status, got.lines)
			}
		})
	}
}

// TestMiddleware: what other middleware does inside changes nothing.
func TestMiddleware(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.txt"), []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	upstream := start(t, use(func(c *fiber.Ctx) error {
		c.Response().Header.Add("Access-Control-Allow-Origin", "*")
		c.Response().Header.Add("Access-Control-Allow-Origin", "https://evil.example")
		c.Set("Access-Control-Max-Age", "5")
		c.Set("Vary", "Accept, Origin")
		return c.SendString("upstream")
	}))
	// What nobody listens on: the port of a listener that has been closed.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	inside := func(middleware fiber.Handler, h fiber.Handler) fiber.Handler {
		inner := use(middleware, h).Handler()
		return func(c *fiber.Ctx) error { inner(c.Context()); return nil }
	}
	long := func(c *fiber.Ctx) error { return c.SendString(strings.Repeat("a", 4096)) }
	files := filesystem.New(filesystem.Config{Root: http.Dir(root)})
	slow := timeout.NewWithContext(func(c *fiber.Ctx) error {
		<-c.UserContext().Done()
		return c.UserContext().Err()
	}, 20*time.Millisecond)
	quick := timeout.NewWithContext(func(c *fiber.Ctx) error { c.Vary("X-Tenant"); return c.SendString("ok") }, 20*time.Second)
	down := func(c *fiber.Ctx) error {
		if err := proxy.Do(c, "http://"+l.Addr().String()); err != nil {
			return fiber.ErrBadGateway
		}
		return nil
	}
	const sum = `"4-2040405747"` // of "none", as fiber's ETag has it
	run(t, []situation{
		{"compress", inside(compress.New(), long), get("/", app, "Accept-Encoding: gzip"), 200, grantedWith("Vary: Accept-Encoding", "Vary: Origin"), ""},
		{"etag", inside(etag.New(), ok), get("/", app), 200, granted, "ok"},
		{"etag, not modified", inside(etag.New(), ok), get("/", app, "If-None-Match: *", "If-None-Match: "+sum), 200, granted, "ok"},
		{"proxy", proxy.Forward("http://" + upstream), get("/", app), 200, grantedWith("Vary: Accept, Origin"), "upstream"},
		{"proxy, refused origin", proxy.Forward("http://" + upstream), get("/", evil), 200, []string{"Vary: Accept, Origin"}, "upstream"},
		{"proxy, preflight", proxy.Forward("http://" + upstream), options("/", app, put), 204, preflight, ""},
		{"proxy, upstream down", down, get("/", app), 502, granted, "Bad Gateway"},
		{"filesystem", files, get("/a.txt", app), 200, granted, "a file"},
		{"filesystem, not found", files, get("/b.txt", app), 404, granted, ""},
		{"filesystem, HEAD", files, "HEAD" + strings.TrimPrefix(get("/a.txt", app), "GET"), 200, granted, ""},
		{"timeout", slow, get("/", app), 408, granted, "Request Timeout"},
		{"timeout, refused origin", slow, get("/", evil), 408, refused, ""},
		{"timeout, in time", quick, get("/", app), 200, grantedWith("Vary: X-Tenant", "Vary: Origin"), "ok"},
	}, corsfiber.New(policy))

	t.Run("etag, not modified, with the tag of the answer", func(t *testing.T) {
		addr := start(t, use(corsfiber.New(policy), etag.New(), ok))
		first := exchange(t, addr, get("/", app))
		s := situation{status: 304, lines: granted}
		s.check(t, exchange(t, addr, get("/", app, "If-None-Match: "+first.value("Etag"))))
	})
	// Every origin gets its own line, though the response comes from the cache, and was stored for another.
	t.Run("cache", func(t *testing.T) {
		calls := 0
		addr := start(t, use(corsfiber.New(policy), cache.New(cache.Config{StoreResponseHeaders: true}), func(c *fiber.Ctx) error {
			calls++
			c.Set("Access-Control-Allow-Origin", "*")
			c.Set("X-Kept", "yes")
			return c.SendString("ok")
		}))
		for _, origin := range []string{"https://app.example", "https://a.sub.example", "https://app.example"} {
			s := situation{status: 200, lines: slices.Clone(granted), body: "ok"}
			s.lines[1] = "Access-Control-Allow-Origin: " + origin
			got := exchange(t, addr, get("/", "Origin: "+origin))
			s.check(t, got)
			if !got.has("X-Kept") {
				t.Errorf("got %q", got.lines)
			}
		}
		s := situation{status: 200, lines: refused, body: "ok"}
		s.check(t, exchange(t, addr, get("/", evil)))
		s.check(t, exchange(t, addr, get("/")))
		if calls != 1 {
			t.Errorf("the handler ran %d times, want 1: the cache had no part in this", calls)
		}
	})
}

// TestTimeouts: the answer of fasthttp's timeout inside has the headers, and the handler that is left behind may go on with the request.
func TestTimeouts(t *testing.T) {
	var busy sync.WaitGroup
	slow := func(ctx *fasthttp.RequestCtx) {
		defer busy.Done()
		for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
			ctx.Request.Header.Set("Origin", "https://evil.example")
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			ctx.Response.Header.Set("Vary", "X-Late")
			ctx.SetUserValue("late", true)
			ctx.Response.SetBodyString("late")
		}
	}
	own := func(c *fiber.Ctx) error {
		busy.Add(1)
		go slow(c.Context())
		time.Sleep(10 * time.Millisecond)
		c.Context().TimeoutErrorWithCode("too late", 503)
		return nil
	}
	global, strict := corsfiber.New(policy), corsfiber.New(other)
	attached := use(own)
	attach(t, attached, compile(t, policy))
	attachedStrict := use(strict, own)
	attach(t, attachedStrict, compile(t, policy))
	for _, test := range []struct {
		name   string
		app    *fiber.App
		origin string
		want   []string
	}{
		{"used", use(global, own), app, granted},
		{"used, refused origin", use(global, own), evil, refused},
		{"attached", attached, app, granted},
		{"two policies that are one", use(global, global, own), app, granted},
		{"a stricter policy", use(global, strict, own), app, refused},
		{"a stricter policy in one that is attached", attachedStrict, app, refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, start(t, test.app))
			for range 2 { // the second request on the connection gets another context
				c.send(get("/", test.origin))
				got, err := c.read("GET")
				if err != nil {
					t.Fatal(err)
				}
				s := situation{status: 503, lines: test.want, body: "too late"}
				s.check(t, got)
			}
			busy.Wait()
		})
	}
}

// TestStream: the header of a stream, and its first event, arrive before it ends.
func TestStream(t *testing.T) {
	end := make(chan struct{})
	addr := start(t, use(corsfiber.New(policy), func(c *fiber.Ctx) error {
		c.Set("Content-Type", "text/event-stream")
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			fmt.Fprint(w, "data: 1\n\n")
			w.Flush()
			<-end
			fmt.Fprint(w, "data: 2\n\n")
		})
		return nil
	}))
	c := dial(t, addr)
	c.send(get("/", app))
	head, err := c.head()
	if err != nil {
		t.Fatal(err)
	}
	s := situation{status: 200, lines: granted}
	s.check(t, head)
	if chunk, err := c.chunk(); err != nil || chunk != "data: 1\n\n" {
		t.Errorf("got the first event %q (%v)", chunk, err)
	}
	close(end)
	if chunk, err := c.chunk(); err != nil || chunk != "data: 2\n\n" {
		t.Errorf("got the second event %q (%v)", chunk, err)
	}
}

// TestUpgrade: a handshake reaches the handler, from any origin, and the connection is the handler's afterwards.
func TestUpgrade(t *testing.T) {
	addr := start(t, use(corsfiber.New(policy), func(c *fiber.Ctx) error {
		c.Set("Upgrade", "websocket")
		c.Set("Connection", "Upgrade")
		c.Status(fiber.StatusSwitchingProtocols).Context().Hijack(func(c net.Conn) { io.Copy(c, c) })
		return nil
	}))
	for origin, want := range map[string][]string{"https://app.example": granted, "https://evil.example": refused} {
		t.Run(origin, func(t *testing.T) {
			c := dial(t, addr)
			c.send(get("/", "Origin: "+origin, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
			head, err := c.head()
			if err != nil {
				t.Fatal(err)
			}
			s := situation{status: 101, lines: want}
			s.check(t, head)
			if !head.has("Upgrade") {
				t.Errorf("got %q, want Upgrade", head.lines)
			}
			c.send("echo")
			echo := make([]byte, 4)
			if _, err := io.ReadFull(c.r, echo); err != nil || string(echo) != "echo" {
				t.Errorf("got %q (%v)", echo, err)
			}
		})
	}
}

// TestSeveralPolicies: the innermost wins, the others add their Vary, and one that stands there twice changes nothing.
func TestSeveralPolicies(t *testing.T) {
	global, strict := corsfiber.New(policy), corsfiber.New(other)
	everyone := corsfiber.New(core.Config{AllowOrigins: []string{"*"}})
	silent := corsfiber.Middleware(new(core.Live))
	continued := corsfiber.New(core.Config{AllowOrigins: []string{"https://app.example"}, AllowMethods: []string{"PATCH"}, ContinuePreflight: true})
	varies := func(c *fiber.Ctx) error { c.Set("Vary", "Accept, Origin"); return c.SendString("ok") }
	resetting := func(c *fiber.Ctx) error {
		err := c.Next()
		c.Context().Error("reset", 500)
		return err
	}
	patch := options("/", app, "Access-Control-Request-Method: PATCH")
	for _, test := range []struct {
		name     string
		handlers []fiber.Handler
		request  string
		status   int
		lines    []string
		body     string
	}{
		{"the same twice", []fiber.Handler{global, global, ok}, get("/", app), 200, granted, "ok"},
		{"the same twice, preflight", []fiber.Handler{global, global, ok}, options("/", app, put), 204, preflight, ""},
		{"the same twice around a handler that sets Vary", []fiber.Handler{global, global, varies}, get("/", app), 200, grantedWith("Vary: Accept, Origin"), "ok"},
		{"the same three times", []fiber.Handler{global, global, global, ok}, get("/", app), 200, granted, "ok"},
		{"an inner one that refuses", []fiber.Handler{global, strict, ok}, get("/", app), 200, refused, "ok"},
		{"an inner one that allows", []fiber.Handler{strict, global, ok}, get("/", app), 200, granted, "ok"},
		{"an inner one that refuses, in the middle", []fiber.Handler{global, strict, silent, ok}, get("/", app), 200, refused, "ok"},
		{"an inner one that is for everyone", []fiber.Handler{global, everyone, ok}, get("/", app), 200, []string{"Access-Control-Allow-Origin: *", "Vary: Origin"}, "ok"},
		{"an outer one that is for everyone", []fiber.Handler{everyone, global, ok}, get("/", app), 200, granted, "ok"},
		{"an inner one without anything to say", []fiber.Handler{global, silent, ok}, get("/", app), 200, granted, "ok"},
		{"an outer one without anything to say", []fiber.Handler{silent, global, ok}, get("/", app), 200, granted, "ok"},
		{"nobody with anything to say", []fiber.Handler{silent, silent, varies}, get("/", app), 200, []string{"Vary: Accept, Origin"}, "ok"},
		{"nobody with anything to say, preflight", []fiber.Handler{silent, ok}, options("/", app, put), 200, nil, "ok"},
		{"an inner one refuses the preflight", []fiber.Handler{continued, strict, ok}, patch, 403, preflightRefused, ""},
		{"an inner one answers the preflight", []fiber.Handler{continued, global, ok}, patch, 403, preflightRefused, ""},
		{"a reset between two that are the same", []fiber.Handler{global, resetting, global, ok}, get("/", app), 500, granted, "reset"},
		{"a reset between two, the inner one refuses", []fiber.Handler{global, resetting, strict, ok}, get("/", app), 500, refused, "reset"},
		{"a reset between two, the inner one allows", []fiber.Handler{strict, resetting, global, ok}, get("/", app), 500, granted, "reset"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := situation{status: test.status, lines: test.lines, body: test.body}
			s.check(t, exchange(t, start(t, use(test.handlers...)), test.request))
		})
	}
	t.Run("one after the other, inside, the last without anything to say", func(t *testing.T) {
		first, last := use(strict, ok).Handler(), use(silent, ok).Handler()
		server := use(global, func(c *fiber.Ctx) error { first(c.Context()); last(c.Context()); return nil })
		s := situation{status: 200, lines: refused, body: "ok"}
		s.check(t, exchange(t, start(t, server), get("/", app)))
	})
	t.Run("one in the app, one in a mounted app", func(t *testing.T) {
		server, sub := use(global), use(strict, ok)
		server.Mount("/sub", sub)
		s := situation{status: 200, lines: refused, body: "ok"}
		s.check(t, exchange(t, start(t, server), get("/sub/x", app)))
	})
}

// TestProtection: its refusal can be read by the pages that CORS lets read, if it stands inside.
func TestProtection(t *testing.T) {
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	protect, cors := corsfiber.Middleware(protection), corsfiber.New(policy)
	post := func(lines ...string) string {
		return "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 2\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\nhi"
	}
	run(t, []situation{
		{"inside, refuses", ok, post(app), 403, granted, ""},
		{"inside, refuses a stranger", ok, post(evil), 403, refused, ""},
		{"inside, lets pass", ok, post(app, "Sec-Fetch-Site: same-origin"), 200, granted, "ok"},
		{"inside, preflight", ok, options("/", app, put), 204, preflight, ""},
	}, cors, protect)
	run(t, []situation{
		{"around, refuses", ok, post(app), 403, nil, ""},
		{"around, lets pass", ok, post("Origin: https://api.example"), 200, refused, "ok"},
		{"around, preflight", ok, options("/", app, put), 204, preflight, ""},
	}, protect, cors)
}

// TestRoutes: one policy with routes is for paths of the server; others are left alone.
func TestRoutes(t *testing.T) {
	run(t, []situation{
		{"one", ok, options("/a/x", app, put), 204, preflight, ""},
		{"another", ok, options("/b/7", app, put), 403, preflightRefused, ""},
		{"disabled", ok, options("/a/closed", app, put), 200, nil, "ok"},
		{"none", ok, get("/c", app), 200, nil, "ok"},
		{"percent-encoded", ok, get("/a/%78", app), 200, granted, "ok"},
		{"percent-encoded, elsewhere", ok, options("/%61/x", app, put), 403, preflightRefused, ""},
		{"ambiguous", ok, options("/b/..%2fa%2fx", app, put), 403, preflightRefused, ""},
	}, corsfiber.New(core.Config{Routes: []core.Route{
		{Path: "/a/", Config: policy},
		{Path: "/a/closed", Disable: true},
		{Path: "/b/{id}", Config: other},
	}}))
}

// TestConnection: nothing of a request is there for the next one on its connection.
func TestConnection(t *testing.T) {
	seen := func(c *fiber.Ctx) error {
		return c.SendString(fmt.Sprint(c.Response().StatusCode(), " ", c.Locals("before"), " ", c.Locals("before", true)))
	}
	const body = "200 <nil> true"
	var (
		asks         = situation{request: options("/", app, put), status: 204, lines: preflight}
		asksWithBody = situation{request: options("/", app, put, "Content-Length: 5") + "hello", status: 204, lines: preflight}
		asksInVain   = situation{request: options("/", evil, put), status: 403, lines: preflightRefused}
		fromApp      = situation{request: get("/", app), status: 200, lines: granted, body: body}
		fromStranger = situation{request: get("/", evil), status: 200, lines: refused, body: body}
		fromNobody   = situation{request: get("/"), status: 200, lines: refused, body: body}
	)
	turns := []situation{asks, fromApp, asksInVain, fromStranger, asksWithBody, fromNobody, fromApp, asks, fromStranger}
	for name, config := range map[string]fiber.Config{
		"plain": {}, "bodies as streams": {StreamRequestBody: true}, "less memory": {ReduceMemoryUsage: true},
	} {
		server := newApp(config)
		server.Use(corsfiber.New(policy), seen)
		addr := start(t, server)
		check := func(t *testing.T, c *client, turn situation) {
			t.Helper()
			got, err := c.read("GET")
			if err != nil {
				t.Fatal(err)
			}
			turn.check(t, got)
			// The preflight's answer has no Content-Type, and the next has fiber's again.
			if got.has("Content-Type") != (turn.body != "") {
				t.Errorf("to %q: got %q", turn.request, got.lines)
			}
		}
		t.Run(name, func(t *testing.T) {
			c := dial(t, addr)
			for _, turn := range turns {
				c.send(turn.request)
				check(t, c, turn)
			}
		})
		if config.ReduceMemoryUsage {
			continue // the version of fasthttp that fiber requires then loses requests that arrive together
		}
		t.Run(name+", all at once", func(t *testing.T) {
			c := dial(t, addr)
			var all string
			for _, turn := range turns {
				all += turn.request
			}
			c.send(all)
			for _, turn := range turns {
				check(t, c, turn)
			}
		})
	}
	t.Run("waiting for 100", func(t *testing.T) {
		c := dial(t, start(t, use(corsfiber.New(policy), seen)))
		c.send(options("/", app, put, "Expect: 100-continue", "Content-Length: 5"))
		if got, err := c.head(); err != nil || got.status != 100 {
			t.Fatalf("got %d (%v), want 100", got.status, err)
		}
		c.send("hello" + fromApp.request)
		for _, turn := range []situation{asks, fromApp} {
			got, err := c.read("GET")
			if err != nil {
				t.Fatal(err)
			}
			turn.check(t, got)
		}
	})
}

// TestFuncContext: a func gets the context that the application has set, otherwise the request's own.
func TestFuncContext(t *testing.T) {
	type key struct{}
	cfg := core.Config{AllowOriginFunc: func(ctx context.Context, _ string, _ core.Request) (bool, error) {
		if _, isRequestCtx := ctx.(*fasthttp.RequestCtx); isRequestCtx {
			return ctx.Value("tenant") == "acme", nil
		}
		return ctx.Value(key{}) == "acme", nil
	}}
	cors := corsfiber.New(cfg)
	attached := use(ok)
	attach(t, attached, compile(t, cfg))
	local := func(c *fiber.Ctx) error { c.Locals("tenant", "acme"); return c.Next() }
	set := func(c *fiber.Ctx) error {
		c.SetUserContext(context.WithValue(context.Background(), key{}, "acme"))
		return c.Next()
	}
	looked := func(c *fiber.Ctx) error { c.UserContext(); return c.Next() } // which sets context.Background()
	allowed := []string{"Access-Control-Allow-Origin: https://app.example", "Vary: Origin"}
	for _, test := range []struct {
		name string
		app  *fiber.App
		want []string
	}{
		{"the request's own", use(local, cors, ok), allowed},
		{"the request's own, though somebody has asked for another", use(local, looked, cors, ok), allowed},
		{"the application's", use(set, cors, ok), allowed},
		{"neither has the value", use(cors, ok), refused},
		{"attached", attached, refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := situation{status: 200, lines: test.want, body: "ok"}
			s.check(t, exchange(t, start(t, test.app), get("/", app)))
		})
	}
}

// TestAttach: what the server and the app answer by themselves has headers too, as far as the request has been read.
func TestAttach(t *testing.T) {
	post := func(length int, lines ...string) string {
		return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(length) + "\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n" + strings.Repeat("x", length)
	}
	long := get("/", app, "X-Long: "+strings.Repeat("x", 8<<10))
	purge := "PURGE" + strings.TrimPrefix(get("/", app), "GET")
	teapot := func(c *fiber.Ctx, _ error) error { c.Response().Reset(); return c.Status(418).SendString("teapot") }
	small := fiber.Config{BodyLimit: 10, ReadBufferSize: 4 << 10}
	for _, s := range []struct {
		situation
		cors         core.Config
		errorHandler fiber.ErrorHandler
		used         bool
	}{
		{situation: situation{"allowed", ok, get("/", app), 200, granted, "ok"}},
		{situation: situation{"preflight", ok, options("/", app, put), 204, preflight, ""}},
		{situation: situation{"with the middleware", ok, get("/", app), 200, granted, "ok"}, used: true},
		{situation: situation{"with the middleware, preflight", ok, options("/", app, put), 204, preflight, ""}, used: true},
		{situation: situation{"body too large", ok, post(100, app), 413, granted, "Request Entity Too Large"}},
		{situation: situation{"body too large, with the middleware", ok, post(100, app), 413, granted, "Request Entity Too Large"}, used: true},
		{situation: situation{"body too large, refused origin", ok, post(100, evil), 413, refused, ""}},
		{situation: situation{"body too large, no origin", ok, post(100), 413, refused, ""}},
		{situation: situation{"body too large, an error handler that resets", ok, post(100, app), 418, granted, "teapot"}, errorHandler: teapot},
		{situation: situation{"unknown method", ok, purge, 400, granted, "Invalid http method"}},
		{situation: situation{"unknown method, with the middleware", ok, purge, 400, granted, "Invalid http method"}, used: true},
		// Of these no header has been read, so all that can be said is what holds for every request.
		{situation: situation{"header too large", ok, long, 431, refused, ""}},
		{situation: situation{"header too large, for everyone", ok, long, 431, []string{"Access-Control-Allow-Origin: *"}, ""}, cors: core.Config{AllowOrigins: []string{"*"}}},
		{situation: situation{"malformed", ok, "GET / HTTP/1.1\r\nHost: h\r\n" + app + "\r\nX-Blank : behind\r\n\r\n", 400, refused, ""}},
	} {
		t.Run(s.name, func(t *testing.T) {
			if s.cors.AllowOrigins == nil {
				s.cors = policy
			}
			config := small
			config.ErrorHandler = s.errorHandler
			server := newApp(config)
			attach(t, server, compile(t, s.cors))
			if s.used {
				server.Use(corsfiber.New(s.cors))
			}
			server.Use(s.handler)
			s.check(t, exchange(t, start(t, server), s.request))
		})
	}
	t.Run("the middleware alone does not reach them", func(t *testing.T) {
		server := newApp(small)
		server.Use(corsfiber.New(policy), ok)
		addr := start(t, server)
		for request, status := range map[string]int{post(100, app): 413, purge: 400, long: 431} {
			s := situation{status: status}
			s.check(t, exchange(t, addr, request))
		}
	})
	t.Run("routes and mounts may follow", func(t *testing.T) {
		server := newApp()
		attach(t, server, compile(t, policy))
		sub := newApp()
		sub.Get("/x", ok)
		server.Mount("/sub", sub)
		server.Group("/api").Get("/g", ok)
		addr := start(t, server)
		for _, path := range []string{"/sub/x", "/api/g"} {
			s := situation{status: 200, lines: granted, body: "ok"}
			s.check(t, exchange(t, addr, get(path, app)))
			s = situation{status: 204, lines: preflight}
			s.check(t, exchange(t, addr, options(path, app, put)))
		}
	})
}

func TestAttachRefuses(t *testing.T) {
	var noPolicy *core.Policy
	getOnly := newApp(fiber.Config{GETOnly: true})
	noOptions := newApp(fiber.Config{RequestMethods: []string{"GET", "POST"}})
	noHandler := newApp()
	noHandler.Server().Handler = nil
	for _, test := range []struct {
		name string
		app  *fiber.App
		d    core.Decider
		want string
	}{
		{"no app", nil, new(core.Live), "corsfiber: Attach: the app is nil"},
		{"no Decider", newApp(), nil, "corsfiber: Attach: the core.Decider is nil; look at the error that came with it"},
		{"a nil Policy", newApp(), noPolicy, "corsfiber: Attach: the core.Decider is nil; look at the error that came with it"},
		{"no server", new(fiber.App), new(core.Live), "corsfiber: Attach: the app has no server; make it with fiber.New"},
		{"no handler", noHandler, new(core.Live), "corsfiber: Attach: the app has no server; make it with fiber.New"},
		{"GETOnly", getOnly, new(core.Live), "corsfiber: Attach: the app has GETOnly set and refuses OPTIONS, so no preflight can be answered; clear it"},
		{"no OPTIONS", noOptions, new(core.Live), "corsfiber: Attach: OPTIONS is not among the app's RequestMethods, so no preflight can be answered; add it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := corsfiber.Attach(test.app, test.d); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	// Nothing has changed on the way to the error.
	s := situation{status: 200, body: "ok"}
	getOnly.Get("/", ok)
	s.check(t, exchange(t, start(t, getOnly), get("/", app)))
}

// TestOrigins: what is no single well-formed origin that is listed gets no grant, and no byte of it comes back.
func TestOrigins(t *testing.T) {
	type row struct{ name, lines string }
	for _, server := range []struct {
		name            string
		denormalised    bool
		wantGranted     []row
		wantNothingElse []row
	}{
		{name: "normalised"},
		{name: "names as they are sent", denormalised: true, wantGranted: []row{
			{name: "both forms, one value each of another field", lines: "origin: https://app.example\r\nx-other: 1"},
		}, wantNothingElse: []row{
			{name: "canonical and lower case", lines: "Origin: https://app.example\r\norigin: https://app.example"},
			{name: "lower case and canonical", lines: "origin: https://evil.example\r\nOrigin: https://app.example"},
			{name: "canonical empty, lower case not", lines: "Origin:\r\norigin: https://app.example\r\nOrigin: https://app.example"},
			{name: "lower case empty, canonical not", lines: "origin:\r\nOrigin:\r\nOrigin: https://app.example\r\norigin: https://app.example"},
		}},
	} {
		addr := start(t, with(fiber.Config{ReadBufferSize: 64 << 10, DisableHeaderNormalizing: server.denormalised}, corsfiber.New(policy), ok))
		t.Run(server.name, func(t *testing.T) {
			for _, r := range append([]row{
				{name: "plain", lines: app},
				{name: "blanks behind", lines: app + " \t "},
				{name: "blanks before", lines: "Origin: \t https://app.example"},
				{name: "no blank before", lines: "Origin:https://app.example"},
				{name: "lower case", lines: "origin: https://app.example"},
				{name: "trailer of a name that contains it", lines: app + "\r\nTrailer: X-Origin"},
			}, server.wantGranted...) {
				t.Run(r.name, func(t *testing.T) {
					s := situation{status: 200, lines: granted, body: "ok"}
					s.check(t, exchange(t, addr, get("/", r.lines)))
				})
			}
			for _, r := range append([]row{
				{name: "two lines, the allowed one first", lines: app + "\r\nOrigin: https://evil.example"},
				{name: "two lines, the allowed one last", lines: "Origin: https://evil.example\r\n" + app},
				{name: "two lines, both allowed", lines: app + "\r\n" + app},
				{name: "two lines, lower case", lines: "origin: https://app.example\r\norigin: https://app.example"},
				{name: "empty line first", lines: "Origin:\r\n" + app},
				{name: "empty line last", lines: app + "\r\nOrigin:"},
				{name: "empty", lines: "Origin:"},
				{name: "null", lines: "Origin: null"},
				{name: "folded with a blank", lines: "Origin: https://app.example\r\n .evil.example"},
				{name: "folded with a tab", lines: "Origin: https://app.example\r\n\thttps://evil.example"},
				{name: "folded early", lines: "Origin:\r\n https://app.example\r\n https://app.example"},
				{name: "byte above 0x7F", lines: "Origin: https://app.example\x80"},
				{name: "UTF-8", lines: "Origin: https://ä.sub.example"},
				{name: "NUL", lines: "Origin: https://app.example\x00"},
				{name: "NUL inside", lines: "Origin: https://a\x00.sub.example"},
				{name: "bare CR", lines: "Origin: https://a\r.sub.example"},
				{name: "bare CR and a header", lines: "Origin: https://a.sub.example\rAccess-Control-Allow-Origin: *"},
				{name: "upper case", lines: "Origin: HTTPS://APP.EXAMPLE"},
				{name: "dot behind", lines: app + "."},
				{name: "port", lines: app + ":8443"},
				{name: "path", lines: app + "/"},
				{name: "user name", lines: "Origin: https://app.example@evil.example"},
				{name: "8 KiB", lines: "Origin: https://" + strings.Repeat("a", 8<<10) + ".sub.example"},
				{name: "100 lines", lines: strings.Repeat(app+"\r\n", 100) + app},
			}, server.wantNothingElse...) {
				t.Run(r.name, func(t *testing.T) {
					c := dial(t, addr)
					c.send(get("/", r.lines))
					got, err := c.read("GET")
					if err != nil {
						return // the server has ended the connection
					}
					for _, line := range got.lines {
						if strings.HasPrefix(line, "Access-Control-") || strings.Contains(line, "example") {
							t.Errorf("got the line %q", line)
						}
					}
					if got.status != 400 && got.status != 200 {
						t.Errorf("got status %d", got.status)
					}
				})
			}
			stillRuns := situation{status: 200, lines: granted, body: "ok"}
			stillRuns.check(t, exchange(t, addr, get("/", app)))
		})
	}
}

// TestDecisionsMayBeKept: a Decision has no bytes of a buffer that the next request overwrites, and neither has the origin that a func is given.
func TestDecisionsMayBeKept(t *testing.T) {
	cfg := core.Config{
		AllowOrigins: []string{"https://*.sub.example"}, AllowCredentials: true, AllowHeaders: []string{"*"}, AllowMethods: []string{"*"},
	}
	var mu sync.Mutex
	var decisions []core.Decision
	var origins []string
	cfg.OnDecision = func(_ context.Context, e core.Event) {
		mu.Lock()
		defer mu.Unlock()
		decisions = append(decisions, e.Decision)
	}
	cfg.AllowOriginFunc = func(_ context.Context, origin string, _ core.Request) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		origins = append(origins, origin)
		return true, nil
	}
	c := dial(t, start(t, use(corsfiber.New(cfg), ok)))
	const n = 60
	name := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 3+i%17) + strconv.Itoa(i) }
	for i := range n {
		domain := [...]string{".sub.example", ".func.example"}[i%2]
		c.send(options("/", "Origin: https://"+name(i)+domain, "Access-Control-Request-Method: "+strings.ToUpper(name(i)), "Access-Control-Request-Headers: x-"+name(i)))
		if got, err := c.read("OPTIONS"); err != nil || got.status != 204 {
			t.Fatalf("got %d (%v)", got.status, err)
		}
	}
	if len(decisions) != n || len(origins) != n/2 {
		t.Fatalf("got %d decisions and %d questions, want %d and %d", len(decisions), len(origins), n, n/2)
	}
	for i, d := range decisions {
		want := "https://" + name(i) + [...]string{".sub.example", ".func.example"}[i%2]
		if d.AllowOrigin != want || d.AllowMethods != strings.ToUpper(name(i)) || d.AllowHeaders != "x-"+name(i) {
			t.Errorf("the decision %d has become one about %q, %q and %q, want %q", i, d.AllowOrigin, d.AllowMethods, d.AllowHeaders, want)
		}
		if i%2 == 1 && origins[i/2] != want {
			t.Errorf("the origin of question %d has become %q, want %q", i/2, origins[i/2], want)
		}
	}
}

// TestNewPanics: with the name of the package and every problem, in lines that can be read.
func TestNewPanics(t *testing.T) {
	defer func() {
		want := `corsfiber: invalid Config:
cors: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
cors: MaxAge: "600ns": this is less than a second; write it with its unit, as in 600 * time.Second`
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corsfiber.New(corsfiber.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil), "*Live": (*core.Live)(nil)} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got, want := recover(), "corsfiber: Middleware: the core.Decider is nil; look at the error that came with it"; got != want {
					t.Errorf("got panic %v, want %s", got, want)
				}
			}()
			corsfiber.Middleware(d)
		})
	}
}

// TestConfigMayBeReused: what the caller does with the slices of a Config afterwards changes nothing.
func TestConfigMayBeReused(t *testing.T) {
	cfg := core.Config{AllowOrigins: []string{"https://app.example"}, ExposeHeaders: []string{"X-Total"}}
	cors := corsfiber.New(cfg)
	cfg.AllowOrigins[0], cfg.ExposeHeaders[0] = "https://evil.example", "X-Evil"
	s := situation{status: 200, lines: []string{"Access-Control-Allow-Origin: https://app.example", "Access-Control-Expose-Headers: X-Total", "Vary: Origin"}}
	s.check(t, exchange(t, start(t, use(cors, ok)), get("/", app)))
}

// TestReloadUnderLoad: every answer is that of the old policy or of the new one as a whole.
func TestReloadUnderLoad(t *testing.T) {
	live := core.NewLive(compile(t, policy))
	addr := start(t, use(corsfiber.Middleware(live), ok))
	stop := make(chan struct{})
	var clients, reloader sync.WaitGroup
	reloader.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				live.Reload([...]core.Config{other, policy}[i%2])
			}
		}
	})
	for range 8 {
		clients.Go(func() {
			c := dial(t, addr)
			for range 100 {
				c.send(get("/", app))
				got, err := c.read("GET")
				if err != nil || !slices.Equal(got.cors(), granted) && !slices.Equal(got.cors(), refused) {
					t.Errorf("got %q (%v)", got.lines, err)
					return
				}
			}
		})
	}
	clients.Wait()
	close(stop)
	reloader.Wait()
}

// requests are those of the tests of costs.
func requests(handler fasthttp.RequestHandler, lines ...string) func() {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, nil, nil)
	request := &ctx.Request
	request.Header.SetMethod("GET")
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Method":
			request.Header.SetMethod(value)
		default:
			request.Header.Add(name, value)
		}
	}
	request.SetRequestURI("/items")
	request.Header.SetHost("api.example")
	return func() {
		ctx.Response.Reset()
		ctx.ResetUserValues()
		handler(&ctx)
	}
}

// allocations returns the least that a run allocates: pools may be emptied in any of them.
func allocations(f func()) float64 {
	f()
	least := math.Inf(1)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, f))
	}
	return least
}

func nothing(*fiber.Ctx) error { return nil }

func TestAllocations(t *testing.T) {
	plain := core.Config{AllowOrigins: []string{"https://app.example", "https://*.sub.example"}, AllowHeaders: []string{"content-type", "x-token"}}
	echoing := core.Config{AllowOrigins: []string{"https://*.sub.example"}, AllowCredentials: true, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}
	const (
		branch = "Origin: https://a.sub.example"
		names  = "Access-Control-Request-Headers: content-type"
		more   = "Access-Control-Request-Headers: x-token"
	)
	for _, test := range []struct {
		name  string
		cfg   core.Config
		lines []string
		most  float64
	}{
		{"no origin", plain, nil, 0},
		{"exact", plain, []string{app}, 0},
		{"pattern", plain, []string{branch}, 1},
		{"refused", plain, []string{evil}, 0},
		{"two lines", plain, []string{app, app}, 1},
		{"two lines that are too long", plain, []string{app, "Origin: " + strings.Repeat("a", 8<<10)}, 0},
		{"preflight", plain, []string{"Method: OPTIONS", app, put, names}, 0},
		{"preflight with two lines", plain, []string{"Method: OPTIONS", app, put, names, more}, 1},
		{"preflight of a pattern", plain, []string{"Method: OPTIONS", branch, put, names}, 1},
		{"preflight of a pattern with two lines", plain, []string{"Method: OPTIONS", branch, put, names, more}, 2},
		{"preflight echoed", echoing, []string{"Method: OPTIONS", branch, put, names}, 1},
		{"preflight echoed with two lines", echoing, []string{"Method: OPTIONS", branch, put, names, more}, 2},
		{"preflight refused", plain, []string{"Method: OPTIONS", evil, put, names}, 0},
	} {
		attached := use(nothing)
		attached.Handler() // which builds the tree of routes
		attach(t, attached, compile(t, test.cfg))
		bare := allocations(requests(use(nothing).Handler(), test.lines...))
		if got := allocations(requests(attached.Server().Handler, test.lines...)) - bare; got > test.most {
			t.Errorf("%s, attached: got %v allocations over the bare app, want at most %v", test.name, got, test.most)
		}
		got := allocations(requests(use(corsfiber.New(test.cfg), nothing).Handler(), test.lines...)) - bare
		if got > test.most {
			t.Errorf("%s: got %v allocations over the bare app, want at most %v", test.name, got, test.most)
		}
	}
}

func BenchmarkMiddleware(b *testing.B) {
	origins := func(n int, format string) core.Config {
		cfg := core.Config{AllowOrigins: []string{"https://app.example"}}
		for i := 1; i < n; i++ {
			cfg.AllowOrigins = append(cfg.AllowOrigins, fmt.Sprintf(format, i))
		}
		return cfg
	}
	one, thousand := origins(1, ""), origins(1000, "https://tenant-%d.example.com")
	many, wildcards := origins(100_000, "https://tenant-%d.example.com"), origins(100, "https://*.tenant-%d.example.com")
	for _, bm := range []struct {
		name   string
		config core.Config
		lines  []string
	}{
		{"no origin", one, nil},
		{"actual allowed", one, []string{app}},
		{"actual refused", one, []string{"Origin: https://evil.example"}},
		{"preflight allowed", one, []string{"Method: OPTIONS", app, put, "Access-Control-Request-Headers: content-type"}},
		{"preflight refused", one, []string{"Method: OPTIONS", "Origin: https://evil.example", put, "Access-Control-Request-Headers: content-type"}},
		{"1,000 origins, hit", thousand, []string{"Origin: https://tenant-789.example.com"}},
		{"1,000 origins, miss", thousand, []string{"Origin: https://tenant-x.example.com"}},
		{"100,000 origins, hit", many, []string{"Origin: https://tenant-78901.example.com"}},
		{"100,000 origins, miss", many, []string{"Origin: https://tenant-x.example.com"}},
		{"100 wildcards, hit", wildcards, []string{"Origin: https://a.tenant-78.example.com"}},
		{"100 wildcards, miss", wildcards, []string{"Origin: https://a.tenant-x.example.com"}},
		{"8 KiB of origin", one, []string{"Origin: https://" + strings.Repeat("a", 8<<10)}},
		{"16 KiB of commas", one, []string{"Method: OPTIONS", app, put, "Access-Control-Request-Headers: " + strings.Repeat(",", 16<<10)}},
		{"16 KiB of unknown names", one, []string{"Method: OPTIONS", app, put, "Access-Control-Request-Headers: " + strings.Repeat("x-evil,", 16<<10/7)}},
	} {
		handler := use(corsfiber.Middleware(compile(b, bm.config)), nothing).Handler()
		b.Run(bm.name, func(b *testing.B) { measure(b, requests(handler, bm.lines...)) })
	}
	b.Run("bare", func(b *testing.B) { measure(b, requests(use(nothing).Handler(), app)) })
}

func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}

var soak = flag.Int("soak", 2000, "how many requests TestSoak sends")

// TestSoak: 16 clients with origins of their own at once, and handlers that do what handlers should not; every answer is right.
func TestSoak(t *testing.T) {
	var behind atomic.Int64 // handlers that have been left behind by a timeout
	handlers := []struct {
		name    string
		handler fiber.Handler
		status  int
	}{
		{"plain", ok, 200},
		{"appends", func(c *fiber.Ctx) error {
			c.Response().Header.Add("Access-Control-Allow-Origin", "https://evil.example")
			c.Response().Header.Add("Vary", "Origin")
			return c.SendString("ok")
		}, 200},
		{"rewrites", func(c *fiber.Ctx) error {
			c.Request().Header.VisitAll(func(_, value []byte) {
				for i := range value {
					value[i] = 'x'
				}
			})
			c.Set("Access-Control-Allow-Origin", "*")
			return c.SendString("ok")
		}, 200},
		{"resets", func(c *fiber.Ctx) error {
			c.Request().Reset()
			c.Response().Reset()
			return errors.New("failed")
		}, 500},
		{"times out", func(c *fiber.Ctx) error {
			ctx := c.Context()
			behind.Add(1)
			go func() {
				defer behind.Add(-1)
				for range 50 {
					ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
					ctx.Request.Header.Set("Origin", "https://evil.example")
					time.Sleep(100 * time.Microsecond)
				}
			}()
			time.Sleep(time.Millisecond)
			ctx.TimeoutErrorWithCode("too late", 408)
			return nil
		}, 408},
		{"panics", func(c *fiber.Ctx) error {
			c.Set("Access-Control-Allow-Origin", "*")
			panic("boom")
		}, 500},
	}
	byPath := func(c *fiber.Ctx) error {
		i, _ := strconv.Atoi(strings.TrimPrefix(c.Path(), "/"))
		return handlers[i].handler(c)
	}
	// Twice in the app and once around it, with an error handler that resets between.
	server := newApp(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		c.Response().Reset()
		return c.Status(500).SendString("failed")
	}})
	server.Use(recovery.New(), corsfiber.New(policy), corsfiber.New(policy), byPath)
	attach(t, server, compile(t, policy))
	addr := start(t, server)

	const clients = 16
	var sent, wrong atomic.Int64
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 1))
			c := dial(t, addr)
			for range (*soak + clients - 1) / clients {
				i := random.IntN(len(handlers))
				label := strings.Repeat(string(rune('a'+client)), 1+random.IntN(30))
				origin, isGranted := [...]string{"https://app.example", "https://" + label + ".sub.example", "https://" + label + ".evil.example", ""}[random.IntN(4)], true
				want := slices.Clone(granted)
				if origin == "" || strings.HasSuffix(origin, "evil.example") {
					want, isGranted = refused, false
				} else {
					want[1] = "Access-Control-Allow-Origin: " + origin
				}
				request, status := get("/"+strconv.Itoa(i)), handlers[i].status
				if origin != "" {
					request = get("/"+strconv.Itoa(i), "Origin: "+origin)
				}
				if origin != "" && random.IntN(3) == 0 {
					request = options("/"+strconv.Itoa(i), "Origin: "+origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-token")
					want, status = preflightRefused, 403
					if isGranted {
						want, status = slices.Clone(preflight), 204
						want[3] = "Access-Control-Allow-Origin: " + origin
					}
				}
				c.SetDeadline(time.Now().Add(20 * time.Second))
				c.send(request)
				got, err := c.read("GET")
				if err != nil {
					t.Errorf("%s: %v", handlers[i].name, err)
					return
				}
				sent.Add(1)
				if got.status != status || !slices.Equal(got.cors(), want) {
					if wrong.Add(1) < 5 {
						t.Errorf("%s, %q: got %d and\n%q, want %d and\n%q", handlers[i].name, request, got.status, got.cors(), status, want)
					}
				}
			}
		})
	}
	wg.Wait()
	for behind.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	t.Logf("%d requests from %d clients, %d wrong answers", sent.Load(), clients, wrong.Load())
}

// start serves on loopback until the test ends.
func start(t testing.TB, app *fiber.App) string {
	t.Helper()
	app.Handler() // which mounts the mounted apps
	return serve(t, app.Server())
}

func serve(t testing.TB, server *fasthttp.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Logger = silent{}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		l.Close()
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// silent keeps what fasthttp says of malformed requests to itself.
type silent struct{}

func (silent) Printf(string, ...any) {}

func compile(t testing.TB, cfg core.Config) *core.Policy {
	t.Helper()
	p, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func attach(t testing.TB, app *fiber.App, d core.Decider) {
	t.Helper()
	if err := corsfiber.Attach(app, d); err != nil {
		t.Fatal(err)
	}
}

func get(target string, lines ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + strings.Join(append(lines, "\r\n"), "\r\n")
}

func options(target string, lines ...string) string {
	return "OPTIONS" + strings.TrimPrefix(get(target, lines...), "GET")
}

// client sends bytes as they are, and reads what comes back without repairing it.
type client struct {
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return &client{Conn: &net.TCPConn{}, r: bufio.NewReader(strings.NewReader(""))}
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{c, bufio.NewReader(c)}
}

// exchange makes one request on a connection of its own.
func exchange(t testing.TB, addr, request string) answer {
	t.Helper()
	c := dial(t, addr)
	c.send(request)
	method, _, _ := strings.Cut(request, " ")
	got, err := c.read(method)
	if err != nil {
		t.Fatalf("to %.200q: %v", request, err)
	}
	return got
}

// send sends what a server that has ended the connection need not read.
func (c *client) send(s string) { io.WriteString(c, s) }

type answer struct {
	status int
	lines  []string // "Name: value", in the order on the wire
	body   string
}

// cors returns the lines that are about CORS.
func (a *answer) cors() (lines []string) {
	for _, line := range a.lines {
		if name := strings.ToLower(line); strings.HasPrefix(name, "access-control-") || strings.HasPrefix(name, "polycors-") || strings.HasPrefix(name, "vary:") {
			lines = append(lines, line)
		}
	}
	return lines
}

func (a *answer) value(name string) string {
	for _, line := range a.lines {
		if n, v, _ := strings.Cut(line, ": "); strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

func (a *answer) has(name string) bool {
	return slices.ContainsFunc(a.lines, func(line string) bool {
		n, _, _ := strings.Cut(line, ":")
		return strings.EqualFold(n, name)
	})
}

// read reads an answer to a request of that method.
func (c *client) read(method string) (answer, error) {
	a, err := c.head()
	if err != nil || method == "HEAD" || a.status == 204 || a.status == 304 {
		return a, err
	}
	if a.value("Transfer-Encoding") == "chunked" {
		for {
			chunk, err := c.chunk()
			a.body += chunk
			if err != nil || chunk == "" {
				return a, err
			}
		}
	}
	n, err := strconv.Atoi(a.value("Content-Length"))
	if err != nil {
		return a, fmt.Errorf("the header %q: %w", a.lines, err)
	}
	body := make([]byte, n)
	_, err = io.ReadFull(c.r, body)
	a.body = string(body)
	return a, err
}

// head reads the status line and the header.
func (c *client) head() (a answer, err error) {
	status, err := c.line()
	if err != nil {
		return a, err
	}
	if _, err := fmt.Sscanf(status, "HTTP/1.1 %d", &a.status); err != nil {
		return a, fmt.Errorf("%q: %w", status, err)
	}
	for {
		line, err := c.line()
		if err != nil || line == "" {
			return a, err
		}
		a.lines = append(a.lines, line)
	}
}

func (c *client) line() (string, error) {
	line, err := c.r.ReadString('\n')
	return strings.TrimSuffix(line, "\r\n"), err
}

func (c *client) chunk() (string, error) {
	size, err := c.line()
	if err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(size, 16, 16)
	if err != nil {
		return "", err
	}
	chunk := make([]byte, n+2)
	_, err = io.ReadFull(c.r, chunk)
	return string(bytes.TrimSuffix(chunk, []byte("\r\n"))), err
}

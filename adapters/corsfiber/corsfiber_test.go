package corsfiber_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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

// The tests of corsfasthttp cover what both packages have in common. Most tests in this file cover
// behavior that is specific to fiber.

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
			inside := newApp()
			attach(t, inside, s.Deciders[0])
			for _, d := range s.Deciders[1:] {
				inside.Use(corsfiber.Middleware(d))
			}
			inside.Use(adaptor.HTTPHandler(s.Handler))
			inside.Handler() // which builds the tree of routes
			return start(t, use(recovery.New(), before(s), func(c *fiber.Ctx) error {
				inside.Server().Handler(c.Context())
				return nil
			}))
		})
	})
}

const (
	app  = "Origin: https://app.example"
	evil = "Origin: https://evil.example"
	put  = "Access-Control-Request-Method: PUT"
)

var (
	policy = core.Config{
		AllowOrigins: []string{"https://app.example", "https://*.sub.example"},
		AllowMethods: []string{"PUT"}, AllowHeaders: []string{"x-token"}, AllowCredentials: true,
	}
	other = core.Config{AllowOrigins: []string{"https://other.example"}}

	// The lines of responses with policy.
	granted = []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example", "Vary: Origin",
	}
	refused   = []string{"Vary: Origin"}
	preflight = []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-token",
		"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Max-Age: 86400", preflightRefused[0],
	}
	preflightRefused = []string{"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
)

// grantedWith is like granted, but with other Vary lines.
func grantedWith(vary ...string) []string { return append(slices.Clone(granted[:2]), vary...) }

// A situation is a request and the response to it.
type situation struct {
	name    string
	handler fiber.Handler // inside the policy
	request string
	status  int
	lines   []string // Access-Control-* and Vary, in alphabetical order
	body    string   // not compared if ""
}

// run sends each request to an app that has the situation's handler after those in before.
func run(t *testing.T, situations []situation, before ...fiber.Handler) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			s.check(t, exchange(t, start(t, use(append(slices.Clone(before), s.handler)...)), s.request))
		})
	}
}

func (s *situation) check(t *testing.T, got response) {
	t.Helper()
	if got.status != s.status || !slices.Equal(got.lines, s.lines) || s.body != "" && got.body != s.body {
		t.Errorf("got %d, %q and\n%q, want %d, %q and\n%q", got.status, got.body, got.lines, s.status, s.body, s.lines)
	}
}

// use returns an app with the given handlers for every path and method.
func use(handlers ...fiber.Handler) *fiber.App {
	app := newApp()
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

func ok(c *fiber.Ctx) error { return c.SendString("ok") }

func boom(*fiber.Ctx) error { panic("boom") }

// No matter what a handler returns or does to the response, each CORS header has a single line,
// which the policy has written.
func TestHandlers(t *testing.T) {
	fails := func(err error) fiber.Handler { return func(*fiber.Ctx) error { return err } }
	vary := func(c *fiber.Ctx) error { c.Vary("Accept", "Origin"); return ok(c) }
	run(t, []situation{
		{"plain", ok, get("/", app), 200, granted, "ok"},
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
		{"c.Format", func(c *fiber.Ctx) error { return c.Format("ok") }, get("/", app, "Accept: text/plain"), 200, granted,
			"ok"},
		{"c.Vary", vary, get("/", app), 200, grantedWith("Vary: Accept, Origin"), "ok"},
		{"c.Set", func(c *fiber.Ctx) error {
			c.Set("Access-Control-Allow-Origin", "*")
			c.Set("Access-Control-Max-Age", "5")
			return ok(c)
		}, get("/", evil), 200, refused, "ok"},
		{"HEAD", ok, "HEAD" + strings.TrimPrefix(get("/", app), "GET"), 200, granted, ""},
		{"resets the response", func(c *fiber.Ctx) error { c.Response().Reset(); return ok(c) }, get("/", app), 200, granted,
			"ok"},
		{"OPTIONS without a requested method", ok, options("/", app), 200, granted, "ok"},
	}, corsfiber.New(policy))
}

// The handler does not run for a preflight. Headers that middleware outside has prepared are
// removed.
func TestPreflights(t *testing.T) {
	var ran atomic.Bool
	never := func(*fiber.Ctx) error { ran.Store(true); return nil }
	prepared := func(c *fiber.Ctx) error {
		c.Set("Allow", "GET, OPTIONS")
		c.Type("txt")
		c.WriteString("prepared")
		return c.Next()
	}
	attached := use(never)
	attach(t, attached, compile(t, policy))
	for name, server := range map[string]*fiber.App{
		"used": use(prepared, corsfiber.New(policy), never), "attached": attached,
	} {
		addr := start(t, server)
		for _, s := range []situation{
			{name: "allowed", request: options("/", app, put), status: 204, lines: preflight},
			{name: "refused", request: options("/", evil, put), status: 403, lines: preflightRefused},
			{name: "star", request: options("*", app, put), status: 204, lines: preflight},
		} {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				got := exchange(t, addr, s.request)
				s.check(t, got)
				if got.body != "" || got.header["Allow"] != nil || got.header["Content-Type"] != nil || ran.Swap(false) {
					t.Errorf("got the body %q and %q, want neither a body nor Allow nor Content-Type", got.body, got.header)
				}
			})
		}
	}
}

// If the middleware is registered on the app, it receives requests for every path.
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
	since := "If-Modified-Since: " + time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
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
			{name: "preflight of no path in a group", request: options("/api/nope", app, put), status: 204, lines: preflight},
			{name: "preflight of a file", request: options("/static/a.txt", app, get0), status: 204, lines: preflight},
			{name: "preflight of no file", request: options("/static/zz", app, get0), status: 204, lines: preflight},
			{name: "preflight of a mounted app", request: options("/sub/x", app, get0), status: 204, lines: preflight},
			{name: "preflight of no path in a mounted app", request: options("/sub/zz", app, get0), status: 204,
				lines: preflight},
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
			{name: "method not allowed", request: "POST" + strings.TrimPrefix(get("/get", app), "GET"), status: 405,
				lines: granted},
			{name: "not authorised", request: get("/secret", app), status: 401, lines: granted},
			{name: "routed once more", request: get("/restart", app), status: 200, lines: granted, body: "ok"},
			{name: "file", request: get("/static/a.txt", app), status: 200, lines: granted, body: "a file"},
			{name: "range", request: get("/static/a.txt", app, "Range: bytes=2-3"), status: 206, lines: granted, body: "fi"},
			{name: "range that is not there", request: get("/static/a.txt", app, "Range: bytes=99-"), status: 416,
				lines: granted},
			{name: "file not modified", request: get("/static/a.txt", app, since), status: 304, lines: granted},
			{name: "file that is not there", request: get("/static/zz", app), status: 404, lines: granted},
			{name: "directory", request: get("/static/dir", app), status: 404, lines: granted},
		} {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				got := exchange(t, addr, s.request)
				s.check(t, got)
				if (got.header["Allow"] != nil) != (s.status == 405) {
					t.Errorf("got %q, want Allow with 405 only", got.header)
				}
			})
		}
	}
}

// The package comment describes what happens for groups, single routes and app.Handler.
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
	for _, test := range []struct {
		name    string
		app     *fiber.App
		request string
		status  int
		lines   []string
	}{
		{"in a group", grouped, options("/api/g", app, put), 204, preflight},
		{"in a group, unknown path", grouped, options("/api/nope", app, put), 204, preflight},
		{"beside a group, a path that begins alike", grouped, options("/apix", app, put), 204, preflight},
		{"beside a group", grouped, options("/other", app, put), 405, nil},
		{"on a route", single, options("/one", app, put), 405, nil},
		{"on a route, actual", single, get("/one", app), 200, granted},
		{"after a route", late, get("/early", app), 200, nil},
		{"before a route", late, get("/late", app), 200, granted},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := situation{status: test.status, lines: test.lines}
			s.check(t, exchange(t, start(t, test.app), test.request))
		})
	}
	t.Run("app.Handler is without what is attached", func(t *testing.T) {
		s := situation{status: 200, body: "ok"}
		s.check(t, exchange(t, serve(t, (&fasthttp.Server{Handler: bypassed.Handler()}).Serve), get("/get", app)))
	})
	t.Run("app.Server().Handler is with it", func(t *testing.T) {
		s := situation{status: 200, lines: granted, body: "ok"}
		s.check(t, exchange(t, serve(t, (&fasthttp.Server{Handler: bypassed.Server().Handler}).Serve), get("/get", app)))
	})
	t.Run("app.Test is with what is attached", func(t *testing.T) {
		request := httptest.NewRequest("GET", "/get", nil)
		request.Header.Set("Origin", "https://app.example")
		response, err := bypassed.Test(request, 20_000)
		if err != nil || response.Header.Get("Access-Control-Allow-Origin") != "https://app.example" {
			t.Errorf("got %v (%v)", response, err)
		}
	})
}

// An ErrorHandler that resets the response removes what the middleware has written, and Attach
// writes it again.
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

// If a recover middleware turns a panic into a response, the response has the headers.
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
	}, cors, recovery.New())
	run(t, []situation{
		{"outside", boom, get("/", app), 500, granted, "boom"},
		{"outside, refused origin", boom, get("/", evil), 500, refused, "boom"},
		{"outside, after writing", partly, get("/", app), 500, granted, "boom"},
	}, recovery.New(), cors)
	run(t, []situation{{"inside, keeping", partly, get("/", app), 201, granted, "partly"}}, cors, keeping)
	run(t, []situation{{"outside, keeping", partly, get("/", app), 201, granted, "partly"}}, keeping, cors)
}

// If an AllowOriginFunc panics, the CORS headers of other policies are removed.
func TestPanickingFunc(t *testing.T) {
	outer := corsfiber.New(policy)
	panics := corsfiber.New(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") },
	})
	attached := use(recovery.New(), panics)
	attach(t, attached, compile(t, policy))
	before := use(outer, ok).Handler()
	sibling := func(c *fiber.Ctx) error { before(c.Context()); return c.Next() }
	for name, server := range map[string]*fiber.App{
		"nested":                   use(recovery.New(), outer, panics),
		"nested, recovered inside": use(outer, recovery.New(), panics),
		"attached around":          attached,
		"after another policy":     use(recovery.New(), sibling, panics),
		"after another, nested":    use(outer, recovery.New(), sibling, panics),
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, start(t, server), get("/", app))
			if got.status != 500 || strings.Contains(fmt.Sprint(got.lines), "Allow-") {
				t.Errorf("got %d and %q, want 500 and no grant", got.status, got.lines)
			}
		})
	}
}

// Other middleware inside does not affect the CORS headers.
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
	// Nobody listens on the port of a listener that has been closed.
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
	tenant := func(c *fiber.Ctx) error { c.Vary("X-Tenant"); return ok(c) }
	quick := timeout.NewWithContext(tenant, 20*time.Second)
	down := func(c *fiber.Ctx) error {
		if err := proxy.Do(c, "http://"+l.Addr().String()); err != nil {
			return fiber.ErrBadGateway
		}
		return nil
	}
	run(t, []situation{
		{"compress", inside(compress.New(), long), get("/", app, "Accept-Encoding: gzip"), 200,
			grantedWith("Vary: Accept-Encoding", "Vary: Origin"), ""},
		{"etag", inside(etag.New(), ok), get("/", app), 200, granted, "ok"},
		{"proxy", proxy.Forward("http://" + upstream), get("/", app), 200, grantedWith("Vary: Accept, Origin"), "upstream"},
		{"proxy, refused origin", proxy.Forward("http://" + upstream), get("/", evil), 200,
			[]string{"Vary: Accept, Origin"}, "upstream"},
		{"proxy, preflight", proxy.Forward("http://" + upstream), options("/", app, put), 204, preflight, ""},
		{"proxy, upstream down", down, get("/", app), 502, granted, "Bad Gateway"},
		{"filesystem", files, get("/a.txt", app), 200, granted, "a file"},
		{"filesystem, not found", files, get("/b.txt", app), 404, granted, ""},
		{"filesystem, HEAD", files, "HEAD" + strings.TrimPrefix(get("/a.txt", app), "GET"), 200, granted, ""},
		{"timeout", slow, get("/", app), 408, granted, "Request Timeout"},
		{"timeout, refused origin", slow, get("/", evil), 408, refused, ""},
		{"timeout, in time", quick, get("/", app), 200, grantedWith("Vary: X-Tenant", "Vary: Origin"), "ok"},
	}, corsfiber.New(policy))

	t.Run("etag, not modified, with the tag of the response", func(t *testing.T) {
		addr := start(t, use(corsfiber.New(policy), etag.New(), ok))
		tag := exchange(t, addr, get("/", app)).header.Get("Etag")
		s := situation{status: 304, lines: granted}
		s.check(t, exchange(t, addr, get("/", app, "If-None-Match: "+tag)))
	})
	// Every origin gets its own line, although the response was cached for another one.
	t.Run("cache", func(t *testing.T) {
		calls := 0
		cached := func(c *fiber.Ctx) error {
			calls++
			c.Set("Access-Control-Allow-Origin", "*")
			c.Set("X-Kept", "yes")
			return ok(c)
		}
		caching := cache.New(cache.Config{StoreResponseHeaders: true})
		addr := start(t, use(corsfiber.New(policy), caching, cached))
		for _, origin := range []string{"https://app.example", "https://a.sub.example", "https://app.example"} {
			s := situation{status: 200, lines: slices.Clone(granted), body: "ok"}
			s.lines[1] = "Access-Control-Allow-Origin: " + origin
			got := exchange(t, addr, get("/", "Origin: "+origin))
			s.check(t, got)
			if got.header.Get("X-Kept") != "yes" {
				t.Errorf("got %q, want X-Kept", got.header)
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

// If a timeout handler is inside, its response has the headers, although the handler may still be
// using the request.
func TestTimeout(t *testing.T) {
	var busy sync.WaitGroup
	late := func(c *fiber.Ctx) error {
		ctx := c.Context()
		busy.Go(func() {
			for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
				ctx.Request.Header.Set("Origin", "https://evil.example")
				ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			}
		})
		time.Sleep(5 * time.Millisecond)
		ctx.TimeoutErrorWithCode("too late", 503)
		return nil
	}
	attached := use(corsfiber.New(other), late)
	attach(t, attached, compile(t, policy))
	for name, s := range map[string]struct {
		app   *fiber.App
		lines []string
	}{
		"used":                                 {use(corsfiber.New(policy), late), granted},
		"a stricter policy in an attached one": {attached, refused},
	} {
		t.Run(name, func(t *testing.T) {
			want := situation{status: 503, lines: s.lines, body: "too late"}
			want.check(t, exchange(t, start(t, s.app), get("/", app)))
			busy.Wait()
		})
	}
}

// The first event of a stream arrives before the stream ends, with the headers.
func TestStream(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	addr := start(t, use(corsfiber.New(policy), func(c *fiber.Ctx) error {
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			io.WriteString(w, "data: 1\n\n")
			w.Flush()
			<-end
		})
		return nil
	}))
	conn := dial(t, addr)
	io.WriteString(conn, get("/", app))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	event := make([]byte, len("data: 1\n\n"))
	if _, err := io.ReadFull(res.Body, event); err != nil || string(event) != "data: 1\n\n" {
		t.Errorf("got the event %q (%v)", event, err)
	}
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "https://app.example" {
		t.Errorf("got Access-Control-Allow-Origin %q", got)
	}
}

// The innermost policy wins, and the others add to Vary.
func TestSeveralPolicies(t *testing.T) {
	global, strict := corsfiber.New(policy), corsfiber.New(other)
	silent := corsfiber.Middleware(new(core.Live))
	mounting := use(global)
	mounting.Mount("/sub", use(strict, ok))
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	protect := corsfiber.Middleware(protection)
	post := "POST" + strings.TrimPrefix(get("/", app), "GET")
	for _, test := range []struct {
		name    string
		app     *fiber.App
		request string
		status  int
		lines   []string
	}{
		{"the same twice", use(global, global, ok), get("/", app), 200, granted},
		{"the same twice, preflight", use(global, global, ok), options("/", app, put), 204, preflight},
		{"an inner one that refuses", use(global, strict, ok), get("/", app), 200, refused},
		{"an inner one that allows", use(strict, global, ok), get("/", app), 200, granted},
		{"an inner one that decides nothing", use(global, silent, ok), get("/", app), 200, granted},
		{"one in the app, one in a mounted app", mounting, get("/sub/x", app), 200, refused},
		{"CSRF protection inside", use(global, protect, ok), post, 403, granted},
		{"CSRF protection outside", use(protect, global, ok), post, 403, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := situation{status: test.status, lines: test.lines}
			s.check(t, exchange(t, start(t, test.app), test.request))
		})
	}
}

// A policy with routes uses the paths as the client sent them.
func TestRoutes(t *testing.T) {
	run(t, []situation{
		{"one", ok, options("/a/x", app, put), 204, preflight, ""},
		{"another", ok, options("/b/7", app, put), 403, preflightRefused, ""},
		{"none", ok, get("/c", app), 200, nil, "ok"},
		{"percent-encoded", ok, get("/a/%78", app), 200, granted, "ok"},
	}, corsfiber.New(core.Config{Routes: []core.Route{{Path: "/a/", Config: policy}, {Path: "/b/{id}", Config: other}}}))
}

// If fiber routes a request again, the policy starts anew. Afterwards, no data is left in the
// context.
func TestRestartedRouting(t *testing.T) {
	left := -1
	restarting := use(func(c *fiber.Ctx) error {
		err := c.Next()
		left = 0
		c.Context().VisitUserValuesAll(func(any, any) { left++ })
		return err
	}, corsfiber.New(policy), func(c *fiber.Ctx) error {
		if c.Path() == "/" {
			c.Path("/again")
			return c.RestartRouting()
		}
		return ok(c)
	})
	s := situation{status: 200, lines: granted, body: "ok"}
	s.check(t, exchange(t, start(t, restarting), get("/", app)))
	if left != 0 {
		t.Errorf("got %d user values, want 0", left)
	}
}

// A client cannot hide a field from a policy, or add one after the body. The tests of corsfasthttp
// have many more of these requests.
func TestHiddenFields(t *testing.T) {
	const (
		head    = "POST / HTTP/1.1\r\nHost: api.example\r\n"
		cross   = evil + "\r\nSec-Fetch-Site: cross-site\r\n"
		chunked = "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
		same    = "Sec-Fetch-Site: same-origin\r\n\r\n"
	)
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	// Middleware outside reads the body, so fasthttp has already read the trailers.
	reading := func(c *fiber.Ctx) error { c.Body(); return c.Next() }
	for name, config := range map[string]fiber.Config{
		"plain": {}, "names as sent": {DisableHeaderNormalizing: true}, "stream": {StreamRequestBody: true},
	} {
		server := newApp(config)
		server.Use(reading, corsfiber.Middleware(protection), ok)
		addr := start(t, server)
		for _, s := range []situation{
			{name: "Trailer names the fields", status: 403,
				request: head + "Trailer: Origin, Sec-Fetch-Site\r\n" + cross + "Content-Length: 0\r\n\r\n"},
			{name: "a trailer", request: head + evil + "\r\n" + chunked + same, status: 403},
			{name: "a second line as a trailer", request: head + cross + chunked + same, status: 403},
			{name: "names in upper case", status: 403,
				request: head + "ORIGIN: https://evil.example\r\nSEC-FETCH-SITE: cross-site\r\nContent-Length: 0\r\n\r\n"},
			{name: "same-origin", request: head + "Content-Length: 0\r\n" + same, status: 200},
		} {
			t.Run(name+"/"+s.name, func(t *testing.T) { s.check(t, exchange(t, addr, s.request)) })
		}
	}
}

// AllowOriginFunc receives the context that the application has set, or else the context of the
// request.
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
	looked := func(c *fiber.Ctx) error { c.UserContext(); return c.Next() } // sets context.Background()
	allowed := []string{"Access-Control-Allow-Origin: https://app.example", "Vary: Origin"}
	for _, test := range []struct {
		name string
		app  *fiber.App
		want []string
	}{
		{"the request's own", use(local, cors, ok), allowed},
		{"the request's own, after a look at the application's", use(local, looked, cors, ok), allowed},
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

// Responses of the server and the app itself have the CORS headers that depend only on what the
// server has read of the request.
func TestAttach(t *testing.T) {
	post := func(length int, lines ...string) string {
		lines = append(lines, fmt.Sprint("Content-Length: ", length))
		return "POST" + strings.TrimPrefix(get("/", lines...), "GET") + strings.Repeat("x", length)
	}
	long := get("/", app, "X-Long: "+strings.Repeat("x", 8<<10))
	purge := "PURGE" + strings.TrimPrefix(get("/", app), "GET")
	small := fiber.Config{BodyLimit: 10, ReadBufferSize: 4 << 10}
	everyone := core.Config{AllowOrigins: []string{"*"}}
	blank := "GET / HTTP/1.1\r\nHost: h\r\n" + app + "\r\nX-Blank : x\r\n\r\n"
	for _, test := range []struct {
		name    string
		cors    core.Config
		request string
		status  int
		lines   []string
		body    string
	}{
		{"allowed", policy, get("/", app), 200, granted, "ok"},
		{"preflight", policy, options("/", app, put), 204, preflight, ""},
		{"body too large", policy, post(100, app), 413, granted, "Request Entity Too Large"},
		{"body too large, refused origin", policy, post(100, evil), 413, refused, ""},
		{"body too large, no origin", policy, post(100), 413, refused, ""},
		{"unknown method", policy, purge, 400, granted, "Invalid http method"},
		// The server has discarded the header, so the response gets only the headers that do not
		// depend on the request.
		{"header too large", policy, long, 431, refused, ""},
		{"header too large, for everyone", everyone, long, 431, []string{"Access-Control-Allow-Origin: *"}, ""},
		{"malformed", policy, blank, 400, refused, ""},
	} {
		for _, used := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, also used %v", test.name, used), func(t *testing.T) {
				server := newApp(small)
				attach(t, server, compile(t, test.cors))
				if used {
					server.Use(corsfiber.New(test.cors))
				}
				server.Use(ok)
				s := situation{status: test.status, lines: test.lines, body: test.body}
				s.check(t, exchange(t, start(t, server), test.request))
			})
		}
	}
	t.Run("body too large, an error handler that resets", func(t *testing.T) {
		config := small
		config.ErrorHandler = func(c *fiber.Ctx, _ error) error { c.Response().Reset(); return c.SendStatus(418) }
		server := newApp(config)
		attach(t, server, compile(t, policy))
		s := situation{status: 418, lines: granted}
		s.check(t, exchange(t, start(t, server), post(100, app)))
	})
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
		{"no app", nil, new(core.Live), "the app is nil"},
		{"no Decider", newApp(), nil, "the core.Decider is nil; look at the error that came with it"},
		{"a nil Policy", newApp(), noPolicy, "the core.Decider is nil; look at the error that came with it"},
		{"no server", new(fiber.App), new(core.Live), "the app has no server; make it with fiber.New"},
		{"no handler", noHandler, new(core.Live), "the app has no server; make it with fiber.New"},
		{"GETOnly", getOnly, new(core.Live), "GETOnly is set, so every preflight is refused; clear it"},
		{"no OPTIONS", noOptions, new(core.Live), "RequestMethods has no OPTIONS, so every preflight is refused; add it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := corsfiber.Attach(test.app, test.d)
			if want := "corsfiber: Attach: " + test.want; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	// The app is unchanged.
	s := situation{status: 200, body: "ok"}
	getOnly.Get("/", ok)
	s.check(t, exchange(t, start(t, getOnly), get("/", app)))
}

func TestNewPanics(t *testing.T) {
	want := "corsfiber: invalid Config:\n" +
		`cors: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"`
	defer func() {
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corsfiber.New(corsfiber.Config{AllowOrigins: []string{"https://example.com/"}})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	defer func() {
		const want = "corsfiber: Middleware: the core.Decider is nil; look at the error that came with it"
		if got := recover(); got != want {
			t.Errorf("got panic %v, want %s", got, want)
		}
	}()
	corsfiber.Middleware((*core.Policy)(nil))
}

// calls returns a function that calls the handler with a request that has the given lines, always
// on the same context.
func calls(method string, handler fasthttp.RequestHandler, lines ...string) func() {
	ctx := new(fasthttp.RequestCtx)
	ctx.Init(new(fasthttp.Request), nil, nil)
	head := method + " /items HTTP/1.1\r\nHost: api.example\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	if err := ctx.Request.Header.Read(bufio.NewReader(strings.NewReader(head))); err != nil {
		panic(err)
	}
	return func() {
		ctx.Response.Reset()
		ctx.ResetUserValues()
		handler(ctx)
	}
}

var costs = []struct {
	name, method string
	lines        []string
	most         float64 // allocations
}{
	{"no origin", "GET", []string{"X: x"}, 0},
	{"allowed", "GET", []string{app}, 0},
	{"a pattern", "GET", []string{"Origin: https://a.sub.example"}, 1},
	{"refused", "GET", []string{evil}, 0},
	{"preflight", "OPTIONS", []string{app, put, "Access-Control-Request-Headers: x-token"}, 0},
	{"preflight refused", "OPTIONS", []string{evil, put}, 0},
}

func nothing(*fiber.Ctx) error { return nil }

func TestAllocations(t *testing.T) {
	attached := use(nothing)
	attached.Handler() // which builds the tree of routes
	attach(t, attached, compile(t, policy))
	used, bare := use(corsfiber.New(policy), nothing).Handler(), use(nothing).Handler()
	// Use the minimum of several runs, because pools may be emptied during a run.
	least := func(f func()) float64 {
		var runs []float64
		for range 50 {
			runs = append(runs, testing.AllocsPerRun(1, f))
		}
		return slices.Min(runs)
	}
	for _, c := range costs {
		base := least(calls(c.method, bare, c.lines...))
		for name, handler := range map[string]fasthttp.RequestHandler{"used": used, "attached": attached.Server().Handler} {
			if got := least(calls(c.method, handler, c.lines...)) - base; got > c.most {
				t.Errorf("%s, %s: got %v allocations over the bare app, want at most %v", c.name, name, got, c.most)
			}
		}
	}
}

func BenchmarkMiddleware(b *testing.B) {
	used := use(corsfiber.New(policy), nothing).Handler()
	for _, c := range costs {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			call := calls(c.method, used, c.lines...)
			for b.Loop() {
				call()
			}
		})
	}
}

var soak = flag.Int("soak", 2000, "how many requests TestSoak sends")

// TestSoak sends requests from many origins over 16 connections at the same time, and checks every
// response. The handlers misuse the response.
func TestSoak(t *testing.T) {
	var late sync.WaitGroup // handlers that go on after a timeout
	handlers := map[string]struct {
		status int
		handle fiber.Handler
	}{
		"/plain": {200, ok},
		"/adds": {200, func(c *fiber.Ctx) error {
			c.Append("Access-Control-Allow-Origin", "https://evil.example")
			c.Vary("Origin")
			return ok(c)
		}},
		"/resets": {500, func(c *fiber.Ctx) error {
			c.Request().Reset()
			c.Response().Reset()
			return errors.New("failed")
		}},
		"/times-out": {408, func(c *fiber.Ctx) error {
			ctx := c.Context()
			late.Go(func() {
				for range 50 {
					ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
					time.Sleep(100 * time.Microsecond)
				}
			})
			ctx.TimeoutErrorWithCode("too late", 408)
			return nil
		}},
		"/panics": {500, boom},
	}
	// The policy is used twice in the app and attached to it. In between, an error handler resets the
	// response.
	server := newApp(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		c.Response().Reset()
		return c.Status(500).SendString("failed")
	}})
	server.Use(recovery.New(), corsfiber.New(policy), corsfiber.New(policy), func(c *fiber.Ctx) error {
		return handlers[string(c.Context().Path())].handle(c)
	})
	attach(t, server, compile(t, policy))
	addr := start(t, server)

	const clients = 16
	var clientsLeft sync.WaitGroup
	for client := range clients {
		clientsLeft.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 1))
			conn := dial(t, addr)
			r := bufio.NewReader(conn)
			for i := range (*soak + clients - 1) / clients {
				site := "https://" + strconv.Itoa(client) + "-" + strconv.Itoa(i)
				origin, lines := site+".sub.example", slices.Clone(granted)
				lines[1] = "Access-Control-Allow-Origin: " + origin
				if random.IntN(2) == 0 {
					origin, lines = site+".evil.example", refused
				}
				for path, h := range handlers {
					conn.SetDeadline(time.Now().Add(20 * time.Second))
					io.WriteString(conn, get(path, "Origin: "+origin))
					got, err := read(r, "GET")
					if err != nil || got.status != h.status || !slices.Equal(got.lines, lines) {
						t.Errorf("%s, %s: got %d and %q (%v), want %d and %q", path, origin, got.status, got.lines, err, h.status, lines)
						return
					}
					if random.IntN(len(handlers)) == 0 {
						break // so that connections go through the handlers in different orders
					}
				}
			}
		})
	}
	clientsLeft.Wait()
	late.Wait()
}

// start serves an app on loopback until the test ends, and returns its address.
func start(t testing.TB, app *fiber.App) string { return serve(t, app.Listener) }

func serve(t testing.TB, serve func(net.Listener) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go serve(l)
	return l.Addr().String()
}

func compile(t testing.TB, cfg core.Config) *core.Policy {
	policy, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

func attach(t testing.TB, app *fiber.App, d core.Decider) {
	t.Helper()
	if err := corsfiber.Attach(app, d); err != nil {
		t.Fatal(err)
	}
}

// get and options return requests with the given header lines.

func get(target string, lines ...string) string { return "GET" + rest(target, lines) }

func options(target string, lines ...string) string { return "OPTIONS" + rest(target, lines) }

func rest(target string, lines []string) string {
	return " " + target + " HTTP/1.1\r\n" + strings.Join(append([]string{"Host: h"}, lines...), "\r\n") + "\r\n\r\n"
}

type response struct {
	status int
	lines  []string // Access-Control-* and Vary, in alphabetical order
	header http.Header
	body   string
}

// exchange sends one request on a new connection, and returns the response.
func exchange(t testing.TB, addr, request string) response {
	t.Helper()
	conn := dial(t, addr)
	defer conn.Close()
	io.WriteString(conn, request)
	method, _, _ := strings.Cut(request, " ")
	got, err := read(bufio.NewReader(conn), method)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn
}

func read(r *bufio.Reader, method string) (response, error) {
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return response{}, err
	}
	got := response{status: res.StatusCode, header: res.Header}
	for name, values := range res.Header {
		if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			for _, value := range values {
				got.lines = append(got.lines, name+": "+value)
			}
		}
	}
	// Lines of one name stay in order.
	slices.SortStableFunc(got.lines, func(a, b string) int { return strings.Compare(name(a), name(b)) })
	body, err := io.ReadAll(res.Body)
	got.body = string(body)
	return got, err
}

func name(line string) string { return line[:strings.IndexByte(line, ':')] }

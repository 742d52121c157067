package corsecho5_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/core/corstest"
)

// underTest returns corsecho5 in an instance that build makes.
func underTest(build func(h echo.HandlerFunc, middlewares ...echo.MiddlewareFunc) *echo.Echo) adaptertest.NetHTTP {
	around := func(h http.Handler, first []echo.MiddlewareFunc, deciders ...core.Decider) http.Handler {
		for _, d := range deciders {
			first = append(first, corsecho5.Middleware(d))
		}
		return build(echo.WrapHandler(h), first...)
	}
	return adaptertest.NetHTTP{
		Package: "corsecho5",
		New: func(h http.Handler, cfg core.Config) http.Handler {
			return around(h, []echo.MiddlewareFunc{corsecho5.New(cfg)})
		},
		Middleware: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return around(h, nil, deciders...)
		},
		Recovering: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return around(h, []echo.MiddlewareFunc{recovery()}, deciders...)
		},
	}
}

// withRoutes returns an instance with routes for every path and for every method that echo knows.
func withRoutes(h echo.HandlerFunc, middlewares ...echo.MiddlewareFunc) *echo.Echo {
	e := quiet()
	e.Use(middlewares...)
	e.Any("/*", h)
	e.RouteNotFound("/*", h) // for methods that echo does not know
	return e
}

func TestConformance(t *testing.T) {
	for name, build := range map[string]func(h echo.HandlerFunc, middlewares ...echo.MiddlewareFunc) *echo.Echo{
		// With routes, preflights arrive at a route. Without routes, they do not.
		"routes": withRoutes,
		"no routes": func(h echo.HandlerFunc, middlewares ...echo.MiddlewareFunc) *echo.Echo {
			e := quiet()
			e.Use(middlewares...)
			e.RouteNotFound("/*", h)
			return e
		},
		"Pre": func(h echo.HandlerFunc, middlewares ...echo.MiddlewareFunc) *echo.Echo {
			e := withRoutes(h)
			e.Pre(middlewares...)
			return e
		},
		"group": func(h echo.HandlerFunc, middlewares ...echo.MiddlewareFunc) *echo.Echo {
			e := quiet()
			g := e.Group("", middlewares...)
			for _, path := range []string{"", "/*"} {
				g.Any(path, h)
				g.RouteNotFound(path, h)
			}
			return e
		},
	} {
		t.Run(name, func(t *testing.T) { adaptertest.Run(t, underTest(build).Serve) })
	}
}

func TestNetHTTP(t *testing.T) { adaptertest.RunNetHTTP(t, underTest(withRoutes)) }

func BenchmarkMiddleware(b *testing.B) { adaptertest.Benchmark(b, underTest(withRoutes).Middleware) }

// quiet returns an instance that logs nothing.
func quiet() *echo.Echo {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	return e
}

func recovery() echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true})
}

// newCORS returns the middleware for the policy of a Site.
func newCORS() echo.MiddlewareFunc { return corsecho5.New(adaptertest.Config()) }

func says(text string) echo.HandlerFunc {
	return func(c *echo.Context) error { return c.String(200, text) }
}

// addRoutes adds routes of every kind.
func addRoutes(e *echo.Echo) {
	e.GET("/get", says("get"))
	e.GET("/p/:id", says("p"))
	e.OPTIONS("/explicit", says("explicit"))
	e.GET("/slash/", says("slash"))
	e.GET("/noslash", says("noslash"))
	e.StaticFS("/static", fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}})
	e.Group("/api").GET("/g", says("g"))
	guarded := e.Group("/guarded", func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(*echo.Context) error { return echo.ErrUnauthorized }
	})
	guarded.GET("/g", says("g"))
	sub := http.NewServeMux()
	sub.HandleFunc("GET /sub/x", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	e.Any("/sub/*", echo.WrapHandler(sub))
}

func TestRouter(t *testing.T) {
	for name, register := range map[string]func(e *echo.Echo){
		"Use":              func(e *echo.Echo) { e.Use(newCORS()); addRoutes(e) },
		"Use after routes": func(e *echo.Echo) { addRoutes(e); e.Use(newCORS()) },
		"Pre":              func(e *echo.Echo) { e.Pre(newCORS()); addRoutes(e) },
	} {
		t.Run(name, func(t *testing.T) {
			e := quiet()
			register(e)
			testRouter(t, e)
		})
	}
}

func testRouter(t *testing.T, e *echo.Echo) {
	site := adaptertest.NewSite(t, e)
	site.AnswersPreflight(
		"/get", "/p/42", "/nope", "/api/g", "/api/nope", "/guarded/g", "/sub/x", "/sub/zz", "/explicit",
		"/static/a.txt", "/static/zz", "/static/dir", "/slash", "/slash/", "/noslash", "/noslash/", "//get",
		"/api/../get", "/%67et", "/GET", "/",
	)
	const notFound = "{\"message\":\"Not Found\"}\n"
	for _, test := range []struct {
		target string
		status int
		body   string
	}{
		{"/get", 200, "get"},
		{"/p/42", 200, "p"},
		{"/nope", 404, notFound},
		{"/api/g", 200, "g"},
		{"/api/nope", 404, notFound},
		{"/guarded/g", 401, "{\"message\":\"Unauthorized\"}\n"},
		{"/sub/x", 200, "x"},
		{"/sub/zz", 404, "404 page not found\n"},
		{"/static/a.txt", 200, "file"},
		{"/static/zz", 404, notFound},
		{"/static/dir", 301, ""},
		{"/slash/", 200, "slash"},
		{"/slash", 404, notFound},
		{"/noslash/", 404, notFound},
	} {
		got := site.Covers("GET", test.target, test.status)
		if got.Body != test.body {
			t.Errorf("%s: got body %q, want %q", test.target, got.Body, test.body)
		}
	}
	if got := site.Covers("POST", "/get", 405); got.Header.Get("Allow") != "OPTIONS, GET" {
		t.Errorf("405: got Allow %q", got.Header["Allow"])
	}
	site.Covers("PURGE", "/get", 405)
	if got := site.Covers("OPTIONS", "/explicit", 200); got.Body != "explicit" {
		t.Errorf("OPTIONS that is not a preflight: got body %q", got.Body)
	}
	if got := site.Covers("OPTIONS", "/get", 204); got.Header.Get("Allow") != "OPTIONS, GET" {
		t.Errorf("OPTIONS that is not a preflight: got Allow %q, want echo's own", got.Header["Allow"])
	}
	corstest.CheckReachable(
		t, e, "https://app.example.com",
		"/get", "/p/42", "/nope", "/api/g", "/sub/x", "/static/a.txt", "/explicit", "/slash", "//get",
	)
}

// TestRoute: on a route, the middleware does not see preflights: echo responds to them itself.
// Config.Routes gives a path its own policy.
func TestRoute(t *testing.T) {
	e := quiet()
	e.GET("/items", says("items"), newCORS())
	site := adaptertest.NewSite(t, e)
	site.Covers("GET", "/items", 200)
	if got := site.MissesPreflight("/items", 204); got.Header.Get("Allow") != "OPTIONS, GET" {
		t.Errorf("got %v, want echo's own response", got.Header)
	}

	e = quiet()
	e.Use(corsecho5.New(corsecho5.Config{Routes: []core.Route{{Path: "/items", Config: adaptertest.Config()}}}))
	e.GET("/items", says("items"))
	e.GET("/others", says("others"))
	site = adaptertest.NewSite(t, e)
	site.Covers("GET", "/items", 200)
	site.AnswersPreflight("/items")
	site.Misses("GET", "/others", 200)
	site.MissesPreflight("/others", 204)
}

// TestGroup: on a group, the middleware sees preflights, but the routes that make it do so turn a
// 405 into a 404.
func TestGroup(t *testing.T) {
	for name, register := range map[string]func(e *echo.Echo, cors echo.MiddlewareFunc){
		"Group": func(e *echo.Echo, cors echo.MiddlewareFunc) { e.Group("/api", cors).GET("/items", says("items")) },
		"Use": func(e *echo.Echo, cors echo.MiddlewareFunc) {
			g := e.Group("/api")
			g.Use(cors)
			g.GET("/items", says("items"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := quiet()
			register(e, newCORS())
			e.GET("/others", says("others"))
			site := adaptertest.NewSite(t, e)
			site.Covers("GET", "/api/items", 200)
			site.AnswersPreflight("/api/items", "/api/nope")
			site.Covers("POST", "/api/items", 404)
			site.Misses("POST", "/others", 405)
		})
	}
}

// TestGroupWithoutCatchAllRoutes: with NoGroupAutoRegister404Routes, the middleware of a group does
// not see preflights.
func TestGroupWithoutCatchAllRoutes(t *testing.T) {
	for name, register := range map[string]func(e *echo.Echo){
		"Group": func(e *echo.Echo) { e.Group("/api", newCORS()).GET("/items", says("items")) },
		"Use": func(e *echo.Echo) {
			g := e.Group("/api")
			g.Use(newCORS())
			g.GET("/items", says("items"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := echo.NewWithConfig(echo.Config{NoGroupAutoRegister404Routes: true})
			register(e)
			site := adaptertest.NewSite(t, e)
			site.Covers("GET", "/api/items", 200)
			site.Misses("POST", "/api/items", 405)
			site.MissesPreflight("/api/items", 204)
			site.MissesPreflight("/api/nope", 404)
		})
	}
}

// TestVirtualHosts: the middleware of the instance that dispatches by host does not run for hosts
// that have an instance of their own.
func TestVirtualHosts(t *testing.T) {
	instance := func(middlewares ...echo.MiddlewareFunc) *echo.Echo {
		e := quiet()
		e.Use(middlewares...)
		e.GET("/items", says("items"))
		return e
	}
	serve := func(hosts map[string]*echo.Echo) *adaptertest.Site {
		e := echo.NewVirtualHostHandler(hosts)
		e.Use(newCORS())
		e.GET("/items", says("items"))
		return adaptertest.NewSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = "v.example"
			e.ServeHTTP(w, r)
		}))
	}
	serve(nil).Covers("GET", "/items", 200)
	missed := serve(map[string]*echo.Echo{"v.example": instance()})
	missed.Misses("GET", "/items", 200)
	missed.MissesPreflight("/items", 204)
	covered := serve(map[string]*echo.Echo{"v.example": instance(newCORS())})
	covered.Covers("GET", "/items", 200)
	covered.AnswersPreflight("/items")
}

// TestRedirects: redirects of a middleware registered with Pre have no headers, not even for
// preflights, unless this one is registered before it.
func TestRedirects(t *testing.T) {
	cors := newCORS()
	remove := middleware.RemoveTrailingSlashWithConfig(middleware.RemoveTrailingSlashConfig{RedirectCode: 301})
	add := middleware.AddTrailingSlashWithConfig(middleware.AddTrailingSlashConfig{RedirectCode: 308})
	for _, test := range []struct {
		name    string
		slashes echo.MiddlewareFunc
		target  string
		status  int
	}{
		{"RemoveTrailingSlash", remove, "/get/", 301},
		{"AddTrailingSlash", add, "/get", 308},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := quiet()
			e.Pre(test.slashes)
			e.Use(cors)
			addRoutes(e)
			site := adaptertest.NewSite(t, e)
			site.Misses("GET", test.target, test.status)
			site.MissesPreflight(test.target, test.status)

			e = quiet()
			e.Pre(cors, test.slashes)
			addRoutes(e)
			site = adaptertest.NewSite(t, e)
			site.Covers("GET", test.target, test.status)
			site.AnswersPreflight(test.target)
		})
	}
	t.Run("without redirect", func(t *testing.T) {
		e := quiet()
		e.Pre(middleware.RemoveTrailingSlash())
		e.Use(cors)
		addRoutes(e)
		site := adaptertest.NewSite(t, e)
		site.Covers("GET", "/get/", 200)
		site.AnswersPreflight("/get/")
	})
}

// TestReturnedErrors: errors that handlers return reach echo's error handler with the headers set.
func TestReturnedErrors(t *testing.T) {
	routes := func(e *echo.Echo) *adaptertest.Site {
		e.Use(newCORS())
		e.GET("/error", func(*echo.Context) error { return errors.New("no") })
		e.GET("/http-error", func(*echo.Context) error { return echo.NewHTTPError(418, "no") })
		e.GET("/redirect", func(c *echo.Context) error { return c.Redirect(302, "/get") })
		e.GET("/empty", func(*echo.Context) error { return nil })
		e.GET("/bind", func(c *echo.Context) error {
			var query struct {
				N int `query:"n"`
			}
			return c.Bind(&query)
		})
		return adaptertest.NewSite(t, e)
	}
	statuses := map[string]int{
		"/error": 500, "/http-error": 418, "/redirect": 302, "/empty": 200, "/bind?n=x": 400,
	}
	t.Run("default", func(t *testing.T) {
		site := routes(quiet())
		for target, status := range statuses {
			site.Covers("GET", target, status)
			site.AnswersPreflight(target)
		}
	})
	t.Run("mine", func(t *testing.T) {
		e := quiet()
		e.HTTPErrorHandler = func(c *echo.Context, err error) { c.String(599, "mine") }
		site := routes(e)
		site.Covers("GET", "/error", 599)
		site.Covers("GET", "/nope", 599)
		site.AnswersPreflight("/error", "/nope")
	})
	t.Run("one that clears the header", func(t *testing.T) {
		e := quiet()
		e.HTTPErrorHandler = func(c *echo.Context, err error) {
			clear(c.Response().Header())
			c.NoContent(599)
		}
		routes(e).Misses("GET", "/error", 599)
	})
}

// TestOwnMiddleware: echo's own middleware, inside.
func TestOwnMiddleware(t *testing.T) {
	with := func(m echo.MiddlewareFunc, h echo.HandlerFunc) *adaptertest.Site {
		e := quiet()
		e.Use(newCORS(), m)
		e.GET("/", h)
		return adaptertest.NewSite(t, e)
	}
	t.Run("Gzip", func(t *testing.T) {
		site := with(middleware.Gzip(), says("ok"))
		got := site.Covers("GET", "/", 200, "Accept-Encoding: gzip")
		if got.Header.Get("Content-Encoding") != "gzip" || !slices.Contains(got.Header["Vary"], "Accept-Encoding") {
			t.Errorf("got %v, want gzip", got.Header)
		}
		site.AnswersPreflight("/")
	})
	t.Run("ContextTimeout", func(t *testing.T) {
		site := with(middleware.ContextTimeout(time.Millisecond), func(c *echo.Context) error {
			<-c.Request().Context().Done()
			return c.Request().Context().Err()
		})
		site.Covers("GET", "/", 503)
	})
	t.Run("BasicAuth", func(t *testing.T) {
		site := with(
			middleware.BasicAuth(func(*echo.Context, string, string) (bool, error) { return false, nil }), says("ok"),
		)
		site.AnswersPreflight("/")
		site.Covers("GET", "/", 401)
	})
	t.Run("BodyLimit", func(t *testing.T) {
		e := quiet()
		e.Use(newCORS(), middleware.BodyLimit(1024))
		e.POST("/", says("ok"))
		adaptertest.NewSite(t, e).Covers("POST", "/", 413, "Content-Length: 4096")
	})
	t.Run("CSRF", func(t *testing.T) {
		e := quiet()
		e.Use(newCORS(), middleware.CSRF())
		e.POST("/", says("ok"))
		site := adaptertest.NewSite(t, e)
		site.AnswersPreflight("/")
		site.Covers("POST", "/", 400)
	})
	// A condition around the middleware leaves a path alone, as a skipper does.
	t.Run("skipped", func(t *testing.T) {
		cors := newCORS()
		e := quiet()
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			guarded := cors(next)
			return func(c *echo.Context) error {
				if c.Request().URL.Path == "/health" {
					return next(c)
				}
				return guarded(c)
			}
		})
		e.GET("/health", says("ok"))
		site := adaptertest.NewSite(t, e)
		site.Misses("GET", "/health", 200)
		site.MissesPreflight("/health", 204)
		site.AnswersPreflight("/others")
	})
}

// TestPanics: the response of middleware.Recover has the headers, whether it is registered before
// or after the middleware.
func TestPanics(t *testing.T) {
	cors := newCORS()
	for name, middlewares := range map[string][]echo.MiddlewareFunc{
		"inside":  {cors, recovery()},
		"outside": {recovery(), cors},
	} {
		t.Run(name, func(t *testing.T) {
			e := quiet()
			e.Use(middlewares...)
			e.GET("/early", func(*echo.Context) error { panic("boom") })
			e.GET("/late", func(c *echo.Context) error {
				c.String(201, "partial")
				http.NewResponseController(c.Response()).Flush()
				panic("boom")
			})
			site := adaptertest.NewSite(t, e)
			site.Covers("GET", "/early", 500)
			if got := site.Covers("GET", "/late", 201); got.Body != "partial" {
				t.Errorf("got body %q", got.Body)
			}
		})
	}
}

// TestParameterTakesTheRest: a parameter at the end of an echo route matches everything below it,
// so the policy's route must do the same.
func TestParameterTakesTheRest(t *testing.T) {
	get := func(path, target string) string {
		e := echo.New()
		e.Use(
			corsecho5.New(corsecho5.Config{
				AllowOrigins: []string{"*"},
				Routes: []core.Route{
					{Path: path, Config: corsecho5.Config{AllowOrigins: []string{"https://admin.example.com"}}},
				},
			}),
		)
		e.GET("/users/:id", func(c *echo.Context) error { return c.String(200, c.Param("id")) })
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Origin", "https://evil.example")
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w.Body.String() + " " + w.Header().Get("Access-Control-Allow-Origin")
	}
	for _, tt := range []struct{ path, target, want string }{
		{"/users/{id}", "/users/7", "7 "},
		{"/users/{id}", "/users/7/x", "7/x *"}, // the mistake that the package comment warns about
		{"/users/{rest...}", "/users/7", "7 "},
		{"/users/{rest...}", "/users/7/x", "7/x "},
		{"/users/{rest...}", "/users/7/x/y", "7/x/y "},
	} {
		if got := get(tt.path, tt.target); got != tt.want {
			t.Errorf("Route %s, GET %s: got %q, want %q", tt.path, tt.target, got, tt.want)
		}
	}
}

var soak = flag.Int("soak", 2000, "how many requests TestSoak sends")

// soakHandlers are handlers that time out, stream, hijack the connection, fail and panic.
var soakHandlers = []struct {
	path   string
	status int
	body   string
	handle echo.HandlerFunc
}{
	{"/plain", 200, "ok", says("ok")},
	{"/fails", 500, "{\"message\":\"Internal Server Error\"}\n", func(*echo.Context) error { return errors.New("no") }},
	{"/panics", 500, "{\"message\":\"Internal Server Error\"}\n", func(*echo.Context) error { panic("boom") }},
	{"/exceeds", 503, "{\"message\":\"Service Unavailable\"}\n",
		middleware.ContextTimeout(time.Millisecond)(func(c *echo.Context) error {
			<-c.Request().Context().Done()
			return c.Request().Context().Err()
		})},
	{"/times-out", 503, "too late",
		echo.WrapHandler(http.TimeoutHandler(http.HandlerFunc(goesOn), time.Millisecond, "too late"))},
	{"/streams", 200, "123", func(c *echo.Context) error {
		for _, event := range []string{"1", "2", "3"} {
			io.WriteString(c.Response(), event)
			if err := http.NewResponseController(c.Response()).Flush(); err != nil {
				return err
			}
		}
		return nil
	}},
	{"/hijacks", 200, "hijacked", func(c *echo.Context) error {
		conn, _, err := http.NewResponseController(c.Response()).Hijack()
		if err != nil {
			return err
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n")
		c.Response().Header().Write(conn)
		io.WriteString(conn, "\r\nhijacked")
		return nil
	}},
}

// goesOn handles a request until its timeout, and then changes the header.
func goesOn(w http.ResponseWriter, r *http.Request) {
	<-r.Context().Done()
	for range 20 {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if _, err := io.WriteString(w, "late"); errors.Is(err, http.ErrHandlerTimeout) {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// TestSoak sends requests of many origins from 16 clients at once, and checks every response.
func TestSoak(t *testing.T) {
	e := quiet()
	e.Use(recovery(), corsecho5.New(corsecho5.Config{AllowOrigins: []string{"https://*.sub.example"}}))
	for _, h := range soakHandlers {
		e.GET(h.path, h.handle)
	}
	addr := adaptertest.Listen(t, e)
	const clients = 16
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			for i := range (*soak + clients - 1) / clients {
				h := soakHandlers[(i+client)%len(soakHandlers)]
				origin := fmt.Sprintf("https://%d-%d.sub.example", client, i)
				want := []string{origin}
				if i%2 == 0 {
					origin, want = fmt.Sprintf("https://%d-%d.evil.example", client, i), nil
				}
				got, err := soakExchange(transport, "http://"+addr+h.path, origin)
				if err != nil {
					t.Errorf("%s, %s: %v", h.path, origin, err)
					return
				}
				if got.status != h.status || got.body != h.body || !slices.Equal(got.header["Access-Control-Allow-Origin"], want) ||
					!slices.Equal(got.header["Vary"], []string{"Origin"}) {
					t.Errorf("%s, %s: got %+v, want status %d, body %q and origin %q", h.path, origin, got, h.status, h.body, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

type soakResponse struct {
	status int
	header http.Header
	body   string
}

func soakExchange(transport *http.Transport, url, origin string) (soakResponse, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return soakResponse{}, err
	}
	request.Header.Set("Origin", origin)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return soakResponse{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return soakResponse{response.StatusCode, response.Header, string(body)}, err
}

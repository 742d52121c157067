package corsecho_test

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

func TestConformance(t *testing.T) {
	for name, app := range map[string]func(s corstest.Server) *echo.Echo{
		// With routes for every method that echo knows, preflights come along a route.
		"routes": func(s corstest.Server) *echo.Echo {
			e := instance(s.Handler)
			e.Use(middlewares(s)...)
			return e
		},
		// Without any, they do not.
		"no routes": func(s corstest.Server) *echo.Echo {
			e := quiet()
			e.Use(middlewares(s)...)
			e.RouteNotFound("/*", echo.WrapHandler(s.Handler))
			return e
		},
		"Pre": func(s corstest.Server) *echo.Echo {
			e := instance(s.Handler)
			e.Pre(middlewares(s)...)
			return e
		},
		"group": func(s corstest.Server) *echo.Echo {
			e := quiet()
			g := e.Group("", middlewares(s)...)
			for _, path := range []string{"", "/*"} {
				g.Any(path, echo.WrapHandler(s.Handler))
				g.RouteNotFound(path, echo.WrapHandler(s.Handler))
			}
			return e
		},
	} {
		t.Run(name, func(t *testing.T) {
			corstest.Run(t, func(t testing.TB, s corstest.Server) string { return serve(t, app(s)) })
		})
	}
}

// middlewares returns the middlewares of s.
func middlewares(s corstest.Server) []echo.MiddlewareFunc {
	all := []echo.MiddlewareFunc{func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			addAll(c.Response().Header(), s.Before)
			return next(c)
		}
	}}
	for _, d := range s.Deciders {
		all = append(all, corsecho.Middleware(d))
	}
	return all
}

// quiet returns an instance that logs nothing.
func quiet() *echo.Echo {
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	return e
}

// instance returns an instance that answers with h on every path.
func instance(h http.Handler) *echo.Echo {
	e := quiet()
	e.Any("/*", echo.WrapHandler(h))
	e.RouteNotFound("/*", echo.WrapHandler(h)) // for methods that echo does not know
	return e
}

// behind returns h, on every path of an instance, behind a middleware for each of the deciders, outermost first.
func behind(h http.Handler, deciders ...core.Decider) http.Handler {
	e := instance(h)
	e.Use(middlewares(corstest.Server{Deciders: deciders})...)
	return e
}

// behindNew returns h behind what New returns.
func behindNew(h http.Handler, cfg core.Config) http.Handler {
	e := instance(h)
	e.Use(corsecho.New(cfg))
	return e
}

// recovering is behind with middleware.Recover outside of the middlewares.
func recovering(h http.Handler, deciders ...core.Decider) http.Handler {
	e := instance(h)
	e.Use(recovery())
	e.Use(middlewares(corstest.Server{Deciders: deciders})...)
	return e
}

func recovery() echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true})
}

func BenchmarkMiddleware(b *testing.B) {
	corstest.Benchmark(b, func(h http.Handler, deciders ...core.Decider) http.Handler {
		e := quiet()
		e.Use(middlewares(corstest.Server{Deciders: deciders})...)
		e.Any("/items", echo.WrapHandler(h))
		return e
	})
}

// says returns a handler with one thing to say.
func says(text string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.String(200, text) }
}

// addRoutes adds to an instance what instances have.
func addRoutes(e *echo.Echo) {
	e.GET("/get", says("get"))
	e.GET("/p/:id", says("p"))
	e.OPTIONS("/explicit", says("explicit"))
	e.GET("/slash/", says("slash"))
	e.GET("/noslash", says("noslash"))
	e.StaticFS("/static", fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}})
	e.Group("/api").GET("/g", says("g"))
	guarded := e.Group("/guarded", func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(echo.Context) error { return echo.ErrUnauthorized }
	})
	guarded.GET("/g", says("g"))
	sub := http.NewServeMux()
	sub.HandleFunc("GET /sub/x", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	e.Any("/sub/*", echo.WrapHandler(sub))
}

func TestRouter(t *testing.T) {
	for name, register := range map[string]func(e *echo.Echo){
		"Use":              func(e *echo.Echo) { e.Use(corsecho.New(usual())); addRoutes(e) },
		"Use after routes": func(e *echo.Echo) { addRoutes(e); e.Use(corsecho.New(usual())) },
		"Pre":              func(e *echo.Echo) { e.Pre(corsecho.New(usual())); addRoutes(e) },
	} {
		t.Run(name, func(t *testing.T) {
			e := quiet()
			register(e)
			testRouter(t, e)
		})
	}
}

func testRouter(t *testing.T, e *echo.Echo) {
	addr := serve(t, e)
	checkPreflight(t, addr,
		"/get", "/p/42", "/nope", "/api/g", "/api/nope", "/guarded/g", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt", "/static/zz", "/static/dir",
		"/slash", "/slash/", "/noslash", "/noslash/", "//get", "/api/../get", "/%67et", "/GET", "/",
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
		got := check(t, addr, get(app, test.target), test.status, granted)
		if got.body != test.body {
			t.Errorf("%s: got body %q, want %q", test.target, got.body, test.body)
		}
		check(t, addr, get(evil, test.target), test.status, ungranted)
	}
	if got := check(t, addr, request("POST", "/get", "Origin: "+app, "Content-Length: 0"), 405, granted); got.header.Get("Allow") != "OPTIONS, GET" {
		t.Errorf("405: got Allow %q", got.header["Allow"])
	}
	check(t, addr, request("PURGE", "/get", "Origin: "+app), 405, granted)
	if got := check(t, addr, request("OPTIONS", "/explicit", "Origin: "+app), 200, granted); got.body != "explicit" {
		t.Errorf("OPTIONS that is no preflight: got body %q", got.body)
	}
	if got := check(t, addr, request("OPTIONS", "/get", "Origin: "+app), 204, granted); got.header.Get("Allow") != "OPTIONS, GET" {
		t.Errorf("OPTIONS that is no preflight: got Allow %q, want echo's own", got.header["Allow"])
	}
	corstest.CheckReachable(t, e, "/get", "/p/42", "/nope", "/api/g", "/sub/x", "/static/a.txt", "/explicit", "/slash", "//get")
}

// TestRoute: on a route, the middleware does not see preflights: echo answers them. Config.Routes gives their paths a policy of their own.
func TestRoute(t *testing.T) {
	e := quiet()
	e.GET("/items", says("items"), corsecho.New(usual()))
	addr := serve(t, e)
	check(t, addr, get(app, "/items"), 200, granted)
	if got := check(t, addr, preflight(app, "/items"), 204, untouched); got.header.Get("Allow") != "OPTIONS, GET" {
		t.Errorf("got %v, want echo's own answer", got.header)
	}

	e = quiet()
	e.Use(corsecho.New(corsecho.Config{Routes: []core.Route{{Path: "/items", Config: usual()}}}))
	e.GET("/items", says("items"))
	e.GET("/others", says("others"))
	addr = serve(t, e)
	check(t, addr, get(app, "/items"), 200, granted)
	checkPreflight(t, addr, "/items")
	check(t, addr, get(app, "/others"), 200, untouched)
	check(t, addr, preflight(app, "/others"), 204, untouched)
}

// TestGroup: on a group, the middleware sees preflights, but the routes that this takes turn 405 into 404.
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
			register(e, corsecho.New(usual()))
			e.GET("/others", says("others"))
			addr := serve(t, e)
			check(t, addr, get(app, "/api/items"), 200, granted)
			checkPreflight(t, addr, "/api/items", "/api/nope")
			check(t, addr, request("POST", "/api/items", "Origin: "+app, "Content-Length: 0"), 404, granted)
			check(t, addr, request("POST", "/others", "Origin: "+app, "Content-Length: 0"), 405, untouched)
		})
	}
}

// TestRedirects: what a middleware of Pre redirects has no headers, and no preflight survives it, unless this one stands before it.
func TestRedirects(t *testing.T) {
	cors := corsecho.New(usual())
	remove := middleware.RemoveTrailingSlashWithConfig(middleware.TrailingSlashConfig{RedirectCode: 301})
	add := middleware.AddTrailingSlashWithConfig(middleware.TrailingSlashConfig{RedirectCode: 308})
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
			addr := serve(t, e)
			check(t, addr, get(app, test.target), test.status, untouched)
			check(t, addr, preflight(app, test.target), test.status, untouched)

			e = quiet()
			e.Pre(cors, test.slashes)
			addRoutes(e)
			addr = serve(t, e)
			check(t, addr, get(app, test.target), test.status, granted)
			checkPreflight(t, addr, test.target)
		})
	}
	t.Run("without redirect", func(t *testing.T) {
		e := quiet()
		e.Pre(middleware.RemoveTrailingSlash())
		e.Use(cors)
		addRoutes(e)
		addr := serve(t, e)
		check(t, addr, get(app, "/get/"), 200, granted)
		checkPreflight(t, addr, "/get/")
	})
}

// TestReturnedErrors: errors that handlers return reach echo's error handler with the headers set.
func TestReturnedErrors(t *testing.T) {
	routes := func(e *echo.Echo) string {
		e.Use(corsecho.New(usual()))
		e.GET("/error", func(echo.Context) error { return errors.New("no") })
		e.GET("/http-error", func(echo.Context) error { return echo.NewHTTPError(418, "no") })
		e.GET("/c-error", func(c echo.Context) error { c.Error(echo.ErrConflict); return nil })
		e.GET("/redirect", func(c echo.Context) error { return c.Redirect(302, "/get") })
		e.GET("/empty", func(echo.Context) error { return nil })
		e.GET("/bind", func(c echo.Context) error {
			var query struct {
				N int `query:"n"`
			}
			return c.Bind(&query)
		})
		return serve(t, e)
	}
	statuses := map[string]int{"/error": 500, "/http-error": 418, "/c-error": 409, "/redirect": 302, "/empty": 200, "/bind?n=x": 400}
	t.Run("default", func(t *testing.T) {
		addr := routes(quiet())
		for target, status := range statuses {
			check(t, addr, get(app, target), status, granted)
			check(t, addr, get(evil, target), status, ungranted)
			checkPreflight(t, addr, target)
		}
	})
	t.Run("mine", func(t *testing.T) {
		e := quiet()
		e.HTTPErrorHandler = func(err error, c echo.Context) { c.String(599, "mine") }
		addr := routes(e)
		check(t, addr, get(app, "/error"), 599, granted)
		check(t, addr, get(app, "/nope"), 599, granted)
		checkPreflight(t, addr, "/error", "/nope")
	})
	t.Run("one that clears the header", func(t *testing.T) {
		e := quiet()
		e.HTTPErrorHandler = func(err error, c echo.Context) {
			clear(c.Response().Header())
			c.NoContent(599)
		}
		check(t, routes(e), get(app, "/error"), 599, untouched)
	})
}

// TestOwnMiddleware: echo's own middleware, inside.
func TestOwnMiddleware(t *testing.T) {
	with := func(m echo.MiddlewareFunc, h echo.HandlerFunc) string {
		e := quiet()
		e.Use(corsecho.New(usual()), m)
		e.GET("/", h)
		return serve(t, e)
	}
	t.Run("Gzip", func(t *testing.T) {
		addr := with(middleware.Gzip(), says("ok"))
		got := check(t, addr, get(app, "/", "Accept-Encoding: gzip"), 200, append(slices.Clone(granted), "Vary: Accept-Encoding"))
		if got.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("got %v, want gzip", got.header)
		}
		checkPreflight(t, addr, "/")
	})
	t.Run("ContextTimeout", func(t *testing.T) {
		addr := with(middleware.ContextTimeout(time.Millisecond), func(c echo.Context) error {
			<-c.Request().Context().Done()
			return c.Request().Context().Err()
		})
		check(t, addr, get(app, "/"), 503, granted)
	})
	t.Run("BasicAuth", func(t *testing.T) {
		addr := with(middleware.BasicAuth(func(string, string, echo.Context) (bool, error) { return false, nil }), says("ok"))
		checkPreflight(t, addr, "/")
		check(t, addr, get(app, "/"), 401, granted)
	})
	t.Run("BodyLimit", func(t *testing.T) {
		e := quiet()
		e.Use(corsecho.New(usual()), middleware.BodyLimit("1K"))
		e.POST("/", says("ok"))
		check(t, serve(t, e), request("POST", "/", "Origin: "+app, "Content-Length: 4096"), 413, granted)
	})
	t.Run("CSRF", func(t *testing.T) {
		e := quiet()
		e.Use(corsecho.New(usual()), middleware.CSRF())
		e.POST("/", says("ok"))
		addr := serve(t, e)
		checkPreflight(t, addr, "/")
		check(t, addr, request("POST", "/", "Origin: "+app, "Content-Length: 0"), 400, granted)
	})
	// As a skipper does, a condition around the middleware leaves a path alone.
	t.Run("skipped", func(t *testing.T) {
		cors := corsecho.New(usual())
		e := quiet()
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			guarded := cors(next)
			return func(c echo.Context) error {
				if c.Request().URL.Path == "/health" {
					return next(c)
				}
				return guarded(c)
			}
		})
		e.GET("/health", says("ok"))
		addr := serve(t, e)
		check(t, addr, get(app, "/health"), 200, untouched)
		check(t, addr, preflight(app, "/health"), 204, untouched)
		checkPreflight(t, addr, "/others")
	})
}

// TestPanics: what middleware.Recover, wherever it stands, makes of a panic carries the headers.
func TestPanics(t *testing.T) {
	cors := corsecho.New(usual())
	for name, middlewares := range map[string][]echo.MiddlewareFunc{
		"inside":  {cors, recovery()},
		"outside": {recovery(), cors},
	} {
		t.Run(name, func(t *testing.T) {
			e := quiet()
			e.Use(middlewares...)
			e.GET("/early", func(echo.Context) error { panic("boom") })
			e.GET("/late", func(c echo.Context) error {
				c.String(201, "partial")
				c.Response().Flush()
				panic("boom")
			})
			addr := serve(t, e)
			check(t, addr, get(app, "/early"), 500, granted)
			check(t, addr, get(evil, "/early"), 500, ungranted)
			if got := check(t, addr, get(app, "/late"), 201, granted); got.body != "partial" {
				t.Errorf("got body %q", got.body)
			}
		})
	}
}

// TestNewPanics: with the name of the package and every problem, in lines that can be read.
func TestNewPanics(t *testing.T) {
	defer func() {
		want := `corsecho: invalid Config:
core: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
core: MaxAge: "600ns": this is less than a second; write it with its unit, as in 600 * time.Second`
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corsecho.New(corsecho.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil)} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got, want := recover(), "corsecho: Middleware: the core.Decider is nil; look at the error that came with it"; got != want {
					t.Errorf("got panic %v, want %s", got, want)
				}
			}()
			corsecho.Middleware(d)
		})
	}
}

// TestPanickingFunc: when an AllowOriginFunc panics, middleware.Recover outside answers without the grant of an outer policy.
func TestPanickingFunc(t *testing.T) {
	inner := policy(t, core.Config{AllowOriginFunc: boom})
	check(t, serve(t, recovering(http.NotFoundHandler(), policy(t, usual()), inner)), get(app, "/"), 500, ungranted)
}

// TestAllocations: the middleware costs one allocation more than one that does nothing, for every kind of request. echo v4 builds the
// chain for each request, which costs any middleware an allocation.
// TestParameterTakesTheRest: echo serves what is below a route with its handler if the route ends in a parameter, so the policy's route must have all of that.
func TestParameterTakesTheRest(t *testing.T) {
	get := func(path, target string) string {
		e := echo.New()
		e.Use(corsecho.New(corsecho.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{{Path: path, Config: corsecho.Config{AllowOrigins: []string{"https://admin.example.com"}}}}}))
		e.GET("/users/:id", func(c echo.Context) error { return c.String(200, c.Param("id")) })
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Origin", "https://evil.example")
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w.Body.String() + " " + w.Header().Get("Access-Control-Allow-Origin")
	}
	for _, tt := range []struct{ path, target, want string }{
		{"/users/{id}", "/users/7", "7 "},
		{"/users/{id}", "/users/7/x", "7/x *"}, // the mistake that the package's comment warns of
		{"/users/{rest...}", "/users/7", "7 "},
		{"/users/{rest...}", "/users/7/x", "7/x "},
		{"/users/{rest...}", "/users/7/x/y", "7/x/y "},
	} {
		if got := get(tt.path, tt.target); got != tt.want {
			t.Errorf("Route %s, GET %s: got %q, want %q", tt.path, tt.target, got, tt.want)
		}
	}
}

func TestAllocations(t *testing.T) {
	allocations := func(header http.Header, middlewares ...echo.MiddlewareFunc) float64 {
		e := echo.New()
		e.Use(middlewares...)
		e.Any("/", func(echo.Context) error { return nil })
		request := httptest.NewRequest("OPTIONS", "/", nil)
		request.Header = header
		w := discard{}
		// The least of many runs, since echo's pool of contexts may be emptied in any of them.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { clear(w); e.ServeHTTP(w, request) }))
		}
		return least
	}
	cors := corsecho.New(corsecho.Config{AllowOrigins: []string{"https://app.example.com"}})
	nothing := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return next(c) }
	}
	for name, header := range map[string]http.Header{
		"no origin": {}, "allowed": {"Origin": {"https://app.example.com"}}, "refused": {"Origin": {"https://evil.example"}},
		"preflight":         {"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type"}},
		"preflight refused": {"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"PUT"}},
	} {
		got, idle, bare := allocations(header, cors), allocations(header, nothing), allocations(header)
		if got > idle+1 || idle != bare+1 {
			t.Errorf("%s: got %v allocations, with a middleware that does nothing %v, without any %v; want at most one more each time", name, got, idle, bare)
		}
		t.Logf("%s: %v, with a middleware that does nothing %v, without any %v", name, got, idle, bare)
	}
}

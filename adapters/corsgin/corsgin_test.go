package corsgin_test

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

func init() { gin.SetMode(gin.ReleaseMode) }

func TestConformance(t *testing.T) {
	// With routes for every method that gin knows, preflights come along a route.
	t.Run("routes", func(t *testing.T) {
		corstest.Run(t, func(t testing.TB, s corstest.Server) string {
			r := engine(s)
			r.Any("/*path", gin.WrapH(s.Handler))
			r.NoRoute(gin.WrapH(s.Handler)) // for methods that gin does not know
			return serve(t, r)
		})
	})
	// Without any, they do not.
	t.Run("no routes", func(t *testing.T) {
		corstest.Run(t, func(t testing.TB, s corstest.Server) string {
			r := engine(s)
			r.NoRoute(gin.WrapH(s.Handler))
			return serve(t, r)
		})
	})
	// With HandleMethodNotAllowed, gin prepares an answer with Allow before any middleware runs.
	t.Run("no method", func(t *testing.T) {
		corstest.Run(t, func(t testing.TB, s corstest.Server) string {
			r := engine(s)
			r.HandleMethodNotAllowed = true
			r.Handle("UNUSED", "/*path", gin.WrapH(s.Handler))
			r.NoMethod(func(c *gin.Context) {
				c.Writer.Header().Del("Allow")
				addAll(c.Writer.Header(), http.Header{"Allow": s.Before["Allow"]})
				s.Handler.ServeHTTP(c.Writer, c.Request)
			})
			return serve(t, r)
		})
	})
}

// engine returns an engine with the middlewares of s and no routes.
func engine(s corstest.Server) *gin.Engine {
	r := gin.New()
	r.Use(func(c *gin.Context) { addAll(c.Writer.Header(), s.Before) })
	for _, d := range s.Deciders {
		r.Use(corsgin.Middleware(d))
	}
	return r
}

// behind returns h, on every path of an engine, behind a middleware for each of the deciders, outermost first.
func behind(h http.Handler, deciders ...core.Decider) http.Handler {
	return everywhere(engine(corstest.Server{Deciders: deciders}), h)
}

// everywhere adds routes to h for every path, and for every method that gin knows.
func everywhere(r *gin.Engine, h http.Handler) *gin.Engine {
	r.Any("/*path", gin.WrapH(h))
	return r
}

// behindNew returns h behind what New returns.
func behindNew(h http.Handler, cfg core.Config) http.Handler {
	r := gin.New()
	r.Use(corsgin.New(cfg))
	return everywhere(r, h)
}

// recovering is behind with gin.Recovery outside of the middlewares.
func recovering(h http.Handler, deciders ...core.Decider) http.Handler {
	r := gin.New()
	r.Use(gin.RecoveryWithWriter(io.Discard))
	for _, d := range deciders {
		r.Use(corsgin.Middleware(d))
	}
	return everywhere(r, h)
}

func BenchmarkMiddleware(b *testing.B) {
	corstest.Benchmark(b, func(h http.Handler, deciders ...core.Decider) http.Handler {
		r := engine(corstest.Server{Deciders: deciders})
		r.Any("/items", gin.WrapH(h))
		return r
	})
}

// says returns a handler with one thing to say.
func says(text string) gin.HandlerFunc { return func(c *gin.Context) { c.String(200, text) } }

// site returns an engine with the middlewares and what engines have.
func site(middlewares ...gin.HandlerFunc) *gin.Engine {
	r := gin.New()
	r.Use(middlewares...)
	r.GET("/get", says("get"))
	r.GET("/p/:id", says("p"))
	r.OPTIONS("/explicit", says("explicit"))
	r.PUT("/explicit", says("explicit"))
	r.GET("/slash/", says("slash"))
	r.GET("/noslash", says("noslash"))
	r.GET("/twice", func(c *gin.Context) {
		c.Request.URL.Path = "/get"
		r.HandleContext(c)
	})
	r.StaticFS("/static", http.FS(fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}}))
	r.Group("/api").GET("/g", says("g"))
	sub := gin.New()
	sub.GET("/sub/x", says("x"))
	r.Any("/sub/*path", gin.WrapH(sub))
	return r
}

func TestEngine(t *testing.T) {
	r := site(corsgin.New(usual()))
	addr := serve(t, r)
	// Where there is no OPTIONS route, gin does not redirect OPTIONS, and so preflights get through for /slash and /get/ too.
	checkPreflight(t, addr,
		"/get", "/p/42", "/nope", "/api/g", "/api/nope", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt", "/static/zz", "/static/dir",
		"/twice", "/slash", "/slash/", "/noslash", "/noslash/", "//get", "/api/../get", "/%67et", "/GET", "/",
	)
	for _, test := range []struct {
		target string
		status int
		body   string
	}{
		{"/get", 200, "get"},
		{"/p/42", 200, "p"},
		{"/nope", 404, "404 page not found"},
		{"/api/g", 200, "g"},
		{"/api/nope", 404, "404 page not found"},
		{"/sub/x", 200, "x"},
		{"/sub/zz", 404, "404 page not found"},
		{"/static/a.txt", 200, "file"},
		{"/static/zz", 404, ""},
		{"/slash/", 200, "slash"},
		{"/twice", 200, "get"},
		{"/%67et", 200, "get"},
	} {
		got := check(t, addr, get(app, test.target), test.status, granted)
		if got.body != test.body {
			t.Errorf("%s: got body %q, want %q", test.target, got.body, test.body)
		}
		check(t, addr, get(evil, test.target), test.status, ungranted)
	}
	check(t, addr, request("POST", "/get", "Origin: "+app, "Content-Length: 0"), 404, granted)
	check(t, addr, request("PURGE", "/get", "Origin: "+app), 404, granted)
	if got := check(t, addr, request("OPTIONS", "/explicit", "Origin: "+app), 200, granted); got.body != "explicit" {
		t.Errorf("OPTIONS that is no preflight: got body %q", got.body)
	}
	if got := check(t, addr, request("OPTIONS", "/explicit"), 200, ungranted); got.body != "explicit" {
		t.Errorf("OPTIONS without Origin: got body %q", got.body)
	}
	corstest.CheckReachable(t, r, "/get", "/p/42", "/nope", "/api/g", "/sub/x", "/static/a.txt", "/explicit", "/slash/")
}

// TestRedirects: gin answers them before any middleware runs. A preflight is redirected only where a route for OPTIONS is next to the path.
func TestRedirects(t *testing.T) {
	r := site(corsgin.New(usual()))
	r.RedirectFixedPath = true
	addr := serve(t, r)
	for _, target := range []string{"/slash", "/noslash/", "/static", "//get", "/GET", "/api/../get"} {
		check(t, addr, get(app, target), 301, untouched)
		checkPreflight(t, addr, target)
	}
	check(t, addr, request("PUT", "/explicit/", "Origin: "+app, "Content-Length: 0"), 307, untouched)
	check(t, addr, preflight(app, "/explicit/"), 307, untouched)

	// Without redirects, everything runs the middleware.
	r = site(corsgin.New(usual()))
	r.RedirectTrailingSlash = false
	addr = serve(t, r)
	for _, target := range []string{"/slash", "/noslash/", "/explicit/"} {
		check(t, addr, get(app, target), 404, granted)
		checkPreflight(t, addr, target)
	}
}

// TestMethodNotAllowed: with HandleMethodNotAllowed, gin's Allow stays on a 405 and is no part of the answer to a preflight.
func TestMethodNotAllowed(t *testing.T) {
	for name, prepare := range map[string]func(r *gin.Engine){
		"its own": func(*gin.Engine) {},
		"mine":    func(r *gin.Engine) { r.NoMethod(func(c *gin.Context) { c.String(405, "mine") }) },
	} {
		t.Run(name, func(t *testing.T) {
			r := site(corsgin.New(usual()))
			r.HandleMethodNotAllowed = true
			prepare(r)
			addr := serve(t, r)
			checkPreflight(t, addr, "/get", "/p/42", "/nope", "/explicit")
			if got := check(t, addr, request("POST", "/get", "Origin: "+app, "Content-Length: 0"), 405, granted); got.header.Get("Allow") != "GET" {
				t.Errorf("got Allow %q", got.header["Allow"])
			}
		})
	}
}

// TestNoRoute: handlers of NoRoute run behind the middleware of the engine, once.
func TestNoRoute(t *testing.T) {
	r := site(corsgin.New(usual()))
	r.NoRoute(func(c *gin.Context) { c.JSON(404, "mine") })
	addr := serve(t, r)
	checkPreflight(t, addr, "/nope", "/static/zz")
	if got := check(t, addr, get(app, "/nope"), 404, granted); got.body != `"mine"` {
		t.Errorf("got body %q", got.body)
	}
	check(t, addr, get(app, "/static/zz"), 404, granted)
}

// TestPartOfEngine: on a group or a route, the middleware does not see preflights. Config.Routes gives their paths a policy of their own.
func TestPartOfEngine(t *testing.T) {
	for name, add := range map[string]func(r *gin.Engine, cors gin.HandlerFunc){
		"group": func(r *gin.Engine, cors gin.HandlerFunc) {
			g := r.Group("/api")
			g.Use(cors)
			g.GET("/items", says("items"))
		},
		"route": func(r *gin.Engine, cors gin.HandlerFunc) { r.GET("/api/items", cors, says("items")) },
	} {
		t.Run(name, func(t *testing.T) {
			r := gin.New()
			add(r, corsgin.New(usual()))
			addr := serve(t, r)
			check(t, addr, preflight(app, "/api/items"), 404, untouched)
			check(t, addr, get(app, "/api/items"), 200, granted)
		})
	}
	t.Run("Config.Routes", func(t *testing.T) {
		r := gin.New()
		r.Use(corsgin.New(corsgin.Config{Routes: []core.Route{{Path: "/api/items", Config: usual()}}}))
		r.GET("/api/items", says("items"))
		r.GET("/others", says("others"))
		addr := serve(t, r)
		check(t, addr, get(app, "/api/items"), 200, granted)
		checkPreflight(t, addr, "/api/items")
		check(t, addr, get(app, "/others"), 200, untouched)
		check(t, addr, preflight(app, "/others"), 404, untouched)
	})
}

// TestUseAfterRoutes: for a route that is there already, the middleware does not run, though it answers preflights.
func TestUseAfterRoutes(t *testing.T) {
	r := gin.New()
	r.GET("/items", says("items"))
	r.Use(corsgin.New(usual()))
	addr := serve(t, r)
	checkPreflight(t, addr, "/items")
	check(t, addr, get(app, "/items"), 200, untouched)
}

// TestHandlers: what gin's helpers write carries the headers.
func TestHandlers(t *testing.T) {
	r := gin.New()
	r.Use(corsgin.New(usual()))
	r.GET("/abort", func(c *gin.Context) { c.AbortWithStatus(418) })
	r.GET("/abort-error", func(c *gin.Context) { c.AbortWithError(500, errors.New("no")) })
	r.GET("/abort-json", func(c *gin.Context) { c.AbortWithStatusJSON(422, gin.H{"error": "no"}) })
	r.GET("/redirect", func(c *gin.Context) { c.Redirect(302, "/get") })
	r.GET("/empty", func(*gin.Context) {})
	r.GET("/json", func(c *gin.Context) { c.JSON(200, "ok") })
	r.GET("/bind", func(c *gin.Context) {
		var query struct {
			N int `form:"n" binding:"required"`
		}
		c.Bind(&query)
	})
	r.GET("/file", func(c *gin.Context) { c.FileFromFS("a.txt", http.FS(fstest.MapFS{"a.txt": {Data: []byte("file")}})) })
	r.GET("/events", func(c *gin.Context) {
		n := 0
		c.Stream(func(io.Writer) bool {
			n++
			c.SSEvent("message", n)
			return n < 2
		})
	})
	r.GET("/auth", gin.BasicAuth(gin.Accounts{"a": "b"}), says("ok"))
	addr := serve(t, r)
	for target, status := range map[string]int{
		"/abort": 418, "/abort-error": 500, "/abort-json": 422, "/redirect": 302, "/empty": 200, "/json": 200, "/bind": 400, "/file": 200, "/events": 200, "/auth": 401,
	} {
		t.Run(target[1:], func(t *testing.T) {
			check(t, addr, get(app, target), status, granted)
			check(t, addr, get(evil, target), status, ungranted)
			checkPreflight(t, addr, target)
		})
	}
}

// TestPanics: what gin.Recovery, wherever it stands, makes of a panic carries the headers.
func TestPanics(t *testing.T) {
	cors, recovery := corsgin.New(usual()), gin.RecoveryWithWriter(io.Discard)
	for name, middlewares := range map[string][]gin.HandlerFunc{
		"inside":  {cors, recovery},
		"outside": {recovery, cors},
	} {
		t.Run(name, func(t *testing.T) {
			r := gin.New()
			r.Use(middlewares...)
			r.GET("/early", func(*gin.Context) { panic("boom") })
			r.GET("/late", func(c *gin.Context) {
				c.String(201, "partial")
				c.Writer.Flush()
				panic("boom")
			})
			addr := serve(t, r)
			check(t, addr, get(app, "/early"), 500, granted)
			check(t, addr, get(evil, "/early"), 500, ungranted)
			if got := check(t, addr, get(app, "/late"), 201, granted); got.body != "partial" {
				t.Errorf("got body %q", got.body)
			}
		})
	}
}

// TestAnsweredPreflightEndsTheChain: no handler behind runs, and c.IsAborted says so to those outside.
func TestAnsweredPreflightEndsTheChain(t *testing.T) {
	var aborted, ran bool
	r := gin.New()
	r.Use(func(c *gin.Context) {
		c.Next()
		aborted = c.IsAborted()
	}, corsgin.New(usual()), func(*gin.Context) { ran = true })
	r.PUT("/", says("ok"))
	checkPreflight(t, serve(t, r), "/")
	if !aborted || ran {
		t.Errorf("got aborted %v and a later middleware run %v, want true and false", aborted, ran)
	}
}

// TestNewPanics: with the name of the package and every problem, in lines that can be read.
func TestNewPanics(t *testing.T) {
	defer func() {
		want := `corsgin: invalid Config:
core: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
core: MaxAge: "600ns": this is less than a second; write it with its unit, as in 600 * time.Second`
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corsgin.New(corsgin.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil)} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got, want := recover(), "corsgin: Middleware: the core.Decider is nil; look at the error that came with it"; got != want {
					t.Errorf("got panic %v, want %s", got, want)
				}
			}()
			corsgin.Middleware(d)
		})
	}
}

// TestPanickingFunc: when an AllowOriginFunc panics, gin.Recovery outside answers without the grant of an outer policy.
func TestPanickingFunc(t *testing.T) {
	inner := policy(t, core.Config{AllowOriginFunc: boom})
	check(t, serve(t, recovering(http.NotFoundHandler(), policy(t, usual()), inner)), get(app, "/"), 500, ungranted)
}

// TestAllocations: the middleware costs one allocation more than none, for every kind of request.
func TestAllocations(t *testing.T) {
	allocations := func(header http.Header, middleware ...gin.HandlerFunc) float64 {
		r := gin.New()
		r.Use(middleware...)
		r.Any("/", func(*gin.Context) {})
		request := httptest.NewRequest("OPTIONS", "/", nil)
		request.Header = header
		w := discard{}
		// The least of many runs, since gin's pool of contexts may be emptied in any of them.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { clear(w); r.ServeHTTP(w, request) }))
		}
		return least
	}
	cors := corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}})
	for name, header := range map[string]http.Header{
		"no origin": {}, "allowed": {"Origin": {"https://app.example.com"}}, "refused": {"Origin": {"https://evil.example"}},
		"preflight":         {"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type"}},
		"preflight refused": {"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"PUT"}},
	} {
		got, bare := allocations(header, cors), allocations(header)
		if got > bare+1 {
			t.Errorf("%s: got %v allocations, want at most one over %v", name, got, bare)
		}
		t.Logf("%s: %v, without the middleware %v", name, got, bare)
	}
}

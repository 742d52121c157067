package corsgin_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/core/corstest"
)

func init() { gin.SetMode(gin.ReleaseMode) }

// underTest returns corsgin in an engine to which addHandler adds the handler.
func underTest(addHandler func(r *gin.Engine, h gin.HandlerFunc)) adaptertest.NetHTTP {
	around := func(h http.Handler, middlewares ...gin.HandlerFunc) http.Handler {
		r := gin.New()
		r.Use(middlewares...)
		addHandler(r, gin.WrapH(h))
		return r
	}
	middlewares := func(deciders []core.Decider) (list []gin.HandlerFunc) {
		for _, d := range deciders {
			list = append(list, corsgin.Middleware(d))
		}
		return list
	}
	return adaptertest.NetHTTP{
		Package: "corsgin",
		New:     func(h http.Handler, cfg core.Config) http.Handler { return around(h, corsgin.New(cfg)) },
		Middleware: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return around(h, middlewares(deciders)...)
		},
		Recovering: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return around(h, append([]gin.HandlerFunc{recovery()}, middlewares(deciders)...)...)
		},
	}
}

// everywhere adds routes for every path and for every method that gin knows.
func everywhere(r *gin.Engine, h gin.HandlerFunc) {
	r.Any("/*path", h)
	r.NoRoute(h) // for methods that gin does not know
}

func TestConformance(t *testing.T) {
	// With routes, preflights arrive at a route. Without routes, they do not.
	t.Run("routes", func(t *testing.T) { adaptertest.Run(t, underTest(everywhere).Serve) })
	t.Run("no routes", func(t *testing.T) {
		adaptertest.Run(t, underTest(func(r *gin.Engine, h gin.HandlerFunc) { r.NoRoute(h) }).Serve)
	})
	// With HandleMethodNotAllowed, gin prepares a response with Allow before any middleware runs, and
	// replaces any Allow that is set.
	t.Run("no method", func(t *testing.T) {
		adaptertest.Run(t, func(t testing.TB, s adaptertest.Server) string {
			return underTest(func(r *gin.Engine, h gin.HandlerFunc) {
				r.HandleMethodNotAllowed = true
				r.Handle("UNUSED", "/*path", h)
				r.NoMethod(func(c *gin.Context) {
					delete(c.Writer.Header(), "Allow")
					if allow := s.Before["Allow"]; allow != nil {
						c.Writer.Header()["Allow"] = slices.Clone(allow)
					}
				}, h)
			}).Serve(t, s)
		})
	})
}

func TestNetHTTP(t *testing.T) { adaptertest.RunNetHTTP(t, underTest(everywhere)) }

func BenchmarkMiddleware(b *testing.B) { adaptertest.Benchmark(b, underTest(everywhere).Middleware) }

// recovery is gin.Recovery without the log.
func recovery() gin.HandlerFunc { return gin.RecoveryWithWriter(io.Discard) }

// newCORS returns the middleware for the policy of a Site.
func newCORS() gin.HandlerFunc { return corsgin.New(adaptertest.Config()) }

func says(text string) gin.HandlerFunc { return func(c *gin.Context) { c.String(200, text) } }

// newEngine returns an engine with the given middleware and with all kinds of routes.
func newEngine(middlewares ...gin.HandlerFunc) *gin.Engine {
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
	r := newEngine(newCORS())
	site := adaptertest.NewSite(t, r)
	// gin redirects OPTIONS only to a route for OPTIONS, so the preflights for /slash and /get/ get
	// through too.
	site.AnswersPreflight(
		"/get", "/p/42", "/nope", "/api/g", "/api/nope", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt",
		"/static/zz", "/static/dir", "/twice", "/slash", "/slash/", "/noslash", "/noslash/", "//get", "/api/../get",
		"/%67et", "/GET", "/",
	)
	for _, tt := range []struct {
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
		if got := site.Covers("GET", tt.target, tt.status); got.Body != tt.body {
			t.Errorf("%s: got body %q, want %q", tt.target, got.Body, tt.body)
		}
	}
	site.Covers("POST", "/get", 404)
	site.Covers("PURGE", "/get", 404)
	if got := site.Covers("OPTIONS", "/explicit", 200); got.Body != "explicit" {
		t.Errorf("OPTIONS that is not a preflight: got body %q", got.Body)
	}
	corstest.CheckReachable(
		t, r, "https://app.example.com",
		"/get", "/p/42", "/nope", "/api/g", "/sub/x", "/static/a.txt", "/explicit", "/slash/",
	)
}

// TestRedirects: gin redirects before any middleware runs. It redirects a preflight only if the
// route with a similar path is for OPTIONS.
func TestRedirects(t *testing.T) {
	r := newEngine(newCORS())
	r.RedirectFixedPath = true
	site := adaptertest.NewSite(t, r)
	for _, target := range []string{"/slash", "/noslash/", "/static", "//get", "/GET", "/api/../get"} {
		site.Misses("GET", target, 301)
		site.AnswersPreflight(target)
	}
	site.Misses("PUT", "/explicit/", 307)
	site.MissesPreflight("/explicit/", 307)

	// Without redirects, the middleware runs for every path.
	r = newEngine(newCORS())
	r.RedirectTrailingSlash = false
	site = adaptertest.NewSite(t, r)
	for _, target := range []string{"/slash", "/noslash/", "/explicit/"} {
		site.Covers("GET", target, 404)
		site.AnswersPreflight(target)
	}
}

// TestMethodNotAllowed: with HandleMethodNotAllowed, a 405 response has gin's Allow header, but the
// response to a preflight does not.
func TestMethodNotAllowed(t *testing.T) {
	for name, prepare := range map[string]func(r *gin.Engine){
		"gin's response": func(*gin.Engine) {},
		"its own":        func(r *gin.Engine) { r.NoMethod(func(c *gin.Context) { c.String(405, "mine") }) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newEngine(newCORS())
			r.HandleMethodNotAllowed = true
			prepare(r)
			site := adaptertest.NewSite(t, r)
			site.AnswersPreflight("/get", "/p/42", "/nope", "/explicit")
			if got := site.Covers("POST", "/get", 405); got.Header.Get("Allow") != "GET" {
				t.Errorf("got Allow %q", got.Header["Allow"])
			}
		})
	}
}

// TestNoRoute: the handlers of NoRoute run after the engine's middleware.
func TestNoRoute(t *testing.T) {
	r := newEngine(newCORS())
	r.NoRoute(func(c *gin.Context) { c.JSON(404, "mine") })
	site := adaptertest.NewSite(t, r)
	site.AnswersPreflight("/nope", "/static/zz")
	if got := site.Covers("GET", "/nope", 404); got.Body != `"mine"` {
		t.Errorf("got body %q", got.Body)
	}
	site.Covers("GET", "/static/zz", 404)
}

// TestPartOfEngine: if the middleware is registered on a group or a route, it does not receive
// preflights. Config.Routes gives a path its own policy.
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
			add(r, newCORS())
			site := adaptertest.NewSite(t, r)
			site.MissesPreflight("/api/items", 404)
			site.Covers("GET", "/api/items", 200)
		})
	}
	t.Run("Config.Routes", func(t *testing.T) {
		cfg := corsgin.Config{Routes: []core.Route{{Path: "/api/items", Config: adaptertest.Config()}}}
		r := gin.New()
		r.Use(corsgin.New(cfg))
		r.GET("/api/items", says("items"))
		r.GET("/others", says("others"))
		site := adaptertest.NewSite(t, r)
		site.Covers("GET", "/api/items", 200)
		site.AnswersPreflight("/api/items")
		site.Misses("GET", "/others", 200)
		site.MissesPreflight("/others", 404)
	})
}

// TestUseAfterRoutes: the middleware does not run for routes that were added before it, although it
// responds to their preflights.
func TestUseAfterRoutes(t *testing.T) {
	r := gin.New()
	r.GET("/items", says("items"))
	r.Use(newCORS())
	site := adaptertest.NewSite(t, r)
	site.AnswersPreflight("/items")
	site.Misses("GET", "/items", 200)
}

// TestHandlers: responses that gin's helpers write have the headers.
func TestHandlers(t *testing.T) {
	r := gin.New()
	r.Use(newCORS())
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
	files := http.FS(fstest.MapFS{"a.txt": {Data: []byte("file")}})
	r.GET("/file", func(c *gin.Context) { c.FileFromFS("a.txt", files) })
	r.GET("/events", func(c *gin.Context) {
		n := 0
		c.Stream(func(io.Writer) bool {
			n++
			c.SSEvent("message", n)
			return n < 2
		})
	})
	r.GET("/auth", gin.BasicAuth(gin.Accounts{"a": "b"}), says("ok"))
	site := adaptertest.NewSite(t, r)
	for target, status := range map[string]int{
		"/abort": 418, "/abort-error": 500, "/abort-json": 422, "/redirect": 302, "/empty": 200, "/json": 200,
		"/bind": 400, "/file": 200, "/events": 200, "/auth": 401,
	} {
		site.Covers("GET", target, status)
		site.AnswersPreflight(target)
	}
}

// TestPanics: the response of gin.Recovery has the headers, whether it is registered before or
// after the middleware.
func TestPanics(t *testing.T) {
	for name, middlewares := range map[string][]gin.HandlerFunc{
		"inside":  {newCORS(), recovery()},
		"outside": {recovery(), newCORS()},
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
			site := adaptertest.NewSite(t, r)
			site.Covers("GET", "/early", 500)
			if got := site.Covers("GET", "/late", 201); got.Body != "partial" {
				t.Errorf("got body %q", got.Body)
			}
		})
	}
}

// TestPreflightEndsTheChain: after the response to a preflight no later handler runs, and
// c.IsAborted reports it to earlier ones.
func TestPreflightEndsTheChain(t *testing.T) {
	var aborted, ran bool
	r := gin.New()
	r.Use(func(c *gin.Context) {
		c.Next()
		aborted = c.IsAborted()
	}, newCORS(), func(*gin.Context) { ran = true })
	r.PUT("/", says("ok"))
	adaptertest.NewSite(t, r).AnswersPreflight("/")
	if !aborted || ran {
		t.Errorf("got aborted %v and a later middleware run %v, want true and false", aborted, ran)
	}
}

package corschi_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

func TestConformance(t *testing.T) {
	for name, app := range map[string]func(s corstest.Server) http.Handler{
		// With a route for every method that chi knows, preflights come along a route.
		"routes": func(s corstest.Server) http.Handler {
			r := router(s)
			r.Handle("/*", s.Handler)
			r.MethodNotAllowed(s.Handler.ServeHTTP) // for methods that chi does not know
			return r
		},
		// With one for no path that is asked for, they do not.
		"no such route": func(s corstest.Server) http.Handler {
			r := router(s)
			r.Get("/no/such/path/{is}/{asked}/{for}", s.Handler.ServeHTTP)
			r.NotFound(s.Handler.ServeHTTP)
			r.MethodNotAllowed(s.Handler.ServeHTTP)
			return r
		},
		// Without any, chi runs no middleware, so the router is wrapped.
		"no routes": func(s corstest.Server) http.Handler {
			r := chi.NewRouter()
			r.NotFound(s.Handler.ServeHTTP)
			r.MethodNotAllowed(s.Handler.ServeHTTP)
			h := http.Handler(r)
			for _, d := range slices.Backward(s.Deciders) {
				h = corschi.Middleware(d)(h)
			}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				addAll(w.Header(), s.Before)
				h.ServeHTTP(w, r)
			})
		},
		"mounted": func(s corstest.Server) http.Handler {
			sub := router(s)
			sub.Handle("/*", s.Handler)
			sub.MethodNotAllowed(s.Handler.ServeHTTP)
			r := chi.NewRouter()
			r.Mount("/", sub)
			// A method that chi does not know is not mounted.
			r.MethodNotAllowed(sub.ServeHTTP)
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			corstest.Run(t, func(t testing.TB, s corstest.Server) string { return serve(t, app(s)) })
		})
	}
}

// router returns a router with the middlewares of s and no routes.
func router(s corstest.Server) chi.Router {
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			addAll(w.Header(), s.Before)
			next.ServeHTTP(w, r)
		})
	})
	for _, d := range s.Deciders {
		r.Use(corschi.Middleware(d))
	}
	return r
}

// behind returns h, on every path of a router, behind a middleware for each of the deciders, outermost first.
func behind(h http.Handler, deciders ...core.Decider) http.Handler {
	r := router(corstest.Server{Deciders: deciders})
	r.Handle("/*", h)
	return r
}

// behindNew returns h behind what New returns.
func behindNew(h http.Handler, cfg core.Config) http.Handler {
	r := chi.NewRouter()
	r.Use(corschi.New(cfg))
	r.Handle("/*", h)
	return r
}

// recovering is behind with middleware.Recoverer outside of the middlewares.
func recovering(h http.Handler, deciders ...core.Decider) http.Handler {
	r := chi.NewRouter()
	r.Use(quietly, middleware.Recoverer)
	r.Mount("/", behind(h, deciders...))
	return r
}

// quietly keeps middleware.Recoverer from printing stacks.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, middleware.WithLogEntry(r, silence{}))
	})
}

type silence struct{}

func (silence) Write(int, int, http.Header, time.Duration, any) {}
func (silence) Panic(any, []byte)                               {}

func BenchmarkMiddleware(b *testing.B) {
	corstest.Benchmark(b, func(h http.Handler, deciders ...core.Decider) http.Handler {
		r := router(corstest.Server{Deciders: deciders})
		r.Handle("/items", h)
		return r
	})
}

// says returns a handler with one thing to say.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

// addRoutes adds to a router what routers have.
func addRoutes(r chi.Router) {
	r.Get("/get", says("get"))
	r.Get("/p/{id}", says("p"))
	r.Options("/explicit", says("explicit"))
	r.Get("/slash/", says("slash"))
	r.Get("/noslash", says("noslash"))
	r.Get("/static/*", http.StripPrefix("/static", http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}})).ServeHTTP)
	r.Route("/api", func(r chi.Router) { r.Get("/g", says("g")) })
	r.Group(func(r chi.Router) { r.Get("/grouped", says("grouped")) })
	sub := chi.NewRouter()
	sub.Get("/x", says("x"))
	r.Mount("/sub", sub)
}

func TestRouter(t *testing.T) {
	r := chi.NewRouter()
	r.Use(corschi.New(usual()))
	addRoutes(r)
	addr := serve(t, r)
	checkPreflight(t, addr,
		"/get", "/p/42", "/nope", "/api/g", "/api/nope", "/grouped", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt", "/static/zz", "/static/dir",
		"/slash", "/slash/", "/noslash", "/noslash/", "//get", "/api/../get", "/%67et", "/GET", "/",
	)
	for _, test := range []struct {
		target string
		status int
		body   string
	}{
		{"/get", 200, "get"},
		{"/p/42", 200, "p"},
		{"/nope", 404, "404 page not found\n"},
		{"/api/g", 200, "g"},
		{"/api/nope", 404, "404 page not found\n"},
		{"/grouped", 200, "grouped"},
		{"/sub/x", 200, "x"},
		{"/sub/zz", 404, "404 page not found\n"},
		{"/static/a.txt", 200, "file"},
		{"/static/zz", 404, "404 page not found\n"},
		{"/static/dir", 301, ""},
		{"/slash/", 200, "slash"},
		{"/slash", 404, "404 page not found\n"},
		{"/noslash/", 404, "404 page not found\n"},
		{"//get", 404, "404 page not found\n"},
	} {
		got := check(t, addr, get(app, test.target), test.status, granted)
		if test.status != 301 && got.body != test.body {
			t.Errorf("%s: got body %q, want %q", test.target, got.body, test.body)
		}
		check(t, addr, get(evil, test.target), test.status, ungranted)
	}
	got := check(t, addr, request("POST", "/get", "Origin: "+app, "Content-Length: 0"), 405, granted)
	if allow := got.header.Get("Allow"); allow != "GET" {
		t.Errorf("405: got Allow %q", allow)
	}
	if got := check(t, addr, request("OPTIONS", "/explicit", "Origin: "+app), 200, granted); got.body != "explicit" {
		t.Errorf("OPTIONS that is no preflight: got body %q", got.body)
	}
	check(t, addr, request("PURGE", "/get", "Origin: "+app), 405, granted)
	corstest.CheckReachable(t, r, "/get", "/p/42", "/nope", "/api/g", "/sub/x", "/slash", "/explicit", "//get")
}

// TestCustomHandlers: what an application answers instead of 404 and 405 carries the headers, and a preflight comes before it.
func TestCustomHandlers(t *testing.T) {
	r := chi.NewRouter()
	r.Use(corschi.New(usual()))
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "mine", 404) })
	r.MethodNotAllowed(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET")
		http.Error(w, "mine", 405)
	})
	r.Get("/get", says("get"))
	addr := serve(t, r)
	checkPreflight(t, addr, "/get", "/nope")
	check(t, addr, get(app, "/nope"), 404, granted)
	if got := check(t, addr, request("DELETE", "/get", "Origin: "+app), 405, granted); got.body != "mine\n" || got.header.Get("Allow") != "GET" {
		t.Errorf("got %q and %v", got.body, got.header)
	}
}

// TestPartOfRouter: with With and in a Group, the middleware does not see preflights. Config.Routes gives their paths a policy of their own.
func TestPartOfRouter(t *testing.T) {
	for name, add := range map[string]func(r chi.Router, cors func(http.Handler) http.Handler){
		"With": func(r chi.Router, cors func(http.Handler) http.Handler) {
			r.With(cors).Get("/items", says("items"))
		},
		"Group": func(r chi.Router, cors func(http.Handler) http.Handler) {
			r.Group(func(r chi.Router) {
				r.Use(cors)
				r.Get("/items", says("items"))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := chi.NewRouter()
			add(r, corschi.New(usual()))
			addr := serve(t, r)
			check(t, addr, get(app, "/items"), 200, granted)
			if got := check(t, addr, preflight(app, "/items"), 405, untouched); got.header.Get("Allow") != "GET" {
				t.Errorf("got %v, want chi's own answer", got.header)
			}
		})
	}
	t.Run("Config.Routes", func(t *testing.T) {
		r := chi.NewRouter()
		r.Use(corschi.New(corschi.Config{Routes: []core.Route{{Path: "/items", Config: usual()}}}))
		r.Get("/items", says("items"))
		r.Get("/others", says("others"))
		addr := serve(t, r)
		check(t, addr, get(app, "/items"), 200, granted)
		checkPreflight(t, addr, "/items")
		check(t, addr, get(app, "/others"), 200, untouched)
		check(t, addr, preflight(app, "/others"), 405, untouched)
	})
}

// TestSubRouter: Use on a router that Route or Mount puts under a path sees the preflights of that path, and nothing outside of it.
func TestSubRouter(t *testing.T) {
	cors := corschi.New(usual())
	r := chi.NewRouter()
	r.Route("/api", func(r chi.Router) {
		r.Use(cors)
		r.Get("/items", says("items"))
	})
	sub := chi.NewRouter()
	sub.Use(cors)
	sub.Get("/items", says("items"))
	r.Mount("/sub", sub)
	r.Get("/get", says("get"))
	addr := serve(t, r)
	for _, target := range []string{"/api/items", "/sub/items"} {
		checkPreflight(t, addr, target)
		check(t, addr, get(app, target), 200, granted)
	}
	checkPreflight(t, addr, "/api/nope", "/sub/nope")
	check(t, addr, get(app, "/api/nope"), 404, granted)
	check(t, addr, get(app, "/get"), 200, untouched)
	check(t, addr, preflight(app, "/get"), 405, untouched)
	check(t, addr, get(app, "/nope"), 404, untouched)
	// Wrapping covers the whole, and changes nothing where both run.
	addr = serve(t, cors(r))
	checkPreflight(t, addr, "/api/items", "/sub/items", "/get", "/nope")
	check(t, addr, get(app, "/api/items"), 200, granted)
	check(t, addr, get(app, "/nope"), 404, granted)
}

// TestEmptyRouter: a router without a route runs no middleware. Wrapped, it answers preflights all the same.
func TestEmptyRouter(t *testing.T) {
	cors := corschi.New(usual())
	r := chi.NewRouter()
	r.Use(cors)
	addr := serve(t, r)
	check(t, addr, preflight(app, "/"), 404, untouched)
	check(t, addr, get(app, "/"), 404, untouched)
	addr = serve(t, cors(chi.NewRouter()))
	checkPreflight(t, addr, "/")
	check(t, addr, get(app, "/"), 404, granted)
}

// TestRedirects: what a middleware outside redirects has no headers, and no preflight survives it. Inside of this one, or with the router
// wrapped, it has them, and preflights are answered.
func TestRedirects(t *testing.T) {
	cors := corschi.New(usual())
	redirecting := func(middlewares ...func(http.Handler) http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(middlewares...)
		addRoutes(r)
		return r
	}
	addr := serve(t, redirecting(middleware.RedirectSlashes, cors))
	check(t, addr, get(app, "/get/"), 301, untouched)
	check(t, addr, preflight(app, "/get/"), 301, untouched)
	for name, h := range map[string]http.Handler{
		"inside":  redirecting(cors, middleware.RedirectSlashes),
		"wrapped": cors(redirecting(middleware.RedirectSlashes)),
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, h)
			check(t, addr, get(app, "/get/"), 301, granted)
			checkPreflight(t, addr, "/get/", "/p/1/", "/nope/")
		})
	}
	t.Run("StripSlashes", func(t *testing.T) {
		for _, h := range []http.Handler{redirecting(middleware.StripSlashes, cors), redirecting(cors, middleware.StripSlashes)} {
			addr := serve(t, h)
			check(t, addr, get(app, "/get/"), 200, granted)
			checkPreflight(t, addr, "/get/")
		}
	})
}

// TestOwnMiddleware: chi's own middleware, inside.
func TestOwnMiddleware(t *testing.T) {
	with := func(m func(http.Handler) http.Handler, h http.HandlerFunc) string {
		r := chi.NewRouter()
		r.Use(corschi.New(usual()), m)
		r.Get("/", h)
		return serve(t, r)
	}
	t.Run("Compress", func(t *testing.T) {
		addr := with(middleware.Compress(5, "text/plain"), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			io.WriteString(w, "ok")
		})
		got := check(t, addr, get(app, "/", "Accept-Encoding: gzip"), 200, append(slices.Clone(granted), "Vary: Accept-Encoding"))
		if got.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("got %v, want gzip", got.header)
		}
		checkPreflight(t, addr, "/")
	})
	t.Run("Timeout", func(t *testing.T) {
		addr := with(middleware.Timeout(time.Millisecond), func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		check(t, addr, get(app, "/"), 504, granted)
	})
	t.Run("Throttle", func(t *testing.T) {
		check(t, with(middleware.Throttle(1), says("ok")), get(app, "/"), 200, granted)
	})
	t.Run("BasicAuth", func(t *testing.T) {
		addr := with(middleware.BasicAuth("x", map[string]string{"a": "b"}), says("ok"))
		checkPreflight(t, addr, "/")
		check(t, addr, get(app, "/"), 401, granted)
	})
	t.Run("GetHead", func(t *testing.T) {
		check(t, with(middleware.GetHead, says("ok")), request("HEAD", "/", "Origin: "+app), 200, granted)
	})
	t.Run("AllowContentType", func(t *testing.T) {
		addr := with(middleware.AllowContentType("text/plain"), says("ok"))
		check(t, addr, request("POST", "/", "Origin: "+app, "Content-Type: text/html", "Content-Length: 1")+"x", 415, granted)
	})
}

// TestPanics: what middleware.Recoverer, wherever it stands, makes of a panic carries the headers.
func TestPanics(t *testing.T) {
	cors := corschi.New(usual())
	for name, middlewares := range map[string][]func(http.Handler) http.Handler{
		"inside":  {quietly, cors, middleware.Recoverer},
		"outside": {quietly, middleware.Recoverer, cors},
	} {
		t.Run(name, func(t *testing.T) {
			r := chi.NewRouter()
			r.Use(middlewares...)
			r.Get("/early", func(http.ResponseWriter, *http.Request) { panic("boom") })
			r.Get("/late", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(201)
				io.WriteString(w, "partial")
				w.(http.Flusher).Flush()
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

// TestUseAfterRoutes: chi itself refuses a middleware that comes too late.
func TestUseAfterRoutes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("chi takes middleware after routes now: the doc comment should say what that means")
		}
	}()
	r := chi.NewRouter()
	r.Get("/", says("ok"))
	r.Use(corschi.New(usual()))
}

// TestNewPanics: with the name of the package and every problem, in lines that can be read.
func TestNewPanics(t *testing.T) {
	defer func() {
		want := `corschi: invalid Config:
core: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
core: MaxAge: "600ns": this is less than a second; write it with its unit, as in 600 * time.Second`
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corschi.New(corschi.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil)} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got, want := recover(), "corschi: Middleware: the core.Decider is nil; look at the error that came with it"; got != want {
					t.Errorf("got panic %v, want %s", got, want)
				}
			}()
			corschi.Middleware(d)
		})
	}
}

// TestPanickingFunc: when an AllowOriginFunc panics, middleware.Recoverer outside answers without the grant of an outer policy.
func TestPanickingFunc(t *testing.T) {
	inner := policy(t, core.Config{AllowOriginFunc: boom})
	check(t, serve(t, recovering(http.NotFoundHandler(), policy(t, usual()), inner)), get(app, "/"), 500, ungranted)
}

// TestAllocations: the middleware costs one allocation more than none, for every kind of request.
func TestAllocations(t *testing.T) {
	allocations := func(header http.Header, middlewares ...func(http.Handler) http.Handler) float64 {
		r := chi.NewRouter()
		r.Use(middlewares...)
		r.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
		request := httptest.NewRequest("OPTIONS", "/", nil)
		request.Header = header
		w := discard{}
		// The least of many runs, since chi's pool of contexts may be emptied in any of them.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { clear(w); r.ServeHTTP(w, request) }))
		}
		return least
	}
	cors := corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}})
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

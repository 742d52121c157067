// Package chi tests corschi with chi itself. It is not part of the module corschi, whose users
// would otherwise depend on chi in a version of the tests.
package chi_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/core/corstest"
)

// underTest returns corschi in a router that build makes.
func underTest(build func(h http.Handler, middlewares ...Middleware) http.Handler) adaptertest.NetHTTP {
	around := func(h http.Handler, first []Middleware, deciders ...core.Decider) http.Handler {
		for _, d := range deciders {
			first = append(first, corschi.Middleware(d))
		}
		return build(h, first...)
	}
	return adaptertest.NetHTTP{
		Package: "corschi",
		New: func(h http.Handler, cfg core.Config) http.Handler {
			return around(h, []Middleware{corschi.New(cfg)})
		},
		Middleware: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return around(h, nil, deciders...)
		},
		Recovering: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return around(h, []Middleware{quietly, middleware.Recoverer}, deciders...)
		},
	}
}

// Middleware is chi's type of middleware.
type Middleware = func(http.Handler) http.Handler

// withRoutes returns a router with routes for every path and for every method that chi knows.
func withRoutes(h http.Handler, middlewares ...Middleware) http.Handler {
	r := chi.NewRouter()
	r.Use(middlewares...)
	r.Handle("/*", h)
	r.MethodNotAllowed(h.ServeHTTP) // for methods that chi does not know
	return r
}

func TestConformance(t *testing.T) {
	for name, build := range map[string]func(h http.Handler, middlewares ...Middleware) http.Handler{
		// With routes, preflights arrive at a route. With routes for other paths, they do not.
		"routes": withRoutes,
		"no such route": func(h http.Handler, middlewares ...Middleware) http.Handler {
			r := chi.NewRouter()
			r.Use(middlewares...)
			r.Get("/no/such/path/{is}/{asked}/{for}", h.ServeHTTP)
			r.NotFound(h.ServeHTTP)
			r.MethodNotAllowed(h.ServeHTTP)
			return r
		},
		// chi runs no middleware without any route, so this router is wrapped.
		"no routes": func(h http.Handler, middlewares ...Middleware) http.Handler {
			r := chi.NewRouter()
			r.NotFound(h.ServeHTTP)
			r.MethodNotAllowed(h.ServeHTTP)
			return chi.Chain(middlewares...).Handler(r)
		},
		"mounted": func(h http.Handler, middlewares ...Middleware) http.Handler {
			sub := withRoutes(h, middlewares...)
			r := chi.NewRouter()
			r.Mount("/", sub)
			r.MethodNotAllowed(sub.ServeHTTP) // a method that chi does not know is not mounted
			return r
		},
	} {
		t.Run(name, func(t *testing.T) { adaptertest.Run(t, underTest(build).Serve) })
	}
}

func TestNetHTTP(t *testing.T) { adaptertest.RunNetHTTP(t, underTest(withRoutes)) }

func BenchmarkMiddleware(b *testing.B) { adaptertest.Benchmark(b, underTest(withRoutes).Middleware) }

// newCORS returns the middleware for the policy of a Site.
func newCORS() Middleware { return corschi.New(adaptertest.Config()) }

// quietly keeps middleware.Recoverer from printing stacks.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, middleware.WithLogEntry(r, silence{}))
	})
}

type silence struct{}

func (silence) Write(int, int, http.Header, time.Duration, any) {}
func (silence) Panic(any, []byte)                               {}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

// addRoutes adds routes of every kind.
func addRoutes(r chi.Router) {
	r.Get("/get", says("get"))
	r.Get("/p/{id}", says("p"))
	r.Options("/explicit", says("explicit"))
	r.Get("/slash/", says("slash"))
	r.Get("/noslash", says("noslash"))
	r.Get(
		"/static/*",
		http.StripPrefix(
			"/static", http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}}),
		).ServeHTTP,
	)
	r.Route("/api", func(r chi.Router) { r.Get("/g", says("g")) })
	r.Group(func(r chi.Router) { r.Get("/grouped", says("grouped")) })
	sub := chi.NewRouter()
	sub.Get("/x", says("x"))
	r.Mount("/sub", sub)
}

func TestRouter(t *testing.T) {
	r := chi.NewRouter()
	r.Use(newCORS())
	addRoutes(r)
	site := adaptertest.NewSite(t, r)
	site.AnswersPreflight(
		"/get", "/p/42", "/nope", "/api/g", "/api/nope", "/grouped", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt",
		"/static/zz", "/static/dir", "/slash", "/slash/", "/noslash", "/noslash/", "//get", "/api/../get", "/%67et",
		"/GET", "/",
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
		got := site.Covers("GET", test.target, test.status)
		if test.status != 301 && got.Body != test.body {
			t.Errorf("%s: got body %q, want %q", test.target, got.Body, test.body)
		}
	}
	got := site.Covers("POST", "/get", 405)
	if allow := got.Header.Get("Allow"); allow != "GET" {
		t.Errorf("405: got Allow %q", allow)
	}
	if got := site.Covers("OPTIONS", "/explicit", 200); got.Body != "explicit" {
		t.Errorf("OPTIONS that is not a preflight: got body %q", got.Body)
	}
	site.Covers("PURGE", "/get", 405)
	corstest.CheckReachable(
		t, r, "https://app.example.com", "/get", "/p/42", "/nope", "/api/g", "/sub/x", "/slash", "/explicit", "//get",
	)
}

// TestCustomHandlers: an application's own responses for 404 and 405 have the headers, and
// preflights do not reach them.
func TestCustomHandlers(t *testing.T) {
	r := chi.NewRouter()
	r.Use(newCORS())
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "mine", 404) })
	r.MethodNotAllowed(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET")
		http.Error(w, "mine", 405)
	})
	r.Get("/get", says("get"))
	site := adaptertest.NewSite(t, r)
	site.AnswersPreflight("/get", "/nope")
	site.Covers("GET", "/nope", 404)
	if got := site.Covers("DELETE", "/get", 405); got.Body != "mine\n" || got.Header.Get("Allow") != "GET" {
		t.Errorf("got %q and %v", got.Body, got.Header)
	}
}

// TestPartOfRouter: registered with With or in a Group, the middleware does not see preflights.
// Config.Routes gives a path its own policy.
func TestPartOfRouter(t *testing.T) {
	for name, add := range map[string]func(r chi.Router, cors Middleware){
		"With": func(r chi.Router, cors Middleware) {
			r.With(cors).Get("/items", says("items"))
		},
		"Group": func(r chi.Router, cors Middleware) {
			r.Group(func(r chi.Router) {
				r.Use(cors)
				r.Get("/items", says("items"))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := chi.NewRouter()
			add(r, newCORS())
			site := adaptertest.NewSite(t, r)
			site.Covers("GET", "/items", 200)
			if got := site.MissesPreflight("/items", 405); got.Header.Get("Allow") != "GET" {
				t.Errorf("got %v, want chi's own response", got.Header)
			}
		})
	}
	t.Run("Config.Routes", func(t *testing.T) {
		r := chi.NewRouter()
		r.Use(corschi.New(corschi.Config{Routes: []core.Route{{Path: "/items", Config: adaptertest.Config()}}}))
		r.Get("/items", says("items"))
		r.Get("/others", says("others"))
		site := adaptertest.NewSite(t, r)
		site.Covers("GET", "/items", 200)
		site.AnswersPreflight("/items")
		site.Misses("GET", "/others", 200)
		site.MissesPreflight("/others", 405)
	})
}

// TestSubRouter: on a router that Route or Mount puts under a path, the middleware sees the
// preflights for that path and nothing else.
func TestSubRouter(t *testing.T) {
	cors := newCORS()
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
	site := adaptertest.NewSite(t, r)
	for _, target := range []string{"/api/items", "/sub/items"} {
		site.AnswersPreflight(target)
		site.Covers("GET", target, 200)
	}
	site.AnswersPreflight("/api/nope", "/sub/nope")
	site.Covers("GET", "/api/nope", 404)
	site.Misses("GET", "/get", 200)
	site.MissesPreflight("/get", 405)
	site.Misses("GET", "/nope", 404)
	// Wrapping covers everything, and changes nothing where both run.
	site = adaptertest.NewSite(t, cors(r))
	site.AnswersPreflight("/api/items", "/sub/items", "/get", "/nope")
	site.Covers("GET", "/api/items", 200)
	site.Covers("GET", "/nope", 404)
}

// TestEmptyRouter: a router without a route runs no middleware. Wrapping it covers preflights all
// the same.
func TestEmptyRouter(t *testing.T) {
	cors := newCORS()
	r := chi.NewRouter()
	r.Use(cors)
	site := adaptertest.NewSite(t, r)
	site.MissesPreflight("/", 404)
	site.Misses("GET", "/", 404)
	site = adaptertest.NewSite(t, cors(chi.NewRouter()))
	site.AnswersPreflight("/")
	site.Covers("GET", "/", 404)
}

// TestRedirects: redirects of a middleware outside have no headers, not even for preflights. If it
// is inside, or if the router is wrapped, they do.
func TestRedirects(t *testing.T) {
	cors := newCORS()
	redirecting := func(middlewares ...Middleware) http.Handler {
		r := chi.NewRouter()
		r.Use(middlewares...)
		addRoutes(r)
		return r
	}
	site := adaptertest.NewSite(t, redirecting(middleware.RedirectSlashes, cors))
	site.Misses("GET", "/get/", 301)
	site.MissesPreflight("/get/", 301)
	for name, h := range map[string]http.Handler{
		"inside":  redirecting(cors, middleware.RedirectSlashes),
		"wrapped": cors(redirecting(middleware.RedirectSlashes)),
	} {
		t.Run(name, func(t *testing.T) {
			site := adaptertest.NewSite(t, h)
			site.Covers("GET", "/get/", 301)
			site.AnswersPreflight("/get/", "/p/1/", "/nope/")
		})
	}
	t.Run("StripSlashes", func(t *testing.T) {
		for _, h := range []http.Handler{
			redirecting(middleware.StripSlashes, cors), redirecting(cors, middleware.StripSlashes),
		} {
			site := adaptertest.NewSite(t, h)
			site.Covers("GET", "/get/", 200)
			site.AnswersPreflight("/get/")
		}
	})
}

// TestOwnMiddleware: responses of chi's own middleware, inside, have the headers.
func TestOwnMiddleware(t *testing.T) {
	with := func(m Middleware, h http.HandlerFunc) *adaptertest.Site {
		r := chi.NewRouter()
		r.Use(newCORS(), m)
		r.Get("/", h)
		return adaptertest.NewSite(t, r)
	}
	t.Run("Compress", func(t *testing.T) {
		site := with(middleware.Compress(5, "text/plain"), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			io.WriteString(w, "ok")
		})
		got := site.Covers("GET", "/", 200, "Accept-Encoding: gzip")
		if got.Header.Get("Content-Encoding") != "gzip" || !slices.Contains(got.Header["Vary"], "Accept-Encoding") {
			t.Errorf("got %v, want gzip", got.Header)
		}
		site.AnswersPreflight("/")
	})
	t.Run("Timeout", func(t *testing.T) {
		site := with(
			middleware.Timeout(time.Millisecond), func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		)
		site.Covers("GET", "/", 504)
	})
	t.Run("Throttle", func(t *testing.T) {
		with(middleware.Throttle(1), says("ok")).Covers("GET", "/", 200)
	})
	t.Run("BasicAuth", func(t *testing.T) {
		site := with(middleware.BasicAuth("x", map[string]string{"a": "b"}), says("ok"))
		site.AnswersPreflight("/")
		site.Covers("GET", "/", 401)
	})
	t.Run("GetHead", func(t *testing.T) {
		with(middleware.GetHead, says("ok")).Covers("HEAD", "/", 200)
	})
	t.Run("AllowContentType", func(t *testing.T) {
		r := chi.NewRouter()
		r.Use(newCORS(), middleware.AllowContentType("text/plain"))
		r.Post("/", says("ok"))
		url := "http://" + adaptertest.Listen(t, r)
		request, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader("<p>"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{"Origin": {"https://app.example.com"}, "Content-Type": {"text/html"}}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		allowed := response.Header.Get("Access-Control-Allow-Origin")
		if response.StatusCode != 415 || allowed != "https://app.example.com" {
			t.Errorf("got status %d for %q, want 415 for https://app.example.com", response.StatusCode, allowed)
		}
	})
}

// TestPanics: the response of middleware.Recoverer has the headers, whether it is registered before
// or after the middleware.
func TestPanics(t *testing.T) {
	cors := newCORS()
	for name, middlewares := range map[string][]Middleware{
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
			site := adaptertest.NewSite(t, r)
			site.Covers("GET", "/early", 500)
			if got := site.Covers("GET", "/late", 201); got.Body != "partial" {
				t.Errorf("got body %q", got.Body)
			}
		})
	}
}

// TestUseAfterRoutes: chi itself refuses a middleware after the first route.
func TestUseAfterRoutes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("chi now accepts middleware after routes: the package comment of corschi must say what that means")
		}
	}()
	r := chi.NewRouter()
	r.Get("/", says("ok"))
	r.Use(newCORS())
}

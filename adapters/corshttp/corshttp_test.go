package corshttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(t testing.TB, s corstest.Server) string {
		handler := behind(s.Handler, s.Deciders...)
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			addAll(w.Header(), s.Before)
			handler.ServeHTTP(w, r)
		}))
	})
}

// behind returns h behind a middleware for each of the deciders, outermost first.
func behind(h http.Handler, deciders ...core.Decider) http.Handler {
	for _, d := range slices.Backward(deciders) {
		h = corshttp.Middleware(d)(h)
	}
	return h
}

// behindNew returns h behind what New returns.
func behindNew(h http.Handler, cfg core.Config) http.Handler { return corshttp.New(cfg)(h) }

// recovering is behind with what recovers outside of the middlewares.
func recovering(h http.Handler, deciders ...core.Decider) http.Handler {
	return recovery(behind(h, deciders...))
}

// recovery answers 500 after a panic.
func recovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func BenchmarkMiddleware(b *testing.B) { corstest.Benchmark(b, behind) }

// site is a mux with what muxes have: routes for a method, with a parameter, with OPTIONS; files; a mux in a mux; paths that redirect.
func site() http.Handler {
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /get", says("get"))
	mux.HandleFunc("GET /p/{id}", says("p"))
	mux.HandleFunc("OPTIONS /explicit", says("explicit"))
	mux.HandleFunc("/slash/", says("slash"))
	mux.Handle("GET /static/", http.StripPrefix("/static", http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}})))
	sub := http.NewServeMux()
	sub.HandleFunc("GET /x", says("x"))
	mux.Handle("/sub/", http.StripPrefix("/sub", sub))
	return mux
}

func TestMux(t *testing.T) {
	addr := serve(t, corshttp.New(usual())(site()))
	checkPreflight(t, addr,
		"/get", "/p/42", "/nope", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt", "/static/zz", "/static/dir",
		"/slash", "/slash/", "/get/", "//get", "/api/../get", "/%67et", "/GET", "/",
	)
	for _, test := range []struct {
		target string
		status int
		body   string
	}{
		{"/get", 200, "get"},
		{"/p/42", 200, "p"},
		{"/nope", 404, "404 page not found\n"},
		{"/sub/x", 200, "x"},
		{"/sub/zz", 404, "404 page not found\n"},
		{"/static/a.txt", 200, "file"},
		{"/static/zz", 404, "404 page not found\n"},
		{"/slash/", 200, "slash"},
		{"/%67et", 200, "get"},
	} {
		got := check(t, addr, get(app, test.target), test.status, granted)
		if got.body != test.body {
			t.Errorf("%s: got body %q, want %q", test.target, got.body, test.body)
		}
		check(t, addr, get(evil, test.target), test.status, ungranted)
	}
	got := check(t, addr, request("POST", "/get", "Origin: "+app, "Content-Length: 0"), 405, granted)
	if allow := got.header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("405: got Allow %q", allow)
	}
	if got := check(t, addr, request("OPTIONS", "/explicit", "Origin: "+app), 200, granted); got.body != "explicit" {
		t.Errorf("OPTIONS that is no preflight: got body %q", got.body)
	}
	// The status of a mux's redirect differs with the version of Go.
	for _, target := range []string{"/slash", "//get", "/api/../get", "/static/dir"} {
		got := send(t, addr, get(app, target))
		if err := got.compare(got.status, granted); err != nil || got.status != 301 && got.status != 307 || got.header.Get("Location") == "" {
			t.Errorf("%s: got %d, %v, %v; want a redirect with a grant", target, got.status, got.header, err)
		}
	}
}

// TestSingleRoute: around one route, the middleware does not see a preflight. Config.Routes gives it a policy of its own.
func TestSingleRoute(t *testing.T) {
	handler, _ := counted()
	mux := http.NewServeMux()
	mux.Handle("GET /items", corshttp.New(usual())(handler))
	addr := serve(t, mux)
	check(t, addr, get(app, "/items"), 200, granted)
	if got := check(t, addr, preflight(app, "/items"), 405, untouched); got.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("got %v, want the mux's own answer", got.header)
	}

	mux = http.NewServeMux()
	mux.HandleFunc("GET /items", handler)
	mux.HandleFunc("GET /others", handler)
	addr = serve(t, corshttp.New(corshttp.Config{Routes: []core.Route{{Path: "/items", Config: usual()}}})(mux))
	check(t, addr, get(app, "/items"), 200, granted)
	checkPreflight(t, addr, "/items")
	check(t, addr, get(app, "/others"), 200, untouched)
	check(t, addr, preflight(app, "/others"), 405, untouched)
}

// TestPanics: what recovers, wherever it stands, answers with the headers.
func TestPanics(t *testing.T) {
	panics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
	late := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		io.WriteString(w, "partial")
		w.(http.Flusher).Flush()
		panic("boom")
	})
	cors := corshttp.New(usual())
	for name, wrap := range map[string]func(http.Handler) http.Handler{
		"inside":  func(h http.Handler) http.Handler { return cors(recovery(h)) },
		"outside": func(h http.Handler) http.Handler { return recovery(cors(h)) },
	} {
		t.Run(name, func(t *testing.T) {
			check(t, serve(t, wrap(panics)), get(app, "/"), 500, granted)
			check(t, serve(t, wrap(panics)), get(evil, "/"), 500, ungranted)
			if got := check(t, serve(t, wrap(late)), get(app, "/"), 201, granted); got.body != "partial" {
				t.Errorf("got body %q", got.body)
			}
		})
	}
}

// TestReachable: corstest.CheckReachable finds nothing to complain of.
func TestReachable(t *testing.T) {
	corstest.CheckReachable(t, corshttp.New(usual())(site()), "/get", "/p/42", "/nope", "/static/a.txt", "/slash", "/explicit", "//get")
}

// TestNewPanics: with the name of the package and every problem, in lines that can be read.
func TestNewPanics(t *testing.T) {
	defer func() {
		want := `corshttp: invalid Config:
core: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
core: MaxAge: "600ns": this is less than a second; write it with its unit, as in 600 * time.Second`
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corshttp.New(corshttp.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil)} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got, want := recover(), "corshttp: Middleware: the core.Decider is nil; look at the error that came with it"; got != want {
					t.Errorf("got panic %v, want %s", got, want)
				}
			}()
			corshttp.Middleware(d)
		})
	}
}

// TestPanickingFunc: when an AllowOriginFunc panics, what recovers outside answers without the grant of an outer policy.
func TestPanickingFunc(t *testing.T) {
	inner := policy(t, core.Config{AllowOriginFunc: boom})
	check(t, serve(t, recovering(http.NotFoundHandler(), policy(t, usual()), inner)), get(app, "/"), 500, ungranted)
}

// TestAllocations: the middleware costs one allocation more than none, for every kind of request.
func TestAllocations(t *testing.T) {
	bare := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	handler := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}})(bare)
	for name, header := range map[string]http.Header{
		"no origin": {}, "allowed": {"Origin": {"https://app.example.com"}}, "refused": {"Origin": {"https://evil.example"}},
		"preflight":         {"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type"}},
		"preflight refused": {"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"PUT"}},
	} {
		r := httptest.NewRequest("OPTIONS", "/", nil)
		r.Header = header
		w := discard{}
		if got := testing.AllocsPerRun(100, func() { clear(w); handler.ServeHTTP(w, r) }); got > 1 {
			t.Errorf("%s: got %v allocations, want at most 1", name, got)
		}
	}
}

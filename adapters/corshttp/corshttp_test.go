package corshttp_test

import (
	"io"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/core/corstest"
)

var underTest = adaptertest.StandardNetHTTP("corshttp", corshttp.New, corshttp.Middleware)

func TestConformance(t *testing.T) { adaptertest.Run(t, underTest.Serve) }

func TestNetHTTP(t *testing.T) { adaptertest.RunNetHTTP(t, underTest) }

func BenchmarkMiddleware(b *testing.B) { adaptertest.Benchmark(b, underTest.Middleware) }

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

// newMux returns a mux with various routes: for a method, with a parameter, for OPTIONS, for files,
// for another mux, and with redirects.
func newMux() http.Handler {
	files := fstest.MapFS{"a.txt": {Data: []byte("file")}, "dir/b.txt": {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /get", says("get"))
	mux.HandleFunc("GET /p/{id}", says("p"))
	mux.HandleFunc("OPTIONS /explicit", says("explicit"))
	mux.HandleFunc("/slash/", says("slash"))
	mux.Handle("GET /static/", http.StripPrefix("/static", http.FileServerFS(files)))
	sub := http.NewServeMux()
	sub.HandleFunc("GET /x", says("x"))
	mux.Handle("/sub/", http.StripPrefix("/sub", sub))
	return mux
}

func TestMux(t *testing.T) {
	site := adaptertest.NewSite(t, corshttp.New(adaptertest.Config())(newMux()))
	site.AnswersPreflight(
		"/get", "/p/42", "/nope", "/sub/x", "/sub/zz", "/explicit", "/static/a.txt", "/static/zz", "/static/dir",
		"/slash", "/slash/", "/get/", "//get", "/api/../get", "/%67et", "/GET", "/",
	)
	for _, tt := range []struct {
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
		if got := site.Covers("GET", tt.target, tt.status); got.Body != tt.body {
			t.Errorf("%s: got body %q, want %q", tt.target, got.Body, tt.body)
		}
	}
	if got := site.Covers("POST", "/get", 405); got.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("405: got Allow %q", got.Header["Allow"])
	}
	if got := site.Covers("OPTIONS", "/explicit", 200); got.Body != "explicit" {
		t.Errorf("OPTIONS that is not a preflight: got body %q", got.Body)
	}
}

// TestMuxRedirects: a page can read the mux's own redirects. Their status depends on the version of
// Go.
func TestMuxRedirects(t *testing.T) {
	site := adaptertest.NewSite(t, corshttp.New(adaptertest.Config())(newMux()))
	for _, target := range []string{"/slash", "//get", "/api/../get", "/static/dir"} {
		got := site.Covers("GET", target, 0)
		if got.Status != 301 && got.Status != 307 || got.Header.Get("Location") == "" {
			t.Errorf("%s: got %d and %v, want a redirect", target, got.Status, got.Header)
		}
	}
}

// TestSingleRoute: if the middleware wraps a single route, it does not receive preflights.
// Config.Routes gives a path its own policy.
func TestSingleRoute(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("GET /items", corshttp.New(adaptertest.Config())(says("items")))
	site := adaptertest.NewSite(t, mux)
	site.Covers("GET", "/items", 200)
	if got := site.MissesPreflight("/items", 405); got.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("got %v, want the mux's own response", got.Header)
	}

	mux = http.NewServeMux()
	mux.HandleFunc("GET /items", says("items"))
	mux.HandleFunc("GET /others", says("others"))
	cfg := corshttp.Config{Routes: []core.Route{{Path: "/items", Config: adaptertest.Config()}}}
	site = adaptertest.NewSite(t, corshttp.New(cfg)(mux))
	site.Covers("GET", "/items", 200)
	site.AnswersPreflight("/items")
	site.Misses("GET", "/others", 200)
	site.MissesPreflight("/others", 405)
}

// recovery responds with 500 after a panic.
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

// TestPanics: the response to a panic has the headers, whether the recovery is inside or outside.
func TestPanics(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/early", func(http.ResponseWriter, *http.Request) { panic("boom") })
	mux.HandleFunc("/late", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		io.WriteString(w, "partial")
		w.(http.Flusher).Flush()
		panic("boom")
	})
	cors := corshttp.New(adaptertest.Config())
	for name, h := range map[string]http.Handler{"inside": cors(recovery(mux)), "outside": recovery(cors(mux))} {
		t.Run(name, func(t *testing.T) {
			site := adaptertest.NewSite(t, h)
			site.Covers("GET", "/early", 500)
			if got := site.Covers("GET", "/late", 201); got.Body != "partial" {
				t.Errorf("got body %q", got.Body)
			}
		})
	}
}

// TestReachable: corstest.CheckReachable finds no mistake.
func TestReachable(t *testing.T) {
	corstest.CheckReachable(
		t, corshttp.New(adaptertest.Config())(newMux()), "https://app.example.com",
		"/get", "/p/42", "/nope", "/static/a.txt", "/slash", "/explicit", "//get",
	)
}

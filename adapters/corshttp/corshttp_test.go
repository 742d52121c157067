package corshttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(t testing.TB, s corstest.Server) string {
		handler := s.Handler
		for _, d := range slices.Backward(s.Deciders) {
			handler = corshttp.Middleware(d)(handler)
		}
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			addAll(w.Header(), s.Before)
			handler.ServeHTTP(w, r)
		}))
	})
}

// serve serves h on a loopback address until the test ends.
func serve(t testing.TB, h http.Handler) (addr string) {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func addAll(to, from http.Header) {
	for name, values := range from {
		for _, v := range values {
			to.Add(name, v)
		}
	}
}

func BenchmarkMiddleware(b *testing.B) {
	corstest.Benchmark(b, func(h http.Handler, deciders ...core.Decider) http.Handler {
		for _, d := range slices.Backward(deciders) {
			h = corshttp.Middleware(d)(h)
		}
		return h
	})
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
	outer := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	inner := corshttp.New(corshttp.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") }})
	recovering := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
	addr := serve(t, recovering(outer(inner(http.NotFoundHandler()))))
	r, err := http.NewRequest("GET", "http://"+addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://app.example.com")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 500 || response.Header["Access-Control-Allow-Origin"] != nil || response.Header["Access-Control-Allow-Credentials"] != nil {
		t.Errorf("got %s and %v, want 500 and no grant", response.Status, response.Header)
	}
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

// discard is a ResponseWriter that keeps its header only.
type discard http.Header

func (d discard) Header() http.Header         { return http.Header(d) }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

package corsgin_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

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
		r := engine(corstest.Server{Deciders: deciders})
		r.Any("/items", gin.WrapH(h))
		return r
	})
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
	r := gin.New()
	r.Use(
		gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.AbortWithStatus(http.StatusInternalServerError) }),
		corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true}),
		corsgin.New(corsgin.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") }}),
	)
	request, err := http.NewRequest("GET", "http://"+serve(t, r), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://app.example.com")
	response, err := http.DefaultClient.Do(request)
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
		if got, bare := allocations(header, cors), allocations(header); got > bare+1 {
			t.Errorf("%s: got %v allocations, want at most one over %v", name, got, bare)
		}
	}
}

// discard is a ResponseWriter that keeps its header only.
type discard http.Header

func (d discard) Header() http.Header         { return http.Header(d) }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

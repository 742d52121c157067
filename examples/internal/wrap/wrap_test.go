// Package wrap tests corshttp around the router of another framework. That covers responses which
// an adapter inside the framework cannot reach. The tests are not part of an adapter, because no
// adapter depends on another.
package wrap

import (
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

const app = "https://app.example.com"

func config() core.Config { return core.Config{AllowOrigins: []string{app}} }

// engine returns a gin engine with all its redirects.
func engine(middlewares ...gin.HandlerFunc) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.RedirectFixedPath = true
	r.Use(middlewares...)
	r.GET("/get", func(c *gin.Context) { c.String(200, "ok") })
	r.GET("/slash/", func(c *gin.Context) { c.String(200, "ok") })
	r.PUT("/explicit", func(c *gin.Context) { c.String(200, "ok") })
	r.OPTIONS("/explicit", func(c *gin.Context) { c.String(200, "ok") })
	r.StaticFS("/static", http.Dir(".."))
	return r
}

// exchange is a request from app, and the expected status.
type exchange struct {
	method, target string
	status         int
}

var ginRedirects = []exchange{
	{"GET", "/slash", 301},
	{"GET", "/get/", 301},
	{"GET", "/GET", 301},
	{"GET", "//get", 301},
	{"GET", "/static", 301},
	{"PUT", "/explicit/", 307},
}

func TestGin(t *testing.T) {
	wrapped := corshttp.New(config())(engine())
	addr := serve(t, wrapped)
	for _, e := range ginRedirects {
		checkActual(t, addr, e, app)
		checkPreflight(t, addr, e.target, 204, app)
	}
	checkActual(t, addr, exchange{"GET", "/static/wrap", 301}, app) // http.FileServer's redirect for a directory
	corstest.CheckReachable(t, wrapped, app, "/get", "/get/", "/slash", "/explicit/", "//get", "/nope")
}

// TestGinInside is the negative control: the middleware inside the engine does not reach these
// responses.
func TestGinInside(t *testing.T) {
	addr := serve(t, engine(corsgin.New(config())))
	for _, e := range ginRedirects {
		checkActual(t, addr, e, "")
	}
	checkPreflight(t, addr, "/explicit/", 307, "")
}

// TestGinRunsTheEngineAlone checks that gin's own methods for serving bypass the middleware around
// the engine.
func TestGinRunsTheEngineAlone(t *testing.T) {
	r := engine()
	corshttp.New(config())(r)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go r.RunListener(listener)
	checkActual(t, listener.Addr().String(), exchange{"GET", "/get", 200}, "")
}

// TestGinInsideAndWrapped checks that using both middlewares does not change a response.
func TestGinInsideAndWrapped(t *testing.T) {
	addr := serve(t, corshttp.New(config())(engine(corsgin.New(config()))))
	for _, e := range append(ginRedirects, exchange{"GET", "/get", 200}) {
		checkActual(t, addr, e, app)
		checkPreflight(t, addr, e.target, 204, app)
	}
}

func TestEcho(t *testing.T) {
	e := echo.New()
	e.Pre(echomiddleware.RemoveTrailingSlashWithConfig(echomiddleware.TrailingSlashConfig{RedirectCode: 301}))
	e.GET("/get", func(c echo.Context) error { return c.String(200, "ok") })
	checkPreflight(t, serve(t, e), "/get/", 301, "")

	addr := serve(t, corshttp.New(config())(e))
	for _, x := range []exchange{
		{"GET", "/get", 200}, {"GET", "/get/", 301}, {"GET", "/nope", 404}, {"DELETE", "/get", 405},
	} {
		checkActual(t, addr, x, app)
		checkPreflight(t, addr, x.target, 204, app)
	}
}

// TestEchoAllocations checks that corshttp around echo costs one allocation, for the header values.
// Inside echo there is one more, because echo builds its chain of middleware for each request.
func TestEchoAllocations(t *testing.T) {
	e := echo.New()
	e.Any("/get", func(c echo.Context) error { return c.NoContent(202) })
	wrapped := corshttp.New(config())(e)
	allocations := func(h http.Handler, header http.Header) float64 {
		r := httptest.NewRequest("OPTIONS", "/get", nil)
		r.Header = header
		w := discard{}
		// The minimum of many runs counts, because in any one of them echo's pool of contexts may be
		// empty.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { clear(w); h.ServeHTTP(w, r) }))
		}
		return least
	}
	for name, header := range map[string]http.Header{
		"no origin": {}, "allowed": {"Origin": {app}}, "refused": {"Origin": {"https://evil.example"}},
		"preflight": {
			"Origin": {app}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type"},
		},
	} {
		if got, bare := allocations(wrapped, header), allocations(e, header); got != bare+1 {
			t.Errorf("%s: got %v allocations, want one more than the %v of echo alone", name, got, bare)
		}
	}
}

// discard is a ResponseWriter that keeps only the header.
type discard http.Header

func (w discard) Header() http.Header       { return http.Header(w) }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

func TestChi(t *testing.T) {
	r := chi.NewRouter()
	r.Use(chimiddleware.RedirectSlashes)
	r.Get("/get", func(http.ResponseWriter, *http.Request) {})
	for _, h := range []http.Handler{corshttp.New(config())(r), corshttp.New(config())(chi.NewRouter())} {
		checkPreflight(t, serve(t, h), "/get/", 204, app)
	}
	checkActual(t, serve(t, corshttp.New(config())(r)), exchange{"GET", "/get/", 301}, app)
	checkActual(t, serve(t, corshttp.New(config())(chi.NewRouter())), exchange{"GET", "/get", 404}, app)
}

func serve(t *testing.T, h http.Handler) (addr string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// checkActual sends the request and checks that Access-Control-Allow-Origin is allowed, or missing
// if that is "".
func checkActual(t *testing.T, addr string, e exchange, allowed string) {
	t.Helper()
	check(t, addr, e, http.Header{"Origin": {app}}, allowed)
}

func checkPreflight(t *testing.T, addr, target string, status int, allowed string) {
	t.Helper()
	check(
		t, addr, exchange{"OPTIONS", target, status},
		http.Header{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}}, allowed,
	)
}

func check(t *testing.T, addr string, e exchange, header http.Header, allowed string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), e.method, "http://"+addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path = e.target
	r.Header = header
	response, err := http.DefaultTransport.RoundTrip(r) // not a Client: it would follow redirects
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Access-Control-Allow-Origin"); response.StatusCode != e.status || got != allowed {
		t.Errorf(
			"%s %s: got %d and the grant %q, want %d and %q", e.method, e.target, response.StatusCode, got, e.status, allowed,
		)
	}
}

package adaptertest

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// NetHTTP describes an adapter for a framework built on net/http. Pass it to [RunNetHTTP].
type NetHTTP struct {
	// Package is the name of the adapter's package, such as "corsgin". The panic messages of the
	// adapter must begin with it.
	Package string

	// New must return an application that handles every request with h. The application must use
	// exactly one middleware: the one that the adapter's New function returns for cfg.
	New func(h http.Handler, cfg core.Config) http.Handler

	// Middleware must return an application that handles every request with h, wrapped in the
	// adapter's middleware once for each of the deciders, and in no other middleware. The
	// middleware for deciders[0] must be the outermost.
	Middleware func(h http.Handler, deciders ...core.Decider) http.Handler

	// Recovering is like Middleware, but adds the framework's recovery middleware outside the CORS
	// middleware. The recovery middleware must respond to a panic with status 500.
	Recovering func(h http.Handler, deciders ...core.Decider) http.Handler

	// ChainAllocations is the number of memory allocations per request that the framework itself
	// makes for each registered middleware. It is 0 for most frameworks, and 1 for echo v4.
	ChainAllocations float64
}

// Serve is a [Serve] function for the adapter. Pass it to [Run] to test the adapter.
func (a NetHTTP) Serve(t testing.TB, s Server) (addr string) {
	h := a.Recovering(s.Handler, s.Deciders...)
	return Listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range s.Before {
			w.Header()[name] = slices.Clone(values)
		}
		h.ServeHTTP(w, r)
	}))
}

// StandardNetHTTP returns a [NetHTTP] for an adapter that uses standard middleware, which has the
// type func(http.Handler) http.Handler. The argument pkg is the name of the adapter's package, and
// newCORS and middleware are its New and Middleware functions.
func StandardNetHTTP(
	pkg string, newCORS func(core.Config) func(http.Handler) http.Handler,
	middleware func(core.Decider) func(http.Handler) http.Handler,
) NetHTTP {
	around := func(h http.Handler, deciders ...core.Decider) http.Handler {
		for _, d := range slices.Backward(deciders) {
			h = middleware(d)(h)
		}
		return h
	}
	return NetHTTP{
		Package:    pkg,
		New:        func(h http.Handler, cfg core.Config) http.Handler { return newCORS(cfg)(h) },
		Middleware: around,
		Recovering: func(h http.Handler, deciders ...core.Decider) http.Handler {
			return recovery(around(h, deciders...))
		},
	}
}

// recovery responds to a panic with status 500. It keeps the headers that are already set.
func recovery(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// RunNetHTTP tests how an adapter works together with features of net/http, such as
// http.TimeoutHandler and HTTP/2. Each test is a subtest. Call RunNetHTTP in addition to [Run], not
// instead of it.
func RunNetHTTP(t *testing.T, a NetHTTP) {
	t.Run("panics on problems", a.testPanics)
	t.Run("config is copied", a.testConfigIsCopied)
	t.Run("allocations", a.testAllocations)
	t.Run("routes", a.testRoutes)
	t.Run("context", a.testContext)
	t.Run("OPTIONS asterisk", a.testOptionsAsterisk)
	t.Run("handler headers", a.testHandlerHeaders)
	t.Run("files", a.testFiles)
	t.Run("early hints", a.testEarlyHints)
	t.Run("TimeoutHandler", a.testTimeoutHandler)
	t.Run("ReverseProxy", a.testReverseProxy)
	t.Run("stream", a.testStream)
	t.Run("WebSocket", a.testWebSocket)
	t.Run("writer is not wrapped", a.testWriterIsNotWrapped)
	t.Run("HTTP2", a.testHTTP2)
	t.Run("authentication", a.testAuthentication)
	t.Run("protection", a.testProtection)
	t.Run("reload", a.testReload)
	t.Run("isolation", a.testIsolation)
}

// site returns a Site that serves h with the policy of Config.
func (a *NetHTTP) site(t testing.TB, h http.Handler) *Site {
	return NewSite(t, a.Middleware(h, newPolicy(t, Config())))
}

func newPolicy(t testing.TB, cfg core.Config) *core.Policy {
	t.Helper()
	p, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// get sends an actual request from the given origin, and compares the status and the CORS lines.
func (s *Site) get(origin, target string, status int, lines []string, more ...string) *Response {
	s.t.Helper()
	return s.exchange(s.request("GET", target, origin, more), status, lines, false)
}

func sayOK(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }

// testPanics: New panics and lists every problem, and Middleware panics if the Decider is nil. Both
// messages begin with the name of the package.
func (a *NetHTTP) testPanics(t *testing.T) {
	panicOf := func(f func()) (value any) {
		defer func() { value = recover() }()
		f()
		return nil
	}
	const problems = `: invalid Config:
cors: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
cors: MaxAge: "600ns": MaxAge must be at least one second; write 600 * time.Second`
	bad := core.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600}
	if got, want := panicOf(func() { a.New(http.NotFoundHandler(), bad) }), a.Package+problems; got != want {
		t.Errorf("New: got panic\n%v\nwant\n%s", got, want)
	}
	want := a.Package + ": Middleware: the core.Decider is nil; look at the error that came with it"
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil)} {
		if got := panicOf(func() { a.Middleware(http.NotFoundHandler(), d) }); got != want {
			t.Errorf("Middleware with %s: got panic %v, want %s", name, got, want)
		}
	}
}

// testConfigIsCopied: changing a Config's lists after New changes nothing.
func (a *NetHTTP) testConfigIsCopied(t *testing.T) {
	cfg := Config()
	s := NewSite(t, a.New(http.HandlerFunc(sayOK), cfg))
	for _, list := range [][]string{cfg.AllowOrigins, cfg.AllowMethods, cfg.AllowHeaders, cfg.ExposeHeaders} {
		for i := range list {
			list[i] = siteEvil
		}
	}
	s.Covers("GET", "/", 200)
	s.AnswersPreflight("/")
}

// testAllocations: the middleware makes one allocation per request, in addition to those that the
// framework makes for any middleware.
func (a *NetHTTP) testAllocations(t *testing.T) {
	cors := newPolicy(t, core.Config{AllowOrigins: []string{siteApp}})
	allocations := func(header http.Header, deciders ...core.Decider) float64 {
		h := a.Middleware(http.HandlerFunc(nothing), deciders...)
		r := httptest.NewRequest("OPTIONS", "/", nil)
		r.Header = header
		w := &discard{header: http.Header{}}
		// Use the minimum of many runs, because the framework's pool of contexts may be emptied at any
		// time.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { clear(w.header); h.ServeHTTP(w, r) }))
		}
		return least
	}
	for name, header := range map[string]http.Header{
		"no origin": {},
		"allowed":   {"Origin": {siteApp}},
		"refused":   {"Origin": {siteEvil}},
		"preflight": {
			"Origin": {siteApp}, "Access-Control-Request-Method": {"PUT"},
			"Access-Control-Request-Headers": {"content-type"},
		},
		"preflight refused": {"Origin": {siteEvil}, "Access-Control-Request-Method": {"PUT"}},
	} {
		got, bare := allocations(header, cors), allocations(header)
		if got > bare+1+a.ChainAllocations {
			t.Errorf("%s: got %v allocations, want at most %v more than %v", name, got, 1+a.ChainAllocations, bare)
		}
		t.Logf("%s: %v allocations, %v without the middleware", name, got, bare)
	}
}

// testRoutes: a policy that is registered once makes separate decisions for each path.
func (a *NetHTTP) testRoutes(t *testing.T) {
	s := NewSite(t, a.Middleware(http.HandlerFunc(sayOK), newPolicy(t, core.Config{Routes: []core.Route{
		{Path: "/a/", Config: Config()},
		{Path: "/b/{id}", Config: core.Config{AllowOrigins: []string{siteEvil}}},
		{Path: "/a/health", Disable: true},
	}})))
	s.AnswersPreflight("/a/x", "/a/x/y")
	s.Covers("GET", "/a/x", 200)
	s.get(siteEvil, "/b/1", 200, []string{"Access-Control-Allow-Origin: https://evil.example", "Vary: Origin"})
	s.get(siteApp, "/b/1", 200, siteUngranted)
	for _, target := range []string{"/", "/c", "/a/health"} {
		s.Misses("GET", target, 200)
		s.MissesPreflight(target, 200)
	}
	// A path that may match two routes is refused, no matter which one the framework chooses.
	s.get(siteApp, "/c/..%2fa%2fx", 200, siteUngranted)
	s.exchange(sitePreflight(siteApp, "/c/..%2fa%2fx"), 403, siteRefused, false)
}

// testContext: AllowOriginFunc receives the context of the request.
func (a *NetHTTP) testContext(t *testing.T) {
	type tenant struct{}
	app := a.Middleware(http.HandlerFunc(sayOK), newPolicy(t, core.Config{
		AllowOriginFunc: func(ctx context.Context, _ string, _ core.Request) (bool, error) {
			return ctx.Value(tenant{}) == "seven", ctx.Err()
		},
	}))
	s := NewSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), tenant{}, r.Header.Get("X-Tenant")))
		defer cancel()
		if r.URL.Path == "/canceled" {
			cancel()
		}
		app.ServeHTTP(w, r.WithContext(ctx))
	}))
	granted := []string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"}
	s.get(siteApp, "/", 200, granted, "X-Tenant: seven")
	s.get(siteApp, "/", 200, siteUngranted, "X-Tenant: eight")
	s.get(siteApp, "/canceled", 200, []string{"Vary: *"}, "X-Tenant: seven")
}

// testOptionsAsterisk: the server of net/http responds to "OPTIONS *" itself, unless
// DisableGeneralOptionsHandler is set.
func (a *NetHTTP) testOptionsAsterisk(t *testing.T) {
	h := a.Middleware(http.HandlerFunc(sayOK), newPolicy(t, Config()))
	NewSite(t, h).MissesPreflight("*", 200)
	server := listen(t, h, func(s *httptest.Server) { s.Config.DisableGeneralOptionsHandler = true })
	(&Site{t, server.Listener.Addr().String()}).AnswersPreflight("*")
}

// testHandlerHeaders: a handler can override CORS headers, and can add to Vary.
func (a *NetHTTP) testHandlerHeaders(t *testing.T) {
	for _, tt := range []struct {
		name    string
		handler func(h http.Header)
		origin  string
		want    []string
	}{
		{"sets nothing", func(http.Header) {}, siteApp, siteGranted},
		{
			"sets the origin", func(h http.Header) { h.Set("Access-Control-Allow-Origin", "*") }, siteApp,
			[]string{
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: *",
				"Access-Control-Expose-Headers: X-Total", "Vary: Origin",
			},
		},
		{
			"sets the origin where it is refused",
			func(h http.Header) { h.Set("Access-Control-Allow-Origin", "*") }, siteEvil,
			[]string{"Access-Control-Allow-Origin: *", "Vary: Origin"},
		},
		{
			"adds an origin", func(h http.Header) { h.Add("Access-Control-Allow-Origin", "*") }, siteApp,
			[]string{
				"Access-Control-Allow-Credentials: true",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Allow-Origin: *",
				"Access-Control-Expose-Headers: X-Total", "Vary: Origin",
			},
		},
		{
			"removes the credentials", func(h http.Header) { h.Del("Access-Control-Allow-Credentials") }, siteApp,
			[]string{
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Total",
				"Vary: Origin",
			},
		},
		{
			"sets others", func(h http.Header) {
				h.Set("Access-Control-Allow-Methods", "GET")
				h.Set("Access-Control-Max-Age", "5")
				h.Set("Access-Control-Expose-Headers", "X-Mine")
			}, siteApp,
			[]string{
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: GET",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Mine",
				"Access-Control-Max-Age: 5", "Vary: Origin",
			},
		},
		{
			"adds to Vary", func(h http.Header) { h.Add("Vary", "Accept") }, siteEvil,
			[]string{"Vary: Origin", "Vary: Accept"},
		},
		{"sets Vary", func(h http.Header) { h.Set("Vary", "Accept") }, siteEvil, []string{"Vary: Accept"}},
		{"clears all", func(h http.Header) { clear(h) }, siteApp, siteUntouched},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tt.handler(w.Header()) })
			a.site(t, h).get(tt.origin, "/", 200, tt.want)
		})
	}
}

// testAuthentication: the middleware responds to preflights before authentication, because they
// have no credentials. A page can read a 401 response.
func (a *NetHTTP) testAuthentication(t *testing.T) {
	s := a.site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" {
			t.Error("authentication was asked about a preflight")
		}
		if _, _, ok := r.BasicAuth(); !ok {
			http.Error(w, "who are you?", 401)
			return
		}
		sayOK(w, r)
	}))
	s.AnswersPreflight("/secret")
	s.Covers("GET", "/secret", 401)
	s.Covers("GET", "/secret", 200, "Authorization: Basic YTpi")
}

// testProtection: if a core.CSRFProtection is inside the CORS middleware, allowed pages can read
// its refusals. If it is outside, they cannot.
func (a *NetHTTP) testProtection(t *testing.T) {
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" {
			t.Errorf("a cross-site POST reached the handler")
		}
		sayOK(w, r)
	})
	cors := newPolicy(t, Config())
	inside, outside := NewSite(
		t, a.Middleware(handler, cors, protection),
	), NewSite(t, a.Middleware(handler, protection, cors))
	inside.Covers("POST", "/", 403)
	outside.Misses("POST", "/", 403)
	for _, s := range []*Site{inside, outside} {
		s.AnswersPreflight("/")
		s.Covers("GET", "/", 200)
	}
}

// testEarlyHints: the final response has the headers even if a 103 response precedes it.
func (a *NetHTTP) testEarlyHints(t *testing.T) {
	s := a.site(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(103)
		io.WriteString(w, "ok")
	}))
	s.Covers("GET", "/", 200)
	s.AnswersPreflight("/")
}

// testTimeoutHandler: if a TimeoutHandler is inside the middleware, its timeout response has the
// headers. So does the response of the handler, except that its Vary header replaces the one of the
// middleware. If a TimeoutHandler is outside the middleware, its timeout response has no headers.
func (a *NetHTTP) testTimeoutHandler(t *testing.T) {
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		awaitTimeout(w)
		w.Header().Set("Access-Control-Allow-Origin", "*") // too late
		io.WriteString(w, "late")
	})
	varies := func(tokens ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, token := range tokens {
				w.Header().Add("Vary", token)
			}
			io.WriteString(w, "ok")
		})
	}
	cors := newPolicy(t, Config())
	inside := func(h http.Handler, d time.Duration) http.Handler {
		return a.Middleware(http.TimeoutHandler(h, d, "too slow"), cors)
	}
	outside := func(h http.Handler, d time.Duration) http.Handler {
		return http.TimeoutHandler(a.Middleware(h, cors), d, "too slow")
	}
	grantedExceptVary := siteGranted[:len(siteGranted)-1]
	for _, tt := range []struct {
		name   string
		h      http.Handler
		status int
		want   []string
	}{
		{"inside, fires", inside(slow, time.Millisecond), 503, siteGranted},
		{"inside, in time", inside(varies(), time.Minute), 200, siteGranted},
		{
			"inside, its handler adds to Vary", inside(varies("Accept"), time.Minute), 200,
			append(slices.Clone(grantedExceptVary), "Vary: Accept"),
		},
		{
			"inside, its handler adds Origin too", inside(varies("Accept", "Origin"), time.Minute), 200,
			append(slices.Clone(grantedExceptVary), "Vary: Accept", "Vary: Origin"),
		},
		{"outside, fires", outside(slow, time.Millisecond), 503, siteUntouched},
		{
			"outside, in time", outside(varies("Accept"), time.Minute), 200,
			append(slices.Clone(siteGranted), "Vary: Accept"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) { NewSite(t, tt.h).get(siteApp, "/", tt.status, tt.want) })
	}
}

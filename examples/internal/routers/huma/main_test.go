package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/chi/v5"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/examples/internal/routers/routertest"
)

var call = routertest.Call{Method: "PUT", Path: "/items/1"}

func Test(t *testing.T) {
	routertest.Check(t, handler(), call, "[1]")
	corstest.CheckReachable(t, handler(), routertest.Allowed, "/items/1", "/openapi.json", "/docs", "/nothing")
}

// TestChi checks the same on chi, with the middleware registered before huma.
func TestChi(t *testing.T) {
	r := chi.NewRouter()
	r.Use(corschi.New(config))
	register(humachi.New(r, huma.DefaultConfig("Items", "1.0.0")))
	routertest.Check(t, r, call, "[1]")
	corstest.CheckReachable(t, r, routertest.Allowed, "/items/1", "/openapi.json", "/docs", "/nothing")
}

// TestInvalid checks that a page can read huma's own errors.
func TestInvalid(t *testing.T) {
	url := routertest.Serve(t, handler())
	invalid := routertest.Actual(t, url, routertest.Allowed, routertest.Call{Method: "PUT", Path: "/items/one"})
	if invalid.Status != 422 || invalid.Grant() != routertest.Allowed {
		t.Errorf("got status %d, grant %q, want 422 and a grant", invalid.Status, invalid.Grant())
	}
}

// TestUseMiddleware shows the trap: middleware of huma runs only for operations. A policy in it
// never sees a preflight.
func TestUseMiddleware(t *testing.T) {
	for _, test := range []struct {
		name  string
		build func() http.Handler
	}{
		{"humago", func() http.Handler {
			mux := http.NewServeMux()
			api := humago.New(mux, huma.DefaultConfig("Items", "1.0.0"))
			api.UseMiddleware(inside(humago.Unwrap))
			register(api)
			return mux
		}},
		{"humachi", func() http.Handler {
			r := chi.NewRouter()
			api := humachi.New(r, huma.DefaultConfig("Items", "1.0.0"))
			api.UseMiddleware(inside(humachi.Unwrap))
			register(api)
			return r
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := test.build()
			url := routertest.Serve(t, h)
			preflight := routertest.Preflight(t, url, routertest.Allowed, call)
			if preflight.Status != 405 || preflight.Grant() != "" {
				t.Errorf("preflight: got status %d, grant %q, want 405 without a grant", preflight.Status, preflight.Grant())
			}
			actual := routertest.Actual(t, url, routertest.Allowed, call)
			if actual.Status != 200 || actual.Grant() != routertest.Allowed {
				t.Errorf("actual request: got status %d, grant %q, want 200 and a grant", actual.Status, actual.Grant())
			}
			if got := routertest.Reachable(t, h, "/items/1"); !strings.Contains(got, "the preflight (status 405") {
				t.Errorf("CheckReachable reports %q", got)
			}
		})
	}
}

// inside returns the policy as a middleware of huma.
func inside(unwrap func(huma.Context) (*http.Request, http.ResponseWriter)) func(huma.Context, func(huma.Context)) {
	cors := corshttp.New(config)
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := unwrap(ctx)
		cors(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { next(ctx) })).ServeHTTP(w, r)
	}
}

// TestUseAfterHuma shows the second trap: humachi.New adds routes, and after a route chi accepts no
// middleware.
func TestUseAfterHuma(t *testing.T) {
	r := chi.NewRouter()
	humachi.New(r, huma.DefaultConfig("Items", "1.0.0"))
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "all middlewares must be defined before routes") {
			t.Errorf("Use: got panic %q", got)
		}
	}()
	r.Use(corschi.New(config))
}

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/examples/internal/routers/routertest"
)

var put = routertest.Call{Method: "PUT", Path: "/items/1"}

func Test(t *testing.T) {
	routertest.Check(t, handler(), put, "item 1")
	corstest.CheckReachable(t, handler(), routertest.Allowed, "/items/1", "/items/1/", "//items/1", "/nothing")
}

// TestUse shows the trap: r.Use compiles, GET requests work, and every preflight fails.
func TestUse(t *testing.T) {
	r := mux.NewRouter()
	r.Use(corshttp.New(config))
	register(r)
	url := routertest.Serve(t, r)

	get := routertest.Actual(t, url, routertest.Allowed, routertest.Call{Method: "GET", Path: "/items/1"})
	if get.Status != 200 || get.Grant() != routertest.Allowed {
		t.Errorf("GET: got status %d, grant %q, want 200 and a grant", get.Status, get.Grant())
	}
	preflight := routertest.Preflight(t, url, routertest.Allowed, put)
	if preflight.Status != 405 || preflight.Grant() != "" {
		t.Errorf("preflight: got status %d, grant %q, want 405 without a grant", preflight.Status, preflight.Grant())
	}
	const want = "the actual request reached the CORS middleware, but the preflight (status 405) did not"
	if got := routertest.Reachable(t, r, "/items/1"); !strings.Contains(got, want) {
		t.Errorf("CheckReachable reports %q, want %q", got, want)
	}
}

// TestUseWithOptions shows a remedy that is not enough. With a route for OPTIONS on every path,
// preflights work, but each 404 becomes 405, and pages cannot read it.
func TestUseWithOptions(t *testing.T) {
	r := mux.NewRouter()
	r.Use(corshttp.New(config))
	register(r)
	r.Methods("OPTIONS").HandlerFunc(http.NotFound)
	url := routertest.Serve(t, r)

	if got := routertest.Preflight(t, url, routertest.Allowed, put); got.Status != 204 {
		t.Errorf("preflight: got status %d, want 204", got.Status)
	}
	for _, call := range []routertest.Call{{Method: "GET", Path: "/nothing"}, {Method: "DELETE", Path: "/items/1"}} {
		if got := routertest.Actual(t, url, routertest.Allowed, call); got.Status != 405 || got.Grant() != "" {
			t.Errorf("%s %s: got status %d, grant %q, want 405 without a grant",
				call.Method, call.Path, got.Status, got.Grant())
		}
	}
}

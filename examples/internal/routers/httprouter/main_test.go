package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/julienschmidt/httprouter"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/examples/internal/routers/routertest"
)

var call = routertest.Call{Method: "PUT", Path: "/items/1"}

func Test(t *testing.T) {
	routertest.Check(t, handler(), call, "item 1")
	corstest.CheckReachable(t, handler(), routertest.Allowed, "/items/1", "/items/1/", "/ITEMS/1", "/nothing")
}

// TestOnTheRoute shows the first trap: the router responds to preflights itself, with a status that
// looks fine.
func TestOnTheRoute(t *testing.T) {
	r := httprouter.New()
	r.Handler("PUT", "/items/:id", corshttp.New(config)(http.HandlerFunc(ok)))
	url := routertest.Serve(t, r)

	preflight := routertest.Preflight(t, url, routertest.Allowed, call)
	if got := preflight.Header.Get("Allow"); preflight.Status != 200 || got != "OPTIONS, PUT" || preflight.Grant() != "" {
		t.Errorf("preflight: got status %d, Allow %q, grant %q, want 200, OPTIONS, PUT and no grant",
			preflight.Status, got, preflight.Grant())
	}
	if got := routertest.Actual(t, url, routertest.Allowed, call); got.Grant() != routertest.Allowed {
		t.Errorf("actual request: got grant %q, want %q", got.Grant(), routertest.Allowed)
	}
	const want = "neither the preflight (status 200, Allow: OPTIONS, PUT) nor the actual request"
	if got := routertest.Reachable(t, r, "/items/1"); !strings.Contains(got, want) {
		t.Errorf("CheckReachable reports %q, want %q", got, want)
	}
}

// TestGlobalOPTIONS shows the second trap: a policy in GlobalOPTIONS allows the preflight, and the
// page cannot read the response to the actual request.
func TestGlobalOPTIONS(t *testing.T) {
	r := httprouter.New()
	r.GlobalOPTIONS = corshttp.New(config)(http.HandlerFunc(ok))
	r.PUT("/items/:id", put)
	url := routertest.Serve(t, r)

	preflight := routertest.Preflight(t, url, routertest.Allowed, call)
	if preflight.Status != 204 || preflight.Grant() != routertest.Allowed {
		t.Errorf("preflight: got status %d, grant %q, want 204 and a grant", preflight.Status, preflight.Grant())
	}
	if got := routertest.Actual(t, url, routertest.Allowed, call); got.Status != 200 || got.Grant() != "" {
		t.Errorf("actual request: got status %d, grant %q, want 200 without a grant", got.Status, got.Grant())
	}
	if got := routertest.Reachable(t, r, "/items/1"); !strings.Contains(got, "the preflight reached the CORS middleware") {
		t.Errorf("CheckReachable reports %q", got)
	}
}

// TestGlobalOPTIONSInside checks that a GlobalOPTIONS from httprouter's README, which allows every
// website, has no effect inside the policy.
func TestGlobalOPTIONSInside(t *testing.T) {
	r := httprouter.New()
	r.GlobalOPTIONS = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Methods", w.Header().Get("Allow"))
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(http.StatusNoContent)
	})
	r.PUT("/items/:id", put)
	routertest.Check(t, corshttp.New(config)(r), call, "item 1")
}

func ok(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) }

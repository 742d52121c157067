package main

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/examples/internal/routers/routertest"
)

var call = routertest.Call{
	Method: "PUT",
	Path:   "/status/items",
	Header: map[string]string{"Grpc-Metadata-Tenant": "acme"},
}

// serveBackend serves the gRPC service until the test ends, and returns its address.
func serveBackend(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := backend()
	go s.Serve(listener)
	t.Cleanup(s.Stop)
	return listener.Addr().String()
}

func Test(t *testing.T) {
	h, err := handler(serveBackend(t))
	if err != nil {
		t.Fatal(err)
	}
	response := routertest.Check(t, h, call, `{"status":"SERVING"}`)
	if got := response.Header.Get("Grpc-Metadata-Served-For"); got != "acme" {
		t.Errorf("got Grpc-Metadata-Served-For %q, want acme", got)
	}
	if !slices.Contains(response.Exposed(), "grpc-metadata-served-for") {
		t.Errorf("Grpc-Metadata-Served-For is not exposed: %q", response.Exposed())
	}
	corstest.CheckReachable(t, h, routertest.Allowed, "/status/items", "/nothing")
}

// TestWithMiddlewares shows the trap: grpc-gateway's own middleware runs only for routes, and each
// preflight is 501.
func TestWithMiddlewares(t *testing.T) {
	cors := corshttp.New(config)
	mux := runtime.NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
			cors(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(w, r, path) })).ServeHTTP(w, r)
		}
	}))
	if err := register(mux, serveBackend(t)); err != nil {
		t.Fatal(err)
	}
	url := routertest.Serve(t, mux)

	preflight := routertest.Preflight(t, url, routertest.Allowed, call)
	if preflight.Status != 501 || preflight.Grant() != "" {
		t.Errorf("preflight: got status %d, grant %q, want 501 without a grant", preflight.Status, preflight.Grant())
	}
	if got := routertest.Actual(t, url, routertest.Allowed, call); got.Status != 200 || got.Grant() != routertest.Allowed {
		t.Errorf("actual request: got status %d, grant %q, want 200 and a grant", got.Status, got.Grant())
	}
	if got := routertest.Reachable(t, mux, "/status/items"); !strings.Contains(got, "the preflight (status 501") {
		t.Errorf("CheckReachable reports %q", got)
	}
}

// TestMetadataNames shows the second trap: the lists need the names of the HTTP headers, which have
// the prefix Grpc-Metadata-, not the names of the metadata.
func TestMetadataNames(t *testing.T) {
	mistaken := config
	mistaken.AllowHeaders = []string{"Tenant"}
	mistaken.ExposeHeaders = []string{"Served-For"}
	mux := runtime.NewServeMux()
	if err := register(mux, serveBackend(t)); err != nil {
		t.Fatal(err)
	}
	url := routertest.Serve(t, corshttp.New(mistaken)(mux))

	if got := routertest.Preflight(t, url, routertest.Allowed, call); got.Status != 403 {
		t.Errorf("preflight: got status %d, want 403", got.Status)
	}
	unprefixed := call
	unprefixed.Header = map[string]string{"Tenant": "acme"}
	if got := routertest.Preflight(t, url, routertest.Allowed, unprefixed); got.Status != 204 {
		t.Errorf("preflight for Tenant: got status %d, want 204", got.Status)
	}
	actual := routertest.Actual(t, url, routertest.Allowed, unprefixed)
	if got := actual.Header.Get("Grpc-Metadata-Served-For"); got != "" {
		t.Errorf("the backend got the metadata %q from a header without the prefix", got)
	}
}

package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/examples/internal/routers/routertest"
)

// call is what connect-web sends if the call has a timeout.
var call = routertest.Call{
	Method: "POST",
	Path:   procedure,
	Header: map[string]string{
		"Content-Type": "application/json", "Connect-Protocol-Version": "1", "Connect-Timeout-Ms": "20000",
	},
	Body: "{}",
}

func Test(t *testing.T) {
	response := routertest.Check(t, handler(), call, "2")
	for _, name := range []string{"grpc-status", "grpc-message", "grpc-status-details-bin"} {
		if !slices.Contains(response.Exposed(), name) {
			t.Errorf("%s is not exposed: %q", name, response.Exposed())
		}
	}
	corstest.CheckReachable(t, handler(), routertest.Allowed, procedure, "/nothing")
}

// TestDefaultHeaders shows the trap: the default AllowHeaders have none of Connect's headers, so
// each preflight is refused. CheckReachable asks for no headers, and finds nothing wrong.
func TestDefaultHeaders(t *testing.T) {
	mistaken := config
	mistaken.AllowHeaders = nil
	h := corshttp.New(mistaken)(handler())
	preflight := routertest.Preflight(t, routertest.Serve(t, h), routertest.Allowed, call)
	if preflight.Status != 403 {
		t.Errorf("preflight: got status %d, want 403", preflight.Status)
	}
	if got := routertest.Reachable(t, h, procedure); got != "" {
		t.Errorf("CheckReachable reports %q", got)
	}
}

// TestInterceptor shows that CORS cannot be an interceptor: connect-go responds to a preflight with
// 405 and runs none.
func TestInterceptor(t *testing.T) {
	calls := 0
	count := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
			calls++
			return next(ctx, r)
		}
	})
	h := connect.NewUnaryHandler(procedure, countItems, connect.WithInterceptors(count))
	url := routertest.Serve(t, h)

	preflight := routertest.Preflight(t, url, routertest.Allowed, call)
	if preflight.Status != 405 || calls != 0 {
		t.Errorf("preflight: got status %d after %d calls of the interceptor, want 405 after none", preflight.Status, calls)
	}
	if got := routertest.Actual(t, url, routertest.Allowed, call); got.Status != 200 || calls != 1 {
		t.Errorf("actual request: got status %d after %d calls of the interceptor, want 200 after one", got.Status, calls)
	}
	if got := routertest.Reachable(t, h, procedure); !strings.Contains(got, "status 405, Allow: POST") {
		t.Errorf("CheckReachable reports %q", got)
	}
}

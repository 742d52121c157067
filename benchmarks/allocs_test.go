package benchmarks

import (
	"context"
	"math"
	"testing"

	"github.com/polycors/cors/core"
)

// TestAllocations checks that the middleware allocates no more than Framework.MaxAllocs says.
// What the framework allocates without it is subtracted.
func TestAllocations(t *testing.T) {
	for _, f := range Frameworks {
		for _, sc := range Scenarios() {
			if sc.Parallel {
				continue
			}
			t.Run(f.Name+"/"+sc.Name, func(t *testing.T) {
				limit := f.MaxAllocs[0]
				if sc.Request.RequestMethod != "" {
					limit = f.MaxAllocs[1]
				}
				if got := allocs(t, f.Peers[Ours], &sc) - allocs(t, f.Peers[Bare], &sc); got > limit {
					t.Errorf("got %v allocations over bare, want at most %v", got, limit)
				}
			})
		}
	}
}

func allocs(t *testing.T, p Peer, sc *Scenario) float64 {
	server, err := p.New(sc.Policy, sc.Want)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client(sc.Request)
	// The minimum of many runs counts. In any one of them a framework's pool may be empty, and the
	// race detector empties it on purpose.
	least := math.Inf(1)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, func() { client.Serve(1) }))
	}
	return least
}

// TestDecideAllocatesNothing checks that deciding allocates nothing. The allocations that
// TestAllocations permits all come from writing the response.
func TestDecideAllocatesNothing(t *testing.T) {
	for _, sc := range Scenarios() {
		policy, err := polycors(sc.Policy)
		if err != nil {
			t.Fatal(err)
		}
		header := core.HeaderMap{}
		for name, value := range sc.Request.Header() {
			header[name] = []string{value}
		}
		r := core.Request{Method: sc.Request.Method, Host: "example.com", Path: "/items", Header: header}
		if got := testing.AllocsPerRun(100, func() { policy.Decide(context.Background(), r) }); got != 0 {
			t.Errorf("%s: got %v allocations, want none", sc.Name, got)
		}
	}
}

package benchmarks

import (
	"context"
	"math"
	"testing"

	"github.com/polycors/cors/core"
)

// TestAllocations holds the middleware to what it promises, beyond what the bare framework allocates.
func TestAllocations(t *testing.T) {
	for _, f := range Frameworks {
		for _, sc := range Scenarios() {
			if sc.Parallel {
				continue
			}
			t.Run(f.Name+"/"+sc.Name, func(t *testing.T) {
				limit := f.MaxAllocs[0]
				if sc.Request.AskMethod != "" {
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
	// The least of many runs, since a framework's pool may be emptied in any of them, and is by the race detector.
	least := math.Inf(1)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, func() { client.Serve(1) }))
	}
	return least
}

// TestDecideAllocatesNothing: what allocations there are belong to writing the answer.
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

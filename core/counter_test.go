package core_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/polycors/cors/core"
)

func TestCounter(t *testing.T) {
	var c core.Counter
	p := mustNew(t, listed(func(cfg *core.Config) { cfg.OnDecision = c.Count }))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				p.Decide(t.Context(), get("Origin", app))
				p.Decide(t.Context(), get("Origin", evil))
				p.Decide(t.Context(), preflight(app, "PURGE"))
			}
		})
	}
	wg.Wait()
	c.Count(t.Context(), core.Event{Decision: core.Decision{Kind: 200, Reason: 200}}) // does not panic
	var got []string
	c.Each(func(k core.Kind, r core.Reason, n uint64) { got = append(got, fmt.Sprint(k, " ", r, " ", n)) })
	want := []string{"actual allowed 400", "actual origin-not-allowed 400", "preflight method-not-allowed 400"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCounterAllocations(t *testing.T) {
	var c core.Counter
	p := mustNew(t, listed(func(cfg *core.Config) { cfg.OnDecision = c.Count }))
	for name, r := range map[string]core.Request{"allowed": get("Origin", app), "refused": preflight(evil, "PUT")} {
		if n := testing.AllocsPerRun(100, func() { p.Decide(t.Context(), r) }); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
	}
}

func ExampleCounter() {
	var decisions core.Counter
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		// Several functions can be combined in one.
		OnDecision: func(ctx context.Context, e core.Event) {
			decisions.Count(ctx, e)
		},
	})
	if err != nil {
		panic(err)
	}
	for _, origin := range []string{"https://app.example.com", "https://evil.example", "https://evil.example"} {
		policy.Decide(context.Background(), core.Request{
			Method: "GET", Path: "/", Header: core.HeaderMap{"Origin": {origin}},
		})
	}
	decisions.Each(func(k core.Kind, r core.Reason, n uint64) { fmt.Println(k, r, n) })
	// Output:
	// actual allowed 1
	// actual origin-not-allowed 2
}

package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	c.Each(func(k core.Kind, r core.Reason, n uint64) {
		if n > 0 {
			got = append(got, fmt.Sprint(k, " ", r, " ", n))
		}
	})
	want := []string{"actual allowed 400", "actual origin-not-allowed 400", "preflight method-not-allowed 400"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// possible lists the combinations of kind and reason that decisions of a Policy or a CSRFProtection
// can have.
var possible = []string{
	"not-cors no-policy", "not-cors no-origin", "not-cors cross-site-write",
	"actual same-origin", "actual allowed", "actual origin-malformed", "actual origin-not-allowed",
	"actual lookup-failed", "actual path-ambiguous",
	"preflight allowed", "preflight origin-malformed", "preflight origin-not-allowed", "preflight lookup-failed",
	"preflight method-malformed", "preflight method-not-allowed", "preflight headers-malformed",
	"preflight headers-too-large", "preflight header-not-allowed", "preflight path-ambiguous",
}

// TestCounterCombinations checks that a new Counter reports the possible combinations and no
// others, and that each of them is the decision about some request.
func TestCounterCombinations(t *testing.T) {
	var c core.Counter
	combinations := func(least uint64) (all []string) {
		c.Each(func(k core.Kind, r core.Reason, n uint64) {
			if n >= least {
				all = append(all, fmt.Sprint(k, " ", r))
			}
		})
		return all
	}
	if got := combinations(0); !slices.Equal(got, possible) {
		t.Errorf("before the first decision: got %q, want %q", got, possible)
	}

	p := mustNew(t, core.Config{
		AllowOrigins: []string{app},
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			if origin == "https://unknown.example" {
				return false, errors.New("the database is down")
			}
			return false, nil
		},
		Routes:     []core.Route{{Path: "/admin/", Disable: true}},
		OnDecision: c.Count,
	})
	protection, err := core.NewCSRFProtection(core.CSRFConfig{OnDecision: c.Count})
	if err != nil {
		t.Fatal(err)
	}
	at := func(path string, r core.Request) core.Request {
		r.Path, r.RawPath = path, ""
		return r
	}
	fromItself := get("Origin", evil, "Sec-Fetch-Site", "same-origin")
	for _, r := range []core.Request{get(), fromItself, preflight(app, "PU T"), preflight(app, "PURGE")} {
		p.Decide(t.Context(), r)
	}
	for _, headers := range []string{"x y", strings.Repeat("x", 8193), "x-evil"} {
		p.Decide(t.Context(), preflight(app, "PUT", "Access-Control-Request-Headers", headers))
	}
	for _, origin := range []string{app, "not an origin", evil, "https://unknown.example"} {
		p.Decide(t.Context(), get("Origin", origin))
		p.Decide(t.Context(), preflight(origin, "PUT"))
	}
	for _, path := range []string{"/admin/users", "/admin/../items"} {
		p.Decide(t.Context(), at(path, get("Origin", app)))
		p.Decide(t.Context(), at(path, preflight(app, "PUT")))
	}
	write := get("Origin", evil)
	write.Method = "POST"
	protection.Decide(t.Context(), write)
	if got := combinations(1); !slices.Equal(got, possible) {
		t.Errorf("counted %q, want %q", got, possible)
	}

	// Another Decider may combine them differently.
	c.Count(t.Context(), core.Event{Decision: core.Decision{Kind: core.KindActual, Reason: core.ReasonNoPolicy}})
	if got := combinations(0); len(got) != len(possible)+1 || !slices.Contains(got, "actual no-policy") {
		t.Errorf("got %q, want actual no-policy as well", got)
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
	total := uint64(0)
	add := func(_ core.Kind, _ core.Reason, n uint64) { total += n }
	if n := testing.AllocsPerRun(100, func() { c.Each(add) }); n != 0 || total == 0 {
		t.Errorf("Each: got %v allocations and a total of %d, want 0 allocations and a positive total", n, total)
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
	decisions.Each(func(k core.Kind, r core.Reason, n uint64) {
		if n > 0 {
			fmt.Println(k, r, n)
		}
	})
	// Output:
	// actual allowed 1
	// actual origin-not-allowed 2
}

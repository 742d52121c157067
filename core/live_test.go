package core_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/polycors/cors/core"
)

func TestLive(t *testing.T) {
	var l core.Live
	if got := l.Decide(t.Context(), get("Origin", app)); got != (core.Decision{}) || l.Load() != nil {
		t.Errorf("the zero Live: got %+v and %v, want nothing", got, l.Load())
	}
	forged := get("Origin", evil, "Sec-Fetch-Site", "cross-site")
	forged.Method = "POST"
	refused := core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403}
	if got := l.Decide(t.Context(), forged); got != refused {
		t.Errorf("the zero Live, a forged POST: got %+v, want %+v", got, refused)
	}
	own := forged
	own.Header = core.HeaderMap{"Origin": {"https://api.example.com"}, "Sec-Fetch-Site": {"same-origin"}}
	if got := l.Decide(t.Context(), own); got != (core.Decision{}) {
		t.Errorf("the zero Live, a POST of its own page: got %+v, want nothing", got)
	}
	if err := l.Reload(listed(nil)); err != nil {
		t.Fatal(err)
	}
	if got := l.Decide(t.Context(), get("Origin", app)); got != allowedActual {
		t.Errorf("got %+v, want %+v", got, allowedActual)
	}
	before := l.Load()
	if err := l.Reload(core.Config{}); err == nil || l.Load() != before {
		t.Errorf("a Config with problems: got error %v and another Decider, want an error and the same", err)
	}
	l.Store(mustNew(t, origins(evil)))
	if got := l.Decide(t.Context(), get("Origin", app)); got != refusedActual {
		t.Errorf("got %+v, want %+v", got, refusedActual)
	}
}

func TestLivePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{
		"nil": nil, "*Policy": (*core.Policy)(nil), "*Live": (*core.Live)(nil), "a stranger's": (*stranger)(nil),
	} {
		for call, f := range map[string]func(){
			"NewLive": func() { core.NewLive(d) }, "Store": func() { new(core.Live).Store(d) },
		} {
			t.Run(call+" "+name, func(t *testing.T) {
				defer func() {
					if got, want := recover(), "cors: Live: the Decider is nil; look at the error that came with it"; got != want {
						t.Errorf("got panic %v, want %s", got, want)
					}
				}()
				f()
			})
		}
	}
}

// stranger is a Decider from another package.
type stranger struct{}

func (*stranger) Decide(context.Context, core.Request) core.Decision { return core.Decision{} }

// TestLiveUnderLoad: either the old policy or the new one decides each request. Run it with -race.
func TestLiveUnderLoad(t *testing.T) {
	policies := []*core.Policy{mustNew(t, listed(nil)), mustNew(t, origins(evil))}
	want := map[core.Decision]bool{allowedActual: true, refusedActual: true}
	l := core.NewLive(policies[0])
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				if d := l.Decide(t.Context(), get("Origin", app)); !want[d] {
					t.Errorf("got %+v", d)
					return
				}
			}
		})
	}
	for i := range 2000 {
		l.Store(policies[i%2])
	}
	wg.Wait()
}

// If the new Config has a problem, Reload keeps the old policy.
func ExampleLive_Reload() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	live := core.NewLive(policy) // pass this to the Middleware of an adapter
	err = live.Reload(core.Config{AllowOrigins: []string{"https://a.example/"}})
	fmt.Println(err)
	fmt.Println(live.Load() == policy)
	// Output:
	// cors: AllowOrigins[0]: "https://a.example/": an origin has no path; write "https://a.example"
	// true
}

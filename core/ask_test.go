package core_test

import (
	"context"
	"testing"

	"github.com/polycors/cors/core"
)

// TestAsk: Ask and Decide lead to the same response for every kind of Decider, even if scratch was
// used before. Only the Reason of a refusal may be less exact.
func TestAsk(t *testing.T) {
	deciders := func(p *core.Policy) map[string]core.Decider {
		return map[string]core.Decider{
			"Policy":             p,
			"Live":               core.NewLive(p),
			"Live in a Live":     core.NewLive(core.NewLive(p)),
			"stranger":           wrapped{p},
			"zero Live":          new(core.Live),
			"stranger in a Live": core.NewLive(wrapped{p}),
		}
	}
	for _, tt := range situations {
		t.Run(tt.name, func(t *testing.T) {
			for name, d := range deciders(mustNew(t, listed(tt.config))) {
				want := d.Decide(t.Context(), tt.r)
				r, scratch := tt.r, core.Decision{Kind: 9, Reason: 99, Status: 999, Vary: "x", AllowOrigin: "x", MaxAge: "x"}
				if got := *core.Ask(t.Context(), d, &r, &scratch); !sameResponse(got, want) {
					t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, want)
				}
			}
		})
	}
}

// sameResponse reports whether a Decision of Ask leads to the same response as one of Decide, with
// a Reason that is as exact as Ask promises.
func sameResponse(ask, decide core.Decision) bool {
	if decide.Reason == core.ReasonOriginMalformed || decide.Reason == core.ReasonSameOrigin {
		if ask.Reason == core.ReasonOriginNotAllowed {
			ask.Reason = decide.Reason
		}
	}
	return ask == decide
}

// wrapped is a Decider whose type Ask does not know.
type wrapped struct{ core.Decider }

// TestAskAllocations: Ask does not allocate, with or without OnDecision.
func TestAskAllocations(t *testing.T) {
	for _, tt := range situations {
		for _, observed := range []bool{false, true} {
			p := mustNew(t, listed(tt.config))
			if observed {
				p = mustNew(t, listed(func(cfg *core.Config) {
					if tt.config != nil {
						tt.config(cfg)
					}
					cfg.OnDecision = func(context.Context, core.Event) {}
				}))
			}
			live := core.NewLive(p)
			ctx := t.Context()
			got := testing.AllocsPerRun(100, func() {
				r := tt.r
				var room core.Decision
				if d := core.Ask(ctx, live, &r, &room); d.Status > 999 {
					panic("unreachable")
				}
			})
			if got != 0 {
				t.Errorf("%s, observed %t: got %v allocations, want 0", tt.name, observed, got)
			}
		}
	}
}

// target is a header that implements core.Target, and counts its calls.
type target struct {
	core.HeaderMap
	asked *int
}

func (t target) Target() (host, path, rawPath string) {
	*t.asked++
	return "api.example.com", "/public/a b", "/public/a%20b"
}

// TestAskTarget: Ask reads the host and the path only if the decision depends on them.
func TestAskTarget(t *testing.T) {
	routed := core.Route{Path: "/public/", Config: core.Config{AllowOrigins: []string{evil}}}
	post := get("Origin", "https://api.example.com")
	post.Method = "POST"
	forgery := get("Origin", evil)
	forgery.Method = "POST"
	for _, tt := range []struct {
		name   string
		change func(*core.Config)
		r      core.Request
		reason core.Reason
		status int
		reads  bool
	}{
		{"exact", nil, get("Origin", app), core.ReasonAllowed, 0, false},
		{"refused", nil, get("Origin", evil), core.ReasonOriginNotAllowed, 0, false},
		{"preflight", nil, asks("x-token"), core.ReasonAllowed, 204, false},
		{
			"routes", func(cfg *core.Config) { cfg.Routes = []core.Route{routed} }, get("Origin", evil), core.ReasonAllowed, 0,
			true,
		},
		{"func", allowAll, get("Origin", evil), core.ReasonAllowed, 0, true},
		{
			"same origin", func(cfg *core.Config) { cfg.ForbidDisallowed = true },
			post, core.ReasonSameOrigin, 0, true,
		},
		{
			"observed", func(cfg *core.Config) { cfg.OnDecision = func(context.Context, core.Event) {} },
			get("Origin", app), core.ReasonAllowed, 0, true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked int
			r := core.Request{Method: tt.r.Method, Header: target{tt.r.Header.(core.HeaderMap), &asked}}
			var room core.Decision
			d := core.Ask(t.Context(), mustNew(t, listed(tt.change)), &r, &room)
			if d.Reason != tt.reason || d.Status != tt.status {
				t.Errorf("got %+v, want reason %v and status %d", d, tt.reason, tt.status)
			}
			if (asked > 0) != tt.reads || asked > 1 {
				t.Errorf("the target was read %d times, want it read: %t", asked, tt.reads)
			}
			if tt.reads && (r.Path != "/public/a b" || r.RawPath != "/public/a%20b" || r.Host != "api.example.com") {
				t.Errorf("got %+v, want host and path filled in", r)
			}
		})
	}
	t.Run("a stranger's Decider", func(t *testing.T) {
		var asked int
		p, err := core.NewCSRFProtection(core.CSRFConfig{ExemptPaths: []string{"/public/"}})
		if err != nil {
			t.Fatal(err)
		}
		r := core.Request{Method: "POST", Header: target{forgery.Header.(core.HeaderMap), &asked}}
		var room core.Decision
		if d := core.Ask(t.Context(), p, &r, &room); d.Status != 0 || asked != 1 {
			t.Errorf("got %+v with %d reads, want the exempt path to be seen", d, asked)
		}
	})
}

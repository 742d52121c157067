package core_test

import (
	"context"
	"errors"
	"testing"

	"github.com/polycors/cors/core"
)

var errDown = errors.New("the database is down")

// observedPolicy makes every kind of decision for which an Event contains more than the Decision.
func observedPolicy(t *testing.T, on func(context.Context, core.Event)) *core.Policy {
	return mustNew(t, core.Config{
		AllowOrigins: []string{app},
		AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"x-token"},
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			if origin == "https://down.example" {
				return false, errDown
			}
			return false, nil
		},
		OnDecision: on,
		Routes: []core.Route{
			{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
			{PathRegex: "/v[0-9]/.*", Config: core.Config{AllowOrigins: []string{app}, AllowMethods: []string{}}},
			{Path: "/off/", Disable: true},
		},
	})
}

func TestEvent(t *testing.T) {
	under := func(path string, r core.Request) core.Request {
		r.Path = path
		return r
	}
	for _, tt := range []struct {
		name           string
		r              core.Request
		reason         core.Reason
		refused, route string
		err            error
	}{
		{"no origin", get(), core.ReasonNoOrigin, "", "", nil},
		{"allowed", get("Origin", app), core.ReasonAllowed, "", "", nil},
		{"origin refused by the func", get("Origin", evil), core.ReasonOriginNotAllowed, "", "", nil},
		{"func failed", get("Origin", "https://down.example"), core.ReasonLookupFailed, "", "", errDown},
		{"preflight allowed", asks("x-token"), core.ReasonAllowed, "", "", nil},
		{"method", preflight(app, "PURGE"), core.ReasonMethodNotAllowed, "PURGE", "", nil},
		{"method malformed", preflight(app, "A B"), core.ReasonMethodMalformed, "A B", "", nil},
		{"second header", asks("x-token, X-Evil, x-other"), core.ReasonHeaderNotAllowed, "X-Evil", "", nil},
		{"header malformed", asks("x-token, a b"), core.ReasonHeadersMalformed, "a b", "", nil},
		{"route", under("/public/a", get("Origin", evil)), core.ReasonAllowed, "", "/public/", nil},
		{"method of a route", under("/v1/a", preflight(app, "PUT")), core.ReasonMethodNotAllowed, "PUT", "/v[0-9]/.*", nil},
		{"disabled route", under("/off/a", get("Origin", evil)), core.ReasonNoPolicy, "", "/off/", nil},
		{"ambiguous path", under("/public/../a", get("Origin", evil)), core.ReasonPathAmbiguous, "", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []core.Event
			p := observedPolicy(t, func(_ context.Context, e core.Event) { got = append(got, e) })
			d := p.Decide(t.Context(), tt.r)
			if len(got) != 1 {
				t.Fatalf("got %d events, want 1", len(got))
			}
			e := got[0]
			if e.Decision != d || d.Reason != tt.reason {
				t.Errorf("got %+v in the event and %+v, want reason %v", e.Decision, d, tt.reason)
			}
			if e.Refused != tt.refused || e.Route != tt.route || e.Err != tt.err {
				t.Errorf("got refused %q, route %q, err %v\nwant refused %q, route %q, err %v",
					e.Refused, e.Route, e.Err, tt.refused, tt.route, tt.err)
			}
			if e.Request.Path != tt.r.Path || e.Request.Host != tt.r.Host {
				t.Errorf("got request %+v, want %+v", e.Request, tt.r)
			}
		})
	}
}

// TestEventClone: a clone does not change when the buffers of a Borrowed request are reused.
func TestEventClone(t *testing.T) {
	r := asks("X-Evil")
	r.Path, r.RawPath = "/a b", "/a%20b"
	r.Header.(core.HeaderMap)["Sec-Fetch-Site"] = []string{"cross-site"}
	borrowed, overwrite := borrow(r)

	var kept, aliased core.Event
	p := observedPolicy(t, func(_ context.Context, e core.Event) { kept, aliased = e.Clone(), e })
	p.Decide(t.Context(), borrowed)
	overwrite()

	if kept.Request.Borrowed {
		t.Error("a clone is still Borrowed")
	}
	for _, f := range []struct{ name, got, aliased, want string }{
		{"Method", kept.Request.Method, aliased.Request.Method, "OPTIONS"},
		{"Host", kept.Request.Host, aliased.Request.Host, "api.example.com"},
		{"Path", kept.Request.Path, aliased.Request.Path, "/a b"},
		{"RawPath", kept.Request.RawPath, aliased.Request.RawPath, "/a%20b"},
		{"Refused", kept.Refused, aliased.Refused, "X-Evil"},
		{"Origin", kept.Request.Header.Field("Origin"), aliased.Request.Header.Field("Origin"), app},
		{
			"Access-Control-Request-Headers",
			kept.Request.Header.Field("Access-Control-Request-Headers"),
			aliased.Request.Header.Field("Access-Control-Request-Headers"),
			"X-Evil",
		},
		{
			"Sec-Fetch-Site",
			kept.Request.Header.Field("Sec-Fetch-Site"), aliased.Request.Header.Field("Sec-Fetch-Site"),
			"cross-site",
		},
	} {
		if f.got != f.want {
			t.Errorf("%s: got %q, want %q", f.name, f.got, f.want)
		}
		if f.aliased == f.want {
			t.Errorf("%s: the event itself survived the buffers, so this test shows nothing", f.name)
		}
	}
}

func TestCSRFOnDecision(t *testing.T) {
	var got []core.Event
	p, err := core.NewCSRFProtection(core.CSRFConfig{
		OnDecision: func(_ context.Context, e core.Event) { got = append(got, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := get("Origin", evil)
	p.Decide(t.Context(), r)
	r.Method = "POST"
	p.Decide(t.Context(), r)
	p.Explain(t.Context(), r)
	want := []core.Decision{{}, {Reason: core.ReasonCrossSiteWrite, Status: 403}}
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i, e := range got {
		if e.Decision != want[i] || e.Request.Header.Field("Origin") != evil {
			t.Errorf("event %d: got %+v, want %+v", i, e, want[i])
		}
	}
}

// TestEventExplainGranted: the explanation of a refused method or header does not say that the
// origin is refused, although AllowOriginFunc is not called again.
func TestEventExplainGranted(t *testing.T) {
	var events []core.Event
	p := mustNew(t, core.Config{
		AllowMethods:    []string{"GET"},
		AllowHeaders:    []string{},
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { return true, nil },
		OnDecision:      func(_ context.Context, e core.Event) { events = append(events, e.Clone()) },
	})
	requests := []core.Request{
		preflight(app, "PUT"), preflight(app, "A B"), asks("x-a"), asks("a b"), get("Origin", app), get("Origin", app+"/"),
	}
	for _, r := range requests {
		p.Decide(t.Context(), r)
	}
	for i, e := range events {
		got, want := e.Explain(), p.Explain(t.Context(), requests[i])
		if got.Decision != want.Decision || got.Because != want.Because || i < 5 && got.Fix != want.Fix {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

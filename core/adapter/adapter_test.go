package adapter_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

const app = "https://app.example.com"

// fixed always makes the same decision.
type fixed core.Decision

func (f fixed) Decide(context.Context, core.Request) core.Decision { return core.Decision(f) }

// panics is a Decider that panics, like a policy whose AllowOriginFunc panics.
type panics struct{}

func (panics) Decide(context.Context, core.Request) core.Decision { panic("boom") }

func TestDecide(t *testing.T) {
	prepared := http.Header{"Allow": {"GET"}, "Content-Type": {"text/plain"}, "Server": {"x"}}
	for _, tt := range []struct {
		name     string
		decision fixed
		before   http.Header
		status   int
		want     http.Header
	}{
		{
			"passes on", fixed{Reason: core.ReasonAllowed, AllowOrigin: app, Vary: "Origin"}, http.Header{},
			0, http.Header{"Access-Control-Allow-Origin": {app}, "Vary": {"Origin"}},
		},
		{
			"responds", fixed{Reason: core.ReasonOriginNotAllowed, Status: 403, Vary: "Origin"}, http.Header{},
			403, http.Header{"Vary": {"Origin"}},
		},
		{
			"passes a prepared response on", fixed{Reason: core.ReasonNoOrigin}, prepared,
			0, prepared,
		},
		{
			"responds instead of a prepared response", fixed{Reason: core.ReasonNoOrigin, Status: 403}, prepared,
			403, http.Header{"Server": {"x"}},
		},
		{
			"replaces another grant", fixed{Reason: core.ReasonAllowed, AllowOrigin: app},
			http.Header{"Access-Control-Allow-Origin": {"*"}}, 0, http.Header{"Access-Control-Allow-Origin": {app}},
		},
		{
			"undecided", fixed{}, http.Header{"Access-Control-Allow-Origin": {"*"}},
			0, http.Header{"Access-Control-Allow-Origin": {"*"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := maps.Clone(tt.before)
			status := adapter.Decide(tt.decision, httptest.NewRequest("GET", "/", nil), header)
			if status != tt.status || !reflect.DeepEqual(header, tt.want) {
				t.Errorf("got status %d and %v, want %d and %v", status, header, tt.status, tt.want)
			}
		})
	}
}

// TestDecidePanics: Decide does not recover from a panic, and removes the CORS headers of an outer
// policy.
func TestDecidePanics(t *testing.T) {
	for name, before := range map[string]http.Header{
		"fresh":         {},
		"after a grant": {"Access-Control-Allow-Origin": {app}, "Access-Control-Allow-Credentials": {"true"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != "boom" || len(before) != 0 {
					t.Errorf("got panic %v and %v, want boom and no header", got, before)
				}
			}()
			adapter.Decide(panics{}, httptest.NewRequest("GET", "/", nil), before)
		})
	}
}

func TestMiddleware(t *testing.T) {
	ran := 0
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran++ })
	for _, tt := range []struct {
		name                 string
		status, want, runsBy int
	}{
		{"passes on", 0, 200, 1},
		{"responds", 403, 403, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ran = 0
			w := httptest.NewRecorder()
			h := adapter.Middleware("corstest", fixed{Reason: core.ReasonNoOrigin, Status: tt.status})(next)
			h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Code != tt.want || ran != tt.runsBy {
				t.Errorf("got status %d and %d runs of the handler, want %d and %d", w.Code, ran, tt.want, tt.runsBy)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	r := httptest.NewRequest("PUT", "http://api.example.net:8443/a%2Fb%20c?q=1", nil)
	r.Header = http.Header{"Origin": {"https://a.example", "https://b.example"}}
	got := adapter.Request(r)
	if got.Method != "PUT" || got.Host != "api.example.net:8443" ||
		got.Path != "/a/b c" || got.RawPath != "/a%2Fb%20c" {
		t.Errorf("got %+v", got)
	}
	if got, want := got.Header.Field("Origin"), "https://a.example, https://b.example"; got != want {
		t.Errorf("Origin: got %q, want %q", got, want)
	}
}

// panicOf returns the value with which f panics.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// TestMustPolicy: the panic message contains the name of the package, and one line per problem.
func TestMustPolicy(t *testing.T) {
	got := panicOf(func() {
		adapter.MustPolicy(
			"corsx", core.Config{AllowOrigins: []string{"https://example.com/"}, AllowMethods: []string{"GET "}},
		)
	})
	_, err := core.New(core.Config{AllowOrigins: []string{"https://example.com/"}, AllowMethods: []string{"GET "}})
	if want := "corsx: invalid Config:\n" + err.Error(); got != want {
		t.Errorf("got panic\n%v\nwant\n%s", got, want)
	}
	if p := adapter.MustPolicy("corsx", core.Config{AllowOrigins: []string{app}}); p == nil {
		t.Error("got no policy")
	}
}

func TestMustDecider(t *testing.T) {
	for _, tt := range []struct {
		name  string
		d     core.Decider
		isNil bool
	}{
		{"nil", nil, true},
		{"nil *Policy", (*core.Policy)(nil), true},
		{"nil *Live", (*core.Live)(nil), true},
		{"zero Live", new(core.Live), false},
		{"not a pointer", fixed{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := adapter.IsNil(tt.d); got != tt.isNil {
				t.Errorf("IsNil: got %v, want %v", got, tt.isNil)
			}
			want := any(nil)
			if tt.isNil {
				want = "corsx: Middleware: the core.Decider is nil; look at the error that came with it"
			}
			if got := panicOf(func() { adapter.MustDecider("corsx", tt.d) }); got != want {
				t.Errorf("MustDecider: got panic %v, want %v", got, want)
			}
		})
	}
}

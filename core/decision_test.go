package core_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/polycors/cors/core"
)

var full = core.Decision{
	Kind: core.KindPreflight, Reason: core.ReasonHeaderNotAllowed, Status: 204, Vary: varyPreflight, AllowOrigin: app,
	AllowMethods: "PUT", AllowHeaders: "x-a",
	ExposeHeaders: "X-B", MaxAge: "600", AllowCredentials: true, AllowPrivateNetwork: true, Debug: true,
}

// apply applies d to copies of h, with Apply and with ApplyMap, and fails if the results differ.
func apply(t *testing.T, d core.Decision, h http.Header) http.Header {
	t.Helper()
	byMap, byMethods := h.Clone(), h.Clone()
	d.ApplyMap(byMap)
	d.Apply(byMethods)
	if !reflect.DeepEqual(byMap, byMethods) {
		t.Errorf("ApplyMap gave %v\nApply gave    %v", byMap, byMethods)
	}
	return byMap
}

func TestApply(t *testing.T) {
	leftOver := http.Header{
		"Access-Control-Allow-Credentials": {"x"}, "Access-Control-Allow-Headers": {"x"},
		"Access-Control-Allow-Methods": {"x"}, "Access-Control-Allow-Origin": {"x", "y"},
		"Access-Control-Allow-Private-Network": {"x"}, "Access-Control-Expose-Headers": {"x"},
		"Access-Control-Max-Age": {"x"}, "Polycors-Reason": {"x"},
		"Content-Type": {"text/plain"}, "Vary": {"Accept"},
	}
	for _, tt := range []struct {
		name string
		d    core.Decision
		h    http.Header
		want http.Header
	}{
		{"everything", full, http.Header{}, http.Header{
			"Access-Control-Allow-Credentials": {"true"}, "Access-Control-Allow-Headers": {"x-a"},
			"Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Origin": {app},
			"Access-Control-Allow-Private-Network": {"true"}, "Access-Control-Expose-Headers": {"X-B"},
			"Access-Control-Max-Age": {"600"}, "Polycors-Reason": {"header-not-allowed"},
			"Vary": {varyPreflight},
		}},
		{"a grant replaces what is there", allowedActual, leftOver, http.Header{
			"Access-Control-Allow-Origin": {app}, "Access-Control-Expose-Headers": {"X-Total"}, "Content-Type": {"text/plain"},
			"Vary": {"Accept", "Origin"},
		}},
		{
			"a refusal removes what is there", refusedActual, leftOver,
			http.Header{"Content-Type": {"text/plain"}, "Vary": {"Accept", "Origin"}},
		},
		{"no policy touches nothing", core.Decision{}, leftOver, leftOver},
		{"a forgery touches nothing", core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403}, leftOver, leftOver},
		{
			"no Vary", core.Decision{Reason: core.ReasonNoOrigin, AllowOrigin: "*"}, http.Header{"Vary": {"Accept"}},
			http.Header{"Access-Control-Allow-Origin": {"*"}, "Vary": {"Accept"}},
		},

		// Vary, token by token.
		{
			"vary, there already", refusedActual, http.Header{"Vary": {"Accept-Encoding, origin"}},
			http.Header{"Vary": {"Accept-Encoding, origin"}},
		},
		{
			"vary, on the second line", refusedActual, http.Header{"Vary": {"Accept", "X, Origin"}},
			http.Header{"Vary": {"Accept", "X, Origin"}},
		},
		{"vary, everything varies", refusedPreflight, http.Header{"Vary": {"Accept, *"}}, http.Header{"Vary": {"Accept, *"}}},
		{"vary, a failed lookup", failedActual, http.Header{}, http.Header{"Vary": {"*"}}},
		{
			"vary, a failed lookup after other lines", failedActual, http.Header{"Vary": {"Accept"}},
			http.Header{"Vary": {"Accept", "*"}},
		},
		{
			"vary, a failed lookup after another policy", failedActual, http.Header{"Vary": {"Origin"}},
			http.Header{"Vary": {"Origin", "*"}},
		},
		{"vary, another policy after a failed lookup", refusedActual, http.Header{"Vary": {"*"}}, http.Header{"Vary": {"*"}}},
		{
			"vary, a failed lookup twice", failedActual, http.Header{"Vary": {"Accept", "*"}},
			http.Header{"Vary": {"Accept", "*"}},
		},
		{
			"vary, similar names", refusedActual, http.Header{"Vary": {"X-Origin, Origin-X"}},
			http.Header{"Vary": {"X-Origin, Origin-X", "Origin"}},
		},
		{
			"vary, some are missing", refusedPreflight, http.Header{"Vary": {"Access-Control-Request-Method , Origin"}},
			http.Header{"Vary": {"Access-Control-Request-Method , Origin", "Access-Control-Request-Headers"}},
		},
		{"vary, an empty line", refusedActual, http.Header{"Vary": {""}}, http.Header{"Vary": {"", "Origin"}}},
		{
			"vary, a stranger's tokens", core.Decision{Reason: core.ReasonAllowed, Vary: "Origin, X-Tenant"},
			http.Header{"Vary": {"Accept"}}, http.Header{"Vary": {"Accept", "Origin, X-Tenant"}},
		},
		{
			"vary, some of a stranger's tokens", core.Decision{Reason: core.ReasonAllowed, Vary: "Origin, X-Tenant"},
			http.Header{"Vary": {"origin"}}, http.Header{"Vary": {"origin", "X-Tenant"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.h.Clone()
			got := apply(t, tt.d, tt.h)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
			if again := apply(t, tt.d, got); !reflect.DeepEqual(again, tt.want) {
				t.Errorf("applied twice:\ngot  %v\nwant %v", again, tt.want)
			}
			if !reflect.DeepEqual(tt.h, before) {
				t.Errorf("the header it was copied from became %v", tt.h)
			}
		})
	}
}

// orderedHeader is a list of lines, like the header of fasthttp. Its Del moves the last line to the
// place of the first one that it removes.
type orderedHeader [][2]string

func (h *orderedHeader) Values(name string) (values []string) {
	for _, line := range *h {
		if line[0] == name {
			values = append(values, line[1])
		}
	}
	return values
}

func (h *orderedHeader) Del(name string) {
	for i := 0; i < len(*h); {
		if (*h)[i][0] != name {
			i++
			continue
		}
		last := len(*h) - 1
		(*h)[i] = (*h)[last]
		*h = (*h)[:last]
	}
}

func (h *orderedHeader) Set(name, value string) { h.Del(name); h.Add(name, value) }

func (h *orderedHeader) Add(name, value string) { *h = append(*h, [2]string{name, value}) }

// TestApplyOrder: Apply writes the lines in alphabetical order, as net/http does, regardless of the
// lines that the header had before.
func TestApplyOrder(t *testing.T) {
	h := orderedHeader{
		{"Vary", "Accept"}, {"Access-Control-Max-Age", "1"}, {"X-A", "1"}, {"Access-Control-Allow-Origin", "x"}, {"X-B", "2"},
		{"Access-Control-Allow-Origin", "y"},
	}
	full.Apply(&h)
	var names []string
	for _, line := range h {
		names = append(names, line[0])
	}
	want := []string{
		"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
		"Access-Control-Allow-Origin",
		"Access-Control-Allow-Private-Network", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Polycors-Reason",
		"Vary", "Vary",
	}
	if i := slices.Index(names, want[0]); i < 0 || !slices.Equal(names[i:], want) {
		t.Errorf("got %v, want it to end in %v", names, want)
	}
}

// TestApplySharesNothing: appending to the slice of a header, or writing into it, changes that
// header of that response only. The test fails if the slice expression in put has no third index.
func TestApplySharesNothing(t *testing.T) {
	p := mustNew(t, listed(func(cfg *core.Config) { cfg.AllowCredentials = true }))
	want := http.Header{
		"Access-Control-Allow-Credentials": {"true"}, "Access-Control-Allow-Headers": {"x-token, content-type"},
		"Access-Control-Allow-Methods": {"PUT"},
		"Access-Control-Allow-Origin":  {app}, "Access-Control-Max-Age": {"86400"}, "Vary": {varyPreflight},
	}
	for range 2 {
		d := p.Decide(t.Context(), asks("x-token"))
		h := http.Header{}
		d.ApplyMap(h)
		for name, values := range h {
			_ = append(values, "appended to "+name)
		}
		if !reflect.DeepEqual(h, want) {
			t.Errorf("got  %v\nwant %v", h, want)
		}
		for name, values := range h {
			values[0] = "written to " + name
		}
	}
}

// TestApplyLeavesRoom: Apply does not use the spare capacity of the slice of existing Vary lines.
func TestApplyLeavesRoom(t *testing.T) {
	outer := []string{"Accept", "theirs"}
	h := http.Header{"Vary": outer[:1]}
	refusedActual.ApplyMap(h)
	if want := []string{"Accept", "Origin"}; !slices.Equal(h["Vary"], want) || outer[1] != "theirs" {
		t.Errorf("got %v and, behind the outer lines, %q", h["Vary"], outer[1])
	}
}

func TestStrip(t *testing.T) {
	h := apply(t, full, http.Header{"Vary": {"Accept"}, "Content-Type": {"text/plain"}})
	core.Strip(h)
	want := http.Header{"Vary": {"Accept", varyPreflight}, "Content-Type": {"text/plain"}}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("got %v, want %v", h, want)
	}
	core.Strip(nil)
}

func ExampleStrip() {
	upstream := http.Header{"Access-Control-Allow-Origin": {"*"}, "Content-Type": {"application/json"}}
	core.Strip(upstream)
	fmt.Println(upstream)
	// Output: map[Content-Type:[application/json]]
}

func TestRefused(t *testing.T) {
	for _, r := range []core.Reason{
		core.ReasonNoPolicy, core.ReasonNoOrigin, core.ReasonSameOrigin, core.ReasonAllowed, 200,
	} {
		if (core.Decision{Reason: r}).Refused() {
			t.Errorf("%v is a refusal, want it not to be one", r)
		}
	}
	for _, r := range []core.Reason{
		core.ReasonOriginMalformed, core.ReasonOriginNotAllowed, core.ReasonLookupFailed, core.ReasonMethodMalformed,
		core.ReasonMethodNotAllowed, core.ReasonHeadersMalformed, core.ReasonHeadersTooLarge, core.ReasonHeaderNotAllowed,
		core.ReasonPathAmbiguous, core.ReasonCrossSiteWrite,
	} {
		if !(core.Decision{Reason: r}).Refused() {
			t.Errorf("%v is not a refusal, want it to be one", r)
		}
	}
}

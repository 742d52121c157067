package problem_test

import (
	"strings"
	"testing"

	"github.com/polycors/cors/core/internal/problem"
)

func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		place  problem.Place
		name   string
		index  int
		parent problem.Place
		ok     bool
	}{
		{problem.At(problem.MaxAge, -1), "MaxAge", -1, problem.Place{}, false},
		{problem.At(problem.AllowOrigins, 3), "AllowOrigins", 3, problem.At(problem.AllowOrigins, -1), true},
		{problem.At(problem.Routes, 2), "Routes", 2, problem.At(problem.Routes, -1), true},
		{problem.At(problem.Path, -1).In(2), "Routes", 2, problem.At(problem.Routes, 2), true},
		{problem.At(problem.MaxAge, -1).In(0), "Routes[0].Config.MaxAge", -1, problem.At(problem.Routes, 0), true},
		{problem.At(problem.AllowOrigins, 3).In(2), "Routes[2].Config.AllowOrigins", 3,
			problem.At(problem.AllowOrigins, -1).In(2), true},
	} {
		if name, index := tt.place.GoName(); name != tt.name || index != tt.index {
			t.Errorf("%+v: GoName: got %q, %d, want %q, %d", tt.place, name, index, tt.name, tt.index)
		}
		if parent, ok := tt.place.Parent(); parent != tt.parent || ok != tt.ok {
			t.Errorf("%+v: Parent: got %+v, %v, want %+v, %v", tt.place, parent, ok, tt.parent, tt.ok)
		}
	}
}

func TestText(t *testing.T) {
	guard := problem.Textf("%v and %v", problem.AllowCredentials, problem.AllowPrivateNetwork)
	for _, tt := range []struct {
		text          problem.Text
		inGo, inUpper string
	}{
		{problem.New("100 % of AllowOrigins", "").Rule, "100 % of AllowOrigins", "100 % of AllowOrigins"},
		{problem.Textf("use %v", problem.MaxAge), "use MaxAge", "use MAXAGE"},
		{problem.Textf("%q with %v is %s", "MaxAge", guard, "MaxAge"),
			`"MaxAge" with AllowCredentials and AllowPrivateNetwork is MaxAge`,
			`"MaxAge" with ALLOWCREDENTIALS and ALLOWPRIVATENETWORK is MaxAge`},
	} {
		if got := tt.text.String(); got != tt.inGo {
			t.Errorf("String: got %q, want %q", got, tt.inGo)
		}
		upper := func(f problem.Field) string { return strings.ToUpper(f.String()) }
		if got := tt.text.Render(upper); got != tt.inUpper {
			t.Errorf("Render: got %q, want %q", got, tt.inUpper)
		}
	}
}

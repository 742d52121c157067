package problem_test

import (
	"strconv"
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
	move := problem.Textf("move it to %v", problem.Debug)
	for _, tt := range []struct {
		text          problem.Text
		inGo, inUpper string
	}{
		{problem.New("100 % of AllowOrigins", "").Rule, "100 % of AllowOrigins", "100 % of AllowOrigins"},
		{problem.Textf("use %v", problem.MaxAge), "use MaxAge", "use MAXAGE"},
		{problem.Textf("%q with %v is %s", "MaxAge", guard, "MaxAge"),
			`"MaxAge" with AllowCredentials and AllowPrivateNetwork is MaxAge`,
			`"MaxAge" with ALLOWCREDENTIALS and ALLOWPRIVATENETWORK is MaxAge`},
		{problem.Textf("see %v", problem.At(problem.Routes, 2)), "see Routes[2]", "see ROUTES 2"},
		{problem.Textf("write %v", problem.Literal{Go: "time.Hour", Data: "3600"}), "write time.Hour", "write 3600"},
		{move, "move it to Debug", "move it to Debug"},
		{move.Else(problem.Plain("remove it")), "move it to Debug", "remove it"},
		{problem.Textf("list it, or %v", move).Else(problem.Textf("list it in %v", problem.MaxAge)),
			"list it, or move it to Debug", "list it in MAXAGE"},
		{problem.Textf("list it, or %v", move.Else(problem.Plain("remove it"))).Else(problem.Plain("no")),
			"list it, or move it to Debug", "list it, or remove it"},
		{move.Else(move.Else(problem.Plain("remove it"))), "move it to Debug", "remove it"},
		{problem.WriteExprs("a", `b\.c`, "`d`"), "write `a`, `b\\.c` and \"`d`\"", "write |a|, |b\\.c| and |`d`|"},
		{problem.Textf("%v %v", problem.PathExpr("/a"), problem.PathExpr(`/\w`)), `"/a" ` + "`/\\w`", `|/a| |/\w|`},
	} {
		if got := tt.text.String(); got != tt.inGo {
			t.Errorf("String: got %q, want %q", got, tt.inGo)
		}
		upper := func(p problem.Place) string { // of a user who cannot set Debug
			switch {
			case p.Field == problem.Debug:
				return ""
			case p.Index >= 0:
				return strings.ToUpper(p.Field.String()) + " " + strconv.Itoa(p.Index)
			}
			return strings.ToUpper(p.Field.String())
		}
		inBars := func(expr string) string { return "|" + expr + "|" }
		if got := tt.text.Render(upper, inBars); got != tt.inUpper {
			t.Errorf("Render: got %q, want %q", got, tt.inUpper)
		}
	}
}

package docs

import (
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestNotations: the table of docs/guides/paths.md says what New says.
func TestNotations(t *testing.T) {
	const head = "| your router | its notation | Polycors |\n|---|---|---|\n"
	_, table, _ := strings.Cut(read(t, "docs/guides/paths.md"), head)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := 0
	for line := range strings.Lines(table) {
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 {
			t.Fatalf("%q has %d cells, want 3", line, len(cells))
		}
		written := strings.TrimSpace(cells[2])
		expr, isExpr := strings.CutSuffix(written, " in `PathRegex`")
		want := "write " + strings.ReplaceAll(written, "`", `"`)
		switch {
		case isExpr && strings.Contains(expr, `\`):
			want = "write " + expr + " in PathRegex"
		case isExpr:
			want = "write " + strings.ReplaceAll(expr, "`", `"`) + " in PathRegex"
		}
		_, err := core.New(core.Config{Routes: []core.Route{{Path: strings.Trim(cells[1], "`"), Disable: true}}})
		got := ""
		for e := range core.Problems(err) {
			got = e.Fix
		}
		if got != want {
			t.Errorf("%s: got the fix  %s\nwant %s", cells[1], got, want)
		}
	}
	if rows < 20 {
		t.Errorf("got %d rows, which are too few to be all", rows)
	}
}

package diagnose_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

// TestLargest reads texts of almost 64 KiB, which once took much time or returned thousands of
// problems. ReadPolicy returns at most a hundred.
func TestLargest(t *testing.T) {
	const (
		list   = "core.Config{AllowOrigins: []string{\n"
		routes = "core.Config{AllowOrigins: []string{}, Routes: []core.Route{\n"
	)
	for _, tt := range []struct {
		name       string
		start      string
		part       string // repeated; "%d" becomes a number
		end        string
		isRefused  bool
		isShortOne bool // it has fewer than a hundred problems
	}{
		{"names", list, "origin,", "}}", true, false},
		{"names on lines", list, "a,\n", "}}", true, false},
		{"refused origins", list, "\"a\",", "}}", true, false},
		{"refused routes", "core.Config{Routes: []core.Route{\n", `{Path:"x"},`, "}}", true, false},
		{"equal routes", "core.Config{Routes: []core.Route{\n", `{Path:"/"},`, "}}", true, false},
		{"routes", routes, `{Path:"/%d", Disable:true},`, "}}", false, false},
		{"routes with wildcards", routes, `{Path:"/{x}/%d/", Disable:true},`, "}}", false, false},
		{"expressions for routes", routes, `{PathRegex:"/(a|b)*%d", Disable:true},`, "}}", false, false},
		{"unknown fields", "core.Config{", "A%d:1,", "}", true, false},
		{"equal fields", "core.Config{", "A:1,", "}", true, false},
		{"assignments", "cfg := core.Config{AllowOrigins: []string{}}\n", "cfg.AllowMethods=x\n", "", true, false},
		{"changes", "cfg := core.Config{}\n", "cfg.AllowMethods=append(cfg.AllowMethods, \"PUT\")\n", "", true, true},
		{"constants", "", "const a%d = a + a\n", "var _ = core.Config{AllowOrigins: []string{a1}}", true, true},
		{"parentheses", "core.Config{AllowOrigins: ", "(", "", true, true},
		{"unknown keys", `{"a":1`, `,"a%d":1`, "}", true, false},
		{"origins in JSON", `{"allow_origins":["a"`, `,"a"`, "]}", true, false},
		{"variables", "", "CORS_A%d=\n", "", true, false},
		{"other variables", "CORS_ALLOW_ORIGINS=[]\n", "A%d=\n", "", false, false},
		{"one variable", "CORS_ALLOW_ORIGINS=[]\n", "CORS_DEBUG=1\n", "", false, false},
		{"lines without a variable", "A=\n", "?\n", "", true, false},
		{"origins in a variable", "CORS_ALLOW_ORIGINS=a", ",a", "", true, false},
		{"prefixes", "", "A%d_ALLOW_ORIGINS=[]\n", "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString(tt.start)
			for i := 0; b.Len()+len(tt.part)+8+len(tt.end) < 64<<10; i++ {
				b.WriteString(strings.ReplaceAll(tt.part, "%d", fmt.Sprint(i)))
			}
			_, err := diagnose.ReadPolicy(b.String() + tt.end)
			count := 0
			for range core.Problems(err) {
				count++
			}
			if count > 0 != tt.isRefused || count > 100 || tt.isRefused && !tt.isShortOne && count < 100 {
				t.Errorf("got %d problems: %.200s", count, fmt.Sprint(err))
			}
		})
	}
}

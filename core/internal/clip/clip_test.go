package clip_test

import (
	"strings"
	"testing"

	"github.com/polycors/cors/core/internal/clip"
)

func TestClip(t *testing.T) {
	long := strings.Repeat("a", 321)
	cut := strings.Repeat("a", 320)
	for _, tt := range []struct{ text, shown, quoted, unquoted string }{
		{"", "", `""`, ""},
		{"a b", "a b", `"a b"`, "a b"},
		{`say "a"`, `say "a"`, `"say \"a\""`, `say "a"`},
		{"\x1b[0m", `"\x1b[0m"`, `"\x1b[0m"`, `\x1b[0m`},
		{"é", `"\u00e9"`, `"\u00e9"`, `\u00e9`},
		{"\xff", `"\xff"`, `"\xff"`, `\xff`},
		{cut, cut, `"` + cut + `"`, cut},
		{long, `"` + cut + `"…`, `"` + cut + `"…`, cut + "…"},
	} {
		if got := clip.Shown(tt.text); got != tt.shown {
			t.Errorf("Shown(%q): got %s, want %s", tt.text, got, tt.shown)
		}
		if got := clip.Quoted(tt.text); got != tt.quoted {
			t.Errorf("Quoted(%q): got %s, want %s", tt.text, got, tt.quoted)
		}
		if got := clip.Unquoted(tt.text); got != tt.unquoted {
			t.Errorf("Unquoted(%q): got %s, want %s", tt.text, got, tt.unquoted)
		}
	}
	if got := clip.Cut("abc", 2) + clip.Cut("abc", 4); got != "ababc" {
		t.Errorf("Cut: got %q, want ab and abc", got)
	}
}

package route

import "testing"

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":            `a path begins with a slash; write "/"`,
		"api/":        `a path begins with a slash; write "/api/"`,
		"GET /api/":   `a route has no method, since it is for preflights too; write "/api/"`,
		"//":          `a path has no empty segment; write one slash`,
		"/a//b":       `a path has no empty segment; write one slash`,
		"/a/../b":     `a path has no segment ".."; write the path that it leads to`,
		"/a/%2e%2E/b": `a path has no segment "%2e%2E"; write the path that it leads to`,
		"/a/%zz":      `"%zz" is not a percent-encoded segment; write it decoded`,
		"/a%2fb":      `"a%2fb" is not a percent-encoded segment; write it decoded`,
		"/a/{$}/b":    `{$} is allowed at the end only; remove what follows`,
		"/a/{b...}/c": `{b...} is allowed at the end only; remove what follows`,
		"/a/{b}/{b}":  `the wildcard "b" is used twice; give each its own name`,
		"/a/{b":       `"{b" is not a wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/b}":       `"b}" is not a wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/x{b}":     `"x{b}" is not a wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/{}":       `"{}" is not a wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/{1}":      `"{1}" is not a wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/{...}":    `"{...}" is not a wildcard; write a whole segment such as {id} or {rest...}`,
	} {
		if _, err := Parse(text); err == nil || err.String() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestConflicts(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"/a", "/a", true},
		{"/a", "/A", true},
		{"/a/{x}", "/a/{y}", true},
		{"/a/", "/a/{rest...}", true},
		{"/{x}/b", "/a/{y}", true},
		{"/a/", "/{x}/b", true},
		{"/a/{x}/", "/a/b/{y}/c", false},
		{"/a", "/a/", false},
		{"/a/{$}", "/a/", false},
		{"/", "/a", false},
		{"/a/{x}", "/a/b", false},
		{"/a/b", "/a/c", false},
		{"/{x}", "/{x}/{y}", false},
		{"/a/{x}/c", "/a/{x}/{y}", false},
	} {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			tab := table(t, false, pair[0])
			p, err := Parse(pair[1])
			if err != nil {
				t.Fatal(err)
			}
			if conflict, ok := tab.Add(p, 1); ok == tt.want || !ok && conflict != pair[0] {
				t.Errorf("%s, %s: got conflict with %q, want %v", pair[0], pair[1], conflict, tt.want)
			}
		}
	}
}

func TestWidePatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern             string
		matchesAll, anyHead bool
	}{
		{"/", true, true},
		{"/{rest...}", true, true},
		{"/{$}", false, false},
		{"/{a}", false, true},
		{"/{a}/", false, true},
		{"/{a}/{$}", false, true},
		{"/{a}/b", false, true},
		{"/{a}/{rest...}", false, true},
		{"/a", false, false},
		{"/a/", false, false},
		{"/a/{b}", false, false},
		{"/a/{rest...}", false, false},
	} {
		p, err := Parse(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.MatchesAll(); got != tt.matchesAll {
			t.Errorf("%s: MatchesAll is %v, want %v", tt.pattern, got, tt.matchesAll)
		}
		if got := p.HasOpenStart(); got != tt.anyHead {
			t.Errorf("%s: HasOpenStart is %v, want %v", tt.pattern, got, tt.anyHead)
		}
	}
}

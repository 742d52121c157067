package route

import "testing"

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":            `an empty path matches nothing; write a path such as "/status", "/api/" or "/users/{id}"`,
		"api/":        `a path begins with a slash; write "/api/"`,
		"GET /api/":   `a path applies to every method; write "/api/"`,
		"//":          `a path cannot contain "//"; write "/"`,
		"/a//b":       `a path cannot contain "//"; write "/a/b"`,
		"/a/..":       `a path cannot contain the segment ".."; write a path such as "/status", "/api/" or "/users/{id}"`,
		"..":          `a path begins with a slash; write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a/../b":     `a path cannot contain the segment ".."; write "/b"`,
		"/a/%2e%2E/b": `a path cannot contain the segment "%2e%2E"; write "/b"`,
		"/a/%zz":      `"%" must be followed by two hexadecimal digits; write "/a/%25zz"`,
		"/a%2fb":      `a segment cannot contain an encoded slash; write "/a/b"`,
		"/a%252fb":    `the path is percent-encoded twice, and such a path is always ambiguous; write "/a/b"`,
		"/a/{$}/b":    `{$} is allowed only as the last segment; write "/a/b"`,
		"/a/{b...}/c": `{b...} is allowed only as the last segment; write "/a/.+/c" in PathRegex`,
		"/a/{b}/{b}":  `the name of the wildcard {b} is used twice; write "/a/{b}/{b2}"`,
		"/a/{b":       `"{b" has no closing brace; write "/a/{b}"`,
		"/a/b}":       `"b}" has no opening brace; write "/a/{b}"`,
		"/a/x{b}":     `a wildcard such as {b} must be a whole segment; write "/a/x[^/]+" in PathRegex`,
		"/a/{}":       `{}: a wildcard needs a name, as in {id}; write "/a/{any}"`,
		"/a/{1}":      `{1}: the name of a wildcard must begin with a letter; write "/a/{_1}"`,
		"/a/:b":       `":b" is the syntax of another router; write "/a/{b}"`,
		"/a/(b|c)": `"(b|c)" is regular expression syntax, which a path pattern does not ` +
			`support; write "/a/(?:b|c)" in PathRegex`,
		"/a|b":          `"|" is not part of the pattern syntax; write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a/]":          `"]" is not part of the pattern syntax; write "/a/%5D"`,
		"/a/[":          `"[" is not part of the pattern syntax; write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a/<":          `"<" is not part of the pattern syntax; write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a/}":          `"}" has no opening brace; write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a/{b.c":       `"{b.c" has no closing brace; write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a/:b(":        `":b(" has no closing bracket; write a path such as "/status", "/api/" or "/users/{id}"`,
		`/a\b`:          `a path cannot contain a backslash; write "/a/b"`,
		"/a?b":          `the query is not part of a path; write "/a"`,
		"/a#b":          `a path has no fragment, because browsers do not send it; write "/a"`,
		"/a ":           `there is white space before or after the value; write "/a"`,
		"'/a'":          `there are quotes around the value; write "/a"`,
		"/a, /b":        `an entry is one path; write "/a" and "/b"`,
		"//a.example/b": `a path applies to every host; write "/b"`,
		"${BASE}/a": `this contains a variable that was not replaced; ` +
			`write a path such as "/status", "/api/" or "/users/{id}"`,
		"/a$": `"$" at the end belongs in a regular expression, and a literal "$" is written %24; write "/a"`,
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
			conflict := tab.Add(p, 1)
			if (conflict != nil) != tt.want || conflict != nil && conflict.Text != pair[0] {
				t.Errorf("%s, %s: got the conflict %v, want %v", pair[0], pair[1], conflict, tt.want)
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

package route

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// table makes a table whose ids are the indexes of the patterns.
func table(t testing.TB, strict bool, patterns ...string) *Table {
	t.Helper()
	tab := &Table{Strict: strict}
	for id, text := range patterns {
		p, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if conflict, ok := tab.Add(p, id); !ok {
			t.Fatalf("%s conflicts with %s", text, conflict)
		}
	}
	return tab
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":            `a path begins with a slash; write "/"`,
		"api/":        `a path begins with a slash; write "/api/"`,
		"GET /api/":   `a route has no method, since it is for preflights too; write "/api/"`,
		"//":          `a path has no empty segment; write one slash`,
		"/a//b":       `a path has no empty segment; write one slash`,
		"/a/../b":     `a path has no segment ".."; write the path that it leads to`,
		"/a/%2e%2E/b": `a path has no segment "%2e%2E"; write the path that it leads to`,
		"/a/%zz":      `"%zz" is no percent-encoded segment; write it decoded`,
		"/a%2fb":      `"a%2fb" is no percent-encoded segment; write it decoded`,
		"/a/{$}/b":    `{$} stands at the end; remove what follows`,
		"/a/{b...}/c": `{b...} stands at the end; remove what follows`,
		"/a/{b}/{b}":  `the wildcard "b" stands twice; give each its own name`,
		"/a/{b":       `"{b" is no wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/b}":       `"b}" is no wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/x{b}":     `"x{b}" is no wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/{}":       `"{}" is no wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/{1}":      `"{1}" is no wildcard; write a whole segment such as {id} or {rest...}`,
		"/a/{...}":    `"{...}" is no wildcard; write a whole segment such as {id} or {rest...}`,
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
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

func TestMatch(t *testing.T) {
	tab := table(t, false,
		"/api/",            // 0
		"/api/Users/{id}",  // 1
		"/api/users/me",    // 2
		"/files/{rest...}", // 3
		"/vault",           // 4
		"/both",            // 5
		"/both/",           // 6
		"/{$}",             // 7
		"/a%20b/",          // 8
		"/api/{x}/s/deep",  // 9
	)
	tab.AddRegex(regexp.MustCompile(`(?i)\A(?:/v[0-9]+/public)\z`), 10)
	tab.AddRegex(regexp.MustCompile(`(?i)\A(?:/v[0-9]+/.*)\z`), 11)
	// want is the route of the path decoded, as sent, and decoded and resolved.
	for _, tt := range []struct {
		path, raw string
		want      [3]int
	}{
		{"/api/", "", [3]int{0, 0, 0}},
		{"/api", "", [3]int{0, 0, 0}},
		{"/API/x/y", "", [3]int{0, 0, 0}},
		{"/apix", "", [3]int{None, None, None}},
		{"/api/users/7", "", [3]int{1, 1, 1}},
		{"/api/users/7/", "", [3]int{1, 1, 1}},
		{"/api/users/ME", "", [3]int{2, 2, 2}},
		{"/api/users/7/x", "", [3]int{0, 0, 0}},
		{"/api/users", "", [3]int{0, 0, 0}},
		{"/api/things/S/deep/", "", [3]int{9, 9, 9}},
		{"/files/a/b/c", "", [3]int{3, 3, 3}},
		{"/files", "", [3]int{3, 3, 3}},
		{"/vault", "", [3]int{4, 4, 4}},
		{"/vault/", "", [3]int{4, 4, 4}},
		{"/vault/x", "", [3]int{None, None, None}},
		{"/both", "", [3]int{5, 5, 5}},
		{"/both/", "", [3]int{6, 6, 6}},
		{"/both/x", "", [3]int{6, 6, 6}},
		{"/", "", [3]int{7, 7, 7}},
		{"", "", [3]int{7, 7, 7}},
		{"*", "", [3]int{None, None, None}},
		{"/a b/x", "", [3]int{8, 8, 8}},
		{"/v1/public", "", [3]int{10, 10, 10}},
		{"/V1/Public/", "", [3]int{10, 10, 10}},
		{"/v1/private", "", [3]int{11, 11, 11}},
		{"/v1", "", [3]int{11, 11, 11}},

		// Readings that differ.
		{"/api/../x", "/api/..%2fx", [3]int{0, 0, None}},
		{"/api/x", "/%61pi/x", [3]int{0, None, 0}},
		{"//api/x", "", [3]int{None, None, 0}},
		{"/x/../api/y", "", [3]int{None, None, 0}},
		{"/api/./y", "", [3]int{0, 0, 0}},
		{"/api//y", "", [3]int{0, 0, 0}},
		{"/api//users/7", "", [3]int{0, 0, 1}},
		{"/api/users/..", "", [3]int{1, 1, 0}},
		{"/api/users/7/s/deep", "/api/users%2f7/s/deep", [3]int{0, 9, 0}},
		{"/vault;x", "", [3]int{None, None, None}},
		{"/v1/x/../public", "", [3]int{11, 11, 10}},
		{"/../../api/x", "", [3]int{None, None, 0}},
		{"/x/.", "", [3]int{None, None, None}},
	} {
		c := tab.Match(tt.path, tt.raw)
		if got := [3]int{c[0], c[3], c[2]}; got != tt.want {
			t.Errorf("%s (%s): got %v, want %v", tt.path, tt.raw, got, tt.want)
		}
	}
}

// TestMatchReadings has paths of which two readings differ that are not plain.
func TestMatchReadings(t *testing.T) {
	tab := table(t, false, "/admin/", "/public/", "/users/{id}", "/users/{id}/keys")
	for _, tt := range []struct {
		path, raw string
		want      [9]int
	}{
		// A middleware that cleans the path as it was sent makes "/admin/%2e%2e/other" of it, which a router does not decode.
		{"//admin/../other", "//admin/%2e%2e/other", [9]int{None, 0, None, None, 0, 0, None, 0, None}},
		{"//admin/../public/x", "", [9]int{None, 0, 1, None, 0, 1, None, 0, 1}},
		{"/admin/x", "", [9]int{}},
		// net/http.ServeMux splits what was sent, and decodes the segments.
		{"/admin/a/b", "/%61dmin/a%2fb", [9]int{0, 0, 0, None, None, None, 0, 0, 0}},
		{"/users/a/b", "/%75sers/a%2Fb", [9]int{None, None, None, None, None, None, 2, 2, 2}},
		{"/users/a/b", "/users/a%2Fb", [9]int{None, None, None, 2, 2, 2, 2, 2, 2}},
		{"/users/a b", "/%75sers/a%20b", [9]int{2, 2, 2, None, None, None, 2, 2, 2}},
		{"/users//b", "/%75sers/%2fb", [9]int{None, 2, 2, None, None, None, 2, 2, 2}},
		{"/users/\x00/b", "/%75sers/%00%2f%zz", [9]int{None, None, None, None, None, None, 2, 2, 2}},
		// gin, chi and echo let a parameter be empty.
		{"/users//keys", "", [9]int{3, 2, 2, 3, 2, 2, 3, 2, 2}},
	} {
		got := tab.Match(tt.path, tt.raw)
		if [9]int(got[:9]) != tt.want || got[0] != got[9] {
			t.Errorf("%s (%s): got %v, want %v", tt.path, tt.raw, got, tt.want)
		}
	}
}

// TestSlashes: routers that tell a path from the same path with a slash behind it may have another handler for it.
func TestSlashes(t *testing.T) {
	tab := table(t, false, "/users/{id}", "/users/me/", "/api/", "/api/public", "/vault", "/a/{x}", "/a/")
	tab.AddRegex(regexp.MustCompile(`\A(?:/x/[a-z]+/)\z`), 7)
	tab.AddRegex(regexp.MustCompile(`\A(?:/x/.*|/vault/.*)\z`), 8)
	for _, tt := range []struct {
		path     string
		id, asIs int
	}{
		{"/users/me", 1, 0}, {"/users/ME", 1, 0}, {"/users/me/", 1, 1}, {"/users/you", 0, 0}, {"/users/you/", 0, 0},
		{"/api/public", 3, 3}, {"/api/public/", 3, 2}, {"/api/public/x", 2, 2}, {"/vault", 4, 4}, {"/vault/", 4, 8}, {"/a/c", 5, 5}, {"/a/c/", 5, 6},
		{"/x/a/", 7, 7}, {"/x/a", 7, 8}, {"/x/A", 8, 8}, {"/y", None, None},
	} {
		if id, asIs := tab.find(tt.path); id != tt.id || asIs != tt.asIs {
			t.Errorf("%s: got %d and %d, want %d and %d", tt.path, id, asIs, tt.id, tt.asIs)
		}
		if id, ok := tab.Find(tt.path, ""); id != tt.id || ok != (tt.id == tt.asIs) {
			t.Errorf("%s: got %d, %v, want %d, %v", tt.path, id, ok, tt.id, tt.id == tt.asIs)
		}
	}
}

// TestLongPath: an expression is not tried on a path of any length.
func TestLongPath(t *testing.T) {
	tab := table(t, false, "/api/")
	tab.AddRegex(regexp.MustCompile(`\A(?:/x/.*)\z`), 1)
	for path, want := range map[string]bool{
		"/x/" + strings.Repeat("a", maxPath-3): true, "/x/" + strings.Repeat("a", maxPath-2): false,
		"/api/" + strings.Repeat("a", 1<<20): true, "/y/" + strings.Repeat("a", 1<<20): false,
	} {
		if _, ok := tab.Find(path, ""); ok != want {
			t.Errorf("%.5s of %d bytes: got %v, want %v", path, len(path), ok, want)
		}
	}
}

func TestStrict(t *testing.T) {
	tab := table(t, true, "/hook", "/Public/")
	tab.AddRegex(regexp.MustCompile(`\A(?:/x)\z`), 2)
	for path, want := range map[string]int{
		"/hook": 0, "/hook/": None, "/HOOK": None, "/Public/": 1, "/Public": None, "/public/": None, "/Public/x": 1, "/x": 2, "/x/": None,
	} {
		if got, _ := tab.Match(path, "").Agree(); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
}

func TestAllocations(t *testing.T) {
	tab := table(t, false, "/api/", "/api/Users/{id}", "/files/{rest...}")
	tab.AddRegex(regexp.MustCompile(`(?i)\A(?:/v[0-9]+/.*)\z`), 3)
	for _, path := range []string{"/api/USERS/7", "/nope", "/nope/", "/v1/x", "/files/" + strings.Repeat("x/", 5000), "/" + strings.Repeat("x", 900)} {
		// The least of many runs: with the race detector, package regexp loses what it keeps for the next match now and then.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { tab.Match(path, path) }))
		}
		if least != 0 {
			t.Errorf("%.20s: got %v allocations, want 0", path, least)
		}
	}
}

// FuzzMatch holds the tree against a matcher that looks at every pattern.
func FuzzMatch(f *testing.F) {
	f.Add("/api/ /api/{id} /api/{id}/x /{$}", "/api/7/x")
	f.Add("/a /a/ /a/{$} /{x}", "/A/")
	f.Add("/{x}/b /a/c /", "/a/b")
	f.Add("/{x}/{y...} /a/{b}/c", "/a//c")
	f.Add("/a/b/ /a/{x}", "/a/b")
	f.Add("/a/ /b/", "/a//b/")
	f.Add("/a/ /b/", "/a/../b/x")
	f.Add("/a/ /b/", "/a/.b/.")
	f.Add("/ /b/", "/b//")
	f.Fuzz(func(t *testing.T, patterns, path string) {
		if len(patterns) > 200 || !strings.HasPrefix(path, "/") {
			return
		}
		for _, strict := range []bool{false, true} {
			tab := &Table{Strict: strict}
			var kept []*Pattern
			for _, text := range strings.Fields(patterns) {
				p, err := Parse(text)
				if err != nil {
					continue
				}
				if _, ok := tab.Add(p, len(kept)); ok {
					kept = append(kept, p)
				}
			}
			find := func(path string) (id, asIs int) {
				if id, asIs = naive(kept, strict, strict, path), naive(kept, strict, true, path); asIs == None {
					asIs = id
				}
				if gotID, gotAsIs := tab.find(path); gotID != id || gotAsIs != asIs {
					t.Errorf("%q, strict %v, %q: got %d and %d, want %d and %d", patterns, strict, path, gotID, gotAsIs, id, asIs)
				}
				return id, asIs
			}
			// What is spared for plain paths changes nothing.
			var want Candidates
			want[0], want[9] = find(path)
			want[1], want[10] = find(resolve(path, false))
			want[2], want[11] = find(resolve(path, true))
			for i := 3; i < 9; i++ {
				want[i], want[i+9] = want[i%3], want[i%3+9]
			}
			if got := tab.Match(path, ""); got != want {
				t.Errorf("%q, strict %v, %q: got %v, want %v", patterns, strict, path, got, want)
			}
			id, ok := tab.Find(path, "")
			if wantID, agree := want.Agree(); ok != agree || id != wantID {
				t.Errorf("%q, strict %v, %q: got %d, %v, want %d, %v", patterns, strict, path, id, ok, wantID, agree)
			}
		}
	})
}

// naive returns the index of the most specific pattern, found by comparing all that match: segment by segment a literal is more specific
// than a wildcard, which is more specific than no segment.
func naive(patterns []*Pattern, strict, slashes bool, path string) int {
	parts := strings.Split(path[1:], "/")
	slashed := parts[len(parts)-1] == ""
	if slashed {
		parts = parts[:len(parts)-1]
	}
	best, bestRank := None, ""
	for i, p := range patterns {
		if len(p.segments) > len(parts) || len(p.segments) < len(parts) && p.end != subtree {
			continue
		}
		rank, matches := "", true
		for j, s := range p.segments {
			part := parts[j]
			if !strict {
				part = string(appendLower(nil, part))
			}
			switch {
			case s == "" && (part != "" || !strict):
				rank += "1"
			case s != "" && part == string(s):
				rank += "2"
			default:
				matches = false
			}
		}
		if len(p.segments) == len(parts) {
			if slashes && slashed != (p.end != exact) {
				continue
			}
			rank += "0" + endRank(p.end, slashed)
		}
		if matches && (best == None || rank > bestRank) {
			best, bestRank = i, rank
		}
	}
	return best
}

// endRank orders the ends that match a whole path: its own form first, then everything below.
func endRank(e end, slashed bool) string {
	if slashed {
		return map[end]string{slash: "3", subtree: "2", exact: "1"}[e]
	}
	return map[end]string{exact: "3", slash: "2", subtree: "1"}[e]
}

func TestWithoutSlash(t *testing.T) {
	texts := []string{"", "/", "a", "a/", "a//", "b", "b/", "ab", "ab/", "a/b", "a/b/", "A", "A/", "aa/", "a.", "/a", "/a/", "x\n", "x\n/"}
	for _, expression := range []string{
		`a/`, `a`, `a/?`, `a/*`, `(a|b)/`, `(a/|b/)`, `a(/|b)`, `.*`, `.+`, `[a-z]+/?`, `[^a]`, `(?i)a/`, `a/$`, `^a/`, `(a/){1,2}`, `(a/?){2}`, `a/b?`, `()`, `/|a`, `(?s).`,
		`(a*/*)*`, `(?:a|b/)+`, `\Qa/\E`, `[/]`,
	} {
		re := regexp.MustCompile(`\A(?:` + expression + `)\z`)
		var tab Table
		tab.AddRegex(re, 0)
		got := tab.regexes[0].slashless
		for _, text := range texts {
			if want := re.MatchString(text + "/"); (got != nil && got.MatchString(text)) != want {
				t.Errorf("%s, %q: got %v (%v), want %v", expression, text, !want, got, want)
			}
		}
	}
}

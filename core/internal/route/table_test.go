package route

import (
	"fmt"
	"math"
	"math/rand/v2"
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
		if conflict := tab.Add(p, id); conflict != nil {
			t.Fatalf("%s conflicts with %s", text, conflict.Text)
		}
	}
	return tab
}

func TestFind(t *testing.T) {
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
	for path, want := range map[string]int{
		"/api/": 0, "/api": 0, "/API/x/y": 0, "/apix": None,
		"/api/users/7": 1, "/api/users/ME": 2, "/api/users/7/x": 0, "/api/users": 0,
		"/api/things/S/deep": 9, "/files/a/b/c": 3, "/files": 3,
		"/vault": 4, "/vault/": 4, "/vault/x": None, "/vault;x": None, "/both": 5, "/both/": 6, "/both/x": 6,
		"/": 7, "": 7, "*": None, "/a b/x": 8,
		"/v1/public": 10, "/V1/Public": 10, "/v1/private": 11, "/v1": 11,
		"/api/.well-known/x": 0, "/.api/x": None, "/api/...": 0, "/api/%zz": 0, "/api/%": 0,
	} {
		if got, ok := tab.Find(path, ""); got != want || !ok {
			t.Errorf("%q: got %d, %v, want %d", path, got, ok, want)
		}
	}
	for _, path := range []string{
		"//", "//api", "/api//x", "/api/./x", "/api/.", "/api/..", "/api/../x", "/./api", "/api/x//",
		"/api/%41", "/%2e/api", "/api/x%2f",
	} {
		if _, ok := tab.Find(path, ""); ok {
			t.Errorf("%q: got one reading, want several", path)
		}
	}
	if _, ok := tab.Find("/api/x", "/%61pi/x"); ok {
		t.Error("a path that was sent in another way: got one reading, want several")
	}
}

// TestSlashes has paths for which routers that ignore a slash at the end have another handler than
// the others.
func TestSlashes(t *testing.T) {
	tab := table(t, false, "/users/{id}", "/users/me/", "/api/", "/api/public", "/vault", "/a/{x}", "/a/")
	tab.AddRegex(regexp.MustCompile(`\A(?:/x/[a-z]+/)\z`), 7)
	tab.AddRegex(regexp.MustCompile(`\A(?:/x/.*|/vault/.*)\z`), 8)
	for _, tt := range []struct {
		path            string
		lenient, strict int
	}{
		{"/users/me", 1, 0},
		{"/users/ME", 1, 0},
		{"/users/me/", 1, 1},
		{"/users/you", 0, 0},
		{"/users/you/", 0, 0},
		{"/api/public", 3, 3},
		{"/api/public/", 3, 2},
		{"/api/public/x", 2, 2},
		{"/vault", 4, 4},
		{"/vault/", 4, 8},
		{"/a/c", 5, 5},
		{"/a/c/", 5, 6},
		{"/x/a/", 7, 7},
		{"/x/a", 7, 8},
		{"/x/A", 8, 8},
		{"/y", None, None},
	} {
		if lenient, strict := tab.find(tt.path); lenient != tt.lenient || strict != tt.strict {
			t.Errorf("%s: got %d and %d, want %d and %d", tt.path, lenient, strict, tt.lenient, tt.strict)
		}
		if id, ok := tab.Find(tt.path, ""); id != tt.lenient || ok != (tt.lenient == tt.strict) {
			t.Errorf("%s: got %d, %v, want %d, %v", tt.path, id, ok, tt.lenient, tt.lenient == tt.strict)
		}
	}
}

// TestExpressionSlashes: an expression is tried with the path, and with the path with a slash more
// or less, as text.
func TestExpressionSlashes(t *testing.T) {
	texts := []string{
		"", "a", "a/", "a//", "b", "b/", "ab", "ab/", "a/b", "a/b/", "A", "A/", "aa/", "a.", "/a", "/a/",
		"x\n", "x\n/", "ab/cd", "ab/cd/",
	}
	for _, expression := range []string{
		`a/`, `a`, `a/?`, `a/*`, `(a|b)/`, `(a/|b/)`, `a(/|b)`, `.*`, `.+`, `[a-z]+/?`, `[^a]`, `(?i)a/`, `a/$`, `^a/`,
		`(a/){1,2}`, `(a/?){2}`, `a/b?`, `()`, `/|a`, `(?s).`, `(a*/*)*`, `(?:a|b/)+`, `\Qa/\E`, `[/]`,
		`((?-s:.)..$){2}`, `.{1,1000}`, `a\b/`, `a/\B`,
	} {
		re := regexp.MustCompile(`\A(?:/` + expression + `)\z`)
		for _, strict := range []bool{false, true} {
			tab := Table{Strict: strict}
			tab.AddRegex(re, 0)
			for _, text := range texts {
				path := "/" + text
				want, wantStrict := slowExpression(path, strict, None, re)
				if lenient, exact := tab.find(path); lenient != want || exact != wantStrict {
					t.Errorf("%s, strict %v, %q: got %d and %d, want %d and %d",
						expression, strict, path, lenient, exact, want, wantStrict)
				}
			}
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
		"/hook": 0, "/hook/": None, "/HOOK": None, "/x": 2, "/x/": None,
		"/Public/": 1, "/Public": None, "/public/": None, "/Public/x": 1,
	} {
		if got, ok := tab.Find(path, ""); got != want || !ok {
			t.Errorf("%s: got %d, %v, want %d", path, got, ok, want)
		}
	}
}

func TestAllocations(t *testing.T) {
	tab := table(t, false, "/api/", "/api/Users/{id}", "/files/{rest...}")
	tab.AddRegex(regexp.MustCompile(`(?i)\A(?:/v[0-9]+/.*)\z`), 3)
	for _, path := range []string{
		"/api/USERS/7", "/nope", "/nope/", "/v1/x", "/v1", "/.well-known/x",
		"/files/" + strings.Repeat("x/", 5000), "/" + strings.Repeat("x", 900),
	} {
		// The least of many runs: with the race detector, sync.Pool forgets what it has now and
		// then.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() {
				if _, ok := tab.Find(path, path); !ok {
					t.Errorf("%.20s: got several readings, want one", path)
				}
			}))
		}
		if least != 0 {
			t.Errorf("%.20s: got %v allocations, want 0", path, least)
		}
	}
}

// TestSearchComesBack: where literals and wildcards lead on at every segment, a search has to try
// both, and ends.
func TestSearchComesBack(t *testing.T) {
	const depth = 8
	var patterns []string
	for i := range 1 << depth {
		var b strings.Builder
		for bit := range depth {
			if i>>bit&1 == 0 {
				b.WriteString("/x")
			} else {
				fmt.Fprintf(&b, "/{n%d}", bit)
			}
		}
		fmt.Fprintf(&b, "/end%d", i)
		patterns = append(patterns, b.String())
	}
	tab := table(t, false, patterns...)
	prefix := strings.Repeat("/x", depth)
	for i := range patterns {
		if id, ok := tab.Find(fmt.Sprintf("%s/END%d", prefix, i), ""); id != i || !ok {
			t.Errorf("end%d: got %d, %v", i, id, ok)
		}
	}
	for _, path := range []string{prefix, prefix + "/other", strings.Repeat("/x", 100_000)} {
		if id, ok := tab.Find(path, ""); id != None || !ok {
			t.Errorf("%.40s: got %d, %v, want no route", path, id, ok)
		}
	}
}

// TestAddScales: to add a pattern takes a bounded number of steps, however many there are.
func TestAddScales(t *testing.T) {
	for name, pattern := range map[string]func(i int) string{
		"subtrees":        func(i int) string { return fmt.Sprintf("/tenants/%d/", i) },
		"at the root":     func(i int) string { return fmt.Sprintf("/t%d/", i) },
		"wildcard first":  func(i int) string { return fmt.Sprintf("/{a}/t%d", i) },
		"wildcard last":   func(i int) string { return fmt.Sprintf("/t%d/{a}", i) },
		"wildcard within": func(i int) string { return fmt.Sprintf("/t%d/{a}/x", i) },
		"a grid":          func(i int) string { return fmt.Sprintf("/%d/%d/%d", i%20, i/20%20, i/400) },
		"binary": func(i int) string {
			var b strings.Builder
			for bit := range 14 {
				b.WriteString("/" + string("xy"[i>>bit&1]))
			}
			return b.String()
		},
		// Half begin with a wildcard, half with a literal, and none conflict.
		"two kinds": func(i int) string { return fmt.Sprintf([]string{"/{a}/b%[1]d", "/c%[1]d/d%[1]d"}[i%2], i) },
		"three kinds": func(i int) string {
			return fmt.Sprintf([]string{"/{a}/b%[1]d/c%[1]d", "/d%[1]d/{a}/e%[1]d", "/{a}/{b}/f%[1]d"}[i%3], i)
		},
		// All of the second half conflict with all of the first.
		"conflicts":      func(i int) string { return fmt.Sprintf([]string{"/a%d/{b}", "/{a}/b%d"}[i/8192], i) },
		"all the same":   func(int) string { return "/a/{b}/c" },
		"below wildcard": func(i int) string { return fmt.Sprintf([]string{"/{a}/x%d/", "/{a}/x%d/{b}"}[i/8192], i%8192) },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 16 << 10
			var tab Table
			for i := range n {
				p, err := Parse(pattern(i))
				if err != nil {
					t.Fatal(err)
				}
				tab.Add(p, i)
			}
			if perPattern := float64(tab.steps) / n; perPattern > 150 {
				t.Errorf("got %.0f steps a pattern, want at most 150", perPattern)
			}
			t.Logf("%d patterns, %.1f steps each", len(tab.patterns), float64(tab.steps)/n)
		})
	}
}

// TestConflictsAreExact compares Add with a table that compares each pattern with every other.
func TestConflictsAreExact(t *testing.T) {
	parts := []string{"a", "b", "c", "{x}", "{y}"}
	ends := []string{"", "", "/", "/{$}", "/{rest...}"}
	rnd := rand.New(rand.NewPCG(1, 2))
	conflicts := 0
	for range 300 {
		var tab Table
		var kept []*Pattern
		for id := range 60 {
			text := ""
			for range rnd.IntN(5) {
				part := parts[rnd.IntN(len(parts))]
				if part == "c" {
					part = fmt.Sprint("c", rnd.IntN(40))
				}
				text += "/" + part
			}
			text += ends[rnd.IntN(len(ends))]
			p, err := Parse(text)
			if err != nil {
				continue
			}
			want := map[string]bool{}
			for _, q := range kept {
				if compare(p, q).conflicts() {
					want[q.text] = true
				}
			}
			conflict := tab.Add(p, id)
			ok := conflict == nil
			if ok != (len(want) == 0) || !ok && !want[conflict.Text] {
				t.Errorf("%s: got %v, want one of %v", text, conflict, want)
			}
			// Both ways to find a conflict must agree, not just the one that was faster.
			walk := walk{p: p, left: 1 << 30}
			if !ok {
				conflicts++
				if q := walk.visit(&tab.root, 0, equal); q == nil || !want[q.text] {
					t.Errorf("%s: the tree has no conflict, want one of %v", text, want)
				}
				lists, _ := tab.candidates(p)
				found := false
				for _, list := range lists {
					for _, q := range list {
						found = found || compare(p, q).conflicts()
					}
				}
				if !found {
					t.Errorf("%s: the candidates have no conflict, want one of %v", text, want)
				}
				continue
			}
			kept = append(kept, p)
		}
	}
	if conflicts < 1000 {
		t.Errorf("got %d conflicts, want some thousands", conflicts)
	}
}

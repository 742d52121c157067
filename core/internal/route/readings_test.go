package route

import (
	"regexp"
	"strings"
	"testing"
)

// has is a reading in a table of cases: how the path was read, its text, and its route.
type has struct {
	how, path string
	id        int
}

// TestReadings has every reading of some paths.
func TestReadings(t *testing.T) {
	tab := table(t, false, "/admin/", "/public/", "/users/{id}", "/users/{id}/keys")
	for _, tt := range []struct {
		path, raw string
		want      []has
	}{
		{"/admin/x", "", []has{{"percent-decoded", "/admin/x", 0}}},
		{"/admin/x", "/admin/x", []has{{"percent-decoded", "/admin/x", 0}}},
		{"*", "", []has{{"percent-decoded", "*", None}}},
		{"//admin/./x", "", []has{
			{"percent-decoded", "//admin/./x", None},
			{`percent-decoded without "//"`, "/admin/./x", 0},
			{`percent-decoded without "//" and "/./"`, "/admin/x", 0},
		}},
		// Middleware that cleans the path as sent makes /admin/%2e/keys of it, which a router does
		// not decode.
		{"//admin/./keys", "//admin/%2e/keys", []has{
			{"percent-decoded", "//admin/./keys", None},
			{`percent-decoded without "//"`, "/admin/./keys", 0},
			{`percent-decoded without "//" and "/./"`, "/admin/keys", 0},
			{"as sent", "//admin/%2e/keys", None},
			{"as sent without \"//\"", "/admin/%2e/keys", 0},
		}},
		// net/http.ServeMux splits what was sent, and decodes the parts.
		{"/admin/a/b", "/%61dmin/a%2fb", []has{
			{"percent-decoded", "/admin/a/b", 0},
			{"as sent", "/%61dmin/a%2fb", None},
			{"with each segment percent-decoded", "/admin/a%2fb", 0},
		}},
		{"/users/a/b", "/%75sers/a%2Fb", []has{
			{"percent-decoded", "/users/a/b", None},
			{"as sent", "/%75sers/a%2Fb", None},
			{"with each segment percent-decoded", "/users/a%2Fb", 2},
		}},
		{"/users/a/b", "/users/a%2Fb", []has{
			{"percent-decoded", "/users/a/b", None},
			{"as sent", "/users/a%2Fb", 2},
		}},
		{"/users/a b", "/%75sers/a%20b", []has{
			{"percent-decoded", "/users/a b", 2},
			{"as sent", "/%75sers/a%20b", None},
		}},
		{"/users//b", "/%75sers/%2fb", []has{
			{"percent-decoded", "/users//b", None},
			{`percent-decoded without "//"`, "/users/b", 2},
			{"as sent", "/%75sers/%2fb", None},
			{"with each segment percent-decoded", "/users/%2fb", 2},
		}},
		{"/users/\x00/%zzb", "/%75sers/%00%2f%zzb", []has{
			{"percent-decoded", "/users/\x00/%zzb", None},
			{"as sent", "/%75sers/%00%2f%zzb", None},
			{"with each segment percent-decoded", "/users/\x00%2f%zzb", 2},
		}},
		// gin, chi and echo allow an empty parameter.
		{"/users//keys", "", []has{
			{"percent-decoded", "/users//keys", 3},
			{`percent-decoded without "//"`, "/users/keys", 2},
		}},
		// echo's static middleware may decode a parameter that is decoded already.
		{"/%61dmin/x", "", []has{
			{"percent-decoded", "/%61dmin/x", None},
			{"percent-decoded twice", "/admin/x", 0},
		}},
		{"/public/%2561", "", []has{
			{"percent-decoded", "/public/%2561", 1},
			{"percent-decoded twice", "/public/%61", 1},
			{"percent-decoded three times", "/public/a", 1},
		}},
		{"/public/100%", "/public/100%25", []has{
			{"percent-decoded", "/public/100%", 1},
			{"as sent", "/public/100%25", 1},
		}},
		{"/x/.", "", []has{
			{"percent-decoded", "/x/.", None},
			{`percent-decoded without "//" and "/./"`, "/x/", None},
		}},
		{"/public/...", "", []has{{"percent-decoded", "/public/...", 1}}},
	} {
		rs := tab.Read(tt.path, tt.raw)
		var got []has
		for _, r := range rs.All() {
			got = append(got, has{r.How(), r.Path, r.Lenient})
			if r.Strict != r.Lenient {
				t.Errorf("%s (%s), %s: got the strict route %d, want %d", tt.path, tt.raw, r.How(), r.Strict, r.Lenient)
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s (%s):\ngot  %q\nwant %q", tt.path, tt.raw, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s (%s), reading %d: got %q, want %q", tt.path, tt.raw, i, got[i], tt.want[i])
			}
		}
	}
}

func TestDisagreement(t *testing.T) {
	tab := table(t, false, "/admin/", "/public/", "/users/{id}", "/users/me/")
	for _, tt := range []struct {
		path, raw string
		a, b      string // how they are read
		ids       [3]int // the first's lenient and strict routes, and the second's lenient one
		id        int
		ok        bool
	}{
		{"/admin//x", "", "percent-decoded", "percent-decoded", [3]int{}, 0, true},
		{"/x//y", "", "percent-decoded", "percent-decoded", [3]int{None, None, None}, None, true},
		{"/%61dmin/x", "", "percent-decoded", "percent-decoded twice", [3]int{None, None, 0}, None, false},
		{"/public/x", "/%70ublic/x", "percent-decoded", "as sent", [3]int{1, 1, None}, 1, false},
		{"/users/me", "", "percent-decoded", "percent-decoded", [3]int{3, 2, 3}, 3, false},
		{"/users/me", "/users/%6de", "percent-decoded", "as sent", [3]int{3, 2, 2}, 3, false},
		{"/users/ME", "/users/M%45", "percent-decoded", "as sent", [3]int{3, 2, 2}, 3, false},
		{"/users//me/", "", "percent-decoded", `percent-decoded without "//"`, [3]int{None, None, 3}, None, false},
	} {
		rs := tab.Read(tt.path, tt.raw)
		a, b := rs.Disagreement()
		if got := [3]int{a.Lenient, a.Strict, b.Lenient}; a.How() != tt.a || b.How() != tt.b || got != tt.ids {
			t.Errorf("%s (%s): got %s, %s, %v, want %s, %s, %v",
				tt.path, tt.raw, a.How(), b.How(), got, tt.a, tt.b, tt.ids)
		}
		if id, ok := rs.Route(); id != tt.id || ok != tt.ok {
			t.Errorf("%s (%s): got route %d, %v, want %d, %v", tt.path, tt.raw, id, ok, tt.id, tt.ok)
		}
	}
}

// TestUnknown has the paths that are not looked up, because they lead to different places or it
// would cost too much. They have no route, not even "no route".
func TestUnknown(t *testing.T) {
	const (
		long    = "the path matches no route's Path, and is too long to be matched against a PathRegex"
		odd     = "routers could interpret the path in several ways, and it is longer than 2 KiB"
		many    = "routers could interpret the path in many ways, and it is too long to match each against a PathRegex"
		encoded = "the path is still percent-encoded after it was decoded three times"
		dotDot  = `the path has a ".." segment, which routers and handlers resolve in different ways`
	)
	patterns := table(t, false, "/api/")
	both := table(t, false, "/api/")
	both.AddRegex(regexp.MustCompile(`\A(?:/x/.*)\z`), 1)
	fill := func(path string, n int) string { return path + strings.Repeat("a", n-len(path)) }
	for _, tt := range []struct {
		name      string
		tab       *Table
		path, raw string
		want      string
	}{
		{"plain", both, fill("/x/", maxPath), "", ""},
		{"plain, too long", both, fill("/x/", maxPath+1), "", long},
		{"plain, long, without expressions", patterns, fill("/x/", 1<<20), "", ""},
		{"plain, long, under a pattern", both, fill("/api/", 1<<20), "", ""},
		{"two readings", both, fill("/y//", maxPath), "", ""},
		{"two readings, too long", both, fill("/y//", maxPath+1), "", odd},
		{"two readings, too long, under a pattern", both, fill("/api//", maxPath+1), "", odd},
		{"two readings, too long, without expressions", patterns, fill("/y//", maxPath+1), "", odd},
		{"as sent too long", patterns, "/api/a", fill("/api/%61", maxPath+1), odd},
		{"three readings, short", both, fill("/y//./", minBudget/3), "", ""},
		{"three readings", both, fill("/y//./", minBudget/2), "", many},
		{"three readings, under a pattern", both, fill("/api//./", maxPath), "", ""},
		{"three readings, without expressions", patterns, fill("/y//./", maxPath), "", ""},
		{"encoded three times", both, "/api/%2561", "", ""},
		{"encoded four times", both, "/api/%252561", "", encoded},
		{"encoded four times, without expressions", patterns, "/api/%252561", "", encoded},
		{"encoded many times", both, "/api/%" + strings.Repeat("25", 1000), "", encoded},
		{"two dots", patterns, "/x/../y", "", dotDot},
		{"two dots, within a route", patterns, "/api/x/../y", "", dotDot},
		{"two dots first", patterns, "/../api/x", "", dotDot},
		{"two dots last", patterns, "/api/..", "", dotDot},
		{"two dots, and a slash at the end", patterns, "/api/../", "", dotDot},
		{"two dots alone", patterns, "/..", "", dotDot},
		{"two dots and an empty segment", patterns, "/api//../x", "", dotDot},
		{"two dots in a long path", patterns, fill("/api/../", maxPath), "", dotDot},
		{"two dots, encoded", patterns, "/api/../x", "/api/%2e%2e/x", dotDot},
		{"two dots, one encoded", patterns, "/api/../x", "/api/.%2E/x", dotDot},
		{"two dots and an encoded slash", patterns, "/api/../x", "/api/..%2fx", dotDot},
		{"two dots between encoded slashes", patterns, "/api/a/../x", "/api/a%2f..%2fx", dotDot},
		{"two dots, encoded twice", patterns, "/api/%2e%2e/x", "/api/%252e%252e/x", dotDot},
		{"two dots, encoded twice, given decoded", patterns, "/api/%2e%2e/x", "", dotDot},
		{"two dots and a slash, encoded twice", patterns, "/api/..%2fx", "", dotDot},
		{"two dots, encoded three times", patterns, "/api/%252e%252e/x", "", dotDot},
		{"two dots as sent only", patterns, "/api/x", "/api/y/../x", dotDot},
		{"a name that ends in two dots", patterns, "/api/x../y", "", ""},
		{"a name that begins with two dots", patterns, "/api/..x", "", ""},
		{"three dots", patterns, "/api/.../x", "", ""},
		{"two dots and a backslash", patterns, `/api/..\x`, "", dotDot},
		{"two dots between backslashes", patterns, `/api/a\..\x`, "", dotDot},
		{"two dots after a backslash", patterns, `/api/a\..`, "", dotDot},
		{"two dots and a backslash, encoded", patterns, `/api/..\x`, "/api/..%5cx", dotDot},
		{"two dots and a semicolon", patterns, "/api/..;/x", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rs := tt.tab.Read(tt.path, tt.raw)
			if got := rs.Unknown(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if id, ok := rs.Route(); !ok && tt.want == "" || ok && (tt.want != "" || id == Unknown) {
				t.Errorf("got route %d, %v", id, ok)
			}
		})
	}
}

// counter counts what an expression is matched against.
type counter struct {
	re    *regexp.Regexp
	bytes *int
}

func (c counter) MatchString(s string) bool { *c.bytes += len(s); return c.re.MatchString(s) }
func (c counter) Match(b []byte) bool       { *c.bytes += len(b); return c.re.Match(b) }

// hostile are paths with many readings, as sent.
var hostile = map[string]string{
	"escapes, empty and dot segments": "/%61/..//." + strings.Repeat("/a%2fb", 1330),
	"dot segments":                    "/a" + strings.Repeat("/.", 4000),
	"dot-dot segments":                strings.Repeat("/a", 2000) + strings.Repeat("/..", 1300),
	"empty segments":                  strings.Repeat("/", 8000),
	"encoded dots":                    "/" + strings.Repeat("%2e%2e/", 1100),
	"encoded slashes":                 "/a" + strings.Repeat("%2fa", 1990),
	"encoded three times":             "/a//./%2561%2f" + strings.Repeat("/%252561", 990),
	"encoded percents":                "/%61%2f//./" + strings.Repeat("%25", 2600),
	"encoded many times":              "/%" + strings.Repeat("25", 3990),
	"everything":                      "/" + strings.Repeat("%252f%2e//./%2561/../", 380),
	"short":                           "/%61/..//./a%2fb",
	"short, everything":               "/%252f%2e//./%2561/../%2f",
	"a third of a KiB":                "/%61/..//." + strings.Repeat("/a%2fb", 55),
	"a KiB":                           "/%61/..//." + strings.Repeat("/a%2fb", 165),
	"too long":                        "/%61/..//." + strings.Repeat("/a%2fb", 13300),
}

// TestHostilePaths: what a path with many readings costs is at most twice what a plain path of its
// size costs, or what one of minBudget bytes costs. It counts the bytes that expressions are
// matched against, which is where the time goes.
func TestHostilePaths(t *testing.T) {
	matched := 0
	tab := table(t, false, "/api/", "/v/{a}/x/{b}/x/{c}/y")
	for id := range 10 {
		tab.AddRegex(counter{regexp.MustCompile(`(?is)\A(?:.*/v[0-9]+/.*)\z`), &matched}, 2+id)
	}
	cost := func(path, raw string) int {
		matched = 0
		if _, ok := tab.Find(path, raw); !ok {
			tab.Read(path, raw)
		}
		return matched
	}
	for name, raw := range hostile {
		path := decode(raw, false)
		plain := "/" + strings.Repeat("a", min(len(raw), maxPath)-1)
		want := max(2*cost(plain, ""), cost("/"+strings.Repeat("a", minBudget-1), ""))
		if got := cost(path, raw); got > want {
			t.Errorf("%s: got %d bytes matched, want at most %d", name, got, want)
		} else {
			t.Logf("%s: %d bytes of path, %d matched, at most %d", name, len(raw), got, want)
		}
	}
	if plain := cost("/"+strings.Repeat("a", 999), ""); plain != 10*(1000+1001) {
		t.Errorf("a plain path of 1,000 bytes: got %d bytes matched, want 20010", plain)
	}
}

// BenchmarkPaths compares hostile paths with a plain path of the same size.
func BenchmarkPaths(b *testing.B) {
	for _, kind := range []string{"patterns", "expressions"} {
		tab := table(b, false, "/api/", "/v/{a}/x/{b}/x/{c}/y")
		if kind == "expressions" {
			for id := range 10 {
				tab.AddRegex(regexp.MustCompile(`(?is)\A(?:.*:[0-9]+)\z`), 2+id)
			}
		}
		run := func(name, path, raw string) {
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, ok := tab.Find(path, raw); !ok {
						tab.Read(path, raw)
					}
				}
			})
		}
		run("plain, 25 B", "/"+strings.Repeat("a", 24), "")
		run("plain, 2 KiB", "/"+strings.Repeat("a", maxPath-1), "")
		for name, raw := range hostile {
			run(name, decode(raw, false), raw)
		}
	}
}

// TestIsPlain: to look once is the same as to look for segments and for escapes.
func TestIsPlain(t *testing.T) {
	const alphabet = "/.%2fx"
	for n := range 6 * 6 * 6 * 6 * 6 * 6 {
		path := "/"
		for ; n > 0; n /= len(alphabet) {
			path += alphabet[n%len(alphabet):][:1]
		}
		if got, want := isPlain(path), IsClean(path) && !hasEscape(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestIsClean(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/a": true, "/a/": true, "/a/b": true, "/.a": true, "/a.": true, "/a/..b/...": true, "/%2e%2e/%2f": true,
		"": false, "*": false, "a/b": false, "//": false, "//a": false, "/a//b": false, "/a//": false,
		"/.": false, "/./a": false, "/a/./b": false, "/a/.": false, "/..": false, "/../a": false, "/a/../b": false,
		"/a/..": false,
	} {
		if got := IsClean(path); got != want {
			t.Errorf("%q: got %v, want %v", path, got, want)
		}
	}
}

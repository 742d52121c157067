package core_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// bigPathRegexes are expressions near the limits of package regexp. An expression that is derived
// from one of them may not compile.
var bigPathRegexes = []string{
	`/files/.{1,1000}`, `/.{1,512}`, `/[\w/-]{1,1000}`, `/((?-s:.)..){2}$`, `(?:^/static/[a-zA-Z0-9/_.-]{1,500}$).*`,
}

// TestBigPathRegex: an expression that compiles is used as written, and never makes New or Reload
// panic.
func TestBigPathRegex(t *testing.T) {
	for _, expr := range bigPathRegexes {
		t.Run(expr, func(t *testing.T) {
			cfg := origins(app)
			cfg.Routes = []core.Route{{PathRegex: expr, Config: origins(evil)}}
			p := mustNew(t, cfg)
			live := core.NewLive(mustNew(t, origins(app)))
			if err := live.Reload(cfg); err != nil {
				t.Errorf("Reload: %v", err)
			}
			core.Lint(cfg)
			for _, path := range []string{"/files/a", "/files/a/", "/static/a.js", "/other"} {
				want := slowPathRegex(t, expr, path)
				for name, d := range map[string]core.Decider{"Policy": p, "Live": live} {
					if got := d.Decide(t.Context(), at(get("Origin", evil), path)).Allowed(); got != want {
						t.Errorf("%s, %s: got %v, want %v", name, path, got, want)
					}
				}
			}
		})
	}
}

// slowPathRegex reports whether a plain path matches an expression as a whole, with or without a
// trailing slash.
func slowPathRegex(t *testing.T, expr, path string) bool {
	re, err := regexp.Compile(`(?is)\A(?:` + expr + `)\z`)
	if err != nil { // \Q without \E
		re, err = regexp.Compile(`(?is)\A(?:` + expr + `\E)\z`)
	}
	if err != nil {
		t.Fatal(err)
	}
	other := path + "/"
	if strings.HasSuffix(path, "/") {
		other = strings.TrimSuffix(path, "/")
	}
	return re.MatchString(path) || re.MatchString(other)
}

var deadAlternative = regexp.MustCompile(`the alternative ("(?:[^"\\]|\\.)*") matches no path`)

// FuzzPathRegex: for every expression, New either reports a problem, or makes a policy that uses
// the expression as written.
func FuzzPathRegex(f *testing.F) {
	for _, expr := range append(
		bigPathRegexes,
		`/v[0-9]+/.*`, `/a/?`, `/(a|b/)+`, `(/a){2}\b`, `/\Qa/\E`, `/\Q`, `a)|(b`, `(?-i)/A`, `/[^/]`, `(?U)/a*?/`, `\A\z`,
		`(?i:/K)`, `0 /`, `/a|b`, `(/a|b)c`, `(/a|b)+`,
	) {
		for _, path := range []string{"/files/a", "/a", "/a/", "/v1/", "/"} {
			f.Add(expr, path)
		}
	}
	f.Fuzz(func(t *testing.T, expr, path string) {
		if len(expr) > 100 || len(path) > 100 || expr == "" {
			return
		}
		p, err := core.New(core.Config{Routes: []core.Route{{PathRegex: expr, Config: origins(app)}}})
		alone, wrong := regexp.Compile(expr)
		if err != nil {
			whole, bad := regexp.Compile(`(?is)\A(?:` + expr + `)\z`)
			if wrong != nil || bad != nil {
				return
			}
			for _, rule := range []string{
				"is router syntax", "white space before or after", "quotes around", "JavaScript syntax", "one expression",
				"not replaced", "every method", "nginx location",
			} {
				if strings.Contains(err.Error(), rule) {
					return
				}
			}
			if m := deadAlternative.FindStringSubmatch(err.Error()); m != nil {
				part, _ := strconv.Unquote(m[1])
				alone, bad := regexp.Compile(`(?is)\A(?:` + part + `)\z`)
				if bad == nil && !strings.ContainsAny(expr, "(") && strings.HasPrefix(path, "/") && alone.MatchString(path) {
					t.Errorf("%q: New says that %q matches no path, but it matches %q", expr, part, path)
				}
				return
			}
			if !strings.Contains(err.Error(), "this matches no path") {
				t.Errorf("%q: New refuses what compiles as %v and %v: %v", expr, alone, whole, err)
			} else if strings.HasPrefix(path, "/") && !strings.Contains(path, "//") && !strings.Contains(path, "/.") &&
				whole.MatchString(path) {
				t.Errorf("%q: New says that it matches no path, but it matches %q", expr, path)
			}
			return
		}
		d := p.Decide(t.Context(), at(get("Origin", app), path))
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "%") || strings.Contains(path, "//") ||
			strings.Contains(path, "/.") {
			return // it has several readings, or none
		}
		if want := slowPathRegex(t, expr, path); d.Allowed() != want {
			t.Errorf("%q, %q: got %v, want %v", expr, path, d.Reason, want)
		}
	})
}

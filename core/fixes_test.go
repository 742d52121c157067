package core_test

import (
	"context"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// A fix is text for a person, but its words are few, so that a test can do what it says:
//
//	remove it                       the entry is removed
//	write "X"                       X replaces the value
//	write "X" and "Y"               X and Y replace the entry
//	move it to Field                the entry is removed, and the list Field gets it
//	write "X" in Field              the entry is removed, and the list Field gets X
//	remove Field                    Field gets its zero value
//	remove Field and Other          both fields get their zero values
//	write 204                       the number replaces the value
//	write 10 * time.Second          so does the duration
//
// Alternatives are separated by ", or ". An alternative may be in other words if no rule can say
// what the author meant, but then it is not applied.

// applyFix returns cfg after each alternative of the fix of e. ok is false if an alternative is in
// other words.
func applyFix(cfg core.Config, e *core.ConfigError) (fixed []core.Config, ok bool) {
	ok = true
	for _, words := range alternatives(e.Fix) {
		changed, applied := applyAlternative(cfg, e, words)
		if applied {
			fixed = append(fixed, changed)
		}
		ok = ok && applied
	}
	return fixed, ok
}

// alternatives splits a fix at each ", or " that is not within quotes.
func alternatives(fix string) (list []string) {
	start := 0
	for i := 0; i < len(fix); i++ {
		if quoted, err := strconv.QuotedPrefix(fix[i:]); err == nil && fix[i] != '\'' {
			i += len(quoted) - 1
		} else if strings.HasPrefix(fix[i:], ", or ") {
			list = append(list, fix[start:i])
			start = i + len(", or ")
		}
	}
	return append(list, fix[start:])
}

func applyAlternative(cfg core.Config, e *core.ConfigError, words string) (core.Config, bool) {
	cfg = copied(cfg)
	holder, name := fieldOf(&cfg, e.Field)
	if name == "Routes" && e.Index >= 0 { // the path of a route
		return cfg, fixRoute(&cfg, e.Index, e.Value, words)
	}
	if fields, found := strings.CutPrefix(words, "remove "); found && fields != "it" {
		for name := range strings.SplitSeq(fields, " and ") {
			target := holder.FieldByName(name)
			if !target.IsValid() {
				return cfg, false
			}
			target.SetZero()
		}
		return cfg, true
	}
	if target := holder.FieldByName(name); target.CanInt() {
		number, ok := writtenNumber(words)
		target.SetInt(number)
		return cfg, ok
	}
	list, isList := holder.FieldByName(name).Addr().Interface().(*[]string)
	if !isList || e.Index < 0 {
		return cfg, false
	}
	if words == "remove it" {
		*list = slices.Delete(*list, e.Index, e.Index+1)
		return cfg, true
	}
	if field, found := strings.CutPrefix(words, "move it to "); found {
		words = "write " + strconv.Quote((*list)[e.Index]) + " in " + field
	}
	texts, field, found := written(words)
	if !found {
		return cfg, false
	}
	if field == "" || field == name {
		*list = slices.Replace(*list, e.Index, e.Index+1, texts...)
		return cfg, true
	}
	target := holder.FieldByName(field)
	if !target.IsValid() {
		return cfg, false
	}
	*list = slices.Delete(*list, e.Index, e.Index+1)
	other := target.Addr().Interface().(*[]string)
	*other = append(*other, texts...)
	return cfg, true
}

// writtenNumber reads the number of: write 204, or the duration of: write 10 * time.Second.
func writtenNumber(words string) (int64, bool) {
	text, ok := strings.CutPrefix(words, "write ")
	text, unit, isDuration := strings.Cut(text, " * time.")
	n, err := strconv.ParseInt(text, 10, 64)
	if isDuration {
		n *= int64(map[string]time.Duration{"Second": time.Second, "Hour": time.Hour}[unit])
	}
	return n, ok && err == nil
}

// fixRoute replaces the Path or PathRegex of a route, whichever has the value. If the fix has
// several texts, there is a copy of the route for each.
func fixRoute(cfg *core.Config, index int, value, words string) bool {
	r := cfg.Routes[index]
	if field, found := strings.CutPrefix(words, "remove "); found {
		target := reflect.ValueOf(&cfg.Routes[index]).Elem().FieldByName(field)
		if !target.IsValid() {
			return false
		}
		target.SetZero()
		return true
	}
	texts, field, ok := written(words)
	if !ok {
		return false
	}
	inRegex := r.PathRegex == value && r.Path == ""
	if field != "" {
		inRegex = field == "PathRegex"
	}
	var fixed []core.Route
	for _, text := range texts {
		r.Path, r.PathRegex = text, ""
		if inRegex {
			r.Path, r.PathRegex = "", text
		}
		fixed = append(fixed, r)
	}
	cfg.Routes = slices.Replace(cfg.Routes, index, index+1, fixed...)
	return true
}

// written reads the texts X and Y and the field of: write "X" and "Y" in Field.
func written(words string) (texts []string, field string, ok bool) {
	rest, ok := strings.CutPrefix(words, "write ")
	for ok && rest != "" {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return nil, "", false
		}
		text, _ := strconv.Unquote(quoted)
		texts = append(texts, text)
		rest = rest[len(quoted):]
		if field, found := strings.CutPrefix(rest, " in "); found {
			return texts, field, true
		}
		if rest == "" {
			break
		}
		next, found := strings.CutPrefix(rest, " and ")
		if !found {
			next, found = strings.CutPrefix(rest, ", ")
		}
		rest, ok = next, found
	}
	return texts, "", ok
}

var routeConfig = regexp.MustCompile(`^Routes\[(\d+)\]\.Config\.(\w+)$`)

// fieldOf returns the Config that has the field of an error, and the name of the field in it.
func fieldOf(cfg *core.Config, name string) (holder reflect.Value, field string) {
	if m := routeConfig.FindStringSubmatch(name); m != nil {
		i, _ := strconv.Atoi(m[1])
		return reflect.ValueOf(&cfg.Routes[i].Config).Elem(), m[2]
	}
	return reflect.ValueOf(cfg).Elem(), name
}

// copied returns a copy of cfg whose lists can be modified.
func copied(cfg core.Config) core.Config {
	v := reflect.ValueOf(&cfg).Elem()
	for i := range v.NumField() {
		if list, ok := v.Field(i).Addr().Interface().(*[]string); ok {
			*list = slices.Clone(*list)
		}
	}
	cfg.Routes = slices.Clone(cfg.Routes)
	for i := range cfg.Routes {
		cfg.Routes[i].Config = copied(cfg.Routes[i].Config)
	}
	return cfg
}

// fixTest is a Config with one problem. After each alternative of the fix, New accepts the Config.
type fixTest struct {
	cfg     core.Config
	fix     string   // the fix as New gives it
	words   bool     // an alternative is in other words, because no rule can say what the author meant
	allows  []string // origins that are allowed after the fix
	refuses []string // origins that are not
}

func testFixes(t *testing.T, tests []fixTest) {
	t.Helper()
	for _, tt := range tests {
		_, err := core.New(tt.cfg)
		problems := slices.Collect(core.Problems(err))
		if len(problems) != 1 {
			t.Errorf("%+v: got %d problems, want 1: %v", tt.cfg, len(problems), err)
			continue
		}
		e := problems[0]
		t.Run(e.Field+" "+e.Value, func(t *testing.T) {
			if e.Fix != tt.fix {
				t.Errorf("got the fix  %s\nwant %s", e.Fix, tt.fix)
			}
			fixed, ok := applyFix(tt.cfg, e)
			if ok == tt.words || len(fixed) == 0 && !tt.words {
				t.Fatalf("applied %d alternatives of the fix %q, in other words: %v", len(fixed), e.Fix, !ok)
			}
			for _, cfg := range fixed {
				policy, err := core.New(cfg)
				if err != nil {
					t.Errorf("after the fix: %v", err)
					continue
				}
				for _, origin := range tt.allows {
					if !allowsOrigin(policy, origin) {
						t.Errorf("after the fix %s, %q is refused, want it allowed", e.Fix, origin)
					}
				}
				for _, origin := range tt.refuses {
					if allowsOrigin(policy, origin) {
						t.Errorf("after the fix %s, %q is allowed, want it refused", e.Fix, origin)
					}
				}
			}
		})
	}
}

func allowsOrigin(policy *core.Policy, origin string) bool {
	var d core.Decision
	header := core.HeaderMap{"Origin": {origin}}
	r := core.Request{Method: "GET", Host: "api.example", Path: "/", Header: header}
	return core.Ask(context.Background(), policy, &r, &d).Allowed()
}

func TestFixesOfOrigins(t *testing.T) {
	testFixes(t, []fixTest{
		{
			cfg: origins("https://example.com/"), fix: `write "https://example.com"`,
			allows: []string{"https://example.com"},
		},
		{cfg: origins("example.com"), fix: `write "https://example.com"`, allows: []string{"https://example.com"}},
		{cfg: origins(app, ""), fix: `remove it`, allows: []string{app}},
	})
}

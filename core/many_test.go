package core_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// slowUnique returns the list without repetitions. It compares every entry with every other.
func slowUnique(list []string, equal func(a, b string) bool) (unique []string) {
	for _, s := range list {
		if !slices.ContainsFunc(unique, func(u string) bool { return equal(u, s) }) {
			unique = append(unique, s)
		}
	}
	return unique
}

// slowRepeats returns the findings of Lint about repetitions in a list of headers.
func slowRepeats(field string, list []string) (findings []string) {
	for i, s := range list {
		if first := slices.IndexFunc(list, func(other string) bool { return strings.EqualFold(other, s) }); first < i {
			findings = append(findings, fmt.Sprintf("%s[%d]: it is the same as %s[%d]; remove it.", field, i, field,
				first))
		}
	}
	return findings
}

// TestRepeatedNames compares New and Lint with slow references on random lists with many
// repetitions.
func TestRepeatedNames(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func(names ...string) []string {
		list := make([]string, rnd.IntN(12))
		for i := range list {
			list[i] = names[rnd.IntN(len(names))]
		}
		return list
	}
	lower := func(list []string) []string {
		low := make([]string, len(list))
		for i, s := range list {
			low[i] = strings.ToLower(s)
		}
		return low
	}
	exactly := func(a, b string) bool { return a == b }
	repetitions := 0
	for range 2000 {
		methods := random("PUT", "PATCH", "DELETE", "PURGE", "X", "Y")
		headers := random("x-a", "X-A", "x-b", "X-b", "x-c", "authorization", "Authorization")
		exposed := random("x-a", "X-A", "x-b", "X-b", "x-c")
		cfg := core.Config{AllowOrigins: []string{app}, AllowMethods: methods, AllowHeaders: headers,
			ExposeHeaders: exposed}
		p := mustNew(t, cfg)
		preflight := p.Decide(t.Context(), preflight(app, "GET"))
		actual := p.Decide(t.Context(), get("Origin", app))
		if want := strings.Join(slowUnique(methods, exactly), ", "); preflight.AllowMethods != want {
			t.Errorf("methods %q: got %q, want %q", methods, preflight.AllowMethods, want)
		}
		if want := strings.Join(slowUnique(lower(headers), exactly), ", "); preflight.AllowHeaders != want {
			t.Errorf("headers %q: got %q, want %q", headers, preflight.AllowHeaders, want)
		}
		if want := strings.Join(slowUnique(exposed, strings.EqualFold), ", "); actual.ExposeHeaders != want {
			t.Errorf("exposed %q: got %q, want %q", exposed, actual.ExposeHeaders, want)
		}
		var got []string
		for _, f := range core.Lint(cfg) {
			if f.Code == "duplicate-entry" {
				got = append(got, f.Field+": "+f.Message)
			}
		}
		want := slices.Concat(slowRepeats("AllowMethods", methods), slowRepeats("AllowHeaders", headers),
			slowRepeats("ExposeHeaders", exposed))
		if !slices.Equal(got, want) {
			t.Errorf("Lint of %q, %q, %q: got %q, want %q", methods, headers, exposed, got, want)
		}
		repetitions += len(want)
	}
	if repetitions < 1000 {
		t.Errorf("%d repetitions, which is too few to show anything", repetitions)
	}
}

// TestManyEntries: New and Lint are fast for 16,000 entries. Comparing every entry with every other
// took up to a minute.
func TestManyEntries(t *testing.T) {
	many := func(format string) []string {
		list := make([]string, 16000)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return list
	}
	for name, cfg := range map[string]core.Config{
		"methods":   {AllowOrigins: []string{app}, AllowMethods: many("M%d")},
		"headers":   {AllowOrigins: []string{app}, AllowHeaders: many("x-%d")},
		"exposed":   {AllowOrigins: []string{app}, ExposeHeaders: many("x-%d")},
		"wildcards": {AllowOrigins: many("https://*.t%d.example.com")},
		"labels":    {AllowOrigins: many("https://t%d-*.example.com")},
		"any port":  {AllowOrigins: many("https://t%d.example.com:*")},
	} {
		start := time.Now()
		mustNew(t, cfg)
		if found := core.Lint(cfg); len(found) > 0 {
			t.Errorf("%s: got %d findings, want none", name, len(found))
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// TestManyProblems: an error wraps all problems, but the length of its message is limited.
func TestManyProblems(t *testing.T) {
	for _, tt := range []struct {
		problems int
		last     string
	}{
		{1, `cors: AllowOrigins[0]: "x": an origin begins with a scheme; write "https://x"`},
		{100, `cors: AllowOrigins[99]: "x": an origin begins with a scheme; write "https://x"`},
		{101, "cors: … and 1 more"},
		{100_000, "cors: … and 99900 more"},
	} {
		for name, err := range map[string]error{
			"New": newError(core.Config{AllowOrigins: slices.Repeat([]string{"x"}, tt.problems)}),
			"NewCSRFProtection": newProtectionError(core.CSRFConfig{TrustedOrigins: slices.Repeat([]string{"x"},
				tt.problems)}),
		} {
			text := strings.ReplaceAll(err.Error(), "TrustedOrigins", "AllowOrigins")
			lines := strings.Split(text, "\n")
			if want := min(tt.problems, 101); len(lines) != want || lines[len(lines)-1] != tt.last {
				t.Errorf("%s, %d problems: got %d lines and %q, want %d and %q", name, tt.problems, len(lines),
					lines[len(lines)-1], want, tt.last)
			}
			all := err.(interface{ Unwrap() []error }).Unwrap()
			if len(all) != tt.problems {
				t.Errorf("%s, %d problems: got %d in Unwrap", name, tt.problems, len(all))
			}
			var first *core.ConfigError
			if !errors.As(err, &first) || first.Index != 0 {
				t.Errorf("%s, %d problems: errors.As found %v", name, tt.problems, first)
			}
			if last, ok := all[len(all)-1].(*core.ConfigError); !ok || last.Index != tt.problems-1 {
				t.Errorf("%s, %d problems: the last is %v", name, tt.problems, last)
			}
		}
	}
}

func newError(cfg core.Config) error {
	_, err := core.New(cfg)
	return err
}

func newProtectionError(cfg core.CSRFConfig) error {
	_, err := core.NewCSRFProtection(cfg)
	return err
}

package core_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestLintAgreesWithNew: after following a finding that says what to remove, New still accepts the
// Config.
func TestLintAgreesWithNew(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	origins := []string{
		app, "http://a.example", "http://localhost:3000", "https://*.github.io", "https://*.example.com",
		"https://*.amazonaws.com", "http://*.github.io", "capacitor://localhost",
	}
	regexes := []string{
		`https://app\.example\.com`, `https://[a-z]+\.example\.net`, `http://a\.example`, `https?://.*\.example\.org`,
		`https://[a-z]+\.github\.io`, `https://.*example\.com`,
		`http://localhost(:\d+)?`, `chrome-extension://.*`, `https://.*\.example\.com`, `http://.*\.github\.io`,
		`https://app.example\.com`, `http://[a-z]+`, `https://[a-z]*\.example\.com`,
	}
	some := func(list []string) (picked []string) {
		for range rng.IntN(3) {
			picked = append(picked, list[rng.IntN(len(list))])
		}
		return picked
	}
	flag := func() bool { return rng.IntN(2) == 0 }
	followed := map[string]int{}
	for range 3000 {
		cfg := core.Config{
			AllowOrigins: some(origins), AllowOriginRegexes: some(regexes), AllowCredentials: flag(),
			AllowPrivateNetwork: flag(),
		}
		if cfg.AllowCredentials || cfg.AllowPrivateNetwork {
			cfg.DangerouslyAllowOrigins, cfg.DangerouslyAllowOriginRegexes = some(origins), some(regexes)
		}
		if _, err := core.New(cfg); err != nil {
			continue
		}
		for _, f := range core.Lint(cfg) {
			changed, ok := follow(cfg, f)
			if !ok {
				continue
			}
			followed[f.Code]++
			if _, err := core.New(changed); err != nil {
				t.Fatalf("%+v\n%s %s: %s\nand then: %v", cfg, f.Code, f.Field, f.Message, err)
			}
		}
	}
	for _, code := range []string{
		"plain-regex", "duplicate-entry", "covered-entry", "broad-regex", "loose-dot",
		"private-network",
	} {
		if followed[code] == 0 {
			t.Errorf("no finding %s was followed", code)
		}
	}
}

// follow applies a finding, if it says exactly what to change.
func follow(cfg core.Config, f core.Finding) (core.Config, bool) {
	cfg = copied(cfg)
	field, index, _ := strings.Cut(strings.TrimSuffix(f.Field, "]"), "[")
	i := strings.Index("0123456789", index)
	_, write, isWritten := strings.Cut(f.Message, "; write ")
	_, quoted, _ := strings.Cut(f.Message, `"`)
	quoted, _, _ = strings.Cut(quoted, `"`)
	switch {
	case f.Code == "private-network" && !cfg.AllowCredentials && len(cfg.DangerouslyAllowOrigins)+
		len(cfg.DangerouslyAllowOriginRegexes) > 0:
		return cfg, false // those entries have to move to the other lists
	case f.Code == "private-network":
		cfg.AllowPrivateNetwork = false
	case f.Code == "plain-regex":
		cfg.AllowOriginRegexes = slices.Delete(cfg.AllowOriginRegexes, i, i+1)
		cfg.AllowOrigins = append(cfg.AllowOrigins, quoted)
	case (f.Code == "broad-regex" || f.Code == "loose-dot" || f.Code == "insecure-origin") &&
		field == "AllowOriginRegexes" && isWritten && strings.HasPrefix(write, "`"):
		cfg.AllowOriginRegexes[i] = strings.Trim(write, "`.")
	case f.Code == "duplicate-entry" || f.Code == "covered-entry":
		list := reflect.ValueOf(&cfg).Elem().FieldByName(field).Addr().Interface().(*[]string)
		*list = slices.Delete(*list, i, i+1)
	default:
		return cfg, false
	}
	return cfg, true
}

// TestExpressionsTooLong: an expression of more than 4 KiB is refused before it is parsed.
func TestExpressionsTooLong(t *testing.T) {
	long := `https://(` + strings.Repeat(`a|`, 16<<10) + `b)\.example`
	most := `https://(` + strings.Repeat(`a|`, 2038) + `b)\.example`
	const inOrigins = "replace it with your own origins in AllowOrigins"
	for _, tt := range []struct {
		cfg  core.Config
		want string // the fix
	}{
		{core.Config{AllowOriginRegexes: []string{long}}, inOrigins},
		{core.Config{AllowOriginRegexes: []string{long}, AllowCredentials: true}, inOrigins},
		{core.Config{AllowOriginRegexes: []string{strings.Repeat(`(`, 5000)}}, inOrigins},
		{core.Config{AllowOriginRegexes: []string{most + "x"}}, inOrigins},
		{
			core.Config{DangerouslyAllowOriginRegexes: []string{long}, AllowCredentials: true},
			"replace it with your own origins in DangerouslyAllowOrigins",
		},
		{routed(core.Route{PathRegex: "/(" + strings.Repeat("a|", 16<<10) + "b)"}), "use several routes"},
	} {
		_, err := core.New(tt.cfg)
		var problem *core.ConfigError
		if !errors.As(err, &problem) {
			t.Errorf("%.60v: got no error", tt.cfg)
			continue
		}
		want := "an expression must not be longer than 4 KiB; " + tt.want
		if got := problem.Rule + "; " + problem.Fix; got != want {
			t.Errorf("got  %.200s\nwant %s", got, want)
		}
	}
	if len(most) != 4096 {
		t.Errorf("got %d bytes, want 4096", len(most))
	}
	mustNew(t, core.Config{AllowOriginRegexes: []string{most}})
}

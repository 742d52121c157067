package core_test

import (
	"flag"
	"regexp"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/suffixlist"
)

var everySuffix = flag.Bool("full", false, "try every public suffix")

// TestPublicSuffixesWithCredentials: no wildcard and no expression allows every name under a public
// suffix together with credentials. Under a domain, both are accepted.
func TestPublicSuffixesWithCredentials(t *testing.T) {
	tried, accepted := 0, 0
	for i, rule := range suffixlist.Rules(t, "star.") {
		if !*everySuffix && i%40 != 0 {
			continue
		}
		if suffix, _ := publicsuffix.PublicSuffix(rule); suffix != rule {
			continue // an exception or a longer rule makes another suffix of it
		}
		tried++
		quoted := regexp.QuoteMeta(rule)
		for _, cfg := range []core.Config{
			credentialed("https://*." + rule),
			credentialed("https://x-*." + rule),
			{AllowOriginRegexes: []string{`https://.*\.` + quoted}, AllowCredentials: true},
			{AllowOriginRegexes: []string{`https://[a-z0-9-]+\.` + quoted}, AllowCredentials: true},
			{AllowOriginRegexes: []string{`https://acme[a-d]\.` + quoted}, AllowPrivateNetwork: true},
			{AllowOriginRegexes: []string{`https://.*acme\.` + quoted}, AllowCredentials: true},
		} {
			if _, err := core.New(cfg); err == nil {
				accepted++
				t.Errorf("%q and %q are accepted with credentials", cfg.AllowOrigins, cfg.AllowOriginRegexes)
			}
		}
		mustNew(t, core.Config{
			AllowOrigins:       []string{"https://*.our-own-name." + rule},
			AllowOriginRegexes: []string{`https://.*\.our-own-name\.` + quoted},
			AllowCredentials:   true,
		})
	}
	t.Logf("of %d public suffixes, %d are accepted", tried, accepted)
	if tried < 200 {
		t.Errorf("tried %d suffixes, which is too few to show anything", tried)
	}
}

package core_test

import (
	"testing"

	"github.com/polycors/cors/core"
)

const (
	ownOrigins = "replace it with your own origins"
	ownAddress = "replace it with your own addresses"
)

// withCredentials returns a Config with one entry of AllowOrigins and AllowCredentials.
func withCredentials(entry string) core.Config {
	return core.Config{AllowOrigins: []string{entry}, AllowCredentials: true}
}

// TestFixesTrustNobodyElse: a wildcard that is refused may be the name of a website that belongs to
// somebody else. A fix that trusts it is worse than no fix.
func TestFixesTrustNobodyElse(t *testing.T) {
	var tests []fixTest
	for _, entry := range []string{
		"https://my-*.com", "https://*-dev.com", "https://app-*.com", "https://*-app.com", "https://shop*.co.uk",
		"https://pr-*-acme.com", "https://acme*.com", "https://*.acme.co*", "https://acme.co*", "https://acme*",
		"https://*app", "http://*local", "*app",
	} {
		tests = append(tests,
			fixTest{cfg: origins(entry), fix: ownOrigins, words: true},
			fixTest{cfg: withCredentials(entry), fix: ownOrigins, words: true})
	}
	testFixes(t, append(tests, fixTest{
		cfg: withCredentials("https://*example.com"), fix: `write "https://*.example.com" and "https://example.com"`,
		allows:  []string{"https://example.com", "https://a.example.com"},
		refuses: []string{"https://evilexample.com", "https://evil-example.com", "https://evil.com"},
	}))
}

// TestFixesOfLoopback: loopback origins are trusted, so a fix needs no dangerous list.
func TestFixesOfLoopback(t *testing.T) {
	testFixes(t, []fixTest{
		{
			cfg: withCredentials("http://*localhost"), fix: `write "http://localhost" and "http://*.localhost"`,
			allows: []string{"http://localhost", "http://a.localhost"}, refuses: []string{"http://localhost:3000"},
		},
		{
			cfg: withCredentials("*localhost*"), fix: `write "http://localhost:*" and "http://*.localhost:*"`,
			allows:  []string{"http://localhost:3000", "http://a.localhost:3000"},
			refuses: []string{"http://evil.com", "http://evillocalhost"},
		},
		{
			cfg: withCredentials("http://*.localhost*"), fix: `write "http://*.localhost:*"`,
			allows: []string{"http://a.localhost:3000"}, refuses: []string{"http://localhost.evil.com"},
		},
		{
			cfg: withCredentials("localhost*"), fix: `write "http://localhost:*"`,
			allows: []string{"http://localhost:3000"}, refuses: []string{"http://localhost.evil.com"},
		},
		{
			cfg: withCredentials("http://127.0.0.*"), fix: "write `http://127\\.0\\.0\\.\\d+` in AllowOriginRegexes",
			allows: []string{"http://127.0.0.1"}, refuses: []string{"http://127.0.0.1:3000", "http://127.1.0.1"},
		},
		{
			cfg: withCredentials("http://127.*"), fix: "write `http://127\\.\\d+\\.\\d+\\.\\d+` in AllowOriginRegexes",
			allows: []string{"http://127.0.0.1"}, refuses: []string{"http://127.0.0.1:3000", "http://128.0.0.1"},
		},
		{
			cfg:    withCredentials("127.0.0.0/8"),
			fix:    "write `http://127\\.\\d+\\.\\d+\\.\\d+(:\\d+)?` in AllowOriginRegexes",
			allows: []string{"http://127.0.0.1:3000"}, refuses: []string{"http://128.0.0.1"},
		},
		{
			cfg: withCredentials("http://127.0.0.1*"), fix: `write "http://127.0.0.1:*"`,
			allows: []string{"http://127.0.0.1:3000"}, refuses: []string{"http://127.0.0.10"},
		},
		{
			cfg: withCredentials("*127.0.0.1*"), fix: `write "http://127.0.0.1:*"`,
			allows: []string{"http://127.0.0.1:3000"}, refuses: []string{"http://127.0.0.10"},
		},
		{cfg: withCredentials("http://192.168.1.1*"), fix: ownAddress, words: true},
		{cfg: origins("http://192.168.1.1*"), fix: ownAddress, words: true},
	})
}

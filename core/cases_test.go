package core_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// TestConfigCases contains dangerous configurations, which New must refuse, and similar ones, which
// it must accept.
func TestConfigCases(t *testing.T) {
	credentialed := func(origins ...string) core.Config {
		return core.Config{AllowOrigins: origins, AllowCredentials: true, AllowMethods: []string{}, AllowHeaders: []string{}}
	}
	public := func(origins ...string) core.Config {
		return core.Config{AllowOrigins: origins, AllowMethods: []string{}, AllowHeaders: []string{}}
	}
	methods := func(methods ...string) core.Config {
		return core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: methods, AllowHeaders: []string{}}
	}
	headers := func(headers ...string) core.Config {
		return core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{}, AllowHeaders: headers}
	}
	exposed := func(headers ...string) core.Config {
		return core.Config{
			AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{}, AllowHeaders: []string{},
			ExposeHeaders: headers,
		}
	}
	maxAge := func(d time.Duration) core.Config {
		return core.Config{
			AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{},
			MaxAge: d,
		}
	}
	const accepted = ""

	tests := []struct {
		name    string
		cfg     core.Config
		refused string // the field with the only problem, or "" if the Config is accepted
	}{
		// Every website could act as the visitors of the server: CVE-2018-20744 rs/cors,
		// CVE-2018-8014 Tomcat, CVE-2021-39185 http4s, CVE-2023-49803 koa, GHSA-972r-f3fv-whm3
		// RESTEasy, CVE-2024-25124 fiber, CVE-2025-34291 Langflow, CVE-2026-54290 hono.
		{"every origin with credentials", credentialed("*"), "AllowOrigins"},
		{"every origin, among others, with credentials", credentialed("https://app.example.com", "*"), "AllowOrigins"},
		{"null with credentials", credentialed("null"), "AllowOrigins"},
		{"file:// with credentials", credentialed("file://"), "AllowOrigins"},
		{"every origin", public("*"), accepted},
		{"null", public("null"), accepted},

		// Anyone on the network path could change the pages.
		{"http with credentials", credentialed("http://app.example.com"), "AllowOrigins"},
		{"http and a wildcard with credentials", credentialed("http://*.example.com"), "AllowOrigins"},
		{"http and the default port with credentials", credentialed("http://example.com:80"), "AllowOrigins"},
		{"http and loopback with credentials", credentialed("http://localhost:3000"), accepted},
		{"http and an IPv6 loopback, with credentials", credentialed("http://[0:0:0:0:0:0:0:1]"), accepted},

		{"a wildcard over a public suffix with credentials", credentialed("https://*.netlify.app"), "AllowOrigins"},
		{"a wildcard over a top-level domain with credentials", credentialed("https://*.com"), "AllowOrigins"},

		{"no scheme", credentialed("//example.com"), "AllowOrigins"},
		{"a path", credentialed("https://example.com/path"), "AllowOrigins"},
		{"a user name", credentialed("https://user@example.com"), "AllowOrigins"},
		{"port 0", credentialed("https://example.com:0"), "AllowOrigins"},
		{"a port with a leading zero", credentialed("https://example.com:080"), "AllowOrigins"},
		{"a port of letters", credentialed("https://example.com:abc"), "AllowOrigins"},
		{"a wildcard for the scheme", credentialed("*://example.com"), "AllowOrigins"},
		{"a wildcard without a dot", credentialed("https://*example.com"), "AllowOrigins"},
		{"a wildcard inside", credentialed("https://foo.*.example.com"), "AllowOrigins"},
		{"two wildcards", credentialed("https://*.*.example.com"), "AllowOrigins"},
		{"a wildcard at the end, CVE-2019-25211 gin-contrib", credentialed("https://example.com*"), "AllowOrigins"},
		{"a wildcard at the end of one label", credentialed("http://localhost*"), "AllowOrigins"},
		{"a list with commas in one entry", credentialed("https://example.com,https://b.example"), "AllowOrigins"},
		{"a list with blanks in one entry", credentialed("https://example.com https://b.example"), "AllowOrigins"},
		{"a line break", credentialed("https://example.com\r\nX: 1"), "AllowOrigins"},
		{"a NUL", credentialed("https://example.com\x00"), "AllowOrigins"},
		{"an empty label", credentialed("https://example..com"), "AllowOrigins"},
		{"a dot at the end", credentialed("https://example.com."), "AllowOrigins"},
		{"a host of more than 253 characters", credentialed("https://" + strings.Repeat("a.", 127) + "com"), "AllowOrigins"},
		{"an IPv4 address in hexadecimal", credentialed("http://0x7f.0.0.1"), "AllowOrigins"},
		{"an IPv6 zone", credentialed("http://[::1%25eth0]"), "AllowOrigins"},
		{"a file", credentialed("file:///x"), "AllowOrigins"},
		{"an empty entry", public(""), "AllowOrigins"},
		{"an empty entry with credentials", credentialed(""), "AllowOrigins"},
		{"a regular expression as others write it", credentialed(`/https:\/\/example\.com/`), "AllowOrigins"},

		{"an origin", public("https://example.com"), accepted},
		{"an origin with a port", public("https://example.com:8443"), accepted},
		{"an IPv6 address", public("http://[::1]:8080"), accepted},
		{"a name in Punycode", public("https://xn--bcher-kva.example"), accepted},
		{"a name in Unicode", credentialed("https://bücher.example"), accepted},
		{"a label that is a number", public("https://1.example.com"), accepted},
		{"an origin twice", credentialed("https://app.example.com", "https://app.example.com"), accepted},

		{"an empty method", methods(""), "AllowMethods"},
		{"TRACE", methods("TRACE"), "AllowMethods"},
		{"CONNECT", methods("CONNECT"), "AllowMethods"},

		{"a header with a blank", headers("X Foo"), "AllowHeaders"},
		{"a header with a colon", headers("X-Foo:"), "AllowHeaders"},
		{"a response header among request headers", headers("Access-Control-Allow-Origin"), "AllowHeaders"},

		{"a line break in an exposed header", exposed("X-A\r\nSet-Cookie: a=b"), "ExposeHeaders"},
		{"a list in one exposed header", exposed("X-A, X-B"), "ExposeHeaders"},
		{"a header that no page can read", exposed("Set-Cookie2"), "ExposeHeaders"},
		{"a CORS header exposed", exposed("Access-Control-Allow-Origin"), "ExposeHeaders"},

		{"a max-age of years", maxAge(1000000000 * time.Second), "MaxAge"},
		{"a max-age without its unit", maxAge(600), "MaxAge"},
		{"no caching", maxAge(-1), accepted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			policy, err := core.New(tt.cfg)
			if tt.refused == accepted {
				if err != nil || policy == nil {
					t.Fatalf("got %v, want a policy", err)
				}
				return
			}
			var problem *core.ConfigError
			if !errors.As(err, &problem) || policy != nil {
				t.Fatalf("got policy %v and error %v, want no policy and a ConfigError", policy, err)
			}
			if problem.Field != tt.refused {
				t.Errorf("the problem is with %s, want %s", problem.Field, tt.refused)
			}
			if problem.Fix == "" || strings.Count(err.Error(), "\n") > 0 {
				t.Errorf("got %q, want one problem with its fix", err)
			}
		})
	}
}

package core_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

func asksFunc(context.Context, string, core.Request) (bool, error) { return false, nil }

// findings are the codes and fields, as in "any-origin AllowOrigins[0]".
func findings(cfg core.Config) (list []string) {
	for _, f := range core.Lint(cfg) {
		list = append(list, f.Code+" "+f.Field)
	}
	return list
}

// TestLint has each code, with what brings it about and with what nearly does.
func TestLint(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  core.Config
		want []string
	}{
		{"nothing", listed(nil), nil},
		{"nothing, with credentials", credentialed(app, "chrome-extension://abc", "https://[2001:db8::1]:8443"), nil},
		{"nothing to read", core.Config{}, nil},

		{"any origin", origins("*"), []string{"any-origin AllowOrigins[0]"}},
		{"any origin, with credentials", credentialed("*"), []string{"any-origin AllowOrigins[0]"}},
		{"null", origins(app, "null"), []string{"null-origin AllowOrigins[1]"}},
		{"file", origins("file://", app), []string{"file-origin AllowOrigins[0]"}},
		{
			"http", origins("http://example.com", "http://*.example.com:*"),
			[]string{"insecure-origin AllowOrigins[0]", "insecure-origin AllowOrigins[1]"},
		},
		{
			"loopback",
			origins("http://localhost:3000", "https://127.0.0.1", "http://[::1]:*", "http://a.localhost",
				"http://localhost.example.com"),
			[]string{
				"loopback-origin AllowOrigins[0]", "loopback-origin AllowOrigins[1]", "loopback-origin AllowOrigins[2]",
				"loopback-origin AllowOrigins[3]", "insecure-origin AllowOrigins[4]",
			},
		},
		{
			"public suffix",
			origins("https://*.github.io", "https://x-*.netlify.app", "https://*.example.com", "https://me.gitlab.io"),
			[]string{"public-suffix AllowOrigins[0]", "public-suffix AllowOrigins[1]"},
		},
		{"wildcard with credentials", credentialed("https://*.example.com", "https://pr-*.example.org", "http://localhost:*"),
			[]string{
				"credentials-wildcard AllowOrigins[0]", "credentials-wildcard AllowOrigins[1]", "loopback-origin AllowOrigins[2]",
			}},
		{"longer than 4 KiB, which New refuses", core.Config{
			AllowOriginRegexes: []string{"https://www.example.com(" + strings.Repeat("a?", 2500) + ")"},
		}, nil},
		{"twice", origins(app, evil, "HTTPS://App.example.com:443"), []string{"duplicate-entry AllowOrigins[2]"}},

		{"covered by any", origins(app, "*", "null", "https://*.example.com"),
			[]string{
				"covered-entry AllowOrigins[0]", "any-origin AllowOrigins[1]", "covered-entry AllowOrigins[2]",
				"covered-entry AllowOrigins[3]",
			}},
		{
			"covered by subdomains",
			origins("https://a.b.example.com", "https://*.example.com", "https://*.b.example.com", "https://pr-*.example.com",
				"https://pr-*.c.example.com"),
			[]string{
				"covered-entry AllowOrigins[0]", "covered-entry AllowOrigins[2]", "covered-entry AllowOrigins[3]",
				"covered-entry AllowOrigins[4]",
			},
		},
		{
			"not covered by subdomains",
			origins("https://*.example.com", "https://example.com", "https://a.example.com:8443", "https://badexample.com",
				"https://*.badexample.com", "https://*.example.com:8443"),
			[]string{"covered-entry AllowOrigins[2]"},
		},
		{
			"covered by a label",
			origins("https://pr-*.example.com", "https://pr-1.example.com", "https://pr-*-x.example.com",
				"https://pr-1-*.example.com"),
			[]string{"covered-entry AllowOrigins[1]", "covered-entry AllowOrigins[2]", "covered-entry AllowOrigins[3]"},
		},
		{
			"not covered by a label",
			origins("https://pr-*.example.com", "https://pr-.example.org", "https://a.pr-1.example.com",
				"https://pr.example.com", "https://*-pr.example.com"),
			nil,
		},
		{
			"covered by any port",
			origins("https://app.example.com:*", app, "https://app.example.com:8443", "https://*.example.org:*",
				"https://*.example.org:81", "https://a.example.org:9"),
			[]string{
				"covered-entry AllowOrigins[1]", "covered-entry AllowOrigins[2]", "covered-entry AllowOrigins[4]",
				"covered-entry AllowOrigins[5]",
			},
		},
		{
			"not covered by any port",
			origins("https://app.example.com:*", "https://b.example.com:8443", "https://*.example.org",
				"https://a.example.net:*"),
			nil,
		},

		{
			"broad regex",
			core.Config{
				AllowOriginRegexes: []string{`.*`, `https://.+`, `https?://[a-z0-9.]+\.com`, `https://[a-z]+\.example\.com`},
			},
			[]string{
				"broad-regex AllowOriginRegexes[0]", "broad-regex AllowOriginRegexes[1]", "broad-regex AllowOriginRegexes[2]",
			},
		},
		{
			"broad regex with credentials", core.Config{AllowOriginRegexes: []string{`.*`}, AllowCredentials: true},
			[]string{"broad-regex AllowOriginRegexes[0]"},
		},
		{"safe expressions", core.Config{AllowOriginRegexes: []string{
			`(?i)HTTPS://[A-Z]+\.EXAMPLE\.COM`, `^https://[a-z]+\.example\.com$`, `(https|http)://(a|b)\.example\.com(:[0-9]+)?`,
			`http://\[::[0-9]\]`, `https://[^/]+\.example\.com/?`,
		}}, []string{
			"insecure-origin AllowOriginRegexes[2]", "broad-regex AllowOriginRegexes[3]",
		}},
		{
			"loose dot",
			core.Config{
				AllowOriginRegexes: []string{
					`https://(a|b).example\.com`, `https://[a-z]+\.example.com(:[0-9]+)?`, `https://[a-z]+.\.example\.com`,
				},
			},
			[]string{"loose-dot AllowOriginRegexes[0]", "loose-dot AllowOriginRegexes[1]"},
		},
		{
			"plain regex",
			core.Config{
				AllowOriginRegexes: []string{
					`^https://app\.example\.com$`, `https://.*\.example\.com`, `https://[a-z]*\.example\.com`,
					`https://.*\.*\.example\.com`,
				},
			},
			[]string{"plain-regex AllowOriginRegexes[0]", "plain-regex AllowOriginRegexes[1]"},
		},
		{
			"regexes twice, and covered",
			core.Config{
				AllowOrigins:       []string{"*"},
				AllowOriginRegexes: []string{`https://[a-z]+\.example\.com`, `https://[a-z]+\.example\.com`},
			},
			[]string{
				"any-origin AllowOrigins[0]", "covered-entry AllowOriginRegexes[0]", "duplicate-entry AllowOriginRegexes[1]",
			},
		},
		{
			"func with credentials",
			core.Config{AllowOrigins: []string{app}, AllowOriginFunc: asksFunc, AllowCredentials: true},
			[]string{"credentials-func AllowOriginFunc"},
		},
		{"func without credentials", core.Config{AllowOriginFunc: asksFunc}, nil},

		{
			"methods", with(func(cfg *core.Config) { cfg.AllowMethods = []string{"PUT", "GET", "put", "HEAD", "POST"} }),
			[]string{"duplicate-entry AllowMethods[2]"},
		},
		{
			"any method", with(func(cfg *core.Config) { cfg.AllowMethods = []string{"PUT", "*"} }),
			[]string{"covered-entry AllowMethods[0]"},
		},
		{
			"any header", with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"*"} }),
			[]string{"authorization-not-covered AllowHeaders[0]"},
		},
		{
			"any header and authorization",
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"*", "Authorization", "x-a", "*"} }),
			[]string{"covered-entry AllowHeaders[2]", "duplicate-entry AllowHeaders[3]"},
		},
		{
			"forbidden headers",
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"Content-Type", "Origin", "sec-x", "content-type"} }),
			[]string{"forbidden-header AllowHeaders[1]", "forbidden-header AllowHeaders[2]", "duplicate-entry AllowHeaders[3]"},
		},
		{"safelisted headers", with(func(cfg *core.Config) {
			cfg.AllowHeaders = []string{"Accept", "content-type", "Content-Language", "range"}
		}),
			[]string{"safelisted-header AllowHeaders[0]", "safelisted-header AllowHeaders[2]"}},
		{"the defaults and more", with(func(cfg *core.Config) {
			cfg.AllowHeaders, cfg.AllowCredentials = append(core.DefaultHeaders(), "x-a"), true
		}), nil},
		{
			"exposed",
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"X-Total", "Content-Length", "Link", "x-total"} }),
			[]string{"safelisted-header ExposeHeaders[1]", "duplicate-entry ExposeHeaders[3]"},
		},
		{
			"all exposed", with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"*", "X-Total", "Authorization"} }),
			[]string{"covered-entry ExposeHeaders[1]"},
		},

		{
			"needless credentials",
			core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"authorization"}, AllowCredentials: true},
			[]string{"needless-credentials AllowCredentials"},
		},
		{
			"authorization without credentials",
			core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"authorization"}}, nil,
		},
		{"long max age", with(func(cfg *core.Config) { cfg.MaxAge = 3 * time.Hour }), []string{"long-max-age MaxAge"}},
		{"max age", with(func(cfg *core.Config) { cfg.MaxAge = 2 * time.Hour }), nil},
		{
			"private network", with(func(cfg *core.Config) { cfg.AllowPrivateNetwork = true }),
			[]string{"private-network AllowPrivateNetwork"},
		},
		{
			"continued preflights", with(func(cfg *core.Config) { cfg.ContinuePreflight = true }),
			[]string{"continued-preflight ContinuePreflight"},
		},
		{"debug", with(func(cfg *core.Config) { cfg.Debug = true }), []string{"debug Debug"}},
		{
			"insecure credentials",
			core.Config{
				DangerouslyAllowOrigins: []string{"http://a.example"}, AllowCredentials: true,
			},
			[]string{"insecure-credentials DangerouslyAllowOrigins[0]"},
		},
		{
			"public suffix with credentials",
			core.Config{
				DangerouslyAllowOrigins: []string{"https://*.github.io"}, AllowCredentials: true,
			},
			[]string{"public-suffix-credentials DangerouslyAllowOrigins[0]"},
		},
		{"Capacitor on Android", origins("https://localhost", "https://localhost:8100"), []string{
			"loopback-origin AllowOrigins[1]",
		}},
		{"names that New refuses", core.Config{
			AllowOrigins: []string{app}, AllowMethods: []string{"GTE "}, AllowHeaders: []string{"authorization "},
			ExposeHeaders: []string{"etag ", "etag "},
		}, nil},
		{"dangerously with any app", core.Config{
			DangerouslyAllowOrigins: []string{"chrome-extension://*", "qrc://"}, AllowCredentials: true,
		}, []string{
			"public-suffix-credentials DangerouslyAllowOrigins[0]", "public-suffix-credentials DangerouslyAllowOrigins[1]",
		}},
		{
			"a host that people share, with credentials",
			credentialed("https://s3.amazonaws.com", "https://bucket.s3.amazonaws.com", "https://intranet", "https://10.0.0.1"),
			[]string{"public-suffix AllowOrigins[0]"},
		},
		{"a host that people share", origins("https://s3.amazonaws.com"), nil},
		{"dangerously with expressions", core.Config{
			DangerouslyAllowOriginRegexes: []string{`http://a\.example`, `https://[a-z]+\.github\.io`}, AllowCredentials: true,
		}, []string{
			"insecure-credentials DangerouslyAllowOriginRegexes[0]",
			"public-suffix-credentials DangerouslyAllowOriginRegexes[1]",
		}},
		{"dangerously with private networks", core.Config{
			DangerouslyAllowOrigins: []string{"http://a.example", "https://*.github.io"}, AllowPrivateNetwork: true,
		}, []string{
			"private-network AllowPrivateNetwork", "insecure-credentials DangerouslyAllowOrigins[0]",
			"public-suffix-credentials DangerouslyAllowOrigins[1]",
		}},
		{"routes", guarded, []string{"any-origin Routes[0].Config.AllowOrigins[0]"}},
		{"dead routes", core.Config{AllowOrigins: []string{app}, Routes: []core.Route{
			{PathRegex: `/status`, Disable: true}, {PathRegex: `api/.*`, Disable: true}, {Path: "/status", Disable: true},
			{PathRegex: `/v[0-9]+`, Disable: true}, {PathRegex: `/v[0-9]+`, Disable: true},
		}}, []string{"dead-route Routes[0].PathRegex", "narrow-route Routes[2].Path", "dead-route Routes[4].PathRegex"}},
		{
			"dead after a regex",
			core.Config{
				AllowOrigins: []string{app},
				Routes: []core.Route{
					{PathRegex: `/a$`, Disable: true}, {PathRegex: `^/.*`, Disable: true}, {PathRegex: `/b`, Disable: true},
					{Path: "/c", Disable: true},
				},
			},
			[]string{"shadowed-policy Routes[1]", "dead-route Routes[2].PathRegex"},
		},
		{
			"dead after a pattern",
			core.Config{Routes: []core.Route{{PathRegex: `/a`, Disable: true}, {Path: "/{all...}", Disable: true}}},
			[]string{"dead-route Routes[0].PathRegex"},
		},
		{
			"shadowed",
			core.Config{
				AllowOrigins: []string{app},
				Routes:       []core.Route{{Path: "/", Config: core.Config{AllowOrigins: []string{evil, "null"}}}},
			},
			[]string{"shadowed-policy Routes[0]", "null-origin Routes[0].Config.AllowOrigins[1]"},
		},
		{
			"not shadowed",
			core.Config{
				AllowOrigins: []string{app},
				Routes: []core.Route{
					{Path: "/{$}", Disable: true}, {Path: "/{id}", Disable: true}, {PathRegex: `/v.*`, Disable: true},
				},
			},
			nil,
		},
		{"not inherited", core.Config{
			AllowMethods: []string{}, AllowHeaders: []string{}, ExposeHeaders: []string{"x-a"}, AllowCredentials: true,
			MaxAge: time.Hour, AllowPrivateNetwork: true, PreflightStatus: 200,
			ContinuePreflight: true, ForbidDisallowed: true, Debug: true,
			Routes: []core.Route{{Path: "/a", Config: core.Config{AllowOrigins: []string{app}, Debug: true}}},
		}, []string{
			"not-inherited AllowMethods", "not-inherited AllowHeaders", "not-inherited ExposeHeaders",
			"not-inherited AllowCredentials", "not-inherited MaxAge", "not-inherited AllowPrivateNetwork",
			"not-inherited PreflightStatus", "not-inherited ContinuePreflight", "not-inherited ForbidDisallowed", "debug Debug",
			"debug Routes[0].Config.Debug",
		}},

		{"what New refuses", core.Config{
			AllowOrigins:       []string{"", "https://a/", "\x00", "null", "https://*"},
			AllowOriginRegexes: []string{"", "(", `\Q`, `a)|(?:b`}, AllowMethods: []string{"", "\xff", "\xff"},
			AllowHeaders: []string{"", "", "a b"}, ExposeHeaders: []string{"set-cookie"}, MaxAge: -1, PreflightStatus: 999,
			Routes: []core.Route{
				{}, {Path: "x", PathRegex: "("}, {Path: "/a"}, {Path: "/a"}, {PathRegex: "("},
				{Path: "/b", Config: core.Config{Debug: true, Routes: []core.Route{{Path: "/"}}}},
			},
		}, []string{
			"null-origin AllowOrigins[3]",
			"debug Routes[5].Config.Debug",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := findings(tt.cfg); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestCoveredEntries: of two entries, the second is covered if and only if the first allows all
// samples that the second does.
func TestCoveredEntries(t *testing.T) {
	entries := []string{
		"https://example.com", "https://example.com:*", "https://example.com:8443", "http://example.com",
		"https://*.example.com", "https://*.example.com:*", "https://*.example.com:8443",
		"https://*.a.example.com", "https://x-*.example.com", "https://x-*-y.example.com", "https://*-y.example.com",
		"https://x-y-*.example.com:*", "https://x-*.a.example.com",
		"https://a.example.com", "https://x-1.example.com", "https://x-1-y.example.com:8443", "https://x-1.a.example.com",
		"null", "*",
	}
	samples := []string{"null", "https://other.example"}
	for _, host := range []string{
		"example.com", "a.example.com", "b.a.example.com", "x-1.a.example.com", "x-2.a.example.com", "x-1.example.com",
		"x-1-y.example.com", "1-y.example.com", "x-y-1.example.com", "x-y.example.com", "b.example.com",
	} {
		samples = append(samples, "https://"+host, "https://"+host+":8443", "https://"+host+":9", "http://"+host)
	}
	letIn := func(entry string) (in []string) {
		p := mustNew(t, origins(entry))
		for _, s := range samples {
			if p.Decide(t.Context(), get("Origin", s)).Allowed() {
				in = append(in, s)
			}
		}
		return in
	}
	for _, first := range entries {
		for _, second := range entries {
			if first == second {
				continue
			}
			wide := letIn(first)
			want := !slices.ContainsFunc(letIn(second), func(s string) bool { return !slices.Contains(wide, s) })
			if got := slices.Contains(findings(origins(first, second)), "covered-entry AllowOrigins[1]"); got != want {
				t.Errorf("%s covers %s: got %v, want %v", first, second, got, want)
			}
		}
	}
}

// TestLintMessages has a message of each form: it is what a developer sees.
func TestLintMessages(t *testing.T) {
	got := core.Lint(core.Config{
		AllowOrigins:       []string{"http://localhost:3000", "https://*.example.com", "https://a.example.com"},
		AllowOriginRegexes: []string{`.*`, `https://a\.example\.net`},
		AllowHeaders:       []string{"Origin"},
		Routes:             []core.Route{{PathRegex: `/api/../x`, Disable: true}},
	})
	want := []core.Finding{
		{
			"loopback-origin", "AllowOrigins[0]",
			"any program on the visitor's machine can serve a page there; leave it out in production.",
		},
		{"covered-entry", "AllowOrigins[2]", `AllowOrigins[1], "https://*.example.com", covers it; remove one of them.`},
		{
			"broad-regex", "AllowOriginRegexes[0]",
			`it matches "https://y.xyz", which anyone can register; spell out your domain after an escaped dot, as in ` +
				"`https://[a-z0-9-]+\\.example\\.com`.",
		},
		{
			"plain-regex", "AllowOriginRegexes[1]",
			`it means the same as "https://a.example.net" in AllowOrigins, which is faster and easier to read; list that ` +
				`instead.`,
		},
		{"forbidden-header", "AllowHeaders[0]", "no page can set it, so listing it does nothing; remove it."},
		{
			"dead-route", "Routes[0].PathRegex",
			`a request with a ".." segment in its path is refused before any route is chosen; write the path that the ` +
				`segment leads to.`,
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// TestLintScales: a long list costs no more than a few look-ups per entry, and so does a long
// expression.
func TestLintScales(t *testing.T) {
	list := append(manyOrigins(100_000), "https://*.example.com")
	if got := len(core.Lint(origins(list...))); got != 100_000 {
		t.Errorf("got %d findings, want 100,000", got)
	}
	cfg := core.Config{AllowOriginRegexes: []string{`https://([a-z]{1,100}\.){1,10}example\.com`}}
	if got := findings(cfg); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}

func ExampleLint() {
	for _, f := range core.Lint(core.Config{
		AllowOrigins: []string{"https://*.example.com", "https://app.example.com"},
		AllowHeaders: []string{"Content-Type", "Origin"},
	}) {
		fmt.Println(f.Code, f.Field)
		fmt.Println("\t" + f.Message)
	}
	// Output:
	// covered-entry AllowOrigins[1]
	// 	AllowOrigins[0], "https://*.example.com", covers it; remove one of them.
	// forbidden-header AllowHeaders[1]
	// 	no page can set it, so listing it does nothing; remove it.
}

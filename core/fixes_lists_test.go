package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// TestFixesOfLists has the refusals of AllowOrigins and the Dangerously lists together with other
// fields, and those of MaxAge and PreflightStatus.
func TestFixesOfLists(t *testing.T) {
	const (
		preview     = "https://pr-1--acme.netlify.app"
		otherSite   = "https://evil--acme.netlify.app"
		listOwn     = `replace it with your own origins, or move it to DangerouslyAllowOrigins`
		leaveCreds  = `replace it with your own origins, or remove AllowCredentials`
		toPlain     = `move it to AllowOrigins`
		toPlainExpr = `move it to AllowOriginRegexes`
		removeOr    = `remove it, or remove AllowCredentials`
	)
	local := func(entry string) core.Config {
		return core.Config{AllowOrigins: []string{app, entry}, AllowPrivateNetwork: true}
	}
	testFixes(t, []fixTest{
		// Every website.
		{cfg: credentialed("*"), fix: leaveCreds, words: true, allows: []string{app, evil}},
		{
			cfg: local("*"), fix: `replace it with your own origins, or remove AllowPrivateNetwork`, words: true,
			allows: []string{app, evil},
		},
		{
			cfg: core.Config{AllowOrigins: []string{"*"}, AllowCredentials: true, AllowPrivateNetwork: true},
			fix: `replace it with your own origins, or remove AllowCredentials and AllowPrivateNetwork`, words: true,
			allows: []string{app, evil},
		},
		{cfg: credentialed(app, "null"), fix: removeOr, allows: []string{app}, refuses: []string{evil}},
		{cfg: credentialed("file://"), fix: removeOr, refuses: []string{app}},
		{cfg: local("null"), fix: `remove it, or remove AllowPrivateNetwork`, allows: []string{app}},

		// Some websites of other people.
		{
			cfg: credentialed("http://app.example.com"),
			fix: `write "https://app.example.com", or move it to DangerouslyAllowOrigins`, refuses: []string{evil},
		},
		{
			cfg:     credentialed("http://*.example.com:8080"),
			fix:     `write "https://*.example.com:8080", or move it to DangerouslyAllowOrigins`,
			refuses: []string{"http://example.com:8080", evil},
		},
		{
			cfg: credentialed("http://192.168.1.5"),
			fix: `write "https://192.168.1.5", or move it to DangerouslyAllowOrigins`, refuses: []string{"http://192.168.1.6"},
		},
		{cfg: credentialed("https://*--acme.netlify.app"), fix: listOwn, words: true, allows: []string{preview, otherSite}},
		{cfg: credentialed("http://*.github.io"), fix: listOwn, words: true, allows: []string{"http://a.github.io"}},
		{
			cfg: credentialed("https://*.amazonaws.com"), fix: listOwn, words: true,
			allows: []string{"https://a.amazonaws.com"},
		},
		{cfg: local("https://*.pages.dev"), fix: listOwn, words: true, allows: []string{app, "https://a.pages.dev"}},

		// Entries of the Dangerously lists that need no exemption.
		{cfg: core.Config{DangerouslyAllowOrigins: []string{app}}, fix: toPlain, allows: []string{app}},
		{cfg: core.Config{DangerouslyAllowOrigins: []string{"*"}}, fix: toPlain, allows: []string{app, evil}},
		{
			cfg: core.Config{DangerouslyAllowOrigins: []string{"https://*.github.io"}}, fix: toPlain,
			allows: []string{"https://a.github.io"},
		},
		{
			cfg: core.Config{DangerouslyAllowOrigins: []string{"http://localhost:*"}, AllowCredentials: true}, fix: toPlain,
			allows: []string{"http://localhost:3000"},
		},
		{
			cfg: core.Config{DangerouslyAllowOrigins: []string{"https://*.example.com"}, AllowPrivateNetwork: true},
			fix: toPlain, allows: []string{app}, refuses: []string{evil},
		},
		{
			cfg: core.Config{DangerouslyAllowOriginRegexes: []string{`https://.*example\.com`}}, fix: toPlainExpr,
			allows: []string{"https://evilexample.com"}, refuses: []string{evil},
		},
		{
			cfg: core.Config{DangerouslyAllowOriginRegexes: []string{`https://.*\.example\.com`}, AllowCredentials: true},
			fix: toPlainExpr, allows: []string{app}, refuses: []string{"https://evilexample.com"},
		},
		{
			cfg: core.Config{DangerouslyAllowOrigins: []string{"*"}, AllowCredentials: true},
			fix: `replace it with your own origins`, words: true,
		},
		{
			cfg: core.Config{DangerouslyAllowOrigins: []string{"null"}, AllowCredentials: true}, fix: `remove it`,
			refuses: []string{"null"},
		},

		// In a route.
		{
			cfg: core.Config{AllowOrigins: []string{app}, Routes: []core.Route{
				{Path: "/api/", Config: credentialed("http://a.example")},
			}},
			fix:    `write "https://a.example", or move it to DangerouslyAllowOrigins`,
			allows: []string{app},
		},

		// AllowOriginFunc.
		{
			cfg: core.Config{AllowOrigins: []string{app, "*"}, AllowOriginFunc: noOrigin},
			fix: `remove it, or remove AllowOriginFunc`, allows: []string{app},
		},
		{
			cfg:   core.Config{AllowOriginFunc: noOrigin, AllowPrivateNetwork: true},
			fix:   `write your own origins in AllowOrigins instead, or remove AllowPrivateNetwork`,
			words: true, refuses: []string{app},
		},

		// No origins.
		{
			cfg: core.Config{}, words: true,
			fix: `list the origins, such as "https://app.example.com", or write an empty list to allow nobody`,
		},

		// The other fields.
		{cfg: core.Config{AllowOrigins: []string{app}, MaxAge: 600}, fix: `write 600 * time.Second`},
		{cfg: core.Config{AllowOrigins: []string{app}, MaxAge: 604800}, fix: `write 86400 * time.Second`},
		{
			cfg: core.Config{AllowOrigins: []string{app}, MaxAge: 500 * time.Millisecond},
			fix: `write 1 * time.Second`,
		},
		{cfg: core.Config{AllowOrigins: []string{app}, MaxAge: 25 * time.Hour}, fix: `write 24 * time.Hour`},
		{
			cfg: core.Config{AllowOrigins: []string{app}, PreflightStatus: 302},
			fix: `write 204, or remove PreflightStatus`, allows: []string{app},
		},
	})
}

// TestDangerousListsAreExempt: an entry of a Dangerously list is accepted with credentials, and
// matches like an entry of the other list.
func TestDangerousListsAreExempt(t *testing.T) {
	for _, tt := range []struct {
		origins, regexes []string
		allows, refuses  []string
	}{
		{
			[]string{"https://*--acme.netlify.app", "http://intranet:*"}, nil,
			[]string{app, "https://pr-1--acme.netlify.app", "http://intranet", "http://intranet:8080"},
			[]string{evil, "https://acme.netlify.app", "https://x.netlify.app", "https://intranet", "null"},
		},
		{
			nil, []string{`https://pr-[0-9]+--acme\.netlify\.app`, `chrome-extension://[a-p]{32}`, `https://example\.[a-z]+`},
			[]string{
				app, "https://pr-1--acme.netlify.app", "chrome-extension://" + strings.Repeat("a", 32), "https://example.de",
			},
			[]string{evil, "https://pr-x--acme.netlify.app", "https://a.example.de", "null", "file://"},
		},
	} {
		policy := mustNew(t, core.Config{
			AllowOrigins: []string{app}, AllowCredentials: true,
			DangerouslyAllowOrigins: tt.origins, DangerouslyAllowOriginRegexes: tt.regexes,
		})
		for _, origin := range tt.allows {
			if d := policy.Decide(t.Context(), get("Origin", origin)); d.AllowOrigin != origin || !d.AllowCredentials {
				t.Errorf("%q: got %+v, want it allowed with credentials", origin, d)
			}
		}
		for _, origin := range tt.refuses {
			if allowsOrigin(policy, origin) {
				t.Errorf("%q is allowed, want it refused", origin)
			}
		}
	}
}

// TestNothingExemptsEveryone: no list accepts an entry that matches unrelated websites, together
// with a field that gives them power.
func TestNothingExemptsEveryone(t *testing.T) {
	for _, entry := range []string{"*", "null", "file://"} {
		cannotBeBuilt(t,
			core.Config{DangerouslyAllowOrigins: []string{entry}, AllowCredentials: true},
			core.Config{DangerouslyAllowOrigins: []string{entry}, AllowPrivateNetwork: true})
	}
	for _, expr := range []string{
		`.*`, `https?://.*`, `https://.*`, `http://.+`, `https://[a-z]+\.[a-z]+`, `https://[^.]+\.(com|org|net)`,
		`(?i)HTTPS://.*\.(?:com|net|org)(:\d+)?`, `https://(((abc)?){10}){10}.*`,
		`https?://.*:[0-9]+`, `https://[a-z]+\.[a-z]+\.[a-z]+`, `http://.+\..+\..+:\d+`,
	} {
		cannotBeBuilt(t,
			core.Config{DangerouslyAllowOriginRegexes: []string{expr}, AllowCredentials: true},
			core.Config{DangerouslyAllowOriginRegexes: []string{expr}, AllowPrivateNetwork: true})
	}
}

// TestLintOfDangerousLists: an entry of a Dangerously list counts as an entry of the Config.
func TestLintOfDangerousLists(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  core.Config
		want []core.Finding
	}{
		{
			"harm",
			core.Config{
				AllowCredentials: true, AllowPrivateNetwork: true,
				DangerouslyAllowOrigins: []string{"http://*.github.io", "https://s3-us-w*.amazonaws.com"},
				DangerouslyAllowOriginRegexes: []string{
					`https?://.*acme\.de`, `https://(((abc){10}){10}){10}acme\.de`,
				},
			},
			[]core.Finding{
				{
					Code: "private-network", Field: "AllowPrivateNetwork",
					Message: "browsers have abandoned this in favor of a permission prompt; remove it, unless you support old " +
						"browsers.",
				},
				{
					Code: "insecure-credentials", Field: "DangerouslyAllowOrigins[0]",
					Message: "it is an http origin, so anyone who can tamper with http traffic could act as your " +
						"visitors and reach private networks; list an https origin in AllowOrigins if you can.",
				},
				{
					Code: "public-suffix-credentials", Field: "DangerouslyAllowOrigins[0]",
					Message: "other people's websites could act as your visitors and reach private networks, because " +
						`anyone can register a name under "github.io"; list your own origins in AllowOrigins if you can.`,
				},
				{
					Code: "public-suffix-credentials", Field: "DangerouslyAllowOrigins[1]",
					Message: "other people's websites could act as your visitors and reach private networks, because " +
						`"*" also matches "s3-us-west-1.amazonaws.com", a host that other people share; list your own origins in ` +
						"AllowOrigins if you can.",
				},
				{
					Code: "insecure-credentials", Field: "DangerouslyAllowOriginRegexes[0]",
					Message: `it matches the http origin "http://acme.de", so anyone who can tamper with http traffic could act as ` +
						"your visitors and reach private networks; list an https origin in AllowOrigins if you can.",
				},
				{
					Code: "public-suffix-credentials", Field: "DangerouslyAllowOriginRegexes[0]",
					Message: `it matches "https://xacme.de", which anyone can register, so other people could act as your ` +
						"visitors and reach private networks; list your own origins in AllowOrigins if you can.",
				},
				{
					Code: "public-suffix-credentials", Field: "DangerouslyAllowOriginRegexes[1]",
					Message: "it is too large to check which websites it matches, so other people could act as your " +
						"visitors and reach private networks; list your own origins in AllowOrigins if you can.",
				},
			},
		},
		{
			"twice and covered",
			core.Config{
				AllowOrigins: []string{"https://acme.github.io", app}, AllowCredentials: true,
				DangerouslyAllowOrigins:       []string{"https://*.github.io", "https://*.github.io", "https://a-*.github.io"},
				DangerouslyAllowOriginRegexes: []string{`chrome-extension://.*`, `chrome-extension://.*`},
			},
			[]core.Finding{
				{
					Code: "covered-entry", Field: "AllowOrigins[0]",
					Message: `DangerouslyAllowOrigins[0], "https://*.github.io", covers it; remove one of them.`,
				},
				{
					Code: "public-suffix-credentials", Field: "DangerouslyAllowOrigins[0]",
					Message: "other people's websites could act as your visitors, because anyone can register a " +
						`name under "github.io"; list your own origins in AllowOrigins if you can.`,
				},
				{
					Code: "duplicate-entry", Field: "DangerouslyAllowOrigins[1]",
					Message: "it is the same as DangerouslyAllowOrigins[0]; remove it.",
				},
				{
					Code: "covered-entry", Field: "DangerouslyAllowOrigins[2]",
					Message: `DangerouslyAllowOrigins[0], "https://*.github.io", covers it; remove one of them.`,
				},
				{
					Code: "public-suffix-credentials", Field: "DangerouslyAllowOriginRegexes[0]",
					Message: `it matches "chrome-extension://x" and other apps or extensions, so other people could act ` +
						"as your visitors; list your own origins in AllowOrigins if you can.",
				},
				{
					Code: "duplicate-entry", Field: "DangerouslyAllowOriginRegexes[1]",
					Message: "it is the same as DangerouslyAllowOriginRegexes[0]; remove it.",
				},
			},
		},
		{
			"in a route, under a top level without origins",
			core.Config{Routes: []core.Route{{Path: "/a/", Config: core.Config{
				AllowCredentials: true, DangerouslyAllowOrigins: []string{"http://a.example"},
			}}}},
			[]core.Finding{{
				Code: "insecure-credentials", Field: "Routes[0].Config.DangerouslyAllowOrigins[0]",
				Message: "it is an http origin, so anyone who can tamper with http traffic could act as your " +
					"visitors; list an https origin in AllowOrigins if you can.",
			}},
		},
		{
			"a top level whose only origins are dangerous",
			core.Config{
				AllowCredentials: true, DangerouslyAllowOrigins: []string{"http://a.example"}, AllowMethods: []string{},
				Routes: []core.Route{{Path: "/a/", Disable: true}},
			},
			[]core.Finding{{
				Code: "insecure-credentials", Field: "DangerouslyAllowOrigins[0]",
				Message: "it is an http origin, so anyone who can tamper with http traffic could act as your " +
					"visitors; list an https origin in AllowOrigins if you can.",
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mustNew(t, tt.cfg)
			got := core.Lint(tt.cfg)
			for i := range max(len(got), len(tt.want)) {
				var g, w core.Finding
				if i < len(got) {
					g = got[i]
				}
				if i < len(tt.want) {
					w = tt.want[i]
				}
				if g != w {
					t.Errorf("finding %d: got  %+v\nwant %+v", i, g, w)
				}
			}
		})
	}
}

// TestExplainOfDangerousLists: Explain names the entry of the list that allows an origin, and finds
// the nearest entry in it.
func TestExplainOfDangerousLists(t *testing.T) {
	policy := mustNew(t, core.Config{
		AllowOrigins: []string{app}, AllowOriginRegexes: []string{`https://[a-z]+\.example\.net`}, AllowCredentials: true,
		DangerouslyAllowOrigins:       []string{"http://intranet.example", "https://*--acme.netlify.app"},
		DangerouslyAllowOriginRegexes: []string{`https://pr-[0-9]+--b\.netlify\.app`},
	})
	for _, tt := range []struct{ origin, field, nearest string }{
		{app, "AllowOrigins[0]", ""},
		{"http://intranet.example", "DangerouslyAllowOrigins[0]", ""},
		{"https://x--acme.netlify.app", "DangerouslyAllowOrigins[1]", ""},
		{"https://a.example.net", "AllowOriginRegexes[0]", ""},
		{"https://pr-1--b.netlify.app", "DangerouslyAllowOriginRegexes[0]", ""},
		{"http://intranet.exampel", "AllowOrigins", "http://intranet.example"},
		{"https://intranet.example", "AllowOrigins", "http://intranet.example"},
	} {
		e := policy.Explain(context.Background(), get("Origin", tt.origin))
		if e.Field != tt.field || e.Nearest != tt.nearest {
			t.Errorf("%s: got %q, nearest %q; want %q, nearest %q", tt.origin, e.Field, e.Nearest, tt.field, tt.nearest)
		}
	}
}

// TestTrustedOriginsMentionNoOtherField: the fix of an entry of TrustedOrigins does not recommend a
// field that CSRFConfig does not have.
func TestTrustedOriginsMentionNoOtherField(t *testing.T) {
	for _, entry := range []string{
		`https://.*\.example\.com`, `^https://a\.example$`, "moz-extension://*", "192.168.0.0/24",
	} {
		_, err := core.NewCSRFProtection(core.CSRFConfig{TrustedOrigins: []string{entry}})
		var e *core.ConfigError
		if !errors.As(err, &e) {
			t.Errorf("%s is not refused", entry)
		} else if strings.Contains(e.Fix, "Allow") {
			t.Errorf("%s: got the fix %q, want one without a field of Config", entry, e.Fix)
		}
	}
}

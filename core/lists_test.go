package core_test

import (
	"slices"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// TestNobody: an empty, non-nil AllowOrigins refuses every origin, and does not leave the response
// to the handler, as a Config does that says nothing about origins.
func TestNobody(t *testing.T) {
	nobody := core.Config{AllowOrigins: []string{}, ForbidDisallowed: true}
	public := core.Config{AllowOrigins: []string{"*"}}
	under := func(top core.Config, path string, cfg core.Config) core.Config {
		top.Routes = []core.Route{{Path: path, Config: cfg}}
		return top
	}
	for _, tt := range []struct {
		name   string
		cfg    core.Config
		path   string
		want   core.Reason
		status int
	}{
		{"top level", nobody, "/", core.ReasonOriginNotAllowed, 403},
		{"top level with routes", under(nobody, "/public/", public), "/private", core.ReasonOriginNotAllowed, 403},
		{"route beside that", under(nobody, "/public/", public), "/public/x", core.ReasonAllowed, 0},
		{"route", under(public, "/private/", nobody), "/private/x", core.ReasonOriginNotAllowed, 403},
		{"route alone", under(core.Config{}, "/private/", nobody), "/private/x", core.ReasonOriginNotAllowed, 403},
		{"nil with routes", under(core.Config{}, "/private/", nobody), "/", core.ReasonNoPolicy, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := get("Origin", app)
			r.Path = tt.path
			d := mustNew(t, tt.cfg).Decide(t.Context(), r)
			if d.Reason != tt.want || d.Status != tt.status {
				t.Errorf("got %v %d, want %v %d", d.Reason, d.Status, tt.want, tt.status)
			}
		})
	}
}

// TestLintMessagesOfOrigins has the findings about lists of origins and the fields that apply to
// the whole policy.
func TestLintMessagesOfOrigins(t *testing.T) {
	for _, tt := range []struct {
		cfg  core.Config
		want core.Finding
	}{
		{
			origins("*"),
			core.Finding{
				Code: "any-origin", Field: "AllowOrigins[0]",
				Message: "every website can read the responses; list the origins, unless the responses are public and the " +
					"server is not in a private network.",
			},
		},
		{
			origins("null"),
			core.Finding{
				Code: "null-origin", Field: "AllowOrigins[0]",
				Message: "any website can send this origin from a sandboxed frame; list the origin of the page instead.",
			},
		},
		{
			origins("file://"),
			core.Finding{
				Code: "file-origin", Field: "AllowOrigins[0]",
				Message: "any page that a visitor has saved sends this origin; list the origin of the page instead.",
			},
		},
		{
			origins("http://a.example"),
			core.Finding{
				Code: "insecure-origin", Field: "AllowOrigins[0]",
				Message: "anyone who can tamper with http traffic can read the responses; serve the page over https.",
			},
		},
		{
			origins("https://*.github.io"),
			core.Finding{
				Code: "public-suffix", Field: "AllowOrigins[0]",
				Message: `other people's websites could read the responses, because anyone can register a ` +
					`name under "github.io"; ` +
					"list your own origins.",
			},
		},
		{
			credentialed("https://*.example.com"),
			core.Finding{
				Code: "credentials-wildcard", Field: "AllowOrigins[0]",
				Message: "anyone who takes over one of these hosts, such as an abandoned one, can act as your visitors; " +
					"list only the hosts that need access.",
			},
		},
		{
			origins(app, app),
			core.Finding{
				Code: "duplicate-entry", Field: "AllowOrigins[1]", Message: "it is the same as AllowOrigins[0]; remove it.",
			},
		},
		{
			core.Config{AllowOrigins: []string{app}, AllowOriginFunc: noOrigin, AllowCredentials: true},
			core.Finding{
				Code: "credentials-func", Field: "AllowOriginFunc",
				Message: "it decides which websites may act as your visitors; compare the whole origin, because " +
					"https://evilexample.com ends with example.com, too.",
			},
		},
		{
			core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"authorization"}, AllowCredentials: true},
			core.Finding{
				Code: "needless-credentials", Field: "AllowCredentials",
				Message: "a page that sets Authorization itself needs no credentials; remove it, unless pages also rely on " +
					"cookies.",
			},
		},
		{
			core.Config{AllowOrigins: []string{app}, MaxAge: 3 * time.Hour},
			core.Finding{
				Code: "long-max-age", Field: "MaxAge",
				Message: "Chromium caches a preflight for at most 2 hours, Firefox for 24 hours, and Safari for 10 minutes; " +
					"write 2 * time.Hour.",
			},
		},
		{
			core.Config{AllowOrigins: []string{app}, ContinuePreflight: true},
			core.Finding{
				Code: "continued-preflight", Field: "ContinuePreflight",
				Message: "allowed preflights reach the handler, which must respond to OPTIONS with a status between 200 and 299, " +
					"without authentication; remove it unless the handler does so.",
			},
		},
		{
			core.Config{AllowOrigins: []string{app}, Debug: true},
			core.Finding{
				Code: "debug", Field: "Debug",
				Message: "it shows the whole policy to allowed origins; turn it off in production.",
			},
		},
		{
			core.Config{MaxAge: time.Hour, Routes: []core.Route{{Path: "/a", Config: origins(app)}}},
			core.Finding{
				Code: "not-inherited", Field: "MaxAge",
				Message: "nothing uses it, because the top level allows no origins and routes inherit nothing; set it in " +
					"each route.",
			},
		},
	} {
		if got := core.Lint(tt.cfg); len(got) != 1 || got[0] != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
	// Apps have their own schemes, and their origins are not those of a development server.
	if got := core.Lint(credentialed("capacitor://localhost", "ionic://localhost")); got != nil {
		t.Errorf("got %q, want no findings", got)
	}
}

// TestLintMessagesOfEntries has the findings about entries that repeat others or that do nothing,
// and about expressions.
func TestLintMessagesOfEntries(t *testing.T) {
	found := func(code, field, message string) core.Finding {
		return core.Finding{Code: code, Field: field, Message: message}
	}
	const covered = `"*" covers it; remove one of them.`
	for _, tt := range []struct {
		name string
		cfg  core.Config
		want []core.Finding
	}{
		{
			"methods", core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"PUT", "*", "put"}},
			[]core.Finding{
				found("covered-entry", "AllowMethods[0]", covered),
				found("duplicate-entry", "AllowMethods[2]", "it is the same as AllowMethods[0]; remove it."),
			},
		},
		{
			"every header", core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"*", "x-a", "X-A"}},
			[]core.Finding{
				found("authorization-not-covered", "AllowHeaders[0]",
					`"*" does not cover authorization; list it as well, if pages send it.`),
				found("covered-entry", "AllowHeaders[1]", covered),
				found("duplicate-entry", "AllowHeaders[2]", "it is the same as AllowHeaders[1]; remove it."),
			},
		},
		{
			"headers", core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"Accept", "Origin"}},
			[]core.Finding{
				found("safelisted-header", "AllowHeaders[0]",
					"it needs no permission unless its value is longer than 128 bytes or has unusual bytes; remove it."),
				found("forbidden-header", "AllowHeaders[1]", "no page can set it, so listing it does nothing; remove it."),
			},
		},
		{
			"exposed headers",
			core.Config{AllowOrigins: []string{app}, ExposeHeaders: []string{"Content-Length", "link", "Link"}},
			[]core.Finding{
				found("safelisted-header", "ExposeHeaders[0]", "pages may read it anyway; remove it."),
				found("duplicate-entry", "ExposeHeaders[2]", "it is the same as ExposeHeaders[1]; remove it."),
			},
		},
		{
			"every header exposed", core.Config{AllowOrigins: []string{app}, ExposeHeaders: []string{"*", "x-a"}},
			[]core.Finding{found("covered-entry", "ExposeHeaders[1]", covered)},
		},
		{
			"expressions beside every origin", core.Config{
				AllowOrigins: []string{"*"}, AllowOriginRegexes: []string{`https://[a-z]\.example`, `https://[a-z]\.example`},
			},
			[]core.Finding{
				found("any-origin", "AllowOrigins[0]", "every website can read the responses; list the origins, unless the "+
					"responses are public and the server is not in a private network."),
				found("covered-entry", "AllowOriginRegexes[0]", `"*" in AllowOrigins covers it; remove one of them.`),
				found("duplicate-entry", "AllowOriginRegexes[1]", "it is the same as AllowOriginRegexes[0]; remove it."),
			},
		},
		{
			"expressions", core.Config{AllowOriginRegexes: []string{
				`https://(a|b).example\.com`, `https?://a\.example`, `https://10\.0\.[0-9.]+`, `chrome-extension://.*`,
			}},
			[]core.Finding{
				found("loose-dot", "AllowOriginRegexes[0]",
					"a dot that is not escaped matches any character; write `https://(a|b)\\.example\\.com`."),
				found("insecure-origin", "AllowOriginRegexes[1]", `it matches the http origin "http://a.example", and anyone `+
					"who can tamper with http traffic can change its pages; write `https://a\\.example`."),
				found("broad-regex", "AllowOriginRegexes[2]", `it matches "https://10.0.1.1", which may not be yours; `+
					"spell out your domain after an escaped dot, as in `https://[a-z0-9-]+\\.example\\.com`."),
				found("broad-regex", "AllowOriginRegexes[3]", `it matches "chrome-extension://x" and other apps or `+
					"extensions; list your own apps and extensions in AllowOrigins."),
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := core.Lint(tt.cfg); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

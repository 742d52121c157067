package core_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// exactEntry is an entry that names a single origin, and that origin as a browser sends it.
type exactEntry struct{ entry, sent string }

// randomEntry returns an entry of the grammar that the doc comment of Config.AllowOrigins
// describes. It is built of parts whose normal form is known, so the code under test is not asked.
func randomEntry(rnd *rand.Rand) exactEntry {
	pick := func(all ...exactEntry) exactEntry { return all[rnd.IntN(len(all))] }
	same := func(text string) exactEntry { return exactEntry{text, text} }
	word := func(letters string, n int) string {
		b := make([]byte, 1+rnd.IntN(n))
		for i := range b {
			b[i] = letters[rnd.IntN(len(letters))]
		}
		return string(b)
	}
	scheme := pick(same("https"), same("http"), same("https"), same("http"), exactEntry{"HTTPS", "https"},
		exactEntry{"Http", "http"}, same("capacitor"), same("ionic"), same("app"), same("tauri"), same("chrome-extension"),
		same("moz-extension"), same("safari-web-extension"), same("vscode-webview"), same("wails"), same("https+custom"),
		same("capacitor-electron"), same("ms-browser-extension"), exactEntry{"App", "app"})
	var host exactEntry
	switch rnd.IntN(8) {
	case 0:
		host = pick(same("127.0.0.1"), same("0.0.0.0"), same("255.255.255.255"), same("192.168.1.20"))
	case 1:
		host = pick(same("[::1]"), exactEntry{"[0:0:0:0:0:0:0:1]", "[::1]"}, exactEntry{"[2001:DB8::A]", "[2001:db8::a]"},
			exactEntry{"[::ffff:1.2.3.4]", "[::ffff:102:304]"}, same("[fe80::1]"))
	case 2:
		host = pick(exactEntry{"bücher.example", "xn--bcher-kva.example"}, exactEntry{"a.faß.de", "a.xn--fa-hia.de"},
			exactEntry{"xn--BCHER-kva.example", "xn--bcher-kva.example"}, exactEntry{"日本.example", "xn--wgv71a.example"})
	case 3:
		host = pick(same("localhost"), same("app.localhost"), same("foo-.localhost"), exactEntry{"LocalHost", "localhost"})
	default:
		var labels []string
		for range 1 + rnd.IntN(4) {
			labels = append(labels, word("abcxyz019-", 8))
		}
		// The last label has a letter, so that it is not a number.
		labels = append(labels, word("abcdexyz", 5)+word("wxyz-_", 2))
		name := strings.Join(labels, ".")
		if strings.Contains(name, "xn--") || strings.Contains(name, "__") {
			name = "a.example"
		}
		host = pick(same(name), exactEntry{strings.ToUpper(name), name})
	}
	if scheme.sent != "http" && scheme.sent != "https" && rnd.IntN(6) == 0 {
		host = pick(same("."), same("-"))
	}
	port := pick(same(""), same(""), same(":"+strconv.Itoa(1000+rnd.IntN(60000))), same(":1"), same(":65535"))
	switch {
	case scheme.sent == "http" && rnd.IntN(4) == 0:
		port = exactEntry{":80", ""}
	case scheme.sent == "https" && rnd.IntN(4) == 0:
		port = exactEntry{":443", ""}
	}
	return exactEntry{scheme.entry + "://" + host.entry + port.entry, scheme.sent + "://" + host.sent + port.sent}
}

// TestExactEntries: each entry that names one origin allows that origin, as a browser sends it, and
// Lint and Explain agree.
func TestExactEntries(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		e := randomEntry(rnd)
		cfg := core.Config{AllowOrigins: []string{e.entry}}
		policy, err := core.New(cfg)
		if err != nil {
			t.Fatalf("New refuses %q, which a browser sends as %q: %v", e.entry, e.sent, err)
		}
		header := core.HeaderMap{"Origin": {e.sent}}
		r := core.Request{Method: "GET", Host: "api.example", Path: "/", Header: header}
		if d := policy.Decide(t.Context(), r); d.Reason != core.ReasonAllowed || d.AllowOrigin != e.sent {
			t.Fatalf("%q with %q: got %v, %q", e.entry, e.sent, d.Reason, d.AllowOrigin)
		}
		for _, f := range core.Lint(cfg) {
			if f.Code != "loopback-origin" && f.Code != "insecure-origin" {
				t.Errorf("Lint of %q: got %+v", e.entry, f)
			}
			if !strings.HasPrefix(e.sent, "http:") && !strings.HasPrefix(e.sent, "https:") {
				t.Errorf("Lint of the app %q: got %+v", e.entry, f)
			}
		}
		if rnd.IntN(20) == 0 {
			x := policy.Explain(t.Context(), r)
			if x.Reason != "allowed" || x.Step != "" || x.Field != "AllowOrigins[0]" {
				t.Errorf("Explain of %q with %q: got %+v", e.entry, e.sent, x)
			}
		}
	}
}

// TestUnusualHosts: a browser sends these, so they are not malformed. They are allowed only if they
// are listed, and New lists the ones that somebody can have.
func TestUnusualHosts(t *testing.T) {
	for _, tt := range []struct {
		cfg    core.Config
		origin string
		want   core.Reason
	}{
		{origins("http://*.localhost:*"), "http://foo-.localhost:3000", core.ReasonAllowed},
		{origins("http://foo-.localhost"), "http://foo-.localhost", core.ReasonAllowed},
		{origins("https://-.example.com"), "https://-.example.com", core.ReasonAllowed},
		{origins("http://*.localhost"), "http://app.localhost.", core.ReasonOriginNotAllowed},
		{origins("https://example.com"), "https://example.com.", core.ReasonOriginNotAllowed},
		{origins("https://example.com:*"), "https://example.com.:8443", core.ReasonOriginNotAllowed},
		{origins("https://*.example.com"), "https://a.example.com.", core.ReasonOriginNotAllowed},
		{origins("https://*.example.com"), "https://.example.com", core.ReasonOriginNotAllowed},
		{origins("https://*.example.com"), "https://a..example.com", core.ReasonOriginNotAllowed},
		{origins("https://x-*.example.com"), "https://x-a.example.com.", core.ReasonOriginNotAllowed},
		{core.Config{AllowOriginRegexes: []string{`.*`}}, "https://example.com.", core.ReasonOriginNotAllowed},
		{core.Config{AllowOriginRegexes: []string{`.*`}}, "https://.example.com", core.ReasonOriginNotAllowed},
		{core.Config{AllowOriginRegexes: []string{`.*`}}, "https://a-.example.com", core.ReasonAllowed},
		{origins("app://."), "app://.", core.ReasonAllowed},
		{origins("app://-"), "app://-", core.ReasonAllowed},
		{origins("app://-"), "app://.", core.ReasonOriginNotAllowed},
		{origins("capacitor-electron://-"), "capacitor-electron://-", core.ReasonAllowed},
		{origins("app://*"), "app://.", core.ReasonAllowed},
		{origins("chrome-extension://*"), "chrome-extension://abc", core.ReasonAllowed},
		{origins("chrome-extension://*"), "moz-extension://abc", core.ReasonOriginNotAllowed},
		{origins("chrome-extension://*"), "chrome-extension://abc:1", core.ReasonOriginNotAllowed},
		{origins("chrome-extension://*"), "https://abc", core.ReasonOriginNotAllowed},
		{origins(app), "https://xn--f", core.ReasonOriginNotAllowed},
		{origins(app), "https://1.2.3.4.", core.ReasonOriginMalformed},
		{origins(app), "https://a.1.", core.ReasonOriginMalformed},
		{origins(app), "http://127.1", core.ReasonOriginMalformed},
	} {
		policy, err := core.New(tt.cfg)
		if err != nil {
			t.Errorf("%+v: %v", tt.cfg, err)
			continue
		}
		if d := policy.Decide(t.Context(), get("Origin", tt.origin)); d.Reason != tt.want {
			t.Errorf("%q with %q, %q: got %v, want %v", tt.origin, tt.cfg.AllowOrigins, tt.cfg.AllowOriginRegexes,
				d.Reason, tt.want)
		}
		text := policy.Explain(t.Context(), get("Origin", tt.origin)).String()
		if tt.want != core.ReasonOriginMalformed && strings.Contains(text, "malformed") {
			t.Errorf("Explain of %q: got\n%s", tt.origin, text)
		}
	}
}

// TestListUnusualHosts: what Explain suggests for an origin that cannot be listed is something that
// can be done.
func TestListUnusualHosts(t *testing.T) {
	for _, tt := range []struct{ cfg, origin, want string }{
		{
			"https://example.com", "https://example.com.",
			`open the page at "https://example.com", without the dot at the end of the host`,
		},
		{
			app, "https://other.example.",
			`open the page at "https://other.example", without the dot at the end of the host`,
		},
		{app, "https://a..example", `"https://a..example" cannot be listed: a host must not have two dots in a row`},
		{
			app, "wss://a.example",
			`"wss://a.example" cannot be listed: the scheme of a website is https or http, not "wss"`,
		},
	} {
		policy, err := core.New(origins(tt.cfg))
		if err != nil {
			t.Fatal(err)
		}
		text := policy.Explain(t.Context(), get("Origin", tt.origin)).String()
		if !strings.Contains(text, tt.want) {
			t.Errorf("%q: got\n%s\nwant %s", tt.origin, text, tt.want)
		}
	}
}

func TestLintOfSchemes(t *testing.T) {
	for _, tt := range []struct {
		entry string
		want  []core.Finding
	}{
		{"capacitor://localhost", nil},
		{"ionic://localhost", nil},
		{"app://.", nil},
		{"tauri://localhost", nil},
		{"chrome-extension://*", []core.Finding{{
			"any-app", "AllowOrigins[0]",
			`every app or extension with the scheme "chrome-extension" can read the responses; list the origins of your own.`,
		}}},
		{"http://localhost", []core.Finding{{
			"loopback-origin", "AllowOrigins[0]",
			"any program on the visitor's machine can serve a page there; leave it out in production.",
		}}},
	} {
		if got := core.Lint(origins(tt.entry)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.entry, got, tt.want)
		}
	}
	got := core.Lint(origins("app://*", "app://x", "app://x:1"))
	if len(got) != 2 || got[1].Code != "covered-entry" || got[1].Field != "AllowOrigins[1]" {
		t.Errorf("got %+v, want any-app and covered-entry of AllowOrigins[1]", got)
	}
}

// TestExpressionsWithHyphens: the judge of expressions and Parse agree about labels that end with a
// hyphen. An expression that matches only such labels is neither dead nor safe.
func TestExpressionsWithHyphens(t *testing.T) {
	cfg := core.Config{AllowOriginRegexes: []string{`https://(a|b)-\.example\.com`}}
	if got := core.Lint(cfg); len(got) != 0 {
		t.Errorf("got %+v, want no finding", got)
	}
	for _, expression := range []string{`https://[a-z]+-\.de`, `https://.*-\.-[a-z]+`, `http://[a-z]+-`} {
		_, err := core.New(core.Config{AllowOriginRegexes: []string{expression}, AllowCredentials: true})
		if err == nil {
			t.Errorf("%s with credentials: got no error", expression)
		}
	}
}

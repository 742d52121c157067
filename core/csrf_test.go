package core_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestProtectionEqualsNetHTTP compares CSRFProtection with that of net/http, for every combination
// of the values that matter to it.
func TestProtectionEqualsNetHTTP(t *testing.T) {
	theirs := http.NewCrossOriginProtection()
	for _, origin := range []string{"https://trusted.example", "https://trusted.example:8443"} {
		if err := theirs.AddTrustedOrigin(origin); err != nil {
			t.Fatal(err)
		}
	}
	theirs.AddInsecureBypassPattern("/hook")
	theirs.AddInsecureBypassPattern("/hooks/")
	ours, err := core.NewCSRFProtection(core.CSRFConfig{
		TrustedOrigins: []string{"https://trusted.example", "https://trusted.example:8443"},
		ExemptPaths:    []string{"/hook", "/hooks/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "get", "TRACE"} {
		for _, site := range []string{"", "same-origin", "same-site", "cross-site", "none", "Same-Origin", "x"} {
			for _, origin := range []string{
				"", "null", "https://api.example.com", "http://api.example.com", "https://api.example.com:443",
				"https://API.example.com", "https://evil.example",
				"https://trusted.example", "https://trusted.example:8443", "http://trusted.example", "https://api.example.com/path",
				"https://api.example.com@evil.example", "://", "api.example.com",
			} {
				for _, path := range []string{
					"/items", "/hook", "/hook/", "/HOOK", "/hooks/x", "/hooks//x", "//hook", "/hooks/./x", "/hooks/x/..", "/hooks/x/",
				} {
					r := httptest.NewRequest(method, path, nil)
					r.Host = "api.example.com"
					if site != "" {
						r.Header.Set("Sec-Fetch-Site", site)
					}
					if origin != "" {
						r.Header.Set("Origin", origin)
					}
					n++
					got := ours.Decide(t.Context(),
						core.Request{Method: method, Host: r.Host, Path: path, Header: core.HeaderMap(r.Header)})
					want := core.Decision{}
					if theirs.Check(r) != nil {
						want = core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403}
					}
					if got != want {
						t.Errorf("%s %s, Sec-Fetch-Site %q, Origin %q: got %+v, want %+v", method, path, site, origin, got, want)
					}
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("compared %d requests, want at least 60", n)
	}
}

func TestProtection(t *testing.T) {
	p, err := core.NewCSRFProtection(core.CSRFConfig{
		TrustedOrigins: []string{"https://*.example.org", "http://localhost:*", "https://pr-*.example.net"},
		ExemptPaths:    []string{"/Hook", "/hooks/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	refused := core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403}
	post := func(path string, l ...string) core.Request {
		r := get(l...)
		r.Method, r.Path = "POST", path
		return r
	}
	for _, tt := range []struct {
		name string
		r    core.Request
		want core.Decision
	}{
		{"no header", core.Request{Method: "POST"}, core.Decision{}},
		{"trusted subdomain", post("/", "Origin", "https://a.example.org", "Sec-Fetch-Site", "cross-site"), core.Decision{}},
		{"trusted label", post("/", "Origin", "https://pr-7.example.net", "Sec-Fetch-Site", "cross-site"), core.Decision{}},
		{"trusted port", post("/", "Origin", "http://localhost:5173", "Sec-Fetch-Site", "cross-site"), core.Decision{}},
		{"apex of a trusted wildcard", post("/", "Origin", "https://example.org", "Sec-Fetch-Site", "cross-site"), refused},
		{"null", post("/", "Origin", "null", "Sec-Fetch-Site", "cross-site"), refused},
		{
			"same-site is not the same origin", post("/", "Origin", "https://x.example.com", "Sec-Fetch-Site", "same-site"),
			refused,
		},
		{"null, without a host", func() core.Request { r := post("/", "Origin", "null"); r.Host = ""; return r }(), refused},
		{"neither Origin nor host", func() core.Request { r := post("/"); r.Host = ""; return r }(), core.Decision{}},
		{"two lines of Sec-Fetch-Site", post("/", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "same-origin"), refused},
		{"two lines of Origin", post("/", "Origin", "https://api.example.com", "Origin", "https://api.example.com"), refused},
		{"exempt", post("/hooks/x", "Sec-Fetch-Site", "cross-site"), core.Decision{}},
		{"exempt, other case", post("/hook", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, with a slash", post("/Hook/", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, without its slash", post("/hooks", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt in one reading only", post("/hooks/../items", "Sec-Fetch-Site", "cross-site"), refused},
		{
			"exempt in one reading only, encoded", at(post("", "Sec-Fetch-Site", "cross-site"), "/hooks/x", "/%68ooks/x"),
			refused,
		},
		{"exempt, an empty segment", post("/hooks//x", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, an empty segment first", post("//hooks/x", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, an empty segment last", post("/hooks/x//", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, a dot segment", post("/hooks/./x", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, a dot segment last", post("/hooks/.", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, two dots", post("/hooks/x/../y", "Sec-Fetch-Site", "cross-site"), refused},
		{
			"exempt, two dots, encoded", at(post("", "Sec-Fetch-Site", "cross-site"), "/hooks/x/../y", "/hooks/x/%2e%2e/y"),
			refused,
		},
		{"exempt, two dots, encoded twice", post("/hooks/x/%2e%2e/y", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, two dots and a slash, encoded twice", post("/hooks/..%2fhooks/y", "Sec-Fetch-Site", "cross-site"), refused},
		{"exempt, dots within a name", post("/hooks/.x/y..", "Sec-Fetch-Site", "cross-site"), core.Decision{}},
		{"exempt, a slash at the end", post("/hooks/x/", "Sec-Fetch-Site", "cross-site"), core.Decision{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := p.Decide(t.Context(), tt.r); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestNewProtectionRefuses(t *testing.T) {
	_, err := core.NewCSRFProtection(core.CSRFConfig{
		TrustedOrigins: []string{
			"*", "null", "file://", "http://app.example.com", "https://*.github.io", "app.example.com", "https://ok.example",
			"http://localhost:3000", "https://s3-*.amazonaws.com", "https://b*.core.windows.net",
			"https://blob.core.windows.net",
		},
		ExemptPaths: []string{"hook", "/a", "/a"},
	})
	want := strings.Join([]string{
		`cors: TrustedOrigins[0]: "*": any website could act as your visitors; replace it with the ` +
			`origins that you trust`,
		`cors: TrustedOrigins[1]: "null": any website could act as your visitors, because it can send this ` +
			`origin from a sandboxed frame; remove it`,
		`cors: TrustedOrigins[2]: "file://": any website could act as your visitors, because it can send this ` +
			`origin from a page that the visitor saved; remove it`,
		`cors: TrustedOrigins[3]: "http://app.example.com": anyone who can tamper with http traffic could act as your ` +
			`visitors; write "https://app.example.com"`,
		`cors: TrustedOrigins[4]: "https://*.github.io": other people's websites could act as your visitors, ` +
			`because anyone can register a name under "github.io"; replace it with your own origins`,
		`cors: TrustedOrigins[5]: "app.example.com": an origin begins with a scheme; write "https://app.example.com"`,
		`cors: TrustedOrigins[8]: "https://s3-*.amazonaws.com": other people's websites could act as your ` +
			`visitors, because "*" also matches "s3-1.amazonaws.com", a host that other people share; ` +
			`replace it with your own origins`,
		`cors: TrustedOrigins[9]: "https://b*.core.windows.net": other people's websites could act as your ` +
			`visitors, because "*" also matches "blob.core.windows.net", a host that other people share; ` +
			`replace it with your own origins`,
		`cors: ExemptPaths[0]: "hook": a path begins with a slash; write "/hook"`,
		`cors: ExemptPaths[2]: "/a": ExemptPaths[1] matches the same paths; remove it`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// Other websites may not send state-changing requests, unless their origin is trusted or the path
// is exempt.
func ExampleNewCSRFProtection() {
	protection, err := core.NewCSRFProtection(core.CSRFConfig{
		TrustedOrigins: []string{"https://admin.example.com"},
		ExemptPaths:    []string{"/webhooks/"},
	})
	if err != nil {
		panic(err)
	}
	for _, r := range []struct{ origin, path string }{
		{"https://evil.example", "/transfer"},
		{"https://admin.example.com", "/transfer"},
		{"https://evil.example", "/webhooks/payment"},
	} {
		d := protection.Decide(context.Background(), core.Request{
			Method: "POST", Host: "api.example.com", Path: r.path,
			Header: core.HeaderMap{"Origin": {r.origin}, "Sec-Fetch-Site": {"cross-site"}},
		})
		fmt.Println(r.origin, r.path, d.Reason, d.Status)
	}
	// Output:
	// https://evil.example /transfer cross-site-write 403
	// https://admin.example.com /transfer no-policy 0
	// https://evil.example /webhooks/payment no-policy 0
}

// TestExemptPathsAreNamed: a pattern that does not name the first segment is refused, because it
// would exempt handlers all over the server.
func TestExemptPathsAreNamed(t *testing.T) {
	const (
		every = `this would exempt every path, so nothing would be protected; write "/{$}" to exempt only the root, or ` +
			`replace it with your own paths, such as "/webhooks/"`
		open = "the first segment of this path is a wildcard, so it would exempt paths of every handler; " +
			"begin with a literal segment, " +
			"as in "
	)
	for _, tt := range []struct {
		path, want string
		fixed      string // what the error says to write
		exempt     string // a path that is exempt then
	}{
		{"/", every, "/{$}", "/"},
		{"/{rest...}", every, "/{$}", "/"},
		{"/{a}", open + `"/webhooks"`, "/webhooks", "/webhooks"},
		{"/{a}/", open + `"/webhooks/"`, "/webhooks/", "/webhooks/x"},
		{"/{a}/{$}", open + `"/webhooks/{$}"`, "/webhooks/{$}", "/webhooks/"},
		{"/{a}/b", open + `"/webhooks/b"`, "/webhooks/b", "/webhooks/b"},
		{"/{a}/{b}/c/{rest...}", open + `"/webhooks/{b}/c/{rest...}"`, "/webhooks/{b}/c/{rest...}", "/webhooks/x/c/d"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			// The second entry would conflict with the refused one. Only the first is reported.
			_, err := core.NewCSRFProtection(core.CSRFConfig{ExemptPaths: []string{tt.path, "/hook/{id}"}})
			want := fmt.Sprintf("cors: ExemptPaths[0]: %q: %s", tt.path, tt.want)
			if err == nil || err.Error() != want {
				t.Fatalf("got  %v\nwant %s", err, want)
			}
			p, err := core.NewCSRFProtection(core.CSRFConfig{ExemptPaths: []string{tt.fixed}})
			if err != nil {
				t.Fatal(err)
			}
			forged := get("Sec-Fetch-Site", "cross-site", "Origin", evil)
			forged.Method = "POST"
			if got := p.Decide(t.Context(), at(forged, tt.exempt)); got != (core.Decision{}) {
				t.Errorf("%s: got %+v, want exempt", tt.exempt, got)
			}
			if got := p.Decide(t.Context(), at(forged, "/transfer")); got.Reason != core.ReasonCrossSiteWrite {
				t.Errorf("/transfer: got %+v, want it refused", got)
			}
		})
	}
}

// TestNotExemptIfUnknown: a path that has too many readings is not exempt, whatever it begins with.
func TestNotExemptIfUnknown(t *testing.T) {
	p, err := core.NewCSRFProtection(core.CSRFConfig{ExemptPaths: []string{"/hooks/"}})
	if err != nil {
		t.Fatal(err)
	}
	forged := get("Sec-Fetch-Site", "cross-site")
	forged.Method = "POST"
	for path, exempt := range map[string]bool{
		"/hooks/" + strings.Repeat("a", 9<<10):  true,
		"/hooks//" + strings.Repeat("a", 9<<10): false,
		"/hooks/%2561":                          true,
		"/hooks/%252561":                        false,
		"/hooks/%2e%2e/items":                   false,
		"/hooks/%252e%252e/items":               false,
	} {
		if got := p.Decide(t.Context(), at(forged, path)); (got == core.Decision{}) != exempt {
			t.Errorf("%.30s: got %+v, want exempt: %v", path, got, exempt)
		}
	}
}

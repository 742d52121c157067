package core_test

import (
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestExplainMeant: an origin that is not allowed is compared with what could have been meant. The
// changes that Explain suggests allow the origin.
func TestExplainMeant(t *testing.T) {
	const (
		reads    = ` to AllowOrigins if its pages may read the responses`
		capLocal = "Capacitor apps use capacitor://localhost on iOS, and https://localhost on Android " +
			"(http://localhost before Capacitor 6)"
		tauri = "Tauri apps use tauri://localhost on macOS, Linux and iOS, and http://tauri.localhost on Windows " +
			"and Android"
		cordova = "Cordova apps use app://localhost on iOS and https://localhost on Android (file:// in old versions)"
		files   = "for pages from local files, browsers send null, and some apps send file://"
	)
	for _, tt := range []struct {
		name    string
		allowed string
		origin  string
		nearest string
		why     string // the end of Because
		fix     string
	}{
		{
			"localhost for 127.0.0.1", "http://127.0.0.1:3000", "http://localhost:3000", "http://127.0.0.1:3000",
			`, but "http://127.0.0.1:3000" is; browsers treat localhost and 127.0.0.1 as different origins`,
			`open the page at "http://127.0.0.1:3000", or add "http://localhost:3000"` + reads,
		},
		{
			"localhost for [::1]", "http://[::1]:3000", "http://localhost:3000", "http://[::1]:3000",
			`, but "http://[::1]:3000" is; browsers treat localhost and [::1] as different origins`,
			`open the page at "http://[::1]:3000", or add "http://localhost:3000"` + reads,
		},
		{
			"127.0.0.1 for localhost on any port", "http://localhost:*", "http://127.0.0.1:5173", "http://localhost:5173",
			`, but "http://localhost:5173" is; browsers treat 127.0.0.1 and localhost as different origins`,
			`open the page at "http://localhost:5173", or add "http://127.0.0.1:5173"` + reads,
		},
		{
			"another name and another port", "http://localhost:3000", "http://127.0.0.1:5173", "http://localhost:3000",
			`, but "http://localhost:3000" is; both are on the visitor's machine, but the host and the port must match`,
			`add "http://127.0.0.1:5173"` + reads,
		},
		{
			"another port of an exact origin", "https://app.example.com:8443", "https://app.example.com:9443",
			"https://app.example.com:8443", `, but "https://app.example.com:8443" is (with another port)`,
			`add "https://app.example.com:9443"` + reads,
		},
		{
			"another port of a wildcard", "https://*.example.com:8443", "https://app.example.com", "https://*.example.com:8443",
			`, but "https://*.example.com:8443" is (with another port)`, `add "https://app.example.com"` + reads,
		},
		{
			"another port of a label", "https://pr-*.example.com:8443", "https://pr-7.example.com:9443",
			"https://pr-*.example.com:8443", `, but "https://pr-*.example.com:8443" is (with another port)`,
			`add "https://pr-7.example.com:9443"` + reads,
		},
		{
			"a port where the wildcard has none", "https://*.example.com", "https://app.example.com:8443",
			"https://app.example.com", `, but "https://app.example.com" is (without the port)`,
			`open the page at "https://app.example.com", or add "https://app.example.com:8443"` + reads,
		},
		{
			"Capacitor on Android", "capacitor://localhost", "https://localhost", "capacitor://localhost",
			`, but "capacitor://localhost" is; ` + capLocal, `add "https://localhost"` + reads,
		},
		{
			"Capacitor 5 on Android", "capacitor://localhost", "http://localhost", "capacitor://localhost",
			`, but "capacitor://localhost" is; ` + capLocal, `add "http://localhost"` + reads,
		},
		{
			"Capacitor on iOS", "https://localhost", "capacitor://localhost", "https://localhost",
			`, but "https://localhost" is; ` + capLocal, `add "capacitor://localhost"` + reads,
		},
		{
			"Ionic on iOS", "capacitor://localhost", "ionic://localhost", "capacitor://localhost",
			`, but "capacitor://localhost" is; iOS apps use capacitor://localhost with Capacitor and ionic://localhost with ` +
				`Ionic's plugin for Cordova`,
			`add "ionic://localhost"` + reads,
		},
		{
			"Ionic on Android", "ionic://localhost", "http://localhost", "ionic://localhost",
			`, but "ionic://localhost" is; with Ionic's plugin, Cordova apps use ionic://localhost on iOS and ` +
				`http://localhost on Android`,
			`add "http://localhost"` + reads,
		},
		{
			"Cordova on iOS", "file://", "app://localhost", "file://", `, but "file://" is; ` + cordova,
			`add "app://localhost"` + reads,
		},
		{
			"Tauri on Windows", "tauri://localhost", "http://tauri.localhost", "tauri://localhost",
			`, but "tauri://localhost" is; ` + tauri, `add "http://tauri.localhost"` + reads,
		},
		{
			"Tauri on macOS", "http://tauri.localhost", "tauri://localhost", "http://tauri.localhost",
			`, but "http://tauri.localhost" is; ` + tauri, `add "tauri://localhost"` + reads,
		},
		{
			"a file in a browser", "file://", "null", "file://", `, but "file://" is; ` + files,
			`serve the page from an https origin and list that origin, or add "null" to AllowOrigins if every website may ` +
				`read the responses`,
		},
		{
			"a file in an app", "null", "file://", "null", `, but "null" is; ` + files,
			`serve the page from an https origin and list that origin, or add "file://" to AllowOrigins if every website ` +
				`may read the responses`,
		},
		{
			"file", app, "file://", "", "; apps send it when a page is loaded from a local file",
			`serve the page from an https origin and list that origin, or add "file://" to AllowOrigins if every website ` +
				`may read the responses`,
		},
		{"an app without a relative", app, "capacitor://localhost", "", "", `add "capacitor://localhost"` + reads},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, r := origins(tt.allowed), get("Origin", tt.origin)
			e := mustNew(t, cfg).Explain(t.Context(), r)
			because := `"` + tt.origin + `" is not among the allowed origins` + tt.why
			if e.Nearest != tt.nearest || e.Because != because || e.Fix != tt.fix {
				t.Errorf("got\n%s\n%s\n%s\nwant\n%s\n%s\n%s", e.Nearest, e.Because, e.Fix, tt.nearest, because, tt.fix)
			}
			cfg, r = repaired(t, e, cfg, r)
			if d := mustNew(t, cfg).Decide(t.Context(), r); !d.Allowed() {
				t.Errorf("repaired: got %v", d.Reason)
			}
		})
	}
}

// TestExplainOtherRoute: Explain names a route that does not apply only if it lists the origin, or
// if the path of the request looks like one of its paths.
func TestExplainOtherRoute(t *testing.T) {
	const not = `"https://evil.example" is not among the allowed origins`
	public := func(path string) core.Config {
		return core.Config{
			AllowOrigins: []string{app}, Routes: []core.Route{{Path: path, Config: core.Config{AllowOrigins: []string{"*"}}}},
		}
	}
	for _, tt := range []struct {
		name, route, path string
		nearest, why      string
	}{
		{"another path", "/public/", "/items/7", "", ""},
		{"the root", "/public/", "/", "", ""},
		{"a path below a route without a slash", "/public", "/public/x", `Routes[0] ("/public")`,
			`; Routes[0] ("/public") allows it, but does not apply to the paths below it`},
		{"a segment more", "/public/", "/api/public/x", `Routes[0] ("/public/")`,
			`; Routes[0] ("/public/") allows it, but the path has "/api" before it`},
		{"a segment less", "/api/public/", "/public/x", `Routes[0] ("/api/public/")`,
			`; Routes[0] ("/api/public/") allows it, but the path lacks "/api" at its beginning`},
		{"a segment misspelled", "/public/", "/pubilc/x", `Routes[0] ("/public/")`,
			`; Routes[0] ("/public/") allows it, but the path has "pubilc" instead of "public"`},
		{"a segment misspelled after a wildcard", "/users/{id}/photos", "/users/7/photo", `Routes[0] ("/users/{id}/photos")`,
			`; Routes[0] ("/users/{id}/photos") allows it, but the path has "photo" instead of "photos"`},
		{"the same segment in another case", "/Public", "/public/x", `Routes[0] ("/Public")`,
			`; Routes[0] ("/Public") allows it, but does not apply to the paths below it`},
		{"two segments differ", "/a/photos/", "/b/photo/x", "", ""},
		{"the rest of a path", "/files/{rest...}", "/v1/files/x/y", `Routes[0] ("/files/{rest...}")`,
			`; Routes[0] ("/files/{rest...}") allows it, but the path has "/v1" before it`},
		{"nothing but a wildcard less", "/users/{id}", "/items", "", ""},
		{"nothing but a wildcard", "/{id}", "/x/y", "", ""},
		{"only the root", "/{$}", "/x", "", ""},
		{"a long path", "/public/", "/x/public/" + strings.Repeat("a", 2000), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, r := public(tt.route), at(get("Origin", evil), tt.path)
			e := mustNew(t, cfg).Explain(t.Context(), r)
			if e.Nearest != tt.nearest || e.Because != not+tt.why {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", e.Nearest, e.Because, tt.nearest, not+tt.why)
			}
			cfg, r = repaired(t, e, cfg, r)
			if d := mustNew(t, cfg).Decide(t.Context(), r); !d.Allowed() {
				t.Errorf("repaired: got %v", d.Reason)
			}
		})
	}
	r := at(get("Origin", evil), "/public/x")
	const want = `set Routes[0].Path to "/public/", or add "https://evil.example" to AllowOrigins if its pages may read ` +
		`the responses`
	if got := mustNew(t, public("/public")).Explain(t.Context(), r).Fix; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if d := mustNew(t, public("/public/")).Decide(t.Context(), r); !d.Allowed() {
		t.Errorf("with a slash: got %v", d.Reason)
	}
}

// TestExplainMoreSpecificRoute: a route that matches the path, but is less specific than the one
// that applies, does not explain anything.
func TestExplainMoreSpecificRoute(t *testing.T) {
	cfg := core.Config{Routes: []core.Route{
		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
		{Path: "/public/admin/", Config: core.Config{AllowOrigins: []string{app}}},
	}}
	e := mustNew(t, cfg).Explain(t.Context(), at(get("Origin", evil), "/public/admin/x"))
	const want = `"https://evil.example" is not among the allowed origins of Routes[1] ("/public/admin/")`
	if e.Nearest != "" || e.Because != want {
		t.Errorf("got %q, %s, want %s", e.Nearest, e.Because, want)
	}
}

// TestExplainMalformed: the reason for a malformed origin is true of the origin, and does not say
// that no browser sends it.
func TestExplainMalformed(t *testing.T) {
	for _, tt := range []struct{ origin, why, fix string }{
		{
			"https://a!b.example", `Polycors accepts only letters, digits, "-", "_" and "." in a host`,
			"serve the page from a host without other characters",
		},
		{
			"capacitor://MyApp", `it must be written as "capacitor://myapp"`,
			`send the origin "capacitor://myapp" instead; add "capacitor://myapp" to AllowOrigins if its pages may read ` +
				`the responses`,
		},
		{
			"app.example.com", `it does not begin with a scheme, such as "https://"`,
			`send the origin "https://app.example.com" instead`,
		},
		{
			"https://user@app.example.com", "an origin has no user name or password",
			`send the origin "https://app.example.com" instead`,
		},
		{
			app + ":443", `it must be written as "https://app.example.com"`,
			`send the origin "https://app.example.com" instead`,
		},
		{app + " ", "it contains a space", `send the origin "https://app.example.com" instead`},
		{"https://", "the host is missing", `send an origin such as "https://app.example.com"`},
		{
			"https://app.example.com:99999", "a port must be a number from 1 to 65535",
			`send an origin such as "https://app.example.com"`,
		},
	} {
		e := mustNew(t, origins(app)).Explain(t.Context(), get("Origin", tt.origin))
		if want := `the Origin header "` + tt.origin + `" is malformed: ` + tt.why; e.Because != want || e.Fix != tt.fix {
			t.Errorf("got\n%s\n%s\nwant\n%s\n%s", e.Because, e.Fix, want, tt.fix)
		}
	}
}

// TestExplainHTTPWithCredentials: an http origin is suggested only for DangerouslyAllowOrigins,
// where it works.
func TestExplainHTTPWithCredentials(t *testing.T) {
	cfg, r := credentialed(app), get("Origin", "http://intranet.example")
	e := mustNew(t, cfg).Explain(t.Context(), r)
	const want = `open the page over https, at "https://intranet.example", because with AllowCredentials anyone who can ` +
		`tamper with http traffic could act as your visitors; add "https://intranet.example" to AllowOrigins if ` +
		`its pages may read the responses; if https is not possible, add "http://intranet.example" to ` +
		`DangerouslyAllowOrigins`
	if e.Fix != want {
		t.Errorf("got  %s\nwant %s", e.Fix, want)
	}
	cfg.DangerouslyAllowOrigins = []string{"http://intranet.example"}
	if d := mustNew(t, cfg).Decide(t.Context(), r); !d.Allowed() {
		t.Errorf("in DangerouslyAllowOrigins: got %v", d.Reason)
	}
}

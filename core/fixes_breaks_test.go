package core_test

import (
	"strings"
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

// TestInvisibleHosts: browsers remove some characters from a host, such as a soft hyphen. A host or
// label that consists of them is refused.
func TestInvisibleHosts(t *testing.T) {
	const missing = `write "https://" and a host`
	testFixes(t, []fixTest{
		{cfg: origins("https://\u00ad"), fix: missing, words: true},
		{cfg: origins("https://\ufe0f:8443"), fix: missing, words: true},
		{cfg: origins("https://\u034f"), fix: missing, words: true},
		{cfg: origins("my-app://\ufe0f"), fix: `write "my-app://" and a host`, words: true},
		{cfg: origins("https://\u00ad.com"), fix: "correct the host", words: true},
		{cfg: origins("https://a.\u00ad.com"), fix: "correct the host", words: true},
		{cfg: origins("https://a.com.\ufe0f"), fix: "correct the host", words: true},
		{cfg: origins("https://*.\ufe0f.com"), fix: "correct the host", words: true},
		{cfg: origins("https://*..com"), fix: "correct the host", words: true},
		{cfg: origins("https://xn--.\u0440\u0444"), fix: "correct the host", words: true},
		{cfg: origins("https://a.xn--.\u0440\u0444"), fix: "correct the host", words: true},
	})
	policy := mustNew(t, origins("https://a\u00ad.example"))
	if !allowsOrigin(policy, "https://a.example") {
		t.Error("https://a.example is refused, want it allowed")
	}
}

// routed returns a Config with one route.
func routed(r core.Route) core.Config {
	r.Config = origins(app)
	return core.Config{Routes: []core.Route{r}}
}

// TestFixesOfDeadPathRegexes: an expression that no path matches, a list of expressions, and one in
// the notation of a router are refused. A fix does not match something else.
func TestFixesOfDeadPathRegexes(t *testing.T) {
	const (
		forPaths = `write an expression for paths, such as "/api/.*"`
		such     = `write an expression such as "/api/.*"`
		one      = `write one expression, such as "/(api|feed)/.*"`
		names    = `write [^/]+ for a parameter, or (a|b) for one of two names`
		variable = "write its value"
	)
	for _, tt := range []struct{ expr, fix string }{
		{`/a$b`, forPaths}, {`/api^/x`, forPaths}, {`/api/\./x`, forPaths}, {`/api/\.\.`, forPaths},
		{`/a(/)(/)b`, forPaths}, {`/$metadata`, forPaths}, {`~ ^/api/`, such},
		{`/${X}`, variable}, {`${X}`, variable}, {`/$API/.*`, variable}, {`/api/$(ID)/x`, variable},
		{`/api/.*,/v1/.*`, one}, {`/api/.* /v1/.*`, one}, {`["/api/.*", "/v1/.*"]`, one}, {`^/api/;^/v1/`, one},
		{`/users/:id(\d+)`, names}, {`/users/[id]`, names}, {`/users/[...id]`, names},
	} {
		testFixes(t, []fixTest{{cfg: routed(core.Route{PathRegex: tt.expr}), fix: tt.fix, words: true}})
	}
	for _, tt := range []pathFix{
		{`//api/.*`, `write "/api/.*"`, list("/api/x"), list("/x/api")},
		{`/api//.*`, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{`/users(/:id)`, `write "/users(?:/[^/]+)?"`, list("/users", "/users/7"), list("/users/7/x")},
		{`["/api/.*"]`, `write "/api/.*"`, list("/api/x"), list("/a", "/p")},
		{`['^/api/.*']`, `write "^/api/.*"`, list("/api/x"), list("/a", "/p")},
		{`GET /api/.*`, `write "/api/.*"`, list("/api/x"), list("/GET /api/x")},
	} {
		t.Run(tt.path, func(t *testing.T) { testPathFix(t, except(core.Route{PathRegex: tt.path}), tt) })
	}
	for _, expr := range []string{
		`/`, `.*`, `^/api$`, `/.`, `/[^/]+/x`, `/api/\.\.\./x`, `/\.well-known/.*`, `/api\?.*`, `/x/.*#y`, `(?m)^/a$`,
		`/a\b/x`, `/a{1,3}/x`, `/items:batchGet`, `/my file/x`, `/a,b/x`, `/users/[a-z]+`, `/v[12]/.*`, `[/]api/.*`,
	} {
		mustNew(t, routed(core.Route{PathRegex: expr}))
	}
}

const (
	aPath    = `write a path such as "/status", "/api/" or "/users/{id}"`
	ownPaths = "replace it with your own paths"
)

// TestPathsThatAreNotOne: nobody can say what these paths mean, so no fix is suggested.
func TestPathsThatAreNotOne(t *testing.T) {
	for path, fix := range map[string]string{
		"/${API_PATH}/": aPath, "/$API/": aPath, "/webhooks/${NAME}/": aPath, "/webhooks/$NAME/": aPath, "/%s/": aPath,
		"/webhooks/((?!admin).*)": ownPaths, "/webhooks/(?!admin)[^/]+": ownPaths,
		"/webhooks/?/x": aPath, "# /webhooks/": aPath, "- /webhooks/": aPath, "/webhooks/ # all": aPath,
		"POST /webhooks/ HTTP/1.1": aPath, "POST:/webhooks/": aPath, ":8080/webhooks/": aPath, "~/webhooks/": aPath,
		"/webhooks/;/hooks/": aPath, "/webhooks/!(admin)": aPath,
		"[/webhooks]": aPath, "(/webhooks)": aPath, "(?i)/webhooks/": aPath, "!/webhooks/**": aPath,
		"/webhooks/t?st.jsp": aPath, "/webhooks/Products({key})": aPath, "/webhooks/{id:int:min(1)}": aPath,
		"/webhooks/{id:alpha:length(3)}": aPath, `/webhooks/{slug:regex(^\d{{3}}$)}`: aPath,
		"PathPrefix(`/webhooks`)": aPath, "prefix:/webhooks": aPath, "regex:^/webhooks": aPath, "path_beg /webhooks": aPath,
	} {
		testFixes(t, []fixTest{{cfg: routed(core.Route{Path: path}), fix: fix, words: true}})
		if got := exemptFix(path); got != fix {
			t.Errorf("ExemptPaths %s: got the fix  %s\nwant %s", path, got, fix)
		}
	}
	for _, path := range []string{"/a;v=1/b", "/$metadata", "/a!b", "/a,b", "/items:batchGet", "/a(b)"} {
		mustNew(t, routed(core.Route{Path: path}))
	}
}

// exemptFix returns the fix for an entry of ExemptPaths, or "" if it is accepted.
func exemptFix(path string) string {
	_, err := core.NewCSRFProtection(core.CSRFConfig{ExemptPaths: []string{path}})
	for e := range core.Problems(err) {
		return e.Fix
	}
	return ""
}

// TestFixesOfExemptLists: a list of names does not become a wildcard, which would exempt more.
func TestFixesOfExemptLists(t *testing.T) {
	for path, fix := range map[string]string{
		"/webhooks/(stripe|paypal)":     `write "/webhooks/stripe" and "/webhooks/paypal"`,
		"/webhooks/(?:stripe|paypal)/":  `write "/webhooks/stripe/" and "/webhooks/paypal/"`,
		"/webhooks/{stripe,paypal}":     `write "/webhooks/stripe" and "/webhooks/paypal"`,
		"/webhooks/{id}/(a|b)":          `write "/webhooks/{id}/a" and "/webhooks/{id}/b"`,
		"/webhooks/(a|b)/(c|d)":         `write "/webhooks/a/c", "/webhooks/a/d", "/webhooks/b/c" and "/webhooks/b/d"`,
		"/webhooks/(stripe|[a-z]+)":     ownPaths,
		"/webhooks/(stripe|(pay|x)pal)": ownPaths,
		`["/webhooks/", "/hooks/"]`:     `write "/webhooks/" and "/hooks/"`,
		"/webhooks/,":                   `write "/webhooks/"`,
	} {
		if got := exemptFix(path); got != fix {
			t.Errorf("%s: got the fix  %s\nwant %s", path, got, fix)
		}
	}
}

// TestFixesOfExpressions: a fix keeps the backslashes of an expression and the meaning of its
// alternatives.
func TestFixesOfExpressions(t *testing.T) {
	regexes := func(expr string) core.Config { return core.Config{AllowOriginRegexes: []string{expr}} }
	for _, credentials := range []bool{false, true} {
		tests := []fixTest{
			{
				cfg: origins(`https://\w+\.example\.com`), fix: "move it to AllowOriginRegexes",
				allows: []string{"https://a.example.com"}, refuses: []string{"https://example.com", "https://a.b.example.com"},
			},
			{
				cfg: origins(`https://\d+\.example\.com`), fix: "move it to AllowOriginRegexes",
				allows: []string{"https://1.example.com"}, refuses: []string{"https://d.example.com"},
			},
			{
				cfg:    regexes(`https://app|admin\.example\.com`),
				fix:    "write `https://(app|admin)\\.example\\.com`",
				allows: []string{"https://app.example.com", "https://admin.example.com"}, refuses: []string{"https://app"},
			},
			{
				cfg:    regexes(`^https://app|admin|x\.example\.com$`),
				fix:    "write `^https://(app|admin|x)\\.example\\.com$`",
				allows: []string{"https://app.example.com", "https://x.example.com"}, refuses: []string{"https://admin"},
			},
			{
				cfg: regexes(`https://app\.example\.com|http://localhost:*`), fix: ownOrigins, words: true,
			},
		}
		for i := range tests {
			tests[i].cfg.AllowCredentials = credentials
		}
		testFixes(t, tests)
	}
	testFixes(t, []fixTest{
		{
			cfg: regexes(`https|http://example\.com`), fix: "write `https?://example\\.com`",
			allows: []string{"https://example.com", "http://example.com"}, refuses: []string{"https://a.example.com"},
		},
		{
			cfg: core.Config{AllowOriginRegexes: []string{`https|http://example\.com`}, AllowCredentials: true},
			fix: "write `https://example\\.com`", allows: []string{"https://example.com"},
			refuses: []string{"http://example.com"},
		},
	})
}

// TestOriginsWithoutHost: QtWebEngine sends qrc:// as the origin of the pages that are resources of
// an app. Such an origin can be listed, but every app with the scheme has it.
func TestOriginsWithoutHost(t *testing.T) {
	policy := mustNew(t, origins("QRC://", "app://", "https://a.example"))
	for origin, want := range map[string]bool{
		"qrc://": true, "app://": true, "app2://": false, "qrc://a": false, "https://": false, "http://": false,
		"qrc:///": false, "qrc://:80": false,
	} {
		if got := allowsOrigin(policy, origin); got != want {
			t.Errorf("%q: got %v, want %v", origin, got, want)
		}
	}
	for origin, want := range map[string]core.Reason{
		"qrc2://": core.ReasonOriginNotAllowed, "https://": core.ReasonOriginMalformed, "ws://": core.ReasonOriginMalformed,
		"file://": core.ReasonOriginNotAllowed, "data://": core.ReasonOriginMalformed,
	} {
		if d := policy.Decide(t.Context(), at(get("Origin", origin), "/")); d.Reason != want {
			t.Errorf("%q: got %v, want %v", origin, d.Reason, want)
		}
	}
	testFixes(t, []fixTest{
		{
			cfg:   withCredentials("qrc://"),
			fix:   "replace it with your own origins, or move it to DangerouslyAllowOrigins",
			words: true, allows: []string{"qrc://"},
		},
		{
			cfg: core.Config{AllowOriginRegexes: []string{"qrc://"}, AllowCredentials: true},
			fix: "replace it with your own origins, or move it to DangerouslyAllowOriginRegexes", words: true,
			allows: []string{"qrc://"},
		},
		{
			cfg: core.Config{AllowOriginRegexes: []string{"(app|qrc)://"}, AllowPrivateNetwork: true},
			fix: "replace it with your own origins, or move it to DangerouslyAllowOriginRegexes", words: true,
			allows: []string{"app://", "qrc://"},
		},
		{cfg: origins("qrc:///"), fix: `write "qrc://"`, allows: []string{"qrc://"}},
		{cfg: origins("https://"), fix: `write "https://" and a host`, words: true},
	})
	// A request without a Host is not of the same origin.
	r := at(get("Origin", "qrc2://"), "/")
	r.Host = ""
	if d := policy.Decide(t.Context(), r); d.Reason != core.ReasonOriginNotAllowed {
		t.Errorf("without Host: got %v, want %v", d.Reason, core.ReasonOriginNotAllowed)
	}
}

// TestWitnessesAreTruthful: a name that the expression contains may be the author's own, so the
// error does not say that anyone can register it.
func TestWitnessesAreTruthful(t *testing.T) {
	for expr, want := range map[string]string{
		`https://.*[^a-z0-9-]example\.com`:    "and others, because it does not spell out one domain, and with ",
		`https://example-?(dev|qa)?\.com`:     "and others, because it does not spell out one domain, and with ",
		`https://[a-z]+example\.com`:          "write `https://(.*\\.)?example\\.com`",
		`https://acme?\.de`:                   `"https://acm.de", which anyone can register`,
		`https://example\.[a-z]+`:             ", which anyone can register",
		`https://(a|b)example[0-9]?\.example`: ", which anyone can register",
	} {
		_, err := core.New(core.Config{AllowOriginRegexes: []string{expr}, AllowCredentials: true})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v\nwant %s", expr, err, want)
		}
	}
}

// TestFixesOfDangerousEntries: DangerouslyAllowOrigins refuses entries without a risk. A fix names
// the list that accepts them.
func TestFixesOfDangerousEntries(t *testing.T) {
	dangerous := func(entry string) core.Config {
		return core.Config{DangerouslyAllowOrigins: []string{entry}, AllowCredentials: true}
	}
	testFixes(t, []fixTest{
		{
			cfg: dangerous("https://a.com/"), fix: `write "https://a.com" in AllowOrigins`,
			allows: []string{"https://a.com"}, refuses: []string{"http://a.com"},
		},
		{
			cfg: dangerous("http://a.com/"), fix: `write "http://a.com"`,
			allows: []string{"http://a.com"}, refuses: []string{"https://a.com"},
		},
		{
			cfg: dangerous("http://192.168.*.*"), fix: "write `http://192\\.168\\.\\d+\\.\\d+` in DangerouslyAllowOriginRegexes",
			allows: []string{"http://192.168.1.1"}, refuses: []string{"http://192.169.1.1"},
		},
		{cfg: dangerous("**"), fix: ownOrigins, words: true},
		{cfg: dangerous("all"), fix: ownOrigins, words: true},
	})
}

package core_test

import (
	"testing"

	"github.com/polycors/cors/core"
)

func TestAllowsWebSocket(t *testing.T) {
	const own = "https://api.example.com"
	listedOnly, credentials, public := origins(app), credentialed(app), origins("*")
	routes := core.Config{Routes: []core.Route{
		{Path: "/", Config: credentialed(app)}, {Path: "/off/", Disable: true},
	}}
	for _, tt := range []struct {
		name            string
		cfg             core.Config
		r               core.Request
		cookies, tokens bool
	}{
		{"no browser", credentials, get(), true, true},
		{"no header at all", credentials, core.Request{Method: "GET"}, true, true},
		{"listed, with credentials", credentials, get("Origin", app), true, true},
		{"listed, without credentials", listedOnly, get("Origin", app), false, true},
		{"not listed", credentials, get("Origin", evil), false, false},
		{"two origins", credentials, core.Request{Method: "GET", Header: core.HeaderMap{"Origin": {app, app}}}, false, false},
		{"every origin", public, get("Origin", evil), false, true},
		{"a sandboxed frame", credentials, get("Origin", "null"), false, false},
		{"a sandboxed frame, every origin", public, get("Origin", "null"), false, true},
		{"the server's own page", credentials, get("Origin", own), true, true},
		{"the server's own page, every origin", public, get("Origin", own), true, true},
		{
			"the server's own page, by Sec-Fetch-Site", listedOnly, get("Origin", "null", "Sec-Fetch-Site", "same-origin"), true,
			true,
		},
		{
			"an extension that is called like the host", credentials, get("Origin", "chrome-extension://api.example.com"), false,
			false,
		},
		{"another port", credentials, get("Origin", own+":8443"), false, false},
		{"the same host, but cross-site", credentials, get("Origin", own, "Sec-Fetch-Site", "cross-site"), false, false},
		{"a disabled route", routes, at(get("Origin", app), "/off/socket"), false, false},
		{"a disabled route, the server's own page", routes, at(get("Origin", own), "/off/socket"), true, true},
		{"an ambiguous path", routes, at(get("Origin", app), "/off/../socket"), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustNew(t, tt.cfg)
			if got := core.AllowsWebSocket(t.Context(), p, tt.r); got != tt.cookies {
				t.Errorf("with cookies: got %t, want %t", got, tt.cookies)
			}
			if got := core.AllowsWebSocketWithoutCookies(t.Context(), p, tt.r); got != tt.tokens {
				t.Errorf("without cookies: got %t, want %t", got, tt.tokens)
			}
		})
	}
}

// TestAllowsWebSocketNothing: a Live that has no policy yet allows nobody.
func TestAllowsWebSocketNothing(t *testing.T) {
	if core.AllowsWebSocketWithoutCookies(t.Context(), new(core.Live), get("Origin", app)) {
		t.Error("got an accepted handshake")
	}
}

package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"

	varyActual    = "Origin"
	varyPreflight = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	varyAny       = "Access-Control-Request-Method, Access-Control-Request-Headers"
)

// lines is a header as a list of canonical names and values. The same name may occur several times.
type lines []string

func (l lines) header() core.HeaderMap {
	h := core.HeaderMap{}
	for i := 0; i < len(l); i += 2 {
		h[l[i]] = append(h[l[i]], l[i+1])
	}
	return h
}

func get(l ...string) core.Request {
	return core.Request{Method: "GET", Host: "api.example.com", Path: "/", Header: lines(l).header()}
}

func preflight(origin, method string, l ...string) core.Request {
	h := lines(append([]string{"Origin", origin, "Access-Control-Request-Method", method}, l...))
	return core.Request{Method: "OPTIONS", Host: "api.example.com", Path: "/", Header: h.header()}
}

// asks returns a preflight from the allowed origin, for PUT and with the given
// Access-Control-Request-Headers lines.
func asks(headers ...string) core.Request {
	var l []string
	for _, h := range headers {
		l = append(l, "Access-Control-Request-Headers", h)
	}
	return preflight(app, "PUT", l...)
}

func mustNew(t testing.TB, cfg core.Config) *core.Policy {
	t.Helper()
	p, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// listed allows one origin and little else. Each case sets the fields that it tests.
func listed(change func(*core.Config)) core.Config {
	cfg := core.Config{
		AllowOrigins: []string{app}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-Token", "Content-Type"},
		ExposeHeaders: []string{"X-Total"},
	}
	if change != nil {
		change(&cfg)
	}
	return cfg
}

var errLookup = errors.New("the database is away")

// The decisions that most cases expect, with small changes.
var (
	sameOrigin    = core.Decision{Kind: core.KindActual, Reason: core.ReasonSameOrigin, Vary: varyActual}
	refusedActual = core.Decision{Kind: core.KindActual, Reason: core.ReasonOriginNotAllowed, Vary: varyActual}
	failedActual  = core.Decision{Kind: core.KindActual, Reason: core.ReasonLookupFailed, Vary: "*"}
	allowedActual = core.Decision{
		Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: varyActual, AllowOrigin: app, ExposeHeaders: "X-Total",
	}
	refusedPreflight = core.Decision{
		Kind: core.KindPreflight, Reason: core.ReasonOriginNotAllowed, Status: 403, Vary: varyPreflight,
	}
	allowedPreflight = core.Decision{
		Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 204, Vary: varyPreflight, AllowOrigin: app,
		AllowMethods: "PUT", AllowHeaders: "x-token, content-type", MaxAge: "86400",
	}
)

func but(d core.Decision, change func(*core.Decision)) core.Decision {
	change(&d)
	return d
}

func because(d core.Decision, r core.Reason) core.Decision {
	d.Reason = r
	return d
}

// TestDecide covers every kind of decision, and every Reason.
func TestDecide(t *testing.T) {
	any := func(cfg *core.Config) { cfg.AllowOrigins = []string{"*"} }
	credentials := func(cfg *core.Config) { cfg.AllowCredentials = true }
	forbid := func(cfg *core.Config) { cfg.ForbidDisallowed = true }
	debug := func(cfg *core.Config) { cfg.Debug = true }
	funcs := func(allowed bool, err error) func(*core.Config) {
		return func(cfg *core.Config) {
			cfg.AllowOriginFunc = func(context.Context, string, core.Request) (bool, error) { return allowed, err }
		}
	}
	both := func(changes ...func(*core.Config)) func(*core.Config) {
		return func(cfg *core.Config) {
			for _, change := range changes {
				change(cfg)
			}
		}
	}
	anyMethod := func(cfg *core.Config) { cfg.AllowMethods = []string{"*"} }
	anyHeader := func(cfg *core.Config) { cfg.AllowHeaders = []string{"*"} }
	anyHeaderAndAuthorization := func(cfg *core.Config) { cfg.AllowHeaders = []string{"*", "Authorization"} }
	localNetwork := func(cfg *core.Config) { cfg.AllowPrivateNetwork = true }
	names := func(n int) string { return strings.TrimSuffix(strings.Repeat("x-token,", n), ",") }

	anyPreflight := but(allowedPreflight, func(d *core.Decision) { d.AllowOrigin, d.Vary = "*", varyAny })

	for _, tt := range []struct {
		name   string
		config func(*core.Config)
		r      core.Request
		want   core.Decision
	}{
		// No Origin.
		{"no origin", nil, get(), core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{"empty origin", nil, get("Origin", ""), core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{"no header at all", nil, core.Request{Method: "GET"}, core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{
			"no origin, any", any, get(), core.Decision{Reason: core.ReasonNoOrigin, AllowOrigin: "*", ExposeHeaders: "X-Total"},
		},
		{"preflight without origin", nil, preflight("", "PUT"), core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{"referer is no origin", nil, get("Referer", app+"/x"), core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},

		// Actual, allowed.
		{"actual", nil, get("Origin", app), allowedActual},
		{
			"actual, credentials", credentials, get("Origin", app),
			but(allowedActual, func(d *core.Decision) { d.AllowCredentials = true }),
		},
		{
			"actual, nothing exposed", func(cfg *core.Config) { cfg.ExposeHeaders = nil }, get("Origin", app),
			but(allowedActual, func(d *core.Decision) { d.ExposeHeaders = "" }),
		},
		{
			"actual, any", any, get("Origin", evil),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin, d.Vary = "*", "" }),
		},
		{
			"actual, any, null", any, get("Origin", "null"),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin, d.Vary = "*", "" }),
		},
		// The responses of a "*" policy do not have "Vary: Origin", so a cache would serve a refusal for
		// one origin to others.
		{
			"actual, any, malformed", any, get("Origin", strings.Repeat("x", 9000)),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin, d.Vary = "*", "" }),
		},
		{
			"actual, unlisted method", nil, core.Request{Method: "DELETE", Header: lines{"Origin", app}.header()}, allowedActual,
		},
		{"actual, OPTIONS", nil, core.Request{Method: "OPTIONS", Header: lines{"Origin", app}.header()}, allowedActual},
		{"actual, OPTIONS with an empty request method", nil, preflight(app, ""), allowedActual},
		{"actual, GET with a request method", nil, get("Origin", app, "Access-Control-Request-Method", "PUT"), allowedActual},
		{
			"actual, lower-case options", nil,
			core.Request{Method: "options", Header: lines{"Origin", app, "Access-Control-Request-Method", "PUT"}.header()},
			allowedActual,
		},
		{
			"actual, regex", func(cfg *core.Config) { cfg.AllowOriginRegexes = []string{`https://r[0-9]\.example`} },
			get("Origin", "https://r1.example"),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin = "https://r1.example" }),
		},
		{
			"actual, func", funcs(true, nil), get("Origin", evil),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin = evil }),
		},
		{
			"actual, null listed", func(cfg *core.Config) { cfg.AllowOrigins = []string{"null"} }, get("Origin", "null"),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin = "null" }),
		},
		{
			"actual, file listed", func(cfg *core.Config) { cfg.AllowOrigins = []string{"file://"} }, get("Origin", "file://"),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin = "file://" }),
		},
		{
			"actual, extension listed", func(cfg *core.Config) { cfg.AllowOrigins = []string{"chrome-extension://abcdefgh"} },
			get("Origin", "chrome-extension://abcdefgh"),
			but(allowedActual, func(d *core.Decision) { d.AllowOrigin = "chrome-extension://abcdefgh" }),
		},
		{
			"actual, no private network", localNetwork, get("Origin", app, "Access-Control-Request-Private-Network", "true"),
			allowedActual,
		},

		// Actual, refused.
		{"refused", nil, get("Origin", evil), refusedActual},
		{"refused, credentials", credentials, get("Origin", evil), refusedActual},
		{"refused, null", nil, get("Origin", "null"), refusedActual},
		{"refused, file", nil, get("Origin", "file://"), refusedActual},
		{
			"refused, null by a regex", func(cfg *core.Config) { cfg.AllowOriginRegexes = []string{".*"} },
			get("Origin", "null"), refusedActual,
		},
		{"refused, null by a func", funcs(true, nil), get("Origin", "null"), refusedActual},
		{"refused, file by a func", funcs(true, nil), get("Origin", "file://"), refusedActual},
		{"refused, func", funcs(false, nil), get("Origin", evil), refusedActual},
		{"refused, func fails", funcs(true, errLookup), get("Origin", evil), failedActual},
		{"refused, func fails, credentials", both(credentials, funcs(false, errLookup)), get("Origin", evil), failedActual},
		{"refused, malformed", nil, get("Origin", app+"/"), because(refusedActual, core.ReasonOriginMalformed)},
		{
			"refused, malformed though a func would allow it", funcs(true, nil), get("Origin", app+"/"),
			because(refusedActual, core.ReasonOriginMalformed),
		},
		{
			"refused, malformed though a regex matches", func(cfg *core.Config) { cfg.AllowOriginRegexes = []string{".*"} },
			get("Origin", app+"/"), because(refusedActual, core.ReasonOriginMalformed),
		},
		{"refused, two lines", nil, get("Origin", app, "Origin", app), because(refusedActual, core.ReasonOriginMalformed)},
		{
			"refused, an empty line before", nil, get("Origin", "", "Origin", app),
			because(refusedActual, core.ReasonOriginMalformed),
		},
		{
			"refused, 321 bytes", funcs(true, nil), get("Origin", "https://"+strings.Repeat("a.", 156)+"a"),
			because(refusedActual, core.ReasonOriginMalformed),
		},
		{
			"refused, upper case", nil, get("Origin", "HTTPS://APP.EXAMPLE.COM"),
			because(refusedActual, core.ReasonOriginMalformed),
		},
		{"forbidden", forbid, get("Origin", evil), but(refusedActual, func(d *core.Decision) { d.Status = 403 })},
		{
			"forbidden, lookup failed", both(forbid, funcs(false, errLookup)), get("Origin", evil),
			but(failedActual, func(d *core.Decision) { d.Status = 403 }),
		},
		{
			"forbidden, malformed", forbid, get("Origin", "x"),
			but(because(refusedActual, core.ReasonOriginMalformed), func(d *core.Decision) { d.Status = 403 }),
		},
		{"forbidden, no origin passes", forbid, get(), core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{
			"forbidden, same origin by Sec-Fetch-Site", forbid, get("Origin", "null", "Sec-Fetch-Site", "same-origin"),
			sameOrigin,
		},
		{"forbidden, same origin by Host", forbid, get("Origin", "https://api.example.com"), sameOrigin},
		{"same origin by Sec-Fetch-Site", nil, get("Origin", "null", "Sec-Fetch-Site", "same-origin"), sameOrigin},
		{"same origin by Host", nil, get("Origin", "https://api.example.com"), sameOrigin},
		{"same site is not same origin", nil, get("Origin", evil, "Sec-Fetch-Site", "same-site"), refusedActual},
		{
			"same host, but Sec-Fetch-Site says same-site", nil,
			get("Origin", "http://api.example.com", "Sec-Fetch-Site", "same-site"), refusedActual,
		},
		{
			"forbidden, Sec-Fetch-Site says cross-site", forbid,
			get("Origin", "https://api.example.com", "Sec-Fetch-Site", "cross-site"),
			but(refusedActual, func(d *core.Decision) { d.Status = 403 }),
		},
		{
			"forbidden, Sec-Fetch-Site says same-site", forbid, get("Origin", evil, "Sec-Fetch-Site", "same-site"),
			but(refusedActual, func(d *core.Decision) { d.Status = 403 }),
		},
		{
			"forbidden, Sec-Fetch-Site twice", forbid,
			get("Origin", evil, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "same-origin"),
			but(refusedActual, func(d *core.Decision) { d.Status = 403 }),
		},
		{
			"forbidden, other port", forbid, get("Origin", "https://api.example.com:8443"),
			but(refusedActual, func(d *core.Decision) { d.Status = 403 }),
		},

		// Preflight, allowed.
		{"preflight", nil, asks(), allowedPreflight},
		{
			"preflight, credentials", credentials, asks(),
			but(allowedPreflight, func(d *core.Decision) { d.AllowCredentials = true }),
		},
		{"preflight, GET", nil, preflight(app, "GET"), allowedPreflight},
		{"preflight, HEAD", nil, preflight(app, "HEAD"), allowedPreflight},
		{"preflight, POST", nil, preflight(app, "POST"), allowedPreflight},
		{"preflight, any", any, preflight(evil, "PUT"), anyPreflight},
		{
			"preflight, status", func(cfg *core.Config) { cfg.PreflightStatus = 200 }, asks(),
			but(allowedPreflight, func(d *core.Decision) { d.Status = 200 }),
		},
		{
			"preflight, continues", func(cfg *core.Config) { cfg.ContinuePreflight = true }, asks(),
			but(allowedPreflight, func(d *core.Decision) { d.Status = 0 }),
		},
		{
			"preflight, max age", func(cfg *core.Config) { cfg.MaxAge = 600e9 }, asks(),
			but(allowedPreflight, func(d *core.Decision) { d.MaxAge = "600" }),
		},
		{
			"preflight, no caching", func(cfg *core.Config) { cfg.MaxAge = -1 }, asks(),
			but(allowedPreflight, func(d *core.Decision) { d.MaxAge = "0" }),
		},
		{
			"preflight, nothing but safelisted",
			func(cfg *core.Config) { cfg.AllowMethods, cfg.AllowHeaders = []string{}, []string{} }, preflight(app, "GET"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowMethods, d.AllowHeaders = "", "" }),
		},
		{
			"preflight, defaults", func(cfg *core.Config) { cfg.AllowMethods, cfg.AllowHeaders = nil, nil },
			preflight(app, "PATCH", "Access-Control-Request-Headers", "authorization,content-type"),
			but(allowedPreflight, func(d *core.Decision) {
				d.AllowMethods, d.AllowHeaders = "DELETE, GET, OPTIONS, PATCH, POST, PUT", "accept, authorization, content-type, "+
					"user-agent, x-csrftoken, x-requested-with"
			}),
		},
		{"preflight, one header", nil, asks("x-token"), allowedPreflight},
		{"preflight, any case", nil, asks("X-TOKEN,Content-type"), allowedPreflight},
		{"preflight, any order, whitespace, empty elements", nil, asks(" x-token ,,\tcontent-type\t,"), allowedPreflight},
		{"preflight, several lines", nil, asks("x-token", "content-type"), allowedPreflight},
		{"preflight, an empty line", nil, asks(""), allowedPreflight},
		{"preflight, a name twice", nil, asks("x-token,x-token"), allowedPreflight},
		{"preflight, 128 names", nil, asks(names(128)), allowedPreflight},
		{"preflight, 16 empty elements", nil, asks(strings.Repeat(",", 16) + "x-token"), allowedPreflight},
		{
			"preflight, private network", localNetwork, preflight(app, "PUT", "Access-Control-Request-Private-Network", "true"),
			but(allowedPreflight, func(d *core.Decision) {
				d.AllowPrivateNetwork, d.Vary = true, varyPreflight+", Access-Control-Request-Private-Network"
			}),
		},
		{"preflight, private network not asked for", localNetwork, asks(), but(allowedPreflight, func(d *core.Decision) {
			d.Vary = varyPreflight + ", Access-Control-Request-Private-Network"
		})},
		{
			"preflight, private network malformed", localNetwork,
			preflight(app, "PUT", "Access-Control-Request-Private-Network", "TRUE"),
			but(allowedPreflight, func(d *core.Decision) {
				d.Vary = varyPreflight + ", Access-Control-Request-Private-Network"
			}),
		},
		{
			"preflight, private network ignored", nil, preflight(app, "PUT", "Access-Control-Request-Private-Network", "true"),
			allowedPreflight,
		},

		// Preflight with "*" in a list.
		{
			"preflight, any method", anyMethod, preflight(app, "PURGE"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowMethods = "*" }),
		},
		{
			"preflight, any method, credentials", both(anyMethod, credentials), preflight(app, "PURGE"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowMethods, d.AllowCredentials = "PURGE", true }),
		},
		{
			"preflight, any header", anyHeader, asks("x-whatever"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowHeaders = "*" }),
		},
		{
			"preflight, any header, credentials", both(anyHeader, credentials), asks("X-Whatever , x-b"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowHeaders, d.AllowCredentials = "X-Whatever , x-b", true }),
		},
		{
			"preflight, any header, credentials, none asked for", both(anyHeader, credentials), asks(),
			but(allowedPreflight, func(d *core.Decision) { d.AllowHeaders, d.AllowCredentials = "", true }),
		},
		{
			"preflight, any header and authorization", anyHeaderAndAuthorization, asks("Authorization, x-a"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowHeaders = "*, authorization" }),
		},
		{
			"preflight, any header and authorization, credentials", both(anyHeaderAndAuthorization, credentials),
			asks("authorization,x-a"),
			but(allowedPreflight, func(d *core.Decision) { d.AllowHeaders, d.AllowCredentials = "authorization,x-a", true }),
		},

		// Preflight, refused.
		{"preflight refused", nil, preflight(evil, "PUT"), refusedPreflight},
		{"preflight refused, forbid changes nothing", forbid, preflight(evil, "PUT"), refusedPreflight},
		{
			"preflight refused, malformed origin", nil, preflight("https://app.example.com ", "PUT"),
			because(refusedPreflight, core.ReasonOriginMalformed),
		},
		{
			"preflight refused, func fails", funcs(false, errLookup), preflight(evil, "PUT"),
			but(because(refusedPreflight, core.ReasonLookupFailed), func(d *core.Decision) { d.Status = 503 }),
		},
		{"preflight refused, method", nil, preflight(app, "DELETE"), because(refusedPreflight, core.ReasonMethodNotAllowed)},
		{
			"preflight refused, method in lower case", nil, preflight(app, "put"),
			because(refusedPreflight, core.ReasonMethodNotAllowed),
		},
		{
			"preflight refused, two methods", nil, preflight(app, "PUT", "Access-Control-Request-Method", "PUT"),
			because(refusedPreflight, core.ReasonMethodMalformed),
		},
		{
			"preflight refused, no token", nil, preflight(app, "PUT PUT"), because(refusedPreflight, core.ReasonMethodMalformed),
		},
		{
			"preflight refused, long method", anyMethod, preflight(app, strings.Repeat("A", 65)),
			because(refusedPreflight, core.ReasonMethodMalformed),
		},
		{
			"preflight refused, CONNECT", anyMethod, preflight(app, "CONNECT"),
			because(refusedPreflight, core.ReasonMethodNotAllowed),
		},
		{
			"preflight refused, trace", anyMethod, preflight(app, "trace"),
			because(refusedPreflight, core.ReasonMethodNotAllowed),
		},
		{
			"preflight refused, TRACK, credentials", both(anyMethod, credentials), preflight(app, "TRACK"),
			because(refusedPreflight, core.ReasonMethodNotAllowed),
		},
		{
			"preflight refused, a method that reads as every method", both(anyMethod, credentials), preflight(app, "*"),
			because(refusedPreflight, core.ReasonMethodNotAllowed),
		},
		{
			"preflight refused, a header that reads as every header", both(anyHeader, credentials), asks("x-a, *"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, list as method, credentials", both(anyMethod, credentials), preflight(app, "PUT, DELETE"),
			because(refusedPreflight, core.ReasonMethodMalformed),
		},
		{"preflight refused, header", nil, asks("x-token,x-evil"), because(refusedPreflight, core.ReasonHeaderNotAllowed)},
		{
			"preflight refused, header on the second line", nil, asks("x-token", "x-evil"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, safelisted header with an unsafe value", nil, asks("range"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, header is not a token", nil, asks("x-token;x-token"),
			because(refusedPreflight, core.ReasonHeadersMalformed),
		},
		{"preflight refused, obs-text", nil, asks("x-token\x80"), because(refusedPreflight, core.ReasonHeadersMalformed)},
		{"preflight refused, 129 names", nil, asks(names(129)), because(refusedPreflight, core.ReasonHeadersTooLarge)},
		{
			"preflight refused, 17 empty elements", nil, asks(strings.Repeat(",", 17) + "x-token"),
			because(refusedPreflight, core.ReasonHeadersTooLarge),
		},
		{
			"preflight refused, over 8 KiB", nil, asks(strings.Repeat(" ", 8<<10) + "x"),
			because(refusedPreflight, core.ReasonHeadersTooLarge),
		},
		{
			"preflight refused, over 8 KiB in two lines", nil, asks(strings.Repeat(" ", 4<<10), strings.Repeat(" ", 4<<10)),
			because(refusedPreflight, core.ReasonHeadersTooLarge),
		},
		{
			"preflight refused, authorization under *", anyHeader, asks("authorization"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, AUTHORIZATION under *, credentials", both(anyHeader, credentials), asks("AUTHORIZATION"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, Cookie under *", anyHeader, asks("Cookie"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, sec-x under *, credentials", both(anyHeader, credentials), asks("sec-x"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, no token under *, credentials", both(anyHeader, credentials), asks("x-a,x b"),
			because(refusedPreflight, core.ReasonHeadersMalformed),
		},
		{
			"preflight refused, listed though Fetch forbids it",
			func(cfg *core.Config) { cfg.AllowHeaders = []string{"Origin"} }, asks("origin"),
			because(refusedPreflight, core.ReasonHeaderNotAllowed),
		},
		{
			"preflight refused, continues does not", func(cfg *core.Config) { cfg.ContinuePreflight = true },
			preflight(evil, "PUT"), refusedPreflight,
		},
		{
			"preflight refused, private network", localNetwork,
			preflight(evil, "PUT", "Access-Control-Request-Private-Network", "true"),
			but(refusedPreflight, func(d *core.Decision) {
				d.Vary = varyPreflight + ", Access-Control-Request-Private-Network"
			}),
		},

		// Refused with Debug.
		{"debug, origin", debug, preflight(evil, "PUT"), but(refusedPreflight, func(d *core.Decision) { d.Debug = true })},
		{"debug, method", both(debug, credentials), preflight(app, "DELETE"), but(allowedPreflight, func(d *core.Decision) {
			d.Reason, d.Debug, d.MaxAge, d.AllowCredentials = core.ReasonMethodNotAllowed, true, "", true
		})},
		{
			"debug, header", debug, asks("x-evil"),
			but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge = core.ReasonHeaderNotAllowed, true, ""
			}),
		},
		{
			"debug, header, status", func(cfg *core.Config) { cfg.Debug, cfg.PreflightStatus = true, 200 }, asks("x-evil"),
			but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge, d.Status = core.ReasonHeaderNotAllowed, true, "", 200
			}),
		},
		{
			"debug, header, continues does not", func(cfg *core.Config) { cfg.Debug, cfg.ContinuePreflight = true, true },
			asks("x-evil"), but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge = core.ReasonHeaderNotAllowed, true, ""
			}),
		},
		{
			"debug, no token", debug, asks("x b"),
			but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge = core.ReasonHeadersMalformed, true, ""
			}),
		},
		{
			"debug, any header leaves the list out", both(debug, anyHeader), asks("authorization"),
			but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge, d.AllowHeaders = core.ReasonHeaderNotAllowed, true, "", ""
			}),
		},
		{
			"debug, no method listed", func(cfg *core.Config) { cfg.Debug, cfg.AllowMethods = true, []string{} }, asks(),
			but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge, d.AllowMethods = core.ReasonMethodNotAllowed, true, "", "GET, HEAD, POST"
			}),
		},
		{
			"debug, any method leaves * out", both(debug, anyMethod), preflight(app, "TRACE"),
			but(allowedPreflight, func(d *core.Decision) {
				d.Reason, d.Debug, d.MaxAge, d.AllowMethods = core.ReasonMethodNotAllowed, true, "", ""
			}),
		},
		{
			"debug, out of bounds", debug, asks(names(129)),
			but(refusedPreflight, func(d *core.Decision) { d.Reason, d.Debug = core.ReasonHeadersTooLarge, true }),
		},
		{
			"debug, long method", debug, preflight(app, strings.Repeat("A", 65)),
			but(refusedPreflight, func(d *core.Decision) { d.Reason, d.Debug = core.ReasonMethodMalformed, true }),
		},
		{
			"debug, func fails", both(debug, funcs(false, errLookup)), preflight(evil, "PUT"),
			but(refusedPreflight, func(d *core.Decision) { d.Reason, d.Debug, d.Status = core.ReasonLookupFailed, true, 503 }),
		},
		{"debug, allowed", debug, asks(), allowedPreflight},
		{"debug, actual", debug, get("Origin", evil), refusedActual},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustNew(t, listed(tt.config))
			if got := p.Decide(t.Context(), tt.r); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestOnDecision: OnDecision is called once per Decide, with the decision and the request.
func TestOnDecision(t *testing.T) {
	type seen struct {
		method string
		d      core.Decision
	}
	var got []seen
	p := mustNew(t, listed(func(cfg *core.Config) {
		cfg.OnDecision = func(_ context.Context, e core.Event) { got = append(got, seen{e.Request.Method, e.Decision}) }
	}))
	for _, r := range []core.Request{get(), get("Origin", app), get("Origin", evil), asks("x-evil")} {
		p.Decide(t.Context(), r)
	}
	want := []seen{
		{"GET", core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{"GET", allowedActual},
		{"GET", refusedActual},
		{"OPTIONS", because(refusedPreflight, core.ReasonHeaderNotAllowed)},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d calls, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("call %d:\ngot  %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

// TestAllowOriginFunc: the function is called once, with the context of the request, and only for
// well-formed origins that no list allows.
func TestAllowOriginFunc(t *testing.T) {
	type key struct{}
	var asked []string
	p := mustNew(t, core.Config{
		AllowOrigins:       []string{app, "https://*.example.org"},
		AllowOriginRegexes: []string{`https://r[0-9]\.example`},
		AllowOriginFunc: func(ctx context.Context, origin string, r core.Request) (bool, error) {
			if ctx.Value(key{}) != "value" || r.Host != "api.example.com" {
				t.Errorf("got context value %v and host %q", ctx.Value(key{}), r.Host)
			}
			asked = append(asked, origin)
			return false, nil
		},
	})
	ctx := context.WithValue(t.Context(), key{}, "value")
	for _, origin := range []string{
		app, "https://a.example.org", "https://r1.example", "null", "file://", "https://x/", "", evil,
	} {
		p.Decide(ctx, get("Origin", origin))
	}
	p.Decide(ctx, preflight(evil, "PUT"))
	if len(asked) != 2 || asked[0] != evil || asked[1] != evil {
		t.Errorf("got asked for %q, want %q twice", asked, evil)
	}
}

// TestAllowOriginFuncPanics: Decide does not recover the panic of an AllowOriginFunc.
func TestAllowOriginFuncPanics(t *testing.T) {
	decided := 0
	p := mustNew(t, core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") },
		OnDecision:      func(context.Context, core.Event) { decided++ },
	})
	defer func() {
		if got := recover(); got != "boom" || decided != 0 {
			t.Errorf("got panic %v and %d decisions, want boom and none", got, decided)
		}
	}()
	p.Decide(t.Context(), get("Origin", evil))
}

func TestReasonStrings(t *testing.T) {
	for reason, want := range map[core.Reason]string{
		core.ReasonNoPolicy: "no-policy", core.ReasonNoOrigin: "no-origin", core.ReasonSameOrigin: "same-origin",
		core.ReasonAllowed:          "allowed",
		core.ReasonOriginMalformed:  "origin-malformed",
		core.ReasonOriginNotAllowed: "origin-not-allowed", core.ReasonLookupFailed: "lookup-failed",
		core.ReasonMethodMalformed:  "method-malformed",
		core.ReasonMethodNotAllowed: "method-not-allowed", core.ReasonHeadersMalformed: "headers-malformed",
		core.ReasonHeadersTooLarge:  "headers-too-large",
		core.ReasonHeaderNotAllowed: "header-not-allowed", core.ReasonPathAmbiguous: "path-ambiguous",
		core.ReasonCrossSiteWrite: "cross-site-write", 200: "unknown",
	} {
		if got := reason.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for kind, want := range map[core.Kind]string{
		core.KindNotCORS: "not-cors", core.KindActual: "actual", core.KindPreflight: "preflight", 200: "unknown",
	} {
		if got := kind.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !allowedActual.Allowed() || refusedActual.Allowed() || (core.Decision{}).Allowed() {
		t.Error("Allowed is true for other reasons than core.Allowed, or not for it")
	}
}

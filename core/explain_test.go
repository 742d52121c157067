package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// change applies a ConfigChange by appending its entries to the list.
func change(t testing.TB, cfg *core.Config, c core.ConfigChange) {
	t.Helper()
	v := reflect.ValueOf(cfg).Elem()
	for part := range strings.SplitSeq(c.Field, ".") {
		name, index, ok := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		v = v.FieldByName(name)
		if !v.IsValid() {
			t.Fatalf("no field %q in %q", name, c.Field)
		}
		if ok {
			i, err := strconv.Atoi(index)
			if err != nil {
				t.Fatal(err)
			}
			v = v.Index(i)
		}
	}
	v.Set(reflect.AppendSlice(v.Slice3(0, v.Len(), v.Len()), reflect.ValueOf(c.Add)))
}

// repaired applies the changes in an explanation to the Config and to the request.
func repaired(t testing.TB, e core.Explanation, cfg core.Config, r core.Request) (core.Config, core.Request) {
	t.Helper()
	cfg.Routes = slices.Clone(cfg.Routes)
	for _, c := range e.Changes {
		change(t, &cfg, c)
	}
	h := maps.Clone(r.Header.(core.HeaderMap))
	for name, value := range e.Instead {
		switch {
		case name == "Path":
			u, err := url.ParseRequestURI(value)
			if err != nil {
				t.Fatal(err)
			}
			r.Path, r.RawPath = u.Path, u.RawPath
		case value == "":
			delete(h, name)
		default:
			h[name] = []string{value}
		}
	}
	r.Header = h
	return cfg, r
}

var failing = errors.New("connection refused")

// guarded has a route for each kind of policy.
var guarded = core.Config{
	AllowOrigins: []string{app},
	Routes: []core.Route{
		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
		{Path: "/admin/", Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}, AllowCredentials: true}},
		{Path: "/internal/", Disable: true},
	},
}

// slashes has a route without a trailing slash, and a more specific one with a trailing slash.
var slashes = core.Config{
	Routes: []core.Route{
		{Path: "/users/{id}", Config: core.Config{AllowOrigins: []string{app}}},
		{Path: "/users/me/", Config: core.Config{AllowOrigins: []string{"*"}}},
	},
}

// TestExplainReasons covers every Reason of a Policy. Explain must report the cause, and its
// changes must make the request pass.
func TestExplainReasons(t *testing.T) {
	lookup := func(err error) core.Config {
		return core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { return true, err }}
	}
	for _, tt := range []struct {
		name    string
		cfg     core.Config
		r       core.Request
		reason  core.Reason
		step    string
		because string
		field   string
		fix     string
		passes  core.Reason // of the repaired request
		broken  bool        // neither the Config nor the request can be repaired by rule
	}{
		{
			name: "origin", cfg: origins(app), r: get("Origin", evil), reason: core.ReasonOriginNotAllowed, step: "origin",
			because: `"https://evil.example" is not among the allowed origins`, field: "AllowOrigins",
			fix: `add "https://evil.example" to AllowOrigins if its pages may read the responses`, passes: core.ReasonAllowed,
		},
		{
			name: "origin of a route", cfg: guarded, r: at(get("Origin", app), "/admin/x"), reason: core.ReasonOriginNotAllowed,
			step: "origin",
			because: `"https://app.example.com" is not among the allowed origins of Routes[1] ("/admin/"); the top ` +
				"level allows it, but does not apply to this path",
			field: "Routes[1].Config.AllowOrigins",
			fix: `add "https://app.example.com" to Routes[1].Config.AllowOrigins if its pages may read the ` +
				"responses",
			passes: core.ReasonAllowed,
		},
		{
			name: "all at once",
			cfg:  core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{}},
			r:    preflight(evil, "DELETE", "Access-Control-Request-Headers", "x-a,x-b"), reason: core.ReasonOriginNotAllowed,
			step:    "origin",
			because: `"https://evil.example" is not among the allowed origins`, field: "AllowOrigins",
			fix: `add "https://evil.example" to AllowOrigins if its pages may read the responses; add "DELETE" to ` +
				`AllowMethods; add "x-a", "x-b" to AllowHeaders`,
			passes: core.ReasonAllowed,
		},
		{
			name: "malformed origin", cfg: origins("https://example.com"), r: get("Origin", "https://example.com/"),
			reason: core.ReasonOriginMalformed, step: "origin",
			because: `the Origin header "https://example.com/" is malformed: an origin has no path`,
			fix:     `send the origin "https://example.com" instead`, passes: core.ReasonAllowed,
		},
		{
			name: "malformed origin that is not listed either", cfg: origins(app), r: get("Origin", "HTTPS://Example.com:443"),
			reason: core.ReasonOriginMalformed, step: "origin",
			because: `the Origin header "HTTPS://Example.com:443" is malformed: it must be written as "https://example.com"`,
			fix: `send the origin "https://example.com" instead; add "https://example.com" to AllowOrigins if ` +
				"its pages may read the responses",
			passes: core.ReasonAllowed,
		},
		{
			name: "malformed origin beyond repair", cfg: origins(app), r: get("Origin", "https://*.example.com"),
			reason: core.ReasonOriginMalformed, step: "origin",
			because: `the Origin header "https://*.example.com" is malformed: it contains a wildcard`,
			fix:     `send an origin such as "https://app.example.com"`, broken: true,
		},
		{
			name: "lookup", cfg: lookup(failing), r: get("Origin", app), reason: core.ReasonLookupFailed, step: "origin",
			field:   "AllowOriginFunc",
			because: `AllowOriginFunc failed for "https://app.example.com": "connection refused"`,
			fix:     "fix the error that AllowOriginFunc returned, then try again", broken: true,
		},
		{
			name: "method", cfg: listed(nil), r: preflight(app, "DELETE"), reason: core.ReasonMethodNotAllowed, step: "method",
			because: `"DELETE" is not among the allowed methods`, field: "AllowMethods", fix: `add "DELETE" to AllowMethods`,
			passes: core.ReasonAllowed,
		},
		{
			name: "method beyond the defaults", cfg: origins(app), r: preflight(app, "PURGE"),
			reason: core.ReasonMethodNotAllowed, step: "method",
			because: `"PURGE" is not among the allowed methods`, field: "AllowMethods",
			fix: `set AllowMethods to append(core.DefaultMethods(), "PURGE")`, passes: core.ReasonAllowed,
		},
		{
			name: "method in lower case", cfg: origins(app), r: preflight(app, "patch"), reason: core.ReasonMethodNotAllowed,
			step:    "method",
			because: `"patch" is not among the allowed methods; methods are case-sensitive`, field: "AllowMethods",
			fix: `request the method "PATCH" instead`, passes: core.ReasonAllowed,
		},
		{
			name: "method in lower case, not listed", cfg: listed(nil), r: preflight(app, "patch"),
			reason: core.ReasonMethodNotAllowed, step: "method",
			because: `"patch" is not among the allowed methods; methods are case-sensitive`, field: "AllowMethods",
			fix: `request the method "PATCH" instead; add "PATCH" to AllowMethods`, passes: core.ReasonAllowed,
		},
		{
			name: "forbidden method", cfg: with(func(cfg *core.Config) { cfg.AllowMethods = []string{"*"} }),
			r:      preflight(app, "TRACE"),
			reason: core.ReasonMethodNotAllowed, step: "method", because: `"TRACE" is not among the allowed methods`,
			field: "AllowMethods",
			fix:   `use another method; browsers do not let pages send "TRACE", so no policy allows it`, broken: true,
		},
		{
			name: "a star is not a method", cfg: origins(app), r: preflight(app, "*"), reason: core.ReasonMethodNotAllowed,
			step:    "method",
			because: `"*" is not among the allowed methods`, field: "AllowMethods",
			fix:    `request a method by its name, such as "PUT"`,
			broken: true,
		},
		{
			name: "malformed method", cfg: origins(app), r: preflight(app, "PUT, POST"), reason: core.ReasonMethodMalformed,
			step:    "method",
			because: `the requested method "PUT, POST" is malformed: it must be a single method name of at most 64 bytes`,
			fix:     `request the method "PUT" instead`, passes: core.ReasonAllowed,
		},
		{
			name: "header", cfg: listed(nil), r: asks("x-tokem,x-other"), reason: core.ReasonHeaderNotAllowed, step: "headers",
			because: `"x-tokem", "x-other" are not among the allowed headers`, field: "AllowHeaders",
			fix: `add "x-tokem", "x-other" to AllowHeaders`, passes: core.ReasonAllowed,
		},
		{
			name: "header beyond the defaults", cfg: origins(app), r: asks("content-type,x-a"),
			reason: core.ReasonHeaderNotAllowed, step: "headers",
			because: `"x-a" is not among the allowed headers`, field: "AllowHeaders",
			fix: `set AllowHeaders to append(core.DefaultHeaders(), "x-a")`, passes: core.ReasonAllowed,
		},
		{
			name: "authorization", cfg: with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"*"} }),
			r:      asks("authorization"),
			reason: core.ReasonHeaderNotAllowed, step: "headers",
			because: `"*" in AllowHeaders does not include "authorization", which must be listed by name`,
			field:   "AllowHeaders",
			fix:     `add "authorization" to AllowHeaders`, passes: core.ReasonAllowed,
		},
		{
			name: "a header of the answer", cfg: listed(nil), r: asks("access-control-allow-origin,x-token"),
			reason: core.ReasonHeaderNotAllowed, step: "headers",
			because: `"access-control-allow-origin" is a header of the CORS protocol, which pages must not send`,
			field:   "AllowHeaders",
			fix:     `remove "access-control-allow-origin" from the requested headers`, passes: core.ReasonAllowed,
		},
		{
			name: "a forbidden header", cfg: listed(nil), r: asks("cookie"), reason: core.ReasonHeaderNotAllowed,
			step:    "headers",
			because: `browsers do not let pages send the header "cookie"`, field: "AllowHeaders",
			fix: `remove "cookie" from the requested headers`, passes: core.ReasonAllowed,
		},
		{
			name: "a star is no header", cfg: listed(nil), r: asks("*"), reason: core.ReasonHeaderNotAllowed, step: "headers",
			because: `"*" is not the name of a header`, field: "AllowHeaders",
			fix: `remove "*" from the requested headers`, passes: core.ReasonAllowed,
		},
		{
			name: "malformed headers", cfg: listed(nil), r: asks("x-token, x other"), reason: core.ReasonHeadersMalformed,
			step:    "headers",
			because: `Access-Control-Request-Headers is malformed: "x other" is not a valid header name`,
			fix:     `remove "x other" from the requested headers`,
			passes:  core.ReasonAllowed,
		},
		{
			name: "too many headers", cfg: listed(nil), r: asks(strings.Repeat(",", 20) + "x-token"),
			reason: core.ReasonHeadersTooLarge, step: "headers",
			because: "Access-Control-Request-Headers is too large: the limit is 8192 bytes, 128 names and 16 empty " +
				"elements",
			fix: "shorten the list of requested headers, without empty or repeated names", passes: core.ReasonAllowed,
		},
		{
			name: "path", cfg: guarded, r: at(get("Origin", app), "/admin/../public/x", "/admin/..%2fpublic/x"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: `the path has a ".." segment, which routers and handlers resolve in different ways`,
			field:   "Routes", fix: "request /public/x instead, if that is the intended path", passes: core.ReasonAllowed,
		},
		{
			name: "path and what it leads to", cfg: guarded, r: at(get("Origin", app), "/public/../admin/."),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: `the path has a ".." segment, which routers and handlers resolve in different ways`,
			field:   "Routes", passes: core.ReasonAllowed,
			fix: `request /admin/ instead, if that is the intended path; add "https://app.example.com" to ` +
				"Routes[1].Config.AllowOrigins if its pages may read the responses",
		},
		{
			name: "a slash less", cfg: slashes, r: at(get("Origin", app), "/users/me"), reason: core.ReasonPathAmbiguous,
			step: "path",
			because: "routers could choose different handlers for this path: if a trailing slash is ignored, it " +
				`matches Routes[1] ("/users/me/"); otherwise, it matches Routes[0] ("/users/{id}")`,
			field: "Routes", fix: "add a route for exactly this path", broken: true,
		},
		{
			name: "a dot segment, and a slash less", cfg: slashes, r: at(get("Origin", app), "/users/./me"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: "routers could choose different handlers for this path: as sent, it matches no route; without " +
				`"//" and "/./", it matches Routes[1] ("/users/me/")`,
			field:  "Routes",
			fix:    "request /users/me instead, if that is the intended path; add a route for exactly that path",
			broken: true,
		},
		{
			name: "a path too long for an expression",
			cfg:  core.Config{Routes: []core.Route{{PathRegex: "/x/.*", Config: origins(app)}}},
			r:    at(get("Origin", app), "/y/"+strings.Repeat("a", 8<<10)), reason: core.ReasonPathAmbiguous, step: "path",
			because: "the path matches no route's Path, and is too long to be matched against a PathRegex",
			field:   "Routes",
			fix:     "request a shorter path", broken: true,
		},
		{
			name: "a path encoded twice", cfg: guarded, r: at(get("Origin", app), "/%61dmin/x"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: "routers could choose different handlers for this path: percent-decoded, it matches no route; " +
				`percent-decoded twice, it matches Routes[1] ("/admin/")`,
			field: "Routes", fix: "percent-encode the path only once, and only the characters that need it", broken: true,
		},
		{
			name: "a path encoded four times", cfg: guarded, r: at(get("Origin", app), "/public/%252561"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: "the path is still percent-encoded after it was decoded three times",
			field:   "Routes", broken: true,
			fix: "percent-encode the path only once, and only the characters that need it",
		},
		{
			name: "a path with many readings", cfg: guarded,
			r:      at(get("Origin", app), "//x", "//%78"+strings.Repeat("/.", 4<<10)),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: "routers could interpret the path in several ways, and it is longer than 2 KiB",
			field:   "Routes", fix: "request /x instead, if that is the intended path", passes: core.ReasonAllowed,
		},
		{
			name: "a path with two slashes", cfg: guarded, r: at(get("Origin", app), "//public/x"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: "routers could choose different handlers for this path: as sent, it matches no route; without " +
				`"//", it matches Routes[0] ("/public/")`,
			field: "Routes", fix: "request /public/x instead, if that is the intended path", passes: core.ReasonAllowed,
		},
		{
			name: "a path with dots encoded twice", cfg: guarded,
			r:      at(get("Origin", app), "/public/%2e%2e/x", "/public/%252e%252e/x"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: `the path has a ".." segment, which routers and handlers resolve in different ways`,
			field:   "Routes", broken: true,
			fix: "percent-encode the path only once, and only the characters that need it",
		},
		{
			name: "path without a policy", cfg: guarded, r: at(get("Origin", app), "/public/../internal/x"),
			reason: core.ReasonPathAmbiguous, step: "path",
			because: `the path has a ".." segment, which routers and handlers resolve in different ways`,
			field:   "Routes", fix: "request /internal/x instead, if that is the intended path", passes: core.ReasonNoPolicy,
		},
		{
			name: "no policy", cfg: core.Config{Routes: guarded.Routes}, r: at(get("Origin", app), "/items"),
			reason:  core.ReasonNoPolicy,
			because: "no policy applies, because the path matches no route, and the top level allows no origins",
			field:   "Routes",
			passes:  core.ReasonAllowed,
			fix: "add a route for the path, or allow the origin on every path that matches no route; add " +
				`"https://app.example.com" to AllowOrigins if its pages may read the responses`,
		},
		{
			name: "disabled", cfg: guarded, r: at(get("Origin", app), "/internal/x"), reason: core.ReasonNoPolicy,
			field:   "Routes[2].Disable",
			because: `no policy applies, because the path matches Routes[2] ("/internal/"), which has Disable`,
			fix:     "give the route a Config instead of Disable if other origins may read the responses", broken: true,
		},
		{
			name: "no origin", cfg: origins(app), r: get(), reason: core.ReasonNoOrigin, broken: true,
			because: "the request has no Origin header, so CORS does not apply to it: it comes from a page of the " +
				"server itself, from a link, or not from a browser",
		},
		{
			name: "a preflight without origin", cfg: origins(app), reason: core.ReasonNoOrigin, broken: true,
			r: changed(get("Access-Control-Request-Method", "PUT"), func(r *core.Request) { r.Method = "OPTIONS" }),
			because: "the request looks like a preflight, but has no Origin header; browsers always send one, so a " +
				"proxy may have removed it",
		},
		{
			name: "neither policy nor origin", cfg: core.Config{Routes: guarded.Routes}, r: at(get(), "/items"),
			reason: core.ReasonNoPolicy, broken: true,
			because: "no policy applies, because the path matches no route, and the top level allows no origins",
			field:   "Routes",
		},
		{
			name: "null", cfg: origins(app), r: get("Origin", "null"), reason: core.ReasonOriginNotAllowed, step: "origin",
			because: `"null" is not among the allowed origins; browsers send it from sandboxed frames and local ` +
				"files, and after some redirects",
			field: "AllowOrigins", passes: core.ReasonAllowed,
			fix: `serve the page from an https origin and list that origin, or add "null" to AllowOrigins if every ` +
				"website may read the responses",
		},
		{
			name: "null with credentials", cfg: credentialed(app), r: get("Origin", "null"), reason: core.ReasonOriginNotAllowed,
			step: "origin",
			because: `"null" is not among the allowed origins; browsers send it from sandboxed frames and local ` +
				"files, and after some redirects",
			field: "AllowOrigins", broken: true,
			fix: `serve the page from an https origin and list that origin; "null" cannot be listed together with ` +
				"AllowCredentials, because every website can send it",
		},
		{
			name: "http with credentials", cfg: credentialed(app), r: get("Origin", "http://other.example:443"),
			reason: core.ReasonOriginNotAllowed, step: "origin",
			because: `"http://other.example:443" is not among the allowed origins`, field: "AllowOrigins",
			passes: core.ReasonAllowed,
			fix: `open the page over https, at "https://other.example", because with AllowCredentials anyone who ` +
				"can tamper with http traffic could act as your visitors; add " +
				`"https://other.example" to AllowOrigins if its pages may read the responses; if https is ` +
				`not possible, add "http://other.example:443" to DangerouslyAllowOrigins`,
		},
		{
			name: "the server's own origin", cfg: origins(app), r: get("Origin", "https://api.example.com"),
			reason: core.ReasonSameOrigin,
			because: "the origin has the same host as the request, so the page is from the server itself, which " +
				"needs no permission",
			broken: true,
		},
		{
			name: "the server's own origin, by Sec-Fetch-Site", cfg: origins(app),
			r:      get("Origin", "null", "Sec-Fetch-Site", "same-origin"),
			reason: core.ReasonSameOrigin, broken: true,
			because: "the request comes from a page of the server itself, which needs no permission",
		},
		{
			name: "allowed", cfg: origins(evil, app), r: get("Origin", app), reason: core.ReasonAllowed,
			field:   "AllowOrigins[1]",
			because: `AllowOrigins[1] ("https://app.example.com") allows the origin`, broken: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := mustNew(t, tt.cfg).Explain(t.Context(), tt.r)
			if e.Decision.Reason != tt.reason || e.Reason != tt.reason.String() || e.Step != tt.step {
				t.Fatalf("got reason %v, %q, step %q, want %v, step %q", e.Decision.Reason, e.Reason, e.Step, tt.reason, tt.step)
			}
			if e.Because != tt.because || e.Field != tt.field || e.Fix != tt.fix {
				t.Errorf("got\n%q\n%q\n%q, want\n%q\n%q\n%q", e.Because, e.Field, e.Fix, tt.because, tt.field, tt.fix)
			}
			if tt.broken != (e.Changes == nil && e.Instead == nil) {
				t.Fatalf("got changes %v and %v", e.Changes, e.Instead)
			}
			if tt.broken {
				return
			}
			cfg, r := repaired(t, e, tt.cfg, tt.r)
			if got := mustNew(t, cfg).Decide(t.Context(), r).Reason; got != tt.passes {
				t.Errorf("repaired: got %v, want %v", got, tt.passes)
			}
		})
	}
	t.Run("lookup, repaired", func(t *testing.T) {
		if d := mustNew(t, lookup(nil)).Decide(t.Context(), get("Origin", app)); !d.Allowed() {
			t.Errorf("got %v, want allowed", d.Reason)
		}
	})
}

// TestExplainProtection covers the Reason of a CSRFProtection.
func TestExplainProtection(t *testing.T) {
	post := func(l ...string) core.Request {
		r := get(l...)
		r.Method = "POST"
		return r
	}
	cfg := core.CSRFConfig{TrustedOrigins: []string{app}, ExemptPaths: []string{"/hooks/"}}
	for _, tt := range []struct {
		name    string
		r       core.Request
		reason  core.Reason
		because string
		fix     string
		trust   []string
	}{
		{"another site", post("Origin", evil, "Sec-Fetch-Site", "cross-site"), core.ReasonCrossSiteWrite,
			`Sec-Fetch-Site is "cross-site", so a page of another site sent the request, and ` +
				`"https://evil.example" is not in TrustedOrigins`,
			`add "https://evil.example" to TrustedOrigins if its pages may act as your visitors`, []string{evil}},
		{"another site, an old browser", post("Origin", evil), core.ReasonCrossSiteWrite,
			`the Origin header "https://evil.example" does not match the Host "api.example.com", and is not in ` +
				"TrustedOrigins",
			`add "https://evil.example" to TrustedOrigins if its pages may act as your visitors`, []string{evil}},
		{"cannot be trusted", post("Origin", "null"), core.ReasonCrossSiteWrite,
			`the Origin header "null" does not match the Host "api.example.com", and is not in TrustedOrigins`,
			`send the request from a page of the server itself; "null" cannot be trusted: any website could act as ` +
				"your visitors, because it can send this origin from a sandboxed frame", nil},
		{"insecure", post("Origin", "http://other.example"), core.ReasonCrossSiteWrite,
			`the Origin header "http://other.example" does not match the Host "api.example.com", and is not in ` +
				"TrustedOrigins",
			"open the page over https, or send the request from a page of the server itself; " +
				`"http://other.example" cannot be trusted: anyone who can tamper with http traffic could act ` +
				"as your visitors",
			nil},
		{"safe", get("Origin", evil), core.ReasonNoPolicy, "GET requests are not checked, because they must not " +
			"change anything", "", nil},
		{
			"same origin", post("Origin", evil, "Sec-Fetch-Site", "same-origin"), core.ReasonNoPolicy,
			`Sec-Fetch-Site is "same-origin", so no page of another origin sent the request`, "", nil,
		},
		{
			"no browser", post(), core.ReasonNoPolicy,
			"the request has neither a Sec-Fetch-Site nor an Origin header, so no page of another origin sent it", "", nil,
		},
		{"exempt", at(post("Origin", evil), "/hooks/x"), core.ReasonNoPolicy, "the path is in ExemptPaths", "", nil},
		{"trusted", post("Origin", app), core.ReasonNoPolicy, "the origin is in TrustedOrigins", "", nil},
		{
			"own host", post("Origin", "https://api.example.com"), core.ReasonNoPolicy, "the Origin matches the " +
				"Host of the request",
			"", nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := core.NewCSRFProtection(cfg)
			if err != nil {
				t.Fatal(err)
			}
			e := p.Explain(t.Context(), tt.r)
			if e.Decision != p.Decide(t.Context(), tt.r) || e.Decision.Reason != tt.reason || e.Because != tt.because ||
				e.Fix != tt.fix {
				t.Errorf("got %v\n%q\n%q, want %v\n%q\n%q", e.Decision.Reason, e.Because, e.Fix, tt.reason, tt.because, tt.fix)
			}
			var trust []string
			for _, c := range e.Changes {
				trust = append(trust, c.Add...)
			}
			if !slices.Equal(trust, tt.trust) {
				t.Fatalf("got %q, want %q", trust, tt.trust)
			}
			if trust == nil {
				return
			}
			p, err = core.NewCSRFProtection(core.CSRFConfig{TrustedOrigins: trust})
			if err != nil {
				t.Fatal(err)
			}
			if d := p.Decide(t.Context(), tt.r); d.Reason != core.ReasonNoPolicy {
				t.Errorf("repaired: got %v", d.Reason)
			}
		})
	}
}

// TestExplainNearest covers origins, methods and headers that are similar to allowed ones.
func TestExplainNearest(t *testing.T) {
	const not = ` is not among the allowed origins`
	many := core.Config{AllowOrigins: manyOrigins(5000)}
	for _, tt := range []struct {
		name    string
		cfg     core.Config
		r       core.Request
		nearest string
		because string
	}{
		{
			"typo", origins(app), get("Origin", "https://ap.example.com"), app,
			`"https://ap.example.com"` + not + `, but "https://app.example.com" is (with a similar spelling)`,
		},
		{
			"letters swapped", origins(evil, app), get("Origin", "https://app.exmaple.com"), app,
			`"https://app.exmaple.com"` + not + `, but "https://app.example.com" is (with a similar spelling)`,
		},
		{
			"the nearest of several", origins("https://apple.example.com", "https://appl.example.com"),
			get("Origin", "https://app.example.com"), "https://appl.example.com",
			`"https://app.example.com"` + not + `, but "https://appl.example.com" is (with a similar spelling)`,
		},
		{
			"typo under a wildcard", origins("https://*.example.com"), get("Origin", "https://app.exmaple.com"),
			"https://*.example.com",
			`"https://app.exmaple.com"` + not + `, but "https://*.example.com" is (with a similar domain)`,
		},
		{
			"http for https", origins(app), get("Origin", "http://app.example.com"), app,
			`"http://app.example.com"` + not + `, but "https://app.example.com" is (with https instead of http)`,
		},
		{"https for http", origins("http://localhost:3000"), get("Origin", "https://localhost:3000"), "http://localhost:3000",
			`"https://localhost:3000"` + not + `, but "http://localhost:3000" is (with http instead of https)`},
		{"http for https under a wildcard", origins("https://*.example.com"), get("Origin", "http://app.example.com"), app,
			`"http://app.example.com"` + not + `, but "https://app.example.com" is (with https instead of http)`},
		{
			"a missing port", origins("https://app.example.com:8443"), get("Origin", app), "https://app.example.com:8443",
			`"https://app.example.com"` + not + `, but "https://app.example.com:8443" is (with another port)`,
		},
		{
			"a port too many", origins(app), get("Origin", app+":8443"), app,
			`"https://app.example.com:8443"` + not + `, but "https://app.example.com" is (without the port)`,
		},
		{
			"scheme and port", origins(app), get("Origin", "http://app.example.com:8080"), app,
			`"http://app.example.com:8080"` + not + `, but "https://app.example.com" is (with https and without ` +
				"the port)",
		},
		{
			"another port", origins("http://localhost:3000"), get("Origin", "http://localhost:5173"), "http://localhost:3000",
			`"http://localhost:5173"` + not + `, but "http://localhost:3000" is (with another port)`,
		},
		{
			"the apex of a wildcard", origins("https://*.example.com"), get("Origin", "https://example.com"),
			"https://*.example.com",
			`"https://example.com"` + not + `, but "https://*.example.com" is, which matches only subdomains`,
		},
		{"a host below", origins("https://example.com"), get("Origin", "https://a.b.example.com"), "https://example.com",
			`"https://a.b.example.com"` + not + `, but "https://example.com" is, which does not include its ` +
				"subdomains"},
		{
			"www. missing", origins("https://www.example.com"), get("Origin", "https://example.com"), "https://www.example.com",
			`"https://example.com"` + not + `, but "https://www.example.com" is (with "www.")`,
		},
		{
			"www. too many", origins("https://example.com"), get("Origin", "https://www.example.com"), "https://example.com",
			`"https://www.example.com"` + not + `, but "https://example.com" is (without "www.")`,
		},
		{
			"regex", core.Config{AllowOriginRegexes: []string{`https://[a-z]+\.example\.com`}},
			get("Origin", "http://app.example.com"), app,
			`"http://app.example.com"` + not + `, but "https://app.example.com" is (with https instead of http)`,
		},
		{"among many", many, get("Origin", "http://tenant-4321.example.com"), "https://tenant-4321.example.com",
			`"http://tenant-4321.example.com"` + not + `, but "https://tenant-4321.example.com" is (with https ` +
				"instead of http)"},
		{"an origin of another route", guarded, at(get("Origin", "https://admin.example.com"), "/x"), `Routes[1] ("/admin/")`,
			`"https://admin.example.com"` + not + `; Routes[1] ("/admin/") allows it, but does not apply to this path`},
		{
			"everybody elsewhere", guarded, at(get("Origin", evil), "/x"), "",
			`"https://evil.example"` + not,
		},
		{"nothing near", origins(app), get("Origin", evil), "", `"https://evil.example"` + not},
		{
			"the func said no",
			core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { return false, nil }},
			get("Origin", evil), "",
			`"https://evil.example"` + not + ", and AllowOriginFunc did not allow it",
		},
		{
			"an address", origins("http://127.0.0.1:3000"), get("Origin", "http://127.0.0.1:3001"), "http://127.0.0.1:3000",
			`"http://127.0.0.1:3001"` + not + `, but "http://127.0.0.1:3000" is (with another port)`,
		},
		{"null", origins(app), get("Origin", "null"), "", `"null"` + not + "; browsers send it from sandboxed " +
			"frames and local files, and after some redirects"},
		{
			"trailing slash", origins(app), get("Origin", app+"/"), app,
			`the Origin header "https://app.example.com/" is malformed: an origin has no path`,
		},
		{
			"two lines", origins(app), get("Origin", app, "Origin", evil), app,
			`the Origin header "https://app.example.com, https://evil.example" is malformed: it has several values, ` +
				"because the client sent the header twice or a proxy added a value",
		},
		{
			"a method in lower case", origins(app), preflight(app, "patch"), "PATCH",
			`"patch" is not among the allowed methods; methods are case-sensitive`,
		},
		{
			"put", origins(app), preflight(app, "put"), "PUT",
			`"put" is not among the allowed methods; methods are case-sensitive`,
		},
		{"a typo in a header", listed(nil), asks("x-tokne"), "x-token", `"x-tokne" is not among the allowed ` +
			`headers, but "x-token" is (with a similar spelling)`},
		{
			"another header", listed(nil), asks("x-completely-different"), "",
			`"x-completely-different" is not among the allowed headers`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := mustNew(t, tt.cfg).Explain(t.Context(), tt.r)
			if e.Nearest != tt.nearest || e.Because != tt.because {
				t.Errorf("got\n%q\n%q, want\n%q\n%q", e.Nearest, e.Because, tt.nearest, tt.because)
			}
		})
	}
}

// TestExplainAllowed: Explain reports which entry allows an origin.
func TestExplainAllowed(t *testing.T) {
	cfg := core.Config{
		AllowOrigins: []string{
			evil, "HTTPS://App.example.com:443", "https://*.example.org", "https://pr-*.example.net", "http://localhost:*",
			"null",
		},
		AllowOriginRegexes: []string{`https://r[0-9]\.example`},
		AllowOriginFunc:    func(context.Context, string, core.Request) (bool, error) { return true, nil },
		Routes:             []core.Route{{Path: "/public/", Config: core.Config{AllowOrigins: []string{app, "*"}}}},
	}
	many := core.Config{AllowOrigins: append(manyOrigins(2000), "https://*.example.org")}
	for _, tt := range []struct {
		cfg     core.Config
		r       core.Request
		field   string
		because string
	}{
		{cfg, get("Origin", app), "AllowOrigins[1]", `AllowOrigins[1] ("https://app.example.com") allows the origin`},
		{
			cfg, get("Origin", "https://a.b.example.org"), "AllowOrigins[2]",
			`AllowOrigins[2] ("https://*.example.org") allows the origin`,
		},
		{
			cfg, get("Origin", "https://pr-1.example.net"), "AllowOrigins[3]",
			`AllowOrigins[3] ("https://pr-*.example.net") allows the origin`,
		},
		{
			cfg, get("Origin", "http://localhost:3000"), "AllowOrigins[4]",
			`AllowOrigins[4] ("http://localhost:*") allows the origin`,
		},
		{cfg, get("Origin", "null"), "AllowOrigins[5]", `AllowOrigins[5] ("null") allows the origin`},
		{
			cfg, get("Origin", "https://r1.example"), "AllowOriginRegexes[0]",
			`AllowOriginRegexes[0] ("https://r[0-9]\\.example") allows the origin`,
		},
		{cfg, get("Origin", "https://func.example"), "AllowOriginFunc", "AllowOriginFunc allows the origin"},
		{
			cfg, at(get("Origin", evil), "/public/"), "Routes[0].Config.AllowOrigins[1]",
			`Routes[0].Config.AllowOrigins[1] ("*") allows the origin`,
		},
		{
			many, get("Origin", "https://tenant-1999.example.com"), "AllowOrigins",
			`AllowOrigins ("https://tenant-1999.example.com") allows the origin`,
		},
		{many, get("Origin", "https://a.example.org"), "AllowOrigins", "AllowOrigins allows the origin"},
		{
			cfg, preflight(app, "PUT"), "AllowOrigins[1]",
			`AllowOrigins[1] ("https://app.example.com") allows the origin, and the method and the headers are ` +
				"allowed",
		},
		{cfg, changed(get("Origin", app), func(r *core.Request) { r.Method = "OPTIONS" }), "AllowOrigins[1]",
			`AllowOrigins[1] ("https://app.example.com") allows the origin; this is not a preflight, because it ` +
				"has no Access-Control-Request-Method"},
		{cfg, get("Origin", app, "Cookie", "a=b"), "AllowCredentials",
			`AllowOrigins[1] ("https://app.example.com") allows the origin, but the page cannot read the response, ` +
				"because the request has cookies and AllowCredentials is not set"},
		{
			cfg, get("Origin", app, "Cookie", "a=b", "Sec-Fetch-Mode", "navigate"), "AllowOrigins[1]",
			`AllowOrigins[1] ("https://app.example.com") allows the origin`,
		},
	} {
		e := mustNew(t, tt.cfg).Explain(t.Context(), tt.r)
		if e.Field != tt.field || e.Because != tt.because {
			t.Errorf("got\n%q\n%q, want\n%q\n%q", e.Field, e.Because, tt.field, tt.because)
		}
	}
}

func changed(r core.Request, change func(*core.Request)) core.Request {
	change(&r)
	return r
}

// TestExplainBrowser compares Browser with what Chromium prints.
func TestExplainBrowser(t *testing.T) {
	const (
		blocked = "Access to fetch at 'https://api.example.com/' from origin 'https://app.example.com' has been blocked " +
			"by CORS policy: "
		evils = "Access to fetch at 'https://api.example.com/' from origin 'https://evil.example' has been blocked by " +
			"CORS policy: "
		missing    = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
		preflights = "Response to preflight request doesn't pass access control check: "
	)
	debug := listed(func(cfg *core.Config) { cfg.Debug = true })
	star := listed(func(cfg *core.Config) {
		cfg.Debug, cfg.AllowMethods, cfg.AllowHeaders = true, []string{"*"}, []string{"x-token"}
	})
	disabled := listed(func(cfg *core.Config) { cfg.Routes = []core.Route{{Path: "/", Disable: true}} })
	local := get("Origin", evil)
	local.Host = "localhost:8080"
	none := get("Origin", evil)
	none.Host = "a@b/\x1b"
	for _, tt := range []struct {
		name string
		cfg  core.Config
		r    core.Request
		want string
	}{
		{"allowed", listed(nil), get("Origin", app), ""},
		{"no origin", listed(nil), get(), ""},
		{"actual", listed(nil), get("Origin", evil), evils + missing},
		{"preflight", listed(nil), preflight(evil, "PUT"), evils + preflights + missing},
		{"method", listed(nil), preflight(app, "DELETE"), blocked + preflights + missing},
		{
			"method, debug", debug, preflight(app, "DELETE"),
			blocked + "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight response.",
		},
		{
			"header, debug", debug, asks("x-token,x-B,x-a"),
			blocked + "Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response.",
		},
		{
			"header, debug, the list of methods is left out", star, asks("x-a"),
			blocked + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
		},
		{
			"cookies", listed(nil), get("Origin", app, "Cookie", "a=b"),
			blocked +
				"The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the " +
				"request's credentials mode is 'include'.",
		},
		{
			"cookies, any origin", origins("*"), get("Origin", app, "Cookie", "a=b"),
			blocked +
				"The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the " +
				"request's credentials mode is 'include'.",
		},
		{"cookies with credentials", credentialed(app), get("Origin", app, "Cookie", "a=b"), ""},
		{"same origin", listed(nil), get("Origin", evil, "Sec-Fetch-Site", "same-origin"), ""},
		{"no policy", disabled, get("Origin", app), blocked + missing},
		{"no policy, preflight", disabled, asks("x-token"), blocked + preflights + missing},
		{"no policy, same origin", disabled, get("Origin", app, "Sec-Fetch-Site", "same-origin"), ""},
		{"no policy, no origin", disabled, get(), ""},
		{
			"this machine", listed(nil), local,
			"Access to fetch at 'http://localhost:8080/' from origin 'https://evil.example' has been blocked by CORS policy: " +
				missing,
		},
		{
			"no host to speak of", listed(nil), none,
			"Access to fetch at 'https://HOST/' from origin 'https://evil.example' has been blocked by CORS policy: " + missing,
		},
		{
			"control bytes", listed(nil), get("Origin", "https://a\x1b[2J"),
			`Access to fetch at 'https://api.example.com/' from origin 'https://a\x1b[2J' has been blocked by CORS policy: ` +
				missing,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustNew(t, tt.cfg).Explain(t.Context(), tt.r).Browser; got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestExplainCurl checks the command, and how a shell splits it into arguments.
func TestExplainCurl(t *testing.T) {
	request := func(method, path, raw string, l ...string) core.Request {
		r := at(get(l...), path, raw)
		r.Method = method
		return r
	}
	for _, tt := range []struct {
		name string
		r    core.Request
		want string
		args []string // the arguments after -i, or nil if Curl must be ""
	}{
		{
			"actual", request("GET", "/a b", "", "Origin", app),
			`curl -i https://api.example.com/a%20b -H 'Origin: https://app.example.com'`,
			[]string{"https://api.example.com/a%20b", "-H", "Origin: https://app.example.com"},
		},
		{"preflight", preflight(app, "PUT", "Access-Control-Request-Headers", "a,b"),
			`curl -i https://api.example.com/ -X OPTIONS -H 'Origin: https://app.example.com' -H ` +
				`'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: a,b'`,
			[]string{
				"https://api.example.com/", "-X", "OPTIONS", "-H", "Origin: https://app.example.com", "-H",
				"Access-Control-Request-Method: PUT", "-H", "Access-Control-Request-Headers: a,b",
			}},
		{
			"head", request("HEAD", "/", "", "Sec-Fetch-Site", "none"),
			`curl -i https://api.example.com/ --head -H 'Sec-Fetch-Site: none'`,
			[]string{"https://api.example.com/", "--head", "-H", "Sec-Fetch-Site: none"},
		},
		{"dots", request("GET", "/a/../{x}", "/a/..%2f{x}"), `curl -i https://api.example.com/a/../%7Bx%7D --path-as-is`,
			[]string{"https://api.example.com/a/../%7Bx%7D", "--path-as-is"}},
		{
			"as sent", request("GET", "/a/../x", "/a/..%2fx"), `curl -i https://api.example.com/a/..%2fx --path-as-is`,
			[]string{"https://api.example.com/a/..%2fx", "--path-as-is"},
		},
		{
			"brackets", request("GET", "/[x]", "/[x]"), `curl -i 'https://api.example.com/[x]' --globoff`,
			[]string{"https://api.example.com/[x]", "--globoff"},
		},
		{"a whole server", request("OPTIONS", "*", ""), `curl -i https://api.example.com/ --request-target '*' -X OPTIONS`,
			[]string{"https://api.example.com/", "--request-target", "*", "-X", "OPTIONS"}},
		{
			"quotes", request("GET", "/", "", "Origin", `';$(reboot)"`),
			`curl -i https://api.example.com/ -H 'Origin: '\'';$(reboot)"'`,
			[]string{"https://api.example.com/", "-H", `Origin: ';$(reboot)"`},
		},
		{
			"bytes", request("GET", "/", "", "Origin", "a'\\\t\x1b\xffa$(x)`"),
			`curl -i https://api.example.com/ -H $'Origin: a\'\\\x09\x1b\xffa$(x)` + "`'",
			[]string{"https://api.example.com/", "-H", "Origin: a'\\\t\x1b\xffa$(x)`"},
		},
		{
			"an option for a method", request("-o/etc/passwd", "/", ""), `curl -i https://api.example.com/ -X -o/etc/passwd`,
			[]string{"https://api.example.com/", "-X", "-o/etc/passwd"},
		},
		{"lines", request("GET", "/", "", "Origin", "a\r\nX: 1"), "", nil},
		{"NUL", request("GET", "/", "", "Origin", "a\x00"), "", nil},
		{"long", request("GET", "/", "", "Origin", strings.Repeat("a", 2000)), "", nil},
		{"a long path", request("GET", "/"+strings.Repeat("a", 2000), ""), "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustNew(t, listed(nil)).Explain(t.Context(), tt.r).Curl
			if got != tt.want {
				t.Fatalf("got  %s\nwant %s", got, tt.want)
			}
			if tt.args == nil {
				return
			}
			bash, err := exec.LookPath("bash")
			if err != nil {
				t.Skip(err)
			}
			out, err := exec.Command(bash, "-c", `curl() { printf '%s\0' "$@"; }; `+got).Output()
			if err != nil {
				t.Fatal(err)
			}
			if args := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(args[1:], tt.args) {
				t.Errorf("a shell reads %q, want %q", args[1:], tt.args)
			}
		})
	}
}

// TestExplainQuotes: strings from a client are quoted unless they are printable ASCII.
func TestExplainQuotes(t *testing.T) {
	const hostile = "\x1b]0;x\a\u202e\xff\r\n'\"`"
	p := mustNew(t, guarded)
	for _, r := range []core.Request{
		at(get("Origin", hostile), hostile, hostile), preflight(hostile, hostile, "Access-Control-Request-Headers", hostile),
		asks(hostile), preflight(app, hostile),
		{
			Method: hostile, Host: hostile, Path: "/public/../" + hostile,
			Header: core.HeaderMap{"Origin": {hostile}, "Sec-Fetch-Site": {hostile}},
		},
	} {
		e := p.Explain(t.Context(), r)
		for _, s := range append([]string{e.Method, e.Host, e.Path, e.Origin, e.RequestMethod, e.RequestHeaders, e.Nearest},
			strings.Split(e.String(), "\n")...) {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r != '…' }) {
				t.Errorf("got %q", s)
			}
		}
	}
	e := p.Explain(t.Context(), at(preflight("a\x1b", "\xff"), "/x"))
	if got, want := [...]string{e.Origin, e.RequestMethod, e.Because}, [...]string{`"a\x1b"`, `"\xff"`,
		`the Origin header "a\x1b" is malformed: it contains control or non-ASCII characters`}; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// maxExplanation is the maximum size of an explanation, as text and as JSON, for any request.
const maxExplanation = 48 << 10

func size(t testing.TB, e core.Explanation) int {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return max(len(b), len(e.String()))
}

func TestExplainIsBounded(t *testing.T) {
	const mib = 1 << 20
	policies := []*core.Policy{
		mustNew(t, guarded),
		mustNew(t, core.Config{AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			panic(strings.Repeat(origin, 1000))
		}}),
	}
	for _, filling := range []string{"a", "\xff", "\x1b", "/", "/../", ",", "a,", "https://a.", " ", "%2f", "ü"} {
		long := strings.Repeat(filling, mib/len(filling))
		for _, r := range []core.Request{
			get("Origin", long), get("Origin", app+"/"+long), get("Origin", "https://"+long), preflight(app, long), asks(long),
			preflight(long, long, "Access-Control-Request-Headers", long),
			at(get("Origin", app), long), at(get("Origin", app), "/admin/.."+long, "/public/"+long), asks(numbered(2000)),
			asks(strings.Repeat(filling, 8<<10/len(filling))),
			{Method: long, Host: long, Path: long, RawPath: long, Header: core.HeaderMap{"Origin": {long}}},
		} {
			for _, p := range policies {
				if got := size(t, p.Explain(t.Context(), r)); got > maxExplanation {
					t.Errorf("%q: got %d bytes", filling, got)
				}
			}
		}
	}
	if e := policies[0].Explain(t.Context(), get("Origin", strings.Repeat("a", mib))); e.Origin !=
		`"`+strings.Repeat("a", 320)+`"…` ||
		e.Because != `the Origin header "`+strings.Repeat("a", 320)+`"… is malformed: it is longer than 320 bytes` {
		t.Errorf("got %+v", e)
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "x-%d,", i)
	}
	return b.String()
}

// TestExplainAsks: Explain calls AllowOriginFunc once for each origin, reports its panics as
// errors, and does not call OnDecision.
func TestExplainAsks(t *testing.T) {
	var asked []string
	cfg := core.Config{
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			asked = append(asked, origin)
			if origin == app {
				panic("no\x1b")
			}
			return false, nil
		},
		OnDecision: func(context.Context, core.Event) { t.Error("OnDecision was called") },
	}
	p := mustNew(t, cfg)
	p.Explain(t.Context(), get("Origin", evil))
	p.Explain(t.Context(), get("Origin", evil+"/"))
	p.Explain(t.Context(), get("Origin", "null"))
	e := p.Explain(t.Context(), preflight(app, "PUT"))
	if want := []string{evil, evil, app}; !slices.Equal(asked, want) {
		t.Errorf("got %q, want %q", asked, want)
	}
	if want := `AllowOriginFunc failed for "https://app.example.com": "panic: \"no\\x1b\""`; e.Decision.Reason !=
		core.ReasonLookupFailed || e.Because != want {
		t.Errorf("got %v, %s, want %s", e.Decision.Reason, e.Because, want)
	}
	if e := p.Explain(t.Context(), core.Request{}); e.Decision.Reason != core.ReasonNoOrigin || e.Path != "/" {
		t.Errorf("got %+v", e)
	}
}

// TestExplainBorrowed: an explanation shares no memory with the request.
func TestExplainBorrowed(t *testing.T) {
	for _, tt := range situations {
		t.Run(tt.name, func(t *testing.T) {
			p := mustNew(t, listed(func(cfg *core.Config) {
				if tt.config != nil {
					tt.config(cfg)
				}
			}))
			borrowed, overwrite := borrow(tt.r)
			got := p.Explain(t.Context(), borrowed)
			before := fmt.Sprintf("%+v", got)
			overwrite()
			if after := fmt.Sprintf("%+v", got); after != before {
				t.Errorf("got  %s\nwant %s", after, before)
			}
			if want := p.Explain(t.Context(), tt.r); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestExplainString(t *testing.T) {
	p := mustNew(t,
		core.Config{
			AllowOrigins: []string{"https://www.example.com"}, AllowMethods: []string{"PUT"},
			AllowHeaders: []string{"content-type"},
		})
	for _, tt := range []struct {
		r    core.Request
		want string
	}{
		{
			preflight("https://wwww.example.com", "PUT", "Access-Control-Request-Headers", "content-type"),
			`preflight request refused (origin-not-allowed), status 403
  request: OPTIONS / from https://wwww.example.com, requests PUT with content-type
  because: "https://wwww.example.com" is not among the allowed origins,` +
				` but "https://www.example.com" is (with a similar spelling)
  nearest: https://www.example.com
  fix:     correct the spelling, or add "https://wwww.example.com" to AllowOrigins if its pages may read the responses
  browser: Access to fetch at 'https://api.example.com/' from origin 'https://wwww.example.com'` +
				` has been blocked by CORS policy: Response to preflight request doesn't pass access control check:` +
				` No 'Access-Control-Allow-Origin' header is present on the requested resource.
  curl:    curl -i https://api.example.com/ -X OPTIONS -H 'Origin: https://wwww.example.com'` +
				` -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: content-type'
`,
		},
		{get("Origin", "https://www.example.com"), `actual request allowed (allowed)
  request: GET / from https://www.example.com
  because: AllowOrigins[0] ("https://www.example.com") allows the origin
  curl:    curl -i https://api.example.com/ -H 'Origin: https://www.example.com'
`},
		{get(), `not a cross-origin request (no-origin)
  request: GET /
  because: the request has no Origin header, so CORS does not apply to it: it comes from a page of the server` +
			` itself, from a link, or not from a browser
  curl:    curl -i https://api.example.com/
`},
		{get("Origin", "https://api.example.com"), `request from the server's own page (same-origin)
  request: GET / from https://api.example.com
  because: the origin has the same host as the request, so the page is from the server itself, which needs no permission
  curl:    curl -i https://api.example.com/ -H 'Origin: https://api.example.com'
`},
	} {
		if got := p.Explain(t.Context(), tt.r).String(); got != tt.want {
			t.Errorf("got\n%s\nwant\n%s", got, tt.want)
		}
	}
}

// TestExplanationRoundTrip: an explanation that was marshaled to JSON and back prints the same
// text.
func TestExplanationRoundTrip(t *testing.T) {
	for _, r := range []core.Request{get(), get("Origin", app), get("Origin", evil), preflight(app, "put")} {
		e := mustNew(t, origins(app)).Explain(t.Context(), r)
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got core.Explanation
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if got.String() != e.String() {
			t.Errorf("got\n%s\nwant\n%s", got, e)
		}
	}
}

func TestExplainJSON(t *testing.T) {
	p := mustNew(t, core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{}})
	got, err := json.MarshalIndent(
		p.Explain(t.Context(), preflight(app+"/", "PUT", "Access-Control-Request-Headers", "x-a")), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
	"kind": "preflight",
	"reason": "origin-malformed",
	"status": 403,
	"method": "OPTIONS",
	"host": "api.example.com",
	"path": "/",
	"origin": "https://app.example.com/",
	"request_method": "PUT",
	"request_headers": "x-a",
	"step": "origin",
	"because": "the Origin header \"https://app.example.com/\" is malformed: an origin has no path",
	"nearest": "https://app.example.com",
	"fix": "send the origin \"https://app.example.com\" instead; add \"x-a\" to AllowHeaders",
	"changes": [
		{
			"field": "AllowHeaders",
			"add": [
				"x-a"
			]
		}
	],
	"instead": {
		"Origin": "https://app.example.com"
	},
	"browser": "Access to fetch at 'https://api.example.com/' from origin 'https://app.example.com/'` +
		` has been blocked by CORS policy: Response to preflight request doesn't pass access control check:` +
		` No 'Access-Control-Allow-Origin' header is present on the requested resource.",
	"curl": "curl -i https://api.example.com/ -X OPTIONS -H 'Origin: https://app.example.com/'` +
		` -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: x-a'"
}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// explained are the policies of FuzzExplain.
var explained = []core.Config{
	origins(app, "https://*.example.org", "null"),
	credentialed(app, "https://pr-*.example.net", "http://localhost:*"),
	guarded,
	{Routes: guarded.Routes},
	{AllowOrigins: []string{"*"}, AllowHeaders: []string{"*"}, AllowMethods: []string{"*"}, Debug: true},
	{
		AllowOriginRegexes: []string{`https://[a-z]+\.example\.net`}, AllowCredentials: true, AllowMethods: []string{"*"},
		AllowHeaders: []string{"*", "authorization"}, ForbidDisallowed: true,
	},
	{
		AllowMethods: []string{}, AllowHeaders: []string{},
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			if strings.HasSuffix(origin, ".fail") {
				return false, failing
			}
			return strings.HasSuffix(origin, ".yes"), nil
		},
	},
	{
		DangerouslyAllowOrigins: []string{"http://a.example"}, AllowCredentials: true, Debug: true,
	},
}

// FuzzExplain: Explain never panics, does a bounded amount of work, and returns the same Decision
// as Decide. The changes that it suggests make the request pass.
func FuzzExplain(f *testing.F) {
	for i := range explained {
		f.Add(uint8(i), "OPTIONS", "/admin/../x", "/admin/..%2fx", "https://App.example/", "patch", "x-a, cookie,,a b")
		f.Add(uint8(i), "OPTIONS", "/", "", "http://other.example:443", "PUT, POST", "*,authorization")
		f.Add(uint8(i), "GET", "*", "", "https://a.fail", "*", strings.Repeat("x-a,", 200))
		f.Add(uint8(i), "POST", "//public//x/.", "", "null", "", "access-control-allow-origin")
		f.Add(uint8(i), "OPTIONS", "/internal/\x1b", "", "https://user@[::1]:80/?\xff", strings.Repeat("A", 65), "\x00")
	}
	f.Add(uint8(7), "OPTIONS", "0", "", "https://a.example", "0", "x-new"+strings.Repeat(",", 17))
	f.Add(uint8(0), "OPTIONS", "0", "", "A", "$", "0")                            // a token that AllowMethods refuses
	f.Add(uint8(0), "OPTIONS", "0", "", "https://a.example", "PUT", "x-$,http_x") // and AllowHeaders
	f.Fuzz(func(t *testing.T, i uint8, method, path, raw, origin, requested, headers string) {
		cfg := explained[int(i)%len(explained)]
		p := mustNew(t, cfg)
		h := core.HeaderMap{
			"Origin": {origin}, "Access-Control-Request-Method": {requested}, "Access-Control-Request-Headers": {headers},
		}
		r := core.Request{Method: method, Host: "api.example.com", Path: path, RawPath: raw, Header: h}
		e := p.Explain(t.Context(), r)
		if got, want := e.Decision, p.Decide(t.Context(), r); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if got := size(t, e); got > maxExplanation {
			t.Fatalf("got %d bytes", got)
		}
		if e.Because == "" || (e.Step != "") != (e.Decision.Reason > core.ReasonAllowed) || e.Step != "" && e.Fix == "" {
			t.Fatalf("got %+v", e)
		}
		if e.Changes == nil && e.Instead == nil {
			return
		}
		cfg, r = repaired(t, e, cfg, r)
		if d := mustNew(t, cfg).Decide(t.Context(), r); d.Reason != core.ReasonAllowed && d.Reason != core.ReasonNoPolicy {
			t.Fatalf("repaired by %v and %v: got %v", e.Changes, e.Instead, d.Reason)
		}
	})
}

func ExamplePolicy_Explain() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	request := core.Request{
		Method: "GET", Host: "api.example.com", Path: "/items", Header: core.HeaderMap{"Origin": {"http://app.example.com"}},
	}
	e := policy.Explain(context.Background(), request)
	fmt.Println(e.Reason)
	fmt.Println(e.Because)
	fmt.Println(e.Nearest)
	fmt.Println(e.Fix)
	fmt.Println(e.Curl)
	// Output:
	// origin-not-allowed
	// "http://app.example.com" is not among the allowed origins, but "https://app.example.com" is (with https instead of http)
	// https://app.example.com
	// open the page at "https://app.example.com", or add "http://app.example.com" to AllowOrigins if its pages may read the responses
	// curl -i https://api.example.com/items -H 'Origin: http://app.example.com'
}

package corstest

import (
	"context"
	"errors"
	"net/http"

	"github.com/polycors/cors/core"
)

var (
	lookups = core.Config{
		AllowOrigins: []string{"https://listed.example.com"},
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			switch origin {
			case "https://tenant.example.com":
				return true, nil
			case "https://down.example.com":
				return true, errors.New("the database is down")
			case "https://listed.example.com":
				return false, errors.New("a listed origin was looked up")
			}
			return false, nil
		},
		AllowMethods: []string{"PUT"}, AllowHeaders: none, AllowCredentials: true,
	}
	asks = policy(lookups)
	// asksLate asks after an outer middleware has written to Vary.
	asksLate = &setup{configs: []core.Config{lookups}, before: http.Header{"Vary": {"Accept-Language"}}}
	// asksInside and asksOutside have a second policy that allows the origin whose lookup fails.
	asksInside  = &setup{configs: []core.Config{knows, lookups}}
	asksOutside = &setup{configs: []core.Config{lookups, knows}}
	knows       = core.Config{AllowOrigins: []string{"https://down.example.com"}, AllowMethods: none, AllowHeaders: none}

	asksAndForbids = policy(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) {
			return false, errors.New("the database is down")
		},
		ForbidDisallowed: true, AllowMethods: none, AllowHeaders: none,
	})
	// obliging lets in whatever it is asked about.
	obliging = policy(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { return true, nil },
		AllowMethods:    none, AllowHeaders: none,
	})
	// reading lets in one request, which it reads to the end.
	reading = policy(core.Config{
		AllowOriginFunc: func(ctx context.Context, _ string, r core.Request) (bool, error) {
			if ctx == nil {
				return false, errors.New("the context is nil")
			}
			return r.Method == "DELETE" && r.Host == "api.example.net" && r.Path == "/tenants/a b" && r.RawPath == "" &&
				r.Header.Field("X-Tenant") == "seven", nil
		},
		AllowMethods: none, AllowHeaders: none,
	})
)

func funcCases() []conformanceCase {
	const cached = "a lookup that failed once must not refuse the origin for as long as a cache keeps the response"
	failed := func(vary ...string) outcome {
		return outcome{reason: core.LookupFailed, handler: true, varyTokens: vary}
	}
	return []conformanceCase{
		{
			name: "func/allowed", why: "an origin that the func lets in gets its own name back", source: fetchResponses,
			on: asks, request: get("https://tenant.example.com"),
			want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://tenant.example.com", "Vary: Origin"),
		},
		{
			name: "func/refused", why: "an origin that the func does not let in passes without permission", source: fetchResponses,
			on: asks, request: get("https://other.example.com"), want: passed(core.OriginNotAllowed),
		},
		{
			name: "func/listed-is-not-asked", why: "a listed origin does not depend on a database", source: fetchResponses,
			on: asks, request: get("https://listed.example.com"),
			want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://listed.example.com", "Vary: Origin"),
		},
		{
			name: "func/error", why: "an error grants nothing, whatever else the func returns", source: fetchResponses,
			on: asks, request: get("https://down.example.com"), want: failed("*"),
		},
		{
			name: "func/error-is-not-cached", why: cached, source: httpVary + ", " + httpCacheKeys,
			on: asks, request: get("https://down.example.com", "X-Case: func/error-is-not-cached"),
			reply: &reply{add: []string{"Cache-Control: public, max-age=3600", "Vary: Accept-Encoding"}, body: "ok\n"},
			want:  failed("*", "Accept-Encoding"), also: []string{"Cache-Control: public, max-age=3600"},
		},
		{
			name: "func/error-after-vary", why: cached, source: httpVary + ", " + httpCacheKeys,
			on: asksLate, request: get("https://down.example.com"), want: failed("Accept-Language", "*"),
		},
		{
			name: "func/error-inside", why: "an inner policy's failure is not cached, whatever an outer policy has granted", source: httpCacheKeys,
			on: asksInside, request: get("https://down.example.com"),
			want: outcome{handler: true, varyTokens: []string{"Origin", "*"}},
		},
		{
			name: "func/error-outside", why: "the star says that the response depends on everything, so an inner policy adds nothing to it", source: httpCacheKeys,
			on: asksOutside, request: get("https://down.example.com"),
			want: outcome{handler: true, lines: []string{"Access-Control-Allow-Origin: https://down.example.com"}, varyTokens: []string{"*"}},
		},
		{
			name: "func/error-forbidden", why: cached, source: httpVary + ", " + httpCacheKeys,
			on: asksAndForbids, request: get("https://down.example.com"),
			want: outcome{reason: core.LookupFailed, status: 403, lines: []string{"Vary: *"}},
		},
		{
			name: "func/error-on-preflight", why: "a preflight that fails for want of a database may be asked again", source: fetchPreflight,
			on: asks, request: preflight("https://down.example.com", "PUT"),
			want: outcome{reason: core.LookupFailed, status: 503, lines: []string{varyPreflight}},
		},
		{
			name: "func/preflight-allowed", why: "a preflight asks the func too", source: fetchPreflight,
			on: asks, request: preflight("https://tenant.example.com", "PUT"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://tenant.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "func/preflight-refused", why: "a preflight asks the func too", source: fetchPreflight,
			on: asks, request: preflight("https://other.example.com", "PUT"), want: refused(core.OriginNotAllowed),
		},
		{
			name: "func/any-origin", why: "a func may let in every origin, each by its own name", source: fetchResponses,
			on: obliging, request: get("https://evil.com"),
			want: granted("Access-Control-Allow-Origin: https://evil.com", "Vary: Origin"),
		},
		{
			name: "func/never-null", why: "a func that lets everything in is not asked about null", source: fetchOrigin,
			on: obliging, request: get("null"), want: passed(core.OriginNotAllowed),
		},
		{
			name: "func/never-file", why: "a func that lets everything in is not asked about file://", source: htmlOrigin,
			on: obliging, request: get("file://"), want: passed(core.OriginNotAllowed),
		},
		{
			name: "func/never-malformed", why: "a func sees well-formed origins only, so it cannot write back anything else", source: fetchSyntax,
			on: obliging, request: get("https://evil.com/<script>"), want: passed(core.OriginMalformed), absent: []string{"<script>"},
		},
		{
			name: "func/never-absent", why: "a func is not asked about a request without Origin", source: fetchRequests,
			on: obliging, request: request("GET", "/"), want: passed(core.NoOrigin),
		},
		{
			name: "func/reads-the-request", why: "a func may look at the method, the host, the decoded path and every field of the request", source: fetchRequests,
			on: reading, request: request("DELETE", "/tenants/a%20b?q=1", "Origin: https://seven.example.com", "x-tenant: seven"),
			want: granted("Access-Control-Allow-Origin: https://seven.example.com", "Vary: Origin"),
		},
		{
			name: "func/reads-another-request", why: "a func that looks at the path decides by the path", source: fetchRequests,
			on: reading, request: request("DELETE", "/tenants/a%2520b", "Origin: https://seven.example.com", "x-tenant: seven"),
			want: passed(core.OriginNotAllowed),
		},
	}
}

package adaptertest

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
	// asksLate calls AllowOriginFunc after other middleware has written to Vary.
	asksLate = &setup{configs: []core.Config{lookups}, before: http.Header{"Vary": {"Accept-Language"}}}
	// asksInside and asksOutside have two policies. The AllowOriginFunc of one policy fails for an
	// origin that the other policy allows.
	asksInside  = &setup{configs: []core.Config{knows, lookups}}
	asksOutside = &setup{configs: []core.Config{lookups, knows}}
	knows       = core.Config{
		AllowOrigins: []string{"https://down.example.com"}, AllowMethods: none, AllowHeaders: none,
	}

	asksAndForbids = policy(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) {
			return false, errors.New("the database is down")
		},
		ForbidDisallowed: true, AllowMethods: none, AllowHeaders: none,
	})
	// obliging has an AllowOriginFunc that allows every origin.
	obliging = policy(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { return true, nil },
		AllowMethods:    none, AllowHeaders: none,
	})
	// tenants decides by host and path. It must not use any other part of the request, because a
	// cache distinguishes responses only by their URL and by the headers in Vary, such as Origin.
	tenants = policy(core.Config{
		AllowOriginFunc: func(ctx context.Context, _ string, r core.Request) (bool, error) {
			if ctx == nil {
				return false, errors.New("the context is nil")
			}
			return r.Host == "api.example.net" && r.Path == "/tenants/a b" && r.RawPath == "", nil
		},
		AllowMethods: none, AllowHeaders: none,
	})
)

func funcCases() []conformanceCase {
	const cached = "a lookup that failed once must not refuse the origin for as long as a cache keeps the response"
	failed := func(vary ...string) outcome {
		return outcome{reason: core.ReasonLookupFailed, handler: true, varyTokens: vary}
	}
	return []conformanceCase{
		{
			name: "func/allowed", why: "an origin that the func allows gets its own name back", source: fetchResponses,
			on: asks, request: get("https://tenant.example.com"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://tenant.example.com",
				"Vary: Origin",
			),
		},
		{
			name: "func/refused", why: "where the func says no, the handler runs and nothing is granted",
			source: fetchResponses, on: asks, request: get("https://other.example.com"),
			want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "func/listed-is-not-asked", why: "a listed origin does not depend on a database",
			source: fetchResponses, on: asks, request: get("https://listed.example.com"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://listed.example.com",
				"Vary: Origin",
			),
		},
		{
			name: "func/error", why: "an error means no, even if the func also returns true", source: fetchResponses,
			on: asks, request: get("https://down.example.com"), want: failed("*"),
		},
		{
			name: "func/error-is-not-cached", why: cached, source: httpVary + ", " + httpCacheKeys,
			on: asks, request: get("https://down.example.com", "X-Case: func/error-is-not-cached"),
			reply: &reply{
				add: []string{"Cache-Control: public, max-age=3600", "Vary: Accept-Encoding"}, body: "ok\n",
			},
			want: failed("*", "Accept-Encoding"), also: []string{"Cache-Control: public, max-age=3600"},
		},
		{
			name: "func/error-after-vary", why: cached, source: httpVary + ", " + httpCacheKeys,
			on: asksLate, request: get("https://down.example.com"), want: failed("Accept-Language", "*"),
		},
		{
			name: "func/error-inside", source: httpCacheKeys,
			why: "an inner policy's failure is not cached, even if an outer policy allows the origin",
			on:  asksInside, request: get("https://down.example.com"),
			want: outcome{handler: true, varyTokens: []string{"Origin", "*"}},
		},
		{
			name: "func/error-outside", source: httpCacheKeys,
			why: "the star says that the response depends on everything, so an inner policy adds nothing to it",
			on:  asksOutside, request: get("https://down.example.com"),
			want: outcome{
				handler:    true,
				lines:      []string{"Access-Control-Allow-Origin: https://down.example.com"},
				varyTokens: []string{"*"},
			},
		},
		{
			name: "func/error-forbidden", why: cached, source: httpVary + ", " + httpCacheKeys,
			on: asksAndForbids, request: get("https://down.example.com"),
			want: outcome{reason: core.ReasonLookupFailed, status: 403, lines: []string{"Vary: *"}},
		},
		{
			name:   "func/error-on-preflight",
			why:    "503 tells the client that a preflight that failed for lack of a database may be retried",
			source: fetchPreflight, on: asks, request: preflight("https://down.example.com", "PUT"),
			want: outcome{reason: core.ReasonLookupFailed, status: 503, lines: []string{varyPreflight}},
		},
		{
			name: "func/preflight-allowed", why: "the func is called for preflights too", source: fetchPreflight,
			on: asks, request: preflight("https://tenant.example.com", "PUT"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://tenant.example.com", "Access-Control-Max-Age: 86400",
				varyPreflight,
			),
		},
		{
			name: "func/preflight-refused", why: "the func is called for preflights too", source: fetchPreflight,
			on: asks, request: preflight("https://other.example.com", "PUT"), want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "func/any-origin", why: "a func may allow every origin, and each gets its own name back",
			source: fetchResponses, on: obliging, request: get("https://evil.com"),
			want: granted("Access-Control-Allow-Origin: https://evil.com", "Vary: Origin"),
		},
		{
			name: "func/never-null", why: "even a func that allows everything is not asked about null",
			source: fetchOrigin, on: obliging, request: get("null"), want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "func/never-file", why: "even a func that allows everything is not asked about file://",
			source: htmlOrigin, on: obliging, request: get("file://"), want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "func/never-malformed",
			why:  "a func sees only well-formed origins, so nothing else can be written back", source: fetchSyntax,
			on: obliging, request: get("https://evil.com/<script>"), want: passed(core.ReasonOriginMalformed),
			absent: []string{"<script>"},
		},
		{
			name: "func/never-absent", why: "the func is not called for a request without Origin",
			source: fetchRequests, on: obliging, request: request("GET", "/"), want: passed(core.ReasonNoOrigin),
		},
		{
			name: "func/reads-host-and-path", why: "a func may decide by the host and the decoded path",
			source: fetchRequests, on: tenants,
			request: request("GET", "/tenants/a%20b?q=1", "Origin: https://seven.example.com"),
			want:    granted("Access-Control-Allow-Origin: https://seven.example.com", "Vary: Origin"),
		},
		{
			name: "func/reads-another-path", why: "a func that looks at the path sees the path of this request",
			source: fetchRequests, on: tenants,
			request: request("GET", "/tenants/a%2520b", "Origin: https://seven.example.com"),
			want:    passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "func/reads-another-host", why: "a func that looks at the host sees the host of this request",
			source: fetchRequests, on: tenants,
			request: "GET /tenants/a%20b HTTP/1.1\r\nHost: other.example.net\r\n" +
				"Origin: https://seven.example.com\r\nConnection: close\r\n\r\n",
			want: passed(core.ReasonOriginNotAllowed),
		},
	}
}

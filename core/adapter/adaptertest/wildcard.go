package adaptertest

import "github.com/polycors/cors/core"

var (
	everyone        = policy(core.Config{AllowOrigins: []string{"*"}, AllowMethods: none, AllowHeaders: none})
	everyoneExposed = policy(core.Config{
		AllowOrigins: []string{"*"}, AllowMethods: none, AllowHeaders: none, ExposeHeaders: []string{"X-Out"},
	})
	everyonePut = policy(core.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"PUT"}, AllowHeaders: none})
	everyoneToo = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com", "*", "null"}, AllowMethods: none, AllowHeaders: none,
	})
)

func wildcardCases() []conformanceCase {
	const constant = "if every origin gets the same response, a cache needs only one, and Vary is not needed"
	return []conformanceCase{
		{
			name: "wildcard/any-origin", why: constant, source: fetchCaches, on: everyoneExposed,
			request: get("https://evil.com"),
			want:    granted("Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Out"),
			absent:  []string{"https://evil.com"},
		},
		{
			name: "wildcard/no-origin",
			why: "a cache may serve the response to a request without Origin to a page, so the wildcard " +
				"must be on it too",
			source: fetchCaches, on: everyoneExposed, request: request("GET", "/"),
			want: outcome{
				reason: core.ReasonNoOrigin, handler: true,
				lines: []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Out"},
			},
		},
		{
			name: "wildcard/empty-origin", why: "an empty Origin counts as absent", source: fetchOrigin,
			on: everyoneExposed, request: get(""),
			want: outcome{
				reason: core.ReasonNoOrigin, handler: true,
				lines: []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Out"},
			},
		},
		{
			name: "wildcard/single-label", why: constant, source: fetchCaches,
			on: everyoneExposed, request: get("https://a"),
			want: granted("Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Out"),
		},
		{
			name: "wildcard/cookie",
			why: "a cookie must not turn the wildcard into the origin: every website could then read what " +
				"the visitor can",
			source: fetchCredentials + "; CVE-2018-20744; CVE-2024-25124; CVE-2026-54290", on: everyoneExposed,
			request: get("https://evil.com", "Cookie: a=b"),
			want:    granted("Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Out"),
			absent:  []string{"https://evil.com"},
		},
		{
			name: "wildcard/authorization", why: "a password must not turn the wildcard into the origin either",
			source: fetchCredentials + "; CVE-2018-20744", on: everyoneExposed,
			request: get("https://evil.com", "Authorization: Basic YTpi"),
			want:    granted("Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Out"),
			absent:  []string{"https://evil.com"},
		},
		{
			name: "wildcard/null", why: "the wildcard covers null, and null is never written back", source: fetchCheck,
			on: everyone, request: get("null"), want: granted("Access-Control-Allow-Origin: *"),
		},
		{
			name: "wildcard/malformed-origin",
			why:  "without Vary, caches ignore Origin, so the response must not depend on it", source: fetchCaches,
			on: everyone, request: get("https://user@evil.com/"), want: granted("Access-Control-Allow-Origin: *"),
			absent: []string{"evil.com"},
		},
		{
			name: "wildcard/two-origins",
			why:  "without Vary, caches ignore Origin, so the response must not depend on it", source: fetchCaches,
			on: everyone, request: request("GET", "/", "Origin: https://evil.com", "Origin: https://app.example.com"),
			want: granted("Access-Control-Allow-Origin: *"),
		},
		{
			name: "wildcard/beside-other-entries", why: "the wildcard covers every other entry", source: fetchCaches,
			on: everyoneToo, request: get("https://app.example.com"), want: granted("Access-Control-Allow-Origin: *"),
		},
		{
			name: "wildcard/preflight",
			why:  "the response depends on what the preflight asks for, but not on the origin", source: fetchPreflight,
			on: everyonePut, request: preflight("https://evil.com", "PUT"),
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: *", "Access-Control-Max-Age: 86400",
				"Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
			),
			absent: []string{"https://evil.com"},
		},
		{
			name:   "wildcard/preflight-with-cookie",
			why:    "no browser sends a cookie with a preflight, and it changes nothing",
			source: fetchPreflight + "; CVE-2026-54290", on: everyonePut,
			request: preflight("https://evil.com", "PUT", "Cookie: a=b"),
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: *", "Access-Control-Max-Age: 86400",
				"Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
			),
		},
		{
			name: "wildcard/preflight-method-refused",
			why:  "a policy for every origin still allows only the listed methods", source: fetchPreflight,
			on: everyonePut, request: preflight("https://evil.com", "DELETE"),
			want: outcome{
				reason: core.ReasonMethodNotAllowed, status: 403,
				lines: []string{"Vary: Access-Control-Request-Method, Access-Control-Request-Headers"},
			},
		},
		{
			name: "wildcard/preflight-private-network", why: "a policy for every origin opens no private network",
			source: privateNetworks, on: everyonePut,
			request: preflight("https://evil.com", "PUT", "Access-Control-Request-Private-Network: true"),
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: *", "Access-Control-Max-Age: 86400",
				"Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
			),
		},
	}
}

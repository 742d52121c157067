package adaptertest

import "github.com/polycors/cors/core"

var exposing = policy(core.Config{
	AllowOrigins: []string{"https://app.example.com"},
	AllowMethods: none, AllowHeaders: none, ExposeHeaders: []string{"X-Out", "X-Total", "x-out"},
})

var exposingAll = policy(core.Config{
	AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none,
	ExposeHeaders: []string{"*"},
})

// credentialCases checks which responses a page may read if the request has the user's credentials,
// and which response headers it may read.
func credentialCases() []conformanceCase {
	return []conformanceCase{
		{
			name: "credentials/off", why: "without credentials, the header is left out: its only value is true",
			source: fetchSyntax, on: one, request: get("https://app.example.com"),
			want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
		},
		{
			name: "credentials/off-with-cookie", why: "a cookie in the request grants no credentials",
			source: fetchCredentials, on: one, request: get("https://app.example.com", "Cookie: a=b"),
			want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
		},
		{
			name: "credentials/on", why: "the value is true in lower case, and the origin is not a wildcard",
			source: fetchCredentials, on: trusting, request: get("https://app.example.com"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Vary: Origin",
			),
		},
		{
			name: "credentials/on-with-cookie", why: "a cookie does not change the response", source: fetchCredentials,
			on: trusting, request: get("https://app.example.com", "Cookie: a=b"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Vary: Origin",
			),
		},
		{
			name: "credentials/disallowed", why: "an origin that is not allowed gets no CORS header at all",
			source: fetchCredentials, on: trusting, request: get("https://evil.com", "Cookie: a=b"),
			want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "credentials/preflight", why: "the response to a preflight says whether credentials are allowed",
			source: fetchPreflight, on: trusting, request: preflight("https://app.example.com", "GET"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "credentials/preflight-disallowed", why: "a refused preflight says nothing about credentials",
			source: fetchPreflight, on: trusting, request: preflight("https://evil.com", "GET"),
			want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "expose/listed", why: "a page may read the listed headers; each is named once, spelled as configured",
			source: fetchResponses, on: exposing, request: get("https://app.example.com"),
			want: granted(
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out, X-Total",
				"Vary: Origin",
			),
		},
		{
			name: "expose/nothing", why: "an empty list writes no header", source: fetchResponses,
			on: one, request: get("https://app.example.com"),
			want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
		},
		{
			name: "expose/disallowed", why: "an origin that is not allowed is not told which headers exist",
			source: fetchResponses, on: exposing, request: get("https://evil.com"), want: passed(core.ReasonOriginNotAllowed),
			absent: []string{"X-Total"},
		},
		{
			name: "expose/not-on-preflights", why: "no page can read the response to a preflight",
			source: fetchResponses, on: exposing, request: preflight("https://app.example.com", "GET"),
			want: answered(
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "expose/all", why: `without credentials, one "*" exposes every header`, source: fetchResponses,
			on: exposingAll, request: get("https://app.example.com"),
			want: granted(
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: *",
				"Vary: Origin",
			),
		},
		{
			name: "credentials/fetch-metadata-does-not-widen", why: "Sec-Fetch-Site does not grant anything",
			source: fetchMetadata + "; CVE-2026-40864", on: trusting,
			request: get("https://evil.com", "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate"),
			want:    passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "credentials/fetch-metadata-does-not-narrow",
			why:  "a listed origin is allowed from another site: that is what it is listed for", source: fetchMetadata,
			on: trusting, request: get("https://app.example.com", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Vary: Origin",
			),
		},
	}
}

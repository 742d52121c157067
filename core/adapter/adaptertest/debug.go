package adaptertest

import "github.com/polycors/cors/core"

var (
	debug = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"X-Foo"}, AllowCredentials: true, Debug: true,
		AllowOriginFunc: asks.configs[0].AllowOriginFunc,
	})
	debugAny = policy(core.Config{
		AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, Debug: true,
		PreflightStatus: 200,
	})
	debugPassed = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, Debug: true,
		ContinuePreflight: true,
	})
)

func debugCases() []conformanceCase {
	shown := func(reason core.Reason, name string) outcome {
		return outcome{reason: reason, status: 204, lines: []string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-foo",
			"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
			"Polycors-Reason: " + name, varyPreflight,
		}}
	}
	named := func(reason core.Reason, status int, name string) outcome {
		return outcome{reason: reason, status: status, lines: []string{"Polycors-Reason: " + name, varyPreflight}}
	}
	app := func(method string, more ...string) string {
		return preflight("https://app.example.com", method, more...)
	}
	const console = "with the lists in the response, the browser's console names what is missing"
	return []conformanceCase{
		{
			name: "debug/origin-not-allowed",
			why:  "an origin that is not allowed learns the reason and nothing of the policy", source: fetchPreflight,
			on: debug, request: preflight("https://evil.com", "PUT"),
			want: named(core.ReasonOriginNotAllowed, 403, "origin-not-allowed"),
		},
		{
			name: "debug/origin-malformed",
			why:  "an origin that is not allowed learns the reason and nothing of the policy", source: fetchPreflight,
			on: debug, request: preflight("https://evil.com/", "PUT"),
			want: named(core.ReasonOriginMalformed, 403, "origin-malformed"),
		},
		{
			name: "debug/lookup-failed",
			why:  "a failed lookup grants nothing, so the response shows none of the policy", source: fetchPreflight,
			on: debug, request: preflight("https://down.example.com", "PUT"),
			want: named(core.ReasonLookupFailed, 503, "lookup-failed"),
		},
		{
			name: "debug/method-not-allowed", why: console, source: fetchPreflight, on: debug, request: app("DELETE"),
			want: shown(core.ReasonMethodNotAllowed, "method-not-allowed"), absent: []string{"DELETE"},
		},
		{
			name: "debug/method-malformed", why: console, source: fetchPreflight, on: debug, request: app("<script>"),
			want: shown(core.ReasonMethodMalformed, "method-malformed"), absent: []string{"<script>"},
		},
		{
			name:   "debug/method-too-long",
			why:    "input beyond the limits is refused, and the response shows none of the policy",
			source: fetchPreflight, on: debug,
			request: app("MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM"),
			want:    named(core.ReasonMethodMalformed, 403, "method-malformed"),
		},
		{
			name: "debug/headers-malformed", why: console, source: fetchPreflight, on: debug,
			request: app("PUT", "Access-Control-Request-Headers: x foo"),
			want:    shown(core.ReasonHeadersMalformed, "headers-malformed"), absent: []string{"x foo"},
		},
		{
			name:   "debug/headers-too-large",
			why:    "input beyond the limits is refused, and the response shows none of the policy",
			source: fetchPreflight, on: debug,
			request: app("PUT", "Access-Control-Request-Headers: ,,,,,,,,,,,,,,,,,,,,"),
			want:    named(core.ReasonHeadersTooLarge, 403, "headers-too-large"),
		},
		{
			name: "debug/header-not-allowed", why: console, source: fetchPreflight, on: debug,
			request: app("PUT", "Access-Control-Request-Headers: x-bar"),
			want:    shown(core.ReasonHeaderNotAllowed, "header-not-allowed"), absent: []string{"x-bar"},
		},
		{
			name: "debug/allowed", why: "an allowed preflight needs no reason", source: fetchPreflight, on: debug,
			request: app("PUT", "Access-Control-Request-Headers: x-foo"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-foo",
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "debug/actual-allowed", why: "the response to an actual request names no reason",
			source: fetchResponses, on: debug, request: get("https://app.example.com"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Vary: Origin",
			),
		},
		{
			name: "debug/actual-refused", why: "the response to an actual request names no reason",
			source: fetchResponses, on: debug, request: get("https://evil.com"), want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "debug/no-origin", why: "the response to a request without Origin names no reason",
			source: fetchResponses, on: debug, request: request("GET", "/"), want: passed(core.ReasonNoOrigin),
		},
		{
			name: "debug/star-is-left-out", why: `"*" would allow what is refused, so that list is left out`,
			source: fetchPreflight, on: debugAny, request: preflight("https://evil.com", "TRACE"),
			want: outcome{
				reason: core.ReasonMethodNotAllowed, status: 200,
				lines: []string{
					"Access-Control-Allow-Origin: *", "Polycors-Reason: method-not-allowed",
					"Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
				},
			},
		},
		{
			name: "debug/star-of-headers-is-left-out", why: `"*" would allow what is refused, so that list is left out`,
			source: fetchNonWildcard, on: debugAny,
			request: preflight("https://evil.com", "PUT", "Access-Control-Request-Headers: authorization"),
			want: outcome{
				reason: core.ReasonHeaderNotAllowed, status: 200,
				lines: []string{
					"Access-Control-Allow-Origin: *", "Polycors-Reason: header-not-allowed",
					"Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
				},
			},
		},
		{
			name:   "debug/refused-does-not-continue",
			why:    "a refused preflight reaches no handler, even if the response shows the policy",
			source: fetchPreflight, on: debugPassed, request: app("PUT"),
			want: outcome{
				reason: core.ReasonMethodNotAllowed, status: 204,
				lines: []string{
					"Access-Control-Allow-Methods: GET, HEAD, POST",
					"Access-Control-Allow-Origin: https://app.example.com", "Polycors-Reason: method-not-allowed",
					varyPreflight,
				},
			},
		},
	}
}

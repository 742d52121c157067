package adaptertest

import (
	"strings"

	"github.com/polycors/cors/core"
)

var (
	methods = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT", "PATCH", "QUERY", "eGg"},
		AllowHeaders: none,
	})
	normalised = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"put", "Delete", "GET", "PUT"},
		AllowHeaders: none,
	})
	anyMethod = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"*"}, AllowHeaders: none,
	})
	anyMethodWithCreds = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"*"}, AllowHeaders: none,
		AllowCredentials: true,
	})
)

func methodCases() []conformanceCase {
	app := func(method string, more ...string) string {
		return preflight("https://app.example.com", method, more...)
	}
	four := answered(
		"Access-Control-Allow-Methods: PUT, PATCH, QUERY, eGg", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 86400", varyPreflight,
	)
	every := answered(
		"Access-Control-Allow-Methods: *", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 86400", varyPreflight,
	)
	echoed := func(method string) outcome {
		return answered(
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: "+method,
			"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
		)
	}
	const (
		caseMatters = "methods are case-sensitive, and a browser has already normalised those that it normalises"
		forbidden   = "no browser asks for a forbidden method, so it is always refused"
	)
	return []conformanceCase{
		{
			name: "method/put", why: "a listed method is allowed, and the response lists all in the order configured",
			source: fetchPreflight, on: methods, request: app("PUT"), want: four,
		},
		{
			name: "method/patch", why: "a listed method is allowed", source: fetchPreflight, on: methods,
			request: app("PATCH"), want: four,
		},
		{
			name: "method/query", why: "QUERY is not safelisted, so it must be listed like any other method",
			source: fetchMethods + "; https://github.com/whatwg/fetch/pull/1938", on: methods, request: app("QUERY"),
			want: four,
		},
		{
			name: "method/custom", why: "an application may have methods of its own, in any case", source: fetchMethods,
			on: methods, request: app("eGg"), want: four,
		},
		{
			name: "method/get", why: "GET needs no permission, whatever is listed", source: fetchMethods, on: methods,
			request: app("GET"), want: four,
		},
		{
			name: "method/head", why: "HEAD needs no permission, whatever is listed", source: fetchMethods, on: methods,
			request: app("HEAD"), want: four,
		},
		{
			name: "method/post", why: "POST needs no permission, whatever is listed", source: fetchMethods, on: methods,
			request: app("POST"), want: four,
		},
		{
			name: "method/unlisted", why: "a name that is not listed is refused", source: fetchPreflight, on: methods,
			request: app("DELETE"), want: refused(core.ReasonMethodNotAllowed), absent: []string{"DELETE", "PATCH"},
		},
		{
			name: "method/options", why: "OPTIONS is not safelisted, so it is allowed where it is listed",
			source: fetchMethods, on: methods, request: app("OPTIONS"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/patch-in-lower-case",
			why:  "patch is not PATCH: Fetch normalises six names, and this is not one of them", source: fetchMethods,
			on: methods, request: app("patch"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/query-in-lower-case", why: "query is not normalised either", source: fetchMethods,
			on: methods, request: app("query"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/put-in-lower-case", why: caseMatters, source: fetchMethods, on: methods, request: app("put"),
			want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/get-in-lower-case", why: caseMatters, source: fetchMethods, on: methods, request: app("get"),
			want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/custom-in-upper-case", why: caseMatters, source: fetchMethods, on: methods,
			request: app("EGG"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/connect", why: forbidden, source: fetchMethods, on: methods, request: app("CONNECT"),
			want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/trace", why: forbidden, source: fetchMethods, on: methods, request: app("TRACE"),
			want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/track", why: forbidden, source: fetchMethods, on: methods, request: app("TRACK"),
			want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name:   "method/two-lines",
			why:    "two lines are not a method: reading only the first would allow what the second says",
			source: fetchSyntax, on: methods, request: app("PUT", "Access-Control-Request-Method: DELETE"),
			want: refused(core.ReasonMethodMalformed), absent: []string{"DELETE"},
		},
		{
			name: "method/two-equal-lines", why: "two lines are not a method, even if they are equal",
			source: fetchSyntax, on: methods, request: app("PUT", "Access-Control-Request-Method: PUT"),
			want: refused(core.ReasonMethodMalformed),
		},
		{
			name: "method/empty-line-first", why: "an empty line and a method are two lines", source: fetchSyntax,
			on: methods, request: app("", "Access-Control-Request-Method: PUT"), want: refused(core.ReasonMethodMalformed),
		},
		{
			name: "method/two-in-one-line", why: "a list is not a method", source: fetchSyntax, on: methods,
			request: app("PUT,PATCH"), want: refused(core.ReasonMethodMalformed),
		},
		{
			name: "method/blank-inside", why: "a method is one token", source: httpTokens, on: methods,
			request: app("PU T"), want: refused(core.ReasonMethodMalformed),
		},
		{
			name: "method/high-byte", why: "a method is one token", source: httpTokens, on: methods,
			request: app("PUT\xff"), want: refused(core.ReasonMethodMalformed),
		},
		{
			name: "method/script", why: "refused input is never sent back", source: httpTokens, on: onlyPut,
			request: app("<script>"), want: refused(core.ReasonMethodMalformed), absent: []string{"<script>"},
		},
		{
			name: "method/blanks-around", why: "white space around a field's value is not part of it",
			source: httpValues, on: methods, request: app(" \tPUT\t "), want: four,
		},
		{
			name: "method/entry-in-lower-case", why: "an entry that Fetch normalises is normalised, and listed once",
			source: fetchMethods, on: normalised, request: app("PUT"),
			want: answered(
				"Access-Control-Allow-Methods: PUT, DELETE, GET",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "method/entry-in-lower-case-matches-no-lower-case", why: caseMatters, source: fetchMethods,
			on: normalised, request: app("delete"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/any", why: `without credentials, "*" means every method, and is sent as such`,
			source: fetchPreflight, on: anyMethod, request: app("PURGE"), want: every,
		},
		{
			name: "method/any-of-64-bytes", why: "a method of up to 64 bytes is read", source: fetchPreflight,
			on: anyMethod, request: app(strings.Repeat("M", 64)), want: every,
		},
		{
			name: "method/any-of-65-bytes", why: "a method beyond the limit is refused before it is read",
			source: fetchPreflight, on: anyMethod, request: app(strings.Repeat("M", 65)),
			want: refused(core.ReasonMethodMalformed),
		},
		{
			name: "method/any-but-connect", why: forbidden, source: fetchMethods, on: anyMethod,
			request: app("CONNECT"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/any-but-trace-in-lower-case", why: forbidden + ", and Fetch compares these without case",
			source: fetchMethods, on: anyMethod, request: app("trace"), want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "method/any-but-no-list", why: `"*" allows every method, not every text`, source: httpTokens,
			on: anyMethod, request: app("PUT, DELETE"), want: refused(core.ReasonMethodMalformed),
		},
		{
			name:   "method/any-with-credentials",
			why:    `with credentials, browsers read "*" literally, so the method is written back`,
			source: fetchCredentials, on: anyMethodWithCreds, request: app("PURGE"), want: echoed("PURGE"),
		},
		{
			name: "method/any-with-credentials-in-lower-case", why: "the method is written back unchanged",
			source: fetchCredentials, on: anyMethodWithCreds, request: app("patch"), want: echoed("patch"),
		},
		{
			name: "method/any-with-credentials-safelisted", why: "a safelisted method is written back like any other",
			source: fetchCredentials, on: anyMethodWithCreds, request: app("GET"), want: echoed("GET"),
		},
		{
			name: "method/any-with-credentials-list",
			why: "a value that is written back has been validated: a list in it would allow everything " +
				"that it names",
			source: httpTokens, on: anyMethodWithCreds, request: app("PUT, DELETE, *"),
			want: refused(core.ReasonMethodMalformed), absent: []string{"DELETE"},
		},
		{
			name: "method/any-with-credentials-two-lines", why: "a value that is written back has been validated",
			source: httpTokens, on: anyMethodWithCreds, request: app("PUT", "Access-Control-Request-Method: DELETE"),
			want: refused(core.ReasonMethodMalformed), absent: []string{"DELETE"},
		},
		{
			name: "method/any-with-credentials-track", why: forbidden, source: fetchMethods, on: anyMethodWithCreds,
			request: app("TRACK"), want: refused(core.ReasonMethodNotAllowed), absent: []string{"TRACK"},
		},
		{
			name: "method/any-with-credentials-too-long", why: "a value that is written back has a limited length",
			source: fetchPreflight, on: anyMethodWithCreds, request: app(strings.Repeat("M", 65)),
			want: refused(core.ReasonMethodMalformed), absent: []string{"MMMM"},
		},
		{
			name: "method/actual-in-lower-case",
			why:  "only the handler knows its methods, so an actual request passes with any", source: fetchResponses,
			on: methods, request: request("delete", "/", "Origin: https://app.example.com"),
			want: outcome{
				reason: core.ReasonAllowed, handler: true,
				lines:           []string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"},
				serverMayRefuse: refusesMethod,
			},
		},
		{
			name: "method/options-in-lower-case", why: "options is not OPTIONS, so this is not a preflight",
			source: fetchRequests, on: methods,
			request: request("options", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT"),
			want: outcome{
				reason: core.ReasonAllowed, handler: true,
				lines:           []string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"},
				serverMayRefuse: refusesMethod,
			},
		},
	}
}

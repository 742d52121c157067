package adaptertest

import "github.com/polycors/cors/core"

var (
	usualPolicy = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT", "PATCH"},
		AllowHeaders: []string{"X-Foo"}, ExposeHeaders: []string{"X-Out"}, MaxAge: 600e9,
	})
	defaults = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	onlyPut  = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
		AllowCredentials: true,
	})
	status200 = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, PreflightStatus: 200,
	})
	status299 = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, PreflightStatus: 299,
	})
	continued = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
		ContinuePreflight: true,
	})
)

// preflightCases checks which requests are preflights, and the responses to them.
func preflightCases() []conformanceCase {
	put := answered(
		"Access-Control-Allow-Headers: x-foo", "Access-Control-Allow-Methods: PUT, PATCH",
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 600", varyPreflight,
	)
	actual := granted(
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	)
	return []conformanceCase{
		{
			name: "preflight/allowed",
			why:  "the response has the whole policy and no body, and the handler does not run", source: fetchPreflight,
			on: usualPolicy, request: preflight("https://app.example.com", "PUT"), want: put,
		},
		{
			name:   "preflight/allowed-with-header",
			why:    "the response lists every allowed header, so that a cached preflight serves later requests too",
			source: fetchPreflight, on: usualPolicy,
			request: preflight("https://app.example.com", "PATCH", "Access-Control-Request-Headers: x-foo"),
			want:    put,
		},
		{
			name: "preflight/defaults", why: "a setting that is left out has a default that suits most applications",
			source: fetchPreflight, on: defaults,
			request: preflight(
				"https://app.example.com", "DELETE", "Access-Control-Request-Headers: authorization,content-type",
			),
			want: answered(
				"Access-Control-Allow-Headers: accept, authorization, content-type, user-agent, x-csrftoken, "+
					"x-requested-with",
				"Access-Control-Allow-Methods: DELETE, GET, OPTIONS, PATCH, POST, PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/disallowed",
			why:  "the response to a refused preflight names no origins, methods or headers", source: fetchPreflight,
			on: usualPolicy, request: preflight("https://evil.com", "PUT"), want: refused(core.ReasonOriginNotAllowed),
			absent: []string{"https://app.example.com", "PATCH", "x-foo"},
		},
		{
			name: "preflight/malformed-origin", why: "a malformed origin is refused, not an error",
			source: fetchPreflight, on: usualPolicy, request: preflight("https://app.example.com/", "PUT"),
			want: refused(core.ReasonOriginMalformed),
		},
		{
			name:   "preflight/options-without-method",
			why:    "OPTIONS without a requested method is an actual request, for which the handler runs",
			source: fetchRequests + "; https://github.com/labstack/echo/issues/2534", on: usualPolicy,
			request: request("OPTIONS", "/", "Origin: https://app.example.com"), want: actual,
		},
		{
			name: "preflight/options-with-headers-but-no-method",
			why:  "requested headers alone do not make a preflight", source: fetchRequests, on: usualPolicy,
			request: request(
				"OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Headers: x-foo",
			),
			want: actual,
		},
		{
			name: "preflight/options-without-origin",
			why:  "OPTIONS without Origin is not a CORS request, so the handler responds", source: httpOptions,
			on: usualPolicy, request: request("OPTIONS", "/", "Access-Control-Request-Method: PUT"),
			want: passed(core.ReasonNoOrigin),
		},
		{
			name: "preflight/options-with-empty-origin", why: "an empty Origin counts as absent", source: httpOptions,
			on: usualPolicy, request: request("OPTIONS", "/", "Origin:", "Access-Control-Request-Method: PUT"),
			want: passed(core.ReasonNoOrigin),
		},
		{
			name: "preflight/plain-options", why: "OPTIONS had a meaning before CORS, and still has it",
			source: httpOptions, on: usualPolicy, request: request("OPTIONS", "/"), want: passed(core.ReasonNoOrigin),
		},
		{
			name: "preflight/empty-method", why: "without a method this is not a preflight", source: fetchSyntax,
			on: usualPolicy, request: preflight("https://app.example.com", ""), want: actual,
		},
		{
			name:   "preflight/options-disallowed-without-method",
			why:    "OPTIONS that is not a preflight reaches the handler, whatever its origin, and nothing is granted",
			source: fetchRequests, on: usualPolicy, request: request("OPTIONS", "/", "Origin: https://evil.com"),
			want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "preflight/get-is-not-one", why: "a GET with a requested method is an actual request",
			source: fetchRequests, on: usualPolicy,
			request: get("https://app.example.com", "Access-Control-Request-Method: PUT"), want: actual,
		},
		{
			name: "preflight/post-is-not-one", why: "a POST with a requested method is an actual request",
			source: fetchRequests, on: usualPolicy,
			request: request(
				"POST", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT",
				"Content-Length: 0",
			),
			want: actual,
		},
		{
			name: "preflight/override-is-not-one",
			why:  "a header that overrides the method does not turn a GET into a preflight", source: fetchRequests,
			on:      trusting,
			request: get("https://evil.com", "X-HTTP-Method-Override: OPTIONS", "Access-Control-Request-Method: PUT"),
			want:    passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "preflight/actual-get", why: "methods, headers and max-age belong to preflights",
			source: fetchResponses, on: usualPolicy, request: get("https://app.example.com"), want: actual,
		},
		{
			name: "preflight/actual-head", why: "HEAD is an actual request", source: fetchResponses,
			on: usualPolicy, request: request("HEAD", "/", "Origin: https://app.example.com"), want: actual,
		},
		{
			name:   "preflight/actual-unlisted-method",
			why:    "the list of methods is for preflights: a page that may read can read the response to any method",
			source: fetchResponses, on: usualPolicy, request: request("DELETE", "/", "Origin: https://app.example.com"),
			want: actual,
		},
		{
			name:   "preflight/actual-disallowed-post",
			why:    "CORS says who may read a response, not who may send a request: the handler runs",
			source: fetchProtocol + "; https://portswigger.net/web-security/cors", on: usualPolicy,
			request: request("POST", "/", "Origin: https://evil.com", "Content-Length: 0"),
			want:    passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "preflight/no-methods-listed", why: "an empty list allows the three safelisted methods and no others",
			source: fetchPreflight, on: one, request: preflight("https://app.example.com", "PUT"),
			want: refused(core.ReasonMethodNotAllowed),
		},
		{
			name: "preflight/websocket",
			why: "a WebSocket handshake has an Origin but is not subject to CORS: it reaches the handler, " +
				"and nothing is granted",
			source: fetchOrigin + "; CVE-2025-24010", on: trusting,
			request: open(
				"GET", "/", "Origin: https://evil.com", "Upgrade: websocket", "Connection: Upgrade",
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
			),
			want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name:   "preflight/private-network-disallowed",
			why:    "an origin that is not allowed gets no access to a private network",
			source: privateNetworks + "; CVE-2024-6221", on: onlyPut,
			request: preflight("https://evil.com", "PUT", "Access-Control-Request-Private-Network: true"),
			want:    refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "preflight/script-in-origin", why: "refused input is never sent back, not even in an error",
			source: fetchPreflight, on: onlyPut, request: preflight("https://evil.com<script>alert(1)</script>", "PUT"),
			want: refused(core.ReasonOriginMalformed), absent: []string{"<script>"},
		},
		{
			name: "preflight/garbage-in-origin", why: "no origin, however malformed, may make the server fail",
			source: fetchPreflight, on: onlyPut, request: preflight("http://\x80%zz:99999999999", "PUT"),
			want: refused(core.ReasonOriginMalformed),
		},
		{
			name: "preflight/path", why: "one policy covers every path", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/no/such/route"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/path-without-slash", why: "a redirected preflight fails", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/dir"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/path-with-slash", why: "a redirected preflight fails", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/dir/"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/path-with-two-slashes", why: "the middleware responds before a router cleans up the path",
			source: fetchPreflight, on: onlyPut, request: preflightTo("//dir"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/path-with-dots", why: "the middleware responds before a router resolves the path",
			source: fetchPreflight, on: onlyPut, request: preflightTo("/api/../dir"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/path-percent-encoded", why: "the middleware responds before a router decodes the path",
			source: fetchPreflight, on: onlyPut, request: preflightTo("/%64ir%2Fx?q=%20"),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "preflight/status-200", why: "some old clients accept only 200", source: fetchPreflight,
			on: status200, request: preflight("https://app.example.com", "GET"),
			want: outcome{
				reason: core.ReasonAllowed, status: 200,
				lines: []string{
					"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400",
					varyPreflight,
				},
			},
		},
		{
			name: "preflight/status-299", why: "browsers accept any status from 200 to 299", source: fetchPreflight,
			on: status299, request: preflight("https://app.example.com", "GET"),
			want: outcome{
				reason: core.ReasonAllowed, status: 299,
				lines: []string{
					"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400",
					varyPreflight,
				},
			},
		},
		{
			name: "preflight/status-200-refused", why: "the configured status is for allowed preflights",
			source: fetchPreflight, on: status200, request: preflight("https://evil.com", "GET"),
			want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name:   "preflight/continue",
			why:    "an application that responds to preflights itself gets the allowed ones, with the headers set",
			source: httpOptions, on: continued, request: preflight("https://app.example.com", "PUT"),
			want: outcome{
				reason: core.ReasonAllowed, handler: true,
				lines: []string{
					"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
					"Access-Control-Max-Age: 86400", varyPreflight,
				},
			},
		},
		{
			name: "preflight/continue-with-status",
			why:  "an application that responds to preflights itself chooses the status", source: httpOptions,
			on:      continued,
			request: preflight("https://app.example.com", "PUT", "X-Case: preflight/continue-with-status"),
			reply:   &reply{status: 202, add: []string{"Allow: OPTIONS, PUT"}, body: "yes"},
			want: outcome{
				reason: core.ReasonAllowed, handler: true,
				lines: []string{
					"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
					"Access-Control-Max-Age: 86400", varyPreflight,
				},
			},
			also: []string{"Allow: OPTIONS, PUT"},
		},
		{
			name: "preflight/continue-refused", why: "a refused preflight reaches no handler", source: fetchPreflight,
			on: continued, request: preflight("https://evil.com", "PUT"), want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "preflight/continue-method-refused", why: "a refused preflight reaches no handler",
			source: fetchPreflight, on: continued, request: preflight("https://app.example.com", "DELETE"),
			want: refused(core.ReasonMethodNotAllowed),
		},
	}
}

// preflightTo returns a preflight from https://app.example.com for PUT to the given target.
func preflightTo(target string) string {
	return request("OPTIONS", target, "Origin: https://app.example.com", "Access-Control-Request-Method: PUT")
}

package corstest

import "github.com/polycors/cors/core"

var (
	usualPolicy = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT", "PATCH"}, AllowHeaders: []string{"X-Foo"},
		ExposeHeaders: []string{"X-Out"}, MaxAge: 600e9,
	})
	defaults  = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	onlyPut   = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none, AllowCredentials: true})
	status200 = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, PreflightStatus: 200})
	status299 = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, PreflightStatus: 299})
	continued = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none, ContinuePreflight: true})
)

// preflightCases are about what a preflight is, and how it is answered.
func preflightCases() []conformanceCase {
	putAnswer := answered(
		"Access-Control-Allow-Headers: x-foo", "Access-Control-Allow-Methods: PUT, PATCH", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 600", varyPreflight)
	actual := granted("Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out", "Vary: Origin")
	return []conformanceCase{
		{
			name: "preflight/allowed", why: "the answer has the whole policy, no body, and the handler does not run", source: fetchPreflight,
			on: usualPolicy, request: preflight("https://app.example.com", "PUT"), want: putAnswer,
		},
		{
			name: "preflight/allowed-with-header", why: "the answer lists every header, not only the one that is asked for, so that it serves the next question too", source: fetchPreflight,
			on: usualPolicy, request: preflight("https://app.example.com", "PATCH", "Access-Control-Request-Headers: x-foo"), want: putAnswer,
		},
		{
			name: "preflight/defaults", why: "what is not configured is filled with lists that most applications need", source: fetchPreflight,
			on: defaults, request: preflight("https://app.example.com", "DELETE", "Access-Control-Request-Headers: authorization,content-type"),
			want: answered("Access-Control-Allow-Headers: accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
				"Access-Control-Allow-Methods: DELETE, GET, OPTIONS, PATCH, POST, PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/stranger", why: "a refused preflight names neither origins nor methods nor headers", source: fetchPreflight,
			on: usualPolicy, request: preflight("https://evil.com", "PUT"), want: refused(core.OriginNotAllowed),
			absent: []string{"https://app.example.com", "PATCH", "x-foo"},
		},
		{
			name: "preflight/malformed-origin", why: "a malformed origin is refused, not an error", source: fetchPreflight,
			on: usualPolicy, request: preflight("https://app.example.com/", "PUT"), want: refused(core.OriginMalformed),
		},
		{
			name: "preflight/options-without-method", why: "OPTIONS without a requested method is an actual request, for which the handler runs", source: fetchRequests + "; https://github.com/labstack/echo/issues/2534",
			on: usualPolicy, request: request("OPTIONS", "/", "Origin: https://app.example.com"), want: actual,
		},
		{
			name: "preflight/options-with-headers-but-no-method", why: "requested headers alone make no preflight", source: fetchRequests,
			on: usualPolicy, request: request("OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Headers: x-foo"), want: actual,
		},
		{
			name: "preflight/options-without-origin", why: "OPTIONS without Origin is no CORS request, and the handler answers it", source: httpOptions,
			on: usualPolicy, request: request("OPTIONS", "/", "Access-Control-Request-Method: PUT"), want: passed(core.NoOrigin),
		},
		{
			name: "preflight/options-with-empty-origin", why: "an empty Origin is none", source: httpOptions,
			on: usualPolicy, request: request("OPTIONS", "/", "Origin:", "Access-Control-Request-Method: PUT"), want: passed(core.NoOrigin),
		},
		{
			name: "preflight/plain-options", why: "OPTIONS had a meaning before CORS, and keeps it", source: httpOptions,
			on: usualPolicy, request: request("OPTIONS", "/"), want: passed(core.NoOrigin),
		},
		{
			name: "preflight/empty-method", why: "an empty method is no method, so this is no preflight", source: fetchSyntax,
			on: usualPolicy, request: preflight("https://app.example.com", ""), want: actual,
		},
		{
			name: "preflight/options-stranger-without-method", why: "an actual OPTIONS of a stranger reaches the handler, without permission to be read", source: fetchRequests,
			on: usualPolicy, request: request("OPTIONS", "/", "Origin: https://evil.com"), want: passed(core.OriginNotAllowed),
		},
		{
			name: "preflight/get-is-none", why: "a GET with a requested method is an actual request", source: fetchRequests,
			on: usualPolicy, request: get("https://app.example.com", "Access-Control-Request-Method: PUT"), want: actual,
		},
		{
			name: "preflight/post-is-none", why: "a POST with a requested method is an actual request", source: fetchRequests,
			on: usualPolicy, request: request("POST", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Content-Length: 0"), want: actual,
		},
		{
			name: "preflight/override-is-none", why: "a field that overrides the method makes no preflight of a GET", source: fetchRequests,
			on: trusting, request: get("https://evil.com", "X-HTTP-Method-Override: OPTIONS", "Access-Control-Request-Method: PUT"), want: passed(core.OriginNotAllowed),
		},
		{
			name: "preflight/actual-get", why: "methods, headers and max-age belong to preflights", source: fetchResponses,
			on: usualPolicy, request: get("https://app.example.com"), want: actual,
		},
		{
			name: "preflight/actual-head", why: "HEAD is an actual request", source: fetchResponses,
			on: usualPolicy, request: request("HEAD", "/", "Origin: https://app.example.com"), want: actual,
		},
		{
			name: "preflight/actual-unlisted-method", why: "the list of methods is for preflights: whoever sends DELETE without one may read the answer", source: fetchResponses,
			on: usualPolicy, request: request("DELETE", "/", "Origin: https://app.example.com"), want: actual,
		},
		{
			name: "preflight/actual-stranger-post", why: "CORS says who may read, not who may ask: the handler runs", source: fetchProtocol + "; https://portswigger.net/web-security/cors",
			on: usualPolicy, request: request("POST", "/", "Origin: https://evil.com", "Content-Length: 0"), want: passed(core.OriginNotAllowed),
		},
		{
			name: "preflight/no-methods-listed", why: "an empty list lets in the three safelisted methods and no other", source: fetchPreflight,
			on: one, request: preflight("https://app.example.com", "PUT"), want: refused(core.MethodNotAllowed),
		},
		{
			name: "preflight/websocket", why: "a WebSocket handshake has an Origin but is not under CORS: it passes on, with nothing granted", source: fetchOrigin + "; CVE-2025-24010",
			on:      trusting,
			request: open("GET", "/", "Origin: https://evil.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
			want:    passed(core.OriginNotAllowed),
		},
		{
			name: "preflight/private-network-stranger", why: "a stranger gets no access to a private network", source: privateNetworks + "; CVE-2024-6221",
			on: onlyPut, request: preflight("https://evil.com", "PUT", "Access-Control-Request-Private-Network: true"), want: refused(core.OriginNotAllowed),
		},
		{
			name: "preflight/script-in-origin", why: "what is refused comes back nowhere, not even in an error", source: fetchPreflight,
			on: onlyPut, request: preflight("https://evil.com<script>alert(1)</script>", "PUT"), want: refused(core.OriginMalformed), absent: []string{"<script>"},
		},
		{
			name: "preflight/garbage-in-origin", why: "no origin is so bad that the server fails", source: fetchPreflight,
			on: onlyPut, request: preflight("http://\x80%zz:99999999999", "PUT"), want: refused(core.OriginMalformed),
		},
		{
			name: "preflight/path", why: "one policy answers for every path", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/no/such/route"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/path-without-slash", why: "a redirected preflight is a failed one", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/dir"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/path-with-slash", why: "a redirected preflight is a failed one", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/dir/"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/path-with-two-slashes", why: "a path that a router would clean up is answered as it is", source: fetchPreflight,
			on: onlyPut, request: preflightTo("//dir"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/path-with-dots", why: "a path that a router would resolve is answered as it is", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/api/../dir"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/path-percent-encoded", why: "a path that a router would decode is answered as it is", source: fetchPreflight,
			on: onlyPut, request: preflightTo("/%64ir%2Fx?q=%20"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight),
		},
		{
			name: "preflight/status-200", why: "some old clients take 200 only", source: fetchPreflight,
			on: status200, request: preflight("https://app.example.com", "GET"),
			want: outcome{reason: core.Allowed, status: 200, lines: []string{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight}},
		},
		{
			name: "preflight/status-299", why: "any status from 200 to 299 is ok", source: fetchPreflight,
			on: status299, request: preflight("https://app.example.com", "GET"),
			want: outcome{reason: core.Allowed, status: 299, lines: []string{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight}},
		},
		{
			name: "preflight/status-200-refused", why: "the status is for allowed preflights", source: fetchPreflight,
			on: status200, request: preflight("https://evil.com", "GET"), want: refused(core.OriginNotAllowed),
		},
		{
			name: "preflight/continue", why: "an application that answers preflights itself gets those that are allowed, with the headers set", source: httpOptions,
			on: continued, request: preflight("https://app.example.com", "PUT"),
			want: outcome{reason: core.Allowed, handler: true, lines: []string{"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight}},
		},
		{
			name: "preflight/continue-with-status", why: "an application that answers preflights itself chooses the status", source: httpOptions,
			on: continued, request: preflight("https://app.example.com", "PUT", "X-Case: preflight/continue-with-status"), reply: &reply{status: 202, add: []string{"Allow: OPTIONS, PUT"}, body: "yes"},
			want: outcome{reason: core.Allowed, handler: true, lines: []string{"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight}},
			also: []string{"Allow: OPTIONS, PUT"},
		},
		{
			name: "preflight/continue-refused", why: "a refused preflight goes on to no handler", source: fetchPreflight,
			on: continued, request: preflight("https://evil.com", "PUT"), want: refused(core.OriginNotAllowed),
		},
		{
			name: "preflight/continue-method-refused", why: "a refused preflight goes on to no handler", source: fetchPreflight,
			on: continued, request: preflight("https://app.example.com", "DELETE"), want: refused(core.MethodNotAllowed),
		},
	}
}

// preflightTo is a preflight of https://app.example.com for PUT to that target.
func preflightTo(target string) string {
	return request("OPTIONS", target, "Origin: https://app.example.com", "Access-Control-Request-Method: PUT")
}

package adaptertest

import "github.com/polycors/cors/core"

// transportCases checks various forms of HTTP/1 requests, which must not make a difference. Each
// literal is the complete request.
func transportCases() []conformanceCase {
	creds := []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
		"Vary: Origin",
	}
	put := answered(
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
	)
	return []conformanceCase{
		{
			name: "transport/http-1.0", why: "a request of HTTP/1.0 needs no Host and is decided like any other",
			source: httpTargets, on: trusting, request: "GET / HTTP/1.0\r\nOrigin: https://app.example.com\r\n\r\n",
			want: granted(creds...),
		},
		{
			name: "transport/http-1.0-preflight",
			why:  "a request of HTTP/1.0 needs no Host and is decided like any other", source: httpTargets, on: onlyPut,
			request: "OPTIONS / HTTP/1.0\r\nOrigin: https://app.example.com\r\nAccess-Control-Request-Method: " +
				"PUT\r\n\r\n",
			want: put,
		},
		{
			name: "transport/http-1.0-disallowed",
			why:  "a request of HTTP/1.0 needs no Host and is decided like any other", source: httpTargets,
			on: trusting, request: "GET / HTTP/1.0\r\nHost: api.example.net\r\nOrigin: https://evil.com\r\n\r\n",
			want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "transport/names-in-lower-case",
			why: "field names are compared without case, and HTTP/2 writes them in lower case before a " +
				"gateway passes them on",
			source: httpNames, on: onlyPut,
			request: "OPTIONS / HTTP/1.1\r\nhost: api.example.net\r\norigin: " +
				"https://app.example.com\r\naccess-control-request-method: PUT\r\nConnection: close\r\n\r\n",
			want: put,
		},
		{
			name: "transport/names-in-upper-case", why: "field names are compared without case", source: httpNames,
			on: headers,
			request: "OPTIONS / HTTP/1.1\r\nHOST: api.example.net\r\nORIGIN: " +
				"https://app.example.com\r\nACCESS-CONTROL-REQUEST-METHOD: " +
				"PUT\r\nACCESS-CONTROL-REQUEST-HEADERS: x-evil\r\nConnection: close\r\n\r\n",
			want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "transport/names-in-mixed-case", why: "two spellings of a name are two lines of one field",
			source: httpCombined, on: headers,
			request: "OPTIONS / HTTP/1.1\r\nHost: api.example.net\r\noRIGIN: " +
				"https://app.example.com\r\nAccess-Control-Request-Method: " +
				"PUT\r\nAccess-Control-Request-Headers: x-foo\r\naccess-control-request-headers: " +
				"x-evil\r\nConnection: close\r\n\r\n",
			want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "transport/actual-in-lower-case", why: "field names are compared without case", source: httpNames,
			on: trusting,
			request: "GET / HTTP/1.1\r\nhost: api.example.net\r\norigin: " +
				"https://app.example.com\r\nConnection: close\r\n\r\n",
			want: granted(creds...),
		},
		{name: "transport/absolute-target", why: "a proxy may send the whole URL", source: httpTargets, on: trusting,
			request: "GET http://api.example.net/get HTTP/1.1\r\nHost: api.example.net\r\nOrigin: " +
				"https://app.example.com\r\nConnection: close\r\n\r\n", want: granted(
				creds...,
			)},
		{
			name: "transport/absolute-target-preflight", why: "a proxy may send the whole URL", source: httpTargets,
			on: onlyPut,
			request: "OPTIONS http://api.example.net/get HTTP/1.1\r\nHost: api.example.net\r\nOrigin: " +
				"https://app.example.com\r\nAccess-Control-Request-Method: PUT\r\nConnection: close\r\n\r\n",
			want: put,
		},
		{
			name: "transport/preflight-with-body",
			why:  "no browser sends a body with a preflight, and one that comes is not read", source: httpOptions,
			on: onlyPut, request: preflight("https://app.example.com", "PUT", "Content-Length: 5") + "hello", want: put,
		},
		{
			name: "transport/preflight-with-chunked-body",
			why:  "no browser sends a body with a preflight, and one that comes is not read", source: httpOptions,
			on: onlyPut,
			request: preflight(
				"https://app.example.com", "PUT", "Transfer-Encoding: chunked",
			) + "5\r\nhello\r\n0\r\n\r\n",
			want: put,
		},
		{
			name: "transport/post-with-body", why: "the handler can read the body of an actual request",
			source: fetchRequests, on: trusting,
			request: request(
				"POST", "/", "Origin: https://app.example.com", "Content-Type: text/plain", "Content-Length: 5",
			) + "hello",
			want: granted(creds...),
		},
		{name: "transport/query", why: "the query is not part of the decision", source: fetchProtocol, on: trusting,
			request: request(
				"GET", "/?origin=https://evil.com&x=%0d%0aX-Injected:%201", "Origin: https://app.example.com",
			), want: granted(creds...), absent: []string{"evil.com", "Injected"}},
		{
			name: "transport/delete", why: "an actual request is decided by its origin, not by its method",
			source: fetchResponses, on: trusting, request: request("DELETE", "/", "Origin: https://app.example.com"),
			want: granted(creds...),
		},
		{
			name:   "transport/unknown-method",
			why:    "the server may refuse a method that it does not know; otherwise this is an actual request",
			source: fetchResponses, on: trusting, request: request("PURGE", "/", "Origin: https://app.example.com"),
			want: outcome{reason: core.ReasonAllowed, handler: true, lines: creds, serverMayRefuse: refusesMethod},
		},
	}
}

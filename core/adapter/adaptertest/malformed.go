package adaptertest

// hardlyHTTP is the outcome of an actual request that the server may refuse. If the request reaches
// the handler, no page may read the response. Servers parse such requests differently, so the
// reason is not compared.
var hardlyHTTP = outcome{handler: true, lines: []string{"Vary: Origin"}, serverMayRefuse: refusesMalformed}

// malformedCases checks requests that no browser sends. Each literal is the complete request.
func malformedCases() []conformanceCase {
	const control = "control bytes are no part of a value: the server refuses them, or the origin is malformed"
	raw := func(lines string) string {
		return "GET / HTTP/1.1\r\nHost: api.example.net\r\n" + lines + "\r\nConnection: close\r\n\r\n"
	}
	return []conformanceCase{
		{
			name: "malformed/nul", why: control, source: httpValues, on: trusting,
			request: raw("Origin: https://app.example.com\x00.evil.com"), want: hardlyHTTP,
			absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/bare-cr", why: control, source: httpMessages, on: trusting,
			request: raw("Origin: https://app.example.com\r.evil.com"), want: hardlyHTTP,
			absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/control-1", why: control, source: httpValues, on: trusting,
			request: raw("Origin: https://app.example.com\x01.evil.com"), want: hardlyHTTP,
			absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/escape", why: control, source: httpValues, on: trusting,
			request: raw("Origin: https://app.example.com\x1b.evil.com"), want: hardlyHTTP,
			absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/delete", why: control, source: httpValues, on: trusting,
			request: raw("Origin: https://app.example.com\x7f.evil.com"), want: hardlyHTTP,
			absent: []string{"https://app.example.com"},
		},
		{
			name:   "malformed/folded-with-tab",
			why:    "a folded value is refused or joined with a space, and is never cut to its first line",
			source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\r\n\t.evil.com"),
			want: hardlyHTTP, absent: []string{"https://app.example.com"},
		},
		{
			name:   "malformed/folded-with-space",
			why:    "a folded value is refused or joined with a space, and is never cut to its first line",
			source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\r\n .evil.com"),
			want: hardlyHTTP, absent: []string{"https://app.example.com"},
		},
		{
			name:   "malformed/bare-lf",
			why:    "a server may take a bare LF as the end of a line, but must never send back what follows it",
			source: httpMessages, on: trusting, request: raw("Origin: https://evil.com\nX-Injected: 1"),
			want: hardlyHTTP, absent: []string{"evil.com", "X-Injected"},
		},
		{
			name: "malformed/blank-before-colon", why: "a name followed by a space is refused, or is a different name",
			source: httpMessages, on: trusting, request: raw("Origin : https://app.example.com"), want: hardlyHTTP,
			absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/trailer", why: "a trailer field must not be taken for a header field",
			source: httpTrailers, on: trusting,
			request: "POST / HTTP/1.1\r\nHost: api.example.net\r\nOrigin: " +
				"https://evil.com\r\nTransfer-Encoding: chunked\r\nTrailer: Origin\r\nConnection: " +
				"close\r\n\r\n0\r\nOrigin: https://app.example.com\r\n\r\n",
			want: hardlyHTTP, absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/trailer-alone", why: "a trailer field must not be taken for a header field",
			source: httpTrailers, on: trusting,
			request: "POST / HTTP/1.1\r\nHost: api.example.net\r\nTransfer-Encoding: chunked\r\nTrailer: " +
				"Origin\r\nConnection: close\r\n\r\n0\r\nOrigin: https://app.example.com\r\n\r\n",
			want: hardlyHTTP, absent: []string{"https://app.example.com"},
		},
		{
			name: "malformed/control-in-method", why: control, source: httpTokens, on: anyMethodWithCreds,
			request: preflight("https://app.example.com", "PUT\x00"),
			want:    outcome{status: 403, lines: []string{varyPreflight}, serverMayRefuse: refusesMalformed},
		},
		{
			name: "malformed/cr-in-headers", why: control, source: httpMessages, on: anyHeaderWithCreds,
			request: asking("x-a\rSet-Cookie: a=b"),
			want:    outcome{status: 403, lines: []string{varyPreflight}, serverMayRefuse: refusesMalformed},
			absent:  []string{"Set-Cookie"},
		},
		{
			name: "malformed/folded-headers", why: "a folded list is refused, or is read as one list",
			source: httpValues, on: headers, request: asking("x-foo,\r\n x-evil"),
			want:   outcome{status: 403, lines: []string{varyPreflight}, serverMayRefuse: refusesMalformed},
			absent: []string{"x-evil"},
		},
	}
}

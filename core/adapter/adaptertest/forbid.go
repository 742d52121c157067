package adaptertest

import "github.com/polycors/cors/core"

var forbids = policy(core.Config{
	AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, ForbidDisallowed: true,
})

func forbidCases() []conformanceCase {
	no := func(reason core.Reason) outcome {
		return outcome{reason: reason, status: 403, lines: []string{"Vary: Origin"}}
	}
	const (
		said     = "Sec-Fetch-Site comes before any comparison, because no page can set it"
		compared = "without Sec-Fetch-Site, host and port of Origin are compared with Host"
	)
	return []conformanceCase{
		{
			name:   "forbid/disallowed",
			why:    "with ForbidDisallowed, a request of an origin that is not allowed does not reach the handler",
			source: fetchProtocol + "; CVE-2022-4147", on: forbids, request: get("https://evil.com"),
			want: no(core.ReasonOriginNotAllowed),
		},
		{
			name:   "forbid/disallowed-post",
			why:    "with ForbidDisallowed, a request of an origin that is not allowed does not reach the handler",
			source: fetchProtocol, on: forbids,
			request: request("POST", "/", "Origin: https://evil.com", "Content-Length: 5") + "hello",
			want:    no(core.ReasonOriginNotAllowed),
		},
		{
			name:   "forbid/disallowed-head",
			why:    "with ForbidDisallowed, a request of an origin that is not allowed does not reach the handler",
			source: fetchProtocol, on: forbids, request: request("HEAD", "/", "Origin: https://evil.com"),
			want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/malformed", why: "a malformed origin is not allowed", source: fetchProtocol, on: forbids,
			request: get("https://evil.com/"), want: no(core.ReasonOriginMalformed),
		},
		{
			name: "forbid/null", why: "any page can send null", source: fetchOrigin, on: forbids, request: get("null"),
			want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/listed", why: "a listed origin is allowed", source: fetchResponses, on: forbids,
			request: get("https://app.example.com"),
			want:    granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
		},
		{
			name: "forbid/no-origin", why: "a request without Origin is not about CORS", source: fetchRequests,
			on: forbids, request: request("GET", "/"), want: passed(core.ReasonNoOrigin),
		},
		{
			name: "forbid/preflight", why: "a refused preflight is refused in the same way", source: fetchPreflight,
			on: forbids, request: preflight("https://evil.com", "GET"), want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/site-same-origin",
			why:  "a page that posts to its own server sends an Origin that is not listed", source: fetchMetadata,
			on: forbids, request: get("https://api.example.net", "Sec-Fetch-Site: same-origin"),
			want: passed(core.ReasonSameOrigin),
		},
		{
			name:   "forbid/site-same-origin-null",
			why:    "with Referrer-Policy: no-referrer, a page posts to its own server with Origin: null",
			source: fetchOrigin, on: forbids, request: get("null", "Sec-Fetch-Site: same-origin"),
			want: passed(core.ReasonSameOrigin),
		},
		{
			name: "forbid/site-same-site", why: "another origin of the same site is another origin",
			source: fetchMetadata, on: forbids, request: get("https://other.example.net", "Sec-Fetch-Site: same-site"),
			want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/site-cross-site-with-host", why: said, source: fetchMetadata, on: forbids,
			request: get("http://api.example.net", "Sec-Fetch-Site: cross-site"), want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/site-none", why: said, source: fetchMetadata + "; CVE-2026-40864", on: forbids,
			request: get("https://evil.com", "Sec-Fetch-Site: none"), want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/site-two-lines", why: "two lines are not the value same-origin", source: httpCombined,
			on: forbids, request: get("https://evil.com", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: same-origin"),
			want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/host-equal", why: compared, source: fetchOrigin, on: forbids,
			request: get("https://api.example.net"), want: passed(core.ReasonSameOrigin),
		},
		{
			name: "forbid/host-equal-http",
			why:  compared + "; the scheme is not compared, because a proxy may have changed it", source: fetchOrigin,
			on: forbids, request: get("http://api.example.net"), want: passed(core.ReasonSameOrigin),
		},
		{
			name: "forbid/host-other-port", why: compared, source: fetchOrigin, on: forbids,
			request: get("https://api.example.net:8443"), want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/host-is-suffix", why: compared, source: fetchOrigin, on: forbids,
			request: get("https://xapi.example.net"), want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/host-with-port", why: compared, source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: api.example.net:8443\r\nOrigin: " +
				"https://api.example.net:8443\r\nConnection: close\r\n\r\n",
			want: passed(core.ReasonSameOrigin),
		},
		{
			name: "forbid/host-with-default-port", why: compared + ", and the default port may be written in Host",
			source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: api.example.net:443\r\nOrigin: " +
				"https://api.example.net\r\nConnection: close\r\n\r\n",
			want: passed(core.ReasonSameOrigin),
		},
		{
			name: "forbid/host-with-port-of-other-scheme", why: compared + ", and 80 is not the default port of https",
			source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: api.example.net:80\r\nOrigin: " +
				"https://api.example.net\r\nConnection: close\r\n\r\n",
			want: no(core.ReasonOriginNotAllowed),
		},
		{
			name: "forbid/host-in-upper-case", why: "a host is case-insensitive", source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: API.Example.NET\r\nOrigin: " +
				"https://api.example.net\r\nConnection: close\r\n\r\n",
			want: passed(core.ReasonSameOrigin),
		},
		{
			name: "forbid/forwarded-host", why: "anyone can write X-Forwarded-Host, so it does not count",
			source: fetchOrigin, on: forbids,
			request: get("https://evil.com", "X-Forwarded-Host: evil.com", "Forwarded: host=evil.com"),
			want:    no(core.ReasonOriginNotAllowed),
		},
	}
}

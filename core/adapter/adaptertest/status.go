package adaptertest

import (
	"net/http"

	"github.com/polycors/cors/core"
)

// statusCases checks that the handler's status does not affect the CORS headers.
func statusCases() []conformanceCase {
	const why = "a page must be able to read why a request failed, so responses of every status have the headers"
	want := granted(
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
		"Vary: Origin",
	)
	replied := func(name string, status int, body string, more ...string) conformanceCase {
		return conformanceCase{
			name: name, why: why, source: fetchResponses, on: trusting,
			request: get("https://app.example.com", append(more, "X-Case: "+name)...),
			reply:   &reply{status: status, body: body}, want: want,
		}
	}
	return []conformanceCase{
		replied("status/201-created", 201, "created\n"),
		replied("status/204-no-content", 204, ""),
		replied("status/304-not-modified", 304, "", `If-None-Match: "x"`),
		replied("status/400-bad-request", 400, "bad\n"),
		replied("status/401-unauthorized", 401, "who?\n"),
		replied("status/403-forbidden", 403, "no\n"),
		replied("status/404-not-found", 404, "not here\n"),
		replied("status/405-method-not-allowed", 405, "not so\n"),
		replied("status/413-content-too-large", 413, "too much\n"),
		replied("status/418-unusual", 418, "teapot\n"),
		replied("status/429-too-many-requests", 429, "later\n"),
		replied("status/500-server-error", 500, "broken\n"),
		replied("status/503-unavailable", 503, "closed\n"),
		{
			name: "status/path-unknown", why: "a page must be able to read the response for an unknown path too",
			source: fetchResponses, on: trusting,
			request: request("GET", "/no/such/route", "Origin: https://app.example.com", "X-Case: status/path-unknown"),
			reply:   &reply{status: 404, body: "not here\n"}, want: want,
		},
		{
			name:   "status/302-found",
			why:    "the browser checks a redirect before it follows it, so the headers are on it too",
			source: fetchCheck, on: trusting, request: get("https://app.example.com", "X-Case: status/302-found"),
			reply: &reply{status: 302, add: []string{"Location: /elsewhere"}}, want: want,
			also: []string{"Location: /elsewhere"},
		},
		{
			name: "status/405-keeps-allow", why: "the handler's own Allow stays", source: httpAllow, on: trusting,
			request: get("https://app.example.com", "X-Case: status/405-keeps-allow"),
			reply:   &reply{status: 405, add: []string{"Allow: PUT"}, body: "not so\n"}, want: want,
			also: []string{"Allow: PUT"},
		},
		{
			name: "status/disallowed-401", why: "an origin that is not allowed may not read why the request failed",
			source: fetchResponses, on: trusting, request: get("https://evil.com", "X-Case: status/disallowed-401"),
			reply: &reply{status: 401, body: "who?\n"}, want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "status/disallowed-500", why: "a failure grants nothing", source: fetchResponses, on: trusting,
			request: get("https://evil.com", "X-Case: status/disallowed-500"),
			reply:   &reply{status: 500, body: "broken\n"}, want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "status/other-headers", why: "the handler's own headers stay", source: fetchResponses, on: trusting,
			request: get("https://app.example.com", "X-Case: status/other-headers"),
			reply:   &reply{add: []string{"X-Out: 1", "Cache-Control: no-store"}, body: "ok\n"}, want: want,
			also: []string{"X-Out: 1", "Cache-Control: no-store"},
		},
		{
			name:   "status/request-headers-deleted",
			why:    "the decision is made before the handler runs, which may then change the request",
			source: fetchResponses + "; CVE-2023-35943", on: trusting,
			request: get("https://app.example.com", "X-Case: status/request-headers-deleted"),
			reply: &reply{body: "ok\n", do: func(_ http.ResponseWriter, r *http.Request) {
				r.Header.Del("Origin")
				r.Method, r.Host = "OPTIONS", "evil.com"
			}},
			want: want,
		},
		{
			name: "status/no-body", why: "a handler that writes nothing still has a response", source: fetchResponses,
			on: trusting, request: get("https://app.example.com", "X-Case: status/no-body"), reply: &reply{},
			want: want,
		},
	}
}

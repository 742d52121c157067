package corstest

import (
	"net/http"

	"github.com/polycors/cors/core"
)

// outer is the policy of trusting, with Vary lines set before the middleware runs.
func outer(vary ...string) *setup {
	return &setup{configs: one.configs, before: http.Header{"Vary": vary}}
}

func varyCases() []conformanceCase {
	const app = "https://app.example.com"
	allowOrigin := []string{"Access-Control-Allow-Origin: https://app.example.com"}
	allowed := func(tokens ...string) outcome {
		return outcome{reason: core.Allowed, handler: true, lines: allowOrigin, varyTokens: tokens}
	}
	const (
		handlers = "what the handler's answer depends on beside Origin stays in Vary"
		before   = "what an outer middleware has put into Vary stays there"
	)
	return []conformanceCase{
		{name: "vary/allowed", why: "an answer for one origin must not be served to another by a cache", source: fetchCaches, on: one, request: get(app), want: granted(allowOrigin[0], "Vary: Origin")},
		{name: "vary/refused", why: "an answer without permission must not be served to an origin that has it", source: fetchCaches + "; https://github.com/expressjs/cors/pull/106", on: one, request: get("https://evil.com"), want: passed(core.OriginNotAllowed)},
		{name: "vary/no-origin", why: "an answer that was not for CORS must not be served to a page", source: fetchCaches, on: one, request: request("GET", "/"), want: passed(core.NoOrigin)},
		{name: "vary/malformed", why: "an answer without permission must not be served to an origin that has it", source: fetchCaches, on: one, request: get(app + "/"), want: passed(core.OriginMalformed)},
		{name: "vary/of-the-request", why: "Vary in a request means nothing and replaces nothing", source: httpVary + "; GHSA-q7jf-gf43-6x6p", on: one, request: get(app, "Vary: accept-encoding"), want: granted(allowOrigin[0], "Vary: Origin")},
		{name: "vary/preflight", why: "what is answered to a preflight depends on all that it asks", source: fetchCaches, on: headers, request: asking("x-foo"),
			want: answered("Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight)},
		{name: "vary/handler-adds", why: handlers, source: httpVary + "; https://github.com/tower-rs/tower-http/issues/397", on: one,
			request: get(app, "X-Case: vary/handler-adds"), reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"}, want: allowed("Origin", "Accept-Encoding")},
		{name: "vary/handler-adds-list", why: handlers, source: httpVary, on: one,
			request: get(app, "X-Case: vary/handler-adds-list"), reply: &reply{add: []string{"Vary: Accept, Accept-Encoding"}, body: "ok\n"}, want: allowed("Origin", "Accept", "Accept-Encoding")},
		{name: "vary/handler-adds-lines", why: handlers, source: httpVary, on: one,
			request: get(app, "X-Case: vary/handler-adds-lines"), reply: &reply{add: []string{"Vary: Accept", "Vary: Cookie"}, body: "ok\n"}, want: allowed("Origin", "Accept", "Cookie")},
		{name: "vary/handler-adds-refused", why: handlers, source: httpVary, on: one,
			request: get("https://evil.com", "X-Case: vary/handler-adds-refused"), reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"},
			want: outcome{reason: core.OriginNotAllowed, handler: true, varyTokens: []string{"Origin", "Accept-Encoding"}}},
		{name: "vary/handler-adds-for-everybody", why: "a policy for everybody puts nothing into Vary, and takes nothing out", source: fetchCaches, on: everyone,
			request: get("https://evil.com", "X-Case: vary/handler-adds-for-everybody"), reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"},
			want: outcome{reason: core.Allowed, handler: true, lines: []string{"Access-Control-Allow-Origin: *"}, varyTokens: []string{"Accept-Encoding"}}},
		{name: "vary/before", why: before, source: httpVary, on: outer("Accept-Language"), request: get(app), want: allowed("Accept-Language", "Origin")},
		{name: "vary/before-refused", why: before, source: httpVary, on: outer("Accept-Language"), request: get("https://evil.com"),
			want: outcome{reason: core.OriginNotAllowed, handler: true, varyTokens: []string{"Accept-Language", "Origin"}}},
		{name: "vary/before-lines", why: before, source: httpVary, on: outer("Accept", "Accept-Encoding, Cookie"), request: get(app), want: allowed("Accept", "Accept-Encoding", "Cookie", "Origin")},
		{name: "vary/before-has-origin", why: "a token that is there is not added again", source: httpVary, on: outer("Accept, Origin"), request: get(app), want: allowed("Accept", "Origin")},
		{name: "vary/before-has-origin-in-lower-case", why: "field names are compared without case, in Vary too", source: httpVary, on: outer("origin"), request: get(app), want: allowed("origin")},
		{name: "vary/before-has-longer-name", why: "a name that begins as Origin is another", source: httpVary, on: outer("Origin-Trial, X-Origin"), request: get(app), want: allowed("Origin-Trial", "X-Origin", "Origin")},
		{name: "vary/before-has-star", why: "the star says that the answer depends on everything, so nothing is added to it", source: httpVary, on: outer("*"), request: get(app), want: allowed("*")},
		{name: "vary/before-preflight", why: before, source: httpVary, on: outer("Accept-Language"), request: preflight(app, "GET"),
			want: outcome{reason: core.Allowed, status: 204, lines: []string{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400"},
				varyTokens: []string{"Accept-Language", "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}}},
		{name: "vary/before-preflight-has-some", why: "only the missing tokens are added", source: httpVary, on: outer("access-control-request-method, Origin"), request: preflight(app, "GET"),
			want: outcome{reason: core.Allowed, status: 204, lines: []string{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400"},
				varyTokens: []string{"access-control-request-method", "Origin", "Access-Control-Request-Headers"}}},
		{name: "vary/before-preflight-refused", why: before, source: httpVary, on: outer("Accept-Language"), request: preflight("https://evil.com", "GET"),
			want: outcome{reason: core.OriginNotAllowed, status: 403, varyTokens: []string{"Accept-Language", "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}}},
		{name: "vary/before-and-handler", why: handlers + ", and so does what an outer middleware has put there", source: httpVary, on: outer("Accept-Language"),
			request: get(app, "X-Case: vary/before-and-handler"), reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"}, want: allowed("Accept-Language", "Accept-Encoding", "Origin")},
	}
}

// statusCases hold that what the handler answers changes nothing about CORS.
func statusCases() []conformanceCase {
	const why = "a page must be able to read why a request failed, so the headers are on answers of any status"
	want := granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin")
	replied := func(name string, status int, body string, more ...string) conformanceCase {
		return conformanceCase{
			name: name, why: why, source: fetchResponses, on: trusting,
			request: get("https://app.example.com", append(more, "X-Case: "+name)...), reply: &reply{status: status, body: body}, want: want,
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
			name: "status/path-unknown", why: "what a router answers where it has no route is read by pages too", source: fetchResponses, on: trusting,
			request: request("GET", "/no/such/route", "Origin: https://app.example.com", "X-Case: status/path-unknown"), reply: &reply{status: 404, body: "not here\n"}, want: want,
		},
		{
			name: "status/302-found", why: "a redirect is read by the browser before it is followed, so it has the headers too", source: fetchCheck, on: trusting,
			request: get("https://app.example.com", "X-Case: status/302-found"), reply: &reply{status: 302, add: []string{"Location: /elsewhere"}}, want: want,
			also: []string{"Location: /elsewhere"},
		},
		{
			name: "status/405-keeps-allow", why: "Allow in the handler's own answer stays", source: httpAllow, on: trusting,
			request: get("https://app.example.com", "X-Case: status/405-keeps-allow"), reply: &reply{status: 405, add: []string{"Allow: PUT"}, body: "not so\n"}, want: want,
			also: []string{"Allow: PUT"},
		},
		{
			name: "status/stranger-401", why: "a stranger may not read why it failed", source: fetchResponses, on: trusting,
			request: get("https://evil.com", "X-Case: status/stranger-401"), reply: &reply{status: 401, body: "who?\n"}, want: passed(core.OriginNotAllowed),
		},
		{
			name: "status/stranger-500", why: "a failure grants nothing", source: fetchResponses, on: trusting,
			request: get("https://evil.com", "X-Case: status/stranger-500"), reply: &reply{status: 500, body: "broken\n"}, want: passed(core.OriginNotAllowed),
		},
		{
			name: "status/other-headers", why: "the handler's own headers stay", source: fetchResponses, on: trusting,
			request: get("https://app.example.com", "X-Case: status/other-headers"), reply: &reply{add: []string{"X-Out: 1", "Cache-Control: no-store"}, body: "ok\n"}, want: want,
			also: []string{"X-Out: 1", "Cache-Control: no-store"},
		},
		{
			name: "status/request-headers-deleted", why: "the decision is made before the handler, which may change the request as it likes", source: fetchResponses + "; CVE-2023-35943", on: trusting,
			request: get("https://app.example.com", "X-Case: status/request-headers-deleted"),
			reply: &reply{body: "ok\n", do: func(_ http.ResponseWriter, r *http.Request) {
				r.Header.Del("Origin")
				r.Method, r.Host = "OPTIONS", "evil.com"
			}}, want: want,
		},
		{
			name: "status/no-body", why: "a handler that writes nothing has an answer all the same", source: fetchResponses, on: trusting,
			request: get("https://app.example.com", "X-Case: status/no-body"), reply: &reply{}, want: want,
		},
	}
}

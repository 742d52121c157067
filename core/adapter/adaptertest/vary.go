package adaptertest

import (
	"net/http"

	"github.com/polycors/cors/core"
)

// outer returns a setup with the policy of trusting, and with Vary lines that are set before the
// middleware runs.
func outer(vary ...string) *setup {
	return &setup{configs: one.configs, before: http.Header{"Vary": vary}}
}

func varyCases() []conformanceCase {
	const app = "https://app.example.com"
	allowOrigin := []string{"Access-Control-Allow-Origin: https://app.example.com"}
	allowed := func(tokens ...string) outcome {
		return outcome{reason: core.ReasonAllowed, handler: true, lines: allowOrigin, varyTokens: tokens}
	}
	const (
		handlers = "Vary tokens of the handler stay"
		before   = "Vary tokens of an outer middleware stay"
	)
	return []conformanceCase{
		{
			name: "vary/allowed", why: "a cache must not serve a response for one origin to another",
			source: fetchCaches, on: one, request: get(app), want: granted(allowOrigin[0], "Vary: Origin"),
		},
		{
			name: "vary/refused", why: "a cache must not serve a response without permission to an allowed origin",
			source: fetchCaches + "; https://github.com/expressjs/cors/pull/106", on: one,
			request: get("https://evil.com"), want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "vary/no-origin", why: "a cache must not serve the response to a request without Origin to a page",
			source: fetchCaches, on: one, request: request("GET", "/"), want: passed(core.ReasonNoOrigin),
		},
		{
			name: "vary/malformed", why: "a cache must not serve a response without permission to an allowed origin",
			source: fetchCaches, on: one, request: get(app + "/"), want: passed(core.ReasonOriginMalformed),
		},
		{
			name: "vary/of-the-request", why: "Vary has no meaning in a request",
			source: httpVary + "; GHSA-q7jf-gf43-6x6p", on: one, request: get(app, "Vary: accept-encoding"),
			want: granted(allowOrigin[0], "Vary: Origin"),
		},
		{
			name: "vary/preflight", why: "the response to a preflight depends on everything that it asks for",
			source: fetchCaches, on: headers, request: asking("x-foo"),
			want: answered(
				"Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "vary/handler-adds", why: handlers,
			source: httpVary + "; https://github.com/tower-rs/tower-http/issues/397", on: one,
			request: get(app, "X-Case: vary/handler-adds"),
			reply:   &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"},
			want:    allowed("Origin", "Accept-Encoding"),
		},
		{name: "vary/handler-adds-list", why: handlers, source: httpVary, on: one,
			request: get(
				app, "X-Case: vary/handler-adds-list",
			), reply: &reply{
				add: []string{"Vary: Accept, Accept-Encoding"}, body: "ok\n",
			}, want: allowed("Origin", "Accept", "Accept-Encoding")},
		{name: "vary/handler-adds-lines", why: handlers, source: httpVary, on: one,
			request: get(
				app, "X-Case: vary/handler-adds-lines",
			), reply: &reply{
				add: []string{"Vary: Accept", "Vary: Cookie"}, body: "ok\n",
			}, want: allowed("Origin", "Accept", "Cookie")},
		{name: "vary/handler-adds-refused", why: handlers, source: httpVary, on: one,
			request: get(
				"https://evil.com", "X-Case: vary/handler-adds-refused",
			), reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"},
			want: outcome{
				reason: core.ReasonOriginNotAllowed, handler: true, varyTokens: []string{"Origin", "Accept-Encoding"},
			}},
		{
			name: "vary/handler-adds-for-everybody",
			why:  "a policy for every origin adds nothing to Vary and removes nothing", source: fetchCaches,
			on: everyone, request: get("https://evil.com", "X-Case: vary/handler-adds-for-everybody"),
			reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"},
			want: outcome{
				reason: core.ReasonAllowed, handler: true, lines: []string{"Access-Control-Allow-Origin: *"},
				varyTokens: []string{"Accept-Encoding"},
			},
		},
		{
			name: "vary/before", why: before, source: httpVary, on: outer("Accept-Language"), request: get(app),
			want: allowed("Accept-Language", "Origin"),
		},
		{
			name: "vary/before-refused", why: before, source: httpVary, on: outer("Accept-Language"),
			request: get("https://evil.com"),
			want: outcome{
				reason: core.ReasonOriginNotAllowed, handler: true, varyTokens: []string{"Accept-Language", "Origin"},
			},
		},
		{
			name: "vary/before-lines", why: before, source: httpVary, on: outer("Accept", "Accept-Encoding, Cookie"),
			request: get(app), want: allowed("Accept", "Accept-Encoding", "Cookie", "Origin"),
		},
		{
			name: "vary/before-has-origin", why: "a token that is already there is not added again", source: httpVary,
			on: outer("Accept, Origin"), request: get(app), want: allowed("Accept", "Origin"),
		},
		{
			name: "vary/before-has-origin-in-lower-case", why: "field names are compared without case, in Vary too",
			source: httpVary, on: outer("origin"), request: get(app), want: allowed("origin"),
		},
		{
			name: "vary/before-has-longer-name", why: "a name that begins with Origin is a different name",
			source: httpVary, on: outer("Origin-Trial, X-Origin"), request: get(app),
			want: allowed("Origin-Trial", "X-Origin", "Origin"),
		},
		{
			name: "vary/before-has-star", why: `"*" says that the response depends on everything, so nothing is added`,
			source: httpVary, on: outer("*"), request: get(app), want: allowed("*"),
		},
		{
			name: "vary/before-preflight", why: before, source: httpVary, on: outer("Accept-Language"),
			request: preflight(app, "GET"),
			want: outcome{
				reason: core.ReasonAllowed, status: 204,
				lines: []string{
					"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400",
				},
				varyTokens: []string{
					"Accept-Language", "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
				},
			},
		},
		{
			name: "vary/before-preflight-has-some", why: "only the missing tokens are added", source: httpVary,
			on: outer("access-control-request-method, Origin"), request: preflight(app, "GET"),
			want: outcome{
				reason: core.ReasonAllowed, status: 204,
				lines: []string{
					"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400",
				},
				varyTokens: []string{"access-control-request-method", "Origin", "Access-Control-Request-Headers"},
			},
		},
		{
			name: "vary/before-preflight-refused", why: before, source: httpVary, on: outer("Accept-Language"),
			request: preflight("https://evil.com", "GET"),
			want: outcome{
				reason: core.ReasonOriginNotAllowed, status: 403,
				varyTokens: []string{
					"Accept-Language", "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
				},
			},
		},
		{
			name: "vary/before-and-handler", why: handlers + ", and so do the tokens of an outer middleware",
			source: httpVary, on: outer("Accept-Language"), request: get(app, "X-Case: vary/before-and-handler"),
			reply: &reply{add: []string{"Vary: Accept-Encoding"}, body: "ok\n"},
			want:  allowed("Accept-Language", "Accept-Encoding", "Origin"),
		},
	}
}

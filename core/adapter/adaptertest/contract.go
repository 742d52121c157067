package adaptertest

import (
	"io"
	"net/http"

	"github.com/polycors/cors/core"
)

var (
	// routerHeaders has headers that a router has prepared for a response of its own.
	routerHeaders = &setup{
		configs: onlyPut.configs, before: http.Header{"Allow": {"GET, PUT"}, "Content-Type": {"text/plain"}},
	}
	// routerHeadersForbid is like routerHeaders, but the policy also refuses actual requests.
	routerHeadersForbid = &setup{
		configs: forbids.configs, before: http.Header{"Allow": {"GET"}, "Content-Type": {"text/plain"}},
	}
	// stale has CORS headers that the policy did not write.
	stale = &setup{configs: onlyPut.configs, before: http.Header{
		"Access-Control-Allow-Origin":          {"*", "https://evil.com"},
		"Access-Control-Allow-Credentials":     {"true"},
		"Access-Control-Allow-Methods":         {"DELETE"},
		"Access-Control-Allow-Headers":         {"x-evil"},
		"Access-Control-Expose-Headers":        {"X-Secret"},
		"Access-Control-Max-Age":               {"999"},
		"Access-Control-Allow-Private-Network": {"true"},
		"Polycors-Reason":                      {"stale"},
	}}
	// secured has security headers that other middleware has written.
	secured           = &setup{configs: onlyPut.configs, before: securityHeader}
	securedAndForbids = &setup{configs: forbids.configs, before: securityHeader}
	securityHeader    = http.Header{
		"Strict-Transport-Security": {"max-age=63072000"}, "X-Content-Type-Options": {"nosniff"},
		"X-Request-Id": {"17"},
	}
	// undecided contains a core.Live in which no Decider is stored.
	undecided      = &setup{inner: new(core.Live)}
	undecidedStale = &setup{
		inner:  new(core.Live),
		before: http.Header{"Access-Control-Allow-Origin": {"https://outer.example.com"}, "Vary": {"Accept"}},
	}

	passOn = core.Config{
		AllowOrigins: []string{"https://app.example.com", "https://admin.example.com"}, AllowCredentials: true,
		AllowMethods: []string{"PUT"}, AllowHeaders: none, ExposeHeaders: []string{"X-Out"}, ContinuePreflight: true,
	}
	stricter = core.Config{
		AllowOrigins: []string{"https://admin.example.com"}, AllowMethods: none, AllowHeaders: none,
	}
	overridden = &setup{configs: []core.Config{passOn, stricter}}
	loosened   = &setup{
		configs: []core.Config{
			{AllowOrigins: []string{"https://admin.example.com"}, AllowMethods: none, AllowHeaders: none},
			{AllowOrigins: []string{"*"}, AllowMethods: none, AllowHeaders: none},
		},
	}
	tightened = &setup{
		configs: []core.Config{
			{AllowOrigins: []string{"*"}, AllowMethods: none, AllowHeaders: none},
			{AllowOrigins: []string{"https://admin.example.com"}, AllowMethods: none, AllowHeaders: none},
		},
	}
	untouched = &setup{configs: []core.Config{passOn}, inner: new(core.Live)}
	guarded   = &setup{
		configs: []core.Config{passOn}, fixed: &core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403},
	}
	guardAlone = &setup{fixed: &core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403}}

	everything = &setup{fixed: &core.Decision{
		Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 299, Debug: true, Vary: "Origin, X-Tenant",
		AllowOrigin: "https://a.example", AllowMethods: "PUT, PATCH", AllowHeaders: "x-a, x-b", ExposeHeaders: "X-Out",
		MaxAge: "7", AllowCredentials: true, AllowPrivateNetwork: true,
	}}
	everythingPassed = &setup{fixed: &core.Decision{
		Kind: core.KindActual, Reason: core.ReasonAllowed, Debug: true, Vary: "Origin, X-Tenant",
		AllowOrigin: "https://a.example", AllowMethods: "PUT, PATCH", AllowHeaders: "x-a, x-b", ExposeHeaders: "X-Out",
		MaxAge: "7", AllowCredentials: true, AllowPrivateNetwork: true,
	}}
	unavailable = &setup{
		fixed: &core.Decision{Kind: core.KindActual, Reason: core.ReasonLookupFailed, Status: 503, Vary: "Origin"},
	}
	teapot = &setup{fixed: &core.Decision{Kind: core.KindNotCORS, Reason: core.ReasonNoOrigin, Status: 418}}
)

// gotBody is the reply of a handler that returns the body of the request in the X-Got header.
var gotBody = reply{body: "ok\n", do: func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	w.Header().Set("X-Got", string(body))
}}

// contractCases checks what an adapter must do under every policy.
func contractCases() []conformanceCase {
	const (
		app      = "https://app.example.com"
		leftOver = "headers that a router prepared for another response are not part of this one"
		owned    = "a policy removes CORS headers that are already set before it writes its own: browsers " +
			"refuse two lines of one"
		inner     = "the inner policy decides for its part of the server, whatever the outer one granted"
		others    = "a response of the middleware keeps the headers that other middlewares have set"
		unchanged = "the handler gets the request as the client sent it"
		every     = "an adapter writes every field of a decision, in alphabetical order, and nothing else"
	)
	put := answered(
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
	)
	all := []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-a, x-b",
		"Access-Control-Allow-Methods: PUT, PATCH", "Access-Control-Allow-Origin: https://a.example",
		"Access-Control-Allow-Private-Network: true", "Access-Control-Expose-Headers: X-Out",
		"Access-Control-Max-Age: 7", "Polycors-Reason: allowed", "Vary: Origin, X-Tenant",
	}
	securityLines := []string{
		"Strict-Transport-Security: max-age=63072000", "X-Content-Type-Options: nosniff", "X-Request-Id: 17",
	}
	trusted := granted(
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin",
	)
	return []conformanceCase{
		{
			name: "contract/preflight-has-no-body", why: "the response to an allowed preflight has headers and no body",
			source: httpNoContent, on: onlyPut, request: preflight(app, "PUT"), want: put,
		},
		{
			name:   "contract/refusal-has-no-body",
			why:    "no page can read a refusal, and an error text could repeat what the request said",
			source: fetchPreflight, on: onlyPut, request: preflight("https://evil.com", "PUT"),
			want: refused(core.ReasonOriginNotAllowed), absent: []string{"Forbidden\n"},
		},
		{
			name: "contract/left-over-allow", why: leftOver, source: httpAllow, on: routerHeaders,
			request: preflight(app, "PUT"), want: put,
		},
		{
			name: "contract/left-over-allow-refused", why: leftOver, source: httpAllow, on: routerHeaders,
			request: preflight("https://evil.com", "PUT"), want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "contract/left-over-allow-forbidden", why: leftOver, source: httpAllow, on: routerHeadersForbid,
			request: get("https://evil.com"),
			want:    outcome{reason: core.ReasonOriginNotAllowed, status: 403, lines: []string{"Vary: Origin"}},
		},
		{
			name:   "contract/left-over-allow-passed",
			why:    "headers that were prepared for the handler's response stay where the handler responds",
			source: httpAllow, on: routerHeaders, request: get(app),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Vary: Origin",
			),
			also: []string{"Allow: GET, PUT"},
		},
		{
			name: "contract/keeps-headers", why: others, source: fetchPreflight, on: secured,
			request: preflight(app, "PUT"), want: put, also: securityLines,
		},
		{
			name: "contract/keeps-headers-refused", why: others, source: fetchPreflight, on: secured,
			request: preflight("https://evil.com", "PUT"), want: refused(core.ReasonOriginNotAllowed), also: securityLines,
		},
		{
			name: "contract/keeps-headers-forbidden", why: others, source: fetchProtocol, on: securedAndForbids,
			request: get("https://evil.com"),
			want:    outcome{reason: core.ReasonOriginNotAllowed, status: 403, lines: []string{"Vary: Origin"}},
			also:    securityLines,
		},
		{
			name: "contract/keeps-headers-passed", why: "the response of the handler keeps the headers that are set",
			source: fetchResponses, on: secured, request: get(app), want: trusted, also: securityLines,
		},
		{
			name: "contract/handler-gets-method-and-fields", why: unchanged, source: fetchRequests, on: trusting,
			request: request(
				"DELETE", "/", "Origin: "+app, "Sec-Fetch-Site: cross-site",
				"X-Case: contract/handler-gets-method-and-fields",
			),
			reply: &reply{body: "ok\n", do: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Got", r.Method+" "+r.Header.Get("Origin")+" "+r.Header.Get("Sec-Fetch-Site"))
			}},
			want: trusted, also: []string{"X-Got: DELETE https://app.example.com cross-site"},
		},
		{
			name: "contract/handler-gets-target", why: unchanged, source: httpTargets, on: trusting,
			request: request(
				"GET", "/a//b/../c%2Fd/?e=%2F&f=1;2", "Origin: "+app, "X-Case: contract/handler-gets-target",
			),
			reply: &reply{body: "ok\n", do: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Got-Target", r.RequestURI)
				w.Header().Set("X-Got-Path", r.URL.EscapedPath())
				w.Header().Set("X-Got-Query", r.URL.RawQuery)
			}},
			want: trusted,
			also: []string{
				"X-Got-Target: /a//b/../c%2Fd/?e=%2F&f=1;2", "X-Got-Path: /a//b/../c%2Fd/", "X-Got-Query: e=%2F&f=1;2",
			},
		},
		{
			name: "contract/handler-gets-body", why: "the handler gets all of the body", source: fetchRequests,
			on: trusting,
			request: request(
				"POST", "/", "Origin: "+app, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 7",
				"X-Case: contract/handler-gets-body",
			) + "a=1&b=2",
			reply: &gotBody, want: trusted, also: []string{"X-Got: a=1&b=2"},
		},
		{
			name: "contract/handler-gets-chunked-body", why: "the handler gets all of the body", source: fetchRequests,
			on: trusting,
			request: request(
				"POST", "/", "Origin: "+app, "Transfer-Encoding: chunked", "X-Case: contract/handler-gets-chunked-body",
			) + "3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n",
			reply: &gotBody, want: trusted, also: []string{"X-Got: a=1&b=2"},
		},
		{name: "contract/stale-allowed", why: owned, source: fetchCheck, on: stale, request: get(app),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Vary: Origin",
			)},
		{
			name: "contract/stale-refused", why: owned + ", even where it grants nothing itself", source: fetchCheck,
			on: stale, request: get("https://evil.com"), want: passed(core.ReasonOriginNotAllowed),
		},
		{
			name: "contract/stale-no-origin", why: owned + ", even where it grants nothing itself", source: fetchCheck,
			on: stale, request: request("GET", "/"), want: passed(core.ReasonNoOrigin),
		},
		{
			name: "contract/stale-preflight", why: owned, source: fetchCheck, on: stale, request: preflight(app, "PUT"),
			want: put,
		},
		{
			name: "contract/stale-preflight-refused", why: owned + ", even where it grants nothing itself",
			source: fetchCheck, on: stale, request: preflight("https://evil.com", "PUT"),
			want: refused(core.ReasonOriginNotAllowed),
		},
		{
			name: "contract/undecided", why: "if the Decider makes no decision, no header changes, not even Vary",
			source: fetchProtocol, on: undecided, request: get(app), want: outcome{handler: true},
		},
		{
			name: "contract/undecided-preflight", why: "if the Decider makes no decision, the handler gets OPTIONS too",
			source: httpOptions, on: undecided, request: preflight(app, "PUT"), want: outcome{handler: true},
		},
		{
			name: "contract/undecided-keeps",
			why:  "if the Decider makes no decision, headers that are already set stay", source: fetchProtocol,
			on: undecidedStale, request: get(app),
			want: outcome{
				handler: true, lines: []string{"Access-Control-Allow-Origin: https://outer.example.com"},
				varyTokens: []string{"Accept"},
			},
		},
		{
			name: "contract/inner-refuses", why: inner, source: fetchCheck, on: overridden, request: get(app),
			want: outcome{handler: true, lines: []string{"Vary: Origin"}},
		},
		{
			name: "contract/inner-allows", why: inner, source: fetchCheck, on: overridden,
			request: get("https://admin.example.com"),
			want: outcome{
				handler: true,
				lines:   []string{"Access-Control-Allow-Origin: https://admin.example.com", "Vary: Origin"},
			},
		},
		{
			name: "contract/both-refuse", why: "two refusals write the same as one", source: fetchCheck, on: overridden,
			request: get("https://evil.com"), want: outcome{handler: true, lines: []string{"Vary: Origin"}},
		},
		{
			name: "contract/inner-refuses-preflight", why: inner, source: fetchPreflight, on: overridden,
			request: preflight(app, "PUT"), want: outcome{status: 403, lines: []string{varyPreflight}},
		},
		{
			name: "contract/inner-answers-preflight", why: inner, source: fetchPreflight, on: overridden,
			request: preflight("https://admin.example.com", "GET"),
			want: outcome{
				status: 204,
				lines: []string{
					"Access-Control-Allow-Origin: https://admin.example.com", "Access-Control-Max-Age: 86400",
					varyPreflight,
				},
			},
		},
		{
			name: "contract/outer-refuses-preflight",
			why:  "a preflight that the outer policy refuses never reaches the inner one", source: fetchPreflight,
			on: overridden, request: preflight("https://evil.com", "PUT"),
			want: outcome{status: 403, lines: []string{varyPreflight}},
		},
		{
			name: "contract/inner-is-for-everybody",
			why:  inner + "; Vary stays, because the outer one did look at Origin", source: fetchCheck, on: loosened,
			request: get("https://evil.com"),
			want:    outcome{handler: true, lines: []string{"Access-Control-Allow-Origin: *", "Vary: Origin"}},
		},
		{
			name: "contract/outer-is-for-everybody", why: inner, source: fetchCheck, on: tightened,
			request: get("https://evil.com"), want: outcome{handler: true, lines: []string{"Vary: Origin"}},
		},
		{
			name: "contract/outer-is-for-everybody-no-origin", why: inner, source: fetchCaches, on: tightened,
			request: request("GET", "/"), want: outcome{handler: true, lines: []string{"Vary: Origin"}},
		},
		{
			name: "contract/inner-undecided",
			why:  "if the inner Decider makes no decision, the outer policy's headers stay", source: fetchCheck,
			on: untouched, request: get(app),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Expose-Headers: X-Out", "Vary: Origin",
			),
		},
		{
			name: "contract/inner-undecided-preflight",
			why:  "if the inner Decider makes no decision, the outer policy's headers stay", source: fetchPreflight,
			on: untouched, request: preflight(app, "PUT"),
			want: granted(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name:   "contract/inner-forgery",
			why:    "a refusal for another reason than CORS keeps the headers, so that the page can read it",
			source: fetchResponses, on: guarded, request: request("POST", "/", "Origin: "+app, "Content-Length: 0"),
			want: outcome{
				reason: core.ReasonAllowed, status: 403,
				lines: []string{
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
					"Access-Control-Expose-Headers: X-Out", "Vary: Origin",
				},
			},
		},
		{
			name: "contract/forgery-alone", why: "a refusal for another reason than CORS writes no header",
			source: fetchResponses, on: guardAlone,
			request: request("POST", "/", "Origin: https://evil.com", "Content-Length: 0"), want: outcome{status: 403},
		},
		{
			name: "contract/every-field", why: every, source: fetchResponses, on: everything,
			request: request("POST", "/", "Origin: https://b.example", "Content-Length: 0"),
			want:    outcome{status: 299, lines: all},
		},
		{
			name: "contract/every-field-passed", why: every, source: fetchResponses, on: everythingPassed,
			request: request("GET", "/"), want: outcome{handler: true, lines: all},
		},
		{
			name: "contract/status-503", why: "an adapter responds with the decision's status, whatever the request",
			source: fetchResponses, on: unavailable, request: get("https://b.example"),
			want: outcome{status: 503, lines: []string{"Vary: Origin"}},
		},
		{
			name: "contract/status-418", why: "an adapter responds with the decision's status, whatever the request",
			source: fetchResponses, on: teapot, request: request("GET", "/"), want: outcome{status: 418},
		},
		{
			name:   "contract/append-reaches-no-neighbour",
			why:    "appending to one header's values must not write into another's",
			source: fetchResponses + "; https://github.com/rs/cors/issues/198", on: exposing,
			request: get(app, "X-Case: contract/append-reaches-no-neighbour"),
			reply: &reply{body: "ok\n", do: func(w http.ResponseWriter, _ *http.Request) {
				for _, values := range w.Header() {
					_ = append(values, "appended")
				}
			}},
			want: granted(
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out, X-Total",
				"Vary: Origin",
			),
			absent: []string{"appended"},
		},
	}
}

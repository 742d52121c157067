package diagnose

import (
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// response parses a status and header lines.
func response(status int, lines ...string) *Response {
	r := &Response{Status: status, Header: core.HeaderMap{}}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header[name] = append(r.Header[name], value)
	}
	return r
}

// TestJudge checks the results and the texts. examples/internal/diagnose compares many more cases
// with a browser.
func TestJudge(t *testing.T) {
	const (
		origin  = "Access-Control-Allow-Origin: https://app.example.com"
		anyone  = "Access-Control-Allow-Origin: *"
		methods = "Access-Control-Allow-Methods: PUT"
		cookies = "Access-Control-Allow-Credentials: true"

		console = "Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' " +
			"has been blocked by CORS policy: "
		preflight = console + "Response to preflight request doesn't pass access control check: "
		missing   = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	)
	get := Fetch{Origin: app, URL: api}
	put := Fetch{Origin: app, URL: api, Method: "PUT"}
	withCookies := Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true}
	for _, tt := range []struct {
		name                string
		fetch               Fetch
		preflight, response *Response
		want                Verdict
	}{
		{"readable", get, nil, response(200, origin), Verdict{}},
		{"an unknown status", put, response(0, origin, methods), response(0, origin), Verdict{}},
		{"an ignored preflight", get, response(500), response(200, anyone), Verdict{}},
		{"credentials", withCookies, response(204, origin, methods, cookies), response(200, origin, cookies), Verdict{}},
		{
			"no response", get, nil, nil,
			Verdict{"unreachable", "There was no response to the request.", ""},
		},
		{
			"no response to the preflight", put, nil, response(200, origin),
			Verdict{"unreachable", "There was no response to the preflight.", ""},
		},
		{
			"no response after the preflight", put, response(204, anyone, methods), nil,
			Verdict{"unreachable", "There was no response to the request.", ""},
		},
		{
			"the same origin", Fetch{Origin: "https://api.example.com", URL: api, Method: "PUT"}, nil, response(200),
			Verdict{},
		},
		{
			"a request that is not sent", Fetch{Origin: app, URL: api, Method: "TRACE"}, nil, response(200, origin),
			Verdict{"not-sent", `Browsers do not let pages use the method "TRACE".`, ""},
		},
		{
			"mixed content", Fetch{Origin: app, URL: "http://api.example.com/"}, nil, response(200, origin),
			Verdict{"not-sent", "Browsers do not let a page on https request something over http.", ""},
		},
		{
			"no header", get, nil, response(200),
			Verdict{
				"allow-origin-missing", "The response to the request has no Access-Control-Allow-Origin header.",
				console + missing,
			},
		},
		{
			"another origin", get, nil, response(200, "Access-Control-Allow-Origin: https://b.example"),
			Verdict{
				"allow-origin-mismatch", `Access-Control-Allow-Origin in the response to the request is "https://b.example", ` +
					"and the origin of the page is https://app.example.com.",
				console + "The 'Access-Control-Allow-Origin' header has a value 'https://b.example' that is not equal to the " +
					"supplied origin. Have the server send the header with a valid value.",
			},
		},
		{
			"an unknown origin", Fetch{URL: api}, nil, response(200, "Access-Control-Allow-Origin: https://b.example"),
			Verdict{
				"allow-origin-mismatch", `Access-Control-Allow-Origin in the response to the request is "https://b.example", ` +
					"and the origin of the page is not known.",
				"",
			},
		},
		{
			"two lines", get, nil, response(200, origin, origin),
			Verdict{
				"allow-origin-multiple", "Access-Control-Allow-Origin in the response to the request has several values: " +
					"https://app.example.com, https://app.example.com.",
				console + "The 'Access-Control-Allow-Origin' header contains multiple values 'https://app.example.com, " +
					"https://app.example.com', but only one is allowed. Have the server send the header with a valid value.",
			},
		},
		{
			"a wildcard with credentials", withCookies, response(204, anyone, methods, cookies), nil,
			Verdict{
				"allow-credentials-wildcard", "Access-Control-Allow-Origin in the response to the preflight is *, " +
					"which is not enough for a request with credentials.",
				preflight + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard " +
					"'*' when the request's credentials mode is 'include'.",
			},
		},
		{
			"no credentials", withCookies, response(204, origin, methods, cookies), response(200, origin),
			Verdict{
				"allow-credentials-missing", "Access-Control-Allow-Credentials in the response to the request is not true, " +
					"which a request with credentials needs.",
				console + "The value of the 'Access-Control-Allow-Credentials' header in the response is '' " +
					"which must be 'true' when the request's credentials mode is 'include'.",
			},
		},
		{
			"authentication", put, response(401, "Www-Authenticate: Basic"), response(200, origin),
			Verdict{
				"preflight-unauthorized", "The response to the preflight has status 401, probably because something requires " +
					"authentication. Preflights have no credentials.",
				preflight + missing,
			},
		},
		{
			"a policy that refuses", put, response(403, "Vary: Origin, Access-Control-Request-Method"), nil,
			Verdict{
				"allow-origin-missing", "The response to the preflight has no Access-Control-Allow-Origin header.",
				preflight + missing,
			},
		},
		{
			"no route", put, response(405, origin, methods), nil,
			Verdict{
				"preflight-not-routed", "The response to the preflight has status 405, because the server does not handle " +
					"OPTIONS requests for this path.",
				preflight + "It does not have HTTP ok status.",
			},
		},
		{
			"an error", put, response(502), nil,
			Verdict{
				"preflight-server-error", "The response to the preflight has status 502, and browsers require a status from " +
					"200 to 299.",
				preflight + missing,
			},
		},
		{
			"another status", put, response(304, origin), nil,
			Verdict{
				"preflight-status", "The response to the preflight has status 304, and browsers require a status from 200 to 299.",
				preflight + "It does not have HTTP ok status.",
			},
		},
		{
			"a redirected preflight", put, response(308, origin, "Location: /"), nil,
			Verdict{
				"preflight-redirected", "The preflight is redirected (status 308), and browsers do not follow.",
				preflight + "Redirect is not allowed for a preflight request.",
			},
		},
		{
			"a method", put, response(200, origin, "Access-Control-Allow-Methods: GET, put"), nil,
			Verdict{
				"method-not-allowed", "Access-Control-Allow-Methods in the response to the preflight does not list PUT.",
				console + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
			},
		},
		{
			"a header", Fetch{Origin: app, URL: api, Header: header("X-B", "1", "X-A", "1")},
			response(200, origin, "Access-Control-Allow-Headers: X-B"), nil,
			Verdict{
				"header-not-allowed", "Access-Control-Allow-Headers in the response to the preflight does not list x-a.",
				console + "Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response.",
			},
		},
		{
			"authorization and a wildcard", Fetch{Origin: app, URL: api, Header: header("Authorization", "1")},
			response(200, anyone, "Access-Control-Allow-Headers: *"), response(200, anyone),
			Verdict{
				"header-not-allowed", "Access-Control-Allow-Headers in the response to the preflight does not list " +
					`authorization, which "*" does not include. Some browsers still allow it.`,
				"",
			},
		},
		{
			"a list without commas", put, response(200, origin, "Access-Control-Allow-Methods: GET PUT"), nil,
			Verdict{
				"list-unreadable", "Access-Control-Allow-Methods in the response to the preflight is not a list of names " +
					"separated by commas.",
				console + "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
			},
		},
		{"a redirect", get, nil, response(302, origin, "Location: /b"), Verdict{}},
		{
			"a redirect to a third origin", get, nil, response(302, origin, "Location: //b.example/c"),
			Verdict{
				"redirect-lost-origin", "The response redirects from https://api.example.com to https://b.example, " +
					`so the browser sends "Origin: null", which the target would have to allow.`,
				"",
			},
		},
		{
			"a redirect within the origin", get, nil,
			response(302, origin, "Location: https://API.example.com:443/y"), Verdict{},
		},
		{
			"a status that a policy writes", put, response(403, origin, methods, "Vary: Origin"), nil,
			Verdict{
				"preflight-status", "The response to the preflight has status 403, and browsers require a status from 200 " +
					"to 299.",
				preflight + "It does not have HTTP ok status.",
			},
		},
		{
			"an impossible port", Fetch{Origin: app, URL: "https://api.example.com:99999/"}, nil, response(200, anyone),
			Verdict{
				"not-sent", `The URL "https://api.example.com:99999/" is malformed, so the browser does not send the request.`, "",
			},
		},
		{
			"an IPv6 loopback address", Fetch{Origin: app, URL: "http://[::1]:8080/"}, nil, response(200, anyone), Verdict{},
		},
		{
			"only a path", Fetch{Origin: app, URL: "/items"}, nil, response(200),
			Verdict{
				"allow-origin-missing", "The response to the request has no Access-Control-Allow-Origin header.",
				"Access to fetch at 'https://HOST/items' from origin 'https://app.example.com' has been blocked by CORS " +
					"policy: " + missing,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.fetch.Judge(tt.preflight, tt.response); got != tt.want {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

package diagnose

import "testing"

const (
	inChromium = "Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' " +
		"has been blocked by CORS policy: "
	inFirefox = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at " +
		"https://api.example.com/items. "
	inSafari = "\n[Error] Fetch API cannot load https://api.example.com/items due to access control checks."

	preflightNote = "Content-Type to application/json"
	preflightJSON = "application/json"
)

func TestReadConsole(t *testing.T) {
	anonymous := Fetch{Origin: app, URL: api}
	asked := Fetch{Origin: app, URL: api, Header: header("Content-Type", preflightJSON)}
	withCookies := Fetch{Origin: app, URL: api, Credentials: true}
	check(t, KindConsole, []readCase{
		{
			name: "Chromium, no header",
			text: inChromium + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-missing"},
		},
		{
			name: "Chromium, with advice, a file, a trace and quotes",
			text: "> index.html:1 " + inChromium + "No 'Access-Control-Allow-Origin' header is present on the requested " +
				"resource. If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource " +
				"with CORS disabled.\n(anonymous) @ app.js:12\nload @ app.js:7\n",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-missing"},
		},
		{
			name: "Chromium, the preflight",
			text: inChromium + "Response to preflight request doesn't pass access control check: " +
				"No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want:  Input{Fetch: asked, Blocked: "allow-origin-missing", Preflight: true},
			notes: []string{preflightNote},
		},
		{
			name: "Chromium, the preflight, with the line after it",
			text: inChromium + "Response to preflight request doesn't pass access control check: " +
				"No 'Access-Control-Allow-Origin' header is present on the requested resource.\n" +
				"app.js:12 PUT https://api.example.com/items net::ERR_FAILED",
			want: Input{
				Fetch: Fetch{Origin: app, URL: api, Method: "PUT"}, Blocked: "allow-origin-missing", Preflight: true,
			},
		},
		{
			name: "Chromium, XMLHttpRequest, wrapped into lines",
			text: "Access to XMLHttpRequest at 'https://api.example.com/items'\n  from origin 'https://app.example.com' has " +
				"been\n  blocked by CORS policy: Request header field x-token is not\n  allowed by " +
				"Access-Control-Allow-Headers in preflight response.",
			want: Input{
				Fetch:   Fetch{Origin: app, URL: api, Header: header("x-token", "...")},
				Blocked: "header-not-allowed", Preflight: true,
			},
			notes: []string{"names one header"},
		},
		{
			name: "Chromium, content-type",
			text: inChromium + "Request header field content-type is not allowed by Access-Control-Allow-Headers " +
				"in preflight response.",
			want: Input{
				Fetch:   Fetch{Origin: app, URL: api, Header: header("content-type", "application/json")},
				Blocked: "header-not-allowed", Preflight: true,
			},
			notes: []string{"names one header"},
		},
		{
			name: "Chromium, a method",
			text: inChromium + "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.",
			want: Input{
				Fetch: Fetch{Origin: app, URL: api, Method: "PATCH"}, Blocked: "method-not-allowed", Preflight: true,
			},
		},
		{
			name: "Chromium, another origin",
			text: inChromium + "The 'Access-Control-Allow-Origin' header has a value 'https://other.example' that is not " +
				"equal to the supplied origin. Have the server send the header with a valid value.",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-mismatch"},
		},
		{
			name: "Chromium, an invalid value",
			text: inChromium + "The 'Access-Control-Allow-Origin' header contains the invalid value 'example'.",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-mismatch"},
		},
		{
			name: "Chromium, several values",
			text: inChromium + "The 'Access-Control-Allow-Origin' header contains multiple values " +
				"'https://app.example.com, *', but only one is allowed.",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-multiple"},
		},
		{
			name: "Chromium, a wildcard with credentials",
			text: inChromium + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the " +
				"wildcard '*' when the request's credentials mode is 'include'. The credentials mode of requests initiated " +
				"by the XMLHttpRequest is controlled by the withCredentials attribute.",
			want: Input{Fetch: withCookies, Blocked: "allow-credentials-wildcard"},
		},
		{
			name: "Chromium, credentials",
			text: inChromium + "The value of the 'Access-Control-Allow-Credentials' header in the response is '' " +
				"which must be 'true' when the request's credentials mode is 'include'.",
			want: Input{Fetch: withCookies, Blocked: "allow-credentials-missing"},
		},
		{
			name: "Chromium, a list",
			text: inChromium + "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
			want: Input{Fetch: asked, Blocked: "list-unreadable", Preflight: true}, notes: []string{preflightNote},
		},
		{
			name: "Chromium, the status",
			text: inChromium + "Response to preflight request doesn't pass access control check: " +
				"It does not have HTTP ok status.",
			want: Input{Fetch: asked, Blocked: "preflight-status", Preflight: true}, notes: []string{preflightNote},
		},
		{
			name: "Chromium, a redirect",
			text: inChromium + "Response to preflight request doesn't pass access control check: " +
				"Redirect is not allowed for a preflight request.",
			want: Input{Fetch: asked, Blocked: "preflight-redirected", Preflight: true}, notes: []string{preflightNote},
		},
		{
			name: "Chromium, after a redirect",
			text: "Access to fetch at 'https://api.example.com/items' (redirected from 'https://www.example.com/items') " +
				"from origin 'https://app.example.com' has been blocked by CORS policy: " +
				"No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want:  Input{Fetch: anonymous, Blocked: "allow-origin-missing"},
			notes: []string{"was redirected"},
		},
		{
			name: "Chromium, after a redirect to a third origin",
			text: "Access to fetch at 'https://api.example.com/items' (redirected from 'https://www.example.com/items') " +
				"from origin 'null' has been blocked by CORS policy: " +
				"No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want:  Input{Fetch: Fetch{URL: api}, Blocked: "redirect-lost-origin"},
			notes: []string{"was redirected", "third origin"},
		},
		{
			name: "Chromium, a font",
			text: "Access to font at 'https://cdn.example.com/a.woff2' from origin 'https://app.example.com' has been " +
				"blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want: Input{
				Fetch: Fetch{Origin: app, URL: "https://cdn.example.com/a.woff2"}, Blocked: "allow-origin-missing",
			},
			notes: []string{"An element of the page requests this font"},
		},
		{
			name: "Chromium, the local network",
			text: "Access to fetch at 'http://localhost:8080/' from origin 'https://app.example.com' has been blocked by " +
				"CORS policy: Permission was denied for this request to access the `loopback` address space.",
			want:  Input{Fetch: Fetch{Origin: app, URL: "http://localhost:8080/"}, Blocked: "not-sent"},
			notes: []string{"permission to use the local network"},
		},
		{
			name: "Chromium, two errors",
			text: inChromium + "The 'Access-Control-Allow-Origin' header contains the invalid value 'example'.\n" +
				inChromium + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want:  Input{Fetch: anonymous, Blocked: "allow-origin-mismatch"},
			notes: []string{"several errors"},
		},
		{
			name: "Chromium, a path with an apostrophe",
			text: "Access to fetch at 'https://api.example.com/ada's' from origin 'https://app.example.com' has been " +
				"blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want: Input{Fetch: Fetch{Origin: app, URL: "https://api.example.com/ada's"}, Blocked: "allow-origin-missing"},
		},
		{
			name: "Chromium, the status in the line after it",
			text: inChromium + "No 'Access-Control-Allow-Origin' header is present on the requested resource.\n" +
				"app.js:12 GET https://api.example.com/items net::ERR_FAILED 502 (Bad Gateway)",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-missing"}, notes: []string{"status 502"},
		},
		{
			name: "Chromium, the method in the line before it",
			text: "app.js:12 POST https://api.example.com/items net::ERR_FAILED\n" + inChromium +
				"No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			want: Input{Fetch: Fetch{Origin: app, URL: api, Method: "POST"}, Blocked: "allow-origin-missing"},
		},
		{
			name: "Chromium, in an email",
			text: "> Access to fetch at 'https://api.example.com/items'\n> from origin 'https://app.example.com' has\n" +
				"> been blocked by CORS policy: No 'Access-Control-Allow-Origin'\n> header is present on the requested resource.",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-missing"},
		},
		{
			name: "Chromium 67",
			text: "Failed to load https://api.example.com/items: No 'Access-Control-Allow-Origin' header is present on the " +
				"requested resource. Origin 'https://app.example.com' is therefore not allowed access. " +
				"The response had HTTP status code 502.",
			want: Input{Fetch: anonymous, Blocked: "allow-origin-missing"}, notes: []string{"status 502"},
		},
		{
			name: "Chromium 40",
			text: "XMLHttpRequest cannot load https://api.example.com/items. Response for preflight has invalid HTTP status " +
				"code 405",
			want: Input{
				Fetch:   Fetch{URL: api, Header: header("Content-Type", preflightJSON)},
				Blocked: "preflight-not-routed", Preflight: true,
			},
			notes: []string{preflightNote},
		},
		{
			name: "Chromium, a private network",
			text: inChromium + "No 'Access-Control-Allow-Private-Network' header was present in the preflight response for " +
				"this private network request targeting the `local` address space.",
			want:  Input{Fetch: anonymous, Blocked: "not-sent", Preflight: true},
			notes: []string{"Access-Control-Allow-Private-Network: true"},
		},
		{
			name:  "Chromium, an unknown reason",
			text:  inChromium + "Because.",
			want:  Input{Fetch: anonymous},
			notes: []string{"not known"},
		},

		{
			name: "Firefox, no header",
			text: inFirefox + "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.",
			want: Input{Fetch: Fetch{URL: api}, Blocked: "allow-origin-missing"},
		},
		{
			name: "Firefox, an error of the server",
			text: inFirefox + "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 502.",
			want: Input{Fetch: Fetch{URL: api}, Blocked: "allow-origin-missing"}, notes: []string{"status 502"},
		},
		{
			name: "Firefox, the preflight",
			text: inFirefox + "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 404.\n\n" +
				inFirefox + "(Reason: CORS request did not succeed). Status code: (null).",
			want: Input{
				Fetch:   Fetch{URL: api, Header: header("Content-Type", preflightJSON)},
				Blocked: "preflight-not-routed", Preflight: true,
			},
			notes: []string{preflightNote},
		},
		{
			name: "Firefox, straight quotes",
			text: inFirefox + "(Reason: header 'x-token' is not allowed according to header " +
				"'Access-Control-Allow-Headers' from CORS preflight response).",
			want: Input{
				Fetch: Fetch{URL: api, Header: header("x-token", "...")}, Blocked: "header-not-allowed", Preflight: true,
			},
			notes: []string{"names one header"},
		},
		{
			name: "Firefox, a method",
			text: inFirefox + "(Reason: Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
			want: Input{
				Fetch: Fetch{URL: api, Method: "PUT"}, Blocked: "method-not-allowed", Preflight: true,
			},
			notes: []string{"assumed to be PUT"},
		},
		{
			name: "Firefox, a wildcard with credentials",
			text: inFirefox + "(Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
			want: Input{Fetch: Fetch{URL: api, Credentials: true}, Blocked: "allow-credentials-wildcard"},
		},
		{
			name: "Firefox, credentials",
			text: inFirefox + "(Reason: expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
			want: Input{Fetch: Fetch{URL: api, Credentials: true}, Blocked: "allow-credentials-missing"},
		},
		{
			name: "Firefox, another origin",
			text: inFirefox + "(Reason: CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://other.example’).",
			want: Input{Fetch: Fetch{URL: api}, Blocked: "allow-origin-mismatch"},
		},
		{
			name: "Firefox, two values on a line",
			text: inFirefox + "(Reason: CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://a.example, *’).",
			want: Input{Fetch: Fetch{URL: api}, Blocked: "allow-origin-multiple"},
		},
		{
			name: "Firefox, two lines",
			text: inFirefox + "(Reason: Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
			want: Input{Fetch: Fetch{URL: api}, Blocked: "allow-origin-multiple"},
		},
		{
			name: "Firefox, a list",
			text: inFirefox + "(Reason: invalid token ‘GET PUT’ in CORS header ‘Access-Control-Allow-Methods’).",
			want: Input{
				Fetch:   Fetch{URL: api, Header: header("Content-Type", preflightJSON)},
				Blocked: "list-unreadable", Preflight: true,
			},
			notes: []string{preflightNote},
		},
		{
			name: "Firefox, the status",
			text: inFirefox + "(Reason: CORS preflight response did not succeed). Status code: 503.",
			want: Input{
				Fetch:   Fetch{URL: api, Header: header("Content-Type", preflightJSON)},
				Blocked: "preflight-server-error", Preflight: true,
			},
			notes: []string{preflightNote},
		},
		{
			name: "Firefox, a redirect",
			text: inFirefox + "(Reason: CORS request external redirect not allowed).",
			want: Input{
				Fetch:   Fetch{URL: api, Header: header("Content-Type", preflightJSON)},
				Blocked: "preflight-redirected", Preflight: true,
			},
			notes: []string{preflightNote},
		},
		{
			name: "Firefox, no response",
			text: inFirefox + "(Reason: CORS request did not succeed). Status code: (null).",
			want: Input{Fetch: Fetch{URL: api}, Blocked: "unreachable"},
		},

		{
			name: "Safari, no header",
			text: "[Error] Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 200" +
				inSafari,
			want: Input{Fetch: anonymous, Blocked: "allow-origin-missing"},
		},
		{
			name: "Safari, the status of the preflight",
			text: "[Error] Preflight response is not successful. Status code: 401" + inSafari,
			want: Input{
				Fetch:   Fetch{URL: api, Header: header("Content-Type", preflightJSON)},
				Blocked: "preflight-unauthorized", Preflight: true,
			},
			notes: []string{preflightNote},
		},
		{
			name: "Safari, a redirect of the preflight",
			text: "Preflight response is not successful. Status code: 301",
			want: Input{
				Fetch:   Fetch{Header: header("Content-Type", preflightJSON)},
				Blocked: "preflight-redirected", Preflight: true,
			},
			notes: []string{preflightNote, "URL is unknown"},
		},
		{
			name: "Safari, a header",
			text: "[Error] Request header field X-Token is not allowed by Access-Control-Allow-Headers." + inSafari,
			want: Input{
				Fetch: Fetch{URL: api, Header: header("X-Token", "...")}, Blocked: "header-not-allowed", Preflight: true,
			},
			notes: []string{"names one header"},
		},
		{
			name: "Safari, a method",
			text: "[Error] Method PATCH is not allowed by Access-Control-Allow-Methods." + inSafari,
			want: Input{Fetch: Fetch{URL: api, Method: "PATCH"}, Blocked: "method-not-allowed", Preflight: true},
		},
		{
			name: "Safari, a wildcard with credentials",
			text: "[Error] Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true." + inSafari,
			want: Input{Fetch: Fetch{URL: api, Credentials: true}, Blocked: "allow-credentials-wildcard"},
		},
		{
			name: "Safari, credentials",
			text: `[Error] Credentials flag is true, but Access-Control-Allow-Credentials is not "true".` + inSafari,
			want: Input{Fetch: Fetch{URL: api, Credentials: true}, Blocked: "allow-credentials-missing"},
		},
		{
			name: "Safari, two values",
			text: "[Error] Access-Control-Allow-Origin cannot contain more than one origin." + inSafari,
			want: Input{Fetch: Fetch{URL: api}, Blocked: "allow-origin-multiple"},
		},
		{
			name:  "Safari, only the second error",
			text:  "[Error] XMLHttpRequest cannot load https://api.example.com/items due to access control checks.",
			want:  Input{Fetch: Fetch{URL: api}},
			notes: []string{"another error before it"},
		},
	})
}

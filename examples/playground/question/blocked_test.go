package question_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// answer is the part of an explanation that these tests look at.
type answer struct {
	Request struct {
		Origin, URL, Problem string
		Notes                []string
	}
	Verdict *struct {
		Readable     bool
		Summary, Fix string
	}
}

func answerTo(t *testing.T, policy string, request map[string]any) (a answer) {
	t.Helper()
	if err := json.Unmarshal([]byte(ask(t, policy, request)), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestBlocked checks verdicts about errors of browsers that the policy does not explain.
func TestBlocked(t *testing.T) {
	const (
		policy = `{"allow_origins": ["https://app.example.com"], "allow_methods": ["PUT"], ` +
			`"allow_headers": ["content-type", "x-a"], "allow_credentials": true}`
		nobody   = `{"allow_origins": []}`
		forbid   = `{"allow_origins": [], "forbid_disallowed": true}`
		chromium = "Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been " +
			"blocked by CORS policy: "
		preflight = "Response to preflight request doesn't pass access control check: "
		safari    = "\nFetch API cannot load https://api.example.com/items due to access control checks."
		unread    = "The request is sent, but the page cannot read the response: the origin of the page is not allowed."
		unsent    = "The preflight fails, so the request is not sent: the origin of the page is not allowed."
		fix       = `add "https://app.example.com" to allow_origins if its pages may read the responses`
		allows    = "This policy allows it, but the browser blocked it: "
		server    = " The server does not run this policy, or something in front of it answers."
		deploy    = "check that the server was started again with this policy, and that no proxy changes its headers"
	)
	for _, tt := range []struct{ name, policy, text, summary, fix string }{
		{"no header", policy, chromium + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			allows + "the response has no Access-Control-Allow-Origin header." + server,
			"check that the CORS middleware runs for this path, and that the response is not an error of a proxy"},
		{"status", policy, chromium + preflight + "It does not have HTTP ok status.",
			allows + "the preflight did not get a status from 200 to 299." + server,
			"find what responds to OPTIONS requests before the CORS middleware, such as a router, authentication or a proxy"},
		{"405", policy, "Preflight response is not successful. Status code: 405" + safari,
			allows + "the preflight got status 404 or 405." + server,
			"route OPTIONS requests to the CORS middleware; it must run before the router looks for a handler"},
		{"redirect", policy, chromium + preflight + "Redirect is not allowed for a preflight request.",
			allows + "the preflight was redirected." + server,
			"request the URL that the redirect leads to; common causes are http instead of https, a slash at the end " +
				"of the path, and a login page"},
		{"two values", policy, chromium + "The 'Access-Control-Allow-Origin' header contains multiple values " +
			"'https://app.example.com, *', but only one is allowed.",
			allows + "Access-Control-Allow-Origin has several values." + server,
			"remove the second CORS middleware, or the CORS headers that a proxy adds"},
		{"another origin", policy, chromium + "The 'Access-Control-Allow-Origin' header has a value " +
			"'https://b.example' that is not equal to the supplied origin.",
			allows + "Access-Control-Allow-Origin has another value than the origin of the page." + server,
			"find what else writes this header: another CORS middleware, a proxy, or a cache that ignores Vary"},
		{"method", policy, chromium + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
			allows + "Access-Control-Allow-Methods does not list the method." + server, deploy},
		{"header", policy, chromium + "Request header field x-a is not allowed by Access-Control-Allow-Headers in " +
			"preflight response.",
			allows + "Access-Control-Allow-Headers does not list a header of the request." + server, deploy},
		{"credentials", policy, chromium + "The value of the 'Access-Control-Allow-Origin' header in the response must " +
			"not be the wildcard '*' when the request's credentials mode is 'include'.",
			allows + "Access-Control-Allow-Origin is *, but the page sends credentials." + server, deploy},
		{"local network", policy, chromium + "Permission was denied for this request to access the `loopback` address space.",
			allows + "it did not send the request.",
			"change the request or the permissions of the page; no CORS policy can change this"},
		{"unknown reason", policy, chromium + "Something new.", allows + "the text does not say why.",
			"paste the other errors that the console shows for this request"},
		{"the policy's refusal", nobody, chromium + "No 'Access-Control-Allow-Origin' header is present.",
			unread, fix},
		{"another refusal", nobody, chromium + preflight + "Redirect is not allowed for a preflight request.",
			unsent + " The browser blocked it for another reason: " +
				"the preflight was redirected." + server,
			fix + "; then request the URL that the redirect leads to; common " +
				"causes are http instead of https, a slash at the end of the path, and a login page"},
		{"403 of the policy", forbid, chromium + preflight + "It does not have HTTP ok status.",
			unsent, fix},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := answerTo(t, tt.policy, map[string]any{"text": tt.text, "origin": "https://app.example.com"}).Verdict
			if v == nil || v.Readable || v.Summary != tt.summary || v.Fix != tt.fix {
				t.Errorf("got  %+v\nwant %s\n%s", v, tt.summary, tt.fix)
			}
		})
	}
	// In Firefox's error, the origin is missing. The page asks for it.
	v := answerTo(t, policy, map[string]any{
		"text": "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at " +
			"https://api.example.com/items. (Reason: CORS preflight response did not succeed). Status code: 404.",
		"origin": "https://app.example.com",
	}).Verdict
	if want := allows + "the preflight got status 404 or 405." + server; v == nil || v.Summary != want {
		t.Errorf("got %+v, want %s", v, want)
	}
}

func TestOrigin(t *testing.T) {
	const write = "rite the origin of the page, such as https://app.example.com."
	for _, tt := range []struct{ typed, origin, note, problem string }{
		{"https://app.example.com", "https://app.example.com", "", ""},
		{"null", "null", "", ""},
		{" https://app.example.com/ ", "https://app.example.com", "https://app.example.com", ""},
		{"https://APP.example.com:443/a?b#c", "https://app.example.com", "https://app.example.com", ""},
		{"http://app.example.com:80", "http://app.example.com", "http://app.example.com", ""},
		{"app.example.com", "https://app.example.com", "https://app.example.com", ""},
		{"localhost:3000", "http://localhost:3000", "http://localhost:3000", ""},
		{"127.0.0.1:3000/", "http://127.0.0.1:3000", "http://127.0.0.1:3000", ""},
		{"app://x", "app://x", "", ""},
		{"", "", "", "W" + write},
		{"$ORIGIN", "", "", "$ORIGIN is a placeholder. W" + write},
		{"https://<your-domain>", "", "", "https://<your-domain> is a placeholder. W" + write},
		{"/a b", "/a b", "", "/a b is not an origin. W" + write},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			r := answerTo(t, `{"allow_origins": []}`, map[string]any{"origin": tt.typed, "url": "/"}).Request
			notes := []string{}
			if tt.note != "" {
				notes = append(notes, "The origin of the page is read as "+tt.note+".")
			}
			if r.Origin != tt.origin || r.Problem != tt.problem || !slices.Equal(r.Notes, notes) {
				t.Errorf("got %+v, want %+v", r, tt)
			}
		})
	}
}

// TestURL checks that a URL is judged as a browser judges it.
func TestURL(t *testing.T) {
	for typed, want := range map[string]string{
		"https://a.example/%zz": "",
		"":                      "Write what the page requests, such as https://api.example.com/items.",
	} {
		a := answerTo(t, `{"allow_origins": []}`, map[string]any{"origin": "https://b.example", "url": typed})
		if a.Request.Problem != want || (a.Verdict == nil) != (want != "") {
			t.Errorf("%q: got %+v, want %q", typed, a, want)
		}
	}
}

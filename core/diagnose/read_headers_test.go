package diagnose

import "testing"

func TestReadHeaders(t *testing.T) {
	check(t, KindHeaders, []readCase{
		{
			name: "a request",
			text: "POST /items HTTP/1.1\r\nHost: api.example.com\r\nOrigin: https://app.example.com\r\n" +
				"Content-Type: application/json\r\nX-A:1\r\nContent-Length: 2\r\n\r\n{}",
			want: Input{Fetch: Fetch{
				Origin: app, URL: api, Method: "POST", Header: header("Content-Type", "application/json", "X-A", "1"),
			}},
		},
		{
			name: "a preflight",
			text: "OPTIONS /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com\n" +
				"Access-Control-Request-Method: PUT\nAccess-Control-Request-Headers: content-type,x-a\n\n",
			want: Input{Fetch: Fetch{
				Origin: app, URL: api, Method: "PUT", Header: header("content-type", "application/json", "x-a", "..."),
			}},
			notes: []string{"This is a preflight", "are assumed"},
		},
		{
			name: "a preflight that no browser sends",
			text: "OPTIONS /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com\n" +
				"Access-Control-Request-Method: GET",
			want:  Input{Fetch: Fetch{Origin: app, URL: api}},
			notes: []string{"This is a preflight", "does not send this preflight"},
		},
		{
			name: "only the header",
			text: "Host: localhost:8080\nOrigin: http://localhost:3000\nCookie: a=b\nAccept: */*",
			want: Input{Fetch: Fetch{
				Origin: "http://localhost:3000", URL: "http://localhost:8080/", Credentials: true,
			}},
			notes: []string{"left out: accept.", "The path is unknown", "assumed to be http."},
		},
		{
			name: "HTTP/2 in the developer tools",
			text: ":authority: api.example.com\n:method: PUT\n:path: /items\n:scheme: https\naccept: */*\n" +
				"accept-encoding: gzip, deflate, br, zstd\naccept-language: en\ncache-control: no-cache\n" +
				"content-type: application/json\norigin: https://app.example.com\npragma: no-cache\npriority: u=1, i\n" +
				"referer: https://app.example.com/\nsec-ch-ua: \"Chromium\";v=\"156\"\nsec-fetch-mode: cors\n" +
				"user-agent: Mozilla/5.0\nx-a: 1",
			want: Input{Fetch: Fetch{
				Origin: app, URL: api, Method: "PUT", Header: header("content-type", "application/json", "x-a", "1"),
			}},
			notes: []string{"accept, accept-encoding, accept-language, cache-control, pragma, priority, sec-ch-ua, " +
				"sec-fetch-mode, user-agent."},
		},
		{
			name: "names and values on lines of their own",
			text: ":authority:\napi.example.com\n:method:\nGET\n:path:\n/items\n:scheme:\nhttps\nx-a:\n1\norigin:\n" +
				"https://app.example.com",
			want: Input{Fetch: Fetch{Origin: app, URL: api, Header: header("x-a", "1")}},
		},
		{
			name: "the same without colons",
			text: ":authority\napi.example.com\n:method\nGET\n:path\n/items\n:scheme\nhttps\nx-a\n1\norigin\n" +
				"https://app.example.com",
			want: Input{Fetch: Fetch{Origin: app, URL: api, Header: header("x-a", "1")}},
		},
		{
			name: "curl -v",
			text: "* Connected to api.example.com (127.0.0.1) port 443\n> GET /items HTTP/1.1\n> Host: api.example.com\n" +
				"> User-Agent: curl/8.0\n> Accept: */*\n> X-A: 1\n>\n< HTTP/1.1 200 OK\n< Content-Type: text/html",
			want:  Input{Fetch: Fetch{URL: api, Header: header("X-A", "1")}},
			notes: []string{"accept, user-agent", "assumed to be https."},
		},
		{
			name: "no origin but a referrer",
			text: "GET /items HTTP/1.1\nHost: api.example.com\nReferer: https://app.example.com/a/b?c",
			want: Input{Fetch: Fetch{Origin: app, URL: api}}, notes: []string{"taken from Referer"},
		},
		{
			name:  "a link",
			text:  "GET /items HTTP/1.1\nHost: api.example.com\nSec-Fetch-Mode: navigate",
			want:  Input{Fetch: Fetch{URL: api}},
			notes: []string{"has the mode navigate", "sec-fetch-mode", "assumed to be https."},
		},
		{
			name: "an absolute URL",
			text: "GET http://api.example.com/items?a=b HTTP/1.1\nHost: api.example.com\nOrigin: null",
			want: Input{Fetch: Fetch{Origin: "null", URL: "http://api.example.com/items?a=b"}},
		},
		{
			name: "two requests",
			text: "GET /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com\n" +
				"GET /other HTTP/1.1\nHost: api.example.com",
			want: Input{Fetch: Fetch{Origin: app, URL: api}}, notes: []string{"several requests"},
		},
		{
			name: "the scheme of the page",
			text: "POST /items HTTP/1.1\nHost: 192.0.2.1:8080\nOrigin: http://192.0.2.1:8080",
			want: Input{Fetch: Fetch{Origin: "http://192.0.2.1:8080", URL: "http://192.0.2.1:8080/items", Method: "POST"}},
		},
		{
			name:  "an unknown scheme",
			text:  "GET /items HTTP/1.1\nHost: 192.0.2.1:8080\nOrigin: http://192.0.2.1:3000",
			want:  Input{Fetch: Fetch{Origin: "http://192.0.2.1:3000", URL: "https://192.0.2.1:8080/items"}},
			notes: []string{"The scheme of the URL is unknown. It is assumed to be https."},
		},
		{
			name: "an IPv6 loopback address",
			text: "GET /items HTTP/1.1\nHost: [::1]:8080\nOrigin: https://app.example.com",
			want: Input{Fetch: Fetch{Origin: app, URL: "http://[::1]:8080/items"}}, notes: []string{"assumed to be http."},
		},
		{
			name:  "a preflight without a request line",
			text:  "Host: api.example.com\nOrigin: https://app.example.com\nAccess-Control-Request-Method: PUT",
			want:  Input{Fetch: Fetch{Origin: app, URL: "https://api.example.com/", Method: "PUT"}},
			notes: []string{"This is a preflight", "The path is unknown"},
		},
		{
			name: "copied from Safari",
			text: "GET /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com\nAccept: */*\n" +
				"Accept-Language: en\nCache-Control: no-cache\nPragma: no-cache\nPriority: u=3, i\n" +
				"User-Agent: Mozilla/5.0 (Macintosh)",
			want:  Input{Fetch: Fetch{Origin: app, URL: api}},
			notes: []string{"accept, accept-language, cache-control, pragma, priority, user-agent."},
		},
		{
			name: "with the general part of Chromium",
			text: "General\nRequest URL\nhttps://api.example.com/items\nRequest Method\nPUT\nStatus Code\n200 OK\n" +
				"Referrer Policy\nstrict-origin-when-cross-origin\nResponse Headers (2)\ncontent-type\ntext/html\n" +
				"vary\nOrigin\nRequest Headers (2)\norigin: https://app.example.com\nx-a: 1",
			want: Input{Fetch: Fetch{Origin: app, URL: api, Method: "PUT", Header: header("x-a", "1")}},
		},
		{
			name: "the same of an older Chromium",
			text: "Request URL: https://api.example.com/items\nRequest Method: OPTIONS\nStatus Code: 403 \n" +
				"Referrer Policy: no-referrer\nOrigin: https://app.example.com\nAccess-Control-Request-Method: PUT",
			want: Input{Fetch: Fetch{Origin: app, URL: api, Method: "PUT"}}, notes: []string{"This is a preflight"},
		},
		{
			name: "an HTTP archive",
			text: `{"log": {"version": "1.2", "entries": [{"request": {"method": "PUT",
				"url": "https://api.example.com/items", "headers": [{"name": ":method", "value": "PUT"},
				{"name": "Origin", "value": "https://app.example.com"}, {"name": "X-A", "value": "1"}]}}]}}`,
			want: Input{Fetch: Fetch{Origin: app, URL: api, Method: "PUT", Header: header("X-A", "1")}},
		},
		{
			name: "a request of an HTTP archive",
			text: `{"method": "GET", "url": "https://api.example.com/items", "headers": [
				{"name": "Origin", "value": "https://app.example.com"}]}`,
			want: Input{Fetch: Fetch{Origin: app, URL: api}},
		},
		{
			name: "in a Markdown fence, with text before it",
			text: "I send this:\n```http\nGET /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com\n```\n",
			want: Input{Fetch: Fetch{Origin: app, URL: api}},
		},
	})
}

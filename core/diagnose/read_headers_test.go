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
			notes: []string{"left out: accept.", "The path is unknown"},
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
			notes: []string{"accept, user-agent"},
		},
		{
			name: "no origin but a referrer",
			text: "GET /items HTTP/1.1\nHost: api.example.com\nReferer: https://app.example.com/a/b?c",
			want: Input{Fetch: Fetch{Origin: app, URL: api}}, notes: []string{"taken from Referer"},
		},
		{
			name: "a link",
			text: "GET /items HTTP/1.1\nHost: api.example.com\nSec-Fetch-Mode: navigate",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"has the mode navigate", "sec-fetch-mode"},
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
			name: "in a Markdown fence, with text before it",
			text: "I send this:\n```http\nGET /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com\n```\n",
			want: Input{Fetch: Fetch{Origin: app, URL: api}},
		},
	})
}

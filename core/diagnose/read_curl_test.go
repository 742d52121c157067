package diagnose

import (
	"strings"
	"testing"
)

func TestReadCurl(t *testing.T) {
	put := Fetch{Origin: app, URL: api, Method: "PUT", Header: header("content-type", "application/json")}
	check(t, KindCurl, []readCase{
		{name: "a URL", text: "curl https://api.example.com/items", want: Input{Fetch: Fetch{URL: api}}},
		{
			name: "a prompt and the response",
			text: "user@host:~/src$ curl -i https://api.example.com/items -H 'Origin: https://app.example.com'\n" +
				"HTTP/2 200\nvary: Origin\n\n{}",
			want: Input{Fetch: Fetch{Origin: app, URL: api}},
		},
		{
			name: "a prompt of Windows",
			text: `C:\Users\me>curl.exe -X PUT https://api.example.com/items -H "Origin: https://app.example.com"`,
			want: Input{Fetch: Fetch{Origin: app, URL: api, Method: "PUT"}},
		},
		{
			name: "copied from Chromium for bash",
			text: `curl 'https://api.example.com/items' \
  -X 'PUT' \
  -H 'accept: */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'cache-control: no-cache' \
  -H 'content-type: application/json' \
  -b 'session=ada' \
  -H 'origin: https://app.example.com' \
  -H 'priority: u=1, i' \
  -H 'referer: https://app.example.com/' \
  -H 'sec-ch-ua: "Chromium";v="156"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \
  --data-raw '{"a":1}'`,
			want: Input{Fetch: Fetch{
				Origin: app, URL: api, Method: "PUT", Credentials: true, Header: header("content-type", "application/json"),
			}},
			notes: []string{"left out: accept, accept-language, cache-control, priority, sec-ch-ua, sec-fetch-mode, " +
				"user-agent."},
		},
		{
			name: "copied from Chromium for Windows",
			text: "curl ^\"https://api.example.com/items^\" ^\r\n" +
				"  -X ^\"PUT^\" ^\r\n" +
				"  -H ^\"content-type: application/json^\" ^\r\n" +
				"  -H ^\"origin: https://app.example.com^\" ^\r\n" +
				"  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"50^% ^& more^\\^\"^}^\"",
			want: Input{Fetch: put},
		},
		{
			name: "copied from an older Chromium for Windows",
			text: "curl \"https://api.example.com/items\" ^\r\n  -X \"PUT\" ^\r\n  -H \"content-type: application/json\" ^\r\n" +
				"  -H \"origin: https://app.example.com\" ^\r\n  --data-raw \"{\"\"a\"\":1}\" ^\r\n  --compressed",
			want: Input{Fetch: put},
		},
		{
			name: "copied from Firefox",
			text: "curl 'https://api.example.com/items' \\\n  --compressed \\\n  -X PUT \\\n" +
				"  -H 'User-Agent: Mozilla/5.0' \\\n" +
				"  -H 'content-type: application/json' \\\n  -H 'Origin: https://app.example.com' \\\n" +
				"  -H 'DNT: 1' \\\n  -H 'Connection: keep-alive' \\\n  --data-raw $'{\"a\":\"it\\'s \\u00e9\"}'",
			want:  Input{Fetch: put},
			notes: []string{"left out: dnt, user-agent."},
		},
		{
			name: "a preflight",
			text: "curl -i https://api.example.com/items -X OPTIONS -H 'Origin: https://app.example.com' " +
				"-H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: content-type'",
			want:  Input{Fetch: put},
			notes: []string{"This is a preflight", "are assumed"},
		},
		{
			name: "joined options",
			text: "curl -sSkXPUT -HX-A:1 -d@body.json localhost:8080/items",
			want: Input{Fetch: Fetch{
				URL: "http://localhost:8080/items", Method: "PUT",
				Header: header("X-A", "1", "Content-Type", "application/x-www-form-urlencoded"),
			}},
			notes: []string{"assumed to be http."},
		},
		{
			name: "long options with an equals sign",
			text: "curl --request=DELETE --header='X-A: 1' --url=https://api.example.com/items",
			want: Input{Fetch: Fetch{URL: api, Method: "DELETE", Header: header("X-A", "1")}},
		},
		{
			name: "JSON",
			text: `curl --json '{"a": 1}' https://api.example.com/items`,
			want: Input{Fetch: Fetch{
				URL: api, Method: "POST", Header: header("Content-Type", "application/json", "Accept", "application/json"),
			}},
		},
		{
			name: "a type that replaces the default",
			text: "curl -d '{}' -H 'content-type: application/json' https://api.example.com/items",
			want: Input{Fetch: Fetch{URL: api, Method: "POST", Header: header("content-type", "application/json")}},
		},
		{
			name: "data",
			text: "curl -d a=b https://api.example.com/items",
			want: Input{Fetch: Fetch{
				URL: api, Method: "POST", Header: header("Content-Type", "application/x-www-form-urlencoded"),
			}},
		},
		{
			name: "a form",
			text: "curl -F file=@a.png https://api.example.com/items",
			want: Input{Fetch: Fetch{URL: api, Method: "POST", Header: header("Content-Type", "multipart/form-data")}},
		},
		{
			name: "data in the URL",
			text: "curl -G -d a=b --data-urlencode c=d 'https://api.example.com/items?x'",
			want: Input{Fetch: Fetch{URL: api + "?x&a=b&c=d"}},
		},
		{name: "HEAD", text: "curl -I https://api.example.com/items", want: Input{Fetch: Fetch{URL: api, Method: "HEAD"}}},
		{
			name: "an upload", text: "curl -T a.png https://api.example.com/items",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT"}},
		},
		{
			name:  "a user",
			text:  "curl -u ada:secret https://api.example.com/items",
			want:  Input{Fetch: Fetch{URL: api, Header: header("Authorization", "Basic YWRhOnNlY3JldA==")}},
			notes: []string{"the user and the password"},
		},
		{
			name:  "a token in a variable",
			text:  `curl -H "Authorization: Bearer $TOKEN" "${BASE}/items"`,
			want:  Input{Fetch: Fetch{URL: "${BASE}/items", Header: header("Authorization", "Bearer $TOKEN")}},
			notes: []string{"variable $TOKEN", "variable ${BASE}"},
		},
		{
			name: "headers without a value",
			text: "curl -H 'X-A;' -H 'Accept:' -H 'no colon' https://api.example.com/items",
			want: Input{Fetch: Fetch{URL: api, Header: header("X-A", "")}}, notes: []string{"has no colon"},
		},
		{
			name:  "a cookie in a header",
			text:  "curl -H 'Cookie: a=b' -A me -e https://app.example.com/a https://api.example.com/items",
			want:  Input{Fetch: Fetch{Origin: app, URL: api, Credentials: true}},
			notes: []string{"taken from Referer", "left out: user-agent."},
		},
		{
			name: "quotes",
			text: `curl "https://api.example.com/"'it'ems -H "X-A: \"1\" \$2 \\ \3" -H X-B:\ 1 # a comment`,
			want: Input{Fetch: Fetch{URL: api, Header: header("X-A", `"1" $2 \ \3`, "X-B", "1")}},
		},
		{
			name: "ANSI quotes",
			text: `curl $'https://api.example.com/items' -H $'X-A: \x41\102\u0043\'\\\t\q'`,
			want: Input{Fetch: Fetch{URL: api, Header: header("X-A", "ABC'\\\t\\q")}},
		},
		{
			name: "a pipe",
			text: "curl -s https://api.example.com/items | jq . -H",
			want: Input{Fetch: Fetch{URL: api}},
		},
		{
			name: "a redirection",
			text: "curl -s https://api.example.com/items 2>/dev/null >> out.txt 2>&1 < in.txt &>/dev/null -X PUT",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT"}},
		},
		{
			name: "a part to replace",
			text: "curl https://api.example.com/items/<id>/parts -X PUT",
			want: Input{Fetch: Fetch{URL: api + "/<id>/parts", Method: "PUT"}},
		},
		{
			name:  "an ampersand",
			text:  "curl https://api.example.com/items?a=b&c=d -X PUT",
			want:  Input{Fetch: Fetch{URL: api + "?a=b"}},
			notes: []string{"Quote the URL"},
		},
		{
			name:  "an ampersand on Windows",
			text:  "curl ^\r\n https://api.example.com/items?a=b&c=d",
			want:  Input{Fetch: Fetch{URL: api + "?a=b"}},
			notes: []string{"Quote the URL"},
		},
		{
			name: "two commands",
			text: "curl https://api.example.com/items?a=b && curl https://b.example",
			want: Input{Fetch: Fetch{URL: api + "?a=b"}},
		},
		{
			name: "PowerShell",
			text: "PS C:\\Users\\me> curl.exe https://api.example.com/items `\r\n  -X PUT",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT"}},
		},
		{
			name: "carets after the command",
			text: "curl 'https://api.example.com/items' \\\n  -X 'PUT'\n\n  foo(\n     ^\nSyntaxError",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT"}},
		},
		{
			name: "quotes within quotes on Windows",
			text: "curl \"https://api.example.com/items\" ^\r\n  -H \"X-A: ^\\^\"a b^\\^\"\" ^\r\n  -X \"PUT\"",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT", Header: header("X-A", `"a b"`)}},
		},
		{
			name: "abbreviated options",
			text: "curl --req PUT https://api.example.com/items --head --netrc --user-a me",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT"}}, notes: []string{"left out: user-agent."},
		},
		{
			name: "a missing backslash",
			text: "curl https://api.example.com/items\n  -X PUT",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{`The command ends on line 1, because there is no \ at`},
		},
		{
			name: "a space after the backslash",
			text: "curl https://api.example.com/items \\ \n  -X PUT",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT"}},
		},
		{
			name: "several URLs and requests",
			text: "curl https://api.example.com/items https://b.example --next -X PUT https://c.example",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"several requests", "several URLs"},
		},
		{
			name: "a user name in the URL",
			text: "curl https://ada:secret@api.example.com/items",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"The user name in the URL"},
		},
		{
			name: "an option of another program",
			text: "TOKEN=1 sudo /usr/bin/curl -o out.txt -w '%{http_code}' --max-time 3 --compressed api.example.com/items",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"assumed to be https."},
		},
	})
}

func TestReadCurlBeginning(t *testing.T) {
	for _, text := range []string{
		"cd src && curl URL",
		`cd "my src"; curl URL`,
		"echo '{}' | curl URL",
		"body=$(curl URL)",
		`body="$(curl 'URL' )"`,
		"Try `curl URL`.",
		"❯ curl URL",
		"➜  ~ curl URL",
		"➜  src git:(main) ✗ curl URL",
		"ada's-mac:~ ada$ curl URL",
		"\t@curl URL",
		"\t-curl URL",
		"RUN curl URL",
		"      - run: curl URL",
		"docker exec api curl URL",
		"docker compose exec api curl URL",
		"kubectl exec api -- curl URL",
		"ssh api.example.com /usr/bin/curl URL",
		"$ TOKEN=a curl URL",
	} {
		t.Run(text, func(t *testing.T) {
			got, err := Read(strings.ReplaceAll(text, "URL", api))
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind != KindCurl || got.Fetch.URL != api {
				t.Errorf("got %s %s, want %s %s", got.Kind, got.Fetch.URL, KindCurl, api)
			}
		})
	}
}

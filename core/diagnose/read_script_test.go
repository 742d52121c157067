package diagnose

import (
	"strings"
	"testing"
)

func TestReadFetch(t *testing.T) {
	const noHost = "The URL has no host"
	json := Fetch{URL: api, Method: "PUT", Header: header("Content-Type", "application/json")}
	check(t, KindFetch, []readCase{
		{name: "a URL", text: `fetch("https://api.example.com/items")`, want: Input{Fetch: Fetch{URL: api}}},
		{
			name: "TypeScript",
			text: "const url: string = 'https://api.example.com/items'\nfetch(url)", want: Input{Fetch: Fetch{URL: api}},
		},
		{
			name: "a default",
			text: "const base = process.env.API ?? 'https://api.example.com'\nfetch(`${base}/items`)",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"The value of `process.env.API` is unknown. It is assumed"},
		},
		{
			name: "another default",
			text: "fetch((window.API || 'https://api.example.com') + '/items')",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"window.API"},
		},
		{
			name: "assignments to properties",
			text: "const options = {headers: {'X-A': '1'}}\noptions.method = 'PUT'\noptions.headers['X-A'] = '2'\n" +
				"options['credentials'] = 'include'\nfetch('https://api.example.com/items', options)",
			want: Input{Fetch: Fetch{URL: api, Method: "PUT", Credentials: true, Header: header("X-A", "2")}},
		},
		{
			name: "assignments to headers",
			text: "const headers = {}\nheaders['X-A'] = '1'\nfetch('https://api.example.com/items', {headers})",
			want: Input{Fetch: Fetch{URL: api, Header: header("X-A", "1")}},
		},
		{
			name: "a method named fetch",
			text: "class A {\n async fetch(request) { return 1 }\n load() { return fetch('https://api.example.com/items') }\n}",
			want: Input{Fetch: Fetch{URL: api}},
		},
		{
			name: "duplicate headers",
			text: "fetch('https://api.example.com/items', {headers: {'X-A': '1', 'X-B': '2', 'X-A': '3'}})",
			want: Input{Fetch: Fetch{URL: api, Header: header("X-A", "3", "X-B", "2")}},
		},
		{
			name: "Headers.set",
			text: "const h = new Headers({'X-A': '1'})\nh.set('x-a', '2')\nh.append('X-B', '3')\n" +
				"fetch('https://api.example.com/items', {headers: h})",
			want: Input{Fetch: Fetch{URL: api, Header: header("x-a", "2", "X-B", "3")}},
		},
		{
			name: "duplicate headers of axios",
			text: "const api = axios.create({headers: {'X-A': '1'}})\n" +
				"api.get('https://api.example.com/items', {headers: {'x-a': '2'}})",
			want: Input{Fetch: Fetch{URL: api, Header: header("x-a", "2")}},
		},
		{
			name: "the defaults of axios",
			text: "axios.defaults.baseURL = 'https://wrong.example'\naxios.get('https://api.example.com/items')",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"the defaults of axios"},
		},
		{
			name:  "unknown data",
			text:  "axios.post('https://api.example.com/items', form)",
			want:  Input{Fetch: Fetch{URL: api, Method: "POST", Header: header("Content-Type", "application/json")}},
			notes: []string{"It is assumed that `form` is an object."},
		},
		{
			name: "copied from Safari",
			text: "fetch('https://api.example.com/items', {headers: {'Accept': '*/*', 'Cache-Control': 'no-cache', " +
				"'Priority': 'u=3, i', 'User-Agent': 'Mozilla/5.0', 'X-A': '1'}})",
			want:  Input{Fetch: Fetch{URL: api, Header: header("X-A", "1")}},
			notes: []string{"accept, cache-control, priority, user-agent."},
		},
		{name: "single quotes", text: `fetch('https://api.example.com/items')`, want: Input{Fetch: Fetch{URL: api}}},
		{name: "a template", text: "fetch(`https://api.example.com/items`)", want: Input{Fetch: Fetch{URL: api}}},
		{
			name: "escapes", text: `fetch("https:\/\/api\x2eexample\u002ecom\u{2f}it\
ems")`,
			want: Input{Fetch: Fetch{URL: api}},
		},
		{
			name: "in a program, in a Markdown fence",
			text: "```js\n// fetch('https://wrong.example')\n/* fetch('https://wrong.example') */\n" +
				"const text = \"fetch('https://wrong.example')\"\n" +
				"export async function load() {\n  const res = await fetch(\"https://api.example.com/items\", {\n" +
				"    method: 'PUT', // comment\n    headers: { \"Content-Type\": 'application/json', },\n" +
				"    credentials: \"include\",\n    body: JSON.stringify({a: [1, 2, {b: /[/\"]'/}], c: x => x + 1}),\n" +
				"  }).then(r => r.json())\n}\n```",
			want: Input{Fetch: Fetch{
				URL: api, Method: "PUT", Credentials: true, Header: header("Content-Type", "application/json"),
			}},
		},
		{
			name: "headers as a list",
			text: `window.fetch("https://api.example.com/items", {method: "put",
				headers: [["Content-Type", "application/json"]]})`,
			want: Input{Fetch: Fetch{URL: api, Method: "put", Header: header("Content-Type", "application/json")}},
		},
		{
			name: "new Headers",
			text: `fetch("https://api.example.com/items", {method: "PUT",
				headers: new Headers({"Content-Type": "application/json"})})`,
			want: Input{Fetch: json},
		},
		{
			name: "headers that are appended",
			text: `const myHeaders = new Headers();
myHeaders.append("Content-Type", "application/json");
const raw = JSON.stringify({ "a": 1 });
const requestOptions = { method: "PUT", headers: myHeaders, body: raw, redirect: "follow" };
fetch("https://api.example.com/items", requestOptions)
  .then((response) => response.text())`,
			want: Input{Fetch: json},
		},
		{
			name: "new Request",
			text: `fetch(new Request(new URL("/items", "https://api.example.com/v1/"), {method: "PUT",
				headers: {"Content-Type": "application/json"}}))`,
			want: Input{Fetch: json},
		},
		{
			name: "variables",
			text: `const host = "api.example.com", options = {base: {credentials: "include"}}
let name = "X-A"
fetch("https://" + host + '/items', {...options.base, headers: {[name]: 1, Authorization: token}, method})`,
			want: Input{Fetch: Fetch{
				URL: api, Credentials: true, Header: header("X-A", "1", "Authorization", "..."),
			}},
			notes: []string{"The method `method` is unknown"},
		},
		{
			name: "unknown parts",
			text: "fetch(`https://api.example.com/users/${user.id}/posts/${encodeURIComponent(slug)}`, " +
				"{headers: {Authorization: `Bearer ${await token()}`}})",
			want: Input{Fetch: Fetch{
				URL: "https://api.example.com/users/id/posts/slug", Header: header("Authorization", "Bearer ..."),
			}},
			notes: []string{"`user.id` in the URL is unknown", "`encodeURIComponent(slug)` in the URL is unknown"},
		},
		{
			name: "an unknown server", text: "fetch(`${import.meta.env.VITE_API}/items`)",
			want: Input{Fetch: Fetch{URL: "/items"}}, notes: []string{"`import.meta.env.VITE_API` is unknown"},
		},
		{
			name: "an unknown server, with a plus", text: `fetch(process.env.API_URL + "/items" + (page ? "?p=" + page : ""))`,
			want:  Input{Fetch: Fetch{URL: "/itemspage"}},
			notes: []string{"`process.env.API_URL` is unknown", "is assumed to be"},
		},
		{
			name: "an unknown URL and options", text: `fetch(url, options)`,
			want: Input{}, notes: []string{"The URL `url` is unknown", "options `options` are unknown", "path / is assumed"},
		},
		{
			name: "a variable that is set twice", text: `let url = "/a"; url = "/b"; fetch(url)`,
			want: Input{}, notes: []string{"The URL `url` is unknown", "path / is assumed"},
		},
		{
			name: "a variable that depends on itself", text: "let a = b + '/a'; let b = a + '/b'; fetch(a)",
			want:  Input{Fetch: Fetch{URL: "/b/a"}},
			notes: []string{"The value of `a` is unknown"},
		},
		{name: "only a path", text: `fetch("/items")`, want: Input{Fetch: Fetch{URL: "/items"}}, notes: []string{noHost}},
		{
			name: "a relative path", text: `fetch("./items")`,
			want: Input{Fetch: Fetch{URL: "/items"}}, notes: []string{noHost},
		},
		{name: "no scheme", text: `fetch("//api.example.com/items")`, want: Input{Fetch: Fetch{URL: api}}},
		{
			name: "copied from Chromium",
			text: `fetch("https://api.example.com/items", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9",
    "content-type": "application/json",
    "priority": "u=1, i",
    "sec-ch-ua": "\"Chromium\";v=\"156\"",
    "sec-fetch-mode": "cors"
  },
  "referrer": "https://app.example.com/",
  "body": "{\"a\":1}",
  "method": "PUT",
  "mode": "cors",
  "credentials": "include"
});`,
			want: Input{Fetch: Fetch{
				Origin: app, URL: api, Method: "PUT", Credentials: true, Header: header("content-type", "application/json"),
			}},
			notes: []string{"left out: accept, accept-language, priority, sec-ch-ua, sec-fetch-mode."},
		},
		{
			name: "copied from Firefox",
			text: `await fetch("https://api.example.com/items", {
    "credentials": "omit",
    "headers": {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0)",
        "Accept": "*/*",
        "Sec-Fetch-Site": "same-site",
        "X-A": "1"
    },
    "referrer": "https://app.example.com/",
    "method": "GET",
    "mode": "cors"
});`,
			want:  Input{Fetch: Fetch{Origin: app, URL: api, Header: header("X-A", "1")}},
			notes: []string{"left out: accept, sec-fetch-site, user-agent."},
		},
		{
			name: "copied as fetch for Node.js",
			text: `fetch("https://api.example.com/items", {"headers": {"cookie": "a=b", "sec-fetch-mode": "cors",
				"Referer": "https://app.example.com/"}, "body": null, "method": "GET"});`,
			want:  Input{Fetch: Fetch{Origin: app, URL: api, Credentials: true}},
			notes: []string{"taken from Referer", "left out: sec-fetch-mode."},
		},
		{
			name: "forbidden headers",
			text: `fetch("https://api.example.com/items",
				{headers: {Cookie: "a", Origin: "b", "Proxy-A": "c", "User-Agent": "d"}})`,
			want:  Input{Fetch: Fetch{URL: api, Header: header("User-Agent", "d")}},
			notes: []string{"do not let pages set these headers, so they are left out: cookie, origin, proxy-a."},
		},
		{
			name: "no-cors", text: `fetch("https://api.example.com/items", {mode: "no-cors"})`,
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"can never read the response"},
		},
		{
			name: "the mode same-origin", text: `fetch("https://api.example.com/items", {mode: "same-origin"})`,
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"refuses requests to other origins"},
		},
		{
			name: "JSON without a type",
			text: `fetch("https://api.example.com/items", {method: "POST", body: JSON.stringify(a)})`,
			want: Input{Fetch: Fetch{URL: api, Method: "POST"}}, notes: []string{"sends text/plain"},
		},
		{
			name: "a blob",
			text: `fetch("https://api.example.com/items", {method: "POST", body: new Blob([a], {type: "image/png"})})`,
			want: Input{Fetch: Fetch{URL: api, Method: "POST", Header: header("Content-Type", "image/png")}},
		},
		{
			name: "TypeScript",
			text: `const res = await fetch("https://api.example.com/items" as string, {method: "PUT" as const,
				headers: {"Content-Type": "application/json"} satisfies HeadersInit} as RequestInit)`,
			want: Input{Fetch: json},
		},
		{
			name: "minified", text: `fetch("https://api.example.com/items",{credentials:a?"include":"omit",keepalive:!0})`,
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"The value of credentials is unknown"},
		},
		{
			name: "two calls", text: "fetch('https://api.example.com/items')\nfetch('https://b.example')",
			want: Input{Fetch: Fetch{URL: api}}, notes: []string{"several requests"},
		},
		{
			name: "in prose with an apostrophe", text: "Why doesn't fetch('https://api.example.com/items') work?",
			want: Input{Fetch: Fetch{URL: api}},
		},
		{
			name: "a request that browsers do not send", text: `fetch("https://api.example.com/items", {method: "TRACE"})`,
			want: Input{Fetch: Fetch{URL: api, Method: "TRACE"}}, notes: []string{`the method "TRACE"`},
		},
		{
			name: "a function named fetch",
			text: "async function fetch(url) {}\nclient.fetch('/a')\nfetch('https://api.example.com/items')",
			want: Input{Fetch: Fetch{URL: api}},
		},
	})
}

func TestReadAxios(t *testing.T) {
	check(t, KindFetch, []readCase{
		{
			name: "get",
			text: `const {data} = await axios.get<Item[]>('https://api.example.com/items', {withCredentials: true})`,
			want: Input{Fetch: Fetch{URL: api, Credentials: true}},
		},
		{
			name: "post", text: `axios.post('https://api.example.com/items', {a: 1}, {headers: {'X-A': 1}})`,
			want: Input{Fetch: Fetch{
				URL: api, Method: "POST", Header: header("X-A", "1", "Content-Type", "application/json"),
			}},
			notes: []string{"sends objects as application/json"},
		},
		{
			name: "options", text: `axios({method: 'delete', url: 'https://api.example.com/items', headers: {"X-A": "1"}})`,
			want: Input{Fetch: Fetch{URL: api, Method: "DELETE", Header: header("X-A", "1")}},
		},
		{
			name: "an instance",
			text: `const api = axios.create({ baseURL: "https://api.example.com", withCredentials: true, headers: {"X-A": "1"} })
api.get("/items").then(console.log)`,
			want: Input{Fetch: Fetch{URL: api, Credentials: true, Header: header("X-A", "1")}},
		},
	})
}

func TestReadXHR(t *testing.T) {
	check(t, KindFetch, []readCase{
		{
			name: "XMLHttpRequest",
			text: `var xhr = new XMLHttpRequest();
xhr.open("put", "https://api.example.com/items", true);
xhr.withCredentials = true;
xhr.setRequestHeader("X-A", "1");
xhr.send();`,
			want: Input{Fetch: Fetch{URL: api, Method: "PUT", Credentials: true, Header: header("X-A", "1")}},
		},
		{
			name: "jQuery",
			text: `$.ajax({url: "https://api.example.com/items", type: "put", contentType: "application/json",
				xhrFields: {withCredentials: true}, success(data) { show(data) }})`,
			want: Input{Fetch: Fetch{
				URL: api, Method: "PUT", Credentials: true, Header: header("Content-Type", "application/json"),
			}},
		},
	})
}

// TestReadBounds checks that the work is bounded. Without the limits, these texts take minutes, or
// overflow the stack.
func TestReadBounds(t *testing.T) {
	var doubled strings.Builder
	doubled.WriteString("const h00 = {a: 1};")
	for i := range 20 {
		a, b := name(i), name(i+1)
		doubled.WriteString("const " + b + " = {..." + a + ", ..." + a + "};")
	}
	for _, tt := range []struct{ name, text string }{
		{"brackets", "fetch(" + strings.Repeat("(", 60_000)},
		{"objects", "fetch(" + strings.Repeat("{a:", 20_000)},
		{"operators", "fetch(" + strings.Repeat("!", 60_000)},
		{"awaits", "fetch(" + strings.Repeat("await ", 10_000)},
		{"a sum", "fetch(" + strings.Repeat("a+", 30_000) + "a)"},
		{"a sum of strings", "fetch(" + strings.Repeat("''+", 20_000) + "'')"},
		{"a chain", "fetch(" + strings.Repeat("a.", 30_000) + "a)"},
		{"calls", "fetch(a" + strings.Repeat("()", 30_000) + ")"},
		{"spread objects", doubled.String() + "fetch('/a', {headers: " + name(20) + "})"},
		{"slashes and brackets", "fetch(" + strings.Repeat("/[", 30_000)},
		{"templates in templates", "fetch(" + strings.Repeat("`${", 20_000)},
		{"variables in curl", "curl " + strings.Repeat("${", 30_000)},
		{"headers", strings.Repeat("Host:\n", 10_000)},
		{"errors", strings.Repeat("Access to fetch at 'a' from origin 'b' ", 1500)},
		{
			"a reference to a long value",
			"x = (" + strings.Repeat("a(),", 10_000) + "0); fetch(" + strings.Repeat("x+", 10_000) + "x)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if len(tt.text) > maxText {
				t.Fatalf("%d bytes are too many for this test", len(tt.text))
			}
			_, err := Read(tt.text)
			if tt.name == "spread objects" && err == nil {
				t.Error("a million headers were read")
			}
		})
	}
}

func TestScanStrings(t *testing.T) {
	const text = `\b\f\n\r\t\v\0\x41\u0042\u{43}\q\'\"\
d`
	const want = "\b\f\n\r\t\v\x00ABCq'\"d"
	for _, quote := range []string{"'", `"`, "`"} {
		tokens := scan(quote+text+quote, 1)
		got := tokens[0].text
		if quote == "`" {
			got = tokens[0].parts[0].text
		}
		if len(tokens) != 2 || got != want || tokens[1].line != 2 {
			t.Errorf("got %q in %d tokens up to line %d", got, len(tokens), tokens[1].line)
		}
	}
}

func name(i int) string { return "h" + string(rune('0'+i/10)) + string(rune('0'+i%10)) }

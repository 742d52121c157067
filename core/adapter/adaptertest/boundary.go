package adaptertest

import (
	"context"
	"fmt"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

// A question is a copy of a core.Request that a Decider has received.
type question struct {
	method, host, path, rawPath string
	fields                      map[string]string
	noContext                   bool // whether the context is nil or empty
}

// fields lists the header fields that are copied to a question if they are not empty. These are the
// fields that policies read, and one that an application reads.
var fields = []string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
	"Access-Control-Request-Private-Network", "Sec-Fetch-Site", "X-Tenant",
}

// witness is a Decider that always makes the same decision and records the requests it receives.
type witness struct {
	server   *server
	decision core.Decision
}

func (w *witness) Decide(ctx context.Context, r core.Request) core.Decision {
	q := question{
		method: strings.Clone(r.Method), host: strings.Clone(r.Host), path: strings.Clone(r.Path),
		rawPath: strings.Clone(r.RawPath), fields: map[string]string{},
		noContext: ctx == nil || ctx == context.Background() || ctx == context.TODO(),
	}
	if r.Header != nil {
		for _, name := range fields {
			if value := r.Header.Field(name); value != "" {
				q.fields[name] = strings.Clone(value)
			}
		}
	}
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	w.server.asked = append(w.server.asked, q)
	return w.decision
}

// A boundaryCase consists of an HTTP request and the core.Request that a Decider must receive for
// it.
type boundaryCase struct {
	name, why, source string
	request           string
	want              question
}

func (c *boundaryCase) String() string {
	return caseText(c.why, c.source, c.request)
}

func (c *boundaryCase) check(s *server) error {
	s.mu.Lock()
	s.asked = nil
	s.mu.Unlock()
	conn, err := rawhttp.Dial(s.addr, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	got, err := conn.Exchange(c.request)
	if err != nil {
		return err
	}
	body := "ok\n"
	if c.want.method == "HEAD" {
		body = ""
	}
	if got.Status != 200 || string(got.Body) != body {
		return fmt.Errorf("status %d and body %q, want the handler's", got.Status, got.Body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) != 1 {
		return fmt.Errorf("the Decider was asked %d times for one request", len(s.asked))
	}
	return c.want.compare(s.asked[0])
}

func (q *question) compare(got question) error {
	switch {
	case got.noContext:
		return fmt.Errorf("the Decider's context is nil or context.Background(), want the request's")
	case got.method != q.method:
		return fmt.Errorf("Request.Method is %q, want %q", got.method, q.method)
	case got.host != q.host:
		return fmt.Errorf("Request.Host is %q, want %q", got.host, q.host)
	case got.path != q.path:
		return fmt.Errorf("Request.Path is %q, want %q", got.path, q.path)
	case got.rawPath != q.rawPath:
		return fmt.Errorf("Request.RawPath is %q, want %q", got.rawPath, q.rawPath)
	}
	for _, name := range fields {
		if got.fields[name] != q.fields[name] {
			return fmt.Errorf("Request.Header.Field(%q) is %q, want %q", name, got.fields[name], q.fields[name])
		}
	}
	return nil
}

func boundaryCases() []boundaryCase {
	const (
		decoded = "Path is percent-decoded, but dots and slashes stay"
		sent    = "RawPath is set if and only if encoding Path again does not give the path as sent"
		forged  = "any client can send these fields, so they do not count"
		every   = "the Decider is asked about every request"
	)
	to := func(target, path, rawPath string) (string, question) {
		return request("GET", target), question{method: "GET", host: "api.example.net", path: path, rawPath: rawPath}
	}
	with := func(fields map[string]string, lines ...string) (string, question) {
		return request(
			"GET", "/", lines...,
		), question{method: "GET", host: "api.example.net", path: "/", fields: fields}
	}
	long := strings.Repeat("a", 8<<10)
	var table []boundaryCase
	add := func(name, why, source string, request string, want question) {
		table = append(table, boundaryCase{"boundary/" + name, why, source, request, want})
	}
	addTo := func(name, why, target, path, rawPath string) {
		request, want := to(target, path, rawPath)
		add(name, why, httpTargets, request, want)
	}
	addWith := func(name, why, source string, fields map[string]string, lines ...string) {
		request, want := with(fields, lines...)
		add(name, why, source, request, want)
	}

	addTo("path-root", decoded, "/", "/", "")
	addTo("path-with-query", "the query is not part of the path", "/a?b=%2F", "/a", "")
	addTo("path-with-blank", decoded, "/a%20b", "/a b", "")
	addTo("path-with-encoded-slash", sent, "/a%2Fb", "/a/b", "/a%2Fb")
	addTo("path-with-encoded-letter", sent, "/%61dmin", "/admin", "/%61dmin")
	addTo("path-with-encoded-dots", sent, "/a/%2e%2e/b", "/a/../b", "/a/%2e%2e/b")
	addTo("path-with-encoded-percent", "Path is decoded once", "/a%2561", "/a%61", "")
	addTo("path-with-dots", decoded, "/a/../b/./c", "/a/../b/./c", "")
	addTo("path-with-two-slashes", decoded, "//a//b", "//a//b", "")
	addTo("path-with-slash-at-the-end", decoded, "/a/", "/a/", "")
	addTo(
		"path-in-upper-case", "a path is compared with case, unless the policy says otherwise", "/Admin", "/Admin", "",
	)
	addTo("path-in-utf-8", decoded, "/caf%C3%A9", "/caf\xc3\xa9", "")
	addTo("path-in-utf-8-in-lower-case", sent, "/caf%c3%a9", "/caf\xc3\xa9", "/caf%c3%a9")
	addTo("path-absolute", "a proxy may send the whole URL", "http://api.example.net/a%20b?c", "/a b", "")
	addTo("path-with-plus", "a plus sign means a space in a query, but not in a path", "/a+b", "/a+b", "")
	addTo("path-with-encoded-plus", sent, "/a%2Bb", "/a+b", "/a%2Bb")
	addTo("path-with-encoded-question-mark", "an encoded question mark is part of the path", "/a%3Fb", "/a?b", "")
	addTo("path-with-encoded-hash", "an encoded number sign is part of the path", "/a%23b", "/a#b", "")
	addTo("path-with-semicolon", "what follows a semicolon is part of the path", "/a;b=1/c", "/a;b=1/c", "")
	addTo("path-with-encoded-nul", "a path does not end at a NUL byte", "/a%00b", "/a\x00b", "")
	addTo("path-with-encoded-backslash", "a backslash is not a slash", "/a%5Cb", `/a\b`, "")
	addTo("path-with-backslash", sent, `/a\b`, `/a\b`, `/a\b`)
	addTo("path-with-exclamation-mark", sent, "/a!(b)*", "/a!(b)*", "/a!(b)*")
	addTo("path-in-utf-8-as-sent", sent, "/caf\xc3\xa9", "/caf\xc3\xa9", "/caf\xc3\xa9")
	addTo("path-of-8-kib", "a long path is not cut", "/"+long+"/a", "/"+long+"/a", "")
	add(
		"path-not-from-field", forged, httpTargets,
		request(
			"GET", "/a", "X-Original-URL: /b", "X-Rewrite-URL: /b", "X-Original-URI: /b", "X-Forwarded-Uri: /b",
			"X-Forwarded-Path: /b", "X-Forwarded-Prefix: /b", "X-Script-Name: /b",
		),
		question{method: "GET", host: "api.example.net", path: "/a"},
	)

	for _, method := range []string{"HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
		var lines []string
		if method[0] == 'P' {
			lines = append(lines, "Content-Length: 0")
		}
		add(
			"method-"+strings.ToLower(method), every+", and sees the method as sent", fetchMethods,
			request(method, "/", lines...), question{method: method, host: "api.example.net", path: "/"},
		)
	}
	posted := question{method: "POST", host: "api.example.net", path: "/"}
	add(
		"method-not-from-field", forged, fetchMethods,
		request(
			"POST", "/", "X-HTTP-Method-Override: OPTIONS", "X-HTTP-Method: OPTIONS", "X-Method-Override: OPTIONS",
			"X-Forwarded-Method: OPTIONS", "X-Original-Method: OPTIONS", "Content-Length: 0",
		),
		posted,
	)
	add(
		"method-not-from-query", "a form can set the query, so the method is not read from it", fetchMethods,
		request("POST", "/?_method=OPTIONS", "Content-Length: 0"), posted,
	)
	add(
		"method-not-from-body", "a form can set the body, so the method is not read from it", fetchMethods,
		request("POST", "/", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 15")+"_method=OPTIONS",
		posted,
	)

	addTo("asked-about-favicon", every, "/favicon.ico", "/favicon.ico", "")
	addTo("asked-about-files", every, "/static/app.js", "/static/app.js", "")
	addTo("asked-about-health", every, "/healthz", "/healthz", "")
	addTo("asked-about-well-known", every, "/.well-known/security.txt", "/.well-known/security.txt", "")
	addWith("asked-about-range", every, httpRange, nil, "Range: bytes=0-1")
	addWith(
		"asked-about-loopback", every+", whatever its fields say about the client", fetchProtocol, nil,
		"X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1",
	)
	addWith(
		"asked-about-script", every+", whatever its fields say about the client", fetchProtocol, nil,
		"X-Requested-With: XMLHttpRequest", "Authorization: Bearer a", "User-Agent: curl/8.5.0",
	)
	add(
		"host-with-port", "Request.Host is the Host field as sent, with its port", httpTargets,
		"GET / HTTP/1.1\r\nHost: api.example.net:8443\r\nX-Forwarded-Host: evil.com\r\nConnection: close\r\n\r\n",
		question{method: "GET", host: "api.example.net:8443", path: "/"},
	)
	add(
		"host-in-upper-case", "Request.Host is the Host field as sent", httpTargets,
		"GET / HTTP/1.1\r\nHost: API.example.NET\r\nConnection: close\r\n\r\n",
		question{method: "GET", host: "API.example.NET", path: "/"},
	)
	addWith(
		"host-not-from-field", forged, httpTargets, nil, "X-Host: evil.com", "X-Original-Host: evil.com",
		"X-Forwarded-Host: evil.com", "X-Forwarded-Server: evil.com", "X-HTTP-Host-Override: evil.com",
		"Forwarded: host=evil.com",
	)
	add(
		"host-absent", "HTTP/1.0 needs no Host", httpTargets, "GET / HTTP/1.0\r\n\r\n",
		question{method: "GET", path: "/"},
	)

	addWith("field-absent", "an absent field is empty", httpCombined, nil)
	addWith(
		"field-empty", "an empty field is empty", httpCombined, nil, "Origin:", "Access-Control-Request-Method: \t ",
	)
	addWith(
		"field-one-line", "one line is its value", httpCombined, map[string]string{"Origin": "https://a.example"},
		"Origin: https://a.example",
	)
	addWith(
		"field-blanks-around", "white space around a field's value is not part of it", httpValues,
		map[string]string{"Origin": "https://a.example", "X-Tenant": "a \t b"}, "Origin: \t https://a.example\t ",
		"X-Tenant: a \t b",
	)
	addWith(
		"field-two-lines", "several lines are joined, in order, with a comma and a space", httpCombined,
		map[string]string{"Origin": "https://a.example, https://b.example"}, "Origin: https://a.example",
		"Origin: https://b.example",
	)
	addWith(
		"field-lines-apart", "the lines of a field need not be adjacent", httpCombined,
		map[string]string{"Access-Control-Request-Headers": "x-a, x-b", "X-Tenant": "7"},
		"Access-Control-Request-Headers: x-a", "X-Tenant: 7", "Access-Control-Request-Headers: x-b",
	)
	addWith(
		"field-empty-line-among-them", "an empty line is an empty element", httpCombined,
		map[string]string{"Origin": ", https://a.example"}, "Origin:", "Origin: https://a.example",
	)
	addWith(
		"field-in-lower-case", "field names are compared without case", httpNames,
		map[string]string{"Sec-Fetch-Site": "same-origin", "X-Tenant": "7"}, "sec-fetch-site: same-origin",
		"x-tenant: 7",
	)
	addWith(
		"field-in-different-cases", "two spellings of a name are two lines of one field", httpCombined,
		map[string]string{"X-Tenant": "7, 8"}, "x-tenant: 7", "X-TENANT: 8",
	)
	addWith(
		"field-of-bytes", "a value is bytes in no particular encoding", httpValues,
		map[string]string{"X-Tenant": "b\xfccher \xe3\x80\x82"}, "X-Tenant: b\xfccher \xe3\x80\x82",
	)
	addWith(
		"field-with-underscores", "an underscore in a field name is not a hyphen", httpNames, nil,
		"Sec_Fetch_Site: same-origin", "Access_Control_Request_Method: PUT",
		"Access_Control_Request_Headers: x-a", "X_Tenant: 7",
	)
	addWith(
		"field-with-upper-case-value", "the value of a field is not changed", httpValues,
		map[string]string{"Sec-Fetch-Site": "Same-Origin"}, "Sec-Fetch-Site: Same-Origin",
	)
	addWith(
		"field-in-quotes", "quotes around a value are part of it", httpValues,
		map[string]string{"Origin": `"https://a.example"`}, `Origin: "https://a.example"`,
	)
	addWith(
		"origin-not-from-field", "the origin is read from Origin and from no other field", fetchOrigin, nil,
		"X-Forwarded-Origin: https://a.example", "X-Original-Origin: https://a.example", "X-Origin: https://a.example",
		"Sec-WebSocket-Origin: https://a.example", "Referer: https://a.example/",
	)
	addWith(
		"origin-not-replaced", "the origin is read from Origin and from no other field", fetchOrigin,
		map[string]string{"Origin": "https://evil.com"}, "Origin: https://evil.com",
		"X-Forwarded-Origin: https://a.example", "X-Original-Origin: https://a.example", "X-Origin: https://a.example",
		"Sec-WebSocket-Origin: https://a.example", "Referer: https://a.example/",
	)
	addWith("fields-of-a-preflight", "every field that a policy reads must arrive", fetchRequests, map[string]string{
		"Origin": "https://a.example", "Access-Control-Request-Method": "PUT",
		"Access-Control-Request-Headers": "x-a,x-b", "Access-Control-Request-Private-Network": "true",
	},
		"Origin: https://a.example", "Access-Control-Request-Method: PUT",
		"Access-Control-Request-Headers: x-a,x-b", "Access-Control-Request-Private-Network: true",
	)
	return table
}

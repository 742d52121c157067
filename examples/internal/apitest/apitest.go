// Package apitest tests an example from the outside, over sockets. Every example passes the same
// test.
package apitest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Run is the run func of an example's main package.
type Run func(ctx context.Context, args []string, stdout io.Writer) error

// Server is an example that runs until its test ends.
type Server struct {
	URL     string // "http://127.0.0.1:" and the port
	Printed string // what the example printed before it served
}

// Start starts an example on a free port, and stops it when t ends. t fails if stopping takes too
// long or returns an error.
func Start(t *testing.T, run Run) Server {
	t.Helper()
	server, stop := start(t, run)
	t.Cleanup(stop)
	return server
}

// lastPrinted matches the last line that an example prints before it serves.
var lastPrinted = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/items$`)

func start(t *testing.T, run Run) (_ Server, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stdout, stdin := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0"}, stdin)
		stdin.CloseWithError(err)
		ended <- err
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		http.DefaultClient.CloseIdleConnections()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the example stopped with %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the example did not stop")
		}
	})
	var server Server
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		server.Printed += lines.Text() + "\n"
		if m := lastPrinted.FindStringSubmatch(lines.Text()); m != nil {
			server.URL = m[1]
			go io.Copy(io.Discard, stdout)
			return server, stop
		}
	}
	stop()
	t.Fatalf("the example printed no URL:\n%s", server.Printed)
	return Server{}, nil
}

// Test is the test that every example passes.
func Test(t *testing.T, run Run) {
	t.Run("cors", func(t *testing.T) { testCORS(t, Start(t, run)) })
	t.Run("items", func(t *testing.T) { testItems(t, Start(t, run)) })
	t.Run("credentials", func(t *testing.T) { testCredentials(t, Start(t, run)) })
	t.Run("stop", func(t *testing.T) { testStop(t, run) })
	t.Run("arguments", func(t *testing.T) { testArguments(t, run) })
}

const (
	allowed = "https://app.example.com"
	refused = "https://evil.example"
	asJSON  = "application/json"
)

func testCORS(t *testing.T, server Server) {
	actualAllowed := map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Origin":      "https://app.example.com",
		"Access-Control-Expose-Headers":    "X-Total-Count",
		"Vary":                             "Origin",
	}
	actualRefused := map[string]string{"Vary": "Origin"}
	preflightAllowed := map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Headers":     "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
		"Access-Control-Allow-Methods":     "DELETE, GET, OPTIONS, PATCH, POST, PUT",
		"Access-Control-Allow-Origin":      "https://app.example.com",
		"Access-Control-Max-Age":           "600",
		"Vary":                             "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	preflightRefused := map[string]string{
		"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	put := http.Header{"Access-Control-Request-Method": {"PUT"}}
	putJSON := http.Header{"Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type"}}
	putOther := http.Header{"Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"x-other"}}

	// All CORS headers are compared, so the cases with the refused origin show that the headers in the
	// other cases are not always set.
	for _, test := range []struct {
		name, method, path, origin string
		header                     http.Header
		status                     int
		cors                       map[string]string
		body                       string // "": any
	}{
		{"preflight", "OPTIONS", "/items/1", allowed, put, 204, preflightAllowed, ""},
		{"preflight with a header", "OPTIONS", "/items/1", allowed, putJSON, 204, preflightAllowed, ""},
		{
			"preflight with a header that is not allowed", "OPTIONS", "/items/1", allowed, putOther,
			403, preflightRefused, "",
		},
		{"preflight of the refused origin", "OPTIONS", "/items/1", refused, put, 403, preflightRefused, ""},
		{"preflight for a path without a route", "OPTIONS", "/nothing", allowed, put, 204, preflightAllowed, ""},
		{
			"actual", "GET", "/items", allowed, nil, 200, actualAllowed,
			`[{"id":1,"name":"bread","quantity":1},{"id":2,"name":"apples","quantity":6}]`,
		},
		{"actual of the refused origin", "GET", "/items", refused, nil, 200, actualRefused, ""},
		{"no origin", "GET", "/items", "", nil, 200, actualRefused, ""},
		{"fail", "GET", "/fail", allowed, nil, 500, actualAllowed, `{"error":"this endpoint always fails"}`},
		{"fail, refused origin", "GET", "/fail", refused, nil, 500, actualRefused, ""},
		{"panic", "GET", "/panic", allowed, nil, 500, actualAllowed, `{"error":"internal error"}`},
		{"panic, refused origin", "GET", "/panic", refused, nil, 500, actualRefused, ""},
		{"not found", "GET", "/nothing", allowed, nil, 404, actualAllowed, ""},
		{"trailing slash", "GET", "/items/", allowed, nil, 404, actualAllowed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, header, body := do(t, server, test.method, test.path, test.origin, test.header, "")
			if status != test.status {
				t.Errorf("got status %d, want %d", status, test.status)
			}
			if got := corsLines(header); !maps.Equal(got, test.cors) {
				t.Errorf("got\n%v\nwant\n%v", got, test.cors)
			}
			if test.body != "" && body != test.body {
				t.Errorf("got body %s, want %s", body, test.body)
			}
			if test.method == "OPTIONS" && (body != "" || header.Get("Content-Type") != "" || header.Get("Allow") != "") {
				t.Errorf("a preflight is answered with headers %v and body %q", header, body)
			}
		})
	}

	_, header, _ := do(t, server, "GET", "/items", allowed, nil, "")
	if got := header.Get("X-Total-Count"); got != "2" {
		t.Errorf("got X-Total-Count %q, want 2", got)
	}
}

func testItems(t *testing.T, server Server) {
	// Each step depends on the ones before it.
	for _, step := range []struct {
		method, path, contentType, body string
		status                          int
		want                            string
	}{
		{"POST", "/items", asJSON, `{"name":"milk","quantity":2}`, 201, `{"id":3,"name":"milk","quantity":2}`},
		{"GET", "/items/3", "", "", 200, `{"id":3,"name":"milk","quantity":2}`},
		{"PUT", "/items/3", asJSON, `{"name":"oat milk","quantity":1}`, 200, `{"id":3,"name":"oat milk","quantity":1}`},
		{"DELETE", "/items/1", "", "", 200, `{"id":1,"name":"bread","quantity":1}`},
		{"DELETE", "/items/1", "", "", 404, `{"error":"there is no item 1"}`},
		{"GET", "/items/1", "", "", 404, `{"error":"there is no item 1"}`},
		{"GET", "/items/one", "", "", 400, `{"error":"an id is a positive number, as in /items/1"}`},
		{"PUT", "/items/1", asJSON, `{"name":"bread","quantity":1}`, 404, `{"error":"there is no item 1"}`},
		{
			"POST", "/items", asJSON, `{"name":" ","quantity":2}`, 400,
			`{"error":"\"name\" is missing or blank; send JSON such as {\"name\":\"bread\",\"quantity\":2}"}`,
		},
		{
			"POST", "/items", "text/plain", `{"name":"milk","quantity":2}`, 415,
			`{"error":"send the body as JSON, with Content-Type: application/json"}`,
		},
		{"POST", "/items", asJSON, strings.Repeat(" ", 64<<10+1), 413, `{"error":"the body has more than 65536 bytes"}`},
		{"GET", "/items", "", "", 200, `[{"id":2,"name":"apples","quantity":6},{"id":3,"name":"oat milk","quantity":1}]`},
	} {
		contentType := http.Header{"Content-Type": {step.contentType}}
		status, header, body := do(t, server, step.method, step.path, allowed, contentType, step.body)
		if status != step.status || body != step.want {
			t.Errorf("%s %s: got %d %s, want %d %s", step.method, step.path, status, body, step.status, step.want)
		}
		if got := header.Get("Access-Control-Allow-Origin"); got != allowed {
			t.Errorf("%s %s: got Access-Control-Allow-Origin %q", step.method, step.path, got)
		}
	}
}

func testCredentials(t *testing.T, server Server) {
	status, _, body := do(t, server, "GET", "/me", allowed, nil, "")
	if status != 401 {
		t.Errorf("without a cookie: got %d %s", status, body)
	}
	status, _, body = do(t, server, "GET", "/me", allowed, http.Header{"Cookie": {"session="}}, "")
	if status != 401 {
		t.Errorf("with an empty cookie: got %d %s", status, body)
	}
	sendsJSON := http.Header{"Content-Type": {asJSON}}
	status, header, body := do(t, server, "POST", "/login", allowed, sendsJSON, `{"name":"ada"}`)
	if status != 200 || body != `{"name":"ada"}` {
		t.Fatalf("login: got %d %s", status, body)
	}
	cookies := (&http.Response{Header: header}).Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || !cookies[0].Secure || cookies[0].SameSite != http.SameSiteNoneMode {
		t.Fatalf("login: got Set-Cookie %q", header["Set-Cookie"])
	}
	pair := cookies[0].Name + "=" + cookies[0].Value
	status, header, body = do(t, server, "GET", "/me", allowed, http.Header{"Cookie": {pair}}, "")
	if status != 200 || body != `{"name":"ada"}` {
		t.Errorf("me: got %d %s", status, body)
	}
	if got := header.Get("Access-Control-Allow-Credentials"); got != "true" {
		t.Errorf("me: got Access-Control-Allow-Credentials %q", got)
	}
	_, header, _ = do(t, server, "POST", "/login", allowed, sendsJSON, `{}`)
	if got := header["Set-Cookie"]; got != nil {
		t.Errorf("refused login: got Set-Cookie %q", got)
	}
}

// testStop checks that an idle connection does not keep the server from stopping, and is closed.
func testStop(t *testing.T, run Run) {
	server, stop := start(t, run)
	defer stop()
	addr := strings.TrimPrefix(server.URL, "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "GET /items HTTP/1.1\r\nHost: %s\r\n\r\n", addr)
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 || response.Close {
		t.Fatalf("before: got status %d, Connection %q", response.StatusCode, response.Header.Get("Connection"))
	}

	stop()
	conn.SetDeadline(time.Now().Add(2 * time.Second)) // long before the server closes idle connections by itself
	if _, err := reader.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the open connection: got %v, want EOF", err)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

func testArguments(t *testing.T, run Run) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"port taken", []string{"-addr", taken.Addr().String()}, "-addr 127.0.0.1:0"},
		{"no address", []string{"-addr", "8080"}, "-addr 127.0.0.1:0"},
		{"unknown flag", []string{"-port", "8080"}, "flag provided but not defined: -port"},
		{"argument", []string{"8080"}, `unexpected argument "8080"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := run(ctx, test.args, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}

	var usage strings.Builder
	err = run(t.Context(), []string{"-h"}, &usage)
	if err != nil || !strings.Contains(usage.String(), "-addr host:port") {
		t.Errorf("-h: got error %v and\n%s", err, usage.String())
	}
}

// do sends a request and returns the response. The body is without the newline at its end.
func do(
	t *testing.T, server Server, method, path, origin string, header http.Header, body string,
) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	response, err := http.DefaultTransport.RoundTrip(r) // not a Client: it would follow redirects
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, strings.TrimSuffix(string(data), "\n")
}

// corsLines returns the headers that a CORS middleware sets. Each must be on one line. If it isn't,
// its value here lists the lines.
func corsLines(header http.Header) map[string]string {
	lines := map[string]string{}
	for name, values := range header {
		switch {
		case !strings.HasPrefix(name, "Access-Control-") && name != "Vary" && name != "Polycors-Reason":
		case len(values) == 1:
			lines[name] = values[0]
		default:
			lines[name] = fmt.Sprintf("%d lines: %q", len(values), values)
		}
	}
	return lines
}

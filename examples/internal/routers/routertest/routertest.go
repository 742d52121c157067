// Package routertest tests the programs in the folders beside it: a router with corshttp around it,
// over loopback.
package routertest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core/corstest"
)

// Allowed is the origin that every program allows, and Refused is one that none of them allows.
const (
	Allowed = "https://app.example.com"
	Refused = "https://evil.example"
)

// Call is a request of a page.
type Call struct {
	Method, Path string
	Header       map[string]string // those that the browser asks for in the preflight
	Body         string
}

// Response is a response whose body has been read.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Grant returns the origin whose pages may read the response, or "".
func (r Response) Grant() string { return r.Header.Get("Access-Control-Allow-Origin") }

// Exposed returns the names of the response headers that the page may read.
func (r Response) Exposed() []string {
	return strings.Split(strings.ToLower(r.Header.Get("Access-Control-Expose-Headers")), ", ")
}

// Serve serves h over loopback until the test ends, and returns the URL of the server.
func Serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// Preflight sends the preflight of a call, as a browser does for a page of the origin.
func Preflight(t *testing.T, url, origin string, c Call) Response {
	t.Helper()
	header := http.Header{"Origin": {origin}, "Access-Control-Request-Method": {c.Method}}
	if len(c.Header) > 0 {
		names := strings.ToLower(strings.Join(slices.Sorted(maps.Keys(c.Header)), ","))
		header.Set("Access-Control-Request-Headers", names)
	}
	return send(t, "OPTIONS", url+c.Path, header, "")
}

// Actual sends the call itself.
func Actual(t *testing.T, url, origin string, c Call) Response {
	t.Helper()
	header := http.Header{"Origin": {origin}}
	for name, value := range c.Header {
		header.Set(name, value)
	}
	return send(t, c.Method, url+c.Path, header, c.Body)
}

func send(t *testing.T, method, url string, header http.Header, body string) Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	response, err := http.DefaultTransport.RoundTrip(r) // not a Client: it would follow redirects
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Response{response.StatusCode, response.Header, strings.TrimSuffix(string(data), "\n")}
}

// Check checks that pages of Allowed can make the call and read the body of its response, and that
// pages of Refused cannot. It returns the response that the page of Allowed gets.
func Check(t *testing.T, h http.Handler, c Call, body string) Response {
	t.Helper()
	url := Serve(t, h)
	for _, test := range []struct {
		origin, grant string
		status        int
	}{{Allowed, Allowed, 204}, {Refused, "", 403}} {
		preflight := Preflight(t, url, test.origin, c)
		if preflight.Status != test.status || preflight.Grant() != test.grant {
			t.Errorf("preflight of %s: got status %d, grant %q, want %d, %q",
				test.origin, preflight.Status, preflight.Grant(), test.status, test.grant)
		}
		actual := Actual(t, url, test.origin, c)
		if actual.Status != 200 || actual.Grant() != test.grant || actual.Body != body {
			t.Errorf("actual request of %s: got status %d, grant %q, body %s, want 200, %q, %s",
				test.origin, actual.Status, actual.Grant(), actual.Body, test.grant, body)
		}
	}
	return Actual(t, url, Allowed, c)
}

// Reachable returns what corstest.CheckReachable reports about a path, or "".
func Reachable(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	reported := &recorder{TB: t}
	corstest.CheckReachable(reported, h, Allowed, path)
	return strings.Join(reported.messages, "\n")
}

// recorder is a testing.TB that keeps what is reported.
type recorder struct {
	testing.TB
	messages []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.messages = append(r.messages, fmt.Sprintf(format, args...))
}

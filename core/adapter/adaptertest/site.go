package adaptertest

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

// The origins of a Site: one that Config allows, and one that it does not.
const (
	siteApp  = "https://app.example.com"
	siteEvil = "https://evil.example"
)

// Config returns the CORS configuration that an application must use if it is tested with a [Site].
// For pages of https://app.example.com, it allows credentials, the PUT method and the Content-Type
// request header, and exposes the X-Total response header.
func Config() core.Config {
	return core.Config{
		AllowOrigins:     []string{siteApp, "https://*.preview.example.com"},
		AllowMethods:     []string{"PUT"},
		AllowHeaders:     []string{"content-type", "x-token"},
		ExposeHeaders:    []string{"X-Total"},
		AllowCredentials: true,
		MaxAge:           10 * time.Minute,
	}
}

// The CORS lines of responses under Config, in the order in which net/http writes them.
var (
	siteGranted = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Expose-Headers: X-Total",
		"Vary: Origin",
	}
	siteUngranted = []string{"Vary: Origin"}
	siteAnswered  = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Headers: content-type, x-token",
		"Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 600",
		varyPreflight,
	}
	siteRefused   = []string{varyPreflight}
	siteUntouched = []string(nil)
)

// A Site is a running application under test. Its methods send requests to the application, and
// report incorrect responses as test failures. Use it to test features that are specific to a
// framework, such as its routes, groups, redirects and recovery.
//
// The application must use the CORS configuration that [Config] returns.
type Site struct {
	t    testing.TB
	addr string
}

// NewSite serves h on a loopback address until the test ends. It returns a [Site] that sends
// requests to that address.
func NewSite(t testing.TB, h http.Handler) *Site { return &Site{t, Listen(t, h)} }

// Listen serves h on a loopback address until the test ends. It returns the address, such as
// "127.0.0.1:8080".
func Listen(t testing.TB, h http.Handler) (addr string) {
	return listen(t, h, func(*httptest.Server) {}).Listener.Addr().String()
}

func listen(t testing.TB, h http.Handler, configure func(*httptest.Server)) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	configure(server)
	if server.EnableHTTP2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// A Response is an HTTP response that a [Site] has received.
type Response struct {
	Status int         // the status code, such as 200
	Header http.Header // the header, with names in canonical form
	Body   string      // the complete body
}

// Covers checks that requests with the given method and target reach the CORS middleware. It sends
// one request from https://app.example.com and one from another origin. The first response must
// allow its origin to read it, and the second must not. Both must have the given status. If status
// is 0, any status is accepted.
//
// Each element of lines is an additional request header line, such as "Accept: text/html". Covers
// returns the response to the request from https://app.example.com.
func (s *Site) Covers(method, target string, status int, lines ...string) *Response {
	s.t.Helper()
	s.exchange(s.request(method, target, siteEvil, lines), status, siteUngranted, true)
	return s.exchange(s.request(method, target, siteApp, lines), status, siteGranted, true)
}

// Misses checks that a request with the given method and target does not reach the CORS middleware.
// The response must have the given status and no CORS headers. If status is 0, any status is
// accepted.
//
// Each element of lines is an additional request header line, such as "Accept: text/html". Misses
// returns the response.
func (s *Site) Misses(method, target string, status int, lines ...string) *Response {
	s.t.Helper()
	return s.exchange(s.request(method, target, siteApp, lines), status, siteUntouched, false)
}

// MissesPreflight is like [Site.Misses], but sends a preflight.
func (s *Site) MissesPreflight(target string, status int) *Response {
	s.t.Helper()
	return s.exchange(sitePreflight(siteApp, target), status, siteUntouched, false)
}

// AnswersPreflight checks that the CORS middleware responds to preflights for each of the targets.
// For each target, it must allow a preflight from https://app.example.com, and refuse one from
// another origin.
//
// The responses must have no body and no Allow, Content-Type or Location header.
func (s *Site) AnswersPreflight(targets ...string) {
	s.t.Helper()
	for _, target := range targets {
		s.empty(target, s.exchange(sitePreflight(siteApp, target), 204, siteAnswered, false))
		s.empty(target, s.exchange(sitePreflight(siteEvil, target), 403, siteRefused, false))
	}
}

func (s *Site) empty(target string, got *Response) {
	s.t.Helper()
	h := got.Header
	if got.Body != "" || h["Allow"] != nil || h["Content-Type"] != nil || h["Location"] != nil {
		s.t.Errorf("%s: the response to a preflight has the body %q and the header %v", target, got.Body, h)
	}
}

func (s *Site) request(method, target, origin string, lines []string) string {
	lines = append([]string{"Origin: " + origin}, lines...)
	hasLength := func(line string) bool { return strings.HasPrefix(line, "Content-Length: ") }
	if (method == "POST" || method == "PUT" || method == "PATCH") && !slices.ContainsFunc(lines, hasLength) {
		lines = append(lines, "Content-Length: 0")
	}
	return request(method, target, lines...)
}

// sitePreflight returns a preflight for PUT with a Content-Type header.
func sitePreflight(origin, target string) string {
	return request(
		"OPTIONS", target, "Origin: "+origin, "Access-Control-Request-Method: PUT",
		"Access-Control-Request-Headers: content-type",
	)
}

// exchange sends the request, and compares the status and the CORS lines. If moreVary is true, the
// response may have additional Vary lines.
func (s *Site) exchange(request string, status int, lines []string, moreVary bool) *Response {
	s.t.Helper()
	c, err := rawhttp.Dial(s.addr, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Exchange(request)
	if err != nil {
		s.t.Fatalf("%q: %v", request, err)
	}
	gotLines := got.CORSLines()
	if moreVary {
		gotLines = slices.DeleteFunc(gotLines, func(line string) bool {
			return strings.HasPrefix(line, "Vary: ") && !slices.Contains(lines, line)
		})
	}
	if status == 0 {
		status = got.Status
	}
	if err := compareSite(got.Status, gotLines, status, lines); err != nil {
		s.t.Errorf("%q: %v", request, err)
	}
	response := &Response{got.Status, http.Header{}, string(got.Body)}
	for _, line := range got.Lines {
		name, value, _ := strings.Cut(line, ": ")
		response.Header.Add(name, value)
	}
	return response
}

func compareSite(status int, lines []string, wantStatus int, want []string) error {
	if status == wantStatus && slices.Equal(lines, want) {
		return nil
	}
	return fmt.Errorf("got status %d and\n\t%s\nwant %d and\n\t%s", status, list(lines), wantStatus, list(want))
}

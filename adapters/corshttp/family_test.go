package corshttp_test

// This file is the same in corshttp, corschi, corsgin and corsecho but for the line above. It holds what a server built on net/http does
// alike in each of them. What it needs of the framework stands in the file of the adapter: behind, behindNew and recovering.

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

var soak = flag.Int("soak", 4000, "how many requests TestSoak sends")

const (
	app     = "https://app.example.com"
	preview = "https://x.preview.example.com"
	evil    = "https://evil.example"
)

// usual is the policy of most tests.
func usual() core.Config {
	return core.Config{
		AllowOrigins:     []string{app, "https://*.preview.example.com"},
		AllowMethods:     []string{"PUT"},
		AllowHeaders:     []string{"content-type", "x-token"},
		ExposeHeaders:    []string{"X-Total"},
		AllowCredentials: true,
		MaxAge:           10 * time.Minute,
	}
}

// The CORS lines of what usual answers, as net/http sorts them.
var (
	granted = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Expose-Headers: X-Total",
		"Vary: Origin",
	}
	ungranted = []string{"Vary: Origin"}
	answered  = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Headers: content-type, x-token",
		"Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 600",
		"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	refused   = []string{"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
	untouched = []string(nil)
)

func policy(t testing.TB, cfg core.Config) *core.Policy {
	t.Helper()
	p, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serve serves h on a loopback address until the test ends.
func serve(t testing.TB, h http.Handler) (addr string) {
	return start(t, h, func(*httptest.Server) {}).Listener.Addr().String()
}

func start(t testing.TB, h http.Handler, configure func(*httptest.Server)) *httptest.Server {
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

func addAll(to, from http.Header) {
	for name, values := range from {
		for _, v := range values {
			to.Add(name, v)
		}
	}
}

// discard is a ResponseWriter that keeps its header only.
type discard http.Header

func (d discard) Header() http.Header         { return http.Header(d) }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// request writes a request that ends the connection, with the lines as they are.
func request(method, target string, lines ...string) string {
	return open(method, target, append([]string{"Connection: close"}, lines...)...)
}

// open writes a request that leaves the connection open.
func open(method, target string, lines ...string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: api.example.net\r\n" + strings.Join(append(lines, "\r\n"), "\r\n")
}

func get(origin, target string, lines ...string) string {
	return request("GET", target, append([]string{"Origin: " + origin}, lines...)...)
}

// preflight asks for PUT with content-type.
func preflight(origin, target string, lines ...string) string {
	return request("OPTIONS", target, append([]string{"Origin: " + origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type"}, lines...)...)
}

// An answer is what comes back, without what came before with a status of 1xx.
type answer struct {
	status int
	header http.Header
	body   string
}

// corsLines returns the lines that CORS is about, sorted as net/http writes them.
func (a *answer) corsLines() (lines []string) {
	for name, values := range a.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" || name == "Polycors-Reason" {
			for _, v := range values {
				lines = append(lines, name+": "+v)
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return lines
}

func nameOf(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return name
}

type conn struct {
	net.Conn
	r *bufio.Reader
}

func dial(addr string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(10 * time.Minute))
	return &conn{c, bufio.NewReader(c)}, nil
}

// exchange sends the request as it is and reads the answer.
func (c *conn) exchange(request string) (*answer, error) {
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		return nil, err
	}
	method, _, _ := strings.Cut(request, " ")
	for {
		response, err := http.ReadResponse(c.r, &http.Request{Method: method})
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		if response.StatusCode >= 200 || response.StatusCode == 101 {
			return &answer{response.StatusCode, response.Header, string(body)}, nil
		}
	}
}

func send(t testing.TB, addr, request string) *answer {
	t.Helper()
	c, err := dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.exchange(request)
	if err != nil {
		t.Fatalf("%q: %v", request, err)
	}
	return got
}

// check sends the request and compares status and CORS lines.
func check(t testing.TB, addr, request string, status int, lines []string) *answer {
	t.Helper()
	got := send(t, addr, request)
	if err := got.compare(status, lines); err != nil {
		t.Errorf("%q: %v", request, err)
	}
	return got
}

func (a *answer) compare(status int, lines []string) error {
	if got := a.corsLines(); a.status != status || !slices.Equal(got, lines) {
		return fmt.Errorf("got status %d and\n\t%s\nwant %d and\n\t%s", a.status, strings.Join(got, "\n\t"), status, strings.Join(lines, "\n\t"))
	}
	return nil
}

// checkPreflight sends a preflight of app and one of evil for each target. The first has to be answered, the second refused, and neither
// with anything that a router may have prepared.
func checkPreflight(t testing.TB, addr string, targets ...string) {
	t.Helper()
	for _, target := range targets {
		checkEmpty(t, target, check(t, addr, preflight(app, target), 204, answered))
		checkEmpty(t, target, check(t, addr, preflight(evil, target), 403, refused))
	}
}

func checkEmpty(t testing.TB, target string, got *answer) {
	t.Helper()
	if got.body != "" || got.header["Allow"] != nil || got.header["Content-Type"] != nil || got.header["Location"] != nil {
		t.Errorf("%s: the answer to a preflight has the body %q and the header %v", target, got.body, got.header)
	}
}

// counted returns a handler that answers "ok", and how often it has run.
func counted() (http.HandlerFunc, *atomic.Int64) {
	var calls atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		io.WriteString(w, "ok")
	}, &calls
}

func TestRequestForms(t *testing.T) {
	handler, calls := counted()
	addr := serve(t, behind(handler, policy(t, usual())))
	for _, test := range []struct{ name, request string }{
		{"absolute target", preflight(app, "http://api.example.net/get")},
		{"double slash", preflight(app, "//get")},
		{"dot segments", preflight(app, "/api/../get")},
		{"encoded letter", preflight(app, "/%67et")},
		{"encoded slash", preflight(app, "/a%2fb")},
		{"upper case", preflight(app, "/GET")},
		{"HTTP/1.0", "OPTIONS /get HTTP/1.0\r\nOrigin: " + app + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n"},
		{"body", preflight(app, "/get", "Content-Length: 5") + "hello"},
		{"headers on two lines", preflight(app, "/get", "Access-Control-Request-Headers: X-Token")},
		{"blanks around the origin", preflight(" \t"+app+" \t", "/get")},
		{"lower-case names", request("OPTIONS", "/get", "origin: "+app, "access-control-request-method: PUT")},
		{"upper-case names", request("OPTIONS", "/get", "ORIGIN: "+app, "ACCESS-CONTROL-REQUEST-METHOD: PUT")},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkEmpty(t, test.request, check(t, addr, test.request, 204, answered))
		})
	}
	t.Run("second line of headers not allowed", func(t *testing.T) {
		check(t, addr, preflight(app, "/get", "Access-Control-Request-Headers: x-evil"), 403, refused)
	})
	if n := calls.Load(); n != 0 {
		t.Errorf("the handler has run %d times for preflights", n)
	}
	t.Run("no preflight", func(t *testing.T) {
		check(t, addr, request("OPTIONS", "/get", "Origin: "+app), 200, granted)
		check(t, addr, request("OPTIONS", "/get", "Origin: "+app, "Access-Control-Request-Method:"), 200, granted)
		check(t, addr, request("OPTIONS", "/get", "Access-Control-Request-Method: PUT"), 200, ungranted)
		check(t, addr, request("HEAD", "/get", "Origin: "+app), 200, granted)
		check(t, addr, get(app, "/get"), 200, granted)
		check(t, addr, get(evil, "/get"), 200, ungranted)
		check(t, addr, get("null", "/get"), 200, ungranted)
		check(t, addr, request("GET", "/get", "Origin:"), 200, ungranted)
		check(t, addr, request("GET", "/get"), 200, ungranted)
	})
	if n := calls.Load(); n != 9 {
		t.Errorf("the handler has run %d times for 9 requests that are no preflights", n)
	}
}

// TestMalformed: what is hardly HTTP gets no grant and does no harm.
func TestMalformed(t *testing.T) {
	handler, _ := counted()
	addr := serve(t, behind(handler, policy(t, usual())))
	for _, test := range []struct{ name, lines string }{
		{"two origins, allowed first", "Origin: " + app + "\r\nOrigin: " + evil},
		{"two origins, allowed last", "Origin: " + evil + "\r\nOrigin: " + app},
		{"the same origin twice", "Origin: " + app + "\r\nOrigin: " + app},
		{"folded with a space", "Origin: " + app + "\r\n .evil.example"},
		{"folded with a tab", "Origin: " + app + "\r\n\t.evil.example"},
		{"byte above 0x7f", "Origin: " + app + "\x80"},
		{"UTF-8", "Origin: https://äpp.example.com"},
		{"NUL", "Origin: " + app + "\x00"},
		{"bare CR", "Origin: " + app + "\rX-Injected: 1"},
		{"bare LF behind it", "Origin: " + evil + "\nX-Injected: 1"},
		{"upper case", "Origin: HTTPS://APP.EXAMPLE.COM"},
		{"trailing dot", "Origin: " + app + "."},
		{"default port", "Origin: " + app + ":443"},
		{"path", "Origin: " + app + "/"},
		{"user name", "Origin: https://app.example.com@evil.example"},
		{"list", "Origin: " + app + ", " + evil},
		{"8 KiB", "Origin: https://" + strings.Repeat("a", 8<<10) + ".preview.example.com"},
		{"64 KiB", "Origin: https://" + strings.Repeat("a", 64<<10) + ".preview.example.com"},
		{"space before the colon", "Origin : " + app},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range []string{request("GET", "/", test.lines), request("OPTIONS", "/", test.lines, "Access-Control-Request-Method: PUT")} {
				got := send(t, addr, r)
				if got.status != 200 && got.status != 403 && got.status != 400 {
					t.Errorf("got status %d", got.status)
				}
				for _, line := range got.corsLines() {
					if !strings.HasPrefix(line, "Vary: ") {
						t.Errorf("got %s", line)
					}
				}
				if got.header["X-Injected"] != nil {
					t.Error("the header has a line of the request")
				}
			}
		})
	}
	// Nothing of this has harmed the server.
	check(t, addr, get(app, "/"), 200, granted)
}

// TestOneConnection: answers on a connection that stays open, bodies of preflights included, are each for their own request.
func TestOneConnection(t *testing.T) {
	handler, _ := counted()
	addr := serve(t, behind(handler, policy(t, usual())))
	asks := []string{"Origin: " + app, "Access-Control-Request-Method: PUT"}
	turns := []struct {
		request string
		status  int
		lines   []string
	}{
		{open("OPTIONS", "/", asks...), 204, answered},
		{open("GET", "/", "Origin: "+app), 200, granted},
		{open("OPTIONS", "/", append(asks, "Content-Length: 5")...) + "hello", 204, answered},
		{open("OPTIONS", "/", append(asks, "Transfer-Encoding: chunked")...) + "5\r\nhello\r\n0\r\n\r\n", 204, answered},
		{open("GET", "/", "Origin: "+evil), 200, ungranted},
		{open("OPTIONS", "/", "Origin: "+evil, "Access-Control-Request-Method: PUT"), 403, refused},
		{open("GET", "/"), 200, ungranted},
		{open("GET", "/", "Origin: "+app), 200, granted},
	}
	t.Run("one by one", func(t *testing.T) {
		c, err := dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, turn := range turns {
			got, err := c.exchange(turn.request)
			if err == nil {
				err = got.compare(turn.status, turn.lines)
			}
			if err != nil {
				t.Fatalf("%q: %v", turn.request, err)
			}
		}
	})
	t.Run("pipelined", func(t *testing.T) {
		c, err := dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i, turn := range turns {
			// All are sent with the first.
			all := turn.request
			for _, later := range turns[i+1:] {
				all += later.request
			}
			if i > 0 {
				all = ""
			}
			got, err := c.exchange(all)
			if err == nil {
				err = got.compare(turn.status, turn.lines)
			}
			if err != nil {
				t.Fatalf("%q: %v", turn.request, err)
			}
		}
	})
	t.Run("expect", func(t *testing.T) {
		// The body is never sent: the answer must not wait for it.
		check(t, addr, open("OPTIONS", "/", append(asks, "Expect: 100-continue", "Content-Length: 5")...), 204, answered)
	})
}

// TestOptionsAsterisk: net/http's server answers "OPTIONS *" by itself unless it is told not to.
func TestOptionsAsterisk(t *testing.T) {
	handler, _ := counted()
	h := behind(handler, policy(t, usual()))
	check(t, serve(t, h), preflight(app, "*"), 200, untouched)
	server := start(t, h, func(s *httptest.Server) { s.Config.DisableGeneralOptionsHandler = true })
	checkPreflight(t, server.Listener.Addr().String(), "*")
}

// TestHandlerHeaders: a handler that writes CORS headers wins, and one that adds to Vary keeps ours.
func TestHandlerHeaders(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler func(h http.Header)
		origin  string
		lines   []string
	}{
		{"writes nothing", func(http.Header) {}, app, granted},
		{"sets the origin", func(h http.Header) { h.Set("Access-Control-Allow-Origin", "*") }, app,
			[]string{"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Total", "Vary: Origin"}},
		{"sets the origin for a refused one", func(h http.Header) { h.Set("Access-Control-Allow-Origin", "*") }, evil, []string{"Access-Control-Allow-Origin: *", "Vary: Origin"}},
		{"adds an origin", func(h http.Header) { h.Add("Access-Control-Allow-Origin", "*") }, app,
			[]string{"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Total", "Vary: Origin"}},
		{"removes the credentials", func(h http.Header) { h.Del("Access-Control-Allow-Credentials") }, app,
			[]string{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Total", "Vary: Origin"}},
		{"sets others", func(h http.Header) {
			h.Set("Access-Control-Allow-Methods", "GET")
			h.Set("Access-Control-Max-Age", "5")
			h.Set("Access-Control-Expose-Headers", "X-Mine")
		}, app, []string{"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: GET", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Mine", "Access-Control-Max-Age: 5", "Vary: Origin"}},
		{"adds to Vary", func(h http.Header) { h.Add("Vary", "Accept") }, evil, []string{"Vary: Origin", "Vary: Accept"}},
		{"sets Vary", func(h http.Header) { h.Set("Vary", "Accept") }, evil, []string{"Vary: Accept"}},
		{"clears all", func(h http.Header) { clear(h) }, app, untouched},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { test.handler(w.Header()) })
			check(t, serve(t, behind(h, policy(t, usual()))), get(test.origin, "/"), 200, test.lines)
		})
	}
}

// TestVary: lines that something outside has written stay, and the tokens that they lack come behind them.
func TestVary(t *testing.T) {
	for _, test := range []struct {
		name         string
		vary         []string
		actual, asks []string
	}{
		{"another", []string{"Accept"}, []string{"Vary: Accept", "Vary: Origin"},
			[]string{"Vary: Accept", "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}},
		{"ours", []string{"Origin"}, []string{"Vary: Origin"}, []string{"Vary: Origin", "Vary: Access-Control-Request-Method, Access-Control-Request-Headers"}},
		{"ours in lower case", []string{"accept, origin"}, []string{"Vary: accept, origin"}, []string{"Vary: accept, origin", "Vary: Access-Control-Request-Method, Access-Control-Request-Headers"}},
		{"two lines", []string{"Accept", "Origin"}, []string{"Vary: Accept", "Vary: Origin"}, []string{"Vary: Accept", "Vary: Origin", "Vary: Access-Control-Request-Method, Access-Control-Request-Headers"}},
		{"everything", []string{"*"}, []string{"Vary: *"}, []string{"Vary: *"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			handler, _ := counted()
			h := behind(handler, policy(t, usual()))
			addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Vary"] = slices.Clone(test.vary)
				h.ServeHTTP(w, r)
			}))
			check(t, addr, get(evil, "/"), 200, test.actual)
			check(t, addr, preflight(evil, "/"), 403, test.asks)
		})
	}
}

// TestErrors: an answer that reports an error or a redirect is as readable as any other.
func TestErrors(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) })
	mux.HandleFunc("/missing", http.NotFound)
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 302) })
	mux.HandleFunc("/empty", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(103)
		w.WriteHeader(200)
		io.WriteString(w, "ok")
	})
	addr := serve(t, behind(mux, policy(t, usual())))
	for target, status := range map[string]int{"/error": 500, "/missing": 404, "/redirect": 302, "/empty": 200, "/hints": 200} {
		t.Run(target[1:], func(t *testing.T) {
			check(t, addr, get(app, target), status, granted)
			check(t, addr, get(evil, target), status, ungranted)
			checkPreflight(t, addr, target)
		})
	}
}

func TestFiles(t *testing.T) {
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "a.txt", modified, strings.NewReader("0123456789"))
	})
	addr := serve(t, behind(h, policy(t, usual())))
	for _, test := range []struct {
		name, line string
		status     int
		body       string
	}{
		{"whole", "X-Any: 1", 200, "0123456789"},
		{"range", "Range: bytes=2-4", 206, "234"},
		{"range beyond the end", "Range: bytes=20-", 416, "invalid range: failed to overlap\n"},
		{"same tag", `If-None-Match: "1"`, 304, ""},
		{"not modified", "If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT", 304, ""},
		{"other tag", `If-Match: "2"`, 412, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := check(t, addr, get(app, "/", test.line), test.status, granted); got.body != test.body {
				t.Errorf("got body %q, want %q", got.body, test.body)
			}
		})
	}
	if got := check(t, addr, request("HEAD", "/", "Origin: "+app), 200, granted); got.header.Get("Content-Length") != "10" || got.body != "" {
		t.Errorf("HEAD: got %v and the body %q", got.header, got.body)
	}
	checkPreflight(t, addr, "/")
}

// TestTimeoutHandler: inside, what net/http.TimeoutHandler answers carries the headers, and so does what its handler answers, but for Vary;
// outside, what it answers by itself does not.
func TestTimeoutHandler(t *testing.T) {
	hangs := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hang(w)
		w.Header().Set("Access-Control-Allow-Origin", "*") // too late
		io.WriteString(w, "late")
	})
	varies := func(tokens ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, token := range tokens {
				w.Header().Add("Vary", token)
			}
			io.WriteString(w, "ok")
		})
	}
	cors := policy(t, usual())
	for _, test := range []struct {
		name   string
		h      http.Handler
		status int
		lines  []string
	}{
		{"inside, fires", behind(http.TimeoutHandler(hangs, time.Millisecond, "too slow"), cors), 503, granted},
		{"inside, in time", behind(http.TimeoutHandler(varies(), time.Minute, ""), cors), 200, granted},
		{"inside, its handler adds to Vary", behind(http.TimeoutHandler(varies("Accept"), time.Minute, ""), cors), 200, append(slices.Clone(granted[:3]), "Vary: Accept")},
		{"inside, its handler adds Origin too", behind(http.TimeoutHandler(varies("Accept", "Origin"), time.Minute, ""), cors), 200, append(slices.Clone(granted[:3]), "Vary: Accept", "Vary: Origin")},
		{"outside, fires", http.TimeoutHandler(behind(hangs, cors), time.Millisecond, "too slow"), 503, untouched},
		{"outside, in time", http.TimeoutHandler(behind(varies("Accept"), cors), time.Minute, ""), 200, append(slices.Clone(granted), "Vary: Accept")},
	} {
		t.Run(test.name, func(t *testing.T) { check(t, serve(t, test.h), get(app, "/"), test.status, test.lines) })
	}
}

// hang waits until a TimeoutHandler has given up.
func hang(w http.ResponseWriter) {
	// That the context is done comes earlier: who returns then may still be in time.
	for {
		if _, err := w.Write(nil); errors.Is(err, http.ErrHandlerTimeout) {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// TestStream: the first event is there before the handler ends.
func TestStream(t *testing.T) {
	release := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		io.WriteString(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-release
		io.WriteString(w, "data: 2\n\n")
	})
	server := start(t, behind(h, policy(t, usual())), func(*httptest.Server) {})
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", app)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got := &answer{status: response.StatusCode, header: response.Header}
	if err := got.compare(200, granted); err != nil {
		t.Error(err)
	}
	events := bufio.NewReader(response.Body)
	if line, err := events.ReadString('\n'); line != "data: 1\n" {
		t.Errorf("the first event: got %q, %v", line, err)
	}
	close(release)
	rest, err := io.ReadAll(events)
	if string(rest) != "\ndata: 2\n\n" || err != nil {
		t.Errorf("the second event: got %q, %v", rest, err)
	}
}

// TestWebSocket: a handshake from any origin reaches its handler, which can take the connection over.
func TestWebSocket(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		defer c.Close()
		rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
		rw.Flush()
	})
	addr := serve(t, behind(h, policy(t, usual())))
	for _, origin := range []string{app, evil} {
		c, err := dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got, err := c.exchange(open("GET", "/", "Origin: "+origin, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"))
		if err != nil {
			t.Fatal(err)
		}
		if err := got.compare(101, untouched); err != nil {
			t.Error(err)
		}
		if text, err := io.ReadAll(c.r); string(text) != "hello" {
			t.Errorf("behind the handshake: got %q, %v", text, err)
		}
	}
}

// TestWriterIsNotWrapped: the middleware takes no optional interface of the ResponseWriter away.
func TestWriterIsNotWrapped(t *testing.T) {
	interfaces := func(t *testing.T, http2 bool, deciders ...core.Decider) (found string) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, flusher := w.(http.Flusher)
			_, hijacker := w.(http.Hijacker)
			_, pusher := w.(http.Pusher)
			_, readerFrom := w.(io.ReaderFrom)
			_, stringWriter := w.(io.StringWriter)
			_, unwraps := w.(interface{ Unwrap() http.ResponseWriter })
			fmt.Fprintf(w, "%T: Flusher %v, Hijacker %v, Pusher %v, ReaderFrom %v, StringWriter %v, Unwrap %v", w, flusher, hijacker, pusher, readerFrom, stringWriter, unwraps)
		})
		server := start(t, behind(h, deciders...), func(s *httptest.Server) { s.EnableHTTP2 = http2 })
		response, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for name, http2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			want := interfaces(t, http2)
			if got := interfaces(t, http2, policy(t, usual())); got != want || !strings.Contains(got, "Flusher true") {
				t.Errorf("got\n%s\nwithout the middleware\n%s", got, want)
			}
		})
	}
}

func TestCompression(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			io.WriteString(w, "ok")
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, "ok")
		zip.Close()
	})
	addr := serve(t, behind(h, policy(t, usual())))
	want := append(slices.Clone(granted), "Vary: Accept-Encoding")
	check(t, addr, get(app, "/"), 200, want)
	if got := check(t, addr, get(app, "/", "Accept-Encoding: gzip"), 200, want); got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("got %v, want gzip", got.header)
	}
	checkPreflight(t, addr, "/")
}

// TestReverseProxy: an upstream that answers CORS by itself makes two lines, unless core.Strip takes its own away.
func TestReverseProxy(t *testing.T) {
	upstream := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		addAll(w.Header(), http.Header{
			"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"GET"}, "Access-Control-Expose-Headers": {"X-Up"}, "Vary": {"Accept"},
		})
		w.WriteHeader(http.StatusTeapot)
	}), func(*httptest.Server) {})
	proxy := func(strip bool, to string) string {
		target, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		p := &httputil.ReverseProxy{
			Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(target) },
			ErrorLog: log.New(io.Discard, "", 0),
		}
		if strip {
			p.ModifyResponse = func(r *http.Response) error { core.Strip(r.Header); return nil }
		}
		return serve(t, behind(p, policy(t, usual())))
	}
	t.Run("as it is", func(t *testing.T) {
		check(t, proxy(false, upstream.URL), get(app, "/"), 418, []string{
			"Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: GET",
			"Access-Control-Allow-Origin: https://app.example.com",
			"Access-Control-Allow-Origin: *",
			"Access-Control-Expose-Headers: X-Total",
			"Access-Control-Expose-Headers: X-Up",
			"Vary: Origin",
			"Vary: Accept",
		})
	})
	t.Run("stripped", func(t *testing.T) {
		addr := proxy(true, upstream.URL)
		check(t, addr, get(app, "/"), 418, append(slices.Clone(granted), "Vary: Accept"))
		check(t, addr, get(evil, "/"), 418, append(slices.Clone(ungranted), "Vary: Accept"))
		checkPreflight(t, addr, "/")
	})
	t.Run("down", func(t *testing.T) {
		// Not a port that nobody listens on: the next server to start may be given it.
		aborts := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), func(*httptest.Server) {})
		check(t, proxy(true, aborts.URL), get(app, "/"), 502, granted)
	})
}

func TestHTTP2(t *testing.T) {
	handler, calls := counted()
	server := start(t, behind(handler, policy(t, usual())), func(s *httptest.Server) { s.EnableHTTP2 = true })
	for _, test := range []struct {
		name, method string
		header       http.Header
		status       int
		lines        []string
		handled      int64
	}{
		{"actual", "GET", http.Header{"Origin": {app}}, 200, granted, 1},
		{"actual refused", "GET", http.Header{"Origin": {evil}}, 200, ungranted, 1},
		{"two origins", "GET", http.Header{"Origin": {app, evil}}, 200, ungranted, 1},
		{"preflight", "OPTIONS", http.Header{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}}, 204, answered, 0},
		{"two lines of headers", "OPTIONS", http.Header{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type", "x-token"}}, 204, answered, 0},
		{"second line not allowed", "OPTIONS", http.Header{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type", "x-evil"}}, 403, refused, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls.Store(0)
			r, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+"/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = test.header
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			got := &answer{status: response.StatusCode, header: response.Header}
			if err := got.compare(test.status, test.lines); err != nil {
				t.Error(err)
			}
			if response.ProtoMajor != 2 || calls.Load() != test.handled {
				t.Errorf("got %s and %d calls of the handler, want HTTP/2 and %d", response.Proto, calls.Load(), test.handled)
			}
		})
	}
}

// TestSeveralPolicies: the innermost that has something to say wins.
func TestSeveralPolicies(t *testing.T) {
	handler, _ := counted()
	outer := policy(t, usual())
	t.Run("twice the same", func(t *testing.T) {
		addr := serve(t, behind(handler, outer, outer))
		check(t, addr, get(app, "/"), 200, granted)
		check(t, addr, get(evil, "/"), 200, ungranted)
		checkPreflight(t, addr, "/")
	})
	t.Run("inner is stricter", func(t *testing.T) {
		addr := serve(t, behind(handler, outer, policy(t, core.Config{AllowOrigins: []string{"https://admin.example.com"}})))
		check(t, addr, get(app, "/"), 200, ungranted)
	})
	t.Run("inner has no policy", func(t *testing.T) {
		nowhere := policy(t, core.Config{Routes: []core.Route{{Path: "/elsewhere/", Disable: true}}})
		addr := serve(t, behind(handler, outer, nowhere, new(core.Live)))
		check(t, addr, get(app, "/"), 200, granted)
		check(t, addr, get(app, "/elsewhere/"), 200, granted)
		checkPreflight(t, addr, "/")
	})
}

// TestRoutes: one policy, registered once, decides for each path by itself.
func TestRoutes(t *testing.T) {
	handler, _ := counted()
	addr := serve(t, behind(handler, policy(t, core.Config{Routes: []core.Route{
		{Path: "/a/", Config: usual()},
		{Path: "/b/{id}", Config: core.Config{AllowOrigins: []string{evil}, MaxAge: time.Minute, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"content-type"}}},
		{Path: "/a/health", Disable: true},
	}})))
	checkPreflight(t, addr, "/a/x", "/a/x/y")
	check(t, addr, get(app, "/a/x"), 200, granted)
	check(t, addr, preflight(evil, "/b/1"), 204, []string{
		"Access-Control-Allow-Headers: content-type",
		"Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://evil.example",
		"Access-Control-Max-Age: 60",
		"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	})
	check(t, addr, get(app, "/b/1"), 200, ungranted)
	for _, target := range []string{"/", "/c", "/a/health"} {
		check(t, addr, get(app, target), 200, untouched)
		check(t, addr, preflight(app, target), 200, untouched)
	}
	// A path that may mean two routes is refused, whichever the framework takes.
	check(t, addr, get(app, "/c/..%2fa%2fx"), 200, ungranted)
	check(t, addr, preflight(app, "/c/..%2fa%2fx"), 403, refused)
}

// TestAuthentication: a preflight, which carries no credentials, is answered before authentication, and its refusal of others can be read.
func TestAuthentication(t *testing.T) {
	var asked atomic.Int64
	handler, _ := counted()
	authenticated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if _, _, ok := r.BasicAuth(); !ok {
			http.Error(w, "who are you?", 401)
			return
		}
		handler(w, r)
	})
	addr := serve(t, behind(authenticated, policy(t, usual())))
	checkPreflight(t, addr, "/secret")
	if n := asked.Load(); n != 0 {
		t.Errorf("authentication was asked %d times about preflights", n)
	}
	check(t, addr, get(app, "/secret"), 401, granted)
	check(t, addr, get(app, "/secret", "Authorization: Basic YTpi"), 200, granted)
}

// TestProtection: inside of CORS, its refusal can be read by those who may read; outside, by nobody.
func TestProtection(t *testing.T) {
	handler, calls := counted()
	protection, err := core.NewProtection(core.ProtectionConfig{})
	if err != nil {
		t.Fatal(err)
	}
	post := request("POST", "/", "Origin: "+app, "Content-Length: 0")
	cors := policy(t, usual())
	inside, outside := serve(t, behind(handler, cors, protection)), serve(t, behind(handler, protection, cors))
	check(t, inside, post, 403, granted)
	check(t, outside, post, 403, untouched)
	if n := calls.Load(); n != 0 {
		t.Errorf("the handler has run %d times for a request that is refused", n)
	}
	for _, addr := range []string{inside, outside} {
		checkPreflight(t, addr, "/")
		check(t, addr, get(app, "/"), 200, granted)
		check(t, addr, request("POST", "/", "Origin: http://api.example.net", "Content-Length: 0"), 200, ungranted)
	}
}

// TestForbidden: what the middleware answers to an actual request has no body either.
func TestForbidden(t *testing.T) {
	handler, calls := counted()
	cfg := usual()
	cfg.ForbidDisallowed = true
	addr := serve(t, behind(handler, policy(t, cfg)))
	checkEmpty(t, "/", check(t, addr, get(evil, "/"), 403, ungranted))
	if n := calls.Load(); n != 0 {
		t.Errorf("the handler has run %d times", n)
	}
	check(t, addr, request("POST", "/", "Origin: https://api.example.net", "Content-Length: 0"), 200, ungranted) // the server's own
	check(t, addr, get(app, "/"), 200, granted)
}

// TestContinuePreflight: a preflight that is to be continued reaches the handler with its headers set, if it is allowed.
func TestContinuePreflight(t *testing.T) {
	handler, calls := counted()
	cfg := usual()
	cfg.ContinuePreflight = true
	addr := serve(t, behind(handler, policy(t, cfg)))
	check(t, addr, preflight(app, "/"), 200, answered)
	check(t, addr, preflight(evil, "/"), 403, refused)
	if n := calls.Load(); n != 1 {
		t.Errorf("the handler has run %d times, want once", n)
	}
}

func TestConfigIsCopied(t *testing.T) {
	handler, _ := counted()
	cfg := usual()
	addr := serve(t, behindNew(handler, cfg))
	for _, list := range [][]string{cfg.AllowOrigins, cfg.AllowMethods, cfg.AllowHeaders, cfg.ExposeHeaders} {
		for i := range list {
			list[i] = "https://evil.example"
		}
	}
	check(t, addr, get(app, "/"), 200, granted)
	check(t, addr, get(evil, "/"), 200, ungranted)
	checkPreflight(t, addr, "/")
}

// TestReload: while a policy is replaced, each answer is that of the old or of the new one, never of both.
func TestReload(t *testing.T) {
	configs := []core.Config{
		{AllowOrigins: []string{app}, ExposeHeaders: []string{"X-One"}, AllowCredentials: true},
		{AllowOrigins: []string{"https://*.example.com"}, ExposeHeaders: []string{"X-Two"}},
	}
	want := [][]string{
		{"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-One", "Vary: Origin"},
		{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Two", "Vary: Origin"},
	}
	live := core.NewLive(policy(t, configs[0]))
	handler, _ := counted()
	addr := serve(t, behind(handler, live))
	ctx, stop := context.WithCancel(t.Context())
	var reloading, asking sync.WaitGroup
	reloading.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			if err := live.Reload(configs[i%2]); err != nil {
				t.Error(err)
			}
			time.Sleep(50 * time.Microsecond)
		}
	})
	var seen [2]atomic.Int64
	for range 8 {
		asking.Go(func() {
			c, err := dial(addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for n := 0; n < 100 || n < 100_000 && (seen[0].Load() == 0 || seen[1].Load() == 0); n++ {
				got, err := c.exchange(open("GET", "/", "Origin: "+app))
				if err != nil {
					t.Error(err)
					return
				}
				i := slices.IndexFunc(want, func(lines []string) bool { return got.compare(200, lines) == nil })
				if i < 0 {
					t.Errorf("got %d and %q", got.status, got.corsLines())
					return
				}
				seen[i].Add(1)
			}
		})
	}
	asking.Wait()
	stop()
	reloading.Wait()
	if seen[0].Load() == 0 || seen[1].Load() == 0 {
		t.Errorf("got %d answers of one policy and %d of the other, want some of each", seen[0].Load(), seen[1].Load())
	}
}

// TestIsolation: what handlers do to the values of their own response reaches no other, with 200 connections at once.
func TestIsolation(t *testing.T) { hammer(t, 200, 4000) }

// TestSoak is TestIsolation for long: go test -race -run TestSoak -soak 200000.
func TestSoak(t *testing.T) { hammer(t, 16, *soak) }

// hammer sends n requests of mixed origins over so many connections, to handlers that do to the header whatever they can, hang
// until they time out, or panic, and holds every answer against what it has to be.
func hammer(t *testing.T, connections, n int) {
	began := time.Now()
	addr := serve(t, recovering(hostile(), policy(t, usual())))
	turns := hostileTurns()
	var wrong, sent atomic.Int64
	var wg sync.WaitGroup
	for i := range connections {
		wg.Go(func() {
			c, err := dial(addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for j := range n / connections {
				turn := &turns[(i+j)%len(turns)]
				got, err := c.exchange(turn.request)
				if err == nil {
					err = got.compare(turn.status, turn.lines)
				}
				sent.Add(1)
				if err != nil {
					if wrong.Add(1) <= 3 {
						t.Errorf("%q: %v", turn.request, err)
					}
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d requests on %d connections in %v: %d wrong answers", sent.Load(), connections, time.Since(began).Round(time.Millisecond), wrong.Load())
	if want := int64(n / connections * connections); sent.Load() != want && !t.Failed() {
		t.Errorf("sent %d requests, want %d", sent.Load(), want)
	}
}

// hostile returns a handler that treats the header as its path says.
func hostile() http.Handler {
	mux := http.NewServeMux()
	on := func(path string, do func(w http.ResponseWriter)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			do(w)
			io.WriteString(w, "ok")
		})
	}
	on("/plain", func(http.ResponseWriter) {})
	on("/append", func(w http.ResponseWriter) {
		for _, values := range w.Header() {
			_ = append(values, "appended")
		}
	})
	on("/rewrite", func(w http.ResponseWriter) {
		for _, values := range w.Header() {
			for i := range values {
				values[i] = "rewritten"
			}
		}
	})
	on("/extend", func(w http.ResponseWriter) {
		for name, values := range w.Header() {
			w.Header()[name] = append(values, "appended")
		}
	})
	on("/clear", func(w http.ResponseWriter) { clear(w.Header()) })
	on("/panic", func(http.ResponseWriter) { panic("boom") })
	mux.Handle("/hang", http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hang(w)
		clear(w.Header())
		w.Header().Set("Vary", "late")
		io.WriteString(w, "late")
	}), time.Millisecond, "too slow"))
	return mux
}

type turn struct {
	request string
	status  int
	lines   []string
}

// hostileTurns returns requests to hostile behind usual, and what has to come back.
func hostileTurns() []turn {
	ofPreview := func(lines []string) []string {
		lines = slices.Clone(lines)
		for i, line := range lines {
			lines[i] = strings.Replace(line, app, preview, 1)
		}
		return lines
	}
	// all replaces the value of every line.
	all := func(lines []string, value string) (changed []string) {
		for _, line := range lines {
			changed = append(changed, nameOf(line)+": "+value)
		}
		return changed
	}
	// extended has one more line for each name.
	extended := func(lines []string) (longer []string) {
		for _, line := range lines {
			longer = append(longer, line, nameOf(line)+": appended")
		}
		return longer
	}
	var turns []turn
	for _, from := range []struct {
		origin        string
		actual, asked []string
		status        int
	}{
		{"Origin: " + app, granted, answered, 204},
		{"Origin: " + evil, ungranted, refused, 403},
		{"Origin: " + preview, ofPreview(granted), ofPreview(answered), 204},
		{"X-No: origin", ungranted, nil, 0},
	} {
		to := func(path string) string { return open("GET", path, from.origin) }
		turns = append(turns,
			turn{to("/plain"), 200, from.actual},
			turn{to("/append"), 200, from.actual},
			turn{to("/rewrite"), 200, all(from.actual, "rewritten")},
			turn{to("/extend"), 200, extended(from.actual)},
			turn{to("/hang"), 503, from.actual},
			turn{to("/clear"), 200, nil},
			turn{to("/panic"), 500, from.actual},
		)
		if from.asked != nil {
			turns = append(turns, turn{open("OPTIONS", "/plain", from.origin, "Access-Control-Request-Method: PUT"), from.status, from.asked})
		}
	}
	return turns
}

// boom is an AllowOriginFunc that panics.
func boom(context.Context, string, core.Request) (bool, error) { panic("boom") }

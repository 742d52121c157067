package adaptertest

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

// testFiles: responses to conditional and range requests carry the headers.
func (a *NetHTTP) testFiles(t *testing.T) {
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := a.site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "a.txt", modified, strings.NewReader("0123456789"))
	}))
	for _, tt := range []struct {
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
		if got := s.Covers("GET", "/", tt.status, tt.line); got.Body != tt.body {
			t.Errorf("%s: got body %q, want %q", tt.name, got.Body, tt.body)
		}
	}
	if got := s.Covers("HEAD", "/", 200); got.Header.Get("Content-Length") != "10" {
		t.Errorf("HEAD: got %v, want the length of the file", got.Header)
	}
	s.AnswersPreflight("/")
}

// testReverseProxy: if an upstream server sends CORS headers, the response contains each header
// twice, unless core.Strip removes the headers of the upstream server.
func (a *NetHTTP) testReverseProxy(t *testing.T) {
	upstream := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "GET")
		w.Header().Set("Access-Control-Expose-Headers", "X-Up")
		w.Header().Set("Vary", "Accept")
		w.WriteHeader(http.StatusTeapot)
	}), func(*httptest.Server) {})
	proxy := func(strip bool, to string) *Site {
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
		return a.site(t, p)
	}
	proxy(false, upstream.URL).get(siteApp, "/", 418, []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: GET",
		"Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Allow-Origin: *",
		"Access-Control-Expose-Headers: X-Total",
		"Access-Control-Expose-Headers: X-Up",
		"Vary: Origin",
		"Vary: Accept",
	})
	stripped := proxy(true, upstream.URL)
	stripped.get(siteApp, "/", 418, append(slices.Clone(siteGranted), "Vary: Accept"))
	stripped.get(siteEvil, "/", 418, append(slices.Clone(siteUngranted), "Vary: Accept"))
	stripped.AnswersPreflight("/")

	// This upstream aborts the response. Do not use an unused port instead, because the next server
	// that starts might get it.
	aborts := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}), func(*httptest.Server) {})
	proxy(true, aborts.URL).Covers("GET", "/", 502)
}

// testStream: the first event arrives before the handler returns.
func (a *NetHTTP) testStream(t *testing.T) {
	release := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		io.WriteString(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-release
		io.WriteString(w, "data: 2\n\n")
	})
	server := listen(t, a.Middleware(h, newPolicy(t, Config())), func(*httptest.Server) {})
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", siteApp)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := compareSite(response.StatusCode, sortedCORSLines(response.Header), 200, siteGranted); err != nil {
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

// sortedCORSLines returns the CORS header lines in the order in which net/http writes them.
func sortedCORSLines(h http.Header) []string {
	var lines []string
	for name, values := range h {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return (&rawhttp.Response{Lines: lines}).CORSLines()
}

// testWebSocket: a handshake from any origin reaches the handler, which can take over the
// connection.
func (a *NetHTTP) testWebSocket(t *testing.T) {
	s := a.site(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		defer c.Close()
		rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
		rw.Flush()
	}))
	for _, origin := range []string{siteApp, siteEvil} {
		c, err := rawhttp.Dial(s.addr, patience)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got, err := c.Exchange(open(
			"GET", "/", "Origin: "+origin, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		))
		if err != nil {
			t.Fatal(err)
		}
		if err := compareSite(got.Status, got.CORSLines(), 101, siteUntouched); err != nil {
			t.Error(err)
		}
		if text, err := c.ReadRest(); string(text) != "hello" {
			t.Errorf("after the handshake: got %q, %v", text, err)
		}
	}
}

// testWriterIsNotWrapped: the middleware does not hide any optional interface of the
// ResponseWriter.
func (a *NetHTTP) testWriterIsNotWrapped(t *testing.T) {
	interfaces := func(t *testing.T, http2 bool, deciders ...core.Decider) (found string) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, flusher := w.(http.Flusher)
			_, hijacker := w.(http.Hijacker)
			_, pusher := w.(http.Pusher)
			_, readerFrom := w.(io.ReaderFrom)
			_, stringWriter := w.(io.StringWriter)
			_, unwraps := w.(interface{ Unwrap() http.ResponseWriter })
			fmt.Fprintf(
				w, "%T: Flusher %v, Hijacker %v, Pusher %v, ReaderFrom %v, StringWriter %v, Unwrap %v",
				w, flusher, hijacker, pusher, readerFrom, stringWriter, unwraps,
			)
		})
		server := listen(t, a.Middleware(h, deciders...), func(s *httptest.Server) { s.EnableHTTP2 = http2 })
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
			got := interfaces(t, http2, newPolicy(t, Config()))
			if got != want || !strings.Contains(got, "Flusher true") {
				t.Errorf("got\n%s\nwithout the middleware\n%s", got, want)
			}
		})
	}
}

func (a *NetHTTP) testHTTP2(t *testing.T) {
	handled := 0
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { handled++ })
	configure := func(s *httptest.Server) { s.EnableHTTP2 = true }
	server := listen(t, a.Middleware(h, newPolicy(t, Config())), configure)
	asks := func(headers ...string) http.Header {
		return http.Header{
			"Origin": {siteApp}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": headers,
		}
	}
	for _, tt := range []struct {
		name, method string
		header       http.Header
		status       int
		want         []string
		handled      int
	}{
		{"actual", "GET", http.Header{"Origin": {siteApp}}, 200, siteGranted, 1},
		{"actual refused", "GET", http.Header{"Origin": {siteEvil}}, 200, siteUngranted, 1},
		{"two origins", "GET", http.Header{"Origin": {siteApp, siteEvil}}, 200, siteUngranted, 1},
		{"preflight", "OPTIONS", asks("content-type"), 204, siteAnswered, 0},
		{"two lines of headers", "OPTIONS", asks("content-type", "x-token"), 204, siteAnswered, 0},
		{"second line not allowed", "OPTIONS", asks("content-type", "x-evil"), 403, siteRefused, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handled = 0
			r, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+"/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = tt.header
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if err := compareSite(
				response.StatusCode, sortedCORSLines(response.Header), tt.status, tt.want,
			); err != nil {
				t.Error(err)
			}
			if response.ProtoMajor != 2 || handled != tt.handled {
				t.Errorf("got %s and %d runs of the handler, want HTTP/2 and %d", response.Proto, handled, tt.handled)
			}
		})
	}
}

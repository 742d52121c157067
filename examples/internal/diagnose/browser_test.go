// Package diagnose compares what core/diagnose says about requests and responses with what a real
// browser does.
package diagnose

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
	"github.com/polycors/cors/examples/internal/browser"
)

// patience is how long the browser may take for one request.
const patience = 30 * time.Second

// exchange is a request of a page, and the responses of the server. In the responses, PAGE means
// the origin of the page, and OTHER means that of the server under another name.
type exchange struct {
	name    string
	options string // of the fetch call, in JavaScript

	preflight string // the response to the preflight: the status and the header lines
	response  string // the response to the request itself

	asks    string // what the preflight asks for: the method and the headers; "" if there is none
	blocked diagnose.Code
	lenient bool // whether Chromium allows what the standard does not
}

// granted are the lines that make the simplest responses readable.
const (
	granted     = "200\nAccess-Control-Allow-Origin: PAGE"
	withCookies = granted + "\nAccess-Control-Allow-Credentials: true"
	allowPut    = "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: PUT"
	allowA      = "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Headers: X-A"
)

var exchanges = []exchange{
	// The CORS check.
	{name: "the origin", options: `{}`, response: granted},
	{name: "a wildcard", options: `{}`, response: "200\nAccess-Control-Allow-Origin: *"},
	{name: "an error with the origin", options: `{}`, response: "500\nAccess-Control-Allow-Origin: PAGE"},
	{name: "no header", options: `{}`, response: "200", blocked: "allow-origin-missing"},
	{name: "an error without a header", options: `{}`, response: "404", blocked: "allow-origin-missing"},
	{
		name: "an empty value", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin:", blocked: "allow-origin-mismatch",
	},
	{
		name: "another origin", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: https://other.example", blocked: "allow-origin-mismatch",
	},
	{
		name: "a slash at the end", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: PAGE/", blocked: "allow-origin-mismatch",
	},
	{
		name: "upper case", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: HTTP://127.0.0.1", blocked: "allow-origin-mismatch",
	},
	{
		name: "no scheme", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: example.com", blocked: "allow-origin-mismatch",
	},
	{
		name: "a pattern", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: http://*.example", blocked: "allow-origin-mismatch",
	},
	{name: "null", options: `{}`, response: "200\nAccess-Control-Allow-Origin: null", blocked: "allow-origin-mismatch"},
	{
		name: "two values", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: PAGE, https://other.example", blocked: "allow-origin-multiple",
	},
	{
		name: "two lines", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Origin: PAGE",
		blocked:  "allow-origin-multiple",
	},
	{
		name: "two values with a space", options: `{}`,
		response: "200\nAccess-Control-Allow-Origin: PAGE https://other.example", blocked: "allow-origin-multiple",
	},
	{name: "white space around the origin", options: `{}`, response: "200\nAccess-Control-Allow-Origin:  \tPAGE \t"},

	// Credentials.
	{name: "credentials", options: `{credentials: "include"}`, response: withCookies},
	{
		name: "credentials, a wildcard", options: `{credentials: "include"}`,
		response: "200\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true",
		blocked:  "allow-credentials-wildcard",
	},
	{
		name: "credentials that are not allowed", options: `{credentials: "include"}`,
		response: granted, blocked: "allow-credentials-missing",
	},
	{
		name: "credentials, TRUE", options: `{credentials: "include"}`,
		response: granted + "\nAccess-Control-Allow-Credentials: TRUE", blocked: "allow-credentials-missing",
	},
	{
		name: "credentials twice", options: `{credentials: "include"}`,
		response: withCookies + "\nAccess-Control-Allow-Credentials: true", blocked: "allow-credentials-missing",
	},
	{
		name: "credentials, only the preflight", options: `{method: "PUT", credentials: "include"}`,
		preflight: allowPut + "\nAccess-Control-Allow-Credentials: true", response: granted,
		asks: "PUT", blocked: "allow-credentials-missing",
	},
	{
		name: "credentials, not the preflight", options: `{method: "PUT", credentials: "include"}`,
		preflight: allowPut, response: withCookies, asks: "PUT", blocked: "allow-credentials-missing",
	},
	{
		name: "credentials, a wildcard for the preflight", options: `{method: "PUT", credentials: "include"}`,
		preflight: "204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT", response: withCookies,
		asks: "PUT", blocked: "allow-credentials-wildcard",
	},

	// Methods.
	{name: "PUT", options: `{method: "PUT"}`, preflight: allowPut, response: granted, asks: "PUT"},
	{name: "put", options: `{method: "put"}`, preflight: allowPut, response: granted, asks: "PUT"},
	{name: "HEAD", options: `{method: "HEAD"}`, response: granted},
	{name: "post", options: `{method: "post"}`, response: granted},
	{
		name: "patch", options: `{method: "patch"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: PATCH", response: granted,
		asks: "patch", blocked: "method-not-allowed",
	},
	{
		name: "a method in lower case in the list", options: `{method: "PUT"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: put", response: granted,
		asks: "PUT", blocked: "method-not-allowed",
	},
	{
		name: "any method", options: `{method: "DELETE"}`,
		preflight: "204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: *",
		response:  granted, asks: "DELETE",
	},
	{
		name: "any method, with credentials", options: `{method: "DELETE", credentials: "include"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Credentials: true\n" +
			"Access-Control-Allow-Methods: *",
		response: withCookies, asks: "DELETE", blocked: "method-not-allowed",
	},
	{
		name: "no list of methods", options: `{method: "PUT"}`, preflight: granted, response: granted,
		asks: "PUT", blocked: "method-not-allowed",
	},
	{
		name: "methods in two lines", options: `{method: "PUT"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: GET\n" +
			"Access-Control-Allow-Methods: PUT",
		response: granted, asks: "PUT",
	},
	{
		name: "a list of methods without commas", options: `{method: "PUT"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: GET PUT", response: granted,
		asks: "PUT", blocked: "list-unreadable",
	},
	{
		name: "a list of methods with empty elements", options: `{method: "PUT"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: ,GET,, PUT,",
		response:  granted,
		asks:      "PUT",
	},
	{name: "CONNECT", options: `{method: "CONNECT"}`, response: granted, blocked: "not-sent"},
	{name: "an invalid method", options: `{method: "A B"}`, response: granted, blocked: "not-sent"},

	// Headers.
	{name: "a header", options: `{headers: {"X-A": "1"}}`, preflight: allowA, response: granted, asks: "GET x-a"},
	{
		name: "several headers", options: `{headers: {"X-C": "1", "x-a": "1", "X-B": "1", Accept: "text/html"}}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Headers: x-c, X-B, x-A",
		response:  granted,
		asks:      "GET x-a,x-b,x-c",
	},
	{
		name:    "a header that is not listed",
		options: `{headers: {"X-B": "1", "X-A": "1", "X-0": "2"}}`, preflight: allowA,
		response: granted, asks: "GET x-0,x-a,x-b", blocked: "header-not-allowed",
	},
	{
		name: "a method and a header that are not listed", options: `{method: "PUT", headers: {"X-A": "1"}}`,
		preflight: granted, response: granted, asks: "PUT x-a", blocked: "method-not-allowed",
	},
	{
		name: "any header", options: `{headers: {"X-A": "1"}}`,
		preflight: "204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Headers: *",
		response:  granted, asks: "GET x-a",
	},
	{
		name: "any header, with credentials", options: `{headers: {"X-A": "1"}, credentials: "include"}`,
		preflight: withCookies + "\nAccess-Control-Allow-Headers: *", response: withCookies,
		asks: "GET x-a", blocked: "header-not-allowed",
	},
	{
		name: "authorization", options: `{headers: {Authorization: "Bearer 1"}}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Headers: authorization",
		response:  granted,
		asks:      "GET authorization",
	},
	{
		name: "authorization, any header", options: `{headers: {Authorization: "Bearer 1"}}`,
		preflight: "204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Headers: *", response: granted,
		asks: "GET authorization", blocked: "header-not-allowed", lenient: true,
	},
	{
		name: "a list of headers without commas", options: `{headers: {"X-A": "1"}}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Headers: X-A X-B", response: granted,
		asks: "GET x-a", blocked: "list-unreadable",
	},
	{
		name: "an unreadable list that is not needed", options: `{headers: {"X-A": "1"}}`,
		preflight: allowA + "\nAccess-Control-Allow-Methods: A B", response: granted,
		asks: "GET x-a", blocked: "list-unreadable",
	},
	{name: "an empty header", options: `{headers: {"X-A": ""}}`, preflight: allowA, response: granted, asks: "GET x-a"},
	{name: "a forbidden header", options: `{headers: {"Cookie": "a=b", "Sec-A": "1", "Host": "a"}}`, response: granted},
	{
		name: "an overridden method", options: `{headers: {"X-HTTP-Method-Override": "PUT"}}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Headers: *", response: granted,
		asks: "GET x-http-method-override",
	},
	{
		name: "an overridden method that is forbidden", options: `{headers: {"X-HTTP-Method-Override": "trace"}}`,
		response: granted,
	},
	{name: "an invalid name", options: `{headers: {"X A": "1"}}`, response: granted, blocked: "not-sent"},
	{name: "an invalid value", options: `{headers: {"X-A": "1\n2"}}`, response: granted, blocked: "not-sent"},
	{name: "a value that is not Latin-1", options: `{headers: {"X-A": "€"}}`, response: granted, blocked: "not-sent"},

	// Headers that need no permission.
	{name: "accept", options: `{headers: {Accept: "application/json, text/plain, */*"}}`, response: granted},
	{
		name: "accept with unsafe bytes", options: `{headers: {Accept: "a<b"}}`, preflight: granted, response: granted,
		asks: "GET accept", blocked: "header-not-allowed",
	},
	{
		name: "accept with 128 bytes", options: `{headers: {Accept: "` + strings.Repeat("a", 128) + `"}}`,
		response: granted,
	},
	{
		name:    "accept with 129 bytes",
		options: `{headers: {Accept: "` + strings.Repeat("a", 129) + `"}}`, preflight: granted,
		response: granted, asks: "GET accept", blocked: "header-not-allowed",
	},
	{name: "accept-language", options: `{headers: {"Accept-Language": "de-CH, de;q=0.9, *;q=0.5"}}`, response: granted},
	{
		name:    "accept-language with unsafe bytes",
		options: `{headers: {"Accept-Language": "de_CH"}}`, preflight: granted,
		response: granted, asks: "GET accept-language", blocked: "header-not-allowed",
	},
	{name: "content-language", options: `{headers: {"Content-Language": "de"}}`, response: granted},
	{
		name:     "text/plain",
		options:  `{method: "POST", headers: {"Content-Type": "Text/Plain; charset=utf-8"}, body: "a"}`,
		response: granted,
	},
	{
		name:     "a form",
		options:  `{method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: "a=b"}`,
		response: granted,
	},
	{
		name: "JSON", options: `{method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"}`,
		preflight: "204\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Headers: content-type",
		response:  granted,
		asks:      "POST content-type",
	},
	{name: "JSON without a type", options: `{method: "POST", body: JSON.stringify({a: 1})}`, response: granted},
	{
		name:      "a type with unsafe bytes",
		options:   `{method: "POST", headers: {"Content-Type": "text/plain; a=\"b\""}, body: "a"}`,
		preflight: granted, response: granted, asks: "POST content-type", blocked: "header-not-allowed",
	},
	{
		name: "a malformed type", options: `{method: "POST", headers: {"Content-Type": "text"}, body: "a"}`,
		preflight: granted, response: granted, asks: "POST content-type", blocked: "header-not-allowed",
	},
	{name: "range", options: `{headers: {Range: "bytes=0-499"}}`, response: granted},
	{name: "range without an end", options: `{headers: {Range: "bytes=500-"}}`, response: granted},
	{
		name:    "range without a start",
		options: `{headers: {Range: "bytes=-500"}}`, preflight: granted, response: granted,
		asks: "GET range", blocked: "header-not-allowed",
	},
	{
		name: "range backwards", options: `{headers: {Range: "bytes=5-3"}}`, preflight: granted, response: granted,
		asks: "GET range", blocked: "header-not-allowed",
	},
	{
		name:     "more than 1024 bytes in all",
		options:  `{headers: [` + strings.Repeat(`["Accept", "`+strings.Repeat("a", 128)+`"], `, 9) + `]}`,
		response: granted, preflight: granted, asks: "GET accept", blocked: "header-not-allowed",
	},
	{
		name:     "accept twice",
		options:  `{headers: [` + strings.Repeat(`["Accept", "`+strings.Repeat("a", 100)+`"], `, 2) + `]}`,
		response: granted, preflight: granted, asks: "GET accept", blocked: "header-not-allowed",
	},
	{
		name:     "content-type twice",
		options:  `{method: "POST", headers: [["content-type", "text/plain"], ["content-type", "text/plain"]], body: "a"}`,
		response: granted, preflight: granted, asks: "POST content-type", blocked: "header-not-allowed",
	},

	// The status of the preflight.
	{
		name: "preflight 401", options: `{method: "PUT"}`, preflight: "401\nWWW-Authenticate: Basic", response: granted,
		asks: "PUT", blocked: "preflight-unauthorized",
	},
	{
		name: "preflight 403", options: `{method: "PUT"}`,
		preflight: "403", asks: "PUT", blocked: "preflight-unauthorized",
	},
	{
		name:    "preflight 403 of a policy",
		options: `{method: "PUT"}`, preflight: "403\nVary: Accept, Origin", asks: "PUT",
		blocked: "allow-origin-missing",
	},
	{name: "preflight 404", options: `{method: "PUT"}`, preflight: "404", asks: "PUT", blocked: "preflight-not-routed"},
	{
		name: "preflight 405", options: `{method: "PUT"}`,
		preflight: "405\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: PUT", asks: "PUT",
		blocked: "preflight-not-routed",
	},
	{
		name: "preflight 500", options: `{method: "PUT"}`,
		preflight: "500", asks: "PUT", blocked: "preflight-server-error",
	},
	{
		name:    "preflight 503 with the origin",
		options: `{method: "PUT"}`, preflight: "503\nAccess-Control-Allow-Origin: *",
		asks: "PUT", blocked: "preflight-server-error",
	},
	{name: "preflight 429", options: `{method: "PUT"}`, preflight: "429", asks: "PUT", blocked: "preflight-status"},
	{
		name: "preflight 299", options: `{method: "PUT"}`,
		preflight: "299\nAccess-Control-Allow-Origin: PAGE\nAccess-Control-Allow-Methods: PUT",
		response:  granted, asks: "PUT",
	},
	{
		name:    "preflight without an origin",
		options: `{method: "PUT"}`, preflight: "204\nAccess-Control-Allow-Methods: PUT",
		asks: "PUT", blocked: "allow-origin-missing",
	},
	{
		name: "a redirected preflight", options: `{method: "PUT"}`,
		preflight: "301\nLocation: /elsewhere\nAccess-Control-Allow-Origin: PAGE", asks: "PUT",
		blocked: "preflight-redirected",
	},
	{
		name: "a redirected preflight without the origin", options: `{method: "PUT"}`,
		preflight: "307\nLocation: /elsewhere", asks: "PUT", blocked: "preflight-redirected",
	},
	{
		name: "a 304 to a preflight", options: `{method: "PUT"}`, preflight: "304\nAccess-Control-Allow-Origin: PAGE",
		asks: "PUT", blocked: "preflight-status",
	},

	// Redirects of the request.
	{name: "a redirect", options: `{}`, response: "302\nLocation: /readable\nAccess-Control-Allow-Origin: PAGE"},
	{
		name: "a redirect without the origin", options: `{}`, response: "302\nLocation: /readable",
		blocked: "allow-origin-missing",
	},
	{
		name: "a redirect to a third origin", options: `{}`,
		response: "302\nLocation: OTHER/readable\nAccess-Control-Allow-Origin: PAGE", blocked: "redirect-lost-origin",
	},
}

// server responds to requests for /N as the N-th exchange says, and records the preflights.
type server struct {
	page, other string

	mu    sync.Mutex
	asked map[string]string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/readable" {
		// It does not allow "null", which the browser sends after a redirect from a third origin.
		w.Header().Set("Access-Control-Allow-Origin", s.page)
		return
	}
	var i int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &i); err != nil || i >= len(exchanges) {
		http.NotFound(w, r)
		return
	}
	text := exchanges[i].response
	if method := r.Header.Get("Access-Control-Request-Method"); r.Method == "OPTIONS" && method != "" {
		s.mu.Lock()
		s.asked[r.URL.Path] = strings.TrimSpace(method + " " + r.Header.Get("Access-Control-Request-Headers"))
		s.mu.Unlock()
		text = exchanges[i].preflight
	}
	response := s.parse(text)
	if response == nil {
		http.Error(w, "this request is not expected", http.StatusInternalServerError)
		return
	}
	for name, lines := range response.Header {
		w.Header()[name] = lines
	}
	w.WriteHeader(response.Status)
}

// parse returns the response that a text describes, or nil for "".
func (s *server) parse(text string) *diagnose.Response {
	if text == "" {
		return nil
	}
	text = strings.NewReplacer("PAGE", s.page, "OTHER", s.other).Replace(text)
	lines := strings.Split(text, "\n")
	r := &diagnose.Response{Header: core.HeaderMap{}}
	fmt.Sscan(lines[0], &r.Status)
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		r.Header[name] = append(r.Header[name], strings.Trim(value, " \t"))
	}
	return r
}

// console collects the errors about CORS in a browser's console.
type console struct {
	mu   sync.Mutex
	text []string
}

func (c *console) listen(ev any) {
	if ev, ok := ev.(*log.EventEntryAdded); ok && strings.Contains(ev.Entry.Text, "blocked by CORS policy") {
		c.mu.Lock()
		c.text = append(c.text, ev.Entry.Text)
		c.mu.Unlock()
	}
}

// about waits for the error about a URL.
func (c *console) about(url string) string {
	for start := time.Now(); time.Since(start) < patience; time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		for _, text := range c.text {
			if strings.Contains(text, "'"+url+"'") {
				c.mu.Unlock()
				return text
			}
		}
		c.mu.Unlock()
	}
	return "nothing"
}

// TestBrowser checks that Chromium sends the preflights that Preflight returns, blocks the requests
// that Judge says it blocks, and prints the errors that Judge says it prints. Read reads the fetch
// calls that Chromium runs.
func TestBrowser(t *testing.T) {
	chromium := browser.New(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><link rel=icon href=data:,>")
	}))
	defer page.Close()
	s := &server{page: page.URL, asked: map[string]string{}}
	target := httptest.NewServer(s)
	defer target.Close()
	s.other = strings.Replace(target.URL, "127.0.0.1", "localhost", 1)

	ctx, cancel := context.WithCancel(chromium)
	defer cancel()
	var errors console
	if err := chromedp.Listen(ctx, errors.listen); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	if len(exchanges) < 40 {
		t.Errorf("only %d exchanges", len(exchanges))
	}
	for i, tt := range exchanges {
		t.Run(tt.name, func(t *testing.T) {
			path := fmt.Sprintf("/%d", i)
			url := target.URL + path
			call := fmt.Sprintf("fetch(%s, %s)", quote(url), tt.options)
			got, err := chromedp.Run(ctx, chromedp.Evaluate[string](
				call+`.then(() => "read", () => "blocked")`, chromedp.EvalAwaitPromise))
			if err != nil {
				// fetch throws an error if the request is invalid.
				got = "blocked"
			}
			want := "read"
			if tt.blocked != "" && !tt.lenient {
				want = "blocked"
			}
			if got != want {
				t.Errorf("the browser: got %q (%v), want %q", got, err, want)
			}

			in, err := diagnose.Read(call)
			if err != nil {
				t.Fatal(err)
			}
			f := in.Fetch
			f.Origin = page.URL
			s.mu.Lock()
			asked := s.asked[path]
			s.mu.Unlock()
			if asked != tt.asks {
				t.Errorf("the browser asks for %q, want %q", asked, tt.asks)
			}
			if asks := asksFor(f); asks != tt.asks {
				t.Errorf("Preflight asks for %q, want %q", asks, tt.asks)
			}
			verdict := f.Judge(s.parse(tt.preflight), s.parse(tt.response))
			if verdict.Blocked != tt.blocked {
				t.Errorf("Judge: got %q, want %q", verdict.Blocked, tt.blocked)
			}
			if verdict.Console != "" {
				// Chromium may append advice.
				if text := errors.about(url); !strings.HasPrefix(text, verdict.Console) {
					t.Errorf("console:\n got %s\nwant %s", text, verdict.Console)
				}
			}
		})
	}
}

// asksFor returns what the preflight of a request asks for.
func asksFor(f diagnose.Fetch) string {
	r, ok := f.Preflight()
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.Header.Field("Access-Control-Request-Method") + " " +
		r.Header.Field("Access-Control-Request-Headers"))
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

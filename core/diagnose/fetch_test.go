package diagnose

import (
	"reflect"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestPreflight checks when a preflight is needed. examples/internal/diagnose checks the same
// against a browser.
func TestPreflight(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fetch  Fetch
		method string // "" if there is no preflight
		names  string
	}{
		{"GET", Fetch{}, "", ""},
		{"get", Fetch{Method: "get"}, "", ""},
		{"post", Fetch{Method: "post"}, "", ""},
		{"HEAD", Fetch{Method: "HEAD"}, "", ""},
		{"put", Fetch{Method: "put"}, "PUT", ""},
		{"options", Fetch{Method: "options"}, "OPTIONS", ""},
		{"patch", Fetch{Method: "patch"}, "patch", ""},
		{"a method of its own", Fetch{Method: "Chicken"}, "Chicken", ""},
		{"TRACE", Fetch{Method: "TRACE"}, "", ""},
		{"credentials alone", Fetch{Credentials: true}, "", ""},
		{"a header", Fetch{Header: header("X-B", "", "x-a", "1", "X-b", "2")}, "GET", "x-a,x-b"},
		{"User-Agent", Fetch{Header: header("User-Agent", "a")}, "GET", "user-agent"}, // Chromium ignores it
		{"safelisted", Fetch{Header: header("Accept", "a/b", "Accept-Language", "de", "Content-Language", "de",
			"Content-Type", "text/plain", "Range", "bytes=0-")}, "", ""},
		{"forbidden", Fetch{Header: header("Cookie", "a", "Sec-A", "b", "Proxy-A", "c")}, "", ""},
		{"forbidden by its value", Fetch{Header: header("X-Method-Override", "get, TRACK")}, "", ""},
		{"white space around a value", Fetch{Header: header("Content-Type", " text/plain\t")}, "", ""},
		{"JSON", Fetch{Method: "POST", Header: header("Content-Type", "application/json")}, "POST", "content-type"},
		{"a parameter", Fetch{Header: header("Content-Type", "Text/Plain ;charset=utf-8")}, "", ""},
		{"no type", Fetch{Header: header("Content-Type", "")}, "GET", "content-type"},
		{"no subtype", Fetch{Header: header("Content-Type", "text/")}, "GET", "content-type"},
		{"quotes in a type", Fetch{Header: header("Content-Type", `text/plain;a="b"`)}, "GET", "content-type"},
		{"128 bytes", Fetch{Header: header("Accept", strings.Repeat("a", 128))}, "", ""},
		{"129 bytes", Fetch{Header: header("Accept", strings.Repeat("a", 129))}, "GET", "accept"},
		{"129 bytes in two values", Fetch{Header: header(
			"Accept", strings.Repeat("a", 63), "accept", strings.Repeat("a", 64))}, "GET", "accept"},
		{"an underscore in a language", Fetch{Header: header("Accept-Language", "de_CH")}, "GET", "accept-language"},
		{"a range", Fetch{Header: header("Range", "bytes=5-10")}, "", ""},
		{"a range with zeros", Fetch{Header: header("Range", "bytes=09-10")}, "", ""},
		{"a range backwards", Fetch{Header: header("Range", "bytes=10-9")}, "GET", "range"},
		{"a range without a start", Fetch{Header: header("Range", "bytes=-10")}, "GET", "range"},
		{"two ranges", Fetch{Header: header("Range", "bytes=0-1,3-4")}, "GET", "range"},
		{"the same origin", Fetch{Origin: "https://api.example.com", Method: "PUT"}, "", ""},
		{"an unknown origin", Fetch{Origin: "", Method: "PUT"}, "PUT", ""},
		{"mixed content", Fetch{URL: "http://api.example.com", Method: "PUT"}, "", ""},
		{"loopback", Fetch{URL: "http://localhost:8080", Method: "PUT"}, "PUT", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.fetch
			if f.Origin == "" && tt.name != "an unknown origin" {
				f.Origin = app
			}
			if f.URL == "" {
				f.URL = api
			}
			r, ok := f.Preflight()
			if want := tt.method != ""; ok != want {
				t.Fatalf("got %v, want %v", ok, want)
			}
			if !ok {
				if !reflect.DeepEqual(r, core.Request{}) {
					t.Errorf("got %+v", r)
				}
				return
			}
			h := core.HeaderMap{"Access-Control-Request-Method": {tt.method}}
			if f.Origin != "" {
				h["Origin"] = []string{f.Origin}
			}
			if tt.names != "" {
				h["Access-Control-Request-Headers"] = []string{tt.names}
			}
			if r.Method != "OPTIONS" || !reflect.DeepEqual(r.Header, h) {
				t.Errorf("got %s %v, want OPTIONS %v", r.Method, r.Header, h)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fetch Fetch
		want  core.Request
	}{
		{
			"a cross-origin request",
			Fetch{Origin: app, URL: api + "?a=b#c", Method: "put", Header: header("x-a", " 1 ", "X-A", "2", "Cookie", "no")},
			core.Request{
				Method: "PUT", Host: "api.example.com", Path: "/items",
				Header: core.HeaderMap{"Origin": {app}, "X-A": {"1", "2"}},
			},
		},
		{
			"credentials", Fetch{Origin: "null", URL: api, Credentials: true},
			core.Request{
				Method: "GET", Host: "api.example.com", Path: "/items",
				Header: core.HeaderMap{"Origin": {"null"}, "Cookie": {"..."}},
			},
		},
		{
			"GET from the same origin", Fetch{Origin: "https://api.example.com", URL: "https://API.example.com:443"},
			core.Request{Method: "GET", Host: "api.example.com", Path: "/", Header: core.HeaderMap{}},
		},
		{
			"POST from the same origin", Fetch{Origin: "https://api.example.com", URL: api, Method: "POST"},
			core.Request{
				Method: "POST", Host: "api.example.com", Path: "/items",
				Header: core.HeaderMap{"Origin": {"https://api.example.com"}},
			},
		},
		{
			"from http to https on the same host", Fetch{Origin: "http://api.example.com", URL: api},
			core.Request{
				Method: "GET", Host: "api.example.com", Path: "/items",
				Header: core.HeaderMap{"Origin": {"http://api.example.com"}, "Sec-Fetch-Site": {"cross-site"}},
			},
		},
		{
			"only a path", Fetch{Origin: app, URL: "/a%2Fb/../c d"},
			core.Request{Method: "GET", Path: "/c d", Header: core.HeaderMap{"Origin": {app}}},
		},
		{
			"an encoded path", Fetch{Origin: app, URL: `https://api.example.com\a%2fb\.\%2e%2E\c%2fd%`},
			core.Request{
				Method: "GET", Host: "api.example.com", Path: "/c/d%", RawPath: "/c%2fd%25",
				Header: core.HeaderMap{"Origin": {app}},
			},
		},
		{
			"an international host", Fetch{Origin: app, URL: "https://bücher.example:8443/é"},
			core.Request{
				Method: "GET", Host: "xn--bcher-kva.example:8443", Path: "/é", Header: core.HeaderMap{"Origin": {app}},
			},
		},
		{
			"a malformed URL", Fetch{Origin: app, URL: "https://[::1"},
			core.Request{Method: "GET", Path: "/", Header: core.HeaderMap{"Origin": {app}}},
		},
		{
			"no origin", Fetch{URL: api},
			core.Request{Method: "GET", Host: "api.example.com", Path: "/items", Header: core.HeaderMap{}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.fetch.Request(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

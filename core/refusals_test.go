package core_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

var update = flag.Bool("update", false, "write testdata/refusals.txt")

// TestRefusals compares the log records of common refusals with testdata/refusals.txt. That file is
// meant to be read: each record must say what is wrong and what to do, without the source code. To
// write it anew, run
//
//	go test -run TestRefusals -update
func TestRefusals(t *testing.T) {
	shop := core.Config{
		AllowOrigins: []string{"https://shop.example.com", "http://localhost:3000", "capacitor://localhost"},
		AllowHeaders: []string{"content-type", "x-request-id"},
		Routes: []core.Route{
			{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
			{Path: "/orders/", Config: core.Config{
				AllowOrigins: []string{"https://shop.example.com"}, AllowMethods: []string{"GET"}, AllowCredentials: true,
			}},
			{Path: "/admin/", Config: core.Config{
				AllowOrigins: []string{"https://admin.example.com"}, AllowCredentials: true,
			}},
		},
	}
	broken := core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) {
		return false, errors.New("dial tcp 10.0.0.5:5432: connection refused")
	}}
	everything := core.Config{AllowOrigins: []string{"*"}, AllowHeaders: []string{"*"}}
	const origin = "https://shop.example.com"
	put := func(origin, method string, headers ...string) core.Request {
		r := at(preflight(origin, method), "/items/7")
		if headers != nil {
			r.Header.(core.HeaderMap)["Access-Control-Request-Headers"] = headers
		}
		return r
	}
	from := func(origin ...string) core.Request {
		r := at(get(), "/items/7")
		r.Header.(core.HeaderMap)["Origin"] = origin
		return r
	}
	var b bytes.Buffer
	for _, tt := range []struct {
		name string
		cfg  core.Config
		r    core.Request
	}{
		{"a typo in the origin", shop, from("https://shop.exmaple.com")},
		{"http instead of https", shop, from("http://shop.example.com")},
		{"http instead of https, with credentials", shop, at(from("http://shop.example.com"), "/orders/1")},
		{"the wrong port", shop, from("http://localhost:5173")},
		{"127.0.0.1 instead of localhost", shop, from("http://127.0.0.1:3000")},
		{"www.", shop, from("https://www.shop.example.com")},
		{"null", shop, from("null")},
		{"null, with credentials", shop, at(from("null"), "/orders/1")},
		{"a local file", shop, from("file://")},
		{"an app on another platform", shop, from("https://localhost")},
		{"a dot at the end of the host", shop, from("https://shop.example.com.")},
		{"a slash at the end of the origin", shop, from("https://shop.example.com/")},
		{"two origins", shop, from("https://shop.example.com", "https://www.example.com")},
		{"control characters in the origin", shop, from("https://shop.example.com\x1b[2J\r\nlevel=ERROR")},
		{"an unrelated origin", shop, from("https://evil.example")},
		{"a misspelled path", shop, at(from("https://evil.example"), "/pubilc/logo.svg")},
		{"a method", shop, put(origin, "PURGE")},
		{"a method in lower case", shop, put(origin, "patch")},
		{"a malformed method", shop, put(origin, "PUT, POST")},
		{"one of three headers", shop, put(origin, "PUT", "content-type,x-request-id,x-tenant")},
		{"a misspelled header", shop, put(origin, "PUT", "x-request-ip")},
		{"a header that pages cannot send", shop, put(origin, "PUT", "cookie")},
		{"a malformed list of headers", shop, put(origin, "PUT", "content-type, x request id")},
		{"too many headers", everything, put(origin, "PUT", strings.TrimSuffix(numbered(200), ","))},
		{"AllowOriginFunc failed", broken, from("https://tenant.example.com")},
		{"an encoded slash", shop, at(from(origin), "/public/a/b", "/public%2fa/b")},
		{"two dots", shop, at(from(origin), "/public/../admin/users", "/public/..%2fadmin/users")},
		{"two slashes", shop, at(from(origin), "//public/logo.svg")},
		{"encoded twice", shop, at(from(origin), "/%61dmin/users", "/%2561dmin/users")},
		{"the origin under a route", shop, at(from(origin), "/admin/users")},
		{"a preflight under a stricter route", shop, at(preflight(origin, "DELETE"), "/orders/1")},
	} {
		l, record := logged()
		tt.cfg.OnDecision = core.LogRefusals(l)
		mustNew(t, tt.cfg).Decide(t.Context(), tt.r)
		fmt.Fprintf(&b, "# %s\n%s\n", tt.name, record)
	}
	for _, tt := range []struct{ name, site, origin string }{
		{"CSRF, another site", "cross-site", "https://evil.example"},
		{"CSRF, the same site", "same-site", "https://blog.example.com"},
		{"CSRF, without Sec-Fetch-Site", "", "https://evil.example"},
		{"CSRF, null", "cross-site", "null"},
		{"CSRF, http", "cross-site", "http://shop.example.com"},
	} {
		l, record := logged()
		p, err := core.NewCSRFProtection(core.CSRFConfig{
			TrustedOrigins: []string{origin}, OnDecision: core.LogRefusals(l),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := at(get("Origin", tt.origin), "/orders/1")
		r.Method = "POST"
		if tt.site != "" {
			r.Header.(core.HeaderMap)["Sec-Fetch-Site"] = []string{tt.site}
		}
		p.Decide(t.Context(), r)
		fmt.Fprintf(&b, "# %s\n%s\n", tt.name, record)
	}
	const file = "testdata/refusals.txt"
	got := strings.TrimSuffix(b.String(), "\n")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantRecords := strings.Split(string(data), "\n\n")
	gotRecords := strings.Split(got, "\n\n")
	if len(gotRecords) != len(wantRecords) {
		t.Errorf("got %d records, want %d", len(gotRecords), len(wantRecords))
	}
	for i := range min(len(gotRecords), len(wantRecords)) {
		if gotRecords[i] != wantRecords[i] {
			t.Errorf("got\n%s\nwant\n%s", gotRecords[i], wantRecords[i])
		}
	}
}

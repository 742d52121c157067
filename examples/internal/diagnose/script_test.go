package diagnose

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
	"github.com/polycors/cors/examples/internal/browser"
)

// TestScripts runs scripts in a browser, and compares the requests that a server receives with
// those that Read returns.
func TestScripts(t *testing.T) {
	chromium := browser.New(t)
	received := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			received <- r
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><link rel=icon href=data:,>")
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(chromium)
	defer cancel()
	// The page is from the server itself, so that the browser sends every header.
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/")); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{
		`await fetch("URL/a")`,
		`await fetch('URL/a', {method: 'put'})`,
		`await fetch("URL/a", {method: "patch"})`,
		"const id = 'b', path = `c/${id}`; await fetch(`URL/${path}` + '/d', {method: `DE${\"LETE\"}`})",
		`await fetch("URL/\u0061\x62\u{63}\
d")`,
		`await fetch("URL/a b/%2e%2E/c%2Fd/é?x=y#z")`,
		`await fetch(new URL("../c", "URL/a/b"))`,
		`await fetch(new Request("URL/a", {method: "PUT", headers: {"X-A": "1"}}))`,
		`await fetch("URL/a", {headers: {"X-A": 1, 'x-b': true, x_c: "a\"b", "X-D": "  padded "}})`,
		`await fetch("URL/a", {headers: [["X-A", "1"], ["x-a", "2"]]})`,
		`await fetch("URL/a", {headers: new Headers({"X-A": "1"})})`,
		`const h = new Headers(); h.append("X-A", "1"); h.append("X-B", "2"); await fetch("URL/a", {headers: h})`,
		`const base = {headers: {"X-A": "1"}, method: "POST"}; await fetch("URL/a", {...base, method: "PUT"})`,
		`const config = {api: {root: "URL"}}; await fetch(config.api.root + "/a/" + 1 + 2)`,
		`const headers = {"X-A": /* 2 */ "1", // 3
			}; await fetch("URL/a", {headers, method: "POST", body: JSON.stringify({a: [1, {b: x => x / 2}], c: /["/]/})})`,
		`const name = "X-A"; await fetch("URL/a", {headers: {[name]: "1", ["x" + "-b"]: "2"}})`,
		`await fetch("URL/a", {method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"})`,
		`await fetch("URL/a", {method: "POST", body: new Blob(["a"], {type: "image/png"})})`,
		`const r = await window.fetch("URL/a", {"method": "PUT", "mode": "cors"}).then(r => r.text(), () => {})`,
		`const xhr = new XMLHttpRequest(); xhr.open("put", "URL/a"); xhr.setRequestHeader("X-A", "1");
		await new Promise(done => { xhr.onload = done; xhr.send() })`,
	} {
		t.Run(script, func(t *testing.T) {
			script := strings.ReplaceAll(script, "URL", server.URL)
			script = strings.ReplaceAll(script, "new "+server.URL, "new URL")
			_, err := chromedp.Run(ctx, chromedp.Evaluate[string](
				"(async () => { "+script+"; return '' })()", chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatal(err)
			}
			want := <-received

			in, err := diagnose.Read(script)
			if err != nil {
				t.Fatal(err)
			}
			got := in.Fetch.Request()
			if got.Method != want.Method || got.Path != want.URL.Path || got.RawPath != want.URL.RawPath {
				t.Errorf("got %s %s (%s), want %s %s (%s)",
					got.Method, got.Path, got.RawPath, want.Method, want.URL.Path, want.URL.RawPath)
			}
			header := got.Header.(core.HeaderMap)
			for name := range want.Header {
				if strings.HasPrefix(name, "X") && header.Field(name) != want.Header.Get(name) {
					t.Errorf("%s: got %q, want %q", name, header.Field(name), want.Header.Get(name))
				}
			}
			for name := range header {
				if header.Field(name) != want.Header.Get(name) {
					t.Errorf("%s: got %q, want %q", name, header.Field(name), want.Header.Get(name))
				}
			}
		})
	}
}

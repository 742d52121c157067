package main

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/polycors/cors/examples/internal/browser"
	explainer "github.com/polycors/cors/examples/playground/question"
)

// TestStatic opens the static page in a browser and compares what its WebAssembly module explains
// with what the server would explain.
func TestStatic(t *testing.T) {
	chromium := browser.New(t)
	folder := t.TempDir()
	var printed strings.Builder
	if err := run(t.Context(), []string{"-static", folder}, &printed); err != nil {
		t.Fatal(err)
	}
	t.Log(printed.String())
	if !regexp.MustCompile(`^The page is in \S+\. Its WebAssembly module has \d+\.\d MB, and \d\.\d MB compressed\.\n$`).
		MatchString(printed.String()) {
		t.Errorf("printed %q", printed.String())
	}
	tab := newTab(t, chromium)
	tab.do(chromedp.Navigate(serveFolder(t, folder)))
	tab.waitVerdict()
	if hidden := eval[[]bool](tab,
		`["#servers", "#static"].map((s) => document.querySelector(s).hidden)`); !hidden[0] || hidden[1] {
		t.Errorf("the parts for servers and for the static page are hidden: %t, want true and false", hidden)
	}

	const all = `(async () => {
		const { presets } = await import("./presets.js");
		const { ask } = await import("./engine.js");
		const list = [...presets, { policy: "{", request: { text: "" } }, { policy: "{}", request: { text: "what" } }];
		return Promise.all(list.map(async ({ policy, request }) => ({
			question: JSON.stringify({ policy, request }), explanation: JSON.stringify(await ask(policy, false, request)),
		})));
	})()`
	type asked struct{ Question, Explanation string }
	list := eval[[]asked](tab, all)
	if len(list) < 8 {
		t.Fatalf("asked %d questions, want at least 8", len(list))
	}
	judged := 0
	for _, a := range list {
		var got, want map[string]any
		decode(t, []byte(a.Explanation), &got)
		decode(t, explainer.Explain(t.Context(), []byte(a.Question)), &want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", a.Question, got, want)
		}
		if want["verdict"] != nil {
			judged++
		}
	}
	if judged < 6 {
		t.Errorf("got %d verdicts, want at least 6", judged)
	}
	if shown := tab.shown(); len(shown) > 0 {
		t.Errorf("the console has %q", shown)
	}
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

// serveFolder serves a folder on loopback until the test ends, and returns the URL. It is not the
// root of the server, as on GitHub Pages.
func serveFolder(t *testing.T, folder string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:           http.StripPrefix("/cors", http.FileServer(http.Dir(folder))),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return "http://" + listener.Addr().String() + "/cors/"
}

// TestStaticFiles checks the files without a browser. It does not build the module.
func TestStaticFiles(t *testing.T) {
	folder := t.TempDir()
	if err := copyPage(folder); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"engine.json": `{"engine": "wasm"}`,
		"index.html": `<meta http-equiv="Content-Security-Policy" ` +
			`content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval';`,
		"engine.js": `get("polycors.wasm.gz")`,
	} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v; want it to contain %s", name, err, want)
		}
	}
	if err := run(t.Context(), []string{"-static", filepath.Join(folder, "index.html")}, nil); err == nil {
		t.Error("a file was accepted as a folder")
	}
}

// TestExplain checks the endpoint: who may use it, and how much.
func TestExplain(t *testing.T) {
	p := serve(t)
	url := p.control.origins()[0] + "/explain"
	const question = `{"policy": "{\"allow_origins\": []}", "request": {"origin": "https://a.example", "url": "/"}}`
	status, body := request(t, "POST", url, question, "Origin", p.control.origins()[0], "Sec-Fetch-Site", "same-origin")
	if status != 200 || body != string(explainer.Explain(t.Context(), []byte(question))) || !strings.Contains(body,
		`"readable":false`) {
		t.Errorf("got %d %s", status, body)
	}
	for _, tt := range []struct {
		name   string
		method string
		body   string
		header []string
		want   int
	}{
		{"the longest question", "POST", strings.Repeat(" ", explainer.MaxSize), nil, 200},
		{"a longer one", "POST", strings.Repeat(" ", explainer.MaxSize+1), nil, 413},
		{"another method", "PUT", question, nil, 405},
		{"the other origin", "POST", question, []string{"Origin", p.control.origins()[1], "Sec-Fetch-Site",
			"cross-site"}, 403},
		{"another port", "POST", question, []string{"Origin", "http://localhost:1", "Sec-Fetch-Site", "same-site"}, 403},
		{"another website", "POST", question, []string{"Origin", "https://a.example"}, 403},
		{"a sandboxed frame", "POST", question, []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, 403},
		{"another host", "POST", question, []string{"Host", "a.example"}, 421},
	} {
		if status, body := request(t, tt.method, url, tt.body, tt.header...); status != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.name, status, body, tt.want)
		}
	}
}

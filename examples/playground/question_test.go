package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/browser"
)

// openQuestion opens a URL in a browser without a draft, and waits for the verdict.
func openQuestion(t *testing.T, chromium context.Context, url string) *browserTab {
	t.Helper()
	tab := newTab(t, chromium)
	tab.do(chromedp.Navigate(url))
	tab.waitVerdict()
	return tab
}

// waitVerdict waits until the page shows a first verdict.
func (p *browserTab) waitVerdict() {
	p.t.Helper()
	p.wait(`!["waiting", undefined].includes(document.querySelector("#verdict")?.dataset.state)`)
}

// preset chooses an example.
func (p *browserTab) preset(name string) {
	p.t.Helper()
	p.judged(func() { p.do(chromedp.Click(chromedp.CSS(fmt.Sprintf("[data-preset=%q]", name)))) })
}

// failed returns the names of the steps that failed.
func (p *browserTab) failed() string {
	p.t.Helper()
	return eval[string](p, `
		[...document.querySelectorAll("#verdict [data-result=failed] b")].map((b) => b.textContent).join(" ")
	`)
}

// decides returns the text of the line that is marked as the one that decides, or "".
func (p *browserTab) decides() string {
	p.t.Helper()
	return eval[string](p, `{
		const lines = document.querySelector("#policy").value.split("\n");
		const marks = [...document.querySelector(".marks").children];
		marks.flatMap((m, i) => m.className === "decides" ? [lines[i].trim()] : []).join("|")
	}`)
}

func TestQuestion(t *testing.T) {
	chromium := browser.New(t)
	p := serve(t)
	origin := p.control.origins()[0]
	open := func(t *testing.T) *browserTab { return openQuestion(t, chromium, origin) }

	t.Run("presets", func(t *testing.T) { testPresets(t, open(t)) })
	t.Run("link", func(t *testing.T) { testLink(t, chromium, origin) })
	t.Run("draft", func(t *testing.T) { testDraft(t, open(t)) })
	t.Run("keyboard", func(t *testing.T) { testKeyboard(t, open(t)) })
	t.Run("copies", func(t *testing.T) { testCopies(t, open(t)) })
	t.Run("fields", func(t *testing.T) { testFields(t, open(t)) })
	t.Run("pasted texts", func(t *testing.T) { testPasted(t, open(t)) })
	t.Run("a blocked request of this browser", func(t *testing.T) { testOwnRequest(t, chromium, p) })
}

func testPresets(t *testing.T, tab *browserTab) {
	for _, test := range []struct{ name, verdict, failed, decides, kind, notation string }{
		{"Typo in the origin", "blocked", "origin", `"allow_origins": ["https://app.exmaple.com"],`, "console error", "JSON"},
		{"http, not https", "blocked", "origin", `"allow_origins": ["http://app.example.com"]`, "", "JSON"},
		{"PUT is not allowed", "blocked", "method", `AllowMethods: []string{"GET", "POST"},`, "request headers", "Go"},
		{
			"Custom header", "blocked", "headers",
			`CORS_ALLOW_HEADERS=authorization,content-type`, "curl command", "Environment",
		},
		{"Cookies and *", "blocked", "credentials", "", "", "JSON"},
		{"Preview deployment", "blocked", "origin", `AllowOrigins: []string{`, "", "Go"},
		{"Public path", "allowed", "", `{"path": "/public/", "allow_origins": ["*"]}`, "", "JSON"},
		{"Unsafe policy", "refused", "", "", "", "JSON"},
	} {
		tab.preset(test.name)
		if got := tab.verdict(); got != test.verdict {
			t.Errorf("%s: the verdict is %q, want %q", test.name, got, test.verdict)
		}
		if got := tab.failed(); got != test.failed {
			t.Errorf("%s: the step %q failed, want %q", test.name, got, test.failed)
		}
		if got := tab.decides(); got != test.decides {
			t.Errorf("%s: the line %q decides, want %q", test.name, got, test.decides)
		}
		if got := tab.text("#kind"); got != test.kind {
			t.Errorf("%s: the request is read as %q, want %q", test.name, got, test.kind)
		}
		if got := tab.text("#notation"); got != test.notation {
			t.Errorf("%s: the policy is read as %q, want %q", test.name, got, test.notation)
		}
		pressed := eval[string](tab, `
			[...document.querySelectorAll("[data-preset][aria-pressed=true]")].map((b) => b.dataset.preset).join("|")
		`)
		if pressed != test.name {
			t.Errorf("%s: the button %q is pressed", test.name, pressed)
		}
		if said := tab.text("#say"); !strings.HasPrefix(said, tab.text("#verdict .word")+". ") {
			t.Errorf("%s: a screen reader hears %q", test.name, said)
		}
	}
	tab.noUnexpectedErrors()
}

// testLink copies a link, opens it, and opens links that cannot be read.
func testLink(t *testing.T, chromium context.Context, origin string) {
	tab := openQuestion(t, chromium, origin)
	tab.run(`navigator.clipboard.writeText = async (text) => { window.copied = text }`)
	const policy = "{\"allow_origins\": [\"https://ä.example\"]}\n// ?>~"
	tab.judged(func() { tab.write("#policy", policy) })
	tab.judged(func() { tab.write("#origin", "https://ü.example") })
	tab.do(chromedp.Click(chromedp.CSS("#link")))
	tab.wait(`window.copied !== undefined`)
	link := eval[string](tab, `window.copied`)
	fragment, ok := strings.CutPrefix(link, origin+"/#q=")
	data, err := base64.RawURLEncoding.DecodeString(fragment)
	if !ok || err != nil || !strings.Contains(string(data), "https://ü.example") {
		t.Errorf("the link is %q: %s, %v", link, data, err)
	}
	// A link does not have the secrets of a request that was pasted.
	tab.judged(func() {
		tab.write("#pasted", "curl https://api.example/me -H 'Origin: https://ü.example' "+
			"-H 'Authorization: Bearer hunter2' -H 'X-Api-Key: hunter2' -H 'X-Trace: 7' -b 'id=hunter2'")
	})
	tab.run(`window.copied = undefined`)
	tab.click("#link")
	tab.wait(`window.copied !== undefined`)
	shared, _ := strings.CutPrefix(eval[string](tab, `window.copied`), origin+"/#q=")
	data, err = base64.RawURLEncoding.DecodeString(shared)
	const want = `"headers":"Authorization: …\nX-Api-Key: …\nX-Trace: 7","credentials":true`
	if err != nil || strings.Contains(string(data), "hunter2") || !strings.Contains(string(data), want) {
		t.Errorf("the link has %s, %v; want %s in it", data, err, want)
	}
	tab.preset("Public path")
	if got := eval[string](tab, `location.href`); got != origin+"/" {
		t.Errorf("with another question the address is still %q", got)
	}
	opened := openQuestion(t, chromium, link)
	got := eval[[]string](opened, `[document.querySelector("#policy").value, document.querySelector("#origin").value]`)
	if want := []string{policy, "https://ü.example"}; !slices.Equal(got, want) {
		t.Errorf("the link shows %q, want %q", got, want)
	}
	opened.preset("Public path") // the draft of the next pages
	opened.close()
	encode := func(s string) string { return "#q=" + base64.RawURLEncoding.EncodeToString([]byte(s)) }
	tab.do(chromedp.Navigate(origin+"/"+encode("policy")), chromedp.Reload())
	tab.waitVerdict()
	if got := tab.text("#verdict .word"); got != "Not blocked" {
		t.Errorf("for a link that cannot be read, the page shows %q", got)
	}
	const read = `import("./state.js").then(({ fromFragment }) => JSON.stringify(fromFragment(%q)))`
	for name, fragment := range map[string]string{
		"no base64":    "#q=%%%",
		"no UTF-8":     "#q=_w",
		"no JSON":      encode("policy"),
		"null":         encode("null"),
		"a list":       encode("[]"),
		"no request":   encode(`{"policy": "{}"}`),
		"wrong types":  encode(`{"policy": 1, "request": {"text": []}}`),
		"missing text": encode(`{"policy": "{}", "request": {"origin": "https://a.example"}}`),
	} {
		if got := eval[string](tab, fmt.Sprintf(read, fragment)); got != "null" {
			t.Errorf("%s: the link is read as %s", name, got)
		}
	}
	if got := eval[string](tab, fmt.Sprintf(read, encode(`{"policy": "{}", "request": {"text": "x"}}`))); got == "null" {
		t.Error("a link that can be read is not read, so this shows nothing")
	}
	tab.noUnexpectedErrors()
	// What is in a link is text and never markup. The page shows the key in the list of problems, and
	// the origin next to the request.
	const request = `"request": {"origin": "<img src=x>", "url": "/", "method": "", "headers": ""}`
	for _, question := range []string{
		`{"policy": "{\"allow_origins\": [\"https://a.example\"]}", ` + request + `}`,
		`{"policy": "{\"<img src=x>\": 1}", ` + request + `}`,
	} {
		tab.do(chromedp.Navigate(origin+"/"+encode(question)), chromedp.Reload())
		tab.wait(`document.querySelector("main").innerText.includes("<img src=x>")`)
		if !strings.Contains(tab.text("main"), "<img src=x>") {
			t.Errorf("%s: the page does not show the text, so this shows nothing:\n%s", question, tab.text("main"))
		}
		if n := eval[int](tab, `document.images.length`); n != 0 {
			t.Errorf("%s: a link has added %d images to the page", question, n)
		}
	}
}

// testDraft checks that the visitor's text survives a reload, and a look at an example.
func testDraft(t *testing.T, tab *browserTab) {
	const policy = `{"allow_origins": ["https://draft.example"]}`
	tab.judged(func() { tab.write("#policy", policy) })
	tab.judged(func() { tab.write("#origin", "https://draft.example") })
	tab.judged(func() { tab.write("#url", "/draft") })
	check := func(when string) {
		t.Helper()
		got := eval[[]string](tab, `["policy", "origin", "url"].map((id) => document.getElementById(id).value)`)
		if want := []string{policy, "https://draft.example", "/draft"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
	tab.do(chromedp.Reload())
	tab.waitVerdict()
	check("after a reload")
	tab.preset("Custom header")
	tab.do(chromedp.Reload())
	tab.waitVerdict()
	if got := tab.text("#notation"); got != "Environment" {
		t.Errorf("after a reload the example is gone: %q", got)
	}
	tab.preset("own")
	check("after a look at an example")
}

// testKeyboard fixes a policy without a mouse.
func testKeyboard(t *testing.T, tab *browserTab) {
	tab.preset("Typo in the origin")
	tab.do(chromedp.Reload()) // the focus is at the start
	tab.waitVerdict()
	var order []string
	for range 60 {
		tab.do(chromedp.KeyEvent(kb.Tab))
		focused := eval[[]string](tab, `{
			const e = document.activeElement;
			const hasRing = (e) => getComputedStyle(e).outlineStyle !== "none";
			[
				e.id || e.dataset.preset || e.dataset.copy || e.className,
				String(hasRing(e.closest(".editor") ?? e)),
				String(e.checkVisibility()),
			]
		}`)
		if focused[1] != "true" || focused[2] != "true" {
			t.Errorf("the focus on %s cannot be seen", focused[0])
		}
		order = append(order, focused[0])
		if focused[0] == "apply-fix" {
			break
		}
	}
	got := strings.Join(slices.DeleteFunc(slices.Clone(order), func(s string) bool { return s == "own" }), " | ")
	const want = "skip | link | Typo in the origin | http, not https | PUT is not allowed | Custom header | " +
		"Cookies and * | Preview deployment | Public path | Unsafe policy | go | json | env | policy | " +
		"pasted | origin | method | url | headers | credentials | line | apply-fix"
	if got != want {
		t.Fatalf("the focus goes over\n%s\nwant\n%s", got, want)
	}
	tab.judged(func() { tab.do(chromedp.KeyEvent("\r")) })
	if got := tab.verdict(); got != "allowed" {
		t.Errorf("after the fix the verdict is %q", got)
	}
	tab.wait(`document.activeElement.id === "verdict-title"`)
	tab.do(chromedp.KeyEvent(kb.Tab))
	for range 3 { // the line comes first, if one decides
		if eval[string](tab, `document.activeElement.id`) != "undo-fix" {
			tab.do(chromedp.KeyEvent(kb.Tab))
		}
	}
	tab.judged(func() { tab.do(chromedp.KeyEvent("\r")) })
	if got := tab.verdict(); got != "blocked" {
		t.Errorf("after the fix was undone the verdict is %q", got)
	}
}

// testCopies copies a policy in each notation.
func testCopies(t *testing.T, tab *browserTab) {
	tab.run(`navigator.clipboard.writeText = async (text) => { window.copied = text }`)
	tab.preset("http, not https")
	for notation, want := range map[string]string{
		"go":   `AllowOrigins: []string{"http://app.example.com"},`,
		"json": `"http://app.example.com"`,
		"env":  `CORS_ALLOW_ORIGINS=http://app.example.com`,
	} {
		tab.run(`window.copied = ""`)
		tab.do(chromedp.Click(chromedp.CSS(fmt.Sprintf("[data-copy=%s]", notation))))
		tab.wait(`window.copied !== ""`)
		got := eval[string](tab, `window.copied`)
		if !strings.Contains(got, want) {
			t.Errorf("as %s it is\n%s\nwant %s in it", notation, got, want)
		}
		// The copy means the same.
		tab.judged(func() { tab.write("#policy", got) })
		if v := tab.verdict(); v != "blocked" || tab.failed() != "origin" {
			t.Errorf("the copy as %s gives the verdict %q, %s", notation, v, tab.failed())
		}
		tab.preset("http, not https")
	}
}

// testFields fills in a request, and changes one that was pasted.
func testFields(t *testing.T, tab *browserTab) {
	tab.judged(func() {
		tab.write("#policy", `{"allow_origins": ["https://app.example.com"], "allow_credentials": true}`)
	})
	tab.judged(func() {
		tab.write("#pasted", `fetch("https://api.example.com/items", {
			method: "PUT", headers: {"X-Trace": "1"}, credentials: "include",
		})`)
	})
	got := eval[[]string](tab, `["method", "url", "headers"].map((id) => document.getElementById(id).value)`)
	if want := []string{"PUT", "https://api.example.com/items", "X-Trace: 1"}; !slices.Equal(got, want) {
		t.Errorf("the fields have %q, want %q", got, want)
	}
	if !eval[bool](tab, `document.querySelector("#credentials").checked`) {
		t.Error("the credentials of the call are not checked")
	}
	if got := eval[string](tab, `document.querySelector("#origin").getAttribute("aria-invalid")`); got != "true" {
		t.Errorf("the origin is missing, but aria-invalid is %q", got)
	}
	tab.judged(func() { tab.write("#origin", "https://app.example.com") })
	if got := tab.verdict() + " " + tab.failed(); got != "blocked headers" {
		t.Errorf("with an origin the verdict is %q, want that the header is refused", got)
	}
	if got := tab.text("#reading"); !strings.Contains(got, "this text no longer counts") {
		t.Errorf("below the text the page says %q", got)
	}
	tab.judged(func() { tab.write("#headers", "") })
	if got := tab.verdict(); got != "allowed" {
		t.Errorf("without the header the verdict is %q", got)
	}
	// The fields do not show what was read from a text that is no longer there.
	tab.judged(func() { tab.write("#pasted", "fetch('https://api.example.com/a', {method: 'PUT'})") })
	tab.judged(func() { tab.write("#pasted", "I do not know") })
	const shown = `["origin", "method", "url", "headers"].map((id) => document.getElementById(id).value).join(" ")`
	if got := eval[string](tab, shown); strings.TrimSpace(got) != "" {
		t.Errorf("after a text that cannot be read, the fields have %q", got)
	}
	// If there is no text, the fields count.
	tab.judged(func() {
		tab.write("#pasted", "GET /items HTTP/1.1\nHost: api.example.com\nOrigin: https://app.example.com")
	})
	tab.judged(func() { tab.write("#pasted", "") })
	if got := tab.verdict(); got != "allowed" {
		t.Errorf("without the text the verdict is %q", got)
	}
	tab.judged(func() { tab.write("#method", "PURGE") })
	if got := tab.verdict() + " " + tab.failed(); got != "blocked method" {
		t.Errorf("with PURGE the verdict is %q, want that the method is refused", got)
	}
}

// testPasted pastes what people have at hand. Each has the expected verdict and a fix that lets the
// request pass.
func testPasted(t *testing.T, tab *browserTab) {
	const (
		fetchAt = "Access to fetch at 'https://api.shop.example/v1/cart' from origin 'https://www.shop.example' " +
			"has been blocked by CORS policy: "
		preflight = "Response to preflight request doesn't pass access control check: "
		missing   = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	)
	for _, test := range []struct {
		name, policy, pasted string
		origin               string // of the page, where the text does not have it
		failed, decides      string
		fixed                string // a part of the policy after the fix
	}{
		{
			"Chromium, an origin that is not listed", `{"allow_origins": ["https://shop.example"]}`, fetchAt + missing, "",
			"origin", `{"allow_origins": ["https://shop.example"]}`, `"https://www.shop.example"`,
		},
		{
			"Chromium, a preflight from http", "CORS_ALLOW_ORIGINS=https://www.shop.example",
			"Access to XMLHttpRequest at 'https://api.shop.example/v1/cart' from origin 'https://www.shop.example:8443' " +
				"has been blocked by CORS policy: " + preflight + missing, "",
			"origin", "CORS_ALLOW_ORIGINS=https://www.shop.example", "https://www.shop.example:8443",
		},
		{
			"Chromium, a method", "cors.Config{\n\tAllowOrigins: []string{\"https://www.shop.example\"},\n" +
				"\tAllowMethods: []string{\"GET\"},\n}",
			fetchAt + "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight response.", "",
			"method", `AllowMethods: []string{"GET"},`, `"DELETE"`,
		},
		{
			"Chromium, a header", "{\n\"allow_origins\": [\"https://www.shop.example\"],\n" +
				"\"allow_headers\": [\"content-type\"]\n}",
			fetchAt + "Request header field x-cart-version is not allowed by " +
				"Access-Control-Allow-Headers in preflight response.", "",
			"headers", `"allow_headers": ["content-type"]`, `"x-cart-version"`,
		},
		{
			"Firefox", `{"allow_origins": ["https://shop.example"]}`,
			"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at " +
				"https://api.shop.example/v1/cart. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.",
			"https://www.shop.example", "origin", `{"allow_origins": ["https://shop.example"]}`, `"https://www.shop.example"`,
		},
		{
			"Safari", "CORS_ALLOW_ORIGINS=https://shop.example",
			"Origin https://www.shop.example is not allowed by Access-Control-Allow-Origin. Status code: 200\n" +
				"Fetch API cannot load https://api.shop.example/v1/cart due to access control checks.", "",
			"origin", "CORS_ALLOW_ORIGINS=https://shop.example", "https://www.shop.example",
		},
		{
			"curl", "{\n\"allow_origins\": [\"https://www.shop.example\"],\n\"allow_methods\": [\"GET\", \"POST\"]\n}",
			"curl -X PATCH 'https://api.shop.example/v1/cart' -H 'origin: https://www.shop.example' " +
				"-H 'content-type: application/json' --data-raw '{\"n\":2}'", "",
			"method", `"allow_methods": ["GET", "POST"]`, `"PATCH"`,
		},
		{
			"curl, a preflight", "corschi.Config{\n\tAllowOrigins: []string{\"https://www.shop.example\"},\n" +
				"\tAllowHeaders: []string{\"X-A\"},\n}",
			"curl -i -X OPTIONS https://api.shop.example/v1/cart -H 'Origin: https://www.shop.example' " +
				"-H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: x-b'", "",
			"headers", `AllowHeaders: []string{"X-A"},`, `"x-b"`,
		},
		{
			"fetch", "{\n\"allow_origins\": [\"https://www.shop.example\"],\n\"allow_headers\": []\n}",
			"await fetch('https://api.shop.example/v1/cart', {\n  method: 'POST',\n" +
				"  headers: { 'Content-Type': 'application/json' },\n  body: JSON.stringify(cart),\n});",
			"https://www.shop.example", "headers", `"allow_headers": []`, `"content-type"`,
		},
		{
			"request headers", `{"allow_origins": ["https://m.shop.example"]}`,
			"GET /v1/cart HTTP/1.1\nHost: api.shop.example\nOrigin: https://www.shop.example\nAccept: */*", "",
			"origin", `{"allow_origins": ["https://m.shop.example"]}`, `"https://www.shop.example"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			tab.t = t
			tab.judged(func() { tab.write("#policy", test.policy) })
			tab.judged(func() { tab.write("#pasted", test.pasted) })
			if test.origin != "" {
				if got := tab.verdict(); got != "waiting" {
					t.Errorf("without an origin the verdict is %q", got)
				}
				tab.judged(func() { tab.write("#origin", test.origin) })
			}
			if got, want := tab.verdict()+" "+tab.failed(), "blocked "+test.failed; got != want {
				t.Fatalf("the verdict is %q, want %q: %s", got, want, tab.text("#verdict"))
			}
			if got := tab.decides(); got != test.decides {
				t.Errorf("the line %q decides, want %q", got, test.decides)
			}
			tab.judged(func() { tab.do(chromedp.Click(chromedp.CSS("#apply-fix"))) })
			fixed := eval[string](tab, `document.querySelector("#policy").value`)
			if !strings.Contains(fixed, test.fixed) {
				t.Errorf("the fixed policy is\n%s\nwant %s in it", fixed, test.fixed)
			}
			if got := tab.verdict(); got != "allowed" {
				t.Errorf("after the fix the verdict is %q: %s", got, tab.text("#verdict"))
			}
		})
	}
	tab.t = t
}

// testOwnRequest asks about requests that this browser has sent to a server with the policy, and
// sends them again after the fix. So the page's verdict is compared with a browser's, twice.
func testOwnRequest(t *testing.T, chromium context.Context, p *playground) {
	defer p.control.policy.apply(startingPolicy(p.control.origins()[0]))
	origin := p.control.origins()[0]
	tab := openQuestion(t, chromium, origin)
	// The grid does not run here, because nothing scrolls to it.
	apply := func(change func()) {
		_, before := p.control.policy.state()
		change()
		tab.click("#apply")
		const applied = `fetch("control/state").then((r) => r.json()).then(({ generation }) => generation > %d)`
		tab.wait(fmt.Sprintf(applied, before))
	}
	tab.wait(`document.querySelectorAll(".cell").length > 0`)
	api := fmt.Sprintf("http://localhost:%d", p.control.columns[0].Port)
	other := `"https://app.example.com"`
	for _, test := range []struct{ name, policy, call, failed string }{
		{"origin", fmt.Sprintf(`{"allow_origins": [%s]}`, other), `fetch("%s/items")`, "origin"},
		{
			"method", fmt.Sprintf(`{"allow_origins": [%s, %q], "allow_methods": ["GET"]}`, other, origin),
			`fetch("%s/items/1", {method: "PUT"})`, "method",
		},
		{
			"header", fmt.Sprintf(`{"allow_origins": [%s, %q]}`, other, origin),
			`fetch("%s/items", {headers: {"X-Trace": "1"}})`, "headers",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			tab.t = t
			call := fmt.Sprintf(test.call, api)
			readable := func() bool {
				return eval[bool](tab, call+`.then((response) => response.text()).then(() => true, () => false)`)
			}
			apply(func() { tab.judged(func() { tab.write("#policy", test.policy) }) })
			if readable() {
				t.Fatal("this browser can read the response before the fix")
			}
			tab.judged(func() { tab.write("#pasted", call) })
			tab.judged(func() { tab.write("#origin", origin) })
			if got, want := tab.verdict()+" "+tab.failed(), "blocked "+test.failed; got != want {
				t.Errorf("the verdict is %q, want %q", got, want)
			}
			said := tab.text("#verdict .console")
			if !slices.Contains(tab.shown(), said) {
				t.Errorf("the page says that the console has %q", said)
			}
			apply(func() { tab.judged(func() { tab.do(chromedp.Click(chromedp.CSS("#apply-fix"))) }) })
			if !readable() {
				t.Errorf("this browser cannot read the response after the fix:\n%s", tab.text("#policy"))
			}
		})
	}
	tab.t = t
}

// TestStopped stops the playground while its page is open, and starts it again.
func TestStopped(t *testing.T) {
	chromium := browser.New(t)
	p, err := start(0, func(live *core.Live, _ string) core.Decider { return decider{live} })
	if err != nil {
		t.Fatal(err)
	}
	port := p.control.port
	tab := openQuestion(t, chromium, p.control.origins()[0])
	tab.wait(`document.querySelector("#stream").textContent === "live"`)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	tab.judged(func() { tab.write("#policy", `{"allow_origins": ["*"]}`) })
	const want = "The playground does not respond"
	const command = "go run ./examples/playground"
	if got := tab.text("#verdict"); !strings.Contains(got, want) || !strings.Contains(got, command) {
		t.Errorf("the page says %q, want %q and %q", got, want, command)
	}
	tab.wait(`!document.querySelector("#stopped").hidden`)
	if got := tab.text("#stopped"); !strings.Contains(got, command) {
		t.Errorf("above the grid the page says %q", got)
	}
	serveOn(t, port)
	tab.judged(func() { tab.do(chromedp.Click(chromedp.CSS("#reasons button"))) })
	const answer = "This policy allows it, but the browser blocked it"
	if got := tab.text("#verdict"); !strings.Contains(got, answer) {
		t.Errorf("when the playground is back, the page says %q, want %q", got, answer)
	}
	tab.wait(`document.querySelector("#stopped").hidden && document.querySelector("#stream").textContent === "live"`)
}

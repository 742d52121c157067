package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/browser"
)

// fromAllowed is the grid on the origin that the starting policy allows.
var fromAllowed = map[string][2]string{
	"get":            {"read 200", "✓read 200"},
	"post-text":      {"read 200", "✓read 200"},
	"post-json":      {"read 200", "✓read 200"},
	"put":            {"read 200", "✓read 200"},
	"patch":          {"read 200", "✓read 200"},
	"delete":         {"read 200", "✓read 200"},
	"custom-header":  {"read 200", "✓read 200"},
	"refused-header": {"read 200; refused, header-not-allowed", "✓refused"},
	"refused-method": {"read 200; refused, method-not-allowed", "✓refused"},
	"cookie":         {"read 200; read 200, ada, by cookie", "✓read 200"},
	"authorization":  {"read 200, ada, by token", "✓read 200"},
	"exposed":        {"read 200, X-Total-Count: 2", "✓read 200"},
	"hidden":         {"read 200, X-Internal hidden", "✓read 200"},
	"error":          {"read 500", "✓read 500"},
	"panic":          {"read 500", "✓read 500"},
	"not-found":      {"read 404", "✓read 404"},
	"redirect":       {"read 200", "✓read 200"},
	"away":           {"read 200; refused, origin-not-allowed", "✓refused"},
	"null":           {"read 200; refused, origin-not-allowed", "✓refused"},
	"twin":           {"read 200; refused, origin-not-allowed", "✓refused"},
	"route":          {"refused, origin-not-allowed; read 200", "✓read 200"},
	"off":            {"read 200; refused, no-policy", "✓refused"},
	"ambiguous":      {"read 200; refused, path-ambiguous", "✓refused"},
	"reload":         {"read 200; refused, origin-not-allowed; read 200", "✓read 200"},
}

// fromRefused is the grid on the other origin, which the starting policy refuses.
var fromRefused = map[string][2]string{
	"get":            {"refused, origin-not-allowed", "✓refused"},
	"post-text":      {"refused, origin-not-allowed", "✓refused"},
	"post-json":      {"refused, origin-not-allowed", "✓refused"},
	"put":            {"refused, origin-not-allowed", "✓refused"},
	"patch":          {"refused, origin-not-allowed", "✓refused"},
	"delete":         {"refused, origin-not-allowed", "✓refused"},
	"custom-header":  {"refused, origin-not-allowed", "✓refused"},
	"refused-header": {"refused, origin-not-allowed; refused, origin-not-allowed", "✓refused"},
	"refused-method": {"refused, origin-not-allowed; refused, origin-not-allowed", "✓refused"},
	"cookie":         {"refused, origin-not-allowed; refused, origin-not-allowed", "✓refused"},
	"authorization":  {"refused, origin-not-allowed", "✓refused"},
	"exposed":        {"refused, origin-not-allowed", "✓refused"},
	"hidden":         {"refused, origin-not-allowed", "✓refused"},
	"error":          {"refused, origin-not-allowed", "✓refused"},
	"panic":          {"refused, origin-not-allowed", "✓refused"},
	"not-found":      {"refused, origin-not-allowed", "✓refused"},
	"redirect":       {"refused, origin-not-allowed", "✓refused"},
	"away":           {"refused, origin-not-allowed; refused, origin-not-allowed", "✓refused"},
	"null":           {"refused, origin-not-allowed; refused, origin-not-allowed", "✓refused"},
	"twin":           {"refused, origin-not-allowed; read 200", "✓read 200"},
	"route":          {"read 200; read 200", "✓read 200"},
	"off":            {"refused, origin-not-allowed; refused, no-policy", "✓refused"},
	"ambiguous":      {"refused, origin-not-allowed; refused, path-ambiguous", "✓refused"},
	"reload": {
		"refused, origin-not-allowed; refused, origin-not-allowed; refused, origin-not-allowed", "✓refused",
	},
}

func TestBrowser(t *testing.T) {
	chromium := browser.New(t)
	p := serve(t)
	origins := p.control.origins()

	t.Run("the allowed origin", func(t *testing.T) {
		tab := openTab(t, chromium, origins[0])
		tab.expect(fromAllowed, "good", "as the policy says")
		if got, want := tab.status(), "All 192 cells are what the policy says."; got != want {
			t.Errorf("the status is %q, want %q", got, want)
		}
		tab.compare("started")
		tab.expect(fromAllowed, "good", "as with the starting policy")
		tab.noUnexpectedErrors()
		tab.explained(p.control.journal)
	})
	t.Run("the refused origin", func(t *testing.T) {
		tab := openTab(t, chromium, origins[1])
		tab.expect(fromRefused, "good", "as the policy says")
		tab.noUnexpectedErrors()
	})
	t.Run("a policy that is edited", func(t *testing.T) { testEdit(t, openTab(t, chromium, origins[0]), p) })
	t.Run("policies that are refused", func(t *testing.T) { testProblems(t, openTab(t, chromium, origins[0]), p) })
	t.Run("details", func(t *testing.T) { testDetails(t, openTab(t, chromium, origins[0])) })
	t.Run("accessibility", func(t *testing.T) { testAccessibility(t, openTab(t, chromium, origins[0])) })
	t.Run("pages that come and go", func(t *testing.T) { testLeaks(t, chromium) })
	t.Run("without JavaScript", func(t *testing.T) {
		tab := newTab(t, chromium)
		tab.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			params := emulation.SetScriptExecutionDisabledParams{Value: true}
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, params)
			return chromedp.Void{}, err
		}, chromedp.Navigate(origins[0]))
		const want = "The playground needs JavaScript: without it this page can send no requests"
		if text := eval[string](tab, `document.body.innerText`); !strings.Contains(text, want) {
			t.Errorf("the page says\n%s", text)
		}
	})
}

// everyStep returns the labels of a grid in which every request ends in the same way.
func everyStep(verdict, shown string) map[string][2]string {
	want := map[string][2]string{}
	for scenario, w := range fromAllowed {
		steps := 1 + strings.Count(w[0], ";")
		want[scenario] = [2]string{strings.TrimSuffix(strings.Repeat(verdict+"; ", steps), "; "), shown}
	}
	return want
}

// testEdit changes the policy on the page.
func testEdit(t *testing.T, tab *browserTab, p *playground) {
	defer p.control.policy.apply(startingPolicy(p.control.origins()[0]))
	edited := strings.NewReplacer(
		`"PUT", `, ``,
		`"X-Total-Count"`, `"X-Internal"`,
		`"x-playground"`, `"x-unlisted"`,
	).Replace(startingPolicy(p.control.origins()[0]))
	tab.rerun(func() { tab.apply(edited) })
	want := maps.Clone(fromAllowed)
	want["put"] = [2]string{"refused, method-not-allowed", "✓refused"}
	want["exposed"] = [2]string{"read 200, X-Total-Count hidden", "✓read 200"}
	want["hidden"] = [2]string{"read 200, X-Internal: shard-7", "✓read 200"}
	want["custom-header"] = [2]string{"refused, header-not-allowed", "✓refused"}
	want["refused-header"] = [2]string{"read 200; read 200", "✓read 200"}
	tab.expect(want, "good", "as the policy says")

	// The negative control is a policy that refuses the page's origin.
	tab.rerun(func() { tab.apply(`{"allow_origins": ["https://app.example.com"]}`) })
	tab.expect(everyStep("refused, origin-not-allowed", "✓refused"), "good", "as the policy says")
	tab.compare("started")
	tab.expect(everyStep("refused, origin-not-allowed", "✗refused"), "bad", "not as with the starting policy")
	if got, want := tab.status(), "192 of 192 cells are not as with the starting policy."; got != want {
		t.Errorf("the status is %q, want %q", got, want)
	}
	tab.noUnexpectedErrors()
}

// liar refuses everything. In the journal it writes what the policy would have decided.
type liar struct{ honest decider }

func (l liar) Decide(ctx context.Context, r core.Request) core.Decision {
	d := core.Decision{Kind: l.honest.Decide(ctx, r).Kind, Reason: core.ReasonOriginNotAllowed, Vary: "Origin"}
	if d.Kind == core.KindPreflight {
		d.Status = 403
	}
	return d
}

// TestBrowserFindsAnError is the negative control of the comparison. If the servers refuse an
// origin that their policy allows, every cell must be red.
func TestBrowserFindsAnError(t *testing.T) {
	chromium := browser.New(t)
	p, err := start(0, func(live *core.Live, _ string) core.Decider { return liar{decider{live}} })
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	tab := openTab(t, chromium, p.control.origins()[0])
	for _, c := range tab.cells() {
		isWrong := strings.Contains(c.Label, "refused, although allowed") &&
			strings.HasSuffix(c.Label, ". not what the policy says")
		if c.State != "bad" || !isWrong {
			t.Errorf("%s on %s: it is %s, %q", c.Scenario, c.Framework, c.State, c.Label)
		}
	}
	if got, want := tab.status(), "192 of 192 cells are not what the policy says."; got != want {
		t.Errorf("the status is %q, want %q", got, want)
	}
}

// testProblems applies invalid policies.
func testProblems(t *testing.T, tab *browserTab, p *playground) {
	before, generation := p.control.policy.state()
	live := p.control.policy.live.Load()
	for _, test := range []struct {
		name, policy string
		want         []string // the text of each problem
		lines        string   // the marked lines
	}{
		{"several problems", `{
  "allow_origins": ["http://localhost:3000/",
    "*"],
  "allow_methds": ["GET"],
  "allow_credentials": true
}`, []string{
			`allow_methds line 4|"allow_methds": ["GET"],|` +
				`No setting has this key.|` +
				`Fix: write "allow_methods" instead, or remove it`,
			`allow_origins[0] line 2|"allow_origins": ["http://localhost:3000/",|` +
				`"http://localhost:3000/": an origin has no path.|` +
				`Fix: write "http://localhost:3000"`,
			`allow_origins[1] line 3|"*"],|` +
				`"*": with allow_credentials, any website could act as your visitors.|` +
				`Fix: replace it with your own origins, or remove allow_credentials`,
		}, "2 3 4"},
		{"no JSON", "{\n  \"allow_origins\": ['http://localhost:3000']\n}", []string{
			`allow_origins[0] line 2|"allow_origins": ['http://localhost:3000']|` +
				`JSON strings are in double quotes (line 2, column 21).|` +
				`Fix: write double quotes instead`,
		}, "2"},
		{"nothing", "{}", []string{
			`allow_origins|` +
				`No origins are configured.|` +
				`Fix: list the origins, such as "https://app.example.com", ` +
				`or write an empty list to allow nobody`,
		}, ""},
	} {
		tab.apply(test.policy)
		tab.wait(fmt.Sprintf(`
			document.querySelectorAll("#problems li").length === %d && document.activeElement.id === "problems"
		`, len(test.want)))
		got := eval[[]string](tab, `
			[...document.querySelectorAll("#problems li")].map(
				(li) => [...li.children].map((c) => c.textContent.trim()).join("|"))
		`)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
		marked := eval[string](tab, `
			[...document.querySelectorAll(".gutter .bad")].map((s) => s.textContent).join(" ")
		`)
		if marked != test.lines {
			t.Errorf("%s: the lines %q are marked, want %q", test.name, marked, test.lines)
		}
		if got := eval[string](tab, `document.querySelector("#text").getAttribute("aria-invalid")`); got != "true" {
			t.Errorf("%s: aria-invalid is %q", test.name, got)
		}
	}
	if after, n := p.control.policy.state(); after != before || n != generation || p.control.policy.live.Load() != live {
		t.Errorf("the policy has changed to\n%s", after)
	}
	tab.rerun(func() { tab.do(chromedp.Click(chromedp.CSS("#policy .reset"))) })
	tab.wait(`
		document.querySelector("#problems").textContent === "" &&
		document.querySelector("#text").getAttribute("aria-invalid") === "false"
	`)
	tab.expect(fromAllowed, "good", "as the policy says")
	tab.noUnexpectedErrors()
}

// testDetails opens a cell with the keyboard and checks its details.
func testDetails(t *testing.T, tab *browserTab) {
	const cell = `.cell[data-scenario="refused-header"][data-framework="fiber"]`
	tab.do(chromedp.Focus(chromedp.CSS(cell)), chromedp.KeyEvent("\r"))
	tab.wait(`document.querySelector("#detail").open`)
	text := eval[string](tab, `document.querySelector("#detail").innerText`)
	for _, want := range []string{
		"Refused header on fiber", "✓ as expected", "Request 1 of 2: read 200", "Request 2 of 2: refused, header-not-allowed",
		"1. Preflight: OPTIONS /items header-not-allowed",
		`"x-unlisted" is not among the allowed headers`, `add "x-unlisted" to AllowHeaders`,
		"has been blocked by CORS policy: Response to preflight request doesn't pass access control check",
		"Access-Control-Request-Headers: x-unlisted",
		"403\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
		"curl -i http://localhost:", "-X OPTIONS",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the details lack %q:\n%s", want, text)
		}
	}
	tab.do(chromedp.KeyEvent(kb.Escape))
	tab.wait(`!document.querySelector("#detail").open && document.activeElement.dataset.scenario === "refused-header"`)

	log := eval[string](tab, `document.querySelector("#log").innerText`)
	for _, want := range []string{
		"fasthttp", "net/http", "origin-not-allowed", "actual GET /reload/", "from http://localhost:",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
}

func (p *browserTab) status() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#status").textContent`)
}

// compare chooses what the results are compared with.
func (p *browserTab) compare(what string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`{
		const s = document.querySelector("#compare");
		s.value = %q;
		s.dispatchEvent(new Event("change", { bubbles: true }))
	}`, what))
}

// explained checks that what the browser printed about refused requests is what Explain predicts.
func (p *browserTab) explained(j *journal) {
	p.t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	said := map[string]bool{}
	for _, e := range j.events {
		if e.exchange != nil {
			said[e.exchange.Decision.Browser] = true
		}
	}
	compared := 0
	for _, line := range p.shown() {
		switch {
		case !strings.HasPrefix(line, "Access to fetch"):
			continue
		case strings.Contains(line, "(redirected from "): // the server sees only the last request
			continue
		case strings.Contains(line, "/off/items"): // Explain cannot know whether something else handles CORS there
			continue
		}
		compared++
		if line = regexp.MustCompile(`\?t=[a-z0-9-]+`).ReplaceAllString(line, ""); !said[line] {
			p.t.Errorf("Explain does not say %q", line)
		}
	}
	if compared < 8*4 {
		p.t.Errorf("%d lines of the console were compared, want at least one for each of 8 frameworks and 4 scenarios",
			compared)
	}
}

// noUnexpectedErrors checks that the console has only what browsers print about refused requests
// and about error statuses.
func (p *browserTab) noUnexpectedErrors() {
	p.t.Helper()
	for _, line := range p.shown() {
		switch {
		case strings.HasPrefix(line, "Access to fetch at 'http://") &&
			strings.Contains(line, "has been blocked by CORS policy: "):
		case line == "Failed to load resource: net::ERR_FAILED":
		case strings.HasPrefix(line, "Failed to load resource: the server responded with a status of "):
		default:
			p.t.Errorf("the console has %q", line)
		}
	}
}

// serve starts a playground on free ports, and stops it when the test ends.
func serve(t *testing.T) *playground { return serveOn(t, 0) }

func serveOn(t *testing.T, port int) *playground {
	t.Helper()
	p, err := start(port, func(live *core.Live, _ string) core.Decider { return decider{live} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

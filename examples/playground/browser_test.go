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
	"get":             {"read 200", "read 200"},
	"post-text":       {"read 200", "read 200"},
	"post-json":       {"read 200", "read 200"},
	"put":             {"read 200", "read 200"},
	"patch":           {"read 200", "read 200"},
	"delete":          {"read 200", "read 200"},
	"custom-header":   {"read 200", "read 200"},
	"unlisted-header": {"read 200; refused, header-not-allowed", "refused"},
	"purge":           {"read 200; refused, method-not-allowed", "refused"},
	"cookie":          {"read 200; read 200, ada, by cookie", "read 200"},
	"authorization":   {"read 200, ada, by token", "read 200"},
	"total-count":     {"read 200, X-Total-Count: 2", "read 200"},
	"internal":        {"read 200, X-Internal hidden", "read 200"},
	"error":           {"read 500", "read 500"},
	"panic":           {"read 500", "read 500"},
	"not-found":       {"read 404", "read 404"},
	"redirect":        {"read 200", "read 200"},
	"away":            {"read 200; refused, origin-not-allowed", "refused"},
	"null":            {"read 200; refused, origin-not-allowed", "refused"},
	"twin":            {"read 200; refused, origin-not-allowed", "refused"},
	"route":           {"refused, origin-not-allowed; read 200", "read 200"},
	"off":             {"read 200; refused, no-policy", "refused"},
	"ambiguous":       {"read 200; refused, path-ambiguous", "refused"},
	"reload":          {"read 200; refused, origin-not-allowed; read 200", "read 200"},
}

// fromRefused is the grid on the other origin, which the starting policy refuses.
var fromRefused = map[string][2]string{
	"get":             {"refused, origin-not-allowed", "refused"},
	"post-text":       {"refused, origin-not-allowed", "refused"},
	"post-json":       {"refused, origin-not-allowed", "refused"},
	"put":             {"refused, origin-not-allowed", "refused"},
	"patch":           {"refused, origin-not-allowed", "refused"},
	"delete":          {"refused, origin-not-allowed", "refused"},
	"custom-header":   {"refused, origin-not-allowed", "refused"},
	"unlisted-header": {"refused, origin-not-allowed; refused, origin-not-allowed", "refused"},
	"purge":           {"refused, origin-not-allowed; refused, origin-not-allowed", "refused"},
	"cookie":          {"refused, origin-not-allowed; refused, origin-not-allowed", "refused"},
	"authorization":   {"refused, origin-not-allowed", "refused"},
	"total-count":     {"refused, origin-not-allowed", "refused"},
	"internal":        {"refused, origin-not-allowed", "refused"},
	"error":           {"refused, origin-not-allowed", "refused"},
	"panic":           {"refused, origin-not-allowed", "refused"},
	"not-found":       {"refused, origin-not-allowed", "refused"},
	"redirect":        {"refused, origin-not-allowed", "refused"},
	"away":            {"refused, origin-not-allowed; refused, origin-not-allowed", "refused"},
	"null":            {"refused, origin-not-allowed; refused, origin-not-allowed", "refused"},
	"twin":            {"refused, origin-not-allowed; read 200", "read 200"},
	"route":           {"read 200; read 200", "read 200"},
	"off":             {"refused, origin-not-allowed; refused, no-policy", "refused"},
	"ambiguous":       {"refused, origin-not-allowed; refused, path-ambiguous", "refused"},
	"reload": {
		"refused, origin-not-allowed; refused, origin-not-allowed; refused, origin-not-allowed", "refused",
	},
}

func TestBrowser(t *testing.T) {
	chromium := browser.New(t)
	p := serve(t)
	origins := p.control.origins()

	// These tests share a page, because each run of the grid sends about 700 requests.
	tab := openTab(t, chromium, origins[0])
	share := func(name string, test func(t *testing.T)) {
		t.Run(name, func(sub *testing.T) {
			tab.t = sub
			defer func() { tab.t = t }()
			test(sub)
		})
	}
	share("the allowed origin", func(t *testing.T) {
		tab.expect(fromAllowed, "good", "As the policy decided")
		if got, want := tab.status(), "17 of 24 read, and all 192 results are what the policy decided."; got != want {
			t.Errorf("the status is %q, want %q", got, want)
		}
		tab.noUnexpectedErrors()
		tab.explained(p.control.journal)
	})
	share("details", func(t *testing.T) { testDetails(t, tab) })
	share("log", func(t *testing.T) { testLog(t, tab) })
	share("accessibility", func(t *testing.T) { testAccessibility(t, tab) })
	share("policies that are refused", func(t *testing.T) { testProblems(t, tab, p) })
	share("a policy that is edited", func(t *testing.T) { testEdit(t, tab, p) })
	tab.close()
	t.Run("the refused origin", func(t *testing.T) {
		tab := openTab(t, chromium, origins[1])
		tab.expect(fromRefused, "good", "As the policy decided")
		tab.noUnexpectedErrors()
	})
	t.Run("pages that come and go", func(t *testing.T) { testLeaks(t, chromium) })
	t.Run("without JavaScript", func(t *testing.T) {
		tab := newTab(t, chromium)
		tab.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			params := emulation.SetScriptExecutionDisabledParams{Value: true}
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, params)
			return chromedp.Void{}, err
		}, chromedp.Navigate(origins[0]))
		const want = "The playground needs JavaScript: without it, this page can neither judge a request nor send one."
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
	lastID := func() uint64 {
		p.control.journal.mu.Lock()
		defer p.control.journal.mu.Unlock()
		return p.control.journal.lastID
	}
	before := lastID()
	tab.rerun(func() { tab.apply(edited) })
	// The page learns of the policy twice: as a response, and as an event. The grid runs once.
	if n := lastID() - before; n < 250 || n > 450 {
		t.Errorf("after a policy was applied the servers received %d requests, want about 340 for one run of the grid", n)
	}
	want := maps.Clone(fromAllowed)
	want["put"] = [2]string{"refused, method-not-allowed", "refused"}
	want["total-count"] = [2]string{"read 200, X-Total-Count hidden", "read 200"}
	want["internal"] = [2]string{"read 200, X-Internal: shard-7", "read 200"}
	want["custom-header"] = [2]string{"refused, header-not-allowed", "refused"}
	want["unlisted-header"] = [2]string{"read 200; read 200", "read 200"}
	tab.expect(want, "good", "As the policy decided")

	// The negative control is a policy that refuses the page's origin.
	tab.rerun(func() { tab.apply(`{"allow_origins": ["https://app.example.com"]}`) })
	tab.expect(everyStep("refused, origin-not-allowed", "refused"), "good", "As the policy decided")
	if got, want := tab.status(), "0 of 24 read, and all 192 results are what the policy decided."; got != want {
		t.Errorf("the status is %q, want %q", got, want)
	}
	if got, want := tab.text("#running"), "The servers run a policy that was applied on this page."; got != want {
		t.Errorf("about the servers it says %q, want %q", got, want)
	}
	tab.rerun(func() { tab.do(chromedp.Click(chromedp.CSS("#restore"))) })
	tab.expect(fromAllowed, "good", "As the policy decided")
	if got, want := tab.text("#running"), "The servers run their starting policy."; got != want {
		t.Errorf("about the servers it says %q, want %q", got, want)
	}
	tab.do(chromedp.Click(chromedp.CSS("#show")))
	if got := eval[string](tab, `document.querySelector("#policy").value`); got != startingPolicy(p.control.origins()[0]) {
		t.Errorf("the servers' policy in the editor is\n%s", got)
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
			strings.HasSuffix(c.Label, ". Not as the policy decided")
		if c.State != "bad" || !isWrong {
			t.Errorf("%s on %s: it is %s, %q", c.Scenario, c.Framework, c.State, c.Label)
		}
	}
	if got, want := tab.status(), "192 of 192 results are not what the policy decided."; got != want {
		t.Errorf("the status is %q, want %q", got, want)
	}
}

// TestBrowserFindsADifference checks that a row shows each framework if one of them differs.
func TestBrowserFindsADifference(t *testing.T) {
	chromium := browser.New(t)
	p, err := start(0, func(live *core.Live, name string) core.Decider {
		if name == "chi" {
			return liar{decider{live}}
		}
		return decider{live}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	tab := openTab(t, chromium, p.control.origins()[0])
	type row struct{ Scenario, Label, Expanded, Hidden string }
	rows := eval[[]row](tab, `[...document.querySelectorAll(".result")].map((b) => {
		const tr = b.closest("tr");
		return {
			Scenario: b.dataset.scenario,
			Label: b.getAttribute("aria-label"),
			Expanded: tr.querySelector(".toggle").getAttribute("aria-expanded"),
			Hidden: String(tr.nextElementSibling.hidden),
		};
	})`)
	if len(rows) != 24 {
		t.Fatalf("got %d rows, want 24", len(rows))
	}
	for _, r := range rows {
		if !strings.HasSuffix(r.Label, ": the frameworks differ") || r.Expanded != "true" || r.Hidden != "false" {
			t.Errorf("%s: got %+v, want that the frameworks differ", r.Scenario, r)
		}
	}
	bad := map[string]int{}
	for _, c := range tab.cells() {
		if c.State == "bad" {
			bad[c.Framework]++
		}
	}
	if len(bad) != 1 || bad["chi"] != 24 {
		t.Errorf("these frameworks differ from the policy: %v, want only chi", bad)
	}
}

// testProblems writes invalid policies. The page lists what is wrong, and the servers keep theirs.
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
			`Line 2allow_origins[0]|` +
				`"http://localhost:3000/": an origin has no path.|` +
				`Fix: write "http://localhost:3000"`,
			`Line 3allow_origins[1]|` +
				`"*": with allow_credentials, any website could act as your visitors.|` +
				`Fix: replace it with your own origins, or remove allow_credentials`,
			`Line 4allow_methds|` +
				`No setting has this key.|` +
				`Fix: write "allow_methods" instead, or remove it`,
		}, "2 3 4"},
		{"invalid JSON", "{\n  \"allow_origins\": ['http://localhost:3000']\n}", []string{
			`Line 2allow_origins[0]|` +
				`"'http://localhost:3000']": JSON strings are in double quotes.|` +
				`Fix: write double quotes instead`,
		}, "2"},
		{"nothing", "{}", []string{
			`Line 1allow_origins|` +
				`No origins are configured.|` +
				`Fix: list the origins, such as "https://app.example.com", ` +
				`or write an empty list to allow nobody`,
		}, "1"},
	} {
		tab.judged(func() { tab.write("#policy", test.policy) })
		if got := tab.verdict(); got != "refused" {
			t.Errorf("%s: the verdict is %q", test.name, got)
		}
		got := eval[[]string](tab, `
			[...document.querySelectorAll("#problems li")].map(
				(li) => [...li.children].map((c) => c.textContent.trim()).join("|"))
		`)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
		for _, place := range []string{".gutter", ".marks"} {
			marked := eval[string](tab, fmt.Sprintf(`
				[...document.querySelector(%q).children].flatMap((s, i) => s.className === "bad" ? [i + 1] : []).join(" ")
			`, place))
			if marked != test.lines {
				t.Errorf("%s: in %s the lines %q are marked, want %q", test.name, place, marked, test.lines)
			}
		}
		if got := eval[string](tab, `document.querySelector("#policy").getAttribute("aria-invalid")`); got != "true" {
			t.Errorf("%s: aria-invalid is %q", test.name, got)
		}
		// The servers do not get it, and the list of problems gets the focus.
		tab.do(chromedp.Click(chromedp.CSS("#apply")))
		if got := eval[string](tab, `document.activeElement.id`); got != "problems" {
			t.Errorf("%s: the focus is on %q, want the problems", test.name, got)
		}
	}
	if after, n := p.control.policy.state(); after != before || n != generation || p.control.policy.live.Load() != live {
		t.Errorf("the policy has changed to\n%s", after)
	}
	tab.write("#policy", `{"allow_origins": ["*"]}`)
	tab.wait(`
		document.querySelector("#problems").textContent === "" &&
		document.querySelector("#policy").getAttribute("aria-invalid") === "false"
	`)
	tab.noUnexpectedErrors()
}

// testDetails opens a result and the framework that it is about with the keyboard.
func testDetails(t *testing.T, tab *browserTab) {
	const result = `.result[data-scenario="unlisted-header"]`
	tab.do(chromedp.Focus(chromedp.CSS(result)), chromedp.KeyEvent("\r"))
	tab.wait(`document.querySelector("#detail").open`)
	tab.run(`[...document.querySelectorAll(".pick button")].find((b) => b.textContent === "fiber").click()`)
	text := tab.text("#detail")
	for _, want := range []string{
		"X-Unlisted: 1 on fiber", "Request 1 of 2: read 200", "Request 2 of 2: refused, header-not-allowed",
		"The browser did what the policy decided.",
		"\nPreflight: OPTIONS /items header-not-allowed",
		`"x-unlisted" is not among the allowed headers.`, "allow_headers", `Add "x-unlisted" to allow_headers.`,
		"has been blocked by CORS policy: Response to preflight request doesn't pass access control check",
		"Access-Control-Request-Headers: x-unlisted",
		"403\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
		"curl -i http://localhost:", "-X OPTIONS",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the details lack %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "AllowHeaders") {
		t.Errorf("the policy of the servers is JSON, but the details have the names of Go:\n%s", text)
	}
	tab.do(chromedp.KeyEvent(kb.Escape))
	tab.wait(`!document.querySelector("#detail").open && document.activeElement.dataset.scenario === "unlisted-header"`)

	// A row shows each framework when it is asked to, and the checkbox asks all rows.
	const shown = `[...document.querySelectorAll(".cell")].filter((c) => c.checkVisibility()).length`
	for _, step := range []struct {
		click string
		want  int
	}{
		{"", 0}, {`tr:has([data-scenario="put"]) .toggle`, 8}, {`tr:has([data-scenario="put"]) .toggle`, 0},
		{"#unfold", 192}, {"#unfold", 0},
	} {
		if step.click != "" {
			tab.do(chromedp.Click(chromedp.CSS(step.click)))
		}
		if got := eval[int](tab, shown); got != step.want {
			t.Errorf("after a click on %q: %d cells are visible, want %d", step.click, got, step.want)
		}
	}
}

// testLog filters the log, and opens a line.
func testLog(t *testing.T, tab *browserTab) {
	log := tab.text("#log")
	for _, want := range []string{
		"fasthttp", "net/http", "origin-not-allowed", "actual GET /reload/", "from http://localhost:",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	const visible = `[...document.querySelectorAll("#log li")].filter((li) => li.checkVisibility())`
	tab.write("#filter", "CHI purge")
	tab.choose("#which", "false")
	if got := eval[int](tab, visible+`.length`); got != 1 {
		t.Errorf("%d lines match, want the one refusal of PURGE on chi: %s", got, tab.text("#log"))
	}
	if got := tab.text("#matching"); !strings.HasPrefix(got, "1 of ") {
		t.Errorf("the number of lines is %q", got)
	}
	tab.run(visible + `[0].querySelector("button").click()`)
	tab.wait(`document.querySelector("#detail").open`)
	text := tab.text("#detail")
	for _, want := range []string{"OPTIONS /items/1 on chi", `"PURGE" is not among the allowed methods`, "403"} {
		if !strings.Contains(text, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, text)
		}
	}
	tab.do(chromedp.KeyEvent(kb.Escape))
	tab.write("#filter", "chi /reload/")
	const refused = "the playground refuses this path for a moment"
	if got := eval[string](tab, visible+`.map((li) => li.innerText).join("\n")`); !strings.Contains(got, refused) {
		t.Errorf("about the path that is refused for a moment the log says\n%s", got)
	}
	tab.write("#filter", "")
	tab.choose("#which", "")
	all := eval[int](tab, `document.querySelectorAll("#log li").length`)
	if got := eval[int](tab, visible+`.length`); got != all {
		t.Errorf("without a filter %d of %d lines are visible", got, all)
	}
}

func (p *browserTab) status() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#status").textContent`)
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

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything. It is long because machines can be busy.
const patience = 2 * time.Minute

// browserTab is an open page. It is closed when its test ends.
type browserTab struct {
	t     *testing.T
	ctx   context.Context
	close context.CancelFunc

	mu      sync.Mutex
	console []string // everything in the console except plain logging
}

// newTab opens an empty tab.
func newTab(t *testing.T, browser context.Context) *browserTab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &browserTab{t: t, ctx: ctx, close: cancel}
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatal(err)
	}
	p.prefer("light")
	return p
}

// openTab opens a URL and waits until the grid has run.
func openTab(t *testing.T, browser context.Context, url string) *browserTab {
	t.Helper()
	p := newTab(t, browser)
	p.do(chromedp.Navigate(url))
	p.waitGrid()
	return p
}

func (p *browserTab) listen(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *log.EventEntryAdded:
		p.console = append(p.console, ev.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		p.console = append(p.console, "console."+string(ev.Type))
	case *runtime.EventExceptionThrown:
		p.console = append(p.console, "exception: "+ev.ExceptionDetails.Text+" in "+ev.ExceptionDetails.URL)
	}
}

// shown returns what the console has shown so far.
func (p *browserTab) shown() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.console)
}

func (p *browserTab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns the value of an expression on the page.
func eval[T any](p *browserTab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// run runs statements on the page.
func (p *browserTab) run(statements string) {
	p.t.Helper()
	eval[bool](p, "{"+statements+"\n;true}")
}

// wait waits until an expression is true.
func (p *browserTab) wait(expression string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !eval[bool](p, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			text := eval[string](p, `document.body.innerText.slice(0, 1000)`)
			p.t.Fatalf("not in time: %s\n%s\nconsole: %q", expression, text, p.shown())
		}
	}
}

// startGrid scrolls to the grid. The page then starts it.
func (p *browserTab) startGrid() {
	p.t.Helper()
	p.wait(`document.querySelectorAll(".cell").length > 0`)
	if !eval[bool](p, isRunning) {
		p.run(`document.querySelector("#grid").scrollIntoView({ behavior: "instant" })`)
		p.wait(isRunning)
	}
	p.run(`scrollTo({ top: 0, behavior: "instant" })`) // painting all results takes longer than the requests
}

// isRunning is an expression that is true if the grid is running or has run.
const isRunning = `document.querySelector("#run").disabled || ` + generation + ` > 0`

// waitGrid starts the grid and waits until all cells have run.
func (p *browserTab) waitGrid() {
	p.t.Helper()
	p.startGrid()
	p.wait(generation + ` > 0 && !document.querySelector("#run").disabled`)
}

// generation is an expression for the generation of the policy that the grid is about. It is 0
// until the grid has run.
const generation = `Number(document.querySelector("#status").dataset.generation ?? 0)`

// rerun calls change, which applies a policy, and waits until the grid has run with that policy.
func (p *browserTab) rerun(change func()) {
	p.t.Helper()
	before := eval[int](p, generation)
	change()
	p.run(`scrollTo({ top: 0, behavior: "instant" })`)
	p.wait(fmt.Sprintf(`%s > %d`, generation, before))
	p.waitGrid()
}

// look sets the size of the window in CSS pixels, and the preferred colour scheme: "light" or
// "dark".
func (p *browserTab) look(width, height int64, scheme string) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
	p.prefer(scheme)
}

// prefer sets what the visitor prefers: a colour scheme, and reduced motion. A test then never sees
// the page in the middle of a movement.
func (p *browserTab) prefer(scheme string) {
	p.t.Helper()
	p.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		return chromedp.Void{}, err
	})
}

// click clicks an element without scrolling to it.
func (p *browserTab) click(selector string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

// open opens the details of a cell.
func (p *browserTab) open(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
	p.wait(`document.querySelector("#detail").open`)
}

// text returns what an element shows.
func (p *browserTab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`document.querySelector(%q).innerText`, selector))
}

// write writes a text into a field, as pasting it does.
func (p *browserTab) write(selector, text string) {
	p.t.Helper()
	p.set(selector, "value", text, "input")
}

// choose chooses an option.
func (p *browserTab) choose(selector, value string) {
	p.t.Helper()
	p.set(selector, "value", value, "change")
}

// set sets a property of an element and dispatches the event that the browser would dispatch.
func (p *browserTab) set(selector, property string, value any, event string) {
	p.t.Helper()
	quoted, err := json.Marshal(value)
	if err != nil {
		p.t.Fatal(err)
	}
	p.run(fmt.Sprintf(`
		const e = document.querySelector(%q);
		e[%q] = %s;
		e.dispatchEvent(new Event(%q, { bubbles: true }));
	`, selector, property, quoted, event))
}

// judged calls change, which asks another question, and waits until the page shows the verdict.
func (p *browserTab) judged(change func()) {
	p.t.Helper()
	p.run(`delete document.querySelector("#verdict").dataset.state`)
	change()
	p.wait(`document.querySelector("#verdict").dataset.state !== undefined`)
}

// verdict returns "allowed", "blocked", "refused" for a policy with problems, or "waiting".
func (p *browserTab) verdict() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#verdict").dataset.state`)
}

// apply writes a policy and applies it to the servers. It does not wait for them.
func (p *browserTab) apply(text string) {
	p.t.Helper()
	p.judged(func() { p.write("#policy", text) })
	p.do(chromedp.Click(chromedp.CSS("#apply")))
}

// cell is what a cell of the grid shows.
type cell struct{ Scenario, Framework, State, Text, Label string }

func (p *browserTab) cells() []cell {
	p.t.Helper()
	return eval[[]cell](p, `[...document.querySelectorAll(".cell")].map((c) => ({
		Scenario: c.dataset.scenario,
		Framework: c.dataset.framework,
		State: c.dataset.state,
		Text: c.querySelector(".verdict").textContent,
		Label: c.getAttribute("aria-label"),
	}))`)
}

// expect checks every cell. want has, for each scenario, the part of the label between the
// framework and the judgement, and the word that the cell shows.
func (p *browserTab) expect(want map[string][2]string, state, judgement string) {
	p.t.Helper()
	seen := map[string]int{}
	for _, c := range p.cells() {
		seen[c.Scenario]++
		if _, ok := want[c.Scenario]; !ok {
			p.t.Errorf("the scenario %q is not expected", c.Scenario)
			continue
		}
		_, label, _ := strings.Cut(c.Label, " on "+c.Framework+": ")
		if got, want := label, want[c.Scenario][0]+". "+judgement; got != want {
			p.t.Errorf("%s on %s: got %q, want %q", c.Scenario, c.Framework, got, want)
		}
		if got, want := c.Text, want[c.Scenario][1]; got != want {
			p.t.Errorf("%s on %s: it shows %q, want %q", c.Scenario, c.Framework, got, want)
		}
		if c.State != state {
			p.t.Errorf("%s on %s: it is %s, want %s", c.Scenario, c.Framework, c.State, state)
		}
	}
	for scenario := range want {
		if seen[scenario] != 8 {
			p.t.Errorf("%s: got %d cells, want one for each of 8 frameworks", scenario, seen[scenario])
		}
	}
}

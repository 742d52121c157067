package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// testAccessibility checks the accessibility tree, the width and the contrast: on a desktop, on a
// phone and with a zoom of 200 %, and in both colour schemes.
func testAccessibility(t *testing.T, tab *browserTab) {
	tab.preset("Unsafe policy") // the number of headings depends on the verdict
	for _, width := range []int64{1280, 640, 390} {
		tab.look(width, 900, "light")
		for _, unfold := range []bool{true, false} {
			tab.click("#unfold")
			roles := map[string]int{
				"main": 1, "table": 1, "columnheader": 2, "rowheader": 24, "cell": 24, "status": 2, "heading": 7,
			}
			if unfold {
				roles["cell"] = 48
			}
			tab.roles(roles)
			tab.fits(width)
		}
		for _, preset := range []string{"Typo in the origin", "Custom header", "Unsafe policy"} {
			tab.preset(preset)
			tab.fits(width)
		}
	}
	got := eval[string](tab, `[
		document.documentElement.lang,
		document.title,
		document.querySelectorAll("h1").length,
		document.querySelectorAll("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").length,
	].join(", ")`)
	if got != "en, Polycors playground, 1, 0" {
		t.Errorf("language, title, number of h1 and of positive tabindexes: got %q", got)
	}
	for _, scheme := range []string{"light", "dark"} {
		tab.look(1280, 900, scheme)
		for _, preset := range []string{"Typo in the origin", "Public path", "Unsafe policy"} {
			tab.preset(preset)
			tab.contrast(scheme + ", " + preset)
		}
		tab.judged(func() { tab.write("#pasted", "I do not know") })
		tab.contrast(scheme + ", a text that cannot be read")
		tab.click("#unfold")
		tab.contrast(scheme + ", each framework")
		tab.open(`.cell[data-scenario="unlisted-header"][data-framework="gin"]`)
		tab.contrast(scheme + ", details")
		tab.do(chromedp.Click(chromedp.CSS(`#detail .close`)))
		// Only the colours matter here, so it does not matter why the policy decided otherwise.
		tab.run(`document.querySelectorAll(".cell, .result, #status").forEach((e) => { e.dataset.state = "bad" })`)
		tab.contrast(scheme + ", not as the policy decided")
		tab.do(chromedp.Click(chromedp.CSS("#unfold")))
	}
	// The check must find something, such as grey on grey.
	tab.run(`document.querySelector("h1").style = "color: #888; background: #999"`)
	if found := eval[[]string](tab, lowContrast); len(found) != 1 {
		t.Errorf("with grey on grey it finds %q", found)
	}
	tab.run(`document.querySelector("h1").style = ""`)
	tab.look(1280, 900, "light")
}

// fits checks that the page does not have to be scrolled sideways, and that nothing is cut off.
func (p *browserTab) fits(width int64) {
	p.t.Helper()
	if wide := eval[int](p, `document.documentElement.scrollWidth`); int64(wide) > width {
		p.t.Errorf("at a width of %d the page is %d wide", width, wide)
	}
	cut := eval[string](p, `
		[...document.querySelectorAll("#verdict, #grid, .pane, .presets")]
			.filter((e) => e.scrollWidth > e.clientWidth)
			.map((e) => (e.id || e.className) + " needs " + e.scrollWidth + " and has " + e.clientWidth).join(", ")
	`)
	if cut != "" {
		p.t.Errorf("at a width of %d: %s", width, cut)
	}
}

// roles checks how many elements of each role the accessibility tree has, and that every control
// has a name.
func (p *browserTab) roles(want map[string]int) {
	p.t.Helper()
	type result = accessibility.GetFullAXTreeResult
	tree, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (result, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	if err != nil {
		p.t.Fatal(err)
	}
	got := map[string]int{}
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role := unquote(string(node.Role.Value))
		got[role]++
		isControl := slices.Contains([]string{"button", "combobox", "textbox", "link", "log", "table"}, role)
		if isControl && (node.Name == nil || unquote(string(node.Name.Value)) == "") {
			p.t.Errorf("a %s has no name", role)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(want)) {
		if got[role] != want[role] {
			p.t.Errorf("got %d of the role %s, want %d", got[role], role, want[role])
		}
	}
}

// contrast checks that all visible text has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3).
func (p *browserTab) contrast(when string) {
	p.t.Helper()
	for _, found := range eval[[]string](p, lowContrast) {
		p.t.Errorf("%s: %s", when, found)
	}
}

// lowContrast is an expression that returns the texts whose colour is too close to their
// background's. It assumes that the page has neither pictures under text nor translucent colours.
const lowContrast = `(() => {
	const channels = (color) => color.match(/[\d.]+/g).map(Number);
	const luminance = (color) => {
		const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		const [r, g, b] = channels(color).slice(0, 3).map((c) => linear(c / 255));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const backgrounds = new Map();
	const behind = (element) => {
		if (!element) {
			return "rgb(255, 255, 255)";
		}
		if (!backgrounds.has(element)) {
			const color = getComputedStyle(element).backgroundColor;
			backgrounds.set(element, channels(color)[3] === 0 ? behind(element.parentElement) : color);
		}
		return backgrounds.get(element);
	};
	const found = new Set();
	const compared = new Set();
	const compare = (what, text, background) => {
		if (compared.has(text + background)) {
			return;
		}
		compared.add(text + background);
		const [low, high] = [luminance(text), luminance(background)].sort((a, b) => a - b);
		const ratio = (high + 0.05) / (low + 0.05);
		if (ratio < 4.5) {
			found.add(ratio.toFixed(2) + ":1 for " + what + ", " + text + " on " + background);
		}
	};
	// The text of the editor is above the marks of its lines, and the texts of fields are not
	// nodes.
	for (const field of document.querySelectorAll("textarea, input, select")) {
		compare(field.id, getComputedStyle(field).color, behind(field));
		compare("the placeholder of " + field.id, getComputedStyle(field, "::placeholder").color, behind(field));
	}
	for (const mark of document.querySelectorAll(".marks [class]:not([class=''])")) {
		compare("a line of the policy", getComputedStyle(document.querySelector("#policy")).color, behind(mark));
	}
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const element = texts.currentNode.parentElement;
		const visible = element.checkVisibility({ visibilityProperty: true }) && element.tagName !== "NOSCRIPT";
		if (!texts.currentNode.data.trim() || !visible) {
			continue;
		}
		const start = JSON.stringify(texts.currentNode.data.trim().slice(0, 40));
		compare(start, getComputedStyle(element).color, behind(element));
	}
	return [...found];
})()`

// unquote returns the text of a JSON string.
func unquote(s string) string {
	text, err := strconv.Unquote(s)
	if err != nil {
		return s
	}
	return text
}

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

// testAccessibility asks for the basics: what assistive technology is told, and contrast, at both
// widths and in both schemes.
func testAccessibility(t *testing.T, tab *tab) {
	for _, width := range []int64{1280, 390} {
		tab.look(width, 900, "light")
		tab.roles(map[string]int{"main": 1, "table": 1, "columnheader": 7, "rowheader": 24, "cell": 144, "status": 1, "log": 1, "heading": 4})
		if wide := eval[int](tab, `document.documentElement.scrollWidth`); int64(wide) > width {
			t.Errorf("at a width of %d the page is %d wide", width, wide)
		}
	}
	if got := eval[string](tab, `document.documentElement.lang + ", " + document.title + ", " + document.querySelectorAll("h1").length + ", " + document.querySelectorAll("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").length`); got != "en, Polycors playground, 1, 0" {
		t.Errorf("language, title, number of h1 and of positive tabindexes: got %q", got)
	}
	for _, scheme := range []string{"light", "dark"} {
		tab.look(1280, 900, scheme)
		tab.contrast(scheme + ", the page")
		tab.compare("started")
		tab.apply(`{"allow_origins": ["https://x.example/"]}`)
		tab.wait(`document.querySelector("#problems li") !== null`)
		tab.contrast(scheme + ", problems")
		tab.open(`.cell[data-scenario="refused-header"][data-framework="gin"]`)
		tab.contrast(scheme + ", details")
		tab.do(chromedp.Click(chromedp.CSS(`#detail .close`)))
		// Red cells: nothing but the colours is needed of them.
		eval[bool](tab, `document.querySelectorAll(".cell").forEach((c) => { c.dataset.state = "bad" }) === undefined`)
		tab.contrast(scheme + ", red cells")
	}
	// The check itself must find something: grey on grey.
	eval[bool](tab, `{ document.querySelector("h1").style.color = "#888"; document.querySelector("h1").style.background = "#999"; true }`)
	if found := eval[[]string](tab, lowContrast); len(found) == 0 {
		t.Error("grey on grey is not found")
	}
}

// roles counts what the accessibility tree has, and wants a name for everything that one can
// operate.
func (p *tab) roles(want map[string]int) {
	p.t.Helper()
	tree, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
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
		if slices.Contains([]string{"button", "combobox", "textbox", "link", "log", "table"}, role) && (node.Name == nil || unquote(string(node.Name.Value)) == "") {
			p.t.Errorf("a %s has no name", role)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(want)) {
		if got[role] != want[role] {
			p.t.Errorf("got %d of the role %s, want %d", got[role], role, want[role])
		}
	}
}

// contrast wants 4.5:1 for all text that can be seen (WCAG 2.2, 1.4.3).
func (p *tab) contrast(when string) {
	p.t.Helper()
	for _, found := range eval[[]string](p, lowContrast) {
		p.t.Errorf("%s: %s", when, found)
	}
}

// lowContrast returns the texts whose computed colour is too near to that of what is behind them.
// The page has no pictures behind text, and no translucent colours.
const lowContrast = `(() => {
	const channels = (color) => color.match(/[\d.]+/g).map(Number);
	const luminance = (color) => {
		const [r, g, b] = channels(color).slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (element) => {
		for (let e = element; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (channels(color)[3] !== 0) {
				return color;
			}
		}
		return "rgb(255, 255, 255)";
	};
	const found = new Set();
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const element = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true }) || element.tagName === "NOSCRIPT") {
			continue;
		}
		const text = getComputedStyle(element).color;
		const [low, high] = [luminance(text), luminance(behind(element))].sort((a, b) => a - b);
		const ratio = (high + 0.05) / (low + 0.05);
		if (ratio < 4.5) {
			found.add(ratio.toFixed(2) + ":1 for " + JSON.stringify(texts.currentNode.data.trim().slice(0, 40)) + ", " + text + " on " + behind(element));
		}
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

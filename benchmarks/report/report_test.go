package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/benchmarks"
)

// read returns a file in the folder of the benchmarks.
func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// TestPagesAreRendered checks that README.md and the charts are those of figures.jsonl.
func TestPagesAreRendered(t *testing.T) {
	f, err := decode(read(t, figuresFile))
	if err != nil {
		t.Fatal(err)
	}
	pages := f.pages()
	for name, want := range pages {
		if !bytes.Equal(read(t, name), want) {
			t.Errorf("%s is not that of the figures; run go run ./benchmarks/report -render", name)
		}
	}
	charts, err := filepath.Glob("../charts/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(charts) != len(pages)-1 {
		t.Errorf("got %d files in charts, want %d", len(charts), len(pages)-1)
	}
}

// TestFiguresAreKept checks that figures are the same after they were written and read.
func TestFiguresAreKept(t *testing.T) {
	for name, f := range map[string]*figures{"every framework": measuredEverywhere(), "committed": nil} {
		if f == nil {
			var err error
			if f, err = decode(read(t, figuresFile)); err != nil {
				t.Fatal(err)
			}
		}
		first, err := f.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decode(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := again.encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s: the figures have changed", name)
		}
		if !bytes.Equal(f.markdown(), again.markdown()) {
			t.Errorf("%s: the page has changed", name)
		}
	}
	for name, text := range map[string]string{
		"nothing":          "",
		"no machine":       `{"build":{"peer":"polycors","sizes":[]}}`,
		"an empty record":  `{"machine":{"date":"2026-01-01"}}` + "\n{}",
		"an unknown field": `{"machine":{"date":"2026-01-01","color":"red"}}`,
		"no JSON":          "figures",
	} {
		if _, err := decode([]byte(text)); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// measuredEverywhere returns figures that were not measured, of every framework.
func measuredEverywhere() *figures {
	f := &figures{machine: machine{Date: "2026-01-01", CPU: "a CPU", CPUs: 2, Platform: "linux/amd64", Go: "go1.26"}}
	for _, framework := range benchmarks.Frameworks {
		for k, sc := range benchmarks.Scenarios() {
			peers := make([]timed, len(framework.Peers))
			for i := range peers {
				ns := 100 + float64(i)*math.Pow(10, float64(k%6))
				peers[i].rounds = [][]float64{{ns, ns + 7}}
				switch {
				case i == benchmarks.FirstRival && k%3 == 1:
					peers[i].verdict = benchmarks.Verdict{Mark: benchmarks.Shared, Why: "responses share header slices"}
				case i == benchmarks.FirstRival && k%3 == 2:
					peers[i] = timed{verdict: benchmarks.Verdict{Mark: benchmarks.Unsupported, Why: "it cannot be expressed"}}
				}
			}
			f.scenarios = append(f.scenarios, summary(framework, sc.Name, peers))
		}
		for _, kind := range kinds {
			f.sockets = append(f.sockets, socket{Framework: framework.Name, Request: kind, Peer: "polycors", CPU: 15000})
		}
	}
	f.builds = []build{{Peer: "polycors", Sizes: []size{{Seconds: 0.2, Bytes: 3e7}, {}}}}
	return f
}

// TestSummary checks the figures of a scenario: what is added to the framework without CORS, and
// the comparison with the fastest alternative that responds correctly.
func TestSummary(t *testing.T) {
	framework := benchmarks.Framework{Name: "f", Peers: []benchmarks.Peer{
		{Name: "no CORS"}, {Name: "headers only"}, {Name: "polycors"}, {Name: "slow"}, {Name: "wrong"}, {Name: "no"},
	}}
	s := summary(framework, "s", []timed{
		{rounds: [][]float64{{12, 10, 11}}, bytes: 8, allocs: 1},
		{rounds: [][]float64{{22, 20, 21}}, bytes: 8, allocs: 1},
		{rounds: [][]float64{{62, 60, 61}}, bytes: 24, allocs: 2},
		{rounds: [][]float64{{112, 110, 111}}, verdict: benchmarks.Verdict{Mark: benchmarks.Differs, Why: "status"}},
		{rounds: [][]float64{{17, 15, 16}}, verdict: benchmarks.Verdict{Mark: benchmarks.Wrong, Why: "a grant"}},
		{verdict: benchmarks.Verdict{Mark: benchmarks.Unsupported, Why: "no option"}},
	})
	if s.BareNS != 10 || s.Than != "slow" || s.Compared == nil || *s.Compared != (ratio{0.5, 0.5, 0.5}) {
		t.Errorf("got %v, %q and %v, want 10, slow and 0.5", s.BareNS, s.Than, s.Compared)
	}
	want := []measured{
		{"headers only", 10, 0, 0, "", ""}, {"polycors", 50, 16, 1, "", ""}, {"slow", 100, -8, -1, "†", "status"},
		{"wrong", 5, -8, -1, "✗", "a grant"}, {"no", 0, 0, 0, "–", "no option"},
	}
	if !slices.Equal(s.Peers, want) {
		t.Errorf("got %v\nwant %v", s.Peers, want)
	}
	for peer, want := range map[string]string{"polycors": "50", "slow": "100 †", "no": "–", "another": ""} {
		if got := s.cell(peer); got != want {
			t.Errorf("%s: got %q, want %q", peer, got, want)
		}
	}
	if got := s.comparison(); got != "0.50× (0.50 to 0.50) slow †" {
		t.Errorf("got %q", got)
	}
}

func TestFigure(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.00002: "0.00002", 0.0024: "0.002", 0.5: "0.50", 9.99: "9.99", 10: "10", 12.6: "13", 1234: "1,234",
		-218.4: "-218", 35114092: "35,114,092",
	} {
		if got := figure(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
}

// TestREADMEText checks that the page has a section and a chart of every framework, and no words
// that only their authors understand.
func TestREADMEText(t *testing.T) {
	page := string(measuredEverywhere().markdown())
	for _, f := range benchmarks.Frameworks {
		for _, want := range []string{
			"\n## " + f.Name + "\n", "(charts/" + chartFile(f.Name) + ")", "](#" + anchor(f.Name) + ")",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not have %q", want)
			}
		}
	}
	for _, word := range []string{"not met", "Target", "rival", "our ", "over bare"} {
		if strings.Contains(page, word) {
			t.Errorf("the page has %q", word)
		}
	}
	if strings.Contains(page, "%!") {
		t.Error("the page has a wrong format")
	}
}

// element is an element of an SVG file.
type element struct {
	name, class, text string
	attributes        map[string]string
}

// elements parses an SVG file.
func elements(t *testing.T, svg []byte) (found []element) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF):
			return found
		case err != nil:
			t.Fatalf("%v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			e.class = e.attributes["class"]
			found = append(found, e)
		case xml.CharData:
			if len(found) > 0 {
				found[len(found)-1].text += strings.TrimSpace(string(token))
			}
		}
	}
}

// TestChart checks the chart of every framework: a dot for each peer in each scenario that it
// supports, inside the picture, further right if it takes longer, and text that does not overlap.
func TestChart(t *testing.T) {
	f := measuredEverywhere()
	if got := len(f.frameworks()); got != 8 {
		t.Errorf("got %d frameworks, want 8", got)
	}
	for _, framework := range f.frameworks() {
		t.Run(framework, func(t *testing.T) {
			scenarios := f.of(framework)
			all := elements(t, chart(framework, scenarios))
			width, height := number(t, all[0].attributes["width"]), number(t, all[0].attributes["height"])
			if all[0].attributes["viewBox"] != fmt.Sprintf("0 0 %g %g", width, height) {
				t.Errorf("got the viewBox %q", all[0].attributes["viewBox"])
			}

			want, incorrect := 0, 0
			for _, s := range scenarios {
				for _, m := range s.Peers {
					if slices.Contains(charted, s.Name) && m.Mark != "–" {
						want++
						if m.Mark == "‡" {
							incorrect++
						}
					}
				}
			}
			want += len(scenarios[0].Peers) + 1 // in the legend, with one for incorrect responses
			incorrect++
			dots, hollow := 0, 0
			for _, e := range all {
				if e.name != "path" || !strings.HasPrefix(e.class, "p") {
					continue
				}
				dots++
				if strings.HasSuffix(e.class, " incorrect") {
					hollow++
				}
				var x, y float64
				if _, err := fmt.Sscanf(e.attributes["transform"], "translate(%f,%f)", &x, &y); err != nil {
					t.Fatalf("%q: %v", e.attributes["transform"], err)
				}
				if x < 8 || x > width-8 || y < 8 || y > height-8 {
					t.Errorf("a dot is at %v, %v", x, y)
				}
			}
			if dots != want || hollow != incorrect {
				t.Errorf("got %d dots, %d of them hollow, want %d and %d", dots, hollow, want, incorrect)
			}

			var texts []string
			for _, e := range all {
				if e.name == "text" {
					texts = append(texts, e.text)
				}
			}
			for _, name := range append(slices.Clone(charted), scenarios[0].Peers[1].Peer, "not a correct response") {
				if !slices.Contains(texts, name) {
					t.Errorf("there is no text %q in %q", name, texts)
				}
			}
			checkTexts(t, all, width)
		})
	}

	s := newScale([]scenario{{Peers: []measured{{NS: 20}, {NS: -3}, {NS: 4000}}}})
	if s.low != 1 || s.high != 10000 || !slices.Equal(s.ticks(), []float64{1, 10, 100, 1000, 10000}) {
		t.Errorf("got the scale %v", s)
	}
	if s.x(-3) != plotLeft || s.x(1) != plotLeft || s.x(10000) != plotRight || s.x(100) <= s.x(99) {
		t.Errorf("got %v, %v, %v", s.x(-3), s.x(1), s.x(10000))
	}
}

// checkTexts checks that no text leaves the picture or overlaps another one. The widths are
// estimates, as in the chart.
func checkTexts(t *testing.T, all []element, width float64) {
	t.Helper()
	type box struct{ left, right, top, bottom float64 }
	var boxes []box
	var texts []string
	for _, e := range all {
		if e.name != "text" {
			continue
		}
		size := 13.0
		if e.attributes["font-size"] != "" {
			size = number(t, e.attributes["font-size"])
		}
		x, y := number(t, e.attributes["x"]), number(t, e.attributes["y"])
		wide := glyphWidth * size / 13 * float64(len([]rune(e.text)))
		left := map[string]float64{"": x, "middle": x - wide/2, "end": x - wide}[e.attributes["text-anchor"]]
		got := box{left, left + wide, y - size, y + 3}
		if got.left < 0 || got.right > width {
			t.Errorf("%q is from %v to %v", e.text, got.left, got.right)
		}
		for i, other := range boxes {
			if got.left < other.right && other.left < got.right && got.top < other.bottom && other.top < got.bottom {
				t.Errorf("%q overlaps %q", e.text, texts[i])
			}
		}
		boxes, texts = append(boxes, got), append(texts, e.text)
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestContrast checks that text and dots have enough contrast to their background, on light and on
// dark pages. The threshold is that of WCAG 2.2 for text, 4.5 to 1.
func TestContrast(t *testing.T) {
	f := measuredEverywhere()
	for _, framework := range f.frameworks() {
		svg := chart(framework, f.of(framework))
		_, style, _ := strings.Cut(string(svg), "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		inLight, inDark, both := strings.Cut(style, "@media (prefers-color-scheme:dark){")
		if !both {
			t.Fatalf("%s: there are no rules for dark pages", framework)
		}
		for name, rules := range map[string]string{"light": inLight, "dark": inDark} {
			colors := map[string]string{}
			rule := regexp.MustCompile(`([.a-z0-9]+)\{(?:fill|stroke):(#[0-9a-f]{6})`)
			for _, m := range rule.FindAllStringSubmatch(rules, -1) {
				colors[m[1]] = m[2]
			}
			if len(colors) != 14 { // paper, band, line, text, and two for each of five peers
				t.Fatalf("%s: got the colors %v", name, colors)
			}
			for _, under := range []string{".paper", ".band"} {
				for _, over := range []string{"text", ".p0", ".p1", ".p2", ".p3", ".p4"} {
					if got := contrast(t, colors[over], colors[under]); got < 4.5 {
						t.Errorf("%s, %s: the contrast of %s on %s is %.2f, want at least 4.5", framework, name, over, under, got)
					}
				}
			}
			for k := range 5 {
				if got := colors[fmt.Sprintf(".p%d.incorrect", k)]; got != colors[".paper"] {
					t.Errorf("%s: an incorrect dot is filled with %s", name, got)
				}
			}
		}
	}
	if got := contrast(t, "#000000", "#ffffff"); got != 21 {
		t.Errorf("black on white: got %v, want 21", got)
	}
	if got := contrast(t, "#777777", "#ffffff"); math.Abs(got-4.48) > 0.005 {
		t.Errorf("#777777 on white: got %v, want 4.48", got)
	}
}

// contrast returns the contrast ratio of two colors, as WCAG 2.2 defines it.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(color string) float64 {
		var rgb [3]int
		if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
			t.Fatalf("%q: %v", color, err)
		}
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			c := float64(rgb[i]) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestLayouts checks that a time is the median over the layouts of the fastest round in each, and
// that what the layouts print is added up.
func TestLayouts(t *testing.T) {
	scenarios := make([][]timed, 1)
	for _, printed := range []string{
		`[[{"Mark": 1, "Why": "status", "Rounds": [5, 4], "Bytes": 16, "Allocs": 1}]]`,
		`[[{"Mark": 1, "Why": "status", "Rounds": [9, 8], "Bytes": 16, "Allocs": 1}]]`,
		`[[{"Mark": 1, "Why": "status", "Rounds": [6, 7], "Bytes": 16, "Allocs": 1}]]`,
	} {
		if err := add(scenarios, []byte(printed)); err != nil {
			t.Fatal(err)
		}
	}
	got := scenarios[0][0]
	want := benchmarks.Verdict{Mark: benchmarks.Differs, Why: "status"}
	if ns := got.ns(); ns != 6 || got.verdict != want || got.bytes != 16 || got.allocs != 1 {
		t.Errorf("got %v ns and %+v, want 6", ns, got)
	}
	if add(scenarios, []byte(`[[], []]`)) == nil {
		t.Error("a layout with other scenarios was accepted")
	}
}

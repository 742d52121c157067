package main

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/polycors/cors/benchmarks"
)

// A chart has a row for each scenario and a dot for each peer. The scale is logarithmic, because
// the times differ by factors of a thousand. So these are dots and not bars: a logarithmic scale
// has no zero for a bar to begin at.
//
// The file is drawn for light and for dark pages. It has a background of its own in both, because
// what decides between them is a setting of the browser, which need not be that of the page.

// charted lists the scenarios in a chart, from top to bottom.
var charted = []string{
	benchmarks.NoOrigin, benchmarks.GETAllowed, benchmarks.GETRefused, benchmarks.PreflightAllowed,
	"preflight refused: origin", "any origin", benchmarks.ThousandMiss, benchmarks.ManyMiss, "100 wildcards, miss",
	"8 KiB of origin", benchmarks.Commas,
}

// theme has the colors of a chart.
type theme struct {
	paper, band, line, ink string
	peers                  []string // beginning with Floor and Ours
}

var (
	light = theme{
		paper: "#ffffff", band: "#f6f8fa", line: "#d1d9e0", ink: "#1f2328",
		peers: []string{"#59636e", "#0969da", "#cf222e", "#8250df", "#8a5300"},
	}
	dark = theme{
		paper: "#0d1117", band: "#151b23", line: "#3d444d", ink: "#f0f6fc",
		peers: []string{"#9198a1", "#58a6ff", "#ff7b72", "#bc8cff", "#d29922"},
	}
)

// css returns the rules for the classes in a chart. A peer's shape is filled with its color if its
// response is correct. If not, only its outline is drawn.
func (t theme) css() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".paper{fill:%s}.band{fill:%s}.line{stroke:%s}text{fill:%s}", t.paper, t.band, t.line, t.ink)
	for i, color := range t.peers {
		fmt.Fprintf(&b, ".p%d{fill:%s;stroke:%s}.p%d.incorrect{fill:%s}", i, color, color, i, t.paper)
	}
	return b.String()
}

// shapes has a path for each peer, around 0,0. Shapes and colors both distinguish the peers.
var shapes = []string{
	"M-1.25,-5.5h2.5v11h-2.5z",
	"M-5,0a5,5 0 1 0 10,0a5,5 0 1 0 -10,0z",
	"M-4.25,-4.25h8.5v8.5h-8.5z",
	"M0,-5.5L5.25,4H-5.25z",
	"M0,-5.75L5.75,0L0,5.75L-5.75,0z",
}

// The measures of a chart, in the units of its viewBox.
const (
	chartWidth  = 860
	plotLeft    = 206
	plotRight   = 824
	plotTop     = 76
	chartBottom = 44 // below the rows
	laneHeight  = 12 // of a peer in a row, so that dots do not cover each other
	rowPadding  = 5
	glyphWidth  = 7.4 // an estimate for the font size of 13, on the wide side
)

// chartFile returns the name of a framework's chart.
func chartFile(framework string) string {
	return strings.NewReplacer("/", "-", " ", "-").Replace(framework) + ".svg"
}

func chartTitle(framework string) string { return "time that CORS adds to a request on " + framework }

// chart returns the chart of a framework.
func chart(framework string, scenarios []scenario) []byte {
	var rows []scenario
	for _, name := range charted {
		for _, s := range scenarios {
			if s.Name == name {
				rows = append(rows, s)
			}
		}
	}
	lanes := len(rows[0].Peers)
	rowHeight := lanes*laneHeight + 2*rowPadding
	plotBottom := plotTop + len(rows)*rowHeight
	height := plotBottom + chartBottom
	scale := newScale(rows)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" `+
		`aria-labelledby="title" font-family="system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif" `+
		`font-size="13">`+"\n", chartWidth, height, chartWidth, height)
	title := html.EscapeString(chartTitle(framework))
	fmt.Fprintf(&b, "<title id=\"title\">Chart: %s</title>\n", title)
	fmt.Fprintf(&b, "<style>%s@media (prefers-color-scheme:dark){%s}</style>\n", light.css(), dark.css())
	fmt.Fprintf(&b, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", chartWidth, height)
	fmt.Fprintf(&b, "<text x=\"16\" y=\"26\" font-size=\"15\" font-weight=\"600\">%s</text>\n",
		strings.ToUpper(title[:1])+title[1:])
	drawLegend(&b, rows)

	for i, s := range rows {
		y := plotTop + i*rowHeight
		if i%2 == 0 {
			fmt.Fprintf(&b, "<rect class=\"band\" x=\"8\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
				y, chartWidth-16, rowHeight)
		}
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
			plotLeft-14, y+rowHeight/2+5, html.EscapeString(s.Name))
	}
	for _, at := range scale.ticks() {
		x := scale.x(at)
		fmt.Fprintf(&b, "<path class=\"line\" d=\"M%.1f,%dV%d\"/>\n", x, plotTop, plotBottom+4)
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x, plotBottom+19, duration(at))
	}
	for i, s := range rows {
		for k, m := range s.Peers {
			if m.Mark == benchmarks.Unsupported.String() {
				continue
			}
			y := float64(plotTop+i*rowHeight+rowPadding) + (float64(k)+0.5)*laneHeight
			drawDot(&b, k, m.Mark, scale.x(m.NS), y)
		}
	}
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">logarithmic; further left is faster</text>\n",
		plotRight, plotBottom+37)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// drawLegend draws the shape of each peer with its name, and one of an incorrect response if the
// chart has any.
func drawLegend(b *bytes.Buffer, rows []scenario) {
	x := 24.0
	entry := func(k int, mark, text string) {
		drawDot(b, k, mark, x, 51)
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"55.5\">%s</text>\n", x+12, html.EscapeString(text))
		x += 12 + glyphWidth*float64(len([]rune(text))) + 22
	}
	incorrect := -1
	for k, m := range rows[0].Peers {
		entry(k, "", m.Peer)
		if slices.ContainsFunc(rows, func(s scenario) bool { return isIncorrect(s.Peers[k].Mark) }) {
			incorrect = k
		}
	}
	if incorrect >= 0 {
		entry(incorrect, benchmarks.Wrong.String(), "not a correct response")
	}
}

func drawDot(b *bytes.Buffer, k int, mark string, x, y float64) {
	class := fmt.Sprintf("p%d", k%len(shapes))
	if isIncorrect(mark) {
		class += " incorrect"
	}
	fmt.Fprintf(b, "<path class=\"%s\" stroke-width=\"1.5\" transform=\"translate(%.1f,%.1f)\" d=\"%s\"/>\n",
		class, x, y, shapes[k%len(shapes)])
}

// isIncorrect reports whether a sign is that of a response that is not correct.
func isIncorrect(sign string) bool {
	return slices.ContainsFunc([]benchmarks.Mark{benchmarks.NoVary, benchmarks.Shared, benchmarks.Wrong},
		func(m benchmarks.Mark) bool { return m.String() == sign })
}

// logScale maps times in ns to the width of a plot. Its ends are powers of ten.
type logScale struct{ low, high float64 }

func newScale(rows []scenario) logScale {
	var all []float64
	for _, s := range rows {
		for _, m := range s.Peers {
			if m.Mark != benchmarks.Unsupported.String() {
				all = append(all, max(1, m.NS)) // less cannot be measured
			}
		}
	}
	slices.SortFunc(all, cmp.Compare)
	low := math.Pow(10, math.Floor(math.Log10(all[0])))
	high := math.Pow(10, math.Ceil(math.Log10(all[len(all)-1])))
	return logScale{low, max(high, low*10)}
}

func (s logScale) x(ns float64) float64 {
	part := math.Log10(max(ns, s.low)/s.low) / math.Log10(s.high/s.low)
	return plotLeft + part*(plotRight-plotLeft)
}

// ticks returns the powers of ten in the scale.
func (s logScale) ticks() (at []float64) {
	for x := s.low; x <= s.high*1.01; x *= 10 {
		at = append(at, math.Round(x))
	}
	return at
}

// duration formats a power of ten in ns.
func duration(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%g ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%g µs", ns/1e3)
	case ns < 1e9:
		return fmt.Sprintf("%g ms", ns/1e6)
	}
	return fmt.Sprintf("%g s", ns/1e9)
}

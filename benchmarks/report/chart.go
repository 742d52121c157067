package main

import (
	"bytes"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/polycors/cors/benchmarks"
)

// charted lists the scenarios in a chart, from top to bottom.
var charted = []string{
	benchmarks.NoOrigin, benchmarks.GETAllowed, benchmarks.GETRefused, benchmarks.PreflightAllowed,
	"preflight refused: origin", "any origin", benchmarks.ThousandMiss, benchmarks.ManyMiss, "100 wildcards, miss",
	"8 KiB of origin", benchmarks.Commas,
}

// The chart has its own background, so that it can be read on light and on dark pages.
var (
	paper = color.RGBA{0xf6, 0xf8, 0xfa, 0xff}
	ink   = color.RGBA{0x24, 0x29, 0x2f, 0xff}
	faint = color.RGBA{0xd0, 0xd7, 0xde, 0xff}
)

// peerColors and peerShapes are the dots of the peers, beginning with Floor.
var (
	peerColors = []color.RGBA{
		{0x8c, 0x95, 0x9f, 0xff}, {0xcf, 0x22, 0x2e, 0xff}, {0x09, 0x69, 0xda, 0xff}, {0xbf, 0x87, 0x00, 0xff},
		{0x82, 0x50, 0xdf, 0xff},
	}
	peerShapes = []draw.GlyphDrawer{
		draw.PlusGlyph{}, draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.PyramidGlyph{},
	}
)

// chartFile returns the name of a framework's chart.
func chartFile(framework string) string {
	return strings.NewReplacer("/", "-", " ", "-").Replace(framework) + ".svg"
}

// drawChart draws a dot for the overhead of each peer in each scenario. These are not bars, because
// a logarithmic scale has no zero for them to begin at.
func drawChart(dir string, t *table) error {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p := plot.New()
	p.BackgroundColor = paper
	p.Title.Text = t.framework.Name + ": ns per request over bare (logarithmic, less is better)"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Min, p.Y.Max = -0.7, float64(len(charted))-0.3
	names := make([]string, len(charted))
	for i, name := range charted {
		names[len(charted)-1-i] = name
	}
	p.NominalY(names...)
	p.Legend.Top = true
	for _, style := range []*draw.TextStyle{
		{}, &p.Title.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Color = ink
	}
	for _, style := range []*draw.LineStyle{&p.X.LineStyle, &p.Y.LineStyle, &p.X.Tick.LineStyle, &p.Y.Tick.LineStyle} {
		style.Color = faint
	}
	p.Title.Padding = vg.Points(6)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = faint, faint
	p.Add(grid)
	for i, peer := range t.framework.Peers {
		if i == benchmarks.Bare {
			continue
		}
		var dots plotter.XYs
		for k, name := range charted {
			if r := t.row(name); r.cells[i].verdict.Mark != benchmarks.Unsupported {
				dots = append(dots, plotter.XY{X: max(1, r.over(i)), Y: float64(len(charted) - 1 - k)})
			}
		}
		scatter, err := plotter.NewScatter(dots)
		if err != nil {
			return err
		}
		k := (i - benchmarks.Floor) % len(peerColors)
		scatter.GlyphStyle = draw.GlyphStyle{Color: peerColors[k], Shape: peerShapes[k], Radius: vg.Points(4)}
		p.Add(scatter)
		p.Legend.Add(peer.Name, scatter)
	}
	p.X.Min, p.X.Max = p.X.Min*0.8, p.X.Max*1.25 // keep the dots away from the labels
	canvas := vgsvg.New(9*vg.Inch, 4.5*vg.Inch)
	canvas.SetColor(paper)
	canvas.Fill(vg.Rectangle{Max: vg.Point{X: 9 * vg.Inch, Y: 4.5 * vg.Inch}}.Path())
	p.Draw(draw.Crop(draw.New(canvas), 12, -12, 8, -8))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	// The text was measured with a font that few browsers have. Arial and Helvetica are as wide.
	const family = "font-family:Liberation Sans"
	text := bytes.ReplaceAll(svg.Bytes(), []byte(family), []byte(family+",Arial,Helvetica,sans-serif"))
	return os.WriteFile(filepath.Join(dir, chartFile(t.framework.Name)), text, 0o644)
}

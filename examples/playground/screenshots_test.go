package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/polycors/cors/examples/internal/browser"
)

var screenshots = flag.String("screenshots", "",
	"save screenshots of the page in this `folder`; playground.png is the one that README.md shows")

// TestScreenshots makes pictures for people to look at:
//
//	go test -run Screenshots ./examples/playground -screenshots DIR
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("none are wanted; -screenshots names a folder for them")
	}
	if err := os.MkdirAll(*screenshots, 0o777); err != nil {
		t.Fatal(err)
	}
	chromium := browser.New(t)
	// Use the default ports if they are free, so that the pictures show what a reader gets.
	tab := openTab(t, chromium, serveOn(t, 8880).control.origins()[0])
	scroll := func(selector string) {
		tab.run(fmt.Sprintf(`document.querySelector(%q).scrollIntoView({ behavior: "instant" })`, selector))
	}
	tab.run(`scrollTo({ top: 0, behavior: "instant" })`)
	tab.look(1280, 1050, "light")
	tab.picture("playground", false)
	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"desktop": 1280, "zoomed": 640, "phone": 390} {
			name += "-" + scheme
			tab.look(width, 900, scheme)
			tab.preset("Typo in the origin")
			tab.picture(name+"-whole", true)
			tab.picture(name+"-question", false)
			scroll("#verdict")
			tab.picture(name+"-verdict", false)
			tab.judged(func() { tab.do(chromedp.Click(chromedp.CSS("#apply-fix"))) })
			scroll("#verdict")
			tab.picture(name+"-fixed", false)
			tab.judged(func() {
				tab.write("#policy", `{
  "allow_origins": ["http://localhost:3000/", "*"],
  "allow_methds": ["GET"],
  "allow_credentials": true
}`)
			})
			scroll("#policy-title")
			tab.picture(name+"-problems", false)
			tab.do(chromedp.Click(chromedp.CSS("#unfold")))
			scroll("#grid")
			tab.picture(name+"-grid", false)
			tab.open(`.cell[data-scenario="unlisted-header"][data-framework="gin"]`)
			tab.picture(name+"-details", false)
			tab.do(chromedp.Click(chromedp.CSS(`#detail .close`)), chromedp.Click(chromedp.CSS("#unfold")))
			scroll("#log-title")
			tab.picture(name+"-log", false)
			tab.run(`scrollTo({ top: 0, behavior: "instant" })`)
		}
	}
}

// picture saves the visible part of the page, or all of it.
func (p *browserTab) picture(name string, whole bool) {
	p.t.Helper()
	action := chromedp.CaptureScreenshot()
	if whole {
		action = chromedp.FullScreenshot(100)
	}
	data, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	if data, err = small(data); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), data, 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// small reduces a picture to its 256 most frequent colours. A page of text looks almost the same.
func small(data []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	for y := range full.Bounds().Dy() {
		for x := range full.Bounds().Dx() {
			count[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int { return cmp.Compare(count[b], count[a]) })
	var palette color.Palette
	for _, c := range colors[:min(len(colors), 256)] {
		palette = append(palette, c)
	}
	reduced := image.NewPaletted(full.Bounds(), palette)
	draw.Draw(reduced, full.Bounds(), full, full.Bounds().Min, draw.Src)
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced)
	return out.Bytes(), err
}

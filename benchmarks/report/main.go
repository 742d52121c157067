// Command report measures all middleware, and writes benchmarks/figures.jsonl, benchmarks/README.md
// and benchmarks/charts.
//
//	go run ./benchmarks/report [-quick] [-layouts n] [-only framework]
//	go run ./benchmarks/report -render
//
// Run it at the top of the repository, on a machine that does nothing else. With -quick it takes
// about two minutes. That shows that everything works, but the figures are rough. With -only it
// measures one framework in memory, and prints a table. With -render it measures nothing, and
// writes README.md and the charts from figures.jsonl.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/polycors/cors/benchmarks"
)

func main() {
	log.SetFlags(log.Ltime)
	quick := flag.Bool("quick", false, "measure for about two minutes, roughly")
	render := flag.Bool("render", false, "measure nothing; write the pages again, from figures.jsonl")
	dir := flag.String("dir", "benchmarks", "write to this `folder`")
	n := flag.Int("layouts", 0, "build `n` binaries with a random layout (default 5, or 1 with -quick)")
	only := flag.String("only", "", "measure only this `framework`")
	layout := flag.Bool("layout", false, "measure this binary; the report starts itself with this")
	served := flag.String("serve", "", "serve `framework:peer`; the report starts itself with this")
	flag.Parse()
	if *served != "" {
		if err := serveChild(*served); err != nil {
			log.Fatal(err)
		}
		return
	}
	e := effort{
		layouts: 5, rounds: 50, batch: time.Millisecond,
		builds: 3, longestBuild: 10 * time.Second,
		socketRounds: 10, socketRequests: 16_000,
	}
	if *quick {
		e = effort{
			layouts: 1, rounds: 20, batch: time.Millisecond / 4,
			builds: 1, longestBuild: 3 * time.Second,
			socketRounds: 2, socketRequests: 1_600,
		}
	}
	if *n > 0 {
		e.layouts = *n
	}
	var err error
	switch {
	case *only != "":
		err = measureOnly(*only, e, *quick, *layout)
	case *render:
		err = renderAll(*dir)
	default:
		err = errors.Join(measureAll(*dir, e, *quick), renderAll(*dir))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// measureOnly measures one framework in memory, and prints a table. If layout is true, it measures
// with this binary only, and prints JSON.
func measureOnly(name string, e effort, quick, layout bool) error {
	i := slices.IndexFunc(benchmarks.Frameworks, func(f benchmarks.Framework) bool { return f.Name == name })
	if i < 0 {
		return fmt.Errorf("-only=%s: there is no such framework", name)
	}
	if layout {
		return printLayout(benchmarks.Frameworks[i], e)
	}
	f := figures{}
	if err := f.measureLayouts(benchmarks.Frameworks[i:i+1], e, quick); err != nil {
		return err
	}
	var b bytes.Buffer
	f.writeStandings(&b)
	_, err := b.WriteTo(os.Stdout)
	return err
}

const figuresFile = "figures.jsonl"

// measureAll measures everything, and writes the figures.
func measureAll(dir string, e effort, quick bool) error {
	f := figures{machine: machine{
		Quick: quick, Date: time.Now().Format(time.DateOnly), CPU: processor(), CPUs: runtime.NumCPU(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Versions: versions(),
	}}
	log.Print("building policies")
	f.builds = measureBuilds(e)
	for _, framework := range benchmarks.Frameworks {
		log.Print(framework.Name, ": serving over loopback")
		sockets, err := measureSockets(framework, e)
		if err != nil {
			return err
		}
		f.sockets = append(f.sockets, sockets...)
	}
	if err := f.measureLayouts(benchmarks.Frameworks, e, quick); err != nil {
		return err
	}
	data, err := f.encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, figuresFile), data, 0o644)
}

// measureLayouts measures frameworks in memory, with several layouts of the binary.
func (f *figures) measureLayouts(frameworks []benchmarks.Framework, e effort, quick bool) error {
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	layouts, err := buildLayouts(dir, e.layouts, quick)
	if err != nil {
		return err
	}
	for _, framework := range frameworks {
		scenarios, err := layouts.measure(framework)
		if err != nil {
			return err
		}
		f.scenarios = append(f.scenarios, scenarios...)
	}
	return nil
}

// renderAll writes README.md and the charts from the figures.
func renderAll(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, figuresFile))
	if err != nil {
		return err
	}
	f, err := decode(data)
	if err != nil {
		return err
	}
	charts := filepath.Join(dir, "charts")
	old, err := filepath.Glob(filepath.Join(charts, "*.svg"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for name, content := range f.pages() {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages returns the files to write, by their names in the folder of the benchmarks.
func (f *figures) pages() map[string][]byte {
	pages := map[string][]byte{"README.md": f.markdown()}
	for _, framework := range f.frameworks() {
		pages["charts/"+chartFile(framework)] = chart(framework, f.of(framework))
	}
	return pages
}

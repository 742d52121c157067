// Command report measures all middleware, and writes benchmarks/figures.jsonl, benchmarks/README.md
// and benchmarks/charts.
//
//	go run ./benchmarks/report [-quick | -render]
//
// Run it at the top of the repository, on a machine that does nothing else. With -quick it takes
// about two minutes. That shows that everything works, but the figures are rough. With -render it
// measures nothing, and writes README.md and the charts from figures.jsonl.
package main

import (
	"errors"
	"flag"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/polycors/cors/benchmarks"
)

func main() {
	log.SetFlags(log.Ltime)
	quick := flag.Bool("quick", false, "measure for about two minutes, roughly")
	render := flag.Bool("render", false, "measure nothing; write the pages again, from figures.jsonl")
	dir := flag.String("dir", "benchmarks", "write to this `folder`")
	served := flag.String("serve", "", "serve `framework:peer`; the report starts itself with this")
	flag.Parse()
	if *served != "" {
		if err := serveChild(*served); err != nil {
			log.Fatal(err)
		}
		return
	}
	if !*render {
		if err := measureAll(*dir, *quick); err != nil {
			log.Fatal(err)
		}
	}
	if err := renderAll(*dir); err != nil {
		log.Fatal(err)
	}
}

const figuresFile = "figures.jsonl"

// measureAll measures everything, and writes the figures.
func measureAll(dir string, quick bool) error {
	e := effort{
		rounds: 25, batch: 8 * time.Millisecond,
		builds: 3, longestBuild: 10 * time.Second,
		socketRounds: 10, socketRequests: 16_000,
	}
	if quick {
		e = effort{
			rounds: 5, batch: time.Millisecond,
			builds: 1, longestBuild: 3 * time.Second,
			socketRounds: 2, socketRequests: 1_600,
		}
	}
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
	for _, framework := range benchmarks.Frameworks {
		log.Print(framework.Name, ": serving in memory")
		scenarios, err := measure(framework, e)
		if err != nil {
			return err
		}
		f.scenarios = append(f.scenarios, scenarios...)
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

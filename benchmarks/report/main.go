// Command report runs all benchmarks and writes benchmarks/README.md and benchmarks/charts.
//
//	go run ./benchmarks/report [-quick]
//
// Run it at the top of the repository, on a machine that does nothing else. With -quick it takes
// about two minutes. That shows that everything works, but the figures are rough.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/polycors/cors/benchmarks"
)

func main() {
	log.SetFlags(log.Ltime)
	quick := flag.Bool("quick", false, "measure for about two minutes, roughly")
	dir := flag.String("dir", "benchmarks", "write README.md and charts to this `folder`")
	served := flag.String("serve", "", "serve `framework:peer`; the report starts itself with this")
	flag.Parse()
	if *served != "" {
		if err := serveChild(*served); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(*dir, *quick); err != nil {
		log.Fatal(err)
	}
}

func run(dir string, quick bool) error {
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
	r := report{quick: quick, date: time.Now()}
	if err := os.MkdirAll(filepath.Join(dir, "charts"), 0o755); err != nil {
		return err
	}
	log.Print("building policies")
	r.builds = measureBuilds(e)
	for _, f := range benchmarks.Frameworks {
		log.Print(f.Name, ": serving over loopback")
		s, err := measureSockets(f, e)
		if err != nil {
			return err
		}
		r.sockets = append(r.sockets, s)
	}
	for _, f := range benchmarks.Frameworks {
		log.Print(f.Name, ": serving in memory")
		t, err := measure(f, e)
		if err != nil {
			return err
		}
		r.tables = append(r.tables, t)
		if err := drawChart(filepath.Join(dir, "charts"), &t); err != nil {
			return fmt.Errorf("chart of %s: %w", f.Name, err)
		}
	}
	log.Print("writing")
	return os.WriteFile(filepath.Join(dir, "README.md"), r.markdown(), 0o644)
}

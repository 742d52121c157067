package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/polycors/cors/benchmarks"
)

// The linker decides where each function is in a binary. This changes the time of a request by
// several percent, for one peer more than for another. So the report builds itself several times,
// each time with the functions in another random order. Each of these binaries measures all peers.

// layouts are binaries of this command that differ in the order of their functions.
type layouts struct {
	binaries []string
	quick    bool
}

// buildLayouts builds n layouts in a folder.
func buildLayouts(dir string, n int, quick bool) (layouts, error) {
	l := layouts{quick: quick}
	for i := range n {
		log.Printf("building layout %d of %d", i+1, n)
		binary := filepath.Join(dir, fmt.Sprint("layout", i+1))
		build := exec.Command("go", "build", fmt.Sprintf("-ldflags=-randlayout=%d", i+1), "-o", binary,
			"github.com/polycors/cors/benchmarks/report")
		if out, err := build.CombinedOutput(); err != nil {
			return l, fmt.Errorf("%s: %w\n%s", build, err, out)
		}
		l.binaries = append(l.binaries, binary)
	}
	return l, nil
}

// measure measures a framework in memory, with each layout.
func (l layouts) measure(f benchmarks.Framework) ([]scenario, error) {
	names := benchmarks.Scenarios()
	all := make([][]timed, len(names))
	for i, binary := range l.binaries {
		log.Printf("%s: serving in memory, layout %d of %d", f.Name, i+1, len(l.binaries))
		child := exec.Command(binary, "-layout", "-only="+f.Name, fmt.Sprint("-quick=", l.quick))
		child.Stderr = os.Stderr
		printed, err := child.Output()
		if err == nil {
			err = add(all, printed)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	var found []scenario
	for i, peers := range all {
		found = append(found, summary(f, names[i].Name, peers))
	}
	return found, nil
}

// layoutCell is what a layout prints about a peer in a scenario.
type layoutCell struct {
	Mark          benchmarks.Mark
	Why           string
	Rounds        []float64 // ns per request
	Bytes, Allocs float64   // per request
}

// printLayout measures a framework in memory, and prints the cells of each scenario as JSON. The
// report starts itself to do this.
func printLayout(f benchmarks.Framework, e effort) error {
	scenarios, err := measure(f, e)
	if err != nil {
		return err
	}
	var all [][]layoutCell
	for _, peers := range scenarios {
		var row []layoutCell
		for _, p := range peers {
			row = append(row, layoutCell{p.verdict.Mark, p.verdict.Why, slices.Concat(p.rounds...), p.bytes, p.allocs})
		}
		all = append(all, row)
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// add adds what a layout has printed to the measurements of all scenarios.
func add(scenarios [][]timed, printed []byte) error {
	var all [][]layoutCell
	if err := json.Unmarshal(printed, &all); err != nil {
		return err
	}
	if len(all) != len(scenarios) {
		return errors.New("a layout has other scenarios")
	}
	for i, row := range all {
		if scenarios[i] == nil {
			scenarios[i] = make([]timed, len(row))
		}
		for j, cell := range row {
			p := &scenarios[i][j]
			p.verdict = benchmarks.Verdict{Mark: cell.Mark, Why: cell.Why}
			p.rounds = append(p.rounds, cell.Rounds)
			p.bytes, p.allocs = cell.Bytes, cell.Allocs
		}
	}
	return nil
}

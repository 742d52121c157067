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

// The linker decides where each function is in a binary, and this changes the time of a request by
// several percent, for one peer more than for another. So the report builds itself several times,
// each time with the functions in another random order. Each of these binaries measures all peers.

// measureLayouts measures frameworks in memory, with n binaries that differ in the order of their
// functions.
func measureLayouts(frameworks []benchmarks.Framework, n int, quick bool) ([]table, error) {
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binaries := make([]string, n)
	for i := range binaries {
		log.Printf("building layout %d of %d", i+1, n)
		binaries[i] = filepath.Join(dir, fmt.Sprint("layout", i+1))
		build := exec.Command("go", "build", fmt.Sprintf("-ldflags=-randlayout=%d", i+1), "-o", binaries[i],
			"github.com/polycors/cors/benchmarks/report")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", build, err, out)
		}
	}
	var tables []table
	for _, f := range frameworks {
		t := table{framework: f}
		for i, binary := range binaries {
			log.Printf("%s: serving in memory, layout %d of %d", f.Name, i+1, n)
			child := exec.Command(binary, "-layout", "-only="+f.Name, fmt.Sprint("-quick=", quick))
			child.Stderr = os.Stderr
			out, err := child.Output()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			if err := t.add(out); err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// layoutCell is what a binary prints about a cell.
type layoutCell struct {
	Mark          benchmarks.Mark
	Why           string
	Rounds        []float64 // ns per request
	Bytes, Allocs float64
}

// printLayout measures a framework in memory, and prints the cells of each scenario as JSON. The
// report starts itself to do this.
func printLayout(f benchmarks.Framework, e effort) error {
	t, err := measure(f, e)
	if err != nil {
		return err
	}
	var all [][]layoutCell
	for _, r := range t.rows {
		var row []layoutCell
		for _, c := range r.cells {
			row = append(row, layoutCell{c.verdict.Mark, c.verdict.Why, slices.Concat(c.rounds...), c.bytes, c.allocs})
		}
		all = append(all, row)
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// add adds what a binary has printed.
func (t *table) add(printed []byte) error {
	var all [][]layoutCell
	if err := json.Unmarshal(printed, &all); err != nil {
		return err
	}
	scenarios := benchmarks.Scenarios()
	if len(all) != len(scenarios) {
		return errors.New("a layout has other scenarios")
	}
	if t.rows == nil {
		t.rows = make([]tableRow, len(all))
	}
	for i, row := range all {
		r := &t.rows[i]
		if r.cells == nil {
			*r = tableRow{framework: &t.framework, scenario: scenarios[i], cells: make([]cell, len(row))}
		}
		for j, printed := range row {
			c := &r.cells[j]
			c.verdict = benchmarks.Verdict{Mark: printed.Mark, Why: printed.Why}
			c.rounds = append(c.rounds, printed.Rounds)
			c.bytes, c.allocs = printed.Bytes, printed.Allocs
		}
	}
	return nil
}

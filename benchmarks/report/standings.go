package main

import (
	"bytes"
	"fmt"

	"github.com/polycors/cors/benchmarks"
)

// standing compares our overhead in a scenario with that of the others. A figure is the median over
// the layouts, in ns.
type standing struct {
	floor, ours float64
	// fair is the fastest rival whose response is correct and shares no memory with others, and first
	// is the fastest of all. They are indices of peers, or 0 if there is no such rival.
	fair, first int
}

func (r *tableRow) standing() standing {
	s := standing{floor: r.over(benchmarks.Floor), ours: r.over(benchmarks.Ours)}
	faster := func(i, than int) bool { return than == 0 || r.cells[i].ns() < r.cells[than].ns() }
	for i := benchmarks.FirstRival; i < len(r.cells); i++ {
		mark := r.cells[i].verdict.Mark
		if mark == benchmarks.Unsupported {
			continue
		}
		if faster(i, s.first) {
			s.first = i
		}
		if mark.Correct() && faster(i, s.fair) {
			s.fair = i
		}
	}
	return s
}

// writeStandings writes a table of every cell.
func (r *report) writeStandings(b *bytes.Buffer) {
	b.WriteString("## All scenarios\n\nns over bare. *Ratio* is that of polycors to the fastest rival whose response " +
		"is correct and shares no memory with other responses. A ratio above 1 is bold.\n\n" +
		"| framework | scenario | floor | polycors | fastest correct rival | ratio | fastest rival |\n" +
		"|---|---|---:|---:|---|---:|---|\n")
	for _, t := range r.tables {
		for _, row := range t.rows {
			s := row.standing()
			fair, ratio := "", ""
			if s.fair != 0 {
				x := row.ratio(benchmarks.Ours, s.fair).median
				fair, ratio = row.named(s.fair), fmt.Sprintf("%s×", figure(x))
				if x > 1 {
					ratio = "**" + ratio + "**"
				}
			}
			first := ""
			if s.first != 0 {
				first = row.named(s.first)
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", t.framework.Name, row.scenario.Name, figure(s.floor),
				figure(s.ours), fair, ratio, first)
		}
	}
	b.WriteString("\n")
}

// named returns the overhead of a peer, its name, and the sign of its response.
func (r *tableRow) named(i int) string {
	text := figure(r.over(i)) + " " + r.peer(i)
	if sign := r.cells[i].verdict.Mark.String(); sign != "" {
		text += " " + sign
	}
	return text
}

package main

import (
	"bytes"
	"fmt"

	"github.com/polycors/cors/benchmarks"
)

// writeStandings writes a table with a row for each scenario on each framework. It compares our
// time with that of the fastest alternative whose response is correct and shares no memory with
// other responses, and with that of the fastest of all.
func (f *figures) writeStandings(b *bytes.Buffer) {
	b.WriteString("## Every scenario\n\nNanoseconds added to a request. *Ratio* compares Polycors with the fastest " +
		"alternative whose response is correct and shares no memory with other responses. A ratio above 1 is bold.\n\n" +
		"| framework | scenario | headers only | Polycors | fastest correct alternative | ratio | fastest alternative |\n" +
		"|---|---|---:|---:|---|---:|---|\n")
	for _, s := range f.scenarios {
		floor, ours := &s.Peers[0], &s.Peers[benchmarks.Ours-benchmarks.Floor]
		var fair, first *measured
		for i := benchmarks.FirstRival - benchmarks.Floor; i < len(s.Peers); i++ {
			p := &s.Peers[i]
			if p.Mark == benchmarks.Unsupported.String() {
				continue
			}
			if first == nil || p.NS < first.NS {
				first = p
			}
			if isCorrect(p.Mark) && (fair == nil || p.NS < fair.NS) {
				fair = p
			}
		}
		ratio := ""
		if fair != nil && fair.NS > 0 {
			x := ours.NS / fair.NS
			if ratio = figure(x) + "×"; x > 1 {
				ratio = "**" + ratio + "**"
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", s.Framework, s.Name, integer(floor.NS), integer(ours.NS),
			fair.named(), ratio, first.named())
	}
	b.WriteString("\n")
}

// isCorrect reports whether a sign is that of a correct response.
func isCorrect(sign string) bool {
	for mark := benchmarks.Right; mark <= benchmarks.Unsupported; mark++ {
		if mark.String() == sign {
			return mark.Correct()
		}
	}
	return false
}

// named returns the time that a peer adds, its name, and the sign of its response. It returns "" if
// there is no such peer.
func (m *measured) named() string {
	if m == nil {
		return ""
	}
	text := integer(m.NS) + " " + m.Peer
	if m.Mark != "" {
		text += " " + m.Mark
	}
	return text
}

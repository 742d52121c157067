package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/polycors/cors/benchmarks"
)

// target is what we aim at on a framework: overhead in a scenario at most so many times that of the fastest of the rivals.
type target struct {
	framework string
	rivals    []string
	most      []float64 // by aimed
}

// aimed are the scenarios of the targets.
var aimed = []string{benchmarks.GETAllowed, benchmarks.PreflightAllowed, benchmarks.ThousandMiss, benchmarks.ManyMiss, benchmarks.Commas}

var targets = []target{
	{"net/http", []string{"rs/cors", "jub0bs/cors"}, []float64{0.90, 0.70, 0.50, 0.45, 0.65}},
	{"gin", []string{"gin-contrib/cors"}, []float64{0.50, 0.80, 0.01, 0.001, 0.50}},
	{"echo", []string{"echo's own"}, []float64{0.50, 0.45, 0.001, 0.0001, 0.30}},
	{"fiber", []string{"fiber's own"}, []float64{0.50, 0.40, 0.06, 0.001, 0.30}},
	{"chi", []string{"go-chi/cors"}, []float64{0.80, 0.40, 0.05, 0.001, 0.01}},
}

// check is a target, and what was measured.
type check struct {
	target, measured string
	met              bool
}

func (r *report) checks() (checks []check) {
	for _, target := range targets {
		t := r.table(target.framework)
		for i, name := range aimed {
			row := t.row(name)
			rival := row.fastest(target.rivals)
			ratio := row.ratio(benchmarks.Ours, rival)
			checks = append(checks, check{
				fmt.Sprintf("%s, %s: at most %g× %s", target.framework, name, target.most[i], row.peer(rival)), ratio.String(), ratio.median <= target.most[i],
			})
		}
	}
	for i := range r.tables {
		t := &r.tables[i]
		var most [2]float64
		for _, row := range t.rows {
			over, kind := row.cells[benchmarks.Ours].allocs-row.cells[benchmarks.Bare].allocs, 0
			if row.scenario.Request.AskMethod != "" {
				kind = 1
			}
			most[kind] = max(most[kind], over)
		}
		limit := t.framework.MaxAllocs
		checks = append(checks, check{
			fmt.Sprintf("%s: at most %g allocations for an actual request, %g for a preflight", t.framework.Name, limit[0], limit[1]),
			fmt.Sprintf("%.2g, %.2g", most[0], most[1]), most[0] < limit[0]+0.01 && most[1] < limit[1]+0.01,
		})
	}
	for i := range r.tables {
		t := &r.tables[i]
		var slower []string
		compared := 0
		for _, row := range t.rows {
			best, ok := row.best()
			if !ok || !row.cells[best].verdict.Mark.Correct() {
				continue
			}
			compared++
			if ratio := row.ratio(benchmarks.Ours, best); ratio.median > 1 {
				slower = append(slower, fmt.Sprintf("%s: %s of %s", row.scenario.Name, ratio, row.peer(best)))
			}
		}
		measured := "first in all"
		switch {
		case compared == 0:
			measured = "nobody answers correctly"
		case slower != nil:
			measured = strings.Join(slower, "; ")
		}
		checks = append(checks, check{
			fmt.Sprintf("%s: no more than the fastest rival, in each of the %d scenarios where one answers correctly", t.framework.Name, compared), measured, slower == nil,
		})
	}
	ours := r.builds[slices.IndexFunc(r.builds, func(b build) bool { return b.peer == "polycors" })]
	million, wildcards := ours.sizes[0], ours.sizes[1]
	checks = append(checks,
		check{"a million exact origins: built in under 0.5 s", million.took.Round(time.Millisecond).String(), million.took < 500*time.Millisecond},
		check{"a million exact origins: under 80 MB retained", megabytes(million.retained), million.retained < 80e6},
		check{"10,000 wildcards: built in under 10 ms", wildcards.took.Round(10 * time.Microsecond).String(), wildcards.took < 10*time.Millisecond},
	)
	t := r.table("net/http")
	one, many := t.row(benchmarks.WildcardMiss).over(benchmarks.Ours), t.row(benchmarks.ManyWildcardsMiss).over(benchmarks.Ours)
	return append(checks, check{"10,000 wildcards: a miss costs at most 3 times one of 1 wildcard (net/http)", fmt.Sprintf("%.2f×", many/one), many <= 3*one})
}

// fastest returns the fastest of the named peers, whatever its answer is worth.
func (r *row) fastest(names []string) (best int) {
	for i := benchmarks.FirstRival; i < len(r.cells); i++ {
		if slices.Contains(names, r.peer(i)) && (best == 0 || r.cells[i].ns() < r.cells[best].ns()) {
			best = i
		}
	}
	return best
}

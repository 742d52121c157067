package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/polycors/cors/benchmarks"
)

// target limits our overhead on a framework to a multiple of the overhead of the fastest rival.
type target struct {
	framework string
	rivals    []string
	most      []float64 // the multiple for each of targetScenarios
}

var targetScenarios = []string{
	benchmarks.GETAllowed, benchmarks.PreflightAllowed, benchmarks.ThousandMiss, benchmarks.ManyMiss, benchmarks.Commas,
}

var targets = []target{
	{"net/http", []string{"rs/cors", "jub0bs/cors"}, []float64{0.90, 0.70, 0.50, 0.45, 0.65}},
	{"gin", []string{"gin-contrib/cors"}, []float64{0.50, 0.80, 0.01, 0.001, 0.50}},
	{"echo", []string{"echo's own"}, []float64{0.50, 0.45, 0.001, 0.0001, 0.30}},
	{"fiber", []string{"fiber's own"}, []float64{0.50, 0.40, 0.06, 0.001, 0.30}},
	{"chi", []string{"go-chi/cors"}, []float64{0.80, 0.40, 0.05, 0.001, 0.01}},
}

// check is a row of the report's first table: what we want, and what was measured.
type check struct {
	wanted, measured string
	met              bool
}

func (r *report) checks() []check {
	var checks []check
	for _, want := range targets {
		checks = append(checks, r.targetChecks(want)...)
	}
	for i := range r.tables {
		checks = append(checks, r.tables[i].allocationCheck())
	}
	for i := range r.tables {
		checks = append(checks, r.tables[i].fastestCheck())
	}
	return append(checks, r.sizeChecks()...)
}

// targetChecks compares our overhead with the rivals of one target.
func (r *report) targetChecks(want target) []check {
	var checks []check
	t := r.table(want.framework)
	for i, name := range targetScenarios {
		row := t.row(name)
		rival := row.fastest(want.rivals)
		measured := row.ratio(benchmarks.Ours, rival)
		checks = append(checks, check{
			fmt.Sprintf("%s, %s: at most %g× %s", want.framework, name, want.most[i], row.peer(rival)),
			measured.String(), measured.median <= want.most[i],
		})
	}
	return checks
}

// allocationCheck compares our allocations with Framework.MaxAllocs.
func (t *table) allocationCheck() check {
	var most [2]float64
	for _, row := range t.rows {
		over, kind := row.cells[benchmarks.Ours].allocs-row.cells[benchmarks.Bare].allocs, 0
		if row.scenario.Request.RequestMethod != "" {
			kind = 1
		}
		most[kind] = max(most[kind], over)
	}
	name, limit := t.framework.Name, t.framework.MaxAllocs
	return check{
		fmt.Sprintf("%s: at most %g allocations for an actual request, %g for a preflight", name, limit[0], limit[1]),
		fmt.Sprintf("%.2g, %.2g", most[0], most[1]), most[0] < limit[0]+0.01 && most[1] < limit[1]+0.01,
	}
}

// fastestCheck checks that we are as fast as the fastest rival whose response is correct.
func (t *table) fastestCheck() check {
	var slower []string
	compared := 0
	for _, row := range t.rows {
		best, ok := row.best()
		if !ok || !row.cells[best].verdict.Mark.Correct() {
			continue
		}
		compared++
		if measured := row.ratio(benchmarks.Ours, best); measured.median > 1 {
			slower = append(slower, fmt.Sprintf("%s: %s of %s", row.scenario.Name, measured, row.peer(best)))
		}
	}
	measured := "first in all"
	switch {
	case compared == 0:
		measured = "no rival responds correctly"
	case slower != nil:
		measured = strings.Join(slower, "; ")
	}
	wanted := fmt.Sprintf("%s: no more than the fastest rival, in each of the %d scenarios where one responds correctly",
		t.framework.Name, compared)
	return check{wanted, measured, slower == nil}
}

// sizeChecks checks that long lists of origins are cheap to build and to search.
func (r *report) sizeChecks() []check {
	ours := r.builds[slices.IndexFunc(r.builds, func(b buildRow) bool { return b.peer == "polycors" })]
	million, wildcards := ours.sizes[0], ours.sizes[1]
	netHTTP := r.table("net/http")
	one := netHTTP.row(benchmarks.WildcardMiss).over(benchmarks.Ours)
	many := netHTTP.row(benchmarks.ManyWildcardsMiss).over(benchmarks.Ours)
	return []check{
		{
			"a million exact origins: built in under 0.5 s",
			million.took.Round(time.Millisecond).String(), million.took < 500*time.Millisecond,
		},
		{
			"a million exact origins: under 80 MB retained",
			megabytes(million.retained), million.retained < 80e6,
		},
		{
			"10,000 wildcards: built in under 10 ms",
			wildcards.took.Round(10 * time.Microsecond).String(), wildcards.took < 10*time.Millisecond,
		},
		{
			"10,000 wildcards: a miss costs at most 3 times one of 1 wildcard (net/http)",
			fmt.Sprintf("%.2f×", many/one), many <= 3*one,
		},
	}
}

// fastest returns the index of the fastest of the named peers, even if its response is wrong.
func (r *tableRow) fastest(names []string) (best int) {
	for i := benchmarks.FirstRival; i < len(r.cells); i++ {
		if slices.Contains(names, r.peer(i)) && (best == 0 || r.cells[i].ns() < r.cells[best].ns()) {
			best = i
		}
	}
	return best
}

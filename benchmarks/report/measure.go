package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/polycors/cors/benchmarks"
)

// table has the measurements of a framework.
type table struct {
	framework benchmarks.Framework
	rows      []tableRow
}

// tableRow has the measurements of a scenario. The cells are in the order of the framework's peers.
type tableRow struct {
	framework *benchmarks.Framework
	scenario  benchmarks.Scenario
	cells     []cell
}

func (r *tableRow) peer(i int) string { return r.framework.Peers[i].Name }

// cell has the measurements of a peer in a scenario.
type cell struct {
	verdict       benchmarks.Verdict
	rounds        []float64 // ns per request, by round
	bytes, allocs float64   // per request
}

// ns returns the time per request in the fastest round. Disturbances only ever add time.
func (c *cell) ns() float64 { return slices.Min(c.rounds) }

// over returns the overhead of peer i: its time per request minus that of the bare framework.
func (r *tableRow) over(i int) float64 { return r.cells[i].ns() - r.cells[benchmarks.Bare].ns() }

// ratio has the quartiles of ratios that were each taken within one round.
type ratio struct{ low, median, high float64 }

// ratio returns the overhead of peer i relative to that of peer j.
func (r *tableRow) ratio(i, j int) ratio {
	bare := r.cells[benchmarks.Bare].rounds
	var all []float64
	for k := range bare {
		if below := r.cells[j].rounds[k] - bare[k]; below > 0 {
			all = append(all, (r.cells[i].rounds[k]-bare[k])/below)
		}
	}
	return quartiles(all)
}

func quartiles(all []float64) ratio {
	if len(all) == 0 {
		return ratio{}
	}
	slices.Sort(all)
	at := func(q int) float64 { return all[q*(len(all)-1)/4] }
	return ratio{at(1), at(2), at(3)}
}

// best returns the index of the fastest rival whose response is correct, or of the fastest rival if
// none is. ok is false if no rival supports the policy.
func (r *tableRow) best() (best int, ok bool) {
	for _, correct := range []bool{true, false} {
		for i := benchmarks.FirstRival; i < len(r.cells); i++ {
			mark := r.cells[i].verdict.Mark
			if mark == benchmarks.Unsupported || correct && !mark.Correct() {
				continue
			}
			if !ok || r.cells[i].ns() < r.cells[best].ns() {
				best, ok = i, true
			}
		}
		if ok {
			return best, true
		}
	}
	return 0, false
}

// row returns the row of a scenario, or nil.
func (t *table) row(name string) *tableRow {
	for i := range t.rows {
		if t.rows[i].scenario.Name == name {
			return &t.rows[i]
		}
	}
	return nil
}

// effort says how much is measured.
type effort struct {
	rounds         int
	batch          time.Duration // of one peer in one round
	builds         int
	longestBuild   time.Duration
	socketRounds   int
	socketRequests int // per round
}

func measure(f benchmarks.Framework, e effort) (table, error) {
	t := table{framework: f}
	peers := servers{framework: f}
	for _, sc := range benchmarks.Scenarios() {
		r, err := peers.measure(sc, e)
		if err != nil {
			return t, fmt.Errorf("%s: %s: %w", f.Name, sc.Name, err)
		}
		t.rows = append(t.rows, r)
	}
	return t, nil
}

// servers has a server for each peer of a framework. They are kept as long as the policy is the
// same, because some take long to build.
type servers struct {
	framework benchmarks.Framework
	policy    *benchmarks.Policy
	servers   []benchmarks.Server // nil if the peer does not support the policy
}

// make builds the servers for a scenario. Bare and Floor depend on the scenario, and are always
// built. The others depend on its policy only.
func (s *servers) make(sc benchmarks.Scenario) error {
	if s.policy != sc.Policy {
		s.servers = make([]benchmarks.Server, len(s.framework.Peers))
	}
	for i, p := range s.framework.Peers {
		if s.policy == sc.Policy && i >= benchmarks.Ours {
			break
		}
		var err error
		if s.servers[i], err = p.New(sc.Policy, sc.Want); err != nil && !errors.Is(err, benchmarks.ErrUnsupported) {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	s.policy = sc.Policy
	return nil
}

// measure lets the peers take turns at serving batches of requests. Each round begins with another
// peer.
func (s *servers) measure(sc benchmarks.Scenario, e effort) (tableRow, error) {
	r := tableRow{framework: &s.framework, scenario: sc, cells: make([]cell, len(s.framework.Peers))}
	if err := s.make(sc); err != nil {
		return r, err
	}
	batches := make([]func() time.Duration, len(s.servers))
	sizes := make([]int, len(s.servers))
	for i, server := range s.servers {
		if server == nil {
			unsupported := benchmarks.Verdict{Mark: benchmarks.Unsupported, Why: benchmarks.ErrUnsupported.Error()}
			r.cells[i].verdict = unsupported
			continue
		}
		if i != benchmarks.Bare {
			r.cells[i].verdict = sc.Judge(server)
		}
		goroutines := 1
		if sc.Parallel {
			goroutines = runtime.GOMAXPROCS(0)
		}
		clients := make([]benchmarks.Client, goroutines)
		for j := range clients {
			clients[j] = server.Client(sc.Request)
		}
		n := calibrate(clients, e.batch)
		r.cells[i].bytes, r.cells[i].allocs = allocations(clients[0], min(n, 1000))
		sizes[i] = n * goroutines
		batches[i] = func() time.Duration { return serve(clients, n) }
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no batch has to collect another's garbage
	for round := range e.rounds {
		runtime.GC()
		for k := range batches {
			if i := (round + k) % len(batches); batches[i] != nil {
				r.cells[i].rounds = append(r.cells[i].rounds, float64(batches[i]())/float64(sizes[i]))
			}
		}
	}
	return r, nil
}

// calibrate returns how many requests each client can send in about the time of a batch.
func calibrate(clients []benchmarks.Client, batch time.Duration) int {
	for n := 1; ; n *= 2 {
		if took := serve(clients, n); took >= batch/4 {
			return max(1, int(int64(n)*int64(batch)/int64(took)))
		}
	}
}

// serve lets each client send n requests, and returns how long that took. Several clients run in
// parallel.
func serve(clients []benchmarks.Client, n int) time.Duration {
	if len(clients) == 1 {
		start := time.Now()
		clients[0].Serve(n)
		return time.Since(start)
	}
	var wg sync.WaitGroup
	start := time.Now()
	for _, c := range clients {
		wg.Go(func() { c.Serve(n) })
	}
	wg.Wait()
	return time.Since(start)
}

// allocations returns the bytes and the allocations per request.
func allocations(c benchmarks.Client, n int) (bytes, allocs float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	c.Serve(1)
	runtime.ReadMemStats(&before)
	c.Serve(n)
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n)
}

// buildRow has what it costs a peer to build its middleware.
type buildRow struct {
	peer  string
	sizes []buildCost // in the order of buildSizes
}

// buildCost is zero if the peer does not support the policy.
type buildCost struct {
	took     time.Duration
	retained int // bytes, without the strings of the list
	estimate bool
}

var buildSizes = []struct {
	name   string
	n      int
	format string // for benchmarks.Tenants
}{
	{"1,000,000 exact origins", 1_000_000, benchmarks.Exact},
	{"10,000 wildcards", 10_000, benchmarks.Wildcards},
}

// measureBuilds measures each peer once, even if several frameworks have it.
func measureBuilds(e effort) []buildRow {
	var builds []buildRow
	seen := map[string]bool{}
	for _, f := range benchmarks.Frameworks {
		for _, p := range f.Peers {
			if p.Build == nil || seen[p.Name] {
				continue
			}
			seen[p.Name] = true
			b := buildRow{peer: p.Name}
			for _, size := range buildSizes {
				b.sizes = append(b.sizes, measureBuild(p, size.n, size.format, e))
			}
			builds = append(builds, b)
		}
	}
	return builds
}

// measureBuild returns the cost of the fastest of several builds. It begins with a hundredth of the
// list. If that shows that the whole would take too long, the cost is extrapolated.
func measureBuild(p benchmarks.Peer, n int, format string, e effort) buildCost {
	policy := &benchmarks.Policy{
		Origins: benchmarks.Tenants(n/100, format),
		Methods: []string{"GET"},
		Headers: []string{"x-token"},
	}
	small, ok := buildOnce(p, policy)
	if !ok {
		return buildCost{}
	}
	if small.took*100 > e.longestBuild {
		return buildCost{small.took * 100, small.retained * 100, true}
	}
	policy.Origins = benchmarks.Tenants(n, format)
	best, _ := buildOnce(p, policy)
	for range e.builds - 1 {
		if again, _ := buildOnce(p, policy); again.took < best.took {
			best.took = again.took
		}
	}
	runtime.KeepAlive(policy)
	return best
}

// buildOnce reports false if the peer does not support the policy.
func buildOnce(p benchmarks.Peer, policy *benchmarks.Policy) (buildCost, bool) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	middleware, err := p.Build(policy)
	took := time.Since(start)
	if err != nil {
		return buildCost{}, false
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(middleware)
	runtime.KeepAlive(policy)
	return buildCost{took: took, retained: int(after.HeapAlloc) - int(before.HeapAlloc)}, true
}

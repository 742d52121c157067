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

// table has what was measured on a framework.
type table struct {
	framework benchmarks.Framework
	rows      []row
}

// row is a scenario. cells are in the order of the framework's peers.
type row struct {
	framework *benchmarks.Framework
	scenario  benchmarks.Scenario
	cells     []cell
}

func (r *row) peer(i int) string { return r.framework.Peers[i].Name }

// cell is what a peer gave in a scenario.
type cell struct {
	verdict       benchmarks.Verdict
	rounds        []float64 // ns per request, by round
	bytes, allocs float64   // per request
}

// ns returns the shortest time of a request: what disturbs a measurement only ever adds.
func (c *cell) ns() float64 { return slices.Min(c.rounds) }

// over returns what peer i costs beyond the bare framework.
func (r *row) over(i int) float64 { return r.cells[i].ns() - r.cells[benchmarks.Bare].ns() }

// ratio is the quotient of two overheads, taken in each round by itself.
type ratio struct{ low, median, high float64 } // quartiles

func (r *row) ratio(i, j int) ratio {
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

// best returns the fastest rival whose answer is correct, or the fastest of all if none is. ok is false without any.
func (r *row) best() (best int, ok bool) {
	for _, correct := range []bool{true, false} {
		for i := benchmarks.FirstRival; i < len(r.cells); i++ {
			mark := r.cells[i].verdict.Mark
			if mark == benchmarks.Cannot || correct && !mark.Correct() {
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

// row returns the row of a scenario, nil if there is none.
func (t *table) row(name string) *row {
	for i := range t.rows {
		if t.rows[i].scenario.Name == name {
			return &t.rows[i]
		}
	}
	return nil
}

// effort is how much is measured.
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
	servers := servers{framework: f}
	for _, sc := range benchmarks.Scenarios() {
		r, err := servers.measure(sc, e)
		if err != nil {
			return t, fmt.Errorf("%s: %s: %w", f.Name, sc.Name, err)
		}
		t.rows = append(t.rows, r)
	}
	return t, nil
}

// servers are those of a framework's peers for one policy: some take long to be built.
type servers struct {
	framework benchmarks.Framework
	policy    *benchmarks.Policy
	servers   []benchmarks.Server // nil for those who cannot
}

// make makes servers for a scenario. Bare and floor know the answer and are always made.
func (s *servers) make(sc benchmarks.Scenario) error {
	if s.policy != sc.Policy {
		s.servers = make([]benchmarks.Server, len(s.framework.Peers))
	}
	for i, p := range s.framework.Peers {
		if s.policy == sc.Policy && i >= benchmarks.Ours {
			break
		}
		var err error
		if s.servers[i], err = p.New(sc.Policy, sc.Want); err != nil && !errors.Is(err, benchmarks.ErrCannot) {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	s.policy = sc.Policy
	return nil
}

// measure lets the peers serve batches in turn, round after round, each round beginning with another peer.
func (s *servers) measure(sc benchmarks.Scenario, e effort) (row, error) {
	r := row{framework: &s.framework, scenario: sc, cells: make([]cell, len(s.framework.Peers))}
	if err := s.make(sc); err != nil {
		return r, err
	}
	batches := make([]func() time.Duration, len(s.servers))
	sizes := make([]int, len(s.servers))
	for i, server := range s.servers {
		if server == nil {
			r.cells[i].verdict = benchmarks.Verdict{Mark: benchmarks.Cannot, Why: benchmarks.ErrCannot.Error()}
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
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no batch pays for the garbage of another
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

// calibrate returns how many requests a client serves in about the given time.
func calibrate(clients []benchmarks.Client, batch time.Duration) int {
	for n := 1; ; n *= 2 {
		if took := serve(clients, n); took >= batch/4 {
			return max(1, int(int64(n)*int64(batch)/int64(took)))
		}
	}
}

// serve lets each client send n requests, each in a goroutine of its own if there are several.
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

func allocations(c benchmarks.Client, n int) (bytes, allocs float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	c.Serve(1)
	runtime.ReadMemStats(&before)
	c.Serve(n)
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n)
}

// build is what it takes to make a policy.
type build struct {
	peer  string
	sizes []built
}

type built struct {
	took     time.Duration
	retained int // bytes, beyond the strings of the list
	estimate bool
}

// Sizes of the lists that are built.
var buildSizes = []struct {
	name   string
	n      int
	format string
}{{"1,000,000 exact origins", 1_000_000, benchmarks.Exact}, {"10,000 wildcards", 10_000, benchmarks.Wildcards}}

// measureBuilds builds with each peer that has a list of origins, wherever it was met first.
func measureBuilds(e effort) []build {
	var builds []build
	seen := map[string]bool{}
	for _, f := range benchmarks.Frameworks {
		for _, p := range f.Peers {
			if p.Build == nil || seen[p.Name] {
				continue
			}
			seen[p.Name] = true
			b := build{peer: p.Name}
			for _, size := range buildSizes {
				b.sizes = append(b.sizes, measureBuild(p, size.n, size.format, e))
			}
			builds = append(builds, b)
		}
	}
	return builds
}

// measureBuild takes the shortest of several times. What a hundredth of the list shows to take long is not built in full, but estimated.
func measureBuild(p benchmarks.Peer, n int, format string, e effort) built {
	policy := &benchmarks.Policy{Origins: benchmarks.Tenants(n/100, format), Methods: []string{"GET"}, Headers: []string{"x-token"}}
	small, ok := buildOnce(p, policy)
	if !ok {
		return built{}
	}
	if small.took*100 > e.longestBuild {
		return built{small.took * 100, small.retained * 100, true}
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

func buildOnce(p benchmarks.Peer, policy *benchmarks.Policy) (built, bool) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	middleware, err := p.Build(policy)
	took := time.Since(start)
	if err != nil {
		return built{}, false
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(middleware)
	runtime.KeepAlive(policy)
	return built{took: took, retained: int(after.HeapAlloc) - int(before.HeapAlloc)}, true
}

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

// timed has the measurements of a peer in a scenario.
type timed struct {
	verdict       benchmarks.Verdict
	rounds        [][]float64 // ns per request, by layout and round
	bytes, allocs float64     // per request
}

// ns returns the time per request. In each layout, it is that of the fastest round, because
// disturbances only ever add time. Of these, ns returns the median.
func (c *timed) ns() float64 {
	var all []float64
	for _, rounds := range c.rounds {
		all = append(all, slices.Min(rounds))
	}
	return quartiles(all).Median
}

// summary returns the figures of a scenario. The peers are those of the framework, in their order.
func summary(f benchmarks.Framework, name string, peers []timed) scenario {
	bare := &peers[benchmarks.Bare]
	s := scenario{Framework: f.Name, Name: name, BareNS: rounded(bare.ns())}
	for i := benchmarks.Floor; i < len(peers); i++ {
		p := &peers[i]
		m := measured{Peer: f.Peers[i].Name, Mark: p.verdict.Mark.String(), Why: p.verdict.Why}
		if p.verdict.Mark != benchmarks.Unsupported {
			m.NS = rounded(p.ns() - bare.ns())
			m.Bytes, m.Allocs = rounded(p.bytes-bare.bytes), rounded(p.allocs-bare.allocs)
		}
		s.Peers = append(s.Peers, m)
	}
	if other, ok := fastest(peers); ok {
		s.Than, s.Compared = f.Peers[other].Name, compare(bare, &peers[benchmarks.Ours], &peers[other])
	}
	return s
}

// compare returns the ratio of what ours adds to bare, to what other adds.
func compare(bare, ours, other *timed) *ratio {
	var all []float64
	for layout, rounds := range bare.rounds {
		for k, bare := range rounds {
			if added := other.rounds[layout][k] - bare; added > 0 {
				all = append(all, (ours.rounds[layout][k]-bare)/added)
			}
		}
	}
	return quartiles(all)
}

// fastest returns the index of the fastest alternative whose response is correct, or of the fastest
// alternative if none is. ok is false if no alternative supports the policy.
func fastest(peers []timed) (best int, ok bool) {
	for _, correct := range []bool{true, false} {
		for i := benchmarks.FirstRival; i < len(peers); i++ {
			mark := peers[i].verdict.Mark
			if mark == benchmarks.Unsupported || correct && !mark.Correct() {
				continue
			}
			if !ok || peers[i].ns() < peers[best].ns() {
				best, ok = i, true
			}
		}
		if ok {
			return best, true
		}
	}
	return 0, false
}

// effort says how much is measured.
type effort struct {
	layouts        int
	rounds         int           // with each layout
	batch          time.Duration // of one peer in one round
	builds         int
	longestBuild   time.Duration
	socketRounds   int
	socketRequests int // per round
}

// measure measures the peers of a framework in each scenario, in memory, with the layout of this
// binary.
func measure(f benchmarks.Framework, e effort) ([][]timed, error) {
	var found [][]timed
	peers := servers{framework: f}
	for _, sc := range benchmarks.Scenarios() {
		all, err := peers.measure(sc, e)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", f.Name, sc.Name, err)
		}
		found = append(found, all)
	}
	return found, nil
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
func (s *servers) measure(sc benchmarks.Scenario, e effort) ([]timed, error) {
	peers := make([]timed, len(s.framework.Peers))
	if err := s.make(sc); err != nil {
		return nil, err
	}
	batches := make([]func() time.Duration, len(s.servers))
	sizes := make([]int, len(s.servers))
	for i, server := range s.servers {
		if server == nil {
			unsupported := benchmarks.Verdict{Mark: benchmarks.Unsupported, Why: benchmarks.ErrUnsupported.Error()}
			peers[i].verdict = unsupported
			continue
		}
		if i != benchmarks.Bare {
			peers[i].verdict = sc.Judge(server)
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
		peers[i].bytes, peers[i].allocs = allocations(clients[0], min(n, 1000))
		sizes[i] = n * goroutines
		peers[i].rounds = make([][]float64, 1)
		batches[i] = func() time.Duration { return serve(clients, n) }
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no batch has to collect another's garbage
	for round := range e.rounds {
		runtime.GC()
		for k := range batches {
			if i := (round + k) % len(batches); batches[i] != nil {
				peers[i].rounds[0] = append(peers[i].rounds[0], float64(batches[i]())/float64(sizes[i]))
			}
		}
	}
	return peers, nil
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

var buildSizes = []struct {
	name   string
	n      int
	format string // for benchmarks.Tenants
}{
	{"1,000,000 exact origins", 1_000_000, benchmarks.Exact},
	{"10,000 wildcards", 10_000, benchmarks.Wildcards},
}

// measureBuilds measures each peer once, even if several frameworks have it.
func measureBuilds(e effort) []build {
	var builds []build
	seen := map[string]bool{}
	for _, f := range benchmarks.Frameworks {
		for _, p := range f.Peers {
			if p.Build == nil || seen[p.Name] {
				continue
			}
			seen[p.Name] = true
			b := build{Peer: p.Name}
			for _, list := range buildSizes {
				b.Sizes = append(b.Sizes, measureBuild(p, list.n, list.format, e))
			}
			builds = append(builds, b)
		}
	}
	return builds
}

// measureBuild returns the cost of the fastest of several builds. It begins with a hundredth of the
// list. If that shows that the whole would take too long, the cost is extrapolated.
func measureBuild(p benchmarks.Peer, n int, format string, e effort) size {
	policy := &benchmarks.Policy{
		Origins: benchmarks.Tenants(n/100, format),
		Methods: []string{"GET"},
		Headers: []string{"x-token"},
	}
	small, ok := buildOnce(p, policy)
	if !ok {
		return size{}
	}
	if small.Seconds*100 > e.longestBuild.Seconds() {
		return size{small.Seconds * 100, small.Bytes * 100, true}
	}
	policy.Origins = benchmarks.Tenants(n, format)
	best, _ := buildOnce(p, policy)
	for range e.builds - 1 {
		if again, _ := buildOnce(p, policy); again.Seconds < best.Seconds {
			best.Seconds = again.Seconds
		}
	}
	runtime.KeepAlive(policy)
	return best
}

// buildOnce reports false if the peer does not support the policy.
func buildOnce(p benchmarks.Peer, policy *benchmarks.Policy) (size, bool) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	middleware, err := p.Build(policy)
	took := time.Since(start)
	if err != nil {
		return size{}, false
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(middleware)
	runtime.KeepAlive(policy)
	return size{Seconds: took.Seconds(), Bytes: float64(after.HeapAlloc) - float64(before.HeapAlloc)}, true
}

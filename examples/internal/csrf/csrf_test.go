// Package csrf compares core.CSRFProtection, in every adapter, with net/http.CrossOriginProtection.
// The same random bytes go over loopback to a net/http server with net/http's own protection, which
// is the oracle, and to a server of each framework with core.CSRFProtection. No server may run its
// handler where the oracle refuses. The other way around is allowed in the documented ways alone,
// which are counted.
//
// go test sends 40,000 requests in all. This sends 200,000, in some minutes:
//
//	go test ./examples/internal/csrf -count=1 -v -csrf.requests=200000
//
// A run prints its seed, and -csrf.seed repeats it or takes another.
package csrf

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"
	fiber3 "github.com/gofiber/fiber/v3"

	"github.com/polycors/cors/core"
)

var (
	requests = flag.Uint64("csrf.requests", 40000, "how many `requests` are sent in all")
	seed     = flag.Uint64("csrf.seed", 1, "of the random requests")
)

// TestNoMoreLenient checks that every adapter refuses what net/http's protection refuses.
func TestNoMoreLenient(t *testing.T) {
	each := *requests / uint64(len(servers)+1)
	result := compare(t, servers, protection(t), *seed, each+1)
	result.report(t)
	for text, names := range smallest(result.lenient, isLenient) {
		t.Errorf("%s: net/http refuses it, and these run their handler: %s", text, strings.Join(names, "; "))
	}
	for text, names := range smallest(result.unexplained, isUnexplained) {
		t.Errorf("%s: net/http passes it, and for no documented reason these do not: %s", text, strings.Join(names,
			"; "))
	}
	// The run shows nothing unless the oracle has refused many requests and passed many.
	if result.refused < each/10 || result.passed < each/10 {
		t.Errorf("net/http refused %d and passed %d of %d requests, want at least a tenth each", result.refused,
			result.passed, each)
	}
	for _, kind := range documented {
		if each >= 3000 && result.stricter[kind] == 0 {
			t.Errorf("no request was refused because of %s, so the run did not try that", kind)
		}
	}
}

// TestFindsFaults checks that the comparison finds a faulty protection, even if the fault is small.
func TestFindsFaults(t *testing.T) {
	whole := protection(t)
	for name, weak := range map[string]core.Decider{
		"Sec-Fetch-Site is not read": decider(func(ctx context.Context, r core.Request) core.Decision {
			r.Header = hidden{r.Header, "Sec-Fetch-Site"}
			return whole.Decide(ctx, r)
		}),
		"Origin is not read": decider(func(ctx context.Context, r core.Request) core.Decision {
			r.Header = hidden{r.Header, "Origin"}
			return whole.Decide(ctx, r)
		}),
		"same-site counts as same-origin": decider(func(ctx context.Context, r core.Request) core.Decision {
			if r.Header.Field("Sec-Fetch-Site") == "same-site" {
				return core.Decision{}
			}
			return whole.Decide(ctx, r)
		}),
		"Sec-Fetch-Site in any case": decider(func(ctx context.Context, r core.Request) core.Decision {
			if strings.EqualFold(r.Header.Field("Sec-Fetch-Site"), "same-origin") {
				return core.Decision{}
			}
			return whole.Decide(ctx, r)
		}),
		"Origin null counts as none": decider(func(ctx context.Context, r core.Request) core.Decision {
			if r.Header.Field("Origin") == "null" {
				r.Header = hidden{r.Header, "Origin"}
			}
			return whole.Decide(ctx, r)
		}),
		"the port is not compared": decider(func(ctx context.Context, r core.Request) core.Decision {
			r.Host, _, _ = strings.Cut(r.Host, ":")
			return whole.Decide(ctx, r)
		}),
		"the host begins with Origin's": decider(func(ctx context.Context, r core.Request) core.Decision {
			if strings.HasPrefix(r.Header.Field("Origin"), "https://"+r.Host) &&
				r.Header.Field("Sec-Fetch-Site") == "" {
				return core.Decision{}
			}
			return whole.Decide(ctx, r)
		}),
		"methods in any case": decider(func(ctx context.Context, r core.Request) core.Decision {
			r.Method = strings.ToUpper(r.Method)
			return whole.Decide(ctx, r)
		}),
		"exempt paths by prefix": decider(func(ctx context.Context, r core.Request) core.Decision {
			if strings.HasPrefix(r.Path, "/hook") {
				return core.Decision{}
			}
			return whole.Decide(ctx, r)
		}),
		"exempt paths in any case": decider(func(ctx context.Context, r core.Request) core.Decision {
			r.Path, r.RawPath = strings.ToLower(r.Path), strings.ToLower(r.RawPath)
			return whole.Decide(ctx, r)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			only := map[string]func(testing.TB, core.Decider) string{"net/http": servers["net/http"]}
			if result := compare(t, only, weak, 1, 2000); len(result.lenient) == 0 {
				t.Error("got no fault, want at least one")
			}
		})
	}
}

// decider is a function that implements core.Decider.
type decider func(ctx context.Context, r core.Request) core.Decision

func (d decider) Decide(ctx context.Context, r core.Request) core.Decision { return d(ctx, r) }

// hidden is a header in which one field is not visible.
type hidden struct {
	core.RequestHeader
	name string
}

func (h hidden) Field(name string) string {
	if name == h.name {
		return ""
	}
	return h.RequestHeader.Field(name)
}

// The ways in which a server may be stricter than net/http's protection.
const (
	// "several lines of Sec-Fetch-Site or Origin are read as one malformed value"
	// (core.CSRFProtection). net/http reads the first.
	severalLines = "several lines of Origin or Sec-Fetch-Site"
	// "each reading of a path must be exempt" (core.CSRFConfig). net/http knows its own
	// reading only.
	severalReadings = "an exempt path that routers read in several ways"
	// "An Origin without a host, such as null, does not match a request without one"
	// (core.CSRFProtection).
	noHost = "a request without a host, from an origin without one"
	// The rest is not decided by the protection, because the framework responds before any middleware
	// runs.
	unknownMethod = "a method that is not among fiber's RequestMethods"
	badTrailer    = "a trailer that fasthttp refuses"
	badHost       = "a Host that fasthttp refuses"
	noPath        = "a target without a path, for which echo and fiber v3 have no route"
)

var documented = []string{severalLines, severalReadings, noHost, unknownMethod, badTrailer, badHost, noPath}

// stricterKind returns why a server did not run its handler although the oracle did, or "" if no
// document says that it may.
func stricterKind(name string, r *request, oracle, got verdict) string {
	isFiber3 := strings.HasPrefix(name, "fiber v3")
	isFiber := strings.HasPrefix(name, "fiber")
	switch {
	case got.refused() && (r.count("Origin") > 1 || r.count("Sec-Fetch-Site") > 1):
		return severalLines
	case got.refused() && oracle.byExemption && r.isOddPath():
		return severalReadings
	case got.refused() && r.count("Origin") == 1 && !r.hasHost():
		return noHost
	case isFiber && !isFiber3 && got.status == http.StatusBadRequest && !slices.Contains(fiber.DefaultMethods, r.method),
		isFiber3 && got.status == http.StatusNotImplemented && !slices.Contains(fiber3.DefaultMethods, r.method):
		return unknownMethod
	case (isFiber || strings.HasPrefix(name, "fasthttp")) && got.status == http.StatusBadRequest && r.hasBadTrailer():
		return badTrailer
	case (isFiber || strings.HasPrefix(name, "fasthttp")) && got.status == http.StatusBadRequest && r.hasBadHost():
		return badHost
	case (strings.HasPrefix(name, "echo") || isFiber3) && got.status == http.StatusNotFound && !r.hasPath():
		return noPath
	}
	return ""
}

// comparison has the counts and the faults of a comparison.
type comparison struct {
	seed, requests  uint64
	refused, passed uint64            // by the oracle
	unread          uint64            // by the oracle, which responds with 400 or similar
	handled         map[string]uint64 // by name: the requests whose handler ran
	stricter        map[string]uint64 // by kind
	byServer        map[string]uint64 // by server and kind
	unexplained     []fault           // stricter in an undocumented way
	lenient         []fault
	lenientRequests map[string]uint64 // by server
}

func (r *comparison) report(t *testing.T) {
	t.Logf("seed %d: %d requests, %d to each of %d servers; net/http refused %d, passed %d and could not read %d",
		r.seed, r.requests*uint64(len(r.handled)+1), r.requests, len(r.handled)+1, r.refused, r.passed, r.unread)
	for _, name := range slices.Sorted(maps.Keys(r.handled)) {
		t.Logf("%-24s ran its handler for %d; more lenient for %d", name, r.handled[name], r.lenientRequests[name])
	}
	for _, kind := range slices.Sorted(maps.Keys(r.byServer)) {
		t.Logf("stricter: %d, %s", r.byServer[kind], kind)
	}
}

// maxFaults is the maximum number of faults that are kept and described for each server.
const maxFaults = 10

// fault is a request for which a server and the oracle have different results.
type fault struct {
	name     string // of the server
	comparer *comparer
	request  *request
}

// compare sends n random requests to the oracle and to servers that d protects.
func compare(t *testing.T, servers map[string]func(testing.TB, core.Decider) string, d core.Decider, seed,
	n uint64) *comparison {
	addrs := map[string]string{}
	for name, serve := range servers {
		addrs[name] = serve(t, d)
	}
	oracle := serveOracle(t)
	r := &comparison{
		seed: seed, requests: n, handled: map[string]uint64{}, stricter: map[string]uint64{},
		byServer:        map[string]uint64{},
		lenientRequests: map[string]uint64{},
	}
	const workers = 4
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range uint64(workers) {
		wg.Go(func() {
			c := newComparer(oracle, addrs)
			defer c.close()
			for id := w; id < n; id += workers {
				req := random(seed, id)
				verdicts, err := c.ask(req, id)
				if err != nil {
					t.Errorf("request %d, %q: %v", id, req.bytes(id), err)
					return
				}
				mu.Lock()
				r.add(c, req, id, verdicts)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return r
}

// add counts the verdicts of the servers for a request.
func (r *comparison) add(c *comparer, req *request, id uint64, verdicts map[string]verdict) {
	oracle := verdicts[oracleName]
	switch {
	case oracle.handled:
		r.passed++
	case oracle.refused():
		r.refused++
	default:
		r.unread++
	}
	for name := range c.clients {
		got := verdicts[name]
		if name == oracleName {
			continue
		}
		if r.handled[name] += 0; got.handled {
			r.handled[name]++
		}
		switch {
		case oracle.refused() && got.handled:
			if r.lenientRequests[name]++; r.lenientRequests[name] <= maxFaults {
				r.lenient = append(r.lenient, fault{name, c, req})
			}
		case oracle.handled && !got.handled:
			kind := stricterKind(name, req, oracle, got)
			if kind == "" {
				kind = "unexplained"
				if r.byServer[name+": "+kind] < maxFaults {
					r.unexplained = append(r.unexplained, fault{name, c, req})
				}
			}
			r.stricter[kind]++
			r.byServer[name+": "+kind]++
		}
	}
}

const oracleName = "oracle"

// comparer has a connection to every server.
type comparer struct{ clients map[string]*client }

func newComparer(oracle string, addrs map[string]string) *comparer {
	c := &comparer{map[string]*client{oracleName: {addr: oracle}}}
	for name, addr := range addrs {
		// fasthttp takes the unread rest of a streamed body for the next request.
		c.clients[name] = &client{addr: addr, once: strings.HasSuffix(name, "streamed")}
	}
	return c
}

func (c *comparer) close() {
	for _, client := range c.clients {
		client.close()
	}
}

// ask sends a request to all servers and returns their verdicts.
func (c *comparer) ask(r *request, id uint64) (map[string]verdict, error) {
	b := r.bytes(id)
	for name, client := range c.clients {
		if err := client.send(b); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	verdicts := make(map[string]verdict, len(c.clients))
	for name, client := range c.clients {
		v, err := client.receive(r.method, id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		verdicts[name] = v
	}
	return verdicts, nil
}

// isLenient reports whether the server runs its handler where the oracle refuses.
func isLenient(_ string, _ *request, oracle, got verdict) bool {
	return oracle.refused() && got.handled
}

// isUnexplained reports whether the server named is stricter than the oracle in an undocumented
// way.
func isUnexplained(name string, r *request, oracle, got verdict) bool {
	return oracle.handled && !got.handled && stricterKind(name, r, oracle, got) == ""
}

// smallest removes parts of the requests as long as the fault remains. It returns the names of the
// servers for each of the smallest requests.
func smallest(faults []fault, remains func(name string, r *request, oracle, got verdict) bool) map[string][]string {
	all := map[string][]string{}
	for _, f := range faults {
		r := f.request
		for again := true; again; {
			again = false
			for _, s := range r.smaller() {
				if oracle, got, err := f.comparer.askAlone(&s, f.name); err == nil && remains(f.name, &s, oracle, got) {
					r, again = &s, true
					break
				}
			}
		}
		text := fmt.Sprintf("%q", r.bytes(0))
		if !slices.Contains(all[text], f.name) {
			all[text] = append(all[text], f.name)
			slices.Sort(all[text])
		}
	}
	return all
}

// askAlone sends a request to the oracle and one server, over new connections.
func (c *comparer) askAlone(r *request, name string) (oracle, got verdict, err error) {
	both := newComparer(c.clients[oracleName].addr, map[string]string{name: c.clients[name].addr})
	defer both.close()
	verdicts, err := both.ask(r, 0)
	return verdicts[oracleName], verdicts[name], err
}

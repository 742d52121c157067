// Package sharedcache tests every adapter with a shared HTTP cache in front of it. A page must not
// be refused or allowed because of the request of another page.
//
// The test sends 20,000 random requests through the cache. A flag sets another number:
//
//	go test ./examples/internal/sharedcache -run TestSharedCache -v -timeout 30m -responses 1000000
//
// The same -seed gives the same requests.
package sharedcache

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/examples/internal/frameworks"
)

var (
	responses = flag.Int("responses", 20_000, "how many responses TestSharedCache checks")
	seed      = flag.Uint64("seed", 1, "the seed of the random requests")
)

const (
	app     = "https://app.example.com"
	preview = "https://pr-7.preview.example.com"
	admin   = "https://admin.example.com"
	tenant  = "https://tenant.example.com"
	other   = "https://other.example.org"

	hostA = "a.example.net"
	hostB = "b.example.net"
)

// The parts of a random request. A nil Origin is not sent. No browser sends two lines of it. The
// tenant is listed several times because only its lookup can fail.
var (
	origins = [][]string{
		nil, {app}, {preview}, {admin}, {tenant}, {tenant}, {tenant}, {other}, {"null"}, {""},
		{app + "/"}, {"HTTPS://APP.EXAMPLE.COM"}, {"https://app.example.com.example.org"}, {app, other},
	}
	hosts   = []string{hostA, hostB}
	targets = []string{
		"/", "/items", "/items?page=2", "/public/x", "/admin/x", "/tenants/x", "/frames/x", "/open/x",
		"/public/%2e%2e/admin/x",
	}
	encodings = []string{"", "gzip", "br"}
)

// reply is a response of the handler. The request chooses it with a number that no Vary names,
// because the responses of a real API change with time too.
type reply struct {
	status int
	header http.Header
}

var replies = []reply{
	{200, fields("Cache-Control", "max-age=60")},
	{200, fields("Cache-Control", "public, max-age=300")},
	{200, fields("Cache-Control", "s-maxage=120, max-age=0")},
	{200, fields("Cache-Control", "public, s-maxage=20", "Vary", "Accept-Encoding")},
	{200, fields("Cache-Control", "max-age=60", "Vary", "Accept-Encoding")},
	{200, fields("Cache-Control", "max-age=60", "Vary", "accept-encoding, Accept-Language")},
	{200, fields("Cache-Control", "max-age=60", "Vary", "Accept-Language", "Vary", "Accept-Encoding")},
	{200, fields("Cache-Control", "max-age=60", "Set-Cookie", "session=1")},
	{200, fields("Cache-Control", "max-age=30, must-revalidate")},
	{200, fields("Cache-Control", "private, max-age=60")},
	{200, fields("Cache-Control", "no-store")},
	{200, fields("Cache-Control", "no-cache")},
	{200, fields("Cache-Control", "max-age=60", "Vary", "*")},
	{200, fields()},
	{204, fields("Cache-Control", "max-age=60")},
	{301, fields("Cache-Control", "max-age=60", "Location", "/elsewhere")},
	{404, fields()},
	{404, fields("Cache-Control", "max-age=30", "Vary", "Accept-Encoding")},
	{410, fields()},
	{500, fields("Cache-Control", "max-age=60")},
	{503, fields()},
}

// handler sends the reply that X-Reply names. X-For has the number of the request, and X-Encoding
// its Accept-Encoding if that is in Vary.
func handler(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.Header.Get("X-Reply"))
	chosen := replies[n]
	for name, values := range chosen.header {
		for _, value := range values {
			w.Header().Add(name, value)
		}
	}
	w.Header().Set("X-For", r.Host+r.RequestURI)
	if strings.Contains(strings.ToLower(strings.Join(chosen.header["Vary"], ",")), "accept-encoding") {
		w.Header().Set("X-Encoding", "for <"+r.Header.Get("Accept-Encoding")+">")
	}
	w.WriteHeader(chosen.status)
	if chosen.status != 204 {
		io.WriteString(w, "ok\n")
	}
}

// verdict is what a policy grants to an origin.
type verdict struct {
	allowed, credentials bool
	exposed              string
}

// site is a server with its policies. It also has the expected results, which do not depend on the
// code under test. down says that lookups fail.
type site struct {
	name    string
	configs func(down *atomic.Bool) []core.Config // outermost first
	means   func(host, target, origin string, down bool) verdict
}

// lookup returns an AllowOriginFunc that allows one tenant, on one host.
func lookup(down *atomic.Bool) func(context.Context, string, core.Request) (bool, error) {
	return func(_ context.Context, origin string, r core.Request) (bool, error) {
		if down.Load() {
			return false, errors.New("the database is down")
		}
		return origin == tenant && r.Host == hostA, nil
	}
}

var sites = []site{
	{
		name: "list",
		configs: func(*atomic.Bool) []core.Config {
			return []core.Config{{
				AllowOrigins:     []string{app, "https://*.preview.example.com"},
				AllowCredentials: true, ExposeHeaders: []string{"X-Total"},
			}}
		},
		means: func(_, _, origin string, _ bool) verdict {
			return verdict{origin == app || origin == preview, true, "X-Total"}
		},
	},
	{
		name: "everyone",
		configs: func(*atomic.Bool) []core.Config {
			return []core.Config{{AllowOrigins: []string{"*"}, ExposeHeaders: []string{"X-Total", "X-Page"}}}
		},
		means: func(string, string, string, bool) verdict { return verdict{true, false, "X-Total, X-Page"} },
	},
	{
		name: "func",
		configs: func(down *atomic.Bool) []core.Config {
			return []core.Config{{AllowOrigins: []string{app}, AllowOriginFunc: lookup(down), AllowCredentials: true}}
		},
		means: func(host, _, origin string, down bool) verdict {
			return verdict{origin == app || origin == tenant && host == hostA && !down, true, ""}
		},
	},
	{
		name: "func, forbidding",
		configs: func(down *atomic.Bool) []core.Config {
			return []core.Config{{AllowOrigins: []string{app}, AllowOriginFunc: lookup(down), ForbidDisallowed: true}}
		},
		means: func(host, _, origin string, down bool) verdict {
			return verdict{origin == app || origin == tenant && host == hostA && !down, false, ""}
		},
	},
	{
		name: "routes",
		configs: func(down *atomic.Bool) []core.Config {
			return []core.Config{{
				AllowOrigins: []string{app},
				Routes: []core.Route{
					{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
					{Path: "/admin/", Config: core.Config{AllowOrigins: []string{admin}, AllowCredentials: true}},
					{Path: "/tenants/", Config: core.Config{AllowOriginFunc: lookup(down), ExposeHeaders: []string{"X-Total"}}},
					{Path: "/frames/", Config: core.Config{AllowOrigins: []string{"null"}}},
					{Path: "/open/", Disable: true},
				},
			}}
		},
		means: func(host, target, origin string, down bool) verdict {
			switch target {
			case "/public/x":
				return verdict{allowed: true}
			case "/admin/x":
				return verdict{origin == admin, true, ""}
			case "/tenants/x":
				return verdict{origin == tenant && host == hostA && !down, false, "X-Total"}
			case "/frames/x":
				return verdict{allowed: origin == "null"}
			case "/open/x", "/public/%2e%2e/admin/x":
				return verdict{}
			}
			return verdict{allowed: origin == app}
		},
	},
	{
		name: "a list inside of everyone",
		configs: func(*atomic.Bool) []core.Config {
			return []core.Config{{AllowOrigins: []string{"*"}, ContinuePreflight: true}, {AllowOrigins: []string{app}}}
		},
		means: func(_, _, origin string, _ bool) verdict { return verdict{allowed: origin == app} },
	},
	{
		name: "a func inside of a list",
		configs: func(down *atomic.Bool) []core.Config {
			return []core.Config{
				{AllowOrigins: []string{app, tenant}, AllowCredentials: true, ContinuePreflight: true},
				{AllowOriginFunc: lookup(down)},
			}
		},
		means: func(host, _, origin string, down bool) verdict {
			return verdict{allowed: origin == tenant && host == hostA && !down}
		},
	},
}

// server is a site on a framework, with a cache in front of it.
type server struct {
	site  *site
	down  atomic.Bool
	conn  frameworks.Client
	cache cache
}

func start(t testing.TB, serve adaptertest.Serve, on *site) *server {
	s := &server{site: on, cache: cache{stored: map[string][]entry{}}}
	var deciders []core.Decider
	for _, cfg := range on.configs(&s.down) {
		policy, err := core.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		deciders = append(deciders, policy)
	}
	s.conn.Addr = serve(t, adaptertest.Server{Deciders: deciders, Handler: http.HandlerFunc(handler)})
	t.Cleanup(s.conn.Close)
	return s
}

// tally counts the responses of a run.
type tally struct {
	responses, stored, reused int
	readable, refused, plain  int // of those reused: by whether a page could read them, and without a page
	wrong                     []string
}

// run sends random requests to every site on one framework, through a cache, and judges the
// responses. Before the cache sees a response, tamper may change its header.
func run(t testing.TB, serve adaptertest.Serve, n int, random *rand.Rand, tamper func(http.Header)) (seen tally) {
	var servers []*server
	for i := range sites {
		servers = append(servers, start(t, serve, &sites[i]))
	}
	for range n {
		s := servers[random.IntN(len(servers))]
		if random.IntN(4) == 0 {
			s.cache.now += time.Second
		}
		r := randomRequest(random)
		down := random.IntN(5) == 0
		wrong, err := s.exchange(r, down, tamper, &seen)
		what := func() string { return fmt.Sprintf("%s: %s %s%s %v", s.site.name, r.method, r.host, r.target, r.header) }
		if err != nil {
			t.Fatalf("%s: %v", what(), err)
		}
		if wrong != "" {
			seen.wrong = append(seen.wrong, what()+": "+wrong)
		}
	}
	return seen
}

func randomRequest(random *rand.Rand) request {
	r := request{
		method: "GET", host: hosts[random.IntN(len(hosts))], target: targets[random.IntN(len(targets))],
		header: http.Header{"X-Reply": {strconv.Itoa(random.IntN(len(replies)))}},
	}
	if origin := origins[random.IntN(len(origins))]; origin != nil {
		r.header["Origin"] = origin
	}
	if encoding := encodings[random.IntN(len(encodings))]; encoding != "" {
		r.header["Accept-Encoding"] = []string{encoding}
	}
	if random.IntN(3) == 0 {
		r.header["Cookie"] = []string{"session=1"} // as fetch with credentials: "include" sends it
	}
	if random.IntN(10) == 0 {
		r.header["Authorization"] = []string{"Bearer x"}
	}
	switch random.IntN(40) {
	case 0, 1, 2:
		r.method = "HEAD"
	case 3:
		r.method = "POST"
		r.header["Content-Length"] = []string{"0"}
	case 4:
		r.method = "OPTIONS"
		r.header["Access-Control-Request-Method"] = []string{"GET"}
	}
	return r
}

// exchange sends the request through the cache. It returns what is wrong with the response, or "".
func (s *server) exchange(r request, down bool, tamper func(http.Header), seen *tally) (wrong string, err error) {
	seen.responses++
	origin := strings.Join(r.header["Origin"], ", ")
	got, reused := s.cache.find(r)
	if !reused {
		s.down.Store(down)
		if got, err = ask(&s.conn, r); err != nil {
			return "", err
		}
		tamper(got.header)
		if s.cache.receive(r, got) {
			seen.stored++
		}
		return r.judge(got, s.site.means(r.host, r.target, origin, down)), nil
	}

	// If the lookup fails now, the response may still be allowed, because the cache may have it from
	// before.
	seen.reused++
	want := s.site.means(r.host, r.target, origin, false)
	if wrong := r.judge(got, want); wrong != "" {
		return "reused: " + wrong, nil
	}
	s.down.Store(false)
	now, err := ask(&s.conn, r)
	if err != nil {
		return "", err
	}
	cached, exposed := r.readable(got)
	switch readable, exposedNow := r.readable(now); {
	case cached != readable || exposed != exposedNow:
		return fmt.Sprintf("reused: readable %v, exposing %q; now %v, %q", cached, exposed, readable, exposedNow), nil
	case origin == "":
		seen.plain++
	case readable:
		seen.readable++
	default:
		seen.refused++
	}
	return "", nil
}

// judge returns what is wrong with the response, or "".
func (r *request) judge(got response, want verdict) string {
	if answered := got.header["X-For"]; answered != nil && answered[0] != r.host+r.target {
		return "a response for " + answered[0]
	}
	encoding := got.header["X-Encoding"]
	if encoding != nil && encoding[0] != "for <"+r.header.Get("Accept-Encoding")+">" {
		return "encoded " + encoding[0]
	}
	if strings.Join(r.header["Origin"], "") == "" {
		return "" // the sender is not a page of another origin
	}
	readable, exposed := r.readable(got)
	may := want.allowed && (want.credentials || r.header["Cookie"] == nil)
	switch {
	case readable && !may:
		return fmt.Sprintf("the page can read it, and may not: %d %v", got.status, got.header)
	case !readable && may:
		return fmt.Sprintf("the page cannot read it, and may: %d %v", got.status, got.header)
	case readable && r.method != "OPTIONS" && exposed != want.exposed:
		return fmt.Sprintf("exposes %q, want %q", exposed, want.exposed)
	}
	return ""
}

// readable reports whether the response passes the CORS check
// (https://fetch.spec.whatwg.org/#concept-cors-check). It also returns the headers that the page
// may read.
func (r *request) readable(got response) (ok bool, exposed string) {
	allow := strings.Join(got.header["Access-Control-Allow-Origin"], ", ")
	include := r.header["Cookie"] != nil
	if allow == "*" && !include ||
		allow != "" && allow == strings.Join(r.header["Origin"], ", ") &&
			(!include || slices.Equal(got.header["Access-Control-Allow-Credentials"], []string{"true"})) {
		return true, strings.Join(got.header["Access-Control-Expose-Headers"], ", ")
	}
	return false, ""
}

// ask sends the request to the server.
func ask(c *frameworks.Client, r request) (response, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.method, r.target, r.host)
	for name, values := range r.header {
		for _, value := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	got, body, err := c.Send(r.method, b.String())
	if err != nil {
		return response{}, err
	}
	return response{got.StatusCode, got.Header, body}, nil
}

// untouched does not change the response on its way to the cache.
func untouched(http.Header) {}

// eachFramework runs the test on each framework. Each has its own random numbers.
func eachFramework(t *testing.T, test func(t *testing.T, serve adaptertest.Serve, random *rand.Rand)) {
	all := frameworks.All()
	for i, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Logf("seed %d", *seed)
			test(t, all[name], rand.New(rand.NewPCG(*seed, uint64(i))))
		})
	}
}

// TestSharedCache checks that no page gets a wrong response from the cache.
func TestSharedCache(t *testing.T) {
	eachFramework(t, func(t *testing.T, serve adaptertest.Serve, random *rand.Rand) {
		seen := run(t, serve, (*responses+5)/6, random, untouched)
		for _, wrong := range seen.wrong[:min(len(seen.wrong), 10)] {
			t.Error(wrong)
		}
		t.Logf("%d responses, %d wrong; %d stored; %d reused: %d readable, %d refused, %d without Origin",
			seen.responses, len(seen.wrong), seen.stored, seen.reused, seen.readable, seen.refused, seen.plain)
		if least := 1 + seen.responses/200; seen.readable < least || seen.refused < least || seen.plain < least {
			t.Error("too few responses were reused to show anything")
		}
	})
}

// TestWithoutVary is the negative control: without Vary, the test above must find wrong responses.
func TestWithoutVary(t *testing.T) {
	for _, tt := range []struct {
		name      string
		responses int
		tamper    func(http.Header)
	}{
		{"no Vary at all", 1000, func(h http.Header) { h.Del("Vary") }},
		{"Vary without Origin", 1000, func(h http.Header) {
			lines := h["Vary"]
			delete(h, "Vary")
			for _, member := range members(lines) {
				if member != "Origin" {
					h.Add("Vary", member)
				}
			}
		}},
		{"a failed lookup that varies by Origin alone", 5000, func(h http.Header) {
			for i, line := range h["Vary"] {
				if line == "*" {
					h["Vary"][i] = "Origin"
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachFramework(t, func(t *testing.T, serve adaptertest.Serve, random *rand.Rand) {
				seen := run(t, serve, tt.responses, random, tt.tamper)
				found := slices.DeleteFunc(seen.wrong, func(wrong string) bool {
					return !strings.Contains(wrong, "reused: the page cannot read it, and may")
				})
				if len(found) == 0 {
					t.Errorf("found nothing wrong among %d responses, of which %d were reused", seen.responses, seen.reused)
				}
				t.Logf("%d of %d responses are wrong", len(seen.wrong), seen.responses)
			})
		})
	}
}

// TestReplacedPolicy checks what docs/guides/proxies.md says about replacing "*" or no policy by a
// list.
func TestReplacedPolicy(t *testing.T) {
	keep := func(c *cache) { c.now += 299 * time.Second }
	expire := func(c *cache) { c.now += 300 * time.Second }
	purge := func(c *cache) { clear(c.stored) }
	for _, tt := range []struct {
		name     string
		before   []string // nil: no policy
		then     func(c *cache)
		origin   string
		readable bool
	}{
		{`"*", still fresh`, []string{"*"}, keep, other, true},
		{`"*", expired`, []string{"*"}, expire, other, false},
		{`"*", purged`, []string{"*"}, purge, other, false},
		{"none, still fresh", nil, keep, app, false},
		{"none, expired", nil, expire, app, true},
		{"none, purged", nil, purge, app, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachFramework(t, func(t *testing.T, serve adaptertest.Serve, _ *rand.Rand) {
				live := new(core.Live)
				if tt.before != nil {
					if err := live.Reload(core.Config{AllowOrigins: tt.before}); err != nil {
						t.Fatal(err)
					}
				}
				site := adaptertest.Server{Deciders: []core.Decider{live}, Handler: http.HandlerFunc(handler)}
				conn := frameworks.Client{Addr: serve(t, site)}
				defer conn.Close()
				c := cache{stored: map[string][]entry{}}
				get := request{"GET", hostA, "/items", fields("Origin", tt.origin, "X-Reply", "1")} // "public, max-age=300"

				old, err := ask(&conn, get)
				if err != nil {
					t.Fatal(err)
				}
				c.receive(get, old)
				if err := live.Reload(core.Config{AllowOrigins: []string{app}}); err != nil {
					t.Fatal(err)
				}
				tt.then(&c)
				got, reused := c.find(get)
				if !reused {
					if got, err = ask(&conn, get); err != nil {
						t.Fatal(err)
					}
				}
				if readable, _ := get.readable(got); readable != tt.readable {
					t.Errorf("%s can read the response: %v, want %v", tt.origin, readable, tt.readable)
				}
			})
		})
	}
}

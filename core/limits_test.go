package core_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/polycors/cors/core"
)

// buffers is a RequestHeader whose values share memory with buffers, as in an adapter for fasthttp.
type buffers map[string][]byte

func (b buffers) Field(name string) string {
	if v := b[name]; len(v) > 0 {
		return unsafe.String(&v[0], len(v))
	}
	return ""
}

// borrow returns a copy of r whose strings share memory with new buffers, and a function that
// overwrites the buffers.
func borrow(r core.Request) (core.Request, func()) {
	var all [][]byte
	view := func(s string) []byte {
		b := []byte(s)
		all = append(all, b)
		return b
	}
	h := buffers{}
	for name, values := range r.Header.(core.HeaderMap) {
		h[name] = view(values[0])
	}
	text := func(s string) string {
		if s == "" {
			return ""
		}
		b := view(s)
		return unsafe.String(&b[0], len(b))
	}
	r.Method, r.Host, r.Path, r.RawPath = text(r.Method), text(r.Host), text(r.Path), text(r.RawPath)
	r.Header, r.Borrowed = h, true
	return r, func() {
		for _, b := range all {
			for i := range b {
				b[i] = 'X'
			}
		}
	}
}

// situations contains all kinds of requests and policies, including refused and hostile requests.
// Each has the number of copies that Decide makes if the request is Borrowed.
var situations = []struct {
	name   string
	config func(*core.Config)
	r      core.Request
	copies float64
}{
	{"no origin", nil, get(), 0},
	{"exact", nil, get("Origin", app), 0},
	{"refused", nil, get("Origin", evil), 0},
	{"malformed", nil, get("Origin", "https://app.example.com/x"), 0},
	{"malformed IPv6", nil, get("Origin", "https://[::1::2]"), 0},
	{"8 KiB of origin", nil, get("Origin", "https://"+strings.Repeat("a", 8<<10)), 0},
	{"127 labels", wildcard, get("Origin", "https://"+strings.Repeat("a.", 126)+"a"), 0},
	{"any", anyOrigin, get("Origin", evil), 0},
	{"wildcard", wildcard, get("Origin", "https://a.example.org"), 1},
	{"label wildcard", wildcard, get("Origin", "https://pr-1.example.net"), 1},
	{"any port", wildcard, get("Origin", "http://localhost:3000"), 1},
	{"regex", regex, get("Origin", "https://r1.example"), 1},
	{"regex refuses", regex, get("Origin", evil), 0},
	{"func", allowAll, get("Origin", evil), 1},
	{"forbidden", func(cfg *core.Config) { cfg.ForbidDisallowed = true }, get("Origin", evil), 0},
	{"preflight", nil, asks("content-type,x-token"), 0},
	{"preflight, upper case", nil, asks("Content-Type,X-Token"), 0},
	{"preflight refused by origin", nil, preflight(evil, "PUT"), 0},
	{"preflight refused by method", nil, preflight(app, "DELETE"), 0},
	{"preflight refused by header", nil, asks("x-evil"), 0},
	{"preflight, 16 KiB of commas", nil, asks(strings.Repeat(",", 16<<10)), 0},
	{"preflight, 8 KiB of commas", nil, asks(strings.Repeat(",", 8<<10)), 0},
	{"preflight, 16 KiB of unknown names", nil, asks(strings.Repeat("x-evil,", 16<<10/7)), 0},
	{"preflight, 8 KiB of tabs", nil, asks("x-token" + strings.Repeat("\t", 8000)), 0},
	{"preflight, one name of 8 KiB", nil, asks(strings.Repeat("x", 8<<10)), 0},
	{"preflight, debug", func(cfg *core.Config) { cfg.Debug = true }, asks("x-evil"), 0},
	{"preflight, wildcard", wildcard, preflight("https://a.example.org", "PUT"), 1},
	{"preflight, wildcard, refused by method", wildcard, preflight("https://a.example.org", "DELETE"), 1},
	{"preflight, func", allowAll, preflight(evil, "PUT"), 1},
	{"preflight, exact, echoing", echo, preflight(app, "PURGE", "Access-Control-Request-Headers", "x-a, x-b"), 1},
	{
		"preflight, wildcard, echoing", echo,
		preflight("https://a.example.org", "PURGE", "Access-Control-Request-Headers", "x-a, x-b"), 1,
	},
	{
		"preflight, func, echoing", func(cfg *core.Config) { echo(cfg); allowAll(cfg) },
		preflight(evil, "PURGE", "Access-Control-Request-Headers", "x-a, x-b"), 1,
	},
	{
		"preflight, echoing, refused by origin", echo, preflight(evil, "PURGE", "Access-Control-Request-Headers", "x-a, x-b"),
		0,
	},
	{
		"preflight, echoing, refused by header", echo, preflight(app, "PURGE", "Access-Control-Request-Headers", "cookie"), 0,
	},
}

func anyOrigin(cfg *core.Config) { cfg.AllowOrigins = []string{"*"} }

func wildcard(cfg *core.Config) {
	cfg.AllowOrigins = []string{"https://*.example.org", "https://pr-*.example.net", "http://localhost:*"}
}

func regex(cfg *core.Config) { cfg.AllowOriginRegexes = []string{`https://r[0-9]\.example`} }

func allowAll(cfg *core.Config) {
	cfg.AllowOriginFunc = func(context.Context, string, core.Request) (bool, error) { return true, nil }
}

func echo(cfg *core.Config) {
	cfg.AllowOrigins = append(cfg.AllowOrigins, "https://*.example.org")
	cfg.AllowMethods, cfg.AllowHeaders, cfg.AllowCredentials = []string{"*"}, []string{"*"}, true
}

// TestAllocations: Decide does not allocate, except one copy for some Borrowed requests. Applying a
// Decision allocates once.
func TestAllocations(t *testing.T) {
	for _, tt := range situations {
		t.Run(tt.name, func(t *testing.T) {
			for _, observed := range []bool{false, true} {
				p := mustNew(t, listed(func(cfg *core.Config) {
					if tt.config != nil {
						tt.config(cfg)
					}
					if observed {
						cfg.OnDecision = func(context.Context, core.Event) {}
					}
				}))
				ctx := t.Context()
				var d core.Decision
				if got := testing.AllocsPerRun(100, func() { d = p.Decide(ctx, tt.r) }); got != 0 {
					t.Errorf("Decide: got %v allocations, want 0", got)
				}
				borrowed, _ := borrow(tt.r)
				if got := testing.AllocsPerRun(100, func() { d = p.Decide(ctx, borrowed) }); got != tt.copies {
					t.Errorf("Decide, borrowed: got %v allocations, want %v", got, tt.copies)
				}
				h := map[string][]string{}
				if got := testing.AllocsPerRun(100, func() { d.ApplyMap(h) }); got > 1 {
					t.Errorf("ApplyMap on its own header: got %v allocations, want at most 1", got)
				}
				if got := testing.AllocsPerRun(100, func() { delete(h, "Vary"); d.ApplyMap(h) }); got > 1 {
					t.Errorf("ApplyMap without Vary: got %v allocations, want at most 1", got)
				}
				outer := []string{"Accept-Encoding"}
				if got := testing.AllocsPerRun(100, func() { h["Vary"] = outer; d.ApplyMap(h) }); got > 2 {
					t.Errorf("ApplyMap beside another Vary: got %v allocations, want at most 2", got)
				}
			}
		})
	}
}

// TestBorrowed: a Decision does not change when the buffers of a Borrowed request are reused, and
// equals the Decision about a request that is not Borrowed.
func TestBorrowed(t *testing.T) {
	for _, tt := range situations {
		t.Run(tt.name, func(t *testing.T) {
			p := mustNew(t, listed(tt.config))
			want := p.Decide(t.Context(), tt.r)
			borrowed, overwrite := borrow(tt.r)
			got := p.Decide(t.Context(), borrowed)
			overwrite()
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestBorrowedFuncKeepsOrigin: the origin that AllowOriginFunc receives does not change later.
func TestBorrowedFuncKeepsOrigin(t *testing.T) {
	var kept string
	p := mustNew(t, core.Config{AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
		kept = origin
		return false, nil
	}})
	borrowed, overwrite := borrow(get("Origin", evil))
	p.Decide(t.Context(), borrowed)
	overwrite()
	if kept != evil {
		t.Errorf("got %q, want %q", kept, evil)
	}
}

// TestOversizedLines: lines that are too long in total are not joined, and every policy refuses the
// value that replaces them.
func TestOversizedLines(t *testing.T) {
	long := strings.Repeat("a", 5<<10)
	h := core.HeaderMap(http.Header{"X": {long, long}})
	if got := testing.AllocsPerRun(10, func() { _ = h.Field("X") }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
	p := mustNew(t, listed(func(cfg *core.Config) { cfg.AllowOriginRegexes = []string{".*"} }))
	for _, tt := range []struct {
		r    core.Request
		want core.Reason
	}{
		{get("Origin", long, "Origin", long), core.ReasonOriginMalformed},
		{preflight(app, long, "Access-Control-Request-Method", long), core.ReasonMethodMalformed},
		{asks(long, long), core.ReasonHeadersTooLarge},
	} {
		if got := p.Decide(t.Context(), tt.r).Reason; got != tt.want {
			t.Errorf("got %v, want %v", got, tt.want)
		}
	}
}

// TestMillionOrigins measures the memory of a policy with a million exact origins, without the
// strings of the list itself.
func TestMillionOrigins(t *testing.T) {
	list := manyOrigins(1_000_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := mustNew(t, core.Config{AllowOrigins: list})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 80e6 {
		t.Errorf("a policy of a million origins keeps %d bytes, want at most 80 MB", got)
	}
	if d := p.Decide(t.Context(), get("Origin", list[123_456])); !d.Allowed() {
		t.Errorf("got %v, want allowed", d.Reason)
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(list)
}

func manyOrigins(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("https://tenant-%d.example.com", i)
	}
	return list
}

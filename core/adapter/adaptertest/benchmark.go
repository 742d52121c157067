package adaptertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// Benchmark measures the performance of an adapter for a framework that is built on net/http. It
// runs benchmarks for each kind of request, for long lists of origins and for hostile input,
// without using the network.
//
// The build function must return an application that serves every request with h and has one CORS
// middleware for each of the deciders. For comparison, the benchmark named "bare" calls build
// without any deciders.
func Benchmark(b *testing.B, build func(h http.Handler, deciders ...core.Decider) http.Handler) {
	const allowed = "https://app.example.com"
	actual := func(origin string) *http.Request {
		r := httptest.NewRequest("GET", "/items", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		return r
	}
	preflight := func(origin, headers string) *http.Request {
		r := httptest.NewRequest("OPTIONS", "/items", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "PUT")
		r.Header.Set("Access-Control-Request-Headers", headers)
		return r
	}
	origins := func(n int, format string) core.Config {
		cfg := core.Config{AllowOrigins: []string{allowed}}
		for i := 1; i < n; i++ {
			cfg.AllowOrigins = append(cfg.AllowOrigins, fmt.Sprintf(format, i))
		}
		return cfg
	}
	one, thousand := origins(1, ""), origins(1000, "https://tenant-%d.example.com")
	many, wildcards := origins(
		100_000, "https://tenant-%d.example.com",
	), origins(100, "https://*.tenant-%d.example.com")

	for _, bm := range []struct {
		name   string
		config core.Config
		r      *http.Request
	}{
		{"no origin", one, actual("")},
		{"actual allowed", one, actual(allowed)},
		{"actual refused", one, actual("https://evil.example")},
		{"preflight allowed", one, preflight(allowed, "content-type")},
		{"preflight refused", one, preflight("https://evil.example", "content-type")},
		{"1,000 origins, hit", thousand, actual("https://tenant-789.example.com")},
		{"1,000 origins, miss", thousand, actual("https://tenant-x.example.com")},
		{"100,000 origins, hit", many, actual("https://tenant-78901.example.com")},
		{"100,000 origins, miss", many, actual("https://tenant-x.example.com")},
		{"100 wildcards, hit", wildcards, actual("https://a.tenant-78.example.com")},
		{"100 wildcards, miss", wildcards, actual("https://a.tenant-x.example.com")},
		{"8 KiB of origin", one, actual("https://" + strings.Repeat("a", 8<<10))},
		{"16 KiB of commas", one, preflight(allowed, strings.Repeat(",", 16<<10))},
		{"16 KiB of unknown names", one, preflight(allowed, strings.Repeat("x-evil,", 16<<10/7))},
	} {
		policy, err := core.New(bm.config)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bm.name, func(b *testing.B) {
			measure(b, build(http.HandlerFunc(nothing), policy), bm.r)
		})
	}
	b.Run("bare", func(b *testing.B) {
		measure(b, build(http.HandlerFunc(nothing)), actual(allowed))
	})
}

func nothing(http.ResponseWriter, *http.Request) {}

func measure(b *testing.B, h http.Handler, r *http.Request) {
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}

// discard is a ResponseWriter that discards the status and the body.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

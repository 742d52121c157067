package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// BenchmarkDecide covers every kind of request, lists of origins of various sizes, and hostile
// input.
func BenchmarkDecide(b *testing.B) {
	exact := func(n int) core.Config {
		cfg := listed(nil)
		cfg.AllowOrigins = manyOrigins(n)
		return cfg
	}
	wildcards := listed(nil)
	wildcards.AllowOrigins = nil
	for _, origin := range manyOrigins(100) {
		wildcards.AllowOrigins = append(wildcards.AllowOrigins, strings.Replace(origin, "https://", "https://*.", 1))
	}
	one, routes := listed(nil), listed(nil)
	for i := range 1000 {
		routes.Routes = append(routes.Routes, core.Route{Path: fmt.Sprintf("/tenants/%d/", i), Config: listed(nil)})
	}
	for _, bm := range []struct {
		name   string
		config core.Config
		r      core.Request
	}{
		{"no origin", one, get()},
		{"actual allowed", one, get("Origin", app)},
		{"actual refused", one, get("Origin", evil)},
		{"preflight allowed", one, asks("content-type")},
		{"preflight refused", one, preflight(evil, "PUT")},
		{"preflight refused by header", one, asks("x-evil")},
		{"1 origin, miss", exact(1), get("Origin", "https://tenant-x.example.com")},
		{"1,000 origins, hit", exact(1000), get("Origin", "https://tenant-789.example.com")},
		{"1,000 origins, miss", exact(1000), get("Origin", "https://tenant-x.example.com")},
		{"100,000 origins, hit", exact(100_000), get("Origin", "https://tenant-78901.example.com")},
		{"100,000 origins, miss", exact(100_000), get("Origin", "https://tenant-x.example.com")},
		{"100 wildcards, hit", wildcards, get("Origin", "https://a.tenant-78.example.com")},
		{"100 wildcards, miss", wildcards, get("Origin", "https://a.tenant-x.example.com")},
		{"1,000 routes, under one", routes, at(get("Origin", app), "/tenants/789/items")},
		{"1,000 routes, under none", routes, at(get("Origin", app), "/items")},
		{"8 KiB of origin", one, get("Origin", "https://"+strings.Repeat("a", 8<<10))},
		{"16 KiB of commas", one, asks(strings.Repeat(",", 16<<10))},
		{"8 KiB of commas", one, asks(strings.Repeat(",", 8<<10))},
		{"16 KiB of unknown names", one, asks(strings.Repeat("x-evil,", 16<<10/7))},
		{"8 KiB of allowed names", one, asks(strings.Repeat("x-token,", 8<<10/8))},
	} {
		b.Run(bm.name, func(b *testing.B) {
			p := mustNew(b, bm.config)
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(ctx, bm.r)
			}
		})
	}
}

// BenchmarkApply writes decisions to an empty header of net/http, and to one that already has CORS
// headers.
func BenchmarkApply(b *testing.B) {
	p := mustNew(b, listed(nil))
	for name, r := range map[string]core.Request{"actual": get("Origin", app), "preflight": asks("content-type")} {
		d := p.Decide(b.Context(), r)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			h := map[string][]string{}
			for b.Loop() {
				clear(h)
				d.ApplyMap(h)
			}
		})
		b.Run(name+" again", func(b *testing.B) {
			b.ReportAllocs()
			h := map[string][]string{}
			for b.Loop() {
				d.ApplyMap(h)
			}
		})
	}
}

// BenchmarkNew compiles policies with many origins.
func BenchmarkNew(b *testing.B) {
	million := manyOrigins(1_000_000)
	wildcards := make([]string, 10_000)
	for i := range wildcards {
		wildcards[i] = strings.Replace(million[i], "https://", "https://*.", 1)
	}
	for name, list := range map[string][]string{"1,000,000 origins": million, "10,000 wildcards": wildcards} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustNew(b, core.Config{AllowOrigins: list})
			}
		})
	}
}

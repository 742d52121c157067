package sharedcache

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/examples/internal/deciders"
	"github.com/polycors/cors/examples/internal/frameworks"
)

const hostC = "c.example.net"

func newPolicy(t *testing.T, cfg core.Config) core.Decider {
	t.Helper()
	policy, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// byHost has a policy with credentials, one for everyone, and a host without a policy.
func byHost(t *testing.T) deciders.ByHost {
	return deciders.ByHost{
		hostA: newPolicy(t, core.Config{AllowOrigins: []string{app}, AllowCredentials: true}),
		hostB: newPolicy(t, core.Config{AllowOrigins: []string{"*"}}),
	}
}

func byHostMeans(host, _, origin string) verdict {
	switch host {
	case hostA:
		return verdict{allowed: origin == app, credentials: true}
	case hostB:
		return verdict{allowed: true}
	}
	return verdict{}
}

// byOrigin has a policy with credentials for the app, one without for the preview, and one for all
// others. Only the app has a policy under /admin/.
func byOrigin(t *testing.T) deciders.ByOrigin {
	exceptAdmin := []core.Route{{Path: "/admin/", Disable: true}}
	return deciders.ByOrigin{
		Policies: map[string]core.Decider{
			app:     newPolicy(t, core.Config{AllowOrigins: []string{app}, AllowCredentials: true}),
			preview: newPolicy(t, core.Config{AllowOrigins: []string{preview}, Routes: exceptAdmin}),
		},
		Others: newPolicy(t, core.Config{AllowOrigins: []string{"*"}, Routes: exceptAdmin}),
	}
}

func byOriginMeans(_, target, origin string) verdict {
	if origin == app {
		return verdict{allowed: true, credentials: true}
	}
	return verdict{allowed: target != "/admin/x"}
}

// withoutVary chooses a policy as ByOrigin does, but leaves Vary to that policy.
type withoutVary struct{ deciders.ByOrigin }

func (w withoutVary) Decide(ctx context.Context, r core.Request) core.Decision {
	if p, ok := w.Policies[r.Header.Field("Origin")]; ok {
		return p.Decide(ctx, r)
	}
	return w.Others.Decide(ctx, r)
}

// TestDeciders sends every pair of requests to the Deciders of docs/guides/dynamic-origins.md,
// through a cache. The response to the second must not depend on the first.
func TestDeciders(t *testing.T) {
	for _, tt := range []struct {
		name    string
		decider core.Decider
		means   func(host, target, origin string) verdict
		tamper  func(http.Header)
		wrong   bool // a negative control, which must find wrong responses
	}{
		{"by host", byHost(t), byHostMeans, untouched, false},
		{"by host, without Vary", byHost(t), byHostMeans, func(h http.Header) { h.Del("Vary") }, true},
		{"by origin", byOrigin(t), byOriginMeans, untouched, false},
		{"by origin, with the Vary of each policy only", withoutVary{byOrigin(t)}, byOriginMeans, untouched, true},
	} {
		for _, framework := range []string{"net/http", "fasthttp"} {
			t.Run(tt.name+"/"+framework, func(t *testing.T) {
				site := adaptertest.Server{Deciders: []core.Decider{tt.decider}, Handler: http.HandlerFunc(handler)}
				conn := frameworks.Client{Addr: frameworks.All()[framework](t, site)}
				defer conn.Close()
				wrong, reused := exchangePairs(t, &conn, tt.means, tt.tamper)
				if (len(wrong) > 0) != tt.wrong {
					t.Errorf("%d responses are wrong, want some: %v; the first are\n%s",
						len(wrong), tt.wrong, strings.Join(wrong[:min(len(wrong), 5)], "\n"))
				}
				if reused == 0 {
					t.Error("the cache has reused no response")
				}
			})
		}
	}
}

// exchangePairs sends each pair of requests that have the same target, each through a new cache. It
// returns what is wrong with the responses, and how many came from the cache.
func exchangePairs(
	t *testing.T, conn *frameworks.Client, means func(host, target, origin string) verdict, tamper func(http.Header),
) (wrong []string, reused int) {
	t.Helper()
	for _, target := range []string{"/items", "/admin/x"} {
		all := pages(target)
		for _, first := range all {
			for _, second := range all {
				c := cache{stored: map[string][]entry{}}
				for _, r := range []request{first, second} {
					got, found := c.find(r)
					if found {
						reused++
					} else {
						var err error
						if got, err = ask(conn, r); err != nil {
							t.Fatal(err)
						}
						tamper(got.header)
						c.receive(r, got)
					}
					if problem := r.judge(got, means(r.host, r.target, r.header.Get("Origin"))); problem != "" {
						wrong = append(wrong, fmt.Sprintf("%s%s %v: %s", r.host, r.target, r.header, problem))
					}
				}
			}
		}
	}
	return wrong, reused
}

// pages returns requests for the target from pages of several origins to several hosts, with and
// without cookies.
func pages(target string) (all []request) {
	for _, host := range []string{hostA, hostB, hostC} {
		for _, origin := range []string{"", app, preview, other} {
			for _, cookie := range []string{"", "session=1"} {
				header := fields("X-Reply", "1") // "public, max-age=300"
				if origin != "" {
					header.Set("Origin", origin)
				}
				if cookie != "" {
					header.Set("Cookie", cookie)
				}
				all = append(all, request{"GET", host, target, header})
			}
		}
	}
	return all
}

// TestDecidersGuide checks that docs/guides/dynamic-origins.md shows exactly the Deciders that are
// tested here.
func TestDecidersGuide(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "deciders", "deciders.go"))
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "guides", "dynamic-origins.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "\n)\n\n")
	host, origin, ok := strings.Cut(code, "\n// ByOrigin")
	for _, block := range []string{host, "// ByOrigin" + origin} {
		if !ok || !strings.Contains(string(guide), "```go\n"+block+"```\n") {
			t.Errorf("docs/guides/dynamic-origins.md does not show\n%s", block)
		}
	}
}

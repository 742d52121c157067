package core_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

func at(r core.Request, path string, raw ...string) core.Request {
	r.Path = path
	if len(raw) > 0 {
		r.RawPath = raw[0]
	}
	return r
}

// everyoneMayReadPublic allows everyone to read /public/, and our app to read the rest. There is no
// CORS for /internal/.
var everyoneMayReadPublic = core.Config{
	AllowOrigins:  []string{app},
	AllowMethods:  []string{"PUT"},
	AllowHeaders:  []string{"X-Token", "Content-Type"},
	ExposeHeaders: []string{"X-Total"},
	Routes: []core.Route{
		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
		{Path: "/internal/", Disable: true},
		{
			Path: "/admin/",
			Config: core.Config{
				AllowOrigins: []string{"https://admin.example.com"}, AllowCredentials: true, ForbidDisallowed: true,
			},
		},
		{PathRegex: `/v[0-9]+/status`, Config: core.Config{AllowOrigins: []string{evil}}},
	},
}

func TestRoutes(t *testing.T) {
	p := mustNew(t, everyoneMayReadPublic)
	onlyAPI := mustNew(t, core.Config{Routes: []core.Route{{Path: "/api/", Config: listed(nil)}}})
	public := core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, AllowOrigin: "*"}
	forbidden := core.Decision{Kind: core.KindActual, Reason: core.ReasonOriginNotAllowed, Vary: varyActual, Status: 403}
	sameOrigin := core.Decision{Kind: core.KindActual, Reason: core.ReasonSameOrigin, Vary: varyActual}
	ambiguous := core.Decision{Kind: core.KindActual, Reason: core.ReasonPathAmbiguous, Vary: varyActual}
	// If the route is unknown, any policy may apply, and that of /admin/ forbids.
	unknown := core.Decision{Kind: core.KindActual, Reason: core.ReasonPathAmbiguous, Vary: varyActual, Status: 403}
	for _, tt := range []struct {
		name string
		p    *core.Policy
		r    core.Request
		want core.Decision
	}{
		{"outside of the routes", p, at(get("Origin", app), "/items"), allowedActual},
		{"outside of the routes, refused", p, at(get("Origin", evil), "/items"), refusedActual},
		{"everyone", p, at(get("Origin", evil), "/public/x"), public},
		{"everyone, the route itself", p, at(get("Origin", evil), "/public"), public},
		{"nothing is inherited", p, at(preflight(evil, "PATCH"), "/public/x"), core.Decision{
			Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 204, Vary: varyAny, AllowOrigin: "*", MaxAge: "86400",
			AllowMethods: "DELETE, GET, OPTIONS, PATCH, POST, PUT",
			AllowHeaders: "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
		}},
		{"a name that begins alike", p, at(get("Origin", evil), "/publicity"), refusedActual},
		{"disabled", p, at(get("Origin", app), "/internal/x"), core.Decision{}},
		{"disabled, preflight", p, at(preflight(app, "PUT"), "/internal/x"), core.Decision{}},
		{"stricter, whatever the case", p, at(get("Origin", app), "/ADMIN/x"), forbidden},
		{
			"stricter, its own origin", p, at(get("Origin", "https://admin.example.com"), "/admin/x"),
			core.Decision{
				Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: varyActual, AllowOrigin: "https://admin.example.com",
				AllowCredentials: true,
			},
		},
		{
			"regex", p, at(get("Origin", evil), "/v2/status"),
			core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: varyActual, AllowOrigin: evil},
		},
		{
			"regex, whatever the case, and a slash", p, at(get("Origin", evil), "/V2/Status/"),
			core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: varyActual, AllowOrigin: evil},
		},
		{
			"regex, a line feed in the path",
			mustNew(t,
				core.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{{PathRegex: "/admin/.*", Config: listed(nil)}}}),
			at(get("Origin", evil), "/admin/x\ny"), refusedActual,
		},
		{"regex matches the whole path", p, at(get("Origin", evil), "/v2/status/x"), refusedActual},

		{"only below /api/", onlyAPI, at(get("Origin", app), "/api/x"), allowedActual},
		{"only below /api/, elsewhere", onlyAPI, at(get("Origin", app), "/"), core.Decision{}},
		{"only below /api/, no origin", onlyAPI, at(get(), "/"), core.Decision{}},
		{"only below /api/, OPTIONS *", onlyAPI, at(preflight(app, "PUT"), "*"), core.Decision{}},

		{"ambiguous, encoded letter", p, at(get("Origin", evil), "/public/x", "/%70ublic/x"), ambiguous},
		{"ambiguous, encoded twice", p, at(get("Origin", evil), "/%70ublic/x"), ambiguous},
		{"ambiguous, two slashes", p, at(get("Origin", evil), "//public/x"), ambiguous},
		{"ambiguous, one dot", p, at(get("Origin", evil), "/./public/x"), ambiguous},
		{"ambiguous, a candidate forbids", p, at(get("Origin", evil), "//admin/x"), unknown},
		{
			"ambiguous, a candidate forbids, same origin",
			p, at(get("Origin", "https://api.example.com"), "//admin/x"), sameOrigin,
		},
		{"unknown, two dots", p, at(get("Origin", app), "/items/../public/x"), unknown},
		{"unknown, two dots below one route", p, at(get("Origin", evil), "/public/x/../y"), unknown},
		{"unknown, two dots below no route", p, at(get("Origin", app), "/x/../y"), unknown},
		{"unknown, encoded dots", p, at(get("Origin", evil), "/public/../x", "/public/%2e%2e/x"), unknown},
		{"unknown, an encoded slash", p, at(get("Origin", evil), "/x/../public/y", "/x%2f..%2fpublic/y"), unknown},
		{"unknown, dots encoded twice", p, at(get("Origin", evil), "/public/%2e%2e/items"), unknown},
		{"unknown, same origin", p, at(get("Origin", "https://api.example.com"), "/public/../admin/x"), sameOrigin},
		{"unknown, no policy forbids", onlyAPI, at(get("Origin", app), "/api/../x"), ambiguous},
		{"unknown, encoded four times", p, at(get("Origin", evil), "/public/%252561"), unknown},
		{
			"unknown, encoded four times, same origin",
			p, at(get("Origin", "https://api.example.com"), "/public/%252561"), sameOrigin,
		},
		{"no routes, two dots", mustNew(t, listed(nil)), at(get("Origin", app), "/x/../y"), allowedActual},
		{"odd, but not ambiguous, encoded three times", p, at(get("Origin", evil), "/public/%2561"), public},
		{
			"ambiguous, preflight", p, at(preflight(evil, "GET"), "//public/x"),
			core.Decision{Kind: core.KindPreflight, Reason: core.ReasonPathAmbiguous, Status: 403, Vary: varyPreflight},
		},
		{"ambiguous, no origin", p, at(get(), "//public/x"), core.Decision{Reason: core.ReasonNoOrigin, Vary: varyActual}},
		{"odd, but not ambiguous", p, at(get("Origin", evil), "/public//x/./y"), public},
		{"odd, but not ambiguous, encoded", p, at(get("Origin", evil), "/public/a/b", "/public/a%2fb"), public},
		{"odd, but not ambiguous, outside", p, at(get("Origin", app), "/x//y"), allowedActual},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.p.Decide(t.Context(), tt.r); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestUnknownRouteForbids: where the route of a path is unknown, a request is refused if any policy
// has ForbidDisallowed. Otherwise a page could write the path in many ways, and the handler would
// run.
func TestUnknownRouteForbids(t *testing.T) {
	open, forbids := core.Config{
		AllowOrigins: []string{"*"},
	}, core.Config{AllowOrigins: []string{app}, ForbidDisallowed: true}
	with := func(top core.Config, routes ...core.Route) core.Config { top.Routes = routes; return top }
	path := "/admin//" + strings.Repeat("a", 9<<10)
	for _, tt := range []struct {
		name string
		cfg  core.Config
		want int
	}{
		{"no policy forbids", with(open, core.Route{Path: "/admin/", Config: origins(app)}), 0},
		{"a route forbids", with(open, core.Route{Path: "/admin/", Config: forbids}), 403},
		{
			"another route forbids",
			with(open, core.Route{Path: "/other/", Config: forbids}, core.Route{Path: "/a", Disable: true}), 403,
		},
		{"an expression's route forbids", with(core.Config{}, core.Route{PathRegex: "/admin/.*", Config: forbids}), 403},
		{"the top level forbids", with(forbids, core.Route{Path: "/public/", Config: open}), 403},
		{
			"the top level is not in use", with(core.Config{ForbidDisallowed: true}, core.Route{Path: "/public/", Config: open}),
			0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := core.Decision{Kind: core.KindActual, Reason: core.ReasonPathAmbiguous, Vary: varyActual, Status: tt.want}
			if got := mustNew(t, tt.cfg).Decide(t.Context(), at(get("Origin", evil), path)); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestManyRoutes: New and Lint consider every one of many routes, and are fast.
func TestManyRoutes(t *testing.T) {
	for _, n := range []int{1000, 4000, 16_000} {
		cfg := core.Config{AllowOrigins: []string{app}}
		for i := range n {
			cfg.Routes = append(cfg.Routes,
				core.Route{Path: fmt.Sprintf("/t%d/{id}/", i), Config: core.Config{AllowOrigins: []string{evil}}})
		}
		cfg.Routes = append(cfg.Routes, core.Route{PathRegex: fmt.Sprintf("/t%d/7/x", n-1), Disable: true})
		start := time.Now()
		p := mustNew(t, cfg)
		made := time.Since(start)
		start = time.Now()
		dead := core.Lint(cfg)
		t.Logf("%d routes: New %v, Lint %v", n, made, time.Since(start))
		want := fmt.Sprintf("Routes[%d] has a Path that matches the same path, and a Path takes precedence over a "+
			"PathRegex; remove one of the two routes.", n-1)
		if len(dead) != 1 || dead[0].Code != "dead-route" || dead[0].Message != want {
			t.Errorf("%d routes: got %v, want one dead-route", n, dead)
		}
		for _, i := range []int{0, n / 2, n - 1} {
			if got := p.Decide(t.Context(), at(get("Origin", evil), fmt.Sprintf("/t%d/7/x", i))); !got.Allowed() {
				t.Errorf("%d routes, the %dth: got %v", n, i, got.Reason)
			}
		}
		cfg.Routes = append(cfg.Routes, core.Route{Path: "/t7/{other}/", Disable: true})
		if _, err := core.New(cfg); err == nil ||
			!strings.Contains(err.Error(), `Routes[7], "/t7/{id}/", matches the same paths`) {
			t.Errorf("%d routes: got %v, want a conflict", n, err)
		}
	}
}

// TestRoutesDebug: an ambiguous path is always refused, with or without Debug.
func TestRoutesDebug(t *testing.T) {
	cfg := everyoneMayReadPublic
	cfg.Debug = true
	want := core.Decision{
		Kind: core.KindPreflight, Reason: core.ReasonPathAmbiguous, Status: 403, Vary: varyPreflight, Debug: true,
	}
	if got := mustNew(t, cfg).Decide(t.Context(), at(preflight(app, "PUT"), "//public/x")); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRoutesRefused(t *testing.T) {
	route := func(r ...core.Route) core.Config { return core.Config{Routes: r} }
	open := core.Config{AllowOrigins: []string{"*"}}
	for _, tt := range []struct {
		cfg  core.Config
		want string
	}{
		{
			route(core.Route{Config: open}),
			`cors: Routes[0]: "": a route needs a Path or a PathRegex; write one, such as Path: "/api/"`,
		},
		{
			route(core.Route{Path: "/a", PathRegex: "/a", Config: open}),
			`cors: Routes[0]: "/a": a route has a Path or a PathRegex, not both; remove Path, or remove PathRegex`,
		},
		{route(core.Route{Path: "api/", Config: open}), `cors: Routes[0]: "api/": a path begins with a slash; write "/api/"`},
		{
			route(core.Route{Path: "/a", Config: open}, core.Route{Path: "/A", Disable: true}),
			`cors: Routes[1]: "/A": Routes[0], "/a", matches the same paths; remove one of the two routes`,
		},
		{
			route(core.Route{Path: "/{kind}/new", Disable: true}, core.Route{Path: "/users/{id}", Config: open}),
			`cors: Routes[1]: "/users/{id}": Routes[0], "/{kind}/new", also matches "/users/new", and neither is more ` +
				`specific; write "/users/[^/]+" in PathRegex`,
		},
		{
			route(core.Route{PathRegex: "a)|(b", Config: open}),
			"cors: Routes[0]: \"a)|(b\": this is not a valid regular expression in Go (unexpected ): `a)|(b`); correct it " +
				"(Go has no lookaround and no backreferences)",
		},
		{
			route(core.Route{Path: "/a", Disable: true, Config: open}),
			`cors: Routes[0]: "/a": a route with Disable must not have a Config; remove Disable, or remove Config`,
		},
		{
			route(core.Route{Path: "/a"}),
			`cors: Routes[0].Config.AllowOrigins: no origins are configured; list the origins, such as ` +
				`"https://app.example.com", or write an empty list to allow nobody`,
		},
		{
			route(core.Route{Path: "/a", Config: core.Config{AllowOrigins: []string{"x"}}}),
			`cors: Routes[0].Config.AllowOrigins[0]: "x": an origin begins with a scheme; write "https://x"`,
		},
		{
			route(
				core.Route{
					Path: "/a", Config: core.Config{AllowOrigins: []string{"*"}, OnDecision: func(context.Context, core.Event) {}},
				}),
			`cors: Routes[0].Config.OnDecision: the OnDecision of the top level is called for all routes; ` +
				`set OnDecision at the top level`,
		},
		{
			route(
				core.Route{
					Path: "/a", Config: core.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{{Path: "/b", Disable: true}}},
				}),
			`cors: Routes[0].Config.Routes: routes cannot be nested; move these routes to the top level`,
		},
	} {
		t.Run(tt.want, func(t *testing.T) {
			if _, err := core.New(tt.cfg); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestRoutesCost: Decide does not allocate if there are routes, and calls OnDecision once.
func TestRoutesCost(t *testing.T) {
	observed := 0
	cfg := everyoneMayReadPublic
	cfg.OnDecision = func(context.Context, core.Event) { observed++ }
	for i := range 1000 {
		cfg.Routes = append(cfg.Routes,
			core.Route{Path: fmt.Sprintf("/tenants/%d/{rest...}", i), Config: core.Config{AllowOrigins: []string{app}}})
	}
	p := mustNew(t, cfg)
	ctx := t.Context()
	for _, r := range []core.Request{
		at(get("Origin", app), "/items"), at(get("Origin", evil), "/tenants/777/x"), at(asks("x-token"), "/TENANTS/777"),
		at(get("Origin", evil), "/v2/status/"),
		at(get("Origin", evil), "/internal/x"), at(get("Origin", evil), "/public/a/b", "/public/a%2fb"),
		at(get("Origin", evil), "/x", "/%78"),
	} {
		// The least of many runs: with the race detector, sync.Pool forgets what it has now and then.
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { p.Decide(ctx, r) }))
		}
		if least != 0 {
			t.Errorf("%s: got %v allocations, want 0", r.Path, least)
		}
	}
	observed = 0
	for _, path := range []string{"/items", "/public/x", "/internal/x", "//public/x"} {
		p.Decide(ctx, at(get("Origin", app), path))
	}
	if observed != 4 {
		t.Errorf("observed %d of 4 decisions", observed)
	}
}

func ExampleRoute() {
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, // only our app
		Routes: []core.Route{
			{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}}, // everyone may read this
			{Path: "/internal/", Disable: true},                                  // no CORS at all
		},
	})
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/items", "/public/news", "/internal/metrics"} {
		d := policy.Decide(context.Background(), core.Request{
			Method: "GET", Path: path, Header: core.HeaderMap{"Origin": {"https://other.example"}},
		})
		fmt.Printf("%s %s %q\n", path, d.Reason, d.AllowOrigin)
	}
	// Output:
	// /items origin-not-allowed ""
	// /public/news allowed "*"
	// /internal/metrics no-policy ""
}

package diagnose

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// results returns the results of the steps as one word: P for passed, F for failed, N for not
// needed, and A for not asked.
func results(r Report) string {
	var b strings.Builder
	for i, s := range r.Steps {
		if s.Name != [...]string{"path", "origin", "method", "headers", "credentials"}[i] {
			return "the steps are in another order"
		}
		b.WriteString(map[Result]string{Passed: "P", Failed: "F", NotNeeded: "N", NotAsked: "A"}[s.Result])
	}
	return b.String()
}

// failed returns the text of the step that failed.
func failed(r Report) string {
	for _, s := range r.Steps {
		if s.Result == Failed {
			return s.Text
		}
	}
	return ""
}

// exchanges returns the exchanges as one line, with the status of the response.
func exchanges(r Report) string {
	var all []string
	for _, e := range r.Exchanges {
		all = append(all, fmt.Sprintf("%s %d", e.Request.Method, e.Response.Status))
	}
	return strings.Join(all, ", ")
}

var explainCases = []struct {
	name   string
	config core.Config
	fetch  Fetch

	steps     string // see results
	failed    string // the text of the step that failed; "" if the page can read the response
	blocked   Code
	exchanges string
	field     string
	fix       string
	changes   []core.ConfigChange
	enable    []string
	instead   map[string]string
}{
	{
		name:   "a readable response",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: app, URL: api},
		steps:  "PPNNN", exchanges: "GET 0", field: "AllowOrigins[0]",
	},
	{
		name:   "a readable response after a preflight",
		config: core.Config{AllowOrigins: []string{"https://*.example.com"}, AllowCredentials: true},
		fetch:  Fetch{Origin: app, URL: api, Method: "put", Header: header("Content-Type", "a/b"), Credentials: true},
		steps:  "PPPPP", exchanges: "OPTIONS 204, PUT 0", field: "AllowOrigins[0]",
	},
	{
		name:   "an origin",
		config: core.Config{AllowOrigins: []string{"https://other.example"}},
		fetch:  Fetch{Origin: app, URL: api},
		steps:  "PFAAA", failed: `"https://app.example.com" is not among the allowed origins.`,
		blocked: "allow-origin-missing", exchanges: "GET 0", field: "AllowOrigins",
		fix:     `add "https://app.example.com" to AllowOrigins if its pages may read the responses`,
		changes: []core.ConfigChange{{Field: "AllowOrigins", Add: []string{app}}},
	},
	{
		name:   "an origin, a method and a header",
		config: core.Config{AllowOrigins: []string{"https://other.example"}, AllowMethods: []string{}},
		fetch:  Fetch{Origin: app, URL: api, Method: "patch", Header: header("X-A", "1")},
		steps:  "PFAAA", failed: `"https://app.example.com" is not among the allowed origins.`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "AllowOrigins",
		fix: `add "https://app.example.com" to AllowOrigins if its pages may read the responses; ` +
			`request the method "PATCH" instead; add "PATCH" to AllowMethods; ` +
			`set AllowHeaders to append(core.DefaultHeaders(), "x-a")`,
		changes: []core.ConfigChange{
			{Field: "AllowOrigins", Add: []string{app}},
			{Field: "AllowMethods", Add: []string{"PATCH"}},
			{Field: "AllowHeaders", Add: []string{
				"accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with", "x-a",
			}},
		},
		instead: map[string]string{"Access-Control-Request-Method": "PATCH"},
	},
	{
		name:   "a method",
		config: core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"PUT"}},
		fetch:  Fetch{Origin: app, URL: api, Method: "DELETE"},
		steps:  "PPFAA", failed: `"DELETE" is not among the allowed methods.`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "AllowMethods",
		fix:     `add "DELETE" to AllowMethods`,
		changes: []core.ConfigChange{{Field: "AllowMethods", Add: []string{"DELETE"}}},
	},
	{
		name:   "a method with Debug",
		config: core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"PUT"}, Debug: true},
		fetch:  Fetch{Origin: app, URL: api, Method: "DELETE"},
		steps:  "PPFAA", failed: `"DELETE" is not among the allowed methods.`,
		blocked: "method-not-allowed", exchanges: "OPTIONS 204", field: "AllowMethods",
		fix:     `add "DELETE" to AllowMethods`,
		changes: []core.ConfigChange{{Field: "AllowMethods", Add: []string{"DELETE"}}},
	},
	{
		name:   "a header",
		config: core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"X-A"}},
		fetch:  Fetch{Origin: app, URL: api, Header: header("X-A", "1", "X-B", "1")},
		steps:  "PPNFA", failed: `"x-b" is not among the allowed headers, but "x-a" is (with a similar spelling).`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "AllowHeaders",
		fix:     `correct the spelling, or add "x-b" to AllowHeaders`,
		changes: []core.ConfigChange{{Field: "AllowHeaders", Add: []string{"x-b"}}},
	},
	{
		name:   "authorization and a wildcard",
		config: core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"*"}},
		fetch:  Fetch{Origin: app, URL: api, Header: header("Authorization", "1")},
		steps:  "PPNFA", failed: `"*" in AllowHeaders does not include "authorization", which must be listed by name.`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "AllowHeaders",
		fix:     `add "authorization" to AllowHeaders`,
		changes: []core.ConfigChange{{Field: "AllowHeaders", Add: []string{"authorization"}}},
	},
	{
		name:   "credentials",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: app, URL: api, Credentials: true},
		steps:  "PPNNF", failed: "The page sends credentials, but AllowCredentials is not set.",
		blocked: "allow-credentials-missing", exchanges: "GET 0", field: "AllowCredentials",
		fix:    "set AllowCredentials if the pages may act as your visitors",
		enable: []string{"AllowCredentials"},
	},
	{
		name:   "credentials with a preflight",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true},
		steps:  "PPPNF", failed: "The page sends credentials, but AllowCredentials is not set.",
		blocked: "allow-credentials-missing", exchanges: "OPTIONS 204", field: "AllowCredentials",
		fix:    "set AllowCredentials if the pages may act as your visitors",
		enable: []string{"AllowCredentials"},
	},
	{
		name:   "credentials and a wildcard",
		config: core.Config{AllowOrigins: []string{"*"}},
		fetch:  Fetch{Origin: app, URL: api, Credentials: true},
		steps:  "PPNNF", failed: `The page sends credentials, but the policy allows "*", which does not include requests ` +
			"with credentials.",
		blocked: "allow-credentials-wildcard", exchanges: "GET 0", field: "AllowCredentials",
		fix: `set AllowCredentials and list the origins instead of "*" if the pages may act as your visitors`,
	},
	{
		name:   "a method, credentials and a wildcard",
		config: core.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{}},
		fetch:  Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true},
		steps:  "PPFAA", failed: `"PUT" is not among the allowed methods.`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "AllowMethods",
		fix: `add "PUT" to AllowMethods; set AllowCredentials and list the origins instead of "*" ` +
			"if the pages may act as your visitors",
	},
	{
		name:   "a method, with credentials that are allowed",
		config: core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}, AllowCredentials: true},
		fetch:  Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true},
		steps:  "PPFAA", failed: `"PUT" is not among the allowed methods.`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "AllowMethods",
		fix:     `add "PUT" to AllowMethods`,
		changes: []core.ConfigChange{{Field: "AllowMethods", Add: []string{"PUT"}}},
	},
	{
		name:   "credentials and a wildcard for methods",
		config: core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"*"}, AllowCredentials: true},
		fetch:  Fetch{Origin: app, URL: api, Method: "DELETE", Credentials: true},
		steps:  "PPPNP", exchanges: "OPTIONS 204, DELETE 0", field: "AllowOrigins[0]",
	},
	{
		name:   "an origin with credentials",
		config: core.Config{AllowOrigins: []string{"https://other.example"}},
		fetch:  Fetch{Origin: app, URL: api, Credentials: true},
		steps:  "PFAAA", failed: `"https://app.example.com" is not among the allowed origins.`,
		blocked: "allow-origin-missing", exchanges: "GET 0", field: "AllowOrigins",
		fix: `add "https://app.example.com" to AllowOrigins if its pages may read the responses; ` +
			"set AllowCredentials as well, unless it is already set",
		changes: []core.ConfigChange{{Field: "AllowOrigins", Add: []string{app}}},
		enable:  []string{"AllowCredentials"},
	},
	{
		name:   "an http origin with credentials",
		config: core.Config{AllowOrigins: []string{"https://other.example"}},
		fetch:  Fetch{Origin: "http://app.example.com", URL: api, Credentials: true},
		steps:  "PFAAA", failed: `"http://app.example.com" is not among the allowed origins.`,
		blocked: "allow-origin-missing", exchanges: "GET 0", field: "AllowOrigins",
		fix: "serve the page from an https origin, list that origin in AllowOrigins, and set AllowCredentials",
	},
	{
		name: "a route",
		config: core.Config{AllowOrigins: []string{app}, Routes: []core.Route{
			{Path: "/items", Config: core.Config{AllowOrigins: []string{"https://other.example"}}},
		}},
		fetch: Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true},
		steps: "PFAAA", failed: `"https://app.example.com" is not among the allowed origins of Routes[0] ("/items"); ` +
			"the top level allows it, but does not apply to this path.",
		blocked: "allow-origin-missing", exchanges: "OPTIONS 403", field: "Routes[0].Config.AllowOrigins",
		fix: `add "https://app.example.com" to Routes[0].Config.AllowOrigins if its pages may read the responses; ` +
			"set Routes[0].Config.AllowCredentials as well, unless it is already set",
		changes: []core.ConfigChange{{Field: "Routes[0].Config.AllowOrigins", Add: []string{app}}},
		enable:  []string{"Routes[0].Config.AllowCredentials"},
	},
	{
		name: "credentials in a route",
		config: core.Config{Routes: []core.Route{
			{Path: "/items", Config: core.Config{AllowOrigins: []string{app}}},
		}},
		fetch: Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true},
		steps: "PPPNF", failed: "The page sends credentials, but Routes[0].Config.AllowCredentials is not set.",
		blocked: "allow-credentials-missing", exchanges: "OPTIONS 204", field: "Routes[0].Config.AllowCredentials",
		fix:    "set Routes[0].Config.AllowCredentials if the pages may act as your visitors",
		enable: []string{"Routes[0].Config.AllowCredentials"},
	},
	{
		name: "no policy",
		config: core.Config{Routes: []core.Route{
			{Path: "/other", Config: core.Config{AllowOrigins: []string{app}}},
		}},
		fetch: Fetch{Origin: app, URL: api},
		steps: "FAAAA", failed: "No policy applies, because the path matches no route, and the top level allows no origins.",
		blocked: "allow-origin-missing", exchanges: "GET 0", field: "Routes",
		fix: "add a route for the path, or allow the origin on every path that matches no route; " +
			`add "https://app.example.com" to AllowOrigins if its pages may read the responses`,
		changes: []core.ConfigChange{{Field: "AllowOrigins", Add: []string{app}}},
	},
	{
		name:   "a disabled route",
		config: core.Config{AllowOrigins: []string{app}, Routes: []core.Route{{Path: "/items", Disable: true}}},
		fetch:  Fetch{Origin: app, URL: api, Method: "PUT", Credentials: true},
		steps:  "FAAAA", failed: `No policy applies, because the path matches Routes[0] ("/items"), which has Disable.`,
		blocked: "allow-origin-missing", exchanges: "OPTIONS 0", field: "Routes[0].Disable",
		fix: "give the route a Config instead of Disable if other origins may read the responses",
	},
	{
		name: "an ambiguous path",
		config: core.Config{AllowOrigins: []string{app}, Routes: []core.Route{
			{Path: "/admin/", Config: core.Config{AllowOrigins: []string{"https://other.example"}}},
		}},
		fetch: Fetch{Origin: app, URL: "https://api.example.com//admin/a"},
		steps: "FAAAA", failed: "Routers could choose different handlers for this path: as sent, it matches no route; " +
			`without "//", it matches Routes[0] ("/admin/").`,
		blocked: "allow-origin-missing", exchanges: "GET 0", field: "Routes",
		fix: "request /admin/a instead, if that is the intended path; " +
			`add "https://app.example.com" to Routes[0].Config.AllowOrigins if its pages may read the responses`,
		changes: []core.ConfigChange{{Field: "Routes[0].Config.AllowOrigins", Add: []string{app}}},
		instead: map[string]string{"Path": "/admin/a"},
	},
	{
		name:   "a malformed origin",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: app + "/", URL: api},
		steps:  "PFAAA", failed: `The Origin header "https://app.example.com/" is malformed: an origin has no path.`,
		blocked: "allow-origin-missing", exchanges: "GET 0",
		fix:     `send the origin "https://app.example.com" instead`,
		instead: map[string]string{"Origin": app},
	},
	{
		name: "a failed lookup",
		config: core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) {
			return false, errors.New("no database")
		}},
		fetch: Fetch{Origin: app, URL: api, Method: "PUT"},
		steps: "PFAAA", failed: `AllowOriginFunc failed for "https://app.example.com": "no database".`,
		blocked: "preflight-server-error", exchanges: "OPTIONS 503", field: "AllowOriginFunc",
		fix: "fix the error that AllowOriginFunc returned, then try again",
	},
	{
		name:   "ForbidDisallowed",
		config: core.Config{AllowOrigins: []string{"https://other.example"}, ForbidDisallowed: true},
		fetch:  Fetch{Origin: "null", URL: api},
		steps:  "PFAAA", failed: `"null" is not among the allowed origins; browsers send it from sandboxed frames and ` +
			"local files, and after some redirects.",
		blocked: "allow-origin-missing", exchanges: "GET 403", field: "AllowOrigins",
		fix: `serve the page from an https origin and list that origin, or add "null" to AllowOrigins ` +
			"if every website may read the responses",
		changes: []core.ConfigChange{{Field: "AllowOrigins", Add: []string{"null"}}},
	},
	{
		name:   "the same origin",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: "https://api.example.com", URL: api, Method: "PUT", Credentials: true},
		steps:  "NNNNN", exchanges: "PUT 0",
	},
	{
		name:   "only the scheme differs",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: "http://api.example.com", URL: api},
		steps:  "PFAAA", failed: `"http://api.example.com" is not among the allowed origins, but "https://app.example.com" ` +
			"is (with a similar spelling).",
		blocked: "allow-origin-missing", exchanges: "GET 0", field: "AllowOrigins",
		fix:     `correct the spelling, or add "http://api.example.com" to AllowOrigins if its pages may read the responses`,
		changes: []core.ConfigChange{{Field: "AllowOrigins", Add: []string{"http://api.example.com"}}},
	},
	{
		name:   "an unknown origin",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{URL: api},
		steps:  "AFAAA", failed: "The origin of the page is not known, so the policy cannot be asked.",
		blocked: "origin-unknown", fix: `give the origin of the page, such as "https://app.example.com"`,
	},
	{
		name:   "a request that is not sent",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: app, URL: api, Method: "TRACE"},
		steps:  "AAFAA", failed: `Browsers do not let pages use the method "TRACE".`, blocked: "not-sent",
		fix: "correct the request of the page; no policy can allow it",
	},
	{
		name:   "mixed content",
		config: core.Config{AllowOrigins: []string{app}},
		fetch:  Fetch{Origin: app, URL: "http://api.example.com/items"},
		steps:  "FAAAA", failed: "Browsers do not let a page on https request something over http.", blocked: "not-sent",
		fix: "correct the request of the page; no policy can allow it",
	},
}

func TestExplain(t *testing.T) {
	for _, tt := range explainCases {
		t.Run(tt.name, func(t *testing.T) {
			policy, err := core.New(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			r := Explain(context.Background(), policy, tt.fetch)
			for _, c := range []struct{ what, got, want string }{
				{"steps", results(r), tt.steps},
				{"failed", failed(r), tt.failed},
				{"blocked", string(r.Verdict.Blocked), string(tt.blocked)},
				{"exchanges", exchanges(r), tt.exchanges},
				{"field", r.Field, tt.field},
				{"fix", r.Fix, tt.fix},
			} {
				if c.got != c.want {
					t.Errorf("%s:\n got %s\nwant %s", c.what, c.got, c.want)
				}
			}
			if r.Readable != (tt.failed == "") {
				t.Errorf("readable: got %v", r.Readable)
			}
			if !reflect.DeepEqual(r.Changes, tt.changes) || !reflect.DeepEqual(r.Enable, tt.enable) ||
				!reflect.DeepEqual(r.Instead, tt.instead) {
				t.Errorf("changes:\n got %q, enable %q, instead %q\nwant %q, enable %q, instead %q",
					r.Changes, r.Enable, r.Instead, tt.changes, tt.enable, tt.instead)
			}
			if r.Summary == "" || len(r.Exchanges) > 0 && r.Curl == "" {
				t.Errorf("no summary or curl: %+v", r)
			}
		})
	}
}

// TestExplainChanges checks that the page can read the response after the changes were made.
func TestExplainChanges(t *testing.T) {
	applied := 0
	for _, tt := range explainCases {
		t.Run(tt.name, func(t *testing.T) {
			policy, err := core.New(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			r := Explain(context.Background(), policy, tt.fetch)
			if len(r.Changes)+len(r.Enable)+len(r.Instead) == 0 {
				return
			}
			applied++
			cfg, f := apply(t, tt.config, tt.fetch, r)
			if policy, err = core.New(cfg); err != nil {
				t.Fatal(err)
			}
			if r := Explain(context.Background(), policy, f); !r.Readable {
				t.Errorf("still blocked: %s", r.Summary)
			}
		})
	}
	if applied < 12 {
		t.Errorf("only %d cases have changes", applied)
	}
}

// apply makes the changes of a report.
func apply(t *testing.T, cfg core.Config, f Fetch, r Report) (core.Config, Fetch) {
	t.Helper()
	for _, c := range r.Changes {
		list := fieldOf(t, &cfg, c.Field)
		list.Set(reflect.AppendSlice(list, reflect.ValueOf(c.Add)))
	}
	for _, name := range r.Enable {
		fieldOf(t, &cfg, name).SetBool(true)
	}
	for name, value := range r.Instead {
		switch name {
		case "Origin":
			f.Origin = value
		case "Path":
			f.URL = "https://api.example.com" + value
		case "Access-Control-Request-Method":
			f.Method = value
		default:
			t.Fatalf("this test does not know %s", name)
		}
	}
	return cfg, f
}

// TestExplainAgrees checks for many policies and requests that a page can read the response exactly
// if the policy allows everything that the browser sends, and that the changes of a report suffice.
func TestExplainAgrees(t *testing.T) {
	ctx := context.Background()
	readable, changed := 0, 0
	for _, origins := range [][]string{{app}, {"https://*.example.com"}, {"https://other.example"}, {"*"}} {
		for _, lists := range [][]string{nil, {}, {"*"}} {
			for bits := range 4 {
				cfg := core.Config{
					AllowOrigins: origins, AllowMethods: lists, AllowHeaders: lists, AllowCredentials: bits&1 != 0, Debug: bits&2 != 0,
				}
				policy, err := core.New(cfg)
				if err != nil {
					continue // "*" with AllowCredentials
				}
				for _, f := range manyFetches() {
					r := Explain(ctx, policy, f)
					d := policy.Decide(ctx, f.Request())
					want := d.Allowed() && (d.AllowCredentials || !f.Credentials)
					if preflight, ok := f.Preflight(); ok {
						want = want && policy.Decide(ctx, preflight).Allowed()
					}
					if r.Readable != want {
						t.Errorf("%+v, %+v: readable %v, want %v", cfg, f, r.Readable, want)
					}
					if r.Readable {
						readable++
						continue
					}
					if len(r.Changes)+len(r.Enable)+len(r.Instead) == 0 {
						continue
					}
					changed++
					changedConfig, f := apply(t, cfg, f, r)
					policy, err := core.New(changedConfig)
					if err != nil {
						t.Fatal(err)
					}
					if r := Explain(ctx, policy, f); !r.Readable {
						t.Errorf("%+v, %+v: still blocked: %s", changedConfig, f, r.Summary)
					}
				}
			}
		}
	}
	if readable < 100 || changed < 100 {
		t.Errorf("%d readable responses and %d changes are too few for this test", readable, changed)
	}
}

// manyFetches returns requests with all combinations of origins, methods, headers and credentials.
func manyFetches() (all []Fetch) {
	for _, from := range []string{app, "https://new.example", "http://new.example", "http://localhost:3000", "null"} {
		for _, method := range []string{"GET", "post", "PUT", "patch", "PURGE"} {
			for _, h := range [][][2]string{nil, header("Content-Type", "a/b"), header("Authorization", "1", "X-A", "2")} {
				for _, credentials := range []bool{false, true} {
					all = append(all, Fetch{Origin: from, URL: api, Method: method, Header: h, Credentials: credentials})
				}
			}
		}
	}
	return all
}

// fieldOf returns the field of a Config with a name such as "Routes[2].Config.AllowOrigins".
func fieldOf(t *testing.T, cfg *core.Config, name string) reflect.Value {
	t.Helper()
	v := reflect.ValueOf(cfg).Elem()
	var i int
	if _, err := fmt.Sscanf(name, "Routes[%d].", &i); err == nil {
		cfg.Routes = append([]core.Route(nil), cfg.Routes...)
		v = reflect.ValueOf(&cfg.Routes[i].Config).Elem()
		_, name, _ = strings.Cut(name, ".Config.")
	}
	field := v.FieldByName(name)
	if !field.IsValid() {
		t.Fatalf("no field %s", name)
	}
	return field
}

// TestSummary checks that the summary says which check failed, and whether the request is sent.
func TestSummary(t *testing.T) {
	p, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		AllowMethods: []string{"GET", "PUT"},
		AllowHeaders: []string{"x-a"},
		Routes:       []core.Route{{Path: "/off/", Disable: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const app, api = "https://app.example.com", "https://api.example.com"
	for _, tt := range []struct {
		fetch Fetch
		want  string
	}{
		{Fetch{Origin: app, URL: api + "/"}, "The page can read the response."},
		{
			Fetch{Origin: "https://b.example", URL: api + "/"},
			"The request is sent, but the page cannot read the response: the origin of the page is not allowed.",
		},
		{
			Fetch{Origin: "https://b.example", URL: api + "/", Method: "PUT"},
			"The preflight fails, so the request is not sent: the origin of the page is not allowed.",
		},
		{
			Fetch{Origin: app, URL: api + "/", Method: "DELETE"},
			"The preflight fails, so the request is not sent: the method is not allowed.",
		},
		{
			Fetch{Origin: app, URL: api + "/", Header: [][2]string{{"X-B", "1"}}},
			"The preflight fails, so the request is not sent: the headers are not allowed.",
		},
		{
			Fetch{Origin: app, URL: api + "/", Credentials: true},
			"The request is sent, but the page cannot read the response: credentials are not allowed.",
		},
		{
			Fetch{Origin: app, URL: api + "/off/"},
			"The request is sent, but the page cannot read the response: the path is not allowed.",
		},
	} {
		if got := Explain(t.Context(), p, tt.fetch).Summary; got != tt.want {
			t.Errorf("%+v:\ngot  %s\nwant %s", tt.fetch, got, tt.want)
		}
	}
}

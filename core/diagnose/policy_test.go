package diagnose_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

// readings has texts in each notation and what they say.
var readings = []struct {
	name     string
	text     string
	notation diagnose.Notation
	want     core.Config
}{
	{
		"JSON",
		`{"allow_origins": ["https://a.example"], "max_age": "10m", "routes": [{"path": "/off/", "disable": true}]}`,
		diagnose.JSON,
		core.Config{
			AllowOrigins: []string{"https://a.example"}, MaxAge: 10 * time.Minute,
			Routes: []core.Route{{Path: "/off/", Disable: true}},
		},
	},
	{
		"a .env file",
		`# who may read our API
CORS_ALLOW_ORIGINS="https://a.example,https://b.example" # two
export CORS_ALLOW_ORIGIN_REGEXES='["https://[a-z]{2,3}\\.c\\.example"]'
DATABASE_URL=postgres://localhost/x # not ours
CORS_ALLOW_CREDENTIALS = true
CORS_ALLOW_METHODS=PUT DELETE
CORS_MAX_AGE=600
`,
		diagnose.Environment,
		core.Config{
			AllowOrigins:       []string{"https://a.example", "https://b.example"},
			AllowOriginRegexes: []string{`https://[a-z]{2,3}\.c\.example`},
			AllowCredentials:   true, AllowMethods: []string{"PUT", "DELETE"}, MaxAge: 10 * time.Minute,
		},
	},
	{
		"a Compose file",
		`services:
  api:
    image: example/api
    ports: ["8080:8080"]
    environment:
      - APP_CORS_ALLOW_ORIGINS=https://a.example
      - "APP_CORS_ALLOW_CREDENTIALS=true"
`,
		diagnose.Environment,
		core.Config{AllowOrigins: []string{"https://a.example"}, AllowCredentials: true},
	},
	{
		"a Compose file with a mapping",
		"environment:\r\n  API_ALLOW_ORIGINS: \"https://a.example\"\r\n  API_ALLOW_CREDENTIALS: true\r\n",
		diagnose.Environment,
		core.Config{AllowOrigins: []string{"https://a.example"}, AllowCredentials: true},
	},
	{
		"values in quotes",
		"CORS_ROUTES=\"[{\\\"path\\\": \\\"/\\$x\\\",\n\\\"allow_origins\\\": [\\\"*\\\"]}]\"\nCORS_ALLOW_ORIGINS='[]'",
		diagnose.Environment,
		core.Config{
			AllowOrigins: []string{},
			Routes:       []core.Route{{Path: "/$x", Config: core.Config{AllowOrigins: []string{"*"}}}},
		},
	},
	{
		"names of django-cors-headers",
		"CORS_ALLOWED_ORIGINS=https://a.example\nCORS_URLS_REGEX=^/api/\n",
		diagnose.Environment,
		core.Config{Routes: []core.Route{
			{PathRegex: "(?:^/api/).*", Config: core.Config{AllowOrigins: []string{"https://a.example"}}},
		}},
	},
	{
		"a literal",
		"corsgin.Config{AllowOrigins: []string{\"https://a.example\"}}",
		diagnose.Go,
		core.Config{AllowOrigins: []string{"https://a.example"}},
	},
	{
		"a call",
		"	r.Use(corsgin.New(corsgin.Config{\n\t\tAllowOrigins: []string{`https://a.example`}, // ours\n\t}))\n",
		diagnose.Go,
		core.Config{AllowOrigins: []string{"https://a.example"}},
	},
	{
		"declarations",
		"import \"x\"\n\nfunc f() *core.Config { return &core.Config{AllowOrigins: []string{}, MaxAge: -(90 * " +
			"time.Second)} }",
		diagnose.Go,
		core.Config{AllowOrigins: []string{}, MaxAge: -90 * time.Second},
	},
	{
		"assignments",
		"c := &tls.Config{}\napp := Config{CORS: 1, Port: 80}\ncfg := core.Config{\n\tAllowOrigins: []string{" +
			"\"https://a.example\"},\n}\ncfg.AllowCredentials = true\n" +
			"cfg.AllowOrigins = append(cfg.AllowOrigins, \"https://b.example\")\nstart(app, c, cfg)",
		diagnose.Go,
		core.Config{AllowOrigins: []string{"https://a.example", "https://b.example"}, AllowCredentials: true},
	},
	{
		"variables on a line",
		"\ufeff```sh\nset -eu # see Config {\nexport CORS_ALLOW_ORIGINS=https://a.example; export CORS_MAX_AGE='60' \\\n" +
			"CORS_ALLOW_METHODS=PUT CORS_ALLOW_CREDENTIALS=True go run .\n```\n",
		diagnose.Environment,
		core.Config{AllowOrigins: []string{"https://a.example"}, MaxAge: time.Minute, AllowMethods: []string{"PUT"},
			AllowCredentials: true},
	},
	{
		"variables on the last line",
		"CORS_ALLOW_ORIGINS=https://a.example CORS_ALLOW_CREDENTIALS=true",
		diagnose.Environment,
		core.Config{AllowOrigins: []string{"https://a.example"}, AllowCredentials: true},
	},
	{
		"a Config in another",
		"import c \"github.com/polycors/cors/core\"\nvar a = app.Config{CORS: c.Config{AllowOrigins: []string{\"*\"}}}",
		diagnose.Go,
		core.Config{AllowOrigins: []string{"*"}},
	},
	{
		"a file",
		`package main

import "github.com/polycors/cors/adapters/corshttp"

const (
	domain  = "a.example"
	minutes = 2 * 5
	isDebug = true
)

// OnDecision has no effect on what is allowed.
var policy = corshttp.New(corshttp.Config{
	AllowOrigins:    []string{"https://" + domain, ("https://b." + domain)},
	AllowMethods:    append(core.DefaultMethods(), http.MethodHead, "PURGE"),
	AllowHeaders:    core.DefaultHeaders(),
	ExposeHeaders:   nil,
	MaxAge:          time.Duration(minutes) * time.Minute,
	PreflightStatus: http.StatusOK,
	Debug:           isDebug,
	OnDecision:      core.LogRefusals(slog.Default()),
	Routes: []core.Route{
		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}, MaxAge: -1}},
		core.Route{PathRegex: ` + "`/v[0-9]+/off`" + `, Disable: true},
	},
})
`,
		diagnose.Go,
		core.Config{
			AllowOrigins:    []string{"https://a.example", "https://b.a.example"},
			AllowMethods:    []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "HEAD", "PURGE"},
			AllowHeaders:    core.DefaultHeaders(),
			MaxAge:          10 * time.Minute,
			PreflightStatus: 200,
			Debug:           true,
			Routes: []core.Route{
				{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}, MaxAge: -1}},
				{PathRegex: `/v[0-9]+/off`, Disable: true},
			},
		},
	},
}

func TestReadPolicy(t *testing.T) {
	for _, tt := range readings {
		t.Run(tt.name, func(t *testing.T) {
			p, err := diagnose.ReadPolicy(tt.text)
			if err != nil || p.Notation != tt.notation || !reflect.DeepEqual(p.Config, tt.want) {
				t.Errorf("got  %s %+v, %v\nwant %s %+v", p.Notation, p.Config, err, tt.notation, tt.want)
			}
		})
	}
}

// TestWrite checks that a policy means the same after it was written in any notation.
func TestWrite(t *testing.T) {
	for _, tt := range readings {
		p, err := diagnose.ReadPolicy(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []diagnose.Notation{diagnose.JSON, diagnose.Environment, diagnose.Go} {
			t.Run(fmt.Sprint(tt.name, " as ", n), func(t *testing.T) {
				text, err := p.Write(n)
				if err != nil {
					t.Fatal(err)
				}
				got, err := diagnose.ReadPolicy(text)
				want := tt.want
				want.MaxAge = max(want.MaxAge, -1) // every negative age means the same
				if err != nil || got.Notation != n || !reflect.DeepEqual(got.Config, want) {
					t.Errorf("got  %s %+v, %v\nwant %s %+v\nfrom %s", got.Notation, got.Config, err, n, want, text)
				}
			})
		}
	}
}

func TestWritten(t *testing.T) {
	p, err := diagnose.ReadPolicy(`{
	"allow_origins": ["https://a.example", "null"],
	"allow_origin_regexes": ["https://[a-z]{2,3}\\.b\\.example"],
	"max_age": 90,
	"routes": [{"path": "/it's", "allow_origins": []}]
}`)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[diagnose.Notation]string{
		diagnose.Environment: `CORS_ALLOW_ORIGINS=https://a.example,null
CORS_ALLOW_ORIGIN_REGEXES='["https://[a-z]{2,3}\\.b\\.example"]'
CORS_MAX_AGE=90
CORS_ROUTES="[{\"path\":\"/it's\",\"allow_origins\":[]}]"
`,
		diagnose.Go: `core.Config{
	AllowOrigins:       []string{"https://a.example", "null"},
	AllowOriginRegexes: []string{` + "`https://[a-z]{2,3}\\.b\\.example`" + `},
	MaxAge:             90 * time.Second,
	Routes: []core.Route{
		{Path: "/it's", Config: core.Config{
			AllowOrigins: []string{},
		}},
	},
}
`,
	} {
		if got, err := p.Write(n); err != nil || got != want {
			t.Errorf("%s: got\n%s%v\nwant\n%s", n, got, err, want)
		}
	}
	p.Config.OnDecision = func(context.Context, core.Event) {}
	for _, n := range []diagnose.Notation{diagnose.JSON, diagnose.Environment, diagnose.Go, "TOML"} {
		if text, err := p.Write(n); err == nil {
			t.Errorf("%s: a func was written as %s", n, text)
		}
	}
}

func TestPolicyProblems(t *testing.T) {
	const (
		origins = `list the origins, such as "https://app.example.com", or write an empty list to allow nobody`
		here    = "so it cannot be read from the code"
		migrate = "https://github.com/polycors/cors/blob/main/docs/migrate/"
		change  = "cors: settings: this changes the Config, perhaps only under a condition, so the result cannot be " +
			"read from the code; write the value in the literal, or remove this statement"
	)
	for _, tt := range []struct {
		name     string
		text     string
		notation diagnose.Notation
		want     []string // line:column and message
	}{
		{"empty", " \n", diagnose.JSON, []string{
			`1:1 cors: settings: there is no policy; write one, such as {"allow_origins": ["https://app.example.com"]}`}},
		{"nothing known", "allow_origins: x", diagnose.JSON, []string{"1:1 cors: settings: this is neither JSON, nor " +
			`environment variables, nor Go code; write it as JSON, such as {"allow_origins": ["https://app.example.com"]}`}},
		{"too long", strings.Repeat(" ", 64<<10+1), diagnose.JSON, []string{
			"1:1 cors: settings: this is longer than 64 KiB; leave something out"}},
		{"not UTF-8", "{\xff", diagnose.JSON, []string{"1:1 cors: settings: this is not UTF-8; save it as UTF-8"}},
		{"syntax of JSON", "{\n", diagnose.JSON, []string{
			"2:1 cors: settings: the text ends too early; close every string, bracket and brace"}},
		{"JSON without origins", "\n{}", diagnose.JSON, []string{
			"2:1 cors: allow_origins: no origins are configured; " + origins}},
		{"JSON", "{\n  \"allow_origins\": [\"https://a.example/\"],\n  \"allow_credentials\": \"x\"}", diagnose.JSON,
			[]string{
				`3:24 cors: allow_credentials: "x": got a string, want true or false; write true or false`,
				`2:21 cors: allow_origins[0]: "https://a.example/": an origin has no path; write "https://a.example"`}},
		{"variables", "CORS_ALLOW_ORIGINS=https://a.example,https://b.example/\nwhat is this\n" +
			"CORS_ALOW_METHODS=PUT\nCORS_DEBUG='x",
			diagnose.Environment, []string{
				`1:38 cors: CORS_ALLOW_ORIGINS[1]: "https://b.example/": an origin has no path; write "https://b.example"`,
				"2:1 cors: settings: this line does not have the form NAME=value; write it so; if it belongs to " +
					"the value " +
					"before it, put that value in single quotes",
				"3:1 cors: CORS_ALOW_METHODS: no setting has this name; write CORS_ALLOW_METHODS instead, or remove it",
				"4:12 cors: settings: the quotes are not closed; write a closing quote"}},
		{"JSON in variables", "CORS_ALLOW_ORIGINS='[\"https://a.example/\",\n  \"b\"]'\n" +
			"CORS_ROUTES=\"[{\\\"path\\\": \\\"/x/\\\", \\\"max_age\\\": 1e9, \\\"allow_origins\\\": []}]\"",
			diagnose.Environment, []string{
				`1:22 cors: CORS_ALLOW_ORIGINS[0]: "https://a.example/": an origin has no path; write "https://a.example"`,
				`2:3 cors: CORS_ALLOW_ORIGINS[1]: "b": an origin begins with a scheme; write "https://b"`,
				`3:48 cors: CORS_ROUTES[0].max_age: "1e9": this is neither a number of seconds nor a duration such as 10m; ` +
					"write a number of seconds, such as 600"}},
		{"syntax of JSON in a variable", "CORS_ALLOW_ORIGINS='[\"https://a.example\",\n  ,]'", diagnose.Environment,
			[]string{
				`2:4 cors: CORS_ALLOW_ORIGINS[1]: "]": JSON has no comma after the last entry; remove the comma before it`}},
		{"variables without origins", "A=b\nCORS_MAX_AGE=3\n", diagnose.Environment, []string{
			"1:1 cors: CORS_ALLOW_ORIGINS: no origins are configured; " + origins}},
		{"text after quotes", "CORS_ALLOW_ORIGINS='*' x", diagnose.Environment, []string{
			"1:23 cors: settings: there is text after the closing quote; put the whole value in quotes"}},
		{"a block of YAML", "environment:\n  CORS_ROUTES: |\n    [{}]\n  CORS_DEBUG: x\n", diagnose.Environment,
			[]string{
				"2:16 cors: settings: a block of YAML cannot be read here; write the value on one line, in single " +
					"quotes",
				`4:3 cors: CORS_DEBUG: "x": this is neither true nor false; write true or false`}},
		{"Go", "corsgin.Config{\n\tAllowOrigins: []string{\"https://a.example/\"},\n\tAllowOrigin: x,\n\tMaxAge: " +
			"48*time.Hour,\n" +
			"\tMaxAge: 0,\n\tAllowOriginFunc: isOurs,\n}", diagnose.Go, []string{
			`2:25 cors: AllowOrigins[0]: "https://a.example/": an origin has no path; write "https://a.example"`,
			"3:2 cors: AllowOrigin: there is no field with this name; write AllowOrigins instead",
			"5:2 cors: MaxAge: this field is set twice; remove one of them",
			"6:19 cors: AllowOriginFunc: this is a func, and it cannot be run here; list the origins in " +
				"AllowOrigins instead, " +
				"or remove it"}},
		{"Go that core refuses", "core.Config{\n\tRoutes: []core.Route{\n\t\t{Path: \"/a/:id\", Config: " +
			"core.Config{AllowOrigins: x}},\n" +
			"\t\t{Path: \"/c\"},\n\t},\n\tMaxAge: 48 * time.Hour,\n}", diagnose.Go, []string{
			`3:4 cors: Routes[0]: "/a/:id": ":id" is the syntax of another router; write "/a/{id}"`,
			"3:54 cors: Routes[0].Config.AllowOrigins: this value is computed, " +
				"" + here + `; write the list itself, such as []string{"one", "another"}`,
			"4:3 cors: Routes[1].Config.AllowOrigins: no origins are configured; " + origins,
			`6:2 cors: MaxAge: "48h0m0s": no browser caches a preflight for longer than 24 hours; write 24 * time.Hour`}},
		{"computed", "corsgin.Config{AllowOrigins: origins, AllowMethods: []string{x}, MaxAge: age(), Debug: " +
			"debug, Routes: routes, \n" +
			"PreflightStatus: 1<<3}", diagnose.Go, []string{
			"1:30 cors: AllowOrigins: this value is computed, " +
				"" + here + `; write the list itself, such as []string{"one", "another"}`,
			"1:62 cors: AllowMethods[0]: this value is computed, " + here + "; write the text itself, in quotes",
			"1:74 cors: MaxAge: this value is computed, " + here + "; write it as a constant, such as 12 * time.Hour",
			"1:88 cors: Debug: this value is computed, " + here + "; write true or false",
			"1:103 cors: Routes: this value is computed, " + here + "; write the list itself, such as " +
				"[]core.Route{...}",
			"2:18 cors: PreflightStatus: this value is computed, " + here + "; write it as a number, such as 204"}},
		{"syntax of Go", "corsgin.Config{AllowOrigins: []string{\"a\" \"b\"}}", diagnose.Go, []string{
			"1:43 cors: settings: this is not valid Go: missing ',' in composite literal; correct the syntax there"}},
		{"another library", "r.Use(cors.Default())", diagnose.Go, []string{"1:1 cors: settings: there is no Config " +
			"in this code; " +
			`write a literal, such as corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}`}},
		{"two policies", "a := core.Config{}\nb := core.Config{}", diagnose.Go, []string{
			"2:6 cors: settings: this code has more than one Config; leave one of them"}},
		{"no names", "core.Config{[]string{}}", diagnose.Go, []string{
			"1:13 cors: settings: the name of the field is missing; write it before the value, as in AllowOrigins: " +
				"[]string{...}"}},
		{"fields of rs/cors", "core.Config{AllowAllOrigins: true}", diagnose.Go, []string{
			`1:13 cors: AllowAllOrigins: there is no field with this name; write AllowOrigins: []string{"*"}`}},
		{"Django", "CORS_ALLOWED_ORIGINS = [\n]", diagnose.Environment, []string{"1:1 cors: settings: these are settings " +
			"of Django; write them as variables, such as CORS_ALLOWED_ORIGINS=https://app.example.com"}},
		{"Kubernetes", "- name: CORS_DEBUG\n  value: x", diagnose.JSON, []string{"1:1 cors: settings: these are variables " +
			"of Kubernetes; write each on a line of the form NAME=value"}},
		{"PowerShell", "$env:CORS_DEBUG = 1", diagnose.JSON, []string{"1:1 cors: settings: these are variables of " +
			"PowerShell; remove $env: before each name"}},
		{"gin-contrib/cors", "r.Use(cors.New(cors.Config{AllowAllOrigins: true}))", diagnose.Go, []string{
			"1:16 cors: settings: this is the configuration of gin-contrib/cors; translate it as " + migrate +
				"gin-contrib-cors.md describes"}},
		{"rs/cors", "import \"github.com/rs/cors\"\nvar c = cors.New(cors.Options{})", diagnose.Go, []string{
			"2:18 cors: settings: this is the configuration of rs/cors; translate it as " + migrate + "rs-cors.md describes"}},
		{"Echo", "e.Use(middleware.CORSWithConfig(middleware.CORSConfig{}))", diagnose.Go, []string{
			"1:33 cors: settings: this is the configuration of Echo's CORS middleware; translate it as " + migrate +
				"echo.md describes"}},
		{"values of the wrong type", "cors.Config{AllowOrigins: \"https://a.example, https://b.example\", MaxAge: \"1h\", " +
			"Debug: 1}", diagnose.Go, []string{
			"1:27 cors: AllowOrigins: got a string, want a list of strings; " +
				`write []string{"https://a.example", "https://b.example"}`,
			"1:75 cors: MaxAge: got a string, want a number; write it as a constant, such as 12 * time.Hour",
			"1:88 cors: Debug: got a number, want true or false; write true or false"}},
		{"another Config", "c := &tls.Config{MinVersion: 1}\nd := Config{Port: 80}", diagnose.Go, []string{
			"1:1 cors: settings: there is no Config in this code; write a literal, such as " +
				`corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}`}},
		{"other changes", "cfg := core.Config{}\nif dev {\n\tcfg.AllowOrigins = append(cfg.AllowOrigins, \"x\")\n}\n" +
			"json.Unmarshal(data, &cfg)\ncfg.MaxAge++\ncfg.Routes[0].Path = \"/\"", diagnose.Go, []string{
			"3:2 " + change, "5:1 " + change, "6:1 " + change, "7:1 " + change}},
		{"names that are not constants", "const a = \"https://a.example\"\nfunc f(a string) { " +
			"b = core.Config{AllowOrigins: []string{a}, AllowMethods: []string{x.MethodGet}, MaxAge: cfg.Hour} }",
			diagnose.Go, []string{
				"2:59 cors: AllowOrigins[0]: this value is computed, " + here + "; write the text itself, in quotes",
				"2:86 cors: AllowMethods[0]: this value is computed, " + here + "; write the text itself, in quotes",
				"2:108 cors: MaxAge: this value is computed, " + here + "; write it as a constant, such as 12 * time.Hour"}},
		{"constants that refer to themselves", "const a = b + b\nconst b = a\nvar c = core.Config{AllowOrigins: " +
			"[]string{a}}",
			diagnose.Go, []string{
				"3:44 cors: AllowOrigins[0]: this value is computed, " + here + "; write the text itself, in quotes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := diagnose.ReadPolicy(tt.text)
			var got []string
			for e := range core.Problems(err) {
				got = append(got, fmt.Sprintf("%d:%d %v", e.Line, e.Column, e))
			}
			if p.Notation != tt.notation || !slices.Equal(got, tt.want) {
				t.Errorf("got  %s\n%s\nwant %s\n%s", p.Notation, strings.Join(got, "\n"), tt.notation,
					strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestPolicyFindings(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		want []string // the line, the code and the field
	}{
		{"JSON", "{\n\"allow_origins\": [\n\"*\"],\n\"csrf_exempt_paths\": [\"/x/\"]}", []string{
			"3 any-origin allow_origins[0]", "4 setting-without-effect csrf_exempt_paths"}},
		{"variables", "CORS_ALLOW_ORIGINS=*\nX_ALLOW_METHODS=*\n" +
			"CORS_ALLOW_ORIGINS=https://a.example,http://b.example\n" +
			"CSRF_EXEMPT_PATHS=/x/\nCORS_ORIGIN_WHITELIST=https://c.example", []string{
			"3 setting-without-effect CORS_ALLOW_ORIGINS", "2 setting-without-effect X_ALLOW_METHODS",
			"4 setting-without-effect CSRF_EXEMPT_PATHS", "5 setting-without-effect CORS_ORIGIN_WHITELIST",
			"3 insecure-origin CORS_ALLOW_ORIGINS[1]"}},
		{"Go", "corshttp.Config{\n\tOnDecision: log,\n\tRoutes: []core.Route{\n\t\t{\n\t\t\tPath: \"/a\",\n" +
			"\t\t\tConfig: core.Config{\n" +
			"\t\t\t\tAllowOrigins: []string{\"*\"},\n\t\t\t},\n\t\t},\n\t},\n}", []string{
			"2 setting-without-effect OnDecision", "7 any-origin Routes[0].Config.AllowOrigins[0]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := diagnose.ReadPolicy(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range p.Findings {
				got = append(got, fmt.Sprintf("%d %s %s", p.Line(f.Field), f.Code, f.Field))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		name  string
		text  string
		lines map[string]int
	}{
		{"JSON", "{\n\"allow_origins\": [\n\"https://a.example\"],\n\"routes\": [\n{\"path\": \"/a\",\n" +
			"\"allow_origins\": []}]}", map[string]int{
			"AllowOrigins": 2, "AllowOrigins[0]": 3, "allow_origins[0]": 3, "AllowOrigins[1]": 2, "Routes": 4,
			"Routes[0]":      5,
			"Routes[0].Path": 5, "Routes[0].Config.AllowOrigins": 6, "routes[0].allow_origins": 6, "AllowMethods": 0,
			"": 0}},
		{"variables", "CORS_ALLOW_ORIGINS='[\"https://a.example\",\n\"https://b.example\"]'\nCORS_ROUTES='[\n" +
			"{\"path\": \"/a\",\n\"allow_origins\": []}]'",
			map[string]int{"AllowOrigins": 1, "AllowOrigins[1]": 2, "Routes": 3, "Routes[0]": 4, "Routes[0].Path": 4,
				"Routes[0].Config.AllowOrigins": 5, "CORS_ROUTES[0].allow_origins": 5, "MaxAge": 0}},
		{"names of django-cors-headers", "CORS_URLS_REGEX=^/api/\nCORS_ALLOWED_ORIGINS=https://a.example " +
			"https://b.example\n",
			map[string]int{"Routes[0]": 1, "Routes[0].PathRegex": 1, "Routes[0].Config.AllowOrigins[1]": 2,
				"AllowOrigins": 0}},
		{"Go", "core.Config{\n\tAllowOrigins: append([]string{\n\t\t\"https://a.example\"},\n" +
			"\t\t\"https://b.example\"),\n}",
			map[string]int{"AllowOrigins": 2, "AllowOrigins[0]": 3, "AllowOrigins[1]": 4, "MaxAge": 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := diagnose.ReadPolicy(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			for field, want := range tt.lines {
				if got := p.Line(field); got != want {
					t.Errorf("Line(%q): got %d, want %d", field, got, want)
				}
			}
		})
	}
}

func TestApply(t *testing.T) {
	top := []core.ConfigChange{
		{Field: "AllowOrigins", Add: []string{"https://new.example"}},
		{Field: "AllowMethods", Add: []string{"PURGE"}},
		{Field: "AllowOriginRegexes", Add: []string{`https://[a-z]{2,3}\.new\.example`}},
	}
	route := []core.ConfigChange{
		{Field: "Routes[0].Config.AllowOrigins", Add: []string{"https://new.example"}},
		{Field: "Routes[0].Config.ExposeHeaders", Add: []string{"X-New"}},
	}
	for _, tt := range []struct {
		name    string
		text    string
		changes []core.ConfigChange
		enable  []string
		want    string
	}{
		{
			"JSON on one line",
			`{"allow_origins": ["https://a.example"]}`,
			top, []string{"AllowCredentials"},
			`{"allow_origins": ["https://a.example", "https://new.example"], ` +
				`"allow_methods": ["PURGE"], ` +
				`"allow_origin_regexes": ["https://[a-z]{2,3}\\.new\\.example"], ` +
				`"allow_credentials": true}`,
		},
		{
			"JSON without spaces",
			`{"allow_origins":["https://a.example","https://b.example"],"allow_methods":[]}`,
			top, []string{"AllowCredentials"},
			`{"allow_origins":["https://a.example","https://b.example","https://new.example"],` +
				`"allow_methods":["PURGE"],"allow_origin_regexes": ["https://[a-z]{2,` +
				`3}\\.new\\.example"],"allow_credentials": true}`,
		},
		{
			"JSON on several lines",
			`{
  "allow_origins": [
    "https://a.example"
  ],
  "allow_methods": [
  ],
  "allow_credentials": false
}
`,
			top, []string{"AllowCredentials"},
			`{
  "allow_origins": [
    "https://a.example",
    "https://new.example"
  ],
  "allow_methods": [
    "PURGE"
  ],
  "allow_credentials": true,
  "allow_origin_regexes": ["https://[a-z]{2,3}\\.new\\.example"]
}
`,
		},
		{
			"JSON of a route",
			`{"routes": [{"path": "/a/", "allow_origins": []}]}`,
			route, []string{"Routes[0].Config.AllowCredentials"},
			`{"routes": [{"path": "/a/", "allow_origins": ["https://new.example"], ` +
				`"expose_headers": ["X-New"], "allow_credentials": true}]}`,
		},
		{
			"a .env file",
			`CORS_ALLOW_ORIGINS=https://a.example # ours
DEBUG=1
`,
			top, []string{"AllowCredentials"},
			`CORS_ALLOW_ORIGINS=https://a.example,https://new.example # ours
CORS_ALLOW_METHODS=PURGE
CORS_ALLOW_ORIGIN_REGEXES='["https://[a-z]{2,3}\\.new\\.example"]'
CORS_ALLOW_CREDENTIALS=true
DEBUG=1
`,
		},
		{
			"a shell script",
			"export CORS_ALLOW_ORIGINS='[\"https://a.example\"]'\n" +
				"export CORS_ALLOW_METHODS=\"PUT GET\"\r\n" +
				"export CORS_ALLOW_CREDENTIALS=no",
			top, []string{"AllowCredentials"},
			"export CORS_ALLOW_ORIGINS='[\"https://a.example\", \"https://new.example\"]'\n" +
				"export CORS_ALLOW_METHODS=\"PUT GET PURGE\"\r\n" +
				"export CORS_ALLOW_CREDENTIALS=true\n" +
				`export CORS_ALLOW_ORIGIN_REGEXES='["https://[a-z]{2,3}\\.new\\.example"]'`,
		},
		{
			"a Compose file",
			`  environment:
    - "CORS_ALLOW_ORIGINS=https://a.example"
  image: x
`,
			top, []string{"AllowCredentials"},
			`  environment:
    - "CORS_ALLOW_ORIGINS=https://a.example,https://new.example"
    - "CORS_ALLOW_METHODS=PURGE"
    - "CORS_ALLOW_ORIGIN_REGEXES=[\"https://[a-z]{2,3}\\\\.new\\\\.example\"]"
    - "CORS_ALLOW_CREDENTIALS=true"
  image: x
`,
		},
		{
			"a Compose file with a mapping",
			`  environment:
    CORS_ALLOW_ORIGINS: https://a.example
    CORS_ALLOW_ORIGIN_REGEXES: 'https://b\.example'`,
			top, []string{"AllowCredentials"},
			`  environment:
    CORS_ALLOW_ORIGINS: https://a.example,https://new.example
    CORS_ALLOW_ORIGIN_REGEXES: '["https://b\\.example", "https://[a-z]{2,3}\\.new\\.example"]'
    CORS_ALLOW_METHODS: PURGE
    CORS_ALLOW_CREDENTIALS: "true"`,
		},
		{
			"names of django-cors-headers",
			`CORS_ALLOWED_ORIGINS=https://a.example
CORS_URLS_REGEX=^/api/
`,
			route, []string{"Routes[0].Config.AllowCredentials"},
			`CORS_ALLOWED_ORIGINS=https://a.example,https://new.example
CORS_URLS_REGEX=^/api/
CORS_EXPOSE_HEADERS=X-New
CORS_ALLOW_CREDENTIALS=true
`,
		},
		{
			"a variable with routes",
			`CORS_ROUTES='[{"path": "/a/", "allow_origins": []}]'
`,
			route, []string{"Routes[0].Config.AllowCredentials"},
			`CORS_ROUTES='[{"path": "/a/", "allow_origins": ["https://new.example"], ` +
				"\"expose_headers\": [\"X-New\"], \"allow_credentials\": true}]'\n",
		},
		{
			"Go on one line",
			`corsgin.Config{AllowOrigins: []string{"https://a.example"}, ` +
				"AllowMethods: core.DefaultMethods()}",
			top, []string{"AllowCredentials"},
			`corsgin.Config{AllowOrigins: []string{"https://a.example", "https://new.example"}, ` +
				`AllowMethods: append(core.DefaultMethods(), "PURGE"), ` +
				"AllowOriginRegexes: []string{`https://[a-z]{2,3}\\.new\\.example`}, " +
				"AllowCredentials: true}",
		},
		{
			"Go with comments",
			`corsgin.Config{
	AllowOrigins: []string{
		"https://a.example", // ours
	},
	AllowMethods: append(core.DefaultMethods(), "LIST"),
	AllowCredentials: false, // no
}`,
			top, []string{"AllowCredentials"},
			"corsgin.Config{\n" +
				"\tAllowOrigins: []string{\n" +
				"\t\t\"https://a.example\", // ours\n" +
				"\t\t\"https://new.example\",\n" +
				"\t},\n" +
				"\tAllowMethods: append(core.DefaultMethods(), \"LIST\", \"PURGE\"),\n" +
				"\tAllowCredentials: true, // no\n" +
				"\tAllowOriginRegexes: []string{`https://[a-z]{2,3}\\.new\\.example`},\n" +
				"}",
		},
		{
			"Go as gofmt formats it",
			"corsgin.Config{\n" +
				"\tAllowOrigins: []string{\n" +
				"\t\t// None yet.\n" +
				"\t},\n" +
				"\tAllowMethods:       nil,\n" +
				"\tAllowOriginRegexes: append([]string{`https://q\\.example`}, `https://r\\.example`), " +
				"// two\n" +
				"}\n",
			top, []string{"AllowCredentials"},
			"corsgin.Config{\n" +
				"\tAllowOrigins: []string{\n" +
				"\t\t// None yet.\n" +
				"\t\t\"https://new.example\",\n" +
				"\t},\n" +
				"\tAllowMethods:       []string{\"PURGE\"},\n" +
				"\tAllowOriginRegexes: append([]string{`https://q\\.example`}, `https://r\\.example`, " +
				"`https://[a-z]{2,3}\\.new\\.example`), // two\n" +
				"\tAllowCredentials:   true,\n" +
				"}\n",
		},
		{
			"Go of a route",
			`corsgin.Config{
	Routes: []core.Route{
		{Path: "/a/", Config: core.Config{AllowOrigins: []string{}}},
	},
}
`,
			route, []string{"Routes[0].Config.AllowCredentials"},
			"corsgin.Config{\n" +
				"\tRoutes: []core.Route{\n" +
				"\t\t{Path: \"/a/\", Config: core.Config{AllowOrigins: []string{\"https://new.example\"}, " +
				"ExposeHeaders: []string{\"X-New\"}, AllowCredentials: true}},\n" +
				"\t},\n" +
				"}\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := diagnose.ReadPolicy(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Apply(tt.changes, tt.enable)
			if err != nil || got != tt.want {
				t.Errorf("got\n%s\n%v\nwant\n%s", got, err, tt.want)
			}
			if same, err := p.Apply(nil, nil); err != nil || same != tt.text {
				t.Errorf("no changes: got\n%s\n%v\nwant\n%s", same, err, tt.text)
			}
		})
	}
}

func TestApplyErrors(t *testing.T) {
	p, err := diagnose.ReadPolicy(`{"allow_origins": [], "routes": [{"path": "/a", "disable": true}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		change core.ConfigChange
		want   string
	}{
		{core.ConfigChange{Field: "TrustedOrigins", Add: []string{"x"}}, "cors: the policy has no field " +
			"TrustedOrigins"},
		{core.ConfigChange{Field: "Routes[1].Config.AllowOrigins", Add: []string{"x"}},
			"cors: the policy has no field Routes[1].Config.AllowOrigins"},
		{core.ConfigChange{Field: "MaxAge", Add: []string{"x"}}, "cors: MaxAge is neither a list nor a boolean"},
		{core.ConfigChange{Field: "AllowOrigins", Add: []string{"x"}},
			`cors: allow_origins[0]: "x": an origin begins with a scheme; write "https://x"`},
	} {
		if text, err := p.Apply([]core.ConfigChange{tt.change}, nil); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %q, %v, want %s", tt.change.Field, text, err, tt.want)
		}
	}
}

// TestApplyAsAdvised applies what Explain advises. Then the page can read the response.
func TestApplyAsAdvised(t *testing.T) {
	applied := 0
	for _, tt := range readings {
		p, err := diagnose.ReadPolicy(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []diagnose.Fetch{
			{Origin: "https://new.example", URL: "https://api.example/public/x"},
			{Origin: "https://new.example", URL: "https://api.example/api/x", Method: "PURGE"},
			{Origin: "https://a.example", URL: "https://api.example/x", Method: "SEARCH", Header: [][2]string{{"X-A",
				"1"}}},
			{Origin: "https://a.example", URL: "https://api.example/x", Method: "PUT", Credentials: true},
			{Origin: "https://new.example", URL: "https://api.example/$x", Header: [][2]string{{"X-A", "1"}}},
		} {
			t.Run(fmt.Sprint(tt.name, " ", f), func(t *testing.T) {
				report := explain(t, p, f)
				if len(report.Changes)+len(report.Enable) == 0 || len(report.Instead) > 0 {
					return
				}
				text, err := p.Apply(report.Changes, report.Enable)
				if strings.Contains(tt.text, "CORS_URLS_REGEX") && !strings.HasPrefix(report.Changes[0].Field,
					"Routes[0].") {
					if err == nil {
						t.Errorf("got %s, want an error, because no variable is about other paths", text)
					}
					return
				}
				applied++
				if err != nil {
					t.Fatal(err)
				}
				fixed, err := diagnose.ReadPolicy(text)
				if err != nil {
					t.Fatal(err)
				}
				if report = explain(t, fixed, f); !report.Readable {
					t.Errorf("%s\nin\n%s", report.Summary, text)
				}
			})
		}
	}
	if applied < 20 {
		t.Errorf("applied %d fixes, want at least 20", applied)
	}
}

func explain(t *testing.T, p diagnose.Policy, f diagnose.Fetch) diagnose.Report {
	t.Helper()
	policy, err := core.New(p.Config)
	if err != nil {
		t.Fatal(err)
	}
	return diagnose.Explain(t.Context(), policy, f)
}

// FuzzReadPolicy checks what must be true of every text: ReadPolicy does not panic, problems have a
// position in the text, and a policy means the same after it was written.
func FuzzReadPolicy(f *testing.F) {
	for _, tt := range readings {
		f.Add(tt.text)
	}
	for _, text := range []string{
		"CORS_A='", "CORS_ALLOW_ORIGINS: |\n  x", "- \"CORS_DEBUG=true\"", "corsgin.Config{",
		"core.Config{Routes: []core.Route{{}}}",
		"const a = a\nvar _ = core.Config{AllowOrigins: []string{a}}", "core.Config{AllowOrigins: append(nil)}",
		"export CORS_ALLOW_ORIGINS=[\"*\"]", "CORS_ALLOW_ALL_ORIGINS=1\nCORS_URLS_REGEX=/a",
		`{"allow_origins": ["*"], "x": {}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := diagnose.ReadPolicy(text)
		if err != nil {
			lines := strings.Count(text, "\n") + 1
			count := 0
			for e := range core.Problems(err) {
				count++
				if e.Line < 1 || e.Line > lines || e.Column < 1 || e.Column > len(text)+1 {
					t.Errorf("%v is at %d:%d", e, e.Line, e.Column)
				}
			}
			if count == 0 {
				t.Errorf("no problem in %v", err)
			}
			return
		}
		for _, finding := range p.Findings {
			p.Line(finding.Field)
		}
		for _, n := range []diagnose.Notation{diagnose.JSON, diagnose.Environment, diagnose.Go} {
			written, err := p.Write(n)
			if err != nil {
				continue // such as a value that only looks like a template in JSON
			}
			again, err := diagnose.ReadPolicy(written)
			want := p.Config
			want.MaxAge = max(want.MaxAge, -1)
			want.Routes = slices.Clone(want.Routes)
			for i := range want.Routes {
				want.Routes[i].Config.MaxAge = max(want.Routes[i].Config.MaxAge, -1)
			}
			want.OnDecision, again.Config.OnDecision = nil, nil
			if err != nil || again.Notation != n || !reflect.DeepEqual(again.Config, want) {
				t.Errorf("%s: got %+v, %v\nwant %+v\nfrom %s", n, again.Config, err, want, written)
			}
		}
		change := []core.ConfigChange{{Field: "ExposeHeaders", Add: []string{"X-New"}}}
		if changed, err := p.Apply(change, nil); err == nil {
			if again, err := diagnose.ReadPolicy(changed); err != nil || !slices.Contains(again.Config.ExposeHeaders,
				"X-New") {
				t.Errorf("%v after a change to\n%s", err, changed)
			}
		}
	})
}

func TestTranslate(t *testing.T) {
	const text = "AllowOrigins[1] and Routes[0].Config.AllowHeaders: set AllowMethods to " +
		`append(core.DefaultMethods(), "X"); ` + "Routes[12].Path, Routes[0].Disable, Routes and Allow"
	for _, tt := range []struct{ name, policy, want string }{
		{"JSON", `{"allow_origins": []}`, `allow_origins[1] and routes[0].allow_headers: set allow_methods to ` +
			`the default methods and "X"; routes[12].path, routes[0].disable, routes and Allow`},
		{"variables", "CORS_ALLOWED_ORIGINS=[]", `CORS_ALLOWED_ORIGINS[1] and CORS_ROUTES[0].allow_headers: ` +
			`set CORS_ALLOW_METHODS to the default methods and "X"; CORS_ROUTES[12].path, CORS_ROUTES[0].disable, ` +
			"CORS_ROUTES and Allow"},
		{"a variable for some paths", "CORS_ALLOWED_ORIGINS=[]\nCORS_ALLOW_HEADERS=x-a\nCORS_URLS_REGEX=/a",
			`CORS_ALLOW_ORIGINS[1] and CORS_ALLOW_HEADERS: set CORS_ALLOW_METHODS to the default methods and "X"; ` +
				"CORS_ROUTES[12].path, CORS_ROUTES[0].disable, CORS_ROUTES and Allow"},
		{"Go", "core.Config{AllowOrigins: []string{}}", text},
	} {
		p, err := diagnose.ReadPolicy(tt.policy)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Translate(text); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

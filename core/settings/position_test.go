package settings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// positions returns the position and the name of each problem, as in "2:3 max_age".
func positions(err error) (list []string) {
	for e := range core.Problems(err) {
		place := e.Field
		if e.Index >= 0 {
			place = fmt.Sprintf("%s[%d]", place, e.Index)
		}
		list = append(list, fmt.Sprintf("%d:%d %s", e.Line, e.Column, place))
	}
	return list
}

func TestPositionsInJSON(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       []string
	}{
		{"an entry", "{\n  \"allow_origins\": [\n    \"https://a.example\",\n    \"https://b.example/\"\n  ]\n}",
			[]string{"4:5 allow_origins[1]"}},
		{"a value", `{"allow_origins": ["*"], "max_age":   -1}`, []string{"1:39 max_age"}},
		{"a value of the wrong type", "{\"allow_origins\":\n\t{\"a\": [1]}}", []string{"2:2 allow_origins"}},
		{"an unknown key", "{\"allow_origins\": [\"*\"],\n \"maxage\": {\"max_age\": 0}}", []string{"2:2 maxage"}},
		{"an unknown key with dots", `{"a.b[0]": 1}`, []string{`1:2 "a.b[0]"`}},
		{"a key that is written twice", "{\"debug\": true,\n\"debug\": false}", []string{"2:1 debug"}},
		{"characters, not bytes", `{"allow_origins": ["https://ä.example", "x"]}`, []string{"1:41 allow_origins[1]"}},
		{"escapes", `{"allow_origins": ["https:\/\/a.example", "x"]}`, []string{"1:43 allow_origins[1]"}},
		{"a route",
			"{\"routes\": [\n{\"path\": \"/a/\", \"allow_origins\": [\"*\"]},\n {\"path\": \"b\",\n" +
				"\"allow_origins\": [\"x\"]}]}",
			[]string{"3:11 routes[1].path", "4:19 routes[1].allow_origins[0]"}},
		{"what is missing in a route", "{\"routes\": [\n  {\"path\": \"/a/\"}, {\"disable\": true}]}",
			[]string{"2:3 routes[0].allow_origins", "2:20 routes[1]"}},
		{"the outermost value", "\n  []", []string{"2:3 settings"}},
		{"a string", "\n \"{}\"", []string{"2:2 settings"}},
		{"before a syntax error", "{\"debug\": 1,\n\"max_age\": x}", []string{"1:11 debug", "2:12 max_age"}},
		{"syntax", "{\n  \"debug\" true}", []string{"2:11 debug"}},
		{"nothing", "", []string{"1:1 settings"}},
		{"text after the end", "{}\n {}", []string{"2:2 settings"}},
		{"YAML", "\n\nallow_origins: []", []string{"3:1 settings"}},
		{"not UTF-8", "{\n\"\xff\"}", []string{"2:2 settings"}},
		{"UTF-16", "\xff\xfe{", []string{"1:1 settings"}},
		{"a byte order mark", "\ufeff{\"debug\": 1}", []string{"1:1 settings", "1:11 debug"}},
		{"too deep", strings.Repeat("[", 40), []string{"1:1 settings", "1:33 settings"}},
		{"CSRF", "{\"csrf_exempt_paths\":\n[\"x\"]}", []string{"2:2 csrf_exempt_paths[0]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := settings.FromJSON([]byte(tt.data))
			if got := positions(err); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q\nof %v", got, tt.want, err)
			}
		})
	}
}

func TestPositionsInVariables(t *testing.T) {
	_, err := settings.FromEnv("CORS_", []string{
		"CORS_ALLOW_ORIGINS= \n [\"https://a.example\",\n\"https://a.example/\"]", "CORS_MAX_AGE=never",
		"CORS_EXPOSE_HEADERS= [\"a b\"]",
		"CORS_ROUTES=\n[\n  {\"path\": \"/a/\", \"alow_origins\": 1}, {\"path\": \"/b/\", \"allow_origins\": [\"b\"]}]",
		"CSRF_TRUSTED_ORIGINS=x",
	})
	want := []string{
		"0:0 CORS_MAX_AGE", "3:19 CORS_ROUTES[0].alow_origins", "3:73 CORS_ROUTES[1].allow_origins[0]",
		"3:1 CORS_ALLOW_ORIGINS[1]", "1:3 CORS_EXPOSE_HEADERS[0]", "0:0 CSRF_TRUSTED_ORIGINS[0]",
	}
	if got := positions(err); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\nof %v", got, want, err)
	}
}

// TestPositionsInValues: the name of one setting may begin with the name of another.
func TestPositionsInValues(t *testing.T) {
	_, err := settings.FromValues([]settings.Value{
		flag("allow_origins", "cors", "\n[\"https://a.example\",\n\t\"https://b.example/\"]"),
		flag("max_age", "cors.max_age", "never"),
		list("expose_headers", "cors.headers", `["a b"]`, "c"),
		flag("routes", "cors.routes", `[{"path": "/a/", "allow_origins": ["a"]}]`),
	}, settings.Options{})
	want := []string{
		"0:0 cors.max_age", "1:36 cors.routes[0].allow_origins[0]", "3:2 cors[1]", "0:0 cors.headers[0]",
		"0:0 cors.headers[1]",
	}
	if got := positions(err); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\nof %v", got, want, err)
	}
}

// TestPositionsInToJSON: nobody sees the text that ToJSON refuses, so its problems have no
// position.
func TestPositionsInToJSON(t *testing.T) {
	_, err := settings.ToJSON(settings.Settings{CORS: core.Config{AllowOrigins: []string{"x"}}})
	if got, want := positions(err), []string{"0:0 allow_origins[0]"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func found(code, field, message string) core.Finding {
	return core.Finding{Code: code, Field: field, Message: message}
}

// TestFindingsOfSources: each source reports what core.Lint finds under its own names.
func TestFindingsOfSources(t *testing.T) {
	fromJSON, err := settings.FromJSON([]byte(`{"allow_origins": ["https://*.example.com", "https://a.example.com"],
		"allow_origin_regexes": ["https://b\\.example"], "max_age": 86400, "allow_methods": ["PUT", "PUT"],
		"routes": [{"path": "/a/", "allow_origins": ["*"], "max_age": 60},
			{"path_regex": "/.*", "allow_origins": ["*"]},
			{"path_regex": "/x", "allow_origins": ["https://c.example", "https://c.example"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	fromEnv, err := settings.FromEnv("CORS_", []string{
		"CORS_ALLOW_ALL_ORIGINS=1", "CORS_ALLOWED_ORIGIN_REGEXES=https://b\\.example", "CORS_PREFLIGHT_MAX_AGE=1d",
		"CORS_PREFLIGHT_MAX_AGE=86400", `CORS_ROUTES=[{"path": "/a", "disable": true},
			{"path_regex": "/x.*", "disable": true},
			{"path_regex": "/x.*", "disable": true}]`, "CORS_URLS_REGEX=/a/.*",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		got, want []core.Finding
	}{
		{"JSON", fromJSON.Findings, []core.Finding{
			found("covered-entry", "allow_origins[1]", `allow_origins[0], "https://*.example.com", covers it; `+
				`remove one of them.`),
			found(
				"plain-regex", "allow_origin_regexes[0]", `it means the same as "https://b.example" in allow_origins, which `+
					`is faster and easier to read; list that instead.`,
			),
			found("duplicate-entry", "allow_methods[1]", "it is the same as allow_methods[0]; remove it."),
			found(
				"long-max-age", "max_age", "Chromium caches a preflight for at most 2 hours, Firefox for 24 hours, and Safari "+
					"for 10 minutes; write 7200.",
			),
			found(
				"any-origin", "routes[0].allow_origins[0]", "every website can read the responses; list the origins, unless "+
					"the responses are public and the server is not in a private network.",
			),
			found(
				"shadowed-policy", "routes[1]", "every path matches it or another route, so the origins of the top level have "+
					"no effect; remove the origins or the route.",
			),
			found(
				"any-origin", "routes[1].allow_origins[0]", "every website can read the responses; list the origins, unless "+
					"the responses are public and the server is not in a private network.",
			),
			found(
				"dead-route", "routes[2].path_regex", "routes[1] matches every path and takes precedence; remove one of the two "+
					"routes.",
			),
			found("duplicate-entry", "routes[2].allow_origins[1]", "it is the same as allow_origins[0]; remove it."),
		}},
		{"environment", fromEnv.Findings, []core.Finding{
			found(
				"setting-without-effect", "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ALLOW_ALL_ORIGINS already allows every origin, "+
					"so this has no effect; remove it.",
			),
			found(
				"narrow-route", "CORS_ROUTES[0].path", `it matches no path below it, so "/a/x" has the policy of `+
					`CORS_URLS_REGEX, which allows more; write "/a/".`,
			),
			found(
				"dead-route", "CORS_ROUTES[2].path_regex", "CORS_ROUTES[1] has the same path_regex and is tried first; remove "+
					"one of the two routes.",
			),
			found(
				"any-origin", "CORS_ALLOW_ALL_ORIGINS", "every website can read the responses; list the origins, unless the "+
					"responses are public and the server is not in a private network.",
			),
			found(
				"long-max-age", "CORS_PREFLIGHT_MAX_AGE", "Chromium caches a preflight for at most 2 hours, Firefox for 24 "+
					"hours, and Safari for 10 minutes; write 7200.",
			),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range max(len(tt.got), len(tt.want)) {
				var got, want core.Finding
				if i < len(tt.got) {
					got = tt.got[i]
				}
				if i < len(tt.want) {
					want = tt.want[i]
				}
				if got != want {
					t.Errorf("finding %d:\n got %q\nwant %q", i, got, want)
				}
			}
		})
	}
}

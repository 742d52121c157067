package settings_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// problem is the place of a ConfigError.
type problem struct {
	field string
	index int
}

// problems returns the places of all problems in an error.
func problems(t *testing.T, err error) (places []problem) {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T is not joined", err)
	}
	for _, err := range joined.Unwrap() {
		e, ok := err.(*core.ConfigError)
		if !ok {
			t.Fatalf("%T is no *core.ConfigError", err)
		}
		if e.Rule == "" || e.Fix == "" {
			t.Errorf("%v: no rule or no fix", e)
		}
		places = append(places, problem{e.Field, e.Index})
	}
	return places
}

func TestFromJSON(t *testing.T) {
	one := []string{"https://a.example"}
	for _, tt := range []struct {
		data string
		want settings.Settings
	}{
		{`{}`, settings.Settings{}},
		{" {\n} \r\n\t", settings.Settings{}},
		{`{"debug": false, "allow_credentials": false}`, settings.Settings{}},
		{
			`{"debug": true, "allow_credentials": true, "routes": []}`,
			settings.Settings{CORS: core.Config{Debug: true, AllowCredentials: true, Routes: []core.Route{}}},
		},
		{
			`{"allow_origins": ["https://a.example", "http://localhost:*"]}`,
			settings.Settings{CORS: core.Config{AllowOrigins: []string{"https://a.example", "http://localhost:*"}}},
		},
		{
			`{"allow_origin_regexes": ["https://\\w{1,3}\\.example"]}`,
			settings.Settings{CORS: core.Config{AllowOriginRegexes: []string{`https://\w{1,3}\.example`}}},
		},
		{`{"allow_origins": ["https://a.example"], "allow_methods": [], "allow_headers": [], "expose_headers": []}`,
			settings.Settings{
				CORS: core.Config{AllowOrigins: one, AllowMethods: []string{}, AllowHeaders: []string{}, ExposeHeaders: []string{}},
			}},
		{
			`{"allow_origins": ["https://a.example"], "allow_methods": ["PUT"], "allow_headers": ["x-a"],
			"expose_headers": ["x-b"], "allow_credentials": true, "max_age": "10m",
			"allow_private_network": true, "preflight_status": 200, "continue_preflight": true,
			"forbid_disallowed": true, "debug": true,
			"dangerously_allow_origins": ["http://a.example"],
			"dangerously_allow_origin_regexes": ["https://.*a\\.example"]}`,
			settings.Settings{CORS: core.Config{
				AllowOrigins: one, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"x-a"}, ExposeHeaders: []string{"x-b"},
				AllowCredentials: true, MaxAge: 10 * time.Minute,
				AllowPrivateNetwork: true, PreflightStatus: 200, ContinuePreflight: true, ForbidDisallowed: true, Debug: true,
				DangerouslyAllowOrigins:       []string{"http://a.example"},
				DangerouslyAllowOriginRegexes: []string{`https://.*a\.example`},
			}},
		},
		{`{"allow_origins": ["https://a.example"], "routes": [
			{"path": "/public/", "allow_origins": ["*"], "max_age": 60},
			{"path_regex": "/v[0-9]+/.*", "allow_origins": ["https://b.example"]},
			{"path": "/internal/", "disable": true}]}`,
			settings.Settings{CORS: core.Config{AllowOrigins: one, Routes: []core.Route{
				{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}, MaxAge: time.Minute}},
				{PathRegex: "/v[0-9]+/.*", Config: core.Config{AllowOrigins: []string{"https://b.example"}}},
				{Path: "/internal/", Disable: true},
			}}}},
		{
			`{"allow_origins": ["https://a.example"], "routes": []}`,
			settings.Settings{CORS: core.Config{AllowOrigins: one, Routes: []core.Route{}}},
		},
		{`{"csrf_trusted_origins": ["https://a.example"], "csrf_exempt_paths": ["/hooks/"]}`,
			settings.Settings{CSRF: core.CSRFConfig{TrustedOrigins: one, ExemptPaths: []string{"/hooks/"}}}},
		{`{"csrf_trusted_origins": []}`, settings.Settings{CSRF: core.CSRFConfig{TrustedOrigins: []string{}}}},
	} {
		got, err := settings.FromJSON([]byte(tt.data))
		if got = withoutLint(got); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", tt.data, got, err, tt.want)
			continue
		}
		written, err := settings.ToJSON(got)
		if err != nil {
			t.Errorf("%s: ToJSON: %v", tt.data, err)
		}
		if again, err := settings.FromJSON(written); err != nil || !reflect.DeepEqual(withoutLint(again), tt.want) {
			t.Errorf("%s: read back:\n got %+v, %v\nwant %+v", written, again, err, tt.want)
		}
	}
}

func TestFromJSONMaxAge(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  time.Duration
	}{
		{`600`, 600 * time.Second}, {`1`, time.Second}, {`1.5`, 1500 * time.Millisecond}, {`86400`, 24 * time.Hour},
		{`"10m"`, 10 * time.Minute}, {`"1h30m"`, 90 * time.Minute}, {`"1500ms"`, 1500 * time.Millisecond},
		{`"24h"`, 24 * time.Hour},
		{`0`, -1}, {`-0`, -1}, {`0.0`, -1}, {`"0"`, -1}, {`"0s"`, -1}, {`"0h0m"`, -1},
	} {
		s, err := settings.FromJSON([]byte(`{"allow_origins": ["https://a.example"], "max_age": ` + tt.value + `}`))
		if err != nil || s.CORS.MaxAge != tt.want {
			t.Errorf("%s: got %d, %v, want %d", tt.value, s.CORS.MaxAge, err, tt.want)
		}
	}
}

// TestFromJSONRefuses compares whole messages, because operators read them.
func TestFromJSONRefuses(t *testing.T) {
	const nobody = `no origins are configured; list the origins, such as ` +
		`"https://app.example.com", or write an empty list to allow nobody`
	for _, tt := range []struct{ data, want string }{
		// The text as a whole.
		{``, `cors: settings: the text is empty (line 1, column 1); write {} if there are no settings`},
		{"{\n  ", `cors: settings: the text ends too early (line 2, column 3); close every string, bracket and brace`},
		{
			`{"allow_origins": ["https://a.example"`,
			`cors: allow_origins: the text ends too early (line 1, column 39); close every string, bracket and brace`,
		},
		{`[]`, `cors: settings: got a list, want an object; write an object, such as {"allow_origins": ` +
			`["https://app.example.com"]}`},
		{`null`, `cors: settings: null looks like a value that was not set; write {} if there are no settings`},
		{`{} {}`, `cors: settings: there is a second JSON object (line 1, column 4); remove it`},
		{`{}x`, `cors: settings: there is text after the end of the JSON value (line 1, column 3); remove it`},
		{"\ufeff{}", `cors: settings: the text begins with a byte order mark (line 1, column 1); save it without one`},
		{"{\"allow_origins\": [\"\xff\"]}", `cors: settings: this is not UTF-8 (line 1, column 21); save it as UTF-8`},
		{"{}\x00", `cors: settings: there is text after the end of the JSON value (line 1, column 3); remove it`},
		{
			"\x00",
			`cors: settings: this is not JSON: invalid character '\x00' looking for beginning of value (line 1, column ` +
				`1); correct the syntax there`,
		},
		{`{"allow_origins": ["https://a.example"]` + strings.Repeat(" ", 16<<20) + `}`,
			`cors: settings: this is longer than 16 MiB; keep long lists elsewhere, and add them to the Config that ` +
				`was read`},
		{
			`{"allow_origins": ` + strings.Repeat("[", 1000),
			"cors: allow_origins[0]: \"\": got a list, want a string; write a string in double quotes\ncors: " +
				`allow_origins: this is nested too deeply; remove the inner levels; no setting has so many`,
		},

		// Syntax, and Python literals.
		{
			`{"allow_origins": ["https://a.example",]}`,
			`cors: allow_origins[1]: "]}": JSON has no comma after the last entry (line 1, column 40); remove the comma ` +
				`before it`,
		},
		{
			"{\n\"allow_origins\": ['https://a.example']}",
			`cors: allow_origins[0]: "'https://a.example']}": JSON strings are in double quotes (line 2, column 19); ` +
				`write double quotes instead`,
		},
		{
			`{"allow_origin_regexes": ["https://\w+\.example"]}`,
			`cors: allow_origin_regexes[0]: "\"https://\\w+\\.example\"]}": a backslash in a string is a part of an ` +
				`escape (line 1, column 27); write each backslash twice`,
		},
		{
			`{"allow_origin_regexes": [r"a"]}`,
			`cors: allow_origin_regexes[0]: "r\"a\"]}": JSON has no raw strings (line 1, column 27); write strings in ` +
				`double quotes without the "r", and each backslash twice`,
		},
		{
			`{"debug": True}`,
			`cors: debug: JSON has true, not True (line 1, column 11); write true`,
		},

		{`{5: 1}`, `cors: settings: this is not JSON: invalid character '5' (line 1, column 2); correct the syntax there`},
		{
			`{"debug": "` + strings.Repeat("é", 100) + `"}`,
			`cors: debug: "` + strings.Repeat("é", 60) +
				`…": got a string, want true or false; write true or false`,
		},
		{
			`{"x": "` + strings.Repeat("é", 100) + `"}`,
			`cors: x: no setting has this key or a similar one; remove it`,
		},
		{
			`{"a` + strings.Repeat("é", 100) + `": 1}`,
			`cors: "a` + strings.Repeat("é", 59) +
				`…": no setting has this key or a similar one; remove it`,
		},

		// Keys.
		{
			`{"alow_origins": ["https://a.example"]}`,
			`cors: alow_origins: no setting has this key; write "allow_origins" instead, or remove it`,
		},
		{
			`{"AllowOrigins": [[[]], {"a": {}}], "debug": true}`,
			`cors: AllowOrigins: no setting has this key; write "allow_origins" instead, or remove it`,
		},
		{`{"max-age": 1}`, `cors: max-age: no setting has this key; write "max_age" instead, or remove it`},
		{`{"a.b[0]\n": 1}`, `cors: "a.b[0]\n": no setting has this key or a similar one; remove it`},
		{
			`{"allow_origins": ["https://a.example"], "allow_origins": ["https://b.example/"]}`,
			`cors: allow_origins: this key is written twice; remove one of them`,
		},
		{`{"path": "/a/"}`, `cors: path: this key belongs in a route; move it into "routes"`},
		{
			`{"routes": [{"path": "/a/", "routes": [], "allow_origins": ["*"]}]}`,
			`cors: routes[0].routes: a route cannot have this key; move it to the top level`,
		},
		{
			`{"routes": [{"paht": "/a/", "allow_origins": ["*"]}]}`,
			`cors: routes[0].paht: no setting has this key; write "path" instead, or remove it`,
		},

		// Types.
		{
			`{"allow_origins": "https://a.example"}`,
			`cors: allow_origins: "https://a.example": got a string, want a list of strings; write ["https://a.example"]`,
		},
		{
			`{"allow_origins": null, "debug": true}`,
			`cors: allow_origins: null looks like a value that was not set; write its value, or remove it`,
		},
		{
			`{"allow_origins": {"a": ["b"]}}`,
			`cors: allow_origins: got an object, want a list of strings; write a list in square brackets`,
		},
		{
			`{"allow_origins": ["https://a.example", 5]}`,
			`cors: allow_origins[1]: "5": got a number, want a string; write "5"`,
		},
		{
			`{"debug": "true"}`,
			`cors: debug: "true": got a string, want true or false; write true`,
		},
		{`{"debug": 1}`, `cors: debug: "1": got a number, want true or false; write true`},
		{
			`{"preflight_status": "204"}`,
			`cors: preflight_status: "204": got a string, want a number; write 204`,
		},
		{
			`{"routes": {"path": "/a/"}}`,
			`cors: routes: got an object, want a list of routes; write it in square brackets, such as [{"path": ` +
				`"/api/", "allow_origins": ["https://app.example.com"]}]`,
		},
		{
			`{"routes": ["/a/"]}`,
			`cors: routes[0]: "/a/": got a string, want an object; write an object, such as {"path": "/api/", ` +
				`"allow_origins": ["https://app.example.com"]}`,
		},
		{
			`{"routes": [{"path": true, "allow_origins": ["*"]}]}`,
			`cors: routes[0].path: "true": got a boolean, want a string; write "true"`,
		},
		{
			`{"routes": [{"path": "/a/", "allow_origins": ["*", 7]}]}`,
			`cors: routes[0].allow_origins[1]: "7": got a number, want a string; write "7"`,
		},

		// Values.
		{
			`{"max_age": []}`,
			`cors: max_age: got a list, want a number of seconds or a duration; write a number of seconds, such as 600`,
		},
		{
			`{"max_age": "600"}`,
			`cors: max_age: "600": this is neither a number of seconds nor a duration such as 10m; write 600`,
		},
		{`{"max_age": 1e3}`,
			`cors: max_age: "1e3": this is neither a number of seconds nor a duration such as 10m; write a number of ` +
				`seconds, such as 600`},
		{`{"max_age": -1}`,
			`cors: max_age: "-1": an age cannot be negative, and 0 means that browsers do not cache preflights; write 0`},
		{
			`{"max_age": 0.5}`,
			`cors: max_age: "0.5": this is less than a second; write whole seconds, or 0 if browsers must not cache ` +
				`preflights`,
		},
		{
			`{"max_age": "0.0000000001s"}`,
			`cors: max_age: "0.0000000001s": this is less than a second; write whole seconds, or 0 if browsers must ` +
				`not cache preflights`,
		},
		{
			`{"max_age": 604800}`,
			`cors: max_age: "604800": no browser caches a preflight longer than 24 hours; write 86400`,
		},
		{
			`{"preflight_status": 302}`,
			`cors: preflight_status: "302": browsers refuse a preflight whose status is not from 200 to 299; write ` +
				`204, or remove it`,
		},
		{
			`{"preflight_status": 0}`,
			`cors: preflight_status: "0": browsers refuse a preflight whose status is not from 200 to 299; write 204, ` +
				`or remove it`,
		},
		{
			`{"preflight_status": 204.5}`,
			`cors: preflight_status: "204.5": this is not a whole number; write 204`,
		},
		{
			`{"allow_origins": ["https://a.example\u0000"]}`,
			`cors: allow_origins[0]: "https://a.example\x00": there is a control character in it; remove it`,
		},
		{
			`{"csrf_exempt_paths": ["/\ud800"]}`,
			`cors: csrf_exempt_paths[0]: "/�": this is not valid Unicode text; write it in UTF-8`,
		},
		{
			`{"allow_origin_regexes": ["https://a\b"]}`,
			`cors: allow_origin_regexes[0]: "https://a\b": there is a control character in it; remove it; a backslash of the ` +
				`expression is written twice in JSON ("\\b")`,
		},

		// Problems that core finds, under the names of keys.
		{
			`{"max_age": 0, "allow_methods": ["patch"]}`,
			`cors: allow_methods[0]: "patch": methods are case-sensitive; write "PATCH"`,
		},
		{`{"routes": [{"path": "/a/"}]}`, "cors: routes[0].allow_origins: " + nobody},
		{
			`{"routes": [{"path": "/a/", "allow_origins": ["*"]}, {"allow_origins": ["*"]}]}`,
			`cors: routes[1]: "": a route needs a path or a path_regex; write one, such as path: "/api/"`,
		},
		{
			`{"routes": [{"path": "/a/", "path_regex": "/b", "allow_origins": ["*"]}]}`,
			`cors: routes[0].path: "/a/": a route has a path or a path_regex, not both; remove path, or remove path_regex`,
		},
		{
			`{"routes": [{"path_regex": "a)|(?:b", "allow_origins": ["*"]}]}`,
			"cors: routes[0].path_regex: \"a)|(?:b\": this is not a valid regular expression in Go (unexpected ): `a)|(?:b`)" +
				"; correct it",
		},
		{
			`{"routes": [{"path_regex": "\\Qa", "allow_origins": ["*"]}]}`,
			`cors: routes[0].path_regex: "\\Qa": there is a \Q without \E; write \E after the quoted text`,
		},
		{
			`{"routes": [{"path": "/a/", "disable": true, "debug": true}]}`,
			`cors: routes[0].path: "/a/": a route with disable must not have a policy; remove disable, or remove policy`,
		},
		{
			`{"routes": [{"path": "a", "allow_origins": ["*"]}]}`,
			`cors: routes[0].path: "a": a path begins with a slash; write "/a"`,
		},
		{
			`{"routes": [{"path": "/a/", "allow_origins": ["http://b.example"], "allow_credentials": true}]}`,
			`cors: routes[0].allow_origins[0]: "http://b.example": with allow_credentials, anyone who can tamper with ` +
				`http traffic could act as your visitors; write "https://b.example", or ` +
				`move it to dangerously_allow_origins`,
		},
		{
			`{"allow_origins": ["https://a.example", "https://b.example/"]}`,
			`cors: allow_origins[1]: "https://b.example/": an origin has no path; write "https://b.example"`,
		},
		{
			`{"allow_origins": ["^https://AllowCredentials$"]}`,
			`cors: allow_origins[0]: "^https://AllowCredentials$": this looks like a regular expression; write ` +
				`"https://allowcredentials"`,
		},
		{
			`{"allow_origins": ["^https://(allowcredentials|a)$"]}`,
			`cors: allow_origins[0]: "^https://(allowcredentials|a)$": this looks like a regular expression; move it to ` +
				`allow_origin_regexes`,
		},
		{
			`{"allow_origins": ["*"], "allow_credentials": true}`,
			`cors: allow_origins[0]: "*": with allow_credentials, any website could act as your visitors; ` +
				`replace it with your own origins, or remove allow_credentials`,
		},
		{
			`{"csrf_trusted_origins": ["https://a.example", "*"]}`,
			`cors: csrf_trusted_origins[1]: "*": any website could act as your visitors; replace ` +
				`it with the origins that you trust`,
		},
		{`{"csrf_exempt_paths": ["x"]}`, `cors: csrf_exempt_paths[0]: "x": a path begins with a slash; write "/x"`},
	} {
		s, err := settings.FromJSON([]byte(tt.data))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.300s:\n got %v\nwant %s", tt.data, err, tt.want)
		}
		if !reflect.ValueOf(s).IsZero() {
			t.Errorf("%.300s: settings in spite of the error: %+v", tt.data, s)
		}
		problems(t, err)
	}
}

func TestRegexesOfPython(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{
			`https://(?=a)\w+\.example`,
			"Go's regexp package has no lookahead; write what is allowed as a whole, in several expressions if need be",
		},
		{`https://(?!evil)\w+\.example`, "Go's regexp package has no lookahead; write what is allowed " +
			"instead of what is not"},
		{
			`https://\w+(?<=a)\.example`,
			"Go's regexp package has no lookbehind; write what is allowed as a whole, in several expressions if need be",
		},
		{`https://\w+(?<!a)\.example`, "Go's regexp package has no lookbehind; write what is allowed instead of what is not"},
		{`https://(?P<a>\w)(?P=a)\.example`, "Go's regexp package has no backreference; write each alternative out"},
		{`https://(\w)\1\.example`, "Go's regexp package has no backreference; write each alternative out"},
		{`https://(a)?(?(1)b|c)\.example`, "Go's regexp package has no condition; write each alternative out"},
		{`https://(?>a+)\.example`, `Go's regexp package has no atomic group; write "(?:"`},
		{`https://a(?#hm)\.example`, "Go's regexp package has no comment; remove it"},
		{`(?x)https://a\.example`, `Go's regexp package has no flag "x"; write the expression without spaces and comments`},
		{`(?a)https://a\.example`, `Go's regexp package has no flag "a"; remove it, because classes such as ` +
			`\w are ASCII only`},
		{`https://\w+\.example\Z`, `Go's regexp package has no "\Z"; remove it, because the whole text must match`},
		{`https://\w++\.example`, `Go's regexp package has no possessive quantifier; write "+"`},
		{`https://\w{2}+\.example`, `Go's regexp package has no possessive quantifier; write "}"`},
		{`https://\u0061\.example`, `Go's regexp package has no "\u"; write \x{…}`},
		{`https://a{,3}\.example`, `a repetition without a first number is plain text in Go; write "{0,3}"`},
		{
			`https://(a\.example`,
			"this is not a valid regular expression in Go (missing closing ): `https://(a\\.example`); correct it",
		},
		{
			`https://[(?=]{2,1}\.example`,
			"this is not a valid regular expression in Go (invalid repeat count: `{2,1}`); correct it",
		},
		{`https://[]a(?=`, "this is not a valid regular expression in Go (missing closing ]: `[]a(?=`); correct it"},
		{
			`https://\(?=(a\.example`,
			"this is not a valid regular expression in Go (missing closing ): `https://\\(?=(a\\.example`); correct it",
		},
	} {
		_, err := settings.FromEnv("CORS_", []string{"CORS_ALLOWED_ORIGIN_REGEXES=[" + quoted(tt.expr) + "]"})
		var e *core.ConfigError
		if !errors.As(err, &e) || len(problems(t, err)) != 1 || e.Rule+"; "+e.Fix != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.expr, err, tt.want)
		}
	}
	for _, expr := range []string{
		`^https://\w+\.example\.com$`, `\Ahttps://(?P<a>\w+)\.example\z`, `https://[{,3}(?=]\.example`,
		`https://a(\{,3\})?\.example`, `https://[^]]+\.example`, `https://[\]a]{1,}\.example`, `(?i)https://A\.example`,
	} {
		if _, err := settings.FromJSON([]byte(`{"allow_origin_regexes": [` + quoted(expr) + `]}`)); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

// quoted returns the JSON string of an expression.
func quoted(expr string) string { return `"` + strings.ReplaceAll(expr, `\`, `\\`) + `"` }

// TestTenMistakesInJSON: each of ten mistakes is reported at its place, and nothing else is.
func TestTenMistakesInJSON(t *testing.T) {
	const data = `{
		"alow_origins": ["https://a.example"],
		"allow_origins": ["https://app.example.com", "https://app.example.com/"],
		"allow_origin_regexes": ["https://(?!a)\\.example"],
		"allow_methods": "GET",
		"allow_headers": ["X-A", "X B"],
		"allow_credentials": "yes",
		"max_age": "ten minutes",
		"routes": [
			{"path": "/a/", "allow_origins": ["example.com"]},
			{"path": "b/", "allow_origins": ["https://a.example"], "debug": true, "debug": true}
		]
	}`
	want := []problem{
		{"alow_origins", -1},
		{"allow_origin_regexes", 0},
		{"allow_methods", -1},
		{"allow_credentials", -1},
		{"max_age", -1},
		{"routes[1].debug", -1},
		{"routes[1].path", -1},
		{"routes[0].allow_origins", 0},
		{"allow_origins", 1},
		{"allow_headers", 1},
	}
	_, err := settings.FromJSON([]byte(data))
	got := problems(t, err)
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d:\n%v", len(got), len(want), err)
	}
	for _, p := range want {
		if !containsOnce(got, p) {
			t.Errorf("%v is not reported once:\n%v", p, err)
		}
	}
}

func containsOnce(all []problem, p problem) bool {
	n := 0
	for _, q := range all {
		if p == q {
			n++
		}
	}
	return n == 1
}

func TestToJSON(t *testing.T) {
	got, err := settings.ToJSON(settings.Settings{
		CORS: core.Config{
			AllowOrigins:       []string{"https://a.example"},
			AllowOriginRegexes: []string{`https://(?P<tenant>[a-z]+)&?\.acme\.example`},
			AllowMethods:       []string{}, AllowCredentials: true,
			MaxAge: 90 * time.Minute, PreflightStatus: 200,
			Routes: []core.Route{
				{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}, MaxAge: -1}},
				{PathRegex: "/x.*", Disable: true},
			},
		},
		CSRF:     core.CSRFConfig{ExemptPaths: []string{"/hooks/"}},
		Findings: []core.Finding{{Code: "a", Field: "b", Message: "c"}},
	})
	const want = `{
  "allow_origins": [
    "https://a.example"
  ],
  "allow_origin_regexes": [
    "https://(?P<tenant>[a-z]+)&?\\.acme\\.example"
  ],
  "allow_methods": [],
  "allow_credentials": true,
  "max_age": "1h30m",
  "preflight_status": 200,
  "routes": [
    {
      "path": "/public/",
      "allow_origins": [
        "*"
      ],
      "max_age": 0
    },
    {
      "path_regex": "/x.*",
      "disable": true
    }
  ],
  "csrf_exempt_paths": [
    "/hooks/"
  ]
}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if got, err := settings.ToJSON(settings.Settings{}); err != nil || string(got) != "{}" {
		t.Errorf("the zero Settings: got %s, %v", got, err)
	}
}

func TestToJSONMaxAge(t *testing.T) {
	for _, tt := range []struct {
		age, back time.Duration
		want      string
	}{
		{time.Second, time.Second, `"1s"`}, {90 * time.Second, 90 * time.Second, `"1m30s"`},
		{10 * time.Minute, 10 * time.Minute, `"10m"`}, {20 * time.Second, 20 * time.Second, `"20s"`},
		{time.Hour, time.Hour, `"1h"`}, {24 * time.Hour, 24 * time.Hour, `"24h"`},
		{time.Hour + time.Second, time.Hour + time.Second, `"1h0m1s"`},
		{1500 * time.Millisecond, 1500 * time.Millisecond, `"1.5s"`}, {time.Minute + 1, time.Minute + 1, `"1m0.000000001s"`},
		{-1, -1, `0`}, {-time.Hour, -1, `0`},
	} {
		data, err := settings.ToJSON(settings.Settings{CORS: core.Config{AllowOrigins: []string{"*"}, MaxAge: tt.age}})
		if !strings.Contains(string(data), `"max_age": `+tt.want+"\n") {
			t.Errorf("%v: got %s, %v, want %s", tt.age, data, err, tt.want)
		}
		if s, err := settings.FromJSON(data); err != nil || s.CORS.MaxAge != tt.back {
			t.Errorf("%v: read back %v, %v", tt.age, s.CORS.MaxAge, err)
		}
	}
}

func TestToJSONRefuses(t *testing.T) {
	yes := func(context.Context, string, core.Request) (bool, error) { return true, nil }
	observe := func(context.Context, core.Event) {}
	one := []string{"https://a.example"}
	for _, tt := range []struct {
		cfg  core.Config
		want string
	}{
		{
			core.Config{AllowOriginFunc: yes, OnDecision: observe},
			`cors: AllowOriginFunc: JSON cannot contain a func; remove it, and set it on the Config that was ` +
				"read\ncors: OnDecision: JSON cannot contain a func; remove it, and set it on the Config that was " +
				`read`,
		},
		{
			core.Config{Routes: []core.Route{{Path: "/a/"}, {Path: "/b/", Config: core.Config{AllowOriginFunc: yes}}}},
			`cors: Routes[1].Config.AllowOriginFunc: JSON cannot contain a func; remove it, and set it on the ` +
				`Config that was read`,
		},
		{
			core.Config{Routes: []core.Route{{Path: "/a/", Config: core.Config{AllowOrigins: one, OnDecision: observe}}}},
			`cors: Routes[0].Config.OnDecision: JSON cannot contain a func; remove it, and set it on the Config ` +
				`that was read`,
		},
		{
			core.Config{Routes: []core.Route{{Path: "/a/", Config: core.Config{AllowOrigins: one, Routes: []core.Route{{}}}}}},
			`cors: Routes[0].Config.Routes: a route cannot have routes; move them to Routes of the Config`,
		},
		{
			core.Config{AllowOrigins: []string{"https://a.example\xff"}},
			`cors: allow_origins[0]: "https://a.example�": this is not valid Unicode text; write it in UTF-8`,
		},
		{
			core.Config{AllowOrigins: one, AllowHeaders: []string{"a\nb"}},
			`cors: allow_headers[0]: "a\nb": there is a control character in it; remove it`,
		},
		{
			core.Config{AllowOrigins: one, MaxAge: 600},
			`cors: max_age: "600ns": this is less than a second; write whole seconds, or 0 if browsers must not cache ` +
				`preflights`,
		},
	} {
		data, err := settings.ToJSON(settings.Settings{CORS: tt.cfg})
		if data != nil || err == nil || err.Error() != tt.want {
			t.Errorf("got %s, %v\nwant %s", data, err, tt.want)
		}
		problems(t, err)
	}
	const want = `cors: CSRF.OnDecision: JSON cannot contain a func; remove it, and set it on the Config that was read`
	data, err := settings.ToJSON(settings.Settings{CSRF: core.CSRFConfig{OnDecision: observe}})
	if data != nil || err == nil || err.Error() != want {
		t.Errorf("got %s, %v\nwant %s", data, err, want)
	}
}

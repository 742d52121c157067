package settings_test

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// flag returns a Value with one string, as a flag or a variable has.
func flag(key, name, text string) settings.Value {
	return settings.Value{Key: key, Name: name, Text: []string{text}}
}

// list returns a Value with an element per entry, as a list in YAML has.
func list(key, name string, text ...string) settings.Value {
	return settings.Value{Key: key, Name: name, Text: text}
}

func TestFromValues(t *testing.T) {
	const app = "https://app.example.com"
	var (
		any    = []string{"*"}
		nobody = []string{}
	)
	for _, tt := range []struct {
		name    string
		values  []settings.Value
		options settings.Options
		want    core.Config
	}{
		{"one string", []settings.Value{flag("allow_origins", "--o", " https://a.example,https://b.example  "+app+" ")},
			settings.Options{}, core.Config{AllowOrigins: []string{"https://a.example", "https://b.example", app}}},
		{"an element per entry", []settings.Value{list("allow_origins", "o", " https://a.example ", "", app)},
			settings.Options{}, core.Config{AllowOrigins: []string{"https://a.example", app}}},
		{"elements that are lists", []settings.Value{list("allow_origins", "o", "https://a.example, https://b.example", app)},
			settings.Options{}, core.Config{AllowOrigins: []string{"https://a.example", "https://b.example", app}}},
		{"JSON", []settings.Value{flag("allow_origins", "o", `["https://app.example.com"]`)},
			settings.Options{}, core.Config{AllowOrigins: []string{app}}},
		{"no origins, and all of them", []settings.Value{list("allow_origins", "o")},
			settings.Options{NoOrigins: any}, core.Config{AllowOrigins: any}},
		{"no origins, and nobody", []settings.Value{flag("allow_origins", "o", " ")},
			settings.Options{NoOrigins: nobody}, core.Config{AllowOrigins: nobody}},
		{"only commas", []settings.Value{flag("allow_origins", "o", " , ")},
			settings.Options{NoOrigins: any}, core.Config{AllowOrigins: any}},
		{"no setting for origins", nil, settings.Options{NoOrigins: any}, core.Config{AllowOrigins: any}},
		{"an empty list is written", []settings.Value{flag("allow_origins", "o", "[]")},
			settings.Options{NoOrigins: any}, core.Config{AllowOrigins: nobody}},
		{"origins instead of the default", []settings.Value{flag("allow_origins", "o", app)},
			settings.Options{NoOrigins: any}, core.Config{AllowOrigins: []string{app}}},
		{"expressions instead of the default", []settings.Value{flag("allow_origin_regexes", "r", `https://(a|b)\.example`)},
			settings.Options{NoOrigins: any}, core.Config{AllowOriginRegexes: []string{`https://(a|b)\.example`}}},
		{"expressions in a string", []settings.Value{flag("allow_origin_regexes", "r", `https://(a|b)\.example, https://c`)},
			settings.Options{}, core.Config{AllowOriginRegexes: []string{`https://(a|b)\.example`, `https://c`}}},
		{"an expression with a comma", []settings.Value{list("allow_origin_regexes", "r", `https://[a-z]{1,3}\.example`)},
			settings.Options{}, core.Config{AllowOriginRegexes: []string{`https://[a-z]{1,3}\.example`}}},
		{
			"several expressions with commas",
			[]settings.Value{list("allow_origin_regexes", "r", `https://[a-z]{1,3}\.example`, ` https://[a-z]{2,4}\.example`)},
			settings.Options{},
			core.Config{AllowOriginRegexes: []string{`https://[a-z]{1,3}\.example`, `https://[a-z]{2,4}\.example`}},
		},
		{
			"everything",
			[]settings.Value{
				flag("allow_origins", "", app), flag("allow_methods", "", "GET put"), flag("allow_headers", "", "x-a,x-b"),
				flag("expose_headers", "", "x-c"), flag("allow_credentials", "", "YES"), flag("max_age", "", "10m"),
				flag("allow_private_network", "", "off"), flag("preflight_status", "", "200"),
				flag("continue_preflight", "", "0"), flag("forbid_disallowed", "", "true"), flag("debug", "", "false"),
				flag("routes", "", `[{"path": "/public/", "allow_origins": ["*"]}]`),
				flag("dangerously_allow_origins", "", "http://a.example"),
				flag("dangerously_allow_origin_regexes", "", `https://.*a\.example`),
			},
			settings.Options{},
			core.Config{
				AllowOrigins: []string{app}, AllowMethods: []string{"GET", "put"}, AllowHeaders: []string{"x-a", "x-b"},
				ExposeHeaders: []string{"x-c"}, AllowCredentials: true, MaxAge: 10 * time.Minute, PreflightStatus: 200,
				ForbidDisallowed:              true,
				Routes:                        []core.Route{{Path: "/public/", Config: core.Config{AllowOrigins: any}}},
				DangerouslyAllowOrigins:       []string{"http://a.example"},
				DangerouslyAllowOriginRegexes: []string{`https://.*a\.example`},
			},
		},
		{
			"blank is not set",
			[]settings.Value{
				flag("allow_origins", "o", app), flag("allow_methods", "m", ""), list("allow_headers", "h", "", " "),
				flag("allow_credentials", "c", ""), flag("max_age", "a", ""), flag("preflight_status", "p", ""),
				flag("routes", "r", ""), flag("allow_origin_regexes", "e", ""),
			},
			settings.Options{}, core.Config{AllowOrigins: []string{app}},
		},
		{"empty lists", []settings.Value{flag("allow_origins", "o", app), flag("allow_methods", "m", "[]")},
			settings.Options{}, core.Config{AllowOrigins: []string{app}, AllowMethods: []string{}}},
		{"no caching", []settings.Value{flag("allow_origins", "o", app), flag("max_age", "m", "0")},
			settings.Options{}, core.Config{AllowOrigins: []string{app}, MaxAge: -1}},
		{"credentials are dropped", []settings.Value{flag("allow_origins", "o", "*"), flag("allow_credentials", "c", "1")},
			settings.Options{DropCredentials: true}, core.Config{AllowOrigins: any}},
		{"credentials are dropped for the default", []settings.Value{flag("allow_credentials", "c", "1")},
			settings.Options{DropCredentials: true, NoOrigins: any}, core.Config{AllowOrigins: any}},
		{"credentials are kept", []settings.Value{flag("allow_origins", "o", app), flag("allow_credentials", "c", "1")},
			settings.Options{DropCredentials: true}, core.Config{AllowOrigins: []string{app}, AllowCredentials: true}},
		{
			"credentials are dropped in a route",
			[]settings.Value{flag("routes", "r", `[{"path": "/a", "allow_origins": ["*"], "allow_credentials": true},
				{"path": "/b", "allow_origins": ["https://app.example.com"], "allow_credentials": true}]`)},
			settings.Options{DropCredentials: true, NoOrigins: any},
			core.Config{Routes: []core.Route{
				{Path: "/a", Config: core.Config{AllowOrigins: any}},
				{Path: "/b", Config: core.Config{AllowOrigins: []string{app}, AllowCredentials: true}},
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := settings.FromValues(tt.values, tt.options)
			if err != nil || !reflect.DeepEqual(got.CORS, tt.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got.CORS, err, tt.want)
			}
			if _, err := core.New(got.CORS); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFromValuesCSRF(t *testing.T) {
	got, err := settings.FromValues([]settings.Value{
		list("csrf_trusted_origins", "trusted", "https://a.example", "https://b.example"),
		flag("csrf_exempt_paths", "exempt", "/hooks/"),
	}, settings.Options{NoOrigins: []string{}})
	want := core.CSRFConfig{
		TrustedOrigins: []string{"https://a.example", "https://b.example"}, ExemptPaths: []string{"/hooks/"},
	}
	if err != nil || !reflect.DeepEqual(got.CSRF, want) {
		t.Errorf("got %+v, %v, want %+v", got.CSRF, err, want)
	}
}

// TestFromValuesRefuses compares whole messages, because operators read them.
func TestFromValuesRefuses(t *testing.T) {
	credentials := flag("allow_credentials", "--credentials", "true")
	moved := flag("dangerously_allow_origins", "--unsafe-origins", "")
	for _, tt := range []struct {
		name    string
		values  []settings.Value
		options settings.Options
		want    string
	}{
		{"a path", []settings.Value{flag("allow_origins", "server.cors.origins", "https://a.example/")}, settings.Options{},
			`cors: server.cors.origins[0]: "https://a.example/": an origin has no path; write "https://a.example"`},
		{"a path in the second element",
			[]settings.Value{list("allow_origins", "--o", "https://a.example, https://b.example", "https://c.example/")},
			settings.Options{}, `cors: --o[2]: "https://c.example/": an origin has no path; write "https://c.example"`},
		{"no origins", []settings.Value{list("allow_origins", "origins")}, settings.Options{},
			`cors: origins: no origins are configured; list the origins, such as "https://app.example.com", ` +
				`or write [] to allow nobody`},
		{"no origins, only expressions", []settings.Value{list("allow_origin_regexes", "expressions")}, settings.Options{},
			`cors: expressions: no origins are configured; list the origins, such as ` +
				`"https://app.example.com", or write [] to allow nobody`},
		{"no setting for origins", nil, settings.Options{},
			`cors: settings: no value is for a list of origins; add a Value with the Key "allow_origins", or set NoOrigins`},
		{"credentials for everyone", []settings.Value{flag("allow_origins", "--o", "*"), credentials}, settings.Options{},
			`cors: --o[0]: "*": with --credentials, any website could act as your visitors; replace it with your own origins, ` +
				`or ` +
				`remove --credentials`},
		{"credentials for everyone by default", []settings.Value{flag("allow_origins", "--o", ""), credentials},
			settings.Options{NoOrigins: []string{"*"}},
			`cors: --o: "*": with --credentials, any website could act as your visitors; replace it with your own origins, or ` +
				`remove --credentials`},
		{"credentials without a setting for origins", []settings.Value{credentials},
			settings.Options{NoOrigins: []string{"*"}},
			`cors: --credentials: every origin is allowed, and browsers do not accept credentials then; remove it`},
		{
			"dropping does not help with exemptions",
			[]settings.Value{
				flag("allow_origins", "--o", "*"), credentials, flag("dangerously_allow_origins", "--d", "http://a.example"),
			},
			settings.Options{DropCredentials: true},
			`cors: --o[0]: "*": with --credentials, any website could act as your visitors; replace it with your own origins, ` +
				`or ` +
				`remove --credentials`,
		},
		{"null, with quotes", []settings.Value{flag("allow_origins", "--o", "null")}, settings.Options{},
			`cors: --o: "null": this` +
				` looks like a value that was not set; write its value, or write ["null"] to allow the origin null`},
		{"a template", []settings.Value{list("allow_origins", "--o", "https://a.example", "${ORIGIN}")}, settings.Options{},
			`cors: --o[1]: "${ORIGIN}": this contains a variable that was not replaced; write its value, or remove it`},
		{"undefined", []settings.Value{flag("max_age", "age", "undefined")}, settings.Options{NoOrigins: []string{}},
			`cors: age: "undefined": this looks like a value that was not set; write its value, or remove it`},
		{"quotes", []settings.Value{list("allow_origins", "--o", "'https://a.example'", "https://b.example")},
			settings.Options{}, `cors: --o[0]: "'https://a.example'": there are quotes around the value; remove the quotes`},
		{"no boolean", []settings.Value{flag("debug", "--d", "enabled")}, settings.Options{NoOrigins: []string{}},
			`cors: --d: "enabled": this is neither true nor false; write true`},
		{"two booleans", []settings.Value{list("debug", "--d", "true", "false")}, settings.Options{NoOrigins: []string{}},
			`cors: --d: "true, false": this setting has one value; write one of them`},
		{"an age", []settings.Value{flag("max_age", "--age", "2 days")}, settings.Options{NoOrigins: []string{}},
			`cors: --age: "2 days": this is neither a number of seconds nor a duration such as 10m; write 86400`},
		{"a status", []settings.Value{flag("preflight_status", "--status", "404")}, settings.Options{NoOrigins: []string{}},
			`cors: --status: "404": browsers refuse a preflight whose status is not from 200 to 299; write 204, or ` +
				`remove it`},
		{"an unknown key", []settings.Value{flag("alow_origins", "--o", "*")}, settings.Options{},
			`cors: --o: "alow_origins": no setting has this key; write "allow_origins" instead, or remove it`},
		{"an unknown key without a name", []settings.Value{flag("a b\n", "", "*")}, settings.Options{},
			`cors: "a b\n": "a b\n": no setting has this key or a similar one; remove it`},
		{"a key twice", []settings.Value{flag("allow_origins", "a", "*"), flag("allow_origins", "b", "*")},
			settings.Options{},
			`cors: b: "allow_origins": another value has the same key; remove one of them`},
		{"a name of two lines", []settings.Value{flag("allow_origins", "a\nb", "x")}, settings.Options{},
			`cors: "a\nb"[0]: "x": an origin begins with a scheme; write "https://x"`},
		{"JSON", []settings.Value{flag("allow_origins", "--o", `["https://a.example]`)}, settings.Options{},
			`cors: --o[0]: "\"https://a.example]": the text ends too early (line 1, column 2); close every string, ` +
				`bracket and brace`},
		{
			"routes",
			[]settings.Value{flag("routes", "cors.routes", `[{"path": "/a/", "alow_origins": []},
				{"path": "/b", "max_age": -1}]`)},
			settings.Options{},
			`cors: cors.routes[0].alow_origins: no setting has this key; write "allow_origins" instead, or remove it
cors: cors.routes[1].max_age: "-1": an age cannot be negative, and 0 means that browsers do not cache preflights; ` +
				`write 0
cors: cors.routes[1].allow_origins: no origins are configured; list the origins, such as ` +
				`"https://app.example.com", or write an empty list to allow nobody`,
		},
		{
			"routes that match the same paths",
			[]settings.Value{flag("routes", "rules", `[{"path": "/a/", "disable": true}, {"path": "/a/", "disable": true}]`)},
			settings.Options{},
			`cors: rules[1].path: "/a/": rules[0], "/a/", matches the same paths; remove one of the two routes`,
		},
		{"CSRF", []settings.Value{flag("csrf_exempt_paths", "exempt", "/a/, /a/")}, settings.Options{NoOrigins: []string{}},
			`cors: exempt[1]: "/a/": exempt[0] matches the same paths; remove it`},

		// The fix names the other setting, if the program has it.
		{"http", []settings.Value{flag("allow_origins", "--o", "http://a.example"), credentials}, settings.Options{},
			`cors: --o[0]: "http://a.example": with --credentials, anyone who can tamper with http traffic could act as ` +
				`your visitors; write "https://a.example"`},
		{"http, and a setting for it", []settings.Value{flag("allow_origins", "--o", "http://a.example"), credentials, moved},
			settings.Options{},
			`cors: --o[0]: "http://a.example": with --credentials, anyone who can tamper with http traffic could act as ` +
				`your visitors; write "https://a.example", or move it to --unsafe-origins`},
		{"a public suffix", []settings.Value{flag("allow_origins", "--o", "https://*.github.io"), credentials},
			settings.Options{},
			`cors: --o[0]: "https://*.github.io": with --credentials, other people's websites could act as your ` +
				`visitors, because anyone can register a name under "github.io"; replace it with your own origins`},
		{"an expression", []settings.Value{flag("allow_origins", "--o", `https://(a|b)\.example`)}, settings.Options{},
			`cors: --o[0]: "https://(a|b)\\.example": this looks like a regular expression; replace it with your own origins`},
		{
			"an expression, and a setting for it",
			[]settings.Value{flag("allow_origins", "--o", `https://(a|b)\.example`), list("allow_origin_regexes", "--re")},
			settings.Options{},
			`cors: --o[0]: "https://(a|b)\\.example": this looks like a regular expression; move it to --re`,
		},
		{"a wildcard in an expression", []settings.Value{flag("allow_origin_regexes", "--re", "https://*.example.com")},
			settings.Options{},
			`cors: --re[0]: "https://*.example.com": this is a wildcard, not an expression; write an expression, such as ` +
				"https://[a-z0-9-]+\\.example\\.com"},
		{
			"a wildcard in an expression, and a setting for it",
			[]settings.Value{
				flag("allow_origin_regexes", "--re", "https://*.example.com"), list("allow_origins", "--o"),
			},
			settings.Options{},
			`cors: --re[0]: "https://*.example.com": this is a wildcard, not an expression; write "https://*.example.com" ` +
				`in --o`,
		},
		{"an http wildcard in an expression",
			[]settings.Value{
				flag("allow_origin_regexes", "--re", "http://*.example.com"), credentials, list("allow_origins", "--o"),
			},
			settings.Options{},
			`cors: --re[0]: "http://*.example.com": this is a wildcard, not an expression; write "https://*.example.com" ` +
				`in --o`},
		{"apps", []settings.Value{flag("allow_origin_regexes", "--re", "chrome-extension://.*"), credentials},
			settings.Options{},
			`cors: --re[0]: "chrome-extension://.*": this expression matches "chrome-extension://x" and other apps or ` +
				`extensions, and ` +
				`with --credentials each of them could act as your visitors; write the names of your own apps and ` +
				`extensions`},
		{"an exemption that is not needed", []settings.Value{flag("dangerously_allow_origins", "--d", "https://a.example"),
			credentials}, settings.Options{},
			`cors: --d[0]: "https://a.example": this list is only for entries that match other people's websites, and http ` +
				`origins; remove it`},
		{
			"an expression that needs no exemption",
			[]settings.Value{flag("dangerously_allow_origin_regexes", "--d", `https://a\.example`), credentials},
			settings.Options{},
			`cors: --d[0]: "https://a\\.example": this list is only for expressions that match other people's websites; ` +
				`remove it`,
		},
		{"a header among methods", []settings.Value{flag("allow_methods", "--m", "Content-Type")},
			settings.Options{NoOrigins: []string{}},
			`cors: --m[0]: "Content-Type": this is the name of a header, not a method; remove it`},
		{
			"a header among methods, and a setting for it",
			[]settings.Value{flag("allow_methods", "--m", "Content-Type"), list("allow_headers", "--h")},
			settings.Options{NoOrigins: []string{}},
			`cors: --m[0]: "Content-Type": this is the name of a header, not a method; move it to --h`,
		},
		{"a method among headers", []settings.Value{flag("allow_headers", "--h", "PUT")},
			settings.Options{NoOrigins: []string{}},
			`cors: --h[0]: "PUT": this is a method, not the name of a header; remove it`},
		{"everything exposed",
			[]settings.Value{flag("expose_headers", "--x", "*"), flag("allow_origins", "--o", "https://a.b"), credentials},
			settings.Options{},
			`cors: --x[0]: "*": "*" is not a wildcard with --credentials; list the headers that pages may read`},
		{"two problems", []settings.Value{flag("allow_origins", "--o", "a.example"), flag("debug", "--d", "ture")},
			settings.Options{},
			`cors: --d: "ture": this is neither true nor false; write true or false
cors: --o[0]: "a.example": an origin begins with a scheme; write "https://a.example"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := settings.FromValues(tt.values, tt.options)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if !reflect.ValueOf(s).IsZero() {
				t.Errorf("settings in spite of the error: %+v", s)
			}
		})
	}
}

func TestFindingsOfValues(t *testing.T) {
	const everyone = "every website can read the responses; list the origins, unless the responses are public and the " +
		"server is not in a private network."
	for _, tt := range []struct {
		name    string
		values  []settings.Value
		options settings.Options
		want    []core.Finding
	}{
		{"none", []settings.Value{flag("allow_origins", "--o", "https://a.example")}, settings.Options{}, nil},
		{"everyone", []settings.Value{flag("allow_origins", "--o", "https://a.example,*")}, settings.Options{},
			[]core.Finding{
				found("covered-entry", "--o[0]", `--o[1], "*", covers it; remove one of them.`),
				found("any-origin", "--o[1]", everyone),
			}},
		{"everyone by default", []settings.Value{list("allow_origins", "--o")}, settings.Options{NoOrigins: []string{"*"}},
			[]core.Finding{found("any-origin", "--o", everyone)}},
		{"everyone, without a setting for it", nil, settings.Options{NoOrigins: []string{"*"}}, nil},
		{
			"credentials",
			[]settings.Value{flag("allow_origins", "cors.origins", "*"), flag("allow_credentials", "cors.cookies", "1")},
			settings.Options{DropCredentials: true},
			[]core.Finding{
				found(
					"setting-without-effect", "cors.cookies", `cors.origins contains "*", and browsers do not accept credentials `+
						`then, so this has no effect; remove it.`,
				),
				found("any-origin", "cors.origins[0]", everyone),
			},
		},
		{
			"credentials by default", []settings.Value{flag("allow_credentials", "cors.cookies", "1")},
			settings.Options{DropCredentials: true, NoOrigins: []string{"*"}},
			[]core.Finding{found(
				"setting-without-effect", "cors.cookies", "every origin is allowed, and browsers do not accept credentials "+
					"then, so this has no effect; remove it.",
			)},
		},
		{
			"credentials in a route",
			[]settings.Value{flag("routes", "r", `[{"path": "/a/", "allow_origins": ["*"], "allow_credentials": true}]`)},
			settings.Options{DropCredentials: true},
			[]core.Finding{
				found(
					"setting-without-effect", "r[0].allow_credentials", `allow_origins contains "*", and browsers do not accept `+
						`credentials then, so this has no effect; remove it.`,
				),
				found("any-origin", "r[0].allow_origins[0]", everyone),
			},
		},
		{"a plain expression", []settings.Value{flag("allow_origin_regexes", "--re", `https://a\.example`)},
			settings.Options{}, nil},
		{
			"a plain expression, and a setting for it",
			[]settings.Value{flag("allow_origin_regexes", "--re", `https://a\.example`), list("allow_origins", "--o")},
			settings.Options{},
			[]core.Finding{found(
				"plain-regex", "--re[0]", `it means the same as "https://a.example" in --o, which is faster and easier to read; `+
					`list that instead.`,
			)},
		},
		{
			"an exemption",
			[]settings.Value{
				flag("dangerously_allow_origins", "--d", "http://a.example"), flag("allow_credentials", "--c", "1"),
			},
			settings.Options{},
			[]core.Finding{found(
				"insecure-credentials", "--d[0]", "it is an http origin, so anyone who can tamper with http traffic could act "+
					"as your visitors; list an https origin if you can.",
			)},
		},
		{
			"an exemption, and a setting for others",
			[]settings.Value{
				flag("dangerously_allow_origins", "--d", "https://*.github.io"), flag("allow_credentials", "--c", "1"),
				list("allow_origins", "--o"),
			},
			settings.Options{},
			[]core.Finding{found(
				"public-suffix-credentials", "--d[0]", "other people's websites could act as your visitors, because "+
					`anyone can register a name under "github.io"; list your own origins in --o if you can.`,
			)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := settings.FromValues(tt.values, tt.options)
			if err != nil || !slices.Equal(s.Findings, tt.want) {
				t.Errorf("got  %q, %v\nwant %q", s.Findings, err, tt.want)
			}
		})
	}
}

// mistakes are values that some setting refuses or has findings about.
var mistakes = []string{
	"https://a.example/", "http://a.example", "https://*.github.io", "*", `["null"]`, "file://", "a.example", "10.0.0.0/8",
	"chrome-extension://*", "chrome-extension://.*", `https://(a|b)\.example\.com`, `/^https:\/\/a\.example$/i`,
	"https://a.*.example.com", "https?://*.example.com", `https?://a\.example`, ".*", `https://.*example\.com`,
	`https://[a-z]+\.pages\.dev`, `https://a\.example`, "https://`", "(", `https://((a|b){99}c)\.d`, "GET", "put",
	"Content-Type", "X-A, x-a", "ALL", "Set-Cookie", "Cookie", "authorization", "true", "1d", "86400", "299", "777", "-1",
	"/a/", "/{x", "/",
}

// TestOnlyNamesOfTheProgram: no error or finding mentions a setting that the program does not have.
// The keys of settings are not among the names.
func TestOnlyNamesOfTheProgram(t *testing.T) {
	keys := []string{
		"allow_origins", "allow_origin_regexes", "allow_methods", "allow_headers", "expose_headers", "allow_credentials",
		"max_age", "allow_private_network", "preflight_status", "continue_preflight", "forbid_disallowed", "debug",
		"dangerously_allow_origins", "dangerously_allow_origin_regexes", "csrf_trusted_origins", "csrf_exempt_paths",
	}
	goNames := []string{
		"AllowOrigin", "AllowMethods", "AllowHeaders", "ExposeHeaders", "AllowCredentials", "MaxAge", "AllowPrivateNetwork",
		"PreflightStatus", "ContinuePreflight", "ForbidDisallowed", "DangerouslyAllow", "TrustedOrigins",
		"ExemptPaths", "Routes",
	}
	check := func(t *testing.T, text string) {
		for _, name := range append(goNames, keys...) {
			if strings.Contains(text, name) {
				t.Errorf("%q mentions %s", text, name)
			}
		}
	}
	for _, key := range keys {
		for _, text := range mistakes {
			for _, other := range []string{"", "allow_credentials", "allow_private_network"} {
				values := []settings.Value{flag(key, "--a", text)}
				if other != "" && other != key {
					values = append(values, flag(other, "--b", "true"))
				}
				s, err := settings.FromValues(values, settings.Options{NoOrigins: []string{}})
				for e := range core.Problems(err) {
					check(t, e.Field+": "+e.Rule+"; "+e.Fix)
				}
				for _, f := range s.Findings {
					check(t, f.Field+": "+f.Message)
				}
			}
		}
	}
}

// TestFixesOfValues: if a fix says exactly what to write, the program accepts that.
func TestFixesOfValues(t *testing.T) {
	const quote = `"(?:[^"\\]|\\.)*"`
	quoted := regexp.MustCompile("^write (?:(" + quote + "(?:(?:, | and )" + quote + ")*)|`([^`]*)`|([0-9]+|true|false))" +
		"(?:, or .*)?$")
	applied := 0
	for _, key := range []string{
		"allow_origins", "allow_origin_regexes", "allow_methods", "allow_headers", "expose_headers", "max_age",
		"csrf_trusted_origins", "csrf_exempt_paths",
	} {
		for _, text := range mistakes {
			for _, on := range []string{"true", "false"} {
				read := func(text []string) error {
					_, err := settings.FromValues([]settings.Value{list(key, "--a", text...), flag("allow_credentials", "--b", on)},
						settings.Options{NoOrigins: []string{}})
					return err
				}
				err := read([]string{text})
				for e := range core.Problems(err) {
					m := quoted.FindStringSubmatch(e.Fix)
					if m == nil {
						continue
					}
					var written []string
					for _, one := range regexp.MustCompile(quote).FindAllString(m[1], -1) {
						entry, _ := strconv.Unquote(one)
						written = append(written, entry)
					}
					if m[1] == "" {
						written = []string{m[2] + m[3]}
					}
					applied++
					if err := read(written); err != nil {
						t.Errorf("%s: %q with credentials %s: the fix %s: %v", key, text, on, e.Fix, err)
					}
				}
			}
		}
	}
	if applied < 50 {
		t.Errorf("only %d fixes were applied", applied)
	}
}

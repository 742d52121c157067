package settings_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

func TestFromEnv(t *testing.T) {
	two := []string{"https://a.example", "https://b.example"}
	listed := func(origins ...string) settings.Settings {
		return settings.Settings{CORS: core.Config{AllowOrigins: origins}}
	}
	for _, tt := range []struct {
		environ []string
		want    settings.Settings
	}{
		{nil, settings.Settings{}},
		{
			[]string{"PATH=/bin", "HOME=/", "=C:=C:\\", "CORS_DEBUG", "cors_debug=1", "XCORS_DEBUG=1", "CSRF_COOKIE_NAME=x"},
			settings.Settings{},
		},
		{[]string{"CORS_DEBUG=false", "CORS_ALLOW_ALL_ORIGINS=False"}, settings.Settings{}},

		{
			[]string{"CORS_ALLOW_CREDENTIALS=True", "CORS_MAX_AGE=60"},
			settings.Settings{CORS: core.Config{AllowCredentials: true, MaxAge: time.Minute}},
		},

		// Lists.
		{[]string{"CORS_ALLOW_ORIGINS=https://a.example,https://b.example"}, listed(two...)},
		{[]string{"CORS_ALLOW_ORIGINS= https://a.example , https://b.example,"}, listed(two...)},
		{[]string{"CORS_ALLOW_ORIGINS=\n\thttps://a.example\n\thttps://b.example\r\n"}, listed(two...)},
		{[]string{`CORS_ALLOW_ORIGINS= [ "https://a.example", "https://b.example" ] `}, listed(two...)},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://a.example", "CORS_ALLOW_ORIGINS=https://b.example"},
			listed("https://b.example"),
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://a.example?x=y", "CORS_ALLOW_ORIGINS=https://b.example"},
			listed("https://b.example"),
		},
		{[]string{"CORS_ALLOW_ORIGINS=*", "CORS_ALLOW_METHODS=", "CORS_ALLOW_HEADERS=[]", "CORS_EXPOSE_HEADERS=  "},
			settings.Settings{
				CORS: core.Config{
					AllowOrigins: []string{"*"}, AllowMethods: []string{}, AllowHeaders: []string{}, ExposeHeaders: []string{},
				},
			}},
		{[]string{`CORS_ALLOW_ORIGIN_REGEXES=https://\w+\.a\.example (https://b\.example|https://c\.example)`},
			settings.Settings{
				CORS: core.Config{
					AllowOriginRegexes: []string{`https://\w+\.a\.example`, `(https://b\.example|https://c\.example)`},
				},
			}},
		{
			[]string{`CORS_ALLOW_ORIGIN_REGEXES=["https://\\w{1,3}\\.example"]`},
			settings.Settings{CORS: core.Config{AllowOriginRegexes: []string{`https://\w{1,3}\.example`}}},
		},

		// Everything else.
		{[]string{
			"CORS_ALLOW_ORIGINS=https://a.example", "CORS_ALLOW_METHODS=GET PUT", "CORS_ALLOW_HEADERS=x-a",
			"CORS_EXPOSE_HEADERS=x-b", "CORS_ALLOW_CREDENTIALS=True", "CORS_MAX_AGE=10m",
			"CORS_ALLOW_PRIVATE_NETWORK=YES", "CORS_PREFLIGHT_STATUS=200", "CORS_CONTINUE_PREFLIGHT=1",
			"CORS_FORBID_DISALLOWED=on", "CORS_DEBUG=true",
			"CORS_DANGEROUSLY_ALLOW_ORIGINS=http://a.example",
			`CORS_DANGEROUSLY_ALLOW_ORIGIN_REGEXES=https://.*a\.example`,
		}, settings.Settings{CORS: core.Config{
			AllowOrigins: []string{"https://a.example"}, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"x-a"},
			ExposeHeaders: []string{"x-b"}, AllowCredentials: true,
			MaxAge: 10 * time.Minute, AllowPrivateNetwork: true, PreflightStatus: 200, ContinuePreflight: true,
			ForbidDisallowed: true, Debug: true,
			DangerouslyAllowOrigins:       []string{"http://a.example"},
			DangerouslyAllowOriginRegexes: []string{`https://.*a\.example`},
		}}},
		{[]string{
			"CORS_ALLOW_ORIGINS=*", "CORS_ALLOW_CREDENTIALS=False", "CORS_ALLOW_PRIVATE_NETWORK=no", "CORS_CONTINUE_PREFLIGHT=0",
			"CORS_FORBID_DISALLOWED=OFF", "CORS_DEBUG= false ",
		}, listed("*")},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE=600"},
			settings.Settings{CORS: core.Config{AllowOrigins: []string{"*"}, MaxAge: 10 * time.Minute}},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE=0"},
			settings.Settings{CORS: core.Config{AllowOrigins: []string{"*"}, MaxAge: -1}},
		},
		{[]string{`CORS_ROUTES=[{"path": "/a/", "allow_origins": ["*"]}, {"path": "/b/", "disable": true}]`},
			settings.Settings{
				CORS: core.Config{
					Routes: []core.Route{
						{Path: "/a/", Config: core.Config{AllowOrigins: []string{"*"}}}, {Path: "/b/", Disable: true},
					},
				},
			}},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_ROUTES="},
			settings.Settings{CORS: core.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{}}},
		},
		{[]string{"CSRF_TRUSTED_ORIGINS=https://a.example,https://b.example", "CSRF_EXEMPT_PATHS=/hooks/"},
			settings.Settings{CSRF: core.CSRFConfig{TrustedOrigins: two, ExemptPaths: []string{"/hooks/"}}}},

		// The names of django-cors-headers.
		{[]string{"CORS_ALLOWED_ORIGINS=https://a.example"}, listed("https://a.example")},
		{[]string{"CORS_ORIGIN_WHITELIST=https://a.example"}, listed("https://a.example")},
		{
			[]string{`CORS_ALLOWED_ORIGIN_REGEXES=^https://\w+\.example\.com$`},
			settings.Settings{CORS: core.Config{AllowOriginRegexes: []string{`^https://\w+\.example\.com$`}}},
		},
		{
			[]string{`CORS_ORIGIN_REGEX_WHITELIST=^https://\w+\.example\.com$`},
			settings.Settings{CORS: core.Config{AllowOriginRegexes: []string{`^https://\w+\.example\.com$`}}},
		},
		{[]string{"CORS_ALLOW_ALL_ORIGINS=True"}, listed("*")},
		{[]string{"CORS_ORIGIN_ALLOW_ALL=True"}, listed("*")},
		{[]string{"CORS_ALLOWED_ORIGINS=https://a.example", "CORS_ALLOW_ALL_ORIGINS=False"}, listed("https://a.example")},
		{
			[]string{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_PREFLIGHT_MAX_AGE=86400"},
			settings.Settings{CORS: core.Config{AllowOrigins: []string{"*"}, MaxAge: 24 * time.Hour}},
		},
		{
			[]string{
				"CORS_ALLOWED_ORIGINS=https://a.example", "CORS_ALLOW_CREDENTIALS=1", "CORS_DEBUG=1", "CORS_URLS_REGEX=^/api/.*$",
			},
			settings.Settings{CORS: core.Config{Debug: true, Routes: []core.Route{
				{
					PathRegex: "(?:^/api/.*$).*",
					Config:    core.Config{AllowOrigins: []string{"https://a.example"}, AllowCredentials: true, Debug: true},
				},
			}}},
		},
		{
			[]string{
				"CORS_ALLOW_ORIGINS=https://a.example", "CORS_URLS_REGEX=^/api/",
				`CORS_ROUTES=[{"path": "/api/public/", "allow_origins": ["*"]}]`,
			},
			settings.Settings{CORS: core.Config{Routes: []core.Route{
				{Path: "/api/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
				{PathRegex: "(?:^/api/).*", Config: core.Config{AllowOrigins: []string{"https://a.example"}}},
			}}},
		},
	} {
		got, err := settings.FromEnv("CORS_", tt.environ)
		if got = withoutLint(got); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q:\n got %+v, %v\nwant %+v", tt.environ, got, err, tt.want)
		}
	}
}

func TestFromEnvPrefix(t *testing.T) {
	environ := []string{
		"SHOP_CORS_ALLOWED_ORIGINS=https://a.example", "CORS_DEBUG=maybe", "CSRF_TRUSTED_ORIGINS=https://b.example",
	}
	want := settings.Settings{
		CORS: core.Config{AllowOrigins: []string{"https://a.example"}},
		CSRF: core.CSRFConfig{TrustedOrigins: []string{"https://b.example"}},
	}
	if got, err := settings.FromEnv("SHOP_CORS_", environ); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	const refused = `cors: prefix: without a prefix, every variable would be a setting; write "CORS_"`
	if _, err := settings.FromEnv("", environ); err == nil || err.Error() != refused {
		t.Errorf("got %v, want %s", err, refused)
	}
}

// withoutLint removes the findings of core.Lint.
func withoutLint(s settings.Settings) settings.Settings {
	s.Findings = slices.DeleteFunc(s.Findings, func(f core.Finding) bool { return f.Code != "setting-without-effect" })
	if len(s.Findings) == 0 {
		s.Findings = nil
	}
	return s
}

// TestFindings has every case in which one variable wins over another, and the resulting settings.
func TestFindings(t *testing.T) {
	finding := func(name, message string) core.Finding {
		return core.Finding{
			Code: "setting-without-effect", Field: name, Message: message + ", so this has no effect; remove it.",
		}
	}
	for _, tt := range []struct {
		environ  []string
		want     core.Config
		findings []core.Finding
	}{
		{[]string{"CORS_ORIGIN_WHITELIST=https://old.example", "CORS_ALLOWED_ORIGINS=https://new.example"},
			core.Config{AllowOrigins: []string{"https://new.example"}},
			[]core.Finding{finding("CORS_ORIGIN_WHITELIST", "CORS_ALLOWED_ORIGINS is the same setting and takes precedence")}},
		{
			[]string{
				"CORS_ORIGIN_WHITELIST=no origin", "CORS_ALLOWED_ORIGINS=https://new.example",
				"CORS_ALLOW_ORIGINS=https://ours.example",
			},
			core.Config{AllowOrigins: []string{"https://ours.example"}},
			[]core.Finding{
				finding("CORS_ALLOWED_ORIGINS", "CORS_ALLOW_ORIGINS is the same setting and takes precedence"),
				finding("CORS_ORIGIN_WHITELIST", "CORS_ALLOW_ORIGINS is the same setting and takes precedence"),
			},
		},
		{[]string{"CORS_ORIGIN_REGEX_WHITELIST=https://old", "CORS_ALLOWED_ORIGIN_REGEXES=https://new"},
			core.Config{AllowOriginRegexes: []string{"https://new"}},
			[]core.Finding{
				finding("CORS_ORIGIN_REGEX_WHITELIST", "CORS_ALLOWED_ORIGIN_REGEXES is the same setting and takes precedence"),
			}},
		{[]string{"CORS_ORIGIN_ALLOW_ALL=true", "CORS_ALLOW_ALL_ORIGINS=false", "CORS_ALLOWED_ORIGINS=https://a.example"},
			core.Config{AllowOrigins: []string{"https://a.example"}},
			[]core.Finding{finding("CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOW_ALL_ORIGINS is the same setting and takes precedence")}},
		{[]string{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE=1m", "CORS_PREFLIGHT_MAX_AGE=never"},
			core.Config{AllowOrigins: []string{"*"}, MaxAge: time.Minute},
			[]core.Finding{finding("CORS_PREFLIGHT_MAX_AGE", "CORS_MAX_AGE is the same setting and takes precedence")}},
		{
			[]string{
				"CORS_ALLOW_ALL_ORIGINS=true", "CORS_ALLOWED_ORIGINS=https://a.example", "CORS_ALLOWED_ORIGIN_REGEXES=https://b",
			},
			core.Config{AllowOrigins: []string{"https://a.example", "*"}, AllowOriginRegexes: []string{"https://b"}},
			[]core.Finding{
				finding("CORS_ALLOWED_ORIGINS", "CORS_ALLOW_ALL_ORIGINS already allows every origin"),
				finding("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ALLOW_ALL_ORIGINS already allows every origin"),
			},
		},
		{[]string{"CORS_ALLOW_ALL_ORIGINS=true", "CORS_ALLOW_ORIGINS=https://a.example"},
			core.Config{AllowOrigins: []string{"https://a.example"}},
			[]core.Finding{finding("CORS_ALLOW_ALL_ORIGINS", "CORS_ALLOW_ORIGINS lists the origins and takes precedence")}},
	} {
		got, err := settings.FromEnv("CORS_", tt.environ)
		got = withoutLint(got)
		if want := (settings.Settings{CORS: tt.want, Findings: tt.findings}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n got %+v, %v\nwant %+v", tt.environ, got, err, want)
		}
	}
}

// TestFromEnvRefuses compares whole messages, because operators read them.
func TestFromEnvRefuses(t *testing.T) {
	const nobody = `cors: CORS_ALLOW_ORIGINS: no origins are configured; list the origins, such as ` +
		`"https://app.example.com", or write an empty list to allow nobody`
	deep := strings.Repeat("(", 999) + "/" + strings.Repeat(")", 999) // as deep as it may be
	for _, tt := range []struct {
		environ []string
		want    string
	}{
		// Names.
		{
			[]string{"CORS_ALOW_ORIGINS=secret"},
			`cors: CORS_ALOW_ORIGINS: no setting has this name; write CORS_ALLOW_ORIGINS instead, or remove it`,
		},
		{
			[]string{"CORS_ALLOW_ALL_ORIGIN=1"},
			`cors: CORS_ALLOW_ALL_ORIGIN: no setting has this name; write CORS_ALLOW_ALL_ORIGINS instead, or remove it`,
		},
		{
			[]string{"CORS_ALLOW_ALL_HEADERS=1"},
			`cors: CORS_ALLOW_ALL_HEADERS: no setting has this name; write CORS_ALLOW_HEADERS=*, or remove it`,
		},
		{
			[]string{"CORS_allow_origins=*"},
			`cors: CORS_allow_origins: no setting has this name; write CORS_ALLOW_ORIGINS instead, or remove it`,
		},
		{[]string{"CORS_=x"}, `cors: CORS_: no setting has this name or a similar one; remove it`},
		{
			[]string{"CORS_REPLACE_HTTPS_REFERER=True"},
			`cors: CORS_REPLACE_HTTPS_REFERER: django-cors-headers has removed this setting; list the origins in ` +
				`CSRF_TRUSTED_ORIGINS, and use core.NewCSRFProtection`,
		},
		{
			[]string{"CORS_MODEL=app.Model"},
			"cors: CORS_MODEL: django-cors-headers has removed this setting; look origins up in Config.AllowOriginFunc, or " +
				"keep them in a core.Live and Reload it when they change",
		},

		// Values.
		{[]string{"CORS_DEBUG=maybe"}, `cors: CORS_DEBUG: "maybe": this is neither true nor false; write true or false`},
		{[]string{"CORS_ALLOW_ORIGINS=*", "CORS_DEBUG="},
			`cors: CORS_DEBUG: this is neither true nor false; write true or false`},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_DEBUG=None"},
			`cors: CORS_DEBUG: "None": this looks like a value that was not set; write its value, or remove it`,
		},
		{
			[]string{"CORS_ALLOW_ALL_ORIGINS=yep", "CORS_ALLOW_CREDENTIALS=yes"},
			`cors: CORS_ALLOW_ALL_ORIGINS: "yep": this is neither true nor false; write true or false`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE=soon"},
			`cors: CORS_MAX_AGE: "soon": this is neither a number of seconds nor a duration such as 10m; write a ` +
				`number of seconds, such as 600`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE="},
			`cors: CORS_MAX_AGE: this is neither a number of seconds nor a duration such as 10m; write a number of ` +
				`seconds, such as 600`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_PREFLIGHT_MAX_AGE=-1"},
			`cors: CORS_PREFLIGHT_MAX_AGE: "-1": an age cannot be negative, and 0 means that browsers do not cache ` +
				`preflights; write 0`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_PREFLIGHT_STATUS=ok"},
			`cors: CORS_PREFLIGHT_STATUS: "ok": this is not a whole number; write 204, or remove it`,
		},
		{
			[]string{`CORS_ALLOW_ORIGINS="https://a.example"`},
			`cors: CORS_ALLOW_ORIGINS: "\"https://a.example\"": there are quotes around the value; remove the quotes`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_DEBUG='true'"},
			`cors: CORS_DEBUG: "'true'": there are quotes around the value; remove the quotes`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://a.example\x00"},
			`cors: CORS_ALLOW_ORIGINS[0]: "https://a.example\x00": there is a control character in it; remove it`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://a.example\xff"},
			`cors: CORS_ALLOW_ORIGINS[0]: "https://a.example\xff": this is not valid Unicode text; write it in UTF-8`,
		},

		// Lists as in Python.
		{
			[]string{"CORS_ALLOWED_ORIGINS=['https://a.example', \"https://b.example\"]"},
			`cors: CORS_ALLOWED_ORIGINS: "['https://a.example', \"https://b.example\"]": a list that begins with "[" ` +
				`must be a JSON array, with each entry in double quotes; write ` +
				`["https://a.example","https://b.example"]`,
		},
		{
			[]string{`CORS_ALLOWED_ORIGIN_REGEXES=[r"^https://\w+\.example\.com$"]`},
			`cors: CORS_ALLOWED_ORIGIN_REGEXES: "[r\"^https://\\w+\\.example\\.com$\"]": a list that begins with "[" ` +
				`must be a JSON array, with each entry in double quotes; write ["^https://\\w+\\.example\\.com$"]`,
		},
		{
			[]string{"CORS_ALLOWED_ORIGINS=('https://a.example',)"},
			`cors: CORS_ALLOWED_ORIGINS: "('https://a.example',)": lists are in square brackets; write ` +
				`["https://a.example"]`,
		},
		{
			[]string{"CORS_ALLOWED_ORIGINS=('https://a.example', *others)"},
			`cors: CORS_ALLOWED_ORIGINS: "('https://a.example', *others)": lists are in square brackets; write a JSON ` +
				`array, such as ["one", "another"]`,
		},
		{
			[]string{`CORS_ALLOWED_ORIGINS=["https://a.example",`},
			`cors: CORS_ALLOWED_ORIGINS: the text ends too early (line 1, column 22); close every string, bracket and ` +
				`brace`,
		},
		{
			[]string{`CORS_ALLOWED_ORIGINS=["https://a.example", *others]`},
			`cors: CORS_ALLOWED_ORIGINS[1]: "*others]": this is not JSON: invalid character '*' looking for beginning ` +
				`of value (line 1, column 23); write a JSON array, such as ["one", "another"]`,
		},
		{
			[]string{`CORS_ALLOW_HEADERS=(*default_headers, "x-token",)`},
			`cors: CORS_ALLOW_HEADERS: "(*default_headers, \"x-token\",)": this refers to a variable in Python; write ` +
				`accept,authorization,content-type,user-agent,x-csrftoken,x-requested-with,x-token`,
		},
		{
			[]string{`CORS_ALLOW_HEADERS=list(default_headers) + ['x-token', 'x-id']`},
			`cors: CORS_ALLOW_HEADERS: "list(default_headers) + ['x-token', 'x-id']": this refers to a variable in ` +
				`Python; write accept,authorization,content-type,user-agent,x-csrftoken,x-requested-with,x-token,x-id`,
		},
		{
			[]string{`CORS_ALLOW_METHODS=*default_methods,POKE`},
			`cors: CORS_ALLOW_METHODS: "*default_methods,POKE": this refers to a variable in Python; write ` +
				`DELETE,GET,OPTIONS,PATCH,POST,PUT,POKE`,
		},
		{
			[]string{`CORS_ALLOW_HEADERS=[*default_headers, *others]`},
			`cors: CORS_ALLOW_HEADERS: "[*default_headers, *others]": this refers to a variable in Python; write the ` +
				`whole list`,
		},
		{
			[]string{"CORS_ALLOWED_ORIGINS=()"},
			`cors: CORS_ALLOWED_ORIGINS: "()": lists are in square brackets; write []`,
		},
		{
			[]string{`CORS_ALLOW_ORIGIN_REGEXES=https://\w{1,3}\.example`},
			`cors: CORS_ALLOW_ORIGIN_REGEXES: "https://\\w{1,3}\\.example": a comma or a space within an expression ` +
				`would split it; write ["https://\\w{1,3}\\.example"]`,
		},
		{
			[]string{`CORS_ALLOW_ORIGIN_REGEXES=[a-z]+://a\.example`},
			`cors: CORS_ALLOW_ORIGIN_REGEXES: "[a-z]+://a\\.example": a list that begins with "[" must be a JSON ` +
				`array, with each entry in double quotes; write ["[a-z]+://a\\.example"]`,
		},
		{
			[]string{`CORS_ALLOW_ORIGINS=["https://a.example"], "https://b.example"`},
			`cors: CORS_ALLOW_ORIGINS: there is text after the end of the JSON value (line 1, column 24); remove it`,
		},
		{
			[]string{`CORS_ALLOW_ORIGINS=["https://a.example", 1]`},
			`cors: CORS_ALLOW_ORIGINS[1]: "1": got a number, want a string; write "1"`,
		},

		// Routes.
		{
			[]string{"CORS_ROUTES=/api/"},
			`cors: CORS_ROUTES: this is not JSON: invalid character '/' looking for beginning of value (line 1, column ` +
				`1); write a JSON array, such as [{"path": "/api/", "allow_origins": ["https://app.example.com"]}]`,
		},
		{
			[]string{`CORS_ROUTES={"path": "/api/"}`},
			`cors: CORS_ROUTES: got an object, want a list of routes; write it in square brackets, such as [{"path": ` +
				`"/api/", "allow_origins": ["https://app.example.com"]}]`,
		},
		{
			[]string{`CORS_ROUTES=[{"path": "/a/", "allow_origins": ["https://a.example"], "allow_credentails": true}]`},
			`cors: CORS_ROUTES[0].allow_credentails: no setting has this key; write "allow_credentials" instead, or ` +
				`remove it`,
		},
		{
			[]string{`CORS_ROUTES=[{"path": "/a/", "allow_origins": ["http://a.example"], "allow_credentials": true}]`},
			`cors: CORS_ROUTES[0].allow_origins[0]: "http://a.example": with allow_credentials, anyone who can tamper with ` +
				`http traffic could act as your visitors; write "https://a.example", or ` +
				`move it to dangerously_allow_origins`,
		},
		{
			[]string{`CORS_ROUTES=[{"path": "a", "allow_origins": ["https://a.example"]}, {"allow_origins": ["`},
			`cors: CORS_ROUTES[1].allow_origins[0]: "\"": the text ends too early (line 1, column 76); close every ` +
				`string, bracket and brace`,
		},

		// Problems that core finds, under the names of variables.
		{
			[]string{"CORS_ALLOW_ORIGINS="},
			`cors: CORS_ALLOW_ORIGINS: the value is empty; remove it, or write [] to allow nobody`,
		},
		{
			[]string{"CORS_ALLOW_ORIGIN_REGEXES=", "CORS_DANGEROUSLY_ALLOW_ORIGINS="},
			`cors: CORS_ALLOW_ORIGIN_REGEXES: the value is empty; remove it, or write [] to allow nobody` + "\n" +
				`cors: CORS_DANGEROUSLY_ALLOW_ORIGINS: the value is empty; remove it, or write [] to allow nobody`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=", "CORS_ALLOW_ALL_ORIGINS=true"},
			`cors: CORS_ALLOW_ORIGINS: the value is empty; remove it, or write [] to allow nobody`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=", "CORS_ALLOWED_ORIGINS=https://a.example"},
			`cors: CORS_ALLOW_ORIGINS: the value is empty; remove it, or write [] to allow nobody`,
		},
		{
			[]string{"CORS_ALLOWED_ORIGINS= , ", "CORS_URLS_REGEX=^/api/"},
			`cors: CORS_ALLOWED_ORIGINS: ",": the value is empty; remove it, or write [] to allow nobody`,
		},
		{[]string{"CORS_URLS_REGEX=^/api/"}, nobody},
		{
			[]string{"CORS_ALLOWED_ORIGINS=https://a.example,http://b.example", "CORS_ALLOW_CREDENTIALS=true"},
			`cors: CORS_ALLOWED_ORIGINS[1]: "http://b.example": with CORS_ALLOW_CREDENTIALS, anyone who can tamper with ` +
				`http traffic could act as your visitors; write "https://b.example", or ` +
				`move it to CORS_DANGEROUSLY_ALLOW_ORIGINS`,
		},
		{
			[]string{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_ALLOW_CREDENTIALS=True"},
			`cors: CORS_ALLOW_ALL_ORIGINS: "True": with CORS_ALLOW_CREDENTIALS, any website could act as your ` +
				`visitors; replace it with your own origins, or remove CORS_ALLOW_CREDENTIALS`,
		},
		{
			[]string{"CORS_ORIGIN_WHITELIST=example.com", "CORS_URLS_REGEX=^/api/"},
			`cors: CORS_ORIGIN_WHITELIST[0]: "example.com": an origin begins with a scheme; write "https://example.com"`,
		},
		{
			[]string{"CORS_ALLOW_ALL_ORIGINS=1", "CORS_ALLOW_CREDENTIALS=1", "CORS_URLS_REGEX=^/api/"},
			`cors: CORS_ALLOW_ALL_ORIGINS: "1": with CORS_ALLOW_CREDENTIALS, any website could act as your ` +
				`visitors; replace it with your own origins, or remove CORS_ALLOW_CREDENTIALS`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_URLS_REGEX="},
			`cors: CORS_URLS_REGEX: an empty expression matches every path; remove it`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_URLS_REGEX=^/(?!admin/)"},
			`cors: CORS_URLS_REGEX: "^/(?!admin/)": Go's regexp package has no lookahead; write what is ` +
				`allowed instead of what is not`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_URLS_REGEX=a)|(?:b"},
			"cors: CORS_URLS_REGEX: \"a)|(?:b\": this is not a valid regular expression in Go (unexpected ): `a)|(?:b`); " +
				"correct it",
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", `CORS_URLS_REGEX=\Q/api/`},
			`cors: CORS_URLS_REGEX: "\\Q/api/": there is a \Q without \E; write \E after the quoted text`,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=*", "CORS_URLS_REGEX=" + deep},
			"cors: CORS_URLS_REGEX: \"" + deep + "\": this is not a valid regular expression in Go " +
				"(expression nests too deeply: `(?:" +
				deep + ").*`); correct it (Go has no lookaround and no backreferences)",
		},
		{
			[]string{"CSRF_TRUSTED_ORIGINS=.example.com"},
			`cors: CSRF_TRUSTED_ORIGINS[0]: ".example.com": an origin begins with a scheme; write ` +
				`"https://*.example.com" and "https://example.com"`,
		},
	} {
		s, err := settings.FromEnv("CORS_", tt.environ)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q:\n got %v\nwant %s", tt.environ, err, tt.want)
		}
		if !reflect.ValueOf(s).IsZero() {
			t.Errorf("%q: settings in spite of the error: %+v", tt.environ, s)
		}
		problems(t, err)
	}
}

// TestTenMistakesInTheEnvironment: each of ten mistakes is reported at its place, and nothing else
// is.
func TestTenMistakesInTheEnvironment(t *testing.T) {
	environ := []string{
		"CORS_ALLOWED_ORIGINS=https://app.example.com,https://app.example.com/",
		`CORS_ALLOWED_ORIGIN_REGEXES=^https://(?!a)\w+\.example$`,
		"CORS_ALLOW_METHODS=GET,patch",
		"CORS_ALLOW_HEADERS=['x-a']",
		"CORS_ALLOW_CREDENTIALS=maybe",
		"CORS_PREFLIGHT_MAX_AGE=604800",
		"CORS_MODEL=app.Model",
		"CORS_EXPOSED_HEADERS=x-b",
		`CORS_ROUTES=[{"path": "/a/", "allow_origins": ["https://a.example", "b.example"]}]`,
		"CSRF_TRUSTED_ORIGINS=http://a.example",
	}
	want := []problem{
		{"CORS_ALLOWED_ORIGINS", 1},
		{"CORS_ALLOWED_ORIGIN_REGEXES", 0},
		{"CORS_ALLOW_METHODS", 1},
		{"CORS_ALLOW_HEADERS", -1},
		{"CORS_ALLOW_CREDENTIALS", -1},
		{"CORS_PREFLIGHT_MAX_AGE", -1},
		{"CORS_MODEL", -1},
		{"CORS_EXPOSED_HEADERS", -1},
		{"CORS_ROUTES[0].allow_origins", 1},
		{"CSRF_TRUSTED_ORIGINS", 0},
	}
	_, err := settings.FromEnv("CORS_", environ)
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

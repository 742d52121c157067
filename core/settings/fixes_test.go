package settings_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// The fix of a problem with a variable or a key is text for a person, but tests apply it:
//
//	remove it, remove it   the variable or key is removed, or the entry of a JSON list
//	write NAME instead        the variable or key is renamed
//	write NAME=VALUE          the variable is replaced by another one
//	write VALUE               the value is replaced
//	remove the quotes      all quotes in the value are removed
//
// Alternatives are separated by ", or ". Only the first one is applied.

// fixEnv returns environ after the fix of e. ok is false if the fix is in other words.
func fixEnv(environ []string, e *core.ConfigError) (fixed []string, ok bool) {
	words, _, _ := strings.Cut(e.Fix, ", or ")
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if name != e.Field {
			fixed = append(fixed, line)
			continue
		}
		if words == "remove it" {
			ok = e.Index < 0
			continue
		}
		if words == "remove the quotes" {
			fixed = append(fixed, name+"="+strings.NewReplacer(`"`, "", "'", "", "`", "", "“", "", "”", "").Replace(value))
			ok = true
			continue
		}
		text, found := strings.CutPrefix(words, "write ")
		switch renamed, isName := strings.CutSuffix(text, " instead"); {
		case !found:
		case isName:
			fixed, ok = append(fixed, renamed+"="+value), true
		case strings.HasPrefix(text, "CORS_"):
			fixed, ok = append(fixed, text), true
		default:
			fixed, ok = append(fixed, name+"="+text), true
		}
	}
	return fixed, ok
}

// TestFixesOfVariables: each environment has one problem. After its fix, FromEnv accepts the
// environment, and it means what its author meant.
func TestFixesOfVariables(t *testing.T) {
	const (
		a, b = "https://a.example", "https://b.example"
		any  = "CORS_ALLOW_ORIGINS=*"
	)
	listed := core.Config{AllowOrigins: []string{a, b}}
	public := func(change func(*core.Config)) core.Config {
		cfg := core.Config{AllowOrigins: []string{"*"}}
		change(&cfg)
		return cfg
	}
	credentials := core.Config{AllowOrigins: []string{a}, AllowCredentials: true}
	day := public(func(cfg *core.Config) { cfg.MaxAge = 24 * time.Hour })
	unchanged := public(func(*core.Config) {})
	noName := func(name string) string {
		return "cors: " + name + ": no setting has this name or a similar one; remove it"
	}
	instead := func(name, meant string) string {
		return "cors: " + name + ": no setting has this name; write " + meant + " instead, or remove it"
	}
	notAge := func(value, seconds string) string {
		return `cors: CORS_MAX_AGE: "` + value +
			`": this is neither a number of seconds nor a duration such as 10m; write ` + seconds
	}
	for _, tt := range []struct {
		environ []string
		error   string
		want    core.Config
	}{
		// Names.
		{[]string{any, "CORS_ENABLED=true"}, "cors: CORS_ENABLED: no setting turns CORS on or off; remove it", unchanged},
		{[]string{any, "CORS_SECURITY=high"}, noName("CORS_SECURITY"), unchanged},
		{[]string{any, "CORS_LOG_LEVEL=1"}, noName("CORS_LOG_LEVEL"), unchanged},
		{[]string{any, "CORS_X=1"}, noName("CORS_X"), unchanged},
		{[]string{any, "CORS_=1"}, noName("CORS_"), unchanged},
		{[]string{"CORS_DOMAINS=" + a + "," + b}, instead("CORS_DOMAINS", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_WHITELIST=" + a + "," + b}, instead("CORS_WHITELIST", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_ALLOWED_DOMAINS=" + a + "," + b}, instead("CORS_ALLOWED_DOMAINS", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_HOSTS=" + a + "," + b}, instead("CORS_HOSTS", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_URLS=" + a + "," + b}, instead("CORS_URLS", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_ORIGIN=" + a + "," + b}, instead("CORS_ORIGIN", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_ORIGNS=" + a + "," + b}, instead("CORS_ORIGNS", "CORS_ALLOW_ORIGINS"), listed},
		{[]string{"CORS_TRUSTED_ORIGINS=" + a + "," + b}, instead("CORS_TRUSTED_ORIGINS", "CORS_ALLOW_ORIGINS"), listed},
		{
			[]string{"CORS_ACCESS_CONTROL_ALLOW_ORIGIN=" + a + "," + b},
			instead("CORS_ACCESS_CONTROL_ALLOW_ORIGIN", "CORS_ALLOW_ORIGINS"), listed,
		},
		{[]string{"CORS_ALLOWED_ORIGIN=" + a + "," + b}, instead("CORS_ALLOWED_ORIGIN", "CORS_ALLOW_ORIGINS"), listed},
		{
			[]string{any, "CORS_DOMAINS=" + a},
			"cors: CORS_DOMAINS: no setting has this name, and CORS_ALLOW_ORIGINS is set too; remove it", unchanged,
		},
		{[]string{"CORS_ALLOW_ALL=true"}, instead("CORS_ALLOW_ALL", "CORS_ALLOW_ALL_ORIGINS"), unchanged},
		{[]string{"CORS_ALLOW_ANY_ORIGIN=true"}, instead("CORS_ALLOW_ANY_ORIGIN", "CORS_ALLOW_ALL_ORIGINS"), unchanged},
		{
			[]string{any, "CORS_ALLOW_ANY_HEADER=true"},
			"cors: CORS_ALLOW_ANY_HEADER: no setting has this name; write CORS_ALLOW_HEADERS=*, or remove it",
			public(func(cfg *core.Config) { cfg.AllowHeaders = []string{"*"} }),
		},
		{
			[]string{any, "CORS_ALLOW_ALL_METHODS=true"},
			"cors: CORS_ALLOW_ALL_METHODS: no setting has this name; write CORS_ALLOW_METHODS=*, or remove it",
			public(func(cfg *core.Config) { cfg.AllowMethods = []string{"*"} }),
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=" + a, "CORS_CREDENTIALS=true"},
			instead("CORS_CREDENTIALS", "CORS_ALLOW_CREDENTIALS"), credentials,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=" + a, "CORS_SUPPORTS_CREDENTIALS=true"},
			instead("CORS_SUPPORTS_CREDENTIALS", "CORS_ALLOW_CREDENTIALS"), credentials,
		},
		{
			[]string{any, "CORS_METHODS=PUT"}, instead("CORS_METHODS", "CORS_ALLOW_METHODS"),
			public(func(cfg *core.Config) { cfg.AllowMethods = []string{"PUT"} }),
		},
		{
			[]string{any, "CORS_HEADERS=x-a"}, instead("CORS_HEADERS", "CORS_ALLOW_HEADERS"),
			public(func(cfg *core.Config) { cfg.AllowHeaders = []string{"x-a"} }),
		},
		{
			[]string{any, "CORS_EXPOSE=x-a"}, instead("CORS_EXPOSE", "CORS_EXPOSE_HEADERS"),
			public(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"x-a"} }),
		},
		{[]string{any, "CORS_TTL=86400"}, instead("CORS_TTL", "CORS_MAX_AGE"), day},
		{[]string{any, "CORS_CACHE=86400"}, instead("CORS_CACHE", "CORS_MAX_AGE"), day},
		{[]string{any, "CORS_MAXAGE=86400"}, instead("CORS_MAXAGE", "CORS_MAX_AGE"), day},
		{
			[]string{any, "CORS_OPTIONS_SUCCESS_STATUS=200"}, instead("CORS_OPTIONS_SUCCESS_STATUS", "CORS_PREFLIGHT_STATUS"),
			public(func(cfg *core.Config) { cfg.PreflightStatus = 200 }),
		},
		{
			[]string{"CORS_ALLOW_ORIGIN_REGEX=https://\\w+\\.a\\.example"},
			instead("CORS_ALLOW_ORIGIN_REGEX", "CORS_ALLOW_ORIGIN_REGEXES"),
			core.Config{AllowOriginRegexes: []string{`https://\w+\.a\.example`}},
		},
		{
			[]string{any, "CORS_ALLOW_ORIGIN_FUNC=f"}, "cors: CORS_ALLOW_ORIGIN_FUNC: a variable cannot contain a func; " +
				"remove it, and set the func on the Config that was read", core.Config{},
		},

		// Lists.
		{
			[]string{`CORS_ALLOW_ORIGINS="https://a.example,https://b.example"`},
			`cors: CORS_ALLOW_ORIGINS: "\"https://a.example,https://b.example\"": there are quotes around the value; ` +
				`remove the quotes`, listed,
		},
		{
			[]string{`CORS_ALLOW_ORIGINS="https://a.example","https://b.example"`},
			`cors: CORS_ALLOW_ORIGINS: "\"https://a.example\",\"https://b.example\"": there are quotes around the value; ` +
				`remove the quotes`, listed,
		},
		{
			[]string{`CORS_ALLOW_ORIGINS='https://a.example' https://b.example`},
			`cors: CORS_ALLOW_ORIGINS[0]: "'https://a.example'": there are quotes around the value; remove the quotes`, listed,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://a.example;https://b.example"},
			`cors: CORS_ALLOW_ORIGINS: "https://a.example;https://b.example": entries are separated by commas or spaces; ` +
				`write https://a.example,https://b.example`, listed,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS={https://a.example,https://b.example}"},
			`cors: CORS_ALLOW_ORIGINS: "{https://a.example,https://b.example}": entries are separated by commas or spaces; ` +
				`write https://a.example,https://b.example`, listed,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=- https://a.example\n- https://b.example"},
			`cors: CORS_ALLOW_ORIGINS: "- https://a.example\n- https://b.example": entries are separated by commas or ` +
				`spaces; write https://a.example,https://b.example`, listed,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=['https://a.example', 'https://b.example']"},
			`cors: CORS_ALLOW_ORIGINS: "['https://a.example', 'https://b.example']": a list that begins with "[" must be a ` +
				`JSON array, with each entry in double quotes; write ["https://a.example","https://b.example"]`, listed,
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=[https://a.example, https://b.example]"},
			`cors: CORS_ALLOW_ORIGINS: "[https://a.example, https://b.example]": a list that begins with "[" must be a ` +
				`JSON array, with each entry in double quotes; write ["https://a.example","https://b.example"]`, listed,
		},
		{
			[]string{`CORS_ALLOW_ORIGINS=("https://a.example", "https://b.example")`},
			`cors: CORS_ALLOW_ORIGINS: "(\"https://a.example\", \"https://b.example\")": lists are in square brackets; ` +
				`write ["https://a.example","https://b.example"]`, listed,
		},
		{
			[]string{`CORS_ALLOW_ORIGIN_REGEXES=[r'https://\w+\.a\.example']`},
			`cors: CORS_ALLOW_ORIGIN_REGEXES: "[r'https://\\w+\\.a\\.example']": a list that begins with "[" must be a JSON ` +
				`array, with each entry in double quotes; write ["https://\\w+\\.a\\.example"]`,
			core.Config{AllowOriginRegexes: []string{`https://\w+\.a\.example`}},
		},
		{
			[]string{`CORS_ALLOW_ORIGIN_REGEXES=[h]ttps://\w{1,3}\.a\.example`},
			`cors: CORS_ALLOW_ORIGIN_REGEXES: "[h]ttps://\\w{1,3}\\.a\\.example": a list that begins with "[" must be a JSON ` +
				`array, with each entry in double quotes; write ["[h]ttps://\\w{1,3}\\.a\\.example"]`,
			core.Config{AllowOriginRegexes: []string{`[h]ttps://\w{1,3}\.a\.example`}},
		},
		{
			[]string{`CORS_ALLOW_ORIGIN_REGEXES=https://\w{1,3}\.a\.example,https://b\.example`},
			`cors: CORS_ALLOW_ORIGIN_REGEXES: "https://\\w{1,3}\\.a\\.example,https://b\\.example": a comma or a space ` +
				`within an expression would split it; write ["https://\\w{1,3}\\.a\\.example","https://b\\.example"]`,
			core.Config{AllowOriginRegexes: []string{`https://\w{1,3}\.a\.example`, `https://b\.example`}},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=[::1]:3000"},
			`cors: CORS_ALLOW_ORIGINS[0]: "[::1]:3000": an origin begins with a scheme; write "http://[::1]:3000"`,
			core.Config{},
		},

		// Values that were not set.
		{
			[]string{any, "CORS_MAX_AGE=null"},
			`cors: CORS_MAX_AGE: "null": this looks like a value that was not set; write its value, or remove it`, core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=null"}, `cors: CORS_ALLOW_ORIGINS: "null": this looks like a value that was not ` +
				`set; write its value, or write ["null"] to allow the origin null`, core.Config{},
		},
		{
			[]string{"CORS_ALLOWED_ORIGINS=None"},
			`cors: CORS_ALLOWED_ORIGINS: "None": this looks like a value that was not set; write its value, or remove it`,
			core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=<no value>"},
			`cors: CORS_ALLOW_ORIGINS: "<no value>": this looks like a value that was not set; write its value, or remove it`,
			core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://a.example,undefined"},
			`cors: CORS_ALLOW_ORIGINS[1]: "undefined": this looks like a value that was not set; remove it`, core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=${FRONTEND_URL}"}, `cors: CORS_ALLOW_ORIGINS[0]: "${FRONTEND_URL}": ` +
				`this contains a variable that was not replaced; write its value, or remove it`, core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=https://$(HOST)"}, `cors: CORS_ALLOW_ORIGINS[0]: "https://$(HOST)": ` +
				`this contains a variable that was not replaced; write its value, or remove it`, core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS={{ .Values.origin }}"}, `cors: CORS_ALLOW_ORIGINS: "{{ .Values.origin }}": ` +
				`this contains a variable that was not replaced; write its value, or remove it`, core.Config{},
		},
		{
			[]string{"CORS_ALLOW_ORIGINS=%ORIGIN%"}, `cors: CORS_ALLOW_ORIGINS[0]: "%ORIGIN%": ` +
				`this contains a variable that was not replaced; write its value, or remove it`, core.Config{},
		},
		{
			[]string{any, "CORS_DEBUG=$DEBUG"}, `cors: CORS_DEBUG: "$DEBUG": ` +
				`this contains a variable that was not replaced; write its value, or remove it`, core.Config{},
		},

		// Booleans and numbers.
		{
			[]string{any, "CORS_DEBUG=y"}, `cors: CORS_DEBUG: "y": this is neither true nor false; write true`,
			public(func(cfg *core.Config) { cfg.Debug = true }),
		},
		{
			[]string{any, "CORS_DEBUG=Enabled"}, `cors: CORS_DEBUG: "Enabled": this is neither true nor false; write true`,
			public(func(cfg *core.Config) { cfg.Debug = true }),
		},
		{
			[]string{any, "CORS_DEBUG=disabled"},
			`cors: CORS_DEBUG: "disabled": this is neither true nor false; write false`, unchanged,
		},
		{
			[]string{any, "CORS_DEBUG='true'"},
			`cors: CORS_DEBUG: "'true'": there are quotes around the value; remove the quotes`,
			public(func(cfg *core.Config) { cfg.Debug = true }),
		},
		{[]string{any, "CORS_MAX_AGE=1d"}, notAge("1d", "86400"), day},
		{[]string{any, "CORS_MAX_AGE=1 day"}, notAge("1 day", "86400"), day},
		{[]string{any, "CORS_MAX_AGE=24 hours"}, notAge("24 hours", "86400"), day},
		{[]string{any, "CORS_MAX_AGE=PT24H"}, notAge("PT24H", "86400"), day},
		{[]string{any, "CORS_MAX_AGE=86_400"}, notAge("86_400", "86400"), day},
		{[]string{any, "CORS_MAX_AGE=max-age=86400"}, notAge("max-age=86400", "86400"), day},
		{
			[]string{any, "CORS_MAX_AGE=10 min"}, notAge("10 min", "600"),
			public(func(cfg *core.Config) { cfg.MaxAge = 10 * time.Minute }),
		},
		{
			[]string{any, "CORS_MAX_AGE=604800"},
			`cors: CORS_MAX_AGE: "604800": no browser caches a preflight longer than 24 hours; write 86400`, day,
		},
		{
			[]string{any, "CORS_MAX_AGE=-1"}, `cors: CORS_MAX_AGE: "-1": an age cannot be negative, and 0 means that ` +
				`browsers do not cache preflights; write 0`, public(func(cfg *core.Config) { cfg.MaxAge = -1 }),
		},
		{
			[]string{any, "CORS_PREFLIGHT_STATUS=200 OK"},
			`cors: CORS_PREFLIGHT_STATUS: "200 OK": this is not a whole number; write 200`,
			public(func(cfg *core.Config) { cfg.PreflightStatus = 200 }),
		},
	} {
		t.Run(tt.environ[len(tt.environ)-1], func(t *testing.T) {
			_, err := settings.FromEnv("CORS_", tt.environ)
			all := slices.Collect(core.Problems(err))
			if len(all) != 1 || err.Error() != tt.error {
				t.Fatalf("got  %v\nwant %s", err, tt.error)
			}
			if reflect.ValueOf(tt.want).IsZero() {
				return // the fix is in other words
			}
			environ, ok := fixEnv(tt.environ, all[0])
			if !ok {
				t.Fatalf("the fix cannot be applied: %s", all[0].Fix)
			}
			if s, err := settings.FromEnv("CORS_", environ); err != nil || !reflect.DeepEqual(s.CORS, tt.want) {
				t.Errorf("after the fix: %q:\n got %+v, %v\nwant %+v", environ, s.CORS, err, tt.want)
			}
		})
	}
}

// TestCSRFNames: a variable that was meant to be CSRF_TRUSTED_ORIGINS or CSRF_EXEMPT_PATHS is
// refused. Other variables that begin with CSRF_ belong to other software, and are ignored.
func TestCSRFNames(t *testing.T) {
	for _, tt := range []struct{ name, meant string }{
		{"CSRF_TRUSTED_ORIGIN", "CSRF_TRUSTED_ORIGINS"},
		{"CSRF_TRUSTED_HOSTS", "CSRF_TRUSTED_ORIGINS"},
		{"CSFR_TRUSTED_ORIGINS", "CSRF_TRUSTED_ORIGINS"},
		{"XSRF_TRUSTED_ORIGINS", "CSRF_TRUSTED_ORIGINS"},
		{"csrf_trusted_origins", "CSRF_TRUSTED_ORIGINS"},
		{"CSRF_EXEMPT_PATH", "CSRF_EXEMPT_PATHS"},
		{"CSRF_EXEMPT_URLS", "CSRF_EXEMPT_PATHS"},
		{"CSRF_EXEMPT", "CSRF_EXEMPT_PATHS"},
	} {
		_, err := settings.FromEnv("CORS_", []string{tt.name + "=secret"})
		want := "cors: " + tt.name + ": no setting has this name; write " + tt.meant + " instead, or remove it"
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, want)
		}
	}
	const both = "cors: CSRF_EXEMPT_URLS: no setting has this name, and CSRF_EXEMPT_PATHS is set too; remove it"
	if _, err := settings.FromEnv("CORS_", []string{"CSRF_EXEMPT_PATHS=/a/", "CSRF_EXEMPT_URLS=/b/"}); err == nil ||
		err.Error() != both {
		t.Errorf("got %v, want %s", err, both)
	}
	for _, name := range []string{
		"CSRF_COOKIE_AGE", "CSRF_COOKIE_DOMAIN", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_NAME", "CSRF_COOKIE_PATH",
		"CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE", "CSRF_FAILURE_VIEW", "CSRF_HEADER_NAME", "CSRF_USE_SESSIONS",
		"CSRF_SECRET", "CSRF_ENABLED", "CSRF_KEY", "WTF_CSRF_ENABLED", "TRUSTED_ORIGINS",
	} {
		if _, err := settings.FromEnv("CORS_", []string{name + "=x"}); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
}

// TestAcceptedValues has values that resemble mistakes.
func TestAcceptedValues(t *testing.T) {
	for _, environ := range [][]string{
		{"CORS_ALLOW_ORIGINS=https://a.example,null"},
		{`CORS_ALLOW_ORIGINS=["null"]`},
		{"CORS_ALLOW_ORIGINS=http://[::1]:3000,http://[fd00::1]"},
		{`CORS_ALLOW_ORIGIN_REGEXES=^https://[a-z]{2}\.a\.example$ (https://b\.example|https://c\.example)`},
		{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE=24h"},
		{"CORS_ALLOW_ORIGINS=*", "CORS_MAX_AGE=86400s"},
		{"CSRF_EXEMPT_PATHS=/$metadata,/users/{id}"},
	} {
		if _, err := settings.FromEnv("CORS_", environ); err != nil {
			t.Errorf("%q is refused: %v", environ, err)
		}
	}
}

// fixJSON returns an object after the fix of e, for a problem with one of its keys. ok is false if
// the fix is in other words.
func fixJSON(t *testing.T, data string, e *core.ConfigError) (fixed []byte, ok bool) {
	t.Helper()
	object := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(data), &object); err != nil {
		t.Fatal(err)
	}
	value := object[e.Field]
	words, _, _ := strings.Cut(e.Fix, ", or ")
	text, isWritten := strings.CutPrefix(words, "write ")
	renamed, isRenamed := strings.CutSuffix(text, " instead")
	key, other, isPair := strings.Cut(text, ": ")
	switch {
	case words == "remove it" && e.Index < 0:
		delete(object, e.Field)
	case words == "move its keys to the top level":
		delete(object, e.Field)
		if err := json.Unmarshal(value, &object); err != nil {
			t.Fatal(err)
		}
	case isWritten && isRenamed:
		delete(object, e.Field)
		object[strings.Trim(renamed, `"`)] = value
	case isWritten && isPair:
		delete(object, e.Field)
		object[strings.Trim(key, `"`)] = json.RawMessage(other)
	case isWritten && e.Index < 0:
		object[e.Field] = json.RawMessage(text)
	case isWritten:
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			t.Fatal(err)
		}
		list[e.Index] = json.RawMessage(text)
		object[e.Field], _ = json.Marshal(list)
	default:
		return nil, false
	}
	fixed, err := json.Marshal(object)
	return fixed, err == nil
}

// TestFixesOfKeys: each object has one problem. After its fix, FromJSON accepts the object, and it
// means what its author meant.
func TestFixesOfKeys(t *testing.T) {
	const listed = `"allow_origins": ["https://a.example"]`
	instead := func(key, meant string) string {
		return "cors: " + key + `: no setting has this key; write "` + meant + `" instead, or remove it`
	}
	one := core.Config{AllowOrigins: []string{"https://a.example"}}
	with := func(change func(*core.Config)) core.Config {
		cfg := one
		change(&cfg)
		return cfg
	}
	credentials := with(func(cfg *core.Config) { cfg.AllowCredentials = true })
	debug := with(func(cfg *core.Config) { cfg.Debug = true })
	minutes := with(func(cfg *core.Config) { cfg.MaxAge = 10 * time.Minute })
	for _, tt := range []struct {
		data, error string
		want        core.Config
	}{
		{`{"AllowedOrigins": ["https://a.example"]}`, instead("AllowedOrigins", "allow_origins"), one},
		{`{"allowOrigins": ["https://a.example"]}`, instead("allowOrigins", "allow_origins"), one},
		{`{"origins": ["https://a.example"]}`, instead("origins", "allow_origins"), one},
		{`{"origin": ["https://a.example"]}`, instead("origin", "allow_origins"), one},
		{`{` + listed + `, "supports_credentials": true}`, instead("supports_credentials", "allow_credentials"), credentials},
		{`{` + listed + `, "credentials": true}`, instead("credentials", "allow_credentials"), credentials},
		{
			`{` + listed + `, "exposedHeaders": ["x-a"]}`, instead("exposedHeaders", "expose_headers"),
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"x-a"} }),
		},
		{`{` + listed + `, "maxAge": 600}`, instead("maxAge", "max_age"), minutes},
		{
			`{` + listed + `, "optionsSuccessStatus": 200}`, instead("optionsSuccessStatus", "preflight_status"),
			with(func(cfg *core.Config) { cfg.PreflightStatus = 200 }),
		},
		{
			`{` + listed + `, "preflightContinue": true}`, instead("preflightContinue", "continue_preflight"),
			with(func(cfg *core.Config) { cfg.ContinuePreflight = true }),
		},
		{
			`{"allow_origin_regex": ["https://\\w+\\.a\\.example"]}`, instead("allow_origin_regex", "allow_origin_regexes"),
			core.Config{AllowOriginRegexes: []string{`https://\w+\.a\.example`}},
		},
		{
			`{"allow_all": true}`, `cors: allow_all: no setting has this key; write "allow_origins": ["*"], or remove it`,
			core.Config{AllowOrigins: []string{"*"}},
		},
		{`{` + listed + `, "enabled": true}`, `cors: enabled: no setting turns CORS on or off; remove it`, one},
		{
			`{` + listed + `, "security": {}}`, `cors: security: no setting has this key or a similar one; remove it`, one,
		},
		{`{` + listed + `, "x": 1}`, `cors: x: no setting has this key or a similar one; remove it`, one},
		{
			`{"cors": {` + listed + `}}`,
			`cors: cors: the settings must not be inside another object; move its keys to the top level`, one,
		},
		{
			`{"corsConfig": {` + listed + `, "debug": true}}`,
			`cors: corsConfig: the settings must not be inside another object; move its keys to the top level`, debug,
		},
		{
			`{"allow_origins": "https://a.example"}`, `cors: allow_origins: "https://a.example": got a string, want a list ` +
				`of strings; write ["https://a.example"]`, one,
		},
		{
			`{"allow_origins": "[\"https://a.example\"]"}`, `cors: allow_origins: "[\"https://a.example\"]": got a string, ` +
				`want a list of strings; write ["https://a.example"]`, one,
		},
		{
			`{` + listed + `, "allow_methods": "GET,PUT"}`,
			`cors: allow_methods: "GET,PUT": got a string, want a list of strings; write ["GET","PUT"]`,
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{"GET", "PUT"} }),
		},
		{
			`{` + listed + `, "allow_headers": ["x-a", 5]}`,
			`cors: allow_headers[1]: "5": got a number, want a string; write "5"`,
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"x-a", "5"} }),
		},
		{`{` + listed + `, "debug": "true"}`, `cors: debug: "true": got a string, want true or false; write true`, debug},
		{`{` + listed + `, "debug": "yes"}`, `cors: debug: "yes": got a string, want true or false; write true`, debug},
		{`{` + listed + `, "debug": 1}`, `cors: debug: "1": got a number, want true or false; write true`, debug},
		{
			`{` + listed + `, "max_age": "600"}`,
			`cors: max_age: "600": this is neither a number of seconds nor a duration such as 10m; write 600`, minutes,
		},
		{
			`{` + listed + `, "preflight_status": "200"}`,
			`cors: preflight_status: "200": got a string, want a number; write 200`,
			with(func(cfg *core.Config) { cfg.PreflightStatus = 200 }),
		},

		// Fixes in other words.
		{
			`{` + listed + `, "allow_credentials": null}`,
			`cors: allow_credentials: null looks like a value that was not set; write its value, or remove it`, core.Config{},
		},
		{
			`{"allow_origins": [null]}`,
			`cors: allow_origins[0]: "": null looks like a value that was not set; remove it`, core.Config{},
		},
		{
			`{"allow_origins": ["None"]}`,
			`cors: allow_origins[0]: "None": this looks like a value that was not set; remove it`, core.Config{},
		},
		{
			`{"allow_origins": ["${ORIGIN}"]}`, `cors: allow_origins[0]: "${ORIGIN}": this contains a variable that was ` +
				`not replaced; write its value, or remove it`, core.Config{},
		},
		{
			`{"allow_origins": true}`,
			`cors: allow_origins: "true": got a boolean, want a list of strings; write a list in square brackets`, core.Config{},
		},
		{
			`{"urls_regex": "^/api/"}`,
			`cors: urls_regex: this key belongs in a route; move it into "routes" as "path_regex"`, core.Config{},
		},
		{
			`{"csrf": {"trusted_origins": []}}`, `cors: csrf: the settings must not be inside another object; ` +
				`write "csrf_trusted_origins" and "csrf_exempt_paths" at the top level`, core.Config{},
		},
		{
			`{"AllowOriginFunc": "f"}`, `cors: AllowOriginFunc: JSON cannot contain a func; ` +
				`remove it, and set the func on the Config that was read`, core.Config{},
		},
	} {
		t.Run(tt.data, func(t *testing.T) {
			_, err := settings.FromJSON([]byte(tt.data))
			all := slices.Collect(core.Problems(err))
			if len(all) != 1 || err.Error() != tt.error {
				t.Fatalf("got  %v\nwant %s", err, tt.error)
			}
			if reflect.ValueOf(tt.want).IsZero() {
				return // the fix is in other words
			}
			fixed, ok := fixJSON(t, tt.data, all[0])
			if !ok {
				t.Fatalf("the fix cannot be applied: %s", all[0].Fix)
			}
			if s, err := settings.FromJSON(fixed); err != nil || !reflect.DeepEqual(s.CORS, tt.want) {
				t.Errorf("after the fix: %s:\n got %+v, %v\nwant %+v", fixed, s.CORS, err, tt.want)
			}
		})
	}
	if s, err := settings.FromJSON([]byte(`{"allow_origins": ["null"]}`)); err != nil || len(s.CORS.AllowOrigins) != 1 {
		t.Errorf(`["null"] is deliberate: got %+v, %v`, s, err)
	}
}

// TestNotJSON: text in another format is named, and a mistake in JSON is explained at its position.
func TestNotJSON(t *testing.T) {
	const (
		whole  = "cors: settings: "
		asJSON = `; write it as JSON, such as {"allow_origins": ["https://app.example.com"]}`
		first  = " (line 1, column 1)"
	)
	for _, tt := range []struct{ data, want string }{
		{"", whole + "the text is empty" + first + "; write {} if there are no settings"},
		{"allow_origins:\n  - https://a.example\n", whole + "this is YAML, not JSON" + first + asJSON},
		{"---\nallow_origins: []\n", whole + "this is YAML, not JSON" + first + asJSON},
		{"\n# settings\nallow_origins: []\n", whole + "this is YAML, not JSON (line 2, column 1)" + asJSON},
		{"core.Config{AllowOrigins: []string{\"x\"}}", whole + "this is Go code, not JSON" + first + asJSON},
		{"package main", whole + "this is Go code, not JSON" + first + asJSON},
		{"module.exports = {origin: '*'}", whole + "this is JavaScript, not JSON" + first + asJSON},
		{"[cors]\nallow_origins = [\"a\"]", whole + "this is TOML, not JSON" + first + asJSON},
		{"allow_origins = [\"a\"]", whole + "this is TOML, not JSON" + first + asJSON},
		{
			"CORS_ALLOW_ORIGINS=https://a.example\n", whole + "these are environment variables, not JSON" + first +
				"; set them in the environment, and read them with FromEnv",
		},
		{
			"export CORS_DEBUG=1\n", whole + "these are environment variables, not JSON" + first +
				"; set them in the environment, and read them with FromEnv",
		},
		{"<!DOCTYPE html><html>", whole + "this is an HTML page, not JSON" + first + "; check where it was read from"},
		{"<?xml version=\"1.0\"?><cors/>", whole + "this is XML, not JSON" + first + asJSON},
		{"\ufeff{}", whole + "the text begins with a byte order mark" + first + "; save it without one"},
		{"\xff\xfe{\x00}\x00", whole + "this is UTF-16" + first + "; save it as UTF-8"},
		{
			`"{\"debug\": true}"`, whole + `"{\"debug\": true}": this is a string that contains JSON` +
				"; remove the quotes around it and the backslashes in it",
		},
		{"{}\n{}", whole + "there is a second JSON object (line 2, column 1); remove it"},
		{"{}\n---\n{}", whole + "there is text after the end of the JSON value (line 2, column 1); remove it"},
		{"// c\n{}", whole + "JSON has no comments" + first + "; remove the comment"},
		{"{\n  # c\n}", whole + "JSON has no comments (line 2, column 3); remove the comment"},
		{"{\"debug\": true /* c */}", whole + "JSON has no comments (line 1, column 16); remove the comment"},
		{"{} // c", whole + "JSON has no comments (line 1, column 4); remove it"},
		{
			"{\n  \"debug\": true,\n}",
			whole + "JSON has no comma after the last entry (line 3, column 1); remove the comma before it",
		},
		{"{'debug': true}", whole + "JSON strings are in double quotes (line 1, column 2); write double quotes instead"},
		{"{debug: true}", whole + `JSON keys are in double quotes (line 1, column 2); write "debug"`},
		{"{\"debug\": True}", "cors: debug: JSON has true, not True (line 1, column 11); write true"},
		{"{\"debug\": no}", "cors: debug: JSON has false, not no (line 1, column 11); write false"},
		{"{\"debug\": None}", "cors: debug: JSON has no None (line 1, column 11); remove the key"},
		{"{\"debug\": nil}", "cors: debug: JSON has no nil (line 1, column 11); remove the key"},
		{
			"{\"debug\": tru}", "cors: debug: this is neither a string nor true, false or null (line 1, column 11); " +
				"correct the syntax there",
		},
		{
			"{\"allow_origins\": (\"a\",)}",
			"cors: allow_origins: JSON lists are in square brackets (line 1, column 19); write [ and ] instead of ( and )",
		},
		{
			"{\"allow_origins\": [\"a\" \"b\"]}", `cors: allow_origins[1]: "\"b\"]}": there must be a comma between two ` +
				`entries (line 1, column 24); write a comma before it`,
		},
		{
			"{\"allow_origins\": [\"a\",, \"b\"]}",
			`cors: allow_origins[1]: "\"b\"]}": there is a comma too many (line 1, column 26); remove the comma before it`,
		},
		{
			"{\"debug\" = true}",
			"cors: debug: there must be a colon between a key and its value (line 1, column 10); write a colon before it",
		},
		{
			"{\"allow_origins\": [https://a.example]}",
			`cors: allow_origins[0]: "https://a.example]}": JSON strings are in double quotes (line 1, column 20); ` +
				`write it in double quotes`,
		},
		{
			"{\"allow_origins\": [`a`]}",
			"cors: allow_origins[0]: \"`a`]}\": JSON strings are in double quotes (line 1, column 20); write double quotes " +
				"instead",
		},
		{
			"{\"allow_origins\": [\"a\"}", "cors: allow_origins: this closes the wrong bracket (line 1, column 23); " +
				"close the brackets in the order in which they were opened",
		},
		{
			"{\"max_age\": 010}", whole + "this is not a JSON number (line 1, column 14); " +
				"write digits alone, without a zero before them",
		},
		{
			"{\"allow_origins\": [\"a\n\"]}", `cors: allow_origins[0]: "\"a": a string must end on the line where it ` +
				`begins (line 1, column 20); close it with a double quote`,
		},
		{
			"{\"allow_origins\": [\"a\"", "cors: allow_origins: the text ends too early (line 1, column 23); " +
				"close every string, bracket and brace",
		},
	} {
		s, err := settings.FromJSON([]byte(tt.data))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q:\n got %v\nwant %s", tt.data, err, tt.want)
		}
		if !reflect.ValueOf(s).IsZero() {
			t.Errorf("%q: settings in spite of the error: %+v", tt.data, s)
		}
	}
}

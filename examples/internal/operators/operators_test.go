package operators

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/viper"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// recipe is a source with a function that reads it.
type recipe func(t *testing.T, source string) (settings.Settings, error)

func environ(t *testing.T, source string) (settings.Settings, error) {
	for _, line := range strings.Split(source, "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			t.Setenv(name, value)
		}
	}
	return FromEnviron(os.LookupEnv)
}

func withViper(t *testing.T, source string) (settings.Settings, error) {
	v := viper.New()
	v.SetConfigType("yaml")
	v.SetEnvPrefix("MYAPP")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()
	if err := v.ReadConfig(strings.NewReader(source)); err != nil {
		t.Fatal(err)
	}
	return FromViper(v)
}

func withKoanf(t *testing.T, source string) (settings.Settings, error) {
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider([]byte(source)), yaml.Parser()); err != nil {
		t.Fatal(err)
	}
	return FromKoanf(k)
}

func fromYAML(_ *testing.T, source string) (settings.Settings, error) {
	return FromYAML([]byte(source))
}

const goodYAML = `
server:
  cors:
    origins:
      - https://app.example.com
      - "https://*.example.org"
    cookies: yes
    max_age: 10m
    routes:
      - path: /public/
        allow_origins: ["*"]
        max_age: 60
`

const badYAML = `
server:
  cors:
    origins:
      - https://app.example.com
      - http://admin.example.com
    cookies: true
    max_age: 2 days
    routes:
      - path: /public/
        alow_origins: ["*"]
`

func TestRecipes(t *testing.T) {
	good := core.Config{
		AllowOrigins: []string{"https://app.example.com", "https://*.example.org"}, AllowCredentials: true,
		MaxAge: 10 * time.Minute,
		Routes: []core.Route{{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}, MaxAge: time.Minute}}},
	}
	const bad = `cors: server.cors.max_age: "2 days": this is neither a number of seconds nor a duration such as 10m; ` +
		`write 86400
cors: server.cors.routes[0].alow_origins: no setting has this key; write "allow_origins" instead, or remove it
cors: server.cors.origins[1]: "http://admin.example.com": with server.cors.cookies, anyone who can tamper with http ` +
		`traffic could act as your visitors; write "https://admin.example.com"`
	const findings = `setting-without-effect cors.cookies: cors.origins contains "*", and browsers do not accept ` +
		`credentials then, so this has no effect; remove it.
any-origin cors.origins: every website can read the responses; list the origins, unless the responses are public and ` +
		`the server is not in a private network.
`
	for _, tt := range []struct {
		name     string
		read     recipe
		source   string
		want     core.Config
		err      string // "" if there is no error
		findings string
	}{
		{
			name: "environment", read: environ,
			source: "MYAPP_CORS_ORIGINS=https://a.example, https://b.example\nMYAPP_CORS_COOKIES=on\nMYAPP_CORS_MAX_AGE=600",
			want: core.Config{
				AllowOrigins: []string{"https://a.example", "https://b.example"}, AllowCredentials: true, MaxAge: 10 * time.Minute,
			},
		},
		{
			name: "environment, bad", read: environ,
			source: "MYAPP_CORS_ORIGINS=https://a.example/,*\nMYAPP_CORS_COOKIES=maybe\nMYAPP_CORS_MAX_AGE=${AGE}",
			err: `cors: MYAPP_CORS_COOKIES: "maybe": this is neither true nor false; write true or false
cors: MYAPP_CORS_MAX_AGE: "${AGE}": this contains a variable that was not replaced; write its value, or remove it
cors: MYAPP_CORS_ORIGINS[0]: "https://a.example/": an origin has no path; write "https://a.example"`,
		},
		{
			name: "environment, empty", read: environ, source: "MYAPP_CORS_ORIGINS=",
			err: `cors: MYAPP_CORS_ORIGINS: no origins are configured; list the origins, such as ` +
				`"https://app.example.com", or write [] to allow nobody`,
		},
		{
			name: "environment, nobody", read: environ, source: "MYAPP_CORS_ORIGINS=[]",
			want: core.Config{AllowOrigins: []string{}},
		},
		{
			name: "viper", read: withViper, source: goodYAML, want: good,
			findings: `credentials-wildcard server.cors.origins[1]: anyone who takes over one of these hosts, such as an ` +
				`abandoned one, can act as your visitors; list only the hosts that need access.
any-origin server.cors.routes[0].allow_origins[0]: every website can read the responses; list the origins, unless ` +
				`the responses are public and the server is not in a private network.
`,
		},
		{name: "viper, bad", read: withViper, source: badYAML, err: bad},
		{
			name: "viper, one string", read: withViper,
			source: "server: {cors: {origins: 'https://a.example, https://b.example'}}",
			want:   core.Config{AllowOrigins: []string{"https://a.example", "https://b.example"}},
		},
		{
			name: "viper, a variable", source: badYAML,
			read: func(t *testing.T, source string) (settings.Settings, error) {
				t.Setenv("MYAPP_SERVER_CORS_ORIGINS", "https://a.example https://b.example")
				t.Setenv("MYAPP_SERVER_CORS_MAX_AGE", "60")
				t.Setenv("MYAPP_SERVER_CORS_ROUTES", `[{"path": "/x/", "disable": true}]`)
				return withViper(t, source)
			},
			want: core.Config{
				AllowOrigins: []string{"https://a.example", "https://b.example"}, AllowCredentials: true, MaxAge: time.Minute,
				Routes: []core.Route{{Path: "/x/", Disable: true}},
			},
		},
		{
			name: "viper, empty", read: withViper, source: "server: {cors: {origins: []}}",
			want: core.Config{AllowOrigins: []string{}},
		},
		{
			name: "koanf", read: withKoanf,
			source: "cors: {origins: [https://a.example], origin_patterns: ['https://[a-z]{1,3}\\.a\\.example'], cookies: true}",
			want: core.Config{
				AllowOrigins: []string{"https://a.example"}, AllowOriginRegexes: []string{`https://[a-z]{1,3}\.a\.example`},
				AllowCredentials: true,
			},
		},
		{
			name: "koanf, empty", read: withKoanf, source: "cors: {cookies: true}",
			want: core.Config{AllowOrigins: []string{"*"}}, findings: findings,
		},
		{
			name: "koanf, bad", read: withKoanf,
			source: "cors: {origins: 'https://*.b.example, https://(a|b)\\.example', origin_patterns: ['https://*.a.example']}",
			err: `cors: cors.origins[1]: "https://(a|b)\\.example": this looks like a regular expression; move it to ` +
				`cors.origin_patterns
cors: cors.origin_patterns[0]: "https://*.a.example": this is a wildcard, not an expression; write ` +
				`"https://*.a.example" in cors.origins`,
		},
		{
			name: "YAML", read: fromYAML, source: goodYAML, want: good,
			findings: `credentials-wildcard server.cors.origins[1]: anyone who takes over one of these hosts, such as an ` +
				`abandoned one, can act as your visitors; list only the hosts that need access.
any-origin server.cors.routes[0].allow_origins[0]: every website can read the responses; list the origins, unless ` +
				`the responses are public and the server is not in a private network.
`,
		},
		{name: "YAML, bad", read: fromYAML, source: badYAML, err: bad},
		{
			name: "YAML, an unknown key", read: fromYAML, source: "server:\n  cors:\n    origin: '*'\n",
			err: "yaml: unmarshal errors:\n  line 3: field origin not found in type operators.corsSection",
		},
		{
			name: "YAML, other types", read: fromYAML,
			source: "server: {cors: {origins: {a: b}, cookies: 7, max_age: [1], routes: [{1: 2}]}}",
			err: `cors: server.cors.cookies: "7": this is neither true nor false; write true or false
cors: server.cors.max_age: "[1]": this is neither a number of seconds nor a duration such as 10m; write a number of ` +
				`seconds, such as 600
cors: server.cors.routes[0]: "map[1:2]]": JSON strings are in double quotes (line 1, column 2); write it in ` +
				`double quotes
cors: server.cors.origins[0]: "map[a:b]": this looks like a regular expression; replace it with your own origins`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := tt.read(t, tt.source)
			switch {
			case tt.err != "" && (err == nil || err.Error() != tt.err):
				t.Errorf("got  %v\nwant %s", err, tt.err)
			case tt.err == "" && err != nil:
				t.Error(err)
			case !reflect.DeepEqual(s.CORS, tt.want):
				t.Errorf("got  %+v\nwant %+v", s.CORS, tt.want)
			}
			found := ""
			for _, f := range s.Findings {
				found += f.Code + " " + f.Field + ": " + f.Message + "\n"
			}
			if found != tt.findings {
				t.Errorf("got the findings\n%swant\n%s", found, tt.findings)
			}
		})
	}
}

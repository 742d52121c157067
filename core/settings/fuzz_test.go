package settings_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// checkAccepted checks settings that were read without an error: core accepts them, and they are
// the same after ToJSON and FromJSON.
func checkAccepted(t *testing.T, s settings.Settings) {
	cfg := s.CORS
	if cfg.AllowOrigins == nil && cfg.AllowOriginRegexes == nil && len(cfg.Routes) == 0 &&
		cfg.DangerouslyAllowOrigins == nil && cfg.DangerouslyAllowOriginRegexes == nil {
		cfg.AllowOrigins = []string{} // the program adds origins
	}
	if _, err := core.New(cfg); err != nil {
		t.Fatalf("core.New refuses %+v: %v", cfg, err)
	}
	if _, err := core.NewCSRFProtection(s.CSRF); err != nil {
		t.Fatalf("core.NewCSRFProtection refuses %+v: %v", s.CSRF, err)
	}
	data, err := settings.ToJSON(s)
	if err != nil {
		t.Fatalf("ToJSON refuses %+v: %v", s, err)
	}
	again, err := settings.FromJSON(data)
	s.Findings, again.Findings = nil, nil
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Fatalf("read back from %s:\n got %+v, %v\nwant %+v", data, again, err, s)
	}
}

// checkRefused checks an error: there are no settings, and every problem has a place.
func checkRefused(t *testing.T, s settings.Settings, err error) {
	if !reflect.ValueOf(s).IsZero() {
		t.Fatalf("settings in spite of %v: %+v", err, s)
	}
	for _, p := range problems(t, err) {
		if p.field == "" {
			t.Fatalf("a problem without a place: %v", err)
		}
	}
	if err.Error() == "" {
		t.Fatal("an error without a text")
	}
}

func FuzzFromJSON(f *testing.F) {
	for _, data := range []string{
		`{}`, `{} {}`, `[]`, `null`, ``, "\ufeff{}", `{"debug": false}`,
		`{"allow_origins": ["https://a.example", "https://*.b.example:*"], "allow_credentials": true, "max_age": "10m"}`,
		`{"allow_origins": ["*"], "allow_methods": [], "allow_headers": ["*", "authorization"], "expose_headers": ["*"], ` +
			`"max_age": 0}`,
		`{"allow_origin_regexes": ["https://(?:a|b)\\.example", "^https://\\w{1,3}\\.example$"], "max_age": 1.5, ` +
			`"preflight_status": 200}`,
		`{"allow_origin_regexes": ["(?!a)", "a{,3}", "[(?=]", "\\Qa", "a)|(?:b", "(?P=a)", "a++", "\\Z"]}`,
		`{"routes": [{"path": "/a/", "allow_origins": ["*"]}, {"path_regex": "/v[0-9]+/.*", "allow_origins": ["null"]}, ` +
			`{"path": "/{x...}", "disable": true}]}`,
		`{"routes": [{"path": "a", "disable": 1, "routes": []}, 7, {"alow_origins": {"x": [[]]}}], "routes": []}`,
		`{"csrf_trusted_origins": ["https://a.example"], "csrf_exempt_paths": ["/hooks/", "x"]}`,
		`{"allow_private_network": true, "continue_preflight": true, "forbid_disallowed": true, "debug": true, ` +
			`"dangerously_allow_origins": ["http://a.example"], "dangerously_allow_origin_regexes": ["https://.*a\\.de"]}`,
		`{"allow_origins": "https://a.example", "max_age": "600", "debug": "yes", "preflight_status": "x"}`,
		`{"allow_origins": ["\u0000", "\ud800", "https://a.example/"], "max_age": 1e9}`,
		`{"allow_origins": ['https://a.example'], }`, `{"a": ` + strings.Repeat("[", 40),
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := settings.FromJSON(data)
		if err != nil {
			checkRefused(t, s, err)
			return
		}
		if !json.Valid(data) {
			t.Fatalf("accepted what is no JSON: %q", data)
		}
		checkAccepted(t, s)
	})
}

func FuzzFromEnv(f *testing.F) {
	for _, environ := range []string{
		"", "PATH=/bin\x1eCORS_DEBUG",
		"CORS_ALLOW_ORIGINS=https://a.example,https://b.example\x1eCORS_ALLOW_CREDENTIALS=True\x1eCORS_MAX_AGE=600",
		"CORS_ALLOW_ORIGINS=[\"https://a.example\"]\x1eCORS_ALLOW_METHODS=\x1eCORS_ALLOW_HEADERS=x-a " +
			"x-b\x1eCORS_EXPOSE_HEADERS=*",
		"CORS_ALLOW_ORIGINS=*\x1eCORS_PREFLIGHT_STATUS=200\x1eCORS_CONTINUE_PREFLIGHT=on\x1e" +
			"CORS_FORBID_DISALLOWED=off\x1eCORS_DEBUG=maybe",
		"CORS_ALLOWED_ORIGINS=https://a.example\x1eCORS_ORIGIN_WHITELIST=x\x1e" +
			"CORS_URLS_REGEX=^/api/.*$\x1eCORS_PREFLIGHT_MAX_AGE=0",
		"CORS_ALLOWED_ORIGIN_REGEXES=^https://\\w+\\.example$\x1eCORS_ALLOW_ALL_ORIGINS=true\x1e" +
			"CORS_ALLOWED_ORIGINS=https://a.example\x1eCSRF_TRUSTED_ORIGINS=https://b.example",
		"CORS_ALLOWED_ORIGINS=['https://a.example']\x1eCORS_MODEL=x\x1eCORS_REPLACE_HTTPS_REFERER=1\x1e" +
			"CORS_X=1\x1eCORS_ALLOW_HEADERS=('a',)",
		"CORS_ROUTES=[{\"path\": \"/a/\", \"allow_origins\": " +
			"[\"*\"]}]\x1eCORS_URLS_REGEX=/b\x1eCORS_ALLOW_ORIGINS=https://a.example",
		"CORS_ROUTES=[{\"path\": \"/a/\", \"alow_origins\": [\"*\"]}, 7]\x1eCORS_URLS_REGEX=(?!a)",
		"CORS_ALLOW_ORIGIN_REGEXES=https://\\w{1,3}\\.example\x1eCORS_ORIGIN_ALLOW_ALL=1\x1eCORS_ALLOW_PRIVATE_NETWORK=1",
	} {
		f.Add("CORS_", environ)
	}
	f.Add("", "CORS_DEBUG=1")
	f.Add("CSRF_", "CSRF_TRUSTED_ORIGINS=x")
	f.Fuzz(func(t *testing.T, prefix, environ string) {
		s, err := settings.FromEnv(prefix, strings.Split(environ, "\x1e"))
		if err != nil {
			checkRefused(t, s, err)
			return
		}
		checkAccepted(t, s)
	})
}

// FuzzFromValues has values as lines of a key, a name and elements, separated by "\x1f".
func FuzzFromValues(f *testing.F) {
	for _, text := range []string{
		"", "allow_origins\x1f--o\x1fhttps://a.example,https://b.example\x1eallow_credentials\x1f--c\x1ftrue",
		"allow_origins\x1f--o\x1f*\x1eallow_credentials\x1f--c\x1ftrue", "allow_credentials\x1f--c\x1ftrue",
		"allow_origins\x1f\x1f[\"https://a.example/\"]", "allow_origins\x1fa\nb\x1fx\x1fy z\x1f", "allow_origins",
		"allow_origin_regexes\x1fr\x1fhttps://(a|b{1,2})\\.example\x1fhttps://.*x\\.de\x1e" +
			"debug\x1fd\x1fmaybe\x1edebug",
		"routes\x1fr\x1f[{\"path\": \"/a/\", \"allow_origins\": [\"*\"], \"allow_credentials\": true}, 7]" +
			"\x1emax_age\x1fm\x1f1d",
		"allow_methods\x1fallow_origins\x1fContent-Type\x1eallow_headers\x1fr[0]\x1fPUT\x1e" +
			"routes\x1fr\x1f[{}]\x1ex\x1fy\x1fz",
		"dangerously_allow_origins\x1fd\x1fhttp://a.example\x1eallow_private_network\x1fp\x1f1\x1e" +
			"csrf_trusted_origins\x1f\x1f*\x1ecsrf_exempt_paths\x1f/\x1f/",
	} {
		for choice := range uint8(8) {
			f.Add(text, choice)
		}
	}
	f.Fuzz(func(t *testing.T, text string, choice uint8) {
		var values []settings.Value
		for _, line := range strings.Split(text, "\x1e") {
			parts := strings.Split(line, "\x1f")
			v := settings.Value{Key: parts[0]}
			if len(parts) > 1 {
				v.Name, v.Text = parts[1], parts[2:]
			}
			values = append(values, v)
		}
		s, err := settings.FromValues(values, settings.Options{
			NoOrigins:       [][]string{nil, {}, {"*"}, {"x"}}[choice%4],
			DropCredentials: choice%8 > 3,
		})
		if err != nil {
			checkRefused(t, s, err)
			for e := range core.Problems(err) {
				if strings.Contains(e.Field, "\n") || e.Rule == "" || e.Fix == "" {
					t.Fatalf("an incomplete problem: %+v", e)
				}
			}
			return
		}
		for _, f := range s.Findings {
			if f.Field == "" || f.Message == "" || strings.Contains(f.Field, "\n") {
				t.Fatalf("an incomplete finding: %+v", f)
			}
		}
		checkAccepted(t, s)
	})
}

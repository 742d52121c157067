package settings_test

import (
	"encoding/json"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// TestBigPathRegex: expressions near the limits of package regexp are read, and work.
func TestBigPathRegex(t *testing.T) {
	const app = "https://app.example.com"
	allows := func(t *testing.T, s settings.Settings, err error, path string) bool {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		p, err := core.New(s.CORS)
		if err != nil {
			t.Fatal(err)
		}
		return p.Decide(t.Context(), core.Request{
			Method: "GET", Path: path, Header: core.HeaderMap{"Origin": {app}},
		}).Allowed()
	}
	for _, expr := range []string{`/static/.{1,1000}`, `/.{1,512}`, `/[\w./-]{1,1000}`, `/static/((?-s:.)..$){1,2}`} {
		t.Run("JSON "+expr, func(t *testing.T) {
			text, err := json.Marshal(
				map[string]any{"routes": []any{map[string]any{"path_regex": expr, "allow_origins": []string{app}}}})
			if err != nil {
				t.Fatal(err)
			}
			s, err := settings.FromJSON(text)
			if !allows(t, s, err, "/static/a.b") {
				t.Error("got no grant, want one")
			}
		})
	}
	t.Run("environment", func(t *testing.T) {
		s, err := settings.FromEnv("CORS_", []string{
			"CORS_ALLOWED_ORIGINS=" + app, `CORS_URLS_REGEX=^/static/[a-zA-Z0-9/_.-]{1,500}$`,
		})
		if !allows(t, s, err, "/static/a.b") {
			t.Error("got no grant, want one")
		}
		if allows(t, s, err, "/other") {
			t.Error("got a grant outside of CORS_URLS_REGEX, want none")
		}
	})
}

package settings_test

import (
	"reflect"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// TestEmptyListOfOrigins: a list that was written as empty allows nobody. A variable without a
// value counts as not set.
func TestEmptyListOfOrigins(t *testing.T) {
	fromEnv := func(lines ...string) func() (settings.Settings, error) {
		return func() (settings.Settings, error) { return settings.FromEnv("CORS_", lines) }
	}
	fromJSON := func(text string) func() (settings.Settings, error) {
		return func() (settings.Settings, error) { return settings.FromJSON([]byte(text)) }
	}
	nobody := core.Config{AllowOrigins: []string{}}
	public := []core.Route{{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}}}
	for _, tt := range []struct {
		name string
		read func() (settings.Settings, error)
		want core.Config
	}{
		{"JSON", fromJSON(`{"allow_origins": []}`), nobody},
		{"JSON with routes", fromJSON(`{"allow_origins": [], "routes": [{"path": "/public/", "allow_origins": ["*"]}]}`),
			core.Config{AllowOrigins: []string{}, Routes: public}},
		{"route", fromJSON(`{"routes": [{"path": "/private/", "allow_origins": []}]}`),
			core.Config{Routes: []core.Route{{Path: "/private/", Config: nobody}}}},
		{"variable", fromEnv("CORS_ALLOW_ORIGINS=[]"), nobody},
		{"expressions", fromJSON(`{"allow_origin_regexes": [], "debug": true}`),
			core.Config{AllowOriginRegexes: []string{}, Debug: true}},
		{"variable of Django", fromEnv("CORS_ALLOWED_ORIGINS=[]"), nobody},
		{"no value, but expressions", fromEnv("CORS_ALLOW_ORIGINS=", `CORS_ALLOW_ORIGIN_REGEXES=https://a\.example`),
			core.Config{AllowOriginRegexes: []string{`https://a\.example`}}},
		{"no value for expressions", fromEnv("CORS_ALLOW_ORIGINS=https://a.example", "CORS_ALLOW_ORIGIN_REGEXES="),
			core.Config{AllowOrigins: []string{"https://a.example"}}},
		{"no value, but a Dangerously list", fromEnv("CORS_ALLOW_ORIGINS=", "CORS_ALLOW_CREDENTIALS=true",
			"CORS_DANGEROUSLY_ALLOW_ORIGINS=http://a.example"),
			core.Config{AllowCredentials: true, DangerouslyAllowOrigins: []string{"http://a.example"}}},
		{"no value, but routes",
			fromEnv("CORS_ALLOW_ORIGINS=", `CORS_ROUTES=[{"path": "/public/", "allow_origins": ["*"]}]`),
			core.Config{Routes: public}},
		{"no value, but all origins", fromEnv("CORS_ALLOWED_ORIGINS=", "CORS_ALLOW_ALL_ORIGINS=true"),
			core.Config{AllowOrigins: []string{"*"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := tt.read()
			if err != nil || !reflect.DeepEqual(s.CORS, tt.want) {
				t.Fatalf("got  %+v, %v\nwant %+v", s.CORS, err, tt.want)
			}
			if _, err := core.New(s.CORS); err != nil {
				t.Errorf("core.New: %v", err)
			}
			data, err := settings.ToJSON(s)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := settings.FromJSON(data); err != nil || !reflect.DeepEqual(again.CORS, tt.want) {
				t.Errorf("read back from %s: got %+v, %v", data, again.CORS, err)
			}
		})
	}
}

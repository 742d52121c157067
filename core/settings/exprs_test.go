package settings_test

import (
	"testing"

	"github.com/polycors/cors/core/settings"
)

// TestExpressionsInFixes: a fix has an expression as it is written in the source, and never in the
// syntax of Go.
func TestExpressionsInFixes(t *testing.T) {
	fromEnv := func(environ ...string) error {
		_, err := settings.FromEnv("CORS_", environ)
		return err
	}
	fromJSON := func(data string) error {
		_, err := settings.FromJSON([]byte(data))
		return err
	}
	const rule = ": an origin has no path, and no slash at its end; write "
	for _, tt := range []struct {
		err  error
		want string
	}{
		{
			fromEnv(`CORS_ALLOW_ORIGIN_REGEXES=https://\w+\.a\.example/`),
			`cors: CORS_ALLOW_ORIGIN_REGEXES[0]: "https://\\w+\\.a\\.example/"` + rule + `https://\w+\.a\.example`,
		},
		{
			fromEnv(`CORS_ALLOW_ORIGIN_REGEXES=["https://\\w{1,3}\\.a\\.example/"]`),
			`cors: CORS_ALLOW_ORIGIN_REGEXES[0]: "https://\\w{1,3}\\.a\\.example/"` + rule + `"https://\\w{1,3}\\.a\\.example"`,
		},
		{
			fromEnv(`CORS_ALLOW_ORIGINS=http://10.0.0.*`),
			`cors: CORS_ALLOW_ORIGINS[0]: "http://10.0.0.*": a range of IP addresses is not an origin; ` +
				`write http://10\.0\.0\.\d+ in CORS_ALLOW_ORIGIN_REGEXES`,
		},
		{
			fromJSON(`{"allow_origin_regexes": ["https://\\w+\\.a\\.example/"]}`),
			`cors: allow_origin_regexes[0]: "https://\\w+\\.a\\.example/"` + rule + `"https://\\w+\\.a\\.example"`,
		},
		{
			fromJSON(`{"routes": [{"path": "/v{n}", "allow_origins": ["*"]}]}`),
			`cors: routes[0].path: "/v{n}": a wildcard such as {n} must be a whole segment; ` +
				`write "/v[^/]+" in path_regex`,
		},
		{
			fromJSON(`{"routes": [{"path_regex": "api/\\d+", "allow_origins": ["*"]}]}`),
			`cors: routes[0].path_regex: "api/\\d+": this matches no path: an expression must match from the first ` +
				`character, which is a slash; write "/api/\\d+"`,
		},
		{
			fromEnv("CORS_ALLOW_ORIGINS=*", `CORS_URLS_REGEX=^api/\d+`),
			`cors: CORS_URLS_REGEX: "^api/\\d+": this matches no path: an expression must match from the first ` +
				`character, which is a slash; write /api/\d+`,
		},
		{
			fromEnv("CORS_ALLOW_ORIGINS=*", `CORS_URLS_REGEX=/a/|b`),
			`cors: CORS_URLS_REGEX: "/a/|b": the alternative "b" matches no path: an expression must match from the ` +
				`first character, which is a slash; write /a/|/b`,
		},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", tt.err, tt.want)
		}
	}
}

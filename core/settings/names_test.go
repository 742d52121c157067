package settings_test

import (
	"testing"

	"github.com/polycors/cors/core/settings"
)

// TestUserTextIsNotRenamed: an error calls fields what the source calls them, and leaves alone what
// the user wrote, even if it looks like the name of a field.
func TestUserTextIsNotRenamed(t *testing.T) {
	_, fromJSON := settings.FromJSON([]byte(
		`{"routes": [{"path": "/{MaxAge...}/x", "allow_origins": ["*"]}, {}], "csrf_exempt_paths": ["/{Debug...}/x"]}`))
	_, fromEnv := settings.FromEnv("CORS_", []string{
		`CORS_ROUTES=[{"path": "/{MaxAge...}/x", "allow_origins": ["*"]}]`, "CSRF_EXEMPT_PATHS=/{Debug...}/x",
	})
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{
			"json", fromJSON,
			`cors: routes[0].path: "/{MaxAge...}/x": {MaxAge...} is allowed only as the last segment; write "/.+/x" in path_regex
cors: routes[1]: "": a route needs a path or a path_regex; write one, such as path: "/api/"
cors: routes[1].allow_origins: no origins are configured; ` +
				`list the origins, such as "https://app.example.com", or write an empty list to allow nobody
cors: csrf_exempt_paths[0]: "/{Debug...}/x": {Debug...} is allowed only as the last segment; ` +
				"replace it with your own paths",
		},
		{"environment", fromEnv, `cors: CORS_ROUTES[0].path: "/{MaxAge...}/x": {MaxAge...} is allowed only as the last ` +
			`segment; write "/.+/x" in path_regex
cors: CSRF_EXEMPT_PATHS[0]: "/{Debug...}/x": {Debug...} is allowed only as the last segment; ` +
			"replace it with your own paths"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || tt.err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", tt.err, tt.want)
			}
		})
	}
}

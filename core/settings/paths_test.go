package settings_test

import (
	"testing"

	"github.com/polycors/cors/core/settings"
)

// TestForeignPaths: a path in the notation of a router is refused, and the fix names the settings
// as the user knows them.
func TestForeignPaths(t *testing.T) {
	for _, tt := range []struct {
		name string
		json string
		env  []string
		want string
	}{
		{
			name: "path", json: `{"allow_origins": ["*"], "routes": [{"path": "/admin/*", "disable": true}]}`,
			want: `cors: routes[0].path: "/admin/*": "*" is the syntax of another router; ` +
				`write "/admin/"`,
		},
		{
			name: "path with an expression", json: `{"routes": [{"path": "/users/{id:[0-9]+}", "disable": true}]}`,
			want: `cors: routes[0].path: "/users/{id:[0-9]+}": "{id:[0-9]+}" is the syntax of another ` +
				`router; write "/users/[0-9]+" in path_regex`,
		},
		{
			name: "path_regex", json: `{"routes": [{"path_regex": "/users/:id", "disable": true}]}`,
			want: `cors: routes[0].path_regex: "/users/:id": ":id" is router syntax, but this is a regular ` +
				`expression; write "/users/[^/]+"`,
		},
		{
			name: "two routes", json: `{"routes": [{"path": "/a/{x}", "disable": true}, {"path": "/a/{y}", "disable": true}]}`,
			want: `cors: routes[1].path: "/a/{y}": routes[0], "/a/{x}", matches the same paths; remove one of the two routes`,
		},
		{
			name: "CORS_ROUTES", env: []string{`CORS_ROUTES=[{"path": "/users/:id", "disable": true}]`},
			want: `cors: CORS_ROUTES[0].path: "/users/:id": ":id" is the syntax of another ` +
				`router; write "/users/{id}"`,
		},
		{
			name: "CSRF_EXEMPT_PATHS", env: []string{`CSRF_EXEMPT_PATHS=/webhooks/* /webhooks/`},
			want: `cors: CSRF_EXEMPT_PATHS[0]: "/webhooks/*": "*" is the syntax of another ` +
				`router; write "/webhooks/"`,
		},
		{
			name: "CORS_URLS_REGEX, a glob", env: []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=^/api/*$`},
			want: `cors: CORS_URLS_REGEX: "^/api/*$": "*" is router syntax, but this is a regular expression; ` +
				`write /api/.*`,
		},
		{
			name: "CORS_URLS_REGEX, a parameter",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=/users/:id`},
			want: `cors: CORS_URLS_REGEX: "/users/:id": ":id" is router syntax, but this is a regular expression; ` +
				`write /users/[^/]+`,
		},
		{
			name: "CORS_URLS_REGEX, no slash",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=^api/.*$`},
			want: `cors: CORS_URLS_REGEX: "^api/.*$": this matches no path: an expression must match from the first ` +
				`character, which is a slash; write /api/.*$`,
		},
		{
			name: "CORS_URLS_REGEX, a list",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=["^/api/"]`},
			want: `cors: CORS_URLS_REGEX: "[\"^/api/\"]": an entry is one expression; write ^/api/`,
		},
		{
			name: "CORS_URLS_REGEX, two paths",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=/api/,/v1/`},
			want: `cors: CORS_URLS_REGEX: "/api/,/v1/": an entry is one expression; write one expression, such as ` +
				`"/(api|feed)/.*"`,
		},
		{
			name: "CORS_URLS_REGEX, a variable",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=^/$API/`},
			want: `cors: CORS_URLS_REGEX: "^/$API/": this contains a variable that was not replaced; write its value`,
		},
		{
			name: "CORS_URLS_REGEX, an empty segment",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=^//api/`},
			want: `cors: CORS_URLS_REGEX: "^//api/": this matches no path: a path has neither an empty segment nor a ` +
				`segment "." or ".."; write ^/api/`,
		},
		{
			name: "CORS_URLS_REGEX, nothing after the end",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=^/api$x`},
			want: `cors: CORS_URLS_REGEX: "^/api$x": this matches no path: "^" is the beginning of the path, and "$" is ` +
				`its end; write an expression for paths, such as "/api/.*"`,
		},
		{
			name: "CORS_URLS_REGEX, a file-based route",
			env:  []string{`CORS_ALLOWED_ORIGINS=https://a.example`, `CORS_URLS_REGEX=/api/[id]`},
			want: `cors: CORS_URLS_REGEX: "/api/[id]": "[id]" is router syntax, but this is a regular expression; write ` +
				`[^/]+ for a parameter, or (a|b) for one of two names`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if tt.json != "" {
				_, err = settings.FromJSON([]byte(tt.json))
			} else {
				_, err = settings.FromEnv("CORS_", tt.env)
			}
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

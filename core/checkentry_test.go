package core_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/polycors/cors/core"
)

func TestCheckEntry(t *testing.T) {
	allowAny := func(context.Context, string, core.Request) (bool, error) { return true, nil }
	for _, tt := range []struct {
		name, entry string
		cfg         core.Config
		want        string
	}{
		{"good", "https://a.example", credentialed(app), ""},
		{"a duplicate", app, credentialed(app), ""},
		{"a wildcard", "https://*.example.com", credentialed(app), ""},
		{"the rest of the Config is invalid", "https://a.example", core.Config{AllowMethods: []string{"put"}}, ""},
		{
			"a path", "https://a.example/", credentialed(app, "https://b.example"),
			`cors: AllowOrigins[2]: "https://a.example/": an origin has no path; write "https://a.example"`,
		},
		{"http without credentials", "http://a.example", origins(), ""},
		{
			"http with credentials", "http://a.example", credentialed(),
			`cors: AllowOrigins[0]: "http://a.example": with AllowCredentials, anyone who can tamper with http traffic could ` +
				`act as your visitors; write "https://a.example", or move it to DangerouslyAllowOrigins`,
		},
		{
			"every origin with credentials", "*", credentialed(),
			`cors: AllowOrigins[0]: "*": with AllowCredentials, any website could act as your visitors; replace ` +
				`it with your own origins, or remove AllowCredentials`,
		},
		{
			"every origin with a func", "*", core.Config{AllowOriginFunc: allowAny},
			`cors: AllowOrigins[0]: "*": "*" allows every origin, so AllowOriginFunc would never be called; remove it, or ` +
				`remove AllowOriginFunc`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.cfg.AllowOrigins)
			got := ""
			if err := tt.cfg.CheckEntry(tt.entry); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if !slices.Equal(tt.cfg.AllowOrigins, before) {
				t.Errorf("AllowOrigins became %q", tt.cfg.AllowOrigins)
			}
		})
	}
}

func ExampleConfig_CheckEntry() {
	cfg := core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true}
	for _, entry := range []string{"https://a.customer.example", "https://b.customer.example/"} {
		if err := cfg.CheckEntry(entry); err != nil {
			for problem := range core.Problems(err) {
				fmt.Printf("%s is refused: %s\n", entry, problem.Rule)
			}
			continue
		}
		cfg.AllowOrigins = append(cfg.AllowOrigins, entry)
	}
	fmt.Println(cfg.AllowOrigins)
	// Output:
	// https://b.customer.example/ is refused: an origin has no path
	// [https://app.example.com https://a.customer.example]
}

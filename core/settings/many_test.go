package settings_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// TestManyProblems: the first hundred problems are reported, and the others are counted.
func TestManyProblems(t *testing.T) {
	object := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	list := func(key string, n int, value string) string {
		return `{"` + key + `":[` + strings.TrimSuffix(strings.Repeat(value+",", n), ",") + `]}`
	}
	fromJSON := func(text string) error {
		_, err := settings.FromJSON([]byte(text))
		return err
	}
	fromEnv := func(lines ...string) error {
		_, err := settings.FromEnv("CORS_", lines)
		return err
	}
	for _, tt := range []struct {
		name             string
		err              error
		first, last      string // lines
		problems, listed int
	}{
		{"100 numbers in a list", fromJSON(list("allow_origins", 100, "1")),
			`cors: allow_origins[0]: "1": got a number, want a string; write "1"`,
			`cors: allow_origins[99]: "1": got a number, want a string; write "1"`, 100, 100},
		{"101 numbers in a list", fromJSON(list("allow_origins", 101, "1")),
			`cors: allow_origins[0]: "1": got a number, want a string; write "1"`,
			"cors: … and 1 more", 101, 100},
		{"16,000 routes without a path", fromJSON(list("routes", 16000, "{}")),
			`cors: routes[0]: "": a route needs a path or a path_regex; write one, such as path: "/api/"`,
			"cors: … and 31900 more", 32000, 100},
		{"16,000 origins without a scheme", fromJSON(list("allow_origins", 16000, `"a.example"`)),
			`cors: allow_origins[0]: "a.example": an origin begins with a scheme; write "https://a.example"`,
			"cors: … and 15900 more", 16000, 100},
		{"16,000 unknown keys", fromJSON("{" + object(16000, `"debug%d":1,`) + `"debug":true}`),
			`cors: debug0: no setting has this key; write "debug" instead, or remove it`,
			"cors: … and 15900 more", 16000, 100},
		{"numbers first, then origins without a scheme", fromJSON(list("allow_origins", 60, `1,"a.example"`)),
			`cors: allow_origins[0]: "1": got a number, want a string; write "1"`,
			"cors: … and 20 more", 120, 100},
		{"16,000 unknown variables", fromEnv(strings.Split(object(16000, "CORS_DEBUG%05d=1,"), ",")...),
			`cors: CORS_DEBUG00000: no setting has this name or a similar one; remove it`,
			"cors: … and 15900 more", 16000, 100},
		{"16,000 origins without a scheme in a variable",
			fromEnv("CORS_ALLOW_ORIGINS=" + strings.Repeat("a.example,", 16000)),
			`cors: CORS_ALLOW_ORIGINS[0]: "a.example": an origin begins with a scheme; write "https://a.example"`,
			"cors: … and 15900 more", 16000, 100},
		{"long values", fromEnv("CORS_ALLOW_ORIGINS=" + strings.Repeat("https://"+strings.Repeat("a",
			30000)+".example,", 50)),
			`cors: CORS_ALLOW_ORIGINS[0]: "https://` + strings.Repeat("a",
				30000) + `.example": a host must not be longer than 253 characters; correct the host`,
			"cors: … and 47 more", 50, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines := strings.Split(tt.err.Error(), "\n")
			if lines[0] != tt.first {
				t.Errorf("first line: got  %s\nwant %s", lines[0], tt.first)
			}
			if last := lines[len(lines)-1]; last != tt.last {
				t.Errorf("last line: got  %s\nwant %s", last, tt.last)
			}
			if want := tt.listed + min(1, tt.problems-tt.listed); len(lines) != want {
				t.Errorf("got %d lines, want %d", len(lines), want)
			}
			all := tt.err.(interface{ Unwrap() []error }).Unwrap()
			if len(all) != tt.listed {
				t.Errorf("got %d joined problems, want %d", len(all), tt.listed)
			}
			for _, err := range all {
				if _, ok := err.(*core.ConfigError); !ok {
					t.Errorf("got a %T among them, want a *core.ConfigError", err)
				}
			}
			var first *core.ConfigError
			if !errors.As(tt.err, &first) || first != all[0] {
				t.Errorf("errors.As found %v, want the first", first)
			}
			if n := len(tt.err.Error()); n > 256<<10 {
				t.Errorf("the text has %d bytes", n)
			}
		})
	}
}

// TestManyEntries: reading 16,000 valid entries is fast.
func TestManyEntries(t *testing.T) {
	var origins, headers strings.Builder
	for i := range 16000 {
		fmt.Fprintf(&origins, `"https://*.t%d.example.com",`, i)
		fmt.Fprintf(&headers, `"x-%d",`, i)
	}
	start := time.Now()
	s,
		err := settings.FromJSON(
		[]byte(`{"allow_origins":[` + origins.String() + `"https://a.example"],"allow_headers":[` + headers.String() +
			`"x"]}`))
	if err != nil || len(s.CORS.AllowOrigins) != 16001 || len(s.CORS.AllowHeaders) != 16001 {
		t.Errorf("got %d origins and %d headers (%v), want 16001 each", len(s.CORS.AllowOrigins),
			len(s.CORS.AllowHeaders), err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

package migrate

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/polycors/cors/adapters/corshttp"
)

// allowCORS allows pages of example.com and its subdomains to use the API.
func allowCORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if strings.HasSuffix(origin, "example.com") {
			w.Header().Set("Access-Control-Allow-Origin", origin)
		}
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PUT")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		if r.Method == "OPTIONS" {
			return
		}
		next.ServeHTTP(w, r)
	})
}

func instead(mux http.Handler) http.Handler {
	handler := corshttp.New(corshttp.Config{
		AllowOrigins:     []string{"https://example.com", "https://*.example.com"},
		AllowMethods:     []string{"PUT"},
		AllowHeaders:     []string{"Content-Type"},
		AllowCredentials: true,
	})(mux)
	return handler
}

// TestByHand checks the first three columns of the table in docs/migrate/by-hand.md, and that the
// guide shows the functions above.
func TestByHand(t *testing.T) {
	guide := text(t, "by-hand.md")
	source, err := os.ReadFile("by_hand_test.go")
	if err != nil {
		t.Fatal(err)
	}
	functions := regexp.MustCompile(`(?ms)^(// allowCORS allows.*?^}\n)|^\t(handler := .*?\n)\treturn handler`).
		FindAllStringSubmatch(strings.ReplaceAll(string(source), "\r\n", "\n"), -1)
	if len(functions) != 2 {
		t.Fatalf("found %d functions, want 2", len(functions))
	}
	for _, m := range functions {
		code := m[1] + strings.ReplaceAll(m[2], "\n\t", "\n")
		if !strings.Contains(guide, "```go\n"+code+"```\n") {
			t.Errorf("docs/migrate/by-hand.md does not show\n%s", code)
		}
	}

	before := recorded(allowCORS(http.HandlerFunc(handler)))
	after := recorded(instead(http.HandlerFunc(handler)))
	rows := table(t, "by-hand.md", "What is wrong with it")
	cases := []request{
		get("GET from `https://evilexample.com`", "https://evilexample.com"),
		get("GET from `http://app.example.com`", "http://app.example.com"),
		get("GET from `https://app.example.com`", app),
		get("GET from `https://evil.example`", evil),
		preflightFrom("preflight for PUT with `content-type`", app, "PUT", "content-type"),
		preflightFrom("preflight for PUT from `https://evil.example`", evil, "PUT", ""),
		{"OPTIONS without Origin", "OPTIONS", nil},
	}
	if len(rows) != len(cases) {
		t.Errorf("docs/migrate/by-hand.md has %d rows, want %d", len(rows), len(cases))
	}
	for i, r := range cases {
		was, err := answers(before, r)
		if err != nil {
			t.Fatal(err)
		}
		is, err := answers(after, r)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("| %s | %s | %s | ", r.what, strings.Join(was, ", "), strings.Join(is, ", "))
		if i >= len(rows) || !strings.HasPrefix(rows[i], want) {
			t.Errorf("docs/migrate/by-hand.md has no row\n%s", want)
		}
	}
}

package migrate

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/cors"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// originAllowed reports whether the policy allows the origin of r, whatever the method and headers.
func originAllowed(policy core.Decider, r *http.Request) bool {
	asked := corshttp.Request(r)
	asked.Method = "GET"
	asked.Header = core.HeaderMap{"Origin": r.Header["Origin"]}
	return policy.Decide(r.Context(), asked).AllowOrigin != ""
}

// TestOriginAllowed compares originAllowed with (*cors.Cors).OriginAllowed of rs/cors. naive is the
// negative control: a decision about the request itself depends on more than the origin.
func TestOriginAllowed(t *testing.T) {
	naive := func(policy core.Decider, r *http.Request) bool {
		return policy.Decide(r.Context(), corshttp.Request(r)).Allowed()
	}
	preflight := func(origin, method, headers string) http.Header {
		return http.Header{
			"Origin": {origin}, "Access-Control-Request-Method": {method}, "Access-Control-Request-Headers": {headers},
		}
	}
	list := []string{app, "https://*.preview.example.com"}
	everyone := []string{"*"}
	for _, tt := range []struct {
		name    string
		origins []string
		method  string
		header  http.Header
		want    bool
		naive   bool
	}{
		{"allowed", list, "GET", http.Header{"Origin": {app}}, true, true},
		{"allowed subdomain", list, "POST", http.Header{"Origin": {preview}}, true, true},
		{"refused", list, "GET", http.Header{"Origin": {evil}}, false, false},
		{"no Origin", list, "GET", http.Header{}, false, false},
		{"null", list, "GET", http.Header{"Origin": {"null"}}, false, false},
		{"the server itself", list, "POST", http.Header{"Origin": {"https://api.example.com"}}, false, false},
		{"method not listed", list, "DELETE", http.Header{"Origin": {app}}, true, true},
		{"preflight", list, "OPTIONS", preflight(app, "PUT", "x-token"), true, true},
		{"preflight for another header", list, "OPTIONS", preflight(app, "PUT", "x-other"), true, false},
		{"preflight for another method", list, "OPTIONS", preflight(app, "DELETE", "x-token"), true, false},
		{"preflight from a refused origin", list, "OPTIONS", preflight(evil, "PUT", "x-token"), false, false},
		{"everyone", everyone, "GET", http.Header{"Origin": {evil}}, true, true},
		{"everyone, no Origin", everyone, "GET", http.Header{}, true, false},
		{"everyone, preflight for another header", everyone, "OPTIONS", preflight(evil, "PUT", "x-other"), true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			policy, err := core.New(core.Config{
				AllowOrigins: tt.origins, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"X-Token"},
			})
			if err != nil {
				t.Fatal(err)
			}
			rs := cors.New(cors.Options{
				AllowedOrigins: tt.origins, AllowedMethods: []string{"GET", "PUT"}, AllowedHeaders: []string{"X-Token"},
			})
			r := httptest.NewRequest(tt.method, "https://api.example.com/items", nil)
			r.Header = tt.header
			if got := rs.OriginAllowed(r); got != tt.want {
				t.Errorf("rs/cors: got %v, want %v", got, tt.want)
			}
			if got := originAllowed(policy, r); got != tt.want {
				t.Errorf("originAllowed: got %v, want %v", got, tt.want)
			}
			if got := naive(policy, r); got != tt.naive {
				t.Errorf("naive: got %v, want %v", got, tt.naive)
			}
		})
	}
}

// TestGuideShowsOriginAllowed checks that the guide shows exactly the function that is tested here.
func TestGuideShowsOriginAllowed(t *testing.T) {
	source, err := os.ReadFile("origin_allowed_test.go")
	if err != nil {
		t.Fatal(err)
	}
	function := regexp.MustCompile(`(?ms)^// originAllowed reports.*?^}\n`).FindString(string(source))
	if function == "" || !strings.Contains(text(t, "rs-cors.md"), "```go\n"+function+"```\n") {
		t.Errorf("docs/migrate/rs-cors.md does not show\n%s", function)
	}
}

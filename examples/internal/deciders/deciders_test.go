package deciders

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestByHost: the port and the case of Host do not matter.
func TestByHost(t *testing.T) {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	d := ByHost{"one.example.net": policy}
	for _, tt := range []struct {
		host string
		want core.Reason
	}{
		{"one.example.net", core.ReasonAllowed},
		{"one.example.net:8443", core.ReasonAllowed},
		{"ONE.example.net", core.ReasonAllowed},
		{"two.example.net", core.ReasonNoPolicy},
		{"one.example.net.evil.example", core.ReasonNoPolicy},
		{"", core.ReasonNoPolicy},
	} {
		r := core.Request{Method: "GET", Host: tt.host, Header: core.HeaderMap{"Origin": {"https://app.example.com"}}}
		if got := d.Decide(context.Background(), r).Reason; got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.host, got, tt.want)
		}
	}
}

// TestNewHandler: every response names Origin in Vary.
func TestNewHandler(t *testing.T) {
	h, err := NewHandler(http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	const preflightVary = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	for _, tt := range []struct {
		name, method, origin, requested string
		status                          int
		want                            []string
	}{
		{"app", "GET", "https://app.example.com", "", 404, []string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin",
		}},
		{"others", "GET", "https://other.example.org", "", 404, []string{"Access-Control-Allow-Origin: *", "Vary: Origin"}},
		{"no origin", "GET", "", "", 404, []string{"Access-Control-Allow-Origin: *", "Vary: Origin"}},
		{"preflight of the app", "OPTIONS", "https://app.example.com", "PUT", 204, []string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT, DELETE",
			"Access-Control-Allow-Origin: https://app.example.com", preflightVary,
		}},
		{"preflight of others", "OPTIONS", "https://other.example.org", "PUT", 403, []string{preflightVary}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"Origin": tt.origin, "Access-Control-Request-Method": tt.requested} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if got := lines(response); response.StatusCode != tt.status || !slices.Equal(got, tt.want) {
				t.Errorf("got %d and %q, want %d and %q", response.StatusCode, got, tt.status, tt.want)
			}
		})
	}
}

// lines returns the headers that the test compares, sorted.
func lines(response *http.Response) (lines []string) {
	for name, values := range response.Header {
		switch {
		case name == "Access-Control-Allow-Headers", name == "Access-Control-Max-Age":
		case strings.HasPrefix(name, "Access-Control-"), name == "Vary":
			lines = append(lines, name+": "+strings.Join(values, " / "))
		}
	}
	slices.Sort(lines)
	return lines
}

package diagnose

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

// TestCurl runs commands with a real shell and a real curl, and compares the requests that a server
// receives with those that Read returns.
func TestCurl(t *testing.T) {
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	received := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r }))
	defer server.Close()

	for _, arguments := range []string{
		`URL/items`,
		`-s -X PUT URL`,
		`-sXPUT -HX-A:1 URL/a%2Fb`,
		`--request DELETE --header 'X-A: 1' --url URL/a`,
		`-I URL`,
		`-d a=b URL`,
		`-d a=b -d @- -H 'Content-Type: text/plain' URL </dev/null`,
		`--json '{"a": 1}' URL`,
		`--json '{"a": 1}' -H 'content-type: application/problem+json' URL`,
		`-G -d a=b --data-raw c=d 'URL/a?x=y'`,
		`-F a=b URL`,
		`-u ada:secret URL`,
		`--oauth2-bearer token URL`,
		`-b a=b URL`,
		`-H 'Cookie: a=b' -H 'X-A;' -H 'Accept:' URL`,
		`-H "X-A: \"1\" \\ \3 \$x 'x'" -H X-B:\ 1 -H 'X-C: a'"'"'b' URL # -X PUT`,
		`-H $'X-A: \x41\102\'\\\"' URL`,
		`-H "X-A: a\
b" \
  -X \
  PATCH URL`,
		`-r 0-499 URL`,
		`-H 'X-A: 1' -H 'x-a: 2' URL | cat`,
		`-H 'X-A: 1' URL 2>&1; true`,
		`-kLv --compressed --max-time 5 -o /dev/null -w '%{http_code}' URL 2>/dev/null`,
		`URL/a/../b/./c`,
		`-X OPTIONS URL`,
		`-T /dev/null URL/file`,
	} {
		t.Run(arguments, func(t *testing.T) {
			command := "curl " + strings.ReplaceAll(arguments, "URL", server.URL)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			c := exec.CommandContext(ctx, "bash", "-c", command)
			// Nothing in the environment may change what curl sends.
			c.Env = []string{"HOME=" + t.TempDir(), "PATH=/usr/local/bin:/usr/bin:/bin", "NO_PROXY=*"}
			if output, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			want := <-received

			in, err := diagnose.Read("$ " + command)
			if err != nil {
				t.Fatal(err)
			}
			got := in.Fetch.Request()
			if in.Fetch.Credentials != (want.Header.Get("Cookie") != "") {
				t.Errorf("credentials: got %v", in.Fetch.Credentials)
			}
			// These are curl's own, or say nothing.
			for _, name := range []string{"User-Agent", "Content-Length", "Accept-Encoding", "Cookie", "Expect"} {
				want.Header.Del(name)
				delete(got.Header.(core.HeaderMap), name)
			}
			if want.Header.Get("Accept") == "*/*" {
				want.Header.Del("Accept")
			}
			if kind, _, ok := strings.Cut(want.Header.Get("Content-Type"), "; boundary="); ok {
				want.Header.Set("Content-Type", kind)
			}
			if got.Method != want.Method || got.Path != want.URL.Path || got.RawPath != want.URL.RawPath {
				t.Errorf("got %s %s (%s), want %s %s (%s)",
					got.Method, got.Path, got.RawPath, want.Method, want.URL.Path, want.URL.RawPath)
			}
			if !reflect.DeepEqual(map[string][]string(got.Header.(core.HeaderMap)), map[string][]string(want.Header)) {
				t.Errorf("header:\n got %q\nwant %q", got.Header, want.Header)
			}
			if _, query, _ := strings.Cut(in.Fetch.URL, "?"); query != want.URL.RawQuery {
				t.Errorf("query: got %q, want %q", query, want.URL.RawQuery)
			}
		})
	}
}

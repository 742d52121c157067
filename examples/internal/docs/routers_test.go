package docs

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// TestRouterVersions checks that docs/start/other-routers.md names the versions of routers and
// clients that are tested.
func TestRouterVersions(t *testing.T) {
	page := read(t, "docs/start/other-routers.md")
	mod := read(t, "examples/go.mod")
	routers := regexp.MustCompile(`(?m)^\| \[([^\]]+)\]\([^)]*\) (v[0-9.]+) \|`).FindAllStringSubmatch(page, -1)
	if len(routers) != 5 {
		t.Errorf("docs/start/other-routers.md names the versions of %d routers, want 5", len(routers))
	}
	for _, m := range routers {
		name := strings.TrimSuffix(m[1], "-go") // connectrpc.com/connect
		if !regexp.MustCompile(regexp.QuoteMeta(name) + `(/v[0-9]+)? ` + regexp.QuoteMeta(m[2]) + `\b`).MatchString(mod) {
			t.Errorf("docs/start/other-routers.md says %s %s, which is not the version in examples/go.mod", m[1], m[2])
		}
	}

	var npm struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "examples/internal/webclients/testdata/package.json")), &npm); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"@connectrpc/connect-web", "grpc-web", "@modelcontextprotocol/sdk", "@modelcontextprotocol/client",
	} {
		if want := name + " " + npm.Dependencies[name]; !strings.Contains(page, want) {
			t.Errorf("docs/start/other-routers.md does not say %s", want)
		}
	}
}

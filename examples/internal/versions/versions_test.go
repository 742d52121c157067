// Package versions tests adapters on other versions of their frameworks than the ones that their
// go.mod files require. An application decides which version it gets: at least the required one,
// and usually a newer one.
package versions_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const adapters = "../../../adapters/"

// versions are framework versions that the adapter's own tests, which run on the required version,
// do not cover. The newest version of each framework is among them.
var versions = []struct{ adapter, framework, version, goVersion string }{
	{"corsgin", "github.com/gin-gonic/gin", "v1.12.0", "1.25.0"},
	{"corsecho", "github.com/labstack/echo/v4", "v4.16.0", "1.25.0"},
	{"corsecho", "github.com/labstack/echo/v4", "v4.16.4", "1.26.0"},
	{"corsecho5", "github.com/labstack/echo/v5", "v5.4.5", "1.25.0"},
	{"corsfiber", "github.com/gofiber/fiber/v2", "v2.52.15", "1.25.0"},
	{"corsfiber3", "github.com/gofiber/fiber/v3", "v3.5.0", "1.25.0"},
	{"corsfasthttp", "github.com/valyala/fasthttp", "v1.69.0", "1.25.0"}, // which fiber v3.1.0 requires
	{"corsfasthttp", "github.com/valyala/fasthttp", "v1.74.0", "1.25.0"}, // in README.md
	{"corsfasthttp", "github.com/valyala/fasthttp", "v1.78.0", "1.26.0"},
}

// TestVersions runs the tests of each adapter on other versions of its framework.
func TestVersions(t *testing.T) {
	if testing.Short() {
		t.Skip("each version is compiled and tested, which takes some seconds")
	}
	for _, v := range versions {
		t.Run(v.adapter+"/"+v.version, func(t *testing.T) {
			t.Parallel()
			folder := adapters + v.adapter
			mod := filepath.Join(t.TempDir(), "go.mod")
			file, err := os.ReadFile(filepath.Join(folder, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(file), v.framework+" "+v.version+"\n") {
				t.Errorf("%s requires %s, so its own tests cover it", v.adapter, v.version)
			}
			if err := os.WriteFile(mod, file, 0o600); err != nil {
				t.Fatal(err)
			}
			run(t, folder, "mod", "edit", "-require="+v.framework+"@"+v.version, "-go="+v.goVersion, mod)
			t.Logf("%s", run(t, folder, "test", "-mod=mod", "-modfile="+mod, "./..."))
		})
	}
}

// TestSupportNamesVersions checks that docs/support.md names every version that is tested: the one
// that an adapter's go.mod requires, and the others.
func TestSupportNamesVersions(t *testing.T) {
	support, err := os.ReadFile("../../../docs/support.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(support)) {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if _, known := rows[name]; found && !known {
			rows[name] = rest
		}
	}
	for _, v := range versions {
		file, err := os.ReadFile(filepath.Join(adapters+v.adapter, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		_, required, _ := strings.Cut(string(file), "\t"+v.framework+" ")
		required, _, _ = strings.Cut(required, "\n")
		for _, version := range []string{required, v.version} {
			if version == "" || !strings.Contains(rows[v.adapter], version) {
				t.Errorf("%s is tested on %q, and its row in docs/support.md does not say so: %s",
					v.adapter, version, rows[v.adapter])
			}
		}
	}
}

// run runs the go command in a folder, without go.work.
func run(t *testing.T, folder string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
	return out
}

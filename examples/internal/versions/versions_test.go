// Package versions tests an adapter on other versions of its framework than the one that its go.mod
// requires. An application decides which version it gets: at least the required one, and usually a
// newer one.
package versions_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const adapter = "../../../adapters/corsfasthttp"

// TestFasthttp runs the tests of corsfasthttp on newer versions of fasthttp. Its go.mod requires
// the version that fiber v2 requires, and its own tests run on that.
func TestFasthttp(t *testing.T) {
	if testing.Short() {
		t.Skip("each version is compiled and tested, which takes some seconds")
	}
	for _, version := range []struct{ name, fasthttp, goVersion string }{
		{"fiber v3", "v1.69.0", "1.25.0"},
		{"in README.md", "v1.74.0", "1.25.0"},
		{"newest", "v1.78.0", "1.26.0"},
	} {
		t.Run(version.name, func(t *testing.T) {
			t.Parallel()
			mod := filepath.Join(t.TempDir(), "go.mod")
			file, err := os.ReadFile(filepath.Join(adapter, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(mod, file, 0o600); err != nil {
				t.Fatal(err)
			}
			run(t, "mod", "edit", "-require=github.com/valyala/fasthttp@"+version.fasthttp, "-go="+version.goVersion, mod)
			t.Logf("%s", run(t, "test", "-mod=mod", "-modfile="+mod, "./..."))
		})
	}
}

// run runs the go command in the folder of the adapter, without go.work.
func run(t *testing.T, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = adapter
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
	return out
}

package main

import (
	"strings"
	"testing"
)

// TestSuffixes: core must require the newest version of golang.org/x/net that keeps its minimum
// version of Go. The versions are those of a module proxy in a folder.
func TestSuffixes(t *testing.T) {
	proxy := writeTree(t, map[string]string{
		"golang.org/x/net/@v/list":         "v0.9.0\nv0.10.0\nv0.11.0\n",
		"golang.org/x/net/@v/v0.9.0.info":  `{"Version": "v0.9.0"}`,
		"golang.org/x/net/@v/v0.9.0.mod":   "module golang.org/x/net\n\ngo 1.24.0\n",
		"golang.org/x/net/@v/v0.10.0.info": `{"Version": "v0.10.0"}`,
		"golang.org/x/net/@v/v0.10.0.mod":  "module golang.org/x/net\n\ngo 1.25.0\n",
		"golang.org/x/net/@v/v0.11.0.info": `{"Version": "v0.11.0"}`,
		"golang.org/x/net/@v/v0.11.0.mod":  "module golang.org/x/net\n\ngo 1.26.0\n",
	})
	t.Setenv("GOPROXY", fileURL(proxy))
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", t.TempDir())
	for _, tt := range []struct{ required, want string }{
		{"v0.9.0", "core requires golang.org/x/net v0.9.0, and v0.10.0 works with go 1.25.0; run suffixes -raise"},
		{"v0.10.0", ""},
		{"v0.11.0", ""}, // of another minimum version of Go, which the go command checks
	} {
		root := writeTree(t, map[string]string{
			"go.work":     "go 1.26.0\n\nuse ./core\n",
			"core/go.mod": "module " + corePath + " // published\n\ngo 1.25.0\n\nrequire " + netPath + " " + tt.required + "\n",
		})
		modules, err := findModules(root)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		err = suffixes(t.Context(), root, modules, nil, &out)
		if got := strings.TrimPrefix(errorText(err), "suffixes: "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.required, got, tt.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

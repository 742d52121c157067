package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// chain is a repository in which corsa and corsb are for net/http, and corsb requires corsa.
var chain = map[string]string{
	"LICENSE": "For a test.\n",
	"go.work": "go 1.26.0\n\nuse (\n\t./adapters/corsa\n\t./adapters/corsb\n\t./core\n)\n",

	"core/go.mod": goMod("core // published"),
	"core/core.go": `package core

func Granted(origin string) bool { return origin == "https://app.example.com" }
`,

	"adapters/corsa/go.mod": goMod("adapters/corsa // published", "core"),
	"adapters/corsa/corsa.go": `package corsa

import (
	"net/http"

	"github.com/polycors/cors/core"
)

func Preflight(w http.ResponseWriter, r *http.Request) {
	if !core.Granted(r.Header.Get("Origin")) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	w.WriteHeader(http.StatusNoContent)
}
`,
	"adapters/corsa/corsa_test.go": "package corsa\n\nimport \"testing\"\n\nfunc TestNothing(*testing.T) {}\n",

	"adapters/corsb/go.mod": goMod("adapters/corsb // published", "adapters/corsa", "core"),
	"adapters/corsb/corsb.go": `package corsb

import (
	"net/http"

	"github.com/polycors/cors/adapters/corsa"
)

func Preflight(w http.ResponseWriter, r *http.Request) { corsa.Preflight(w, r) }
`,
	"adapters/corsb/core_test.go": "package corsb\n\nimport _ \"github.com/polycors/cors/core\"\n",

	"examples/go.mod":       goMod("examples // private: for a test"),
	"examples/a/main.go":    programFor("corsa"),
	"examples/b/main.go":    programFor("corsb"),
	"examples/both/main.go": strings.Replace(programFor("corsa"), "\n)", "\n\t_ \""+prefix+"adapters/corsb\"\n)", 1),
}

func programFor(adapter string) string {
	return `// Command x listens on 127.0.0.1:8080.
package main

import (
	"log"
	"net/http"

	"github.com/polycors/cors/adapters/` + adapter + `"
)

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", http.HandlerFunc(` + adapter + `.Preflight)))
}
`
}

// TestRehearseAdapterOnAdapter checks that an adapter which requires another one is rehearsed with
// it. If the required version is tagged, its zip is used.
func TestRehearseAdapterOnAdapter(t *testing.T) {
	t.Setenv("GOPROXY", "off") // the repository needs nothing else
	root := writeTree(t, chain)
	git(t, root, "init", "--quiet")
	git(t, root, "add", ".")
	git(t, root, "commit", "--quiet", "--message=1")
	t.Chdir(root)

	rehearseChain(t, "nothing is tagged", "", []string{
		"corsa, with core v0.1.0 from the tree: got, built, answered preflights, passed its tests",
		"corsb, with corsa v0.1.0 from the tree, core v0.1.0 from the tree: got,",
	})

	for _, tag := range []string{"core/v0.1.0", "adapters/corsa/v0.1.0", "adapters/corsb/v0.1.0"} {
		git(t, root, "tag", tag)
	}
	rehearseChain(t, "everything is tagged", "", []string{
		"corsa, with core v0.1.0 from its tag: got,",
		"corsb, with corsa v0.1.0 from its tag, core v0.1.0 from its tag: got,",
	})

	// corsb uses a function of corsa that the tag does not have. The replacement hides it in the tree.
	write(t, root, "adapters/corsa/new.go", "package corsa\n\nvar Serve = Preflight\n")
	ahead := strings.ReplaceAll(chain["adapters/corsb/corsb.go"], "corsa.Preflight", "corsa.Serve")
	write(t, root, "adapters/corsb/corsb.go", ahead)
	build := exec.CommandContext(t.Context(), "go", "build", "./...")
	build.Dir = filepath.Join(root, "adapters", "corsb")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("in the tree: %v\n%s", err, output)
	}
	rehearseChain(t, "the tree is ahead of the tags", "undefined: corsa.Serve", []string{
		"corsa, with core v0.1.0 from its tag: got,",
	})

	if err := run(t.Context(), []string{"bump", "-requires", "v0.2.0"}, nil); err != nil {
		t.Fatal(err)
	}
	rehearseChain(t, "the next version is required", "", []string{
		"corsa, with core v0.2.0 from the tree: got,",
		"corsb, with corsa v0.2.0 from the tree, core v0.2.0 from the tree: got,",
	})
}

// rehearseChain rehearses in the current directory, and checks the error and the lines that were
// printed.
func rehearseChain(t *testing.T, when, wantError string, want []string) {
	t.Helper()
	var printed strings.Builder
	err := run(t.Context(), []string{"rehearse"}, &printed)
	switch {
	case wantError == "" && err != nil:
		t.Errorf("%s: %v", when, err)
	case wantError != "" && (err == nil || !strings.Contains(err.Error(), wantError)):
		t.Errorf("%s: got %v, want an error with %q", when, err, wantError)
	}
	got := printed.String()
	if lines := strings.Count(got, "\n"); lines != len(want) {
		t.Errorf("%s: got %d lines, want %d:\n%s", when, lines, len(want), got)
	}
	for _, line := range want {
		if !strings.Contains("\n"+got, "\n"+line) {
			t.Errorf("%s: got\n%s\nwant a line that begins with\n%s", when, got, line)
		}
	}
}

func TestRehearseRefusesOtherNames(t *testing.T) {
	t.Chdir(tree(t, ""))
	for _, name := range []string{"corsc", "core", "examples"} {
		err := run(t.Context(), []string{"rehearse", name}, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), "not every name is that of a published adapter") {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

// TestRehearseNeedsTheRequiredVersion checks that a required version must be tagged, or be the next
// one to be released.
func TestRehearseNeedsTheRequiredVersion(t *testing.T) {
	root := writeTree(t, chain)
	git(t, root, "init", "--quiet")
	modules, err := findModules(root)
	if err != nil {
		t.Fatal(err)
	}
	releases, err := published(modules)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range releases[1:] {
		_, err = writeProxy(context.Background(), root, t.TempDir(), releases, m, "v0.3.0")
		if want := "there is no tag "; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", m.dir, err, want)
		}
	}
}

// TestFindProgram checks which program is rehearsed for each adapter, and what is got for it.
func TestFindProgram(t *testing.T) {
	root, releases := repository(t)
	want := map[string]string{
		"corschi": "chi", "corsecho": "echo", "corsecho5": "echo5", "corsfasthttp": "fasthttp", "corsfiber": "fiber",
		"corsfiber3": "fiber3", "corsgin": "gin", "corshttp": "nethttp",
	}
	for _, m := range releases {
		if m.path() == corePath {
			continue
		}
		p, err := findProgram(root, m)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := filepath.Base(filepath.Dir(p.file)); got != want[m.name()] {
			t.Errorf("%s: got the program %s, want %s", m.name(), got, want[m.name()])
		}
		if p.get[0] != m.path() {
			t.Errorf("%s: got %q", m.name(), p.get)
		}
	}

	gin, err := findProgram(root, module{dir: "adapters/corsgin"})
	if err != nil {
		t.Fatal(err)
	}
	if len(gin.get) != 2 || !strings.HasPrefix(gin.get[1], "github.com/gin-gonic/gin@v1.") {
		t.Errorf("gin: got %q", gin.get)
	}
	if _, err := findProgram(root, module{dir: "adapters/corsnone"}); err == nil ||
		!strings.Contains(err.Error(), "no examples/*/main.go imports github.com/polycors/cors/adapters/corsnone") {
		t.Errorf("an adapter without a program: got %v", err)
	}
}

// TestModulesToGet checks that every module of another repository has a version, and that one which
// examples/go.mod does not have is an error.
func TestModulesToGet(t *testing.T) {
	const text = "module m\nrequire example.com/a v1.2.3\nrequire example.com/b/v2 v2.0.1\n"
	mod, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	adapter := module{dir: "adapters/corsa"}
	for _, test := range []struct {
		imports   []string
		want      []string
		wantError string
	}{
		{[]string{"log", "net/http", adapter.path(), prefix + "core"}, []string{adapter.path()}, ""},
		{
			[]string{"example.com/a/sub", "example.com/b/v2", adapter.path()},
			[]string{adapter.path(), "example.com/a@v1.2.3", "example.com/b/v2@v2.0.1"}, "",
		},
		{[]string{"example.com/ab"}, nil, "examples/go.mod requires no module for example.com/ab"},
	} {
		got, err := modulesToGet(test.imports, mod, adapter)
		switch {
		case test.wantError != "" && (err == nil || err.Error() != test.wantError):
			t.Errorf("%q: got %v, want the error %q", test.imports, err, test.wantError)
		case test.wantError == "" && (err != nil || !slices.Equal(got, test.want)):
			t.Errorf("%q: got %q and %v, want %q", test.imports, got, err, test.want)
		}
	}
}

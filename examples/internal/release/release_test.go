package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tree writes a repository of core, two adapters and an examples module, and returns its folder.
// corsa requires corsb, so that the order of the tags is not that of the names.
func tree(t *testing.T, changelog string) string {
	t.Helper()
	return writeTree(t, map[string]string{
		"go.work":     "go 1.26.0\n\nuse (\n\t./adapters/corsa\n\t./adapters/corsb\n\t./core\n)\n",
		"core/go.mod": goMod("core // published"),

		"adapters/corsa/go.mod": goMod("adapters/corsa // published", "adapters/corsb", "core"),
		"adapters/corsb/go.mod": goMod("adapters/corsb // published", "core"),
		"examples/go.mod":       goMod("examples // private: for a test", "adapters/corsa", "core"),

		"adapters/corsb/.gitignore":            "*.out\n",
		"adapters/corsb/testdata/fake/go.mod":  "module example.com/fake\n",
		"adapters/corsb/.hidden/fake/go.mod":   "module example.com/fake\n",
		"adapters/corsb/_disabled/fake/go.mod": "module example.com/fake\n",

		"CHANGELOG.md": changelog,
	})
}

func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		write(t, root, name, text)
	}
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	name = filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goMod returns the go.mod of a module of the repository that requires others of it, at v0.1.0, and
// replaces them with the folders in the tree.
func goMod(module string, requires ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "module github.com/polycors/cors/%s\n\ngo 1.25.0\n", module)
	dir, _, _ := strings.Cut(module, " ")
	up := strings.Repeat("../", strings.Count(dir, "/")+1)
	for _, required := range requires {
		fmt.Fprintf(&text, "\nrequire github.com/polycors/cors/%s v0.1.0\n", required)
		fmt.Fprintf(&text, "\nreplace github.com/polycors/cors/%s => %s%s\n", required, up, required)
	}
	return text.String()
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestBump(t *testing.T) {
	const changelog = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- This.\n\n## [0.1.0] - 2026-01-01\n\n- That.\n"
	root := tree(t, changelog)
	t.Chdir(filepath.Join(root, "adapters", "corsa"))
	if err := run(t.Context(), []string{"bump", "-requires", "v0.2.0"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := read(t, root, "CHANGELOG.md"); got != changelog {
		t.Errorf("-requires has changed CHANGELOG.md:\n%s", got)
	}
	got := read(t, root, "adapters/corsa/go.mod")
	if strings.Contains(got, "v0.1.0") || strings.Count(got, "v0.2.0") != 2 || strings.Count(got, "replace ") != 2 {
		t.Errorf("go.mod of an adapter:\n%s", got)
	}
	if got := read(t, root, "examples/go.mod"); strings.Contains(got, "v0.1.0") || strings.Count(got, "v0.2.0") != 2 {
		t.Errorf("go.mod of the examples:\n%s", got)
	}
	if got := read(t, root, "core/go.mod"); got != goMod("core // published") {
		t.Errorf("go.mod of core:\n%s", got)
	}
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	changes, err := dateChanges(filepath.Join(root, "CHANGELOG.md"), "v0.2.0", day)
	if err != nil {
		t.Fatal(err)
	}
	want := "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-21\n\n### Added\n\n- This.\n\n" +
		"## [0.1.0] - 2026-01-01\n\n- That.\n"
	if string(changes) != want {
		t.Errorf("CHANGELOG.md: got\n%s\nwant\n%s", changes, want)
	}
	if err := run(t.Context(), []string{"bump", "v0.3.0"}, nil); err != nil {
		t.Fatal(err)
	}
	got = read(t, root, "CHANGELOG.md")
	if !strings.Contains(got, "## [Unreleased]\n\n## [0.3.0] - 20") ||
		!strings.Contains(got, "\n\n### Added\n\n- This.\n") {
		t.Errorf("bump v0.3.0: CHANGELOG.md is\n%s", got)
	}
	if got := read(t, root, "adapters/corsb/go.mod"); !strings.Contains(got, "core v0.3.0\n") {
		t.Errorf("bump v0.3.0: go.mod of an adapter is\n%s", got)
	}
}

func TestBumpRefuses(t *testing.T) {
	const full = "## [Unreleased]\n\n- This.\n"
	for _, c := range [...]struct{ changelog, version, want string }{
		{full, "0.2.0", "is not a version to release"},
		{full, "v0.2", "is not a version to release"},
		{full, "v0.2.0-rc.1", "is not a version to release"},
		{full, "v2.0.0", "part of every import path"},
		{full, "v0.0.9", "is before v0.1.0"},
		{"## [Unreleased]\n\n## [0.0.1] - 2026-01-01\n\n- That.\n", "v0.2.0", "nothing under Unreleased"},
		{full + "\n## [0.2.0] - 2026-01-01\n", "v0.2.0", "has a section for 0.2.0 already"},
		{"- This.\n", "v0.2.0", "has no line"},
	} {
		root := tree(t, c.changelog)
		t.Chdir(root)
		err := run(t.Context(), []string{"bump", c.version}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("bump %s: got %v, want an error with %q", c.version, err, c.want)
		}
		if got := read(t, root, "CHANGELOG.md"); got != c.changelog {
			t.Errorf("bump %s was refused, and has changed CHANGELOG.md:\n%s", c.version, got)
		}
		want := goMod("adapters/corsa // published", "adapters/corsb", "core")
		if got := read(t, root, "adapters/corsa/go.mod"); got != want {
			t.Errorf("bump %s was refused, and has changed a go.mod:\n%s", c.version, got)
		}
	}
}

func TestTags(t *testing.T) {
	t.Chdir(tree(t, ""))
	var printed strings.Builder
	if err := run(t.Context(), []string{"tags"}, &printed); err != nil {
		t.Fatal(err)
	}
	if got, want := printed.String(), "core/v0.1.0\nadapters/corsb/v0.1.0\nadapters/corsa/v0.1.0\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestVersionsAgree checks that modules cannot be released together if they require different
// versions of each other.
func TestVersionsAgree(t *testing.T) {
	root := tree(t, "")
	text := strings.ReplaceAll(goMod("adapters/corsb // published", "core"), "v0.1.0", "v0.3.0")
	write(t, root, "adapters/corsb/go.mod", text)
	t.Chdir(root)
	for _, command := range []string{"tags", "rehearse", "api"} {
		err := run(t.Context(), []string{command}, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), "run bump") {
			t.Errorf("%s: got %v, want an error that says to run bump", command, err)
		}
	}
}

// git runs git in a repository, as somebody who exists only there.
func git(t *testing.T, root string, args ...string) {
	t.Helper()
	identity := []string{"-C", root, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}
	output, err := exec.CommandContext(t.Context(), "git", append(identity, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

// TestLastRelease checks that the last release is the newest release before HEAD, even if HEAD
// itself is one. Tags of adapters and of other branches do not count.
func TestLastRelease(t *testing.T) {
	root := t.TempDir()
	commit := func(message string) []string {
		return []string{"commit", "--quiet", "--allow-empty", "--message=" + message}
	}
	tag := func(name string) []string { return []string{"tag", name} }
	for _, step := range [...]struct {
		what string
		git  [][]string
		want string
	}{
		{"no commit", [][]string{{"init", "--quiet"}}, ""},
		{"one commit", [][]string{commit("1")}, ""},
		{"the first release", [][]string{tag("core/v0.1.0")}, ""},
		{"after it", [][]string{commit("2"), tag("adapters/corsa/v0.1.7")}, "v0.1.0"},
		{"on another branch", [][]string{
			{"checkout", "--quiet", "-b", "other"}, commit("3"), tag("core/v0.9.0"), {"checkout", "--quiet", "-"},
		}, "v0.1.0"},
		{"the second release", [][]string{commit("4"), tag("core/v0.2.0")}, "v0.1.0"},
		{"after that", [][]string{commit("5")}, "v0.2.0"},
	} {
		for _, args := range step.git {
			git(t, root, args...)
		}
		if got := lastRelease(t.Context(), root); got != step.want {
			t.Errorf("%s: got %q, want %q", step.what, got, step.want)
		}
	}
}

func TestIncompatibleChangesNeedAVersion(t *testing.T) {
	const removed, added = "# p\n## incompatible changes\nAttach: removed\n", "# p\n## compatible changes\nAttach: added\n"
	for _, c := range [...]struct {
		report, base, next string
		refused            bool
	}{
		{removed, "v0.1.0", "v0.1.0", true},
		{removed, "v0.1.0", "v0.1.1", true},
		{removed, "v0.1.0", "v0.2.0", false},
		{removed, "v0.1.0", "v1.0.0", false},
		{added, "v0.1.0", "v0.1.0", false},
		{"# summary\nSuggested version: v0.1.0\n", "none", "v0.1.0", false},
	} {
		if err := checkVersion(c.report, c.base, c.next); (err != nil) != c.refused {
			t.Errorf("%q from %s to %s: got %v, want an error: %t", c.report, c.base, c.next, err, c.refused)
		}
	}
}

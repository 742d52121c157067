package main

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository returns the folder of this repository and its published modules.
func repository(t *testing.T) (root string, releases []module) {
	t.Helper()
	root, modules := everyModule(t)
	releases, err := published(modules)
	if err != nil {
		t.Fatal(err)
	}
	return root, releases
}

func everyModule(t *testing.T) (root string, modules []module) {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	modules, err = findModules(root)
	if err != nil {
		t.Fatal(err)
	}
	return root, modules
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// TestRepository checks that the modules of this repository can be released together. Each go.mod
// is marked, and the order exists. Each requirement of another module here has a replacement,
// because otherwise work in the repository would use another version.
func TestRepository(t *testing.T) {
	root, modules := everyModule(t)
	_, releases := repository(t)
	if _, err := agreed(releases); err != nil {
		t.Error(err)
	}
	for _, m := range modules {
		replaced := ownReplacements(m.file)
		for _, r := range ownRequirements(m.file) {
			if !slices.Contains(replaced, r.Path) {
				t.Errorf("%s/go.mod requires %s and does not replace it with the folder in the tree", m.dir, r.Path)
			}
		}
		if m.private == "" && m.path() != corePath {
			if _, err := findProgram(root, m); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestDependabotKnowsEveryModule checks that dependabot.yml has the published modules in its first
// entry and the private ones in its second.
func TestDependabotKnowsEveryModule(t *testing.T) {
	root, modules := everyModule(t)
	directories := regexp.MustCompile(`(?m)^    directories: (\[.*\])$`)
	found := directories.FindAllStringSubmatch(read(t, root, ".github/dependabot.yml"), -1)
	if len(found) != 2 {
		t.Fatalf("got %d lists of directories, want 2", len(found))
	}
	for i, isPublished := range []bool{true, false} {
		var patterns []string
		if err := json.Unmarshal([]byte(found[i][1]), &patterns); err != nil {
			t.Fatal(err)
		}
		for _, m := range modules {
			matches := slices.ContainsFunc(patterns, func(pattern string) bool {
				ok, err := path.Match(pattern, "/"+m.dir)
				if err != nil {
					t.Error(err)
				}
				return ok
			})
			switch want := isPublished == (m.private == ""); {
			case want && !matches:
				t.Errorf("entry %d does not have %s", i+1, m.dir)
			case !want && matches:
				t.Errorf("entry %d has %s", i+1, m.dir)
			}
		}
	}
}

// TestWorkflowsNameNoModule checks that workflows and .ci/run take the modules from this command's
// list, so that a new one is not forgotten.
func TestWorkflowsNameNoModule(t *testing.T) {
	root, releases := repository(t)
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(workflows) == 0 {
		t.Fatal("no workflows")
	}
	for _, name := range append(workflows, filepath.Join(root, ".ci", "run")) {
		relative, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		text := read(t, root, filepath.ToSlash(relative))
		for _, m := range releases {
			if m.path() != corePath && strings.Contains(text, m.dir) || strings.Contains(text, "adapters/*") {
				t.Errorf("%s names %s; take it from go run ./examples/internal/release modules", relative, m.dir)
			}
		}
	}
}

// TestTheCommandForTheTestsIsRun checks that .ci/run runs the command that README.md gives for the
// tests.
func TestTheCommandForTheTestsIsRun(t *testing.T) {
	root, _ := everyModule(t)
	const command = "go test work"
	for name, want := range map[string]string{
		"README.md":       "\n" + command + "\n",
		"CONTRIBUTING.md": "\n" + command + "\n",
		".ci/run":         " " + command + "\n",
	} {
		if !strings.Contains(read(t, root, name), want) {
			t.Errorf("%s does not have the line %q", name, strings.TrimSpace(want))
		}
	}
}

// TestRehearsalsFetchTags checks that a workflow which rehearses a release fetches the tags.
func TestRehearsalsFetchTags(t *testing.T) {
	root, _ := everyModule(t)
	rehearses := regexp.MustCompile(`\.ci/run( full)?$|release (rehearse|api)$`)
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range workflows {
		deep := false
		for line := range strings.Lines(read(t, root, ".github/workflows/"+filepath.Base(name))) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "- uses: actions/checkout@"):
				deep = false
			case strings.HasPrefix(line, "fetch-depth: 0"):
				deep = true
			case rehearses.MatchString(line):
				found++
				if !deep {
					t.Errorf("%s: %s needs fetch-depth: 0", filepath.Base(name), line)
				}
			}
		}
	}
	if found < 4 {
		t.Errorf("found %d rehearsals and comparisons in the workflows, want at least 4", found)
	}
}

// TestWorkflowsAreRestricted checks that workflows use actions by their digests, because a tag can
// be moved, and that only the workflow that publishes the page may write to the repository.
func TestWorkflowsAreRestricted(t *testing.T) {
	root, _ := everyModule(t)
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	action := regexp.MustCompile(`^\s*(?:- )?uses: (.*)$`)
	pinned := regexp.MustCompile(`^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	written := regexp.MustCompile(`^\s*[\w-]+: write\b`)
	actions := 0
	for _, name := range workflows {
		var writes []string
		for line := range strings.Lines(read(t, root, ".github/workflows/"+filepath.Base(name))) {
			line = strings.TrimRight(line, "\n")
			if m := action.FindStringSubmatch(line); m != nil {
				actions++
				if !pinned.MatchString(m[1]) {
					t.Errorf("%s: %s is not pinned by its digest, with the version as a comment", filepath.Base(name), m[1])
				}
			}
			if written.MatchString(line) {
				writes = append(writes, strings.TrimSpace(line))
			}
		}
		switch isPages := filepath.Base(name) == "pages.yml"; {
		case isPages && len(writes) != 1, !isPages && len(writes) != 0:
			t.Errorf("%s has the permissions %q", filepath.Base(name), writes)
		}
	}
	if actions < 10 {
		t.Errorf("found %d actions in the workflows, want at least 10", actions)
	}
}

package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source returns the text of the Go files in a folder of the repository and below it, whose names
// have the suffix.
func source(t *testing.T, folder, suffix string) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(folder)),
		func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, suffix) {
				return err
			}
			data, err := os.ReadFile(name)
			text.Write(data)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// TestNamedTests: every test that a Markdown file names exists.
func TestNamedTests(t *testing.T) {
	tests := source(t, ".", "_test.go")
	named := 0
	for _, file := range files(t) {
		for _, m := range regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`").FindAllStringSubmatch(read(t, file), -1) {
			named++
			if !strings.Contains(tests, "\nfunc "+m[1]+"(") {
				t.Errorf("%s names %s, which does not exist", file, m[1])
			}
		}
	}
	if named < 40 {
		t.Errorf("%d tests are named, which are too few to be all", named)
	}
}

// TestNamedCases: every case of the conformance suite that docs/adapters.md names exists. A name
// may end in "…".
func TestNamedCases(t *testing.T) {
	const file = "docs/adapters.md"
	suite := source(t, "core/adapter/adaptertest", ".go")
	_, section, _ := strings.Cut(read(t, file), "\n| obligation | cases |\n")
	section, _, _ = strings.Cut(section, "\n\n")
	named := 0
	for _, m := range regexp.MustCompile("`([a-z-]+)/([a-z0-9-]*)(…?)`").FindAllStringSubmatch(section, -1) {
		named++
		topic, name, end := m[1], m[2], `"`
		if m[3] != "" {
			end = ""
		}
		// The cases of one topic are written without it, see boundaryCases.
		if !strings.Contains(suite, `"`+topic+"/"+name+end) &&
			!(topic == "boundary" && strings.Contains(suite, `"`+name+end)) {
			t.Errorf("%s names %s/%s%s, which is not a case", file, topic, name, m[3])
		}
	}
	if named < 30 {
		t.Errorf("%d cases are named, which are too few to be all", named)
	}
}

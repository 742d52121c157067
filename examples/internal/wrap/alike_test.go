package wrap

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestFamilyTestsAreAlike: what the adapters of the net/http family do alike is tested alike, but for the name of the package.
func TestFamilyTestsAreAlike(t *testing.T) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "adapters", name, "family_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		clause, rest, _ := bytes.Cut(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"))
		if want := "package " + name + "_test"; string(clause) != want {
			t.Errorf("%s: the file begins with %q, want %q", name, clause, want)
		}
		return rest
	}
	want := read("corshttp")
	for _, name := range []string{"corschi", "corsgin", "corsecho"} {
		if got := read(name); !bytes.Equal(got, want) {
			t.Errorf("%s: family_test.go differs from that of corshttp; copy the one that you changed over the others", name)
		}
	}
}

// Package suffixlist reads the public suffix list for tests.
package suffixlist

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/idna"
)

var rule = regexp.MustCompile(`(?m)^\t"((?:\*\.)?)([^"!]+)",$`)

// Rules returns the rules of the Public Suffix List, with names in Punycode. A "*." at the
// beginning of a rule, as in *.ck, is replaced with wildcard. Rules for exceptions, which begin
// with "!", such as !www.ck, are left out.
func Rules(t testing.TB, wildcard string) (list []string) {
	// The list is in the tests of golang.org/x/net.
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the list is read from the source of golang.org/x/net, which needs the go command")
	}
	dir, err := exec.Command(goTool, "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "table_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(source), "nodeLabels")
	for _, m := range rule.FindAllStringSubmatch(text, -1) {
		name, err := idna.ToASCII(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if m[1] != "" {
			name = wildcard + name
		}
		list = append(list, name)
	}
	if len(list) < 9000 {
		t.Fatalf("got %d rules, want more than 9,000", len(list))
	}
	return list
}

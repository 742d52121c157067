package settings

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestTable: the tables in settings.go have the fields of the structs, in the same order, and their
// names in snake case as keys. So a field that is added to core cannot be forgotten here.
func TestTable(t *testing.T) {
	for _, tt := range []struct {
		name   string
		table  []setting
		of     reflect.Type
		prefix string   // of the keys
		except []string // fields that are funcs, or structs whose fields are next to the others
	}{
		{"ofConfig", ofConfig, reflect.TypeFor[core.Config](), "", []string{"AllowOriginFunc", "OnDecision"}},
		{"ofRoute", ofRoute, reflect.TypeFor[core.Route](), "", []string{"Config"}},
		{"ofProtection", ofProtection, reflect.TypeFor[core.CSRFConfig](), "csrf_", []string{"OnDecision"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want, got []string
			for i := range tt.of.NumField() {
				if name := tt.of.Field(i).Name; !slices.Contains(tt.except, name) {
					want = append(want, name+" "+tt.prefix+snakeCase(name))
				}
			}
			for _, s := range tt.table {
				got = append(got, s.field.String()+" "+s.key)
			}
			for _, row := range want {
				if !slices.Contains(got, row) {
					t.Errorf("%s in settings.go has no row for %q", tt.name, row)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// snakeCase returns "allow_origins" for "AllowOrigins".
func snakeCase(name string) string {
	return strings.ToLower(regexp.MustCompile(`(.)([A-Z])`).ReplaceAllString(name, "${1}_$2"))
}

// TestPackageComment: the example of a JSON object in the package comment has every key.
func TestPackageComment(t *testing.T) {
	source, err := os.ReadFile("settings.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "\npackage settings")
	for _, table := range [][]setting{ofConfig, ofRoute, ofProtection} {
		for _, s := range table {
			if !strings.Contains(comment, `"`+s.key+`": `) {
				t.Errorf("the package comment has no key %q", s.key)
			}
		}
	}
}

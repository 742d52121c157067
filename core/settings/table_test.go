package settings

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// TestTable has every field of the structs in the table, under its name in snake case, in the order
// of the struct: a field that is added to core cannot be forgotten here.
func TestTable(t *testing.T) {
	for _, tt := range []struct {
		of     any
		table  []setting
		prefix string
		except string // what is no data, or stands beside the others
	}{
		{core.Config{}, ofConfig, "", " AllowOriginFunc OnDecision "},
		{core.Route{}, ofRoute, "", " Config "},
		{core.CSRFConfig{}, ofProtection, "csrf_", " OnDecision "},
	} {
		typ := reflect.TypeOf(tt.of)
		var want, got []string
		for i := range typ.NumField() {
			name := typ.Field(i).Name
			if !strings.Contains(tt.except, " "+name+" ") {
				snake := strings.ToLower(regexp.MustCompile(`(.)([A-Z])`).ReplaceAllString(name, "${1}_$2"))
				want = append(want, name+" "+tt.prefix+snake)
			}
		}
		for _, s := range tt.table {
			got = append(got, s.field.String()+" "+s.key)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v:\n got %q\nwant %q", typ, got, want)
		}
	}
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

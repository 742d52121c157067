package docs

import (
	"regexp"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// table returns the cells of the table with the given head, row by row.
func table(t *testing.T, file, head string) [][]string {
	t.Helper()
	_, text, ok := strings.Cut(read(t, file), head+"\n")
	if !ok {
		t.Fatalf("%s has no table %s", file, head)
	}
	text, _, _ = strings.Cut(text, "\n\n")
	var rows [][]string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|---") {
			rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | "))
		}
	}
	return rows
}

// code returns the texts in a cell that are written as code.
func code(cell string) (texts []string) {
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		texts = append(texts, m[1])
	}
	return texts
}

// TestPreviewPatterns: each pattern of the guide to preview deployments matches the hosts in its
// row, and New accepts it in the list that the row names.
func TestPreviewPatterns(t *testing.T) {
	rows := table(t, "docs/guides/preview-deployments.md", "| host | previews | pattern | with cookies |")
	if len(rows) != 8 {
		t.Errorf("got %d rows, want 8", len(rows))
	}
	for _, cells := range rows {
		pattern, list := strings.Trim(cells[2], "`"), strings.Trim(cells[3], "`")
		p, err := core.New(core.Config{AllowOrigins: []string{pattern}})
		if err != nil {
			t.Errorf("without cookies: %v", err)
			continue
		}
		for _, host := range code(cells[1]) {
			r := core.Request{Method: "GET", Path: "/", Header: core.HeaderMap{"Origin": {"https://" + host}}}
			if !p.Decide(t.Context(), r).Allowed() {
				t.Errorf("%s does not allow %s", pattern, host)
			}
		}
		_, plain := core.New(core.Config{AllowOrigins: []string{pattern}, AllowCredentials: true})
		_, dangerous := core.New(core.Config{DangerouslyAllowOrigins: []string{pattern}, AllowCredentials: true})
		accepted := map[string]bool{"AllowOrigins": plain == nil, "DangerouslyAllowOrigins": dangerous == nil}
		if !accepted[list] {
			t.Errorf("%s is not accepted in %s: %v, %v", pattern, list, plain, dangerous)
		}
	}
}

// TestAppOrigins: New accepts the origins of apps in AllowOrigins, also with credentials. The only
// one that it refuses with credentials is qrc://, as the guide says.
func TestAppOrigins(t *testing.T) {
	checked := 0
	for _, cells := range table(t, "docs/guides/apps.md", "| app | its origin |") {
		for _, origin := range code(cells[1]) {
			_, host, ok := strings.Cut(origin, "://")
			if !ok || host == "" && origin != "qrc://" {
				continue // not an origin, or only its beginning
			}
			checked++
			if _, err := core.New(core.Config{AllowOrigins: []string{origin}}); err != nil {
				t.Error(err)
			}
			_, err := core.New(core.Config{AllowOrigins: []string{origin}, AllowCredentials: true})
			if refused := err != nil; refused != (origin == "qrc://") {
				t.Errorf("%s with credentials: %v", origin, err)
			}
		}
	}
	if checked != 12 {
		t.Errorf("checked %d origins, want 12", checked)
	}
}

// TestVariables: the environment variables in the guides are accepted.
func TestVariables(t *testing.T) {
	variable := regexp.MustCompile(`\b((?:CORS|CSRF)_[A-Z_]+=\S+)`)
	checked := 0
	for _, file := range files(t) {
		if !strings.HasPrefix(file, "docs/guides/") {
			continue
		}
		for _, b := range blocks(t, file) {
			if b.language != "sh" {
				continue
			}
			environ := variable.FindAllString(b.text, -1)
			if len(environ) == 0 {
				continue
			}
			checked++
			s, err := settings.FromEnv("CORS_", append([]string{"CORS_ALLOW_CREDENTIALS=true"}, environ...))
			if err != nil {
				t.Errorf("%s: %v", b, err)
				continue
			}
			if _, err := core.New(s.CORS); err != nil {
				t.Errorf("%s: %v", b, err)
			}
		}
	}
	if checked != 3 {
		t.Errorf("checked %d blocks, want 3", checked)
	}
}

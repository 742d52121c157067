package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

const root = "../../.."

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(folder), name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func parsed(t *testing.T) *source {
	t.Helper()
	code, err := parse(root)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestUpToDate: the pages say what the doc comments say today, and every example has the error or
// the finding that the page shows.
func TestUpToDate(t *testing.T) {
	pages, err := update(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 4 {
		t.Errorf("got %d pages, want at least 4", len(pages))
	}
	for name, want := range pages {
		got := strings.Split(page(t, filepath.Base(name)), "\n")
		for i, line := range strings.Split(want, "\n") {
			if i >= len(got) || got[i] != line {
				t.Errorf("%s:%d: not up to date: run go run ./examples/internal/reference\nwant %s", name, i+1, line)
				break
			}
		}
	}
}

// TestComplete: every field, reason and code has a section, and the pages use every example.
func TestComplete(t *testing.T) {
	code := parsed(t)
	config, set := page(t, "config.md"), page(t, "settings.md")
	reasonPage, findingPage := page(t, "reasons.md"), page(t, "findings.md")
	has := func(text, heading, part string) {
		t.Helper()
		if want := "\n### " + heading + "\n\n<!-- reference: " + part + " -->\n"; !strings.Contains(text, want) {
			t.Errorf("there is no section %s that begins with the part %q", heading, part)
		}
	}
	for _, field := range code.fields {
		has(config, strings.TrimPrefix(field, "Config."), "doc "+field)
	}
	if len(code.fields) < 20 {
		t.Errorf("got %d fields, want at least 20", len(code.fields))
	}
	for i := range code.reasons {
		name := core.Reason(i).String()
		has(reasonPage, name, "reason "+name)
	}
	if unknown := core.Reason(len(code.reasons)).String(); unknown != "unknown" {
		t.Errorf("there is another reason: %s", unknown)
	}
	for _, c := range codes(code) {
		has(findingPage, c[0], "finding "+c[0])
	}
	uses := func(text, part string, keys ...string) {
		t.Helper()
		for _, key := range keys {
			if !strings.Contains(text, "\n<!-- reference: "+part+" "+key+" -->\n") {
				t.Errorf("no page has the part %s %s", part, key)
			}
		}
	}
	uses(config, "refused", slices.Collect(maps.Keys(refused))...)
	uses(config, "accepted", slices.Collect(maps.Keys(accepted))...)
	uses(set, "values", slices.Collect(maps.Keys(values))...)
	uses(set, "read", slices.Collect(maps.Keys(read))...)
	uses(reasonPage, "reason", slices.Collect(maps.Keys(reasons))...)
	uses(findingPage, "finding", slices.Collect(maps.Keys(findings))...)
	uses(findingPage, "reachable", slices.Collect(maps.Keys(reachable))...)
}

// TestDefaults: the page lists the default methods and headers.
func TestDefaults(t *testing.T) {
	for name, list := range map[string][]string{
		"DefaultMethods": core.DefaultMethods(), "DefaultHeaders": core.DefaultHeaders(),
	} {
		last := len(list) - 1
		want := "`" + name + "()` returns " + strings.Join(list[:last], ", ") + " and " + list[last] + "."
		if !strings.Contains(page(t, "config.md"), want) {
			t.Errorf("config.md does not say that %s", want)
		}
	}
}

// TestSettings: every name in the table of settings is read into the field of its row.
func TestSettings(t *testing.T) {
	texts := map[reflect.Type][2]string{ // as text, and in JSON
		reflect.TypeFor[bool]():          {"true", "true"},
		reflect.TypeFor[int]():           {"200", "200"},
		reflect.TypeFor[time.Duration](): {"60", "60"},
		reflect.TypeFor[[]core.Route]():  {`[{"path": "/a", "disable": true}]`, `[{"path": "/a", "disable": true}]`},
	}
	lists := map[string]string{
		"AllowOriginRegexes": "https://app[.]example[.]com", "AllowMethods": "PUT", "AllowHeaders": "x-token",
		"ExposeHeaders": "x-total", "DangerouslyAllowOrigins": "http://app.example.com",
		"DangerouslyAllowOriginRegexes": "http://app[.]example[.]com", "ExemptPaths": "/webhooks/",
	}
	code := parsed(t)
	names := 0
	for _, field := range code.fields {
		if key(field) == "" || strings.HasPrefix(field, "Route.") {
			continue
		}
		owner, name, _ := strings.Cut(field, ".")
		f, _ := structs[owner].FieldByName(name)
		text, ok := texts[f.Type]
		if !ok {
			entry := lists[name]
			if entry == "" {
				entry = app
			}
			text = [2]string{entry, `["` + entry + `"]`}
		}
		check := func(name string, s settings.Settings, err error) {
			t.Helper()
			v := reflect.ValueOf(s.CORS)
			if owner == "CSRFConfig" {
				v = reflect.ValueOf(s.CSRF)
			}
			if err != nil || v.FieldByName(f.Name).IsZero() {
				t.Errorf("%s does not set %s: %v", name, field, err)
			}
			names++
		}
		credentials := strings.HasPrefix(name, "Dangerously")
		object, environ := `{"`+key(field)+`": `+text[1]+`}`, []string(nil)
		if credentials {
			object = `{"allow_credentials": true, ` + object[1:]
			environ = []string{"CORS_ALLOW_CREDENTIALS=true"}
		}
		s, err := settings.FromJSON([]byte(object))
		check(key(field), s, err)
		variables := []string{variable(field)}
		for _, name := range code.django[name] {
			variables = append(variables, "CORS_"+name)
		}
		for _, variable := range variables {
			s, err := settings.FromEnv("CORS_", append(environ, variable+"="+text[0]))
			check(variable, s, err)
		}
	}
	if names != 39 {
		t.Errorf("checked %d names, want 39", names)
	}
}

// TestSettingsPage: the JSON, the variables and the words for booleans on the page are accepted.
func TestSettingsPage(t *testing.T) {
	text := page(t, "settings.md")
	block := func(language string) string {
		_, after, ok := strings.Cut(text, "```"+language+"\n")
		if !ok {
			t.Fatalf("there is no block of %s", language)
		}
		before, _, _ := strings.Cut(after, "```")
		return before
	}
	if _, err := settings.FromJSON([]byte(block("json"))); err != nil {
		t.Error(err)
	}
	variable := strings.ReplaceAll(strings.TrimSpace(block("sh")), "'", "")
	if _, err := settings.FromEnv("CORS_", []string{variable}); err != nil {
		t.Error(err)
	}
	_, sentence, _ := strings.Cut(text, "\nA boolean is ")
	sentence, _, _ = strings.Cut(sentence, ". ")
	yes, no, _ := strings.Cut(sentence, ", or it is ")
	count := 0
	for want, words := range map[bool]string{true: yes, false: no} {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(words, -1) {
			count++
			s, err := settings.FromEnv("CORS_", []string{"CORS_DEBUG=" + m[1]})
			if err != nil || s.CORS.Debug != want {
				t.Errorf("%s: got %v (%v), want %v", m[1], s.CORS.Debug, err, want)
			}
		}
	}
	if count != 8 {
		t.Errorf("checked %d words, want 8", count)
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`the entry "*", which`, "the entry `*`, which"},
		{"see https://*.github.io.", "see `https://*.github.io`."},
		{"read (https://fetch.spec.whatwg.org/#x).", "read (<https://fetch.spec.whatwg.org/#x>)."},
		{"listed in docs/guides/paths.md.", "listed in [paths](../guides/paths.md)."},
		{"AllowOrigins, Config and r.Host", "`AllowOrigins`, `Config` and `r.Host`"},
		{"one of % * ? \\ literally", "one of `%` `*` `?` `\\` literally"},
		{"write `a|b` or 2 * time.Hour", "write `a|b` or `2 * time.Hour`"},
		{`write ["a", "b"] instead`, "write `[\"a\", \"b\"]` instead"},
		{"QtWebEngine (4 KiB), and so on: yes", "QtWebEngine (4 KiB), and so on: yes"},
	} {
		if got := words(tt.text); got != tt.want {
			t.Errorf("words(%q)\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestFill: text outside of the marks is unchanged, and mistakes in a page are errors.
func TestFill(t *testing.T) {
	code := parsed(t)
	const before = "# A\n\n<!-- reference: doc CSRFConfig.OnDecision -->\nold\n<!-- end -->\n\nlast\n"
	got, err := fill(code, before)
	if err != nil || strings.Contains(got, "old") || !strings.HasPrefix(got, "# A\n\n<!-- ") ||
		!strings.HasSuffix(got, "\n\n<!-- end -->\n\nlast\n") {
		t.Errorf("got %q, %v", got, err)
	}
	if again, err := fill(code, got); err != nil || again != got {
		t.Errorf("the second time: got %q, %v", again, err)
	}
	for _, tt := range []struct{ text, want string }{
		{"<!-- reference: nothing -->\n<!-- end -->\n", "nothing: there is no such part"},
		{"<!-- reference: doc Config.Max -->\n<!-- end -->\n",
			"doc Config.Max: there is no such field, or it has no doc comment"},
		{"<!-- reference: refused A -->\n<!-- end -->\n", "refused A: there are no examples"},
		{"<!-- reference: reasons -->\n<!-- reference: findings -->\n<!-- end -->\n", "reasons: it has no end"},
		{"<!-- reference: reasons -->\n", "1 of 1 parts have no end"},
	} {
		if _, err := fill(code, tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

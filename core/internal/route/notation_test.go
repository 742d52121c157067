package route

import (
	"regexp"
	"strings"
	"testing"
)

// FuzzNotation: whatever is refused, the text that the fix says to write is accepted.
func FuzzNotation(f *testing.F) {
	for _, text := range []string{
		"/users/:id?/posts", "/a/*path/b", "/**/x", "/{id:[0-9]{2}}", "/{a:b|c}/d", "/{/x}{/y}", "/users{/:id}", "/(a|b)",
		"/[...x]", "/[[x]]/y", "/<int:id>", "/<re:(a)>", `/^\/a\/.*$/i`, "^/a", "^a/$", "/a,/b", "GET https://a.example:8/b",
		"/a%2fb%zz%2541", `\a\b\d+`, "/a/../..", "//", "/./", "/{a...}/{a}", "/{$}/x", "/${x}", "/x?y", "/#x", "/a/?",
		"/a.*", "/.+/b", "'/a'", " /a ", "/{a,b}.c", "/{n=p/*}", "/((((", "/a(.:b)", "/:a-:b", "/*.js", "/+", "/a+", "/{+x}",
		"/%5B%5D%7B%7D", "/{1}/{}", "/a|b", "/a]", "/{x", "/x}", "/a:b", "/:a(", "/a//{$}", "~ ^/a", "/[^/]+/x", "/{{x}}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 {
			return
		}
		_, bad := Parse(text)
		_, badExempt := ParseExempt(text)
		if bad == nil {
			return
		}
		if badExempt == nil {
			t.Errorf("%q: may be exempt, but not be a Path: %v", text, bad)
		}
		got := read(text)
		patterns, _ := got.exempt()
		for _, pattern := range append(patterns, got.patterns...) {
			if _, again := Parse(pattern); again != nil {
				t.Errorf("%q: the fix is %q, which is refused: %v", text, pattern, again)
			}
		}
		if got.patterns != nil || got.expr == "" {
			return
		}
		if again := CheckExpr(got.expr); again != nil {
			t.Errorf("%q: the fix is %q, which is refused: %v", text, got.expr, again)
		}
		if _, err := regexp.Compile(`(?is)\A(?:` + got.expr + `)\z`); err != nil {
			t.Errorf("%q: the fix is %q: %v", text, got.expr, err)
		}
	})
}

// TestLongText: a long text takes no longer than its length explains, and is not translated.
func TestLongText(t *testing.T) {
	for _, part := range []string{
		"/:a", "/{a}", "/(", "/(a", "/{", "/[a", "/*", "%41", "/a", "{/", "/a,", "\\", "/<a>", "[",
	} {
		text := "/" + strings.Repeat(part, 20_000)
		if got := read(text); got.patterns != nil || got.expr != "" {
			t.Errorf("%.20s: got %d patterns and an expression of %d bytes, want no translation", text, len(got.patterns),
				len(got.expr))
		}
	}
}

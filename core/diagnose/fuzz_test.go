package diagnose

import (
	"context"
	"testing"
	"unicode/utf8"

	"github.com/polycors/cors/core"
)

// FuzzRead checks that no text makes Read panic, and that every request that it returns can be
// explained.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		inChromium + "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.",
		inFirefox + "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 404.",
		"[Error] Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 404" + inSafari,
		"fetch(`https://a.example/${b}` + c, {...d, method: 'PUT', headers: [['A', 1]], body: (a) => /[/]/.test(a)})",
		"const h = new Headers(); h.append('A', 'b'); axios.post<T>('/a', {a: !0}, {headers: h})",
		"x.open('PUT', '\\u{41}\\x41'); x.withCredentials = true; $.ajax({url: '/a', xhrFields: {}})",
		"curl -sXPUT $'a\\x41' \"b$C\\\"\" -H 'A: b' \\\n --json='{}' -u a:b https://a.example?b | c",
		"curl ^\"https://a.example^\" ^\n -H \"A: \"\"b\"\"\" --data ^\\^\"a^\n\n",
		"OPTIONS /a%2e HTTP/1.1\r\nHost: a.example\r\nOrigin: null\r\nAccess-Control-Request-Method: PUT\r\n",
		":authority\na.example\n:path\n/\norigin:\nhttps://b.example",
	} {
		f.Add(text)
	}
	policy, err := core.New(core.Config{AllowOrigins: []string{app, "https://*.example.com"}, Routes: []core.Route{
		{Path: "/a/", Config: core.Config{AllowOrigins: []string{"*"}}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := Read(text)
		if err != nil {
			if in.Kind != "" || err.Error() == "" {
				t.Errorf("got %+v and the error %q", in, err)
			}
			return
		}
		for _, note := range in.Notes {
			if utf8.ValidString(text) && !utf8.ValidString(note) {
				t.Errorf("the note %q is not valid UTF-8", note)
			}
		}
		fetch := in.Fetch
		if fetch.Origin == "" {
			fetch.Origin = app
		}
		report := Explain(context.Background(), policy, fetch)
		if report.Readable != (report.Verdict.Blocked == "") || report.Readable != (report.Fix == "") {
			t.Errorf("inconsistent: readable %v, blocked %q, fix %q", report.Readable, report.Verdict.Blocked, report.Fix)
		}
		if len(report.Steps) != 5 {
			t.Errorf("got %d steps", len(report.Steps))
		}
	})
}

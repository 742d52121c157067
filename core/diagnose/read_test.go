package diagnose

import (
	"reflect"
	"strings"
	"testing"
)

// readCase is a text and what Read returns for it.
type readCase struct {
	name  string
	text  string
	want  Input    // without Notes
	notes []string // a part of each note, except of the one about an unknown origin
}

const originNote = "does not say which page"

// check tests all cases.
func check(t *testing.T, kind Kind, cases []readCase) {
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			want.Kind = kind
			notes := got.Notes
			got.Notes = nil
			if !reflect.DeepEqual(got, want) {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
			if want.Fetch.Origin == "" {
				tt.notes = append(tt.notes, originNote)
			}
			if len(notes) != len(tt.notes) {
				t.Fatalf("notes: got %q, want %q", notes, tt.notes)
			}
			for i, note := range notes {
				if !strings.Contains(note, tt.notes[i]) {
					t.Errorf("note %d: got %q, want %q", i, note, tt.notes[i])
				}
			}
		})
	}
}

const (
	app = "https://app.example.com"
	api = "https://api.example.com/items"
)

// header returns header fields, given as names and values.
func header(pairs ...string) (h [][2]string) {
	for i := 0; i < len(pairs); i += 2 {
		h = append(h, [2]string{pairs[i], pairs[i+1]})
	}
	return h
}

func TestReadErrors(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
	}{
		{"nothing", " \n\t", "cors: the text is empty; paste an error from the console of a browser, a fetch call, " +
			"a curl command or the headers of a request"},
		{"prose", "My page does not work.", "cors: there is no request in this text; paste"},
		{"too long", strings.Repeat("a", 65537), "cors: the text is longer than 64 KiB; shorten it to a single request"},
		{"a response", "HTTP/1.1 200 OK\nContent-Type: text/html\n",
			"cors: this is a response, not a request; paste the request"},
		{"a response of HTTP/2", "HTTP/2 403\nvary: Origin\n", "cors: this is a response"},
		{"a response without a status line", "content-type: text/html\nvary: Origin\naccess-control-allow-origin: *\n",
			"cors: this is a response"},
		{"a Content Security Policy", "Refused to connect to 'https://api.example.com/items' because it violates the " +
			`following Content Security Policy directive: "connect-src 'self'".`, "cors: this error is about the Content Sec"},
		{"the same in Firefox", "Content-Security-Policy: The page’s settings blocked the loading of a resource " +
			"(connect-src) at https://api.example.com/items", "cors: this error is about the Content Security Policy"},
		{"mixed content", "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an " +
			"insecure resource 'http://api.example.com/'.", "cors: this error is about mixed content"},
		{"CORB", "Cross-Origin Read Blocking (CORB) blocked cross-origin response https://api.example.com/items with " +
			"MIME type text/html.", "cors: this error is about a response to a request without CORS"},
		{"PowerShell", `Invoke-WebRequest -Uri "https://api.example.com"`, "cors: PowerShell commands are not supported"},
		{"an error without a reason", "TypeError: Failed to fetch", "cors: this error does not say what went wrong"},
		{"another error without a reason", "GET https://api.example.com/ net::ERR_FAILED", "cors: this error does not say"},
		{"axios without a reason", "AxiosError: Network Error", "cors: this error does not say"},

		{"a string without an end", "fetch('https://api.example.com/)\n", "cors: line 1: the string has no end"},
		{"the same in line 3", "\nfetch(url, {\n method: \"PUT,\n})", "cors: line 3: the string has no end"},
		{"a template without an end", "fetch(`https://api.example.com/)\n", "cors: line 1: the template has no end"},
		{"a substitution without an end", "fetch(`https://${host)", "cors: line 1: the ${ in the template has no end"},
		{"a comment without an end", "fetch('/a', /* {\n", "cors: line 1: the comment has no end"},
		{"a call without an end", "a()\nfetch('/a', {method: 'PUT'}", `cors: line 2: the bracket "(" has no end`},
		{"an object without an end", "fetch('/a', {\nheaders: {'A': '1'},\n", `cors: line 1: the bracket "{" has no end`},
		{"a missing comma", "fetch('/a', {\n  method: 'PUT'\n  headers: {}\n})",
			`cors: line 3: "headers" is unexpected; write a comma before it`},
		{"a missing colon", "fetch('/a', {method 'PUT'})", `cors: line 1: a colon is missing after "method"`},
		{"a wrong bracket", "fetch('/a', {method: ]})", `cors: line 1: "]" is unexpected`},
		{"brackets in brackets", "fetch(" + strings.Repeat("[", 100), "cors: the script is too complicated"},

		{"a quote without an end", "curl https://api.example.com \\\n -H 'Origin: a", "cors: line 2: the quote ' has no end"},
		{"the other quote", `curl "https://api.example.com`, `cors: line 1: the quote " has no end`},
		{"an ANSI quote", `curl $'https://api.example.com`, `cors: line 1: the quote $' has no end`},
		{"a quote on Windows", "curl ^\n -H \"Origin: a", `cors: line 2: the quote " has no end`},
		{"no URL", "curl -X PUT", "cors: line 1: the curl command has no URL"},
		{"no argument", "curl https://api.example.com \\\n  -H", "cors: line 2: curl's option -H needs an argument"},
		{"no argument of a long option", "curl a.example --header", "cors: line 1: curl's option --header needs an argument"},

		{"a line that is not a header", "GET / HTTP/1.1\nHost: a.example\nfoo bar\n",
			`cors: line 3: "foo bar" is not a header; write "Name: value"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(tt.text)
			if err == nil {
				t.Fatalf("no error, but %+v", got)
			}
			if !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("\n got %s\nwant %s", err, tt.want)
			}
		})
	}
}

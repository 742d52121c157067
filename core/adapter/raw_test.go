package adapter_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

func TestPath(t *testing.T) {
	for _, test := range []struct {
		sent, path, rawPath string
		isURL               bool // whether net/url accepts the path
	}{
		{"", "", "", true},
		{"*", "*", "", true},
		{"/items", "/items", "", true},
		{"/a%20b", "/a b", "", true},
		{"/%69tems", "/items", "/%69tems", true},
		{"/a%2fb", "/a/b", "/a%2fb", true},
		{"/a%2Fb", "/a/b", "/a%2Fb", true},
		{"/%25", "/%", "", true},
		{"/%00", "/\x00", "", true},
		{"/100%", "/100%", "/100%", false},
		{"/%zz%20", "/%zz ", "/%zz%20", false},
		{"/%2", "/%2", "/%2", false},
		{"/%2%20", "/%2 ", "/%2%20", false},
	} {
		path, rawPath := adapter.Path(test.sent)
		if path != test.path || rawPath != test.rawPath {
			t.Errorf("Path(%q): got %q and %q, want %q and %q", test.sent, path, rawPath, test.path, test.rawPath)
		}
		u, err := url.ParseRequestURI("http://h" + test.sent)
		if test.sent == "*" {
			u, err = &url.URL{Path: "*"}, nil
		}
		if (err == nil) != test.isURL {
			t.Errorf("%q: net/url says %v", test.sent, err)
		}
		if err == nil && (u.Path != path || u.RawPath != rawPath) {
			t.Errorf("Path(%q): got %q and %q, net/url has %q and %q", test.sent, path, rawPath, u.Path, u.RawPath)
		}
	}
}

func TestJoinLines(t *testing.T) {
	long := strings.Repeat("a", 4096)
	for _, test := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"none", nil, ""},
		{"one", []string{"a"}, "a"},
		{"blanks", []string{" \t a b\t "}, "a b"},
		{"blanks only", []string{" \t "}, ""},
		{"two", []string{"a ", " b"}, "a, b"},
		{"an empty one", []string{"", "b"}, ", b"},
		{"ten", strings.Split("0123456789", ""), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"},
		{"8 KiB", []string{long, long[2:]}, long + ", " + long[2:]},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := adapter.JoinLines(lines(test.lines)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("more than 8 KiB", func(t *testing.T) {
		got := adapter.JoinLines(lines([]string{long, long[1:]}))
		if want := (core.HeaderMap{"A": {long, long[1:]}}).Field("A"); got != want || len(got) <= 8<<10 {
			t.Errorf("got %d bytes, want the value that HeaderMap returns, of %d bytes", len(got), len(want))
		}
	})
	t.Run("allocations", func(t *testing.T) {
		one, two := lines([]string{"a"}), lines([]string{"a", "b"})
		if got := testing.AllocsPerRun(100, func() { adapter.JoinLines(one) }); got > 0 {
			t.Errorf("got %v allocations for one line, want 0", got)
		}
		if got := testing.AllocsPerRun(100, func() { adapter.JoinLines(two) }); got > 1 {
			t.Errorf("got %v allocations for two lines, want 1", got)
		}
	})
}

func lines(values []string) (lines [][]byte) {
	for _, value := range values {
		lines = append(lines, []byte(value))
	}
	return lines
}

func TestRawField(t *testing.T) {
	const malformed = "\x00"
	for _, test := range []struct{ name, header, want string }{
		{"empty", "", ""},
		{"absent", "Host: h\r\n\r\n", ""},
		{"first", "Origin: a\r\nHost: h\r\n\r\n", "a"},
		{"last", "Host: h\r\nOrigin: a\r\n\r\n", "a"},
		{"bare line endings", "Host: h\nOrigin: a\n\n", "a"},
		{"no line ending", "Host: h\nOrigin: a", "a"},
		{"no value", "Origin:\r\n\r\n", ""},
		{"no colon", "Origin", ""},
		{"no blank", "Origin:a\r\n\r\n", "a"},
		{"lower case", "origin: a\r\n\r\n", "a"},
		{"mixed case", "oRiGiN: a\r\n\r\n", "a"},
		{"two lines", "Origin: a\r\nHost: h\r\nORIGIN: b\r\n\r\n", "a, b"},
		{"an empty line first", "Origin:\r\nOrigin: b\r\n\r\n", ", b"},
		{"a name that begins alike", "Origins: a\r\nOrigin-X: b\r\n\r\n", ""},
		{"a name that ends alike", "X-Origin: a\r\n\r\n", ""},
		{"a value that looks like a field", "X: Origin: a\r\n\r\n", ""},
		{"continued", "Origin: a\r\n b\r\n\tc\r\nHost: h\r\n\r\n", "a  b \tc"},
		{"continued after the name", "Origin:\r\n a\r\n\r\n", "a"},
		{"in a continued line", "X: a\r\n Origin: b\r\n\r\n", ""},
		{"a blank before the colon", "Origin : a\r\n\r\n", malformed},
		{"a tab before the colon", "Origin\t: a\r\n\r\n", malformed},
		{"blanks before the colon of a second line", "Origin: a\r\nOrigin  : a\r\n\r\n", "a, " + malformed},
		{"another name with a blank", "Origin x: a\r\n\r\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := adapter.RawField([]byte(test.header), "Origin"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("many lines", func(t *testing.T) {
		header := []byte(strings.Repeat("Origin: a\r\n", 100_000))
		if got := adapter.RawField(header, "Origin"); len(got) <= 8<<10 || strings.Contains(got, "a") {
			t.Errorf("got %d bytes, want the value of too many lines", len(got))
		}
	})
	t.Run("allocations", func(t *testing.T) {
		header := []byte("Host: h\r\nOrigin: a\r\n\r\n")
		if got := testing.AllocsPerRun(100, func() { adapter.RawField(header, "Origin") }); got > 0 {
			t.Errorf("got %v allocations, want 0", got)
		}
	})
}

func TestMayBeChunked(t *testing.T) {
	const name = "Transfer-Encoding"
	for i := range 40 { // at every distance that the search moves on by
		before := strings.Repeat("x", i)
		for _, header := range []string{
			before + name, before + strings.ToLower(name), before + strings.ToUpper(name),
			before + "tRANSFER-eNCODING: x", before + "\r\n" + name + ":chunked\r\n\r\n",
			before + name[:i%len(name)] + name, before + "Accept-Encoding: gzip\r\n" + name + "\r\n",
		} {
			if !adapter.MayBeChunked([]byte(header)) {
				t.Errorf("%q: got false, want true", header)
			}
		}
	}
	for _, header := range []string{
		"", "g", name[1:], name[:len(name)-1], "Host: h\r\nContent-Length: 2\r\n\r\n",
		"Transfer: Encoding\r\nAccept-Encoding: gzip\r\nTransfer_Encoding: chunked\r\n\r\n",
	} {
		if adapter.MayBeChunked([]byte(header)) {
			t.Errorf("%q: got true, want false", header)
		}
	}
}

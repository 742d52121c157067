package field

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core/internal/problem"
)

// naiveCheck is Names.Check for a set of the names in lower case, where "*" means all except
// authorization.
func naiveCheck(names []string, list string) Outcome {
	if len(list) > 8192 {
		return TooLarge
	}
	if list == "" {
		return AllListed
	}
	full, empty := 0, 0
	for _, element := range strings.Split(list, ",") {
		element = strings.Trim(element, " \t")
		if element == "" {
			empty++
		} else {
			full++
		}
		switch {
		case element != "" && !naiveToken.MatchString(element):
			return Malformed
		case full > 128 || empty > 16:
			return TooLarge
		case element != "" && !naiveHas(names, strings.ToLower(element)):
			return NotListed
		}
	}
	return AllListed
}

var (
	naiveToken = regexp.MustCompile("\\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\\z")
	// https://fetch.spec.whatwg.org/#forbidden-request-header, and the one of the Private Network
	// Access draft.
	naiveForbidden = regexp.MustCompile(`(?i)\A(?:accept-charset|accept-encoding|access-control-request-headers|` +
		`access-control-request-method|access-control-request-private-network|connection|content-length|cookie2?|date|dnt|` +
		`expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)\z`)
)

func naiveHas(names []string, name string) bool {
	switch {
	case name == "*":
		return false
	case slices.Contains(names, name):
		return true
	}
	return slices.Contains(names, "*") && name != "authorization" && !naiveForbidden.MatchString(name)
}

// FuzzCheck holds Names.Check against naiveCheck. names are separated by commas; those that a
// policy never adds are left out.
func FuzzCheck(f *testing.F) {
	long := strings.Repeat("a", MaxName)
	for _, seed := range [][2]string{
		{"", ""}, {"", "x-foo"}, {"x-foo", ""}, {"x-foo", "x-foo"}, {"x-foo", "X-FOO"}, {"x-foo", "x-fo"},
		{"x-foo", "x-foo1"},
		{"x-foo,x-bar", "x-bar,x-foo"}, {"x-foo,x-bar", "x-foo, X-Bar"}, {"x-foo,x-bar", "\tx-bar\t,\tx-foo "},
		{"x-foo", "x-foo,x-evil"},
		{"x-foo", "x-evil,x-foo"}, {"x-foo", "x-foo;x-bar"}, {"x-foo", "x-foo\x80"}, {"x-foo", "x foo"},
		{"x-foo", "x-foo\x00"},
		{"x-foo", "x-foo\r\nx-bar"}, {"x-foo", ",,x-foo,"}, {"x-foo", strings.Repeat(",", MaxEmpty-1)},
		{"x-foo", strings.Repeat(",", MaxEmpty)},
		{"x-foo", strings.Repeat("x-foo,", MaxNames-1) + "x-foo"}, {"x-foo", strings.Repeat("x-foo,", MaxNames) + "x-foo"},
		{"x-foo", "x-foo" + strings.Repeat(" ", MaxList-5)}, {"x-foo", "x-foo" + strings.Repeat(" ", MaxList-4)},
		{"*", "x-foo,Y"}, {"*", "authorization"}, {"*", "Authorization"}, {"*,authorization", "AUTHORIZATION"},
		{"authorization", "authorization"},
		{"*", "cookie"}, {"*", "Origin"}, {"*", "sec-fetch-site"}, {"*", "Proxy-X"}, {"*", "proxy"}, {"*", "sec"},
		{"*", "a b"}, {"*", "*"}, {"x-foo", "*"},
		{long, strings.ToUpper(long)}, {long, long + "a"}, {"*", long + "A"}, {"*", "sec-" + long},
		{"*", strings.Repeat("a", MaxList)},
		{"x-\u212a", "x-k"}, {"k", "\u212a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, names, list string) {
		var set Names
		var added []string
		for _, name := range strings.Split(names, ",") {
			if name = strings.ToLower(name); !naiveToken.MatchString(name) || naiveForbidden.MatchString(name) {
				continue
			}
			if got, want := set.Add(name), len(name) <= 128; got != want {
				t.Errorf("Add(%q): got %v, want %v", name, got, want)
			}
			if len(name) <= 128 {
				added = append(added, name)
			}
		}
		if got, want := set.Any(), slices.Contains(added, "*"); got != want {
			t.Errorf("%q: Any: got %v, want %v", added, got, want)
		}
		if got, element := set.Check(list); got != naiveCheck(added, list) ||
			element != "" && !strings.Contains(list, element) {
			t.Errorf("%q: Check(%q): got %v for %q, want %v", added, list, got, element, naiveCheck(added, list))
		}
		if naiveToken.MatchString(list) {
			if got, want := set.Has(list), naiveHas(added, strings.ToLower(list)); got != want {
				t.Errorf("%q: Has(%q): got %v, want %v", added, list, got, want)
			}
		}
	})
}

// FuzzEntries checks that an entry is accepted or gets a rule and a fix, and that the entries which
// a fix says to write are accepted.
func FuzzEntries(f *testing.F) {
	for _, seed := range []string{
		"", " ", "*", " *", "ALL", "GET|patch, TRACE", "'PUT'", "^(GET|PUT)$", "X Token", "Content-Type: a, b", "X=1;Y:2",
		"HTTP_X_FOO", "HTTP_", "content_type", "x-amz-*", "${A}", "%A%", "*,authorization", "X\u2013Y", "a:\r\nb", "true",
		"a\x00,b", "(", "a(", ".*", "/", ":", "=", ",", "GET /a", "all, none", "text/html", "get,GET,Get",
		"http.MethodPut", "Method::PUT", "HttpMethod.values()", "header::X_A, HttpHeaders.XRequestID", "a.HeaderHeaderA",
	} {
		f.Add(seed)
	}
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	f.Fuzz(func(t *testing.T, entry string) {
		for name, check := range map[string]func(string) *problem.Problem{
			"CheckMethod":         CheckMethod,
			"CheckRequestHeader":  CheckRequestHeader,
			"CheckResponseHeader": func(entry string) *problem.Problem { return CheckResponseHeader(entry, false) },
			"CheckResponseHeader with credentials": func(entry string) *problem.Problem {
				return CheckResponseHeader(entry, true)
			},
		} {
			bad := check(entry)
			if bad == nil {
				if entry != "*" && !naiveToken.MatchString(entry) {
					t.Errorf("%s accepts %q", name, entry)
				}
				continue
			}
			rule, fix := bad.Rule.String(), bad.Fix.String()
			if rule == "" || fix == "" {
				t.Errorf("%s(%q): got the rule %q and the fix %q", name, entry, rule, fix)
			}
			for _, text := range quoted.FindAllString(fix, -1) {
				written, err := strconv.Unquote(text)
				if err != nil || check(written) != nil {
					t.Errorf("%s(%q): the fix %s writes %s: %v", name, entry, fix, text, check(written))
				}
			}
		}
	})
}

// FuzzToken holds the grammar, and the names to which Fetch gives a meaning, against expressions.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{
		"", "a", "x-foo", "!#$%&'*+-.^_`|~", "a b", "a,b", "a:", "(a)", "\x80", "a\x00", " \ta\t ", "\va", "\u00a0a",
		"get", "Post", "PATCH", "patch", "pUt", "options", "trace", "CONNECT", "Track", "trac\u212a", "option\u017f", "query",
		"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt",
		"expect", "host",
		"keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via", "proxy-",
		"proxy-a", "sec-", "sec-a",
		"proxy", "sec", "x-via", "cookie3", "dntx",
	} {
		f.Add(seed)
	}
	normalized := regexp.MustCompile(`\A(?i:delete|get|head|options|post|put)\z`)
	forbidden := regexp.MustCompile(`\A(?i:connect|trace|track)\z`)
	f.Fuzz(func(t *testing.T, s string) {
		isToken := naiveToken.MatchString(s)
		if got := IsToken(s); got != isToken {
			t.Errorf("IsToken(%q): got %v, want %v", s, got, isToken)
		}
		if got, want := TrimOWS(s), strings.Trim(s, " \t"); got != want {
			t.Errorf("TrimOWS(%q): got %q, want %q", s, got, want)
		}
		if !isToken {
			return // a method and a name are tokens
		}
		want := s
		if normalized.MatchString(s) {
			want = strings.ToUpper(s)
		}
		if got := NormalizeMethod(s); got != want {
			t.Errorf("NormalizeMethod(%q): got %q, want %q", s, got, want)
		}
		if got, want := IsForbiddenMethod(s), forbidden.MatchString(s); got != want {
			t.Errorf("IsForbiddenMethod(%q): got %v, want %v", s, got, want)
		}
		if got := MisspelledMethod(s); got != "" && (got == s || got != strings.ToUpper(s) || normalized.MatchString(s)) {
			t.Errorf("MisspelledMethod(%q): got %q", s, got)
		}
		lower := strings.ToLower(s)
		if got, want := IsForbiddenRequestHeader(lower), naiveForbidden.MatchString(lower); got != want {
			t.Errorf("IsForbiddenRequestHeader(%q): got %v, want %v", lower, got, want)
		}
	})
}

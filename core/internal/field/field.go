// Package field reads the parts of HTTP that a CORS decision needs: tokens and lists of RFC 9110, and the
// method and header names to which the Fetch standard gives a special meaning.
package field

import "strings"

// Bounds on what a request may ask for. What lies beyond is refused before it is read.
const (
	MaxMethod = 64      // bytes of Access-Control-Request-Method
	MaxList   = 8 << 10 // bytes of Access-Control-Request-Headers, all lines together
	MaxNames  = 128     // names in it
	MaxEmpty  = 16      // empty elements in it; RFC 9110, section 5.6.1.2, asks for "a reasonable number"
)

// tchar has a true for each byte of RFC 9110's tchar (section 5.6.2).
var tchar = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

// IsToken reports whether s is a token (RFC 9110, section 5.6.2), the grammar of methods and field names.
func IsToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tchar[s[i]] {
			return false
		}
	}
	return s != ""
}

// TrimOWS returns s without the optional whitespace (space and tab; RFC 9110, section 5.6.3) around it.
func TrimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// IsForbiddenMethod reports whether Fetch forbids the method, which it compares without case
// (https://fetch.spec.whatwg.org/#forbidden-method).
func IsForbiddenMethod(m string) bool {
	return strings.EqualFold(m, "CONNECT") || strings.EqualFold(m, "TRACE") || strings.EqualFold(m, "TRACK")
}

// IsSafelistedMethod reports whether the method needs no permission (https://fetch.spec.whatwg.org/#cors-safelisted-method).
func IsSafelistedMethod(m string) bool { return m == "GET" || m == "HEAD" || m == "POST" }

// NormalizeMethod returns the method as Fetch sends it: six are made upper case, every other one stays as it is
// (https://fetch.spec.whatwg.org/#concept-method-normalize).
func NormalizeMethod(m string) string {
	for _, n := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if strings.EqualFold(m, n) {
			return n
		}
	}
	return m
}

// registered are methods that people write in lower case although Fetch does not normalise them.
var registered = [...]string{
	"PATCH", "QUERY", "COPY", "LINK", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "PURGE", "REPORT", "SEARCH",
	"UNLINK", "UNLOCK",
}

// MisspelledMethod returns the registered method that m is but for its case, or "".
func MisspelledMethod(m string) string {
	for _, n := range registered {
		if m != n && strings.EqualFold(m, n) {
			return n
		}
	}
	return ""
}

var forbiddenRequestHeaders = set(
	"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
	"access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt",
	"expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
)

// IsForbiddenRequestHeader reports whether no page can set the request header, whatever a server allows. name is in lower case.
// See https://fetch.spec.whatwg.org/#forbidden-request-header; Access-Control-Request-Private-Network is
// forbidden by the Private Network Access draft.
func IsForbiddenRequestHeader(name string) bool {
	return forbiddenRequestHeaders[name] || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}

// IsForbiddenResponseHeader reports whether no page can read the response header. name is in lower case.
// See https://fetch.spec.whatwg.org/#forbidden-response-header-name.
func IsForbiddenResponseHeader(name string) bool {
	return name == "set-cookie" || name == "set-cookie2"
}

var corsResponseHeaders = set(
	"access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
	"access-control-allow-origin", "access-control-allow-private-network", "access-control-expose-headers", "access-control-max-age",
)

// IsCORSResponseHeader reports whether the header belongs to a server's answer in the CORS protocol. name is in lower case.
func IsCORSResponseHeader(name string) bool { return corsResponseHeaders[name] }

var requestOnlyHeaders = set(
	"access-control-request-headers", "access-control-request-method", "access-control-request-private-network",
	"cookie", "host", "origin", "referer",
)

// IsRequestOnlyHeader reports whether the header means something in a request only. name is in lower case.
func IsRequestOnlyHeader(name string) bool { return requestOnlyHeaders[name] }

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

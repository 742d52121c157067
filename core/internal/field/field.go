// Package field reads the parts of HTTP that a CORS decision needs: tokens and lists of RFC 9110,
// and the method and header names to which the Fetch standard gives a special meaning.
package field

import "strings"

// Limits on what a preflight may ask for. A longer method or list is refused before it is parsed.
const (
	MaxMethod = 64      // bytes of Access-Control-Request-Method
	MaxList   = 8 << 10 // bytes of Access-Control-Request-Headers, all lines together
	MaxNames  = 128     // names in it
	MaxEmpty  = 16      // empty elements in it: "a reasonable number" (RFC 9110, section 5.6.1.2)
)

// tooLong is returned for lines that are not worth joining. It is longer than any bound, and not a
// token, a list or an origin, so no policy accepts it.
var tooLong = strings.Repeat("\x00", MaxList+1)

// Join returns the lines of one field as one value (RFC 9110, section 5.3), or a value that no
// policy accepts if that would have more than MaxList bytes.
func Join(lines []string) string {
	n := len(", ") * (len(lines) - 1)
	for _, line := range lines {
		if n += len(line); n > MaxList {
			return tooLong
		}
	}
	return strings.Join(lines, ", ")
}

// tchar is true for the bytes that a token may have (RFC 9110, section 5.6.2).
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

// IsToken reports whether s is a token (RFC 9110, section 5.6.2). Methods and header names are
// tokens.
func IsToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tchar[s[i]] {
			return false
		}
	}
	return s != ""
}

// TrimOWS returns s without the spaces and tabs around it: optional whitespace in RFC 9110, section
// 5.6.3.
func TrimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// IsForbiddenMethod reports whether browsers refuse to send the method, in any case: CONNECT, TRACE
// and TRACK (https://fetch.spec.whatwg.org/#forbidden-method).
func IsForbiddenMethod(m string) bool {
	return strings.EqualFold(m, "CONNECT") || strings.EqualFold(m, "TRACE") || strings.EqualFold(m, "TRACK")
}

// IsSafelistedMethod reports whether pages may use the method without permission: GET, HEAD and
// POST (https://fetch.spec.whatwg.org/#cors-safelisted-method).
func IsSafelistedMethod(m string) bool { return m == "GET" || m == "HEAD" || m == "POST" }

// NormalizeMethod returns the method as browsers send it. DELETE, GET, HEAD, OPTIONS, POST and PUT
// are converted to upper case, and all other methods are left unchanged
// (https://fetch.spec.whatwg.org/#concept-method-normalize).
func NormalizeMethod(m string) string {
	for _, n := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if strings.EqualFold(m, n) {
			return n
		}
	}
	return m
}

// registered are further methods that people write in lower case. Browsers send them as written.
var registered = [...]string{
	"PATCH", "QUERY", "COPY", "LINK", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "PURGE", "REPORT", "SEARCH",
	"UNLINK", "UNLOCK",
}

// MisspelledMethod returns the registered method that differs from m only in case, or "".
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
	"expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade",
	"via",
)

// IsForbiddenRequestHeader reports whether browsers never let a page set the request header. name
// is in lower case. The headers are those of
// https://fetch.spec.whatwg.org/#forbidden-request-header, and
// Access-Control-Request-Private-Network of the Private Network Access draft.
func IsForbiddenRequestHeader(name string) bool {
	return forbiddenRequestHeaders[name] || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}

// IsForbiddenResponseHeader reports whether browsers never let a page read the response header.
// name is in lower case. See https://fetch.spec.whatwg.org/#forbidden-response-header-name.
func IsForbiddenResponseHeader(name string) bool {
	return name == "set-cookie" || name == "set-cookie2"
}

var corsResponseHeaders = set(
	"access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
	"access-control-allow-origin", "access-control-allow-private-network", "access-control-expose-headers",
	"access-control-max-age",
)

// IsCORSResponseHeader reports whether the header is one that servers send for CORS, such as
// Access-Control-Allow-Origin. name is in lower case.
func IsCORSResponseHeader(name string) bool { return corsResponseHeaders[name] }

var requestOnlyHeaders = set(
	"access-control-request-headers", "access-control-request-method", "access-control-request-private-network",
	"cookie", "host", "origin", "referer",
)

// IsRequestOnlyHeader reports whether the header has a meaning only in requests. name is in lower
// case.
func IsRequestOnlyHeader(name string) bool { return requestOnlyHeaders[name] }

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

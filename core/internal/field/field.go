// Package field implements the parts of HTTP that a CORS decision needs: the tokens and lists of
// RFC 9110, and the methods and header names that the Fetch standard treats specially.
package field

import "strings"

// Limits on the request headers of a preflight. A method or list that is too long is refused before
// it is parsed.
const (
	// MaxMethod is the maximum length of Access-Control-Request-Method, in bytes.
	MaxMethod = 64

	// MaxList is the maximum length of Access-Control-Request-Headers, in bytes. If a request has
	// several such lines, the limit applies to all of them together.
	MaxList = 8 << 10

	// MaxNames is the maximum number of names in Access-Control-Request-Headers.
	MaxNames = 128

	// MaxEmpty is the maximum number of empty elements in Access-Control-Request-Headers. RFC 9110,
	// section 5.6.1.2, requires servers to ignore "a reasonable number" of them.
	MaxEmpty = 16
)

// tooLong is the value that Join returns if the lines are too long. It exceeds every limit, and is
// not a token, a list or an origin, so every policy refuses it.
var tooLong = strings.Repeat("\x00", MaxList+1)

// Join combines the lines of a repeated header into one comma-separated value (RFC 9110, section
// 5.3). If the value would exceed [MaxList] bytes, Join returns an invalid value instead, which
// every policy refuses.
func Join(lines []string) string {
	n := len(", ") * (len(lines) - 1)
	for _, line := range lines {
		if n += len(line); n > MaxList {
			return tooLong
		}
	}
	return strings.Join(lines, ", ")
}

// tchar contains true for each byte that a token may contain (RFC 9110, section 5.6.2).
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

// IsToken reports whether s is a token as defined in RFC 9110, section 5.6.2. Methods and header
// names are tokens.
func IsToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tchar[s[i]] {
			return false
		}
	}
	return s != ""
}

// TrimOWS returns s without leading and trailing spaces and tabs (RFC 9110, section 5.6.3).
func TrimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// IsForbiddenMethod reports whether m is a method that browsers never send. These methods are
// CONNECT, TRACE and TRACK, regardless of case (https://fetch.spec.whatwg.org/#forbidden-method).
func IsForbiddenMethod(m string) bool {
	return strings.EqualFold(m, "CONNECT") || strings.EqualFold(m, "TRACE") || strings.EqualFold(m, "TRACK")
}

// IsSafelistedMethod reports whether m is GET, HEAD or POST. Pages may use these methods without a
// preflight (https://fetch.spec.whatwg.org/#cors-safelisted-method).
func IsSafelistedMethod(m string) bool { return m == "GET" || m == "HEAD" || m == "POST" }

// NormalizeMethod returns m as a browser would send it. Browsers convert DELETE, GET, HEAD,
// OPTIONS, POST and PUT to upper case, and send all other methods unchanged
// (https://fetch.spec.whatwg.org/#concept-method-normalize). For example, "put" becomes "PUT", but
// "patch" stays "patch".
func NormalizeMethod(m string) string {
	for _, n := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if strings.EqualFold(m, n) {
			return n
		}
	}
	return m
}

// registered lists methods that people sometimes write in lower case. Browsers do not convert them
// to upper case.
var registered = [...]string{
	"PATCH", "QUERY", "COPY", "LINK", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "PURGE", "REPORT", "SEARCH",
	"UNLINK", "UNLOCK",
}

// MisspelledMethod returns the well-known method that differs from m only in case, or "" if there
// is none. For example, it returns "PATCH" for "patch". Methods that browsers convert to upper
// case, such as "put", are not considered misspelled.
func MisspelledMethod(m string) string {
	for _, n := range registered {
		if m != n && strings.EqualFold(m, n) {
			return n
		}
	}
	return ""
}

// forbiddenRequestHeaders contains the request headers that pages cannot set, according to the
// Fetch standard and the draft of Private Network Access.
var forbiddenRequestHeaders = set(
	"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
	"access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt",
	"expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade",
	"via",
)

// IsForbiddenRequestHeader reports whether name is a request header that pages cannot set, such as
// Cookie (https://fetch.spec.whatwg.org/#forbidden-request-header). The name must be in lower case.
func IsForbiddenRequestHeader(name string) bool {
	return forbiddenRequestHeaders[name] || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}

// isForbiddenResponseHeader reports whether browsers prevent pages from reading a response header
// (https://fetch.spec.whatwg.org/#forbidden-response-header-name). The name must be in lower case.
func isForbiddenResponseHeader(name string) bool {
	return name == "set-cookie" || name == "set-cookie2"
}

var corsResponseHeaders = set(
	"access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
	"access-control-allow-origin", "access-control-allow-private-network", "access-control-expose-headers",
	"access-control-max-age",
)

// IsCORSResponseHeader reports whether name is a response header of the CORS protocol, such as
// Access-Control-Allow-Origin. The name must be in lower case.
func IsCORSResponseHeader(name string) bool { return corsResponseHeaders[name] }

var requestOnlyHeaders = set(
	"access-control-request-headers", "access-control-request-method", "access-control-request-private-network",
	"cookie", "host", "origin", "referer",
)

// isRequestOnlyHeader reports whether a header has a meaning only in requests, such as Cookie or
// Origin. The name must be in lower case.
func isRequestOnlyHeader(name string) bool { return requestOnlyHeaders[name] }

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

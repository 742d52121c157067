package field

import "strings"

// MaxName is the maximum length of a header name in a [Names] set, in bytes. The limit makes it
// possible to compare names without allocating memory.
const MaxName = 128

// Names is the set of request headers that a page may send. Header names are case-insensitive. The
// zero value is an empty set.
type Names struct {
	listed  map[string]bool // in lower case
	longest int             // the length of the longest listed name, at most MaxName
	any     bool            // "*": every name except "authorization" and forbidden ones
}

// Add adds a header name, which must be in lower case, to the set. If the name is longer than
// [MaxName], Add returns false and leaves the set unchanged.
//
// The name "*" adds every header that pages can set, except Authorization
// (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
func (n *Names) Add(name string) bool {
	if name == "*" {
		n.any = true
		return true
	}
	if len(name) > MaxName {
		return false
	}
	if n.listed == nil {
		n.listed = map[string]bool{}
	}
	n.listed[name] = true
	n.longest = max(n.longest, len(name))
	return true
}

// Any reports whether "*" has been added to the set.
func (n *Names) Any() bool { return n.any }

// Has reports whether a page may send the header with the given name. The name must be a token (RFC
// 9110, section 5.6.2), and may be in any case.
func (n *Names) Has(name string) bool {
	// Browsers send names in lower case, so nearly all are found without converting them.
	return n.listed[name] || n.hasOther(name)
}

// hasOther implements Has for a name that is not in the set with exactly this spelling.
func (n *Names) hasOther(name string) bool {
	if n.any {
		return n.covers(name)
	}
	if len(name) > n.longest {
		return false
	}
	var buf [MaxName]byte
	return n.listed[string(lower(&buf, name))]
}

// covers reports whether "*" allows the given name. It returns false for headers that pages cannot
// set, because browsers never ask for them.
func (n *Names) covers(name string) bool {
	if len(name) > MaxName {
		// Only the prefix matters, because all forbidden names without a forbidden prefix are shorter.
		name = name[:MaxName]
	}
	var buf [MaxName]byte
	low := lower(&buf, name)
	switch string(low) {
	case "authorization":
		return n.listed["authorization"]
	case "*":
		return false // a valid name, but written back it would allow every name
	}
	return !forbiddenRequestHeaders[string(low)] && !hasPrefix(low, "proxy-") && !hasPrefix(low, "sec-")
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// lower converts s to lower case in buf, which must be large enough, and returns the result.
func lower(buf *[MaxName]byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return buf[:len(s)]
}

// Outcome is the result of [Names.Check].
type Outcome uint8

const (
	// AllListed means that the set allows every name in the list.
	AllListed Outcome = iota
	// Malformed means that an element of the list is not a token, and so not a header name.
	Malformed
	// TooLarge means that the list exceeds [MaxList], [MaxNames] or [MaxEmpty].
	TooLarge
	// NotListed means that the set does not allow one of the names in the list.
	NotListed
)

// Check checks the value of an Access-Control-Request-Headers header, which is a list of header
// names. The outcome is [AllListed] if the set allows every name in the list. The names may be in
// any order and in any case.
//
// Check stops at the first element that is malformed or not allowed, and returns that element with
// the outcome. For [AllListed] and [TooLarge], element is "".
//
// If a request has several such headers, combine their values with [Join] first.
func (n *Names) Check(list string) (outcome Outcome, element string) {
	// RFC 9110, section 5.6.1: whitespace around an element and empty elements are ignored.
	if len(list) > MaxList {
		return TooLarge, ""
	}
	for names, empty, rest, more := 0, 0, list, list != ""; more; {
		element, rest, more = strings.Cut(rest, ",")
		if element = TrimOWS(element); element == "" {
			if empty++; empty > MaxEmpty {
				return TooLarge, ""
			}
			continue
		}
		listed := n.listed[element] // so it is a token
		if !listed && !IsToken(element) {
			return Malformed, element
		}
		if names++; names > MaxNames {
			return TooLarge, ""
		}
		if !listed && !n.hasOther(element) {
			return NotListed, element
		}
	}
	return AllListed, ""
}

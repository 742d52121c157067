package field

import "strings"

// MaxName is the longest header name that can be listed, in bytes: it is compared without case in an array on the stack.
const MaxName = 128

// Names is a set of request-header names that a page may use, compared without case. The zero Names is empty.
type Names struct {
	listed  map[string]bool // in lower case; holds "authorization" if that was listed, any or not
	longest int             // bytes of the longest listed name; none is longer than MaxName
	any     bool            // every name but "authorization" and what Fetch forbids
}

// Add adds a name in lower case, or "*" for all names but authorization
// (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
// It reports false, and adds nothing, for a name that is longer than any sensible one.
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

// Any reports whether "*" was added.
func (n *Names) Any() bool { return n.any }

// Has reports whether name, in any case, may be used. name is a token.
func (n *Names) Has(name string) bool {
	// Browsers send names in lower case, so the first look finds nearly all.
	return n.listed[name] || n.hasOther(name)
}

// hasOther is Has for a name that is not listed as it stands.
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

// covers reports whether "*" lets the name in. What Fetch forbids no browser asks for, so it needs no answer but no.
func (n *Names) covers(name string) bool {
	if len(name) > MaxName {
		// The forbidden names are shorter, but for those with a forbidden prefix.
		name = name[:MaxName]
	}
	var buf [MaxName]byte
	low := lower(&buf, name)
	switch string(low) {
	case "authorization":
		return n.listed["authorization"]
	case "*":
		return false // a name like any other, but where it is written back it reads as every name
	}
	return !forbiddenRequestHeaders[string(low)] && !hasPrefix(low, "proxy-") && !hasPrefix(low, "sec-")
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// lower writes s, of at most len(buf) bytes, to buf in lower case.
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

// Outcome is what Check finds.
type Outcome uint8

const (
	AllListed Outcome = iota // every name may be used
	Malformed                // an element is no token
	TooLarge                 // beyond MaxList, MaxNames or MaxEmpty
	NotListed                // a name may not be used
)

// Check reads list, the combined value of Access-Control-Request-Headers, from left to right. It stops at the first
// element that cannot be allowed and returns it; element is "" if all can, and for TooLarge. Names may
// come in any order and case, with optional whitespace and empty elements (RFC 9110, section 5.6.1): Fetch sorts
// and lower-cases them, but gateways in between do not always keep that.
func (n *Names) Check(list string) (outcome Outcome, element string) {
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

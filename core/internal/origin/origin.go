// Package origin parses origins as browsers send them, and patterns that match origins. It also
// provides sets of patterns. The time to search a set does not depend on the number of patterns in
// it.
package origin

import "strings"

// MaxLen is the maximum length of an origin, in bytes. It leaves room to spare, because the longest
// possible origin of an http or https page has 267 bytes.
const MaxLen = 320

// Origin is a parsed origin. Its strings share memory with the string that was parsed.
type Origin struct {
	Scheme string // such as "https"
	Host   string // a domain or an IP address; an IPv6 address is in brackets
	Port   uint16 // 0 means the default port of the scheme
	IP     bool   // whether Host is an IPv4 or IPv6 address

	// EmptyLabel reports whether Host begins or ends with a dot, or has two dots in a row. Browsers
	// send such hosts, but wildcards and regular expressions never match them.
	EmptyLabel bool
}

// Parse parses an origin such as https://example.com:8443. ok is false if s is not an origin in
// exactly the form that browsers send
// (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).
//
// In that form, an origin is ASCII and in lower case, omits the default port of its scheme, and
// spells IP addresses in only one way. Two different strings that Parse accepts are therefore
// different origins.
//
// Parse rejects "null" and "file://", because they have no scheme, host and port to compare.
func Parse(s string) (o Origin, ok bool) {
	// The form of an origin is defined in RFC 6454, section 6.2. An IPv4 address consists of four
	// decimal numbers, and an IPv6 address is compressed. Labels of a host consist of letters, digits,
	// "_" and hyphens. The URL standard allows more characters, but hosts on the web do not use them.
	// As in browsers, labels can be empty: example.com. with a dot at the end is a host, and a
	// different one from example.com.
	if len(s) > MaxLen {
		return Origin{}, false
	}
	scheme, rest, ok := cutScheme(s)
	// A file has an opaque origin, whatever host its URL names.
	if !ok || scheme == "file" {
		return Origin{}, false
	}
	o.Scheme = scheme
	if rest == "" {
		return o, mayLackHost(scheme)
	}
	if rest[0] == '[' {
		o.IP = true
		o.Host = rest[:strings.IndexByte(rest, ']')+1] // "" without a closing bracket
		ok = isIPv6(o.Host)
	} else {
		ok = o.cutHost(rest)
	}
	if !ok {
		return Origin{}, false
	}
	if rest = rest[len(o.Host):]; rest != "" {
		if rest[0] != ':' {
			return Origin{}, false
		}
		if o.Port, ok = parsePort(rest[1:]); !ok || o.Port == DefaultPort(o.Scheme) {
			return Origin{}, false
		}
	}
	return o, true
}

// IsHost reports whether a Host header with the value host refers to the host and port of o. Case
// does not matter, and the default port may be left out. For example, both "example.com" and
// "Example.com:443" refer to the host and port of https://example.com.
func (o Origin) IsHost(host string) bool {
	// RFC 9110, section 4.2.3, says when two hosts and ports are equivalent.
	port := uint16(0)
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		p, ok := parsePort(host[i+1:])
		if !ok {
			return false
		}
		if p != DefaultPort(o.Scheme) {
			port = p
		}
		host = host[:i]
	}
	return port == o.Port && host != "" && equalFold(host, o.Host)
}

// IsLoopback reports whether host refers to the machine on which the browser runs. Examples are
// localhost, app.localhost, 127.0.0.1 and [::1]
// (https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy).
func IsLoopback(host string) bool {
	name := strings.TrimSuffix(host, ".") // as in Chromium
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || host == "[::1]" ||
		strings.HasPrefix(host, "127.") && isIPv4(host)
}

// DefaultPort returns the default port of the given scheme, or 0 if the scheme has none. For
// example, it returns 443 for "https" (https://url.spec.whatwg.org/#special-scheme).
func DefaultPort(scheme string) uint16 {
	switch scheme {
	case "https", "wss":
		return 443
	case "http", "ws":
		return 80
	case "ftp":
		return 21
	}
	return 0
}

// mayLackHost reports whether an origin with the given scheme may have no host, as qrc:// of
// QtWebEngine does. In this case, all pages with the scheme have the same origin. It returns false
// for the special schemes of the URL standard, and for schemes whose URLs are not pages.
func mayLackHost(scheme string) bool {
	if _, ok := notOrigins[scheme]; ok || strings.HasSuffix(scheme, "-extension") {
		return false
	}
	return scheme != "https" && scheme != "http" && scheme != "file"
}

// cutScheme splits s at the first "://". It returns false if there is none, or if the text before
// it is not a scheme in lower case (RFC 3986, section 3.1).
func cutScheme(s string) (scheme, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "https://"); ok { // most origins
		return s[:len("https")], rest, true
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && strings.HasPrefix(s[i:], "://"):
			return s[:i], s[i+len("://"):], true
		default:
			return "", "", false
		}
	}
	return "", "", false
}

func isScheme(s string) bool {
	scheme, _, ok := cutScheme(s + "://")
	return ok && scheme == s
}

// hostByte contains true for each byte that a label may contain.
var hostByte = func() (t [256]bool) {
	for c := 'a'; c <= 'z'; c++ {
		t[c] = true
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	t['-'], t['_'] = true, true
	return t
}()

// cutHost sets o.Host to the domain or IPv4 address that s begins with, up to the first byte that
// no host has. It also sets o.IP and o.EmptyLabel. It returns false if the host is not in the form
// that browsers send.
func (o *Origin) cutHost(s string) bool {
	start, end := 0, 0 // of the label
	for ; end < len(s); end++ {
		if hostByte[s[end]] {
			continue
		}
		if s[end] != '.' {
			break
		}
		o.EmptyLabel = o.EmptyLabel || start == end
		start = end + 1
	}
	label := s[start:end]
	o.EmptyLabel = o.EmptyLabel || label == ""
	o.Host = s[:end]
	switch {
	case o.Host == "":
		return false
	case label == "":
		o.IP = endsInNumber(o.Host)
	default:
		o.IP = label[0] <= '9' && isNumber(label)
	}
	// A host whose last label is a number is an IPv4 address or invalid.
	return !o.IP || isIPv4(o.Host)
}

// endsInNumber reports whether the last label of a host is a number, ignoring a dot at the end
// (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && isNumber(last)
}

// isNumber reports whether the URL standard treats a label as a number. This is the case if it
// consists of digits, or of "0x" followed by any number of hexadecimal digits.
func isNumber(label string) bool {
	hex := strings.HasPrefix(label, "0x")
	if hex {
		label = label[2:]
	}
	for i := 0; i < len(label); i++ {
		c := label[i]
		if !('0' <= c && c <= '9' || hex && 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}

// isIPv4 reports whether host consists of four decimal numbers up to 255, without leading zeros.
func isIPv4(host string) bool {
	for n := 1; ; n++ {
		part, rest, more := strings.Cut(host, ".")
		v, ok := parseDecimal(part, 255)
		if !ok || v == 0 && part != "0" {
			return false
		}
		if !more {
			return n == 4
		}
		host = rest
	}
}

// parsePort parses a port number from 1 to 65535 without leading zeros.
func parsePort(s string) (uint16, bool) {
	v, ok := parseDecimal(s, 65535)
	return uint16(v), ok && v > 0
}

// parseDecimal parses a decimal number without leading zeros. It returns false if the number is
// greater than limit or has more than five digits.
func parseDecimal(s string, limit int) (v int, ok bool) {
	if s == "" || len(s) > 5 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = 10*v + int(s[i]-'0')
	}
	return v, v <= limit
}

// isIPv6 reports whether host is an IPv6 address in brackets, spelled as in the URL standard. It
// parses the address in any spelling, writes it in the standard spelling, and compares the two.
func isIPv6(host string) bool {
	if len(host) < 4 || len(host) > len("[]")+maxIPv6 || host[0] != '[' || host[len(host)-1] != ']' {
		return false
	}
	text := host[1 : len(host)-1]
	groups, ok := parseIPv6(text)
	if !ok {
		return false
	}
	var buf [maxIPv6]byte
	return string(appendIPv6(buf[:0], groups)) == text
}

const maxIPv6 = len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

// parseIPv6 parses groups of hexadecimal digits with at most one "::". It does not support the form
// that ends in an IPv4 address, because browsers never send it.
func parseIPv6(s string) (groups [8]uint16, ok bool) {
	n, gap := 0, -1
	for s != "" {
		if strings.HasPrefix(s, "::") && gap < 0 {
			gap, s = n, s[2:]
			continue
		}
		if n > 0 && n != gap {
			if s[0] != ':' {
				return groups, false
			}
			s = s[1:]
		}
		digits := 0
		for digits < len(s) && isHex(s[digits]) {
			digits++
		}
		if digits == 0 || digits > 4 || n == 8 {
			return groups, false
		}
		for _, c := range []byte(s[:digits]) {
			groups[n] = groups[n]<<4 | uint16(hexValue(c))
		}
		n, s = n+1, s[digits:]
	}
	if gap < 0 {
		return groups, n == 8
	}
	if n == 8 {
		return groups, false
	}
	copy(groups[8-(n-gap):], groups[gap:n])
	clear(groups[gap : 8-(n-gap)])
	return groups, true
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}

// appendIPv6 appends an address in the spelling of the URL standard
// (https://url.spec.whatwg.org/#concept-ipv6-serializer). The longest run of two or more zero
// groups is written as "::". If there are several such runs, this is the first one. Unlike RFC 5952
// and net/netip, the standard writes IPv4-mapped addresses in hexadecimal too.
func appendIPv6(b []byte, groups [8]uint16) []byte {
	start, length := -1, 1
	for i := 0; i < 8; i++ {
		run := 0
		for i+run < 8 && groups[i+run] == 0 {
			run++
		}
		if run > length {
			start, length = i, run
		}
		i += run
	}
	for i := 0; i < 8; i++ {
		if i == start {
			b = append(b, "::"...)
			i += length - 1
			continue
		}
		if i > 0 && i != start+length {
			b = append(b, ':')
		}
		b = appendHex(b, groups[i])
	}
	return b
}

func appendHex(b []byte, v uint16) []byte {
	const digits = "0123456789abcdef"
	for shift := 12; shift >= 0; shift -= 4 {
		if v>>shift != 0 || shift == 0 {
			b = append(b, digits[v>>shift&0xf])
		}
	}
	return b
}

// equalFold is like strings.EqualFold, but ignores only the case of ASCII letters.
func equalFold(s, t string) bool {
	if len(s) != len(t) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if asciiLower(s[i]) != asciiLower(t[i]) {
			return false
		}
	}
	return true
}

func asciiLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// Package clip prepares untrusted strings for printing. It shortens long strings and escapes bytes
// that could confuse a terminal or a log.
package clip

import (
	"strconv"
	"strings"
)

// Max is the number of bytes after which [Shown], [Quoted] and [Unquoted] truncate a string. It is
// large enough for every valid origin.
const Max = 320

// Cut returns a copy of the first n bytes of s, or of the whole string if it is shorter.
func Cut(s string, n int) string { return strings.Clone(s[:min(len(s), n)]) }

// IsPlain reports whether s consists only of printable ASCII characters.
func IsPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// Shown returns s in a form that is safe to print. If s is longer than [Max] bytes, or contains
// anything other than printable ASCII characters, the result is Quoted(s). Otherwise, it is a copy
// of s.
func Shown(s string) string {
	if len(s) <= Max && IsPlain(s) {
		return strings.Clone(s)
	}
	return Quoted(s)
}

// Quoted returns s as a double-quoted Go string literal in ASCII. If s is longer than [Max] bytes,
// the literal contains only the first Max bytes, and is followed by "…".
func Quoted(s string) string {
	if len(s) > Max {
		return strconv.QuoteToASCII(s[:Max]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

// Unquoted is like [Shown], but never adds quotes. The result may share memory with s.
func Unquoted(s string) string {
	if len(s) <= Max && IsPlain(s) {
		return s
	}
	s, more := strings.CutSuffix(Quoted(s), "…")
	if s = s[1 : len(s)-1]; more {
		s += "…"
	}
	return s
}

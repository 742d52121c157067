// Package clip makes text that a client or an operator sent fit to print: short, and without bytes that could
// confuse a terminal or a log.
package clip

import (
	"strconv"
	"strings"
)

// Max is how many bytes of a text are printed: enough for the longest origin.
const Max = 320

// Cut returns a copy of the first n bytes of s.
func Cut(s string, n int) string { return strings.Clone(s[:min(len(s), n)]) }

// IsPlain reports whether s is printable ASCII.
func IsPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// Shown returns a copy of s if it is short and plain, and what Quoted returns otherwise.
func Shown(s string) string {
	if len(s) <= Max && IsPlain(s) {
		return strings.Clone(s)
	}
	return Quoted(s)
}

// Quoted returns s as a Go string in ASCII, cut to Max bytes and with "…" after the quotes if it was longer.
func Quoted(s string) string {
	if len(s) > Max {
		return strconv.QuoteToASCII(s[:Max]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

// Unquoted is Shown without the quotes, for text that is quoted already by its surroundings.
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

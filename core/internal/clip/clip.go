// Package clip prepares texts from outside for being printed: it shortens them and escapes bytes
// that could confuse a terminal or a log.
package clip

import (
	"strconv"
	"strings"
)

// Max is the number of bytes of a text that are printed at most. The longest origin fits.
const Max = 320

// Cut returns a copy of the first n bytes of s, or of s if it is shorter.
func Cut(s string, n int) string { return strings.Clone(s[:min(len(s), n)]) }

// IsPlain reports whether s is printable ASCII.
func IsPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// Shown returns a copy of s if s has at most Max bytes and is plain. Otherwise it returns
// Quoted(s).
func Shown(s string) string {
	if len(s) <= Max && IsPlain(s) {
		return strings.Clone(s)
	}
	return Quoted(s)
}

// Quoted returns s as a Go string literal in ASCII. If s is longer than Max, the literal has the
// first Max bytes and is followed by "…".
func Quoted(s string) string {
	if len(s) > Max {
		return strconv.QuoteToASCII(s[:Max]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

// Unquoted is like Shown, but without the quotes. It is for texts that will be put between quotes.
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

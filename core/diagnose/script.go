package diagnose

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file splits JavaScript into tokens (https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar).
// What is not JavaScript becomes an invalid token, because people paste other text together with
// code. An invalid token is an error only if it is part of a request.

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenString
	tokenTemplate
	tokenNumber
	tokenRegex
	tokenSign    // an operator or a bracket
	tokenInvalid // text says what is wrong
)

// token is a part of a script.
type token struct {
	kind       tokenKind
	text       string // a name, a sign, or the value of a string or a number
	parts      []part // of a template
	start, end int    // in the script
	line       int
}

func (t token) is(sign string) bool { return t.kind == tokenSign && t.text == sign }

// part is a part of a template: text, or an expression.
type part struct {
	text       string
	expression string // "" if the part is text
	defaultOf  string // the expression that the text is the default of, as in x ?? "text"
}

// scanner splits a script into tokens.
type scanner struct {
	text      string
	pos, line int
	tokens    []token
	noRegex   int // no regular expression ends before this position
}

// scan returns the tokens of a script. The last one is a tokenEnd. The argument line is the number
// of the first line.
func scan(text string, line int) []token {
	s := &scanner{text: text, line: line}
	for s.next() {
	}
	return append(s.tokens, token{kind: tokenEnd, start: len(text), end: len(text), line: s.line})
}

// next adds a token. It returns false at the end of the script.
func (s *scanner) next() bool {
	if !s.skipSpace() {
		return false
	}
	c, size := utf8.DecodeRuneInString(s.text[s.pos:])
	start, line := s.pos, s.line
	var t token
	switch {
	case c == '\'' || c == '"':
		t = s.string(byte(c))
	case c == '`':
		t = s.template()
	case '0' <= c && c <= '9':
		t = token{kind: tokenNumber, text: s.while(func(r rune) bool { return r == '.' || r == '_' || isNameRune(r) })}
	case isNameRune(c) || c == '#' || c == '@':
		s.pos += size
		t = token{kind: tokenName, text: s.text[start:s.pos] + s.while(isNameRune)}
	case c == '/' && s.isRegex():
		t = s.regex()
	default:
		t = s.sign()
	}
	t.start, t.end, t.line = start, s.pos, line
	s.tokens = append(s.tokens, t)
	return true
}

func isNameRune(r rune) bool {
	return r == '$' || r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// while returns the text up to the first rune for which ok returns false.
func (s *scanner) while(ok func(rune) bool) string {
	start := s.pos
	for s.pos < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[s.pos:])
		if !ok(r) {
			break
		}
		s.pos += size
	}
	return s.text[start:s.pos]
}

// skipSpace skips white space and comments. It returns false at the end of the script.
func (s *scanner) skipSpace() bool {
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == '\n':
			s.line++
			s.pos++
		case unicode.IsSpace(r):
			s.pos += size
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			s.pos += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				s.tokens = append(s.tokens, token{
					kind: tokenInvalid, text: "the comment has no end", start: s.pos, end: len(s.text), line: s.line,
				})
				s.pos = len(s.text)
				return false
			}
			s.line += strings.Count(rest[:n+4], "\n")
			s.pos += n + 4
		default:
			return true
		}
	}
	return false
}

// sign reads an operator or a bracket.
func (s *scanner) sign() token {
	rest := s.text[s.pos:]
	for _, sign := range [...]string{"...", "=>", "?.", "??", "||", "&&", "===", "!==", "==", "!=", "+=", "++", "--"} {
		if strings.HasPrefix(rest, sign) {
			s.pos += len(sign)
			return token{kind: tokenSign, text: sign}
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	s.pos += size
	return token{kind: tokenSign, text: rest[:size]}
}

// string reads a string in quotes.
func (s *scanner) string(quote byte) token {
	s.pos++
	var b strings.Builder
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch c {
		case quote:
			s.pos++
			return token{kind: tokenString, text: b.String()}
		case '\n':
			return token{kind: tokenInvalid, text: "the string has no end"}
		case '\\':
			s.escape(&b)
		default:
			b.WriteByte(c)
			s.pos++
		}
	}
	return token{kind: tokenInvalid, text: "the string has no end"}
}

// escape reads an escape in a string or a template.
func (s *scanner) escape(b *strings.Builder) {
	s.pos++
	if s.pos >= len(s.text) {
		return
	}
	c, size := utf8.DecodeRuneInString(s.text[s.pos:])
	s.pos += size
	// hex reads the hexadecimal digits before position end.
	hex := func(end int) {
		if end > len(s.text) {
			return
		}
		if v, err := strconv.ParseUint(s.text[s.pos:end], 16, 21); err == nil {
			b.WriteRune(rune(v))
			s.pos = end
		}
	}
	switch c {
	case '\n':
		s.line++
	case 'b', 'f', 'n', 'r', 't', 'v', '0':
		b.WriteByte(map[rune]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '0': 0}[c])
	case 'x':
		hex(s.pos + 2)
	case 'u':
		if !strings.HasPrefix(s.text[s.pos:], "{") {
			hex(s.pos + 4)
			return
		}
		if n := strings.IndexByte(s.text[s.pos:], '}'); n > 0 && n < 10 {
			s.pos++
			hex(s.pos + n - 1)
			if strings.HasPrefix(s.text[s.pos:], "}") {
				s.pos++
			}
		}
	default:
		b.WriteRune(c)
	}
}

// template reads a template literal.
func (s *scanner) template() token {
	s.pos++
	var parts []part
	var b strings.Builder
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '`':
			s.pos++
			return token{kind: tokenTemplate, parts: append(parts, part{text: b.String()})}
		case c == '\\':
			s.escape(&b)
		case strings.HasPrefix(s.text[s.pos:], "${"):
			expression, ok := s.substitution()
			if !ok {
				return token{kind: tokenInvalid, text: "the ${ in the template has no end"}
			}
			parts = append(parts, part{text: b.String()}, part{expression: expression})
			b.Reset()
		default:
			if c == '\n' {
				s.line++
			}
			b.WriteByte(c)
			s.pos++
		}
	}
	return token{kind: tokenInvalid, text: "the template has no end"}
}

// substitution reads ${...} in a template, and returns what is between the braces. Braces in nested
// strings and templates do not count.
func (s *scanner) substitution() (expression string, ok bool) {
	s.pos += 2
	start, depth := s.pos, 1
	var quote byte
	for ; s.pos < len(s.text); s.pos++ {
		c := s.text[s.pos]
		if c == '\n' {
			s.line++
		}
		switch {
		case quote != 0 && c == '\\':
			s.pos++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				s.pos++
				expression = strings.TrimSpace(s.text[start : s.pos-1])
				return expression, expression != ""
			}
		}
	}
	return "", false
}

// isRegex reports whether a slash begins a regular expression. It is a division after a value.
func (s *scanner) isRegex() bool {
	if len(s.tokens) == 0 {
		return true
	}
	switch t := s.tokens[len(s.tokens)-1]; t.kind {
	case tokenSign:
		return t.text != ")" && t.text != "]" && t.text != "}"
	case tokenName:
		return t.text == "return" || t.text == "typeof" || t.text == "await"
	}
	return false
}

// regex reads a regular expression.
func (s *scanner) regex() token {
	if s.pos < s.noRegex {
		return s.sign()
	}
	class := false
	i := s.pos + 1
	for ; i < len(s.text) && s.text[i] != '\n'; i++ {
		switch c := s.text[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.pos = i + 1
			s.while(isNameRune) // the flags
			return token{kind: tokenRegex}
		}
	}
	s.noRegex = i
	return s.sign()
}

package regex

import (
	"regexp"
	"strings"
)

// python lists constructs of Python's re package that package regexp lacks or interprets
// differently. Each is recognized by the text with which it begins.
var python = []struct{ begin, name, fix string }{
	{`(?=`, "lookahead", "write what is allowed as a whole, in several expressions if need be"},
	{`(?!`, "lookahead", "write what is allowed instead of what is not"},
	{`(?<=`, "lookbehind", "write what is allowed as a whole, in several expressions if need be"},
	{`(?<!`, "lookbehind", "write what is allowed instead of what is not"},
	{`(?P=`, "backreference", "write each alternative out"},
	{`(?(`, "condition", "write each alternative out"},
	{`(?>`, "atomic group", `write "(?:"`},
	{`(?#`, "comment", "remove it"},
	{`(?x`, `flag "x"`, "write the expression without spaces and comments"},
	{`(?a`, `flag "a"`, `remove it, because classes such as \w are ASCII only`},
	{`(?u`, `flag "u"`, "remove it"},
	{`(?L`, `flag "L"`, "remove it"},
	{`\Z`, `"\Z"`, "remove it, because the whole text must match"},
	{`\u`, `"\u"`, `write \x{…}`},
	{`\U`, `"\U"`, `write \x{…}`},
	{`\N`, `"\N"`, "write the character"},
	{`*+`, "possessive quantifier", `write "*"`},
	{`++`, "possessive quantifier", `write "+"`},
	{`?+`, "possessive quantifier", `write "?"`},
	{`}+`, "possessive quantifier", `write "}"`},
}

// Misread finds syntax of Python's re package that Go's regexp package does not support. rule says
// what is wrong, and fix says what to write instead. For example, rule is "Go's regexp package has
// no lookahead" if the expression contains "(?=". Both results are "" if Misread finds nothing, or
// if the expression is longer than [MaxLen].
func Misread(expr string) (rule, fix string) {
	if len(expr) > MaxLen {
		return "", ""
	}
	_, err := regexp.Compile(expr)
	for i := 0; i < len(expr); i++ {
		rest := expr[i:]
		for _, p := range python {
			if err != nil && strings.HasPrefix(rest, p.begin) {
				return "Go's regexp package has no " + p.name, p.fix
			}
		}
		switch {
		case err != nil && len(rest) > 1 && rest[0] == '\\' && '1' <= rest[1] && rest[1] <= '9':
			return "Go's regexp package has no backreference", "write each alternative out"
		case rest[0] == '\\':
			i++
		case rest[0] == '[':
			i += endOfClass(rest)
		case strings.HasPrefix(rest, "{,") && openRepeat.MatchString(rest):
			return "a repetition without a first number is plain text in Go", `write "{0` +
				rest[1:strings.IndexByte(rest, '}')+1] + `"`
		}
	}
	if err != nil {
		what := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return "this is not a valid regular expression in Go (" + what + ")", "correct it"
	}
	if _, err := regexp.Compile("(?:" + expr + ")"); err != nil {
		return `there is a \Q without \E`, `write \E after the quoted text`
	}
	return "", ""
}

// openRepeat matches a repetition such as {,3}, which means "at most three" in Python.
var openRepeat = regexp.MustCompile(`^\{,[0-9]+\}`)

// endOfClass returns the index of the bracket that closes the class at the beginning of text. If
// there is no such bracket, it returns the index of the last byte.
func endOfClass(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == ']' && i > 1 && text[:i] != "[^":
			return i
		}
	}
	return len(text) - 1
}

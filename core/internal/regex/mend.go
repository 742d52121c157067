package regex

import (
	"regexp"
	"strings"
)

// Mend returns a likely correction of an expression for origins, or "" if it finds none. For
// example, it returns https://(.*\.)?example\.com for https://.*example\.com.
//
// Mend tries to restrict the scheme to https, to escape dots, and to require a dot before the
// domain. It only returns an expression in which [Expr.Judge] finds no risk.
func (e *Expr) Mend() string {
	if strings.Contains(e.text, `\Q`) || len(e.text) > MaxLen/8 {
		return ""
	}
	text := e.text
	if !strings.Contains(text, "://") && !strings.Contains(text, `:\/\/`) {
		text = "https://" + strings.TrimPrefix(text, "^")
	}
	secure := text
	for _, scheme := range [...]string{"https?", "http", "(http|https)", "(https|http)", ".*"} {
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "^"), scheme+":"); ok {
			secure = "https:" + rest
			break
		}
	}
	for _, text := range [...]string{text, secure} {
		for _, mended := range [...]string{text, escapeDots(text), separate(text), separate(escapeDots(text))} {
			if mended == e.text {
				continue
			}
			if expr, err := Parse(mended); err == nil && expr.MatchesOrigin() && len(expr.Judge()) == 0 {
				return mended
			}
		}
	}
	return ""
}

// escapeDots escapes every dot that is not in a class and not repeated.
func escapeDots(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			b.WriteString(text[i : i+2])
			i++
		case c == '[':
			end := i + endOfClass(text[i:])
			b.WriteString(text[i : end+1])
			i = end
		case c == '.' && (i+1 == len(text) || !strings.ContainsRune("*+?{", rune(text[i+1]))):
			b.WriteString(`\.`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// anything matches an expression for any text directly before a name, such as .*e in
// https://.*example\.com.
var anything = regexp.MustCompile(`(\.[*+]|\[[a-z0-9.\\w-]+\][*+]|\(\.\*\))(\\\.\?)?([a-z0-9])`)

// separate puts a dot between any text and a name: it replaces .*example with (.*\.)?example.
func separate(text string) string {
	return anything.ReplaceAllString(text, `(.*\.)?$3`)
}

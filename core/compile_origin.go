package core

import (
	"strings"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

// parseOrigin parses an entry of a list of origins. If the entry is refused, the fix is one that
// New accepts, even if every origin must be trusted.
func (c *compiler) parseOrigin(list problem.Field, entry string) (origin.Pattern, *problem.Problem) {
	var use origin.Use
	if list == problem.AllowOrigins && guardOf(&c.cfg).isSet() {
		use = origin.Trusted
	}
	pattern, bad := origin.ParseFor(use, entry)
	if bad != nil {
		if expression, ok := origin.Expression(entry); ok {
			c.expressions++
			bad.Fix = c.expressionFix(entry, expression)
		}
	}
	return pattern, bad
}

// expressionFix returns the fix for an entry of AllowOrigins that was meant as a regular
// expression. Only an expression that AllowOriginRegexes accepts is suggested.
func (c *compiler) expressionFix(entry, text string) problem.Text {
	const list = problem.AllowOriginRegexes
	listThem := problem.Plain("list the origins") // without a list for expressions
	suggest := func(text string) problem.Text {
		if text == entry {
			return problem.Textf("move it to %v", list).Else(listThem)
		}
		return problem.Textf("write `%s` in %v", text, list).Else(listThem)
	}
	// In JavaScript, an expression is written between slashes.
	if rest, ok := strings.CutPrefix(text, "/"); ok && !strings.HasPrefix(text, "//") {
		if i := strings.LastIndexByte(rest, '/'); i > 0 && strings.Trim(rest[i+1:], "dgimsuvy") == "" {
			if text = rest[:i]; strings.Contains(rest[i+1:], "i") {
				text = "(?i)" + text
			}
		}
	}
	if strings.Contains(text, "`") || len(text) > regex.MaxLen/8 || c.expressions > maxListed {
		return problem.Textf("write an expression in %v that matches the whole origin", list).Else(listThem)
	}
	expr, err := regex.Parse(text)
	if err == nil && c.accepts(text) && expr.MatchesOrigin() && !expr.HasLooseDot() {
		return suggest(text)
	}
	if escaped := escapeDots(text); err == nil && escaped != text && c.accepts(escaped) {
		return suggest(escaped)
	}
	if err == nil {
		if mended := expr.Mend(); mended != "" && c.accepts(mended) {
			return suggest(mended)
		}
	}
	return problem.Textf("write an expression in %v that matches the whole origin, such as `%s`", list,
		`https://[a-z0-9-]+\.example\.com`).Else(listThem)
}

// accepts reports whether AllowOriginRegexes accepts an expression that matches an origin.
func (c *compiler) accepts(text string) bool {
	try := compiler{cfg: Config{
		AllowOriginRegexes: []string{text}, AllowCredentials: c.cfg.AllowCredentials,
		AllowPrivateNetwork: c.cfg.AllowPrivateNetwork,
	}, policy: &Policy{}}
	try.regexes()
	expr, err := regex.Parse(text)
	return err == nil && len(try.problems) == 0 && expr.MatchesOrigin()
}

// escapeDots escapes the dots of an expression that were meant literally: those before a letter or
// digit that do not follow a backslash, and are not in a class.
func escapeDots(text string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			b.WriteByte(c)
			i++
			c = text[i]
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '.' && !inClass && i+1 < len(text) && !strings.ContainsRune("*+?{", rune(text[i+1])):
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

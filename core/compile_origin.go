package core

import (
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

// parseOrigin parses an entry of a list of origins. If it refuses the entry, New accepts what the
// fix suggests, even if every origin must be trusted.
func (c *compiler) parseOrigin(list problem.Field, entry string) (origin.Pattern, *problem.Problem) {
	var use origin.Use
	if guardOf(&c.cfg).isSet() {
		use = origin.Trusted
		if list == problem.DangerouslyAllowOrigins {
			use = origin.Risky
		}
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
// expression. It suggests only an expression that AllowOriginRegexes accepts.
func (c *compiler) expressionFix(entry, text string) problem.Text {
	const list = problem.AllowOriginRegexes
	listThem := problem.Plain("replace it with your own origins") // without a list for expressions
	if len(text) > regex.MaxLen/8 || c.expressions > maxListed {
		return problem.Textf("write an expression in %v that matches the whole origin", list).Else(listThem)
	}
	for _, text := range c.expressionsFor(text) {
		try := compiler{cfg: c.cfg, policy: &Policy{}}
		try.cfg.AllowOriginRegexes, try.cfg.DangerouslyAllowOriginRegexes = []string{text}, nil
		try.regexes()
		expr, err := regex.Parse(text)
		switch {
		case err != nil || len(try.problems) > 0 || expr.HasLooseDot():
		case text == entry:
			return problem.Textf("move it to %v", list).Else(listThem)
		default:
			return problem.Textf("write %v in %v", problem.Expr(text), list).Else(listThem)
		}
	}
	return problem.Textf("write an expression in %v that matches the whole origin, such as %v", list, exampleExpr).
		Else(listThem)
}

// expressionsFor returns likely corrections of text, which was meant as a regular expression.
func (c *compiler) expressionsFor(text string) []string {
	list := []string{text, regex.EscapeDots(text)}
	if m, ok := regex.Check(text, guardOf(&c.cfg).isSet()); !ok && len(m.Mended) == 1 {
		list = append(list, m.Mended[0])
	}
	if expr, err := regex.Parse(text); err == nil {
		list = append(list, expr.Mend())
	}
	return list
}

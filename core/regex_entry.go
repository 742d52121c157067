package core

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

// readRegex parses and compiles an entry of a list of expressions. It refuses an entry that is too
// long, that cannot match any origin, or that is not an expression. The argument origins is the
// list to which an entry that is not an expression should be moved. If trusted is true, every
// allowed origin must be trusted, so fixes suggest only safe expressions.
func readRegex(
	entry string, origins problem.Field, trusted bool,
) (expr *regex.Expr, re *regexp.Regexp, bad *problem.Problem) {
	if len(entry) > regex.MaxLen { // parsing it would take long
		return nil, nil, &problem.Problem{
			Rule: problem.Plain(regex.TooLong),
			Fix:  problem.Textf("replace it with your own origins in %v", origins),
		}
	}
	if bad := misreadRegex(entry, origins, trusted); bad != nil {
		return nil, nil, bad
	}
	expr, err := regex.Parse(entry)
	if err == nil {
		re, err = expr.Compile("")
	}
	if err != nil {
		return nil, nil, notRE2(err)
	}
	return expr, re, nil
}

// misreadRegex recognizes entries that do not mean what their author intended, such as a pattern
// with "*". It returns nil if it recognizes no mistake.
func misreadRegex(entry string, origins problem.Field, trusted bool) *problem.Problem {
	if entry == "" {
		return problem.New("an empty entry allows nothing", "remove it")
	}
	if patterns := wildcardsOf(entry); patterns != nil {
		return &problem.Problem{
			Rule: problem.Plain("this is a wildcard, not an expression"),
			Fix:  wildcardFix(patterns, origins, trusted),
		}
	}
	// In https://a\.example|http://localhost:*, the second part is a wildcard.
	if branches := strings.Split(entry, "|"); len(branches) > 1 && !strings.ContainsAny(entry, "([") {
		for _, branch := range branches {
			if wildcardsOf(branch) != nil {
				return problem.New(strconv.Quote(branch)+" is a wildcard, not an expression", "replace it with your own origins")
			}
		}
	}
	if name, rule := opaqueOf(entry); name != "" {
		fix := problem.Textf("write %q in %v", name, origins).Else(problem.Plain("remove it"))
		if trusted {
			fix = problem.Plain("remove it")
		}
		return &problem.Problem{Rule: problem.Plain(rule), Fix: fix}
	}
	mistake, ok := regex.Check(entry, trusted)
	switch {
	case ok:
		return nil
	case len(mistake.Mended) > 0:
		return &problem.Problem{Rule: problem.Plain(mistake.Rule), Fix: problem.WriteExprs(mistake.Mended...)}
	}
	if _, err := regex.Parse(entry); err != nil {
		return notRE2(err)
	}
	return &problem.Problem{
		Rule: problem.Plain(mistake.Rule),
		Fix:  problem.Textf("write an expression for whole origins, such as %v", exampleExpr),
	}
}

// opaqueOf recognizes an entry that was meant as null or file://, which no expression matches. It
// returns the corresponding entry of AllowOrigins, and a rule that explains the mistake.
func opaqueOf(entry string) (name, rule string) {
	text := strings.TrimSuffix(strings.TrimPrefix(entry, "^"), "$")
	switch {
	case strings.EqualFold(text, "null"):
		return "null", "null is allowed only by its own name, not by an expression"
	case strings.HasPrefix(strings.ReplaceAll(text, `\`, ""), "file:"):
		return "file://", "file:// is allowed only by its own name, not by an expression"
	}
	return "", ""
}

// wildcardUnescape converts an expression to the pattern with "*" that its author may have meant.
var wildcardUnescape = strings.NewReplacer(`\.`, ".", `\*`, "*", `\/`, "/", `\-`, "-", `\:`, ":")

// wildcardsOf returns the patterns that an entry was meant as, or nil if it was meant as an
// expression. For example, https://*.example.com was meant as a pattern. As an expression, it would
// match https://xexample.com.
func wildcardsOf(entry string) []origin.Pattern {
	if !strings.Contains(entry, "*") {
		return nil
	}
	text := strings.Trim(strings.TrimSpace(entry), "\"'`")
	text = wildcardUnescape.Replace(strings.TrimSuffix(strings.TrimPrefix(text, "^"), "$"))
	if text != "*" {
		text = strings.TrimRight(strings.TrimSuffix(text, "/*"), "/")
	}
	schemes := []string{""}
	for _, either := range [...]string{
		"https?://", "http*://", "http(s)?://", "(http|https)://", "(https|http)://", "*://",
	} {
		if rest, ok := strings.CutPrefix(text, either); ok {
			text, schemes = rest, []string{"https://", "http://"}
		}
	}
	if len(schemes) == 1 && text != "*" && !strings.Contains(text, "://") {
		schemes[0] = "https://"
	}
	var patterns []origin.Pattern
	for _, scheme := range schemes {
		pattern, bad := origin.ParsePattern(scheme + text)
		if bad != nil || pattern.Kind == origin.Opaque {
			return nil
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

// wildcardFix returns a fix that says in which list to write the patterns.
func wildcardFix(patterns []origin.Pattern, origins problem.Field, trusted bool) problem.Text {
	var texts []string
	var risk origin.Risk
	for _, p := range patterns {
		if r := p.Risk(); trusted && r == origin.RiskInsecure && len(patterns) > 1 {
			continue // https is listed, too
		}
		risk |= p.Risk()
		texts = append(texts, strconv.Quote(p.Text))
	}
	list := strings.Join(texts, " and ")
	asRegex := problem.Textf("write an expression, such as %v", exampleExpr)
	switch {
	case !trusted || risk == 0:
		return problem.Textf("write %s in %v", list, origins).Else(asRegex)
	case risk&origin.RiskAny != 0:
		return problem.Textf("write your own origins in %v", origins).Else(asRegex)
	case risk == origin.RiskInsecure:
		fix := problem.Textf("write %s in %v", strings.ReplaceAll(list, `"http://`, `"https://`), origins)
		return problem.Textf("%v, or write %s in %v", fix, list, problem.DangerouslyAllowOrigins).
			Else(fix.Else(asRegex))
	}
	return problem.Textf("write %s in %v", list, problem.DangerouslyAllowOrigins).Else(asRegex)
}

package regex

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Mend returns a corrected expression in which [Expr.Judge] finds no risk, or "" if it finds no
// likely correction. For example, it returns https://(.*\.)?example\.com for
// https://.*example\.com.
func (e *Expr) Mend() string {
	// The corrections are to restrict the scheme to https, to escape dots, and to require a dot before
	// the domain.
	if strings.Contains(e.text, `\Q`) || len(e.text) > maxMend {
		return ""
	}
	text := e.text
	if !hasScheme(text) {
		text = addScheme(text)
	}
	for _, text := range [...]string{text, useHTTPS(text)} {
		for _, mended := range [...]string{text, EscapeDots(text), separate(text), separate(EscapeDots(text))} {
			if mended == e.text {
				continue
			}
			if flaw(mended, maxMends) != "" {
				continue
			}
			if expr, err := Parse(mended); err == nil && len(expr.judge(maxMends)) == 0 {
				return mended
			}
		}
	}
	return ""
}

// maxMend is the maximum length of an expression that is corrected, in bytes.
const maxMend = 512

// Mistake is a reason why an expression, or a part of it, can never match an origin.
type Mistake struct {
	Rule string // what is wrong, such as "an origin has no path"
	// Mended contains the corrected expression. It has several elements if the original was a list
	// of expressions. It is nil if Check found no likely correction.
	Mended []string
}

// Check looks for a mistake in an expression that should match origins. For example, the expression
// may be invalid, or a part of it may match something that no origin contains. ok is true if there
// is no mistake. Otherwise, m describes the mistake.
//
// If trusted is true, m suggests only expressions in which [Expr.Judge] finds no risk.
func Check(text string, trusted bool) (m Mistake, ok bool) {
	// The mistakes are: the expression cannot be parsed, it matches no origin, or a part of it that is
	// not optional can never match.
	problem := flaw(text, maxWork)
	if problem == "" {
		return Mistake{}, true
	}
	if len(text) > maxMend {
		return Mistake{Rule: problem}, false
	}
	if list := split(text, ",; \n\t"); len(list) > 1 && slices.ContainsFunc(list, hasScheme) {
		if mended, _ := mendAll(list, trusted); mended != nil {
			return Mistake{"an entry is one expression", mended}, false
		}
	}
	if branches := split(text, "|"); len(branches) > 1 {
		if grouped := group(branches); grouped != "" {
			rule := `"|" separates whole expressions, so the alternatives need parentheses`
			if safe := mendRisks(grouped, trusted); safe != "" && flaw(safe, maxMends) == "" {
				return Mistake{rule, []string{safe}}, false
			}
			return Mistake{Rule: rule}, false
		}
		mended, rule := mendAll(branches, trusted)
		switch {
		case mended != nil:
			return Mistake{rule, []string{strings.Join(mended, "|")}}, false
		case slices.ContainsFunc(branches, func(branch string) bool { return flaw(branch, maxMends) == "" }):
			return Mistake{Rule: rule}, false
		}
	}
	mended := text
	rule := ""
	for _, s := range slips {
		next := s.mend(mended)
		if next == mended {
			continue
		}
		mended = next
		if rule == "" {
			rule = s.rule
		}
		if flaw(mended, maxMends) != "" {
			continue
		}
		if safe := mendRisks(mended, trusted); safe != "" {
			return Mistake{rule, []string{safe}}, false
		}
		return Mistake{Rule: rule}, false
	}
	return Mistake{Rule: problem}, false
}

var (
	bareScheme = regexp.MustCompile(`^\^?https?$`)
	firstLabel = regexp.MustCompile(`^(\^?https?\??:(?:\\?/){2})([a-z0-9-]+)$`)
	plainLabel = regexp.MustCompile(`^[a-z0-9-]+$`)
	lastLabel  = regexp.MustCompile(`^([a-z0-9-]+)(\\?\..+)$`)
)

// group corrects an expression whose alternatives should be in parentheses. For example, it returns
// https://(app|admin)\.example\.com if the branches are those of https://app|admin\.example\.com.
// It returns "" if it knows no correction.
func group(branches []string) string {
	n := len(branches) - 1
	first, last := branches[0], branches[n]
	if n == 1 && bareScheme.MatchString(first) {
		if _, rest, ok := strings.Cut(last, "://"); ok && bareScheme.MatchString(last[:len(last)-len(rest)-len("://")]) {
			return "https?://" + rest
		}
	}
	begin, end := firstLabel.FindStringSubmatch(first), lastLabel.FindStringSubmatch(last)
	if begin == nil || end == nil ||
		slices.ContainsFunc(branches[1:n], func(label string) bool { return !plainLabel.MatchString(label) }) {
		return ""
	}
	labels := append(append([]string{begin[2]}, branches[1:n]...), end[1])
	return begin[1] + "(" + strings.Join(labels, "|") + ")" + end[2]
}

// mendAll corrects each expression in a list. It returns nil if it cannot correct one of them. rule
// describes the first mistake that it finds.
func mendAll(list []string, trusted bool) (mended []string, rule string) {
	complete := true
	for _, text := range list {
		m, ok := Check(text, trusted)
		if ok {
			m.Mended = []string{mendRisks(text, trusted)}
		}
		if rule == "" {
			rule = m.Rule
		}
		complete = complete && len(m.Mended) == 1 && m.Mended[0] != ""
		mended = append(mended, m.Mended...)
	}
	if !complete {
		return nil, rule
	}
	return mended, rule
}

// mendRisks returns text itself if trusted is false. Otherwise, it returns an expression without
// risks, which is a correction of text if necessary. It returns "" if it finds no correction.
func mendRisks(text string, trusted bool) string {
	if !trusted {
		return text
	}
	e, err := Parse(text)
	if err != nil || len(e.judge(maxMends)) > 0 {
		if err == nil {
			return e.Mend()
		}
		return ""
	}
	return text
}

// flaw describes a mistake in an expression. It returns "" if it finds none within limit steps.
func flaw(text string, limit int) string {
	e, err := Parse(text)
	if err != nil {
		return "this is not a valid regular expression in Go (" + err.Error() + ")"
	}
	if branches := split(text, "|"); len(branches) > 1 && !strings.Contains(text, "(?") {
		for _, branch := range branches {
			if rule := flaw(branch, limit); rule != "" {
				return rule
			}
		}
		return ""
	}
	switch {
	case strings.Trim(text, "^$") == "null":
		return "null is allowed only by its own name, not by an expression"
	case repeatedSlash.MatchString(text):
		return wildcardRule
	case hasCapital(e.tree):
		return "origins are in lower case"
	case e.endsInDefaultPort(limit):
		return "browsers leave out the default port of a scheme"
	case !e.matchesOrigin(limit):
		return "this matches no origin; an origin is a scheme, a host and an optional port, in lower case, without a path"
	case !hasScheme(text) && hasLetter(e.tree):
		return "the scheme is missing"
	}
	return ""
}

// hasCapital reports whether an expression contains a capital letter that can match only itself.
func hasCapital(tree *syntax.Regexp) bool {
	if tree.Op == syntax.OpLiteral && tree.Flags&syntax.FoldCase == 0 {
		return slices.ContainsFunc(tree.Rune, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	}
	return slices.ContainsFunc(tree.Sub, hasCapital)
}

// hasLetter reports whether an expression contains a letter or a digit as a literal.
func hasLetter(tree *syntax.Regexp) bool {
	if tree.Op == syntax.OpLiteral {
		return slices.ContainsFunc(tree.Rune, func(r rune) bool { return r < 0x80 && isLabel(byte(r)) && r != '-' })
	}
	return slices.ContainsFunc(tree.Sub, hasLetter)
}

// defaultPort matches the end of an expression with a default port.
var defaultPort = regexp.MustCompile(`(?:\(\?:|\()?\\?:(?:443|80)\)?(\$|\\z)?$`)

// endsInDefaultPort reports whether an expression matches no origin because it ends in a default
// port.
func (e *Expr) endsInDefaultPort(limit int) bool {
	if !defaultPort.MatchString(e.text) || IsTooLarge(e.text) {
		return false
	}
	j, ok := newJudge(e, limit)
	if !ok || !j.explore() {
		return false
	}
	for _, is := range [...]scheme{https, http, app, loopback} {
		if j.verified(j.complete(j.starts(), is, "")) != "" {
			return false
		}
	}
	return true
}

// repeatedSlash matches "//*" in an expression such as https://*.example.com, in which "*" was
// meant as a wildcard. As an expression, "/*" matches repeated slashes.
var repeatedSlash = regexp.MustCompile(`((?:\\?/){2})\\?\*(?:\\?\.)?`)

// bareWildcard matches https://*, which has a wildcard but no domain.
var bareWildcard = regexp.MustCompile(`((?:\\?/){2})\\?\*(\$?)$`)

const wildcardRule = "this is a wildcard, not an expression"

// slips lists the mistakes that Check can correct, in the order in which it corrects them. If an
// expression does not have the mistake, mend returns it unchanged.
var slips = []struct {
	rule string
	mend func(text string) string
}{
	{"there is white space before or after the value", strings.TrimSpace},
	{"the expression ends with a comma or semicolon", func(text string) string { return strings.TrimRight(text, ",; ") }},
	{`r"…" is how Python quotes an expression`, func(text string) string {
		if m := pythonString.FindStringSubmatch(text); m != nil {
			return m[1] + m[2]
		}
		return text
	}},
	{"there are quotes around the value", func(text string) string {
		if n := len(text); n > 2 && strings.ContainsRune("\"'`", rune(text[0])) && text[n-1] == text[0] {
			return text[1 : n-1]
		}
		return text
	}},
	{`"/…/" is JavaScript syntax`, func(text string) string {
		switch m := javaScript.FindStringSubmatch(text); {
		case m == nil:
		case !strings.Contains(m[2], "i"):
			return m[1]
		case capitalRange.MatchString(lower(m[1])):
			return "(?i)" + m[1]
		default:
			return lower(m[1]) // origins are in lower case
		}
		return text
	}},
	{`"\Z" is not needed, because the whole origin must match`, func(text string) string {
		return strings.TrimSuffix(text, `\Z`)
	}},
	{"a backslash is doubled", func(text string) string {
		for strings.Contains(text, `\\`) {
			text = strings.ReplaceAll(text, `\\`, `\`)
		}
		return text
	}},
	{wildcardRule, func(text string) string {
		if repeatedSlash.MatchString(text) {
			text = bareWildcard.ReplaceAllString(text, "$1.*$2")
			return EscapeDots(repeatedSlash.ReplaceAllString(text, `$1.*\.`))
		}
		return text
	}},
	{`a scheme is followed by "://"`, func(text string) string {
		return wrongScheme.ReplaceAllString(text, "$1$2://$3")
	}},
	{"a website's origin begins with https:// or http://", func(text string) string {
		return webSocket.ReplaceAllString(text, "${1}http$2")
	}},
	{"an origin has no path, and no slash at its end", cutPath},
	{"origins are in lower case", lower},
	{"browsers leave out the default port of a scheme", func(text string) string {
		return defaultPort.ReplaceAllString(text, "$1")
	}},
	{"the scheme is missing", func(text string) string {
		if hasScheme(text) {
			return text
		}
		return addScheme(text)
	}},
	{"there is nothing before the first dot", func(text string) string {
		return noLabel.ReplaceAllString(text, `$1.*\.`)
	}},
}

var (
	wrongScheme  = regexp.MustCompile(`^(\^?)(https?\??)\\?:(?:\\?/)?([^/\\.])`)
	webSocket    = regexp.MustCompile(`^(\^?)ws(s?\??\\?:)`)
	noLabel      = regexp.MustCompile(`^(\^?https?\??:(?:\\?/){2})\\\.`)
	pythonString = regexp.MustCompile(`^[rRuUbB]{1,2}(?:"(.*)"|'(.*)')$`)
	javaScript   = regexp.MustCompile(`^/(.*[^\\])/([dgimsuvy]*)$`)
	capitalRange = regexp.MustCompile(`\[[^\]]*[A-Z]-[A-Z]`)
)

// schemeEnd matches "://" in the various ways in which people write it, and origins that have no
// "://".
var schemeEnd = regexp.MustCompile(`\\?:(?:\\?/){2}|\\?:\(?(?:\\?/|\[/\]|\.)(?:[{?*+]|\)|\\?/|\.)|null|file`)

func hasScheme(text string) bool { return schemeEnd.MatchString(text) }

// addScheme adds https:// to the beginning of an expression, or http:// if the host is a loopback
// host. It converts a dot at the beginning to an expression for any subdomain.
func addScheme(text string) string {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "^"), "//")
	switch {
	case loopbackHost.MatchString(text):
		return "http://" + text
	case leadingDot.MatchString(text):
		return `https://.*` + EscapeDots(text)
	}
	return "https://" + text
}

var (
	loopbackHost = regexp.MustCompile(`^(?:\(\??:?)?(?:localhost\b|127\\?\.|\\?\[::1)`)
	leadingDot   = regexp.MustCompile(`^\\?\.[a-z0-9]`)
)

// useHTTPS replaces the scheme of an expression with https if it could be http.
func useHTTPS(text string) string {
	for _, scheme := range [...]string{
		"https?", "http", "(http|https)", "(https|http)", "(?:http|https)", "(?:https|http)", "(https?)", "(?:https?)",
		"http(s)?", "http(s?)", "http(?:s)?", ".*", `\w+`, "[a-z]+",
	} {
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "^"), scheme+":"); ok {
			return "https:" + rest
		}
	}
	return text
}

// cutPath removes a path from the end of an expression.
func cutPath(text string) string {
	end := schemeEnd.FindStringIndex(text)
	if end == nil {
		end = []int{0, len(text) - len(strings.TrimLeft(text, "^/"))}
	}
	for i := end[1]; i < len(text); {
		part := token(text[i:])
		if part == "/" || part == `\/` {
			before := strings.TrimSuffix(strings.TrimSuffix(text[:i], "(?:"), "(")
			if open := strings.Count(before, "(") - strings.Count(before, ")"); open > 0 {
				return text // the slash is within a group that has more
			}
			return before
		}
		i += len(part)
	}
	return text
}

// lower converts an expression to lower case, except capital letters that are syntax, as in \S and
// (?P<name>…).
func lower(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		part := token(text[i:])
		switch {
		case strings.HasPrefix(text[i:], "(?P<"):
			part = text[i : i+len("(?P<")]
		case strings.HasPrefix(part, `\`) && !strings.HasPrefix(part, `\Q`):
		case part[0] == '[' && strings.Contains(part, `\`):
		case strings.HasPrefix(part, `\Q`):
			part = `\Q` + strings.TrimSuffix(strings.ToLower(part[2:]), `\e`)
			if strings.Contains(text[i:], `\E`) {
				part += `\E`
			}
		default:
			part = strings.ToLower(part)
		}
		b.WriteString(part)
		i = min(len(text), i+len(part))
	}
	return b.String()
}

// split splits an expression at the separators that are not inside a group.
func split(text, separators string) []string {
	var list []string
	begin, depth := 0, 0
	for i := 0; i < len(text); {
		part := token(text[i:])
		switch {
		case part == "(" || part == "{":
			depth++
		case part == ")" || part == "}":
			depth--
		case len(part) == 1 && strings.Contains(separators, part) && depth == 0:
			list, begin = append(list, text[begin:i]), i+1
		}
		i += len(part)
	}
	return slices.DeleteFunc(append(list, text[begin:]), func(part string) bool { return strings.TrimSpace(part) == "" })
}

// EscapeDots escapes the dots in an expression. For example, it returns https://www\.example\.com
// for https://www.example.com. It does not escape dots in a character class, nor dots that are
// repeated, as in ".*".
func EscapeDots(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		part := token(text[i:])
		i += len(part)
		if part == "." && (i == len(text) || !strings.ContainsRune("*+?{", rune(text[i]))) {
			part = `\.`
		}
		b.WriteString(part)
	}
	return b.String()
}

// anything matches a part of an expression that matches any text, together with the first character
// of the name after it. For example, it matches .*e in https://.*example\.com.
var anything = regexp.MustCompile(`(\.[*+]|\[[a-z0-9.\\w-]+\][*+]|\(\.\*\))(\\\.\?)?([a-z0-9])`)

// separate inserts a dot between a part that matches any text and the name after it. For example,
// it replaces .*example with (.*\.)?example.
func separate(text string) string {
	return anything.ReplaceAllString(text, `(.*\.)?$3`)
}

package route

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/polycors/cors/core/internal/regex"
)

// translation is the meaning of a path that was written in any notation.
type translation struct {
	rule     string   // what is wrong with the text, or "" if it is a pattern
	empty    bool     // the text consists only of spaces and quotes
	pieces   []piece  // the parts of the text, or nil if it cannot be translated
	patterns []string // patterns for the same paths, or nil; only if there is a rule
	expr     string   // an expression for the same paths, or ""; only if there is a rule
}

// maxTranslated is the maximum length of a text that is translated, in bytes.
const maxTranslated = 1000

// read translates a path that was written in any notation.
func read(text string) translation {
	s := &scanner{}
	paths, isPrefix, isExact := s.prepare(text)
	switch {
	case len(paths) == 0:
		return translation{rule: s.rule, empty: !s.failed}
	case len(paths) > 1 && len(text) > maxTranslated:
		return translation{rule: s.rule}
	case len(paths) > 1:
		return translation{rule: s.rule, patterns: distinct(paths)}
	}
	s.text = paths[0]
	s.scan()
	s.normalize()
	if s.failed || s.rule != "" && len(text) > maxTranslated {
		return translation{rule: s.rule}
	}
	s.anchor(isPrefix, isExact)
	t := translation{rule: s.rule, pieces: s.pieces}
	if t.rule != "" {
		t.patterns = patternsOf(s.pieces)
		t.expr = exprOf(s.pieces)
	}
	return t
}

// parsed returns the Pattern for text, or nil if text is not a valid pattern.
func parsed(text string) *Pattern {
	if !isUsual(strings.TrimSuffix(text, "{$}")) {
		return nil
	}
	s := &scanner{text: text}
	s.scan()
	s.normalize()
	if s.rule != "" {
		return nil
	}
	return translation{pieces: s.pieces}.pattern(text)
}

// distinct returns the texts, without those that match the same paths as an earlier one. It returns
// nil if a text is not a valid pattern, or if two of them conflict.
func distinct(texts []string) (list []string) {
	var patterns []*Pattern
next:
	for _, text := range texts {
		p := parsed(text)
		if p == nil {
			return nil
		}
		p.lower()
		for _, q := range patterns {
			switch compare(p, q) {
			case equal:
				continue next
			case overlapping:
				return nil
			}
		}
		patterns = append(patterns, p)
		list = append(list, text)
	}
	return list
}

var (
	quotePairs = [][2]string{{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"‘", "’"}, {`r"`, `"`}, {"r'", "'"}}
	manyPaths  = regexp.MustCompile(`^(/[^\s,|(){}\[\]]*)(?:[\s,|]+(/[^\s,|(){}\[\]]*))+$`)
	pathBreak  = regexp.MustCompile(`[\s,|]+/`)
	delimited  = regexp.MustCompile(`^[/#~@%!]\^(.*?)(\$?)[/#~@%!][a-zA-Z]*$`)
	template   = regexp.MustCompile(`^\{\{[^}]*\}\}`)
	oddStart   = regexp.MustCompile(`^(?:[A-Z]+:|:[0-9]+)/`)
	withScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*`)
	hostFirst  = regexp.MustCompile(
		`^(?i:localhost|(?:[a-z0-9*-]+\.)+[a-z]{2,}|[0-9]+(?:\.[0-9]+){3}|\[[0-9a-f:]+\])(?::(?:[0-9]+|\*))?(/|$)`)
	withMethod = regexp.MustCompile(`^\[?[A-Za-z|,*]+\]?:?\s+`)
	ofNginx    = regexp.MustCompile(`^(?:=|~\*|~|\^~)\s+`)
)

// prepare removes everything around a path, such as quotes. It returns several paths if text is a
// list. If isPrefix is true, text is an expression that also matches longer paths. If isExact is
// true, it is an expression that does not.
func (s *scanner) prepare(text string) (paths []string, isPrefix, isExact bool) {
	if isUsual(text) {
		return []string{text}, false, false
	}
	trimmed := strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	if trimmed != text {
		s.odd("there is white space before or after the value")
		text = trimmed
	}
	for _, q := range quotePairs {
		if inner, ok := strings.CutPrefix(text, q[0]); ok && len(inner) > 0 && strings.HasSuffix(inner, q[1]) {
			s.odd("there are quotes around the value")
			text = strings.TrimSuffix(inner, q[1])
		}
	}
	if text == "" {
		s.odd("an empty path matches nothing")
		return nil, false, false
	}
	if inner := strings.TrimRight(text, ",; "); inner != text && inner != "" {
		s.odd("the path ends with a comma or semicolon")
		text = inner
	}
	if list := bracketed(text); list != nil {
		s.odd("an entry is one path")
		return list, false, false
	}
	if manyPaths.MatchString(text) {
		s.odd("an entry is one path")
		for text != "" {
			i := pathBreak.FindStringIndex(text)
			if i == nil {
				return append(paths, text), false, false
			}
			paths = append(paths, text[:i[0]])
			text = text[i[1]-1:]
		}
	}
	if bad := notOnePath(text); bad != "" {
		s.fail(bad)
		return nil, false, false
	}
	if text = s.prepareStart(text); text == "" {
		return nil, false, false
	}
	if m := delimited.FindStringSubmatch(text); m != nil {
		s.expression(text)
		return []string{m[1]}, m[2] == "", m[2] != ""
	}
	if rest, ok := strings.CutPrefix(text, "^"); ok {
		s.expression("^")
		text, isPrefix = rest, true
	}
	if rest, ok := strings.CutSuffix(text, "$"); ok && !strings.HasSuffix(rest, `\`) {
		s.odd(`"$" at the end belongs in a regular expression, and a literal "$" is written %24`)
		text, isPrefix, isExact = rest, false, true
	}
	return []string{text}, isPrefix, isExact
}

// notOnePath explains why text cannot be translated to a single path. It returns "" if it finds no
// reason.
func notOnePath(text string) string {
	_, afterSemicolon, _ := strings.Cut(text, ";")
	switch {
	case unfilled.MatchString(text) || template.MatchString(text):
		return notReplaced
	case strings.Contains(text, "(?!") || strings.Contains(text, "(?=") || strings.Contains(text, "(?<"):
		return noLookahead
	case strings.Contains(text, "!("):
		return `"!(" is the syntax of a shell`
	case strings.HasPrefix(strings.TrimSpace(afterSemicolon), "/"):
		return "an entry is one path"
	case strings.Contains(text, " #") || strings.HasPrefix(text, "# "):
		return "there is a comment"
	case strings.HasPrefix(text, "!/"):
		return "a path cannot be excluded"
	case flagsFirst.MatchString(text):
		return "flags such as (?i) belong in a regular expression"
	case proxyMatch.MatchString(text):
		return "this is a matcher of a proxy"
	case strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "~/") || strings.HasSuffix(text, " HTTP/1.1") ||
		oddStart.MatchString(text):
		return "there is something around the path"
	}
	return ""
}

// bracketed returns the paths in a list such as ["/api/", "/v1/"]. It returns nil if text is not
// such a list.
func bracketed(text string) (paths []string) {
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed {
		return nil
	}
	for path := range strings.SplitSeq(inner, ",") {
		bare := strings.Trim(path, "\"' ")
		if bare == strings.TrimSpace(path) || !strings.HasPrefix(bare, "/") {
			return nil
		}
		paths = append(paths, bare)
	}
	return paths
}

var (
	flagsFirst = regexp.MustCompile(`^\^?\(\?[a-zA-Z-]+\)`)
	// proxyMatch matches what Traefik, Envoy, nginx and HAProxy write before a path.
	proxyMatch = regexp.MustCompile("^(?:[A-Za-z]+\\([\"'`]|(?i:prefix|regex|exact|path)[:=] *[\"'/^]|path_[a-z]+ )")
)

const (
	noLookahead = "a path has no lookahead"
	notReplaced = "this contains a variable that was not replaced"
)

// isUsual reports whether text is just a path, with nothing around it. It exists because the other
// checks are slow.
func isUsual(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "/^") &&
		!strings.HasSuffix(text, ";") && !strings.Contains(text, ";/") && !strings.Contains(text, "!(") &&
		!strings.Contains(text, "(?") && !strings.Contains(text, "#{") &&
		!strings.ContainsAny(text, " ,|\"'`$^\t\n\v\f\r\x00\u2018\u2019\u201c\u201d")
}

// prepareStart removes a method, a host or an operator of nginx before a path.
func (s *scanner) prepareStart(text string) string {
	if m := ofNginx.FindString(text); m != "" {
		s.odd("this is an nginx location")
		if strings.HasPrefix(m, "~") && !strings.HasPrefix(text[len(m):], "^") {
			s.failed = true // it matches anywhere in the path
			return ""
		}
		text = text[len(m):]
	}
	if m := withMethod.FindString(text); m != "" {
		if rest := text[len(m):]; strings.ContainsAny(rest[:min(len(rest), 1)], "/^") || hostFirst.MatchString(rest) ||
			withScheme.MatchString(rest) {
			s.odd("a path applies to every method")
			text = rest
		}
	}
	const noHost = "a path applies to every host"
	if m := withScheme.FindString(text); m != "" {
		s.odd(noHost)
		if text = text[len(m):]; text == "" {
			text = "/"
		}
	}
	host := strings.TrimPrefix(text, "//")
	if m := hostFirst.FindStringSubmatch(host); m != nil && (m[1] == "/" || host != text || strings.Contains(m[0], ":")) {
		s.odd(noHost)
		if text = host[len(m[0])-len(m[1]):]; text == "" {
			text = "/"
		}
	}
	return text
}

// normalize adds a slash at the beginning of the pieces if it is missing. It removes empty
// segments, and resolves "." and ".." segments.
func (s *scanner) normalize() {
	names := map[string]bool{}
	hasDotDot := false
	for _, p := range s.pieces {
		hasDotDot = hasDotDot || p.kind == literalPiece && decodedText(p.text) == ".."
		if p.kind == paramPiece && names[p.text] {
			s.odd("the name of the wildcard {" + p.text + "} is used twice")
		}
		names[p.text] = names[p.text] || p.kind == paramPiece
	}
	if len(s.pieces) == 0 || s.pieces[0].kind != slashPiece && !beginsWithSlash(s.pieces[0]) {
		s.odd("a path begins with a slash")
		s.pieces = append([]piece{{kind: slashPiece}}, s.pieces...)
	}
	s.pieces = tidied(s.pieces, s.odd)
	if len(s.pieces) == 1 && hasDotDot {
		s.failed = true // the author did not mean every path
	}
}

// tidied removes empty segments from the pieces, and resolves "." and ".." segments. It calls odd
// for each of them.
func tidied(pieces []piece, odd func(rule string)) (list []piece) {
	for i, p := range pieces {
		n := len(list)
		if p.kind == slashPiece && n > 0 && list[n-1].kind == slashPiece {
			if i > 0 && pieces[i-1].kind == slashPiece {
				odd(`a path cannot contain "//"`)
			}
			continue
		}
		isWhole := i > 0 && pieces[i-1].kind == slashPiece && (i+1 == len(pieces) || pieces[i+1].kind == slashPiece)
		if p.kind != literalPiece || !isWhole {
			list = append(list, p)
			continue
		}
		switch decodedText(p.text) {
		case ".":
			odd("a path cannot contain the segment " + strconv.Quote(p.text))
		case "..":
			odd("a path cannot contain the segment " + strconv.Quote(p.text))
			for n > 1 && list[n-1].kind == slashPiece {
				n--
			}
			for n > 0 && list[n-1].kind != slashPiece {
				n--
			}
			list = list[:max(n, 1)]
		default:
			list = append(list, p)
		}
	}
	return list
}

func beginsWithSlash(p piece) bool {
	return p.kind == optionalPiece && len(p.group) > 0 && p.group[0].kind == slashPiece
}

// anchor adds pieces that have the same meaning as the anchors of an expression.
func (s *scanner) anchor(isPrefix, isExact bool) {
	if len(s.pieces) == 0 {
		return
	}
	last := s.pieces[len(s.pieces)-1].kind
	switch {
	case isExact && last == slashPiece:
		s.add(piece{kind: rootPiece})
	case isPrefix && last != slashPiece && last != restPiece && s.pieces[len(s.pieces)-1].text != ".*":
		s.add(piece{kind: exprPiece, text: ".*"})
	}
}

// variants returns all ways to include or leave out the optional groups among the pieces. It
// returns nil if there are too many.
func variants(pieces []piece) [][]piece {
	for i, p := range pieces {
		if p.kind != optionalPiece {
			continue
		}
		var list [][]piece
		for _, group := range [][]piece{nil, p.group} {
			one := append(append(append([]piece(nil), pieces[:i]...), group...), pieces[i+1:]...)
			list = append(list, variants(one)...)
			if len(list) > 4 {
				return nil
			}
		}
		return list
	}
	return [][]piece{pieces}
}

// patternsOf converts pieces to patterns. It returns nil if no patterns match the same paths.
func patternsOf(pieces []piece) (patterns []string) {
	for _, one := range variants(pieces) {
		text := patternOf(tidied(one, func(string) {}))
		if text == "" {
			return nil
		}
		patterns = append(patterns, text)
	}
	return distinct(patterns)
}

func patternOf(pieces []piece) string {
	var b strings.Builder
	names := map[string]bool{}
	for i, p := range pieces {
		last := i+1 == len(pieces)
		whole := i > 0 && pieces[i-1].kind == slashPiece && (last || pieces[i+1].kind == slashPiece)
		switch p.kind {
		case slashPiece:
			b.WriteByte('/')
		case literalPiece:
			if i > 0 && pieces[i-1].kind != slashPiece && pieces[i-1].kind != literalPiece {
				return ""
			}
			b.WriteString(strings.ReplaceAll(p.text, " ", "%20"))
		case paramPiece:
			if !whole {
				return ""
			}
			b.WriteString("{" + nameOf(p.text, names) + "}")
		case restPiece:
			if !whole || !last {
				return ""
			}
		case rootPiece:
			if !whole || !last {
				return ""
			}
			b.WriteString("{$}")
		default:
			return ""
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// nameOf returns a valid name for a wildcard that is similar to text and not used yet.
func nameOf(text string, used map[string]bool) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, text)
	if strings.Trim(name, "_") == "" {
		name = "any"
	}
	if unicode.IsDigit(rune(name[0])) {
		name = "_" + name
	}
	for i, first := 2, name; used[name]; i++ {
		name = first + strconv.Itoa(i)
	}
	used[name] = true
	return name
}

// exprOf converts pieces to an expression. It returns "" if the result would not be valid.
func exprOf(pieces []piece) string {
	if len(pieces) == 0 {
		return ""
	}
	var b strings.Builder
	writeExpr(&b, pieces)
	if last := pieces[len(pieces)-1].kind; last == slashPiece {
		b.WriteString(".*")
	}
	text := b.String()
	if !isRE2(text) || isForeign(text) {
		return ""
	}
	if expr, err := regex.Parse(text); err != nil || !expr.MatchesPath() || regex.DeadAlternatives(text) != nil {
		return ""
	}
	return text
}

func writeExpr(b *strings.Builder, pieces []piece) {
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		switch p.kind {
		case slashPiece:
			b.WriteByte('/')
		case literalPiece:
			b.WriteString(regexp.QuoteMeta(decodedText(p.text)))
		case paramPiece:
			b.WriteString("[^/]+")
		case restPiece:
			switch {
			case i+1 == len(pieces):
				b.WriteString(".*")
			case p.text == "**" && pieces[i+1].kind == slashPiece:
				b.WriteString("(?:.*/)?")
				i++
			default:
				b.WriteString(".+")
			}
		case exprPiece:
			b.WriteString(p.text)
		case optionalPiece:
			b.WriteString("(?:")
			writeExpr(b, p.group)
			b.WriteString(")?")
		case rootPiece:
			b.WriteByte('$')
		}
	}
}

// widened converts pieces to patterns that match at least the same paths. For this, it replaces
// each expression that is a whole segment with a wildcard. It returns nil if that is not possible.
func widened(pieces []piece) []string {
	pieces = append([]piece(nil), pieces...)
	for i, p := range pieces {
		whole := i > 0 && pieces[i-1].kind == slashPiece && (i+1 == len(pieces) || pieces[i+1].kind == slashPiece)
		if p.kind == exprPiece && strings.Contains(p.text, "|") {
			return nil // a list of names is not every name
		}
		if p.kind == exprPiece && whole && p.text != ".*" {
			pieces[i] = piece{kind: paramPiece}
		}
	}
	return patternsOf(pieces)
}

package route

import (
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// People copy paths from their router, and routers use different notations. As a pattern, a path in
// the notation of another router would be taken literally and match nothing. So Parse refuses it,
// and suggests what the author probably meant, in the notation of this package.
//
//	/users/:id          gin, echo, fiber, Express     /users/{id}
//	/users/<int:id>     Flask, Django                 the expression /users/[0-9]+
//	/users/{id:[0-9]+}  chi, gorilla                  the expression /users/[0-9]+
//	/users/:id?         fiber, Express                /users and /users/{id}
//	/files/*path        gin, httprouter               /files/
//	/files/**           Spring                        /files/
//	^/files/.*$         nginx, Django                 /files/
//
// A scanner splits a path in any notation into pieces, and records the first thing that does not
// belong in a pattern. The pieces are then converted to patterns. If no pattern matches the same
// paths, they are converted to an expression.

// piece is a part of a path that was written in any notation.
type piece struct {
	kind  pieceKind
	text  string  // the literal as in a pattern, the expression, or the name of the parameter
	group []piece // the pieces of an optional part
}

type pieceKind uint8

const (
	literalPiece  pieceKind = iota
	slashPiece              // a slash between segments
	paramPiece              // a segment, or a part of one: {id}
	restPiece               // any number of segments: {rest...}
	exprPiece               // what a regular expression matches
	optionalPiece           // a group that may be missing
	rootPiece               // {$}
)

// scanner splits a path that was written in any notation into pieces.
type scanner struct {
	text   string
	pos    int
	depth  int    // how many optional groups are open
	rule   string // the first thing that is wrong with the text, or ""
	failed bool   // the text cannot be translated
	open   bool   // there is a "(" that is never closed
	buf    []byte // the literal that is being read
	pieces []piece
}

const maxDepth = 4 // of optional groups

// odd records that a part of the text does not belong in a pattern. Only the first rule is kept.
func (s *scanner) odd(rule string) {
	if s.rule == "" {
		s.rule = rule
	}
}

func (s *scanner) notation(part string) {
	s.odd(strconv.Quote(part) + " is the syntax of another router")
}

func (s *scanner) expression(part string) {
	s.odd(strconv.Quote(part) + " is regular expression syntax, which a path pattern does not support")
}

// fail records that a part of the text cannot be translated.
func (s *scanner) fail(rule string) {
	s.odd(rule)
	s.failed = true
}

func (s *scanner) add(p piece) {
	s.flush()
	s.pieces = append(s.pieces, p)
}

func (s *scanner) literal(text string) { s.buf = append(s.buf, text...) }

// flush ends the literal that is being read.
func (s *scanner) flush() {
	if len(s.buf) > 0 {
		s.pieces = append(s.pieces, piece{kind: literalPiece, text: string(s.buf)})
		s.buf = s.buf[:0]
	}
}

// fills reports whether the text from the current position to end is a whole segment, and whether
// that segment is the last one.
func (s *scanner) fills(end int) (whole, last bool) {
	if s.pos > 0 && s.text[s.pos-1] != '/' || end < len(s.text) && s.text[end] != '/' {
		return false, false
	}
	return true, s.depth == 0 && strings.Trim(s.text[end:], "/") == ""
}

// scan reads the rest of the text.
func (s *scanner) scan() {
	for s.pos < len(s.text) && !s.failed {
		rest := s.text[s.pos:]
		switch c := rest[0]; {
		case c == '/':
			s.add(piece{kind: slashPiece})
			s.pos++
		case c == '{':
			s.brace()
		case c == '<':
			s.angle()
		case c == '(':
			s.paren()
		case c == '[':
			s.bracket()
		case c == '*':
			s.star()
		case c == ':' && s.beginsParameter():
			s.colon()
		case c == '\\':
			s.backslash()
		case c == '.' && len(rest) > 1 && (rest[1] == '*' || rest[1] == '+'):
			s.dots()
		case c == '+' && s.isSegment(1):
			s.notation("+")
			s.rest(1)
		case c == '?':
			s.question()
		case c == '#':
			s.cut("a path has no fragment, because browsers do not send it")
		case c == '$' && strings.HasPrefix(rest, "${"):
			s.notation("${")
			s.pos++
		case c == '}':
			s.closingBrace()
		case c == '|':
			s.fail(`"|" is not part of the pattern syntax`)
		case strings.IndexByte("]>^", c) >= 0:
			s.odd(strconv.Quote(string(c)) + " is not part of the pattern syntax")
			s.literal(encoded(string(c)))
			s.pos++
		case c == '%':
			s.percent()
		default:
			s.literal(rest[:1])
			s.pos++
		}
	}
	s.flush()
}

// isSegment reports whether the next n bytes form a whole segment.
func (s *scanner) isSegment(n int) bool {
	whole, _ := s.fills(s.pos + n)
	return whole
}

// rest adds a piece for the next n bytes, which match any number of segments. If they are the last
// segment, a pattern needs only a slash at its end.
func (s *scanner) rest(n int) {
	_, last := s.fills(s.pos + n)
	s.pos += n
	if last {
		s.pos = len(s.text)
	}
	s.add(piece{kind: restPiece})
}

// cut ends the text at the current position.
func (s *scanner) cut(rule string) {
	s.odd(rule)
	s.flush()
	s.pos = len(s.text)
	if n := len(s.pieces); s.depth == 0 && n > 0 && s.pieces[n-1].kind == slashPiece {
		s.add(piece{kind: rootPiece}) // "/a/?page=1" is "/a/", and not what is below it
	}
}

var (
	identifier   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	anyName      = regexp.MustCompile(`^[\pL_\pN][\pL\pN_. -]*$`)
	groupStart   = regexp.MustCompile(`^\?(?:P?<[^>]*>|:)`)
	alternatives = regexp.MustCompile(`^[\pL\pN_.-]+(?:,[\pL\pN_.-]+)+$`) // {en,de}
	colonName    = regexp.MustCompile(`^:[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*`)
	starName     = regexp.MustCompile(`^\*+[A-Za-z_][A-Za-z0-9_-]*`)
	quantifiers  = regexp.MustCompile(`^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??`)
)

// brace reads {id}, {rest...}, {$}, and other notations in braces.
func (s *scanner) brace() {
	end := closing(s.text, s.pos)
	if end < 0 {
		name, _, _ := strings.Cut(s.text[s.pos+1:], "/")
		if !identifier.MatchString(name) {
			s.fail(strconv.Quote(s.text[s.pos:]) + " has no closing brace")
			return
		}
		s.odd(strconv.Quote("{"+name) + " has no closing brace")
		s.add(piece{kind: paramPiece, text: name})
		s.pos += 1 + len(name)
		return
	}
	part, content := s.text[s.pos:end+1], s.text[s.pos+1:end]
	whole, last := s.fills(end + 1)
	multi, isMulti := strings.CutSuffix(content, "...")
	switch {
	case content == "$" && whole && end+1 == len(s.text):
		s.add(piece{kind: rootPiece})
	case content == "$":
		s.odd("{$} is allowed only as the last segment")
	case identifier.MatchString(content) && whole:
		s.add(piece{kind: paramPiece, text: content})
	case identifier.MatchString(content):
		s.odd("a wildcard such as " + part + " must be a whole segment")
		s.add(piece{kind: paramPiece, text: content})
	case isMulti && identifier.MatchString(multi) && whole && end+1 == len(s.text):
		s.add(piece{kind: restPiece})
	case isMulti && identifier.MatchString(multi) && !last:
		s.odd(part + " is allowed only as the last segment")
		s.add(piece{kind: restPiece})
	case strings.HasPrefix(content, "?") || strings.HasPrefix(content, "&"): // RFC 6570
		s.cut("the query is not part of a path")
		return
	case strings.HasPrefix(content, "/") || strings.HasPrefix(content, ".") && !isMulti:
		s.notation(part)
		s.optional(content)
	default:
		switch {
		case content == "":
			s.odd(part + ": a wildcard needs a name, as in {id}")
		case unicode.IsDigit(rune(content[0])):
			s.odd(part + ": the name of a wildcard must begin with a letter")
		}
		s.notation(part)
		s.parameter(content, end+1)
		return
	}
	s.pos = end + 1
}

// closingBrace reads a closing brace without an opening one, as in b}.
func (s *scanner) closingBrace() {
	s.flush()
	n := len(s.pieces) - 1
	if n < 0 || s.pieces[n].kind != literalPiece || !identifier.MatchString(s.pieces[n].text) {
		s.fail(`"}" has no opening brace`)
		return
	}
	s.odd(strconv.Quote(s.pieces[n].text+"}") + " has no opening brace")
	s.pieces[n].kind = paramPiece
	s.pos++
}

// closing returns the index of the bracket that closes the one at pos, or -1 if there is none.
func closing(text string, pos int) int {
	open, shut := text[pos], map[byte]byte{'{': '}', '(': ')', '[': ']', '<': '>'}[text[pos]]
	depth := 0
	for i := pos; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// optional adds a piece for a group that may be missing.
func (s *scanner) optional(content string) {
	if len(s.pieces) == 0 && len(s.buf) == 0 && s.depth == 0 && len(content)+2 == len(s.text) {
		s.failed = true // without the whole text, the path would be "/"
		return
	}
	inner := scanner{text: content, depth: s.depth + 1}
	if inner.depth > maxDepth {
		s.fail("optional parts are nested too deeply")
		return
	}
	inner.scan()
	s.failed = s.failed || inner.failed
	s.add(piece{kind: optionalPiece, group: inner.pieces})
}

// parameter reads the content of a parameter in brackets, which ends at end. It knows the forms of
// other routers:
//
//	*rest **rest +rest rest* rest+ rest..   any number of segments
//	id? id=7                                may be missing
//	id:[0-9]+ id:int int:id                 with a constraint
func (s *scanner) parameter(content string, end int) {
	whole, last := s.fills(end)
	content = strings.TrimSpace(content)
	if n := len(content); n > 1 && content[0] == '{' && content[n-1] == '}' { // {{id}}
		content = content[1 : n-1]
	}
	name, constraint, constrained := strings.Cut(content, ":")
	if isConverter(name) && identifier.MatchString(constraint) && !isConverter(constraint) {
		name, constraint = constraint, name // <int:id>
	}
	missing := false
	if !constrained {
		before, value, isDefault := strings.Cut(name, "=")
		if strings.ContainsAny(value, "/*") { // {name=projects/*} of Google's APIs
			s.text = s.text[:s.pos] + value + s.text[end:]
			return
		}
		trimmed, isOptional := strings.CutSuffix(before, "?")
		name, missing = trimmed, isDefault || isOptional
	} else if shorter, isOptional := strings.CutSuffix(constraint, "?"); isOptional && isConverter(shorter) {
		constraint, missing = shorter, true // ASP.NET: {id:int?}
	}
	constraint = strings.TrimSpace(constraint)
	if first, _, several := strings.Cut(constraint, ":"); several && (isConverter(first) ||
		call.MatchString(first)) || strings.Contains(constraint, "regex(") && strings.Contains(constraint, "{{") {
		s.failed = true // ASP.NET: {id:int:min(1)}
		return
	}
	bare := strings.Trim(name, "*+.")
	p := piece{kind: paramPiece, text: bare}
	switch {
	case bare != name || constrained && isAll(constraint):
		p = piece{kind: restPiece}
	case constrained:
		p = constrain(bare, constraint)
	}
	switch {
	case bare == "" || anyName.MatchString(bare):
	case alternatives.MatchString(bare):
		p = piece{kind: exprPiece, text: "(?:" + strings.ReplaceAll(regexp.QuoteMeta(bare), ",", "|") + ")"}
	default:
		s.failed = true
		return
	}
	s.place(p, whole, last, missing, end)
}

// place adds a piece for a parameter that ends at end.
func (s *scanner) place(p piece, whole, last, missing bool, end int) {
	s.flush()
	s.pos = end
	if p.kind == restPiece && whole && last {
		s.pos = len(s.text)
	}
	if !missing {
		s.add(p)
		return
	}
	group := []piece{p}
	if n := len(s.pieces); whole && n > 1 && s.pieces[n-1].kind == slashPiece {
		s.pieces, group = s.pieces[:n-1], []piece{{kind: slashPiece}, p}
	}
	if p.kind == restPiece {
		s.add(piece{kind: slashPiece})
		s.add(p)
		return
	}
	s.add(piece{kind: optionalPiece, group: group})
}

// converters contains the constraints that have a name, such as int, and the corresponding
// expressions.
var converters = map[string]string{
	"int": `-?[0-9]+`, "integer": `-?[0-9]+`, "long": `-?[0-9]+`, "uint": `[0-9]+`, "number": `[0-9]+`,
	"float": `-?[0-9.]+`, "double": `-?[0-9.]+`, "decimal": `-?[0-9.]+`,
	"uuid": `[0-9a-f-]{36}`, "guid": `[0-9a-f-]{36}`, "bool": `(?:true|false)`, "alpha": `[a-z]+`,
	"slug": `[a-z0-9_-]+`, "str": "", "string": "", "path": `.*`, "any": "",
}

func isConverter(s string) bool { _, ok := converters[strings.ToLower(s)]; return ok }

func isAll(constraint string) bool {
	constraint = strings.TrimSuffix(strings.TrimPrefix(constraint, "^"), "$")
	return slices.Contains([]string{".*", ".+", ".*?", ".+?", "path", "*", "**", "re:.*"}, strings.ToLower(constraint))
}

var call = regexp.MustCompile(`^\w+\((.*)\)$`)

// constrain returns the piece for a parameter with a constraint. It ignores an unknown constraint,
// because a constraint only excludes paths.
func constrain(name, constraint string) piece {
	constraint = strings.ReplaceAll(constraint, `\\`, `\`) // as in a string of JavaScript
	constraint = strings.TrimPrefix(constraint, "re:")     // Bottle
	first, _, _ := strings.Cut(constraint, ";")
	if expr, ok := converters[strings.ToLower(first)]; ok && expr != "" {
		return piece{kind: exprPiece, text: expr}
	}
	if m := call.FindStringSubmatch(constraint); m != nil {
		if !strings.HasPrefix(constraint, "regex(") {
			return piece{kind: paramPiece, text: name}
		}
		constraint = m[1]
	}
	constraint = strings.TrimSuffix(strings.TrimPrefix(constraint, "^"), "$")
	if !strings.ContainsAny(constraint, `[\(|.+*?`) || constraint == `[^/]+` || constraint == `[^/]*` {
		return piece{kind: paramPiece, text: name}
	}
	return piece{kind: exprPiece, text: grouped(constraint)}
}

// grouped returns the expression in parentheses, if it needs them to become part of another one.
func grouped(expr string) string {
	if !strings.Contains(expr, "|") || expr[0] == '(' && closing(expr, 0) == len(expr)-1 {
		return expr
	}
	return "(?:" + expr + ")"
}

// angle reads <name> and <int:name>.
func (s *scanner) angle() {
	end := closing(s.text, s.pos)
	if end < 0 {
		s.fail(`"<" is not part of the pattern syntax`)
		return
	}
	s.notation(s.text[s.pos : end+1])
	s.parameter(s.text[s.pos+1:end], end+1)
}

// beginsParameter reports whether the colon at the current position begins a parameter, as in :id
// and {a}-:id. It returns false for items:batchGet and {id}:cancel.
func (s *scanner) beginsParameter() bool {
	if !colonName.MatchString(s.text[s.pos:]) {
		return false
	}
	if s.pos == 0 {
		return true
	}
	c := rune(s.text[s.pos-1])
	return c < 0x80 && !unicode.IsLetter(c) && !unicode.IsDigit(c) && strings.IndexByte(":)}*", byte(c)) < 0
}

// colon reads :id, including what may follow the name, as in :id?, :id+, :id*, :id(\d+) and
// :id<int>.
func (s *scanner) colon() {
	part := colonName.FindString(s.text[s.pos:])
	end := s.pos + len(part)
	p := piece{kind: paramPiece, text: part[1:]}
	if end < len(s.text) && (s.text[end] == '(' || s.text[end] == '<') {
		shut := closing(s.text, end)
		if shut < 0 {
			s.fail(strconv.Quote(s.text[s.pos:]) + " has no closing bracket")
			return
		}
		constraint := s.text[end+1 : shut]
		if p = constrain(part[1:], constraint); isAll(constraint) {
			p = piece{kind: restPiece}
		}
		end = shut + 1
	}
	missing := false
	if end < len(s.text) {
		switch s.text[end] {
		case '?':
			missing = true
			end++
		case '*', '+':
			p = piece{kind: restPiece}
			end++
		}
	}
	s.notation(s.text[s.pos:end])
	whole, last := s.fills(end)
	s.place(p, whole, last, missing, end)
}

// star reads "*", "**" and *name.
func (s *scanner) star() {
	rest := s.text[s.pos:]
	if name := starName.FindString(rest); name != "" && s.isSegment(len(name)) {
		s.notation(name)
		s.rest(len(name))
		return
	}
	n := len(rest) - len(strings.TrimLeft(rest, "*"))
	end := s.pos + n
	whole, last := s.fills(end)
	s.notation(rest[:n])
	switch {
	case whole && (last || n > 1):
		if s.rest(n); !last {
			s.pieces[len(s.pieces)-1].text = "**"
		}
		return
	case whole:
		s.add(piece{kind: paramPiece, text: "any"})
	case end == len(s.text) || n > 1:
		s.add(piece{kind: exprPiece, text: `.*`})
	default:
		s.add(piece{kind: exprPiece, text: `[^/]*`})
	}
	s.pos = end
}

// paren reads a group of an expression, an optional part in parentheses, or parentheses that belong
// to a name, as in Products(1).
func (s *scanner) paren() {
	end := -1
	if !s.open {
		end = closing(s.text, s.pos)
		s.open = end < 0
	}
	if end < 0 {
		s.literal("(")
		s.pos++
		return
	}
	content := s.text[s.pos+1 : end]
	quantifier := quantifiers.FindString(s.text[end+1:])
	after := end + 1 + len(quantifier)
	if strings.HasPrefix(content, "/") || strings.HasPrefix(content, ".:") || strings.HasPrefix(content, ".{") {
		s.notation(s.text[s.pos:after])
		s.optional(content)
		s.pos = after
		return
	}
	whole, last := s.fills(after)
	if strings.HasPrefix(content, "{") { // OData: Products({key})
		s.fail(strconv.Quote(s.text[s.pos:end+1]) + " is the syntax of another router")
		return
	}
	if !whole && quantifier == "" && !strings.ContainsAny(content, `\[]*+|?^{}`) {
		s.literal(s.text[s.pos : end+1])
		s.pos = end + 1
		return
	}
	s.expression(s.text[s.pos:after])
	content = groupStart.ReplaceAllString(content, "")
	switch {
	case quantifier == "" && isAll(content) && whole:
		s.place(piece{kind: restPiece}, whole, last, false, after)
		return
	case quantifier == "" && (content == "[^/]+" || content == "[^/]*"):
		s.add(piece{kind: paramPiece})
	case quantifier == "" && !strings.ContainsAny(content, `\[]*+|?^$.{}()`):
		s.literal(content)
	case quantifier == "":
		s.add(piece{kind: exprPiece, text: grouped(content)})
	default:
		s.add(piece{kind: exprPiece, text: "(?:" + content + ")" + quantifier})
	}
	s.pos = after
}

// bracket reads [name] as in file-based routers, an optional part in brackets, or a character
// class.
func (s *scanner) bracket() {
	end := closing(s.text, s.pos)
	if end < 0 {
		s.fail(`"[" is not part of the pattern syntax`)
		return
	}
	content := s.text[s.pos+1 : end]
	inner := strings.Trim(content, "[]")
	whole, last := s.fills(end + 1)
	switch {
	case strings.HasPrefix(content, "/"):
		s.notation(s.text[s.pos : end+1])
		s.optional(content)
		s.pos = end + 1
	case whole && strings.HasPrefix(inner, "..."):
		s.notation(s.text[s.pos : end+1])
		s.place(piece{kind: restPiece}, whole, last, false, end+1)
	case whole && anyName.MatchString(strings.Split(inner, "=")[0]):
		s.notation(s.text[s.pos : end+1])
		name := strings.Split(inner, "=")[0]
		s.place(piece{kind: paramPiece, text: name}, whole, last, strings.HasPrefix(content, "["), end+1)
	default:
		s.class()
	}
}

// class reads a character class and its quantifier.
func (s *scanner) class() {
	rest := s.text[s.pos:]
	end := 1
	for end < len(rest) && (rest[end] != ']' || end == 1 || end == 2 && rest[1] == '^') {
		if rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(rest) {
		s.fail(`"[" is not part of the pattern syntax`)
		return
	}
	end++
	end += len(quantifiers.FindString(rest[end:]))
	s.expression(rest[:end])
	if text := rest[:end]; text == "[^/]+" || text == "[^/]*" {
		s.add(piece{kind: paramPiece})
	} else {
		s.add(piece{kind: exprPiece, text: text})
	}
	s.pos += end
}

// backslash reads an escape of an expression, or a backslash that was meant as a slash.
func (s *scanner) backslash() {
	rest := s.text[s.pos+1:]
	s.pos++
	if rest == "" {
		s.odd(`a path cannot contain a backslash`)
		s.add(piece{kind: slashPiece})
		return
	}
	next := rest[0]
	quantifier := quantifiers.FindString(rest[1:])
	isWord := len(rest) > 1 && (unicode.IsLetter(rune(rest[1])) || unicode.IsDigit(rune(rest[1])))
	switch {
	case next == '/':
		s.odd(`a path cannot contain a backslash`)
		s.pos++
		s.add(piece{kind: slashPiece})
	case strings.IndexByte("dDwWsS", next) >= 0 && !isWord:
		s.expression(`\` + string(next) + quantifier)
		s.add(piece{kind: exprPiece, text: `\` + string(next) + quantifier})
		s.pos += 1 + len(quantifier)
	case strings.IndexByte("zZ", next) >= 0 && len(rest) == 1:
		s.expression(`\` + string(next))
		s.pos++
	case next < 0x80 && !unicode.IsLetter(rune(next)) && !unicode.IsDigit(rune(next)) && next != '\\' && next != '_':
		s.expression(`\` + string(next))
		s.literal(encoded(string(next)))
		s.pos++
	default:
		s.odd(`a path cannot contain a backslash`)
		s.pos += len(rest) - len(strings.TrimLeft(rest, `\`))
		s.flush()
		if n := len(s.pieces); n == 0 || s.pieces[n-1].kind != slashPiece {
			s.add(piece{kind: slashPiece})
		}
	}
}

// encoded returns a literal in the form in which it is written in a pattern.
func encoded(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if strings.IndexByte("%{}[]<>()*?#\\|^$+:", c) >= 0 {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c), 16)))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// dots reads .* or .+ in an expression. After a star, as in *.*, the dot is a literal.
func (s *scanner) dots() {
	if s.pos > 0 && s.text[s.pos-1] == '*' {
		s.literal(".")
		s.pos++
		return
	}
	quantifier := quantifiers.FindString(s.text[s.pos+1:])
	end := s.pos + 1 + len(quantifier)
	s.expression(s.text[s.pos:end])
	if whole, last := s.fills(end); whole {
		s.place(piece{kind: restPiece}, whole, last, false, end)
		return
	}
	s.add(piece{kind: exprPiece, text: `.*`})
	s.pos = end
}

// question reads a query, or a question mark that makes the slash before it optional.
func (s *scanner) question() {
	s.flush()
	n := len(s.pieces)
	if s.pos+1 == len(s.text) && n > 1 && s.pieces[n-1].kind == slashPiece {
		s.expression("/?")
		s.pieces = s.pieces[:n-1]
		s.pos++
		return
	}
	if strings.HasPrefix(s.text[s.pos:], "?/") { // of Ant, where it is any character
		s.fail(`"?" begins the query of a URL`)
		return
	}
	if wildcardInName.MatchString(s.text[s.pos:]) {
		s.fail(`"?" begins the query of a URL`)
		return
	}
	s.cut("the query is not part of a path")
}

// wildcardInName matches a question mark in the name of a file, as in t?st.jsp, where Ant matches
// any character.
var wildcardInName = regexp.MustCompile(`^\?\w*[.?/][^=]*$`)

// verb matches a formatting verb of package fmt, such as %s, at the end of a segment.
var verb = regexp.MustCompile(`^%[sdvq](?:/|$)`)

// percent reads a percent-encoded byte.
func (s *scanner) percent() {
	rest := s.text[s.pos:]
	if verb.MatchString(rest) {
		s.fail(notReplaced)
		return
	}
	if len(rest) < 3 || !isHex(rest[1]) || !isHex(rest[2]) {
		s.odd(`"%" must be followed by two hexadecimal digits`)
		s.literal("%25")
		s.pos++
		return
	}
	switch strings.ToLower(rest[:3]) {
	case "%2f":
		s.odd("a segment cannot contain an encoded slash")
		s.add(piece{kind: slashPiece})
	case "%25":
		if len(rest) > 4 && isHex(rest[3]) && isHex(rest[4]) {
			s.odd("the path is percent-encoded twice, and such a path is always ambiguous")
			s.text = s.text[:s.pos] + "%" + s.text[s.pos+3:]
			return
		}
		s.literal(rest[:3])
	default:
		s.literal(rest[:3])
	}
	s.pos += 3
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// decodedText returns the decoded text that a literal matches.
func decodedText(literal string) string {
	if text, err := url.PathUnescape(literal); err == nil {
		return text
	}
	return literal
}

// isRE2 reports whether package regexp accepts the expression.
func isRE2(expr string) bool {
	_, err := syntax.Parse("(?:"+expr+")", syntax.Perl)
	return err == nil
}

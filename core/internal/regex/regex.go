// Package regex looks into regular expressions: which texts they match, and whether an expression for origins matches
// more than its author spelled out.
package regex

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Expr is a parsed expression that has to match a whole text.
type Expr struct {
	text string
	tree *syntax.Regexp
}

// ErrOpenQuote is returned by [Expr.Compile] for an expression with \Q and without \E: it would quote what follows it.
var ErrOpenQuote = errors.New(`\Q quotes up to the end of the expression`)

// OpenQuoteFix says how to correct [ErrOpenQuote].
const OpenQuoteFix = `write \E behind what is quoted`

// Parse parses an expression in RE2 syntax. The error says what is wrong with it.
func Parse(text string) (*Expr, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return &Expr{text: text, tree: tree}, nil
}

// Compile returns the expression for matching whole texts. flags is empty or a group of flags such as "(?i)".
func (e *Expr) Compile(flags string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(flags + `\A(?:` + e.text + `)\z`)
	if err != nil {
		return nil, ErrOpenQuote // Parse has seen every other error
	}
	return re, nil
}

// Literal returns the only text that the expression matches.
func (e *Expr) Literal() (text string, ok bool) {
	parts := e.unanchored()
	if len(parts) != 1 || parts[0].Op != syntax.OpLiteral || parts[0].Flags&syntax.FoldCase != 0 {
		return "", false
	}
	return string(parts[0].Rune), true
}

// Wildcard returns "before*after" if the expression is any text between two literal ones: https://.*\.example\.com
// becomes https://*.example.com.
func (e *Expr) Wildcard() (text string, ok bool) {
	parts := e.unanchored()
	if len(parts) != 3 || parts[0].Op != syntax.OpLiteral || parts[2].Op != syntax.OpLiteral ||
		(parts[0].Flags|parts[2].Flags)&syntax.FoldCase != 0 {
		return "", false
	}
	if op := parts[1].Op; op != syntax.OpStar && op != syntax.OpPlus || parts[1].Sub[0].Op != syntax.OpAnyCharNotNL {
		return "", false
	}
	return string(parts[0].Rune) + "*" + string(parts[2].Rune), true
}

// unanchored returns the parts of the expression without the anchors around them. They change nothing because the whole
// text has to match.
func (e *Expr) unanchored() []*syntax.Regexp {
	parts := []*syntax.Regexp{e.tree}
	if e.tree.Op == syntax.OpConcat {
		parts = e.tree.Sub
	}
	if parts[0].Op == syntax.OpBeginText {
		parts = parts[1:]
	}
	if n := len(parts); n > 0 && parts[n-1].Op == syntax.OpEndText {
		parts = parts[:n-1]
	}
	return parts
}

// HasLooseDot reports whether a dot that matches any one character is followed by a letter or a digit, as in
// www.example.com.
func (e *Expr) HasLooseDot() bool { return hasLooseDot(e.tree) }

func hasLooseDot(tree *syntax.Regexp) bool {
	for i, sub := range tree.Sub {
		if hasLooseDot(sub) {
			return true
		}
		if sub.Op != syntax.OpAnyCharNotNL || tree.Op != syntax.OpConcat || i+1 == len(tree.Sub) {
			continue
		}
		next := tree.Sub[i+1]
		if c := next.Rune; next.Op == syntax.OpLiteral && c[0] < 0x80 && (isLetter(byte(c[0])) || isDigit(byte(c[0]))) {
			return true
		}
	}
	return false
}

// MatchesPath reports whether the expression can match a text that begins with a slash. A false is certain.
func (e *Expr) MatchesPath() bool {
	if size(e.tree) > maxSize {
		return true
	}
	prog, err := syntax.Compile(e.tree.Simplify())
	if err != nil {
		return true
	}
	// A text is a place in the program, and whether the slash has been read.
	type place struct {
		pc    uint32
		slash bool
	}
	todo, seen := []place{{uint32(prog.Start), false}}, map[place]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		switch inst := &prog.Inst[p.pc]; inst.Op {
		case syntax.InstMatch:
			if p.slash {
				return true
			}
		case syntax.InstFail:
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, place{inst.Out, p.slash}, place{inst.Arg, p.slash})
		case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
			todo = append(todo, place{inst.Out, p.slash})
		default:
			if p.slash || inst.MatchRune('/') {
				todo = append(todo, place{inst.Out, true})
			}
		}
	}
	return false
}

// maxSize bounds the programs that are looked into, in instructions.
const maxSize = 8192

// size returns how many instructions an expression has at most once its repetitions are written out, or a number beyond
// maxSize.
func size(tree *syntax.Regexp) int {
	n := 2
	for _, sub := range tree.Sub {
		if n += size(sub); n > maxSize {
			return n
		}
	}
	switch tree.Op {
	case syntax.OpLiteral:
		n += len(tree.Rune)
	case syntax.OpAlternate:
		n += len(tree.Sub)
	case syntax.OpRepeat:
		n *= max(tree.Min+1, tree.Max)
	}
	return n
}

// reversed returns an expression for the same texts read from their end. Anchors stay what they are.
func reversed(tree *syntax.Regexp) *syntax.Regexp {
	r := &syntax.Regexp{Op: tree.Op, Flags: tree.Flags, Min: tree.Min, Max: tree.Max, Rune: tree.Rune, Cap: tree.Cap}
	if tree.Op == syntax.OpLiteral {
		r.Rune = slices.Clone(tree.Rune)
		slices.Reverse(r.Rune)
	}
	for _, sub := range tree.Sub {
		r.Sub = append(r.Sub, reversed(sub))
	}
	if tree.Op == syntax.OpConcat {
		slices.Reverse(r.Sub)
	}
	return r
}

// Mend returns the expression that was probably meant, if there is one that [Expr.Judge] finds nothing wrong with: with
// its dots escaped, with a dot before the domain, with https. It returns "" for none.
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

// escapeDots escapes each dot outside of a class that is not repeated.
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

// anything is any text directly before a name, as in https://.*example\.com.
var anything = regexp.MustCompile(`(\.[*+]|\[[a-z0-9.\\w-]+\][*+]|\(\.\*\))(\\\.\?)?([a-z0-9])`)

// separate makes any text before a name a subdomain: of .*example it makes (.*\.)?example.
func separate(text string) string {
	return anything.ReplaceAllString(text, `(.*\.)?$3`)
}

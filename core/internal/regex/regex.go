// Package regex analyzes the regular expressions in a configuration. It finds expressions that
// match no origin, and expressions that match origins of other people than their author meant.
package regex

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Expr is a parsed regular expression. It matches only entire strings, as if it began with \A and
// ended with \z.
type Expr struct {
	text string
	tree *syntax.Regexp
}

// Parse parses an expression in the syntax of package regexp. If the expression is invalid, the
// error says why, without the usual prefix "error parsing regexp: ".
func Parse(text string) (*Expr, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return &Expr{text: text, tree: tree}, nil
}

// Compile returns a regexp that matches only entire strings. flags is prepended to the expression,
// and is either empty or a group of flags such as "(?i)". For example, compiling "a|b" with the
// flags "(?i)" results in `(?i)\A(?:a|b)\z`.
//
// Compile fails only if the expression is nested too deeply for package regexp.
func (e *Expr) Compile(flags string) (*regexp.Regexp, error) {
	begin, end := flags+`\A(?:`+e.text, `)\z`
	re, err := regexp.Compile(begin + end)
	if err != nil {
		// The expression may contain \Q without \E. That quotes everything up to its end.
		if re, quoted := regexp.Compile(begin + `\E` + end); quoted == nil {
			return re, nil
		}
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// Literal returns the only string that the expression matches. For example, it returns
// https://example.com for https://example\.com. ok is false if the expression is not a literal.
func (e *Expr) Literal() (text string, ok bool) {
	parts := e.unanchored()
	if len(parts) != 1 || parts[0].Op != syntax.OpLiteral || parts[0].Flags&syntax.FoldCase != 0 {
		return "", false
	}
	return string(parts[0].Rune), true
}

// Wildcard converts the regular expression to a pattern with "*". For example, it returns
// https://*.example.com for https://.*\.example\.com. ok is true only if the expression consists of
// a literal, .* or .+, and another literal.
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

// unanchored returns the parts of the expression without the anchors at its beginning and end.
// These anchors have no effect, because an expression must match the entire string anyway.
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

// HasLooseDot reports whether the expression contains an unescaped dot directly before a letter or
// digit, as in www.example.com. Such a dot matches any character, but was probably meant to match
// only a dot.
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

// MatchesPath reports whether the expression may match the path of a request. A path begins with a
// slash, and contains neither "//" nor a "." or ".." segment. A false result is definite, but a
// true result is not. For example, MatchesPath returns false for admin/.* and /a$b.
func (e *Expr) MatchesPath() bool {
	if size(e.tree) > maxSize {
		return true
	}
	prog, err := syntax.Compile(e.tree.Simplify())
	if err != nil {
		return true
	}
	// place is a place in the program, and what has been read of the path. ended means that the path
	// must end here.
	type place struct {
		pc    uint32
		read  pathPart
		ended bool
	}
	todo, seen := []place{{uint32(prog.Start), atStart, false}}, map[place]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		switch inst := &prog.Inst[p.pc]; inst.Op {
		case syntax.InstMatch:
			if p.read == afterSlash || p.read == inSegment {
				return true
			}
		case syntax.InstFail:
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, place{inst.Out, p.read, p.ended}, place{inst.Arg, p.read, p.ended})
		case syntax.InstEmptyWidth:
			ended := p.ended || syntax.EmptyOp(inst.Arg)&syntax.EmptyEndText != 0
			if syntax.EmptyOp(inst.Arg)&syntax.EmptyBeginText == 0 || p.read == atStart {
				todo = append(todo, place{inst.Out, p.read, ended})
			}
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, place{inst.Out, p.read, p.ended})
		default:
			if p.ended {
				continue
			}
			for _, c := range [...]rune{'/', '.', otherRune} {
				next, ok := p.read.add(c)
				if ok && (c == otherRune && matchesOther(inst) || c != otherRune && inst.MatchRune(c)) {
					todo = append(todo, place{inst.Out, next, false})
				}
			}
		}
	}
	return false
}

// pathPart describes what has been read of a path, as far as it determines what may follow.
type pathPart uint8

const (
	atStart    pathPart = iota // nothing
	afterSlash                 // the path ends with a slash
	afterDot                   // the last segment is "."
	afterDots                  // the last segment is ".."
	inSegment                  // the last segment is another one
)

// otherRune represents all characters of a path except slash and dot.
const otherRune = -1

// add returns the pathPart after c has been read. ok is false if c cannot follow.
func (p pathPart) add(c rune) (next pathPart, ok bool) {
	switch {
	case p == atStart:
		return afterSlash, c == '/'
	case c == '/':
		return afterSlash, p == inSegment
	case c == '.' && p == afterSlash:
		return afterDot, true
	case c == '.' && p == afterDot:
		return afterDots, true
	}
	return inSegment, true
}

// matchesOther reports whether an instruction matches any character other than a slash or a dot.
func matchesOther(inst *syntax.Inst) bool {
	if len(inst.Rune) == 1 {
		return inst.Rune[0] != '/' && inst.Rune[0] != '.'
	}
	for i := 0; i+1 < len(inst.Rune); i += 2 {
		if inst.Rune[i] < '.' || inst.Rune[i+1] > '/' {
			return true
		}
	}
	return inst.Op == syntax.InstRuneAny || inst.Op == syntax.InstRuneAnyNotNL
}

// maxSize is the maximum size of a program that is analyzed, in instructions.
const maxSize = 8192

// size returns an upper bound for the number of instructions of a compiled expression. If the bound
// exceeds maxSize, the result may be any number greater than maxSize.
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

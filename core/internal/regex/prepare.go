package regex

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// How an expression is prepared for the judge.
//
// The author of https://(acme1|acme2)\.de has listed two domains, but the author of
// https://acme[a-z]\.de has not. The parser of package syntax removes this difference, because it
// converts acme1|acme2 to acme[12]. So the judge parses the expression again, with an empty group
// after each "|". With these groups, the parser does not merge alternatives, so each class in the
// tree was written as a class.
//
// The author of https://acme?\.de may have meant "?" as in a file name, where it matches any
// character. The expression matches acm.de, which belongs to somebody else. So a single character
// that is optional does not count as spelled out. The same is true for a part that is repeated a
// varying number of times, as in [a-z]{1,3}. Both are marked with a group whose number is
// varyingGroup.

// varyingGroup is the number of the groups that mark a single character as optional or repeated. No
// expression of at most MaxLen bytes has so many groups of its own.
const varyingGroup = 1 << 20

// prepared parses and reverses an expression for the judge. The result matches the same strings,
// but reads them from their end. ok is false if the expression is nested too deeply or too large.
func prepared(text string) (tree *syntax.Regexp, ok bool) {
	tree, err := syntax.Parse(separateAlternatives(text), syntax.Perl)
	if err != nil || size(tree) > maxSize {
		return nil, false
	}
	return reversed(tree, false), true
}

// separateAlternatives inserts an empty group after each "|" that separates alternatives.
func separateAlternatives(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		part := token(text[i:])
		b.WriteString(part)
		if part == "|" {
			b.WriteString("()")
		}
		i += len(part)
	}
	return b.String()
}

// token returns the first token of an expression that is not empty. A token is a class in brackets,
// a quotation from \Q to \E, an escaped character, or a single byte.
func token(text string) string {
	switch {
	case strings.HasPrefix(text, `\Q`):
		if quoted, _, ok := strings.Cut(text, `\E`); ok {
			return text[:len(quoted)+len(`\E`)]
		}
		return text
	case text[0] == '\\':
		return text[:min(2, len(text))]
	case text[0] == '[':
		return text[:endOfClass(text)+1]
	}
	return text[:1]
}

// reversed returns an expression that matches the same strings, but reads them from their end. It
// does not change anchors. If varying is true, the expression is part of one that is repeated a
// varying number of times.
func reversed(tree *syntax.Regexp, varying bool) *syntax.Regexp {
	r := &syntax.Regexp{Op: tree.Op, Flags: tree.Flags, Min: tree.Min, Max: tree.Max, Rune: tree.Rune, Cap: tree.Cap}
	switch optional := tree.Op == syntax.OpQuest || tree.Op == syntax.OpRepeat && tree.Min == 0 && tree.Max == 1; {
	case optional && isOneCharacter(tree.Sub[0]):
		r.Sub = []*syntax.Regexp{marked(reversed(tree.Sub[0], false))}
		return r
	case tree.Op == syntax.OpLiteral:
		return reversedLiteral(r, varying)
	case varying && (tree.Op == syntax.OpCharClass || tree.Op == syntax.OpAnyChar || tree.Op == syntax.OpAnyCharNotNL):
		return marked(r)
	case tree.Op == syntax.OpRepeat && tree.Min < tree.Max && !optional:
		varying = true
	}
	for _, sub := range tree.Sub {
		r.Sub = append(r.Sub, reversed(sub, varying))
	}
	if tree.Op == syntax.OpConcat {
		slices.Reverse(r.Sub)
	}
	return r
}

// reversedLiteral implements reversed for a literal. It does not mark dots, because a subdomain may
// be repeated, as in ([a-z]+\.){0,3}acme\.de.
func reversedLiteral(r *syntax.Regexp, varying bool) *syntax.Regexp {
	r.Rune = slices.Clone(r.Rune)
	slices.Reverse(r.Rune)
	if !varying {
		return r
	}
	parts := &syntax.Regexp{Op: syntax.OpConcat}
	for i, c := range r.Rune {
		part := &syntax.Regexp{Op: syntax.OpLiteral, Flags: r.Flags, Rune: r.Rune[i : i+1]}
		if c != '.' {
			part = marked(part)
		}
		parts.Sub = append(parts.Sub, part)
	}
	return parts
}

// marked puts an expression that matches a single character into a group with the number
// varyingGroup.
func marked(one *syntax.Regexp) *syntax.Regexp {
	for one.Op == syntax.OpCapture {
		one = one.Sub[0]
	}
	return &syntax.Regexp{Op: syntax.OpCapture, Cap: varyingGroup, Sub: []*syntax.Regexp{one}}
}

// isOneCharacter reports whether an expression matches exactly one character. The expression may be
// in a group.
func isOneCharacter(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpCapture:
		return isOneCharacter(tree.Sub[0])
	case syntax.OpLiteral:
		return len(tree.Rune) == 1
	}
	return tree.Op == syntax.OpCharClass || tree.Op == syntax.OpAnyChar || tree.Op == syntax.OpAnyCharNotNL
}

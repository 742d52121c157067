package regex

import "regexp/syntax"

// maxExample is the maximum length of an example, in bytes.
const maxExample = 256

// Example returns a short text that the expression probably matches. The argument n chooses among
// the alternatives: Example(0) takes the first one everywhere, and Example(1) the second one.
// Example returns "" if the text would be long. Anchors and word boundaries are ignored, so the
// caller must check that the expression matches the text.
func (e *Expr) Example(n int) string {
	b := appendExample(nil, e.tree, n)
	if len(b) > maxExample {
		return ""
	}
	return string(b)
}

func appendExample(b []byte, tree *syntax.Regexp, n int) []byte {
	repeat := 1
	switch tree.Op {
	case syntax.OpLiteral:
		return append(b, string(tree.Rune)...)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return append(b, 'x')
	case syntax.OpCharClass:
		return append(b, exampleOf(tree.Rune)...)
	case syntax.OpAlternate:
		return appendExample(b, tree.Sub[n%len(tree.Sub)], n)
	case syntax.OpStar, syntax.OpQuest:
		return b
	case syntax.OpRepeat:
		repeat = tree.Min
	}
	for range repeat {
		for _, sub := range tree.Sub {
			if len(b) > maxExample {
				return b
			}
			b = appendExample(b, sub, n)
		}
	}
	return b
}

// exampleOf returns a character of a class, which is a list of ranges. It prefers a letter or a
// digit.
func exampleOf(ranges []rune) string {
	for _, c := range "xa0-" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= c && c <= ranges[i+1] {
				return string(c)
			}
		}
	}
	if len(ranges) == 0 {
		return ""
	}
	return string(ranges[0])
}

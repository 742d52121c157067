package regex

import (
	"regexp"
	"strings"
)

// HasAlternatives reports whether an expression consists of several alternatives that are not in
// parentheses, as in /a|/b.
func HasAlternatives(text string) bool { return len(split(text, "|")) > 1 }

// Alternative is one of the parts of an expression that "|" separates.
type Alternative struct {
	Begin, End int    // where it is in the expression
	Alone      string // the expression without the other alternatives of the same group
}

// maxAlternatives bounds the work for the alternatives of an expression: the sum of the lengths and
// sizes of the expressions that are checked.
const maxAlternatives = 1 << 16

// DeadAlternatives returns the alternatives of an expression that can never match a path. For
// example, for /a|b it returns b, because every path begins with a slash.
//
// It does not look inside repeated groups. In (/a|b)+, b can match after /a. It stops at the first
// group that has dead alternatives, so there may be more in other groups.
func DeadAlternatives(text string) (dead []Alternative) {
	if !strings.Contains(text, "|") || multiline.MatchString(text) || IsTooLarge(text) {
		return nil
	}
	work := 0
	for _, g := range groupsOf(text) {
		if g.repeated || len(g.starts) == 1 {
			continue
		}
		for i, begin := range g.starts {
			end := g.end
			if i+1 < len(g.starts) {
				end = g.starts[i+1] - len("|")
			}
			alone := text[:g.starts[0]] + text[begin:end] + text[g.end:]
			expr, err := Parse(alone)
			if err != nil {
				return nil
			}
			if work += len(alone) + size(expr.tree); work > maxAlternatives {
				return nil
			}
			if !expr.MatchesPath() {
				dead = append(dead, Alternative{begin, end, alone})
			}
		}
		if dead != nil {
			return dead
		}
	}
	return nil
}

var (
	// multiline matches a flag that changes the meaning of ^ and $ in the alternatives after it.
	multiline = regexp.MustCompile(`\(\?[a-zA-Z]*m`)
	// groupBegin matches what is before the first alternative of a group.
	groupBegin = regexp.MustCompile(`^\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?`)
)

// alternation is a group of an expression, or the whole expression.
type alternation struct {
	starts   []int // of its alternatives
	end      int
	parent   int // the index of the group around it
	repeated bool
}

// groupsOf returns the groups of an expression, with the whole expression as the first one. It
// returns nil if the parentheses are not balanced.
func groupsOf(text string) []alternation {
	groups := []alternation{{starts: []int{0}, end: len(text)}}
	in := 0
	for i := 0; i < len(text); {
		part := token(text[i:])
		switch part {
		case "(":
			part = groupBegin.FindString(text[i:])
			groups = append(groups, alternation{starts: []int{i + len(part)}, parent: in})
			in = len(groups) - 1
		case "|":
			groups[in].starts = append(groups[in].starts, i+1)
		case ")":
			if in == 0 {
				return nil
			}
			after := text[i+1:]
			groups[in].end = i
			groups[in].repeated = after != "" && strings.IndexByte("*+{", after[0]) >= 0
			in = groups[in].parent
		}
		i += len(part)
	}
	if in != 0 {
		return nil
	}
	for i := range groups {
		groups[i].repeated = groups[i].repeated || groups[groups[i].parent].repeated
	}
	return groups
}

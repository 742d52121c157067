// Package route finds the route that applies to the path of a request. A route is either a pattern
// or a regular expression.
//
// Patterns are like those of net/http.ServeMux, but have no method and no host. If several patterns
// match a path, the most specific one wins. Patterns take precedence over expressions.
//
// Some frameworks ignore the case of paths, and a policy must apply to every spelling of a path
// that reaches the same handler. Matching is therefore case-insensitive unless a [Table] is strict.
package route

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
)

// A pattern consists of a list of segments and an end. This file parses patterns and compares them.
//
//	pattern            segments    end
//	/status            status      exact
//	/api/              api         subtree
//	/users/{id}        users *     exact
//	/files/{rest...}   files       subtree
//	/{$}                           slash
//	/                              subtree
//
// Two patterns are compared like the sets of paths that they match, segment by segment. A wildcard
// is more general than a literal, and a subtree is more general than any pattern below it. Some
// patterns are more general in one segment and more specific in another. For example, /users/{id}
// and /{kind}/new overlap: both match /users/new, and neither is the obvious choice. Such a pair is
// refused.

// Pattern is a parsed path pattern, such as /users/{id} or /static/. Use [Parse] to create one. A
// Pattern must not be added to more than one [Table].
type Pattern struct {
	text     string
	segments []segment
	end      end
	id       int // the id of its route
}

// segment is a literal segment of a pattern, or "" for a wildcard.
type segment string

// end says what a path may contain after the segments of a pattern.
type end uint8

const (
	exact   end    = iota // nothing: /users/{id}
	slash                 // a slash: /users/{$}
	subtree               // a slash and anything: /users/ or /users/{rest...}
	ends    = iota        // how many there are
)

// MatchesAll reports whether p matches every path, as / and /{rest...} do.
func (p *Pattern) MatchesAll() bool { return len(p.segments) == 0 && p.end == subtree }

// HasOpenStart reports whether p matches paths with any first segment. For example, it returns true
// for / and /{a}/b, and false for /users/{id}.
func (p *Pattern) HasOpenStart() bool {
	if len(p.segments) == 0 {
		return p.end == subtree // unlike /{$}, which matches only the root
	}
	return p.segments[0] == ""
}

// IsExact reports whether p matches only paths with a fixed number of segments and without a
// trailing slash. For example, it returns true for /status and /users/{id}, and false for /api/.
func (p *Pattern) IsExact() bool { return p.end == exact }

// Example returns a path that p matches, with "x" in place of each wildcard.
func (p *Pattern) Example() string {
	var b strings.Builder
	for _, s := range p.segments {
		if s == "" {
			s = "x"
		}
		b.WriteString("/" + string(s))
	}
	if p.end != exact {
		b.WriteString("/")
	}
	return b.String()
}

// Parse parses the Path of a route, such as /users/{id}. If text is not a valid pattern, the
// returned Problem says what is wrong and what to write instead. Otherwise, the Problem is nil.
func Parse(text string) (*Pattern, *problem.Problem) {
	t := read(text)
	switch {
	case t.rule == "":
		return t.pattern(text), nil
	case t.patterns != nil:
		return nil, problem.New(t.rule, "write "+quotedList(t.patterns))
	case t.expr != "":
		return nil, &problem.Problem{
			Rule: problem.Plain(t.rule),
			Fix:  problem.Textf("write %v in %v", problem.PathExpr(t.expr), problem.PathRegex),
		}
	}
	if t.rule == noLookahead {
		return nil, problem.New(t.rule, "replace it with your own paths")
	}
	return nil, problem.New(t.rule, otherWords)
}

const otherWords = `write a path such as "/status", "/api/" or "/users/{id}"`

// ParseExempt parses an entry of CSRFConfig.ExemptPaths. It is like [Parse], but also refuses
// patterns that match any first segment, such as / and /{id}, because they would exempt unrelated
// handlers.
func ParseExempt(text string) (*Pattern, *problem.Problem) {
	// An expression cannot be exempt, so no fix mentions one.
	t := read(text)
	if t.rule == "" {
		p := t.pattern(text)
		if bad := p.exemptsTooMuch(); bad != nil {
			return nil, bad
		}
		return p, nil
	}
	patterns, fix := t.exempt()
	for _, text := range patterns {
		if bad := parsed(text).exemptsTooMuch(); bad != nil {
			return nil, bad
		}
	}
	return nil, problem.New(t.rule, fix)
}

// exempt returns the patterns that probably replace an invalid exempt path, and a fix that suggests
// them.
func (t *translation) exempt() (patterns []string, fix string) {
	n := len(t.pieces) - 1
	switch {
	case t.patterns != nil:
		return t.patterns, "write " + quotedList(t.patterns)
	case n < 0 && t.empty:
		return nil, "remove it"
	case n < 0 && t.rule == noLookahead:
		return nil, "replace it with your own paths"
	case n < 0:
		return nil, otherWords
	case t.pieces[n].kind == exprPiece && t.pieces[n].text == ".*":
		// The text is a prefix. Paths that only continue its last segment are not exempt.
		prefix := patternOf(t.pieces[:n])
		if patterns = distinct([]string{prefix, prefix + "/"}); len(patterns) == 2 {
			return patterns, "write " + quotedList(patterns)
		}
	}
	if patterns = alternativesOf(t.pieces); patterns != nil {
		return patterns, "write " + quotedList(patterns)
	}
	if patterns = widened(t.pieces); patterns != nil {
		return patterns, "replace it with your own paths, or write " + quotedList(patterns)
	}
	return nil, "replace it with your own paths"
}

// plainAlternatives matches an expression that lists literals, such as (?:stripe|paypal).
var plainAlternatives = regexp.MustCompile(`^\((?:\?:)?([\w.~-]+(?:\|[\w.~-]+)+)\)$`)

// alternativesOf converts pieces to patterns. If one piece is an expression that lists literals, it
// returns one pattern for each literal. It returns nil if there are other expressions.
func alternativesOf(pieces []piece) []string {
	i := slices.IndexFunc(pieces, func(p piece) bool { return p.kind == exprPiece })
	if i < 0 {
		return patternsOf(pieces)
	}
	m := plainAlternatives.FindStringSubmatch(pieces[i].text)
	if m == nil {
		return nil
	}
	var list []string
	for literal := range strings.SplitSeq(m[1], "|") {
		one := slices.Clone(pieces)
		one[i] = piece{kind: literalPiece, text: literal}
		list = append(list, alternativesOf(one)...)
		if len(list) > maxAlternatives {
			return nil
		}
	}
	return distinct(list)
}

// maxAlternatives is the maximum number of paths in a fix.
const maxAlternatives = 10

// exemptsTooMuch describes the problem with an exempt path that would exempt unrelated handlers. It
// returns nil if there is none.
func (p *Pattern) exemptsTooMuch() *problem.Problem {
	switch {
	case p.MatchesAll():
		return problem.New("this would exempt every path, so nothing would be protected",
			`write "/{$}" to exempt only the root, or replace it with your own paths, such as "/webhooks/"`)
	case p.HasOpenStart():
		_, rest, _ := strings.Cut(p.text, "}")
		return problem.New("the first segment of this path is a wildcard, so it would exempt paths of every handler",
			"begin with a literal segment, as in "+strconv.Quote("/webhooks"+rest))
	}
	return nil
}

// quotedList returns the quoted texts as in: "a", "b" and "c".
func quotedList(texts []string) string {
	var b strings.Builder
	for i, text := range texts {
		switch {
		case i > 0 && i+1 == len(texts):
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(text))
	}
	return b.String()
}

// pattern converts the pieces of a valid pattern to a Pattern.
func (t translation) pattern(text string) *Pattern {
	p := &Pattern{text: text}
	for i, piece := range t.pieces {
		switch piece.kind {
		case literalPiece:
			p.segments = append(p.segments, segment(decodedText(piece.text)))
		case paramPiece:
			p.segments = append(p.segments, "")
		case restPiece:
			p.end = subtree
		case rootPiece:
			p.end = slash
		case slashPiece:
			if i+1 == len(t.pieces) {
				p.end = subtree
			}
		}
	}
	return p
}

// lower converts the literals of p to lower case.
func (p *Pattern) lower() {
	for i, s := range p.segments {
		p.segments[i] = segment(appendLower(nil, string(s)))
	}
}

// appendLower appends s to b, with the letters A to Z converted to lower case.
func appendLower(b []byte, s string) []byte {
	for _, c := range []byte(s) {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// relation describes how the paths that one pattern matches relate to the paths that another one
// matches.
type relation uint8

const (
	equal        relation = iota // both match the same paths
	moreGeneral                  // the first matches all paths that the second does, and others
	moreSpecific                 // the second matches all paths that the first does, and others
	overlapping                  // both match some path, and each matches one that the other does not
	disjoint                     // no path is matched by both
)

// and combines the relations of two parts of a pair of patterns into the relation of the patterns.
func (r relation) and(q relation) relation {
	switch {
	case r == disjoint || q == disjoint:
		return disjoint
	case r == equal:
		return q
	case q == equal || r == q:
		return r
	}
	return overlapping
}

// conflicts reports whether two patterns with this relation cannot be in the same table.
func (r relation) conflicts() bool { return r == equal || r == overlapping }

// compare returns the relation of p to q.
func compare(p, q *Pattern) relation {
	r := equal
	for i := range min(len(p.segments), len(q.segments)) {
		if r = r.and(compareSegments(p.segments[i], q.segments[i])); r == disjoint {
			return disjoint
		}
	}
	switch d := len(p.segments) - len(q.segments); {
	case d < 0 && p.end == subtree:
		return r.and(moreGeneral)
	case d > 0 && q.end == subtree:
		return r.and(moreSpecific)
	case d != 0:
		return disjoint
	}
	return r.and(compareEnds(p.end, q.end))
}

func compareSegments(a, b segment) relation {
	switch {
	case a == b:
		return equal
	case a == "":
		return moreGeneral
	case b == "":
		return moreSpecific
	}
	return disjoint
}

// compareEnds returns the relation of two patterns that differ only in their ends.
func compareEnds(a, b end) relation {
	switch {
	case a == b:
		return equal
	case a == exact || b == exact:
		return disjoint
	case a == subtree:
		return moreGeneral
	}
	return moreSpecific
}

package route

import (
	"strings"
	"sync"
)

// The patterns of a table form a tree. The path from the root to a node consists of the first
// segments of some patterns. A node has a child for each literal that can be the next segment, and
// another child for a wildcard. For example, these patterns
//
//	/api/    /api/users/{id}    /{kind}/new
//
// form this tree, where "*" is a wildcard:
//
//	root ── api [/api/] ── users ── * [/api/users/{id}]
//	  └──── * ── new [/{kind}/new]
//
// A search follows the segments of a path from the root, and tries a literal before a wildcard. So
// the first pattern that it finds is the most specific one. There are never two equally specific
// patterns, because Add refuses patterns that overlap.
//
// If nothing matches below a literal, a search goes back and tries the wildcard. But each node is
// reached by only one sequence of segments, so a search visits a node at most once. Whatever the
// path is, the number of steps is at most the number of segments in the table.
//
// Add looks for conflicts in the same tree; see conflict.

// These values are returned in place of the id of a route.
const (
	// None means that no route matches the path.
	None = -1
	// Unknown means that the route could not be determined. For example, the meaning of a path that
	// contains ".." depends on the handler, and some paths would cost too much to look up.
	// [Readings.Unknown] returns the reason.
	Unknown = -2
)

// Table is a set of routes. It finds the route that applies to a path. Each route has an id, which
// the caller chooses. The zero value is an empty table. Once all routes have been added, a Table is
// safe for concurrent use.
type Table struct {
	// Strict makes the table distinguish upper and lower case, and paths with and without a
	// trailing slash. Set Strict before adding routes.
	Strict bool

	root        node
	longest     int // the length of the longest literal segment, in bytes
	expressions []expression

	// These fields are only used by Add.
	patterns []*Pattern
	subtrees [][]*Pattern         // the patterns with the end subtree, by their number of segments
	at       map[place][]*Pattern // the patterns with a segment at a place
	steps    int                  // how many steps the search for conflicts took
}

// place is a segment together with its position in a pattern.
type place struct {
	i       int
	segment segment
}

type node struct {
	literals map[string]*node
	ordered  []*node // the values of literals, in the order of adding
	wildcard *node
	patterns [ends]*Pattern // the patterns that end at this node, by their end
}

type expression struct {
	re matcher
	id int
}

// matcher is implemented by *regexp.Regexp, and in tests by a type that counts the calls.
type matcher interface {
	MatchString(string) bool
	Match([]byte) bool
}

// AddRegex adds a route with the given id for the paths that re matches. The id must not be
// negative. re is usually a *regexp.Regexp, and must match only entire paths.
//
// Patterns take precedence over expressions, which are tried in the order in which they were added.
func (t *Table) AddRegex(re matcher, id int) {
	// The flag "i" makes an expression ignore case. Unless t is strict, an expression also matches
	// paths with an extra or missing trailing slash.
	t.expressions = append(t.expressions, expression{re: re, id: id})
}

// Add adds a route with the given id for the paths that p matches. The id must not be negative. Add
// returns nil, unless p conflicts with a pattern in the table. In that case, Add returns a
// description of the conflict, and the table stays unchanged.
//
// For example, /users/{id} and /{kind}/new conflict, because both match /users/new and neither is
// more specific.
func (t *Table) Add(p *Pattern, id int) *Conflict {
	if !t.Strict {
		p.lower()
	}
	if q := t.conflict(p); q != nil {
		return &Conflict{
			Text: q.text, ID: q.id, Equal: compare(p, q) == equal, Both: common(p, q), Expr: exprOf(read(p.text).pieces),
		}
	}
	p.id = id
	n := &t.root
	for i, s := range p.segments {
		n = n.child(string(s))
		t.longest = max(t.longest, len(s))
		if t.at == nil {
			t.at = map[place][]*Pattern{}
		}
		t.at[place{i, s}] = append(t.at[place{i, s}], p)
	}
	n.patterns[p.end] = p
	t.patterns = append(t.patterns, p)
	if p.end == subtree {
		for len(t.subtrees) <= len(p.segments) {
			t.subtrees = append(t.subtrees, nil)
		}
		t.subtrees[len(p.segments)] = append(t.subtrees[len(p.segments)], p)
	}
	return nil
}

// Conflict describes why a pattern cannot be added to a table.
type Conflict struct {
	Text  string // the pattern in the table
	ID    int    // the id of its route
	Equal bool   // both patterns match the same paths
	Both  string // a path that both match
	Expr  string // an expression for the paths of the pattern that cannot be added
}

// common returns a path that both p and q match. They must overlap or be equal.
func common(p, q *Pattern) string {
	if len(p.segments) < len(q.segments) {
		p, q = q, p
	}
	var b strings.Builder
	for i, s := range p.segments {
		if s == "" && i < len(q.segments) {
			s = q.segments[i]
		}
		if s == "" {
			s = "x"
		}
		b.WriteString("/" + string(s))
	}
	switch {
	case p.end == exact:
	case p.end == slash || len(p.segments) == len(q.segments) && q.end == slash || b.Len() == 0:
		b.WriteString("/")
	default:
		b.WriteString("/x")
	}
	return b.String()
}

// child returns the child for a literal, or for a wildcard if literal is "". It creates the child
// if it does not exist.
func (n *node) child(literal string) *node {
	if literal == "" {
		if n.wildcard == nil {
			n.wildcard = &node{}
		}
		return n.wildcard
	}
	child := n.literals[literal]
	if child == nil {
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		child = &node{}
		n.literals[literal] = child
		n.ordered = append(n.ordered, child)
	}
	return child
}

// conflict returns a pattern in the table that conflicts with p, or nil if there is none.
//
// It uses two methods, because each is slow for some tables. The first method follows p through the
// tree. It takes one step for each segment, but must follow every child at a wildcard. The second
// method compares p with all patterns that have the same literal at the same position. There are
// few of these if the literal is rare. conflict tries the first method for as many steps as the
// second one would take. Both are slow only if there are thousands of patterns that begin with a
// wildcard and have no rare literal.
func (t *Table) conflict(p *Pattern) *Pattern {
	const enough = 64 // so few steps are always allowed
	lists, n := t.candidates(p)
	w := walk{p: p, left: max(n, enough)}
	given := w.left
	q := w.visit(&t.root, 0, equal)
	t.steps += given - max(w.left, 0)
	if w.left >= 0 {
		return q
	}
	for _, list := range lists {
		for _, q := range list {
			t.steps++
			if compare(p, q).conflicts() {
				return q
			}
		}
	}
	return nil
}

// candidates returns lists that contain all patterns with which p can conflict, and the total
// number of these patterns. They are the patterns that can match a path with a certain literal of p
// at its position. The literal is the one for which there are the fewest such patterns.
func (t *Table) candidates(p *Pattern) (lists [][]*Pattern, n int) {
	lists, n = [][]*Pattern{t.patterns}, len(t.patterns)
	shorter := 0
	for i, s := range p.segments {
		if i < len(t.subtrees) {
			shorter += len(t.subtrees[i])
		}
		if s == "" {
			continue
		}
		same, wild := t.at[place{i, s}], t.at[place{i, ""}]
		if m := shorter + len(same) + len(wild); m < n {
			n = m
			lists = append(append(lists[:0:0], t.subtrees[:min(i+1, len(t.subtrees))]...), same, wild)
		}
	}
	return lists, n
}

// walk follows a pattern through the tree to find another one that conflicts with it.
type walk struct {
	p    *Pattern
	left int // how many steps may still be taken; negative if they were not sufficient
}

// visit returns a pattern at or below n that conflicts with p. It returns nil if there is none, or
// if there are not enough steps left. The argument depth is the number of segments that lead to n,
// and r is the relation of the first segments of p to those.
func (w *walk) visit(n *node, depth int, r relation) *Pattern {
	if n == nil || w.left < 0 {
		return nil
	}
	w.left--
	if depth == len(w.p.segments) {
		return w.visitEnd(n, r)
	}
	if q := n.patterns[subtree]; q != nil && r.and(moreSpecific).conflicts() {
		return q
	}
	s := w.p.segments[depth]
	if s != "" {
		if q := w.visit(n.literals[string(s)], depth+1, r); q != nil {
			return q
		}
		return w.visit(n.wildcard, depth+1, r.and(moreSpecific))
	}
	if q := w.visit(n.wildcard, depth+1, r); q != nil {
		return q
	}
	for _, child := range n.ordered {
		if q := w.visit(child, depth+1, r.and(moreGeneral)); q != nil || w.left < 0 {
			return q
		}
	}
	return nil
}

// visitEnd implements visit for a node at which all segments of p have been followed.
func (w *walk) visitEnd(n *node, r relation) *Pattern {
	for e, q := range n.patterns {
		if q != nil && r.and(compareEnds(w.p.end, end(e))).conflicts() {
			return q
		}
	}
	if w.p.end == subtree && r.and(moreGeneral).conflicts() {
		return n.below()
	}
	return nil
}

// below returns any pattern that ends below n, or nil if there is none.
func (n *node) below() *Pattern {
	for {
		switch {
		case len(n.ordered) > 0:
			n = n.ordered[0]
		case n.wildcard != nil:
			n = n.wildcard
		default:
			return nil
		}
		for _, p := range n.patterns {
			if p != nil {
				return p
			}
		}
	}
}

// Find is a faster version of [Table.Read] for paths that every router interprets in the same way.
// It returns the id of the route that applies to the path, or [None] if no route matches.
//
// If ok is false, routers may choose different routes or the route is [Unknown], so the caller must
// use Read instead.
func (t *Table) Find(path, rawPath string) (id int, ok bool) {
	// A path is not simple if routers may interpret it in several ways, if a trailing slash decides
	// which route applies, or if the route is unknown.
	if rawPath != "" && rawPath != path || !isPlain(path) {
		return Unknown, false
	}
	lenient, strict := t.find(path)
	return lenient, lenient == strict && lenient != Unknown
}

// find returns the routes for one interpretation of a path. The route lenient is for routers that
// ignore a trailing slash, and strict is for routers that do not. If the latter find no route,
// strict is equal to lenient, because then only a lenient router reaches a handler.
func (t *Table) find(path string) (lenient, strict int) {
	lenient, strict, done := t.findPattern(path)
	switch {
	case done || len(t.expressions) == 0:
		return lenient, strict
	case len(path) > maxPath:
		return Unknown, Unknown
	}
	return t.findExpression(path, lenient)
}

// findPattern implements find for patterns. If done is true, no expression can change the result.
func (t *Table) findPattern(path string) (lenient, strict int, done bool) {
	if path == "" {
		path = "/" // a request target without a path, as in "GET http://example.com"
	}
	if path[0] != '/' {
		return None, None, true // "*", or an authority
	}
	p, literally := t.search(&t.root, path[1:], t.Strict)
	if p == nil {
		return None, None, false
	}
	if literally {
		return p.id, p.id, true
	}
	if q, _ := t.search(&t.root, path[1:], true); q != nil {
		return p.id, q.id, true
	}
	return p.id, p.id, false
}

// search finds the pattern below n that matches rest, which is the part of the path after the
// segments that lead to n. If strict is false, a pattern also matches a path with an additional or
// missing trailing slash. literally reports whether the pattern matches without this rule.
func (t *Table) search(n *node, rest string, strict bool) (p *Pattern, literally bool) {
	if rest == "" {
		return n.last(true, strict)
	}
	part, tail, more := cutSegment(rest)
	if len(part) <= t.longest && len(n.literals) > 0 {
		if child := t.literal(n, part); child != nil {
			if p, literally = t.step(child, tail, more, strict); p != nil {
				return p, literally
			}
		}
	}
	// gin, chi and echo allow an empty parameter. A table that is strict says which paths are
	// exempt from a check, and whether an empty parameter leads to an exempt handler depends on the
	// router.
	if n.wildcard != nil && (part != "" || !t.Strict) {
		if p, literally = t.step(n.wildcard, tail, more, strict); p != nil {
			return p, literally
		}
	}
	return n.patterns[subtree], true
}

// cutSegment splits path at the first slash, like strings.Cut. It uses a loop, which is faster for
// short segments.
func cutSegment(path string) (segment, rest string, more bool) {
	for i := 0; i < len(path); i++ {
		if path[i] == '/' {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}

// step continues a search at n. If more is true, a slash and tail follow in the path.
func (t *Table) step(n *node, tail string, more, strict bool) (p *Pattern, literally bool) {
	if more {
		return t.search(n, tail, strict)
	}
	return n.last(false, strict)
}

// last returns the pattern for a path that ends at n. The argument slashed says whether the path
// ends with a slash. If strict is false, a pattern for paths with a trailing slash also matches
// those without, and vice versa.
func (n *node) last(slashed, strict bool) (p *Pattern, literally bool) {
	order := [...]end{exact, slash, subtree}
	if slashed {
		order = [...]end{slash, subtree, exact}
	}
	for _, e := range order {
		if p, literally = n.patterns[e], slashed != (e == exact); p != nil && (literally || !strict) {
			return p, literally
		}
	}
	return nil, false
}

// literal returns the child of n for a segment of a path, or nil if no literal matches.
func (t *Table) literal(n *node, part string) *node {
	// Literals are in lower case, unless the table is strict. So are most paths.
	child := n.literals[part]
	if child != nil || t.Strict || !hasUpper(part) {
		return child
	}
	var buf [128]byte
	return n.literals[string(appendLower(buf[:0], part))]
}

// hasUpper reports whether s contains an upper-case ASCII letter.
func hasUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// slashed contains buffers in which a slash is appended to a path.
var slashed = sync.Pool{New: func() any {
	b := make([]byte, 0, maxPath+1)
	return &b
}}

// findExpression implements find for a path that no pattern matches strictly. The argument lenient
// is the route of a pattern that matches except for a trailing slash, or None.
func (t *Table) findExpression(path string, lenient int) (_, strict int) {
	shorter, hasSlash := strings.CutSuffix(path, "/")
	var longer []byte
	if lenient == None && !t.Strict && !hasSlash {
		buf := slashed.Get().(*[]byte)
		defer slashed.Put(buf)
		*buf = append(append((*buf)[:0], path...), '/')
		longer = *buf
	}
	for _, e := range t.expressions {
		if e.re.MatchString(path) {
			if lenient == None {
				lenient = e.id
			}
			return lenient, e.id
		}
		if lenient == None && !t.Strict && (hasSlash && e.re.MatchString(shorter) || !hasSlash && e.re.Match(longer)) {
			lenient = e.id
		}
	}
	return lenient, lenient
}

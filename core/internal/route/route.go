// Package route tells under which of several routes a path falls. Routes are written as net/http.ServeMux patterns without method and host,
// or as regular expressions; the most specific pattern wins, and patterns win over expressions. Case does not count, for some
// frameworks route without it, and a policy must hold however the framework spells the path.
package route

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

const (
	None    = -1 // what Match returns for a path under no route
	Unknown = -2 // and for one that is under no pattern and too long to be matched against expressions
)

// maxPath bounds what is matched against expressions, in bytes: they take some 100 ns a byte and reading, and servers take paths of 1 MiB.
const maxPath = 8 << 10

// Table holds routes. The zero Table is empty. It may be read from several goroutines once it is filled.
type Table struct {
	// Strict compares with case, and tells a path from the same path with a slash behind it. It is set before anything is added.
	Strict bool

	root     node
	patterns []*Pattern
	regexes  []expression
	longest  int // bytes of the longest literal segment
}

type expression struct {
	re        *regexp.Regexp
	slashless *regexp.Regexp // matches a path if re matches it with a slash behind it; nil if it never does
	id        int
}

// Pattern is a parsed path pattern.
type Pattern struct {
	text     string
	segments []segment
	end      end
}

// segment is a literal, or "" for a wildcard.
type segment string

// end says what may follow the segments.
type end uint8

const (
	exact   end = iota // nothing: /users/{id}
	slash              // a slash: /users/{$}
	subtree            // a slash and anything: /users/ or /users/{rest...}
)

// node is a place in the tree of segments. A path is looked up segment by segment, literals before wildcards, so that the first route found is the most
// specific one (conflicting patterns are refused when they are added).
type node struct {
	literals map[string]*node
	wildcard *node
	ids      [3]int // by end; an id plus 1, or 0 for none
}

// Parse reads a pattern. The error says what is wrong with it, and what to write instead.
func Parse(text string) (*Pattern, error) {
	p := &Pattern{text: text}
	if method, path, ok := strings.Cut(text, " "); ok && strings.HasPrefix(path, "/") && !strings.Contains(method, "/") {
		return nil, fmt.Errorf("a route has no method, since it is for preflights too; write %q", path)
	}
	if !strings.HasPrefix(text, "/") {
		return nil, fmt.Errorf("a path begins with a slash; write %q", "/"+text)
	}
	names := map[string]bool{}
	for rest, more := text[1:], true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		switch {
		case part == "" && !more:
			p.end = subtree
		case part == "":
			return nil, fmt.Errorf("a path has no empty segment; write one slash")
		case part == "." || part == "..":
			return nil, fmt.Errorf("a path has no segment %q; write the path that it leads to", part)
		case !strings.ContainsAny(part, "{}"):
			literal, err := url.PathUnescape(part)
			if err != nil || strings.Contains(literal, "/") {
				return nil, fmt.Errorf("%q is no percent-encoded segment; write it decoded", part)
			}
			if literal == "." || literal == ".." {
				return nil, fmt.Errorf("a path has no segment %q; write the path that it leads to", part)
			}
			p.segments = append(p.segments, segment(literal))
		case part == "{$}":
			if more {
				return nil, fmt.Errorf("{$} stands at the end; remove what follows")
			}
			p.end = slash
		default:
			name, ok := strings.CutPrefix(part, "{")
			name, closed := strings.CutSuffix(name, "}")
			name, multi := strings.CutSuffix(name, "...")
			if !ok || !closed || !isName(name) {
				return nil, fmt.Errorf("%q is no wildcard; write a whole segment such as {id} or {rest...}", part)
			}
			if names[name] {
				return nil, fmt.Errorf("the wildcard %q stands twice; give each its own name", name)
			}
			names[name] = true
			if !multi {
				p.segments = append(p.segments, "")
				continue
			}
			if more {
				return nil, fmt.Errorf("{%s...} stands at the end; remove what follows", name)
			}
			p.end = subtree
		}
	}
	return p, nil
}

func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') && (i == 0 || !('0' <= r && r <= '9')) {
			return false
		}
	}
	return s != ""
}

// Add adds a pattern under an id of at least 0. It returns the text of a pattern that is there and conflicts with it: both match some path, and neither is
// more specific. Then it adds nothing.
func (t *Table) Add(p *Pattern, id int) (conflict string, ok bool) {
	if !t.Strict {
		for i, s := range p.segments {
			p.segments[i] = segment(appendLower(nil, string(s)))
		}
	}
	for _, q := range t.patterns {
		if r := compare(p, q); r == equal || r == overlapping {
			return q.text, false
		}
	}
	t.patterns = append(t.patterns, p)
	n := &t.root
	for _, s := range p.segments {
		n = n.child(string(s))
		t.longest = max(t.longest, len(s))
	}
	n.ids[p.end] = id + 1
	return "", true
}

func (n *node) child(literal string) *node {
	if literal == "" {
		if n.wildcard == nil {
			n.wildcard = &node{}
		}
		return n.wildcard
	}
	if n.literals == nil {
		n.literals = map[string]*node{}
	}
	if n.literals[literal] == nil {
		n.literals[literal] = &node{}
	}
	return n.literals[literal]
}

// AddRegex adds an expression, which is anchored at both ends. Expressions are tried after all patterns, in the order of adding, each on the path and,
// unless the table is strict, on the path with a slash more or less at its end.
func (t *Table) AddRegex(re *regexp.Regexp, id int) {
	e := expression{re: re, id: id}
	if tree, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		if rest := withoutSlash(tree.Simplify()); rest != nil {
			e.slashless = regexp.MustCompile(`(?:` + rest.String() + `)\z`)
		}
	}
	t.regexes = append(t.regexes, e)
}

// Candidates are the routes of the readings of a path: decoded, as sent, and split as sent and decoded segment by segment (net/http.ServeMux); each as
// it is, without empty segments, and without empty and dot segments. Frameworks, and middleware that cleans paths before them, route by every
// one of these. The second nine are the same for a router that tells a path from the same path with a slash behind it.
type Candidates [18]int

// Agree returns the route if all readings fall under the same one.
func (c Candidates) Agree() (id int, ok bool) {
	for _, other := range c {
		if other != c[0] || other == Unknown {
			return c[0], false
		}
	}
	return c[0], true
}

// Find returns the id of the route that a path falls under, None for no route. ok is false if readings of it fall under different ones: see [Table.Match].
func (t *Table) Find(path, rawPath string) (id int, ok bool) {
	// Nearly all paths have one reading. To look at nothing else spares 40 ns of 120.
	if (rawPath == "" || rawPath == path) && isPlain(path) {
		id, asIs := t.find(path)
		return id, id == asIs && id != Unknown
	}
	return t.Match(path, rawPath).Agree()
}

// Match returns the ids of the routes that a path falls under, None for no route. path is percent-decoded; rawPath is as sent, or
// "" if nothing in it was encoded that need not be. Only an empty or a dot segment, and an encoded slash beside something else that is encoded, needs allocations.
func (t *Table) Match(path, rawPath string) (c Candidates) {
	if rawPath == "" {
		rawPath = path
	}
	t.readings(&c, 0, path)
	t.readings(&c, 3, rawPath)
	switch slashes, others := escapes(rawPath); {
	case rawPath == path || slashes == 0: // then every segment is as in path
		c.copy(6, 0)
	case others == 0:
		c.copy(6, 3)
	default:
		t.readings(&c, 6, decodeSegments(rawPath))
	}
	return c
}

// readings fills in the three candidates from the i-th on, and their twins.
func (t *Table) readings(c *Candidates, i int, path string) {
	c[i], c[i+9] = t.find(path)
	if !strings.HasPrefix(path, "/") || isPlain(path) {
		c[i+1], c[i+10], c[i+2], c[i+11] = c[i], c[i+9], c[i], c[i+9]
		return
	}
	c[i+1], c[i+10] = t.find(resolve(path, false))
	c[i+2], c[i+11] = t.find(resolve(path, true))
}

// copy makes the three candidates from the i-th on, and their twins, those from the j-th on.
func (c *Candidates) copy(i, j int) {
	copy(c[i:i+3], c[j:j+3])
	copy(c[i+9:i+12], c[j+9:j+12])
}

// escapes counts those of a slash in a path as sent, and the others.
func escapes(rawPath string) (slashes, others int) {
	for i := 0; i < len(rawPath); i++ {
		switch {
		case rawPath[i] != '%':
		case strings.HasPrefix(rawPath[i:], "%2f") || strings.HasPrefix(rawPath[i:], "%2F"):
			slashes++
		default:
			others++
		}
	}
	return slashes, others
}

// decodeSegments returns a path as sent with everything decoded but its slashes, which no literal has. What is no escape stays as it is.
func decodeSegments(rawPath string) string {
	b := make([]byte, 0, len(rawPath))
	for i := 0; i < len(rawPath); i++ {
		if rawPath[i] == '%' && i+2 < len(rawPath) {
			if c, err := strconv.ParseUint(rawPath[i+1:i+3], 16, 8); err == nil && c != '/' {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		b = append(b, rawPath[i])
	}
	return string(b)
}

// isPlain reports whether no segment of a path is empty, but for the last, or begins with a dot.
func isPlain(path string) bool {
	for i := 1; i < len(path); i++ {
		if path[i-1] == '/' && (path[i] == '/' || path[i] == '.') {
			return false
		}
	}
	return true
}

// find returns the route of one reading, and the one for a router that tells the path from the same path with a slash more or less at its end. Where
// that finds none, only the other can be meant.
func (t *Table) find(path string) (id, asIs int) {
	if path == "" {
		path = "/" // an absolute-form target without a path
	}
	if !strings.HasPrefix(path, "/") {
		return None, None // "*", or an authority
	}
	id, asIs = None, None
	if found, exactly := t.search(&t.root, path[1:], t.Strict); found != 0 {
		if id = found - 1; exactly {
			return id, id
		}
		if other, _ := t.search(&t.root, path[1:], true); other != 0 {
			return id, other - 1
		}
	}
	if len(t.regexes) > 0 && len(path) > maxPath {
		return Unknown, Unknown
	}
	shorter, slashed := strings.CutSuffix(path, "/")
	for _, e := range t.regexes {
		matches := e.re.MatchString(path)
		if id == None && (matches || !t.Strict && (slashed && e.re.MatchString(shorter) || !slashed && e.slashless != nil && e.slashless.MatchString(path))) {
			id = e.id
		}
		if matches {
			return id, e.id
		}
	}
	return id, id
}

// search looks up what stands behind the slash at n. The id is one more than that of the route, 0 for none. slashes says that a path is told from the same path
// with a slash behind it; where it is not, asIs says that the pattern which was found matches nevertheless.
func (t *Table) search(n *node, rest string, slashes bool) (id int, asIs bool) {
	if rest == "" {
		return n.terminal(true, slashes)
	}
	part, tail, more := cutSegment(rest)
	if len(part) <= t.longest && len(n.literals) > 0 {
		if child := t.literal(n, part); child != nil {
			if id, asIs = t.step(child, tail, more, slashes); id != 0 {
				return id, asIs
			}
		}
	}
	// gin, chi and echo let a parameter be empty. No handler of an exempt path may be reached so.
	if n.wildcard != nil && (part != "" || !t.Strict) {
		if id, asIs = t.step(n.wildcard, tail, more, slashes); id != 0 {
			return id, asIs
		}
	}
	return n.ids[subtree], true
}

// cutSegment is strings.Cut at the first slash. Segments are short: for two of them a loop takes 10 ns less, of 80.
func cutSegment(path string) (segment, rest string, more bool) {
	for i := 0; i < len(path); i++ {
		if path[i] == '/' {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}

func (t *Table) step(n *node, tail string, more, slashes bool) (id int, asIs bool) {
	if more {
		return t.search(n, tail, slashes)
	}
	return n.terminal(false, slashes)
}

// terminal returns what a path that ends at n, with a slash or without, falls under. A path and the same path with a slash behind it
// fall under the same route unless there is one for each: fiber for one serves both with the same handler.
func (n *node) terminal(slashed, slashes bool) (id int, asIs bool) {
	order := [...]end{exact, slash, subtree}
	if slashed {
		order = [...]end{slash, subtree, exact}
	}
	for _, e := range order {
		if id, asIs = n.ids[e], slashed != (e == exact); id != 0 && (asIs || !slashes) {
			return id, asIs
		}
	}
	return 0, false
}

func (t *Table) literal(n *node, part string) *node {
	// What is listed is in lower case already, unless the table is strict, and so are most paths.
	child := n.literals[part]
	if child != nil || t.Strict || !hasUpper(part) {
		return child
	}
	var buf [128]byte
	return n.literals[string(appendLower(buf[:0], part))]
}

func hasUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// resolve returns path without its empty segments and, if dots is true, without its dot segments (RFC 3986, section 5.2.4). A path that ends in
// one ends in a slash.
func resolve(path string, dots bool) string {
	b := make([]byte, 0, len(path)+1)
	part, rest := "", path[1:]
	for more := true; more; {
		part, rest, more = strings.Cut(rest, "/")
		switch {
		case part == "" || dots && part == ".":
		case dots && part == "..":
			b = b[:max(0, bytes.LastIndexByte(b, '/'))]
		default:
			b = append(append(b, '/'), part...)
		}
	}
	if part == "" || dots && (part == "." || part == "..") {
		b = append(b, '/')
	}
	return string(b)
}

// relation says how the paths that two patterns match relate.
type relation uint8

const (
	equal relation = iota
	moreGeneral
	moreSpecific
	overlapping
	disjoint
)

// and is the relation of two patterns of which one part relates as r and the other as q.
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

// compare says how what p matches relates to what q matches.
func compare(p, q *Pattern) relation {
	r := equal
	for i := range min(len(p.segments), len(q.segments)) {
		switch a, b := p.segments[i], q.segments[i]; {
		case a == b:
		case a == "":
			r = r.and(moreGeneral)
		case b == "":
			r = r.and(moreSpecific)
		default:
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
	case p.end == q.end:
		return r
	case p.end == exact || q.end == exact:
		return disjoint
	case p.end == subtree:
		return r.and(moreGeneral)
	}
	return r.and(moreSpecific)
}

// appendLower appends s in lower case, of ASCII only.
func appendLower(b []byte, s string) []byte {
	for _, c := range []byte(s) {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// withoutSlash returns an expression for what re matches with a slash at its end, less that slash; nil if there is no such text. It lets a path be
// tried as if a slash stood behind it, without writing that path anywhere. Assertions behind the slash are taken to hold.
func withoutSlash(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpLiteral:
		if last := len(re.Rune) - 1; re.Rune[last] == '/' {
			return &syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: re.Rune[:last:last]}
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= '/' && '/' <= re.Rune[i+1] {
				return &syntax.Regexp{Op: syntax.OpEmptyMatch}
			}
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case syntax.OpCapture, syntax.OpQuest:
		return withoutSlash(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		if last := withoutSlash(re.Sub[0]); last != nil {
			star := &syntax.Regexp{Op: syntax.OpStar, Flags: re.Flags, Sub: re.Sub[:1:1]}
			return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{star, last}}
		}
	case syntax.OpAlternate:
		return alternate(re.Sub, withoutSlash)
	case syntax.OpConcat:
		// The slash is the last of the last part, or, where that can be empty, of the one before, and so on.
		var all []*syntax.Regexp
		for i := len(re.Sub) - 1; i >= 0; i-- {
			if last := withoutSlash(re.Sub[i]); last != nil {
				all = append(all, &syntax.Regexp{Op: syntax.OpConcat, Sub: append(re.Sub[:i:i], last)})
			}
			if !canBeEmpty(re.Sub[i]) {
				break
			}
		}
		return alternate(all, func(re *syntax.Regexp) *syntax.Regexp { return re })
	}
	return nil
}

// alternate returns the alternatives that each makes of subs, nil if there is none.
func alternate(subs []*syntax.Regexp, each func(*syntax.Regexp) *syntax.Regexp) *syntax.Regexp {
	var all []*syntax.Regexp
	for _, sub := range subs {
		if re := each(sub); re != nil {
			all = append(all, re)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &syntax.Regexp{Op: syntax.OpAlternate, Sub: all}
}

// canBeEmpty reports whether re matches the empty text somewhere.
func canBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return canBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !canBeEmpty(sub) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, canBeEmpty)
	}
	return true // a star, a question mark, or an assertion
}

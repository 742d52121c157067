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
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
)

// A pattern is a list of segments and an end. This file parses patterns and compares them.
//
//	pattern            segments    end
//	/status            status      exact
//	/api/              api         subtree
//	/users/{id}        users *     exact
//	/files/{rest...}   files       subtree
//	/{$}                           slash
//	/                              subtree
//
// Two patterns are compared like sets of paths: position by position, a wildcard is more general
// than a literal, and a subtree is more general than whatever it contains. If one pattern is more
// general at one position and the other at another, as for /users/{id} and /{kind}/new, they
// overlap: both match /users/new, and neither is the obvious choice. Such a pair is refused.

// Pattern is a parsed path pattern, such as /users/{id} or /static/. Create one with [Parse] and
// add it to at most one [Table], which may modify it.
type Pattern struct {
	text     string
	segments []segment
	end      end
	id       int // the id of its route
}

// segment is a literal, or "" for a wildcard.
type segment string

// end says what may follow the segments.
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
// for /, /{a} and /{a}/b. It returns false for /users/{id}, and for /{$}, which matches only the
// root.
func (p *Pattern) HasOpenStart() bool {
	if len(p.segments) == 0 {
		return p.end == subtree
	}
	return p.segments[0] == ""
}

// Parse parses a path pattern such as /users/{id}. If text is not a valid pattern, the returned
// Problem says what is wrong with it and how to fix it. Otherwise the Problem is nil.
func Parse(text string) (*Pattern, *problem.Problem) {
	method, path, ok := strings.Cut(text, " ")
	if ok && strings.HasPrefix(path, "/") && !strings.Contains(method, "/") {
		return nil, problem.New("a route has no method, since it is for preflights too", "write "+strconv.Quote(path))
	}
	if !strings.HasPrefix(text, "/") {
		return nil, problem.New("a path begins with a slash", "write "+strconv.Quote("/"+text))
	}
	p := &Pattern{text: text}
	names := map[string]bool{}
	for rest, more := text[1:], true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if bad := p.add(part, more, names); bad != nil {
			return nil, bad
		}
	}
	return p, nil
}

// add appends one part of a pattern's text. more says that a slash follows it. names are the
// wildcards so far.
func (p *Pattern) add(part string, more bool, names map[string]bool) *problem.Problem {
	switch {
	case part == "" && !more:
		p.end = subtree
		return nil
	case part == "":
		return problem.New("a path has no empty segment", "write one slash")
	case !strings.ContainsAny(part, "{}"):
		return p.addLiteral(part)
	case part == "{$}" && more:
		return problem.New("{$} is allowed at the end only", "remove what follows")
	case part == "{$}":
		p.end = slash
		return nil
	}
	name, opened := strings.CutPrefix(part, "{")
	name, closed := strings.CutSuffix(name, "}")
	name, multi := strings.CutSuffix(name, "...")
	switch {
	case !opened || !closed || !isName(name):
		return problem.New(fmt.Sprintf("%q is not a wildcard", part), "write a whole segment such as {id} or {rest...}")
	case names[name]:
		return problem.New(fmt.Sprintf("the wildcard %q is used twice", name), "give each its own name")
	case multi && more:
		return problem.New(fmt.Sprintf("{%s...} is allowed at the end only", name), "remove what follows")
	case multi:
		p.end = subtree
	default:
		p.segments = append(p.segments, "")
	}
	names[name] = true
	return nil
}

func (p *Pattern) addLiteral(part string) *problem.Problem {
	literal, err := url.PathUnescape(part)
	if err != nil || strings.Contains(literal, "/") {
		return problem.New(fmt.Sprintf("%q is not a percent-encoded segment", part), "write it decoded")
	}
	if literal == "." || literal == ".." {
		return problem.New(fmt.Sprintf("a path has no segment %q", part), "write the path that it leads to")
	}
	p.segments = append(p.segments, segment(literal))
	return nil
}

// isName reports whether s is a name for a wildcard.
func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') && (i == 0 || !('0' <= r && r <= '9')) {
			return false
		}
	}
	return s != ""
}

// lower puts the literals of p in lower case.
func (p *Pattern) lower() {
	for i, s := range p.segments {
		p.segments[i] = segment(appendLower(nil, string(s)))
	}
}

// appendLower appends s to b, with the letters A to Z in lower case.
func appendLower(b []byte, s string) []byte {
	for _, c := range []byte(s) {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// relation says how the paths that one pattern matches relate to those that another one matches.
type relation uint8

const (
	equal        relation = iota // both match the same paths
	moreGeneral                  // the first matches all paths that the second does, and others
	moreSpecific                 // the second matches all paths that the first does, and others
	overlapping                  // both match some path, and each matches one that the other does not
	disjoint                     // no path is matched by both
)

// and returns the relation of two patterns, if r is the relation of one part and q that of the
// rest.
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

// conflicts reports whether two patterns of this relation cannot be in one table.
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

// compareEnds returns the relation of two patterns that only differ in their end.
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

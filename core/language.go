package core

import (
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// canMatch reports whether an expression matches a whole text of a language. next returns the states that the language can be in behind one
// character that matches; it begins in 0. Assertions are taken to hold, so a false is certain and a true is not.
func canMatch(expr string, next func(state int, matches func(rune) bool) []int, end int) bool {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return true
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return true
	}
	type place struct {
		pc    uint32
		state int
	}
	todo := []place{{uint32(prog.Start), 0}}
	seen := map[place]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		switch inst := &prog.Inst[p.pc]; inst.Op {
		case syntax.InstMatch:
			if p.state == end {
				return true
			}
		case syntax.InstFail:
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, place{inst.Out, p.state}, place{inst.Arg, p.state})
		case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
			todo = append(todo, place{inst.Out, p.state})
		default:
			for _, state := range next(p.state, inst.MatchRune) {
				todo = append(todo, place{inst.Out, state})
			}
		}
	}
	return false
}

const (
	originEnd = 5 // behind a character that can be an origin's last
	pathEnd   = 1
)

// nextOfOrigin is the language of origins, and of some texts that are none: a scheme, "://", and what occurs in hosts and ports.
func nextOfOrigin(state int, matches func(rune) bool) (next []int) {
	const letters, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	add := func(chars string, state int) {
		if strings.ContainsFunc(chars, matches) {
			next = append(next, state)
		}
	}
	switch state {
	case 0:
		add(letters, 1)
	case 1:
		add(letters+digits+"+-.", 1)
		add(":", 2)
	case 2, 3:
		add("/", state+1)
	default:
		add(letters+digits+"_]", originEnd)
		add("-.:[", 4)
	}
	return next
}

// nextOfPath is a slash and anything.
func nextOfPath(state int, matches func(rune) bool) []int {
	if state == 0 && !matches('/') {
		return nil
	}
	return []int{pathEnd}
}

// language is what an expression matches, for [canMatch].
type language struct{ prog *syntax.Prog }

const languageEnd = -1

var (
	// strangers are origins of domains that are nobody's: one of two improbable names is in the label that one registers, alone or as a part. An expression
	// that matches one lets in what anyone can register, such as evilexample.com.
	strangers = sync.OnceValue(func() language {
		return languageOf(`https?://([a-z0-9_-]+\.)*[a-z0-9-]*(q7x2vjw9|qxvjwkzh)[a-z0-9-]*\.(com|net|org|io|dev|app|co\.uk|github\.io|netlify\.app|vercel\.app)(:[0-9]+)?`)
	})
	// insecure are http origins beyond loopback, under the usual names.
	insecure = sync.OnceValue(func() language {
		return languageOf(`http://([a-z0-9_-]+\.)+(com|net|org|dev|app|example|test|internal|local|lan|corp|[a-z][a-z])(:[0-9]+)?`)
	})
)

func languageOf(expr string) language {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic(err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		panic(err)
	}
	return language{prog}
}

// next is what canMatch asks for. A state is a place in the program, or languageEnd; 0, where no program begins, is the beginning.
func (l language) next(state int, matches func(rune) bool) (next []int) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.:/"
	switch state {
	case languageEnd:
		return nil
	case 0:
		state = l.prog.Start
	}
	for _, pc := range l.behind(uint32(state)) {
		inst := &l.prog.Inst[pc]
		if inst.Op == syntax.InstMatch || !strings.ContainsFunc(alphabet, func(r rune) bool { return inst.MatchRune(r) && matches(r) }) {
			continue
		}
		next = append(next, int(inst.Out))
		if slices.ContainsFunc(l.behind(inst.Out), func(pc uint32) bool { return l.prog.Inst[pc].Op == syntax.InstMatch }) {
			next = append(next, languageEnd)
		}
	}
	return next
}

// behind returns what consumes a character, or matches, from a place in the program on.
func (l language) behind(pc uint32) (found []uint32) {
	todo, seen := []uint32{pc}, map[uint32]bool{}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch inst := &l.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			todo = append(todo, inst.Out)
		case syntax.InstFail:
		default:
			found = append(found, pc)
		}
	}
	return found
}

package regex

import (
	"math/bits"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"

	"github.com/polycors/cors/core/internal/origin"
)

// judge finds out which origins an expression matches. It runs the compiled expression and the
// grammar of origins together, from the end of the origin to the beginning. A node is an
// instruction of the program together with a state of the grammar.
type judge struct {
	expr     *Expr
	prog     *syntax.Prog
	grammar  *grammar
	takes    []charSet      // by instruction: the characters that it can read
	varying  []bool         // by instruction: its character is optional or repeated; see prepare.go
	cyclic   []bool         // by instruction: it can be reached from itself
	reach    []scheme       // by node: the kinds of origins whose rest can be read from there
	work     int            // steps so far
	limit    int            // the maximum number of steps
	broke    bool           // there were more than limit steps
	compiled *regexp.Regexp // nil until it is needed

	marks   []uint32 // by instruction, for closure
	mark    uint32
	visited []uint32 // by node, for complete
	visit   uint32
}

// node returns the index of a node.
func (j *judge) node(pc uint32, state uint16) int { return int(pc)*len(j.grammar.next) + int(state) }

// start returns the node at the end of an origin. The argument port is 0 for an origin without a
// port, and 1 for one with a port.
func (j *judge) start(port int) int {
	return j.node(uint32(j.prog.Start), j.grammar.starts[port])
}

func (j *judge) starts() []int { return []int{j.start(0), j.start(1)} }

// can reports whether the rest of an origin of the given kind can be read from the node on.
func (j *judge) can(node int, is scheme) bool { return j.reach[node]&is != 0 }

// spend counts n steps. It reports whether the limit has not been exceeded.
func (j *judge) spend(n int) bool {
	if j.work += n; j.work > j.limit {
		j.broke = true
	}
	return !j.broke
}

// newJudge creates a judge that may take at most limit steps. ok is false if the compiled
// expression is too large.
func newJudge(e *Expr, limit int) (*judge, bool) {
	tree, ok := prepared(e.text)
	if !ok {
		return nil, false
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, false
	}
	j := &judge{
		expr: e, limit: limit, prog: prog, grammar: origins(), takes: make([]charSet, len(prog.Inst)),
		varying: make([]bool, len(prog.Inst)), marks: make([]uint32, len(prog.Inst)),
	}
	for pc := range prog.Inst {
		inst := &prog.Inst[pc]
		switch inst.Op {
		case syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			j.takes[pc] = 1<<len(alphabet) - 1
		case syntax.InstRune1:
			if c := inst.Rune[0]; c < utf8.RuneSelf && index(byte(c)) >= 0 {
				j.takes[pc] = 1 << index(byte(c))
			}
		case syntax.InstRune:
			j.takes[pc] = taken(inst)
		case syntax.InstCapture:
			if inst.Arg == varyingGroup<<1 { // the beginning of the group
				j.varying[inst.Out] = true
			}
		}
	}
	j.cyclic = cyclic(prog)
	return j, true
}

// taken returns the characters of the alphabet that an instruction matches.
func taken(inst *syntax.Inst) (set charSet) {
	if len(inst.Rune) > 1 && inst.Rune[0] > 'z' {
		return 0 // a class without ASCII: it can have hundreds of ranges
	}
	for i := range len(alphabet) {
		if inst.MatchRune(rune(alphabet[i])) {
			set |= 1 << i
		}
	}
	return set
}

// holds reports whether an assertion such as ^ can be true in the given state. It assumes that a
// word boundary is possible everywhere, so an expression may seem to match more than it does, but
// never less.
func (j *judge) holds(assertion uint32, state uint16) bool {
	switch syntax.EmptyOp(assertion) {
	case syntax.EmptyBeginText, syntax.EmptyBeginLine:
		return j.grammar.scheme[state] != 0
	case syntax.EmptyEndText, syntax.EmptyEndLine:
		return j.grammar.atEnd[state]
	}
	return true
}

// each calls yield for each node that follows the given one. The argument c is the index of a
// character that leads to that node, or -1 if no character is read.
func (j *judge) each(pc uint32, state uint16, yield func(c int, pc uint32, state uint16)) {
	switch inst := &j.prog.Inst[pc]; inst.Op {
	case syntax.InstMatch, syntax.InstFail:
	case syntax.InstAlt, syntax.InstAltMatch:
		yield(-1, inst.Out, state)
		yield(-1, inst.Arg, state)
	case syntax.InstCapture, syntax.InstNop:
		yield(-1, inst.Out, state)
	case syntax.InstEmptyWidth:
		if j.holds(inst.Arg, state) {
			yield(-1, inst.Out, state)
		}
	default:
		for k, class := range j.grammar.classes {
			if common := class & j.takes[pc]; common != 0 && j.grammar.next[state][k] != dead {
				yield(bits.TrailingZeros64(uint64(common)), inst.Out, j.grammar.next[state][k])
			}
		}
	}
}

// explore computes reach. It returns false if this takes too many steps.
func (j *judge) explore() bool {
	states := len(j.grammar.next)
	n := len(j.prog.Inst) * states
	j.reach = make([]scheme, n)
	seen := make([]bool, n)
	type edge struct{ from, to int32 }
	var edges []edge
	todo := j.starts()
	var ends []int
	for len(todo) > 0 {
		from := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[from] {
			continue
		}
		seen[from] = true
		pc, state := uint32(from/states), uint16(from%states)
		if j.prog.Inst[pc].Op == syntax.InstMatch {
			if j.reach[from] = j.grammar.scheme[state]; j.reach[from] != 0 {
				ends = append(ends, from)
			}
			continue
		}
		before := len(edges)
		j.each(pc, state, func(_ int, pc uint32, state uint16) {
			to := j.node(pc, state)
			edges = append(edges, edge{int32(from), int32(to)})
			if !seen[to] {
				todo = append(todo, to)
			}
		})
		if !j.spend(1 + len(edges) - before) {
			return false
		}
	}
	// Backwards from the ends. The edges are sorted by where they lead: those to a node are
	// sources[first[node]:first[node+1]].
	first := make([]int32, n+1)
	for _, e := range edges {
		first[e.to]++
	}
	for i := range n {
		first[i+1] += first[i]
	}
	sources := make([]int32, len(edges))
	for _, e := range edges {
		first[e.to]--
		sources[first[e.to]] = e.from
	}
	for todo = ends; len(todo) > 0; {
		to := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, from := range sources[first[to]:first[to+1]] {
			if j.reach[from]|j.reach[to] != j.reach[from] {
				j.reach[from] |= j.reach[to]
				todo = append(todo, int(from))
			}
		}
	}
	return true
}

// closure returns the instructions that can be reached from pcs without reading a character, and
// that read a character or complete a match.
func (j *judge) closure(pcs []uint32, state uint16) (found []uint32) {
	j.mark++
	todo := slices.Clone(pcs)
	for len(todo) > 0 && j.spend(1) {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if j.marks[pc] == j.mark {
			continue
		}
		j.marks[pc] = j.mark
		if j.takes[pc] != 0 || j.prog.Inst[pc].Op == syntax.InstMatch {
			found = append(found, pc)
			continue
		}
		j.each(pc, state, func(c int, pc uint32, _ uint16) {
			if c < 0 {
				todo = append(todo, pc)
			}
		})
	}
	return found
}

// useful returns the characters that an instruction can read on the way to a complete origin of the
// given kind.
func (j *judge) useful(pc uint32, state uint16, is scheme) (set charSet) {
	out := j.prog.Inst[pc].Out
	for k, class := range j.grammar.classes {
		common := class & j.takes[pc]
		if next := j.grammar.next[state][k]; common != 0 && next != dead && j.can(j.node(out, next), is) {
			set |= common
		}
	}
	return set
}

// preferred contains the characters in the order in which they are tried for a witness. The order
// makes a witness look like a name.
const preferred = "xyzqwkvjabcdefghilmnoprstu1234567890-_:/.[]+"

// complete returns the shortest origin of the given kind that ends in tail. The nodes in from are
// those at which tail has been read. It returns "" if there is no such origin.
func (j *judge) complete(from []int, is scheme, tail string) string {
	type step struct {
		node int
		back int
		c    byte
	}
	var steps []step
	if j.visited == nil {
		j.visited = make([]uint32, len(j.reach))
	}
	j.visit++
	add := func(node, back int, c byte) {
		if j.can(node, is) && j.visited[node] != j.visit {
			j.visited[node] = j.visit
			steps = append(steps, step{node, back, c})
		}
	}
	for _, node := range from {
		add(node, -1, 0)
	}
	states := len(j.grammar.next)
	for i := 0; i < len(steps) && j.spend(1); i++ {
		pc, state := uint32(steps[i].node/states), uint16(steps[i].node%states)
		if j.prog.Inst[pc].Op == syntax.InstMatch {
			var text []byte
			for k := i; k >= 0; k = steps[k].back {
				if steps[k].c != 0 {
					text = append(text, steps[k].c) // the last character read is the first of the text
				}
			}
			return string(text) + tail
		}
		if j.takes[pc] == 0 {
			j.each(pc, state, func(_ int, pc uint32, state uint16) { add(j.node(pc, state), i, 0) })
			continue
		}
		for k := range len(preferred) {
			c := preferred[k]
			if k < 8 { // begin with another letter in each step
				c = preferred[(k+i)%8]
			}
			at := index(c)
			if j.takes[pc]>>at&1 == 0 {
				continue
			}
			if next := j.grammar.next[state][j.grammar.classOf[at]]; next != dead {
				add(j.node(j.prog.Inst[pc].Out, next), i, c)
			}
		}
	}
	return ""
}

// verified returns witness if it is a valid origin that the expression matches, and "" otherwise.
func (j *judge) verified(witness string) string {
	if _, ok := origin.Parse(witness); !ok {
		return ""
	}
	if j.compiled == nil {
		var err error
		if j.compiled, err = j.expr.Compile(""); err != nil {
			return ""
		}
	}
	if !j.spend(len(j.prog.Inst)) || !j.compiled.MatchString(witness) {
		return ""
	}
	return witness
}

// cyclic returns, for each instruction of a program, whether it can be reached from itself. It uses
// Tarjan's algorithm to find the strongly connected components.
func cyclic(prog *syntax.Prog) []bool {
	n := len(prog.Inst)
	order, low := make([]int, n), make([]int, n)
	onStack, in := make([]bool, n), make([]bool, n)
	var stack []int
	count := 0
	type frame struct{ pc, edge int }
	out := func(pc, edge int) int {
		inst := &prog.Inst[pc]
		switch {
		case inst.Op == syntax.InstMatch || inst.Op == syntax.InstFail:
			return -1
		case edge == 0:
			return int(inst.Out)
		case edge == 1 && (inst.Op == syntax.InstAlt || inst.Op == syntax.InstAltMatch):
			return int(inst.Arg)
		}
		return -1
	}
	frames := []frame{{prog.Start, 0}}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		pc := f.pc
		if f.edge == 0 {
			count++
			order[pc], low[pc] = count, count
			stack, onStack[pc] = append(stack, pc), true
		}
		to := out(pc, f.edge)
		if f.edge++; to >= 0 {
			switch {
			case to == pc:
				in[pc] = true
			case order[to] == 0:
				frames = append(frames, frame{to, 0})
			case onStack[to]:
				low[pc] = min(low[pc], order[to])
			}
			continue
		}
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			parent := frames[len(frames)-1].pc
			low[parent] = min(low[parent], low[pc])
		}
		if low[pc] != order[pc] {
			continue
		}
		alone := stack[len(stack)-1] == pc
		for {
			top := stack[len(stack)-1]
			stack, onStack[top] = stack[:len(stack)-1], false
			in[top] = in[top] || !alone
			if top == pc {
				break
			}
		}
	}
	return in
}

package regex

import (
	"math/bits"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
)

// How an expression is judged.
//
// Who owns an origin is decided at its end: in https://app.acme.de it is whoever registered acme.de. So the expression is
// reversed and compiled with [syntax.Compile], and the program is run together with the grammar of origins. From the end of
// the host on, each place in the program must take one character, until a registrable domain and the dot before it are
// complete, or the host is. https://([a-z]+\.)*acme\.(de|fr) has two such texts, "acme.de" and "acme.fr". In
// https://[a-z]+\.pages\.dev the text ".pages.dev" is followed by a place that takes many characters, and pages.dev is a public
// suffix: somebody else can register a name that the expression matches.
//
// The work is bounded. What comes before a complete domain needs no text, only the question whether the program can
// still reach the beginning of an origin. That is answered once for each pair of a place in the program and a state of the
// grammar. The texts form a tree with at most maxTexts nodes. Both are counted in one budget.

// MaxLen is the longest expression that is judged, in bytes.
const MaxLen = 4096

const (
	maxWork  = 1 << 18 // steps
	maxTexts = 4096    // texts that hosts end in
	// A class of a few characters in a domain is a list. The parser makes "acme[12]" of "acme1|acme2" as well.
	maxListed = 4
)

// Kind says what is wrong with an expression.
type Kind uint8

const (
	// Foreign: it matches origins under domains that it does not spell out.
	Foreign Kind = iota
	// AnySuffix: it does not even spell out the top-level domain.
	AnySuffix
	// Insecure: it matches http origins beyond loopback.
	Insecure
	// AnyApp: it matches origins with another scheme, such as chrome-extension, whose host it does not spell out.
	AnyApp
	// TooLarge: judging it would take too long.
	TooLarge
)

// Risk is a reason why an expression must not be used where every origin that it matches is trusted.
type Risk struct {
	Kind    Kind
	Witness string // an origin that the expression matches although it should not; "" if none was found
}

// Judge returns why the expression matches more than its author spelled out. It returns none if every origin that it
// matches is an https origin of a domain that is spelled out, is loopback, or is spelled out itself.
func (e *Expr) Judge() []Risk {
	if len(e.text) > MaxLen {
		return []Risk{{Kind: TooLarge}}
	}
	j, ok := newJudge(e)
	if !ok || !j.explore() {
		return []Risk{{Kind: TooLarge}}
	}
	var risks []Risk
	add := func(kind Kind, witness string) { risks = append(risks, Risk{kind, witness}) }
	for _, is := range [...]scheme{https, http, app} {
		if is == http && len(risks) > 0 {
			continue // it is as wide for https
		}
		if !j.can(j.start(0), is) && !j.can(j.start(1), is) {
			continue
		}
		w := walk{judge: j, is: is}
		if !w.run() {
			return []Risk{{Kind: TooLarge}}
		}
		if !w.open {
			continue
		}
		if w.witness == "" && is != app { // the grammar does not know which IPv6 addresses are well-formed
			w.witness = j.verified(map[scheme]string{https: "https://[2001:db8::1]", http: "http://[2001:db8::1]"}[is])
		}
		switch {
		case is == app:
			add(AnyApp, w.witness)
		case w.anySuffix && !isIP(w.witness):
			add(AnySuffix, w.witness)
		default:
			add(Foreign, w.witness)
		}
	}
	if j.can(j.start(0), http) || j.can(j.start(1), http) {
		witness := j.verified(j.complete(j.starts(), http, ""))
		if witness == "" {
			witness = j.verified("http://[2001:db8::1]")
		}
		add(Insecure, witness)
	}
	if j.broke {
		return []Risk{{Kind: TooLarge}}
	}
	return risks
}

func isIP(text string) bool {
	o, _ := origin.Parse(text)
	return o.IP
}

// MatchesOrigin reports whether the expression matches an origin. A false is certain.
func (e *Expr) MatchesOrigin() bool {
	if text, ok := e.Literal(); ok {
		_, ok = origin.Parse(text)
		return ok
	}
	if len(e.text) > MaxLen {
		return true
	}
	j, ok := newJudge(e)
	if !ok || !j.explore() {
		return true
	}
	const any = https | http | app | loopback
	return j.can(j.start(0), any) || j.can(j.start(1), any)
}

// judge has a reversed program together with the grammar.
type judge struct {
	expr     *Expr
	prog     *syntax.Prog
	grammar  *grammar
	takes    []charSet // by place in the program
	cyclic   []bool    // by place in the program: it can be reached from itself
	reach    []scheme  // by node: as what the text can turn out that is read from there on
	seen     []bool    // by node
	work     int
	broke    bool           // the budget was too small
	compiled *regexp.Regexp // once it is needed

	marks   []uint32 // by place in the program, for closure
	mark    uint32
	visited []uint32 // by node, for complete
	visit   uint32
}

// node is a place in the program together with a state of the grammar.
func (j *judge) node(pc uint32, state uint16) int { return int(pc)*len(j.grammar.next) + int(state) }

func (j *judge) start(port int) int {
	return j.node(uint32(j.prog.Start), j.grammar.starts[port])
}

func (j *judge) starts() []int { return []int{j.start(0), j.start(1)} }

func (j *judge) can(node int, is scheme) bool { return j.reach[node]&is != 0 }

func (j *judge) spend(n int) bool {
	if j.work += n; j.work > maxWork {
		j.broke = true
	}
	return !j.broke
}

func newJudge(e *Expr) (*judge, bool) {
	if size(e.tree) > maxSize {
		return nil, false
	}
	prog, err := syntax.Compile(reversed(e.tree).Simplify())
	if err != nil {
		return nil, false
	}
	j := &judge{expr: e, prog: prog, grammar: origins(), takes: make([]charSet, len(prog.Inst)), marks: make([]uint32, len(prog.Inst))}
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

// holds reports whether an assertion may hold in a state. Word boundaries may hold everywhere: that is never wrong
// about what is safe.
func (j *judge) holds(assertion uint32, state uint16) bool {
	switch syntax.EmptyOp(assertion) {
	case syntax.EmptyBeginText, syntax.EmptyBeginLine:
		return j.grammar.scheme[state] != 0
	case syntax.EmptyEndText, syntax.EmptyEndLine:
		return j.grammar.atEnd[state]
	}
	return true
}

// each calls yield with every node that follows one, and with the character that leads there, -1 for none.
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

// explore fills in what can be reached from each node. It reports whether the budget sufficed.
func (j *judge) explore() bool {
	states := len(j.grammar.next)
	n := len(j.prog.Inst) * states
	j.reach, j.seen = make([]scheme, n), make([]bool, n)
	type edge struct{ from, to int32 }
	var edges []edge
	todo := j.starts()
	var ends []int
	for len(todo) > 0 {
		from := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if j.seen[from] {
			continue
		}
		j.seen[from] = true
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
			if !j.seen[to] {
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

// closure returns the places that take a character, or match, from some places on without reading.
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

// useful returns the characters with which a place leads on to an origin of a scheme.
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

// preferred is the order in which characters are tried for a witness, so that it looks like a name.
const preferred = "xyzqwkvjabcdefghilmnoprstu1234567890-_:/.[]+"

// complete returns the shortest text of a scheme that can be read from some nodes on, with tail after it; "" for none.
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
			if k < 8 { // x, y, z and so on in turn
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

// verified returns the witness if it is an origin and the expression matches it, else "".
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

// walk goes through the texts that hosts end in.
type walk struct {
	*judge
	is    scheme // https, http or app
	texts int

	open      bool // an owner is left open
	anySuffix bool // even the top-level domain is
	witness   string
	good      bool // the witness is under a listed public suffix
}

// run reports whether the budget sufficed.
func (w *walk) run() bool {
	start := []uint32{uint32(w.prog.Start)}
	w.visit(start, w.grammar.starts[0], "", "", 1, nil)
	// With a port the host begins at several places of the program.
	after := start
	state := w.grammar.starts[1]
	colon := uint16(0)
	var hosts []uint32
	type place struct {
		pc    uint32
		state uint16
		tail  string
	}
	port := ""
	todo, seen := []place{{after[0], state, ""}}, map[int]bool{}
	for len(todo) > 0 && w.spend(1) {
		p := todo[0]
		todo = todo[1:]
		if node := w.node(p.pc, p.state); seen[node] || !w.can(node, w.is) {
			continue
		} else {
			seen[node] = true
		}
		w.each(p.pc, p.state, func(c int, pc uint32, state uint16) {
			switch {
			case c < 0:
				todo = append(todo, place{pc, state, p.tail})
			case alphabet[c] == ':':
				colon = state
				hosts = append(hosts, pc)
				if port == "" {
					port = ":" + p.tail
				}
			default:
				todo = append(todo, place{pc, state, string(alphabet[c]) + p.tail})
			}
		})
	}
	if len(hosts) > 0 && !w.good {
		slices.Sort(hosts)
		w.visit(slices.Compact(hosts), colon, "", port, 1, nil)
	}
	return !w.broke && w.texts <= maxTexts
}

// visit goes on at some places of the program. text is what has been read of the host, port what is after it. listed is how
// many texts the classes in it have made, and loops are the places on a cycle that it has used.
func (w *walk) visit(pcs []uint32, state uint16, text, port string, listed int, loops []uint32) {
	w.texts++
	if w.good || w.broke || w.texts > maxTexts || len(text) > origin.MaxLen {
		return
	}
	at := w.closure(pcs, state)
	if text == "" && w.is != app {
		if w.probeSuffixes(at, state, port); w.good {
			return
		}
	}
	sets := make([]charSet, len(at))
	wide := make([]bool, len(at))
	var all charSet
	dot := charSet(1) << index('.')
	for i, pc := range at {
		sets[i] = w.useful(pc, state, w.is)
		all |= sets[i]
		n := bits.OnesCount64(uint64(sets[i]))
		wide[i] = n > 1 && (n*listed > maxListed || sets[i]&^labelChars != 0) || n > 0 && sets[i] != dot && slices.Contains(loops, pc)
		if wide[i] {
			w.found(pc, state, sets[i], text, port)
		}
	}
	for i, pc := range at {
		// An optional dot, as in app\.?acme\.de, is not one: it also matches appacme.de.
		if sets[i] != dot {
			continue
		}
		after := w.closure([]uint32{w.prog.Inst[pc].Out}, w.next(state, index('.')))
		for k, instead := range at {
			if sets[k]&labelChars != 0 && slices.Contains(after, instead) {
				w.found(instead, state, sets[k]&labelChars, text, port)
			}
		}
	}
	for c := 0; all>>c != 0 && !w.good; c++ {
		if all>>c&1 == 0 {
			continue
		}
		if w.is != app && alphabet[c] == '/' {
			continue
		}
		if w.is != app && alphabet[c] == '.' && text != "" && !w.grammar.ip[state] && !origin.IsPublicSuffix(text) {
			for _, suffix := range origin.SuffixesBelow(text) {
				w.below(at, state, strings.TrimSuffix(suffix, text), text, port)
			}
			continue
		}
		var next []uint32
		factor, used := 1, slices.Clip(loops)
		for i, pc := range at {
			// A wide place has been told about. What it means as a dot may show a better witness.
			if sets[i]>>c&1 == 0 || wide[i] && alphabet[c] != '.' {
				continue
			}
			next = append(next, w.prog.Inst[pc].Out)
			if !wide[i] {
				factor = max(factor, bits.OnesCount64(uint64(sets[i])))
			}
			if w.cyclic[pc] {
				used = append(used, pc)
			}
		}
		if len(next) > 0 {
			w.visit(next, w.next(state, c), string(alphabet[c])+text, port, listed*factor, used)
		}
	}
}

// below goes on below a public suffix that is itself below a domain: s3. is read before amazonaws.com.
func (w *walk) below(at []uint32, state uint16, labels, text, port string) {
	if pcs, s := w.follow(at, state, "."+labels); len(pcs) > 0 {
		w.visit(pcs, s, "."+labels+text, port, 1, nil)
	}
}

// follow reads some text from its end, and returns where that leads.
func (w *walk) follow(pcs []uint32, state uint16, text string) ([]uint32, uint16) {
	for i := len(text) - 1; i >= 0 && len(pcs) > 0 && !w.broke; i-- {
		var next []uint32
		for _, pc := range w.closure(pcs, state) {
			if w.useful(pc, state, w.is)>>index(text[i])&1 != 0 {
				next = append(next, w.prog.Inst[pc].Out)
			}
		}
		pcs, state = next, w.next(state, index(text[i]))
	}
	return pcs, state
}

func (w *walk) next(state uint16, c int) uint16 { return w.grammar.next[state][w.grammar.classOf[c]] }

// found notes that a place takes any of some characters before text.
func (w *walk) found(pc uint32, state uint16, set charSet, text, port string) {
	w.open = true
	w.anySuffix = w.anySuffix || w.is != app && !strings.Contains(text, ".")
	// A letter is as good as another, and a hyphen may do where a word boundary is asked for.
	for _, kind := range [...]charSet{letters, digits, 1 << index('-'), ^labelChars} {
		for k := range len(preferred) {
			c := index(preferred[k])
			if set&kind>>c&1 == 0 {
				continue
			}
			from := []int{w.node(w.prog.Inst[pc].Out, w.next(state, c))}
			if w.propose(w.complete(from, w.is, string(alphabet[c])+text+port)) {
				return
			}
			break
		}
	}
}

// propose takes a witness if it is the first or better than the one before. It reports whether it is one.
func (w *walk) propose(witness string) bool {
	if witness = w.verified(witness); witness == "" {
		return false
	}
	o, _ := origin.Parse(witness)
	suffix, icann := publicsuffix.PublicSuffix(o.Host)
	good := w.is != app && !o.IP && (icann || strings.Contains(suffix, ".")) && suffix != o.Host
	if w.witness == "" || good && !w.good {
		w.witness = witness
	}
	w.good = w.good || good || w.is == app
	return true
}

// probeSuffixes looks for a witness under a public suffix that everybody knows, where the top-level domain is open.
func (w *walk) probeSuffixes(at []uint32, state uint16, port string) {
	at = slices.DeleteFunc(slices.Clone(at), func(pc uint32) bool {
		return bits.OnesCount64(uint64(w.useful(pc, state, w.is))) <= maxListed
	})
	if len(at) == 0 {
		return
	}
	for _, suffix := range [...]string{".xyz", ".dev", ".net", ".de", ".com"} {
		pcs, s := w.follow(at, state, suffix)
		var from []int
		for _, pc := range pcs {
			from = append(from, w.node(pc, s))
		}
		witness := w.complete(from, w.is, suffix+port)
		if w.propose(witness); w.good {
			w.open, w.anySuffix = true, true
			return
		}
	}
}

// cyclic returns which places of a program can be reached from themselves: those in a strongly connected component of
// several places, or with an edge to themselves.
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

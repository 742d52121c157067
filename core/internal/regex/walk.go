package regex

import (
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
)

// walk reads the hosts of one kind of origin from their end, until it reaches a domain that
// somebody owns. It finds domains that the expression does not spell out.
type walk struct {
	*judge
	is    scheme // https, http or app
	texts int    // how many texts were read

	domains map[string]struct{} // the complete domains and hosts among these texts

	open      bool   // a domain is not spelled out
	anySuffix bool   // a top-level domain is not spelled out
	witness   string // the best witness so far
	good      bool   // the witness is a name that anyone can register, so no better one is needed
}

// run performs the walk. It returns false if the walk takes too many steps.
func (w *walk) run() bool {
	start := []uint32{uint32(w.prog.Start)}
	w.visit(start, w.grammar.starts[0], "", "", nil)
	// Read the port. The host before it can end at several instructions.
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
	if len(hosts) > 0 && !w.isDone() {
		slices.Sort(hosts)
		w.visit(slices.Compact(hosts), colon, "", port, nil)
	}
	return !w.broke && w.texts <= maxTexts
}

// visit continues the walk at the given instructions. The argument text is the part of the host
// that has been read, and port is the text after the host. The argument loops contains the
// instructions in a cycle that were used before.
func (w *walk) visit(pcs []uint32, state uint16, text, port string, loops []uint32) {
	w.texts++
	if w.isDone() || w.broke || w.texts > maxTexts || len(text) > origin.MaxLen {
		return
	}
	at := w.closure(pcs, state)
	if text == "" && w.is != app {
		if w.probeSuffixes(at, state, port); w.isDone() {
			return
		}
	}
	sets := make([]charSet, len(at))
	var all charSet
	for i, pc := range at {
		sets[i] = w.useful(pc, state, w.is)
		all |= sets[i]
	}
	wide := w.wide(at, sets, state, text, port, loops)
	for c := 0; all>>c != 0 && !w.isDone(); c++ {
		if all>>c&1 == 0 {
			continue
		}
		if w.is != app && alphabet[c] == '/' {
			w.addDomain(at, state, text, port)
			continue
		}
		if w.is == app && alphabet[c] == '/' && text == "" {
			w.withoutHost(at, state)
			continue
		}
		if w.is != app && alphabet[c] == '.' && text != "" && !w.grammar.ip[state] && !origin.IsPublicSuffix(text) {
			w.addDomain(at, state, text, port)
			for _, suffix := range origin.SuffixesBelow(text) {
				w.below(at, state, strings.TrimSuffix(suffix, text), text, port)
			}
			continue
		}
		var next []uint32
		used := slices.Clip(loops)
		for i, pc := range at {
			// A wide instruction was reported already. But if it reads a dot, there may be a better witness.
			if sets[i]>>c&1 == 0 || wide[i] && alphabet[c] != '.' {
				continue
			}
			next = append(next, w.prog.Inst[pc].Out)
			if w.cyclic[pc] {
				used = append(used, pc)
			}
		}
		if len(next) > 0 {
			w.visit(next, w.next(state, c), string(alphabet[c])+text, port, used)
		}
	}
}

// wide returns, for each instruction in at, whether it does not spell out its character. It records
// a witness for each such instruction.
func (w *walk) wide(at []uint32, sets []charSet, state uint16, text, port string, loops []uint32) []bool {
	wide := make([]bool, len(at))
	for i, pc := range at {
		if sets[i] != 0 && sets[i] != dot && (w.isVarying(pc, sets[i]) || slices.Contains(loops, pc)) {
			wide[i] = true
			w.found(at, i, state, sets[i], text, port)
		}
	}
	for i, pc := range at {
		// A dot that is optional, as in app\.?acme\.de, does not separate: appacme.de matches too.
		if sets[i] != dot {
			continue
		}
		after := w.closure([]uint32{w.prog.Inst[pc].Out}, w.next(state, index('.')))
		for k, instead := range at {
			if sets[k]&labelChars != 0 && slices.Contains(after, instead) {
				w.found(at, k, state, sets[k]&labelChars, text, port)
			}
		}
	}
	return wide
}

// dot is the set that contains only the character ".".
var dot = charSet(1) << index('.')

// isVarying reports whether an instruction that reads the characters in set varies. This is the
// case if it is a character class, or a single character that is optional or repeated.
func (w *walk) isVarying(pc uint32, set charSet) bool { return set&(set-1) != 0 || w.varying[pc] }

// isDone reports whether the walk has already found the worst that it can find.
func (w *walk) isDone() bool { return w.good && (w.anySuffix || w.is == app) }

// withoutHost records that the expression matches an origin without a host, such as qrc://. Every
// app with the scheme has that origin.
func (w *walk) withoutHost(at []uint32, state uint16) {
	var from []int
	for _, pc := range at {
		from = append(from, w.node(pc, state))
	}
	w.open = true
	w.propose(w.complete(from, app, ""))
}

// addDomain records text as a complete domain or host. If an expression has too many domains, as
// https://(a?b?c?d?e?f?g?h?)\.de does, addDomain concludes that it does not list domains that
// somebody owns.
func (w *walk) addDomain(at []uint32, state uint16, text, port string) {
	if w.domains == nil {
		w.domains = map[string]struct{}{}
	}
	w.domains[text] = struct{}{}
	if len(w.domains) <= min(maxDomains, maxPerByte*len(w.expr.text)) {
		return
	}
	w.open = true
	var from []int
	for _, pc := range at {
		from = append(from, w.node(pc, state))
	}
	w.propose(w.complete(from, w.is, text+port))
}

// below continues the walk at a public suffix that is a subdomain of text. For example, it reads
// ".s3." before "amazonaws.com". The suffix can also be a complete host.
func (w *walk) below(at []uint32, state uint16, labels, text, port string) {
	if origin.IsSharedHost(labels+text) && w.varies(at, state, labels) {
		w.open = true
		w.propose(map[scheme]string{https: "https://", http: "http://"}[w.is] + labels + text + port)
	}
	if pcs, s := w.follow(at, state, "."+labels); len(pcs) > 0 {
		w.visit(pcs, s, "."+labels+text, port, nil)
	}
}

// varies reports whether labels can be the beginning of a host, and are not spelled out in the
// expression. They are spelled out in https://s3-(eu|us)-west-1\.amazonaws\.com, but not in
// https://s3-[^.]+\.amazonaws\.com or https://s3-us-west-1[^.]*\.amazonaws\.com.
func (w *walk) varies(at []uint32, state uint16, labels string) bool {
	spelled, varied := at, []uint32(nil)
	for i := len(labels) - 1; i >= 0 && len(spelled)+len(varied) > 0 && !w.broke; i-- {
		c := index(labels[i])
		var nextSpelled, nextVaried []uint32
		for _, pc := range w.closure(varied, state) {
			if w.useful(pc, state, w.is)>>c&1 != 0 {
				nextVaried = append(nextVaried, w.prog.Inst[pc].Out)
			}
		}
		places := w.closure(spelled, state)
		skipped := w.skipped(places, state)
		for _, pc := range places {
			switch set := w.useful(pc, state, w.is); {
			case set>>c&1 == 0:
			case w.isVarying(pc, set) || w.cyclic[pc] || slices.Contains(skipped, pc):
				nextVaried = append(nextVaried, w.prog.Inst[pc].Out)
			default:
				nextSpelled = append(nextSpelled, w.prog.Inst[pc].Out)
			}
		}
		spelled, varied, state = nextSpelled, nextVaried, w.next(state, c)
	}
	slash := func(pc uint32) bool { return w.useful(pc, state, w.is)>>index('/')&1 != 0 }
	before := w.closure(spelled, state)
	skipped := w.skipped(before, state)
	return slices.ContainsFunc(w.closure(varied, state), slash) ||
		slices.ContainsFunc(before, func(pc uint32) bool { return slash(pc) && slices.Contains(skipped, pc) })
}

// skipped returns the instructions that follow those in places that vary. If one of them is also in
// places, the varying character is optional.
func (w *walk) skipped(places []uint32, state uint16) (after []uint32) {
	for _, pc := range places {
		set := w.useful(pc, state, w.is)
		if set != 0 && (w.isVarying(pc, set) || w.cyclic[pc]) {
			next := w.next(state, bits.TrailingZeros64(uint64(set)))
			after = append(after, w.closure([]uint32{w.prog.Inst[pc].Out}, next)...)
		}
	}
	return after
}

// follow reads text from its end, and returns the instructions and the state that are reached.
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

// found records that the instruction at[i] can read varying characters before text, and proposes a
// witness.
func (w *walk) found(at []uint32, i int, state uint16, set charSet, text, port string) {
	one := set&(set-1) == 0
	w.open = true
	w.anySuffix = w.anySuffix || w.is != app && !one && !strings.Contains(text, ".")
	if w.good {
		return // this can only add that no suffix is spelled out
	}
	if one && w.varying[at[i]] {
		// The author of https://example\.com? may not know that it matches https://example.co.
		var from []int
		for k, pc := range at {
			if k != i {
				from = append(from, w.node(pc, state))
			}
		}
		if w.propose(w.complete(from, w.is, text+port)) {
			return
		}
	}
	// One letter is enough. A hyphen is tried because the expression may demand a word boundary.
	for _, kind := range [...]charSet{letters, digits, 1 << index('-'), ^labelChars} {
		for k := range len(preferred) {
			c := index(preferred[k])
			if set&kind>>c&1 == 0 {
				continue
			}
			if alphabet[c] == '-' { // nobody can register a name that begins with a hyphen
				var from []int
				pcs, s := w.follow([]uint32{at[i]}, state, "y-")
				for _, pc := range pcs {
					from = append(from, w.node(pc, s))
				}
				if w.propose(w.complete(from, w.is, "y-"+text+port)) {
					return
				}
			}
			from := []int{w.node(w.prog.Inst[at[i]].Out, w.next(state, c))}
			if w.propose(w.complete(from, w.is, string(alphabet[c])+text+port)) {
				return
			}
			break
		}
	}
}

// propose keeps the witness if it is valid and better than the current one. It reports whether the
// witness is valid.
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

// probeSuffixes looks for a witness under a well-known public suffix if the top-level domain is not
// spelled out.
func (w *walk) probeSuffixes(at []uint32, state uint16, port string) {
	at = slices.DeleteFunc(slices.Clone(at), func(pc uint32) bool {
		set := w.useful(pc, state, w.is)
		return set&(set-1) == 0
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

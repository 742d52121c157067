package regex

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
)

// sampler makes texts that an expression matches, out of the characters of origins.
type sampler struct {
	rng *rand.Rand
	b   []byte
	ok  bool
}

// samples returns n texts that the expression may match.
func samples(rng *rand.Rand, e *Expr, n int) (list []string) {
	for range n {
		s := sampler{rng: rng, ok: true}
		if s.write(e.tree); s.ok && len(s.b) <= origin.MaxLen {
			list = append(list, string(s.b))
		}
	}
	return list
}

func (s *sampler) write(tree *syntax.Regexp) {
	if len(s.b) > origin.MaxLen {
		return
	}
	repeat := func(least, most int) {
		if most < 0 || most > least+3 {
			most = least + 3
		}
		for range least + s.rng.IntN(most-least+1) {
			s.write(tree.Sub[0])
		}
	}
	switch tree.Op {
	case syntax.OpNoMatch:
		s.ok = false
	case syntax.OpLiteral:
		for _, r := range tree.Rune {
			if tree.Flags&syntax.FoldCase != 0 && 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			if s.ok = s.ok && r < 0x80; s.ok {
				s.b = append(s.b, byte(r))
			}
		}
	case syntax.OpCharClass:
		s.any(func(c rune) bool {
			for i := 0; i < len(tree.Rune); i += 2 {
				if tree.Rune[i] <= c && c <= tree.Rune[i+1] {
					return true
				}
			}
			return false
		})
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.any(func(rune) bool { return true })
	case syntax.OpStar:
		repeat(0, -1)
	case syntax.OpPlus:
		repeat(1, -1)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		repeat(tree.Min, tree.Max)
	case syntax.OpAlternate:
		s.write(tree.Sub[s.rng.IntN(len(tree.Sub))])
	default:
		for _, sub := range tree.Sub {
			s.write(sub)
		}
	}
}

// any writes one character that fits: mostly a letter, as hosts have them.
func (s *sampler) any(fits func(rune) bool) {
	for range 30 {
		c := alphabet[s.rng.IntN(len(alphabet))]
		if s.rng.IntN(3) > 0 {
			c = "evilx0"[s.rng.IntN(6)]
		}
		if fits(rune(c)) {
			s.b = append(s.b, c)
			return
		}
	}
	for _, c := range alphabet {
		if fits(c) {
			s.b = append(s.b, byte(c))
			return
		}
	}
	s.ok = false
}

// mostListed is how many alternatives an expression may list that differ in one character.
const mostListed = 4

// contradiction returns an origin that shows that the expression is not safe, "" if none is found.
// It changes single characters of the domain in origins that match, and the dot before it: if more
// than mostListed others match in one place, or anything can be inserted there, the expression does
// not spell the domain out.
func contradiction(e *Expr, re *regexp.Regexp, list []string) string {
	for _, text := range list {
		o, ok := matchable(text)
		if !ok || !re.MatchString(text) || origin.IsLoopback(o.Host) && (o.Scheme == "http" || o.Scheme == "https") {
			continue
		}
		if o.Scheme == "http" {
			return text
		}
		first, last := 0, len(o.Scheme)+len("://")+len(o.Host)
		if o.Scheme == "https" {
			first = len("https://")
			if domain, err := publicsuffix.EffectiveTLDPlusOne(o.Host); err == nil && !o.IP {
				first = max(first, last-len(domain)-1)
			}
		}
		for i := first; i < last; i++ {
			// inserted, or instead of the character there
			for _, rest := range []string{text[i:], text[i+1:]} {
				count, witness := 0, ""
				for c := range len(alphabet) {
					changed := text[:i] + alphabet[c:c+1] + rest
					p, ok := matchable(changed)
					if !ok || changed == text || !re.MatchString(changed) || p.Scheme != o.Scheme || owner(p) == owner(o) ||
						origin.IsLoopback(p.Host) {
						continue
					}
					count, witness = count+1, changed
				}
				if count > max(mostListed, strings.Count(e.text, "|")) { // alternatives are a list
					return witness
				}
			}
		}
	}
	return ""
}

// owner returns the domain that one registers, or the whole origin if there is none.
func owner(o origin.Origin) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(o.Host); err == nil && !o.IP && o.Scheme == "https" {
		return domain
	}
	return o.Scheme + "://" + o.Host
}

// FuzzJudge: the judge does not panic, its work is bounded, its witnesses match, and no sampled
// origin contradicts a verdict that an expression is safe.
func FuzzJudge(f *testing.F) {
	for _, expr := range safe {
		f.Add(expr, uint64(1))
	}
	for _, tt := range unsafe {
		f.Add(tt.expr, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 200 {
			return // compiling one to check it is slow, not judging it
		}
		e, err := Parse(text)
		if err != nil {
			return
		}
		re, err := e.Compile("")
		if err != nil {
			return
		}
		risks := e.Judge()
		checkWitnesses(t, e, risks)
		if steps := work(e); steps > 2*maxWork {
			t.Errorf("%q: got %d steps", text, steps)
		}
		if mended := e.Mend(); mended != "" {
			if again := mustParse(t, mended).Judge(); len(again) > 0 {
				t.Errorf("%q: Mend returns %q: %+v", text, mended, again)
			}
		}
		if len(risks) > 0 {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 5))
		list := samples(rng, e, 30)
		if found := contradiction(e, re, list); found != "" {
			t.Errorf("%q is taken to be safe, and matches %s", text, found)
		}
		for _, sample := range list {
			if _, ok := matchable(sample); ok && re.MatchString(sample) && !e.MatchesOrigin() {
				t.Errorf("%q is taken to match no origin, and matches %s", text, sample)
			}
		}
	})
}

// TestRandomExpressions judges expressions made of random pieces, and checks them as FuzzJudge
// does.
func TestRandomExpressions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	pieces := strings.Fields(
		`https:// https:// http:// https?:// acme acme \. \. \. . de com co\.uk pages\.dev [a-z]+ .* .+ \w* ( ) )? )* | ` +
			`[12] \d+ (:\d+)? localhost 127 [.-] ? {2} a b * \b ^ $ x{0,3} (?i) [^.]+ \[ \] :: xn-- - :`)
	judged, isSafe := 0, 0
	for range sampled(40000) {
		text := ""
		if rng.IntN(3) > 0 {
			text = "https://"
		}
		for range 1 + rng.IntN(9) {
			text += pieces[rng.IntN(len(pieces))]
		}
		e, err := Parse(text)
		if err != nil {
			continue
		}
		re, err := e.Compile("")
		if err != nil {
			continue
		}
		judged++
		risks := e.Judge()
		checkWitnesses(t, e, risks)
		if len(risks) > 0 {
			continue
		}
		list := samples(rng, e, 10)
		if found := contradiction(e, re, list); found != "" {
			t.Errorf("%q is taken to be safe, and matches %s", text, found)
		}
		if e.MatchesOrigin() {
			isSafe++
		}
	}
	if judged < sampled(10000) || isSafe < sampled(500) {
		t.Errorf("of %d expressions %d are safe: they show nothing", judged, isSafe)
	}
}

// work returns how many steps it takes to judge an expression.
func work(e *Expr) int {
	j, ok := newJudge(e, maxWork)
	if !ok {
		return 0
	}
	if j.explore() {
		for _, is := range [...]scheme{https, http, app} {
			w := walk{judge: j, is: is}
			w.run()
		}
	}
	return j.work
}

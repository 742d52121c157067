package regex

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
)

// How an expression is judged.
//
// An expression is safe if every origin that it matches belongs to somebody whose domain it spells
// out. Who owns an origin is decided at its end: https://app.acme.de belongs to the owner of
// acme.de. So the expression is reversed, compiled with [syntax.Compile], and run from the end of
// the origin, together with an automaton for origins (grammar.go).
//
// The walk (walk.go) starts at the end of the host. Each instruction of the program must read one
// particular character, until a registrable domain and the dot before it have been read.
// Alternatives are several instructions, but a class is one instruction that reads many characters
// (prepare.go). For example, the walk through https://([a-z]+\.)*acme\.(de|fr) reads the domains
// "acme.de" and "acme.fr". In https://[a-z]+\.pages\.dev, it first reads ".pages.dev". The next
// instruction reads any letter. Because pages.dev is a public suffix, anyone can register a name
// that the expression matches. The walk constructs an example of such an origin, the witness.
//
// A public suffix can itself be a host. Anyone who has a bucket in Amazon's us-west-2 region can
// serve a page from https://s3-us-west-2.amazonaws.com. So https://s3-[^.]+\.amazonaws\.com is
// refused, although its domain is complete. It would be accepted if it spelled out the whole host.
//
// An expression that spells out too many domains, such as https://a{1,63}\.de, is refused too,
// because nobody owns them all.
//
// The part before a complete domain does not matter, except that the program must be able to reach
// the beginning of an origin. This is computed in advance for each pair of an instruction and a
// state of the automaton (explore.go).
//
// The work is bounded. The judge counts the pairs, the steps of the walk and the texts that it
// reads. An expression that needs too many of them is TooLarge.

// MaxLen is the maximum length of an expression in a configuration, in bytes.
const MaxLen = 4096

// TooLong is the rule about an expression that has more than MaxLen bytes.
const TooLong = "an expression must not be longer than 4 KiB"

// maxUnicode is the maximum number of classes such as \pL in an expression. Such a class has
// hundreds of ranges, so parsing and compiling many of them would take long.
const maxUnicode = 40

// IsTooLarge reports whether an expression is too large for [Expr.Judge]. Call IsTooLarge before
// [Parse], because parsing a large expression is slow.
func IsTooLarge(text string) bool {
	return len(text) > MaxLen || strings.Count(text, `\p`)+strings.Count(text, `\P`) > maxUnicode
}

const (
	maxWork  = 1 << 18 // steps
	maxMends = 1 << 13 // steps for each possible correction
	maxTexts = 4096    // texts that the walk reads
	// An expression that has more domains than these was not written as a list of them. The second
	// limit is for each byte of the expression: https://a{1,63}\.de has 63 domains in 20 bytes.
	maxDomains = 256
	maxPerByte = 2
)

// Kind is the kind of a [Risk], such as [Insecure].
type Kind uint8

const (
	// Foreign means that the expression matches origins under domains that it does not spell out. For
	// example, https://.*example\.com also matches https://badexample.com.
	Foreign Kind = iota
	// AnySuffix means that the expression does not even spell out the top-level domain. For example,
	// https://example\..* also matches https://example.xyz.
	AnySuffix
	// Insecure means that the expression matches http origins that are not loopback.
	Insecure
	// AnyApp means that the expression matches origins whose scheme is neither http nor https, and
	// does not spell out their hosts. For example, chrome-extension://.* matches every browser
	// extension, and qrc:// is the origin of every app with that scheme.
	AnyApp
	// TooLarge means that the expression was not judged because that would take too long.
	TooLarge
)

// Risk is a reason not to trust every origin that an expression matches.
type Risk struct {
	Kind    Kind   // the kind of the risk
	Witness string // an untrustworthy origin that the expression matches, or "" if none was found

	// Named reports whether the expression contains the registered name of the Witness, which is
	// the label before the public suffix. For example, https://example-?(dev)?\.com contains
	// example, the registered name of https://example.com. If so, the author of the expression may
	// own that domain, and may have wanted to match it.
	Named bool
}

// Judge returns the reasons why some of the origins that the expression matches cannot be trusted,
// or nil if all can. For example, https://.*example\.com has a [Foreign] risk, because it also
// matches https://xexample.com, which anyone could register.
func (e *Expr) Judge() []Risk { return e.judge(maxWork) }

// judge implements Judge, and takes at most limit steps.
func (e *Expr) judge(limit int) []Risk {
	// An origin is trustworthy if it is loopback, if it is an https origin under a domain that the
	// expression spells out, or if the expression spells it out in full and it does not use http.
	if IsTooLarge(e.text) {
		return []Risk{{Kind: TooLarge}}
	}
	j, ok := newJudge(e, limit)
	if !ok || !j.explore() {
		return []Risk{{Kind: TooLarge}}
	}
	var risks []Risk
	has := func(kind Kind) bool {
		return slices.ContainsFunc(risks, func(r Risk) bool { return r.Kind == kind })
	}
	add := func(kind Kind, witness string) {
		if !has(kind) { // https and http usually have the same risk
			risks = append(risks, Risk{kind, witness, kind == Foreign && e.names(witness)})
		}
	}
	complete := true
	for _, is := range [...]scheme{https, http, app} {
		if is == http && has(AnySuffix) {
			continue // nothing is worse
		}
		if !j.can(j.start(0), is) && !j.can(j.start(1), is) {
			continue
		}
		w := walk{judge: j, is: is}
		complete = w.run() && complete
		if !w.open {
			continue
		}
		// the grammar accepts malformed IPv6 addresses, so the walk may end in one
		if w.witness == "" && is != app {
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
	if j.broke || !complete {
		add(TooLarge, "") // there may be risks that are worse
	}
	return risks
}

// names reports whether the expression contains the registered name of an origin, such as example
// for https://a.example.com.
func (e *Expr) names(text string) bool {
	o, _ := origin.Parse(text)
	domain, err := publicsuffix.EffectiveTLDPlusOne(o.Host)
	name, _, _ := strings.Cut(domain, ".")
	if err != nil || o.IP {
		return false
	}
	isEdge := func(c byte) bool { return !isLetter(c) && !isDigit(c) }
	for i := range e.text {
		before, end := e.text[:i], i+len(name)
		if strings.HasPrefix(e.text[i:], name) && (before == "" || isEdge(before[i-1])) &&
			(end == len(e.text) || isEdge(e.text[end])) {
			return true
		}
	}
	return false
}

func isIP(text string) bool {
	o, _ := origin.Parse(text)
	return o.IP
}

// notOfPages lists schemes whose URLs are not pages, so no browser sends an origin with them.
var notOfPages = []string{"ws", "wss", "ftp"}

// MatchesOrigin reports whether the expression may match an origin. A false result is definite, but
// a true result is not. For example, MatchesOrigin returns false for /admin, because no origin
// begins with a slash.
func (e *Expr) MatchesOrigin() bool { return e.matchesOrigin(maxWork) }

// matchesOrigin implements MatchesOrigin, and takes at most limit steps.
func (e *Expr) matchesOrigin(limit int) bool {
	if text, ok := e.Literal(); ok {
		o, ok := origin.Parse(text)
		return ok && !o.EmptyLabel && !slices.Contains(notOfPages, o.Scheme)
	}
	if IsTooLarge(e.text) {
		return true
	}
	j, ok := newJudge(e, limit)
	if !ok || !j.explore() {
		return true
	}
	const any = https | http | app | loopback
	return j.can(j.start(0), any) || j.can(j.start(1), any)
}

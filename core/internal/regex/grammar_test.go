package regex

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core/internal/origin"
)

// kind returns what the automaton says about a text: the kind of origin that it is, or 0.
func kind(text string) scheme {
	g := origins()
	start := 0
	if host := text[strings.LastIndexByte(text, ']')+1:]; strings.LastIndexByte(host, ':') > strings.Index(host, "://") {
		start = 1
	}
	state := g.starts[start]
	for i := len(text) - 1; i >= 0; i-- {
		c := index(text[i])
		if c < 0 {
			return 0
		}
		state = g.next[state][g.classOf[c]]
	}
	return g.scheme[state]
}

// want returns the kind of an origin that an expression can be asked about.
func want(o origin.Origin) scheme {
	isLoopback := origin.IsLoopback(o.Host)
	switch {
	case o.Scheme != "http" && o.Scheme != "https":
		return app
	case isLoopback:
		return loopback
	case o.Scheme == "https":
		return https
	}
	return http
}

// TestGrammarAcceptsOrigins: the automaton accepts every origin that [origin.Parse] accepts, and
// knows its kind. The exceptions are hosts with an empty label, and schemes that no page has.
func TestGrammarAcceptsOrigins(t *testing.T) {
	pieces := strings.Fields(`a b - _ 1 0 127 localhost local host . . .. com example xn-- [::1] [2001:db8::1] [fd00::] ` +
		`255 999 0x7f :8443 :1 :443 :80 :0 127.0.0.1 10.0.0.1 foo- -foo --`)
	schemes := strings.Fields(`https:// http:// capacitor:// chrome-extension:// app:// a+b.c-1:// ws:// file:// x`)
	rng := rand.New(rand.NewPCG(11, 12))
	parsed := map[scheme]int{}
	for range sampled(2_000_000) {
		text := schemes[rng.IntN(len(schemes))]
		for range 1 + rng.IntN(5) {
			text += pieces[rng.IntN(len(pieces))]
		}
		o, ok := origin.Parse(text)
		if !ok || slices.Contains(notOfPages, o.Scheme) || hasEmptyLabel(o.Host) {
			continue
		}
		if got := kind(text); got != want(o) {
			t.Errorf("%s: got %d, want %d", text, got, want(o))
		}
		parsed[want(o)]++
	}
	for _, is := range [...]scheme{https, http, app, loopback} {
		if parsed[is] < 500 {
			t.Errorf("got %d origins of kind %d, which is too few to show anything", parsed[is], is)
		}
	}
}

// hasEmptyLabel reports whether a host begins or ends with a dot, or has two dots in a row. No
// expression is asked about such a host.
func hasEmptyLabel(host string) bool {
	return strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") || strings.Contains(host, "..")
}

// FuzzGrammar is TestGrammarAcceptsOrigins for any text.
func FuzzGrammar(f *testing.F) {
	for _, text := range []string{
		"https://example.com", "http://localhost:3000", "https://[2001:db8::1]:8443", "chrome-extension://abc", "app://-",
		"https://foo-.example", "http://127.0.0.1", "https://a_b.example", "http://app.localhost.",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, ok := origin.Parse(text)
		if !ok || slices.Contains(notOfPages, o.Scheme) || hasEmptyLabel(o.Host) {
			return
		}
		if got := kind(text); got != want(o) {
			t.Errorf("%s: got %d, want %d", text, got, want(o))
		}
	})
}

package origin

import (
	"slices"
	"strings"
)

// Set is a set of patterns. The zero Set is empty. It may be read from several goroutines once it is filled.
type Set struct {
	exact   exactSet
	anyPort map[string]struct{} // "http://localhost" of "http://localhost:*"
	// Wildcards by scheme and the domain behind them. A look-up walks from the longest parent of a host to the shortest.
	http, https map[string]*parent
	lengths     lengths // of the parents
}

// lengths is a set of lengths of hosts, in bytes. With it, most parents of a host that no wildcard is for need no look-up.
type lengths [4]uint64

func (l *lengths) add(n int)      { l[n/64&3] |= 1 << (n % 64) }
func (l *lengths) has(n int) bool { return l[n/64&3]&(1<<(n%64)) != 0 }

// parent has the wildcards directly under a domain.
type parent struct {
	subdomains ports             // https://*.example.com
	labels     map[affixes]ports // https://deploy-*.example.com
	lengths    []affixLengths    // those in labels, each once: few, however many labels there are
}

type affixes struct{ prefix, suffix string }

type affixLengths struct{ prefix, suffix int }

// ports are those that a wildcard lets in.
type ports struct {
	any  bool
	list []uint16 // sorted; 0 stands for the default port
}

func (p *ports) add(pat Pattern) {
	p.any = p.any || pat.AnyPort
	if i, found := slices.BinarySearch(p.list, pat.Port); !found && !pat.AnyPort {
		p.list = slices.Insert(p.list, i, pat.Port)
	}
}

func (p ports) has(port uint16) bool {
	if p.any {
		return true
	}
	_, found := slices.BinarySearch(p.list, port)
	return found
}

// NewSet returns an empty set with room for n exact origins.
func NewSet(n int) Set { return Set{exact: newExactSet(n)} }

// Add adds a pattern other than Any.
func (s *Set) Add(p Pattern) {
	switch {
	case p.Kind == Subdomains || p.Kind == Label:
		s.parent(p).add(p)
	case p.AnyPort:
		if s.anyPort == nil {
			s.anyPort = map[string]struct{}{}
		}
		s.anyPort[strings.TrimSuffix(p.Text, ":*")] = struct{}{}
	default:
		s.exact.add(p.Text)
	}
}

// parent returns the wildcards under p's domain, new if there were none.
func (s *Set) parent(p Pattern) *parent {
	parents := &s.http
	if p.Scheme == "https" {
		parents = &s.https
	}
	if *parents == nil {
		*parents = map[string]*parent{}
	}
	if (*parents)[p.Host] == nil {
		(*parents)[p.Host] = &parent{}
		s.lengths.add(len(p.Host))
	}
	return (*parents)[p.Host]
}

func (w *parent) add(p Pattern) {
	if p.Kind == Subdomains {
		w.subdomains.add(p)
		return
	}
	if w.labels == nil {
		w.labels = map[affixes]ports{}
	}
	key := affixes{p.Prefix, p.Suffix}
	list := w.labels[key]
	list.add(p)
	w.labels[key] = list
	if n := (affixLengths{len(p.Prefix), len(p.Suffix)}); !slices.Contains(w.lengths, n) {
		w.lengths = append(w.lengths, n)
	}
}

// Exact returns the set's own copy of the origin if it is listed by itself, so that a look-up with borrowed bytes finds a
// string to keep. It costs one hash look-up; text need not be an origin at all.
func (s *Set) Exact(text string) (own string, ok bool) {
	return s.exact.get(text)
}

// Match reports whether a pattern with a wildcard lets in the origin o, which was parsed from text. Its time is
// proportional to the number of labels of o, and to that of the distinct lengths around the "*" in the patterns such as https://deploy-*.example.com of one
// domain, not to the number of patterns.
func (s *Set) Match(o Origin, text string) bool {
	if len(s.anyPort) > 0 {
		if _, ok := s.anyPort[text[:len(o.Scheme)+len("://")+len(o.Host)]]; ok {
			return true
		}
	}
	parents := s.https
	switch o.Scheme {
	case "https":
	case "http":
		parents = s.http
	default:
		return false
	}
	if len(parents) == 0 || o.IP {
		return false
	}
	first := true // label
	for i := 0; i < len(o.Host); i++ {
		if o.Host[i] != '.' {
			continue
		}
		if domain := o.Host[i+1:]; s.lengths.has(len(domain)) {
			if w := parents[domain]; w != nil && (w.subdomains.has(o.Port) || first && w.hasLabel(o.Host[:i], o.Port)) {
				return true
			}
		}
		first = false
	}
	return false
}

// hasLabel reports whether a pattern such as https://deploy-*.example.com lets the label in.
// "*" stands for at least one character.
func (w *parent) hasLabel(label string, port uint16) bool {
	for _, n := range w.lengths {
		if n.prefix+n.suffix >= len(label) {
			continue
		}
		if p, ok := w.labels[affixes{label[:n.prefix], label[len(label)-n.suffix:]}]; ok && p.has(port) {
			return true
		}
	}
	return false
}

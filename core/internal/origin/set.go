package origin

import (
	"slices"
	"strings"
)

// How a set of patterns is searched.
//
// A set can contain thousands of patterns, and it is searched for every request. So the patterns
// are stored under the part of an origin that must be equal, and the time for a search does not
// depend on the number of patterns:
//
//   - Patterns that match only one origin are in an exactSet, under their text.
//   - Patterns with any port are in a map, under the text without the port.
//   - Patterns such as chrome-extension://* are in a map, under their scheme.
//   - Patterns with a wildcard label are in one map for each scheme, under the domain after that
//     label. The set also has a list of the lengths of these domains. For https://a.b.example.com
//     and the lengths 8 and 11, only example.com is looked up, because there is no dot before the
//     last 8 bytes.
//
// For each domain, the pattern with the label "*" is a single entry. Patterns with a label such as
// "deploy-*" are in a map, under the text before and after "*". For a search, the label of the
// origin is cut at each pair of lengths that these texts have. There are only a few such pairs.

// Set is a set of patterns. To find out whether a pattern in the set matches an origin, call
// [Set.Exact] first. If it finds nothing, call [Set.Match]. The zero value is an empty set. Once
// all patterns have been added, a Set is safe for concurrent use.
type Set struct {
	exact   exactSet
	anyPort map[string]struct{} // the patterns without ":*", such as "http://localhost"
	schemes map[string]struct{} // the schemes whose hosts all match, such as "chrome-extension"
	// http and https contain the patterns with a wildcard label. The keys are the domains after
	// that label.
	http, https map[string]*parent
	lengths     []domainLength // the distinct lengths of these domains
}

// domainLength is a length of domains.
type domainLength struct {
	n    int
	only string // the domain with this length, or "" if there are several
}

// parent contains the patterns whose wildcard label is directly before the same domain.
type parent struct {
	subdomains ports             // https://*.example.com
	labels     map[affixes]ports // https://deploy-*.example.com
	lengths    []affixLengths    // the distinct lengths of the keys of labels
}

type affixes struct{ prefix, suffix string }

type affixLengths struct{ prefix, suffix int }

// ports is the set of ports that a pattern matches.
type ports struct {
	any  bool
	list []uint16 // sorted; 0 is the default port
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

// NewSet returns an empty set with room for n patterns that match exactly one origin.
func NewSet(n int) Set { return Set{exact: newExactSet(n)} }

// Add adds p to the set. The kind of p must not be [Any].
func (s *Set) Add(p Pattern) {
	switch {
	case p.Kind == Subdomains || p.Kind == Label:
		s.parent(p).add(p)
	case p.Kind == AnyHost:
		if s.schemes == nil {
			s.schemes = map[string]struct{}{}
		}
		s.schemes[p.Scheme] = struct{}{}
	case p.AnyPort:
		if s.anyPort == nil {
			s.anyPort = map[string]struct{}{}
		}
		s.anyPort[strings.TrimSuffix(p.Text, ":*")] = struct{}{}
	default:
		s.exact.add(p.Text)
	}
}

// parent returns the parent for the domain of p. If there is none, it adds an empty one.
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
		s.addLength(p.Host)
	}
	return (*parents)[p.Host]
}

// addLength adds the length of a domain.
func (s *Set) addLength(domain string) {
	i := slices.IndexFunc(s.lengths, func(l domainLength) bool { return l.n == len(domain) })
	switch {
	case i < 0:
		s.lengths = append(s.lengths, domainLength{len(domain), domain})
	case s.lengths[i].only != domain:
		s.lengths[i].only = ""
	}
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

// Exact reports whether text is one of the patterns in the set that match only one origin, such as
// https://example.com or null. The text need not be a valid origin.
//
// If ok is true, own is a copy of text that is safe to retain.
func (s *Set) Exact(text string) (own string, ok bool) {
	return s.exact.get(text)
}

// MayMatch reports whether [Set.Match] could match the origin text, which need not be valid. If
// MayMatch returns false, text need not be parsed, which takes longer.
func (s *Set) MayMatch(text string) bool {
	if len(s.anyPort) > 0 || len(s.schemes) > 0 {
		return true
	}
	if len(s.lengths) == 0 {
		return false
	}
	host := withoutPort(text)
	for _, l := range s.lengths {
		i := len(host) - l.n
		if i <= 0 || host[i-1] != '.' {
			continue
		}
		domain := host[i:]
		if domain == l.only || l.only == "" && (s.https[domain] != nil || s.http[domain] != nil) {
			return true
		}
	}
	return false
}

// withoutPort returns text without a colon and digits at its end.
func withoutPort(text string) string {
	i := len(text)
	for i > 0 && '0' <= text[i-1] && text[i-1] <= '9' {
		i--
	}
	if i > 0 && text[i-1] == ':' {
		return text[:i-1]
	}
	return text
}

// Match reports whether a pattern with a wildcard, such as https://*.example.com or
// http://localhost:*, matches o. It ignores all other patterns, which [Set.Exact] finds. The text
// must be the string from which o was parsed.
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
		_, ok := s.schemes[o.Scheme]
		return ok && o.Port == 0
	}
	// A wildcard never matches an empty label, so https://*.example.com matches neither
	// https://.example.com nor https://a.example.com. with a dot at its end.
	if len(parents) == 0 || o.IP || o.EmptyLabel {
		return false
	}
	for _, l := range s.lengths {
		i := len(o.Host) - l.n // the index of the domain
		if i < len("a.") || o.Host[i-1] != '.' {
			continue
		}
		if w := parents[o.Host[i:]]; w != nil && (w.subdomains.has(o.Port) || w.hasLabel(o.Host[:i-1], o.Port)) {
			return true
		}
	}
	return false
}

// hasLabel reports whether a pattern such as https://deploy-*.example.com matches the port and the
// text before the domain, which must be a single label. The "*" matches one or more characters.
func (w *parent) hasLabel(label string, port uint16) bool {
	if len(w.lengths) == 0 || strings.IndexByte(label, '.') >= 0 {
		return false
	}
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

package origin

import "strings"

// Cover finds redundant patterns in a list. A pattern is redundant if another one matches
// everything that it matches. For example, https://a.example.com is redundant in a list that
// contains https://*.example.com. The zero Cover contains no patterns.
type Cover struct {
	// First is fast even for thousands of patterns, because it looks up only the patterns that could
	// cover the given one.
	first map[Pattern]int // the id of each pattern, without its Text
	any   int             // one more than the id of "*", or 0
	// lengths contains the lengths of Prefix and Suffix of the Label patterns. The keys are these
	// patterns without Text, Prefix and Suffix.
	lengths map[Pattern]map[affixLengths]struct{}
}

// Add adds p with the given id, which is usually the index of p in a list. The id must not be
// negative. If p was added before, it keeps its first id.
func (c *Cover) Add(p Pattern, id int) {
	if p.Kind == Any && c.any == 0 {
		c.any = id + 1
	}
	if p.Kind == Any || p.Kind == Opaque || p.Kind == Exact && !p.AnyPort {
		return
	}
	if c.first == nil {
		c.first, c.lengths = map[Pattern]int{}, map[Pattern]map[affixLengths]struct{}{}
	}
	p.Text = ""
	if _, ok := c.first[p]; ok {
		return
	}
	c.first[p] = id
	if p.Kind == Label {
		n := affixLengths{len(p.Prefix), len(p.Suffix)}
		p.Prefix, p.Suffix = "", ""
		if c.lengths[p] == nil {
			c.lengths[p] = map[affixLengths]struct{}{}
		}
		c.lengths[p][n] = struct{}{}
	}
}

// First finds the patterns that make q redundant, because they match every origin that q matches.
// It returns the lowest of their ids. ok is false if there are none. Patterns equal to q are
// ignored.
//
// For example, if https://*.example.com was added with id 3, First returns 3 for
// https://a.example.com.
func (c *Cover) First(q Pattern) (id int, ok bool) {
	best := c.any - 1
	if q.Kind == Any {
		best = -1
	}
	if q.Kind == Any || q.Kind == Opaque || c.first == nil {
		return best, best >= 0
	}
	itself := q
	itself.Text = ""
	try := func(p Pattern) {
		if id, ok := c.first[p]; ok && p != itself && (best < 0 || id < best) {
			best = id
		}
	}
	if q.Port == 0 && !q.AnyPort {
		try(Pattern{Kind: AnyHost, Scheme: q.Scheme})
	}
	ports := []Pattern{{Scheme: q.Scheme, AnyPort: true}, {Scheme: q.Scheme, Port: q.Port}}
	if q.AnyPort {
		ports = ports[:1]
	}
	for _, p := range ports {
		if p.Kind, p.Host = Exact, q.Host; q.Kind == Exact {
			try(p)
		}
		c.tryLabels(q, p, try)
		p.Kind = Subdomains
		if q.Kind != Exact {
			try(p)
		}
		for more := true; more; {
			if _, p.Host, more = strings.Cut(p.Host, "."); more {
				try(p)
			}
		}
	}
	return best, best >= 0
}

// tryLabels calls try with each pattern of kind Label that could make q redundant, and that has the
// scheme and the port of p.
func (c *Cover) tryLabels(q, p Pattern, try func(Pattern)) {
	prefix, suffix := q.Prefix, q.Suffix
	p.Kind, p.Host = Label, q.Host
	switch q.Kind {
	case Exact:
		prefix, p.Host, _ = strings.Cut(q.Host, ".")
		suffix = prefix
	case Subdomains:
		return
	}
	for n := range c.lengths[p] {
		if n.prefix > len(prefix) || n.suffix > len(suffix) {
			continue
		}
		if q.Kind == Exact && n.prefix+n.suffix >= len(prefix) {
			continue // "*" matches one or more characters
		}
		affixed := p
		affixed.Prefix, affixed.Suffix = prefix[:n.prefix], suffix[len(suffix)-n.suffix:]
		try(affixed)
	}
}

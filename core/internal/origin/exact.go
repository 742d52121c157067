package origin

import "hash/maphash"

// exactSet is a set of strings that gives back its own copy of one. It keeps 32 to 48 bytes per string beyond the strings, where
// map[string]string keeps 84, and a look-up that finds nothing nearly never compares a string.
// The hash has a random seed, so nobody can choose origins that collide. The zero exactSet is empty.
type exactSet struct {
	seed  maphash.Seed
	texts []string
	// An open hash table with linear probing, at most half full: the upper half of the hash beside one plus an index into texts; 0 is free.
	// len(slots) is a power of two, or 0 if there are so few texts that comparing with each is faster.
	slots []uint64
}

const (
	indexMask = 1<<32 - 1
	fewTexts  = 4
)

func newExactSet(n int) exactSet {
	s := exactSet{texts: make([]string, 0, n)}
	if n <= fewTexts {
		return s
	}
	size := 8
	for size < 2*n {
		size *= 2
	}
	s.seed, s.slots = maphash.MakeSeed(), make([]uint64, size)
	return s
}

// get returns the set's own copy of text.
func (s *exactSet) get(text string) (own string, ok bool) {
	if s.slots == nil {
		for _, own := range s.texts {
			if own == text {
				return own, true
			}
		}
		return "", false
	}
	hash := maphash.String(s.seed, text)
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := s.slots[i]
		if slot == 0 {
			return "", false
		}
		if (slot^hash)>>32 == 0 {
			if own := s.texts[slot&indexMask-1]; own == text {
				return own, true
			}
		}
	}
}

// add adds text unless it is there.
func (s *exactSet) add(text string) {
	if _, ok := s.get(text); ok {
		return
	}
	if n := len(s.texts); n >= fewTexts && 2*n >= len(s.slots) {
		grown := newExactSet(2*n + 1)
		for _, t := range s.texts {
			grown.put(t)
		}
		*s = grown
	}
	s.put(text)
}

func (s *exactSet) put(text string) {
	s.texts = append(s.texts, text)
	if s.slots == nil {
		return
	}
	hash := maphash.String(s.seed, text)
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = hash&^indexMask | uint64(len(s.texts))
}

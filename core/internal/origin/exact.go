package origin

import "hash/maphash"

// How exact origins are stored.
//
// An application can allow 100,000 origins, so the memory for each one matters. A map[string]string
// needs 84 bytes for each origin, in addition to the text. The table in this file needs 32 to 48.
// It consists of a list of the strings, called texts, and of an open hash table with linear
// probing, called slots, which is at most half full. A slot is a uint64. Its upper half is the
// upper half of the hash of a string, and its lower half is the index of that string plus one. A
// slot that is 0 is free.
//
// Because a slot contains half of the hash, a search that finds nothing almost never compares
// strings. The hash has a random seed, so nobody can choose origins that collide.

// exactSet is a set of strings. It can return its own copy of a string, which is safe to retain.
// The zero exactSet is empty.
type exactSet struct {
	seed  maphash.Seed
	texts []string
	slots []uint64 // the length is a power of two, or 0 if there are at most fewTexts
}

const (
	indexMask = 1<<32 - 1
	fewTexts  = 4 // comparing with so few texts is faster than hashing
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

// get returns the set's own copy of text. ok is false if text is not in the set.
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

// add adds text to the set, unless it is already in it.
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

// put adds a string that is not in the set yet. There must be a free slot.
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

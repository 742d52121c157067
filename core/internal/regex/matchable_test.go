package regex

import "github.com/polycors/cors/core/internal/origin"

// matchable parses an origin. ok is false if expressions are never matched against it, which is so
// for hosts with an empty label.
func matchable(text string) (o origin.Origin, ok bool) {
	o, ok = origin.Parse(text)
	return o, ok && !o.EmptyLabel
}

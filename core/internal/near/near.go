// Package near measures how similar two strings are. It is used to guess which name a misspelled
// one was meant to be.
package near

// Limit returns the largest [Distance] between s and a string that counts as a misspelling of s. It
// is 1 if s has fewer than 8 bytes, and 2 otherwise.
func Limit(s string) int {
	if len(s) < 8 {
		return 1
	}
	return 2
}

// Distance returns the smallest number of edits that turn a into b. An edit inserts, deletes or
// replaces one byte, or swaps two adjacent bytes. For example, the distance between "origin" and
// "orgiin" is 1. If it is greater than limit, Distance returns limit+1.
func Distance(a, b string, limit int) int {
	// Only the cells of the usual table that are at most limit away from its diagonal are computed, so
	// the time is proportional to limit·len(a).
	if limit < 0 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, above, row := make([]int, len(b)+2), make([]int, len(b)+2), make([]int, len(b)+2)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		low, high := max(1, i-limit), min(len(b), i+limit)
		row[low-1] = limit + 1
		if low == 1 {
			row[0] = i
		}
		least := row[low-1]
		for j := low; j <= high; j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j-1]+cost, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		row[high+1] = limit + 1
		if least > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], limit+1)
}

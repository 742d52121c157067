package near_test

import (
	"testing"

	"github.com/polycors/cors/core/internal/near"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 0, 0},
		{"", "abc", 3, 3},
		{"origin", "origin", 2, 0},
		{"orign", "origin", 2, 1},
		{"originn", "origin", 2, 1},
		{"orikin", "origin", 2, 1},
		{"oirgin", "origin", 2, 1}, // swapped
		{"rogin", "origin", 2, 2},
		{"kitten", "sitting", 3, 3},
		{"kitten", "sitting", 2, 3}, // beyond the limit
		{"a", "abcdef", 2, 3},
		{"a", "b", -1, 0},
	} {
		if got := near.Distance(tt.a, tt.b, tt.limit); got != tt.want {
			t.Errorf("Distance(%q, %q, %d): got %d, want %d", tt.a, tt.b, tt.limit, got, tt.want)
		}
		if got := near.Distance(tt.b, tt.a, tt.limit); got != tt.want {
			t.Errorf("Distance(%q, %q, %d): got %d, want %d", tt.b, tt.a, tt.limit, got, tt.want)
		}
	}
}

package origin

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// slowFirst is Cover.First by comparing with every pattern.
func slowFirst(all []Pattern, q Pattern) (id int, ok bool) {
	for i, p := range all {
		if p.Text != q.Text && p.Covers(q) {
			return i, true
		}
	}
	return -1, false
}

// TestCover compares Cover with slowFirst on random patterns of few hosts, so that many cover each
// other.
func TestCover(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(all ...string) string { return all[rnd.IntN(len(all))] }
	kinds := map[Kind]int{} // of the patterns that are covered
	covered := 0
	for round := range 3000 {
		var all []Pattern
		for range rnd.IntN(12) {
			entry := pick("http", "https") + "://" + pick("", "", "*.", "*.", "pr-*.", "*-pr.", "pr-*-x.", "p*.",
				"*x.", "pr-1-*.") +
				pick("", "a.", "pr-1.", "pr-1-x.", "a.b.", "pr.") + "example." + pick("com", "org") + pick("", "",
				":8443", ":*")
			if rnd.IntN(40) == 0 {
				entry = pick("*", "null", "file://", "https://127.0.0.1", "https://127.0.0.1:*", "https://[::1]:*",
					"https://[::1]:8443", "app://x", "http://localhost:*", "http://localhost:80")
			}
			if p, problem := ParsePattern(entry); problem == nil {
				all = append(all, p)
			}
		}
		var c Cover
		for i, p := range all {
			c.Add(p, i)
		}
		for _, q := range all {
			got, gotOK := c.First(q)
			want, wantOK := slowFirst(all, q)
			if gotOK != wantOK || gotOK && got != want {
				t.Fatalf("round %d, %q in %v: got %d, %t, want %d, %t", round, q.Text, all, got, gotOK, want, wantOK)
			}
			if wantOK {
				covered++
				kinds[q.Kind]++
			}
		}
	}
	if covered < 1000 || kinds[Exact] < 100 || kinds[Label] < 100 || kinds[Subdomains] < 100 || kinds[Opaque] == 0 {
		t.Errorf("%d patterns were covered, by kind %v, which is too few to show anything", covered, kinds)
	}
}

// TestCoverMany: 16,000 patterns take a fraction of a second. Comparing each with each took a
// minute.
func TestCoverMany(t *testing.T) {
	for _, format := range []string{"https://*.t%d.example.com", "https://t%d-*.example.com",
		"https://*.example.com:%d", "https://t%d.example.com:*"} {
		start := time.Now()
		var c Cover
		var all []Pattern
		for i := range 16000 {
			p, problem := ParsePattern(fmt.Sprintf(format, i+1))
			if problem != nil {
				t.Fatal(problem)
			}
			all = append(all, p)
			c.Add(p, i)
		}
		for _, p := range all {
			if id, ok := c.First(p); ok {
				t.Errorf("%s is covered by %s", p.Text, all[id].Text)
			}
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: took %v", format, took)
		}
	}
}

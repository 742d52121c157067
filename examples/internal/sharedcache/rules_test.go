package sharedcache

import (
	"net/http"
	"testing"
	"time"
)

// fields returns a header with the given names and values.
func fields(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// TestCache checks the cache itself. A cache that stores nothing would find no errors.
func TestCache(t *testing.T) {
	const hour = "max-age=3600"
	get := func(pairs ...string) request { return request{"GET", "a.example", "/x", fields(pairs...)} }
	plain := response{status: 200, header: fields("Cache-Control", hour)}
	with := func(status int, pairs ...string) response { return response{status: status, header: fields(pairs...)} }
	for _, tt := range []struct {
		name   string
		first  request
		got    response
		later  time.Duration
		second request
		hit    bool
	}{
		{"the same request", get(), plain, 0, get(), true},
		{"fresh", get(), plain, 3599 * time.Second, get(), true},
		{"stale", get(), plain, 3600 * time.Second, get(), false},
		{"another path", get(), plain, 0, request{"GET", "a.example", "/y", nil}, false},
		{"another host", get(), plain, 0, request{"GET", "b.example", "/x", nil}, false},
		{"HEAD after GET", get(), plain, 0, request{"HEAD", "a.example", "/x", nil}, true},
		{"GET after HEAD", request{"HEAD", "a.example", "/x", nil}, plain, 0, get(), false},
		{"POST is not stored", request{"POST", "a.example", "/x", nil}, plain, 0,
			request{"POST", "a.example", "/x", nil}, false},
		{"OPTIONS is not stored", request{"OPTIONS", "a.example", "/x", nil}, plain, 0,
			request{"OPTIONS", "a.example", "/x", nil}, false},
		{"no-store", get(), with(200, "Cache-Control", hour+", No-Store"), 0, get(), false},
		{"private", get(), with(200, "Cache-Control", "private, "+hour), 0, get(), false},
		{"no-cache", get(), with(200, "Cache-Control", hour, "Cache-Control", "no-cache"), 0, get(), false},
		{"s-maxage wins", get(), with(200, "Cache-Control", "max-age=0, s-maxage=60"), 59 * time.Second, get(), true},
		{"a malformed max-age", get(), with(200, "Cache-Control", "max-age=x"), 0, get(), false},
		{"heuristic", get(), with(404), 9 * time.Second, get(), true},
		{"heuristic, stale", get(), with(404), 10 * time.Second, get(), false},
		{"no heuristic", get(), with(500), 0, get(), false},
		{"500 with max-age", get(), with(500, "Cache-Control", hour), 0, get(), true},
		{"206", get(), with(206, "Cache-Control", hour), 0, get(), false},
		{"Set-Cookie does not matter", get(), with(200, "Cache-Control", hour, "Set-Cookie", "a=b"), 0, get(), true},
		{"Authorization", get("Authorization", "x"), plain, 0, get(), false},
		{"Authorization, public", get("Authorization", "x"), with(200, "Cache-Control", "public"), 0, get(), true},
		{"Vary, the same", get("Origin", "x"), with(200, "Vary", "Accept, origin"), 0, get("Origin", "x"), true},
		{"Vary, another", get("Origin", "x"), with(200, "Vary", "Accept", "Vary", "origin"), 0, get("Origin", "y"), false},
		{"Vary, absent now", get("Origin", "x"), with(200, "Vary", "Origin"), 0, get(), false},
		{"Vary, absent before", get(), with(200, "Vary", "Origin"), 0, get("Origin", "x"), false},
		{"Vary, empty is not absent", get(), with(200, "Vary", "Origin"), 0, get("Origin", ""), false},
		{"Vary, absent from both", get(), with(200, "Vary", "Origin"), 0, get(), true},
		{"Vary, everything", get(), with(200, "Vary", "Origin", "Vary", "*"), 0, get(), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cache{stored: map[string][]entry{}}
			if _, hit := c.find(tt.first); hit {
				t.Fatal("an empty cache has a response")
			}
			c.receive(tt.first, tt.got)
			c.now += tt.later
			if _, hit := c.find(tt.second); hit != tt.hit {
				t.Errorf("reused: %v, want %v", hit, tt.hit)
			}
		})
	}

	t.Run("the most recent of several", func(t *testing.T) {
		c := cache{stored: map[string][]entry{}}
		c.receive(get(), with(200, "X-Number", "1"))
		c.receive(get(), with(200, "X-Number", "2"))
		if got, _ := c.find(get()); got.header.Get("X-Number") != "2" {
			t.Errorf("got number %q, want 2", got.header.Get("X-Number"))
		}
	})
	t.Run("a write makes it invalid", func(t *testing.T) {
		c := cache{stored: map[string][]entry{}}
		c.receive(get(), plain)
		c.receive(request{"POST", "a.example", "/x", nil}, with(500))
		if _, hit := c.find(get()); !hit {
			t.Error("a write that failed has removed the response")
		}
		c.receive(request{"POST", "a.example", "/x", nil}, with(204))
		if _, hit := c.find(get()); hit {
			t.Error("the response is reused after a write")
		}
	})
}

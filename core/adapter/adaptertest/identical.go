package adaptertest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// RunIdentical checks that several adapters respond in the same way to the requests that [Run]
// sends. The keys of serves are the names of the adapters, and the values are the functions that
// start their servers.
//
// The responses must have the same status codes, and the same CORS headers in the same order. If
// the handler sets Vary itself, adapters may split the Vary names across header lines in different
// ways. Responses that a server sends before the adapter sees the request are not compared.
func RunIdentical(t *testing.T, serves map[string]Serve) {
	t.Helper()
	table := cases()
	names := slices.Sorted(maps.Keys(serves))
	servers := map[string]map[*setup]*server{}
	for _, name := range names {
		servers[name] = startAll(t, serves[name], table, nil, 1)
	}
	for i := range table {
		c := &table[i]
		t.Run(c.name, func(t *testing.T) {
			first := ""
			for _, name := range names {
				got, ok := c.fingerprint(servers[name][c.on])
				switch {
				case !ok:
				case first == "":
					first = name + ":\n" + got
				case got != first[strings.IndexByte(first, '\n')+1:]:
					t.Errorf("%s\n%s:\n%s\n%v", first, name, got, c)
				}
			}
		})
	}
}

// fingerprint returns the parts of the response that must be the same for every adapter. ok is
// false if the server refused the request itself.
func (c *conformanceCase) fingerprint(s *server) (text string, ok bool) {
	got, err := c.send(s.addr)
	if c.want.serverMayRefuse != nil && (err != nil || slices.Contains(c.want.serverMayRefuse, got.Status)) {
		return "", false
	}
	if err != nil {
		return err.Error(), true
	}
	lines := got.CORSLines()
	if c.want.varyTokens != nil {
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Vary: ") })
		lines = append(lines, "Vary, in any order: "+strings.Join(sortedLower(got.VaryTokens()), " "))
	}
	return fmt.Sprintf("%d\n%s", got.Status, strings.Join(lines, "\n")), true
}

package adaptertest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// RunIdentical checks that several adapters respond in the same way. The keys of serves are the
// names of the adapters, and the values are the functions that start their servers.
//
// RunIdentical sends every request in the table of cases that [Run] uses to each adapter. The
// responses must have the same status codes and the same CORS headers, byte by byte and in the same
// order. RunIdentical has no expected responses of its own, so it finds differences even where Run
// accepts several responses.
//
// There are two exceptions. If the handler sets Vary itself, the values of Vary are compared as a
// set, because adapters may divide them into lines differently. Responses that a server sends
// before the adapter sees the request are not compared.
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

// fingerprint returns what must be the same for every adapter. ok is false if the server refused
// the request itself.
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

package corstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// RunIdentical sends every request of the suite's table to each of the adapters, given by name, and compares what comes back from each with
// what comes back from the others: the status and the CORS lines, byte for byte and in the order on the wire. It knows no expectations, so it
// finds what adapters have in common with none of the others even where [Run] is content with either.
//
// Where the handler sets Vary itself, adapters that write before it and those that write after it divide the tokens into lines differently;
// then Vary is compared as a set. An answer that a server gave by itself (400, 413, 431, or none) is not compared.
func RunIdentical(t *testing.T, serves map[string]Serve) {
	t.Helper()
	table := cases()
	names := slices.Sorted(maps.Keys(serves))
	servers := map[string]map[*setup]*server{}
	for _, name := range names {
		servers[name], _, _ = startAll(t, serves[name], table, nil)
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

// fingerprint returns what must be the same for every adapter. ok is false if the server answered by itself.
func (c *conformanceCase) fingerprint(s *server) (text string, ok bool) {
	got, err := c.send(s.addr)
	if c.want.orRefusedByServer && (err != nil || got.status == 400 || got.status == 413 || got.status == 431) {
		return "", false
	}
	if err != nil {
		return err.Error(), true
	}
	lines := got.corsLines()
	if c.want.varyTokens != nil {
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Vary: ") })
		lines = append(lines, "Vary, in any order: "+strings.Join(sortedLower(got.varyTokens()), " "))
	}
	return fmt.Sprintf("%d\n%s", got.status, strings.Join(lines, "\n")), true
}

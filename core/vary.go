package core

import (
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/field"
)

// varyTokens lists the names that policies write to Vary, in this order.
var varyTokens = [...]string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network",
}

// Sets of varyTokens. Bit i is varyTokens[i].
const (
	varyOrigin         = 1 << 0
	varyPrivateNetwork = 1 << 3
	varyActual         = varyOrigin
	varyPreflight      = varyOrigin | 1<<1 | 1<<2
)

// varyLines contains a Vary line for each set of varyTokens. It exists so that no strings are built
// while a request is handled.
var varyLines = func() (lines [1 << len(varyTokens)]string) {
	for set := range lines {
		var tokens []string
		for i, token := range varyTokens {
			if set&(1<<i) != 0 {
				tokens = append(tokens, token)
			}
		}
		lines[set] = strings.Join(tokens, ", ")
	}
	return lines
}()

// missingVary returns the names in want that are missing in lines, separated by ", ". Names that
// are not in varyTokens come last. Only a Decider of another package can have such names.
func missingVary(want string, lines []string) string {
	if len(lines) == 0 {
		return want
	}
	if slices.Contains(lines, want) || hasToken(lines, "*") {
		return ""
	}
	ours, others := 0, ""
	for more := want != ""; more; {
		var token string
		token, want, more = strings.Cut(want, ",")
		if token = field.TrimOWS(token); token == "" || hasToken(lines, token) {
			continue
		}
		if i := slices.IndexFunc(varyTokens[:], func(t string) bool { return strings.EqualFold(t, token) }); i >= 0 {
			ours |= 1 << i
		} else {
			others += ", " + token
		}
	}
	if ours == 0 {
		return strings.TrimPrefix(others, ", ")
	}
	return varyLines[ours] + others
}

// hasToken reports whether one of the lines contains the token. The comparison is case-insensitive.
func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for more := true; more; {
			var t string
			t, line, more = strings.Cut(line, ",")
			if strings.EqualFold(field.TrimOWS(t), token) {
				return true
			}
		}
	}
	return false
}

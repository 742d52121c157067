package corstest

import (
	"fmt"
	"strings"

	"github.com/polycors/cors/core/internal/origin"
)

// checkOrigin describes what is wrong with the origin that the caller has passed. It returns "" if
// nothing is wrong.
func checkOrigin(s string) (problem string) {
	_, ok := origin.Parse(s)
	switch {
	case s == unlistedOrigin:
		return fmt.Sprintf("%q is the origin that this check uses as one that no policy allows; "+
			"give one that the policy allows", s)
	case ok || s == "null" || s == "file://":
		return ""
	case s == "*":
		return `"*" is not an origin that a browser sends; if the policy allows every origin, ` +
			`give any of them, such as "https://app.example.com"`
	case strings.HasPrefix(s, "/"):
		return fmt.Sprintf("%q is a path; give an origin that the policy allows before the paths, "+
			`such as "https://app.example.com"`, s)
	}
	return fmt.Sprintf("%q is not an origin as browsers send it; write a scheme and a host in lower case, and "+
		`the port unless it is the default, such as "https://app.example.com"`, s)
}

// checkTarget describes what is wrong with a path that the caller has passed. It returns "" if
// nothing is wrong.
func checkTarget(path string) (problem string) {
	isBlank := func(r rune) bool { return r <= ' ' || r == 0x7f }
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, isBlank) {
		return "this is not the path of a request; write it as it is sent, such as /users/42"
	}
	return ""
}

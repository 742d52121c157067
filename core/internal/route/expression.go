package route

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
)

var (
	// foreignSegment matches the segments of a path that is not an expression. As one, /users/{id}
	// matches only itself, and /api/* matches /api followed by slashes.
	foreignSegment = regexp.MustCompile(`^(?:` +
		`\{\*{0,2}[A-Za-z_][A-Za-z0-9_]*(?:\.\.\.|[?*+]|:[^}]*)?\}|` +
		`:[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*[?*+]?|` +
		`<(?:[a-z]+:)?[A-Za-z_][A-Za-z0-9_]*>|` +
		`\*{1,2}[A-Za-z_]*|\*\.[A-Za-z0-9]+` +
		`)\$?$`)
	// extended matches an expression that settings extends to all paths that begin with a match.
	extended = regexp.MustCompile(`(?s)^\(\?:(.*)\)\.\*$`)
)

// exprAsWritten returns an expression without the group that makes it match prefixes, as in
// (?:^/api/).*. Messages are about what the author wrote, which is the content of that group.
func exprAsWritten(expr string) string {
	if m := extended.FindStringSubmatch(expr); m != nil {
		return m[1]
	}
	return expr
}

// CheckExpr checks whether a PathRegex was written in another notation by mistake. For example, it
// returns a Problem for the glob /api/*. It returns nil for all other expressions, even if they are
// invalid.
func CheckExpr(expr string) *problem.Problem {
	expr = exprAsWritten(expr)
	if trimmed := strings.TrimSpace(expr); trimmed != expr && trimmed != "" {
		return rewritten("there is white space before or after the value", trimmed)
	}
	for _, q := range quotePairs {
		inner, ok := strings.CutPrefix(expr, q[0])
		if text, closed := strings.CutSuffix(inner, q[1]); ok && closed && text != "" {
			return rewritten("there are quotes around the value", text)
		}
	}
	if m := delimited.FindStringSubmatch(expr); m != nil {
		inner := strings.ReplaceAll(m[1], `\/`, "/")
		if m[2] == "" && !strings.HasSuffix(inner, ".*") {
			inner += ".*"
		}
		return rewritten(`"/…/" is JavaScript syntax`, inner)
	}
	if segment := foreignPart(expr); segment != "" {
		rule := strconv.Quote(segment) + " is router syntax, but this is a regular expression"
		return rewritten(rule, exprOf(read(expr).pieces))
	}
	return nil
}

// foreignPart returns the first segment of an expression that is in another notation, or "".
func foreignPart(expr string) string {
	for i, segment := range strings.Split(expr, "/") {
		if i > 0 && foreignSegment.MatchString(segment) {
			return strings.TrimSuffix(segment, "$")
		}
	}
	return ""
}

// isForeign reports whether [CheckExpr] refuses an expression.
func isForeign(expr string) bool {
	expr = exprAsWritten(expr)
	for _, q := range quotePairs {
		if strings.HasPrefix(expr, q[0]) && strings.HasSuffix(expr, q[1]) {
			return true
		}
	}
	return strings.TrimSpace(expr) != expr || delimited.MatchString(expr) || foreignPart(expr) != ""
}

// rewritten returns a problem whose fix is another expression.
func rewritten(rule, expr string) *problem.Problem {
	if expr == "" || !isRE2(expr) {
		return problem.New(rule, `write an expression such as "/api/.*"`)
	}
	return problem.New(rule, "write "+QuoteExpr(expr))
}

// FromSlash returns an expression that begins with a slash. It removes a scheme and a host, if expr
// has them, and otherwise adds a slash. For example, it converts both https://example\.com/users
// and users to /users.
func FromSlash(expr string) string {
	expr = strings.TrimPrefix(strings.TrimPrefix(exprAsWritten(expr), "^"), `\A`)
	expr = strings.ReplaceAll(expr, `\/`, "/")
	_, rest, hasHost := strings.Cut(expr, "://")
	if !hasHost {
		return "/" + expr
	}
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '[': // as in [^/]+
			i += max(strings.IndexByte(rest[i:], ']'), 0)
		case '/':
			return rest[i:]
		}
	}
	return "/"
}

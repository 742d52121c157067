package route

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

var (
	// foreignSegment matches a segment that is not meant as an expression, such as {id} or *. As
	// expressions, /users/{id} would match only itself, and /api/* would match /api followed by
	// slashes.
	foreignSegment = regexp.MustCompile(`^(?:` +
		`\{\*{0,2}[A-Za-z_][A-Za-z0-9_]*(?:\.\.\.|[?*+]|:[^}]*)?\}|` +
		`:[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*[?*+]?|` +
		`<(?:[a-z]+:)?[A-Za-z_][A-Za-z0-9_]*>|` +
		`\*{1,2}[A-Za-z_]*|\*\.[A-Za-z0-9]+` +
		`)\$?$`)
)

// CheckExpr finds mistakes in a PathRegex that package regexp does not report. The expression may
// be in another notation, such as the glob /admin/*, or it may match no path, such as admin/.*
// without the first slash. CheckExpr returns nil if it finds no such mistake, even if the
// expression is invalid.
func CheckExpr(text string) *problem.Problem {
	if len(text) > regex.MaxLen {
		return problem.New(regex.TooLong, "use several routes")
	}
	if bad := checkNotation(text); bad != nil {
		return bad
	}
	expr, err := regex.Parse(text)
	if err != nil {
		return nil
	}
	if expr.MatchesPath() {
		return checkAlternatives(text)
	}
	fix := problem.Plain(`write an expression for paths, such as "/api/.*"`)
	for _, mended := range [...]string{strings.ReplaceAll(text, "//", "/"), fromSlash(text)} {
		if expr, err := regex.Parse(mended); err == nil && mended != text && expr.MatchesPath() {
			fix = writePathExpr(mended)
			break
		}
	}
	return &problem.Problem{Rule: problem.Plain("this matches no path: " + whyDead(text)), Fix: fix}
}

// whyDead explains why an expression matches no path.
func whyDead(text string) string {
	switch begin := strings.TrimPrefix(text, "^"); {
	case !strings.HasPrefix(strings.TrimLeft(begin, "(?:"), "/"):
		return "an expression must match from the first character, which is a slash"
	case strings.Contains(begin, "^"), strings.Contains(begin, "$"):
		return `"^" is the beginning of the path, and "$" is its end`
	}
	return `a path has neither an empty segment nor a segment "." or ".."`
}

// checkAlternatives returns what is wrong with an expression that has alternatives which match no
// path, such as the second one in /a/|b. It returns nil for other expressions.
func checkAlternatives(text string) *problem.Problem {
	dead := regex.DeadAlternatives(text)
	if dead == nil {
		return nil
	}
	first := dead[0]
	rule := "the alternative " + strconv.Quote(text[first.Begin:first.End]) + " matches no path: " + whyDead(first.Alone)
	slashed := text
	for _, d := range slices.Backward(dead) {
		part := text[d.Begin:d.End]
		if !wordStart.MatchString(part) {
			return problem.New(rule, writeAlternatives)
		}
		slashed = slashed[:d.Begin] + fromSlash(part) + slashed[d.End:]
	}
	if CheckExpr(slashed) != nil {
		return problem.New(rule, writeAlternatives)
	}
	fix := writePathExpr(slashed)
	if m := oneOfNames.FindStringSubmatch(text); m != nil {
		fix = problem.Textf("%v, or %v", writePathExpr(m[1]+"("+m[2]+")"), fix)
	}
	return &problem.Problem{Rule: problem.Plain(rule), Fix: fix}
}

const writeAlternatives = `write an expression for paths, such as "/(api|feed)/.*"`

// oneOfNames matches a path whose last segment may be one of several, such as /api/users|orders.
var oneOfNames = regexp.MustCompile(`^(/(?:[\w.-]+/)+)([\w-]+(?:\|[\w-]+)+)$`)

// wordStart matches the beginning of an alternative whose first slash is missing.
var wordStart = regexp.MustCompile(`^\^?[A-Za-z0-9_]`)

// checkNotation describes the mistake in an expression that is written in another notation. It
// returns nil if there is none.
func checkNotation(expr string) *problem.Problem {
	if trimmed := strings.TrimSpace(expr); trimmed != expr && trimmed != "" {
		return rewritten("there is white space before or after the value", trimmed)
	}
	for _, q := range quotePairs {
		inner, ok := strings.CutPrefix(expr, q[0])
		if text, closed := strings.CutSuffix(inner, q[1]); ok && closed && text != "" {
			return rewritten("there are quotes around the value", text)
		}
	}
	if bad := notOneExpr(expr); bad != nil {
		return bad
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
		if strings.HasPrefix(expr, "(") {
			return rewritten(rule, "") // the parameter is in a group, which is not translated
		}
		return rewritten(rule, exprOf(read(expr).pieces))
	}
	if m := foreignName.FindString(expr); m != "" {
		return problem.New(strconv.Quote(m[1:])+" is router syntax, but this is a regular expression",
			"write [^/]+ for a parameter, or (a|b) for one of two names")
	}
	return nil
}

var (
	// unfilled matches a variable of a template or a shell. A name after "$" must be in capital
	// letters, because OData has paths such as /$metadata.
	unfilled = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|#\{[^}]*\}|<%.*%>|\$[A-Z_][A-Z0-9_]*\b`)
	// nextExpr matches a separator and the beginning of another expression, as in a list of
	// expressions.
	nextExpr = regexp.MustCompile(`(?:\s|[,;]\s*)\^?\\?/`)
	// foreignName matches a router's notation for a parameter, such as /[id] or /[...id], or /:id
	// with more text after it.
	foreignName = regexp.MustCompile(`/(?::[A-Za-z_]\w*[^\w/?*+.$-]|\[(?:\.\.\.)?[A-Za-z_]{2,}\](?:/|$)|\[\[\.\.\.)`)
	// listed matches a list in brackets whose first entry is quoted or begins with a slash.
	listed = regexp.MustCompile(`^\[\s*(?:r?["'][^\]]*|\^?/[^\]]*/[^\]]*)\]$`)
)

// notOneExpr describes the mistake in an expression that contains a variable or a method, or that
// is a list of expressions. It returns nil if there is none.
func notOneExpr(expr string) *problem.Problem {
	if unfilled.MatchString(expr) {
		return problem.New(notReplaced, "write its value")
	}
	if m := withMethod.FindString(expr); m != "" && strings.IndexByte("/^", (expr + "/")[len(m)]) >= 0 {
		return rewritten("a route applies to every method", expr[len(m):])
	}
	if strings.HasPrefix(expr, "~") && delimited.FindString(expr) == "" {
		return problem.New("this is an nginx location", `write an expression such as "/api/.*"`)
	}
	if listed.MatchString(expr) || nextExpr.MatchString(expr) {
		if entry := strings.Trim(expr, `[]"' `); strings.HasPrefix(expr, "[") && !strings.ContainsAny(entry, `"',[ `) {
			return rewritten("an entry is one expression", entry)
		}
		return problem.New("an entry is one expression", `write one expression, such as "/(api|feed)/.*"`)
	}
	return nil
}

// foreignPart returns the first segment of an expression that is in another notation, or "" if
// there is none.
func foreignPart(expr string) string {
	for i, segment := range strings.Split(expr, "/") {
		if !strings.Contains(segment, "(") {
			segment, _, _ = strings.Cut(segment, ")") // the end of a group that begins before it
		}
		if i > 0 && foreignSegment.MatchString(segment) {
			return strings.TrimSuffix(segment, "$")
		}
	}
	return ""
}

// isForeign reports whether [checkNotation] refuses an expression.
func isForeign(expr string) bool {
	for _, q := range quotePairs {
		if strings.HasPrefix(expr, q[0]) && strings.HasSuffix(expr, q[1]) {
			return true
		}
	}
	return strings.TrimSpace(expr) != expr || delimited.MatchString(expr) || foreignPart(expr) != "" ||
		foreignName.MatchString(expr) || notOneExpr(expr) != nil
}

// rewritten returns a problem whose fix suggests the given expression, if it is valid.
func rewritten(rule, expr string) *problem.Problem {
	if expr == "" || !isRE2(expr) {
		return problem.New(rule, `write an expression such as "/api/.*"`)
	}
	return &problem.Problem{Rule: problem.Plain(rule), Fix: writePathExpr(expr)}
}

func writePathExpr(expr string) problem.Text {
	return problem.Textf("write %v", problem.PathExpr(expr))
}

// bareStart matches an expression whose first slash is missing.
var bareStart = regexp.MustCompile(`^[A-Za-z0-9_(\\]`)

// fromSlash corrects an expression that does not begin with a slash. It removes a host or adds the
// missing slash. It returns "" if it cannot tell what the path is. The result need not match any
// path.
func fromSlash(expr string) string {
	expr = strings.TrimPrefix(strings.TrimPrefix(expr, "^"), `\A`)
	expr = strings.ReplaceAll(expr, `\/`, "/")
	_, rest, hasHost := strings.Cut(expr, "://")
	if !hasHost {
		if !bareStart.MatchString(expr) || strings.ContainsAny(expr, " \t\"'~") || strings.HasPrefix(expr, `\A`) {
			return ""
		}
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

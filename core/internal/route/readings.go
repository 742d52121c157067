package route

import "strings"

// Routers read the same path differently. For a router that decodes paths, /%70ublic/x is below
// /public/. For one that uses the path as sent, it is below /%70ublic/. A policy cannot know which
// router comes after it. So it takes every reading of the path: each of the five decodings below,
// cleaned in three ways. A route applies only if all readings fall under it.
//
//	path as sent                /a%2fb//./c
//	decoded                     /a/b//./c      /a/b/./c      /a/b/c
//	as sent                     /a%2fb//./c    /a%2fb/./c    /a%2fb/c
//	split, each part decoded    in this example like "as sent"
//	decoded twice, three times  in this example like "decoded"
//
// Most readings are the same text, and only different ones are looked up. Nearly all paths have one
// reading: see isPlain.
//
// A path with a ".." segment in one of its readings is Unknown. Resolving it here would not help,
// because a handler may resolve it after a prefix was removed. Given /static/../admin/x, a file
// server mounted at /static sees /../admin/x, and serves what is also at /static/admin/x. But no
// reading of the whole path is below /static/admin/.
//
// What a request can cost is bounded. Otherwise someone could send paths with many readings, to be
// matched against every expression. Three limits make readings Unknown as well:
//
//   - A path of more than maxPath bytes is not matched against expressions, and it must have one
//     reading.
//   - The readings that are matched against expressions have in sum at most twice the bytes of the
//     path, or minBudget.
//   - A path that is still percent-encoded after three decodings may mean anything.

const (
	maxPath     = 2 << 10
	minBudget   = 1 << 10 // enough for every reading of a path of usual length
	maxReadings = int(decodings) * int(cleanings)
)

// decoding is how a reading is decoded.
type decoding uint8

const (
	once      decoding = iota // by net/url, and by routers that use URL.Path
	sent                      // not at all
	split                     // cut at its slashes as sent, then each part (net/http.ServeMux)
	twice                     // by net/url, and by a handler that decodes a parameter again
	thrice                    // as twice, and by a rewrite or proxy in between
	decodings                 // how many there are
)

// cleaning is how the segments of a reading are cleaned.
type cleaning uint8

const (
	uncleaned cleaning = iota
	merged             // without empty segments: /a//b is /a/b
	undotted           // and without single dots: /a/./b is /a/b
	cleanings          // how many there are
)

// Reading is one interpretation of a request path, together with the route that applies to it. For
// example, some routers interpret /a%2Fb as /a/b, and others leave it unchanged.
type Reading struct {
	// Path is the path as the router interprets it, such as "/a/b".
	Path string

	// Lenient is the id of the route for routers that ignore a trailing slash.
	Lenient int // or None or Unknown

	// Strict is the id of the route for routers that do not ignore a trailing slash.
	Strict int // equal to Lenient if such a router finds no route

	decoding decoding
	cleaning cleaning
	settled  bool // no expression changes the routes
}

var (
	decodingNames = [decodings]string{
		"percent-decoded", "as sent", "with each segment percent-decoded", "percent-decoded twice",
		"percent-decoded three times",
	}
	cleaningNames = [cleanings]string{"", ` without "//"`, ` without "//" and "/./"`}
)

// How describes how a router gets r.Path from the path of the request. For example, it returns
// `percent-decoded without "//"`.
func (r Reading) How() string { return decodingNames[r.decoding] + cleaningNames[r.cleaning] }

// Readings contains the different ways in which routers may interpret one request path. The first
// [Reading] is the path decoded once, as in package net/url. [Table.Read] returns Readings.
type Readings struct {
	list    [maxReadings]Reading
	n       int
	unknown string
}

// All returns the interpretations of the path. The slice shares memory with rs.
func (rs *Readings) All() []Reading { return rs.list[:rs.n] }

// Unknown returns the reason why a route in rs is [Unknown], or "" if all routes are known.
func (rs *Readings) Unknown() string { return rs.unknown }

// Route returns the id of the route that applies to the path, or [None] if no route matches it. ok
// is false if different routers might choose different routes for the path, or if the route is
// [Unknown].
func (rs *Readings) Route() (id int, ok bool) {
	a, b := rs.Disagreement()
	return a.Lenient, rs.unknown == "" && a.Lenient == b.Lenient && a.Lenient == a.Strict
}

// Disagreement returns two interpretations of the path for which routers choose different routes.
// For example, suppose that there is a route for /admin, and that the client sent /%61dmin. In this
// case, the route applies to a, which is the decoded path /admin, but not to b, which is /%61dmin.
//
// If routers disagree only about a trailing slash, a and b are equal, and their Lenient and Strict
// routes differ. If all routers agree, a and b are both equal to the first Reading.
func (rs *Readings) Disagreement() (a, b Reading) {
	first := rs.list[0]
	slashes := first
	for _, r := range rs.All() {
		switch {
		case r.Lenient != first.Lenient:
			return first, r
		case r.Lenient != r.Strict && slashes.Lenient == slashes.Strict:
			slashes = r
		}
	}
	return slashes, slashes
}

// Read looks up a path, whose path and rawPath are the Path and RawPath fields of a [net/url.URL].
// It returns each way in which routers may interpret the path, together with the route for that
// interpretation. For example, some routers interpret the rawPath "/a%2Fb" as /a/b, and others as
// /a%2Fb.
func (t *Table) Read(path, rawPath string) (rs Readings) {
	// Only readings that are equal to neither path nor rawPath cost an allocation.
	if rawPath == "" {
		rawPath = path
	}
	if rawPath == path && isPlain(path) {
		rs.add(path, once, uncleaned)
		if rs.list[0].Lenient, rs.list[0].Strict = t.find(path); rs.list[0].Lenient == Unknown {
			rs.unknown = "the path matches no route's Path, and is too long to be matched against a PathRegex"
		}
		return rs
	}
	size := max(len(path), len(rawPath))
	if size > maxPath {
		rs.refuse(path, "routers could interpret the path in several ways, and it is longer than 2 KiB")
		return rs
	}
	if problem := rs.collect(path, rawPath); problem != "" {
		rs.refuse(path, problem)
		return rs
	}
	t.lookUp(&rs, max(2*size, minBudget))
	return rs
}

// refuse replaces the readings by path alone, with an unknown route.
func (rs *Readings) refuse(path, why string) {
	rs.list[0], rs.n, rs.unknown = Reading{Path: path, Lenient: Unknown, Strict: Unknown}, 1, why
}

// collect adds the different readings of a path. It returns why the path cannot be looked up, or
// "".
func (rs *Readings) collect(path, rawPath string) (problem string) {
	rs.addCleaned(path, once)
	if rawPath != path {
		rs.addCleaned(rawPath, sent)
		// Without an encoded slash, each part is as in path; without anything else encoded, as in
		// rawPath.
		if slashes, others := escapes(rawPath); slashes > 0 && others > 0 {
			rs.addCleaned(decode(rawPath, true), split)
		}
	}
	for d := twice; hasEscape(path); d++ {
		if d == decodings {
			return "the path is still percent-encoded after it was decoded three times"
		}
		path = decode(path, false)
		rs.addCleaned(path, d)
	}
	for _, r := range rs.All() {
		if hasDotDot(r.Path) {
			return `the path has a ".." segment, which routers and handlers resolve in different ways`
		}
	}
	return ""
}

// addCleaned adds a text and its two cleaned forms.
func (rs *Readings) addCleaned(path string, d decoding) {
	rs.add(path, d, uncleaned)
	if strings.HasPrefix(path, "/") && !IsClean(path) {
		rs.add(clean(path, false), d, merged)
		rs.add(clean(path, true), d, undotted)
	}
}

// add adds a text, unless there is a reading with the same text.
func (rs *Readings) add(path string, d decoding, c cleaning) {
	for i := range rs.All() {
		if rs.list[i].Path == path {
			return
		}
	}
	rs.list[rs.n] = Reading{Path: path, decoding: d, cleaning: c}
	rs.n++
}

// lookUp fills in the routes. At most budget bytes of readings are matched against expressions,
// which is what costs time.
func (t *Table) lookUp(rs *Readings, budget int) {
	sum := 0
	for i := range rs.All() {
		r := &rs.list[i]
		if r.Lenient, r.Strict, r.settled = t.findPattern(r.Path); !r.settled {
			sum += len(r.Path)
		}
	}
	if len(t.expressions) == 0 {
		return
	}
	for i := range rs.All() {
		switch r := &rs.list[i]; {
		case r.settled:
		case sum > budget:
			r.Lenient, r.Strict = Unknown, Unknown
			rs.unknown = "routers could interpret the path in many ways, and it is too long to match each against a PathRegex"
		default:
			r.Lenient, r.Strict = t.findExpression(r.Path, r.Lenient)
		}
	}
}

// isPlain reports whether a decoded path has one reading: no segment is empty, "." or "..", except
// that the last may be empty, and nothing in it can be decoded again.
func isPlain(path string) bool {
	// For a path that begins with a slash this is IsClean(path) && !hasEscape(path) in one pass,
	// because it is done for every request.
	for i := 1; i < len(path); i++ {
		switch c := path[i]; path[i-1] {
		case '/':
			if c == '/' || c == '.' && isDots(path[i:]) {
				return false
			}
		case '\\':
			if c == '.' && isDots(path[i:]) {
				return false
			}
		case '%':
			if _, ok := escape(path[i-1:]); ok {
				return false
			}
		}
	}
	return true
}

// IsClean reports whether path begins with a slash and has no segment that is empty, "." or "..". A
// trailing slash is allowed. For example, /a/b/ is clean, but /a//b and /a/./b are not.
func IsClean(path string) bool {
	for i := 1; i < len(path); i++ {
		if path[i-1] == '/' && (path[i] == '/' || path[i] == '.' && isDots(path[i:])) {
			return false
		}
	}
	return strings.HasPrefix(path, "/")
}

// hasDotDot reports whether a segment is "..". A backslash separates segments too: on Windows, file
// servers read it so.
func hasDotDot(path string) bool {
	if !strings.Contains(path, "..") {
		return false
	}
	isSeparator := func(r rune) bool { return r == '/' || r == '\\' }
	for part := range strings.FieldsFuncSeq(path, isSeparator) {
		if part == ".." {
			return true
		}
	}
	return false
}

// isDots reports whether the first segment of rest is "." or "..". rest begins with a dot.
func isDots(rest string) bool {
	rest = strings.TrimPrefix(rest[1:], ".")
	return rest == "" || rest[0] == '/' || rest[0] == '\\'
}

// escapes counts the escapes of slashes in a path as sent, and the others.
func escapes(rawPath string) (slashes, others int) {
	for i := 0; i < len(rawPath); i++ {
		switch {
		case rawPath[i] != '%':
		case strings.HasPrefix(rawPath[i:], "%2f") || strings.HasPrefix(rawPath[i:], "%2F"):
			slashes++
		default:
			others++
		}
	}
	return slashes, others
}

// hasEscape reports whether something in the path can be decoded.
func hasEscape(path string) bool {
	for {
		i := strings.IndexByte(path, '%')
		if i < 0 {
			return false
		}
		path = path[i:]
		if _, ok := escape(path); ok {
			return true
		}
		path = path[1:]
	}
}

// escape returns the byte that s, which begins with "%", encodes.
func escape(s string) (c byte, ok bool) {
	if len(s) < 3 {
		return 0, false
	}
	high, low := hexDigit(s[1]), hexDigit(s[2])
	return high<<4 | low, high < 16 && low < 16
}

// hexDigit returns the value of a hexadecimal digit. If c is not one, the value is greater than 15.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// Decode returns path with its percent-encoded bytes decoded once. Invalid escapes, such as "%zz",
// are left unchanged.
func Decode(path string) string { return decode(path, false) }

// decode returns the path with its escapes decoded. If keepSlashes is true, escaped slashes stay
// escaped. Invalid escapes are left unchanged.
func decode(path string, keepSlashes bool) string {
	b := make([]byte, 0, len(path))
	for {
		i := strings.IndexByte(path, '%')
		if i < 0 {
			return string(append(b, path...))
		}
		b = append(b, path[:i]...)
		c, ok := escape(path[i:])
		n := len("%2f")
		if !ok || keepSlashes && c == '/' {
			c, n = '%', 1
		}
		b = append(b, c)
		path = path[i+n:]
	}
}

// clean returns the path without its empty segments and, if dots is true, without its "." segments.
// A path that ends in a segment that is removed ends in a slash.
func clean(path string, dots bool) string {
	b := make([]byte, 0, len(path)+1)
	part, rest := "", path[1:]
	for more := true; more; {
		part, rest, more = strings.Cut(rest, "/")
		if part != "" && !(dots && part == ".") {
			b = append(append(b, '/'), part...)
		}
	}
	if part == "" || dots && part == "." {
		b = append(b, '/')
	}
	return string(b)
}

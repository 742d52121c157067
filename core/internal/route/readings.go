package route

import "strings"

// Routers interpret the same path in different ways. For a router that decodes paths, /%70ublic/x
// is below /public/. For a router that uses the path as the client sent it, it is below /%70ublic/.
// A policy does not know which router is used. So it looks up every interpretation, which is called
// a reading: each of the five decodings below, cleaned in three ways. A route applies only if it
// matches all readings.
//
//	path as sent                /a%2fb//./c
//	decoded                     /a/b//./c      /a/b/./c      /a/b/c
//	as sent                     /a%2fb//./c    /a%2fb/./c    /a%2fb/c
//	split, each part decoded    in this example like "as sent"
//	decoded twice, three times  in this example like "decoded"
//
// Most readings of a path are equal, and only different ones are looked up. Nearly all paths have
// only one reading; see isPlain.
//
// If a reading has a ".." segment, the route is Unknown. Resolving ".." here would not help,
// because a handler may resolve it after a prefix was removed. For example, if the path is
// /static/../admin/x, a file server that is mounted at /static sees /../admin/x. It serves the same
// file as for /static/admin/x, although no reading of the whole path is below /static/admin/.
//
// The cost of a request is bounded. Otherwise, someone could send paths with many readings, which
// would have to be matched against every expression. Because of three limits, the route can also be
// Unknown:
//
//   - A path of more than maxPath bytes is not matched against expressions, and it must have only
//     one reading.
//   - The total length of the readings that are matched against expressions is at most twice the
//     length of the path, or minBudget.
//   - A path must not be percent-encoded any more after it has been decoded three times.

const (
	maxPath     = 2 << 10
	minBudget   = 1 << 10 // enough for every reading of a path of usual length
	maxReadings = int(decodings) * int(cleanings)
)

// decoding describes how an interpretation of a path decodes its percent-escapes.
type decoding uint8

const (
	once      decoding = iota // by net/url, and by routers that use URL.Path
	sent                      // not at all
	split                     // cut at its slashes as sent, then each part (net/http.ServeMux)
	twice                     // by net/url, and by a handler that decodes a parameter again
	thrice                    // as twice, and by a rewrite or proxy in between
	decodings                 // how many there are
)

// cleaning describes which segments an interpretation of a path removes.
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

// How describes how a router obtains r.Path from the path of the request. For example, it returns
// `percent-decoded without "//"`.
func (r Reading) How() string { return decodingNames[r.decoding] + cleaningNames[r.cleaning] }

// Readings contains the different ways in which routers may interpret one request path. In the
// first [Reading], the path is decoded once, as in package net/url. Use [Table.Read] to create
// Readings.
type Readings struct {
	list    [maxReadings]Reading
	n       int
	unknown string
}

// All returns the interpretations of the path. The slice shares memory with rs.
func (rs *Readings) All() []Reading { return rs.list[:rs.n] }

// Unknown returns the reason why a route in rs is [Unknown], or "" if all routes are known.
func (rs *Readings) Unknown() string { return rs.unknown }

// Route returns the id of the route that applies to the path, or [None] if no route matches. ok is
// false if routers may choose different routes for the path, or if the route is [Unknown].
func (rs *Readings) Route() (id int, ok bool) {
	a, b := rs.Disagreement()
	return a.Lenient, rs.unknown == "" && a.Lenient == b.Lenient && a.Lenient == a.Strict
}

// Disagreement returns two interpretations of the path for which routers choose different routes.
// For example, suppose that there is a route for /admin, and that the client sent /%61dmin. The
// path of a is then /admin, and the route applies to it. The path of b is /%61dmin, and the route
// does not apply to it.
//
// If routers disagree only about a trailing slash, a and b are equal, and the Lenient and Strict
// routes of a differ. If all routers agree, a and b are both equal to the first Reading.
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

// Read returns the ways in which routers may interpret a path, together with the route for each of
// them. For example, some routers interpret /a%2Fb as /a/b, and others leave it unchanged. The
// arguments path and rawPath are the Path and RawPath fields of a [net/url.URL].
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

// refuse replaces all interpretations with path itself, and sets its route to Unknown for the given
// reason.
func (rs *Readings) refuse(path, why string) {
	rs.list[0], rs.n, rs.unknown = Reading{Path: path, Lenient: Unknown, Strict: Unknown}, 1, why
}

// collect adds the different interpretations of a path. If the path cannot be looked up, collect
// returns the reason. Otherwise, it returns "".
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

// addCleaned adds path and, if it is not clean, the two ways in which routers may clean it.
func (rs *Readings) addCleaned(path string, d decoding) {
	rs.add(path, d, uncleaned)
	if strings.HasPrefix(path, "/") && !IsClean(path) {
		rs.add(clean(path, false), d, merged)
		rs.add(clean(path, true), d, undotted)
	}
}

// add adds an interpretation, unless another one has the same path.
func (rs *Readings) add(path string, d decoding, c cleaning) {
	for i := range rs.All() {
		if rs.list[i].Path == path {
			return
		}
	}
	rs.list[rs.n] = Reading{Path: path, decoding: d, cleaning: c}
	rs.n++
}

// lookUp finds the route for each interpretation. It matches at most budget bytes of paths against
// expressions, because that is the expensive part.
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

// isPlain reports whether routers can interpret a decoded path in only one way. This is the case if
// no segment is empty, "." or "..", and nothing can be decoded again. A trailing slash is allowed.
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

// hasDotDot reports whether a segment of path is "..". A backslash also separates segments, because
// file servers on Windows treat it in that way.
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

// isDots reports whether the first segment of rest, which must begin with a dot, is "." or "..".
func isDots(rest string) bool {
	rest = strings.TrimPrefix(rest[1:], ".")
	return rest == "" || rest[0] == '/' || rest[0] == '\\'
}

// escapes counts the percent-encoded slashes in rawPath, and all other escapes.
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

// hasEscape reports whether path contains a valid percent-escape.
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

// escape decodes the percent-escape at the beginning of s. ok is false if it is not valid.
func escape(s string) (c byte, ok bool) {
	if len(s) < 3 {
		return 0, false
	}
	high, low := hexDigit(s[1]), hexDigit(s[2])
	return high<<4 | low, high < 16 && low < 16
}

// hexDigit returns the value of a hexadecimal digit. If c is not a hexadecimal digit, the result is
// greater than 15.
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

// decode returns path with its percent-escapes decoded. If keepSlashes is true, encoded slashes are
// left unchanged. Invalid escapes are always left unchanged.
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

// clean removes empty segments from path and, if dots is true, "." segments. If it removes the last
// segment, the result ends with a slash.
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

package route

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file reads paths and looks them up in the slowest and most literal way.

// slowPattern returns the index of the most specific pattern, found by comparing all that match:
// segment by segment a literal is more specific than a wildcard, which is more specific than no
// segment. slashes says that a slash at the end counts.
func slowPattern(patterns []*Pattern, strict, slashes bool, path string) int {
	parts := strings.Split(path[1:], "/")
	slashed := parts[len(parts)-1] == ""
	if slashed {
		parts = parts[:len(parts)-1]
	}
	best, bestRank := None, ""
	for i, p := range patterns {
		if len(p.segments) > len(parts) || len(p.segments) < len(parts) && p.end != subtree {
			continue
		}
		rank, matches := "", true
		for j, s := range p.segments {
			part := parts[j]
			if !strict {
				part = string(appendLower(nil, part))
			}
			switch {
			case s == "" && (part != "" || !strict):
				rank += "1"
			case s != "" && part == string(s):
				rank += "2"
			default:
				matches = false
			}
		}
		if len(p.segments) == len(parts) {
			if slashes && slashed != (p.end != exact) {
				continue
			}
			rank += "0" + slowRank(p.end, slashed)
		}
		if matches && (best == None || rank > bestRank) {
			best, bestRank = i, rank
		}
	}
	return best
}

// slowRank orders the ends that match a whole path: its own form first, then everything below.
func slowRank(e end, slashed bool) string {
	if slashed {
		return map[end]string{slash: "3", subtree: "2", exact: "1"}[e]
	}
	return map[end]string{exact: "3", slash: "2", subtree: "1"}[e]
}

// slowExpression returns the indexes, from first on, of the first expression that matches the path
// or, unless strict, the path with a slash more or less, and of the first that matches the path; if
// there is no such one, the other.
func slowExpression(path string, strict bool, lenient int, expressions ...*regexp.Regexp) (_, literal int) {
	other := path + "/"
	if strings.HasSuffix(path, "/") {
		other = strings.TrimSuffix(path, "/")
	}
	literal = slices.IndexFunc(expressions, func(re *regexp.Regexp) bool { return re.MatchString(path) })
	if lenient == None {
		lenient = slices.IndexFunc(expressions, func(re *regexp.Regexp) bool {
			return re.MatchString(path) || !strict && re.MatchString(other)
		})
	}
	if literal == None {
		literal = lenient
	}
	return lenient, literal
}

// slowFind returns the routes of a path taken literally. The ids of expressions follow those of
// patterns.
func slowFind(patterns []*Pattern, expressions []*regexp.Regexp, strict bool, path string) (lenient, literal int) {
	lenient, literal = slowPattern(patterns, strict, strict, path), slowPattern(patterns, strict, true, path)
	if literal != None {
		return lenient, literal
	}
	more := func(id int) int {
		if id == None {
			return None
		}
		return len(patterns) + id
	}
	if lenient != None {
		literal = slices.IndexFunc(expressions, func(re *regexp.Regexp) bool { return re.MatchString(path) })
		if literal == None {
			return lenient, lenient
		}
		return lenient, more(literal)
	}
	lenient, literal = slowExpression(path, strict, None, expressions...)
	return more(lenient), more(literal)
}

var escapeText = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

func slowDecode(path string) string {
	return escapeText.ReplaceAllStringFunc(path, func(escape string) string {
		c, _ := strconv.ParseUint(escape[1:], 16, 8)
		return string([]byte{byte(c)})
	})
}

func slowSplit(rawPath string) string {
	return escapeText.ReplaceAllStringFunc(rawPath, func(escape string) string {
		if strings.EqualFold(escape, "%2f") {
			return escape
		}
		return slowDecode(escape)
	})
}

func slowClean(path string, dots bool) string {
	var kept []string
	parts := strings.Split(path[1:], "/")
	removed := func(part string) bool { return part == "" || dots && part == "." }
	for _, part := range parts {
		if !removed(part) {
			kept = append(kept, part)
		}
	}
	cleaned := "/" + strings.Join(kept, "/")
	if removed(parts[len(parts)-1]) && cleaned != "/" {
		cleaned += "/"
	}
	return cleaned
}

var dotDotText = regexp.MustCompile(`(?s)(\A|[/\\])\.\.([/\\]|\z)`)

// slowReadings returns the different readings of a path. ok is false if it is still encoded after
// three decodings, or if one of the readings has a ".." segment.
func slowReadings(path, rawPath string) (texts []string, ok bool) {
	if rawPath == "" {
		rawPath = path
	}
	second := slowDecode(path)
	third := slowDecode(second)
	for _, text := range []string{path, rawPath, slowSplit(rawPath), second, third} {
		texts = append(texts, text, slowClean(text, false), slowClean(text, true))
	}
	if rawPath == path { // then it is decoded already
		texts = slices.Delete(texts, 6, 9)
	}
	slices.Sort(texts)
	return slices.Compact(texts), slowDecode(third) == third && !slices.ContainsFunc(texts, dotDotText.MatchString)
}

// FuzzMatch compares a table with the slow one.
func FuzzMatch(f *testing.F) {
	for _, patterns := range []string{
		"/api/ /api/{id} /api/{id}/x /{$}", "/a /a/ /a/{$} /{x}", "/{x}/b /a/c /", "/{x}/{y...} /a/{b}/c",
		"/a/b/ /a/{x}", "/a/ /b/", "/ /b/",
	} {
		for _, path := range []string{
			"/api/7/x", "/A/", "/a/b", "/a//c", "/a//b/", "/a/../b/x", "/a/.b/.", "/b//",
			"/a/./b/x", "/a/..b/c..", "/a%2f..", "/a/%252e%252e/", "/%252e%252e%252fa",
			"/%61/b", "/%25%36%31/x", "/a%2fb/%62", "/%2e%2E/a/%zz", "/%252525",
		} {
			f.Add(patterns, "/a/?[bc]* (?i)/API/.+ .*/", path)
		}
	}
	f.Fuzz(func(t *testing.T, patterns, expressions, rawPath string) {
		if len(patterns) > 200 || len(expressions) > 100 || len(rawPath) > minBudget/maxReadings ||
			!strings.HasPrefix(rawPath, "/") {
			return
		}
		path := slowDecode(rawPath)
		for _, strict := range []bool{false, true} {
			tab := &Table{Strict: strict}
			var kept []*Pattern
			for _, text := range strings.Fields(patterns) {
				p, err := Parse(text)
				if err != nil {
					continue
				}
				conflict := slices.ContainsFunc(kept, func(q *Pattern) bool {
					if !strict {
						p.lower()
					}
					return compare(p, q).conflicts()
				})
				if ok := tab.Add(p, len(kept)) == nil; ok == conflict {
					t.Errorf("%q, strict %v, %s: added: %v, want %v", patterns, strict, text, ok, !conflict)
				} else if ok {
					kept = append(kept, p)
				}
			}
			var tried []*regexp.Regexp
			for _, text := range strings.Fields(expressions) {
				if re, err := regexp.Compile(`(?s)\A(?:` + text + `)\z`); err == nil {
					tab.AddRegex(re, len(kept)+len(tried))
					tried = append(tried, re)
				}
			}
			for _, raw := range []string{rawPath, ""} {
				compareWithSlow(t, tab, kept, tried, path, raw)
			}
		}
	})
}

func compareWithSlow(
	t *testing.T, tab *Table, patterns []*Pattern, expressions []*regexp.Regexp, path, rawPath string,
) {
	texts, ok := slowReadings(path, rawPath)
	rs := tab.Read(path, rawPath)
	if !ok {
		if _, known := rs.Route(); known || rs.Unknown() == "" {
			t.Errorf("%q (%q): got a route, want none", path, rawPath)
		}
		return
	}
	var got []string
	agree, first := true, 0
	for i, r := range rs.All() {
		got = append(got, r.Path)
		lenient, literal := slowFind(patterns, expressions, tab.Strict, r.Path)
		if r.Lenient != lenient || r.Strict != literal {
			t.Errorf("%q, strict %v: got %d and %d, want %d and %d",
				r.Path, tab.Strict, r.Lenient, r.Strict, lenient, literal)
		}
		if i == 0 {
			first = lenient
		}
		agree = agree && lenient == first && literal == first
	}
	if slices.Sort(got); !slices.Equal(got, texts) {
		t.Errorf("%q (%q):\ngot  %q\nwant %q", path, rawPath, got, texts)
	}
	if id, ok := rs.Route(); ok != agree || id != first {
		t.Errorf("%q (%q): got %d, %v, want %d, %v", path, rawPath, id, ok, first, agree)
	}
	if id, ok := tab.Find(path, rawPath); ok && (!agree || id != first) {
		t.Errorf("%q (%q): Find got %d, want %d, %v", path, rawPath, id, first, agree)
	}
}

package settings

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/problem"
)

// This file reads values that are written as text, such as environment variables and flags.

// readText reads a value and stores it in its slot. If the value cannot be read, the slot keeps the
// zero value.
func (r *report) readText(name, text string, s slot) {
	list, isList := s.target.(*[]string)
	isUnset := unset[strings.ToLower(text)] || text == "<no value>"
	switch {
	case isUnset && text == "null" && s.field == problem.AllowOrigins:
		r.refuse(name, -1, text, looksUnset, `write its value, or write ["null"] to allow the origin null`)
	case isUnset:
		r.refuse(name, -1, text, looksUnset, writeOrRemove)
	case isQuoted(text):
		r.refuse(name, -1, text, quotesArePart, withoutQuotes)
	case isList && strings.Contains(text, "{{") && s.isTemplate(text):
		r.refuse(name, -1, text, looksUnfilled, writeOrRemove) // it may contain spaces
	case s.hasDefaults() && pythonDefaults.MatchString(text):
		r.refuse(name, -1, text, "this refers to a variable in Python", wholeList(text, s.field))
	case isList:
		*list = r.readList(name, text, s.setting)
	case s.isTemplate(text) && s.field != problem.Routes:
		r.refuse(name, -1, text, looksUnfilled, writeOrRemove)
	default:
		r.readSingle(name, text, s)
	}
}

// readSingle reads a value that is not a list of strings.
func (r *report) readSingle(name, text string, s slot) {
	switch p := s.target.(type) {
	case *[]core.Route:
		*p = []core.Route{}
		if text != "" {
			const fix = `write a JSON array, such as [{"path": "/api/", "allow_origins": ["https://app.example.com"]}]`
			r.decode(name, []byte(text), fix, func(d *decoder) { *p = d.routes(name) })
		}
	case *string:
		*p = text
		r.checkText(name, -1, text, s.setting)
	case *bool:
		b, ok := booleans[strings.ToLower(text)]
		if !ok {
			r.refuse(name, -1, text, "this is neither true nor false", booleanFix(text))
		}
		*p = b
	case *int:
		*p = r.readStatus(name, text)
	case *time.Duration:
		duration := text
		if strings.Trim(text, "-.0123456789") == "" {
			duration += "s"
		}
		*p = r.readAge(name, text, duration)
	}
}

// isQuoted reports whether text begins and ends with quotes.
func isQuoted(text string) bool {
	n := len(text)
	return n > 1 && text[0] == text[n-1] && strings.IndexByte("\"'`", text[0]) >= 0 ||
		strings.HasPrefix(text, "\u201c") && strings.HasSuffix(text, "\u201d")
}

// hostWithPort matches an IPv6 address in brackets, which would otherwise look like a JSON array.
var hostWithPort = regexp.MustCompile(`^\[[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]`)

// readList reads a list of strings.
func (r *report) readList(name, text string, s setting) []string {
	isArray := strings.HasPrefix(text, "[") && !hostWithPort.MatchString(text)
	if isArray || strings.HasPrefix(text, "(") && !s.regex || pythonTuple.MatchString(text) {
		return r.readArray(name, text, s)
	}
	if fix := splitFix(text, s); fix != "" {
		r.refuse(name, -1, text, "entries are separated by commas or spaces", fix)
		return nil
	}
	if s.regex && isSplitWithin(text) {
		fix := writeList(splitOutside(text))
		if fix == "" {
			fix = `write a JSON array, such as ["one{1,3}", "another"], and each backslash twice`
		}
		r.refuse(name, -1, text, "a comma or a space within an expression would split it", fix)
		return nil
	}
	list := strings.FieldsFunc(text, isSeparator)
	for i, text := range list {
		if isQuoted(text) && s.field != problem.AllowMethods && !isHeaders(s.field) {
			r.refuse(name, i, text, quotesArePart, withoutQuotes)
			continue
		}
		r.checkText(name, i, text, s)
	}
	return list
}

// pythonDefaults matches the lists of defaults that django-cors-headers has, as in
// (*default_headers, "x-token").
var pythonDefaults = regexp.MustCompile(`(?:\b(?:list|tuple)\()?\*?\bdefault_(?:headers|methods)\b`)

// hasDefaults reports whether django-cors-headers has a list of defaults for the setting.
func (s setting) hasDefaults() bool {
	return s.field == problem.AllowMethods || s.field == problem.AllowHeaders
}

// wholeList returns the fix for a list that refers to pythonDefaults. If the other entries can be
// read, the fix is the list with the defaults of the field, which are the same as in Python.
func wholeList(text string, f problem.Field) string {
	list := core.DefaultHeaders()
	if f == problem.AllowMethods {
		list = core.DefaultMethods()
	}
	isDelimiter := func(c rune) bool { return isSeparator(c) || strings.ContainsRune(`+()[]"'`, c) }
	for _, name := range strings.FieldsFunc(pythonDefaults.ReplaceAllString(text, ""), isDelimiter) {
		if !plainName.MatchString(name) {
			return "write the whole list"
		}
		list = append(list, name)
	}
	if fixed := strings.Join(list, ","); len(fixed) < 400 {
		return "write " + fixed
	}
	return "write the whole list"
}

// plainName matches a method or the name of a header, and no other expression.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// pythonTuple matches the beginning of a tuple in Python, and an empty tuple.
var pythonTuple = regexp.MustCompile(`^\(\s*(?:r?['"]|\)$)`)

// readArray reads a list in brackets.
func (r *report) readArray(name, text string, s setting) (list []string) {
	rule := inDoubleQuotes
	_, isJSON := jsonList(text)
	mended, ok := readPythonList(text)
	switch {
	case isJSON:
		ok = false
	case text[0] == '(':
		rule = "lists are in square brackets"
	case !ok && s.regex && !strings.HasSuffix(text, "]") && strings.IndexByte("\"' \t\n", text[1%len(text)]) < 0:
		mended, ok = splitOutside(text), true
	case !ok:
		mended, ok = readBareList(text)
	}
	if ok {
		if fix := writeList(mended); fix != "" {
			r.refuse(name, -1, text, rule, fix)
			return nil
		}
	}
	const fix = `write a JSON array, such as ["one", "another"]`
	if text[0] == '(' { // changing only the brackets would not make it JSON
		r.refuse(name, -1, text, rule, fix)
		return nil
	}
	r.decode(name, []byte(text), fix, func(d *decoder) { list = d.strings(name, s) })
	return list
}

// splitFix returns the fix for entries with the wrong separators. Examples are origins that are
// separated by semicolons or bars, a list in braces, and a YAML list. It returns "" if it finds
// nothing wrong.
func splitFix(text string, s setting) string {
	var entries []string
	switch {
	case strings.HasPrefix(text, "- ") || strings.Contains(text, "\n- "):
		entries = slices.DeleteFunc(strings.FieldsFunc(text, isSeparator), func(entry string) bool { return entry == "-" })
	case s.regex || !strings.ContainsAny(text, ";|") && !strings.HasPrefix(text, "{"):
		return ""
	default:
		entries = strings.FieldsFunc(text, func(c rune) bool { return isSeparator(c) || strings.ContainsRune(";|{}", c) })
		for _, entry := range entries {
			if !strings.Contains(entry, "://") || strings.ContainsAny(entry, `"'`) {
				return ""
			}
		}
	}
	if fixed := strings.Join(entries, ","); len(fixed) < 400 {
		return "write " + fixed
	}
	return "write commas between the entries"
}

func isSeparator(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// isSplitWithin reports whether there is a separator inside brackets, where it is part of an
// expression.
func isSplitWithin(exprs string) bool {
	return len(splitOutside(exprs)) < len(strings.FieldsFunc(exprs, isSeparator))
}

// splitOutside splits a list of expressions at each separator that is not inside brackets.
func splitOutside(exprs string) (list []string) {
	depth, start := 0, 0
	for i := 0; i <= len(exprs); i++ {
		switch {
		case i == len(exprs) || depth == 0 && isSeparator(rune(exprs[i])):
			if i > start {
				list = append(list, exprs[start:i])
			}
			start = i + 1
		case exprs[i] == '\\':
			i = min(i+1, len(exprs)-1)
		case strings.IndexByte("([{", exprs[i]) >= 0:
			depth++
		case strings.IndexByte(")]}", exprs[i]) >= 0:
			depth--
		}
	}
	return list
}

// trim removes the white space around a value, and remembers what it removed before the value.
func (r *report) trim(name, text string) string {
	trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
	r.margins[name] = text[:len(text)-len(trimmed)]
	return strings.TrimSpace(trimmed)
}

package settings

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

var booleans = map[string]bool{
	"true": true, "yes": true, "on": true, "1": true,
	"false": false, "no": false, "off": false, "0": false,
}

// otherBooleans contains words with a clear meaning that are not accepted as booleans, because
// other programs interpret them in different ways.
var otherBooleans = map[string]bool{
	"y": true, "t": true, "enabled": true, "enable": true, "active": true, "allow": true,
	"n": false, "f": false, "disabled": false, "disable": false, "inactive": false, "deny": false, "never": false,
}

// booleanFix returns the fix for a value that should be a boolean.
func booleanFix(text string) string {
	word := strings.ToLower(strings.TrimSpace(text))
	b, ok := booleans[word]
	if !ok {
		b, ok = otherBooleans[word]
	}
	if !ok {
		return "write true or false"
	}
	return "write " + strconv.FormatBool(b)
}

const oneDay = 24 * time.Hour

// readAge reads a MaxAge. The argument text is the value as it was written, and duration is the
// same value with a unit.
func (r *report) readAge(place, text, duration string) time.Duration {
	age, err := time.ParseDuration(duration)
	switch {
	case err != nil:
		r.refuse(place, -1, text, "this is neither a number of seconds nor a duration such as 10m", ageFix(text))
	case age < 0:
		r.refuse(place, -1, text, "an age cannot be negative, and 0 means that browsers do not cache preflights", "write 0")
	case age > oneDay:
		r.refuse(place, -1, text, "no browser caches a preflight longer than 24 hours", "write 86400")
	case age >= time.Second:
		return age
	case strings.ContainsAny(text, "123456789"):
		r.refuse(place, -1, text, "this is less than a second",
			"write whole seconds, or 0 if browsers must not cache preflights")
	default:
		return -1
	}
	return 0
}

// wordyAge matches a duration in another notation, such as 1 day, 10 min, 86400s or max-age=600.
var wordyAge = regexp.MustCompile(`^(?:max-age=|pt|p)?([0-9][0-9_,]*)\s*([a-z]*)\.?$`)

var unitsOfAge = map[string]time.Duration{
	"": time.Second, "s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second,
	"seconds": time.Second, "m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute,
	"minutes": time.Minute, "h": time.Hour, "hr": time.Hour, "hrs": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": oneDay, "day": oneDay, "days": oneDay, "w": 7 * oneDay, "week": 7 * oneDay, "weeks": 7 * oneDay,
}

// ageFix returns the fix for a value that should be a duration.
func ageFix(text string) string {
	if m := wordyAge.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text))); m != nil {
		n, err := strconv.Atoi(strings.NewReplacer("_", "", ",", "").Replace(m[1]))
		unit, ok := unitsOfAge[m[2]]
		if err == nil && ok {
			seconds := n
			if n > 0 && unit > time.Second {
				seconds = min(n, int(oneDay/time.Second)) * int(unit/time.Second)
			}
			return "write " + strconv.Itoa(min(seconds, int(oneDay/time.Second)))
		}
	}
	return "write a number of seconds, such as 600"
}

// readStatus reads a PreflightStatus.
func (r *report) readStatus(place, text string) int {
	const fix = "write 204, or remove it"
	status, err := strconv.Atoi(text)
	if err != nil {
		r.refuse(place, -1, text, "this is not a whole number", statusFix(text))
		return 0
	}
	if status < 200 || status > 299 {
		r.refuse(place, -1, text, "browsers refuse a preflight whose status is not from 200 to 299", fix)
		return 0
	}
	return status
}

// statusFix returns the fix for a value that should be a status code. The value may begin with one,
// as in "200 OK".
func statusFix(text string) string {
	if m := regexp.MustCompile(`^\s*(2[0-9][0-9])(?:[^0-9]|$)`).FindStringSubmatch(text); m != nil {
		return "write " + m[1]
	}
	return "write 204, or remove it"
}

// unset contains words that programs write for a value that is not set, in lower case.
var unset = map[string]bool{
	"null": true, "none": true, "nil": true, "undefined": true, "<null>": true, "<nil>": true, "<none>": true,
	"nan": true, "n/a": true,
}

// A template whose variables were not replaced. A dollar or percent sign may also be a part of a
// path or an expression, so only some forms are recognized there.
var (
	template   = regexp.MustCompile(`\$\{[^}]*\}|\$\([A-Za-z_]\w*\)|\{\{.*\}\}|<no value>|#\{[^}]*\}`)
	dollarName = regexp.MustCompile(`\$[A-Za-z_]|%[A-Za-z_]\w*%|<[^>]*>`)
)

// isTemplate reports whether text contains a variable that was not replaced, such as ${ORIGIN}.
func (s setting) isTemplate(text string) bool {
	isPath := s.field == problem.Path || s.field == problem.ExemptPaths
	return template.MatchString(text) || !s.regex && !isPath && dollarName.MatchString(text)
}

const (
	looksUnset      = "this looks like a value that was not set"
	looksUnfilled   = "this contains a variable that was not replaced"
	writeOrRemove   = "write its value, or remove it"
	quotesArePart   = "there are quotes around the value"
	withoutQuotes   = "remove the quotes"
	inDoubleQuotes  = `a list that begins with "[" must be a JSON array, with each entry in double quotes`
	controlRule     = "there is a control character in it"
	regexControlFix = `remove it; a backslash of the expression is written twice in JSON ("\\b")`
)

// checkText reports text that cannot be a value of any setting. The argument s is the setting,
// which may be a list.
func (r *report) checkText(place string, index int, text string, s setting) {
	isControl := func(c rune) bool { return c < ' ' || c == 0x7f }
	switch word := strings.ToLower(text); {
	case s.regex && strings.ContainsFunc(text, isControl):
		r.refuse(place, index, text, controlRule, regexControlFix)
	case strings.ContainsFunc(text, isControl):
		r.refuse(place, index, text, controlRule, "remove it")
	case strings.ContainsRune(text, utf8.RuneError):
		r.refuse(place, index, text, "this is not valid Unicode text", "write it in UTF-8")
	case unset[word] && word != "null" && s.field != problem.AllowMethods && !isHeaders(s.field):
		fix := "remove it"
		if index < 0 {
			fix = writeOrRemove
		}
		r.refuse(place, index, text, looksUnset, fix)
	case s.isTemplate(text):
		r.refuse(place, index, text, looksUnfilled, writeOrRemove)
	case s.regex:
		if rule, fix := regex.Misread(text); rule != "" {
			r.refuse(place, index, text, rule, fix)
		}
	}
}

func isHeaders(f problem.Field) bool { return f == problem.AllowHeaders || f == problem.ExposeHeaders }

// writeList returns a fix that says to write the list as a JSON array. It returns "" if the array
// would be too long for a message.
func writeList(list []string) string {
	const most = 400 // bytes
	array := appendValue(nil, list)
	if len(array) > most {
		return ""
	}
	return "write " + string(array)
}

// pythonString matches a string literal of Python, which may be a raw string.
var pythonString = regexp.MustCompile(`^(r?)(?:'([^'\n]*)'|"([^"\n]*)")`)

// readPythonList returns the entries of a list or tuple in Python. ok is false if text is not a
// list or tuple, or if it contains escapes.
func readPythonList(text string) (list []string, ok bool) {
	if len(text) < 2 || strings.IndexByte("[(", text[0]) < 0 || strings.IndexByte("])", text[len(text)-1]) < 0 {
		return nil, false
	}
	list = []string{}
	rest := strings.TrimSpace(text[1 : len(text)-1])
	for rest != "" {
		m := pythonString.FindStringSubmatch(rest)
		if m == nil || m[1] == "" && strings.Contains(m[0], `\`) {
			return nil, false
		}
		list = append(list, m[2]+m[3])
		rest = strings.TrimSpace(rest[len(m[0]):])
		after, found := strings.CutPrefix(rest, ",")
		if !found && rest != "" {
			return nil, false
		}
		rest = strings.TrimSpace(after)
	}
	return list, true
}

// readBareList returns the entries of a list in brackets without quotes, such as
// [https://a.example, https://b.example].
func readBareList(text string) (list []string, ok bool) {
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' || strings.ContainsAny(text, `"'{}`) {
		return nil, false
	}
	list = strings.FieldsFunc(text[1:len(text)-1], isSeparator)
	return list, len(list) > 0
}

// jsonList returns the entries of a JSON array of strings.
func jsonList(text string) (list []string, ok bool) {
	err := json.Unmarshal([]byte(text), &list)
	return list, err == nil && list != nil
}

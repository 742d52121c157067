package field

import (
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/polycors/cors/core/internal/near"
	"github.com/polycors/cors/core/internal/problem"
)

// This file checks the entries of AllowMethods, AllowHeaders and ExposeHeaders. An entry that no
// browser ever sends would silently allow nothing, so it is refused with the entry that its author
// probably meant. docs/decisions/0017-refused-names.md says which valid tokens are refused too.

// CheckMethod checks an entry of AllowMethods. It returns nil if the entry is valid.
func CheckMethod(entry string) *problem.Problem { return methodEntries.check(entry) }

// CheckRequestHeader checks an entry of AllowHeaders. It returns nil if the entry is valid.
func CheckRequestHeader(entry string) *problem.Problem { return requestHeaderEntries.check(entry) }

// CheckResponseHeader checks an entry of ExposeHeaders. It returns nil if the entry is valid. If
// credentials is true, "*" is invalid, because it is not a wildcard for requests with credentials.
func CheckResponseHeader(entry string, credentials bool) *problem.Problem {
	if !credentials {
		return responseHeaderEntries.check(entry)
	}
	if entry == "*" {
		return &problem.Problem{
			Rule: problem.Textf(`"*" is not a wildcard with %v`, problem.AllowCredentials),
			Fix:  problem.Plain("list the headers that pages may read"),
		}
	}
	k := responseHeaderEntries
	k.withoutAny = true
	return k.check(entry)
}

// entries describes the entries of one list, such as AllowMethods.
type entries struct {
	kind       string                        // what an entry is: "method" or "header name"
	kinds      string                        // the plural of kind
	example    string                        // an example of an entry
	checkName  func(string) *problem.Problem // checks an entry that is a plain name
	withoutAny bool                          // "*" is not a wildcard in the list
	isHeader   bool
}

var (
	methodEntries = entries{kind: "method", kinds: "methods", example: "PUT", checkName: checkMethodName}
	headerEntries = entries{kind: "header name", kinds: "headers", example: "X-Token", isHeader: true}

	requestHeaderEntries  = headerEntries.with(checkRequestHeaderName)
	responseHeaderEntries = headerEntries.with(checkResponseHeaderName)
)

func (k entries) with(checkName func(string) *problem.Problem) entries {
	k.checkName = checkName
	return k
}

const remove = "remove it"

// write returns a fix that says to replace an entry with the given names.
func write(names ...string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = strconv.Quote(name)
	}
	last := len(quoted) - 1
	if last == 0 {
		return "write " + quoted[0]
	}
	return "write " + strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}

// anyWords are words that people write for "*", and noWords are words that appear where a variable
// was empty. All are in lower case.
var (
	anyWords = set("all", "any", "every", "everything", "all headers", "all methods", "any header", "any method")
	noWords  = set("none", "null", "nil", "undefined", "false", "no", "off", "nothing", "nan")
	yesWords = set("true", "yes", "on")
)

// check returns the problem with an entry, or nil if the entry is valid.
func (k entries) check(entry string) *problem.Problem {
	text := strings.TrimSpace(entry)
	bare := strings.Trim(text, quotes+" \t\r\n")
	word := strings.ToLower(bare)
	switch {
	case entry == "*":
		return nil
	case entry == "":
		return problem.New("an empty entry allows nothing", remove)
	case bare == "":
		return problem.New("the entry is blank", remove)
	case bare == "*" && text != bare:
		return k.any("there are quotes around the value")
	case text == "*":
		return k.any("there is white space before or after the value")
	case anyWords[word]:
		return k.any(`"*" means every ` + k.noun())
	case noWords[word]:
		return problem.New("this looks like a value that was not set", remove)
	case yesWords[word] && k.withoutAny:
		return problem.New("this is not the name of a "+k.noun(), k.listThem())
	case yesWords[word]:
		return problem.New("this is not the name of a "+k.noun(), write("*")+", or "+remove)
	case strings.Contains(text, "*") && strings.Trim(text, `^$.*+()/[]{}\,;: `) == "":
		return k.any(`"*" means every ` + k.noun())
	case isExpression(text) && k.constant(bare) == "":
		return problem.New("a "+k.kind+" is not a regular expression", k.listThem())
	case strings.Contains(text, "://"):
		return &problem.Problem{
			Rule: problem.Plain("this is an origin, not a " + k.kind),
			Fix:  problem.Textf("move it to %v", problem.AllowOrigins).Else(problem.Plain(remove)),
		}
	case k.isHeader && mediaType.MatchString(text):
		return problem.New("this is a media type, not the name of a header", remove)
	case k.constant(bare) != "":
		return k.checkConstant(k.constant(bare))
	case isPlain(entry):
		return k.checkName(entry)
	}
	return k.mend(entry, text)
}

// mediaType matches a media type, such as application/json. One can appear as an entry if a header
// with its value was split.
var mediaType = regexp.MustCompile(`^(?i:application|audio|font|image|model|multipart|text|video)/[\w.+*-]+$`)

// noun returns the word for what an entry names, such as "header".
func (k entries) noun() string {
	if k.isHeader {
		return "header"
	}
	return k.kind
}

// any returns the problem with an entry that was meant as "*".
func (k entries) any(rule string) *problem.Problem {
	if k.withoutAny {
		return &problem.Problem{
			Rule: problem.Textf(`"*" is not a wildcard with %v`, problem.AllowCredentials),
			Fix:  problem.Plain(k.listThem()),
		}
	}
	return problem.New(rule, write("*"))
}

// listThem returns the fix for an entry that was meant to cover several names without listing them.
func (k entries) listThem() string {
	if k.withoutAny {
		return "list the " + k.kinds + " one by one"
	}
	return `write "*", or list the ` + k.kinds + " one by one"
}

// quotes contains the characters that people put around a name.
const quotes = "\"'`\u2018\u2019\u201c\u201d"

// isPlain reports whether an entry is a token without unusual characters, such as quotes and
// wildcards. These are allowed in tokens, but no known method or header contains one, so they are
// probably mistakes.
func isPlain(entry string) bool { return IsToken(entry) && !strings.ContainsAny(entry, "*'`^|$%&") }

// isExpression reports whether text is a regular expression. It returns false for a mere list of
// names, such as (GET|PUT).
func isExpression(text string) bool {
	for _, sign := range [...]string{`\`, ".*", ".+", "[^", "[a-", "[A-", "[0-", "(?", "]+", "]*"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return strings.Contains(strings.TrimLeft(text, "^/ ("), "(")
}

// isUnfilled matches an entry that contains a variable of a template or a shell, such as
// ${HEADERS}.
var isUnfilled = regexp.MustCompile(`\$\{|\$\(|\{\{|^\$|^<|^%.+%$`)

// mend returns the problem with an entry that is not a plain name. If the entry consists of several
// names, the fix suggests one entry for each of them.
func (k entries) mend(entry, text string) *problem.Problem {
	if isUnfilled.MatchString(text) {
		return problem.New("this contains a variable that was not replaced", "write its value, or "+remove)
	}
	dropInvisible := func(c rune) rune {
		if unicode.Is(unicode.Cf, c) { // such as a zero-width space
			return -1
		}
		return c
	}
	if visible := strings.Map(dropInvisible, text); visible != text && isPlain(visible) && k.checkName(visible) == nil {
		return problem.New("the name contains an invisible character", write(visible))
	}
	if dashed := dashes.Replace(text); dashed != text && isPlain(dashed) && k.checkName(dashed) == nil {
		return problem.New("the name contains a dash instead of a hyphen", write(dashed))
	}
	names, rule := k.names(text)
	good, bad := k.usable(names)
	switch {
	case bad != nil:
		return bad
	case rule != "":
	case len(names) > 1:
		rule = "an entry is one " + k.kind
	case strings.ContainsAny(text, quotes):
		rule = "there are quotes around the value"
	case text != entry:
		rule = "there is white space before or after the value"
	default:
		rule = "a " + k.kind + " cannot contain " + strconv.Quote(badChar(text))
	}
	if k.isHeader && len(good) > 1 && len(good) == len(names) && len(good) == len(strings.Fields(text)) {
		// Was a hyphen forgotten, or a comma?
		joined := strings.Join(good, "-")
		switch {
		case wellKnown[strings.ToLower(joined)]:
			return problem.New("the name contains a space", write(joined))
		case strings.ContainsAny(text, ",;|/") || slices.ContainsFunc(good, isCompound) || k.checkName(joined) != nil:
		default:
			return problem.New("the name contains a space", write(joined)+", or "+write(good...))
		}
	}
	const most = 20 // names in a fix
	switch {
	case len(good) == 0:
		return problem.New(rule, remove)
	case len(good) > most:
		return problem.New(rule, "write each "+k.kind+" in an entry of its own")
	}
	return problem.New(rule, write(good...))
}

// badChar returns the first character of text that a plain name cannot contain.
func badChar(text string) string {
	for _, c := range text {
		if !isPlain(string(c)) {
			return string(c)
		}
	}
	return ""
}

// usable returns the names that are valid entries, and corrects those that are misspelled. If one
// of the names is a wildcard or not a name at all, usable returns the problem with the whole entry
// instead.
func (k entries) usable(names []string) (good []string, bad *problem.Problem) {
	for _, name := range names {
		if constant := k.constant(name); constant != "" {
			name = constant
		}
		switch word := strings.ToLower(name); {
		case name == "*" || anyWords[word]:
			isAuthorization := func(name string) bool { return strings.EqualFold(name, "authorization") }
			if i := slices.IndexFunc(names, isAuthorization); i >= 0 && k.isHeader && !k.withoutAny {
				return nil, problem.New("an entry is one header name", write("*", names[i]))
			}
			return nil, k.any(`"*" covers the other names`)
		case strings.Contains(name, "*"):
			return nil, problem.New(`"*" is a wildcard only if it is the whole entry`, k.listThem())
		case !isPlain(name):
			return nil, problem.New("this is not a "+k.kind,
				"write one "+k.kind+", such as "+k.example+", in each entry")
		case noWords[word] || yesWords[word] || len(names) > 2 && (word == "and" || word == "or"):
			continue
		}
		if bad := k.checkName(name); bad == nil {
			good = append(good, name)
		} else if quoted, ok := strings.CutPrefix(bad.Fix.String(), "write "); ok {
			if corrected, err := strconv.Unquote(quoted); err == nil {
				good = append(good, corrected)
			}
		}
	}
	return distinct(good), nil
}

// dashes replaces the dashes that word processors make of a hyphen.
var dashes = strings.NewReplacer(
	"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2212", "-",
)

// distinct returns the names without duplicates, ignoring case.
func distinct(names []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, name := range names {
		if lower := strings.ToLower(name); !seen[lower] {
			seen[lower] = true
			list = append(list, name)
		}
	}
	return list
}

// isCompound reports whether name is clearly the complete name of a header, because it contains a
// hyphen or is well known.
func isCompound(name string) bool {
	return strings.Contains(name, "-") || wellKnown[strings.ToLower(name)]
}

// names splits an entry into names. rule says what is wrong with the entry, or is "" if that
// depends on the names.
func (k entries) names(text string) (names []string, rule string) {
	isSeparator := func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune(",;|/&()[]{}^$"+quotes, c)
	}
	if !k.isHeader {
		text = strings.TrimRight(text, ": ")
		if method, _, ok := strings.Cut(text, " /"); ok && IsToken(method) {
			return []string{method}, "a method has no path"
		}
		return strings.FieldsFunc(text, isSeparator), ""
	}
	if !strings.ContainsAny(strings.ReplaceAll(text, "::", ""), ":=") {
		return strings.FieldsFunc(text, isSeparator), ""
	}
	// One or more headers with their values. A comma may be in a value.
	name := func(line string) string {
		if i := strings.IndexAny(line, ":=,;\r\n"); i >= 0 {
			line = line[:i]
		}
		return strings.Trim(line, quotes+" \t\r\n")
	}
	lines := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == '\n' })
	for _, line := range lines {
		if !IsToken(name(line)) || !strings.ContainsAny(line, ":=") {
			return []string{name(text)}, "this is a header with its value, not just its name"
		}
		names = append(names, name(line))
	}
	if strings.TrimRight(text, ": ") == names[0] {
		return names, "a header name has no colon"
	}
	return names, "this is a header with its value, not just its name"
}

func checkMethodName(entry string) *problem.Problem {
	switch {
	case IsForbiddenMethod(entry):
		return problem.New("browsers do not let pages send CONNECT, TRACE and TRACK requests", remove)
	case MisspelledMethod(entry) != "":
		return problem.New("methods are case-sensitive", write(MisspelledMethod(entry)))
	case len(joinedMethods(entry)) > 0:
		return problem.New("an entry is one method", write(joinedMethods(entry)...))
	case len(entry) > MaxMethod:
		return problem.New("a method has at most "+strconv.Itoa(MaxMethod)+" bytes", remove)
	case wellKnown[strings.ToLower(entry)] && !slices.Contains(registered[:], entry):
		return &problem.Problem{
			Rule: problem.Plain("this is the name of a header, not a method"),
			Fix:  problem.Textf("move it to %v", problem.AllowHeaders).Else(problem.Plain(remove)),
		}
	}
	return nil
}

// joinedMethods returns the methods in an entry that consists of several common methods, such as
// GET+PUT. It returns nil for other entries.
func joinedMethods(entry string) []string {
	methods := strings.FieldsFunc(entry, func(c rune) bool { return c < 'A' || c > 'z' || c == '_' })
	if len(methods) < 2 || slices.ContainsFunc(methods, func(m string) bool { return !commonMethods[m] }) {
		return nil
	}
	return distinct(methods)
}

func checkRequestHeaderName(entry string) *problem.Problem {
	switch lower := strings.ToLower(entry); {
	case IsCORSResponseHeader(lower):
		return problem.New("this is a response header that the policy sets", remove)
	case len(entry) > MaxName:
		return problem.New("a header name has at most "+strconv.Itoa(MaxName)+" bytes", "use a shorter name")
	case commonMethods[entry]:
		return &problem.Problem{
			Rule: problem.Plain("this is a method, not the name of a header"),
			Fix:  problem.Textf("move it to %v", problem.AllowMethods).Else(problem.Plain(remove)),
		}
	}
	return checkHyphens(entry)
}

func checkResponseHeaderName(entry string) *problem.Problem {
	switch lower := strings.ToLower(entry); {
	case isForbiddenResponseHeader(lower):
		return problem.New("browsers never let pages read this header", remove)
	case IsCORSResponseHeader(lower):
		return problem.New("this header is for the browser, and pages cannot use it", remove)
	case isRequestOnlyHeader(lower):
		return problem.New("this is a request header, not a response header", remove)
	case commonMethods[entry]:
		return problem.New("this is a method, not the name of a header", remove)
	}
	return checkHyphens(entry)
}

// checkHyphens refuses two kinds of names with underscores: well-known headers, and the CGI
// variables that contain headers, such as HTTP_AUTHORIZATION. Other names may contain underscores.
func checkHyphens(entry string) *problem.Problem {
	if !strings.Contains(entry, "_") {
		return nil
	}
	base, isVariable := strings.CutPrefix(entry, "HTTP_")
	name := textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(base, "_", "-"))
	lower := strings.ToLower(name)
	switch {
	case isVariable && strings.Trim(base, "_") != "" && base == strings.ToUpper(base):
		return problem.New("this is the name of a CGI variable, not of a header", write(name))
	case strings.HasSuffix(lower, "-key") || strings.HasSuffix(lower, "-token") || strings.HasSuffix(lower, "-id"):
		return nil // some programs do send api_key or X_REQUEST_ID
	case wellKnown[lower]:
		return problem.New("this header is spelled with hyphens", write(name))
	}
	return nil
}

var commonMethods = set("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

// wellKnown contains headers that are often listed, in lower case.
var wellKnown = set(
	"accept", "accept-encoding", "accept-language", "accept-ranges", "authorization", "cache-control",
	"content-disposition", "content-encoding", "content-language", "content-length", "content-range", "content-type",
	"etag", "expires", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
	"idempotency-key", "last-event-id", "last-modified", "link", "location", "pragma", "range", "ratelimit-limit",
	"ratelimit-remaining", "ratelimit-reset", "retry-after", "server-timing", "soap-action", "traceparent", "tracestate",
	"user-agent", "www-authenticate", "x-api-key", "x-auth-token", "x-correlation-id", "x-csrf-token", "x-csrftoken",
	"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-http-method-override", "x-ratelimit-limit",
	"x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id", "x-requested-with", "x-total-count", "x-xsrf-token",
)

// long lists well-known headers with long names. A name that differs from one of these by one
// letter is probably a mistake.
var long = []string{
	"accept-encoding", "accept-language", "authorization", "cache-control", "content-disposition", "content-encoding",
	"content-language", "content-length", "content-range", "content-type", "idempotency-key", "if-modified-since",
	"if-none-match", "if-unmodified-since", "last-modified", "retry-after", "www-authenticate", "x-correlation-id",
	"x-http-method-override", "x-requested-with",
}

// Misspelled returns the well-known header name that differs from name by one letter, or "" if
// there is none. For example, it returns "authorization" for "authorisation". It considers only
// long names, because a short name is often a different header. The name must be in lower case.
func Misspelled(name string) string {
	if wellKnown[name] {
		return ""
	}
	for _, known := range long {
		if near.Distance(name, known, 1) == 1 {
			return known
		}
	}
	return ""
}

// MisspelledUpper returns the well-known method that differs from method by one letter, or "" if
// there is none. For example, it returns "DELETE" for "DELTE". The method must be in upper case.
func MisspelledUpper(method string) string {
	if slices.Contains(registered[:], method) || commonMethods[method] {
		return ""
	}
	for _, known := range [...]string{"DELETE", "OPTIONS", "PATCH"} {
		if near.Distance(method, known, 1) == 1 {
			return known
		}
	}
	return ""
}

package origin

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/near"
	"github.com/polycors/cors/core/internal/problem"
)

// How the fix for a refused entry is found.
//
// For each mistake, there is usually a text that the author probably meant. That text can contain
// another mistake. For example, localhost:3000/ has no scheme. The correction
// http://localhost:3000/ has a path. So each correction is parsed again, until it is a valid entry
// or no further correction is known. The fix suggests the last correction. It does so only if the
// list accepts it, which depends on the [Use].

// mistake describes why an entry is refused, and what was probably meant.
type mistake struct {
	rule  string
	write []string // the entries that were probably meant, which can have mistakes of their own
	fix   string   // the fix if write suggests nothing, or "" for listOrigins

	// regex is an expression that matches the origins that were meant, or "". If it is set, it is
	// suggested instead of write.
	regex string

	spelled bool // regex spells out the domain
	isRange bool // regex matches a range of IP addresses
	isRegex bool // the entry looks like a regular expression
}

const listOrigins = "replace it with your own origins"

// Use is a bit set that says which patterns a list of origins accepts.
type Use uint8

const (
	// Trusted means that the list does not accept patterns that have a [Risk].
	Trusted Use = 1 << iota
	// OriginsOnly means that there is no other list to which an entry could be moved, such as a
	// list of regular expressions.
	OriginsOnly
	// Risky means that the list accepts only patterns that have a [Risk].
	Risky
)

func (m *mistake) problem(use Use, entry string) *problem.Problem {
	r := m.meant(entry)
	if r.last != nil {
		m = r.last
	}
	p := problem.New(m.rule, m.fix)
	if m.fix == "" {
		p.Fix = problem.Plain(listOrigins)
	}
	trusted, only := use&Trusted != 0, use&OriginsOnly != 0
	switch {
	case m.regex != "" && use&Risky != 0 && !m.isRange:
	case m.regex != "" && !only && !trusted && use&Risky == 0:
		p.Fix = problem.Textf("write %v in %v", problem.Expr(m.regex), problem.AllowOriginRegexes).Else(p.Fix)
	case m.regex != "" && !only && m.spelled:
		p.Fix = problem.Textf("write %v in %v", problem.Expr(secure(m.regex)), problem.AllowOriginRegexes).Else(p.Fix)
	case m.regex != "" && !only && m.isRange && strings.Contains(m.regex, `://127\.`):
		p.Fix = problem.Textf("write %v in %v", problem.Expr(m.regex), problem.AllowOriginRegexes).Else(p.Fix)
	case m.regex != "" && !only && m.isRange:
		p.Fix = problem.Textf("write %v in %v", problem.Expr(m.regex), problem.DangerouslyAllowOriginRegexes).Else(p.Fix)
	case r.list != nil:
		p.Fix = use.write(r.list)
	case m.isRegex && !only:
		p.Fix = problem.Textf("move it to %v", problem.AllowOriginRegexes).Else(p.Fix)
	}
	return p
}

// secure replaces http at the beginning of text with https.
func secure(text string) string {
	if rest, ok := strings.CutPrefix(text, "http:"); ok {
		return "https:" + rest
	}
	return text
}

// Expression recognizes an invalid entry of AllowOrigins that was meant as a regular expression. It
// returns the expression without common mistakes, such as quotes around it.
//
// ok is false if the entry is valid, if it does not look like an expression, or if a [Pattern] such
// as https://*.example.com can replace it.
func Expression(entry string) (text string, ok bool) {
	_, m := parse(entry)
	if m == nil {
		return "", false
	}
	r := m.meant(entry)
	return r.text, r.list == nil && r.last.isRegex
}

const (
	maxSteps   = 5    // mistakes in one entry that are corrected
	maxEntries = 10   // entries that a fix lists
	maxMisread = 2048 // the longest entry in which more than its length is corrected, in bytes
)

// resolved contains the patterns that the author of an entry probably meant, or the mistake that
// cannot be corrected.
type resolved struct {
	list []Pattern // the patterns that were probably meant, or nil
	last *mistake  // the mistake that cannot be corrected, if list is nil
	text string    // the entry with that mistake
}

// meant returns the patterns that the author of an entry with the mistake m probably meant. It does
// not suggest a wildcard under a public suffix, such as https://*.com, unless the entry contains
// it.
func (m *mistake) meant(entry string) resolved {
	r := m.resolve(entry, maxSteps)
	lower := "/" + asciiToLower(entry)
	isWider := func(p Pattern) bool {
		return p.Risk()&RiskSuffix != 0 && !strings.Contains(lower, "/"+p.Prefix+"*"+p.Suffix+"."+p.Host)
	}
	if slices.ContainsFunc(r.list, isWider) {
		return resolved{last: &mistake{rule: m.rule, isRegex: m.isRegex}, text: entry}
	}
	return r
}

// resolve corrects the mistake m in the entry, and then any mistakes in the correction. It gives up
// after the given number of steps.
func (m *mistake) resolve(entry string, steps int) resolved {
	unknown := resolved{last: m, text: entry}
	if len(m.write) == 0 || len(m.write) > maxEntries || steps == 0 {
		return unknown
	}
	var list []Pattern
	for _, text := range m.write {
		p, next := parse(text)
		found := []Pattern{p}
		if next != nil {
			r := next.resolve(text, steps-1)
			if r.list == nil && len(m.write) == 1 {
				return r
			}
			if found = r.list; found == nil {
				return unknown
			}
		}
		for _, p := range found {
			if !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return resolved{list: list}
}

// write returns a fix that suggests the given patterns. If the list does not accept them, write
// returns another fix.
func (u Use) write(list []Pattern) problem.Text {
	var texts []string
	var risk Risk
	for _, p := range list {
		if u&Trusted != 0 && p.Risk()&RiskInsecure != 0 {
			p.Scheme = "https"
			if p.Port == DefaultPort(p.Scheme) {
				p.Port = 0
			}
			p.Text = p.String()
		}
		risk |= p.Risk()
		if quoted := strconv.Quote(p.Text); !slices.Contains(texts, quoted) {
			texts = append(texts, quoted)
		}
	}
	words := "write " + strings.Join(texts, ", ")
	if last := len(texts) - 1; last > 0 {
		words = "write " + strings.Join(texts[:last], ", ") + " and " + texts[last]
	}
	hasNoRisk := func(p Pattern) bool { return p.Risk() == 0 }
	switch {
	case u&Risky != 0 && risk == 0:
		return problem.Textf("%s in %v", words, problem.AllowOrigins).Else(problem.Plain("remove it"))
	case u&Risky != 0 && (risk&(RiskAny|RiskOpaque) != 0 || slices.ContainsFunc(list, hasNoRisk)):
		return problem.Plain(listOrigins)
	case u&Trusted == 0 || risk == 0:
		return problem.Plain(words)
	case risk == RiskOpaque:
		return problem.Plain("remove it")
	case u&OriginsOnly != 0 || len(texts) > 1 || risk&RiskAny != 0:
		return problem.Plain("replace it with your own origins")
	}
	own := problem.Plain("replace it with your own origins")
	return problem.Textf("%v, or %s in %v", own, words, problem.DangerouslyAllowOrigins).Else(own)
}

// misread recognizes common mistakes, such as a URL with a path, a regular expression, a list of
// origins, or a missing scheme. It returns nil if it recognizes none, although the entry can still
// be invalid.
func misread(entry string) *mistake {
	if len(entry) > maxMisread {
		if isList(entry[:maxMisread]) {
			return &mistake{rule: "an entry is one origin", fix: "write one entry for each origin"}
		}
		return nil
	}
	for _, look := range [...]func(string) *mistake{
		notSet, notFilledIn, noOrigin, edges, anyScheme, ranged, misspelledScheme, assigned, expression, separators,
		noScheme, parts,
	} {
		if m := look(entry); m != nil {
			return m
		}
	}
	return nil
}

// expr returns a function that compiles the expression text on the first call.
func expr(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// placeholder matches what templates, shells and instructions contain instead of a value, such as
// ${HOST}.
var placeholder = expr(`://:[A-Za-z_]|%[sdvq]([^A-Za-z0-9]|$)|` +
	`\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|#\{[^}]*\}|<%.*%>|\$[A-Za-z_]\w*|` +
	`%[A-Za-z_]\w{2,}%|<[A-Za-z_][\w .-]*>|\{[A-Za-z_][\w.-]+\}|@@?[A-Z][A-Z0-9_]*@@?|` +
	`(^|[/.])__[A-Za-z]\w*__|^(process|import\.meta)\.env\.|\bos\.environ\b|\bENV\[`)

func notFilledIn(entry string) *mistake {
	// Most entries have none of these characters, and the expression is slow.
	if (strings.ContainsAny(entry, "$%<{#@_[") || strings.Contains(entry, "env") || strings.Contains(entry, "://:")) &&
		placeholder().MatchString(entry) {
		return &mistake{
			rule: "this contains a variable that was not replaced",
			fix:  "write its value",
		}
	}
	return nil
}

func notSet(entry string) *mistake {
	switch word := strings.ToLower(strings.Trim(trimJunk(entry), "()")); word {
	case "":
		if entry == "" {
			return &mistake{rule: "an empty entry allows nothing", fix: "remove it"}
		}
		return &mistake{rule: "the entry is blank", fix: "remove it"}
	case "null", "nil", "none", "undefined", "nan", "[object object]", "n/a", "unset":
		return &mistake{rule: "this looks like a value that was not set", fix: "remove it"}
	case "true", "false", "yes", "no", "on", "off":
		return &mistake{rule: "this is not an origin", fix: "remove it"}
	case "changeme", "change_me", "change-me", "replaceme", "replace_me", "replace-me", "placeholder",
		"todo", "tbd", "xxx":
		return &mistake{rule: "this is a placeholder"}
	case "self", "same-origin":
		return &mistake{rule: "the server's own origin need not be listed", fix: "remove it"}
	case "all", "any", "*", ".*", "^.*$", ".+", "**":
		return &mistake{rule: "\"*\" means every origin", write: []string{"*"}}
	}
	return nil
}

var (
	aloneScheme = expr(`^(?i:(https?)(?:[:/\\]*|:\d+))$`)
	alonePort   = expr(`^:?\d+$`)
	aloneName   = expr(`^[A-Za-z][\w -]*[:=]$`)
	path        = expr(`^(?:[A-Za-z]:(?:\\|/[^/]).*|(?:~|\.{1,2})/.*|/(?:[\w.-]+/?)*\*{0,2})$`)
	object      = expr(`^\{\s*["']?\w+["']?\s*:`)
	betweenDots = expr(`^/[^/]*\.[^/]*/$`) // a literal of JavaScript, such as /example.com/
)

// noOrigin recognizes text without a host: a comment, a port, a path, or a scheme or name alone.
func noOrigin(entry string) *mistake {
	text := trimJunk(entry)
	switch {
	case strings.HasPrefix(text+" ", "# "), strings.HasPrefix(text, "// "):
		return &mistake{rule: "this is a comment, not an origin", fix: "remove it"}
	case strings.HasPrefix(text, "!"):
		return &mistake{rule: "an entry cannot exclude an origin", fix: "remove it"}
	case strings.Trim(text, `:/\`) == "":
		return &mistake{rule: "the scheme and the host are missing"}
	case strings.HasPrefix(text, "{") && object().MatchString(text):
		return &mistake{rule: "this is an object, not an origin"}
	case strings.ContainsAny(text, ".*") && strings.Contains(text, "://"): // it has a host
		return nil
	case aloneScheme().MatchString(text):
		scheme := strings.ToLower(aloneScheme().FindStringSubmatch(text)[1])
		return &mistake{rule: "the host is missing", fix: `write "` + scheme + `://" and a host`}
	case alonePort().MatchString(text):
		return &mistake{
			rule: "this is a port, not an origin",
			fix:  `write a scheme and a host before it, as in "http://localhost:` + strings.Trim(text, ":") + `"`,
		}
	case path().MatchString(text) && !betweenDots().MatchString(text):
		return &mistake{rule: "this is a path, not an origin"}
	case aloneName().MatchString(text) && !IsLoopback(asciiToLower(text[:len(text)-1])) && text != "file:":
		return &mistake{rule: "there is no origin after the name", fix: "remove it"}
	}
	return nil
}

// junk contains characters that are often copied together with an origin, such as spaces, quotes
// and invisible characters.
const junk = " \t\r\n\v\f\u00a0\u3000\x00\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad" + quotes + ",;"

const quotes = "\"'`“”„‘’‚«»‹›<>"

func trimJunk(s string) string {
	return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune(junk, c) })
}

var (
	comment    = expr(`^(\S.*?)\s+(?:#|//(?:\s|$)|\(|<!--|/\*).*$`)
	inBrackets = expr(`^\[(.*)\]$|^\((.*)\)$`)
	markdown   = expr(`^\[[^\]]*\]\((\w+://[^()]*)\)$`)
)

// edges recognizes quotes, separators and spaces before and after an entry.
func edges(entry string) *mistake {
	trimmed := trimJunk(entry)
	if m := appended(trimmed); m != nil {
		return m
	}
	if strings.ContainsAny(entry[:1], "[(") && (strings.ContainsAny(entry, quotes) || strings.Contains(entry, "://")) {
		found := inBrackets().FindStringSubmatch(entry)
		if found != nil && (entry[0] == '[' || !looksLikeRegex(found[2])) {
			trimmed = trimJunk(found[1] + found[2])
		}
	}
	if trimmed == entry {
		return nil
	}
	m := &mistake{write: []string{trimmed}}
	removed := strings.Replace(entry, trimmed, "", 1)
	switch {
	case isList(trimmed):
		if strings.ContainsAny(entry, quotes) || inBrackets().MatchString(entry) {
			return separators(trimmed)
		}
		return nil
	case strings.ContainsAny(removed, quotes):
		m.rule, m.fix = "there are quotes around the value", "remove the quotes"
	case removed == "[]", removed == "()":
		m.rule, m.fix = "there are brackets around the value", "remove them"
	case strings.ContainsAny(removed, ",;"):
		m.rule, m.fix = "an origin has no comma or semicolon", "remove it"
	default:
		m.rule, m.fix = "there is white space before or after the value", "remove it"
	}
	return m
}

// appended recognizes what text gets when it is copied: a comment, a link around it, or an escape
// at its end.
func appended(text string) *mistake {
	if strings.ContainsAny(text, " \t") {
		if found := comment().FindStringSubmatch(text); found != nil && !isList(found[1]) {
			return &mistake{rule: "there is a comment after the value", write: []string{found[1]}}
		}
	}
	if strings.HasPrefix(text, "[") {
		if found := markdown().FindStringSubmatch(text); found != nil {
			return &mistake{rule: "this is a link in Markdown", write: []string{found[1]}}
		}
	}
	if bare := strings.TrimSuffix(strings.TrimSuffix(text, `\n`), `\r`); bare != text {
		return &mistake{rule: `there is a "` + text[len(bare):] + `" after the value`, write: []string{bare}}
	}
	return nil
}

// bothSchemes matches an origin with one of the notations for "http or https", such as http(s)://.
var bothSchemes = expr(`^(?i:\^?(?:https\?|http\(s\)\??|http\[s\]\??|http\{s\}|http\(s\?\)|http\*|http\?|\*|\.\*|` +
	`[({\[]?(?:https?[|,/]https?)[)}\]]?|\(https\?\)|http\(\?:s\)\?)):(?:\\?/){2}(.+)$`)

func anyScheme(entry string) *mistake {
	if before, _, ok := strings.Cut(entry, ":"); !ok || isScheme(before) {
		return nil
	}
	found := bothSchemes().FindStringSubmatch(entry)
	if found == nil {
		return nil
	}
	m := &mistake{
		rule: "an entry cannot stand for two schemes", write: []string{"https://" + found[1], "http://" + found[1]},
		fix: "write one entry for each scheme",
	}
	switch {
	case found[1] == "*":
		m.regex = "https?://.*"
	case looksLikeRegex(found[1]) || strings.HasPrefix(entry, "^"):
		m.rule, m.fix, m.isRegex = "this looks like a regular expression", "", true
		if plain, ok := literal(found[1]); ok {
			m.write = []string{"https://" + plain, "http://" + plain}
		} else {
			m.write = nil
		}
	}
	return m
}

var cidr = expr(`^(?i:(https?)://)?(\d{1,3}(?:\.\d{1,3}){3})(?:/(\d{1,3})|\s*-\s*[\d.]+)(:\d+|:\*)?/?$`)

// portRange matches an origin with several ports in brackets.
var portRange = expr(`^(\w+://[\w.-]+):[\[{(]\d+(?:-|\.\.)\d+[\])}]$`)

// numberRange matches a range of numbers in brackets, such as [1-12]. As a character class, it
// would match one digit.
var numberRange = expr(`\[(?:\d\d+-\d+|\d+-\d\d+)\]`)

// ranged recognizes ranges of IP addresses, such as 192.168.1.0/24, and ranges of ports.
func ranged(entry string) *mistake {
	if found := portRange().FindStringSubmatch(entry); found != nil {
		return &mistake{rule: rulePort + anyPort, write: []string{found[1] + ":*"}, fix: "write one port"}
	}
	if found := numberRange().FindString(entry); found != "" {
		return &mistake{rule: strconv.Quote(found) + " is not a range of numbers", fix: "list each host"}
	}
	m := &mistake{rule: "a range of IP addresses is not an origin", fix: "replace it with your own " +
		"addresses", isRange: true}
	if _, rest, found := strings.Cut(entry, "://"); !found && !strings.Contains(entry, "/") &&
		!strings.Contains(entry, "-") || found && (rest == "" || rest[0] < '0' || rest[0] > '9') {
		return nil
	}
	if prefix, err := netip.ParsePrefix(entry); err == nil && prefix.Addr().Is6() {
		return m
	}
	found := cidr().FindStringSubmatch(entry)
	if found == nil {
		return nil
	}
	scheme := strings.ToLower(found[1])
	if scheme == "" {
		scheme = "http"
	}
	prefix, err := netip.ParsePrefix(found[2] + "/" + found[3])
	if err != nil {
		return m
	}
	switch prefix.Bits() {
	case 8, 16, 24:
	case 32:
		m.write = []string{scheme + "://" + found[2] + found[4]}
		return m
	default:
		return m
	}
	labels := strings.Split(prefix.Addr().String(), ".")
	for i := prefix.Bits() / 8; i < len(labels); i++ {
		labels[i] = `\d+`
	}
	port := found[4]
	if port == "" || port == ":*" {
		port = `(:\d+)?`
	}
	m.regex = scheme + "://" + strings.Join(labels, `\.`) + port
	return m
}

// misspelledScheme recognizes misspellings of "http://" and "https://".
func misspelledScheme(entry string) *mistake {
	if replaced := toLookalike(entry); strings.Contains(replaced, "://") && !strings.Contains(entry, "://") {
		return &mistake{rule: "a scheme is followed by \"://\"", write: []string{replaced}}
	}
	after := strings.TrimLeft(entry, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	written := entry[:len(entry)-len(after)]
	rest := strings.TrimLeft(strings.TrimLeft(after, " \t:;.,|-_~"), `/\`)
	if len(written) < 3 || len(written) > 9 || rest == "" {
		return nil
	}
	name, between := strings.ToLower(written), after[:len(after)-len(rest)]
	if strings.HasPrefix(after, "://") && isClass().MatchString(after[len("://"):]) {
		return nil // the backslash belongs to an expression
	}
	web := name == "http" || name == "https"
	switch {
	case web && between != "" && strings.EqualFold(rest[:min(len(rest), 4)], "http") && doubled().MatchString(rest) &&
		!allDigits(doubled().FindStringSubmatch(rest)[2]):
		found := doubled().FindStringSubmatch(rest)
		return &mistake{rule: "an origin has only one scheme", write: []string{found[1] + "://" + found[2]}}
	case between == "://" && web:
	case between == "://" && misspelled(name) != "", between == ":/" && misspelled(name) != "",
		between == "//" && misspelled(name) != "":
		return &mistake{
			rule: notWeb(written), write: []string{misspelled(name) + "://" + rest},
		}
	case web && strings.ContainsAny(between, `:/\`) && !allDigits(rest):
		return &mistake{rule: "a scheme is followed by \"://\"", write: []string{name + "://" + rest}}
	}
	return nil
}

// doubled matches what follows the first scheme in https://https://example.com.
var doubled = expr(`^(?i:(https?)(?::/*|//+))([^/].*)$`)

// isClass matches text that begins with a character class of regular expressions, such as \w+.
var isClass = expr(`^/*\\[dDsSwW]([^A-Za-z0-9]|$)`)

func notWeb(scheme string) string {
	return "the scheme of a website is https or http, not " + strconv.Quote(scheme)
}

// misspelled returns http or https if name is a misspelling of it, and "" otherwise. A longer name
// that contains http, such as httpx, may be the scheme of an app.
func misspelled(name string) string {
	switch {
	case name == "http" || name == "https":
		return ""
	case name == "hxxp" || name == "hxxps": // as in reports about malware
		return strings.ReplaceAll(name, "x", "t")
	case len(name) <= len("https") && !strings.HasPrefix(name, "http") && near.Distance(name, "https", 1) == 1:
		return "https"
	case len(name) <= len("http") && near.Distance(name, "http", 1) == 1:
		return "http"
	case strings.Contains(name, "t") && strings.Contains(name, "p") && strings.Trim(name, "htps") == "" &&
		!isHTTPAndMore(name):
		if strings.HasSuffix(name, "s") {
			return "https"
		}
		return "http"
	}
	return ""
}

// isHTTPAndMore reports whether name is http with other letters before or after it. A doubled
// letter, as in httpps, does not count as another letter.
func isHTTPAndMore(name string) bool {
	once := string(slices.Compact([]byte(name)))
	return strings.Contains(name, "http") && once != "htp" && once != "htps"
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// expression recognizes regular expressions.
func expression(entry string) *mistake {
	if strings.HasPrefix(entry, `\\`) || !looksLikeRegex(strings.TrimRight(entry, `\`)) || isList(entry) {
		return nil
	}
	m := &mistake{rule: "this looks like a regular expression", isRegex: true}
	if plain, ok := literal(entry); ok && plain != entry {
		m.write = []string{plain}
	}
	return m
}

// looksLikeRegex reports whether the entry contains characters that are common in regular
// expressions but not allowed in origins.
func looksLikeRegex(entry string) bool {
	if strings.ContainsAny(entry, `\^$|(){}+`) && !strings.Contains(entry, "+://") || strings.Contains(entry, ".+") ||
		strings.HasPrefix(entry, ".*") || strings.HasPrefix(entry, "/") && !strings.HasPrefix(entry, "//") ||
		strings.HasPrefix(entry, "https?") {
		scheme, rest, found := strings.Cut(entry, "://")
		if found && isScheme(asciiToLower(scheme)) {
			return strings.ContainsAny(rest, `\^$|(){}+`) || strings.Contains(rest, ".*") ||
				strings.LastIndexByte(rest, '[') > 0
		}
		return true
	}
	_, rest, _ := strings.Cut(entry, "://")
	return strings.HasPrefix(rest, ".*") || strings.LastIndexByte(rest, '[') > 0
}

// simple replaces parts of regular expressions with the corresponding parts of an entry.
var simple = strings.NewReplacer(
	`\.`, ".", `\/`, "/", `\-`, "-", `\:`, ":", `(:\d+)?`, ":*", `(:[0-9]+)?`, ":*", `(?::\d+)?`, ":*",
	`:\d+`, ":*", `:[0-9]+`, ":*", `:\d*`, ":*", `:.*`, ":*", `:.+`, ":*", `(.*)`, "*", `(.+)`, "*", `.*`, "*", `.+`, "*",
)

// literal returns the entry with the same meaning as a regular expression, such as
// https://*.example.com for ^https://.*\.example\.com$.
func literal(entry string) (text string, ok bool) {
	if rest, found := strings.CutPrefix(entry, "/"); found {
		if i := strings.LastIndexByte(rest, '/'); i > 0 && strings.Trim(rest[i+1:], "gimuy") == "" {
			entry = rest[:i]
		}
	}
	entry = strings.TrimSuffix(strings.TrimPrefix(entry, "^"), "$")
	entry = strings.TrimSuffix(strings.TrimSuffix(entry, "/?"), `\/?`)
	text = simple.Replace(entry)
	return text, !looksLikeRegex(text) && !strings.ContainsAny(text, `\^$|(){}?+`) && !strings.Contains(text, "://[a-")
}

// isSeparator reports whether c separates the entries of a list.
func isSeparator(c rune) bool {
	return unicode.IsSpace(c) || c == ',' || c == ';' || c == '|' || c < ' ' || c == 0x7f
}

// isList reports whether an entry consists of several parts with separators between them.
func isList(entry string) bool {
	return strings.ContainsFunc(entry, isSeparator) && !strings.ContainsAny(entry, `\^$(){}+`) &&
		!strings.Contains(entry, "[a-z") && len(fields(entry)) > 1
}

// fields returns the parts of a list.
func fields(entry string) (list []string) {
	for _, field := range strings.FieldsFunc(entry, isSeparator) {
		field = strings.Trim(field, junk)
		switch strings.ToLower(field) {
		case "", "-", "and", "or", "&", "+":
			continue
		}
		// In http://localhost:3000,3001 the second part is a port.
		if n := len(list); n > 0 && allDigits(field) {
			if host, _, ok := splitPort(list[n-1]); ok && !strings.HasSuffix(host, "/") {
				field = host + ":" + field
			}
		}
		list = append(list, field)
	}
	return list
}

// brokenPort matches an origin with a space before the port.
var brokenPort = expr(`:\s+\d+$`)

// bareWord matches a word that is part of neither a host nor a scheme.
var bareWord = expr(`^[A-Za-z_-]+$`)

// hasKnownSuffix reports whether the host of an origin ends in a top-level domain that exists.
func hasKnownSuffix(text string) bool {
	o, ok := Parse(text)
	_, icann := publicsuffix.PublicSuffix(o.Host)
	return ok && icann
}

// commaForDot matches an origin with a comma instead of a dot, such as https://app,example.com.
var commaForDot = expr(`^\w+://[\w.-]+[,;][\w.-]+$`)

// separators recognizes an entry that contains spaces or several origins.
func separators(entry string) *mistake {
	if !strings.ContainsFunc(entry, isSeparator) {
		return nil
	}
	list := fields(entry)
	spaced := !strings.ContainsAny(entry, ",;|")
	joined := strings.Join(strings.FieldsFunc(entry, isSeparator), "")
	broken := len(list) == 2 && (brokenPort().MatchString(entry) || !isPlausible(list[0]) ||
		strings.ContainsAny(list[1][:1], ".:/") ||
		!isPlausible(list[1]) && !strings.Contains(list[1], ":"))
	if spaced && (broken || len(list) == 1) {
		m := &mistake{
			rule: "an origin cannot contain white space", fix: "remove it", write: []string{joined},
		}
		switch isOrigin := func(part string) bool { return strings.Contains(part, "://") && isPlausible(part) }; {
		case len(list) == 1:
			m.write = list
		case isOrigin(list[0]) && hasKnownSuffix(list[0]) && bareWord().MatchString(list[1]):
			// as in https://example.com always, but not in https://app.exam ple
			m.rule, m.write = "there is a word after the origin", list[:1]
		case bareWord().MatchString(list[0]) && isOrigin(list[1]): // as in allow https://example.com
			m.rule, m.write = "there is a word before the origin", list[1:]
		}
		return m
	}
	m := &mistake{rule: "an entry is one origin", fix: "write one entry for each origin"}
	switch {
	case !slices.ContainsFunc(list, func(part string) bool { return !isPlausible(part) }):
		m.write = list
	case commaForDot().MatchString(entry):
		m.rule, m.fix = "an origin has no comma or semicolon", "write a dot instead, or one entry for each origin"
	}
	return m
}

// isPlausible reports whether a part of a list looks like an entry.
func isPlausible(part string) bool {
	if part == "*" || part == "null" {
		return true
	}
	scheme, rest, found := strings.Cut(part, "://")
	if !found {
		rest = part
	} else if rest != "" && isScheme(asciiToLower(scheme)) && scheme != "http" && scheme != "https" {
		return true
	}
	host, _, _ := splitPort(rest)
	return len(host) > 2 && strings.Contains(host[1:len(host)-1], ".") && host[0] != '.' || IsLoopback(asciiToLower(host))
}

var assignment = expr(`^[A-Za-z][\w -]*(?:[=:]\s*(https?://.*)|(?:=\s*|:\s+)(\*))$`)

// notOrigins contains schemes that no origin has. The values are the schemes that were probably
// meant, or "".
var notOrigins = map[string]string{
	"wss": "https", "ws": "http", "ftp": "https", "ftps": "https", "sftp": "https", "data": "", "blob": "",
	"javascript": "", "about": "", "mailto": "", "view-source": "", "filesystem": "", "tel": "", "urn": "", "cid": "",
	// of servers that have no pages
	"tcp": "", "udp": "", "ssh": "", "git": "", "s3": "", "gs": "", "grpc": "", "amqp": "", "redis": "", "mongodb": "",
	"mysql": "", "postgres": "", "postgresql": "", "jdbc": "", "ldap": "", "smtp": "", "rtsp": "", "rtmp": "",
}

// assigned recognizes a name before an origin, as in ORIGIN=https://example.com, and schemes that
// no origin has.
func assigned(entry string) *mistake {
	scheme, rest, found := strings.Cut(entry, ":")
	scheme = asciiToLower(scheme)
	instead, listed := notOrigins[scheme]
	if !found || !listed || allDigits(rest) {
		if strings.HasPrefix(entry, "http") {
			return nil
		}
		if found := assignment().FindStringSubmatch(entry); found != nil {
			return &mistake{rule: "there is a name before the origin", write: []string{found[1] + found[2]}}
		}
		return nil
	}
	m := &mistake{rule: notWeb(scheme), fix: "remove it"}
	switch {
	case instead != "" && strings.HasPrefix(rest, "//"):
		m.write = []string{instead + ":" + rest}
	case strings.HasPrefix(rest, "http://"), strings.HasPrefix(rest, "https://"):
		m.write = []string{rest}
	}
	return m
}

// noScheme recognizes entries without "://".
func noScheme(entry string) *mistake {
	const rule = "an origin begins with a scheme"
	switch rest := strings.TrimLeft(entry, `:/\`); {
	case strings.HasPrefix(strings.ToLower(entry), "file:"):
		return &mistake{rule: "the origin of a file has no path", write: []string{"file://"}, fix: "remove it"}
	case rest != entry && !strings.HasPrefix(entry, "::"):
		return &mistake{rule: rule, write: []string{guessScheme(rest)}, fix: "write it with its scheme"}
	case strings.Contains(entry, "://"):
		return nil
	}
	name, rest, found := strings.Cut(entry, ":")
	if rest = strings.TrimLeft(rest, "/"); found && isScheme(asciiToLower(name)) && !strings.Contains(name, ".") &&
		strings.Contains(rest, "localhost") && !strings.Contains(rest, "@") {
		return &mistake{rule: "a scheme is followed by \"://\"", write: []string{name + "://" + rest}}
	}
	if found && isScheme(asciiToLower(name)) && !strings.Contains(name, ".") && !IsLoopback(asciiToLower(name)) {
		// What follows the colon may be no port, as in chrome-extension:abc and env:ORIGIN.
		isApp := slices.Contains(appSchemes, asciiToLower(name))
		switch {
		case rest == "" || allDigits(rest) || strings.ContainsAny(rest, ":@"):
		case isApp && rest == "*":
			return &mistake{rule: rule}
		case isApp:
			return &mistake{rule: "a scheme is followed by \"://\"", write: []string{name + "://" + rest}}
		case isLetter(rune(rest[0] | 0x20)):
			return &mistake{rule: rule}
		}
	}
	return &mistake{rule: rule, write: []string{guessScheme(entry)}, fix: "write it with its scheme"}
}

// appSchemes contains well-known schemes of apps and browser extensions.
var appSchemes = []string{
	"chrome-extension", "moz-extension", "safari-web-extension", "capacitor", "ionic", "tauri", "app", "qrc",
}

// guessScheme adds the scheme that the host probably has to an entry. It is http for loopback and
// other IP addresses, because they rarely have a certificate.
func guessScheme(entry string) string {
	authority := entry
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	if addr, err := netip.ParseAddr(authority); err == nil && addr.Is6() {
		return "http://" + entry
	}
	host, port, hasPort := splitPort(asciiToLower(authority))
	isLoopback := IsLoopback(strings.Trim(host, "*."))
	address := strings.HasPrefix(host, "[") || host != "" && endsInNumber(host)
	switch {
	case port == "443":
		return "https://" + entry
	case host == "0.0.0.0": // servers listen on it, but the address of their pages is another
		return "http://localhost" + strings.TrimPrefix(entry, host)
	case port == "80", isLoopback, address, host == "host.docker.internal",
		strings.HasSuffix(host, ".local"), hasPort && !strings.Contains(host, "."), isRange(host):
		return "http://" + entry
	}
	return "https://" + entry
}

// inHost matches a host in which "?" or "#" is not the beginning of a query or fragment, such as
// www?.example.com.
var inHost = expr(`^[\w-]+[?#][\w-]*\.[\w.-]+(:[\d*]+)?$|^[\w.:-]+\?\?+$`)

// joined matches two origins without a separator, or with "&" between them.
var joined = expr(`^(\w+://[^/?#@]+?)&?(https?://.*)$`)

// parts recognizes parts of a URL that an origin does not have, such as a path.
func parts(entry string) *mistake {
	scheme, rest, found := strings.Cut(entry, "://")
	if !found {
		return nil
	}
	if strings.Contains(rest, "://") {
		switch found := joined().FindStringSubmatch(entry); {
		case found == nil:
		case isPlausible(found[1]):
			return &mistake{rule: "an entry is one origin", write: []string{found[1], found[2]}}
		default:
			return &mistake{rule: "an origin has only one scheme", write: []string{found[2]}}
		}
	}
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		if inHost().MatchString(rest) {
			return &mistake{rule: strconv.Quote(rest[i:i+1]) + " is not a wildcard"}
		}
		part := map[byte]string{'/': "path", '\\': "path", '?': "query", '#': "fragment"}[rest[i]]
		return &mistake{
			rule: "an origin has no " + part, write: []string{scheme + "://" + rest[:i]},
			fix: "write scheme, host and port only",
		}
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		return &mistake{
			rule: "an origin has no user name or password", write: []string{scheme + "://" + rest[i+1:]},
			fix: "write scheme, host and port only",
		}
	}
	return nil
}

// checkScheme checks the scheme of p. The argument text is the scheme as it was written in the
// entry.
func (p *Pattern) checkScheme(text, rest string) *mistake {
	if isScheme(p.Scheme) {
		return nil
	}
	m := &mistake{
		rule: "a scheme begins with a letter, and has only letters, digits, \"+\", \"-\" and \".\"",
		fix:  `write "https://" and the host`,
	}
	if replaced := toLookalike(text); replaced != text {
		m.write = []string{replaced + "://" + rest}
	} else if trimmed := p.Scheme[strings.IndexFunc(p.Scheme+"a", isLetter):]; isScheme(trimmed) {
		m.write = []string{trimmed + "://" + rest}
	}
	return m
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' }

// toLookalike replaces characters that look like ASCII characters, such as fullwidth letters, with
// the ASCII characters.
func toLookalike(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c < 0x80:
			return c
		case 0xff01 <= c && c <= 0xff5e:
			return c - 0xfee0
		}
		switch c {
		case '‐', '‑', '‒', '–', '—', '−', '﹣':
			return '-'
		case '。', '․', '｡':
			return '.'
		case '∕', '⁄':
			return '/'
		case '∶', '꞉', '：':
			return ':'
		case '∗', '﹡', '⁎':
			return '*'
		case '\u212a':
			return 'k'
		case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad':
			return -1
		}
		return c
	}, s)
}

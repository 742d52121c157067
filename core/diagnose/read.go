package diagnose

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/field"
)

// Input is what [Read] found in a text.
type Input struct {
	Kind  Kind
	Fetch Fetch
	// Blocked is the reason why the browser blocked the request, if the text is an error of a browser
	// and the error contains the reason.
	Blocked Code
	// Preflight reports whether the error is about the preflight, and not about the request itself.
	Preflight bool
	// Notes are sentences for the user. They say which parts of the request are unknown, and what Read
	// assumed.
	Notes []string
}

// Kind is the kind of a text that [Read] understands.
type Kind string

const (
	KindConsole Kind = "console error"   // an error in the console of a browser
	KindFetch   Kind = "fetch call"      // JavaScript that calls fetch or axios, or uses an XMLHttpRequest
	KindCurl    Kind = "curl command"    // a command line of curl
	KindHeaders Kind = "request headers" // an HTTP request, or only its header
)

// maxText is the maximum length of a text that Read accepts, in bytes.
const maxText = 64 << 10

// Read returns the request that a text describes. It understands the following texts:
//
//   - an error from the console of Chromium, Firefox or Safari
//   - JavaScript that calls fetch or axios, or uses an XMLHttpRequest
//   - a curl command for a POSIX shell, PowerShell or the Windows command prompt
//   - an HTTP/1.1 request, or only its header
//   - the header of a request, copied from the developer tools of a browser
//   - an HTTP archive (HAR), or a request of one
//
// The text may also contain a prompt, a stack trace or a Markdown fence, which Read ignores. Read
// does not run JavaScript. It determines the values of literals, and of variables that the script
// sets to literals. For an unknown value, it assumes one and adds a note.
//
// Read returns an error if the text is longer than 64 KiB. Other errors say what Read could not
// parse, and in which line.
func Read(text string) (Input, error) {
	if len(text) > maxText {
		return Input{}, errors.New("cors: the text is longer than 64 KiB; shorten it to a single request")
	}
	r := &reader{text: clean(text)}
	for _, read := range [...]func(*reader) (found bool, err error){
		(*reader).console, (*reader).curl, (*reader).script, (*reader).headers,
	} {
		found, err := read(r)
		switch {
		case err != nil:
			return Input{}, fmt.Errorf("cors: %w", err)
		case found:
			r.finish()
			return r.in, nil
		}
	}
	return Input{}, errors.New("cors: " + unknownText(r.text))
}

// reader reads one text.
type reader struct {
	text string
	in   Input
}

func (r *reader) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if !slices.Contains(r.in.Notes, note) && len(r.in.Notes) < 20 {
		r.in.Notes = append(r.in.Notes, note)
	}
}

var spaces = strings.NewReplacer(
	"\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u202f", " ", "\ufeff", "", "\u200b", "", "\u200e", "", "\u200f", "",
	"\u2028", "\n", "\u2029", "\n",
)

// clean removes Markdown fences and invisible characters. It keeps the number of lines, because
// errors mention them.
func clean(text string) string {
	lines := strings.Split(spaces.Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

var (
	isResponse     = regexp.MustCompile(`(?m)^\s*<?\s*HTTP/[0-9.]+ [0-9]{3}\b`)
	isPowerShell   = regexp.MustCompile(`(?i)\b(invoke-webrequest|invoke-restmethod)\b`)
	isPolicyOfPage = regexp.MustCompile(`(?i)content[ -]security[ -]policy`)
	isMixedContent = regexp.MustCompile(`(?i)\bmixed (?:active )?content\b|\brequested insecure content\b`)
	isReadBlocking = regexp.MustCompile(`\bCross-Origin Read Blocking\b|\bCORB\b|\bERR_BLOCKED_BY_ORB\b|` +
		`\bOpaqueResponseBlocking\b`)
	isNetError = regexp.MustCompile(`\bnet::ERR_[A-Z_]+|\bNetworkError\b|\bFailed to fetch\b|\bLoad failed\b|` +
		`\bNetwork Error\b`)
)

const responseText = "this is a response, not a request; paste the request"

// unknownText says why a text could not be read.
func unknownText(text string) string {
	const paste = "paste an error from the console of a browser, a fetch call, a curl command or the headers of a request"
	switch {
	case strings.TrimSpace(text) == "":
		return "the text is empty; " + paste
	case isResponse.MatchString(text):
		return responseText
	case isPowerShell.MatchString(text):
		return "PowerShell commands are not supported; in the developer tools, choose \"Copy as cURL\" instead"
	case isPolicyOfPage.MatchString(text):
		return "this error is about the Content Security Policy of the page, and not about CORS; " +
			"add the server to connect-src in that policy"
	case isMixedContent.MatchString(text):
		return "this error is about mixed content, and not about CORS; a page on https cannot request http, " +
			"so serve the API on https"
	case isReadBlocking.MatchString(text):
		return "this error is about a response to a request without CORS; " +
			"request it with fetch in the mode \"cors\", or with an element that has the attribute crossorigin"
	case isNetError.MatchString(text):
		return "this error does not say what went wrong; paste the error that the browser shows before it in the console"
	}
	return "there is no request in this text; " + paste
}

// finish completes the notes.
func (r *reader) finish() {
	f := &r.in.Fetch
	if f.Method == "GET" {
		f.Method = ""
	}
	if f.URL == "" {
		r.note("The URL is unknown, so the path / is assumed.")
	}
	if _, why := f.unsendable(); why != "" {
		r.note("%s", why)
	}
	if f.Origin == "" {
		r.note("The text does not say which page sends the request. Give its origin.")
	}
}

var bareHost = regexp.MustCompile(`^[A-Za-z0-9_.\-]+(:[0-9]+)?([/?#]|$)|^\[[0-9A-Fa-f:.]+\]`)

// withScheme returns a URL that may lack a scheme, as curl accepts it. The scheme is https unless
// the host is a loopback host.
func withScheme(text string) string {
	if strings.Contains(text, "://") || !bareHost.MatchString(text) {
		return text
	}
	scheme := "https://"
	if u, err := url.Parse("//" + text); err == nil && isLoopback(u) {
		scheme = "http://"
	}
	return scheme + text
}

// pageOf returns the origin of a page, given its URL, or "".
func pageOf(text string) string {
	u, err := parseURL(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return originOf(u)
}

// set sets the request to one with the given header, as it is on the wire. The header contains what
// the page sets, and what the browser or another client adds.
func (r *reader) set(method string, header [][2]string) {
	f := &r.in.Fetch
	f.Method = method
	f.Origin = valueOf(header, "Origin")
	if page := pageOf(valueOf(header, "Referer")); f.Origin == "" && page != "" {
		f.Origin = page
		r.note("There is no Origin header, so the origin of the page is taken from Referer.")
	}
	if valueOf(header, "Cookie") != "" {
		f.Credentials = true
	}
	switch mode := valueOf(header, "Sec-Fetch-Mode"); mode {
	case "no-cors", "navigate", "websocket":
		r.note("The request has the mode %s, so CORS does not apply to it. "+
			"It is read as if a page had sent it with fetch.", mode)
	}
	if asked := valueOf(header, "Access-Control-Request-Method"); strings.EqualFold(method, "OPTIONS") && asked != "" {
		r.fromPreflight(asked, valueOf(header, "Access-Control-Request-Headers"))
		return
	}
	copied := isFromBrowser(header)
	var dropped []string
	for _, nv := range header {
		if isForbidden(nv[0], nv[1]) || isAdded(nv[0], nv[1], copied) {
			dropped = append(dropped, strings.ToLower(nv[0]))
			continue
		}
		f.Header = append(f.Header, [2]string{nv[0], trimValue(nv[1])})
	}
	r.dropped(dropped)
}

// isFromBrowser reports whether a browser has added its own headers to those of the page. What
// Safari copies has no Sec- headers, but the User-Agent of all browsers begins with "Mozilla/".
func isFromBrowser(header [][2]string) bool {
	return slices.ContainsFunc(header, func(nv [2]string) bool {
		name := strings.ToLower(nv[0])
		return strings.HasPrefix(name, "sec-fetch-") || strings.HasPrefix(name, "sec-ch-") ||
			name == "user-agent" && strings.HasPrefix(nv[1], "Mozilla/")
	})
}

// dropped notes that some headers are not the page's.
func (r *reader) dropped(names []string) {
	// The values of these are used, or mean nothing.
	names = slices.DeleteFunc(names, func(name string) bool {
		switch name {
		case "host", "origin", "referer", "cookie", "content-length", "connection":
			return true
		}
		return false
	})
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 0 {
		r.note("The browser sets these headers itself, so they are left out: %s.", some(names))
	}
}

// some joins the first twelve words with commas, and adds how many more there are.
func some(words []string) string {
	const most = 12
	for i, w := range words {
		if !field.IsToken(w) || len(w) > 100 {
			words[i] = quoted(w)
		}
	}
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}

// isAdded reports whether a header is one that browsers add by themselves, although a page could
// set it. The argument copied reports whether the request is certainly from a browser.
func isAdded(name, value string, copied bool) bool {
	switch strings.ToLower(name) {
	case "user-agent", "upgrade-insecure-requests", "priority", "x-client-data":
		return true
	case "accept":
		return trimValue(value) == "*/*"
	case "accept-language", "cache-control", "pragma", "if-none-match", "if-modified-since":
		return copied
	}
	return false
}

// fromPreflight sets the request to the one that a preflight asks permission for.
func (r *reader) fromPreflight(method, list string) {
	f := &r.in.Fetch
	f.Method, f.Header, f.Credentials = method, nil, false
	for name := range strings.SplitSeq(list, ",") {
		if name = trimValue(name); name != "" {
			f.Header = append(f.Header, [2]string{name, unsafeValue(name)})
		}
	}
	r.note("This is a preflight. The request that it asks permission for is shown instead.")
	if len(f.Header) > 0 {
		r.note("A preflight does not contain the values of the headers, so they are assumed.")
	}
	if _, ok := f.Preflight(); !ok && !f.isSameOrigin() {
		r.note("A browser does not send this preflight, because the request needs none.")
	}
}

// unsafeValue returns a value for a header that makes a preflight necessary.
func unsafeValue(name string) string {
	switch strings.ToLower(name) {
	case "content-type":
		return "application/json"
	case "accept", "accept-language", "content-language":
		return `"..."`
	case "range":
		return "bytes=-1"
	}
	return "..."
}

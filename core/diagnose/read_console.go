package diagnose

import (
	"regexp"
	"strconv"
	"strings"
)

// This file reads the errors that browsers show in their consoles. docs/troubleshooting/README.md
// lists them. An error may be wrapped into several lines, so white space is first made uniform.

// sentencePattern is an error, or a part of one, and what it means.
type sentencePattern struct {
	text *regexp.Regexp
	code Code
	// preflight reports whether the error is certainly about the preflight.
	preflight bool
	// credentials reports whether the page certainly sends credentials.
	credentials bool
}

func pattern(text string, code Code) sentencePattern {
	return sentencePattern{text: regexp.MustCompile(text), code: code}
}

func (p sentencePattern) ofPreflight() sentencePattern     { p.preflight = true; return p }
func (p sentencePattern) withCredentials() sentencePattern { p.credentials = true; return p }

// The groups "url", "origin", "method", "header", "status" of the patterns are parts of the request
// or the response.
var (
	chromiumStart = regexp.MustCompile(`Access to (?P<what>[A-Za-z ]+?) at '(?P<url>\S*?)' ` +
		`(?:\(redirected from '(?P<from>\S*?)'\) )?from origin '(?P<origin>[^']*)' has been blocked by CORS policy:`)

	// Chromium 67 and older.
	oldChromiumStart = regexp.MustCompile(`(?:Failed to load|(?:XMLHttpRequest|Fetch API) cannot load) ` +
		`(?P<url>https?://\S+?)[.:]? `)
	oldChromiumEnd = regexp.MustCompile(`Origin '(?P<origin>[^']*)' is therefore not allowed access` +
		`(?:\. The response had HTTP status code (?P<status>[0-9]{3}))?`)

	chromiumReasons = []sentencePattern{
		pattern(`Redirect is not allowed for a preflight request`, CodePreflightRedirected).ofPreflight(),
		pattern(`Response for preflight is invalid \(redirect\)`, CodePreflightRedirected).ofPreflight(),
		pattern(`Response for preflight has invalid HTTP status code (?P<status>[0-9]{3})`,
			CodePreflightStatus).ofPreflight(),
		pattern(`It does not have HTTP ok status`, CodePreflightStatus).ofPreflight(),
		pattern(`No 'Access-Control-Allow-Origin' header is present`, CodeAllowOriginMissing),
		pattern(`header contains multiple values '[^']*'`, CodeAllowOriginMultiple),
		pattern(`header contains the invalid value '[^']*'`, CodeAllowOriginMismatch),
		pattern(`header has a value '[^']*' that is not equal to the supplied origin`, CodeAllowOriginMismatch),
		pattern(`must not be the wildcard '\*' when the request's credentials mode is 'include'`,
			CodeAllowCredentialsWildcard).withCredentials(),
		pattern(`which must be 'true' when the request's credentials mode is 'include'`,
			CodeAllowCredentialsMissing).withCredentials(),
		pattern(`Method (?P<method>\S+) is not allowed by Access-Control-Allow-Methods in preflight response`,
			CodeMethodNotAllowed).ofPreflight(),
		pattern(`Request header field (?P<header>\S+) is not allowed by Access-Control-Allow-Headers in preflight response`,
			CodeHeaderNotAllowed).ofPreflight(),
		pattern(`Cannot parse Access-Control-Allow-(?:Methods|Headers) response header field in preflight response`,
			CodeListUnreadable).ofPreflight(),
	}

	firefoxStart = regexp.MustCompile(`Cross-Origin Request Blocked: The Same Origin Policy disallows reading the ` +
		`remote resource at (?P<url>\S+?)\.? \(Reason: (?P<reason>[^)]*(?:\([^)]*\)[^)]*)*)\)` +
		`(?:\.? Status code: (?P<status>[0-9]+|\(null\)))?`)

	firefoxReasons = []sentencePattern{
		pattern(`CORS header '?Access-Control-Allow-Origin'? missing`, CodeAllowOriginMissing),
		pattern(`CORS header '?Access-Control-Allow-Origin'? does not match '[^']*, `, CodeAllowOriginMultiple),
		pattern(`CORS header '?Access-Control-Allow-Origin'? does not match`, CodeAllowOriginMismatch),
		pattern(`Multiple CORS header '?Access-Control-Allow-Origin'? not allowed`, CodeAllowOriginMultiple),
		pattern(`Credential is not supported if the CORS header`, CodeAllowCredentialsWildcard).withCredentials(),
		pattern(`expected 'true' in CORS header '?Access-Control-Allow-Credentials'?`,
			CodeAllowCredentialsMissing).withCredentials(),
		pattern(`Did not find method in CORS header`, CodeMethodNotAllowed).ofPreflight(),
		pattern(`header '(?P<header>[^']*)' is not allowed according to header`, CodeHeaderNotAllowed).ofPreflight(),
		pattern(`missing token '(?P<header>[^']*)' in CORS header '?Access-Control-Allow-Headers'?`,
			CodeHeaderNotAllowed).ofPreflight(),
		pattern(`invalid token '[^']*' in CORS header`, CodeListUnreadable).ofPreflight(),
		pattern(`CORS preflight (?:response|channel) did not succeed`, CodePreflightStatus).ofPreflight(),
		pattern(`CORS request external redirect not allowed`, CodePreflightRedirected).ofPreflight(),
		pattern(`CORS request did not succeed`, CodeUnreachable),
		pattern(`CORS request not http`, CodeNotSent),
		pattern(`CORS disabled`, CodeNotSent),
	}

	safariReasons = []sentencePattern{
		pattern(`Origin (?P<origin>\S+) is not allowed by Access-Control-Allow-Origin(?:\. Status code: (?P<status>[0-9]+))?`,
			CodeAllowOriginMissing),
		pattern(`Preflight response is not successful(?:\. Status code: (?P<status>[0-9]+))?`,
			CodePreflightStatus).ofPreflight(),
		pattern(`Access-Control-Allow-Origin cannot contain more than one origin`, CodeAllowOriginMultiple),
		pattern(`Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true`,
			CodeAllowCredentialsWildcard).withCredentials(),
		pattern(`Credentials flag is true, but Access-Control-Allow-Credentials is not "true"`,
			CodeAllowCredentialsMissing).withCredentials(),
		pattern(`Method (?P<method>\S+) is not allowed by Access-Control-Allow-Methods`, CodeMethodNotAllowed).ofPreflight(),
		pattern(`Request header field (?P<header>\S+) is not allowed by Access-Control-Allow-Headers`,
			CodeHeaderNotAllowed).ofPreflight(),
		pattern(`Header Access-Control-Allow-(?:Methods|Headers) has an invalid value`, CodeListUnreadable).ofPreflight(),
		pattern(`due to access control checks`, ""),
	}

	safariURL = regexp.MustCompile(
		`(?:Fetch API|XMLHttpRequest) cannot load (?P<url>\S+?)(?:\. | due to access control checks)`)

	localNetwork = regexp.MustCompile("Permission was denied for this request to access the `?[a-z]+`? address space|" +
		"The request client is not a secure context and the resource is in more-private address space|" +
		"Local Network Access permission required")
	privateNetwork = regexp.MustCompile(`No 'Access-Control-Allow-(?:Private|Local)-Network' header was present`)
	netError       = regexp.MustCompile(`\b([A-Z]+) (\S+) net::ERR_FAILED(?: ([0-9]{3})\b)?`)
	notHTTP        = regexp.MustCompile(`Cross origin requests are only supported for protocol schemes`)

	quoteMark   = regexp.MustCompile(`(?m)^[ \t]*>[ \t>]*`) // of a line quoted in an email or in Markdown
	whiteSpace  = regexp.MustCompile(`\s+`)
	plainQuotes = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`)
)

// console reads an error of a browser.
func (r *reader) console() (found bool, err error) {
	text := quoteMark.ReplaceAllString(r.text, "")
	text = plainQuotes.Replace(whiteSpace.ReplaceAllString(text, " "))
	if m := chromiumStart.FindStringSubmatchIndex(text); m != nil {
		r.chromium(text, m)
		return true, nil
	}
	if m := oldChromiumStart.FindStringSubmatchIndex(text); m != nil && r.oldChromium(text, m) {
		return true, nil
	}
	if m := firefoxStart.FindStringSubmatchIndex(text); m != nil {
		r.firefox(text, m)
		return true, nil
	}
	return r.safari(text), nil
}

// groups returns the named groups of a match.
func groups(re *regexp.Regexp, text string, match []int) map[string]string {
	all := map[string]string{}
	for i, name := range re.SubexpNames() {
		if name != "" && match[2*i] >= 0 {
			all[name] = text[match[2*i]:match[2*i+1]]
		}
	}
	return all
}

// chromium reads an error of Chromium. The argument m is the match of chromiumStart.
func (r *reader) chromium(text string, m []int) {
	in := &r.in
	in.Kind = KindConsole
	g := groups(chromiumStart, text, m)
	in.Fetch.URL, in.Fetch.Origin = g["url"], g["origin"]
	if from := g["from"]; from != "" {
		r.note("The page requested %s, and was redirected. The error is about the response from the new URL.", quoted(from))
		if in.Fetch.Origin == "null" {
			in.Fetch.Origin, in.Blocked = "", CodeRedirectLostOrigin
			r.note("The redirect led to a third origin, so the browser sent \"Origin: null\".")
			return
		}
	}
	switch g["what"] {
	case "fetch", "XMLHttpRequest", "resource":
	default:
		r.note("An element of the page requests this %s. It is read as if the page had called fetch.", g["what"])
	}
	rest := text[m[1]:]
	// Only the first error counts.
	if next := chromiumStart.FindStringIndex(rest); next != nil {
		rest = rest[:next[0]]
		r.note("The text has several errors. Only the first one is read.")
	}
	switch {
	case localNetwork.MatchString(rest):
		in.Blocked = CodeNotSent
		r.note("The page needs the visitor's permission to use the local network. This has nothing to do with CORS headers.")
		return
	case privateNetwork.MatchString(rest):
		in.Blocked, in.Preflight = CodeNotSent, true
		r.note("The server is on a private network. The response to the preflight lacks a header that allows this: " +
			"Access-Control-Allow-Private-Network: true.")
		return
	case notHTTP.MatchString(rest):
		in.Blocked = CodeNotSent
		return
	}
	status := ""
	// The line after the error, or before it, names the method, and sometimes the status:
	// PUT https://api.example.com/items net::ERR_FAILED 502 (Bad Gateway)
	for _, part := range [...]string{rest, text[:m[0]]} {
		if m := netError.FindStringSubmatch(part); m != nil && m[2] == in.Fetch.URL {
			in.Fetch.Method, status = m[1], m[3]
			break
		}
	}
	if !r.chromiumReason(rest, status) {
		r.note("The reason in the error is not known.")
	}
}

// chromiumReason records the reason in a text. The status is "" if it is unknown.
func (r *reader) chromiumReason(text, status string) (found bool) {
	for _, p := range chromiumReasons {
		m := p.text.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		r.in.Preflight = strings.Contains(text[:m[0]], "Response to preflight request")
		g := groups(p.text, text, m)
		if g["status"] == "" {
			g["status"] = status
		}
		r.reason(p, g)
		return true
	}
	return false
}

// oldChromium reads an error of Chromium 67 or older. The argument m is the match of
// oldChromiumStart.
func (r *reader) oldChromium(text string, m []int) (found bool) {
	u, rest := groups(oldChromiumStart, text, m)["url"], text[m[1]:]
	var end map[string]string
	if m := oldChromiumEnd.FindStringSubmatchIndex(rest); m != nil {
		end, rest = groups(oldChromiumEnd, rest, m), rest[:m[0]]
	}
	r.in.Fetch.URL, r.in.Fetch.Origin = u, end["origin"]
	if !r.chromiumReason(rest, end["status"]) {
		r.in = Input{}
		return false
	}
	r.in.Kind = KindConsole
	return true
}

// firefox reads an error of Firefox. The argument m is the match of firefoxStart.
func (r *reader) firefox(text string, m []int) {
	in := &r.in
	in.Kind = KindConsole
	g := groups(firefoxStart, text, m)
	in.Fetch.URL = strings.Trim(g["url"], "'\"")
	// After an error about a preflight, Firefox shows another one, which says nothing by itself.
	rest := text[m[1]:]
	if next := firefoxStart.FindStringSubmatchIndex(rest); next != nil {
		second := groups(firefoxStart, rest, next)
		in.Preflight = strings.Contains(second["reason"], "CORS request did not succeed") && second["status"] == "(null)"
	}
	for _, p := range firefoxReasons {
		if m := p.text.FindStringSubmatchIndex(g["reason"]); m != nil {
			found := groups(p.text, g["reason"], m)
			found["status"] = g["status"]
			r.reason(p, found)
			return
		}
	}
	r.note("The reason in the error is not known.")
}

// safari reads an error of Safari.
func (r *reader) safari(text string) (found bool) {
	in := &r.in
	for _, p := range safariReasons {
		m := p.text.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		g := groups(p.text, text, m)
		u := safariURL.FindStringSubmatchIndex(text)
		if p.code == "" && u == nil {
			continue
		}
		in.Kind = KindConsole
		if u != nil {
			in.Fetch.URL = groups(safariURL, text, u)["url"]
		}
		if from := strings.Trim(g["origin"], `'"`); from != "" {
			in.Fetch.Origin = from
		}
		r.reason(p, g)
		if p.code == "" {
			r.note("The error does not say what went wrong. Safari shows another error before it, which does.")
		}
		return true
	}
	return false
}

// reason records the reason in an error.
func (r *reader) reason(p sentencePattern, g map[string]string) {
	in := &r.in
	in.Blocked = p.code
	in.Preflight = in.Preflight || p.preflight
	in.Fetch.Credentials = p.credentials
	if method := g["method"]; method != "" {
		in.Fetch.Method = method
	}
	if p.code == CodeMethodNotAllowed && in.Fetch.Method == "" {
		in.Fetch.Method = "PUT"
		r.note("The error does not name the method. It is assumed to be PUT.")
	}
	if name := g["header"]; name != "" {
		in.Fetch.Header = [][2]string{{name, unsafeValue(name)}}
		r.note("The error names one header. The request may have more.")
	}
	status, _ := strconv.Atoi(g["status"])
	r.status(status)
	if _, ok := in.Fetch.Preflight(); in.Preflight && !ok && !in.Fetch.isSameOrigin() {
		in.Fetch.Header = [][2]string{{"Content-Type", "application/json"}}
		r.note("The browser sent a preflight, but the error does not say for which method and which headers. " +
			"It is assumed that the page sets Content-Type to application/json.")
	}
}

// status makes the code more precise with the status of the response.
func (r *reader) status(status int) {
	in := &r.in
	switch {
	case status == 0:
		return
	case isRedirect(status) && in.Blocked == CodePreflightStatus:
		in.Blocked = CodePreflightRedirected
	case in.Preflight && (in.Blocked == CodePreflightStatus || in.Blocked == CodeAllowOriginMissing):
		if code := codeOfStatus(&Response{Status: status}); code != "" {
			in.Blocked = code
		}
	case in.Blocked == CodeAllowOriginMissing && (status >= 300 || status < 200):
		r.note("The response has status %d. Responses with an error often lack CORS headers, "+
			"so that may be the real problem.", status)
	}
}

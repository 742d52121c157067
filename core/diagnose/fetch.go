package diagnose

import (
	"fmt"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// Fetch is a request that a web page makes, before the browser has added anything to it.
type Fetch struct {
	// Origin is the origin of the page, such as "https://app.example.com". It is "" if it is unknown.
	Origin string
	// URL is what the page requests. It is an absolute URL, or only a path if the server is unknown.
	URL string
	// Method is the method as the page wrote it. "" means GET.
	Method string
	// Header contains the header fields that the page sets, as pairs of a name and a value.
	Header [][2]string
	// Credentials reports whether the page sends cookies and HTTP authentication. A fetch call does so
	// with credentials: "include", and an XMLHttpRequest does so with withCredentials.
	Credentials bool
}

// Preflight returns the preflight that a browser sends before f. It returns false if the browser
// sends none. Browsers send none before a request that a form could send as well, before a request
// within the same origin, and if they refuse to send the request itself. If f.Origin is "",
// Preflight assumes that the page and the server have different origins.
//
// Browsers also send a preflight if the page listens for the progress of an upload, or if the body
// is a stream. A Fetch cannot express that.
func (f Fetch) Preflight() (core.Request, bool) {
	if _, why := f.unsendable(); why != "" || f.isSameOrigin() {
		return core.Request{}, false
	}
	// Fetch, main fetch, step 12: a preflight is needed for a method that is not safelisted, and for
	// unsafe headers.
	method, unsafe := f.method(), f.unsafeNames()
	if field.IsSafelistedMethod(method) && len(unsafe) == 0 {
		return core.Request{}, false
	}
	// Fetch, CORS-preflight fetch, steps 1 to 5.
	r := f.request("OPTIONS")
	h := r.Header.(core.HeaderMap)
	if f.Origin != "" {
		h["Origin"] = []string{f.Origin}
	}
	h["Access-Control-Request-Method"] = []string{method}
	if len(unsafe) > 0 {
		h["Access-Control-Request-Headers"] = []string{strings.Join(unsafe, ",")}
	}
	return r, true
}

// Request returns the request itself, as the browser sends it after any preflight. The header
// contains only what the page sets and what is relevant to CORS. If f.Credentials is true, it has a
// Cookie field with a placeholder as its value.
func (f Fetch) Request() core.Request {
	r := f.request(f.method())
	h := r.Header.(core.HeaderMap)
	for _, nv := range f.Header {
		if !field.IsToken(nv[0]) || isForbidden(nv[0], nv[1]) {
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(nv[0])
		h[name] = append(h[name], trimValue(nv[1]))
	}
	if f.Credentials {
		h["Cookie"] = []string{"..."}
	}
	// Fetch, append a request Origin header: browsers send it with every cross-origin request of this
	// kind, and otherwise if the method is neither GET nor HEAD.
	if f.Origin != "" && (!f.isSameOrigin() || r.Method != "GET" && r.Method != "HEAD") {
		h["Origin"] = []string{f.Origin}
	}
	return r
}

// request returns a request for the URL without any header of the page.
func (f Fetch) request(method string) core.Request {
	u := f.target()
	r := core.Request{Method: method, Host: u.Host, Path: u.Path, RawPath: u.RawPath, Header: core.HeaderMap{}}
	if r.Path == "" {
		r.Path = "/"
	}
	// Without this field, a policy has to compare Origin with Host, which has no scheme.
	o, ok := origin.Parse(f.Origin)
	secure := u.Scheme == "https" || isLoopback(u)
	if ok && secure && o.IsHost(u.Host) && !f.isSameOrigin() {
		r.Header.(core.HeaderMap)["Sec-Fetch-Site"] = []string{"cross-site"}
	}
	return r
}

// method returns the method as the browser sends it.
func (f Fetch) method() string {
	if f.Method == "" {
		return "GET"
	}
	return field.NormalizeMethod(f.Method)
}

// isSameOrigin reports whether the page and what it requests have the same origin. Such requests
// need no permission.
func (f Fetch) isSameOrigin() bool {
	if f.Origin == "" {
		return false
	}
	return originOf(f.target()) == f.Origin
}

// unsendable returns why a browser refuses to send the request, as a sentence, and the name of the
// step that fails. Both are "" if the browser sends the request.
func (f Fetch) unsendable() (step, why string) {
	switch m := f.method(); {
	case !field.IsToken(m):
		return "method", quoted(m) + " is not a valid method, so the browser does not send the request."
	case field.IsForbiddenMethod(m):
		return "method", "Browsers do not let pages use the method " + quoted(m) + "."
	}
	for _, nv := range f.Header {
		switch {
		case !field.IsToken(nv[0]):
			return "headers", quoted(nv[0]) + " is not a valid header name, so the browser does not send the request."
		case strings.ContainsAny(trimValue(nv[1]), "\x00\r\n"):
			return "headers", "The value of the header " + quoted(nv[0]) +
				" contains a line break or a NUL, so the browser does not send the request."
		case strings.ContainsFunc(nv[1], func(r rune) bool { return r > 0xff }):
			return "headers", "The value of the header " + quoted(nv[0]) +
				" contains a character that headers cannot contain, so the browser does not send the request."
		}
	}
	return f.unsendableURL()
}

// unsendableURL is the part of unsendable that is about the URL.
func (f Fetch) unsendableURL() (step, why string) {
	u, err := parseURL(f.URL)
	switch {
	case err != nil:
		return "path", "The URL " + quoted(f.URL) + " is malformed, so the browser does not send the request."
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		return "path", "Browsers send cross-origin requests only to http and https URLs, not to " + quoted(u.Scheme+":") + "."
	case u.User != nil:
		return "path", "The URL contains a user name, so the browser does not send the request."
	case strings.HasPrefix(f.Origin, "https://") && u.Scheme == "http" && !isLoopback(u):
		// https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
		return "path", "Browsers do not let a page on https request something over http."
	}
	return "", ""
}

// target returns the URL as a browser parses it. It returns the path / if the URL is malformed.
func (f Fetch) target() *url.URL {
	if u, err := parseURL(f.URL); err == nil {
		return u
	}
	return &url.URL{Path: "/"}
}

// parseURL parses a URL or a path, much like a browser does
// (https://url.spec.whatwg.org/#concept-basic-url-parser). Package url differs in what it escapes
// and in what it refuses, so only the part before the path is left to it.
func parseURL(text string) (*url.URL, error) {
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	text = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text)
	text, _, _ = strings.Cut(text, "#")
	text, query, _ := strings.Cut(text, "?")
	text = webScheme.ReplaceAllString(strings.ReplaceAll(text, `\`, "/"), "$1://")
	server, path := text, ""
	if _, rest, ok := strings.Cut(text, "//"); ok && (hasScheme.MatchString(text) || strings.HasPrefix(text, "//")) {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			server, path = text[:len(text)-len(rest)+i], rest[i:]
		}
	} else if !hasScheme.MatchString(text) {
		server, path = "", text
	}
	u, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return nil, err
		}
	}
	u.RawQuery = query
	u.Host = normalizeHost(u.Scheme, u.Host)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	path = resolveDots(escapePath(path))
	if u.Path, err = url.PathUnescape(path); err != nil {
		return nil, err
	}
	if (&url.URL{Path: u.Path}).EscapedPath() != path {
		u.RawPath = path
	}
	return u, nil
}

var (
	hasScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	webScheme = regexp.MustCompile(`^(?i)(https?):/*`)
)

// escapePath escapes what browsers escape in a path
// (https://url.spec.whatwg.org/#path-percent-encode-set). Browsers do not escape a percent sign that
// begins no escape. Because the servers reject that, it is escaped, too.
func escapePath(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])):
			b.WriteString("%25")
		case c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>^`{}", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// resolveDots removes the segments "." and ".." from a path, as browsers do before they send it.
func resolveDots(path string) string {
	segments := strings.Split(path, "/")
	kept := segments[:0:0]
	for i, s := range segments {
		last := i == len(segments)-1
		switch strings.ReplaceAll(strings.ToLower(s), "%2e", ".") {
		case "..":
			if len(kept) > 1 {
				kept = kept[:len(kept)-1]
			}
		case ".":
		default:
			kept = append(kept, s)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return strings.Join(kept, "/")
}

// normalizeHost returns a host in lower case, in Punycode and without the default port of the
// scheme.
func normalizeHost(scheme, host string) string {
	host = strings.ToLower(host)
	if host == "" || scheme == "" {
		return host
	}
	if p, bad := origin.ParsePattern(scheme + "://" + host); bad == nil && p.Kind == origin.Exact && !p.AnyPort {
		return strings.TrimPrefix(p.Text, scheme+"://")
	}
	if port := origin.DefaultPort(scheme); port != 0 {
		host = strings.TrimSuffix(host, ":"+strconv.Itoa(int(port)))
	}
	return strings.TrimSuffix(host, ":")
}

// isLoopback reports whether the host of a URL is the computer of the visitor.
func isLoopback(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return origin.IsLoopback(host)
}

// originOf returns the origin of a URL, or "" if it has none.
func originOf(u *url.URL) string {
	if u.Scheme == "" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// unsafeNames returns the names of the headers that need permission. They are in lower case, sorted
// and without duplicates (https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names).
func (f Fetch) unsafeNames() []string {
	// The standard looks at each value of a repeated header. Browsers combine the values first, and
	// are stricter thereby. The values of all safelisted headers together then never exceed the 1024
	// bytes that the standard allows.
	values := map[string]string{}
	for _, nv := range f.Header {
		name, value := strings.ToLower(nv[0]), trimValue(nv[1])
		if other, ok := values[name]; ok {
			value = other + ", " + value
		}
		values[name] = value
	}
	var unsafe []string
	for name, value := range values {
		if !isForbidden(name, value) && !isSafelisted(name, value) {
			unsafe = append(unsafe, name)
		}
	}
	slices.Sort(unsafe)
	return unsafe
}

// isForbidden reports whether browsers do not let pages set a header
// (https://fetch.spec.whatwg.org/#forbidden-request-header).
func isForbidden(name, value string) bool {
	name = strings.ToLower(name)
	switch name {
	case "x-http-method", "x-http-method-override", "x-method-override":
		for method := range strings.SplitSeq(value, ",") {
			if field.IsForbiddenMethod(field.TrimOWS(method)) {
				return true
			}
		}
	}
	return field.IsForbiddenRequestHeader(name)
}

// isSafelisted reports whether a page can send a header without permission. The name is in lower
// case (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
func isSafelisted(name, value string) bool {
	if len(value) > 128 {
		return false
	}
	switch name {
	case "accept":
		return !strings.ContainsFunc(value, isUnsafe)
	case "accept-language", "content-language":
		return !strings.ContainsFunc(value, notLanguage)
	case "content-type":
		return !strings.ContainsFunc(value, isUnsafe) && isFormType(essence(value))
	case "range":
		return isSimpleRange(value)
	}
	return false
}

// isUnsafe reports whether r is a CORS-unsafe request-header byte.
func isUnsafe(r rune) bool {
	return r < ' ' && r != '\t' || r == 0x7f || strings.ContainsRune(`"():<>?@[\]{}`, r)
}

func notLanguage(r rune) bool {
	return !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || strings.ContainsRune(" *,-.;=", r))
}

// essence returns the media type in value without its parameters, in lower case. It returns "" if
// value is malformed.
func essence(value string) string {
	value, _, _ = strings.Cut(strings.Trim(value, " \t\r\n"), ";")
	typ, subtype, _ := strings.Cut(strings.TrimRight(value, " \t\r\n"), "/")
	if !field.IsToken(typ) || !field.IsToken(subtype) {
		return ""
	}
	return strings.ToLower(typ + "/" + subtype)
}

// isFormType reports whether a form can send a body of this type.
func isFormType(essence string) bool {
	return essence == "application/x-www-form-urlencoded" || essence == "multipart/form-data" || essence == "text/plain"
}

// isSimpleRange reports whether value is a single range with a start, such as "bytes=0-499"
// (https://fetch.spec.whatwg.org/#simple-range-header-value).
func isSimpleRange(value string) bool {
	rest, ok := strings.CutPrefix(value, "bytes=")
	start, end, dash := strings.Cut(rest, "-")
	if !ok || !dash || !isDigits(start) || end != "" && !isDigits(end) {
		return false
	}
	start, end = strings.TrimLeft(start, "0"), strings.TrimLeft(end, "0")
	return strings.HasSuffix(rest, "-") || len(start) < len(end) || len(start) == len(end) && start <= end
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// trimValue returns a header value as browsers send it
// (https://fetch.spec.whatwg.org/#concept-header-value-normalize).
func trimValue(value string) string { return strings.Trim(value, " \t\r\n") }

package core

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/chromium"
	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// String formats e as a few lines of text.
func (e Explanation) String() string {
	var b strings.Builder
	b.WriteString(e.outcome() + "\n")
	for _, line := range [...]struct{ label, text string }{
		{"request", e.request()},
		{"because", e.Because},
		{"nearest", e.Nearest},
		{"fix", e.Fix},
		{"browser", e.Browser},
		{"curl", e.Curl},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "  %-8s %s\n", line.label+":", line.text)
		}
	}
	return b.String()
}

// outcome returns the first line of the text, which says whether the request was allowed and why.
func (e *Explanation) outcome() string {
	s := "request passed on unchanged"
	switch e.Reason {
	case ReasonNoPolicy.String():
	case ReasonNoOrigin.String():
		s = "not a cross-origin request"
	case ReasonSameOrigin.String():
		s = "request from the server's own page"
	case ReasonAllowed.String():
		s = e.Kind + " request allowed"
	default:
		s = strings.TrimPrefix(e.Kind+" request refused", "not-cors ")
	}
	s += " (" + e.Reason + ")"
	if e.Status != 0 {
		s += ", status " + strconv.Itoa(e.Status)
	}
	return s
}

// request describes the request on one line.
func (e *Explanation) request() string {
	s := e.Method + " " + e.Path
	if e.Origin != "" {
		s += " from " + e.Origin
	}
	if e.RequestMethod != "" {
		s += ", requests " + e.RequestMethod
	}
	if e.RequestHeaders != "" {
		s += " with " + e.RequestHeaders
	}
	return s
}

// browser returns the message that Chromium prints if a page cannot read the response.
func (x *explainer) browser() string {
	d := &x.e.Decision
	var why string
	switch {
	case x.origin == "" || x.method == "" && isSameOrigin(&x.r, x.origin):
		return ""
	case d.Reason == ReasonAllowed && !x.lacksCredentials():
		return ""
	case d.Reason == ReasonAllowed && d.AllowOrigin == "*":
		why = chromium.Wildcard
	case d.Reason == ReasonAllowed:
		why = chromium.Credentials("")
	case d.AllowOrigin != "":
		why = x.browserDebug()
	default:
		why = chromium.MissingAllowOrigin
		if x.method != "" {
			why = chromium.InPreflight + why
		}
	}
	return chromium.Message(clip.Unquoted(x.url()), clip.Unquoted(x.origin), why)
}

// browserDebug returns the end of the browser's error message for a preflight that was refused
// while Debug is set. In that case, the response lists the allowed methods and headers. Chromium
// checks the method first, and then the headers in alphabetical order.
func (x *explainer) browserDebug() string {
	d := &x.e.Decision
	if !field.IsSafelistedMethod(x.method) && !slices.Contains(strings.Split(d.AllowMethods, ", "), x.method) {
		return chromium.Method(clip.Unquoted(x.method))
	}
	names := strings.Split(strings.ToLower(x.headers), ",")
	slices.Sort(names)
	allowed := strings.Split(d.AllowHeaders, ", ")
	for _, name := range names {
		if name = field.TrimOWS(name); name != "" && !slices.Contains(allowed, name) {
			return chromium.Header(clip.Unquoted(name))
		}
	}
	return ""
}

const alphanumerics = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// url returns the URL of the request. If the host is missing or malformed, the URL contains "HOST"
// instead.
func (x *explainer) url() string {
	host := x.r.Host
	if host == "" || len(host) > 300 || strings.Trim(host, alphanumerics+".-_:[]") != "" {
		host = "HOST"
	}
	name, _, _ := strings.Cut(host, ":")
	scheme := "https://"
	if origin.IsLoopback(strings.ToLower(name)) || strings.HasPrefix(host, "[::1]") {
		scheme = "http://"
	}
	sent := sentPath(x.r.Path, x.r.RawPath)
	if !strings.HasPrefix(sent, "/") {
		sent = "/"
	}
	return scheme + host + sent
}

// curl returns a curl command that sends the same request, or "" if there is none.
func (x *explainer) curl() string {
	sent := sentPath(x.r.Path, x.r.RawPath)
	args := []string{x.url()}
	if !strings.HasPrefix(sent, "/") {
		args = append(args, "--request-target", sent)
	}
	switch x.r.Method {
	case "GET", "":
	case "HEAD":
		args = append(args, "--head")
	default:
		args = append(args, "-X", x.r.Method)
	}
	if strings.Contains(sent, "/.") {
		args = append(args, "--path-as-is")
	}
	if strings.ContainsAny(sent, "[]{}") {
		args = append(args, "--globoff")
	}
	for _, h := range [...]struct{ name, value string }{
		{"Origin", x.origin},
		{"Access-Control-Request-Method", x.method},
		{"Access-Control-Request-Headers", x.headers},
		{"Sec-Fetch-Site", x.r.Header.Field("Sec-Fetch-Site")},
	} {
		if h.value != "" {
			args = append(args, "-H", h.name+": "+h.value)
		}
	}
	command := "curl -i"
	for _, arg := range args {
		word, ok := shellWord(arg)
		if !ok {
			return ""
		}
		command += " " + word
	}
	return command
}

// shellWord quotes s as a single word for a shell. It returns false if s is too long to type, or
// contains a byte that is not allowed in an HTTP header.
func shellWord(s string) (word string, ok bool) {
	if len(s) > maxValue || strings.ContainsAny(s, "\x00\r\n") {
		return "", false
	}
	if strings.Trim(s, alphanumerics+"-_./:%") == "" && s != "" {
		return s, true
	}
	if clip.IsPlain(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'", true
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(s) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case ' ' <= c && c < 0x7f:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('\'')
	return b.String(), true
}

// sentPath returns a path as a client sends it, which means percent-encoded. It truncates a path
// that is too long to be printed.
func sentPath(decoded, raw string) string {
	if len(decoded) > maxValue || len(raw) > 3*maxValue {
		decoded, raw = decoded[:min(len(decoded), maxValue+1)], ""
	}
	u := url.URL{Path: decoded, RawPath: raw}
	if sent := u.EscapedPath(); sent != "" {
		return strings.Clone(sent)
	}
	return "/"
}

// some joins at most eight words with commas. If there are more, it adds how many are left out.
func some(words []string) string {
	const most = 8
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:most], ", ") + " and " + strconv.Itoa(len(words)-most) + " more"
}

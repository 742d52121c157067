package diagnose

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/polycors/cors/core/internal/field"
)

// This file reads requests as they are on the wire, and the headers of requests as the developer
// tools of browsers show them.

var requestLine = regexp.MustCompile(`^([!#$%&'*+.^_|~0-9A-Za-z-]+) +(\S+) +HTTP/[0-9.]+$`)

// knownHeaders are the headers of which a request must have at least one, unless it has a request
// line. Otherwise any text with a colon would be a header.
var knownHeaders = map[string]bool{
	"host": true, "origin": true, "referer": true, "accept": true, "user-agent": true, "cookie": true,
	"content-type": true, "authorization": true, "accept-language": true, "accept-encoding": true,
	"access-control-request-method": true, ":authority": true, ":method": true, ":path": true, "sec-fetch-mode": true,
	"x-requested-with": true,
}

// rawRequest is a request as it is on the wire.
type rawRequest struct {
	method, target string      // "" without a request line
	pseudo         [][2]string // the pseudo-headers of HTTP/2, such as :path
	header         [][2]string
	known          bool // whether there is a request line, or one of the knownHeaders
	alternating    bool // whether names and values are on lines of their own
}

func (q *rawRequest) isEmpty() bool     { return q.target == "" && q.hasNoHeader() }
func (q *rawRequest) hasNoHeader() bool { return len(q.pseudo)+len(q.header) == 0 }

// responseHeaders are in responses only.
var responseHeaders = regexp.MustCompile(`(?i)^(?::status|access-control-(?:allow|expose)-.*|access-control-max-age|` +
	`server|set-cookie|etag|last-modified|vary|location|www-authenticate|x-powered-by|age|expires)$`)

// isResponse reports whether a header without a request line is that of a response.
func (q *rawRequest) isResponse() bool {
	if q.target != "" {
		return false
	}
	found := false
	for _, nv := range append(q.pseudo, q.header...) {
		switch name := strings.ToLower(nv[0]); {
		case responseHeaders.MatchString(name):
			found = true
		case knownHeaders[name] && name != "content-type":
			return false
		}
	}
	return found
}

// generalLine matches the lines that Chromium shows before the headers, and the headings.
var (
	generalLine = regexp.MustCompile(`^(Request URL|Request Method|Status Code|Remote Address|Referrer Policy):?\s*(.*)$`)
	sectionLine = regexp.MustCompile(`^(General|Request Headers|Response Headers)(?: \([0-9]+\))?:?$`)
)

// general reads a line of those. It returns false if the line is another one. The second result is
// whether the next line is the value, and thus read as well.
func (q *rawRequest) general(line, next string) (found, usesNext bool) {
	m := generalLine.FindStringSubmatch(line)
	if m == nil {
		return false, false
	}
	value := m[2]
	if value == "" {
		value, usesNext = next, true
	}
	switch m[1] {
	case "Request URL":
		q.target, q.known = value, true
	case "Request Method":
		q.method = value
	}
	return true, usesNext
}

// headers reads the header of a request, with or without a request line.
func (r *reader) headers() (found bool, err error) {
	var q rawRequest
	if har, ok := parseHAR(r.text); ok {
		q = har
	} else if err := r.rawRequest(&q, strings.Split(r.text, "\n")); err != nil {
		return false, err
	}
	if q.isResponse() {
		return false, errors.New(responseText)
	}
	if !q.known || q.isEmpty() {
		return false, nil
	}
	method := cmp.Or(valueOf(q.pseudo, ":method"), q.method)
	if method == "" {
		method = "GET"
		if valueOf(q.header, "Access-Control-Request-Method") != "" {
			method = "OPTIONS"
		}
	}
	if !field.IsToken(method) {
		return false, errors.New(quoted(method) + " is not a valid method")
	}
	r.in.Kind = KindHeaders
	r.set(method, q.header)
	r.in.Fetch.URL = r.urlOf(&q)
	return true, nil
}

// parseHAR reads a request of an HTTP archive, an entry, or a whole archive, of which it reads the
// first entry (http://www.softwareishard.com/blog/har-12-spec/#request).
func parseHAR(text string) (q rawRequest, ok bool) {
	type request struct {
		Method, URL string
		Headers     []struct{ Name, Value string }
	}
	var archive struct {
		request
		Request request
		Log     struct{ Entries []struct{ Request request } }
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") || json.Unmarshal([]byte(text), &archive) != nil {
		return q, false
	}
	found := archive.request
	switch {
	case archive.Request.URL != "":
		found = archive.Request
	case len(archive.Log.Entries) > 0:
		found = archive.Log.Entries[0].Request
	}
	if found.URL == "" {
		return q, false
	}
	q = rawRequest{method: found.Method, target: found.URL, known: true}
	for _, h := range found.Headers {
		if strings.HasPrefix(h.Name, ":") {
			continue // the URL and the method contain the same
		}
		q.header = append(q.header, [2]string{h.Name, h.Value})
	}
	return q, true
}

// rawRequest reads the lines of a request.
func (r *reader) rawRequest(q *rawRequest, lines []string) error {
	inResponse := false
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			inResponse = m[1] == "Response Headers"
			continue
		}
		next := ""
		if i+1 < len(lines) {
			next = strings.TrimSpace(lines[i+1])
		}
		if found, usesNext := q.general(line, next); found {
			if usesNext {
				i++
			}
			continue
		}
		if inResponse {
			continue
		}
		if isResponse.MatchString(line) {
			return nil // curl -v and other tools show the response after the request
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, ">"))
		if m := requestLine.FindStringSubmatch(line); m != nil {
			if q.target != "" {
				r.note("The text has several requests. Only the first one is read.")
				return nil
			}
			q.method, q.target, q.known = m[1], m[2], true
			continue
		}
		name, value, ok := q.cutLine(line)
		switch {
		case line == "" && q.target != "" && !q.hasNoHeader():
			return nil // the body follows
		case line == "" || !ok && q.isEmpty():
			continue // there may be text before the request
		case !ok && q.known:
			return fmt.Errorf("line %d: %s is not a header; write \"Name: value\"", i+1, quoted(line))
		case !ok:
			return nil
		}
		// Some developer tools copy the name and the value as two lines.
		if value == "" && i+1 < len(lines) {
			_, _, isHeader := cutHeader(next)
			if next != "" && (!isHeader || q.alternating || strings.HasPrefix(name, ":")) {
				value = next
				i++
			}
		}
		q.known = q.known || knownHeaders[strings.ToLower(name)]
		if strings.HasPrefix(name, ":") {
			q.pseudo = append(q.pseudo, [2]string{name, value})
		} else {
			q.header = append(q.header, [2]string{name, value})
		}
	}
	return nil
}

// cutLine is cutHeader, but also accepts a line with only a name if the value is on the next line.
func (q *rawRequest) cutLine(line string) (name, value string, ok bool) {
	name, value, ok = cutHeader(line)
	bare := strings.TrimPrefix(line, ":")
	if !ok && field.IsToken(bare) && (bare != line || q.alternating) {
		q.alternating = true
		return line, "", true
	}
	return name, value, ok
}

// valueOf returns the first value of a header. Names are case-insensitive.
func valueOf(header [][2]string, name string) string {
	for _, nv := range header {
		if strings.EqualFold(nv[0], name) {
			return trimValue(nv[1])
		}
	}
	return ""
}

// cutHeader splits a header line. The name of a pseudo-header begins with a colon.
func cutHeader(line string) (name, value string, ok bool) {
	rest, isPseudo := strings.CutPrefix(line, ":")
	name, value, ok = strings.Cut(rest, ":")
	if !ok || !field.IsToken(name) || strings.HasPrefix(value, "//") {
		return "", "", false
	}
	if isPseudo {
		name = ":" + name
	}
	return name, field.TrimOWS(value), true
}

// urlOf returns the URL of a request.
func (r *reader) urlOf(q *rawRequest) string {
	host := cmp.Or(valueOf(q.pseudo, ":authority"), valueOf(q.header, "Host"))
	target := cmp.Or(valueOf(q.pseudo, ":path"), q.target)
	if strings.Contains(target, "://") {
		return target
	}
	if target == "" || target == "*" {
		target = "/"
		r.note("The path is unknown, so / is assumed.")
	}
	if host == "" {
		return target
	}
	if scheme := valueOf(q.pseudo, ":scheme"); scheme != "" {
		return scheme + "://" + host + target
	}
	page := cmp.Or(pageOf(valueOf(q.header, "Origin")), pageOf(valueOf(q.header, "Referer")))
	for _, scheme := range [...]string{"http", "https"} {
		if page == scheme+"://"+normalizeHost(scheme, host) {
			return page + target
		}
	}
	text := withScheme(host + target)
	scheme, _, _ := strings.Cut(text, "://")
	// A page on https can request only https.
	if !strings.HasPrefix(page, "https://") || scheme != "https" {
		r.note("The scheme of the URL is unknown. It is assumed to be %s.", scheme)
	}
	return text
}

package diagnose

import (
	"cmp"
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

// headers reads the header of a request, with or without a request line.
func (r *reader) headers() (found bool, err error) {
	var q rawRequest
	if err := r.rawRequest(&q, strings.Split(r.text, "\n")); err != nil {
		return false, err
	}
	if !q.known || q.isEmpty() {
		return false, nil
	}
	method := cmp.Or(valueOf(q.pseudo, ":method"), q.method, "GET")
	if !field.IsToken(method) {
		return false, errors.New(quoted(method) + " is not a valid method")
	}
	r.in.Kind = KindHeaders
	r.set(method, q.header)
	r.in.Fetch.URL = r.urlOf(&q)
	return true, nil
}

// rawRequest reads the lines of a request.
func (r *reader) rawRequest(q *rawRequest, lines []string) error {
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
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
			next := strings.TrimSpace(lines[i+1])
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
	return withScheme(host + target)
}

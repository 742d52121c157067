package core

import (
	"strings"

	"github.com/polycors/cors/core/internal/field"
)

// Request is what a policy reads of an HTTP request. It is built by an adapter; an application meets it in
// AllowOriginFunc and OnDecision.
type Request struct {
	Method string
	Host   string // the Host field or :authority, never X-Forwarded-*
	// Path and RawPath are as in [net/url.URL]: percent-decoded but not resolved, and as sent. RawPath is set exactly when url.URL
	// would set it: when the default encoding of Path is not what was sent.
	Path, RawPath string
	Header        RequestHeader // read only as far as the decision needs; nil is a request without any
	// Borrowed says that the strings above and what Header returns are views of a buffer, valid only until Decide returns.
	// A Decision never holds such a view.
	Borrowed bool
}

// RequestHeader is the least that a policy needs of a request's header.
type RequestHeader interface {
	// Field returns the combined value of the named field (RFC 9110, section 5.3): "" if it is absent, several lines joined by
	// ", ", so that two Origin lines are one malformed origin. name is in canonical form, such as "Access-Control-Request-Method".
	// One line costs no allocation, several cost one. If several lines sum up to more than 8 KiB they are not joined; what comes back
	// instead no policy accepts.
	Field(name string) string
}

// HeaderMap reads a header of net/http, whose names are in canonical form: core.HeaderMap(r.Header).
type HeaderMap map[string][]string

// tooLong stands for a field that is not worth joining: longer than any bound, and no token, list or origin.
var tooLong = strings.Repeat("\x00", field.MaxList+1)

// Field implements [RequestHeader].
func (h HeaderMap) Field(name string) string {
	switch lines := h[name]; len(lines) {
	case 0:
		return ""
	case 1:
		return lines[0]
	default:
		return join(lines)
	}
}

func join(lines []string) string {
	n := len(", ") * (len(lines) - 1)
	for _, line := range lines {
		if n += len(line); n > field.MaxList {
			return tooLong
		}
	}
	return strings.Join(lines, ", ")
}

package core

import "github.com/polycors/cors/core/internal/field"

// Request is the part of an HTTP request that a policy reads. Adapters build it. Applications see
// it in AllowOriginFunc and OnDecision.
type Request struct {
	// Method is the request method, such as "GET".
	Method string

	// Host is the Host header or the :authority of HTTP/2. It never comes from X-Forwarded-Host.
	Host string

	// Path and RawPath are those of a [net/url.URL]. Path is percent-decoded, and still has its "."
	// and ".." segments. RawPath is the path as sent, and is empty if it is the default encoding of
	// Path.
	Path, RawPath string

	// Header is the request's header. nil is a header without fields.
	Header RequestHeader

	// Borrowed means that the strings above and the values of Header are only valid until Decide
	// returns, because the server reuses their memory. A Decision never refers to that memory.
	Borrowed bool
}

// RequestHeader is the part of a request's header that a policy needs. [HeaderMap] implements it
// for net/http.
type RequestHeader interface {
	// Field returns the value of the named field, or "" if the request does not have it. The name
	// is in canonical form, such as "Access-Control-Request-Method".
	//
	// Several lines of one field are joined with ", " (RFC 9110, section 5.3). So two Origin lines
	// make one malformed origin. If the lines have more than 8 KiB together, Field need not join
	// them, and can return any value that no policy accepts.
	//
	// To keep Decide free of allocations, Field should allocate only if it joins lines.
	Field(name string) string
}

// HeaderMap is a [RequestHeader] for net/http: core.HeaderMap(r.Header). The names in the map must
// be in canonical form.
type HeaderMap map[string][]string

// Field implements [RequestHeader].
func (h HeaderMap) Field(name string) string {
	switch lines := h[name]; len(lines) {
	case 0:
		return ""
	case 1:
		return lines[0]
	default:
		return field.Join(lines)
	}
}

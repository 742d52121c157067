package core

import "github.com/polycors/cors/core/internal/field"

// Request holds the parts of an HTTP request that a policy examines. Adapters create Requests.
// Applications receive them in AllowOriginFunc and OnDecision.
type Request struct {
	// Method is the request method, such as "GET".
	Method string

	// Host is the Host header, or the :authority pseudo-header of HTTP/2. It never comes from
	// X-Forwarded-Host.
	Host string

	// Path and RawPath have the same meaning as in [net/url.URL]. Path is percent-decoded and keeps
	// its "." and ".." segments. RawPath is the path as the client sent it, or "" if that is the
	// default encoding of Path.
	Path, RawPath string

	// Header provides the header of the request. A nil Header is equivalent to an empty one.
	Header RequestHeader

	// Borrowed reports whether the server reuses the memory of the request. If it is true, the
	// strings in the other fields and the values that Header returns are valid only until Decide
	// returns. The Decision is always safe to retain, because it never refers to that memory.
	Borrowed bool
}

// RequestHeader provides the header fields of a request. [HeaderMap] implements it for net/http.
type RequestHeader interface {
	// Field returns the value of the named field, or "" if the request does not have it. The name
	// is in canonical form, such as "Access-Control-Request-Method".
	//
	// If the field has several lines, Field joins their values with ", " (RFC 9110, section 5.3).
	// For example, two Origin lines become a single malformed origin. If the lines exceed 8 KiB in
	// total, Field may instead return any value that no policy accepts.
	//
	// Field should not allocate memory unless it joins lines.
	Field(name string) string
}

// HeaderMap implements [RequestHeader] for net/http. Use core.HeaderMap(r.Header) to convert the
// header of a [net/http.Request]. The keys of the map must be in canonical form.
type HeaderMap map[string][]string

// Field returns the value of the named field, or "" if the map does not have it. If the field has
// several lines, their values are joined with ", ".
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

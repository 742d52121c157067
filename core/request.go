package core

import "github.com/polycors/cors/core/internal/field"

// Request contains the parts of an HTTP request that are relevant to CORS. The middleware creates
// one for each HTTP request. The AllowOriginFunc and OnDecision functions of a [Config] receive it.
type Request struct {
	// Method is the request method, such as "GET".
	Method string

	// Host is the value of the Host header, or of the :authority pseudo-header in HTTP/2. It is never
	// taken from the X-Forwarded-Host header.
	Host string

	// Path and RawPath have the same meaning as in [net/url.URL]. Path is percent-decoded, and may
	// contain "." and ".." segments. RawPath is the path as the client sent it, or "" if that is
	// the default encoding of Path.
	Path, RawPath string

	// Header is the header of the request. A nil Header is equivalent to an empty one.
	Header RequestHeader

	// Borrowed reports whether the server will reuse the memory of the request. If so, the strings
	// in the other fields and the strings that Header returns are valid only until Decide returns.
	Borrowed bool
}

// RequestHeader provides access to the header fields of a request. [HeaderMap] implements it for
// net/http.
type RequestHeader interface {
	// Field returns the value of the named field, or "" if the request does not have it. The name is
	// in canonical form, such as "Access-Control-Request-Method".
	//
	// If the field occurs more than once, Field joins the values with ", ". If the result would exceed
	// 8 KiB, Field may instead return an invalid value, such as "\x00".
	Field(name string) string
}

// HeaderMap implements [RequestHeader] for net/http. For example, core.HeaderMap(r.Header) converts
// the header of a [net/http.Request]. Keys must be in canonical form.
type HeaderMap map[string][]string

// Field returns the value of the named field, or "" if the header does not have it. If the field
// occurs more than once, Field joins the values with ", ".
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

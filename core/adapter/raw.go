package adapter

import (
	"bytes"
	"net/url"
	"strings"
	"unsafe"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/route"
)

// What follows is for servers that are not built on net/http and keep the request as bytes.

// Path returns the values for the Path and RawPath fields of a [core.Request]. The argument sent is
// the path in the request line as the client sent it, without the query.
//
// The results are the same as the Path and RawPath fields of a parsed [net/url.URL]. However, an
// invalid percent-escape, such as the one in /100%, is not an error: Path leaves it unchanged.
func Path(sent string) (path, rawPath string) {
	if isPlain(sent) {
		return sent, ""
	}
	path = route.Decode(sent)
	if (&url.URL{Path: path}).EscapedPath() == sent {
		return path, ""
	}
	return path, sent
}

// isPlain reports whether decoding and encoding the path changes nothing. It spares nearly all
// paths the allocations of EscapedPath.
func isPlain(path string) bool {
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("/-_.~$&+,:;=@", c) < 0:
			return false
		}
	}
	return true
}

// JoinLines returns the value of a header field that the client sent as one or more lines. Each
// element of lines is the part of a line after the colon. JoinLines trims spaces and tabs from each
// element and joins the elements with ", ", as the Field method of a [core.RequestHeader] must do.
//
// If there are several elements and the joined value would exceed 8 KiB, JoinLines returns a value
// that no policy accepts.
//
// If there is only one element, the result shares its memory. If that memory may change later, set
// the Borrowed field of the [core.Request].
func JoinLines(lines [][]byte) string {
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return trim(lines[0])
	}
	var few [8]string // so that a few lines cost no allocation of their own
	trimmed := few[:0]
	for _, line := range lines {
		trimmed = append(trimmed, trim(line))
	}
	return field.Join(trimmed)
}

// RawField returns the value of the named field in header, or "" if there is none. The argument
// header contains the bytes that the client sent after the request line. The name is
// case-insensitive and must not be empty. The result may share memory with header.
//
// If the field has several lines, RawField combines them in the same way as [JoinLines]. If a line
// is continued on the next line (RFC 9112, section 5.2), the value includes the continuation.
//
// RFC 9112 forbids whitespace between the name of a field and the colon. If there is any, RawField
// returns a value that no policy accepts.
func RawField(header []byte, name string) string {
	var few [4][]byte
	lines := few[:0]
	for len(header) > 0 && len(lines) <= field.MaxList {
		if header[0]|0x20 != name[0]|0x20 || !hasName(header, name) {
			i := bytes.IndexByte(header, '\n')
			if i < 0 {
				break
			}
			header = header[i+1:]
			continue
		}
		end := endOfField(header)
		lines = append(lines, valueOf(header[len(name):end]))
		header = header[end:]
	}
	return JoinLines(lines)
}

// hasName reports whether a header begins with a field of that name, perhaps with blanks after it.
func hasName(header []byte, name string) bool {
	if len(header) <= len(name) || !strings.EqualFold(view(header[:len(name)]), name) {
		return false
	}
	rest := bytes.TrimLeft(header[len(name):], " \t")
	return len(rest) > 0 && rest[0] == ':'
}

// endOfField returns where the first field of a header ends: after its line and the lines that
// continue it.
func endOfField(header []byte) int {
	end := 0
	for {
		n := bytes.IndexByte(header[end:], '\n')
		if n < 0 {
			return len(header)
		}
		end += n + 1
		if end == len(header) || header[end] != ' ' && header[end] != '\t' {
			return end
		}
	}
}

// malformed is the value of a field that no policy accepts.
var malformed = []byte{0}

// valueOf returns the value of a field on one line. colon is the field after its name.
func valueOf(colon []byte) []byte {
	if colon[0] != ':' {
		return malformed
	}
	value := bytes.TrimSuffix(bytes.TrimSuffix(colon[1:], []byte("\n")), []byte("\r"))
	if bytes.IndexByte(value, '\n') < 0 {
		return value
	}
	return []byte(lineEndings.Replace(view(value)))
}

var lineEndings = strings.NewReplacer("\r\n", " ", "\n", " ")

// MayBeChunked reports whether header, which contains the bytes that the client sent, may have a
// Transfer-Encoding field. A false result is definite. A true result is not, because the name may
// also occur elsewhere in the header.
//
// Some servers read a chunked body before they run the handler, and add its trailers to the parsed
// header. If MayBeChunked returns true, read the fields with [RawField], which ignores trailers.
func MayBeChunked(header []byte) bool {
	// This is Horspool's algorithm. Looking at each line takes three times as long, which is a sixth
	// of the time of a preflight.
	for i := len(chunked) - 1; i < len(header); i += int(shifts[header[i]]) {
		if header[i]|0x20 == 'g' && strings.EqualFold(view(header[i+1-len(chunked):i+1]), chunked) {
			return true
		}
	}
	return false
}

const chunked = "transfer-encoding"

// shifts has, for each byte, the distance from its last place in the name to the end of the name.
var shifts = func() (shifts [256]uint8) {
	for i := range shifts {
		shifts[i] = uint8(len(chunked))
	}
	for i := range len(chunked) - 1 {
		shift := uint8(len(chunked) - 1 - i)
		shifts[chunked[i]], shifts[strings.ToUpper(chunked)[i]] = shift, shift
	}
	return shifts
}()

// trim returns a view of b without the blanks around it. It is called several times a request, and
// strings.Trim is slower.
func trim(b []byte) string {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return view(b)
}

// view returns b as a string that is valid as long as b does not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

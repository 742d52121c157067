package adapter

import (
	"bytes"
	"net/url"
	"strings"
	"unsafe"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/route"
)

// The functions in this file are for servers that are not built on net/http, and that keep the
// request as bytes.

// Path returns the values for the Path and RawPath fields of a [core.Request]. The argument sent is
// the path as the client sent it, without the query.
//
// Path decodes percent-escapes in the same way as package net/url, but does not reject invalid
// ones. For example, it leaves the path "/100%" unchanged.
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

// isPlain reports whether path stays the same if it is decoded and encoded. Nearly all paths do.
// For these, Path need not call EscapedPath, which allocates memory.
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

// JoinLines combines several lines of a header field into a single value. Each element of lines is
// the part of a line after the colon. JoinLines trims spaces and tabs from the elements, and joins
// them with ", ". If there are several elements and the result would exceed 8 KiB, JoinLines
// returns an invalid value instead, which every policy refuses.
//
// If there is only one element, the result shares memory with it. If that memory may change later,
// set the Borrowed field of the [core.Request].
func JoinLines(lines [][]byte) string {
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return trim(lines[0])
	}
	var few [8]string // avoids a memory allocation if there are only a few lines
	trimmed := few[:0]
	for _, line := range lines {
		trimmed = append(trimmed, trim(line))
	}
	return field.Join(trimmed)
}

// RawField returns the value of the named field in header, or "" if header does not have the field.
// The argument header contains the header lines as the client sent them, without the request line.
// The name is case-insensitive and must not be empty.
//
// If the field occurs more than once, RawField combines the values in the same way as [JoinLines].
// If there is whitespace between the name and the colon, RawField returns an invalid value, because
// RFC 9112 forbids that.
//
// The result may share memory with header.
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

// hasName reports whether header begins with a field of the given name, followed by a colon or by
// whitespace and a colon.
func hasName(header []byte, name string) bool {
	if len(header) <= len(name) || !strings.EqualFold(view(header[:len(name)]), name) {
		return false
	}
	rest := bytes.TrimLeft(header[len(name):], " \t")
	return len(rest) > 0 && rest[0] == ':'
}

// endOfField returns the length of the first field of header, including the lines that continue it.
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

// valueOf returns the value of a field as a single line. The argument colon is the part of the
// field after its name.
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

// MayBeChunked reports whether header may contain a Transfer-Encoding field. The argument header
// contains the header lines as the client sent them. If there is such a field, MayBeChunked always
// returns true. If there is none, it usually returns false.
//
// Some servers read a chunked body before they run the handler, and add its trailers to the parsed
// header. If MayBeChunked returns true, read header fields with [RawField], which ignores trailers.
func MayBeChunked(header []byte) bool {
	// This is Horspool's algorithm. Searching line by line would take three times as long.
	for i := len(chunked) - 1; i < len(header); i += int(shifts[header[i]]) {
		if header[i]|0x20 == 'g' && strings.EqualFold(view(header[i+1-len(chunked):i+1]), chunked) {
			return true
		}
	}
	return false
}

const chunked = "transfer-encoding"

// shifts is the table of Horspool's algorithm for the name in chunked. For each byte, it contains
// the distance from the last occurrence of the byte in the name to the end of the name.
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

// trim returns b without leading and trailing spaces and tabs. The result shares memory with b.
// trim is called several times per request, and strings.Trim is slower.
func trim(b []byte) string {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return view(b)
}

// view returns b as a string without copying it. The string is valid as long as b does not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

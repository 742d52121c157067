package corsfasthttp

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
)

// Request returns what a policy reads of the request. Use it where no middleware runs: in the origin check of a
// WebSocket upgrader, or to call Policy.Explain in a handler. Its strings are valid until the handler returns, and
// nothing else may use the request's header meanwhile. A WebSocket handshake always carries cookies, so accept one from
// another origin only if the decision is Allowed and has AllowCredentials.
func Request(ctx *fasthttp.RequestCtx) core.Request {
	r := lazyRequest(ctx)
	r.Host, r.Path, r.RawPath = r.Header.(core.Target).Target()
	return r
}

// lazyRequest is Request without what core.Ask finds out where it matters.
func lazyRequest(ctx *fasthttp.RequestCtx) core.Request {
	return core.Request{Method: view(ctx.Method()), Header: header(ctx), Borrowed: true}
}

// target implements core.Target.
func target(ctx *fasthttp.RequestCtx) (host, path, rawPath string) {
	path, rawPath = paths(ctx)
	return hostOf(ctx), path, rawPath
}

// hostOf returns the host as net/http has it: that of a target such as http://example.com/path, or else the Host field.
// fasthttp's own is in lower case, and empty for http:///path.
func hostOf(ctx *fasthttp.RequestCtx) string {
	parsed, field := view(ctx.Host()), view(ctx.Request.Header.Host())
	if target := view(ctx.Request.Header.RequestURI()); parsed != "" && !strings.HasPrefix(target, "/") {
		_, authority, _ := strings.Cut(target, "://")
		if i := strings.IndexAny(authority, "/?#"); i >= 0 {
			authority = authority[:i]
		}
		if sent := authority[strings.LastIndexByte(authority, '@')+1:]; strings.EqualFold(parsed, sent) {
			return sent
		}
	}
	if parsed == "" || strings.EqualFold(parsed, field) {
		return field
	}
	return parsed
}

// paths returns the path as net/url.URL has it: percent-decoded, and as sent if that is not the default encoding.
func paths(ctx *fasthttp.RequestCtx) (path, rawPath string) {
	raw := view(ctx.URI().PathOriginal())
	if strings.IndexByte(raw, '%') < 0 {
		return raw, ""
	}
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		return unescape(raw), raw // net/http refuses such a request
	}
	if (&url.URL{Path: decoded}).EscapedPath() == raw {
		return decoded, ""
	}
	return decoded, raw
}

// unescape decodes a path as fasthttp does, which keeps what is not a valid escape.
func unescape(raw string) string {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '%' && i+2 < len(raw) {
			if c, err := strconv.ParseUint(raw[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		b = append(b, raw[i])
	}
	return string(b)
}

// header returns a reader for the request's header. It differs from request to request for two reasons.
//
// First, fasthttp puts the trailers of a chunked body among the fields of the header, whether a Trailer field
// announces them or not, but they are not part of the header (RFC 9110, section 6.5.1). A client could otherwise
// correct its Origin or its Sec-Fetch-Site after the fact. A Trailer field by itself says nothing: net/http, too, reads
// a field that is in the header although Trailer names it.
//
// Second, a server that does not normalise names (DisableHeaderNamesNormalizing) looks them up exactly as written, but
// they mean the same in any case.
//
// So in both situations the fields are read from the bytes as sent.
func header(ctx *fasthttp.RequestCtx) core.RequestHeader {
	if h := &ctx.Request.Header; keepsNames(h) || isChunked(h) {
		return (*sentHeader)(ctx)
	}
	return (*plainHeader)(ctx)
}

// keepsNames reports whether a header may keep names as they were sent. Current versions of fasthttp say so. In others,
// a header that normalises names finds the host under any spelling of its name, and in the same memory. Without a host
// nothing can be said.
func keepsNames(h *fasthttp.RequestHeader) bool {
	if h, ok := any(h).(normalizer); ok {
		if h.DisableNormalizing() {
			return true
		}
		h.EnableNormalizing()
		return false
	}
	found, host := h.Peek("host"), h.Host()
	return len(found) == 0 || len(found) != len(host) || &found[0] != &host[0]
}

// normalizer is a header of current versions of fasthttp. Both methods return what was disabled before.
type normalizer interface {
	DisableNormalizing() bool
	EnableNormalizing() bool
}

// isChunked reports whether the request came with a Transfer-Encoding. When fasthttp has read the whole body it has
// replaced the field by a Content-Length, so the bytes as sent must tell.
func isChunked(h *fasthttp.RequestHeader) bool {
	const neither = -2 // neither Content-Length nor Transfer-Encoding
	if h.ContentLength() == neither {
		return false
	}
	for raw := h.RawHeaders(); len(raw) > 0; {
		if raw[0]|0x20 == 't' && hasName(raw, fasthttp.HeaderTransferEncoding) {
			return true
		}
		_, raw, _ = bytes.Cut(raw, newline)
	}
	return false
}

var newline = []byte("\n")

// hasName reports whether a line is a field of that name.
func hasName(line []byte, name string) bool {
	return len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(view(line[:len(name)]), name)
}

// plainHeader reads a header whose names are normalised and which has no trailers.
type plainHeader fasthttp.RequestCtx

// Field implements core.RequestHeader.
func (h *plainHeader) Field(name string) string {
	header := &(*fasthttp.RequestCtx)(h).Request.Header
	header.DisableNormalizing() // name is canonical already; making it so again is slow
	found := header.PeekAll(name)
	header.EnableNormalizing()
	return join(found)
}

// Target implements core.Target.
func (h *plainHeader) Target() (host, path, rawPath string) { return target((*fasthttp.RequestCtx)(h)) }

// sentHeader reads a header from the bytes as sent. What a middleware outside has changed is not there.
type sentHeader fasthttp.RequestCtx

// Field implements core.RequestHeader.
func (h *sentHeader) Field(name string) string {
	var few [4][]byte // so that a few lines cost no allocation
	found := few[:0]
	header := &(*fasthttp.RequestCtx)(h).Request.Header
	raw := header.RawHeaders()
	if len(raw) == 0 { // a request that was made in the program
		header.VisitAll(func(key, value []byte) {
			if strings.EqualFold(view(key), name) {
				found = append(found, value)
			}
		})
		return join(found)
	}
	for len(raw) > 0 && len(found) <= maxJoined {
		end := endOfField(raw)
		if hasName(raw, name) {
			found = append(found, unfold(raw[len(name)+1:end]))
		}
		raw = raw[end:]
	}
	return join(found)
}

// Target implements core.Target.
func (h *sentHeader) Target() (host, path, rawPath string) { return target((*fasthttp.RequestCtx)(h)) }

// endOfField returns where the first field of a header ends: after its line, and after the lines that continue it.
func endOfField(raw []byte) int {
	end := 0
	for {
		n := bytes.IndexByte(raw[end:], '\n')
		if n < 0 {
			return len(raw)
		}
		end += n + 1
		if end == len(raw) || raw[end] != ' ' && raw[end] != '\t' {
			return end
		}
	}
}

// unfold returns a value without its line ending, and a continued one on one line (RFC 9112, section 5.2).
func unfold(value []byte) []byte {
	value = bytes.TrimSuffix(bytes.TrimSuffix(value, newline), []byte("\r"))
	if bytes.IndexByte(value, '\n') < 0 {
		return value
	}
	return []byte(lineEndings.Replace(view(value)))
}

var lineEndings = strings.NewReplacer("\r\n", " ", "\n", " ")

const maxJoined = 8 << 10 // as core.RequestHeader says

// tooLong replaces lines that are not worth joining: longer than any bound, and not a token, a list or an origin.
var tooLong = strings.Repeat("\x00", maxJoined+1)

// join returns the lines as one value (RFC 9110, section 5.3).
func join(lines [][]byte) string {
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return trim(lines[0])
	}
	n := len(", ") * (len(lines) - 1)
	for _, line := range lines {
		if n += len(trim(line)); n > maxJoined {
			return tooLong
		}
	}
	var b strings.Builder
	b.Grow(n)
	for i, line := range lines {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(trim(line))
	}
	return b.String()
}

// trim returns a view without the optional whitespace around it, which fasthttp 1.51 keeps in part, and which a
// middleware may have set. It is called several times a request, and strings.Trim is slower.
func trim(b []byte) string {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return view(b)
}

// view returns the bytes as a string that is valid as long as they are. A Decision keeps nothing of a Borrowed request.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

package corsfasthttp

import (
	"bufio"
	"bytes"
	"strings"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// Request converts the request in ctx to a [core.Request], so that a handler can call functions
// such as [core.Policy.Explain] and [core.AllowsWebSocket].
//
// The result shares memory with ctx, so it is valid only until the handler returns. While the
// result is in use, no other goroutine may use ctx.
func Request(ctx *fasthttp.RequestCtx) core.Request {
	var r core.Request
	fill(&r, ctx)
	r.Host, r.Path, r.RawPath = located{ctx}.Target()
	return r
}

// fill sets the fields of r except the host and the path. core.Ask gets these by calling Target if
// it needs them.
func fill(r *core.Request, ctx *fasthttp.RequestCtx) {
	r.Method, r.Header, r.Borrowed = view(ctx.Method()), headerOf(ctx), true
}

// located provides the host and the path of a request.
type located struct{ *fasthttp.RequestCtx }

// Target implements core.Target.
func (r located) Target() (host, path, rawPath string) {
	path, rawPath = adapter.Path(view(r.URI().PathOriginal()))
	return hostOf(r.RequestCtx), path, rawPath
}

// hostOf returns the same host as net/http: the one in a request target such as
// http://example.com/path, or else the Host field. The host that fasthttp itself returns is in
// lower case, and is empty for http:///path.
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
	if parsed == "" || parsed == field || strings.EqualFold(parsed, field) {
		return field
	}
	return parsed
}

// headerOf provides the header fields of the request. In three situations, it reads the bytes that
// the client sent instead of the header that fasthttp has parsed.
//
// First, fasthttp adds the trailers of a chunked body to the fields of the header, whether or not a
// Trailer field announces them. They are not part of the header (RFC 9110, section 6.5.1), and must
// not replace an Origin or a Sec-Fetch-Site field. A Trailer field alone does not matter, because
// net/http also accepts a field that is in the header and also listed in Trailer.
//
// Second, a server that does not normalize names (DisableHeaderNamesNormalizing) finds a field only
// by the exact name that was sent, but names are case-insensitive.
//
// Third, some versions of fasthttp accept a space before the colon, as part of the name.
func headerOf(ctx *fasthttp.RequestCtx) core.RequestHeader {
	h := &ctx.Request.Header
	const neither = -2 // neither Content-Length nor Transfer-Encoding
	switch {
	case keepsNames(h),
		// Once fasthttp has read a chunked body, only the original bytes show that it was chunked.
		h.ContentLength() != neither && adapter.MayBeChunked(h.RawHeaders()),
		acceptsBlanks && bytes.Contains(h.RawHeaders(), []byte(" :")):
		return sentHeader{located{ctx}}
	}
	return parsedHeader{located{ctx}}
}

// keepsNames reports whether h leaves names as they were sent instead of normalizing them. Current
// versions of fasthttp provide this information. In other versions, keepsNames looks for the host
// under a name that is not normalized: a header that normalizes names finds it, in the same memory.
// Without a host, keepsNames cannot find out and returns true.
func keepsNames(h *fasthttp.RequestHeader) bool {
	if tells, ok := any(h).(interface{ DisableNormalizing() (before bool) }); ok {
		kept := tells.DisableNormalizing()
		if !kept {
			h.EnableNormalizing()
		}
		return kept
	}
	found := h.Peek("host")
	return len(found) == 0 || unsafe.SliceData(found) != unsafe.SliceData(h.Host())
}

// acceptsBlanks reports whether this version of fasthttp accepts a space before the colon.
var acceptsBlanks = func() bool {
	const head = "GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"
	return new(fasthttp.RequestHeader).Read(bufio.NewReader(strings.NewReader(head))) == nil
}()

// parsedHeader provides the header fields that fasthttp has parsed.
type parsedHeader struct{ located }

// Field implements core.RequestHeader.
func (h parsedHeader) Field(name string) string {
	header := &h.Request.Header
	header.DisableNormalizing() // the name is already canonical, and normalizing it again is slow
	lines := header.PeekAll(name)
	header.EnableNormalizing()
	return adapter.JoinLines(lines)
}

// sentHeader provides the header fields that the client sent. It ignores changes by middleware.
type sentHeader struct{ located }

// Field implements core.RequestHeader.
func (h sentHeader) Field(name string) string {
	if raw := h.Request.Header.RawHeaders(); len(raw) > 0 {
		return adapter.RawField(raw, name)
	}
	var lines [][]byte // there are no raw headers if the program itself created the request
	h.Request.Header.VisitAll(func(key, value []byte) {
		if strings.EqualFold(view(key), name) {
			lines = append(lines, value)
		}
	})
	return adapter.JoinLines(lines)
}

// view returns b as a string that shares its memory. This is safe because the Request is Borrowed,
// so that a Decision does not retain its strings.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

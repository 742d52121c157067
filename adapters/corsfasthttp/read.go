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

// Request returns the parts of the request in ctx that a policy examines. Use it in code that calls
// a policy directly. For example, a handler may call [core.Policy.Explain], and a WebSocket
// upgrader may check the origin.
//
// The strings in the result are valid only until the handler returns. No other code may use the
// request's header while the result is in use.
//
// A WebSocket handshake always carries the user's cookies. Accept a handshake from another origin
// only if [core.Decision.Allowed] returns true and the decision's AllowCredentials field is set.
func Request(ctx *fasthttp.RequestCtx) core.Request {
	r := lazyRequest(ctx)
	r.Host, r.Path, r.RawPath = located{ctx}.Target()
	return r
}

// lazyRequest is Request without the host and the path, which core.Ask looks up if it needs them.
func lazyRequest(ctx *fasthttp.RequestCtx) core.Request {
	return core.Request{Method: view(ctx.Method()), Header: headerOf(ctx), Borrowed: true}
}

// located is a request of which the host and the path can be looked up.
type located struct{ *fasthttp.RequestCtx }

// Target implements core.Target.
func (r located) Target() (host, path, rawPath string) {
	path, rawPath = adapter.Path(view(r.URI().PathOriginal()))
	return hostOf(r.RequestCtx), path, rawPath
}

// hostOf returns the host as net/http does: from a target such as http://example.com/path, or else
// from the Host field. The host that fasthttp returns is in lower case, and is empty for
// http:///path.
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

// headerOf returns a reader for the fields of the request. It reads the bytes as sent, instead of
// what fasthttp has parsed, in three situations.
//
// First, fasthttp adds the trailers of a chunked body to the fields of the header, whether or not a
// Trailer field announces them. They are not part of the header (RFC 9110, section 6.5.1), and
// could otherwise correct an Origin or a Sec-Fetch-Site. A Trailer field alone does not matter:
// net/http also reads a field that is in the header although Trailer names it.
//
// Second, a server that does not normalise names (DisableHeaderNamesNormalizing) finds a field only
// by the name as sent, but names mean the same in any case.
//
// Third, some versions of fasthttp accept a blank before the colon, as part of the name.
func headerOf(ctx *fasthttp.RequestCtx) core.RequestHeader {
	h := &ctx.Request.Header
	const neither = -2 // neither Content-Length nor Transfer-Encoding
	switch {
	case keepsNames(h),
		// Once fasthttp has read a chunked body, only the bytes as sent tell that it was one.
		h.ContentLength() != neither && adapter.MayBeChunked(h.RawHeaders()),
		acceptsBlanks && bytes.Contains(h.RawHeaders(), []byte(" :")):
		return sentHeader{located{ctx}}
	}
	return parsedHeader{located{ctx}}
}

// keepsNames reports whether h may not normalise names. Current versions of fasthttp tell. In
// others, a header that normalises names finds the host by any spelling of its name, in the same
// memory; without a host, nothing can be said.
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

// acceptsBlanks reports whether this version of fasthttp accepts a blank before the colon.
var acceptsBlanks = func() bool {
	const head = "GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"
	return new(fasthttp.RequestHeader).Read(bufio.NewReader(strings.NewReader(head))) == nil
}()

// parsedHeader reads a header as fasthttp has parsed it.
type parsedHeader struct{ located }

// Field implements core.RequestHeader.
func (h parsedHeader) Field(name string) string {
	header := &h.Request.Header
	header.DisableNormalizing() // name is canonical already, and making it so again is slow
	lines := header.PeekAll(name)
	header.EnableNormalizing()
	return adapter.JoinLines(lines)
}

// sentHeader reads a header from the bytes as sent, without what a middleware has changed.
type sentHeader struct{ located }

// Field implements core.RequestHeader.
func (h sentHeader) Field(name string) string {
	if raw := h.Request.Header.RawHeaders(); len(raw) > 0 {
		return adapter.RawField(raw, name)
	}
	var lines [][]byte // of a request that was made in the program
	h.Request.Header.VisitAll(func(key, value []byte) {
		if strings.EqualFold(view(key), name) {
			lines = append(lines, value)
		}
	})
	return adapter.JoinLines(lines)
}

// view returns b as a string that is valid as long as b is. A Decision keeps nothing of a Borrowed
// request.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Package corsfasthttp is CORS for fasthttp (github.com/valyala/fasthttp) and its routers.
//
// Wrap the server's handler as a whole, outside of the router, of authentication and of fasthttp.TimeoutHandler:
//
//	server := &fasthttp.Server{Handler: corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://app.example.com"}})(router.Handler)}
//
// and not single routes: a preflight is an OPTIONS request, for which a route of another method does not run. [Attach] does it in place, and covers a
// body that is too large, which the server answers by itself.
//
// A header of more than 4 KiB, unless Server.ReadBufferSize is more, is answered with 431. Of that one, of a malformed one, and of one whose
// body does not come in time the server keeps nothing, so no page can read what it answers, unless a policy for "*" is attached.
//
// The policy decides before the next handler and writes after it, because ctx.Error, ctx.NotFound, file serving and proxies reset the
// response. So CORS headers that a handler or an upstream sets are replaced, and the answer of fasthttp.TimeoutHandler has
// the policy's too. Inside of fasthttp.TimeoutHandler a policy has no part in that answer, and that it looks for it is a data race.
//
// Of several policies around a handler the innermost wins, and the others add to Vary only.
//
// When a handler panics the headers are written on the way out, for a middleware outside that recovers. One that resets the response then, with
// ctx.Error, takes them off: recover inside.
package corsfasthttp

import (
	"context"
	"errors"
	"net"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
)

// Config is [core.Config].
type Config = core.Config

// New returns a middleware for cfg. It panics if cfg has problems, and lists all of them; to handle them, call [core.New], then
// [Middleware].
func New(cfg Config) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	policy, err := core.New(cfg)
	if err != nil {
		panic("corsfasthttp: invalid Config:\n" + err.Error())
	}
	return Middleware(policy)
}

// Middleware returns a middleware that asks d, which may be shared with other servers and frameworks. It panics if d is nil.
func Middleware(d core.Decider) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	if isNil(d) {
		panic("corsfasthttp: Middleware: the core.Decider is nil; look at the error that came with it")
	}
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			decision, nested := decide(d, ctx)
			// Deferred, since a panic that something outside turns into a response must carry the headers.
			defer write(ctx, &decision, nested)
			if decision.Status == 0 {
				next(ctx)
				return
			}
			answer(ctx, decision.Status)
		}
	}
}

// answer answers instead of the handler, without a body.
func answer(ctx *fasthttp.RequestCtx, status int) {
	ctx.Response.ResetBody()
	ctx.Response.SetStatusCode(status)
	// A router or a middleware outside may have prepared an answer of its own.
	header := &ctx.Response.Header
	if has(header, isAllow) {
		(*responseHeader)(header).Del(fasthttp.HeaderAllow)
	}
	header.SetContentType("")
	header.SetNoDefaultContentType(true)
}

// Attach wraps the Handler and the ErrorHandler of a server in place, so that what the server answers by itself carries CORS headers too, as far
// as it has kept the request: all of them where a body is too large, and what holds for every request otherwise. Call it before the server starts. The
// error says what keeps the server from answering preflights; the server is then as it was.
func Attach(server *fasthttp.Server, d core.Decider) error {
	switch {
	case server == nil:
		return errors.New("corsfasthttp: Attach: the server is nil")
	case isNil(d):
		return errors.New("corsfasthttp: Attach: the core.Decider is nil; look at the error that came with it")
	case server.Handler == nil:
		return errors.New("corsfasthttp: Attach: the server has no Handler; set it first")
	case server.GetOnly:
		return errors.New("corsfasthttp: Attach: the server has GetOnly set and refuses OPTIONS, so no preflight can be answered; clear it")
	}
	server.Handler = Middleware(d)(server.Handler)
	next := server.ErrorHandler
	if next == nil {
		next = answerError
	}
	server.ErrorHandler = func(ctx *fasthttp.RequestCtx, err error) {
		decision, nested := decide(d, ctx)
		defer write(ctx, &decision, nested)
		next(ctx, err)
	}
	return nil
}

// answerError answers as a server without ErrorHandler does.
func answerError(ctx *fasthttp.RequestCtx, err error) {
	var small *fasthttp.ErrSmallBuffer
	var network *net.OpError
	switch {
	case errors.As(err, &small):
		ctx.Error("Too big request header", fasthttp.StatusRequestHeaderFieldsTooLarge)
	case errors.As(err, &network) && network.Timeout():
		ctx.Error("Request timeout", fasthttp.StatusRequestTimeout)
	default:
		ctx.Error("Error when parsing request", fasthttp.StatusBadRequest)
	}
}

// Request returns what a policy reads of the request. It is for what is no middleware: a WebSocket upgrader's origin check, or Policy.Explain in a
// handler. It is borrowed: its strings are valid until the handler returns, and nothing else may use the request's header meanwhile. A WebSocket
// handshake always carries cookies, so accept one from another origin only if the decision is Allowed and has AllowCredentials.
func Request(ctx *fasthttp.RequestCtx) core.Request {
	path, rawPath := paths(ctx)
	return core.Request{
		Method:   view(ctx.Method()),
		Host:     view(ctx.Host()),
		Path:     path,
		RawPath:  rawPath,
		Header:   (*requestHeader)(&ctx.Request.Header),
		Borrowed: true,
	}
}

func isNil(d core.Decider) bool {
	v := reflect.ValueOf(d)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// decide asks d. nested says that another policy is around this one. If an AllowOriginFunc panics, whatever recovers outside must not
// answer with what an outer policy grants.
func decide(d core.Decider, ctx *fasthttp.RequestCtx) (decision core.Decision, nested bool) {
	nested = ctx.UserValue(innermost{}) != nil
	decided := false
	defer func() {
		if !decided {
			ctx.SetUserValue(innermost{}, true)
			write(ctx, &core.Decision{Reason: core.LookupFailed}, true)
		}
	}()
	decision = d.Decide(ctx, Request(ctx))
	decided = true
	if !appliesNothing(&decision) {
		ctx.SetUserValue(innermost{}, true)
	}
	return decision, nested
}

// appliesNothing reports whether the decision leaves the response to other policies.
func appliesNothing(decision *core.Decision) bool {
	return decision.Reason == core.NoPolicy || decision.Reason == core.CrossSiteWrite
}

var _ context.Context = (*fasthttp.RequestCtx)(nil) // so AllowOriginFunc gets the server's shutdown and the user values

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

// unescape decodes a path as fasthttp does, which leaves what is no escape as it is.
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

// innermost is the key of the user value by which nested policies know each other: true on the way in, and on the way out the Decision of the
// innermost, if another is around it.
type innermost struct{}

// write writes the decision to the response, or that of a policy further inside, and then of this one the Vary only.
func write(ctx *fasthttp.RequestCtx, decision *core.Decision, nested bool) {
	if appliesNothing(decision) {
		return
	}
	// Once a request has timed out its handler may still run, with the context in its hands: nothing else may be touched.
	if timeout := ctx.LastTimeoutErrorResponse(); timeout != nil {
		writeTimeout(ctx, decision, nested, timeout)
		return
	}
	header := &ctx.Response.Header
	if inner, ok := ctx.UserValue(innermost{}).(core.Decision); ok {
		apply(&inner, header) // once more, for an error handler in between that resets the response
		if inner.Vary != decision.Vary {
			(*responseHeader)(header).mergeVary(decision.Vary)
		}
		return
	}
	if nested {
		ctx.SetUserValue(innermost{}, *decision)
	}
	apply(decision, header)
}

// apply applies the decision to a header, in which there is rarely anything to remove or to merge with.
func apply(decision *core.Decision, header *fasthttp.ResponseHeader) {
	if has(header, isCORS) {
		decision.Apply((*responseHeader)(header))
		return
	}
	decision.Apply((*emptyHeader)(header))
}

// has reports whether a response has a field of such a name. One look at all names costs less than one for a name, which fasthttp
// normalises first (30 ns).
func has(header *fasthttp.ResponseHeader, is func(name string) bool) bool {
	for _, name := range header.PeekKeys() {
		if is(view(name)) {
			return true
		}
	}
	return false
}

func isAllow(name string) bool { return strings.EqualFold(name, fasthttp.HeaderAllow) }

// isCORS reports whether a field may be one that decisions write.
func isCORS(name string) bool {
	const prefix, reason, vary = "Access-Control-", "Polycors-Reason", "Vary"
	switch len(name) {
	case len(vary):
		return strings.EqualFold(name, vary)
	case len(reason):
		return strings.EqualFold(name, reason)
	}
	return len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// writeTimeout is write for the answer to a request that has timed out.
func writeTimeout(ctx *fasthttp.RequestCtx, decision *core.Decision, nested bool, timeout *fasthttp.Response) {
	// Between policies the mark is a line of the answer itself, which the outermost takes off.
	const mark = "Polycors-Innermost"
	// A policy inside of the timeout gets here too, late, when the server may be reading this answer. So a copy takes its place.
	var response fasthttp.Response
	timeout.CopyTo(&response)
	header := (*responseHeader)(&response.Header)
	if len(response.Header.Peek(mark)) == 0 {
		decision.Apply(header)
	} else {
		header.mergeVary(decision.Vary)
	}
	header.Del(mark)
	if nested {
		header.Set(mark, "true")
	}
	ctx.TimeoutErrorWithResponse(&response)
}

// view returns the bytes as a string that is valid as long as they are: for a Borrowed request, of which a Decision
// keeps nothing.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// peeker is a header of fasthttp.
type peeker interface{ PeekAll(name string) [][]byte }

// lines returns the values of a field, valid until the header is read or written again. A server that does not normalise names
// (DisableHeaderNamesNormalizing) has them as they were sent, which is lower case behind a proxy that speaks HTTP/2, so both forms are
// read. One that does finds the same values under both.
func lines(h peeker, name string) [][]byte {
	canonical := h.PeekAll(name)
	n := len(canonical)
	if n == 0 {
		return h.PeekAll(lower(name))
	}
	first := canonical[0] // the next look overwrites canonical, but not what its elements point to
	switch other := h.PeekAll(lower(name)); {
	case len(other) == 0:
		return h.PeekAll(name)
	case len(other) == n && same(first, other[0]):
		return other
	default:
		other = append([][]byte(nil), other...)
		return append(other, h.PeekAll(name)...)
	}
}

// same reports whether a and b are the same bytes in memory.
func same(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// lower returns the name of a field in lower case, without an allocation for those that policies read and write.
func lower(name string) string {
	switch name {
	case "Origin":
		return "origin"
	case "Vary":
		return "vary"
	case "Sec-Fetch-Site":
		return "sec-fetch-site"
	case "Polycors-Reason":
		return "polycors-reason"
	case "Access-Control-Request-Headers":
		return "access-control-request-headers"
	case "Access-Control-Request-Method":
		return "access-control-request-method"
	case "Access-Control-Request-Private-Network":
		return "access-control-request-private-network"
	case "Access-Control-Allow-Credentials":
		return "access-control-allow-credentials"
	case "Access-Control-Allow-Headers":
		return "access-control-allow-headers"
	case "Access-Control-Allow-Methods":
		return "access-control-allow-methods"
	case "Access-Control-Allow-Origin":
		return "access-control-allow-origin"
	case "Access-Control-Allow-Private-Network":
		return "access-control-allow-private-network"
	case "Access-Control-Expose-Headers":
		return "access-control-expose-headers"
	case "Access-Control-Max-Age":
		return "access-control-max-age"
	}
	return strings.ToLower(name)
}

// requestHeader reads a header as core does.
type requestHeader fasthttp.RequestHeader

// Field implements core.RequestHeader.
func (h *requestHeader) Field(name string) string {
	header := (*fasthttp.RequestHeader)(h)
	// name is canonical already: that fasthttp makes it so once more would take 60 ns for a long one.
	var found [][]byte
	if asSent := header.DisableNormalizing(); asSent {
		found = lines(header, name)
	} else {
		found = header.PeekAll(name)
		header.EnableNormalizing()
	}
	switch {
	case len(found) == 0 || h.isTrailer(name):
		return ""
	case len(found) == 1:
		return trim(found[0])
	}
	return join(found)
}

const maxJoined = 8 << 10 // as core.RequestHeader says

// tooLong stands for lines that are not worth joining: longer than any bound, and no token, list or origin.
var tooLong = strings.Repeat("\x00", maxJoined+1)

// join returns the lines as one value, RFC 9110, section 5.3.
func join(lines [][]byte) string {
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

// isTrailer reports whether a field is announced as a trailer. fasthttp reads trailers into the header, but none is a field of it (RFC 9110,
// section 6.5.1).
func (h *requestHeader) isTrailer(name string) bool {
	for _, trailer := range (*fasthttp.RequestHeader)(h).PeekTrailerKeys() {
		if strings.EqualFold(view(trailer), name) {
			return true
		}
	}
	return false
}

// trim returns a view without the optional whitespace around it: what a middleware has set may have some.
// strings.Trim makes a table of what to trim for each call: 16 ns, three times in a preflight of 470.
func trim(b []byte) string {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return view(b)
}

// responseHeader writes a header as core does.
type responseHeader fasthttp.ResponseHeader

// Values implements core.ResponseHeader.
func (h *responseHeader) Values(name string) (values []string) {
	for _, line := range lines((*fasthttp.ResponseHeader)(h), name) {
		values = append(values, string(line))
	}
	return values
}

// Set implements core.ResponseHeader.
func (h *responseHeader) Set(name, value string) { (*fasthttp.ResponseHeader)(h).Set(name, value) }

// Add implements core.ResponseHeader.
func (h *responseHeader) Add(name, value string) { (*fasthttp.ResponseHeader)(h).Add(name, value) }

// Del implements core.ResponseHeader. Where names are not normalised, a handler may have written them in any case.
func (h *responseHeader) Del(name string) {
	header := (*fasthttp.ResponseHeader)(h)
	header.Del(name)
	for range len(header.PeekKeys()) {
		keys := header.PeekKeys()
		i := slices.IndexFunc(keys, func(key []byte) bool { return strings.EqualFold(view(key), name) })
		if i < 0 {
			return
		}
		header.Del(string(keys[i])) // a copy: Del moves what keys points to
	}
}

// emptyHeader is a responseHeader without any of the fields that decisions write.
type emptyHeader fasthttp.ResponseHeader

// Values implements core.ResponseHeader.
func (h *emptyHeader) Values(string) []string { return nil }

// Set implements core.ResponseHeader.
func (h *emptyHeader) Set(name, value string) {
	(*fasthttp.ResponseHeader)(h).SetCanonical([]byte(name), []byte(value))
}

// Add implements core.ResponseHeader. It is called for what is not there.
func (h *emptyHeader) Add(name, value string) { h.Set(name, value) }

// Del implements core.ResponseHeader.
func (h *emptyHeader) Del(string) {}

// mergeVary writes what Vary would be if outer had been merged first, as it is where headers are written on the way in: its tokens, and
// of the lines that are there what it does not have.
func (h *responseHeader) mergeVary(outer string) {
	if outer == "" {
		return
	}
	merged := core.HeaderMap{"Vary": {outer}}
	for _, line := range h.Values("Vary") {
		if line == outer {
			return
		}
		inner := core.Decision{Reason: core.Allowed, Vary: line}
		inner.ApplyMap(merged)
	}
	h.Del("Vary")
	for _, line := range merged["Vary"] {
		h.Add("Vary", line)
	}
}

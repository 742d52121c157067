package corsfasthttp

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
)

// Serve asks d about the request, runs next unless the policy responds itself, and then writes the decision to the
// response, also when next panics. It is for adapters of frameworks built on fasthttp; applications use [Middleware].
// ctx is what an AllowOriginFunc gets.
func Serve(ctx context.Context, rc *fasthttp.RequestCtx, d core.Decider, next func()) {
	v, decision := verdict{rc: rc}, &failed
	defer func() { v.write(decision) }()
	var room core.Decision
	request := lazyRequest(rc)
	decision = core.Ask(ctx, d, &request, &room)
	v.enter(decision)
	if decision.Status == 0 {
		next()
		return
	}
	rc.Response.ResetBody()
	rc.Response.SetStatusCode(decision.Status)
	skipBody(rc)
	// A router or a middleware outside may have prepared a response of its own.
	header := &rc.Response.Header
	if has(header, isAllow) {
		(*responseHeader)(header).Del(fasthttp.HeaderAllow)
	}
	header.SetContentType("")
	header.SetNoDefaultContentType(true)
}

// skipBody reads what is left of a streamed body, or closes the connection if that is more than net/http would read.
// With StreamRequestBody, fasthttp parses what nobody has read as the next request, and a page of any site can send a
// body that looks like one.
func skipBody(rc *fasthttp.RequestCtx) {
	const most = 256 << 10
	if !rc.Request.IsBodyStream() {
		return
	}
	if _, err := io.CopyN(io.Discard, rc.Request.BodyStream(), most); err != io.EOF {
		rc.SetConnectionClose()
	}
}

// verdict is what one policy says about one response.
type verdict struct {
	rc     *fasthttp.RequestCtx
	shared *nesting // nil until the policy has decided that it applies
	nested bool     // another policy is around this one
}

// failed applies if an AllowOriginFunc panics. Whatever recovers outside must not respond with the grant of another
// policy.
var failed = core.Decision{Reason: core.ReasonLookupFailed}

// enter joins the policies around this one. A policy without anything to say leaves the response to the others.
func (v *verdict) enter(decision *core.Decision) {
	if !decision.Applies() {
		return
	}
	v.shared, v.nested = v.rc.UserValue(nestingKey{}).(*nesting)
	if !v.nested {
		v.shared = nestings.Get().(*nesting)
		v.rc.SetUserValue(nestingKey{}, v.shared)
	}
	v.shared.written = false // what ran before inside the same policy is not inside this one
}

// write writes the decision to the response. It is deferred, because a panic that something outside turns into a
// response must carry the headers.
func (v *verdict) write(decision *core.Decision) {
	if v.shared == nil {
		if v.enter(decision); v.shared == nil { // entering late: d has panicked
			return
		}
	}
	// After a timeout the handler may still run and use the context, so nothing else of it may be touched, and the
	// nesting cannot be used again. A policy inside the timeout gets here too, late, when the server may be reading
	// the response. So a copy replaces it.
	if timeout := v.rc.LastTimeoutErrorResponse(); timeout != nil {
		var response fasthttp.Response
		timeout.CopyTo(&response)
		v.shared.apply(decision, v.nested, &response.Header)
		v.rc.TimeoutErrorWithResponse(&response)
		return
	}
	v.shared.apply(decision, v.nested, &v.rc.Response.Header)
	if !v.nested {
		v.rc.RemoveUserValue(nestingKey{}) // the handler may run again on the same context
		nestings.Put(v.shared)
	}
}

// nesting is shared by the policies around one handler, as a user value. The innermost wins, and the others only add to
// Vary.
type nesting struct {
	innermost core.Decision // set if more than one policy is around the handler
	written   bool          // innermost has been written
}

type nestingKey struct{}

var nestings = sync.Pool{New: func() any { return new(nesting) }}

// apply writes the decision of one policy to a header. nested says that another policy is around it.
func (n *nesting) apply(decision *core.Decision, nested bool, header *fasthttp.ResponseHeader) {
	if !n.written {
		if nested {
			n.innermost, n.written = *decision, true
		}
		apply(decision, header)
		return
	}
	apply(&n.innermost, header) // again, because an error handler in between may have reset the response
	if n.innermost.Vary != decision.Vary {
		(*responseHeader)(header).mergeVary(decision.Vary)
	}
}

// apply applies the decision to a header, in which there is rarely anything to remove or to merge with.
func apply(decision *core.Decision, header *fasthttp.ResponseHeader) {
	if has(header, isCORS) {
		decision.Apply((*responseHeader)(header))
		return
	}
	decision.Apply((*emptyHeader)(header))
}

// has reports whether a response has a field of such a name. One look at all names is cheaper than one for each name,
// which fasthttp would normalise first.
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
	const prefix = "Access-Control-"
	return strings.EqualFold(name, "Vary") || strings.EqualFold(name, "Polycors-Reason") ||
		len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// responseHeader writes a header as core does. Where names are not normalised, a handler may have written them in any
// case.
type responseHeader fasthttp.ResponseHeader

// Values implements core.ResponseHeader.
func (h *responseHeader) Values(name string) (values []string) {
	(*fasthttp.ResponseHeader)(h).VisitAll(func(key, value []byte) {
		if strings.EqualFold(view(key), name) {
			values = append(values, string(value))
		}
	})
	return values
}

// Set implements core.ResponseHeader.
func (h *responseHeader) Set(name, value string) { (*fasthttp.ResponseHeader)(h).Set(name, value) }

// Add implements core.ResponseHeader.
func (h *responseHeader) Add(name, value string) { (*fasthttp.ResponseHeader)(h).Add(name, value) }

// Del implements core.ResponseHeader.
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

// mergeVary makes Vary what it would be if outer had been merged first, as in adapters that write before the handler
// runs: the tokens of outer, and then the lines that have others.
func (h *responseHeader) mergeVary(outer string) {
	if outer == "" {
		return
	}
	merged := core.HeaderMap{"Vary": {outer}}
	for _, line := range h.Values("Vary") {
		if line == outer {
			return
		}
		inner := core.Decision{Reason: core.ReasonAllowed, Vary: line}
		inner.ApplyMap(merged)
	}
	h.Del("Vary")
	for _, line := range merged["Vary"] {
		h.Add("Vary", line)
	}
}

// emptyHeader writes a header that has none of the fields that decisions write.
type emptyHeader fasthttp.ResponseHeader

// Values implements core.ResponseHeader.
func (h *emptyHeader) Values(string) []string { return nil }

// Set implements core.ResponseHeader.
func (h *emptyHeader) Set(name, value string) {
	if strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '\r') >= 0 {
		(*fasthttp.ResponseHeader)(h).Set(name, value) // which removes them; no Decider of core writes any
		return
	}
	// With []byte(value) fasthttp 1.51 would get a copy on the heap. It only reads the bytes, as later versions do.
	(*fasthttp.ResponseHeader)(h).SetCanonical([]byte(name), unsafe.Slice(unsafe.StringData(value), len(value)))
}

// Add implements core.ResponseHeader. It is only called for what is not there yet.
func (h *emptyHeader) Add(name, value string) { h.Set(name, value) }

// Del implements core.ResponseHeader.
func (h *emptyHeader) Del(string) {}

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

// Serve applies CORS to a single request. It calls d.Decide with ctx and the request in rc. If the
// Status of the decision is 0, Serve calls next. Otherwise, it responds with that status and no
// body. In both cases, Serve adds the CORS headers to the response, even if next panics.
//
// Serve is meant for adapters of frameworks that are built on fasthttp. Applications should use
// [Middleware].
func Serve(ctx context.Context, rc *fasthttp.RequestCtx, d core.Decider, next func()) {
	n, nested := rc.UserValue(nestingKey{}).(*nesting)
	before := nested && n.written
	if nested {
		n.written = false // a policy that ran earlier inside the same outer policy is not inside this one
	}
	decision := &failed
	defer func() { write(rc, decision, n, nested) }() // also after a panic, which may become a response
	var room core.Decision
	var request core.Request
	fill(&request, rc)
	decision = core.Ask(ctx, d, &request, &room)
	switch d.(type) {
	case *core.Policy, *core.CSRFProtection:
	default:
		dropLineEndings(&room)
	}
	if nested && !decision.Applies() {
		n.written = before
	}
	if decision.Status == 0 {
		if !nested && decision.Applies() {
			n = nestings.Get().(*nesting)
			n.written = false
			rc.SetUserValue(nestingKey{}, n)
		}
		next()
		return
	}
	rc.Response.ResetBody()
	rc.Response.SetStatusCode(decision.Status)
	skipBody(rc)
	// A router or middleware outside may already have prepared its own response.
	header := responseHeader{&rc.Response.Header}
	header.Del(fasthttp.HeaderAllow)
	header.SetContentType("")
	header.SetNoDefaultContentType(true)
}

// skipBody reads the rest of a streamed body, or closes the connection if the rest is longer than
// net/http would read. With StreamRequestBody, fasthttp parses unread bytes as the next request,
// and any page can send a body that looks like one.
func skipBody(rc *fasthttp.RequestCtx) {
	const most = 256 << 10
	if !rc.Request.IsBodyStream() {
		return
	}
	if _, err := io.CopyN(io.Discard, rc.Request.BodyStream(), most); err != io.EOF {
		rc.SetConnectionClose()
	}
}

// dropLineEndings replaces the decision of a Decider that is not from core if a value contains a
// line ending, which would add a header to the response.
func dropLineEndings(d *core.Decision) {
	for _, value := range [...]string{d.AllowOrigin, d.AllowMethods, d.AllowHeaders, d.ExposeHeaders, d.MaxAge, d.Vary} {
		if strings.ContainsAny(value, "\r\n") {
			*d = core.Decision{Status: d.Status, Reason: core.ReasonLookupFailed}
		}
	}
}

// failed is the decision that applies if a Decider panics. It removes the CORS headers of other
// policies from the error response.
var failed = core.Decision{Reason: core.ReasonLookupFailed}

// nesting is shared by all policies that apply to one handler. It is stored as a user value of the
// request. The innermost policy wins, and the others only add to Vary.
type nesting struct {
	innermost core.Decision // set if more than one policy applies to the handler
	written   bool          // whether innermost has been written
}

type nestingKey struct{}

var nestings = sync.Pool{New: func() any { return new(nesting) }}

// write writes a decision to the response. The argument nested reports whether this policy is
// inside another one. The argument n is nil if no handler has run inside this policy.
func write(rc *fasthttp.RequestCtx, decision *core.Decision, n *nesting, nested bool) {
	if !decision.Applies() {
		return
	}
	// After a timeout, the handler may still be running and using the context. So nothing else in the
	// context may be accessed, and n cannot be reused. A policy inside the timeout handler gets here
	// late, when the server may already be reading the response. So a copy replaces the response.
	if timeout := rc.LastTimeoutErrorResponse(); timeout != nil {
		var response fasthttp.Response
		timeout.CopyTo(&response)
		n.apply(decision, nested, &response.Header)
		rc.TimeoutErrorWithResponse(&response)
		return
	}
	n.apply(decision, nested, &rc.Response.Header)
	if n != nil && !nested {
		rc.RemoveUserValue(nestingKey{}) // the handler may run again on the same context
		nestings.Put(n)
	}
}

// apply writes a decision to a header. If a policy inside this one has already written its
// decision, apply writes that decision again, because an error handler in between may have reset
// the response.
func (n *nesting) apply(decision *core.Decision, nested bool, header *fasthttp.ResponseHeader) {
	outer := ""
	if n != nil && n.written {
		outer, decision = decision.Vary, &n.innermost
	} else if nested {
		n.innermost, n.written = *decision, true
	}
	if hasCORS(header) {
		decision.Apply(responseHeader{header})
	} else {
		for name, value := range decision.Lines() {
			// The value has no line endings, which SetCanonical does not replace in older versions of
			// fasthttp.
			header.SetCanonical(bytesOf(name), bytesOf(value))
		}
	}
	// Vary must be the same as in adapters that write the headers before the handler runs. There,
	// the names in outer are first, followed by the lines that contain other names.
	if outer == "" || outer == decision.Vary {
		return
	}
	h := responseHeader{header}
	vary := h.Values("Vary")
	if slices.Contains(vary, outer) {
		return
	}
	h.Del("Vary")
	merged := *decision
	for _, merged.Vary = range append([]string{outer}, vary...) {
		merged.Apply(h)
	}
}

// bytesOf returns the bytes of s without copying them. They must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// hasCORS reports whether header may have a field that decisions write.
func hasCORS(header *fasthttp.ResponseHeader) (found bool) {
	header.VisitAll(func(key, _ []byte) { found = found || isCORS(view(key)) })
	return found
}

// isCORS reports whether a field with this name may be one that decisions write.
func isCORS(name string) bool {
	const prefix, reason, vary = "access-control-", "Polycors-Reason", "Vary"
	if name == "" {
		return false
	}
	switch name[0] | 0x20 {
	case 'a':
		return len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
	case 'p':
		return strings.EqualFold(name, reason)
	case 'v':
		return strings.EqualFold(name, vary)
	}
	return false
}

// responseHeader implements core.ResponseHeader. It compares names case-insensitively, because a
// handler may have written them in any case if the server does not normalize them.
type responseHeader struct{ *fasthttp.ResponseHeader }

// Values implements core.ResponseHeader.
func (h responseHeader) Values(name string) (values []string) {
	h.VisitAll(func(key, value []byte) {
		if strings.EqualFold(view(key), name) {
			values = append(values, string(value))
		}
	})
	return values
}

// Del implements core.ResponseHeader.
func (h responseHeader) Del(name string) {
	for range len(h.PeekKeys()) {
		keys := h.PeekKeys()
		i := slices.IndexFunc(keys, func(key []byte) bool { return strings.EqualFold(view(key), name) })
		if i < 0 {
			return
		}
		h.ResponseHeader.Del(string(keys[i])) // a copy: Del moves what keys points to
	}
}

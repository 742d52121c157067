package core

import "context"

// Ask does the same as d.Decide(ctx, *r), but usually without copying the Request and the Decision.
// It is meant for adapters, which need a decision about every request. Applications should call
// Decide instead.
//
// The Reason for which an origin is refused can be less exact than that of Decide. If nothing but
// the response depends on it, it can be ReasonOriginNotAllowed where Decide would return
// ReasonOriginMalformed or ReasonSameOrigin.
//
// Ask may return scratch, so the result is valid only until scratch is used again. The caller must
// not modify the result.
//
// If r.Header implements [Target], the caller may leave the Host, Path and RawPath fields of r
// empty. Ask sets these fields if it needs them.
func Ask(ctx context.Context, d Decider, r *Request, scratch *Decision) *Decision {
	switch d := d.(type) {
	case *Policy:
		if d.onDecision == nil {
			return d.routed(ctx, r, scratch, nil)
		}
		return d.observed(ctx, r, scratch)
	case *Live:
		if d := d.Load(); d != nil {
			return Ask(ctx, d, r, scratch)
		}
	}
	r.locate()
	*scratch = d.Decide(ctx, *r)
	return scratch
}

// Target is an optional interface for a [RequestHeader]. Implement it if finding the host and the
// path of a request takes time. [Ask] calls it if it needs them and the Host and Path fields of the
// [Request] are empty.
type Target interface {
	// Target returns the values for the Host, Path and RawPath fields of a [Request].
	Target() (host, path, rawPath string)
}

// locate sets Host, Path and RawPath if the caller of Ask left them empty.
func (r *Request) locate() {
	if r.Path != "" || r.Host != "" {
		return
	}
	if t, ok := r.Header.(Target); ok {
		r.Host, r.Path, r.RawPath = t.Target()
	}
}

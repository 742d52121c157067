package core

import "context"

// Ask is a faster version of d.Decide(ctx, *r) for use by adapters. Applications should call Decide
// instead.
//
// The result leads to the same response as that of Decide. If nothing but the response depends on
// it, the Reason of a refusal can be less exact: it can be ReasonOriginNotAllowed where that of
// Decide is ReasonOriginMalformed or ReasonSameOrigin.
//
// Ask may use the memory of scratch for its result. The caller must not modify the result, and must
// not use it after passing scratch to Ask again.
//
// If r.Header implements [Target], the caller may leave the Host, Path and RawPath fields of r
// empty. Ask sets these fields if it needs them.
func Ask(ctx context.Context, d Decider, r *Request, scratch *Decision) *Decision {
	switch d := d.(type) {
	case *Policy:
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
// path of a request is expensive. [Ask] calls it only for requests whose host or path it needs.
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

package core

import "context"

// Ask is a faster version of d.Decide(ctx, *r) for use by adapters. Applications should call Decide
// instead.
//
// Ask may store the result in room and return a pointer to it. The caller must not modify the
// result, and must not use it after room is reused.
//
// If r.Header implements [Target], the caller may leave the Host, Path and RawPath fields of r
// empty. Ask sets these fields if it needs them.
func Ask(ctx context.Context, d Decider, r *Request, room *Decision) *Decision {
	switch d := d.(type) {
	case *Policy:
		return d.observed(ctx, r, room)
	case *Live:
		if d := d.Load(); d != nil {
			return Ask(ctx, d, r, room)
		}
	}
	r.locate()
	*room = d.Decide(ctx, *r)
	return room
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

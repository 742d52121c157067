package core

import "context"

// Ask is a faster d.Decide(ctx, *r) for adapters. It copies less. Applications call Decide instead.
//
// The caller passes memory for a Decision in room. The contents of room do not matter. Ask returns
// room, or a Decision that all requests share. So the caller must not change the result, and must
// not use it after changing room.
//
// If r.Header also implements [Target], the caller may leave Host, Path and RawPath of r empty. Ask
// then sets them if they may be needed.
func Ask(ctx context.Context, d Decider, r *Request, room *Decision) *Decision {
	switch d := d.(type) {
	case *Policy:
		return d.observed(ctx, r, room)
	case *Live:
		if d := d.Load(); d != nil {
			return Ask(ctx, d, r, room)
		}
		return &untouched
	}
	r.locate()
	*room = d.Decide(ctx, *r)
	return room
}

// Target is an optional interface of a [RequestHeader]. It is for servers that need time to find
// the host and the path of a request. [Ask] calls it only if a decision depends on them.
type Target interface {
	// Target returns the Host, Path and RawPath of the [Request].
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

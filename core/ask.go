package core

import "context"

// Ask is like d.Decide(ctx, *r), but faster because it copies less. It is meant for adapters.
// Applications should call Decide instead.
//
// Ask may store the Decision in room, whose previous contents do not matter. It returns either room
// or a pointer to a Decision that all requests share. The caller must therefore not modify the
// result, and must not use the result after modifying room.
//
// If r.Header also implements [Target], the caller may leave r.Host, r.Path and r.RawPath empty.
// Ask sets these fields if the decision may depend on them.
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

// Target is an optional interface that a [RequestHeader] may implement if finding the host and the
// path of a request is expensive. [Ask] calls its method only if it needs the host or the path.
type Target interface {
	// Target returns the values for the Host, Path and RawPath fields of the [Request].
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

package core

import "context"

// Ask is Decide for adapters: it returns what d decides about *r, without copying more than it must.
// Everybody else calls Decide.
//
// The Decision must not be changed. It is either *room or one that is shared by all requests, so it is
// valid as long as *room is left alone. room must not be nil; what is in it does not matter.
//
// If r.Header is a [Target], the Host, Path and RawPath of r may be left empty: Ask fills them in where
// the decision depends on them, or where d is not a type of this package.
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

// Target is a [RequestHeader] that also knows where its request went, for servers on which that takes
// work to find out. Target returns the Host, Path and RawPath of [Request].
type Target interface {
	Target() (host, path, rawPath string)
}

// locate fills in what Ask allows to be left empty.
func (r *Request) locate() {
	if r.Path != "" || r.Host != "" {
		return
	}
	if t, ok := r.Header.(Target); ok {
		r.Host, r.Path, r.RawPath = t.Target()
	}
}

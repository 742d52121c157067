package core

import (
	"context"
	"sync/atomic"

	"github.com/polycors/cors/core/internal/nils"
)

// Live is a [Decider] that can be replaced while requests are being served:
//
//	live := core.NewLive(policy)
//	handler := corshttp.Middleware(live)(mux)
//	...
//	err := live.Reload(newConfig)
//
// One Decider decides each request, either the old one or the new one. The zero Live is ready to
// use: it passes all requests on and leaves the responses alone until a Decider is stored.
//
// All methods may be called by several goroutines at once. A Live must not be copied after first
// use.
type Live struct {
	decider atomic.Pointer[Decider]
}

// NewLive returns a Live that decides as d does. It panics if d is nil or a nil pointer.
func NewLive(d Decider) *Live {
	l := new(Live)
	l.Store(d)
	return l
}

// Decide returns the decision of the stored Decider. It returns the zero Decision if none is
// stored.
func (l *Live) Decide(ctx context.Context, r Request) Decision {
	if d := l.decider.Load(); d != nil {
		return (*d).Decide(ctx, r)
	}
	return Decision{}
}

// Store replaces the Decider. Requests that arrive later are decided by d. It panics if d is nil or
// a nil pointer.
func (l *Live) Store(d Decider) {
	if d == Decider(l) {
		panic("cors: Live: the Decider is the Live itself, which would never decide")
	}
	if nils.Is(d) {
		panic("cors: Live: the Decider is nil; look at the error that came with it")
	}
	l.decider.Store(&d)
}

// Load returns the stored Decider, or nil if none is stored.
func (l *Live) Load() Decider {
	if d := l.decider.Load(); d != nil {
		return *d
	}
	return nil
}

// Reload compiles cfg and stores the [Policy]. If cfg has problems, Reload returns the error of
// [New], and the stored Decider stays.
func (l *Live) Reload(cfg Config) error {
	p, err := New(cfg)
	if err != nil {
		return err
	}
	l.Store(p)
	return nil
}

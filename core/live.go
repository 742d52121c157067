package core

import (
	"context"
	"sync/atomic"

	"github.com/polycors/cors/core/internal/nils"
)

// Live is a [Decider] that delegates to another Decider, usually a [*Policy], which can be replaced
// while the server is running. Pass the Live to the middleware, and call [Live.Reload] when the
// configuration changes. Each request is handled entirely by either the old Decider or the new one.
//
// The zero Live is ready to use. Until a Decider is stored in it, it adds no CORS headers, but
// refuses state-changing requests from other websites, as [CSRFProtection] does.
//
// A Live is safe for concurrent use. It must not be copied after first use.
type Live struct {
	decider atomic.Pointer[Decider]
}

// NewLive returns a Live that delegates to d. It panics if d is nil or holds a nil pointer.
func NewLive(d Decider) *Live {
	l := new(Live)
	l.Store(d)
	return l
}

// Decide returns the decision of the stored Decider. If none is stored, Decide refuses
// state-changing requests from other websites, as a [CSRFProtection] with an empty [CSRFConfig]
// does.
func (l *Live) Decide(ctx context.Context, r Request) Decision {
	if d := l.decider.Load(); d != nil {
		return (*d).Decide(ctx, r)
	}
	return noDecider.Decide(ctx, r)
}

// noDecider makes the decisions of a Live in which no Decider is stored.
var noDecider CSRFProtection

// Store replaces the stored Decider with d, which handles all requests that arrive after Store
// returns. Store panics if d is nil, if it holds a nil pointer, or if it is the Live itself.
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

// Reload creates a [Policy] from cfg and stores it in l. If cfg is invalid, Reload returns the same
// error as [New] and keeps the Decider that is already stored.
func (l *Live) Reload(cfg Config) error {
	p, err := New(cfg)
	if err != nil {
		return err
	}
	l.Store(p)
	return nil
}

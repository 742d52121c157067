package core

import (
	"context"
	"reflect"
	"sync/atomic"
)

// Live is a [Decider] that can be replaced while it is in use. Each request is decided by one Decider as a whole, the old one or
// the new one. The zero Live passes everything on. A Live must not be copied; its methods may be called concurrently.
type Live struct {
	decider atomic.Pointer[Decider]
}

// NewLive returns a Live that decides as d does. It panics if d is nil.
func NewLive(d Decider) *Live {
	l := new(Live)
	l.Store(d)
	return l
}

// Decide asks the Decider that is stored.
func (l *Live) Decide(ctx context.Context, r Request) Decision {
	if d := l.decider.Load(); d != nil {
		return (*d).Decide(ctx, r)
	}
	return Decision{}
}

// Store makes d decide from now on. It panics if d is nil, or a nil pointer.
func (l *Live) Store(d Decider) {
	if isNil(d) {
		panic("cors: Live: the Decider is nil; look at the error that came with it")
	}
	l.decider.Store(&d)
}

// Load returns the Decider that decides now, nil for the zero Live.
func (l *Live) Load() Decider {
	if d := l.decider.Load(); d != nil {
		return *d
	}
	return nil
}

// Reload makes a Policy of cfg and stores it. If cfg has problems they are returned, as by [New], and nothing changes.
func (l *Live) Reload(cfg Config) error {
	p, err := New(cfg)
	if err != nil {
		return err
	}
	l.Store(p)
	return nil
}

func isNil(d Decider) bool {
	v := reflect.ValueOf(d)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

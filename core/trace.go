package core

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
)

// trace records details of a decision that OnDecision and Explain report. It is nil if neither
// needs them.
type trace struct {
	policy  *Policy // the policy that decided; nil if none applied
	route   int     // the id of the route that applied, or route.None
	refused string  // the method or header name that is not allowed; it may alias the request
	err     error   // the error that AllowOriginFunc returned
	lookups lookups // only for explanations; nil for OnDecision
	closed  bool    // AllowOriginFunc must not be called; lookups has its result
}

// refuse records the method or header name that is not allowed.
func (t *trace) refuse(what string) {
	if t != nil {
		t.refused = what
	}
}

// lookUp calls AllowOriginFunc and records its error.
func (t *trace) lookUp(ctx context.Context, ask originFunc, text string, r *Request) (allowed bool, err error) {
	switch {
	case t == nil:
		return ask(ctx, text, *r)
	case t.lookups == nil:
		allowed, err = ask(ctx, text, *r)
	case t.closed:
		allowed, err = t.lookups[text].allowed, t.lookups[text].err
	default:
		allowed, err = t.lookups.ask(ctx, ask, text, *r)
	}
	t.err = err
	return allowed, err
}

// originFunc is the type of Config.AllowOriginFunc.
type originFunc = func(ctx context.Context, origin string, r Request) (bool, error)

// lookups contains the results of AllowOriginFunc by origin, so that Explain calls it only once for
// each origin.
type lookups map[string]lookup

type lookup struct {
	allowed bool
	err     error
}

// ask calls AllowOriginFunc, unless it was already called for this origin.
func (ls lookups) ask(ctx context.Context, ask originFunc, text string, r Request) (allowed bool, err error) {
	l, asked := ls[text]
	if !asked {
		l.allowed, l.err = recovered(ctx, ask, text, r)
		ls[strings.Clone(text)] = l
	}
	return l.allowed, l.err
}

// recovered calls AllowOriginFunc and returns a panic as an error.
func recovered(ctx context.Context, ask originFunc, text string, r Request) (allowed bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			allowed, err = false, errors.New("panic: "+clip.Quoted(fmt.Sprint(v)))
		}
	}()
	return ask(ctx, text, r)
}

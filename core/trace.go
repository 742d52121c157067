package core

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
)

// trace is what a decision leaves for those who want to know more of it: OnDecision and Explain. Without
// either, it is nil, and recording costs nothing.
type trace struct {
	policy  *Policy // that decided; nil if none applied
	route   int     // the id of the route that applied, or route.None
	refused string  // the method or the header name that was refused; a view of the request
	err     error   // what AllowOriginFunc returned
	lookups lookups // Explain's; nil for OnDecision
}

func (t *trace) refuse(what string) {
	if t != nil {
		t.refused = what
	}
}

// lookUp asks AllowOriginFunc about an origin.
func (t *trace) lookUp(ctx context.Context, ask originFunc, text string, r *Request) (allowed bool, err error) {
	switch {
	case t == nil:
		return ask(ctx, text, *r)
	case t.lookups == nil:
		allowed, err = ask(ctx, text, *r)
	default:
		allowed, err = t.lookups.ask(ctx, ask, text, *r)
	}
	t.err = err
	return allowed, err
}

// originFunc is the type of Config.AllowOriginFunc.
type originFunc = func(ctx context.Context, origin string, r Request) (bool, error)

// lookups are the results of AllowOriginFunc by origin. Explain asks once per origin, and reports a panic as an error.
type lookups map[string]lookup

type lookup struct {
	allowed bool
	err     error
}

func (ls lookups) ask(ctx context.Context, ask originFunc, text string, r Request) (allowed bool, err error) {
	l, asked := ls[text]
	if !asked {
		l.allowed, l.err = recovered(ctx, ask, text, r)
		ls[strings.Clone(text)] = l
	}
	return l.allowed, l.err
}

func recovered(ctx context.Context, ask originFunc, text string, r Request) (allowed bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			allowed, err = false, errors.New("panic: "+clip.Quoted(fmt.Sprint(v)))
		}
	}()
	return ask(ctx, text, r)
}

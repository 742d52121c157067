package core

import (
	"context"
	"regexp"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// A Decider decides how to respond to requests. [*Policy], [*Live] and [*CSRFProtection] are
// Deciders. The middleware of every supported framework accepts a Decider.
type Decider interface {
	// Decide returns how to respond to r. It must be safe for concurrent use.
	Decide(ctx context.Context, r Request) Decision
}

// Policy decides which cross-origin requests a server allows. Use [New] to create a Policy from a
// [Config]. A Policy is immutable, so it is safe for concurrent use.
type Policy struct {
	any       bool // "*" is listed, so every origin is allowed
	origins   origin.Set
	regexes   []*regexp.Regexp
	allowFunc originFunc
	listed    bool // only entries of lists can allow an origin, and no response says why one is refused

	methods     []string // a slice, because it is short and a map would be slower
	anyMethod   bool
	echoMethod  bool // the response lists the requested method, because "*" has no effect with credentials
	headers     field.Names
	echoHeaders bool // the response lists the requested headers, for the same reason

	routes   *routes // nil if there are none
	fallback bool    // this policy applies to paths that match no route

	privateNetwork bool
	forbid         bool
	debug          bool
	onDecision     func(ctx context.Context, e Event)

	// Decisions in which only a few values depend on the request.
	noOrigin         Decision
	actual           Decision // the origin is allowed
	allowedPreflight Decision
	shownPreflight   Decision  // with Debug: the origin is allowed, and something else is not
	refusedPreflight *refusals // shared by many policies

	configured configured // for Explain
}

// New creates a [Policy] from cfg.
//
// If cfg is invalid, New returns an error that wraps one [*ConfigError] for each problem. The error
// message lists only the first hundred problems. Use [Problems] to iterate over all of them.
func New(cfg Config) (*Policy, error) {
	c := compiler{cfg: cfg}
	p := c.compile()
	if len(c.problems) > 0 {
		return nil, problems(c.problems)
	}
	return p, nil
}

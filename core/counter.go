package core

import (
	"context"
	"sync/atomic"
)

// Counter counts decisions by kind and reason, so that a metrics library can report them. For
// example:
//
//	var decisions core.Counter
//	policy, err := core.New(core.Config{
//		AllowOrigins: []string{"https://app.example.com"},
//		OnDecision:   decisions.Count,
//	})
//
// The zero Counter is ready to use. One Counter may count the decisions of several policies. All
// methods are safe for concurrent use. A Counter must not be copied after first use.
type Counter struct {
	counts [numKinds][numReasons]atomic.Uint64
}

// Count records one decision in the totals. Use it as the value of Config.OnDecision or
// CSRFConfig.OnDecision. It does not allocate memory.
func (c *Counter) Count(_ context.Context, e Event) {
	if k, r := e.Decision.Kind, e.Decision.Reason; k < numKinds && r < numReasons {
		c.counts[k][r].Add(1)
	}
}

// Each calls f once for each combination of kind and reason that has been counted, always in the
// same order. The argument n is the number of decisions with that kind and reason since the Counter
// was created.
func (c *Counter) Each(f func(k Kind, r Reason, n uint64)) {
	for k := range c.counts {
		for r := range c.counts[k] {
			if n := c.counts[k][r].Load(); n > 0 {
				f(Kind(k), Reason(r), n)
			}
		}
	}
}

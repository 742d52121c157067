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

// Each calls f once for each combination of kind and reason that the decisions of this package can
// have, always in the same order. The argument n is the number of decisions with that kind and
// reason since the Counter was created. It may be 0, so a metrics library knows every combination
// from the beginning and can report the first increase. Each does not allocate memory.
//
// If Count has been called with the decision of another [Decider], such as an actual request
// without a policy, Each includes its combination too.
func (c *Counter) Each(f func(k Kind, r Reason, n uint64)) {
	for k := range c.counts {
		for r := range c.counts[k] {
			if n := c.counts[k][r].Load(); n > 0 || combinations[k][r] {
				f(Kind(k), Reason(r), n)
			}
		}
	}
}

// combinations contains the combinations of kind and reason that the decisions of a [Policy] or a
// [CSRFProtection] can have.
var combinations = [numKinds][numReasons]bool{
	KindNotCORS: {ReasonNoPolicy: true, ReasonNoOrigin: true, ReasonCrossSiteWrite: true},
	KindActual: {
		ReasonSameOrigin: true, ReasonAllowed: true, ReasonOriginMalformed: true, ReasonOriginNotAllowed: true,
		ReasonLookupFailed: true, ReasonPathAmbiguous: true,
	},
	KindPreflight: {
		ReasonAllowed: true, ReasonOriginMalformed: true, ReasonOriginNotAllowed: true, ReasonLookupFailed: true,
		ReasonMethodMalformed: true, ReasonMethodNotAllowed: true, ReasonHeadersMalformed: true,
		ReasonHeadersTooLarge: true, ReasonHeaderNotAllowed: true, ReasonPathAmbiguous: true,
	},
}

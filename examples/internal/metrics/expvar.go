package main

import (
	"expvar"

	"github.com/polycors/cors/core"
)

// publish reports decisions at /debug/vars, with keys such as "actual origin-not-allowed".
func publish(decisions *core.Counter) {
	expvar.Publish("cors_decisions", expvar.Func(func() any {
		totals := map[string]uint64{}
		decisions.Each(func(k core.Kind, r core.Reason, n uint64) { totals[k.String()+" "+r.String()] = n })
		return totals
	}))
}

// Package metrics exports the decisions of a policy to Prometheus, OpenTelemetry and expvar.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/polycors/cors/core"
)

// collector reports decisions to Prometheus. Register it with prometheus.MustRegister.
type collector struct{ decisions *core.Counter }

var desc = prometheus.NewDesc(
	"cors_decisions_total", "CORS decisions by kind and reason.", []string{"kind", "reason"}, nil,
)

func (c collector) Describe(descs chan<- *prometheus.Desc) { descs <- desc }

func (c collector) Collect(metrics chan<- prometheus.Metric) {
	c.decisions.Each(func(k core.Kind, r core.Reason, n uint64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), k.String(), r.String())
	})
}

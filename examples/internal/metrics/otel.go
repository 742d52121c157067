package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/polycors/cors/core"
)

// observe reports decisions to OpenTelemetry, whenever the meter's provider collects its metrics.
func observe(meter metric.Meter, decisions *core.Counter) error {
	callback := func(_ context.Context, o metric.Int64Observer) error {
		decisions.Each(func(k core.Kind, r core.Reason, n uint64) {
			o.Observe(int64(n), metric.WithAttributes(
				attribute.String("kind", k.String()), attribute.String("reason", r.String())))
		})
		return nil
	}
	_, err := meter.Int64ObservableCounter("cors.decisions", metric.WithInt64Callback(callback))
	return err
}

// Command metrics is an API whose decisions Prometheus can read. The functions in otel.go and
// expvar.go report decisions to OpenTelemetry and expvar instead. docs/guides/logging.md shows all
// three.
package main

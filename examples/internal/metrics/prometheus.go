package main

import (
	"io"
	"log"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// collector reports the decisions in a Counter to Prometheus. The totals have the name in desc.
type collector struct {
	desc      *prometheus.Desc
	decisions *core.Counter
}

func newCollector(name, help string, decisions *core.Counter) collector {
	return collector{prometheus.NewDesc(name, help, []string{"kind", "reason"}, nil), decisions}
}

func (c collector) Describe(descs chan<- *prometheus.Desc) { descs <- c.desc }

func (c collector) Collect(metrics chan<- prometheus.Metric) {
	c.decisions.Each(func(k core.Kind, r core.Reason, n uint64) {
		metrics <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(n), k.String(), r.String())
	})
}

// newAPI returns the API, and registers its collectors.
func newAPI(registry prometheus.Registerer) (http.Handler, error) {
	var decisions, writes core.Counter
	registry.MustRegister(
		newCollector("cors_decisions_total", "CORS decisions by kind and reason.", &decisions),
		newCollector("csrf_decisions_total", "Decisions of the CSRF protection by kind and reason.", &writes),
	)
	policy, err := core.New(core.Config{
		AllowOrigins:     []string{"https://app.example.com"},
		AllowCredentials: true,
		OnDecision:       decisions.Count,
	})
	if err != nil {
		return nil, err
	}
	protection, err := core.NewCSRFProtection(core.CSRFConfig{
		TrustedOrigins: []string{"https://app.example.com"},
		OnDecision:     writes.Count,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
	return corshttp.Middleware(policy)(corshttp.Middleware(protection)(mux)), nil
}

func main() {
	api, err := newAPI(prometheus.DefaultRegisterer)
	if err != nil {
		log.Fatal(err)
	}
	// Prometheus reads http://127.0.0.1:9091/. Visitors cannot, because it is another port.
	go func() { log.Fatal(http.ListenAndServe("127.0.0.1:9091", promhttp.Handler())) }()
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", api))
}

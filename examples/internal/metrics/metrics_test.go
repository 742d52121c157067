package metrics

import (
	"bytes"
	"encoding/json"
	"expvar"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// counted sends requests to a server whose policy counts its decisions.
func counted(t *testing.T, decisions *core.Counter) {
	t.Helper()
	server := httptest.NewServer(corshttp.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, OnDecision: decisions.Count,
	})(http.NotFoundHandler()))
	defer server.Close()
	for _, request := range []struct {
		n              int
		method, origin string
	}{
		{1, "GET", ""},
		{3, "GET", "https://app.example.com"},
		{2, "GET", "https://evil.example.org"},
		{4, "OPTIONS", "https://evil.example.org"},
	} {
		for range request.n {
			r, err := http.NewRequestWithContext(t.Context(), request.method, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if request.origin != "" {
				r.Header.Set("Origin", request.origin)
				r.Header.Set("Access-Control-Request-Method", "PUT")
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
	}
}

// all has the totals after counted.
var all = map[string]uint64{
	"not-cors no-origin": 1, "actual allowed": 3, "actual origin-not-allowed": 2, "preflight origin-not-allowed": 4,
}

// get returns what the handler responds.
func get(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestPrometheus(t *testing.T) {
	var decisions core.Counter
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector{&decisions})
	counted(t, &decisions)
	got := get(t, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	const want = `# HELP cors_decisions_total CORS decisions by kind and reason.
# TYPE cors_decisions_total counter
cors_decisions_total{kind="actual",reason="allowed"} 3
cors_decisions_total{kind="actual",reason="origin-not-allowed"} 2
cors_decisions_total{kind="not-cors",reason="no-origin"} 1
cors_decisions_total{kind="preflight",reason="origin-not-allowed"} 4
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOpenTelemetry(t *testing.T) {
	var decisions core.Counter
	reader := metric.NewManualReader()
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	if err := observe(provider.Meter("example"), &decisions); err != nil {
		t.Fatal(err)
	}
	for _, want := range []map[string]uint64{{}, all} {
		var data metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &data); err != nil {
			t.Fatal(err)
		}
		if got := totals(t, data); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if len(want) == 0 {
			counted(t, &decisions)
		}
	}
}

// totals returns the values of cors.decisions, by kind and reason.
func totals(t *testing.T, data metricdata.ResourceMetrics) map[string]uint64 {
	t.Helper()
	got := map[string]uint64{}
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || m.Name != "cors.decisions" || !sum.IsMonotonic || sum.Temporality != metricdata.CumulativeTemporality {
				t.Fatalf("got %+v, want a cumulative counter named cors.decisions", m)
			}
			for _, point := range sum.DataPoints {
				kind, _ := point.Attributes.Value(attribute.Key("kind"))
				reason, _ := point.Attributes.Value(attribute.Key("reason"))
				got[kind.AsString()+" "+reason.AsString()] = uint64(point.Value)
			}
		}
	}
	return got
}

func TestExpvar(t *testing.T) {
	var decisions core.Counter
	publish(&decisions)
	counted(t, &decisions)
	var got struct {
		Decisions map[string]uint64 `json:"cors_decisions"`
	}
	if err := json.Unmarshal([]byte(get(t, expvar.Handler())), &got); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got.Decisions, all) {
		t.Errorf("got %v, want %v", got.Decisions, all)
	}
}

// TestDocs checks that the guide shows exactly the code that is tested here: what comes after the
// imports of each file.
func TestDocs(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "guides", "logging.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"prometheus.go", "otel.go", "expvar.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, code, _ := strings.Cut(string(source), "\n)\n\n")
		if code == "" || !strings.Contains(string(guide), "```go\n"+code+"```\n") {
			t.Errorf("docs/guides/logging.md does not show\n%s", code)
		}
	}
}

// TestLogRecord checks that the record in the guide is what LogRefusals writes.
func TestLogRecord(t *testing.T) {
	var logged bytes.Buffer
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		OnDecision:   core.LogRefusals(logger),
	})
	if err != nil {
		t.Fatal(err)
	}
	policy.Decide(t.Context(), core.Request{
		Method: "GET", Host: "api.example.com", Path: "/items",
		Header: core.HeaderMap{"Origin": {"https://www.example.com"}},
	})
	guide, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "guides", "logging.md"))
	if err != nil {
		t.Fatal(err)
	}
	if logged.Len() == 0 || !strings.Contains(string(guide), "```text\n"+logged.String()+"```\n") {
		t.Errorf("docs/guides/logging.md does not show\n%s", &logged)
	}
}

package main

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
	"regexp"
	"strconv"
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
	send(t, corshttp.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, OnDecision: decisions.Count,
	})(http.NotFoundHandler()))
}

// send sends requests to a handler.
func send(t *testing.T, h http.Handler) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	for _, request := range []struct {
		n              int
		method, origin string
	}{
		{1, "GET", ""},
		{3, "GET", "https://app.example.com"},
		{2, "POST", "https://evil.example.org"},
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

// all has the totals after counted, without those that are 0.
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

// positive removes the totals that are 0. There must be some, so that the first increase of a total
// is seen.
func positive(t *testing.T, totals map[string]uint64) map[string]uint64 {
	t.Helper()
	before := len(totals)
	maps.DeleteFunc(totals, func(_ string, n uint64) bool { return n == 0 })
	if before != 19 {
		t.Errorf("got %d totals, want 19", before)
	}
	return totals
}

var sample = regexp.MustCompile(`(?m)^(\w+)\{kind="([a-z-]+)",reason="([a-z-]+)"\} (\d+)$`)

// TestPrometheus scrapes the program in the guide before and after some requests.
func TestPrometheus(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	api, err := newAPI(registry)
	if err != nil {
		t.Fatal(err)
	}
	scrape := func() (cors, csrf map[string]uint64) {
		metrics := map[string]map[string]uint64{"cors_decisions_total": {}, "csrf_decisions_total": {}}
		text := get(t, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
		for _, m := range sample.FindAllStringSubmatch(text, -1) {
			n, err := strconv.ParseUint(m[4], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			metrics[m[1]][m[2]+" "+m[3]] = n
		}
		return metrics["cors_decisions_total"], metrics["csrf_decisions_total"]
	}
	for _, want := range []struct{ cors, csrf map[string]uint64 }{
		{map[string]uint64{}, map[string]uint64{}},
		// The preflights do not reach the protection.
		{all, map[string]uint64{"not-cors no-policy": 4, "not-cors cross-site-write": 2}},
	} {
		cors, csrf := scrape()
		if got := positive(t, cors); !maps.Equal(got, want.cors) {
			t.Errorf("cors_decisions_total: got %v, want %v", got, want.cors)
		}
		if got := positive(t, csrf); !maps.Equal(got, want.csrf) {
			t.Errorf("csrf_decisions_total: got %v, want %v", got, want.csrf)
		}
		if len(want.cors) == 0 {
			send(t, api)
		}
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
		if got := positive(t, totals(t, data)); !maps.Equal(got, want) {
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
	if got := positive(t, got.Decisions); !maps.Equal(got, all) {
		t.Errorf("got %v, want %v", got, all)
	}
}

// TestDocs checks that the guide shows the code that is tested here: the program, and what comes
// after the imports of the other files.
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
		code := string(source)
		if !strings.Contains(code, "func main()") {
			_, code, _ = strings.Cut(code, "\n)\n\n")
		}
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

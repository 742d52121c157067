package core_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polycors/cors/core"
)

// logged returns a logger that does not write times, and the buffer to which it writes.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), &b
}

func TestLogRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, b := logged()
		p := mustNew(t, listed(func(cfg *core.Config) { cfg.OnDecision = core.LogRefusals(l) }))
		hostile := get("Origin", "https://evil.example\x1b[31m\n", "Cookie", "secret")
		hostile.Path = "/items\x1b[0m"
		for _, r := range []core.Request{
			get(), get("Origin", app), get("Origin", evil), get("Origin", evil), preflight(app, "DELETE"), hostile,
		} {
			p.Decide(t.Context(), r)
		}
		time.Sleep(time.Minute)
		p.Decide(t.Context(), get("Origin", evil))
		want := strings.Join([]string{
			`level=WARN msg="cross-origin request refused" reason=origin-not-allowed ` +
				`kind=actual method=GET path=/ origin="\"https://evil.example\"" omitted=0`,
			`level=WARN msg="cross-origin request refused" reason=method-not-allowed ` +
				`kind=preflight method=OPTIONS path=/ origin="\"https://app.example.com\"" omitted=0`,
			`level=WARN msg="cross-origin request refused" reason=origin-malformed ` +
				`kind=actual method=GET path="\"/items\\x1b[0m\"" origin="\"https://evil.example\\x1b[31m\\n\"" omitted=0`,
			`level=WARN msg="cross-origin request refused" reason=origin-not-allowed ` +
				`kind=actual method=GET path=/ origin="\"https://evil.example\"" omitted=1`,
			"",
		}, "\n")
		if b.String() != want {
			t.Errorf("got\n%s\nwant\n%s", b, want)
		}
	})
}

// TestLogRefusalsBounded: if there are very many origins, only a limited number of them are logged,
// and the others are counted. A minute later, new origins are logged again.
func TestLogRefusalsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, b := logged()
		log := core.LogRefusals(l)
		flood := func() {
			for i := range 3000 {
				log(t.Context(), core.Event{Request: get("Origin", fmt.Sprintf("https://a%d.example", i)), Decision: refusedActual})
			}
		}
		flood()
		if got := strings.Count(b.String(), "\n"); got != 1025 {
			t.Errorf("got %d records, want 1,024 and one for the rest", got)
		}
		b.Reset()
		time.Sleep(time.Minute)
		log(t.Context(), core.Event{Request: get("Origin", "https://x.example"), Decision: refusedActual})
		flood()
		if got := b.String(); !strings.Contains(got, "https://x.example") {
			t.Error("a new origin is not logged a minute later")
		} else if !strings.Contains(got, "omitted=1975") {
			t.Errorf("what was left out is not counted: %.300s", got)
		}
	})
}

// TestLogRefusalsRecovers: origins that were each refused twice do not fill the table forever, and
// the refusals that were omitted are still counted.
func TestLogRefusalsRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, b := logged()
		log := core.LogRefusals(l)
		for i := range 2048 {
			log(t.Context(),
				core.Event{Request: get("Origin", fmt.Sprintf("https://a%d.example", i%1024)), Decision: refusedActual})
		}
		for range 2 {
			time.Sleep(2 * time.Minute)
			b.Reset()
			log(t.Context(), core.Event{Request: get("Origin", "https://x.example"), Decision: refusedActual})
			log(t.Context(), core.Event{Request: get("Origin", "https://y.example"), Decision: refusedActual})
			if got := b.String(); !strings.Contains(got, "https://x.example") || !strings.Contains(got, "https://y.example") {
				t.Errorf("got %q, want both", got)
			}
		}
		b.Reset()
		for i := range 1100 {
			log(t.Context(), core.Event{Request: get("Origin", fmt.Sprintf("https://b%d.example", i)), Decision: refusedActual})
		}
		if got := b.String(); !strings.Contains(got, "omitted=1024") {
			t.Error("what was left out of origins that were forgotten is not counted")
		}
	})
}

// TestLogRefusalsCopies: a record does not change when the buffers of the request are reused.
func TestLogRefusalsCopies(t *testing.T) {
	var kept []slog.Attr
	log := core.LogRefusals(slog.New(keeper{&kept}))
	r, overwrite := borrow(get("Origin", evil))
	log(t.Context(), core.Event{Request: r, Decision: refusedActual})
	overwrite()
	for _, a := range kept {
		if strings.Contains(a.Value.String(), "X") {
			t.Errorf("%s became %s", a.Key, a.Value)
		}
	}
	if len(kept) != 6 {
		t.Errorf("got %d attributes, want 6", len(kept))
	}
}

// keeper is a handler that retains its records, like an asynchronous handler.
type keeper struct{ kept *[]slog.Attr }

func (k keeper) Enabled(context.Context, slog.Level) bool { return true }
func (k keeper) WithAttrs([]slog.Attr) slog.Handler       { return k }
func (k keeper) WithGroup(string) slog.Handler            { return k }
func (k keeper) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool { *k.kept = append(*k.kept, a); return true })
	return nil
}

func TestLogRefusalsConcurrent(t *testing.T) {
	l, _ := logged()
	log := core.LogRefusals(l)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				log(t.Context(),
					core.Event{Request: get("Origin", fmt.Sprintf("https://a%d.example", i%7)), Decision: refusedActual})
			}
		})
	}
	wg.Wait()
}

func TestLogRefusalsNil(t *testing.T) {
	defer func() {
		if got, want := recover(), "cors: LogRefusals: the logger is nil"; got != want {
			t.Errorf("got panic %v, want %s", got, want)
		}
	}()
	core.LogRefusals(nil)
}

func ExampleLogRefusals() {
	// Leave out attributes that are long or that change with every run.
	short := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: short}))
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		OnDecision:   core.LogRefusals(logger),
	})
	if err != nil {
		panic(err)
	}
	policy.Decide(context.Background(), core.Request{
		Method: "GET", Path: "/items", Header: core.HeaderMap{"Origin": {"https://evil.example"}},
	})
	// Output:
	// reason=origin-not-allowed kind=actual method=GET path=/items origin="\"https://evil.example\"" omitted=0
}

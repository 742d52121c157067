package core_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polycors/cors/core"
)

// output is a buffer for several goroutines: that of the test and that of a timer.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (o *output) Len() int { return len(o.String()) }

func (o *output) Reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b.Reset()
}

// logged returns a logger that writes no times, and the buffer that it writes to.
func logged() (*slog.Logger, *output) {
	var b output
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), &b
}

func TestLogRefusals(t *testing.T) {
	down := errors.New("the database is down\n")
	l, b := logged()
	p := mustNew(t, core.Config{
		AllowOrigins: []string{app},
		AllowHeaders: []string{"x-token"},
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			if origin == "https://down.example" {
				return false, down
			}
			return false, nil
		},
		OnDecision: core.LogRefusals(l),
		Routes: []core.Route{
			{Path: "/v1/", Config: core.Config{AllowOrigins: []string{app}, AllowMethods: []string{}}},
			{Path: "/off/", Disable: true},
		},
	})
	under := func(path, raw string, r core.Request) core.Request {
		r.Path, r.RawPath = path, raw
		return r
	}
	const refused = `level=WARN msg="cross-origin request refused" reason=`
	for _, tt := range []struct {
		name, want string
		r          core.Request
	}{
		{"no origin", "", get()},
		{"allowed", "", get("Origin", app)},
		{"disabled", "", under("/off/", "", get("Origin", evil))},
		{"a page of the server itself", "", get("Origin", "https://api.example.com")},
		{
			"one letter", refused + `origin-not-allowed kind=actual method=GET host=api.example.com path=/ ` +
				`origin=https://ap.example.com because="\"https://ap.example.com\" is not among the allowed origins, but ` +
				`\"https://app.example.com\" is (with a similar spelling)" nearest=https://app.example.com fix="correct ` +
				`the spelling, or add \"https://ap.example.com\" to AllowOrigins, or return true from AllowOriginFunc, if ` +
				`its pages may read the responses"` + "\n",
			get("Origin", "https://ap.example.com", "Cookie", "secret"),
		},
		{
			"one of three headers", refused + `header-not-allowed kind=preflight method=OPTIONS host=api.example.com path=/ ` +
				`origin=https://app.example.com request_method=PUT refused=x-evil because="\"x-evil\" is not among the allowed ` +
				`headers" fix="add \"x-evil\" to AllowHeaders"` + "\n",
			preflight(app, "PUT", "Access-Control-Request-Headers", "x-token,x-evil,x-token"),
		},
		{
			"method of a route", refused + `method-not-allowed kind=preflight method=OPTIONS host=api.example.com ` +
				`path=/v1/a%20b origin=https://app.example.com request_method=DELETE refused=DELETE route=/v1/ ` +
				`because="\"DELETE\" is not among the allowed methods of Routes[0] (\"/v1/\")" fix="add ` +
				`\"DELETE\" to Routes[0].Config.AllowMethods"` + "\n",
			under("/v1/a b", "", preflight(app, "DELETE")),
		},
		{
			"the func failed", refused + `lookup-failed kind=actual method=GET host=api.example.com path=/ ` +
				`origin=https://down.example error="\"the database is down\\n\"" because="AllowOriginFunc failed for ` +
				`\"https://down.example\": \"the database is down\\n\"" fix="fix the error that AllowOriginFunc ` +
				`returned, then try again"` +
				"\n",
			get("Origin", "https://down.example"),
		},
		{
			"the path as sent", refused + `path-ambiguous kind=actual method=GET host=api.example.com path=/%76%31/x ` +
				`origin=https://app.example.com because="routers could choose different handlers for this path: ` +
				`percent-decoded, it matches Routes[0] (\"/v1/\"); as sent, it matches no route" fix="request /v1/x ` +
				`instead, if that is the intended path"` + "\n",
			under("/v1/x", "/%76%31/x", get("Origin", app)),
		},
		{
			"hostile", refused + `origin-malformed kind=actual method=GET host=api.example.com path=/items%1B%5B0m ` +
				`origin="\"https://evil.example\\x1b[31m\\n\"" because="the Origin header \"https://evil.example\\x1b[31m\\n\" ` +
				`is malformed: it contains control or non-ASCII characters" fix="send an origin such as ` +
				`\"https://app.example.com\""` + "\n",
			under("/items\x1b[0m", "", get("Origin", "https://evil.example\x1b[31m\n")),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.Reset()
			p.Decide(t.Context(), tt.r)
			if got := b.String(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestLogRefusalsCSRF: refusals by CSRF protection are logged as well.
func TestLogRefusalsCSRF(t *testing.T) {
	l, b := logged()
	p, err := core.NewCSRFProtection(core.CSRFConfig{OnDecision: core.LogRefusals(l)})
	if err != nil {
		t.Fatal(err)
	}
	r := get("Origin", evil, "Sec-Fetch-Site", "cross-site")
	p.Decide(t.Context(), r)
	if b.Len() > 0 {
		t.Errorf("got %s for a GET request, want nothing", b)
	}
	r.Method = "POST"
	p.Decide(t.Context(), r)
	want := `level=WARN msg="cross-origin request refused" reason=cross-site-write kind=not-cors method=POST ` +
		`host=api.example.com path=/ origin=https://evil.example because="Sec-Fetch-Site is \"cross-site\", so a page of ` +
		`another site sent the request, and \"https://evil.example\" is not in TrustedOrigins" fix="add ` +
		`\"https://evil.example\" to TrustedOrigins if its pages may act as your visitors"` + "\n"
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLogRefusalsCallsNoFunc: a record needs no further call of AllowOriginFunc.
func TestLogRefusalsCallsNoFunc(t *testing.T) {
	l, b := logged()
	var calls []string
	p := mustNew(t, core.Config{
		AllowOriginFunc: func(_ context.Context, origin string, _ core.Request) (bool, error) {
			calls = append(calls, origin)
			return false, nil
		},
		OnDecision: core.LogRefusals(l),
	})
	p.Decide(t.Context(), get("Origin", evil))
	p.Decide(t.Context(), get("Origin", "https://malformed.example/"))
	if want := []string{evil}; !slices.Equal(calls, want) {
		t.Errorf("got calls for %q, want %q", calls, want)
	}
	if got := strings.Count(b.String(), "\n"); got != 2 {
		t.Errorf("got %d records, want 2:\n%s", got, b)
	}
}

// TestLogRefusalsRepeated: equal refusals are counted, and the count is logged when the minute
// ends, although no other request comes.
func TestLogRefusalsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, b := logged()
		p := mustNew(t, listed(func(cfg *core.Config) {
			cfg.AllowHeaders = []string{}
			cfg.OnDecision = core.LogRefusals(l)
		}))
		count := func() int { return strings.Count(b.String(), "request refused") }
		for range 3 {
			p.Decide(t.Context(), get("Origin", evil))
			p.Decide(t.Context(), asks("x-one"))
			p.Decide(t.Context(), asks("x-two"))
		}
		if got := count(); got != 3 {
			t.Errorf("got %d records, want one for the origin and one for each header:\n%s", got, b)
		}
		b.Reset()
		time.Sleep(time.Minute - time.Second)
		p.Decide(t.Context(), asks("x-one"))
		if b.Len() > 0 {
			t.Errorf("got %s before the minute ended, want nothing", b)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		const again = `level=WARN msg="cross-origin requests refused again" reason=`
		want := again + "origin-not-allowed origin=https://evil.example count=2\n" +
			again + "header-not-allowed origin=https://app.example.com refused=x-one count=3\n" +
			again + "header-not-allowed origin=https://app.example.com refused=x-two count=2\n"
		if got := b.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		b.Reset()
		p.Decide(t.Context(), asks("x-one"))
		if got := count(); got != 1 {
			t.Errorf("got %d records in the next minute, want 1", got)
		}
		b.Reset()
		time.Sleep(time.Hour)
		if b.Len() > 0 {
			t.Errorf("got %s although nothing was repeated", b)
		}
	})
}

// TestLogRefusalsTimer: a refusal that is first repeated late in its minute is reported when that
// minute ends, and one that began later when its own does.
func TestLogRefusalsTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, b := logged()
		log := core.LogRefusals(l)
		refuse := func(origin string) {
			log(t.Context(), core.Event{Request: get("Origin", origin), Decision: refusedActual})
		}
		refuse("https://a.example")
		time.Sleep(30 * time.Second)
		refuse("https://b.example")
		refuse("https://b.example")
		refuse("https://a.example")
		for _, want := range []string{"https://a.example", "https://b.example"} {
			b.Reset()
			time.Sleep(30 * time.Second)
			synctest.Wait()
			if got := b.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "origin="+want+" count=1") {
				t.Errorf("got %q, want one record about %s", got, want)
			}
		}
	})
}

// TestLogRefusalsOneLimiter: functions that were made for the same logger count together, as they
// do if a Config with LogRefusals is loaded again and again.
func TestLogRefusalsOneLimiter(t *testing.T) {
	l, b := logged()
	live := core.NewLive(mustNew(t, origins(app)))
	for range 5 {
		if err := live.Reload(listed(func(cfg *core.Config) { cfg.OnDecision = core.LogRefusals(l) })); err != nil {
			t.Fatal(err)
		}
		live.Decide(t.Context(), get("Origin", evil))
	}
	if got := strings.Count(b.String(), "\n"); got != 1 {
		t.Errorf("got %d records, want 1:\n%s", got, b)
	}
	other, b := logged()
	core.LogRefusals(other)(t.Context(), core.Event{Request: get("Origin", evil), Decision: refusedActual})
	if got := strings.Count(b.String(), "\n"); got != 1 {
		t.Errorf("got %d records of another logger, want 1", got)
	}
}

// TestLogRefusalsForgets: a logger that is not used any more can be collected, together with what
// was counted for it.
func TestLogRefusalsForgets(t *testing.T) {
	collected := make(chan bool)
	func() {
		l, _ := logged()
		runtime.AddCleanup(l, func(c chan bool) { close(c) }, collected)
		core.LogRefusals(l)(t.Context(), core.Event{Request: get("Origin", evil), Decision: refusedActual})
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the logger was not collected")
}

// TestLogRefusalsBounded: of a flood of origins, each is logged once up to a bound, and the rest is
// counted. A minute later there is room again. Only a few records are explained.
func TestLogRefusalsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, b := logged()
		p := mustNew(t, listed(func(cfg *core.Config) { cfg.OnDecision = core.LogRefusals(l) }))
		flood := func() {
			for i := range 3000 {
				p.Decide(t.Context(), get("Origin", fmt.Sprintf("https://a%d.example", i)))
			}
		}
		for range 2 {
			b.Reset()
			flood()
			if got := strings.Count(b.String(), "\n"); got != 1025 {
				t.Errorf("got %d records, want 1,024 and one for the rest", got)
			}
			if got := strings.Count(b.String(), " fix="); got != 64 {
				t.Errorf("got %d explanations, want 64", got)
			}
			b.Reset()
			time.Sleep(time.Minute)
			synctest.Wait()
			want := `level=WARN msg="cross-origin requests refused again" reason=origin-not-allowed count=1975` + "\n"
			if got := b.String(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}

// TestLogRefusalsMillion: the memory that a million origins take is bounded.
func TestLogRefusalsMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	log := core.LogRefusals(slog.New(slog.NewTextHandler(io.Discard, nil)))
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	header := core.HeaderMap{}
	for i := range 1_000_000 {
		header["Origin"] = []string{strconv.Itoa(i) + strings.Repeat("x", 300)}
		log(t.Context(), core.Event{Request: core.Request{Method: "GET", Header: header}, Decision: refusedActual})
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes, want at most 8 MiB", grown)
	}
	runtime.KeepAlive(log)
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

// keeper is a handler that keeps its records, as an asynchronous one does.
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
	// Leave out what makes the output of an example long, or different every time.
	short := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey ||
			a.Key == "because" || a.Key == "fix" {
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
		Method: "GET", Host: "api.example.com", Path: "/items", Header: core.HeaderMap{"Origin": {"https://evil.example"}},
	})
	// Output:
	// reason=origin-not-allowed kind=actual method=GET host=api.example.com path=/items origin=https://evil.example
}

package adaptertest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

// testReload: while a policy is being replaced, each response follows either the old policy or the
// new one.
func (a *NetHTTP) testReload(t *testing.T) {
	configs := []core.Config{
		{AllowOrigins: []string{siteApp}, ExposeHeaders: []string{"X-One"}, AllowCredentials: true},
		{AllowOrigins: []string{"https://*.example.com"}, ExposeHeaders: []string{"X-Two"}},
	}
	want := [][]string{
		{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
			"Access-Control-Expose-Headers: X-One", "Vary: Origin",
		},
		{
			"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Two",
			"Vary: Origin",
		},
	}
	live := core.NewLive(newPolicy(t, configs[0]))
	addr := Listen(t, a.Middleware(http.HandlerFunc(sayOK), live))
	ctx, stop := context.WithCancel(t.Context())
	var reloading, asking sync.WaitGroup
	reloading.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			if err := live.Reload(configs[i%2]); err != nil {
				t.Error(err)
			}
			time.Sleep(50 * time.Microsecond)
		}
	})
	var seen [2]atomic.Int64
	seenBoth := func() bool { return seen[0].Load() > 0 && seen[1].Load() > 0 }
	for range 8 {
		asking.Go(func() {
			c, err := rawhttp.Dial(addr, 2*patience)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for n := 0; n < 100 || n < 100_000 && !seenBoth(); n++ {
				got, err := c.Exchange(open("GET", "/", "Origin: "+siteApp))
				if err != nil {
					t.Error(err)
					return
				}
				lines := got.CORSLines()
				i := slices.IndexFunc(want, func(w []string) bool { return slices.Equal(w, lines) })
				if i < 0 {
					t.Errorf("got %d and %q", got.Status, lines)
					return
				}
				seen[i].Add(1)
			}
		})
	}
	asking.Wait()
	stop()
	reloading.Wait()
	if !seenBoth() {
		t.Errorf(
			"got %d responses of one policy and %d of the other, want some of each", seen[0].Load(), seen[1].Load(),
		)
	}
}

// testIsolation sends requests from various origins on 200 connections. The handlers modify the
// response header in every possible way, wait for a timeout, or panic. What a handler does to its
// own response must not affect any other response.
//
// The number of requests is 4,000, or the value of the environment variable ADAPTERTEST_REQUESTS.
func (a *NetHTTP) testIsolation(t *testing.T) {
	const connections = 200
	requests := 4000
	if text := os.Getenv("ADAPTERTEST_REQUESTS"); text != "" {
		var err error
		if requests, err = strconv.Atoi(text); err != nil {
			t.Fatalf("ADAPTERTEST_REQUESTS: %v", err)
		}
	}
	addr := Listen(t, a.Recovering(hostile(), newPolicy(t, Config())))
	turns := hostileTurns()
	var wrong atomic.Int64
	var wg sync.WaitGroup
	for i := range connections {
		wg.Go(func() {
			c, err := rawhttp.Dial(addr, 2*patience)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for j := range (requests + connections - 1) / connections {
				c.SetDeadline(time.Now().Add(2 * patience)) // for one exchange, because there may be many
				turn := &turns[(i+j)%len(turns)]
				got, err := c.Exchange(turn.request)
				if err == nil {
					err = compareSite(got.Status, got.CORSLines(), turn.status, turn.lines)
				}
				if err != nil {
					if wrong.Add(1) <= 3 {
						t.Errorf("%q: %v", turn.request, err)
					}
					return
				}
			}
		})
	}
	wg.Wait()
}

// hostile returns a handler that modifies the response header in a way that depends on the path.
func hostile() http.Handler {
	mux := http.NewServeMux()
	on := func(path string, do func(w http.ResponseWriter)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			do(w)
			io.WriteString(w, "ok")
		})
	}
	on("/plain", func(http.ResponseWriter) {})
	on("/append", func(w http.ResponseWriter) {
		for _, values := range w.Header() {
			_ = append(values, "appended")
		}
	})
	on("/rewrite", func(w http.ResponseWriter) { overwriteValues(w.Header()) })
	on("/extend", func(w http.ResponseWriter) {
		for name, values := range w.Header() {
			w.Header()[name] = append(values, "appended")
		}
	})
	on("/clear", func(w http.ResponseWriter) { clear(w.Header()) })
	on("/panic", func(http.ResponseWriter) { panic("a bug in a handler") })
	mux.Handle("/slow", http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		awaitTimeout(w)
		clear(w.Header())
		w.Header().Set("Vary", "late")
		io.WriteString(w, "late")
	}), time.Millisecond, "too slow"))
	return mux
}

// awaitTimeout waits until the TimeoutHandler outside the handler has sent its timeout response. It
// is not enough to wait until the context is done, because the handler's response may still be used
// if the handler returns immediately.
func awaitTimeout(w http.ResponseWriter) {
	for {
		if _, err := w.Write(nil); errors.Is(err, http.ErrHandlerTimeout) {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// hostileTurns returns requests to the hostile handler with the policy of Config, and the expected
// responses.
func hostileTurns() []turn {
	const preview = "https://x.preview.example.com"
	ofPreview := func(lines []string) []string {
		lines = slices.Clone(lines)
		for i, line := range lines {
			lines[i] = strings.Replace(line, siteApp, preview, 1)
		}
		return lines
	}
	rewritten := func(lines []string) (changed []string) {
		for _, line := range lines {
			name, _, _ := strings.Cut(line, ":")
			changed = append(changed, name+": rewritten")
		}
		return changed
	}
	extended := func(lines []string) (longer []string) {
		for _, line := range lines {
			name, _, _ := strings.Cut(line, ":")
			longer = append(longer, line, name+": appended")
		}
		return longer
	}
	var turns []turn
	for _, from := range []struct {
		line              string
		actual, preflight []string
		status            int // of the preflight
	}{
		{"Origin: " + siteApp, siteGranted, siteAnswered, 204},
		{"Origin: " + siteEvil, siteUngranted, siteRefused, 403},
		{"Origin: " + preview, ofPreview(siteGranted), ofPreview(siteAnswered), 204},
		{"X-No: origin", siteUngranted, nil, 0},
	} {
		to := func(path string) string { return open("GET", path, from.line) }
		turns = append(turns,
			turn{to("/plain"), 200, from.actual, "ok"},
			turn{to("/append"), 200, from.actual, "ok"},
			turn{to("/rewrite"), 200, rewritten(from.actual), "ok"},
			turn{to("/extend"), 200, extended(from.actual), "ok"},
			turn{to("/slow"), 503, from.actual, "too slow"},
			turn{to("/clear"), 200, nil, "ok"},
			turn{to("/panic"), 500, from.actual, ""},
		)
		if from.preflight != nil {
			preflight := open("OPTIONS", "/plain", from.line, "Access-Control-Request-Method: PUT")
			turns = append(turns, turn{preflight, from.status, from.preflight, ""})
		}
	}
	return turns
}

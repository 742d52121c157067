package core

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/polycors/cors/core/internal/clip"
)

const (
	logInterval = time.Minute // a reason and origin is logged once in it
	logPairs    = 1024        // of reason and origin that are told apart
)

// LogRefusals returns a func for Config.OnDecision that logs refusals: reason, kind, method, path and origin, and no other header.
// The first of a reason and origin is logged at once, then one a minute, with the number that were left out since in "omitted".
// At most 1,024 pairs of reason and origin are told apart in a minute, and the rest is counted by reason alone, so that neither
// the log nor the memory grows with what clients send. What is logged is copied, for handlers that keep records. The func may be called concurrently. It
// panics if l is nil.
func LogRefusals(l *slog.Logger) func(context.Context, Event) {
	if l == nil {
		panic("cors: LogRefusals: the logger is nil")
	}
	limiter := limiter{seen: map[refusal]*tally{}}
	return func(ctx context.Context, e Event) {
		r, d := &e.Request, &e.Decision
		if d.Reason <= ReasonAllowed || !l.Enabled(ctx, slog.LevelWarn) {
			return
		}
		origin := ""
		if r.Header != nil {
			origin = clip.Cut(r.Header.Field("Origin"), clip.Max)
		}
		omitted, ok := limiter.admit(refusal{d.Reason, origin}, time.Now())
		if !ok {
			return
		}
		l.LogAttrs(ctx, slog.LevelWarn, "cross-origin request refused",
			slog.String("reason", d.Reason.String()), slog.String("kind", d.Kind.String()), slog.String("method", clip.Shown(r.Method)),
			slog.String("path", clip.Shown(r.Path)), slog.String("origin", strconv.QuoteToASCII(origin)), slog.Int("omitted", omitted))
	}
}

// refusal is what is told apart in the log. origin is "" for what is counted by reason alone.
type refusal struct {
	reason Reason
	origin string
}

type tally struct {
	logged  time.Time
	omitted int
}

type limiter struct {
	mu    sync.Mutex
	seen  map[refusal]*tally
	swept time.Time
}

// sweep forgets origins that were not logged for a minute. What they have omitted counts for their reason.
func (l *limiter) sweep(now time.Time) {
	l.swept = now
	for k, old := range l.seen {
		if k.origin == "" || now.Sub(old.logged) < logInterval {
			continue
		}
		delete(l.seen, k)
		if old.omitted == 0 {
			continue
		}
		rest := l.seen[refusal{reason: k.reason}]
		if rest == nil {
			rest = &tally{logged: old.logged}
			l.seen[refusal{reason: k.reason}] = rest
		}
		rest.omitted += old.omitted
	}
}

// admit reports whether a refusal is to be logged, and how many like it have not been since the last one that was.
func (l *limiter) admit(key refusal, now time.Time) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.seen[key]
	if t == nil && len(l.seen) >= logPairs {
		if now.Sub(l.swept) >= logInterval { // not for each of a flood: it takes 13 µs
			l.sweep(now)
		}
		if len(l.seen) >= logPairs {
			key.origin = ""
			t = l.seen[key] // one more per reason, and there are few
		}
	}
	if t == nil {
		l.seen[key] = &tally{logged: now}
		return 0, true
	}
	if now.Sub(t.logged) < logInterval {
		t.omitted++
		return 0, false
	}
	omitted, t.logged, t.omitted = t.omitted, now, 0
	return omitted, true
}

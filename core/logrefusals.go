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
	logInterval = time.Minute // each pair of reason and origin is logged once per interval
	logPairs    = 1024        // how many pairs are counted separately
)

// LogRefusals returns a function that logs refused requests to l at level WARN. Use it as the
// OnDecision function of a [Config].
//
// Each record has the attributes reason, kind, method, path, origin and omitted. No header other
// than Origin is logged.
//
// To keep clients from flooding the log, each combination of reason and origin is logged at most
// once per minute. The omitted attribute is the number of refusals that were not logged since the
// previous record. If there are more than 1,024 combinations in a minute, further refusals are
// logged by reason alone.
//
// The returned function is safe for concurrent use. LogRefusals panics if l is nil.
func LogRefusals(l *slog.Logger) func(context.Context, Event) {
	if l == nil {
		panic("cors: LogRefusals: the logger is nil")
	}
	limit := limiter{seen: map[refusal]*tally{}}
	return func(ctx context.Context, e Event) {
		r, d := &e.Request, &e.Decision
		if d.Reason <= ReasonAllowed || !l.Enabled(ctx, slog.LevelWarn) {
			return
		}
		origin := ""
		if r.Header != nil {
			origin = clip.Cut(r.Header.Field("Origin"), clip.Max)
		}
		omitted, ok := limit.admit(refusal{d.Reason, origin}, time.Now())
		if !ok {
			return
		}
		l.LogAttrs(ctx, slog.LevelWarn, "cross-origin request refused",
			slog.String("reason", d.Reason.String()), slog.String("kind", d.Kind.String()),
			slog.String("method", clip.Shown(r.Method)), slog.String("path", clip.Shown(r.Path)),
			slog.String("origin", strconv.QuoteToASCII(origin)), slog.Int("omitted", omitted))
	}
}

// refusal is the key by which refusals are counted. If they are counted by reason alone, origin is
// "".
type refusal struct {
	reason Reason
	origin string
}

// tally counts the refusals of one key.
type tally struct {
	logged  time.Time // when the last one was logged
	omitted int       // how many were not logged since
}

// limiter decides which refusals are logged.
type limiter struct {
	mu    sync.Mutex
	seen  map[refusal]*tally
	swept time.Time
}

// sweep removes the origins that were not logged for a minute. It adds the number of their refusals
// that were not logged to the count of the reason. The caller must hold l.mu.
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

// admit reports whether to log a refusal, and how many refusals with the same key were not logged
// since the last record.
func (l *limiter) admit(key refusal, now time.Time) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.seen[key]
	if t == nil && len(l.seen) >= logPairs {
		if now.Sub(l.swept) >= logInterval { // not for every refusal, because it looks at all keys
			l.sweep(now)
		}
		if len(l.seen) >= logPairs {
			key.origin = ""
			t = l.seen[key] // these keys can exceed logPairs, but there are few reasons
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

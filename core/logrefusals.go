package core

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/polycors/cors/core/internal/clip"
)

const (
	logInterval   = time.Minute // equal refusals are logged once per interval
	logKeys       = 1024        // how many different refusals are counted separately
	logExplained  = 64          // how many refusals are explained per interval
	refusedText   = "cross-origin request refused"
	repeatedText  = "cross-origin requests refused again"
	logLevel      = slog.LevelWarn
	maxRefusedLen = 64 // bytes of a refused method or header name
)

// LogRefusals returns a function that logs refused requests to l at level WARN. It is meant for
// Config.OnDecision and CSRFConfig.OnDecision:
//
//	OnDecision: core.LogRefusals(slog.Default()),
//
// The message of a record is "cross-origin request refused". It has these attributes, except those
// that would be empty:
//
//	reason          the name of the reason, such as header-not-allowed
//	kind            the name of the kind, such as preflight
//	method          the request method
//	host            the Host header
//	path            the path as the client sent it
//	origin          the Origin header
//	request_method  the method that a preflight asks for
//	refused         the method or header name that is not allowed
//	route           the Path or PathRegex of the route that applied
//	error           the error that AllowOriginFunc returned
//	because         why the request was refused, in words
//	nearest         the allowed value, or the route, that is most similar
//	fix             what to change so that the request is allowed
//
// The last three come from [Event.Explain]. At most 64 records per minute have them. Values from
// the request are shortened, and quoted if they are not plain ASCII.
//
// The function logs only the first of several refusals with the same reason, origin and refused
// name. A minute later, it logs how many others there were. That record has the message
// "cross-origin requests refused again" and the attributes reason, origin, refused and count. If
// there are more than 1,024 different refusals in a minute, the others are counted by reason alone.
// So clients can neither flood the log nor exhaust the memory.
//
// All functions for the same logger share their counts, so it does no harm to call LogRefusals
// again for each new Config.
//
// The function is safe for concurrent use. A [slog.Handler] may retain the records, because they
// share no memory with the request. LogRefusals panics if l is nil.
func LogRefusals(l *slog.Logger) func(context.Context, Event) {
	if l == nil {
		panic("cors: LogRefusals: the logger is nil")
	}
	limit := limiterOf(l)
	return func(ctx context.Context, e Event) {
		if e.Decision.Refused() && l.Enabled(ctx, logLevel) {
			limit.log(ctx, l, &e)
		}
	}
}

// limiters contains one limiter for each logger that is in use.
var limiters sync.Map // from weak.Pointer[slog.Logger] to *limiter

func limiterOf(l *slog.Logger) *limiter {
	key := weak.Make(l)
	if found, ok := limiters.Load(key); ok {
		return found.(*limiter)
	}
	found, ok := limiters.LoadOrStore(key, &limiter{seen: map[refusal]*tally{}})
	if !ok {
		runtime.AddCleanup(l, func(key weak.Pointer[slog.Logger]) { limiters.Delete(key) }, key)
	}
	return found.(*limiter)
}

// refusal is the key under which refusals are counted. If refusals are counted by reason alone,
// only the reason is set.
type refusal struct {
	reason          Reason
	origin, refused string
}

// tally counts the refusals with the same key.
type tally struct {
	logged  time.Time // when the first was logged
	omitted int       // how many were not logged since
}

// limiter decides which refusals are logged, so that clients cannot flood the log.
type limiter struct {
	mu        sync.Mutex
	seen      map[refusal]*tally
	timer     *time.Timer // calls report; nil if no omitted refusals are left to report
	reports   time.Time   // when the timer calls it
	swept     time.Time   // when sweep was last called
	explained int         // how many refusals were explained since the time below
	since     time.Time
}

// log logs a refusal, or counts it.
func (lim *limiter) log(ctx context.Context, l *slog.Logger, e *Event) {
	key := refusal{reason: e.Decision.Reason, refused: clip.Cut(e.Refused, maxRefusedLen)}
	if e.Request.Header != nil {
		key.origin = clip.Cut(e.Request.Header.Field("Origin"), clip.Max+1) // one more, to be shown as shortened
	}
	logged, explained := lim.admit(l, key, time.Now())
	if logged {
		l.LogAttrs(ctx, logLevel, refusedText, refusalAttrs(e, explained)...)
	}
}

// admit reports whether to log a refusal, and whether to explain it.
func (lim *limiter) admit(l *slog.Logger, key refusal, now time.Time) (logged, explained bool) {
	lim.mu.Lock()
	defer lim.mu.Unlock()
	t := lim.seen[key]
	if t == nil && len(lim.seen) >= logKeys {
		if now.Sub(lim.swept) >= logInterval { // not for every refusal, because it looks at all keys
			lim.sweep(now)
		}
		if len(lim.seen) >= logKeys {
			key = refusal{reason: key.reason}
			t = lim.seen[key] // these keys can exceed logKeys, but there are few reasons
		}
	}
	switch {
	case t == nil:
		lim.seen[key] = &tally{logged: now}
	case t.omitted == 0 && now.Sub(t.logged) >= logInterval:
		t.logged = now
	default:
		t.omitted++
		lim.schedule(l, t.logged.Add(logInterval), now)
		return false, false
	}
	if now.Sub(lim.since) >= logInterval {
		lim.since, lim.explained = now, 0
	}
	lim.explained++
	return true, lim.explained <= logExplained
}

// sweep removes the refusals that were first logged at least an interval ago and did not occur
// again. The caller must hold lim.mu.
func (lim *limiter) sweep(now time.Time) {
	lim.swept = now
	for key, t := range lim.seen {
		if t.omitted == 0 && now.Sub(t.logged) >= logInterval {
			delete(lim.seen, key)
		}
	}
}

// repeated is a refusal, and the number of times that it was not logged.
type repeated struct {
	refusal
	count int
}

// report logs how often refusals were omitted that were first logged at least an interval ago. If
// other omitted refusals remain, it runs again later.
func (lim *limiter) report(l *slog.Logger) {
	// A handler that panics must not stop the process. net/http recovers from panics only in the
	// goroutine of a request.
	defer func() { _ = recover() }()
	ctx := context.Background()
	for _, r := range lim.due(l, time.Now()) {
		attrs := []slog.Attr{slog.String("reason", r.reason.String())}
		attrs = appendText(attrs, "origin", clip.Shown(r.origin))
		attrs = appendText(attrs, "refused", clip.Shown(r.refused))
		l.LogAttrs(ctx, logLevel, repeatedText, append(attrs, slog.Int("count", r.count))...)
	}
}

// schedule makes report run at the given time, unless it is already going to run earlier. The
// caller must hold lim.mu.
func (lim *limiter) schedule(l *slog.Logger, at, now time.Time) {
	if lim.timer != nil {
		if !at.Before(lim.reports) {
			return
		}
		lim.timer.Stop()
	}
	lim.reports = at
	lim.timer = time.AfterFunc(at.Sub(now), func() { lim.report(l) })
}

// due removes the refusals that were first logged at least an interval ago, and returns those that
// occurred again. If other refusals remain, it starts the timer for them.
func (lim *limiter) due(l *slog.Logger, now time.Time) (list []repeated) {
	lim.mu.Lock()
	defer lim.mu.Unlock()
	lim.timer = nil
	for key, t := range lim.seen {
		switch {
		case now.Sub(t.logged) < logInterval:
			if t.omitted > 0 {
				lim.schedule(l, t.logged.Add(logInterval), now)
			}
			continue
		case t.omitted > 0:
			list = append(list, repeated{key, t.omitted})
		}
		delete(lim.seen, key)
	}
	slices.SortFunc(list, func(a, b repeated) int {
		return cmp.Or(cmp.Compare(a.reason, b.reason), cmp.Compare(a.origin, b.origin), cmp.Compare(a.refused, b.refused))
	})
	return list
}

// refusalAttrs returns the attributes of the log record about a refusal.
func refusalAttrs(e *Event, explained bool) []slog.Attr {
	r, d := &e.Request, &e.Decision
	attrs := make([]slog.Attr, 0, 13)
	attrs = append(attrs, slog.String("reason", d.Reason.String()), slog.String("kind", d.Kind.String()))
	attrs = appendText(attrs, "method", clip.Shown(r.Method))
	attrs = appendText(attrs, "host", clip.Shown(r.Host))
	attrs = appendText(attrs, "path", clip.Shown(sentPath(r.Path, r.RawPath)))
	if r.Header != nil {
		from, method := crossOrigin(r)
		attrs = appendText(attrs, "origin", clip.Shown(from))
		attrs = appendText(attrs, "request_method", clip.Shown(method))
	}
	attrs = appendText(attrs, "refused", clip.Shown(e.Refused))
	attrs = appendText(attrs, "route", e.Route)
	if e.Err != nil {
		attrs = appendText(attrs, "error", clip.Shown(e.Err.Error()))
	}
	if explained {
		x := e.Explain()
		attrs = appendText(attrs, "because", x.Because)
		attrs = appendText(attrs, "nearest", x.Nearest)
		attrs = appendText(attrs, "fix", x.Fix)
	}
	return attrs
}

func appendText(attrs []slog.Attr, key, value string) []slog.Attr {
	if value == "" {
		return attrs
	}
	return append(attrs, slog.String(key, value))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/polycors/cors/core"
)

// config returns the policy for the origins of all tenants.
func config(origins []string) core.Config {
	return core.Config{
		// An empty list allows nobody. It must not be nil: then the Config would say nothing about
		// origins, and core.New would leave the paths outside of Routes alone.
		AllowOrigins:     append([]string{}, origins...),
		AllowCredentials: true,
		ExposeHeaders:    []string{"X-Total-Count"},
		// A browser that has cached the response to a preflight goes on sending requests for this long
		// after an origin was removed. The page cannot read the responses, and because of
		// ForbidDisallowed the handlers do not run either.
		MaxAge:           time.Minute,
		ForbidDisallowed: true,
		Routes:           []core.Route{{Path: "/admin/", Disable: true}}, // not for pages of other origins
	}
}

// problem says what is wrong with an origin.
type problem struct {
	Origin string `json:"origin"`
	Rule   string `json:"rule"`
	Fix    string `json:"fix"`
}

// invalid is an error that lists all problems of the origins in a request.
type invalid []problem

func (problems invalid) Error() string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = fmt.Sprintf("%q: %s; %s", p.Origin, p.Rule, p.Fix)
	}
	return strings.Join(lines, "\n")
}

// build returns the policy for the origins. It leaves out origins that are invalid, and reports
// them. check refuses to add such an origin, but another process may have written one, and that
// must not prevent other changes, such as a removal, from taking effect.
func build(origins []string) (*core.Policy, invalid, error) {
	policy, err := core.New(config(origins))
	if err == nil {
		return policy, nil, nil
	}
	problems, bad := problemsOf(origins, err)
	if len(bad) == 0 {
		return nil, nil, err
	}
	var good []string
	for i, origin := range origins {
		if !bad[i] {
			good = append(good, origin)
		}
	}
	policy, err = core.New(config(good))
	return policy, problems, err
}

// problemsOf returns the problems that err joins, and the indexes of the invalid origins. It
// returns nil if err has a problem that is not about an origin.
func problemsOf(origins []string, err error) (problems invalid, bad map[int]bool) {
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	bad = map[int]bool{}
	for _, err := range errs {
		var e *core.ConfigError
		if !errors.As(err, &e) || e.Field != "AllowOrigins" || e.Index < 0 {
			return nil, nil
		}
		problems = append(problems, problem{origins[e.Index], e.Rule, e.Fix})
		bad[e.Index] = true
	}
	return problems, bad
}

// check returns an error of type invalid, with all problems, if any of the origins is invalid. It
// does not look at the other entries of the table.
func check(ctx context.Context, origins []string) error {
	policy, problems, err := build(origins)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, p := range problems {
		known[p.Origin] = true
	}
	for _, origin := range origins {
		// Only the spelling that browsers send is accepted, so that an origin is one row per tenant and
		// removing the row removes it.
		if !known[origin] && !strings.Contains(origin, "*") && !allows(ctx, policy, origin) {
			problems = append(problems, problem{
				Origin: origin,
				Rule:   "browsers send this origin in another spelling",
				Fix:    "write it in lower case, without the default port, an international name in Punycode",
			})
		}
	}
	if problems != nil {
		return problems
	}
	return nil
}

// allows reports whether d allows pages of the origin to read responses.
func allows(ctx context.Context, d core.Decider, origin string) bool {
	return d.Decide(ctx, core.Request{Method: "GET", Path: "/items", Header: core.HeaderMap{"Origin": {origin}}}).Allowed()
}

// store keeps the entries. A *table is a store.
type store interface {
	read(ctx context.Context) ([]entry, error)
	add(ctx context.Context, tenant string, origins []string) (int, []entry, error)
	remove(ctx context.Context, tenant string, origins []string) (int, []entry, error)
}

// tenants keeps a policy up to date with a store. Its methods may be called concurrently.
type tenants struct {
	store store
	log   *slog.Logger
	live  core.Live // decides by the last policy that could be made

	// turn holds a value while a method reads the store and replaces the policy. Otherwise a method
	// that read earlier could replace the policy later, and restore an origin that was removed in
	// between. It is a channel and not a mutex, so that a caller can stop waiting.
	turn    chan struct{}
	origins []string  // of the policy: ordered, without duplicates; guarded by turn
	since   time.Time // when the policy was made; guarded by turn
	trouble string    // what went wrong the last time, "" for nothing; guarded by turn
}

// newTenants returns a tenants with a policy for the entries in the store. It returns an error if
// there is no such policy.
func newTenants(ctx context.Context, s store, log *slog.Logger) (*tenants, error) {
	t := &tenants{store: s, log: log, turn: make(chan struct{}, 1)}
	if _, err := t.refresh(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// refresh reads the store, puts its policy in force, and returns the entries.
func (t *tenants) refresh(ctx context.Context) (entries []entry, err error) {
	err = t.apply(ctx, func(ctx context.Context) ([]entry, error) {
		entries, err = t.store.read(ctx)
		return entries, err
	})
	return entries, err
}

// refreshEvery calls refresh until ctx is done. If that fails, it is logged and tried again the
// next time.
func (t *tenants) refreshEvery(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			t.refresh(ctx) // logs its error
		}
	}
}

// add adds origins of a tenant. If it returns an error, it has added none, and an error of type
// invalid lists all problems. When add returns, the new policy is in force. n is the number of new
// origins.
func (t *tenants) add(ctx context.Context, tenant string, origins []string) (n int, err error) {
	if err := check(ctx, origins); err != nil {
		return 0, err
	}
	err = t.apply(ctx, func(ctx context.Context) (entries []entry, err error) {
		n, entries, err = t.store.add(ctx, tenant, origins)
		return entries, err
	})
	return n, err
}

// remove removes origins of a tenant, or all of them if origins is nil. When it returns, the new
// policy is in force. n is the number of origins that were there. still lists those of the origins
// that are still allowed, because another tenant has the same entry or a pattern matches.
func (t *tenants) remove(ctx context.Context, tenant string, origins []string) (n int, still []string, err error) {
	err = t.apply(ctx, func(ctx context.Context) (entries []entry, err error) {
		n, entries, err = t.store.remove(ctx, tenant, origins)
		return entries, err
	})
	if err != nil {
		return 0, nil, err
	}
	still = []string{}
	for _, origin := range origins {
		if allows(ctx, &t.live, origin) {
			still = append(still, origin)
		}
	}
	return n, still, nil
}

// apply calls f, which reads or changes the store and returns its entries, and puts the policy for
// them in force. Only one call runs at a time. If f fails, the policy does not change and the error
// is logged.
func (t *tenants) apply(ctx context.Context, f func(context.Context) ([]entry, error)) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for another change: %w", ctx.Err())
	}
	entries, err := f(ctx)
	switch {
	case err == nil:
		return t.swap(entries)
	case errors.Is(err, errFull), errors.Is(ctx.Err(), context.Canceled):
		return err // the store works
	}
	t.report(fmt.Sprintf("the origins cannot be read or changed: %v", err))
	return err
}

// swap puts the policy for the entries in force. The caller has the turn.
func (t *tenants) swap(entries []entry) error {
	origins := make([]string, len(entries))
	for i, e := range entries {
		origins[i] = e.Origin
	}
	slices.Sort(origins)
	origins = slices.Compact(origins)
	if t.live.Load() != nil && t.trouble == "" && slices.Equal(origins, t.origins) {
		return nil
	}
	policy, problems, err := build(origins)
	if err != nil {
		t.report(fmt.Sprintf("no policy can be made: %v", err))
		return err
	}
	t.live.Store(policy)
	t.origins, t.since = origins, time.Now()
	if problems == nil {
		t.report("")
	} else {
		shown := problems[:min(len(problems), 10)]
		t.report(fmt.Sprintf("%d invalid entries are left out:\n%v", len(problems), shown))
	}
	return nil
}

// report logs a problem once, and once that it is over. trouble is "" if there is no problem. The
// caller has the turn.
func (t *tenants) report(trouble string) {
	switch {
	case trouble == t.trouble:
	case trouble == "":
		t.log.Info("the origins are in order again")
	default:
		t.log.Error(trouble, "policy since", t.since)
	}
	t.trouble = trouble
}

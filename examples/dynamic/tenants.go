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

// config is the policy for the origins of all tenants together.
func config(origins []string) core.Config {
	return core.Config{
		AllowOrigins: origins,
		// With no origins at all, core.New would refuse the Config, or leave the paths outside of Routes
		// alone. The func makes it a policy that lets nobody in.
		AllowOriginFunc:  nobody,
		AllowCredentials: true,
		ExposeHeaders:    []string{"X-Total-Count"},
		// A browser that keeps the answer to a preflight goes on sending requests for so long after the
		// origin was removed. The page could not read the answers; ForbidDisallowed keeps the handlers
		// from running too.
		MaxAge:           time.Minute,
		ForbidDisallowed: true,
		Routes:           []core.Route{{Path: "/admin/", Disable: true}}, // no page of another origin has any business there
	}
}

func nobody(context.Context, string, core.Request) (bool, error) { return false, nil }

// problem is what is wrong with an entry.
type problem struct {
	Origin string `json:"origin"`
	Rule   string `json:"rule"`
	Fix    string `json:"fix"`
}

// invalid are all problems of what somebody wants to add.
type invalid []problem

func (problems invalid) Error() string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = fmt.Sprintf("%q: %s; %s", p.Origin, p.Rule, p.Fix)
	}
	return strings.Join(lines, "\n")
}

// build makes the policy. An entry that no policy takes lets nobody in, so it is left out and
// reported: check keeps it from being added here, but another process may have written it, and it
// must not keep the removal of a different one from taking effect.
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

// problemsOf returns the problems that err joins, if all of them are about origins, and the indexes
// of those.
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

// check returns nil if a policy takes all the origins, and all of their problems, which are of type
// invalid, if not. It has to do with no other entry.
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
		// In one spelling an origin is one row of a tenant, and removing it removes it.
		if !known[origin] && !strings.Contains(origin, "*") && !allows(ctx, policy, origin) {
			problems = append(problems, problem{origin, "browsers send this origin in another spelling", "write it in lower case, without the default port, an international name in Punycode"})
		}
	}
	if problems != nil {
		return problems
	}
	return nil
}

// allows reports whether a page of the origin may read.
func allows(ctx context.Context, d core.Decider, origin string) bool {
	return d.Decide(ctx, core.Request{Method: "GET", Path: "/items", Header: core.HeaderMap{"Origin": {origin}}}).Allowed()
}

// store is where the entries are kept; *table is one.
type store interface {
	read(ctx context.Context) ([]entry, error)
	add(ctx context.Context, tenant string, origins []string) (int, []entry, error)
	remove(ctx context.Context, tenant string, origins []string) (int, []entry, error)
}

// tenants keeps a policy in step with a store. Its methods may be called concurrently.
type tenants struct {
	store store
	log   *slog.Logger
	live  core.Live // decides by the last policy that could be made

	// turn holds a value while a method is between its read and its swap. Otherwise one that has read
	// earlier could swap later, and put an origin back that was removed in between. It is a channel,
	// not a mutex, so that waiting can be given up.
	turn    chan struct{}
	origins []string  // that the policy was made of: ordered, without duplicates; guarded by turn
	since   time.Time // when the policy was made; guarded by turn
	trouble string    // what went wrong the last time, "" for nothing; guarded by turn
}

// newTenants makes a policy of what is in the store, and returns an error if that fails.
func newTenants(ctx context.Context, s store, log *slog.Logger) (*tenants, error) {
	t := &tenants{store: s, log: log, turn: make(chan struct{}, 1)}
	if _, err := t.refresh(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// refresh reads the store and puts the policy that follows from it in force. It returns the
// entries.
func (t *tenants) refresh(ctx context.Context) (entries []entry, err error) {
	err = t.apply(ctx, func(ctx context.Context) ([]entry, error) {
		entries, err = t.store.read(ctx)
		return entries, err
	})
	return entries, err
}

// refreshEvery calls refresh until ctx is done. A failure is logged, and the next time it is tried
// again.
func (t *tenants) refreshEvery(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			t.refresh(ctx) // it has logged its error
		}
	}
}

// add adds origins of a tenant, all or, with an error, none; one that is invalid lists all their
// problems. The policy with them is in force when add returns. It returns how many were not there
// before.
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

// remove removes origins of a tenant, all of them for nil. It returns how many were there, and
// which of the origins other entries still let in: of another tenant, or a pattern. The policy
// without them is in force when remove returns.
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

// apply calls f, which reads or changes the store, and puts the policy that follows from what it
// returns in force. Calls take turns. If f fails, the policy stays as it is, and the log says so.
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
		return err // the store is in order
	}
	t.report(fmt.Sprintf("the origins cannot be read or changed: %v", err))
	return err
}

// swap puts the policy that follows from the entries in force. The caller has the turn.
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
		t.report(fmt.Sprintf("%d entries that no policy takes are left out:\n%v", len(problems), problems[:min(len(problems), 10)]))
	}
	return nil
}

// report logs trouble once, not every time it is met, and that it is over. The caller has the turn.
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

package benchmarks

import (
	"errors"
	"reflect"
	"testing"
)

// Requests that peers answer otherwise than is wanted.
var (
	preflights = []string{
		PreflightAllowed, "preflight allowed, 3 headers", "preflight refused: origin", "preflight refused: method", "preflight refused: header",
		Commas, "16 KiB of unknown names", "parallel, preflight allowed",
	}
	refusedPreflights = []string{"preflight refused: origin", "preflight refused: method", "preflight refused: header", Commas, "16 KiB of unknown names"}
	wildcards         = []string{"any origin", WildcardMiss, "100 wildcards, hit", "100 wildcards, miss", ManyWildcardsMiss}
)

// known has the answers that are not right. The others of a peer have the mark of "".
var known = map[string]map[Mark][]string{
	"jub0bs/cors": {Otherwise: preflights, Cannot: {"a func"}},
	"rs/cors":     {Shared: {""}},
	"go-chi/cors": {Otherwise: refusedPreflights},
	"gin-contrib/cors": {Shared: {""}, Cached: {NoOrigin}, Otherwise: {
		GETRefused, "preflight refused: origin", "8 KiB of origin", ThousandMiss, ManyMiss, WildcardMiss, "100 wildcards, miss", ManyWildcardsMiss,
	}},
	"echo's own":  {Otherwise: refusedPreflights},
	"fiber's own": {Otherwise: refusedPreflights},
	"by hand":     {Otherwise: refusedPreflights[1:], Cannot: append([]string{"a func"}, wildcards...)},
}

func knownMark(peer, scenario string) (mark Mark) {
	for m, names := range known[peer] {
		for _, name := range names {
			switch name {
			case scenario:
				return m
			case "":
				mark = m
			}
		}
	}
	return mark
}

// TestAnswers: a benchmark of a wrong answer is worthless, so each peer is asked everything first. The report asks again, and marks what
// is not right.
func TestAnswers(t *testing.T) {
	for _, f := range Frameworks {
		for i, p := range f.Peers {
			if i == Bare {
				continue
			}
			t.Run(f.Name+"/"+p.Name, func(t *testing.T) {
				var server Server
				var of *Policy
				for _, sc := range Scenarios() {
					if i > Ours && len(sc.Policy.Origins) > 10_000 {
						continue // some take seconds to be built
					}
					if of != sc.Policy || i == Floor {
						var err error
						if server, err = p.New(sc.Policy, sc.Want); err != nil && !errors.Is(err, ErrCannot) {
							t.Fatal(err)
						}
						of = sc.Policy
					}
					verdict := Verdict{Mark: Cannot}
					if server != nil {
						verdict = sc.Judge(server)
					}
					if want := knownMark(p.Name, sc.Name); verdict.Mark != want {
						t.Errorf("%s: got %q (%s), want %q", sc.Name, verdict.Mark, verdict.Why, want)
					}
					if i > Ours {
						continue // nobody else need word it as we do
					}
					if got := server.Client(sc.Request).Answer(); !reflect.DeepEqual(got, sc.Want) {
						t.Errorf("%s:\ngot  %v\nwant %v", sc.Name, got, sc.Want)
					}
				}
			})
		}
	}
}

// TestJudge: the judge finds what is wrong with an answer.
func TestJudge(t *testing.T) {
	byName := map[string]*Scenario{}
	for _, sc := range Scenarios() {
		byName[sc.Name] = &sc
	}
	with := func(name, header string, values ...string) Answer {
		a := byName[name].Want
		a.Header = a.Header.Clone()
		a.Header[header] = values
		return a
	}
	status := func(name string, status int) Answer {
		a := byName[name].Want
		a.Status = status
		return a
	}
	for _, tt := range []struct {
		name     string
		scenario string
		answer   Answer
		want     Mark
	}{
		{"a grant to others", GETRefused, with(GETRefused, "Access-Control-Allow-Origin", "*"), Wrong},
		{"no grant", GETAllowed, with(GETAllowed, "Access-Control-Allow-Origin"), Wrong},
		{"any origin with credentials", "credentials, GET", with("credentials, GET", "Access-Control-Allow-Origin", "*"), Wrong},
		{"no credentials", "credentials, GET", with("credentials, GET", "Access-Control-Allow-Credentials"), Wrong},
		{"another method", PreflightAllowed, with(PreflightAllowed, "Access-Control-Allow-Methods", "GET"), Wrong},
		{"another header", PreflightAllowed, with(PreflightAllowed, "Access-Control-Allow-Headers", "x-token"), Wrong},
		{"a preflight's status", PreflightAllowed, status(PreflightAllowed, 404), Wrong},
		{"another good status", PreflightAllowed, status(PreflightAllowed, 200), Right},
		{"a preflight that is handled", PreflightAllowed, status(PreflightAllowed, Handled), Otherwise},
		{"a handler that is not run", GETRefused, status(GETRefused, 403), Otherwise},
		{"no Vary", GETAllowed, with(GETAllowed, "Vary"), Cached},
		{"no Vary without Origin", NoOrigin, with(NoOrigin, "Vary"), Cached},
		{"no Vary on a preflight", PreflightAllowed, with(PreflightAllowed, "Vary"), Otherwise},
		{"Vary in three lines", PreflightAllowed, with(PreflightAllowed, "Vary", "Access-Control-Request-Method", "Origin", "access-control-request-headers"), Right},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := byName[tt.scenario].judge(tt.answer); got.Mark != tt.want {
				t.Errorf("got %q (%s), want %q", got.Mark, got.Why, tt.want)
			}
		})
	}
}

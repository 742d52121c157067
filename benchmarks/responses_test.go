package benchmarks

import (
	"errors"
	"reflect"
	"testing"
)

// Groups of scenarios in which a peer's response is not Right.
var (
	preflights = []string{
		PreflightAllowed, "preflight allowed, 3 headers", "preflight refused: origin", "preflight refused: method",
		"preflight refused: header", Commas, "16 KiB of unknown names", "parallel, preflight allowed",
	}
	refusedPreflights = []string{
		"preflight refused: origin", "preflight refused: method", "preflight refused: header", Commas,
		"16 KiB of unknown names",
	}
	wildcards = []string{"any origin", WildcardMiss, "100 wildcards, hit", "100 wildcards, miss", ManyWildcardsMiss}
)

// knownMarks lists, for each peer, the scenarios whose responses are not Right. A scenario that is
// not listed has the mark whose list contains "". If no list does, it is Right.
var knownMarks = map[string]map[Mark][]string{
	"jub0bs/cors": {Differs: preflights, Unsupported: {"a func"}},
	"rs/cors":     {Shared: {""}},
	"go-chi/cors": {Differs: refusedPreflights},
	"gin-contrib/cors": {Shared: {""}, NoVary: {NoOrigin}, Differs: {
		GETRefused, "preflight refused: origin", "8 KiB of origin", ThousandMiss, ManyMiss, WildcardMiss,
		"100 wildcards, miss", ManyWildcardsMiss,
	}},
	"echo's own":  {Differs: refusedPreflights},
	"fiber's own": {Differs: refusedPreflights},

	"echo v5's own":  {Differs: refusedPreflights, Wrong: {"100 wildcards, hit"}},
	"fiber v3's own": {Differs: refusedPreflights},
	"by hand":        {Differs: refusedPreflights[1:], Unsupported: append([]string{"a func"}, wildcards...)},
}

func knownMark(peer, scenario string) (mark Mark) {
	for m, names := range knownMarks[peer] {
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

// TestResponses checks the response of every peer in every scenario, because the time that a wrong
// response takes is worth nothing. The report judges again, and marks the responses that are not
// right.
func TestResponses(t *testing.T) {
	for _, f := range Frameworks {
		for i, p := range f.Peers {
			if i == Bare {
				continue
			}
			t.Run(f.Name+"/"+p.Name, func(t *testing.T) {
				var server Server
				var built *Policy // the policy that server has
				for _, sc := range Scenarios() {
					if i > Ours && len(sc.Policy.Origins) > 10_000 {
						continue // some take seconds to be built
					}
					if built != sc.Policy || i == Floor {
						var err error
						if server, err = p.New(sc.Policy, sc.Want); err != nil && !errors.Is(err, ErrUnsupported) {
							t.Fatal(err)
						}
						built = sc.Policy
					}
					verdict := Verdict{Mark: Unsupported}
					if server != nil {
						verdict = sc.Judge(server)
					}
					if want := knownMark(p.Name, sc.Name); verdict.Mark != want {
						t.Errorf("%s: got %q (%s), want %q", sc.Name, verdict.Mark, verdict.Why, want)
					}
					if i > Ours {
						continue // rivals may write their headers differently
					}
					if got := server.Client(sc.Request).Response(); !reflect.DeepEqual(got, sc.Want) {
						t.Errorf("%s:\ngot  %v\nwant %v", sc.Name, got, sc.Want)
					}
				}
			})
		}
	}
}

// TestJudge checks that wrong responses are found.
func TestJudge(t *testing.T) {
	byName := map[string]*Scenario{}
	for _, sc := range Scenarios() {
		byName[sc.Name] = &sc
	}
	with := func(name, header string, values ...string) Response {
		r := byName[name].Want
		r.Header = r.Header.Clone()
		r.Header[header] = values
		return r
	}
	status := func(name string, status int) Response {
		r := byName[name].Want
		r.Status = status
		return r
	}
	for _, tt := range []struct {
		name     string
		scenario string
		response Response
		want     Mark
	}{
		{"a grant to others", GETRefused, with(GETRefused, "Access-Control-Allow-Origin", "*"), Wrong},
		{"no grant", GETAllowed, with(GETAllowed, "Access-Control-Allow-Origin"), Wrong},
		{
			"any origin with credentials", "credentials, GET",
			with("credentials, GET", "Access-Control-Allow-Origin", "*"), Wrong,
		},
		{"no credentials", "credentials, GET", with("credentials, GET", "Access-Control-Allow-Credentials"), Wrong},
		{"another method", PreflightAllowed, with(PreflightAllowed, "Access-Control-Allow-Methods", "GET"), Wrong},
		{
			"another header", PreflightAllowed,
			with(PreflightAllowed, "Access-Control-Allow-Headers", "x-token"), Wrong,
		},
		{"a preflight's status", PreflightAllowed, status(PreflightAllowed, 404), Wrong},
		{"another good status", PreflightAllowed, status(PreflightAllowed, 200), Right},
		{"a preflight that is handled", PreflightAllowed, status(PreflightAllowed, Handled), Differs},
		{"a handler that is not run", GETRefused, status(GETRefused, 403), Differs},
		{"no Vary", GETAllowed, with(GETAllowed, "Vary"), NoVary},
		{"no Vary without Origin", NoOrigin, with(NoOrigin, "Vary"), NoVary},
		{"no Vary on a preflight", PreflightAllowed, with(PreflightAllowed, "Vary"), Differs},
		{
			"Vary in three lines", PreflightAllowed,
			with(PreflightAllowed, "Vary",
				"Access-Control-Request-Method", "Origin", "access-control-request-headers"), Right,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := byName[tt.scenario].judge(tt.response); got.Mark != tt.want {
				t.Errorf("got %q (%s), want %q", got.Mark, got.Why, tt.want)
			}
		})
	}
}

package benchmarks

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMiddleware measures a request with each peer, in the scenarios of the report. The time
// includes that of the framework: it is that of the peer "no-CORS" and what the middleware adds.
//
// The names of its parts are keys and values, as benchstat expects them:
//
//	go test -run '^$' -bench 'Middleware/=gin/polycors/GET' -count 10
//	go test -run '^$' -bench 'Middleware/=gin//=GET-allowed' -count 10 | benchstat -col /peer -
func BenchmarkMiddleware(b *testing.B) {
	for _, f := range Frameworks {
		b.Run("framework="+nameOf(f.Name), func(b *testing.B) {
			for i, p := range f.Peers {
				b.Run("peer="+nameOf(p.Name), func(b *testing.B) {
					var server Server
					var built *Policy // the policy that server has
					for _, sc := range Scenarios() {
						b.Run("scenario="+nameOf(sc.Name), func(b *testing.B) {
							if built != sc.Policy || i < Ours {
								server, built = newServer(b, p, &sc), sc.Policy
							}
							verdict, err := verdictOn(server, p, i, &sc)
							if err != nil {
								b.Fatal(err)
							}
							if !verdict.Mark.Correct() {
								b.Logf("not a correct response: %s", verdict.Why)
							}
							b.ReportAllocs()
							serve(b, server, &sc)
						})
					}
				})
			}
		})
	}
}

// newServer returns a server for the policy of a scenario. It skips b if the peer does not support
// the policy.
func newServer(b *testing.B, p Peer, sc *Scenario) Server {
	server, err := p.New(sc.Policy, sc.Want)
	switch {
	case errors.Is(err, ErrUnsupported):
		b.Skip(err)
	case err != nil:
		b.Fatal(err)
	}
	return server
}

// verdictOn judges the response of the peer with this index, unless the peer is Bare. The error
// says that the verdict is not the one that is known, so that nobody measures another response than
// they think.
func verdictOn(server Server, p Peer, index int, sc *Scenario) (Verdict, error) {
	if index == Bare {
		return Verdict{}, nil
	}
	verdict := sc.Judge(server)
	if want := knownMark(p.Name, sc.Name); verdict.Mark != want {
		return verdict, fmt.Errorf("the response of %s has the mark %q (%s), want %q",
			p.Name, verdict.Mark, verdict.Why, want)
	}
	return verdict, nil
}

// serve measures the requests of a scenario.
func serve(b *testing.B, server Server, sc *Scenario) {
	if !sc.Parallel {
		client := server.Client(sc.Request)
		for b.Loop() {
			client.Serve(1)
		}
		return
	}
	b.RunParallel(func(pb *testing.PB) {
		client := server.Client(sc.Request)
		for pb.Next() {
			client.Serve(1)
		}
	})
}

// nameOf returns a name as a part of a benchmark's name. It has no slash, which would divide the
// name, and nothing that has to be quoted in a shell.
func nameOf(name string) string {
	return strings.Join(strings.FieldsFunc(strings.NewReplacer("'s", "", ",", "").Replace(name), func(r rune) bool {
		return strings.ContainsRune("/ :", r)
	}), "-")
}

// TestBenchmarkNames checks that the names are different, and that benchstat and a shell understand
// them.
func TestBenchmarkNames(t *testing.T) {
	check := func(kind string, names []string) {
		seen := map[string]string{}
		for _, name := range names {
			got := nameOf(name)
			if other, found := seen[got]; found {
				t.Errorf("the %ss %q and %q both have the name %s", kind, other, name, got)
			}
			seen[got] = name
			if strings.Trim(got, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
				t.Errorf("the %s %q has the name %s", kind, name, got)
			}
		}
	}
	var frameworks, scenarios []string
	for _, f := range Frameworks {
		frameworks = append(frameworks, f.Name)
		var peers []string
		for _, p := range f.Peers {
			peers = append(peers, p.Name)
		}
		check("peer", peers)
	}
	for _, sc := range Scenarios() {
		scenarios = append(scenarios, sc.Name)
	}
	check("framework", frameworks)
	check("scenario", scenarios)

	for name, want := range map[string]string{
		"net/http": "net-http", "echo v5's own": "echo-v5-own", "preflight refused: origin": "preflight-refused-origin",
		"1,000 origins, miss": "1000-origins-miss", "no CORS": "no-CORS",
	} {
		if got := nameOf(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// TestBenchmarkRefusesWrongResponses checks that a peer is not measured if its response is another
// one than the report says.
func TestBenchmarkRefusesWrongResponses(t *testing.T) {
	var allowed, refused Scenario
	for _, sc := range Scenarios() {
		switch sc.Name {
		case GETAllowed:
			allowed = sc
		case GETRefused:
			refused = sc
		}
	}
	for _, f := range Frameworks {
		ours := f.Peers[Ours]
		right, err := ours.New(allowed.Policy, allowed.Want)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verdictOn(right, ours, Ours, &allowed); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		// Floor writes the headers of any response without looking at the request.
		wrong, err := f.Peers[Floor].New(allowed.Policy, refused.Want)
		if err != nil {
			t.Fatal(err)
		}
		if verdict, err := verdictOn(wrong, ours, Ours, &allowed); err == nil || verdict.Mark != Wrong {
			t.Errorf("%s: got the verdict %v and the error %v for a response without a grant", f.Name, verdict, err)
		}
	}
}

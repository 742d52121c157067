package corstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/polycors/cors/core"
)

// A conformanceCase is one request to one server, and the answer to it.
type conformanceCase struct {
	name    string   // stable and unique: the topic, a slash, what is special; the subtest's name
	why     string   // one sentence
	source  string   // where the standard says so, and what taught it
	on      *setup   // the server
	request string   // the exact bytes
	reply   *reply   // what the handler does; nil: status 200 and the body "ok"
	want    outcome  // literal: never what the code under test says
	also    []string // further header lines that the answer has exactly once
	absent  []string // bytes that occur nowhere in the answer, besides a refused origin
}

// An outcome is what a request comes to.
type outcome struct {
	reason  core.Reason // of the policy's decision; NoPolicy: not compared, for servers may read the request differently, or nobody decides
	status  int         // 0: the handler's
	handler bool        // whether it runs
	// lines are all of Access-Control-*, Polycors-Reason and Vary, in the order on the wire.
	lines []string
	// varyTokens, where not nil, are the elements of Vary in any order, and lines has none of them: an adapter that writes before the
	// handler and one that writes after it divide them into lines differently, and both are right.
	varyTokens []string
	// orRefusedByServer says that the server's own 400, 413 or 431, or an end of the connection, will do: what arrives
	// is hardly HTTP.
	orRefusedByServer bool
}

// A reply is what the handler does for a case. The request chooses it: the header field X-Case names the case.
type reply struct {
	status int // 0: 200
	add    []string
	body   string
	do     func(w http.ResponseWriter, r *http.Request) // runs first
}

var usual = reply{body: "ok\n"}

// A setup is a server that cases share. Run starts one for each *setup that a case names.
type setup struct {
	configs []core.Config  // the policies, outermost first
	live    bool           // the only policy stands behind a core.Live
	fixed   *core.Decision // a Decider inside of the policies that always decides so, and keeps what it was asked
	inner   core.Decider   // a Decider inside of the policies
	before  http.Header
}

// policy is a setup of that policy and nothing else.
func policy(cfg core.Config) *setup { return &setup{configs: []core.Config{cfg}} }

// A server is a setup that runs.
type server struct {
	addr    string
	replies map[string]*reply
	handled atomic.Int64 // calls of the handler
	live    *core.Live

	mu        sync.Mutex
	decisions []core.Decision // of the policy, if there is one
	asked     []question      // of setup.fixed
}

// start starts the setup with each Decider registered so many times.
func start(tb testing.TB, serve Serve, on *setup, replies map[string]*reply, times int) *server {
	tb.Helper()
	s := &server{replies: replies}
	var deciders []core.Decider
	for _, cfg := range on.configs {
		if len(on.configs) == 1 {
			cfg.OnDecision = s.keep
		}
		p, err := core.New(cfg)
		if err != nil {
			tb.Fatalf("corstest: a policy of the suite is refused: %v", err)
		}
		deciders = append(deciders, p)
	}
	if on.live {
		s.live = core.NewLive(deciders[0])
		deciders[0] = s.live
	}
	if on.fixed != nil {
		deciders = append(deciders, &witness{server: s, decision: *on.fixed})
	}
	if on.inner != nil {
		deciders = append(deciders, on.inner)
	}
	var registered []core.Decider
	for _, d := range deciders {
		registered = append(registered, slices.Repeat([]core.Decider{d}, times)...)
	}
	s.addr = serve(tb, Server{Deciders: registered, Handler: http.HandlerFunc(s.answer), Before: on.before.Clone()})
	return s
}

func (s *server) keep(_ context.Context, e core.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decisions = append(s.decisions, e.Decision)
}

// takeDecisions returns what was decided since it was called last.
func (s *server) takeDecisions() []core.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.decisions
	s.decisions = nil
	return taken
}

// answer is the handler.
func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	s.handled.Add(1)
	what := s.replies[r.Header.Get("X-Case")]
	if what == nil {
		what = &usual
	}
	if what.do != nil {
		what.do(w, r)
	}
	for _, line := range what.add {
		name, value, _ := strings.Cut(line, ": ")
		w.Header().Add(name, value)
	}
	w.WriteHeader(what.statusOr200())
	if what.body != "" {
		io.WriteString(w, what.body)
	}
}

func (r *reply) statusOr200() int {
	if r.status == 0 {
		return 200
	}
	return r.status
}

// check sends the request and reports what is wrong with the answer. times is how often the policy is registered.
func (c *conformanceCase) check(s *server, times int) error {
	handled := s.handled.Load()
	s.takeDecisions()
	got, err := c.send(s.addr)
	if err != nil {
		if c.want.orRefusedByServer && !isTimeout(err) {
			return nil
		}
		return err
	}
	if c.want.orRefusedByServer && (got.status == 400 || got.status == 413 || got.status == 431) {
		return c.checkRefusedByServer(got)
	}
	problems := []error{
		c.want.checkHandler(s.handled.Load() - handled),
		c.want.checkReason(s.takeDecisions(), times),
		c.checkStatus(got),
		c.want.checkLines(got),
		c.checkBody(got),
		c.checkAlso(got),
		c.checkAbsent(got),
	}
	return errors.Join(problems...)
}

func (c *conformanceCase) send(addr string) (*response, error) {
	conn, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.exchange(c.request)
}

// checkRefusedByServer lets a server grant in its own refusal what the policy would have granted, and nothing else.
func (c *conformanceCase) checkRefusedByServer(got *response) error {
	for _, line := range got.corsLines() {
		if strings.HasPrefix(strings.ToLower(line), "access-control-") && !slices.Contains(c.want.lines, line) {
			return fmt.Errorf("the server refuses with %d and grants %q", got.status, line)
		}
	}
	return nil
}

func (o *outcome) checkHandler(ran int64) error {
	switch {
	case o.handler && ran == 0:
		return errors.New("the handler did not run")
	case o.handler && ran > 1:
		return fmt.Errorf("the handler ran %d times", ran)
	case !o.handler && ran > 0:
		return errors.New("the handler ran, although the middleware answers this request")
	}
	return nil
}

func (o *outcome) checkReason(decisions []core.Decision, times int) error {
	if o.reason == core.NoPolicy {
		return nil
	}
	if want := 1; times == 1 && len(decisions) != want {
		return fmt.Errorf("the Decider was asked %d times for one request", len(decisions))
	}
	for _, d := range decisions {
		if d.Reason != o.reason {
			return fmt.Errorf("the policy was shown another request than was sent: it decided %q, want %q", d.Reason, o.reason)
		}
	}
	return nil
}

func (c *conformanceCase) checkStatus(got *response) error {
	want := c.want.status
	if want == 0 {
		want = c.replied().statusOr200()
	}
	if got.status != want {
		return fmt.Errorf("status %d, want %d", got.status, want)
	}
	return nil
}

func (c *conformanceCase) replied() *reply {
	if c.reply == nil {
		return &usual
	}
	return c.reply
}

// checkLines compares the CORS lines.
func (o *outcome) checkLines(got *response) error {
	lines := got.corsLines()
	if o.varyTokens != nil {
		tokens := got.varyTokens()
		if !sameTokens(tokens, o.varyTokens) {
			return fmt.Errorf("Vary lists %q, want %q, each once, in any order", tokens, o.varyTokens)
		}
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Vary: ") })
	}
	if !slices.Equal(lines, o.lines) {
		return fmt.Errorf("CORS lines:\n\t%s\nwant:\n\t%s", list(lines), list(o.lines))
	}
	return nil
}

// sameTokens compares two lists of tokens without order and case.
func sameTokens(a, b []string) bool {
	return slices.Equal(sortedLower(a), sortedLower(b))
}

func sortedLower(tokens []string) []string {
	lower := make([]string, len(tokens))
	for i, t := range tokens {
		lower[i] = strings.ToLower(t)
	}
	slices.Sort(lower)
	return lower
}

func list(lines []string) string {
	if len(lines) == 0 {
		return "(none)"
	}
	return strings.Join(lines, "\n\t")
}

// checkBody holds the handler's body against what it wrote, and holds an answer of the middleware to have none, nor
// anything that a router had prepared for another answer.
func (c *conformanceCase) checkBody(got *response) error {
	if c.want.handler {
		want := c.replied().body
		if strings.HasPrefix(c.request, "HEAD ") {
			want = ""
		}
		if string(got.body) != want {
			return fmt.Errorf("body %q, want the handler's %q", got.body, want)
		}
		return nil
	}
	if len(got.body) > 0 {
		return fmt.Errorf("the middleware's answer has the body %q, want none", got.body)
	}
	for _, name := range []string{"Content-Type", "Allow", "Transfer-Encoding"} {
		if values := got.values(name); len(values) > 0 {
			return fmt.Errorf("the middleware's answer has %s: %s, want none", name, values[0])
		}
	}
	return nil
}

func (c *conformanceCase) checkAlso(got *response) error {
	for _, want := range c.also {
		if n := len(slices.DeleteFunc(slices.Clone(got.lines), func(line string) bool { return line != want })); n != 1 {
			return fmt.Errorf("the line %q is there %d times, want once", want, n)
		}
	}
	return nil
}

func (c *conformanceCase) checkAbsent(got *response) error {
	absent := c.absent
	if origin := c.origin(); len(origin) > len("null") && !slices.Contains(c.want.lines, "Access-Control-Allow-Origin: "+origin) {
		absent = append(slices.Clone(absent), origin)
	}
	for _, s := range absent {
		if strings.Contains(string(got.raw), s) {
			return fmt.Errorf("%q comes back in the answer", s)
		}
	}
	return nil
}

// origin returns the first Origin of the request.
func (c *conformanceCase) origin() string {
	_, rest, _ := strings.Cut(c.request, "\r\nOrigin: ")
	origin, _, _ := strings.Cut(rest, "\r\n")
	return strings.Trim(origin, " \t")
}

// String describes the case for a failure.
func (c *conformanceCase) String() string {
	shown := c.request
	if len(shown) > 1024 {
		shown = shown[:1024] + "…"
	}
	return fmt.Sprintf("why: %s\nsource: %s\nrequest: %q", c.why, c.source, shown)
}

// A conversation is more than one request to one server.
type conversation struct {
	name, why, source string
	on                *setup
	run               func(s *server) error
}

func (c *conversation) String() string { return fmt.Sprintf("why: %s\nsource: %s", c.why, c.source) }

// cases returns the table, topic by topic.
func cases() []conformanceCase {
	return slices.Concat(
		originCases(), patternCases(), hostCases(), wildcardCases(), credentialCases(), funcCases(),
		preflightCases(), methodCases(), headerCases(), maxAgeCases(), privateNetworkCases(), debugCases(), forbidCases(),
		varyCases(), statusCases(), malformedCases(), oversizedCases(), transportCases(), contractCases(),
	)
}

// twiceOver describes the case that runs the whole table once more.
type twiceOver struct{}

func (twiceOver) String() string {
	return "why: applications register a middleware for the whole server and again for a part of it, which must change nothing\nsource: " + fetchCheck
}

// run is Run with each case handed to each, by its name.
func run(tb testing.TB, serve Serve, each func(name string, check func(r reporter))) {
	tb.Helper()
	table, talks, questions := cases(), conversations(), boundaryCases()
	once, twice, asked := startAll(tb, serve, table, talks)

	// A server that has stopped answering is not asked hundreds of times more.
	late := 0
	try := func(name string, about fmt.Stringer, check func() error) {
		each(name, func(r reporter) {
			r.Helper()
			if late >= 3 {
				r.Errorf("not sent, for %d requests before were not answered in time", late)
				return
			}
			if err := check(); err != nil {
				r.Errorf("%v\n%v", err, about)
				if isTimeout(err) {
					late++
				}
			}
		})
	}
	for i := range table {
		c := &table[i]
		try(c.name, c, func() error { return c.check(once[c.on], 1) })
	}
	for i := range talks {
		c := &talks[i]
		try(c.name, c, func() error { return c.run(once[c.on]) })
	}
	for i := range questions {
		c := &questions[i]
		try(c.name, c, func() error { return c.check(asked) })
	}
	try("contract/registered-twice", twiceOver{}, func() error {
		for i := range table {
			c := &table[i]
			if err := c.check(twice[c.on], 2); err != nil {
				// One is enough to read.
				return fmt.Errorf("with each middleware registered twice, the case %s fails: %w\n%v", c.name, err, c)
			}
		}
		return nil
	})
}

// startAll starts the servers of all cases, with each middleware registered once and, for the table, twice; and the one whose Decider keeps
// what it is asked. All start before the first request, for only the goroutine of the test itself may give up.
func startAll(tb testing.TB, serve Serve, table []conformanceCase, talks []conversation) (once, twice map[*setup]*server, asked *server) {
	tb.Helper()
	replies := map[string]*reply{"rewrite": &rewrite}
	for i := range table {
		if table[i].reply != nil {
			replies[table[i].name] = table[i].reply
		}
	}
	once, twice = map[*setup]*server{}, map[*setup]*server{}
	for i := range table {
		if on := table[i].on; once[on] == nil {
			once[on] = start(tb, serve, on, replies, 1)
			twice[on] = start(tb, serve, on, replies, 2)
		}
	}
	for i := range talks {
		if on := talks[i].on; once[on] == nil {
			once[on] = start(tb, serve, on, replies, 1)
		}
	}
	return once, twice, start(tb, serve, &setup{fixed: &core.Decision{}}, replies, 1)
}

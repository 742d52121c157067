package adaptertest

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
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

// A conformanceCase is one request to one server, and the response to it.
type conformanceCase struct {
	name    string   // the name of the subtest, which is unique and never changes: topic/detail
	why     string   // the rule, in one sentence
	source  string   // the section of the standard, and a vulnerability or issue, if there is one
	on      *setup   // the server
	request string   // the exact bytes
	reply   *reply   // what the handler does; nil: status 200 and the body "ok"
	want    outcome  // a literal, never computed by the code under test
	also    []string // other header lines that the response must contain exactly once
	absent  []string // strings that must not occur in the response, in addition to a refused origin
}

// An outcome is the expected result of a request.
type outcome struct {
	// reason is the reason of the policy's decision. ReasonNoPolicy means that it is not compared,
	// because there is no policy, or because servers may parse the request differently.
	reason core.Reason

	status  int  // the expected status, or 0 for that of the handler
	handler bool // whether the handler runs

	// lines contains the Access-Control-*, Polycors-Reason and Vary lines, in the order in which they
	// are sent.
	lines []string

	// varyTokens, if not nil, contains the elements of Vary, in any order. In this case, lines does
	// not contain Vary. Adapters may split Vary into lines in different ways, depending on whether
	// they write headers before or after the handler runs.
	varyTokens []string

	// serverMayRefuse lists the statuses with which the server may refuse the request before the
	// adapter sees it. If it is not empty, the server may also close the connection.
	serverMayRefuse []int
}

var (
	// refusesMalformed: 400 (Bad Request), 413 (Content Too Large), 431 (Request Header Fields Too
	// Large).
	refusesMalformed = []int{400, 413, 431}
	// refusesMethod: 400, or 501 (Not Implemented), which RFC 9110 recommends for an unknown method.
	refusesMethod = []int{400, 501}
)

// A reply describes what the handler does for a case. The X-Case header of the request contains the
// name of the case.
type reply struct {
	status int // 0 means 200
	add    []string
	body   string
	do     func(w http.ResponseWriter, r *http.Request) // runs before the status and the body are written
}

// patience is how long an exchange may take. It is long enough for a busy machine.
var patience = 20 * time.Second

// usualReply describes what the handler does for a case without a reply.
var usualReply = reply{body: "ok\n"}

// A setup describes a server, which several cases can share. Run starts one server for each *setup
// to which a case refers.
type setup struct {
	configs []core.Config // the policies, outermost first
	live    bool          // whether the only policy is inside a core.Live
	// the decision of a witness inside the policies, or nil if there is no witness
	fixed  *core.Decision
	inner  core.Decider // a Decider inside the policies
	before http.Header
}

// policy returns a setup with a single policy.
func policy(cfg core.Config) *setup { return &setup{configs: []core.Config{cfg}} }

// A server is a running setup.
type server struct {
	addr    string
	replies map[string]*reply
	handled atomic.Int64 // how often the handler ran
	live    *core.Live

	mu        sync.Mutex
	decisions []core.Decision // the decisions of the policy, if there is exactly one
	asked     []question      // the requests that the witness has received
}

// start starts the setup. It registers each Decider the given number of times.
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
			tb.Fatalf("adaptertest: the suite has an invalid policy: %v", err)
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
	s.addr = serve(tb, Server{Deciders: registered, Handler: http.HandlerFunc(s.reply), Before: on.before.Clone()})
	return s
}

func (s *server) keep(_ context.Context, e core.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decisions = append(s.decisions, e.Decision)
}

// takeDecisions returns the decisions that were made since its last call.
func (s *server) takeDecisions() []core.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.decisions
	s.decisions = nil
	return taken
}

// reply handles a request as the case that the X-Case header names requires.
func (s *server) reply(w http.ResponseWriter, r *http.Request) {
	s.handled.Add(1)
	what := s.replies[r.Header.Get("X-Case")]
	if what == nil {
		what = &usualReply
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

// check sends the request, and returns an error that describes what is wrong with the response. The
// argument times is the number of times that the policy is registered.
func (c *conformanceCase) check(s *server, times int) error {
	handled := s.handled.Load()
	s.takeDecisions()
	got, err := c.send(s.addr)
	if err != nil {
		if c.want.serverMayRefuse != nil && !rawhttp.IsTimeout(err) {
			return nil
		}
		return err
	}
	if slices.Contains(c.want.serverMayRefuse, got.Status) {
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

func (c *conformanceCase) send(addr string) (*rawhttp.Response, error) {
	conn, err := rawhttp.Dial(addr, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.Exchange(c.request)
}

// checkRefusedByServer checks a response with which the server itself has refused the request. It
// must not have CORS headers other than those that the policy would send.
func (c *conformanceCase) checkRefusedByServer(got *rawhttp.Response) error {
	for _, line := range got.CORSLines() {
		if strings.HasPrefix(strings.ToLower(line), "access-control-") && !slices.Contains(c.want.lines, line) {
			return fmt.Errorf("the server refuses with %d and grants %q", got.Status, line)
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
		return errors.New("the handler ran, although the middleware responds to this request")
	}
	return nil
}

func (o *outcome) checkReason(decisions []core.Decision, times int) error {
	if o.reason == core.ReasonNoPolicy {
		return nil
	}
	if want := 1; times == 1 && len(decisions) != want {
		return fmt.Errorf("the Decider was asked %d times for one request", len(decisions))
	}
	for _, d := range decisions {
		if d.Reason != o.reason {
			return fmt.Errorf(
				"the policy was not shown the request that was sent: it decided %q, want %q", d.Reason, o.reason,
			)
		}
	}
	return nil
}

func (c *conformanceCase) checkStatus(got *rawhttp.Response) error {
	want := c.want.status
	if want == 0 {
		want = c.replied().statusOr200()
	}
	if got.Status != want {
		return fmt.Errorf("status %d, want %d", got.Status, want)
	}
	return nil
}

func (c *conformanceCase) replied() *reply {
	if c.reply == nil {
		return &usualReply
	}
	return c.reply
}

// checkLines compares the CORS lines.
func (o *outcome) checkLines(got *rawhttp.Response) error {
	lines := got.CORSLines()
	if o.varyTokens != nil {
		tokens := got.VaryTokens()
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

// sameTokens reports whether two lists contain the same tokens, ignoring order and case.
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

// checkBody compares the body with the one that the handler wrote. A response of the middleware
// must not have a body, headers that a router prepared for its own response, a cookie or a
// redirect.
func (c *conformanceCase) checkBody(got *rawhttp.Response) error {
	if c.want.handler {
		want := c.replied().body
		if strings.HasPrefix(c.request, "HEAD ") {
			want = ""
		}
		if string(got.Body) != want {
			return fmt.Errorf("body %q, want the handler's %q", got.Body, want)
		}
		return nil
	}
	if len(got.Body) > 0 {
		return fmt.Errorf("the middleware's response has the body %q, want none", got.Body)
	}
	for _, name := range []string{"Content-Type", "Allow", "Transfer-Encoding", "Set-Cookie", "Location"} {
		if values := got.Values(name); len(values) > 0 {
			return fmt.Errorf("the middleware's response has %s: %s, want none", name, values[0])
		}
	}
	return nil
}

func (c *conformanceCase) checkAlso(got *rawhttp.Response) error {
	for _, want := range c.also {
		if n := len(
			slices.DeleteFunc(slices.Clone(got.Lines), func(line string) bool { return line != want }),
		); n != 1 {
			return fmt.Errorf("got the line %q %d times, want once", want, n)
		}
	}
	return nil
}

func (c *conformanceCase) checkAbsent(got *rawhttp.Response) error {
	absent := c.absent
	if origin := c.origin(); len(
		origin,
	) > len("null") && !slices.Contains(c.want.lines, "Access-Control-Allow-Origin: "+origin) {
		absent = append(slices.Clone(absent), origin)
	}
	for _, s := range absent {
		if strings.Contains(string(got.Raw), s) {
			return fmt.Errorf("%q is in the response", s)
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

// String describes the case in a failure message.
func (c *conformanceCase) String() string { return caseText(c.why, c.source, c.request) }

func caseText(why, source, request string) string {
	if len(request) > 1024 {
		request = request[:1024] + "…"
	}
	return fmt.Sprintf("why: %s\nsource: %s\nrequest: %q", why, source, request)
}

// A conversation consists of several requests to one server.
type conversation struct {
	name, why, source string
	on                *setup
	run               func(s *server) error
}

func (c *conversation) String() string { return fmt.Sprintf("why: %s\nsource: %s", c.why, c.source) }

// cases returns all cases, ordered by topic.
func cases() []conformanceCase {
	return slices.Concat(
		originCases(), patternCases(), hostCases(), wildcardCases(), credentialCases(), funcCases(), preflightCases(),
		methodCases(), headerCases(), maxAgeCases(), privateNetworkCases(), debugCases(), forbidCases(), varyCases(),
		statusCases(), malformedCases(), oversizedCases(), transportCases(), contractCases(),
	)
}

// registeredTwice describes the case that runs all cases again with each policy registered twice.
type registeredTwice struct{}

func (registeredTwice) String() string {
	return "why: applications register a middleware for the whole server and again for a part of it, which " +
		"must change " +
		"nothing\nsource: " + fetchCheck
}

// run implements [Run]. It calls each for every case, with the name of the case and a function that
// checks it. If names is not nil, run considers only the cases with these names, and starts only
// the servers that they need.
func run(tb testing.TB, serve Serve, names []string, each func(name string, check func(r reporter))) {
	tb.Helper()
	table, talks, questions := cases(), slices.Concat(conversations(), panicCases()), boundaryCases()
	omitted := func(name string) bool { return names != nil && !slices.Contains(names, name) }
	again := !omitted("contract/registered-twice") // which needs the whole table
	if !again {
		table = slices.DeleteFunc(table, func(c conformanceCase) bool { return omitted(c.name) })
	}
	talks = slices.DeleteFunc(talks, func(c conversation) bool { return omitted(c.name) })
	questions = slices.DeleteFunc(questions, func(c boundaryCase) bool { return omitted(c.name) })
	once := startAll(tb, serve, table, talks, 1)
	var twice map[*setup]*server
	if again {
		twice = startAll(tb, serve, table, nil, 2)
	}
	asked := start(tb, serve, &setup{fixed: &core.Decision{}}, nil, 1)

	// Do not ask a server hundreds of times more if it does not respond.
	late := 0
	try := func(name string, about fmt.Stringer, check func() error) {
		each(name, func(r reporter) {
			r.Helper()
			if late >= 3 {
				r.Errorf("not sent, because %d requests before got no response in time", late)
				return
			}
			if err := check(); err != nil {
				r.Errorf("%v\n%v", err, about)
				if rawhttp.IsTimeout(err) {
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
	if !again {
		return
	}
	try("contract/registered-twice", registeredTwice{}, func() error {
		for i := range table {
			c := &table[i]
			if err := c.check(twice[c.on], 2); err != nil {
				// One of them is enough to read.
				return fmt.Errorf("with each middleware registered twice, the case %s fails: %w\n%v", c.name, err, c)
			}
		}
		return nil
	})
}

// startAll starts the servers of all cases, and registers each middleware the given number of
// times. All servers start before the first request, because only the goroutine of the test itself
// may call t.Fatal.
func startAll(
	tb testing.TB, serve Serve, table []conformanceCase, talks []conversation, times int,
) map[*setup]*server {
	tb.Helper()
	replies := map[string]*reply{"rewrite": &rewrite}
	for i := range table {
		if table[i].reply != nil {
			replies[table[i].name] = table[i].reply
		}
	}
	servers := map[*setup]*server{}
	add := func(on *setup) {
		if servers[on] == nil {
			servers[on] = start(tb, serve, on, replies, times)
		}
	}
	for i := range table {
		add(table[i].on)
	}
	for i := range talks {
		add(talks[i].on)
	}
	return servers
}

package corstest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/polycors/cors/core"
)

var (
	replaceable = &setup{configs: one.configs, live: true}
	rewritten   = &setup{configs: exposing.configs}
	busy        = &setup{configs: []core.Config{{
		AllowOrigins:     []string{"https://app.example.com", "https://admin.example.com", "https://*.sub.example.com"},
		AllowCredentials: true, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"*"}, ExposeHeaders: []string{"X-Out"}, MaxAge: 600e9,
	}}}
)

// A turn is a request on a connection that stays open, and the answer to it.
type turn struct {
	request string
	status  int
	lines   []string
	body    string
}

func (t *turn) check(got *response) error {
	want := outcome{lines: t.lines}
	switch {
	case got.status != t.status:
		return fmt.Errorf("status %d, want %d", got.status, t.status)
	case string(got.body) != t.body:
		return fmt.Errorf("body %q, want %q", got.body, t.body)
	}
	return want.checkLines(got)
}

// The requests that conversations are made of, and what busy answers.
var (
	fromApp = turn{open("GET", "/", "Origin: https://app.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	fromAdmin = turn{open("GET", "/", "Origin: https://admin.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://admin.example.com", "Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	fromStranger = turn{open("GET", "/", "Origin: https://evil.com"), 200, []string{"Vary: Origin"}, "ok\n"}
	fromNobody   = turn{open("GET", "/"), 200, []string{"Vary: Origin"}, "ok\n"}
	fromBranch   = turn{open("GET", "/", "Origin: https://x.sub.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://x.sub.example.com", "Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	fromLongBranch = turn{open("GET", "/", "Origin: https://a-much-longer-name-than-the-other.sub.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a-much-longer-name-than-the-other.sub.example.com", "Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	asksApp = turn{open("OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-one,x-two"), 204, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-one,x-two", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 600", varyPreflight,
	}, ""}
	asksBranch = turn{open("OPTIONS", "/", "Origin: https://y.sub.example.com", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: x-three"), 204, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-three", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://y.sub.example.com", "Access-Control-Max-Age: 600", varyPreflight,
	}, ""}
	asksStranger = turn{open("OPTIONS", "/", "Origin: https://evil.com", "Access-Control-Request-Method: PUT"), 403, []string{varyPreflight}, ""}
	asksWithBody = turn{open("OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Content-Length: 5") + "hello", 204, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 600", varyPreflight,
	}, ""}
	asksStrangerWithBody = turn{open("OPTIONS", "/", "Origin: https://evil.com", "Access-Control-Request-Method: PUT", "Content-Length: 5") + "hello", 403, []string{varyPreflight}, ""}
)

// conversations returns what takes more than one request.
func conversations() []conversation {
	return []conversation{
		{
			name: "keep-alive/preflight-then-actual", why: "a browser asks and sends on one connection, and nothing may stand between the two answers", source: httpConnections,
			on: busy, run: oneByOne(asksApp, fromApp, asksStranger, fromStranger, asksBranch, fromBranch, fromNobody, fromApp),
		},
		{
			name: "keep-alive/preflight-with-body-then-actual", why: "the body of an answered preflight is not the next request", source: httpConnections + "; " + httpOptions,
			on: busy, run: oneByOne(asksWithBody, fromApp, asksStrangerWithBody, fromAdmin),
		},
		{
			name: "keep-alive/forbidden-post-then-actual", why: "the body of a refused request is not the next request", source: httpConnections,
			on: forbids, run: oneByOne(
				turn{open("POST", "/", "Origin: https://evil.com", "Content-Length: 5") + "hello", 403, []string{"Vary: Origin"}, ""},
				turn{open("GET", "/", "Origin: https://app.example.com"), 200, []string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"}, "ok\n"},
			),
		},
		{
			name: "keep-alive/origins-of-different-length", why: "buffers are used again, and no origin may show through another", source: fetchCheck + "; https://github.com/gofiber/fiber/issues/185",
			on: busy, run: oneByOne(fromLongBranch, fromBranch, fromLongBranch, asksBranch, fromBranch, asksApp, fromStranger, fromLongBranch, fromNobody),
		},
		{
			name: "wildcard/cookie-poisons-nothing", why: "a request with a cookie must not change what others are answered", source: fetchCredentials + "; https://github.com/Kludex/starlette/commit/5f21c39c",
			on: everyone, run: oneByOne(
				turn{open("GET", "/", "Origin: https://evil.com", "Cookie: a=b"), 200, []string{"Access-Control-Allow-Origin: *"}, "ok\n"},
				turn{open("GET", "/", "Origin: https://app.example.com"), 200, []string{"Access-Control-Allow-Origin: *"}, "ok\n"},
				turn{open("GET", "/"), 200, []string{"Access-Control-Allow-Origin: *"}, "ok\n"},
			),
		},
		{
			name: "pipeline/three-origins", why: "requests that arrive together are answered each for its own origin", source: httpConnections,
			on: busy, run: atOnce(fromApp, fromStranger, fromAdmin),
		},
		{
			name: "pipeline/preflights", why: "requests that arrive together are answered each for its own origin", source: httpConnections,
			on: busy, run: atOnce(asksApp, asksBranch, asksStranger, fromNobody, asksApp),
		},
		{
			name: "pipeline/behind-a-body", why: "a body that nobody reads does not hide the request behind it", source: httpConnections,
			on: busy, run: atOnce(asksWithBody, fromStranger, fromBranch),
		},
		{
			name: "pipeline/forty", why: "requests that arrive together are answered each for its own origin", source: httpConnections,
			on: busy, run: atOnce(slices.Repeat([]turn{fromBranch, fromStranger, fromLongBranch, fromNobody, asksBranch, asksApp, fromAdmin, asksStranger}, 5)...),
		},
		{
			name: "transport/expect-continue", why: "a client that waits for 100 before it sends the body of a preflight is answered without it, or asked for it, but not left waiting", source: httpExpect,
			on: busy, run: expectContinue,
		},
		{
			name: "concurrency/mixed-origins", why: "what one request is answered depends on no other, however many there are at once", source: fetchCheck + "; https://github.com/rs/cors/issues/198",
			on: busy, run: atTheSameTime,
		},
		{
			name: "contract/values-are-not-shared", why: "a handler that writes into a header's values must reach its own response only", source: fetchResponses + "; https://github.com/rs/cors/issues/198",
			on: rewritten, run: valuesAreNotShared,
		},
		{
			name: "contract/decisions-may-be-kept", why: "a Decision holds no bytes of a buffer that the next request overwrites: the Request says what is borrowed", source: fetchCheck + "; https://github.com/gofiber/fiber/issues/185",
			on: busy, run: decisionsMayBeKept,
		},
		{
			name: "contract/policy-replaced", why: "an adapter asks its Decider for each request, so a policy that is replaced takes effect at once", source: fetchProtocol,
			on: replaceable, run: policyReplaced,
		},
	}
}

// oneByOne sends the requests on one connection, each after the answer to the last.
func oneByOne(turns ...turn) func(s *server) error {
	return func(s *server) error {
		c, err := dial(s.addr)
		if err != nil {
			return err
		}
		defer c.Close()
		for i := range turns {
			if err := c.take(&turns[i]); err != nil {
				return fmt.Errorf("request %d, %q: %w", i+1, turns[i].request, err)
			}
		}
		return nil
	}
}

func (c *conn) take(t *turn) error {
	got, err := c.exchange(t.request)
	if err != nil {
		return err
	}
	return t.check(got)
}

// atOnce sends the requests in one piece, the last with the wish to end the connection.
func atOnce(turns ...turn) func(s *server) error {
	return func(s *server) error {
		c, err := dial(s.addr)
		if err != nil {
			return err
		}
		defer c.Close()
		var all strings.Builder
		for i, t := range turns {
			request := t.request
			if i == len(turns)-1 {
				request = strings.Replace(request, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)
			}
			all.WriteString(request)
		}
		if err := c.send(all.String()); err != nil {
			return err
		}
		for i := range turns {
			got, err := c.read(false)
			if err == nil {
				err = turns[i].check(got)
			}
			if err != nil {
				return fmt.Errorf("answer %d of %d, to %q: %w", i+1, len(turns), turns[i].request, err)
			}
		}
		return c.end()
	}
}

func expectContinue(s *server) error {
	c, err := dial(s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	head := open("OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Expect: 100-continue", "Content-Length: 5")
	if err := c.send(head); err != nil {
		return err
	}
	got := &response{}
	if err := c.readHead(got); err != nil {
		return err
	}
	if got.status == 100 {
		if err := c.send("hello"); err != nil {
			return err
		}
		if got, err = c.read(false); err != nil {
			return err
		}
	} else if err := c.readBody(got, false); err != nil {
		return err
	}
	return asksWithBody.check(got)
}

// atTheSameTime sends 50 requests on each of 64 connections.
func atTheSameTime(s *server) error {
	turns := []turn{fromApp, fromStranger, asksApp, fromBranch, fromNobody, fromLongBranch, asksStranger, fromAdmin, asksBranch}
	failures := make([]error, 64)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			c, err := dial(s.addr)
			if err != nil {
				failures[i] = err
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(2 * patience))
			for j := range 50 {
				t := &turns[(i+j)%len(turns)]
				if err := c.take(t); err != nil {
					failures[i] = fmt.Errorf("connection %d, request %d, %q: %w", i+1, j+1, t.request, err)
					return
				}
			}
		})
	}
	wg.Wait()
	// One is enough to read.
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// valuesAreNotShared lets the handler rewrite all values that it sees, for each kind of request, and looks at the next response.
func valuesAreNotShared(s *server) error {
	want := turn{open("GET", "/", "Origin: https://app.example.com"), 200, []string{"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out, X-Total", "Vary: Origin"}, "ok\n"}
	stranger := turn{open("GET", "/", "Origin: https://evil.com"), 200, []string{"Vary: Origin"}, "ok\n"}
	for _, origin := range []string{"https://app.example.com", "https://evil.com"} {
		c, err := dial(s.addr)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.exchange(open("GET", "/", "Origin: "+origin, "X-Case: rewrite")); err != nil {
			return err
		}
		for _, next := range []turn{want, stranger} {
			if err := c.take(&next); err != nil {
				return fmt.Errorf("after a handler has rewritten the values of its own response: %w", err)
			}
		}
	}
	return nil
}

// rewrite is the reply of a handler that writes into the values of every header that is set already.
var rewrite = reply{body: "ok\n", do: func(w http.ResponseWriter, _ *http.Request) {
	for _, values := range w.Header() {
		for i := range values {
			values[i] = "rewritten"
		}
		_ = append(values, "appended")
	}
}}

// decisionsMayBeKept compares decisions of earlier requests after later ones have used the buffers.
func decisionsMayBeKept(s *server) error {
	c, err := dial(s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	s.takeDecisions()
	var origins, names []string
	for _, label := range []string{"aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee", "ffffffff"} {
		origin := "https://" + label + ".sub.example.com"
		origins, names = append(origins, origin), append(names, "x-"+label)
		got, err := c.exchange(open("OPTIONS", "/", "Origin: "+origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-"+label))
		if err != nil {
			return err
		}
		if got.status != 204 {
			return fmt.Errorf("status %d, want 204", got.status)
		}
	}
	decisions := s.takeDecisions()
	if len(decisions) != len(origins) {
		return fmt.Errorf("the Decider was asked %d times for %d requests", len(decisions), len(origins))
	}
	for i, d := range decisions {
		if d.AllowOrigin != origins[i] || d.AllowHeaders != names[i] {
			return fmt.Errorf("the decision about %s and %s has become one about %s and %s", origins[i], names[i], d.AllowOrigin, d.AllowHeaders)
		}
	}
	return nil
}

func policyReplaced(s *server) error {
	allowed := turn{open("GET", "/", "Origin: https://app.example.com"), 200, []string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"}, "ok\n"}
	refused := turn{allowed.request, 200, []string{"Vary: Origin"}, "ok\n"}
	before := s.live.Load()
	defer s.live.Store(before)
	if err := oneByOne(allowed)(s); err != nil {
		return err
	}
	if err := s.live.Reload(core.Config{AllowOrigins: []string{"https://admin.example.com"}}); err != nil {
		return err
	}
	if err := oneByOne(refused)(s); err != nil {
		return errors.Join(errors.New("after another policy was stored in the core.Live"), err)
	}
	return nil
}

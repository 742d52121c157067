package adaptertest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

var (
	replaceable = &setup{configs: one.configs, live: true}
	rewritten   = &setup{configs: exposing.configs}
	busy        = &setup{configs: []core.Config{{
		AllowOrigins:     []string{"https://app.example.com", "https://admin.example.com", "https://*.sub.example.com"},
		AllowCredentials: true, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"*"},
		ExposeHeaders: []string{"X-Out"}, MaxAge: 600e9,
	}}}
)

// A turn is a request on a connection that stays open, and the response to it.
type turn struct {
	request string
	status  int
	lines   []string
	body    string
}

func (t *turn) check(got *rawhttp.Response) error {
	want := outcome{lines: t.lines}
	switch {
	case got.Status != t.status:
		return fmt.Errorf("status %d, want %d", got.Status, t.status)
	case string(got.Body) != t.body:
		return fmt.Errorf("body %q, want %q", got.Body, t.body)
	}
	return want.checkLines(got)
}

// The requests in conversations, and the responses to them under the policy busy.
var (
	fromApp = turn{open("GET", "/", "Origin: https://app.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	fromAdmin = turn{open("GET", "/", "Origin: https://admin.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://admin.example.com",
		"Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	fromEvil   = turn{open("GET", "/", "Origin: https://evil.com"), 200, []string{"Vary: Origin"}, "ok\n"}
	fromNobody = turn{open("GET", "/"), 200, []string{"Vary: Origin"}, "ok\n"}
	fromBranch = turn{open("GET", "/", "Origin: https://x.sub.example.com"), 200, []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://x.sub.example.com",
		"Access-Control-Expose-Headers: X-Out", "Vary: Origin",
	}, "ok\n"}
	fromLongBranch = turn{
		open("GET", "/", "Origin: https://a-much-longer-name-than-the-other.sub.example.com"), 200,
		[]string{
			"Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Origin: https://a-much-longer-name-than-the-other.sub.example.com",
			"Access-Control-Expose-Headers: X-Out", "Vary: Origin",
		},
		"ok\n",
	}
	asksApp = turn{
		open(
			"OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT",
			"Access-Control-Request-Headers: x-one,x-two",
		),
		204,
		[]string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-one,x-two",
			"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
			"Access-Control-Max-Age: 600", varyPreflight,
		},
		"",
	}
	asksBranch = turn{
		open(
			"OPTIONS", "/", "Origin: https://y.sub.example.com", "Access-Control-Request-Method: GET",
			"Access-Control-Request-Headers: x-three",
		),
		204,
		[]string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-three",
			"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://y.sub.example.com",
			"Access-Control-Max-Age: 600", varyPreflight,
		},
		"",
	}
	asksEvil = turn{
		open("OPTIONS", "/", "Origin: https://evil.com", "Access-Control-Request-Method: PUT"), 403,
		[]string{varyPreflight}, "",
	}
	asksWithBody = turn{
		open(
			"OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT",
			"Content-Length: 5",
		) + "hello",
		204,
		[]string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
			"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 600", varyPreflight,
		},
		"",
	}
	asksWithChunks = turn{
		open(
			"OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT",
			"Transfer-Encoding: chunked",
		) + "5\r\nhello\r\n0\r\n\r\n",
		asksWithBody.status, asksWithBody.lines, "",
	}
	asksEvilWithBody = turn{
		open(
			"OPTIONS", "/", "Origin: https://evil.com", "Access-Control-Request-Method: PUT", "Content-Length: 5",
		) + "hello",
		403, []string{varyPreflight}, "",
	}
)

// conversations returns the cases that consist of more than one request.
func conversations() []conversation {
	return []conversation{
		{
			name: "keep-alive/preflight-then-actual",
			why: "a browser sends preflight and request on one connection, and no stray bytes may come " +
				"between the two responses",
			source: httpConnections, on: busy,
			run: oneByOne(asksApp, fromApp, asksEvil, fromEvil, asksBranch, fromBranch, fromNobody, fromApp),
		},
		{
			name:   "keep-alive/preflight-with-body-then-actual",
			why:    "the body of an answered preflight is not the next request",
			source: httpConnections + "; " + httpOptions, on: busy,
			run: oneByOne(asksWithBody, fromApp, asksWithChunks, fromEvil, asksEvilWithBody, fromAdmin),
		},
		{
			name: "keep-alive/forbidden-post-then-actual", why: "the body of a refused request is not the next request",
			source: httpConnections, on: forbids,
			run: oneByOne(
				turn{
					open("POST", "/", "Origin: https://evil.com", "Content-Length: 5") + "hello", 403,
					[]string{"Vary: Origin"}, "",
				},
				turn{
					open("GET", "/", "Origin: https://app.example.com"), 200,
					[]string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"}, "ok\n",
				},
			),
		},
		{
			name:   "keep-alive/origins-of-different-length",
			why:    "buffers are reused, and no part of an earlier origin may remain",
			source: fetchCheck + "; https://github.com/gofiber/fiber/issues/185", on: busy,
			run: oneByOne(
				fromLongBranch, fromBranch, fromLongBranch, asksBranch, fromBranch, asksApp, fromEvil,
				fromLongBranch, fromNobody,
			),
		},
		{
			name:   "wildcard/cookie-poisons-nothing",
			why:    "a request with a cookie must not change the responses to other requests",
			source: fetchCredentials + "; https://github.com/Kludex/starlette/commit/5f21c39c", on: everyone,
			run: oneByOne(
				turn{
					open("GET", "/", "Origin: https://evil.com", "Cookie: a=b"), 200,
					[]string{"Access-Control-Allow-Origin: *"}, "ok\n",
				},
				turn{
					open("GET", "/", "Origin: https://app.example.com"), 200,
					[]string{"Access-Control-Allow-Origin: *"}, "ok\n",
				},
				turn{open("GET", "/"), 200, []string{"Access-Control-Allow-Origin: *"}, "ok\n"},
			),
		},
		{
			name:   "pipeline/three-origins",
			why:    "each of the requests that arrive together gets the response for its own origin",
			source: httpConnections, on: busy, run: atOnce(fromApp, fromEvil, fromAdmin),
		},
		{
			name:   "pipeline/preflights",
			why:    "each of the requests that arrive together gets the response for its own origin",
			source: httpConnections, on: busy, run: atOnce(asksApp, asksBranch, asksEvil, fromNobody, asksApp),
		},
		{
			name: "pipeline/after-a-body", why: "the request after an unread body must still be found",
			source: httpConnections, on: busy, run: atOnce(asksWithBody, fromEvil, fromBranch),
		},
		{
			name:   "pipeline/forty",
			why:    "each of the requests that arrive together gets the response for its own origin",
			source: httpConnections, on: busy,
			run: atOnce(
				slices.Repeat(
					[]turn{
						fromBranch, fromEvil, fromLongBranch, fromNobody, asksBranch, asksApp, fromAdmin,
						asksEvil,
					},
					5,
				)...,
			),
		},
		{
			name: "transport/expect-continue",
			why: "a client that waits for 100 (Continue) before it sends the body of a preflight must get " +
				"a 100 or the response",
			source: httpExpect, on: busy, run: expectContinue,
		},
		{
			name:   "concurrency/mixed-origins",
			why:    "a response never depends on another request, however many arrive at once",
			source: fetchCheck + "; https://github.com/rs/cors/issues/198", on: busy, run: atTheSameTime,
		},
		{
			name:   "contract/values-are-not-shared",
			why:    "a handler that overwrites header values must not change any other response",
			source: fetchResponses + "; https://github.com/rs/cors/issues/198", on: rewritten, run: valuesAreNotShared,
		},
		{
			name: "contract/decisions-may-be-kept",
			why: "a Decision must not refer to a buffer that the next request overwrites: set " +
				"Request.Borrowed if the strings are borrowed",
			source: fetchCheck + "; https://github.com/gofiber/fiber/issues/185", on: busy, run: decisionsMayBeKept,
		},
		{
			name:   "contract/policy-replaced",
			why:    "an adapter asks its Decider for each request, so a policy that is replaced takes effect at once",
			source: fetchProtocol, on: replaceable, run: policyReplaced,
		},
	}
}

// oneByOne returns a function that sends the requests on one connection. It waits for each response
// before it sends the next request.
func oneByOne(turns ...turn) func(s *server) error {
	return func(s *server) error {
		c, err := rawhttp.Dial(s.addr, patience)
		if err != nil {
			return err
		}
		defer c.Close()
		for i := range turns {
			if err := turns[i].take(c); err != nil {
				return fmt.Errorf("request %d, %q: %w", i+1, turns[i].request, err)
			}
		}
		return nil
	}
}

// take sends the turn's request on c and checks the response.
func (t *turn) take(c *rawhttp.Conn) error {
	got, err := c.Exchange(t.request)
	if err != nil {
		return err
	}
	return t.check(got)
}

// atOnce returns a function that sends all requests before it reads the first response. The last
// request asks the server to close the connection.
func atOnce(turns ...turn) func(s *server) error {
	return func(s *server) error {
		c, err := rawhttp.Dial(s.addr, patience)
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
		if err := c.Send(all.String()); err != nil {
			return err
		}
		for i := range turns {
			got, err := c.ReadResponse(false)
			if err == nil {
				err = turns[i].check(got)
			}
			if err != nil {
				return fmt.Errorf("response %d of %d, to %q: %w", i+1, len(turns), turns[i].request, err)
			}
		}
		return c.End()
	}
}

func expectContinue(s *server) error {
	c, err := rawhttp.Dial(s.addr, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	head := open(
		"OPTIONS", "/", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Expect: 100-continue",
		"Content-Length: 5",
	)
	if err := c.Send(head); err != nil {
		return err
	}
	got := &rawhttp.Response{}
	if err := c.ReadHead(got); err != nil {
		return err
	}
	if got.Status == 100 {
		if err := c.Send("hello"); err != nil {
			return err
		}
		if got, err = c.ReadResponse(false); err != nil {
			return err
		}
	} else if err := c.ReadBody(got, false); err != nil {
		return err
	}
	return asksWithBody.check(got)
}

// atTheSameTime sends 50 requests on each of 64 connections.
func atTheSameTime(s *server) error {
	turns := []turn{
		fromApp, fromEvil, asksApp, fromBranch, fromNobody, fromLongBranch, asksEvil, fromAdmin, asksBranch,
	}
	failures := make([]error, 64)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			c, err := rawhttp.Dial(s.addr, patience)
			if err != nil {
				failures[i] = err
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(2 * patience))
			for j := range 50 {
				t := &turns[(i+j)%len(turns)]
				if err := t.take(c); err != nil {
					failures[i] = fmt.Errorf("connection %d, request %d, %q: %w", i+1, j+1, t.request, err)
					return
				}
			}
		})
	}
	wg.Wait()
	// Report only one failure.
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// valuesAreNotShared checks that later responses do not change after a handler has overwritten all
// header values that it sees.
func valuesAreNotShared(s *server) error {
	want := turn{
		open("GET", "/", "Origin: https://app.example.com"), 200,
		[]string{
			"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Out, X-Total",
			"Vary: Origin",
		},
		"ok\n",
	}
	evil := turn{open("GET", "/", "Origin: https://evil.com"), 200, []string{"Vary: Origin"}, "ok\n"}
	for _, origin := range []string{"https://app.example.com", "https://evil.com"} {
		c, err := rawhttp.Dial(s.addr, patience)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Exchange(open("GET", "/", "Origin: "+origin, "X-Case: rewrite")); err != nil {
			return err
		}
		for _, next := range []turn{want, evil} {
			if err := next.take(c); err != nil {
				return fmt.Errorf("after a handler has rewritten the values of its own response: %w", err)
			}
		}
	}
	return nil
}

// rewrite is the reply of a handler that overwrites the values of every header that is already set.
var rewrite = reply{body: "ok\n", do: func(w http.ResponseWriter, _ *http.Request) { overwriteValues(w.Header()) }}

func overwriteValues(h http.Header) {
	for _, values := range h {
		for i := range values {
			values[i] = "rewritten"
		}
		_ = append(values, "appended")
	}
}

// decisionsMayBeKept checks that decisions are unchanged after later requests have reused the
// server's buffers.
func decisionsMayBeKept(s *server) error {
	c, err := rawhttp.Dial(s.addr, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	s.takeDecisions()
	var origins, names []string
	for _, label := range []string{"aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee", "ffffffff"} {
		origin := "https://" + label + ".sub.example.com"
		origins, names = append(origins, origin), append(names, "x-"+label)
		got, err := c.Exchange(
			open(
				"OPTIONS", "/", "Origin: "+origin, "Access-Control-Request-Method: PUT",
				"Access-Control-Request-Headers: x-"+label,
			),
		)
		if err != nil {
			return err
		}
		if got.Status != 204 {
			return fmt.Errorf("status %d, want 204", got.Status)
		}
	}
	decisions := s.takeDecisions()
	if len(decisions) != len(origins) {
		return fmt.Errorf("the Decider was asked %d times for %d requests", len(decisions), len(origins))
	}
	for i, d := range decisions {
		if d.AllowOrigin != origins[i] || d.AllowHeaders != names[i] {
			return fmt.Errorf(
				"the decision about %s and %s has become one about %s and %s", origins[i], names[i], d.AllowOrigin,
				d.AllowHeaders,
			)
		}
	}
	return nil
}

func policyReplaced(s *server) error {
	allowed := turn{
		open("GET", "/", "Origin: https://app.example.com"), 200,
		[]string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"}, "ok\n",
	}
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

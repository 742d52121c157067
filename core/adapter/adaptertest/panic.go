package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/rawhttp"
)

// failing has an AllowOriginFunc that panics for one path. For all other paths, it allows
// https://app.example.com.
var failing = core.Config{
	AllowOriginFunc: func(_ context.Context, origin string, r core.Request) (bool, error) {
		if r.Path == "/boom" {
			panic("a bug in an AllowOriginFunc")
		}
		return origin == "https://app.example.com", nil
	},
	AllowMethods: []string{"PUT"}, AllowHeaders: none,
}

var (
	failingAlone = policy(failing)
	failingInner = &setup{configs: []core.Config{passOn, failing}}
	failingStale = &setup{configs: []core.Config{failing}, before: http.Header{
		"Access-Control-Allow-Origin":      {"https://app.example.com"},
		"Access-Control-Allow-Credentials": {"true"},
	}}
)

// panicCases checks responses after AllowOriginFunc has panicked. Recovery middleware outside the
// CORS middleware turns the panic into a response, and usually keeps the headers that are already
// set. So the CORS headers of an outer policy must be removed, because the inner policy has not
// confirmed them.
func panicCases() []conversation {
	const (
		boom = "GET /boom HTTP/1.1\r\nHost: api.example.net\r\nOrigin: " +
			"https://app.example.com\r\nConnection: close\r\n\r\n"
		asks = "OPTIONS /boom HTTP/1.1\r\nHost: api.example.net\r\nOrigin: " +
			"https://app.example.com\r\nAccess-Control-Request-Method: PUT\r\nConnection: close\r\n\r\n"
		undo  = "if an AllowOriginFunc panics, the error response must not carry a grant: nothing has decided about it"
		after = "; later requests are decided as ever"
	)
	return []conversation{
		{
			name: "panic/func-under-an-outer-policy", why: undo + ", not even that of an outer policy" + after,
			source: fetchCheck, on: failingInner, run: grantsNothing(boom),
		},
		{
			name: "panic/func-under-an-outer-policy-preflight",
			why:  undo + ", not even that of an outer policy" + after, source: fetchPreflight, on: failingInner,
			run: grantsNothing(asks),
		},
		{
			name: "panic/func-after-other-headers", why: undo + ", not even that of another middleware" + after,
			source: fetchCheck, on: failingStale, run: grantsNothing(boom),
		},
		{
			name: "panic/func", why: undo + after, source: fetchCheck, on: failingAlone, run: grantsNothing(boom),
		},
		{
			name: "panic/func-preflight", why: undo + after, source: fetchPreflight, on: failingAlone,
			run: grantsNothing(asks),
		},
	}
}

// grantsNothing returns a function that sends the given request, for which AllowOriginFunc panics,
// and then a request for which it does not.
func grantsNothing(request string) func(s *server) error {
	return func(s *server) error {
		handled := s.handled.Load()
		got, err := recovered(s, request)
		if err != nil {
			return err
		}
		for _, line := range got.CORSLines() {
			if strings.HasPrefix(strings.ToLower(line), "access-control-") {
				return fmt.Errorf("the response to a panic has %q, want no CORS header", line)
			}
		}
		if s.handled.Load() != handled {
			return fmt.Errorf("the handler ran, although the middleware panicked")
		}
		allowed := turn{
			open("GET", "/", "Origin: https://app.example.com"), 200,
			[]string{"Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"}, "ok\n",
		}
		return oneByOne(allowed)(s)
	}
}

// recovered sends a request that causes a panic, and returns the response.
func recovered(s *server, request string) (*rawhttp.Response, error) {
	c, err := rawhttp.Dial(s.addr, patience)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	got, err := c.Exchange(request)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w; the server must respond to a panic with status 500, see adaptertest.Server", err)
	case got.Status != 500:
		return nil, fmt.Errorf("status %d for a panic, want 500, see adaptertest.Server", got.Status)
	}
	return got, nil
}

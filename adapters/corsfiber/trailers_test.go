package corsfiber_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/gofiber/fiber/v2"
	recovery "github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/core"
)

// TestHiddenFields: a client cannot hide a field of the header from a policy, and cannot add one after the body. Every
// request is sent to net/http as well, and fiber must give the same response or refuse the request. The tests of
// corsfasthttp have more of them.
func TestHiddenFields(t *testing.T) {
	const (
		start0 = "POST / HTTP/1.1\r\nHost: api.example\r\n"
		cross  = "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n"
		evil   = "Origin: https://evil.example\r\n"
		self   = "Origin: https://api.example\r\nSec-Fetch-Site: same-origin\r\n"
		sized  = "Content-Length: 2\r\n\r\nhi"
		body   = "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
		upper  = "TRANSFER-ENCODING:chunked\r\n\r\n2\r\nhi\r\n0\r\n"
		same   = "Sec-Fetch-Site: same-origin\r\n\r\n"
		names  = "Trailer: Origin, Sec-Fetch-Site\r\n"
	)
	rows := []struct {
		name, request     string
		protected, forbid int // the status of net/http with a CSRFProtection, and with ForbidDisallowed
	}{
		{"cross-site", start0 + cross + sized, 403, 403},
		{"same-origin", start0 + self + sized, 200, 200},
		{"Trailer names the fields", start0 + names + cross + sized, 403, 403},
		{"Trailer names the fields, chunked", start0 + names + cross + body + "\r\n", 403, 403},
		{"an undeclared trailer", start0 + evil + body + same, 403, 403},
		{"an announced trailer", start0 + names + evil + body + same, 403, 403},
		{"an undeclared trailer, the coding in upper case", start0 + evil + upper + same, 403, 403},
		{"Origin as a trailer, too", start0 + names + evil + body + "Origin: https://api.example\r\n\r\n", 403, 403},
		{"the trailer is cross-site", start0 + self + body + cross + "\r\n", 200, 200},
		{"everything as trailers", start0 + body + cross + "\r\n", 200, 200},
		{"names in upper case", start0 + "ORIGIN: https://evil.example\r\nSEC-FETCH-SITE: cross-site\r\n" + sized, 403, 403},
		{"names in mixed case", start0 + "oRiGiN: https://evil.example\r\n" + sized, 403, 403},
		{"a second line in upper case", start0 + self + "SEC-FETCH-SITE: cross-site\r\n" + sized, 403, 403},
	}
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	forbid := compile(t, core.Config{AllowOrigins: []string{"https://app.example"}, ForbidDisallowed: true})
	// A middleware outside that reads the body has made fasthttp read the trailers.
	reading := func(c *fiber.Ctx) error { c.Body(); return c.Next() }
	apps := map[string]func(d core.Decider) *fiber.App{
		"plain": func(d core.Decider) *fiber.App { return use(corsfiber.Middleware(d), ok) },
		"attached": func(d core.Decider) *fiber.App {
			app := use(ok)
			attach(t, app, d)
			return app
		},
		"names as sent": func(d core.Decider) *fiber.App {
			return with(fiber.Config{DisableHeaderNormalizing: true}, corsfiber.Middleware(d), ok)
		},
		"stream": func(d core.Decider) *fiber.App {
			return with(fiber.Config{StreamRequestBody: true}, corsfiber.Middleware(d), ok)
		},
		"stream that is read before": func(d core.Decider) *fiber.App {
			return with(fiber.Config{StreamRequestBody: true}, reading, corsfiber.Middleware(d), ok)
		},
	}
	for kind, d := range map[string]core.Decider{"protection": protection, "forbid": forbid} {
		reference := httptest.NewServer(onNetHTTP(d))
		t.Cleanup(reference.Close)
		for name, app := range apps {
			addr := start(t, app(d))
			for _, r := range rows {
				t.Run(kind+"/"+name+"/"+r.name, func(t *testing.T) {
					got, want := exchange(t, addr, r.request), exchange(t, reference.Listener.Addr().String(), r.request)
					status := r.protected
					if kind == "forbid" {
						status = r.forbid
					}
					if want.status != status {
						t.Errorf("net/http responds %d, want %d", want.status, status)
					}
					if got.status != want.status || !slices.Equal(got.cors(), want.cors()) {
						t.Errorf("got %d and %q, net/http responds %d and %q", got.status, got.cors(), want.status, want.cors())
					}
				})
			}
		}
	}
}

// onNetHTTP serves a policy on net/http, as directly as possible.
func onNetHTTP(d core.Decider) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		decision := d.Decide(r.Context(), core.Request{
			Method: r.Method, Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, Header: core.HeaderMap(r.Header),
		})
		decision.ApplyMap(w.Header())
		if decision.Status != 0 {
			w.WriteHeader(decision.Status)
			return
		}
		io.WriteString(w, "ok")
	})
}

// TestRestartedRouting: when fiber routes a request again, the policy starts anew, and leaves nothing at the end.
func TestRestartedRouting(t *testing.T) {
	left := -1
	app := use(func(c *fiber.Ctx) error {
		err := c.Next()
		left = 0
		c.Context().VisitUserValuesAll(func(key, _ any) {
			if _, isString := key.(string); !isString { // fiber's own is one
				left++
			}
		})
		return err
	}, corsfiber.New(policy), func(c *fiber.Ctx) error {
		if c.Path() == "/" {
			c.Path("/again")
			return c.RestartRouting()
		}
		return ok(c)
	})
	s := situation{status: 200, lines: granted, body: "ok"}
	s.check(t, exchange(t, start(t, app), get("/", "Origin: https://app.example")))
	if left != 0 {
		t.Errorf("got %d user values, want 0", left)
	}
}

// TestPanicAfterSibling: a policy that panics takes back what another one, which ran before it inside the same outer
// policy, has granted.
func TestPanicAfterSibling(t *testing.T) {
	panics := corsfiber.New(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") },
	})
	sibling := use(corsfiber.New(policy), ok).Handler()
	run := func(c *fiber.Ctx) error { sibling(c.Context()); return c.Next() }
	for name, app := range map[string]*fiber.App{
		"alone":                              use(recovery.New(), run, panics, ok),
		"inside a policy":                    use(corsfiber.New(policy), recovery.New(), run, panics, ok),
		"inside a policy, recovered outside": use(recovery.New(), corsfiber.New(policy), run, panics, ok),
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, start(t, app), get("/", "Origin: https://app.example"))
			if got.status != 500 || got.has("Access-Control-Allow-Origin") || got.has("Access-Control-Allow-Credentials") {
				t.Errorf("got %d and %q, want 500 and no grant", got.status, got.lines)
			}
		})
	}
}

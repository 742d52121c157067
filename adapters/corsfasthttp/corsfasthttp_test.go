package corsfasthttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
)

func TestConformance(t *testing.T) {
	adapted := func(s adaptertest.Server) fasthttp.RequestHandler {
		handler := fasthttpadaptor.NewFastHTTPHandler(s.Handler)
		for _, d := range slices.Backward(s.Deciders[1:]) {
			handler = corsfasthttp.Middleware(d)(handler)
		}
		return handler
	}
	before := func(s adaptertest.Server, next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			defer func() {
				if recover() != nil {
					ctx.SetStatusCode(500)
				}
			}()
			for name, values := range s.Before {
				for _, value := range values {
					ctx.Response.Header.Add(name, value)
				}
			}
			next(ctx)
		}
	}
	t.Run("middleware", func(t *testing.T) {
		adaptertest.Run(t, func(t testing.TB, s adaptertest.Server) string {
			return start(t, &fasthttp.Server{Handler: before(s, corsfasthttp.Middleware(s.Deciders[0])(adapted(s)))})
		})
	})
	t.Run("attached", func(t *testing.T) {
		adaptertest.Run(t, func(t testing.TB, s adaptertest.Server) string {
			server := &fasthttp.Server{Handler: adapted(s)}
			attach(t, server, s.Deciders[0])
			server.Handler = before(s, server.Handler)
			return start(t, server)
		})
	})
}

const app = "Origin: https://app.example"

// policy is used in most tests.
var policy = core.Config{
	AllowOrigins:     []string{"https://app.example", "https://*.sub.example"},
	AllowMethods:     []string{"GET", "POST", "PUT", "DELETE"},
	AllowHeaders:     []string{"content-type", "x-token"},
	ExposeHeaders:    []string{"X-Total"},
	AllowCredentials: true,
	MaxAge:           10 * time.Minute,
}

// other allows only another origin.
var other = core.Config{AllowOrigins: []string{"https://other.example"}}

// The lines of responses with policy.
var (
	granted = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Expose-Headers: X-Total",
		"Vary: Origin",
	}
	refused   = []string{"Vary: Origin"}
	preflight = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Headers: content-type, x-token",
		"Access-Control-Allow-Methods: GET, POST, PUT, DELETE",
		"Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Max-Age: 600",
		"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	preflightRefused = []string{"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
)

// grantedWith is like granted, but with other Vary lines.
func grantedWith(vary ...string) []string { return append(slices.Clone(granted[:3]), vary...) }

// A situation is a request and the response to it.
type situation struct {
	name    string
	handler fasthttp.RequestHandler // inside the policy
	request string
	status  int
	lines   []string // of Access-Control-* and Vary, in order
	body    string   // not compared if ""
}

func run(t *testing.T, situations []situation, wrap func(fasthttp.RequestHandler) fasthttp.RequestHandler) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			addr := start(t, &fasthttp.Server{Handler: wrap(s.handler)})
			s.check(t, exchange(t, addr, s.request))
		})
	}
}

func (s *situation) check(t *testing.T, got answer) {
	t.Helper()
	if got.status != s.status {
		t.Errorf("got status %d, want %d", got.status, s.status)
	}
	if lines := got.cors(); !slices.Equal(lines, s.lines) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(lines, "\n\t"), strings.Join(s.lines, "\n\t"))
	}
	if s.body != "" && got.body != s.body {
		t.Errorf("got body %q, want %q", got.body, s.body)
	}
}

func ok(ctx *fasthttp.RequestCtx) { ctx.WriteString("ok") }

func boom(*fasthttp.RequestCtx) { panic("boom") }

// No matter what a handler does to the request or the response, each CORS header has a single line,
// which the policy has written.
func TestHandlers(t *testing.T) {
	header := func(f func(h *fasthttp.ResponseHeader)) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) { f(&ctx.Response.Header); ctx.WriteString("ok") }
	}
	set := func(name, value string) fasthttp.RequestHandler {
		return header(func(h *fasthttp.ResponseHeader) { h.Set(name, value) })
	}
	add := func(name string, values ...string) fasthttp.RequestHandler {
		return header(func(h *fasthttp.ResponseHeader) {
			for _, value := range values {
				h.Add(name, value)
			}
		})
	}
	all := header(func(h *fasthttp.ResponseHeader) {
		for _, name := range []string{
			"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
			"Access-Control-Allow-Origin", "Access-Control-Allow-Private-Network", "Access-Control-Expose-Headers",
			"Access-Control-Max-Age", "Polycors-Reason",
		} {
			h.Add(name, "true")
			h.Add(name, "*")
		}
	})
	evil := "Origin: https://evil.example"
	branch := slices.Clone(granted)
	branch[1] = "Access-Control-Allow-Origin: https://a.sub.example"
	run(t, []situation{
		{"plain", ok, get("/", app), 200, granted, "ok"},
		{"pattern", ok, get("/", "Origin: https://a.sub.example"), 200, branch, "ok"},
		{"refused origin", ok, get("/", evil), 200, refused, "ok"},
		{"no origin", ok, get("/"), 200, refused, "ok"},
		{"writes nothing", func(*fasthttp.RequestCtx) {}, get("/", app), 200, granted, ""},
		{"ctx.Error", func(ctx *fasthttp.RequestCtx) { ctx.Error("failed", 500) }, get("/", app), 500, granted, "failed"},
		{"ctx.Error, refused origin", func(ctx *fasthttp.RequestCtx) { ctx.Error("failed", 500) }, get("/", evil), 500,
			refused, "failed"},
		{"ctx.NotFound", (*fasthttp.RequestCtx).NotFound, get("/", app), 404, granted, "404 Page not found"},
		{"ctx.NotModified", (*fasthttp.RequestCtx).NotModified, get("/", app), 304, granted, ""},
		{"ctx.Redirect", func(ctx *fasthttp.RequestCtx) { ctx.Redirect("/there", 302) }, get("/", app), 302, granted, ""},
		{"ctx.Success", func(ctx *fasthttp.RequestCtx) { ctx.Success("text/plain", []byte("ok")) }, get("/", app), 200,
			granted, "ok"},
		{"HEAD", ok, "HEAD / HTTP/1.1\r\nHost: h\r\n" + app + "\r\n\r\n", 200, granted, ""},
		{"unknown method", ok, "PURGE / HTTP/1.1\r\nHost: h\r\n" + app + "\r\n\r\n", 200, granted, "ok"},
		{"resets the response", func(ctx *fasthttp.RequestCtx) { ctx.Response.Reset(); ctx.WriteString("ok") }, get("/", app),
			200, granted, "ok"},
		{"resets the header", header((*fasthttp.ResponseHeader).Reset), get("/", app), 200, granted, "ok"},
		{"sets Allow-Origin", set("Access-Control-Allow-Origin", "*"), get("/", app), 200, granted, "ok"},
		{"adds Allow-Origin twice", add("Access-Control-Allow-Origin", "*", "https://evil.example"), get("/", app), 200,
			granted, "ok"},
		{"adds everything twice", all, get("/", app), 200, granted, "ok"},
		{"adds everything twice, refused origin", all, get("/", evil), 200, refused, "ok"},
		{"adds everything twice, no origin", all, get("/"), 200, refused, "ok"},
		{"sets Allow-Origin, refused origin", set("Access-Control-Allow-Origin", "https://evil.example"), get("/", evil), 200,
			refused, "ok"},
		{"sets Vary", set("Vary", "Accept"), get("/", app), 200, grantedWith("Vary: Accept", "Vary: Origin"), "ok"},
		{"sets Vary to star", set("Vary", "*"), get("/", app), 200, grantedWith("Vary: *"), "ok"},
		{"adds two lines of Vary", add("Vary", "Accept", "X-Tenant, Accept-Language"), get("/", app), 200,
			grantedWith("Vary: Accept", "Vary: X-Tenant, Accept-Language", "Vary: Origin"), "ok"},
		{"sets Vary to origin in lower case", set("Vary", "accept, origin"), get("/", app), 200,
			grantedWith("Vary: accept, origin"), "ok"},
		{"deletes Vary", header(func(h *fasthttp.ResponseHeader) { h.Del("Vary") }), get("/", app), 200, granted, "ok"},
		{"deletes the request's Origin", func(ctx *fasthttp.RequestCtx) {
			ctx.Request.Header.Del("Origin")
			ctx.WriteString("ok")
		}, get("/", app), 200, granted, "ok"},
		{"rewrites the request's Origin", func(ctx *fasthttp.RequestCtx) {
			origin := ctx.Request.Header.Peek("Origin")
			for i := range origin {
				origin[i] = 'x'
			}
			ctx.WriteString("ok")
		}, get("/", app), 200, granted, "ok"},
		{"rewrites the request's Origin that a pattern let in", func(ctx *fasthttp.RequestCtx) {
			ctx.Request.Header.Set("Origin", "https://a.evil.example")
			ctx.WriteString("ok")
		}, get("/", "Origin: https://a.sub.example"), 200, branch, "ok"},
		{"resets the request", func(ctx *fasthttp.RequestCtx) { ctx.Request.Reset(); ctx.WriteString("ok") }, get("/", app),
			200, granted, "ok"},
		{"resets the user values", func(ctx *fasthttp.RequestCtx) { ctx.ResetUserValues(); ctx.WriteString("ok") },
			get("/", app), 200, granted, "ok"},
		{"OPTIONS without a requested method", ok, "OPTIONS / HTTP/1.1\r\nHost: h\r\n" + app + "\r\n\r\n", 200, granted,
			"ok"},
		{"OPTIONS with an empty requested method", ok, "OPTIONS / HTTP/1.1\r\nHost: h\r\n" + app +
			"\r\nAccess-Control-Request-Method:\r\n\r\n", 200, granted, "ok"},
		{"OPTIONS without Origin", ok, "OPTIONS / HTTP/1.1\r\nHost: h\r\nAccess-Control-Request-Method: PUT\r\n\r\n", 200,
			refused, "ok"},
	}, corsfasthttp.New(policy))
}

// The handler does not run for a preflight with any path. Headers that a router has prepared are
// removed.
func TestPreflights(t *testing.T) {
	var ran atomic.Bool
	never := func(*fasthttp.RequestCtx) { ran.Store(true) }
	// A router or middleware outside may already have prepared a response.
	prepared := func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		cors := corsfasthttp.New(policy)(next)
		return func(ctx *fasthttp.RequestCtx) {
			ctx.Response.Header.Set("Allow", "GET, OPTIONS")
			ctx.SetContentType("text/plain")
			ctx.WriteString("prepared")
			cors(ctx)
		}
	}
	ask := func(start string, lines ...string) string {
		return start + "\r\nHost: h\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	const put = "Access-Control-Request-Method: PUT"
	situations := []situation{
		{"allowed", never, options("/", app, put), 204, preflight, ""},
		{"with headers", never, options("/", app, put, "Access-Control-Request-Headers: content-type,x-token"), 204,
			preflight, ""},
		{"headers in two lines", never, options("/", app, put, "Access-Control-Request-Headers: content-type",
			"Access-Control-Request-Headers: x-token"), 204, preflight, ""},
		{"second line of headers not allowed", never, options("/", app, put, "Access-Control-Request-Headers: content-type",
			"Access-Control-Request-Headers: x-evil"), 403, preflightRefused, ""},
		{"header not allowed", never, options("/", app, put, "Access-Control-Request-Headers: x-evil"), 403, preflightRefused,
			""},
		{"a thousand commas", never, options("/", app, put, "Access-Control-Request-Headers: "+strings.Repeat(",", 1000)),
			403, preflightRefused, ""},
		{"method not allowed", never, options("/", app, "Access-Control-Request-Method: PATCH"), 403, preflightRefused, ""},
		{"method in lower case", never, options("/", app, "Access-Control-Request-Method: put"), 403, preflightRefused, ""},
		{"two lines of method", never, options("/", app, put, put), 403, preflightRefused, ""},
		{"refused origin", never, options("/", "Origin: https://evil.example", put), 403, preflightRefused, ""},
		{"unknown path", never, options("/api/nope", app, put), 204, preflight, ""},
		{"path with two slashes", never, options("//get", app, put), 204, preflight, ""},
		{"path with dots", never, options("/api/../get", app, put), 204, preflight, ""},
		{"path percent-encoded", never, options("/%67et", app, put), 204, preflight, ""},
		{"path badly encoded", never, options("/%zz", app, put), 204, preflight, ""},
		{"star", never, options("*", app, put), 204, preflight, ""},
		{"absolute target", never, options("http://h/get", app, put), 204, preflight, ""},
		{"HTTP/1.0", never, ask("OPTIONS / HTTP/1.0", app, put), 204, preflight, ""},
		{"with a body", never, options("/", app, put, "Content-Length: 5") + "hello", 204, preflight, ""},
		{"names in lower case", never, options("/", "origin: https://app.example", "access-control-request-method: PUT"), 204,
			preflight, ""},
		{"names in upper case", never, options("/", "ORIGIN: https://app.example", "ACCESS-CONTROL-REQUEST-METHOD: PUT"), 204,
			preflight, ""},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			got := exchange(t, start(t, &fasthttp.Server{Handler: prepared(s.handler)}), s.request)
			s.check(t, got)
			if got.body != "" || got.has("Content-Type") || got.has("Allow") {
				t.Errorf("got %q and the body %q, want no Content-Type, no Allow and no body", got.lines, got.body)
			}
			if ran.Swap(false) {
				t.Error("the handler has run")
			}
		})
	}
}

// Unless the Origin is a single well-formed origin that is listed, it is not allowed, and no byte
// of it is written to the response.
func TestOrigins(t *testing.T) {
	type row struct{ name, lines string }
	for _, server := range []struct {
		name            string
		denormalised    bool
		wantGranted     []row
		wantNothingElse []row
	}{
		{name: "normalised"},
		{name: "names as they are sent", denormalised: true, wantGranted: []row{
			{name: "both forms, one value each of another field", lines: "origin: https://app.example\r\nx-other: 1"},
		}, wantNothingElse: []row{
			{name: "canonical and lower case", lines: "Origin: https://app.example\r\norigin: https://app.example"},
			{name: "lower case and canonical", lines: "origin: https://evil.example\r\nOrigin: https://app.example"},
			{name: "canonical empty, lower case not",
				lines: "Origin:\r\norigin: https://app.example\r\nOrigin: https://app.example"},
			{name: "lower case empty, canonical not",
				lines: "origin:\r\nOrigin:\r\nOrigin: https://app.example\r\norigin: https://app.example"},
		}},
	} {
		addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(ok),
			DisableHeaderNamesNormalizing: server.denormalised})
		t.Run(server.name, func(t *testing.T) {
			for _, r := range append([]row{
				{name: "plain", lines: app},
				{name: "blanks after", lines: app + " \t "},
				{name: "blanks before", lines: "Origin: \t https://app.example"},
				{name: "no blank before", lines: "Origin:https://app.example"},
				{name: "lower case", lines: "origin: https://app.example"},
				{name: "trailer of a name that contains it", lines: app + "\r\nTrailer: X-Origin"},
			}, server.wantGranted...) {
				t.Run(r.name, func(t *testing.T) {
					s := situation{status: 200, lines: granted, body: "ok"}
					s.check(t, exchange(t, addr, get("/", r.lines)))
				})
			}
			for _, r := range append([]row{
				{name: "two lines, the allowed one first", lines: app + "\r\nOrigin: https://evil.example"},
				{name: "two lines, the allowed one last", lines: "Origin: https://evil.example\r\n" + app},
				{name: "two lines, both allowed", lines: app + "\r\n" + app},
				{name: "two lines, lower case", lines: "origin: https://app.example\r\norigin: https://app.example"},
				{name: "empty line first", lines: "Origin:\r\n" + app},
				{name: "empty line last", lines: app + "\r\nOrigin:"},
				{name: "empty", lines: "Origin:"},
				{name: "null", lines: "Origin: null"},
				{name: "folded with a blank", lines: "Origin: https://app.example\r\n .evil.example"},
				{name: "folded with a tab", lines: "Origin: https://app.example\r\n\thttps://evil.example"},
				{name: "folded early", lines: "Origin:\r\n https://app.example\r\n https://app.example"},
				{name: "byte above 0x7F", lines: "Origin: https://app.example\x80"},
				{name: "UTF-8", lines: "Origin: https://ä.sub.example"},
				{name: "NUL", lines: "Origin: https://app.example\x00"},
				{name: "NUL inside", lines: "Origin: https://a\x00.sub.example"},
				{name: "bare CR", lines: "Origin: https://a\r.sub.example"},
				{name: "bare CR and a header", lines: "Origin: https://a.sub.example\rAccess-Control-Allow-Origin: *"},
				{name: "upper case", lines: "Origin: HTTPS://APP.EXAMPLE"},
				{name: "dot after", lines: app + "."},
				{name: "port", lines: app + ":8443"},
				{name: "path", lines: app + "/"},
				{name: "user name", lines: "Origin: https://app.example@evil.example"},
				{name: "8 KiB", lines: "Origin: https://" + strings.Repeat("a", 8<<10) + ".sub.example"},
				{name: "100 lines", lines: strings.Repeat(app+"\r\n", 100) + app},
			}, server.wantNothingElse...) {
				t.Run(r.name, func(t *testing.T) {
					c := dial(t, addr)
					c.send(get("/", r.lines))
					got, err := c.read("GET")
					if err != nil {
						return // the server has ended the connection
					}
					for _, line := range got.lines {
						if strings.HasPrefix(line, "Access-Control-") || strings.Contains(line, "example") {
							t.Errorf("got the line %q", line)
						}
					}
					if got.status != 400 && got.status != 200 {
						t.Errorf("got status %d", got.status)
					}
				})
			}
			stillRuns := situation{status: 200, lines: granted, body: "ok"}
			stillRuns.check(t, exchange(t, addr, get("/", app)))
		})
	}
}

// If a server does not normalize names, requests and responses may contain them in any case.
func TestNamesAsSent(t *testing.T) {
	lower := func(ctx *fasthttp.RequestCtx) {
		for _, name := range []string{"access-control-allow-origin", "access-control-max-age", "polycors-reason",
			"ACCESS-CONTROL-ALLOW-ORIGIN", "access-Control-allow-Credentials"} {
			ctx.Response.Header.Add(name, "*")
			ctx.Response.Header.Add(name, "evil")
		}
		ctx.Response.Header.Add("vary", "Accept")
		ctx.WriteString("ok")
	}
	const names = "Access-Control-Request-Headers"
	ask := func(lines ...string) string {
		return options("/", append([]string{"origin: https://app.example", "access-control-request-method: PUT"},
			lines...)...)
	}
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(lower), DisableHeaderNamesNormalizing: true})
	for _, s := range []situation{
		{name: "actual", request: get("/", "origin: https://app.example"), status: 200,
			lines: grantedWith("Vary: Accept", "Vary: Origin"), body: "ok"},
		{name: "refused origin", request: get("/", "origin: https://evil.example"), status: 200,
			lines: []string{"Vary: Accept", "Vary: Origin"}, body: "ok"},
		{name: "preflight", request: ask("access-control-request-headers: x-token"), status: 204, lines: preflight},
		{name: "preflight, both forms", request: ask("access-control-request-headers: x-token", names+": content-type"),
			status: 204, lines: preflight},
		{name: "preflight, one form refused", request: ask("access-control-request-headers: x-token", names+": x-evil"),
			status: 403, lines: preflightRefused},
		{name: "preflight, the other form refused", request: ask("access-control-request-headers: x-evil", names+": x-token"),
			status: 403, lines: preflightRefused},
		{name: "preflight, an empty line in front of each form",
			request: ask(names+":", names+": x-evil", "access-control-request-headers:"), status: 403, lines: preflightRefused},
	} {
		t.Run(s.name, func(t *testing.T) { s.check(t, exchange(t, addr, s.request)) })
	}
}

// fasthttp leaves an invalid escape unchanged, and decodes and resolves the rest of the path. A
// path is exempt only if it is exempt before and after this.
func TestExemptPaths(t *testing.T) {
	protection, err := core.NewCSRFProtection(core.CSRFConfig{ExemptPaths: []string{"/webhooks/"}})
	if err != nil {
		t.Fatal(err)
	}
	addr := start(t, &fasthttp.Server{
		Handler: corsfasthttp.Middleware(protection)(func(ctx *fasthttp.RequestCtx) { ctx.Write(ctx.Path()) }),
	})
	for target, want := range map[string]answer{
		"/webhooks/x":                      {status: 200, body: "/webhooks/x"},
		"/webhooks/x%zz":                   {status: 200, body: "/webhooks/x%zz"},
		"/admin/x":                         {status: 403},
		"/webhooks/..%2fadmin/x":           {status: 403},
		"/webhooks/..%2fadmin/x%zz":        {status: 403},
		"/webhooks/%2e%2e%2fadmin/delete%": {status: 403},
	} {
		got := exchange(t, addr, "POST "+target+" HTTP/1.1\r\nHost: api.example\r\nSec-Fetch-Site: cross-site\r\n"+
			"Content-Length: 0\r\nConnection: close\r\n\r\n")
		if got.status != want.status || got.body != want.body {
			t.Errorf("%s: got %d and %q, want %d and %q", target, got.status, got.body, want.status, want.body)
		}
	}
}

// The policy does not change what later handlers find in the header of the request.
func TestNormalizingStays(t *testing.T) {
	// This spelling is found only if names are normalised when they are looked up.
	look := func(ctx *fasthttp.RequestCtx) { ctx.Write(ctx.Request.Header.Peek("x-TOKEN")) }
	for _, server := range []struct {
		name         string
		denormalised bool
		body         string
	}{
		{"normalised", false, "found"},
		{"names as they are sent", true, ""},
	} {
		addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(look),
			DisableHeaderNamesNormalizing: server.denormalised})
		for name, request := range map[string]string{
			"no origin":        get("/", "X-Token: found"),
			"allowed":          get("/", app, "X-Token: found"),
			"lower case":       get("/", "origin: https://app.example", "X-Token: found"),
			"refused":          get("/", "Origin: https://evil.example", "X-Token: found"),
			"plain OPTIONS":    options("/", app, "X-Token: found"),
			"a host of nobody": "GET / HTTP/1.0\r\nHost:\r\nX-Token: found\r\n" + app + "\r\n\r\n",
		} {
			t.Run(server.name+"/"+name, func(t *testing.T) {
				if got := exchange(t, addr, request); got.body != server.body {
					t.Errorf("got %d and %q, want %q", got.status, got.body, server.body)
				}
			})
		}
	}
}

// A server trims the values that it reads, but not the values that middleware sets.
func TestBlanksThatAMiddlewareSets(t *testing.T) {
	cors := corsfasthttp.New(policy)(ok)
	addr := start(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.Set("Origin", "\t https://app.example \t")
		cors(ctx)
	}})
	s := situation{status: 200, lines: granted, body: "ok"}
	s.check(t, exchange(t, addr, get("/")))
}

// careless is a Decider that does not validate anything.
type careless struct{}

func (careless) Decide(context.Context, core.Request) core.Decision {
	return core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin",
		AllowOrigin: "https://app.example\r\nX-Evil: yes", MaxAge: "1\nX-Evil: yes"}
}

// A Decider that does not validate anything cannot inject a header line. If it tries, the request
// is not allowed.
func TestNewlines(t *testing.T) {
	for name, handler := range map[string]fasthttp.RequestHandler{"nothing there": ok,
		"something there": func(ctx *fasthttp.RequestCtx) { ctx.Response.Header.Set("Vary", "Accept") }} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, start(t, &fasthttp.Server{Handler: corsfasthttp.Middleware(careless{})(handler)}), get("/", app))
			if got.status != 200 || got.has("X-Evil") || got.has("Access-Control-Allow-Origin") {
				t.Errorf("got %d and %q", got.status, got.lines)
			}
		})
	}
}

// If a handler inside or outside turns a panic into a response, the response has the headers.
func TestPanics(t *testing.T) {
	recovering := func(answer func(ctx *fasthttp.RequestCtx)) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
			return func(ctx *fasthttp.RequestCtx) {
				defer func() {
					if recover() != nil {
						answer(ctx)
					}
				}()
				next(ctx)
			}
		}
	}
	reset := recovering(func(ctx *fasthttp.RequestCtx) { ctx.Error("failed", 500) })
	status := recovering(func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(500) })
	partly := func(ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(201)
		ctx.WriteString("partly")
		panic("boom")
	}
	cors := corsfasthttp.New(policy)
	outside := func(next fasthttp.RequestHandler) fasthttp.RequestHandler { return status(cors(next)) }
	run(t, []situation{
		{"inside", reset(boom), get("/", app), 500, granted, "failed"},
		{"inside, after writing", recovering(func(*fasthttp.RequestCtx) {})(partly), get("/", app), 201, granted, "partly"},
	}, cors)
	run(t, []situation{
		{"outside", boom, get("/", app), 500, granted, ""},
		{"outside, refused origin", boom, get("/", "Origin: https://evil.example"), 500, refused, ""},
		{"outside, after writing", partly, get("/", app), 500, granted, "partly"},
	}, outside)
	// The package comment describes this case.
	run(t, []situation{{"outside, resetting", boom, get("/", app), 500, nil, "failed"}},
		func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
			return reset(cors(next))
		})
}

// If an AllowOriginFunc panics, the response has no CORS headers, not even those of an outer policy
// or a handler.
func TestPanickingFunc(t *testing.T) {
	outer := corsfasthttp.New(policy)
	inner := corsfasthttp.New(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") },
	})
	for name, handler := range map[string]fasthttp.RequestHandler{"nested": outer(inner(ok)), "alone": inner(ok)} {
		t.Run(name, func(t *testing.T) {
			addr := start(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
				defer func() {
					if recover() != nil {
						ctx.SetStatusCode(500)
					}
				}()
				ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
				handler(ctx)
			}})
			got := exchange(t, addr, get("/", app))
			if got.status != 500 || got.has("Access-Control-Allow-Origin") || got.has("Access-Control-Allow-Credentials") {
				t.Errorf("got %d and %q, want 500 and no grant", got.status, got.lines)
			}
		})
	}
}

// fasthttp's file handlers reset the response if they refuse a request.
func TestFiles(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.txt"), []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	files := (&fasthttp.FS{Root: root, AcceptByteRange: true, GenerateIndexPages: true,
		SkipCache: true}).NewRequestHandler()
	bare := (&fasthttp.FS{Root: root, SkipCache: true}).NewRequestHandler()
	run(t, []situation{
		{"hit", files, get("/a.txt", app), 200, granted, "a file"},
		{"HEAD", files, "HEAD /a.txt HTTP/1.1\r\nHost: h\r\n" + app + "\r\n\r\n", 200, granted, ""},
		{"range", files, get("/a.txt", app, "Range: bytes=2-3"), 206, granted, "fi"},
		{"range that is not there", files, get("/a.txt", app, "Range: bytes=99-"), 416, granted, ""},
		{"not modified", files, get("/a.txt", app,
			"If-Modified-Since: "+time.Now().Add(time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")), 304, granted, ""},
		{"miss", files, get("/b.txt", app), 404, granted, ""},
		{"directory without a slash", files, get("/dir", app), 302, granted, ""},
		{"directory without an index", bare, get("/dir/", app), 403, granted, ""},
		{"refused origin", files, get("/a.txt", "Origin: https://evil.example"), 200, refused, "a file"},
		{"preflight of a hit", files, options("/a.txt", app, "Access-Control-Request-Method: GET"), 204, preflight, ""},
		{"preflight of a miss", files, options("/b.txt", app, "Access-Control-Request-Method: GET"), 204, preflight, ""},
	}, corsfasthttp.New(policy))
}

// If a TimeoutHandler is inside, its timeout response has the headers, although the handler may
// still be using the request.
func TestTimeouts(t *testing.T) {
	var busy sync.WaitGroup
	answered := make(chan bool)
	slow := func(ctx *fasthttp.RequestCtx) {
		defer busy.Done()
		for done := false; !done; {
			select {
			case <-answered:
				done = true
			case <-time.After(100 * time.Microsecond):
			}
			ctx.Request.Header.Set("Origin", "https://evil.example")
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			ctx.Response.Header.Set("Vary", "X-Late")
			ctx.SetUserValue("late", true)
			ctx.Response.SetBodyString("late")
		}
	}
	inTime := func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Add("Vary", "X-Tenant")
		ctx.WriteString("ok")
	}
	timeout := func(h fasthttp.RequestHandler, patience time.Duration) fasthttp.RequestHandler {
		return fasthttp.TimeoutHandler(h, patience, "too late")
	}
	fires := timeout(slow, 20*time.Millisecond)
	own := func(ctx *fasthttp.RequestCtx) {
		go slow(ctx)
		time.Sleep(20 * time.Millisecond)
		ctx.TimeoutErrorWithCode("too late", 503)
	}
	again := func(ctx *fasthttp.RequestCtx) {
		var response fasthttp.Response
		response.SetStatusCode(503)
		response.Header.Set("Access-Control-Allow-Origin", "*")
		response.Header.Set("Vary", "Accept")
		ctx.TimeoutErrorWithResponse(&response)
	}
	global, strict := corsfasthttp.New(policy), corsfasthttp.New(other)
	for _, s := range []struct {
		situation
		slow bool
	}{
		{situation{"fires", global(fires), get("/", app), 408, granted, "too late"}, true},
		{situation{"fires, refused origin", global(fires), get("/", "Origin: https://evil.example"), 408, refused,
			"too late"}, true},
		{situation{"ctx.TimeoutErrorWithCode", global(own), get("/", app), 503, granted, "too late"}, true},
		{situation{"a response of the handler's own", global(again), get("/", app), 503,
			grantedWith("Vary: Accept", "Vary: Origin"), ""}, false},
		{situation{"fires in two policies that are one", global(global(fires)), get("/", app), 408, granted, "too late"},
			true},
		{situation{"fires in a stricter policy", global(strict(fires)), get("/", app), 408, refused, "too late"}, true},
		{situation{"fires in a policy that has nothing to say", global(corsfasthttp.Middleware(new(core.Live))(fires)),
			get("/", app), 408, granted, "too late"}, true},
		{situation{"does not fire", global(timeout(inTime, 10*time.Second)), get("/", app), 200,
			grantedWith("Vary: X-Tenant", "Vary: Origin"), "ok"}, false},
		{situation{"does not fire around a stricter policy", global(timeout(strict(inTime), 10*time.Second)), get("/", app),
			200, []string{"Vary: X-Tenant", "Vary: Origin"}, "ok"}, false},
		{situation{"preflight", global(fires), options("/", app, "Access-Control-Request-Method: PUT"), 204, preflight, ""},
			false},
	} {
		t.Run(s.name, func(t *testing.T) {
			addr := start(t, &fasthttp.Server{Handler: s.handler})
			c := dial(t, addr)
			for range 2 { // the second request on the connection gets another context
				if s.slow {
					busy.Add(1)
				}
				c.send(s.request)
				got, err := c.read("GET")
				if err != nil {
					t.Fatal(err)
				}
				if s.slow {
					answered <- true
				}
				s.check(t, got)
			}
			busy.Wait()
		})
	}
}

// The header of a stream and its first event arrive before the stream ends.
func TestStream(t *testing.T) {
	end := make(chan struct{})
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("text/event-stream")
		ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
			fmt.Fprint(w, "data: 1\n\n")
			w.Flush()
			<-end
			fmt.Fprint(w, "data: 2\n\n")
		})
	})})
	c := dial(t, addr)
	c.send(get("/", app))
	head, err := c.head()
	if err != nil {
		t.Fatal(err)
	}
	s := situation{status: 200, lines: granted}
	s.check(t, head)
	if chunk, err := c.chunk(); err != nil || chunk != "data: 1\n\n" {
		t.Errorf("got the first event %q (%v)", chunk, err)
	}
	close(end)
	if chunk, err := c.chunk(); err != nil || chunk != "data: 2\n\n" {
		t.Errorf("got the second event %q (%v)", chunk, err)
	}
}

// A handshake from any origin reaches the handler, which can take over the connection.
func TestUpgrade(t *testing.T) {
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(func(ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(fasthttp.StatusSwitchingProtocols)
		ctx.Response.Header.Set("Upgrade", "websocket")
		ctx.Response.Header.Set("Connection", "Upgrade")
		ctx.Hijack(func(c net.Conn) { io.Copy(c, c) })
	})})
	for origin, want := range map[string][]string{"https://app.example": granted, "https://evil.example": refused} {
		t.Run(origin, func(t *testing.T) {
			c := dial(t, addr)
			c.send(get("/", "Origin: "+origin, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
			head, err := c.head()
			if err != nil {
				t.Fatal(err)
			}
			s := situation{status: 101, lines: want}
			s.check(t, head)
			if !head.has("Upgrade") {
				t.Errorf("got %q, want Upgrade", head.lines)
			}
			c.send("echo")
			echo := make([]byte, 4)
			if _, err := io.ReadFull(c.r, echo); err != nil || string(echo) != "echo" {
				t.Errorf("got %q (%v)", echo, err)
			}
		})
	}
}

// If middleware inside compresses the response and adds to Vary, the policy keeps the addition.
func TestCompression(t *testing.T) {
	long := func(ctx *fasthttp.RequestCtx) { ctx.WriteString(strings.Repeat("a", 4096)) }
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(fasthttp.CompressHandler(long))})
	got := exchange(t, addr, get("/", app, "Accept-Encoding: gzip"))
	s := situation{status: 200, lines: grantedWith("Vary: Accept-Encoding", "Vary: Origin")}
	s.check(t, got)
	if !slices.Contains(got.lines, "Content-Encoding: gzip") || got.body == strings.Repeat("a", 4096) {
		t.Errorf("got %q, want the body compressed", got.lines)
	}
}

// earlyHinter is implemented by the contexts of fasthttp versions that can send a 103 response.
type earlyHinter interface{ EarlyHints() error }

// isOld reports whether the tests run on an early version of fasthttp, such as 1.51, which this
// module requires.
func isOld() bool {
	_, ok := any(new(fasthttp.RequestCtx)).(earlyHinter)
	return !ok
}

// The final response has the headers even if a 103 response precedes it.
func TestEarlyHints(t *testing.T) {
	if isOld() {
		t.Skip("this version of fasthttp cannot send 103")
	}
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Link", "</a.css>; rel=preload")
		any(ctx).(earlyHinter).EarlyHints()
		ctx.WriteString("ok")
	})})
	c := dial(t, addr)
	c.send(get("/", app))
	if early, err := c.head(); err != nil || early.status != 103 {
		t.Fatalf("got %d (%v), want 103", early.status, err)
	}
	got, err := c.read("GET")
	if err != nil {
		t.Fatal(err)
	}
	s := situation{status: 200, lines: granted, body: "ok"}
	s.check(t, got)
}

// The middleware removes the CORS headers of an upstream server, but keeps its Vary.
func TestReverseProxy(t *testing.T) {
	upstream := start(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Add("Access-Control-Allow-Origin", "*")
		ctx.Response.Header.Add("Access-Control-Allow-Origin", "https://evil.example")
		ctx.Response.Header.Set("Access-Control-Max-Age", "5")
		ctx.Response.Header.Set("Vary", "Accept, Origin")
		ctx.WriteString("upstream")
	}})
	// Nobody listens on the port of a listener that has been closed.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	proxy := func(addr string) fasthttp.RequestHandler {
		client := &fasthttp.HostClient{Addr: addr, MaxIdemponentCallAttempts: 1}
		return func(ctx *fasthttp.RequestCtx) {
			if err := client.Do(&ctx.Request, &ctx.Response); err != nil {
				ctx.Error("bad gateway", fasthttp.StatusBadGateway)
			}
		}
	}
	run(t, []situation{
		{"allowed", proxy(upstream), get("/", app), 200, grantedWith("Vary: Accept, Origin"), "upstream"},
		{"refused origin", proxy(upstream), get("/", "Origin: https://evil.example"), 200, []string{"Vary: Accept, Origin"},
			"upstream"},
		{"preflight", proxy(upstream), options("/", app, "Access-Control-Request-Method: PUT"), 204, preflight, ""},
		{"upstream down", proxy(l.Addr().String()), get("/", app), 502, granted, "bad gateway"},
	}, corsfasthttp.New(policy))
}

// The innermost policy wins, and the others add to Vary. Using a policy twice has no further
// effect.
func TestSeveralPolicies(t *testing.T) {
	global, strict := corsfasthttp.New(policy), corsfasthttp.New(other)
	everyone := corsfasthttp.New(core.Config{AllowOrigins: []string{"*"}})
	silent := corsfasthttp.Middleware(new(core.Live))
	continued := corsfasthttp.New(core.Config{AllowOrigins: []string{"https://app.example"},
		AllowMethods: []string{"PATCH"}, ContinuePreflight: true})
	varies := func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Vary", "Accept, Origin")
		ctx.WriteString("ok")
	}
	resetting := func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) { next(ctx); ctx.Error("reset", 500) }
	}
	one := func(ctx *fasthttp.RequestCtx) { global(ok)(ctx); strict(ok)(ctx) }
	silenced := func(ctx *fasthttp.RequestCtx) { strict(ok)(ctx); silent(ok)(ctx) }
	itself := func(next fasthttp.RequestHandler) fasthttp.RequestHandler { return next }
	run(t, []situation{
		{"the same twice", global(global(ok)), get("/", app), 200, granted, "ok"},
		{"the same twice, preflight", global(global(ok)), options("/", app, "Access-Control-Request-Method: PUT"), 204,
			preflight, ""},
		{"the same twice around a handler that sets Vary", global(global(varies)), get("/", app), 200,
			grantedWith("Vary: Accept, Origin"), "ok"},
		{"the same three times", global(global(global(ok))), get("/", app), 200, granted, "ok"},
		{"an inner one that refuses", global(strict(ok)), get("/", app), 200, refused, "ok"},
		{"an inner one that allows", strict(global(ok)), get("/", app), 200, granted, "ok"},
		{"an inner one that refuses, in the middle", global(strict(silent(ok))), get("/", app), 200, refused, "ok"},
		{"an inner one that is for everyone", global(everyone(ok)), get("/", app), 200,
			[]string{"Access-Control-Allow-Origin: *", "Vary: Origin"}, "ok"},
		{"an outer one that is for everyone", everyone(global(ok)), get("/", app), 200, granted, "ok"},
		{"an inner one without anything to say", global(silent(ok)), get("/", app), 200, granted, "ok"},
		{"an outer one without anything to say", silent(global(ok)), get("/", app), 200, granted, "ok"},
		{"nobody with anything to say", silent(silent(varies)), get("/", app), 200, []string{"Vary: Accept, Origin"}, "ok"},
		{"nobody with anything to say, preflight", silent(ok), options("/", app, "Access-Control-Request-Method: PUT"), 200,
			nil, "ok"},
		{"an inner one refuses the preflight", continued(strict(ok)),
			options("/", app, "Access-Control-Request-Method: PATCH"), 403, preflightRefused, ""},
		{"an inner one responds to the preflight", continued(global(ok)),
			options("/", app, "Access-Control-Request-Method: PATCH"), 403, preflightRefused, ""},
		{"a reset between two that are the same", global(resetting(global(ok))), get("/", app), 500, granted, "reset"},
		{"a reset between two, the inner one refuses", global(resetting(strict(ok))), get("/", app), 500, refused, "reset"},
		{"a reset between two, the inner one allows", strict(resetting(global(ok))), get("/", app), 500, granted, "reset"},
		{"one after the other, inside", global(one), get("/", app), 200, refused, "okok"},
		{"one after the other, inside, the last without anything to say", global(silenced), get("/", app), 200, refused,
			"okok"},
		{"one after the other", one, get("/", app), 200, refused, "okok"},
	}, itself)
}

// A page can read the refusal of a CSRFProtection inside a policy that allows the page.
func TestProtection(t *testing.T) {
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	protect, cors := corsfasthttp.Middleware(protection), corsfasthttp.New(policy)
	inside, around := cors(protect(ok)), protect(cors(ok))
	post := func(lines ...string) string {
		return "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 2\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\nhi"
	}
	itself := func(next fasthttp.RequestHandler) fasthttp.RequestHandler { return next }
	run(t, []situation{
		{"inside, refuses", inside, post(app), 403, granted, ""},
		{"inside, refuses a stranger", inside, post("Origin: https://evil.example"), 403, refused, ""},
		{"inside, lets pass", inside, post(app, "Sec-Fetch-Site: same-origin"), 200, granted, "ok"},
		{"inside, preflight", inside, options("/", app, "Access-Control-Request-Method: PUT"), 204, preflight, ""},
		{"around, refuses", around, post(app), 403, nil, ""},
		{"around, lets pass", around, post("Origin: https://api.example"), 200, refused, "ok"},
		{"around, preflight", around, options("/", app, "Access-Control-Request-Method: PUT"), 204, preflight, ""},
	}, itself)
}

// If a policy has only routes, responses for all other paths are left unchanged.
func TestRoutes(t *testing.T) {
	handler := corsfasthttp.New(core.Config{Routes: []core.Route{
		{Path: "/a/", Config: policy},
		{Path: "/a/closed", Disable: true},
		{Path: "/b/{id}", Config: other},
	}})
	unused := func(ctx *fasthttp.RequestCtx) { ctx.SetUserValue("path", string(ctx.Path())); ctx.WriteString("ok") }
	const put = "Access-Control-Request-Method: PUT"
	run(t, []situation{
		{"one", unused, options("/a/x", app, put), 204, preflight, ""},
		{"another", unused, options("/b/7", app, put), 403, preflightRefused, ""},
		{"disabled", unused, options("/a/closed", app, put), 200, nil, "ok"},
		{"none", unused, get("/c", app), 200, nil, "ok"},
		{"percent-encoded", unused, get("/a/%78", app), 200, granted, "ok"},
		{"percent-encoded, elsewhere", unused, options("/%61/x", app, put), 403, preflightRefused, ""},
		{"ambiguous", unused, options("/b/..%2fa%2fx", app, put), 403, preflightRefused, ""},
	}, handler)
}

// A request does not affect the next request on the same connection.
func TestConnection(t *testing.T) {
	const put = "Access-Control-Request-Method: PUT"
	typed := func(ctx *fasthttp.RequestCtx) {
		n := 0
		ctx.VisitUserValuesAll(func(any, any) { n++ })
		fmt.Fprintf(ctx, "%d, %d user values", ctx.Response.StatusCode(), n)
	}
	// One of them is the user value that the middleware sets.
	const body = "200, 1 user values"
	var (
		asks         = situation{request: options("/", app, put), status: 204, lines: preflight}
		asksWithBody = situation{request: options("/", app, put, "Content-Length: 5") + "hello", status: 204,
			lines: preflight}
		asksInVain = situation{request: options("/", "Origin: https://evil.example", put), status: 403,
			lines: preflightRefused}
		fromApp      = situation{request: get("/", app), status: 200, lines: granted, body: body}
		fromStranger = situation{request: get("/", "Origin: https://evil.example"), status: 200, lines: refused, body: body}
		fromNobody   = situation{request: get("/"), status: 200, lines: refused, body: body}
	)
	for name, server := range map[string]*fasthttp.Server{
		"plain": {}, "bodies as streams": {StreamRequestBody: true}, "less memory": {ReduceMemoryUsage: true},
	} {
		turns := []situation{asks, fromApp, asksInVain, fromStranger, asksWithBody, fromNobody, fromApp, asks, fromStranger}
		server.Handler = corsfasthttp.New(policy)(typed)
		addr := start(t, server)
		check := func(t *testing.T, c *client, turn situation) {
			t.Helper()
			got, err := c.read("GET")
			if err != nil {
				t.Fatal(err)
			}
			turn.check(t, got)
			// The response to a preflight has no Content-Type, and the next response has fasthttp's
			// default.
			if got.has("Content-Type") != (turn.body != "") {
				t.Errorf("to %q: got %q", turn.request, got.lines)
			}
		}
		t.Run(name, func(t *testing.T) {
			c := dial(t, addr)
			for _, turn := range turns {
				c.send(turn.request)
				check(t, c, turn)
			}
		})
		t.Run(name+", all at once", func(t *testing.T) {
			if server.ReduceMemoryUsage && isOld() {
				t.Skip("this version of fasthttp loses pipelined requests with ReduceMemoryUsage")
			}
			c := dial(t, addr)
			var all string
			for _, turn := range turns {
				all += turn.request
			}
			c.send(all)
			for _, turn := range turns {
				check(t, c, turn)
			}
		})
	}
	t.Run("waiting for 100", func(t *testing.T) {
		c := dial(t, start(t, &fasthttp.Server{Handler: corsfasthttp.New(policy)(typed)}))
		c.send(options("/", app, put, "Expect: 100-continue", "Content-Length: 5"))
		if got, err := c.head(); err != nil || got.status != 100 {
			t.Fatalf("got %d (%v), want 100", got.status, err)
		}
		c.send("hello" + fromApp.request)
		for _, turn := range []situation{asks, fromApp} {
			got, err := c.read("GET")
			if err != nil {
				t.Fatal(err)
			}
			turn.check(t, got)
		}
	})
}

// With StreamRequestBody, fasthttp parses the unread part of a body as the next request.
func TestUnreadBody(t *testing.T) {
	const hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"
	var ran atomic.Int32
	strict := core.Config{AllowOrigins: []string{"https://app.example"}, ForbidDisallowed: true}
	addr := start(t, &fasthttp.Server{
		Handler:           corsfasthttp.New(strict)(func(*fasthttp.RequestCtx) { ran.Add(1) }),
		StreamRequestBody: true,
	})
	for shift := range len(hidden) { // fasthttp reads the first bytes of a body in advance
		body := strings.Repeat("x", shift) + strings.Repeat(hidden, 300)
		c := dial(t, addr)
		c.send("POST / HTTP/1.1\r\nHost: h\r\nOrigin: https://evil.example\r\nContent-Length: " +
			strconv.Itoa(len(body)) + "\r\n\r\n" + body)
		if got, err := c.read("POST"); err != nil || got.status != 403 {
			t.Fatalf("got %d (%v), want 403", got.status, err)
		}
		c.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		c.read("GET") // the server may have closed the connection
		if got := ran.Swap(0); got > 1 {
			t.Fatalf("the handler ran %d times after a body that is shifted by %d bytes, want once", got, shift)
		}
		c.Close()
	}
}

// A Decision shares no memory with a buffer that the next request overwrites.
func TestDecisionsMayBeKept(t *testing.T) {
	cfg := core.Config{
		AllowOrigins: []string{"https://*.sub.example"}, AllowCredentials: true,
		AllowHeaders: []string{"*"}, AllowMethods: []string{"*"},
	}
	var mu sync.Mutex
	var decisions []core.Decision
	var origins []string
	cfg.OnDecision = func(_ context.Context, e core.Event) {
		mu.Lock()
		defer mu.Unlock()
		decisions = append(decisions, e.Decision)
	}
	cfg.AllowOriginFunc = func(_ context.Context, origin string, _ core.Request) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		origins = append(origins, origin)
		return true, nil
	}
	c := dial(t, start(t, &fasthttp.Server{Handler: corsfasthttp.New(cfg)(ok)}))
	const n = 60
	name := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 3+i%17) + strconv.Itoa(i) }
	for i := range n {
		domain := [...]string{".sub.example", ".func.example"}[i%2]
		c.send(options("/", "Origin: https://"+name(i)+domain, "Access-Control-Request-Method: "+strings.ToUpper(name(i)),
			"Access-Control-Request-Headers: x-"+name(i)))
		if got, err := c.read("OPTIONS"); err != nil || got.status != 204 {
			t.Fatalf("got %d (%v)", got.status, err)
		}
	}
	if len(decisions) != n || len(origins) != n/2 {
		t.Fatalf("got %d decisions and %d questions, want %d and %d", len(decisions), len(origins), n, n/2)
	}
	for i, d := range decisions {
		want := "https://" + name(i) + [...]string{".sub.example", ".func.example"}[i%2]
		if d.AllowOrigin != want || d.AllowMethods != strings.ToUpper(name(i)) || d.AllowHeaders != "x-"+name(i) {
			t.Errorf("the decision %d has become one about %q, %q and %q, want %q", i, d.AllowOrigin, d.AllowMethods,
				d.AllowHeaders, want)
		}
		if i%2 == 1 && origins[i/2] != want {
			t.Errorf("the origin of question %d has become %q, want %q", i/2, origins[i/2], want)
		}
	}
}

// An AllowOriginFunc receives the request's context, with its user values.
func TestFuncContext(t *testing.T) {
	allow := func(ctx context.Context, _ string, _ core.Request) (bool, error) {
		_, isRequestCtx := ctx.(*fasthttp.RequestCtx)
		return isRequestCtx && ctx.Value("tenant") == "acme", nil
	}
	cors := corsfasthttp.New(core.Config{AllowOriginFunc: allow})(ok)
	addr := start(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.SetUserValue("tenant", "acme")
		cors(ctx)
	}})
	s := situation{status: 200, lines: []string{"Access-Control-Allow-Origin: https://app.example", "Vary: Origin"}}
	s.check(t, exchange(t, addr, get("/", app)))
}

// Responses of the server itself have the CORS headers that depend only on what it has read of the
// request.
func TestAttach(t *testing.T) {
	post := func(length int, lines ...string) string {
		return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(length) + "\r\n" + strings.Join(lines,
			"\r\n") + "\r\n\r\n" + strings.Repeat("x", length)
	}
	teapot := func(ctx *fasthttp.RequestCtx, err error) {
		ctx.Response.Reset()
		ctx.Error("teapot: "+strconv.FormatBool(errors.Is(err, fasthttp.ErrBodyTooLarge)), 418)
	}
	everyone := core.Config{AllowOrigins: []string{"*"}}
	long := get("/", app, "X-Long: "+strings.Repeat("x", 8<<10))
	for _, s := range []struct {
		situation
		config       core.Config
		errorHandler func(*fasthttp.RequestCtx, error)
		use          bool // the middleware is there too
	}{
		{situation: situation{"allowed", ok, get("/", app), 200, granted, "ok"}},
		{situation: situation{"preflight", ok, options("/", app, "Access-Control-Request-Method: PUT"), 204, preflight, ""}},
		{situation: situation{"with the middleware", ok, get("/", app), 200, granted, "ok"}, use: true},
		{situation: situation{"with the middleware, preflight", ok, options("/", app, "Access-Control-Request-Method: PUT"),
			204, preflight, ""}, use: true},
		{situation: situation{"body too large", ok, post(100, app), 400, granted, "Error when parsing request"}},
		{situation: situation{"body too large, with the middleware", ok, post(100, app), 400, granted,
			"Error when parsing request"}, use: true},
		{situation: situation{"body too large, refused origin", ok, post(100, "Origin: https://evil.example"), 400, refused,
			""}},
		{situation: situation{"body too large, no origin", ok, post(100), 400, refused, ""}},
		{situation: situation{"body too large, preflight", ok,
			"OPTIONS" + strings.TrimPrefix(post(100, app, "Access-Control-Request-Method: PUT"), "POST"), 400, preflight,
			"Error when parsing request"}},
		{situation: situation{"body too large, an error handler that resets", ok, post(100, app), 418, granted,
			"teapot: true"}, errorHandler: teapot},
		// The server has not read the header, so the response gets only the headers that do not depend
		// on the request.
		{situation: situation{"header too large", ok, long, 431, refused, "Too big request header"}},
		{situation: situation{"header too large, for everyone", ok, long, 431, []string{"Access-Control-Allow-Origin: *"},
			""}, config: everyone},
		{situation: situation{"malformed", ok, "GET / HTTP/1.1\r\nHost: h\r\n" + app + "\r\nContent-Length: many\r\n\r\n",
			400, refused, "Error when parsing request"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			if s.config.AllowOrigins == nil {
				s.config = policy
			}
			server := &fasthttp.Server{Handler: s.handler, ErrorHandler: s.errorHandler, MaxRequestBodySize: 10,
				ReadBufferSize: 4 << 10}
			if s.use {
				server.Handler = corsfasthttp.New(s.config)(server.Handler)
			}
			attach(t, server, compile(t, s.config))
			s.check(t, exchange(t, start(t, server), s.request))
		})
	}

	t.Run("the middleware alone does not reach them", func(t *testing.T) {
		server := &fasthttp.Server{Handler: corsfasthttp.New(policy)(ok), MaxRequestBodySize: 10}
		s := situation{status: 400}
		s.check(t, exchange(t, start(t, server), post(100, app)))
	})

	// By then, fasthttp has discarded the header.
	t.Run("body not in time", func(t *testing.T) {
		server := &fasthttp.Server{Handler: ok, ReadTimeout: 50 * time.Millisecond}
		attach(t, server, compile(t, policy))
		c := dial(t, start(t, server))
		c.send("POST / HTTP/1.1\r\nHost: h\r\n" + app + "\r\nContent-Length: 5\r\n\r\n")
		got, err := c.read("POST")
		if err != nil {
			t.Fatal(err)
		}
		s := situation{status: 408, lines: refused, body: "Request timeout"}
		s.check(t, got)
	})

	// Without an ErrorHandler, the responses are the same as without Attach, except for the headers.
	for name, request := range map[string]string{"body too large": post(100), "header too large": long,
		"malformed": "GET\r\n\r\n"} {
		t.Run("as without: "+name, func(t *testing.T) {
			bare, attached := &fasthttp.Server{Handler: ok}, &fasthttp.Server{Handler: ok}
			attach(t, attached, new(core.Live))
			for _, server := range []*fasthttp.Server{bare, attached} {
				server.MaxRequestBodySize, server.ReadBufferSize = 10, 4<<10
			}
			want, got := exchange(t, start(t, bare), request), exchange(t, start(t, attached), request)
			isDate := func(line string) bool { return strings.HasPrefix(line, "Date: ") }
			want.lines, got.lines = slices.DeleteFunc(want.lines, isDate), slices.DeleteFunc(got.lines, isDate)
			if got.status != want.status || got.body != want.body || !slices.Equal(got.lines, want.lines) {
				t.Errorf("got\n%v\nwant\n%v", got, want)
			}
		})
	}
}

func TestAttachRefuses(t *testing.T) {
	server := func() *fasthttp.Server { return &fasthttp.Server{Handler: ok} }
	noHandler, getOnly := server(), server()
	noHandler.Handler, getOnly.GetOnly = nil, true
	var noPolicy *core.Policy
	for _, test := range []struct {
		name   string
		server *fasthttp.Server
		d      core.Decider
		want   string
	}{
		{"no server", nil, new(core.Live), "corsfasthttp: Attach: the server is nil"},
		{"no Decider", server(), nil, "corsfasthttp: Attach: the core.Decider is nil; look at the error that came with it"},
		{"a nil Policy", server(), noPolicy,
			"corsfasthttp: Attach: the core.Decider is nil; look at the error that came with it"},
		{"no handler", noHandler, new(core.Live), "corsfasthttp: Attach: the server has no Handler; set it first"},
		{"GetOnly", getOnly, new(core.Live),
			"corsfasthttp: Attach: Server.GetOnly is set, so every preflight is refused; clear it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := corsfasthttp.Attach(test.server, test.d)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if test.server != nil && test.server.ErrorHandler != nil {
				t.Error("the server has changed")
			}
		})
	}
}

// The panic message contains the name of the package, and lists each problem on its own line.
func TestNewPanics(t *testing.T) {
	defer func() {
		want := `corsfasthttp: invalid Config:
cors: AllowOrigins[0]: "https://example.com/": an origin has no path; write "https://example.com"
cors: MaxAge: "600ns": MaxAge must be at least one second; write 600 * time.Second`
		if got := recover(); got != want {
			t.Errorf("got panic\n%v\nwant\n%s", got, want)
		}
	}()
	corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://example.com/"}, MaxAge: 600})
}

func TestMiddlewarePanicsOnNil(t *testing.T) {
	for name, d := range map[string]core.Decider{"nil": nil, "*Policy": (*core.Policy)(nil), "*Live": (*core.Live)(nil)} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				const want = "corsfasthttp: Middleware: the core.Decider is nil; look at the error that came with it"
				if got := recover(); got != want {
					t.Errorf("got panic %v, want %s", got, want)
				}
			}()
			corsfasthttp.Middleware(d)
		})
	}
}

// A policy does not change if its Config is modified later.
func TestConfigMayBeReused(t *testing.T) {
	cfg := core.Config{AllowOrigins: []string{"https://app.example"}, ExposeHeaders: []string{"X-Total"}}
	handler := corsfasthttp.New(cfg)(ok)
	cfg.AllowOrigins[0], cfg.ExposeHeaders[0] = "https://evil.example", "X-Evil"
	s := situation{status: 200, lines: []string{"Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Expose-Headers: X-Total", "Vary: Origin"}}
	s.check(t, exchange(t, start(t, &fasthttp.Server{Handler: handler}), get("/", app)))
}

// Every response follows either the old policy or the new one, and never both.
func TestReloadUnderLoad(t *testing.T) {
	live := core.NewLive(compile(t, policy))
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.Middleware(live)(ok)})
	stop := make(chan struct{})
	var clients, reloader sync.WaitGroup
	reloader.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				live.Reload([...]core.Config{other, policy}[i%2])
			}
		}
	})
	for range 8 {
		clients.Go(func() {
			c := dial(t, addr)
			for range 100 {
				c.send(get("/", app))
				got, err := c.read("GET")
				if err != nil || !slices.Equal(got.cors(), granted) && !slices.Equal(got.cors(), refused) {
					t.Errorf("got %q (%v)", got.lines, err)
					return
				}
			}
		})
	}
	clients.Wait()
	close(stop)
	reloader.Wait()
}

// requests returns a function that serves a request with handler, for the tests of costs.
func requests(handler fasthttp.RequestHandler, lines ...string) func() {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, nil, nil)
	request := &ctx.Request
	request.Header.SetMethod("GET")
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Method":
			request.Header.SetMethod(value)
		default:
			request.Header.Add(name, value)
		}
	}
	request.SetRequestURI("/items")
	request.Header.SetHost("api.example")
	return func() {
		ctx.Response.Reset()
		ctx.ResetUserValues()
		handler(&ctx)
	}
}

// allocations returns the minimum number of allocations of several runs, because pools may be
// emptied during a run.
func allocations(f func()) float64 {
	f()
	least := math.Inf(1)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, f))
	}
	return least
}

func TestAllocations(t *testing.T) {
	plain := core.Config{AllowOrigins: []string{"https://app.example", "https://*.sub.example"},
		AllowHeaders: []string{"content-type", "x-token"}}
	echoing := core.Config{AllowOrigins: []string{"https://*.sub.example"}, AllowCredentials: true,
		AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}
	const (
		evil, branch = "Origin: https://evil.example", "Origin: https://a.sub.example"
		put, names   = "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type"
		more         = "Access-Control-Request-Headers: x-token"
	)
	for _, test := range []struct {
		name  string
		cfg   core.Config
		lines []string
		most  float64
	}{
		{"no origin", plain, nil, 0},
		{"exact", plain, []string{app}, 0},
		{"pattern", plain, []string{branch}, 1},
		{"refused", plain, []string{evil}, 0},
		{"two lines", plain, []string{app, app}, 1},
		{"two lines that are too long", plain, []string{app, "Origin: " + strings.Repeat("a", 8<<10)}, 0},
		{"preflight", plain, []string{"Method: OPTIONS", app, put, names}, 0},
		{"preflight with two lines", plain, []string{"Method: OPTIONS", app, put, names, more}, 1},
		{"preflight of a pattern", plain, []string{"Method: OPTIONS", branch, put, names}, 1},
		{"preflight of a pattern with two lines", plain, []string{"Method: OPTIONS", branch, put, names, more}, 2},
		{"preflight echoed", echoing, []string{"Method: OPTIONS", branch, put, names}, 1},
		{"preflight echoed with two lines", echoing, []string{"Method: OPTIONS", branch, put, names, more}, 2},
		{"preflight refused", plain, []string{"Method: OPTIONS", evil, put, names}, 0},
	} {
		handler := func(ctx *fasthttp.RequestCtx) {}
		cors, bare := corsfasthttp.New(test.cfg), allocations(requests(handler, test.lines...))
		if got := allocations(requests(cors(handler), test.lines...)) - bare; got > test.most {
			t.Errorf("%s: got %v allocations over the bare handler, want at most %v", test.name, got, test.most)
		}
		// The outer policy reads and replaces the headers that the inner one has written.
		if got := allocations(requests(cors(cors(handler)), test.lines...)) - bare; got > 2*test.most+2 {
			t.Errorf("%s, twice: got %v allocations over the bare handler, want at most %v", test.name, got, 2*test.most+2)
		}
	}
}

// Reading a field from the raw header does not allocate more memory.
func TestAllocationsAsSent(t *testing.T) {
	const put, names = "ACCESS-CONTROL-REQUEST-METHOD: PUT\r\n", "ACCESS-CONTROL-REQUEST-HEADERS: content-type\r\n"
	for _, test := range []struct {
		name, request string
		most          float64
	}{
		{"actual", "GET / HTTP/1.1\r\nHost: h\r\nORIGIN: https://app.example\r\n\r\n", 0},
		{"preflight", "OPTIONS / HTTP/1.1\r\nHost: h\r\nORIGIN: https://app.example\r\n" + put + names + "\r\n", 0},
		{"two lines", "OPTIONS / HTTP/1.1\r\nHost: h\r\nORIGIN: https://app.example\r\n" + put + names + names + "\r\n", 1},
		{"chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" + app + "\r\n\r\n2\r\nhi\r\n0\r\n" + app +
			"\r\n\r\n", 0},
	} {
		for _, isAsSent := range []bool{true, false} {
			var ctx fasthttp.RequestCtx
			ctx.Init(&fasthttp.Request{}, nil, nil)
			if isAsSent {
				ctx.Request.Header.DisableNormalizing()
			}
			if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(test.request))); err != nil {
				t.Fatal(err)
			}
			granted := 0
			measured := func(handler fasthttp.RequestHandler) float64 {
				return allocations(func() {
					ctx.Response.Reset()
					ctx.ResetUserValues()
					handler(&ctx)
					if len(ctx.Response.Header.Peek("Access-Control-Allow-Origin")) > 0 {
						granted++
					}
				})
			}
			handler := func(*fasthttp.RequestCtx) {}
			got := measured(corsfasthttp.New(policy)(handler)) - measured(handler)
			if got > test.most {
				t.Errorf("%s, as sent %v: got %v allocations, want at most %v", test.name, isAsSent, got, test.most)
			}
			if granted == 0 {
				t.Errorf("%s, as sent %v: got no grant", test.name, isAsSent)
			}
		}
	}
}

func BenchmarkMiddleware(b *testing.B) {
	const put = "Access-Control-Request-Method: PUT"
	origins := func(n int, format string) core.Config {
		cfg := core.Config{AllowOrigins: []string{"https://app.example"}}
		for i := 1; i < n; i++ {
			cfg.AllowOrigins = append(cfg.AllowOrigins, fmt.Sprintf(format, i))
		}
		return cfg
	}
	one, thousand := origins(1, ""), origins(1000, "https://tenant-%d.example.com")
	many, wildcards := origins(100_000, "https://tenant-%d.example.com"), origins(100, "https://*.tenant-%d.example.com")
	for _, bm := range []struct {
		name   string
		config core.Config
		lines  []string
	}{
		{"no origin", one, nil},
		{"actual allowed", one, []string{app}},
		{"actual refused", one, []string{"Origin: https://evil.example"}},
		{"preflight allowed", one, []string{"Method: OPTIONS", app, put, "Access-Control-Request-Headers: content-type"}},
		{"preflight refused", one, []string{"Method: OPTIONS", "Origin: https://evil.example", put,
			"Access-Control-Request-Headers: content-type"}},
		{"1,000 origins, hit", thousand, []string{"Origin: https://tenant-789.example.com"}},
		{"1,000 origins, miss", thousand, []string{"Origin: https://tenant-x.example.com"}},
		{"100,000 origins, hit", many, []string{"Origin: https://tenant-78901.example.com"}},
		{"100,000 origins, miss", many, []string{"Origin: https://tenant-x.example.com"}},
		{"100 wildcards, hit", wildcards, []string{"Origin: https://a.tenant-78.example.com"}},
		{"100 wildcards, miss", wildcards, []string{"Origin: https://a.tenant-x.example.com"}},
		{"8 KiB of origin", one, []string{"Origin: https://" + strings.Repeat("a", 8<<10)}},
		{"16 KiB of commas", one, []string{"Method: OPTIONS", app, put,
			"Access-Control-Request-Headers: " + strings.Repeat(",", 16<<10)}},
		{"16 KiB of unknown names", one, []string{"Method: OPTIONS", app, put,
			"Access-Control-Request-Headers: " + strings.Repeat("x-evil,", 16<<10/7)}},
	} {
		cors := corsfasthttp.Middleware(compile(b, bm.config))
		b.Run(bm.name, func(b *testing.B) { measure(b, requests(cors(func(*fasthttp.RequestCtx) {}), bm.lines...)) })
	}
	b.Run("bare", func(b *testing.B) { measure(b, requests(func(*fasthttp.RequestCtx) {}, app)) })
}

func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}

var soak = flag.Int("soak", 2000, "how many requests TestSoak sends")

// TestSoak sends requests from many origins over 16 connections at the same time, and checks every
// response. The handlers misuse the request and the response.
func TestSoak(t *testing.T) {
	var late atomic.Int64 // handlers that go on after a timeout
	handlers := []struct {
		name    string
		handler fasthttp.RequestHandler
		status  int
	}{
		{"plain", ok, 200},
		{"appends", func(ctx *fasthttp.RequestCtx) {
			ctx.Response.Header.Add("Access-Control-Allow-Origin", "https://evil.example")
			ctx.Response.Header.Add("Vary", "Origin")
			ctx.WriteString("ok")
		}, 200},
		{"rewrites", func(ctx *fasthttp.RequestCtx) {
			ctx.Request.Header.VisitAll(func(_, value []byte) {
				for i := range value {
					value[i] = 'x'
				}
			})
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			ctx.WriteString("ok")
		}, 200},
		{"resets", func(ctx *fasthttp.RequestCtx) {
			ctx.Request.Reset()
			ctx.Response.Reset()
			ctx.Error("failed", 500)
		}, 500},
		{"times out", func(ctx *fasthttp.RequestCtx) {
			late.Add(1)
			go func() {
				defer late.Add(-1)
				for range 50 {
					ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
					ctx.Request.Header.Set("Origin", "https://evil.example")
					time.Sleep(100 * time.Microsecond)
				}
			}()
			time.Sleep(time.Millisecond)
			ctx.TimeoutErrorWithCode("too late", 408)
		}, 408},
		{"panics", func(ctx *fasthttp.RequestCtx) {
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			panic("boom")
		}, 500},
	}
	byPath := func(ctx *fasthttp.RequestCtx) {
		i, _ := strconv.Atoi(strings.TrimPrefix(string(ctx.Path()), "/"))
		handlers[i].handler(ctx)
	}
	cors := corsfasthttp.New(policy)
	addr := start(t, &fasthttp.Server{Concurrency: 1 << 20, Handler: func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if recover() != nil {
				ctx.SetStatusCode(500)
			}
		}()
		cors(cors(byPath))(ctx)
	}})

	const clients = 16
	var sent, wrong atomic.Int64
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 1))
			c := dial(t, addr)
			for range (*soak + clients - 1) / clients {
				i := random.IntN(len(handlers))
				label := strings.Repeat(string(rune('a'+client)), 1+random.IntN(30))
				origin, isGranted := [...]string{"https://app.example", "https://" + label + ".sub.example",
					"https://" + label + ".evil.example", ""}[random.IntN(4)], true
				want := slices.Clone(granted)
				if origin == "" || strings.HasSuffix(origin, "evil.example") {
					want, isGranted = refused, false
				} else {
					want[1] = "Access-Control-Allow-Origin: " + origin
				}
				request, status := get("/"+strconv.Itoa(i)), handlers[i].status
				if origin != "" {
					request = get("/"+strconv.Itoa(i), "Origin: "+origin)
				}
				if origin != "" && random.IntN(3) == 0 {
					request = options("/"+strconv.Itoa(i), "Origin: "+origin, "Access-Control-Request-Method: PUT",
						"Access-Control-Request-Headers: x-token")
					want, status = preflightRefused, 403
					if isGranted {
						want, status = slices.Clone(preflight), 204
						want[3] = "Access-Control-Allow-Origin: " + origin
					}
				}
				c.SetDeadline(time.Now().Add(20 * time.Second))
				c.send(request)
				got, err := c.read("GET")
				if err != nil {
					t.Errorf("%s: %v", handlers[i].name, err)
					return
				}
				sent.Add(1)
				if got.status != status || !slices.Equal(got.cors(), want) {
					if wrong.Add(1) < 5 {
						t.Errorf("%s, %q: got %d and\n%q, want %d and\n%q", handlers[i].name, request, got.status, got.cors(), status,
							want)
					}
				}
			}
		})
	}
	wg.Wait()
	for late.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	t.Logf("%d requests from %d clients, %d wrong responses", sent.Load(), clients, wrong.Load())
}

// start serves on loopback until the test ends.
func start(t testing.TB, server *fasthttp.Server) string {
	t.Helper()
	if server.ReadBufferSize == 0 {
		server.ReadBufferSize = 64 << 10
	}
	server.Logger = silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		l.Close()
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// silent discards the messages that fasthttp logs about malformed requests.
type silent struct{}

func (silent) Printf(string, ...any) {}

func compile(t testing.TB, cfg core.Config) *core.Policy {
	t.Helper()
	p, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func attach(t testing.TB, server *fasthttp.Server, d core.Decider) {
	t.Helper()
	if err := corsfasthttp.Attach(server, d); err != nil {
		t.Fatal(err)
	}
}

func get(target string, lines ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + strings.Join(append(lines, "\r\n"), "\r\n")
}

func options(target string, lines ...string) string {
	return "OPTIONS" + strings.TrimPrefix(get(target, lines...), "GET")
}

// client sends bytes unchanged, and reads responses without correcting them.
type client struct {
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return &client{Conn: &net.TCPConn{}, r: bufio.NewReader(strings.NewReader(""))}
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{c, bufio.NewReader(c)}
}

// exchange sends one request on a new connection, and returns the response.
func exchange(t testing.TB, addr, request string) answer {
	t.Helper()
	c := dial(t, addr)
	c.send(request)
	method, _, _ := strings.Cut(request, " ")
	got, err := c.read(method)
	if err != nil {
		t.Fatalf("to %.200q: %v", request, err)
	}
	return got
}

// send sends bytes. It ignores errors, because the server may already have closed the connection.
func (c *client) send(s string) { io.WriteString(c, s) }

type answer struct {
	status int
	lines  []string // "Name: value", in the order on the wire
	body   string
}

// cors returns the CORS header lines.
func (a *answer) cors() (lines []string) {
	for _, line := range a.lines {
		if name := strings.ToLower(line); strings.HasPrefix(name, "access-control-") || strings.HasPrefix(name,
			"polycors-") || strings.HasPrefix(name, "vary:") {
			lines = append(lines, line)
		}
	}
	return lines
}

func (a *answer) value(name string) string {
	for _, line := range a.lines {
		if n, v, _ := strings.Cut(line, ": "); strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

func (a *answer) has(name string) bool {
	return slices.ContainsFunc(a.lines, func(line string) bool {
		n, _, _ := strings.Cut(line, ":")
		return strings.EqualFold(n, name)
	})
}

// read reads the response to a request with the given method.
func (c *client) read(method string) (answer, error) {
	a, err := c.head()
	if err != nil || method == "HEAD" || a.status == 204 || a.status == 304 {
		return a, err
	}
	if a.value("Transfer-Encoding") == "chunked" {
		for {
			chunk, err := c.chunk()
			a.body += chunk
			if err != nil || chunk == "" {
				return a, err
			}
		}
	}
	if !a.has("Content-Length") { // until the connection ends
		body, err := io.ReadAll(c.r)
		a.body = string(body)
		return a, err
	}
	n, err := strconv.Atoi(a.value("Content-Length"))
	if err != nil {
		return a, fmt.Errorf("the header %q: %w", a.lines, err)
	}
	body := make([]byte, n)
	_, err = io.ReadFull(c.r, body)
	a.body = string(body)
	return a, err
}

// head reads the status line and the header.
func (c *client) head() (a answer, err error) {
	status, err := c.line()
	if err != nil {
		return a, err
	}
	var minor int
	if _, err := fmt.Sscanf(status, "HTTP/1.%d %d", &minor, &a.status); err != nil {
		return a, fmt.Errorf("%q: %w", status, err)
	}
	for {
		line, err := c.line()
		if err != nil || line == "" {
			return a, err
		}
		a.lines = append(a.lines, line)
	}
}

func (c *client) line() (string, error) {
	line, err := c.r.ReadString('\n')
	return strings.TrimSuffix(line, "\r\n"), err
}

func (c *client) chunk() (string, error) {
	size, err := c.line()
	if err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(size, 16, 16)
	if err != nil {
		return "", err
	}
	chunk := make([]byte, n+2)
	_, err = io.ReadFull(c.r, chunk)
	return string(bytes.TrimSuffix(chunk, []byte("\r\n"))), err
}

package corsfasthttp_test

import (
	"context"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
)

// If a handler runs again on the same context, its policy starts anew. It must not appear to be
// nested because of data from the first run.
func TestSameContextAgain(t *testing.T) {
	cors := corsfasthttp.New(policy)
	tooLate := func(ctx *fasthttp.RequestCtx) { ctx.TimeoutErrorWithCode("too late", 503) }
	twice := func(first, second fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			cors(first)(ctx)
			ctx.Response.Reset()
			cors(second)(ctx)
		}
	}
	for _, s := range []situation{
		{"plain", twice(ok, ok), get("/", app), 200, granted, "ok"},
		{"the second times out", twice(ok, tooLate), get("/", app), 503, granted, "too late"},
		{"the first recovers from a panic", twice(recovering(boom), tooLate), get("/", app), 503, granted, "too late"},
		{"a preflight", twice(ok, ok), options("/", app, "Access-Control-Request-Method: PUT"), 204, preflight, ""},
		{"inside another policy", corsfasthttp.New(other)(twice(ok, ok)), get("/", app), 200, granted, "ok"},
	} {
		t.Run(s.name, func(t *testing.T) {
			s.check(t, exchange(t, start(t, &fasthttp.Server{Handler: s.handler}),
				s.request))
		})
	}
	t.Run("nothing is left", func(t *testing.T) {
		left := make(chan int, 1)
		addr := start(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
			cors(cors(ok))(ctx)
			n := 0
			ctx.VisitUserValuesAll(func(any, any) { n++ })
			left <- n
		}})
		exchange(t, addr, get("/", app))
		if got := <-left; got != 0 {
			t.Errorf("got %d user values, want 0", got)
		}
	})
}

// If a policy panics, the CORS headers of a policy that ran before it, inside the same outer
// policy, are removed.
func TestPanicAfterSibling(t *testing.T) {
	panics := corsfasthttp.New(core.Config{
		AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { panic("boom") },
	})
	global, everyone := corsfasthttp.New(policy), corsfasthttp.New(core.Config{AllowOrigins: []string{"*"}})
	siblings := func(ctx *fasthttp.RequestCtx) {
		global(ok)(ctx)
		panics(ok)(ctx)
	}
	for name, handler := range map[string]fasthttp.RequestHandler{
		"alone":                                siblings,
		"inside a policy":                      recovering(global(siblings)),
		"inside a policy that recovers":        global(recovering(siblings)),
		"inside two policies":                  global(global(recovering(siblings))),
		"inside a policy that allows everyone": everyone(recovering(siblings)),
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, start(t, &fasthttp.Server{Handler: recovering(handler)}), get("/", app))
			if got.status != 500 || got.has("Access-Control-Allow-Origin") || got.has("Access-Control-Allow-Credentials") {
				t.Errorf("got %d and %q, want 500 and no grant", got.status, got.lines)
			}
		})
	}
}

// recovering responds with 500 if next panics.
func recovering(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if recover() != nil {
				ctx.SetStatusCode(500)
			}
		}()
		next(ctx)
	}
}

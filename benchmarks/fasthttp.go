package benchmarks

import (
	"bytes"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
)

// readBuffer is large enough for the headers of the hostile scenarios.
const readBuffer = 64 << 10

// fastServer serves a fasthttp handler. A fiber application is one too.
type fastServer struct{ handler fasthttp.RequestHandler }

func (s fastServer) Serve(l net.Listener) error {
	return (&fasthttp.Server{Handler: s.handler, ReadBufferSize: readBuffer}).Serve(l)
}

func (s fastServer) Client(r Request) Client {
	c := &fastClient{handler: s.handler}
	request := fasthttp.AcquireRequest()
	request.Header.SetMethod(r.Method)
	request.Header.SetHost("example.com")
	request.SetRequestURI("/items")
	for name, value := range r.Header() {
		request.Header.Set(name, value)
	}
	c.ctx.Init(request, nil, nil)
	return c
}

type fastClient struct {
	handler fasthttp.RequestHandler
	ctx     fasthttp.RequestCtx
}

// Serve resets the context between two requests, as a server does.
func (c *fastClient) Serve(n int) {
	for range n {
		c.ctx.Response.Reset()
		c.ctx.ResetUserValues()
		c.ctx.Request.SetRequestURI("/items") // makes fasthttp parse the path again
		c.handler(&c.ctx)
	}
}

func (c *fastClient) Response() Response {
	c.Serve(1)
	response := Response{c.ctx.Response.StatusCode(), http.Header{}}
	for name, value := range c.ctx.Response.Header.All() {
		if name := string(name); name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			response.Header.Add(name, string(value))
		}
	}
	return response
}

func (c *fastClient) Spoil() (undo func()) {
	var undos []func()
	for _, value := range c.ctx.Response.Header.All() {
		before := bytes.Clone(value)
		undos = append(undos, func() { copy(value, before) })
		copy(value, bytes.Repeat([]byte("spoilt"), len(value)))
	}
	return func() {
		for _, undo := range undos {
			undo()
		}
	}
}

func serveFastHTTP(middleware ...func(fasthttp.RequestHandler) fasthttp.RequestHandler) Server {
	h := func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) == "/items" {
			ctx.SetStatusCode(Handled)
		}
	}
	for _, m := range middleware {
		h = m(h)
	}
	return fastServer{h}
}

// fastLine is a header line as fasthttp takes it.
type fastLine struct{ name, value []byte }

func fastLines(r Response) (list []fastLine) {
	for _, l := range headerLines(r) {
		list = append(list, fastLine{[]byte(l.name), []byte(l.value)})
	}
	return list
}

func writeFast(ctx *fasthttp.RequestCtx, lines []fastLine) {
	for _, l := range lines {
		ctx.Response.Header.SetCanonical(l.name, l.value)
	}
}

func floorFastHTTP(want Response) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	lines := fastLines(want)
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			writeFast(ctx, lines)
			if want.Status == Handled {
				next(ctx)
				return
			}
			ctx.SetStatusCode(want.Status)
		}
	}
}

func polycorsFastHTTP(p *Policy) (func(fasthttp.RequestHandler) fasthttp.RequestHandler, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corsfasthttp.Middleware(policy), nil
}

// byHand is the middleware that people write without a library. The origins are keys of a map, and
// the method and headers of a preflight are not checked, because the browser checks them too.
func byHand(p *Policy) (func(fasthttp.RequestHandler) fasthttp.RequestHandler, error) {
	if p.Func != nil || slices.ContainsFunc(p.Origins, func(s string) bool { return strings.Contains(s, "*") }) {
		return nil, ErrUnsupported
	}
	origins := make(map[string]bool, len(p.Origins))
	for _, origin := range p.Origins {
		origins[origin] = true
	}
	methods, headers, expose := strings.Join(p.Methods, ", "), strings.Join(p.Headers, ", "), strings.Join(p.Expose, ", ")
	maxAge := strconv.Itoa(int(p.MaxAge / time.Second))
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			h := &ctx.Response.Header
			origin := ctx.Request.Header.Peek("Origin")
			allowed := origins[string(origin)]
			if allowed {
				h.SetBytesV("Access-Control-Allow-Origin", origin)
				if p.Credentials {
					h.Set("Access-Control-Allow-Credentials", "true")
				}
			}
			if !ctx.IsOptions() || len(ctx.Request.Header.Peek("Access-Control-Request-Method")) == 0 {
				if allowed && expose != "" {
					h.Set("Access-Control-Expose-Headers", expose)
				}
				h.Set("Vary", varyActual)
				next(ctx)
				return
			}
			h.Set("Vary", varyPreflight)
			if !allowed {
				ctx.SetStatusCode(fasthttp.StatusForbidden)
				return
			}
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", headers)
			h.Set("Access-Control-Max-Age", maxAge)
			ctx.SetStatusCode(fasthttp.StatusNoContent)
		}
	}, nil
}

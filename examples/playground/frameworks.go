package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
)

// framework has a function that returns the API on a framework, inside the middleware of its
// adapter.
type framework struct {
	name  string
	mount func(*demoAPI, core.Decider) mounted
}

// frameworks lists the columns of the grid. Each has a file of its own.
var frameworks = []framework{
	{"gin", mountGin},
	{"echo", mountEcho},
	{"echo v5", mountEcho5},
	{"chi", mountChi},
	{"fiber", mountFiber},
	{"fiber v3", mountFiber3},
	{"fasthttp", mountFasthttp},
	{"net/http", mountNetHTTP},
}

// mounted is the API on a framework: either handler or fast is set.
type mounted struct {
	handler http.Handler
	fast    *fasthttp.Server
}

// server is a server of net/http or fasthttp.
type server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
}

const (
	maxHeader = 64 << 10 // bytes of a request's header that a server reads
	maxBody   = 64 << 10
)

// tapped returns the server. It writes every exchange to the journal.
func (m mounted) tapped(name string, j *journal) server {
	if m.fast != nil {
		m.fast.Handler = tapFast(name, j, m.fast.Handler)
		return fastServer{m.fast}
	}
	return newHTTPServer(tapHTTP(name, j, m.handler))
}

func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxHeader,
	}
}

// fastServer is a fasthttp server whose Shutdown has the signature of net/http's.
type fastServer struct{ *fasthttp.Server }

func (s fastServer) Shutdown(ctx context.Context) error { return s.ShutdownWithContext(ctx) }

func newFastServer(h fasthttp.RequestHandler) *fasthttp.Server {
	return &fasthttp.Server{
		Handler:            h,
		ReadBufferSize:     maxHeader,
		MaxRequestBodySize: maxBody,
		ReadTimeout:        10 * time.Second,
		IdleTimeout:        time.Minute,
		Logger:             silent{},
	}
}

// silent is a fasthttp.Logger that discards the server's messages about malformed requests.
type silent struct{}

func (silent) Printf(string, ...any) {}

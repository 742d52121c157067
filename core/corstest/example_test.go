package corstest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

// Context and HandlerFunc are what a framework of somebody else may look like.
type (
	Context struct {
		Writer  http.ResponseWriter
		Request *http.Request
		rest    []HandlerFunc
	}
	HandlerFunc func(*Context)
)

// Next runs what is registered behind.
func (c *Context) Next() {
	next := c.rest[0]
	c.rest = c.rest[1:]
	next(c)
}

// Engine runs its handlers for every request, in order.
type Engine []HandlerFunc

func (e Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(&Context{Writer: w, Request: r, rest: e}).Next()
}

// CORS is the adapter: it shows the request to d, applies the decision, and answers or passes on.
func CORS(d core.Decider) HandlerFunc {
	return func(c *Context) {
		r, header := c.Request, c.Writer.Header()
		decision := d.Decide(r.Context(), core.Request{
			Method: r.Method, Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, Header: core.HeaderMap(r.Header),
		})
		decision.ApplyMap(header)
		if decision.Status == 0 {
			c.Next()
			return
		}
		delete(header, "Allow")
		delete(header, "Content-Type")
		c.Writer.WriteHeader(decision.Status)
	}
}

// serve starts the framework with the adapter in it.
func serve(t testing.TB, s corstest.Server) string {
	engine := Engine{func(c *Context) {
		for name, values := range s.Before {
			c.Writer.Header()[name] = slices.Clone(values)
		}
		c.Next()
	}}
	for _, d := range s.Deciders {
		engine = append(engine, CORS(d))
	}
	engine = append(engine, func(c *Context) { s.Handler.ServeHTTP(c.Writer, c.Request) })

	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// An adapter for a framework that this project does not know, and the test that it passes.
func Example() {
	TestConformance := func(t *testing.T) {
		corstest.Run(t, serve)
	}
	_ = TestConformance // in a test file of its own it is a func, which go test runs
}

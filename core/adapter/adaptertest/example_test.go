package adaptertest_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
	"github.com/polycors/cors/core/adapter/adaptertest"
)

// Context and HandlerFunc belong to the framework. It calls each handler with a Context.
type (
	Context struct {
		Writer  http.ResponseWriter
		Request *http.Request
		rest    []HandlerFunc
	}
	HandlerFunc func(*Context)
)

// Next runs the next handler.
func (c *Context) Next() {
	next := c.rest[0]
	c.rest = c.rest[1:]
	next(c)
}

// App is an application of the framework. It runs its handlers in order.
type App []HandlerFunc

func (a App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(&Context{Writer: w, Request: r, rest: a}).Next()
}

// Recover is the framework's recovery middleware, which turns a panic into a response.
func Recover(c *Context) {
	defer func() {
		if recover() != nil {
			c.Writer.WriteHeader(http.StatusInternalServerError)
		}
	}()
	c.Next()
}

// CORS is the adapter.
func CORS(d core.Decider) HandlerFunc {
	adapter.MustDecider("mycors", d)
	return func(c *Context) {
		if status := adapter.Decide(d, c.Request, c.Writer.Header()); status != 0 {
			c.Writer.WriteHeader(status)
			return
		}
		c.Next()
	}
}

// serve starts an application that uses the adapter.
func serve(t testing.TB, s adaptertest.Server) (addr string) {
	app := App{Recover, func(c *Context) {
		maps.Copy(c.Writer.Header(), s.Before.Clone())
		c.Next()
	}}
	for _, d := range s.Deciders {
		app = append(app, CORS(d))
	}
	app = append(app, func(c *Context) { s.Handler.ServeHTTP(c.Writer, c.Request) })
	return adaptertest.Listen(t, app)
}

// This example contains an adapter for a framework that Polycors does not support, and its
// conformance test.
func Example() {
	TestConformance := func(t *testing.T) {
		adaptertest.Run(t, serve)
	}
	_ = TestConformance // in a test file, it is a func that go test runs
}

// TestExample runs the test of the example.
func TestExample(t *testing.T) { adaptertest.Run(t, serve) }

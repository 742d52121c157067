package corstest_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
	"github.com/polycors/cors/core/corstest"
)

// cors returns the middleware of an adapter for net/http.
func cors(cfg core.Config) func(http.Handler) http.Handler {
	return adapter.Middleware("corstest", adapter.MustPolicy("corstest", cfg))
}

// listen serves h on a loopback address, like the server of a framework.
func listen(h http.Handler) (addr string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	return listener.Addr().String(), func() { server.Close() }
}

// collecting is a testing.TB that collects the reported errors.
type collecting struct {
	testing.TB
	errors []string
}

func (c *collecting) Helper() {}

func (c *collecting) Errorf(format string, args ...any) {
	c.errors = append(c.errors, fmt.Sprintf(format, args...))
}

func TestCheckReachable(t *testing.T) {
	listed := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	everyone := cors(core.Config{AllowOrigins: []string{"*"}})
	reflecting := cors(core.Config{AllowOriginRegexes: []string{".*"}})
	forbidding := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}, ForbidDisallowed: true})
	continuing := cors(core.Config{AllowOrigins: []string{"*"}, ContinuePreflight: true})

	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	handler := http.HandlerFunc(ok)
	mux := func(pattern string, h http.Handler) http.Handler {
		m := http.NewServeMux()
		m.Handle(pattern, h)
		return m
	}
	status := func(code int, header ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Add(header[i], header[i+1])
			}
			w.WriteHeader(code)
		})
	}
	// only serves one method with h, and all others with rest.
	only := func(method string, h, rest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method {
				h.ServeHTTP(w, r)
				return
			}
			rest.ServeHTTP(w, r)
		})
	}
	setsVary := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Vary", "Accept") })

	tests := []struct {
		name string
		h    http.Handler
		path string
		want string // part of the only message; "" for none
	}{
		{"around everything", listed(mux("GET /items", handler)), "/items", ""},
		{"around everything, unknown path", listed(mux("GET /items", handler)), "/nothing?x=1", ""},
		{"for every origin", everyone(mux("GET /items", handler)), "/items", ""},
		{"for every origin by its name", reflecting(mux("GET /items", handler)), "/items", ""},
		{"forbidding", forbidding(mux("GET /items", handler)), "/items", ""},
		{"redirecting around", listed(mux("GET /items/", handler)), "/items", ""},
		{"handler adds to Vary", listed(status(200, "Vary", "Accept")), "/", ""},
		{"stream", listed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})), "/events", ""},

		{"on a route", mux("GET /items", listed(handler)), "/items", "registered on a route or a group"},
		{
			"on a route of a router that answers OPTIONS", only("GET", listed(handler), status(200, "Allow", "GET")),
			"/items", "registered on a route or a group",
		},
		{
			"after a route for OPTIONS", only("OPTIONS", status(204), listed(handler)), "/items",
			"something else responds to OPTIONS first",
		},
		{
			"not at all", mux("GET /items", handler), "/items",
			"neither the preflight (status 405) nor the actual request (status 200)",
		},
		{"not at all, any method", handler, "/items", "it is not registered, or excludes this path"},
		{"not at all, unknown path", mux("GET /items", listed(handler)), "/nothing", "no route matches this path"},
		{"inside authentication", status(401), "/", "authentication responds first"},
		{
			"preflight inside authentication", only("OPTIONS", status(401), listed(handler)), "/",
			"authentication responds first, and a preflight never carries credentials",
		},
		{
			"actual request inside authentication", only("OPTIONS", listed(handler), status(403)), "/",
			"authentication responds first, so a page cannot read why",
		},
		{
			"inside a redirect", mux("/items/", listed(handler)), "/items",
			"the router redirects before any middleware runs",
		},
		{
			"preflight inside a redirect", only("OPTIONS", status(308, "Location", "/"), listed(handler)), "/",
			"the router redirects it before any middleware runs, and browsers do not follow",
		},
		{
			"actual request inside a redirect", only("GET", status(301, "Location", "/"), listed(handler)), "/",
			"the router redirects it before any middleware runs, and a page cannot follow",
		},
		{"for preflights only", only("OPTIONS", listed(handler), handler), "/", "the middleware sees preflights only"},
		{
			"not for the router's own responses", only("OPTIONS", listed(handler), status(404)), "/",
			"no route matches, and the middleware does not see the router's own responses",
		},
		{
			"inside a recovery that writes anew", only("OPTIONS", listed(handler), status(500)), "/",
			"something outside the middleware, such as a recovery",
		},
		{
			"preflight fails outside", only("OPTIONS", status(503), listed(handler)), "/",
			"something outside the middleware responds to OPTIONS",
		},
		{"handler sets Vary", listed(setsVary), "/", "sets Vary instead of adding to it"},
		{"handler sets Vary, origin granted", reflecting(setsVary), "/", "Vary does not name Origin"},
		{
			"upstream has CORS too",
			listed(status(200, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Origin", "*")), "/",
			"2 lines of Access-Control-Allow-Origin",
		},
		{"continuing to nothing", continuing(mux("GET /items", handler)), "/items", "nothing responds to OPTIONS"},
		{
			"continuing to a redirect", continuing(status(307, "Location", "/x")), "/",
			"the preflight is redirected (status 307)",
		},
		{"a pattern", listed(handler), "items/{id}", "this is not the path of a request"},
		{"a path with a blank", listed(handler), "/a b", "this is not the path of a request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := &collecting{TB: t}
			corstest.CheckReachable(got, tt.h, tt.path)
			switch {
			case tt.want == "" && len(got.errors) > 0:
				t.Errorf("got %q, want nothing", got.errors)
			case tt.want == "":
			case len(got.errors) != 1 || !strings.Contains(got.errors[0], tt.want) ||
				!strings.HasPrefix(got.errors[0], "corstest: "+tt.path+": "):
				t.Errorf("got %q, want one about %q", got.errors, tt.want)
			}
		})
	}

	t.Run("several paths", func(t *testing.T) {
		got := &collecting{TB: t}
		corstest.CheckReachable(got, mux("GET /items", listed(handler)), "/items", "/items")
		if len(got.errors) != 2 {
			t.Errorf("got %q, want a message for each path", got.errors)
		}
	})
	t.Run("no path", func(t *testing.T) {
		got := &collecting{TB: t}
		corstest.CheckReachable(got, listed(handler))
		if len(got.errors) != 1 {
			t.Errorf("got %q, want one message", got.errors)
		}
	})
	t.Run("no server", func(t *testing.T) {
		addr, stop := listen(handler)
		stop()
		got := &collecting{TB: t}
		corstest.CheckReachableAt(got, addr, "/")
		if len(got.errors) != 1 || !strings.Contains(got.errors[0], "the preflight got no response") {
			t.Errorf("got %q, want that there is no response", got.errors)
		}
	})
	t.Run("handler that never ends", func(t *testing.T) {
		forever := listed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			time.Sleep(2 * time.Second)
		}))
		begun := time.Now()
		corstest.CheckReachable(t, forever, "/")
		if d := time.Since(begun); d > time.Second {
			t.Errorf("it took %v to look at a header", d)
		}
	})
}

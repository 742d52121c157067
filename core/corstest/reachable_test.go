package corstest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
	"github.com/polycors/cors/core/corstest"
)

// cors returns the middleware of an adapter for net/http.
func cors(cfg core.Config) func(http.Handler) http.Handler {
	return adapter.Middleware("corstest", adapter.MustPolicy("corstest", cfg))
}

// listen serves h on a loopback address, as a server of a framework would.
func listen(h http.Handler) (addr string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	return listener.Addr().String(), func() { server.Close() }
}

const app = "https://app.example.com"

// collecting is a testing.TB that keeps what is reported.
type collecting struct {
	testing.TB
	errors []string
}

func (c *collecting) Helper() {}

func (c *collecting) Errorf(format string, args ...any) {
	c.errors = append(c.errors, fmt.Sprintf(format, args...))
}

// Parts of messages that several tests expect.
const (
	globally = "register the middleware once, for the whole server and before the routes, " +
		"and give paths a policy of their own with Config.Routes"
	wrap = "wrap the whole router with the middleware (on net/http: corshttp.New(cfg)(router)), " +
		"so that it sees the router's own responses"
	outermost  = "register the CORS middleware before it, outermost"
	policyOnly = "leave the header to the policy: delete the line that sets it, " +
		"or use core.Strip on the response of an upstream server; for a handler that you cannot change, " +
		`see docs/guides/proxies.md, "Handlers and upstreams that set CORS headers"`
	overriding = "a handler, a helper for server-sent events, a second CORS middleware or an upstream server " +
		"sets the header inside the middleware"
	excluded = "Config.Routes has no policy for this path, or a skipper excludes it; " +
		"give the path a policy, or leave it out of this check"
)

func TestCheckReachable(t *testing.T) {
	listed := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	everyone := cors(core.Config{AllowOrigins: []string{"*"}})
	reflecting := cors(core.Config{AllowOriginRegexes: []string{".*"}})
	credentials := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	trusting := cors(core.Config{
		AllowCredentials: true,
		AllowOriginFunc:  func(context.Context, string, core.Request) (bool, error) { return true, nil },
	})
	failing := cors(core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) {
		return false, errors.New("no database")
	}})
	others := cors(core.Config{AllowOrigins: []string{"https://other.example.com"}})
	debugging := cors(core.Config{AllowOrigins: []string{"https://other.example.com"}, Debug: true})
	routes := cors(core.Config{Routes: []core.Route{
		{Path: "/api/", Config: core.Config{AllowOrigins: []string{"https://app.example.com"}}},
	}})
	disabling := cors(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, Routes: []core.Route{{Path: "/items", Disable: true}},
	})
	continuingListed := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}, ContinuePreflight: true})
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
	// only serves a method with h and every other with rest.
	only := func(method string, h, rest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method {
				h.ServeHTTP(w, r)
				return
			}
			rest.ServeHTTP(w, r)
		})
	}
	sets := func(headers ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], strings.ReplaceAll(headers[i+1], "$origin", r.Header.Get("Origin")))
			}
		})
	}
	removes := func(names ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, name := range names {
				w.Header().Del(name)
			}
		})
	}
	// at serves the path with h and everything else with rest.
	at := func(path string, h, rest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				h.ServeHTTP(w, r)
				return
			}
			rest.ServeHTTP(w, r)
		})
	}
	setsVary := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Vary", "Accept") })

	parts := http.NewServeMux()
	parts.Handle("/", listed(handler))
	parts.Handle("/api/", mux("GET /api/items", handler))

	tests := []struct {
		name string
		h    http.Handler
		path string
		want string // the only message; "" for none
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

		{
			"on a route", mux("GET /items", listed(handler)), "/items",
			"the actual request reached the CORS middleware, but the preflight (status 405, Allow: GET, " +
				"HEAD) did not: the middleware is registered on a route or a group, which has no OPTIONS; " +
				globally,
		},
		{
			"on a route of a router that answers OPTIONS", only("GET", listed(handler), status(200, "Allow", "GET")),
			"/items",
			"the actual request reached the CORS middleware, but the preflight (status 200, Allow: GET) " +
				"did not: the middleware is registered on a route or a group, which has no OPTIONS; " + globally,
		},
		{
			"after a route for OPTIONS", only("OPTIONS", status(204), listed(handler)), "/items",
			"the actual request reached the CORS middleware, but the preflight (status 204) did not: " +
				"something else responds to OPTIONS first, such as a route for OPTIONS or the router itself; " +
				globally,
		},
		{
			"not at all", mux("GET /items", handler), "/items",
			"neither the preflight (status 405, Allow: GET, HEAD) nor the actual request (status 200) " +
				"reached a CORS policy, for one of these reasons:\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), on another route or group, or not at all; " + globally + "\n" +
				"\t- " + excluded,
		},
		{
			"not at all, any method", handler, "/items",
			"neither the preflight (status 200) nor the actual request (status 200) reached a CORS " +
				"policy, for one of these reasons:\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), on another route or group, or not at all; " + globally + "\n" +
				"\t- " + excluded,
		},
		{
			"not at all, unknown path", mux("GET /items", listed(handler)), "/nothing",
			"neither the preflight (status 404) nor the actual request (status 404) reached a CORS " +
				"policy, for one of these reasons:\n" +
				"\t- no route matches GET or OPTIONS, and the middleware runs only for routes that match; " +
				globally + "\n" +
				"\t- " + excluded,
		},
		{
			"inside authentication", status(401), "/",
			"neither the preflight (status 401) nor the actual request (status 401) reached a CORS " +
				"policy: something outside the middleware, such as authentication, responds first, and a " +
				"preflight never carries credentials; " + outermost,
		},
		{
			"preflight inside authentication", only("OPTIONS", status(401), listed(handler)), "/",
			"the actual request reached the CORS middleware, but the preflight (status 401) did not: " +
				"something outside the middleware, such as authentication, responds first, and a preflight " +
				"never carries credentials; " + outermost,
		},
		{
			"actual request inside authentication", only("OPTIONS", listed(handler), status(403)), "/",
			"the preflight reached the CORS middleware, but the actual request (status 403) did not: " +
				"something outside the middleware, such as authentication, responds first, so a page cannot " +
				"read why; " + outermost,
		},
		{
			"inside a redirect", mux("/items/", listed(handler)), "/items",
			"neither the preflight (status 307) nor the actual request (status 307) reached a CORS " +
				"policy: the router redirects before any middleware runs, because of a slash at the end " +
				"or the case of the path; use the path as it is registered, or " + wrap,
		},
		{
			"preflight inside a redirect", only("OPTIONS", status(308, "Location", "/"), listed(handler)), "/",
			"the actual request reached the CORS middleware, but the preflight (status 308) did not: the " +
				"router redirects it before any middleware runs, and browsers do not follow; use the path as " +
				"it is registered, or " + wrap,
		},
		{
			"actual request inside a redirect", only("GET", status(301, "Location", "/"), listed(handler)), "/",
			"the preflight reached the CORS middleware, but the actual request (status 301) did not: the " +
				"router redirects it before any middleware runs, and a page cannot follow; use the path as " +
				"it is registered, or " + wrap,
		},
		{
			"for preflights only", only("OPTIONS", listed(handler), handler), "/",
			"the preflight reached the CORS middleware, but the actual request (status 200) did not, for " +
				"one of these reasons:\n" +
				"\t- the middleware is registered for OPTIONS only; " + globally + "\n" +
				"\t- the handler or a proxy removes the headers of the response; leave the header to the " +
				"policy",
		},
		{
			"not for the router's own responses", only("OPTIONS", listed(handler), status(404)), "/",
			"the preflight reached the CORS middleware, but the actual request (status 404) did not: the " +
				"path has no route for GET, and the router's own responses do not pass through the " +
				"middleware; check a path that has a route for GET, or " + wrap,
		},
		{
			"inside a recovery that writes anew", only("OPTIONS", listed(handler), status(500)), "/",
			"the preflight reached the CORS middleware, but the actual request (status 500) did not: " +
				"something outside the middleware, such as a recovery or a timeout, wrote its own response; " +
				outermost,
		},
		{
			"preflight fails outside", only("OPTIONS", status(503), listed(handler)), "/",
			"the actual request reached the CORS middleware, but the preflight (status 503) did not: " +
				"something outside the middleware responds to OPTIONS; " + outermost,
		},
		{
			"handler sets Vary", listed(setsVary), "/",
			"the actual response has Access-Control-Allow-Origin: https://app.example.com, but Vary does " +
				"not name Origin, so a cache serves the response to other origins: the handler sets Vary " +
				"instead of adding to it; use Header().Add instead of Set",
		},
		{
			"handler sets Vary, origin granted", reflecting(setsVary), "/",
			"the actual response has Access-Control-Allow-Origin: https://app.example.com, but Vary does " +
				"not name Origin, so a cache serves the response to other origins: the handler sets Vary " +
				"instead of adding to it; use Header().Add instead of Set",
		},
		{
			"upstream has CORS too",
			listed(status(200, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Origin", "*")), "/",
			"the actual response has Access-Control-Allow-Origin 3 times (https://app.example.com and * " +
				"and *), and browsers accept only one value: a handler, a second CORS middleware, an " +
				"upstream server or a gateway adds its own; " + policyOnly,
		},
		{
			"continuing to nothing", continuing(mux("GET /items", handler)), "/items",
			"the middleware ran, but the preflight's status is 405, and browsers want 200 to 299: the " +
				"middleware passes preflights on, and nothing responds to OPTIONS; remove " +
				"ContinuePreflight",
		},
		{
			"continuing to a redirect", continuing(status(307, "Location", "/x")), "/",
			"the middleware ran, but the preflight is redirected (status 307), and browsers do not " +
				"follow: the middleware passes preflights on; respond to them, or remove ContinuePreflight",
		},
		{
			"a pattern", listed(handler), "items/{id}",
			"this is not the path of a request; write it as it is sent, such as /users/42",
		},
		{
			"a path with a blank", listed(handler), "/a b",
			"this is not the path of a request; write it as it is sent, such as /users/42",
		},

		{
			"overridden by *", listed(sets("Access-Control-Allow-Origin", "*")), "/",
			"every website can read the response, because it has Access-Control-Allow-Origin: *, " +
				"although the policy refuses other origins in preflights: " + overriding + "; " + policyOnly,
		},
		{
			"overridden by * with credentials", credentials(sets("Access-Control-Allow-Origin", "*")), "/",
			"every website can read the response, because it has Access-Control-Allow-Origin: *, " +
				"although the policy refuses other origins in preflights: " + overriding + "; " + policyOnly,
		},
		{
			"overridden by the request's origin", listed(sets("Access-Control-Allow-Origin", "$origin")), "/",
			"every website can read the response, because it has Access-Control-Allow-Origin: " +
				"https://polycors-reachable.example, although the policy refuses other origins in " +
				"preflights: " + overriding + "; " + policyOnly,
		},
		{
			"overridden by another origin", listed(sets("Access-Control-Allow-Origin", "https://www.example.com")), "/",
			"the preflight has Access-Control-Allow-Origin: https://app.example.com, but the actual " +
				"response has https://www.example.com: " + overriding + "; " + policyOnly,
		},
		{"overridden by the same origin", listed(sets("Access-Control-Allow-Origin", "https://app.example.com")), "/", ""},
		{"* overridden by *", everyone(sets("Access-Control-Allow-Origin", "*")), "/", ""},
		{
			"* overridden by the request's origin", everyone(sets("Access-Control-Allow-Origin", "$origin")), "/",
			"the preflight has Access-Control-Allow-Origin: *, but the actual response has " +
				"https://app.example.com: " + overriding + "; " + policyOnly,
		},
		{
			"* overridden by an origin", everyone(sets("Access-Control-Allow-Origin", "https://app.example.com")), "/",
			"the preflight has Access-Control-Allow-Origin: *, but the actual response has " +
				"https://app.example.com: " + overriding + "; " + policyOnly,
		},
		{
			"* with credentials of the handler", everyone(sets("Access-Control-Allow-Credentials", "true")), "/",
			"the actual response has Access-Control-Allow-Origin: * and " +
				"Access-Control-Allow-Credentials: true, which no policy sends and browsers refuse: " + overriding +
				"; " + policyOnly,
		},
		{
			"two values on one line", listed(sets("Access-Control-Allow-Origin", "*, https://app.example.com")), "/",
			"the actual response has Access-Control-Allow-Origin 2 times (* and " +
				"https://app.example.com), and browsers accept only one value: a handler, a second CORS " +
				"middleware, an upstream server or a gateway adds its own; " + policyOnly,
		},
		{
			"removed", listed(removes("Access-Control-Allow-Origin")), "/",
			"the preflight has Access-Control-Allow-Origin: https://app.example.com, but the actual " +
				"response (status 200) has none: a handler or a proxy removes the header; leave the header " +
				"to the policy",
		},
		{
			"removed with Vary", listed(removes("Access-Control-Allow-Origin", "Vary")), "/",
			"the preflight reached the CORS middleware, but the actual request (status 200) did not, for " +
				"one of these reasons:\n" +
				"\t- the middleware is registered for OPTIONS only; " + globally + "\n" +
				"\t- the handler or a proxy removes the headers of the response; leave the header to the " +
				"policy",
		},
		{
			"every origin with credentials", trusting(handler), "/",
			"every website can read the response with the visitor's cookies " +
				"(Access-Control-Allow-Origin: https://polycors-reachable.example and " +
				"Access-Control-Allow-Credentials: true), for one of these reasons:\n" +
				"\t- AllowOriginFunc or AllowOriginRegexes allow every origin; allow only origins that you " +
				"trust\n" +
				"\t- something else sets the header to the value of Origin; " + policyOnly,
		},
		{
			"a gateway for OPTIONS", only("OPTIONS", status(204, "Access-Control-Allow-Origin", "*"), listed(handler)), "/",
			"preflights from every website are allowed (Access-Control-Allow-Origin: *), although the " +
				"policy refuses other origins in actual requests: something else responds to OPTIONS, such " +
				"as a route for OPTIONS or a gateway; " + globally,
		},
		{"the handler's own CORS", status(200, "Access-Control-Allow-Origin", "*"), "/", ""},
		{
			"the handler's own CORS on GET", mux("GET /items", status(200, "Access-Control-Allow-Origin", "*")), "/items",
			"the actual response has Access-Control-Allow-Origin: *, but the preflight (status 405, " +
				"Allow: GET, HEAD) did not reach the CORS middleware, for one of these reasons:\n" +
				"\t- the middleware is registered on a route or a group, which has no OPTIONS; " + globally + "\n" +
				"\t- the middleware is not registered for this path, and the handler sets the header itself; " +
				"delete the line that sets it, and register the middleware once, for the whole server and " +
				"before the routes",
		},
		{
			"another origin", others(handler), "/",
			"the middleware ran, but the policy refuses https://app.example.com (preflight: status 403, " +
				"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers; actual " +
				"request: status 200, Vary: Origin); give an origin that it allows for this path",
		},
		{
			"another origin, debug", debugging(handler), "/",
			"the middleware ran, but the policy refuses https://app.example.com (preflight: status 403, " +
				"Polycors-Reason: origin-not-allowed, Vary: Origin, Access-Control-Request-Method, " +
				"Access-Control-Request-Headers; actual request: status 200, Vary: Origin); give an origin " +
				"that it allows for this path",
		},
		{
			"lookup that fails", failing(handler), "/",
			"the middleware ran, but the policy refuses https://app.example.com (preflight: status 503, " +
				"Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers; actual " +
				"request: status 200, Vary: *): AllowOriginFunc returned an error; log refusals with " +
				"core.LogRefusals, which includes the error",
		},
		{
			"continuing a listed origin to nothing", continuingListed(mux("GET /items", handler)), "/items",
			"the middleware ran, but the preflight's status is 405, and browsers want 200 to 299: the " +
				"middleware passes preflights on, and nothing responds to OPTIONS; remove " +
				"ContinuePreflight",
		},
		{
			"outside Routes", routes(mux("GET /items", handler)), "/items",
			"neither the preflight (status 405, Allow: GET, HEAD) nor the actual request (status 200) " +
				"reached a CORS policy, for one of these reasons:\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), on another route or group, or not at all; " + globally + "\n" +
				"\t- " + excluded,
		},
		{"inside Routes", routes(mux("GET /api/items", handler)), "/api/items", ""},
		{
			"disabled", disabling(mux("GET /items", handler)), "/items",
			"neither the preflight (status 405, Allow: GET, HEAD) nor the actual request (status 200) " +
				"reached a CORS policy, but a request for /polycors-reachable-no-such-route, which has no " +
				"route, did, for one of these reasons:\n" +
				"\t- " + excluded + "\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), or on a group that the route is not in; " + globally,
		},
		{
			"disabled, any method", disabling(handler), "/items?x=1",
			"neither the preflight (status 200) nor the actual request (status 200) reached a CORS " +
				"policy, but a request for /polycors-reachable-no-such-route, which has no route, did, for " +
				"one of these reasons:\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), or on a group that the route is not in; " + globally + "\n" +
				"\t- " + excluded,
		},
		{
			"outside the middleware", at("/items", handler, listed(http.NotFoundHandler())), "/items",
			"neither the preflight (status 200) nor the actual request (status 200) reached a CORS " +
				"policy, but a request for /polycors-reachable-no-such-route, which has no route, did, for " +
				"one of these reasons:\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), or on a group that the route is not in; " + globally + "\n" +
				"\t- " + excluded,
		},
		{
			"in a part of the router outside the middleware", parts, "/api/items",
			"neither the preflight (status 405, Allow: GET, HEAD) nor the actual request (status 200) " +
				"reached a CORS policy, but a request for /polycors-reachable/no-such-route, which has no " +
				"route, did, for one of these reasons:\n" +
				"\t- the middleware is registered after the route (gin, fiber and echo groups run only what " +
				"was registered before it), or on a group that the route is not in; " + globally + "\n" +
				"\t- " + excluded,
		},
		{
			"GET outside the middleware",
			at("/items", only("GET", handler, listed(handler)), listed(http.NotFoundHandler())), "/items",
			"the preflight reached the CORS middleware, but the actual request (status 200) did not, " +
				"although a request for /polycors-reachable-no-such-route, which has no route, did: the " +
				"middleware is registered after the route (gin, fiber and echo groups run only what was " +
				"registered before it), or on a group that the route is not in; " + globally,
		},
		{
			"only for POST", mux("POST /items", listed(handler)), "/items",
			"neither the preflight (status 405, Allow: POST) nor the actual request (status 405, Allow: " +
				"POST) reached a CORS policy: the path has no route for GET, and the router's own " +
				"responses do not pass through the middleware; check a path that has a route for GET, or " + wrap,
		},
		{
			"only for POST and OPTIONS", only("OPTIONS", listed(handler), mux("POST /items", listed(handler))), "/items",
			"the preflight reached the CORS middleware, but the actual request (status 405, Allow: POST) " +
				"did not: the path has no route for GET, and the router's own responses do not pass through " +
				"the middleware; check a path that has a route for GET, or " + wrap,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := &collecting{TB: t}
			corstest.CheckReachable(got, tt.h, app, tt.path)
			var want []string
			if tt.want != "" {
				want = []string{"corstest: " + tt.path + ": " + tt.want}
			}
			if !slices.Equal(got.errors, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got.errors, "\n"), strings.Join(want, "\n"))
			}
		})
	}

	t.Run("several paths", func(t *testing.T) {
		got := &collecting{TB: t}
		corstest.CheckReachable(got, mux("GET /items", listed(handler)), app, "/items", "/items")
		if len(got.errors) != 2 {
			t.Errorf("got %q, want a message for each path", got.errors)
		}
	})
	t.Run("no path", func(t *testing.T) {
		got := &collecting{TB: t}
		corstest.CheckReachable(got, listed(handler), app)
		if len(got.errors) != 1 {
			t.Errorf("got %q, want one message", got.errors)
		}
	})
	t.Run("no server", func(t *testing.T) {
		addr, stop := listen(handler)
		stop()
		got := &collecting{TB: t}
		corstest.CheckReachableAt(got, addr, app, "/")
		if len(got.errors) != 1 || !strings.Contains(got.errors[0], "the preflight got no response") {
			t.Errorf("got %q, want that there is no response", got.errors)
		}
	})
	t.Run("handler that never ends", func(t *testing.T) {
		release := make(chan struct{})
		// if CheckReachable waited for the body, it would report that there is no response
		defer close(release)
		forever := listed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			<-release
		}))
		corstest.CheckReachable(t, forever, app, "/")
	})
}

func TestCheckReachableOrigin(t *testing.T) {
	h := cors(core.Config{AllowOrigins: []string{app, "null"}})(http.NotFoundHandler())
	const example = `such as "https://app.example.com"`
	for _, tt := range []struct{ origin, want string }{
		{app, ""},
		{"null", ""},
		{"/items", `"/items" is a path; give an origin that the policy allows before the paths, ` + example},
		{"*", `"*" is not an origin that a browser sends; if the policy allows every origin, give any of them, ` + example},
		{
			"https://app.example.com/",
			`"https://app.example.com/" is not an origin as browsers send it; write a scheme and a host in lower case, ` +
				"and the port unless it is the default, " + example,
		},
		{
			"", `"" is not an origin as browsers send it; write a scheme and a host in lower case, ` +
				"and the port unless it is the default, " + example,
		},
		{
			"https://polycors-reachable.example",
			`"https://polycors-reachable.example" is the origin that this check uses as one that no policy allows; ` +
				"give one that the policy allows",
		},
	} {
		t.Run(tt.origin, func(t *testing.T) {
			got := &collecting{TB: t}
			corstest.CheckReachable(got, h, tt.origin, "/")
			var want []string
			if tt.want != "" {
				want = []string{"corstest: " + tt.want}
			}
			if !slices.Equal(got.errors, want) {
				t.Errorf("got %q, want %q", got.errors, want)
			}
		})
	}
}

// TestCredentialsOverridden: a handler that changes Access-Control-Allow-Credentials is found.
func TestCredentialsOverridden(t *testing.T) {
	for _, tt := range []struct {
		name        string
		credentials bool
		change      func(http.Header)
		want        string
	}{
		{
			"removed", true, func(h http.Header) { h.Del("Access-Control-Allow-Credentials") },
			"no Access-Control-Allow-Credentials",
		},
		{
			"another value", true, func(h http.Header) { h.Set("Access-Control-Allow-Credentials", "True") },
			"Access-Control-Allow-Credentials: True",
		},
		{
			"added", false, func(h http.Header) { h.Set("Access-Control-Allow-Credentials", "true") },
			"Access-Control-Allow-Credentials: true",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := core.Config{AllowOrigins: []string{app}, AllowCredentials: tt.credentials}
			h := cors(cfg)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tt.change(w.Header()) }))
			r := collecting{TB: t}
			corstest.CheckReachable(&r, h, app, "/")
			if got := strings.Join(r.errors, "\n"); !strings.Contains(got, "but the actual response has "+tt.want) {
				t.Errorf("got %q, want that the actual response has %s", got, tt.want)
			}
		})
	}
}

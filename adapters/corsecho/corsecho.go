// Package corsecho is CORS for echo v4 (github.com/labstack/echo/v4).
//
// Register it on the instance, before the routes and before authentication:
//
//	e := echo.New()
//	e.Use(corsecho.New(corsecho.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// and not on a route: echo answers OPTIONS for a path with routes of other methods by itself, with 204 and no CORS header, and runs the
// middleware of the instance only. On a group it does run, through the catch-all routes that Group.Use adds, which turn 405 into 404.
//
// Middleware of Pre runs before that of Use: a redirect of middleware.AddTrailingSlash or RemoveTrailingSlash has no CORS headers, and no
// preflight survives it, unless this one stands in Pre before it:
//
//	e.Pre(corsecho.New(cfg), middleware.RemoveTrailingSlashWithConfig(…))
//
// Headers are set before the next handler runs, so that errors, streams and panics that middleware.Recover turns into a response carry them. A
// handler that sets such a header itself wins, and one that sets Vary instead of adding to it takes ours off. echo builds the chain of
// middleware anew for each request, which costs every middleware one allocation. Around the instance there is none of that, and redirects are
// covered too: http.ListenAndServe(addr, corshttp.New(cfg)(e)).
//
// In echo a parameter that ends a route takes everything below it: the handler of /users/:id runs for /users/7/x too. To hold for all of it, its
// core.Route is /users/{rest...} and not /users/{id}.
//
// As on every server of net/http, "OPTIONS *" is answered before any handler unless http.Server.DisableGeneralOptionsHandler is set;
// http.TimeoutHandler drops the headers if it stands outside of the middleware, and our Vary if its handler sets one, so let that add "Origin";
// and httputil.ReverseProxy adds an upstream's CORS headers to ours unless core.Strip in its ModifyResponse removes them.
package corsecho

import (
	"net/http"
	"reflect"

	"github.com/labstack/echo/v4"

	"github.com/polycors/cors/core"
)

// Config is [core.Config].
type Config = core.Config

// New returns a middleware for cfg. It panics if cfg has problems, and lists all of them; to handle them, call [core.New], then
// [Middleware].
func New(cfg Config) echo.MiddlewareFunc {
	policy, err := core.New(cfg)
	if err != nil {
		panic("corsecho: invalid Config:\n" + err.Error())
	}
	return Middleware(policy)
}

// Middleware returns a middleware that asks d, which may be shared with other servers and frameworks. It panics if d is nil.
func Middleware(d core.Decider) echo.MiddlewareFunc {
	if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic("corsecho: Middleware: the core.Decider is nil; look at the error that came with it")
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			header := c.Response().Header()
			r := c.Request()
			fresh := len(header) == 0
			var decision core.Decision
			if fresh {
				decision = d.Decide(r.Context(), request(r))
			} else {
				decision = decideAfterOthers(d, header, r)
			}
			decision.ApplyMap(header)
			if decision.Status == 0 {
				return next(c)
			}
			if !fresh {
				// A middleware outside may have prepared an answer of its own.
				delete(header, "Allow")
				delete(header, "Content-Type")
			}
			return c.NoContent(decision.Status)
		}
	}
}

// decideAfterOthers asks d where there are headers already. If an AllowOriginFunc panics, whatever recovers outside must not answer with what an
// outer policy has granted. Most requests come with nothing to take back, and are spared the defer (8 ns of a GET's 113).
func decideAfterOthers(d core.Decider, header http.Header, r *http.Request) core.Decision {
	decided := false
	defer func() {
		if !decided {
			core.Strip(header)
		}
	}()
	decision := d.Decide(r.Context(), request(r))
	decided = true
	return decision
}

// request returns what a policy reads of r.
func request(r *http.Request) core.Request {
	return core.Request{
		Method:  r.Method,
		Host:    r.Host,
		Path:    r.URL.Path,
		RawPath: r.URL.RawPath,
		Header:  core.HeaderMap(r.Header),
	}
}

// Package corsgin is CORS for gin (github.com/gin-gonic/gin).
//
// Register it on the engine, before the routes and before authentication:
//
//	r := gin.New()
//	r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// and not on a group or a route: gin runs their middleware only for a method that has a route, and OPTIONS has none, so a preflight
// is answered with 404 and no CORS header. The middleware of the engine runs for every path, with or without a route.
//
// Headers are set before the next handler runs, so that errors, streams and panics that gin.Recovery turns into a
// response carry them. A handler that sets such a header itself wins, and one that sets Vary instead of adding to it takes ours off.
//
// gin answers a request that misses a route by its trailing slash (RedirectTrailingSlash, on by default), or by its case or an extra slash
// (RedirectFixedPath), with a redirect, and runs no middleware for it. A page cannot follow such a redirect, and where the route is one for
// OPTIONS, a preflight fails on it. Turn the redirects off, or wrap the engine with corshttp, which then sees every request, instead of r.Use:
//
//	http.ListenAndServe(addr, corshttp.New(cfg)(r))
//
// That is not what r.Run serves: it serves the engine alone.
//
// github.com/gin-contrib/gzip 1.2.5 removes Vary, ours included, from responses with status 400 or
// more and from responses that the handler has compressed itself, whichever of the two middlewares
// comes first. A shared cache that keeps such a response serves it to pages of other origins. Compress
// around the engine instead, for example with github.com/klauspost/compress/gzhttp:
//
//	http.ListenAndServe(addr, gzhttp.GzipHandler(r))
//
// As on every server of net/http, "OPTIONS *" is answered before any handler unless http.Server.DisableGeneralOptionsHandler is set;
// http.TimeoutHandler drops the headers if it stands outside of the middleware, and our Vary if its handler sets one, so let that add "Origin";
// and httputil.ReverseProxy adds an upstream's CORS headers to ours unless core.Strip in its ModifyResponse removes them.
package corsgin

import (
	"net/http"
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/core"
)

// Config is [core.Config].
type Config = core.Config

// New returns a middleware for cfg. It panics if cfg has problems, and lists all of them; to handle them, call [core.New], then
// [Middleware].
func New(cfg Config) gin.HandlerFunc {
	policy, err := core.New(cfg)
	if err != nil {
		panic("corsgin: invalid Config:\n" + err.Error())
	}
	return Middleware(policy)
}

// Middleware returns a middleware that asks d, which may be shared with other servers and frameworks. It panics if d is nil.
func Middleware(d core.Decider) gin.HandlerFunc {
	if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic("corsgin: Middleware: the core.Decider is nil; look at the error that came with it")
	}
	return func(c *gin.Context) {
		header := c.Writer.Header()
		fresh := len(header) == 0
		var decision core.Decision
		if fresh {
			decision = d.Decide(c.Request.Context(), request(c.Request))
		} else {
			decision = decideAfterOthers(d, header, c.Request)
		}
		decision.ApplyMap(header)
		if decision.Status == 0 {
			return
		}
		if !fresh {
			// With HandleMethodNotAllowed, gin has prepared an Allow header for the 405 that this is not.
			delete(header, "Allow")
			delete(header, "Content-Type")
		}
		c.AbortWithStatus(decision.Status)
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

// Package corschi is CORS for chi (github.com/go-chi/chi/v5).
//
// Register it on the root router, before the routes and before authentication:
//
//	r := chi.NewRouter()
//	r.Use(corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}}))
//
// and not with With or in a Group: chi runs their middleware only for a method that has a route, and OPTIONS has none, so a
// preflight is answered with 405 and no CORS header. Use on a router that Route or Mount puts under a path does see preflights.
//
// A router without a single route runs no middleware at all, and the middleware of a sub-router does not run for paths outside of it. Wrapping
// covers everything, redirects of a middleware that stands before this one included:
//
//	http.ListenAndServe(addr, corschi.New(cfg)(r))
//
// Headers are set before the next handler runs, so that errors, streams and panics that middleware.Recoverer turns into a response carry
// them. A handler that sets such a header itself wins, and one that sets Vary instead of adding to it takes ours off.
//
// As on every server of net/http, "OPTIONS *" is answered before any handler unless http.Server.DisableGeneralOptionsHandler is set;
// http.TimeoutHandler drops the headers if it stands outside of the middleware, and our Vary if its handler sets one, so let that add "Origin";
// and httputil.ReverseProxy adds an upstream's CORS headers to ours unless core.Strip in its ModifyResponse removes them.
package corschi

import (
	"net/http"
	"reflect"

	"github.com/polycors/cors/core"
)

// Config is [core.Config].
type Config = core.Config

// New returns a middleware for cfg. It panics if cfg has problems, and lists all of them; to handle them, call [core.New], then
// [Middleware].
func New(cfg Config) func(http.Handler) http.Handler {
	policy, err := core.New(cfg)
	if err != nil {
		panic("corschi: invalid Config:\n" + err.Error())
	}
	return Middleware(policy)
}

// Middleware returns a middleware that asks d, which may be shared with other servers and frameworks. It panics if d is nil.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic("corschi: Middleware: the core.Decider is nil; look at the error that came with it")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := w.Header()
			fresh := len(header) == 0
			var decision core.Decision
			if fresh {
				decision = d.Decide(r.Context(), request(r))
			} else {
				decision = decideAfterOthers(d, header, r)
			}
			decision.ApplyMap(header)
			if decision.Status == 0 {
				next.ServeHTTP(w, r)
				return
			}
			if !fresh {
				// A router or a middleware outside may have prepared an answer of its own.
				delete(header, "Allow")
				delete(header, "Content-Type")
			}
			w.WriteHeader(decision.Status)
		})
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

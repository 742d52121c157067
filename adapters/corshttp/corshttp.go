// Package corshttp is CORS for net/http and every router that takes a func(http.Handler) http.Handler.
//
// Wrap the whole handler, outside of the router and of authentication:
//
//	mux := http.NewServeMux()
//	http.ListenAndServe(addr, corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}})(mux))
//
// and not single routes: a preflight is an OPTIONS request, for which a route such as "GET /items" does not run, so that the mux answers
// it with 405 and no CORS header.
//
// Headers are set before the next handler runs, so that errors, redirects, streams and panics that something recovers carry
// them. A handler that sets such a header itself wins, and one that sets Vary instead of adding to it takes ours off. Three things are out of reach:
//
//   - The server answers "OPTIONS *" by itself, before any handler, unless http.Server.DisableGeneralOptionsHandler is set.
//   - http.TimeoutHandler outside of the middleware drops the headers when it fires; put it inside. Inside, it replaces our Vary
//     if the handler that it guards sets one, so that a cache may serve the answer to another origin: let such a handler add "Origin" to its Vary.
//   - httputil.ReverseProxy adds the upstream's headers to ours. Use core.Strip in its ModifyResponse.
package corshttp

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
		panic("corshttp: invalid Config:\n" + err.Error())
	}
	return Middleware(policy)
}

// Middleware returns a middleware that asks d, which may be shared with other servers and frameworks. It panics if d is nil.
func Middleware(d core.Decider) func(http.Handler) http.Handler {
	if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic("corshttp: Middleware: the core.Decider is nil; look at the error that came with it")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := w.Header()
			fresh := len(header) == 0
			var decision core.Decision
			if fresh {
				decision = d.Decide(r.Context(), Request(r))
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
	decision := d.Decide(r.Context(), Request(r))
	decided = true
	return decision
}

// Request returns what a policy reads of r. It is for what is no middleware: a WebSocket upgrader's origin check, or
// Policy.Explain in a handler. A WebSocket handshake always carries cookies, so accept one from another origin only if the decision is
// Allowed and has AllowCredentials.
func Request(r *http.Request) core.Request {
	return core.Request{
		Method:  r.Method,
		Host:    r.Host,
		Path:    r.URL.Path,
		RawPath: r.URL.RawPath,
		Header:  core.HeaderMap(r.Header),
	}
}

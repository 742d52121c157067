// Package overrides lets a policy win over CORS headers that handlers set themselves.
package overrides

import (
	"io"
	"net/http"

	"github.com/felixge/httpsnoop"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// policyWins is like corshttp.Middleware, but its headers replace CORS headers that handlers set.
func policyWins(policy core.Decider) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			decision := policy.Decide(r.Context(), corshttp.Request(r))
			if decision.Status != 0 {
				decision.ApplyMap(w.Header())
				w.WriteHeader(decision.Status)
				return
			}
			sent := false
			apply := func(status int) { // before the header is sent
				if !sent {
					decision.ApplyMap(w.Header())
					sent = status >= 200 // after 103, the handler can still change the header
				}
			}
			defer apply(200) // the handler may write nothing, or panic
			next.ServeHTTP(httpsnoop.Wrap(w, httpsnoop.Hooks{
				WriteHeader: func(f httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
					return func(status int) { apply(status); f(status) }
				},
				Write: func(f httpsnoop.WriteFunc) httpsnoop.WriteFunc {
					return func(b []byte) (int, error) { apply(200); return f(b) }
				},
				ReadFrom: func(f httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
					return func(from io.Reader) (int64, error) { apply(200); return f(from) }
				},
				Flush: func(f httpsnoop.FlushFunc) httpsnoop.FlushFunc {
					return func() { apply(200); f() }
				},
			}), r)
		})
	}
}

// Package adapter helps to write Polycors middleware for a web framework. Applications do not need
// it.
//
// An adapter for a framework on net/http is three short functions: New, Middleware and Request.
// This is all of the middleware for gin:
//
//	func Middleware(d core.Decider) gin.HandlerFunc {
//		adapter.MustDecider("corsgin", d)
//		return func(c *gin.Context) {
//			if status := adapter.Decide(d, c.Request, c.Writer.Header()); status != 0 {
//				c.AbortWithStatus(status)
//			}
//		}
//	}
//
// Package adaptertest tests the result.
package adapter

import (
	"net/http"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/nils"
)

// Middleware returns the middleware of every router that takes a func(http.Handler) http.Handler.
// It asks d about each request. If d is nil it panics, with pkg as the name of the calling package.
func Middleware(pkg string, d core.Decider) func(http.Handler) http.Handler {
	MustDecider(pkg, d)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status := Decide(d, r, w.Header()); status != 0 {
				w.WriteHeader(status)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Decide asks d about r and writes the decision to header. It returns the status to respond with,
// without a body, or 0 to run the next handler. If d panics, Decide removes the CORS headers that
// an outer policy has written, so that they are not part of the error response, and lets the panic
// go on.
//
// A router may have prepared a response of its own before the middleware runs, such as a 405 with
// Allow. Where Decide returns a status, it removes Allow and Content-Type.
func Decide(d core.Decider, r *http.Request, header http.Header) (status int) {
	// Most requests arrive with an empty header. Then there is nothing to take back, and no reason to
	// pay for a defer.
	if len(header) == 0 {
		request := Request(r)
		var room core.Decision
		decision := core.Ask(r.Context(), d, &request, &room)
		decision.ApplyMap(header)
		return decision.Status
	}
	return decideAfterOthers(d, r, header)
}

// decideAfterOthers is Decide where something has written headers before.
func decideAfterOthers(d core.Decider, r *http.Request, header http.Header) (status int) {
	decided := false
	defer func() {
		if !decided {
			core.Strip(header)
		}
	}()
	request := Request(r)
	var room core.Decision
	decision := core.Ask(r.Context(), d, &request, &room)
	decided = true
	decision.ApplyMap(header)
	if decision.Status != 0 {
		delete(header, "Allow")
		delete(header, "Content-Type")
	}
	return decision.Status
}

// Request returns what a policy reads of r. It refers to r's headers and does not copy them.
func Request(r *http.Request) core.Request {
	return core.Request{
		Method:  r.Method,
		Host:    r.Host,
		Path:    r.URL.Path,
		RawPath: r.URL.RawPath,
		Header:  core.HeaderMap(r.Header),
	}
}

// MustPolicy returns the Policy for cfg. If cfg has problems it panics and lists all of them, after
// pkg, the name of the calling package.
func MustPolicy(pkg string, cfg core.Config) *core.Policy {
	policy, err := core.New(cfg)
	if err != nil {
		panic(pkg + ": invalid Config:\n" + err.Error())
	}
	return policy
}

// MustDecider panics if d is nil (see [IsNil]), with pkg as the name of the calling package.
func MustDecider(pkg string, d core.Decider) {
	if IsNil(d) {
		panic(pkg + ": Middleware: the core.Decider is nil; look at the error that came with it")
	}
}

// IsNil reports whether d is nil or a nil pointer, such as the *core.Policy that core.New returns
// together with an error. It is for functions that return an error where [MustDecider] panics.
func IsNil(d core.Decider) bool { return nils.Is(d) }

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

// Middleware returns middleware that calls d for each request and sets the CORS headers of the
// response accordingly. It works with any router that accepts a func(http.Handler) http.Handler.
//
// Middleware panics if d is nil or contains a nil pointer. The panic message is prefixed with pkg,
// the name of the calling package.
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

// Decide calls d with r and writes the resulting CORS headers to header, which is the response
// header. If Decide returns 0, the caller must run the next handler. Otherwise, the caller must
// respond with the returned status and no body.
//
// If the status is not 0, Decide also removes Allow and Content-Type from header, because a router
// may already have prepared its own response, such as a 405 with an Allow header.
//
// If d panics, Decide removes any CORS headers that other middleware has already written, so that
// they are not sent with the error response. Decide does not recover from the panic.
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

// Request returns the parts of r that a policy examines. The result shares r.Header instead of
// copying it.
func Request(r *http.Request) core.Request {
	return core.Request{
		Method:  r.Method,
		Host:    r.Host,
		Path:    r.URL.Path,
		RawPath: r.URL.RawPath,
		Header:  core.HeaderMap(r.Header),
	}
}

// MustPolicy returns the policy described by cfg. If cfg is invalid, MustPolicy panics with a
// message that lists every problem. The message is prefixed with pkg, the name of the calling
// package.
func MustPolicy(pkg string, cfg core.Config) *core.Policy {
	policy, err := core.New(cfg)
	if err != nil {
		panic(pkg + ": invalid Config:\n" + err.Error())
	}
	return policy
}

// MustDecider panics if d is nil or contains a nil pointer. The panic message is prefixed with pkg,
// the name of the calling package.
func MustDecider(pkg string, d core.Decider) {
	if IsNil(d) {
		panic(pkg + ": Middleware: the core.Decider is nil; look at the error that came with it")
	}
}

// IsNil reports whether d is nil or contains a nil pointer. For example, [core.New] returns a nil
// *core.Policy together with an error, and IsNil returns true for a Decider that contains it.
//
// Use IsNil to return an error for such a Decider, and [MustDecider] to panic.
func IsNil(d core.Decider) bool { return nils.Is(d) }

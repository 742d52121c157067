// Package adapter helps to write Polycors middleware for a web framework. Applications do not need
// it.
//
// An adapter for a framework built on net/http consists of three short functions: New, Middleware
// and Request. For example, this is the complete middleware for gin:
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
// Use package adaptertest to test an adapter.
package adapter

import (
	"net/http"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/nils"
)

// Middleware returns CORS middleware that calls d to decide how to respond to each request. It
// works with every router that accepts a func(http.Handler) http.Handler.
//
// Middleware panics if d is nil or holds a nil pointer. The panic message begins with pkg, which
// should be the name of the calling package.
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

// Decide calls d.Decide for r and writes the CORS headers to header, which must be the header of
// the response. If the returned status is 0, the caller must run the next handler. Otherwise, the
// caller must respond with that status and no body.
//
// If the status is not 0, Decide also removes Allow and Content-Type from header, because a router
// may already have set them for its own response.
//
// If d.Decide panics, Decide removes all CORS headers from header, including those that other
// middleware has set. Decide does not recover from the panic.
func Decide(d core.Decider, r *http.Request, header http.Header) (status int) {
	// In most cases, the response header is still empty. Then there is nothing to remove after a
	// panic, so a defer is not needed.
	if len(header) == 0 {
		var request core.Request
		fill(&request, r)
		var room core.Decision
		decision := core.Ask(r.Context(), d, &request, &room)
		decision.ApplyMap(header)
		return decision.Status
	}
	return decideAfterOthers(d, r, header)
}

// decideAfterOthers implements Decide for a response that already has headers.
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

// Request converts r to a [core.Request]. The result refers to r.Header, so r.Header must not be
// modified while the result is in use.
func Request(r *http.Request) core.Request {
	var request core.Request
	fill(&request, r)
	return request
}

// fill sets the fields of request, without a copy of all of them.
func fill(request *core.Request, r *http.Request) {
	request.Method, request.Host = r.Method, r.Host
	request.Path, request.RawPath = r.URL.Path, r.URL.RawPath
	request.Header = core.HeaderMap(r.Header)
}

// MustPolicy is like [core.New], but panics if cfg is invalid. The panic message lists the
// problems. It begins with pkg, which should be the name of the calling package.
func MustPolicy(pkg string, cfg core.Config) *core.Policy {
	policy, err := core.New(cfg)
	if err != nil {
		panic(pkg + ": invalid Config:\n" + err.Error())
	}
	return policy
}

// MustDecider panics if d is nil or holds a nil pointer. The panic message begins with pkg, which
// should be the name of the calling package.
func MustDecider(pkg string, d core.Decider) {
	if IsNil(d) {
		panic(pkg + ": Middleware: the core.Decider is nil; look at the error that came with it")
	}
}

// IsNil reports whether d is nil or holds a nil pointer, such as the nil *core.Policy that
// [core.New] returns together with an error.
func IsNil(d core.Decider) bool { return nils.Is(d) }

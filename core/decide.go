package core

import (
	"context"
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// Decide returns what to do with the request. It never fails, never panics by itself, and its work is bounded whatever the
// request holds. It allocates nothing, but for one copy of what it keeps of a Borrowed request, and what AllowOriginFunc and
// OnDecision do. The steps in the comments are those of https://fetch.spec.whatwg.org/#http-cors-protocol.
func (p *Policy) Decide(ctx context.Context, r Request) (d Decision) {
	// Each step fills in d: a Decision has 112 bytes, and returning it from step to step took a fifth of a GET's time.
	if p.routes == nil {
		p.decide(ctx, &r, &d)
	} else {
		p.decideRouted(ctx, &r, &d)
	}
	if p.onDecision != nil {
		p.onDecision(ctx, r, d)
	}
	return d
}

// crossOrigin returns the Origin of a request, and of a preflight the requested method. Each is "" if there is none. OPTIONS with both fields is
// a preflight, and nothing else is.
func crossOrigin(r *Request) (origin, method string) {
	if r.Header == nil {
		return "", ""
	}
	if origin = r.Header.Field("Origin"); origin != "" && r.Method == "OPTIONS" {
		method = r.Header.Field("Access-Control-Request-Method")
	}
	return origin, method
}

func (p *Policy) decide(ctx context.Context, r *Request, d *Decision) {
	origin, method := crossOrigin(r)
	if origin == "" {
		*d = p.noOrigin
		return
	}
	asked := asked{origin: origin}
	if method != "" {
		p.decidePreflight(ctx, r, d, &asked, method)
		return
	}
	if reason := p.grant(ctx, r, &asked); reason != Allowed {
		*d = p.actualRefused
		d.Reason = reason
		if reason == LookupFailed {
			// The next lookup may succeed, so no cache may keep this refusal (RFC 9111, section 4.1).
			d.Vary = "*"
		}
		if p.forbid && !isSameOrigin(r, origin) {
			d.Status = 403
		}
		return
	}
	*d = p.actual
	d.AllowOrigin = asked.origin
}

func (p *Policy) decidePreflight(ctx context.Context, r *Request, d *Decision, asked *asked, method string) {
	if p.echoMethod && len(method) <= field.MaxMethod {
		asked.method = method
	}
	var headers string
	if p.echoHeaders { // before the origin is kept, so that one copy holds both
		if headers = r.Header.Field("Access-Control-Request-Headers"); len(headers) <= field.MaxList {
			asked.headers = headers
		}
	}
	// CORS-preflight fetch, step 7: the CORS check.
	if reason := p.grant(ctx, r, asked); reason != Allowed {
		p.refusePreflight(d, reason)
		return
	}
	// CORS-preflight fetch, steps 7.5 to 7.7: the method, then the headers.
	reason := p.allowsMethod(method)
	if reason == Allowed {
		if !p.echoHeaders {
			headers = r.Header.Field("Access-Control-Request-Headers")
		}
		reason = p.allowsHeaders(headers)
	}
	if reason != Allowed {
		if !p.debug || len(method) > field.MaxMethod || reason == HeadersTooLarge {
			p.refusePreflight(d, reason)
			return
		}
		*d = p.preflightShown
		d.Reason, d.AllowOrigin = reason, asked.origin
		return
	}
	asked.keep(r)
	*d = p.preflight
	d.AllowOrigin = asked.origin
	if p.echoMethod {
		d.AllowMethods = asked.method
	}
	if p.echoHeaders {
		d.AllowHeaders = asked.headers
	}
	if p.privateNetwork {
		d.AllowPrivateNetwork = r.Header.Field("Access-Control-Request-Private-Network") == "true"
	}
}

func (p *Policy) refusePreflight(d *Decision, reason Reason) {
	*d = p.preflightRefused
	d.Reason = reason
	if reason == LookupFailed {
		d.Status = 503
	}
}

// grant asks whether the origin is let in. If so, asked.origin becomes the value of Access-Control-Allow-Origin.
func (p *Policy) grant(ctx context.Context, r *Request, asked *asked) Reason {
	if p.any {
		// Not even the bounds of Origin are looked at. Vary does not name it, so its value must change nothing: a
		// refusal that a cache keeps would reach everybody.
		asked.origin, asked.own = "*", true
		return Allowed
	}
	if len(asked.origin) > origin.MaxLen {
		return OriginMalformed // before any work
	}
	if own, ok := p.origins.Exact(asked.origin); ok {
		asked.origin, asked.own = own, true
		return Allowed
	}
	if asked.origin == "null" || asked.origin == "file://" {
		return OriginNotAllowed // these are granted by listing alone
	}
	o, ok := origin.Parse(asked.origin)
	if !ok {
		return OriginMalformed
	}
	if p.origins.Match(o, asked.origin) || p.matchesRegex(asked.origin) {
		asked.keep(r)
		return Allowed
	}
	if p.allowFunc == nil {
		return OriginNotAllowed
	}
	asked.keep(r) // the func may keep the origin
	allowed, err := p.allowFunc(ctx, asked.origin, *r)
	switch {
	case err != nil:
		return LookupFailed
	case !allowed:
		return OriginNotAllowed
	}
	return Allowed
}

func (p *Policy) matchesRegex(text string) bool {
	for _, re := range p.regexes {
		if re.MatchString(text) {
			return true
		}
	}
	return false
}

func (p *Policy) allowsMethod(method string) Reason {
	switch {
	case field.IsSafelistedMethod(method) || slices.Contains(p.methods, method):
		return Allowed
	case len(method) > field.MaxMethod || !field.IsToken(method):
		return MethodMalformed
	case p.anyMethod && !field.IsForbiddenMethod(method) && method != "*": // which, written back, would read as every method
		return Allowed
	}
	return MethodNotAllowed
}

func (p *Policy) allowsHeaders(list string) Reason {
	switch p.headers.Check(list) {
	case field.Malformed:
		return HeadersMalformed
	case field.TooLarge:
		return HeadersTooLarge
	case field.NotListed:
		return HeaderNotAllowed
	}
	return Allowed
}

// isSameOrigin reports whether the request comes from the server's own pages: they send Origin too, with POST for one.
// Browsers say so in Sec-Fetch-Site, which no page can set. Where it is absent, Origin's host and port are held against Host's; the scheme
// that a proxy may have taken off is not known.
func isSameOrigin(r *Request, text string) bool {
	if site := r.Header.Field("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	o, ok := origin.Parse(text)
	return ok && o.IsHost(r.Host)
}

// asked is what a request asked for and a Decision may hold.
type asked struct {
	origin, method, headers string // method and headers: "" unless they are to be written back
	own                     bool   // origin belongs to the policy
	kept                    bool   // method and headers, and origin unless own, may outlive the request
}

// keep makes what was borrowed outlive the request, all in one copy.
func (a *asked) keep(r *Request) {
	if !r.Borrowed || a.kept {
		return
	}
	a.kept = true
	origin := a.origin
	if a.own {
		origin = ""
	}
	n := len(origin) + len(a.method) + len(a.headers)
	if n == 0 {
		return
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(origin)
	b.WriteString(a.method)
	b.WriteString(a.headers)
	all := b.String()
	if !a.own {
		a.origin = all[:len(origin)]
	}
	a.method = all[len(origin) : len(origin)+len(a.method)]
	a.headers = all[len(all)-len(a.headers):]
}

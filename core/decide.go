package core

import (
	"context"
	"strings"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// Decide returns what to do with the request. It never fails, never panics by itself, and its work is bounded whatever the
// request holds. It allocates nothing, but for one copy of what it keeps of a Borrowed request, and what AllowOriginFunc and
// OnDecision do. The steps in the comments are those of https://fetch.spec.whatwg.org/#http-cors-protocol.
func (p *Policy) Decide(ctx context.Context, r Request) Decision {
	var d Decision
	if p.routes == nil {
		d = p.decide(ctx, &r)
	} else {
		d = p.decideRouted(ctx, &r)
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

func (p *Policy) decide(ctx context.Context, r *Request) Decision {
	origin, method := crossOrigin(r)
	asked := asked{origin: origin}
	switch {
	case origin == "":
		return p.noOrigin
	case method != "":
		return p.decidePreflight(ctx, r, asked, method)
	}
	if reason := p.grant(ctx, r, &asked); reason != Allowed {
		d := p.actualRefused
		d.Reason = reason
		if p.forbid && !isSameOrigin(r, asked.origin) {
			d.Status = 403
		}
		return d
	}
	d := p.actual
	d.AllowOrigin = asked.origin
	return d
}

func (p *Policy) decidePreflight(ctx context.Context, r *Request, asked asked, method string) Decision {
	headers := r.Header.Field("Access-Control-Request-Headers")
	if p.echoMethod && len(method) <= field.MaxMethod {
		asked.method = method
	}
	if p.echoHeaders && len(headers) <= field.MaxList {
		asked.headers = headers
	}
	// CORS-preflight fetch, step 7: the CORS check.
	if reason := p.grant(ctx, r, &asked); reason != Allowed {
		return p.refusePreflight(reason)
	}
	// CORS-preflight fetch, steps 7.5 to 7.7: the method, then the headers.
	reason := p.allowsMethod(method)
	if reason == Allowed {
		reason = p.allowsHeaders(headers)
	}
	if reason != Allowed {
		if !p.debug || len(method) > field.MaxMethod || reason == HeadersTooLarge {
			return p.refusePreflight(reason)
		}
		d := p.preflightShown
		d.Reason, d.AllowOrigin = reason, asked.origin
		return d
	}
	asked.keep(r)
	d := p.preflight
	d.AllowOrigin = asked.origin
	if p.echoMethod {
		d.AllowMethods = asked.method
	}
	if p.echoHeaders {
		d.AllowHeaders = asked.headers
	}
	d.AllowPrivateNetwork = p.privateNetwork && r.Header.Field("Access-Control-Request-Private-Network") == "true"
	return d
}

func (p *Policy) refusePreflight(reason Reason) Decision {
	d := p.preflightRefused
	d.Reason = reason
	if reason == LookupFailed {
		d.Status = 503
	}
	return d
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
	case field.IsSafelistedMethod(method) || p.methods[method]:
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

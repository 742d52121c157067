package core

import (
	"context"
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/route"
)

// Most decisions are the same for every request of their kind. New makes these decisions once, and
// decide returns a pointer to one of them, which must not be modified. Other decisions differ in a
// few values, mainly Access-Control-Allow-Origin. For those, the caller passes room for one
// Decision, which is usually on its stack. Therefore decide does not allocate memory, and copies a
// Decision at most once.
//
// A trace records what Decide, OnDecision and Explain tell about a decision beyond the response. If
// it is nil, only the response matters, and decide does not find out whether a refused origin is
// malformed or that of the server itself.

// Decide returns how to respond to r. It may call the policy's AllowOriginFunc, and it calls the
// policy's OnDecision. If one of these functions panics, so does Decide.
//
// Apart from these calls, the cost of Decide is bounded, whatever r contains.
func (p *Policy) Decide(ctx context.Context, r Request) Decision {
	var room Decision
	if p.onDecision == nil {
		return *p.routed(ctx, &r, &room, &trace{route: route.None})
	}
	return *p.observed(ctx, &r, &room)
}

// observed decides about r and calls OnDecision, which must not be nil.
func (p *Policy) observed(ctx context.Context, r *Request, room *Decision) *Decision {
	t := trace{route: route.None}
	d := p.routed(ctx, r, room, &t)
	r.locate()
	p.onDecision(ctx, Event{
		Request: *r, Decision: *d, Refused: t.refused, Route: p.pathOf(t.route), Err: t.err, source: p,
	})
	return d
}

// routed finds the policy that applies to the path of r, and decides with that policy.
func (p *Policy) routed(ctx context.Context, r *Request, room *Decision, t *trace) *Decision {
	if p.routes == nil {
		return p.decide(ctx, r, room, t)
	}
	r.locate()
	id, ok := p.routes.table.Find(r.Path, r.RawPath)
	if !ok {
		readings := p.routes.table.Read(r.Path, r.RawPath)
		if id, ok = readings.Route(); !ok {
			return p.refuseAmbiguous(r, &readings)
		}
	}
	if t != nil {
		t.route = id
	}
	q := p.policyOf(id)
	if q == nil {
		return &untouched
	}
	return q.decide(ctx, r, room, t)
}

// decide implements the server's part of the CORS protocol
// (https://fetch.spec.whatwg.org/#http-cors-protocol). The comments name the corresponding steps of
// the Fetch standard.
func (p *Policy) decide(ctx context.Context, r *Request, room *Decision, t *trace) *Decision {
	if t != nil {
		t.policy = p
	}
	from, method := crossOrigin(r)
	switch {
	case from == "":
		return &p.noOrigin
	case method != "":
		return p.preflight(ctx, r, room, t, from, method)
	}
	// The actual request always reaches the handler, unless ForbidDisallowed says otherwise. CORS
	// only decides who can read the response.
	e := echo{origin: from}
	value, reason := p.grant(ctx, r, &e, t)
	if reason == ReasonAllowed {
		*room = p.actual
		room.AllowOrigin = value
		return room
	}
	sameOrigin := (p.forbid || t != nil && reason == ReasonOriginNotAllowed) && isSameOrigin(r, from)
	switch {
	case sameOrigin && reason == ReasonOriginNotAllowed:
		return &refusedActual[ReasonSameOrigin]
	case p.forbid && !sameOrigin:
		return &forbiddenActual[reason]
	}
	return &refusedActual[reason]
}

// preflight decides about a preflight with the given Origin and Access-Control-Request-Method.
func (p *Policy) preflight(ctx context.Context, r *Request, room *Decision, t *trace, from, method string) *Decision {
	// Read everything that may be written back before grant, which may detach it with a single
	// copy.
	var headers string
	e := echo{origin: from}
	if p.echoMethod {
		e.method = unlessLonger(method, field.MaxMethod)
	}
	if p.echoHeaders {
		headers = r.Header.Field("Access-Control-Request-Headers")
		e.headers = unlessLonger(headers, field.MaxList)
	}
	// CORS-preflight fetch, step 7: the CORS check.
	value, reason := p.grant(ctx, r, &e, t)
	if reason != ReasonAllowed {
		return &p.refusedPreflight[reason]
	}
	// CORS-preflight fetch, steps 7.5 to 7.7: the method, then the headers.
	refused := method
	if reason = p.allowsMethod(method); reason == ReasonAllowed {
		if !p.echoHeaders {
			headers = r.Header.Field("Access-Control-Request-Headers")
		}
		reason, refused = p.allowsHeaders(headers)
	}
	if reason != ReasonAllowed {
		t.refuse(refused)
		if !p.debug || len(method) > field.MaxMethod || reason == ReasonHeadersTooLarge {
			return &p.refusedPreflight[reason]
		}
		*room = p.shownPreflight
		room.Reason, room.AllowOrigin = reason, value
		return room
	}
	*room = p.allowedPreflight
	room.AllowOrigin = value
	if p.echoMethod || p.echoHeaders {
		e.detach(r)
		if p.echoMethod {
			room.AllowMethods = e.method
		}
		if p.echoHeaders {
			room.AllowHeaders = e.headers
		}
	}
	if p.privateNetwork {
		room.AllowPrivateNetwork = r.Header.Field("Access-Control-Request-Private-Network") == "true"
	}
	return room
}

// grant decides whether the origin of a request is allowed. If it is, value is the value of
// Access-Control-Allow-Origin, and shares no memory with the request.
func (p *Policy) grant(ctx context.Context, r *Request, e *echo, t *trace) (value string, reason Reason) {
	if p.any {
		// Vary does not list Origin, so the response must not depend on it, even if it is
		// malformed. Otherwise a cache could send the refusal to everyone.
		return "*", ReasonAllowed
	}
	if len(e.origin) > origin.MaxLen {
		return "", ReasonOriginMalformed // before any work
	}
	if listed, ok := p.origins.Exact(e.origin); ok {
		return listed, ReasonAllowed
	}
	if t == nil && p.listed && !p.origins.MayMatch(e.origin) {
		return "", ReasonOriginNotAllowed // perhaps malformed, but the response is the same
	}
	if e.origin == "null" || e.origin == "file://" {
		return "", ReasonOriginNotAllowed // every website can send these, so only the list allows them
	}
	o, ok := origin.Parse(e.origin)
	if !ok {
		return "", ReasonOriginMalformed
	}
	if p.matches(o, e.origin) {
		e.detach(r)
		return e.origin, ReasonAllowed
	}
	if p.allowFunc == nil {
		return "", ReasonOriginNotAllowed
	}
	e.detach(r) // the func may keep the origin
	r.locate()
	allowed, err := t.lookUp(ctx, p.allowFunc, e.origin, r)
	switch {
	case err != nil:
		return "", ReasonLookupFailed
	case !allowed:
		return "", ReasonOriginNotAllowed
	}
	return e.origin, ReasonAllowed
}

// matches reports whether a wildcard or an expression matches the origin. text is the string from
// which o was parsed.
func (p *Policy) matches(o origin.Origin, text string) bool {
	if p.origins.Match(o, text) {
		return true
	}
	// The author of an expression did not think of hosts such as example.com. with a dot at the end.
	if o.EmptyLabel {
		return false
	}
	for _, re := range p.regexes {
		if re.MatchString(text) {
			return true
		}
	}
	return false
}

// allowsMethod returns ReasonAllowed, or the reason why the method is not allowed.
func (p *Policy) allowsMethod(method string) Reason {
	switch {
	case field.IsSafelistedMethod(method) || slices.Contains(p.methods, method):
		return ReasonAllowed
	case len(method) > field.MaxMethod || !field.IsToken(method):
		return ReasonMethodMalformed
	case p.anyMethod && !field.IsForbiddenMethod(method) && method != "*": // "*" in the response would allow every method
		return ReasonAllowed
	}
	return ReasonMethodNotAllowed
}

// allowsHeaders returns ReasonAllowed, or the reason why the list of headers is not allowed, and
// the element that is not allowed.
func (p *Policy) allowsHeaders(list string) (reason Reason, refused string) {
	outcome, element := p.headers.Check(list)
	switch outcome {
	case field.Malformed:
		reason = ReasonHeadersMalformed
	case field.TooLarge:
		reason = ReasonHeadersTooLarge
	case field.NotListed:
		reason = ReasonHeaderNotAllowed
	default:
		reason = ReasonAllowed
	}
	return reason, element
}

// refuseAmbiguous refuses a request whose path could reach handlers under different policies.
func (p *Policy) refuseAmbiguous(r *Request, readings *route.Readings) *Decision {
	from, method := crossOrigin(r)
	switch {
	case from == "":
		return &ambiguousNoOrigin
	case method != "":
		return &refusedPreflights[index(p.debug)][varyPreflight][ReasonPathAmbiguous]
	case isSameOrigin(r, from):
		return &refusedActual[ReasonSameOrigin]
	case p.mayForbid(readings):
		return &forbiddenActual[ReasonPathAmbiguous]
	}
	return &refusedActual[ReasonPathAmbiguous]
}

// crossOrigin returns the Origin of a request and, if it is a preflight, the requested method. An
// OPTIONS request that has both is a preflight (https://fetch.spec.whatwg.org/#cors-preflight-request).
func crossOrigin(r *Request) (from, method string) {
	if r.Header == nil {
		return "", ""
	}
	if from = r.Header.Field("Origin"); from != "" && r.Method == "OPTIONS" {
		method = r.Header.Field("Access-Control-Request-Method")
	}
	return from, method
}

// isSameOrigin reports whether the request comes from a page of the server itself. Browsers send an
// Origin header with such requests too, for example with POST requests.
//
// Browsers say so in Sec-Fetch-Site, which pages cannot set. Without that header, the host and port
// of Origin are compared with Host. The schemes are not compared, because a proxy may have
// terminated TLS.
func isSameOrigin(r *Request, from string) bool {
	if site := r.Header.Field("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	r.locate()
	o, ok := origin.Parse(from)
	return ok && (o.Scheme == "http" || o.Scheme == "https") && o.IsHost(r.Host)
}

// echo contains the parts of a request that may be copied to the response. If detached is true,
// they no longer share memory with the request.
type echo struct {
	origin, method, headers string
	detached                bool
}

// detach copies the parts if the request is Borrowed. It makes a single copy for all three parts.
func (e *echo) detach(r *Request) {
	if !r.Borrowed || e.detached {
		return
	}
	e.detached = true
	var b strings.Builder
	b.Grow(len(e.origin) + len(e.method) + len(e.headers))
	b.WriteString(e.origin)
	b.WriteString(e.method)
	b.WriteString(e.headers)
	all := b.String()
	e.origin, all = all[:len(e.origin)], all[len(e.origin):]
	e.method, e.headers = all[:len(e.method)], all[len(e.method):]
}

// unlessLonger returns s, or "" if s has more than n bytes. The caller refuses such a string, so it
// need not be copied.
func unlessLonger(s string, n int) string {
	if len(s) > n {
		return ""
	}
	return s
}

// refusals contains one decision for each reason to refuse a request.
type refusals [numReasons]Decision

// The decisions that are the same in every policy.
var (
	untouched                      Decision
	ambiguousNoOrigin              = Decision{Kind: KindNotCORS, Reason: ReasonNoOrigin, Vary: varyLines[varyActual]}
	refusedActual, forbiddenActual = actualRefusals(0), actualRefusals(403)

	// refusedPreflights contains the decisions for each value of Debug and each set of varyTokens.
	refusedPreflights = func() (all [2][1 << len(varyTokens)]refusals) {
		for vary := range all[0] {
			all[0][vary] = preflightRefusals(vary, false)
			all[1][vary] = preflightRefusals(vary, true)
		}
		return all
	}()
)

func index(debug bool) int {
	if debug {
		return 1
	}
	return 0
}

// actualRefusals returns the decisions that refuse an actual request with the given status.
func actualRefusals(status int) (all refusals) {
	for reason := range all {
		all[reason] = Decision{Kind: KindActual, Reason: Reason(reason), Status: status, Vary: varyLines[varyActual]}
	}
	// The next lookup may succeed, so no cache may keep this refusal (RFC 9111, section 4.1).
	all[ReasonLookupFailed].Vary = "*"
	return all
}

// preflightRefusals returns the decisions that refuse a preflight.
func preflightRefusals(vary int, debug bool) (all refusals) {
	for reason := range all {
		all[reason] = Decision{
			Kind: KindPreflight, Reason: Reason(reason), Status: 403, Vary: varyLines[vary], Debug: debug,
		}
	}
	all[ReasonLookupFailed].Status = 503 // the request could succeed later
	return all
}

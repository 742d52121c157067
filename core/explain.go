package core

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/route"
)

// How a decision is explained.
//
// Explain first decides in the same way as Decide, with a [trace] that records which policy and
// route applied and the error of AllowOriginFunc. This gives the outcome, but only the first reason
// to refuse the request. Explain therefore checks the path, the origin, the method and the headers
// again, with the same functions as Decide: grant, allowsMethod and allowsHeaders. The first check
// that fails is the cause. For each check that fails, Explain adds a change to the Config or to the
// request, so that all changes together make the request pass. If there is no such change for one
// of them, the explainer is stuck, and Explain returns no changes.

// Explanation describes why a request was allowed or refused, and what to change so that it is
// allowed. It can be printed as text and marshaled to JSON.
//
// An Explanation is meant for developers. Do not show it to clients, because it may contain the
// error that AllowOriginFunc returned.
//
// Strings from the request are shortened and quoted if they are long or contain anything but
// printable ASCII. An Explanation is safe to retain, because it shares no memory with the request.
type Explanation struct {
	Decision Decision `json:"-"` // the Decision that Decide returns

	Kind   string `json:"kind"`             // the name of Decision.Kind, such as "preflight"
	Reason string `json:"reason"`           // the name of Decision.Reason, such as "allowed"
	Status int    `json:"status,omitempty"` // the same as Decision.Status

	Method         string `json:"method"`                    // the request method
	Host           string `json:"host,omitempty"`            // the host that the request is for
	Path           string `json:"path"`                      // the percent-encoded path, as the client sent it
	Origin         string `json:"origin,omitempty"`          // the Origin header
	RequestMethod  string `json:"request_method,omitempty"`  // the Access-Control-Request-Method header of a preflight
	RequestHeaders string `json:"request_headers,omitempty"` // the Access-Control-Request-Headers header of a preflight

	// Step is the first check that the request failed: "path", "origin", "method" or "headers". It
	// is "" if the request passed all checks.
	Step string `json:"step,omitempty"`
	// Because explains why the request was refused, or why it was not refused.
	Because string `json:"because"`
	// Nearest is an allowed value that is similar to the refused one, such as an origin that
	// differs by one letter. If the origin is allowed on other paths, Nearest can also be the name
	// of their route, such as `Routes[1] ("/admin/")`. It is "" if nothing similar was found.
	Nearest string `json:"nearest,omitempty"`
	// Field is the name of the field in the Config or CSRFConfig that determined the decision, such
	// as "AllowOrigins[0]". It is "" if no single field did.
	Field string `json:"field,omitempty"`
	// Fix describes in words what to change. It is "" if nothing needs to change.
	Fix string `json:"fix,omitempty"`

	// Changes lists what to change in the Config so that the request is allowed. If Instead is not
	// empty, the request must change as well.
	//
	// Changes and Instead are nil if nothing needs to change, or if no suitable change is known.
	Changes []ConfigChange `json:"changes,omitempty"`
	// Instead says what to change in the request. It maps header names to the values that the
	// client should send. If a value is "", the client should not send that header. The key "Path"
	// maps to the percent-encoded path that the client should request.
	Instead map[string]string `json:"instead,omitempty"`

	// Browser is the error message that Chromium shows in its console, or "" if it shows none. The
	// scheme of the URL in the message is a guess: http for a loopback host, and https for any
	// other host.
	Browser string `json:"browser,omitempty"`
	// Curl is a curl command that repeats the request. It works in bash, zsh and other shells that
	// support $'...' quotes. Curl is "" if it would have to include a value that contains NUL, CR
	// or LF, or that is longer than 1 KiB.
	Curl string `json:"curl,omitempty"`
}

// ConfigChange describes entries to append to a list in a [Config] or a [CSRFConfig].
//
// If a list such as AllowMethods is nil, it has default entries. In that case, Add contains these,
// followed by the new entries, so that the defaults remain allowed.
type ConfigChange struct {
	Field string   `json:"field"` // the name of the list, such as "AllowOrigins" or "Routes[2].Config.AllowOrigins"
	Add   []string `json:"add"`   // the entries to append
}

// Explain describes why Decide allows or refuses r, and what to change so that r is allowed. It is
// meant for debugging, because it is much slower than Decide. The cost is bounded, whatever r
// contains.
//
// Explain does not call OnDecision. It may call AllowOriginFunc with the origin of the request, and
// also with a corrected origin. If AllowOriginFunc panics, Explain does not panic, but reports the
// panic in the Explanation.
func (p *Policy) Explain(ctx context.Context, r Request) Explanation {
	return p.explain(ctx, r, trace{lookups: lookups{}})
}

// explainEvent implements [source].
func (p *Policy) explainEvent(e *Event) Explanation {
	known := lookups{}
	if e.Request.Header != nil {
		known[e.Request.Header.Field("Origin")] = lookup{e.Decision.grantsOrigin(), e.Err}
	}
	return p.explain(context.Background(), e.Request, trace{lookups: known, closed: true})
}

// explain explains the decision about r. The trace contains the known results of AllowOriginFunc.
func (p *Policy) explain(ctx context.Context, r Request, t trace) Explanation {
	x := newExplainer(ctx, r)
	x.top, x.trace = p, t
	x.concludes(x.decide())
	switch x.e.Decision.Reason {
	case ReasonNoPolicy:
		x.noPolicy()
	case ReasonNoOrigin:
		x.noOrigin()
	case ReasonAllowed:
		x.allowed()
	case ReasonSameOrigin:
		x.sameOrigin()
	default:
		x.refused()
	}
	x.e.Browser = x.browser()
	return x.finish()
}

// explainer creates an Explanation for one request.
type explainer struct {
	ctx    context.Context
	r      Request
	top    *Policy // the policy whose Explain method was called
	policy *Policy // the policy that applies to the path: top, or the policy of a route; nil if none does
	trace  trace
	id     int    // the id of the route that applies, or route.None
	prefix string // the prefix of the names of fields, such as "Routes[2].Config."

	// Copies of header values, shortened to a length that no valid value has.
	origin, method, headers string

	e     Explanation
	fixes []string // the parts of Fix
	stuck bool     // no known change makes the request pass
}

// maxValue is a length that no valid origin or method exceeds, in bytes.
const maxValue = 1 << 10

func newExplainer(ctx context.Context, r Request) *explainer {
	if r.Header == nil {
		r.Header = HeaderMap(nil)
	}
	x := &explainer{ctx: ctx, r: r, id: route.None}
	from, method := crossOrigin(&r)
	x.origin, x.method = clip.Cut(from, maxValue), clip.Cut(method, maxValue)
	if method != "" {
		x.headers = clip.Cut(r.Header.Field("Access-Control-Request-Headers"), field.MaxList+1)
	}
	x.e = Explanation{
		Method: clip.Shown(r.Method), Host: clip.Shown(r.Host), Path: clip.Shown(sentPath(r.Path, r.RawPath)),
		Origin: clip.Shown(x.origin), RequestMethod: clip.Shown(x.method), RequestHeaders: clip.Shown(x.headers),
	}
	return x
}

// concludes copies the decision into the Explanation.
func (x *explainer) concludes(d Decision) {
	x.e.Decision, x.e.Kind, x.e.Reason, x.e.Status = d, d.Kind.String(), d.Reason.String(), d.Status
}

// finish returns the complete Explanation.
func (x *explainer) finish() Explanation {
	x.e.Fix = strings.Join(x.fixes, "; ")
	if x.stuck {
		x.e.Changes, x.e.Instead = nil, nil
	}
	x.e.Curl = x.curl()
	return x.e
}

// decide does the same as Decide and records a trace, but does not call OnDecision.
func (x *explainer) decide() Decision {
	var room Decision
	x.trace.route = route.None
	d := *x.top.routed(x.ctx, &x.r, &room, &x.trace)
	x.policy = x.trace.policy
	x.underRoute(x.trace.route)
	return d
}

// underRoute records that the policy of the route with the given id applies. The names of its
// fields are then reported with a prefix such as "Routes[2].Config.". If id is route.None,
// underRoute does nothing.
func (x *explainer) underRoute(id int) {
	if x.id = id; id != route.None {
		x.prefix = fmt.Sprintf("Routes[%d].Config.", id)
	}
}

// blame records why the request is refused. Only the first call has an effect, because only the
// first failed step is reported.
func (x *explainer) blame(step, because, nearest, name string) {
	if x.e.Because != "" {
		return
	}
	x.e.Step, x.e.Because, x.e.Nearest = step, because, nearest
	if name != "" {
		x.e.Field = x.prefix + name
	}
}

// change records that entries must be added to a list in the Config. In Fix, the text before
// precedes the description of the change, and the text after follows it.
func (x *explainer) change(name, before, after string, add ...string) {
	words := make([]string, len(add))
	for i, entry := range add {
		words[i] = strconv.Quote(entry)
	}
	entries, field := some(words), x.prefix+name
	text := "add " + entries + " to " + field
	switch known := &x.policy.configured; {
	case name == "AllowMethods" && !known.methods:
		add = append(DefaultMethods(), add...)
		text = "set " + field + " to append(core.DefaultMethods(), " + entries + ")"
	case name == "AllowHeaders" && !known.headers:
		add = append(DefaultHeaders(), add...)
		text = "set " + field + " to append(core.DefaultHeaders(), " + entries + ")"
	}
	x.e.Changes = append(x.e.Changes, ConfigChange{Field: field, Add: add})
	x.fixes = append(x.fixes, before+text+after)
}

// send records a value that the client must send instead. The argument words describes this in Fix.
func (x *explainer) send(name, value, words string) {
	if x.e.Instead == nil {
		x.e.Instead = map[string]string{}
	}
	x.e.Instead[name] = value
	x.fixes = append(x.fixes, words)
}

// cannot records that no known change would make Decide allow the request. The argument words is
// added to Fix, and says what to do instead.
func (x *explainer) cannot(words string) {
	x.stuck = true
	x.fixes = append(x.fixes, words)
}

// noPolicy explains a request to which no policy applies.
func (x *explainer) noPolicy() {
	if x.id != route.None {
		x.e.Field = fmt.Sprintf("Routes[%d].Disable", x.id)
		x.e.Because = "no policy applies, because the path matches " + x.top.routeName(x.id) + ", which has Disable"
		if x.origin != "" {
			x.fixes = append(x.fixes, "give the route a Config instead of Disable if other origins may read the responses")
		}
		return
	}
	x.e.Field = "Routes"
	x.e.Because = "no policy applies, because the path matches no route, and the top level allows no origins"
	if x.origin == "" {
		return
	}
	x.fixes = append(x.fixes, "add a route for the path, or allow the origin on every path that matches no route")
	x.policy = x.top
	x.check()
}

// noOrigin explains a request without an Origin header.
func (x *explainer) noOrigin() {
	x.e.Because = "the request has no Origin header, so CORS does not apply to it: " +
		"it comes from a page of the server itself, from a link, or not from a browser"
	if x.r.Method == "OPTIONS" && x.r.Header.Field("Access-Control-Request-Method") != "" {
		x.e.Because = "the request looks like a preflight, but has no Origin header; " +
			"browsers always send one, so a proxy may have removed it"
	}
}

// allowed explains a request that was allowed. It says which entry allowed it, and whether a page
// can read the response if the request has cookies.
func (x *explainer) allowed() {
	name, entry := x.policy.grantedBy(x.origin)
	x.e.Field = x.prefix + name
	x.e.Because = x.e.Field
	if entry != "" {
		x.e.Because += " (" + strconv.Quote(entry) + ")"
	}
	x.e.Because += " allows the origin"
	if x.e.Decision.Kind == KindPreflight {
		x.e.Because += ", and the method and the headers are allowed"
		return
	}
	if x.r.Method == "OPTIONS" {
		x.e.Because += "; this is not a preflight, because it has no Access-Control-Request-Method"
	}
	if x.lacksCredentials() {
		x.e.Because += ", but the page cannot read the response, " +
			"because the request has cookies and AllowCredentials is not set"
		x.e.Field = x.prefix + "AllowCredentials"
		fix := "set " + x.e.Field
		if x.policy.any {
			fix += ` and list the origins instead of "*"`
		}
		x.fixes = append(x.fixes, fix+" if the pages may act as your visitors")
	}
}

// refused explains a request that was refused.
func (x *explainer) refused() {
	if x.e.Decision.Reason == ReasonPathAmbiguous {
		if x.checkPath(); x.policy == nil {
			return
		}
	}
	x.check()
}

// sameOrigin explains an actual request of a page of the server itself.
func (x *explainer) sameOrigin() {
	x.e.Because = "the request comes from a page of the server itself, which needs no permission"
	if x.r.Header.Field("Sec-Fetch-Site") == "" {
		x.e.Because = "the origin has the same host as the request, so the page is from the server itself, " +
			"which needs no permission"
	}
}

// check explains the result of the checks of the origin, the method and the headers.
func (x *explainer) check() {
	x.checkOrigin()
	if x.method != "" {
		x.checkMethod()
		x.checkHeaders()
	}
}

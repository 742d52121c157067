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
// Explain first decides as Decide does, with a [trace] that records what applied: the policy, the
// route, the error of AllowOriginFunc. That gives the outcome, but only the first reason to refuse.
// So it then goes through the steps path, origin, method and headers itself, and asks at each step
// the same questions as Decide: grant, allowsMethod, allowsHeaders. The first step that fails is
// the cause. For each step that fails, it adds a change to the Config or to the request, so that
// all changes together make the request pass. A step without such a change makes the explainer
// stuck, and then no change is returned.

// Explanation describes why a request got its [Decision], and what to change so that the request is
// allowed. It can be printed as a few lines of text and marshaled to JSON.
//
// An Explanation is meant for developers. Do not show it to clients, because it may contain the
// error that AllowOriginFunc returned.
//
// Strings that a client sent are unchanged if they are short and plain ASCII. Otherwise, they are
// shortened and quoted as Go strings. An Explanation is safe to retain, even if the Request was
// Borrowed.
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
	// is "" if no such check failed.
	Step string `json:"step,omitempty"`
	// Because explains why the request was refused, or why it was not refused.
	Because string `json:"because"`
	// Nearest is the allowed value closest to the one in the request, such as an origin that
	// differs by one letter. It is "" if no allowed value is similar.
	Nearest string `json:"nearest,omitempty"`
	// Field is the name of the field in the Config or CSRFConfig that allowed or refused the
	// request, such as "AllowOrigins[0]". It may be empty.
	Field string `json:"field,omitempty"`
	// Fix describes in words what to change. It is "" if nothing needs to change.
	Fix string `json:"fix,omitempty"`

	// Changes lists the changes to the Config that are needed to allow the request. If Instead is
	// not empty, the request must change as well. Changes and Instead are both nil if no such
	// changes are known.
	Changes []ConfigChange `json:"changes,omitempty"`
	// Instead maps the names of request headers to the values that the client should send instead.
	// The value "" means that the header should be omitted. The key "Path" maps to the path that
	// the client should request, percent-encoded.
	Instead map[string]string `json:"instead,omitempty"`

	// Browser is the message that Chromium prints in its console, or "" if it prints none. The
	// message guesses the scheme of the URL: http for loopback hosts, and https for all others. If
	// Reason is "no-policy", the message assumes that the handler does not send CORS headers.
	Browser string `json:"browser,omitempty"`
	// Curl is a shell command that sends the same request. It is "" if a value contains NUL, CR or
	// LF, or is longer than 1 KiB. Unusual bytes are quoted, for example as $'\x1b', which works in
	// bash, zsh and shells that follow POSIX.1-2024.
	Curl string `json:"curl,omitempty"`
}

// ConfigChange is a change to a [Config] or a [CSRFConfig] that appends entries to one of its
// lists. If the list is nil and therefore has a default, Add begins with the default entries, so
// that they stay allowed.
type ConfigChange struct {
	Field string   `json:"field"` // the name of the list, such as "AllowOrigins" or "Routes[2].Config.AllowOrigins"
	Add   []string `json:"add"`   // the entries to append
}

// Explain describes why Decide allows or refuses the request, and what to change so that the
// request is allowed. It is meant for debugging, because it can take a few milliseconds. The work
// it does is bounded, whatever the request contains.
//
// Explain may call AllowOriginFunc with the origin of the request and with a corrected origin. If
// AllowOriginFunc panics, Explain reports the panic as an error. Explain never calls OnDecision.
func (p *Policy) Explain(ctx context.Context, r Request) Explanation {
	x := newExplainer(ctx, r)
	x.top = p
	x.concludes(x.decide())
	switch x.e.Decision.Reason {
	case ReasonNoPolicy:
		x.noPolicy()
	case ReasonNoOrigin:
		x.noOrigin()
	case ReasonAllowed:
		x.allowed()
	default:
		x.refused()
	}
	x.e.Browser = x.browser()
	return x.finish()
}

// explainer makes one Explanation.
type explainer struct {
	ctx    context.Context
	r      Request
	top    *Policy // the one that was asked
	policy *Policy // the one that applies to the path: top or the policy of a route; nil if none does
	trace  trace
	id     int    // the id of the route that applies, or route.None
	prefix string // before the names of fields: "" or, for example, "Routes[2].Config."

	// Copies of header values. They are cut at a length that no valid value has.
	origin, method, headers string

	e     Explanation
	fixes []string // the parts of Fix
	stuck bool     // no known change makes the request pass
}

// maxValue is longer than any valid origin or method.
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

// concludes copies a decision into the Explanation.
func (x *explainer) concludes(d Decision) {
	x.e.Decision, x.e.Kind, x.e.Reason, x.e.Status = d, d.Kind.String(), d.Reason.String(), d.Status
}

// finish returns the Explanation.
func (x *explainer) finish() Explanation {
	x.e.Fix = strings.Join(x.fixes, "; ")
	if x.stuck {
		x.e.Changes, x.e.Instead = nil, nil
	}
	x.e.Curl = x.curl()
	return x.e
}

// decide does what Decide does, except calling OnDecision, and keeps the trace.
func (x *explainer) decide() Decision {
	var room Decision
	x.trace = trace{route: route.None, lookups: lookups{}}
	d := *x.top.routed(x.ctx, &x.r, &room, &x.trace)
	x.policy = x.trace.policy
	x.underRoute(x.trace.route)
	return d
}

// underRoute makes the names of fields those of a route, unless id is route.None.
func (x *explainer) underRoute(id int) {
	if x.id = id; id != route.None {
		x.prefix = fmt.Sprintf("Routes[%d].Config.", id)
	}
}

// blame records the cause, unless there is one already: only the first failed step is reported.
func (x *explainer) blame(step, because, nearest, name string) {
	if x.e.Because != "" {
		return
	}
	x.e.Step, x.e.Because, x.e.Nearest = step, because, nearest
	if name != "" {
		x.e.Field = x.prefix + name
	}
}

// change records that entries have to be added to a list of the Config. why is written before that
// in Fix.
func (x *explainer) change(name, why string, add ...string) {
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
	x.fixes = append(x.fixes, why+text)
}

// send records a value that the client has to send instead. words says so in Fix.
func (x *explainer) send(name, value, words string) {
	if x.e.Instead == nil {
		x.e.Instead = map[string]string{}
	}
	x.e.Instead[name] = value
	x.fixes = append(x.fixes, words)
}

// cannot records that no change by rule makes the request pass, and says in Fix what to do.
func (x *explainer) cannot(words string) {
	x.stuck = true
	x.fixes = append(x.fixes, words)
}

// noPolicy explains a request that was passed on unchanged.
func (x *explainer) noPolicy() {
	if x.id != route.None {
		x.e.Field = fmt.Sprintf("Routes[%d].Disable", x.id)
		x.e.Because = "the path falls under " + x.top.routeName(x.id) +
			", where CORS is disabled; whatever else answers CORS there has its way"
		if x.origin != "" {
			x.fixes = append(x.fixes, "give the route a Config instead of Disable, if other origins may read it")
		}
		return
	}
	x.e.Field = "Routes"
	x.e.Because = "the path falls under no route, and the top level names no origins"
	if x.origin == "" {
		return
	}
	x.fixes = append(x.fixes, "add a route for the path, or let the top level hold for all paths under no route")
	x.policy = x.top
	x.check()
}

// noOrigin explains a request without an Origin header.
func (x *explainer) noOrigin() {
	x.e.Because = "the request has no Origin, so no page of another origin made it: " +
		"a page's own server, a link or a program did"
	if x.r.Method == "OPTIONS" && x.r.Header.Field("Access-Control-Request-Method") != "" {
		x.e.Because = "the request asks for a method as a preflight does, but has no Origin; " +
			"a browser sends one, so a proxy may have taken it off"
	}
}

// allowed explains a request that was allowed: by which entry, and whether a page can read the
// response although it sent cookies.
func (x *explainer) allowed() {
	name, entry := x.policy.grantedBy(x.origin)
	x.e.Field = x.prefix + name
	switch {
	case entry == "":
		x.e.Because = x.e.Field + " lets the origin in"
	default:
		x.e.Because = x.e.Field + ", " + strconv.Quote(entry) + ", lets the origin in"
	}
	if x.e.Decision.Kind == KindPreflight {
		x.e.Because += ", and the method and the headers are allowed"
		return
	}
	if x.r.Method == "OPTIONS" {
		x.e.Because += "; without Access-Control-Request-Method this is no preflight"
	}
	if x.lacksCredentials() {
		x.e.Because += "; but the request carries cookies, " +
			"and without AllowCredentials the browser keeps the answer from the page"
		x.e.Field = x.prefix + "AllowCredentials"
		fix := "set " + x.e.Field + ", if this page may act as its visitors"
		if x.policy.any {
			fix += `, and list the origins instead of "*"`
		}
		x.fixes = append(x.fixes, fix)
	}
}

// refused explains a request that was refused.
func (x *explainer) refused() {
	if x.e.Decision.Reason == ReasonPathAmbiguous {
		if x.checkPath(); x.policy == nil {
			return
		}
	}
	if x.e.Decision.Kind == KindActual && isSameOrigin(&x.r, x.origin) {
		x.checkOrigin()
		x.e.Because += "; but the request comes from the server's own origin, whose pages need no permission"
		x.fixes, x.stuck = []string{"none is needed, unless a proxy has changed Host"}, true
		return
	}
	x.check()
}

// check goes through the steps origin, method and headers.
func (x *explainer) check() {
	x.checkOrigin()
	if x.method != "" {
		x.checkMethod()
		x.checkHeaders()
	}
}

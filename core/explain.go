package core

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/route"
)

// Explanation is the long form of a [Decision]: what was asked, what became of it and why, and what to change. It prints in a few lines, and
// marshals to JSON. It holds no borrowed bytes. What a client sent is in it as it is if it is short, plain ASCII; otherwise
// it is quoted as a Go string, and cut. What AllowOriginFunc said of an error is in it too, so it is for developers, not for clients.
type Explanation struct {
	Decision Decision `json:"-"` // what Decide returns

	Kind   string `json:"kind"`             // of the Decision
	Reason string `json:"reason"`           // of the Decision
	Status int    `json:"status,omitempty"` // of the Decision

	Method         string `json:"method"`
	Host           string `json:"host,omitempty"`
	Path           string `json:"path"` // as sent: percent-encoded
	Origin         string `json:"origin,omitempty"`
	RequestMethod  string `json:"request_method,omitempty"`  // of a preflight
	RequestHeaders string `json:"request_headers,omitempty"` // of a preflight

	Step    string `json:"step,omitempty"`    // that failed: "path", "origin", "method" or "headers", which are taken in this order; "" if none did
	Because string `json:"because"`           // the cause
	Nearest string `json:"nearest,omitempty"` // what is allowed and comes nearest to what was asked
	Field   string `json:"field,omitempty"`   // of the Config: what let the request in, or what keeps it out
	Fix     string `json:"fix,omitempty"`     // what to change, "" if there is nothing

	// Changes to the Config and Instead, in the request, make it pass, all of them together. Both are nil if there is no such change.
	Changes []ConfigChange `json:"changes,omitempty"`
	// Instead is what a client has to send: values by the name of the header, and "Path", percent-encoded. A header of "" is to be left out.
	Instead map[string]string `json:"instead,omitempty"`

	// Browser is what Chromium prints for the page, "" if nothing; for ReasonNoPolicy, unless the handler answers CORS by itself. The scheme of the URL is a
	// guess: http for this machine, https for any other.
	Browser string `json:"browser,omitempty"`
	// Curl is a command for a POSIX shell with $'…' that sends the same to the server. It is "" if a value has a NUL, CR or LF or is longer than 1 KiB.
	Curl string `json:"curl,omitempty"`
}

// Change is a change to a [Config]: the entries to append to one of its lists. If the list is nil and stands for a default, the entries of
// the default are among them.
type ConfigChange struct {
	Field string   `json:"field"` // as in "AllowOrigins" or "Routes[2].Config.AllowOrigins"
	Add   []string `json:"add"`
}

// String returns the explanation in a few lines for people.
func (e Explanation) String() string {
	var b strings.Builder
	b.WriteString(e.outcome() + "\n")
	for _, line := range [...]struct{ label, text string }{
		{"asked", e.asked()}, {"because", e.Because}, {"nearest", e.Nearest}, {"fix", e.Fix}, {"browser", e.Browser}, {"curl", e.Curl},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "  %-8s %s\n", line.label+":", line.text)
		}
	}
	return b.String()
}

// outcome is the first line: what became of the request.
func (e *Explanation) outcome() string {
	s := "passed on untouched"
	switch e.Reason {
	case ReasonNoPolicy.String():
	case ReasonNoOrigin.String():
		s = "no cross-origin request"
	case ReasonAllowed.String():
		s = e.Kind + " request allowed"
	default:
		s = strings.TrimPrefix(e.Kind+" request refused", "not-cors ")
	}
	s += " (" + e.Reason + ")"
	if e.Status != 0 {
		s += ", answered with " + strconv.Itoa(e.Status)
	}
	return s
}

// asked is the request in one line.
func (e *Explanation) asked() string {
	s := e.Method + " " + e.Path
	if e.Origin != "" {
		s += " from " + e.Origin
	}
	if e.RequestMethod != "" {
		s += ", to send " + e.RequestMethod
	}
	if e.RequestHeaders != "" {
		s += " with " + e.RequestHeaders
	}
	return s
}

// Explain returns why Decide answers the request as it does. Its work and what it returns are bounded whatever the request holds, but it is made for people:
// it costs up to some milliseconds. It may ask AllowOriginFunc, for the request's origin and for a corrected one, and never calls OnDecision. A
// panic of the func is taken for an error, so that Explain itself does not panic.
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

// Explain returns why Decide answers the request as it does. Its work and what it returns are bounded whatever the request holds.
func (p *CSRFProtection) Explain(ctx context.Context, r Request) Explanation {
	x := newExplainer(ctx, r)
	x.e.RequestMethod, x.e.RequestHeaders, x.origin, x.method, x.headers = "", "", "", "", ""
	x.origin = clip.Cut(x.r.Header.Field("Origin"), maxValue)
	x.e.Origin = clip.Shown(x.origin)
	x.concludes(p.decide(&r))
	site := x.r.Header.Field("Sec-Fetch-Site")
	if x.e.Decision.Reason != ReasonCrossSiteWrite {
		x.e.Because = p.passes(x, site)
		return x.finish()
	}
	because := "Sec-Fetch-Site is " + clip.Quoted(site)
	if site == "" {
		because = "Origin does not name the host of the request, " + clip.Quoted(r.Host)
	}
	x.blame("origin", because+": a page of another origin sends it, and "+clip.Quoted(x.origin)+" is not trusted", "", "TrustedOrigins")
	pattern, bad := origin.ParsePattern(x.origin)
	if _, ok := origin.Parse(x.origin); !ok && bad == nil {
		bad = problem.New("it is no single origin", "")
	}
	if bad == nil {
		bad = distrust(pattern)
	}
	if bad != nil {
		x.cannot("send it from a page of the server's own origin; this one cannot be trusted: " + bad.Rule.String())
		return x.finish()
	}
	x.e.Changes = []ConfigChange{{Field: "TrustedOrigins", Add: []string{x.origin}}}
	x.fixes = append(x.fixes, "if its pages may act as their visitors, add "+strconv.Quote(x.origin)+" to TrustedOrigins")
	return x.finish()
}

// passes says why a request is let through.
func (p *CSRFProtection) passes(x *explainer, site string) string {
	switch {
	case x.r.Method == "GET" || x.r.Method == "HEAD" || x.r.Method == "OPTIONS":
		return "a handler changes nothing for " + x.r.Method
	case site == "same-origin" || site == "none":
		return "Sec-Fetch-Site is " + clip.Quoted(site) + ", so no page of another origin sends it"
	case site == "" && x.origin == "":
		return "it has neither Sec-Fetch-Site nor Origin, so no page of another origin sends it"
	case p.exempts(x.r.Path, x.r.RawPath):
		return "the path is exempt"
	case p.trusts(x.origin):
		return "the origin is trusted"
	}
	return "Origin names the host of the request"
}

// explainer makes an Explanation.
type explainer struct {
	ctx    context.Context
	r      Request
	top    *Policy
	policy *Policy // that applies to the path; nil if none does
	trace  trace
	id     int    // of its route
	prefix string // of the names of its fields

	origin, method, headers string // of the request; copies, cut where no decision depends on the rest

	e     Explanation
	fixes []string
	stuck bool // there is no change that makes the request pass
}

const maxValue = 1 << 10 // beyond any bound on what is valid, but for headers

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

func (x *explainer) concludes(d Decision) {
	x.e.Decision, x.e.Kind, x.e.Reason, x.e.Status = d, d.Kind.String(), d.Reason.String(), d.Status
}

func (x *explainer) finish() Explanation {
	x.e.Fix = strings.Join(x.fixes, "; ")
	if x.stuck {
		x.e.Changes, x.e.Instead = nil, nil
	}
	x.e.Curl = x.curl()
	return x.e
}

// decide does what Decide does, without OnDecision, and keeps the trace of it.
func (x *explainer) decide() Decision {
	var room Decision
	x.trace = trace{route: route.None, lookups: lookups{}}
	d := *x.top.routed(x.ctx, &x.r, &room, &x.trace)
	x.policy = x.trace.policy
	x.underRoute(x.trace.route)
	return d
}

// underRoute names the fields of a route from now on.
func (x *explainer) underRoute(id int) {
	if x.id = id; id != route.None {
		x.prefix = fmt.Sprintf("Routes[%d].Config.", id)
	}
}

// blame says which step failed. Only the first that did counts.
func (x *explainer) blame(step, because, nearest, name string) {
	if x.e.Because != "" {
		return
	}
	x.e.Step, x.e.Because, x.e.Nearest = step, because, nearest
	if name != "" {
		x.e.Field = x.prefix + name
	}
}

// change adds entries to a list of the Config. why, if any, goes before the words.
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

// send is what the client has to send instead.
func (x *explainer) send(name, value, words string) {
	if x.e.Instead == nil {
		x.e.Instead = map[string]string{}
	}
	x.e.Instead[name] = value
	x.fixes = append(x.fixes, words)
}

// cannot says what to do where neither the Config nor the request can be corrected by rule.
func (x *explainer) cannot(words string) {
	x.stuck = true
	x.fixes = append(x.fixes, words)
}

func (x *explainer) noPolicy() {
	if x.id != route.None {
		x.e.Field = fmt.Sprintf("Routes[%d].Disable", x.id)
		x.e.Because = "the path falls under " + x.top.routeName(x.id) + ", where CORS is disabled; whatever else answers CORS there has its way"
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

func (x *explainer) noOrigin() {
	x.e.Because = "the request has no Origin, so no page of another origin made it: a page's own server, a link or a program did"
	if x.r.Method == "OPTIONS" && x.r.Header.Field("Access-Control-Request-Method") != "" {
		x.e.Because = "the request asks for a method as a preflight does, but has no Origin; a browser sends one, so a proxy may have taken it off"
	}
}

// allowed says what let the origin in.
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
		x.e.Because += "; but the request carries cookies, and without AllowCredentials the browser keeps the answer from the page"
		x.e.Field = x.prefix + "AllowCredentials"
		fix := "set " + x.e.Field + ", if this page may act as its visitors"
		if x.policy.any {
			fix += `, and list the origins instead of "*"`
		}
		x.fixes = append(x.fixes, fix)
	}
}

// lacksCredentials reports whether a page sent cookies and may not read the answer for that reason. A form and a link send them as well, but
// nobody reads their answer.
func (x *explainer) lacksCredentials() bool {
	mode := x.r.Header.Field("Sec-Fetch-Mode")
	d := &x.e.Decision
	return d.Kind == KindActual && d.Allowed() && !d.AllowCredentials && (mode == "" || mode == "cors") &&
		x.r.Header.Field("Cookie") != "" && !isSameOrigin(&x.r, x.origin)
}

// grantedBy returns the field that lets an origin in, and the entry in it.
func (p *Policy) grantedBy(text string) (name, entry string) {
	const list = "AllowOrigins"
	asked, _ := origin.ParsePattern(text)
	if p.any {
		asked = origin.Pattern{Kind: origin.Any, Text: "*"}
	}
	for i, t := range p.configured.origins {
		if pattern, problem := origin.ParsePattern(t); problem == nil && pattern.Covers(asked) {
			return list + "[" + strconv.Itoa(i) + "]", t
		}
	}
	if p.any {
		return list, "*"
	}
	if own, ok := p.origins.Exact(text); ok {
		return list, own
	}
	o, ok := origin.Parse(text)
	if ok && p.origins.Match(o, text) {
		return list, ""
	}
	for i, re := range p.regexes {
		if re.MatchString(text) {
			return "AllowOriginRegexes[" + strconv.Itoa(i) + "]", strings.TrimSuffix(strings.TrimPrefix(re.String(), `\A(?:`), `)\z`)
		}
	}
	return "AllowOriginFunc", ""
}

// refused says what kept the request out.
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

func (x *explainer) check() {
	x.checkOrigin()
	if x.method != "" {
		x.checkMethod()
		x.checkHeaders()
	}
}

func (x *explainer) checkPath() {
	const unknown = "it is not known to which handler the path leads: "
	readings := x.top.routes.table.Read(x.r.Path, x.r.RawPath)
	a, b := readings.Disagreement()
	switch {
	case readings.Unknown() != "":
		x.blame("path", readings.Unknown(), "", "")
	case a.Lenient != b.Lenient:
		x.blame("path", fmt.Sprintf(unknown+"%s it falls under %s, %s under %s",
			a.How(), x.top.routeName(a.Lenient), b.How(), x.top.routeName(b.Lenient)), "", "")
	default:
		x.blame("path", fmt.Sprintf(unknown+"where a slash at the end is ignored it falls under %s, elsewhere under %s",
			x.top.routeName(a.Lenient), x.top.routeName(a.Strict)), "", "")
		x.e.Field = "Routes"
		x.cannot("add a route for exactly this path, with or without the slash at its end")
		return
	}
	x.e.Field = "Routes"
	if !strings.HasPrefix(x.r.Path, "/") || len(x.r.Path) > maxValue {
		x.cannot("request a path that has one reading")
		return
	}
	clean := path.Clean(x.r.Path)
	switch last := x.r.Path[strings.LastIndexByte(x.r.Path, '/')+1:]; last {
	case "", ".", "..":
		clean = strings.TrimSuffix(clean, "/") + "/"
	}
	readings = x.top.routes.table.Read(clean, "")
	if a, b := readings.Disagreement(); readings.Unknown() != "" || a.Lenient != b.Lenient {
		x.cannot("request a path that has one reading: percent-encode it once")
		return
	}
	instead := sentPath(clean, "")
	x.send("Path", instead, "request "+instead+", if that is what is meant")
	id, ok := readings.Route()
	if !ok {
		x.cannot("add a route for exactly that path, with or without the slash at its end")
		return
	}
	x.underRoute(id)
	x.policy = x.top.policyOf(id)
}

// routeName names a route in words.
func (p *Policy) routeName(id int) string {
	if id < 0 {
		return "no route"
	}
	return fmt.Sprintf("Routes[%d] (%s)", id, clip.Quoted(p.pathOf(id)))
}

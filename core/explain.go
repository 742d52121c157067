package core

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
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
	Changes []Change `json:"changes,omitempty"`
	// Instead is what a client has to send: values by the name of the header, and "Path", percent-encoded. A header of "" is to be left out.
	Instead map[string]string `json:"instead,omitempty"`

	// Browser is what Chromium prints for the page, "" if nothing. The scheme of the URL is a guess: http for this machine, https for any other.
	Browser string `json:"browser,omitempty"`
	// Curl is a command for a POSIX shell with $'…' that sends the same to the server. It is "" if a value has a NUL, CR or LF or is longer than 1 KiB.
	Curl string `json:"curl,omitempty"`
}

// Change is a change to a [Config]: the entries to append to one of its lists. If the list is nil and stands for a default, the entries of
// the default are among them.
type Change struct {
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
	case NoPolicy.String():
	case NoOrigin.String():
		s = "no cross-origin request"
	case Allowed.String():
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

// maxConfigured bounds how many entries of AllowOrigins are looked at for the nearest one.
const maxConfigured = 1000

// configured is what Explain tells of a Config and Decide does not need.
type configured struct {
	origins  []string // the first entries of AllowOrigins, normalised; the indexes are those of the Config
	methods  bool     // AllowMethods is not nil
	headers  bool     // AllowHeaders is not nil
	insecure bool     // DangerouslyAllowInsecureOrigins
	paths    []string // of the routes, by id
}

func (c *compiler) configured() configured {
	k := configured{methods: c.cfg.AllowMethods != nil, headers: c.cfg.AllowHeaders != nil, insecure: c.cfg.DangerouslyAllowInsecureOrigins}
	for _, entry := range c.cfg.AllowOrigins[:min(len(c.cfg.AllowOrigins), maxConfigured)] {
		pattern, _ := origin.ParsePattern(entry)
		k.origins = append(k.origins, pattern.Text)
	}
	for _, r := range c.cfg.Routes {
		k.paths = append(k.paths, r.Path+r.PathRegex)
	}
	return k
}

// Explain returns why Decide answers the request as it does. Its work and what it returns are bounded whatever the request holds, but it is made for people:
// it costs up to some milliseconds. It may ask AllowOriginFunc, for the request's origin and for a corrected one, and never calls OnDecision. A
// panic of the func is taken for an error, so that Explain itself does not panic.
func (p *Policy) Explain(ctx context.Context, r Request) Explanation {
	x := newExplainer(ctx, r)
	x.top = p
	x.concludes(x.decide())
	switch x.e.Decision.Reason {
	case NoPolicy:
		x.noPolicy()
	case NoOrigin:
		x.noOrigin()
	case Allowed:
		x.allowed()
	default:
		x.refused()
	}
	x.e.Browser = x.browser()
	return x.finish()
}

// Explain returns why Decide answers the request as it does. Its work and what it returns are bounded whatever the request holds.
func (p *Protection) Explain(ctx context.Context, r Request) Explanation {
	x := newExplainer(ctx, r)
	x.e.RequestMethod, x.e.RequestHeaders, x.origin, x.method, x.headers = "", "", "", "", ""
	x.origin = cut(x.r.Header.Field("Origin"), maxValue)
	x.e.Origin = shown(x.origin)
	x.concludes(p.Decide(ctx, r))
	site := x.r.Header.Field("Sec-Fetch-Site")
	if x.e.Decision.Reason != CrossSiteWrite {
		x.e.Because = p.passes(x, site)
		return x.finish()
	}
	because := "Sec-Fetch-Site is " + quoted(site)
	if site == "" {
		because = "Origin does not name the host of the request, " + quoted(r.Host)
	}
	x.blame("origin", because+": a page of another origin sends it, and "+quoted(x.origin)+" is not trusted", "", "TrustedOrigins")
	pattern, problem := origin.ParsePattern(x.origin)
	if _, ok := origin.Parse(x.origin); !ok && problem == nil {
		problem = &origin.Problem{Rule: "it is no single origin"}
	}
	if problem == nil {
		problem = distrust(pattern)
	}
	if problem != nil {
		x.cannot("send it from a page of the server's own origin; this one cannot be trusted: " + problem.Rule)
		return x.finish()
	}
	x.e.Changes = []Change{{Field: "TrustedOrigins", Add: []string{x.origin}}}
	x.fixes = append(x.fixes, "if its pages may act as their visitors, add "+strconv.Quote(x.origin)+" to TrustedOrigins")
	return x.finish()
}

// passes says why a request is let through.
func (p *Protection) passes(x *explainer, site string) string {
	switch {
	case x.r.Method == "GET" || x.r.Method == "HEAD" || x.r.Method == "OPTIONS":
		return "a handler changes nothing for " + x.r.Method
	case site == "same-origin" || site == "none":
		return "Sec-Fetch-Site is " + quoted(site) + ", so no page of another origin sends it"
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
	policy *Policy // that holds for the path, with an AllowOriginFunc that is asked once; nil if there is none
	id     int     // of its route
	prefix string  // of the names of its fields

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
	x.origin, x.method = cut(from, maxValue), cut(method, maxValue)
	if method != "" {
		x.headers = cut(r.Header.Field("Access-Control-Request-Headers"), field.MaxList+1)
	}
	x.e = Explanation{
		Method: shown(r.Method), Host: shown(r.Host), Path: shown(sentPath(r.Path, r.RawPath)),
		Origin: shown(x.origin), RequestMethod: shown(x.method), RequestHeaders: shown(x.headers),
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

// decide does what Decide does, without OnDecision.
func (x *explainer) decide() Decision {
	id := route.None
	if x.top.routes != nil {
		candidates := x.top.routes.table.Match(x.r.Path, x.r.RawPath)
		var ok bool
		if id, ok = candidates.Agree(); !ok {
			return x.top.decideAmbiguous(&x.r, candidates)
		}
	}
	if x.enter(id); x.policy == nil {
		return Decision{}
	}
	var d Decision
	x.policy.decide(x.ctx, &x.r, &d)
	return d
}

// enter takes the policy of a route.
func (x *explainer) enter(id int) {
	policy := x.top
	if x.top.routes != nil {
		policy = x.top.policyOf(id)
	}
	if x.id = id; id != route.None {
		x.prefix = fmt.Sprintf("Routes[%d].Config.", id)
	}
	x.take(policy)
}

func (x *explainer) take(policy *Policy) {
	if policy == nil {
		return
	}
	own := *policy
	if own.allowFunc != nil {
		own.allowFunc = (&lookup{ask: own.allowFunc}).answer
	}
	x.policy = &own
}

// lookup is an AllowOriginFunc that is asked once for an origin, and whose panics are errors.
type lookup struct {
	ask     func(ctx context.Context, origin string, r Request) (bool, error)
	answers map[string]error // by origin; nil for yes
}

var errNo = errors.New("no")

func (l *lookup) answer(ctx context.Context, origin string, r Request) (bool, error) {
	err, asked := l.answers[origin]
	if !asked {
		err = l.safely(ctx, origin, r)
		if l.answers == nil {
			l.answers = map[string]error{}
		}
		l.answers[strings.Clone(origin)] = err
	}
	if err == errNo {
		return false, nil
	}
	return err == nil, err
}

func (l *lookup) safely(ctx context.Context, origin string, r Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %s", quoted(fmt.Sprint(v)))
		}
	}()
	allowed, err := l.ask(ctx, origin, r)
	if err == nil && !allowed {
		return errNo
	}
	return err
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
	x.e.Changes = append(x.e.Changes, Change{Field: field, Add: add})
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
	x.take(x.top)
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
	if x.e.Decision.Kind == Preflight {
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
	return d.Kind == Actual && d.Allowed() && !d.AllowCredentials && (mode == "" || mode == "cors") &&
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
	if x.e.Decision.Reason == PathAmbiguous {
		if x.checkPath(); x.policy == nil {
			return
		}
	}
	if x.e.Decision.Kind == Actual && isSameOrigin(&x.r, x.origin) {
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
	readings := x.top.routes.table.Match(x.r.Path, x.r.RawPath)
	decoded, sent, resolved := readings[0], readings[3], readings[2]
	if decoded == sent && sent == resolved {
		resolved = readings[1] // one of the rest is what differs: the path cleaned in part, or cleaned and not decoded
		for _, other := range readings[4:] {
			if resolved == decoded {
				resolved = other
			}
		}
	}
	x.blame("path", fmt.Sprintf("it is not known to which handler the path leads: decoded it falls under %s, as sent under %s, resolved under %s",
		x.top.routeName(decoded), x.top.routeName(sent), x.top.routeName(resolved)), "", "")
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
	instead := sentPath(clean, "")
	x.send("Path", instead, "request "+instead+", if that is what is meant")
	x.enter(x.top.routes.table.Match(clean, "")[0])
}

// routeName names a route in words.
func (p *Policy) routeName(id int) string {
	if id == route.None {
		return "no route"
	}
	return fmt.Sprintf("Routes[%d] (%s)", id, quoted(p.configured.paths[id]))
}

// grants asks about an origin, that of the request or a corrected one.
func (x *explainer) grants(text string) Reason {
	return x.policy.grant(x.ctx, &x.r, &asked{origin: text})
}

func (x *explainer) checkOrigin() {
	text := x.origin
	reason := x.grants(text)
	switch reason {
	case OriginMalformed:
		corrected := correctOrigin(text)
		x.blame("origin", malformedOrigin(text), corrected, "")
		if corrected == "" {
			x.cannot(`send Origin as a browser does, such as "https://app.example.com"`)
			return
		}
		x.send("Origin", corrected, "send "+strconv.Quote(corrected))
		text, reason = corrected, x.grants(corrected)
	case OriginNotAllowed:
		nearest, why := x.near(text)
		x.blame("origin", quoted(text)+" is not among the allowed origins"+why, nearest, "AllowOrigins")
	}
	switch reason {
	case OriginNotAllowed:
		x.listOrigin(text)
	case LookupFailed:
		_, err := x.policy.allowFunc(x.ctx, text, x.r)
		x.blame("origin", "AllowOriginFunc failed for "+quoted(text)+": "+quoted(fmt.Sprint(err)), "", "AllowOriginFunc")
		x.cannot("repair what AllowOriginFunc asks, and try again")
	}
}

// listOrigin adds an origin to the list, or says why New would refuse that.
func (x *explainer) listOrigin(text string) {
	const ifWanted = "if its pages may read this, "
	pattern, _ := origin.ParsePattern(text)
	switch credentials := x.policy.actual.AllowCredentials; {
	case pattern.Kind == origin.Opaque && credentials:
		x.cannot(`serve the page from an https origin and list that: ` + strconv.Quote(text) + ` cannot be listed together with AllowCredentials, for every website can send it`)
	case pattern.Kind == origin.Opaque:
		x.change("AllowOrigins", "serve the page from an https origin and list that; or, since every website can send "+strconv.Quote(text)+", if everybody may read this, ", text)
	case credentials && pattern.IsInsecure() && !x.policy.configured.insecure:
		secure, _ := origin.ParsePattern("https" + strings.TrimPrefix(text, "http"))
		x.send("Origin", secure.Text, "serve the page over https, as "+strconv.Quote(secure.Text)+": an http origin cannot be listed together with AllowCredentials")
		switch x.grants(secure.Text) {
		case OriginNotAllowed:
			x.change("AllowOrigins", ifWanted, secure.Text)
		case LookupFailed:
			x.stuck = true
		}
	default:
		x.change("AllowOrigins", ifWanted, text)
	}
}

func malformedOrigin(text string) string {
	const what = " is not an origin as a browser sends it"
	pattern, problem := origin.ParsePattern(strings.TrimSpace(text))
	why := "scheme, host and port, in lower case"
	switch {
	case len(text) > origin.MaxLen:
		why = "it is longer than " + strconv.Itoa(origin.MaxLen) + " bytes"
	case strings.Contains(text, ", "):
		why = "it is several, so Origin came more than once, or a proxy added one"
	case problem == nil && (pattern.Kind != origin.Exact || pattern.AnyPort):
		why = "it has a wildcard"
	case problem == nil:
		why = "that is lower case, without a default port"
	case strings.Contains(text, "://") && strings.ContainsAny(text[strings.Index(text, "://")+3:], "/?#@"):
		why = problem.Rule
	}
	return quoted(text) + what + ": " + why
}

// correctOrigin returns the origin that is meant by what is none, "" if there is no telling.
func correctOrigin(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), ", ")
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "https", text
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = strings.TrimSuffix(rest[strings.LastIndexByte(rest, '@')+1:], ".")
	pattern, problem := origin.ParsePattern(scheme + "://" + rest)
	if problem != nil || pattern.Kind != origin.Exact || pattern.AnyPort {
		return ""
	}
	return strings.Clone(pattern.Text)
}

// near returns what comes nearest to an origin that is not let in, and how it differs, behind a semicolon.
func (x *explainer) near(text string) (nearest, why string) {
	o, ok := origin.Parse(text)
	if !ok {
		return "", "" // null or file://
	}
	if name := x.elsewhere(func(q *Policy) bool { return q.lists(text) }); name != "" {
		return name, "; it is let in under " + name
	}
	if nearest, why = variant(o, x.policy.lists); nearest != "" {
		return nearest, why
	}
	if nearest, why = x.policy.nearestListed(o, text); nearest != "" {
		return nearest, why
	}
	if name := x.elsewhere(func(q *Policy) bool { return q.any }); name != "" {
		return name, "; every origin is let in under " + name
	}
	if x.policy.allowFunc != nil {
		why = "; AllowOriginFunc was asked last, and said no"
	}
	return "", why
}

// elsewhere names another route whose policy is as wanted.
func (x *explainer) elsewhere(wanted func(*Policy) bool) string {
	if x.top.routes == nil {
		return ""
	}
	for id, q := range x.top.routes.policies {
		if q != nil && id != x.id && wanted(q) {
			return x.top.routeName(id)
		}
	}
	if x.id != route.None && x.top.fallback && wanted(x.top) {
		return "no route"
	}
	return ""
}

// lists reports whether one of the lists lets the origin in.
func (p *Policy) lists(text string) bool {
	if _, ok := p.origins.Exact(text); ok {
		return true
	}
	o, ok := origin.Parse(text)
	return ok && (p.origins.Match(o, text) || p.matchesRegex(text))
}

// variant returns an origin that is let in and differs from o in one respect.
func variant(o origin.Origin, lets func(string) bool) (nearest, why string) {
	other := map[string]string{"http": "https", "https": "http"}[o.Scheme]
	host, www := strings.CutPrefix(o.Host, "www.")
	toggled := "without"
	if !www {
		host, toggled = "www."+o.Host, "with"
	}
	if !o.IP && lets(serialize(o.Scheme, "x-probe."+o.Host, o.Port)) {
		return serialize(o.Scheme, "*."+o.Host, o.Port), "; what is below that host is, the host itself is not"
	}
	for _, v := range [...]struct {
		ok           bool
		scheme, host string
		port         uint16
		why          string
	}{
		{other != "", other, o.Host, o.Port, "; it is with " + other + " instead of " + o.Scheme},
		{o.Port != 0, o.Scheme, o.Host, 0, "; it is without the port"},
		{other != "" && o.Port != 0, other, o.Host, 0, "; it is with " + other + " and without the port"},
		{!o.IP, o.Scheme, host, o.Port, "; it is " + toggled + ` "www."`},
	} {
		if text := serialize(v.scheme, v.host, v.port); v.ok && lets(text) {
			return text, v.why
		}
	}
	if o.IP {
		return "", ""
	}
	for parent, n := o.Host, 0; n < 8; n++ {
		var more bool
		if _, parent, more = strings.Cut(parent, "."); !more {
			break
		}
		if text := serialize(o.Scheme, parent, o.Port); lets(text) {
			return text, "; a host above it is, what is below is not"
		}
	}
	return "", ""
}

func serialize(scheme, host string, port uint16) string {
	if port == 0 || port == origin.DefaultPort(scheme) {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + strconv.Itoa(int(port))
}

// nearestListed looks through the first entries of AllowOrigins for the host with another port, or for one that is spelled nearly so.
func (p *Policy) nearestListed(o origin.Origin, text string) (nearest, why string) {
	best := maxDistance(o.Host) + 1
	for _, entry := range p.configured.origins {
		pattern, problem := origin.ParsePattern(entry)
		switch {
		case problem != nil || pattern.Scheme == "":
		case pattern.Kind == origin.Exact && pattern.Host == o.Host && pattern.Scheme == o.Scheme:
			return entry, "; it is with another port"
		case pattern.Kind == origin.Exact:
			if d := distance(text, entry, best-1); d < best {
				best, nearest, why = d, entry, "; it is spelled nearly like one that is"
			}
		case pattern.Scheme == o.Scheme:
			if d := distance(tail(o.Host, pattern.Host), pattern.Host, best-1); d > 0 && d < best {
				best, nearest, why = d, entry, "; its domain is spelled nearly like one that is"
			}
		}
	}
	return nearest, why
}

// tail returns as many of the last labels of host as like has, "" if host has no more than these.
func tail(host, like string) string {
	for extra := strings.Count(host, ".") - strings.Count(like, "."); extra > 0; extra-- {
		_, host, _ = strings.Cut(host, ".")
		if extra == 1 {
			return host
		}
	}
	return ""
}

func maxDistance(s string) int {
	if len(s) < 8 {
		return 1
	}
	return 2
}

// distance returns how many letters are to be inserted, removed, replaced or swapped with the next to get from a to b; limit+1 if that are more.
// Only a band around the diagonal is looked at, so it costs O(limit·len(a)).
func distance(a, b string, limit int) int {
	if limit < 0 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, above, row := make([]int, len(b)+2), make([]int, len(b)+2), make([]int, len(b)+2)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		low, high := max(1, i-limit), min(len(b), i+limit)
		row[low-1] = limit + 1
		if low == 1 {
			row[0] = i
		}
		least := row[low-1]
		for j := low; j <= high; j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j-1]+cost, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		row[high+1] = limit + 1
		if least > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], limit+1)
}

func (x *explainer) checkMethod() {
	const header, name = "Access-Control-Request-Method", "AllowMethods"
	method := x.method
	reason := x.policy.allowsMethod(method)
	if reason == Allowed {
		return
	}
	if reason == MethodMalformed {
		x.blame("method", quoted(method)+" is no method: one token of at most "+strconv.Itoa(field.MaxMethod)+" bytes", "", "")
		method, _, _ = strings.Cut(strings.Map(tokenOrComma, method), ",")
	}
	meant := x.policy.meantMethod(method)
	if meant != x.method && meant != "" && len(meant) <= field.MaxMethod {
		x.blame("method", quoted(x.method)+" is not among the allowed methods; methods are compared with case", meant, name)
		x.send(header, meant, "ask for "+strconv.Quote(meant))
	}
	x.blame("method", quoted(method)+" is not among the allowed methods", "", name)
	switch {
	case meant == "" || meant == "*" || len(meant) > field.MaxMethod:
		x.cannot("ask for one method by its name")
	case field.IsForbiddenMethod(meant):
		x.cannot("use another method: Fetch forbids it, so no browser sends it and no policy allows it")
	case x.policy.allowsMethod(meant) != Allowed:
		x.change(name, "", meant)
	}
}

// tokenOrComma makes a comma of what is not in a token.
func tokenOrComma(r rune) rune {
	if r < 0x80 && field.IsToken(string(r)) {
		return r
	}
	return ','
}

// meantMethod returns the method that differs from this one in case only and can be allowed.
func (p *Policy) meantMethod(method string) string {
	for m := range strings.SplitSeq(p.preflight.AllowMethods, ", ") {
		if strings.EqualFold(m, method) {
			return m
		}
	}
	if m := field.MisspelledMethod(method); m != "" {
		return m
	}
	return field.NormalizeMethod(method)
}

// isReadable reports whether the list would be let in if the names were allowed: it is well-formed and within bounds to its end.
func isReadable(list string, names []string) bool {
	var allowed field.Names
	for _, name := range names {
		allowed.Add(strings.ToLower(name))
	}
	return allowed.Check(list) == field.AllListed
}

func (x *explainer) checkHeaders() {
	const header, name = "Access-Control-Request-Headers", "AllowHeaders"
	reason := x.policy.allowsHeaders(x.headers)
	if reason == Allowed {
		return
	}
	kept, missing, dropped := x.policy.sortNames(x.headers)
	switch reason {
	case HeadersMalformed:
		x.blame("headers", quoted(x.headers)+" is no list of header names: "+some(dropped), "", "")
	case HeadersTooLarge:
		x.blame("headers", fmt.Sprintf("%s is beyond %d bytes, %d names or %d empty elements", header, field.MaxList, field.MaxNames, field.MaxEmpty), "", "")
	default:
		first := slices.Concat(missing, dropped)[0]
		x.blame("headers", x.policy.unlisted(missing, dropped), x.policy.nearestHeader(strings.Trim(first, `"`)), name)
	}
	if len(dropped) > 0 || reason != HeaderNotAllowed || !isReadable(x.headers, slices.Concat(kept, missing)) {
		value := strings.Join(kept, ",")
		words := "ask for " + quoted(value) + " alone"
		if value == "" {
			words = "ask for no headers"
		}
		x.send(header, value, words)
	}
	if len(missing) > 0 {
		x.change(name, "", missing...)
	}
}

// sortNames sorts the names of a list: those that a request may go on to ask for; of them, those that have to be listed first; and what no request may ask for.
func (p *Policy) sortNames(list string) (kept, missing, dropped []string) {
	if len(list) > field.MaxList {
		list = list[:strings.LastIndexByte(list, ',')+1] // the last name may be a part of one
	}
	for element := range strings.SplitSeq(list, ",") {
		element = field.TrimOWS(element)
		lower := strings.ToLower(element)
		switch isToken := field.IsToken(element); {
		case element == "" || slices.Contains(kept, lower):
		case isToken && len(kept) < field.MaxNames && p.headers.Has(element):
			kept = append(kept, lower)
		case !isToken || len(kept) == field.MaxNames || !canBeListed(lower):
			dropped = append(dropped, quoted(element))
		default:
			kept = append(kept, lower)
			missing = append(missing, lower)
		}
	}
	return kept, missing, dropped
}

// canBeListed reports whether AllowHeaders takes the name, and it makes a difference.
func canBeListed(lower string) bool {
	return lower != "*" && len(lower) <= field.MaxName && !field.IsForbiddenRequestHeader(lower) && !field.IsCORSResponseHeader(lower)
}

// unlisted says which headers are not allowed.
func (p *Policy) unlisted(missing, dropped []string) string {
	if len(missing) == 0 {
		why := " can be set by no page, or by no name that a policy can list"
		if strings.HasPrefix(dropped[0], `"access-control-`) || strings.HasPrefix(dropped[0], `"Access-Control-`) {
			why = " belongs to the protocol; the server sends it, the page must not"
		}
		return dropped[0] + why
	}
	words := make([]string, len(missing))
	for i, name := range missing {
		words[i] = strconv.Quote(name)
	}
	if slices.Contains(missing, "authorization") && p.headers.Any() {
		return `"authorization" is not covered by "*"; it must be listed by name`
	}
	if len(words) == 1 {
		return words[0] + " is not among the allowed headers"
	}
	return some(words) + " are not among the allowed headers"
}

func (p *Policy) nearestHeader(name string) (nearest string) {
	best := maxDistance(name) + 1
	for listed := range strings.SplitSeq(p.preflight.AllowHeaders, ", ") {
		if d := distance(name, listed, best-1); d < best && listed != "*" {
			best, nearest = d, listed
		}
	}
	return nearest
}

// browser returns what Chromium prints (third_party/blink/renderer/platform/loader/cors/cors_error_string.cc), without the advice about
// no-cors that some versions append.
func (x *explainer) browser() string {
	d := &x.e.Decision
	var why string
	switch {
	case d.Reason <= NoOrigin || d.Reason == CrossSiteWrite || d.Kind == Actual && isSameOrigin(&x.r, x.origin):
		return ""
	case d.Reason == Allowed && !x.lacksCredentials():
		return ""
	case d.Reason == Allowed && d.AllowOrigin == "*":
		why = "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."
	case d.Reason == Allowed:
		why = "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'."
	case d.AllowOrigin != "":
		why = x.browserDebug()
	default:
		why = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
		if d.Kind == Preflight {
			why = "Response to preflight request doesn't pass access control check: " + why
		}
	}
	return "Access to fetch at '" + unquoted(x.url()) + "' from origin '" + unquoted(x.origin) + "' has been blocked by CORS policy: " + why
}

// browserDebug is for a preflight that Debug has answered with what is allowed: browsers look at the method first, and at the headers in
// alphabetical order.
func (x *explainer) browserDebug() string {
	d := &x.e.Decision
	if !field.IsSafelistedMethod(x.method) && !slices.Contains(strings.Split(d.AllowMethods, ", "), x.method) {
		return "Method " + unquoted(x.method) + " is not allowed by Access-Control-Allow-Methods in preflight response."
	}
	names := strings.Split(strings.ToLower(x.headers), ",")
	slices.Sort(names)
	allowed := strings.Split(d.AllowHeaders, ", ")
	for _, name := range names {
		if name = field.TrimOWS(name); name != "" && !slices.Contains(allowed, name) {
			return "Request header field " + unquoted(name) + " is not allowed by Access-Control-Allow-Headers in preflight response."
		}
	}
	return ""
}

func (x *explainer) url() string {
	host := x.r.Host
	if host == "" || len(host) > 300 || strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") != "" {
		host = "HOST"
	}
	name, _, _ := strings.Cut(host, ":")
	scheme := "https://"
	if origin.IsLoopback(strings.ToLower(name)) || strings.HasPrefix(host, "[::1]") {
		scheme = "http://"
	}
	sent := sentPath(x.r.Path, x.r.RawPath)
	if !strings.HasPrefix(sent, "/") {
		sent = "/"
	}
	return scheme + host + sent
}

// curl returns the command that sends the same request.
func (x *explainer) curl() string {
	sent := sentPath(x.r.Path, x.r.RawPath)
	args := []string{x.url()}
	if !strings.HasPrefix(sent, "/") {
		args = append(args, "--request-target", sent)
	}
	switch x.r.Method {
	case "GET", "":
	case "HEAD":
		args = append(args, "--head")
	default:
		args = append(args, "-X", x.r.Method)
	}
	if strings.Contains(sent, "/.") {
		args = append(args, "--path-as-is")
	}
	if strings.ContainsAny(sent, "[]{}") {
		args = append(args, "--globoff")
	}
	for _, h := range [...]struct{ name, value string }{
		{"Origin", x.origin}, {"Access-Control-Request-Method", x.method}, {"Access-Control-Request-Headers", x.headers},
		{"Sec-Fetch-Site", x.r.Header.Field("Sec-Fetch-Site")},
	} {
		if h.value != "" {
			args = append(args, "-H", h.name+": "+h.value)
		}
	}
	command := "curl -i"
	for _, arg := range args {
		word, ok := shellWord(arg)
		if !ok {
			return ""
		}
		command += " " + word
	}
	return command
}

// shellWord quotes a word for a shell; not one that no HTTP message carries, or that is too long to be typed.
func shellWord(s string) (word string, ok bool) {
	if len(s) > maxValue || strings.ContainsAny(s, "\x00\r\n") {
		return "", false
	}
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:%") == "" && s != "" {
		return s, true
	}
	if isPlain(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'", true
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(s) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case ' ' <= c && c < 0x7f:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('\'')
	return b.String(), true
}

// sentPath returns a path as a client sends it.
func sentPath(decoded, raw string) string {
	if len(decoded) > maxValue || len(raw) > 3*maxValue {
		decoded, raw = decoded[:min(len(decoded), maxValue+1)], ""
	}
	u := url.URL{Path: decoded, RawPath: raw}
	if sent := u.EscapedPath(); sent != "" {
		return strings.Clone(sent)
	}
	return "/"
}

const maxShown = 320 // bytes of what a client sent; the longest origin

// cut returns a copy of at most n bytes.
func cut(s string, n int) string { return strings.Clone(s[:min(len(s), n)]) }

// isPlain reports whether s is printable ASCII.
func isPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// shown returns what a client sent as it is if it is short and plain, and quoted otherwise.
func shown(s string) string {
	if len(s) <= maxShown && isPlain(s) {
		return strings.Clone(s)
	}
	return quoted(s)
}

// quoted returns what a client sent in quotes.
func quoted(s string) string {
	if len(s) > maxShown {
		return strconv.QuoteToASCII(s[:maxShown]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

// unquoted is for between the quotes of somebody else.
func unquoted(s string) string {
	if len(s) <= maxShown && isPlain(s) {
		return s
	}
	s, more := strings.CutSuffix(quoted(s), "…")
	if s = s[1 : len(s)-1]; more {
		s += "…"
	}
	return s
}

// some joins the first few of what can be many.
func some(words []string) string {
	const most = 8
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:most], ", ") + " and " + strconv.Itoa(len(words)-most) + " more"
}

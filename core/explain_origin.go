package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/near"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/route"
)

// grants returns what the policy decides about an origin, which is the one in the request or a
// corrected one.
func (x *explainer) grants(text string) Reason {
	_, reason := x.policy.grant(x.ctx, &x.r, &echo{origin: text}, &x.trace)
	return reason
}

// checkOrigin explains the step "origin".
func (x *explainer) checkOrigin() {
	text := x.origin
	reason := x.grants(text)
	switch reason {
	case ReasonOriginMalformed:
		corrected := correctOrigin(text)
		x.blame("origin", malformedOrigin(text), corrected, "")
		if corrected == "" {
			x.cannot(`send Origin as a browser does, such as "https://app.example.com"`)
			return
		}
		x.send("Origin", corrected, "send "+strconv.Quote(corrected))
		text, reason = corrected, x.grants(corrected)
	case ReasonOriginNotAllowed:
		nearest, why := x.near(text)
		x.blame("origin", clip.Quoted(text)+" is not among the allowed origins"+why, nearest, "AllowOrigins")
	}
	switch reason {
	case ReasonOriginNotAllowed:
		x.listOrigin(text)
	case ReasonLookupFailed:
		x.blame("origin", "AllowOriginFunc failed for "+clip.Quoted(text)+": "+clip.Quoted(fmt.Sprint(x.trace.err)),
			"", "AllowOriginFunc")
		x.cannot("repair what AllowOriginFunc asks, and try again")
	}
}

// listOrigin suggests to add an origin to AllowOrigins, or what to do instead if New would refuse
// it.
func (x *explainer) listOrigin(text string) {
	const ifWanted = "if its pages may read this, "
	pattern, bad := origin.ParsePattern(text)
	if bad != nil {
		x.unlistable(text, bad.Rule.String())
		return
	}
	settings := "AllowCredentials"
	if !x.policy.actual.AllowCredentials {
		settings = "AllowPrivateNetwork"
	}
	switch guarded := x.policy.actual.AllowCredentials || x.policy.privateNetwork; {
	case pattern.Kind == origin.Opaque && guarded:
		x.cannot(`serve the page from an https origin and list that: ` + strconv.Quote(text) +
			` cannot be listed together with ` + settings + `, for every website can send it`)
	case pattern.Kind == origin.Opaque:
		x.change("AllowOrigins", "serve the page from an https origin and list that; or, since every website can send "+
			strconv.Quote(text)+", if everybody may read this, ", text)
	case guarded && pattern.Risk()&origin.RiskInsecure != 0:
		secure, _ := origin.ParsePattern("https" + strings.TrimPrefix(text, "http"))
		x.send("Origin", secure.Text, "serve the page over https, as "+strconv.Quote(secure.Text)+
			", because an http origin is not safe together with "+settings)
		x.listInstead(secure.Text)
	default:
		x.change("AllowOrigins", ifWanted, text)
	}
}

// listInstead suggests to list an origin that should be sent instead, unless it is allowed.
func (x *explainer) listInstead(text string) {
	switch x.grants(text) {
	case ReasonOriginNotAllowed:
		x.change("AllowOrigins", "if its pages may read this, ", text)
	case ReasonLookupFailed:
		x.stuck = true
	}
}

// unlistable explains what to do about an origin that a browser sends and that New refuses, such as
// https://example.com. with a dot at its end.
func (x *explainer) unlistable(text, rule string) {
	o, _ := origin.Parse(text)
	sent := serialize(o.Scheme, strings.TrimRight(o.Host, "."), o.Port)
	if pattern, bad := origin.ParsePattern(sent); bad != nil || pattern.Text == text {
		x.cannot(strconv.Quote(text) + " cannot be listed: " + rule)
		return
	}
	x.send("Origin", sent, "open the page without the dot at the end of its host, as "+strconv.Quote(sent))
	x.listInstead(sent)
}

// malformedOrigin says why text is not an origin.
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
		why = problem.Rule.String()
	}
	return clip.Quoted(text) + what + ": " + why
}

// correctOrigin returns a likely correction of a malformed origin, or "" if there isn't one.
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

// near returns the allowed origin most similar to text, which is not allowed, or a route that
// allows text. The result why says how the two differ, and begins with a semicolon. Both results
// can be "".
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
	if _, called := x.trace.lookups[text]; called && x.policy.allowFunc != nil {
		why = "; AllowOriginFunc was called last, and did not allow it"
	}
	return "", why
}

// elsewhere returns the name of another route whose policy fulfills a condition, or "".
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

// lists reports whether one of the lists of origins and expressions allows the origin.
func (p *Policy) lists(text string) bool {
	if _, ok := p.origins.Exact(text); ok {
		return true
	}
	o, ok := origin.Parse(text)
	return ok && p.matches(o, text)
}

// variant returns an allowed origin that differs from o in one respect, such as the scheme or
// "www.". The result why says how they differ, and begins with a semicolon.
func variant(o origin.Origin, allows func(string) bool) (nearest, why string) {
	other := map[string]string{"http": "https", "https": "http"}[o.Scheme]
	host, www := strings.CutPrefix(o.Host, "www.")
	toggled := "without"
	if !www {
		host, toggled = "www."+o.Host, "with"
	}
	if text := serialize(o.Scheme, strings.TrimRight(o.Host, "."), o.Port); o.EmptyLabel && allows(text) {
		return text, "; it is without the dot at the end"
	}
	if !o.IP && allows(serialize(o.Scheme, "x-probe."+o.Host, o.Port)) {
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
		if text := serialize(v.scheme, v.host, v.port); v.ok && allows(text) {
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
		if text := serialize(o.Scheme, parent, o.Port); allows(text) {
			return text, "; a host above it is, what is below is not"
		}
	}
	return "", ""
}

// serialize writes an origin as browsers do, without the default port of its scheme.
func serialize(scheme, host string, port uint16) string {
	if port == 0 || port == origin.DefaultPort(scheme) {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + strconv.Itoa(int(port))
}

// nearestListed searches the first entries of the lists of origins for an origin with the same host
// and another port, or for one with a similar spelling.
func (p *Policy) nearestListed(o origin.Origin, text string) (nearest, why string) {
	best := near.Limit(o.Host) + 1
	for _, entry := range slices.Concat(p.configured.origins, p.configured.dangerousOrigins) {
		pattern, problem := origin.ParsePattern(entry)
		switch {
		case problem != nil || pattern.Scheme == "":
		case pattern.Kind == origin.Exact && pattern.Host == o.Host && pattern.Scheme == o.Scheme:
			return entry, "; it is with another port"
		case pattern.Kind == origin.Exact:
			if d := near.Distance(text, entry, best-1); d < best {
				best, nearest, why = d, entry, "; it is spelled nearly like one that is"
			}
		case pattern.Scheme == o.Scheme:
			if d := near.Distance(tail(o.Host, pattern.Host), pattern.Host, best-1); d > 0 && d < best {
				best, nearest, why = d, entry, "; its domain is spelled nearly like one that is"
			}
		}
	}
	return nearest, why
}

// tail returns the last labels of host, as many as like has. It returns "" if host does not have
// more labels than like.
func tail(host, like string) string {
	for extra := strings.Count(host, ".") - strings.Count(like, "."); extra > 0; extra-- {
		_, host, _ = strings.Cut(host, ".")
		if extra == 1 {
			return host
		}
	}
	return ""
}

// grantedBy returns the name of the field that allows an origin, and the entry in that field. The
// entry is "" if the field is AllowOriginFunc, or if the entry is a wildcard that is not among the
// first maxConfigured entries.
func (p *Policy) grantedBy(text string) (name, entry string) {
	asked, _ := origin.ParsePattern(text)
	if p.any {
		asked = origin.Pattern{Kind: origin.Any, Text: "*"}
	}
	known := &p.configured
	if i := firstCover(known.origins, asked); i >= 0 {
		return at("AllowOrigins", i), known.origins[i]
	}
	if i := firstCover(known.dangerousOrigins, asked); i >= 0 {
		return at("DangerouslyAllowOrigins", i), known.dangerousOrigins[i]
	}
	list := "AllowOrigins"
	if len(known.origins) < maxConfigured {
		list = "DangerouslyAllowOrigins" // all entries of AllowOrigins are known
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
		if !re.MatchString(text) {
			continue
		}
		entry = strings.TrimSuffix(strings.TrimPrefix(re.String(), `\A(?:`), `)\z`)
		if i < known.regexes {
			return at("AllowOriginRegexes", i), entry
		}
		return at("DangerouslyAllowOriginRegexes", i-known.regexes), entry
	}
	return "AllowOriginFunc", ""
}

// firstCover returns the index of the first entry that covers a pattern, or -1.
func firstCover(entries []string, asked origin.Pattern) int {
	return slices.IndexFunc(entries, func(entry string) bool {
		pattern, problem := origin.ParsePattern(entry)
		return problem == nil && pattern.Covers(asked)
	})
}

// lacksCredentials reports whether a page cannot read the response because it sent cookies and
// AllowCredentials is not set. Forms and links send cookies too, but no page reads their responses.
func (x *explainer) lacksCredentials() bool {
	mode := x.r.Header.Field("Sec-Fetch-Mode")
	d := &x.e.Decision
	return d.Kind == KindActual && d.Allowed() && !d.AllowCredentials && (mode == "" || mode == "cors") &&
		x.r.Header.Field("Cookie") != "" && !isSameOrigin(&x.r, x.origin)
}

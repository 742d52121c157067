package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/route"
)

// grants returns the policy's decision about an origin, which is the origin of the request or a
// corrected one.
func (x *explainer) grants(text string) Reason {
	_, reason := x.policy.grant(x.ctx, &x.r, &echo{origin: text}, &x.trace)
	return reason
}

// checkOrigin explains the result of the check of the origin.
func (x *explainer) checkOrigin() {
	text := x.origin
	reason := x.grants(text)
	var like similar
	switch reason {
	case ReasonOriginMalformed:
		corrected := correctOrigin(text)
		why, fix := malformedOrigin(text)
		x.blame("origin", "the Origin header "+clip.Quoted(text)+" is malformed: "+why, corrected, "")
		if corrected == "" {
			x.cannot(fix)
			return
		}
		x.send("Origin", corrected, "send the origin "+strconv.Quote(corrected)+" instead")
		text, reason = corrected, x.grants(corrected)
	case ReasonOriginNotAllowed:
		if x.e.Because == "" { // otherwise, the path of the request is the first problem
			like = x.similarTo(text)
		}
		x.blame("origin", clip.Quoted(text)+" is not among the allowed origins"+x.ofRoute()+like.why, like.nearest,
			"AllowOrigins")
	}
	switch reason {
	case ReasonOriginNotAllowed:
		x.listOrigin(text, like.first)
	case ReasonLookupFailed:
		x.blame("origin", "AllowOriginFunc failed for "+clip.Quoted(text)+": "+clip.Quoted(fmt.Sprint(x.trace.err)),
			"", "AllowOriginFunc")
		x.cannot("fix the error that AllowOriginFunc returned, then try again")
	}
}

// ofRoute names the route whose policy applies, such as ` of Routes[1] ("/admin/")`. It returns ""
// if no route applies.
func (x *explainer) ofRoute() string {
	if x.id == route.None {
		return ""
	}
	return " of " + x.top.routeName(x.id)
}

const ifPagesMayRead = " if its pages may read the responses"

// listOrigin suggests adding an origin to AllowOrigins. If New would refuse the origin, listOrigin
// suggests an alternative. The argument first is what to try before that.
func (x *explainer) listOrigin(text, first string) {
	pattern, bad := origin.ParsePattern(text)
	if bad != nil {
		x.unlistable(text, bad.Rule.String())
		return
	}
	guard := guard{x.policy.actual.AllowCredentials, x.policy.privateNetwork}
	switch trust := guard.ofPattern(pattern); {
	case pattern.Kind == origin.Opaque && trust == never:
		x.cannot("serve the page from an https origin and list that origin; " + strconv.Quote(text) +
			" cannot be listed together with " + guard.fields().String() + ", because every website can send it")
	case pattern.Kind == origin.Opaque:
		x.change("AllowOrigins", "serve the page from an https origin and list that origin, or ",
			" if every website may read the responses", text)
	case trust != trusted:
		secure, _ := origin.ParsePattern(overHTTPS(pattern))
		x.send("Origin", secure.Text, "open the page over https, at "+strconv.Quote(secure.Text)+", because with "+
			guard.fields().String()+" "+danger(pattern, guard.harm()))
		x.listInstead(secure.Text)
		x.fixes = append(x.fixes, "if https is not possible, add "+strconv.Quote(text)+" to "+x.prefix+
			"DangerouslyAllowOrigins")
	default:
		after := ifPagesMayRead
		if x.policy.allowFunc != nil {
			after = ", or return true from AllowOriginFunc," + after
		}
		x.change("AllowOrigins", first, after, text)
	}
}

// listInstead suggests adding the origin that should be sent instead to AllowOrigins, unless that
// origin is already allowed.
func (x *explainer) listInstead(text string) {
	switch x.grants(text) {
	case ReasonOriginNotAllowed:
		x.listOrigin(text, "")
	case ReasonLookupFailed:
		x.stuck = true
	}
}

// unlistable explains what to do about an origin that browsers send but New refuses, such as
// https://example.com. with a dot at its end.
func (x *explainer) unlistable(text, rule string) {
	o, _ := origin.Parse(text)
	sent := serialize(o.Scheme, strings.TrimRight(o.Host, "."), o.Port)
	if pattern, bad := origin.ParsePattern(sent); bad != nil || pattern.Text == text {
		x.cannot(strconv.Quote(text) + " cannot be listed: " + rule)
		return
	}
	x.send("Origin", sent, "open the page at "+strconv.Quote(sent)+", without the dot at the end of the host")
	x.listInstead(sent)
}

// malformedOrigin explains why text is not an origin, and what to do if no correction is known.
//
// The explanation must not say that no browser sends such an origin, because the URL standard
// allows more characters in a host than Polycors accepts.
func malformedOrigin(text string) (why, fix string) {
	const (
		likeThis = `send an origin such as "https://app.example.com"`
		hostSet  = "abcdefghijklmnopqrstuvwxyz0123456789-_.:[]"
	)
	pattern, bad := origin.ParsePattern(text)
	_, rest, hasScheme := strings.Cut(text, "://")
	switch {
	case len(text) > origin.MaxLen:
		return "it is longer than " + strconv.Itoa(origin.MaxLen) + " bytes", likeThis
	case strings.Contains(text, ", "):
		return "it has several values, because the client sent the header twice or a proxy added a value", likeThis
	case !clip.IsPlain(text):
		return "it contains control or non-ASCII characters", likeThis
	case strings.Contains(text, " "):
		return "it contains a space", likeThis
	case !hasScheme:
		return `it does not begin with a scheme, such as "https://"`, likeThis
	case bad == nil && (pattern.Kind != origin.Exact || pattern.AnyPort):
		return "it contains a wildcard", likeThis
	case bad == nil:
		return "it must be written as " + strconv.Quote(pattern.Text), likeThis
	case strings.ContainsAny(rest, "/?#@"):
		return bad.Rule.String(), likeThis
	case strings.Trim(strings.ToLower(rest), hostSet) != "":
		return `Polycors accepts only letters, digits, "-", "_" and "." in a host`,
			"serve the page from a host without other characters"
	}
	return bad.Rule.String(), likeThis
}

// correctOrigin returns a likely correction of a malformed origin, or "" if there is none.
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

// firstCover returns the index of the first entry that matches every origin that the pattern
// matches, or -1 if there is none.
func firstCover(entries []string, asked origin.Pattern) int {
	return slices.IndexFunc(entries, func(entry string) bool {
		pattern, problem := origin.ParsePattern(entry)
		return problem == nil && pattern.Covers(asked)
	})
}

// lacksCredentials reports whether the page cannot read the response because the request has
// cookies and AllowCredentials is not set. Forms and links send cookies too, but pages do not read
// the responses to those requests.
func (x *explainer) lacksCredentials() bool {
	mode := x.r.Header.Field("Sec-Fetch-Mode")
	d := &x.e.Decision
	return d.Kind == KindActual && d.Allowed() && !d.AllowCredentials && (mode == "" || mode == "cors") &&
		x.r.Header.Field("Cookie") != "" && !isSameOrigin(&x.r, x.origin)
}

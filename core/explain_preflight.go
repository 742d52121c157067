package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/near"
)

// checkMethod explains the result of the check of the method.
func (x *explainer) checkMethod() {
	const header, name = "Access-Control-Request-Method", "AllowMethods"
	method := x.method
	reason := x.policy.allowsMethod(method)
	if reason == ReasonAllowed {
		return
	}
	if reason == ReasonMethodMalformed {
		x.blame("method",
			"the requested method "+clip.Quoted(method)+" is malformed: it must be a single method name of at most "+
				strconv.Itoa(field.MaxMethod)+" bytes", "", "")
		method, _, _ = strings.Cut(strings.Map(tokenOrComma, method), ",")
	}
	notAllowed := " is not among the allowed methods" + x.ofRoute()
	meant := x.policy.meantMethod(method)
	if meant != x.method && meant != "" && len(meant) <= field.MaxMethod {
		x.blame("method", clip.Quoted(x.method)+notAllowed+"; methods are case-sensitive", meant, name)
		x.send(header, meant, "request the method "+strconv.Quote(meant)+" instead")
	}
	x.blame("method", clip.Quoted(method)+notAllowed, "", name)
	switch {
	case meant == "" || meant == "*" || len(meant) > field.MaxMethod:
		x.cannot(`request a method by its name, such as "PUT"`)
	case field.IsForbiddenMethod(meant):
		x.cannot("use another method; browsers do not let pages send " + strconv.Quote(meant) + ", so no policy allows it")
	case x.policy.allowsMethod(meant) == ReasonAllowed:
	case field.CheckMethod(meant) != nil: // a token that no browser sends, so New refuses it
		x.cannot(`request a method by its name, such as "PUT"`)
	default:
		x.change(name, "", "", meant)
	}
}

// tokenOrComma returns r if it can be part of a token, and a comma otherwise.
func tokenOrComma(r rune) rune {
	if r < 0x80 && field.IsToken(string(r)) {
		return r
	}
	return ','
}

// meantMethod returns a likely correction of method. This is an allowed or registered method that
// differs only in case. If there is none, it is the method as browsers send it.
func (p *Policy) meantMethod(method string) string {
	for m := range strings.SplitSeq(p.allowedPreflight.AllowMethods, ", ") {
		if strings.EqualFold(m, method) {
			return m
		}
	}
	if m := field.MisspelledMethod(method); m != "" {
		return m
	}
	return field.NormalizeMethod(method)
}

// isReadable reports whether the list consists of the given names only, is well-formed and does not
// exceed a limit. Decide would allow such a list if all names were allowed.
func isReadable(list string, names []string) bool {
	var allowed field.Names
	for _, name := range names {
		allowed.Add(strings.ToLower(name))
	}
	outcome, _ := allowed.Check(list)
	return outcome == field.AllListed
}

// checkHeaders explains the result of the check of the request headers.
func (x *explainer) checkHeaders() {
	const header, name = "Access-Control-Request-Headers", "AllowHeaders"
	reason, element := x.policy.allowsHeaders(x.headers)
	if reason == ReasonAllowed {
		return
	}
	kept, missing, dropped := x.policy.sortNames(x.headers)
	first := "" // what to try before the headers are listed
	switch reason {
	case ReasonHeadersMalformed:
		x.blame("headers", header+" is malformed: "+clip.Quoted(element)+" is not a valid header name", "", "")
	case ReasonHeadersTooLarge:
		x.blame("headers", fmt.Sprintf("%s is too large: the limit is %d bytes, %d names and %d empty elements",
			header, field.MaxList, field.MaxNames, field.MaxEmpty), "", "")
	default:
		refused := strings.Trim(slices.Concat(missing, dropped)[0], `"`)
		nearest, because := x.policy.nearestHeader(refused), x.unlisted(missing, dropped)
		if nearest != "" && len(missing) == 1 {
			because += ", but " + strconv.Quote(nearest) + " is (with a similar spelling)"
			first = "correct the spelling, or "
		}
		x.blame("headers", because, nearest, name)
	}
	if len(dropped) > 0 || reason != ReasonHeaderNotAllowed || !isReadable(x.headers, slices.Concat(kept, missing)) {
		value := strings.Join(kept, ",")
		words := "shorten the list of requested headers, without empty or repeated names"
		if len(dropped) > 0 && reason != ReasonHeadersTooLarge {
			words = "remove " + some(dropped) + " from the requested headers"
		}
		x.send(header, value, words)
	}
	if len(missing) > 0 {
		x.change(name, first, "", missing...)
	}
}

// sortNames finds out which elements of an Access-Control-Request-Headers value a corrected request
// may send. The result kept contains these names, in lower case. The result missing contains the
// names in kept that must be added to AllowHeaders. The result dropped contains all other elements,
// quoted, because no policy can allow them.
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
			dropped = append(dropped, clip.Quoted(element))
		default:
			kept = append(kept, lower)
			missing = append(missing, lower)
		}
	}
	return kept, missing, dropped
}

// canBeListed reports whether pages can send the header with the given name and AllowHeaders
// accepts it. The name must be in lower case.
func canBeListed(lower string) bool {
	return lower != "*" && !field.IsForbiddenRequestHeader(lower) && field.CheckRequestHeader(lower) == nil
}

// unlisted returns a sentence that says which headers are not allowed.
func (x *explainer) unlisted(missing, dropped []string) string {
	if len(missing) == 0 {
		name := strings.ToLower(strings.Trim(dropped[0], `"`))
		switch {
		case strings.HasPrefix(name, "access-control-"):
			return dropped[0] + " is a header of the CORS protocol, which pages must not send"
		case field.IsForbiddenRequestHeader(name):
			return "browsers do not let pages send the header " + dropped[0]
		case name == "*":
			return `"*" is not the name of a header`
		}
		return dropped[0] + " cannot be listed in AllowHeaders"
	}
	words := make([]string, len(missing))
	for i, name := range missing {
		words[i] = strconv.Quote(name)
	}
	if slices.Contains(missing, "authorization") && x.policy.headers.Any() {
		return `"*" in AllowHeaders does not include "authorization", which must be listed by name`
	}
	if len(words) == 1 {
		return words[0] + " is not among the allowed headers" + x.ofRoute()
	}
	return some(words) + " are not among the allowed headers" + x.ofRoute()
}

// nearestHeader returns the allowed header name most similar to name, or "".
func (p *Policy) nearestHeader(name string) (nearest string) {
	best := near.Limit(name) + 1
	for listed := range strings.SplitSeq(p.allowedPreflight.AllowHeaders, ", ") {
		if d := near.Distance(name, listed, best-1); d < best && listed != "*" {
			best, nearest = d, listed
		}
	}
	return nearest
}

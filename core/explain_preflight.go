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

// checkMethod explains the step "method".
func (x *explainer) checkMethod() {
	const header, name = "Access-Control-Request-Method", "AllowMethods"
	method := x.method
	reason := x.policy.allowsMethod(method)
	if reason == ReasonAllowed {
		return
	}
	if reason == ReasonMethodMalformed {
		x.blame("method", clip.Quoted(method)+" is no method: one token of at most "+strconv.Itoa(field.MaxMethod)+" bytes",
			"", "")
		method, _, _ = strings.Cut(strings.Map(tokenOrComma, method), ",")
	}
	meant := x.policy.meantMethod(method)
	if meant != x.method && meant != "" && len(meant) <= field.MaxMethod {
		x.blame("method", clip.Quoted(x.method)+" is not among the allowed methods; methods are compared with case",
			meant, name)
		x.send(header, meant, "ask for "+strconv.Quote(meant))
	}
	x.blame("method", clip.Quoted(method)+" is not among the allowed methods", "", name)
	switch {
	case meant == "" || meant == "*" || len(meant) > field.MaxMethod:
		x.cannot("ask for one method by its name")
	case field.IsForbiddenMethod(meant):
		x.cannot("use another method: Fetch forbids it, so no browser sends it and no policy allows it")
	case x.policy.allowsMethod(meant) != ReasonAllowed:
		x.change(name, "", meant)
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
// differs only in case, or else the method as browsers send it.
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

// isReadable reports whether Decide would allow the list if all names were allowed. The list must
// be well-formed, within the limits, and without other names.
func isReadable(list string, names []string) bool {
	var allowed field.Names
	for _, name := range names {
		allowed.Add(strings.ToLower(name))
	}
	outcome, _ := allowed.Check(list)
	return outcome == field.AllListed
}

// checkHeaders explains the step "headers".
func (x *explainer) checkHeaders() {
	const header, name = "Access-Control-Request-Headers", "AllowHeaders"
	reason, _ := x.policy.allowsHeaders(x.headers)
	if reason == ReasonAllowed {
		return
	}
	kept, missing, dropped := x.policy.sortNames(x.headers)
	switch reason {
	case ReasonHeadersMalformed:
		x.blame("headers", clip.Quoted(x.headers)+" is no list of header names: "+some(dropped), "", "")
	case ReasonHeadersTooLarge:
		x.blame("headers", fmt.Sprintf("%s is beyond %d bytes, %d names or %d empty elements",
			header, field.MaxList, field.MaxNames, field.MaxEmpty), "", "")
	default:
		first := slices.Concat(missing, dropped)[0]
		x.blame("headers", x.policy.unlisted(missing, dropped),
			x.policy.nearestHeader(strings.Trim(first, `"`)), name)
	}
	if len(dropped) > 0 || reason != ReasonHeaderNotAllowed || !isReadable(x.headers, slices.Concat(kept, missing)) {
		value := strings.Join(kept, ",")
		words := "ask for " + clip.Quoted(value) + " alone"
		if value == "" {
			words = "ask for no headers"
		}
		x.send(header, value, words)
	}
	if len(missing) > 0 {
		x.change(name, "", missing...)
	}
}

// sortNames divides the elements of Access-Control-Request-Headers. The result kept contains the
// names that a corrected request may list. The result missing contains those names in kept that
// must be added to AllowHeaders. The result dropped contains the elements that no policy can allow,
// quoted.
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

// canBeListed reports whether browsers send the header with the given name, which must be in lower
// case, and whether AllowHeaders accepts it.
func canBeListed(lower string) bool {
	return lower != "*" && len(lower) <= field.MaxName &&
		!field.IsForbiddenRequestHeader(lower) && !field.IsCORSResponseHeader(lower)
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

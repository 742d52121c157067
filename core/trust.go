package core

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

// This file decides which entries a Config may contain, and in which list. AllowCredentials and
// AllowPrivateNetwork give additional rights to every allowed website. So if one of them is set, an
// entry that matches websites of other people must be in one of the Dangerously lists, or is
// refused altogether. New and Lint both use these rules.

// guard contains the fields of a Config that give allowed websites additional rights. If none of
// them is set, a Config may contain any entry.
type guard struct{ credentials, privateNetwork bool }

func guardOf(cfg *Config) guard { return guard{cfg.AllowCredentials, cfg.AllowPrivateNetwork} }

func (g guard) isSet() bool { return g != guard{} }

// fields returns the names of the fields that are set.
func (g guard) fields() problem.Text {
	switch {
	case !g.privateNetwork:
		return problem.Textf("%v", problem.AllowCredentials)
	case !g.credentials:
		return problem.Textf("%v", problem.AllowPrivateNetwork)
	}
	return problem.Textf("%v and %v", problem.AllowCredentials, problem.AllowPrivateNetwork)
}

// harm says what an untrustworthy website could do with the rights in g. The result continues a
// sentence after the word "could".
func (g guard) harm() string {
	switch {
	case !g.privateNetwork:
		return "act as your visitors"
	case !g.credentials:
		return "reach private networks"
	}
	return "act as your visitors and reach private networks"
}

// trust says in which lists an entry is accepted.
type trust uint8

const (
	trusted trust = iota // AllowOrigins or AllowOriginRegexes
	exempt               // only DangerouslyAllowOrigins or DangerouslyAllowOriginRegexes
	never                // no list
)

// ofPattern returns in which lists of origins a pattern is accepted.
func (g guard) ofPattern(p origin.Pattern) trust {
	switch risk := p.Risk(); {
	case !g.isSet() || risk == 0:
		return trusted
	case risk&(origin.RiskAny|origin.RiskOpaque) != 0:
		return never
	}
	return exempt
}

// danger says who could do harm if the pattern were trusted. The pattern must have a risk.
func danger(p origin.Pattern, harm string) string {
	switch risk := p.Risk(); {
	case risk&origin.RiskAny != 0:
		return "any website could " + harm
	case p.Text == "null":
		return "any website could " + harm + ", because it can send this origin from a sandboxed frame"
	case p.Text == "file://":
		return "any website could " + harm + ", because it can send this origin from a page that the visitor saved"
	case risk&origin.RiskAnyHost != 0:
		return "any app or extension with the scheme " + strconv.Quote(p.Scheme) + " could " + harm
	case risk&origin.RiskSuffix == 0:
		return "anyone who can tamper with http traffic could " + harm
	}
	others, suffix := "other people's websites could "+harm+", because ", strconv.Quote(p.PublicSuffix())
	switch {
	case p.PublicSuffix() == p.Host && !isRegistry(p.Host):
		return others + "every network can have its own names under " + suffix
	case p.PublicSuffix() == p.Host:
		return others + "anyone can register a name under " + suffix
	case p.Kind == origin.Label:
		return others + `"*" also matches ` + suffix + ", a host that other people share"
	}
	return others + `"*" also matches names under ` + suffix + ", where anyone can register one"
}

// isRegistry reports whether suffix is in the list of public suffixes. For a name such as test or
// lan, it returns false.
func isRegistry(suffix string) bool {
	_, icann := publicsuffix.PublicSuffix(suffix)
	return icann || strings.Contains(suffix, ".")
}

// fix says what to do about a pattern that a list of origins does not accept because of the fields
// in g.
func (g guard) fix(list problem.Field, p origin.Pattern) problem.Text {
	switch risk := p.Risk(); {
	case risk&origin.RiskAny != 0 && list == problem.DangerouslyAllowOrigins:
		return problem.Plain("replace it with your own origins")
	case risk&origin.RiskOpaque != 0 && list == problem.DangerouslyAllowOrigins:
		return problem.Plain("remove it")
	case risk&origin.RiskAny != 0:
		return problem.Textf("replace it with your own origins, or remove %v", g.fields())
	case risk&origin.RiskOpaque != 0:
		return problem.Textf("remove it, or remove %v", g.fields())
	case risk&(origin.RiskSuffix|origin.RiskAnyHost) != 0:
		return orMove(problem.Plain("replace it with your own origins"), problem.DangerouslyAllowOrigins)
	}
	return orMove(problem.Textf("write %q", overHTTPS(p)), problem.DangerouslyAllowOrigins)
}

// orMove returns the given fix, followed by the advice to move the entry to another list.
func orMove(fix problem.Text, list problem.Field) problem.Text {
	return problem.Textf("%v, or move it to %v", fix, list).Else(fix)
}

// overHTTPS returns the pattern p with the scheme https instead of http.
func overHTTPS(p origin.Pattern) string { return "https" + strings.TrimPrefix(p.Text, "http") }

// ofRegex returns in which lists of expressions an expression is accepted. The argument risks is
// the result of [regex.Expr.Judge], and re is the compiled expression.
func (g guard) ofRegex(re *regexp.Regexp, risks []regex.Risk) trust {
	switch {
	case !g.isSet() || len(risks) == 0:
		return trusted
	case isAsWideAsAny(re):
		return never
	}
	return exempt
}

// isAsWideAsAny reports whether an expression matches unrelated websites, as "*" does. The
// expression may require a subdomain or a port.
func isAsWideAsAny(re *regexp.Regexp) bool {
	for _, before := range [...]string{"https://", "http://", "https://www.", "http://www."} {
		for _, port := range [...]string{"", ":8443"} {
			if re.MatchString(before+"evil.com"+port) && re.MatchString(before+"attacker.org"+port) &&
				re.MatchString(before+"example.net"+port) {
				return true
			}
		}
	}
	return false
}

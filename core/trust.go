package core

import (
	"regexp"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/regex"
)

// This file decides which entries a Config may contain, and in which list. AllowCredentials and
// AllowPrivateNetwork give power to every allowed website, so with them, an entry that matches
// websites of other people must be in one of the Dangerously lists, or is refused altogether. New
// and Lint both ask here.

// guard contains the fields of a Config that give power to allowed websites. The zero guard has
// none of them, and permits every entry.
type guard struct{ credentials, privateNetwork bool }

func guardOf(cfg *Config) guard { return guard{cfg.AllowCredentials, cfg.AllowPrivateNetwork} }

func (g guard) isSet() bool { return g != guard{} }

// fields returns the names of the fields.
func (g guard) fields() problem.Text {
	switch {
	case !g.privateNetwork:
		return problem.Textf("%v", problem.AllowCredentials)
	case !g.credentials:
		return problem.Textf("%v", problem.AllowPrivateNetwork)
	}
	return problem.Textf("%v and %v", problem.AllowCredentials, problem.AllowPrivateNetwork)
}

// harm returns what an allowed website could do because of the fields. It follows the word "could".
func (g guard) harm() string {
	switch {
	case !g.privateNetwork:
		return "act on behalf of the visitors"
	case !g.credentials:
		return "reach private networks"
	}
	return "act on behalf of the visitors and reach private networks"
}

// trust says which lists may contain an entry.
type trust uint8

const (
	trusted trust = iota // AllowOrigins or AllowOriginRegexes
	exempt               // only DangerouslyAllowOrigins or DangerouslyAllowOriginRegexes
	never                // no list
)

// ofPattern returns which lists of origins may contain a pattern.
func (g guard) ofPattern(p origin.Pattern) trust {
	switch risk := p.Risk(); {
	case !g.isSet() || risk == 0:
		return trusted
	case risk&(origin.RiskAny|origin.RiskOpaque) != 0:
		return never
	}
	return exempt
}

// ofRegex returns which lists of expressions may contain an expression. risks is the result of
// [regex.Expr.Judge], and re is the compiled expression.
func (g guard) ofRegex(re *regexp.Regexp, risks []regex.Risk) trust {
	switch {
	case !g.isSet() || len(risks) == 0:
		return trusted
	case isAsWideAsAny(re):
		return never
	}
	return exempt
}

// isAsWideAsAny reports whether an expression matches unrelated websites, as "*" does.
func isAsWideAsAny(re *regexp.Regexp) bool {
	for _, scheme := range [...]string{"https", "http"} {
		if re.MatchString(scheme+"://evil.com") && re.MatchString(scheme+"://attacker.org") &&
			re.MatchString(scheme+"://example.net") {
			return true
		}
	}
	return false
}

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

// regexes compiles AllowOriginRegexes and DangerouslyAllowOriginRegexes.
func (c *compiler) regexes() {
	c.regexList(problem.AllowOriginRegexes, problem.AllowOrigins, c.cfg.AllowOriginRegexes)
	c.regexList(problem.DangerouslyAllowOriginRegexes, problem.DangerouslyAllowOrigins,
		c.cfg.DangerouslyAllowOriginRegexes)
}

// regexList compiles a list of expressions. origins is the list for entries that are not
// expressions.
func (c *compiler) regexList(list, origins problem.Field, entries []string) {
	for i, entry := range entries {
		switch listed := wildcardOf(entry); {
		case entry == "":
			c.refuse(list, i, entry, "an empty entry allows nothing", "remove it")
			continue
		case listed != "":
			c.refusef(list, i, entry, problem.Plain("this is a wildcard, not an expression"),
				problem.Textf("write %q in %v", listed, origins))
			continue
		case list == problem.AllowOriginRegexes && guardOf(&c.cfg).isSet() && len(entry) > regex.MaxLen:
			c.tooLarge(i, entry) // before it is parsed, which takes long
			continue
		}
		expr, err := regex.Parse(entry)
		if err != nil {
			c.report(problem.At(list, i), entry, notRE2(err))
			continue
		}
		re, err := expr.Compile("")
		if err != nil {
			c.refuse(list, i, entry, err.Error(), regex.OpenQuoteFix)
			continue
		}
		if c.judge(list, i, entry, expr, re) {
			c.policy.regexes = append(c.policy.regexes, re)
		}
	}
}

// wildcardOf returns the normal form of an expression that was meant as an entry of AllowOrigins,
// such as https://*.example.com, and "" for other expressions. As an expression, that one would
// match https://xexample.com.
func wildcardOf(entry string) string {
	if !strings.Contains(entry, "*") {
		return ""
	}
	pattern, bad := origin.ParsePattern(entry)
	if bad != nil {
		return ""
	}
	return pattern.Text
}

// notRE2 returns the problem of an expression that regex.Parse refuses.
func notRE2(err error) *problem.Problem {
	return problem.New("this is no regular expression of RE2 ("+err.Error()+")",
		"correct it; lookaround and backreferences do not exist")
}

// compileWhole compiles an expression that must match a whole text. flags is a group such as
// "(?i)".
func compileWhole(flags, entry string) (*regexp.Regexp, *problem.Problem) {
	expr, err := regex.Parse(entry)
	if err != nil {
		return nil, notRE2(err)
	}
	re, err := expr.Compile(flags)
	if err != nil {
		return nil, problem.New(err.Error(), regex.OpenQuoteFix)
	}
	return re, nil
}

// tooLarge refuses an expression that is too large to be judged.
func (c *compiler) tooLarge(i int, entry string) {
	c.refusef(problem.AllowOriginRegexes, i, entry,
		problem.Textf("with %v an expression is checked for what else it matches, and this one is too large for that",
			guardOf(&c.cfg).fields()),
		problem.Textf("write it shorter, or move it to %v", problem.DangerouslyAllowOriginRegexes))
}

// judge refuses an expression that must not be in its list. It reports whether the expression is
// accepted.
func (c *compiler) judge(list problem.Field, i int, entry string, expr *regex.Expr, re *regexp.Regexp) bool {
	guard := guardOf(&c.cfg)
	var risks []regex.Risk
	if guard.isSet() {
		risks = expr.Judge()
	}
	trust := guard.ofRegex(re, risks)
	dangerous := list == problem.DangerouslyAllowOriginRegexes
	switch {
	case trust == trusted && dangerous:
		c.refusef(list, i, entry,
			problem.Textf("this list is only for expressions that %v refuses", problem.AllowOriginRegexes),
			problem.Textf("move it to %v", problem.AllowOriginRegexes))
		return false
	case trust == trusted, trust == exempt && dangerous:
		return true
	}
	before := len(c.problems)
	refuse := func(who string, risk regex.Risk, fix problem.Text) {
		if trust == exempt {
			fix = problem.Textf("%v, or move it to %v", fix, problem.DangerouslyAllowOriginRegexes)
		}
		c.refusef(list, i, entry, problem.Textf("with %v this lets %s %s: it matches %s",
			guard.fields(), who, guard.harm(), witness(risk)), fix)
	}
	// Several risks often have one cause, and one fix for all of them is enough.
	wide, anySuffix := false, false
	for _, risk := range risks {
		switch risk.Kind {
		case regex.TooLarge:
			switch {
			case len(c.problems) > before: // another problem says more
			case trust == never:
				c.refusef(list, i, entry, problem.Textf("with %v, any website could %s", guard.fields(), guard.harm()),
					problem.Plain(spellOut))
			default:
				c.tooLarge(i, entry)
			}
		case regex.Insecure:
			// The fix for AnySuffix replaces the scheme, too.
			if !anySuffix {
				refuse("anyone on the network path", risk, problem.Plain(fixOf(expr, "write https in it")))
			}
		case regex.AnySuffix:
			wide, anySuffix = true, true
			refuse("strangers", risk, problem.Plain(fixOf(expr, spellOut)))
		default:
			if wide {
				continue
			}
			wide = true
			fix := problem.Plain(fixOf(expr, spellOut))
			if risk.Kind == regex.AnyApp && expr.Mend() == "" {
				fix = problem.Textf("list the apps and extensions that are yours in %v", problem.AllowOrigins)
			}
			refuse("strangers", risk, fix)
		}
	}
	return false
}

const spellOut = `write your domain out, after a dot, as in https://[a-z0-9-]+\.example\.com`

// fixOf suggests the safe expression that the author probably meant. If there is none to suggest,
// it returns the other fix.
func fixOf(expr *regex.Expr, otherwise string) string {
	if mended := expr.Mend(); mended != "" {
		return "write " + mended
	}
	return otherwise
}

// witness returns an origin that the expression should not match, and says whose it can be.
func witness(risk regex.Risk) string {
	o, ok := origin.Parse(risk.Witness)
	switch {
	case !ok:
		return "origins that it does not spell out"
	case risk.Kind == regex.Insecure:
		return strconv.Quote(risk.Witness)
	case risk.Kind == regex.AnyApp:
		return strconv.Quote(risk.Witness) + ", and any other app or extension"
	}
	if _, err := publicsuffix.EffectiveTLDPlusOne(o.Host); o.IP || err != nil {
		return strconv.Quote(risk.Witness) + ", which can be anyone's"
	}
	return strconv.Quote(risk.Witness) + ", which anyone can register"
}

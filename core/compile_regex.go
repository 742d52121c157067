package core

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/regex"
)

// regexes compiles AllowOriginRegexes.
func (c *compiler) regexes(p *Policy) {
	const name = "AllowOriginRegexes"
	for i, entry := range c.cfg.AllowOriginRegexes {
		switch listed := wildcardOf(entry); {
		case entry == "":
			c.refuse(name, i, entry, "an empty entry allows nothing", "remove it")
			continue
		case listed != "":
			c.refuse(name, i, entry, "this is a wildcard, not an expression", "put "+strconv.Quote(listed)+" into AllowOrigins")
			continue
		case c.isGuarded() && len(entry) > regex.MaxLen: // before it costs the time to compile it
			c.tooLarge(name, i, entry)
			continue
		}
		expr, err := regex.Parse(entry)
		if err != nil {
			problem := notRE2(err)
			c.refuse(name, i, entry, problem.Rule, problem.Fix)
			continue
		}
		if c.isGuarded() && !c.judge(name, i, entry, expr) {
			continue
		}
		re, err := expr.Compile("")
		if err != nil {
			c.refuse(name, i, entry, err.Error(), regex.OpenQuoteFix)
			continue
		}
		p.regexes = append(p.regexes, re)
	}
}

// wildcardOf returns the entry of AllowOrigins that was written as an expression, such as https://*.example.com, in normal
// form; "" if it is none. As an expression it would match https://xexample.com.
func wildcardOf(entry string) string {
	if !strings.Contains(entry, "*") {
		return ""
	}
	pattern, problem := origin.ParsePattern(entry)
	if problem != nil {
		return ""
	}
	return pattern.Text
}

func notRE2(err error) *origin.Problem {
	return &origin.Problem{Rule: "this is no regular expression of RE2 (" + err.Error() + ")", Fix: "correct it; lookaround and backreferences do not exist"}
}

// compileWhole compiles an expression that must match a whole text.
func compileWhole(flags, entry string) (*regexp.Regexp, *origin.Problem) {
	expr, err := regex.Parse(entry)
	if err != nil {
		return nil, notRE2(err)
	}
	re, err := expr.Compile(flags)
	if err == regex.ErrOpenQuote {
		return nil, &origin.Problem{Rule: err.Error(), Fix: regex.OpenQuoteFix}
	}
	if err != nil {
		return nil, notRE2(err)
	}
	return re, nil
}

func (c *compiler) tooLarge(name string, i int, entry string) {
	settings, _ := c.guard()
	c.refuse(name, i, entry, "with "+settings+" an expression is checked for what else it matches, and this one is too large for that",
		"write it shorter, or list the origins in AllowOrigins")
}

// judge refuses an expression that must not be combined with AllowCredentials or AllowPrivateNetwork. It reports whether
// it refused none.
func (c *compiler) judge(name string, i int, entry string, expr *regex.Expr) bool {
	settings, harm := c.guard()
	before := len(c.problems)
	wide, anySuffix := false, false
	for _, risk := range expr.Judge() {
		switch risk.Kind {
		case regex.TooLarge:
			c.tooLarge(name, i, entry)
		case regex.Insecure:
			// What is to be written for any domain has https in it.
			if !anySuffix && !c.cfg.DangerouslyAllowInsecureOrigins {
				c.refuse(name, i, entry, "with "+settings+" this lets anyone on the network path "+harm+": it matches "+witness(risk),
					fixOf(expr, "write https in it")+", or set DangerouslyAllowInsecureOrigins")
			}
		case regex.AnySuffix:
			wide, anySuffix = true, true
			c.refuse(name, i, entry, "with "+settings+" this lets strangers "+harm+": it matches "+witness(risk), fixOf(expr, spellOut))
		default:
			if !wide && !c.cfg.DangerouslyAllowPublicSuffixes {
				wide = true
				fix := fixOf(expr, spellOut)
				if risk.Kind == regex.AnyApp {
					fix = fixOf(expr, "list the apps and extensions that are yours in AllowOrigins")
				}
				c.refuse(name, i, entry, "with "+settings+" this lets strangers "+harm+": it matches "+witness(risk),
					fix+", or set DangerouslyAllowPublicSuffixes")
			}
		}
	}
	return len(c.problems) == before
}

const spellOut = `write your domain out, after a dot, as in https://[a-z0-9-]+\.example\.com`

// fixOf returns the safe expression that was probably meant, or another fix if there is none.
func fixOf(expr *regex.Expr, otherwise string) string {
	if mended := expr.Mend(); mended != "" {
		return "write " + mended
	}
	return otherwise
}

// witness says what an expression matches although it should not.
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

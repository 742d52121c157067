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

// regexList compiles a list of expressions. The argument origins is the list to which entries that
// are not expressions should be moved.
func (c *compiler) regexList(list, origins problem.Field, entries []string) {
	guarded := guardOf(&c.cfg).isSet()
	for i, entry := range entries {
		if list == problem.AllowOriginRegexes && guarded && len(entry) <= regex.MaxLen && regex.IsTooLarge(entry) {
			c.tooLarge(i, entry) // parsing it would take long
			continue
		}
		expr, re, bad := readRegex(entry, origins, guarded)
		if bad != nil {
			c.report(problem.At(list, i), entry, bad)
			continue
		}
		if c.judge(list, i, entry, expr, re) {
			c.policy.regexes = append(c.policy.regexes, re)
		}
	}
}

// notRE2 describes the problem with an expression that package regexp cannot parse.
func notRE2(err error) *problem.Problem {
	return problem.New("this is not a valid regular expression in Go ("+err.Error()+")",
		"correct it (Go has no lookaround and no backreferences)")
}

// compileWhole compiles an expression that must match an entire string. The argument flags is a
// group such as "(?i)", which is prepended to the expression.
func compileWhole(flags, entry string) (*regexp.Regexp, *problem.Problem) {
	expr, err := regex.Parse(entry)
	if err != nil {
		return nil, notRE2(err)
	}
	re, err := expr.Compile(flags)
	if err != nil {
		return nil, notRE2(err)
	}
	return re, nil
}

// tooLarge refuses an expression that is too large to be judged.
func (c *compiler) tooLarge(i int, entry string) {
	c.refusef(problem.AllowOriginRegexes, i, entry,
		problem.Plain("this expression is too large to check which origins it matches"),
		orMove(problem.Plain("shorten it"), problem.DangerouslyAllowOriginRegexes))
}

// judge refuses an expression that is too dangerous for its list, or not dangerous enough. It
// reports whether the expression is accepted.
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
			problem.Textf("%v accepts this entry", problem.AllowOriginRegexes).
				Else(problem.Plain("this list is only for expressions that match other people's websites")),
			problem.Textf("move it to %v", problem.AllowOriginRegexes).Else(problem.Plain("remove it")))
		return false
	case trust == trusted, trust == exempt && dangerous:
		return true
	}
	before := len(c.problems)
	refuse := func(risk regex.Risk, fix problem.Text) {
		if trust == exempt {
			fix = orMove(fix, problem.DangerouslyAllowOriginRegexes)
		}
		who := "that website could"
		switch {
		case risk.Kind == regex.Insecure:
			who = "anyone who can tamper with http traffic could"
		case risk.Kind == regex.AnyApp || risk.Witness == "" || risk.Named:
			who = "each of them could"
		}
		c.refusef(list, i, entry, problem.Textf("this expression matches %s, and with %v %s %s",
			witness(risk), guard.fields(), who, guard.harm()), fix)
	}
	if mended := expr.Mend(); mended != "" {
		refuse(risks[0], problem.WriteExprs(mended)) // it has none of the risks
		return false
	}
	wide := false // one finding about foreign websites is enough
	for _, risk := range risks {
		switch risk.Kind {
		case regex.TooLarge:
			switch {
			case len(c.problems) > before: // another problem says more
			case trust == never:
				c.refusef(list, i, entry, problem.Textf("with %v, any website could %s", guard.fields(), guard.harm()),
					spellOut)
			default:
				c.tooLarge(i, entry)
			}
		case regex.Insecure:
			refuse(risk, problem.Plain("write https instead of http"))
		case regex.AnyApp:
			if !wide {
				wide = true
				fix := ownApps
				if strings.HasSuffix(risk.Witness, "://") { // AllowOrigins refuses it as well
					fix = problem.Plain("replace it with your own origins")
				}
				refuse(risk, fix)
			}
		default:
			if !wide {
				wide = true
				refuse(risk, spellOut)
				if trust == never {
					return false // nothing is worse
				}
			}
		}
	}
	return false
}

// exampleExpr is the expression in advice about expressions for origins.
const exampleExpr = problem.Expr(`https://[a-z0-9-]+\.example\.com`)

var spellOut = problem.Textf("spell out your domain after an escaped dot, as in %v", exampleExpr)

var ownApps = problem.Textf("list your own apps and extensions in %v", problem.AllowOrigins).
	Else(problem.Plain("write the names of your own apps and extensions"))

// fixOf returns a fix that suggests a safe correction of the expression. If no likely correction is
// known, it returns otherwise.
func fixOf(expr *regex.Expr, otherwise problem.Text) problem.Text {
	if mended := expr.Mend(); mended != "" {
		return problem.WriteExprs(mended)
	}
	return otherwise
}

// witness describes an origin that the expression should not match, and why it cannot be trusted.
func witness(risk regex.Risk) string {
	o, ok := origin.Parse(risk.Witness)
	quoted := strconv.Quote(risk.Witness)
	switch {
	case risk.Kind == regex.Insecure && !ok:
		return "http origins"
	case risk.Kind == regex.Insecure:
		return "the http origin " + quoted
	case !ok:
		return "origins that it does not spell out"
	case risk.Kind == regex.AnyApp && o.Host == "":
		return quoted + ", which every app with this scheme has as its origin"
	case risk.Kind == regex.AnyApp:
		return quoted + " and other apps or extensions"
	}
	switch _, err := publicsuffix.EffectiveTLDPlusOne(o.Host); {
	case o.IP || err != nil:
		return quoted + ", which may not be yours"
	case risk.Named:
		return quoted + " and others, because it does not spell out one domain"
	}
	return quoted + ", which anyone can register"
}

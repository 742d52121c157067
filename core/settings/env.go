package settings

import (
	"maps"
	"slices"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/near"
	"github.com/polycors/cors/core/internal/problem"
	"github.com/polycors/cors/core/internal/route"
)

// ofDjango contains the settings of django-cors-headers that do not correspond to a field of a
// Config.
type ofDjango struct {
	AllOrigins bool
	URLsRegex  string
}

const (
	allOrigins problem.Field = "AllOrigins"
	urlsRegex  problem.Field = "URLsRegex"
)

var ofDjangoAlone = []setting{
	{field: allOrigins, django: []string{"ALLOW_ALL_ORIGINS", "ORIGIN_ALLOW_ALL"}},
	{field: urlsRegex, regex: true, django: []string{"URLS_REGEX"}},
}

// removed contains the settings that django-cors-headers has removed, and what to use instead of
// each.
var removed = map[string]string{
	"REPLACE_HTTPS_REFERER": "list the origins in CSRF_TRUSTED_ORIGINS, and use core.NewCSRFProtection",
	"MODEL": "look origins up in Config.AllowOriginFunc, " +
		"or keep them in a core.Live and Reload it when they change",
}

// FromEnv reads settings from environment variables. Each element of environ has the form
// "name=value", as in the result of [os.Environ]:
//
//	s, err := settings.FromEnv("CORS_", os.Environ())
//
// The package comment describes the names and values of the variables. The prefix must not be
// empty.
//
// FromEnv rejects any variable that has the prefix but is not a setting, so that a misspelled name
// does not go unnoticed. It ignores variables without the prefix, except CSRF_TRUSTED_ORIGINS,
// CSRF_EXEMPT_PATHS and misspellings of these two, such as CSRF_EXEMPT_URLS. If a name occurs more
// than once, the last value is used, as in [os/exec].
//
// FromEnv rejects values that look as if a variable was not set or not filled in, such as null,
// undefined or ${ORIGIN}. To allow the origin null and no others, write the list as ["null"].
//
// As with [FromJSON], the environment need not list any origins. If it contains no settings at all,
// FromEnv returns the zero Settings. An empty CORS_ALLOW_ORIGINS counts as not set, because it is
// usually a variable that a deployment did not fill in. It is an error if no other variable allows
// origins. To allow nobody, write CORS_ALLOW_ORIGINS=[]. The same applies to the other lists of
// origins and expressions.
//
// # Errors
//
// If the settings are invalid, FromEnv returns an error that reports every problem, as [core.New]
// does, including the problems that core.New and [core.NewCSRFProtection] would find. The error
// wraps a [*core.ConfigError] for each of the first hundred problems and states how many more there
// are. The Field of a ConfigError is the name of the variable. For a problem inside a JSON value, a
// key path follows the name, as in "CORS_ROUTES[2].allow_origins", and Line and Column are the
// position in the value. Index is the index of the entry in a list, or -1 if the problem is not in
// a list entry.
//
// # Names of django-cors-headers
//
// FromEnv also accepts the names used by django-cors-headers. These variables have the same meaning
// as in Django, except where Polycors differs or rejects a value. If a setting is given under
// several names, the Polycors name takes precedence. Among the other names, the newest takes
// precedence.
//
// CORS_ALLOW_ALL_ORIGINS=true adds "*" to the listed origins. It has no effect if
// CORS_ALLOW_ORIGINS is set.
//
// CORS_URLS_REGEX restricts the policy to paths that begin with a match of the expression. The
// comparison ignores case and a trailing slash after the match. FromEnv adds the expression as the
// last of the Routes, with the PathRegex "(?:...).*", and the Config itself then allows nothing.
//
// A variable has no effect if another one takes precedence or if "*" already covers it. FromEnv
// reports such a variable in Settings.Findings with the Code "setting-without-effect", and reports
// nothing else about it. FromEnv rejects CORS_REPLACE_HTTPS_REFERER and CORS_MODEL, which are
// settings that django-cors-headers has removed.
func FromEnv(prefix string, environ []string) (Settings, error) {
	e := environment{
		report: newReport(), prefix: prefix,
		values: map[string]string{}, used: map[problem.Field]string{}, urls: -1, all: -1,
	}
	if prefix == "" {
		e.put("prefix", -1, "", "without a prefix, every variable would be a setting", `write "CORS_"`)
		return Settings{}, e.err()
	}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			e.values[name] = e.trim(name, value)
		}
	}
	var s Settings
	e.read(&s)
	e.refuseOthers()
	e.validate(&s, &e)
	if err := e.err(); err != nil {
		return Settings{}, err
	}
	s.Findings = e.findings
	for _, f := range lint(s.CORS, &e) {
		name, _, _ := strings.Cut(f.Field, "[")
		if !slices.ContainsFunc(e.findings, func(known core.Finding) bool { return known.Field == name }) {
			s.Findings = append(s.Findings, f)
		}
	}
	return s, nil
}

// environment reads settings from environment variables. It implements [source].
type environment struct {
	*report
	prefix   string
	values   map[string]string        // the values of all variables, by name
	known    []string                 // the names of all settings
	used     map[problem.Field]string // the variable from which each field was read
	findings []core.Finding
	urls     int // the index of the route that CORS_URLS_REGEX adds, or -1
	all      int // the index of the "*" that CORS_ALLOW_ALL_ORIGINS adds, or -1
}

// variables returns the names of the variables for a setting. If several of them are set, the first
// one takes precedence.
func (e *environment) variables(s setting) (names []string) {
	switch {
	case s.unprefixed:
		names = append(names, strings.ToUpper(s.key))
	case s.key != "":
		names = append(names, e.prefix+strings.ToUpper(s.key))
	}
	for _, name := range s.django {
		names = append(names, e.prefix+name)
	}
	return names
}

// read reads the settings from their variables into s.
func (e *environment) read(s *Settings) {
	var django ofDjango
	for _, slot := range append(slotsOf(s), slots(&django, ofDjangoAlone)...) {
		names := e.variables(slot.setting)
		e.known = append(e.known, names...)
		names = slices.DeleteFunc(names, func(name string) bool { _, ok := e.values[name]; return !ok })
		if len(names) == 0 {
			continue
		}
		e.used[slot.field] = names[0]
		e.readText(names[0], e.values[names[0]], slot)
		for _, name := range names[1:] {
			e.find(name, names[0]+" is the same setting and takes precedence")
		}
	}
	e.unsetEmpty(s, django)
	e.allowAll(s, django)
	e.restrict(s, django)
}

// find adds a finding about a variable that has no effect.
func (e *environment) find(name, why string) {
	e.findings = append(e.findings, withoutEffect(name, why))
}

// withoutEffect returns a finding about a setting that has no effect.
func withoutEffect(name, why string) core.Finding {
	return core.Finding{
		Code: "setting-without-effect", Field: name, Message: why + ", so this has no effect; remove it.",
	}
}

// unsetEmpty handles lists of origins whose variables are empty. These lists count as not set. If
// nothing else allows origins, the empty variables are an error.
func (e *environment) unsetEmpty(s *Settings, django ofDjango) {
	var empty []string
	others := django.AllOrigins && !e.listsOrigins() || len(s.CORS.Routes) > 0
	for _, slot := range slots(&s.CORS, ofConfig) {
		if !slot.ofOrigins() {
			continue
		}
		list, name := slot.target.(*[]string), e.used[slot.field]
		if *list != nil && len(*list) == 0 && !strings.HasPrefix(e.values[name], "[") {
			*list = nil
			empty = append(empty, name)
		}
		others = others || *list != nil
	}
	if others {
		return
	}
	for _, name := range empty {
		e.refuse(name, -1, e.values[name], "the value is empty", "remove it, or write [] to allow nobody")
	}
}

// listsOrigins reports whether CORS_ALLOW_ORIGINS is set, which takes precedence over
// CORS_ALLOW_ALL_ORIGINS.
func (e *environment) listsOrigins() bool {
	return e.used[problem.AllowOrigins] == e.prefix+"ALLOW_ORIGINS"
}

// allowAll implements CORS_ALLOW_ALL_ORIGINS.
func (e *environment) allowAll(s *Settings, django ofDjango) {
	name := e.used[allOrigins]
	if e.refused[name] {
		e.unknown[""] = true // the value may have been meant to allow origins
	}
	if !django.AllOrigins {
		return
	}
	if e.listsOrigins() {
		e.find(name, e.used[problem.AllowOrigins]+" lists the origins and takes precedence")
		return
	}
	e.all = len(s.CORS.AllowOrigins)
	s.CORS.AllowOrigins = append(s.CORS.AllowOrigins, "*")
	for _, f := range [...]problem.Field{problem.AllowOrigins, problem.AllowOriginRegexes} {
		if covered, ok := e.used[f]; ok {
			e.find(covered, name+" already allows every origin")
		}
	}
}

// restrict implements CORS_URLS_REGEX.
func (e *environment) restrict(s *Settings, django ofDjango) {
	name, ok := e.used[urlsRegex]
	if !ok || e.refused[name] {
		return
	}
	if django.URLsRegex == "" {
		e.refuse(name, -1, "", "an empty expression matches every path", "remove it")
		return
	}
	if bad := route.CheckExpr(django.URLsRegex); bad != nil {
		e.refuse(name, -1, django.URLsRegex, bad.Rule.String(), bad.Fix.Render(nil, bareExpr))
		return
	}
	policy := s.CORS
	policy.Routes = nil
	e.urls = len(s.CORS.Routes)
	s.CORS = core.Config{
		Debug:  policy.Debug, // for paths that routers may read in several ways, too
		Routes: append(s.CORS.Routes, core.Route{PathRegex: "(?:" + django.URLsRegex + ").*", Config: policy}),
	}
}

// refuseOthers reports variables that have the prefix but are not settings.
func (e *environment) refuseOthers() {
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		rest, ok := strings.CutPrefix(name, e.prefix)
		if !ok || slices.Contains(e.known, name) {
			continue
		}
		e.unknown[""] = true
		// The value may be a secret, so it is not shown.
		if today := removed[rest]; today != "" {
			e.refuse(name, -1, "", "django-cors-headers has removed this setting", today)
			continue
		}
		if e.isFull() {
			e.put(name, -1, "", "", "")
			continue
		}
		rule, fix := e.unknownName(rest)
		e.refuse(name, -1, "", rule, fix)
	}
	e.refuseMisspelledCSRF()
}

// unknownName returns the rule and the fix for a variable that is not a setting. The argument rest
// is its name without the prefix.
func (e *environment) unknownName(rest string) (rule, fix string) {
	const orRemove = ", or remove it"
	known := make([]string, len(e.known))
	for i, name := range e.known {
		known[i] = strings.TrimPrefix(name, e.prefix)
	}
	meaning := guess(rest, known)
	switch meaning {
	case "", isWrapper, "path":
		return "no setting has this name or a similar one", "remove it"
	case isSwitch:
		return "no setting turns CORS on or off", "remove it"
	case isFunc:
		return "a variable cannot contain a func", "remove it, and set the func on the Config that was read"
	case allowsAllMethods:
		return noSuchName, "write " + e.prefix + "ALLOW_METHODS=*" + orRemove
	case allowsAllHeaders:
		return noSuchName, "write " + e.prefix + "ALLOW_HEADERS=*" + orRemove
	case allowsAllOrigins:
		meaning = "ALLOW_ALL_ORIGINS"
	case "path_regex":
		meaning = "URLS_REGEX"
	case "csrf_trusted_origins":
		if !strings.HasPrefix(canonical(rest), "csrf") {
			meaning = "allow_origins" // such as CORS_TRUSTED_ORIGINS; the harmless guess
		}
	}
	name := strings.ToUpper(meaning)
	if !slices.Contains(e.known, name) { // not one without a prefix
		name = e.prefix + name
	}
	return e.misspelled(name)
}

const noSuchName = "no setting has this name"

// misspelled returns the rule and the fix for a variable whose name was probably meant to be
// another one.
func (e *environment) misspelled(meant string) (rule, fix string) {
	if _, ok := e.values[meant]; ok {
		return noSuchName + ", and " + meant + " is set too", "remove it"
	}
	return noSuchName, "write " + meant + " instead, or remove it"
}

// refuseMisspelledCSRF reports variables whose names are misspellings of the two CSRF settings,
// which have no prefix. It ignores other variables that begin with CSRF_, because they may belong
// to other software.
func (e *environment) refuseMisspelledCSRF() {
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		if slices.Contains(e.known, name) || strings.HasPrefix(name, e.prefix) {
			continue
		}
		for begin, meant := range map[string]string{
			"CSRF_TRUSTED": "CSRF_TRUSTED_ORIGINS", "CSRF_EXEMPT": "CSRF_EXEMPT_PATHS",
		} {
			upper := strings.ToUpper(name)
			if strings.HasPrefix(upper, begin) || near.Distance(upper, meant, 2) <= 2 {
				rule, fix := e.misspelled(meant)
				e.refuse(name, -1, "", rule, fix)
			}
		}
	}
}

// origin implements [source].
func (e *environment) origin(p problem.Place, value string) (problem.Place, string) {
	if p.InRoute && p.Route == e.urls {
		if p.Field == problem.PathRegex {
			return problem.At(urlsRegex, -1), e.values[e.used[urlsRegex]]
		}
		p = problem.At(p.Field, p.Index)
	}
	if p.Field == problem.Routes && p.Index >= 0 && p.Index == e.urls {
		return problem.At(urlsRegex, -1), e.values[e.used[urlsRegex]]
	}
	if !p.InRoute && p.Field == problem.AllowOrigins && p.Index >= 0 && p.Index == e.all {
		return problem.At(allOrigins, -1), e.values[e.used[allOrigins]]
	}
	return p, value
}

// quote implements [source]. Routes are written in JSON, and lists of expressions can be.
func (e *environment) quote(p problem.Place, expr string) string {
	if p.InRoute || strings.HasPrefix(e.values[e.used[p.Field]], "[") {
		return quoteJSON(expr)
	}
	return bareExpr(expr)
}

// bareExpr returns an expression as it is written in a list that is not JSON. An expression that
// would be split is returned as a JSON string, because it is possible only in a JSON array.
func bareExpr(expr string) string {
	if strings.ContainsFunc(expr, isSeparator) {
		return quoteJSON(expr)
	}
	return expr
}

// name implements [source]. It returns the name of the variable from which a field was read. If the
// field was not read, it returns the name of the variable that can set it.
func (e *environment) name(f problem.Field) string {
	if name, ok := e.used[f]; ok {
		return name
	}
	if keys[f] == "" {
		return ""
	}
	return e.prefix + strings.ToUpper(keys[f])
}

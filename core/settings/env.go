package settings

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/problem"
)

// ofDjango has the settings of django-cors-headers that are not a field of a Config.
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

// removed has the settings that django-cors-headers has removed, and what to use instead.
var removed = map[string]string{
	"REPLACE_HTTPS_REFERER": "list the origins that may write in CSRF_TRUSTED_ORIGINS, for core.NewCSRFProtection",
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
// does not go unnoticed. It ignores variables without the prefix, except CSRF_TRUSTED_ORIGINS and
// CSRF_EXEMPT_PATHS. If a name occurs more than once, the last value is used, as in [os/exec].
//
// As with [FromJSON], the environment need not name any origins. If it contains no settings at all,
// FromEnv returns the zero Settings. An empty CORS_ALLOW_ORIGINS counts as not set, because it is
// usually a variable that a deployment did not fill in. It is an error if no other variable allows
// origins. To allow nobody, write CORS_ALLOW_ORIGINS=[].
//
// # Errors
//
// If the settings are invalid, FromEnv returns an error that reports every problem, as [core.New]
// does, including the problems that core.New and [core.NewCSRFProtection] would find. The error
// wraps a [*core.ConfigError] for each of the first hundred problems and states how many more there
// are. The Field of a ConfigError is the name of the variable. For a problem inside a JSON value, a
// key path follows the name, as in "CORS_ROUTES[2].allow_origins". Index is the index of the entry
// in a list, or -1 if the problem is not in a list entry.
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
// reports such a variable in Settings.Findings with the Code "setting-without-effect". FromEnv
// rejects CORS_REPLACE_HTTPS_REFERER and CORS_MODEL, which are settings that django-cors-headers
// has removed.
func FromEnv(prefix string, environ []string) (Settings, error) {
	e := environment{
		report: newReport(), prefix: prefix,
		values: map[string]string{}, used: map[problem.Field]string{}, urls: -1, all: -1,
	}
	if prefix == "" {
		e.put("prefix", -1, "", "without one, every variable would be a setting", `write "CORS_"`)
		return Settings{}, e.err()
	}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			e.values[name] = strings.TrimSpace(value)
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
	return s, nil
}

// environment reads settings from variables. It is a [source].
type environment struct {
	*report
	prefix   string
	values   map[string]string        // by name
	known    []string                 // the names of all settings
	used     map[problem.Field]string // the name that the value of a field was read from
	findings []core.Finding
	urls     int // the index of the route that CORS_URLS_REGEX adds, or -1
	all      int // the index of the "*" that CORS_ALLOW_ALL_ORIGINS adds, or -1
}

// variables returns the names of a setting. The first one that is set wins.
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

// read reads all variables that are settings into s.
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
		e.value(names[0], e.values[names[0]], slot)
		for _, name := range names[1:] {
			e.find(name, names[0]+" says the same and wins")
		}
	}
	e.unsetEmpty(s, django)
	e.allowAll(s, django)
	e.restrict(s, django)
}

// find reports a variable that has no effect.
func (e *environment) find(name, why string) {
	e.findings = append(e.findings, core.Finding{
		Code: "setting-without-effect", Field: name, Message: why + ", so this has no effect; remove it.",
	})
}

// unsetEmpty treats an empty CORS_ALLOW_ORIGINS as not set, and refuses it if no other variable
// allows origins.
func (e *environment) unsetEmpty(s *Settings, django ofDjango) {
	cfg, name := &s.CORS, e.used[problem.AllowOrigins]
	if cfg.AllowOrigins == nil || len(cfg.AllowOrigins) > 0 || strings.HasPrefix(e.values[name], "[") {
		return
	}
	cfg.AllowOrigins = nil
	others := len(cfg.AllowOriginRegexes) + len(cfg.DangerouslyAllowOrigins) + len(cfg.DangerouslyAllowOriginRegexes) +
		len(cfg.Routes)
	if others == 0 && !django.AllOrigins {
		e.refuse(name, -1, e.values[name], "the value is empty", "leave it out, or write [] to allow nobody")
	}
}

// allowAll applies CORS_ALLOW_ALL_ORIGINS.
func (e *environment) allowAll(s *Settings, django ofDjango) {
	name := e.used[allOrigins]
	if e.refused[name] {
		e.unknown[""] = true // the value may have been meant to allow origins
	}
	if !django.AllOrigins {
		return
	}
	if ours := e.prefix + "ALLOW_ORIGINS"; e.used[problem.AllowOrigins] == ours {
		e.find(name, ours+" lists the origins and wins")
		return
	}
	e.all = len(s.CORS.AllowOrigins)
	s.CORS.AllowOrigins = append(s.CORS.AllowOrigins, "*")
	for _, f := range [...]problem.Field{problem.AllowOrigins, problem.AllowOriginRegexes} {
		if covered, ok := e.used[f]; ok {
			e.find(covered, name+" lets every origin in")
		}
	}
}

// restrict applies CORS_URLS_REGEX.
func (e *environment) restrict(s *Settings, django ofDjango) {
	name, ok := e.used[urlsRegex]
	if !ok || e.refused[name] {
		return
	}
	if django.URLsRegex == "" {
		e.refuse(name, -1, "", "an empty expression matches every path", "leave it out")
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

// refuseOthers refuses the variables that have the prefix and are not settings.
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
		fix := ""
		if !e.isFull() {
			fix = "write " + nearest(name, e.known) + ", the nearest one, or remove it"
		}
		e.refuse(name, -1, "", "no setting has this name", fix)
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
	if !p.InRoute && p.Field == problem.AllowOrigins && p.Index >= 0 && p.Index == e.all {
		return problem.At(allOrigins, -1), e.values[e.used[allOrigins]]
	}
	return p, value
}

// name implements [source]. It returns the variable that a field was read from, or that could set
// it.
func (e *environment) name(f problem.Field) string {
	if name, ok := e.used[f]; ok {
		return name
	}
	return e.prefix + strings.ToUpper(keys[f])
}

var booleans = map[string]bool{
	"true": true, "yes": true, "on": true, "1": true,
	"false": false, "no": false, "off": false, "0": false,
}

// value reads the value of a variable into its slot. A value that cannot be read is left zero.
func (e *environment) value(name, text string, s slot) {
	if n := len(text); n > 1 && text[0] == text[n-1] && (text[0] == '"' || text[0] == '\'') {
		e.refuse(name, -1, text, "the quotes are a part of the value here", "leave them out")
		return
	}
	switch p := s.target.(type) {
	case *[]string:
		*p = e.list(name, text, s.regex)
	case *[]core.Route:
		*p = []core.Route{}
		if text != "" {
			const fix = `write a JSON array, as in [{"path": "/api/", "allow_origins": ["https://app.example.com"]}]`
			e.decode(name, []byte(text), fix, func(d *decoder) { *p = d.routes(name) })
		}
	case *string:
		*p = text
		e.checkText(name, -1, text, s.regex)
	case *bool:
		b, ok := booleans[strings.ToLower(text)]
		if !ok {
			e.refuse(name, -1, text, "this is no boolean", "write true or false")
		}
		*p = b
	case *int:
		*p = e.readStatus(name, text)
	case *time.Duration:
		duration := text
		if strings.Trim(text, "-.0123456789") == "" {
			duration += "s"
		}
		*p = e.readAge(name, text, duration)
	}
}

// tuple matches a Python tuple, such as ("https://a.example",).
var tuple = regexp.MustCompile(`(?s)^\(\s*(?:r?['"].*)?\)$`)

// list reads a list of texts.
func (e *environment) list(name, text string, regex bool) (list []string) {
	switch {
	case strings.HasPrefix(text, "["):
		const fix = `write a JSON array, as in ["one", "another"], if it begins with a bracket`
		e.decode(name, []byte(text), fix, func(d *decoder) { list = d.strings(name, regex) })
		return list
	case tuple.MatchString(text):
		e.refuse(name, -1, text, "this is a list as in Python", `write a JSON array, as in ["one", "another"]`)
		return nil
	case regex && isSplitWithin(text):
		e.refuse(name, -1, text, "a comma or a space within an expression would split it",
			`write a JSON array, as in ["one{1,3}", "another"], and each backslash twice`)
		return nil
	}
	list = strings.FieldsFunc(text, isSeparator)
	for i, text := range list {
		e.checkText(name, i, text, regex)
	}
	return list
}

func isSeparator(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// isSplitWithin reports whether there is a separator inside brackets. It is a part of an expression
// then, not a separator.
func isSplitWithin(exprs string) bool {
	depth := 0
	for i := 0; i < len(exprs); i++ {
		switch c := exprs[i]; {
		case c == '\\':
			i++
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth > 0 && isSeparator(rune(c)):
			return true
		}
	}
	return false
}

package settings

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/polycors/cors/core"
)

// ofDjango are settings of django-cors-headers that are no field of a Config.
type ofDjango struct {
	AllOrigins bool
	URLsRegex  string
}

var ofDjangoAlone = []setting{
	{field: "AllOrigins", django: []string{"ALLOW_ALL_ORIGINS", "ORIGIN_ALLOW_ALL"}},
	{field: "URLsRegex", regex: true, django: []string{"URLS_REGEX"}},
}

// removed are settings that django-cors-headers does not have any more, with today's way.
var removed = map[string]string{
	"REPLACE_HTTPS_REFERER": "list the origins that may write in CSRF_TRUSTED_ORIGINS, for core.NewCSRFProtection",
	"MODEL":                 "look origins up in Config.AllowOriginFunc, or keep them in a core.Live and Reload it when they change",
}

// FromEnv reads settings from variables as [os.Environ] returns them, "name=value", whose names begin with prefix:
//
//	s, err := settings.FromEnv("CORS_", os.Environ())
//
// The package's comment says how names and values are written. Every variable with the prefix must be one of the settings, so that no typing error goes
// unnoticed. Variables without it are left alone, but for CSRF_TRUSTED_ORIGINS and CSRF_EXEMPT_PATHS. If a name stands
// twice the last one holds, as in [os/exec].
//
// If there are problems, the Settings are zero and the error joins the first hundred of them, and counts the rest. Each is a [*core.ConfigError] whose Field is the variable,
// with the key path behind it where that is JSON ("CORS_ROUTES[2].allow_origins"), and whose Index is the entry in a list. Among them are those
// that [core.New] and [core.NewCSRFProtection] find. An environment that names no origins is accepted as by [FromJSON], and one without any
// such variables gives the zero Settings; CORS_ALLOW_ORIGINS without a value is a problem, for it allows nobody.
//
// The names of django-cors-headers mean what they mean there, but for what core does differently or refuses. Of several names for one
// setting ours wins, then the newer one. CORS_ALLOW_ALL_ORIGINS=true adds the origin "*" to those that are listed with it, unless CORS_ALLOW_ORIGINS is set, which wins. What loses, and what "*" makes
// needless, is in the Findings with Code "setting-without-effect". With CORS_URLS_REGEX the policy holds on the paths that begin with a match of it only (in any case, and whether or not the match ends in a slash): it becomes the
// last Route, with the PathRegex "(?:…).*", and there is no policy beside the Routes. Settings that were removed there
// (CORS_REPLACE_HTTPS_REFERER, CORS_MODEL) are refused.
func FromEnv(prefix string, environ []string) (Settings, error) {
	e := environment{report: newReport(), prefix: prefix, values: map[string]string{}, used: map[string]string{}, urls: -1, all: -1}
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
	e.validate(&s, e.locate)
	if err := e.err(); err != nil {
		return Settings{}, err
	}
	s.Findings = e.findings
	return s, nil
}

type environment struct {
	*report
	prefix   string
	values   map[string]string // by name
	known    []string          // the names of all settings
	used     map[string]string // by key, or by field if there is no key: the name that holds
	findings []core.Finding
	urls     int // the index of the Route that CORS_URLS_REGEX makes; -1 for none
	all      int // the index of the origin that CORS_ALLOW_ALL_ORIGINS makes; -1 for none
}

// variables returns the names of a setting, from the one that wins to the one that loses to all others.
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

func (e *environment) read(s *Settings) {
	var django ofDjango
	for _, slot := range append(slotsOf(s), slots(&django, ofDjangoAlone)...) {
		names := e.variables(slot.setting)
		e.known = append(e.known, names...)
		names = slices.DeleteFunc(names, func(name string) bool { _, ok := e.values[name]; return !ok })
		if len(names) == 0 {
			continue
		}
		e.used[cmp.Or(slot.key, slot.field)] = names[0]
		e.value(names[0], e.values[names[0]], slot)
		for _, name := range names[1:] {
			e.find(name, names[0]+" says the same and wins")
		}
	}
	e.allowAll(s, django)
	e.restrict(s, django)
}

func (e *environment) find(name, why string) {
	e.findings = append(e.findings, core.Finding{Code: "setting-without-effect", Field: name, Message: why + ", so this has no effect; remove it."})
}

// allowAll carries out CORS_ALLOW_ALL_ORIGINS.
func (e *environment) allowAll(s *Settings, django ofDjango) {
	name := e.used["AllOrigins"]
	if e.isRefused(name) {
		e.unknown[""] = true // it might have let somebody in
	}
	if !django.AllOrigins {
		return
	}
	if ours := e.prefix + "ALLOW_ORIGINS"; e.used["allow_origins"] == ours {
		e.find(name, ours+" lists the origins and wins")
		return
	}
	e.all = len(s.CORS.AllowOrigins)
	s.CORS.AllowOrigins = append(s.CORS.AllowOrigins, "*")
	for _, key := range [...]string{"allow_origins", "allow_origin_regexes"} {
		if covered, ok := e.used[key]; ok {
			e.find(covered, name+" lets every origin in")
		}
	}
}

// restrict carries out CORS_URLS_REGEX.
func (e *environment) restrict(s *Settings, django ofDjango) {
	name, ok := e.used["URLsRegex"]
	if !ok || e.isRefused(name) {
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
		Debug:  policy.Debug, // also for paths of which it is not known whether the expression matches them
		Routes: append(s.CORS.Routes, core.Route{PathRegex: "(?:" + django.URLsRegex + ").*", Config: policy}),
	}
}

// refuseOthers refuses what has the prefix and is no setting.
func (e *environment) refuseOthers() {
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		behind, ok := strings.CutPrefix(name, e.prefix)
		if !ok || slices.Contains(e.known, name) {
			continue
		}
		e.unknown[""] = true
		// The value is not shown: it may be anything.
		if today := removed[behind]; today != "" {
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

// locate implements [locate].
func (e *environment) locate(path string, index int, value string) (string, int, string) {
	if own, ok := strings.CutPrefix(path, entry("routes", e.urls)+"."); ok && e.urls >= 0 {
		if own == "path_regex" {
			name := e.used["URLsRegex"]
			return name, -1, e.values[name]
		}
		path = own
	}
	if path == "allow_origins" && index >= 0 && index == e.all {
		name := e.used["AllOrigins"]
		return name, -1, e.values[name]
	}
	key, within := path, ""
	if i := strings.IndexAny(path, ".["); i >= 0 {
		key, within = path[:i], path[i:]
	}
	if name, ok := e.used[key]; ok {
		return name + within, index, value
	}
	return e.prefix + strings.ToUpper(key) + within, index, value
}

var booleans = map[string]bool{
	"true": true, "yes": true, "on": true, "1": true,
	"false": false, "no": false, "off": false, "0": false,
}

// value reads the value of a variable into its slot. What cannot be read leaves the zero value there.
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
			e.decode(name, []byte(text), `write a JSON array, as in [{"path": "/api/", "allow_origins": ["https://app.example.com"]}]`, func(d *decoder) { *p = d.routes(name) })
		}
	case *string:
		*p = text
		e.readText(name, -1, text, s.regex)
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

// tuple is how Python writes a list with round brackets.
var tuple = regexp.MustCompile(`(?s)^\(\s*(?:r?['"].*)?\)$`)

func (e *environment) list(name, text string, regex bool) (list []string) {
	switch {
	case strings.HasPrefix(text, "["):
		e.decode(name, []byte(text), `write a JSON array, as in ["one", "another"], if it begins with a bracket`, func(d *decoder) { list = d.strings(name, regex) })
		return list
	case tuple.MatchString(text):
		e.refuse(name, -1, text, "this is a list as in Python", `write a JSON array, as in ["one", "another"]`)
		return nil
	case regex && isSplitWithin(text):
		e.refuse(name, -1, text, "a comma or a space within an expression would split it", `write a JSON array, as in ["one{1,3}", "another"], and each backslash twice`)
		return nil
	}
	list = strings.FieldsFunc(text, isSeparator)
	for i, text := range list {
		e.readText(name, i, text, regex)
	}
	return list
}

func isSeparator(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// isSplitWithin reports whether a separator stands in brackets, where none is meant.
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

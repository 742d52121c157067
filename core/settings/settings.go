// Package settings reads a CORS policy, and the trusted origins of a [core.CSRFProtection], from environment variables or from JSON:
//
//	s, err := settings.FromEnv("CORS_", os.Environ())
//	policy, err := core.New(s.CORS)
//
// # JSON
//
// Keys are the names of the fields of [core.Config] in snake case:
//
//	{
//	  "allow_origins": ["https://app.example.com"],
//	  "allow_origin_regexes": ["https://[a-z]+\\.example\\.net"],
//	  "allow_methods": ["GET", "PUT"],
//	  "allow_headers": ["authorization", "content-type"],
//	  "expose_headers": ["x-total"],
//	  "allow_credentials": true,
//	  "max_age": "10m",
//	  "allow_private_network": false,
//	  "preflight_status": 204,
//	  "continue_preflight": false,
//	  "forbid_disallowed": false,
//	  "debug": false,
//	  "routes": [{"path": "/public/", "allow_origins": ["*"]}, {"path_regex": "/v[0-9]+/.*", "allow_origins": ["https://b.example"]}, {"path": "/internal/", "disable": true}],
//	  "dangerously_allow_insecure_origins": false,
//	  "dangerously_allow_public_suffixes": false,
//	  "csrf_trusted_origins": ["https://admin.example.com"],
//	  "csrf_exempt_paths": ["/webhooks/"]
//	}
//
// Every key may be left out. An empty list is a list: "allow_methods": [] allows no method beyond the safelisted ones, and without
// the key the default holds. max_age is a number of seconds or a duration as [time.ParseDuration] reads it; 0 means that browsers must
// not cache (Config.MaxAge -1). A route has its path and its policy beside each other. AllowOriginFunc and OnDecision are no data: set them on
// what was read.
//
// # The environment
//
// A variable is a key in upper case behind a prefix: CORS_ALLOW_ORIGINS, CORS_MAX_AGE. CSRF_TRUSTED_ORIGINS and CSRF_EXEMPT_PATHS have
// these names whatever the prefix. A list is separated by commas or white space,
//
//	CORS_ALLOW_ORIGINS=https://a.example,https://b.example
//
// or a JSON array if it begins with "[", as expressions with commas need. An empty value is an empty list. true, yes, on and 1, and false, no,
// off and 0, are booleans in any case. CORS_ROUTES is a JSON array of routes.
//
// The names of django-cors-headers are understood too (behind the same prefix): CORS_ALLOWED_ORIGINS, CORS_ALLOWED_ORIGIN_REGEXES,
// CORS_ALLOW_ALL_ORIGINS, CORS_URLS_REGEX, CORS_PREFLIGHT_MAX_AGE, and from before its version 3.5 CORS_ORIGIN_WHITELIST,
// CORS_ORIGIN_REGEX_WHITELIST and CORS_ORIGIN_ALLOW_ALL.
package settings

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/regex"
)

// Settings is what a source says. The zero Settings says nothing: no CORS policy, and nobody trusted beyond the server's own origin.
type Settings struct {
	CORS     core.Config     // without origins if the source names none, see FromJSON
	CSRF     core.CSRFConfig // for core.NewCSRFProtection
	Findings []core.Finding  // what was read but has no effect; FromJSON finds nothing of that kind
}

// setting is one row of the table that serves JSON, the environment, and the translation of what core reports.
type setting struct {
	key        string   // in JSON, and in upper case in the environment; "" if django alone has it
	field      string   // of the struct that holds it
	regex      bool     // it is made of regular expressions
	unprefixed bool     // its variable has no prefix
	django     []string // further names in the environment, behind the prefix, from new to old
}

var ofConfig = []setting{
	{key: "allow_origins", field: "AllowOrigins", django: []string{"ALLOWED_ORIGINS", "ORIGIN_WHITELIST"}},
	{key: "allow_origin_regexes", field: "AllowOriginRegexes", regex: true, django: []string{"ALLOWED_ORIGIN_REGEXES", "ORIGIN_REGEX_WHITELIST"}},
	{key: "allow_methods", field: "AllowMethods"},
	{key: "allow_headers", field: "AllowHeaders"},
	{key: "expose_headers", field: "ExposeHeaders"},
	{key: "allow_credentials", field: "AllowCredentials"},
	{key: "max_age", field: "MaxAge", django: []string{"PREFLIGHT_MAX_AGE"}},
	{key: "allow_private_network", field: "AllowPrivateNetwork"},
	{key: "preflight_status", field: "PreflightStatus"},
	{key: "continue_preflight", field: "ContinuePreflight"},
	{key: "forbid_disallowed", field: "ForbidDisallowed"},
	{key: "debug", field: "Debug"},
	{key: "routes", field: "Routes"},
	{key: "dangerously_allow_insecure_origins", field: "DangerouslyAllowInsecureOrigins"},
	{key: "dangerously_allow_public_suffixes", field: "DangerouslyAllowPublicSuffixes"},
}

var ofRoute = []setting{
	{key: "path", field: "Path"},
	{key: "path_regex", field: "PathRegex", regex: true},
	{key: "disable", field: "Disable"},
}

var ofProtection = []setting{
	{key: "csrf_trusted_origins", field: "TrustedOrigins", unprefixed: true},
	{key: "csrf_exempt_paths", field: "ExemptPaths", unprefixed: true},
}

// slot is a setting together with where its value is: a *[]string, *string, *bool, *int, *time.Duration or *[]core.Route.
type slot struct {
	setting
	target any
}

// slots returns the settings of one of the tables in owner, a pointer to the struct that has them.
func slots(owner any, table []setting) []slot {
	v := reflect.ValueOf(owner).Elem()
	all := make([]slot, len(table))
	for i, s := range table {
		all[i] = slot{s, v.FieldByName(s.field).Addr().Interface()}
	}
	return all
}

func slotsOf(s *Settings) []slot {
	return append(slots(&s.CORS, ofConfig), slots(&s.CSRF, ofProtection)...)
}

// slotsOfRoute has everything but routes, which are not nested.
func slotsOfRoute(r *core.Route) []slot {
	all := slots(r, ofRoute)
	for _, s := range slots(&r.Config, ofConfig) {
		if s.key != "routes" {
			all = append(all, s)
		}
	}
	return all
}

// keys has the key for each name of a field.
var keys = func() map[string]string {
	m := map[string]string{"Config": "policy"} // a route has its policy flat beside its path
	for _, table := range [][]setting{ofConfig, ofRoute, ofProtection} {
		for _, s := range table {
			m[s.field] = s.key
		}
	}
	return m
}()

// names matches the names of fields in what core says, and everything quoted, so that what a user wrote stays as it is.
var names = func() *regexp.Regexp {
	expr := `"(?:[^"\\]|\\.)*"` + "|`[^`]*`"
	for name := range keys {
		expr += `|\b` + name + `\b`
	}
	return regexp.MustCompile(expr)
}()

// Bounds on the problems that are reported, because a short source can have many, each with a line of text. The rest is counted.
const (
	maxProblems = 100
	maxText     = 64 << 10 // bytes of them, before the last
)

// report collects what is wrong with a source. A place is a key path or a variable, as in "routes[2].allow_origins[0]".
type report struct {
	problems []error
	size     int             // bytes of text in them
	more     int             // problems beyond the bounds
	refused  map[string]bool // places whose value could not be read
	unknown  map[string]bool // objects that have something misspelled in them; "" is the outermost
}

func newReport() *report { return &report{refused: map[string]bool{}, unknown: map[string]bool{}} }

// err returns the problems joined, nil if there is none.
func (r *report) err() error {
	if r.more > 0 {
		return &truncated{r.problems, r.more}
	}
	return errors.Join(r.problems...)
}

// truncated is an error that joins some problems and counts the others.
type truncated struct {
	problems []error
	more     int
}

func (e *truncated) Error() string {
	return errors.Join(e.problems...).Error() + "\ncors: … and " + strconv.Itoa(e.more) + " more"
}

func (e *truncated) Unwrap() []error { return e.problems }

// isFull reports whether put only counts from now on, so that nobody needs to work out what to say.
func (r *report) isFull() bool { return len(r.problems) == maxProblems || r.size >= maxText }

func (r *report) put(place string, index int, value, rule, fix string) {
	if r.isFull() {
		r.more++
		return
	}
	if place == "" {
		place = "settings"
	}
	r.size += len(place) + len(value) + len(rule) + len(fix)
	r.problems = append(r.problems, &core.ConfigError{Field: place, Index: index, Value: value, Rule: rule, Fix: fix})
}

// refuse is put for a value that cannot be read, so that core is not heard about what stands there instead.
func (r *report) refuse(place string, index int, value, rule, fix string) {
	r.put(place, index, short(value), rule, fix)
	r.refused[entry(place, index)] = true
}

// isRefused reports whether a place is refused already, or one around it.
func (r *report) isRefused(place string) bool {
	for ; place != ""; place = parent(place) {
		if r.refused[place] {
			return true
		}
	}
	return false
}

// entry returns the place of an entry, or the place itself if index is negative.
func entry(place string, index int) string {
	if index < 0 {
		return place
	}
	return place + "[" + strconv.Itoa(index) + "]"
}

// parent returns the place around another.
func parent(place string) string { return place[:max(0, strings.LastIndexAny(place, ".["))] }

// short cuts a value to what is worth printing.
func short(value string) string {
	const most = 120
	if len(value) <= most {
		return value
	}
	end := most
	for end > 0 && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end] + "…"
}

// locate turns a key path, an index and the value there into those of the source.
type locate func(path string, index int, value string) (string, int, string)

// validate adds what core finds in s.
func (r *report) validate(s *Settings, where locate) {
	cfg := s.CORS
	if cfg.AllowOrigins == nil && cfg.AllowOriginRegexes == nil && len(cfg.Routes) == 0 {
		// The origins come from elsewhere, or there is to be no policy.
		cfg.AllowOriginFunc = func(context.Context, string, core.Request) (bool, error) { return false, nil }
	}
	_, err := core.New(cfg)
	r.translate(err, s, where)
	_, err = core.NewCSRFProtection(s.CSRF)
	r.translate(err, s, where)
}

// translate adds the problems that core has joined in err, in the source's own words.
func (r *report) translate(err error, s *Settings, where locate) {
	if err == nil {
		return
	}
	for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
		e := err.(*core.ConfigError)
		path, index := keyPath(e, s)
		place, index, value := where(path, index, e.Value)
		if r.isRefused(entry(place, index)) || r.isMissed(path, index, e, where) {
			continue
		}
		if r.isFull() {
			r.more++
			continue
		}
		speak := func(text string) string {
			return names.ReplaceAllStringFunc(text, func(name string) string {
				switch key := keys[name]; {
				case key == "":
					return name // quoted
				case e.Field == "Routes" || strings.Contains(place, "."):
					return key
				default:
					own, _, _ := where(key, -1, "")
					return own
				}
			})
		}
		r.put(place, index, value, speak(e.Rule), speak(e.Fix))
	}
}

// keyPath returns where the problem is: "Routes[2].Config.AllowOrigins" is "routes[2].allow_origins".
func keyPath(e *core.ConfigError, s *Settings) (path string, index int) {
	if route, field, ok := strings.Cut(e.Field, "].Config."); ok {
		return strings.ToLower(route) + "]." + keys[field], e.Index
	}
	if e.Field == "Routes" && e.Value != "" {
		path = entry("routes", e.Index)
		if e.Value == s.CORS.Routes[e.Index].PathRegex {
			return path + ".path_regex", -1
		}
		return path + ".path", -1
	}
	return keys[e.Field], e.Index
}

// isMissed reports whether e says that something is missing which is there, but could not be read or has a misspelled key: one problem, not two.
func (r *report) isMissed(path string, index int, e *core.ConfigError, where locate) bool {
	var object string
	var needed []string
	switch {
	case strings.HasSuffix(e.Field, "AllowOrigins") && e.Index < 0: // allows nobody
		object, needed = strings.TrimSuffix(path, "allow_origins"), []string{"allow_origins", "allow_origin_regexes", "routes"}
	case e.Field == "Routes" && e.Value == "": // has no path
		object, needed = entry(path, index)+".", []string{"path", "path_regex"}
	}
	for _, key := range needed {
		place, _, _ := where(object+key, -1, "")
		if r.refused[place] || r.unknown[parent(place)] {
			return true
		}
	}
	return false
}

// readAge returns a MaxAge. text is what stands there, duration is the same with a unit.
func (r *report) readAge(place, text, duration string) time.Duration {
	age, err := time.ParseDuration(duration)
	switch {
	case err != nil:
		r.refuse(place, -1, text, "this is neither a number of seconds nor a duration", `write 600 or "10m"`)
	case age < 0:
		r.refuse(place, -1, text, "an age is not negative", "write 0 if browsers must not keep the answer")
	case age > 24*time.Hour:
		r.refuse(place, -1, text, "no browser keeps a preflight longer than 24 hours", `write 86400 or "24h"`)
	case age >= time.Second:
		return age
	case strings.ContainsAny(text, "123456789"):
		r.refuse(place, -1, text, "this is less than a second", "write whole seconds, or 0 if browsers must not keep the answer")
	default:
		return -1
	}
	return 0
}

// readStatus returns a PreflightStatus.
func (r *report) readStatus(place, text string) int {
	status, err := strconv.Atoi(text)
	if err != nil || status < 200 || status > 299 {
		r.refuse(place, -1, text, "browsers refuse a preflight whose status is not from 200 to 299", "write 204 or leave it out")
		return 0
	}
	return status
}

// readText refuses what no setting has in it.
func (r *report) readText(place string, index int, text string, isRegex bool) {
	isControl := func(c rune) bool { return c < ' ' || c == 0x7f }
	switch {
	case isRegex && strings.ContainsFunc(text, isControl):
		r.refuse(place, index, text, "there is a control character in it", `remove it; a backslash of the expression is written twice in JSON ("\\b")`)
	case strings.ContainsFunc(text, isControl):
		r.refuse(place, index, text, "there is a control character in it", "remove it")
	case strings.ContainsRune(text, utf8.RuneError):
		r.refuse(place, index, text, "this is no Unicode text", "write it in UTF-8")
	case isRegex:
		if rule, fix := regex.Misread(text); rule != "" {
			r.refuse(place, index, text, rule, fix)
		}
	}
}

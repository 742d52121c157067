// Package settings reads the configuration of a [core.Policy] and a [core.CSRFProtection] from
// environment variables, from JSON, or from values that the operator of a program wrote under names
// of the program's own, such as flags:
//
//	s, err := settings.FromEnv("CORS_", os.Environ())
//	if err != nil {
//		log.Fatal(err)
//	}
//	policy, err := core.New(s.CORS)
//
// # JSON
//
// The keys are the names of the fields of [core.Config] in snake case:
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
//	  "routes": [
//	    {"path": "/public/", "allow_origins": ["*"]},
//	    {"path_regex": "/v[0-9]+/.*", "allow_origins": ["https://b.example"]},
//	    {"path": "/internal/", "disable": true}
//	  ],
//	  "dangerously_allow_origins": ["https://*--acme.netlify.app"],
//	  "dangerously_allow_origin_regexes": ["https://pr-[0-9]+--acme\\.netlify\\.app"],
//	  "csrf_trusted_origins": ["https://admin.example.com"],
//	  "csrf_exempt_paths": ["/webhooks/"]
//	}
//
// Every key is optional. A missing list has its default, and an empty list is empty:
// "allow_methods": [] allows only the methods that need no permission, and "allow_origins": []
// allows nobody.
//
// max_age is a number of seconds or a duration as in [time.ParseDuration]. 0 tells browsers not to
// cache preflights; in Go, that is a negative Config.MaxAge.
//
// In a route, the keys of its Config are next to its path. AllowOriginFunc and OnDecision cannot be
// written as data. Set them on the Config that was read.
//
// # Environment variables
//
// A variable is named like the key, in upper case and with a prefix: with the prefix CORS_,
// allow_origins is CORS_ALLOW_ORIGINS. CSRF_TRUSTED_ORIGINS and CSRF_EXEMPT_PATHS have no prefix.
//
// The entries of a list are separated by commas or white space:
//
//	CORS_ALLOW_ORIGINS=https://a.example,https://b.example
//
// A list that begins with "[" is a JSON array. Regular expressions that contain commas need that
// form. CORS_ROUTES is a JSON array of routes.
//
// An empty value is an empty list, except for lists of origins and their expressions, where it
// counts as not set. Write CORS_ALLOW_ORIGINS=[] to allow nobody.
//
// A boolean is true, yes, on or 1, or false, no, off or 0, in upper or lower case.
//
// The names of django-cors-headers work as well, with the same prefix: CORS_ALLOWED_ORIGINS,
// CORS_ALLOWED_ORIGIN_REGEXES, CORS_ALLOW_ALL_ORIGINS, CORS_URLS_REGEX and CORS_PREFLIGHT_MAX_AGE.
// So do the names from before its version 3.5: CORS_ORIGIN_WHITELIST, CORS_ORIGIN_REGEX_WHITELIST
// and CORS_ORIGIN_ALLOW_ALL.
package settings

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/problem"
)

// Settings contains the configuration that was read from a source, such as environment variables.
// If there were no settings to read, it is the zero Settings, which has no CORS policy and no
// trusted origins.
type Settings struct {
	// CORS is the configuration for [core.New]. If the environment or the JSON says nothing about
	// origins, core.New returns an error. The program may add origins before it calls core.New.
	CORS core.Config

	// CSRF is the configuration for [core.NewCSRFProtection].
	CSRF core.CSRFConfig

	// Findings lists what should be reviewed: settings that were read but have no effect, which
	// have the Code "setting-without-effect", and everything that [core.Lint] finds in CORS. A
	// Finding refers to settings by the names under which they were read. If the user has no setting
	// for what it advises, it is left out.
	Findings []core.Finding
}

// setting is a row of the table that JSON, the environment and error messages share.
type setting struct {
	key        string        // in JSON, and in upper case in the environment; "" if only django-cors-headers has it
	field      problem.Field // of the struct that has the value
	regex      bool          // the value is made of regular expressions
	unprefixed bool          // the variable has no prefix
	django     []string      // more names in the environment, without the prefix, newest first
}

var ofConfig = []setting{
	{key: "allow_origins", field: "AllowOrigins", django: []string{"ALLOWED_ORIGINS", "ORIGIN_WHITELIST"}},
	{key: "allow_origin_regexes", field: "AllowOriginRegexes", regex: true,
		django: []string{"ALLOWED_ORIGIN_REGEXES", "ORIGIN_REGEX_WHITELIST"}},
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
	{key: "dangerously_allow_origins", field: "DangerouslyAllowOrigins"},
	{key: "dangerously_allow_origin_regexes", field: "DangerouslyAllowOriginRegexes", regex: true},
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

// slot is a setting and a pointer to its value: a *[]string, *string, *bool, *int, *time.Duration
// or *[]core.Route.
type slot struct {
	setting
	target any
}

// slots returns the settings of a table. owner points to the struct that has their fields.
func slots(owner any, table []setting) []slot {
	v := reflect.ValueOf(owner).Elem()
	all := make([]slot, len(table))
	for i, s := range table {
		all[i] = slot{s, v.FieldByName(s.field.String()).Addr().Interface()}
	}
	return all
}

func slotsOf(s *Settings) []slot {
	return append(slots(&s.CORS, ofConfig), slots(&s.CSRF, ofProtection)...)
}

// ofOrigins reports whether the setting is a list of origins, or of expressions for origins.
func (s setting) ofOrigins() bool {
	switch s.field {
	case problem.AllowOrigins, problem.AllowOriginRegexes, problem.DangerouslyAllowOrigins,
		problem.DangerouslyAllowOriginRegexes:
		return true
	}
	return false
}

// saysOrigins reports whether one of those lists is set.
func saysOrigins(cfg *core.Config) bool {
	return slices.ContainsFunc(slots(cfg, ofConfig), func(s slot) bool {
		return s.ofOrigins() && *s.target.(*[]string) != nil
	})
}

// slotsOfRoute returns the settings of a route: all except routes, which cannot be nested.
func slotsOfRoute(r *core.Route) []slot {
	all := slots(r, ofRoute)
	for _, s := range slots(&r.Config, ofConfig) {
		if s.field != problem.Routes {
			all = append(all, s)
		}
	}
	return all
}

// keys has the key of each field.
var keys = func() map[problem.Field]string {
	m := map[problem.Field]string{problem.Config: "policy"} // a word for it, because its keys are those of the route
	for _, table := range [][]setting{ofConfig, ofRoute, ofProtection} {
		for _, s := range table {
			m[s.field] = s.key
		}
	}
	return m
}()

// A short source can have many problems, and each has a line of text. These bounds say how many are
// reported. The others are only counted.
const (
	maxProblems = 100
	maxText     = 64 << 10 // bytes of text before the last problem
)

// report collects the problems of a source. The name of a place is a key path or a variable, such
// as "routes[2].allow_origins[0]" or "CORS_MAX_AGE".
type report struct {
	problems []error
	size     int               // bytes of text in problems
	more     int               // how many problems are only counted
	refused  map[string]bool   // the names of places whose value could not be read
	unknown  map[string]bool   // the names of objects that have an unknown key; "" is the outermost one
	texts    []jsonText        // what was decoded
	margins  map[string]string // by the name of a place: the white space that was removed before its text
}

func newReport() *report {
	return &report{refused: map[string]bool{}, unknown: map[string]bool{}, margins: map[string]string{}}
}

// err returns all problems as one error, or nil if there are none.
func (r *report) err() error {
	r.setPositions()
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

// isFull reports whether further problems are only counted. Then their text is not needed.
func (r *report) isFull() bool { return len(r.problems) == maxProblems || r.size >= maxText }

// put reports a problem and returns it. If it is only counted, put returns nil. place is the name
// of the place without the index.
func (r *report) put(place string, index int, value, rule, fix string) *core.ConfigError {
	if r.isFull() {
		r.more++
		return nil
	}
	if place == "" {
		place = "settings"
	}
	r.size += len(place) + len(value) + len(rule) + len(fix)
	e := &core.ConfigError{Field: place, Index: index, Value: value, Rule: rule, Fix: fix}
	r.problems = append(r.problems, e)
	return e
}

// refuse reports a value that cannot be read. Core then sees a zero value in its place, and what
// core says about that is not reported.
func (r *report) refuse(place string, index int, value, rule, fix string) *core.ConfigError {
	r.refused[entry(place, index)] = true
	return r.put(place, index, short(value), rule, fix)
}

// entry returns the name of an entry of a list, or of the list itself if index is negative.
func entry(place string, index int) string {
	if index < 0 {
		return place
	}
	return place + "[" + strconv.Itoa(index) + "]"
}

// short cuts a value to a length that is worth printing.
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

// source is where settings were read from.
type source interface {
	// origin returns the place in the source, and the value there, from which the given place in a
	// Config got its value.
	origin(p problem.Place, value string) (problem.Place, string)

	// name returns what the source calls a field. It returns "" if the user cannot set the field.
	name(f problem.Field) string
}

// locate returns the name of a place in the source, and an index.
func locate(src source, p problem.Place) (name string, index int) {
	if p.InRoute {
		return object(src, p) + "." + keys[p.Field], p.Index
	}
	if name = src.name(p.Field); name == "" {
		name = keys[p.Field]
	}
	return name, p.Index
}

// mention returns how a text about a place refers to another place. It returns "" if the user
// cannot set that field.
func mention(src source, about, p problem.Place) string {
	if p.Field.OfRoute() {
		return keys[p.Field] // a key next to the one that the text is about
	}
	if p.Field != problem.Routes && (about.InRoute || about.Field == problem.Routes) {
		return entry(keys[p.Field], p.Index)
	}
	p, _ = src.origin(p, "")
	name := src.name(p.Field)
	if name == "" {
		return ""
	}
	return entry(name, p.Index)
}

// object returns the name of the object that has the field: a route, or "" for the outermost one.
func object(src source, p problem.Place) string {
	if p.InRoute {
		return entry(src.name(problem.Routes), p.Route)
	}
	return ""
}

// validate reports the problems that core finds in s.
func (r *report) validate(s *Settings, src source) {
	cfg := s.CORS
	if len(cfg.Routes) == 0 && !saysOrigins(&cfg) {
		// No origins are no mistake here: the program may set AllowOriginFunc, or have no policy.
		cfg.AllowOrigins = []string{"https://example.com"}
	}
	_, err := core.New(cfg)
	r.translate(err, src)
	_, err = core.NewCSRFProtection(s.CSRF)
	r.translate(err, src)
}

// translate reports the problems in an error of core, under the names of the source.
func (r *report) translate(err error, src source) {
	for e := range core.Problems(err) {
		p, _ := problem.Of(e)
		place, value := src.origin(p.Place, p.Value)
		if r.isRefused(place, src) || r.isMisspelled(p, src) {
			continue
		}
		if r.isFull() {
			r.more++
			continue
		}
		nameOf := func(p problem.Place) string { return mention(src, place, p) }
		name, index := locate(src, place)
		r.put(name, index, value, p.Rule.Render(nameOf), p.Fix.Render(nameOf))
	}
}

// lint returns what core.Lint finds, under the names of the source.
func lint(cfg core.Config, src source) (list []core.Finding) {
	for _, f := range problem.Lint(cfg) {
		place, _ := src.origin(f.Place, "")
		nameOf := func(p problem.Place) string { return mention(src, place, p) }
		if f.Needs != "" && nameOf(problem.At(f.Needs, -1)) == "" || nameOf(f.Place) == "" {
			continue // the user can do nothing about it
		}
		list = append(list, core.Finding{
			Code: f.Code, Field: entry(locate(src, place)), Message: f.Message.Render(nameOf),
		})
	}
	return list
}

// isRefused reports whether a place, or one around it, could not be read. Its problem has been
// reported.
func (r *report) isRefused(p problem.Place, src source) bool {
	for ok := true; ok; p, ok = p.Parent() {
		if r.refused[entry(locate(src, p))] {
			return true
		}
	}
	return false
}

// isMisspelled reports whether a value that core misses is in the source after all: it could not be
// read, or its key may be a misspelled one. That problem has been reported.
func (r *report) isMisspelled(p problem.Problem, src source) bool {
	for _, f := range p.OneOf {
		needed := p.Place
		if f.OfRoute() {
			needed = problem.Place{InRoute: true, Route: p.Place.Index}
		}
		needed.Field, needed.Index = f, -1
		needed, _ = src.origin(needed, "")
		name, _ := locate(src, needed)
		if r.refused[name] || r.unknown[object(src, needed)] {
			return true
		}
	}
	return false
}

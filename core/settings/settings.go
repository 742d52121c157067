// Package settings reads the configuration of a [core.Policy] and a [core.CSRFProtection] from
// environment variables, from JSON, or from values that have their own names in a program, such as
// flags:
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

// Settings contains a configuration that was read from environment variables, from JSON, or from
// other values. If there was nothing to read, it is the zero Settings, which has no CORS policy and
// no trusted origins.
type Settings struct {
	// CORS is the configuration for [core.New]. If the environment or the JSON lists no origins,
	// core.New returns an error, unless the program adds origins first.
	CORS core.Config

	// CSRF is the configuration for [core.NewCSRFProtection].
	CSRF core.CSRFConfig

	// Findings lists settings that should be reviewed. A setting that was read but has no effect is
	// reported with the Code "setting-without-effect". All other findings are those of [core.Lint]
	// for CORS.
	//
	// A Finding refers to settings by the names under which they were read. Findings that recommend
	// a setting that the user does not have are left out.
	Findings []core.Finding
}

// setting describes one setting, with its names in JSON and in the environment.
type setting struct {
	key        string        // the key in JSON; "" if only django-cors-headers has the setting
	field      problem.Field // the field that contains the value
	regex      bool          // the value consists of regular expressions
	unprefixed bool          // the variable has no prefix
	django     []string      // other names in the environment, without the prefix, newest first
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

// slot is a setting together with a pointer to its value. The type of the pointer is *[]string,
// *string, *bool, *int, *time.Duration or *[]core.Route.
type slot struct {
	setting
	target any
}

// slots returns a slot for each setting in the table. The argument owner points to the struct that
// contains the fields of these settings.
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

// ofOrigins reports whether the setting is a list of origins, or of regular expressions for
// origins.
func (s setting) ofOrigins() bool {
	switch s.field {
	case problem.AllowOrigins, problem.AllowOriginRegexes, problem.DangerouslyAllowOrigins,
		problem.DangerouslyAllowOriginRegexes:
		return true
	}
	return false
}

// saysOrigins reports whether any list of origins, or of regular expressions for origins, is set.
func saysOrigins(cfg *core.Config) bool {
	return slices.ContainsFunc(slots(cfg, ofConfig), func(s slot) bool {
		return s.ofOrigins() && *s.target.(*[]string) != nil
	})
}

// slotsOfRoute returns a slot for each setting of a route. Routes is not one of them, because
// routes cannot be nested.
func slotsOfRoute(r *core.Route) []slot {
	all := slots(r, ofRoute)
	for _, s := range slots(&r.Config, ofConfig) {
		if s.field != problem.Routes {
			all = append(all, s)
		}
	}
	return all
}

// keys contains the JSON key of each field.
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

// report collects the problems that are found while settings are read. It identifies a value by a
// name such as "routes[2].allow_origins[0]" or "CORS_MAX_AGE".
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

// truncated is an error that contains the first problems and the number of the others.
type truncated struct {
	problems []error
	more     int
}

func (e *truncated) Error() string {
	return errors.Join(e.problems...).Error() + "\ncors: … and " + strconv.Itoa(e.more) + " more"
}

func (e *truncated) Unwrap() []error { return e.problems }

// isFull reports whether further problems are only counted, so that their text is not needed.
func (r *report) isFull() bool { return len(r.problems) == maxProblems || r.size >= maxText }

// put adds a problem and returns it. If further problems are only counted, put returns nil. The
// argument place is the name of the value without the index.
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

// refuse reports a value that cannot be read. The value is then zero in the Config, so problems
// that core finds with it are not reported.
func (r *report) refuse(place string, index int, value, rule, fix string) *core.ConfigError {
	r.refused[entry(place, index)] = true
	return r.put(place, index, short(value), rule, fix)
}

// entry returns the name of an entry of a list. If index is negative, it returns the name of the
// list.
func entry(place string, index int) string {
	if index < 0 {
		return place
	}
	return place + "[" + strconv.Itoa(index) + "]"
}

// short shortens a value that is too long for a message.
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

// source represents what settings are read from, such as JSON or the environment.
type source interface {
	// origin returns the place in the source from which a place in the Config got its value, and
	// the value there.
	origin(p problem.Place, value string) (problem.Place, string)

	// name returns the name of a field in the source, or "" if the user cannot set the field.
	name(f problem.Field) string

	// quote returns an expression as it is written at a place in the source.
	quote(p problem.Place, expr string) string
}

// locate returns the name of a place in the source, and the index of the entry, or -1.
func locate(src source, p problem.Place) (name string, index int) {
	if p.InRoute {
		return object(src, p) + "." + keys[p.Field], p.Index
	}
	if name = src.name(p.Field); name == "" {
		name = keys[p.Field]
	}
	return name, p.Index
}

// mention returns the name of the place p for use in a message about the place about. It returns ""
// if the user cannot set p.
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

// object returns the name of the object that contains a field. This is a route, or "" for the
// outermost object.
func object(src source, p problem.Place) string {
	if p.InRoute {
		return entry(src.name(problem.Routes), p.Route)
	}
	return ""
}

// validate reports the problems in s that core finds.
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

// translate reports the problems in an error of core, and replaces the Go names of fields with the
// names in the source.
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
		quote := func(expr string) string { return src.quote(place, expr) }
		r.put(name, index, value, p.Rule.Render(nameOf, quote), p.Fix.Render(nameOf, quote))
	}
}

// lint returns the findings of core.Lint, with the names of fields in the source.
func lint(cfg core.Config, src source) (list []core.Finding) {
	for _, f := range problem.Lint(cfg) {
		place, _ := src.origin(f.Place, "")
		nameOf := func(p problem.Place) string { return mention(src, place, p) }
		if f.Needs != "" && nameOf(problem.At(f.Needs, -1)) == "" || nameOf(f.Place) == "" {
			continue // the user can do nothing about it
		}
		quote := func(expr string) string { return src.quote(place, expr) }
		list = append(list, core.Finding{
			Code: f.Code, Field: entry(locate(src, place)), Message: f.Message.Render(nameOf, quote),
		})
	}
	return list
}

// isRefused reports whether the value at a place, or a value that contains it, could not be read.
// In this case, a problem has already been reported.
func (r *report) isRefused(p problem.Place, src source) bool {
	for ok := true; ok; p, ok = p.Parent() {
		if r.refused[entry(locate(src, p))] {
			return true
		}
	}
	return false
}

// isMisspelled reports whether a value that core reports as missing may be in the source after all.
// Either it could not be read, or an unknown key may be a misspelling of its key. In both cases, a
// problem has already been reported.
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

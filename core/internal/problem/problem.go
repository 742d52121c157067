// Package problem represents mistakes in a configuration as values. Each [Problem] says where the
// mistake is, which rule it breaks, and how to fix it.
//
// A configuration can come from a Go program, a JSON file or the environment, and each of them
// names the same field differently: Routes[2].Config.AllowOrigins in Go, routes[2].allow_origins in
// JSON, and CORS_ALLOW_ORIGINS in the environment. A Problem therefore contains [Field] values
// instead of names, both in its place and in its sentences. The package that reports the Problem
// replaces them with the names that its user knows.
package problem

import (
	"fmt"
	"strconv"
)

// Problem is one mistake in a configuration. For example, if the field [AllowOrigins] contains the
// Value https://example.com/, its Rule is that an origin has no path, and its Fix is to write
// https://example.com.
type Problem struct {
	Place Place  // where the mistake is
	Value string // the value that was refused, or "" if there is nothing to show
	Rule  Text   // what is wrong with the value
	Fix   Text   // what to write instead

	// OneOf is set if the mistake is a missing value. It lists the fields of which at least one must
	// be set. Otherwise it is nil.
	OneOf []Field
}

// New returns a Problem with the given rule and fix, neither of which names a field. The caller
// must set its Place before reporting it.
func New(rule, fix string) *Problem { return &Problem{Rule: Plain(rule), Fix: Plain(fix)} }

// IsPlain reports whether p is not in a route and refers to no other fields, neither in its
// sentences nor in OneOf. Such a Problem is described completely by five plain values: the name of
// its field, the index, the value, the rule and the fix. An error that contains these values need
// not keep p itself.
func (p *Problem) IsPlain() bool {
	return !p.Place.InRoute && p.OneOf == nil && p.Rule.args == nil && p.Fix.args == nil
}

// String returns the rule and the fix, separated by a semicolon, with fields under their Go names.
func (p *Problem) String() string { return p.Rule.String() + "; " + p.Fix.String() }

// Text is a sentence that can contain fields. [Text.Render] replaces the fields with names, so the
// same sentence can be shown to the author of a Go program and to the author of a JSON file. Create
// a Text with [Plain] or [Textf].
type Text struct {
	words string // a format if there are args
	args  []any
}

// Plain returns a Text with the given words, which do not name a field.
func Plain(words string) Text { return Text{words: words} }

// Textf returns a Text with a format and arguments like those of [fmt.Sprintf]. Arguments of type
// [Field] or [Text] must be formatted with %v. Fields are replaced with names only when the Text is
// rendered, so Textf("set %v", MaxAge) can become "set MaxAge" for a Go program and "set max_age"
// for a JSON file.
func Textf(format string, args ...any) Text { return Text{format, args} }

// String returns the sentence with fields under their Go names.
func (t Text) String() string { return t.Render(Field.String) }

// Render returns the sentence as a string. Each [Field] in it is replaced with the result of
// calling name with that field.
func (t Text) Render(name func(Field) string) string {
	if len(t.args) == 0 {
		return t.words
	}
	args := make([]any, len(t.args))
	for i, arg := range t.args {
		switch arg := arg.(type) {
		case Field:
			args[i] = name(arg)
		case Text:
			args[i] = arg.Render(name)
		default:
			args[i] = arg
		}
	}
	return fmt.Sprintf(t.words, args...)
}

// Place is the location of a mistake in a configuration. It identifies either a whole field or one
// entry of a field, at the top level or in a route. Create a Place with [At], and put it in a route
// with [Place.In].
type Place struct {
	InRoute bool  // whether Field belongs to a route or to the Config of a route
	Route   int   // the index of that route in Config.Routes, if InRoute is true
	Field   Field // the field with the mistake
	Index   int   // the index of the entry in Field, or -1 if the mistake is not in one entry
}

// At returns the Place of an entry in a top-level field. For example, At(AllowOrigins, 3) is the
// Place of AllowOrigins[3]. If index is -1, At returns the Place of the whole field.
func At(f Field, index int) Place { return Place{Field: f, Index: index} }

// In returns a copy of p that is located in the route with index i. For example, the Place of
// Routes[2].Config.MaxAge is At(MaxAge, -1).In(2).
func (p Place) In(i int) Place {
	p.InRoute, p.Route = true, i
	return p
}

// Parent returns the Place that encloses p. For an entry, that is the field that contains it:
// AllowOrigins for AllowOrigins[3]. For a whole field of a route, it is the route: Routes[2] for
// Routes[2].Config.MaxAge. ok is false if p is a whole top-level field, because nothing encloses
// it.
func (p Place) Parent() (parent Place, ok bool) {
	switch {
	case p.Index >= 0:
		p.Index = -1
		return p, true
	case p.InRoute:
		return At(Routes, p.Route), true
	}
	return Place{}, false
}

// GoName returns the field and the index of p in the form that core.ConfigError uses. For an entry
// of a top-level field, they are a name such as "AllowOrigins" and the index of the entry. For a
// field in the Config of a route, the name includes the route, as in
// "Routes[2].Config.AllowOrigins". For a field of the route itself, such as its Path, they are
// "Routes" and the index of the route. The index is -1 if p is a whole field that is not a field of
// core.Route.
func (p Place) GoName() (name string, index int) {
	switch {
	case !p.InRoute:
		return string(p.Field), p.Index
	case p.Field.OfRoute():
		return string(Routes), p.Route
	}
	return string(Routes) + "[" + strconv.Itoa(p.Route) + "].Config." + string(p.Field), p.Index
}

// Field identifies a field of core.Config, core.Route or core.CSRFConfig. Its value is the name of
// the field in Go, such as "AllowOrigins".
type Field string

// The fields that a [Problem] can be in or refer to. Each constant has the name of its field.
const (
	// Fields of core.Config.
	AllowOrigins                    Field = "AllowOrigins"
	AllowOriginRegexes              Field = "AllowOriginRegexes"
	AllowOriginFunc                 Field = "AllowOriginFunc"
	AllowMethods                    Field = "AllowMethods"
	AllowHeaders                    Field = "AllowHeaders"
	ExposeHeaders                   Field = "ExposeHeaders"
	AllowCredentials                Field = "AllowCredentials"
	MaxAge                          Field = "MaxAge"
	AllowPrivateNetwork             Field = "AllowPrivateNetwork"
	PreflightStatus                 Field = "PreflightStatus"
	OnDecision                      Field = "OnDecision"
	Routes                          Field = "Routes"
	DangerouslyAllowInsecureOrigins Field = "DangerouslyAllowInsecureOrigins"
	DangerouslyAllowPublicSuffixes  Field = "DangerouslyAllowPublicSuffixes"

	// Fields of core.Route.
	Path      Field = "Path"
	PathRegex Field = "PathRegex"
	Disable   Field = "Disable"
	Config    Field = "Config"

	// Fields of core.CSRFConfig.
	TrustedOrigins Field = "TrustedOrigins"
	ExemptPaths    Field = "ExemptPaths"
)

// String returns the name of the field in Go, such as "AllowOrigins".
func (f Field) String() string { return string(f) }

// OfRoute reports whether f is a field of core.Route, such as [Path].
func (f Field) OfRoute() bool { return f == Path || f == PathRegex || f == Disable || f == Config }

// Of returns the Problem that err reports, if err is a *core.ConfigError. Otherwise ok is false.
// Package core assigns this variable when it is initialized. In this way, other packages of the
// module can get the Problem without an exported name in core.
var Of func(err error) (p Problem, ok bool)

// Package problem describes a mistake in a configuration as a value: where it is, what rule it
// breaks, and how to fix it.
//
// The same mistake is reported under different names. A Go program knows the field
// Routes[2].Config.AllowOrigins, a JSON file has the key routes[2].allow_origins, and the
// environment has the variable CORS_ALLOW_ORIGINS. So a Problem refers to fields by value, in its
// place and in its sentences, and each reader renders it under its own names.
package problem

import (
	"fmt"
	"strconv"
)

// Problem is one mistake.
type Problem struct {
	Place Place
	Value string // what was configured; "" if there is nothing to show
	Rule  Text   // what is wrong with it
	Fix   Text   // what to write instead

	// OneOf is set if the mistake is that a value is missing: one of these fields must have one.
	OneOf []Field
}

// New returns a Problem that has no place yet. Neither sentence mentions a field.
func New(rule, fix string) *Problem { return &Problem{Rule: Plain(rule), Fix: Plain(fix)} }

// IsPlain reports whether p is not in a route and does not refer to other fields. Then the names
// that a Go program knows say everything about it.
func (p *Problem) IsPlain() bool {
	return !p.Place.InRoute && p.OneOf == nil && p.Rule.args == nil && p.Fix.args == nil
}

// String returns the rule and the fix under the names of Go.
func (p *Problem) String() string { return p.Rule.String() + "; " + p.Fix.String() }

// Text is a sentence that may mention fields.
type Text struct {
	words string // a format if there are args
	args  []any
}

// Plain returns a sentence that mentions no field.
func Plain(words string) Text { return Text{words: words} }

// Textf formats a sentence as [fmt.Sprintf] does. Arguments of type [Field] and [Text] keep their
// fields as values, and are formatted with %v.
func Textf(format string, args ...any) Text { return Text{format, args} }

// String returns the sentence under the names of Go.
func (t Text) String() string { return t.Render(Field.String) }

// Render returns the sentence with the name that name returns for each field.
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

// Place is where a mistake is: a field, or an entry of one.
type Place struct {
	InRoute bool // the field belongs to a route, or to the policy of one
	Route   int  // which one, an index of Config.Routes
	Field   Field
	Index   int // of an entry in the field; -1 for the field as a whole
}

// At returns the place of an entry in a field of the Config itself. A negative index is the field
// as a whole.
func At(f Field, index int) Place { return Place{Field: f, Index: index} }

// In returns the place of p in the i-th route.
func (p Place) In(i int) Place {
	p.InRoute, p.Route = true, i
	return p
}

// Around returns the place that p is a part of: the field of an entry, or the entry of Routes that
// has a field. ok is false for a field that is in no other place.
func (p Place) Around() (around Place, ok bool) {
	switch {
	case p.Index >= 0:
		p.Index = -1
		return p, true
	case p.InRoute:
		return At(Routes, p.Route), true
	}
	return Place{}, false
}

// GoName returns the name and the index that a Go program knows the place by:
// "Routes[2].Config.AllowOrigins" and 0. A mistake in the path of a route is one of the whole
// route: "Routes" and 2.
func (p Place) GoName() (name string, index int) {
	switch {
	case !p.InRoute:
		return string(p.Field), p.Index
	case p.Field.OfRoute():
		return string(Routes), p.Route
	}
	return string(Routes) + "[" + strconv.Itoa(p.Route) + "].Config." + string(p.Field), p.Index
}

// Field is a field of core.Config, core.Route or core.CSRFConfig. Its text is the name in Go.
type Field string

// The fields that problems are about, or mention.
const (
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

	Path      Field = "Path"
	PathRegex Field = "PathRegex"
	Disable   Field = "Disable"
	Config    Field = "Config"

	TrustedOrigins Field = "TrustedOrigins"
	ExemptPaths    Field = "ExemptPaths"
)

// String returns the name in Go.
func (f Field) String() string { return string(f) }

// OfRoute reports whether f is a field of core.Route.
func (f Field) OfRoute() bool { return f == Path || f == PathRegex || f == Disable || f == Config }

// Of returns the Problem that a *core.ConfigError reports. ok is false for another error. Package
// core sets it, so that core needs no exported name for it.
var Of func(err error) (p Problem, ok bool)

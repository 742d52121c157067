// Package problem represents mistakes in a configuration as values. Each [Problem] says where the
// mistake is, which rule it breaks, and how to fix it.
//
// The same field has different names in Go, in JSON and in the environment, such as AllowOrigins,
// allow_origins and CORS_ALLOW_ORIGINS. A Problem therefore contains [Field] values instead of
// names. The package that reports the Problem replaces each Field with the name that the user
// knows.
package problem

import (
	"fmt"
	"strconv"
	"strings"
)

// Problem is one mistake in a configuration. For example, if the field [AllowOrigins] contains the
// Value https://example.com/, Rule says that an origin must not have a path, and Fix says to write
// https://example.com.
type Problem struct {
	Place Place  // where the mistake is
	Value string // the value that was refused, or "" if there is nothing to show
	Rule  Text   // what is wrong with the value
	Fix   Text   // what to write instead

	// OneOf lists the fields of which at least one must be set, if the mistake is that all of them
	// are unset. For any other mistake, it is nil.
	OneOf []Field
}

// New returns a Problem with the given rule and fix, which must not mention fields. The caller must
// set Place before reporting the Problem.
func New(rule, fix string) *Problem { return &Problem{Rule: Plain(rule), Fix: Plain(fix)} }

// IsPlain reports whether a core.ConfigError, which has only strings and an index, contains
// everything that p says. This is not the case if the mistake is in a route, or if p mentions other
// fields.
func (p *Problem) IsPlain() bool {
	return !p.Place.InRoute && p.OneOf == nil && p.Rule.args == nil && p.Fix.args == nil
}

// String returns the rule and the fix, separated by a semicolon. They contain the Go names of
// fields.
func (p *Problem) String() string { return p.Rule.String() + "; " + p.Fix.String() }

// Finding describes a part of a valid configuration that should be reviewed. It is like
// core.Finding, but contains [Place] and [Field] values instead of names, because the same field
// has different names in Go, in JSON and in the environment.
type Finding struct {
	Code    string
	Place   Place
	Message Text
	Needs   Field // if not "", what to do is possible only for users who can set this field
}

// Text is a sentence that may mention fields. The same field has different names in Go, in JSON and
// in the environment, so a Text contains [Place] and [Field] values, which [Text.Render] replaces
// with names. Create a Text with [Plain] or [Textf].
type Text struct {
	words     string // a format if there are args
	args      []any
	otherwise *Text // nil if there is no other sentence
}

// Plain returns a Text with the given words, which must not mention fields.
func Plain(words string) Text { return Text{words: words} }

// Textf creates a Text from a format and arguments, as [fmt.Sprintf] does. Use %v for arguments of
// type [Field], [Place], [Literal], [Expr], [PathExpr] and [Text]. How they are written is decided
// when the Text is rendered.
//
// For example, Textf("set %v", MaxAge) is rendered as "set MaxAge" for people who configure in Go,
// and as "set max_age" for people who configure in JSON.
func Textf(format string, args ...any) Text { return Text{words: format, args: args} }

// Expr is a regular expression for origins in a [Text]. In Go it is in back quotes, so that it can
// be pasted into a program. Other sources have their own syntax.
type Expr string

// PathExpr is like [Expr], but for expressions that match paths. In Go, an expression without a
// backslash is written in double quotes.
type PathExpr string

func (e Expr) inGo() string {
	if text := string(e); strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(string(e))
}

func (e PathExpr) inGo() string {
	if strings.Contains(string(e), `\`) {
		return Expr(e).inGo()
	}
	return strconv.Quote(string(e))
}

// WriteExprs returns the fix that replaces a value by expressions, such as: write `a`, `b` and `c`.
func WriteExprs(list ...string) Text {
	format, args := "write ", make([]any, len(list))
	for i, text := range list {
		switch {
		case i > 0 && i == len(list)-1:
			format += " and "
		case i > 0:
			format += ", "
		}
		format, args[i] = format+"%v", Expr(text)
	}
	return Textf(format, args...)
}

// Literal is a value that is written in one way in Go and in another way in JSON and in the
// environment. Use it as an argument of [Textf].
type Literal struct {
	Go   string // such as "2 * time.Hour"
	Data string // such as "7200"
}

// Else returns a copy of t with an alternative sentence. [Text.Render] returns the alternative if t
// mentions a field that the user cannot set.
func (t Text) Else(otherwise Text) Text {
	t.otherwise = &otherwise
	return t
}

// String returns the sentence with the Go names of fields, for the author of a Go program.
func (t Text) String() string {
	text, _ := t.render(Place.inGo, nil)
	return text
}

// Render returns the sentence with the names that are used outside of Go, for example for the
// author of a JSON file. It calls name to get the name of each [Place] in the sentence. A [Field]
// is treated like the Place of that field.
//
// The name function returns "" for a field that the user cannot set. In that case, Render returns
// the sentence that was passed to [Text.Else]. If there is none, Render uses the Go name.
//
// Render replaces each [Expr] and [PathExpr] with the result of calling quote.
func (t Text) Render(name func(Place) string, quote func(expr string) string) string {
	text, _ := t.render(name, quote)
	return text
}

// render implements Render, and String, for which quote is nil. ok is false if name returned "" for
// a field that the result mentions.
func (t Text) render(name func(Place) string, quote func(string) string) (text string, ok bool) {
	if len(t.args) == 0 {
		return t.words, true
	}
	ok = true
	named := func(p Place) string {
		text := name(p)
		if text == "" {
			ok = false
			return p.inGo()
		}
		return text
	}
	args := make([]any, len(t.args))
	for i, arg := range t.args {
		switch arg := arg.(type) {
		case Field:
			args[i] = named(At(arg, -1))
		case Place:
			args[i] = named(arg)
		case Literal:
			if args[i] = arg.Data; quote == nil {
				args[i] = arg.Go
			}
		case Expr:
			if args[i] = arg.inGo(); quote != nil {
				args[i] = quote(string(arg))
			}
		case PathExpr:
			if args[i] = arg.inGo(); quote != nil {
				args[i] = quote(string(arg))
			}
		case Text:
			text, isNamed := arg.render(name, quote)
			args[i], ok = text, ok && isNamed
		default:
			args[i] = arg
		}
	}
	if !ok && t.otherwise != nil {
		return t.otherwise.render(name, quote)
	}
	return fmt.Sprintf(t.words, args...), ok
}

// inGo returns the Go name of the field, with the index if there is one. The name does not contain
// the route, because a Text mentions only routes themselves, and fields in the same Config as the
// mistake.
func (p Place) inGo() string {
	if p.Index < 0 {
		return p.Field.String()
	}
	return p.Field.String() + "[" + strconv.Itoa(p.Index) + "]"
}

// Place identifies a field in a configuration, such as MaxAge, or one entry of a field, such as
// AllowOrigins[3]. The field can be at the top level or in a route. [At] returns a Place at the top
// level, and [Place.In] returns the corresponding Place in a route.
type Place struct {
	InRoute bool  // whether Field belongs to a route or to the Config of a route
	Route   int   // the index of that route in Config.Routes, if InRoute is true
	Field   Field // the field with the mistake
	Index   int   // the index of the entry in Field, or -1 if the mistake is not in one entry
}

// At returns the Place of an entry in a top-level field. For example, At(AllowOrigins, 3) is the
// Place of AllowOrigins[3]. If index is -1, At returns the Place of the whole field.
func At(f Field, index int) Place { return Place{Field: f, Index: index} }

// In returns the Place that corresponds to p in the route with index i. For example, if p is
// AllowOrigins[3], p.In(2) is Routes[2].Config.AllowOrigins[3].
func (p Place) In(i int) Place {
	p.InRoute, p.Route = true, i
	return p
}

// Parent returns the Place that contains p. For the entry AllowOrigins[3], this is the field
// AllowOrigins. For the field Routes[2].Config.MaxAge, this is the route Routes[2]. ok is false if
// p is a field at the top level.
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

// GoName returns the field name and the index that a core.ConfigError uses for p. For
// Routes[2].Config.AllowOrigins[3], they are "Routes[2].Config.AllowOrigins" and 3. If p is a whole
// field, such as MaxAge, the index is -1. If p is the Path, PathRegex, Disable or Config of a
// route, the name is "Routes" and the index is that of the route.
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
	AllowOrigins                  Field = "AllowOrigins"
	AllowOriginRegexes            Field = "AllowOriginRegexes"
	AllowOriginFunc               Field = "AllowOriginFunc"
	AllowMethods                  Field = "AllowMethods"
	AllowHeaders                  Field = "AllowHeaders"
	ExposeHeaders                 Field = "ExposeHeaders"
	AllowCredentials              Field = "AllowCredentials"
	MaxAge                        Field = "MaxAge"
	AllowPrivateNetwork           Field = "AllowPrivateNetwork"
	PreflightStatus               Field = "PreflightStatus"
	ContinuePreflight             Field = "ContinuePreflight"
	ForbidDisallowed              Field = "ForbidDisallowed"
	Debug                         Field = "Debug"
	OnDecision                    Field = "OnDecision"
	Routes                        Field = "Routes"
	DangerouslyAllowOrigins       Field = "DangerouslyAllowOrigins"
	DangerouslyAllowOriginRegexes Field = "DangerouslyAllowOriginRegexes"

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

// Of returns the Problem that err contains. ok is false if err is not a *core.ConfigError.
//
// Package core sets this variable when it is initialized. In this way, other packages of the module
// can get the Problem, although core does not export it.
var Of func(err error) (p Problem, ok bool)

// Lint returns what core.Lint finds in cfg, which must be a core.Config. Package core sets this
// variable when it is initialized.
var Lint func(cfg any) []Finding

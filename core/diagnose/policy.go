package diagnose

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/problem"
)

// Policy is a policy that a person wrote down: as JSON, as environment variables, or as Go code.
type Policy struct {
	Notation Notation    // how the policy is written
	Config   core.Config // what it says

	// Findings lists what should be reviewed: what [core.Lint] finds in the Config, and settings
	// that have no effect. The names of fields are those of the notation, such as
	// "allow_origins[0]" in JSON.
	Findings []core.Finding

	text      string
	lines     lines
	index     index
	compiled  *core.Policy
	prefix    string            // of the environment variables
	variables map[string]string // the names of the variables, by the name of the field in Go
	goType    string            // the type of the literal, such as "corsgin.Config"
}

// Notation is a way to write a policy.
type Notation string

const (
	JSON        Notation = "JSON"                  // a JSON object, as package settings reads it
	Environment Notation = "environment variables" // lines such as CORS_ALLOW_ORIGINS=https://app.example.com
	Go          Notation = "Go"                    // a composite literal such as corsgin.Config{...}
)

// maxProblems is how many problems ReadPolicy returns at most. Nobody corrects more at once.
const maxProblems = 100

// maxPolicy is the length of the longest policy that ReadPolicy reads, in bytes.
const maxPolicy = 64 << 10

// ReadPolicy reads a policy in any notation:
//
//   - a JSON object with the keys that package settings describes
//   - environment variables, as in a .env file, a shell script or a Compose file. Their prefix, such
//     as "CORS_", is found from their names. Other variables are ignored.
//   - Go code that contains one composite literal of a Config, such as corsgin.Config{...}. The code
//     may be a whole file or only the literal. Assignments such as cfg.AllowCredentials = true are
//     read, too, if they follow the literal in the same block. Values that the code computes cannot
//     be read.
//
// ReadPolicy returns an error if the policy could not be used as it is written, because [core.New]
// would refuse it, or because it cannot be read. The error wraps a [*core.ConfigError] for each
// problem, up to 100; see [core.Problems]. The names of fields are those of the notation, and Line
// and Column are positions in the text. The Policy that is returned with an error has only its
// Notation.
//
// A text that is longer than 64 KiB is refused.
func ReadPolicy(text string) (Policy, error) {
	original := text
	text = blank(text)
	n := notationOf(text)
	var p Policy
	var err error
	switch {
	case len(text) > maxPolicy:
		err = newProblem("settings", "this is longer than 64 KiB", "leave something out")
	case !utf8.ValidString(text):
		err = newProblem("settings", "this is not UTF-8", "save it as UTF-8")
	case strings.TrimSpace(text) == "":
		err = newProblem("settings", "there is no policy", "write one, such as "+exampleJSON)
	case n != Go && !looksLikeJSON.MatchString(text) && foreignFormat(text) != nil:
		err = foreignFormat(text)
	case n == Environment:
		p, err = readEnvironment(text)
	case n == Go:
		p, err = readGo(text)
	case looksLikeJSON.MatchString(text):
		p, err = readJSON(text)
	default:
		err = newProblem("settings", "this is neither JSON, nor environment variables, nor Go code",
			"write it as JSON, such as "+exampleJSON)
	}
	if err != nil {
		return Policy{Notation: n}, err
	}
	p.Notation, p.text, p.lines = n, original, newLines(original)
	return p, nil
}

const exampleJSON = `{"allow_origins": ["https://app.example.com"]}`

// inOrder returns problems as one error, in the order of their positions.
func inOrder(problems []error) error {
	slices.SortStableFunc(problems, func(a, b error) int {
		x, y := a.(*core.ConfigError), b.(*core.ConfigError)
		return cmp.Or(x.Line-y.Line, x.Column-y.Column)
	})
	return errors.Join(problems[:min(len(problems), maxProblems)]...)
}

// newProblem returns a problem that is at the beginning of the text.
func newProblem(name, rule, fix string) *core.ConfigError {
	return &core.ConfigError{Field: name, Index: -1, Rule: rule, Fix: fix, Line: 1, Column: 1}
}

// foreign has formats that contain settings of a policy, but that cannot be read.
var foreign = []struct {
	text      *regexp.Regexp
	what, fix string
}{
	{
		regexp.MustCompile(`(?m)^(?:from corsheaders|INSTALLED_APPS|MIDDLEWARE)\b|^CORS_\w+ = (?:\[|\(|True|False)`),
		"these are settings of Django", "write them as variables, such as CORS_ALLOWED_ORIGINS=https://app.example.com",
	},
	{
		regexp.MustCompile(`(?m)^[ \t]*- name: *["']?[A-Z_][A-Z0-9_]*["']?[ \t\r]*\n[ \t]*value:`),
		"these are variables of Kubernetes", "write each on a line of the form NAME=value",
	},
	{
		regexp.MustCompile(`(?m)^Environment=`),
		"this is a unit of systemd", "remove Environment= before each variable",
	},
	{
		regexp.MustCompile(`(?m)^[^#\n]*\bdocker run\b`),
		"this is a docker command", "write what follows each -e on a line of its own",
	},
	{
		regexp.MustCompile(`(?mi)^[ \t]*\$env:`),
		"these are variables of PowerShell", "remove $env: before each name",
	},
}

// foreignFormat returns the problem of a text in one of those formats, or nil.
func foreignFormat(text string) error {
	for _, f := range foreign {
		if f.text.MatchString(text) {
			return newProblem("settings", f.what, f.fix)
		}
	}
	return nil
}

var (
	looksLikeJSON = regexp.MustCompile(`^\s*(?:[{\["]|//|/\*)`)

	jsonBegins = regexp.MustCompile(`^\s*\{\s*(?:"|\}|\z)`)
	goHas      = regexp.MustCompile(`(?m:^[^#\n]*\b(?:Config|Options)\s*\{)|` +
		`(?m:^\s*(?:package \w|import [("]|func \w|\w+ := |\w+\.Use\())`)
	hasFence = regexp.MustCompile("(?m)^[ \\t]*```.*$")
)

// blank replaces a byte order mark and Markdown fences by spaces, so positions stay.
func blank(text string) string {
	if rest, ok := strings.CutPrefix(text, "\ufeff"); ok {
		text = "   " + rest
	}
	return hasFence.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
}

// notationOf guesses the notation of a text.
func notationOf(text string) Notation {
	switch {
	case jsonBegins.MatchString(text):
		return JSON
	case goHas.MatchString(text):
		return Go
	case isEnvironment(text):
		return Environment
	}
	return JSON
}

// Compiled returns the policy that the text describes, or nil if ReadPolicy returned an error. It
// is what [core.New] returns for the Config.
func (p Policy) Compiled() *core.Policy { return p.compiled }

// Line returns the number of the line that sets a field, or 0 if the text does not set it. The
// field is named as in a [core.Explanation], such as "Routes[0].Config.AllowOrigins[1]", or as in a
// Finding. For an entry that is not in the text itself, Line returns the line of the list.
func (p Policy) Line(field string) int {
	for field != "" {
		if s, ok := p.index.fields[field]; ok {
			line, _ := p.lines.position(s.start)
			return line
		}
		end := strings.LastIndexByte(field, '[')
		if end < 0 || !strings.HasSuffix(field, "]") {
			return 0
		}
		field = field[:end]
	}
	return 0
}

// Apply returns the text of the policy after the changes that a [Report] advises: entries are added
// to lists, and the fields in enable are set to true. The rest of the text is not changed, so its
// comments and its layout stay. Apply returns an error if a change cannot be made in the text.
func (p Policy) Apply(changes []core.ConfigChange, enable []string) (string, error) {
	all := make([]change, 0, len(changes)+len(enable))
	for _, c := range changes {
		all = append(all, change{field: c.Field, add: c.Add})
	}
	for _, field := range enable {
		all = append(all, change{field: field, isSwitch: true})
	}
	want := p.Config
	want.Routes = slices.Clone(want.Routes)
	text := p.text
	var edits []edit
	for _, c := range all {
		isNew, err := c.applyTo(&want)
		if err != nil {
			return "", err
		}
		if !isNew {
			continue
		}
		var e edit
		var ok bool
		switch p.Notation {
		case JSON:
			e, ok = p.index.change(text, c, jsonStyle)
		case Go:
			e, ok = p.index.change(text, c, goStyle)
		case Environment:
			if text, ok = p.changeVariable(text, c); ok {
				continue
			}
		}
		if !ok {
			return "", errors.New("cors: " + c.field + " cannot be changed in this text")
		}
		edits = append(edits, e)
	}
	text = applyEdits(text, edits)
	if p.Notation == Go {
		text = formatLike(p.text, text)
	}
	got, err := ReadPolicy(text)
	if err != nil {
		return "", err
	}
	if !reflect.DeepEqual(got.Config, want) {
		return "", errors.New("cors: the changes cannot be made in this text")
	}
	return text, nil
}

// Translate returns a text of a [Report] with the names of fields replaced by those of the
// notation: "add \"x-a\" to AllowHeaders" becomes "add \"x-a\" to allow_headers" for a policy in
// JSON.
func (p Policy) Translate(text string) string {
	if p.Notation == Go || p.Notation == "" {
		return text
	}
	text = appended.ReplaceAllStringFunc(text, func(call string) string {
		m := appended.FindStringSubmatch(call)
		return "the default " + strings.ToLower(m[1]) + " and " + m[2]
	})
	return goName.ReplaceAllStringFunc(text, p.name)
}

var (
	goName = regexp.MustCompile(`\bRoutes\[[0-9]+\](?:\.Config)?\.[A-Z]\w+(?:\[[0-9]+\])?|` +
		`\b(?:(?:Dangerously)?Allow[A-Z]\w+|ExposeHeaders|MaxAge|PreflightStatus|ContinuePreflight|ForbidDisallowed|` +
		`Routes|PathRegex|Disable)\b(?:\[[0-9]+\])?`)
	appended = regexp.MustCompile(`append\(core\.Default(Methods|Headers)\(\), ([^()]*)\)`)
)

// name returns the name in the notation of a field whose name in Go is given. The notation is JSON
// or Environment.
func (p Policy) name(field string) string {
	if p.Notation == JSON {
		return jsonName(field)
	}
	if variable, ok := p.variables[field]; ok {
		return variable
	}
	list, index := field, ""
	if end := strings.LastIndexByte(field, '['); end >= 0 && strings.HasSuffix(field, "]") {
		list, index = field[:end], field[end:]
	}
	if variable, ok := p.variables[list]; ok {
		return variable + index
	}
	if inRoutes, ok := strings.CutPrefix(jsonName(list), "routes["); ok {
		return p.prefix + "ROUTES[" + inRoutes + index
	}
	return p.prefix + strings.ToUpper(jsonName(list)) + index
}

// setPosition sets the position of a problem whose Field and Index are named in the index.
// Otherwise it has the position of what contains the field.
func (x index) setPosition(e *core.ConfigError, l lines) {
	place := entryName(e.Field, e.Index)
	for {
		s, ok := x.fields[place]
		if ok || place == "" {
			e.Line, e.Column = l.position(s.start)
			return
		}
		place = place[:max(strings.LastIndexAny(place, ".["), 0)]
	}
}

// entryName returns the name of an entry of a list, or of the list if i is negative.
func entryName(list string, i int) string {
	if i < 0 {
		return list
	}
	return list + "[" + strconv.Itoa(i) + "]"
}

// compile returns the policy for cfg, or the problems that core.New finds. nameOf returns the name
// of a field in the notation. It is nil for Go.
func compile(l lines, x index, cfg core.Config, nameOf func(field string) string) (*core.Policy, error) {
	policy, err := core.New(cfg)
	var list []error
	for e := range core.Problems(err) {
		p, _ := problem.Of(e)
		if x.isUnread(p) {
			continue
		}
		named := &core.ConfigError{Field: e.Field, Index: e.Index, Value: e.Value, Rule: e.Rule, Fix: e.Fix}
		if nameOf != nil {
			name := func(p problem.Place) string { return nameOf(entryName(p.Field.String(), p.Index)) }
			plain := func(expr string) string { return expr } // no such problem mentions an expression
			named.Field, named.Rule, named.Fix = nameOf(e.Field), p.Rule.Render(name, plain), p.Fix.Render(name, plain)
		}
		x.setPosition(named, l)
		if s, ok := x.fields[fieldName(p.Place)]; ok {
			named.Line, named.Column = l.position(s.start)
		}
		if list = append(list, named); len(list) == maxProblems {
			break
		}
	}
	return policy, errors.Join(list...)
}

// fieldName returns the full name of a place in Go, such as "Routes[2].Path".
func fieldName(p problem.Place) string {
	name := entryName(p.GoName())
	if p.InRoute && p.Field.OfRoute() {
		name += "." + p.Field.String()
	}
	return name
}

// isUnread reports whether a problem may only exist because a value was not read. That problem has
// been reported.
func (x index) isUnread(p problem.Problem) bool {
	places := []string{fieldName(p.Place)}
	prefix, _ := splitField(places[0])
	for _, f := range p.OneOf {
		switch {
		case f.OfRoute():
			places = append(places, places[0]+"."+f.String())
		default:
			places = append(places, prefix+f.String())
		}
	}
	for _, place := range places {
		if p.OneOf != nil && x.partly[place] || x.unread[place] || x.unread[""] {
			return true
		}
		for i := range len(place) {
			if (place[i] == '.' || place[i] == '[') && x.unread[place[:i]] {
				return true
			}
		}
	}
	return false
}

// keyByField has the JSON key of each field of Config and Route.
var keyByField = func() map[string]string {
	m := map[string]string{}
	for _, owner := range []reflect.Type{reflect.TypeFor[core.Config](), reflect.TypeFor[core.Route]()} {
		for i := range owner.NumField() {
			name := owner.Field(i).Name
			m[name] = strings.ToLower(capital.ReplaceAllString(name, "${1}_${2}"))
		}
	}
	return m
}()

var capital = regexp.MustCompile(`([a-z])([A-Z])`)

// fieldByKey has the field of each JSON key.
var fieldByKey = func() map[string]string {
	m := map[string]string{}
	for name, key := range maps.All(keyByField) {
		m[key] = name
	}
	return m
}()

package settings

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/problem"
)

// Value is one setting of a program, with the value that the program's operator gave it, for
// example on the command line. It is an argument of [FromValues].
type Value struct {
	// Key is the key of the setting in JSON, such as "allow_origins". The package comment lists the
	// keys.
	Key string

	// Name is what the operator calls the setting, such as "server.cors.origins" or
	// "--cors-origin". Errors refer to the setting by this name. If it is "", they use Key.
	Name string

	// Text contains the value of the setting, in the notation of [FromEnv]. It usually has one
	// element. The value of a list may be spread over several, such as one for each use of a
	// repeated flag. To set an empty list, use the string "[]". If Text has no elements or only
	// blank ones, the setting is not set.
	Text []string
}

// Options contains the options of [FromValues]. With the zero Options, FromValues is strict: it
// makes no assumptions about settings that are missing or that contradict each other.
type Options struct {
	// NoOrigins lists the origins to allow if the operator has not set any, neither at the top
	// level nor in a route. If NoOrigins is nil, FromValues returns an error in that case. If
	// NoOrigins is empty but not nil, no origins are allowed. To allow every origin, use
	// []string{"*"}.
	NoOrigins []string

	// DropCredentials makes [FromValues] turn credentials off if the operator has allowed every
	// origin with "*". Browsers do not accept both together. FromValues reports this as a finding
	// with the Code "setting-without-effect". If DropCredentials is false, the combination is an
	// error.
	DropCredentials bool
}

// FromValues reads settings that have their own names in a program, such as flags or keys in a
// configuration file:
//
//	s, err := settings.FromValues([]settings.Value{
//		{Key: "allow_origins", Name: "--cors-origin", Text: origins},
//		{Key: "allow_credentials", Name: "--cors-credentials", Text: []string{credentials}},
//	}, settings.Options{})
//
// The values must contain every setting that the program has, whether it is set or not. All errors
// and findings refer to settings by the given names. They never advise the operator to use a
// setting that the program does not have. The value of routes is a JSON array, and its keys are
// those of JSON.
//
// Entries of a list are separated by commas or white space. A list that begins with "[" is a JSON
// array, and "[]" is an empty list: for allow_origins, it allows nobody. If Text has several
// elements, each one is split at commas and white space, except that each regular expression is an
// element of its own. FromValues rejects values that look as if a variable was not set or not
// filled in, as FromEnv does.
//
// If the settings are invalid, FromValues returns an error that reports every problem, including
// the problems that [core.New] and [core.NewCSRFProtection] would find. The error wraps a
// [*core.ConfigError] for each of the first hundred problems and states how many more there are.
// Field is the name of the setting. For a problem inside the JSON array of allow_origins or routes,
// Line and Column are the position in the text. An unknown Key and a Key that occurs twice are
// errors, too.
//
// A program that sets AllowOriginFunc should set NoOrigins, because the operator then need not list
// any origins.
func FromValues(values []Value, o Options) (Settings, error) {
	var s Settings
	op := operator{report: newReport(), names: map[problem.Field]string{}}
	op.read(&s, values)
	op.setOrigins(&s.CORS, o.NoOrigins)
	if o.DropCredentials {
		op.dropCredentials(&s.CORS)
	}
	op.refuseCredentials(&s.CORS)
	op.validate(&s, &op)
	if err := op.err(); err != nil {
		return Settings{}, err
	}
	s.Findings = append(op.findings, lint(s.CORS, &op)...)
	return s, nil
}

// operator reads the values that FromValues receives. It implements [source].
type operator struct {
	*report
	names     map[problem.Field]string // the names of the settings that the program has
	findings  []core.Finding
	noOrigins bool // AllowOrigins is Options.NoOrigins
}

// origin implements [source]. Every value has its own name. Origins from Options.NoOrigins have no
// index, because the operator did not write them.
func (op *operator) origin(p problem.Place, value string) (problem.Place, string) {
	if op.noOrigins && !p.InRoute && p.Field == problem.AllowOrigins {
		p.Index = -1
	}
	return p, value
}

// quote implements [source]. Routes are written in JSON.
func (op *operator) quote(p problem.Place, expr string) string {
	if p.InRoute {
		return quoteJSON(expr)
	}
	return bareExpr(expr)
}

// name implements [source].
func (op *operator) name(f problem.Field) string { return op.names[f] }

// read reads all values, and stores them in s.
func (op *operator) read(s *Settings, values []Value) {
	all := slotsOf(s)
	for _, v := range values {
		name := printableName(v.Name)
		if name == "" {
			name = printable(v.Key)
		}
		i := slices.IndexFunc(all, func(s slot) bool { return s.key == v.Key })
		switch {
		case i < 0:
			op.unknown[""] = true
			rule, fix := unknownKey(v.Key, "", all, false)
			op.refuse(name, -1, v.Key, rule, fix)
		case op.names[all[i].field] != "":
			op.put(name, -1, v.Key, "another value has the same key", "remove one of them")
		default:
			op.names[all[i].field] = name
			op.value(name, v.Text, all[i])
		}
	}
}

// printableName returns the name of a setting. It quotes the name if it contains characters that
// are not printable.
func printableName(name string) string {
	if strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return strconv.Quote(name)
	}
	return name
}

// value reads a value and stores it in its slot.
func (op *operator) value(name string, text []string, s slot) {
	list, isList := s.target.(*[]string)
	all := strings.Join(text, "")
	switch {
	case strings.TrimSpace(all) == "", isList && strings.TrimFunc(all, isSeparator) == "":
		// not set
	case len(text) == 1:
		text := op.trim(name, text[0])
		if s.regex && isSplitWithin(text) && len(splitOutside(text)) == 1 && !strings.HasPrefix(text, "[") &&
			!pythonTuple.MatchString(text) {
			op.entries(name, []string{text}, list, s.setting) // one expression with a comma in brackets
			return
		}
		op.readText(name, text, s)
	case isList:
		op.entries(name, splitEach(text, s.setting), list, s.setting)
	default:
		op.refuse(name, -1, strings.Join(text, ", "), "this setting has one value", "write one of them")
	}
}

// splitEach splits each element of a list into entries. It does not split regular expressions.
func splitEach(text []string, s setting) (entries []string) {
	for _, element := range text {
		if s.regex {
			if element = strings.TrimSpace(element); element != "" {
				entries = append(entries, element)
			}
			continue
		}
		entries = append(entries, strings.FieldsFunc(element, isSeparator)...)
	}
	return entries
}

// entries reads the entries of a list, and stores them in list.
func (op *operator) entries(name string, entries []string, list *[]string, s setting) {
	*list = entries
	for i, text := range entries {
		if isQuoted(text) && s.field != problem.AllowMethods && !isHeaders(s.field) {
			op.refuse(name, i, text, quotesArePart, withoutQuotes)
			continue
		}
		op.checkText(name, i, text, s)
	}
}

// setOrigins sets AllowOrigins to origins if no setting says which origins are allowed.
func (op *operator) setOrigins(cfg *core.Config, origins []string) {
	if saysOrigins(cfg) || len(cfg.Routes) > 0 || op.unknown[""] {
		return
	}
	var name string // of the first list of origins
	for _, s := range slices.Backward(ofConfig) {
		known := op.names[s.field]
		if s.ofOrigins() && known != "" {
			name = known
		}
		if (s.ofOrigins() || s.field == problem.Routes) && op.refused[known] {
			return // that problem has been reported
		}
	}
	switch {
	case origins != nil:
		cfg.AllowOrigins, op.noOrigins = slices.Clone(origins), true
	case name == "":
		op.put("", -1, "", "no value is for a list of origins", `add a Value with the Key "allow_origins", or set NoOrigins`)
	default:
		op.put(name, -1, "", "no origins are configured",
			`list the origins, such as "https://app.example.com", or write [] to allow nobody`)
	}
}

const everyOrigin = "every origin is allowed, and browsers do not accept credentials then"

// refuseCredentials reports a problem if credentials are switched on, NoOrigins contains "*", and
// the program has no setting for origins. Without it, the operator would get a message of core
// about "*", which would not help.
func (op *operator) refuseCredentials(cfg *core.Config) {
	if !op.noOrigins || op.names[problem.AllowOrigins] != "" || !cfg.AllowCredentials ||
		!slices.Contains(cfg.AllowOrigins, "*") {
		return
	}
	cfg.AllowCredentials = false
	op.put(op.names[problem.AllowCredentials], -1, "", everyOrigin, "remove it")
}

// dropCredentials switches credentials off wherever "*" is allowed, including in routes.
func (op *operator) dropCredentials(cfg *core.Config) {
	op.drop(cfg, problem.At(problem.AllowCredentials, -1))
	for i := range cfg.Routes {
		op.drop(&cfg.Routes[i].Config, problem.At(problem.AllowCredentials, -1).In(i))
	}
}

// drop switches the credentials of a Config off if it allows "*". The argument place is the place
// of AllowCredentials in this Config.
func (op *operator) drop(cfg *core.Config, place problem.Place) {
	if !cfg.AllowCredentials || !slices.Contains(cfg.AllowOrigins, "*") ||
		len(cfg.DangerouslyAllowOrigins)+len(cfg.DangerouslyAllowOriginRegexes) > 0 { // which need credentials
		return
	}
	cfg.AllowCredentials = false
	why := problem.Textf(`%v contains "*", and browsers do not accept credentials then`, problem.AllowOrigins).
		Else(problem.Plain(everyOrigin))
	op.findings = append(op.findings, withoutEffect(entry(locate(op, place)),
		why.Render(func(p problem.Place) string { return mention(op, place, p) }, quoteJSON)))
}

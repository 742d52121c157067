package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/problem"
)

const (
	maxSize  = 16 << 20 // bytes of JSON
	maxDepth = 32       // nested arrays and objects; valid settings have 4
)

// FromJSON reads settings from a JSON object. The package comment lists the keys of the object.
//
// FromJSON rejects unknown keys, duplicate keys, null, values of the wrong type ("true" is not a
// boolean), control characters, text after the object, a byte order mark, more than 16 MiB of
// input, and deeply nested values. It also rejects strings that look as if a template was not
// filled in, such as ${ORIGIN}.
//
// The object need not list any origins, regular expressions or routes, because the program may set
// AllowOriginFunc later or may not need a policy. For example, FromJSON returns the zero Settings
// for {}, although core.New rejects its CORS configuration. However, it is an error if a route does
// not list any origins, unless the route is disabled. To allow nobody, write "allow_origins": [].
//
// If the input is invalid, FromJSON returns an error that reports every problem, including the
// problems that [core.New] and [core.NewCSRFProtection] would find. The error wraps a
// [*core.ConfigError] for each of the first hundred problems and states how many more there are.
// The Field and Index of a ConfigError locate the problem: for the first entry in the list of
// origins of the third route, Field is "routes[2].allow_origins" and Index is 0. Line and Column
// are the position of the value in data, or of the key if the key is the problem. FromJSON stops at
// a syntax error, so a syntax error is always the last problem.
func FromJSON(data []byte) (Settings, error) {
	var s Settings
	r := newReport()
	if r.decode("", data, "correct the syntax there", func(d *decoder) { d.object("", -1, slotsOf(&s)) }) {
		r.validate(&s, jsonSource{})
	}
	if err := r.err(); err != nil {
		return Settings{}, err
	}
	s.Findings = lint(s.CORS, jsonSource{})
	return s, nil
}

// jsonSource is the [source] that FromJSON uses.
type jsonSource struct{}

// origin implements [source]. In JSON, every value has its own key, so it returns its arguments.
func (jsonSource) origin(p problem.Place, value string) (problem.Place, string) { return p, value }

// quote implements [source].
func (jsonSource) quote(_ problem.Place, expr string) string { return quoteJSON(expr) }

func quoteJSON(text string) string { return string(appendString(nil, text)) }

// name implements [source].
func (jsonSource) name(f problem.Field) string { return keys[f] }

// ToJSON returns s as an indented JSON object, with the keys in the order of the struct fields. It
// omits Findings and all fields that are zero. If the result is passed to [FromJSON], it returns
// Settings equal to s, except that a negative MaxAge becomes -1.
//
// ToJSON returns an error if s contains a value that FromJSON rejects. The error has the same type
// as FromJSON's. A func is an error too, and then the Field of the [*core.ConfigError] is its Go
// name, such as "Routes[2].Config.AllowOriginFunc".
func ToJSON(s Settings) ([]byte, error) {
	r := newReport()
	r.refuseFuncs("", s.CORS)
	r.refuseFuncs("CSRF.", s.CSRF)
	for i, route := range s.CORS.Routes {
		r.refuseFuncs(entry("Routes", i)+".Config.", route.Config)
		if len(route.Config.Routes) > 0 {
			r.put(entry("Routes", i)+".Config.Routes", -1, "", "a route cannot have routes", "move them to Routes of the Config")
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, appendObject(nil, slotsOf(&s)), "", "  "); err != nil {
		return nil, err
	}
	if _, err := FromJSON(indented.Bytes()); err != nil {
		for e := range core.Problems(err) {
			e.Line, e.Column = 0, 0 // nobody has seen that text
		}
		return nil, err
	}
	return indented.Bytes(), nil
}

// refuseFuncs reports the funcs that are set in a struct, because JSON cannot contain them.
func (r *report) refuseFuncs(prefix string, owner any) {
	v := reflect.ValueOf(owner)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Func && !f.IsNil() {
			r.put(prefix+v.Type().Field(i).Name, -1, "", "JSON cannot contain a func",
				"remove it, and set it on the Config that was read")
		}
	}
}

func appendObject(b []byte, all []slot) []byte {
	b = append(b, '{')
	for _, s := range all {
		if v := reflect.ValueOf(s.target).Elem(); !v.IsZero() {
			b = append(b, `"`+s.key+`":`...)
			b = append(appendValue(b, v.Interface()), ',')
		}
	}
	return append(bytes.TrimSuffix(b, []byte(",")), '}')
}

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case time.Duration:
		if v < 0 {
			return append(b, '0')
		}
		return appendString(b, writeAge(v))
	case string:
		return appendString(b, v)
	case []string:
		b = append(b, '[')
		for _, text := range v {
			b = append(appendString(b, text), ',')
		}
		return append(bytes.TrimSuffix(b, []byte(",")), ']')
	case []core.Route:
		b = append(b, '[')
		for i := range v {
			b = append(appendObject(b, slotsOfRoute(&v[i])), ',')
		}
		return append(bytes.TrimSuffix(b, []byte(",")), ']')
	case bool:
		return strconv.AppendBool(b, v)
	}
	return strconv.AppendInt(b, int64(value.(int)), 10)
}

func appendString(b []byte, text string) []byte {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false) // because regular expressions contain "<", ">" and "&"
	_ = e.Encode(text)     // never fails for a string
	return append(b, bytes.TrimSpace(quoted.Bytes())...)
}

// writeAge returns age.String() without trailing zero units: "10m" instead of "10m0s".
func writeAge(age time.Duration) string {
	text := age.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// decoder reads JSON token by token. Unlike json.Unmarshal, it knows the position of every value
// and sees duplicate keys.
type decoder struct {
	*report
	jsonText
	tokens *json.Decoder
	depth  int
	broken bool   // a syntax error has been reported, so nothing more can be read
	fix    string // the fix for a syntax error, unless explain knows a better one
}

// nothing is the token that next returns after a syntax error.
type nothing struct{}

// decode reads a value by calling the value function. It reports a problem if there is any text
// after the value. It returns false if there is a syntax error, for which fix is the suggested fix.
func (r *report) decode(place string, data []byte, fix string, value func(*decoder)) bool {
	text := jsonText{place: place, margin: r.margins[place], data: data}
	if rest, ok := bytes.CutPrefix(data, []byte("\ufeff")); ok {
		r.refuseAt(text, 0, -1, "the text begins with a byte order mark", "save it without one")
		text.data, data = rest, rest
	}
	switch {
	case len(data) > maxSize:
		r.refuse(place, -1, "", "this is longer than 16 MiB",
			"keep long lists elsewhere, and add them to the Config that was read")
		return false
	case bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")):
		r.refuseAt(text, 0, -1, "this is UTF-16", "save it as UTF-8")
		return false
	case !utf8.Valid(data):
		r.refuseAt(text, invalidAt(data), -1, "this is not UTF-8", "save it as UTF-8")
		return false
	}
	if place == "" && !json.Valid(data) {
		if rule, fix := explainFormat(string(data)); rule != "" {
			blank := len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
			r.refuseAt(text, blank, -1, rule, fix)
			return false
		}
	}
	r.texts = append(r.texts, text)
	d := &decoder{report: r, jsonText: text, tokens: json.NewDecoder(bytes.NewReader(data)), fix: fix}
	d.tokens.UseNumber()
	value(d)
	if d.broken {
		r.refused[place] = true // all of it
		return false
	}
	end := d.tokens.InputOffset()
	if _, err := d.tokens.Token(); err != io.EOF {
		rule := "there is text after the end of the JSON value"
		switch after := d.tokenAt(end); {
		case bytes.HasPrefix(after, []byte("{")):
			rule = "there is a second JSON object"
		case comment.Match(after):
			rule = "JSON has no comments"
		}
		r.refuseAt(text, d.start(end), -1, rule, "remove it")
	}
	return true
}

// next returns the next token. If the token cannot be read, next reports a problem and returns
// nothing.
func (d *decoder) next(place string, index int) json.Token {
	if d.broken {
		return nothing{}
	}
	start := d.tokens.InputOffset()
	t, err := d.tokens.Token()
	switch t {
	case json.Delim('{'), json.Delim('['):
		d.depth++
	case json.Delim('}'), json.Delim(']'):
		d.depth--
	}
	switch {
	case err != nil:
		what := err.Error()
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			what = endsTooEarly
		}
		rule, fix := d.explain(what, start)
		at := d.jsonText
		at.place = place
		d.refuseAt(at, d.start(start), index, rule, fix)
	case d.depth > maxDepth:
		e := d.refuse(place, index, "", "this is nested too deeply", "remove the inner levels; no setting has so many")
		d.setPosition(e, d.start(start))
	default:
		return t
	}
	d.broken = true
	return nothing{}
}

func (d *decoder) more() bool { return !d.broken && d.tokens.More() }

// tokenAt returns the text that begins with the next token. The argument end is the offset of the
// end of the previous token.
func (d *decoder) tokenAt(end int64) []byte { return d.data[d.start(end):] }

// invalidAt returns the index of the first byte that is not valid UTF-8.
func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// skip reads the rest of a value whose first token is t.
func (d *decoder) skip(place string, t json.Token) {
	if t != json.Delim('[') && t != json.Delim('{') {
		return
	}
	for around := d.depth - 1; d.depth > around && !d.broken; {
		d.next(place, -1)
	}
}

// mismatch reports a value of the wrong type, whose first token is t. The fix function receives the
// text of a string, number or boolean, and "" for other values.
func (d *decoder) mismatch(place string, index int, t json.Token, want string, fix func(text string) string) {
	if d.broken {
		return
	}
	what, value := "", ""
	switch t := t.(type) {
	case nil:
		words := writeOrRemove
		switch {
		case index >= 0:
			words = "remove it"
		case place == "":
			words = "write {} if there are no settings"
		}
		d.refuse(place, index, "", "null looks like a value that was not set", words)
		return
	case string:
		what, value = "a string", t
	case json.Number:
		what, value = "a number", t.String()
	case bool:
		what, value = "a boolean", strconv.FormatBool(t)
	case json.Delim:
		if what = "a list"; t == '{' {
			what = "an object"
		}
	}
	d.refuse(place, index, value, "got "+what+", want "+want, fix(value))
	d.skip(place, t)
}

// always returns a fix function that ignores the value.
func always(fix string) func(string) string { return func(string) string { return fix } }

// object reads a JSON object, and stores its values in the slots.
func (d *decoder) object(place string, index int, all []slot) {
	if t := d.next(place, index); t != json.Delim('{') {
		fix := `write an object, such as {"path": "/api/", "allow_origins": ["https://app.example.com"]}`
		if place == "" {
			fix = `write an object, such as {"allow_origins": ["https://app.example.com"]}`
			if text, ok := t.(string); ok && strings.HasPrefix(strings.TrimSpace(text), "{") {
				d.refuse(place, index, text, "this is a string that contains JSON",
					"remove the quotes around it and the backslashes in it")
				return
			}
		}
		d.mismatch(place, index, t, "an object", always(fix))
		return
	}
	place = entry(place, index)
	seen := map[string]bool{}
	for d.more() {
		start := d.tokens.InputOffset()
		key, ok := d.next(place, -1).(string)
		if !ok {
			return
		}
		where := strings.TrimPrefix(place+"."+printable(key), ".")
		i := slices.IndexFunc(all, func(s slot) bool { return s.key == key })
		switch {
		case i < 0:
			d.unknown[place] = true
			var rule, fix string
			if !d.isFull() {
				isObject := bytes.HasPrefix(d.tokenAt(d.tokens.InputOffset()), []byte("{"))
				rule, fix = unknownKey(key, place, all, isObject)
			}
			d.setPosition(d.refuse(where, -1, "", rule, fix), d.start(start))
			d.skip(where, d.next(where, -1))
		case seen[key]:
			e := d.put(where, -1, "", "this key is written twice", "remove one of them")
			d.setPosition(e, d.start(start))
			d.skip(where, d.next(where, -1))
		default:
			seen[key] = true
			d.value(where, all[i])
		}
	}
	d.next(place, -1)
}

// unknownKey returns the rule and the fix for a key that the object at place must not have. If
// place is "", this is the outermost object. Otherwise, it is a route. isObject reports whether the
// value of the key is an object.
func unknownKey(key, place string, all []slot, isObject bool) (rule, fix string) {
	const orRemove = ", or remove it"
	elsewhere := func() (rule, fix string) {
		if place == "" {
			return "this key belongs in a route", `move it into "routes"`
		}
		return "a route cannot have this key", "move it to the top level"
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.key
	}
	for f, known := range keys {
		if known == key && f != problem.Config {
			return elsewhere()
		}
	}
	meaning := guess(key, names)
	switch name := canonical(key); {
	case place == "" && isObject && (name == "" || meaning == isWrapper):
		return "the settings must not be inside another object", "move its keys to the top level"
	case place == "" && isObject && (name == "csrf" || name == "csrfprotection"):
		return "the settings must not be inside another object",
			`write "csrf_trusted_origins" and "csrf_exempt_paths" at the top level`
	}
	switch meaning {
	case "", isWrapper:
		return "no setting has this key or a similar one", "remove it"
	case isSwitch:
		return "no setting turns CORS on or off", "remove it"
	case isFunc:
		return "JSON cannot contain a func", "remove it, and set the func on the Config that was read"
	case allowsAllOrigins:
		return noSuchKey, `write "allow_origins": ["*"]` + orRemove
	case allowsAllMethods:
		return noSuchKey, `write "allow_methods": ["*"]` + orRemove
	case allowsAllHeaders:
		return noSuchKey, `write "allow_headers": ["*"]` + orRemove
	}
	if !slices.Contains(names, meaning) {
		rule, fix = elsewhere()
		return rule, fix + " as " + strconv.Quote(meaning)
	}
	return noSuchKey, "write " + strconv.Quote(meaning) + " instead" + orRemove
}

const noSuchKey = "no setting has this key"

// value reads a value and stores it in its slot. If the value cannot be read, the slot keeps the
// zero value.
func (d *decoder) value(place string, s slot) {
	switch p := s.target.(type) {
	case *[]string:
		*p = d.strings(place, s.setting)
	case *[]core.Route:
		*p = d.routes(place)
	case *string:
		*p = d.string(place, -1, s.setting)
	case *bool:
		t := d.next(place, -1)
		b, ok := t.(bool)
		if !ok {
			d.mismatch(place, -1, t, "true or false", booleanFix)
		}
		*p = b
	case *int:
		t := d.next(place, -1)
		n, ok := t.(json.Number)
		if !ok {
			d.mismatch(place, -1, t, "a number", statusFix)
			return
		}
		*p = d.readStatus(place, n.String())
	case *time.Duration:
		switch t := d.next(place, -1).(type) {
		case json.Number:
			*p = d.readAge(place, t.String(), t.String()+"s")
		case string:
			*p = d.readAge(place, t, t)
		default:
			d.mismatch(place, -1, t, "a number of seconds or a duration", ageFix)
		}
	}
}

func (d *decoder) strings(place string, s setting) []string {
	if t := d.next(place, -1); t != json.Delim('[') {
		d.mismatch(place, -1, t, "a list of strings", func(text string) string { return listFix(text, s) })
		return nil
	}
	list := []string{}
	for d.more() {
		list = append(list, d.string(place, len(list), s))
	}
	d.next(place, -1)
	return list
}

// listFix returns the fix for a value that should be a list. If it is a string that contains the
// entries, the fix suggests the list.
func listFix(text string, s setting) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil || text == "true" || text == "false" {
		return "write a list in square brackets"
	}
	list, ok := jsonList(text)
	if !ok {
		list, ok = readPythonList(text)
	}
	if !ok && s.regex {
		list = []string{text}
	} else if !ok {
		list = strings.FieldsFunc(text, func(c rune) bool { return isSeparator(c) || c == ';' })
	}
	if fix := writeList(list); fix != "" && text != "" {
		return fix
	}
	return "write a list in square brackets"
}

func (d *decoder) string(place string, index int, s setting) string {
	t := d.next(place, index)
	text, ok := t.(string)
	if !ok {
		d.mismatch(place, index, t, "a string", func(text string) string {
			if text == "" {
				return "write a string in double quotes"
			}
			return "write " + strconv.Quote(text)
		})
		return ""
	}
	d.checkText(place, index, text, s)
	return text
}

func (d *decoder) routes(place string) []core.Route {
	if t := d.next(place, -1); t != json.Delim('[') {
		d.mismatch(place, -1, t, "a list of routes",
			always(`write it in square brackets, such as [{"path": "/api/", "allow_origins": ["https://app.example.com"]}]`))
		return nil
	}
	list := []core.Route{}
	for d.more() {
		var r core.Route
		d.object(place, len(list), slotsOfRoute(&r))
		list = append(list, r)
	}
	d.next(place, -1)
	return list
}

// printable returns a key for use in messages. It quotes a key with unusual characters, and
// shortens a long one.
func printable(key string) string {
	isName := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
	}
	if key != "" && strings.TrimFunc(key, isName) == "" {
		return short(key)
	}
	return strconv.Quote(short(key))
}

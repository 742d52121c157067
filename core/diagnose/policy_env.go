package diagnose

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// variable is an environment variable that is set in a text.
type variable struct {
	name    string
	at      span   // from the name to the end of the value
	raw     span   // the value as it is written, with its quotes
	quote   byte   // around the value: ', " or 0
	isWhole bool   // the quotes are around the name, too, as in - "NAME=value"
	isYAML  bool   // there is a colon after the name
	value   string // without quotes and escapes
	offsets []int  // of each byte of value, and of its end, in the text
}

var (
	assignment = regexp.MustCompile(
		`^[ \t]*(?:- +)?;?[ \t]*(?:export +|ENV +)?(["']?)([A-Za-z_][A-Za-z0-9_]*)([ \t]*=|: |:$)[ \t]*`)
	yamlOther  = regexp.MustCompile(`^[ \t]*(?:---|(?:- +)?[\w./-]+:(?: .*)?|- .*)$`)
	yamlBlock  = regexp.MustCompile(`^[|>][0-9+-]*[ \t\r]*(?:#.*)?$`)
	envComment = regexp.MustCompile(`^[ \t]*(?:#.*)?$`)
	afterQuote = regexp.MustCompile(`^[ \t]*(?:#.*|\\|;)?$`)
	shellOther = regexp.MustCompile(
		`^[ \t]*(?:set|exec|cd|source|FROM|COPY|RUN|WORKDIR|CMD|EXPOSE|ENTRYPOINT|USER|ADD)[ \t]`)
	envNext  = regexp.MustCompile(`^;?[ \t]+(?:export +)?[A-Z_][A-Z0-9_]*=`)
	envLater = regexp.MustCompile(`;?[ \t]+(?:export +)?[A-Z_][A-Z0-9_]*=`)
)

// isEnvironment reports whether a text sets a variable.
func isEnvironment(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := assignment.FindStringSubmatch(line); m != nil && m[2] == strings.ToUpper(m[2]) {
			return true
		}
	}
	return false
}

// parseEnvironment returns the variables that a text sets, and what is wrong with its other lines.
func parseEnvironment(text string) (list []variable, problems []error) {
	l := newLines(text)
	report := func(offset int, rule, fix string) {
		if len(problems) == maxProblems {
			return
		}
		e := newProblem("settings", rule, fix)
		e.Line, e.Column = l.position(offset)
		problems = append(problems, e)
	}
	end, block := 0, "" // the indentation of a block of YAML, or "" outside of one
	next := 0           // where the next line or the next assignment on the line begins
	isLater := false    // it is not the first on its line
	for next <= len(text) {
		start := next
		end = lineEnd(text, start)
		next = end + 1
		wasLater := isLater
		isLater = false
		line := strings.TrimSuffix(text[start:end], "\r")
		if block != "" && strings.HasPrefix(line, block) {
			continue
		}
		block = ""
		m := assignment.FindStringSubmatchIndex(line)
		isYAML := m != nil && line[m[6]] == ':'
		switch {
		case envComment.MatchString(line):
		case isYAML && strings.ToUpper(line[m[4]:m[5]]) != line[m[4]:m[5]]:
			// a key of a Compose file, such as image:
		case m != nil:
			v := variable{name: line[m[4]:m[5]], at: span{start + m[4], 0}, isYAML: isYAML, isWhole: m[2] < m[3]}
			v.raw.start = start + m[1]
			begin := v.raw.start
			if v.isWhole {
				v.quote = line[m[2]]
			} else if begin < len(text) && (text[begin] == '\'' || text[begin] == '"') {
				v.quote = text[begin]
				begin++
			}
			if isYAML && yamlBlock.MatchString(line[m[1]:]) {
				report(begin, "a block of YAML cannot be read here", "write the value on one line, in single quotes")
				block = indentAt(text, end) + " "
				continue
			}
			after, ok := v.read(text, begin, wasLater)
			if !ok {
				report(v.raw.start, "the quotes are not closed", "write a closing quote")
				return list, problems
			}
			end = lineEnd(text, after)
			next = end + 1
			list = append(list, v)
			if envNext.MatchString(text[after:end]) && !isYAML {
				next, isLater = after+1, true
				continue
			}
			if v.quote != 0 && !wasLater && !afterQuote.MatchString(strings.TrimSuffix(text[after:end], "\r")) {
				report(after, "there is text after the closing quote", "put the whole value in quotes")
			}
		case shellOther.MatchString(line):
			// a line of a shell script or a Dockerfile
		case !yamlOther.MatchString(line):
			report(start+len(indentAt(text, end)), "this line does not have the form NAME=value",
				"write it so; if it belongs to the value before it, put that value in single quotes")
		}
	}
	return list, problems
}

// lineEnd returns the offset of the end of the line that contains an offset.
func lineEnd(text string, offset int) int {
	if n := strings.IndexByte(text[offset:], '\n'); n >= 0 {
		return offset + n
	}
	return len(text)
}

// read reads the value that begins at an offset. It returns the offset after the value and its
// quote. ok is false if the closing quote is missing. A backslash has its meaning in a shell. If
// isLater is set, another assignment is before it on the line, so white space ends the value.
func (v *variable) read(text string, offset int, isLater bool) (after int, ok bool) {
	var b strings.Builder
	put := func(at int) {
		b.WriteByte(text[at])
		v.offsets = append(v.offsets, at)
	}
	i := offset
	if v.quote == 0 {
		for end := unquotedEnd(text, offset, isLater); i < end; i++ {
			put(i)
		}
	} else {
		for ; i < len(text) && text[i] != v.quote; i++ {
			if v.quote == '"' && text[i] == '\\' && i+1 < len(text) && strings.IndexByte("\\\"$`", text[i+1]) >= 0 {
				i++
			}
			put(i)
		}
		if i == len(text) {
			v.at.end = i
			return i, false
		}
	}
	v.offsets = append(v.offsets, i)
	v.value, v.at.end, v.raw.end, after = b.String(), i, i, i
	if v.quote != 0 {
		after++
		if !v.isWhole {
			v.raw.end, v.at.end = after, after
		}
	}
	return after, true
}

// unquotedEnd returns the end of a value without quotes: that of the line or the beginning of a
// comment, without the white space before it.
func unquotedEnd(text string, start int, isLater bool) int {
	line := text[start:lineEnd(text, start)]
	for i := range line {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	if m := envLater.FindStringIndex(line); m != nil {
		line = line[:m[0]]
	} else if i := strings.IndexAny(line, " \t"); isLater && i >= 0 {
		line = line[:i]
	}
	line = strings.TrimRight(line, " \t\r")
	if rest, ok := strings.CutSuffix(line, `\`); ok && (rest == "" || strings.HasSuffix(rest, " ")) {
		line = rest // the next line continues the command
	}
	return start + len(strings.TrimRight(strings.TrimSuffix(line, ";"), " \t"))
}

// findPrefix returns the prefix of the variables of a policy, such as "CORS_" or "APP_CORS_".
func findPrefix(list []variable) string {
	const usual = "CORS_"
	count := map[string]int{}
	best := ""
	note := func(prefix string) {
		count[prefix]++
		if best == "" || count[prefix] > count[best] {
			best = prefix
		}
	}
	for _, v := range list {
		if i := strings.Index(v.name, usual); i >= 0 {
			note(v.name[:i] + usual)
		}
	}
	if best != "" {
		return best
	}
	for _, v := range list {
		if prefix := ownPrefix(v.name); prefix != "" {
			note(prefix)
		}
	}
	if best == "" {
		return usual
	}
	return best
}

// ownPrefix returns the part of a name before that of a setting which only a CORS policy has, or
// "".
func ownPrefix(name string) string {
	for _, key := range slices.Sorted(maps.Values(keyByField)) {
		prefix, ok := strings.CutSuffix(name, strings.ToUpper(key))
		if ok && strings.HasSuffix(prefix, "_") && (strings.Contains(key, "allow_") || key == "expose_headers") {
			return prefix
		}
	}
	return ""
}

// readEnvironment reads a policy in environment variables.
func readEnvironment(text string) (Policy, error) {
	list, problems := parseEnvironment(text)
	p := Policy{prefix: findPrefix(list), index: newIndex()}
	last := map[string]variable{}
	var environ []string
	for _, v := range list {
		environ = append(environ, v.name+"="+v.value)
		last[v.name] = v
	}
	p.index.fields[""] = span{len(text) - len(strings.TrimLeft(text, " \t\r\n")), len(text)}
	for _, v := range last {
		p.index.addVariable(v, "", v.name)
	}
	s, err := settings.FromEnv(p.prefix, environ)
	l := newLines(text)
	for e := range core.Problems(firstProblems(err)) {
		p.index.locate(e, l, last)
		problems = append(problems, e)
	}
	if len(problems) > 0 {
		return Policy{}, inOrder(problems)
	}
	p.Config = s.CORS
	p.Notation = Environment
	p.compiled, err = compile(l, p.index, s.CORS, p.name)
	if err != nil {
		return Policy{}, err
	}
	p.Findings = append(overlooked(list, p.prefix), s.Findings...)
	p.variables = p.fieldsOf(last)
	for field, name := range p.variables {
		p.index.addVariable(last[name], field, name)
	}
	return p, nil
}

// overlooked returns findings for the variables that do nothing, although they look as if they were
// a part of the policy.
func overlooked(list []variable, prefix string) (found []core.Finding) {
	withoutEffect := func(name, why string) {
		found = append(found, core.Finding{
			Code: "setting-without-effect", Field: name, Message: why + ", so this has no effect; remove it.",
		})
	}
	seen := map[string]bool{}
	for _, v := range slices.Backward(list) {
		switch other := ownPrefix(v.name); {
		case seen[v.name] && strings.HasPrefix(v.name, prefix):
			withoutEffect(v.name, "the variable is set again below")
		case v.name == "CSRF_TRUSTED_ORIGINS" || v.name == "CSRF_EXEMPT_PATHS":
			found = append(found, notOfPolicy(v.name))
		case other != "" && !strings.HasPrefix(v.name, prefix):
			withoutEffect(v.name, fmt.Sprintf("the other variables begin with %s", prefix))
		}
		seen[v.name] = true
	}
	slices.Reverse(found)
	return found
}

// locate sets the position of a problem that settings.FromEnv has found. Its own position, if it
// has one, is in the value of the variable.
func (x index) locate(e *core.ConfigError, l lines, variables map[string]variable) {
	name := e.Field
	if end := strings.IndexAny(name, "[."); end >= 0 {
		name = name[:end]
	}
	v, ok := variables[name]
	if !ok || e.Line == 0 {
		x.setPosition(e, l)
		return
	}
	offset := 0
	for range e.Line - 1 {
		offset = min(lineEnd(v.value, offset)+1, len(v.value))
	}
	for i := range v.value[offset:] + " " {
		if e.Column--; e.Column == 0 {
			offset += i
			break
		}
	}
	e.Line, e.Column = l.position(v.offsets[min(offset, len(v.value))])
}

// addVariable adds a variable and the entries of its value to the index, under a name. If field is
// not "", they are added under the name of that field in Go, too.
func (x index) addVariable(v variable, field, name string) {
	if field == "" {
		field = name
	}
	x.fields[field], x.fields[name] = v.at, v.at
	for i, s := range v.entries() {
		s = span{v.offsets[s.start], v.offsets[s.end]}
		x.fields[entryName(field, i)], x.fields[entryName(name, i)] = s, s
	}
	if !v.isJSON() {
		return
	}
	inside := newIndex()
	inside.addList(field, name, span{}, parseJSON(v.value))
	for place, s := range inside.fields {
		if place != field && place != name {
			x.fields[place] = span{v.offsets[s.start], v.offsets[s.end]}
		}
	}
}

func (v variable) isJSON() bool {
	return strings.HasPrefix(strings.TrimSpace(v.value), "[") && json.Valid([]byte(v.value)) && !tooDeep(v.value)
}

// tooDeep reports whether a text may be nested too deeply to be a value of a setting.
func tooDeep(text string) bool {
	depth := 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth > 100 {
			return true
		}
	}
	return false
}

// entries returns where the entries of a list are in the value, if it is not a JSON array.
func (v variable) entries() (list []span) {
	if v.isJSON() {
		return nil
	}
	start := -1
	for i, c := range v.value + " " {
		isSeparator := c == ',' || unicode.IsSpace(c)
		switch {
		case isSeparator && start >= 0:
			list, start = append(list, span{start, i}), -1
		case !isSeparator && start < 0:
			start = i
		}
	}
	return list
}

// fieldsOf returns the names of the variables from which the fields of the Config were read, by the
// name of the field in Go. Package settings knows the names, some of which are those of
// django-cors-headers, so it is asked about each variable alone.
func (p Policy) fieldsOf(variables map[string]variable) map[string]string {
	m := map[string]string{}
	urls := ""
	ignored := map[string]bool{}
	for _, f := range p.Findings {
		ignored[f.Field] = ignored[f.Field] || f.Code == "setting-without-effect"
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !strings.HasPrefix(name, p.prefix) {
			continue
		}
		switch field := fieldOfVariable(p.prefix, name); {
		case field == "PathRegex":
			urls = name
		case field != "" && (m[field] == "" || ignored[m[field]] && !ignored[name]):
			m[field] = name
		}
	}
	if urls == "" {
		return m
	}
	route := entryName("Routes", len(p.Config.Routes)-1)
	moved := map[string]string{route: urls, route + ".PathRegex": urls}
	for field, name := range m {
		if field == "Routes" {
			moved[field] = name
			continue
		}
		moved[route+".Config."+field] = name
	}
	return moved
}

// fieldOfVariable returns the field that a variable sets. It is "PathRegex" for a variable that
// adds a route, and "" if the variable sets none.
func fieldOfVariable(prefix, name string) string {
	for _, value := range []string{"[]", "60", "204", "true"} { // of a list, an age, a status, a boolean
		s, err := settings.FromEnv(prefix, []string{name + "=" + value})
		if err == nil && len(s.CORS.AllowOrigins) > 0 {
			return "" // the variable adds "*" to a list
		}
		if err == nil {
			return fieldThatIsSet(s.CORS)
		}
	}
	s, err := settings.FromEnv(prefix, []string{name + "=/", prefix + "ALLOW_ORIGINS=https://app.example.com"})
	if err == nil && len(s.CORS.Routes) > 0 {
		return "PathRegex"
	}
	return ""
}

// fieldThatIsSet returns the name of the field that is not zero, or "".
func fieldThatIsSet(cfg core.Config) string {
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			return v.Type().Field(i).Name
		}
	}
	return ""
}

// changeVariable makes a change in a text. ok is false if there is no place for it.
func (p Policy) changeVariable(text string, c change) (changed string, ok bool) {
	list, _ := parseEnvironment(text)
	prefix, name := splitField(c.field)
	field := c.field
	if _, isURLs := p.variables[strings.TrimSuffix(prefix, ".Config.")]; prefix != "" && !isURLs {
		field = "Routes"
	}
	known, ok := p.variables[field]
	if !ok {
		known = p.prefix + strings.ToUpper(keyByField[name])
	}
	var below variable // the last variable of the policy
	for _, v := range list {
		if strings.HasPrefix(v.name, p.prefix) {
			below = v
		}
	}
	for _, v := range slices.Backward(list) {
		if v.name == known {
			value, ok := v.change(c)
			if !ok {
				return text, false
			}
			written, ok := v.write(value, v.value)
			return applyEdits(text, []edit{{v.raw, written}}), ok
		}
	}
	if field == "Routes" || below.name == "" {
		return text, false
	}
	value := "true"
	if !c.isSwitch {
		value = joinEntries(c.add)
	}
	e, ok := below.addBelow(text, known, value)
	return applyEdits(text, []edit{e}), ok
}

// change returns the value after a change.
func (v variable) change(c change) (string, bool) {
	if c.isSwitch && !v.isJSON() {
		return "true", true
	}
	if v.isJSON() {
		inside := newIndex()
		field := c.field
		if prefix, _ := splitField(field); prefix != "" {
			field = "Routes"
		}
		inside.addList(field, v.name, span{}, parseJSON(v.value))
		if prefix, _ := splitField(c.field); prefix != "" && len(inside.objects) == 0 {
			c.field = field // the list of a policy for some paths, which is not in the routes
		}
		e, ok := inside.change(v.value, c, jsonStyle)
		return applyEdits(v.value, []edit{e}), ok
	}
	var entries []string
	for _, s := range v.entries() {
		entries = append(entries, v.value[s.start:s.end])
	}
	if added := joinEntries(c.add); len(entries) > 0 && !strings.HasPrefix(added, "[") {
		separator := ","
		if !strings.Contains(v.value, ",") && len(entries) > 1 {
			separator = " "
		}
		return strings.TrimRightFunc(v.value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) +
			separator + strings.Join(c.add, separator), true
	}
	return joinEntries(append(entries, c.add...)), true
}

// plainEntry matches an entry that can be in a list with commas.
var plainEntry = regexp.MustCompile("^[^\\s,\"'`\\[(][^\\s,]*$")

// joinEntries returns a list as the value of a variable.
func joinEntries(entries []string) string {
	for _, entry := range entries {
		if !plainEntry.MatchString(entry) {
			return jsonList(entries)
		}
	}
	if len(entries) == 0 || len(entries) == 1 && isWord(entries[0]) {
		return jsonList(entries)
	}
	return strings.Join(entries, ",")
}

// isWord reports whether an entry alone could be taken for a value that is not set, such as null.
func isWord(entry string) bool {
	return slices.Contains([]string{"null", "none", "nil", "undefined", "nan"}, entry)
}

var (
	safeInShell = regexp.MustCompile(`^[A-Za-z0-9_:/.,*@%+=-]*$`)
	safeInYAML  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_:/.,-]*$`)
)

// write returns a value in the notation of the variable, whose value has been before. ok is false
// if its quotes cannot contain the value.
func (v variable) write(value, before string) (written string, ok bool) {
	quote := v.quote
	safe := safeInShell
	if v.isYAML {
		safe = safeInYAML
	}
	if v.isYAML && value == "true" && quote == 0 {
		quote = '"' // Compose refuses booleans
	}
	if quote == 0 && !safe.MatchString(value) && (before == "" || safe.MatchString(before)) {
		quote = '\''
	}
	if quote == '\'' && strings.Contains(value, "'") {
		if v.isWhole {
			return "", false
		}
		quote = '"'
	}
	written = value
	if quote == '"' {
		written = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(value)
	}
	if v.isWhole || quote == 0 {
		return written, true
	}
	return string(quote) + written + string(quote), true
}

// addBelow returns the edit that sets another variable on a new line below v, in the same way.
func (v variable) addBelow(text, name, value string) (edit, bool) {
	begin := strings.LastIndexByte(text[:v.at.start], '\n') + 1
	between := text[v.at.start+len(v.name) : v.raw.start]
	other := variable{quote: v.quote, isWhole: v.isWhole, isYAML: v.isYAML}
	if !v.isWhole {
		other.quote = 0
	}
	if other.isYAML && !strings.HasSuffix(between, " ") {
		between += " "
	}
	written, ok := other.write(value, "")
	newLine := "\n"
	if end := lineEnd(text, v.at.end); text[end-1] == '\r' {
		newLine = "\r\n"
	}
	line := newLine + text[begin:v.at.start] + name + between + written
	if v.isWhole {
		line += string(v.quote)
	}
	at := lineEnd(text, v.at.end)
	at = v.at.end + len(strings.TrimRight(text[v.at.end:at], "\r"))
	return edit{span{at, at}, line}, ok
}

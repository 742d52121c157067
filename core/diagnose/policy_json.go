package diagnose

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// readJSON reads a policy in JSON.
func readJSON(text string) (Policy, error) {
	s, err := settings.FromJSON([]byte(text))
	if err != nil {
		return Policy{}, firstProblems(err)
	}
	p := Policy{Config: s.CORS, Findings: s.Findings, index: newIndex()}
	p.index.addJSON("", "", parseJSON(text))
	p.compiled, err = compile(newLines(text), p.index, s.CORS, jsonName)
	for _, name := range []string{"csrf_trusted_origins", "csrf_exempt_paths"} {
		if _, ok := p.index.fields[name]; ok {
			p.Findings = append(p.Findings, notOfPolicy(name))
		}
	}
	return p, err
}

// atPosition matches the position at the end of a rule. The problem has it as Line and Column, too.
var atPosition = regexp.MustCompile(` \(line [0-9]+, column [0-9]+\)$`)

// firstProblems returns the first problems of package settings, without positions in their rules.
func firstProblems(err error) error {
	var list []error
	for e := range core.Problems(err) {
		e.Rule = atPosition.ReplaceAllString(e.Rule, "")
		if list = append(list, e); len(list) == maxProblems {
			break
		}
	}
	return errors.Join(list...)
}

// notOfPolicy returns the finding for a setting of CSRF protection.
func notOfPolicy(name string) core.Finding {
	return core.Finding{
		Code: "setting-without-effect", Field: name,
		Message: "this is for CSRF protection, which is not a part of the CORS policy, so it has no effect here.",
	}
}

// jsonName returns the name in JSON of a field such as "Routes[2].Config.AllowOrigins".
func jsonName(field string) string {
	parts := strings.Split(strings.ReplaceAll(field, ".Config.", "."), ".")
	for i, part := range parts {
		name, rest := part, ""
		if j := strings.IndexByte(part, '['); j >= 0 {
			name, rest = part[:j], part[j:]
		}
		if key, ok := keyByField[name]; ok {
			parts[i] = key + rest
		}
	}
	return strings.Join(parts, ".")
}

// jsonNode is a value in a JSON text.
type jsonNode struct {
	span
	bracket  byte        // '{', '[' or 0
	keys     []string    // of an object
	keySpans []span      // of an object: from the key on
	values   []*jsonNode // of an object or list
}

// parseJSON parses a text that is valid JSON.
func parseJSON(text string) *jsonNode {
	r := jsonReader{text: text, tokens: json.NewDecoder(strings.NewReader(text))}
	return r.value()
}

type jsonReader struct {
	text   string
	tokens *json.Decoder
}

// next returns the next token and where it is.
func (r *jsonReader) next() (json.Token, span) {
	rest := r.text[r.tokens.InputOffset():]
	start := len(r.text) - len(strings.TrimLeft(rest, " \t\r\n,:"))
	t, _ := r.tokens.Token()
	return t, span{start, int(r.tokens.InputOffset())}
}

func (r *jsonReader) value() *jsonNode {
	t, s := r.next()
	n := &jsonNode{span: s}
	d, ok := t.(json.Delim)
	if !ok {
		return n
	}
	n.bracket = byte(d)
	for r.tokens.More() {
		var keySpan span
		if n.bracket == '{' {
			key, s := r.next()
			name, _ := key.(string)
			n.keys, keySpan = append(n.keys, name), s
		}
		child := r.value()
		n.values = append(n.values, child)
		n.keySpans = append(n.keySpans, span{keySpan.start, child.end})
	}
	_, s = r.next()
	n.end = s.end
	return n
}

// brackets returns the brackets of a list or object.
func (n *jsonNode) brackets() brackets {
	b := brackets{inside: span{n.start + 1, n.end - 1}}
	for i, v := range n.values {
		if n.bracket == '{' {
			b.children = append(b.children, n.keySpans[i])
			continue
		}
		b.children = append(b.children, v.span)
	}
	return b
}

// addJSON adds an object of settings to the index. prefix is that of the names of its fields in Go,
// and jsonPrefix that of their names in JSON.
func (x index) addJSON(prefix, jsonPrefix string, object *jsonNode) {
	x.objects[prefix] = object.brackets()
	if prefix == "" {
		x.fields[""] = object.span
	}
	for i, key := range object.keys {
		value, field := object.values[i], prefix+fieldByKey[key]
		if fieldByKey[key] == "" {
			x.fields[jsonPrefix+key] = object.keySpans[i]
			continue
		}
		if key == "path" || key == "path_regex" || key == "disable" {
			field = strings.TrimSuffix(prefix, "Config.") + fieldByKey[key]
		}
		x.addList(field, jsonPrefix+key, object.keySpans[i], value)
	}
}

// addList adds the value of a setting to the index. It has two names.
func (x index) addList(field, name string, at span, value *jsonNode) {
	x.fields[field], x.fields[name] = at, at
	if value.bracket != '[' {
		x.others[field] = value.span
		return
	}
	x.lists[field] = value.brackets()
	for i, entry := range value.values {
		x.fields[entryName(field, i)], x.fields[entryName(name, i)] = entry.span, entry.span
		if entry.bracket == '{' {
			x.addJSON(entryName(field, i)+".Config.", entryName(name, i)+".", entry)
		}
	}
}

// jsonStyle writes lists in JSON.
var jsonStyle = style{
	list:  jsonList,
	entry: jsonString,
	key:   func(name, list string) string { return `"` + keyByField[name] + `": ` + list },
}

func jsonList(entries []string) string {
	quoted := make([]string, len(entries))
	for i, entry := range entries {
		quoted[i] = jsonString(entry)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func jsonString(text string) string {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // never fails for a string
	return strings.TrimSuffix(quoted.String(), "\n")
}

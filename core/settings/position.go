package settings

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/polycors/cors/core"
)

// Most problems are found after the text has been decoded, when the positions of its values are no
// longer known. Most texts have no problems at all. So the decoder does not store positions. If
// there are problems, each text is read again to find the positions.

// jsonText is a JSON text that has been decoded.
type jsonText struct {
	place  string // the place of the outermost value
	margin string // the white space that was removed before the text
	data   []byte
}

// start returns the offset of the next token. The argument end is the offset of the end of the
// previous token.
func (t jsonText) start(end int64) int {
	return len(t.data) - len(bytes.TrimLeft(t.data[end:], " \t\r\n,:"))
}

// position converts an offset to a line and a column, both counted from 1.
func (t jsonText) position(offset int) (line, column int) {
	before := t.data[:offset]
	last := bytes.LastIndexByte(before, '\n')
	line = 1 + strings.Count(t.margin, "\n") + bytes.Count(before, []byte("\n"))
	column = 1 + utf8.RuneCount(before[last+1:])
	if last < 0 {
		column += utf8.RuneCountInString(t.margin[strings.LastIndexByte(t.margin, '\n')+1:])
	}
	return line, column
}

// setPosition sets the Line and Column of e. If e is nil, it does nothing.
func (t jsonText) setPosition(e *core.ConfigError, offset int) {
	if e != nil {
		e.Line, e.Column = t.position(offset)
	}
}

// refuseAt reports that a text cannot be read any further from the given offset. It adds the
// position to the rule. A problem in an entry of a list shows the rest of the line, because
// messages show the value of each entry. If nothing is left to show, the problem is in the list.
func (r *report) refuseAt(t jsonText, offset, index int, rule, fix string) {
	line, column := t.position(offset)
	rule += " (line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column) + ")"
	rest := ""
	if index >= 0 {
		rest = t.restOfLine(offset)
	}
	if rest == "" {
		index = -1
	}
	t.setPosition(r.refuse(t.place, index, rest, rule, fix), offset)
}

// restOfLine returns the text between an offset and the end of its line. It cuts a long text.
func (t jsonText) restOfLine(offset int) string {
	const most = 1 << 10 // more than a message shows
	rest := t.data[offset:min(offset+most, len(t.data))]
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return strings.TrimSpace(string(line))
}

// setPositions sets the position of each problem in a JSON text that has none yet. For a missing
// value, it uses the position of the object that should contain the value.
func (r *report) setPositions() {
	for _, t := range r.texts {
		offsets := map[string]int{} // of the places that have problems and of those around them; -1 if not found
		var inText []*core.ConfigError
		for _, err := range r.problems {
			e := err.(*core.ConfigError)
			if e.Line > 0 || !t.contains(e) {
				continue
			}
			inText = append(inText, e)
			for place, ok := t.placeOf(e), true; ok; place, ok = t.around(place) {
				offsets[place] = -1
			}
		}
		if len(inText) == 0 {
			continue
		}
		w := walker{jsonText: t, tokens: json.NewDecoder(bytes.NewReader(t.data)), offsets: offsets}
		w.value(t.place, 0)
		for _, e := range inText {
			for place, ok := t.placeOf(e), true; ok; place, ok = t.around(place) {
				if offset := offsets[place]; offset >= 0 {
					t.setPosition(e, offset)
					break
				}
			}
		}
	}
}

// contains reports whether a problem is in this text. The text is the whole input of FromJSON, or
// the array in a variable such as CORS_ROUTES.
func (t jsonText) contains(e *core.ConfigError) bool {
	return t.place == "" || e.Field == t.place || strings.HasPrefix(e.Field, t.place+"[")
}

// placeOf returns the name of the place of a problem in this text.
func (t jsonText) placeOf(e *core.ConfigError) string {
	if t.place == "" && e.Field == "settings" {
		return ""
	}
	return entry(e.Field, e.Index)
}

// around returns the name of the list or object that contains a place. ok is false if place is the
// outermost value.
func (t jsonText) around(place string) (outer string, ok bool) {
	if len(place) <= len(t.place) {
		return "", false
	}
	end := max(strings.LastIndexAny(place, ".["), len(t.place))
	return place[:end], true
}

// walker reads a JSON text again to find the offsets of values.
type walker struct {
	jsonText
	tokens  *json.Decoder
	offsets map[string]int // by place; only places that are in the map already are set
}

// value reads a value and all values inside it. It returns false if there is a syntax error.
func (w *walker) value(place string, depth int) bool {
	offset := w.start(w.tokens.InputOffset())
	t, err := w.tokens.Token()
	if err != nil || depth > maxDepth {
		return false
	}
	if known, ok := w.offsets[place]; ok && known < 0 {
		w.offsets[place] = offset
	}
	switch t {
	case json.Delim('{'):
		for w.tokens.More() {
			key, _ := w.tokens.Token()
			name, ok := key.(string)
			if !ok || !w.value(strings.TrimPrefix(place+"."+printable(name), "."), depth+1) {
				return false
			}
		}
	case json.Delim('['):
		for i := 0; w.tokens.More(); i++ {
			if !w.value(entry(place, i), depth+1) {
				return false
			}
		}
	default:
		return true
	}
	_, err = w.tokens.Token()
	return err == nil
}

package settings

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/polycors/cors/core"
)

// Most problems are found after the text was decoded, when the positions of its values are no
// longer known. Most texts have no problem at all. So positions are not kept: if there are
// problems, each text is read once more to find them.

// jsonText is a JSON text that was decoded.
type jsonText struct {
	place  string // of the outermost value
	margin string // the white space that was removed before the text
	data   []byte
}

// start returns the offset of the next token. end is the end of the token before it.
func (t jsonText) start(end int64) int {
	return len(t.data) - len(bytes.TrimLeft(t.data[end:], " \t\r\n,:"))
}

// position returns the line and column of an offset, both from 1.
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

// setPosition sets the position of a problem, unless e is nil.
func (t jsonText) setPosition(e *core.ConfigError, offset int) {
	if e != nil {
		e.Line, e.Column = t.position(offset)
	}
}

// refuseAt reports a text that cannot be read from an offset on. The rule gets the position, too.
func (r *report) refuseAt(t jsonText, offset, index int, rule, fix string) {
	line, column := t.position(offset)
	rule += " (line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column) + ")"
	t.setPosition(r.refuse(t.place, index, "", rule, fix), offset)
}

// setPositions sets the positions of the problems that have none yet. A problem that is not in a
// text gets none. A value that is missing has the position of the object that should contain it.
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

// contains reports whether a problem is in the text. The text of a variable is an array.
func (t jsonText) contains(e *core.ConfigError) bool {
	return t.place == "" || e.Field == t.place || strings.HasPrefix(e.Field, t.place+"[")
}

// placeOf returns the place of a problem in the text.
func (t jsonText) placeOf(e *core.ConfigError) string {
	if t.place == "" && e.Field == "settings" {
		return ""
	}
	return entry(e.Field, e.Index)
}

// around returns the place of the list or object that contains a place. ok is false if there is
// none.
func (t jsonText) around(place string) (outer string, ok bool) {
	if len(place) <= len(t.place) {
		return "", false
	}
	end := max(strings.LastIndexAny(place, ".["), len(t.place))
	return place[:end], true
}

// walker finds the offsets of values in a JSON text.
type walker struct {
	jsonText
	tokens  *json.Decoder
	offsets map[string]int // by place; only places that are in the map already are set
}

// value reads a value and all values in it. It returns false at a syntax error.
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

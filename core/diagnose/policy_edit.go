package diagnose

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/polycors/cors/core"
)

// A policy can be written in three notations. Each of them has a reader that returns a Policy with
// an index of the text: where each field is, and where the brackets of each list and object are.
// Line and Apply need only that index, so they are the same for JSON and Go. Apply does not print
// the policy again. It inserts entries into the text, so comments and layout stay. Then it reads
// the result, to make sure that it says what it should.

// change is a change of a field: entries to add to a list, or a boolean to set.
type change struct {
	field    string
	add      []string
	isSwitch bool // set it to true
}

// applyTo makes the change in a Config. It returns false if the Config already has it.
func (c change) applyTo(cfg *core.Config) (isNew bool, err error) {
	prefix, name := splitField(c.field)
	if prefix != "" {
		i, ok := routeOf(prefix)
		if !ok || i >= len(cfg.Routes) {
			return false, errors.New("cors: the policy has no field " + c.field)
		}
		cfg = &cfg.Routes[i].Config
	}
	field := reflect.ValueOf(cfg).Elem().FieldByName(name)
	if !field.IsValid() {
		return false, errors.New("cors: the policy has no field " + c.field)
	}
	switch target := field.Addr().Interface().(type) {
	case *[]string:
		*target = append(slices.Clone(*target), c.add...)
		return len(c.add) > 0, nil
	case *bool:
		isNew = !*target
		*target = true
		return isNew, nil
	}
	return false, errors.New("cors: " + c.field + " is neither a list nor a boolean")
}

// splitField splits the name of a field, such as "Routes[2].Config.MaxAge", after its prefix.
func splitField(field string) (prefix, name string) {
	end := strings.LastIndexByte(field, '.') + 1
	return field[:end], field[end:]
}

// routeOf returns the index in a prefix such as "Routes[2].Config.".
func routeOf(prefix string) (i int, ok bool) {
	rest, begins := strings.CutPrefix(prefix, "Routes[")
	number, ends := strings.CutSuffix(rest, "].Config.")
	i, err := strconv.Atoi(number)
	return i, begins && ends && err == nil && i >= 0
}

// span is a part of a text, from the offset start to the offset end.
type span struct{ start, end int }

// brackets are the brackets of a list or an object, and what is between them.
type brackets struct {
	inside   span // what is between the brackets
	children []span
}

// index says where things are in a text.
type index struct {
	fields  map[string]span     // by the name of a field or entry, in Go and in the notation
	lists   map[string]brackets // by the name of a field in Go
	objects map[string]brackets // by the prefix of the names of the fields in it: "" or "Routes[2].Config."
	others  map[string]span     // by the name of a field in Go: values without brackets, such as true
	unread  map[string]bool     // by the name of a field or entry in Go, or "" for all: its value could not be read
	partly  map[string]bool     // by the name of a list in Go: the value of an entry could not be read
}

func newIndex() index {
	return index{
		map[string]span{}, map[string]brackets{}, map[string]brackets{}, map[string]span{}, map[string]bool{},
		map[string]bool{},
	}
}

// setUnread records that a value could not be read.
func (x index) setUnread(place string) {
	x.unread[place] = true
	for i := range len(place) {
		if place[i] == '[' {
			x.partly[place[:i]] = true
		}
	}
}

// style says how a notation writes a list.
type style struct {
	list  func(entries []string) string               // a whole list
	entry func(entry string) string                   // an entry of it
	key   func(name, list string) string              // a field, given its name in Go and its value
	other func(value string, entries []string) string // a value of index.others, with entries appended

	// trailing says that the last entry has a comma if the bracket is on the next line.
	trailing bool
}

// change returns the edit that makes a change. ok is false if there is no place for it.
func (x index) change(text string, c change, s style) (e edit, ok bool) {
	if list, ok := x.lists[c.field]; ok && !c.isSwitch {
		entries := make([]string, len(c.add))
		for i, entry := range c.add {
			entries[i] = s.entry(entry)
		}
		return list.add(text, entries, s.trailing), true
	}
	if value, ok := x.others[c.field]; ok {
		if c.isSwitch {
			return edit{value, "true"}, true
		}
		return edit{value, s.other(text[value.start:value.end], c.add)}, true
	}
	prefix, name := splitField(c.field)
	object, ok := x.objects[prefix]
	value := "true"
	if !c.isSwitch {
		value = s.list(c.add)
	}
	return object.add(text, []string{s.key(name, value)}, s.trailing), ok
}

// edit replaces a part of a text.
type edit struct {
	span
	text string
}

// applyEdits returns the text with all edits made. Edits at the same offset are made in order.
func applyEdits(text string, edits []edit) string {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	end := 0
	for _, e := range edits {
		b.WriteString(text[end:max(end, e.start)])
		b.WriteString(e.text)
		end = max(end, e.end)
	}
	b.WriteString(text[end:])
	return b.String()
}

// add returns the edit that adds entries before the closing bracket. It follows the layout of the
// entries that are already there.
func (b brackets) add(text string, entries []string, trailing bool) edit {
	if len(b.children) == 0 {
		return b.addFirst(text, entries, trailing)
	}
	last := b.children[len(b.children)-1]
	after := text[last.end:b.inside.end]
	if !strings.Contains(after, "\n") {
		separator := ", "
		if n := len(b.children); n > 1 && text[b.children[n-2].end:last.start] == "," {
			separator = ","
		}
		return edit{span{last.end, last.end}, separator + strings.Join(entries, separator)}
	}
	newLine := "\n" + indentAt(text, last.start)
	if !trailing {
		return edit{span{last.end, last.end}, "," + newLine + strings.Join(entries, ","+newLine)}
	}
	at := last.end + len(strings.TrimSuffix(after[:strings.IndexByte(after, '\n')], "\r"))
	return edit{span{at, at}, newLine + strings.Join(entries, ","+newLine) + ","}
}

// addFirst is add for empty brackets.
func (b brackets) addFirst(text string, entries []string, trailing bool) edit {
	inside := text[b.inside.start:b.inside.end]
	if !strings.Contains(inside, "\n") {
		return edit{span{b.inside.end, b.inside.end}, strings.Join(entries, ", ")}
	}
	outer := indentAt(text, b.inside.start)
	inner := outer + "\t"
	if !trailing {
		inner = outer + "  "
	}
	added := "\n" + inner + strings.Join(entries, ",\n"+inner)
	if trailing {
		added += ","
	}
	at := b.inside.start + len(strings.TrimRight(inside, " \t\r\n")) // after any comment
	return edit{span{at, at}, added}
}

// indentAt returns the white space at the beginning of the line of an offset.
func indentAt(text string, offset int) string {
	line := text[strings.LastIndexByte(text[:offset], '\n')+1:]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// lines converts offsets in a text to lines and columns.
type lines struct {
	text   string
	starts []int // the offset of each line
}

func newLines(text string) lines {
	l := lines{text, []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// position returns the line and the column of an offset, both from 1.
func (l lines) position(offset int) (line, column int) {
	line, isStart := slices.BinarySearch(l.starts, offset)
	if isStart {
		line++
	}
	return line, 1 + utf8.RuneCountInString(l.text[l.starts[line-1]:offset])
}

package main

import (
	"fmt"
	"go/doc/comment"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// This file writes doc comments as Markdown. Doc comments have no notation for code, so names of
// fields, quoted texts, and words that contain unusual characters become code. An indented block of
// two columns becomes a table.

// fieldDoc returns the type and the doc comment of a field, such as "Config.MaxAge".
func fieldDoc(code *source, field string) (string, error) {
	doc, ok := code.docs[field]
	if !ok {
		return "", fmt.Errorf("there is no such field, or it has no doc comment")
	}
	_, name, _ := strings.Cut(field, ".")
	text := inline(name + " " + code.types[field])
	if names := namesOf(field); names != "" {
		text += "; " + names
	}
	body, err := code.markdown(doc, field)
	return text + "\n\n" + body, err
}

// markdown returns a doc comment as Markdown. If the comment is about a list of entries that New
// refuses, the entries of field are shown with their errors.
func (code *source) markdown(text, field string) (string, error) {
	parser := comment.Parser{LookupSym: func(string, string) bool { return true }}
	var b strings.Builder
	refuses := false // the paragraph before says that New refuses what follows
	for _, block := range parser.Parse(text).Content {
		switch block := block.(type) {
		case *comment.Paragraph:
			paragraph := code.inlineText(block.Text)
			refuses = strings.HasSuffix(paragraph, " refuses:")
			b.WriteString(paragraph + "\n\n")
		case *comment.Code:
			written, err := codeBlock(block.Text, field, refuses)
			if err != nil {
				return "", err
			}
			b.WriteString(written + "\n")
		case *comment.List:
			for _, item := range block.Items {
				b.WriteString("-")
				for _, block := range item.Content {
					b.WriteString(" " + code.inlineText(block.(*comment.Paragraph).Text))
				}
				b.WriteString("\n")
			}
			b.WriteString("\n")
		default:
			return "", fmt.Errorf("a doc comment has a %T", block)
		}
	}
	return b.String(), nil
}

var columns = regexp.MustCompile(`^(\S.*?) {2,}(\S.*)$`)

// codeBlock returns an indented block of a doc comment.
func codeBlock(text, field string, refused bool) (string, error) {
	var rows [][]string
	for line := range strings.Lines(text) {
		m := columns.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			return fenced("", text), nil
		}
		rows = append(rows, m[1:])
	}
	head := []string{"form", "meaning"}
	for _, row := range rows {
		entry := row[0]
		row[0] = entries(entry)
		switch judged, _, isJudged := strings.Cut(row[1], ": "); {
		case refused:
			message, err := entryError(field, entry)
			if err != nil {
				return "", err
			}
			head[0], head[1] = "refused", "error"
			row[1] = words(message)
		case isJudged && (judged == "accepted" || judged == "refused"):
			head[0], head[1] = "with credentials", "result"
			if err := judgeEntry(field, entry, judged); err != nil {
				return "", err
			}
			row[1] = words(row[1])
		default:
			row[1] = words(row[1])
		}
	}
	return table(head, rows), nil
}

// entries returns the first column of a table, which may have several entries.
func entries(text string) string {
	for _, separator := range [...]string{", ", " and "} {
		if list := strings.Split(text, separator); len(list) == 2 {
			return inline(list[0]) + separator + inline(list[1])
		}
	}
	return inline(text)
}

// inlineText returns the text of a paragraph.
func (code *source) inlineText(texts []comment.Text) string {
	var b strings.Builder
	var links []string
	for _, text := range texts {
		switch text := text.(type) {
		case comment.Plain:
			b.WriteString(string(text))
		case comment.Italic:
			b.WriteString(string(text))
		case *comment.Link:
			for _, text := range text.Text {
				b.WriteString(string(text.(comment.Plain)))
			}
		case *comment.DocLink:
			fmt.Fprintf(&b, "\x00%d\x00", len(links))
			links = append(links, code.link(text))
		}
	}
	written := words(b.String())
	for i, link := range links {
		written = strings.ReplaceAll(written, fmt.Sprintf("\x00%d\x00", i), link)
	}
	return written
}

// link returns a link to a symbol: to its section if a page has one, and otherwise to pkg.go.dev.
func (code *source) link(l *comment.DocLink) string {
	name, path := l.Name, l.ImportPath
	if l.Recv != "" {
		name = l.Recv + "." + name
	}
	switch {
	case path == "" && structs[name] != nil:
		return "[" + inline(name) + "](#" + strings.ToLower(name) + ")"
	case path == "":
		path = "github.com/polycors/cors/core"
		for _, r := range code.reasons {
			if r.constant == name {
				return "[" + inline(name) + "](reasons.md#" + nameOf(code, r.constant) + ")"
			}
		}
	case name == "":
		return "[" + inline(path) + "](https://pkg.go.dev/" + path + ")"
	default:
		return "[" + inline(path+"."+name) + "](https://pkg.go.dev/" + path + "#" + name + ")"
	}
	return "[" + inline(name) + "](https://pkg.go.dev/" + path + "#" + name + ")"
}

// word matches a JSON array, a quoted text, a duration, or a word, such as (https://example.com).
var word = regexp.MustCompile("\\[{?\".*\\]|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|\\d+ \\* time\\.\\w+|[^\\s\"`]+")

// words returns plain text as Markdown.
func words(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return word.ReplaceAllStringFunc(text, func(w string) string {
		switch {
		case w[0] == '"' || w[0] == '`':
			return inline(w[1 : len(w)-1])
		case strings.Contains(w, " * "), strings.HasPrefix(w, `["`), strings.HasPrefix(w, `[{`):
			return inline(w)
		}
		before, after := "", ""
		for strings.HasPrefix(w, "(") && (isEnclosed(w) || strings.Count(w, "(") > strings.Count(w, ")")) {
			before, w = before+"(", w[1:]
		}
		for len(w) > 1 && (strings.ContainsRune(".,:;", rune(w[len(w)-1])) ||
			strings.HasSuffix(w, ")") && strings.Count(w, ")") > strings.Count(w, "(")) {
			w, after = w[:len(w)-1], w[len(w)-1:]+after
		}
		return before + markup(w) + after
	})
}

// isEnclosed reports whether a word is a URL in parentheses.
func isEnclosed(w string) bool { return strings.HasPrefix(w, "(http") }

// names are the words in doc comments that are code although they look like ordinary words.
var names = []string{"Config", "Route", "CSRFConfig", "New", "NewCSRFProtection", "Lint"}

// markup returns a word as Markdown: a link, code, or the word itself.
func markup(w string) string {
	switch {
	case w == "" || strings.Contains(w, "\x00"):
		return w
	case strings.HasPrefix(w, "docs/") && strings.HasSuffix(w, ".md"):
		title := strings.TrimSuffix(w[strings.LastIndexByte(w, '/')+1:], ".md")
		return "[" + title + "](../" + strings.TrimPrefix(w, "docs/") + ")"
	case strings.HasPrefix(w, "https://fetch.spec.whatwg.org/"), strings.HasPrefix(w, "https://wicg.github.io/"):
		return "<" + w + ">"
	case isCode(w):
		return inline(w)
	}
	return w
}

// isCode reports whether a word is code: a name, an origin, a path, an expression or a single
// character such as *.
func isCode(w string) bool {
	switch {
	case strings.Trim(w, ".,:;()…") == "":
		return false
	case slices.Contains(names, w), isField[w], strings.Contains(w, "://"), strings.HasPrefix(w, "Access-Control-"),
		strings.HasPrefix(w, "/") && len(w) > 1, strings.ContainsAny(w, `*\{}[]<>|^$%#?_`), selector.MatchString(w):
		return true
	}
	return !strings.ContainsFunc(w, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
}

// selector matches a name such as r.Host or Config.MaxAge.
var selector = regexp.MustCompile(`^(?:[a-z]|core|time|Config|Route|CSRFConfig)\.[A-Z]\w*$`)

// Command reference writes the parts of docs/reference that follow from the code: doc comments,
// error messages, findings and tables of names.
//
//	go run ./examples/internal/reference
//
// Run it at the top of the repository. A page marks each such part with two comments:
//
//	<!-- reference: doc Config.MaxAge -->
//	...
//	<!-- end -->
//
// The command replaces the lines between them and leaves all other lines unchanged. The first word
// names one of the parts below, and the other words are its arguments. A test fails if a page is
// not up to date.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const folder = "docs/reference"

// part returns the Markdown of a part of a page.
type part func(code *source, args string) (string, error)

var parts = map[string]part{
	"fields":    fieldTable,
	"doc":       fieldDoc,
	"accepted":  acceptedList,
	"refused":   refusedTable,
	"settings":  settingTable,
	"values":    valueTable,
	"read":      readTable,
	"reasons":   reasonTable,
	"reason":    reasonSection,
	"findings":  findingTable,
	"finding":   findingSection,
	"reachable": reachableMessage,
}

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

// run updates the pages of the repository in the folder root.
func run(root string) error {
	pages, err := update(root)
	if err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// update returns the new text of each page, by the name of its file.
func update(root string) (map[string]string, error) {
	code, err := parse(root)
	if err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.md"))
	if err != nil {
		return nil, err
	}
	pages := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if pages[name], err = fill(code, string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return pages, nil
}

var marked = regexp.MustCompile(`(?s)<!-- reference: (\w+)( [^\n]*)? -->\n(.*?)<!-- end -->\n`)

// fill replaces the marked parts of a page.
func fill(code *source, text string) (string, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var problems []error
	filled := marked.ReplaceAllStringFunc(text, func(match string) string {
		m := marked.FindStringSubmatch(match)
		name, args := m[1], strings.TrimSpace(m[2])
		write, ok := parts[name]
		if !ok {
			write = func(*source, string) (string, error) { return "", fmt.Errorf("there is no such part") }
		}
		content, err := write(code, args)
		if err == nil && strings.Contains(m[3], "<!-- reference: ") {
			err = fmt.Errorf("it has no end")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", strings.TrimSpace(name+" "+args), err))
			return match
		}
		open, _, _ := strings.Cut(match, "\n")
		return open + "\n\n" + strings.TrimSpace(content) + "\n\n<!-- end -->\n"
	})
	if begun, ended := strings.Count(text, "<!-- reference: "), len(marked.FindAllString(text, -1)); begun > ended &&
		problems == nil {
		problems = append(problems, fmt.Errorf("%d of %d parts have no end", begun-ended, begun))
	}
	return filled, errors.Join(problems...)
}

// table returns a Markdown table.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// fenced returns a fenced block.
func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```\n"
}

// inline returns text as inline code.
func inline(text string) string {
	switch {
	case text == "":
		return ""
	case strings.Contains(text, "`"):
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// Command widths finds lines that are too wide to read side by side in a review.
//
//	go run ./examples/internal/widths [folder or file that is not checked yet ...]
//
// Run it at the top of the repository. Columns are characters, and a tab is one. Not counted are
// generated files, testdata, and in comments and Markdown also URLs, tables and indented or fenced
// examples, which cannot be wrapped.
package main

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	codeWidth  = 120
	proseWidth = 100 // comments and Markdown
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run checks every Go and Markdown file that git knows or would add. Problems in files under except
// are counted, but are not an error.
func run(except []string, stdout io.Writer) error {
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.go", "*.md")
	list.Stderr = os.Stderr
	output, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	excused := make([]int, len(except))
	wide := 0
	for name := range strings.SplitSeq(strings.TrimRight(string(output), "\x00"), "\x00") {
		if strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.FromSlash(name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			return err
		}
		problems := check(name, text)
		if i := indexOf(except, name); i >= 0 {
			excused[i] += len(problems)
			continue
		}
		wide += len(problems)
		for _, problem := range problems {
			fmt.Fprintln(stdout, problem)
		}
	}
	for i, folder := range except {
		if excused[i] == 0 {
			fmt.Fprintf(stdout, "%s: clean now; take it off the list of what is not checked\n", folder)
		} else {
			fmt.Fprintf(stdout, "%s: not checked yet; lines that are too wide: %d\n", folder, excused[i])
		}
	}
	if wide > 0 {
		return fmt.Errorf("widths: %d lines are too wide: wrap code at %d columns, comments and Markdown at %d",
			wide, codeWidth, proseWidth)
	}
	return nil
}

func indexOf(folders []string, name string) int {
	for i, folder := range folders {
		if name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/") {
			return i
		}
	}
	return -1
}

func check(name string, text []byte) []string {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if strings.HasSuffix(name, ".md") {
		return checkMarkdown(name, string(text))
	}
	return checkGo(name, text)
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func checkGo(name string, text []byte) []string {
	if generated.Match(text) {
		return nil
	}
	comments := commentLines(text)
	var problems []string
	for i, line := range strings.Split(string(text), "\n") {
		width, limit, what := utf8.RuneCountInString(line), codeWidth, "code"
		if comments[i+1] {
			if isExample(line) {
				continue
			}
			width, limit, what = proseColumns(line), proseWidth, "a comment"
		}
		if width > limit {
			problems = append(problems, fmt.Sprintf("%s:%d: %d columns of %s, want at most %d", name, i+1, width, what, limit))
		}
	}
	return problems
}

// commentLines returns the numbers of the lines that begin with a comment or within one.
func commentLines(text []byte) map[int]bool {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	lines := map[int]bool{}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return lines
		}
		if tok != token.COMMENT {
			continue
		}
		offset, line := file.Offset(pos), file.Line(pos)
		start := bytes.LastIndexByte(text[:offset], '\n') + 1
		if len(bytes.TrimSpace(text[start:offset])) == 0 {
			lines[line] = true
		}
		for i := range strings.Count(literal, "\n") {
			lines[line+1+i] = true
		}
	}
}

// isExample reports whether a line of a comment is indented, part of a table, or for a tool.
func isExample(line string) bool {
	text := strings.TrimPrefix(strings.TrimLeft(line, " \t"), "//")
	return strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "  ") || strings.HasPrefix(text, " |") ||
		strings.HasPrefix(text, "go:") || strings.HasPrefix(text, "nolint")
}

var (
	linkTarget = regexp.MustCompile(`\]\([^)\s]*\)`)
	bareURL    = regexp.MustCompile(`https?://\S*`)
)

// proseColumns returns the columns of a line without its URLs.
func proseColumns(line string) int {
	return utf8.RuneCountInString(bareURL.ReplaceAllString(linkTarget.ReplaceAllString(line, "]"), ""))
}

var (
	listItem    = regexp.MustCompile(`^\s*(?:[-*+]|\d+[.)])\s`)
	noParagraph = regexp.MustCompile(`^\s*(?:#|\||<|\[[^\]]*\]:|$)`)
	fence       = regexp.MustCompile("^\\s*(?:>\\s*)?(```+|~~~+)")
)

// checkMarkdown checks that a file either wraps its paragraphs, or has each on one line.
func checkMarkdown(name, text string) []string {
	var problems []string
	wrapped, inParagraph, opened := false, false, ""
	for i, line := range strings.Split(text, "\n") {
		if match := fence.FindStringSubmatch(line); match != nil && (opened == "" || match[1] == opened) {
			if opened == "" {
				opened = match[1]
			} else {
				opened = ""
			}
			inParagraph = false
			continue
		}
		if opened != "" || noParagraph.MatchString(line) {
			inParagraph = false
			continue
		}
		isItem := listItem.MatchString(line)
		wrapped = wrapped || inParagraph && !isItem
		inParagraph = true
		if width := proseColumns(line); width > proseWidth {
			problems = append(problems,
				fmt.Sprintf("%s:%d: %d columns of prose in a file with wrapped paragraphs, want at most %d",
					name, i+1, width, proseWidth))
		}
	}
	if !wrapped {
		return nil
	}
	return problems
}

// Package docs holds README.md and what is in docs against the code: programs run, other Go compiles, links lead somewhere.
package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

const root = "../../.."

// packages are what blocks without an import clause may use, by the name that stands in them.
var packages = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "httputil": "net/http/httputil", "log": "log", "os": "os",
	"slog": "log/slog", "strings": "strings", "testing": "testing", "time": "time", "url": "net/url",
	"gin": "github.com/gin-gonic/gin", "echo": "github.com/labstack/echo/v4", "chi": "github.com/go-chi/chi/v5", "fiber": "github.com/gofiber/fiber/v2",
	"fasthttp": "github.com/valyala/fasthttp",
	"core":     "github.com/polycors/cors/core", "settings": "github.com/polycors/cors/core/settings", "corstest": "github.com/polycors/cors/core/corstest",
	"corshttp": "github.com/polycors/cors/adapters/corshttp", "corschi": "github.com/polycors/cors/adapters/corschi",
	"corsgin": "github.com/polycors/cors/adapters/corsgin", "corsecho": "github.com/polycors/cors/adapters/corsecho",
	"corsfiber": "github.com/polycors/cors/adapters/corsfiber", "corsfasthttp": "github.com/polycors/cors/adapters/corsfasthttp",
}

// given are the variables that blocks of a file take for granted, as parameters. The guides in docs/migrate show what
// examples/internal/migrate compiles.
var given = map[string]string{
	"docs/configuration.md": "mux http.Handler, policy *core.Policy",
	"docs/from-django.md":   "",
	"docs/production.md":    "mux http.Handler, policy *core.Policy, upstream *url.URL",
}

// givenUnder are those of blocks under a heading of docs/frameworks.md.
var givenUnder = map[string]string{
	"net/http": "mux http.Handler", "chi": "r chi.Router", "gin": "r *gin.Engine", "echo": "e *echo.Echo",
	"fiber": "app *fiber.App, policy *core.Policy", "fasthttp": "handler fasthttp.RequestHandler, policy *core.Policy",
}

// block is a fenced block of a file.
type block struct {
	file, language, text string
	line                 int
	under                string // the heading
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// files returns the Markdown files of the repository that people read, by their path in it.
func files(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "." && d.Name() != ".." && d.Name() != ".github" {
			return fs.SkipDir
		}
		if filepath.Ext(name) == ".md" {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			found = append(found, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
}

// blocks returns the fenced blocks of a file, in order.
func blocks(t *testing.T, file string) []block {
	t.Helper()
	var found []block
	var open *block
	under := ""
	n := 0
	for line := range strings.Lines(read(t, file)) {
		n++
		trimmed := strings.TrimSpace(line)
		switch {
		case open != nil && trimmed == "```":
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += line
		case strings.HasPrefix(trimmed, "```"):
			open = &block{file: file, language: strings.TrimPrefix(trimmed, "```"), line: n + 1, under: under}
		case strings.HasPrefix(line, "#"):
			under = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
	}
	if open != nil {
		t.Errorf("%s: the block does not end", open)
	}
	return found
}

// Every Go block compiles. A program with a block of text directly behind it prints that.
func TestGo(t *testing.T) {
	lookup := exports(t)
	compiled := 0
	for _, file := range files(t) {
		if strings.HasPrefix(file, "docs/migrate/") {
			continue // examples/internal/migrate
		}
		all := blocks(t, file)
		for i, b := range all {
			if b.language != "go" {
				continue
			}
			compiled++
			if err := check(b, lookup); err != nil {
				t.Errorf("%s: %v\n%s", b, err, b.text)
				continue
			}
			adjoins := i+1 < len(all) && all[i+1].line == b.line+strings.Count(b.text, "\n")+3 // an empty line between
			if strings.HasPrefix(b.text, "package main\n") && adjoins && all[i+1].language == "text" {
				if got := output(t, b.text); got != all[i+1].text {
					t.Errorf("%s: it prints\n%s\nwant, as shown\n%s", b, got, all[i+1].text)
				}
			}
		}
	}
	if compiled < 20 {
		t.Errorf("%d Go blocks were found, which are too few to be all", compiled)
	}
}

// output runs a program as part of this module and returns what it prints.
func output(t *testing.T, program string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := exec.CommandContext(t.Context(), "go", "run", file).CombinedOutput()
	if err != nil {
		t.Errorf("go run: %v", err)
	}
	return string(printed)
}

// check type-checks a block: a file, or declarations, statements or one expression, with the packages that it names imported.
func check(b block, lookup importer.Lookup) error {
	params := given[b.file]
	if b.file == "docs/frameworks.md" {
		params = givenUnder[b.under]
	}
	imports := ""
	for name, path := range packages {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(b.text + params) {
			imports += fmt.Sprintf("import %s %q\n", name, path)
		}
	}
	var firstErr error
	for _, source := range [...]string{
		b.text,
		"package p\n" + imports + b.text,
		"package p\n" + imports + "func _(" + params + ") {\n_ = " + b.text + "}\n",
		"package p\n" + imports + "func _(" + params + ") {\n" + b.text + "\n}\n",
		"package p\n" + imports + "func _(" + params + ") (any, error) {\n" + b.text + "\n}\n",
	} {
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, b.file, source, parser.SkipObjectResolution)
		if err != nil {
			if firstErr == nil {
				firstErr = err
			}
			continue
		}
		if err := typeCheck(fset, parsed, lookup); err != nil {
			firstErr = err // it parses, so this is what is wrong
			continue
		}
		return nil
	}
	return firstErr
}

// typeCheck leaves out what is no mistake in a fragment: a variable or an import that nothing uses.
func typeCheck(fset *token.FileSet, file *ast.File, lookup importer.Lookup) error {
	var problems []error
	cfg := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup), Error: func(err error) {
		var typed types.Error
		if !errors.As(err, &typed) || !typed.Soft {
			problems = append(problems, err)
		}
	}}
	_, _ = cfg.Check("p", fset, []*ast.File{file}, nil) // the errors are in problems
	return errors.Join(problems...)
}

// exports returns where the compiled form of packages is.
func exports(t *testing.T) importer.Lookup {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export"}
	for _, path := range packages {
		args = append(args, path)
	}
	for _, file := range files(t) {
		for _, b := range blocks(t, file) {
			if b.language != "go" {
				continue
			}
			if parsed, err := parser.ParseFile(token.NewFileSet(), file, b.text, parser.ImportsOnly); err == nil {
				for _, spec := range parsed.Imports {
					args = append(args, strings.Trim(spec.Path.Value, `"`))
				}
			}
		}
	}
	listed, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	where := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(listed)); ; {
		var p struct{ ImportPath, Export string }
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		where[p.ImportPath] = p.Export
	}
	return func(path string) (io.ReadCloser, error) {
		if where[path] == "" {
			return nil, fmt.Errorf("%s is not among the packages of this test", path)
		}
		return os.Open(where[path])
	}
}

var links = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every relative link leads to a file, and its fragment to a heading.
func TestLinks(t *testing.T) {
	found := 0
	for _, file := range files(t) {
		text := regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(read(t, file), "")
		for _, m := range links.FindAllStringSubmatch(text, -1) {
			target, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			found++
			path := file
			if target != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(file)), filepath.FromSlash(target)))
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path))); err != nil {
				t.Errorf("%s: the link %s leads nowhere", file, m[1])
				continue
			}
			if fragment != "" && !anchors(t, path)[fragment] {
				t.Errorf("%s: the link %s leads to no heading of %s", file, m[1], path)
			}
		}
	}
	if found < 20 {
		t.Errorf("%d links were found, which are too few to be all", found)
	}
}

// anchors returns what GitHub makes of the headings of a file.
func anchors(t *testing.T, file string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	text := regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(read(t, file), "")
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(strings.TrimLeft(line, "#")))
		found[anchor] = true
	}
	return found
}

// Shell blocks that show what is printed are run by a test: those of README.md by examples/gin, and there are no others.
func TestShellOutputIsTested(t *testing.T) {
	for _, file := range files(t) {
		for _, b := range blocks(t, file) {
			if b.language == "console" && file != "README.md" {
				t.Errorf("%s: nothing runs this block; show the command in a block of sh, or the output of a Go program as text behind it", b)
			}
		}
	}
}

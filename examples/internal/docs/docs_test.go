// Package docs checks README.md and the files in docs: programs run, other Go code compiles, and
// links lead somewhere.
package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	gincors "github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	chicors "github.com/go-chi/cors"
	"github.com/gofiber/fiber/v2"
	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/gorilla/handlers"
	jub0bs "github.com/jub0bs/cors"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/rs/cors"

	"github.com/polycors/cors/adapters/corshttp"
)

const root = "../../.."

// packages has the import paths for the package names that blocks without an import clause may use.
var packages = map[string]string{
	"bytes":        "bytes",
	"context":      "context",
	"errors":       "errors",
	"fmt":          "fmt",
	"io":           "io",
	"net":          "net",
	"http":         "net/http",
	"json":         "encoding/json",
	"httputil":     "net/http/httputil",
	"log":          "log",
	"os":           "os",
	"slog":         "log/slog",
	"websocket":    "github.com/gorilla/websocket",
	"strings":      "strings",
	"testing":      "testing",
	"netip":        "net/netip",
	"time":         "time",
	"url":          "net/url",
	"expvar":       "expvar",
	"flag":         "flag",
	"sql":          "database/sql",
	"attribute":    "go.opentelemetry.io/otel/attribute",
	"metric":       "go.opentelemetry.io/otel/metric",
	"prometheus":   "github.com/prometheus/client_golang/prometheus",
	"httpsnoop":    "github.com/felixge/httpsnoop",
	"koanf":        "github.com/knadh/koanf/v2",
	"viper":        "github.com/spf13/viper",
	"yaml":         "gopkg.in/yaml.v3",
	"gin":          "github.com/gin-gonic/gin",
	"echo":         "github.com/labstack/echo/v4",
	"middleware":   "github.com/labstack/echo/v4/middleware",
	"chi":          "github.com/go-chi/chi/v5",
	"fiber":        "github.com/gofiber/fiber/v2",
	"fiber3":       "github.com/gofiber/fiber/v3",
	"fasthttp":     "github.com/valyala/fasthttp",
	"mux":          "github.com/gorilla/mux",
	"httprouter":   "github.com/julienschmidt/httprouter",
	"huma":         "github.com/danielgtaylor/huma/v2",
	"humago":       "github.com/danielgtaylor/huma/v2/adapters/humago",
	"runtime":      "github.com/grpc-ecosystem/grpc-gateway/v2/runtime",
	"core":         "github.com/polycors/cors/core",
	"settings":     "github.com/polycors/cors/core/settings",
	"corstest":     "github.com/polycors/cors/core/corstest",
	"corshttp":     "github.com/polycors/cors/adapters/corshttp",
	"corschi":      "github.com/polycors/cors/adapters/corschi",
	"corsgin":      "github.com/polycors/cors/adapters/corsgin",
	"corsecho":     "github.com/polycors/cors/adapters/corsecho",
	"corsecho5":    "github.com/polycors/cors/adapters/corsecho5",
	"corsfiber":    "github.com/polycors/cors/adapters/corsfiber",
	"corsfiber3":   "github.com/polycors/cors/adapters/corsfiber3",
	"corsfasthttp": "github.com/polycors/cors/adapters/corsfasthttp",
}

// given has the variables that the blocks of a file may use without declaring them, written as
// parameters.
var given = map[string]string{
	"docs/guides/cookies.md":         "mux http.Handler, w http.ResponseWriter, token string",
	"docs/guides/csrf.md":            "mux http.Handler, policy *core.Policy",
	"docs/guides/dynamic-origins.md": "mux http.Handler, policy *core.Policy",
	"docs/guides/environment.md": "mux http.Handler, text func(any) []string, v *viper.Viper, k *koanf.Koanf, " +
		"data []byte",
	"docs/guides/logins.md": "mux http.Handler, policy *core.Policy, protection *core.CSRFProtection, " +
		"loggedIn func(*http.Request) bool, requireLogin func(http.Handler) http.Handler",
	"docs/guides/proxies.md":           "upstream *url.URL",
	"docs/guides/testing.md":           "t *testing.T, newRouter func() http.Handler, cfg core.Config",
	"docs/guides/websockets.md":        "policy *core.Policy",
	"docs/migrate/django.md":           "policy *core.Policy, protection *core.CSRFProtection",
	"docs/migrate/gin-contrib-cors.md": "r *gin.Engine",
	"docs/troubleshooting/README.md": "cfg core.Config, policy *core.Policy, mux http.Handler, " +
		"authenticate func(http.Handler) http.Handler, update http.HandlerFunc, list gin.HandlerFunc, " +
		"w http.ResponseWriter, r *http.Request, token string, production bool, proxy *httputil.ReverseProxy, " +
		"app *fiber3.App",
}

// givenInStart is the same for the pages in docs/start.
var givenInStart = map[string]string{
	"docs/start/chi.md":           "r chi.Router, cfg core.Config",
	"docs/start/echo.md":          "e *echo.Echo, cfg core.Config",
	"docs/start/fasthttp.md":      "handler fasthttp.RequestHandler, policy *core.Policy",
	"docs/start/fiber.md":         "app *fiber.App, policy *core.Policy",
	"docs/start/gin.md":           "r *gin.Engine, cfg core.Config",
	"docs/start/net-http.md":      "mux http.Handler, cfg core.Config",
	"docs/start/other-routers.md": "path string, service http.Handler",
}

// newerPackages has what differs from packages in blocks that use the adapter of a newer version.
var newerPackages = map[string]map[string]string{
	"corsecho5.":  {"echo": "github.com/labstack/echo/v5", "middleware": "github.com/labstack/echo/v5/middleware"},
	"corsfiber3.": {"fiber": "github.com/gofiber/fiber/v3"},
}

// block is a fenced block of a file.
type block struct {
	file, language, text string
	line                 int
	under                string // the heading
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// files returns the paths of the Markdown files in the repository that people read.
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

// TestGo checks that every Go block compiles and is formatted. If a block of text directly follows
// a program or statements, they must print it.
func TestGo(t *testing.T) {
	lookup := exports(t)
	migrated := source(t, "examples/internal/migrate", "_test.go")
	compiled := 0
	for _, file := range files(t) {
		all := blocks(t, file)
		for i, b := range all {
			if b.language != "go" {
				continue
			}
			compiled++
			if strings.HasPrefix(file, "docs/migrate/") && strings.Contains(migrated, indented(b.text)) {
				continue // that package compiles it
			}
			if formatted, err := format.Source([]byte(b.text)); err != nil || string(formatted) != b.text {
				t.Errorf("%s: gofmt would write it differently (%v):\n%s", b, err, formatted)
			}
			if err := check(b, lookup); err != nil {
				t.Errorf("%s: %v\n%s", b, err, b.text)
				continue
			}
			adjoins := i+1 < len(all) && all[i+1].line == b.line+strings.Count(b.text, "\n")+3 // an empty line between
			if adjoins && all[i+1].language == "text" && !isConfig(b) {
				if got := output(t, runnable(b)); got != all[i+1].text {
					t.Errorf("%s: it prints\n%s\nwant, as shown\n%s", b, got, all[i+1].text)
				}
			}
		}
	}
	if compiled < 20 {
		t.Errorf("%d Go blocks were found, which are too few to be all", compiled)
	}
}

// isConfig reports whether a block is only a Config. The text after it is what core.New or
// core.Lint says about it, which examples/internal/reference checks.
func isConfig(b block) bool {
	expr, err := parser.ParseExpr(b.text)
	_, ok := expr.(*ast.CompositeLit)
	return err == nil && ok
}

// indented returns a block as it is written in the body of a function.
func indented(block string) string {
	return regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(block, "\t$1")
}

// runnable returns a program. If the block has only statements, the program consists of them.
func runnable(b block) string {
	if strings.HasPrefix(b.text, "package main\n") {
		return b.text
	}
	return "package main\n" + imports(b.text, "") + "func main() {\n" + b.text + "}\n"
}

// imports returns an import declaration for each package that a block or its parameters use.
func imports(text, params string) string {
	declarations := ""
	for name, path := range packages {
		for adapter, newer := range newerPackages {
			if newer[name] != "" && strings.Contains(text, adapter) {
				path = newer[name]
			}
		}
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(text + params) {
			declarations += fmt.Sprintf("import %s %q\n", name, path)
		}
	}
	return declarations
}

// output runs a program as part of this module, and returns what it prints.
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

// check type-checks a block, which may be a file, declarations, statements or an expression. It
// imports the packages that the block uses.
func check(b block, lookup importer.Lookup) error {
	params := given[b.file] + givenInStart[b.file]
	imports := imports(b.text, params)
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
			firstErr = err // it parses, so this is the mistake
			continue
		}
		return nil
	}
	return firstErr
}

// typeCheck ignores unused variables and imports, which are no mistake in a fragment.
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

// exports returns the files with the export data of packages.
func exports(t *testing.T) importer.Lookup {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export"}
	for _, path := range packages {
		args = append(args, path)
	}
	for _, newer := range newerPackages {
		args = slices.AppendSeq(args, maps.Values(newer))
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

// TestLinks checks that every relative link leads to a file, and its fragment to a heading.
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

// anchors returns the anchors that GitHub makes for the headings of a file.
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

// TestPromises checks that every promise in SECURITY.md names tests, and that each test is in one
// of the folders in the same row.
func TestPromises(t *testing.T) {
	_, section, _ := strings.Cut(read(t, "SECURITY.md"), "| promise | where | tests |\n|---|---|---|\n")
	section, _, _ = strings.Cut(section, "\n\n")
	promises := 0
	for line := range strings.Lines(section) {
		promises++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 {
			t.Errorf("%q has %d cells, want 3", line, len(cells))
			continue
		}
		var source strings.Builder
		for _, m := range regexp.MustCompile("`([a-z/]+)`").FindAllStringSubmatch(cells[1], -1) {
			found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(m[1]), "*_test.go"))
			if err != nil || len(found) == 0 {
				t.Errorf("%s has no tests (%v)", m[1], err)
			}
			for _, name := range found {
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				source.Write(data)
			}
		}
		tests := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z]+)`").FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 {
			t.Errorf("no test is named in %q", line)
		}
		for _, m := range tests {
			if !strings.Contains(source.String(), "\nfunc "+m[1]+"(") {
				t.Errorf("SECURITY.md names %s, which is in none of %s", m[1], cells[1])
			}
		}
	}
	if promises < 10 {
		t.Errorf("%d promises were found, which are too few to be all", promises)
	}
}

// compared has the libraries in docs/comparison.md that are written in Go. Each has a function
// that builds its middleware for a list of origins.
var compared = map[string]func(origins []string, credentials bool) (answer, error){
	"Polycors": func(origins []string, credentials bool) (answer, error) {
		return recorded(corshttp.New(corshttp.Config{AllowOrigins: origins, AllowCredentials: credentials})(handler)), nil
	},
	"jub0bs": func(origins []string, credentials bool) (answer, error) {
		m, err := jub0bs.NewMiddleware(jub0bs.Config{Origins: origins, Credentialed: credentials})
		if err != nil {
			return nil, err
		}
		return recorded(m.Wrap(handler)), nil
	},
	"rs": func(origins []string, credentials bool) (answer, error) {
		return recorded(cors.New(cors.Options{AllowedOrigins: origins, AllowCredentials: credentials}).Handler(handler)), nil
	},
	"gin-contrib": func(origins []string, credentials bool) (answer, error) {
		r := gin.New()
		r.Use(gincors.New(gincors.Config{AllowOrigins: origins, AllowCredentials: credentials, AllowWildcard: true}))
		r.Any("/", gin.WrapH(handler))
		return recorded(r), nil
	},
	"echo": func(origins []string, credentials bool) (answer, error) {
		e := echo.New()
		e.Use(middleware.CORSWithConfig(middleware.CORSConfig{AllowOrigins: origins, AllowCredentials: credentials}))
		e.Any("/", echo.WrapHandler(handler))
		return recorded(e), nil
	},
	"fiber": func(origins []string, credentials bool) (answer, error) {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Use(fibercors.New(fibercors.Config{AllowOrigins: strings.Join(origins, ","), AllowCredentials: credentials}))
		app.All("/", func(c *fiber.Ctx) error { return nil })
		return func(r *http.Request) (*http.Response, error) { return app.Test(r, -1) }, nil
	},
	"go-chi": func(origins []string, credentials bool) (answer, error) {
		options := chicors.Options{AllowedOrigins: origins, AllowCredentials: credentials}
		return recorded(chicors.Handler(options)(handler)), nil
	},
	"gorilla": func(origins []string, credentials bool) (answer, error) {
		options := []handlers.CORSOption{handlers.AllowedOrigins(origins)}
		if credentials {
			options = append(options, handlers.AllowCredentials())
		}
		return recorded(handlers.CORS(options...)(handler)), nil
	},
}

// answer returns the response to a request.
type answer func(*http.Request) (*http.Response, error)

var handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func recorded(h http.Handler) answer {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

// library is a column of the comparison.
type library struct {
	t     *testing.T
	build func(origins []string, credentials bool) (answer, error)
}

// refuses returns the error, or the text of the panic, with which the library refuses to build a
// policy. It returns "" if the library builds it.
func (l library) refuses(credentials bool, origins ...string) (refusal string) {
	defer func() {
		if r := recover(); r != nil {
			refusal = fmt.Sprint(r)
		}
	}()
	if _, err := l.build(origins, credentials); err != nil {
		return err.Error()
	}
	return ""
}

// ask returns the response to a request from an origin, or without Origin if that is "". origins
// are those that the library allows. If there is a method, the request is a preflight for it.
func (l library) ask(credentials bool, allowed []string, origin, method string) *http.Response {
	l.t.Helper()
	serve, err := l.build(allowed, credentials)
	if err != nil {
		l.t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if method != "" {
		r.Method = "OPTIONS"
		r.Header.Set("Access-Control-Request-Method", method)
	}
	response, err := serve(r)
	if err != nil {
		l.t.Fatal(err)
	}
	response.Body.Close()
	return response
}

// allows reports whether the library allows an origin if the entry is in its list.
func (l library) allows(entry, origin string) bool {
	l.t.Helper()
	return l.refuses(false, entry) == "" &&
		l.ask(false, []string{entry}, origin, "").Header.Get("Access-Control-Allow-Origin") != ""
}

// asked has the rows of the comparison that can be tested by running the libraries. Each function
// returns what the library does, in the words of docs/comparison.md. The other rows are about an
// API, and the last column is not a Go library.
var asked = map[string]func(l library) string{
	"no origins configured": func(l library) string {
		switch {
		case l.refuses(false) != "":
			return "refused"
		case l.ask(false, nil, "https://evil.example", "").Header.Get("Access-Control-Allow-Origin") != "":
			return "everyone"
		}
		return "nobody"
	},
	"`*` with credentials": func(l library) string {
		if l.refuses(true, "*") != "" {
			return "refused"
		}
		h := l.ask(true, []string{"*"}, "https://evil.example", "").Header
		switch {
		case h.Get("Access-Control-Allow-Credentials") != "true":
			return "without credentials"
		case h.Get("Access-Control-Allow-Origin") == "*":
			return "sent"
		}
		return "origin echoed"
	},
	"http, `*.github.io` with credentials": func(l library) string {
		insecure := l.refuses(true, "http://app.example.com") != ""
		suffix := l.refuses(true, "https://*.github.io") != ""
		switch {
		case insecure && suffix:
			return "refused"
		case insecure || suffix:
			return "one is refused"
		}
		return "allowed"
	},
	"problems reported": func(l library) string {
		refusal := l.refuses(false, "one.example", "two.example")
		switch {
		case refusal == "":
			return "none"
		case strings.Contains(refusal, "one.example") && strings.Contains(refusal, "two.example"):
			if strings.Contains(refusal, "write ") {
				return "all, with fixes"
			}
			return "all"
		}
		return "the first"
	},
	"`https://*example.com`": func(l library) string {
		switch {
		case l.refuses(false, "https://*example.com") != "":
			return "refused"
		case l.allows("https://*example.com", "https://evil-example.com"):
			return "allowed"
		}
		return "matches nothing"
	},
	"`*` in `https://pr-*.example.com`": func(l library) string {
		switch {
		case l.refuses(false, "https://pr-*.example.com") != "":
			return "refused"
		case l.allows("https://pr-*.example.com", "https://pr-1.evil.example.com"):
			return "any text"
		case l.allows("https://pr-*.example.com", "https://pr-1.example.com"):
			return "in one label"
		}
		return "matches nothing"
	},
	"a refused preflight": func(l library) string {
		allowed := []string{"https://app.example.com"}
		origin := l.ask(false, allowed, "https://evil.example", "PUT").StatusCode
		method := l.ask(false, allowed, "https://app.example.com", "PURGE").StatusCode
		if origin != method {
			return fmt.Sprintf("%d for the origin, else %d", origin, method)
		}
		return fmt.Sprint(origin)
	},
	"`Vary: Origin` without an Origin": func(l library) string {
		if slices.Contains(l.ask(false, []string{"https://app.example.com"}, "", "").Header.Values("Vary"), "Origin") {
			return "yes"
		}
		return "no"
	},
}

// TestComparison checks that the libraries do what docs/comparison.md says, in the versions that it
// names.
func TestComparison(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	_, section, _ := strings.Cut(read(t, "docs/comparison.md"), "\n## Libraries\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var head []string
	found := 0
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if head == nil {
			head = cells
			continue
		}
		tell := asked[cells[0]]
		if tell == nil {
			continue
		}
		for i, cell := range cells {
			build := compared[head[i]]
			if build == nil {
				continue
			}
			found++
			t.Run(head[i]+"/"+cells[0], func(t *testing.T) {
				if got := tell(library{t, build}); got != cell {
					t.Errorf("got %q, docs/comparison.md says %q", got, cell)
				}
			})
		}
	}
	if want := len(asked) * len(compared); found != want {
		t.Errorf("docs/comparison.md has %d cells that were compared, want %d", found, want)
	}

	mod := read(t, "examples/go.mod")
	version := regexp.MustCompile(
		`(jub0bs/cors|rs/cors|gin-contrib/cors|echo|fiber|go-chi/cors|gorilla/handlers) ([0-9]+\.[0-9]+\.[0-9]+)`)
	for _, m := range version.FindAllStringSubmatch(section, -1) {
		if !regexp.MustCompile(regexp.QuoteMeta(m[1]) + `(/v[0-9]+)? v` + regexp.QuoteMeta(m[2]) + `\b`).MatchString(mod) {
			t.Errorf("docs/comparison.md compares with %s %s, which is not the version that runs here", m[1], m[2])
		}
	}
}

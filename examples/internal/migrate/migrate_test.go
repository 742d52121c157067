// Package migrate compares what the guides in docs/migrate say with what the libraries do.
package migrate

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	fiber3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
)

// request is sent to both libraries.
type request struct {
	what   string // as in the guides
	method string
	header map[string]string
}

const (
	app     = "https://app.example.com"
	preview = "https://pr-7.preview.example.com"
	evil    = "https://evil.example"
)

var requests = [...]request{
	{"GET without Origin", "GET", nil},
	{"GET from an allowed origin", "GET", map[string]string{"Origin": app}},
	{"GET from an allowed subdomain", "GET", map[string]string{"Origin": preview}},
	{"GET from a refused origin", "GET", map[string]string{"Origin": evil}},
	{"GET with `Origin: null`", "GET", map[string]string{"Origin": "null"}},
	{"GET with the allowed origin in capitals", "GET", map[string]string{"Origin": "https://APP.example.com"}},
	{
		"GET with `Origin: https://evil.example/.preview.example.com`", "GET",
		map[string]string{"Origin": "https://evil.example/.preview.example.com"},
	},
	{"POST from the server's own pages", "POST", map[string]string{"Origin": "http://api.example.com"}},
	{"POST from an allowed origin, the method not listed", "POST", map[string]string{"Origin": app}},
	{"preflight for PUT", "OPTIONS", map[string]string{"Origin": app, "Access-Control-Request-Method": "PUT"}},
	{
		"preflight for PUT with `content-type`", "OPTIONS",
		map[string]string{
			"Origin": app, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type",
		},
	},
	{
		"preflight for PUT from a refused origin", "OPTIONS",
		map[string]string{"Origin": evil, "Access-Control-Request-Method": "PUT"},
	},
	{
		"preflight for DELETE, not listed", "OPTIONS",
		map[string]string{"Origin": app, "Access-Control-Request-Method": "DELETE"},
	},
	{
		"preflight for POST, not listed", "OPTIONS",
		map[string]string{"Origin": app, "Access-Control-Request-Method": "POST"},
	},
	{"preflight for `put`", "OPTIONS", map[string]string{"Origin": app, "Access-Control-Request-Method": "put"}},
	{
		"preflight for OPTIONS, not listed", "OPTIONS",
		map[string]string{"Origin": app, "Access-Control-Request-Method": "OPTIONS"},
	},
	{
		"preflight with `x-other`, not listed", "OPTIONS",
		map[string]string{"Origin": app, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-other"},
	},
	{
		"preflight with `x-token, content-type`, not in alphabetical order", "OPTIONS",
		map[string]string{
			"Origin": app, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-token, content-type",
		},
	},
	{"OPTIONS from an allowed origin, no preflight", "OPTIONS", map[string]string{"Origin": app}},
	{"OPTIONS from a refused origin, no preflight", "OPTIONS", map[string]string{"Origin": evil}},
	{"OPTIONS without Origin", "OPTIONS", nil},
	{
		"OPTIONS without Origin, with a requested method", "OPTIONS",
		map[string]string{"Access-Control-Request-Method": "PUT"},
	},
}

// serve returns the response to a request.
type serve func(*http.Request) (*http.Response, error)

// answers is a response: the lines that are compared.
func answers(s serve, r request) ([]string, error) {
	req := httptest.NewRequest(r.method, "/items", nil)
	req.Host = "api.example.com"
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	response, err := s(req)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	status := fmt.Sprint(response.StatusCode)
	if string(body) == handled || response.Header.Get("X-Handled") != "" {
		status += " of the handler"
	}
	lines := []string{status}
	for name, values := range response.Header {
		if short, ok := strings.CutPrefix(name, "Access-Control-"); ok {
			lines = append(lines, "`"+short+": "+compared(short, values)+"`")
		}
	}
	var vary []string
	for _, line := range response.Header.Values("Vary") {
		for token := range strings.SplitSeq(line, ",") {
			vary = append(vary, strings.TrimPrefix(http.CanonicalHeaderKey(strings.TrimSpace(token)), "Access-Control-"))
		}
	}
	if len(vary) > 0 {
		slices.Sort(vary)
		lines = append(lines, "`Vary: "+strings.Join(slices.Compact(vary), ", ")+"`")
	}
	slices.Sort(lines[1:])
	return lines, nil
}

// compared returns the values of a header without differences that browsers ignore: white space
// between the elements of a list, and the case of header names.
func compared(short string, values []string) string {
	value := strings.Join(values, " / ")
	switch short {
	case "Allow-Headers", "Expose-Headers":
		value = strings.ToLower(value)
		fallthrough
	case "Allow-Methods":
		value = strings.ReplaceAll(strings.ReplaceAll(value, ", ", ","), ",", ", ")
	}
	return value
}

const handled = "the handler"

// guides has a library for each guide, with the code before and after the migration.
var guides = []struct {
	guide         string
	names         string // of the functions that the guide shows, after "before" and "after"
	section       string // of the guide that has the table
	before, after func() (serve, error)
}{
	{"gin-contrib-cors.md", "GinContrib", "Response by response", ginWith(beforeGinContrib), ginWith(afterGinContrib)},
	{"rs-cors.md", "RS", "Response by response", httpWith(plain(beforeRS)), httpWith(plain(afterRS))},
	{"rs-cors.md", "RSGin", "Response by response, under gin", ginWith(beforeRSGin), ginWith(afterRSGin)},
	{"echo.md", "Echo", "Response by response", echoWith(beforeEcho), echoWith(afterEcho)},
	{"echo.md", "Echo5", "Response by response, echo v5", echo5With(beforeEcho5), echo5With(afterEcho5)},
	{"fiber.md", "Fiber", "Response by response", fiberWith(beforeFiber), fiberWith(afterFiber)},
	{"fiber.md", "Fiber3", "Response by response, fiber v3", fiber3With(beforeFiber3), fiber3With(afterFiber3)},
	{"go-chi-cors.md", "Chi", "Response by response", chiWith(beforeChi), chiWith(afterChi)},
	{
		"gorilla-handlers.md", "Gorilla", "Response by response",
		httpWith(plain(beforeGorilla)), httpWith(plain(afterGorilla)),
	},
	{"jub0bs-cors.md", "Jub0bs", "Response by response", httpWith(beforeJub0bs), httpWith(afterJub0bs)},
}

func plain(wrap func(http.Handler) http.Handler) func(http.Handler) (http.Handler, error) {
	return func(h http.Handler) (http.Handler, error) { return wrap(h), nil }
}

func recorded(h http.Handler) serve {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func handler(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Handled", "true")
	io.WriteString(w, handled)
}

func httpWith(wrap func(http.Handler) (http.Handler, error)) func() (serve, error) {
	return func() (serve, error) {
		h, err := wrap(http.HandlerFunc(handler))
		if err != nil {
			return nil, err
		}
		return recorded(h), nil
	}
}

func ginWith(use func(*gin.Engine)) func() (serve, error) {
	return func() (serve, error) {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		use(r)
		r.Any("/items", gin.WrapF(handler))
		return recorded(r), nil
	}
}

func echoWith(use func(*echo.Echo)) func() (serve, error) {
	return func() (serve, error) {
		e := echo.New()
		use(e)
		e.Any("/items", echo.WrapHandler(http.HandlerFunc(handler)))
		return recorded(e), nil
	}
}

func echo5With(use func(*echo5.Echo)) func() (serve, error) {
	return func() (serve, error) {
		e := echo5.New()
		use(e)
		e.Any("/items", echo5.WrapHandler(http.HandlerFunc(handler)))
		return recorded(e), nil
	}
}

type chiRouter = interface {
	Use(...func(http.Handler) http.Handler)
}

func chiWith(use func(chiRouter)) func() (serve, error) {
	return func() (serve, error) {
		r := chi.NewRouter()
		use(r)
		r.HandleFunc("/items", handler)
		return recorded(r), nil
	}
}

func fiberWith(use func(*fiber.App)) func() (serve, error) {
	return func() (serve, error) {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		use(app)
		app.All("/items", func(c *fiber.Ctx) error {
			c.Set("X-Handled", "true")
			return c.SendString(handled)
		})
		return func(r *http.Request) (*http.Response, error) { return app.Test(r, -1) }, nil
	}
}

func fiber3With(use func(*fiber3.App)) func() (serve, error) {
	return func() (serve, error) {
		app := fiber3.New()
		use(app)
		app.All("/items", func(c fiber3.Ctx) error {
			c.Set("X-Handled", "true")
			return c.SendString(handled)
		})
		return func(r *http.Request) (*http.Response, error) { return app.Test(r, fiber3.TestConfig{}) }, nil
	}
}

// TestDifferences checks that the table in each guide lists exactly the requests whose responses
// differ.
func TestDifferences(t *testing.T) {
	for _, g := range guides {
		t.Run(g.names, func(t *testing.T) {
			before, err := g.before()
			if err != nil {
				t.Fatal(err)
			}
			after, err := g.after()
			if err != nil {
				t.Fatal(err)
			}
			var rows []string
			for _, r := range requests {
				was, err := answers(before, r)
				if err != nil {
					t.Fatalf("%s: %v", r.what, err)
				}
				is, err := answers(after, r)
				if err != nil {
					t.Fatalf("%s: %v", r.what, err)
				}
				if slices.Equal(was, is) {
					continue
				}
				rows = append(rows, fmt.Sprintf("| %s | %s | %s |", r.what, without(was, is), without(is, was)))
			}
			if got, want := strings.Join(rows, "\n"), strings.Join(table(t, g.guide, g.section), "\n"); got != want {
				t.Errorf("docs/migrate/%s lists under %q\n%s\n\nthe responses differ in\n%s", g.guide, g.section, want, got)
			}
		})
	}
}

// without returns the status, and the lines that the other response does not have.
func without(lines, other []string) string {
	shown := lines[:1:1]
	for _, line := range lines[1:] {
		if !slices.Contains(other, line) {
			shown = append(shown, line)
		}
	}
	return strings.Join(shown, ", ")
}

// table returns the rows of the table in a section, without the header.
func table(t *testing.T, guide, section string) []string {
	t.Helper()
	_, rest, found := strings.Cut(text(t, guide), "\n## "+section+"\n")
	if !found {
		t.Fatalf("docs/migrate/%s has no section %q", guide, section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	var rows []string
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	return rows[min(2, len(rows)):]
}

func text(t *testing.T, guide string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "migrate", guide))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

// TestGuidesShowWhatIsTested checks that the code in the guides is exactly the code that
// TestDifferences runs.
func TestGuidesShowWhatIsTested(t *testing.T) {
	var source []byte
	for _, file := range []string{"pairs_test.go", "pairs_newer_test.go"} {
		functions, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, functions...)
	}
	for _, g := range guides {
		for _, side := range [...]string{"before", "after"} {
			name := side + g.names
			function := regexp.MustCompile(`(?ms)^func ` + name +
				`\(.*?\) (?:http\.Handler )?(?:\(http\.Handler, error\) )?\{\n(.*?)^\}$`)
			found := function.FindSubmatch(source)
			if found == nil {
				t.Fatalf("there is no func %s", name)
			}
			body := regexp.MustCompile(`(?m)^\t`).ReplaceAllString(strings.ReplaceAll(string(found[1]), "\r\n", "\n"), "")
			if !strings.Contains(text(t, g.guide), "```go\n"+body+"```\n") {
				t.Errorf("docs/migrate/%s does not show %s:\n%s", g.guide, name, body)
			}
		}
	}
}

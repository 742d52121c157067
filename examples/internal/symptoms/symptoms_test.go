// Package symptoms tests docs/troubleshooting. It builds servers with the mistakes that the page
// describes, sends the requests of its commands, and applies its fixes.
package symptoms

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v5"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
)

var (
	appOnly = core.Config{AllowOrigins: []string{"https://app.example.com"}}
	items   = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
)

// around puts a policy around a handler.
func around(cfg core.Config, h http.Handler) http.Handler { return corshttp.New(cfg)(h) }

// with returns appOnly after change.
func with(change func(*core.Config)) core.Config {
	cfg := appOnly
	change(&cfg)
	return cfg
}

func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// put returns a router with a route for PUT.
func put(update http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("PUT /items/{id}", update)
	return mux
}

func ginGroup() http.Handler {
	r := gin.New()
	g := r.Group("/items", corsgin.New(appOnly))
	g.PUT("/:id", gin.WrapH(items))
	return r
}

func ginEngine() http.Handler {
	r := gin.New()
	r.Use(corsgin.New(appOnly))
	r.GET("/items", gin.WrapH(items))
	r.PUT("/items/:id", gin.WrapH(items))
	return r
}

func ginLate() http.Handler {
	r := gin.New()
	r.GET("/items", gin.WrapH(items))
	r.Use(corsgin.New(appOnly))
	return r
}

func chiGroup() http.Handler {
	r := chi.NewRouter()
	r.Group(func(r chi.Router) {
		r.Use(corschi.New(appOnly))
		r.Method("PUT", "/items/{id}", items)
	})
	return r
}

func echoRoute() http.Handler {
	e := echo.New()
	e.PUT("/items/:id", echo.WrapHandler(items), corsecho5.New(appOnly))
	return e
}

// login redirects everything to a login page.
func login(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "https://login.example.com/", http.StatusSeeOther)
}

// loginFixed redirects navigations only.
func loginFixed(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		http.Error(w, "log in first", http.StatusUnauthorized)
		return
	}
	login(w, r)
}

// proxied is a policy around a reverse proxy, whose upstream has a policy too.
func proxied(t *testing.T, strip bool) http.Handler {
	upstream, err := url.Parse("http://" + adaptertest.Listen(t, around(appOnly, items)))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream) }}
	if strip {
		proxy.ModifyResponse = func(response *http.Response) error {
			core.Strip(response.Header)
			return nil
		}
	}
	return around(appOnly, proxy)
}

// symptom is a mistake, and the response to the command of its section before and after the fix.
type symptom struct {
	name          string
	broken, fixed http.Handler
	before, after string // see summary
}

// symptoms returns the cases by the headings of the page.
func symptoms(t *testing.T) map[string][]symptom {
	const works = "204, for https://app.example.com, Vary has Origin"
	return map[string][]symptom{
		"It works in curl or Postman": {{
			"another origin is listed",
			around(core.Config{AllowOrigins: []string{"https://example.com"}}, items), around(appOnly, items),
			"403, Vary has Origin", works,
		}},
		"It fails only in production": {{
			"www is not listed",
			around(appOnly, items),
			around(core.Config{AllowOrigins: []string{"https://app.example.com", "https://www.example.com"}}, items),
			"200, Vary has Origin", "200, for https://www.example.com, Vary has Origin",
		}},
		"PUT fails with 405": {
			{"net/http", put(around(appOnly, items)), around(appOnly, put(items)), "405", works},
			{"chi", chiGroup(), around(appOnly, put(items)), "405", works},
			{"gin", ginGroup(), ginEngine(), "404", works},
			{"echo", echoRoute(), around(appOnly, put(items)), "204, Allow", works},
		},
		"POST with JSON fails": {{
			"the default is replaced",
			around(with(func(c *core.Config) { c.AllowHeaders = []string{"x-token"} }), items),
			around(with(func(c *core.Config) { c.AllowHeaders = append(core.DefaultHeaders(), "x-token") }), items),
			"403, Vary has Origin", works,
		}},
		"The preflight is 401": {{
			"authentication is outside",
			authenticate(around(appOnly, items)), around(appOnly, authenticate(items)),
			"401", works,
		}},
		"200 without Vary": {{
			"gin", ginLate(), ginEngine(), "200", "200, for https://app.example.com, Vary has Origin",
		}},
		"Only error responses fail": {{
			"gin", ginGroup(), ginEngine(), "404", "404, for https://app.example.com, Vary has Origin",
		}},
		"After the login expires, requests are redirected": {{
			"all are redirected",
			around(appOnly, http.HandlerFunc(login)), around(appOnly, http.HandlerFunc(loginFixed)),
			"303, for https://app.example.com, Vary has Origin, Location",
			"401, for https://app.example.com, Vary has Origin",
		}},
		"The header is there twice": {{
			"the upstream has a policy", proxied(t, false), proxied(t, true),
			"200, for https://app.example.com and https://app.example.com, Vary has Origin",
			"200, for https://app.example.com, Vary has Origin",
		}},
		"localhost works, 127.0.0.1 does not": {{
			"one is listed",
			around(core.Config{AllowOrigins: []string{"http://localhost:5173"}}, items),
			around(core.Config{AllowOrigins: []string{"http://localhost:5173", "http://127.0.0.1:5173"}}, items),
			"200, Vary has Origin", "200, for http://127.0.0.1:5173, Vary has Origin",
		}},
		"A response header is missing": {{
			"it is not exposed",
			around(appOnly, items),
			around(with(func(c *core.Config) { c.ExposeHeaders = []string{"X-Total-Count"} }), items),
			"200, for https://app.example.com, Vary has Origin",
			"200, for https://app.example.com, Vary has Origin, exposes X-Total-Count",
		}},
	}
}

// untested are the headings whose commands show what a browser or a cache does.
var untested = []string{"A cached response", "Cookies are not sent", "It fails only in Safari"}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "troubleshooting", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// sections returns the sections under a heading of level two, by their own headings.
func sections(t *testing.T, under string) map[string]string {
	t.Helper()
	_, text, _ := strings.Cut(page(t), "\n## "+under+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	found := map[string]string{}
	for _, part := range strings.Split(text, "\n### ")[1:] {
		heading, section, _ := strings.Cut(part, "\n")
		found[heading] = section
	}
	return found
}

var (
	command = regexp.MustCompile("(?m)^```sh\n(curl .*)$")
	target  = regexp.MustCompile(` http://127\.0\.0\.1:8080(\S+)`)
	method  = regexp.MustCompile(` -X (\S+)`)
	field   = regexp.MustCompile(` -H '([^:']+): ([^']*)'`)
)

// send sends the request of the first command in a section.
func send(t *testing.T, section string, h http.Handler) *http.Response {
	t.Helper()
	m := command.FindStringSubmatch(section)
	if m == nil {
		t.Fatal("the section has no curl command")
	}
	path := target.FindStringSubmatch(m[1])
	if path == nil {
		t.Fatalf("no URL in %s", m[1])
	}
	verb := "GET"
	if x := method.FindStringSubmatch(m[1]); x != nil {
		verb = x[1]
	}
	r, err := http.NewRequestWithContext(t.Context(), verb, "http://"+adaptertest.Listen(t, h)+path[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range field.FindAllStringSubmatch(m[1], -1) {
		r.Header.Set(f[1], f[2])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response
}

// summary is what the page says about a response.
func summary(r *http.Response) string {
	text := fmt.Sprint(r.StatusCode)
	if origins := r.Header.Values("Access-Control-Allow-Origin"); len(origins) > 0 {
		text += ", for " + strings.Join(origins, " and ")
	}
	if strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Origin") {
		text += ", Vary has Origin"
	}
	if exposed := r.Header.Get("Access-Control-Expose-Headers"); exposed != "" {
		text += ", exposes " + exposed
	}
	for _, name := range []string{"Allow", "Location"} {
		if r.Header.Get(name) != "" && r.StatusCode != http.StatusMethodNotAllowed {
			text += ", " + name
		}
	}
	return text
}

// TestSymptoms: each command shows the mistake, and each fix removes it.
func TestSymptoms(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	all := symptoms(t)
	described := sections(t, "By symptom")
	if got, want := slices.Sorted(maps.Keys(described)), slices.Sorted(slices.Values(
		append(slices.Collect(maps.Keys(all)), untested...))); !slices.Equal(got, want) {
		t.Errorf("the page has the symptoms\n%q\nwant\n%q", got, want)
	}
	for heading, cases := range all {
		for _, tt := range cases {
			t.Run(heading+"/"+tt.name, func(t *testing.T) {
				if got := summary(send(t, described[heading], tt.broken)); got != tt.before {
					t.Errorf("with the mistake: got %q, want %q", got, tt.before)
				}
				if got := summary(send(t, described[heading], tt.fixed)); got != tt.after {
					t.Errorf("with the fix: got %q, want %q", got, tt.after)
				}
			})
		}
	}
}

// TestIndex: the tables at the top of the page lead to every section.
func TestIndex(t *testing.T) {
	index, _, _ := strings.Cut(page(t), "\n## ")
	found := 0
	for _, under := range []string{"By message", "By symptom"} {
		for heading := range sections(t, under) {
			found++
			if !strings.Contains(index, "["+heading+"](#") {
				t.Errorf("no row leads to %q", heading)
			}
		}
	}
	if found < 20 {
		t.Errorf("found %d sections, which are too few to be all", found)
	}
}

package identity

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gofiber/fiber/v2"
	fiber3 "github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/static"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	echo5 "github.com/labstack/echo/v5"
	echo5middleware "github.com/labstack/echo/v5/middleware"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/examples/internal/frameworks"
)

// paths is a policy in which each path has its own readers. Every origin may read /public/. The
// admin's page may read /admin/, /vault/ and the users' keys. The app may read the rest.
var paths = core.Config{
	AllowOrigins: []string{"https://app.example.com"},
	Routes: []core.Route{
		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
		{Path: "/admin/", Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}, AllowCredentials: true}},
		{
			PathRegex: "/vault/.*",
			Config:    core.Config{AllowOrigins: []string{"https://admin.example.com"}, AllowCredentials: true},
		},
		{
			Path:   "/users/{id}/keys",
			Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}, AllowCredentials: true},
		},
	},
}

// granted has, for each handler and origin, the Access-Control-Allow-Origin that a response of the
// handler may have.
var granted = map[string]map[string]string{
	"public": {"https://app.example.com": "*", "https://admin.example.com": "*", "https://evil.example": "*"},
	"admin":  {"https://admin.example.com": "https://admin.example.com"},
	"vault":  {"https://admin.example.com": "https://admin.example.com"},
	"keys":   {"https://admin.example.com": "https://admin.example.com"},
	"other":  {"https://app.example.com": "https://app.example.com"},
}

// spellings returns request targets, both plain and odd.
func spellings() (targets []string) {
	add := func(more ...string) { targets = append(targets, more...) }
	names := []string{"public", "admin", "vault", "other"}
	for _, a := range names {
		upper := strings.ToUpper(a)
		encoded := fmt.Sprintf("%%%x%s", a[0], a[1:]) // its first letter
		twice := fmt.Sprintf("%%25%x%s", a[0], a[1:])
		add("/"+a, "/"+a+"/", "/"+a+"/x", "/"+upper+"/x", "/"+upper)
		add("//"+a+"/x", "/"+a+"//x", "/./"+a+"/x", "/"+a+"/./x", "/"+a+";v=1/x", "/"+a+"/;/x")
		add("/"+a+"%2fx", "/"+a+"%2Fx", "/%2f"+a+"/x", "/"+encoded+"/x", "/"+twice+"/x")
		add("/"+a+"%20/x", "/"+a+"./x", "/"+a+"?x", "/"+a+"/x?/public/", "/"+a+"%3fx", "/"+a+"%00/x")
		add("/"+a+"\\x", "/"+a+"%5cx", "http://api.example.net/"+a+"/x", "/"+a+"/x%20y", "/"+a+"/%C3%A9")
		add("/"+a+"/%zz", "/"+encoded+"/%zz", "/"+a+"/x%", "/"+encoded+"/x%2", "/"+encoded+"/x%2fy")
		for _, b := range names {
			for _, up := range []string{
				"..", "%2e%2e", ".%2e", "%2E.", "..%2f..", "%252e%252e", "..;", "..%5c", "...", "x/../..",
			} {
				add("/"+a+"/"+up+"/"+b+"/x", "/"+a+"/"+up+"%2f"+b+"/x", "/"+a+"//"+up+"/"+b+"/x", "//"+a+"/"+up+"/"+b)
			}
			add("/"+a+"/x/../../"+b+"/x", "/"+a+"/..%2f"+b, "/"+a+"%2f..%2f"+b+"/x", "/"+a+"/"+b+"/../x")
			add("/"+a+"/.."+b, "/"+a+"/..%2f"+b+"/%zz", "/"+a+"/%2e%2e%2f"+b+"/x%")
		}
	}
	for _, id := range []string{"7", "", "a%2fb", "%2f", "..", "%2e%2e", "7%zz", "7%20x", "+", "7/8", "7;v=1"} {
		for _, users := range []string{"users", "%75sers", "USERS", "/users", "x/../users", "x%2f..%2fusers"} {
			for _, keys := range []string{
				"keys", "%6beys", "keys/", "keys%2f", "/keys", "./keys", "keys/x", "x/../keys", "keys%zz",
			} {
				add("/" + users + "/" + id + "/" + keys)
			}
		}
	}
	return targets
}

// TestPaths checks that a response never grants more than the policy of the handler that ran. That
// must be so for every spelling of the path and every setting of the frameworks.
func TestPaths(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	policy, err := core.New(paths)
	if err != nil {
		t.Fatal(err)
	}
	for name, serve := range routers(policy) {
		t.Run(name, func(t *testing.T) {
			c := frameworks.Client{Addr: serve(t)}
			defer c.Close()
			handled := map[string]int{}
			grants := 0
			for _, target := range spellings() {
				for _, origin := range []string{"https://app.example.com", "https://admin.example.com", "https://evil.example"} {
					got, err := ask(&c, target, origin)
					if err != nil {
						t.Fatalf("%s: %v", target, err)
					}
					if got.allowOrigin != "" {
						grants++
					}
					handled[got.handler]++
					if got.handler == "other" && isShouted(target) {
						continue // this router distinguishes case, but the policy does not, see core.Route
					}
					if got.handler == "other" && strings.HasSuffix(target, "/keys/") {
						// This router distinguishes trailing slashes. The policy does so only if it has a
						// route for each, see core.Route.
						continue
					}
					if got.allowOrigin != "" && got.handler != "" && got.allowOrigin != granted[got.handler][origin] {
						t.Errorf("GET %s from %s, served by %s: granted %q, want %q or nothing",
							target, origin, got.handler, got.allowOrigin, granted[got.handler][origin])
					}
				}
			}
			// The plain spellings must be allowed. Otherwise the test would show nothing.
			for target, handler := range map[string]string{
				"/public/x":     "public",
				"/admin/x":      "admin",
				"/vault/x":      "vault",
				"/users/7/keys": "keys",
				"/other/x":      "other",
			} {
				for origin, want := range granted[handler] {
					if got, err := ask(&c, target, origin); err != nil || got.handler != handler || got.allowOrigin != want {
						t.Errorf("GET %s from %s: served by %s, granted %q (%v), want %q",
							target, origin, got.handler, got.allowOrigin, err, want)
					}
				}
			}
			t.Logf("%d requests, %d granted, served by %v", 3*len(spellings()), grants, handled)
		})
	}
}

// TestPathsDecodedTwice checks handlers that decode the path again, which echo's static middleware
// can do, and fiber v3's always does. A file must never be served under another file's policy,
// however often its name is encoded.
func TestPathsDecodedTwice(t *testing.T) {
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		Routes: []core.Route{
			{Path: "/static/", Config: core.Config{AllowOrigins: []string{"*"}}},
			{Path: "/static/admin/", Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{
		"admin/secret.txt": {Data: []byte("handler admin")},
		"news.txt":         {Data: []byte("handler public")},
	}
	for name, serve := range map[string]func(t *testing.T) string{
		"echo": func(t *testing.T) string {
			e := echo.New()
			e.Use(corsecho.Middleware(policy))
			e.Group("/static").Use(echomiddleware.StaticWithConfig(echomiddleware.StaticConfig{
				Filesystem: http.FS(files), EnablePathUnescaping: true,
			}))
			return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
		},
		"echo v5": func(t *testing.T) string {
			e := echo5.New()
			e.Use(corsecho5.Middleware(policy))
			e.Group("/static").Use(echo5middleware.StaticWithConfig(echo5middleware.StaticConfig{
				Filesystem: files, EnablePathUnescaping: true,
			}))
			return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
		},
		"fiber v3": func(t *testing.T) string {
			app := fiber3.New()
			app.Use(corsfiber3.Middleware(policy))
			app.Use("/static", static.New("", static.Config{FS: files}))
			return frameworks.ServeFiber3(t, app)
		},
	} {
		t.Run(name, func(t *testing.T) { testPathsDecodedTwice(t, serve(t)) })
	}
}

func testPathsDecodedTwice(t *testing.T, addr string) {
	c := frameworks.Client{Addr: addr}
	defer c.Close()
	served := 0
	for _, target := range []string{
		"/static/admin/secret.txt",
		"/static/%61dmin/secret.txt",
		"/static/%2561dmin/secret.txt",
		"/static/%252561dmin/secret.txt",
		"/static/%25252561dmin/secret.txt",
		"/static/admin%2fsecret.txt",
		"/static/admin%252fsecret.txt",
		"/static/x%2f..%2fadmin/secret.txt",
		"/static/x/%252e%252e/admin/secret.txt", "/static/%2561dmin%2fsecret.txt", "/static/%2561%64min/secret.txt",
	} {
		for _, origin := range []string{"https://app.example.com", "https://admin.example.com", "https://evil.example"} {
			got, err := ask(&c, target, origin)
			if err != nil {
				t.Fatalf("%s: %v", target, err)
			}
			if got.handler != "admin" {
				continue
			}
			served++
			if got.allowOrigin != "" && got.allowOrigin != granted["admin"][origin] {
				t.Errorf("GET %s from %s: granted %q, want %q or nothing",
					target, origin, got.allowOrigin, granted["admin"][origin])
			}
		}
	}
	if served < 6 {
		t.Errorf("the file was served %d times, want at least for two spellings", served)
	}
	for target, want := range map[string]outcome{
		"/static/news.txt":             {"public", "*"},
		"/static/admin/secret.txt":     {"admin", "https://admin.example.com"},
		"/static/%2561dmin/secret.txt": {"admin", ""},
	} {
		if got, err := ask(&c, target, "https://admin.example.com"); err != nil || got != want {
			t.Errorf("GET %s: got %v (%v), want %v", target, got, err, want)
		}
	}
}

// isShouted reports whether the target has a route's name in upper case.
func isShouted(target string) bool {
	for _, name := range []string{"/PUBLIC", "/ADMIN", "/VAULT", "/USERS"} {
		if strings.Contains(target, name) {
			return true
		}
	}
	return false
}

// outcome has the name of the handler that ran, or "" if it was none of the test's, and
// Access-Control-Allow-Origin.
type outcome struct{ handler, allowOrigin string }

// ask sends a GET for the target, which is not normalized.
func ask(c *frameworks.Client, target, origin string) (outcome, error) {
	response, body, err := c.Send("GET",
		"GET "+target+" HTTP/1.1\r\nHost: api.example.net\r\nOrigin: "+origin+"\r\n\r\n")
	if err != nil {
		return outcome{}, err
	}
	handler, ok := strings.CutPrefix(body, "handler ")
	if !ok {
		handler = ""
	}
	return outcome{handler, response.Header.Get("Access-Control-Allow-Origin")}, nil
}

// routers returns functions that start a server. The handlers respond with their own names. There
// is a server for each way in which the frameworks can be set to read paths.
func routers(policy *core.Policy) map[string]func(testing.TB) string {
	say := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "handler "+name) })
	}
	// handler returns the name of the handler for a path, for servers without a router.
	handler := func(path string) string {
		parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
		switch {
		case parts[0] == "users" && len(parts) == 3 && parts[2] == "keys":
			return "keys"
		case parts[0] != "keys" && granted[parts[0]] != nil:
			return parts[0]
		}
		return "other"
	}
	engine := func(set func(*gin.Engine)) func(testing.TB) string {
		return func(t testing.TB) string {
			r := gin.New()
			set(r)
			r.Use(corsgin.Middleware(policy))
			for _, name := range []string{"public", "admin", "vault"} {
				r.GET("/"+name, gin.WrapH(say(name)))
				r.GET("/"+name+"/*rest", gin.WrapH(say(name)))
			}
			r.GET("/users/:id/keys", gin.WrapH(say("keys")))
			r.NoRoute(gin.WrapH(say("other")))
			return frameworks.ServeHTTP(t, adaptertest.Server{}, r)
		}
	}
	router := func(before ...func(http.Handler) http.Handler) func(testing.TB) string {
		return func(t testing.TB) string {
			r := chi.NewRouter()
			r.Use(corschi.Middleware(policy))
			r.Use(before...)
			for _, name := range []string{"public", "admin", "vault"} {
				r.Handle("/"+name, say(name))
				r.Handle("/"+name+"/*", say(name))
			}
			r.Handle("/users/{id}/keys", say("keys"))
			r.NotFound(say("other").ServeHTTP)
			return frameworks.ServeHTTP(t, adaptertest.Server{}, r)
		}
	}
	app := func(cfg fiber.Config) func(testing.TB) string {
		return func(t testing.TB) string {
			cfg.DisableStartupMessage = true
			app := fiber.New(cfg)
			app.Use(corsfiber.Middleware(policy))
			for _, name := range []string{"public", "admin", "vault"} {
				h := func(c *fiber.Ctx) error { return c.SendString("handler " + name) }
				app.Get("/"+name, h)
				app.Get("/"+name+"/*", h)
			}
			app.Get("/users/:id/keys", func(c *fiber.Ctx) error { return c.SendString("handler keys") })
			app.Use(func(c *fiber.Ctx) error { return c.SendString("handler other") })
			return frameworks.ServeFiber(t, app)
		}
	}
	app3 := func(cfg fiber3.Config) func(testing.TB) string {
		return func(t testing.TB) string {
			app := fiber3.New(cfg)
			app.Use(corsfiber3.Middleware(policy))
			for _, name := range []string{"public", "admin", "vault"} {
				h := func(c fiber3.Ctx) error { return c.SendString("handler " + name) }
				app.Get("/"+name, h)
				app.Get("/"+name+"/*", h)
			}
			app.Get("/users/:id/keys", func(c fiber3.Ctx) error { return c.SendString("handler keys") })
			app.Use(func(c fiber3.Ctx) error { return c.SendString("handler other") })
			return frameworks.ServeFiber3(t, app)
		}
	}
	instance5 := func(cfg echo5.RouterConfig) func(testing.TB) string {
		return func(t testing.TB) string {
			e := echo5.NewWithConfig(echo5.Config{Router: echo5.NewRouter(cfg)})
			e.Use(corsecho5.Middleware(policy))
			for _, name := range []string{"public", "admin", "vault"} {
				e.GET("/"+name, echo5.WrapHandler(say(name)))
				e.GET("/"+name+"/*", echo5.WrapHandler(say(name)))
			}
			e.GET("/users/:id/keys", echo5.WrapHandler(say("keys")))
			e.RouteNotFound("/*", echo5.WrapHandler(say("other")))
			return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
		}
	}
	byPath := func(path func(*fasthttp.RequestCtx) []byte) func(testing.TB) string {
		return func(t testing.TB) string {
			h := corsfasthttp.Middleware(policy)(func(ctx *fasthttp.RequestCtx) {
				ctx.WriteString("handler " + handler(string(path(ctx))))
			})
			return frameworks.ServeFast(t, &fasthttp.Server{Handler: h})
		}
	}
	return map[string]func(testing.TB) string{
		"net/http": func(t testing.TB) string {
			mux := http.NewServeMux()
			for _, name := range []string{"public", "admin", "vault"} {
				mux.Handle("/"+name, say(name))
				mux.Handle("/"+name+"/", say(name))
			}
			mux.Handle("/users/{id}/keys", say("keys"))
			mux.Handle("/", say("other"))
			return frameworks.ServeHTTP(t, adaptertest.Server{}, corshttp.Middleware(policy)(mux))
		},
		"net/http, a handler that cuts prefixes": func(t testing.TB) string {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				say(handler(strings.ToLower(r.URL.Path))).ServeHTTP(w, r)
			})
			return frameworks.ServeHTTP(t, adaptertest.Server{}, corshttp.Middleware(policy)(h))
		},
		"gin":             engine(func(*gin.Engine) {}),
		"gin, raw":        engine(func(r *gin.Engine) { r.UseRawPath = true; r.UnescapePathValues = false }),
		"gin, forgiving":  engine(func(r *gin.Engine) { r.RemoveExtraSlash, r.RedirectFixedPath = true, true }),
		"chi":             router(),
		"chi, clean":      router(chimiddleware.CleanPath),
		"chi, no slashes": router(chimiddleware.StripSlashes),
		"echo": func(t testing.TB) string {
			e := echo.New()
			e.Use(corsecho.Middleware(policy))
			for _, name := range []string{"public", "admin", "vault"} {
				e.GET("/"+name, echo.WrapHandler(say(name)))
				e.GET("/"+name+"/*", echo.WrapHandler(say(name)))
			}
			e.GET("/users/:id/keys", echo.WrapHandler(say("keys")))
			e.RouteNotFound("/*", echo.WrapHandler(say("other")))
			return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
		},
		"echo v5":             instance5(echo5.RouterConfig{}),
		"echo v5, decoded":    instance5(echo5.RouterConfig{UnescapePathParamValues: true}),
		"echo v5, escaped":    instance5(echo5.RouterConfig{UseEscapedPathForMatching: true}),
		"fiber":               app(fiber.Config{}),
		"fiber, strict":       app(fiber.Config{StrictRouting: true, CaseSensitive: true}),
		"fiber, unescaped":    app(fiber.Config{UnescapePath: true}),
		"fiber v3":            app3(fiber3.Config{}),
		"fiber v3, strict":    app3(fiber3.Config{StrictRouting: true, CaseSensitive: true}),
		"fiber v3, unescaped": app3(fiber3.Config{UnescapePath: true}),
		"fasthttp, resolved":  byPath(func(ctx *fasthttp.RequestCtx) []byte { return ctx.Path() }),
		"fasthttp, as sent":   byPath(func(ctx *fasthttp.RequestCtx) []byte { return ctx.URI().PathOriginal() }),
	}
}

package identity

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
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

// mounted is a server with files below /static, and the request targets with ".." for which it
// serves admin/secret.txt. echo and fiber v3 serve it for none of them.
type mounted struct {
	serve   func(t testing.TB, policy *core.Policy, dir string) string
	targets []string
}

// upTargets lead to the secret on a server that removes /static and then resolves "..".
var upTargets = []string{
	"/static/../admin/secret.txt",
	"/static/%2e%2e/admin/secret.txt",
	"/static/.%2E/admin/secret.txt",
	"/static/..%2fadmin/secret.txt",
	"/static/..%2fadmin%2Fsecret.txt",
	"/static/x/../../admin/secret.txt",
	"/static//../admin/secret.txt",
}

// cutTargets lead to the secret on a server that resolves "..", and then cuts off as many bytes as
// /static has.
var cutTargets = []string{
	"/static/../123456/admin/secret.txt",
	"/static/%2e%2e/123456/admin/secret.txt",
	"/static/..%2f123456/admin/secret.txt",
}

var mountedServers = map[string]mounted{
	"net/http": {func(t testing.TB, policy *core.Policy, dir string) string {
		files := http.StripPrefix("/static", http.FileServer(http.Dir(dir)))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, corshttp.Middleware(policy)(files))
	}, upTargets},
	"chi": {func(t testing.TB, policy *core.Policy, dir string) string {
		r := chi.NewRouter()
		r.Use(corschi.Middleware(policy))
		r.Handle("/static/*", http.StripPrefix("/static", http.FileServer(http.Dir(dir))))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, r)
	}, upTargets},
	"gin": {func(t testing.TB, policy *core.Policy, dir string) string {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Use(corsgin.Middleware(policy))
		r.Static("/static", dir)
		return frameworks.ServeHTTP(t, adaptertest.Server{}, r)
	}, upTargets},
	"echo": {func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo.New()
		e.Use(corsecho.Middleware(policy))
		e.Static("/static", dir)
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}, nil},
	"echo, static middleware": {func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo.New()
		e.Use(corsecho.Middleware(policy))
		e.Group("/static").Use(echomiddleware.StaticWithConfig(echomiddleware.StaticConfig{
			Filesystem: http.Dir(dir), EnablePathUnescaping: true,
		}))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}, nil},
	"echo v5": {func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo5.New()
		e.Use(corsecho5.Middleware(policy))
		e.StaticFS("/static", os.DirFS(dir))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}, nil},
	"echo v5, unescaped": {func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo5.NewWithConfig(echo5.Config{EnablePathUnescapingStaticFiles: true})
		e.Use(corsecho5.Middleware(policy))
		e.StaticFS("/static", os.DirFS(dir))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}, nil},
	"echo v5, static middleware": {func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo5.New()
		e.Use(corsecho5.Middleware(policy))
		e.Group("/static").Use(echo5middleware.StaticWithConfig(echo5middleware.StaticConfig{
			Filesystem: os.DirFS(dir), EnablePathUnescaping: true,
		}))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}, nil},
	"fiber": {func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Use(corsfiber.Middleware(policy))
		app.Static("/static", dir)
		return frameworks.ServeFiber(t, app)
	}, cutTargets},
	"fiber, filesystem middleware": {func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Use(corsfiber.Middleware(policy))
		app.Use("/static", filesystem.New(filesystem.Config{Root: http.Dir(dir)}))
		return frameworks.ServeFiber(t, app)
	}, []string{"/static/../admin/secret.txt", "/static/x/../../admin/secret.txt", "/static//../admin/secret.txt"}},
	"fiber, filesystem middleware, unescaped": {func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true, UnescapePath: true})
		app.Use(corsfiber.Middleware(policy))
		app.Use("/static", filesystem.New(filesystem.Config{Root: http.Dir(dir)}))
		return frameworks.ServeFiber(t, app)
	}, upTargets},
	"fiber v3": {func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber3.New()
		app.Use(corsfiber3.Middleware(policy))
		app.Use("/static", static.New(dir))
		return frameworks.ServeFiber3(t, app)
	}, nil},
	"fiber v3, a route": {func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber3.New()
		app.Use(corsfiber3.Middleware(policy))
		app.Get("/static/*", static.New(dir))
		return frameworks.ServeFiber3(t, app)
	}, nil},
	"fiber v3, unescaped": {func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber3.New(fiber3.Config{UnescapePath: true})
		app.Use(corsfiber3.Middleware(policy))
		app.Use("/static", static.New("", static.Config{FS: os.DirFS(dir)}))
		return frameworks.ServeFiber3(t, app)
	}, nil},
	"fasthttp": {func(t testing.TB, policy *core.Policy, dir string) string {
		files := fasthttp.FSHandler(dir, 1)
		return frameworks.ServeFast(t, &fasthttp.Server{
			Handler: corsfasthttp.Middleware(policy)(func(ctx *fasthttp.RequestCtx) {
				if bytes.HasPrefix(ctx.URI().PathOriginal(), []byte("/static/")) {
					files(ctx)
				} else {
					ctx.NotFound()
				}
			}),
		})
	}, cutTargets},
}

// TestMountedFiles: a file below /static/admin/ is served under the policy of /static/admin/ or
// none, also if a handler resolves ".." in the part of the path that is left below its mount.
func TestMountedFiles(t *testing.T) {
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"*"},
		Routes: []core.Route{
			{Path: "/static/admin/", Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "admin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"admin/secret.txt": "handler admin", "news.txt": "handler public"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, server := range mountedServers {
		t.Run(name, func(t *testing.T) {
			c := frameworks.Client{Addr: server.serve(t, policy, dir)}
			defer c.Close()
			check := func(target, origin string, want outcome) {
				t.Helper()
				if got, err := ask(&c, target, origin); err != nil || got != want {
					t.Errorf("GET %s from %s: got %+v (%v), want %+v", target, origin, got, err, want)
				}
			}
			check("/static/news.txt", "https://evil.example", outcome{"public", "*"})
			check("/static/admin/secret.txt", "https://evil.example", outcome{"admin", ""})
			check("/static/admin/secret.txt", "https://admin.example.com", outcome{"admin", "https://admin.example.com"})
			for _, target := range server.targets {
				check(target, "https://evil.example", outcome{"admin", ""})
				check(target, "https://admin.example.com", outcome{"admin", ""})
			}
			// Other targets may or may not be served, but no origin is granted anything for them.
			for _, target := range slices.Concat(upTargets, cutTargets) {
				if got, err := ask(&c, target, "https://evil.example"); err != nil || got.allowOrigin != "" {
					t.Errorf("GET %s: got %+v (%v), want no grant", target, got, err)
				}
			}
		})
	}
}

package identity

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
	fiber3 "github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/static"
	"github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"

	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/examples/internal/frameworks"
)

// serving is a function that starts a server with the policy, which may serve the files in dir. It
// returns the address.
type serving func(t testing.TB, policy *core.Policy, dir string) string

// slashless registers files or a handler under /private in two ways: trap also serves
// /privatesecret.txt, and closed does not. Both are in docs/guides/paths.md.
type slashless struct {
	trap, closed serving
}

// onNetHTTP returns a function that serves the handler that mount makes of a file server.
func onNetHTTP(mount func(files http.Handler) http.Handler) serving {
	return func(t testing.TB, policy *core.Policy, dir string) string {
		handler := corshttp.Middleware(policy)(mount(http.FileServer(http.Dir(dir))))
		return frameworks.ServeHTTP(t, adaptertest.Server{}, handler)
	}
}

// onEcho returns a function that serves an instance after register has added routes to it.
func onEcho(register func(e *echo.Echo, dir string)) serving {
	return func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo.New()
		e.Use(corsecho.Middleware(policy))
		register(e, dir)
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}
}

// onEcho5 is onEcho for echo v5.
func onEcho5(register func(e *echo5.Echo, dir string)) serving {
	return func(t testing.TB, policy *core.Policy, dir string) string {
		e := echo5.New()
		e.Use(corsecho5.Middleware(policy))
		register(e, dir)
		return frameworks.ServeHTTP(t, adaptertest.Server{}, e)
	}
}

// onFiber returns a function that serves an app after register has added routes to it.
func onFiber(cfg fiber.Config, register func(app *fiber.App, dir string)) serving {
	cfg.DisableStartupMessage = true
	return func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber.New(cfg)
		app.Use(corsfiber.Middleware(policy))
		register(app, dir)
		return frameworks.ServeFiber(t, app)
	}
}

// onFiber3 is onFiber for fiber v3.
func onFiber3(cfg fiber3.Config, register func(app *fiber3.App, dir string)) serving {
	return func(t testing.TB, policy *core.Policy, dir string) string {
		app := fiber3.New(cfg)
		app.Use(corsfiber3.Middleware(policy))
		register(app, dir)
		return frameworks.ServeFiber3(t, app)
	}
}

// outside reports whether a path that begins with /private is not below it. It is the function in
// docs/guides/paths.md.
func outside(c *fiber.Ctx) bool {
	rest := c.Path()[len("/private"):]
	return rest != "" && rest[0] != '/'
}

// private is a fiber handler.
func private(c *fiber.Ctx) error { return c.SendString("handler private") }

// fiberServers returns servers of fiber apps with the settings.
func fiberServers(cfg fiber.Config) map[string]slashless {
	on := func(register func(app *fiber.App, dir string)) serving { return onFiber(cfg, register) }
	static := on(func(app *fiber.App, dir string) { app.Static("/private", dir, fiber.Static{Next: outside}) })
	return map[string]slashless{
		"Static":        {on(func(app *fiber.App, dir string) { app.Static("/private", dir) }), static},
		"Static, slash": {on(func(app *fiber.App, dir string) { app.Static("/private/", dir) }), static},
		"filesystem": {
			on(func(app *fiber.App, dir string) {
				app.Use("/private", filesystem.New(filesystem.Config{Root: http.Dir(dir)}))
			}),
			on(func(app *fiber.App, dir string) {
				app.Use("/private", filesystem.New(filesystem.Config{Root: http.Dir(dir), Next: outside}))
			}),
		},
		"Use": {
			on(func(app *fiber.App, _ string) { app.Use("/private", private) }),
			on(func(app *fiber.App, _ string) { app.All("/private/*", private) }),
		},
		"Group": {
			on(func(app *fiber.App, _ string) { app.Group("/private", private) }),
			on(func(app *fiber.App, _ string) { app.Group("/private").All("/*", private) }),
		},
		"Mount": {
			on(func(app *fiber.App, _ string) {
				sub := fiber.New()
				sub.Use(private)
				app.Mount("/private", sub)
			}),
			on(func(app *fiber.App, _ string) {
				sub := fiber.New()
				sub.All("/*", private)
				app.Mount("/private", sub)
			}),
		},
	}
}

func slashlessServers() map[string]slashless {
	servers := map[string]slashless{
		"net/http, StripPrefix": {
			onNetHTTP(func(files http.Handler) http.Handler { return http.StripPrefix("/private", files) }),
			onNetHTTP(func(files http.Handler) http.Handler { return http.StripPrefix("/private/", files) }),
		},
		"net/http, StripPrefix in a mux": {
			onNetHTTP(func(files http.Handler) http.Handler { return http.StripPrefix("/private", files) }),
			onNetHTTP(func(files http.Handler) http.Handler {
				mux := http.NewServeMux()
				mux.Handle("/private/", http.StripPrefix("/private", files))
				return mux
			}),
		},
		"echo, Static": {
			onEcho(func(e *echo.Echo, dir string) { e.Static("/private", dir) }),
			onEcho(func(e *echo.Echo, dir string) { e.Static("/private/", dir) }),
		},
		"echo v5, Static": {
			onEcho5(func(e *echo5.Echo, dir string) { e.StaticFS("/private", os.DirFS(dir)) }),
			onEcho5(func(e *echo5.Echo, dir string) { e.StaticFS("/private/", os.DirFS(dir)) }),
		},
		"echo v5, Static of a group": {
			onEcho5(func(e *echo5.Echo, dir string) { e.Group("/private").StaticFS("", os.DirFS(dir)) }),
			onEcho5(func(e *echo5.Echo, dir string) { e.Group("/private").StaticFS("/", os.DirFS(dir)) }),
		},
		"echo, Static of a group": {
			onEcho(func(e *echo.Echo, dir string) { e.Group("/private").Static("", dir) }),
			onEcho(func(e *echo.Echo, dir string) { e.Group("/private").Static("/", dir) }),
		},
	}
	for settings, cfg := range map[string]fiber.Config{
		"fiber": {}, "fiber, unescaped": {UnescapePath: true}, "fiber, strict": {StrictRouting: true, CaseSensitive: true},
	} {
		for name, server := range fiberServers(cfg) {
			if cfg.StrictRouting && name == "Mount" {
				continue // the mounted app is at /private/ then
			}
			servers[settings+", "+name] = server
		}
	}
	for settings, cfg := range fiber3Settings {
		servers["fiber v3, "+settings+", static"] = slashless{
			onFiber3(cfg, func(app *fiber3.App, dir string) { app.Get("/private*", static.New(dir)) }),
			onFiber3(cfg, func(app *fiber3.App, dir string) { app.Get("/private/*", static.New(dir)) }),
		}
	}
	return servers
}

var fiber3Settings = map[string]fiber3.Config{
	"default": {}, "unescaped": {UnescapePath: true}, "strict": {StrictRouting: true, CaseSensitive: true},
}

// slashlessTargets are spellings of /privatesecret.txt and of /private/secret.txt. A server may
// serve the secret for them or not.
var slashlessTargets = []string{
	"/privatesecret.txt", "/PRIVATEsecret.txt", "/Privatesecret.txt", "/privatesecret.txt/",
	"/private%73ecret.txt", "/privat%65secret.txt", "/%70rivatesecret.txt", "/%2570rivatesecret.txt",
	"//privatesecret.txt", "/./privatesecret.txt", "/private%2fsecret.txt", "/private%2Fsecret.txt",
	"/private%252fsecret.txt", "/private./secret.txt", "/private../secret.txt", "/private%2e/secret.txt",
	"/private;/secret.txt", "/private%00/secret.txt", "/private%0asecret.txt", "/private%5csecret.txt",
	"/private//secret.txt", "/private/./secret.txt", "/privatex/../secret.txt", "/privatex/../private/secret.txt",
}

// TestMountsWithoutSlash: several frameworks serve /privatesecret.txt from a folder at /private. A
// route for /private/ does not match that path. It does not become readable if the files are
// registered as docs/guides/paths.md says, or if the route is the expression on that page.
//
// If a trap no longer exists in a new version of a framework, remove it from docs/guides/paths.md.
func TestMountsWithoutSlash(t *testing.T) {
	const evil, admin = "https://evil.example", "https://admin.example.com"
	newPolicy := func(route core.Route) *core.Policy {
		route.Config = core.Config{AllowOrigins: []string{admin}}
		policy, err := core.New(core.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{route}})
		if err != nil {
			t.Fatal(err)
		}
		return policy
	}
	path := newPolicy(core.Route{Path: "/private/"})
	regex := newPolicy(core.Route{PathRegex: "/private.*"})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("handler private"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, server := range slashlessServers() {
		t.Run(name, func(t *testing.T) {
			check := func(c *frameworks.Client, target, origin string, want outcome) {
				t.Helper()
				if got, err := ask(c, target, origin); err != nil || got != want {
					t.Errorf("GET %s from %s: got %+v (%v), want %+v", target, origin, got, err, want)
				}
			}
			// checkKept checks that only the admin's page may read the secret, under any name.
			checkKept := func(c *frameworks.Client) {
				t.Helper()
				check(c, "/private/secret.txt", evil, outcome{"private", ""})
				check(c, "/private/secret.txt", admin, outcome{"private", admin})
				check(c, "/public", evil, outcome{"", "*"})
				for _, target := range slashlessTargets {
					got, err := ask(c, target, evil)
					if err != nil || got.handler != "" && got.allowOrigin != "" {
						t.Errorf("GET %s: got %+v (%v), want no grant for the secret", target, got, err)
					}
				}
			}
			start := func(serve serving, policy *core.Policy) *frameworks.Client {
				c := &frameworks.Client{Addr: serve(t, policy, dir)}
				t.Cleanup(c.Close)
				return c
			}
			trap := start(server.trap, path)
			check(trap, "/private/secret.txt", evil, outcome{"private", ""})
			check(trap, "/privatesecret.txt", evil, outcome{"private", "*"})

			closed := start(server.closed, path)
			check(closed, "/privatesecret.txt", evil, outcome{"", "*"})
			checkKept(closed)

			kept := start(server.trap, regex)
			check(kept, "/privatesecret.txt", admin, outcome{"private", admin})
			checkKept(kept)
		})
	}
}

// TestFiber3Mounts: what is mounted at /private in fiber v3 is not served for /privatesecret.txt,
// unless the mount is a pattern such as "/private*".
func TestFiber3Mounts(t *testing.T) {
	private3 := func(c fiber3.Ctx) error { return c.SendString("handler private") }
	mounts := map[string]func(app *fiber3.App, dir string){
		"static":        func(app *fiber3.App, dir string) { app.Use("/private", static.New(dir)) },
		"static, slash": func(app *fiber3.App, dir string) { app.Use("/private/", static.New(dir)) },
		"static, route": func(app *fiber3.App, dir string) { app.Get("/private/*", static.New(dir)) },
		"Use":           func(app *fiber3.App, _ string) { app.Use("/private", private3) },
		"Group":         func(app *fiber3.App, _ string) { app.Group("/private", private3) },
		"an app": func(app *fiber3.App, _ string) {
			sub := fiber3.New()
			sub.Use(private3)
			app.Use("/private", sub)
		},
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("handler private"), 0o600); err != nil {
		t.Fatal(err)
	}
	policy, err := core.New(core.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{
		{Path: "/private/", Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for settings, cfg := range fiber3Settings {
		for name, mount := range mounts {
			t.Run(settings+"/"+name, func(t *testing.T) {
				c := frameworks.Client{Addr: onFiber3(cfg, mount)(t, policy, dir)}
				defer c.Close()
				for target, want := range map[string]outcome{
					"/private/secret.txt": {"private", ""},
					"/privatesecret.txt":  {"", "*"},
				} {
					if got, err := ask(&c, target, "https://evil.example"); err != nil || got != want {
						t.Errorf("GET %s: got %+v (%v), want %+v", target, got, err, want)
					}
				}
				for _, target := range slashlessTargets {
					got, err := ask(&c, target, "https://evil.example")
					if err != nil || got.handler != "" && got.allowOrigin != "" {
						t.Errorf("GET %s: got %+v (%v), want no grant for the secret", target, got, err)
					}
				}
			})
		}
	}
}

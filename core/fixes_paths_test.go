package core_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// pathFix is a path that New refuses. After the fix, it matches what its author meant.
type pathFix struct {
	path    string
	fix     string   // as New gives it
	matches []string // paths that have the policy of the route after the fix
	misses  []string // paths that do not
}

var foreignPaths = []pathFix{
	// gin, httprouter, echo
	{`/users/:id`, `write "/users/{id}"`, list("/users/7", "/users/7/"), list("/users", "/users/7/x", "/people/7")},
	{`/users/:id/posts/:id`, `write "/users/{id}/posts/{id2}"`, list("/users/7/posts/8"), list("/users/7/posts")},
	{`/users/:user-id`, `write "/users/{user_id}"`, list("/users/7"), list("/users/7/x")},
	{`/users/:user_id/`, `write "/users/{user_id}/"`, list("/users/7", "/users/7/x"), list("/users")},
	{`/:tenant/admin`, `write "/{tenant}/admin"`, list("/a/admin"), list("/admin", "/a/admins")},
	{`/files/*path`, `write "/files/"`, list("/files/a", "/files/a/b", "/files"), list("/filesystem")},
	{`/static/*filepath`, `write "/static/"`, list("/static/js/a.js"), list("/statics")},
	{`/admin/*`, `write "/admin/"`, list("/admin", "/admin/keys", "/admin/keys/1"), list("/administrator")},
	{`/*`, `write "/"`, list("/", "/a", "/a/b"), nil},
	{`*`, `write "/"`, list("/", "/a", "/a/b"), nil},
	{`/api/v1/*`, `write "/api/v1/"`, list("/api/v1/x"), list("/api/v2/x")},
	{`/users/*/posts`, `write "/users/{any}/posts"`, list("/users/7/posts"), list("/users/posts", "/users/7/x")},
	{`/a/*/b/*/c`, `write "/a/{any}/b/{any2}/c"`, list("/a/1/b/2/c"), list("/a/b/c")},
	// fiber, Express
	{`/users/:id?`, `write "/users" and "/users/{id}"`, list("/users", "/users/7"), list("/users/7/x")},
	{`/users/:id?/posts`, `write "/users/posts" and "/users/{id}/posts"`, list("/users/posts", "/users/7/posts"),
		list("/users/7")},
	{`/files/+`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/users/:id<int>`, `write "/users/-?[0-9]+" in PathRegex`, list("/users/7", "/users/42"), list("/users/me")},
	{`/users/:id<minLen(3)>`, `write "/users/{id}"`, list("/users/abc"), list("/users")},
	{`/users/:id<regex(\d{4})>`, "write `/users/\\d{4}` in PathRegex", list("/users/2024"), list("/users/24")},
	{`/users/:id(\d+)`, "write `/users/\\d+` in PathRegex", list("/users/7"), list("/users/me")},
	{`/users/:id(\\d+)`, "write `/users/\\d+` in PathRegex", list("/users/7"), list("/users/me")},
	{`/users/:id(me|[0-9]+)`, `write "/users/(?:me|[0-9]+)" in PathRegex`, list("/users/7", "/users/me"),
		list("/users/x")},
	{`/files/:path*`, `write "/files/"`, list("/files/a", "/files/a/b"), list("/filesystem")},
	{`/files/:path+`, `write "/files/"`, list("/files/a", "/files/a/b"), list("/filesystem")},
	{`/files/:path(.*)`, `write "/files/"`, list("/files/a", "/files/a/b"), list("/filesystem")},
	{`/files/*splat`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/files/*splat/raw`, `write "/files/.+/raw" in PathRegex`, list("/files/a/b/raw"), list("/files/a/b")},
	{`/users{/:id}`, `write "/users" and "/users/{id}"`, list("/users", "/users/7"), list("/users/7/x")},
	{`/users{/:id}/edit`, `write "/users/edit" and "/users/{id}/edit"`, list("/users/edit", "/users/7/edit"),
		list("/users/7")},
	{`/files{/*rest}`, `write "/files" and "/files/"`, list("/files", "/files/a/b"), list("/filesystem")},
	{`/flights/:from-:to`, `write "/flights/[^/]+-[^/]+" in PathRegex`, list("/flights/LAX-SFO"), list("/flights/LAX")},
	{`/files/:name.json`, "write `/files/[^/]+\\.json` in PathRegex", list("/files/a.json"), list("/files/a.xml")},
	{`/@:user`, `write "/@[^/]+" in PathRegex`, list("/@ada"), list("/@", "/ada")},
	// chi, gorilla
	{`/users/{id:[0-9]+}`, `write "/users/[0-9]+" in PathRegex`, list("/users/7"), list("/users/me", "/users/7/x")},
	{`/users/{id:\d+}`, "write `/users/\\d+` in PathRegex", list("/users/7"), list("/users/me")},
	{`/users/{id:[0-9]{4}}/x`, `write "/users/[0-9]{4}/x" in PathRegex`, list("/users/2024/x"), list("/users/24/x")},
	{`/users/{id:^[a-z]+$}`, `write "/users/[a-z]+" in PathRegex`, list("/users/me"), list("/users/7")},
	{`/{lang:en|de}/news`, `write "/(?:en|de)/news" in PathRegex`, list("/en/news", "/de/news"), list("/fr/news")},
	{`/users/{id:[^/]+}`, `write "/users/{id}"`, list("/users/7"), list("/users/7/x")},
	{`/files/{path:.*}`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/files/{path:.+}`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/users/{id}.json`, "write `/users/[^/]+\\.json` in PathRegex", list("/users/7.json"), list("/users/7.xml")},
	{`/img/{w}x{h}`, `write "/img/[^/]+x[^/]+" in PathRegex`, list("/img/3x4"), list("/img/34")},
	{`/v{version}/items`, `write "/v[^/]+/items" in PathRegex`, list("/v2/items"), list("/items")},
	{`/v1/{id}:cancel`, `write "/v1/[^/]+:cancel" in PathRegex`, list("/v1/7:cancel"), list("/v1/7", "/v1/7/x")},
	{`/v1/{name=users/*}:cancel`, `write "/v1/users/[^/]*:cancel" in PathRegex`, list("/v1/users/7:cancel"),
		list("/v1/users/7")},
	{`/files/*.*`, "write `/files/[^/]*\\..*` in PathRegex", list("/files/a.json"), list("/files/a")},
	{`/users/{id: \d+}`, "write `/users/\\d+` in PathRegex", list("/users/7"), list("/users/me")},
	{`/a/<name:re:[a-z]+>`, `write "/a/[a-z]+" in PathRegex`, list("/a/me"), list("/a/7")},
	// net/http, with a mistake
	{`GET /users/{id}`, `write "/users/{id}"`, list("/users/7"), list("/users")},
	{`/users/{id}/x/{id}`, `write "/users/{id}/x/{id2}"`, list("/users/7/x/8"), list("/users/7")},
	{`/files/{rest...}/raw`, `write "/files/.+/raw" in PathRegex`, list("/files/a/b/raw"), list("/files/a/b")},
	{`/users/{user-id}`, `write "/users/{user_id}"`, list("/users/7"), list("/users")},
	{`/users/{}`, `write "/users/{any}"`, list("/users/7"), list("/users")},
	{`/users/{id`, `write "/users/{id}"`, list("/users/7"), list("/users")},
	{`/users/{$}/x`, `write "/users/x"`, list("/users/x"), list("/users")},
	// Flask, Django, Bottle
	{`/users/<id>`, `write "/users/{id}"`, list("/users/7"), list("/users")},
	{`/users/<int:id>`, `write "/users/-?[0-9]+" in PathRegex`, list("/users/7", "/users/7/"), list("/users/me")},
	{`api/users/<int:pk>/`, `write "/api/users/-?[0-9]+/.*" in PathRegex`, list("/api/users/7", "/api/users/7/x"),
		list("/api/users/me")},
	{`/users/<uuid:id>`, `write "/users/[0-9a-f-]{36}" in PathRegex`,
		list("/users/123e4567-e89b-12d3-a456-426614174000"), list("/users/7")},
	{`/posts/<slug:s>`, `write "/posts/[a-z0-9_-]+" in PathRegex`, list("/posts/a-b_C"), list("/posts/a.b")},
	{`/files/<path:p>`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/users/<id:int>`, `write "/users/-?[0-9]+" in PathRegex`, list("/users/7"), list("/users/me")},
	{`^api/.*$`, `write "/api/"`, list("/api", "/api/x"), list("/apis")},
	{`^/api/.*$`, `write "/api/"`, list("/api", "/api/x"), list("/apis")},
	{`^/api/`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`^/api/v1/users/$`, `write "/api/v1/users/{$}"`, list("/api/v1/users/"), list("/api/v1/users/7")},
	{`^/api`, `write "/api.*" in PathRegex`, list("/api", "/api/x", "/apis"), list("/ap")},
	{`^users/(?P<id>\d+)/$`, "write `/users/\\d+/$` in PathRegex", list("/users/7/"), list("/users/me/", "/users/7/x")},
	{`^/(api|auth)/.*$`, `write "/(?:api|auth)/.*" in PathRegex`, list("/api/x", "/auth/x"), list("/x/api/")},
	// JavaScript, PHP, nginx
	{`/^\/api\/.*$/`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`/^\/api\//i`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`#^/api/#`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`~ ^/api/`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`^~ /images/`, `write "/images/"`, list("/images/a.png"), list("/image")},
	{`= /exact`, `write "/exact"`, list("/exact"), list("/exact/x")},
	// regular expressions
	{`/api/.*`, `write "/api/"`, list("/api/x/y"), list("/apis")},
	{`/api/(.*)`, `write "/api/"`, list("/api/x/y"), list("/apis")},
	{`/api/.+`, `write "/api/"`, list("/api/x/y"), list("/apis")},
	{`/(\d+)`, "write `/\\d+` in PathRegex", list("/7"), list("/x")},
	{`/v[0-9]+/items`, `write "/v[0-9]+/items" in PathRegex`, list("/v2/items"), list("/vx/items")},
	{`/v(1|2)/items`, `write "/v(?:1|2)/items" in PathRegex`, list("/v1/items", "/v2/items"), list("/v3/items")},
	{`/api/?`, `write "/api"`, list("/api", "/api/"), list("/api/x")},
	{`/items/\d+`, "write `/items/\\d+` in PathRegex", list("/items/7"), list("/items/x")},
	{`/a\.json`, `write "/a.json"`, list("/a.json"), list("/axjson")},
	// Spring, globs, OpenAPI, API Gateway, ASP.NET, Rails, file-based routers
	{`/admin/**`, `write "/admin/"`, list("/admin", "/admin/a/b"), list("/administrator")},
	{`/**`, `write "/"`, list("/", "/a/b"), nil},
	{`/**/admin/*`, `write "/(?:.*/)?admin/.*" in PathRegex`, list("/admin/x", "/a/b/admin/x"), list("/admins/x")},
	{`/static/**/*.js`, "write `/static/(?:.*/)?[^/]*\\.js` in PathRegex", list("/static/a.js", "/static/a/b.js"),
		list("/static/a.css")},
	{`/static/*.js`, "write `/static/[^/]*\\.js` in PathRegex", list("/static/a.js"), list("/static/a/b.js")},
	{`/admin*`, `write "/admin.*" in PathRegex`, list("/admin", "/admin/x", "/administrator"), list("/adm")},
	{`/a*b`, `write "/a[^/]*b" in PathRegex`, list("/ab", "/axb"), list("/a/b")},
	{`/{proxy+}`, `write "/"`, list("/", "/a/b"), nil},
	{`/files/{*path}`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/files/{**path}`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/files/{+path}`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/files/{path:path}`, `write "/files/"`, list("/files/a/b"), list("/filesystem")},
	{`/users/{id:int}`, `write "/users/-?[0-9]+" in PathRegex`, list("/users/7"), list("/users/me")},
	{`/users/{id?}`, `write "/users" and "/users/{id}"`, list("/users", "/users/7"), list("/users/7/x")},
	{`/users/{id=7}`, `write "/users" and "/users/{id}"`, list("/users", "/users/7"), list("/users/7/x")},
	{`/v1/{name=projects/*}`, `write "/v1/projects/"`, list("/v1/projects/7"), list("/v1/project")},
	{`/news.{json,xml}`, "write `/news\\.(?:json|xml)` in PathRegex", list("/news.json", "/news.xml"), list("/news.csv")},
	{`/users(/:id)`, `write "/users" and "/users/{id}"`, list("/users", "/users/7"), list("/users/7/x")},
	{`/users(.:format)`, "write `/users(?:\\.[^/]+)?` in PathRegex", list("/users", "/users.json"), list("/users/7")},
	{`/users[/{id}]`, `write "/users" and "/users/{id}"`, list("/users", "/users/7"), list("/users/7/x")},
	{`/posts/[slug]`, `write "/posts/{slug}"`, list("/posts/a"), list("/posts")},
	{`/posts/[...slug]`, `write "/posts/"`, list("/posts/a/b"), list("/post")},
	{`/posts/[[...slug]]`, `write "/posts/"`, list("/posts", "/posts/a/b"), list("/post")},
	{`/users/{{id}}`, `write "/users/{id}"`, list("/users/7"), list("/users")},
	// more than a path, or less
	{`https://api.example.com/v1/`, `write "/v1/"`, list("/v1/x"), list("/v2/x")},
	{`https://api.example.com`, `write "/"`, list("/", "/x"), nil},
	{`https://api.example.com/v1/*`, `write "/v1/"`, list("/v1/x"), list("/v2/x")},
	{`api.example.com/v1/`, `write "/v1/"`, list("/v1/x"), list("/v2/x")},
	{`localhost:8080/v1/`, `write "/v1/"`, list("/v1/x"), list("/v2/x")},
	{`//api.example.com/v1/`, `write "/v1/"`, list("/v1/x"), list("/v2/x")},
	{`POST https://api.example.com/v1/:id`, `write "/v1/{id}"`, list("/v1/x"), list("/v2/x")},
	{`GET,POST /items`, `write "/items"`, list("/items"), list("/items/x")},
	{`/items?page=1`, `write "/items"`, list("/items"), list("/items/x")},
	{`/search?q={q}`, `write "/search"`, list("/search"), list("/search/x")},
	{`/?page=1`, `write "/{$}"`, list("/"), list("/x")},
	{`/a/?x=1`, `write "/a/{$}"`, list("/a/"), list("/a/b")},
	{`/a/{?x}`, `write "/a/{$}"`, list("/a/"), list("/a/b")},
	{`/a/]`, `write "/a/%5D"`, list("/a/]"), list("/a/")},
	{`/a/>b`, `write "/a/%3Eb"`, list("/a/>b"), list("/a/b")},
	{`/a/^b`, `write "/a/%5Eb"`, list("/a/^b"), list("/a/b")},
	{`/items#top`, `write "/items"`, list("/items"), list("/items/x")},
	{`/#/admin`, `write "/{$}"`, list("/"), list("/admin")},
	{`\api\v1`, `write "/api/v1"`, list("/api/v1"), list("/api")},
	{` /api/ `, `write "/api/"`, list("/api/x"), list("/apis")},
	{`"/api/"`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`'/api/*'`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`/a, /b`, `write "/a" and "/b"`, list("/a", "/b"), list("/c")},
	{"/a\n/b\n/c", `write "/a", "/b" and "/c"`, list("/a", "/b", "/c"), list("/d")},
	{`/a/|/b/`, `write "/a/" and "/b/"`, list("/a/x", "/b/x"), list("/c")},
	{`api/`, `write "/api/"`, list("/api/x"), list("/apis")},
	{`/a//b`, `write "/a/b"`, list("/a/b"), list("/a")},
	{`//`, `write "/"`, list("/", "/x"), nil},
	{`/a/../b`, `write "/b"`, list("/b"), list("/a")},
	{`./api`, `write "/api"`, list("/api"), list("/x")},
	{`/a/%2e%2E/b`, `write "/b"`, list("/b"), list("/a")},
	{`/100%`, `write "/100%25"`, list("/100%"), list("/100")},
	{`/a%2fb`, `write "/a/b"`, list("/a/b"), list("/a")},
	{`/a%2520b`, `write "/a%20b"`, list("/a b"), list("/a")},
	{`/cash$`, `write "/cash"`, list("/cash"), list("/cash/x")},
}

func list(texts ...string) []string { return texts }

// except is a policy for everyone, with a disabled route.
func except(r core.Route) core.Config {
	r.Disable = true
	return core.Config{AllowOrigins: []string{"*"}, Routes: []core.Route{r}}
}

// TestFixesOfPaths: a path in another notation is refused. After the fix, a stricter route really
// is stricter.
func TestFixesOfPaths(t *testing.T) {
	if len(foreignPaths) < 80 {
		t.Errorf("got %d paths, want at least 80", len(foreignPaths))
	}
	for _, tt := range foreignPaths {
		t.Run(tt.path, func(t *testing.T) { testPathFix(t, except(core.Route{Path: tt.path}), tt) })
	}
}

func testPathFix(t *testing.T, cfg core.Config, tt pathFix) {
	t.Helper()
	_, err := core.New(cfg)
	problems := slices.Collect(core.Problems(err))
	if len(problems) != 1 {
		t.Fatalf("got %d problems, want 1: %v", len(problems), err)
	}
	if got := problems[0].Fix; got != tt.fix {
		t.Errorf("got the fix  %s\nwant %s", got, tt.fix)
	}
	fixed, ok := applyFix(cfg, problems[0])
	if !ok {
		t.Fatalf("the fix cannot be applied: %s", problems[0].Fix)
	}
	for _, cfg := range fixed {
		p, err := core.New(cfg)
		if err != nil {
			t.Errorf("after the fix: %v", err)
			continue
		}
		for _, path := range tt.matches {
			if got := p.Decide(t.Context(), at(get("Origin", evil), path)); got.AllowOrigin != "" {
				t.Errorf("after the fix %s, %s has the policy of the top level", problems[0].Fix, path)
			}
		}
		for _, path := range tt.misses {
			if got := p.Decide(t.Context(), at(get("Origin", evil), path)); got.AllowOrigin != "*" {
				t.Errorf("after the fix %s, %s does not have the policy of the top level", problems[0].Fix, path)
			}
		}
		for _, f := range core.Lint(cfg) {
			if f.Code == "dead-route" || f.Code == "narrow-route" && cfg.Routes[0].PathRegex != "" {
				t.Errorf("after the fix %s: %s: %s", problems[0].Fix, f.Code, f.Message)
			}
		}
	}
}

// TestFixesOfPathRegexes: an expression that is not one, or that matches no path.
func TestFixesOfPathRegexes(t *testing.T) {
	for _, tt := range []pathFix{
		{`/api/*`, `write "/api/.*"`, list("/api", "/api/x"), list("/apis")},
		{`/api/**`, `write "/api/.*"`, list("/api", "/api/x"), list("/apis")},
		{`^/api/*$`, `write "/api/.*"`, list("/api", "/api/x"), list("/apis")},
		{`(?:admin).*`, `write "/(?:admin).*"`, list("/admin", "/admin/x"), list("/x")},
		{`/a/*/b`, `write "/a/[^/]+/b"`, list("/a/1/b"), list("/a/b")},
		{`/static/*.js`, "write `/static/[^/]*\\.js`", list("/static/a.js"), list("/static/a.css")},
		{`/users/{id}`, `write "/users/[^/]+"`, list("/users/7"), list("/users", "/users/7/x")},
		{`/users/{id:[0-9]+}`, `write "/users/[0-9]+"`, list("/users/7"), list("/users/me")},
		{`/files/{rest...}`, `write "/files/.*"`, list("/files/a/b"), list("/filesystem")},
		{`/users/:id`, `write "/users/[^/]+"`, list("/users/7"), list("/users", "/users/7/x")},
		{`/users/:id?`, `write "/users(?:/[^/]+)?"`, list("/users", "/users/7"), list("/users/7/x")},
		{`/users/<int:id>`, `write "/users/-?[0-9]+"`, list("/users/7"), list("/users/me")},
		{`/^\/api\/.*$/`, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{`/^\/api\//i`, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{`#^/v\d+/.*$#`, "write `/v\\d+/.*`", list("/v2/x"), list("/vx/x")},
		{`~^/api/~`, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{`r"^/api/.*"`, `write "^/api/.*"`, list("/api/x"), list("/apis")},
		{`"/api/.*"`, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{` /api/.* `, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{`api/.*`, `write "/api/.*"`, list("/api/x"), list("/apis")},
		{`^api/.*$`, `write "/api/.*$"`, list("/api/x"), list("/apis")},
		{`https://api\.example\.com/v1/.*`, `write "/v1/.*"`, list("/v1/x"), list("/v2/x")},
		{`^https?:\/\/[^/]+\/v1\/.*$`, `write "/v1/.*$"`, list("/v1/x"), list("/v2/x")},
		{`/a/.*|b/.*`, `write "/a/.*|/b/.*"`, list("/a/x", "/b/x"), list("/c")},
		{`b|/a$`, `write "/b|/a$"`, list("/a", "/b"), list("/c")},
		{`^/a|b$`, `write "^/a|/b$"`, list("/a", "/b"), list("/c", "/a/b")},
		{`^(/a|admin/.*)$`, `write "^(/a|/admin/.*)$"`, list("/a", "/admin/x"), list("/admins")},
		{`(?:/a/|b|c/).*`, `write "(?:/a/|/b|/c/).*"`, list("/a/x", "/b", "/bx", "/c/x"), list("/d")},
		{`/api/users|orders`, `write "/api/(users|orders)", or write "/api/users|/orders"`, list("/api/users"), nil},
	} {
		t.Run(tt.path, func(t *testing.T) { testPathFix(t, except(core.Route{PathRegex: tt.path}), tt) })
	}
}

// TestDeadAlternatives: an alternative that matches no path is named.
func TestDeadAlternatives(t *testing.T) {
	const words = `; write an expression for paths, such as "/(api|feed)/.*"`
	for _, tt := range []struct{ expr, want string }{
		{`/a/|b`, `the alternative "b" matches no path: an expression must match from the first character, which is a ` +
			`slash; write "/a/|/b"`},
		{`/a/|`, `the alternative "" matches no path: an expression must match from the first character, which is a ` +
			`slash` + words},
		{`/a/|\.json$`, `the alternative "\\.json$" matches no path: an expression must match from the first character, ` +
			`which is a slash` + words},
		{`/a/(b|^c)`, `the alternative "^c" matches no path: "^" is the beginning of the path, and "$" is its end` + words},
		{`/a/(b|/c)`, `the alternative "/c" matches no path: a path has neither an empty segment nor a segment "." or ` +
			`".."` + words},
	} {
		_, err := core.New(except(core.Route{PathRegex: tt.expr}))
		if want := "cors: Routes[0]: " + strconv.Quote(tt.expr) + ": " + tt.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	// Each alternative of these matches a path.
	for _, expr := range []string{
		`/a|/b`, `/a(|b)`, `/(a|b)`, `(/a|b)+`, `(?:/a|b){2}`, `((/a|b)c)*`, `/a|.*`, `/[|]b`, `/a\|b`, `/\Q|b\E`,
		`(?i)/a|/b`, `(?m)/a|.*\n^/b`, `/a(b|$)`, `^(?:/a|/b)$`,
	} {
		mustNew(t, except(core.Route{PathRegex: expr}))
	}
}

// TestGroupWithParameter: a fix without the ".*" after the group would match less.
func TestGroupWithParameter(t *testing.T) {
	_, err := core.New(except(core.Route{PathRegex: `(?:/users/:id).*`}))
	want := `cors: Routes[0]: "(?:/users/:id).*": ":id" is router syntax, but this is a regular expression; ` +
		`write an expression such as "/api/.*"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// TestFixesOfRoutes: other problems with the path of a route.
func TestFixesOfRoutes(t *testing.T) {
	with := func(r ...core.Route) core.Config { return core.Config{AllowOrigins: []string{"*"}, Routes: r} }
	for _, tt := range []struct {
		cfg  core.Config
		text string
	}{
		{
			with(core.Route{Path: "/a/", PathRegex: "/a/.*", Disable: true}),
			`cors: Routes[0]: "/a/": a route has a Path or a PathRegex, not both; remove Path, or remove PathRegex`,
		},
		{
			with(core.Route{Path: "/a/", Disable: true, Config: origins(app)}),
			`cors: Routes[0]: "/a/": a route with Disable must not have a Config; remove Disable, or remove Config`,
		},
		{
			with(core.Route{Path: "/{kind}/new", Disable: true}, core.Route{Path: "/users/{id}", Disable: true}),
			`cors: Routes[1]: "/users/{id}": Routes[0], "/{kind}/new", also matches "/users/new", and neither is more ` +
				`specific; write "/users/[^/]+" in PathRegex`,
		},
	} {
		_, err := core.New(tt.cfg)
		problems := slices.Collect(core.Problems(err))
		if len(problems) != 1 || err.Error() != tt.text {
			t.Errorf("got  %v\nwant %s", err, tt.text)
			continue
		}
		fixed, ok := applyFix(tt.cfg, problems[0])
		if !ok {
			t.Errorf("the fix cannot be applied: %s", problems[0].Fix)
		}
		for _, cfg := range fixed {
			if _, err := core.New(cfg); err != nil {
				t.Errorf("after the fix: %v", err)
			}
		}
	}
}

// TestOddPaths: unusual characters are literal, and match.
func TestOddPaths(t *testing.T) {
	for pattern, path := range map[string]string{
		"/v1/items:batchGet": "/v1/items:batchGet", "/wiki/C++": "/wiki/C++", "/a(b)c": "/a(b)c", "/~user/": "/~user/x",
		"/$metadata": "/$metadata", "/@scope/pkg": "/@scope/pkg", "/.well-known/x": "/.well-known/x", "/x;y=1": "/x;y=1",
		"/Products(1)": "/Products(1)", "/Products('x')": "/Products('x')", "/Orders(id=1)/Items": "/Orders(id=1)/Items",
		"/a,b": "/a,b", "/a!b": "/a!b", "/a&b=c": "/a&b=c", "/a=b": "/a=b", "/a'b": "/a'b", "/a b": "/a b",
		"/a%20b": "/a b", "/caf%C3%A9": "/café", "/ü/": "/ü/x", "/100%25": "/100%", "/a%2Ab": "/a*b", "/a%3Fb": "/a?b",
		"/%7Bid%7D": "/{id}", "/%3Aid": "/:id", "/cash%24": "/cash$", "/a%5B0%5D": "/a[0]", "/a%23b": "/a#b",
		"/wiki/Talk:Main_Page": "/wiki/Talk:Main_Page", "/urn:isbn:123/x": "/urn:isbn:123/x", "/time/12:30": "/time/12:30",
		"/-/health": "/-/health", "/_next/": "/_next/x", "/...": "/...", "/a..b": "/a..b", "/index.html": "/index.html",
		"/v1.0/": "/v1.0/x", "/example.com/x": "/example.com/x", "/1+1": "/1+1", "/a:": "/a:", "/x.{y}": "",
		"/__debug__/": "/__debug__/x", "/cgi-bin/a.pl": "/cgi-bin/a.pl", "/(group)x": "/(group)x", "/a..": "/a..",
		"/日本/": "/日本/x", "/a@b.c": "/a@b.c", "/+1": "/+1", "/$": "",
	} {
		p, err := core.New(except(core.Route{Path: pattern}))
		if (err == nil) != (path != "") {
			t.Errorf("%s: got %v, want accepted: %v", pattern, err, path != "")
			continue
		}
		if path == "" {
			continue
		}
		if got := p.Decide(t.Context(), at(get("Origin", evil), path)); got != (core.Decision{}) {
			t.Errorf("%s, %s: got %v, want the policy of the route", pattern, path, got.Reason)
		}
		if got := p.Decide(t.Context(), at(get("Origin", evil), "/other")); got.AllowOrigin != "*" {
			t.Errorf("%s, /other: got %v, want the policy of the top level", pattern, got.Reason)
		}
	}
}

// applyCSRFFix returns cfg after each alternative of the fix of e that can be applied.
func applyCSRFFix(cfg core.CSRFConfig, e *core.ConfigError) (fixed []core.CSRFConfig) {
	for _, words := range alternatives(e.Fix) {
		changed := core.CSRFConfig{
			TrustedOrigins: slices.Clone(cfg.TrustedOrigins), ExemptPaths: slices.Clone(cfg.ExemptPaths),
		}
		entries := &changed.ExemptPaths
		if e.Field == "TrustedOrigins" {
			entries = &changed.TrustedOrigins
		}
		texts, field, ok := written(words)
		switch {
		case words == "remove it":
		case !ok || field != "":
			continue
		}
		*entries = slices.Replace(*entries, e.Index, e.Index+1, texts...)
		fixed = append(fixed, changed)
	}
	return fixed
}

// TestFixesOfExemptPaths: an exempt path in another notation is refused. After the fix, the paths
// that its author meant are exempt, and no other ones.
func TestFixesOfExemptPaths(t *testing.T) {
	for _, tt := range []pathFix{
		{`/webhooks/*`, `write "/webhooks/"`, list("/webhooks/", "/webhooks/x", "/webhooks/x/y"), list("/webhook", "/x")},
		{`/webhooks/**`, `write "/webhooks/"`, list("/webhooks/x/y"), list("/webhook")},
		{`/webhooks/.*`, `write "/webhooks/"`, list("/webhooks/x/y"), list("/webhook")},
		{`^/webhooks/.*$`, `write "/webhooks/"`, list("/webhooks/x/y"), list("/webhook")},
		{`/^\/webhooks\/.*$/`, `write "/webhooks/"`, list("/webhooks/x/y"), list("/webhook")},
		{`/webhooks*`, `write "/webhooks" and "/webhooks/"`, list("/webhooks", "/webhooks/x"), list("/webhooksx")},
		{`^/webhooks`, `write "/webhooks" and "/webhooks/"`, list("/webhooks", "/webhooks/x"), list("/webhooksx")},
		{`^/webhooks/$`, `write "/webhooks/{$}"`, list("/webhooks/"), list("/webhooks/x", "/webhooks")},
		{`/webhooks/*name`, `write "/webhooks/"`, list("/webhooks/x/y"), list("/webhook")},
		{`/webhooks/:name`, `write "/webhooks/{name}"`, list("/webhooks/x"), list("/webhooks/x/y")},
		{`/webhooks/:name?`, `write "/webhooks" and "/webhooks/{name}"`, list("/webhooks", "/webhooks/x"),
			list("/webhooks/x/y")},
		{`/webhooks/<name>`, `write "/webhooks/{name}"`, list("/webhooks/x"), list("/webhooks/x/y")},
		{`/webhooks/<int:id>`, `replace it with your own paths, or write ` +
			`"/webhooks/{any}"`, list("/webhooks/7"), list("/webhooks/x/y")},
		{`/webhooks/{id:[0-9]+}`, `replace it with your own paths, or write ` +
			`"/webhooks/{any}"`, list("/webhooks/7"), list("/webhooks/x/y")},
		{`POST /webhooks/stripe`, `write "/webhooks/stripe"`, list("/webhooks/stripe"), list("/webhooks/x")},
		{`https://api.example.com/webhooks/`, `write "/webhooks/"`, list("/webhooks/x"), list("/webhook")},
		{`/webhooks?secret=1`, `write "/webhooks"`, list("/webhooks"), list("/webhooks/x")},
		{` /webhooks`, `write "/webhooks"`, list("/webhooks"), list("/webhooks/x")},
		{`"/webhooks"`, `write "/webhooks"`, list("/webhooks"), list("/webhooks/x")},
		{`/a /b`, `write "/a" and "/b"`, list("/a", "/b"), list("/c")},
		{`webhooks/`, `write "/webhooks/"`, list("/webhooks/x"), list("/webhook")},
		{`/x/../webhooks`, `write "/webhooks"`, list("/webhooks"), list("/x")},
		{``, `remove it`, nil, list("/", "/x")},
		{` `, `remove it`, nil, list("/", "/x")},
		{`/*`, `write "/{$}" to exempt only the root, or replace it with your own paths, such as "/webhooks/"`, nil, nil},
		{`*`, `write "/{$}" to exempt only the root, or replace it with your own paths, such as "/webhooks/"`, nil, nil},
		{`/.*`, `write "/{$}" to exempt only the root, or replace it with your own paths, such as "/webhooks/"`, nil, nil},
		{`//api.example.com`, `write "/{$}" to exempt only the root, or replace it with your own paths, such ` +
			`as "/webhooks/"`, nil, nil},
		{`/:tenant/hooks`, `begin with a literal segment, as in "/webhooks/hooks"`, nil, nil},
		{`/**/hooks`, `replace it with your own paths`, nil, nil},
		{`/hooks/*.json`, `replace it with your own paths`, nil, nil},
		{`/hooks/v[0-9]+`, `replace it with your own paths`, nil, nil},
	} {
		t.Run(tt.path, func(t *testing.T) {
			cfg := core.CSRFConfig{ExemptPaths: []string{tt.path}}
			_, err := core.NewCSRFProtection(cfg)
			problems := slices.Collect(core.Problems(err))
			if len(problems) != 1 || problems[0].Fix != tt.fix {
				t.Fatalf("got  %v\nwant %s", err, tt.fix)
			}
			if strings.Contains(err.Error(), "PathRegex") {
				t.Errorf("an exempt path cannot be a PathRegex: %v", err)
			}
			fixed := applyCSRFFix(cfg, problems[0])
			if len(fixed) == 0 && tt.matches != nil {
				t.Errorf("the fix cannot be applied: %s", problems[0].Fix)
			}
			for _, cfg := range fixed {
				testExempt(t, cfg, tt)
			}
		})
	}
}

func testExempt(t *testing.T, cfg core.CSRFConfig, tt pathFix) {
	t.Helper()
	p, err := core.NewCSRFProtection(cfg)
	if err != nil {
		t.Fatalf("after the fix: %v", err)
	}
	forged := get("Origin", evil, "Sec-Fetch-Site", "cross-site")
	forged.Method = "POST"
	for _, path := range tt.matches {
		if got := p.Decide(t.Context(), at(forged, path)); got != (core.Decision{}) {
			t.Errorf("after the fix %s, %s is not exempt", tt.fix, path)
		}
	}
	for _, path := range tt.misses {
		if got := p.Decide(t.Context(), at(forged, path)); got.Reason != core.ReasonCrossSiteWrite {
			t.Errorf("after the fix %s, %s is exempt", tt.fix, path)
		}
	}
}

// TestFixesOfTrustedOrigins: the fixes that can be applied make the protection trust what the
// author meant.
func TestFixesOfTrustedOrigins(t *testing.T) {
	for _, tt := range []struct{ origin, fix, trusts string }{
		{"http://app.example.com", `write "https://app.example.com"`, "https://app.example.com"},
		{"http://*.example.com", `write "https://*.example.com"`, "https://a.example.com"},
		{"null", "remove it", ""},
		{"file://", "remove it", ""},
		{"*", "replace it with the origins that you trust", ""},
		{"https://*.github.io", "replace it with your own origins", ""},
	} {
		t.Run(tt.origin, func(t *testing.T) {
			cfg := core.CSRFConfig{TrustedOrigins: []string{tt.origin}}
			_, err := core.NewCSRFProtection(cfg)
			problems := slices.Collect(core.Problems(err))
			if len(problems) != 1 || problems[0].Fix != tt.fix {
				t.Fatalf("got  %v\nwant %s", err, tt.fix)
			}
			for _, cfg := range applyCSRFFix(cfg, problems[0]) {
				p, err := core.NewCSRFProtection(cfg)
				if err != nil {
					t.Fatalf("after the fix: %v", err)
				}
				r := get("Origin", tt.trusts, "Sec-Fetch-Site", "cross-site")
				r.Method = "POST"
				if got := p.Decide(t.Context(), r); (got == core.Decision{}) != (tt.trusts != "") {
					t.Errorf("after the fix, %q: got %v", tt.trusts, got.Reason)
				}
			}
		})
	}
}

// TestNarrowRoutes: Lint reports a route that leaves the paths below it, or other spellings of its
// paths, to a more lenient policy.
func TestNarrowRoutes(t *testing.T) {
	strict := origins("https://admin.example.com")
	with := func(top core.Config, routes ...core.Route) core.Config { top.Routes = routes; return top }
	for _, tt := range []struct {
		name string
		cfg  core.Config
		want string // the code and the message of a finding about a route, or ""
	}{
		{"exact, strict", with(origins("*"), core.Route{Path: "/admin", Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "/admin/".`},
		{"exact, disabled", with(origins(app), core.Route{Path: "/admin", Disable: true}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "/admin/".`},
		{"exact, parameter", with(origins("*"), core.Route{Path: "/users/{id}", Config: strict}),
			`narrow-route: it matches no path below it, so "/users/x/x" has the policy of the top level, which allows more; ` +
				`write "/users/{id}/".`},
		{"exact, another route is more lenient",
			with(strict, core.Route{Path: "/a/b", Config: strict}, core.Route{Path: "/a/", Config: origins("*")}),
			`narrow-route: it matches no path below it, so "/a/b/x" has the policy of Routes[1], which allows more; ` +
				`write "/a/b/".`},
		{"exact, more lenient", with(origins(app), core.Route{Path: "/status", Config: origins("*")}), ""},
		{"exact, the same", with(origins(app), core.Route{Path: "/status", Config: origins(app)}), ""},
		{"exact, both forms", with(origins("*"), core.Route{Path: "/a", Config: strict},
			core.Route{Path: "/a/", Config: strict}), ""},
		{"exact, nothing else is allowed", with(core.Config{}, core.Route{Path: "/api", Config: strict}), ""},
		{"subtree", with(origins("*"), core.Route{Path: "/admin/", Config: strict}), ""},
		{"root", with(origins("*"), core.Route{Path: "/{$}", Config: strict}), ""},

		{"a prefix", with(origins("*"), core.Route{PathRegex: "^/secret/", Config: strict}),
			`narrow-route: it matches only /secret/, because an expression must match the whole path; write "/secret/.*" to ` +
				`include the paths below it, or "/secret/$" to say that only this path is meant.`},
		{"a prefix without a slash", with(origins("*"), core.Route{PathRegex: "^/admin", Config: strict}),
			`narrow-route: it matches only /admin, because an expression must match the whole path; write "/admin/.*" to ` +
				`include the paths below it, or "/admin$" to say that only this path is meant.`},
		{"a slash at the end", with(origins("*"), core.Route{PathRegex: "/v[0-9]+/", Config: strict}),
			`narrow-route: it matches no path below the slash at its end, because an expression must match the whole path; ` +
				`write "/v[0-9]+/.*".`},
		{"one path, deliberately", with(origins("*"), core.Route{PathRegex: "^/secret/$", Config: strict}), ""},
		{"all below", with(origins("*"), core.Route{PathRegex: "^/secret/.*", Config: strict}), ""},
		{"case", with(origins("*"), core.Route{PathRegex: "(?-i)/admin/.*", Config: strict}),
			`narrow-route: "(?-i" makes case or line feeds matter, so another policy applies to other spellings of the ` +
				"same path; remove the flag."},
		{"case, in a group", with(origins("*"), core.Route{PathRegex: `/a(?m-is:[(?\-i)]|b)/.*`, Config: strict}),
			`narrow-route: "(?m-i" makes case or line feeds matter, so another policy applies to other spellings of the ` +
				"same path; remove the flag."},
		{"line feeds", with(origins("*"), core.Route{PathRegex: `/a/((?-s:.)+)`, Config: strict}),
			`narrow-route: "(?-s" makes case or line feeds matter, so another policy applies to other spellings of the ` +
				"same path; remove the flag."},
		{"not a flag", with(origins("*"), core.Route{PathRegex: `/a/[(?-i)].*\(?-i\)`, Config: strict}), ""},
		{"a group of prefixes", with(origins("*"), core.Route{PathRegex: `^/(admin|internal)/`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "^/(admin|internal)/.*" ` +
				`to include the paths below it, or "^/(admin|internal)/$" to say that only this path is meant.`},
		{"a group without a slash", with(origins("*"), core.Route{PathRegex: `^/(admin|internal)`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "^/(admin|internal)/.*" ` +
				`to include the paths below it, or "^/(admin|internal)$" to say that only this path is meant.`},
		{"a word boundary", with(origins("*"), core.Route{PathRegex: `^/admin\b`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				"write \"^/admin/.*\" to include the paths below it, or `^/admin\\b$` to say that only this path is meant."},
		{"an optional digit", with(origins("*"), core.Route{PathRegex: `^/admin[0-9]?`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "^/admin[0-9]?/.*" to include the paths below it, or "^/admin[0-9]?$" to say that only this path is meant.`},
		{"an optional slash", with(origins("*"), core.Route{PathRegex: `/admin/?`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "/admin/.*" to include the paths below it, or "/admin/?$" to say that only this path is meant.`},
		{"an optional slash in a group", with(origins("*"), core.Route{PathRegex: `/admin(/)?`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "/admin/.*" to include the paths below it, or "/admin(/)?$" to say that only this path is meant.`},
		{"alternatives", with(origins("*"), core.Route{PathRegex: `^/admin|^/internal`, Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`end each alternative with "/.*".`},
		{"exact, with a slash", with(origins("*"), core.Route{Path: "/admin/{$}", Config: strict}),
			`narrow-route: it matches no path below it, so "/admin/x" has the policy of the top level, which allows more; ` +
				`write "/admin/".`},
		{"the second alternative", with(origins("*"), core.Route{Path: "/admin/", Config: strict},
			core.Route{PathRegex: `^/(admin|internal)`, Config: strict}),
			`narrow-route: it matches no path below it, so "/internal/x" has the policy of the top level, which allows more; ` +
				`write "^/(admin|internal)/.*" to include the paths below it, or "^/(admin|internal)$" to say that only this ` +
				`path is meant.`},
		{"a group, deliberately", with(origins("*"), core.Route{PathRegex: `^/(admin|internal)/$`, Config: strict}), ""},
		{"a group, all below", with(origins("*"), core.Route{PathRegex: `^/(admin|internal)/.*`, Config: strict}), ""},
		{"a whole path", with(origins("*"), core.Route{PathRegex: `/v[0-9]+/status`, Config: strict}), ""},
		{"files", with(origins("*"), core.Route{Path: "/openapi.json", Config: strict},
			core.Route{Path: "/feed.xml", Disable: true}, core.Route{Path: "/.well-known/jwks.json", Config: strict},
			core.Route{PathRegex: `^/openapi\.(json|yaml)`, Config: strict}), ""},
		{"monitoring", with(origins("*"), core.Route{Path: "/health", Disable: true}), ""},

		{"two dots", with(origins("*"), core.Route{PathRegex: `/a/../b`, Config: strict}),
			`dead-route: a request with a ".." segment in its path is refused before any route is chosen; write the path ` +
				`that the segment leads to.`},
		{"encoded", with(origins("*"), core.Route{PathRegex: `/a%20b/.*`, Config: strict}),
			`dead-route: the expression is matched against decoded paths, and this one contains a percent-encoded byte; ` +
				`write the decoded character.`},
		{"query", with(origins("*"), core.Route{PathRegex: `/a\?b=.*`, Config: strict}),
			`narrow-route: a path contains "?" and "#" only if they were percent-encoded, because they begin the query ` +
				`and the fragment; remove that part of the expression.`},
		{"after every path", with(core.Config{}, core.Route{PathRegex: ".*", Config: strict},
			core.Route{PathRegex: "/a/.*", Config: strict}),
			`dead-route: Routes[0] matches every path and takes precedence; remove one of the two routes.`},
		{"after a Path", with(core.Config{}, core.Route{Path: "/a/", Config: strict},
			core.Route{PathRegex: "/a/b", Config: strict}),
			`dead-route: Routes[0] has a Path that matches the same path, and a Path takes precedence over a PathRegex; ` +
				`remove one of the two routes.`},
		{"twice", with(core.Config{}, core.Route{PathRegex: "/a/.*", Config: strict},
			core.Route{PathRegex: "/a/.*", Config: strict}),
			`dead-route: Routes[0] has the same PathRegex and is tried first; remove one of the two routes.`},
		{"shadowed", with(origins(app), core.Route{Path: "/", Config: strict}),
			`shadowed-policy: every path matches it or another route, so the origins of the top level have no effect; ` +
				`remove the origins or the route.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mustNew(t, tt.cfg)
			got := ""
			for _, f := range core.Lint(tt.cfg) {
				if strings.HasSuffix(f.Code, "-route") || f.Code == "shadowed-policy" {
					got += f.Code + ": " + f.Message
				}
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

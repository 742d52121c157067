package migrate

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gincors "github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	chicors "github.com/go-chi/cors"
	"github.com/gofiber/fiber/v2"
	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	fiber3 "github.com/gofiber/fiber/v3"
	fiber3cors "github.com/gofiber/fiber/v3/middleware/cors"
	"github.com/gorilla/handlers"
	jub0bs "github.com/jub0bs/cors"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	echo5 "github.com/labstack/echo/v5"
	echo5middleware "github.com/labstack/echo/v5/middleware"
	"github.com/rs/cors"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// values are settings that every library has, under some name.
type values struct {
	origins, methods, headers []string
	credentials               bool
	passthrough               bool // preflights are passed on to the handler
}

// variation is a setting that libraries interpret differently, and a request that shows how.
type variation struct {
	what    string // as in the guides
	values  values // without those that usual has
	request request
	fix     []string // the AllowHeaders with which Polycors allows the request, if it does not
}

// usual fills in what a variation does not say.
func (v values) usual() values {
	if v.origins == nil {
		v.origins = []string{app}
	}
	if v.methods == nil {
		v.methods = []string{"GET", "PUT"}
	}
	if v.headers == nil {
		v.headers = []string{"X-Token"}
	}
	return v
}

func get(what, origin string) request {
	return request{what, "GET", map[string]string{"Origin": origin}}
}

func preflightFrom(what, origin, method, headers string) request {
	header := map[string]string{"Origin": origin, "Access-Control-Request-Method": method}
	if headers != "" {
		header["Access-Control-Request-Headers"] = headers
	}
	return request{what, "OPTIONS", header}
}

var variations = [...]variation{
	{
		"the origin `http://app.example.com` with credentials",
		values{origins: []string{"http://app.example.com"}, credentials: true},
		get("GET from it", "http://app.example.com"), nil,
	},
	{"`*` instead of origins", values{origins: []string{"*"}}, get("GET from any origin", evil), nil},
	{
		"`*` instead of origins, with credentials", values{origins: []string{"*"}, credentials: true},
		get("GET from any origin", evil), nil,
	},
	{"the origin `null`", values{origins: []string{"null"}}, get("GET with `Origin: null`", "null"), nil},
	{
		"the origin `null` with credentials", values{origins: []string{"null"}, credentials: true},
		get("GET with `Origin: null`", "null"), nil,
	},
	{
		"the origin `https://APP.example.com`", values{origins: []string{"https://APP.example.com"}},
		get("GET from `https://app.example.com`", app), nil,
	},
	{
		"the origin `https://app.example.com/`", values{origins: []string{app + "/"}},
		get("GET from `https://app.example.com`", app), nil,
	},
	{
		"an origin with a space before it", values{origins: []string{" " + app}},
		get("GET from `https://app.example.com`", app), nil,
	},
	{
		"the origin `https://*example.com`", values{origins: []string{"https://*example.com"}},
		get("GET from `https://evil-example.com`", "https://evil-example.com"), nil,
	},
	{"the method `put`", values{methods: []string{"put"}}, preflightFrom("preflight for PUT", app, "PUT", ""), nil},
	{
		"a method with a space before it", values{methods: []string{" PUT"}},
		preflightFrom("preflight for PUT", app, "PUT", ""), nil,
	},
	{
		"the method `*`", values{methods: []string{"*"}},
		preflightFrom("preflight for DELETE", app, "DELETE", ""), nil,
	},
	{
		"the headers `Origin`, `Content-Length` and `X-Token`",
		values{headers: []string{"Origin", "Content-Length", "X-Token"}},
		preflightFrom("preflight for PUT with `x-token`", app, "PUT", "x-token"), nil,
	},
	{
		"a header with a space before it", values{headers: []string{" X-Token"}},
		preflightFrom("preflight for PUT with `x-token`", app, "PUT", "x-token"), nil,
	},
	{
		"the header `*`", values{headers: []string{"*"}},
		preflightFrom("preflight for PUT with `authorization`", app, "PUT", "authorization"),
		[]string{"*", "authorization"},
	},
	{
		"the header `*` with credentials", values{headers: []string{"*"}, credentials: true},
		preflightFrom("preflight for PUT with `x-any`", app, "PUT", "x-any"), nil,
	},
	{
		"preflights passed on to the handler", values{passthrough: true},
		preflightFrom("preflight for PUT from a refused origin", evil, "PUT", ""), nil,
	},
}

// polycors applies values to corshttp. Other adapters respond with the same bytes.
func polycors(v values) (serve, error) {
	policy, err := core.New(core.Config{
		AllowOrigins: v.origins, AllowMethods: v.methods, AllowHeaders: v.headers,
		AllowCredentials: v.credentials, ContinuePreflight: v.passthrough, MaxAge: 600 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return recorded(corshttp.Middleware(policy)(http.HandlerFunc(handler))), nil
}

// others has a library for each guide, with a func that applies values to it. A library that cannot
// pass preflights on has passes == false.
var others = []struct {
	guide, section string
	passes         bool
	build          func(values) (serve, error)
}{
	{"gin-contrib-cors.md", "Setting by setting", false, func(v values) (serve, error) {
		cfg := gincors.Config{
			AllowOrigins: v.origins, AllowWildcard: true, AllowMethods: v.methods, AllowHeaders: v.headers,
			AllowCredentials: v.credentials, MaxAge: 600 * time.Second,
		}
		if err := cfg.Validate(); err != nil {
			return nil, err
		}
		return ginWith(func(r *gin.Engine) { r.Use(gincors.New(cfg)) })()
	}},
	{"rs-cors.md", "Setting by setting", true, func(v values) (serve, error) {
		return recorded(cors.New(cors.Options{
			AllowedOrigins: v.origins, AllowedMethods: v.methods, AllowedHeaders: v.headers,
			AllowCredentials: v.credentials, OptionsPassthrough: v.passthrough, MaxAge: 600,
		}).Handler(http.HandlerFunc(handler))), nil
	}},
	{"go-chi-cors.md", "Setting by setting", true, func(v values) (serve, error) {
		return recorded(chicors.Handler(chicors.Options{
			AllowedOrigins: v.origins, AllowedMethods: v.methods, AllowedHeaders: v.headers,
			AllowCredentials: v.credentials, OptionsPassthrough: v.passthrough, MaxAge: 600,
		})(http.HandlerFunc(handler))), nil
	}},
	{"gorilla-handlers.md", "Setting by setting", true, func(v values) (serve, error) {
		options := []handlers.CORSOption{
			handlers.AllowedOrigins(v.origins), handlers.AllowedMethods(v.methods), handlers.AllowedHeaders(v.headers),
			handlers.MaxAge(600),
		}
		if v.credentials {
			options = append(options, handlers.AllowCredentials())
		}
		if v.passthrough {
			options = append(options, handlers.IgnoreOptions())
		}
		return recorded(handlers.CORS(options...)(http.HandlerFunc(handler))), nil
	}},
	{"jub0bs-cors.md", "Setting by setting", false, func(v values) (serve, error) {
		mw, err := jub0bs.NewMiddleware(jub0bs.Config{
			Origins: v.origins, Methods: v.methods, RequestHeaders: v.headers, Credentialed: v.credentials,
			MaxAgeInSeconds: 600,
		})
		if err != nil {
			return nil, err
		}
		return recorded(mw.Wrap(http.HandlerFunc(handler))), nil
	}},
	{"echo.md", "Setting by setting", false, func(v values) (serve, error) {
		return echoWith(func(e *echo.Echo) {
			e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
				AllowOrigins: v.origins, AllowMethods: v.methods, AllowHeaders: v.headers, AllowCredentials: v.credentials,
				MaxAge: 600,
			}))
		})()
	}},
	{"echo.md", "Setting by setting, echo v5", false, func(v values) (serve, error) {
		return echo5With(func(e *echo5.Echo) {
			e.Use(echo5middleware.CORSWithConfig(echo5middleware.CORSConfig{
				AllowOrigins: v.origins, AllowMethods: v.methods, AllowHeaders: v.headers, AllowCredentials: v.credentials,
				MaxAge: 600,
			}))
		})()
	}},
	{"fiber.md", "Setting by setting", false, func(v values) (serve, error) {
		return fiberWith(func(app *fiber.App) {
			app.Use(fibercors.New(fibercors.Config{
				AllowOrigins: strings.Join(v.origins, ","), AllowMethods: strings.Join(v.methods, ","),
				AllowHeaders: strings.Join(v.headers, ","), AllowCredentials: v.credentials, MaxAge: 600,
			}))
		})()
	}},
	{"fiber.md", "Setting by setting, fiber v3", false, func(v values) (serve, error) {
		return fiber3With(func(app *fiber3.App) {
			app.Use(fiber3cors.New(fiber3cors.Config{
				AllowOrigins: v.origins, AllowMethods: v.methods, AllowHeaders: v.headers, AllowCredentials: v.credentials,
				MaxAge: 600,
			}))
		})()
	}},
}

// applied returns the response to a request, or how the library refuses the values.
func applied(build func(values) (serve, error), v values, r request) (lines []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			lines, err = []string{"refused"}, nil
		}
	}()
	s, refusal := build(v)
	if refusal != nil {
		return []string{"refused"}, nil
	}
	return answers(s, r)
}

// TestSettings checks that the table of settings in each guide lists exactly the settings that
// Polycors interprets differently. If Polycors refuses a setting, the table has the error.
func TestSettings(t *testing.T) {
	for _, other := range others {
		t.Run(other.guide+"/"+other.section, func(t *testing.T) {
			var rows []string
			for _, variation := range variations {
				v := variation.values.usual()
				if v.passthrough && !other.passes {
					continue
				}
				was, err := applied(other.build, v, variation.request)
				if err != nil {
					t.Fatalf("%s: %v", variation.what, err)
				}
				is, err := applied(polycors, v, variation.request)
				if err != nil {
					t.Fatalf("%s: %v", variation.what, err)
				}
				if slices.Equal(was, is) {
					continue
				}
				before, after := without(was, is), without(is, was)
				if _, refusal := polycors(v); refusal != nil {
					after = "refused: " + strings.ReplaceAll(strings.TrimPrefix(refusal.Error(), "cors: "), "\ncors: ", "; ")
				}
				if variation.fix != nil {
					after += fmt.Sprintf("; write `AllowHeaders: %#v`", variation.fix)
					v.headers = variation.fix
					fixed, err := applied(polycors, v, variation.request)
					if err != nil || fixed[0] != "204" {
						t.Errorf("%s: with the fix, got %q (%v), want 204", variation.what, fixed, err)
					}
				}
				rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |", variation.what, variation.request.what, before, after))
			}
			if got, want := strings.Join(rows, "\n"), strings.Join(table(t, other.guide, other.section), "\n"); got != want {
				t.Errorf("docs/migrate/%s lists under %q\n%s\n\nthe responses differ in\n%s", other.guide, other.section, want, got)
			}
		})
	}
}

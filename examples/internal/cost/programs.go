package main

import "strings"

// mark is at the end of the lines that a program has only with the adapter.
const mark = "// with the adapter"

// program is a program of which one build has the adapter, and the other does not.
type program struct {
	adapter, framework, version string // framework is "" for net/http
	source                      string
}

// name returns the framework and its version for a reader.
func (p program) name() string {
	if p.framework == "" {
		return "net/http"
	}
	return strings.TrimPrefix(p.framework, "github.com/") + " " + p.version
}

// programs has a program for each adapter, with the version of the framework that README.md names.
var programs = []program{
	{"corshttp", "", "", `package main

import (
	"net/http"

	"github.com/polycors/cors/adapters/corshttp" // with the adapter
)

func main() {
	var handler http.Handler = http.NotFoundHandler()
	cors := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}) // with the adapter
	handler = cors(handler) // with the adapter
	http.ListenAndServe("127.0.0.1:8080", handler)
}
`},
	{"corschi", "github.com/go-chi/chi/v5", "v5.5.0", `package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/polycors/cors/adapters/corschi" // with the adapter
)

func main() {
	r := chi.NewRouter()
	r.Use(corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}})) // with the adapter
	http.ListenAndServe("127.0.0.1:8080", r)
}
`},
	{"corsgin", "github.com/gin-gonic/gin", "v1.12.0", `package main

import (
	"github.com/gin-gonic/gin"
	"github.com/polycors/cors/adapters/corsgin" // with the adapter
)

func main() {
	r := gin.New()
	r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}})) // with the adapter
	r.Run("127.0.0.1:8080")
}
`},
	{"corsecho5", "github.com/labstack/echo/v5", "v5.4.5", `package main

import (
	"github.com/labstack/echo/v5"
	"github.com/polycors/cors/adapters/corsecho5" // with the adapter
)

func main() {
	e := echo.New()
	e.Use(corsecho5.New(corsecho5.Config{AllowOrigins: []string{"https://app.example.com"}})) // with the adapter
	e.Start("127.0.0.1:8080")
}
`},
	{"corsecho", "github.com/labstack/echo/v4", "v4.16.0", `package main

import (
	"github.com/labstack/echo/v4"
	"github.com/polycors/cors/adapters/corsecho" // with the adapter
)

func main() {
	e := echo.New()
	e.Use(corsecho.New(corsecho.Config{AllowOrigins: []string{"https://app.example.com"}})) // with the adapter
	e.Start("127.0.0.1:8080")
}
`},
	{"corsfiber3", "github.com/gofiber/fiber/v3", "v3.5.0", `package main

import (
	"github.com/gofiber/fiber/v3"
	"github.com/polycors/cors/adapters/corsfiber3" // with the adapter
)

func main() {
	app := fiber.New()
	app.Use(corsfiber3.New(corsfiber3.Config{AllowOrigins: []string{"https://app.example.com"}})) // with the adapter
	app.Listen("127.0.0.1:8080")
}
`},
	{"corsfiber", "github.com/gofiber/fiber/v2", "v2.52.15", `package main

import (
	"github.com/gofiber/fiber/v2"
	"github.com/polycors/cors/adapters/corsfiber" // with the adapter
)

func main() {
	app := fiber.New()
	app.Use(corsfiber.New(corsfiber.Config{AllowOrigins: []string{"https://app.example.com"}})) // with the adapter
	app.Listen("127.0.0.1:8080")
}
`},
	{"corsfasthttp", "github.com/valyala/fasthttp", "v1.74.0", `package main

import (
	"github.com/polycors/cors/adapters/corsfasthttp" // with the adapter
	"github.com/valyala/fasthttp"
)

func main() {
	var handler fasthttp.RequestHandler = func(ctx *fasthttp.RequestCtx) { ctx.NotFound() }
	cors := corsfasthttp.New(corsfasthttp.Config{AllowOrigins: []string{"https://app.example.com"}}) // with the adapter
	handler = cors(handler) // with the adapter
	fasthttp.ListenAndServe("127.0.0.1:8080", handler)
}
`},
}

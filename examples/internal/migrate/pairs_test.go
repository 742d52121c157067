package migrate

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	chicors "github.com/go-chi/cors"
	"github.com/gofiber/fiber/v2"
	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/gorilla/handlers"
	jub0bs "github.com/jub0bs/cors"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/rs/cors"
	rsgin "github.com/rs/cors/wrapper/gin"

	gincors "github.com/gin-contrib/cors"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// The guides show the code of these functions, see TestGuidesShowWhatIsTested.

func beforeGinContrib(r *gin.Engine) {
	r.Use(gincors.New(gincors.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowWildcard:    true,
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           10 * time.Minute,
	}))
}

func afterGinContrib(r *gin.Engine) {
	r.Use(corsgin.New(corsgin.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           10 * time.Minute,
	}))
}

func beforeRS(mux http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins:   []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowedMethods:   []string{"GET", "PUT"},
		AllowedHeaders:   []string{"Content-Type", "X-Token"},
		ExposedHeaders:   []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600,
	}).Handler(mux)
}

func afterRS(mux http.Handler) http.Handler {
	return corshttp.New(corshttp.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	})(mux)
}

func beforeRSGin(r *gin.Engine) {
	r.Use(rsgin.New(rsgin.Options{
		AllowedOrigins:   []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowedMethods:   []string{"GET", "PUT"},
		AllowedHeaders:   []string{"Content-Type", "X-Token"},
		ExposedHeaders:   []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600,
	}))
}

func afterRSGin(r *gin.Engine) {
	r.Use(corsgin.New(corsgin.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	}))
}

func beforeEcho(e *echo.Echo) {
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600,
	}))
}

func afterEcho(e *echo.Echo) {
	e.Use(corsecho.New(corsecho.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	}))
}

func beforeFiber(app *fiber.App) {
	app.Use(fibercors.New(fibercors.Config{
		AllowOrigins:     "https://app.example.com,https://*.preview.example.com",
		AllowMethods:     "GET,PUT",
		AllowHeaders:     "Content-Type,X-Token",
		ExposeHeaders:    "X-Total-Count",
		AllowCredentials: true,
		MaxAge:           600,
	}))
}

func afterFiber(app *fiber.App) {
	app.Use(corsfiber.New(corsfiber.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	}))
}

func beforeChi(r chiRouter) {
	r.Use(chicors.Handler(chicors.Options{
		AllowedOrigins:   []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowedMethods:   []string{"GET", "PUT"},
		AllowedHeaders:   []string{"Content-Type", "X-Token"},
		ExposedHeaders:   []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600,
	}))
}

func afterChi(r chiRouter) {
	r.Use(corschi.New(corschi.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	}))
}

func beforeGorilla(router http.Handler) http.Handler {
	return handlers.CORS(
		handlers.AllowedOrigins([]string{"https://app.example.com", "https://admin.example.com"}),
		handlers.AllowedMethods([]string{"GET", "PUT"}),
		handlers.AllowedHeaders([]string{"Content-Type", "X-Token"}),
		handlers.ExposedHeaders([]string{"X-Total-Count"}),
		handlers.AllowCredentials(),
		handlers.MaxAge(600),
	)(router)
}

func afterGorilla(router http.Handler) http.Handler {
	return corshttp.New(corshttp.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://admin.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	})(router)
}

func beforeJub0bs(mux http.Handler) (http.Handler, error) {
	mw, err := jub0bs.NewMiddleware(jub0bs.Config{
		Origins:         []string{"https://app.example.com", "https://*.preview.example.com"},
		Methods:         []string{"GET", "PUT"},
		RequestHeaders:  []string{"Content-Type", "X-Token"},
		ResponseHeaders: []string{"X-Total-Count"},
		Credentialed:    true,
		MaxAgeInSeconds: 600,
	})
	if err != nil {
		return nil, err
	}
	return mw.Wrap(mux), nil
}

func afterJub0bs(mux http.Handler) (http.Handler, error) {
	policy, err := core.New(core.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "PUT"},
		AllowHeaders:     []string{"Content-Type", "X-Token"},
		ExposeHeaders:    []string{"X-Total-Count"},
		AllowCredentials: true,
		MaxAge:           600 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return corshttp.Middleware(policy)(mux), nil
}

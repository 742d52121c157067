package benchmarks

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
)

func fiberCORS(p *Policy) (fiber.Handler, error) {
	return cors.New(cors.Config{
		AllowOrigins:     strings.Join(p.Origins, ","),
		AllowOriginsFunc: p.Func,
		AllowMethods:     strings.Join(p.Methods, ","),
		AllowHeaders:     strings.Join(p.Headers, ","),
		ExposeHeaders:    strings.Join(p.Expose, ","),
		AllowCredentials: p.Credentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}), nil
}

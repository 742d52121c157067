package benchmarks

import (
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cors"
)

func fiber3CORS(p *Policy) (fiber.Handler, error) {
	return cors.New(cors.Config{
		AllowOrigins:     p.Origins,
		AllowOriginsFunc: p.Func,
		AllowMethods:     p.Methods,
		AllowHeaders:     p.Headers,
		ExposeHeaders:    p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}), nil
}

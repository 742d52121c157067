package benchmarks

import (
	"github.com/gofiber/fiber/v2"

	"github.com/polycors/cors/adapters/corsfiber"
)

func serveFiber(middleware ...fiber.Handler) Server {
	app := fiber.New(fiber.Config{ReadBufferSize: readBuffer, DisableStartupMessage: true})
	for _, m := range middleware {
		app.Use(m)
	}
	app.All("/items", func(c *fiber.Ctx) error {
		c.Status(Handled)
		return nil
	})
	return fastServer{app.Handler()}
}

func floorFiber(want Response) fiber.Handler {
	lines := fastLines(want)
	return func(c *fiber.Ctx) error {
		writeFast(c.Context(), lines)
		if want.Status == Handled {
			return c.Next()
		}
		c.Status(want.Status)
		return nil
	}
}

func polycorsFiber(p *Policy) (fiber.Handler, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corsfiber.Middleware(policy), nil
}

package benchmarks

import (
	"github.com/gofiber/fiber/v3"

	"github.com/polycors/cors/adapters/corsfiber3"
)

func serveFiber3(middleware ...fiber.Handler) Server {
	app := fiber.New(fiber.Config{ReadBufferSize: readBuffer})
	for _, m := range middleware {
		app.Use(m)
	}
	app.All("/items", func(c fiber.Ctx) error {
		c.Status(Handled)
		return nil
	})
	return fastServer{app.Handler()}
}

func floorFiber3(want Response) fiber.Handler {
	lines := fastLines(want)
	return func(c fiber.Ctx) error {
		writeFast(c.RequestCtx(), lines)
		if want.Status == Handled {
			return c.Next()
		}
		c.Status(want.Status)
		return nil
	}
}

func polycorsFiber3(p *Policy) (fiber.Handler, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corsfiber3.Middleware(policy), nil
}

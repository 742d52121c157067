package corsfiber_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v2"

	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	app := fiber.New()
	app.Use(corsfiber.New(corsfiber.Config{AllowOrigins: []string{"https://app.example.com"}}))
	app.Put("/items/:id", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })

	preflight := httptest.NewRequest(http.MethodOptions, "/items/1", nil)
	preflight.Header.Set("Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "PUT")
	response, err := app.Test(preflight)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"))
	// Output: 204 https://app.example.com
}

// A policy whose problems are handled, and which is replaced while the server runs.
func ExampleMiddleware() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	live := core.NewLive(policy)
	app := fiber.New()
	app.Use(corsfiber.Middleware(live))
	app.Get("/items", func(c *fiber.Ctx) error { return c.JSON([]string{"bread", "apples"}) })

	get := func() {
		request := httptest.NewRequest(http.MethodGet, "/items", nil)
		request.Header.Set("Origin", "https://shop.example.com")
		response, err := app.Test(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d %q\n", response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"))
	}
	get()
	if err := live.Reload(core.Config{AllowOrigins: []string{"https://*.example.com"}}); err != nil {
		fmt.Println(err)
	}
	get()
	// Output:
	// 200 ""
	// 200 "https://shop.example.com"
}

// An answer that no middleware of the app has a part in: to a method that fiber does not know.
func ExampleAttach() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	app := fiber.New()
	if err := corsfiber.Attach(app, policy); err != nil {
		fmt.Println(err)
		return
	}
	app.Get("/items", func(c *fiber.Ctx) error { return c.JSON([]string{"bread", "apples"}) })

	request := httptest.NewRequest("PURGE", "/items", nil)
	request.Header.Set("Origin", "https://app.example.com")
	response, err := app.Test(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"))
	// Output: 400 https://app.example.com
}

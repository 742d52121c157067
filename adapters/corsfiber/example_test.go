package corsfiber_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

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

// This example handles the problems of a Config, and replaces the policy while the server is
// running.
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

// If fiber does not know the method of a request, it responds without running any middleware.
// Attach adds the CORS headers to this response.
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

// Browsers send cookies with WebSocket handshakes, and do not apply CORS to them. So the handler
// calls the policy itself.
func ExampleRequest() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	mayConnect := func(c *fiber.Ctx) bool {
		request := corsfiber.Request(c)
		origin := request.Header.Field("Origin")
		if d := policy.Decide(c.Context(), request); origin == "" || d.Allowed() && d.AllowCredentials {
			return true // not a browser, or a page that may read with cookies
		}
		if site := request.Header.Field("Sec-Fetch-Site"); site != "" {
			return site == "same-origin"
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == request.Host // Chromium sends no Sec-Fetch-Site with a handshake
	}
	app := fiber.New()
	app.Get("/socket", func(c *fiber.Ctx) error {
		if !mayConnect(c) {
			return fiber.ErrForbidden
		}
		return c.SendString("upgraded") // by a library
	})

	for _, origin := range []string{"https://app.example.com", "https://api.example.com", "https://evil.example"} {
		handshake := httptest.NewRequest(http.MethodGet, "/socket", nil)
		handshake.Host = "api.example.com"
		handshake.Header.Set("Origin", origin)
		response, err := app.Test(handshake)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(origin, response.StatusCode)
	}
	// Output:
	// https://app.example.com 200
	// https://api.example.com 200
	// https://evil.example 403
}

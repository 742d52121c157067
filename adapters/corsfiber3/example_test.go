package corsfiber3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/gofiber/fiber/v3"

	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	app := fiber.New()
	app.Use(corsfiber3.New(corsfiber3.Config{AllowOrigins: []string{"https://app.example.com"}}))
	app.Put("/items/:id", func(c fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })

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
	app.Use(corsfiber3.Middleware(live))
	app.Get("/items", func(c fiber.Ctx) error { return c.JSON([]string{"bread", "apples"}) })

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
	if err := corsfiber3.Attach(app, policy); err != nil {
		fmt.Println(err)
		return
	}
	app.Get("/items", func(c fiber.Ctx) error { return c.JSON([]string{"bread", "apples"}) })

	request := httptest.NewRequest("PURGE", "/items", nil)
	request.Header.Set("Origin", "https://app.example.com")
	response, err := app.Test(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"))
	// Output: 501 https://app.example.com
}

// A WebSocket handshake carries the visitor's cookies and is not subject to CORS, so its handler
// asks the policy itself.
func ExampleRequest() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	mayConnect := func(c fiber.Ctx) bool {
		request := corsfiber3.Request(c)
		origin := request.Header.Field("Origin")
		if d := policy.Decide(c.RequestCtx(), request); origin == "" || d.Allowed() && d.AllowCredentials {
			return true // not a browser, or a page that may read with cookies
		}
		if site := request.Header.Field("Sec-Fetch-Site"); site != "" {
			return site == "same-origin"
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == request.Host // Chromium sends no Sec-Fetch-Site with a handshake
	}
	app := fiber.New()
	app.Get("/socket", func(c fiber.Ctx) error {
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

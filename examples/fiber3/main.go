// Command fiber3 is an API on fiber v3. Pages of https://app.example.com may read its responses, and pages
// of other websites may not. Try it:
//
//	$ go run .
//	$ curl -si -H "Origin: https://app.example.com" http://127.0.0.1:8080/items
//	HTTP/1.1 200 OK
//	Access-Control-Allow-Origin: https://app.example.com
//
//	$ curl -si -H "Origin: https://evil.example" -H "Access-Control-Request-Method: PUT" \
//	  -X OPTIONS http://127.0.0.1:8080/items
//	HTTP/1.1 403 Forbidden
//
// The responses have other lines too.
package main

import (
	"log"

	"github.com/gofiber/fiber/v3"
	"github.com/polycors/cors/adapters/corsfiber3"
)

func main() {
	app := fiber.New()
	app.Use(corsfiber3.New(corsfiber3.Config{AllowOrigins: []string{"https://app.example.com"}}))
	app.Get("/items", func(c fiber.Ctx) error { return c.JSON([]string{"bread", "apples"}) })
	log.Fatal(app.Listen("127.0.0.1:8080"))
}

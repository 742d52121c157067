// Command echo5 is an API on echo v5. Pages of https://app.example.com may read its responses, and pages
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

	"github.com/labstack/echo/v5"
	"github.com/polycors/cors/adapters/corsecho5"
)

func main() {
	e := echo.New()
	e.Use(corsecho5.New(corsecho5.Config{AllowOrigins: []string{"https://app.example.com"}}))
	e.GET("/items", func(c *echo.Context) error { return c.JSON(200, []string{"bread", "apples"}) })
	log.Fatal(e.Start("127.0.0.1:8080"))
}

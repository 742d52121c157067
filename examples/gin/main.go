// Command gin is an API on gin. Pages of https://app.example.com may read its responses, and pages
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

	"github.com/gin-gonic/gin"
	"github.com/polycors/cors/adapters/corsgin"
)

func main() {
	r := gin.New()
	r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}}))
	r.GET("/items", func(c *gin.Context) { c.JSON(200, []string{"bread", "apples"}) })
	log.Fatal(r.Run("127.0.0.1:8080"))
}

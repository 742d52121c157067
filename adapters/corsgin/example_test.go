package corsgin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}}))
	r.PUT("/items/:id", func(c *gin.Context) { c.Status(http.StatusNoContent) })

	preflight := httptest.NewRequest(http.MethodOptions, "/items/1", nil)
	preflight.Header.Set("Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "PUT")
	response := httptest.NewRecorder()
	r.ServeHTTP(response, preflight)
	fmt.Println(response.Code, response.Header().Get("Access-Control-Allow-Origin"))
	// Output: 204 https://app.example.com
}

// This example returns the problems of a Config as an error, instead of panicking as New does.
func ExampleMiddleware() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://a.example/"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := gin.New()
	r.Use(corsgin.Middleware(policy))
	// Output:
	// cors: AllowOrigins[0]: "https://a.example/": an origin has no path; write "https://a.example"
}

// This handler explains to a developer how the policy decides about the request.
func ExampleRequest() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.GET("/explain", func(c *gin.Context) {
		explanation := policy.Explain(c.Request.Context(), corsgin.Request(c))
		c.String(http.StatusOK, explanation.Decision.Reason.String())
	})

	request := httptest.NewRequest(http.MethodGet, "/explain", nil)
	request.Header.Set("Origin", "https://other.example.com")
	response := httptest.NewRecorder()
	r.ServeHTTP(response, request)
	fmt.Println(response.Body)
	// Output: origin-not-allowed
}

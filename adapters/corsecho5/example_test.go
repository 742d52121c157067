package corsecho5_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v5"

	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	e := echo.New()
	e.Use(corsecho5.New(corsecho5.Config{AllowOrigins: []string{"https://app.example.com"}}))
	e.PUT("/items/:id", func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) })

	preflight := httptest.NewRequest(http.MethodOptions, "/items/1", nil)
	preflight.Header.Set("Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "PUT")
	response := httptest.NewRecorder()
	e.ServeHTTP(response, preflight)
	fmt.Println(response.Code, response.Header().Get("Access-Control-Allow-Origin"))
	// Output: 204 https://app.example.com
}

// Problems of a Config as an error, where New would panic.
func ExampleMiddleware() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://a.example/"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := echo.New()
	e.Use(corsecho5.Middleware(policy))
	// Output:
	// cors: AllowOrigins[0]: "https://a.example/": an origin has no path; write "https://a.example"
}

// A handler that explains to a developer what the policy decides about the request.
func ExampleRequest() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := echo.New()
	e.GET("/explain", func(c *echo.Context) error {
		explanation := policy.Explain(c.Request().Context(), corsecho5.Request(c))
		return c.String(http.StatusOK, explanation.Decision.Reason.String())
	})

	request := httptest.NewRequest(http.MethodGet, "/explain", nil)
	request.Header.Set("Origin", "https://other.example.com")
	response := httptest.NewRecorder()
	e.ServeHTTP(response, request)
	fmt.Println(response.Body)
	// Output: origin-not-allowed
}

package corschi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	// With chi: r.Use(cors), on the root router. Here it wraps a handler.
	cors := corschi.New(corschi.Config{AllowOrigins: []string{"https://app.example.com"}})
	h := cors(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }))

	preflight := httptest.NewRequest(http.MethodOptions, "/items/1", nil)
	preflight.Header.Set("Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "PUT")
	response := httptest.NewRecorder()
	h.ServeHTTP(response, preflight)
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
	http.ListenAndServe(":8080", corschi.Middleware(policy)(http.NotFoundHandler())) // with chi: r.Use
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
	explain := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, policy.Explain(r.Context(), corschi.Request(r)).Decision.Reason)
	}

	request := httptest.NewRequest(http.MethodGet, "/explain", nil)
	request.Header.Set("Origin", "https://other.example.com")
	response := httptest.NewRecorder()
	explain(response, request)
	fmt.Print(response.Body)
	// Output: origin-not-allowed
}

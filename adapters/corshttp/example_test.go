package corshttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

func ExampleNew() {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /items/{id}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	handler := corshttp.New(corshttp.Config{AllowOrigins: []string{"https://app.example.com"}})(mux)

	preflight := httptest.NewRequest(http.MethodOptions, "/items/1", nil)
	preflight.Header.Set("Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "PUT")
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, preflight)
	fmt.Println(response.Code, response.Header().Get("Access-Control-Allow-Origin"))
	// Output: 204 https://app.example.com
}

// This example replaces the policy while the server is running. It returns the problems of a Config
// as an error.
func ExampleMiddleware() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	live := core.NewLive(policy)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "bread, apples") })
	handler := corshttp.Middleware(live)(mux)

	get := func() {
		request := httptest.NewRequest(http.MethodGet, "/items", nil)
		request.Header.Set("Origin", "https://shop.example.com")
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		fmt.Printf("%d %q\n", response.Code, response.Header().Get("Access-Control-Allow-Origin"))
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

// Browsers send cookies with WebSocket handshakes, and do not apply CORS to them. So the handler
// calls the policy itself.
func ExampleRequest() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	mayConnect := func(r *http.Request) bool {
		request := corshttp.Request(r)
		origin := request.Header.Field("Origin")
		if d := policy.Decide(r.Context(), request); origin == "" || d.Allowed() && d.AllowCredentials {
			return true // not a browser, or a page that may read with cookies
		}
		if site := request.Header.Field("Sec-Fetch-Site"); site != "" {
			return site == "same-origin"
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == request.Host // Chromium sends no Sec-Fetch-Site with a handshake
	}

	for _, origin := range []string{"https://app.example.com", "https://api.example.com", "https://evil.example"} {
		handshake := httptest.NewRequest(http.MethodGet, "https://api.example.com/socket", nil)
		handshake.Header.Set("Origin", origin)
		fmt.Println(origin, mayConnect(handshake))
	}
	// Output:
	// https://app.example.com true
	// https://api.example.com true
	// https://evil.example false
}

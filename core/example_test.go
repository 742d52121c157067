package core_test

import (
	"context"
	"fmt"

	"github.com/polycors/cors/core"
)

// Only under /api/: where no route matches and the top level names no origins, requests are left alone.
func ExampleRoute_onlyUnderAPI() {
	policy, err := core.New(core.Config{Routes: []core.Route{
		{Path: "/api/", Config: core.Config{AllowOrigins: []string{"https://app.example.com"}}},
	}})
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/api/items", "/api", "/", "/apis"} {
		d := policy.Decide(context.Background(), core.Request{
			Method: "GET", Path: path, Header: core.HeaderMap{"Origin": {"https://app.example.com"}},
		})
		fmt.Printf("%s %s %q %q\n", path, d.Reason, d.AllowOrigin, d.Vary)
	}
	// Output:
	// /api/items allowed "https://app.example.com" "Origin"
	// /api allowed "https://app.example.com" "Origin"
	// / no-policy "" ""
	// /apis no-policy "" ""
}

// Routers read some paths in different ways. Where that makes a difference to the policy, nothing is granted.
func ExampleRoute_ambiguousPath() {
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		Routes: []core.Route{
			{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
			{PathRegex: `/v[0-9]+/status`, Config: core.Config{AllowOrigins: []string{"*"}}},
		},
	})
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/PUBLIC/news", "/public//news", "/v2/status/", "//public/news", "/public/../items"} {
		d := policy.Decide(context.Background(), core.Request{
			Method: "GET", Path: path, Header: core.HeaderMap{"Origin": {"https://other.example"}},
		})
		fmt.Println(path, d.Reason)
	}
	// Output:
	// /PUBLIC/news allowed
	// /public//news allowed
	// /v2/status/ allowed
	// //public/news path-ambiguous
	// /public/../items path-ambiguous
}

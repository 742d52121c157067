// Command reverse-proxy puts a policy in front of a server that cannot be changed, even if that
// server sends CORS headers of its own. Try it with a server on 127.0.0.1:9000:
//
//	$ go run .
//	$ curl -si -H "Origin: https://app.example.com" http://127.0.0.1:8080/items
//	Access-Control-Allow-Origin: https://app.example.com
//
// The response has other lines too. It has only one Access-Control-Allow-Origin, even if the other
// server sends one.
package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

func main() {
	upstream := &url.URL{Scheme: "http", Host: "127.0.0.1:9000"}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
		// The proxy would add the upstream's headers to those of the policy. Browsers refuse a response
		// with two values, and a "*" of the upstream would allow everyone.
		ModifyResponse: func(r *http.Response) error {
			core.Strip(r.Header)
			return nil
		},
	}
	// The policy is around the proxy. So preflights do not reach the upstream, and pages can read the
	// proxy's own 502.
	cors := corshttp.New(corshttp.Config{
		AllowOrigins:     []string{"https://app.example.com"},
		AllowCredentials: true,
		ExposeHeaders:    []string{"X-Total-Count"},
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", cors(proxy)))
}

package main

import (
	"maps"
	"net"
	"net/http"
	"testing"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
)

var policy = corsfasthttp.Config{
	AllowOrigins: []string{"https://app.example.com"},
	AllowMethods: []string{"PUT"},
	AllowHeaders: []string{},
}

// The CORS headers that policy sets.
var (
	granted   = map[string]string{"Access-Control-Allow-Origin": "https://app.example.com", "Vary": "Origin"}
	preflight = map[string]string{
		"Access-Control-Allow-Methods": "PUT",
		"Access-Control-Allow-Origin":  "https://app.example.com",
		"Access-Control-Max-Age":       "86400",
		"Vary":                         "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
)

// TestAroundRouter checks that a middleware around the router sets the headers of all responses,
// and responds to every preflight.
func TestAroundRouter(t *testing.T) {
	r := router.New()
	r.GET("/get", ok)
	r.PUT("/put/", ok)
	r.GET("/p/{id}", ok)
	r.OPTIONS("/explicit", ok)
	r.Group("/api").GET("/g", ok)
	r.GlobalOPTIONS = ok
	url := serve(t, corsfasthttp.New(policy)(r.Handler))
	for _, test := range []struct {
		name, method, path string
		asks               string // Access-Control-Request-Method
		status             int
		allow              string
		cors               map[string]string
	}{
		{"route", "GET", "/get", "", 200, "", granted},
		{"parameter", "GET", "/p/42", "", 200, "", granted},
		{"not found", "GET", "/nope", "", 404, "", granted},
		{"method not allowed", "DELETE", "/get", "", 405, "GET, OPTIONS", granted},
		{"redirect to the slash", "PUT", "/put", "", 308, "", granted},
		{"redirect from the slash", "GET", "/get/", "", 301, "", granted},
		{"redirect to the lower case", "GET", "/GET", "", 301, "", granted},
		{"OPTIONS", "OPTIONS", "/get", "", 200, "GET, OPTIONS", granted},
		{"OPTIONS route", "OPTIONS", "/explicit", "", 200, "", granted},
		{"preflight", "OPTIONS", "/get", "PUT", 204, "", preflight},
		{"preflight of a parameter", "OPTIONS", "/p/42", "PUT", 204, "", preflight},
		{"preflight of a group", "OPTIONS", "/api/g", "GET", 204, "", preflight},
		{"preflight of nothing", "OPTIONS", "/nope", "PUT", 204, "", preflight},
		{"preflight of an OPTIONS route", "OPTIONS", "/explicit", "PUT", 204, "", preflight},
		{"preflight that would be redirected", "OPTIONS", "/put", "PUT", 204, "", preflight},
		{"preflight beside an OPTIONS route that would be redirected", "OPTIONS", "/explicit/", "PUT", 204, "", preflight},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, header := do(t, test.method, url+test.path, test.asks)
			if status != test.status || header.Get("Allow") != test.allow || !maps.Equal(cors(header), test.cors) {
				t.Errorf("got %d, Allow %q and\n%v, want %d, %q and\n%v",
					status, header.Get("Allow"), cors(header), test.status, test.allow, test.cors)
			}
		})
	}
}

// TestGlobalOPTIONS checks that the middleware removes the Allow header that the router sets before
// it runs.
func TestGlobalOPTIONS(t *testing.T) {
	r := router.New()
	r.GET("/get", ok)
	r.GlobalOPTIONS = corsfasthttp.New(policy)(ok)
	url := serve(t, r.Handler)
	status, header := do(t, "OPTIONS", url+"/get", "PUT")
	if status != 204 || header["Allow"] != nil || !maps.Equal(cors(header), preflight) {
		t.Errorf("preflight: got %d and %v", status, header)
	}
	status, header = do(t, "OPTIONS", url+"/get", "")
	if status != 200 || header.Get("Allow") != "GET, OPTIONS" || !maps.Equal(cors(header), granted) {
		t.Errorf("OPTIONS: got %d and %v", status, header)
	}
}

// TestAroundRoute checks what the documentation warns of: a middleware around a single route does
// not see preflights.
func TestAroundRoute(t *testing.T) {
	r := router.New()
	r.PUT("/put", corsfasthttp.New(policy)(ok))
	url := serve(t, r.Handler)
	if status, header := do(t, "OPTIONS", url+"/put", "PUT"); status != 200 || len(cors(header)) != 0 {
		t.Errorf("preflight: got %d and %v, want the router's own answer", status, header)
	}
	if status, header := do(t, "PUT", url+"/put", ""); status != 200 || !maps.Equal(cors(header), granted) {
		t.Errorf("actual: got %d and %v", status, header)
	}
}

func ok(ctx *fasthttp.RequestCtx) { ctx.WriteString("ok") }

// serve serves on loopback until the test ends.
func serve(t *testing.T, handler fasthttp.RequestHandler) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: handler, ReadBufferSize: 64 << 10}
	go server.Serve(l)
	t.Cleanup(func() { l.Close() })
	return "http://" + l.Addr().String()
}

// do sends a request from https://app.example.com. It does not follow redirects.
func do(t *testing.T, method, url, asks string) (int, http.Header) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://app.example.com")
	if asks != "" {
		r.Header.Set("Access-Control-Request-Method", asks)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

// cors returns the headers that a CORS middleware sets.
func cors(header http.Header) map[string]string {
	lines := map[string]string{}
	for name, values := range header {
		if name == "Vary" || len(name) > 15 && name[:15] == "Access-Control-" {
			for _, value := range values {
				lines[name] += value
			}
		}
	}
	return lines
}

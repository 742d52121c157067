package adaptertest

import "github.com/polycors/cors/core/internal/rawhttp"

// request returns the bytes of a request that asks the server to close the connection afterwards.
func request(method, target string, lines ...string) string {
	return rawhttp.Request(method, target, lines...)
}

// open is request for a connection that stays open.
func open(method, target string, lines ...string) string {
	return rawhttp.Open(method, target, lines...)
}

// get is an actual request of a page of that origin.
func get(origin string, more ...string) string {
	return request("GET", "/", append([]string{"Origin: " + origin}, more...)...)
}

// preflight asks for the method, without or with more lines.
func preflight(origin, method string, more ...string) string {
	lines := []string{"Origin: " + origin, "Access-Control-Request-Method: " + method}
	return request("OPTIONS", "/", append(lines, more...)...)
}

// asking is a preflight of https://app.example.com for PUT with those request headers.
func asking(headers ...string) string {
	lines := make([]string, len(headers))
	for i, h := range headers {
		lines[i] = "Access-Control-Request-Headers: " + h
	}
	return preflight("https://app.example.com", "PUT", lines...)
}

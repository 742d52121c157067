package adaptertest

import "github.com/polycors/cors/core/internal/rawhttp"

// request returns the bytes of a request that asks the server to close the connection afterwards.
func request(method, target string, lines ...string) string {
	return rawhttp.Request(method, target, lines...)
}

// open is like request, but does not ask the server to close the connection.
func open(method, target string, lines ...string) string {
	return rawhttp.Open(method, target, lines...)
}

// get returns an actual request from a page of the given origin.
func get(origin string, more ...string) string {
	return request("GET", "/", append([]string{"Origin: " + origin}, more...)...)
}

// preflight returns a preflight for the given method, with additional header lines.
func preflight(origin, method string, more ...string) string {
	lines := []string{"Origin: " + origin, "Access-Control-Request-Method: " + method}
	return request("OPTIONS", "/", append(lines, more...)...)
}

// asking returns a preflight from https://app.example.com for PUT with the given request headers.
func asking(headers ...string) string {
	lines := make([]string, len(headers))
	for i, h := range headers {
		lines[i] = "Access-Control-Request-Headers: " + h
	}
	return preflight("https://app.example.com", "PUT", lines...)
}

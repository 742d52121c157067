package main

import (
	"net"
	"strings"
)

// demoAPI is the small API that every framework serves. It does not depend on the framework.
type demoAPI struct {
	name string // of the framework
	next string // "host:port" of the next framework's server, which /away redirects to
}

// call has the parts of a request that the API needs.
type call struct {
	host          string // the Host field
	token         string // the query parameter t, by which the page finds its request in the journal
	cookie        string // the value of the API's own cookie
	authorization string
	contentType   string
	body          int // its length in bytes
}

// apiResponse is a response of the API. The body is written as JSON.
type apiResponse struct {
	status int
	header [][2]string
	body   map[string]any
}

// endpoint is a route. The segment ":id" matches any segment.
type endpoint struct {
	method, path string
	handle       func(*demoAPI, call) apiResponse
}

// endpoints lists all routes. For other requests each framework responds with its own 404 or 405.
var endpoints = []endpoint{
	{"GET", "/items", (*demoAPI).list},
	{"POST", "/items", (*demoAPI).change},
	{"PUT", "/items/1", (*demoAPI).change},
	{"PATCH", "/items/1", (*demoAPI).change},
	{"DELETE", "/items/1", (*demoAPI).change},
	{"PURGE", "/items/1", (*demoAPI).change},
	{"GET", "/public/items", (*demoAPI).list},
	{"GET", "/off/items", (*demoAPI).list},
	{"GET", "/reload/:id", (*demoAPI).list},
	{"POST", "/session", (*demoAPI).login},
	{"GET", "/me", (*demoAPI).me},
	{"GET", "/fail", (*demoAPI).fail},
	{"GET", "/panic", (*demoAPI).panic},
	{"GET", "/redirect", (*demoAPI).redirect},
	{"GET", "/away", (*demoAPI).away},
}

// braced returns the path as net/http and chi write it.
func (e endpoint) braced() string { return strings.Replace(e.path, ":id", "{id}", 1) }

// cookieName returns the name of the framework's cookie. Each framework has its own, because a
// browser sends the cookies of a host to all its ports.
func (a *demoAPI) cookieName() string {
	return "playground-" + strings.NewReplacer("/", "", " ", "").Replace(a.name) // neither is valid in a name
}

func (a *demoAPI) list(call) apiResponse {
	header := [][2]string{{"X-Total-Count", "2"}, {"X-Internal", "shard-7"}}
	return apiResponse{200, header, map[string]any{"items": []string{"bread", "apples"}, "by": a.name}}
}

func (a *demoAPI) change(c call) apiResponse {
	return apiResponse{200, nil, map[string]any{"done": true, "type": c.contentType, "bytes": c.body, "by": a.name}}
}

// login sets a cookie. Pages of the same host send it along, even if their port is another one.
func (a *demoAPI) login(call) apiResponse {
	cookie := a.cookieName() + "=ada; Path=/; Max-Age=300; HttpOnly; SameSite=Lax"
	return apiResponse{200, [][2]string{{"Set-Cookie", cookie}}, map[string]any{"name": "ada"}}
}

func (a *demoAPI) me(c call) apiResponse {
	name := "nobody"
	switch {
	case c.cookie != "":
		name = "ada, by cookie"
	case strings.HasPrefix(c.authorization, "Bearer "):
		name = "ada, by token"
	}
	return apiResponse{200, nil, map[string]any{"name": name}}
}

func (a *demoAPI) fail(call) apiResponse {
	return apiResponse{500, nil, map[string]any{"error": "this endpoint always fails"}}
}

func (a *demoAPI) panic(call) apiResponse { panic("GET /panic does what it says") }

// panicked returns the response after a panic.
func panicked() apiResponse { return apiResponse{500, nil, map[string]any{"error": "internal error"}} }

func (a *demoAPI) redirect(c call) apiResponse {
	return apiResponse{302, [][2]string{{"Location", "/items?t=" + cleanToken(c.token)}}, nil}
}

// away redirects to another origin. That is always on this machine, even if Host names another one.
func (a *demoAPI) away(c call) apiResponse {
	_, port, _ := net.SplitHostPort(a.next)
	host := "127.0.0.1"
	if name, _, _ := net.SplitHostPort(c.host); name == "localhost" {
		host = name
	}
	location := "http://" + net.JoinHostPort(host, port) + "/items?t=" + cleanToken(c.token)
	return apiResponse{302, [][2]string{{"Location", location}}, nil}
}

const maxToken = 40

// cleanToken returns the token if it looks like those of the page, and "" otherwise.
func cleanToken(token string) string {
	if len(token) > maxToken || strings.Trim(token, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return strings.Clone(token) // fasthttp reuses the memory of the original
}

package main

import (
	"net"
	"strings"
)

// api is the small API that every framework serves, without the framework.
type api struct {
	name string // of the framework
	next string // "host:port" of the next framework's server, which /away redirects to
}

// call is what the API reads of a request.
type call struct {
	host          string // the Host field
	token         string // the query parameter t, by which the page finds its request in the journal
	cookie        string // the value of the API's own cookie
	authorization string
	contentType   string
	body          int // its length in bytes
}

// answer is what the API answers. Body is to be written as JSON.
type answer struct {
	status int
	header [][2]string
	body   map[string]any
}

// endpoint is a route; a segment ":id" stands for any one segment.
type endpoint struct {
	method, path string
	handle       func(*api, call) answer
}

// endpoints are all routes. Anything else is the framework's own 404 or 405.
var endpoints = []endpoint{
	{"GET", "/items", (*api).list},
	{"POST", "/items", (*api).change},
	{"PUT", "/items/1", (*api).change},
	{"PATCH", "/items/1", (*api).change},
	{"DELETE", "/items/1", (*api).change},
	{"PURGE", "/items/1", (*api).change},
	{"GET", "/public/items", (*api).list},
	{"GET", "/off/items", (*api).list},
	{"GET", "/reload/:id", (*api).list},
	{"POST", "/session", (*api).login},
	{"GET", "/me", (*api).me},
	{"GET", "/fail", (*api).fail},
	{"GET", "/panic", (*api).panic},
	{"GET", "/redirect", (*api).redirect},
	{"GET", "/away", (*api).away},
}

// braced returns the path as net/http and chi write it.
func (e endpoint) braced() string { return strings.Replace(e.path, ":id", "{id}", 1) }

// cookieName is the framework's own, for browsers do not tell the ports of a host apart.
func (a *api) cookieName() string { return "playground-" + strings.ReplaceAll(a.name, "/", "") }

func (a *api) list(call) answer {
	return answer{200, [][2]string{{"X-Total-Count", "2"}, {"X-Internal", "shard-7"}}, map[string]any{"items": []string{"bread", "apples"}, "by": a.name}}
}

func (a *api) change(c call) answer {
	return answer{200, nil, map[string]any{"done": true, "type": c.contentType, "bytes": c.body, "by": a.name}}
}

// login sets a cookie that browsers send along from pages of the same host, whatever their port.
func (a *api) login(call) answer {
	return answer{200, [][2]string{{"Set-Cookie", a.cookieName() + "=ada; Path=/; Max-Age=300; HttpOnly; SameSite=Lax"}}, map[string]any{"name": "ada"}}
}

func (a *api) me(c call) answer {
	name := "nobody"
	switch {
	case c.cookie != "":
		name = "ada, by cookie"
	case strings.HasPrefix(c.authorization, "Bearer "):
		name = "ada, by token"
	}
	return answer{200, nil, map[string]any{"name": name}}
}

func (a *api) fail(call) answer {
	return answer{500, nil, map[string]any{"error": "this endpoint always fails"}}
}

func (a *api) panic(call) answer { panic("GET /panic does what it says") }

// panicked is what to answer after a panic.
func panicked() answer { return answer{500, nil, map[string]any{"error": "internal error"}} }

func (a *api) redirect(c call) answer {
	return answer{302, [][2]string{{"Location", "/items?t=" + cleanToken(c.token)}}, nil}
}

// away redirects to another origin, on this machine whatever Host says.
func (a *api) away(c call) answer {
	_, port, _ := net.SplitHostPort(a.next)
	host := "127.0.0.1"
	if name, _, _ := net.SplitHostPort(c.host); name == "localhost" {
		host = name
	}
	return answer{302, [][2]string{{"Location", "http://" + net.JoinHostPort(host, port) + "/items?t=" + cleanToken(c.token)}}, nil}
}

const maxToken = 40

// cleanToken returns a token as the page makes them, and "" for anything else.
func cleanToken(token string) string {
	if len(token) > maxToken || strings.Trim(token, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return strings.Clone(token) // of fasthttp it is a view
}

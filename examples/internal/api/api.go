// Package api has the parts of a small API that do not depend on a framework: a list of items,
// logins, the CORS policy, and starting and stopping a server. Each folder in this one has the API
// on one framework. Programs to copy, which are much shorter, are in the examples folder itself.
//
// The API has these routes, whose handlers call a [Store]:
//
//	GET, POST            /items        the list, with its length in X-Total-Count; a new item
//	GET, PUT, DELETE     /items/{id}   one item
//	POST                 /login        sets a cookie
//	GET                  /me           reads the cookie
//	GET                  /fail         responds with 500
//	GET                  /panic        panics; the framework's recovery responds with 500
//
// Requests and responses have JSON bodies. The body of an error is {"error":"…"}.
package api

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/polycors/cors/core"
)

// Policy returns the CORS policy of the API.
func Policy() core.Config {
	return core.Config{
		AllowOrigins:     []string{"https://app.example.com", "http://localhost:*"},
		AllowCredentials: true,
		ExposeHeaders:    []string{"X-Total-Count"},
		MaxAge:           10 * time.Minute,
	}
}

// Response is the response of a route. Body is never nil, and is written as JSON.
type Response struct {
	Status int
	Body   any
}

// Fail returns the response of /fail.
func Fail() Response {
	return refuse(http.StatusInternalServerError, "this endpoint always fails")
}

// Panicked returns the response after a panic. It does not tell the client what happened.
func Panicked() Response {
	return refuse(http.StatusInternalServerError, "internal error")
}

func refuse(status int, format string, args ...any) Response {
	return Response{status, struct {
		Error string `json:"error"`
	}{fmt.Sprintf(format, args...)}}
}

// Store has the data of the API. It is in memory, and its size is bounded. The methods may be
// called concurrently, and do not retain their arguments.
type Store struct {
	mu       sync.Mutex
	items    []Item // by ascending ID; len(items) <= maxItems
	lastID   int
	sessions []session // oldest first; len(sessions) <= maxSessions
}

// NewStore returns a Store with two items, and nobody logged in.
func NewStore() *Store {
	return &Store{
		items:  []Item{{ID: 1, Name: "bread", Quantity: 1}, {ID: 2, Name: "apples", Quantity: 6}},
		lastID: 2,
	}
}

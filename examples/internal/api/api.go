// Package api is what the examples have in common: a list of items, who is logged in, the CORS policy, and how a server
// starts and stops. It knows no framework. Each example is the routes of one framework, which call a [Store]:
//
//	GET, POST            /items        the list, its length in X-Total-Count; a new item
//	GET, PUT, DELETE     /items/{id}   one item
//	POST                 /login        sets a cookie
//	GET                  /me           reads it
//	GET                  /fail         answers 500
//	GET                  /panic        panics; whatever the framework has against that answers 500
//
// Bodies, both ways, are JSON. What is refused is answered with {"error":"…"}.
package api

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/polycors/cors/core"
)

// Policy returns the CORS policy of every example.
func Policy() core.Config {
	return core.Config{
		AllowOrigins:     []string{"https://app.example.com", "http://localhost:*"},
		AllowCredentials: true,
		ExposeHeaders:    []string{"X-Total-Count"},
		MaxAge:           10 * time.Minute,
	}
}

// Answer is what a route answers with. Body is to be written as JSON, and is never nil.
type Answer struct {
	Status int
	Body   any
}

// Fail is the answer of /fail.
func Fail() Answer {
	return refuse(http.StatusInternalServerError, "this endpoint always fails")
}

// Panicked is what to answer after a panic. It does not tell the client what happened.
func Panicked() Answer {
	return refuse(http.StatusInternalServerError, "internal error")
}

func refuse(status int, format string, args ...any) Answer {
	return Answer{status, struct {
		Error string `json:"error"`
	}{fmt.Sprintf(format, args...)}}
}

// Store holds what an example knows, in memory and within bounds. Its methods may be called concurrently and keep nothing
// that they are given.
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

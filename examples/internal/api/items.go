package api

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxItems    = 100
	maxName     = 80 // characters
	maxQuantity = 1000
)

// Item is one entry of a shopping list.
type Item struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// Items returns all items, oldest first. The slice is a copy.
func (s *Store) Items() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Item{}, s.items...) // an empty list is [], not null
}

// Get responds with the item that has the id.
func (s *Store) Get(id string) Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, refusal, ok := s.find(id)
	if !ok {
		return refusal
	}
	return Response{http.StatusOK, s.items[i]}
}

// Add adds the item in the body, and responds with it. An id in the body is ignored.
func (s *Store) Add(contentType string, body io.Reader) Response {
	item, refusal, ok := decodeItem(contentType, body)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) >= maxItems {
		return refuse(http.StatusConflict, "the list is full (%d items); delete one first", maxItems)
	}
	s.lastID++
	item.ID = s.lastID
	s.items = append(s.items, item)
	return Response{http.StatusCreated, item}
}

// Replace replaces the item that has the id by the one in the body, and responds with the new item.
// An id in the body is ignored.
func (s *Store) Replace(id, contentType string, body io.Reader) Response {
	item, refusal, ok := decodeItem(contentType, body)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, refusal, ok := s.find(id)
	if !ok {
		return refusal
	}
	item.ID = s.items[i].ID
	s.items[i] = item
	return Response{http.StatusOK, item}
}

// Delete removes the item that has the id, and responds with it.
func (s *Store) Delete(id string) Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, refusal, ok := s.find(id)
	if !ok {
		return refusal
	}
	item := s.items[i]
	s.items = slices.Delete(s.items, i, i+1)
	return Response{http.StatusOK, item}
}

// find returns the index of the item that has the id, or false and a response that says what is
// wrong. The caller has locked s.mu.
func (s *Store) find(id string) (int, Response, bool) {
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 {
		return 0, refuse(http.StatusBadRequest, "an id is a positive number, as in /items/1"), false
	}
	i, ok := slices.BinarySearchFunc(s.items, n, func(item Item, n int) int { return item.ID - n })
	if !ok {
		return 0, refuse(http.StatusNotFound, "there is no item %d", n), false
	}
	return i, Response{}, true
}

func decodeItem(contentType string, body io.Reader) (Item, Response, bool) {
	const example = `{"name":"bread","quantity":2}`
	var item Item
	if refusal, ok := decode(contentType, body, &item, example); !ok {
		return item, refusal, false
	}
	item.Name = strings.TrimSpace(item.Name)
	switch {
	case item.Name == "":
		return item, refuse(http.StatusBadRequest, `"name" is missing or blank; send JSON such as %s`, example), false
	case utf8.RuneCountInString(item.Name) > maxName:
		return item, refuse(http.StatusBadRequest, `"name" has more than %d characters`, maxName), false
	case item.Quantity < 1 || item.Quantity > maxQuantity:
		return item, refuse(http.StatusBadRequest, `"quantity" is not between 1 and %d; send JSON such as %s`,
			maxQuantity, example), false
	}
	return item, Response{}, true
}

package api

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/polycors/cors/core"
)

const asJSON = "application/json"

func TestPolicyIsValid(t *testing.T) {
	if _, err := core.New(Policy()); err != nil {
		t.Error(err)
	}
}

func TestAddRefuses(t *testing.T) {
	for _, test := range []struct {
		name, contentType, body string
		status                  int
		want                    string // a part of the body
	}{
		{"no content type", "", `{"name":"milk","quantity":2}`, 415, `with Content-Type: application/json`},
		{"form", "application/x-www-form-urlencoded", `name=milk&quantity=2`, 415, `with Content-Type: application/json`},
		{
			"text", "text/plain; x=application/json", `{"name":"milk","quantity":2}`, 415,
			`with Content-Type: application/json`,
		},
		{"empty", asJSON, ``, 400, `the body is empty; send JSON such as {"name":"bread","quantity":2}`},
		{"not JSON", asJSON, `name`, 400, `the body cannot be used (`},
		{"cut off", asJSON, `{"name":"milk`, 400, `the body cannot be used (unexpected EOF)`},
		{"two values", asJSON, `{"name":"milk","quantity":2}{}`, 400, `more than one value`},
		{"rubbish at the end", asJSON, `{"name":"milk","quantity":2}x`, 400, `more than one value`},
		{"array", asJSON, `[]`, 400, `the body has the wrong type (array)`},
		{"null", asJSON, `null`, 400, `"name" is missing`},
		{"unknown field", asJSON, `{"name":"milk","quantity":2,"price":3}`, 400, `unknown field "price"`},
		{"no name", asJSON, `{"quantity":2}`, 400, `"name" is missing`},
		{"name of spaces", asJSON, `{"name":" \t","quantity":2}`, 400, `"name" is missing or blank`},
		{"name of the wrong type", asJSON, `{"name":1,"quantity":2}`, 400, `"name" has the wrong type (number)`},
		{
			"name too long", asJSON, `{"name":"` + strings.Repeat("ä", 81) + `","quantity":2}`, 400,
			`"name" has more than 80 characters`,
		},
		{"no quantity", asJSON, `{"name":"milk"}`, 400, `"quantity" is not between 1 and 1000`},
		{"quantity too high", asJSON, `{"name":"milk","quantity":1001}`, 400, `"quantity" is not between 1 and 1000`},
		{
			"quantity of the wrong type", asJSON, `{"name":"milk","quantity":"2"}`, 400,
			`"quantity" has the wrong type (string)`,
		},
		{"fraction", asJSON, `{"name":"milk","quantity":1.5}`, 400, `"quantity" has the wrong type (number 1.5)`},
		{
			"too large", asJSON, `{"name":"milk","quantity":2}` + strings.Repeat(" ", 64<<10), 413,
			`more than 65536 bytes`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := NewStore()
			got := s.Add(test.contentType, strings.NewReader(test.body))
			if got.Status != test.status || !strings.Contains(text(t, got), test.want) {
				t.Errorf("got %d %s, want %d and %s", got.Status, text(t, got), test.status, test.want)
			}
			if n := len(s.Items()); n != 2 {
				t.Errorf("got %d items after a refusal, want 2", n)
			}
		})
	}

	broken := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(`{}`)))
	if got := NewStore().Add(asJSON, broken); got.Status != 400 {
		t.Errorf("unreadable body: got %d %s", got.Status, text(t, got))
	}
}

func TestAddAccepts(t *testing.T) {
	for _, test := range []struct{ name, contentType, body string }{
		{"charset", "application/json; charset=utf-8", `{"name":"milk","quantity":2}`},
		{"upper case", "Application/JSON", `{"name":"milk","quantity":2}`},
		{"spaces", asJSON, ` { "name" : " milk ", "quantity" : 2 } ` + "\n"},
		{"an id, which is ignored", asJSON, `{"id":1,"name":"milk","quantity":2}`},
		{"64 KiB", asJSON, `{"name":"milk","quantity":2}` + strings.Repeat(" ", 64<<10-28)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := NewStore()
			want := Item{ID: 3, Name: "milk", Quantity: 2}
			if got := s.Add(test.contentType, strings.NewReader(test.body)); got != (Response{201, want}) {
				t.Errorf("got %d %s", got.Status, text(t, got))
			}
			if got := s.Get("3"); got != (Response{200, want}) {
				t.Errorf("got %d %s", got.Status, text(t, got))
			}
		})
	}
}

func TestIDs(t *testing.T) {
	s := NewStore()
	for id, status := range map[string]int{
		"1": 200, "2": 200, "3": 404, "9223372036854775807": 404,
		"": 400, "0": 400, "-1": 400, "one": 400, "1.0": 400, "9223372036854775808": 400,
	} {
		if got := s.Get(id); got.Status != status {
			t.Errorf("Get(%q): got %d %s, want %d", id, got.Status, text(t, got), status)
		}
	}
	// An id is never used twice.
	s.Delete("2")
	got := s.Add(asJSON, strings.NewReader(`{"name":"milk","quantity":2}`))
	if want := (Response{201, Item{3, "milk", 2}}); got != want {
		t.Errorf("got %s", text(t, got))
	}
	for _, item := range s.Items() {
		s.Delete(strconv.Itoa(item.ID))
	}
	if got := text(t, Response{200, s.Items()}); got != "[]" {
		t.Errorf("the empty list: got %s, want []", got)
	}
}

func TestItemsIsACopy(t *testing.T) {
	s := NewStore()
	s.Items()[0].Name = "oops"
	if got := s.Items()[0].Name; got != "bread" {
		t.Errorf("got %s, want bread", got)
	}
}

func TestBounds(t *testing.T) {
	s := NewStore()
	for i := range 98 {
		if got := s.Add(asJSON, strings.NewReader(`{"name":"milk","quantity":2}`)); got.Status != 201 {
			t.Fatalf("item %d: got %d %s", i+3, got.Status, text(t, got))
		}
	}
	if got := s.Add(asJSON, strings.NewReader(`{"name":"milk","quantity":2}`)); got.Status != 409 {
		t.Errorf("item 101: got %d %s", got.Status, text(t, got))
	}

	first := login(t, s, "p0")
	for i := 1; i < 100; i++ {
		login(t, s, fmt.Sprint("p", i))
	}
	if got := s.Me(first); got != (Response{200, person{"p0"}}) {
		t.Errorf("100 sessions: the first is %d %s", got.Status, text(t, got))
	}
	last := login(t, s, "p100")
	if got := s.Me(first); got.Status != 401 {
		t.Errorf("101 sessions: the first is %d %s", got.Status, text(t, got))
	}
	if got := s.Me(last); got != (Response{200, person{"p100"}}) {
		t.Errorf("101 sessions: the last is %d %s", got.Status, text(t, got))
	}
	if n := len(s.sessions); n != 100 {
		t.Errorf("got %d sessions, want 100", n)
	}
}

// TestConcurrentUse finds a missing lock if it runs with -race.
func TestConcurrentUse(t *testing.T) {
	s := NewStore()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				added := s.Add(asJSON, strings.NewReader(`{"name":"milk","quantity":2}`))
				if added.Status != 201 {
					t.Errorf("got %d", added.Status)
					return
				}
				id := strconv.Itoa(added.Body.(Item).ID)
				s.Items()
				s.Replace(id, asJSON, strings.NewReader(`{"name":"milk","quantity":3}`))
				if got := s.Delete(id).Body.(Item).Quantity; got != 3 {
					t.Errorf("got quantity %d, want 3", got)
				}
				s.Me(login(t, s, "ada"))
			}
		})
	}
	wg.Wait()
	if n := len(s.Items()); n != 2 {
		t.Errorf("got %d items, want 2", n)
	}
}

func login(t *testing.T, s *Store, name string) string {
	t.Helper()
	cookie, response := s.Login(asJSON, strings.NewReader(`{"name":"`+name+`"}`))
	if response != (Response{200, person{name}}) {
		t.Errorf("login: got %d", response.Status)
		return ""
	}
	return cookie.Value
}

// text returns the body as clients get it, but with unescaped quotes.
func text(t *testing.T, response Response) string {
	t.Helper()
	data, err := json.Marshal(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), `\"`, `"`)
}

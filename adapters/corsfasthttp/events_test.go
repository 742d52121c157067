package corsfasthttp_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
)

// eventClients is how many clients TestSoakEvents has.
const eventClients = 16

// TestSoakEvents sends requests from several clients at once, and passes a clone of each Event to
// another goroutine, which reads it when the server has long reused the memory of the request. Each
// request has its own number in every part that an Event refers to. Run it with -race.
func TestSoakEvents(t *testing.T) {
	events := make(chan core.Event, 256)
	cfg := policy
	cfg.OnDecision = func(_ context.Context, e core.Event) { events <- e.Clone() }
	addr := start(t, &fasthttp.Server{Handler: corsfasthttp.New(cfg)(func(ctx *fasthttp.RequestCtx) {
		ctx.Request.Header.VisitAll(func(_, value []byte) { clear(value) })
		ctx.Request.SetRequestURI("/overwritten")
	})})

	checked := make(chan int)
	go func() { checked <- checkEvents(t, events) }()
	perClient := (*soak + eventClients - 1) / eventClients
	var clients sync.WaitGroup
	for client := range eventClients {
		clients.Go(func() {
			c := dial(t, addr)
			for n := range perClient {
				c.SetDeadline(time.Now().Add(20 * time.Second))
				c.send(eventRequest(client, n))
				if _, err := c.read("GET"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	clients.Wait()
	close(events)
	if got, want := <-checked, perClient*eventClients; got != want {
		t.Errorf("%d events were right, want %d", got, want)
	}
}

// eventLabel returns a text that no other request has.
func eventLabel(client, n int) string {
	return strings.Repeat(string(rune('a'+client)), 1+n%30) + strconv.Itoa(n)
}

// eventRequest returns the request with number n. Every other one is a preflight that is refused
// because of a header.
func eventRequest(client, n int) string {
	label := eventLabel(client, n)
	lines := []string{"Origin: https://" + label + ".sub.example"}
	method := "GET"
	if n%2 == 1 {
		method = "OPTIONS"
		lines = append(lines, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-"+label)
	}
	first := fmt.Sprintf("%s /%s HTTP/1.1\r\nHost: %s.example\r\n", method, label, label)
	return first + strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// checkEvents compares each event with the request that it is about. It looks at an event only
// after 64 others have arrived. It returns how many events were right.
func checkEvents(t *testing.T, events <-chan core.Event) (right int) {
	var next [eventClients]int // the number of the next request of each client
	wrong := 0
	check := func(e core.Event) {
		client := -1
		if len(e.Request.Path) > 1 {
			client = int(e.Request.Path[1]) - 'a'
		}
		if client < 0 || client >= eventClients {
			wrong++
			if wrong < 5 {
				t.Errorf("got an event with the path %q, which nobody has requested", e.Request.Path)
			}
			return
		}
		n := next[client]
		next[client]++
		label := eventLabel(client, n)
		want := [...]string{"GET", "/" + label, label + ".example", "https://" + label + ".sub.example", "", ""}
		if n%2 == 1 {
			want[0], want[4], want[5] = "OPTIONS", "x-"+label, "x-"+label
		}
		got := [...]string{
			e.Request.Method, e.Request.Path, e.Request.Host, e.Request.Header.Field("Origin"),
			e.Request.Header.Field("Access-Control-Request-Headers"), e.Refused,
		}
		if got == want {
			right++
			return
		}
		wrong++
		if wrong < 5 {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	var late []core.Event
	for e := range events {
		late = append(late, e)
		if len(late) > 64 {
			check(late[0])
			late = late[1:]
		}
	}
	for _, e := range late {
		check(e)
	}
	return right
}

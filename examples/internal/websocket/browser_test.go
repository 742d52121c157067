package websocket

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	gorilla "github.com/gorilla/websocket"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/browser"
)

// TestBrowser checks that a browser lets every page open a socket with the visitor's cookies,
// whatever the response to the handshake says. With the check, only the pages that may connect can
// open one.
func TestBrowser(t *testing.T) {
	chromium := browser.New(t)
	page := func() *httptest.Server {
		s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<!doctype html>")
		}))
		s.Start()
		return s
	}
	listed, other := page(), page()

	p := policy(t, core.Config{AllowOrigins: []string{listed.URL}, AllowCredentials: true})
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "ada", HttpOnly: true})
		io.WriteString(w, "<!doctype html>")
	})
	mux.HandleFunc("/data", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, greeting(r)) })
	for path, may := range map[string]func(*http.Request) bool{"/checked": checkOrigin(p), "/unchecked": everyone} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			upgrader := gorilla.Upgrader{CheckOrigin: may}
			c, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return // the library has responded
			}
			defer c.Close()
			c.WriteMessage(gorilla.TextMessage, []byte(greeting(r)))
			c.SetReadDeadline(time.Now().Add(limit))
			c.ReadMessage() // until the page closes it
		})
	}
	server := newServer(t, corshttp.Middleware(p)(mux))
	server.Start()

	ctx, cancel := context.WithTimeout(chromium, time.Minute)
	defer cancel()
	for _, tt := range []struct {
		name, url                string
		data, checked, unchecked string
	}{
		{"the server's own page", server.URL, "hello ada", "hello ada", "hello ada"}, // first: it brings the cookie
		{"a listed page", listed.URL, "hello ada", "hello ada", "hello ada"},
		{"another page", other.URL, "refused", "refused", "hello ada"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := chromedp.Do(ctx, chromedp.Navigate(tt.url)); err != nil {
				t.Fatal(err)
			}
			try := func(what, expression, path, want string) {
				expression = fmt.Sprintf(expression, server.Listener.Addr().String()+path)
				got, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
				if err != nil || got != want {
					t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
				}
			}
			const fetch = `fetch("http://%s", {credentials: "include"}).then(r => r.text(), () => "refused")`
			const connect = `new Promise(resolve => {
				const socket = new WebSocket("ws://%s")
				socket.onmessage = e => { resolve(e.data); socket.close() }
				socket.onerror = () => resolve("refused")
			})`
			try("fetch", fetch, "/data", tt.data)
			try("a socket with the check", connect, "/checked", tt.checked)
			try("a socket without it", connect, "/unchecked", tt.unchecked)
		})
	}
}

// greeting returns a text that shows whether the visitor's cookie was sent.
func greeting(r *http.Request) string {
	session, err := r.Cookie("session")
	if err != nil {
		return "hello nobody"
	}
	return "hello " + session.Value
}

package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
)

// TestServeFinishesRequests checks that a request gets its response if the server is stopped while
// the handler runs.
func TestServeFinishesRequests(t *testing.T) {
	handling, finish := make(chan bool), make(chan bool)
	server := &listening{addr: make(chan string, 1)}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		handling <- true
		<-finish
		io.WriteString(w, "done")
	})
	stopping := make(chan bool)
	server.RegisterOnShutdown(func() { close(stopping) })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, "test", []string{"-addr", "127.0.0.1:0"}, io.Discard, server) }()

	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + <-server.addr)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			answered <- err.Error()
			return
		}
		answered <- string(body)
	}()
	<-handling
	cancel()
	select {
	case <-stopping:
	case err := <-ended:
		t.Fatalf("Serve returned %v while a request was under way", err)
	}
	close(finish)
	if got := <-answered; got != "done" {
		t.Errorf("got %q, want %q", got, "done")
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// listening is a server that sends its address on a channel.
type listening struct {
	http.Server
	addr chan string
}

func (s *listening) Serve(l net.Listener) error {
	s.addr <- l.Addr().String()
	return s.Server.Serve(l)
}

func TestServeReportsAFailure(t *testing.T) {
	err := Serve(t.Context(), "test", []string{"-addr", "127.0.0.1:0"}, io.Discard, broken{})
	if !errors.Is(err, errBroken) {
		t.Errorf("got %v, want %v", err, errBroken)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Serve(net.Listener) error       { return errBroken }
func (broken) Shutdown(context.Context) error { return nil }

func TestBaseURL(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		"0.0.0.0:8080":   "http://127.0.0.1:8080",
		"[::]:8080":      "http://127.0.0.1:8080",
		"[::1]:8080":     "http://[::1]:8080",
		"192.0.2.1:80":   "http://192.0.2.1:80",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := BaseURL(tcp); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

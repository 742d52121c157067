package websocket

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/polycors/cors/core"
)

// TestWriter checks that the ResponseWriter which a handler gets has the same optional interfaces
// with and without an adapter, and that they work. gin has Pusher under another method name. gin
// and echo implement Hijacker and Flusher even if the server's writer does not, so the writers
// inside theirs are checked too.
func TestWriter(t *testing.T) {
	protocols := []struct {
		name string
		h2   bool
		want map[string][]string // outermost writer first
	}{
		{"HTTP/1.1", false, map[string][]string{
			"corshttp":  {"Flusher Hijacker ReaderFrom"},
			"corschi":   {"Flusher Hijacker ReaderFrom"},
			"corsgin":   {"Flusher Hijacker Unwrap", "Flusher Hijacker ReaderFrom"},
			"corsecho":  {"Flusher Hijacker Unwrap", "Flusher Hijacker ReaderFrom"},
			"corsecho5": {"Flusher Hijacker Unwrap", "Flusher Hijacker ReaderFrom"},
		}},
		{"HTTP/2", true, map[string][]string{
			"corshttp":  {"Flusher Pusher"},
			"corschi":   {"Flusher Pusher"},
			"corsgin":   {"Flusher Hijacker Unwrap", "Flusher Pusher"},
			"corsecho":  {"Flusher Hijacker Unwrap", "Flusher Pusher"},
			"corsecho5": {"Flusher Hijacker Unwrap", "Flusher Pusher"},
		}},
	}
	for _, protocol := range protocols {
		for _, adapter := range family {
			t.Run(protocol.name+"/"+adapter.name, func(t *testing.T) {
				find := func(deciders ...core.Decider) (found []string) {
					h := func(w http.ResponseWriter, _ *http.Request) { found = writers(w) }
					server := newServer(t, adapter.inside(h, deciders...))
					startTLS(server, protocol.h2)
					response, err := server.Client().Get(server.URL + "/socket")
					if err != nil {
						t.Fatal(err)
					}
					response.Body.Close()
					return found
				}
				want := protocol.want[adapter.name]
				if got := find(); !slices.Equal(got, want) {
					t.Errorf("without an adapter: got %q, want %q", got, want)
				}
				if got := find(policy(t, credentials)); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				if got := find(policy(t, credentials), policy(t, credentials)); !slices.Equal(got, want) {
					t.Errorf("two adapters: got %q, want %q", got, want)
				}
			})
		}
	}
}

// writers returns the interfaces of w, then those of the writer that it wraps, and so on.
func writers(w http.ResponseWriter) (found []string) {
	for w != nil {
		var names []string
		add := func(name string, ok bool) {
			if ok {
				names = append(names, name)
			}
		}
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, pusher := w.(http.Pusher)
		_, readerFrom := w.(io.ReaderFrom)
		wrapper, wraps := w.(interface{ Unwrap() http.ResponseWriter })
		add("Flusher", flusher)
		add("Hijacker", hijacker)
		add("Pusher", pusher)
		add("ReaderFrom", readerFrom)
		add("Unwrap", wraps)
		found = append(found, strings.Join(names, " "))
		if w = nil; wraps {
			w = wrapper.Unwrap()
		}
	}
	return found
}

// TestFlush checks that flushed data arrives while the handler is still running.
func TestFlush(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		for _, adapter := range family {
			t.Run(fmt.Sprintf("%s/HTTP2 %v", adapter.name, h2), func(t *testing.T) {
				arrived := make(chan struct{})
				server := newServer(t, adapter.inside(func(w http.ResponseWriter, r *http.Request) {
					io.WriteString(w, "first")
					w.(http.Flusher).Flush()
					select {
					case <-arrived:
						io.WriteString(w, "last")
					case <-time.After(limit):
					}
				}, policy(t, credentials)))
				startTLS(server, h2)
				response, err := server.Client().Get(server.URL + "/socket")
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				first := make([]byte, 5)
				_, err = io.ReadFull(response.Body, first)
				close(arrived)
				rest, _ := io.ReadAll(response.Body)
				if string(first) != "first" || err != nil || string(rest) != "last" {
					t.Errorf("got %q (%v), then %q, want first, then last", first, err, rest)
				}
			})
		}
	}
}

// TestPush checks that a push over HTTP/2 arrives, and that the pushed response has the policy's
// headers for the request that it promises.
func TestPush(t *testing.T) {
	for _, adapter := range family {
		t.Run(adapter.name, func(t *testing.T) {
			pushed := make(chan error, 1)
			server := newServer(t, adapter.inside(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					pushed <- push(w, "/socket?pushed", &http.PushOptions{Header: http.Header{"Origin": {app}}})
				}
			}, policy(t, credentials)))
			startTLS(server, true)
			promised, answer, err := getWithPush(server, "/socket")
			select {
			case err := <-pushed:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(limit): // the response may arrive before Push returns
				t.Fatalf("the handler has pushed nothing (%v)", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := "/socket?pushed"; promised != want || !slices.Equal(answer, granted) {
				t.Errorf("got a promise of %q and the answer %q, want %q and %q", promised, answer, want, granted)
			}
		})
	}
}

// push finds the Pusher in the way that users of the frameworks do.
func push(w http.ResponseWriter, target string, options *http.PushOptions) error {
	for {
		switch v := w.(type) {
		case http.Pusher:
			return v.Push(target, options)
		case interface{ Pusher() http.Pusher }:
			return v.Pusher().Push(target, options)
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return fmt.Errorf("%T is no Pusher", w)
		}
	}
}

// getWithPush sends a request as a client that accepts pushes, which net/http's does not. It
// returns the promised path and the CORS headers of the pushed response.
func getWithPush(server *httptest.Server, target string) (promised string, lines []string, err error) {
	addr := server.Listener.Addr().String()
	dialer := &net.Dialer{Timeout: limit}
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	c, err := tls.DialWithDialer(dialer, "tcp", addr, &tls.Config{RootCAs: trusted, NextProtos: []string{"h2"}})
	if err != nil {
		return "", nil, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(limit))
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return "", nil, err
	}
	framer := http2.NewFramer(c, bufio.NewReader(c))
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var block strings.Builder
	encoder := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", addr}, {":path", target}} {
		encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	if err := errors.Join(framer.WriteSettings(), framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: []byte(block.String()), EndStream: true, EndHeaders: true,
	})); err != nil {
		return "", nil, err
	}
	// Wait for both responses. The other one shows that the handler has returned, and until then Push
	// may still be running.
	for pushed, own := false, false; !pushed || !own; {
		frame, err := framer.ReadFrame()
		if err != nil {
			return promised, nil, fmt.Errorf("before both answers: %w", err)
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				err = framer.WriteSettingsAck()
			}
		case *http2.PushPromiseFrame:
			// Every block changes the decoder's state, so this one must be read with the framer's decoder.
			fields, decodeErr := framer.ReadMetaHeaders.DecodeFull(f.HeaderBlockFragment())
			err = decodeErr
			for _, field := range fields {
				if field.Name == ":path" {
					promised = field.Value
				}
			}
		case *http2.MetaHeadersFrame:
			if f.StreamID%2 == 0 { // the server's own streams have even numbers
				header := http.Header{}
				for _, field := range f.RegularFields() {
					header.Add(field.Name, field.Value)
				}
				pushed, lines = true, corsLines(header)
			} else if own = true; promised == "" {
				err = errors.New("the answer came without a promise before it")
			}
		case *http2.GoAwayFrame:
			err = fmt.Errorf("GOAWAY: %v", f.ErrCode)
		}
		if err != nil {
			return promised, nil, err
		}
	}
	return promised, lines, nil
}

func startTLS(server *httptest.Server, h2 bool) {
	server.EnableHTTP2 = h2
	server.StartTLS()
}

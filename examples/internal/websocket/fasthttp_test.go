package websocket

import (
	"context"
	"log"
	"net"
	"testing"

	fastws "github.com/fasthttp/websocket"
	fiberws "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	fiber3 "github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/core"
)

// fastFamily has the adapters for fasthttp and fiber, each with the WebSocket library that its
// users have. The socket is at /socket, inside the middleware. It opens if may reports true.
var fastFamily = []struct {
	name  string
	serve func(t *testing.T, may func(*fasthttp.RequestCtx) bool, deciders ...core.Decider) (addr string)
}{
	{"corsfasthttp", func(t *testing.T, may func(*fasthttp.RequestCtx) bool, deciders ...core.Decider) string {
		upgrader := fastws.FastHTTPUpgrader{CheckOrigin: may}
		h := func(ctx *fasthttp.RequestCtx) {
			upgrader.Upgrade(ctx, func(c *fastws.Conn) { answer(c) }) // responds by itself if it fails
		}
		for _, d := range deciders {
			h = corsfasthttp.Middleware(d)(h)
		}
		return serveFast(t, &fasthttp.Server{Handler: h})
	}},
	{"corsfiber", func(t *testing.T, may func(*fasthttp.RequestCtx) bool, deciders ...core.Decider) string {
		a := fiber.New(fiber.Config{DisableStartupMessage: true})
		for _, d := range deciders {
			a.Use(corsfiber.Middleware(d))
		}
		a.Get("/socket", func(c *fiber.Ctx) error {
			if !may(c.Context()) {
				return fiber.ErrForbidden
			}
			return c.Next()
		}, fiberws.New(func(c *fiberws.Conn) { answer(c.Conn) })) // allows every origin unless its Origins is set
		return serveFiber(t, a)
	}},
	{"corsfiber3", func(t *testing.T, may func(*fasthttp.RequestCtx) bool, deciders ...core.Decider) string {
		upgrader := fastws.FastHTTPUpgrader{CheckOrigin: may}
		a := fiber3.New()
		for _, d := range deciders {
			a.Use(corsfiber3.Middleware(d))
		}
		a.Get("/socket", func(c fiber3.Ctx) error {
			upgrader.Upgrade(c.RequestCtx(), func(c *fastws.Conn) { answer(c) }) // responds by itself if it fails
			return nil
		})
		return serveFiber3(t, a)
	}},
}

// answer sends a greeting, and then sends back each message with "got " before it.
func answer(c *fastws.Conn) {
	var err error
	for kind, message := fastws.TextMessage, []byte("hello"); err == nil; {
		if err = c.WriteMessage(kind, message); err == nil {
			kind, message, err = c.ReadMessage()
			message = append([]byte("got "), message...)
		}
	}
}

func fastEveryone(*fasthttp.RequestCtx) bool { return true }

// fastCheckOrigin returns a function for CheckOrigin of fasthttp/websocket's FastHTTPUpgrader.
func fastCheckOrigin(policy core.Decider) func(*fasthttp.RequestCtx) bool {
	return func(ctx *fasthttp.RequestCtx) bool {
		return core.AllowsWebSocket(ctx, policy, corsfasthttp.Request(ctx))
	}
}

// TestFastConversation checks that the libraries work inside the middleware, and that the response
// to the handshake has the policy's headers.
func TestFastConversation(t *testing.T) {
	for _, adapter := range fastFamily {
		for _, client := range clients {
			t.Run(adapter.name+"/"+client.name+" client", func(t *testing.T) {
				p := policy(t, credentials)
				addr := adapter.serve(t, fastEveryone, p)
				for origin, want := range map[string][]string{app: granted, evil: ungranted, "": ungranted} {
					checkLines(t, client.connect, addr, origin, want)
				}
				checkLines(t, client.connect, adapter.serve(t, fastEveryone, p, p), app, granted)
				checkLines(t, client.connect, adapter.serve(t, fastEveryone), app, nil)
			})
		}
	}
}

func TestFastWhoMayConnect(t *testing.T) {
	for _, adapter := range fastFamily {
		t.Run(adapter.name, func(t *testing.T) {
			for _, h := range handshakes {
				t.Run(h.name, func(t *testing.T) {
					p := policy(t, h.policy)
					checkStatus(t, adapter.serve(t, fastCheckOrigin(p), p), h.origin, h.site, h.status)
				})
			}
		})
	}
}

// TestFastWithoutTheCheck is like TestWithoutTheCheck. The library for fiber does not check the
// origin, unless its Origins lists some.
func TestFastWithoutTheCheck(t *testing.T) {
	for _, adapter := range fastFamily {
		t.Run(adapter.name, func(t *testing.T) {
			checkStatus(t, adapter.serve(t, fastEveryone, policy(t, credentials)), evil, "", 101)
		})
	}
	t.Run("corsfasthttp/fasthttp/websocket's own check", func(t *testing.T) {
		addr := fastFamily[0].serve(t, nil, policy(t, credentials))
		checkStatus(t, addr, app, "", 403)
		checkStatus(t, addr, "self", "", 101)
	})
}

func serveFast(t *testing.T, server *fasthttp.Server) string {
	t.Helper()
	logged := &buffer{}
	server.Logger = log.New(logged, "", 0)
	return serveUntil(t, logged, server.Serve, server.ShutdownWithContext)
}

func serveFiber(t *testing.T, a *fiber.App) string {
	t.Helper()
	logged := &buffer{}
	a.Server().Logger = log.New(logged, "", 0)
	return serveUntil(t, logged, a.Listener, a.ShutdownWithContext)
}

func serveFiber3(t *testing.T, a *fiber3.App) string {
	t.Helper()
	logged := &buffer{}
	a.Server().Logger = log.New(logged, "", 0)
	serve := func(l net.Listener) error {
		return a.Listener(l, fiber3.ListenConfig{DisableStartupMessage: true})
	}
	return serveUntil(t, logged, serve, a.ShutdownWithContext)
}

// serveUntil serves on a loopback port until the test ends. If the server logs something, the test
// fails.
func serveUntil(
	t *testing.T, logged *buffer, serve func(net.Listener) error, shutdown func(context.Context) error,
) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			t.Errorf("shutting down: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serving: %v", err)
		}
		if text := logged.String(); text != "" {
			t.Errorf("the server logged:\n%s", text)
		}
	})
	return listener.Addr().String()
}

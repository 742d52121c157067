// Package frameworks serves the handler and the middleware of a conformance test on each
// framework, over loopback. It is for tests that compare adapters.
package frameworks

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	fiber3 "github.com/gofiber/fiber/v3"
	adaptor3 "github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core/adapter/adaptertest"
)

// All returns a function per framework that serves on it. The key is the framework's name.
func All() map[string]adaptertest.Serve {
	gin.SetMode(gin.ReleaseMode)
	return map[string]adaptertest.Serve{
		"net/http": func(t testing.TB, s adaptertest.Server) string {
			h := s.Handler
			for _, d := range slices.Backward(s.Deciders) {
				h = corshttp.Middleware(d)(h)
			}
			return ServeHTTP(t, s, h)
		},
		"chi": func(t testing.TB, s adaptertest.Server) string {
			r := chi.NewRouter()
			for _, d := range s.Deciders {
				r.Use(corschi.Middleware(d))
			}
			r.Get("/unused", http.NotFound)
			r.NotFound(s.Handler.ServeHTTP)
			r.MethodNotAllowed(s.Handler.ServeHTTP)
			return ServeHTTP(t, s, r)
		},
		"gin": func(t testing.TB, s adaptertest.Server) string {
			r := gin.New()
			for _, d := range s.Deciders {
				r.Use(corsgin.Middleware(d))
			}
			r.NoRoute(gin.WrapH(s.Handler))
			return ServeHTTP(t, s, r)
		},
		"echo": func(t testing.TB, s adaptertest.Server) string {
			e := echo.New()
			for _, d := range s.Deciders {
				e.Use(corsecho.Middleware(d))
			}
			e.RouteNotFound("/*", echo.WrapHandler(s.Handler))
			return ServeHTTP(t, s, e)
		},
		"echo v5": func(t testing.TB, s adaptertest.Server) string {
			e := echo5.New()
			for _, d := range s.Deciders {
				e.Use(corsecho5.Middleware(d))
			}
			e.RouteNotFound("/*", echo5.WrapHandler(s.Handler))
			return ServeHTTP(t, s, e)
		},
		"fiber": func(t testing.TB, s adaptertest.Server) string {
			app := fiber.New(fiber.Config{ReadBufferSize: 64 << 10, DisableStartupMessage: true})
			app.Use(func(c *fiber.Ctx) error {
				add(c.Context(), s.Before)
				return c.Next()
			})
			for _, d := range s.Deciders {
				app.Use(corsfiber.Middleware(d))
			}
			app.Use(adaptor.HTTPHandler(s.Handler))
			return ServeFiber(t, app)
		},
		"fiber v3": func(t testing.TB, s adaptertest.Server) string {
			app := fiber3.New(fiber3.Config{ReadBufferSize: 64 << 10})
			app.Use(func(c fiber3.Ctx) error {
				add(c.RequestCtx(), s.Before)
				return c.Next()
			})
			for _, d := range s.Deciders {
				app.Use(corsfiber3.Middleware(d))
			}
			app.Use(adaptor3.HTTPHandler(s.Handler))
			return ServeFiber3(t, app)
		},
		"fasthttp": func(t testing.TB, s adaptertest.Server) string {
			h := fasthttpadaptor.NewFastHTTPHandler(s.Handler)
			for _, d := range slices.Backward(s.Deciders) {
				h = corsfasthttp.Middleware(d)(h)
			}
			return ServeFast(t, &fasthttp.Server{ReadBufferSize: 64 << 10, Handler: func(ctx *fasthttp.RequestCtx) {
				add(ctx, s.Before)
				h(ctx)
			}})
		},
	}
}

// ServeHTTP serves h on loopback until the test ends, and returns the address. The headers of
// s.Before are added to each response before h runs.
func ServeHTTP(t testing.TB, s adaptertest.Server, h http.Handler) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range s.Before {
			for _, value := range values {
				w.Header().Add(name, value)
			}
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// ServeFiber serves app on loopback until the test ends, and returns the address. It logs nothing.
func ServeFiber(t testing.TB, app *fiber.App) string {
	app.Server().Logger = silent{}
	l := listen(t)
	go app.Listener(l)
	t.Cleanup(func() { app.Shutdown() })
	return l.Addr().String()
}

// ServeFiber3 is ServeFiber for fiber v3.
func ServeFiber3(t testing.TB, app *fiber3.App) string {
	app.Server().Logger = silent{}
	l := listen(t)
	go app.Listener(l, fiber3.ListenConfig{DisableStartupMessage: true})
	t.Cleanup(func() { app.Shutdown() })
	return l.Addr().String()
}

// ServeFast serves on loopback until the test ends, and returns the address. It logs nothing.
func ServeFast(t testing.TB, server *fasthttp.Server) string {
	server.Logger = silent{}
	l := listen(t)
	go server.Serve(l)
	t.Cleanup(func() { server.Shutdown() })
	return l.Addr().String()
}

// listen listens on a free port on loopback.
func listen(t testing.TB) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// add adds the headers to the response.
func add(ctx *fasthttp.RequestCtx, header http.Header) {
	for name, values := range header {
		for _, value := range values {
			ctx.Response.Header.Add(name, value)
		}
	}
}

// silent is a fasthttp.Logger that discards the server's messages about malformed requests.
type silent struct{}

func (silent) Printf(string, ...any) {}

// Client sends requests to the server at Addr. It uses one connection as long as the server keeps
// it open.
type Client struct {
	Addr string
	conn net.Conn
	read *bufio.Reader
}

// Close closes the connection.
func (c *Client) Close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// Send sends the bytes of a request that has no body. It returns the response, whose body is
// closed, and the first 64 KiB of the body.
func (c *Client) Send(method, request string) (*http.Response, string, error) {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.Addr, 10*time.Second)
		if err != nil {
			return nil, "", err
		}
		c.conn, c.read = conn, bufio.NewReader(conn)
	}
	c.conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c.conn, request); err != nil {
		c.Close()
		return nil, "", err
	}
	response, err := http.ReadResponse(c.read, &http.Request{Method: method})
	if err != nil {
		c.Close()
		return nil, "", err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	response.Body.Close()
	if response.Close || err != nil {
		c.Close()
	}
	return response, string(body), err
}

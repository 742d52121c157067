package csrf

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	fiber3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/adapters/corsfiber"
	"github.com/polycors/cors/adapters/corsfiber3"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/frameworks"
)

// handled is a response header. The handler of every server sets it to the request's X-Id. A
// response without it is not the handler's.
const handled = "Handled"

// byExemption is set by the oracle on requests that pass only because of their path.
const byExemption = "By-Exemption"

// serveOracle serves net/http's own protection and returns the address.
func serveOracle(t testing.TB) string {
	protection, withoutPaths := http.NewCrossOriginProtection(), http.NewCrossOriginProtection()
	for _, origin := range trustedOrigins {
		for _, p := range []*http.CrossOriginProtection{protection, withoutPaths} {
			if err := p.AddTrustedOrigin(origin); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, path := range exemptPaths {
		protection.AddInsecureBypassPattern(path)
	}
	return serveHTTP(t, protection.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if withoutPaths.Check(r) != nil {
			w.Header().Set(byExemption, "true")
		}
		handleHTTP(w, r)
	})))
}

// protection returns Polycors' protection, of the same lists.
func protection(t testing.TB) *core.CSRFProtection {
	p, err := core.NewCSRFProtection(core.CSRFConfig{TrustedOrigins: trustedOrigins, ExemptPaths: exemptPaths})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// servers has a func for each adapter, and for each setting of its framework that changes how
// requests are read. It serves a handler protected by d, and returns the address.
var servers = map[string]func(t testing.TB, d core.Decider) string{
	"net/http": func(t testing.TB, d core.Decider) string {
		return serveHTTP(t, corshttp.Middleware(d)(http.HandlerFunc(handleHTTP)))
	},
	"chi": func(t testing.TB, d core.Decider) string {
		r := chi.NewRouter()
		r.Use(corschi.Middleware(d))
		r.Get("/unused", http.NotFound)
		r.NotFound(handleHTTP)
		r.MethodNotAllowed(handleHTTP)
		return serveHTTP(t, r)
	},
	"gin": func(t testing.TB, d core.Decider) string {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Use(corsgin.Middleware(d))
		r.NoRoute(gin.WrapF(handleHTTP))
		return serveHTTP(t, r)
	},
	"echo": func(t testing.TB, d core.Decider) string {
		e := echo.New()
		e.Use(corsecho.Middleware(d))
		e.RouteNotFound("/*", echo.WrapHandler(http.HandlerFunc(handleHTTP)))
		return serveHTTP(t, e)
	},
	"echo v5": func(t testing.TB, d core.Decider) string {
		e := echo5.New()
		e.Use(corsecho5.Middleware(d))
		e.RouteNotFound("/*", echo5.WrapHandler(http.HandlerFunc(handleHTTP)))
		return serveHTTP(t, e)
	},
	"fiber": func(t testing.TB, d core.Decider) string {
		return serveFiber(t, fiber.Config{}, d)
	},
	"fiber, names as sent": func(t testing.TB, d core.Decider) string {
		return serveFiber(t, fiber.Config{DisableHeaderNormalizing: true}, d)
	},
	"fiber, streamed": func(t testing.TB, d core.Decider) string {
		return serveFiber(t, fiber.Config{StreamRequestBody: true}, d)
	},
	"fiber, attached": func(t testing.TB, d core.Decider) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Use(handleFiber)
		if err := corsfiber.Attach(app, d); err != nil {
			t.Fatal(err)
		}
		return frameworks.ServeFiber(t, app)
	},
	"fiber v3": func(t testing.TB, d core.Decider) string {
		return serveFiber3(t, fiber3.Config{}, d)
	},
	"fiber v3, names as sent": func(t testing.TB, d core.Decider) string {
		return serveFiber3(t, fiber3.Config{DisableHeaderNormalizing: true}, d)
	},
	"fiber v3, streamed": func(t testing.TB, d core.Decider) string {
		return serveFiber3(t, fiber3.Config{StreamRequestBody: true}, d)
	},
	"fiber v3, attached": func(t testing.TB, d core.Decider) string {
		app := fiber3.New()
		app.Use(handleFiber3)
		if err := corsfiber3.Attach(app, d); err != nil {
			t.Fatal(err)
		}
		return frameworks.ServeFiber3(t, app)
	},
	"fasthttp": func(t testing.TB, d core.Decider) string {
		return frameworks.ServeFast(t, &fasthttp.Server{Handler: corsfasthttp.Middleware(d)(handleFast)})
	},
	"fasthttp, names as sent": func(t testing.TB, d core.Decider) string {
		return frameworks.ServeFast(t, &fasthttp.Server{
			Handler:                       corsfasthttp.Middleware(d)(handleFast),
			DisableHeaderNamesNormalizing: true,
		})
	},
	"fasthttp, streamed": func(t testing.TB, d core.Decider) string {
		return frameworks.ServeFast(t, &fasthttp.Server{
			Handler:           corsfasthttp.Middleware(d)(handleFast),
			StreamRequestBody: true,
		})
	},
	"fasthttp, attached": func(t testing.TB, d core.Decider) string {
		server := &fasthttp.Server{Handler: handleFast}
		if err := corsfasthttp.Attach(server, d); err != nil {
			t.Fatal(err)
		}
		return frameworks.ServeFast(t, server)
	},
}

func handleHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(handled, r.Header.Get("X-Id"))
}

func handleFast(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set(handled, string(ctx.Request.Header.Peek("X-Id")))
}

func handleFiber(c *fiber.Ctx) error {
	handleFast(c.Context())
	return nil
}

func handleFiber3(c fiber3.Ctx) error {
	handleFast(c.RequestCtx())
	return nil
}

func serveHTTP(t testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func serveFiber(t testing.TB, cfg fiber.Config, d core.Decider) string {
	cfg.DisableStartupMessage = true
	app := fiber.New(cfg)
	app.Use(corsfiber.Middleware(d), handleFiber)
	return frameworks.ServeFiber(t, app)
}

// verdict is the result of a request to one server.
type verdict struct {
	handled     bool // the handler ran
	byExemption bool // only because of the path; only the oracle knows
	status      int  // 0 if the server closed the connection instead of responding
}

// refused reports whether a protection refused the request.
func (v verdict) refused() bool { return !v.handled && v.status == http.StatusForbidden }

// client sends requests to one server. It uses one connection as long as the server keeps it open.
type client struct {
	addr string
	once bool // each request has a new connection
	conn net.Conn
	read *bufio.Reader
	sent int // on conn
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// send writes a request. If that fails, receive returns the error.
func (c *client) send(b []byte) error {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.addr, 10*time.Second)
		if err != nil {
			return err
		}
		c.conn, c.read, c.sent = conn, bufio.NewReader(conn), 0
	}
	c.sent++
	if c.sent%64 == 1 { // rarely, because it costs a system timer
		c.conn.SetDeadline(time.Now().Add(time.Minute))
	}
	c.conn.Write(b)
	return nil
}

// receive reads the response to the last request.
func (c *client) receive(method string, id uint64) (verdict, error) {
	response, err := http.ReadResponse(c.read, &http.Request{Method: method})
	if err != nil {
		c.close()
		return verdict{}, nil
	}
	_, err = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if response.Close || err != nil || c.once {
		c.close()
	}
	got := response.Header.Get(handled)
	if got != "" && got != strconv.FormatUint(id, 10) {
		return verdict{}, fmt.Errorf("got the response to request %s, want that to %d", got, id)
	}
	return verdict{got != "", response.Header.Get(byExemption) != "", response.StatusCode}, nil
}

func serveFiber3(t testing.TB, cfg fiber3.Config, d core.Decider) string {
	app := fiber3.New(cfg)
	app.Use(corsfiber3.Middleware(d), handleFiber3)
	return frameworks.ServeFiber3(t, app)
}

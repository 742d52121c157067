// Package websocket tests WebSocket libraries inside the middleware, and who may open a socket.
// CORS does not apply to WebSockets: a browser opens one to any host, with the cookies for it. So
// the server must ask the policy during the handshake.
package websocket

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	gorilla "github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsecho5"
	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"

	limit = 10 * time.Second // for everything that waits
)

// credentials is the policy of an application that uses cookies.
var credentials = core.Config{AllowOrigins: []string{app}, AllowCredentials: true, ExposeHeaders: []string{"X-Total"}}

// checkOrigin returns a function for gorilla's Upgrader.CheckOrigin.
func checkOrigin(policy core.Decider) func(*http.Request) bool {
	return func(r *http.Request) bool { return core.AllowsWebSocket(r.Context(), policy, corshttp.Request(r)) }
}

// everyone allows every origin. Some libraries do so by default, and a server must not leave it at
// that.
func everyone(*http.Request) bool { return true }

// family has the adapters for frameworks that are built on net/http. h is at /socket, inside the
// middleware. Without deciders there is no middleware.
var family = []struct {
	name   string
	inside func(h http.HandlerFunc, deciders ...core.Decider) http.Handler
}{
	{"corshttp", func(h http.HandlerFunc, deciders ...core.Decider) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /socket", h)
		var wrapped http.Handler = mux
		for _, d := range deciders {
			wrapped = corshttp.Middleware(d)(wrapped)
		}
		return wrapped
	}},
	{"corschi", func(h http.HandlerFunc, deciders ...core.Decider) http.Handler {
		r := chi.NewRouter()
		for _, d := range deciders {
			r.Use(corschi.Middleware(d))
		}
		r.Get("/socket", h)
		return r
	}},
	{"corsgin", func(h http.HandlerFunc, deciders ...core.Decider) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		for _, d := range deciders {
			r.Use(corsgin.Middleware(d))
		}
		r.GET("/socket", func(c *gin.Context) { h(c.Writer, c.Request) })
		return r
	}},
	{"corsecho", func(h http.HandlerFunc, deciders ...core.Decider) http.Handler {
		e := echo.New()
		for _, d := range deciders {
			e.Use(corsecho.Middleware(d))
		}
		e.GET("/socket", func(c echo.Context) error {
			h(c.Response(), c.Request())
			return nil
		})
		return e
	}},
	{"corsecho5", func(h http.HandlerFunc, deciders ...core.Decider) http.Handler {
		e := echo5.New()
		for _, d := range deciders {
			e.Use(corsecho5.Middleware(d))
		}
		e.GET("/socket", func(c *echo5.Context) error {
			h(c.Response(), c.Request())
			return nil
		})
		return e
	}},
}

// libraries has a handler for each library. It sends a greeting, and then sends back each message
// with "got " before it. The socket opens if may reports true.
var libraries = []struct {
	name    string
	handler func(may func(*http.Request) bool) http.HandlerFunc
}{
	{"gorilla", func(may func(*http.Request) bool) http.HandlerFunc { return gorillaServer(may, false) }},
	{"gorilla with the header", func(may func(*http.Request) bool) http.HandlerFunc { return gorillaServer(may, true) }},
	{"coder", coderServer},
}

// gorillaServer passes the header to the library if passHeader is true. The library writes the
// response to the handshake itself, and otherwise without that header.
func gorillaServer(may func(*http.Request) bool, passHeader bool) http.HandlerFunc {
	upgrader := gorilla.Upgrader{CheckOrigin: may}
	return func(w http.ResponseWriter, r *http.Request) {
		var header http.Header
		if passHeader {
			header = w.Header()
		}
		c, err := upgrader.Upgrade(w, r, header)
		if err != nil {
			return // the library has responded
		}
		defer c.Close()
		c.SetReadDeadline(time.Now().Add(limit))
		for kind, message := gorilla.TextMessage, []byte("hello"); err == nil; {
			if err = c.WriteMessage(kind, message); err == nil {
				kind, message, err = c.ReadMessage()
				message = append([]byte("got "), message...)
			}
		}
	}
}

// coderServer calls may itself and turns the library's own check off, because that knows hosts and
// patterns but not the policy.
func coderServer(may func(*http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !may(r) {
			http.Error(w, "this origin may not open a socket", http.StatusForbidden)
			return
		}
		serveCoder(w, r, &coder.AcceptOptions{InsecureSkipVerify: true})
	}
}

func serveCoder(w http.ResponseWriter, r *http.Request, options *coder.AcceptOptions) {
	c, err := coder.Accept(w, r, options)
	if err != nil {
		return // the library has responded
	}
	defer c.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), limit) // the request's context is not used after Accept
	defer cancel()
	for kind, message := coder.MessageText, []byte("hello"); err == nil; {
		if err = c.Write(ctx, kind, message); err == nil {
			kind, message, err = c.Read(ctx)
			message = append([]byte("got "), message...)
		}
	}
}

// connectFunc is the type of a client.
type connectFunc func(addr string, header http.Header) (*http.Response, error)

// clients has clients that open a socket, expect the greeting, and then send a text and a binary
// message and expect their echo. They return the response to the handshake, without an error even
// if it refuses.
var clients = []struct {
	name    string
	connect connectFunc
}{
	{"gorilla's", gorillaClient},
	{"coder's", coderClient},
}

func gorillaClient(addr string, header http.Header) (*http.Response, error) {
	dialer := gorilla.Dialer{HandshakeTimeout: limit}
	c, response, err := dialer.Dial("ws://"+addr+"/socket", header)
	if err != nil {
		return refused(response, err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(limit))
	return response, talk(func(kind int, text string) error { return c.WriteMessage(kind, []byte(text)) }, c.ReadMessage)
}

func coderClient(addr string, header http.Header) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c, response, err := coder.Dial(ctx, "ws://"+addr+"/socket", &coder.DialOptions{HTTPHeader: header})
	if err != nil {
		return refused(response, err)
	}
	defer c.CloseNow()
	write := func(kind int, text string) error { return c.Write(ctx, coder.MessageType(kind), []byte(text)) }
	read := func() (int, []byte, error) {
		kind, message, err := c.Read(ctx)
		return int(kind), message, err
	}
	return response, talk(write, read)
}

// refused returns a response that refuses the handshake, or the error if there isn't one.
func refused(response *http.Response, err error) (*http.Response, error) {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		return nil, err
	}
	response.Body.Close()
	return response, nil
}

// talk sends and receives the messages. Both libraries have 1 for text and 2 for binary, as RFC
// 6455 does.
func talk(write func(kind int, text string) error, read func() (kind int, message []byte, err error)) error {
	long := strings.Repeat("long ", 4000) // more than a buffer of net/http's
	for _, step := range []struct {
		kind       int
		send, want string
	}{{1, "", "hello"}, {1, "text", "got text"}, {2, "\x00\xff", "got \x00\xff"}, {1, long, "got " + long}} {
		if step.send != "" {
			if err := write(step.kind, step.send); err != nil {
				return fmt.Errorf("sending %.20q: %w", step.send, err)
			}
		}
		if kind, got, err := read(); err != nil || kind != step.kind || string(got) != step.want {
			return fmt.Errorf("got message %.20q of kind %d (%v), want %.20q of kind %d", got, kind, err, step.want, step.kind)
		}
	}
	return nil
}

// The CORS headers of a response to an allowed origin under the policy credentials, and to a
// refused one.
var (
	granted = []string{
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Expose-Headers: X-Total",
		"Vary: Origin",
	}
	ungranted = []string{"Vary: Origin"}
)

// TestConversation checks that the libraries work inside every adapter, and that the response has
// the policy's headers if the library writes the header. gorilla writes only the header that it is
// given, with or without an adapter. To have the policy's headers in its response, pass it
// w.Header(). Browsers ignore them.
func TestConversation(t *testing.T) {
	lines := map[string]map[string][]string{
		"gorilla":                 {app: nil, evil: nil, "": nil},
		"gorilla with the header": {app: granted, evil: ungranted, "": ungranted},
		"coder":                   {app: granted, evil: ungranted, "": ungranted},
	}
	for _, adapter := range family {
		for _, server := range libraries {
			for _, client := range clients {
				t.Run(adapter.name+"/"+server.name+"/"+client.name+" client", func(t *testing.T) {
					addr := serve(t, adapter.inside(server.handler(everyone), policy(t, credentials)))
					for origin, want := range lines[server.name] {
						checkLines(t, client.connect, addr, origin, want)
					}
					bare := serve(t, adapter.inside(server.handler(everyone)))
					checkLines(t, client.connect, bare, app, nil)
				})
			}
		}
	}
}

// TestTwoPolicies checks that the libraries also work inside two adapters.
func TestTwoPolicies(t *testing.T) {
	for _, adapter := range family {
		for _, server := range libraries {
			t.Run(adapter.name+"/"+server.name, func(t *testing.T) {
				p := policy(t, credentials)
				want := granted
				if server.name == "gorilla" {
					want = nil
				}
				checkLines(t, gorillaClient, serve(t, adapter.inside(server.handler(everyone), p, p)), app, want)
			})
		}
	}
}

// handshakes has origins, the values of Sec-Fetch-Site, and whether the socket opens. "self" is the
// server's own origin. A page can set neither header.
var handshakes = []struct {
	name, origin, site string
	policy             core.Config
	status             int
}{
	{"listed, with credentials", app, "", credentials, 101},
	{"listed, a browser that says where from", app, "cross-site", credentials, 101},
	{"not listed", evil, "", credentials, 403},
	{"not listed, a browser that says where from", evil, "cross-site", credentials, 403},
	{"not listed, of the same site", "https://other.example.com", "same-site", credentials, 403},
	{"almost listed", "https://app.example.com.evil.example", "", credentials, 403},
	{"a sandboxed frame", "null", "", credentials, 403},
	{"not an origin", "https://app.example.com/", "", credentials, 403},
	{"no browser", "", "", credentials, 101},
	{"the server's own page", "self", "", credentials, 101},
	{"the server's own page, a browser that says where from", "self", "same-origin", credentials, 101},
	{"a page of the same host, another scheme", "self", "cross-site", credentials, 403},
	{
		"the server's own page, behind a proxy that changes Host", "https://www.example.com", "same-origin", credentials,
		101,
	},
	{"another port of the host", "http://127.0.0.1:1", "", credentials, 403},

	{"everyone may read, without credentials", evil, "", core.Config{AllowOrigins: []string{"*"}}, 403},
	{"everyone may read, a sandboxed frame", "null", "", core.Config{AllowOrigins: []string{"*"}}, 403},
	{"everyone may read, no browser", "", "", core.Config{AllowOrigins: []string{"*"}}, 101},
	{"everyone may read, the server's own page", "self", "", core.Config{AllowOrigins: []string{"*"}}, 101},
	{"listed, without credentials", app, "", core.Config{AllowOrigins: []string{app}}, 403},

	{"listed for this path", app, "", core.Config{Routes: []core.Route{{Path: "/socket", Config: credentials}}}, 101},
	{"not listed for this path", evil, "", core.Config{Routes: []core.Route{{Path: "/socket", Config: credentials}}}, 403},
	{
		"listed for other paths", app, "",
		core.Config{
			AllowOrigins:     []string{app},
			AllowCredentials: true,
			Routes:           []core.Route{{Path: "/socket", Disable: true}},
		},
		403,
	},
	{
		"no policy for this path, no browser", "", "",
		core.Config{Routes: []core.Route{{Path: "/other", Config: credentials}}}, 101,
	},
	{
		"no policy for this path, the server's own page", "self", "",
		core.Config{Routes: []core.Route{{Path: "/other", Config: credentials}}}, 101,
	},
}

// TestWithoutCookies checks the rule for servers that ignore the cookies of a handshake: a policy
// without credentials is enough.
func TestWithoutCookies(t *testing.T) {
	for _, tt := range []struct {
		name, origin string
		policy       core.Config
		status       int
	}{
		{"listed, without credentials", app, core.Config{AllowOrigins: []string{app}}, 101},
		{"listed, with credentials", app, credentials, 101},
		{"everyone may read", evil, core.Config{AllowOrigins: []string{"*"}}, 101},
		{"not listed", evil, core.Config{AllowOrigins: []string{app}}, 403},
		{"no browser", "", core.Config{AllowOrigins: []string{app}}, 101},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := policy(t, tt.policy)
			may := func(r *http.Request) bool {
				return core.AllowsWebSocketWithoutCookies(r.Context(), p, corshttp.Request(r))
			}
			for _, adapter := range family {
				for _, server := range libraries {
					checkStatus(t, serve(t, adapter.inside(server.handler(may), p)), tt.origin, "", tt.status)
				}
			}
			fast := func(ctx *fasthttp.RequestCtx) bool {
				return core.AllowsWebSocketWithoutCookies(ctx, p, corsfasthttp.Request(ctx))
			}
			for _, adapter := range fastFamily {
				checkStatus(t, adapter.serve(t, fast, p), tt.origin, "", tt.status)
			}
		})
	}
}

// TestWhoMayConnect checks handshakes with the same policy in the check and in the middleware.
func TestWhoMayConnect(t *testing.T) {
	for _, adapter := range family {
		for _, server := range libraries {
			t.Run(adapter.name+"/"+server.name, func(t *testing.T) {
				for _, h := range handshakes {
					t.Run(h.name, func(t *testing.T) {
						p := policy(t, h.policy)
						addr := serve(t, adapter.inside(server.handler(checkOrigin(p)), p))
						checkStatus(t, addr, h.origin, h.site, h.status)
					})
				}
			})
		}
	}
}

// TestWithoutTheCheck checks what happens without the check. The middleware does not keep pages
// from connecting, except with ForbidDisallowed, and even then not those that a policy without
// credentials allows. A library's own check allows the server's own pages only, and refuses the
// pages that the policy allows.
func TestWithoutTheCheck(t *testing.T) {
	forbidding := credentials
	forbidding.ForbidDisallowed = true
	ownCheck := map[string]http.HandlerFunc{
		"gorilla": gorillaServer(nil, false),
		"coder":   func(w http.ResponseWriter, r *http.Request) { serveCoder(w, r, nil) },
	}
	for _, adapter := range family {
		for _, server := range libraries {
			t.Run(adapter.name+"/"+server.name, func(t *testing.T) {
				checkStatus(t, serve(t, adapter.inside(server.handler(everyone), policy(t, credentials))), evil, "", 101)
				checkStatus(t, serve(t, adapter.inside(server.handler(everyone), policy(t, forbidding))), evil, "", 403)
				star := core.Config{AllowOrigins: []string{"*"}, ForbidDisallowed: true}
				checkStatus(t, serve(t, adapter.inside(server.handler(everyone), policy(t, star))), evil, "", 101)
			})
		}
		for name, server := range ownCheck {
			t.Run(adapter.name+"/"+name+"'s own check", func(t *testing.T) {
				addr := serve(t, adapter.inside(server, policy(t, credentials)))
				checkStatus(t, addr, app, "", 403)
				checkStatus(t, addr, "self", "", 101)
			})
		}
	}
}

// handshake opens a socket as a page of the origin would, exchanges messages if it opens, and
// returns the response. site is the value of Sec-Fetch-Site.
func handshake(t *testing.T, connect connectFunc, addr, origin, site string) *http.Response {
	t.Helper()
	header := http.Header{}
	if origin == "self" {
		origin = "http://" + addr
	}
	if origin != "" {
		header.Set("Origin", origin)
	}
	if site != "" {
		header.Set("Sec-Fetch-Site", site)
	}
	response, err := connect(addr, header)
	if err != nil {
		t.Fatalf("Origin %q: %v", origin, err)
	}
	return response
}

// checkLines checks that the handshake succeeds and that the response has these CORS headers.
func checkLines(t *testing.T, connect connectFunc, addr, origin string, want []string) {
	t.Helper()
	response := handshake(t, connect, addr, origin, "")
	if got := corsLines(response.Header); response.StatusCode != 101 || !slices.Equal(got, want) {
		t.Errorf("Origin %q: got %d and %q, want 101 and %q", origin, response.StatusCode, got, want)
	}
}

// checkStatus checks the status of the response to a handshake.
func checkStatus(t *testing.T, addr, origin, site string, status int) {
	t.Helper()
	if response := handshake(t, gorillaClient, addr, origin, site); response.StatusCode != status {
		t.Errorf("Origin %q, Sec-Fetch-Site %q: got %d, want %d", origin, site, response.StatusCode, status)
	}
}

// corsLines returns the headers that a policy may have set.
func corsLines(header http.Header) (lines []string) {
	for name, values := range header {
		for _, value := range values {
			if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
				lines = append(lines, name+": "+value)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func policy(t *testing.T, cfg core.Config) *core.Policy {
	t.Helper()
	p, err := core.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serve serves h until the test ends. The test fails if a handler panics or the server logs
// something, such as a second status or a write to a hijacked connection.
func serve(t *testing.T, h http.Handler) (addr string) {
	t.Helper()
	server := newServer(t, h)
	server.Start()
	return server.Listener.Addr().String()
}

func newServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	var handlers sync.WaitGroup // the server does not wait for handlers with hijacked connections
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		defer func() {
			if v := recover(); v != nil {
				t.Errorf("%s %s: panic: %v", r.Method, r.URL, v)
			}
		}()
		h.ServeHTTP(w, r)
	}))
	logged := &buffer{}
	server.Config.ErrorLog = log.New(logged, "", 0)
	t.Cleanup(func() {
		server.Close()
		handlers.Wait()
		if text := logged.String(); text != "" {
			t.Errorf("the server logged:\n%s", text)
		}
	})
	return server
}

// buffer may be read while it is written to.
type buffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

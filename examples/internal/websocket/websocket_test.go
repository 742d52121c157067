// Package websocket tests what a WebSocket library finds behind an adapter, and who may open a
// socket: CORS does not hold for WebSockets, so a browser opens them to every host, with its
// cookies, and it is the upgrader that has to ask the policy.
package websocket

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
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

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/adapters/corsecho"
	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"

	limit = 10 * time.Second // for whatever waits
)

// credentials is the policy of an application with cookies.
var credentials = core.Config{AllowOrigins: []string{app}, AllowCredentials: true, ExposeHeaders: []string{"X-Total"}}

// mayConnect reports whether a handshake may open a socket. A page that may read with cookies may,
// a page of the server's own, and what is no browser. A policy without credentials opens it to no
// other page: "*" would let every website use its visitors' sessions.
func mayConnect(ctx context.Context, policy core.Decider, r core.Request) bool {
	origin := r.Header.Field("Origin")
	if d := policy.Decide(ctx, r); origin == "" || d.Allowed() && d.AllowCredentials {
		return true
	}
	// Chromium sends no Sec-Fetch-Site with a handshake, see TestBrowser.
	if site := r.Header.Field("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// checkOrigin is what gorilla's Upgrader.CheckOrigin takes.
func checkOrigin(policy core.Decider) func(*http.Request) bool {
	return func(r *http.Request) bool { return mayConnect(r.Context(), policy, corshttp.Request(r)) }
}

// everyone is what a library must not be left with, and some are by default.
func everyone(*http.Request) bool { return true }

// family has each adapter of net/http's family, with h at /socket behind the deciders. Without any
// it is the framework alone.
var family = []struct {
	name   string
	behind func(h http.HandlerFunc, deciders ...core.Decider) http.Handler
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
}

// libraries have servers that greet, then send back what comes with "got " before it. They open to
// whom may says.
var libraries = []struct {
	name   string
	server func(may func(*http.Request) bool) http.HandlerFunc
}{
	{"gorilla", func(may func(*http.Request) bool) http.HandlerFunc { return gorillaServer(may, false) }},
	{"gorilla with the header", func(may func(*http.Request) bool) http.HandlerFunc { return gorillaServer(may, true) }},
	{"coder", coderServer},
}

// gorillaServer hands, if passHeader is set, the header to the library, which writes the
// handshake's answer by itself and without it.
func gorillaServer(may func(*http.Request) bool, passHeader bool) http.HandlerFunc {
	upgrader := gorilla.Upgrader{CheckOrigin: may}
	return func(w http.ResponseWriter, r *http.Request) {
		var header http.Header
		if passHeader {
			header = w.Header()
		}
		c, err := upgrader.Upgrade(w, r, header)
		if err != nil {
			return // it has answered
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

// coderServer asks before the library does, whose own check is then turned off: it knows hosts and
// patterns of its own, not the policy.
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
		return // it has answered
	}
	defer c.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), limit) // not the request's, which says nothing after Accept
	defer cancel()
	for kind, message := coder.MessageText, []byte("hello"); err == nil; {
		if err = c.Write(ctx, kind, message); err == nil {
			kind, message, err = c.Read(ctx)
			message = append([]byte("got "), message...)
		}
	}
}

// clients open a socket, expect the greeting, and send a text and a binary message and expect their
// echo. They return the handshake's answer, also where that refuses; then without an error.
var clients = []struct {
	name    string
	connect func(addr string, header http.Header) (*http.Response, error)
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

// refused tells an answer that refuses from none.
func refused(response *http.Response, err error) (*http.Response, error) {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		return nil, err
	}
	response.Body.Close()
	return response, nil
}

// talk goes through the conversation. Both libraries count text as 1 and binary as 2, as RFC 6455
// does.
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

// The lines of an answer that grant what credentials does, and those of one that grants nothing.
var (
	granted = []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Expose-Headers: X-Total", "Vary: Origin",
	}
	ungranted = []string{"Vary: Origin"}
)

// TestConversation: the libraries work behind every adapter, and each writes the lines of the
// policy as far as it writes the header at all. gorilla writes what it is handed alone, as without
// an adapter: to have the lines on its answer, hand it w.Header(). A browser does not look at them.
func TestConversation(t *testing.T) {
	lines := map[string]map[string][]string{
		"gorilla":                 {app: nil, evil: nil, "": nil},
		"gorilla with the header": {app: granted, evil: ungranted, "": ungranted},
		"coder":                   {app: granted, evil: ungranted, "": ungranted},
	}
	for _, adapter := range family {
		for _, library := range libraries {
			for _, client := range clients {
				t.Run(adapter.name+"/"+library.name+"/"+client.name+" client", func(t *testing.T) {
					addr := serve(t, adapter.behind(library.server(everyone), policy(t, credentials)))
					for origin, want := range lines[library.name] {
						checkLines(t, client.connect, addr, origin, want)
					}
					bare := serve(t, adapter.behind(library.server(everyone)))
					checkLines(t, client.connect, bare, app, nil)
				})
			}
		}
	}
}

// TestTwoPolicies: nor does a second adapter stand in a library's way.
func TestTwoPolicies(t *testing.T) {
	for _, adapter := range family {
		for _, library := range libraries {
			t.Run(adapter.name+"/"+library.name, func(t *testing.T) {
				p := policy(t, credentials)
				want := granted
				if library.name == "gorilla" {
					want = nil
				}
				checkLines(t, gorillaClient, serve(t, adapter.behind(library.server(everyone), p, p)), app, want)
			})
		}
	}
}

// handshakes are origins, what Sec-Fetch-Site says, and who may connect. "self" is the server's own
// origin. No page can set either field.
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
	{"the server's own page, behind a proxy that changes Host", "https://www.example.com", "same-origin", credentials, 101},
	{"another port of the host", "http://127.0.0.1:1", "", credentials, 403},

	{"everyone may read, without credentials", evil, "", core.Config{AllowOrigins: []string{"*"}}, 403},
	{"everyone may read, a sandboxed frame", "null", "", core.Config{AllowOrigins: []string{"*"}}, 403},
	{"everyone may read, no browser", "", "", core.Config{AllowOrigins: []string{"*"}}, 101},
	{"everyone may read, the server's own page", "self", "", core.Config{AllowOrigins: []string{"*"}}, 101},
	{"listed, without credentials", app, "", core.Config{AllowOrigins: []string{app}}, 403},

	{"listed for this path", app, "", core.Config{Routes: []core.Route{{Path: "/socket", Config: credentials}}}, 101},
	{"not listed for this path", evil, "", core.Config{Routes: []core.Route{{Path: "/socket", Config: credentials}}}, 403},
	{"listed for other paths", app, "", core.Config{AllowOrigins: []string{app}, AllowCredentials: true, Routes: []core.Route{{Path: "/socket", Disable: true}}}, 403},
	{"no policy for this path, no browser", "", "", core.Config{Routes: []core.Route{{Path: "/other", Config: credentials}}}, 101},
	{"no policy for this path, the server's own page", "self", "", core.Config{Routes: []core.Route{{Path: "/other", Config: credentials}}}, 101},
}

// TestWhoMayConnect: with the policy as the check, and the same one as the middleware.
func TestWhoMayConnect(t *testing.T) {
	for _, adapter := range family {
		for _, library := range libraries {
			t.Run(adapter.name+"/"+library.name, func(t *testing.T) {
				for _, h := range handshakes {
					t.Run(h.name, func(t *testing.T) {
						p := policy(t, h.policy)
						addr := serve(t, adapter.behind(library.server(checkOrigin(p)), p))
						checkStatus(t, addr, h.origin, h.site, h.status)
					})
				}
			})
		}
	}
}

// TestWithoutTheCheck: the middleware keeps no page from connecting, unless with ForbidDisallowed,
// and then not those that a policy without credentials lets read. A library's own check knows the
// server's own pages alone, and keeps out those that the policy lets in.
func TestWithoutTheCheck(t *testing.T) {
	forbidding := credentials
	forbidding.ForbidDisallowed = true
	ownCheck := map[string]http.HandlerFunc{
		"gorilla": gorillaServer(nil, false),
		"coder":   func(w http.ResponseWriter, r *http.Request) { serveCoder(w, r, nil) },
	}
	for _, adapter := range family {
		for _, library := range libraries {
			t.Run(adapter.name+"/"+library.name, func(t *testing.T) {
				checkStatus(t, serve(t, adapter.behind(library.server(everyone), policy(t, credentials))), evil, "", 101)
				checkStatus(t, serve(t, adapter.behind(library.server(everyone), policy(t, forbidding))), evil, "", 403)
				star := core.Config{AllowOrigins: []string{"*"}, ForbidDisallowed: true}
				checkStatus(t, serve(t, adapter.behind(library.server(everyone), policy(t, star))), evil, "", 101)
			})
		}
		for name, server := range ownCheck {
			t.Run(adapter.name+"/"+name+"'s own check", func(t *testing.T) {
				addr := serve(t, adapter.behind(server, policy(t, credentials)))
				checkStatus(t, addr, app, "", 403)
				checkStatus(t, addr, "self", "", 101)
			})
		}
	}
}

// handshake opens a socket as a page of the origin would, talks if it opens, and returns the
// answer. site is Sec-Fetch-Site's value.
func handshake(t *testing.T, connect func(string, http.Header) (*http.Response, error), addr, origin, site string) *http.Response {
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

// checkLines expects the handshake to succeed and its answer to have these lines of CORS.
func checkLines(t *testing.T, connect func(string, http.Header) (*http.Response, error), addr, origin string, want []string) {
	t.Helper()
	response := handshake(t, connect, addr, origin, "")
	if got := corsLines(response.Header); response.StatusCode != 101 || !slices.Equal(got, want) {
		t.Errorf("Origin %q: got %d and %q, want 101 and %q", origin, response.StatusCode, got, want)
	}
}

// checkStatus expects the handshake to end like this.
func checkStatus(t *testing.T, addr, origin, site string, status int) {
	t.Helper()
	if response := handshake(t, gorillaClient, addr, origin, site); response.StatusCode != status {
		t.Errorf("Origin %q, Sec-Fetch-Site %q: got %d, want %d", origin, site, response.StatusCode, status)
	}
}

// corsLines returns the lines that a policy may have written.
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

// serve serves h until the test ends. A panic fails the test, and so does whatever the server logs:
// a second status, or a write to a connection that is taken over.
func serve(t *testing.T, h http.Handler) (addr string) {
	t.Helper()
	server := newServer(t, h)
	server.Start()
	return server.Listener.Addr().String()
}

func newServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	var handlers sync.WaitGroup // the server does not wait for those that have taken their connection over
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

package programs

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/polycors/cors/core"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"

	preflightVary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
)

// frameworks has the body of GET /items of the programs that show how to use one framework.
var frameworks = map[string]string{
	"gin": `["bread","apples"]`, "echo": `["bread","apples"]`, "echo5": `["bread","apples"]`,
	"fiber": `["bread","apples"]`, "fiber3": `["bread","apples"]`,
	"nethttp": "bread, apples", "chi": "bread, apples", "fasthttp": "bread, apples",
}

// TestFrameworks checks that pages of the app can read responses, that other pages cannot, and that
// a preflight is handled by the policy although no route has the method OPTIONS.
func TestFrameworks(t *testing.T) {
	for name, body := range frameworks {
		t.Run(name, func(t *testing.T) {
			s := start(t, name, nil)
			got := s.send("GET", "/items", "", "Origin: "+app)
			got.is(t, "the app", 200, map[string]string{"Access-Control-Allow-Origin": app, "Vary": "Origin"})
			if strings.TrimSpace(got.body) != body {
				t.Errorf("got body %q, want %q", got.body, body)
			}
			s.send("GET", "/items", "", "Origin: "+evil).is(t, "another origin", 200, map[string]string{"Vary": "Origin"})
			s.send("GET", "/items", "").is(t, "no origin", 200, map[string]string{"Vary": "Origin"})
			s.send("OPTIONS", "/items", "", "Origin: "+app, "Access-Control-Request-Method: PUT").is(
				t, "preflight of the app", 204, map[string]string{
					"Access-Control-Allow-Headers": "accept, authorization, content-type, user-agent, x-csrftoken, " +
						"x-requested-with",
					"Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
					"Access-Control-Allow-Origin":  app,
					"Access-Control-Max-Age":       "86400",
					"Vary":                         preflightVary,
				})
			s.send("OPTIONS", "/items", "", "Origin: "+evil, "Access-Control-Request-Method: PUT").is(
				t, "preflight of another origin", 403, map[string]string{"Vary": preflightVary})
		})
	}
}

// TestSPACookies checks that the app can log in and order, that another website cannot order with
// the visitor's cookie, and that its handler does not run.
func TestSPACookies(t *testing.T) {
	s := start(t, "spa-cookies", nil)
	readable := map[string]string{
		"Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Origin": app, "Vary": "Origin",
	}
	hidden := map[string]string{"Vary": "Origin"}

	login := s.send("POST", "/login", "user=ada", "Origin: "+app, "Content-Type: application/x-www-form-urlencoded")
	login.is(t, "login", 204, readable)
	cookies := (&http.Response{Header: login.header}).Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || !cookies[0].Secure || cookies[0].SameSite != http.SameSiteLaxMode ||
		cookies[0].Name != "__Host-session" {
		t.Fatalf("login: got Set-Cookie %q", login.header["Set-Cookie"])
	}
	cookie := "Cookie: " + cookies[0].Name + "=" + cookies[0].Value

	order := func(what, want string, status int, cors map[string]string, header ...string) {
		t.Helper()
		got := s.send("POST", "/orders", "", header...)
		got.is(t, what, status, cors)
		if !strings.Contains(got.body, want) {
			t.Errorf("%s: got %q, want %q", what, got.body, want)
		}
	}
	order("the app", "order 1 by ada", 200, readable, "Origin: "+app, cookie)
	order("the app, without a cookie", "log in first", 401, readable, "Origin: "+app)
	order("the app, with another token", "log in again", 401, readable, "Origin: "+app, "Cookie: __Host-session=x")
	order("another website", "", 403, hidden, "Origin: "+evil, cookie)
	order("another website, as browsers say it", "", 403, hidden, "Origin: "+evil, "Sec-Fetch-Site: cross-site", cookie)
	order("a subdomain that nobody listed", "", 403, hidden, "Origin: https://old.example.com", cookie)
	order("a sandboxed frame", "", 403, hidden, "Origin: null", cookie)
	order("the app again", "order 2 by ada", 200, readable, "Origin: "+app, cookie)
}

// TestBearerAPI checks that every page may send a token, that every response can be read, and that
// none is for pages with cookies.
func TestBearerAPI(t *testing.T) {
	s := start(t, "bearer-api", nil, "API_TOKEN=secret")
	readable := map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "X-Total-Count"}
	got := s.send("GET", "/items", "", "Origin: "+evil, "Authorization: Bearer secret")
	got.is(t, "with the token", 200, readable)
	if total := got.header.Get("X-Total-Count"); total != "2" {
		t.Errorf("got X-Total-Count %q, want 2", total)
	}
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Bearer secretx", "secret"} {
		got := s.send("GET", "/items", "", "Origin: "+evil, "Authorization: "+header)
		got.is(t, header, 401, readable)
		if strings.Contains(got.body, "bread") {
			t.Errorf("%q: got %q", header, got.body)
		}
	}
	got = s.send("OPTIONS", "/items", "", "Origin: "+evil, "Access-Control-Request-Method: GET",
		"Access-Control-Request-Headers: authorization")
	if got.status != 204 || got.header.Get("Access-Control-Allow-Headers") != "authorization, content-type" ||
		got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: got %d and %v", got.status, got.cors())
	}
	got = s.send("OPTIONS", "/items", "", "Origin: "+evil, "Access-Control-Request-Method: GET",
		"Access-Control-Request-Headers: x-other")
	if got.status != 403 || got.header.Get("Access-Control-Allow-Headers") != "" {
		t.Errorf("preflight for a header that is not listed: got %d and %v", got.status, got.cors())
	}
	if output := refuses(t, "bearer-api", "API_TOKEN="); !strings.Contains(output, "set API_TOKEN") {
		t.Errorf("without a token it prints %q", output)
	}
}

// TestPreviewDeployments checks that the pattern allows previews of the project only, and that it
// needs the list in which it is.
func TestPreviewDeployments(t *testing.T) {
	s := start(t, "preview-deployments", nil)
	for origin, allowed := range map[string]bool{
		"https://staging.example.com":                              true,
		"https://deploy-preview-1--my-shop.netlify.app":            true,
		"https://deploy-preview-1234--my-shop.netlify.app":         true,
		"https://my-shop.netlify.app":                              false,
		"https://deploy-preview-1--evil.netlify.app":               false,
		"https://deploy-preview---my-shop.netlify.app":             false,
		"https://deploy-preview-1--my-shop.netlify.app.evil.com":   false,
		"https://deploy-preview-1--my-shop.evil.com":               false,
		"https://deploy-preview-1.evil--my-shop.netlify.app":       false,
		"https://evil.com.deploy-preview-1--my-shop.netlify.app":   false,
		"http://deploy-preview-1--my-shop.netlify.app":             false,
		"https://deploy-preview-1--my-shop.netlify.app:8443":       false,
		"https://deploy-preview-1--my-shopxnetlify.app":            false,
		"https://evil.example#deploy-preview-1--my-shop.netlify.a": false,
		"null": false,
	} {
		status, want := 403, map[string]string{"Vary": "Origin"}
		if allowed {
			status = 200
			want["Access-Control-Allow-Origin"] = origin
			want["Access-Control-Allow-Credentials"] = "true"
		}
		s.send("GET", "/items", "", "Origin: "+origin).is(t, origin, status, want)
	}

	const pattern = "https://deploy-preview-*--my-shop.netlify.app"
	if !strings.Contains(s.source, `DangerouslyAllowOrigins: []string{"`+pattern+`"}`) {
		t.Errorf("the program does not list %s", pattern)
	}
	if _, err := core.New(core.Config{AllowOrigins: []string{pattern}, AllowCredentials: true}); err == nil {
		t.Error("AllowOrigins accepts the pattern too")
	}
	own := core.Config{AllowOrigins: []string{"https://deploy-preview-*.example.com"}, AllowCredentials: true}
	if _, err := core.New(own); err != nil {
		t.Errorf("the pattern that the comment names: %v", err)
	}
}

// TestEnvConfig checks that settings of Django are understood, and that the program does not start
// with settings that are not.
func TestEnvConfig(t *testing.T) {
	s := start(t, "env-config", nil,
		"CORS_ALLOWED_ORIGINS="+app+",https://admin.example.com", "CORS_ALLOW_CREDENTIALS=True",
		"CSRF_TRUSTED_ORIGINS="+app)
	for origin, allowed := range map[string]bool{app: true, "https://admin.example.com": true, evil: false} {
		want := map[string]string{"Vary": "Origin"}
		if allowed {
			want["Access-Control-Allow-Origin"] = origin
			want["Access-Control-Allow-Credentials"] = "true"
		}
		s.send("GET", "/items", "", "Origin: "+origin).is(t, origin, 200, want)
		status := 403
		if origin == app { // only the app is trusted to write
			status = 201
		}
		s.send("POST", "/items", "", "Origin: "+origin).is(t, "POST from "+origin, status, want)
	}

	for _, test := range []struct {
		name string
		env  []string
		want []string
	}{
		{"nothing", nil, []string{"AllowOrigins"}},
		{
			"two problems", []string{"CORS_ALLOWED_ORIGINS=app.example.com", "CORS_ALOW_CREDENTIALS=True"},
			[]string{`write "https://app.example.com"`, "CORS_ALOW_CREDENTIALS", "CORS_ALLOW_CREDENTIALS"},
		},
		{"everyone with credentials", []string{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_ALLOW_CREDENTIALS=True"}, []string{
			"CORS_ALLOW_ALL_ORIGINS",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			output := refuses(t, "env-config", test.env...)
			for _, want := range test.want {
				if !strings.Contains(output, want) {
					t.Errorf("it prints\n%s\nwithout %q", output, want)
				}
			}
		})
	}
}

// TestDynamic checks that an origin is allowed and refused while the program runs, and that the
// last policy stays in force if the new one is not valid.
func TestDynamic(t *testing.T) {
	s := start(t, "dynamic", map[string]string{"origins.txt": app + "\n"})
	allows := func(origin string) bool {
		got := s.send("GET", "/items", "", "Origin: "+origin)
		allowed := got.header.Get("Access-Control-Allow-Origin") == origin
		if status := map[bool]int{true: 200, false: 403}[allowed]; got.status != status {
			t.Errorf("%s: got %d and %v", origin, got.status, got.cors())
		}
		return allowed
	}
	change := func(text string) {
		other := filepath.Join(s.folder, "other.txt")
		if err := write(other, text); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(other, filepath.Join(s.folder, "origins.txt")); err != nil {
			t.Fatal(err)
		}
	}
	within := func(what string, happened func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !happened(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: it does not happen", what)
			}
		}
	}
	const shop = "https://shop.example.com"
	if !allows(app) || allows(shop) {
		t.Error("the first policy is another one")
	}
	change(app + "\n" + shop + "\n")
	within("an origin is added", func() bool { return allows(shop) })
	if !allows(app) {
		t.Error("the other origin is refused")
	}
	change(shop + "\n")
	within("an origin is removed", func() bool { return !allows(app) })

	change(app + "\nshop.example.com\n") // the second entry is not valid, so nothing of this counts
	time.Sleep(2500 * time.Millisecond)
	if allows(app) || !allows(shop) {
		t.Error("after a file that is not valid: the last policy is not in force")
	}
	if err := os.Remove(filepath.Join(s.folder, "origins.txt")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	if allows(app) || !allows(shop) {
		t.Error("without the file: the last policy is not in force")
	}
	change("")
	within("everyone is removed", func() bool { return !allows(shop) })
	s.stop()
	<-s.exited
	for _, want := range []string{"the last policy stays in force: ", `write "https://shop.example.com"`} {
		if !strings.Contains(s.output.String(), want) {
			t.Errorf("the log does not have %q", want)
		}
	}
}

// serveUpstream serves what the reverse proxy forwards to: a server that allows every website, in
// the way that is worst for its visitors.
func serveUpstream(t *testing.T, addr string) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Expose-Headers", "*")
		w.Header().Set("Access-Control-Allow-Methods", "*")
		w.Header().Set("Vary", "Accept-Encoding")
		w.Header().Set("X-Seen", r.Method)
		w.Write([]byte("bread, apples"))
	}))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// TestReverseProxy checks that the CORS headers are those of the policy, and that the upstream sees
// no preflight.
func TestReverseProxy(t *testing.T) {
	s := start(t, "reverse-proxy", nil)
	readable := map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Origin":      app,
		"Access-Control-Expose-Headers":    "X-Total-Count",
		"Vary":                             "Origin",
	}
	s.send("GET", "/items", "", "Origin: "+app).is(t, "no upstream", 502, readable)

	serveUpstream(t, s.upstream)
	both := maps.Clone(readable)
	both["Vary"] = "Origin | Accept-Encoding"
	got := s.send("GET", "/items", "", "Origin: "+app)
	got.is(t, "the app", 200, both)
	if got.body != "bread, apples" || got.header.Get("X-Seen") != "GET" {
		t.Errorf("got %q and %v", got.body, got.header)
	}
	s.send("GET", "/items", "", "Origin: "+evil).is(t, "another origin", 200,
		map[string]string{"Vary": "Origin | Accept-Encoding"})
	got = s.send("OPTIONS", "/items", "", "Origin: "+evil, "Access-Control-Request-Method: PUT")
	got.is(t, "a preflight of another origin", 403, map[string]string{"Vary": preflightVary})
	if got.header.Get("X-Seen") != "" {
		t.Error("the upstream has seen a preflight")
	}
}

// TestWebSocket checks that only pages of the app, and clients that are not browsers, can connect.
func TestWebSocket(t *testing.T) {
	s := start(t, "websocket", nil)
	for _, test := range []struct {
		origin   string
		accepted bool
	}{
		{app, true},
		{"", true}, // not a browser
		{"http://" + s.addr, true},
		{evil, false},
		{"null", false},
		{"https://app.example.com.evil.example", false},
		{"https://old.example.com", false},
	} {
		t.Run(test.origin, func(t *testing.T) {
			header := http.Header{}
			if test.origin != "" {
				header.Set("Origin", test.origin)
			}
			dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second}
			conn, got, err := dialer.DialContext(t.Context(), "ws://"+s.addr+"/echo", header)
			if got == nil {
				t.Fatal(err)
			}
			if !test.accepted {
				if got.StatusCode != 403 {
					t.Errorf("got status %d, want 403", got.StatusCode)
				}
				if conn != nil {
					conn.Close()
				}
				return
			}
			if err != nil {
				t.Fatalf("%v, status %d", err, got.StatusCode)
			}
			defer conn.Close()
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if err := conn.WriteMessage(websocket.TextMessage, []byte("bread")); err != nil {
				t.Fatal(err)
			}
			if _, message, err := conn.ReadMessage(); err != nil || string(message) != "bread" {
				t.Errorf("got %q and %v, want bread", message, err)
			}
		})
	}
}

package overrides

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example.org"
)

var config = core.Config{
	AllowOrigins: []string{app}, AllowCredentials: true, ExposeHeaders: []string{"X-Total-Count"},
}

// The CORS headers of the actual responses under config.
var (
	granted = []string{
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Expose-Headers: X-Total-Count", "Vary: Origin",
	}
	refused = []string{"Vary: Origin"}
)

func policy(t *testing.T) *core.Policy {
	t.Helper()
	p, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// intrusion is a handler that sets CORS headers in its own way.
type intrusion struct {
	name    string
	handler http.HandlerFunc
	status  int
	body    string
}

// star sets the headers that many helpers for server-sent events set.
func star(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Headers", "Cache-Control")
}

var intrusions = []intrusion{
	{"sets *", func(w http.ResponseWriter, _ *http.Request) {
		star(w)
		io.WriteString(w, "ok")
	}, 200, "ok"},
	{"repeats Origin", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.WriteHeader(201)
		io.WriteString(w, "ok")
	}, 201, "ok"},
	{"adds", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Access-Control-Allow-Origin", "*")
		w.Header().Add("Access-Control-Allow-Origin", "*")
		w.Write([]byte("ok"))
	}, 200, "ok"},
	{"clears", func(w http.ResponseWriter, _ *http.Request) {
		clear(w.Header())
		w.Write([]byte("ok"))
	}, 200, "ok"},
	{"writes nothing", func(w http.ResponseWriter, _ *http.Request) { star(w) }, 200, ""},
	{"flushes first", func(w http.ResponseWriter, _ *http.Request) {
		star(w)
		w.(http.Flusher).Flush()
		io.WriteString(w, "ok")
	}, 200, "ok"},
	{"flushes with a ResponseController", func(w http.ResponseWriter, _ *http.Request) {
		star(w)
		if err := http.NewResponseController(w).Flush(); err != nil {
			panic(err)
		}
		io.WriteString(w, "ok")
	}, 200, "ok"},
	{"sends hints first", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(103)
		star(w)
		w.WriteHeader(200)
		io.WriteString(w, "ok")
	}, 200, "ok"},
	{"serves a file", func(w http.ResponseWriter, r *http.Request) {
		star(w)
		http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader("ok"))
	}, 200, "ok"},
	{"copies", func(w http.ResponseWriter, _ *http.Request) {
		star(w)
		io.Copy(w, io.LimitReader(strings.NewReader("ok"), 2))
	}, 200, "ok"},
	{"fails", func(w http.ResponseWriter, _ *http.Request) {
		star(w)
		http.Error(w, "no", 500)
	}, 500, "no\n"},
	{"panics", func(w http.ResponseWriter, _ *http.Request) {
		star(w)
		panic("boom")
	}, 500, ""},
}

// routers has a function per framework that returns a router with the handler at /events.
var routers = map[string]func(http.HandlerFunc) http.Handler{
	"net/http": func(h http.HandlerFunc) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("GET /events", h)
		return mux
	},
	"chi": func(h http.HandlerFunc) http.Handler {
		r := chi.NewRouter()
		r.Get("/events", h)
		return r
	},
	"gin": func(h http.HandlerFunc) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.GET("/events", gin.WrapF(h))
		return r
	},
	"echo": func(h http.HandlerFunc) http.Handler {
		e := echo.New()
		e.GET("/events", echo.WrapHandler(h))
		return e
	},
}

// recovering responds with 500 if h panics.
func recovering(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(500)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// serve serves h until the test ends, and returns the base URL.
func serve(t *testing.T, h http.Handler) string {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // echo writes the status again after a flush
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// get sends a GET request from the origin.
func get(t *testing.T, target, origin string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// corsLines returns the CORS headers of a response and its Vary, sorted.
func corsLines(response *http.Response) (lines []string) {
	for name, values := range response.Header {
		for _, value := range values {
			if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
				lines = append(lines, name+": "+value)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// TestPolicyWins sends a request to each handler on each framework. The responses have the headers
// of the policy.
func TestPolicyWins(t *testing.T) {
	for name, router := range routers {
		for _, in := range intrusions {
			t.Run(name+"/"+in.name, func(t *testing.T) {
				target := serve(t, recovering(policyWins(policy(t))(router(in.handler)))) + "/events"
				for origin, want := range map[string][]string{app: granted, evil: refused} {
					response := get(t, target, origin)
					body, err := io.ReadAll(response.Body)
					if err != nil {
						t.Fatal(err)
					}
					if got := corsLines(response); !slices.Equal(got, want) || response.StatusCode != in.status ||
						string(body) != in.body {
						t.Errorf("%s: got %d, %q and %q, want %d, %q and %q", origin, response.StatusCode, got, body,
							in.status, want, in.body)
					}
				}
			})
		}
	}
}

// TestMiddlewareLoses is the negative control: with the usual middleware, the handler wins.
func TestMiddlewareLoses(t *testing.T) {
	for name, router := range routers {
		t.Run(name, func(t *testing.T) {
			target := serve(t, corshttp.New(config)(router(intrusions[0].handler))) + "/events"
			want := []string{"Access-Control-Allow-Headers: Cache-Control", "Access-Control-Allow-Origin: *", "Vary: Origin"}
			if got := corsLines(get(t, target, evil)); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestReachable: corstest.CheckReachable finds nothing, and preflights still get their response.
func TestReachable(t *testing.T) {
	for name, router := range routers {
		for _, in := range intrusions {
			t.Run(name+"/"+in.name, func(t *testing.T) {
				corstest.CheckReachable(t, recovering(policyWins(policy(t))(router(in.handler))), app, "/events", "/nope")
			})
		}
	}
}

// TestStream: gin's c.Stream still works. It sends each event at once, and notices when the client
// leaves.
func TestStream(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	received, left := make(chan int), make(chan struct{})
	r := gin.New()
	r.GET("/events", func(c *gin.Context) {
		c.Header("Access-Control-Allow-Origin", "*")
		n := 0
		gone := c.Stream(func(io.Writer) bool {
			n++
			c.SSEvent("message", n)
			if n == 3 {
				<-c.Request.Context().Done()
				return true
			}
			c.Writer.Flush()
			<-received // the client has the event before the next one is made
			return true
		})
		if gone {
			close(left)
		}
	})
	response := get(t, serve(t, policyWins(policy(t))(r))+"/events", app)
	if got := corsLines(response); !slices.Equal(got, granted) {
		t.Errorf("got %q, want %q", got, granted)
	}
	lines := bufio.NewScanner(response.Body)
	for n := 1; n < 3; n++ {
		for lines.Scan() && lines.Text() != fmt.Sprintf("data:%d", n) {
		}
		received <- n
	}
	response.Body.Close()
	<-left
}

// TestUpstream: a reverse proxy adds the headers of its upstream. core.Strip in ModifyResponse
// removes them.
func TestUpstream(t *testing.T) {
	upstream, err := url.Parse(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept")
		star(w)
		io.WriteString(w, "ok")
	})))
	if err != nil {
		t.Fatal(err)
	}
	rewrite := func(r *httputil.ProxyRequest) { r.SetURL(upstream) }
	plain := &httputil.ReverseProxy{Rewrite: rewrite}
	stripping := &httputil.ReverseProxy{Rewrite: rewrite, ModifyResponse: func(r *http.Response) error {
		core.Strip(r.Header)
		return nil
	}}
	merged := append(slices.Clone(granted[:3]), "Vary: Accept", "Vary: Origin")
	both := append(slices.Clone(merged), "Access-Control-Allow-Headers: Cache-Control", "Access-Control-Allow-Origin: *")
	slices.Sort(both)
	for _, tt := range []struct {
		name    string
		handler http.Handler
		want    []string
	}{
		{"both", corshttp.New(config)(plain), both}, // the negative control
		{"stripped", corshttp.New(config)(stripping), merged},
		{"policyWins", policyWins(policy(t))(plain), merged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := corsLines(get(t, serve(t, tt.handler)+"/", app)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDocs checks that the guide shows exactly the function that is tested here.
func TestDocs(t *testing.T) {
	source, err := os.ReadFile("overrides.go")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "guides", "proxies.md"))
	if err != nil {
		t.Fatal(err)
	}
	function := regexp.MustCompile(`(?ms)^// policyWins is.*?^}\n`).FindString(string(source))
	if function == "" || !strings.Contains(string(guide), "```go\n"+function+"```\n") {
		t.Errorf("docs/guides/proxies.md does not show\n%s", function)
	}
}

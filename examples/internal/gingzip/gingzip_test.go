// Package gingzip tests what the docs say about using github.com/gin-contrib/gzip with corsgin: it
// removes Vary from some responses, and there are ways to avoid that.
package gingzip

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"github.com/polycors/cors/adapters/corsgin"
	"github.com/polycors/cors/adapters/corshttp"
)

const (
	app = "https://app.example.com"

	mended = "mended upstream: remove the note in corsgin's doc comment and in docs/guides/proxies.md"
)

var config = corsgin.Config{AllowOrigins: []string{app}}

// routes adds handlers whose responses a shared cache may store.
func routes(r *gin.Engine) *gin.Engine {
	reply := func(status int, encoding, body string) gin.HandlerFunc {
		return func(c *gin.Context) {
			c.Header("Cache-Control", "max-age=60")
			if encoding != "" {
				c.Header("Content-Encoding", encoding)
			}
			c.String(status, body)
		}
	}
	long := strings.Repeat("plain text ", 500)
	r.GET("/plain", reply(200, "", long))
	r.GET("/missing", reply(404, "", long))
	r.GET("/broken", reply(500, "", long))
	r.GET("/brotli", reply(200, "br", "in place of a compressed body"))
	r.GET("/gzip", reply(200, "gzip", "\x1f\x8b in place of a compressed body"))
	r.GET("/unstored", func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		c.String(404, long)
	})
	r.GET("/bare", func(c *gin.Context) {
		c.Header("Cache-Control", "max-age=60")
		c.Status(404)
	})
	return r
}

// get returns the response to a page's request that accepts gzip.
func get(t *testing.T, h http.Handler, path string) *http.Response {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", app)
	r.Header.Set("Accept-Encoding", "gzip") // set here, so the client does not decompress
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("Access-Control-Allow-Origin"); got != app {
		t.Fatalf("GET %s: Access-Control-Allow-Origin: %q, want %q", path, got, app)
	}
	return response
}

// varies reports whether Vary names the field.
func varies(r *http.Response, name string) bool {
	tokens := strings.FieldsFunc(strings.Join(r.Header["Vary"], ","), func(c rune) bool { return c == ',' || c == ' ' })
	return slices.ContainsFunc(tokens, func(token string) bool { return strings.EqualFold(token, name) })
}

// engines lists the setups that lose Vary. The order does not matter, and corshttp around the
// engine does not help either. Setting Vary again after the handler is too late for a response with
// a body.
func engines() map[string]http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := func(middleware ...gin.HandlerFunc) *gin.Engine {
		r := gin.New()
		r.Use(middleware...)
		return routes(r)
	}
	again := func(c *gin.Context) {
		c.Next()
		c.Header("Vary", "Origin, Accept-Encoding")
	}
	compress := gzip.Gzip(gzip.DefaultCompression)
	return map[string]http.Handler{
		"corsgin, gzip":                   engine(corsgin.New(config), compress),
		"gzip, corsgin":                   engine(compress, corsgin.New(config)),
		"corshttp around gzip":            corshttp.New(config)(engine(compress)),
		"Vary set after c.Next":           engine(again, corsgin.New(config), compress),
		"Vary set after c.Next, gzip out": engine(compress, again, corsgin.New(config)),
	}
}

// TestVaryIsLost checks that Vary is lost. If it fails, gin-contrib/gzip keeps Vary now.
func TestVaryIsLost(t *testing.T) {
	for name, h := range engines() {
		for path, lost := range map[string]bool{
			"/plain": false, "/missing": true, "/broken": true, "/brotli": true, "/gzip": true, "/no-such-route": true,
		} {
			t.Run(name+path, func(t *testing.T) {
				switch r := get(t, h, path); {
				case lost && varies(r, "Origin"):
					t.Errorf("status %d, Vary: %q: %s", r.StatusCode, r.Header["Vary"], mended)
				case !lost && !varies(r, "Origin"):
					t.Errorf("status %d, Vary: %q: worse than the notes say", r.StatusCode, r.Header["Vary"])
				}
			})
		}
	}
}

// TestBareStatusLosesVary checks the same for a status of 400 or more without a body.
func TestBareStatusLosesVary(t *testing.T) {
	for _, name := range []string{"corsgin, gzip", "gzip, corsgin", "corshttp around gzip"} {
		if r := get(t, engines()[name], "/bare"); varies(r, "Origin") {
			t.Errorf("%s: Vary: %q: %s", name, r.Header["Vary"], mended)
		}
	}
}

// TestCompressAround checks that gzhttp around the engine compresses and keeps Vary.
func TestCompressAround(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(corsgin.New(config))
	h := gzhttp.GzipHandler(routes(r))
	for path, encoding := range map[string]string{
		"/plain": "gzip", "/missing": "gzip", "/broken": "gzip", "/brotli": "br", "/gzip": "gzip",
		"/no-such-route": "", "/bare": "",
	} {
		t.Run(path, func(t *testing.T) {
			got := get(t, h, path)
			if !varies(got, "Origin") {
				t.Errorf("Vary: %q, want Origin in it", got.Header["Vary"])
			}
			if got := got.Header.Get("Content-Encoding"); got != encoding {
				t.Errorf("Content-Encoding: %q, want %q", got, encoding)
			}
			if encoding == "gzip" && path != "/gzip" && !varies(got, "Accept-Encoding") {
				t.Errorf("Vary: %q, want Accept-Encoding in it", got.Header["Vary"])
			}
		})
	}
}

// TestExcluded checks that gzip keeps Vary on paths that are excluded from compression.
func TestExcluded(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	compress := gzip.Gzip(gzip.DefaultCompression, gzip.WithExcludedPaths([]string{"/brotli", "/gzip"}))
	for i, order := range [][]gin.HandlerFunc{{corsgin.New(config), compress}, {compress, corsgin.New(config)}} {
		r := gin.New()
		r.Use(order...)
		routes(r)
		for _, path := range []string{"/brotli", "/gzip"} {
			t.Run(fmt.Sprint(i, path), func(t *testing.T) {
				if got := get(t, r, path); !varies(got, "Origin") {
					t.Errorf("Vary: %q, want Origin in it", got.Header["Vary"])
				}
			})
		}
	}
}

// TestNoStore checks that gzip keeps Cache-Control. So an error without Vary can be kept out of
// caches.
func TestNoStore(t *testing.T) {
	for _, name := range []string{"corsgin, gzip", "gzip, corsgin"} {
		if got := get(t, engines()[name], "/unstored").Header["Cache-Control"]; !slices.Equal(got, []string{"no-store"}) {
			t.Errorf("%s: Cache-Control: %q, want no-store", name, got)
		}
	}
}

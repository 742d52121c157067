package benchmarks

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/polycors/cors/adapters/corshttp"
)

// httpServer serves an http.Handler. The routers of chi, gin and echo are handlers too.
type httpServer struct{ handler http.Handler }

func (s httpServer) Serve(l net.Listener) error { return http.Serve(l, s.handler) }

func (s httpServer) Client(r Request) Client {
	request := httptest.NewRequest(r.Method, "/items", nil)
	for name, value := range r.Header() {
		request.Header.Set(name, value)
	}
	return &httpClient{s.handler, request, recorder{header: http.Header{}}}
}

type httpClient struct {
	handler  http.Handler
	request  *http.Request
	response recorder
}

// Serve reuses one header map for all requests. Otherwise the map's own storage would be counted as
// a cost of the middleware.
func (c *httpClient) Serve(n int) {
	for range n {
		clear(c.response.header)
		c.handler.ServeHTTP(&c.response, c.request)
	}
}

func (c *httpClient) Response() Response {
	c.response.status = http.StatusOK
	c.Serve(1)
	return Response{c.response.status, c.response.header.Clone()}
}

func (c *httpClient) Spoil() (undo func()) {
	before := map[string][]string{}
	for name, values := range c.response.header {
		values = values[:cap(values)]
		before[name] = slices.Clone(values)
		for i := range values {
			values[i] = "spoilt"
		}
	}
	reached := maps.Clone(c.response.header)
	return func() {
		for name, values := range before {
			copy(reached[name][:len(values)], values)
		}
	}
}

// recorder is a ResponseWriter that keeps the status and the header.
type recorder struct {
	header http.Header
	status int
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) Write(p []byte) (int, error) { return len(p), nil }
func (w *recorder) WriteHeader(status int)      { w.status = status }

func handled(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(Handled) }

func serveHTTP(middleware ...func(http.Handler) http.Handler) Server {
	var h http.Handler = http.HandlerFunc(handled)
	for _, m := range middleware {
		h = m(h)
	}
	return httpServer{h}
}

// line is a header line to write.
type line struct{ name, value string }

func headerLines(r Response) (list []line) {
	for name, values := range r.Header {
		list = append(list, line{name, values[0]})
	}
	slices.SortFunc(list, func(a, b line) int { return strings.Compare(a.name, b.name) })
	return list
}

// write sets the header lines. It allocates once, and no two responses share a slice.
func write(h http.Header, lines []line) {
	values := make([]string, len(lines))
	for i, l := range lines {
		values[i] = l.value
		h[l.name] = values[i : i+1 : i+1]
	}
}

func floorHTTP(want Response) func(http.Handler) http.Handler {
	lines := headerLines(want)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			write(w.Header(), lines)
			if want.Status == Handled {
				next.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(want.Status)
		})
	}
}

func polycorsHTTP(p *Policy) (func(http.Handler) http.Handler, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corshttp.Middleware(policy), nil
}

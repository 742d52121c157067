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

// httpServer is a handler of net/http, and of the frameworks that are one.
type httpServer struct{ handler http.Handler }

func (s httpServer) Serve(l net.Listener) error { return http.Serve(l, s.handler) }

func (s httpServer) Client(r Request) Client {
	request := httptest.NewRequest(r.Method, "/items", nil)
	for name, value := range r.Header() {
		request.Header.Set(name, value)
	}
	return &httpClient{s.handler, request, response{header: http.Header{}}}
}

type httpClient struct {
	handler  http.Handler
	request  *http.Request
	response response
}

// Serve uses one header map all over, so that what is measured beyond bare is the values and not the map's storage.
func (c *httpClient) Serve(n int) {
	for range n {
		clear(c.response.header)
		c.handler.ServeHTTP(&c.response, c.request)
	}
}

func (c *httpClient) Answer() Answer {
	c.response.status = http.StatusOK
	c.Serve(1)
	return Answer{c.response.status, c.response.header.Clone()}
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

// response is a ResponseWriter that keeps status and header.
type response struct {
	header http.Header
	status int
}

func (w *response) Header() http.Header         { return w.header }
func (w *response) Write(p []byte) (int, error) { return len(p), nil }
func (w *response) WriteHeader(status int)      { w.status = status }

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

func lines(a Answer) (list []line) {
	for name, values := range a.Header {
		list = append(list, line{name, values[0]})
	}
	slices.SortFunc(list, func(a, b line) int { return strings.Compare(a.name, b.name) })
	return list
}

// write writes lines whose values nothing else shares, in one allocation.
func write(h http.Header, lines []line) {
	values := make([]string, len(lines))
	for i, l := range lines {
		values[i] = l.value
		h[l.name] = values[i : i+1 : i+1]
	}
}

func floorHTTP(want Answer) func(http.Handler) http.Handler {
	lines := lines(want)
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

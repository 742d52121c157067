package benchmarks

import (
	"errors"
	"net"
)

// Framework is a web framework with the CORS middleware that can be used with it. Its peers begin
// with Bare, Floor and Ours.
type Framework struct {
	Name   string
	Module string // "" for net/http
	// MaxAllocs is how often our middleware may allocate for an actual request, and for a preflight.
	MaxAllocs [2]float64
	Peers     []Peer
}

// Indices into Framework.Peers.
const (
	// Bare is the framework without CORS. If the wanted response is not the handler's, Bare writes
	// its status and nothing else.
	Bare = iota
	// Floor is the least code that writes the headers of Scenario.Want. It looks at no request, and
	// its responses do not share slices.
	Floor
	// Ours is the middleware of this repository.
	Ours
	// FirstRival is the first middleware of somebody else.
	FirstRival
)

// Peer is one way to serve a policy.
type Peer struct {
	Name   string
	Module string // of a rival; "" if it is part of the framework, or not a module
	Usual  bool   // whether it is what most users of the framework take
	// New returns a server for the policy, or ErrUnsupported. Only Bare and Floor use want.
	New func(p *Policy, want Response) (Server, error)
	// Build returns only the middleware for the policy. It is nil for Bare and Floor.
	Build func(p *Policy) (any, error)
}

// ErrUnsupported means that a peer has no option for something in a policy.
var ErrUnsupported = errors.New("it cannot be expressed")

// Server serves requests, either in memory or on a listener.
type Server interface {
	// Client returns a client that calls the server in memory.
	Client(r Request) Client
	Serve(l net.Listener) error
}

// Client sends one request again and again. Use it from one goroutine.
type Client interface {
	// Serve sends the request n times.
	Serve(n int)
	// Response sends the request once, and returns the response.
	Response() Response
	// Spoil overwrites all memory that can be reached from the last response. undo restores it.
	Spoil() (undo func())
}

// Frameworks lists everything that is tested and measured.
var Frameworks = []Framework{
	{Name: "net/http", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorHTTP, serveHTTP),
		floor(floorHTTP, serveHTTP),
		peer("polycors", polycorsHTTP, serveHTTP),
		from("github.com/jub0bs/cors", peer("jub0bs/cors", jub0bs, serveHTTP)),
		usual(from("github.com/rs/cors", peer("rs/cors", rsCORS, serveHTTP))),
	}},
	{Name: "chi", Module: "github.com/go-chi/chi/v5", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorHTTP, serveChi),
		floor(floorHTTP, serveChi),
		peer("polycors", polycorsChi, serveChi),
		usual(from("github.com/go-chi/cors", peer("go-chi/cors", goChiCORS, serveChi))),
		from("github.com/jub0bs/cors", peer("jub0bs/cors", jub0bs, serveChi)),
		from("github.com/rs/cors", peer("rs/cors", rsCORS, serveChi)),
	}},
	{Name: "gin", Module: "github.com/gin-gonic/gin", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorGin, serveGin),
		floor(floorGin, serveGin),
		peer("polycors", polycorsGin, serveGin),
		usual(from("github.com/gin-contrib/cors", peer("gin-contrib/cors", ginContribCORS, serveGin))),
	}},
	// echo v4 itself allocates once for every middleware and request.
	{Name: "echo v4", Module: "github.com/labstack/echo/v4", MaxAllocs: [2]float64{2, 2}, Peers: []Peer{
		bare(floorEcho, serveEcho),
		floor(floorEcho, serveEcho),
		peer("polycors", polycorsEcho, serveEcho),
		usual(peer("echo's own", echoCORS, serveEcho)),
	}},
	{Name: "echo v5", Module: "github.com/labstack/echo/v5", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorEcho5, serveEcho5),
		floor(floorEcho5, serveEcho5),
		peer("polycors", polycorsEcho5, serveEcho5),
		usual(peer("echo v5's own", echo5CORS, serveEcho5)),
	}},
	{Name: "fiber v2", Module: "github.com/gofiber/fiber/v2", MaxAllocs: [2]float64{1, 2}, Peers: []Peer{
		bare(floorFiber, serveFiber),
		floor(floorFiber, serveFiber),
		peer("polycors", polycorsFiber, serveFiber),
		usual(peer("fiber's own", fiberCORS, serveFiber)),
	}},
	{Name: "fiber v3", Module: "github.com/gofiber/fiber/v3", MaxAllocs: [2]float64{1, 2}, Peers: []Peer{
		bare(floorFiber3, serveFiber3),
		floor(floorFiber3, serveFiber3),
		peer("polycors", polycorsFiber3, serveFiber3),
		usual(peer("fiber v3's own", fiber3CORS, serveFiber3)),
	}},
	{Name: "fasthttp", Module: "github.com/valyala/fasthttp", MaxAllocs: [2]float64{1, 2}, Peers: []Peer{
		bare(floorFastHTTP, serveFastHTTP),
		floor(floorFastHTTP, serveFastHTTP),
		peer("polycors", polycorsFastHTTP, serveFastHTTP),
		usual(peer("by hand", byHand, serveFastHTTP)),
	}},
}

// bare returns the peer Bare. M is the type of the framework's middleware.
func bare[M any](write func(Response) M, serve func(...M) Server) Peer {
	return Peer{Name: "no CORS", New: func(_ *Policy, want Response) (Server, error) {
		if want.Status == Handled {
			return serve(), nil
		}
		return serve(write(Response{Status: want.Status})), nil
	}}
}

// floor returns the peer Floor.
func floor[M any](write func(Response) M, serve func(...M) Server) Peer {
	return Peer{Name: "headers only", New: func(_ *Policy, want Response) (Server, error) {
		return serve(write(want)), nil
	}}
}

// peer returns a peer whose middleware is made by build.
func peer[M any](name string, build func(*Policy) (M, error), serve func(...M) Server) Peer {
	return Peer{
		Name:  name,
		Build: func(p *Policy) (any, error) { return build(p) },
		New: func(p *Policy, _ Response) (Server, error) {
			m, err := build(p)
			if err != nil {
				return nil, err
			}
			return serve(m), nil
		},
	}
}

// from returns p as a peer of another module.
func from(module string, p Peer) Peer {
	p.Module = module
	return p
}

// usual returns p as what most users of the framework take.
func usual(p Peer) Peer {
	p.Usual = true
	return p
}

package benchmarks

import (
	"errors"
	"net"
)

// Framework is a framework with everything that can stand in front of its handler. The first peer is bare, the second the floor, the third ours.
type Framework struct {
	Name   string
	Module string // "" for net/http
	// MaxAllocs is how often our middleware may allocate for an actual request, and for a preflight.
	MaxAllocs [2]float64
	Peers     []Peer
}

// Indices into Framework.Peers. Rivals follow.
const (
	Bare  = iota // no CORS at all; where the right answer is not the handler's, that answer's status and nothing else
	Floor        // the least code that writes the lines of Scenario.Want, without asking and without sharing slices
	Ours
	FirstRival
)

// Peer is one way to serve a policy.
type Peer struct {
	Name   string
	Module string // of rivals; "" if the framework has it, or nobody
	Usual  bool   // what most users of the framework would take
	// New returns a server for the policy, or ErrCannot. want is for the floor alone.
	New func(p *Policy, want Answer) (Server, error)
	// Build makes the middleware of the policy and nothing else. It is nil where there is none.
	Build func(p *Policy) (any, error)
}

// ErrCannot says that a peer has no option for what a policy wants.
var ErrCannot = errors.New("it cannot be expressed")

// Server answers requests without a network, or with one.
type Server interface {
	Client(r Request) Client
	Serve(l net.Listener) error
}

// Client sends the same request again and again, in one goroutine.
type Client interface {
	Serve(n int)
	Answer() Answer
	// Spoil overwrites all that can be reached from the last response, until it is undone.
	Spoil() (undo func())
}

// Frameworks is the table from which tests, report and charts are made.
var Frameworks = []Framework{
	{Name: "net/http", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorHTTP, serveHTTP), floor(floorHTTP, serveHTTP), peer("polycors", polycorsHTTP, serveHTTP),
		of("github.com/jub0bs/cors", peer("jub0bs/cors", jub0bs, serveHTTP)), usual(of("github.com/rs/cors", peer("rs/cors", rsCORS, serveHTTP))),
	}},
	{Name: "chi", Module: "github.com/go-chi/chi/v5", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorHTTP, serveChi), floor(floorHTTP, serveChi), peer("polycors", polycorsChi, serveChi),
		usual(of("github.com/go-chi/cors", peer("go-chi/cors", goChiCORS, serveChi))),
		of("github.com/jub0bs/cors", peer("jub0bs/cors", jub0bs, serveChi)), of("github.com/rs/cors", peer("rs/cors", rsCORS, serveChi)),
	}},
	{Name: "gin", Module: "github.com/gin-gonic/gin", MaxAllocs: [2]float64{1, 1}, Peers: []Peer{
		bare(floorGin, serveGin), floor(floorGin, serveGin), peer("polycors", polycorsGin, serveGin),
		usual(of("github.com/gin-contrib/cors", peer("gin-contrib/cors", ginContribCORS, serveGin))),
	}},
	// One of echo's allocations is the link that it makes for every middleware, on every request.
	{Name: "echo", Module: "github.com/labstack/echo/v4", MaxAllocs: [2]float64{2, 2}, Peers: []Peer{
		bare(floorEcho, serveEcho), floor(floorEcho, serveEcho), peer("polycors", polycorsEcho, serveEcho), usual(peer("echo's own", echoCORS, serveEcho)),
	}},
	{Name: "fiber", Module: "github.com/gofiber/fiber/v2", MaxAllocs: [2]float64{1, 2}, Peers: []Peer{
		bare(floorFiber, serveFiber), floor(floorFiber, serveFiber), peer("polycors", polycorsFiber, serveFiber), usual(peer("fiber's own", fiberCORS, serveFiber)),
	}},
	{Name: "fasthttp", Module: "github.com/valyala/fasthttp", MaxAllocs: [2]float64{1, 2}, Peers: []Peer{
		bare(floorFastHTTP, serveFastHTTP), floor(floorFastHTTP, serveFastHTTP), peer("polycors", polycorsFastHTTP, serveFastHTTP), usual(peer("by hand", byHand, serveFastHTTP)),
	}},
}

// bare is a framework without CORS. M is the type of its middleware.
func bare[M any](write func(Answer) M, serve func(...M) Server) Peer {
	return Peer{Name: "bare", New: func(_ *Policy, want Answer) (Server, error) {
		if want.Status == Handled {
			return serve(), nil
		}
		return serve(write(Answer{Status: want.Status})), nil
	}}
}

// floor writes the answer that is wanted.
func floor[M any](write func(Answer) M, serve func(...M) Server) Peer {
	return Peer{Name: "floor", New: func(_ *Policy, want Answer) (Server, error) { return serve(write(want)), nil }}
}

// peer is a middleware that build makes of a policy.
func peer[M any](name string, build func(*Policy) (M, error), serve func(...M) Server) Peer {
	return Peer{
		Name:  name,
		Build: func(p *Policy) (any, error) { return build(p) },
		New: func(p *Policy, _ Answer) (Server, error) {
			m, err := build(p)
			if err != nil {
				return nil, err
			}
			return serve(m), nil
		},
	}
}

// of says where a rival comes from.
func of(module string, p Peer) Peer {
	p.Module = module
	return p
}

func usual(p Peer) Peer {
	p.Usual = true
	return p
}

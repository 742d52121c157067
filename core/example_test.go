package core_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/polycors/cors/core"
)

// A policy decides about a preflight. Adapters do the same for every request.
func ExampleNew() {
	policy, err := core.New(core.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.dev.example.com"},
		AllowHeaders:     append(core.DefaultHeaders(), "x-request-id"),
		AllowMethods:     append(core.DefaultMethods(), "QUERY"),
		AllowCredentials: true,
	})
	if err != nil {
		panic(err)
	}
	decision := policy.Decide(context.Background(), core.Request{
		Method: "OPTIONS",
		Path:   "/items",
		Header: core.HeaderMap{
			"Origin":                         {"https://app.example.com"},
			"Access-Control-Request-Method":  {"QUERY"},
			"Access-Control-Request-Headers": {"x-request-id"},
		},
	})
	fmt.Println(decision.Kind, decision.Reason, decision.Allowed(), decision.Status)

	header := http.Header{}
	decision.ApplyMap(header)
	fmt.Println(header.Get("Access-Control-Allow-Origin"), header.Get("Access-Control-Allow-Credentials"))
	// Output:
	// preflight allowed true 204
	// https://app.example.com true
}

// New reports all problems together. Problems gives a program access to each of them.
func ExampleProblems() {
	_, err := core.New(core.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://admin.example.com/"},
		AllowMethods:     []string{"patch"},
		AllowCredentials: true,
	})
	for problem := range core.Problems(err) {
		fmt.Printf("%s[%d]: %s\n", problem.Field, problem.Index, problem.Fix)
	}
	// Output:
	// AllowOrigins[1]: write "https://admin.example.com"
	// AllowMethods[0]: write "PATCH"
}

// OnDecision receives an Event for each request. To retain an Event, it must clone it, because the
// Event may refer to memory that the server reuses.
func ExampleEvent_Clone() {
	var refused []core.Event
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		OnDecision: func(ctx context.Context, e core.Event) {
			if e.Decision.Reason > core.ReasonAllowed {
				refused = append(refused, e.Clone())
			}
		},
	})
	if err != nil {
		panic(err)
	}
	policy.Decide(context.Background(), core.Request{
		Method: "OPTIONS",
		Path:   "/items",
		Header: core.HeaderMap{
			"Origin":                         {"https://app.example.com"},
			"Access-Control-Request-Method":  {"GET"},
			"Access-Control-Request-Headers": {"accept,x-trace"},
		},
	})
	for _, e := range refused {
		fmt.Println(e.Request.Path, e.Decision.Reason, e.Refused)
	}
	// Output:
	// /items header-not-allowed x-trace
}

// You can write a Decider that chooses a policy for each request, for example by host.
func ExampleDecider() {
	policy := func(origin string) core.Decider {
		p, err := core.New(core.Config{AllowOrigins: []string{origin}})
		if err != nil {
			panic(err)
		}
		return p
	}
	var decider core.Decider = byHost{
		"api.example.com": policy("https://app.example.com"),
		"api.example.org": policy("https://app.example.org"),
	}
	for _, host := range []string{"api.example.com", "api.example.org", "api.example.net"} {
		decision := decider.Decide(context.Background(), core.Request{
			Method: "GET", Host: host, Header: core.HeaderMap{"Origin": {"https://app.example.org"}},
		})
		fmt.Println(host, decision.Reason)
	}
	// Output:
	// api.example.com origin-not-allowed
	// api.example.org allowed
	// api.example.net no-policy
}

type byHost map[string]core.Decider

// Decide implements [core.Decider]. For other hosts it returns the zero Decision, which leaves the
// response unchanged.
func (d byHost) Decide(ctx context.Context, r core.Request) core.Decision {
	if decider := d[r.Host]; decider != nil {
		return decider.Decide(ctx, r)
	}
	return core.Decision{}
}

// An adapter for a server that is not built on net/http implements RequestHeader and
// ResponseHeader. If parsing the path is expensive, the adapter also implements Target, so that Ask
// parses the path only if it needs it.
func ExampleAsk() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	request := rawRequest{"GET /items HTTP/1.1", "Host: api.example.com", "Origin: https://app.example.com"}
	response := rawResponse{"Vary: Accept-Encoding"}

	var room core.Decision
	decision := core.Ask(context.Background(), policy, &core.Request{Method: "GET", Header: request}, &room)
	if decision.Applies() {
		decision.Apply(&response)
	}
	if decision.Status == 0 {
		response = append(response, "", "the items") // the handler runs
	}
	fmt.Println(strings.Join(response, "\n"))
	// Output:
	// Access-Control-Allow-Origin: https://app.example.com
	// Vary: Accept-Encoding
	// Vary: Origin
	//
	// the items
}

// rawRequest contains the lines of a request.
type rawRequest []string

var (
	_ core.RequestHeader = rawRequest{}
	_ core.Target        = rawRequest{}
)

// Field implements [core.RequestHeader].
func (r rawRequest) Field(name string) string { return strings.Join(valuesOf(r, name), ", ") }

// Target implements [core.Target].
func (r rawRequest) Target() (host, path, rawPath string) {
	return r.Field("Host"), strings.Fields(r[0])[1], ""
}

// rawResponse contains the lines of a response header.
type rawResponse []string

var _ core.ResponseHeader = new(rawResponse)

// Values implements [core.ResponseHeader].
func (r *rawResponse) Values(name string) []string { return valuesOf(*r, name) }

// Add implements [core.ResponseHeader].
func (r *rawResponse) Add(name, value string) { *r = append(*r, name+": "+value) }

// Set implements [core.ResponseHeader].
func (r *rawResponse) Set(name, value string) {
	r.Del(name)
	r.Add(name, value)
}

// Del implements [core.ResponseHeader].
func (r *rawResponse) Del(name string) {
	var others []string
	for _, line := range *r {
		if !strings.HasPrefix(line, name+": ") {
			others = append(others, line)
		}
	}
	*r = others
}

func valuesOf(lines []string, name string) (values []string) {
	for _, line := range lines {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			values = append(values, value)
		}
	}
	return values
}

// A server that is not built on net/http can write the headers of a decision line by line.
func ExampleDecision_Lines() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	decision := policy.Decide(context.Background(), core.Request{
		Method: "GET", Path: "/items", Header: core.HeaderMap{"Origin": {"https://app.example.com"}},
	})
	for name, value := range decision.Lines() {
		fmt.Printf("%s: %s\n", name, value)
	}
	// Output:
	// Access-Control-Allow-Origin: https://app.example.com
	// Vary: Origin
}

// Explain suggests how to change the Config so that the request is allowed.
func ExampleConfigChange() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	explanation := policy.Explain(context.Background(), core.Request{
		Method: "GET", Path: "/items", Header: core.HeaderMap{"Origin": {"https://admin.example.com"}},
	})
	for _, change := range explanation.Changes {
		fmt.Println(change.Field, change.Add)
	}
	// Output:
	// AllowOrigins [https://admin.example.com]
}

// This policy applies only to /api/. The Config itself lists no origins, so responses for other
// paths are left unchanged.
func ExampleRoute_onlyUnderAPI() {
	policy, err := core.New(core.Config{Routes: []core.Route{
		{Path: "/api/", Config: core.Config{AllowOrigins: []string{"https://app.example.com"}}},
	}})
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/api/items", "/api", "/", "/apis"} {
		d := policy.Decide(context.Background(), core.Request{
			Method: "GET", Path: path, Header: core.HeaderMap{"Origin": {"https://app.example.com"}},
		})
		fmt.Printf("%s %s %q %q\n", path, d.Reason, d.AllowOrigin, d.Vary)
	}
	// Output:
	// /api/items allowed "https://app.example.com" "Origin"
	// /api allowed "https://app.example.com" "Origin"
	// / no-policy "" ""
	// /apis no-policy "" ""
}

// Routers interpret some paths in different ways. If this affects which policy applies, the request
// is refused.
func ExampleRoute_ambiguousPath() {
	policy, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		Routes: []core.Route{
			{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
			{PathRegex: `/v[0-9]+/status`, Config: core.Config{AllowOrigins: []string{"*"}}},
		},
	})
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/PUBLIC/news", "/public//news", "/v2/status/", "//public/news", "/public/../items"} {
		d := policy.Decide(context.Background(), core.Request{
			Method: "GET", Path: path, Header: core.HeaderMap{"Origin": {"https://other.example"}},
		})
		fmt.Println(path, d.Reason)
	}
	// Output:
	// /PUBLIC/news allowed
	// /public//news allowed
	// /v2/status/ allowed
	// //public/news path-ambiguous
	// /public/../items path-ambiguous
}

func ExampleAllowsWebSocket() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	// An adapter makes the Request of a handshake, as in corshttp.Request(r).
	handshake := core.Request{
		Method: "GET", Host: "api.example.com", Path: "/socket",
		Header: core.HeaderMap{"Origin": {"https://app.example.com"}},
	}
	fmt.Println(core.AllowsWebSocket(context.Background(), policy, handshake)) // AllowCredentials is not set
	fmt.Println(core.AllowsWebSocketWithoutCookies(context.Background(), policy, handshake))
	// Output:
	// false
	// true
}

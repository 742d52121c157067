// Package benchmarks compares the middleware of this repository with the alternatives on each
// framework. Every peer serves the same requests, and its responses are judged.
//
// The command in report measures them. No published module depends on this one.
package benchmarks

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Policy is a CORS policy. Every peer is configured for it in the way its users would.
type Policy struct {
	Origins     []string // exact ones, wildcards such as https://*.example.com, or "*" alone
	Func        func(origin string) bool
	Methods     []string
	Headers     []string // in lower case, sorted
	Expose      []string
	Credentials bool
	MaxAge      time.Duration
}

// Request is a request for /items. Fields that are empty are not sent.
type Request struct {
	Method         string
	Origin         string
	RequestMethod  string // Access-Control-Request-Method
	RequestHeaders string // Access-Control-Request-Headers
}

// Header returns the header fields of the request.
func (r Request) Header() map[string]string {
	h := map[string]string{}
	for name, value := range map[string]string{
		"Origin":                         r.Origin,
		"Access-Control-Request-Method":  r.RequestMethod,
		"Access-Control-Request-Headers": r.RequestHeaders,
	} {
		if value != "" {
			h[name] = value
		}
	}
	return h
}

// Response is a response without its body. The status is [Handled] only if the handler ran.
type Response struct {
	Status int
	Header http.Header
}

// Handled is the status that the handler writes. No middleware writes it.
const Handled = http.StatusAccepted

// Scenario is one request to one policy.
type Scenario struct {
	Name    string
	Policy  *Policy
	Request Request
	// Want is the exact response of this library. Other libraries may say the same in other words:
	// see Judge.
	Want Response
	// Granted says whether a browser must allow the request. It means nothing without Origin.
	Granted bool
	// Hostile says that no browser sends such a request.
	Hostile bool
	// Parallel says that several goroutines send the request at once.
	Parallel bool
}

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"

	varyActual    = "Origin"
	varyPreflight = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
)

// policyFor returns a policy for the origins.
func policyFor(origins ...string) *Policy {
	return &Policy{
		Origins: origins,
		Methods: []string{"GET", "POST", "PUT"},
		Headers: []string{"content-type", "x-request-id", "x-token"},
		MaxAge:  10 * time.Minute,
	}
}

// Tenants returns n origins. The format is Exact or Wildcards.
func Tenants(n int, format string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return list
}

// Formats for Tenants.
const (
	// Exact is the format of an exact origin.
	Exact = "https://tenant-%d.example.com"
	// Wildcards is the format of a pattern for the subdomains of a tenant.
	Wildcards = "https://*.tenant-%d.example.com"
)

// Scenarios returns all scenarios. Scenarios with the same policy are neighbours.
var Scenarios = sync.OnceValue(func() []Scenario {
	one := policyFor(app)
	thousand := policyFor(Tenants(1000, Exact)...)
	many := policyFor(Tenants(100_000, Exact)...)
	wildcard := policyFor("https://*.example.net")
	wildcards := policyFor(Tenants(100, Wildcards)...)
	manyWildcards := policyFor(Tenants(10_000, Wildcards)...)
	byFunc := policyFor()
	byFunc.Func = func(origin string) bool { return strings.HasSuffix(origin, ".example.com") }
	credentials := policyFor(app)
	credentials.Credentials, credentials.Expose = true, []string{"X-Total"}

	get := func(origin string) Request { return Request{Method: "GET", Origin: origin} }
	put := func(origin, headers string) Request { return Request{"OPTIONS", origin, "PUT", headers} }
	passed := func(origin string) Response {
		return Response{Handled, http.Header{"Access-Control-Allow-Origin": {origin}, "Vary": {varyActual}}}
	}
	refused := Response{Handled, http.Header{"Vary": {varyActual}}}
	preflighted := Response{204, http.Header{
		"Access-Control-Allow-Headers": {"content-type, x-request-id, x-token"},
		"Access-Control-Allow-Methods": {"GET, POST, PUT"},
		"Access-Control-Allow-Origin":  {app},
		"Access-Control-Max-Age":       {"600"},
		"Vary":                         {varyPreflight},
	}}
	stopped := Response{403, http.Header{"Vary": {varyPreflight}}}
	const tenant789, tenant78901 = "https://tenant-789.example.com", "https://tenant-78901.example.com"
	// An origin that is not listed is as long as most that are. Otherwise comparing the lengths would
	// be enough to refuse it.
	const tenantXYZ, tenantVWXYZ = "https://tenant-xyz.example.com", "https://tenant-vwxyz.example.com"
	const subdomain78 = "https://a.tenant-78.example.com"

	return []Scenario{
		{Name: NoOrigin, Policy: one, Request: get(""), Want: refused},
		{Name: GETAllowed, Policy: one, Request: get(app), Want: passed(app), Granted: true},
		{Name: GETRefused, Policy: one, Request: get(evil), Want: refused},
		{Name: PreflightAllowed, Policy: one, Request: put(app, "content-type"), Want: preflighted, Granted: true},
		{
			Name: "preflight allowed, 3 headers", Policy: one, Request: put(app, "content-type,x-request-id,x-token"),
			Want: preflighted, Granted: true,
		},
		{Name: "preflight refused: origin", Policy: one, Request: put(evil, "content-type"), Want: stopped},
		{
			Name: "preflight refused: method", Policy: one, Request: Request{"OPTIONS", app, "DELETE", "content-type"},
			Want: stopped,
		},
		{Name: "preflight refused: header", Policy: one, Request: put(app, "x-evil"), Want: stopped},
		{
			Name: "8 KiB of origin", Policy: one, Request: get("https://" + strings.Repeat("a", 8<<10)),
			Want: refused, Hostile: true,
		},
		{Name: Commas, Policy: one, Request: put(app, strings.Repeat(",", 16<<10)), Want: stopped, Hostile: true},
		{
			Name: "16 KiB of unknown names", Policy: one,
			Request: put(app, strings.Repeat("x-evil,", 16<<10/7)+"x-evil"),
			Want:    stopped, Hostile: true,
		},
		{Name: "parallel, GET allowed", Policy: one, Request: get(app), Want: passed(app), Granted: true, Parallel: true},
		{
			Name: "parallel, preflight allowed", Policy: one, Request: put(app, "content-type"),
			Want: preflighted, Granted: true, Parallel: true,
		},
		{
			Name: "credentials, GET", Policy: credentials, Request: get(app),
			Want: Response{Handled, http.Header{
				"Access-Control-Allow-Credentials": {"true"},
				"Access-Control-Allow-Origin":      {app},
				"Access-Control-Expose-Headers":    {"X-Total"},
				"Vary":                             {varyActual},
			}},
			Granted: true,
		},
		{
			Name: "any origin", Policy: policyFor("*"), Request: get(evil),
			Want: Response{Handled, http.Header{"Access-Control-Allow-Origin": {"*"}}}, Granted: true,
		},
		{Name: "a func", Policy: byFunc, Request: get(app), Want: passed(app), Granted: true},
		{Name: "1,000 origins, hit", Policy: thousand, Request: get(tenant789), Want: passed(tenant789), Granted: true},
		{Name: ThousandMiss, Policy: thousand, Request: get(tenantXYZ), Want: refused},
		{Name: "100,000 origins, hit", Policy: many, Request: get(tenant78901), Want: passed(tenant78901), Granted: true},
		{Name: ManyMiss, Policy: many, Request: get(tenantVWXYZ), Want: refused},
		{Name: WildcardMiss, Policy: wildcard, Request: get("https://a.tenant-x.example.com"), Want: refused},
		{Name: "100 wildcards, hit", Policy: wildcards, Request: get(subdomain78), Want: passed(subdomain78), Granted: true},
		{Name: "100 wildcards, miss", Policy: wildcards, Request: get("https://a.tenant-xy.example.com"), Want: refused},
		{Name: ManyWildcardsMiss, Policy: manyWildcards, Request: get("https://a.tenant-wxyz.example.com"), Want: refused},
	}
})

// Names of scenarios that tests and the report refer to.
const (
	NoOrigin          = "no origin"
	GETAllowed        = "GET allowed"
	GETRefused        = "GET refused"
	PreflightAllowed  = "preflight allowed"
	Commas            = "16 KiB of commas"
	ThousandMiss      = "1,000 origins, miss"
	ManyMiss          = "100,000 origins, miss"
	WildcardMiss      = "1 wildcard, miss"
	ManyWildcardsMiss = "10,000 wildcards, miss"
)

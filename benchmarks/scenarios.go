// Package benchmarks compares the middleware of this repository with what one would use instead: the same questions to each, with the
// right answers, on each framework. The command in report times them; nothing that is published depends on this module.
package benchmarks

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Policy is what every peer is configured for, in the way its users would.
type Policy struct {
	Origins     []string // exact ones, wildcards such as https://*.example.com, or "*" alone
	Func        func(origin string) bool
	Methods     []string
	Headers     []string // in lower case, sorted
	Expose      []string
	Credentials bool
	MaxAge      time.Duration
}

// Request is what is asked. Empty fields are left out. The path is /items.
type Request struct{ Method, Origin, AskMethod, AskHeaders string }

// Header returns the request's header.
func (r Request) Header() map[string]string {
	h := map[string]string{}
	for name, value := range map[string]string{
		"Origin": r.Origin, "Access-Control-Request-Method": r.AskMethod, "Access-Control-Request-Headers": r.AskHeaders,
	} {
		if value != "" {
			h[name] = value
		}
	}
	return h
}

// Answer is what came back. The handler behind the middleware answers with [Handled], and no middleware does.
type Answer struct {
	Status int
	Header http.Header
}

// Handled is the status that the handler writes.
const Handled = http.StatusAccepted

// Scenario is one request to one policy.
type Scenario struct {
	Name    string
	Policy  *Policy
	Request Request
	// Want is the answer of this library, line for line. Others may word theirs otherwise: see Judge.
	Want Answer
	// Granted says what a browser must conclude from any answer: the page may go on. Without Origin there is nothing to conclude.
	Granted bool
	// Hostile requests are sent by no browser, so no browser concludes anything from the answer.
	Hostile bool
	// Parallel asks from several goroutines at once.
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
		Origins: origins, Methods: []string{"GET", "POST", "PUT"}, Headers: []string{"content-type", "x-request-id", "x-token"}, MaxAge: 10 * time.Minute,
	}
}

// Tenants returns n origins, or wildcards if format has one.
func Tenants(n int, format string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return list
}

// What Tenants makes.
const (
	Exact     = "https://tenant-%d.example.com"
	Wildcards = "https://*.tenant-%d.example.com"
)

// Scenarios returns all scenarios. Those with the same policy follow each other.
var Scenarios = sync.OnceValue(func() []Scenario {
	one, thousand, many := policyFor(app), policyFor(Tenants(1000, Exact)...), policyFor(Tenants(100_000, Exact)...)
	wildcard, wildcards, manyWildcards := policyFor("https://*.example.net"), policyFor(Tenants(100, Wildcards)...), policyFor(Tenants(10_000, Wildcards)...)
	byFunc := policyFor()
	byFunc.Func = func(origin string) bool { return strings.HasSuffix(origin, ".example.com") }
	credentials := policyFor(app)
	credentials.Credentials, credentials.Expose = true, []string{"X-Total"}

	get := func(origin string) Request { return Request{Method: "GET", Origin: origin} }
	put := func(origin, headers string) Request { return Request{"OPTIONS", origin, "PUT", headers} }
	passed := func(origin string) Answer {
		return Answer{Handled, http.Header{"Access-Control-Allow-Origin": {origin}, "Vary": {varyActual}}}
	}
	refused := Answer{Handled, http.Header{"Vary": {varyActual}}}
	preflighted := Answer{204, http.Header{
		"Access-Control-Allow-Headers": {"content-type, x-request-id, x-token"}, "Access-Control-Allow-Methods": {"GET, POST, PUT"}, "Access-Control-Allow-Origin": {app},
		"Access-Control-Max-Age": {"600"}, "Vary": {varyPreflight},
	}}
	stopped := Answer{403, http.Header{"Vary": {varyPreflight}}}
	const tenant789, tenant78901 = "https://tenant-789.example.com", "https://tenant-78901.example.com"
	// A miss is as long as most of the list: one of another length is told apart by that alone.
	const tenantXYZ, tenantVWXYZ = "https://tenant-xyz.example.com", "https://tenant-vwxyz.example.com"

	return []Scenario{
		{Name: NoOrigin, Policy: one, Request: get(""), Want: refused},
		{Name: GETAllowed, Policy: one, Request: get(app), Want: passed(app), Granted: true},
		{Name: GETRefused, Policy: one, Request: get(evil), Want: refused},
		{Name: PreflightAllowed, Policy: one, Request: put(app, "content-type"), Want: preflighted, Granted: true},
		{Name: "preflight allowed, 3 headers", Policy: one, Request: put(app, "content-type,x-request-id,x-token"), Want: preflighted, Granted: true},
		{Name: "preflight refused: origin", Policy: one, Request: put(evil, "content-type"), Want: stopped},
		{Name: "preflight refused: method", Policy: one, Request: Request{"OPTIONS", app, "DELETE", "content-type"}, Want: stopped},
		{Name: "preflight refused: header", Policy: one, Request: put(app, "x-evil"), Want: stopped},
		{Name: "8 KiB of origin", Policy: one, Request: get("https://" + strings.Repeat("a", 8<<10)), Want: refused, Hostile: true},
		{Name: Commas, Policy: one, Request: put(app, strings.Repeat(",", 16<<10)), Want: stopped, Hostile: true},
		{Name: "16 KiB of unknown names", Policy: one, Request: put(app, strings.Repeat("x-evil,", 16<<10/7)+"x-evil"), Want: stopped, Hostile: true},
		{Name: "parallel, GET allowed", Policy: one, Request: get(app), Want: passed(app), Granted: true, Parallel: true},
		{Name: "parallel, preflight allowed", Policy: one, Request: put(app, "content-type"), Want: preflighted, Granted: true, Parallel: true},
		{Name: "credentials, GET", Policy: credentials, Request: get(app), Granted: true, Want: Answer{Handled, http.Header{
			"Access-Control-Allow-Credentials": {"true"}, "Access-Control-Allow-Origin": {app}, "Access-Control-Expose-Headers": {"X-Total"}, "Vary": {varyActual},
		}}},
		{Name: "any origin", Policy: policyFor("*"), Request: get(evil), Want: Answer{Handled, http.Header{"Access-Control-Allow-Origin": {"*"}}}, Granted: true},
		{Name: "a func", Policy: byFunc, Request: get(app), Want: passed(app), Granted: true},
		{Name: "1,000 origins, hit", Policy: thousand, Request: get(tenant789), Want: passed(tenant789), Granted: true},
		{Name: ThousandMiss, Policy: thousand, Request: get(tenantXYZ), Want: refused},
		{Name: "100,000 origins, hit", Policy: many, Request: get(tenant78901), Want: passed(tenant78901), Granted: true},
		{Name: ManyMiss, Policy: many, Request: get(tenantVWXYZ), Want: refused},
		{Name: WildcardMiss, Policy: wildcard, Request: get("https://a.tenant-x.example.com"), Want: refused},
		{Name: "100 wildcards, hit", Policy: wildcards, Request: get("https://a.tenant-78.example.com"), Want: passed("https://a.tenant-78.example.com"), Granted: true},
		{Name: "100 wildcards, miss", Policy: wildcards, Request: get("https://a.tenant-xy.example.com"), Want: refused},
		{Name: ManyWildcardsMiss, Policy: manyWildcards, Request: get("https://a.tenant-wxyz.example.com"), Want: refused},
	}
})

// The scenarios that tests and the report speak of by name.
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

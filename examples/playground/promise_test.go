package main

import (
	"testing"

	"github.com/polycors/cors/core"
)

// TestPromise checks what a page must be able to read.
func TestPromise(t *testing.T) {
	made := func(d core.Decision, status int) *exchange {
		return &exchange{
			Status:   status,
			Decision: core.Explanation{Decision: d},
			Response: [][2]string{{"X-Total-Count", "2"}, {"Content-Type", "text/plain"}},
		}
	}
	allowed := core.Decision{
		Kind: core.KindActual, Reason: core.ReasonAllowed,
		AllowOrigin: "http://localhost:8880", ExposeHeaders: "X-Other, x-total-count",
	}
	withCookies, anyOrigin, exposesAll, hides := allowed, allowed, allowed, allowed
	withCookies.AllowCredentials = true
	anyOrigin.AllowOrigin = "*"
	exposesAll.ExposeHeaders = "*"
	hides.ExposeHeaders = "X-Other"
	preflight := core.Decision{
		Kind: core.KindPreflight, Reason: core.ReasonAllowed,
		Status: 204, AllowOrigin: "http://localhost:8880",
	}
	continued := preflight
	continued.Status = 0
	refused := core.Decision{Kind: core.KindPreflight, Reason: core.ReasonMethodNotAllowed, Status: 403}
	off := core.Decision{}
	exposesAllWithCookies := exposesAll
	exposesAllWithCookies.AllowOrigin, exposesAllWithCookies.AllowCredentials = "", true
	chain := func(exchanges ...*exchange) []*exchange { return exchanges }
	withCredentials, totalCount := question{credentials: true}, question{header: "X-Total-Count"}
	refusedFor := func(reason string) promise { return promise{Outcome: "refused", Reason: reason} }
	readable := func(status int, header string) promise { return promise{"read", status, header, "allowed"} }
	for name, test := range map[string]struct {
		chain []*exchange
		asked question
		want  promise
	}{
		"nothing arrived": {nil, question{}, promise{Outcome: "none"}},
		"allowed":         {chain(made(allowed, 500)), question{}, readable(500, "")},
		"exposed":         {chain(made(allowed, 200)), totalCount, readable(200, "2")},
		"hidden":          {chain(made(hides, 200)), totalCount, readable(200, "")},
		"safelisted":      {chain(made(hides, 200)), question{header: "Content-Type"}, readable(200, "text/plain")},
		"all exposed":     {chain(made(exposesAll, 200)), totalCount, readable(200, "2")},
		"all exposed, with credentials": {
			chain(made(exposesAllWithCookies, 200)), question{true, "X-Total-Count"}, readable(200, ""),
		},
		"credentials": {chain(made(withCookies, 200)), withCredentials, readable(200, "")},
		"credentials that are not allowed": {
			chain(made(allowed, 200)), withCredentials, refusedFor("no-credentials"),
		},
		"credentials for everybody": {
			chain(made(anyOrigin, 200)), withCredentials, refusedFor("any-origin-with-credentials"),
		},
		"preflight and request": {chain(made(preflight, 204), made(allowed, 200)), question{}, readable(200, "")},
		// No browser can read this, so the cell becomes red.
		"a preflight with a wrong status": {chain(made(preflight, 403)), question{}, readable(403, "")},
		"a preflight that no route answers": {
			chain(made(continued, 404)), question{}, refusedFor("preflight-not-ok"),
		},
		"a preflight that is refused": {chain(made(refused, 403)), question{}, refusedFor("method-not-allowed")},
		"a redirect to where CORS is off": {
			chain(made(allowed, 302), made(off, 200)), question{}, refusedFor("no-policy"),
		},
	} {
		if got := promised(test.chain, test.asked); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

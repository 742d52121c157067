package main

import (
	"testing"

	"github.com/polycors/cors/core"
)

// What a page must be able to read, for decisions that are spelled out.
func TestPromise(t *testing.T) {
	made := func(d core.Decision, status int) *exchange {
		return &exchange{Status: status, Decision: core.Explanation{Decision: d}, Response: [][2]string{{"X-Total-Count", "2"}, {"Content-Type", "text/plain"}}}
	}
	allowed := core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, AllowOrigin: "http://localhost:8880", ExposeHeaders: "X-Other, x-total-count"}
	withCookies, anyOrigin, exposesAll, hides := allowed, allowed, allowed, allowed
	withCookies.AllowCredentials = true
	anyOrigin.AllowOrigin = "*"
	exposesAll.ExposeHeaders = "*"
	hides.ExposeHeaders = "X-Other"
	preflight := core.Decision{Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 204, AllowOrigin: "http://localhost:8880"}
	continued := preflight
	continued.Status = 0
	refused := core.Decision{Kind: core.KindPreflight, Reason: core.ReasonMethodNotAllowed, Status: 403}
	off := core.Decision{}
	for name, test := range map[string]struct {
		chain []*exchange
		asked question
		want  promise
	}{
		"nothing arrived":                   {nil, question{}, promise{Outcome: "none"}},
		"allowed":                           {[]*exchange{made(allowed, 500)}, question{}, promise{Outcome: "read", Status: 500, Reason: "allowed"}},
		"exposed":                           {[]*exchange{made(allowed, 200)}, question{header: "X-Total-Count"}, promise{"read", 200, "2", "allowed"}},
		"hidden":                            {[]*exchange{made(hides, 200)}, question{header: "X-Total-Count"}, promise{"read", 200, "", "allowed"}},
		"safelisted":                        {[]*exchange{made(hides, 200)}, question{header: "Content-Type"}, promise{"read", 200, "text/plain", "allowed"}},
		"all exposed":                       {[]*exchange{made(exposesAll, 200)}, question{header: "X-Total-Count"}, promise{"read", 200, "2", "allowed"}},
		"all exposed, with credentials":     {[]*exchange{made(core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, AllowCredentials: true, ExposeHeaders: "*"}, 200)}, question{true, "X-Total-Count"}, promise{"read", 200, "", "allowed"}},
		"credentials":                       {[]*exchange{made(withCookies, 200)}, question{credentials: true}, promise{"read", 200, "", "allowed"}},
		"credentials that are not allowed":  {[]*exchange{made(allowed, 200)}, question{credentials: true}, promise{Outcome: "refused", Reason: "no-credentials"}},
		"credentials for everybody":         {[]*exchange{made(anyOrigin, 200)}, question{credentials: true}, promise{Outcome: "refused", Reason: "any-origin-with-credentials"}},
		"preflight and request":             {[]*exchange{made(preflight, 204), made(allowed, 200)}, question{}, promise{"read", 200, "", "allowed"}},
		"a preflight with a wrong status":   {[]*exchange{made(preflight, 403)}, question{}, promise{"read", 403, "", "allowed"}}, // which no browser reads: a red cell
		"a preflight that no route answers": {[]*exchange{made(continued, 404)}, question{}, promise{Outcome: "refused", Reason: "preflight-not-ok"}},
		"a preflight that is refused":       {[]*exchange{made(refused, 403)}, question{}, promise{Outcome: "refused", Reason: "method-not-allowed"}},
		"a redirect to where CORS is off":   {[]*exchange{made(allowed, 302), made(off, 200)}, question{}, promise{Outcome: "refused", Reason: "no-policy"}},
	} {
		if got := promised(test.chain, test.asked); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

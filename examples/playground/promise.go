package main

import (
	"strings"

	"github.com/polycors/cors/core"
)

// promise is what a page must be able to read of a request, going by the decisions about it. It is
// made of [core.Decision] values and never of the headers that went over the wire, so a browser
// that comes to something else has found an error in an adapter, or in the policy.
type promise struct {
	Outcome string `json:"outcome"` // "read", "refused", or "none" if no server saw the request
	Status  int    `json:"status"`  // that the page reads
	Header  string `json:"header"`  // value of the header field that it looks at; "" if that is hidden or absent
	Reason  string `json:"reason"`  // why it is refused
}

// question is what the page says of its request that the server cannot see.
type question struct {
	credentials bool   // the credentials mode is "include"
	header      string // the field that it looks at
}

// promised returns the promise of the exchanges that one request led to: preflights, redirects and
// the answer in the end, in their order.
func promised(chain []*exchange, q question) promise {
	if len(chain) == 0 {
		return promise{Outcome: "none"}
	}
	for _, e := range chain {
		if reason := withheld(e, q); reason != "" {
			return promise{Outcome: "refused", Reason: reason}
		}
	}
	last := chain[len(chain)-1]
	p := promise{Outcome: "read", Status: last.Status, Reason: core.ReasonAllowed.String()}
	if exposes(last.Decision.Decision, q) {
		p.Header, _ = last.value(q.header)
	}
	return p
}

// withheld returns why a browser must not go on with an exchange, "" if it must.
func withheld(e *exchange, q question) string {
	d := e.Decision.Decision
	switch {
	case !d.Allowed():
		return d.Reason.String()
	// Fetch, CORS check, steps 3 to 6.
	case q.credentials && d.AllowOrigin == "*":
		return "any-origin-with-credentials"
	case q.credentials && !d.AllowCredentials:
		return "no-credentials"
	// Fetch, CORS-preflight fetch, step 7: an ok status. With continue_preflight it is the framework
	// that answers.
	case d.Kind == core.KindPreflight && d.Status == 0 && (e.Status < 200 || e.Status > 299):
		return "preflight-not-ok"
	}
	return ""
}

// exposes reports whether the page may see the field that it looks at: safelisted (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name)
// or exposed.
func exposes(d core.Decision, q question) bool {
	switch strings.ToLower(q.header) {
	case "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma":
		return true
	}
	for name := range strings.SplitSeq(d.ExposeHeaders, ",") {
		if name = strings.TrimSpace(name); strings.EqualFold(name, q.header) || name == "*" && !q.credentials {
			return true
		}
	}
	return false
}

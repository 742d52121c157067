package main

import (
	"strings"

	"github.com/polycors/cors/core"
)

// promise says what a page must be able to read, given the policy's decisions. It depends on
// [core.Decision] values and never on the headers that were sent. If a browser comes to another
// result, an adapter or the policy has an error.
type promise struct {
	Outcome string `json:"outcome"` // "read", "refused", or "none" if no server saw the request
	Status  int    `json:"status"`  // of the response that the page reads
	Header  string `json:"header"`  // the value of the field in question; "" if it is hidden or absent
	Reason  string `json:"reason"`  // why the page may or may not read it
}

// question has what the page knows about its request and the server does not.
type question struct {
	credentials bool   // the credentials mode is "include"
	header      string // the field that the page wants to read
}

// promised returns the promise for the exchanges that one request led to: preflights, redirects and
// the final response, in order.
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

// withheld returns the reason why a browser must stop at an exchange, or "" if it must go on.
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
	// Fetch, CORS-preflight fetch, step 7: the status must be ok. With continue_preflight it is the
	// framework's.
	case d.Kind == core.KindPreflight && d.Status == 0 && (e.Status < 200 || e.Status > 299):
		return "preflight-not-ok"
	}
	return ""
}

// exposes reports whether the page may read the header field that it looks for, because the field
// is safelisted (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name) or exposed.
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

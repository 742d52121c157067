package benchmarks

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Verdict is the result of judging a response.
type Verdict struct {
	Mark Mark
	Why  string // "" for Right
}

// Mark is the kind of a verdict, from good to bad.
type Mark int

const (
	// Right means that the response is the wanted one, or says the same in other words.
	Right Mark = iota
	// Differs means that a browser comes to the right conclusion, but the status or Vary differs
	// from the wanted response.
	Differs
	// NoVary means that Vary is missing, so a cache may serve the response to pages of other
	// origins. See https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches.
	NoVary
	// Shared means that a handler that writes into the header values of one response changes those
	// of another.
	Shared
	// Wrong means that a browser allows what the policy refuses, or the other way round.
	Wrong
	// Unsupported means that the peer has no option for the policy.
	Unsupported
)

// String returns the sign for the mark in the report's tables.
func (m Mark) String() string { return [...]string{"", "†", "§", "‡", "✗", "–"}[m] }

// Correct reports whether a response is good enough to compare its time with ours.
func (m Mark) Correct() bool { return m == Right || m == Differs }

// Judge sends the request twice. Between the two it overwrites the memory of the first response, so
// that a server whose responses share memory is found.
func (sc *Scenario) Judge(s Server) Verdict {
	client := s.Client(sc.Request)
	response := client.Response()
	defer client.Spoil()()
	if again := s.Client(sc.Request).Response(); !reflect.DeepEqual(response, again) {
		return Verdict{Shared, "responses share header slices"}
	}
	return sc.judge(response)
}

func (sc *Scenario) judge(r Response) Verdict {
	if sc.Request.Origin != "" {
		switch granted := sc.grants(r); {
		case granted && !sc.Granted && sc.Hostile:
			return Verdict{Differs, "allows it"}
		case granted && !sc.Granted:
			return Verdict{Wrong, "a browser takes it for a grant"}
		case !granted && sc.Granted:
			return Verdict{Wrong, "a browser takes it for a refusal"}
		}
	}
	preflight := sc.Request.RequestMethod != ""
	granted2xx := preflight && sc.Granted && r.Status/100 == 2 && r.Status != Handled
	if r.Status != sc.Want.Status && !granted2xx {
		return Verdict{Differs, fmt.Sprintf("status %d, not %d", r.Status, sc.Want.Status)}
	}
	vary := tokens(r.Header, "Vary")
	for _, token := range tokens(sc.Want.Header, "Vary") {
		if slices.Contains(vary, token) {
			continue
		}
		mark := NoVary
		if preflight {
			mark = Differs // caches do not store responses to OPTIONS (RFC 9110, section 9.3.7)
		}
		return Verdict{mark, "Vary lacks " + http.CanonicalHeaderKey(token)}
	}
	return Verdict{}
}

// grants reports whether a browser would allow the request. See
// https://fetch.spec.whatwg.org/#cors-check, and CORS-preflight fetch, step 7.
func (sc *Scenario) grants(r Response) bool {
	origins := r.Header["Access-Control-Allow-Origin"]
	if len(origins) != 1 || origins[0] != sc.Request.Origin && (origins[0] != "*" || sc.Policy.Credentials) {
		return false
	}
	if (r.Header.Get("Access-Control-Allow-Credentials") == "true") != sc.Policy.Credentials {
		return false
	}
	if sc.Request.RequestMethod == "" {
		return true
	}
	if r.Status/100 != 2 {
		return false
	}
	methods := tokens(r.Header, "Access-Control-Allow-Methods")
	if !slices.Contains(methods, strings.ToLower(sc.Request.RequestMethod)) && !slices.Contains(methods, "*") {
		return false
	}
	headers := tokens(r.Header, "Access-Control-Allow-Headers")
	for _, name := range strings.Split(sc.Request.RequestHeaders, ",") {
		if name != "" && !slices.Contains(headers, name) && !slices.Contains(headers, "*") {
			return false
		}
	}
	return true
}

// tokens returns the elements of a list, in lower case.
func tokens(h http.Header, name string) (list []string) {
	for _, value := range h[name] {
		for element := range strings.SplitSeq(value, ",") {
			list = append(list, strings.ToLower(strings.TrimSpace(element)))
		}
	}
	return list
}

package benchmarks

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Verdict is what an answer is worth.
type Verdict struct {
	Mark Mark
	Why  string // "" for Right
}

// Mark is the kind of a verdict, from good to bad.
type Mark int

const (
	Right     Mark = iota
	Otherwise      // a browser concludes what it must, but the answer is not the one that is wanted
	Cached         // a cache that keeps the answer gives it to pages of other origins (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)
	Shared         // a handler that writes into the values of one response changes those of another
	Wrong          // a browser concludes something else
	Cannot         // the peer has no such option
)

// String returns the sign that stands in the tables.
func (m Mark) String() string { return [...]string{"", "†", "§", "‡", "✗", "–"}[m] }

// Correct reports whether an answer may be compared with.
func (m Mark) Correct() bool { return m == Right || m == Otherwise }

// Judge asks a server, and once more after everything within reach of the first response was overwritten.
func (sc *Scenario) Judge(s Server) Verdict {
	client := s.Client(sc.Request)
	answer := client.Answer()
	defer client.Spoil()()
	if again := s.Client(sc.Request).Answer(); !reflect.DeepEqual(answer, again) {
		return Verdict{Shared, "responses share header slices"}
	}
	return sc.judge(answer)
}

func (sc *Scenario) judge(a Answer) Verdict {
	if sc.Request.Origin != "" {
		switch granted := sc.grants(a); {
		case granted && !sc.Granted && sc.Hostile:
			return Verdict{Otherwise, "lets it pass"}
		case granted && !sc.Granted:
			return Verdict{Wrong, "a browser takes it for a grant"}
		case !granted && sc.Granted:
			return Verdict{Wrong, "a browser takes it for a refusal"}
		}
	}
	preflight := sc.Request.AskMethod != ""
	granted2xx := preflight && sc.Granted && a.Status/100 == 2 && a.Status != Handled
	if a.Status != sc.Want.Status && !granted2xx {
		return Verdict{Otherwise, fmt.Sprintf("status %d, not %d", a.Status, sc.Want.Status)}
	}
	vary := tokens(a.Header, "Vary")
	for _, token := range tokens(sc.Want.Header, "Vary") {
		if slices.Contains(vary, token) {
			continue
		}
		mark := Cached
		if preflight {
			mark = Otherwise // caches keep no answer to OPTIONS (RFC 9110, section 9.3.7)
		}
		return Verdict{mark, "Vary lacks " + http.CanonicalHeaderKey(token)}
	}
	return Verdict{}
}

// grants reports what a browser concludes (https://fetch.spec.whatwg.org/#cors-check, and step 7 of the CORS-preflight fetch).
func (sc *Scenario) grants(a Answer) bool {
	origin, credentials := a.Header["Access-Control-Allow-Origin"], a.Header.Get("Access-Control-Allow-Credentials") == "true"
	if len(origin) != 1 || origin[0] != sc.Request.Origin && (origin[0] != "*" || sc.Policy.Credentials) || credentials != sc.Policy.Credentials {
		return false
	}
	if sc.Request.AskMethod == "" {
		return true
	}
	if a.Status/100 != 2 {
		return false
	}
	if methods := tokens(a.Header, "Access-Control-Allow-Methods"); !slices.Contains(methods, strings.ToLower(sc.Request.AskMethod)) && !slices.Contains(methods, "*") {
		return false
	}
	headers := tokens(a.Header, "Access-Control-Allow-Headers")
	for _, name := range strings.Split(sc.Request.AskHeaders, ",") {
		if name != "" && !slices.Contains(headers, name) && !slices.Contains(headers, "*") {
			return false
		}
	}
	return true
}

// tokens returns the elements of a list, in lower case.
func tokens(h http.Header, name string) (list []string) {
	for _, line := range h[name] {
		for element := range strings.SplitSeq(line, ",") {
			list = append(list, strings.ToLower(strings.TrimSpace(element)))
		}
	}
	return list
}

package core

import (
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/field"
)

// Kind says what a request is to the CORS protocol.
type Kind uint8

const (
	NotCORS   Kind = iota // no Origin, or a path without a policy
	Actual                // has an Origin: a CORS request, or a same-origin request that carries one
	Preflight             // OPTIONS with Origin and Access-Control-Request-Method
)

// String returns the name in kebab case: "not-cors", "actual", "preflight".
func (k Kind) String() string { return name(kindNames[:], int(k)) }

var kindNames = [...]string{NotCORS: "not-cors", Actual: "actual", Preflight: "preflight"}

// Reason says why a Decision is what it is.
type Reason uint8

const (
	NoPolicy         Reason = iota // nothing applies here; whoever decided before has decided
	NoOrigin                       // the request has no Origin
	Allowed                        // an Origin was present and granted
	OriginMalformed                // Origin is not the serialisation of one origin
	OriginNotAllowed               // Origin is well-formed and nothing lets it in
	LookupFailed                   // AllowOriginFunc returned an error; an actual request's response has "Vary: *"
	MethodMalformed                // Access-Control-Request-Method is not a token of at most 64 bytes
	MethodNotAllowed               // … is not among the allowed methods
	HeadersMalformed               // Access-Control-Request-Headers has an element that is not a token
	HeadersTooLarge                // … is beyond 8 KiB, 128 names or 16 empty elements
	HeaderNotAllowed               // … has a name that is not among the allowed headers
	PathAmbiguous                  // readings of the path fall under different routes
	CrossSiteWrite                 // refused as a request forgery, not by CORS
)

// String returns the name in kebab case, as in "origin-not-allowed". It is stable.
func (r Reason) String() string { return name(reasonNames[:], int(r)) }

var reasonNames = [...]string{
	NoPolicy: "no-policy", NoOrigin: "no-origin", Allowed: "allowed",
	OriginMalformed: "origin-malformed", OriginNotAllowed: "origin-not-allowed", LookupFailed: "lookup-failed",
	MethodMalformed: "method-malformed", MethodNotAllowed: "method-not-allowed",
	HeadersMalformed: "headers-malformed", HeadersTooLarge: "headers-too-large", HeaderNotAllowed: "header-not-allowed",
	PathAmbiguous: "path-ambiguous", CrossSiteWrite: "cross-site-write",
}

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// Decision is what to do with a [Request]. It is a comparable value that holds no borrowed bytes, so it may be kept.
// "" and false stand for a header that must not be written. The zero Decision (NotCORS, NoPolicy) passes the request on and
// touches nothing.
type Decision struct {
	// The order makes 112 bytes of it instead of 120, which are copied faster: 3 ns of a GET's 100.

	Kind                Kind
	Reason              Reason
	AllowCredentials    bool
	AllowPrivateNetwork bool
	Debug               bool // also write the Reason as a response header, see Config.Debug
	Status              int  // 0: pass the request on. Otherwise answer now, with this status and no body

	Vary          string // tokens to merge into Vary
	AllowOrigin   string // the values of Access-Control-Allow-Origin and so on
	AllowMethods  string
	AllowHeaders  string
	ExposeHeaders string
	MaxAge        string // seconds
}

// Allowed reports whether an Origin was present and granted.
func (d Decision) Allowed() bool { return d.Reason == Allowed }

// The names of the headers that a decision owns, in the order in which net/http writes them.
const (
	allowCredentials    = "Access-Control-Allow-Credentials"
	allowHeaders        = "Access-Control-Allow-Headers"
	allowMethods        = "Access-Control-Allow-Methods"
	allowOrigin         = "Access-Control-Allow-Origin"
	allowPrivateNetwork = "Access-Control-Allow-Private-Network"
	exposeHeaders       = "Access-Control-Expose-Headers"
	maxAge              = "Access-Control-Max-Age"
	debugReason         = "Polycors-Reason"
)

var owned = [...]string{
	allowCredentials, allowHeaders, allowMethods, allowOrigin, allowPrivateNetwork, exposeHeaders, maxAge, debugReason,
}

// appliesNothing reports whether the decision leaves the response to whoever decided about CORS before.
func (d *Decision) appliesNothing() bool { return d.Reason == NoPolicy || d.Reason == CrossSiteWrite }

// ResponseHeader is the least that Apply needs of a response's header. [net/http.Header] satisfies it as it is. Names
// are in canonical form. What Values returns must stay as it is when lines are removed and added.
type ResponseHeader interface {
	Values(name string) []string
	Set(name, value string)
	Add(name, value string)
	Del(name string)
}

// Apply writes the decision to a response's header. It removes the CORS headers that are there, writes those of the
// decision, in alphabetical order, and merges Vary token by token: lines that are there stay as they are, the missing tokens come as one line
// more, and "*" says all already. So applying twice changes nothing, and the last of several policies wins. A decision of
// NoPolicy or CrossSiteWrite changes nothing at all.
func (d *Decision) Apply(h ResponseHeader) {
	if d.appliesNothing() {
		return
	}
	// All go before the first comes: where a header is a list of lines, removing one may move another. The lines of Vary that are
	// there come last, where net/http, which sorts, has them too.
	vary := h.Values("Vary")
	h.Del("Vary")
	for _, name := range owned {
		h.Del(name)
	}
	if d.AllowCredentials {
		h.Set(allowCredentials, "true")
	}
	set(h, allowHeaders, d.AllowHeaders)
	set(h, allowMethods, d.AllowMethods)
	set(h, allowOrigin, d.AllowOrigin)
	if d.AllowPrivateNetwork {
		h.Set(allowPrivateNetwork, "true")
	}
	set(h, exposeHeaders, d.ExposeHeaders)
	set(h, maxAge, d.MaxAge)
	if d.Debug {
		h.Set(debugReason, d.Reason.String())
	}
	for _, line := range vary {
		h.Add("Vary", line)
	}
	if missing := missingVary(d.Vary, vary); missing != "" {
		h.Add("Vary", missing)
	}
}

func set(h ResponseHeader, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// ApplyMap is [Decision.Apply] for the header of net/http and what is built on it. It costs at most one allocation beyond the map's
// own storage, and one more where Vary lines are there already. The map must not be nil.
func (d *Decision) ApplyMap(h map[string][]string) {
	if d.appliesNothing() {
		return
	}
	// Nearly always nothing is there yet, and then there is nothing to strip and no Vary to merge with: a fifth of a GET's time.
	var vary []string
	if len(h) > 0 {
		Strip(h)
		vary = h["Vary"]
	}
	// One array has all values of the response, and none of another: whoever writes into a header's slice reaches
	// nothing else (https://github.com/rs/cors/issues/198).
	values := make([]string, 0, d.lines())
	if d.AllowCredentials {
		values = put(h, values, allowCredentials, "true")
	}
	values = put(h, values, allowHeaders, d.AllowHeaders)
	values = put(h, values, allowMethods, d.AllowMethods)
	values = put(h, values, allowOrigin, d.AllowOrigin)
	if d.AllowPrivateNetwork {
		values = put(h, values, allowPrivateNetwork, "true")
	}
	values = put(h, values, exposeHeaders, d.ExposeHeaders)
	values = put(h, values, maxAge, d.MaxAge)
	if d.Debug {
		values = put(h, values, debugReason, d.Reason.String())
	}
	if len(vary) == 0 {
		put(h, values, "Vary", d.Vary)
	} else if missing := missingVary(d.Vary, vary); missing != "" {
		// The lines may have room behind them that belongs to somebody else.
		h["Vary"] = append(vary[:len(vary):len(vary)], missing)
	}
}

// put sets h[name] to value, unless that is "", in a slice of values that cannot grow into its neighbour.
func put(h map[string][]string, values []string, name, value string) []string {
	if value == "" {
		return values
	}
	i := len(values)
	values = append(values, value)
	h[name] = values[i : i+1 : i+1]
	return values
}

// lines returns how many lines ApplyMap writes to an empty header.
func (d *Decision) lines() int {
	// A loop over the values, in an array, took 5 ns of a GET's 105.
	return one(d.AllowCredentials) + one(d.AllowHeaders != "") + one(d.AllowMethods != "") + one(d.AllowOrigin != "") + one(d.AllowPrivateNetwork) +
		one(d.ExposeHeaders != "") + one(d.MaxAge != "") + one(d.Debug) + one(d.Vary != "")
}

func one(written bool) int {
	if written {
		return 1
	}
	return 0
}

// Strip removes the headers of a CORS answer and leaves Vary alone. It is for what a reverse proxy brings from an upstream
// that answers CORS by itself: in ReverseProxy.ModifyResponse, core.Strip(response.Header).
func Strip(h map[string][]string) {
	if len(h) == 0 {
		return
	}
	for _, name := range owned {
		delete(h, name)
	}
}

// The tokens that policies write to Vary, in this order.
var varyTokens = [...]string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network",
}

// Sets of varyTokens.
const (
	varyOrigin         = 1 << 0
	varyPrivateNetwork = 1 << 3
	varyActual         = varyOrigin
	varyPreflight      = varyOrigin | 1<<1 | 1<<2
)

// varyLines has the line for each set of varyTokens, so that merging builds no string.
var varyLines = func() (lines [1 << len(varyTokens)]string) {
	for set := range lines {
		var tokens []string
		for i, token := range varyTokens {
			if set&(1<<i) != 0 {
				tokens = append(tokens, token)
			}
		}
		lines[set] = strings.Join(tokens, ", ")
	}
	return lines
}()

// missingVary returns the tokens of want that lines do not have, as one line. Only a Decider other than those of this
// package can want other tokens than varyTokens; those come last.
func missingVary(want string, lines []string) string {
	if len(lines) == 0 {
		return want
	}
	if slices.Contains(lines, want) || hasToken(lines, "*") {
		return ""
	}
	ours, others := 0, ""
	for more := want != ""; more; {
		var token string
		token, want, more = strings.Cut(want, ",")
		if token = field.TrimOWS(token); token == "" || hasToken(lines, token) {
			continue
		}
		if i := slices.IndexFunc(varyTokens[:], func(t string) bool { return strings.EqualFold(t, token) }); i >= 0 {
			ours |= 1 << i
		} else {
			others += ", " + token
		}
	}
	if ours == 0 {
		return strings.TrimPrefix(others, ", ")
	}
	return varyLines[ours] + others
}

// hasToken reports whether one of the lines lists the token. Field names are compared without case.
func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for more := true; more; {
			var t string
			t, line, more = strings.Cut(line, ",")
			if strings.EqualFold(field.TrimOWS(t), token) {
				return true
			}
		}
	}
	return false
}

package core

// Kind is the role of a request in the CORS protocol.
type Kind uint8

const (
	KindNotCORS   Kind = iota // the request has no Origin header, or no policy applies to it
	KindActual                // the request has an Origin header and is not a preflight
	KindPreflight             // an OPTIONS request with Origin and Access-Control-Request-Method headers

	numKinds = iota
)

// String returns the name of k: "not-cors", "actual" or "preflight".
func (k Kind) String() string { return name(kindNames[:], int(k)) }

var kindNames = [...]string{KindNotCORS: "not-cors", KindActual: "actual", KindPreflight: "preflight"}

// Reason identifies the cause of a [Decision], such as an origin that is not allowed.
type Reason uint8

// The reasons up to ReasonAllowed are not refusals; see [Decision.Refused].
const (
	ReasonNoPolicy         Reason = iota // no policy applies to the request, so the response is left unchanged
	ReasonNoOrigin                       // the request has no Origin header
	ReasonSameOrigin                     // the request comes from a page of the server itself, which needs no permission
	ReasonAllowed                        // the request has an Origin header and is allowed
	ReasonOriginMalformed                // the Origin header is not a single well-formed origin
	ReasonOriginNotAllowed               // the Origin header is well-formed, but the origin is not allowed
	ReasonLookupFailed                   // AllowOriginFunc returned an error, so an actual response has "Vary: *"
	ReasonMethodMalformed                // Access-Control-Request-Method is not a token or exceeds 64 bytes
	ReasonMethodNotAllowed               // Access-Control-Request-Method is a method that is not allowed
	ReasonHeadersMalformed               // Access-Control-Request-Headers contains an element that is not a token
	ReasonHeadersTooLarge                // Access-Control-Request-Headers exceeds 8 KiB, 128 names or 16 empty elements
	ReasonHeaderNotAllowed               // Access-Control-Request-Headers names a header that is not allowed
	ReasonPathAmbiguous                  // routers may interpret the path in ways that lead to different policies
	ReasonCrossSiteWrite                 // CSRFProtection, not CORS, refused the request

	numReasons = iota
)

// String returns the name of r, such as "origin-not-allowed". The names will not change, so they
// are suitable for logs and metrics.
func (r Reason) String() string { return name(reasonNames[:], int(r)) }

var reasonNames = [numReasons]string{
	ReasonNoPolicy:         "no-policy",
	ReasonNoOrigin:         "no-origin",
	ReasonSameOrigin:       "same-origin",
	ReasonAllowed:          "allowed",
	ReasonOriginMalformed:  "origin-malformed",
	ReasonOriginNotAllowed: "origin-not-allowed",
	ReasonLookupFailed:     "lookup-failed",
	ReasonMethodMalformed:  "method-malformed",
	ReasonMethodNotAllowed: "method-not-allowed",
	ReasonHeadersMalformed: "headers-malformed",
	ReasonHeadersTooLarge:  "headers-too-large",
	ReasonHeaderNotAllowed: "header-not-allowed",
	ReasonPathAmbiguous:    "path-ambiguous",
	ReasonCrossSiteWrite:   "cross-site-write",
}

// name returns names[i], or "unknown" if there is no such element.
func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// Decision describes how to respond to a [Request]. If Status is 0, the handler runs. Otherwise,
// the response has that status and no body. In both cases, [Decision.Apply] writes the response
// headers. It writes no header for a field that is empty or false.
//
// The zero Decision means that the handler runs and the response is left unchanged.
//
// A Decision shares no memory with the request, so it is safe to retain. Decisions can be compared
// with ==.
type Decision struct {
	// The small fields are first, so that the struct has little padding. It is copied for most
	// requests.

	Kind                Kind   // the role of the request
	Reason              Reason // the reason for the decision
	AllowCredentials    bool   // write Access-Control-Allow-Credentials: true
	AllowPrivateNetwork bool   // write Access-Control-Allow-Private-Network: true
	Debug               bool   // write Polycors-Reason; see Config.Debug
	Status              int    // the status of a response without a body, or 0 to run the handler

	Vary          string // the names to add to the Vary header, separated by ", "
	AllowOrigin   string // the value of Access-Control-Allow-Origin
	AllowMethods  string // the value of Access-Control-Allow-Methods
	AllowHeaders  string // the value of Access-Control-Allow-Headers
	ExposeHeaders string // the value of Access-Control-Expose-Headers
	MaxAge        string // the value of Access-Control-Max-Age, in seconds
}

// Allowed reports whether the request has an Origin header and the policy allows it. A preflight is
// allowed only if its origin, its method and its headers are all allowed.
func (d Decision) Allowed() bool { return d.Reason == ReasonAllowed }

// grantsOrigin reports whether the origin of the request is allowed, although its method or headers
// may not be.
func (d *Decision) grantsOrigin() bool {
	switch d.Reason {
	case ReasonAllowed, ReasonMethodMalformed, ReasonMethodNotAllowed, ReasonHeadersMalformed, ReasonHeadersTooLarge,
		ReasonHeaderNotAllowed:
		return true
	}
	return false
}

// Refused reports whether the request was refused, either by a policy or by a [CSRFProtection].
//
// A request can be neither allowed nor refused, because some requests need no permission. Examples
// are a request without an Origin header, and a request from a page of the server itself.
func (d Decision) Refused() bool { return d.Reason > ReasonAllowed && d.Reason < numReasons }

package core

// Kind is the role of a request in the CORS protocol.
type Kind uint8

const (
	KindNotCORS   Kind = iota // no Origin, or no policy applies
	KindActual                // has an Origin, and is not a preflight
	KindPreflight             // OPTIONS with Origin and Access-Control-Request-Method
)

// String returns the name of the kind: "not-cors", "actual" or "preflight".
func (k Kind) String() string { return name(kindNames[:], int(k)) }

var kindNames = [...]string{KindNotCORS: "not-cors", KindActual: "actual", KindPreflight: "preflight"}

// Reason is why a policy made a [Decision].
type Reason uint8

const (
	ReasonNoPolicy         Reason = iota // no policy applies to the request, so its response is left alone
	ReasonNoOrigin                       // the request has no Origin
	ReasonAllowed                        // the request has an Origin, and it is allowed
	ReasonOriginMalformed                // Origin is not the serialization of one origin
	ReasonOriginNotAllowed               // Origin is well-formed, and the policy does not allow it
	ReasonLookupFailed                   // AllowOriginFunc returned an error; an actual response then has "Vary: *"
	ReasonMethodMalformed                // Access-Control-Request-Method is not a token of at most 64 bytes
	ReasonMethodNotAllowed               // Access-Control-Request-Method is not one of the allowed methods
	ReasonHeadersMalformed               // Access-Control-Request-Headers has an element that is not a token
	ReasonHeadersTooLarge                // Access-Control-Request-Headers exceeds 8 KiB, 128 names or 16 empty elements
	ReasonHeaderNotAllowed               // Access-Control-Request-Headers has a name that is not an allowed header
	ReasonPathAmbiguous                  // frameworks could read the path in ways that lead to different policies
	ReasonCrossSiteWrite                 // CSRF protection refused the request; CORS did not

	numReasons = iota
)

// String returns the name of the reason, such as "origin-not-allowed". The names are stable, so
// logs and metrics can use them.
func (r Reason) String() string { return name(reasonNames[:], int(r)) }

var reasonNames = [numReasons]string{
	ReasonNoPolicy:         "no-policy",
	ReasonNoOrigin:         "no-origin",
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

// name returns names[i], or "unknown" for a number that is not the index of one.
func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// Decision says how to respond to a [Request]. [Decision.Apply] writes its headers, and Status says
// whether the handler runs. A header whose field is empty or false is not written.
//
// The zero Decision passes the request on and leaves the response alone.
//
// A Decision does not refer to the memory of the request, even if the Request is Borrowed. So it
// can be kept. Decisions can be compared with ==.
type Decision struct {
	// The small fields are first, so that the struct has little padding. It is copied for most
	// requests.

	Kind                Kind
	Reason              Reason
	AllowCredentials    bool // write Access-Control-Allow-Credentials: true
	AllowPrivateNetwork bool // write Access-Control-Allow-Private-Network: true
	Debug               bool // write Polycors-Reason, see Config.Debug
	Status              int  // 0 to run the next handler, or else the status of a response without a body

	Vary          string // the names that are added to Vary, separated by ", "
	AllowOrigin   string // the value of Access-Control-Allow-Origin
	AllowMethods  string // the value of Access-Control-Allow-Methods
	AllowHeaders  string // the value of Access-Control-Allow-Headers
	ExposeHeaders string // the value of Access-Control-Expose-Headers
	MaxAge        string // the value of Access-Control-Max-Age, in seconds
}

// Allowed reports whether the request has an Origin and the policy allows the request. For a
// preflight, that includes the method and the headers.
func (d Decision) Allowed() bool { return d.Reason == ReasonAllowed }

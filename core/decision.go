package core

// Kind says what a request is to the CORS protocol.
type Kind uint8

const (
	KindNotCORS   Kind = iota // no Origin, or a path without a policy
	KindActual                // has an Origin: a CORS request, or a same-origin request that carries one
	KindPreflight             // OPTIONS with Origin and Access-Control-Request-Method
)

// String returns the name in kebab case: "not-cors", "actual", "preflight".
func (k Kind) String() string { return name(kindNames[:], int(k)) }

var kindNames = [...]string{KindNotCORS: "not-cors", KindActual: "actual", KindPreflight: "preflight"}

// Reason says why a [Decision] is what it is.
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

// String returns the name in kebab case, as in "origin-not-allowed". The names do not change between releases.
func (r Reason) String() string { return name(reasonNames[:], int(r)) }

var reasonNames = [numReasons]string{
	ReasonNoPolicy: "no-policy", ReasonNoOrigin: "no-origin", ReasonAllowed: "allowed",
	ReasonOriginMalformed: "origin-malformed", ReasonOriginNotAllowed: "origin-not-allowed", ReasonLookupFailed: "lookup-failed",
	ReasonMethodMalformed: "method-malformed", ReasonMethodNotAllowed: "method-not-allowed",
	ReasonHeadersMalformed: "headers-malformed", ReasonHeadersTooLarge: "headers-too-large", ReasonHeaderNotAllowed: "header-not-allowed",
	ReasonPathAmbiguous: "path-ambiguous", ReasonCrossSiteWrite: "cross-site-write",
}

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// Decision says what to do with a [Request]. An empty string or false means that the header in question is not written.
// The zero Decision (KindNotCORS, ReasonNoPolicy) passes the request on and leaves the response alone.
//
// A Decision never refers to the memory of a request, even a Borrowed one, so it can be kept. Decisions can be compared with ==.
type Decision struct {
	// Small fields first: the struct is copied for most requests, and this order leaves the least padding.

	Kind                Kind
	Reason              Reason
	AllowCredentials    bool
	AllowPrivateNetwork bool
	Debug               bool // also write the Reason as a response header; see Config.Debug
	Status              int  // 0: run the next handler. Otherwise respond with this status and no body

	Vary          string // names to merge into Vary
	AllowOrigin   string // value of Access-Control-Allow-Origin; the next five are likewise named for their header
	AllowMethods  string
	AllowHeaders  string
	ExposeHeaders string
	MaxAge        string // in seconds
}

// Allowed reports whether the request has an Origin and the policy allows it.
func (d Decision) Allowed() bool { return d.Reason == ReasonAllowed }

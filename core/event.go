package core

import "strings"

// Event describes a request and the decision about it. It is passed to Config.OnDecision and
// CSRFConfig.OnDecision.
//
// If Request.Borrowed is true, some parts of an Event are valid only until OnDecision returns: the
// strings in Request, the values that Request.Header returns, and Refused. Use [Event.Clone] to get
// a copy that is safe to retain.
type Event struct {
	Request  Request  // the request
	Decision Decision // the decision about the request
	Refused  string   // the method or header name that was refused, or "" if the decision has another reason
	Route    string   // the Path or PathRegex of the route that applied, or "" if none applied
	Err      error    // the error that AllowOriginFunc returned, or nil
}

// eventFields are the header fields that decisions depend on. A clone has no others.
var eventFields = [...]string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
	"Access-Control-Request-Private-Network", "Sec-Fetch-Site",
}

// Clone returns a copy of e that is safe to retain, because it shares no memory with the request.
// The header of the copy contains only the fields that policies examine: Origin, Sec-Fetch-Site and
// the Access-Control-Request fields.
func (e Event) Clone() Event {
	header := HeaderMap{}
	if e.Request.Header != nil {
		for _, name := range eventFields {
			if value := e.Request.Header.Field(name); value != "" {
				header[name] = []string{strings.Clone(value)}
			}
		}
	}
	e.Request = Request{
		Method:  strings.Clone(e.Request.Method),
		Host:    strings.Clone(e.Request.Host),
		Path:    strings.Clone(e.Request.Path),
		RawPath: strings.Clone(e.Request.RawPath),
		Header:  header,
	}
	e.Refused = strings.Clone(e.Refused)
	return e
}

package core

import "strings"

// Event is what Config.OnDecision and CSRFConfig.OnDecision are told about a request.
//
// If Request is Borrowed, it, Refused and what its Header returns are valid during the call only. Clone
// returns an Event that can be kept.
type Event struct {
	Request  Request
	Decision Decision
	Refused  string // the method or the header name that was refused; "" unless Reason is about one
	Route    string // the Path or PathRegex of the route that applied; "" for the top level
	Err      error  // what AllowOriginFunc returned; nil if it was not asked
}

// eventFields are the header fields that a clone keeps: those that decisions depend on.
var eventFields = [...]string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
	"Access-Control-Request-Private-Network", "Sec-Fetch-Site",
}

// Clone returns a copy of e with memory of its own. Of the request's header it has only the fields that policies read:
// Origin, Sec-Fetch-Site and those that begin with Access-Control-Request-.
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

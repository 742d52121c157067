package core

import (
	"context"
	"strings"
)

// Event describes a request and the decision about it. It is the argument of the OnDecision
// functions of [Config] and [CSRFConfig].
//
// If Request.Borrowed is true, the Event shares memory with the request, so it is valid only until
// OnDecision returns. Use [Event.Clone] to make a copy that is safe to retain.
type Event struct {
	Request  Request  // the request
	Decision Decision // the decision about the request
	Refused  string   // the method or header name that was refused, or "" if the decision has another reason
	Route    string   // the Path or PathRegex of the route that applied, or "" if none applied
	Err      error    // the error that AllowOriginFunc returned, or nil

	source source // what made the decision; nil if the Event was not made by this package
}

// source is a Decider that can explain its own Events.
type source interface {
	explainEvent(e *Event) Explanation
}

// Explain describes how the decision was made, in the same way as [Policy.Explain] and
// [CSRFProtection.Explain]. It does not call AllowOriginFunc, because e contains the result of the
// call that led to the decision.
//
// Explain is much slower than a decision. Call it only for events that are rare or limited in
// number.
func (e Event) Explain() Explanation {
	if e.source != nil {
		return e.source.explainEvent(&e)
	}
	x := newExplainer(context.Background(), e.Request)
	x.concludes(e.Decision)
	return x.finish()
}

// eventFields lists the header fields that decisions depend on. [Event.Clone] copies only these.
var eventFields = [...]string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
	"Access-Control-Request-Private-Network", "Sec-Fetch-Site",
}

// Clone returns a copy of e that is safe to retain, because it shares no memory with the request.
// The copy has only those request header fields that policies examine, such as Origin.
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

package core

import "iter"

// The headers that Apply writes and removes, in alphabetical order.
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

// owned lists the headers that Apply writes and removes.
var owned = [...]string{
	allowCredentials, allowHeaders, allowMethods, allowOrigin, allowPrivateNetwork, exposeHeaders, maxAge, debugReason,
}

// Applies reports whether [Decision.Apply] changes the response header. It returns false if no
// policy applies to the request, or if a [CSRFProtection] refused the request.
func (d *Decision) Applies() bool {
	return d.Reason != ReasonNoPolicy && d.Reason != ReasonCrossSiteWrite
}

// ResponseHeader is a response header to which [Decision.Apply] can write. It is implemented by
// [net/http.Header]. Field names are passed in canonical form, such as "Access-Control-Max-Age".
type ResponseHeader interface {
	// Values returns the values of the named field, one per header line. Later calls of Set, Add and
	// Del must not change the returned slice.
	Values(name string) []string

	// Set replaces all lines of the named field with a single line.
	Set(name, value string)

	// Add adds a line to the named field.
	Add(name, value string)

	// Del removes all lines of the named field.
	Del(name string)
}

// Apply writes the decision's headers to the response header h, in alphabetical order. It first
// removes all other CORS headers from h, so if several decisions are applied to the same response,
// the last one wins. If [Decision.Applies] returns false, Apply does nothing.
//
// Apply does not remove any names from Vary. It adds the names in d.Vary that are missing, unless
// Vary contains "*".
//
// Apply does not set the response status.
func (d *Decision) Apply(h ResponseHeader) {
	if !d.Applies() {
		return
	}
	// Everything is removed before anything is written, because removing a line can move others if
	// the header is stored as a list. Vary is written last, so that the order is alphabetical.
	vary := h.Values("Vary")
	h.Del("Vary")
	for _, name := range owned {
		h.Del(name)
	}
	for name, value := range d.Lines() {
		if name != "Vary" {
			h.Set(name, value)
		}
	}
	for _, line := range vary {
		h.Add("Vary", line)
	}
	if missing := missingVary(d.Vary, vary); missing != "" {
		h.Add("Vary", missing)
	}
}

// Lines returns an iterator over the names and values that [Decision.Apply] writes to an empty
// response header, in order.
func (d *Decision) Lines() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if !d.Applies() {
			return
		}
		line := func(name, value string) bool { return value == "" || yield(name, value) }
		reason := ""
		if d.Debug {
			reason = d.Reason.String()
		}
		_ = line(allowCredentials, flag(d.AllowCredentials)) &&
			line(allowHeaders, d.AllowHeaders) &&
			line(allowMethods, d.AllowMethods) &&
			line(allowOrigin, d.AllowOrigin) &&
			line(allowPrivateNetwork, flag(d.AllowPrivateNetwork)) &&
			line(exposeHeaders, d.ExposeHeaders) &&
			line(maxAge, d.MaxAge) &&
			line(debugReason, reason) &&
			line("Vary", d.Vary)
	}
}

// flag returns the value of a header that is either "true" or absent.
func flag(set bool) string {
	if set {
		return "true"
	}
	return ""
}

// ApplyMap is like [Decision.Apply], but writes to a map, such as a [net/http.Header]. The map must
// not be nil, and its keys must be in canonical form.
func (d *Decision) ApplyMap(h map[string][]string) {
	if !d.Applies() {
		return
	}
	// The header is usually empty. Looking for headers to remove would take a noticeable part of the
	// time.
	var vary []string
	if len(h) > 0 {
		Strip(h)
		vary = h["Vary"]
	}
	// The values of this response share one array, which no other response uses. Code that modifies
	// the values of a header therefore cannot change other responses
	// (https://github.com/rs/cors/issues/198).
	values := make([]string, d.lines())
	values = put(h, values, allowCredentials, flag(d.AllowCredentials))
	values = put(h, values, allowHeaders, d.AllowHeaders)
	values = put(h, values, allowMethods, d.AllowMethods)
	values = put(h, values, allowOrigin, d.AllowOrigin)
	values = put(h, values, allowPrivateNetwork, flag(d.AllowPrivateNetwork))
	values = put(h, values, exposeHeaders, d.ExposeHeaders)
	values = put(h, values, maxAge, d.MaxAge)
	if d.Debug {
		values = put(h, values, debugReason, d.Reason.String())
	}
	if len(vary) == 0 {
		put(h, values, "Vary", d.Vary)
	} else if missing := missingVary(d.Vary, vary); missing != "" {
		// Limit the capacity, because the array after these lines may be in use.
		h["Vary"] = append(vary[:len(vary):len(vary)], missing)
	}
}

// put sets h[name] to value, unless value is empty. It uses the first element of values for that,
// and returns the others.
func put(h map[string][]string, values []string, name, value string) []string {
	if value == "" {
		return values
	}
	values[0] = value
	h[name] = values[:1:1]
	return values[1:]
}

// lines returns the number of lines that ApplyMap writes to an empty header.
func (d *Decision) lines() int {
	// A loop over an array of the values is measurably slower.
	return oneIf(d.AllowCredentials) + oneIf(d.AllowHeaders != "") + oneIf(d.AllowMethods != "") +
		oneIf(d.AllowOrigin != "") + oneIf(d.AllowPrivateNetwork) + oneIf(d.ExposeHeaders != "") +
		oneIf(d.MaxAge != "") + oneIf(d.Debug) + oneIf(d.Vary != "")
}

// oneIf returns 1 if the argument is true, and 0 otherwise.
func oneIf(written bool) int {
	if written {
		return 1
	}
	return 0
}

// Strip removes all CORS headers from the response header h. It does not change Vary.
//
// Use Strip in a reverse proxy if the upstream server sends its own CORS headers, for example in
// the ModifyResponse function of a [net/http/httputil.ReverseProxy].
func Strip(h map[string][]string) {
	if len(h) == 0 {
		return
	}
	for _, name := range owned {
		delete(h, name)
	}
}

package core

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

// owned has all of them.
var owned = [...]string{
	allowCredentials, allowHeaders, allowMethods, allowOrigin, allowPrivateNetwork, exposeHeaders, maxAge, debugReason,
}

// Applies reports whether [Decision.Apply] changes the response. It returns false if no policy
// applies to the request ([ReasonNoPolicy]) or if CSRF protection refused the request
// ([ReasonCrossSiteWrite]). In both cases, any CORS headers in the response come from another
// policy, so Apply keeps them.
func (d *Decision) Applies() bool {
	return d.Reason != ReasonNoPolicy && d.Reason != ReasonCrossSiteWrite
}

// ResponseHeader is the header of a response, as used by [Decision.Apply]. [net/http.Header]
// implements it. All names are in canonical form, such as "Access-Control-Max-Age".
type ResponseHeader interface {
	// Values returns the values of the named field, one for each line. Adding or removing lines
	// later must not change the returned slice.
	Values(name string) []string

	// Set replaces all lines of the named field with a single line.
	Set(name, value string)

	// Add adds a line to the named field.
	Add(name, value string)

	// Del removes all lines of the named field.
	Del(name string)
}

// Apply writes the headers of the decision to the header of a response. It never writes the status.
// If [Decision.Applies] returns false, Apply does nothing.
//
// Apply first removes all CORS headers from the response, and then writes those of the decision in
// alphabetical order. Applying a decision twice therefore has the same effect as applying it once.
// If several decisions are applied to a response, the last one wins.
//
// Apply never changes existing Vary lines. It adds one line with the names in d.Vary that are not
// listed yet, or nothing if an existing line contains "*".
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

// set sets a field, unless value is empty.
func set(h ResponseHeader, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// ApplyMap is like [Decision.Apply], but writes to a map, such as a [net/http.Header]. The map must
// not be nil.
//
// ApplyMap allocates memory once, or twice if the response already has Vary lines. This does not
// include the growth of the map.
func (d *Decision) ApplyMap(h map[string][]string) {
	if !d.Applies() {
		return
	}
	// The header is usually empty. Looking for headers to remove takes a noticeable part of the
	// time.
	var vary []string
	if len(h) > 0 {
		Strip(h)
		vary = h["Vary"]
	}
	// The values of this response share one array, which no other response uses. Code that writes
	// into the slice of a header can therefore not change other responses
	// (https://github.com/rs/cors/issues/198).
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
		// Limit the capacity, because the array after these lines may be in use.
		h["Vary"] = append(vary[:len(vary):len(vary)], missing)
	}
}

// put sets h[name] to value, unless value is empty. It stores value in values, and returns values.
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
	// A loop over an array of the values is measurably slower.
	return one(d.AllowCredentials) + one(d.AllowHeaders != "") + one(d.AllowMethods != "") +
		one(d.AllowOrigin != "") + one(d.AllowPrivateNetwork) + one(d.ExposeHeaders != "") +
		one(d.MaxAge != "") + one(d.Debug) + one(d.Vary != "")
}

// one returns 1 if a line is written, and 0 otherwise.
func one(written bool) int {
	if written {
		return 1
	}
	return 0
}

// Strip removes all CORS headers from the header of a response. It does not change Vary.
//
// Use Strip in a reverse proxy if the upstream server sends its own CORS headers. For example:
//
//	proxy.ModifyResponse = func(response *http.Response) error {
//		core.Strip(response.Header)
//		return nil
//	}
func Strip(h map[string][]string) {
	if len(h) == 0 {
		return
	}
	for _, name := range owned {
		delete(h, name)
	}
}

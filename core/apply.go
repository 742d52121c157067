package core

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
func (d *Decision) appliesNothing() bool {
	return d.Reason == ReasonNoPolicy || d.Reason == ReasonCrossSiteWrite
}

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
// ReasonNoPolicy or ReasonCrossSiteWrite changes nothing at all.
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

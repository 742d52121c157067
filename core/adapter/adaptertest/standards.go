package adaptertest

import "github.com/polycors/cors/core"

// Sections of the standards that define what the cases expect.
const (
	fetchProtocol    = "https://fetch.spec.whatwg.org/#http-cors-protocol"
	fetchRequests    = "https://fetch.spec.whatwg.org/#http-requests"
	fetchResponses   = "https://fetch.spec.whatwg.org/#http-responses"
	fetchSyntax      = "https://fetch.spec.whatwg.org/#http-new-header-syntax"
	fetchCredentials = "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials"
	fetchCaches      = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches"
	fetchOrigin      = "https://fetch.spec.whatwg.org/#origin-header"
	fetchCheck       = "https://fetch.spec.whatwg.org/#concept-cors-check"
	fetchPreflight   = "https://fetch.spec.whatwg.org/#cors-preflight-fetch"
	fetchMethods     = "https://fetch.spec.whatwg.org/#methods"
	fetchNonWildcard = "https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name"
	fetchForbidden   = "https://fetch.spec.whatwg.org/#forbidden-request-header"
	fetchMetadata    = "https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header"
	privateNetworks  = "https://wicg.github.io/private-network-access/#cors-preflight"
	htmlOrigin       = "https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin"
	urlHosts         = "https://url.spec.whatwg.org/#host-serializing"
	rfc6454          = "https://www.rfc-editor.org/rfc/rfc6454#section-7"
	httpNames        = "https://www.rfc-editor.org/rfc/rfc9110#section-5.1"
	httpCombined     = "https://www.rfc-editor.org/rfc/rfc9110#section-5.3"
	httpValues       = "https://www.rfc-editor.org/rfc/rfc9110#section-5.5"
	httpLists        = "https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1"
	httpTokens       = "https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2"
	httpTrailers     = "https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1"
	httpOptions      = "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7"
	httpExpect       = "https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1"
	httpAllow        = "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1"
	httpVary         = "https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5"
	httpRange        = "https://www.rfc-editor.org/rfc/rfc9110#section-14.2"
	httpCacheKeys    = "https://www.rfc-editor.org/rfc/rfc9111#section-4.1"
	httpNoContent    = "https://www.rfc-editor.org/rfc/rfc9110#section-15.3.5"
	httpMessages     = "https://www.rfc-editor.org/rfc/rfc9112#section-2.2"
	httpTargets      = "https://www.rfc-editor.org/rfc/rfc9112#section-3.2"
	httpConnections  = "https://www.rfc-editor.org/rfc/rfc9112#section-9.3"
)

// varyPreflight is the Vary line of every response to a preflight, unless the policy allows "*".
const varyPreflight = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

// passed returns the outcome of an actual request that is not allowed but reaches the handler.
func passed(reason core.Reason) outcome {
	return outcome{reason: reason, handler: true, lines: []string{"Vary: Origin"}}
}

// granted returns the outcome of an actual request that is allowed.
func granted(lines ...string) outcome {
	return outcome{reason: core.ReasonAllowed, handler: true, lines: lines}
}

// answered returns the outcome of an allowed preflight, to which the middleware responds.
func answered(lines ...string) outcome {
	return outcome{reason: core.ReasonAllowed, status: 204, lines: lines}
}

// refused returns the outcome of a refused preflight.
func refused(reason core.Reason) outcome {
	return outcome{reason: reason, status: 403, lines: []string{varyPreflight}}
}

// A disallowed is an origin that the policy of a server does not allow.
type disallowed struct {
	name, origin string
	reason       core.Reason
	why, source  string
}

// disallow returns one case for each origin in the list. The case checks that an actual request
// from that origin is not allowed.
func disallow(on *setup, list ...disallowed) []conformanceCase {
	table := make([]conformanceCase, len(list))
	for i, s := range list {
		table[i] = conformanceCase{
			name: s.name, why: s.why, source: s.source,
			on: on, request: get(s.origin), want: passed(s.reason),
		}
	}
	return table
}

// none is an empty list, for fields in which nil means the defaults.
var none = []string{}

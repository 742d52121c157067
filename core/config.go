package core

import (
	"context"
	"time"
)

// Config is what an application says about CORS. [New] makes a [Policy] of it, or reports every problem it has.
// The zero Config is refused: a policy names at least one origin, a regular expression or a func.
//
// New copies what it keeps, so a Config may be changed and used again afterwards.
type Config struct {
	// AllowOrigins lists the origins that may read responses. An entry is one of
	//
	//	https://example.com              that origin
	//	http://localhost:3000            that origin
	//	http://[::1]:8080                that origin
	//	https://*.example.com            one or more labels before .example.com, but not example.com
	//	https://deploy-*.example.com     "*" is one or more characters of that one label
	//	http://localhost:*               any port, or none
	//	https://*.example.com:*          any subdomain, with any port or none
	//	chrome-extension://id            other schemes: that origin
	//	*                                every origin; never with AllowCredentials or AllowPrivateNetwork
	//	null, file://                    that text; never with AllowCredentials or AllowPrivateNetwork
	//
	// Scheme and host are lower-cased, default ports dropped, Unicode hosts written in Punycode. Refused, with the fix in
	// the error, are among others
	//
	//	example.com                      no scheme
	//	https://example.com/             a path, a query, a fragment, a user name
	//	https://example.com:0            a port out of range
	//	https://*example.com             lets in evil-example.com
	//	https://a.*.example.com          "*" stands in the first label only, and once
	//	https://.*\.example\.com         a regular expression: use AllowOriginRegexes
	//
	// With AllowCredentials or AllowPrivateNetwork, http origins beyond loopback and wildcards directly under a public suffix
	// (https://*.github.io) are refused too, see the two Dangerously fields.
	//
	// An origin of the list is found with one hash look-up, one of a million as fast as one of one.
	AllowOrigins []string

	// AllowOriginRegexes are regular expressions in RE2 syntax (package [regexp]). Each must match the whole origin, as if it
	// were between \A and \z. It is asked about well-formed origins only, in lower case and without a default port: never
	// about "null" or "file://".
	//
	// With AllowCredentials or AllowPrivateNetwork, an expression must spell out whom it trusts:
	//
	//	https://(app|admin)\.example\.com   accepted: the whole host
	//	https://.*\.example\.(com|de)       accepted: what one registers, and the dot before it
	//	http://localhost:\d+                accepted: loopback
	//	https://.*example\.com              refused: also matches evilexample.com
	//	https://app.example.com             refused: an unescaped dot, also matches appxexample.com
	//	https://[a-z]+\.pages\.dev          refused: anyone can register a name under a public suffix
	//	https://example\.[a-z]+             refused: any top-level domain
	//	https?://app\.example\.com          refused: http beyond loopback
	//	chrome-extension://[a-p]{32}        refused: any extension
	//
	// The error names an origin that the expression should not match. The two Dangerously fields permit some of these. An
	// expression that is too large to be checked is refused as well.
	AllowOriginRegexes []string

	// AllowOriginFunc is asked last, for a well-formed origin that neither list lets in, at most once per request, and never for
	// "null" or "file://". ctx is the request's. The origin may be kept; r may be read during the call only. An error means
	// refused ([ReasonLookupFailed]). A panic is not recovered.
	//
	// The next lookup may succeed, so a refusal after an error is not cached: a preflight gets status 503, and the response
	// to an actual request carries "Vary: *", so that no cache reuses it, whatever Cache-Control the handler sets.
	//
	// The answer must depend on the origin, the host and the path alone. A response otherwise says in Vary that it depends on
	// Origin, and on nothing else, so what a func takes from elsewhere (a header, the time) a cache serves to others.
	AllowOriginFunc func(ctx context.Context, origin string, r Request) (bool, error)

	// AllowMethods lists the methods of actual requests. GET, HEAD and POST need no permission. nil stands for
	// [DefaultMethods]; an empty list allows none but those three. "*" allows every method that Fetch does not forbid. Methods are
	// compared with case; the six that Fetch normalises (delete get head options post put) may be written in any.
	AllowMethods []string

	// AllowHeaders lists the request headers that a page may set, without case. nil stands for [DefaultHeaders]; an empty
	// list allows none. "*" allows every header but Authorization, which must be listed by name, and those that Fetch forbids.
	// Listing a forbidden header (Origin, Content-Length, …) does nothing.
	AllowHeaders []string

	// ExposeHeaders lists the response headers that a page may read beyond the safelisted ones. "*" exposes all but
	// Authorization, and is allowed without AllowCredentials only.
	ExposeHeaders []string

	// AllowCredentials lets pages send cookies, client certificates and HTTP authentication, and read the response.
	AllowCredentials bool

	// MaxAge says how long browsers may keep the answer to a preflight: 0 is 24 hours, negative means not at all. Positive values
	// are between a second and 24 hours, the longest that any browser keeps it, and count in whole seconds.
	MaxAge time.Duration

	// AllowPrivateNetwork answers a preflight's Access-Control-Request-Private-Network. Browsers have abandoned the proposal
	// for a permission prompt (https://wicg.github.io/private-network-access/). The origins must be ones that could be
	// allowed together with AllowCredentials: it refuses the same entries and expressions, and AllowOriginFunc, because a
	// func can allow any website.
	AllowPrivateNetwork bool

	// PreflightStatus is the status of an allowed preflight: 0 is 204, otherwise from 200 to 299.
	PreflightStatus int

	// ContinuePreflight passes an allowed preflight on to the handler, with its headers set. A refused one is answered all the same.
	ContinuePreflight bool

	// ForbidDisallowed answers actual requests of refused origins with 403 instead of passing them on without
	// permission to be read. Requests of the server's own origin pass. It is no protection against cross-site request
	// forgery: a request without Origin passes.
	ForbidDisallowed bool

	// Debug tells browsers, and people, why a preflight was refused: it is answered with the reason in Polycors-Reason, and
	// if its origin is allowed, with the configured methods and headers, so that the browser's console names the one
	// that is missing. It discloses the policy to allowed origins, so it is not for production.
	Debug bool

	// OnDecision is called once per Decide with what was decided, in the goroutine of the request. It is not called when
	// AllowOriginFunc panics.
	OnDecision func(ctx context.Context, e Event)

	// Routes are paths with a policy of their own, instead of this one. Where no route matches, this policy holds; if it names no origins, no
	// regexes and no func, such a path has no policy and is left alone.
	Routes []Route

	// DangerouslyAllowInsecureOrigins permits http origins beyond loopback together with AllowCredentials or
	// AllowPrivateNetwork, listed or matched by an expression. Anyone on the network path of a visitor can then read what the
	// visitor may read.
	DangerouslyAllowInsecureOrigins bool

	// DangerouslyAllowPublicSuffixes permits wildcards directly under a public suffix together with AllowCredentials or
	// AllowPrivateNetwork. It also permits expressions that match names which anyone can register, such as evilexample.com by
	// https://.*example\.com, and expressions that match any app or extension. Anyone who registers such a name can then read
	// what the visitor may read. An expression that does not even spell out the top-level domain is refused nevertheless.
	DangerouslyAllowPublicSuffixes bool
}

// Route is a set of paths with a policy of their own.
//
// Frameworks route by different readings of a path: as sent, decoded, or cleaned of "//" and "/./".
// A policy takes every reading, without regard to case. If they fall under different routes, or if
// one of them has a ".." segment, it is unknown which handler the request reaches, and the request
// is refused ([ReasonPathAmbiguous]). Browsers resolve ".." before they send a request, except next
// to an encoded slash, as in "..%2f". Paths are the server's, not those within a mounted
// sub-router.
//
// Since case does not count, a router that tells it apart should have no handler whose path is another's but for its case: both have the
// policy of one route.
type Route struct {
	// Path is a pattern of [net/http.ServeMux] without method and host:
	//
	//	/status            that path
	//	/api/              that path and everything below
	//	/users/{id}        one segment for {id}
	//	/files/{rest...}   everything below /files/
	//	/{$}               the root alone
	//
	// The most specific pattern wins, and two patterns of which neither is more specific are
	// refused. A slash at the end of a path makes no difference, unless both paths are listed. If
	// it would change which route matches, the request is refused: with /users/{id} and /users/me/,
	// strict and lenient routers run different handlers for /users/me.
	Path string

	// PathRegex is a regular expression instead of a pattern, matched against the whole path
	// without case. Expressions are tried in order, after all patterns, and a slash at the end
	// makes no difference. A path of more than 8 KiB that no pattern matches gets no grant. Nor
	// does a shorter one that routers may read in many ways: docs/paths.md has the limits.
	PathRegex string

	// Disable turns CORS off: requests pass untouched, so that what an outer or inner middleware says of CORS holds.
	Disable bool

	// Config is complete in itself: nothing is inherited. It has no Routes and no OnDecision.
	Config Config
}

// DefaultMethods returns what a nil AllowMethods stands for, as a fresh copy to extend.
func DefaultMethods() []string {
	return []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"}
}

// DefaultHeaders returns what a nil AllowHeaders stands for, as a fresh copy to extend.
func DefaultHeaders() []string {
	return []string{"accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"}
}

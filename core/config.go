package core

import (
	"context"
	"time"
)

// Config is the CORS configuration of a server. [New] compiles it into a [Policy], or reports all
// of its problems at once.
//
// A Config must allow at least one origin, by AllowOrigins, AllowOriginRegexes, AllowOriginFunc or
// Routes. So New refuses the zero Config. Every other field has a default.
//
// New copies the Config, so the caller may change it and use it again.
type Config struct {
	// AllowOrigins lists the origins whose pages may read responses. An entry has one of these
	// forms:
	//
	//	https://example.com              that origin
	//	http://localhost:3000            that origin
	//	http://[::1]:8080                that origin
	//	https://*.example.com            any subdomain of example.com, but not example.com itself
	//	https://deploy-*.example.com     "*" matches one or more characters of that label
	//	http://localhost:*               any port, or none
	//	https://*.example.com:*          any subdomain, with any port or none
	//	chrome-extension://id            an origin with another scheme
	//	*                                every origin
	//	null, file://                    the origins of sandboxed frames and of local files
	//
	// Upper case, default ports and Unicode hosts are accepted, and converted to the form that
	// browsers send. New refuses everything else, and its error suggests a correction. Some
	// examples:
	//
	//	example.com                      there is no scheme
	//	https://example.com/             an origin has no path, query, fragment or user name
	//	https://example.com:0            the port is out of range
	//	https://*example.com             also matches https://evil-example.com
	//	https://a.*.example.com          "*" is allowed once, in the first label
	//	https://.*\.example\.com         this is a regular expression: use AllowOriginRegexes
	//
	// With AllowCredentials or AllowPrivateNetwork, New also refuses "*", "null" and "file://". It
	// then refuses http origins, except loopback addresses, and wildcards directly under a public
	// suffix, such as https://*.github.io. The two Dangerously fields permit those.
	//
	// The default is none. A long list is as fast as a short one: a request costs one map lookup,
	// however many exact origins there are.
	AllowOrigins []string

	// AllowOriginRegexes lists regular expressions for origins that AllowOrigins cannot describe.
	// The syntax is that of package [regexp]. An expression must match the whole origin: it need
	// not begin with "^" or end with "$".
	//
	// Expressions are matched against well-formed origins only, which are in lower case and have no
	// default port. They never match "null" or "file://".
	//
	// With AllowCredentials or AllowPrivateNetwork, an expression must spell out which hosts it
	// trusts:
	//
	//	https://(app|admin)\.example\.com   accepted: the whole host
	//	https://.*\.example\.(com|de)       accepted: the registered domain, and the dot before it
	//	http://localhost:\d+                accepted: loopback
	//	https://.*example\.com              refused: also matches https://evilexample.com
	//	https://app.example.com             refused: "." also matches https://appxexample.com
	//	https://[a-z]+\.pages\.dev          refused: anyone can register a name under a public suffix
	//	https://example\.[a-z]+             refused: matches every top-level domain
	//	https?://app\.example\.com          refused: http that is not loopback
	//	chrome-extension://[a-p]{32}        refused: matches every extension
	//
	// The error of New names an origin that the expression should not match. The two Dangerously
	// fields permit some of these expressions. New also refuses an expression that is too large to
	// check.
	//
	// The default is none.
	AllowOriginRegexes []string

	// AllowOriginFunc reports whether to allow an origin that neither list allows. It is called at
	// most once per request, and only for well-formed origins, so never for "null" or "file://".
	//
	// ctx is the context of the request. The func may keep origin, but must not use r after it
	// returns. If it returns an error, the origin is refused with [ReasonLookupFailed]. A panic is
	// not recovered.
	//
	// The result must depend on nothing but the origin, r.Host and r.Path. Caches assume that,
	// because the response only has "Vary: Origin". If the result depends on another header or on
	// the time, a cache can send one client the response for another.
	//
	// Caches must not reuse a refusal that is due to an error, because the next call may succeed.
	// So a preflight then gets status 503, and the response to an actual request has "Vary: *",
	// whatever Cache-Control the handler sets.
	//
	// It is not allowed together with AllowPrivateNetwork. The default is nil: only the lists allow
	// origins.
	AllowOriginFunc func(ctx context.Context, origin string, r Request) (bool, error)

	// AllowMethods lists the methods that pages may use, such as "PUT". GET, HEAD and POST need no
	// permission and are always allowed.
	//
	// If it is nil, the methods are [DefaultMethods]. An empty list allows no further methods. "*"
	// allows every method, except those that browsers never send (CONNECT, TRACE and TRACK).
	//
	// Methods are case-sensitive, except DELETE, GET, HEAD, OPTIONS, POST and PUT, which browsers
	// convert to upper case. So New refuses "patch", which never matches a PATCH request.
	AllowMethods []string

	// AllowHeaders lists the request headers that pages may set, such as "X-Request-Id", in upper
	// or lower case.
	//
	// If it is nil, the headers are [DefaultHeaders]. An empty list allows none. "*" allows every
	// header except Authorization, which must be listed by name.
	//
	// Pages can never set the headers that browsers set themselves, such as Origin and
	// Content-Length. Listing one has no effect.
	AllowHeaders []string

	// ExposeHeaders lists the response headers that pages may read, such as "X-Total-Count", in
	// upper or lower case. Pages can always read the safelisted ones, such as Content-Type
	// (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
	//
	// "*" exposes all headers except Authorization, and is refused together with AllowCredentials.
	// New also refuses headers that no page can read, such as Set-Cookie.
	//
	// The default is none.
	ExposeHeaders []string

	// AllowCredentials allows requests with cookies, TLS client certificates and HTTP
	// authentication. An allowed page can then act as the visitor, so New is stricter about which
	// origins it accepts: see AllowOrigins and AllowOriginRegexes.
	//
	// The default is false: browsers do not let pages read responses to requests with credentials.
	AllowCredentials bool

	// MaxAge is how long browsers may cache the response to a preflight. It must be between one
	// second and 24 hours, and fractions of a second are dropped. No browser caches a preflight for
	// longer.
	//
	// If it is 0, browsers may cache it for 24 hours. If it is negative, they must not cache it.
	MaxAge time.Duration

	// AllowPrivateNetwork allows websites on the internet to send requests to this server in a
	// private network: an allowed preflight that has Access-Control-Request-Private-Network is
	// answered with Access-Control-Allow-Private-Network.
	//
	// Browsers have abandoned this proposal (https://wicg.github.io/private-network-access/) in
	// favor of a permission prompt. The field has the same strict rules for origins as
	// AllowCredentials. It is refused together with AllowOriginFunc, because nobody knows in
	// advance which websites a func allows.
	//
	// The default is false.
	AllowPrivateNetwork bool

	// PreflightStatus is the status of the response to an allowed preflight, from 200 to 299. If it
	// is 0, the status is 204.
	PreflightStatus int

	// ContinuePreflight passes allowed preflights on to the handler, after their headers are set.
	// The handler then writes the status, and PreflightStatus has no effect. Refused preflights
	// never reach the handler.
	//
	// The default is false: no preflight reaches the handler.
	ContinuePreflight bool

	// ForbidDisallowed refuses actual requests from origins that are not allowed: they get status
	// 403 and do not reach the handler. Requests from the server's own pages pass.
	//
	// It is not a protection against cross-site request forgery, because requests without an Origin
	// pass. Use [CSRFProtection] for that.
	//
	// The default is false: the handler runs, and the browser hides the response from the page.
	ForbidDisallowed bool

	// Debug helps to find out why a preflight is refused. The response then has the reason in the
	// Polycors-Reason header. If the origin is allowed, it also lists the allowed methods and
	// headers, so that the browser's console names the one that is missing.
	//
	// Debug discloses the configuration to allowed origins, so do not use it in production. The
	// default is false.
	Debug bool

	// OnDecision is called once per decision, on the goroutine of the request. It is not called if
	// AllowOriginFunc panics. [LogRefusals] returns a func to use here.
	//
	// The default is nil: nothing is called.
	OnDecision func(ctx context.Context, e Event)

	// Routes are paths that have a Config of their own, instead of this one:
	//
	//	Routes: []core.Route{
	//		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
	//		{Path: "/internal/", Disable: true},
	//	},
	//
	// This Config applies to all other paths. If it allows no origins at all, those paths have no
	// CORS policy: their requests pass, and their responses do not change.
	//
	// The default is none.
	Routes []Route

	// DangerouslyAllowInsecureOrigins permits http origins together with AllowCredentials or
	// AllowPrivateNetwork. Without it, New refuses entries and expressions that allow such origins,
	// except loopback addresses.
	//
	// It is dangerous because anyone on the network between a visitor and an http origin can change
	// the pages of that origin, and then read what the visitor can read.
	//
	// The default is false.
	DangerouslyAllowInsecureOrigins bool

	// DangerouslyAllowPublicSuffixes permits origins that anyone can register, together with
	// AllowCredentials or AllowPrivateNetwork:
	//
	//	https://*.github.io             a wildcard directly under a public suffix
	//	https://.*example\.com          an expression that also matches https://evilexample.com
	//	chrome-extension://[a-p]{32}    an expression that matches every app or extension
	//
	// It is dangerous because anyone who registers such a name can read what the visitors of this
	// server can read. New still refuses an expression that matches any top-level domain.
	//
	// The default is false.
	DangerouslyAllowPublicSuffixes bool
}

// Route is a set of paths with a policy of their own.
//
// Frameworks read a path in different ways: as it was sent, percent-decoded, or without "//" and
// "/./". A policy reads it in all of them. If the readings fall under different routes, nobody
// knows which handler the request will reach, so the request is refused ([ReasonPathAmbiguous]). A
// path with a ".." segment in any reading is refused as well. Browsers resolve ".." before they
// send a request, except next to an encoded slash, as in "..%2f".
//
// Paths are those of the server, not those within a mounted sub-router.
//
// Upper and lower case are the same in a path, because some routers ignore case. Two paths that
// differ only in case therefore have the same policy.
type Route struct {
	// Path is a pattern as in [net/http.ServeMux], without a method and a host:
	//
	//	/status            that path
	//	/api/              that path and everything below it
	//	/users/{id}        one segment in place of {id}
	//	/files/{rest...}   everything below /files/
	//	/{$}               the root alone
	//
	// The most specific pattern wins. New refuses two patterns that match a common path if neither
	// is more specific.
	//
	// A trailing slash makes no difference, unless both paths are listed. If it would change which
	// route matches, the request is refused: with /users/{id} and /users/me/, strict and lenient
	// routers run different handlers for /users/me.
	//
	// A Route must have a Path or a PathRegex, and not both.
	Path string

	// PathRegex is a regular expression in place of a Path. It must match the whole path, in upper
	// or lower case. A trailing slash makes no difference.
	//
	//	/v[0-9]+/status
	//
	// Expressions are tried in the order of the Routes, and only if no Path matches. A request is
	// refused if its path has more than 2 KiB and no Path matches, or if it is shorter but routers
	// could read it in very many ways: docs/paths.md has the limits.
	PathRegex string

	// Disable turns CORS off for these paths: requests pass, and responses do not change. So
	// another CORS middleware can handle them. Config must be zero then.
	Disable bool

	// Config is the whole configuration of these paths. Nothing is inherited from the Config that
	// has the Routes. It must not have Routes or OnDecision: the outer OnDecision is called for all
	// paths.
	Config Config
}

// DefaultMethods returns the methods that are allowed if Config.AllowMethods is nil: DELETE, GET,
// OPTIONS, PATCH, POST and PUT. The slice is new, so the caller may append to it.
func DefaultMethods() []string {
	return []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"}
}

// DefaultHeaders returns the request headers that are allowed if Config.AllowHeaders is nil:
// accept, authorization, content-type, user-agent, x-csrftoken and x-requested-with. The slice is
// new, so the caller may append to it.
func DefaultHeaders() []string {
	return []string{"accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"}
}

package core

import (
	"context"
	"time"
)

// Config describes the CORS policy of a server. [New] compiles it into a [Policy], or returns an
// error that reports every problem.
//
// A Config must allow at least one origin with AllowOrigins, AllowOriginRegexes, AllowOriginFunc or
// Routes, so the zero Config is invalid. All other fields are optional.
//
// New copies the Config, so the caller may modify it and use it again.
type Config struct {
	// AllowOrigins lists the origins whose pages may read responses. Each entry has one of these
	// forms:
	//
	//	https://example.com              this origin only
	//	http://localhost:3000            this origin only
	//	http://[::1]:8080                this origin only
	//	https://*.example.com            any subdomain of example.com, but not example.com itself
	//	https://deploy-*.example.com     "*" matches one or more characters within its label
	//	http://localhost:*               any port, or no port
	//	https://*.example.com:*          any subdomain, with any port or no port
	//	chrome-extension://id            an origin with another scheme
	//	*                                every origin
	//	null, file://                    the origins of sandboxed frames and of local files
	//
	// New accepts upper-case letters, default ports and Unicode hosts, and converts them to the
	// form that browsers send. It refuses entries of any other form, and its error suggests a
	// correction. For example, New refuses:
	//
	//	example.com                      the scheme is missing
	//	https://example.com/             an origin has no path, query, fragment or user name
	//	https://example.com:0            the port is out of range
	//	https://*example.com             "*" would also match https://evil-example.com
	//	https://a.*.example.com          "*" may appear only once, in the first label
	//	https://.*\.example\.com         regular expressions belong in AllowOriginRegexes
	//
	// With AllowCredentials or AllowPrivateNetwork, New also refuses "*", "null", "file://", http
	// origins other than loopback addresses, and wildcards directly under a public suffix, such as
	// https://*.github.io. DangerouslyAllowInsecureOrigins permits the http origins, and
	// DangerouslyAllowPublicSuffixes permits the wildcards.
	//
	// The default is an empty list. A long list is as fast as a short one, because the cost of
	// finding an exact origin is a single map lookup.
	AllowOrigins []string

	// AllowOriginRegexes lists regular expressions for origins that AllowOrigins cannot describe.
	// The syntax is that of package [regexp]. An expression must match the entire origin, so it
	// does not need to begin with "^" or end with "$".
	//
	// Expressions are matched only against well-formed origins, which are in lower case and have no
	// default port. They never match "null" or "file://".
	//
	// With AllowCredentials or AllowPrivateNetwork, an expression must spell out the hosts that it
	// trusts:
	//
	//	https://(app|admin)\.example\.com   accepted: the whole host is spelled out
	//	https://.*\.example\.(com|de)       accepted: the domain and the dot before it are spelled out
	//	http://localhost:\d+                accepted: the host is a loopback address
	//	https://.*example\.com              refused: it also matches https://evilexample.com
	//	https://app.example.com             refused: "." also matches the x in https://appxexample.com
	//	https://[a-z]+\.pages\.dev          refused: anyone can register a name under pages.dev
	//	https://example\.[a-z]+             refused: it matches every top-level domain
	//	https?://app\.example\.com          refused: it matches an http origin that is not loopback
	//	chrome-extension://[a-p]{32}        refused: it matches every extension
	//
	// If New refuses an expression, its error gives an example of an origin that the expression
	// should not match. The two Dangerously fields permit some of these expressions. New also
	// refuses an expression that is too large to check.
	//
	// The default is an empty list.
	AllowOriginRegexes []string

	// AllowOriginFunc reports whether to allow an origin that neither AllowOrigins nor
	// AllowOriginRegexes allows. It is called at most once per request, and only with well-formed
	// origins, so never with "null" or "file://". It must be safe for concurrent use.
	//
	// The argument ctx is the context of the request. The function may retain origin, but it must
	// not use r after it returns. If the function returns an error, the origin is refused with
	// [ReasonLookupFailed]. If the function panics, the panic is not recovered.
	//
	// The result must depend only on origin, r.Host and r.Path. Caches rely on that, because the
	// response has only "Vary: Origin". If the result depended on another header or on the time, a
	// cache could send one client the response for another.
	//
	// If the function returns an error, caches must not reuse the refusal, because the next call
	// may succeed. A preflight therefore gets status 503, and the response to an actual request
	// gets "Vary: *", regardless of the Cache-Control header that the handler sets.
	//
	// AllowOriginFunc cannot be combined with AllowPrivateNetwork. The default is nil, so that only
	// the lists allow origins.
	AllowOriginFunc func(ctx context.Context, origin string, r Request) (bool, error)

	// AllowMethods lists the methods that pages may use, such as "PUT". GET, HEAD and POST are
	// always allowed, because they need no permission in CORS.
	//
	// If AllowMethods is nil, the methods returned by [DefaultMethods] are allowed. An empty list
	// that is not nil allows only GET, HEAD and POST. The entry "*" allows every method except
	// CONNECT, TRACE and TRACK, which browsers never send.
	//
	// Methods are case-sensitive, except for DELETE, GET, HEAD, OPTIONS, POST and PUT, which
	// browsers convert to upper case. New therefore refuses "patch", because it would never match a
	// PATCH request.
	AllowMethods []string

	// AllowHeaders lists the request headers that pages may set, such as "X-Request-Id". Names are
	// case-insensitive.
	//
	// If AllowHeaders is nil, the headers returned by [DefaultHeaders] are allowed. An empty list
	// that is not nil allows none. The entry "*" allows every header except Authorization, which
	// must be listed by name.
	//
	// Pages can never set the headers that browsers set themselves, such as Origin and
	// Content-Length. Listing such a header has no effect.
	AllowHeaders []string

	// ExposeHeaders lists the response headers that pages may read, such as "X-Total-Count". Names
	// are case-insensitive. Pages can always read the safelisted response headers, such as
	// Content-Type (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
	//
	// The entry "*" exposes every header except Authorization. It cannot be combined with
	// AllowCredentials. New also refuses headers that no page can read, such as Set-Cookie.
	//
	// The default is an empty list.
	ExposeHeaders []string

	// AllowCredentials allows requests with credentials: cookies, TLS client certificates and HTTP
	// authentication. A page of an allowed origin can then act on behalf of the visitor, so New is
	// stricter about which origins it accepts. See AllowOrigins and AllowOriginRegexes.
	//
	// The default is false: browsers do not let pages read responses to requests with credentials.
	AllowCredentials bool

	// MaxAge is how long browsers may cache the response to a preflight. If MaxAge is zero, they
	// may cache it for 24 hours. If MaxAge is negative, they must not cache it.
	//
	// A positive MaxAge must be between one second and 24 hours, because no browser caches a
	// preflight for longer. Fractions of a second are dropped.
	MaxAge time.Duration

	// AllowPrivateNetwork allows websites on the internet to send requests to this server when it
	// is in a private network. If an allowed preflight has the
	// Access-Control-Request-Private-Network header, the response gets the
	// Access-Control-Allow-Private-Network header.
	//
	// Browsers have abandoned this proposal (https://wicg.github.io/private-network-access/) in
	// favor of a permission prompt. AllowPrivateNetwork makes New as strict about origins as
	// AllowCredentials does. It cannot be combined with AllowOriginFunc, because New cannot know
	// which websites a function allows.
	//
	// The default is false.
	AllowPrivateNetwork bool

	// PreflightStatus is the status code of the response to an allowed preflight. It must be
	// between 200 and 299, or zero for the default, which is 204.
	PreflightStatus int

	// ContinuePreflight passes allowed preflights on to the handler after setting the CORS headers.
	// The handler then writes the status, and PreflightStatus has no effect. Refused preflights
	// never reach the handler.
	//
	// The default is false: no preflight reaches the handler.
	ContinuePreflight bool

	// ForbidDisallowed refuses actual requests from origins that are not allowed. An actual request
	// is one that has an Origin header and is not a preflight. Refused requests get status 403 and
	// do not reach the handler. Requests from the server's own pages are not refused.
	//
	// ForbidDisallowed does not protect against cross-site request forgery, because requests
	// without an Origin header still reach the handler. Use [CSRFProtection] for that.
	//
	// The default is false: the handler runs, and the browser hides the response from the page.
	ForbidDisallowed bool

	// Debug makes it easier to find out why a preflight was refused. When it is set, the response
	// to a refused preflight carries the reason in the Polycors-Reason header. If the origin is
	// allowed, the response also lists the allowed methods and headers, so that the browser's
	// console names the one that is missing.
	//
	// Debug discloses the configuration to allowed origins, so do not use it in production. The
	// default is false.
	Debug bool

	// OnDecision is called once for each decision, on the goroutine that serves the request, so it
	// must be safe for concurrent use. It is not called if AllowOriginFunc panics. [LogRefusals]
	// returns a function that can be used as OnDecision.
	//
	// If OnDecision is nil, decisions are not reported.
	OnDecision func(ctx context.Context, e Event)

	// Routes lists paths that have a Config of their own instead of this one:
	//
	//	Routes: []core.Route{
	//		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
	//		{Path: "/internal/", Disable: true},
	//	},
	//
	// This Config applies to all other paths. If it allows no origins, the other paths have no CORS
	// policy: requests are passed on to the handler, and responses are left unchanged.
	//
	// The default is an empty list.
	Routes []Route

	// DangerouslyAllowInsecureOrigins permits http origins in combination with AllowCredentials or
	// AllowPrivateNetwork. If it is false, New refuses entries and expressions that allow such
	// origins, except for loopback addresses.
	//
	// It is dangerous because anyone on the network between a visitor and an http origin can change
	// the pages of that origin, and can then read what the visitor can read.
	//
	// The default is false.
	DangerouslyAllowInsecureOrigins bool

	// DangerouslyAllowPublicSuffixes permits origins that anyone can register, in combination with
	// AllowCredentials or AllowPrivateNetwork:
	//
	//	https://*.github.io             a wildcard directly under a public suffix
	//	https://.*example\.com          an expression that also matches https://evilexample.com
	//	chrome-extension://[a-p]{32}    an expression that matches every app or extension
	//
	// It is dangerous because anyone who registers such an origin can read what the visitors of
	// this server can read. New still refuses an expression that matches any top-level domain.
	//
	// The default is false.
	DangerouslyAllowPublicSuffixes bool
}

// Route is a set of paths with a policy of their own.
//
// Routers may interpret the same path in different ways: as the client sent it, percent-decoded, or
// without "//" and "/./". Each interpretation is called a reading of the path. A policy looks up
// every reading. If the readings match different routes, the policy cannot know which handler the
// request will reach, so it refuses the request with [ReasonPathAmbiguous]. A policy also refuses a
// path that has a ".." segment in any reading. Browsers resolve ".." before they send a request,
// except next to an encoded slash, as in "..%2f".
//
// Paths begin at the root of the server, not at the mount point of a sub-router.
//
// Paths are case-insensitive, because some routers ignore case. Two paths that differ only in case
// therefore have the same policy.
type Route struct {
	// Path is a pattern in the syntax of [net/http.ServeMux], without a method or a host:
	//
	//	/status            this path only
	//	/api/              this path and everything below it
	//	/users/{id}        any single segment in place of {id}
	//	/files/{rest...}   everything below /files/
	//	/{$}               the root only
	//
	// The most specific pattern wins. New refuses two patterns that match a common path if neither
	// is more specific.
	//
	// A trailing slash makes no difference, unless Routes lists the path both with and without one.
	// A request is refused if strict routers, which distinguish the two forms, and lenient routers,
	// which do not, would choose different routes. For example, given /users/{id} and /users/me/,
	// strict and lenient routers run different handlers for /users/me.
	//
	// A Route must have either a Path or a PathRegex, but not both.
	Path string

	// PathRegex is a regular expression that is used instead of Path. It must match the entire
	// path. It is case-insensitive, and a trailing slash makes no difference.
	//
	//	/v[0-9]+/status
	//
	// Expressions are tried in the order of Routes, and only if no Path matches. If no Path matches
	// a path that is longer than 2 KiB, the request is refused. A shorter path is refused if
	// routers could interpret it in too many different ways. The limits are listed in
	// docs/paths.md.
	PathRegex string

	// Disable turns CORS off for these paths: requests are passed on to the handler, and responses
	// are left unchanged. Another CORS middleware can then handle them. If Disable is set, Config
	// must be zero.
	Disable bool

	// Config is the complete configuration of these paths. It inherits nothing from the Config that
	// contains the Route. It must not have Routes or OnDecision, because routes cannot be nested,
	// and because the OnDecision of the outer Config is called for all paths.
	Config Config
}

// DefaultMethods returns the methods that are allowed if Config.AllowMethods is nil: DELETE, GET,
// OPTIONS, PATCH, POST and PUT. Each call returns a new slice, which the caller may modify.
func DefaultMethods() []string {
	return []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"}
}

// DefaultHeaders returns the request headers that are allowed if Config.AllowHeaders is nil:
// accept, authorization, content-type, user-agent, x-csrftoken and x-requested-with. Each call
// returns a new slice, which the caller may modify.
func DefaultHeaders() []string {
	return []string{"accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"}
}

package core

import (
	"context"
	"time"
)

// Config describes the CORS policy of a server. [New] compiles it into a [Policy].
//
// A Config must say which origins are allowed, in AllowOrigins, AllowOriginRegexes,
// AllowOriginFunc, Routes or the fields whose names begin with Dangerously. The zero Config is
// therefore invalid. All other fields are optional.
//
// New copies the Config, so the caller may modify and reuse it.
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
	//	chrome-extension://*             any host, for schemes other than http and https
	//	app://. and app://-              the origins of Electron apps
	//	qrc://                           the origin of every QtWebEngine app with this scheme
	//	*                                every origin
	//	null, file://                    the origins of sandboxed frames and of local files
	//
	// New accepts upper-case letters, default ports and Unicode hosts, and converts them to the
	// form that browsers send. It refuses entries of any other form, and its error suggests a
	// correction. For example, New refuses:
	//
	//	example.com                      the scheme is missing
	//	wss://example.com                no website has an origin with this scheme
	//	https://example.com/             an origin has no path, query, fragment or user name
	//	https://example.com:0            the port is out of range
	//	https://example.com.             a host does not end with a dot
	//	http://192.168.1.0/24            a range of addresses is not an origin
	//	https://*example.com             "*" would also match https://evil-example.com
	//	https://a.*.example.com          "*" may appear only once, in the first label
	//	https://.*\.example\.com         regular expressions belong in AllowOriginRegexes
	//
	// With AllowCredentials or AllowPrivateNetwork, New also refuses "*", "null", "file://", http
	// origins other than loopback addresses, patterns such as chrome-extension://*, and wildcards
	// directly under a public suffix, such as https://*.github.io. All except the first three can be
	// listed in DangerouslyAllowOrigins instead.
	//
	// Browsers also send origins whose host ends with a dot or has two dots in a row. Neither
	// wildcards nor AllowOriginRegexes match them.
	//
	// An empty, non-nil list allows no origins, so requests from other origins are refused. If this
	// list and all other fields that allow origins are nil, New returns an error, because that is
	// usually a mistake.
	//
	// A long list is as fast as a short one, because the cost of finding an exact origin is a single
	// map lookup.
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
	// should not match. New also refuses an expression that is too large to check. Such expressions
	// can be listed in DangerouslyAllowOriginRegexes instead.
	//
	// An expression must not be longer than 4 KiB.
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
	// With AllowCredentials, the function decides which websites can act on behalf of the visitors.
	// It should therefore compare the whole origin, and not only the end of it:
	// https://evilexample.com ends with example.com, too.
	//
	// AllowOriginFunc cannot be combined with AllowPrivateNetwork. It cannot be combined with the
	// entry "*" in AllowOrigins either, because then it would never be called.
	//
	// The default is nil, so that only the lists allow origins.
	AllowOriginFunc func(ctx context.Context, origin string, r Request) (bool, error)

	// AllowMethods lists the methods that pages may use, such as "PUT". GET, HEAD and POST are
	// always allowed, because CORS requires no permission for them.
	//
	// If AllowMethods is nil, the methods returned by [DefaultMethods] are allowed. An empty,
	// non-nil list allows only GET, HEAD and POST. The entry "*" allows every method except
	// CONNECT, TRACE and TRACK, which browsers never send.
	//
	// Methods are case-sensitive, except for DELETE, GET, HEAD, OPTIONS, POST and PUT, which
	// browsers convert to upper case. For example, New refuses "patch", because it would never
	// match a PATCH request.
	AllowMethods []string

	// AllowHeaders lists the request headers that pages may set, such as "X-Request-Id". Names are
	// case-insensitive.
	//
	// If AllowHeaders is nil, the headers returned by [DefaultHeaders] are allowed. An empty,
	// non-nil list allows none. The entry "*" allows every header except Authorization, which must
	// be listed by name.
	//
	// Some headers, such as Origin and Content-Length, can be set only by the browser. Listing them
	// has no effect.
	AllowHeaders []string

	// ExposeHeaders lists the response headers that pages may read, such as "X-Total-Count". Names
	// are case-insensitive. Safelisted headers, such as Content-Type, can always be read
	// (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
	//
	// The entry "*" exposes every header except Authorization. It cannot be combined with
	// AllowCredentials.
	//
	// New refuses headers that no page can read, such as Set-Cookie.
	//
	// The default is an empty list.
	ExposeHeaders []string

	// AllowCredentials allows requests with credentials, which are cookies, TLS client certificates
	// and HTTP authentication. If it is false, browsers do not let pages read the responses to such
	// requests.
	//
	// With credentials, a page of an allowed origin can act on behalf of the visitor. New is therefore
	// stricter about which origins it accepts; see AllowOrigins and AllowOriginRegexes.
	//
	// The default is false.
	AllowCredentials bool

	// MaxAge is how long browsers may cache the response to a preflight. Zero means the default, which
	// is 24 hours. If MaxAge is negative, browsers must not cache the response.
	//
	// A positive MaxAge must be between one second and 24 hours, which is the longest time for which
	// any browser caches a preflight. Fractions of a second are dropped.
	MaxAge time.Duration

	// AllowPrivateNetwork allows websites on the internet to send requests to a server in a private
	// network. If an allowed preflight has the Access-Control-Request-Private-Network header, the
	// response gets the Access-Control-Allow-Private-Network header.
	//
	// Browsers have abandoned this proposal in favor of a permission prompt
	// (https://wicg.github.io/private-network-access/).
	//
	// If AllowPrivateNetwork is set, New is as strict about origins as it is with AllowCredentials. It
	// also refuses AllowOriginFunc, because it cannot know which websites a function allows.
	//
	// The default is false.
	AllowPrivateNetwork bool

	// PreflightStatus is the status code of the response to an allowed preflight. It must be
	// between 200 and 299. Zero means the default, which is 204.
	PreflightStatus int

	// ContinuePreflight passes allowed preflights on to the handler after setting the CORS headers.
	// The handler sets the status, so PreflightStatus has no effect. Refused preflights never reach
	// the handler.
	//
	// The default is false, so that no preflight reaches the handler.
	ContinuePreflight bool

	// ForbidDisallowed refuses actual requests from origins that are not allowed. An actual request
	// is one that has an Origin header and is not a preflight. Refused requests get status 403 and
	// do not reach the handler. Requests from the server's own pages are not refused.
	//
	// This does not protect against cross-site request forgery, because requests without an Origin
	// header still reach the handler. Use [CSRFProtection] for that.
	//
	// By default, the handler runs, and the browser hides the response from the page.
	ForbidDisallowed bool

	// Debug makes it easier to find out why a preflight was refused. When it is set, the response to a
	// refused preflight carries the reason in the Polycors-Reason header. If the origin is allowed,
	// the response has the status of an allowed preflight and lists the allowed methods and headers,
	// so that the error in the browser's console names the method or header that is not allowed.
	//
	// Do not set Debug in production, because it discloses the configuration to allowed origins.
	//
	// The default is false.
	Debug bool

	// OnDecision is called once for each decision, on the goroutine that serves the request. It must
	// be safe for concurrent use. It is not called if AllowOriginFunc panics.
	//
	// To log refused requests, set OnDecision to the result of [LogRefusals]. If OnDecision is nil,
	// decisions are not reported.
	OnDecision func(ctx context.Context, e Event)

	// Routes lists paths that have their own Config. For example:
	//
	//	Routes: []core.Route{
	//		{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}},
	//		{Path: "/internal/", Disable: true},
	//	},
	//
	// All other paths use the Config that contains Routes. If that Config does not say which
	// origins are allowed, requests for all other paths are passed on to the handler, and the
	// responses are left unchanged. To allow no origins on these paths, set its AllowOrigins to an
	// empty, non-nil list.
	//
	// By default, Routes is empty.
	Routes []Route

	// DangerouslyAllowOrigins lists origins that AllowOrigins refuses because AllowCredentials or
	// AllowPrivateNetwork is set. Entries have the same forms as in AllowOrigins:
	//
	//	https://*--acme.netlify.app   the previews of a project on a shared domain
	//	http://app.example.com        a page that is not available over https
	//
	// This is dangerous because other people can send requests from such origins. Anyone can choose
	// a name that a wildcard under a public suffix matches, and anyone on the network between a
	// visitor and an http page can change that page. They can then act on behalf of the visitor.
	//
	// New still refuses "*", "null" and "file://". It also refuses an entry that AllowOrigins would
	// accept, so every entry of this list is dangerous.
	//
	// The default is an empty list.
	DangerouslyAllowOrigins []string

	// DangerouslyAllowOriginRegexes lists regular expressions that AllowOriginRegexes refuses
	// because AllowCredentials or AllowPrivateNetwork is set. For example:
	//
	//	https://pr-[0-9]+--acme\.netlify\.app   the previews of a project on a shared domain
	//	chrome-extension://[a-p]{32}            every browser extension
	//
	// This is dangerous because other people can register an origin that such an expression
	// matches. They can then act on behalf of the visitors.
	//
	// New still refuses an expression that matches almost every website, such as .* and
	// https://.*\.[a-z]+. It also refuses an expression that AllowOriginRegexes would accept.
	//
	// The default is an empty list.
	DangerouslyAllowOriginRegexes []string
}

// Route is a set of paths with their own policy.
//
// Paths begin at the root of the server, not at the mount point of a sub-router. They are
// case-insensitive, because some routers ignore case. Two paths that differ only in case therefore
// have the same policy.
//
// Routers may interpret the same path in different ways: as the client sent it, percent-decoded, or
// without "//" and "/./". If these interpretations match different routes, the policy cannot know
// which handler the request will reach, so it refuses the request with [ReasonPathAmbiguous].
//
// A request is also refused if its path has a ".." segment in any interpretation. Browsers resolve
// ".." before they send a request, except next to an encoded slash, as in "..%2f".
type Route struct {
	// Path is a pattern in the syntax of [net/http.ServeMux], without a method or a host:
	//
	//	/status            this path only
	//	/api/              this path and everything below it
	//	/users/{id}        any single segment in place of {id}
	//	/files/{rest...}   everything below /files/
	//	/{$}               the root only
	//
	// New refuses a path in the notation of another router, such as /users/:id or /admin/*, and the
	// error says how to write it. To match one of the characters % * ? # [ ] { } < > | ^ \
	// literally, write it percent-encoded. The same applies to ":" where it would begin a parameter,
	// and to "$" at the end.
	//
	// The most specific pattern wins. New refuses two patterns that match a common path if neither
	// is more specific.
	//
	// A trailing slash makes no difference, unless Routes lists the path both with and without one.
	// A request is refused if routers that distinguish the two forms and routers that do not would
	// choose different routes. For example, a request for /users/me is refused if Routes lists
	// /users/{id} and /users/me/.
	//
	// A Route must have either a Path or a PathRegex, but not both.
	Path string

	// PathRegex is a regular expression, used instead of Path. For example:
	//
	//	/v[0-9]+/status
	//	/admin/.*
	//
	// It must match the entire path, so ^/admin/ does not match /admin/users. Matching ignores case
	// and a trailing slash. Expressions are tried in the order of Routes, after all Paths.
	//
	// New refuses an expression that cannot match a path, such as admin/.*, and one in another
	// notation, such as /admin/* or /users/{id}. An expression must not be longer than 4 KiB.
	//
	// If no Path matches, a request is refused if its path is longer than 2 KiB, or if routers
	// could interpret it in too many different ways. The limits are listed in docs/guides/paths.md.
	PathRegex string

	// Disable turns CORS off for the paths of the route. Requests for these paths are passed on to
	// the handler, and the responses are left unchanged. Use it for paths that have other CORS
	// middleware. If Disable is set, Config must be the zero value.
	Disable bool

	// Config is the configuration for the paths of the route. The route inherits nothing from the
	// Config that contains it. A field that is not set has its usual default.
	//
	// Routes must be empty, because a route cannot contain other routes. OnDecision must be nil,
	// because the OnDecision of the outer Config is called for all paths.
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

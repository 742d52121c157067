package corstest

import "github.com/polycors/cors/core"

var (
	age600      = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none, MaxAge: 600e9})
	ageNone     = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none, MaxAge: -1})
	ageFraction = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none, MaxAge: 1999e6})

	private = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none, AllowPrivateNetwork: true})

	debug = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-Foo"},
		AllowCredentials: true, Debug: true,
		AllowOriginFunc: asks.configs[0].AllowOriginFunc,
	})
	debugAny    = policy(core.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, Debug: true, PreflightStatus: 200})
	debugPassed = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, Debug: true, ContinuePreflight: true})

	forbids = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none, ForbidDisallowed: true})
)

func maxAgeCases() []conformanceCase {
	put := preflight("https://app.example.com", "PUT")
	return []conformanceCase{
		{name: "max-age/seconds", why: "the header counts in seconds", source: fetchResponses, on: age600, request: put,
			want: answered("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 600", varyPreflight)},
		{name: "max-age/none", why: "0 is written: without the header browsers keep an answer for five seconds", source: fetchResponses + "; https://github.com/gofiber/fiber/issues/2649", on: ageNone, request: put,
			want: answered("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 0", varyPreflight)},
		{name: "max-age/fraction", why: "a fraction of a second is dropped: the header's value is a whole number", source: fetchSyntax, on: ageFraction, request: put,
			want: answered("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 1", varyPreflight)},
		{name: "max-age/actual", why: "an actual request's answer has none", source: fetchResponses, on: age600, request: get("https://app.example.com"),
			want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin")},
		{name: "max-age/refused", why: "a refusal is not to be kept", source: fetchResponses, on: age600, request: preflight("https://app.example.com", "DELETE"),
			want: refused(core.MethodNotAllowed)},
	}
}

func privateNetworkCases() []conformanceCase {
	const vary = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
	without := answered("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", vary)
	app := func(more ...string) string { return preflight("https://app.example.com", "PUT", more...) }
	return []conformanceCase{
		{name: "private-network/asked", why: "a preflight into a private network is answered where that is configured", source: privateNetworks, on: private, request: app("Access-Control-Request-Private-Network: true"),
			want: answered("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Allow-Private-Network: true", "Access-Control-Max-Age: 86400", vary)},
		{name: "private-network/not-asked", why: "what is not asked for is not granted, but the answer depends on it", source: privateNetworks, on: private, request: app(), want: without},
		{name: "private-network/false", why: "only true asks for it", source: privateNetworks, on: private, request: app("Access-Control-Request-Private-Network: false"), want: without},
		{name: "private-network/two-lines", why: "two fields are not the value true", source: httpCombined, on: private, request: app("Access-Control-Request-Private-Network: true", "Access-Control-Request-Private-Network: true"), want: without},
		{name: "private-network/stranger", why: "a stranger gets no access to a private network", source: privateNetworks + "; CVE-2024-6221", on: private, request: preflight("https://evil.com", "PUT", "Access-Control-Request-Private-Network: true"),
			want: outcome{reason: core.OriginNotAllowed, status: 403, lines: []string{vary}}},
		{name: "private-network/method-refused", why: "a refusal grants nothing", source: privateNetworks, on: private, request: preflight("https://app.example.com", "DELETE", "Access-Control-Request-Private-Network: true"),
			want: outcome{reason: core.MethodNotAllowed, status: 403, lines: []string{vary}}},
		{name: "private-network/actual", why: "only preflights ask for it", source: privateNetworks, on: private, request: get("https://app.example.com", "Access-Control-Request-Private-Network: true"),
			want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin")},
		{name: "private-network/not-configured", why: "where it is not configured the question is ignored: the abandoned proposal breaks nothing", source: privateNetworks, on: age600, request: app("Access-Control-Request-Private-Network: true"),
			want: answered("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 600", varyPreflight)},
	}
}

func debugCases() []conformanceCase {
	shown := func(reason core.Reason, name string) outcome {
		return outcome{reason: reason, status: 204, lines: []string{
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-foo", "Access-Control-Allow-Methods: PUT",
			"Access-Control-Allow-Origin: https://app.example.com", "Polycors-Reason: " + name, varyPreflight,
		}}
	}
	named := func(reason core.Reason, status int, name string) outcome {
		return outcome{reason: reason, status: status, lines: []string{"Polycors-Reason: " + name, varyPreflight}}
	}
	app := func(method string, more ...string) string {
		return preflight("https://app.example.com", method, more...)
	}
	const console = "with the lists in the answer, the browser's console names what is missing"
	return []conformanceCase{
		{name: "debug/origin-not-allowed", why: "a stranger learns the reason and nothing of the policy", source: fetchPreflight, on: debug, request: preflight("https://evil.com", "PUT"), want: named(core.OriginNotAllowed, 403, "origin-not-allowed")},
		{name: "debug/origin-malformed", why: "a stranger learns the reason and nothing of the policy", source: fetchPreflight, on: debug, request: preflight("https://evil.com/", "PUT"), want: named(core.OriginMalformed, 403, "origin-malformed")},
		{name: "debug/lookup-failed", why: "a failed look-up has granted nothing yet, so it shows nothing", source: fetchPreflight, on: debug, request: preflight("https://down.example.com", "PUT"), want: named(core.LookupFailed, 503, "lookup-failed")},
		{name: "debug/method-not-allowed", why: console, source: fetchPreflight, on: debug, request: app("DELETE"), want: shown(core.MethodNotAllowed, "method-not-allowed"), absent: []string{"DELETE"}},
		{name: "debug/method-malformed", why: console, source: fetchPreflight, on: debug, request: app("<script>"), want: shown(core.MethodMalformed, "method-malformed"), absent: []string{"<script>"}},
		{name: "debug/method-too-long", why: "what is beyond the bounds is refused without more", source: fetchPreflight, on: debug, request: app("MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM"), want: named(core.MethodMalformed, 403, "method-malformed")},
		{name: "debug/headers-malformed", why: console, source: fetchPreflight, on: debug, request: app("PUT", "Access-Control-Request-Headers: x foo"), want: shown(core.HeadersMalformed, "headers-malformed"), absent: []string{"x foo"}},
		{name: "debug/headers-too-large", why: "what is beyond the bounds is refused without more", source: fetchPreflight, on: debug, request: app("PUT", "Access-Control-Request-Headers: ,,,,,,,,,,,,,,,,,,,,"), want: named(core.HeadersTooLarge, 403, "headers-too-large")},
		{name: "debug/header-not-allowed", why: console, source: fetchPreflight, on: debug, request: app("PUT", "Access-Control-Request-Headers: x-bar"), want: shown(core.HeaderNotAllowed, "header-not-allowed"), absent: []string{"x-bar"}},
		{name: "debug/allowed", why: "an allowed preflight needs no reason", source: fetchPreflight, on: debug, request: app("PUT", "Access-Control-Request-Headers: x-foo"),
			want: answered("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: x-foo", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight)},
		{name: "debug/actual-allowed", why: "an actual request has no reason in its answer", source: fetchResponses, on: debug, request: get("https://app.example.com"),
			want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin")},
		{name: "debug/actual-refused", why: "an actual request has no reason in its answer", source: fetchResponses, on: debug, request: get("https://evil.com"), want: passed(core.OriginNotAllowed)},
		{name: "debug/no-origin", why: "a request that is not about CORS has no reason in its answer", source: fetchResponses, on: debug, request: request("GET", "/"), want: passed(core.NoOrigin)},
		{name: "debug/star-is-left-out", why: "a star would let in what is refused, so the list is left out", source: fetchPreflight, on: debugAny, request: preflight("https://evil.com", "TRACE"),
			want: outcome{reason: core.MethodNotAllowed, status: 200, lines: []string{"Access-Control-Allow-Origin: *", "Polycors-Reason: method-not-allowed", "Vary: Access-Control-Request-Method, Access-Control-Request-Headers"}}},
		{name: "debug/star-of-headers-is-left-out", why: "a star would let in what is refused, so the list is left out", source: fetchNonWildcard, on: debugAny, request: preflight("https://evil.com", "PUT", "Access-Control-Request-Headers: authorization"),
			want: outcome{reason: core.HeaderNotAllowed, status: 200, lines: []string{"Access-Control-Allow-Origin: *", "Polycors-Reason: header-not-allowed", "Vary: Access-Control-Request-Method, Access-Control-Request-Headers"}}},
		{name: "debug/refused-does-not-continue", why: "a refused preflight goes on to no handler, whatever it shows", source: fetchPreflight, on: debugPassed, request: app("PUT"),
			want: outcome{reason: core.MethodNotAllowed, status: 204, lines: []string{"Access-Control-Allow-Methods: GET, HEAD, POST", "Access-Control-Allow-Origin: https://app.example.com", "Polycors-Reason: method-not-allowed", varyPreflight}}},
	}
}

func forbidCases() []conformanceCase {
	no := func(reason core.Reason) outcome {
		return outcome{reason: reason, status: 403, lines: []string{"Vary: Origin"}}
	}
	const (
		said     = "what the browser says of the site counts before any comparison, for no page can set it"
		compared = "where the browser does not say, host and port of Origin are held against Host"
	)
	return []conformanceCase{
		{name: "forbid/stranger", why: "with ForbidDisallowed a stranger's request does not reach the handler", source: fetchProtocol + "; CVE-2022-4147", on: forbids, request: get("https://evil.com"), want: no(core.OriginNotAllowed)},
		{name: "forbid/stranger-post", why: "with ForbidDisallowed a stranger's request does not reach the handler", source: fetchProtocol, on: forbids, request: request("POST", "/", "Origin: https://evil.com", "Content-Length: 5") + "hello", want: no(core.OriginNotAllowed)},
		{name: "forbid/stranger-head", why: "with ForbidDisallowed a stranger's request does not reach the handler", source: fetchProtocol, on: forbids, request: request("HEAD", "/", "Origin: https://evil.com"), want: no(core.OriginNotAllowed)},
		{name: "forbid/malformed", why: "a malformed origin is a stranger's", source: fetchProtocol, on: forbids, request: get("https://evil.com/"), want: no(core.OriginMalformed)},
		{name: "forbid/null", why: "null is anybody's", source: fetchOrigin, on: forbids, request: get("null"), want: no(core.OriginNotAllowed)},
		{name: "forbid/listed", why: "a listed origin is let in", source: fetchResponses, on: forbids, request: get("https://app.example.com"), want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin")},
		{name: "forbid/no-origin", why: "a request without Origin is not about CORS", source: fetchRequests, on: forbids, request: request("GET", "/"), want: passed(core.NoOrigin)},
		{name: "forbid/preflight", why: "a refused preflight is refused as ever", source: fetchPreflight, on: forbids, request: preflight("https://evil.com", "GET"), want: refused(core.OriginNotAllowed)},
		{name: "forbid/site-same-origin", why: "a page posts to its own origin with an Origin that nobody has listed", source: fetchMetadata, on: forbids, request: get("https://api.example.net", "Sec-Fetch-Site: same-origin"), want: passed(core.OriginNotAllowed)},
		{name: "forbid/site-same-origin-null", why: "a page with the policy no-referrer posts to its own origin with Origin: null", source: fetchOrigin, on: forbids, request: get("null", "Sec-Fetch-Site: same-origin"), want: passed(core.OriginNotAllowed)},
		{name: "forbid/site-same-site", why: "another origin of the same site is another origin", source: fetchMetadata, on: forbids, request: get("https://other.example.net", "Sec-Fetch-Site: same-site"), want: no(core.OriginNotAllowed)},
		{name: "forbid/site-cross-site-with-host", why: said, source: fetchMetadata, on: forbids, request: get("http://api.example.net", "Sec-Fetch-Site: cross-site"), want: no(core.OriginNotAllowed)},
		{name: "forbid/site-none", why: said, source: fetchMetadata + "; CVE-2026-40864", on: forbids, request: get("https://evil.com", "Sec-Fetch-Site: none"), want: no(core.OriginNotAllowed)},
		{name: "forbid/site-two-lines", why: "two fields are not the value same-origin", source: httpCombined, on: forbids, request: get("https://evil.com", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: same-origin"), want: no(core.OriginNotAllowed)},
		{name: "forbid/host-equal", why: compared, source: fetchOrigin, on: forbids, request: get("https://api.example.net"), want: passed(core.OriginNotAllowed)},
		{name: "forbid/host-equal-http", why: compared + "; the scheme may be a proxy's", source: fetchOrigin, on: forbids, request: get("http://api.example.net"), want: passed(core.OriginNotAllowed)},
		{name: "forbid/host-other-port", why: compared, source: fetchOrigin, on: forbids, request: get("https://api.example.net:8443"), want: no(core.OriginNotAllowed)},
		{name: "forbid/host-is-suffix", why: compared, source: fetchOrigin, on: forbids, request: get("https://xapi.example.net"), want: no(core.OriginNotAllowed)},
		{name: "forbid/host-with-port", why: compared, source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: api.example.net:8443\r\nOrigin: https://api.example.net:8443\r\nConnection: close\r\n\r\n", want: passed(core.OriginNotAllowed)},
		{name: "forbid/host-with-default-port", why: compared + ", and the default port may be written in Host", source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: api.example.net:443\r\nOrigin: https://api.example.net\r\nConnection: close\r\n\r\n", want: passed(core.OriginNotAllowed)},
		{name: "forbid/host-with-port-of-other-scheme", why: compared + ", and 80 is not the default port of https", source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: api.example.net:80\r\nOrigin: https://api.example.net\r\nConnection: close\r\n\r\n", want: no(core.OriginNotAllowed)},
		{name: "forbid/host-in-upper-case", why: "a host is compared without case", source: fetchOrigin, on: forbids,
			request: "GET / HTTP/1.1\r\nHost: API.Example.NET\r\nOrigin: https://api.example.net\r\nConnection: close\r\n\r\n", want: passed(core.OriginNotAllowed)},
		{name: "forbid/forwarded-host", why: "anybody can write X-Forwarded-Host, so it does not count", source: fetchOrigin, on: forbids, request: get("https://evil.com", "X-Forwarded-Host: evil.com", "Forwarded: host=evil.com"), want: no(core.OriginNotAllowed)},
	}
}

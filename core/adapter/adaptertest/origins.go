package adaptertest

import (
	"slices"

	"github.com/polycors/cors/core"
)

var (
	listed = policy(core.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://admin.example.com"},
		AllowCredentials: true, AllowMethods: none, AllowHeaders: none,
	})
	fooBar = policy(core.Config{
		AllowOrigins: []string{"https://foo.com", "https://bar.com"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	barFoo = policy(core.Config{
		AllowOrigins: []string{"https://bar.com", "https://foo.com"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	fooWithPort = policy(core.Config{
		AllowOrigins: []string{"https://foo.com:8443", "https://bar.com"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	siblings = policy(core.Config{
		AllowOrigins:     []string{"https://cat.example", "https://bat.example", "https://at.example"},
		AllowCredentials: true, AllowMethods: none, AllowHeaders: none,
	})
	duplicated = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com", "https://app.example.com"}, AllowCredentials: true,
		AllowMethods: none, AllowHeaders: none,
	})
	many = policy(core.Config{
		AllowOrigins: manyOrigins(), AllowCredentials: true, AllowMethods: none, AllowHeaders: none,
	})
	one = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none,
	})
	trusting = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	spelled = policy(core.Config{
		AllowOrigins: []string{
			"HTTPS://Upper.Example.COM", "https://default.example.com:443", "http://default.example.com:80",
			"chrome-extension://abcdefghijklmnop", "capacitor://localhost", "https://under_score.example.com",
		},
		AllowMethods: none, AllowHeaders: none,
	})
	opaque = policy(core.Config{AllowOrigins: []string{"null", "file://"}, AllowMethods: none, AllowHeaders: none})
)

// manyOrigins are https://h0.example to https://h299.example.
func manyOrigins() []string {
	list := make([]string, 0, 300)
	for _, hundreds := range []string{"", "1", "2"} {
		for _, tens := range "0123456789" {
			for _, ones := range "0123456789" {
				n := hundreds + string(tens) + string(ones)
				if hundreds == "" && tens == '0' {
					n = string(ones)
				}
				list = append(list, "https://h"+n+".example")
			}
		}
	}
	return list
}

func originCases() []conformanceCase {
	return slices.Concat(
		[]conformanceCase{
			{
				name: "origin/listed",
				why: "a listed origin may read, with cookies, and Vary tells caches that the response is " +
					"for this origin only",
				source: fetchResponses, on: listed, request: get("https://app.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
					"Vary: Origin",
				),
			},
			{
				name:   "origin/listed-second",
				why:    "each listed origin gets its own name back, never another one or a list",
				source: fetchResponses + "; CVE-2017-8700", on: listed, request: get("https://admin.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://admin.example.com",
					"Vary: Origin",
				),
				absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/absent",
				why: "without Origin nothing is granted, but Vary must still keep a cache from serving the " +
					"response to a page",
				source: fetchCaches + "; CVE-2017-8700", on: listed, request: request("GET", "/"),
				want: passed(core.ReasonNoOrigin), absent: []string{"https://app.example.com", "https://admin.example.com"},
			},
			{
				name:   "origin/empty",
				why:    "an empty Origin counts as absent: an empty Access-Control-Allow-Origin would be invalid",
				source: fetchOrigin + "; https://github.com/cyu/rack-cors/pull/139", on: listed, request: get(""),
				want: passed(core.ReasonNoOrigin),
			},
			{
				name:   "origin/only-blanks",
				why:    "white space around a field's value is not part of it, so this Origin is empty",
				source: httpValues, on: listed, request: request("GET", "/", "Origin: \t "),
				want: passed(core.ReasonNoOrigin),
			},
			{
				name: "origin/blanks-around", why: "white space around a field's value is not part of it",
				source: httpValues, on: listed, request: request("GET", "/", "Origin:  \thttps://app.example.com \t"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "origin/no-blank-before", why: "the space after the colon is optional", source: httpValues,
				on: listed, request: request("GET", "/", "Origin:https://app.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
					"Vary: Origin",
				),
			},
		},
		disallow(listed,
			disallowed{
				"origin/other", "https://evil.com", core.ReasonOriginNotAllowed,
				"an origin is not allowed merely because it asked",
				fetchCheck + "; https://portswigger.net/web-security/cors",
			},
			disallowed{
				"origin/listed-is-prefix", "https://app.example.com.evil.com", core.ReasonOriginNotAllowed,
				"comparing the beginning alone allows longer names",
				fetchCheck + "; CVE-2022-1996; CVE-2026-37737; CVE-2026-40110; " +
					"https://github.com/Kludex/starlette/issues/801",
			},
			disallowed{
				"origin/listed-is-suffix", "https://evilapp.example.com", core.ReasonOriginNotAllowed,
				"comparing the end alone allows longer names", fetchCheck + "; CVE-2024-27302",
			},
			disallowed{
				"origin/part-of-listed", "https://pp.example.com", core.ReasonOriginNotAllowed,
				"part of a listed origin is not a listed origin", fetchCheck,
			},
			disallowed{
				"origin/dot-is-no-wildcard", "https://app.examplexcom", core.ReasonOriginNotAllowed,
				"a dot in an entry means a dot, not any character", fetchCheck,
			},
			disallowed{
				"origin/first-dot-is-no-wildcard", "https://appxexample.com", core.ReasonOriginNotAllowed,
				"a dot in an entry means a dot, not any character", fetchCheck,
			},
			disallowed{
				"origin/parent", "https://example.com", core.ReasonOriginNotAllowed, "a parent domain is another origin",
				htmlOrigin,
			},
			disallowed{
				"origin/child", "https://x.app.example.com", core.ReasonOriginNotAllowed, "a subdomain is another origin",
				htmlOrigin,
			},
			disallowed{
				"origin/http", "http://app.example.com", core.ReasonOriginNotAllowed,
				"the scheme is part of the origin: traffic of http can be altered on the network", htmlOrigin,
			},
			disallowed{
				"origin/wss", "wss://app.example.com", core.ReasonOriginNotAllowed, "the scheme is part of the origin",
				htmlOrigin,
			},
			disallowed{
				"origin/ftp", "ftp://app.example.com", core.ReasonOriginNotAllowed, "the scheme is part of the origin",
				htmlOrigin,
			},
			disallowed{
				"origin/extension", "chrome-extension://app.example.com", core.ReasonOriginNotAllowed,
				"an extension may choose a name that looks like a host", htmlOrigin,
			},
			disallowed{
				"origin/trailing-slash", "https://app.example.com/", core.ReasonOriginMalformed,
				"a serialised origin does not end in a slash", fetchSyntax,
			},
			disallowed{
				"origin/path", "https://app.example.com/path", core.ReasonOriginMalformed, "a serialised origin has no path",
				fetchSyntax,
			},
			disallowed{
				"origin/query", "https://app.example.com?x", core.ReasonOriginMalformed, "a serialised origin has no query",
				fetchSyntax,
			},
			disallowed{
				"origin/fragment", "https://evil.com#https://app.example.com", core.ReasonOriginMalformed,
				"a serialised origin has no fragment", fetchSyntax,
			},
			disallowed{
				"origin/listed-in-path", "https://evil.com/app.example.com", core.ReasonOriginMalformed,
				"the listed name is only in the path", fetchSyntax,
			},
			disallowed{
				"origin/userinfo", "https://user@app.example.com", core.ReasonOriginMalformed,
				"a serialised origin has no user name", fetchSyntax,
			},
			disallowed{
				"origin/password", "https://user:pw@app.example.com", core.ReasonOriginMalformed,
				"a serialised origin has no password", fetchSyntax,
			},
			disallowed{
				"origin/listed-is-userinfo", "https://app.example.com:443@evil.com", core.ReasonOriginMalformed,
				"what precedes the at sign is not a host", fetchSyntax,
			},
			disallowed{
				"origin/backslash", `https://app.example.com\evil.com`, core.ReasonOriginMalformed,
				"URL parsers disagree about a backslash, so nothing may depend on it", fetchSyntax,
			},
			disallowed{
				"origin/percent-dot", "https://app.example.com%2eevil.com", core.ReasonOriginMalformed,
				"a host is never percent-encoded in an origin", fetchSyntax,
			},
			disallowed{
				"origin/percent-letter", "https://%61pp.example.com", core.ReasonOriginMalformed,
				"a host is never percent-encoded in an origin", fetchSyntax,
			},
			disallowed{
				"origin/percent-nul", "https://app.example.com%00.evil.com", core.ReasonOriginMalformed,
				"a host is never percent-encoded in an origin", fetchSyntax,
			},
			disallowed{
				"origin/upper-case", "https://APP.EXAMPLE.COM", core.ReasonOriginMalformed,
				"browsers write hosts in lower case and compare byte by byte", fetchCheck,
			},
			disallowed{
				"origin/mixed-case", "https://App.example.com", core.ReasonOriginMalformed,
				"browsers write hosts in lower case and compare byte by byte", fetchCheck,
			},
			disallowed{
				"origin/upper-case-scheme", "HTTPS://app.example.com", core.ReasonOriginMalformed,
				"browsers write schemes in lower case and compare byte by byte", fetchCheck,
			},
			disallowed{
				"origin/leading-dot", "https://.app.example.com", core.ReasonOriginNotAllowed,
				"a host with an empty label is a different host", urlHosts,
			},
			disallowed{
				"origin/trailing-dot", "https://app.example.com.", core.ReasonOriginNotAllowed,
				"a host with a dot at its end is a different origin, and no policy can list it", urlHosts,
			},
			disallowed{
				"origin/no-scheme", "app.example.com", core.ReasonOriginMalformed, "an origin begins with a scheme",
				fetchSyntax,
			},
			disallowed{
				"origin/no-slashes", "https:app.example.com", core.ReasonOriginMalformed,
				"a scheme is followed by two slashes", fetchSyntax,
			},
			disallowed{
				"origin/three-slashes", "https:///app.example.com", core.ReasonOriginMalformed,
				"a scheme is followed by two slashes", fetchSyntax,
			},
			disallowed{
				"origin/two-colons", "https:://app.example.com", core.ReasonOriginMalformed,
				"a scheme is followed by one colon", fetchSyntax,
			},
			disallowed{
				"origin/two-schemes", "https://https://app.example.com", core.ReasonOriginMalformed,
				"an origin has one scheme", fetchSyntax,
			},
			disallowed{"origin/scheme-only", "https://", core.ReasonOriginMalformed, "an origin has a host", fetchSyntax},
			disallowed{
				"origin/star", "*", core.ReasonOriginMalformed,
				"the wildcard has a meaning in responses, but not in requests", fetchSyntax,
			},
			disallowed{
				"origin/two-separated-by-blank", "https://app.example.com https://evil.com", core.ReasonOriginMalformed,
				"RFC 6454 allowed a list of origins, but browsers send one", rfc6454,
			},
			disallowed{
				"origin/two-separated-by-blank-listed-last", "https://evil.com https://app.example.com",
				core.ReasonOriginMalformed, "RFC 6454 allowed a list of origins, but browsers send one", rfc6454,
			},
			disallowed{
				"origin/two-separated-by-comma", "https://app.example.com, https://evil.com", core.ReasonOriginMalformed,
				"Origin holds one origin: do not take the first of several", fetchOrigin,
			},
			disallowed{
				"origin/two-separated-by-comma-listed-last", "https://evil.com, https://app.example.com",
				core.ReasonOriginMalformed, "Origin holds one origin: do not take the last of several",
				fetchOrigin + "; https://github.com/gofiber/fiber/pull/2883",
			},
			disallowed{
				"origin/two-separated-by-tab", "https://app.example.com\thttps://evil.com", core.ReasonOriginMalformed,
				"Origin holds one origin", fetchOrigin,
			},
			disallowed{
				"origin/hyphen-ends-label", "https://app.example.com-.evil.com", core.ReasonOriginNotAllowed,
				"a comparison that stops at a special character allows anything after it", fetchSyntax,
			},
			disallowed{
				"origin/backtick", "https://app.example.com`.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/brace", "https://app.example.com{.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/dollar", "https://app.example.com$.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/tilde", "https://app.example.com~.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/equals", "https://app.example.com=.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/plus", "https://app.example.com+.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/ampersand", "https://app.example.com&.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/asterisk", "https://app.example.com*.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/parenthesis", "https://app.example.com).evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/exclamation", "https://app.example.com!.evil.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, and a comparison that stops at the special character allows them",
				fetchSyntax,
			},
			disallowed{
				"origin/label-dollar", "https://app.example.com.$.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-tilde", "https://app.example.com.~.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-plus", "https://app.example.com.+.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-asterisk", "https://app.example.com.*.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-parenthesis", "https://app.example.com.(.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-quote", "https://app.example.com.'.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-comma", "https://app.example.com.,.evil.com", core.ReasonOriginMalformed,
				"a label that is one special character is not valid either", fetchSyntax,
			},
			disallowed{
				"origin/label-underscore", "https://app.example.com._.evil.com", core.ReasonOriginNotAllowed,
				"browsers send underscores, so this is an origin, but not a listed one", urlHosts,
			},
		),
		disallow(fooBar,
			disallowed{
				"origin/entries-are-not-joined", "https://barfoo.com", core.ReasonOriginNotAllowed,
				"a tree of suffixes must not join two entries", fetchCheck + "; GHSA-vhxv-fg4m-p2w8",
			},
			disallowed{
				"origin/entries-are-not-concatenated", "https://foobar.com", core.ReasonOriginNotAllowed,
				"a tree of suffixes must not join two entries", fetchCheck + "; GHSA-vhxv-fg4m-p2w8",
			},
			disallowed{
				"origin/common-suffix-of-entries", "https://r.com", core.ReasonOriginNotAllowed,
				"the common end of two entries is not an entry", fetchCheck + "; GHSA-v84h-653v-4pq9",
			},
		),
		disallow(barFoo,
			disallowed{
				"origin/entries-are-not-joined-either-way", "https://barfoo.com", core.ReasonOriginNotAllowed,
				"the order of the entries changes nothing", fetchCheck + "; GHSA-vhxv-fg4m-p2w8",
			},
		),
		disallow(fooWithPort,
			disallowed{
				"origin/port-of-another-entry", "https://bar.com:8443", core.ReasonOriginNotAllowed,
				"the port of one entry must not be combined with the host of another", htmlOrigin,
			},
			disallowed{
				"origin/port-left-out", "https://foo.com", core.ReasonOriginNotAllowed, "a listed port is required",
				htmlOrigin,
			},
		),
		disallow(siblings,
			disallowed{
				"origin/unlisted-sibling", "https://rat.example", core.ReasonOriginNotAllowed,
				"entries with a common end must not allow other names with that end", fetchCheck,
			},
		),
		disallow(many,
			disallowed{
				"origin/not-among-many", "https://h300.example", core.ReasonOriginNotAllowed,
				"a long list allows nothing that is not in it", fetchCheck,
			},
		),
		[]conformanceCase{
			{
				name: "origin/among-many", why: "the last origin of a long list is allowed like the first",
				source: fetchResponses, on: many, request: get("https://h299.example"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://h299.example",
					"Vary: Origin",
				),
			},
			{
				name: "origin/listed-twice",
				why:  "an entry may be listed twice, and the response names the origin once", source: fetchResponses,
				on: duplicated, request: get("https://app.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "origin/entry-in-upper-case",
				why:  "an entry is normalised to what browsers send, lower case included", source: htmlOrigin,
				on: spelled, request: get("https://upper.example.com"),
				want: granted("Access-Control-Allow-Origin: https://upper.example.com", "Vary: Origin"),
			},
			{
				name: "origin/entry-in-upper-case-matches-no-upper-case",
				why:  "an entry is normalised, but an origin is not", source: fetchCheck, on: spelled,
				request: get("HTTPS://Upper.Example.COM"), want: passed(core.ReasonOriginMalformed),
			},
			{
				name:   "origin/entry-with-default-port-https",
				why:    "browsers leave out the default port 443, so an entry with it means the origin without it",
				source: htmlOrigin, on: spelled, request: get("https://default.example.com"),
				want: granted("Access-Control-Allow-Origin: https://default.example.com", "Vary: Origin"),
			},
			{
				name:   "origin/entry-with-default-port-http",
				why:    "browsers leave out the default port 80, so an entry with it means the origin without it",
				source: htmlOrigin, on: spelled, request: get("http://default.example.com"),
				want: granted("Access-Control-Allow-Origin: http://default.example.com", "Vary: Origin"),
			},
			{
				name: "origin/default-port-written",
				why:  "no browser sends the default port, so this did not come from one", source: htmlOrigin,
				on: spelled, request: get("https://default.example.com:443"), want: passed(core.ReasonOriginMalformed),
			},
			{
				name: "origin/extension-listed", why: "browser extensions have their own scheme", source: htmlOrigin,
				on: spelled, request: get("chrome-extension://abcdefghijklmnop"),
				want: granted("Access-Control-Allow-Origin: chrome-extension://abcdefghijklmnop", "Vary: Origin"),
			},
			{
				name: "origin/app-scheme-listed", why: "pages inside apps have their own scheme", source: htmlOrigin,
				on: spelled, request: get("capacitor://localhost"),
				want: granted("Access-Control-Allow-Origin: capacitor://localhost", "Vary: Origin"),
			},
			{
				name: "origin/underscore-listed", why: "DNS names can have an underscore, and browsers send them",
				source: urlHosts, on: spelled, request: get("https://under_score.example.com"),
				want: granted("Access-Control-Allow-Origin: https://under_score.example.com", "Vary: Origin"),
			},
			{
				name: "null/not-listed",
				why:  "any page can get the origin null from a sandboxed frame, so null must be listed by name",
				source: fetchOrigin +
					"; https://portswigger.net/research/exploiting-cors-misconfigurations-for-bitcoins-and-bounties",
				on: listed, request: get("null"), want: passed(core.ReasonOriginNotAllowed),
			},
			{
				name: "null/same-origin-post",
				why: "with Referrer-Policy: no-referrer, a page posts to its own server with Origin: null, " +
					"so the handler must run",
				source: fetchOrigin, on: one, request: request("POST", "/", "Origin: null", "Content-Length: 0"),
				want: passed(core.ReasonOriginNotAllowed),
			},
			{
				name: "null/listed", why: "null is allowed where it is listed", source: fetchOrigin,
				on: opaque, request: get("null"),
				want: granted("Access-Control-Allow-Origin: null", "Vary: Origin"),
			},
			{
				name: "null/listed-preflight", why: "a listed null is treated like any listed origin",
				source: fetchOrigin, on: opaque, request: preflight("null", "GET"),
				want: answered("Access-Control-Allow-Origin: null", "Access-Control-Max-Age: 86400", varyPreflight),
			},
			{
				name: "null/upper-case", why: "null is written in lower case", source: fetchSyntax,
				on: opaque, request: get("NULL"), want: passed(core.ReasonOriginMalformed),
			},
			{
				name: "null/file-listed", why: "some web views send file:// where browsers send null",
				source: htmlOrigin, on: opaque, request: get("file://"),
				want: granted("Access-Control-Allow-Origin: file://", "Vary: Origin"),
			},
			{
				name: "null/file-with-path", why: "an origin never has a path, not even a file's", source: htmlOrigin,
				on: opaque, request: get("file:///etc/passwd"), want: passed(core.ReasonOriginMalformed),
			},
			{
				name: "null/preflight-not-listed", why: "a preflight of null is refused like any other",
				source: fetchPreflight, on: listed, request: preflight("null", "GET"),
				want: refused(core.ReasonOriginNotAllowed),
			},
			{
				name: "origin/referer-is-no-origin", why: "a page can choose its Referer",
				source: fetchOrigin + "; https://github.com/honojs/hono/issues/532", on: trusting,
				request: request("GET", "/", "Referer: https://app.example.com/x"), want: passed(core.ReasonNoOrigin),
				absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/two-lines", why: "two Origin lines are not an origin, even if both are listed",
				source: httpCombined, on: trusting,
				request: request("GET", "/", "Origin: https://app.example.com", "Origin: https://app.example.com"),
				want:    passed(core.ReasonOriginMalformed),
			},
			{
				name:   "origin/two-lines-listed-first",
				why:    "two lines are not an origin: reading only the first would ignore the second",
				source: httpCombined, on: trusting,
				request: request("GET", "/", "Origin: https://app.example.com", "Origin: https://evil.com"),
				want:    passed(core.ReasonOriginMalformed), absent: []string{"https://evil.com"},
			},
			{
				name: "origin/two-lines-listed-last",
				why:  "two lines are not an origin: reading only the last would ignore the first", source: httpCombined,
				on:      trusting,
				request: request("GET", "/", "Origin: https://evil.com", "Origin: https://app.example.com"),
				want:    passed(core.ReasonOriginMalformed), absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/empty-line-first", why: "an empty line and a listed origin are still two lines",
				source: httpCombined, on: trusting,
				request: request("GET", "/", "Origin:", "Origin: https://app.example.com"),
				want:    passed(core.ReasonOriginMalformed), absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/two-lines-preflight", why: "a preflight with two origins is refused",
				source: httpCombined, on: trusting,
				request: request(
					"OPTIONS", "/", "Origin: https://app.example.com", "Origin: https://evil.com",
					"Access-Control-Request-Method: GET",
				),
				want: refused(core.ReasonOriginMalformed), absent: []string{"https://evil.com"},
			},
		},
		vulnerableOrigins(),
	)
}

// vulnerableOrigins checks origins from published vulnerabilities.
func vulnerableOrigins() []conformanceCase {
	listing := func(origin string) *setup {
		return policy(core.Config{
			AllowOrigins: []string{origin}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none,
		})
	}
	return slices.Concat(
		disallow(
			listing("https://victim.com"),
			disallowed{
				"origin/cve-2024-27302", "https://evil-victim.com", core.ReasonOriginNotAllowed,
				"go-zero compared the end of the origin only", fetchCheck + "; CVE-2024-27302; GO-2024-2604",
			},
		),
		disallow(
			listing("https://labs.play-with-docker.com"),
			disallowed{
				"origin/cve-2023-28109", "https://evil-play-with-docker.com", core.ReasonOriginNotAllowed,
				"play-with-docker compared the end of the origin only", fetchCheck + "; CVE-2023-28109",
			},
		),
		disallow(
			listing("https://good.example"),
			disallowed{
				"origin/unescaped-dot", "https://goodXexample", core.ReasonOriginMalformed,
				"litestar turned the entry into a regular expression without quoting the dot",
				fetchCheck + "; https://github.com/litestar-org/litestar",
			},
		),
		disallow(
			listing("https://trusted.com"),
			disallowed{
				"origin/cve-2026-37737", "https://trusted.com:8080", core.ReasonOriginNotAllowed,
				"sanic-cors matched the beginning of the origin only", fetchCheck + "; CVE-2026-37737",
			},
		),
		disallow(
			listing("https://subdomain.example.org"),
			disallowed{
				"origin/starlette-801", "https://subdomain.example.org.hacker.com", core.ReasonOriginNotAllowed,
				"starlette matched the beginning of the origin only",
				fetchCheck + "; https://github.com/Kludex/starlette/issues/801",
			},
		),
	)
}

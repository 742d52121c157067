package corstest

import (
	"slices"

	"github.com/polycors/cors/core"
)

var (
	listed = policy(core.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://admin.example.com"},
		AllowCredentials: true, AllowMethods: none, AllowHeaders: none,
	})
	fooBar      = policy(core.Config{AllowOrigins: []string{"https://foo.com", "https://bar.com"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	barFoo      = policy(core.Config{AllowOrigins: []string{"https://bar.com", "https://foo.com"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	fooWithPort = policy(core.Config{AllowOrigins: []string{"https://foo.com:8443", "https://bar.com"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	siblings    = policy(core.Config{AllowOrigins: []string{"https://cat.example", "https://bat.example", "https://at.example"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	duplicated  = policy(core.Config{AllowOrigins: []string{"https://app.example.com", "https://app.example.com"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	many        = policy(core.Config{AllowOrigins: manyOrigins(), AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	one         = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: none, AllowHeaders: none})
	trusting    = policy(core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	spelled     = policy(core.Config{
		AllowOrigins: []string{"HTTPS://Upper.Example.COM", "https://default.example.com:443", "http://default.example.com:80", "chrome-extension://abcdefghijklmnop", "capacitor://localhost", "https://under_score.example.com"},
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
				name: "origin/listed", why: "a listed origin may read, with its cookies, and caches are told that the answer is for it alone", source: fetchResponses,
				on: listed, request: get("https://app.example.com"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
			},
			{
				name: "origin/listed-second", why: "each listed origin gets its own name back, never another one or a list", source: fetchResponses + "; CVE-2017-8700",
				on: listed, request: get("https://admin.example.com"),
				want:   granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://admin.example.com", "Vary: Origin"),
				absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/absent", why: "without Origin nothing is granted, but a cache that keeps the answer must not serve it to a page", source: fetchCaches + "; CVE-2017-8700",
				on: listed, request: request("GET", "/"),
				want:   passed(core.NoOrigin),
				absent: []string{"https://app.example.com", "https://admin.example.com"},
			},
			{
				name: "origin/empty", why: "an empty Origin is none: an empty Access-Control-Allow-Origin would be nonsense", source: fetchOrigin + "; https://github.com/cyu/rack-cors/pull/139",
				on: listed, request: get(""), want: passed(core.NoOrigin),
			},
			{
				name: "origin/only-blanks", why: "blanks around a field's value do not belong to it, so this Origin is empty", source: httpValues,
				on: listed, request: request("GET", "/", "Origin: \t "), want: passed(core.NoOrigin),
			},
			{
				name: "origin/blanks-around", why: "blanks around a field's value do not belong to it", source: httpValues,
				on: listed, request: request("GET", "/", "Origin:  \thttps://app.example.com \t"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
			},
			{
				name: "origin/no-blank-before", why: "the blank behind the colon is optional", source: httpValues,
				on: listed, request: request("GET", "/", "Origin:https://app.example.com"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
			},
		},
		strangers(listed,
			stranger{"origin/other", "https://evil.com", core.OriginNotAllowed, "an origin is not let in for having asked", fetchCheck + "; https://portswigger.net/web-security/cors"},
			stranger{"origin/listed-is-prefix", "https://app.example.com.evil.com", core.OriginNotAllowed, "a comparison without an end lets in longer names", fetchCheck + "; CVE-2022-1996; CVE-2026-37737; CVE-2026-40110; https://github.com/Kludex/starlette/issues/801"},
			stranger{"origin/listed-is-suffix", "https://evilapp.example.com", core.OriginNotAllowed, "a comparison without a beginning lets in longer names", fetchCheck + "; CVE-2024-27302"},
			stranger{"origin/part-of-listed", "https://pp.example.com", core.OriginNotAllowed, "the listed origin contains this one, which proves nothing", fetchCheck},
			stranger{"origin/dot-is-no-wildcard", "https://app.examplexcom", core.OriginNotAllowed, "a dot in a list stands for a dot, not for any character", fetchCheck},
			stranger{"origin/first-dot-is-no-wildcard", "https://appxexample.com", core.OriginNotAllowed, "a dot in a list stands for a dot, not for any character", fetchCheck},
			stranger{"origin/parent", "https://example.com", core.OriginNotAllowed, "a parent domain is another origin", htmlOrigin},
			stranger{"origin/child", "https://x.app.example.com", core.OriginNotAllowed, "a subdomain is another origin", htmlOrigin},
			stranger{"origin/http", "http://app.example.com", core.OriginNotAllowed, "the scheme is part of the origin: http can be rewritten on the way", htmlOrigin},
			stranger{"origin/wss", "wss://app.example.com", core.OriginNotAllowed, "the scheme is part of the origin", htmlOrigin},
			stranger{"origin/ftp", "ftp://app.example.com", core.OriginNotAllowed, "the scheme is part of the origin", htmlOrigin},
			stranger{"origin/extension", "chrome-extension://app.example.com", core.OriginNotAllowed, "an extension may choose a name that looks like a host", htmlOrigin},
			stranger{"origin/trailing-slash", "https://app.example.com/", core.OriginMalformed, "a serialised origin has no slash behind it", fetchSyntax},
			stranger{"origin/path", "https://app.example.com/path", core.OriginMalformed, "a serialised origin has no path", fetchSyntax},
			stranger{"origin/query", "https://app.example.com?x", core.OriginMalformed, "a serialised origin has no query", fetchSyntax},
			stranger{"origin/fragment", "https://evil.com#https://app.example.com", core.OriginMalformed, "a serialised origin has no fragment, whatever it names", fetchSyntax},
			stranger{"origin/listed-in-path", "https://evil.com/app.example.com", core.OriginMalformed, "the listed name stands in a path here", fetchSyntax},
			stranger{"origin/userinfo", "https://user@app.example.com", core.OriginMalformed, "a serialised origin has no user name", fetchSyntax},
			stranger{"origin/password", "https://user:pw@app.example.com", core.OriginMalformed, "a serialised origin has no password", fetchSyntax},
			stranger{"origin/listed-is-userinfo", "https://app.example.com:443@evil.com", core.OriginMalformed, "what stands before the at sign is no host", fetchSyntax},
			stranger{"origin/backslash", `https://app.example.com\evil.com`, core.OriginMalformed, "URL parsers disagree about a backslash, so nothing may depend on it", fetchSyntax},
			stranger{"origin/percent-dot", "https://app.example.com%2eevil.com", core.OriginMalformed, "a host is never percent-encoded in an origin", fetchSyntax},
			stranger{"origin/percent-letter", "https://%61pp.example.com", core.OriginMalformed, "a host is never percent-encoded in an origin", fetchSyntax},
			stranger{"origin/percent-nul", "https://app.example.com%00.evil.com", core.OriginMalformed, "a host is never percent-encoded in an origin", fetchSyntax},
			stranger{"origin/upper-case", "https://APP.EXAMPLE.COM", core.OriginMalformed, "browsers write hosts in lower case and compare byte by byte", fetchCheck},
			stranger{"origin/mixed-case", "https://App.example.com", core.OriginMalformed, "browsers write hosts in lower case and compare byte by byte", fetchCheck},
			stranger{"origin/upper-case-scheme", "HTTPS://app.example.com", core.OriginMalformed, "browsers write schemes in lower case and compare byte by byte", fetchCheck},
			stranger{"origin/leading-dot", "https://.app.example.com", core.OriginMalformed, "a host has no empty label", urlHosts},
			stranger{"origin/trailing-dot", "https://app.example.com.", core.OriginMalformed, "the same host with a dot at its end is another origin, and none that a policy can list", urlHosts},
			stranger{"origin/no-scheme", "app.example.com", core.OriginMalformed, "an origin begins with a scheme", fetchSyntax},
			stranger{"origin/no-slashes", "https:app.example.com", core.OriginMalformed, "a scheme is followed by two slashes", fetchSyntax},
			stranger{"origin/three-slashes", "https:///app.example.com", core.OriginMalformed, "a scheme is followed by two slashes", fetchSyntax},
			stranger{"origin/two-colons", "https:://app.example.com", core.OriginMalformed, "a scheme is followed by one colon", fetchSyntax},
			stranger{"origin/two-schemes", "https://https://app.example.com", core.OriginMalformed, "an origin has one scheme", fetchSyntax},
			stranger{"origin/scheme-only", "https://", core.OriginMalformed, "an origin has a host", fetchSyntax},
			stranger{"origin/star", "*", core.OriginMalformed, "the wildcard means something in answers and nothing in requests", fetchSyntax},
			stranger{"origin/two-separated-by-blank", "https://app.example.com https://evil.com", core.OriginMalformed, "an origin list is a grammar of the past: browsers send one origin", rfc6454},
			stranger{"origin/two-separated-by-blank-listed-last", "https://evil.com https://app.example.com", core.OriginMalformed, "an origin list is a grammar of the past: browsers send one origin", rfc6454},
			stranger{"origin/two-separated-by-comma", "https://app.example.com, https://evil.com", core.OriginMalformed, "Origin is one origin, and the first of several is not it", fetchOrigin},
			stranger{"origin/two-separated-by-comma-listed-last", "https://evil.com, https://app.example.com", core.OriginMalformed, "Origin is one origin, and the last of several is not it", fetchOrigin + "; https://github.com/gofiber/fiber/pull/2883"},
			stranger{"origin/two-separated-by-tab", "https://app.example.com\thttps://evil.com", core.OriginMalformed, "Origin is one origin", fetchOrigin},
			stranger{"origin/hyphen-ends-label", "https://app.example.com-.evil.com", core.OriginMalformed, "a comparison that stops at a special character lets in what follows it", fetchSyntax},
			stranger{"origin/backtick", "https://app.example.com`.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/brace", "https://app.example.com{.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/dollar", "https://app.example.com$.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/tilde", "https://app.example.com~.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/equals", "https://app.example.com=.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/plus", "https://app.example.com+.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/ampersand", "https://app.example.com&.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/asterisk", "https://app.example.com*.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/parenthesis", "https://app.example.com).evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/exclamation", "https://app.example.com!.evil.com", core.OriginMalformed, "some browsers resolve such hosts, and a comparison that stops there lets in what follows", fetchSyntax},
			stranger{"origin/label-dollar", "https://app.example.com.$.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-tilde", "https://app.example.com.~.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-plus", "https://app.example.com.+.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-asterisk", "https://app.example.com.*.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-parenthesis", "https://app.example.com.(.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-quote", "https://app.example.com.'.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-comma", "https://app.example.com.,.evil.com", core.OriginMalformed, "a special character may make up a whole label", fetchSyntax},
			stranger{"origin/label-underscore", "https://app.example.com._.evil.com", core.OriginNotAllowed, "browsers send underscores, so this is an origin, but not a listed one", urlHosts},
		),
		strangers(fooBar,
			stranger{"origin/entries-are-not-joined", "https://barfoo.com", core.OriginNotAllowed, "a tree of suffixes must not join two entries", fetchCheck + "; GHSA-vhxv-fg4m-p2w8"},
			stranger{"origin/entries-are-not-concatenated", "https://foobar.com", core.OriginNotAllowed, "a tree of suffixes must not join two entries", fetchCheck + "; GHSA-vhxv-fg4m-p2w8"},
			stranger{"origin/common-suffix-of-entries", "https://r.com", core.OriginNotAllowed, "what entries have in common is no entry", fetchCheck + "; GHSA-v84h-653v-4pq9"},
		),
		strangers(barFoo,
			stranger{"origin/entries-are-not-joined-either-way", "https://barfoo.com", core.OriginNotAllowed, "the order of the entries changes nothing", fetchCheck + "; GHSA-vhxv-fg4m-p2w8"},
		),
		strangers(fooWithPort,
			stranger{"origin/port-of-another-entry", "https://bar.com:8443", core.OriginNotAllowed, "the port of one entry does not go with the host of another", htmlOrigin},
			stranger{"origin/port-left-out", "https://foo.com", core.OriginNotAllowed, "a listed port is required", htmlOrigin},
		),
		strangers(siblings,
			stranger{"origin/unlisted-sibling", "https://rat.example", core.OriginNotAllowed, "entries that end alike let in no other name that does", fetchCheck},
		),
		strangers(many,
			stranger{"origin/not-among-many", "https://h300.example", core.OriginNotAllowed, "a long list lets in nothing else either", fetchCheck},
		),
		[]conformanceCase{
			{
				name: "origin/among-many", why: "the last of a long list is let in like the first", source: fetchResponses,
				on: many, request: get("https://h299.example"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://h299.example", "Vary: Origin"),
			},
			{
				name: "origin/listed-twice", why: "an entry may be listed twice and is answered once", source: fetchResponses,
				on: duplicated, request: get("https://app.example.com"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
			},
			{
				name: "origin/entry-in-upper-case", why: "an entry is compared as browsers write it, whatever its case", source: htmlOrigin,
				on: spelled, request: get("https://upper.example.com"),
				want: granted("Access-Control-Allow-Origin: https://upper.example.com", "Vary: Origin"),
			},
			{
				name: "origin/entry-in-upper-case-matches-no-upper-case", why: "the entry's spelling is not the origin's", source: fetchCheck,
				on: spelled, request: get("HTTPS://Upper.Example.COM"), want: passed(core.OriginMalformed),
			},
			{
				name: "origin/entry-with-default-port-https", why: "browsers leave out 443, so an entry that has it stands for the origin without", source: htmlOrigin,
				on: spelled, request: get("https://default.example.com"),
				want: granted("Access-Control-Allow-Origin: https://default.example.com", "Vary: Origin"),
			},
			{
				name: "origin/entry-with-default-port-http", why: "browsers leave out 80, so an entry that has it stands for the origin without", source: htmlOrigin,
				on: spelled, request: get("http://default.example.com"),
				want: granted("Access-Control-Allow-Origin: http://default.example.com", "Vary: Origin"),
			},
			{
				name: "origin/default-port-written", why: "no browser writes the default port, so whoever does is none", source: htmlOrigin,
				on: spelled, request: get("https://default.example.com:443"), want: passed(core.OriginMalformed),
			},
			{
				name: "origin/extension-listed", why: "browser extensions have origins of their own schemes", source: htmlOrigin,
				on: spelled, request: get("chrome-extension://abcdefghijklmnop"),
				want: granted("Access-Control-Allow-Origin: chrome-extension://abcdefghijklmnop", "Vary: Origin"),
			},
			{
				name: "origin/app-scheme-listed", why: "pages inside of apps have origins of their own schemes", source: htmlOrigin,
				on: spelled, request: get("capacitor://localhost"),
				want: granted("Access-Control-Allow-Origin: capacitor://localhost", "Vary: Origin"),
			},
			{
				name: "origin/underscore-listed", why: "DNS has names with an underscore, and browsers send them", source: urlHosts,
				on: spelled, request: get("https://under_score.example.com"),
				want: granted("Access-Control-Allow-Origin: https://under_score.example.com", "Vary: Origin"),
			},
			{
				name: "null/not-listed", why: "any page can have the origin null, in a sandboxed frame, so it is let in by name alone", source: fetchOrigin + "; https://portswigger.net/research/exploiting-cors-misconfigurations-for-bitcoins-and-bounties",
				on: listed, request: get("null"), want: passed(core.OriginNotAllowed),
			},
			{
				name: "null/same-origin-post", why: "a page with the policy no-referrer posts to its own origin with Origin: null, so the handler must see it", source: fetchOrigin,
				on: one, request: request("POST", "/", "Origin: null", "Content-Length: 0"), want: passed(core.OriginNotAllowed),
			},
			{
				name: "null/listed", why: "whoever lists null means it", source: fetchOrigin,
				on: opaque, request: get("null"),
				want: granted("Access-Control-Allow-Origin: null", "Vary: Origin"),
			},
			{
				name: "null/listed-preflight", why: "a listed null is an origin like others", source: fetchOrigin,
				on: opaque, request: preflight("null", "GET"),
				want: answered("Access-Control-Allow-Origin: null", "Access-Control-Max-Age: 86400", varyPreflight),
			},
			{
				name: "null/upper-case", why: "null is written in lower case", source: fetchSyntax,
				on: opaque, request: get("NULL"), want: passed(core.OriginMalformed),
			},
			{
				name: "null/file-listed", why: "some web views send file:// where browsers send null", source: htmlOrigin,
				on: opaque, request: get("file://"),
				want: granted("Access-Control-Allow-Origin: file://", "Vary: Origin"),
			},
			{
				name: "null/file-with-path", why: "a file's path is part of no origin", source: htmlOrigin,
				on: opaque, request: get("file:///etc/passwd"), want: passed(core.OriginMalformed),
			},
			{
				name: "null/preflight-not-listed", why: "a preflight of null is refused like any other", source: fetchPreflight,
				on: listed, request: preflight("null", "GET"), want: refused(core.OriginNotAllowed),
			},
			{
				name: "origin/referer-is-no-origin", why: "a page may choose its Referer", source: fetchOrigin + "; https://github.com/honojs/hono/issues/532",
				on: trusting, request: request("GET", "/", "Referer: https://app.example.com/x"),
				want: passed(core.NoOrigin), absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/two-lines", why: "two Origin lines are no origin, even if both are listed", source: httpCombined,
				on: trusting, request: request("GET", "/", "Origin: https://app.example.com", "Origin: https://app.example.com"),
				want: passed(core.OriginMalformed),
			},
			{
				name: "origin/two-lines-listed-first", why: "whoever reads the first line only lets in what the second says", source: httpCombined,
				on: trusting, request: request("GET", "/", "Origin: https://app.example.com", "Origin: https://evil.com"),
				want: passed(core.OriginMalformed), absent: []string{"https://evil.com"},
			},
			{
				name: "origin/two-lines-listed-last", why: "whoever reads the last line only lets in what the first says", source: httpCombined,
				on: trusting, request: request("GET", "/", "Origin: https://evil.com", "Origin: https://app.example.com"),
				want: passed(core.OriginMalformed), absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/empty-line-first", why: "an empty line and a listed origin are two lines all the same", source: httpCombined,
				on: trusting, request: request("GET", "/", "Origin:", "Origin: https://app.example.com"),
				want: passed(core.OriginMalformed), absent: []string{"https://app.example.com"},
			},
			{
				name: "origin/two-lines-preflight", why: "a preflight with two origins is one of no origin", source: httpCombined,
				on: trusting, request: request("OPTIONS", "/", "Origin: https://app.example.com", "Origin: https://evil.com", "Access-Control-Request-Method: GET"),
				want: refused(core.OriginMalformed), absent: []string{"https://evil.com"},
			},
		},
		vulnerableOrigins(),
	)
}

// vulnerableOrigins are what published vulnerabilities were about.
func vulnerableOrigins() []conformanceCase {
	listing := func(origin string) *setup {
		return policy(core.Config{AllowOrigins: []string{origin}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	}
	return slices.Concat(
		strangers(listing("https://victim.com"), stranger{"origin/cve-2024-27302", "https://evil-victim.com", core.OriginNotAllowed, "go-zero compared the end of the origin only", fetchCheck + "; CVE-2024-27302; GO-2024-2604"}),
		strangers(listing("https://labs.play-with-docker.com"), stranger{"origin/cve-2023-28109", "https://evil-play-with-docker.com", core.OriginNotAllowed, "play-with-docker compared the end of the origin only", fetchCheck + "; CVE-2023-28109"}),
		strangers(listing("https://good.example"), stranger{"origin/unescaped-dot", "https://goodXexample", core.OriginMalformed, "litestar made a regular expression of the entry and did not quote its dot", fetchCheck + "; https://github.com/litestar-org/litestar"}),
		strangers(listing("https://trusted.com"), stranger{"origin/cve-2026-37737", "https://trusted.com:8080", core.OriginNotAllowed, "sanic-cors matched the beginning of the origin only", fetchCheck + "; CVE-2026-37737"}),
		strangers(listing("https://subdomain.example.org"), stranger{"origin/starlette-801", "https://subdomain.example.org.hacker.com", core.OriginNotAllowed, "starlette matched the beginning of the origin only", fetchCheck + "; https://github.com/Kludex/starlette/issues/801"}),
	)
}

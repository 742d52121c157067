package adaptertest

import (
	"slices"
	"strings"

	"github.com/polycors/cors/core"
)

var (
	subdomains = policy(core.Config{
		AllowOrigins: []string{"https://*.example.com"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none,
	})
	nested = policy(core.Config{
		AllowOrigins: []string{"https://*.a.example.com"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	subdomainsPort = policy(core.Config{
		AllowOrigins: []string{"https://*.example.com:8443"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	subdomainsPorts = policy(core.Config{
		AllowOrigins: []string{"https://*.example.com:*"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	mixed = policy(core.Config{
		AllowOrigins: []string{"https://a.example", "https://*.b.example"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	overlapping = policy(core.Config{
		AllowOrigins: []string{"https://a.example", "https://*.a.example"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	labels = policy(core.Config{
		AllowOrigins: []string{"https://deploy-*.example.com", "https://*--site.example.com"}, AllowMethods: none,
		AllowHeaders: none,
	})
	localPorts = policy(core.Config{
		AllowOrigins: []string{"http://localhost:*"}, AllowMethods: none, AllowHeaders: none,
	})
	localPort = policy(core.Config{
		AllowOrigins: []string{"http://localhost:3000"}, AllowMethods: none, AllowHeaders: none,
	})
	expressions = policy(core.Config{
		AllowOriginRegexes: []string{`https://[a-z]+\.example\.com`, `https://(?:eu|us)\.tenant-[0-9]+\.example\.net`},
		AllowCredentials:   true, AllowMethods: none, AllowHeaders: none,
	})
	anyExpression = policy(core.Config{AllowOriginRegexes: []string{`.*`}, AllowMethods: none, AllowHeaders: none})
)

func patternCases() []conformanceCase {
	return slices.Concat(
		[]conformanceCase{
			{
				name: "pattern/one-label", why: "a subdomain gets its own name back, never the pattern",
				source: fetchResponses, on: subdomains, request: get("https://a.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/hyphen", why: "labels have hyphens", source: fetchResponses,
				on: subdomains, request: get("https://a-b.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a-b.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/digits-and-hyphens", why: "labels have digits and hyphens, also next to each other",
				source: fetchResponses, on: subdomains, request: get("https://0--0.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://0--0.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/two-labels", why: "the wildcard matches one or more labels", source: fetchResponses,
				on: subdomains, request: get("https://a.b.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.b.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/longest-host", why: "a host of 253 characters is the longest there is", source: urlHosts,
				on: subdomains, request: get("https://" + strings.Repeat("a.", 121) + "example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true",
					"Access-Control-Allow-Origin: https://"+strings.Repeat("a.", 121)+"example.com", "Vary: Origin",
				),
			},
			{
				name: "pattern/hyphens-at-the-ends", why: "browsers send labels with a hyphen at either end", source: urlHosts,
				on: subdomains, request: get("https://-a-.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://-a-.example.com", "Vary: Origin",
				),
			},
			{
				name: "pattern/longest-label", why: "a label has up to 63 characters", source: urlHosts,
				on: subdomains, request: get("https://" + strings.Repeat("a", 63) + ".example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true",
					"Access-Control-Allow-Origin: https://"+strings.Repeat("a", 63)+".example.com", "Vary: Origin",
				),
			},
		},
		disallow(subdomains,
			disallowed{
				"pattern/apex", "https://example.com", core.ReasonOriginNotAllowed, "the wildcard matches at least one label",
				fetchCheck,
			},
			disallowed{
				"pattern/empty-label", "https://.example.com", core.ReasonOriginNotAllowed,
				"the wildcard matches labels that are not empty", urlHosts,
			},
			disallowed{
				"pattern/empty-inner-label", "https://a..example.com", core.ReasonOriginNotAllowed,
				"the wildcard matches labels that are not empty", urlHosts,
			},
			disallowed{
				"pattern/two-empty-labels", "https://..example.com", core.ReasonOriginNotAllowed,
				"the wildcard matches labels that are not empty", urlHosts,
			},
			disallowed{
				"pattern/trailing-dot", "https://a.example.com.", core.ReasonOriginNotAllowed,
				"a host with a dot at its end is a different host", urlHosts,
			},
			disallowed{
				"pattern/no-dot", "https://evilexample.com", core.ReasonOriginNotAllowed,
				"the dot before the domain is part of the pattern", fetchCheck + "; CVE-2024-27302",
			},
			disallowed{
				"pattern/domain-continues", "https://a.example.com.evil.com", core.ReasonOriginNotAllowed,
				"the pattern ends where the host ends", fetchCheck + "; CVE-2019-25211",
			},
			disallowed{
				"pattern/scheme-downgraded", "http://a.example.com", core.ReasonOriginNotAllowed,
				"a pattern has one scheme: traffic of http can be altered on the network", htmlOrigin,
			},
			disallowed{
				"pattern/path-in-wildcard", "https://evil.com/.example.com", core.ReasonOriginMalformed,
				"comparing only the beginning and the end allows any host", fetchSyntax,
			},
			disallowed{
				"pattern/port-in-wildcard", "https://evil.com:any.example.com", core.ReasonOriginMalformed,
				"comparing only the beginning and the end allows any host", fetchSyntax,
			},
			disallowed{
				"pattern/userinfo-in-wildcard", "https://evil.com@a.example.com", core.ReasonOriginMalformed,
				"comparing only the beginning and the end allows values that are not origins", fetchSyntax,
			},
			disallowed{
				"pattern/userinfo-is-domain", "https://a.example.com@evil.com", core.ReasonOriginMalformed,
				"what precedes the at sign is not a host", fetchSyntax,
			},
			disallowed{
				"pattern/fragment-in-wildcard", "https://evil.com#.example.com", core.ReasonOriginMalformed,
				"comparing only the beginning and the end allows any host", fetchSyntax,
			},
			disallowed{
				"pattern/query-in-wildcard", "https://evil.com?.example.com", core.ReasonOriginMalformed,
				"comparing only the beginning and the end allows any host", fetchSyntax,
			},
			disallowed{
				"pattern/literal-star", "https://*.example.com", core.ReasonOriginMalformed,
				"the pattern itself is not an origin", fetchSyntax,
			},
			disallowed{
				"pattern/tab", "https://a\tb.example.com", core.ReasonOriginMalformed, "an origin has no white space",
				fetchSyntax,
			},
			disallowed{
				"pattern/percent", "https://%2e.example.com", core.ReasonOriginMalformed,
				"a host is never percent-encoded in an origin", fetchSyntax,
			},
			disallowed{
				"pattern/percent-nul", "https://a%00.example.com", core.ReasonOriginMalformed,
				"a host is never percent-encoded in an origin", fetchSyntax,
			},
			disallowed{
				"pattern/brace", "https://a{b.example.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, but a label has no brace", fetchSyntax,
			},
			disallowed{
				"pattern/backtick", "https://a`b.example.com", core.ReasonOriginMalformed,
				"some browsers resolve such hosts, but a label has no backtick", fetchSyntax,
			},
			disallowed{
				"pattern/upper-case", "https://A.example.com", core.ReasonOriginMalformed,
				"browsers write hosts in lower case", htmlOrigin,
			},
			disallowed{
				"pattern/two-schemes", "https://https://a.example.com", core.ReasonOriginMalformed,
				"an origin has one scheme", fetchSyntax,
			},
			disallowed{
				"pattern/comma", "https://evil.com,https://a.example.com", core.ReasonOriginMalformed,
				"a list is not an origin, even if it ends like the pattern",
				fetchOrigin + "; https://github.com/gofiber/fiber/pull/2883",
			},
			disallowed{"pattern/null", "null", core.ReasonOriginNotAllowed, "no pattern allows null", fetchOrigin},
			disallowed{
				"pattern/port", "https://a.example.com:8443", core.ReasonOriginNotAllowed,
				"a pattern without a port means the default port", htmlOrigin,
			},
		),
		disallow(nested,
			disallowed{
				"pattern/other-branch", "https://x.b.example.com", core.ReasonOriginNotAllowed,
				"a pattern allows what is below its domain, not next to it", fetchCheck,
			},
			disallowed{
				"pattern/apex-of-nested", "https://a.example.com", core.ReasonOriginNotAllowed,
				"the wildcard matches at least one label", fetchCheck,
			},
		),
		disallow(mixed,
			disallowed{
				"pattern/apex-beside-other-entry", "https://b.example", core.ReasonOriginNotAllowed,
				"an entry for one domain does not allow the apex of another", fetchCheck,
			},
			disallowed{
				"pattern/subdomain-of-exact-entry", "https://x.a.example", core.ReasonOriginNotAllowed,
				"an entry without a wildcard has no subdomains", fetchCheck,
			},
		),
		[]conformanceCase{
			{
				name: "pattern/exact-beside-its-subdomains", why: "a listed origin is allowed, whatever else is listed",
				source: fetchResponses + "; https://github.com/jub0bs/cors/issues/12", on: overlapping,
				request: get("https://a.example"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.example",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/subdomain-beside-its-apex", why: "a pattern applies, whatever else is listed",
				source: fetchResponses, on: overlapping, request: get("https://x.a.example"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://x.a.example",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/with-port", why: "a pattern may name a port", source: htmlOrigin,
				on: subdomainsPort, request: get("https://a.example.com:8443"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.example.com:8443",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/with-port-left-out", why: "a port that a pattern names is required", source: htmlOrigin,
				on: subdomainsPort, request: get("https://a.example.com"), want: passed(core.ReasonOriginNotAllowed),
			},
			{
				name: "pattern/any-port", why: "a pattern may allow any port", source: htmlOrigin,
				on: subdomainsPorts, request: get("https://a.example.com:65535"),
				want: granted(
					"Access-Control-Allow-Credentials: true",
					"Access-Control-Allow-Origin: https://a.example.com:65535", "Vary: Origin",
				),
			},
			{
				name: "pattern/any-port-none-given", why: "any port includes no port", source: htmlOrigin,
				on: subdomainsPorts, request: get("https://a.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "pattern/any-port-out-of-range", why: "a port is at most 65535", source: urlHosts,
				on: subdomainsPorts, request: get("https://a.example.com:65536"), want: passed(core.ReasonOriginMalformed),
			},
			{
				name: "pattern/label-prefix", why: "a wildcard may be the rest of one label", source: fetchResponses,
				on: labels, request: get("https://deploy-42.example.com"),
				want: granted("Access-Control-Allow-Origin: https://deploy-42.example.com", "Vary: Origin"),
			},
			{
				name: "pattern/label-suffix", why: "a wildcard may be the beginning of one label",
				source: fetchResponses, on: labels, request: get("https://branch--site.example.com"),
				want: granted("Access-Control-Allow-Origin: https://branch--site.example.com", "Vary: Origin"),
			},
			{
				name: "pattern/label-empty-rest", why: "the wildcard matches at least one character",
				source: fetchCheck, on: labels, request: get("https://deploy-.example.com"),
				want: passed(core.ReasonOriginNotAllowed),
			},
			{
				name: "pattern/label-is-not-more-labels", why: "a wildcard within a label does not match a dot",
				source: fetchCheck, on: labels, request: get("https://deploy-a.b.example.com"),
				want: passed(core.ReasonOriginNotAllowed),
			},
			{
				name: "pattern/label-affixes-are-not-mixed",
				why:  "the prefix of one pattern must not be combined with the suffix of another", source: fetchCheck,
				on: labels, request: get("https://deploy.example.com"), want: passed(core.ReasonOriginNotAllowed),
			},
			{
				name: "pattern/preflight", why: "a preflight of a subdomain gets its own name back too",
				source: fetchPreflight, on: subdomains, request: preflight("https://a.example.com", "GET"),
				want: answered(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://a.example.com",
					"Access-Control-Max-Age: 86400", varyPreflight,
				),
			},
			{
				name: "pattern/preflight-disallowed", why: "a preflight of what only looks like a subdomain is refused",
				source: fetchPreflight + "; CVE-2024-27302", on: subdomains,
				request: preflight("https://evilexample.com", "GET"), want: refused(core.ReasonOriginNotAllowed),
			},
		},
		[]conformanceCase{
			{
				name: "port/any", why: "a development server takes any port that is free", source: htmlOrigin,
				on: localPorts, request: get("http://localhost:5173"),
				want: granted("Access-Control-Allow-Origin: http://localhost:5173", "Vary: Origin"),
			},
			{
				name: "port/any-none-given", why: "any port includes no port", source: htmlOrigin,
				on: localPorts, request: get("http://localhost"),
				want: granted("Access-Control-Allow-Origin: http://localhost", "Vary: Origin"),
			},
			{
				name: "port/listed", why: "a listed port is allowed", source: htmlOrigin,
				on: localPort, request: get("http://localhost:3000"),
				want: granted("Access-Control-Allow-Origin: http://localhost:3000", "Vary: Origin"),
			},
		},
		disallow(localPorts,
			disallowed{"port/zero", "http://localhost:0", core.ReasonOriginMalformed, "port 0 is not valid", urlHosts},
			disallowed{
				"port/empty", "http://localhost:", core.ReasonOriginMalformed, "a colon must be followed by a port",
				fetchSyntax,
			},
			disallowed{
				"port/not-a-number", "http://localhost:.evil.com", core.ReasonOriginMalformed,
				"a wildcard for the port must not match another host", fetchCheck + "; CVE-2019-25211",
			},
			disallowed{
				"port/slash-after", "http://localhost:3000/", core.ReasonOriginMalformed,
				"a serialised origin does not end in a slash", fetchSyntax,
			},
			disallowed{
				"port/host-continues", "http://localhost.evil.com:3000", core.ReasonOriginNotAllowed,
				"a wildcard for the port must not match another host", fetchCheck + "; CVE-2019-25211",
			},
			disallowed{
				"port/userinfo", "http://localhost:3000@evil.com", core.ReasonOriginMalformed,
				"what precedes the at sign is not a host and port", fetchCheck + "; CVE-2019-25211",
			},
			disallowed{
				"port/host-begins-otherwise", "http://notlocalhost:3000", core.ReasonOriginNotAllowed,
				"the wildcard matches the port only", fetchCheck,
			},
			disallowed{
				"port/other-scheme", "https://localhost:3000", core.ReasonOriginNotAllowed,
				"the wildcard matches the port only", htmlOrigin,
			},
			disallowed{
				"port/two", "http://localhost:3000:3000", core.ReasonOriginMalformed, "an origin has one port", fetchSyntax,
			},
			disallowed{
				"port/host-in-upper-case", "http://LOCALHOST:3000", core.ReasonOriginMalformed,
				"browsers write hosts in lower case", htmlOrigin,
			},
			disallowed{
				"port/loopback-address", "http://127.0.0.1:3000", core.ReasonOriginNotAllowed,
				"the same machine by another name is another origin", htmlOrigin,
			},
			disallowed{
				"port/leading-zero", "http://localhost:03000", core.ReasonOriginMalformed,
				"a port is written without leading zeros", urlHosts,
			},
			disallowed{"port/sign", "http://localhost:+3000", core.ReasonOriginMalformed, "a port is digits", fetchSyntax},
			disallowed{
				"port/default-written", "http://localhost:80", core.ReasonOriginMalformed,
				"no browser sends the default port", htmlOrigin,
			},
		),
		disallow(localPort,
			disallowed{
				"port/listed-left-out", "http://localhost", core.ReasonOriginNotAllowed, "a listed port is required",
				htmlOrigin,
			},
			disallowed{
				"port/listed-is-prefix", "http://localhost:30000", core.ReasonOriginNotAllowed,
				"a port that begins with the listed one is a different port", fetchCheck + "; CVE-2026-37737",
			},
		),
		disallow(listed,
			disallowed{
				"port/other", "https://app.example.com:8443", core.ReasonOriginNotAllowed, "another port is another origin",
				htmlOrigin,
			},
			disallowed{
				"port/of-http", "https://app.example.com:80", core.ReasonOriginNotAllowed,
				"port 80 is the default of another scheme, so browsers send it here", htmlOrigin,
			},
			disallowed{
				"port/none-after-colon", "https://app.example.com:", core.ReasonOriginMalformed,
				"a colon must be followed by a port", fetchSyntax,
			},
			disallowed{
				"port/default-with-zero", "https://app.example.com:0443", core.ReasonOriginMalformed,
				"a port is written without leading zeros, and the default one not at all", urlHosts,
			},
		),
		[]conformanceCase{
			{
				name: "regex/match", why: "an origin that an expression matches gets its own name back",
				source: fetchResponses, on: expressions, request: get("https://shop.example.com"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://shop.example.com",
					"Vary: Origin",
				),
			},
			{
				name: "regex/second", why: "any of the expressions may match", source: fetchResponses,
				on: expressions, request: get("https://eu.tenant-7.example.net"),
				want: granted(
					"Access-Control-Allow-Credentials: true",
					"Access-Control-Allow-Origin: https://eu.tenant-7.example.net", "Vary: Origin",
				),
			},
		},
		disallow(expressions,
			disallowed{
				"regex/match-continues", "https://shop.example.com.evil.com", core.ReasonOriginNotAllowed,
				"an expression must match the whole origin", fetchCheck + "; CVE-2022-1996",
			},
			disallowed{
				"regex/match-begins-later", "xhttps://shop.example.com", core.ReasonOriginNotAllowed,
				"an expression must match the whole origin", fetchCheck,
			},
			disallowed{
				"regex/alternative-alone", "https://us.tenant-7.example.net.evil.com", core.ReasonOriginNotAllowed,
				"an alternative in an expression must not end early", fetchCheck,
			},
		),
		disallow(anyExpression,
			disallowed{
				"regex/never-null", "null", core.ReasonOriginNotAllowed,
				"an expression that matches everything still does not allow null", fetchOrigin,
			},
			disallowed{
				"regex/never-file", "file://", core.ReasonOriginNotAllowed,
				"an expression that matches everything still does not allow file://", htmlOrigin,
			},
			disallowed{
				"regex/never-malformed", "https://user@evil.com", core.ReasonOriginMalformed,
				"an expression sees only well-formed origins", fetchSyntax,
			},
		),
	)
}

package adaptertest

import (
	"slices"

	"github.com/polycors/cors/core"
)

var (
	ipv4 = policy(core.Config{
		AllowOrigins: []string{"http://127.0.0.1:8080"}, AllowMethods: none, AllowHeaders: none,
	})
	ipv6     = policy(core.Config{AllowOrigins: []string{"http://[::1]:8080"}, AllowMethods: none, AllowHeaders: none})
	ipv6Long = policy(core.Config{
		AllowOrigins: []string{"http://[2001:db8::a]"}, AllowMethods: none, AllowHeaders: none,
	})
	// ipv6Spelled allows an IPv6 address that is not spelled in the way in which browsers send it.
	ipv6Spelled = policy(core.Config{
		AllowOrigins: []string{"http://[0:0:0:0:0:0:0:1]"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	punycode = policy(core.Config{
		AllowOrigins: []string{"https://xn--bcher-kva.example"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
	unicode = policy(core.Config{
		AllowOrigins: []string{"https://bücher.example"}, AllowCredentials: true, AllowMethods: none,
		AllowHeaders: none,
	})
)

func hostCases() []conformanceCase {
	const (
		spelling4 = "an IPv4 address has one spelling in an origin: four decimal numbers"
		spelling6 = "an IPv6 address has one spelling in an origin: in brackets, compressed, in lower case, " +
			"without a zone"
	)
	return slices.Concat(
		[]conformanceCase{
			{
				name: "ip/v4", why: "an address is a host like a name", source: urlHosts,
				on: ipv4, request: get("http://127.0.0.1:8080"),
				want: granted("Access-Control-Allow-Origin: http://127.0.0.1:8080", "Vary: Origin"),
			},
			{
				name: "ip/v6", why: "an IPv6 address is written in brackets", source: urlHosts,
				on: ipv6, request: get("http://[::1]:8080"),
				want: granted("Access-Control-Allow-Origin: http://[::1]:8080", "Vary: Origin"),
			},
			{
				name: "ip/v6-without-port", why: "the colons in the brackets do not start a port", source: urlHosts,
				on: ipv6Long, request: get("http://[2001:db8::a]"),
				want: granted("Access-Control-Allow-Origin: http://[2001:db8::a]", "Vary: Origin"),
			},
			{
				name: "ip/v6-entry-uncompressed", why: "an entry is normalised to what browsers send", source: urlHosts,
				on: ipv6Spelled, request: get("http://[::1]"),
				want: granted(
					"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: http://[::1]",
					"Vary: Origin",
				),
			},
		},
		disallow(ipv4,
			disallowed{"ip/v4-hexadecimal", "http://0x7f000001:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{"ip/v4-one-number", "http://2130706433:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{"ip/v4-octal", "http://0177.0.0.1:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{"ip/v4-short", "http://127.1:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{"ip/v4-trailing-dot", "http://127.0.0.1.:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{"ip/v4-leading-zero", "http://127.0.0.01:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{"ip/v4-out-of-range", "http://127.0.0.256:8080", core.ReasonOriginMalformed, spelling4, urlHosts},
			disallowed{
				"ip/v4-mapped", "http://[::ffff:7f00:1]:8080", core.ReasonOriginNotAllowed,
				"the same address as IPv6 is another origin", urlHosts,
			},
			disallowed{
				"ip/v4-neighbour", "http://127.0.0.2:8080", core.ReasonOriginNotAllowed, "another address is another origin",
				htmlOrigin,
			},
			disallowed{
				"ip/v4-is-prefix", "http://127.0.0.1.evil.com:8080", core.ReasonOriginNotAllowed,
				"a name may begin like an address", fetchCheck,
			},
			disallowed{
				"ip/v4-by-name", "http://localhost:8080", core.ReasonOriginNotAllowed,
				"the same machine by name is another origin", htmlOrigin,
			},
		),
		disallow(ipv6,
			disallowed{"ip/v6-zone-encoded", "http://[::1%25eth0]:8080", core.ReasonOriginMalformed, spelling6, urlHosts},
			disallowed{"ip/v6-zone", "http://[::1%eth0]:8080", core.ReasonOriginMalformed, spelling6, urlHosts},
			disallowed{"ip/v6-bracket-after-port", "http://[::1]:8080]", core.ReasonOriginMalformed, spelling6, urlHosts},
			disallowed{"ip/v6-open-bracket", "http://[::1", core.ReasonOriginMalformed, spelling6, urlHosts},
			disallowed{"ip/v6-no-brackets", "http://::1:8080", core.ReasonOriginMalformed, spelling6, urlHosts},
			disallowed{
				"ip/v6-empty-port", "http://[::1]:", core.ReasonOriginMalformed, "a colon must be followed by a port",
				fetchSyntax,
			},
			disallowed{
				"ip/v6-userinfo", "http://[::1]@evil.com:8080", core.ReasonOriginMalformed,
				"what precedes the at sign is not a host", fetchSyntax,
			},
			disallowed{
				"ip/v6-uncompressed", "http://[0:0:0:0:0:0:0:1]:8080", core.ReasonOriginMalformed, spelling6, urlHosts,
			},
			disallowed{"ip/v6-leading-zeros", "http://[::0001]:8080", core.ReasonOriginMalformed, spelling6, urlHosts},
			disallowed{
				"ip/v6-mapped-dotted", "http://[::ffff:127.0.0.1]:8080", core.ReasonOriginMalformed, spelling6, urlHosts,
			},
			disallowed{
				"ip/v6-name-after-bracket", "http://[::1].evil.com:8080", core.ReasonOriginMalformed, spelling6, urlHosts,
			},
			disallowed{"ip/v6-empty", "http://[]:8080", core.ReasonOriginMalformed, spelling6, urlHosts},
		),
		disallow(ipv6Long,
			disallowed{"ip/v6-upper-case", "http://[2001:db8::A]", core.ReasonOriginMalformed, spelling6, urlHosts},
		),
		[]conformanceCase{
			{
				name: "idn/punycode", why: "browsers send internationalised names in Punycode", source: htmlOrigin,
				on: punycode, request: get("https://xn--bcher-kva.example"),
				want: granted(
					"Access-Control-Allow-Credentials: true",
					"Access-Control-Allow-Origin: https://xn--bcher-kva.example", "Vary: Origin",
				),
			},
			{
				name: "idn/entry-in-unicode", why: "an entry in Unicode allows the Punycode that browsers send for it",
				source: htmlOrigin, on: unicode, request: get("https://xn--bcher-kva.example"),
				want: granted(
					"Access-Control-Allow-Credentials: true",
					"Access-Control-Allow-Origin: https://xn--bcher-kva.example", "Vary: Origin",
				),
			},
		},
		disallow(punycode,
			disallowed{
				"idn/utf-8", "https://b\xc3\xbccher.example", core.ReasonOriginMalformed, "no browser sends a name in UTF-8",
				htmlOrigin,
			},
			disallowed{
				"idn/latin-1", "https://b\xfccher.example", core.ReasonOriginMalformed, "no browser sends a name in Latin-1",
				htmlOrigin,
			},
			disallowed{
				"idn/other-punycode", "https://xn--bcher-kvb.example", core.ReasonOriginNotAllowed,
				"a name that only looks like a listed one is a different name", htmlOrigin,
			},
		),
		disallow(unicode,
			disallowed{
				"idn/utf-8-as-in-entry", "https://b\xc3\xbccher.example", core.ReasonOriginMalformed,
				"an entry is normalised, but an origin is not", htmlOrigin,
			},
		),
		disallow(listed,
			disallowed{
				"idn/look-alike", "https://xn--pp-8ka.example.com", core.ReasonOriginNotAllowed,
				"a name that only looks like a listed one is a different name", htmlOrigin,
			},
			disallowed{
				"idn/ideographic-full-stop", "https://app\xe3\x80\x82example.com", core.ReasonOriginMalformed,
				"some URL parsers read this character as a dot", urlHosts,
			},
			disallowed{
				"idn/high-byte-after", "https://app.example.com\x80", core.ReasonOriginMalformed, "an origin is ASCII",
				fetchSyntax,
			},
		),
	)
}

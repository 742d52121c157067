package corstest

import (
	"slices"

	"github.com/polycors/cors/core"
)

var (
	ipv4     = policy(core.Config{AllowOrigins: []string{"http://127.0.0.1:8080"}, AllowMethods: none, AllowHeaders: none})
	ipv6     = policy(core.Config{AllowOrigins: []string{"http://[::1]:8080"}, AllowMethods: none, AllowHeaders: none})
	ipv6Long = policy(core.Config{AllowOrigins: []string{"http://[2001:db8::a]"}, AllowMethods: none, AllowHeaders: none})
	// ipv6Spelled has an address that no browser writes so.
	ipv6Spelled = policy(core.Config{AllowOrigins: []string{"http://[0:0:0:0:0:0:0:1]"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	punycode    = policy(core.Config{AllowOrigins: []string{"https://xn--bcher-kva.example"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
	unicode     = policy(core.Config{AllowOrigins: []string{"https://bücher.example"}, AllowCredentials: true, AllowMethods: none, AllowHeaders: none})
)

func hostCases() []conformanceCase {
	const (
		spelling4 = "an IPv4 address has one spelling in an origin: four decimal numbers"
		spelling6 = "an IPv6 address has one spelling in an origin: in brackets, compressed, in lower case, without a zone"
	)
	return slices.Concat(
		[]conformanceCase{
			{
				name: "ip/v4", why: "an address is a host like a name", source: urlHosts,
				on: ipv4, request: get("http://127.0.0.1:8080"),
				want: granted("Access-Control-Allow-Origin: http://127.0.0.1:8080", "Vary: Origin"),
			},
			{
				name: "ip/v6", why: "an IPv6 address stands in brackets", source: urlHosts,
				on: ipv6, request: get("http://[::1]:8080"),
				want: granted("Access-Control-Allow-Origin: http://[::1]:8080", "Vary: Origin"),
			},
			{
				name: "ip/v6-without-port", why: "the colons in brackets are no port", source: urlHosts,
				on: ipv6Long, request: get("http://[2001:db8::a]"),
				want: granted("Access-Control-Allow-Origin: http://[2001:db8::a]", "Vary: Origin"),
			},
			{
				name: "ip/v6-entry-uncompressed", why: "an entry is compared as browsers write it", source: urlHosts,
				on: ipv6Spelled, request: get("http://[::1]"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: http://[::1]", "Vary: Origin"),
			},
		},
		strangers(ipv4,
			stranger{"ip/v4-hexadecimal", "http://0x7f000001:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-one-number", "http://2130706433:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-octal", "http://0177.0.0.1:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-short", "http://127.1:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-trailing-dot", "http://127.0.0.1.:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-leading-zero", "http://127.0.0.01:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-out-of-range", "http://127.0.0.256:8080", core.OriginMalformed, spelling4, urlHosts},
			stranger{"ip/v4-mapped", "http://[::ffff:7f00:1]:8080", core.OriginNotAllowed, "the same address as IPv6 is another origin", urlHosts},
			stranger{"ip/v4-neighbour", "http://127.0.0.2:8080", core.OriginNotAllowed, "another address is another origin", htmlOrigin},
			stranger{"ip/v4-is-prefix", "http://127.0.0.1.evil.com:8080", core.OriginNotAllowed, "a name may begin as an address does", fetchCheck},
			stranger{"ip/v4-by-name", "http://localhost:8080", core.OriginNotAllowed, "the same machine by name is another origin", htmlOrigin},
		),
		strangers(ipv6,
			stranger{"ip/v6-zone-encoded", "http://[::1%25eth0]:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-zone", "http://[::1%eth0]:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-bracket-behind-port", "http://[::1]:8080]", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-open-bracket", "http://[::1", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-no-brackets", "http://::1:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-empty-port", "http://[::1]:", core.OriginMalformed, "behind a colon comes a port", fetchSyntax},
			stranger{"ip/v6-userinfo", "http://[::1]@evil.com:8080", core.OriginMalformed, "what stands before the at sign is no host", fetchSyntax},
			stranger{"ip/v6-uncompressed", "http://[0:0:0:0:0:0:0:1]:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-leading-zeros", "http://[::0001]:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-mapped-dotted", "http://[::ffff:127.0.0.1]:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-name-behind-bracket", "http://[::1].evil.com:8080", core.OriginMalformed, spelling6, urlHosts},
			stranger{"ip/v6-empty", "http://[]:8080", core.OriginMalformed, spelling6, urlHosts},
		),
		strangers(ipv6Long,
			stranger{"ip/v6-upper-case", "http://[2001:db8::A]", core.OriginMalformed, spelling6, urlHosts},
		),
		[]conformanceCase{
			{
				name: "idn/punycode", why: "browsers send internationalised names in Punycode", source: htmlOrigin,
				on: punycode, request: get("https://xn--bcher-kva.example"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://xn--bcher-kva.example", "Vary: Origin"),
			},
			{
				name: "idn/entry-in-unicode", why: "an entry in Unicode lets in what browsers send for it", source: htmlOrigin,
				on: unicode, request: get("https://xn--bcher-kva.example"),
				want: granted("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: https://xn--bcher-kva.example", "Vary: Origin"),
			},
		},
		strangers(punycode,
			stranger{"idn/utf-8", "https://b\xc3\xbccher.example", core.OriginMalformed, "no browser sends a name in UTF-8", htmlOrigin},
			stranger{"idn/latin-1", "https://b\xfccher.example", core.OriginMalformed, "no browser sends a name in Latin-1", htmlOrigin},
			stranger{"idn/other-punycode", "https://xn--bcher-kvb.example", core.OriginNotAllowed, "a name that is shown alike is another", htmlOrigin},
		),
		strangers(unicode,
			stranger{"idn/utf-8-as-in-entry", "https://b\xc3\xbccher.example", core.OriginMalformed, "the entry's spelling is not the origin's", htmlOrigin},
		),
		strangers(listed,
			stranger{"idn/look-alike", "https://xn--pp-8ka.example.com", core.OriginNotAllowed, "a name that is shown alike is another", htmlOrigin},
			stranger{"idn/ideographic-full-stop", "https://app\xe3\x80\x82example.com", core.OriginMalformed, "some URL parsers take this character for a dot", urlHosts},
			stranger{"idn/high-byte-behind", "https://app.example.com\x80", core.OriginMalformed, "an origin is ASCII", fetchSyntax},
		),
	)
}

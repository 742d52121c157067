package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

func origins(entries ...string) core.Config { return core.Config{AllowOrigins: entries} }

func credentialed(entries ...string) core.Config {
	return core.Config{AllowOrigins: entries, AllowCredentials: true}
}

func with(change func(*core.Config)) core.Config {
	cfg := core.Config{AllowOrigins: []string{app}}
	change(&cfg)
	return cfg
}

// TestNewRefuses covers every rule. It compares the entire message, because developers read it.
func TestNewRefuses(t *testing.T) {
	const (
		registers = `, which anyone can register, and with AllowCredentials that website could act as your ` +
			`visitors; `
		tampers  = `, and with AllowCredentials anyone who can tamper with http traffic could act as your visitors; `
		spellOut = "spell out your domain after an escaped dot, as in `https://[a-z0-9-]+\\.example\\.com`"
		orMove   = ", or move it to DangerouslyAllowOriginRegexes"
		others   = `with AllowCredentials, other people's websites could act as your visitors, because anyone ` +
			`can register a name under `
		listOwn  = `; replace it with your own origins, or move it to DangerouslyAllowOrigins`
		tampered = `with AllowCredentials, anyone who can tamper with http traffic could act as your visitors; ` +
			`write `
	)
	credentialedRegex := func(text string) core.Config {
		return core.Config{AllowOriginRegexes: []string{text}, AllowCredentials: true}
	}
	for _, tt := range []struct {
		cfg  core.Config
		want string
	}{
		{
			core.Config{},
			`cors: AllowOrigins: no origins are configured; list the origins, such as ` +
				`"https://app.example.com", or write an empty list to allow nobody`,
		},

		// Not an origin.
		{origins(""), `cors: AllowOrigins[0]: "": an empty entry allows nothing; remove it`},
		{
			origins(app, "https://example.com/"),
			`cors: AllowOrigins[1]: "https://example.com/": an origin has no path; write "https://example.com"`,
		},
		{
			origins("https://example.com/api/*"),
			`cors: AllowOrigins[0]: "https://example.com/api/*": an origin has no path; write "https://example.com"`,
		},
		{
			origins("https://example.com?x"),
			`cors: AllowOrigins[0]: "https://example.com?x": an origin has no query; write "https://example.com"`,
		},
		{
			origins("https://example.com#x"),
			`cors: AllowOrigins[0]: "https://example.com#x": an origin has no fragment; write "https://example.com"`,
		},
		{
			origins("https://user:pw@example.com"),
			`cors: AllowOrigins[0]: "https://user:pw@example.com": an origin has no user name or password; write ` +
				`"https://example.com"`,
		},
		{
			origins("example.com"),
			`cors: AllowOrigins[0]: "example.com": an origin begins with a scheme; write "https://example.com"`,
		},
		{
			origins("localhost:3000"),
			`cors: AllowOrigins[0]: "localhost:3000": an origin begins with a scheme; write "http://localhost:3000"`,
		},
		{
			origins("//example.com"),
			`cors: AllowOrigins[0]: "//example.com": an origin begins with a scheme; write "https://example.com"`,
		},
		{
			origins("https:example.com"),
			`cors: AllowOrigins[0]: "https:example.com": a scheme is followed by "://"; write "https://example.com"`,
		},
		{
			origins("https:/example.com"),
			`cors: AllowOrigins[0]: "https:/example.com": a scheme is followed by "://"; write "https://example.com"`,
		},
		{
			origins("1http://example.com"),
			`cors: AllowOrigins[0]: "1http://example.com": a scheme begins with a letter, and has only letters, ` +
				`digits, "+", "-" and "."; write "http://example.com"`,
		},
		{
			origins("*://example.com"),
			`cors: AllowOrigins[0]: "*://example.com": an entry cannot stand for two schemes; write "https://example.com" and ` +
				`"http://example.com"`,
		},
		{origins("https://"), `cors: AllowOrigins[0]: "https://": the host is missing; write "https://" and a host`},
		{origins("https://:443"), `cors: AllowOrigins[0]: "https://:443": the host is missing; write "https://" and a host`},
		{origins("NULL"), `cors: AllowOrigins[0]: "NULL": this looks like a value that was not set; remove it`},
		{origins("file:///x"), `cors: AllowOrigins[0]: "file:///x": the origin of a file has no path; write ` +
			`"file://"`},
		{
			origins("https://a.example, https://b.example"),
			`cors: AllowOrigins[0]: "https://a.example, https://b.example": an entry is one origin; write ` +
				`"https://a.example" and "https://b.example"`,
		},
		{
			origins("https://a.example https://b.example"),
			`cors: AllowOrigins[0]: "https://a.example https://b.example": an entry is one origin; write ` +
				`"https://a.example" and "https://b.example"`,
		},
		{
			origins("https://a.example,https://b.example"),
			`cors: AllowOrigins[0]: "https://a.example,https://b.example": an entry is one origin; write ` +
				`"https://a.example" and "https://b.example"`,
		},
		{
			origins(" https://a.example"),
			`cors: AllowOrigins[0]: " https://a.example": there is white space before or after the ` +
				`value; write "https://a.example"`,
		},
		{
			origins("https://a.example\r\nX:1"),
			`cors: AllowOrigins[0]: "https://a.example\r\nX:1": an entry is one origin; write one entry for ` +
				`each origin`,
		},
		{
			origins("https://a.example\x00"),
			`cors: AllowOrigins[0]: "https://a.example\x00": there is white space before or after the ` +
				`value; write "https://a.example"`,
		},

		// Ports.
		{
			origins("https://example.com:0"),
			`cors: AllowOrigins[0]: "https://example.com:0": a port must be a number from 1 to 65535; write ` +
				`"https://example.com"`,
		},
		{
			origins("https://example.com:"),
			`cors: AllowOrigins[0]: "https://example.com:": a port must be a number from 1 to 65535; write ` +
				`"https://example.com"`,
		},
		{
			origins("https://example.com:65536"),
			`cors: AllowOrigins[0]: "https://example.com:65536": a port must be a number from 1 to 65535; write ` +
				`"https://example.com"`,
		},
		{
			origins("https://example.com:08443"),
			`cors: AllowOrigins[0]: "https://example.com:08443": a port must be a number from 1 to 65535 without ` +
				`leading zeros; write "https://example.com:8443"`,
		},
		{
			origins("https://example.com:https"),
			`cors: AllowOrigins[0]: "https://example.com:https": a port must be a number from 1 to 65535; write ` +
				`"https://example.com"`,
		},
		{
			origins("https://example.com:443:443"),
			`cors: AllowOrigins[0]: "https://example.com:443:443": an origin has only one port; write ` +
				`"https://example.com"`,
		},

		// Hosts.
		{
			origins("https://example.com."),
			`cors: AllowOrigins[0]: "https://example.com.": a host does not end with a dot; write ` +
				`"https://example.com"`,
		},
		{
			origins("https://example..com"),
			`cors: AllowOrigins[0]: "https://example..com": a host must not have two dots in a row; write ` +
				`"https://example.com"`,
		},
		{
			origins("https://exa%6dple.com"),
			`cors: AllowOrigins[0]: "https://exa%6dple.com": a host cannot contain '%'; copy the ` +
				`host from the address bar`,
		},
		{
			origins("https://" + strings.Repeat("a.", 126) + "com"),
			`cors: AllowOrigins[0]: "https://` + strings.Repeat("a.", 126) +
				`com": a host must not be longer than 253 characters; correct the host`,
		},
		{
			origins("https://xn--a.example\u00ad\u2024\u3002x"),
			"cors: AllowOrigins[0]: \"https://xn--a.example\\u00ad\u2024\u3002x\": a label that begins with " +
				`"xn--" must be valid Punycode, and this one is not; write the domain in Unicode`,
		},
		{origins("file://host"), `cors: AllowOrigins[0]: "file://host": the origin of a file has no path; write ` +
			`"file://"`},
		{
			origins("\u212aapp://x"),
			"cors: AllowOrigins[0]: \"\u212aapp://x\": a scheme begins with a letter, and has only letters, " +
				`digits, "+", "-" and "."; write "kapp://x"`,
		},
		{
			origins("https://a\u3002*.example.com"),
			"cors: AllowOrigins[0]: \"https://a\u3002*.example.com\": a host cannot contain '。'; " +
				"write \"https://*.example.com\"",
		},
		{
			origins("https://\uff0a.example.com"),
			"cors: AllowOrigins[0]: \"https://\uff0a.example.com\": \"*\" must be an ASCII character; write " +
				`"https://*.example.com"`,
		},
		{
			origins("http://0x7f.0.0.1"),
			`cors: AllowOrigins[0]: "http://0x7f.0.0.1": an IPv4 address must be four decimal ` +
				`numbers from 0 to 255; write the address of the server, such as "https://192.0.2.1"`,
		},
		{
			origins("http://127.1"),
			`cors: AllowOrigins[0]: "http://127.1": an IPv4 address must be four decimal ` +
				`numbers from 0 to 255; write the address of the server, such as "https://192.0.2.1"`,
		},
		{
			origins("http://::1:8080"),
			`cors: AllowOrigins[0]: "http://::1:8080": an IPv6 address must be in brackets; write ` +
				`"http://[::1]:8080"`,
		},
		{
			origins("http://[::1%25eth0]"),
			`cors: AllowOrigins[0]: "http://[::1%25eth0]": browsers do not support zones in IPv6 addresses; write ` +
				`"http://[::1]"`,
		},
		{
			origins("http://[::1"),
			`cors: AllowOrigins[0]: "http://[::1": an IPv6 address must be in brackets; write "http://[::1]"`,
		},
		{
			origins("http://[127.0.0.1]"),
			`cors: AllowOrigins[0]: "http://[127.0.0.1]": brackets are for IPv6 addresses only; write ` +
				`"http://127.0.0.1"`,
		},

		// Wildcards.
		{
			origins("https://*"),
			"cors: AllowOrigins[0]: \"https://*\": \"*\" needs a domain after it; write `https://.*` in AllowOriginRegexes",
		},
		{
			origins("https://*example.com"),
			`cors: AllowOrigins[0]: "https://*example.com": "*" here also matches "evil-example.com", which anyone ` +
				`can register; write "https://*.example.com" and "https://example.com"`,
		},
		{
			origins("https://example*.co.uk:8443"),
			`cors: AllowOrigins[0]: "https://example*.co.uk:8443": "*" here also matches "example-evil.co.uk", ` +
				`which anyone can register; replace it with your own origins`,
		},
		{
			origins("https://*corp.internal"),
			`cors: AllowOrigins[0]: "https://*corp.internal": "*" here also matches "evil-corp.internal", which ` +
				`anyone can register; write "https://*.corp.internal" and "https://corp.internal"`,
		},
		{
			origins("https://example.com*"),
			`cors: AllowOrigins[0]: "https://example.com*": only the first label of a host may contain "*", ` +
				`and only once; replace it with your own origins`,
		},
		{
			origins("https://example.*"),
			`cors: AllowOrigins[0]: "https://example.*": "*" cannot replace the end of a domain, because anyone ` +
				`could register a matching one; replace it with your own domains, as in "https://example.com"`,
		},
		{
			origins("http://localhost*"),
			`cors: AllowOrigins[0]: "http://localhost*": only the first label of a host may contain "*", and only once; ` +
				`write "http://localhost:*"`,
		},
		{
			origins("https://a.*.example.com"),
			`cors: AllowOrigins[0]: "https://a.*.example.com": only the first label of a host may contain "*", ` +
				"and only once; write `https://a\\.[a-z0-9-]+\\.example\\.com` in AllowOriginRegexes",
		},
		{
			origins("https://*.*.example.com"),
			`cors: AllowOrigins[0]: "https://*.*.example.com": only the first label of a host may contain "*", ` +
				`and only once; write "https://*.example.com"`,
		},
		{
			origins("https://a*b*.example.com"),
			`cors: AllowOrigins[0]: "https://a*b*.example.com": only the first label of a host may contain "*", ` +
				"and only once; write `https://a[a-z0-9-]+b[a-z0-9-]+\\.example\\.com` in AllowOriginRegexes",
		},
		{
			origins("http://*.0.0.1"),
			`cors: AllowOrigins[0]: "http://*.0.0.1": a range of IP addresses is not an origin; write ` +
				"`http://\\d+\\.0\\.0\\.1` in AllowOriginRegexes",
		},
		{
			origins("http://*.127.0.0.1"),
			`cors: AllowOrigins[0]: "http://*.127.0.0.1": an IP address has no subdomains; write "http://127.0.0.1"`,
		},
		{origins("http://[*]"), `cors: AllowOrigins[0]: "http://[*]": a range of IP addresses is not an origin; ` +
			`replace it with your own addresses`},
		{
			origins("capacitor://*.example.com"),
			`cors: AllowOrigins[0]: "capacitor://*.example.com": "*" in a host is for http and https only; ` +
				`replace it with your own capacitor origins`,
		},
		{
			origins("capacitor://localhost:*"),
			`cors: AllowOrigins[0]: "capacitor://localhost:*": "*" as a port is for http and https only; write ` +
				`"capacitor://localhost"`,
		},
		{
			origins(`https://.*\.example\.com`),
			`cors: AllowOrigins[0]: "https://.*\\.example\\.com": this looks like a regular expression; write ` +
				`"https://*.example.com"`,
		},
		{
			origins(`^https://example.com$`),
			`cors: AllowOrigins[0]: "^https://example.com$": this looks like a regular expression; write ` +
				`"https://example.com"`,
		},
		{
			origins(`/example.com/`),
			`cors: AllowOrigins[0]: "/example.com/": this looks like a regular expression; write ` +
				`"https://example.com"`,
		},
		{
			origins(`https?://example.com`),
			`cors: AllowOrigins[0]: "https?://example.com": an entry cannot stand for two schemes; write ` +
				`"https://example.com" ` +
				`and "http://example.com"`,
		},
		{
			origins(`https://[a-z]+.example.com`),
			`cors: AllowOrigins[0]: "https://[a-z]+.example.com": this looks like a regular expression; write ` +
				"`https://[a-z]+\\.example\\.com` in AllowOriginRegexes",
		},

		// Combinations.
		{
			credentialed("*"),
			`cors: AllowOrigins[0]: "*": with AllowCredentials, any website could act as your visitors; replace ` +
				`it with your own origins, or remove AllowCredentials`,
		},
		{
			credentialed("null"),
			`cors: AllowOrigins[0]: "null": with AllowCredentials, any website could act as your visitors, because ` +
				`it can send this origin from a sandboxed frame; remove it, or remove AllowCredentials`,
		},
		{
			credentialed("file://"),
			`cors: AllowOrigins[0]: "file://": with AllowCredentials, any website could act as your visitors, ` +
				`because it can send this origin from a page that the visitor saved; remove it, or remove AllowCredentials`,
		},
		{
			credentialed("http://app.example.com:8080"),
			`cors: AllowOrigins[0]: "http://app.example.com:8080": ` + tampered +
				`"https://app.example.com:8080", or move it to DangerouslyAllowOrigins`,
		},
		{
			credentialed("http://*.example.com"),
			`cors: AllowOrigins[0]: "http://*.example.com": ` + tampered +
				`"https://*.example.com", or move it to DangerouslyAllowOrigins`,
		},
		{credentialed("https://*.com"), `cors: AllowOrigins[0]: "https://*.com": ` + others + `"com"` + listOwn},
		{
			credentialed("https://*.github.io"),
			`cors: AllowOrigins[0]: "https://*.github.io": ` + others + `"github.io"` + listOwn,
		},
		{
			credentialed("https://*--acme.netlify.app"),
			`cors: AllowOrigins[0]: "https://*--acme.netlify.app": ` + others + `"netlify.app"` + listOwn,
		},
		{
			credentialed("http://*.github.io"),
			`cors: AllowOrigins[0]: "http://*.github.io": ` + others + `"github.io"` + listOwn,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowOrigins, cfg.AllowPrivateNetwork = []string{"*"}, true }),
			`cors: AllowOrigins[0]: "*": with AllowPrivateNetwork, any website could reach private networks; ` +
				`replace it with your own origins, or remove AllowPrivateNetwork`,
		},
		{
			credentialed("https://*.sch.uk"),
			`cors: AllowOrigins[0]: "https://*.sch.uk": ` + others + `"sch.uk"` + listOwn,
		},
		{
			credentialed("https://x-*.compute.amazonaws.com"),
			`cors: AllowOrigins[0]: "https://x-*.compute.amazonaws.com": ` + others + `"compute.amazonaws.com"` + listOwn,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowOrigins, cfg.AllowPrivateNetwork = []string{"null"}, true }),
			`cors: AllowOrigins[0]: "null": with AllowPrivateNetwork, any website could reach private networks, because ` +
				`it can send this origin from a sandboxed frame; remove it, or remove AllowPrivateNetwork`,
		},
		{
			core.Config{AllowOrigins: []string{"*"}, AllowPrivateNetwork: true, AllowCredentials: true},
			`cors: AllowOrigins[0]: "*": with AllowCredentials and AllowPrivateNetwork, any website could act as your ` +
				`visitors and reach private networks; replace it with your own origins, or remove ` +
				`AllowCredentials and AllowPrivateNetwork`,
		},

		// Regular expressions.
		{
			core.Config{AllowOriginRegexes: []string{""}},
			`cors: AllowOriginRegexes[0]: "": an empty entry allows nothing; remove it`,
		},
		{
			core.Config{AllowOriginRegexes: []string{"a)|(?:b"}},
			"cors: AllowOriginRegexes[0]: \"a)|(?:b\": this is not a valid regular expression in Go (unexpected ): `a)|(?:b`)" +
				"; correct it (Go has no lookaround and no backreferences)",
		},
		{
			core.Config{AllowOriginRegexes: []string{`(?=a)`}},
			"cors: AllowOriginRegexes[0]: \"(?=a)\": this is not a valid regular expression in Go (invalid or " +
				"unsupported Perl syntax: `(?=`); correct it (Go has no lookaround and no backreferences)",
		},
		{
			credentialedRegex(".*"),
			`cors: AllowOriginRegexes[0]: ".*": this expression matches "https://y.xyz"` + registers + spellOut,
		},
		{
			credentialedRegex(`https?://\d+\.\d+\.\d+\.\d+(:\d+)?`),
			`cors: AllowOriginRegexes[0]: "https?://\\d+\\.\\d+\\.\\d+\\.\\d+(:\\d+)?": ` +
				`this expression matches "https://1.1.1.1", which may not be yours, and with ` +
				`AllowCredentials that website could act as ` +
				`your visitors; ` + spellOut + orMove + "\n" +
				`cors: AllowOriginRegexes[0]: "https?://\\d+\\.\\d+\\.\\d+\\.\\d+(:\\d+)?": ` +
				`this expression matches the http origin "http://1.1.1.1"` +
				tampers +
				`write https instead of http` + orMove,
		},
		{
			credentialedRegex(`https://[a-z]+\.com`),
			`cors: AllowOriginRegexes[0]: "https://[a-z]+\\.com": this expression matches "https://x.com"` +
				registers +
				spellOut + orMove,
		},
		{
			credentialedRegex(`https://([a-z]+\.)*[a-z]+\.(com|net|org)`),
			`cors: AllowOriginRegexes[0]: "https://([a-z]+\\.)*[a-z]+\\.(com|net|org)": ` +
				`this expression matches "https://x.org"` + registers + spellOut,
		},
		{credentialedRegex(`https://.*example\.com`), `cors: AllowOriginRegexes[0]: "https://.*example\\.com": ` +
			`this expression matches "https://xexample.com"` + registers + "write `https://(.*\\.)?example\\.com`" + orMove},
		{credentialedRegex(`https://app.example.com`), `cors: AllowOriginRegexes[0]: "https://app.example.com": ` +
			`this expression matches "https://appxexample.com"` + registers + "write `https://app\\.example\\.com`" + orMove},
		{
			credentialedRegex(`https://example\.[a-z]+`),
			`cors: AllowOriginRegexes[0]: "https://example\\.[a-z]+": this expression matches "https://example.xyz"` +
				registers +
				spellOut + orMove,
		},
		{
			credentialedRegex(`https://example\.com.*`),
			`cors: AllowOriginRegexes[0]: "https://example\\.com.*": this expression matches "https://example.com.xyz"` +
				registers +
				spellOut + orMove,
		},
		{
			credentialedRegex(`https://app-[a-z]+\.co\.uk`),
			`cors: AllowOriginRegexes[0]: "https://app-[a-z]+\\.co\\.uk": this expression matches "https://app-x.co.uk"` +
				registers +
				spellOut + orMove,
		},
		{
			credentialedRegex(`https://.*\.github\.io`),
			`cors: AllowOriginRegexes[0]: "https://.*\\.github\\.io": this expression matches "https://x.github.io"` +
				registers +
				spellOut + orMove,
		},
		{
			credentialedRegex(`https?://app\.example\.com`),
			`cors: AllowOriginRegexes[0]: "https?://app\\.example\\.com": this expression matches the http ` +
				`origin "http://app.example.com"` +
				tampers +
				"write `https://app\\.example\\.com`" + orMove,
		},
		{
			credentialedRegex(`http://.*\.example\.com:\d+`),
			`cors: AllowOriginRegexes[0]: "http://.*\\.example\\.com:\\d+": this expression matches ` +
				`the http origin "http://w.example.com:1"` + tampers +
				"write `https://.*\\.example\\.com:\\d+`" + orMove,
		},
		{
			credentialedRegex(`chrome-extension://[a-p]{2}`),
			`cors: AllowOriginRegexes[0]: "chrome-extension://[a-p]{2}": this expression matches "chrome-extension://kk" ` +
				`and other apps or extensions, and with AllowCredentials each of them could` +
				` act as your visitors; list your own apps and extensions in AllowOrigins` + orMove,
		},
		{
			credentialedRegex(`https://(((abc){10}){10}){10}acme\.de`),
			`cors: AllowOriginRegexes[0]: "https://(((abc){10}){10}){10}acme\\.de": ` +
				`this expression is too large to check which origins it matches; ` +
				`shorten it` + orMove,
		},

		{
			core.Config{AllowOrigins: []string{app, "*"}, AllowOriginFunc: everyOrigin},
			`cors: AllowOrigins[1]: "*": "*" allows every origin, so AllowOriginFunc would never be called; remove it, or ` +
				`remove AllowOriginFunc`,
		},

		// The same rules apply to private networks.
		{
			core.Config{AllowOriginRegexes: []string{`https://[a-z]+\.com`}, AllowPrivateNetwork: true},
			`cors: AllowOriginRegexes[0]: "https://[a-z]+\\.com": ` +
				`this expression matches "https://x.com", which anyone can register, and with AllowPrivateNetwork that website ` +
				`could reach private networks; ` + spellOut + orMove,
		},
		{
			core.Config{AllowOriginRegexes: []string{`http://a\.example`}, AllowPrivateNetwork: true, AllowCredentials: true},
			`cors: AllowOriginRegexes[0]: "http://a\\.example": ` +
				`this expression matches the http origin "http://a.example", and with AllowCredentials and AllowPrivateNetwork ` +
				"anyone who can tamper with http traffic could act as your visitors and reach private networks; write " +
				"`https://a\\.example`" + orMove,
		},
		{
			core.Config{AllowOrigins: []string{"http://a.example"}, AllowPrivateNetwork: true},
			`cors: AllowOrigins[0]: "http://a.example": ` +
				`with AllowPrivateNetwork, anyone who can tamper with http traffic could reach private networks; write ` +
				`"https://a.example", or move it to DangerouslyAllowOrigins`,
		},
		{
			core.Config{AllowOrigins: []string{"https://*.pages.dev"}, AllowPrivateNetwork: true},
			`cors: AllowOrigins[0]: "https://*.pages.dev": with AllowPrivateNetwork, other people's websites could reach ` +
				`private networks, because anyone can register a name under "pages.dev"` + listOwn,
		},
		{
			core.Config{
				AllowOriginFunc:     func(context.Context, string, core.Request) (bool, error) { return false, nil },
				AllowPrivateNetwork: true,
			},
			`cors: AllowOriginFunc: with AllowPrivateNetwork, any website that the func allows could reach private ` +
				`networks; write your own origins in AllowOrigins instead, or remove AllowPrivateNetwork`,
		},

		// The Dangerously lists permit neither "*" nor an entry that the other lists accept.
		{
			core.Config{DangerouslyAllowOriginRegexes: []string{`https?://.*`}, AllowCredentials: true},
			`cors: DangerouslyAllowOriginRegexes[0]: "https?://.*": this expression matches "https://y.xyz"` +
				registers +
				spellOut,
		},
		{
			core.Config{DangerouslyAllowOrigins: []string{"*"}, AllowCredentials: true},
			`cors: DangerouslyAllowOrigins[0]: "*": with AllowCredentials, any website could act as your visitors; ` +
				`replace it with your own origins`,
		},
		{
			core.Config{DangerouslyAllowOrigins: []string{app}, AllowCredentials: true},
			`cors: DangerouslyAllowOrigins[0]: "https://app.example.com": AllowOrigins accepts this entry; move it to ` +
				`AllowOrigins`,
		},
		{
			core.Config{DangerouslyAllowOriginRegexes: []string{`https://.*example\.com`}},
			`cors: DangerouslyAllowOriginRegexes[0]: "https://.*example\\.com": AllowOriginRegexes accepts this ` +
				`entry; move it to AllowOriginRegexes`,
		},
		{
			credentialed("https://*.amazonaws.com"),
			`cors: AllowOrigins[0]: "https://*.amazonaws.com": with AllowCredentials, other people's websites could act as ` +
				`your visitors, because "*" also matches names under "s3.amazonaws.com", where anyone can register one` +
				listOwn,
		},
		{
			credentialed("https://s3-us-w*.amazonaws.com"),
			`cors: AllowOrigins[0]: "https://s3-us-w*.amazonaws.com": with AllowCredentials, other people's websites ` +
				`could act as your visitors, because "*" also matches "s3-us-west-1.amazonaws.com", a host that other ` +
				`people share` + listOwn,
		},

		// A wildcard is refused everywhere: https://*.example.com does not match https://app.example.com.
		{
			core.Config{AllowOriginRegexes: []string{`https://*.example.com`}},
			`cors: AllowOriginRegexes[0]: "https://*.example.com": this is a wildcard, not an expression; write ` +
				`"https://*.example.com" in AllowOrigins`,
		},
		{
			credentialedRegex("http://Localhost:*"),
			`cors: AllowOriginRegexes[0]: "http://Localhost:*": this is a wildcard, not an expression; write ` +
				`"http://localhost:*" in AllowOrigins`,
		},
		{
			credentialedRegex("*"),
			`cors: AllowOriginRegexes[0]: "*": this is a wildcard, not an expression; write your own origins in AllowOrigins`,
		},

		// Methods.
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{""} }),
			`cors: AllowMethods[0]: "": an empty entry allows nothing; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{"GET, PUT"} }),
			`cors: AllowMethods[0]: "GET, PUT": an entry is one method; write "GET" and "PUT"`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{"Connect"} }),
			`cors: AllowMethods[0]: "Connect": browsers do not let pages send CONNECT, TRACE and TRACK requests; ` +
				`remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{"TRACE"} }),
			`cors: AllowMethods[0]: "TRACE": browsers do not let pages send CONNECT, TRACE and TRACK requests; ` +
				`remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{"TRACK"} }),
			`cors: AllowMethods[0]: "TRACK": browsers do not let pages send CONNECT, TRACE and TRACK requests; ` +
				`remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{"patch"} }),
			`cors: AllowMethods[0]: "patch": methods are case-sensitive; write "PATCH"`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowMethods = []string{strings.Repeat("A", 65)} }),
			`cors: AllowMethods[0]: "` + strings.Repeat("A", 65) + `": a method has at most 64 bytes; remove it`,
		},

		// Headers.
		{
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{""} }),
			`cors: AllowHeaders[0]: "": an empty entry allows nothing; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"X-Foo:"} }),
			`cors: AllowHeaders[0]: "X-Foo:": a header name has no colon; write "X-Foo"`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{"Access-Control-Allow-Origin"} }),
			`cors: AllowHeaders[0]: "Access-Control-Allow-Origin": this is a response header that the policy ` +
				`sets; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.AllowHeaders = []string{strings.Repeat("x", 129)} }),
			`cors: AllowHeaders[0]: "` + strings.Repeat("x", 129) +
				`": a header name has at most 128 bytes; use a shorter name`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{""} }),
			`cors: ExposeHeaders[0]: "": an empty entry allows nothing; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"X-A, X-B"} }),
			`cors: ExposeHeaders[0]: "X-A, X-B": an entry is one header name; write "X-A" and "X-B"`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"X-A\r\nSet-Cookie: a=b"} }),
			`cors: ExposeHeaders[0]: "X-A\r\nSet-Cookie: a=b": this is a header with its value, not just its ` +
				`name; write "X-A"`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"set-cookie"} }),
			`cors: ExposeHeaders[0]: "set-cookie": browsers never let pages read this header; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"Set-Cookie2"} }),
			`cors: ExposeHeaders[0]: "Set-Cookie2": browsers never let pages read this header; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"Access-Control-Allow-Origin"} }),
			`cors: ExposeHeaders[0]: "Access-Control-Allow-Origin": this header is for the browser, and pages cannot ` +
				`use it; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders = []string{"Access-Control-Request-Method"} }),
			`cors: ExposeHeaders[0]: "Access-Control-Request-Method": this is a request header, not a response ` +
				`header; remove it`,
		},
		{
			with(func(cfg *core.Config) { cfg.ExposeHeaders, cfg.AllowCredentials = []string{"*"}, true }),
			`cors: ExposeHeaders[0]: "*": "*" is not a wildcard with AllowCredentials; list the headers that ` +
				`pages may read`,
		},

		// Numbers.
		{
			with(func(cfg *core.Config) { cfg.MaxAge = 600 }),
			`cors: MaxAge: "600ns": MaxAge must be at least one second; write 600 * time.Second`,
		},
		{
			with(func(cfg *core.Config) { cfg.MaxAge = 24*time.Hour + time.Second }),
			`cors: MaxAge: "24h0m1s": no browser caches a preflight for longer than 24 hours; write 24 * time.Hour`,
		},
		{
			with(func(cfg *core.Config) { cfg.PreflightStatus = 199 }),
			`cors: PreflightStatus: "199": browsers reject a preflight unless its status is between 200 and ` +
				`299; write 204, or remove PreflightStatus`,
		},
		{
			with(func(cfg *core.Config) { cfg.PreflightStatus = 300 }),
			`cors: PreflightStatus: "300": browsers reject a preflight unless its status is between 200 and ` +
				`299; write 204, or remove PreflightStatus`,
		},
	} {
		t.Run(tt.want, func(t *testing.T) {
			p, err := core.New(tt.cfg)
			if err == nil || err.Error() != tt.want || p != nil {
				t.Errorf("got  %v, %v\nwant %s", p, err, tt.want)
			}
		})
	}
}

// TestNewReportsAll: New reports all problems at once, each as a *ConfigError.
func TestNewReportsAll(t *testing.T) {
	_, err := core.New(core.Config{
		AllowOrigins: []string{"https://a.example/", app, ""}, AllowOriginRegexes: []string{"("},
		AllowMethods: []string{"patch"},
		AllowHeaders: []string{"a b"}, ExposeHeaders: []string{"Set-Cookie"}, MaxAge: 1, PreflightStatus: 1,
	})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want joined errors", err)
	}
	type fields struct {
		field            string
		index            int
		value, rule, fix string
	}
	want := []fields{
		{"AllowOrigins", 0, "https://a.example/", "an origin has no path", `write "https://a.example"`},
		{"AllowOrigins", 2, "", "an empty entry allows nothing", "remove it"},
		{
			"AllowOriginRegexes", 0, "(", "this is not a valid regular expression in Go (missing closing ): `(`)",
			"correct it (Go has no lookaround and no backreferences)",
		},
		{"AllowMethods", 0, "patch", "methods are case-sensitive", `write "PATCH"`},
		{
			"AllowHeaders", 0, "a b", "the name contains a space", `write "a-b", or write "a" and "b"`,
		},
		{"ExposeHeaders", 0, "Set-Cookie", "browsers never let pages read this header", "remove it"},
		{"MaxAge", -1, "1ns", "MaxAge must be at least one second", "write 1 * time.Second"},
		{
			"PreflightStatus", -1, "1", "browsers reject a preflight unless its status is between 200 and 299",
			"write 204, or remove PreflightStatus",
		},
	}
	problems := joined.Unwrap()
	if len(problems) != len(want) {
		t.Fatalf("got %d problems, want %d:\n%v", len(problems), len(want), err)
	}
	for i, problem := range problems {
		var got *core.ConfigError
		if !errors.As(problem, &got) {
			t.Errorf("got  %v, want a *core.ConfigError", problem)
		} else if got := (fields{got.Field, got.Index, got.Value, got.Rule, got.Fix}); got != want[i] {
			t.Errorf("got  %+v\nwant %+v", got, want[i])
		}
	}
}

// TestNewAccepts contains entries that New must accept, each with an origin that it allows and one
// that it does not allow.
func TestNewAccepts(t *testing.T) {
	for _, tt := range []struct {
		entry   string
		in, out string
	}{
		{"https://example.com", "https://example.com", "https://example.com:8443"},
		{"HTTPS://Example.COM", "https://example.com", "https://example.org"},
		{"https://example.com:443", "https://example.com", "http://example.com"},
		{"http://example.com:80", "http://example.com", "https://example.com"},
		{"https://example.com:80", "https://example.com:80", "https://example.com"},
		{"https://1.example.com", "https://1.example.com", "https://2.example.com"},
		{"https://a_b.example.com", "https://a_b.example.com", "https://ab.example.com"},
		{"https://bücher.example", "https://xn--bcher-kva.example", "https://bcher.example"},
		{"https://BÜCHER.example", "https://xn--bcher-kva.example", "https://bcher.example"},
		{"https://*.bücher.example", "https://a.xn--bcher-kva.example", "https://xn--bcher-kva.example"},
		{"https://xn--bcher-kva.example", "https://xn--bcher-kva.example", "https://bcher-kva.example"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1"},
		{"http://[::1]:8080", "http://[::1]:8080", "http://[::2]:8080"},
		{"http://[0:0:0:0:0:0:0:1]", "http://[::1]", "http://[::2]"},
		{"http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]", "http://127.0.0.1"},
		{"http://[2001:DB8::A]", "http://[2001:db8::a]", "http://[2001:db8::b]"},
		{"http://localhost:*", "http://localhost:3000", "https://localhost:3000"},
		{"http://localhost:*", "http://localhost", "http://localhost.example"},
		{"http://127.0.0.1:*", "http://127.0.0.1:5173", "http://127.0.0.2:5173"},
		{"http://[::1]:*", "http://[::1]:5173", "http://[::2]:5173"},
		{"https://*.example.com", "https://a.example.com", "https://example.com"},
		{"https://*.example.com", "https://a.b.c.example.com", "https://a.example.com:8443"},
		{"https://*.EXAMPLE.com:443", "https://a.example.com", "https://evilexample.com"},
		{"https://*.example.com:8443", "https://a.example.com:8443", "https://a.example.com"},
		{"https://*.example.com:*", "https://a.example.com:8443", "http://a.example.com:8443"},
		{"https://*.example.com:*", "https://a.example.com", "https://a.example.net"},
		{"https://deploy-*.example.com", "https://deploy-1.example.com", "https://deploy-.example.com"},
		{"https://deploy-*.example.com", "https://deploy-1-2.example.com", "https://deploy-1.x.example.com"},
		{"https://Deploy-*.example.com", "https://deploy-a.example.com", "https://xdeploy-a.example.com"},
		{"https://*--site.netlify.app", "https://pr-7--site.netlify.app", "https://--site.netlify.app"},
		{"https://*--site.netlify.app", "https://x--site.netlify.app", "https://x--other.netlify.app"},
		{"https://pr*-web.example.com:*", "https://pr12-web.example.com:99", "https://pr-web.example.com:99"},
		{"https://*.com", "https://anyone.com", "https://com"},
		{"chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnoq"},
		{"capacitor://localhost", "capacitor://localhost", "http://localhost"},
		{"https://-a-.example.com", "https://-a-.example.com", "https://a.example.com"},
		{"https://-*.example.com", "https://-a.example.com", "https://a.example.com"},
		{"chrome-extension://*", "chrome-extension://abcdefghijklmnop", "moz-extension://abcdefghijklmnop"},
		{"app://.", "app://.", "app://-"},
		{"capacitor-electron://-", "capacitor-electron://-", "capacitor-electron://x"},
		{"null", "null", "https://null"},
		{"file://", "file://", "null"},
		{"*", "https://whatever.example", ""},
	} {
		t.Run(tt.entry+" "+tt.in, func(t *testing.T) {
			p := mustNew(t, origins(tt.entry))
			if d := p.Decide(t.Context(), get("Origin", tt.in)); !d.Allowed() {
				t.Errorf("%s: got %v, want allowed", tt.in, d.Reason)
			}
			if d := p.Decide(t.Context(), get("Origin", tt.out)); d.Allowed() {
				t.Errorf("%s: got %v, want refused", tt.out, d.Reason)
			}
		})
	}
}

// TestNewAcceptsCombinations contains combinations that New must accept, although it refuses
// similar ones.
func TestNewAcceptsCombinations(t *testing.T) {
	for name, cfg := range map[string]core.Config{
		"loopback with credentials": credentialed("http://localhost:3000", "http://127.9.9.9", "http://[::1]:1",
			"http://localhost:*", "http://*.localhost", "http://app.localhost"),
		"subdomains with credentials": credentialed("https://*.example.com", "https://*.user.github.io",
			"https://pr-*.example.co.uk"),
		"schemes of apps with credentials": credentialed("capacitor://localhost", "chrome-extension://abc"),
		"insecure, dangerously": {
			DangerouslyAllowOrigins: []string{"http://app.example.com"}, AllowCredentials: true,
		},
		"public suffix, dangerously": {
			DangerouslyAllowOrigins: []string{"https://*.github.io"}, AllowCredentials: true,
		},
		"public suffix without credentials": origins("https://*.github.io", "https://x-*.netlify.app",
			"http://app.example.com", "null"),
		"own regex with credentials": {
			AllowOriginRegexes: []string{
				`https://[a-z0-9-]+\.example\.com`, `http://localhost(:\d+)?`, `(?i)https://a\.example`, `\Qhttps://b.example\E`,
			},
			AllowCredentials: true,
		},
		"any regex without credentials": {AllowOriginRegexes: []string{`.*`}},
		"own regexes with credentials": {AllowCredentials: true, AllowOriginRegexes: []string{
			`https://.*\.example\.com`, `^https://(www\.)?example\.com$`, `https://app\.example\.com(:\d+)?`,
			`https://(a|b)\.example\.(com|net)`, `https://[a-z]+\.example\.co\.uk`,
			`https://deploy--site\.netlify\.app`, `https://[a-z]+\.site\.github\.io`, `http://127\.0\.0\.1(:[0-9]+)?`,
			`http://[a-z]+\.localhost:3000`, `chrome-extension://abcdefgh`, `capacitor://localhost`,
		}},
		"http regex, dangerously": {
			DangerouslyAllowOriginRegexes: []string{`https?://app\.example\.com`}, AllowCredentials: true,
		},
		"public suffix regex, dangerously": {
			DangerouslyAllowOriginRegexes: []string{
				`https://site-[a-z]+\.vercel\.app`, `https://deploy-[0-9]+--site\.netlify\.app`, `moz-extension://[0-9a-f-]{36}`,
			},
			AllowCredentials: true,
		},
		"nobody": {AllowOrigins: []string{}},
		"a func alone": {
			AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) { return false, nil },
		},
		"exposing all without credentials": {AllowOrigins: []string{"*"}, ExposeHeaders: []string{"*"}},
		"forbidden names listed": {
			AllowOrigins: []string{app},
			AllowHeaders: []string{"Origin", "Content-Length", "Cookie", "Sec-Foo", "Proxy-Authorization"},
		},
		"limits":         {AllowOrigins: []string{app}, MaxAge: 24 * time.Hour, PreflightStatus: 299},
		"one second":     {AllowOrigins: []string{app}, MaxAge: time.Second, PreflightStatus: 200},
		"duplicates":     origins(app, app, "https://APP.example.com", "https://*.example.com", "https://*.example.com"),
		"custom methods": {AllowOrigins: []string{app}, AllowMethods: []string{"QUERY", "eGg", "put"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := core.New(cfg); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRegexesMatchWhole: expressions match entire origins, regardless of the alternatives and flags
// they have.
func TestRegexesMatchWhole(t *testing.T) {
	for _, tt := range []struct{ regex, in, out string }{
		{`https://a\.example|https://b\.example`, "https://b.example", "https://b.example.evil.com"},
		{`https://a\.example`, "https://a.example", "https://a.example.evil.com"},
		{`\Qhttps://a.example`, "https://a.example", "https://axexample"},
		{`(?m)https://a\.example$`, "https://a.example", "https://a.example:1"},
		{`^https://a\.example$`, "https://a.example", "https://xa.example"},
		{`(?i)HTTPS://A\.EXAMPLE`, "https://a.example", "https://a.exampl"},
		{`https://(.+\.)?a\.example`, "https://x.a.example", "https://xa.example"},
	} {
		p := mustNew(t, core.Config{AllowOriginRegexes: []string{tt.regex}})
		if !p.Decide(t.Context(), get("Origin", tt.in)).Allowed() {
			t.Errorf("%s refuses %s", tt.regex, tt.in)
		}
		if p.Decide(t.Context(), get("Origin", tt.out)).Allowed() {
			t.Errorf("%s allows %s", tt.regex, tt.out)
		}
	}
}

// TestLists: the lists in the response have the configured order, and no duplicates.
func TestLists(t *testing.T) {
	cfg := core.Config{
		AllowOrigins:  []string{app},
		AllowMethods:  []string{"put", "GET", "PUT", "QUERY", "delete", "get"},
		AllowHeaders:  []string{"X-B", "x-a", "X-b", "Cookie", "Authorization"},
		ExposeHeaders: []string{"X-B", "x-a", "x-b", "ETag"},
	}
	p := mustNew(t, cfg)
	// Changing the Config after New must not change the policy.
	cfg.AllowOrigins[0], cfg.AllowMethods[0], cfg.AllowHeaders[0], cfg.ExposeHeaders[0] = evil, "X", "X", "X"
	d := p.Decide(t.Context(), preflight(app, "PUT", "Access-Control-Request-Headers", "x-b"))
	if got, want := d.AllowMethods, "PUT, GET, QUERY, DELETE"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := d.AllowHeaders, "x-b, x-a, authorization"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Decide(t.Context(), get("Origin", app)).ExposeHeaders, "X-B, x-a, ETag"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDefaultsAreFresh: appending to a default must not change the default.
func TestDefaultsAreFresh(t *testing.T) {
	core.DefaultMethods()[0], core.DefaultHeaders()[0] = "x", "x"
	if got := strings.Join(core.DefaultMethods(), " "); got != "DELETE GET OPTIONS PATCH POST PUT" {
		t.Errorf("got %q", got)
	}
	if got := strings.Join(core.DefaultHeaders(), " "); got !=
		"accept authorization content-type user-agent x-csrftoken x-requested-with" {
		t.Errorf("got %q", got)
	}
}

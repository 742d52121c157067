package core_test

import (
	"slices"
	"testing"

	"github.com/polycors/cors/core"
)

const (
	trusted = 1 << iota // with AllowCredentials
	words               // no rule can say what the author meant, so the fix is in other words
)

// TestFixesOfAllowOrigins has entries that New refuses. After the fix, New accepts the Config, and
// it allows what the author of the entry meant.
func TestFixesOfAllowOrigins(t *testing.T) {
	for _, tt := range []struct {
		entry   string
		flags   int
		want    string // the rule and the fix
		allows  []string
		refuses []string
	}{
		// No part of an entry is dropped.
		{
			"chrome-extension:abcdefghijklmnopabcdefghijklmnop", 0,
			"a scheme is followed by \"://\"; write \"chrome-extension://abcdefghijklmnopabcdefghijklmnop\"",
			[]string{"chrome-extension://abcdefghijklmnopabcdefghijklmnop"}, nil,
		},
		{
			"app:obsidian.md", 0,
			"a scheme is followed by \"://\"; write \"app://obsidian.md\"",
			[]string{"app://obsidian.md"}, nil,
		},
		{
			"https://example.com always", 0,
			"there is a word after the origin; write \"https://example.com\"",
			[]string{"https://example.com"}, nil,
		},
		{
			"allow https://example.com", 0,
			"there is a word before the origin; write \"https://example.com\"",
			[]string{"https://example.com"}, nil,
		},
		{
			"origin https://example.com", 0,
			"there is a word before the origin; write \"https://example.com\"",
			[]string{"https://example.com"}, nil,
		},
		{"app:*", words, "an origin begins with a scheme; replace it with your own origins", nil, nil},
		{"env:ORIGIN", words, "an origin begins with a scheme; replace it with your own origins", nil, nil},
		{"vault:secret/cors", words, "an origin begins with a scheme; replace it with your own origins", nil, nil},
		{"base64:aHR0cHM6Ly9h", words, "an origin begins with a scheme; replace it with your own origins", nil, nil},
		{"https://app[1-12].example.com", words, "\"[1-12]\" is not a range of numbers; list each host", nil, nil},
		{"http://192.168.1.[1-50]", words, "\"[1-50]\" is not a range of numbers; list each host", nil, nil},
		// Schemes that no website has.
		{
			"wss://app.example.com", 0,
			`the scheme of a website is https or http, not "wss"; write "https://app.example.com"`,
			[]string{"https://app.example.com"}, []string{"http://app.example.com"},
		},
		{
			"ws://localhost:3000", 0,
			`the scheme of a website is https or http, not "ws"; write "http://localhost:3000"`,
			[]string{"http://localhost:3000"}, []string{"https://localhost:3000"},
		},
		{
			"ws://app.example.com", trusted,
			`the scheme of a website is https or http, not "ws"; write "https://app.example.com"`,
			[]string{"https://app.example.com"}, []string{"http://app.example.com"},
		},
		{
			"wss://*.example.com:8443", 0,
			`the scheme of a website is https or http, not "wss"; write "https://*.example.com:8443"`,
			[]string{"https://a.example.com:8443"}, []string{"https://a.example.com"},
		},
		{
			"WSS://Example.com:443", 0,
			`the scheme of a website is https or http, not "wss"; write "https://example.com"`,
			[]string{"https://example.com"}, []string{"https://example.com:8443"},
		},
		{
			"ftp://example.com", 0,
			`the scheme of a website is https or http, not "ftp"; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{"data:text/html,x", 0, `the scheme of a website is https or http, not "data"; remove it`, nil, nil},
		{"data://x", 0, `the scheme of a website is https or http, not "data"; remove it`, nil, nil},
		{"javascript:alert(1)", 0, `the scheme of a website is https or http, not "javascript"; remove it`, nil, nil},
		{"about:blank", 0, `the scheme of a website is https or http, not "about"; remove it`, nil, nil},
		{"mailto:a@b.example", 0, `the scheme of a website is https or http, not "mailto"; remove it`, nil, nil},
		{
			"blob:https://a.example/0b7e", 0,
			`the scheme of a website is https or http, not "blob"; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"view-source:https://a.example/", 0,
			`the scheme of a website is https or http, not "view-source"; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"ttps://a.example:8443", 0,
			`the scheme of a website is https or http, not "ttps"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"htttps://a.example:8443", 0,
			`the scheme of a website is https or http, not "htttps"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"hhtps://a.example:8443", 0,
			`the scheme of a website is https or http, not "hhtps"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"htps://a.example:8443", 0,
			`the scheme of a website is https or http, not "htps"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"htpps://a.example:8443", 0,
			`the scheme of a website is https or http, not "htpps"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"httsp://a.example:8443", 0,
			`the scheme of a website is https or http, not "httsp"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"httpss://a.example:8443", 0,
			`the scheme of a website is https or http, not "httpss"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"hhttpps://a.example:8443", 0,
			`the scheme of a website is https or http, not "hhttpps"; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"htp://localhost:3000", 0,
			`the scheme of a website is https or http, not "htp"; write "http://localhost:3000"`,
			[]string{"http://localhost:3000"}, nil,
		},
		{
			"ttp://a.example", 0,
			`the scheme of a website is https or http, not "ttp"; write "http://a.example"`,
			[]string{"http://a.example"}, nil,
		},
		{
			"ttp://a.example", trusted,
			`the scheme of a website is https or http, not "ttp"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},

		// What is between the scheme and the host.
		{
			"https:/a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https:///a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https//a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https;//a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https:a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https: //a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https.//a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https::/a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			`https:\\a.example`, 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			`https:\/\/a.example`, 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https：//a.example", 0,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"https://https://a.example", 0,
			`an origin has only one scheme; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"http://https://a.example", 0,
			`an origin has only one scheme; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"1https://a.example", 0,
			`a scheme begins with a letter, and has only letters, digits, "+", "-" and "."; write ` +
				`"https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"http:///a.example", trusted,
			`a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"capacitor:localhost", 0,
			`a scheme is followed by "://"; write "capacitor://localhost"`,
			[]string{"capacitor://localhost"}, nil,
		},

		// No scheme.
		{
			"localhost:3000", 0,
			`an origin begins with a scheme; write "http://localhost:3000"`,
			[]string{"http://localhost:3000"}, []string{"https://localhost:3000"},
		},
		{
			"localhost:3000", trusted,
			`an origin begins with a scheme; write "http://localhost:3000"`,
			[]string{"http://localhost:3000"}, []string{"https://localhost:3000"},
		},
		{
			"localhost:3000/", 0,
			`an origin begins with a scheme; write "http://localhost:3000"`,
			[]string{"http://localhost:3000"}, nil,
		},
		{
			"localhost", 0,
			`an origin begins with a scheme; write "http://localhost"`,
			[]string{"http://localhost"}, []string{"http://localhost:3000"},
		},
		{
			"LOCALHOST:3000", 0,
			`an origin begins with a scheme; write "http://localhost:3000"`,
			[]string{"http://localhost:3000"}, nil,
		},
		{
			"app.localhost:3000", 0,
			`an origin begins with a scheme; write "http://app.localhost:3000"`,
			[]string{"http://app.localhost:3000"}, nil,
		},
		{
			"localhost:443", 0,
			`an origin begins with a scheme; write "https://localhost"`,
			[]string{"https://localhost"}, nil,
		},
		{
			"127.0.0.1:3000", 0,
			`an origin begins with a scheme; write "http://127.0.0.1:3000"`,
			[]string{"http://127.0.0.1:3000"}, nil,
		},
		{
			"127.1:3000", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"[::1]:3000", 0,
			`an origin begins with a scheme; write "http://[::1]:3000"`,
			[]string{"http://[::1]:3000"}, nil,
		},
		{"::1", 0, `an origin begins with a scheme; write "http://[::1]"`, []string{"http://[::1]"}, nil},
		{
			"::1:3000", 0,
			`an origin begins with a scheme; write "http://[::1]:3000"`,
			[]string{"http://[::1]:3000"}, nil,
		},
		{
			"0.0.0.0:8080", 0,
			`an origin begins with a scheme; write "http://localhost:8080"`,
			[]string{"http://localhost:8080"}, []string{"http://0.0.0.0:8080"},
		},
		{
			"192.168.1.5:3000", 0,
			`an origin begins with a scheme; write "http://192.168.1.5:3000"`,
			[]string{"http://192.168.1.5:3000"}, nil,
		},
		{
			"192.168.1.5:3000", trusted,
			`an origin begins with a scheme; write "https://192.168.1.5:3000"`,
			[]string{"https://192.168.1.5:3000"}, nil,
		},
		{
			"host.docker.internal:3000", 0,
			`an origin begins with a scheme; write "http://host.docker.internal:3000"`,
			[]string{"http://host.docker.internal:3000"}, nil,
		},
		{
			"frontend:3000", 0,
			`an origin begins with a scheme; write "http://frontend:3000"`,
			[]string{"http://frontend:3000"}, nil,
		},
		{
			"printer.local", 0,
			`an origin begins with a scheme; write "http://printer.local"`,
			[]string{"http://printer.local"}, nil,
		},
		{
			"localhost:*", 0,
			`an origin begins with a scheme; write "http://localhost:*"`,
			[]string{"http://localhost:3000", "http://localhost"}, nil,
		},
		{
			"localhost:30*", 0,
			`an origin begins with a scheme; write "http://localhost:*"`,
			[]string{"http://localhost:3000"}, nil,
		},
		{
			"*.example.com", 0,
			`an origin begins with a scheme; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, []string{"https://example.com"},
		},
		{
			"*.example.com:8443", 0,
			`an origin begins with a scheme; write "https://*.example.com:8443"`,
			[]string{"https://a.example.com:8443"}, []string{"https://a.example.com"},
		},
		{
			".example.com", 0,
			`an origin begins with a scheme; write "https://*.example.com" and "https://example.com"`,
			[]string{"https://a.example.com", "https://example.com"}, nil,
		},
		{
			"*example.com", 0,
			`an origin begins with a scheme; write "https://*.example.com" and "https://example.com"`,
			[]string{"https://a.example.com", "https://example.com"}, []string{"https://evilexample.com"},
		},
		{
			"//example.com", 0,
			`an origin begins with a scheme; write "https://example.com"`,
			[]string{"https://example.com"}, []string{"http://example.com"},
		},
		{
			"//*.example.com", 0,
			`an origin begins with a scheme; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, nil,
		},
		{
			`\\example.com`, 0,
			`an origin begins with a scheme; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"www.example.com/path", 0,
			`an origin begins with a scheme; write "https://www.example.com"`,
			[]string{"https://www.example.com"}, nil,
		},
		{
			"user@example.com", 0,
			`an origin begins with a scheme; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"example.com:80", 0,
			`an origin begins with a scheme; write "http://example.com"`,
			[]string{"http://example.com"}, nil,
		},
		{
			"example.com:80", trusted,
			`an origin begins with a scheme; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"example.com:8443/", 0,
			`an origin begins with a scheme; write "https://example.com:8443"`,
			[]string{"https://example.com:8443"}, nil,
		},

		// Both schemes.
		{
			"http*://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"http(s)://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"https?://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"http[s]://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"*://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"(http|https)://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"{http,https}://a.example", 0,
			`an entry cannot stand for two schemes; write "https://a.example" and "http://a.example"`,
			[]string{"https://a.example", "http://a.example"}, nil,
		},
		{
			"https?://a.example", trusted,
			`an entry cannot stand for two schemes; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"http://a.example"},
		},
		{
			"http(s)://*.example.com:*", 0,
			`an entry cannot stand for two schemes; write "https://*.example.com:*" and "http://*.example.com:*"`,
			[]string{"https://a.example.com:1", "http://a.example.com"}, nil,
		},
		{
			`^https?://example\.com$`, 0,
			`this looks like a regular expression; write "https://example.com" and "http://example.com"`,
			[]string{"https://example.com", "http://example.com"}, []string{"https://examplexcom"},
		},
		{
			`https?://localhost(:\d+)?`, trusted,
			`this looks like a regular expression; write "https://localhost:*" and "http://localhost:*"`,
			[]string{"http://localhost:3000", "https://localhost"}, nil,
		},
		{"*://*", 0, "an entry cannot stand for two schemes; write `https?://.*` in " +
			"AllowOriginRegexes", []string{"https://a.example", "http://b.example"}, nil},

		// Ports.
		{
			"https://example.com.:8443", 0,
			`a host does not end with a dot; write "https://example.com:8443"`,
			[]string{"https://example.com:8443"}, []string{"https://example.com"},
		},
		{
			"http://example.com.:3999", 0,
			`a host does not end with a dot; write "http://example.com:3999"`,
			[]string{"http://example.com:3999"}, []string{"http://example.com"},
		},
		{
			"https://example.com:0", 0,
			`a port must be a number from 1 to 65535; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://example.com:", 0,
			`a port must be a number from 1 to 65535; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://example.com:99999", 0,
			`a port must be a number from 1 to 65535; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://example.com:08443", 0,
			`a port must be a number from 1 to 65535 without leading zeros; write "https://example.com:8443"`,
			[]string{"https://example.com:8443"}, nil,
		},
		{
			"https://example.com:https", 0,
			`a port must be a number from 1 to 65535; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://example.com:8443:8443", 0,
			`an origin has only one port; write "https://example.com:8443"`,
			[]string{"https://example.com:8443"}, nil,
		},
		{
			"https://example.com:443/", 0,
			`an origin has no path; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"http://localhost:30*", 0,
			`a port must be a number from 1 to 65535, or "*" for any port; write "http://localhost:*"`,
			[]string{"http://localhost:3000", "http://localhost:3005"}, nil,
		},
		{
			"http://localhost:99999", 0,
			`a port must be a number from 1 to 65535, or "*" for any port; write "http://localhost:*"`,
			[]string{"http://localhost:3000", "http://localhost:3005"}, nil,
		},
		{
			"http://localhost:3000-3010", 0,
			`a port must be a number from 1 to 65535, or "*" for any port; write "http://localhost:*"`,
			[]string{"http://localhost:3000", "http://localhost:3005"}, nil,
		},
		{
			"http://localhost:3000,3001", 0,
			`an entry is one origin; write "http://localhost:3000" and "http://localhost:3001"`,
			[]string{"http://localhost:3000", "http://localhost:3001"}, []string{"http://localhost:3002"},
		},
		{
			"http://localhost*", 0,
			`only the first label of a host may contain "*", and only once; write "http://localhost:*"`,
			[]string{"http://localhost:3000"}, nil,
		},
		{
			`http://localhost:\d+`, 0,
			`this looks like a regular expression; write "http://localhost:*"`,
			[]string{"http://localhost:3000"}, nil,
		},
		{
			"capacitor://localhost:*", 0,
			`"*" as a port is for http and https only; write "capacitor://localhost"`,
			[]string{"capacitor://localhost"}, nil,
		},
		{":443", words, "this is a port, not an origin; write a scheme and a host before it, as in " +
			`"http://localhost:443"`, nil, nil},
		{"8080", words, "this is a port, not an origin; write a scheme and a host before it, as in " +
			`"http://localhost:8080"`, nil, nil},
		{"https:", words, `the host is missing; write "https://" and a host`, nil, nil},
		{"http", words, `the host is missing; write "http://" and a host`, nil, nil},
		{"https:8080", words, `the host is missing; write "https://" and a host`, nil, nil},
		{"://", words, "the scheme and the host are missing; replace it with your own origins", nil, nil},
		{"8080:localhost", words, "a port is not a host; correct the host", nil, nil},
		{"chrome-extension://", words, `the host is missing; write "chrome-extension://" and a host`, nil, nil},
		{
			"://a.example", 0, `an origin begins with a scheme; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			":a.example", 0, `an origin begins with a scheme; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{"https://", words, `the host is missing; write "https://" and a host`, nil, nil},

		// Quotes, separators and spaces.
		{
			`"https://a.example"`, 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"'https://a.example'", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"“https://a.example”", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"‘https://a.example’", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"`https://a.example`", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"<https://a.example>", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"«https://a.example»", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"'https://a.example',", 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.example,", 0,
			`an origin has no comma or semicolon; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.example;", 0,
			`an origin has no comma or semicolon; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			" https://a.example", 0,
			`there is white space before or after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.example\n", 0,
			`there is white space before or after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"\ufeffhttps://a.example", 0,
			`there is white space before or after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.example\x00", 0,
			`there is white space before or after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.exa mple", 0,
			`an origin cannot contain white space; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a .example", 0,
			`an origin cannot contain white space; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"- https://a.example", 0,
			`an origin cannot contain white space; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.example # production", 0,
			`there is a comment after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			`["https://a.example"]`, 0,
			`there are quotes around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.example https://b.example", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example,https://b.example", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example; https://b.example;", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example\nhttps://b.example", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example|https://b.example", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			`"https://a.example", "https://b.example"`, 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			`["https://a.example","https://b.example"]`, 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example and https://b.example", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example/, b.example", 0,
			`an entry is one origin; write "https://a.example" and "https://b.example"`,
			[]string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"http://a.example, http://localhost:3000", trusted,
			`an entry is one origin; write "https://a.example" and "http://localhost:3000"`,
			[]string{"https://a.example", "http://localhost:3000"}, []string{"http://a.example"},
		},
		{
			"https://a.example,https://b.example,https://c.example", 0,
			`an entry is one origin; write "https://a.example", "https://b.example" and ` +
				`"https://c.example"`,
			[]string{"https://a.example", "https://b.example", "https://c.example"}, nil,
		},
		{"https://a.example\r\nX: 1", words, "an entry is one origin; write one entry for each origin", nil, nil},
		{
			"ORIGIN=https://a.example", 0,
			`there is a name before the origin; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"Origin: https://a.example", 0,
			`there is a name before the origin; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},

		// Values that were not set.
		{
			"${FRONTEND_URL}", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"$(FRONTEND_URL)", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"{{ .Values.origin }}", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"%FRONTEND_URL%", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"<your-domain>", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"https://<your-domain>", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"__ORIGIN__", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"https://__HOST__", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"$FRONTEND_URL", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"https://${HOST}:3000", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"#{origin}", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"{tenant}.example.com", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{
			"process.env.ORIGIN", words,
			"this contains a variable that was not replaced; write its " +
				`value`,
			nil, nil,
		},
		{"None", 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{"undefined", 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{"nil", 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{"<nil>", 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{"NULL", 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{"(null)", 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{`"null"`, 0, "this looks like a value that was not set; remove it", nil, []string{"null"}},
		{"true", 0, "this is not an origin; remove it", nil, []string{"null"}},
		{"False", 0, "this is not an origin; remove it", nil, []string{"null"}},
		{"self", 0, "the server's own origin need not be listed; remove it", nil, []string{"null"}},
		{"'self'", 0, "the server's own origin need not be listed; remove it", nil, []string{"null"}},
		{"", 0, "an empty entry allows nothing; remove it", nil, []string{"null"}},
		{" ", 0, "the entry is blank; remove it", nil, []string{"null"}},
		{",", 0, "the entry is blank; remove it", nil, []string{"null"}},
		{`""`, 0, "the entry is blank; remove it", nil, []string{"null"}},

		// Every origin.
		{"https://*", 0, "\"*\" needs a domain after it; write `https://.*` in " +
			"AllowOriginRegexes", []string{"https://a.example"}, nil},
		{"https://*", trusted | words, `"*" needs a domain after it; write your domain after it, as in ` +
			`"https://*.example.com"`, nil, nil},
		{
			"http://*:3000", 0,
			"\"*\" needs a domain after it; write `http://.*:3000` in AllowOriginRegexes",
			[]string{"http://a.example:3000"}, []string{"http://a.example", "https://a.example:3000"},
		},
		{"all", 0, `"*" means every origin; write "*"`, []string{"https://a.example"}, nil},
		{".*", 0, `"*" means every origin; write "*"`, []string{"https://a.example"}, nil},
		{".*", trusted | words, `"*" means every origin; replace it with your own origins`, nil, nil},
		{"*,", 0, `"*" means every origin; write "*"`, []string{"https://a.example"}, nil},

		// Wildcards.
		{
			"https://*example.com", 0,
			`"*" here also matches "evil-example.com", which anyone can register; write ` +
				`"https://*.example.com" and "https://example.com"`,
			[]string{"https://a.example.com", "https://example.com"}, []string{"https://evilexample.com"},
		},
		{
			"https://*example.com:8443", trusted,
			`"*" here also matches "evil-example.com", which anyone can register; write ` +
				`"https://*.example.com:8443" and "https://example.com:8443"`,
			[]string{"https://a.example.com:8443", "https://example.com:8443"}, []string{"https://example.com"},
		},
		{
			"https://*-acme.de", words,
			`"*" here also matches "evil-acme.de", which anyone can register; replace it with your own origins`,
			nil, nil,
		},
		{
			"https://acme*.co.uk:8443", words,
			`"*" here also matches "acme-evil.co.uk", which anyone can register; replace it with your own origins`,
			nil, nil,
		},
		{
			"https://my*app.com", words,
			`"*" here also matches "my-evil-app.com", which anyone can register; replace it with your own origins`,
			nil, nil,
		},
		{
			"https://.example.com", 0,
			`a host does not begin with a dot; write "https://*.example.com" and "https://example.com"`,
			[]string{"https://a.example.com", "https://example.com"}, nil,
		},
		{
			"https://example.*", words,
			`"*" cannot replace the end of a domain, because anyone could register a matching one; replace it ` +
				`with your own domains, as in "https://example.com"`,
			nil, nil,
		},
		{
			"https://www.example.*:8443", words,
			`"*" cannot replace the end of a domain, because anyone could register a matching one; replace it ` +
				`with your own domains, as in "https://www.example.com:8443"`,
			nil, nil,
		},
		{
			"https://*.*.example.com", 0,
			`only the first label of a host may contain "*", and only once; write "https://*.example.com"`,
			[]string{"https://a.b.example.com"}, nil,
		},
		{
			"https://**.example.com", 0,
			`only the first label of a host may contain "*", and only once; write "https://*.example.com"`,
			[]string{"https://a.b.example.com"}, nil,
		},
		{
			"https://foo.*.example.com:8443", 0,
			`only the first label of a host may contain "*", and only once; write ` +
				"`https://foo\\.[a-z0-9-]+\\.example\\.com:8443` in AllowOriginRegexes",
			[]string{"https://foo.x.example.com:8443"},
			[]string{"https://bar.x.example.com:8443", "https://foo.x.example.com"},
		},
		{
			"https://foo.*.example.com:8443", trusted,
			`only the first label of a host may contain "*", and only once; write ` +
				"`https://foo\\.[a-z0-9-]+\\.example\\.com:8443` in AllowOriginRegexes",
			[]string{"https://foo.x.example.com:8443"}, []string{"https://bar.x.example.com:8443"},
		},
		{
			"https://a*b*.example.com", 0,
			`only the first label of a host may contain "*", and only once; write ` +
				"`https://a[a-z0-9-]+b[a-z0-9-]+\\.example\\.com` in AllowOriginRegexes",
			[]string{"https://axby.example.com"}, []string{"https://x.example.com"},
		},
		{
			"https://example.com*", words,
			`only the first label of a host may contain "*", and only once; replace it with your own origins`,
			nil, nil,
		},
		{
			"https://example.com/*", 0,
			`an origin has no path; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://*.example.com/*", 0,
			`an origin has no path; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, nil,
		},
		{"https://*.com/", 0, `an origin has no path; write "https://*.com"`, []string{"https://a.com"}, nil},
		{
			"https://*.com/", trusted | words,
			`an origin has no path; replace it with your own origins, or write "https://*.com" in ` +
				"DangerouslyAllowOrigins",
			nil, nil,
		},
		{
			"http://*.example.com/", trusted,
			`an origin has no path; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, []string{"http://a.example.com"},
		},
		{
			"https://＊.example.com", 0,
			`"*" must be an ASCII character; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, nil,
		},
		{
			"capacitor://*.example.com", words,
			`"*" in a host is for http and https only; replace it with your own capacitor origins`,
			nil, nil,
		},
		{
			"moz-extension://*/", 0,
			`an origin has no path; write "moz-extension://*"`,
			[]string{"moz-extension://abc"}, []string{"chrome-extension://abc"},
		},
		{
			"moz-extension://*/", trusted | words,
			`an origin has no path; replace it with your own origins, or write "moz-extension://*" in ` +
				"DangerouslyAllowOrigins",
			nil, nil,
		},
		{
			"chrome-extension://*:*", 0,
			`"*" as a port is for http and https only; write "chrome-extension://*"`,
			[]string{"chrome-extension://abc"}, nil,
		},
		{
			"chrome-extension://*", trusted | words,
			`with AllowCredentials, any app or extension with the scheme "chrome-extension" could act as your ` +
				"visitors; replace it with your own origins, or move it to DangerouslyAllowOrigins",
			nil, nil,
		},

		// Addresses.
		{
			"192.168.1.0/24", 0,
			"a range of IP addresses is not an origin; write `http://192\\.168\\.1\\.\\d+(:\\d+)?` in " +
				"AllowOriginRegexes",
			[]string{"http://192.168.1.7", "http://192.168.1.7:3000"}, []string{"http://192.168.2.7"},
		},
		{
			"10.0.0.0/8", 0,
			"a range of IP addresses is not an origin; write `http://10\\.\\d+\\.\\d+\\.\\d+(:\\d+)?` in " +
				"AllowOriginRegexes",
			[]string{"http://10.1.2.3"}, []string{"http://11.1.2.3"},
		},
		{
			"172.16.0.0/12", words,
			"a range of IP addresses is not an origin; " +
				"replace it with your own addresses",
			nil, nil,
		},
		{
			"https://192.168.1.0/24", 0,
			"a range of IP addresses is not an origin; write `https://192\\.168\\.1\\.\\d+(:\\d+)?` in " +
				"AllowOriginRegexes",
			[]string{"https://192.168.1.7"}, []string{"http://192.168.1.7"},
		},
		{
			"192.168.1.5/32", 0,
			`a range of IP addresses is not an origin; write "http://192.168.1.5"`,
			[]string{"http://192.168.1.5"}, nil,
		},
		{
			"http://192.168.1.*", 0,
			"a range of IP addresses is not an origin; write `http://192\\.168\\.1\\.\\d+` in " +
				"AllowOriginRegexes",
			[]string{"http://192.168.1.7"}, []string{"http://192.168.1.7:3000", "http://192.168.2.7"},
		},
		{
			"http://192.168.*.*:3000", 0,
			"a range of IP addresses is not an origin; write `http://192\\.168\\.\\d+\\.\\d+:3000` in " +
				"AllowOriginRegexes",
			[]string{"http://192.168.1.7:3000"}, []string{"http://192.168.1.7"},
		},
		{
			"192.168.1.*", 0,
			"a range of IP addresses is not an origin; write `http://192\\.168\\.1\\.\\d+` in " +
				"AllowOriginRegexes",
			[]string{"http://192.168.1.7"}, nil,
		},
		{
			"http://192.168.1.*", trusted | words,
			"a range of IP addresses is not an origin; write `http://192\\.168\\.1\\.\\d+` in " +
				"DangerouslyAllowOriginRegexes",
			nil, nil,
		},
		{"192.168.1.1-192.168.1.9", words, "a range of IP addresses is not an origin; replace it with your " +
			"own addresses", nil, nil},
		{"fd00::/8", words, "a range of IP addresses is not an origin; replace it with your own addresses", nil, nil},
		{
			"http://::1:8080", 0,
			`an IPv6 address must be in brackets; write "http://[::1]:8080"`,
			[]string{"http://[::1]:8080"}, nil,
		},
		{
			"http://2001:db8::1", 0,
			`an IPv6 address must be in brackets; write "http://[2001:db8::1]"`,
			[]string{"http://[2001:db8::1]"}, nil,
		},
		{
			"http://[fe80::1%eth0]:3000", 0,
			`browsers do not support zones in IPv6 addresses; write "http://[fe80::1]:3000"`,
			[]string{"http://[fe80::1]:3000"}, nil,
		},
		{"http://[::1", 0, `an IPv6 address must be in brackets; write "http://[::1]"`, []string{"http://[::1]"}, nil},
		{
			"http://[127.0.0.1]:3000", 0,
			`brackets are for IPv6 addresses only; write "http://127.0.0.1:3000"`,
			[]string{"http://127.0.0.1:3000"}, nil,
		},
		{
			"http://127.1:3000", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"http://2130706433:3000", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"http://0x7f.0.0.1:3000", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"http://0177.0.0.1:3000", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"http://1.2.3.4.5", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"http://256.0.0.1", words,
			`an IPv4 address must be four decimal numbers from 0 to 255; write the address of the server, ` +
				`such as "https://192.0.2.1"`,
			nil, nil,
		},
		{
			"http://*.127.0.0.1", 0,
			`an IP address has no subdomains; write "http://127.0.0.1"`,
			[]string{"http://127.0.0.1"}, nil,
		},

		// Hosts.
		{
			"https://example.com.", 0,
			`a host does not end with a dot; write "https://example.com"`,
			[]string{"https://example.com"}, []string{"https://example.com."},
		},
		{
			"https://a..example.com", 0,
			`a host must not have two dots in a row; write "https://a.example.com"`,
			[]string{"https://a.example.com"}, nil,
		},
		{
			"https://exa%6dple.com", words,
			`a host cannot contain '%'; copy the host from the address bar`,
			nil, nil,
		},
		{
			"https://my–app.example.com", 0,
			`this dash is not a hyphen; write "https://my-app.example.com"`,
			[]string{"https://my-app.example.com"}, nil,
		},
		{
			"https://xn--f.example", words,
			`a label that begins with "xn--" must be valid Punycode, and this one is not; write the domain ` +
				"in Unicode",
			nil, nil,
		},
		{
			"https://xn--a.example", words,
			`a label that begins with "xn--" must be valid Punycode, and this one is not; write the domain ` +
				"in Unicode",
			nil, nil,
		},
		{
			"https://exa!mple.com", words,
			"a host cannot contain '!'; copy the host from the address " +
				"bar",
			nil, nil,
		},
		{
			"https://a\u094d\u200d.\u094d.example", words,
			"this is not a valid internationalized domain name; correct the domain",
			nil, nil,
		},
		{
			"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", words,
			"a label of a host must not be longer than 63 characters; correct the host",
			nil, nil,
		},

		// Other parts of a URL.
		{
			"https://example.com/", 0,
			`an origin has no path; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"http://app.example.com/", 0,
			`an origin has no path; write "http://app.example.com"`,
			[]string{"http://app.example.com"}, nil,
		},
		{
			"http://app.example.com/", trusted,
			`an origin has no path; write "https://app.example.com"`,
			[]string{"https://app.example.com"}, []string{"http://app.example.com"},
		},
		{
			"https://example.com?x", 0,
			`an origin has no query; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://example.com#x", 0,
			`an origin has no fragment; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			`https://example.com\`, 0,
			`an origin has no path; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			"https://user:pw@example.com:8443", 0,
			`an origin has no user name or password; write "https://example.com:8443"`,
			[]string{"https://example.com:8443"}, nil,
		},
		{
			"chrome-extension://abc/", 0,
			`an origin has no path; write "chrome-extension://abc"`,
			[]string{"chrome-extension://abc"}, nil,
		},
		{
			"capacitor://localhost/", 0,
			`an origin has no path; write "capacitor://localhost"`,
			[]string{"capacitor://localhost"}, nil,
		},
		{"file:///x", 0, `the origin of a file has no path; write "file://"`, []string{"file://"}, nil},
		{"file:///x", trusted, "the origin of a file has no path; remove it", nil, []string{"file://"}},

		// Regular expressions.
		{
			`^https://example\.com$`, 0,
			`this looks like a regular expression; write "https://example.com"`,
			[]string{"https://example.com"}, []string{"https://examplexcom"},
		},
		{
			`/^https:\/\/example\.com$/`, 0,
			`this looks like a regular expression; write "https://example.com"`,
			[]string{"https://example.com"}, nil,
		},
		{
			`https://.*\.example\.com`, 0,
			`this looks like a regular expression; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, []string{"https://example.com"},
		},
		{
			`https://.*example\.com`, 0,
			`this looks like a regular expression; write "https://*.example.com" and "https://example.com"`,
			[]string{"https://a.example.com", "https://example.com"}, []string{"https://evilexample.com"},
		},
		{
			`.*\.example\.com`, 0,
			`this looks like a regular expression; write "https://*.example.com"`,
			[]string{"https://a.example.com"}, nil,
		},
		{
			"https://(app|admin).example.com", 0,
			"this looks like a regular expression; write `https://(app|admin)\\.example\\.com` in " +
				"AllowOriginRegexes",
			[]string{"https://app.example.com"}, []string{"https://appxexample.com", "https://x.example.com"},
		},
		{
			"https://(app|admin).example.com", trusted,
			"this looks like a regular expression; write `https://(app|admin)\\.example\\.com` in " +
				"AllowOriginRegexes",
			[]string{"https://app.example.com"}, []string{"https://appxexample.com"},
		},
		{
			`https://(www\.)?example\.com`, 0,
			"this looks like a regular expression; move it to AllowOriginRegexes",
			[]string{"https://www.example.com", "https://example.com"}, []string{"https://a.example.com"},
		},
		{
			"https://[a-z]+.example.com", 0,
			"this looks like a regular expression; write `https://[a-z]+\\.example\\.com` in " +
				"AllowOriginRegexes",
			[]string{"https://a.example.com"}, []string{"https://axexample.com", "https://1.example.com"},
		},
		{
			`https://[a-z]{1,3}\.example\.com`, 0,
			"this looks like a regular expression; move it to AllowOriginRegexes",
			[]string{"https://abc.example.com"}, []string{"https://abcd.example.com"},
		},
		{
			`/^https:\/\/[a-z]+\.example\.com$/i`, 0,
			"this looks like a regular expression; write `^https:\\/\\/[a-z]+\\.example\\.com$` in " +
				"AllowOriginRegexes",
			[]string{"https://abc.example.com"}, []string{"https://abcd.example.org"},
		},
		{
			`^https?://([a-z0-9-]+\.)*example\.com$`, 0,
			"this looks like a regular expression; move it to AllowOriginRegexes",
			[]string{"https://example.com", "http://a.example.com"}, []string{"https://evilexample.com"},
		},
		{
			`^https?://([a-z0-9-]+\.)*example\.com$`, trusted,
			"this looks like a regular expression; write `https://([a-z0-9-]+\\.)*example\\.com$` in " +
				"AllowOriginRegexes",
			[]string{"https://example.com"}, []string{"https://evilexample.com"},
		},
		{
			"^(", words,
			"this looks like a regular expression; write an expression in AllowOriginRegexes that matches " +
				"the whole origin, such as `https://[a-z0-9-]+\\.example\\.com`",
			nil, nil,
		},
		// A wildcard under a public suffix is suggested only if the entry has it.
		{
			"https://a.*.com", words,
			`only the first label of a host may contain "*", and only once; replace it with your own origins`, nil, nil,
		},
		{"app.*.co.uk", words, `an origin begins with a scheme; replace it with your own origins`, nil, nil},
		{
			"*.*.com", trusted | words, `an origin begins with a scheme; replace it with your own origins`, nil, nil,
		},
		{
			"^https://.*\\.com", 0, `this looks like a regular expression; move it to AllowOriginRegexes`,
			[]string{"https://a.com", "https://a.b.com"}, []string{"https://a.org"},
		},
		{
			"^https://.*\\.com", trusted | words,
			"this looks like a regular expression; write an expression in AllowOriginRegexes that matches the whole " +
				"origin, such as `https://[a-z0-9-]+\\.example\\.com`",
			nil, nil,
		},
		{
			"*.com", 0, `an origin begins with a scheme; write "https://*.com"`,
			[]string{"https://a.com"}, []string{"https://a.org"},
		},
		{
			"[https://a.example]", 0, `there are brackets around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		// "*" also allows http and null.
		{
			"https://*.*", 0, "\"*\" needs a domain after it; write `https://.*` in AllowOriginRegexes",
			[]string{"https://a.example"}, []string{"http://a.example", "null"},
		},
		{
			"http://.*", 0, "\"*\" needs a domain after it; write `http://.*` in AllowOriginRegexes",
			[]string{"http://a.example"}, []string{"https://a.example", "null"},
		},
		{"https://a%20b.com", words, `a host cannot contain '%'; copy the host from the address bar`, nil, nil},
		{
			"https://1.2.3", words, `an IPv4 address must be four decimal numbers from 0 to 255; write the address ` +
				`of the server, such as "https://192.0.2.1"`, nil, nil,
		},
		{
			"192.168.1.128/25", words,
			"a range of IP addresses is not an origin; replace it with your own addresses", nil, nil,
		},
		{
			"10.0.0.0/9", words, "a range of IP addresses is not an origin; replace it with your own addresses", nil, nil,
		},
		{
			"hhttps://a.example", 0, `the scheme of a website is https or http, not "hhttps"; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"httos://a.example", 0, `the scheme of a website is https or http, not "httos"; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},

		// Other text.
		{"/", words, "the scheme and the host are missing; replace it with your own origins", nil, nil},
		{"/api/*", words, "this is a path, not an origin; replace it with your own origins", nil, nil},
		{"./index.html", words, "this is a path, not an origin; replace it with your own origins", nil, nil},
		{`C:\www\index.html`, words, "this is a path, not an origin; replace it with your own origins", nil, nil},
		{"C:/www/index.html", words, "this is a path, not an origin; replace it with your own origins", nil, nil},
		{"# https://a.example", 0, "this is a comment, not an origin; remove it", nil, []string{"https://a.example"}},
		{"!https://a.example", 0, "an entry cannot exclude an origin; remove it", nil, []string{"https://a.example"}},
		{"#", 0, "this is a comment, not an origin; remove it", nil, nil},
		{"CHANGE_ME", words, "this is a placeholder; replace it with your own origins", nil, nil},
		{"allowed_origins:", 0, "there is no origin after the name; remove it", nil, nil},
		{"ORIGIN=", 0, "there is no origin after the name; remove it", nil, nil},
		{
			"@https://a.example", 0, `a scheme begins with a letter, and has only letters, digits, "+", "-" and "."; ` +
				`write "https://a.example"`, []string{"https://a.example"}, nil,
		},
		{
			"[app](https://a.example)", 0, `this is a link in Markdown; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"(https://a.example)", 0, `there are brackets around the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			`https://a.example\n`, 0, `there is a "\n" after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://a.examplehttps://b.example", 0, `an entry is one origin; write "https://a.example" and ` +
				`"https://b.example"`, []string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example&https://b.example", 0, `an entry is one origin; write "https://a.example" and ` +
				`"https://b.example"`, []string{"https://a.example", "https://b.example"}, nil,
		},
		{
			"https://a.example:81:82", 0, `an origin has only one port; write "https://a.example:81" and ` +
				`"https://a.example:82"`, []string{"https://a.example:81", "https://a.example:82"}, nil,
		},
		{
			"https://a.example:-1", 0, `a port must be a number from 1 to 65535; write "https://a.example"`,
			[]string{"https://a.example"}, []string{"https://a.example:81"},
		},
		{
			"https://app,a.example", words, "an origin has no comma or semicolon; write a dot instead, or one entry for " +
				"each origin", nil, nil,
		},
		{
			"https://a.example.com.*", words, `"*" cannot replace the end of a domain, because anyone could register a ` +
				`matching one; replace it with your own domains, as in "https://a.example.com"`, nil, nil,
		},
		{
			"https://a.example (production)", 0, `there is a comment after the value; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{"url: *", 0, `there is a name before the origin; write "*"`, []string{"https://a.example"}, nil},
		{`{"origin": "https://a.example"}`, words, "this is an object, not an origin; replace it with your own origins",
			nil, nil},
		{"https://www?.example.com", words, `"?" is not a wildcard; replace it with your own origins`, nil, nil},
		{"http://localhost:3???", words, `"?" is not a wildcard; replace it with your own origins`, nil, nil},
		{"https://%s.example.com", words, "this contains a variable that was not replaced; write its value", nil, nil},
		{"https://:tenant.example.com", words, "this contains a variable that was not replaced; write its value", nil, nil},
		{
			"http://192.168.1.x:3000", 0, "a range of IP addresses is not an origin; write " +
				"`http://192\\.168\\.1\\.\\d+:3000` in AllowOriginRegexes", []string{"http://192.168.1.7:3000"}, nil,
		},
		{
			"http://192.168.1.1-254", words, "a range of IP addresses is not an origin; replace it with your own addresses",
			nil, nil,
		},
		{
			"http://localhost:[3000-3010]", 0, `a port must be a number from 1 to 65535, or "*" for any port; write ` +
				`"http://localhost:*"`, []string{"http://localhost:3005"}, nil,
		},
		{
			"http://localhost:3xxx", 0, `a port must be a number from 1 to 65535, or "*" for any port; write ` +
				`"http://localhost:*"`, []string{"http://localhost:3005"}, nil,
		},
		{
			"https://a.example: 8443", 0, `an origin cannot contain white space; write "https://a.example:8443"`,
			[]string{"https://a.example:8443"}, []string{"https://a.example"},
		},
		{
			"https-//a.example", 0, `a scheme is followed by "://"; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"https://https//a.example", 0, `an origin has only one scheme; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"http://https:a.example", 0, `an origin has only one scheme; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{
			"hxxps://a.example", 0, `the scheme of a website is https or http, not "hxxps"; write "https://a.example"`,
			[]string{"https://a.example"}, nil,
		},
		{"ssh://a.example", 0, `the scheme of a website is https or http, not "ssh"; remove it`, nil, nil},
		{"postgres://u:p@db:5432/x", 0, `the scheme of a website is https or http, not "postgres"; remove it`, nil, nil},
	} {
		name := tt.entry
		if tt.flags&trusted != 0 {
			name += " with credentials"
		}
		t.Run(name, func(t *testing.T) {
			cfg := core.Config{
				AllowOrigins: []string{tt.entry, "https://other.example"}, AllowCredentials: tt.flags&trusted != 0,
			}
			_, err := core.New(cfg)
			problems := slices.Collect(core.Problems(err))
			if len(problems) != 1 {
				t.Fatalf("got %d problems, want 1: %v", len(problems), err)
			}
			e := problems[0]
			if got := e.Rule + "; " + e.Fix; got != tt.want {
				t.Fatalf("got  %s\nwant %s", got, tt.want)
			}
			fixed, ok := applyFix(cfg, e)
			if !ok && tt.flags&words == 0 {
				t.Fatalf("the fix cannot be applied: %s", e.Fix)
			}
			for _, cfg := range fixed {
				policy, err := core.New(cfg)
				if err != nil {
					t.Errorf("after the fix: %v", err)
					continue
				}
				for _, origin := range tt.allows {
					if !allowsOrigin(policy, origin) {
						t.Errorf("after the fix %s, %q is refused, want it allowed", e.Fix, origin)
					}
				}
				for _, origin := range tt.refuses {
					if allowsOrigin(policy, origin) {
						t.Errorf("after the fix %s, %q is allowed, want it refused", e.Fix, origin)
					}
				}
			}
		})
	}
}

// TestAppSchemes: a scheme that contains http may be that of an app.
func TestAppSchemes(t *testing.T) {
	for _, entry := range []string{"httpx://localhost", "xhttps://localhost", "httpd://app", "shttp://app"} {
		policy := mustNew(t, origins(entry))
		if !allowsOrigin(policy, entry) {
			t.Errorf("%q is refused, want it allowed", entry)
		}
	}
}

// TestFixesOfTrustedOriginEntries: CSRFConfig has neither expressions nor a list of risky origins,
// so no fix mentions these.
func TestFixesOfTrustedOriginEntries(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{"http://app.example.com/", `an origin has no path; write "https://app.example.com"`},
		{"localhost:3000", `an origin begins with a scheme; write "http://localhost:3000"`},
		{"wss://a.example", `the scheme of a website is https or http, not "wss"; write "https://a.example"`},
		{"http(s)://a.example", `an entry cannot stand for two schemes; write "https://a.example"`},
		{"https://a.example,b.example", `an entry is one origin; write "https://a.example" and "https://b.example"`},
		{
			"https://foo.*.example.com",
			`only the first label of a host may contain "*", and only once; write "https://*.example.com"`,
		},
		{`^https://example\.com$`, `this looks like a regular expression; write "https://example.com"`},
		{`https://(a|b)\.example\.com`, `this looks like a regular expression; replace it with your own origins`},
		{`^https?://(a|b)\.example\.com`, `this looks like a regular expression; replace it with your own origins`},
		{"192.168.1.0/24", `a range of IP addresses is not an origin; replace it with your own addresses`},
		{"https://*", `"*" needs a domain after it; write your domain after it, as in "https://*.example.com"`},
		{"https://*.github.io/", `an origin has no path; replace it with your own origins`},
		{"chrome-extension://*/", `an origin has no path; replace it with your own origins`},
		{
			"chrome-extension://*", `any app or extension with the scheme "chrome-extension" could act as your ` +
				`visitors; replace it with your own origins`,
		},
		{"file:///x", `the origin of a file has no path; remove it`},
		{"NULL", `this looks like a value that was not set; remove it`},
	} {
		_, err := core.NewCSRFProtection(core.CSRFConfig{TrustedOrigins: []string{tt.entry}})
		problems := slices.Collect(core.Problems(err))
		if len(problems) != 1 {
			t.Errorf("%s: got %d problems, want 1: %v", tt.entry, len(problems), err)
		} else if got := problems[0].Rule + "; " + problems[0].Fix; got != tt.want {
			t.Errorf("%s: got  %s\nwant %s", tt.entry, got, tt.want)
		}
	}
}

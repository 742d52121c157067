package core_test

import (
	"slices"
	"testing"

	"github.com/polycors/cors/core"
)

// regexFix is an expression with a mistake.
type regexFix struct {
	expr    string
	fix     string
	allows  []string // origins that are allowed after the fix
	refuses []string // origins that are not
}

// testRegexFixes applies the fixes, each in a Config that has a valid entry too.
func testRegexFixes(t *testing.T, credentials bool, tests []regexFix) {
	t.Helper()
	var all []fixTest
	for _, tt := range tests {
		cfg := core.Config{
			AllowOrigins:       []string{"https://other.example"},
			AllowOriginRegexes: []string{tt.expr},
			AllowCredentials:   credentials,
		}
		all = append(all, fixTest{cfg: cfg, fix: tt.fix, allows: tt.allows, refuses: tt.refuses})
	}
	testFixes(t, all)
}

func sites(origins ...string) []string { return origins }

const (
	appCom  = "https://app.example.com"
	xAppCom = "https://appxexample.com"
	adminCo = "https://admin.example.com"
)

// deadRegexes are expressions that match no origin. Their fixes are the same with credentials.
var deadRegexes = []regexFix{
	// Quotes of a programming language.
	{`r"^https://app\.example\.com$"`, "write `^https://app\\.example\\.com$`", sites(appCom), sites(xAppCom)},
	{`r'https://.*\.example\.com'`, "write `https://.*\\.example\\.com`", sites(appCom), sites("https://xexample.com")},
	{`rb"https://app\.example\.com"`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`"https://app\.example\.com"`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`'https://app\.example\.com'`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{"`https://app\\.example\\.com`", "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`"https://app\\.example\\.com"`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`/^https:\/\/app\.example\.com$/`, "write `^https:\\/\\/app\\.example\\.com$`", sites(appCom), sites(xAppCom)},
	{`/^https:\/\/App\.example\.com$/i`, "write `^https:\\/\\/app\\.example\\.com$`", sites(appCom), sites(xAppCom)},
	{`/^https:\/\/[A-Z0-9-]+\.example\.com$/i`, "write `^https:\\/\\/[a-z0-9-]+\\.example\\.com$`", sites(appCom),
		sites("https://a.b.example.com")},
	{`/https:\/\/.*\.example\.com/gi`, "write `https:\\/\\/.*\\.example\\.com`", sites(appCom),
		sites("https://example.com")},
	{` https://app\.example\.com `, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https://app\.example\.com,`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https://app\.example\.com;`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	// Backslashes.
	{`https://app\\.example\\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`^https://[a-z]+\\.example\\.com$`, "write `^https://[a-z]+\\.example\\.com$`", sites(appCom),
		sites("https://a.b.example.com")},
	{`https:\\/\\/app\\.example\\.com`, "write `https:\\/\\/app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https://app\.example\.com\Z`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	// Paths.
	{`https://app\.example\.com/`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`^https://app\.example\.com/$`, "write `^https://app\\.example\\.com`", sites(appCom), sites(appCom + ".evil.com")},
	{`https://app\.example\.com/.*`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https://app\.example\.com(/.*)`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https:\/\/app\.example\.com\/`, "write `https:\\/\\/app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https://[a-z]+\.example\.com/api`, "write `https://[a-z]+\\.example\\.com`", sites(appCom),
		sites("https://example.com")},
	{`https://(app|admin)\.example\.com/`, "write `https://(app|admin)\\.example\\.com`", sites(appCom, adminCo), nil},
	{`https://(app\.example\.com|admin\.example\.com)/.*`, "write `https://(app\\.example\\.com|admin\\.example\\.com)`",
		sites(appCom, adminCo), sites("https://example.com")},
	{`http://localhost:\d+/`, "write `http://localhost:\\d+`", sites("http://localhost:3000"), sites("http://localhost")},
	{`https://app\.example\.com:8443/x/y`, "write `https://app\\.example\\.com:8443`", sites(appCom + ":8443"),
		sites(appCom)},
	// Capital letters.
	{`https://App\.Example\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`HTTPS://.*\.example\.com`, "write `https://.*\\.example\\.com`", sites(appCom), sites("https://xexample.com")},
	{`https://[A-Z]+\.example\.com`, "write `https://[a-z]+\\.example\\.com`", sites(appCom),
		sites("https://a.b.example.com")},
	{`https://(App|admin)\.example\.com`, "write `https://(app|admin)\\.example\\.com`", sites(appCom, adminCo), nil},
	{`https://App-\d+\.example\.com`, "write `https://app-\\d+\\.example\\.com`",
		sites("https://app-1.example.com"), nil},
	{`https://APP\.example\.com/`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https://(?P<Name>App)\.example\.com`, "write `https://(?P<name>app)\\.example\\.com`", sites(appCom), nil},
	// Ports.
	{`https://app\.example\.com:443`, "write `https://app\\.example\\.com`", sites(appCom), sites(appCom + ":8443")},
	{`https://app\.example\.com:443$`, "write `https://app\\.example\\.com$`", sites(appCom), sites(appCom + ":8443")},
	{`https://.*\.example\.com:443`, "write `https://.*\\.example\\.com`", sites(appCom), sites("https://example.com")},
	{`https://app\.example\.com(:443)`, "write `https://app\\.example\\.com`", sites(appCom), sites(appCom + ":8443")},
	{`http://localhost:80`, "write `http://localhost`", sites("http://localhost"), sites("http://localhost:8080")},
	{`http://[a-z]+\.localhost:80`, "write `http://[a-z]+\\.localhost`", sites("http://a.localhost"), nil},
	// Schemes.
	{`app\.example\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`^app\.example\.com$`, "write `https://app\\.example\\.com$`", sites(appCom), sites(xAppCom)},
	{`.*\.example\.com`, "write `https://.*\\.example\\.com`", sites(appCom), sites("http://app.example.com")},
	{`^.*\.example\.com$`, "write `https://.*\\.example\\.com$`", sites(appCom), sites("http://app.example.com")},
	{`(.*\.)?example\.com`, "write `https://(.*\\.)?example\\.com`", sites(appCom), sites("https://xexample.com")},
	{`\w+\.example\.com`, "write `https://\\w+\\.example\\.com`", sites(appCom), sites("https://a.b.example.com")},
	{`(app|admin)\.example\.com`, "write `https://(app|admin)\\.example\\.com`", sites(appCom, adminCo), nil},
	{`app\.example\.com|admin\.example\.com`, "write `https://app\\.example\\.com|https://admin\\.example\\.com`",
		sites(appCom, adminCo), sites("https://example.com")},
	{`https://app\.example\.com|admin\.example\.com`, "write `https://app\\.example\\.com|https://admin\\.example\\.com`",
		sites(appCom, adminCo), sites("https://example.com")},
	{`//app\.example\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https:/app\.example\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`https:app\.example\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	{`\.example\.com$`, "write `https://.*\\.example\\.com$`", sites(appCom), sites("https://example.com")},
	{`.example.com`, "write `https://.*\\.example\\.com`", sites(appCom), sites("https://xexample.com")},
	{`https://\.example\.com`, "write `https://.*\\.example\\.com`", sites(appCom), sites("https://example.com")},
	{`localhost(:\d+)?`, "write `http://localhost(:\\d+)?`", sites("http://localhost:3000"), sites("https://localhost")},
	{`localhost:3000`, "write `http://localhost:3000`", sites("http://localhost:3000"), sites("http://localhost")},
	{`wss://app\.example\.com`, "write `https://app\\.example\\.com`", sites(appCom), sites(xAppCom)},
	// Lists.
	{`https://app\.example\.com,https://admin\.example\.com`, "write `https://app\\.example\\.com` and " +
		"`https://admin\\.example\\.com`", sites(appCom, adminCo), nil},
	{`https://a\.example https://b\.example https://c\.example`, "write `https://a\\.example`, `https://b\\.example` " +
		"and `https://c\\.example`", sites("https://a.example", "https://b.example", "https://c.example"), nil},
	{`https://a\.example/|https://b\.example`, "write `https://a\\.example|https://b\\.example`",
		sites("https://a.example", "https://b.example"), nil},
	// Wildcards.
	{`https://*.example.com`, `write "https://*.example.com" in AllowOrigins`, sites(appCom),
		sites("https://xexample.com")},
	{`^https://*.example.com$`, `write "https://*.example.com" in AllowOrigins`, sites(appCom),
		sites("https://xexample.com")},
	{`https://*.example.com:8443`, `write "https://*.example.com:8443" in AllowOrigins`, sites(appCom + ":8443"),
		sites(appCom)},
	{`https://*.example.com/`, `write "https://*.example.com" in AllowOrigins`, sites(appCom), nil},
	{`*.example.com`, `write "https://*.example.com" in AllowOrigins`, sites(appCom), sites("https://xexample.com")},
	{`https://\*.example.com`, `write "https://*.example.com" in AllowOrigins`, sites(appCom), nil},
	{`https://\*\.example\.com`, `write "https://*.example.com" in AllowOrigins`, sites(appCom), nil},
	{`https://*-app.example.com`, `write "https://*-app.example.com" in AllowOrigins`,
		sites("https://x-app.example.com"), nil},
	{`https://example\.com:*`, `write "https://example.com:*" in AllowOrigins`, sites("https://example.com:81"), nil},
	{`http://Localhost:*`, `write "http://localhost:*" in AllowOrigins`, sites("http://localhost:3000"), nil},
	{`https://*.example.com(:\d+)?`, "write `https://.*\\.example\\.com(:\\d+)?`", sites(appCom, appCom+":81"),
		sites("https://xexample.com")},
	{``, "remove it", nil, sites(appCom)},
}

func TestFixesOfDeadRegexes(t *testing.T) {
	testRegexFixes(t, false, deadRegexes)
	testRegexFixes(t, true, deadRegexes)
	testRegexFixes(t, false, []regexFix{
		{`^null$`, `write "null" in AllowOrigins`, sites("null"), nil},
		{`file://.*`, `write "file://" in AllowOrigins`, sites("file://"), nil},
		{`https://*`, "write `https://.*`", sites(appCom, "https://evil.com"), sites("http://evil.com")},
		{`*`, `write "*" in AllowOrigins`, sites(appCom, "https://evil.com"), nil},
		{`https?://*.example.com`, `write "https://*.example.com" and "http://*.example.com" in AllowOrigins`,
			sites(appCom, "http://app.example.com"), nil},
		{`*://example.com`, `write "https://example.com" and "http://example.com" in AllowOrigins`,
			sites("https://example.com", "http://example.com"), nil},
		{`.*example\.com`, "write `https://.*example\\.com`", sites(appCom), sites("http://app.example.com")},
		{`https?://app\.example\.com/`, "write `https?://app\\.example\\.com`", sites(appCom,
			"http://app.example.com"), nil},
		{`ws://app\.example\.com`, "write `http://app\\.example\\.com`", sites("http://app.example.com"), nil},
	})
	testRegexFixes(t, true, []regexFix{
		{`^null$`, `remove it`, nil, sites("null")},
		{`file://.*`, `remove it`, nil, sites("file://")},
		{`https?://*.example.com`, `write "https://*.example.com" in AllowOrigins`, sites(appCom), nil},
		{`http://*.example.com`, `write "https://*.example.com" in AllowOrigins, or write "http://*.example.com" in ` +
			`DangerouslyAllowOrigins`, nil, sites("https://xexample.com")},
		{`https://*.github.io`, `write "https://*.github.io" in DangerouslyAllowOrigins`,
			sites("https://a.github.io"), nil},
		{`.*example\.com`, "write `https://(.*\\.)?example\\.com`", sites(appCom), sites("https://xexample.com")},
		{`https?://app.example.com/`, "write `https://app\\.example\\.com`", sites(appCom),
			sites("http://app.example.com", xAppCom)},
	})
}

const orMove = ", or move it to DangerouslyAllowOriginRegexes"

func TestFixesOfRiskyRegexes(t *testing.T) {
	if got := len(deadRegexes); got < 60 {
		t.Errorf("got %d expressions that match no origin, want 60", got)
	}
	testRegexFixes(t, true, []regexFix{
		{`https://app.example.com`, "write `https://app\\.example\\.com`" + orMove, sites(appCom), nil},
		{`^https://app.example.com$`, "write `^https://app\\.example\\.com$`" + orMove, sites(appCom), nil},
		{`https://.*example\.com`, "write `https://(.*\\.)?example\\.com`" + orMove, sites(appCom), nil},
		{`https://.*example.com`, "write `https://(.*\\.)?example\\.com`" + orMove, sites(appCom), nil},
		{`https://(.*)example\.co\.uk`, "write `https://(.*\\.)?example\\.co\\.uk`" + orMove,
			sites("https://app.example.co.uk"), nil},
		{`https://[a-z0-9-]+example\.com`, "write `https://(.*\\.)?example\\.com`" + orMove, nil,
			sites("https://evil.com")},
		{`https?://app\.example\.com(:\d+)?`, "write `https://app\\.example\\.com(:\\d+)?`" + orMove,
			sites(appCom), nil},
		{`https?://.*example.com`, "write `https://(.*\\.)?example\\.com`" + orMove, sites(appCom), nil},
		{`^http://app\.example\.com$`, "write `https://app\\.example\\.com$`" + orMove, nil, sites(xAppCom)},
		{`(http|https)://app\.example\.com`, "write `https://app\\.example\\.com`" + orMove, sites(appCom), nil},
		{`http(s)?://app\.example\.com`, "write `https://app\\.example\\.com`" + orMove, sites(appCom), nil},
		{`.*://app\.example\.com`, "write `https://app\\.example\\.com`" + orMove, sites(appCom), nil},
	})
}

// TestFixesInOtherWords: what the author meant is unknown, or cannot be written as one entry.
func TestFixesInOtherWords(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{`https://acme?\.de`, `cors: AllowOriginRegexes[0]: "https://acme?\\.de": this expression matches ` +
			`"https://acm.de", which ` +
			`anyone can register, and with AllowCredentials that website could act as your visitors; spell out ` +
			"your domain after an escaped dot, as in `https://[a-z0-9-]+\\.example\\.com`" + orMove},
		{`https://acme[12]\.de`, `cors: AllowOriginRegexes[0]: "https://acme[12]\\.de": this expression matches ` +
			`"https://acme1.de", which ` +
			`anyone can register, and with AllowCredentials that website could act as your visitors; spell out ` +
			"your domain after an escaped dot, as in `https://[a-z0-9-]+\\.example\\.com`" + orMove},
		{`https://acme[a-d]\.de`, `cors: AllowOriginRegexes[0]: "https://acme[a-d]\\.de": this expression matches ` +
			`"https://acmea.de", which ` +
			`anyone can register, and with AllowCredentials that website could act as your visitors; spell out ` +
			"your domain after an escaped dot, as in `https://[a-z0-9-]+\\.example\\.com`" + orMove},
		{`https://*`, `cors: AllowOriginRegexes[0]: "https://*": this is a wildcard, not an expression; write an ` +
			"expression for whole origins, such as `https://[a-z0-9-]+\\.example\\.com`"},
		{`*`, `cors: AllowOriginRegexes[0]: "*": this is a wildcard, not an expression; write your own ` +
			`origins in AllowOrigins`},
		{`https://app\.example\.com|null`, `cors: AllowOriginRegexes[0]: "https://app\\.example\\.com|null": null is ` +
			"allowed only by its own name, not by an expression; write an expression for whole origins, such as " +
			"`https://[a-z0-9-]+\\.example\\.com`"},
		{`https://app\.example\.com:99999`, `cors: AllowOriginRegexes[0]: "https://app\\.example\\.com:99999": this ` +
			"matches no origin; an origin is a scheme, a host and an optional port, in lower case, without a path; write an " +
			"expression for whole origins, such as `https://[a-z0-9-]+\\.example\\.com`"},
	} {
		_, err := core.New(core.Config{AllowOriginRegexes: []string{tt.expr}, AllowCredentials: true})
		if err == nil || err.Error() != tt.want {
			t.Errorf("got\n%v\nwant\n%s", err, tt.want)
		}
	}
}

// TestRulesOfDeadRegexes compares what is wrong with the expressions.
func TestRulesOfDeadRegexes(t *testing.T) {
	for _, tt := range []struct{ expr, rule string }{
		{`^null$`, "null is allowed only by its own name, not by an expression"},
		{`file://.*`, "file:// is allowed only by its own name, not by an expression"},
		{`https://app\\.example\\.com`, "a backslash is doubled"},
		{`r"https://app\.example\.com"`, `r"…" is how Python quotes an expression`},
		{`/https:\/\/app\.example\.com/i`, `"/…/" is JavaScript syntax`},
		{`'https://app\.example\.com'`, "there are quotes around the value"},
		{` https://app\.example\.com`, "there is white space before or after the value"},
		{`https://app\.example\.com,`, "the expression ends with a comma or semicolon"},
		{`https://app\.example\.com/`, "an origin has no path, and no slash at its end"},
		{`https://App\.example\.com`, "origins are in lower case"},
		{`https://.*\.example\.com:443`, "browsers leave out the default port of a scheme"},
		{`.*\.example\.com`, "the scheme is missing"},
		{`https:app\.example\.com`, `a scheme is followed by "://"`},
		{`wss://app\.example\.com`, "a website's origin begins with https:// or http://"},
		{`https://\.example\.com`, "there is nothing before the first dot"},
		{`https://app\.example\.com\Z`, `"\Z" is not needed, because the whole origin must match`},
		{`https://*.example.com`, "this is a wildcard, not an expression"},
		{`https://a\.example,https://b\.example`, "an entry is one expression"},
	} {
		_, err := core.New(core.Config{AllowOriginRegexes: []string{tt.expr}})
		problems := slices.Collect(core.Problems(err))
		if len(problems) != 1 || problems[0].Rule != tt.rule {
			t.Errorf("%s: got %v, want %s", tt.expr, err, tt.rule)
		}
	}
	// These are not mistakes.
	for _, expr := range []string{
		`.*`, `https://app.example.com`, `https://app\.example\.com/?`, `https://app\.example\.com(/.*)?`,
		`(?i)https://App\.example\.com`, `https?://.*`, `https:\/\/app\.example\.com`, `\Qhttps://app.example.com`,
		`https://app\.example\.com(:443)?`, `https?://app\.example\.com:443`, `capacitor://localhost`,
		`.*://app\.example\.com`, `[a-z]+://app\.example\.com`, `https:/{2}app\.example\.com`,
		`https:[/]{2}app\.example\.com`,
		`https:(//)app\.example\.com`, `https://[A-Za-z]+\.example\.com`, `https://(a|b|)\.?example\.com`,
		`https://a\.example|https://b\.example`, `^https://a\.example$|^https://b\.example$`, `https://[^,;]+\.example`,
		`https://\S+\.example`, `https://\D\.example`,
	} {
		mustNew(t, core.Config{AllowOriginRegexes: []string{expr}})
	}
}

package regex

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/suffixlist"
)

var full = flag.Bool("full", false, "judge every generated expression and try every public suffix")

// sampled returns n, or a tenth of it unless -full is set.
func sampled(n int) int {
	if *full {
		return n
	}
	return n / 10
}

func mustParse(t testing.TB, text string) *Expr {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

// safe are expressions that may be used together with credentials.
var safe = []string{
	// One host.
	`https://acme\.de`, `https://app\.acme\.de`, `https://acme\.pages\.dev`, `https://acme\.co\.uk`, `^https://acme\.de$`,
	`\Ahttps://acme\.de\z`, `(?i)https://ACME\.de`, `https:\/\/acme\.de`, `\Qhttps://acme.de\E`, `https://acme[.]de`,
	`https://acme\x2ede`, `(?:https://acme\.de)`, `(https://acme\.de)`, `(?P<origin>https://acme\.de)`,
	`https://pages\.dev`,
	`https://intranet`, `https://192\.168\.0\.1`, `https://\[2001:db8::1\]`, `https://acme\.de:8443`,
	`https://xn--bcher-kva\.de`,
	// Ports.
	`https://acme\.de(:\d+)?`, `https://acme\.de:[0-9]{2,5}`, `https://acme\.de:.*`,
	`https://acme\.de(?::(?:80|443|8443))?`,
	`https://acme\.de:(3000|4200)`,
	// Alternatives.
	`https://(app|admin)\.acme\.co\.uk`, `https://(acme\.de|acme\.fr)`,
	`https://acme\.(de|com|fr|it|es|uk|ch|at|nl|be|se|dk)`,
	`https://(www\.)?acme\.de`, `https://(acme|beta|gamma)\.(de|com)`, `https://acme\.de|https://beta\.de`,
	`^https://acme\.de|https://beta\.de$`, `(https://acme|https://beta)\.de`, `https://(acme1|acme2)\.de`,
	`https://(acme-shop|acmeshop)\.de`, `https://acme(-staging|-dev)?\.pages\.dev`, `https://(dev-)?acme\.web\.app`,
	`https://(app|www)(\.|-)acme\.de`, `https://(a|b|c|d|e)corp\.de`, `https://acm[e]\.de`, `https://acme[.]de`,
	`https://(a|b)\.(com|net)`,
	`https://acme(\.co\.uk|\.de)`,
	`https://(app\.acme|acme-app)\.de`, `https://(acme|beta)\.pages\.dev`, `https://a{2}\.de`,
	`https://(ab){2}\.de`,
	// Subdomains.
	`https://.*\.acme\.de`, `https://.+\.acme\.de`, `https://[a-z]+\.acme\.de`, `https://[a-z0-9-]+\.acme\.de`,
	`https://\w+\.acme\.de`,
	`https://[^.]+\.acme\.de`, `https://[^/]+\.acme\.de/?`, `https://([a-z0-9-]+\.)*acme\.de`, `https://(.*\.)?acme\.de`,
	`https://(.+\.)?acme\.de(:\d+)?`, `https://(?:[^.]+\.)?acme\.de(?::\d+)?`,
	`https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*acme\.de`,
	`https://(?:[a-z0-9-]+\.){0,3}acme\.de`, `https://pr-\d+\.acme\.de`, `https://pr-\d+--app\.acme\.de`,
	`https://deploy-[0-9a-f]{8}\.acme\.de`,
	`https://.*app\.acme\.de`, `https://x\.acme\.de`, `https://[^\s]+\.acme\.de`, `https://.\.acme\.de`,
	`https://..\.acme\.de`, `https://\S+\.acme\.de`, `https://.*\.acme\.pages\.dev`, `https://[a-z]+\.acme\.co\.uk`,
	`https://[a-z]+\.acme\.foo\.sch\.uk`, `https://.*\.www\.ck`, `https://.*\.acme\.xx\.ck`,
	`https://.*\.acme\.(de|com|fr)(:[0-9]{1,5})?`,
	`https://[\d.]+\.acme\.de`, `https://([^/]*\.)?acme\.de`, `https://.*\.(acme\.de|beta\.fr)`,
	`https://.*\.corp\.internal`,
	`https://(.*\.)*acme\.de`, `https://(acme\.)+de`, `https://.*?\.acme\.de`, `https://(?i:[A-Z]+)\.acme\.de`,
	`https://[[:alnum:]]+\.acme\.de`,
	`https://\pL+\.acme\.de`, `https://(?:a|b|c|d|e|f|g)\.acme\.de`, `https://[a-z]{1,63}\.acme\.de`,
	`https://.*\.acme\.de(:.*)?`,
	`https://[a-z]+\.amazonaws\.com`, `https://.*s3\.example\.com`, `https://acme\.s3\.amazonaws\.com`,
	`https://.*\.acme\.s3\.amazonaws\.com`,
	// A public suffix is the host itself, and it is spelled out.
	`https://s3-us-west-2\.amazonaws\.com`, `https://blob\.core\.windows\.net(:\d+)?`,
	`https://s3-(us|eu)-west-(1|2)\.amazonaws\.com`, `https://(s3\.us-east-1|s3-us-west-2)\.amazonaws\.com`,
	`https://s3(\.|-)us-west-2\.amazonaws\.com`, `https://(s3-us-west-2|api-[a-z]+)\.amazonaws\.com`,
	`https://b[a-z]{2}\.core\.windows\.net`,
	// Lists of many domains.
	literals(200), literals(200) + `(:\d+)?`, `https://(.*\.)?` + literals(200)[len("https://"):],
	`https://(acme|beta|gamma|delta|shop24)\.(at|be|bg|ch|cz|de|dk|ee|es|fi|fr|gr|hu|ie|it|lt|lu|lv|nl|pl|pt|ro|se|si|sk)`,
	// A dot at the end of the host: no expression is asked about such an origin.
	`https://acme\.de\.`, `https://.*\.`, `https://(.*\.)*`, `.*\.`,
	`https://.*\.acme\.de\.?`, `https://acme\.de\.?(:\d+)?`, `https://acme\.de[.]?`,
	`http://(.*\.)?localhost\.?`,
	// Loopback.
	`http://localhost`, `http://localhost:\d+`, `http://localhost(:[0-9]+)?`, `https?://localhost(:\d+)?`,
	`http://127\.0\.0\.1(:\d+)?`,
	`http://127\.\d+\.\d+\.\d+`, `http://127(\.\d+){3}:\d+`, `http://\[::1\](:\d+)?`,
	`http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?`,
	`http://.*\.localhost`, `https?://[a-z]+\.localhost:3000`, `https://.*\.localhost(:\d+)?`, `http://(.*\.)?localhost`,
	`https://127\.0\.0\.\d{1,3}`,
	// Other schemes.
	`capacitor://localhost`, `ionic://localhost`, `chrome-extension://abcdefghijklmnopabcdefghijklmnop`,
	`(capacitor|ionic)://localhost`,
	`(https|capacitor)://localhost`, `tauri://localhost|https://acme\.de`,
	// Nothing matches these.
	`https://acme\.de/`, `HTTPS://.*`, `null`, `https://acme\.de$x`, `ftp:///.*`, `file://.*`,
}

// unsafe are expressions that match an origin which they should not.
var unsafe = []struct {
	kind  Kind
	expr  string
	match string // one of the origins; "" if no origin is found
}{
	// The label that one registers is open at its beginning.
	{Foreign, `https://.*acme\.de`, "https://xacme.de"}, {Foreign, `https://.*acme\.co`, "https://xacme.co"},
	{Foreign, `https://.*acme\.xyz`, "https://xacme.xyz"},
	{Foreign, `https://.*acme\.co\.uk`, "https://xacme.co.uk"},
	{Foreign, `https://.*acme\.agency`, "https://xacme.agency"},
	{Foreign, `https://.*acme\.co\.jp`, "https://xacme.co.jp"},
	{Foreign, `https://.*acme\.shop`, "https://xacme.shop"}, {Foreign, `https://.+acme\.de`, "https://xacme.de"},
	{Foreign, `https://\w*acme\.de`, "https://xacme.de"},
	{Foreign, `https://[^/]*acme\.de`, "https://xacme.de"}, {Foreign, `https://[a-z0-9.-]*acme\.de`, "https://xacme.de"},
	{Foreign, `https://(.*)acme\.de`, "https://xacme.de"},
	{Foreign, `https://.?acme\.de`, "https://xacme.de"}, {Foreign, `https://.{0,5}acme\.de`, "https://xacme.de"},
	{Foreign, `https://(.*\.?)acme\.de`, "https://xacme.de"},
	{Foreign, `https://(.*|www\.)acme\.de`, "https://xacme.de"}, {Foreign, `https://\S*acme\.de`, "https://xacme.de"},
	{Foreign, `https://app-[a-z]+\.de`, "https://app-x.de"},
	{Foreign, `https://acme-[0-9]+\.de`, "https://acme-1.de"}, {Foreign, `https://acme[0-9]\.de`, "https://acme1.de"},
	{Foreign, `https://acme[a-f]?\.de`, "https://acmea.de"},
	{Foreign, `https://a*corp\.de`, "https://aacorp.de"}, {Foreign, `https://(ab)+corp\.de`, "https://ababcorp.de"},
	{Foreign, `https://[ab][ab][ab]\.de`, ""},
	{Foreign, `https://.*\bacme\.de`, "https://y-acme.de"}, {Foreign, `(?i)https://.*ACME\.de`, "https://xacme.de"},
	{Foreign, `https://.*acme\.de(:\d+)?`, "https://xacme.de"},
	{Foreign, `https://.*acme\.de:8443`, "https://xacme.de:8443"},
	{Foreign, `https://acme\.de|https://.*beta\.de`, "https://xbeta.de"},
	{Foreign, `https://(acme|.*beta)\.de`, "https://xbeta.de"}, {Foreign, `https://(acme|[a-z]+)\.de`, "https://x.de"},
	{Foreign, `https://acme.*\.de`, "https://acmex.de"},
	{Foreign, `https://acme.+\.co\.uk`, "https://acmex.co.uk"},
	{Foreign, `https://acme\w*\.pages\.dev`, "https://acmex.pages.dev"},
	{Foreign, `https://[a-z]{3,6}\.com`, "https://kzx.com"},
	{Foreign, `https://\pL+\.de`, "https://x.de"},
	{Foreign, `https://[p-z]+\.de`, "https://x.de"}, {Foreign, `https://[^.]+\.de`, "https://x.de"},
	{Foreign, `https://[a-z]+\.[a-z]+\.de`, "https://q.x.de"},
	// Dots.
	{AnySuffix, `https://app.example.com`, "https://appxexample.com"}, {AnySuffix, `https://acme.de`, ""},
	{AnySuffix, `https://app\.acme.de`, ""},
	{Foreign, `https://app.acme\.de`, "https://appxacme.de"}, {Foreign, `https://app.?acme\.de`, "https://appxacme.de"},
	{Foreign, `https://app\.?acme\.de`, "https://appacme.de"},
	{Foreign, `https://(www\.?)?acme\.de`, "https://wwwacme.de"},
	{Foreign, `https://app\.*acme\.de`, "https://appacme.de"},
	{Foreign, `https://app[.-]acme\.de`, "https://app-acme.de"},

	{Foreign, `https://[a-z]+.acme\.de`, "https://xxacme.de"},
	{Foreign, `https://app.acme\.co\.uk`, "https://appxacme.co.uk"},
	{AnySuffix, `https://acme\.co.uk`, ""}, {Foreign, `https://[a-z]*\.?acme\.de`, "https://xacme.de"},
	{Foreign, `https://([a-z]+\.?)*acme\.de`, "https://xacme.de"},
	{Foreign, `https://.*[.]?acme\.de`, "https://xacme.de"}, {Foreign, `https://(.*\.|)?x*acme\.de`, ""},
	// Directly under a public suffix.
	{Foreign, `https://[a-z0-9-]+\.pages\.dev`, "https://x.pages.dev"},
	{Foreign, `https://[a-z0-9-]+\.web\.app`, "https://x.web.app"},
	{Foreign, `https://.*\.herokuapp\.com`, "https://x.herokuapp.com"},
	{Foreign, `https://.*\.fly\.dev`, "https://x.fly.dev"}, {Foreign, `https://.*\.workers\.dev`, "https://x.workers.dev"},
	{Foreign, `https://.*\.azurewebsites\.net`, "https://x.azurewebsites.net"},
	{Foreign, `https://.*\.cloudfront\.net`, "https://x.cloudfront.net"},
	{Foreign, `https://[a-z0-9-]+\.de`, "https://x.de"}, {Foreign, `https://.*\.cloud`, "https://x.cloud"},
	{Foreign, `https://pr-[0-9]+--acme\.netlify\.app`, "https://pr-1--acme.netlify.app"},
	{Foreign, `https://[a-z]+\.sch\.uk`, "https://x.sch.uk"},
	{Foreign, `https://[a-z]+\.acme\.sch\.uk`, "https://x.acme.sch.uk"}, {Foreign, `https://([a-z]+\.)*co\.uk`, ""},
	{Foreign, `https://(.*\.)?github\.io`, "https://x.github.io"},
	{Foreign, `https://.*\.(com|net)`, "https://x.com"},
	{Foreign, `https://(acme\.de|.*\.pages\.dev)`, "https://x.pages.dev"},
	{Foreign, `https://acme-[a-z]+\.vercel\.app`, "https://acme-x.vercel.app"},
	{Foreign, `https://.*\.internal`, ""},
	// Above public suffixes.
	{Foreign, `https://.*\.amazonaws\.com`, ""},
	{Foreign, `https://[a-z]+\.s3\.amazonaws\.com`, "https://x.s3.amazonaws.com"},
	{Foreign, `https://.*\.hedmark\.no`, ""},
	// A public suffix is the host itself.
	{Foreign, `https://[^.]+\.amazonaws\.com`, "https://s3-1.amazonaws.com"},
	{Foreign, `https://s3[^.]*\.amazonaws\.com`, "https://s3-1.amazonaws.com"},
	{Foreign, `https://s3-[a-z0-9-]+\.amazonaws\.com(:\d+)?`, "https://s3-1.amazonaws.com"},
	{Foreign, `https://s3.us-west-2.amazonaws\.com`, ""},
	{Foreign, `https://s3-(us-|eu-|west-|\d)+\.amazonaws\.com`, "https://s3-1.amazonaws.com"},
	{Foreign, `https://[a-z0-9]+\.eu-west-1\.amazonaws\.com`, "https://s3.eu-west-1.amazonaws.com"},
	{Foreign, `https://[a-z0-9-]+\.core\.windows\.net`, "https://blob.core.windows.net"},
	{Foreign, `https://b.*\.core\.windows\.net:8443`, "https://bx.blob.core.windows.net:8443"},
	{Foreign, `https?://[a-z]{4}\.core\.windows\.net`, "https://blob.core.windows.net"},
	{Foreign, `http://[a-z]{4}\.core\.windows\.net`, "http://blob.core.windows.net"},
	{Foreign, `https://r[^.]*\.cdn77\.net`, "https://r.cdn77.net"},
	{Foreign, `https://[a-z]*r\.cdn77\.net`, "https://r.cdn77.net"},
	{Foreign, `https://s3-us-west-2-?\.amazonaws\.com`, "https://s3-us-west-2.amazonaws.com"},
	{Foreign, `https://s3-(us|eu)-west-[12]\.amazonaws\.com`, ""},
	{Foreign, `https://s3[.-]us-west-2\.amazonaws\.com`, "https://s3-us-west-2.amazonaws.com"},
	// A class, or a character that is optional or repeated, in the domain.
	{Foreign, `https://acme[a-d]\.de`, "https://acmea.de"}, {Foreign, `https://acme[12]\.de`, "https://acme1.de"},
	{Foreign, `https://acme(x|[ab])\.de`, "https://acmea.de"}, {Foreign, `https://acme-?shop\.de`, "https://acmeshop.de"},
	{Foreign, `https://acme?\.de`, "https://acm.de"}, {Foreign, `https://example\.com?`, "https://example.co"},
	{Foreign, `https://acme(s)?\.de`, "https://acme.de"}, {Foreign, `https://acme[s-]?\.de`, ""},
	{Foreign, `https://a{1,3}corp\.de`, ""}, {Foreign, `https://acme(-x){1,2}\.de`, ""},
	{Foreign, `https://acme{0,1}\.de`, "https://acm.de"}, {Foreign, `https://acme+\.de`, "https://acmee.de"},
	{Foreign, `https://acme*\.de`, ""}, {Foreign, `https://(acme|[bB][eé]ta|gamm[ao])\.de`, ""},
	{Foreign, `https://(.*\.)?acme[.-]shop\.de`, "https://acme-shop.de"},
	{AnySuffix, `https://.*\.acme\.de.?`, "https://v.acme.dev"},
	{Foreign, `https://.*\.github\.io\.?`, "https://x.github.io"}, {Insecure, `http://acme\.localhost\.de\.?`, ""},
	// More names than a list has.
	{Foreign, `https://(a?b?c?d?e?f?g?h?i?j?k?)\.de`, ""}, {Foreign, `https://x{0,60}\.de`, ""},
	{Foreign, `https://a{1,63}\.de`, ""}, {Foreign, `https://x{0,60}\.pages\.dev`, ""},
	{Foreign, `https://a{1,63}\.de(:\d+)?`, ""}, {Foreign, `https://.*\.a{1,63}\.de`, ""},
	{Foreign, `https://` + pairs() + `{2}\.com`, ""}, {Foreign, `https://((ab|cd|ef|gh){1,10})corp\.de`, ""},
	// The top-level domain is open.
	{AnySuffix, `.*`, "https://y.xyz"}, {AnySuffix, `https://.*`, "https://y.xyz"},
	{AnySuffix, `https://.+`, "https://y.xyz"}, {AnySuffix, `https://example\.[a-z]+`, "https://example.xyz"},
	{AnySuffix, `https://example\.com.*`, "https://example.com.xyz"},
	{AnySuffix, `https://example\.com\.?.*`, "https://example.com.xyz"},
	{AnySuffix, `https://example\..*`, "https://example.xyz"},
	{AnySuffix, `https://[a-z0-9.-]+`, "https://y.xyz"}, {AnySuffix, `https://.*acme.*`, ""},
	{AnySuffix, `https://acme\.\w{2,3}`, "https://acme.xyz"}, {AnySuffix, `https://[^/]+`, "https://y.xyz"},
	{AnySuffix, `https://(acme\.de|.*)`, "https://y.xyz"}, {AnySuffix, `https://acme\.de.*:\d+`, ""},
	{AnySuffix, `https://[a-z]+`, ""}, {AnySuffix, `https://[a-z]+localhost`, ""},
	{AnySuffix, `https://*.example.com`, "https://xexample.com"},
	{AnySuffix, `(https://acme\.com|https://x\.[a-z]+)`, "https://x.xyz"},
	{AnySuffix, `https://acme\.de[a-z]`, "https://acme.dev"},
	// Addresses.
	{Foreign, `https://\d+\.\d+\.\d+\.\d+`, "https://1.1.1.1"}, {Foreign, `https://10\.0\.0\.\d+`, "https://10.0.0.1"},
	{Foreign, `https://\[[0-9a-f:]+\]`, "https://[2001:db8::1]"},
	// http.
	{Insecure, `http://192\.168\.\d+\.\d+(:\d+)?`, "http://192.168.1.1"},
	{Insecure, `http://10\.0\.0\.1`, "http://10.0.0.1"}, {Insecure, `http://intranet(:\d+)?`, "http://intranet"},
	{Insecure, `http://\[fd00::1\]`, "http://[fd00::1]"}, {Insecure, `http://app\.acme\.cloud`, "http://app.acme.cloud"},
	{Insecure, `https?://.*\.acme\.tech`, "http://q.acme.tech"},
	{Insecure, `https?://acme\.de`, "http://acme.de"}, {Insecure, `http://acme\.de:\d+`, "http://acme.de:1"},
	{Insecure, `http://localhost\.acme\.de`, "http://localhost.acme.de"}, {Insecure, `http://.*localhost`, ""},
	{Insecure, `http://128\.0\.0\.1`, "http://128.0.0.1"}, {Insecure, `http://1?27\.0\.0\.1`, "http://27.0.0.1"},
	{Insecure, `http://(localhost|acme\.de)`, "http://acme.de"},
	{Insecure, `http://.*`, ""}, {AnySuffix, `http://.*`, "http://y.xyz"},
	{Foreign, `http://.*\.github\.io`, "http://x.github.io"}, {Foreign, `http://.*acme\.de`, "http://xacme.de"},
	{Insecure, `(?i)HTTPS?://ACME\.DE`, "http://acme.de"}, {Insecure, `.*://acme\.de`, "http://acme.de"},
	// Apps and extensions.
	{AnyApp, `qrc://`, "qrc://"}, {AnyApp, `^(app|qrc)://$`, "app://"}, {AnyApp, `app://(localhost)?`, ""},
	{AnyApp, `chrome-extension://[a-p]{32}`, ""}, {AnyApp, `moz-extension://.*`, ""},
	{AnyApp, `[a-z]+://localhost`, "x://localhost"}, {AnyApp, `capacitor://.*\.acme\.de`, ""},
	// Too large.
	{TooLarge, `https://(((abc){10}){10}){10}acme\.de`, ""},
	{TooLarge, strings.Repeat("a", MaxLen+1), ""},
}

// literals returns an expression of n literal domains.
func literals(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`shop%d\.de`, 100+i))
	}
	return "https://(" + strings.Join(list, "|") + ")"
}

// pairs returns an expression of the doubled letters.
func pairs() string {
	var list []string
	for c := 'a'; c <= 'z'; c++ {
		list = append(list, string(c)+string(c))
	}
	return "(" + strings.Join(list, "|") + ")"
}

func TestSafe(t *testing.T) {
	if len(safe) < 100 || len(unsafe) < 100 {
		t.Errorf("got %d safe expressions and %d unsafe ones, want 100 of each", len(safe), len(unsafe))
	}
	for _, expr := range safe {
		if risks := mustParse(t, expr).Judge(); len(risks) > 0 {
			t.Errorf("%s: got %+v, want none", expr, risks)
		}
	}
}

func TestUnsafe(t *testing.T) {
	for _, tt := range unsafe {
		e := mustParse(t, tt.expr)
		risks := e.Judge()
		i := slices.IndexFunc(risks, func(r Risk) bool { return r.Kind == tt.kind })
		if i < 0 {
			t.Errorf("%s: got %+v, want kind %d", tt.expr, risks, tt.kind)
			continue
		}
		if tt.match != "" && risks[i].Witness != tt.match {
			t.Errorf("%s: got %q, want %q", tt.expr, risks[i].Witness, tt.match)
		}
		checkWitnesses(t, e, risks)
	}
}

// checkWitnesses checks that each witness is an origin which the expression matches.
func checkWitnesses(t *testing.T, e *Expr, risks []Risk) {
	t.Helper()
	for _, r := range risks {
		if r.Witness == "" {
			continue
		}
		re := regexp.MustCompile(`\A(?:` + e.text + `)\z`)
		o, ok := matchable(r.Witness)
		if !ok || !re.MatchString(r.Witness) || r.Kind == Insecure && (o.Scheme != "http" || origin.IsLoopback(o.Host)) {
			t.Errorf("%s: %+v is not a match of that kind", e.text, r)
		}
	}
}

// TestPublicSuffixes: names directly under each public suffix can be anyone's, and names under a
// domain are its owner's.
func TestPublicSuffixes(t *testing.T) {
	for i, rule := range suffixlist.Rules(t, "star.") {
		if !*full && i%10 != 0 {
			continue
		}
		if got, _ := publicsuffix.PublicSuffix(rule); got != rule {
			continue // an exception or a longer rule makes another suffix of it
		}
		quoted := regexp.QuoteMeta(rule)
		for _, open := range []string{`https://.*\.`, `https://[a-z0-9-]+\.`} {
			e := mustParse(t, open+quoted)
			risks := e.Judge()
			if len(risks) != 1 || risks[0].Kind != Foreign || risks[0].Witness == "" {
				t.Errorf("%s: got %+v, want Foreign with an origin", e.text, risks)
			}
			checkWitnesses(t, e, risks)
		}
		if risks := mustParse(t, `https://.*\.our-own-name\.`+quoted).Judge(); len(risks) > 0 {
			t.Errorf("https://.*\\.our-own-name\\.%s: got %+v, want none", quoted, risks)
		}
	}
}

// TestSharedHosts: an expression that matches a public suffix as a host is refused, unless it
// spells the host out.
func TestSharedHosts(t *testing.T) {
	tried, judged := 0, map[string]bool{}
	for _, rule := range suffixlist.Rules(t, "star.") {
		if got, _ := publicsuffix.PublicSuffix(rule); got != rule || strings.HasPrefix(rule, "star.") {
			continue // see TestPublicSuffixes
		}
		label, parent, ok := strings.Cut(rule, ".")
		if !ok || origin.IsPublicSuffix(parent) {
			continue
		}
		tried++
		quoted := regexp.QuoteMeta(parent)
		exprs := []string{`https://[a-z0-9-]+\.` + quoted}
		if len(label) > 1 {
			exprs = append(exprs, `https://`+label[:1]+`[^.]*\.`+quoted)
		}
		if strings.Count(parent, ".") > 1 {
			_, above, _ := strings.Cut(parent, ".")
			if !origin.IsPublicSuffix(above) {
				exprs = append(exprs, `https://[a-z0-9.-]+\.`+regexp.QuoteMeta(above))
			}
		}
		for _, text := range exprs {
			if judged[text] {
				continue
			}
			judged[text] = true
			e := mustParse(t, text)
			risks := e.Judge()
			if len(risks) != 1 || risks[0].Kind != Foreign || risks[0].Witness == "" {
				t.Errorf("%s matches %s: got %+v, want Foreign with an origin", text, rule, risks)
			}
			checkWitnesses(t, e, risks)
		}
		if risks := mustParse(t, `https://`+regexp.QuoteMeta(rule)).Judge(); len(risks) > 0 {
			t.Errorf("%s as an expression: got %+v, want none", rule, risks)
		}
	}
	if tried < 500 {
		t.Errorf("tried %d suffixes, which is too few to show anything", tried)
	}
}

// pick returns one of the choices.
func pick(rng *rand.Rand, choices ...string) string { return choices[rng.IntN(len(choices))] }

var (
	names    = []string{"acme", "beta-corp", "my2nd", "x1", "example", "shop24"}
	suffixes = []string{"de", "com", "co.uk", "pages.dev", "github.io", "xn--p1ai", "com.au", "io", "foo.sch.uk"}
)

// TestGeneratedSafe: of expressions made of what is correct, none is refused.
func TestGeneratedSafe(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range sampled(5000) {
		domain := func() string { return regexp.QuoteMeta(pick(rng, names...) + "." + pick(rng, suffixes...)) }
		domains := domain()
		for range rng.IntN(3) {
			domains += "|" + domain()
		}
		expr := pick(rng, "", "^", `\A`, "(?i)") + "https://" +
			pick(rng, "", `.*\.`, `.+\.`, `[a-z0-9-]+\.`, `([a-z0-9-]+\.)*`, `(.*\.)?`, `(www\.|app\.)?`, `pr-\d+\.`,
				`(?:\w+\.){1,3}`, `[^.]+\.`, `app\.`) +
			"(" + domains + ")" +
			pick(rng, "", `(:\d+)?`, `:[0-9]{2,5}`, `(?::8443)?`, `:(3000|4200)`) + pick(rng, "", "$", `\z`)
		if risks := mustParse(t, expr).Judge(); len(risks) > 0 {
			t.Errorf("%s: got %+v, want none", expr, risks)
		}
	}
}

// TestGeneratedMistakes: expressions with what people get wrong are either refused or allow no
// origin of another domain. The origins are made without the judge: from the expression, and from
// the domain that its author meant.
func TestGeneratedMistakes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	refused, tried := 0, 0
	for range sampled(30000) {
		name, suffix := pick(rng, names...), pick(rng, suffixes...)
		domain := name + "." + suffix
		// maybe returns what is right, or rarely something else.
		maybe := func(right string, mistakes ...string) string {
			if rng.IntN(5) > 0 {
				return right
			}
			return pick(rng, mistakes...)
		}
		quote := func(text string) string {
			return strings.ReplaceAll(text, ".", maybe(`\.`, `.`, `[.]`, `\.?`, `[.-]`))
		}
		expr := maybe("", "^", "(?i)", ".*", `\b`) + maybe("https", "https?", "http", ".*", "(http|https)", "[a-z]+") +
			maybe("://", ":\\/\\/", ":..", ":/*") +
			maybe(pick(rng, "", `.*\.`, `.+\.`, `[a-z]+\.`, `(.*\.)?`, `(\w+\.)*`, `app\.`),
				`.*`, `[a-z.]+`, `(\w+\.?)*`, `(www.)?`, `(www\.?)?`, `app.`, `\w+-`, `.?`, `(app|.*)`, `[^/]+`, `*.`) +
			maybe("", `.*`, `[a-z]*`, `\d?`, `(.*\.|)`) + name + maybe("", `[a-z]?`, `.*`, `\w*`, `-?`) +
			maybe(`\.`, `.`, `[.]`, `\.?`) + maybe(quote(suffix), `[a-z]+`, `(de|com)`, `\w{2,3}`, `.*`) +
			maybe(pick(rng, "", `(:\d+)?`), `.*`, `:\d+`, `(:.*)?`, `(.*)?`, `:?\d*`) + maybe("", "$", ".?", `\b`, `|x`)
		e, err := Parse(expr)
		if err != nil {
			continue
		}
		tried++
		risks := e.Judge()
		checkWitnesses(t, e, risks)
		if len(risks) > 0 {
			refused++
			continue
		}
		re := regexp.MustCompile(`\A(?:` + expr + `)\z`)
		own := []string{
			domain, name + "-." + suffix, name + ".de", name + ".com", name + "-.de", name + "-.com",
			strings.ReplaceAll(name, "-", "--") + "." + suffix,
		}
		for _, text := range append(attacks(name, suffix), samples(rng, e, 10)...) {
			if o, ok := matchable(text); ok && re.MatchString(text) && isForeign(o, own) {
				t.Fatalf("%s is not refused, and matches %s", expr, text)
			}
		}
	}
	if accepted := tried - refused; tried < sampled(25000) || accepted < sampled(1000) || refused < sampled(10000) {
		t.Errorf("of %d expressions %d were refused: they show nothing", tried, refused)
	}
}

// attacks are origins of others that resemble a domain.
func attacks(name, suffix string) (list []string) {
	for _, host := range []string{
		"x" + name + "." + suffix, "app" + name + "." + suffix, "www" + name + "." + suffix, "app-" + name + "." + suffix,
		"appx" + name + "." + suffix,
		name + "x." + suffix, name + "." + suffix + ".evil.com", name + ".xyz", name + ".dev", "evil." + suffix,
		"a.evil." + suffix, name + "x" + suffix, name + "x" + suffix + ".com",
		name + suffix + ".com", name + "." + strings.ReplaceAll(suffix, ".", "x"), "www." + name + "x." + suffix,
		"x.y" + name + "." + suffix,
		"evil.com", "10.0.0.1", "1.1.1.1", name + "." + suffix + "x", "evil.com." + suffix, name + "1." + suffix,
		"1" + name + "." + suffix,
	} {
		for _, port := range []string{"", ":8443"} {
			list = append(list, "https://"+host+port, "http://"+host+port)
		}
	}
	return append(list, "http://"+name+"."+suffix, "http://app."+name+"."+suffix, "http://app."+name+"."+suffix+":81")
}

// isForeign reports whether an origin is neither loopback nor https under one of the domains.
func isForeign(o origin.Origin, own []string) bool {
	if origin.IsLoopback(o.Host) {
		return false
	}
	return o.Scheme != "https" ||
		!slices.ContainsFunc(own, func(d string) bool { return o.Host == d || strings.HasSuffix(o.Host, "."+d) })
}

package core_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/idna"

	"github.com/polycors/cors/core"
)

// This file has slow, literal reference implementations of a server and a browser. slowPolicy
// decides about each request from the text of a Config, and prepares nothing. browserPage follows
// the steps of https://fetch.spec.whatwg.org/#http-cors-protocol on the headers of a response. They
// share no code with package core.

// slowRequest is a request as its header lines. Names are in canonical form.
type slowRequest struct {
	method, host string
	lines        http.Header
}

// combined returns the value of a field in the same way as core.RequestHeader (RFC 9110, section
// 5.3). If the lines are too long to be joined, it returns a value that no policy accepts.
func (r slowRequest) combined(name string) string {
	lines := r.lines[name]
	value := strings.Join(lines, ", ")
	if len(lines) > 1 && len(value) > 8192 {
		return strings.Repeat("\x00", 8193)
	}
	return value
}

// slowPolicy decides according to the documentation of Config. The Config must be valid and have no
// Routes.
type slowPolicy struct{ core.Config }

// decide returns what a policy must decide about the request.
func (p slowPolicy) decide(ctx context.Context, r slowRequest) core.Decision {
	origin := r.combined("Origin")
	method := r.combined("Access-Control-Request-Method")
	vary, varyPreflight := "Origin", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
	if p.allowsEveryOrigin() {
		vary, varyPreflight = "", "Access-Control-Request-Method, Access-Control-Request-Headers"
	}
	if p.AllowPrivateNetwork {
		varyPreflight += ", Access-Control-Request-Private-Network"
	}

	if origin == "" {
		d := core.Decision{Kind: core.KindNotCORS, Reason: core.ReasonNoOrigin, Vary: vary}
		if p.allowsEveryOrigin() {
			d.AllowOrigin, d.ExposeHeaders = "*", p.exposed()
		}
		return d
	}

	reason := p.allowsOrigin(ctx, origin, r)
	allowOrigin := origin
	if p.allowsEveryOrigin() {
		allowOrigin = "*"
	}

	if r.method != "OPTIONS" || method == "" {
		if reason == core.ReasonAllowed {
			return core.Decision{
				Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: vary,
				AllowOrigin: allowOrigin, AllowCredentials: p.AllowCredentials, ExposeHeaders: p.exposed(),
			}
		}
		if reason == core.ReasonLookupFailed {
			vary = "*"
		}
		if reason == core.ReasonOriginNotAllowed && slowSameOrigin(r, origin) {
			return core.Decision{Kind: core.KindActual, Reason: core.ReasonSameOrigin, Vary: vary}
		}
		if p.ForbidDisallowed && !slowSameOrigin(r, origin) {
			return core.Decision{Kind: core.KindActual, Reason: reason, Vary: vary, Status: 403}
		}
		return core.Decision{Kind: core.KindActual, Reason: reason, Vary: vary}
	}

	headers := r.combined("Access-Control-Request-Headers")
	originAllowed := reason == core.ReasonAllowed
	if reason == core.ReasonAllowed {
		reason = p.allowsMethod(method)
	}
	if reason == core.ReasonAllowed {
		reason = p.allowsHeaders(headers)
	}
	status := p.PreflightStatus
	if status == 0 {
		status = 204
	}
	outOfBounds := len(method) > 64 || reason == core.ReasonHeadersTooLarge
	switch {
	case reason == core.ReasonAllowed:
		if p.ContinuePreflight {
			status = 0
		}
		return core.Decision{
			Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: status, Vary: varyPreflight,
			AllowOrigin: allowOrigin, AllowCredentials: p.AllowCredentials,
			AllowMethods: p.methodsFor(method), AllowHeaders: p.headersFor(headers), MaxAge: p.maxAge(),
			AllowPrivateNetwork: p.AllowPrivateNetwork && r.combined("Access-Control-Request-Private-Network") == "true",
		}
	case reason == core.ReasonLookupFailed:
		return core.Decision{Kind: core.KindPreflight, Reason: reason, Status: 503, Vary: varyPreflight, Debug: p.Debug}
	case !p.Debug || !originAllowed || outOfBounds:
		return core.Decision{Kind: core.KindPreflight, Reason: reason, Status: 403, Vary: varyPreflight, Debug: p.Debug}
	}
	d := core.Decision{
		Kind: core.KindPreflight, Reason: reason, Status: status, Vary: varyPreflight, Debug: true,
		AllowOrigin: allowOrigin, AllowCredentials: p.AllowCredentials,
	}
	switch methods := p.methods(); {
	case len(methods) == 0:
		// Without this header, a browser whose page listens to an upload would take the refused
		// method as allowed (CORS-preflight fetch, step 7.4). These three methods need no
		// permission.
		d.AllowMethods = "GET, HEAD, POST"
	case !slices.Contains(methods, "*"):
		d.AllowMethods = strings.Join(methods, ", ")
	}
	if names := p.headers(); !slices.Contains(names, "*") {
		d.AllowHeaders = strings.Join(names, ", ")
	}
	return d
}

func (p slowPolicy) allowsEveryOrigin() bool { return slices.Contains(p.AllowOrigins, "*") }

func (p slowPolicy) allowsOrigin(ctx context.Context, origin string, r slowRequest) core.Reason {
	if p.allowsEveryOrigin() {
		return core.ReasonAllowed
	}
	if origin == "null" || origin == "file://" {
		if slices.Contains(p.AllowOrigins, origin) {
			return core.ReasonAllowed
		}
		return core.ReasonOriginNotAllowed
	}
	if !isSlowOrigin(origin) {
		return core.ReasonOriginMalformed
	}
	for _, entry := range slices.Concat(p.AllowOrigins, p.DangerouslyAllowOrigins) {
		if slowPattern(entry).MatchString(origin) {
			return core.ReasonAllowed
		}
	}
	for _, entry := range slices.Concat(p.AllowOriginRegexes, p.DangerouslyAllowOriginRegexes) {
		if slowDotted.MatchString(origin) {
			break // the author of the expression did not think of empty labels
		}
		if regexp.MustCompile("^(?:" + entry + ")$").MatchString(origin) {
			return core.ReasonAllowed
		}
	}
	if p.AllowOriginFunc == nil {
		return core.ReasonOriginNotAllowed
	}
	allowed, err := p.AllowOriginFunc(ctx, origin, core.Request{Method: r.method, Host: r.host})
	if err != nil {
		return core.ReasonLookupFailed
	}
	if !allowed {
		return core.ReasonOriginNotAllowed
	}
	return core.ReasonAllowed
}

// methods returns the elements of Access-Control-Allow-Methods. "*" is included as "*".
func (p slowPolicy) methods() []string {
	entries := p.AllowMethods
	if entries == nil {
		entries = []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	var list []string
	for _, entry := range entries {
		if method := slowNormalize(entry); !slices.Contains(list, method) {
			list = append(list, method)
		}
	}
	return list
}

// slowNormalize is https://fetch.spec.whatwg.org/#concept-method-normalize. method is a token.
func slowNormalize(method string) string {
	switch upper := strings.ToUpper(method); upper {
	case "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT":
		return upper
	}
	return method
}

func (p slowPolicy) methodsFor(asked string) string {
	switch {
	case !slices.Contains(p.methods(), "*"):
		return strings.Join(p.methods(), ", ")
	case p.AllowCredentials:
		return asked
	}
	return "*"
}

var (
	slowToken           = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	slowForbiddenMethod = regexp.MustCompile("^(?i:CONNECT|TRACE|TRACK)$")
	// https://fetch.spec.whatwg.org/#forbidden-request-header, in lower case.
	slowForbiddenHeader = regexp.MustCompile("^(?:accept-charset|accept-encoding|access-control-request-headers|" +
		"access-control-request-method|access-control-request-private-network|connection|content-length|cookie2?|date|dnt|" +
		"expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$")
)

func (p slowPolicy) allowsMethod(method string) core.Reason {
	switch {
	case slices.Contains([]string{"GET", "HEAD", "POST"}, method):
		return core.ReasonAllowed
	case len(method) > 64 || !slowToken.MatchString(method):
		return core.ReasonMethodMalformed
	case slowForbiddenMethod.MatchString(method) || method == "*":
		return core.ReasonMethodNotAllowed
	case slices.Contains(p.methods(), "*") || slices.Contains(p.methods(), method):
		return core.ReasonAllowed
	}
	return core.ReasonMethodNotAllowed
}

// headers returns the elements of Access-Control-Allow-Headers. "*" is included as "*".
func (p slowPolicy) headers() []string {
	entries := p.AllowHeaders
	if entries == nil {
		entries = []string{"accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"}
	}
	var list []string
	for _, entry := range entries {
		name := strings.ToLower(entry)
		if !slowForbiddenHeader.MatchString(name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func (p slowPolicy) headersFor(asked string) string {
	switch {
	case !slices.Contains(p.headers(), "*"):
		return strings.Join(p.headers(), ", ")
	case p.AllowCredentials:
		return asked
	case slices.Contains(p.headers(), "authorization"):
		return "*, authorization"
	}
	return "*"
}

// allowsHeaders returns the reason of the first element that is not allowed, unless the whole list
// exceeds a limit.
func (p slowPolicy) allowsHeaders(list string) core.Reason {
	if len(list) > 8192 {
		return core.ReasonHeadersTooLarge
	}
	if list == "" {
		return core.ReasonAllowed
	}
	names, empty := 0, 0
	for _, element := range strings.Split(list, ",") {
		element = strings.ToLower(strings.Trim(element, " \t"))
		switch {
		case element == "":
			empty++
		case !slowToken.MatchString(element):
			return core.ReasonHeadersMalformed
		default:
			names++
		}
		if names > 128 || empty > 16 {
			return core.ReasonHeadersTooLarge
		}
		if element != "" && !p.allowsHeader(element) {
			return core.ReasonHeaderNotAllowed
		}
	}
	return core.ReasonAllowed
}

// allowsHeader reports whether a token in lower case is allowed.
func (p slowPolicy) allowsHeader(name string) bool {
	if slices.Contains(p.headers(), "*") && name != "authorization" {
		return name != "*" && !slowForbiddenHeader.MatchString(name)
	}
	return slices.Contains(p.headers(), name)
}

func (p slowPolicy) exposed() string {
	var list, seen []string
	for _, entry := range p.ExposeHeaders {
		if lower := strings.ToLower(entry); !slices.Contains(seen, lower) {
			seen, list = append(seen, lower), append(list, entry)
		}
	}
	return strings.Join(list, ", ")
}

func (p slowPolicy) maxAge() string {
	switch {
	case p.MaxAge == 0:
		return "86400"
	case p.MaxAge < 0:
		return "0"
	}
	return strconv.Itoa(int(p.MaxAge.Truncate(time.Second).Seconds()))
}

// slowSameOrigin reports whether the request comes from the server's own origin. origin is its
// Origin header.
func slowSameOrigin(r slowRequest, origin string) bool {
	if site := r.combined("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	scheme, authority, _ := strings.Cut(origin, "://")
	if !isSlowOrigin(origin) || scheme != "http" && scheme != "https" {
		return false
	}
	host := slowLower(r.host)
	if host == authority {
		return true
	}
	// The default port of the origin's scheme may be written or left out (RFC 9110, section 4.2.3).
	port := slowDefaultPorts[scheme]
	return port != "" && slowPort(authority) == "" && host == authority+":"+port
}

var slowDefaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

// slowPort returns the port of a host and port, or "" if it has no port.
func slowPort(authority string) string {
	i := strings.LastIndex(authority, ":")
	if i < strings.LastIndex(authority, "]") || i < 0 {
		return ""
	}
	return authority[i+1:]
}

// slowLower converts ASCII letters to lower case, and no others: U+212A, the Kelvin sign, is not a
// K.
func slowLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) >= 0 {
			b[i] = c + 32
		}
	}
	return string(b)
}

// isSlowOrigin reports whether text is the serialisation of a tuple origin as a browser writes it.
func isSlowOrigin(text string) bool {
	u, err := url.Parse(text)
	// whose origins are opaque (https://url.spec.whatwg.org/#origin)
	if err != nil || len(text) > 320 || u.Scheme == "file" ||
		!regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`).MatchString(u.Scheme) {
		return false
	}
	if text == u.Scheme+"://" { // such as qrc:// of QtWebEngine
		return !slices.Contains(strings.Fields(slowNotApps), u.Scheme)
	}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		if addr.Zone() != "" {
			return false
		}
		host = "[" + slowIPv6(addr) + "]"
	} else if !isSlowHost(host) {
		return false
	}
	if u.Port() == "" {
		return text == u.Scheme+"://"+host
	}
	port, err := strconv.Atoi(u.Port())
	return err == nil && port >= 1 && port <= 65535 && u.Port() != slowDefaultPorts[u.Scheme] &&
		text == u.Scheme+"://"+host+":"+strconv.Itoa(port)
}

// slowNotApps are the schemes of websites, and of URLs that no page has.
const slowNotApps = "https http wss ws ftp ftps sftp data blob javascript about mailto view-source filesystem tel " +
	"urn cid tcp udp ssh git s3 gs grpc amqp redis mongodb mysql postgres postgresql jdbc ldap smtp rtsp rtmp"

var (
	slowChars  = regexp.MustCompile(`^[a-z0-9_.-]+$`)
	slowDotted = regexp.MustCompile(`//\.|\.\.|\.(?::[0-9]+)?$`)
	slowNumber = regexp.MustCompile(`^(?:[0-9]+|0x[0-9a-f]*)$`)
	slowOctet  = regexp.MustCompile(`^(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$`)
)

func isSlowHost(host string) bool {
	labels := strings.Split(host, ".")
	// https://url.spec.whatwg.org/#ends-in-a-number-checker
	if n := len(labels) - 1; n > 0 && labels[n] == "" && slowNumber.MatchString(labels[n-1]) {
		return false // a browser sends an address without the dot
	}
	if slowNumber.MatchString(labels[len(labels)-1]) {
		for _, label := range labels {
			if !slowOctet.MatchString(label) {
				return false
			}
		}
		return len(labels) == 4
	}
	return slowChars.MatchString(host)
}

// slowIPv6 is https://url.spec.whatwg.org/#concept-ipv6-serializer: it writes all groups, and of
// the longest runs of zeros, of two groups at least, the first becomes "::".
func slowIPv6(addr netip.Addr) string {
	var groups []string
	for b := addr.As16(); len(groups) < 8; {
		i := 2 * len(groups)
		groups = append(groups, strconv.FormatUint(uint64(b[i])<<8|uint64(b[i+1]), 16))
	}
	for n := 8; n >= 2; n-- {
		zeros := slices.Repeat([]string{"0"}, n)
		for i := 0; i+n <= 8; i++ {
			if slices.Equal(groups[i:i+n], zeros) {
				return strings.Join(groups[:i], ":") + "::" + strings.Join(groups[i+n:], ":")
			}
		}
	}
	return strings.Join(groups, ":")
}

// slowPattern returns an expression that matches the well-formed origins that an entry of
// AllowOrigins allows.
func slowPattern(entry string) *regexp.Regexp {
	if entry == "null" || entry == "file://" {
		return regexp.MustCompile(`^\z.`) // nothing: they are no tuple origins
	}
	scheme, authority, _ := strings.Cut(slowLower(entry), "://")
	port := slowPort(authority)
	host := strings.TrimSuffix(authority, ":"+port)
	wildcard, parent, _ := strings.Cut(host, ".")
	if !strings.Contains(wildcard, "*") {
		wildcard, parent = "", host
	}
	if addr, err := netip.ParseAddr(strings.Trim(parent, "[]")); err == nil && addr.Is6() {
		parent = "[" + slowIPv6(addr) + "]"
	} else if ascii, err := idna.Lookup.ToASCII(parent); err == nil {
		parent = ascii
	}

	if host == "*" {
		return regexp.MustCompile("^" + regexp.QuoteMeta(scheme) + "://[^:]+$")
	}
	const label = "[a-z0-9_-]+"
	expr := "^" + regexp.QuoteMeta(scheme+"://")
	switch prefix, suffix, _ := strings.Cut(wildcard, "*"); wildcard {
	case "":
	case "*":
		expr += `(?:` + label + `\.)+`
	default:
		expr += regexp.QuoteMeta(prefix) + label + regexp.QuoteMeta(suffix) + `\.`
	}
	expr += regexp.QuoteMeta(parent)
	switch port {
	case "", slowDefaultPorts[scheme]:
	case "*":
		expr += `(?::[0-9]+)?`
	default:
		expr += ":" + port
	}
	return regexp.MustCompile(expr + "$")
}

// lets reports whether the policy allows what the page does. The browser must come to the same
// conclusion.
func (p slowPolicy) lets(ctx context.Context, page browserPage) bool {
	if p.allowsOrigin(ctx, page.origin, slowRequest{}) != core.ReasonAllowed || page.include && !p.AllowCredentials {
		return false
	}
	return p.allowsMethod(page.method) == core.ReasonAllowed &&
		p.allowsHeaders(strings.Join(page.names, ",")) == core.ReasonAllowed
}

// browserPage is a page that calls fetch, or XMLHttpRequest, on another origin.
type browserPage struct {
	origin string // serialised
	method string // normalised
	// the CORS-unsafe request-header names of the request: in lower case, sorted, each once
	names   []string
	include bool // the credentials mode is "include", otherwise "omit"
	uploads bool // the use-CORS-preflight flag: the page listens to the progress of an upload
}

// isLetIn follows the CORS steps of https://fetch.spec.whatwg.org/#http-fetch, with an empty
// preflight cache. It reports whether the page can read the response.
func (page browserPage) isLetIn(serve func(slowRequest) (status int, header http.Header)) bool {
	// The constructor of Request throws if the method is not a token, or is forbidden.
	if !slowToken.MatchString(page.method) || slowForbiddenMethod.MatchString(page.method) {
		return false
	}
	origin := []string{page.origin}
	simple := slices.Contains([]string{"GET", "HEAD", "POST"}, page.method) && len(page.names) == 0
	if page.uploads || !simple {
		lines := http.Header{"Origin": origin, "Access-Control-Request-Method": {page.method}}
		if len(page.names) > 0 {
			lines["Access-Control-Request-Headers"] = []string{strings.Join(page.names, ",")}
		}
		if status, header := serve(slowRequest{method: "OPTIONS", lines: lines}); !page.passesPreflight(status, header) {
			return false
		}
	}
	_, header := serve(slowRequest{method: page.method, lines: http.Header{"Origin": origin}})
	return page.passesCheck(header)
}

// passesCheck is https://fetch.spec.whatwg.org/#concept-cors-check.
func (page browserPage) passesCheck(header http.Header) bool {
	// Steps 1 and 2.
	lines := header["Access-Control-Allow-Origin"]
	if len(lines) == 0 {
		return false
	}
	// Step 3.
	origin := strings.Join(lines, ", ")
	if !page.include && origin == "*" {
		return true
	}
	// Steps 4 and 5.
	if origin != page.origin {
		return false
	}
	if !page.include {
		return true
	}
	// Steps 6 to 8.
	return strings.Join(header["Access-Control-Allow-Credentials"], ", ") == "true"
}

// passesPreflight is step 7 of https://fetch.spec.whatwg.org/#cors-preflight-fetch.
func (page browserPage) passesPreflight(status int, header http.Header) bool {
	if !page.passesCheck(header) || status < 200 || status > 299 {
		return false
	}
	// Steps 7.1 to 7.3.
	methods, ok := extractList(header["Access-Control-Allow-Methods"])
	if !ok {
		return false
	}
	names, ok := extractList(header["Access-Control-Allow-Headers"])
	if !ok {
		return false
	}
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	// Step 7.4.
	if methods == nil && page.uploads {
		methods = []string{page.method}
	}
	// Step 7.5.
	if !slices.Contains(methods, page.method) && !slices.Contains([]string{"GET", "HEAD", "POST"}, page.method) &&
		(page.include || !slices.Contains(methods, "*")) {
		return false
	}
	// Step 7.6: authorization is the one CORS non-wildcard request-header name.
	if slices.Contains(page.names, "authorization") && !slices.Contains(names, "authorization") {
		return false
	}
	// Step 7.7.
	for _, name := range page.names {
		if !slices.Contains(names, name) && (page.include || !slices.Contains(names, "*")) {
			return false
		}
	}
	return true
}

// extractList is https://fetch.spec.whatwg.org/#extract-header-list-values for a list of tokens.
// The list is nil if the field is missing. ok is false if it cannot be parsed.
func extractList(lines []string) (tokens []string, ok bool) {
	if len(lines) == 0 {
		return nil, true
	}
	tokens = []string{}
	for _, line := range lines {
		for _, element := range strings.Split(line, ",") {
			element = strings.Trim(element, " \t")
			if element == "" {
				continue
			}
			if !slowToken.MatchString(element) {
				return nil, false
			}
			tokens = append(tokens, element)
		}
	}
	return tokens, true
}

// slowMergeVary returns the Vary lines after the tokens of want have been added.
func slowMergeVary(lines []string, want string) []string {
	var have []string
	for _, element := range strings.Split(strings.Join(lines, ","), ",") {
		have = append(have, strings.ToLower(strings.Trim(element, " \t")))
	}
	var missing []string
	for _, token := range strings.Split(want, ", ") {
		if token != "" && !slices.Contains(have, strings.ToLower(token)) && !slices.Contains(have, "*") {
			missing = append(missing, token)
		}
	}
	if missing == nil {
		return lines
	}
	return append(slices.Clone(lines), strings.Join(missing, ", "))
}

// serveWith returns a server that responds as a policy decides. Its handler responds with 200.
func serveWith(decider core.Decider) func(slowRequest) (int, http.Header) {
	return func(r slowRequest) (int, http.Header) {
		d := decider.Decide(context.Background(),
			core.Request{Method: r.method, Host: r.host, Header: core.HeaderMap(r.lines)})
		header := http.Header{}
		d.Apply(header)
		if d.Status == 0 {
			return 200, header
		}
		return d.Status, header
	}
}

// The reference implementations themselves are tested with literals.
func TestReferenceOrigins(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tc := range []struct {
		entry, origin string
		want          core.Reason
	}{
		{"https://app.example.com", "https://app.example.com", core.ReasonAllowed},
		{"https://app.example.com", "https://app.example.com:443", core.ReasonOriginMalformed},
		{"https://app.example.com", "https://app.example.com:8443", core.ReasonOriginNotAllowed},
		{"https://app.example.com", "http://app.example.com", core.ReasonOriginNotAllowed},
		{"https://app.example.com", "https://appxexample.com", core.ReasonOriginNotAllowed},
		{"https://app.example.com", "https://app.example.com.evil.com", core.ReasonOriginNotAllowed},
		{"https://app.example.com", "https://APP.example.com", core.ReasonOriginMalformed},
		{"https://app.example.com", "https://app.example.com/", core.ReasonOriginMalformed},
		{"https://app.example.com", "https://app.example.com, https://app.example.com", core.ReasonOriginMalformed},
		{"https://app.example.com", "null", core.ReasonOriginNotAllowed},
		{"HTTPS://App.Example.COM:443", "https://app.example.com", core.ReasonAllowed},
		{"https://*.example.com", "https://a.example.com", core.ReasonAllowed},
		{"https://*.example.com", "https://a.b.example.com", core.ReasonAllowed},
		{"https://*.example.com", "https://example.com", core.ReasonOriginNotAllowed},
		{"https://*.example.com", "https://evilexample.com", core.ReasonOriginNotAllowed},
		{"https://*.example.com", "https://a.example.com:8443", core.ReasonOriginNotAllowed},
		{"https://*.example.com", "https://.example.com", core.ReasonOriginNotAllowed},
		{"https://*.example.com", "https://a.example.com.", core.ReasonOriginNotAllowed},
		{"https://*.example.com", "https://a..example.com", core.ReasonOriginNotAllowed},
		{"https://*.example.com", "https://-.example.com", core.ReasonAllowed},
		{"https://*.example.com", "https://1.2.3.4.", core.ReasonOriginMalformed},
		{"https://*.example.com", "https://*.example.com", core.ReasonOriginMalformed},
		{"https://*.example.com", "https://" + long + ".example.com", core.ReasonAllowed},
		{"https://*.example.com", "https://" + long + "a.example.com", core.ReasonAllowed},
		{"https://*.example.com:*", "https://a.example.com:8443", core.ReasonAllowed},
		{"https://*.example.com:*", "https://a.example.com", core.ReasonAllowed},
		{"https://deploy-*.example.com", "https://deploy-1.example.com", core.ReasonAllowed},
		{"https://deploy-*.example.com", "https://deploy-.example.com", core.ReasonOriginNotAllowed},
		{"https://deploy-*.example.com", "https://deploy-1.2.example.com", core.ReasonOriginNotAllowed},
		{"https://*--site.example.com", "https://x--site.example.com", core.ReasonAllowed},
		{"https://*--site.example.com", "https://site.example.com", core.ReasonOriginNotAllowed},
		{"http://localhost:*", "http://localhost", core.ReasonAllowed},
		{"http://localhost:*", "http://localhost:65535", core.ReasonAllowed},
		{"http://localhost:*", "http://localhost:65536", core.ReasonOriginMalformed},
		{"http://localhost:*", "http://localhost:", core.ReasonOriginMalformed},
		{"http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080", core.ReasonAllowed},
		{"http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080", core.ReasonOriginMalformed},
		{"http://[::1]:8080", "http://[::1%25eth0]:8080", core.ReasonOriginMalformed},
		{"http://127.0.0.1:*", "http://127.0.0.1:80", core.ReasonOriginMalformed},
		{"http://127.0.0.1:*", "http://127.0.0.01:8080", core.ReasonOriginMalformed},
		{"http://127.0.0.1:*", "http://0x7f000001:8080", core.ReasonOriginMalformed},
		{"https://bücher.example", "https://xn--bcher-kva.example", core.ReasonAllowed},
		{"https://bücher.example", "https://bücher.example", core.ReasonOriginMalformed},
		{"chrome-extension://abc", "chrome-extension://abc", core.ReasonAllowed},
		{"chrome-extension://*", "chrome-extension://abc", core.ReasonAllowed},
		{"chrome-extension://*", "moz-extension://abc", core.ReasonOriginNotAllowed},
		{"app://*", "app://.", core.ReasonAllowed},
		{"app://*", "app://x:1", core.ReasonOriginNotAllowed},
		{"null", "null", core.ReasonAllowed},
		{"null", "file://", core.ReasonOriginNotAllowed},
		{"file://", "file://", core.ReasonAllowed},
		{"file://", "file:///", core.ReasonOriginMalformed},
		{"https://app.example.com", "file://app.example.com", core.ReasonOriginMalformed},
		{"*", "anything", core.ReasonAllowed},
	} {
		p := slowPolicy{core.Config{AllowOrigins: []string{tc.entry}}}
		if got := p.allowsOrigin(t.Context(), tc.origin, slowRequest{}); got != tc.want {
			t.Errorf("%q with %q: got %v, want %v", tc.origin, tc.entry, got, tc.want)
		}
	}
}

func TestReferenceCORSCheck(t *testing.T) {
	const origin = "https://rabbit.invalid"
	for _, tc := range []struct {
		name          string
		header        http.Header
		omit, include bool
	}{
		{"nothing", http.Header{}, false, false},
		{"star", http.Header{"Access-Control-Allow-Origin": {"*"}}, true, false},
		{
			"star with credentials",
			http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Credentials": {"true"}}, true, false,
		},
		{
			"origin with a slash",
			http.Header{"Access-Control-Allow-Origin": {origin + "/"}, "Access-Control-Allow-Credentials": {"true"}}, false,
			false,
		},
		{"origin", http.Header{"Access-Control-Allow-Origin": {origin}}, true, false},
		{
			"origin with credentials",
			http.Header{"Access-Control-Allow-Origin": {origin}, "Access-Control-Allow-Credentials": {"true"}}, true, true,
		},
		{
			"credentials in upper case",
			http.Header{"Access-Control-Allow-Origin": {origin}, "Access-Control-Allow-Credentials": {"TRUE"}}, true, false,
		},
		{"two lines", http.Header{"Access-Control-Allow-Origin": {origin, origin}}, false, false},
		{
			"null", http.Header{"Access-Control-Allow-Origin": {"null"}, "Access-Control-Allow-Credentials": {"true"}}, false,
			false,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := (browserPage{origin: origin}).passesCheck(tc.header); got != tc.omit {
				t.Errorf("omit: got %v, want %v", got, tc.omit)
			}
			if got := (browserPage{origin: origin, include: true}).passesCheck(tc.header); got != tc.include {
				t.Errorf("include: got %v, want %v", got, tc.include)
			}
		})
	}
}

func TestReferencePreflight(t *testing.T) {
	const origin = "https://rabbit.invalid"
	for _, tc := range []struct {
		name             string
		page             browserPage
		status           int
		methods, headers []string
		want             bool
	}{
		{"safelisted method", browserPage{method: "POST"}, 204, nil, nil, true},
		{"not an ok status", browserPage{method: "POST"}, 301, nil, nil, false},
		{"no methods", browserPage{method: "PUT"}, 204, nil, nil, false},
		{"no methods, an upload", browserPage{method: "PUT", uploads: true}, 204, nil, nil, true},
		{"empty methods, an upload", browserPage{method: "PUT", uploads: true}, 204, []string{""}, nil, false},
		{"listed", browserPage{method: "PUT"}, 299, []string{"PATCH , PUT"}, nil, true},
		{"in other case", browserPage{method: "patch"}, 204, []string{"PATCH"}, nil, false},
		{"star", browserPage{method: "PUT"}, 204, []string{"*"}, nil, true},
		{"star with credentials", browserPage{method: "PUT", include: true}, 204, []string{"*"}, nil, false},
		{"methods are no list of tokens", browserPage{method: "PUT"}, 204, []string{"PUT, a b"}, nil, false},
		{"header", browserPage{method: "GET", names: []string{"x-a"}}, 204, nil, []string{"X-B", "X-A"}, true},
		{"another header", browserPage{method: "GET", names: []string{"x-a", "x-c"}}, 204, nil, []string{"X-B, X-A"}, false},
		{"every header", browserPage{method: "GET", names: []string{"x-a"}}, 204, nil, []string{"*"}, true},
		{
			"every header with credentials", browserPage{method: "GET", names: []string{"x-a"}, include: true}, 204, nil,
			[]string{"*"}, false,
		},
		{
			"every header but authorization", browserPage{method: "GET", names: []string{"authorization"}}, 204, nil,
			[]string{"*"}, false,
		},
		{
			"every header and authorization", browserPage{method: "GET", names: []string{"authorization", "x-a"}}, 204, nil,
			[]string{"*, Authorization"}, true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			page := tc.page
			page.origin = origin
			header := http.Header{"Access-Control-Allow-Origin": {origin}, "Access-Control-Allow-Credentials": {"true"}}
			if tc.methods != nil {
				header["Access-Control-Allow-Methods"] = tc.methods
			}
			if tc.headers != nil {
				header["Access-Control-Allow-Headers"] = tc.headers
			}
			if got := page.passesPreflight(tc.status, header); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

// If the reference browser allowed nothing, every policy would seem safe. So these servers are
// broken, and the browser must notice it.
func TestReferenceBrowserNoticesBrokenServers(t *testing.T) {
	policy := slowPolicy{
		core.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{}, AllowHeaders: []string{}},
	}
	answer := func(header http.Header) func(slowRequest) (int, http.Header) {
		return func(slowRequest) (int, http.Header) { return 200, header }
	}
	for _, tc := range []struct {
		name  string
		page  browserPage
		serve func(slowRequest) (int, http.Header)
	}{
		{
			"reflects the origin", browserPage{origin: "https://evil.com", method: "GET", include: true},
			func(r slowRequest) (int, http.Header) {
				return 200, http.Header{
					"Access-Control-Allow-Origin": r.lines["Origin"], "Access-Control-Allow-Credentials": {"true"},
				}
			},
		},
		{
			"allows every method", browserPage{origin: "https://app.example.com", method: "PUT"},
			answer(
				http.Header{"Access-Control-Allow-Origin": {"https://app.example.com"}, "Access-Control-Allow-Methods": {"*"}}),
		},
		{
			"allows every header", browserPage{origin: "https://app.example.com", method: "GET", names: []string{"x-a"}},
			answer(
				http.Header{"Access-Control-Allow-Origin": {"https://app.example.com"}, "Access-Control-Allow-Headers": {"*"}}),
		},
		{
			"lists no method to an upload", browserPage{origin: "https://app.example.com", method: "PUT", uploads: true},
			answer(http.Header{"Access-Control-Allow-Origin": {"https://app.example.com"}}),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if policy.lets(t.Context(), tc.page) {
				t.Fatal("the policy lets the page in")
			}
			if !tc.page.isLetIn(tc.serve) {
				t.Error("the browser keeps the page out")
			}
		})
	}
}

// With Debug, the response to a refused preflight lists what is configured. So this test tries
// everything that a page could try: with and without credentials, and with a listener for the
// progress of an upload, for which browsers take a missing list of methods as permission.
func TestDebugKeepsBrowsersOut(t *testing.T) {
	lists := func(entries ...[]string) [][]string { return append(entries, nil, []string{}) }
	for _, methods := range lists([]string{"PUT"}, []string{"*"}, []string{"GET"}) {
		for _, headers := range lists([]string{"X-Foo"}, []string{"*"}, []string{"*", "Authorization"}) {
			for _, credentials := range []bool{false, true} {
				cfg := core.Config{
					AllowOrigins: []string{"https://app.example.com"}, AllowMethods: methods, AllowHeaders: headers,
					AllowCredentials: credentials, Debug: true,
				}
				policy, err := core.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				serve := serveWith(policy)
				for _, page := range everyPage(
					[]string{"https://app.example.com", "https://evil.com"},
					[]string{"GET", "PUT", "patch", "TRACE"},
					[][]string{nil, {"x-foo"}, {"authorization"}, {"x-bar", "x-foo"}, {"origin"}},
				) {
					if got, want := page.isLetIn(serve), (slowPolicy{cfg}).lets(t.Context(), page); got != want {
						t.Errorf("methods %q, headers %q, credentials %v: page %+v: got in: %v, want %v", methods, headers, credentials,
							page, got, want)
						break // the others of this policy fail alike
					}
				}
			}
		}
	}
}

// everyPage returns the pages of all combinations, with and without credentials and uploads.
func everyPage(origins, methods []string, names [][]string) (pages []browserPage) {
	for _, origin := range origins {
		for _, method := range methods {
			for _, names := range names {
				for i := range 4 {
					pages = append(pages,
						browserPage{origin: origin, method: method, names: names, include: i&1 != 0, uploads: i&2 != 0})
				}
			}
		}
	}
	return pages
}

package origin

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxHost and maxLabel are the lengths of the longest domain and the longest label in the DNS, in
// bytes. Browsers also send longer ones, but they can only belong to a subdomain of localhost.
const (
	maxHost  = 253
	maxLabel = 63
)

func splitPort(authority string) (host, port string, ok bool) {
	i := strings.LastIndexByte(authority, ':')
	open := strings.HasPrefix(authority, "[") && !strings.Contains(authority, "]")
	if i < 0 || open || i < strings.LastIndexByte(authority, ']') {
		return authority, "", false
	}
	return authority[:i], authority[i+1:], true
}

// longLabel returns the first label of the host that is too long, or "" if there is none.
func longLabel(host string) string {
	for more := true; more; {
		var label string
		if label, host, more = strings.Cut(host, "."); len(label) > maxLabel {
			return label
		}
	}
	return ""
}

// with returns an entry for the given host, with the scheme and the port of p.
func (p *Pattern) with(host string) string {
	return Pattern{Scheme: p.Scheme, Host: host, Port: p.Port, AnyPort: p.AnyPort}.String()
}

// isWeb reports whether p matches websites, and not apps or extensions.
func (p *Pattern) isWeb() bool { return p.Scheme == "http" || p.Scheme == "https" }

// setHost parses a host, which may contain a wildcard, and sets the fields of p accordingly.
func (p *Pattern) setHost(host string) *mistake {
	switch {
	case host == "" && mayLackHost(p.Scheme) && p.Port == 0 && !p.AnyPort:
		return nil
	case host == "":
		return &mistake{rule: "the host is missing", fix: `write "` + p.Scheme + `://" and a host`}
	case p.AnyPort && !p.isWeb():
		p.AnyPort = false
		return &mistake{rule: "\"*\" as a port is for http and https only", write: []string{p.with(host)}}
	case host == "*":
		return p.setAnyHost()
	case strings.HasPrefix(host, "["):
		return p.setIPv6(host)
	case strings.Contains(host, ":"):
		return p.badColons(host)
	case !p.isWeb() && (host == "." || host == "-"):
		p.Host = host // the origins of Electron apps that were opened as app://./ and app://-/
		return nil
	case strings.HasSuffix(host, "."):
		return &mistake{
			rule: "a host does not end with a dot", write: []string{p.with(strings.TrimRight(host, "."))},
			fix: "write the host without it",
		}
	case strings.HasPrefix(host, "."):
		domain := strings.TrimLeft(host, ".")
		return &mistake{
			rule: "a host does not begin with a dot", write: []string{p.with("*." + domain), p.with(domain)},
			fix: "write the host without it",
		}
	}
	if strings.ContainsAny(host, "‐‑‒–—−﹣") {
		return &mistake{rule: "this dash is not a hyphen", write: []string{p.with(toLookalike(host))}}
	}
	whole := host
	if label, parent, more := strings.Cut(host, "."); strings.Contains(label, "*") {
		if !more {
			return p.badStar(whole)
		}
		p.Kind, host = Subdomains, parent
		if label != "*" {
			p.Kind = Label
			p.Prefix, p.Suffix, _ = strings.Cut(asciiToLower(label), "*")
		}
	}
	if strings.Contains(p.Suffix+host, "*") {
		return p.badStar(whole)
	}
	name, m := toASCII(host)
	switch {
	case m != nil:
		return p.lookalike(whole, m)
	case strings.Contains(name, "*"): // it was a fullwidth asterisk, which is mapped to "*"
		return p.lookalike(whole, &mistake{rule: "\"*\" must be an ASCII character", fix: "replace it"})
	}
	switch {
	case name == "": // it was a soft hyphen or the like, which is removed
		return &mistake{rule: "the host is missing", fix: `write "` + p.Scheme + `://" and a host`}
	case hasEmptyLabel(name) && !strings.Contains(host, ".."):
		return &mistake{rule: "a label of the host is empty", fix: "correct the host"}
	}
	if m := p.checkHost(name); m != nil {
		return m
	}
	p.Host = name
	switch {
	case p.Kind == Exact:
		return nil
	case !p.isWeb():
		return &mistake{
			rule: "\"*\" in a host is for http and https only", fix: "replace it with your own " + p.Scheme + " origins",
		}
	case endsInNumber(name):
		if isRange(whole) {
			return p.ipRange(whole)
		}
		return &mistake{rule: "an IP address has no subdomains", write: []string{p.with(name)}}
	case len(name) > maxHost-len("a."):
		return &mistake{rule: "a host must not be longer than " +
			"" + strconv.Itoa(maxHost) + " characters", fix: "correct the host"}
	case p.Kind == Label:
		return p.checkLabel()
	}
	return nil
}

// setAnyHost implements setHost for the host "*".
func (p *Pattern) setAnyHost() *mistake {
	switch {
	case p.isWeb():
		m := &mistake{
			rule: "\"*\" needs a domain after it", regex: p.Scheme + "://.*",
			fix: `write your domain after it, as in "https://*.example.com"`,
		}
		if p.Port != 0 {
			m.regex += p.portExpr()
		}
		return m
	case p.Port != 0:
		return &mistake{rule: "\"*\" as a host matches every port already", write: []string{p.Scheme + "://*"}}
	}
	p.Kind = AnyHost
	return nil
}

// setIPv6 implements setHost for a host that begins with a bracket.
func (p *Pattern) setIPv6(host string) *mistake {
	const rule = "this is not an IPv6 address"
	text, closed := strings.CutSuffix(host[1:], "]")
	if addr, err := netip.ParseAddr(text); closed && err == nil {
		switch {
		case addr.Is4():
			return &mistake{rule: "brackets are for IPv6 addresses only", write: []string{p.with(text)}}
		case addr.Zone() == "":
			p.Host = ipv6(addr)
			return nil
		}
	}
	if address, _, found := strings.Cut(text, "%"); found {
		return &mistake{
			rule: "browsers do not support zones in IPv6 addresses", write: []string{p.with("[" + address + "]")},
			fix: "write the address without the zone",
		}
	}
	if strings.Contains(host, "*") {
		return &mistake{rule: "a range of IP addresses is not an origin", fix: "replace it with your own addresses"}
	}
	m := &mistake{rule: rule, write: []string{p.with("[" + strings.Trim(text, "[]") + "]")},
		fix: `write an address such as "` + p.Scheme + `://[::1]"`}
	if !closed {
		m.rule = "an IPv6 address must be in brackets"
	}
	return m
}

// ipv6 returns an IPv6 address in brackets, in the spelling of the URL standard.
func ipv6(addr netip.Addr) string {
	var groups [8]uint16
	for i, b := range addr.As16() {
		groups[i/2] = groups[i/2]<<8 | uint16(b)
	}
	return "[" + string(appendIPv6(nil, groups)) + "]"
}

// badColons describes the mistake in a host with colons outside of brackets. The part after the
// last colon was parsed as a port.
func (p *Pattern) badColons(host string) *mistake {
	port := ""
	if p.AnyPort {
		port = "*"
	} else if p.Port != 0 {
		port = strconv.Itoa(int(p.Port))
	} else if d := DefaultPort(p.Scheme); d != 0 {
		port = strconv.Itoa(int(d))
	}
	if addr, err := netip.ParseAddr(host); err == nil && (len(port) > 1 || p.AnyPort) {
		return &mistake{rule: "an IPv6 address must be in brackets", write: []string{p.with("[" + addr.String() + "]")}}
	}
	if addr, err := netip.ParseAddr(host + ":" + port); err == nil {
		return &mistake{
			rule: "an IPv6 address must be in brackets", write: []string{p.Scheme + "://[" + addr.String() + "]"},
		}
	}
	name, _, _ := strings.Cut(host, ":")
	m := &mistake{rule: "an origin has only one port", write: []string{p.with(name)}, fix: "write one port"}
	if strings.Count(host, ":") == 1 {
		m.write = []string{p.Scheme + "://" + host, p.with(name)}
	}
	return m
}

const (
	rulePort = "a port must be a number from 1 to 65535"
	anyPort  = `, or "*" for any port`
)

// badPort describes the mistake in a port that is not a number from 1 to 65535.
func badPort(scheme, host, port string) *mistake {
	base := scheme + "://" + host
	if strings.Contains(host, ":") { // an IPv6 address without brackets
		if addr, err := netip.ParseAddr(host + ":" + port); err == nil {
			return &mistake{
				rule: "an IPv6 address must be in brackets", write: []string{scheme + "://[" + addr.String() + "]"},
			}
		}
	}
	if number := strings.TrimLeft(port, "0"); number != port {
		if _, ok := parsePort(number); ok {
			return &mistake{rule: rulePort + " without leading zeros", write: []string{base + ":" + number}}
		}
	}
	// 30*, 3000-3010, 3000/3001, or a number that is too large
	ranged := strings.ContainsAny(port, "*-/|+xX") && strings.ContainsAny(port, "0123456789*") && port[0] != '-'
	if tooLarge := strings.Trim(port, "0123456789") == "" && strings.Trim(port, "0") != ""; ranged ||
		tooLarge && IsLoopback(asciiToLower(host)) {
		return &mistake{
			rule: rulePort + anyPort, write: []string{base + ":*"}, fix: "write the host without a port",
		}
	}
	return &mistake{rule: rulePort, write: []string{base}, fix: "write the host without a port"}
}

const ruleOfStar = "only the first label of a host may contain \"*\", and only once"

// badStar describes the mistake in a host with "*" where it is not allowed, such as
// a.*.example.com.
func (p *Pattern) badStar(host string) *mistake {
	const rule = ruleOfStar
	trimmed := strings.TrimRight(host, "*.")
	if m := p.starAtLoopback(host); m != nil {
		return m
	}
	rest := host
	for strings.HasPrefix(rest, "*") {
		rest = strings.TrimLeft(rest, "*")
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest = rest[1:]
	}
	switch {
	case isRange(host):
		return p.ipRange(host)
	case trimmed == "" && p.isWeb():
		return p.setAnyHost()
	case !p.isWeb():
		return &mistake{rule: "\"*\" in a host is for http and https only", fix: "replace it with your own " +
			"" + p.Scheme + " origins"}
	case strings.HasSuffix(host, ".*"):
		example := strings.TrimLeft(trimmed, "*.")
		if _, icann := publicsuffix.PublicSuffix(asciiToLower(example)); !icann {
			example += ".com"
		}
		return &mistake{
			rule: "\"*\" cannot replace the end of a domain, because anyone could register a matching one",
			fix:  "replace it with your own domains, as in " + strconv.Quote(p.with(example)),
		}
	case strings.HasSuffix(host, "*"): // https://acme.co*, which may mean acme.com
		return &mistake{rule: rule, fix: listOrigins}
	case !strings.Contains(rest, "*") && len(host)-len(rest) > 1: // https://*.*.example.com
		return &mistake{rule: rule, write: []string{p.with("*." + rest)}, fix: listOrigins}
	}
	_, domain, _ := strings.Cut(host[strings.LastIndexByte(host, '*'):], ".")
	if domain == "" { // https://*app
		return &mistake{rule: rule, fix: listOrigins}
	}
	m := &mistake{rule: rule, write: []string{p.with("*." + domain)}, fix: listOrigins}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix != domain && hostBytes(strings.NewReplacer(".", "", "*", "").
		Replace(asciiToLower(host))) {
		quoted := strings.ReplaceAll(asciiToLower(host), ".", `\.`)
		m.regex = p.Scheme + "://" + strings.ReplaceAll(quoted, "*", "[a-z0-9-]+") + p.portExpr()
		m.spelled = true
	}
	return m
}

// starAtLoopback describes the mistake in a loopback host with "*" directly before or after it,
// such as localhost*. It returns nil for other hosts.
func (p *Pattern) starAtLoopback(host string) *mistake {
	name := strings.Trim(asciiToLower(host), "*.")
	if !IsLoopback(name) || !p.isWeb() {
		return nil
	}
	if strings.HasSuffix(host, "*") {
		p.AnyPort, p.Port = true, 0
	}
	m := &mistake{rule: ruleOfStar, write: []string{p.with(name)}}
	switch {
	case !strings.HasPrefix(host, "*") || isIPv4(name):
	case strings.HasPrefix(host, "*."):
		m.write = []string{p.with("*." + name)}
	default:
		m.write = append(m.write, p.with("*."+name))
	}
	return m
}

// portExpr returns a regular expression for the ports that p matches.
func (p *Pattern) portExpr() string {
	switch {
	case p.AnyPort:
		return `(:\d+)?`
	case p.Port != 0:
		return ":" + strconv.Itoa(int(p.Port))
	}
	return ""
}

// isRange reports whether a host is an IPv4 address in which "*" replaces some of the numbers.
func isRange(host string) bool {
	return strings.Trim(host, "0123456789.*") == "" && strings.Count(host, ".") <= 3 &&
		strings.ContainsAny(host, "0123456789") && strings.Contains(host, "*")
}

// addressRange matches a range such as 192.168.1.x or 192.168.1.1-254. As a domain, nobody has it.
var addressRange = expr(`^\d{1,3}(\.(\d{1,3}(-\d{1,3})?|x{1,3})){3}$`)

// isAddressRange reports whether a host is such a range. The host must be in lower case.
func isAddressRange(host string) bool {
	return host != "" && '0' <= host[0] && host[0] <= '9' && strings.ContainsAny(host, "x-") &&
		addressRange().MatchString(host)
}

// ipRange describes the mistake in an IPv4 address in which "*" replaces some of the numbers.
func (p *Pattern) ipRange(host string) *mistake {
	m := &mistake{rule: "a range of IP addresses is not an origin", fix: "replace it with your own " +
		"addresses", isRange: true}
	labels := strings.Split(host, ".")
	for len(labels) < 4 {
		labels = append(labels, "*")
	}
	for i, label := range labels {
		switch {
		case label == "*" || strings.Trim(label, "x") == "":
			labels[i] = `\d+`
		case !allDigits(label):
			return m // 192.168.1.1* may mean any port
		}
	}
	m.regex = p.Scheme + "://" + strings.Join(labels, `\.`) + p.portExpr()
	return m
}

// checkHost returns the mistake in a host, which must be in lower case, or nil if the host is
// valid.
func (p *Pattern) checkHost(name string) *mistake {
	for _, c := range name {
		if c >= 0x80 || c != '.' && !hostByte[c] {
			return badChar(c)
		}
	}
	switch label := longLabel(name); {
	case len(name) > maxHost:
		return &mistake{rule: "a host must not be longer than " +
			"" + strconv.Itoa(maxHost) + " characters", fix: "correct the host"}
	case strings.Contains(name, ".."):
		for strings.Contains(name, "..") {
			name = strings.ReplaceAll(name, "..", ".")
		}
		if p.Kind != Exact {
			name = p.Prefix + "*" + p.Suffix + "." + name
		}
		return &mistake{rule: "a host must not have two dots in a row", write: []string{p.with(name)},
			fix: "write one dot between two labels"}
	case label != "":
		return &mistake{rule: "a label of a host must not be longer than " + strconv.Itoa(maxLabel) + " characters",
			fix: "correct the host"}
	case p.Kind == Exact && isAddressRange(name):
		return p.ipRange(name)
	case p.Kind == Exact && allDigits(name) && 2 <= len(name) && len(name) <= 5:
		return &mistake{rule: "a port is not a host", fix: "correct the host"}
	case p.Kind == Exact && endsInNumber(name) && !isIPv4(name):
		return &mistake{
			rule: "an IPv4 address must be four decimal numbers from 0 to 255",
			fix:  `write the address of the server, such as "https://192.0.2.1"`,
		}
	case strings.Contains(name, "xn--") && !isIDN(name):
		return &mistake{
			rule: "a label that begins with \"xn--\" must be valid Punycode, and this one is not",
			fix:  "write the domain in Unicode",
		}
	}
	return nil
}

// isIDN reports whether a host is still valid after its labels that begin with "xn--" are decoded.
func isIDN(name string) bool {
	decoded, err := profile.ToUnicode(name)
	if err != nil {
		return false
	}
	encoded, err := profile.ToASCII(decoded)
	return err == nil && encoded == name
}

// checkLabel checks the label that contains the wildcard. The wildcard must not be part of a
// registered name. For example, https://*example.com also matches https://evil-example.com.
func (p *Pattern) checkLabel() *mistake {
	affixes := p.Prefix + p.Suffix
	for _, c := range affixes {
		if c >= 0x80 || !hostByte[c] {
			return p.lookalike(p.Prefix+"*"+p.Suffix+"."+p.Host, badChar(c))
		}
	}
	if len(affixes) > maxLabel-1 {
		return &mistake{rule: "a label of a host must not be longer than " + strconv.Itoa(maxLabel) + " characters",
			fix: "correct the host"}
	}
	suffix, icann := publicsuffix.PublicSuffix(p.Host)
	// A top-level domain that is not in the list, as in https://*corp.internal, may be added to it.
	if unlisted := !icann && !strings.Contains(suffix, "."); suffix != p.Host || !icann && !unlisted {
		return nil
	}
	evil := "evil"
	if p.Prefix != "" {
		evil = strings.TrimSuffix(p.Prefix, "-") + "-" + evil
	}
	if p.Suffix != "" {
		evil += "-" + strings.TrimPrefix(p.Suffix, "-")
	}
	m := &mistake{
		rule: "\"*\" here also matches " + strconv.Quote(evil+"."+p.Host) + ", which anyone can register", fix: listOrigins,
	}
	// The author of https://*example.com has example.com, but that of https://*-dev.com or
	// https://dev-*.com does not have dev.com.
	if p.Prefix == "" && !strings.HasPrefix(p.Suffix, "-") {
		domain := p.Suffix + "." + p.Host
		m.write = []string{p.with("*." + domain), p.with(domain)}
	}
	return m
}

// lookalike adds a suggestion to the mistake m. It is the host with ASCII characters in place of
// characters that only look like them.
func (p *Pattern) lookalike(host string, m *mistake) *mistake {
	if replaced := toLookalike(host); replaced != host {
		m.write = []string{p.with(replaced)}
	}
	return m
}

// profile converts hosts as browsers do (https://url.spec.whatwg.org/#concept-domain-to-ascii).
var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false),
)

func toASCII(host string) (string, *mistake) {
	for i := 0; i < len(host); i++ {
		if host[i] < 0x80 {
			continue
		}
		// Current Unicode data (UTS #46) maps the capital ẞ to ß. The older data in x/net maps it to ss.
		name, err := profile.ToASCII(strings.ReplaceAll(host, "ẞ", "ß"))
		// ToASCII checks the direction of letters before it maps them. The symbol ℵ is mapped to a letter
		// with another direction, so the result is checked again.
		if err == nil {
			_, err = profile.ToUnicode(name)
		}
		if err != nil {
			return "", &mistake{rule: "this is not a valid internationalized domain name", fix: "correct the domain"}
		}
		return name, nil
	}
	return asciiToLower(host), nil
}

// asciiToLower is like strings.ToLower, but converts only ASCII letters. For example, it does not
// convert the Kelvin sign to k.
func asciiToLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = asciiLower(c)
	}
	return string(b)
}

// hasEmptyLabel reports whether a host begins or ends with a dot, or has two dots in a row.
func hasEmptyLabel(host string) bool {
	return host[0] == '.' || host[len(host)-1] == '.' || strings.Contains(host, "..")
}

func hostBytes(s string) bool {
	for i := 0; i < len(s); i++ {
		if !hostByte[s[i]] {
			return false
		}
	}
	return true
}

// badChar describes the mistake in a host with a character that no host may contain.
func badChar(c rune) *mistake {
	return &mistake{
		rule: "a host cannot contain " + strconv.QuoteRune(c),
		fix:  "copy the host from the address bar",
	}
}

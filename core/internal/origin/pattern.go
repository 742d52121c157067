package origin

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/polycors/cors/core/internal/problem"
)

// Kind is the form of a [Pattern]. It determines which origins the pattern can match.
type Kind uint8

const (
	// Exact matches one host. For example, https://example.com matches only that origin, and
	// https://example.com:* matches the same scheme and host with any port.
	Exact Kind = iota
	// Subdomains matches every subdomain of a host. For example, https://*.example.com matches
	// https://a.example.com and https://a.b.example.com, but not https://example.com.
	Subdomains
	// Label matches the direct subdomains of a host whose first label has a given prefix, a given
	// suffix or both. For example, https://deploy-*.example.com matches https://deploy-1.example.com.
	Label
	// Opaque matches only the origin null or only the origin file://.
	Opaque
	// Any is the pattern "*", which matches every origin.
	Any
)

// Pattern is a parsed entry of the AllowOrigins list, such as https://example.com or
// https://*.example.com.
type Pattern struct {
	Kind           Kind   // the form of the pattern; only Text is set if it is Any or Opaque
	Text           string // the whole pattern in normal form; see ParsePattern
	Scheme         string // such as "https"
	Host           string // the domain after the wildcard label, or the whole host if Kind is Exact
	Prefix, Suffix string // what is before and after "*" if Kind is Label; at least one is not empty
	Port           uint16 // 0 means the default port of the scheme
	AnyPort        bool   // the pattern matches every port, and Port is 0
}

// ParsePattern parses an entry of the AllowOrigins list and converts it to normal form. For
// example, HTTPS://Example.com:443 becomes https://example.com. If the entry is invalid, the
// returned Problem says what is wrong with it and how to fix it. Otherwise the Problem is nil.
//
// In normal form, the scheme and the host are in lower case, the default port is omitted, Unicode
// hosts are in Punycode, and IPv6 addresses are compressed.
func ParsePattern(entry string) (Pattern, *problem.Problem) {
	switch entry {
	case "*":
		return Pattern{Kind: Any, Text: entry}, nil
	case "null", "file://":
		return Pattern{Kind: Opaque, Text: entry}, nil
	}
	// Most entries are in normal form already. For them, nothing is copied.
	if o, ok := Parse(entry); ok {
		return Pattern{Kind: Exact, Text: entry, Scheme: o.Scheme, Host: o.Host, Port: o.Port}, nil
	}
	if p := misread(entry); p != nil {
		return Pattern{}, p
	}
	scheme, authority, _ := strings.Cut(entry, "://")
	scheme = asciiToLower(scheme)
	if !isScheme(scheme) {
		return Pattern{}, problem.New("a scheme is letters, digits, \"+\", \"-\" and \".\"",
			"write \"https://\" or the scheme that browsers send")
	}
	host, port, hasPort := splitPort(authority)
	pat := Pattern{Scheme: scheme}
	if hasPort {
		if pat.AnyPort = port == "*"; !pat.AnyPort {
			var ok bool
			if pat.Port, ok = parsePort(port); !ok {
				return Pattern{}, problem.New("a port is a number from 1 to 65535, without leading zeros",
					portFix(scheme, host, port))
			}
			if pat.Port == DefaultPort(scheme) {
				pat.Port = 0
			}
		}
	}
	if p := pat.setHost(host); p != nil {
		return Pattern{}, p
	}
	if (pat.Kind != Exact || pat.AnyPort) && scheme != "http" && scheme != "https" {
		return Pattern{}, problem.New("wildcards go with http and https only", "list each "+scheme+" origin")
	}
	pat.Text = pat.String()
	if len(pat.Text) > MaxLen {
		return Pattern{}, problem.New("an origin has at most "+strconv.Itoa(MaxLen)+" bytes", "remove it")
	}
	return pat, nil
}

// String returns the normal form of p, which it builds from the scheme, host and port. Patterns of
// kind [Any] or [Opaque] have none of these, so use p.Text for them instead.
func (p Pattern) String() string {
	s := p.Scheme + "://"
	switch p.Kind {
	case Subdomains:
		s += "*."
	case Label:
		s += p.Prefix + "*" + p.Suffix + "."
	}
	s += p.Host
	if p.AnyPort {
		return s + ":*"
	}
	if p.Port != 0 {
		s += ":" + strconv.Itoa(int(p.Port))
	}
	return s
}

// Risk is a bit set of reasons not to trust every origin that a [Pattern] matches. For example,
// http://*.github.io has the risks RiskInsecure|RiskSuffix.
type Risk uint8

const (
	// RiskAny means that the pattern is "*", so it matches every website.
	RiskAny Risk = 1 << iota
	// RiskOpaque means that the pattern is null or file://. Every website can send such an origin.
	RiskOpaque
	// RiskInsecure means that the pattern matches http origins that are not loopback. Anyone on the
	// network path can impersonate such an origin.
	RiskInsecure
	// RiskSuffix means that the wildcard matches a public suffix or names under one. Anyone can
	// register names under a public suffix; see [IsPublicSuffix].
	RiskSuffix
)

// Risk returns the reasons not to trust every origin that p matches, or 0 if there are none. For
// example, it returns 0 for https://example.com.
func (p Pattern) Risk() (r Risk) {
	switch p.Kind {
	case Any:
		return RiskAny
	case Opaque:
		return RiskOpaque
	}
	if IsLoopback(p.Host) {
		return 0
	}
	if p.Scheme == "http" {
		r |= RiskInsecure
	}
	if p.PublicSuffix() != "" {
		r |= RiskSuffix
	}
	return r
}

// PublicSuffix returns a public suffix that the wildcard of p matches, or under which it matches
// names. It returns "" if there is none. For example, it returns pages.dev for https://*.pages.dev.
//
// If p matches only suffixes below its own domain, PublicSuffix returns the shortest of them. For
// example, it returns s3-us-west-1.amazonaws.com for https://s3-us-w*.amazonaws.com.
func (p Pattern) PublicSuffix() string {
	switch {
	case p.Kind != Subdomains && p.Kind != Label || IsLoopback(p.Host):
		return ""
	case IsPublicSuffix(p.Host):
		return p.Host
	}
	shortest := ""
	for _, suffix := range SuffixesBelow(p.Host) {
		matches := p.Kind == Subdomains || p.matchesLabelOf(suffix) && IsSharedHost(suffix)
		if matches && (shortest == "" || len(suffix) < len(shortest)) {
			shortest = suffix
		}
	}
	return shortest
}

// matchesLabelOf reports whether a Label pattern matches a host.
func (p Pattern) matchesLabelOf(host string) bool {
	label, domain, _ := strings.Cut(host, ".")
	return domain == p.Host && len(label) > len(p.Prefix)+len(p.Suffix) &&
		strings.HasPrefix(label, p.Prefix) && strings.HasSuffix(label, p.Suffix)
}

// IsPublicSuffix reports whether domain is a public suffix: a domain under which anyone can
// register names, such as com or co.uk (https://publicsuffix.org). The private section of the
// Public Suffix List is included, so IsPublicSuffix also returns true for github.io.
func IsPublicSuffix(domain string) bool {
	// Look up a name below the domain. The rule *.sch.uk makes every name under sch.uk a public
	// suffix, but not sch.uk itself.
	suffix, _ := publicsuffix.PublicSuffix("x-probe." + domain)
	return len(suffix) >= len(domain)
}

// IsSharedHost reports whether host is itself a public suffix, such as s3.amazonaws.com. Several
// customers may serve their pages from such a host, each under their own path.
//
// A wildcard rule of the Public Suffix List does not make its parent a shared host. For example,
// compute.amazonaws.com is not one, although there is a rule *.compute.amazonaws.com.
func IsSharedHost(host string) bool {
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix == host
}

// SuffixesBelow returns the public suffixes that are subdomains of the given domain. For example,
// the result for amazonaws.com includes s3.amazonaws.com. The result is empty for most domains, and
// for every domain that is itself a public suffix. The caller must not modify the slice.
func SuffixesBelow(domain string) []string { return suffixesBelow()[domain] }

var suffixesBelow = sync.OnceValue(func() map[string][]string {
	below := map[string][]string{}
	for suffix := range strings.FieldsSeq(deepSuffixes) {
		_, parent, more := strings.Cut(suffix, ".")
		for ; more && !IsPublicSuffix(parent); _, parent, more = strings.Cut(parent, ".") {
			below[parent] = append(below[parent], suffix)
		}
	}
	return below
})

// Covers reports whether p matches every origin that q matches. For example, https://*.example.com
// covers https://a.example.com and https://*.a.example.com.
func (p Pattern) Covers(q Pattern) bool {
	if p.Kind == Any || p.Text == q.Text {
		return true
	}
	if q.Kind == Any || q.Kind == Opaque || p.Scheme != q.Scheme || !p.AnyPort && (q.AnyPort || p.Port != q.Port) {
		return false
	}
	switch {
	case p.Kind == Subdomains:
		return strings.HasSuffix(q.Host, "."+p.Host) || q.Kind != Exact && q.Host == p.Host
	case p.Kind == Label && q.Kind == Label:
		return q.Host == p.Host && strings.HasPrefix(q.Prefix, p.Prefix) && strings.HasSuffix(q.Suffix, p.Suffix)
	case p.Kind == Label && q.Kind == Exact:
		return p.matchesLabelOf(q.Host)
	}
	return p.Kind == Exact && q.Kind == Exact && p.Host == q.Host
}

// misread recognises common mistakes: URLs with a path, regular expressions, lists of origins,
// missing schemes. It returns nil for an entry without such a mistake, which can still be invalid.
func misread(entry string) *problem.Problem {
	lower := strings.ToLower(entry)
	hasScheme := strings.Contains(entry, "://")
	switch {
	case entry == "":
		return problem.New("an empty entry allows nothing", "remove it")
	case strings.ContainsFunc(entry, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		if len(strings.Fields(entry)) > 1 {
			return problem.New("an entry is one origin, without spaces or control characters", "list each origin by itself")
		}
		return problem.New("an origin has no spaces or control characters", "remove them")
	case looksLikeRegex(entry):
		return &problem.Problem{
			Rule: problem.Plain("this looks like a regular expression"),
			Fix:  problem.Textf("use %v", problem.AllowOriginRegexes),
		}
	case strings.ContainsAny(entry, ",;"):
		return problem.New("an entry is one origin", "list each origin by itself")
	case lower == "null":
		return problem.New("the opaque origin is written in lower case", `write "null"`)
	case strings.HasPrefix(lower, "file:"):
		return problem.New("a file's origin has no path", `write "file://"`)
	case strings.HasPrefix(lower, "*:"):
		return problem.New("a scheme is no wildcard", "write one entry for each scheme"+suggest("https"+entry[1:]))
	case !hasScheme && strings.HasPrefix(entry, "//"):
		return problem.New("an origin begins with a scheme", writeOr("https:"+entry, "write it with its scheme"))
	case !hasScheme:
		name, rest, _ := strings.Cut(entry, ":")
		if strings.EqualFold(name, "http") || strings.EqualFold(name, "https") {
			return problem.New("a scheme is followed by \"://\"", writeOr(name+"://"+strings.TrimLeft(rest, "/"), "write it so"))
		}
		return problem.New("an origin begins with a scheme", writeOr("https://"+entry, "write it with its scheme"))
	}
	scheme, rest, _ := strings.Cut(entry, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		part := map[byte]string{'/': "path", '?': "query", '#': "fragment"}[rest[i]]
		return problem.New("an origin has no "+part, writeOr(scheme+"://"+rest[:i], "write scheme, host and port only"))
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		return problem.New("an origin has no user name or password",
			writeOr(scheme+"://"+rest[i+1:], "write scheme, host and port only"))
	}
	return nil
}

// looksLikeRegex reports whether the entry has characters that occur in regular expressions and not
// in origins.
func looksLikeRegex(entry string) bool {
	if strings.ContainsAny(entry, `\^$|(){}`) || strings.Contains(entry, ".+") || strings.HasPrefix(entry, ".*") ||
		strings.HasPrefix(entry, "/") && !strings.HasPrefix(entry, "//") || strings.HasPrefix(entry, "https?") {
		return true
	}
	_, rest, _ := strings.Cut(entry, "://")
	return strings.HasPrefix(rest, ".*") || strings.LastIndexByte(rest, '[') > 0
}

// suggest returns ", such as " and the normal form of an entry, or "" if the entry is invalid.
func suggest(entry string) string {
	if p, bad := ParsePattern(entry); bad == nil {
		return ", such as " + strconv.Quote(p.Text)
	}
	return ""
}

// writeOr returns "write " and the normal form of an entry, or otherwise if the entry is invalid.
func writeOr(entry, otherwise string) string {
	if p, bad := ParsePattern(entry); bad == nil {
		return "write " + strconv.Quote(p.Text)
	}
	return otherwise
}

func splitPort(authority string) (host, port string, ok bool) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || i < strings.LastIndexByte(authority, ']') {
		return authority, "", false
	}
	return authority[:i], authority[i+1:], true
}

func portFix(scheme, host, port string) string {
	number := strings.TrimLeft(port, "0")
	if _, ok := parsePort(number); !ok {
		return writeOr(scheme+"://"+host, "write the host without a port")
	}
	return writeOr(scheme+"://"+host+":"+number, "write the port without leading zeros")
}

// setHost parses a host, which may have a wildcard, and sets the fields of p that depend on it.
func (p *Pattern) setHost(host string) *problem.Problem {
	switch {
	case host == "":
		return problem.New("the host is missing", `write "`+p.Scheme+`://" and a host`)
	case host == "*":
		return problem.New("\"*\" is no host", `write "*" alone for every origin, or "`+p.Scheme+`://*.example.com"`)
	case strings.HasPrefix(host, "["):
		return p.setIPv6(host)
	case strings.Count(host, ":") == 1:
		return problem.New("an origin has one port", "write the host with one port")
	case strings.Contains(host, ":"):
		return problem.New("an IPv6 address stands in brackets",
			writeOr(p.Scheme+"://["+host+"]", `write "[" and "]" around it`))
	case strings.HasSuffix(host, "."):
		return problem.New("a host has no dot at its end",
			writeOr(p.Scheme+"://"+strings.TrimRight(host, "."), "write the host without it"))
	}
	if label, parent, more := strings.Cut(host, "."); strings.Contains(label, "*") {
		if !more {
			return problem.New("\"*\" does not stand for a part of this host", `write the host, and ":*" behind it for any port`)
		}
		p.Kind, host = Subdomains, parent
		if label != "*" {
			p.Kind = Label
			p.Prefix, p.Suffix, _ = strings.Cut(asciiToLower(label), "*")
		}
	}
	if strings.Contains(p.Suffix+host, "*") {
		return problem.New("\"*\" stands once in a host, in its first label", p.wildcardFix(host))
	}
	name, bad := toASCII(host)
	switch {
	case bad != nil:
		return bad
	case strings.Contains(name, "*"): // it was a fullwidth asterisk, which is mapped to "*"
		return problem.New("\"*\" stands once in a host, in its first label", `write it as in "https://*.example.com"`)
	}
	ip, ok := classifyHost(name)
	if !ok {
		return badHost(name)
	}
	if p.Host = name; p.Kind == Exact {
		return nil
	}
	if ip {
		return problem.New("an IP address has no wildcard", "list each address")
	}
	if len(name) > maxHost-len("a.") {
		return problem.New("a host has at most "+strconv.Itoa(maxHost)+" characters", "remove it")
	}
	if p.Kind == Label {
		return p.checkLabel()
	}
	return nil
}

func (p *Pattern) setIPv6(host string) *problem.Problem {
	if text, ok := strings.CutSuffix(host[1:], "]"); ok {
		if addr, err := netip.ParseAddr(text); err == nil && addr.Is6() && addr.Zone() == "" {
			var groups [8]uint16
			for i, b := range addr.As16() {
				groups[i/2] = groups[i/2]<<8 | uint16(b)
			}
			p.Host = "[" + string(appendIPv6(nil, groups)) + "]"
			return nil
		}
	}
	if strings.Contains(host, "*") {
		return problem.New("an IP address has no wildcard", "list each address")
	}
	return problem.New("this is no IPv6 address (zones do not count)", `write one such as "`+p.Scheme+`://[::1]"`)
}

// checkLabel checks the label that has the wildcard. Labels that it matches must be valid. And it
// must not be the label that one registers, because https://*example.com also matches
// evil-example.com.
func (p *Pattern) checkLabel() *problem.Problem {
	affixes := p.Prefix + p.Suffix
	if len(affixes) > 62 || !isLabelFrame("x"+affixes+"x") ||
		strings.HasPrefix(p.Prefix, "-") || strings.HasSuffix(p.Suffix, "-") {
		return badHost(p.Prefix + "*" + p.Suffix)
	}
	for i := 0; i < len(affixes); i++ {
		if !hostByte[affixes[i]] {
			return badHost(affixes)
		}
	}
	suffix, icann := publicsuffix.PublicSuffix(p.Host)
	// A top-level domain that is not in the list, as in https://*corp.internal, may be added to it.
	if unlisted := !icann && !strings.Contains(suffix, "."); suffix == p.Host && (icann || unlisted) {
		fixed := Pattern{
			Kind: Subdomains, Scheme: p.Scheme, Host: strings.Trim(affixes, "-") + "." + p.Host, Port: p.Port,
			AnyPort: p.AnyPort,
		}
		return problem.New("\"*\" within the label that one registers lets in names that others own",
			writeOr(fixed.String(), "list each origin"))
	}
	return nil
}

// wildcardFix suggests a wildcard for the domain after the last "*".
func (p *Pattern) wildcardFix(host string) string {
	if i := strings.LastIndexByte(host, '*'); i >= 0 {
		_, host, _ = strings.Cut(host[i:], ".")
	}
	return writeOr(p.Scheme+"://*."+host, `write it as in "https://*.example.com"`)
}

// profile converts hosts as browsers do (https://url.spec.whatwg.org/#concept-domain-to-ascii).
var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false),
)

func toASCII(host string) (string, *problem.Problem) {
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
			return "", problem.New("this is no internationalised domain name", "write it in Punycode (\"xn--…\")")
		}
		return name, nil
	}
	return asciiToLower(host), nil
}

// asciiToLower is like strings.ToLower, but only converts ASCII letters: the Kelvin sign does not
// become a k.
func asciiToLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = asciiLower(c)
	}
	return string(b)
}

// badHost returns why classifyHost does not accept the host.
func badHost(host string) *problem.Problem {
	for _, c := range host {
		if c >= 0x80 || c != '.' && c != '*' && !hostByte[c] {
			return problem.New("a host has no "+strconv.QuoteRune(c)+" in it here", "write the host as browsers send it")
		}
	}
	if len(host) > maxHost {
		return problem.New("a host has at most "+strconv.Itoa(maxHost)+" characters", "remove it")
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		switch {
		case label == "":
			return problem.New("a host has no empty label", "write one dot between two labels")
		case !isLabelFrame(label):
			return problem.New("a label has at most 63 characters, and no hyphen at either end", "correct "+strconv.Quote(label))
		}
	}
	return problem.New("a host that ends in a number is an IPv4 address of four decimal numbers",
		`write one such as "127.0.0.1"`)
}

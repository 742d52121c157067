package origin

import (
	"strconv"
	"strings"
	"sync"

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
	// AnyHost matches every host of a scheme other than http and https. For example,
	// chrome-extension://* matches every extension of Chrome.
	AnyHost
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
// returned Problem says what is wrong and how to fix it. Otherwise, the Problem is nil.
//
// In normal form, the scheme and the host are in lower case, the default port is omitted, Unicode
// hosts are in Punycode, and IPv6 addresses are compressed.
func ParsePattern(entry string) (Pattern, *problem.Problem) { return ParseFor(0, entry) }

// ParseFor is like [ParsePattern], but for a list that does not accept every pattern. The argument
// use says which patterns the list accepts, so that the returned Problem suggests only those.
func ParseFor(use Use, entry string) (Pattern, *problem.Problem) {
	p, m := parse(entry)
	if m != nil {
		return Pattern{}, m.problem(use, entry)
	}
	return p, nil
}

func parse(entry string) (Pattern, *mistake) {
	switch entry {
	case "*":
		return Pattern{Kind: Any, Text: entry}, nil
	case "null", "file://":
		return Pattern{Kind: Opaque, Text: entry}, nil
	}
	// Most entries are in normal form already. For them, nothing is copied.
	if o, ok := Parse(entry); ok && isPlain(o) {
		return Pattern{Kind: Exact, Text: entry, Scheme: o.Scheme, Host: o.Host, Port: o.Port}, nil
	}
	if m := misread(entry); m != nil {
		return Pattern{}, m
	}
	scheme, authority, _ := strings.Cut(entry, "://")
	pat := Pattern{Scheme: asciiToLower(scheme)}
	if m := pat.checkScheme(scheme, authority); m != nil {
		return Pattern{}, m
	}
	host, port, hasPort := splitPort(authority)
	if hasPort {
		if pat.AnyPort = port == "*"; !pat.AnyPort {
			var ok bool
			if pat.Port, ok = parsePort(port); !ok {
				return Pattern{}, badPort(pat.Scheme, host, port)
			}
			if pat.Port == DefaultPort(pat.Scheme) {
				pat.Port = 0
			}
		}
	}
	if m := pat.setHost(host); m != nil {
		return Pattern{}, m
	}
	pat.Text = pat.String()
	if len(pat.Text) > MaxLen {
		return Pattern{}, &mistake{rule: "an origin has at most " + strconv.Itoa(MaxLen) + " bytes", fix: "remove it"}
	}
	return pat, nil
}

// isPlain reports whether a parsed origin is a valid entry without further checks.
func isPlain(o Origin) bool {
	return (o.Scheme == "https" || o.Scheme == "http") && !o.EmptyLabel && longLabel(o.Host) == "" &&
		len(o.Host) <= maxHost && !strings.Contains(o.Host, "xn--") && !strings.Contains(o.Host, "__") &&
		!isAddressRange(o.Host)
}

// String returns p in normal form, such as https://*.example.com. The kind of p must not be [Any]
// or [Opaque].
func (p Pattern) String() string {
	s := p.Scheme + "://"
	switch p.Kind {
	case Subdomains:
		s += "*."
	case Label:
		s += p.Prefix + "*" + p.Suffix + "."
	case AnyHost:
		s += "*"
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

// Risk is a bit set of reasons not to trust a [Pattern]. Each bit is one way in which the pattern
// can match an origin that belongs to other people. For example, http://*.github.io has the risks
// RiskInsecure and RiskSuffix. The Risk of https://example.com is 0.
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
	// RiskAnyHost means that the pattern matches every app or extension with its scheme, as
	// chrome-extension://* and qrc:// do.
	RiskAnyHost
)

// Risk returns the reasons not to trust p, or 0 if there are none. For example, it returns
// RiskSuffix for https://*.github.io, because anyone can register a name under github.io.
func (p Pattern) Risk() (r Risk) {
	switch p.Kind {
	case Any:
		return RiskAny
	case Opaque:
		return RiskOpaque
	case AnyHost:
		return RiskAnyHost
	}
	if p.Host == "" {
		return RiskAnyHost // every page with the scheme has this origin
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

// PublicSuffix returns a public suffix that makes the wildcard of p unsafe, or "" if there is none.
// For example, it returns pages.dev for https://*.pages.dev, because anyone can register a name
// under pages.dev.
func (p Pattern) PublicSuffix() string {
	// The wildcard is also unsafe if it matches a suffix below the domain of p, or a name under one.
	// For https://s3-us-w*.amazonaws.com, the result is s3-us-west-1.amazonaws.com. If there are
	// several such suffixes, the result is the shortest.
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

// matchesLabelOf reports whether p, which must be a Label pattern, matches the host.
func (p Pattern) matchesLabelOf(host string) bool {
	label, domain, _ := strings.Cut(host, ".")
	return domain == p.Host && len(label) > len(p.Prefix)+len(p.Suffix) &&
		strings.HasPrefix(label, p.Prefix) && strings.HasSuffix(label, p.Suffix)
}

// IsPublicSuffix reports whether domain is a public suffix: a domain under which anyone can
// register names, such as com, co.uk or github.io (https://publicsuffix.org).
func IsPublicSuffix(domain string) bool {
	// Look up a name below the domain. The rule *.sch.uk makes every name under sch.uk a public
	// suffix, but not sch.uk itself.
	suffix, _ := publicsuffix.PublicSuffix("x-probe." + domain)
	return len(suffix) >= len(domain)
}

// IsSharedHost reports whether host is itself a public suffix, such as s3.amazonaws.com. Such a
// host can serve pages of different people, each under a different path.
func IsSharedHost(host string) bool {
	// A rule such as *.compute.amazonaws.com does not make compute.amazonaws.com a shared host.
	suffix, _ := publicsuffix.PublicSuffix(host)
	// The result for an address, or for a name without a dot such as intranet, is the host itself.
	return suffix == host && strings.Contains(host, ".") && !endsInNumber(host)
}

// SuffixesBelow returns the public suffixes that are subdomains of domain. For example, the result
// for amazonaws.com includes s3.amazonaws.com. The result is empty if domain is itself a public
// suffix. The caller must not modify it.
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
	case p.Kind == AnyHost:
		return true
	case p.Kind == Subdomains:
		return strings.HasSuffix(q.Host, "."+p.Host) || q.Kind != Exact && q.Host == p.Host
	case p.Kind == Label && q.Kind == Label:
		return q.Host == p.Host && strings.HasPrefix(q.Prefix, p.Prefix) && strings.HasSuffix(q.Suffix, p.Suffix)
	case p.Kind == Label && q.Kind == Exact:
		return p.matchesLabelOf(q.Host)
	}
	return p.Kind == Exact && q.Kind == Exact && p.Host == q.Host
}

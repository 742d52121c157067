package origin

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core/internal/near"
)

var (
	naiveScheme = regexp.MustCompile(`\A[a-z][a-z0-9+.-]*\z`)
	naiveHost   = regexp.MustCompile(`\A[a-z0-9_.-]+\z`)
	naiveNumber = regexp.MustCompile(`\A([0-9]+|0x[0-9a-f]*)\z`)
	naivePort   = regexp.MustCompile(`\A[1-9][0-9]{0,4}\z`)

	naiveDefaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
)

// naiveParse accepts what Parse has to accept, and nothing else. It splits the text and asks
// net/netip and expressions about the parts.
func naiveParse(text string) (scheme, host, port string, ok bool) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || len(text) > 320 || scheme == "file" || !naiveScheme.MatchString(scheme) {
		return "", "", "", false
	}
	host = rest
	if i := strings.LastIndex(rest, ":"); i > strings.LastIndex(rest, "]") {
		host, port = rest[:i], rest[i+1:]
		n, _ := strconv.Atoi(port)
		if !naivePort.MatchString(port) || n > 65535 || port == naiveDefaultPorts[scheme] {
			return "", "", "", false
		}
	}
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
		return scheme, host, port, err == nil && addr.Is6() && addr.Zone() == "" && host == "["+naiveIPv6(addr)+"]"
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if last := labels[len(labels)-1]; last != "" && naiveNumber.MatchString(last) {
		addr, err := netip.ParseAddr(host)
		return scheme, host, port, err == nil && addr.Is4()
	}
	return scheme, host, port, naiveHost.MatchString(host)
}

// naiveListed reports whether an origin can be an entry. Not everything that a browser sends can:
// hosts that nobody has, and schemes of requests instead of pages.
func naiveListed(scheme, host string) bool {
	web := scheme == "http" || scheme == "https"
	for _, label := range strings.Split(host, ".") {
		if label == "" && (web || host != ".") || len(label) > 63 || strings.HasPrefix(label, "xn--") ||
			strings.HasPrefix(label, "__") {
			return false
		}
	}
	return len(host) <= 253 && (web || strings.Trim(scheme, "htps") != "" && !slices.Contains([]string{
		"ws", "wss", "ftp", "ftps", "sftp", "data", "blob", "javascript", "about", "mailto", "view-source", "filesystem",
		"tel", "urn", "cid",
	}, scheme) && near.Distance(scheme, "http", 1) > 1 && near.Distance(scheme, "https", 1) > 1)
}

// naiveIPv6 is https://url.spec.whatwg.org/#concept-ipv6-serializer: it writes all groups, and of
// the longest runs of zeros, of two groups at least, the first becomes "::".
func naiveIPv6(addr netip.Addr) string {
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

// origins are seeds: hosts and ports in the spelling of a browser, and next to each some that are
// not.
var origins = []string{
	"https://example.com", "https://example.com:443", "https://example.com:8443", "http://example.com:80",
	"http://example.com:443",
	"https://example.com:0", "https://example.com:", "https://example.com:08443", "https://example.com:65535",
	"https://example.com:65536",
	"https://example.com:+1", "https://example.com:8443:8443", "https://example.com/", "https://example.com?",
	"https://example.com#",
	"https://user@example.com", "https://example.com:443@evil.com", "https://EXAMPLE.com", "HTTPS://example.com",
	"https://bücher.example",
	"https://xn--bcher-kva.example", "https://a_b.example.com", "https://_.example", "https://-a.example",
	"https://a-.example", "https://a--b.example",
	"https://.example.com", "https://example..com", "https://example.com.", "https://%65xample.com",
	"https://example.com\x00", "https://exa mple.com",
	"https://" + strings.Repeat("a", 63) + ".example", "https://" + strings.Repeat("a", 64) + ".example",
	"https://" + strings.Repeat("a.", 126) + "a", "https://" + strings.Repeat("a.", 126) + "aa",
	strings.Repeat("s", 311) + "://a.b.c", strings.Repeat("s", 310) + "://a.b.cd", strings.Repeat("s", 312) + "://a.b.c",
	"http://127.0.0.1:8080", "http://127.0.0.01", "http://127.1", "http://2130706433", "http://0x7f000001",
	"http://127.0.0.0x1", "http://256.0.0.1",
	"http://1.2.3.4.5", "http://127.0.0.1.", "http://a.0x", "http://a.0xg", "http://0.0.0.0", "http://1.2.3.a",
	"http://[::1]:8080", "http://[::]", "http://[0:0:0:0:0:0:0:1]", "http://[2001:db8::a]", "http://[2001:DB8::a]",
	"http://[2001:db8:0:0:1:0:0:1]",
	"http://[2001:db8::1:0:0:1]", "http://[2001:db8:0:0:1::1]", "http://[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7::]",
	"http://[1:2:3:4:5:6::]",
	"http://[1:2:3:4:5:6:7:8:9]", "http://[::1:2:3:4:5:6:7]", "http://[1::2::3]", "http://[1:::2]", "http://[1:2:]",
	"http://[:1]", "http://[12345::]",
	"http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]", "http://[::ffff:7f00:01]", "http://[fe80::1%25eth0]",
	"http://[fe80::1%eth0]", "http://[::1", "http://[]",
	"http://[::1]x", "http://[::1]:", "http://[::1]:80", "http://::1", "http://[127.0.0.1]",
	"chrome-extension://abcdef", "capacitor://localhost", "a+b-c.d://x", "1a://x", "://x", "http:example.com",
	"http:/example.com", "http:///example.com",
	"wss://example.com:443", "ws://example.com:80", "ftp://example.com:21", "file://", "file://host", "null", "", "*",
	"app://.", "app://-", "https://.", "https://..", "https://1.2.3.4..", "https://a.1.", "https://xn--f", "https://a.0x.",
	"http://app.localhost.:3000", "http://foo-.localhost", "https://__a__.example", "ttps://a.example",
	"https://https://example.com",
}

// FuzzParse holds Parse against naiveParse and against what net/url makes of the same text, and
// checks that an origin which is accepted is its own serialisation.
func FuzzParse(f *testing.F) {
	for _, seed := range origins {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, ok := Parse(text)
		scheme, host, port, want := naiveParse(text)
		if ok != want {
			t.Fatalf("Parse(%q): got %v, want %v", text, ok, want)
		}
		if !ok {
			if o != (Origin{}) {
				t.Errorf("Parse(%q): got %+v for what is refused", text, o)
			}
			return
		}

		number := ""
		if o.Port != 0 {
			number = strconv.Itoa(int(o.Port))
		}
		if o.Scheme != scheme || o.Host != host || number != port {
			t.Errorf("Parse(%q): got %+v, want %q, %q, %q", text, o, scheme, host, port)
		}
		again := o.Scheme + "://" + o.Host
		if o.Port != 0 {
			again += ":" + number
		}
		if again != text {
			t.Errorf("Parse(%q): its parts make %q", text, again)
		}
		if _, err := netip.ParseAddr(strings.Trim(o.Host, "[]")); o.IP != (err == nil) {
			t.Errorf("Parse(%q): IP: got %v, netip: %v", text, o.IP, err)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || 'A' <= r && r <= 'Z' }) {
			t.Errorf("Parse(%q) accepts what no browser writes", text)
		}

		u, err := url.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q) accepts it, net/url says %v", text, err)
		}
		if u.Scheme != o.Scheme || u.Hostname() != strings.Trim(o.Host, "[]") || u.Port() != number || u.String() != text {
			t.Errorf("Parse(%q): got %+v, net/url %+v", text, o, u)
		}

		for _, host := range []string{
			o.Host + text[len(o.Scheme)+len("://")+len(o.Host):], strings.ToUpper(strings.TrimPrefix(text, o.Scheme+"://")),
		} {
			if !o.IsHost(host) {
				t.Errorf("%q: IsHost(%q): got false", text, host)
			}
		}
		for _, host := range []string{"", o.Host + "x", "x." + o.Host, o.Host + ":1" + number, o.Host + ":", o.Host + "."} {
			if o.IsHost(host) {
				t.Errorf("%q: IsHost(%q): got true", text, host)
			}
		}

		pattern, problem := ParsePattern(text)
		if !naiveListed(scheme, host) {
			return
		}
		if problem != nil || pattern != (Pattern{Kind: Exact, Text: text, Scheme: o.Scheme, Host: o.Host, Port: o.Port}) {
			t.Errorf("ParsePattern(%q): got %+v, %+v", text, pattern, problem)
		}
	})
}

// patterns are seeds: each form of an entry, and what people write instead.
var patterns = []string{
	"chrome-extension://*", "app://*", "app://*:1", "app://*:*", "app://.", "app://..",
	"*", "null", "file://", "NULL", "file:///x", "FILE://host", "https://*", "https://*.", "*://example.com",
	"*.example.com", "//example.com", "example.com:8080",
	"https://*.example.com", "https://*.example.com:8443", "https://*.example.com:*", "https://*.example.com:443",
	"HTTPS://*.Example.COM:443",
	"https://deploy-*.example.com", "https://*--site.example.com", "https://a-*-b.example.com:*",
	"https://Deploy-*.Example.com", "https://*-.example.com",
	"https://-*.example.com", "https://*example.com", "https://example*.com", "https://*.*.example.com",
	"https://a.*.example.com", "https://**.example.com",
	"https://x*.github.io", "https://*.com", "https://x*.unlisted", "https://*.127.0.0.1", "https://*.0x",
	"https://*.[::1]", "https://[*]", "https://[::*]",
	"http://localhost:*", "http://localhost*", "http://[0:0:0:0:0:0:0:1]:*", "http://[::FFFF:127.0.0.1]",
	"http://[::1%25eth0]", "http://::1", "http://::1:80",
	"http://example.com:080", "http://example.com:00", "http://example.com:99999", "http://a:b:c:d", "http://a:1:2",
	"https://example.com..", "wss://*.example.com",
	"wss://Example.com:443", "ftp://EXAMPLE.com:21", "http://127.0.0.1:*", "http://127.1", "https://bücher.example",
	"https://*.BÜCHER.example:*", "https://ü*.example.com",
	"https://a。example.com", "https://＊.example.com", "https://a／b.example.com", "https://\u212aelvin.example",
	"\u212aapp://x", "https://xn--a.example",
	"https://example.com/", "https://example.com/*", "https://user:pw@example.com", "https://example.com?x",
	"https://example.com#x", "https://a.com,https://b.com",
	"https://a.com https://b.com", " https://a.com", "https://a.com\r\nX: 1", "https://a.com\x00", "https:/a.com",
	"https:a.com", `https://.*\.example\.com`, "/https:/",
	"https?://example.com", "https://[a-z]+.example.com", "^https://a$", "https://é", "https://\xff.example", "", "://",
	"https://", "https://:80", "https://@",
	"https://" + strings.Repeat("a.", 125) + "a", "https://*." + strings.Repeat("a.", 125) + "a",
	"https://*." + strings.Repeat("a.", 126) + "a",
	"https://" + strings.Repeat("a", 31) + "*" + strings.Repeat("a", 31) + ".example.com",
	"https://" + strings.Repeat("a", 32) + "*" + strings.Repeat("a", 31) + ".example.com",
}

// FuzzPattern checks that the normal form of an accepted entry is accepted and stays the same, and
// that a refused entry has a problem with a rule and a fix.
func FuzzPattern(f *testing.F) {
	for _, seed := range slices.Concat(origins, patterns) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		p, problem := ParsePattern(entry)
		if problem != nil {
			if problem.Rule.String() == "" || problem.Fix.String() == "" || p != (Pattern{}) {
				t.Errorf("ParsePattern(%q): got %+v, %+v", entry, p, problem)
			}
			return
		}
		again, problem := ParsePattern(p.Text)
		if problem != nil || again != p {
			t.Errorf("ParsePattern(%q): got %+v, and of its text %+v, %+v", entry, p, again, problem)
		}
		if len(p.Text) > 320 ||
			strings.ContainsFunc(p.Text, func(r rune) bool { return r <= ' ' || r >= 0x7f || 'A' <= r && r <= 'Z' }) {
			t.Errorf("ParsePattern(%q): got the text %q", entry, p.Text)
		}
		switch p.Kind {
		case Any, Opaque:
			if p.Text != entry || !slices.Contains([]string{"*", "null", "file://"}, entry) {
				t.Errorf("ParsePattern(%q): got %+v", entry, p)
			}
			return
		case AnyHost:
			if p.Text != p.Scheme+"://*" || p != (Pattern{Kind: AnyHost, Text: p.Text, Scheme: p.Scheme}) {
				t.Errorf("ParsePattern(%q): got %+v", entry, p)
			}
		case Exact:
			if _, ok := Parse(strings.TrimSuffix(p.Text, ":*")); !ok {
				t.Errorf("ParsePattern(%q): %q can be no origin", entry, p.Text)
			}
		}
		// Case does not count: what is written otherwise is the same entry. Some schemes are recognised
		// as something else, an expression, unless they are in lower case.
		upper, problem := ParsePattern(upperASCII(entry))
		if !strings.Contains(p.Scheme, ".+") && (problem != nil || upper != p) {
			t.Errorf("ParsePattern(%q): got %+v, and in upper case %+v, %+v", entry, p, upper, problem)
		}
		scheme, _, _ := strings.Cut(entry, "://")
		if !strings.EqualFold(scheme, p.Scheme) {
			t.Errorf("ParsePattern(%q): got the scheme %q", entry, p.Scheme)
		}
		if stars := strings.Count(entry, "*"); stars != strings.Count(p.Text, "*") || stars > 2 ||
			(stars == 0) != (p.Kind == Exact && !p.AnyPort) {
			t.Errorf("ParsePattern(%q): got %+v", entry, p)
		}
	})
}

func upperASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// naiveMatch reports whether one of the texts of patterns, in normal form, matches the origin,
// which Parse accepts. Exact patterns are left out, those with any port are not.
func naiveMatch(texts []string, text string) bool {
	scheme, host, port, _ := naiveParse(text)
	labels := strings.Split(host, ".")
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	isIP := err == nil
	dotted := slices.Contains(labels, "") // a wildcard matches no such host
	for _, entry := range texts {
		entryScheme, rest, _ := strings.Cut(entry, "://")
		if rest == "*" && entryScheme == scheme && port == "" {
			return true
		}
		entryHost, entryPort := rest, ""
		if i := strings.LastIndex(rest, ":"); i > strings.LastIndex(rest, "]") {
			entryHost, entryPort = rest[:i], rest[i+1:]
		}
		if entryScheme != scheme || entryPort != "*" && entryPort != port {
			continue
		}
		entryLabels := strings.Split(entryHost, ".")
		first, parent := entryLabels[0], entryLabels[1:]
		switch n := len(labels) - len(parent); {
		case !strings.Contains(first, "*"):
			if entryPort == "*" && entryHost == host {
				return true
			}
		case isIP || dotted || n < 1 || !slices.Equal(labels[n:], parent):
		case first == "*":
			return true
		case n == 1:
			prefix, suffix, _ := strings.Cut(first, "*")
			middle, hasPrefix := strings.CutPrefix(labels[0], prefix)
			middle, hasSuffix := strings.CutSuffix(middle, suffix)
			if hasPrefix && hasSuffix && middle != "" {
				return true
			}
		}
	}
	return false
}

// numbered returns the list of https://h0.example to https://h<n-1>.example, and the first of them
// once more.
func numbered(n int) string {
	var list string
	for i := range n {
		list += "https://h" + strconv.Itoa(i) + ".example\n"
	}
	return list + "https://h0.example"
}

// FuzzSet builds a set of the entries in list, one on each line, and compares it with naiveMatch,
// for text and for origins that are close to the patterns, in which fill replaces each
// wildcard.
func FuzzSet(f *testing.F) {
	for _, seed := range []struct{ list, text, fill string }{
		{"https://*.example.com", "https://a.example.com", "a.b"},
		{"https://*.example.com", "https://example.com", "evil"},
		{"https://*.example.com\nhttps://*.b.example.com:8443", "https://a.b.example.com:8443", "1"},
		{"https://*.example.com\nhttps://example.com", "https://evilexample.com", "x"},
		{
			"https://*.example.com:8443\nhttps://*.example.com:9443\nhttps://*.example.com", "https://a.example.com:9443",
			"8443",
		},
		{"https://*.example.com:*\nhttp://*.example.com", "http://a.example.com:81", "65535"},
		{"https://deploy-*.example.com", "https://deploy-.example.com", "1"},
		{"https://deploy-*.example.com\nhttps://*-deploy.example.com:*", "https://deploy-deploy.example.com", "deploy"},
		{"https://ab*ba.example.com", "https://aba.example.com", "b"},
		{"https://ab*ba.example.com", "https://abba.example.com", "_"},
		{"https://a*.example.com\nhttps://*a.example.com\nhttps://b*.example.com:1", "https://a.x.example.com", "a.b"},
		{"http://localhost:*\nhttp://[::1]:*\nhttp://127.0.0.1:*", "http://[::1]:8080", "3000"},
		{"http://localhost:*", "http://localhost", "0"},
		{"http://*.localhost:*\nhttps://*.co.uk", "http://a.localhost", "a"},
		{"https://foo.com\nhttps://bar.com:8443", "https://foo.com:8443", "foo"},
		{"null\nfile://\nchrome-extension://abcdef", "null", "x"},
		{"https://*.1.example\nhttps://*.4", "https://1.2.3.4", "1"},
		{"https://*.bücher.example\nHTTPS://A.Example:443", "https://a.xn--bcher-kva.example", "A"},
		{"https://*.com\nhttps://*.a.com:*\nhttps://x-*.a.com", "https://x-y.a.com:7", "b.c"},
		{"https://*.a.com:*\nhttps://*.a.com:8443\nhttps://x*.a.com:1\nhttps://x*.a.com:*", "https://b.a.com", "2"},
		{"https://*.a.com\nhttps://*.b.com\nhttp://*.b.com:*", "https://x.b.com", "x"}, // domains of the same length
		{"https://*.example.com\nhttps://x-*.example.com", "https://a.example.com.", ""},
		{"https://*.example.com\nhttps://x-*.example.com", "https://a..example.com", "."},
		{"app://*\nchrome-extension://*\napp://x:1", "app://x:2", "."},
		{numbered(3), "https://h2.example", "x"}, {numbered(5), "https://h5.example", "x"},
		{numbered(100), "https://h40.example", "0"},
	} {
		f.Add(seed.list, seed.text, seed.fill)
	}
	f.Fuzz(func(t *testing.T, list, text, fill string) {
		var set Set
		reversed := NewSet(strings.Count(list, "\n") + 1)
		var all []Pattern
		var texts []string
		for _, entry := range strings.Split(list, "\n") {
			if p, problem := ParsePattern(entry); problem == nil && p.Kind != Any {
				all, texts = append(all, p), append(texts, p.Text)
			}
		}
		for i := range all {
			set.Add(all[i])
			reversed.Add(all[len(all)-1-i])
		}

		candidates := []string{text}
		for _, entry := range texts {
			candidates = append(candidates,
				entry, strings.ReplaceAll(entry, "*", fill), strings.ReplaceAll(entry, "*.", ""),
				strings.ReplaceAll(entry, "*", ""), strings.TrimSuffix(entry, ":*"),
				strings.Replace(strings.TrimSuffix(entry, ":*"), "*", fill, 1), strings.Replace(entry, "*", fill, 1),
				strings.Replace(entry, "://", "://"+fill, 1),
				strings.Replace(strings.Replace(entry, "*", fill, 1), "*", "8080", 1), strings.TrimSuffix(entry, ":*")+":8080")
		}
		for _, candidate := range candidates {
			listed := slices.Contains(texts, candidate) && !strings.Contains(candidate, "*")
			for _, s := range []*Set{&set, &reversed} {
				if own, ok := s.Exact(candidate); ok != listed || ok && own != candidate {
					t.Errorf("%q: Exact(%q): got %q, %v, want %v", texts, candidate, own, ok, listed)
				}
			}
			o, ok := Parse(candidate)
			if !ok {
				continue
			}
			want := naiveMatch(texts, candidate)
			if got := set.Match(o, candidate); got != want {
				t.Errorf("%q: Match(%q): got %v, want %v", texts, candidate, got, want)
			}
			if got := reversed.Match(o, candidate); got != want {
				t.Errorf("%q, the other way round: Match(%q): got %v, want %v", texts, candidate, got, want)
			}
			if want && !(set.MayMatch(candidate) && reversed.MayMatch(candidate)) {
				t.Errorf("%q: MayMatch(%q): got false, want true", texts, candidate)
			}
		}
	})
}

package csrf

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// All servers trust and exempt the same. The two lists have the same meaning for
// core.NewCSRFProtection and for net/http.
var (
	trustedOrigins = []string{"https://trusted.example", "https://trusted.example:8443"}
	exemptPaths    = []string{"/hook", "/hooks/", "/users/{id}/hook", "/files/{name...}", "/only/{$}"}
)

const host = "api.example.com"

// request is an HTTP request in parts, so that parts can be left out to find the smallest one that
// shows a fault.
type request struct {
	method, target, proto string
	lines                 []string // of the header, except those about the body
	body                  body
	trailers              []string // lines after a chunked body
}

type body uint8

const (
	noBody  body = iota
	plain        // with Content-Length
	chunked      // with Transfer-Encoding, and trailers if there are any
)

// bytes returns the request as it is sent. The handler returns the id, so that a response cannot be
// taken for that of another request.
func (r *request) bytes(id uint64) []byte {
	b := fmt.Appendf(nil, "%s %s %s\r\n", r.method, r.target, r.proto)
	for _, line := range r.lines {
		b = append(b, line+"\r\n"...)
	}
	b = fmt.Appendf(b, "X-Id: %d\r\n", id)
	switch r.body {
	case plain:
		b = append(b, "Content-Length: 3\r\n\r\na=b"...)
	case chunked:
		b = append(b, "Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n"...)
		for _, line := range r.trailers {
			b = append(b, line+"\r\n"...)
		}
		b = append(b, "\r\n"...)
	default:
		b = append(b, "\r\n"...)
	}
	return b
}

// count returns how many lines of the header have the name, in any case.
func (r *request) count(name string) (n int) {
	for _, line := range r.lines {
		if got, _, _ := strings.Cut(line, ":"); strings.EqualFold(got, name) {
			n++
		}
	}
	return n
}

// path returns the path of the target, as sent.
func (r *request) path() string {
	path, _, _ := strings.Cut(r.target, "?")
	if _, rest, ok := strings.Cut(path, "://"); ok && !strings.HasPrefix(path, "/") {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			return ""
		}
		path = rest[i:]
	}
	return path
}

// hasPath reports whether the target has a path, unlike "*" and "http://example.com".
func (r *request) hasPath() bool { return strings.HasPrefix(r.path(), "/") }

// isOddPath reports whether routers may read the path in different ways.
func (r *request) isOddPath() bool {
	path := r.path()
	return strings.ContainsAny(path, `%;\`) || strings.Contains(path, "//") || strings.Contains(path, "/.")
}

// hasBadTrailer reports whether the request sends or announces a trailer that fasthttp refuses.
func (r *request) hasBadTrailer() bool {
	for _, line := range slices.Concat(r.lines, r.trailers) {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Trailer") && (strings.Contains(value, ";") || strings.Contains(value,
			"Host") || strings.HasPrefix(strings.TrimSpace(value), ",")) {
			return true
		}
	}
	return slices.ContainsFunc(r.trailers, func(line string) bool {
		return len(line) > 5 &&
			strings.EqualFold(line[:5], "Host:")
	})
}

// hasHost reports whether the request names a host, in the target or in Host.
func (r *request) hasHost() bool {
	if _, rest, ok := strings.Cut(r.target, "://"); ok && rest != "" && rest[0] != '/' &&
		!strings.HasPrefix(r.target, "/") {
		return true
	}
	return slices.ContainsFunc(r.lines, func(line string) bool {
		name, value, _ := strings.Cut(line, ":")
		return strings.EqualFold(name, "Host") && strings.TrimSpace(value) != ""
	})
}

// hasBadHost reports whether the Host is empty or has a percent sign.
func (r *request) hasBadHost() bool {
	return slices.ContainsFunc(r.lines, func(line string) bool {
		name, value, _ := strings.Cut(line, ":")
		return strings.EqualFold(name, "Host") && (strings.TrimSpace(value) == "" || strings.Contains(value, "%"))
	})
}

// smaller returns the requests that lack one part of r, or have a plainer one.
func (r *request) smaller() (all []request) {
	add := func(change func(*request)) {
		s := *r
		s.lines, s.trailers = slices.Clone(r.lines), slices.Clone(r.trailers)
		change(&s)
		all = append(all, s)
	}
	for i := range r.lines {
		add(func(s *request) { s.lines = slices.Delete(s.lines, i, i+1) })
		for _, line := range plainer(r.lines[i]) {
			add(func(s *request) { s.lines[i] = line })
		}
	}
	for i := range r.trailers {
		add(func(s *request) { s.trailers = slices.Delete(s.trailers, i, i+1) })
		for _, line := range plainer(r.trailers[i]) {
			add(func(s *request) { s.trailers[i] = line })
		}
	}
	if sorted := slices.Sorted(slices.Values(r.lines)); !slices.Equal(sorted, r.lines) {
		add(func(s *request) { s.lines = sorted })
	}
	if r.body > noBody && len(r.trailers) == 0 {
		add(func(s *request) { s.body-- })
	}
	if r.target != "/items" {
		add(func(s *request) { s.target = "/items" })
	}
	if r.method != "POST" {
		add(func(s *request) { s.method = "POST" })
	}
	if r.proto != "HTTP/1.1" {
		add(func(s *request) { s.proto = "HTTP/1.1" })
	}
	return all
}

// plainer returns more usual lines than the given one, whose name is one of those that random uses.
func plainer(line string) (all []string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	for _, usual := range [...]struct{ name, value string }{
		{"Host", host}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Trailer",
			"Sec-Fetch-Site"},
	} {
		if strings.EqualFold(usual.name, name) {
			for _, l := range []string{usual.name + ": " + usual.value, name + ": " + usual.value,
				usual.name + ": " + value, name + ": " + value} {
				if l == line {
					break // the rest is not plainer
				}
				all = append(all, l)
			}
		}
	}
	return all
}

var (
	unsafeMethods = []string{"POST", "POST", "POST", "PUT", "PATCH", "DELETE"}
	otherMethods  = []string{"GET", "HEAD", "OPTIONS", "get", "head", "options", "post", "Options", "GETS", "TRACE",
		"CONNECT", "QUERY", "M-SEARCH", "X", "LINK", "*"}

	hosts = []string{
		host + ":443", host + ":80", host + ":8080", host + ":", host + ".", "API.example.com", "127.0.0.1",
		"127.0.0.1:8080", "[::1]", "[::1]:8080", "LOCALHOST",
		"evil.example", "trusted.example", "a_b.example", "api%2eexample.com", "user@api.example.com", "",
	}
	origins = []string{
		"https://" + host, "http://" + host, "https://" + host + ":443", "http://" + host + ":80",
		"https://" + host + ":8080", "https://" + host + ":", "https://" + host + ".",
		"HTTPS://" + host, "https://API.example.com", "https://" + host + "/", "https://" + host + "/path?q#f",
		"https://" + host + "@evil.example", "https://evil.example@" + host,
		"https://user:password@" + host, "https://" + host + ".evil.example", "https://evil-" + host, "//" + host,
		host, "custom://" + host, "https:" + host, "https:///" + host,
		"https://trusted.example", "https://trusted.example:8443", "http://trusted.example",
		"https://trusted.example:443", "https://Trusted.example", "https://trusted.example/",
		"https://trusted.example.evil.example", "https://evil.example", "https://evil.example",
		"https://evil.example:8080", "http://127.0.0.1", "http://127.0.0.1:8080", "http://[::1]",
		"http://[::1]:8080", "http://localhost", "null", "null", "NULL", "undefined", "file://", "://", ":",
		"https://", "*", "https://%61pi.example.com", "https://api%2eexample.com",
		"https://a_b.example", "https://" + host + ", https://" + host, "https://" + host + " https://evil.example",
		"https://\xe9.example", "https://" + host + ":99999", "https://" + host + ":x",
	}
	sites = []string{
		"cross-site", "cross-site", "cross-site", "same-site", "same-site", "same-origin", "none", "Same-Origin",
		"SAME-ORIGIN", "None", "NONE", "Cross-Site", "same-origin, same-origin",
		"same-origin, cross-site", "same-origin;x", `"same-origin"`, "same-orig\xefn", "?1", "null", "x",
	}
	targets = []string{
		"/hook", "/hook?x=/items", "/hook/", "/HOOK", "/Hook", "/hook;x", "/hook%20", "/hook%00", "/%68ook",
		"/h%6Fok", "/hook%2f", "/hook%2Fx", "/./hook", "/x/../hook", "/x/%2e%2e/hook",
		"/hook/.", "/hook/..", "/hook/../items", "//hook", "/hook//", "/hooks", "/hooks/", "/hooks/x", "/hooks/x/",
		"/HOOKS/x", "/hooks//x", "//hooks/x", "/hooks/./x", "/hooks/../items",
		"/hooks/..", "/hooks/x/../../items", "/hooks/%2e%2e/items", "/hooks/%2E./items", "/hooks/..%2fitems",
		"/hooks%2f..%2fitems", "/hooks/%252e%252e/items", "/hooks%2fx", "/%68ooks/x",
		"/hooks/..;/items", `/hooks/..\items`, "/hooks/..%5citems", "/hooks/%zz", "/hooks/x%", "/items/../hooks/x",
		"/items/..%2fhooks/x", "/items?/hooks/x", "/items%3f/hooks/x",
		"/users/7/hook", "/users//hook", "/users/7/hook/", "/users/a%2fb/hook", "/users/../hook",
		"/users/%2e%2e/hook", "/users/7/HOOK", "/users/./hook", "/users/7;x/hook", "/files/a", "/files/a/b",
		"/files/", "/files", "/files/../items", "/files/a/../../items", "/files/%2e%2e%2fitems", "/only/", "/only",
		"/only/x", "/only/.", "/only//", "/only/%2e",
		"http://" + host + "/items", "http://" + host + "/hooks/x", "http://evil.example/items",
		"http://trusted.example/hook", "https://" + host + "/items", "http://API.example.com/items",
		"http://" + host + ":8080/items", "http://evil.example@" + host + "/items",
		"http://" + host + "@evil.example/items", "http://" + host, "http://" + host + "?/hooks/x",
		"http://" + host + "//hooks/x", "http://" + host + "/../hooks/x", "HTTP://" + host + "/items",
		"x://" + host + "/items", "http:///items", "//" + host + "/items", "//" + host + "/hooks/x",
		"/\xe9", "/?http://" + host + "/", "/http://" + host + "/hooks/x", "/items#/hooks/x", "*", "/", "",
	}
)

// random returns the i-th request of a seed.
func random(seed, i uint64) *request {
	rnd := rand.New(rand.NewPCG(seed, i))
	pick := func(all []string) string { return all[rnd.IntN(len(all))] }
	one := func(n int) bool { return rnd.IntN(n) == 0 }

	r := &request{method: pick(unsafeMethods), target: "/items", proto: "HTTP/1.1"}
	if one(6) {
		r.method = pick(otherMethods)
	}
	if one(3) {
		r.target = pick(targets)
	}
	if r.method == "CONNECT" && !strings.HasPrefix(r.target, "/") {
		r.target = "/items" // other targets of CONNECT have no path
	}
	if one(50) {
		r.proto = "HTTP/1.0"
	}
	// add adds a line, mostly in its usual form.
	add := func(lines *[]string, name, value string) {
		switch rnd.IntN(16) {
		case 0, 1:
			name = strings.ToLower(name)
		case 2, 3:
			name = strings.ToUpper(name)
		case 4:
			name = strings.ToUpper(name[:2]) + strings.ToLower(name[2:])
		}
		switch rnd.IntN(24) {
		case 0:
			*lines = append(*lines, name+":"+value)
		case 1:
			*lines = append(*lines, name+":  \t"+value+" \t ")
		case 2:
			*lines = append(*lines, name+": "+value+" ")
		default:
			*lines = append(*lines, name+": "+value)
		}
	}
	serverName := host
	if one(6) {
		serverName = pick(hosts)
	}
	if r.proto == "HTTP/1.1" || one(3) {
		add(&r.lines, "Host", serverName)
	}
	if !r.hasHost() && strings.HasPrefix(r.target, "//") {
		r.target = "/items" // fasthttp, and so a router on it, reads //host/path as http://host/path then
	}
	for range times(rnd, 8) {
		switch rnd.IntN(8) {
		case 0:
			add(&r.lines, "Origin", "https://"+serverName)
		case 1:
			add(&r.lines, "Origin", "")
		default:
			add(&r.lines, "Origin", pick(origins))
		}
	}
	for range times(rnd, 8) {
		if one(16) {
			add(&r.lines, "Sec-Fetch-Site", "")
		} else {
			add(&r.lines, "Sec-Fetch-Site", pick(sites))
		}
	}
	for range times(rnd, 4) - 1 { // similar names
		add(&r.lines, pick([]string{"X-Origin", "Origin-", "Sec_Fetch_Site", "Sec-Fetch-Mode", "X-Forwarded-Host",
			"X-Http-Method-Override", "X-Original-Url"}), pick([]string{host, "GET", "/hook", "same-origin"}))
	}
	if r.body = body(rnd.IntN(3)); r.body == chunked && r.proto == "HTTP/1.0" {
		r.body = plain // HTTP/1.0 has no chunks
	}
	if one(4) {
		names := []string{"Origin", "Sec-Fetch-Site", "origin", "SEC-FETCH-SITE", "Origin, Sec-Fetch-Site",
			"sec-fetch-site,origin", "X-Checksum", "X-Checksum, Origin", ", Origin", "Origin;q=1", "Host"}
		for range 1 + rnd.IntN(2) {
			add(&r.lines, "Trailer", pick(names))
		}
	}
	if r.body == chunked {
		for range rnd.IntN(4) {
			switch rnd.IntN(5) {
			case 0:
				add(&r.trailers, "Origin", pick([]string{"https://" + serverName, "https://trusted.example", ""}))
			case 1, 2:
				add(&r.trailers, "Sec-Fetch-Site", pick([]string{"same-origin", "none", ""}))
			case 3:
				add(&r.trailers, "X-Checksum", "1")
			case 4:
				add(&r.trailers, pick([]string{"Host", "X-Http-Method-Override"}), pick([]string{"evil.example",
					"GET"}))
			}
		}
	}
	rnd.Shuffle(len(r.lines), func(i, j int) { r.lines[i], r.lines[j] = r.lines[j], r.lines[i] })
	return r
}

// times returns how often a field is sent. That is mostly once, sometimes never, and twice in one
// of rarely requests.
func times(rnd *rand.Rand, rarely int) int {
	switch {
	case rnd.IntN(rarely) == 0:
		return 2
	case rnd.IntN(3) == 0:
		return 0
	}
	return 1
}

package core_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/polycors/cors/core"
)

// FuzzDecide creates Configs from these values. New must refuse some of them, alone or in
// combination.
var (
	fuzzOrigins = []string{
		"https://app.example.com", "https://admin.example.com", "HTTPS://App.Example.COM:443", "https://app.example.com:8443",
		"https://*.example.com", "https://*.example.com:8443", "https://*.example.com:*", "https://*.b.example.com",
		"https://deploy-*.example.com", "https://*--site.example.com", "https://pre-*-post.example.com:*",
		"http://*.example.com",
		"http://localhost:3000", "http://localhost:*", "http://127.0.0.1:8080", "http://127.0.0.1:*",
		"http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:*", "https://[2001:DB8::a]", "https://a_b.example.com",
		"https://bücher.example", "https://*.bücher.example", "https://xn--bcher-kva.example", "https://*.github.io",
		"chrome-extension://abcdef", "capacitor://localhost", "wss://app.example.com:443", "http://example.com:80",
		"https://foo.com", "https://bar.com:8443", "null", "file://", "*",
		"https://*example.com", "https://app.example.com/", "",
	}
	fuzzRegexes = []string{
		`https://[a-z0-9-]+\.example\.net`, `https://(?:foo|bar)\.example`, `http://localhost:3[0-9]{3}`,
		`https://app\.example\.com|https://evil\.com`, `(?i)https://UPPER\.example`, `https://.*\.example\.org(?::[0-9]+)?`,
		`null`, `.*`, `a)|(?:b`,
	}
	fuzzMethods = []string{
		"PUT", "PATCH", "DELETE", "GET", "HEAD", "POST", "OPTIONS", "put", "QUERY", "eGg", "*", "patch", "TRACE",
	}
	fuzzHeaders = []string{
		"X-Foo", "x-foo", "Content-Type", "X-Bar", "Authorization", "*", "Origin", "Cookie", "Sec-Foo", "Range", "x-a.b!#$",
		"a b",
	}
	fuzzExposed = []string{"X-Out", "X-Total", "x-out", "Link", "*", "Set-Cookie"}
	fuzzAges    = []time.Duration{
		0, -1, time.Second, 1500 * time.Millisecond, 10 * time.Minute, 24 * time.Hour, 600, 25 * time.Hour,
	}
	fuzzStatuses = []int{0, 200, 204, 299, 199, 301}
)

// The behaviours of an AllowOriginFunc.
const (
	fuzzNoFunc = iota
	fuzzFuncYes
	fuzzFuncNo
	fuzzFuncFails
	fuzzFuncFailsWithYes
	fuzzFuncHTTPS // yes for https origins
	fuzzFuncs     // how many there are
)

// Bits of fuzzConfig.flags.
const (
	fuzzCredentials = 1 << iota
	fuzzDebug
	fuzzContinue
	fuzzForbid
	fuzzPrivateNetwork
	fuzzDangerously // the first entries are in the Dangerously lists
)

// Bits of the request's flags. They say which values are split into several lines at line feeds.
const (
	fuzzSplitOrigin = 1 << iota
	fuzzSplitMethod
	fuzzSplitHeaders
	fuzzSplitSite
)

// fuzzConfig describes a Config that consists of the values above. Its bytes are a fuzz input.
type fuzzConfig struct {
	origins, regexes          []string
	ask                       int
	methods, headers, exposed []string
	flags, age, status        int
	// where the extra entry goes: 0 nowhere, otherwise the lists in the order above
	extra int
}

const fuzzListMax = 4

// bytes is the inverse of readFuzzConfig.
func (c fuzzConfig) bytes() (b []byte) {
	list := func(entries, all []string) {
		if entries == nil {
			b = append(b, 0)
			return
		}
		b = append(b, byte(1+len(entries)))
		for _, entry := range entries {
			i := slices.Index(all, entry)
			if i < 0 || len(entries) > fuzzListMax {
				panic("no such seed: " + entry)
			}
			b = append(b, byte(i))
		}
	}
	list(c.origins, fuzzOrigins)
	list(c.regexes, fuzzRegexes)
	b = append(b, byte(c.ask))
	list(c.methods, fuzzMethods)
	list(c.headers, fuzzHeaders)
	list(c.exposed, fuzzExposed)
	return append(b, byte(c.flags), byte(c.age), byte(c.status), byte(c.extra))
}

// readFuzzConfig reads any bytes. Missing bytes count as 0.
func readFuzzConfig(b []byte) (c fuzzConfig) {
	next := func(n int) int {
		if len(b) == 0 {
			return 0
		}
		v := int(b[0]) % n
		b = b[1:]
		return v
	}
	list := func(all []string) []string {
		n := next(2 + fuzzListMax)
		if n == 0 {
			return nil
		}
		entries := make([]string, n-1)
		for i := range entries {
			entries[i] = all[next(len(all))]
		}
		return entries
	}
	c.origins = list(fuzzOrigins)
	c.regexes = list(fuzzRegexes)
	c.ask = next(fuzzFuncs)
	c.methods = list(fuzzMethods)
	c.headers = list(fuzzHeaders)
	c.exposed = list(fuzzExposed)
	c.flags = next(256)
	c.age = next(len(fuzzAges))
	c.status = next(len(fuzzStatuses))
	c.extra = next(6)
	return c
}

// asking is a call of AllowOriginFunc. The origin is not copied, because the func may keep it.
type asking struct{ origin, host string }

// config returns the Config. Its AllowOriginFunc appends its calls to asked.
func (c fuzzConfig) config(extra string, asked *[]asking) core.Config {
	cfg := core.Config{
		AllowOrigins: slices.Clone(c.origins), AllowOriginRegexes: slices.Clone(c.regexes),
		AllowMethods: slices.Clone(c.methods), AllowHeaders: slices.Clone(c.headers), ExposeHeaders: slices.Clone(c.exposed),
		AllowCredentials:    c.flags&fuzzCredentials != 0,
		Debug:               c.flags&fuzzDebug != 0,
		ContinuePreflight:   c.flags&fuzzContinue != 0,
		ForbidDisallowed:    c.flags&fuzzForbid != 0,
		AllowPrivateNetwork: c.flags&fuzzPrivateNetwork != 0,
		MaxAge:              fuzzAges[c.age],
		PreflightStatus:     fuzzStatuses[c.status],
	}
	if c.flags&fuzzDangerously != 0 {
		cfg.DangerouslyAllowOrigins, cfg.AllowOrigins = cutFirst(cfg.AllowOrigins)
		cfg.DangerouslyAllowOriginRegexes, cfg.AllowOriginRegexes = cutFirst(cfg.AllowOriginRegexes)
	}
	if list := []*[]string{
		nil, &cfg.AllowOrigins, &cfg.AllowOriginRegexes, &cfg.AllowMethods, &cfg.AllowHeaders, &cfg.ExposeHeaders,
	}[c.extra]; list != nil {
		*list = append(*list, extra)
	}
	if c.ask != fuzzNoFunc {
		cfg.AllowOriginFunc = func(_ context.Context, origin string, r core.Request) (bool, error) {
			*asked = append(*asked, asking{origin, strings.Clone(r.Host)})
			switch c.ask {
			case fuzzFuncYes:
				return true, nil
			case fuzzFuncNo:
				return false, nil
			case fuzzFuncFails:
				return false, errors.New("down")
			case fuzzFuncFailsWithYes:
				return true, errors.New("down")
			}
			return strings.HasPrefix(origin, "https://"), nil
		}
	}
	return cfg
}

// cutFirst returns the first entry of a list, and the others.
func cutFirst(list []string) (first, others []string) {
	if len(list) == 0 {
		return nil, list
	}
	return list[:1:1], list[1:]
}

// viewedHeader is a RequestHeader whose values share memory with buffers, as in fasthttp.
type viewedHeader map[string][]byte

func (h viewedHeader) Field(name string) string { return view(h[name]) }

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// decideBorrowed decides about a Borrowed request, and then overwrites its buffers.
func decideBorrowed(policy *core.Policy, r slowRequest) core.Decision {
	method, host, header := []byte(r.method), []byte(r.host), viewedHeader{}
	buffers := [][]byte{method, host}
	for name := range r.lines {
		header[name] = []byte(r.combined(name))
		buffers = append(buffers, header[name])
	}
	d := policy.Decide(context.Background(),
		core.Request{Method: view(method), Host: view(host), Header: header, Borrowed: true})
	for _, buffer := range buffers {
		for i := range buffer {
			buffer[i] = '\xff'
		}
	}
	return d
}

type fuzzSeed struct {
	config               fuzzConfig
	extra                string
	method, host         string
	origin, acrm, acrh   string
	site, privateNetwork string
	vary                 string
	flags                uint8
}

// fuzzSeeds are situations that CORS implementations are known to get wrong, and at least one for
// every Reason.
func fuzzSeeds() []fuzzSeed {
	const host, app, evil = "api.example.net", "https://app.example.com", "https://evil.com"
	one := fuzzConfig{
		origins: []string{app, "https://admin.example.com"}, methods: []string{}, headers: []string{}, flags: fuzzCredentials,
	}
	wild := fuzzConfig{origins: []string{"https://*.example.com", "https://deploy-*.example.com"}, flags: fuzzCredentials}
	local := fuzzConfig{
		origins: []string{"http://localhost:*", "http://127.0.0.1:8080", "http://[0:0:0:0:0:0:0:1]:*"}, flags: fuzzForbid,
	}
	every := fuzzConfig{origins: []string{"*"}, exposed: []string{"X-Out", "x-out", "Link"}}
	foo := fuzzConfig{
		origins: []string{app}, methods: []string{"PUT", "PATCH", "QUERY", "eGg"},
		headers: []string{"X-Foo", "Content-Type", "X-Bar"},
		exposed: []string{"X-Out", "X-Total"}, age: 4,
	}
	stars := fuzzConfig{
		origins: []string{app}, methods: []string{"*", "put"}, headers: []string{"*", "Authorization", "X-Foo"},
	}
	starsOnly := fuzzConfig{origins: []string{app}, methods: []string{"*"}, headers: []string{"*"}}
	with := func(c fuzzConfig, flags int) fuzzConfig {
		c.flags |= flags
		return c
	}
	asked := func(c fuzzConfig, ask int) fuzzConfig {
		c.ask = ask
		return c
	}
	get := func(c fuzzConfig, origin string) fuzzSeed {
		return fuzzSeed{config: c, method: "GET", host: host, origin: origin}
	}
	preflight := func(c fuzzConfig, origin, method, headers string) fuzzSeed {
		return fuzzSeed{config: c, method: "OPTIONS", host: host, origin: origin, acrm: method, acrh: headers}
	}
	seeds := []fuzzSeed{
		get(one, app), get(one, evil), get(one, ""), get(one, "null"), get(one, "file://"),
		get(one, app+".evil.com"), get(one, "https://evilapp.example.com"), get(one, "https://appxexample.com"),
		get(one, app+":443"), get(one, app+":0443"), get(one, app+":"), get(one, app+"/"), get(one, app+":443@evil.com"),
		get(one, "https://APP.EXAMPLE.COM"), get(one, "https:app.example.com"), get(one, app+"\x00"),
		get(one, app+"`.evil.com"),
		get(wild, "https://a.example.com"), get(wild, "https://a.b.example.com"), get(wild, "https://example.com"),
		get(wild, "https://evil.com/.example.com"), get(wild, "https://a..example.com"),
		get(wild, "https://deploy-.example.com"),
		get(wild, "https://"+strings.Repeat("a.", 119)+"example.com"),
		get(wild, "https://"+strings.Repeat("a", 330)+".example.com"),
		get(local, "http://localhost"), get(local, "http://localhost:0"), get(local, "http://localhost:65536"),
		get(local, "http://[::1]:5173"),
		get(local, "http://0x7f000001:8080"), get(local, "http://[::ffff:7f00:1]:8080"),
		get(local, "http://[::1%25eth0]:8080"),
		get(every, evil), get(every, ""), get(every, "https://a"), get(with(every, fuzzCredentials), evil),
		get(fuzzConfig{origins: []string{"null", "file://"}}, "null"),
		get(fuzzConfig{origins: []string{"null", "file://"}}, "file://"),
		get(fuzzConfig{origins: []string{"chrome-extension://abcdef", "wss://app.example.com:443"}},
			"chrome-extension://abcdef"),
		get(fuzzConfig{origins: []string{"https://bücher.example", "https://*.bücher.example"}},
			"https://a.xn--bcher-kva.example"),
		get(fuzzConfig{regexes: []string{`https://(?:foo|bar)\.example`, "null"}}, "https://foo.example"),
		get(fuzzConfig{regexes: []string{`https://app\.example\.com|https://evil\.com`}}, "https://app.example.com.net"),
		get(fuzzConfig{regexes: []string{"null", ".*"}}, "null"),
		get(asked(local, fuzzFuncYes), "null"), get(asked(local, fuzzFuncYes), evil), get(asked(local, fuzzFuncNo), evil),
		get(asked(local, fuzzFuncFails), evil), preflight(asked(local, fuzzFuncFailsWithYes), evil, "PUT", ""),
		get(asked(local, fuzzFuncHTTPS), "http://evil.com"),

		preflight(foo, app, "PUT", "x-bar,x-foo"), preflight(foo, app, "PUT", "X-Foo , ,\tx-bar\t,"),
		preflight(foo, app, "PUT", "x-evil,x-foo"),
		preflight(foo, app, "PUT", "x-foo;x-bar"), preflight(foo, app, "PUT", "x-foo\x80"),
		preflight(foo, app, "PUT", strings.Repeat(",", 16)),
		preflight(foo, app, "PUT", strings.Repeat(",", 17)),
		preflight(foo, app, "PUT", strings.Repeat("x-foo,", 127)+"x-foo"),
		preflight(foo, app, "PUT", strings.Repeat("x-foo,", 129)), preflight(foo, app, "PUT", strings.Repeat("a", 8193)),
		preflight(foo, app, "patch", ""), preflight(foo, app, "put", ""), preflight(foo, app, "eGg", ""),
		preflight(foo, app, "EGG", ""),
		preflight(foo, app, "TRACE", ""), preflight(foo, app, "OPTIONS", ""), preflight(foo, app, "HEAD", ""),
		preflight(foo, app, "PUT, DELETE", ""),
		preflight(foo, app, strings.Repeat("A", 65), ""), preflight(foo, evil, "PUT", ""), preflight(foo, app, "", "x-foo"),
		preflight(with(foo, fuzzDebug), app, "DELETE", "x-foo"), preflight(with(foo, fuzzDebug), app, "PUT", "x-evil"),
		preflight(with(foo, fuzzDebug), app, "PUT", strings.Repeat(",", 17)),
		preflight(with(foo, fuzzDebug), app, strings.Repeat("A", 65), ""),
		preflight(with(foo, fuzzPrivateNetwork), app, "PUT", ""), preflight(with(foo, fuzzDebug), evil, "PUT", ""),
		preflight(with(one, fuzzDebug), app, "PUT", ""), preflight(with(one, fuzzDebug), app, "GET", "x-foo"),
		preflight(with(foo, fuzzContinue), app, "PUT", ""), preflight(with(foo, fuzzContinue), app, "DELETE", ""),
		preflight(stars, app, "PURGE", "x-a,authorization"),
		preflight(with(stars, fuzzCredentials), app, "PURGE", "x-a, Authorization"),
		preflight(starsOnly, app, "PUT", "authorization"),
		preflight(with(starsOnly, fuzzCredentials), app, "PUT", "authorization"),
		preflight(with(starsOnly, fuzzCredentials|fuzzDebug), app, "TRACK", "x-a"),
		preflight(with(starsOnly, fuzzDebug), app, "PUT", "x-a,Set-Cookie"),
		preflight(with(starsOnly, fuzzCredentials), app, "*", "*"),
		preflight(with(starsOnly, fuzzCredentials), app, "PUT", "cookie,host,x-a"),
		preflight(with(starsOnly, fuzzCredentials), app, "<script>", ""),
		preflight(with(starsOnly, fuzzCredentials), app, "PUT", "x-a\x80,x b"),
		preflight(with(wild, fuzzContinue), "https://deploy-7.example.com", "PATCH", "x-csrftoken"),
		preflight(fuzzConfig{origins: []string{app}, age: 1, status: 1}, app, "PUT", ""),
		preflight(every, evil, "PUT", "authorization"),
		preflight(with(every, fuzzDebug), evil, "QUERY", ""),
	}
	seeds = append(seeds,
		fuzzSeed{config: one, method: "GET", host: host, origin: app + "\n" + app, flags: fuzzSplitOrigin},
		fuzzSeed{config: one, method: "GET", host: host, origin: "\n" + app, flags: fuzzSplitOrigin},
		fuzzSeed{config: foo, method: "OPTIONS", host: host, origin: app, acrm: "PUT\nDELETE", flags: fuzzSplitMethod},
		fuzzSeed{
			config: foo, method: "OPTIONS", host: host, origin: app, acrm: "PUT", acrh: "x-bar\nx-foo", flags: fuzzSplitHeaders,
		},
		fuzzSeed{
			config: foo, method: "OPTIONS", host: host, origin: app, acrm: "PUT", acrh: "x-foo\n" + strings.Repeat(" ", 8185),
			flags: fuzzSplitHeaders,
		},
		fuzzSeed{
			config: foo, method: "OPTIONS", host: host, origin: app, acrm: "PUT", acrh: "x-foo\n" + strings.Repeat(" ", 8186),
			flags: fuzzSplitHeaders,
		},
		fuzzSeed{config: foo, method: "POST", host: host, origin: app, acrm: "PUT", acrh: "x-foo", vary: "Accept-Encoding"},
		fuzzSeed{
			config: foo, method: "OPTIONS", host: host, origin: app, acrm: "PUT",
			vary: "Accept, access-control-request-method\norigin",
		},
		fuzzSeed{config: foo, method: "GET", host: host, origin: app, vary: "Accept, *"},
		fuzzSeed{config: foo, method: "options", host: host, origin: app, acrm: "PUT"},
		fuzzSeed{config: with(one, fuzzForbid), method: "POST", host: host, origin: evil},
		fuzzSeed{config: with(one, fuzzForbid), method: "POST", host: host, origin: "https://api.example.net"},
		fuzzSeed{
			config: with(one, fuzzForbid), method: "POST", host: "API.example.net:443", origin: "https://api.example.net",
		},
		fuzzSeed{
			config: with(one, fuzzForbid), method: "POST", host: "api.example.net:443", origin: "http://api.example.net",
		},
		fuzzSeed{config: with(one, fuzzForbid), method: "POST", host: "[::1]:8080", origin: "http://[::1]:8080"},
		fuzzSeed{config: with(one, fuzzForbid), method: "POST", host: host, origin: evil, site: "same-origin"},
		fuzzSeed{
			config: with(one, fuzzForbid), method: "POST", host: host, origin: "https://api.example.net", site: "cross-site",
		},
		fuzzSeed{config: with(one, fuzzForbid), method: "POST", host: host, origin: "null", site: "same-origin"},
		fuzzSeed{
			config: with(one, fuzzForbid), method: "POST", host: host, origin: evil, site: "same-origin\nsame-origin",
			flags: fuzzSplitSite,
		},
		fuzzSeed{
			config: with(foo, fuzzPrivateNetwork), method: "OPTIONS", host: host, origin: app, acrm: "PUT",
			privateNetwork: "true",
		},
		fuzzSeed{
			config: with(foo, fuzzPrivateNetwork), method: "OPTIONS", host: host, origin: app, acrm: "PUT",
			privateNetwork: "false",
		},
		fuzzSeed{
			config: with(foo, fuzzPrivateNetwork), method: "OPTIONS", host: host, origin: evil, acrm: "PUT",
			privateNetwork: "true",
		},
		fuzzSeed{config: foo, method: "OPTIONS", host: host, origin: app, acrm: "PUT", privateNetwork: "true"},
		fuzzSeed{
			config: fuzzConfig{extra: 1}, extra: "HTTP://x-*-Y.Example.Org:*", method: "GET", host: host,
			origin: "http://x-1-y.example.org:81",
		},
		fuzzSeed{
			config: fuzzConfig{extra: 1}, extra: "HTTPS://[::FFFF:7F00:1]:443", method: "GET", host: host,
			origin: "https://[::ffff:7f00:1]",
		},
		fuzzSeed{
			config: fuzzConfig{extra: 2}, extra: `\Qhttps://a.example\E(:1+)?`, method: "GET", host: host,
			origin: "https://a.example:11",
		},
		fuzzSeed{
			config: fuzzConfig{origins: []string{app}, methods: []string{}, extra: 3}, extra: "options", method: "OPTIONS",
			host: host, origin: app, acrm: "OPTIONS",
		},
		fuzzSeed{
			config: fuzzConfig{origins: []string{app}, headers: []string{}, extra: 4}, extra: "X-~", method: "OPTIONS",
			host: host, origin: app, acrm: "GET", acrh: "x-~",
		},
	)
	return seeds
}

// FuzzDecide compares every Decision with the one of the reference implementation. It also checks
// that a browser would allow exactly what the policy allows.
func FuzzDecide(f *testing.F) {
	for _, s := range fuzzSeeds() {
		f.Add(s.config.bytes(), s.extra, s.method, s.host, s.origin, s.acrm, s.acrh, s.site, s.privateNetwork, s.vary,
			s.flags)
	}
	f.Fuzz(
		func(t *testing.T, config []byte, extra, method, host, origin, acrm, acrh, site, privateNetwork, vary string,
			flags uint8) {
			c := readFuzzConfig(config)
			if c.extra == 1 && strings.ContainsFunc(extra, func(r rune) bool { return r >= 0x80 }) {
				return // the reference does not know how a browser maps every Unicode host
			}
			var asked, wantAsked []asking
			cfg := c.config(extra, &asked)
			slow := slowPolicy{c.config(extra, &wantAsked)}
			var observed []core.Decision
			cfg.OnDecision = func(_ context.Context, e core.Event) { observed = append(observed, e.Decision) }
			policy, err := core.New(cfg)
			if err != nil {
				if policy != nil {
					t.Error("New returns both a policy and an error")
				}
				return
			}

			r := slowRequest{method: method, host: host, lines: http.Header{}}
			for _, field := range []struct {
				name, value string
				split       bool
			}{
				{"Origin", origin, flags&fuzzSplitOrigin != 0},
				{"Access-Control-Request-Method", acrm, flags&fuzzSplitMethod != 0},
				{"Access-Control-Request-Headers", acrh, flags&fuzzSplitHeaders != 0},
				{"Access-Control-Request-Private-Network", privateNetwork, false},
				{"Sec-Fetch-Site", site, flags&fuzzSplitSite != 0},
			} {
				switch {
				case field.split:
					r.lines[field.name] = strings.Split(field.value, "\n")
				case field.value != "":
					r.lines[field.name] = []string{field.value}
				}
			}

			want := slow.decide(t.Context(), r)
			got := policy.Decide(t.Context(), core.Request{Method: r.method, Host: r.host, Header: core.HeaderMap(r.lines)})
			if got != want {
				t.Fatalf("config %+v\nrequest %+q\n got %+v\nwant %+v", slow.Config, r, got, want)
			}
			if !slices.Equal(asked, wantAsked) {
				t.Errorf("AllowOriginFunc: got %q, want %q", asked, wantAsked)
			}
			asked = nil
			if got := decideBorrowed(policy, r); got != want {
				t.Errorf("a borrowed request: config %+v\nrequest %+q\n got %+v\nwant %+v", slow.Config, r, got, want)
			}
			if !slices.Equal(asked, wantAsked) {
				t.Errorf("AllowOriginFunc with a borrowed request: got %q, want %q", asked, wantAsked)
			}
			if !slices.Equal(observed, []core.Decision{want, want}) {
				t.Errorf("OnDecision: got %+v, want twice %+v", observed, want)
			}

			asked = nil
			cfg.OnDecision = nil
			request := core.Request{Method: r.method, Host: r.host, Header: core.HeaderMap(r.lines)}
			var scratch core.Decision
			if got := *core.Ask(t.Context(), mustNew(t, cfg), &request, &scratch); !sameResponse(got, want) {
				t.Errorf("Ask: config %+v\nrequest %+q\n got %+v\nwant %+v", slow.Config, r, got, want)
			}
			if !slices.Equal(asked, wantAsked) {
				t.Errorf("AllowOriginFunc with Ask: got %q, want %q", asked, wantAsked)
			}

			checkDecision(t, slow, got)
			checkApply(t, got, vary)

			if value := r.combined("Origin"); value != "" {
				checkBrowser(t, policy, slow, value, acrm, acrh)
			}
		})
}

var (
	grantBytes = regexp.MustCompile(`^(?:\*|null|[a-z0-9+.:/_\[\]-]+)?$`)
	listBytes  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z, \t-]*$")
)

// checkDecision checks what must be true of every Decision.
func checkDecision(t *testing.T, slow slowPolicy, d core.Decision) {
	t.Helper()
	if !grantBytes.MatchString(d.AllowOrigin) {
		t.Errorf("Access-Control-Allow-Origin: %q", d.AllowOrigin)
	}
	for _, list := range []string{d.AllowMethods, d.AllowHeaders, d.ExposeHeaders} {
		if !listBytes.MatchString(list) {
			t.Errorf("a list has %q", list)
		}
	}
	if d.AllowCredentials &&
		(d.AllowOrigin == "" || d.AllowOrigin == "*" || d.AllowOrigin == "null" || d.AllowOrigin == "file://") {
		t.Errorf("credentials for the origin %q", d.AllowOrigin)
	}
	if d.AllowCredentials && d.ExposeHeaders == "*" {
		t.Error("every header is exposed with credentials")
	}
	if granted := d.AllowOrigin != ""; granted && !d.Allowed() && !d.Debug && d.Kind != core.KindNotCORS {
		t.Errorf("a refusal grants an origin: %+v", d)
	}
	if d.Status != 0 && d.Kind == core.KindNotCORS {
		t.Errorf("a request without Origin is answered with %d", d.Status)
	}
	if !d.Allowed() || d.Kind != core.KindPreflight {
		return
	}
	// A browser caches the lists and uses them for later requests
	// (https://fetch.spec.whatwg.org/#concept-cache). So each entry must be allowed by itself.
	// Browsers do not cache methods and names that they never send.
	for _, method := range strings.Split(d.AllowMethods, ", ") {
		if method != "" && method != "*" && slow.allowsMethod(method) != core.ReasonAllowed {
			t.Errorf("Access-Control-Allow-Methods lists %q, which is not allowed", method)
		}
	}
	names, ok := extractList([]string{d.AllowHeaders})
	if !ok {
		t.Errorf("Access-Control-Allow-Headers is no list of names: %q", d.AllowHeaders)
	}
	for _, name := range names {
		if name != "*" && !slow.allowsHeader(strings.ToLower(name)) {
			t.Errorf("Access-Control-Allow-Headers lists %q, which is not allowed", name)
		}
	}
}

// checkApply applies the decision, by Apply and by ApplyMap, to a header that has the Vary lines
// and the CORS headers of another policy.
func checkApply(t *testing.T, d core.Decision, vary string) {
	t.Helper()
	stale := func() http.Header {
		h := http.Header{
			"Content-Type": {"text/plain"}, "Access-Control-Allow-Origin": {"*", "https://stale.example"},
			"Polycors-Reason": {"stale"},
		}
		if vary != "" {
			h["Vary"] = strings.Split(vary, "\n")
		}
		return h
	}
	want := http.Header{"Content-Type": {"text/plain"}}
	for name, value := range map[string]string{
		"Access-Control-Allow-Origin": d.AllowOrigin, "Access-Control-Allow-Methods": d.AllowMethods,
		"Access-Control-Allow-Headers": d.AllowHeaders, "Access-Control-Expose-Headers": d.ExposeHeaders,
		"Access-Control-Max-Age": d.MaxAge,
	} {
		if value != "" {
			want[name] = []string{value}
		}
	}
	if d.AllowCredentials {
		want["Access-Control-Allow-Credentials"] = []string{"true"}
	}
	if d.AllowPrivateNetwork {
		want["Access-Control-Allow-Private-Network"] = []string{"true"}
	}
	if d.Debug {
		want["Polycors-Reason"] = []string{d.Reason.String()}
	}
	if lines := slowMergeVary(stale()["Vary"], d.Vary); len(lines) > 0 {
		want["Vary"] = lines
	}
	for _, apply := range []struct {
		name  string
		apply func(http.Header)
	}{
		{"Apply", func(h http.Header) { d.Apply(h) }},
		{"ApplyMap", func(h http.Header) { d.ApplyMap(h) }},
	} {
		got := stale()
		apply.apply(got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", apply.name, got, want)
		}
		apply.apply(got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s, twice:\n got %q\nwant %q", apply.name, got, want)
		}
	}
}

// checkBrowser simulates a page that sends the request. It fails if the browser allows something
// that the policy does not, or the other way around.
func checkBrowser(t *testing.T, policy *core.Policy, slow slowPolicy, origin, acrm, acrh string) {
	t.Helper()
	method := slowNormalize(acrm)
	if method == "" {
		method = "GET"
	}
	var names []string
	for _, name := range strings.Split(acrh, ",") {
		if name = strings.ToLower(strings.Trim(name, " \t")); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	serve := serveWith(policy)
	for _, page := range everyPage([]string{origin}, []string{method}, [][]string{names}) {
		if got, want := page.isLetIn(serve), slow.lets(t.Context(), page); got != want {
			t.Errorf("config %+v\npage %+v\ngot in: %v, want %v", slow.Config, page, got, want)
		}
	}
}

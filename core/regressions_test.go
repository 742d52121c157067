package core_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// The tests in this file are named after published vulnerabilities in CORS libraries. Each shows
// that Polycors does not have that vulnerability: New refuses the Config, or the policy refuses the
// request.

// refuses fails unless the origins are refused.
func refuses(t *testing.T, cfg core.Config, origins ...string) {
	t.Helper()
	p := mustNew(t, cfg)
	for _, origin := range origins {
		for _, r := range []core.Request{get("Origin", origin), preflight(origin, "GET")} {
			if d := p.Decide(t.Context(), r); d.Allowed() || d.AllowOrigin != "" || d.AllowCredentials {
				t.Errorf("%s: got %+v, want it refused", origin, d)
			}
		}
	}
}

// cannotBeBuilt fails unless New refuses the Config.
func cannotBeBuilt(t *testing.T, cfgs ...core.Config) {
	t.Helper()
	for _, cfg := range cfgs {
		if _, err := core.New(cfg); err == nil {
			t.Errorf("%+v: got a policy, want an error", cfg)
		}
	}
}

func TestRegressions(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		// "*" with credentials was turned into a reflection of any origin.
		"CVE-2018-20744 rs-cors":       anyOriginIsNeverReflected,
		"CVE-2024-25124 fiber":         anyOriginIsNeverReflected,
		"CVE-2017-20146 gorilla":       anyOriginIsNeverReflected,
		"CVE-2018-8014 Tomcat":         anyOriginIsNeverReflected,
		"CVE-2021-39185 http4s":        anyOriginIsNeverReflected,
		"CVE-2023-49803 koa-cors":      anyOriginIsNeverReflected,
		"GHSA-972r-f3fv-whm3 RESTEasy": anyOriginIsNeverReflected,
		"go-chi-cors-6":                anyOriginIsNeverReflected,
		// Without a list of origins, credentials were allowed for every origin.
		"CVE-2026-54290 Hono": func(t *testing.T) {
			anyOriginIsNeverReflected(t)
			cannotBeBuilt(t, core.Config{AllowCredentials: true})
		},
		// Every website could use a refresh token in a SameSite=None cookie, and read the new token.
		"CVE-2025-34291 Langflow": func(t *testing.T) {
			anyOriginIsNeverReflected(t)
			refuses(t, core.Config{AllowOrigins: []string{app}, AllowCredentials: true}, evil, "null", "https://appxexample.com")
			p := mustNew(t, origins("*"))
			r := get("Origin", evil, "Cookie", "refresh_token=x", "Content-Type", "application/json")
			r.Method = "POST"
			if d := p.Decide(t.Context(), r); d.AllowOrigin != "*" || d.AllowCredentials {
				t.Errorf("got %+v, want no credentials", d)
			}
		},
		// A wildcard in an entry of the list had the same effect.
		"rs-cors-197 h*, go-chi-cors-17": broadPatternsWithCredentials,
		"CVE-2026-44184":                 broadPatternsWithCredentials,

		// A wildcard at the end of the host, or a prefix for a match.
		"CVE-2019-25211 gin-contrib": func(t *testing.T) {
			cannotBeBuilt(t, origins("https://example.com*"), origins("http://localhost*"), origins("https://example.*"))
			refuses(t, origins("https://example.com"), "https://example.community", "https://example.com.evil.com",
				"https://example.com:8443")
		},
		"CVE-2022-1996 go-restful": func(t *testing.T) {
			refuses(t, origins("https://example.com"), "https://example.com.evil.com", "https://notexample.com",
				"https://example.comx", "https://xexample.com")
			refuses(t, core.Config{AllowOriginRegexes: []string{`https://example\.com`}}, "https://example.com.evil.com",
				"https://evil.com/https://example.com")
		},
		"CVE-2026-37737 sanic-cors, starlette-801, CVE-2026-40110": func(t *testing.T) {
			refuses(t, core.Config{AllowOriginRegexes: []string{`https://trusted\.com`}}, "https://trusted.com:8080",
				"https://trusted.com.attacker.example")
		},
		// An unanchored expression, or one whose anchors bind to one alternative only.
		"gin-contrib unanchored regexes": func(t *testing.T) {
			refuses(t, core.Config{AllowOriginRegexes: []string{`https://a\.example|https://b\.example`}},
				"https://a.example.evil.com", "https://evil.com?https://b.example", "xhttps://b.example")
			cannotBeBuilt(t, core.Config{AllowOriginRegexes: []string{`a)|(?:b`}}, origins(`/https:\/\/example\.com/`))
		},
		"litestar unescaped dot": func(t *testing.T) {
			refuses(t, origins("https://good.example"), "https://goodXexample", "https://goodxexample")
		},

		// A suffix for a match.
		"CVE-2024-27302 go-zero": func(t *testing.T) {
			refuses(t, origins("https://victim.com", "https://*.victim.com"), "https://evil-victim.com",
				"https://evilvictim.com", "http://a.victim.com")
		},
		"CVE-2023-28109 play-with-docker": func(t *testing.T) {
			refuses(t, origins("https://labs.play-with-docker.com"), "https://evil-play-with-docker.com",
				"https://play-with-docker.com")
		},
		"GHSA-vhxv-fg4m-p2w8 jub0bs-cors, GHSA-v84h-653v-4pq9": func(t *testing.T) {
			for _, list := range [][]string{
				{"https://foo.com", "https://bar.com"}, {"https://bar.com", "https://foo.com"},
				{"https://*.foo.com", "https://*.bar.com"},
			} {
				refuses(t, origins(list...), "https://barfoo.com", "https://foobar.com", "https://r.com", "https://bar",
					"https://arfoo.com")
			}
		},
		"openscan-364 names under a public suffix": func(t *testing.T) {
			cannotBeBuilt(t, credentialed("https://*--site.netlify.app"), credentialed("https://*.vercel.app"))
		},
		"starlette-3165 bytes of a URL in the wildcard": func(t *testing.T) {
			refuses(t, origins("https://*.example.com"), "https://evil.com/.example.com", "https://evil.com#.example.com",
				"https://evil.com?.example.com", "https://evil.com:80@a.example.com", `https://evil.com\.example.com`,
				"https://evil.com%2f.example.com")
		},
		"fiber-2883 a list as an origin": func(t *testing.T) {
			refuses(t, origins("https://*.example.com", app), "https://evil.com,https://a.example.com", "https://evil.com, "+app,
				app+" https://evil.com")
		},
		"rack-cors-134 null": func(t *testing.T) {
			cannotBeBuilt(t, credentialed("null"))
			refuses(t, core.Config{AllowOrigins: []string{app}, AllowOriginRegexes: []string{`.*`}}, "null")
		},
		"rack-cors-139 empty origin": func(t *testing.T) {
			cannotBeBuilt(t, origins(""))
			if d := mustNew(t, listed(nil)).Decide(t.Context(), get("Origin", "")); d.AllowOrigin != "" {
				t.Errorf("got Access-Control-Allow-Origin %q", d.AllowOrigin)
			}
		},

		// A header of thousands of commas cost megabytes of memory.
		"CVE-2025-47908 rs-cors": func(t *testing.T) {
			p := mustNew(t, listed(nil))
			for _, r := range []core.Request{
				asks(strings.Repeat(",", 1<<20)), asks(strings.Repeat(",", 8<<10)), asks(strings.Repeat("x-token,", 1<<10)),
			} {
				if d := p.Decide(t.Context(), r); d != because(refusedPreflight, core.ReasonHeadersTooLarge) {
					t.Errorf("got %+v", d)
				}
				if got := testing.AllocsPerRun(10, func() { p.Decide(t.Context(), r) }); got != 0 {
					t.Errorf("got %v allocations", got)
				}
			}
		},
		// All responses shared package-level slices, so one handler could change the headers of the
		// next response.
		"rs-cors-198, jub0bs-cors-14 shared slices": func(t *testing.T) {
			p := mustNew(t, listed(nil))
			for range 2 {
				h := http.Header{}
				d := p.Decide(t.Context(), get("Origin", app))
				d.ApplyMap(h)
				if !slices.Equal(h["Vary"], []string{"Origin"}) || !slices.Equal(h["Access-Control-Allow-Origin"], []string{app}) {
					t.Errorf("got %v", h)
				}
				for name := range h {
					h[name][0] = "oops"
				}
			}
		},
		// A cache served the response for one origin to other origins.
		"CVE-2017-8700 ASP.NET Core, expressjs-cors-106": func(t *testing.T) {
			p := mustNew(t, listed(nil))
			for _, r := range []core.Request{get(), get("Origin", app), get("Origin", evil), get("Origin", "x")} {
				if d := p.Decide(t.Context(), r); d.Vary != "Origin" {
					t.Errorf("%v: got Vary %q", r.Header, d.Vary)
				}
			}
		},
		"GHSA-q7jf-gf43-6x6p Hono, request Vary in the response": func(t *testing.T) {
			if d := mustNew(t, listed(nil)).Decide(t.Context(), get("Origin", app, "Vary", "accept-encoding")); d !=
				allowedActual {
				t.Errorf("got %+v", d)
			}
		},
		"CVE-2024-6221 flask-cors, private network by default": func(t *testing.T) {
			if d := mustNew(t, listed(nil)).Decide(t.Context(),
				preflight(app, "PUT", "Access-Control-Request-Private-Network", "true")); d.AllowPrivateNetwork {
				t.Error("granted though it is not configured")
			}
		},
		// A nil or empty list of origins allowed every origin.
		"empty list means nobody": func(t *testing.T) {
			cannotBeBuilt(t, core.Config{}, core.Config{AllowCredentials: true})
			p := mustNew(t, core.Config{AllowOrigins: []string{}, AllowCredentials: true})
			if d := p.Decide(t.Context(), get("Origin", app)); d.Allowed() || d.Reason != core.ReasonOriginNotAllowed {
				t.Errorf("got %v, want %v", d.Reason, core.ReasonOriginNotAllowed)
			}
		},
	} {
		t.Run(name, test)
	}
}

func anyOriginIsNeverReflected(t *testing.T) {
	cannotBeBuilt(t,
		credentialed("*"), credentialed(app, "*"),
		core.Config{DangerouslyAllowOrigins: []string{"*"}, AllowCredentials: true},
	)
	p := mustNew(t, origins("*"))
	for _, r := range []core.Request{
		get(), get("Origin", evil), get("Origin", "null"), get("Origin", evil, "Cookie", "a=b"), preflight(evil, "PUT"),
	} {
		if d := p.Decide(t.Context(), r); d.AllowOrigin != "*" || d.AllowCredentials {
			t.Errorf("got %+v, want * without credentials", d)
		}
	}
}

func broadPatternsWithCredentials(t *testing.T) {
	cannotBeBuilt(t,
		credentialed("h*"), credentialed("https://*"), credentialed("http*"), credentialed("*.example.com"),
		credentialed("https://*.com"),
		core.Config{AllowOriginRegexes: []string{`h.*`}, AllowCredentials: true},
		core.Config{AllowOriginRegexes: []string{`https://.+\.com`}, AllowCredentials: true},
		core.Config{AllowOriginRegexes: []string{`https?://[a-z0-9.-]+(:\d+)?`}, AllowCredentials: true},
	)
}

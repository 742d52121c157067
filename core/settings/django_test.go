package settings_test

import (
	"context"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

const (
	djangoMethods = "DELETE, GET, OPTIONS, PATCH, POST, PUT"
	djangoHeaders = "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with"
	preflightVary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
)

// request reads "GET /path Name=value …".
func request(text string) core.Request {
	words := strings.Fields(text)
	header := core.HeaderMap{}
	for _, word := range words[2:] {
		name, value, _ := strings.Cut(word, "=")
		header[name] = []string{value}
	}
	return core.Request{Method: words[0], Host: "api.example.com", Path: words[1], Header: header}
}

// TestDjangoParity reads the settings in the documentation of django-cors-headers as an
// environment, and compares the decisions with what is documented there. The differences are in
// docs/migrate/django.md, and in TestDjangoDepartures.
func TestDjangoParity(t *testing.T) {
	const app = "https://example.com"
	allowed := func(d core.Decision) core.Decision {
		d.Kind, d.Reason = core.KindActual, core.ReasonAllowed
		return d
	}
	preflight := func(d core.Decision) core.Decision {
		d.Kind, d.Reason, d.Status = core.KindPreflight, core.ReasonAllowed, 204
		return d
	}
	refused := core.Decision{Kind: core.KindActual, Reason: core.ReasonOriginNotAllowed, Vary: "Origin"}
	type exchange struct {
		request string
		want    core.Decision
	}
	for _, tt := range []struct {
		name      string
		environ   []string
		exchanges []exchange
	}{
		{
			"exact origins",
			[]string{
				"CORS_ALLOWED_ORIGINS=https://example.com,https://sub.example.com,http://localhost:8080,http://127.0.0.1:9000",
			},
			[]exchange{
				{"GET / Origin=https://example.com", allowed(core.Decision{Vary: "Origin", AllowOrigin: app})},
				{
					"GET / Origin=https://sub.example.com",
					allowed(core.Decision{Vary: "Origin", AllowOrigin: "https://sub.example.com"}),
				},
				{
					"POST / Origin=http://localhost:8080",
					allowed(core.Decision{Vary: "Origin", AllowOrigin: "http://localhost:8080"}),
				},
				{
					"GET / Origin=http://127.0.0.1:9000", allowed(core.Decision{Vary: "Origin", AllowOrigin: "http://127.0.0.1:9000"}),
				},
				{"GET / Origin=http://example.com", refused},
				{"GET / Origin=https://example.com:8443", refused},
				{"GET / Origin=https://other.example.com", refused},
				{"GET /", core.Decision{Kind: core.KindNotCORS, Reason: core.ReasonNoOrigin, Vary: "Origin"}},
				{
					"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT " +
						"Access-Control-Request-Headers=content-type",
					preflight(core.Decision{
						Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods,
						AllowHeaders: djangoHeaders, MaxAge: "86400"}),
				},
			},
		},
		{"special origins", []string{"CORS_ALLOWED_ORIGINS=null,file://"}, []exchange{
			{"GET / Origin=null", allowed(core.Decision{Vary: "Origin", AllowOrigin: "null"})},
			{"GET / Origin=file://", allowed(core.Decision{Vary: "Origin", AllowOrigin: "file://"})},
		}},
		{"regexes", []string{`CORS_ALLOWED_ORIGIN_REGEXES=^https://\w+\.example\.com$`}, []exchange{
			{"GET / Origin=https://a.example.com", allowed(core.Decision{Vary: "Origin", AllowOrigin: "https://a.example.com"})},
			{"GET / Origin=https://a.b.example.com", refused},
			{"GET / Origin=https://a.example.com.evil.example", refused},
		}},
		{"all origins", []string{"CORS_ALLOW_ALL_ORIGINS=True"}, []exchange{
			{"GET / Origin=https://anybody.example", allowed(core.Decision{AllowOrigin: "*"})},
			{"OPTIONS / Origin=https://anybody.example Access-Control-Request-Method=DELETE", preflight(core.Decision{
				Vary: "Access-Control-Request-Method, Access-Control-Request-Headers", AllowOrigin: "*",
				AllowMethods: djangoMethods,
				AllowHeaders: djangoHeaders, MaxAge: "86400"})},
		}},
		{
			"all origins, old name", []string{"CORS_ORIGIN_ALLOW_ALL=True", "CORS_ORIGIN_WHITELIST=https://example.com"},
			[]exchange{
				{"GET / Origin=https://anybody.example", allowed(core.Decision{AllowOrigin: "*"})},
			},
		},
		{"URL restriction", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_URLS_REGEX=^/api/.*$"}, []exchange{
			{"GET /api/items Origin=https://example.com", allowed(core.Decision{Vary: "Origin", AllowOrigin: app})},
			{"GET /api/ Origin=https://evil.example", refused},
			{"GET / Origin=https://example.com", core.Decision{}},
			{"GET /app/api/ Origin=https://example.com", core.Decision{}},
			{"OPTIONS /admin/ Origin=https://example.com Access-Control-Request-Method=PUT", core.Decision{}},
			{"OPTIONS /api/items Origin=https://example.com Access-Control-Request-Method=PUT", preflight(core.Decision{
				Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods,
				AllowHeaders: djangoHeaders, MaxAge: "86400"})},
		}},
		{
			"URL restriction by prefix", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_URLS_REGEX=^/(api|feed)/"},
			[]exchange{
				{"GET /api/items Origin=https://example.com", allowed(core.Decision{Vary: "Origin", AllowOrigin: app})},
				{"GET /feed/x/y Origin=https://example.com", allowed(core.Decision{Vary: "Origin", AllowOrigin: app})},
				{"GET /other/ Origin=https://example.com", core.Decision{}},
			},
		},
		{"every URL, written out", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_URLS_REGEX=^.*$"}, []exchange{
			{"GET /anything Origin=https://example.com", allowed(core.Decision{Vary: "Origin", AllowOrigin: app})},
		}},
		{"methods and headers extended", []string{
			"CORS_ALLOWED_ORIGINS=https://example.com",
			"CORS_ALLOW_METHODS=DELETE,GET,OPTIONS,PATCH,POST,PUT,POKE",
			"CORS_ALLOW_HEADERS=accept,authorization,content-type,user-agent,x-csrftoken,x-requested-with,my-custom-header",
		}, []exchange{
			{
				"OPTIONS / Origin=https://example.com Access-Control-Request-Method=POKE " +
					"Access-Control-Request-Headers=my-custom-header",
				preflight(core.Decision{
					Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods + ", POKE",
					AllowHeaders: djangoHeaders + ", my-custom-header", MaxAge: "86400"}),
			},
		}},
		{"headers as they were before version 4", []string{
			"CORS_ALLOWED_ORIGINS=https://example.com",
			"CORS_ALLOW_HEADERS=accept,accept-encoding,authorization,content-type,dnt,origin,user-agent," +
				"x-csrftoken,x-requested-with",
		}, []exchange{
			{"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT", preflight(core.Decision{
				Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods,
				AllowHeaders: djangoHeaders, MaxAge: "86400"})},
		}},
		{
			"expose", []string{"CORS_ALLOWED_ORIGINS=https://example.com", `CORS_EXPOSE_HEADERS=["Content-Length", "X-Total"]`},
			[]exchange{
				{
					"GET / Origin=https://example.com",
					allowed(core.Decision{Vary: "Origin", AllowOrigin: app, ExposeHeaders: "Content-Length, X-Total"}),
				},
			},
		},
		{"max age 0", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_PREFLIGHT_MAX_AGE=0"}, []exchange{
			{"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT", preflight(core.Decision{
				Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods, AllowHeaders: djangoHeaders, MaxAge: "0"})},
		}},
		{
			"max age as by default", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_PREFLIGHT_MAX_AGE=86400"},
			[]exchange{
				{"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT", preflight(core.Decision{
					Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods,
					AllowHeaders: djangoHeaders, MaxAge: "86400"})},
			},
		},
		{"credentials", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_ALLOW_CREDENTIALS=True"}, []exchange{
			{
				"GET / Origin=https://example.com",
				allowed(core.Decision{Vary: "Origin", AllowOrigin: app, AllowCredentials: true}),
			},
			{"GET / Origin=https://evil.example", refused},
			{"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT", preflight(core.Decision{
				Vary: preflightVary, AllowOrigin: app, AllowMethods: djangoMethods,
				AllowHeaders: djangoHeaders, MaxAge: "86400",
				AllowCredentials: true})},
		}},
		{
			"private network", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_ALLOW_PRIVATE_NETWORK=True"},
			[]exchange{
				{
					"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT " +
						"Access-Control-Request-Private-Network=true",
					preflight(core.Decision{
						Vary: preflightVary + ", Access-Control-Request-Private-Network", AllowOrigin: app, AllowMethods: djangoMethods,
						AllowHeaders: djangoHeaders, MaxAge: "86400", AllowPrivateNetwork: true}),
				},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := settings.FromEnv("CORS_", tt.environ)
			if err != nil {
				t.Fatal(err)
			}
			policy, err := core.New(s.CORS)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range tt.exchanges {
				if got := policy.Decide(context.Background(), request(x.request)); got != x.want {
					t.Errorf("%s:\n got %+v\nwant %+v", x.request, got, x.want)
				}
			}
		})
	}
}

// TestDjangoCSRF uses CSRF_TRUSTED_ORIGINS together with CORS settings.
func TestDjangoCSRF(t *testing.T) {
	s, err := settings.FromEnv("CORS_", []string{
		"CORS_ALLOWED_ORIGINS=https://read-only.example,https://change-allowed.example",
		"CSRF_TRUSTED_ORIGINS=https://change-allowed.example,https://*.change-allowed.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	protection, err := core.NewCSRFProtection(s.CSRF)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		request string
		want    core.Decision
	}{
		{"POST / Origin=https://change-allowed.example Sec-Fetch-Site=cross-site", core.Decision{}},
		{"POST / Origin=https://a.change-allowed.example Sec-Fetch-Site=cross-site", core.Decision{}},
		{
			"POST / Origin=https://read-only.example Sec-Fetch-Site=cross-site",
			core.Decision{Reason: core.ReasonCrossSiteWrite, Status: 403},
		},
		{"GET / Origin=https://read-only.example Sec-Fetch-Site=cross-site", core.Decision{}},
	} {
		if got := protection.Decide(context.Background(), request(tt.request)); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.request, got, tt.want)
		}
	}
}

// TestDjangoDepartures has the deliberate differences from django-cors-headers, in the order of
// docs/migrate/django.md.
func TestDjangoDepartures(t *testing.T) {
	refusedPreflight := func(reason core.Reason) core.Decision {
		return core.Decision{Kind: core.KindPreflight, Reason: reason, Status: 403, Vary: preflightVary}
	}
	for _, tt := range []struct {
		name    string
		environ []string
		request string
		want    core.Decision
	}{
		{
			"a regex matches the whole origin", []string{`CORS_ALLOWED_ORIGIN_REGEXES=https://\w+\.example\.com`},
			"GET / Origin=https://a.example.com.evil.example",
			core.Decision{Kind: core.KindActual, Reason: core.ReasonOriginNotAllowed, Vary: "Origin"},
		},
		{
			"a refused preflight is answered with 403", []string{"CORS_ALLOWED_ORIGINS=https://example.com"},
			"OPTIONS / Origin=https://evil.example Access-Control-Request-Method=PUT",
			refusedPreflight(core.ReasonOriginNotAllowed),
		},
		{
			"the method is checked", []string{"CORS_ALLOWED_ORIGINS=https://example.com"},
			"OPTIONS / Origin=https://example.com Access-Control-Request-Method=POKE",
			refusedPreflight(core.ReasonMethodNotAllowed),
		},
		{
			"the headers are checked", []string{"CORS_ALLOWED_ORIGINS=https://example.com"},
			"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT Access-Control-Request-Headers=x-other",
			refusedPreflight(core.ReasonHeaderNotAllowed),
		},
		{
			"OPTIONS without Origin is not a preflight", []string{"CORS_ALLOWED_ORIGINS=https://example.com"},
			"OPTIONS / Access-Control-Request-Method=PUT",
			core.Decision{Kind: core.KindNotCORS, Reason: core.ReasonNoOrigin, Vary: "Origin"},
		},
		{
			"plain OPTIONS carries no lists", []string{"CORS_ALLOWED_ORIGINS=https://example.com"},
			"OPTIONS / Origin=https://example.com",
			core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin", AllowOrigin: "https://example.com"},
		},
		{
			"the status can be 200", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_PREFLIGHT_STATUS=200"},
			"OPTIONS / Origin=https://example.com Access-Control-Request-Method=PUT",
			core.Decision{
				Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 200, Vary: preflightVary,
				AllowOrigin: "https://example.com", AllowMethods: djangoMethods,
				AllowHeaders: djangoHeaders, MaxAge: "86400",
			},
		},
		{"* answers requests without Origin too", []string{"CORS_ALLOW_ALL_ORIGINS=True"}, "GET /",
			core.Decision{Kind: core.KindNotCORS, Reason: core.ReasonNoOrigin, AllowOrigin: "*"}},
		{
			"entries are normalised", []string{"CORS_ALLOWED_ORIGINS=HTTPS://Example.com:443"},
			"GET / Origin=https://example.com",
			core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin", AllowOrigin: "https://example.com"},
		},
		{
			"paths are matched without case", []string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_URLS_REGEX=^/api/"},
			"GET /API/x Origin=https://example.com",
			core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin", AllowOrigin: "https://example.com"},
		},
		{
			"a path that can be read in two ways is refused",
			[]string{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_URLS_REGEX=^/api/"},
			"GET /api/../admin/ Origin=https://example.com",
			core.Decision{Kind: core.KindActual, Reason: core.ReasonPathAmbiguous, Vary: "Origin"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := settings.FromEnv("CORS_", tt.environ)
			if err != nil {
				t.Fatal(err)
			}
			policy, err := core.New(s.CORS)
			if err != nil {
				t.Fatal(err)
			}
			if got := policy.Decide(context.Background(), request(tt.request)); got != tt.want {
				t.Errorf("got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestDjangoRefused has settings that django-cors-headers accepts and FromEnv refuses.
func TestDjangoRefused(t *testing.T) {
	for _, environ := range [][]string{
		{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_ALLOW_CREDENTIALS=True"},
		{"CORS_ALLOWED_ORIGINS=null", "CORS_ALLOW_CREDENTIALS=True"},
		{"CORS_ALLOWED_ORIGINS=http://example.com", "CORS_ALLOW_CREDENTIALS=True"},
		{"CORS_ALLOWED_ORIGIN_REGEXES=^https://.*$", "CORS_ALLOW_CREDENTIALS=True"},
		{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_ALLOW_PRIVATE_NETWORK=True"},
		{"CORS_ALLOWED_ORIGINS="},
		{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_PREFLIGHT_MAX_AGE=604800"},
		{"CORS_ALLOWED_ORIGINS=https://example.com", "CORS_ALLOW_METHODS=patch"},
		{"CSRF_TRUSTED_ORIGINS=http://example.com"},
	} {
		if _, err := settings.FromEnv("CORS_", environ); len(problems(t, err)) != 1 {
			t.Errorf("%q: want one problem, got %v", environ, err)
		}
	}
}

// TestDcorsShortcuts has the two shortcuts of django-dcors, CORS_ALLOW_ALL_ORIGIN and
// CORS_ALLOW_ALL_HEADERS, with and without credentials.
func TestDcorsShortcuts(t *testing.T) {
	everybody := func(context.Context, string, core.Request) (bool, error) { return true, nil }
	const ask = "OPTIONS / Origin=https://anybody.example Access-Control-Request-Method=PUT " +
		"Access-Control-Request-Headers="
	for _, tt := range []struct {
		name    string
		cfg     core.Config
		request string
		want    core.Decision
	}{
		{"any origin", core.Config{AllowOrigins: []string{"*"}}, "GET / Origin=https://anybody.example",
			core.Decision{Kind: core.KindActual, Reason: core.ReasonAllowed, AllowOrigin: "*"}},
		{"any origin, echoed", core.Config{AllowOriginFunc: everybody}, "GET / Origin=https://anybody.example",
			core.Decision{
				Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin", AllowOrigin: "https://anybody.example",
			}},
		{
			"any origin, echoed, with credentials", core.Config{AllowOriginFunc: everybody, AllowCredentials: true},
			"GET / Origin=https://anybody.example",
			core.Decision{
				Kind: core.KindActual, Reason: core.ReasonAllowed, Vary: "Origin", AllowOrigin: "https://anybody.example",
				AllowCredentials: true,
			},
		},
		{
			"any header", core.Config{AllowOrigins: []string{"*"}, AllowHeaders: []string{"*", "authorization"}},
			ask + "authorization,x-anything",
			core.Decision{
				Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 204,
				Vary:        "Access-Control-Request-Method, Access-Control-Request-Headers",
				AllowOrigin: "*", AllowMethods: djangoMethods, AllowHeaders: "*, authorization", MaxAge: "86400",
			},
		},
		{
			"any header, echoed, with credentials",
			core.Config{AllowOriginFunc: everybody, AllowCredentials: true, AllowHeaders: []string{"*", "authorization"}},
			ask + "authorization,x-anything",
			core.Decision{Kind: core.KindPreflight, Reason: core.ReasonAllowed, Status: 204, Vary: preflightVary,
				AllowOrigin: "https://anybody.example", AllowMethods: djangoMethods, AllowHeaders: "authorization,x-anything",
				MaxAge: "86400", AllowCredentials: true},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			policy, err := core.New(tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := policy.Decide(context.Background(), request(tt.request)); got != tt.want {
				t.Errorf("got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

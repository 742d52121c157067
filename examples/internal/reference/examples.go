package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// This file has the examples of the pages. The command prints their source, and what core says
// about them.

// refused has examples that New refuses. A key is the name of a field, and what else is in the
// example. Each entry of the field must be refused, or the example as a whole.
var refused = map[string][]any{
	"Config.AllowOrigins": {
		core.Config{AllowOrigins: []string{
			"localhost:3000", "htps://example.com", "http(s)://example.com", "*://example.com",
			"https://a.example, https://b.example", "http://localhost:3000-3010", "http://localhost:30*",
			"https://.example.com", "https://*.*.example.com", "http://192.168.1.*",
			"https://(app|admin).example.com", "${FRONTEND_URL}", "undefined", "",
		}},
		core.Config{AllowOriginFunc: anyOrigin, AllowOrigins: []string{"*"}},
	},
	"Config.AllowOrigins with credentials": {
		core.Config{AllowCredentials: true, AllowOrigins: []string{
			"*", "null", "file://", "http://example.com", "chrome-extension://*", "qrc://", "https://*.com",
			"https://*.github.io",
		}},
	},
	"Config.AllowOriginRegexes": {
		core.Config{AllowOriginRegexes: []string{
			"https://*.example.com", `https://app\.example\.com/`, `app\.example\.com`,
			`https://(?!evil)[a-z]+\.example\.com`,
			`https://(app|admin\.example\.com`, `https://APP\.example\.com`,
		}},
	},
	"Config.AllowOriginRegexes with credentials": {
		core.Config{AllowCredentials: true, AllowOriginRegexes: []string{
			`https://.*example\.com`, `https://acme[12]\.de`, `https://app\.?example\.com`,
			`https://[a-z0-9-]+\.pages\.dev`, `https?://app\.example\.com`, `.*`,
		}},
	},
	"Config.AllowOriginFunc": {
		core.Config{AllowOriginFunc: anyOrigin, AllowPrivateNetwork: true},
	},
	"Config.DangerouslyAllowOrigins": {
		core.Config{AllowCredentials: true, DangerouslyAllowOrigins: []string{"*", "null", "https://app.example.com"}},
	},
	"Config.DangerouslyAllowOriginRegexes": {
		core.Config{AllowCredentials: true, DangerouslyAllowOriginRegexes: []string{
			".*", `https://.*\.[a-z]+`, `https://app\.example\.com`,
		}},
	},
	"Config.AllowMethods": {
		core.Config{AllowMethods: []string{"ALL", ".*", "GET,POST", "GET|POST", "patch", "CONNECT", ""}},
	},
	"Config.AllowHeaders": {
		core.Config{AllowHeaders: []string{
			"x-amz-*", "^X-.*$", "Content-Type: application/json", "Content_Type", "HTTP_CONTENT_TYPE", "accept, x-token", "",
		}},
	},
	"Config.ExposeHeaders": {
		core.Config{ExposeHeaders: []string{"Set-Cookie", "X Total"}},
	},
	"Config.ExposeHeaders with credentials": {
		core.Config{AllowCredentials: true, ExposeHeaders: []string{"*"}},
	},
	"Config.MaxAge": {
		core.Config{MaxAge: 600},
		core.Config{MaxAge: 500 * time.Millisecond},
		core.Config{MaxAge: 48 * time.Hour},
	},
	"Config.AllowPrivateNetwork": {
		core.Config{AllowPrivateNetwork: true, AllowOrigins: []string{"*", "null", "http://app.example.com"}},
	},
	"Config.PreflightStatus": {
		core.Config{PreflightStatus: 404},
	},
	"Config.Routes": {
		core.Config{Routes: []core.Route{{Path: "/{id}/a", Disable: true}, {Path: "/b/{id}", Disable: true}}},
		core.Config{Routes: []core.Route{{Path: "/public/"}}},
	},
	"Route.Path": {
		core.Route{Path: "public/"},
		core.Route{Path: "/users/:id"},
		core.Route{Path: "/admin/*"},
		core.Route{Path: "GET /users"},
		core.Route{Path: "/api/", PathRegex: "/api/.*"},
		core.Route{Config: core.Config{AllowOrigins: []string{"*"}}},
	},
	"Route.PathRegex": {
		core.Route{PathRegex: "admin/.*"},
		core.Route{PathRegex: "/admin/*"},
		core.Route{PathRegex: "/users/{id}"},
		core.Route{PathRegex: "/(a|b"},
	},
	"Route.Disable": {
		core.Route{Path: "/internal/", Disable: true, Config: core.Config{Debug: true}},
	},
	"Route.Config": {
		core.Route{Path: "/api/", Config: core.Config{MaxAge: time.Hour}},
		core.Route{Path: "/api/", Config: core.Config{
			AllowOrigins: []string{"*"},
			Routes:       []core.Route{{Path: "/api/v1/", Disable: true}},
		}},
		core.Route{Path: "/api/", Config: core.Config{AllowOrigins: []string{"*"}, OnDecision: logDecision}},
	},
	"CSRFConfig.TrustedOrigins": {
		core.CSRFConfig{TrustedOrigins: []string{
			"*", "null", "http://admin.example.com", "admin.example.com", "https://*.github.io",
		}},
	},
	"CSRFConfig.ExemptPaths": {
		core.CSRFConfig{ExemptPaths: []string{"/", "/{id}", "/webhooks/*", "webhooks/"}},
	},
}

// accepted has examples that New accepts. Its keys are those of the map refused.
var accepted = map[string]core.Config{
	"Config.AllowOriginRegexes with credentials": {AllowCredentials: true, AllowOriginRegexes: []string{
		`https://example\.(com|de)`, `https://([a-z0-9-]+\.)*example\.com(:\d+)?`,
		`https://acme\.pages\.dev`, `https://.*\.acme\.pages\.dev`, `http://127\.0\.0\.1(:\d+)?`,
	}},
}

func logDecision(context.Context, core.Event) {}

func anyOrigin(context.Context, string, core.Request) (bool, error) { return true, nil }

// values has variables that FromEnv refuses, and JSON that FromJSON refuses.
var values = map[string][]string{
	"lists": {
		"CORS_ALLOW_ORIGINS=https://a.example;https://b.example", `CORS_ALLOW_ORIGINS="https://a.example"`,
		"CORS_ALLOW_ORIGINS=['https://a.example']", `CORS_ALLOW_ORIGIN_REGEXES=https://\w{1,3}\.example\.com`,
	},
	"empty": {
		"CORS_ALLOW_ORIGINS=", "CORS_DEBUG=", "CORS_MAX_AGE=", "CORS_ALLOW_ORIGINS=null", "CORS_ALLOW_ORIGINS=undefined",
		"CORS_ALLOW_ORIGINS=${ORIGIN}", "CORS_ALLOW_ORIGINS={{ origin }}",
	},
	"booleans":  {"CORS_ALLOW_CREDENTIALS=y", "CORS_DEBUG=maybe"},
	"durations": {"CORS_MAX_AGE=1 day", "CORS_MAX_AGE=-1", "CORS_MAX_AGE=48h", "CORS_MAX_AGE=500ms", "CORS_MAX_AGE=soon"},
	"numbers":   {"CORS_PREFLIGHT_STATUS=200 OK", "CORS_PREFLIGHT_STATUS=404"},
	"routes":    {"CORS_ROUTES=/public/", `CORS_ROUTES=[{"path": "/public/", "alow_origins": ["*"]}]`},
	"names": {
		"CORS_ALOW_HEADERS=x-token", "CORS_DOMAINS=https://a.example", "CORS_ENABLED=true",
		"CORS_ALLOW_ORIGIN_FUNC=isTenant", "CSRF_EXEMPT_URLS=/webhooks/", "CORS_REPLACE_HTTPS_REFERER=true",
	},
	"json": {
		`{"alow_origins": ["*"]}`, `{"allow_origins": "https://a.example"}`, `{"allow_credentials": "true"}`,
		`{"allow_origins": null}`, `{"debug": true, "debug": false}`, `{"allow_origins": ["*"],}`, `{"max_age": -1}`,
	},
}

// read has variables that FromEnv reads.
var read = map[string][]string{
	"lists": {
		"CORS_ALLOW_ORIGINS=https://a.example,https://b.example", "CORS_ALLOW_ORIGINS=https://a.example https://b.example",
		`CORS_ALLOW_ORIGINS=["https://a.example", "https://b.example"]`,
		`CORS_ALLOW_ORIGIN_REGEXES=["https://\\w{1,3}\\.example\\.com"]`, "CORS_ALLOW_ORIGINS=[]", "CORS_ALLOW_METHODS=",
	},
	"booleans":  {"CORS_DEBUG=true", "CORS_DEBUG=YES", "CORS_DEBUG=on", "CORS_DEBUG=1", "CORS_DEBUG=false"},
	"durations": {"CORS_MAX_AGE=600", "CORS_MAX_AGE=10m", "CORS_MAX_AGE=1h30m", "CORS_MAX_AGE=0"},
	"django": {
		"CORS_ALLOWED_ORIGINS=https://a.example", "CORS_ALLOW_ALL_ORIGINS=True", "CORS_PREFLIGHT_MAX_AGE=600",
	},
}

// unused is an environment with a variable that has no effect.
var unused = []string{
	"CORS_ALLOW_ORIGINS=https://app.example.com",
	"CORS_ALLOWED_ORIGINS=https://www.example.com",
}

// reasons has a request for each reason.
var reasons = map[string]struct {
	config  core.Config
	request core.Request
}{
	"no-policy": {
		core.Config{Routes: []core.Route{{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}}}},
		request("GET", "Origin", app),
	},
	"no-origin":        {listed, request("GET")},
	"same-origin":      {listed, request("POST", "Origin", "https://api.example.com", "Sec-Fetch-Site", "same-origin")},
	"allowed":          {listed, request("GET", "Origin", app)},
	"origin-malformed": {listed, request("GET", "Origin", app+"/")},
	"origin-not-allowed": {
		listed, request("GET", "Origin", "https://www.example.com"),
	},
	"lookup-failed": {
		core.Config{AllowOriginFunc: func(context.Context, string, core.Request) (bool, error) {
			return false, errors.New("connection refused")
		}},
		request("GET", "Origin", app),
	},
	"method-malformed":   {listed, preflight("PUT, POST")},
	"method-not-allowed": {listed, preflight("PURGE")},
	"headers-malformed":  {listed, preflight("PUT", "Access-Control-Request-Headers", "x request id")},
	"headers-too-large": {
		listed, preflight("PUT", "Access-Control-Request-Headers", "accept,,,,,,,,,,,,,,,,,,,content-type"),
	},
	"header-not-allowed": {listed, preflight("PUT", "Access-Control-Request-Headers", "x-token")},
	"path-ambiguous": {
		core.Config{AllowOrigins: []string{app}, Routes: []core.Route{{Path: "/public/", Disable: true}}},
		core.Request{Method: "GET", Host: "api.example.com", Path: "/public/a/b", RawPath: "/public%2fa/b",
			Header: core.HeaderMap{"Origin": {app}}},
	},
	"cross-site-write": {
		core.Config{}, request("POST", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"),
	},
}

var listed = core.Config{AllowOrigins: []string{app}}

func request(method string, headers ...string) core.Request {
	header := core.HeaderMap{}
	for i := 0; i < len(headers); i += 2 {
		header[headers[i]] = []string{headers[i+1]}
	}
	return core.Request{Method: method, Host: "api.example.com", Path: "/items/1", Header: header}
}

func preflight(method string, headers ...string) core.Request {
	return request("OPTIONS", append(headers, "Origin", app, "Access-Control-Request-Method", method)...)
}

// findings has a Config for each code of Lint.
var findings = map[string]core.Config{
	"any-origin":      {AllowOrigins: []string{"*"}},
	"null-origin":     {AllowOrigins: []string{"https://app.example.com", "null"}},
	"file-origin":     {AllowOrigins: []string{"https://app.example.com", "file://"}},
	"any-app":         {AllowOrigins: []string{"chrome-extension://*"}},
	"insecure-origin": {AllowOrigins: []string{"http://app.example.com"}},
	"loopback-origin": {AllowOrigins: []string{"https://app.example.com", "http://localhost:3000"}},
	"public-suffix":   {AllowOrigins: []string{"https://*.netlify.app"}},
	"credentials-wildcard": {
		AllowOrigins:     []string{"https://*.example.com"},
		AllowCredentials: true,
	},
	"broad-regex": {AllowOriginRegexes: []string{`https://[a-z0-9.]+\.com`}},
	"loose-dot":   {AllowOriginRegexes: []string{`https://(app|admin)\.example.com`}},
	"plain-regex": {AllowOriginRegexes: []string{`https://.*\.example\.com`}},
	"credentials-func": {
		AllowOriginFunc:  func(context.Context, string, core.Request) (bool, error) { return true, nil },
		AllowCredentials: true,
	},
	"duplicate-entry": {AllowOrigins: []string{"https://app.example.com", "HTTPS://app.example.com:443"}},
	"covered-entry":   {AllowOrigins: []string{"https://*.example.com", "https://app.example.com"}},
	"authorization-not-covered": {
		AllowOrigins: []string{"https://app.example.com"},
		AllowHeaders: []string{"*"},
	},
	"forbidden-header": {
		AllowOrigins: []string{"https://app.example.com"},
		AllowHeaders: []string{"content-type", "origin"},
	},
	"safelisted-header": {
		AllowOrigins:  []string{"https://app.example.com"},
		ExposeHeaders: []string{"x-total-count", "content-type"},
	},
	"misspelled-name": {
		AllowOrigins: []string{"https://app.example.com"},
		AllowHeaders: []string{"authorisation"},
	},
	"needless-credentials": {
		AllowOrigins:     []string{"https://app.example.com"},
		AllowHeaders:     []string{"authorization", "content-type"},
		AllowCredentials: true,
	},
	"long-max-age": {
		AllowOrigins: []string{"https://app.example.com"},
		MaxAge:       12 * time.Hour,
	},
	"private-network": {
		AllowOrigins:        []string{"https://app.example.com"},
		AllowPrivateNetwork: true,
	},
	"continued-preflight": {
		AllowOrigins:      []string{"https://app.example.com"},
		ContinuePreflight: true,
	},
	"debug": {
		AllowOrigins: []string{"https://app.example.com"},
		Debug:        true,
	},
	"dead-route": {
		Routes: []core.Route{
			{Path: "/", Config: core.Config{AllowOrigins: []string{"*"}}},
			{PathRegex: "/v[0-9]+/.*", Config: core.Config{AllowOrigins: []string{"https://app.example.com"}}},
		},
	},
	"narrow-route": {
		AllowOrigins: []string{"*"},
		Routes: []core.Route{
			{Path: "/admin", Config: core.Config{AllowOrigins: []string{"https://admin.example.com"}}},
		},
	},
	"shadowed-policy": {
		AllowOrigins: []string{"https://app.example.com"},
		Routes: []core.Route{
			{Path: "/", Config: core.Config{AllowOrigins: []string{"*"}}},
		},
	},
	"not-inherited": {
		AllowHeaders: []string{"x-token"},
		Routes: []core.Route{
			{Path: "/api/", Config: core.Config{AllowOrigins: []string{"https://app.example.com"}}},
		},
	},
	"insecure-credentials": {
		DangerouslyAllowOrigins: []string{"http://app.example.com"},
		AllowCredentials:        true,
	},
	"public-suffix-credentials": {
		DangerouslyAllowOrigins: []string{"https://*--acme.netlify.app"},
		AllowCredentials:        true,
	},
}

// reachable has handlers in which CheckReachable finds a mistake.
var reachable = map[string]http.Handler{
	"route":          mux("GET /items", wrapped(listed, respond)),
	"nothing":        respond,
	"authentication": status(http.StatusUnauthorized),
	"redirect":       mux("/items/", wrapped(listed, respond)),
	"recovery":       byMethod(wrapped(listed, respond), status(http.StatusInternalServerError)),
	"options":        byMethod(status(http.StatusNoContent), wrapped(listed, respond)),
	"policy":         wrapped(core.Config{AllowOrigins: []string{"https://www.example.com"}}, respond),
	"override":       wrapped(listed, sets("Access-Control-Allow-Origin", "*")),
	"credentials": wrapped(core.Config{AllowOrigins: []string{app}, AllowCredentials: true},
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("Access-Control-Allow-Credentials")
		})),
	"twice": wrapped(listed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Access-Control-Allow-Origin", "*")
	})),
	"removed": wrapped(listed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Del("Access-Control-Allow-Origin")
	})),
	"vary":     wrapped(listed, sets("Vary", "Accept")),
	"everyone": wrapped(core.Config{AllowOriginFunc: anyOrigin, AllowCredentials: true}, respond),
	"continue": wrapped(core.Config{AllowOrigins: []string{app}, ContinuePreflight: true}, mux("GET /items", respond)),
}

var respond = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// wrapped returns a handler with a policy.
func wrapped(cfg core.Config, h http.Handler) http.Handler { return corshttp.New(cfg)(h) }

func mux(pattern string, h http.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle(pattern, h)
	return m
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

func sets(name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(name, value) })
}

// byMethod serves OPTIONS with one handler and all other methods with another.
func byMethod(options, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			options.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

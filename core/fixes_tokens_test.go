package core_test

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
)

// tokenTest is a Config with one problem in a list of methods or headers, as New reports it. After
// each alternative of its fix, New accepts the Config, and preflights are decided as listed.
type tokenTest struct {
	cfg     core.Config
	want    string   // the error
	allows  []string // what preflights may ask for: "PUT", or "PUT x-token" for a method and a header
	refuses []string
	exposes string // Access-Control-Expose-Headers
}

func methodsList(list ...string) core.Config {
	return core.Config{AllowOrigins: []string{app}, AllowMethods: list, AllowHeaders: []string{}}
}

func headersList(list ...string) core.Config {
	return core.Config{AllowOrigins: []string{app}, AllowMethods: []string{}, AllowHeaders: list}
}

func exposedList(list ...string) core.Config {
	cfg := methodsList()
	cfg.AllowMethods, cfg.ExposeHeaders = []string{}, list
	return cfg
}

// asksFor returns a preflight for "PUT" or "PUT x-token,x-other".
func asksFor(words string) core.Request {
	method, headers, _ := strings.Cut(words, " ")
	r := core.Request{Method: "OPTIONS", Host: "api.example", Path: "/", Header: core.HeaderMap{
		"Origin": {app}, "Access-Control-Request-Method": {method},
	}}
	if headers != "" {
		r.Header.(core.HeaderMap)["Access-Control-Request-Headers"] = []string{headers}
	}
	return r
}

func allowsPreflight(policy *core.Policy, words string) bool {
	return policy.Decide(context.Background(), asksFor(words)).Allowed()
}

func testTokens(t *testing.T, tests []tokenTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			_, err := core.New(tt.cfg)
			problems := slices.Collect(core.Problems(err))
			if len(problems) != 1 || err.Error() != tt.want {
				t.Fatalf("got  %v\nwant %s", err, tt.want)
			}
			fixed, ok := applyFix(tt.cfg, problems[0])
			if !ok {
				t.Errorf("the fix cannot be applied: %s", problems[0].Fix)
			}
			for _, cfg := range fixed {
				policy, err := core.New(cfg)
				if err != nil {
					t.Errorf("after the fix: %v", err)
					continue
				}
				for _, words := range tt.allows {
					if !allowsPreflight(policy, words) {
						t.Errorf("after the fix, a preflight for %q is refused, want it allowed: %+v", words, cfg)
					}
				}
				for _, words := range tt.refuses {
					if allowsPreflight(policy, words) {
						t.Errorf("after the fix, a preflight for %q is allowed, want it refused: %+v", words, cfg)
					}
				}
				if got := policy.Decide(t.Context(), get("Origin", app)).ExposeHeaders; got != tt.exposes {
					t.Errorf("after the fix, the exposed headers are %q, want %q", got, tt.exposes)
				}
			}
		})
	}
}

func TestFixesOfMethods(t *testing.T) {
	const at = "cors: AllowMethods[0]: "
	list := methodsList
	testTokens(t, []tokenTest{
		{list(""), at + `"": an empty entry allows nothing; remove it`, nil, []string{"PUT"}, ""},
		{list(" "), at + `" ": the entry is blank; remove it`, nil, []string{"PUT"}, ""},
		{list("ALL"), at + `"ALL": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("any"), at + `"any": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("all methods"), at + `"all methods": "*" means every method; write "*"`, []string{"PURGE"}, nil, ""},
		{list(".*"), at + `".*": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("^.*$"), at + `"^.*$": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("**"), at + `"**": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{
			list(" * "), at + `" * ": there is white space before or after the value; write "*"`,
			[]string{"PUT", "PURGE"}, nil, "",
		},
		{list("'*'"), at + `"'*'": there are quotes around the value; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("*, GET"), at + `"*, GET": "*" covers the other names; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{
			list("DELETE|PUT"), at + `"DELETE|PUT": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, "",
		},
		{
			list("DELETE,PUT"), at + `"DELETE,PUT": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, "",
		},
		{
			list("DELETE/PUT"), at + `"DELETE/PUT": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, "",
		},
		{
			list("GET; PUT; patch"), at + `"GET; PUT; patch": an entry is one method; write "GET", "PUT" and "PATCH"`,
			[]string{"PUT", "PATCH"}, []string{"DELETE"}, "",
		},
		{
			list("DELETE PUT"),
			at + `"DELETE PUT": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, "",
		},
		{
			list(`["DELETE", "PUT"]`),
			at + `"[\"DELETE\", \"PUT\"]": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, "",
		},
		{
			list("^(DELETE|PUT)$"), at + `"^(DELETE|PUT)$": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, "",
		},
		{list("TRACE,PUT"), at + `"TRACE,PUT": an entry is one method; write "PUT"`, []string{"PUT"}, nil, ""},
		{
			list("PUT "), at + `"PUT ": there is white space before or after the value; write "PUT"`,
			[]string{"PUT"}, []string{"PATCH"}, "",
		},
		{
			list("PUT\n"), at + `"PUT\n": there is white space before or after the value; write "PUT"`,
			[]string{"PUT"}, []string{"PATCH"}, "",
		},
		{list("'PUT'"), at + `"'PUT'": there are quotes around the value; write "PUT"`, []string{"PUT"}, nil, ""},
		{list(`"PUT"`), at + `"\"PUT\"": there are quotes around the value; write "PUT"`, []string{"PUT"}, nil, ""},
		{list("DELETE+PUT"), at + `"DELETE+PUT": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, ""},
		{list("DELETE and PUT"),
			at + `"DELETE and PUT": an entry is one method; write "DELETE" and "PUT"`,
			[]string{"DELETE", "PUT"}, []string{"PATCH"}, ""},
		{list("[*]"), at + `"[*]": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("\\*"), at + `"\\*": "*" means every method; write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{list("\u200bPUT"), at + `"\u200bPUT": the name contains an invisible character; write "PUT"`,
			[]string{"PUT"}, []string{"PATCH"}, ""},
		{list("PUT:"), at + `"PUT:": a method cannot contain ":"; write "PUT"`, []string{"PUT"}, []string{"PATCH"}, ""},
		{list("PUT /users"), at + `"PUT /users": a method has no path; write "PUT"`, []string{"PUT"}, []string{"PATCH"}, ""},
		{list("patch"), at + `"patch": methods are case-sensitive; write "PATCH"`, []string{"PATCH"}, []string{"PUT"}, ""},
		{
			list("none"),
			at + `"none": this looks like a value that was not set; remove it`,
			nil, []string{"PUT"}, "",
		},
		{
			list("null"),
			at + `"null": this looks like a value that was not set; remove it`,
			nil, []string{"PUT"}, "",
		},
		{list("true"), at + `"true": this is not the name of a method; write "*", or remove it`, nil, nil, ""},
		{
			list("Connect"), at + `"Connect": browsers do not let pages send CONNECT, TRACE and TRACK requests; remove it`,
			nil, []string{"CONNECT"}, "",
		},
		{
			list("Authorization"), at + `"Authorization": this is the name of a header, not a method; move it to AllowHeaders`,
			[]string{"GET authorization"}, []string{"PUT"}, "",
		},
		{
			list("https://b.example"), at + `"https://b.example": this is an origin, not a method; move it to AllowOrigins`,
			nil, []string{"PUT"}, "",
		},
	})
}

func TestFixesOfHeaders(t *testing.T) {
	const at = "cors: AllowHeaders[0]: "
	list := headersList
	foo, bar := "GET x-foo", "GET x-bar"
	testTokens(t, []tokenTest{
		{list(""), at + `"": an empty entry allows nothing; remove it`, nil, []string{foo}, ""},
		{list("ALL"), at + `"ALL": "*" means every header; write "*"`, []string{foo, bar}, nil, ""},
		{list("Any"), at + `"Any": "*" means every header; write "*"`, []string{foo, bar}, nil, ""},
		{list(".*"), at + `".*": "*" means every header; write "*"`, []string{foo, bar}, nil, ""},
		{list("* "), at + `"* ": there is white space before or after the value; write "*"`, []string{foo, bar}, nil, ""},
		{
			list("*, Authorization"),
			at + `"*, Authorization": an entry is one header name; write "*" and "Authorization"`,
			[]string{foo, "GET authorization"}, nil, "",
		},
		{list("X-Foo,X-Bar"), at + `"X-Foo,X-Bar": an entry is one header name; write "X-Foo" and "X-Bar"`,
			[]string{foo, bar}, []string{"GET x-foo-bar"}, ""},
		{list("X-Foo|X-Bar"), at + `"X-Foo|X-Bar": an entry is one header name; write "X-Foo" and "X-Bar"`,
			[]string{foo, bar}, []string{"GET x-foo-bar"}, ""},
		{list("X-Foo; X-Bar"), at + `"X-Foo; X-Bar": an entry is one header name; write "X-Foo" and "X-Bar"`,
			[]string{foo, bar}, []string{"GET x-foo-bar"}, ""},
		{list("X-Foo X-Bar"),
			at + `"X-Foo X-Bar": an entry is one header name; write "X-Foo" and "X-Bar"`,
			[]string{foo, bar}, []string{"GET x-foo-bar"}, ""},
		{list(" X-Foo"), at + `" X-Foo": there is white space before or after the value; write "X-Foo"`,
			[]string{foo}, []string{bar}, ""},
		{list("'X-Foo'"), at + `"'X-Foo'": there are quotes around the value; write "X-Foo"`,
			[]string{foo}, []string{bar}, ""},
		{list("X\u2013Foo"), at + "\"X\u2013Foo\"" + `: the name contains a dash instead of a hyphen; write "X-Foo"`,
			[]string{foo}, []string{bar}, ""},
		{list("Content Type"), at + `"Content Type": the name contains a space; write "Content-Type"`,
			[]string{"GET content-type"}, []string{"GET content", "GET type"}, ""},
		{list("X-Foo:"), at + `"X-Foo:": a header name has no colon; write "X-Foo"`, []string{foo}, []string{bar}, ""},
		{list("X-Foo: a, b"),
			at + `"X-Foo: a, b": this is a header with its value, not just its name; write "X-Foo"`, []string{foo}, nil, ""},
		{list("Content-Type: application/json"), at +
			`"Content-Type: application/json": this is a header with its value, not just its name; write "Content-Type"`,
			[]string{"GET content-type"}, []string{foo}, ""},
		{list("X-Foo: 1\r\nX-Bar: 2"), at +
			`"X-Foo: 1\r\nX-Bar: 2": this is a header with its value, not just its name; write "X-Foo" and "X-Bar"`,
			[]string{foo, bar}, nil, ""},
		{list("X-Foo=1"), at + `"X-Foo=1": this is a header with its value, not just its name; write "X-Foo"`,
			[]string{foo}, []string{bar}, ""},
		{list("application/json"), at + `"application/json": this is a media type, not the name of a header; remove it`,
			nil, []string{foo}, ""},
		{list("Content_Type"), at + `"Content_Type": this header is spelled with hyphens; write "Content-Type"`,
			[]string{"GET content-type"}, []string{foo}, ""},
		{list("HTTP_AUTHORIZATION"),
			at + `"HTTP_AUTHORIZATION": this is the name of a CGI variable, not of a header; write "Authorization"`,
			[]string{"GET authorization"}, []string{foo}, ""},
		{list("HTTP_X_FOO"), at + `"HTTP_X_FOO": this is the name of a CGI variable, not of a header; write "X-Foo"`,
			[]string{foo}, []string{bar}, ""},
		{list("None"),
			at + `"None": this looks like a value that was not set; remove it`,
			nil, []string{foo}, ""},
		{list("true"), at + `"true": this is not the name of a header; write "*", or remove it`, nil, nil, ""},
		{list("PUT"), at + `"PUT": this is a method, not the name of a header; move it to AllowMethods`,
			[]string{"PUT"}, []string{foo}, ""},
		{list("Access-Control-Allow-Origin"),
			at + `"Access-Control-Allow-Origin": this is a response header that the policy sets; remove it`,
			nil, []string{foo}, ""},
	})
}

// TestFixesOfConstants has names of constants of Go and other languages.
func TestFixesOfConstants(t *testing.T) {
	const method, header = ": this is the name of a constant, not of a method; write ",
		": this is the name of a constant, not of a header; write "
	var tests []tokenTest
	for _, name := range []string{
		"http.MethodPut", "MethodPut", "fiber.MethodPut", "HttpMethod.PUT", "HttpMethod.Put", "HTTPMethod.put", "echo.PUT",
		"HttpMethod.PUT.name()", "Method::PUT", "http::Method::PUT", "Request::METHOD_PUT", "METHOD_PUT", "HttpPut",
	} {
		tests = append(tests, tokenTest{methodsList(name), `cors: AllowMethods[0]: "` + name + `"` + method + `"PUT"`,
			[]string{"PUT"}, []string{"PATCH"}, ""})
	}
	for _, name := range []string{
		"HttpHeaders.CONTENT_TYPE", "HttpHeaders.ContentType", "HttpHeaderNames.CONTENT_TYPE", "HeaderNames.ContentType",
		"echo.HeaderContentType", "HeaderContentType", "header::CONTENT_TYPE", "http::header::CONTENT_TYPE",
	} {
		tests = append(tests, tokenTest{headersList(name), `cors: AllowHeaders[0]: "` + name + `"` + header +
			`"Content-Type"`, []string{"GET content-type"}, []string{"GET x-foo"}, ""})
	}
	testTokens(t, append(tests, []tokenTest{
		{methodsList("RequestMethod.PURGE"), `cors: AllowMethods[0]: "RequestMethod.PURGE"` + method + `"PURGE"`,
			[]string{"PURGE"}, []string{"PUT"}, ""},
		{methodsList("HttpMethod.TRACE"), `cors: AllowMethods[0]: "HttpMethod.TRACE": browsers do not let pages send ` +
			`CONNECT, TRACE and TRACK requests; remove it`, nil, []string{"PUT"}, ""},
		{methodsList("HttpMethod.values()"), `cors: AllowMethods[0]: "HttpMethod.values()": "*" means every method; ` +
			`write "*"`, []string{"PUT", "PURGE"}, nil, ""},
		{methodsList("http.MethodPut, Method::PATCH"), `cors: AllowMethods[0]: "http.MethodPut, Method::PATCH": ` +
			`an entry is one method; write "PUT" and "PATCH"`, []string{"PUT", "PATCH"}, []string{"DELETE"}, ""},
		{headersList("fiber.HeaderXCSRFToken"), `cors: AllowHeaders[0]: "fiber.HeaderXCSRFToken"` + header +
			`"X-Csrf-Token"`, []string{"GET x-csrf-token"}, nil, ""},
		{headersList("HttpHeaders.X_OWN_NAME"), `cors: AllowHeaders[0]: "HttpHeaders.X_OWN_NAME"` + header +
			`"X-Own-Name"`, []string{"GET x-own-name"}, nil, ""},
		{headersList("Headers.XOwnName"), `cors: AllowHeaders[0]: "Headers.XOwnName"` + header + `"X-Own-Name"`,
			[]string{"GET x-own-name"}, nil, ""},
		{headersList("header::ACCEPT, header::RANGE"), `cors: AllowHeaders[0]: "header::ACCEPT, header::RANGE": ` +
			`an entry is one header name; write "Accept" and "Range"`, []string{"GET accept,range"}, nil, ""},
		{exposedList("HttpHeaders.ETAG"), `cors: ExposeHeaders[0]: "HttpHeaders.ETAG"` + header + `"Etag"`, nil, nil, "Etag"},
	}...))
	// These are names of the author's own.
	for _, name := range []string{"x.token", "X-Api.Key", "HeaderVersion", "com.example.token"} {
		mustNew(t, headersList(name))
	}
	for _, name := range []string{"METHOD_X", "GetMethod", "http.x", "M.SEARCH"} {
		mustNew(t, methodsList(name))
	}
}

func TestFixesOfExposedHeaders(t *testing.T) {
	const at = "cors: ExposeHeaders[0]: "
	list := exposedList
	testTokens(t, []tokenTest{
		{list("all"), at + `"all": "*" means every header; write "*"`, nil, nil, "*"},
		{list("ETag, X-Total"), at + `"ETag, X-Total": an entry is one header name; write "ETag" and "X-Total"`,
			nil, nil, "ETag, X-Total"},
		{list("ETag, Set-Cookie"), at + `"ETag, Set-Cookie": an entry is one header name; write "ETag"`, nil, nil, "ETag"},
		{list("Content_Disposition"),
			at + `"Content_Disposition": this header is spelled with hyphens; write "Content-Disposition"`,
			nil, nil, "Content-Disposition"},
		{list("Set-Cookie"), at + `"Set-Cookie": browsers never let pages read this header; remove it`, nil, nil, ""},
		{list("Origin"), at + `"Origin": this is a request header, not a response header; remove it`, nil, nil, ""},
		{list("GET"), at + `"GET": this is a method, not the name of a header; remove it`, nil, nil, ""},
		{list("Access-Control-Max-Age"),
			at + `"Access-Control-Max-Age": this header is for the browser, and pages cannot use it; remove it`, nil, nil, ""},
	})
}

// TestRefusedTokens has entries whose author may have meant one of several things, so that the fix
// is in other words or has alternatives with different meanings.
func TestRefusedTokens(t *testing.T) {
	for _, tt := range []struct {
		cfg  core.Config
		want string
	}{
		{
			methodsList("P*"), `cors: AllowMethods[0]: "P*": "*" is a wildcard only if it is the whole entry; ` +
				`write "*", or list the methods one by one`,
		},
		{
			methodsList("[A-Z]+"), `cors: AllowMethods[0]: "[A-Z]+": a method is not a regular expression; ` +
				`write "*", or list the methods one by one`,
		},
		{
			methodsList("G\u00c9T"), "cors: AllowMethods[0]: \"G\u00c9T\"" + `: this is not a method; ` +
				`write one method, such as PUT, in each entry`,
		},
		{
			methodsList("${METHODS}"), `cors: AllowMethods[0]: "${METHODS}": this contains a variable that was not ` +
				`replaced; write its value, or remove it`,
		},
		{
			headersList("x-amz-*"), `cors: AllowHeaders[0]: "x-amz-*": "*" is a wildcard only if it is the whole entry; ` +
				`write "*", or list the headers one by one`,
		},
		{
			headersList("*-Token"), `cors: AllowHeaders[0]: "*-Token": "*" is a wildcard only if it is the whole entry; ` +
				`write "*", or list the headers one by one`,
		},
		{
			headersList("^X-.*$"), `cors: AllowHeaders[0]: "^X-.*$": a header name is not a regular expression; ` +
				`write "*", or list the headers one by one`,
		},
		{
			headersList("X-(Foo|Bar)"), `cors: AllowHeaders[0]: "X-(Foo|Bar)": a header name is not a regular expression; ` +
				`write "*", or list the headers one by one`,
		},
		{
			headersList("X Token"), `cors: AllowHeaders[0]: "X Token": the name contains a space; ` +
				`write "X-Token", or write "X" and "Token"`,
		},
		{
			headersList("x-a\x00"), `cors: AllowHeaders[0]: "x-a\x00": this is not a header name; ` +
				`write one header name, such as X-Token, in each entry`,
		},
		{
			headersList(strings.Repeat("a,", 20) + "b"), `cors: AllowHeaders[0]: "` + strings.Repeat("a,", 20) +
				`b": an entry is one header name; write "a" and "b"`,
		},
		{
			core.Config{AllowOrigins: []string{app}, AllowCredentials: true, ExposeHeaders: []string{"*"}},
			`cors: ExposeHeaders[0]: "*": "*" is not a wildcard with AllowCredentials; ` +
				`list the headers that pages may read`,
		},
		{
			core.Config{AllowOrigins: []string{app}, AllowCredentials: true, ExposeHeaders: []string{"ALL"}},
			`cors: ExposeHeaders[0]: "ALL": "*" is not a wildcard with AllowCredentials; list the headers one by one`,
		},
		{
			core.Config{AllowOrigins: []string{app}, AllowCredentials: true, ExposeHeaders: []string{"X-*"}},
			`cors: ExposeHeaders[0]: "X-*": "*" is a wildcard only if it is the whole entry; list the headers one by one`,
		},
	} {
		t.Run(tt.want, func(t *testing.T) {
			if _, err := core.New(tt.cfg); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestManyNamesInAnEntry: an entry with thousands of names is refused with a short fix.
func TestManyNamesInAnEntry(t *testing.T) {
	var names []string
	for i := range 5000 {
		names = append(names, "x-"+strconv.Itoa(i))
	}
	_, err := core.New(headersList(strings.Join(names, ",")))
	problems := slices.Collect(core.Problems(err))
	if len(problems) != 1 || problems[0].Fix != "write each header name in an entry of its own" {
		t.Errorf("got %d problems, the first with the fix %.200q", len(problems), problems[0].Fix)
	}
}

// TestAcceptedTokensAreAllowed: if New accepts an entry, a preflight for exactly that method or
// header is allowed, so no entry is accepted without effect. The exceptions are the headers that
// browsers do not let a page set. They are listed in many configurations, and Lint reports them.
func TestAcceptedTokensAreAllowed(t *testing.T) {
	sent := map[string]string{ // as browsers send a method
		"delete": "DELETE", "get": "GET", "head": "HEAD", "options": "OPTIONS", "post": "POST", "put": "PUT",
	}
	forbidden := regexp.MustCompile(`^(?i:accept-charset|accept-encoding|access-control-request-(headers|method|` +
		`private-network)|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|` +
		`trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$`)
	words := []string{
		"", "*", "GET", "put", "patch", "Patch", "PATCH", "eGg", "M-SEARCH", "ALL", "any", "true", "none", "TRACE", "CONNECT",
		"x-foo", "X_Foo", "api_key", "Cookie", "Sec-Foo", "proxy", "Proxy-A", "Content-Type", "HTTP_HOST", "Content_Type",
		"access-control-allow-origin", "a", "-", "_", ".", "!", "#", "~", "+", "'a'", "`a`", "a*", "a|b", "^a$", "a%b", "a&b",
		"a b", " a", "a ", "a,b", "a:b", "a/b", "a=b", "\u00e4", "\u212a", "a\x00", strings.Repeat("a", 64),
		strings.Repeat("a", 65), strings.Repeat("a", 128), strings.Repeat("a", 129), "1", "0x", "authorization",
	}
	for _, a := range []string{"X", "get", "_", ".", "*", "all"} {
		for c := range 256 {
			words = append(words, a+string([]byte{byte(c)}), string([]byte{byte(c)})+a, a+string([]byte{byte(c)})+"b")
		}
	}
	methods, headers := 0, 0
	for _, word := range words {
		if word == "*" {
			continue
		}
		if policy, err := core.New(methodsList(word)); err == nil {
			methods++
			method := word
			if upper, ok := sent[strings.ToLower(word)]; ok {
				method = upper
			}
			if !allowsPreflight(policy, method) {
				t.Errorf("AllowMethods %q is accepted, but a preflight for it is refused", word)
			}
		}
		if policy, err := core.New(headersList(word)); err == nil {
			headers++
			if got, want := allowsPreflight(policy, "GET "+word), !forbidden.MatchString(word); got != want {
				t.Errorf("AllowHeaders %q is accepted, and a preflight for it is allowed: got %v, want %v", word, got, want)
			}
		}
	}
	if methods < 500 || headers < 500 {
		t.Errorf("only %d methods and %d headers were accepted, so this test shows little", methods, headers)
	}
}

// TestLintMisspelledNames: New accepts a name that is similar to a well-known one, and Lint reports
// it.
func TestLintMisspelledNames(t *testing.T) {
	cfg := core.Config{
		AllowOrigins:  []string{app},
		AllowMethods:  []string{"DELTE", "PATHC", "OPTION", "PURGE", "POTS", "eGg", "PATCH"},
		AllowHeaders:  []string{"Authorisation", "Content-Typ", "X-Requested-Width", "X-Token", "X-App-Key", "X-CSRFToken"},
		ExposeHeaders: []string{"Content-Dispositon", "ETag", "X-Total"},
	}
	if _, err := core.New(cfg); err != nil {
		t.Fatal(err)
	}
	want := []core.Finding{
		{"misspelled-name", "AllowMethods[0]", `it is one letter away from "DELETE"; write that if you meant it.`},
		{"misspelled-name", "AllowMethods[1]", `it is one letter away from "PATCH"; write that if you meant it.`},
		{"misspelled-name", "AllowMethods[2]", `it is one letter away from "OPTIONS"; write that if you meant it.`},
		{"misspelled-name", "AllowHeaders[0]", `it is one letter away from "authorization"; write that if you meant it.`},
		{"misspelled-name", "AllowHeaders[1]", `it is one letter away from "content-type"; write that if you meant it.`},
		{"misspelled-name", "AllowHeaders[2]", `it is one letter away from "x-requested-with"; write that if you meant it.`},
		{
			"misspelled-name", "ExposeHeaders[0]",
			`it is one letter away from "content-disposition"; write that if you meant it.`,
		},
	}
	if got := core.Lint(cfg); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

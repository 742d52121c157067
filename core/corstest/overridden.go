package corstest

import (
	"fmt"
	"strings"

	"github.com/polycors/cors/core/internal/rawhttp"
)

// findSeveralValues finds a response with more than one Access-Control-Allow-Origin.
func findSeveralValues(e *evidence) *problem {
	for _, r := range e.named() {
		values := strings.Split(strings.Join(r.Values("Access-Control-Allow-Origin"), ", "), ", ")
		if len(values) < 2 {
			continue
		}
		return &problem{
			fmt.Sprintf("the %s has Access-Control-Allow-Origin %d times (%s), and browsers accept only one value",
				r.name, len(values), strings.Join(values, " and ")),
			[]cause{{
				"a handler, a second CORS middleware, an upstream server or a gateway adds its own",
				policyOnly,
			}},
		}
	}
	return nil
}

// findOverridden finds a response in which something has overridden the headers of the policy.
func findOverridden(e *evidence) *problem {
	listed, unlisted := e.listed, e.unlisted
	reads := func(r *rawhttp.Response) bool { return allowed(r) == "*" || allowed(r) == unlistedOrigin }
	switch preflight, actual := reads(unlisted.preflight), reads(unlisted.actual); {
	case actual && !preflight:
		return &problem{fmt.Sprintf("every website can read the response, because it has %s, "+
			"although the policy refuses other origins in preflights", corsHeaders(unlisted.actual)),
			[]cause{overriding}}
	case preflight && allowed(unlisted.actual) == "":
		return &problem{fmt.Sprintf("preflights from every website are allowed (%s), "+
			"although the policy refuses other origins in actual requests", corsHeaders(unlisted.preflight)),
			[]cause{{
				"something else responds to OPTIONS, such as a route for OPTIONS or a gateway", globally,
			}}}
	}
	for _, r := range e.named() {
		switch withCredentials := len(r.Values("Access-Control-Allow-Credentials")) > 0; {
		case withCredentials && allowed(r.Response) == "*":
			return &problem{fmt.Sprintf("the %s has %s, which no policy sends and browsers refuse",
				r.name, corsHeaders(r.Response)), []cause{overriding}}
		case withCredentials && allowed(r.Response) == unlistedOrigin:
			return &problem{fmt.Sprintf("every website can read the response with the visitor's cookies (%s)",
				corsHeaders(r.Response)), []cause{
				{"AllowOriginFunc or AllowOriginRegexes allow every origin", "allow only origins that you trust"},
				{"something else sets the header to the value of Origin", policyOnly},
			}}
		}
	}
	want, got := allowed(listed.preflight), allowed(listed.actual)
	switch {
	case want == "":
		return nil
	case want == got:
		return findCredentials(listed.preflight, listed.actual)
	case got == "":
		return &problem{fmt.Sprintf("the preflight has Access-Control-Allow-Origin: %s, "+
			"but the actual response (%s) has none", want, described(listed.actual)), []cause{{
			"a handler or a proxy removes the header", "leave the header to the policy",
		}}}
	}
	return &problem{fmt.Sprintf("the preflight has Access-Control-Allow-Origin: %s, but the actual response has %s",
		want, got), []cause{overriding}}
}

// findCredentials finds a response to an allowed request in which something has overridden
// Access-Control-Allow-Credentials.
func findCredentials(preflight, actual *rawhttp.Response) *problem {
	const name = "Access-Control-Allow-Credentials"
	want, got := strings.Join(preflight.Values(name), ", "), strings.Join(actual.Values(name), ", ")
	if want == got {
		return nil
	}
	shown := func(value string) string {
		if value == "" {
			return "no " + name
		}
		return name + ": " + value
	}
	return &problem{
		fmt.Sprintf("the preflight has %s, but the actual response has %s", shown(want), shown(got)), []cause{overriding},
	}
}

// findMissingVary finds a response that a cache could serve to a page of another origin, because
// its Vary header does not contain Origin.
func findMissingVary(e *evidence) *problem {
	for _, r := range e.named() {
		value := allowed(r.Response)
		if value != "" && value != "*" && !varies(r.Response, "Origin") && !varies(r.Response, "*") {
			return &problem{
				fmt.Sprintf("the %s has Access-Control-Allow-Origin: %s, but Vary does not name Origin, "+
					"so a cache serves the response to other origins", r.name, value),
				[]cause{{"the handler sets Vary instead of adding to it", "use Header().Add instead of Set"}},
			}
		}
	}
	return nil
}

// corsHeaders returns the header lines that allow a page to read the response.
func corsHeaders(r *rawhttp.Response) string {
	lines := "Access-Control-Allow-Origin: " + allowed(r)
	for _, value := range r.Values("Access-Control-Allow-Credentials") {
		lines += " and Access-Control-Allow-Credentials: " + value
	}
	return lines
}

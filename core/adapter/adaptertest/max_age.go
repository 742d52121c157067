package adaptertest

import "github.com/polycors/cors/core"

var (
	age600 = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
		MaxAge: 600e9,
	})
	ageNone = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
		MaxAge: -1,
	})
	ageFraction = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
		MaxAge: 1999e6,
	})
)

func maxAgeCases() []conformanceCase {
	put := preflight("https://app.example.com", "PUT")
	return []conformanceCase{
		{name: "max-age/seconds", why: "the header's unit is seconds", source: fetchResponses, on: age600, request: put,
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 600", varyPreflight,
			)},
		{
			name: "max-age/none", why: "0 must be sent: without the header browsers cache a preflight for five seconds",
			source: fetchResponses + "; https://github.com/gofiber/fiber/issues/2649", on: ageNone, request: put,
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 0", varyPreflight,
			),
		},
		{
			name: "max-age/fraction", why: "a fraction of a second is dropped: the header's value is a whole number",
			source: fetchSyntax, on: ageFraction, request: put,
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 1", varyPreflight,
			),
		},
		{
			name: "max-age/actual", why: "the response to an actual request has no max-age", source: fetchResponses,
			on: age600, request: get("https://app.example.com"),
			want: granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
		},
		{
			name: "max-age/refused", why: "a refusal must not be cached", source: fetchResponses, on: age600,
			request: preflight("https://app.example.com", "DELETE"), want: refused(core.ReasonMethodNotAllowed),
		},
	}
}

package adaptertest

import "github.com/polycors/cors/core"

var private = policy(core.Config{
	AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
	AllowPrivateNetwork: true,
})

func privateNetworkCases() []conformanceCase {
	const vary = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, " +
		"Access-Control-Request-Private-Network"
	without := answered(
		"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 86400", vary,
	)
	app := func(more ...string) string { return preflight("https://app.example.com", "PUT", more...) }
	return []conformanceCase{
		{
			name:   "private-network/asked",
			why:    "a preflight may ask for a private network, and gets it where that is configured",
			source: privateNetworks, on: private, request: app("Access-Control-Request-Private-Network: true"),
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Allow-Private-Network: true", "Access-Control-Max-Age: 86400", vary,
			),
		},
		{
			name:   "private-network/not-asked",
			why:    "nothing is granted that was not asked for, but the response depends on the field",
			source: privateNetworks, on: private, request: app(), want: without,
		},
		{
			name: "private-network/false", why: "only the value true asks for it", source: privateNetworks, on: private,
			request: app("Access-Control-Request-Private-Network: false"), want: without,
		},
		{
			name: "private-network/two-lines", why: "two lines are not the value true", source: httpCombined,
			on: private,
			request: app(
				"Access-Control-Request-Private-Network: true", "Access-Control-Request-Private-Network: true",
			),
			want: without,
		},
		{
			name:   "private-network/disallowed",
			why:    "an origin that is not allowed gets no access to a private network",
			source: privateNetworks + "; CVE-2024-6221", on: private,
			request: preflight("https://evil.com", "PUT", "Access-Control-Request-Private-Network: true"),
			want:    outcome{reason: core.ReasonOriginNotAllowed, status: 403, lines: []string{vary}},
		},
		{
			name: "private-network/method-refused", why: "a refusal grants nothing", source: privateNetworks,
			on:      private,
			request: preflight("https://app.example.com", "DELETE", "Access-Control-Request-Private-Network: true"),
			want:    outcome{reason: core.ReasonMethodNotAllowed, status: 403, lines: []string{vary}},
		},
		{
			name: "private-network/actual", why: "only preflights ask for it", source: privateNetworks, on: private,
			request: get("https://app.example.com", "Access-Control-Request-Private-Network: true"),
			want:    granted("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
		},
		{
			name: "private-network/not-configured",
			why:  "where private networks are not configured, the request header is ignored", source: privateNetworks,
			on: age600, request: app("Access-Control-Request-Private-Network: true"),
			want: answered(
				"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
				"Access-Control-Max-Age: 600", varyPreflight,
			),
		},
	}
}

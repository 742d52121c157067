package adaptertest

import (
	"strings"

	"github.com/polycors/cors/core"
)

// oversizedCases checks the limits on work and memory. If the header has at most 64 KiB, the policy
// determines the response. If it is larger, the server may refuse the request itself.
func oversizedCases() []conformanceCase {
	const (
		bounded = "input beyond the limits is refused before any work is done on it, and never sent back"
		app     = "https://app.example.com"
	)
	tooLarge := refused(core.ReasonHeadersTooLarge)
	orServer := func(o outcome) outcome {
		o.serverMayRefuse = refusesMalformed
		return o
	}
	return []conformanceCase{
		{
			name: "oversized/origin-of-321-bytes", why: bounded, source: fetchSyntax, on: subdomains,
			request: get("https://" + strings.Repeat("a.", 151) + "example.com"), want: passed(core.ReasonOriginMalformed),
		},
		{
			name: "oversized/origin-of-8-kib", why: bounded, source: fetchSyntax, on: subdomains,
			request: get("https://" + strings.Repeat("a", 8<<10) + ".example.com"), want: passed(core.ReasonOriginMalformed),
			absent: []string{"aaaa"},
		},
		{
			name: "oversized/origin-of-8-kib-of-labels", why: bounded + "; this one has as many dots as possible",
			source: fetchSyntax, on: subdomains, request: get("https://" + strings.Repeat("a.", 4<<10) + "example.com"),
			want: passed(core.ReasonOriginMalformed),
		},
		{
			name: "oversized/origin-of-900-kb", why: bounded, source: fetchSyntax, on: subdomains,
			request: get("https://" + strings.Repeat("a", 900000) + ".example.com"),
			want:    orServer(passed(core.ReasonOriginMalformed)), absent: []string{"aaaa"},
		},
		{
			name: "oversized/origin-list-of-720-kb", why: bounded, source: fetchSyntax, on: subdomains,
			request: get(strings.Repeat(app+",", 30000)), want: orServer(passed(core.ReasonOriginMalformed)),
			absent: []string{app},
		},
		{
			name: "oversized/origin-of-100-lines", why: "many lines are not an origin, however short each is",
			source: httpCombined, on: trusting,
			request: request("GET", "/", strings.Repeat("Origin: "+app+"\r\n", 99)+"Origin: "+app),
			want:    passed(core.ReasonOriginMalformed), absent: []string{app},
		},
		{
			name: "oversized/origin-lines-of-16-kib",
			why:  "lines that are too long together are refused without being joined", source: httpCombined,
			on: trusting,
			request: request(
				"GET", "/", "Origin: https://"+strings.Repeat("a", 8<<10),
				"Origin: https://"+strings.Repeat("a", 8<<10),
			),
			want: passed(core.ReasonOriginMalformed), absent: []string{"aaaa"},
		},
		{
			name: "oversized/preflight-origin-of-8-kib", why: bounded, source: fetchSyntax, on: subdomains,
			request: preflight("https://"+strings.Repeat("a", 8<<10)+".example.com", "PUT"),
			want:    refused(core.ReasonOriginMalformed), absent: []string{"aaaa"},
		},
		{
			name: "oversized/method-of-8-kib", why: bounded, source: fetchPreflight, on: anyMethodWithCreds,
			request: preflight(app, strings.Repeat("M", 8<<10)), want: refused(core.ReasonMethodMalformed),
			absent: []string{"MMMM"},
		},
		{
			name: "oversized/method-lines-of-16-kib",
			why:  "lines that are too long together are refused without being joined", source: httpCombined,
			on: anyMethodWithCreds,
			request: preflight(
				app, strings.Repeat("M", 8<<10), "Access-Control-Request-Method: "+strings.Repeat("M", 8<<10),
			),
			want: refused(core.ReasonMethodMalformed), absent: []string{"MMMM"},
		},
		{
			name: "oversized/500-names", why: bounded, source: httpLists, on: headers,
			request: asking(strings.Repeat("x-foo, ", 500)), want: tooLarge,
		},
		{
			name: "oversized/16-kib-of-commas", why: bounded + "; commas are the cheapest list to send",
			source: httpLists + "; CVE-2025-47908; GO-2024-2883", on: headers,
			request: asking(strings.Repeat(",", 16<<10)), want: tooLarge,
		},
		{
			name: "oversized/60-kib-of-names", why: bounded, source: httpLists, on: headers,
			request: asking(strings.Repeat("x-foo,", 10<<10)), want: tooLarge,
		},
		{
			name: "oversized/100-lines-of-headers", why: "many lines are one list, and the same limits apply",
			source: httpCombined, on: headers,
			request: asking(strings.Split(strings.Repeat("x-foo ", 99)+"x-foo", " ")...),
			want: answered(
				"Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "oversized/129-lines-of-headers", why: "many lines are one list, and the same limits apply",
			source: httpCombined, on: headers,
			request: asking(strings.Split(strings.Repeat("x-foo ", 128)+"x-foo", " ")...), want: tooLarge,
		},
		{
			name: "oversized/name-of-7-kib", why: "a name longer than every listed one needs no comparison",
			source: httpNames, on: headers, request: asking(strings.Repeat("a", 7<<10)),
			want: refused(core.ReasonHeaderNotAllowed), absent: []string{"aaaa"},
		},
		{
			name: "oversized/3500-tabs-after", why: "white space after a value is not part of it", source: httpValues,
			on: headers, request: asking("x-foo" + strings.Repeat("\t", 3500)),
			want: answered(
				"Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "oversized/900-kb-of-names", why: bounded, source: httpLists, on: headers,
			request: asking(strings.Repeat("x-foo,", 150000) + "x-foo"), want: orServer(tooLarge),
			absent: []string{"x-foo,x-foo"},
		},
		{
			name: "oversized/name-of-900-kb", why: bounded, source: httpLists, on: headers,
			request: asking(strings.Repeat("a", 900000)), want: orServer(tooLarge), absent: []string{"aaaa"},
		},
	}
}

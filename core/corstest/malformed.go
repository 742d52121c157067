package corstest

import (
	"strings"

	"github.com/polycors/cors/core"
)

// hardlyHTTP is an actual request that reaches the handler without permission to be read, if the server lets it get there.
// Servers read such bytes differently, so the reason is not compared.
var hardlyHTTP = outcome{handler: true, lines: []string{"Vary: Origin"}, orRefusedByServer: true}

// malformedCases are about bytes that no browser sends. Each literal is the whole request.
func malformedCases() []conformanceCase {
	const control = "control bytes are no part of a value: the server refuses them, or the origin is malformed"
	raw := func(lines string) string {
		return "GET / HTTP/1.1\r\nHost: api.example.net\r\n" + lines + "\r\nConnection: close\r\n\r\n"
	}
	return []conformanceCase{
		{name: "malformed/nul", why: control, source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\x00.evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/bare-cr", why: control, source: httpMessages, on: trusting, request: raw("Origin: https://app.example.com\r.evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/control-1", why: control, source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\x01.evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/escape", why: control, source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\x1b.evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/delete", why: control, source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\x7f.evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/folded-with-tab", why: "a folded value is refused or has a blank in it, and is never its first line", source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\r\n\t.evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/folded-with-space", why: "a folded value is refused or has a blank in it, and is never its first line", source: httpValues, on: trusting, request: raw("Origin: https://app.example.com\r\n .evil.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/bare-lf", why: "a bare LF may end a line of the request, but what follows it shows up in no answer", source: httpMessages, on: trusting, request: raw("Origin: https://evil.com\nX-Injected: 1"), want: hardlyHTTP, absent: []string{"evil.com", "X-Injected"}},
		{name: "malformed/blank-before-colon", why: "a name with a blank behind it is refused, or is another name", source: httpMessages, on: trusting, request: raw("Origin : https://app.example.com"), want: hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/trailer", why: "a trailer comes too late to be the Origin", source: httpTrailers, on: trusting,
			request: "POST / HTTP/1.1\r\nHost: api.example.net\r\nOrigin: https://evil.com\r\nTransfer-Encoding: chunked\r\nTrailer: Origin\r\nConnection: close\r\n\r\n0\r\nOrigin: https://app.example.com\r\n\r\n",
			want:    hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/trailer-alone", why: "a trailer comes too late to be the Origin", source: httpTrailers, on: trusting,
			request: "POST / HTTP/1.1\r\nHost: api.example.net\r\nTransfer-Encoding: chunked\r\nTrailer: Origin\r\nConnection: close\r\n\r\n0\r\nOrigin: https://app.example.com\r\n\r\n",
			want:    hardlyHTTP, absent: []string{"https://app.example.com"}},
		{name: "malformed/control-in-method", why: control, source: httpTokens, on: anyMethodWithCreds, request: preflight("https://app.example.com", "PUT\x00"),
			want: outcome{status: 403, lines: []string{varyPreflight}, orRefusedByServer: true}},
		{name: "malformed/cr-in-headers", why: control, source: httpMessages, on: anyHeaderWithCreds, request: asking("x-a\rSet-Cookie: a=b"),
			want: outcome{status: 403, lines: []string{varyPreflight}, orRefusedByServer: true}, absent: []string{"Set-Cookie"}},
		{name: "malformed/folded-headers", why: "a folded list is refused or is one list", source: httpValues, on: headers, request: asking("x-foo,\r\n x-evil"),
			want: outcome{status: 403, lines: []string{varyPreflight}, orRefusedByServer: true}, absent: []string{"x-evil"}},
	}
}

// oversizedCases are about work and memory. Up to 64 KiB of header the answer is the policy's; beyond, it may be the server's.
func oversizedCases() []conformanceCase {
	const (
		bounded = "what is beyond the bounds is refused before any work is done on it, and comes back nowhere"
		app     = "https://app.example.com"
	)
	tooLarge := refused(core.HeadersTooLarge)
	orServer := func(o outcome) outcome {
		o.orRefusedByServer = true
		return o
	}
	return []conformanceCase{
		{name: "oversized/origin-of-321-bytes", why: bounded, source: fetchSyntax, on: subdomains, request: get("https://" + strings.Repeat("a.", 151) + "example.com"), want: passed(core.OriginMalformed)},
		{name: "oversized/origin-of-8-kib", why: bounded, source: fetchSyntax, on: subdomains, request: get("https://" + strings.Repeat("a", 8<<10) + ".example.com"), want: passed(core.OriginMalformed), absent: []string{"aaaa"}},
		{name: "oversized/origin-of-8-kib-of-labels", why: bounded + "; it has as many dots as fit", source: fetchSyntax, on: subdomains, request: get("https://" + strings.Repeat("a.", 4<<10) + "example.com"), want: passed(core.OriginMalformed)},
		{name: "oversized/origin-of-900-kb", why: bounded, source: fetchSyntax, on: subdomains, request: get("https://" + strings.Repeat("a", 900000) + ".example.com"), want: orServer(passed(core.OriginMalformed)), absent: []string{"aaaa"}},
		{name: "oversized/origin-list-of-720-kb", why: bounded, source: fetchSyntax, on: subdomains, request: get(strings.Repeat(app+",", 30000)), want: orServer(passed(core.OriginMalformed)), absent: []string{app}},
		{name: "oversized/origin-of-100-lines", why: "many lines are no origin, however short each is", source: httpCombined, on: trusting, request: request("GET", "/", strings.Repeat("Origin: "+app+"\r\n", 99)+"Origin: "+app), want: passed(core.OriginMalformed), absent: []string{app}},
		{name: "oversized/origin-lines-of-16-kib", why: "lines that sum up to more than any bound are not even joined", source: httpCombined, on: trusting,
			request: request("GET", "/", "Origin: https://"+strings.Repeat("a", 8<<10), "Origin: https://"+strings.Repeat("a", 8<<10)), want: passed(core.OriginMalformed), absent: []string{"aaaa"}},
		{name: "oversized/preflight-origin-of-8-kib", why: bounded, source: fetchSyntax, on: subdomains, request: preflight("https://"+strings.Repeat("a", 8<<10)+".example.com", "PUT"), want: refused(core.OriginMalformed), absent: []string{"aaaa"}},
		{name: "oversized/method-of-8-kib", why: bounded, source: fetchPreflight, on: anyMethodWithCreds, request: preflight(app, strings.Repeat("M", 8<<10)), want: refused(core.MethodMalformed), absent: []string{"MMMM"}},
		{name: "oversized/method-lines-of-16-kib", why: "lines that sum up to more than any bound are not even joined", source: httpCombined, on: anyMethodWithCreds,
			request: preflight(app, strings.Repeat("M", 8<<10), "Access-Control-Request-Method: "+strings.Repeat("M", 8<<10)), want: refused(core.MethodMalformed), absent: []string{"MMMM"}},
		{name: "oversized/500-names", why: bounded, source: httpLists, on: headers, request: asking(strings.Repeat("x-foo, ", 500)), want: tooLarge},
		{name: "oversized/16-kib-of-commas", why: bounded + "; a comma costs the least to send", source: httpLists + "; CVE-2025-47908; GO-2024-2883", on: headers, request: asking(strings.Repeat(",", 16<<10)), want: tooLarge},
		{name: "oversized/60-kib-of-names", why: bounded, source: httpLists, on: headers, request: asking(strings.Repeat("x-foo,", 10<<10)), want: tooLarge},
		{name: "oversized/100-lines-of-headers", why: "a list in many lines is one list, within the same bounds", source: httpCombined, on: headers, request: asking(strings.Split(strings.Repeat("x-foo ", 99)+"x-foo", " ")...),
			want: answered("Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight)},
		{name: "oversized/129-lines-of-headers", why: "a list in many lines is one list, within the same bounds", source: httpCombined, on: headers, request: asking(strings.Split(strings.Repeat("x-foo ", 128)+"x-foo", " ")...), want: tooLarge},
		{name: "oversized/name-of-7-kib", why: "a name is compared with the listed ones only if it is as long as one of them", source: httpNames, on: headers, request: asking(strings.Repeat("a", 7<<10)), want: refused(core.HeaderNotAllowed), absent: []string{"aaaa"}},
		{name: "oversized/3500-blanks-behind", why: "blanks behind a value do not belong to it", source: httpValues, on: headers, request: asking("x-foo" + strings.Repeat("\t", 3500)),
			want: answered("Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight)},
		{name: "oversized/900-kb-of-names", why: bounded, source: httpLists, on: headers, request: asking(strings.Repeat("x-foo,", 150000) + "x-foo"), want: orServer(tooLarge), absent: []string{"x-foo,x-foo"}},
		{name: "oversized/name-of-900-kb", why: bounded, source: httpLists, on: headers, request: asking(strings.Repeat("a", 900000)), want: orServer(tooLarge), absent: []string{"aaaa"}},
	}
}

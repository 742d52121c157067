package adaptertest

import (
	"strings"

	"github.com/polycors/cors/core"
)

var (
	headers = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"X-Foo", "Content-Type", "X-Bar", "x-foo"},
	})
	noHeaders = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: none,
	})
	droppedHeaders = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"Origin", "X-Foo", "Content-Length"},
	})
	anyHeader = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"*"},
	})
	anyHeaderAndOne = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"*", "Authorization"},
	})
	anyHeaderWithCreds = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"*"},
		AllowCredentials: true,
	})
	twoWithCreds = policy(core.Config{
		AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"*", "authorization"}, AllowCredentials: true,
	})
)

func headerCases() []conformanceCase {
	three := answered(
		"Access-Control-Allow-Headers: x-foo, content-type, x-bar", "Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
	)
	nothing := answered(
		"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
		"Access-Control-Max-Age: 86400", varyPreflight,
	)
	every := answered(
		"Access-Control-Allow-Headers: *", "Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
	)
	everyAndOne := answered(
		"Access-Control-Allow-Headers: *, authorization", "Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
	)
	echoed := func(headers string) outcome {
		return answered(
			"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: "+headers,
			"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Origin: https://app.example.com",
			"Access-Control-Max-Age: 86400", varyPreflight,
		)
	}
	const (
		least     = "a name that is not listed is refused"
		forbidden = "no page can set a forbidden header, so it is always refused"
		token     = "a name is one token"
	)
	return []conformanceCase{
		{
			name: "header/none-asked", why: "without requested headers, the response still lists what is allowed",
			source: fetchPreflight, on: headers, request: asking(), want: three,
		},
		{
			name: "header/one", why: "a listed header is allowed", source: fetchPreflight, on: headers,
			request: asking("x-foo"), want: three,
		},
		{
			name: "header/some", why: "a preflight may ask for any part of the list", source: fetchPreflight,
			on: headers, request: asking("x-bar,x-foo"), want: three,
		},
		{
			name: "header/upper-case", why: "names are compared without case", source: httpNames, on: headers,
			request: asking("X-Foo"), want: three,
		},
		{
			name:   "header/unsorted-with-blank",
			why:    "gateways and older browsers put spaces after commas and do not sort",
			source: httpLists + "; https://github.com/rs/cors/issues/141", on: headers, request: asking("x-foo, x-bar"),
			want: three,
		},
		{
			name: "header/two-lines", why: "a gateway may split a list into several lines, which mean the same as one",
			source: httpCombined + "; https://github.com/rs/cors/issues/184", on: headers,
			request: asking("x-bar", "x-foo"), want: three,
		},
		{
			name: "header/three-lines",
			why:  "a gateway may split a list into several lines, which mean the same as one", source: httpCombined,
			on: headers, request: asking("x-bar", "", "content-type, x-foo"), want: three,
		},
		{
			name: "header/twice", why: "a name may be listed twice", source: httpLists, on: headers,
			request: asking("x-foo,x-foo"), want: three,
		},
		{
			name: "header/empty-element", why: "empty elements of a list are ignored", source: httpLists, on: headers,
			request: asking("x-bar,,x-foo"), want: three,
		},
		{
			name: "header/empty-elements-around", why: "empty elements of a list are ignored", source: httpLists,
			on: headers, request: asking(",x-foo, ,"), want: three,
		},
		{
			name: "header/tabs", why: "a tab counts as white space too", source: httpLists, on: headers,
			request: asking("x-bar\t,\tx-foo"), want: three,
		},
		{
			name: "header/empty", why: "an empty list asks for nothing", source: httpLists, on: headers,
			request: asking(""), want: three,
		},
		{
			name: "header/unlisted", why: least, source: fetchPreflight, on: headers, request: asking("x-evil"),
			want: refused(core.ReasonHeaderNotAllowed), absent: []string{"x-evil", "x-bar"},
		},
		{
			name: "header/unlisted-last", why: "one unlisted name refuses all", source: fetchPreflight, on: headers,
			request: asking("x-foo,x-evil"), want: refused(core.ReasonHeaderNotAllowed), absent: []string{"x-evil"},
		},
		{
			name: "header/unlisted-first", why: "one unlisted name refuses all", source: fetchPreflight, on: headers,
			request: asking("x-evil,x-foo"), want: refused(core.ReasonHeaderNotAllowed), absent: []string{"x-evil"},
		},
		{
			name: "header/unlisted-in-second-line",
			why:  "two lines are not an origin: reading only the first would ignore the second", source: httpCombined,
			on: headers, request: asking("x-foo", "x-evil"), want: refused(core.ReasonHeaderNotAllowed),
			absent: []string{"x-evil"},
		},
		{
			name: "header/unlisted-is-prefix", why: "a name that begins with a listed one is a different name",
			source: fetchPreflight, on: headers, request: asking("x-fo"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/listed-is-prefix", why: "a name that begins with a listed one is a different name",
			source: fetchPreflight, on: headers, request: asking("x-foo-bar"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/semicolon", why: token, source: httpTokens, on: headers, request: asking("x-foo;x-bar"),
			want: refused(core.ReasonHeadersMalformed),
		},
		{
			name: "header/high-byte", why: token, source: httpTokens, on: headers, request: asking("x-foo\x80"),
			want: refused(core.ReasonHeadersMalformed),
		},
		{
			name: "header/blank-inside", why: token, source: httpTokens, on: headers, request: asking("x-foo x-bar"),
			want: refused(core.ReasonHeadersMalformed),
		},
		{
			name: "header/quoted", why: token, source: httpTokens, on: headers, request: asking(`"x-foo"`),
			want: refused(core.ReasonHeadersMalformed),
		},
		{
			name: "header/authorization", why: least, source: fetchPreflight, on: headers,
			request: asking("authorization"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/range", why: "Range is safelisted only for simple values, so here it must be listed",
			source: fetchPreflight, on: headers, request: asking("range"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/nothing-listed", why: least, source: fetchPreflight, on: noHeaders, request: asking("x-foo"),
			want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/nothing-listed-nothing-asked", why: "an empty list writes no header", source: fetchResponses,
			on: noHeaders, request: asking(), want: nothing,
		},
		{
			name: "header/nothing-listed-empty-asked", why: "an empty list asks for nothing", source: httpLists,
			on: noHeaders, request: asking(""), want: nothing,
		},
		{
			name: "header/entries-that-browsers-set", why: "entries that a page can never set are left out",
			source: fetchForbidden, on: droppedHeaders, request: asking("x-foo"),
			want: answered(
				"Access-Control-Allow-Headers: x-foo", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "header/entry-that-browsers-set-is-asked", why: forbidden, source: fetchForbidden, on: droppedHeaders,
			request: asking("content-length"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/any", why: `without credentials, "*" means every header, and is sent as such`,
			source: fetchPreflight, on: anyHeader, request: asking("x-a,x-b"), want: every,
		},
		{
			name: "header/any-none-asked", why: `"*" is sent, whether headers are asked for or not`,
			source: fetchPreflight, on: anyHeader, request: asking(), want: every,
		},
		{
			name: "header/any-but-authorization", why: `"*" does not cover Authorization`, source: fetchNonWildcard,
			on: anyHeader, request: asking("authorization"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/any-but-authorization-in-upper-case",
			why:  `"*" does not cover Authorization, whatever its case`, source: fetchNonWildcard, on: anyHeader,
			request: asking("x-a, AUTHORIZATION"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/any-and-authorization", why: "Authorization is allowed where it is listed by name",
			source: fetchNonWildcard, on: anyHeaderAndOne, request: asking("authorization,x-a"), want: everyAndOne,
		},
		{
			name: "header/any-but-no-malformed", why: `"*" allows every name, not every text`, source: httpTokens,
			on: anyHeader, request: asking("x-a\x80,x b"), want: refused(core.ReasonHeadersMalformed),
			absent: []string{"x-a"},
		},
		{
			name: "header/any-but-proxy", why: forbidden, source: fetchForbidden, on: anyHeader,
			request: asking("proxy-authorization"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name: "header/any-but-sec", why: forbidden, source: fetchForbidden, on: anyHeader,
			request: asking("Sec-Fetch-Site"), want: refused(core.ReasonHeaderNotAllowed),
		},
		{
			name:   "header/any-with-credentials",
			why:    `with credentials, browsers read "*" literally, so the names are written back unchanged`,
			source: fetchCredentials, on: anyHeaderWithCreds, request: asking("x-a,x-b"), want: echoed("x-a,x-b"),
		},
		{
			name: "header/any-with-credentials-odd",
			why:  "the value is written back unchanged after it has been validated", source: fetchCredentials,
			on: anyHeaderWithCreds, request: asking("X-A ,, x-b"), want: echoed("X-A ,, x-b"),
		},
		{
			name: "header/any-with-credentials-two-lines", why: "the joined value of all lines is written back",
			source: httpCombined, on: anyHeaderWithCreds, request: asking("x-a", "x-b"), want: echoed("x-a, x-b"),
		},
		{
			name: "header/any-with-credentials-none-asked",
			why:  "where no headers are asked for, none are written back", source: fetchCredentials,
			on: anyHeaderWithCreds, request: asking(),
			want: answered(
				"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
				"Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Max-Age: 86400", varyPreflight,
			),
		},
		{
			name: "header/any-with-credentials-set-cookie", why: forbidden, source: fetchForbidden,
			on: anyHeaderWithCreds, request: asking("set-cookie"), want: refused(core.ReasonHeaderNotAllowed),
			absent: []string{"set-cookie"},
		},
		{
			name: "header/any-with-credentials-cookie-and-host", why: forbidden, source: fetchForbidden,
			on: anyHeaderWithCreds, request: asking("cookie,host,x-a"), want: refused(core.ReasonHeaderNotAllowed),
			absent: []string{"cookie,host"},
		},
		{
			name: "header/any-with-credentials-authorization",
			why:  `"*" does not cover Authorization, with or without credentials`, source: fetchNonWildcard,
			on: anyHeaderWithCreds, request: asking("authorization"), want: refused(core.ReasonHeaderNotAllowed),
			absent: []string{"authorization"},
		},
		{
			name: "header/any-with-credentials-and-authorization",
			why:  "Authorization is allowed where it is listed by name", source: fetchNonWildcard, on: twoWithCreds,
			request: asking("authorization,x-a"), want: echoed("authorization,x-a"),
		},
		{
			name: "header/any-with-credentials-malformed", why: "a value that is written back has been validated",
			source: httpTokens, on: anyHeaderWithCreds, request: asking("x-a;<script>"),
			want: refused(core.ReasonHeadersMalformed), absent: []string{"<script>"},
		},
		{
			name: "header/128-names", why: "up to 128 names are read", source: httpLists, on: headers,
			request: asking(strings.Repeat("x-foo,", 127) + "x-foo"), want: three,
		},
		{
			name: "header/129-names", why: "names beyond the limit are refused before they are read", source: httpLists,
			on: headers, request: asking(strings.Repeat("x-foo,", 128) + "x-foo"), want: refused(core.ReasonHeadersTooLarge),
		},
		{
			name: "header/16-empty-elements", why: "a list may have a reasonable number of empty elements",
			source: httpLists, on: headers, request: asking(strings.Repeat(",", 15)), want: three,
		},
		{
			name: "header/17-empty-elements", why: "a list may have a reasonable number of empty elements, and no more",
			source: httpLists, on: headers, request: asking(strings.Repeat(",", 16)),
			want: refused(core.ReasonHeadersTooLarge),
		},
		{
			name: "header/8-kib", why: "up to 8 KiB are read", source: httpLists, on: headers,
			request: asking("x-foo," + strings.Repeat(" ", 8<<10-11) + "x-foo"), want: three,
		},
		{
			name: "header/8-kib-and-one", why: "a list beyond the limit is refused before it is read",
			source: httpLists, on: headers, request: asking("x-foo," + strings.Repeat(" ", 8<<10-10) + "x-foo"),
			want: refused(core.ReasonHeadersTooLarge),
		},
		{
			name: "header/two-lines-of-5-kib", why: "the limit applies to all lines together", source: httpLists,
			on:      headers,
			request: asking("x-foo,"+strings.Repeat(" ", 5<<10)+"x-foo", "x-foo,"+strings.Repeat(" ", 5<<10)+"x-foo"),
			want:    refused(core.ReasonHeadersTooLarge),
		},
		{
			name: "header/any-with-credentials-too-large", why: "a value that is written back has a limited length",
			source: httpLists, on: anyHeaderWithCreds, request: asking("x-" + strings.Repeat("a", 8<<10)),
			want: refused(core.ReasonHeadersTooLarge), absent: []string{"aaaa"},
		},
	}
}

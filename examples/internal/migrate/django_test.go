package migrate

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// djangoDifference is a difference that docs/migrate/django.md names. In this file "here" is
// Polycors, and "there" is Django with django-cors-headers.
type djangoDifference struct {
	heading     string // the text in bold
	there, here string // the lines that only one side has
	before      string // the difference is in versions of django-cors-headers before this one; "" for all
}

// Parts of responses to preflights.
const (
	// The default lists of headers: here, and in django-cors-headers before 4.0.
	headersHere     = "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with"
	headersBefore40 = "accept, accept-encoding, authorization, content-type, dnt, origin, user-agent, " +
		"x-csrftoken, x-requested-with"

	byDefault = "; Allow-Headers: " + headersHere + "; Allow-Methods: DELETE, GET, OPTIONS, PATCH, POST, PUT"
	aged      = byDefault + "; Max-Age: 86400"
	varied    = "; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
)

var (
	as204      = djangoDifference{heading: "An allowed preflight gets 204", there: "200", here: "204"}
	preflights = djangoDifference{
		heading: "`Vary` on preflights",
		here:    "Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	nobody   = djangoDifference{heading: "A refused preflight gets 403", there: "200", here: "403"}
	compares = djangoDifference{
		heading: "A refused preflight gets 403",
		there:   "200; Allow-Origin: https://app.example.com" + aged,
		here:    "403",
	}
	notAsked = djangoDifference{
		heading: "Only OPTIONS with Origin and Access-Control-Request-Method is a preflight",
		there:   "200",
		here:    "200 of the handler",
	}
	lists = djangoDifference{
		heading: "Only OPTIONS with Origin and Access-Control-Request-Method is a preflight",
		there:   strings.TrimPrefix(aged, "; "),
	}
	wholeOrigin = djangoDifference{heading: "An expression for origins matches the whole origin"}
	noExpr      = djangoDifference{heading: "Only an entry `null` allows `null`", there: "Allow-Origin: null"}
	noOrigin    = djangoDifference{heading: "An Origin that no browser sends is refused"}
	withAny     = djangoDifference{heading: "With `*` nothing depends on the origin", there: "Vary: Origin"}
	anyForAll   = djangoDifference{
		heading: "With `*` nothing depends on the origin",
		there:   "Vary: Origin",
		here:    "Allow-Origin: *",
	}
	zeroAge = djangoDifference{
		heading: "`CORS_PREFLIGHT_MAX_AGE=0` writes `Access-Control-Max-Age: 0`",
		here:    "Max-Age: 0",
	}
	normalised = djangoDifference{heading: "Entries are normalised", here: "Allow-Origin: https://app.example.com"}
	exposed    = djangoDifference{
		heading: "`Access-Control-Expose-Headers` is not on preflights",
		there:   "Expose-Headers: Content-Length, X-Total",
	}
	lower   = djangoDifference{heading: "`Access-Control-Allow-Headers` is in lower case"}
	noList  = djangoDifference{heading: "An empty list writes no header", there: "Allow-Headers: ; Allow-Methods: "}
	private = djangoDifference{
		heading: "`Access-Control-Allow-Private-Network` is on preflights only",
		there:   "Allow-Private-Network: true",
	}
	privateVary = djangoDifference{heading: "`Vary` on preflights", here: "Vary: Access-Control-Request-Private-Network"}
	anyCase     = djangoDifference{heading: "Paths are matched without case"}
	serverPath  = djangoDifference{heading: "The path is the server's"}
	apex        = djangoDifference{
		heading: "`https://*.example.com` in `CSRF_TRUSTED_ORIGINS`",
		there:   "200 of the handler",
		here:    "403",
	}
	noToken = djangoDifference{heading: "The CSRF protection needs no token", there: "403", here: "200 of the handler"}

	before40 = djangoDifference{heading: "Before 4.0", before: "4.0",
		there: "Allow-Headers: " + headersBefore40, here: "Allow-Headers: " + headersHere}
	before43 = djangoDifference{heading: "Before 4.3", before: "4.3", there: "Allow-Credentials: true"}
)

// but returns the difference with other lines.
func (d djangoDifference) but(there, here string) djangoDifference {
	d.there, d.here = there, here
	return d
}

type differences = []djangoDifference

// djangoExchange is a request, such as "GET /items Origin=https://app.example.com", and Polycors'
// response. Django's response has the same lines, except for the differences. The names of response
// headers are without "Access-Control-". Vary has all names in one line.
type djangoExchange struct {
	request string
	here    string
	differ  differences
}

const (
	fromApp  = " Origin=https://app.example.com"
	fromEvil = " Origin=https://evil.example"
	forPUT   = " Access-Control-Request-Method=PUT"
	with     = " Access-Control-Request-Headers="

	passed  = "200 of the handler; Vary: Origin"
	toApp   = "200 of the handler; Allow-Origin: https://app.example.com; Vary: Origin"
	alone   = "200 of the handler"
	refused = "403" + varied
	granted = "204; Allow-Origin: https://app.example.com" + aged + varied
)

var allowedPreflight = differences{as204, preflights, before40}

// The same with a method and a header that are added to the lists.
const extended = "; Allow-Headers: " + headersHere + ", my-custom-header" +
	"; Allow-Methods: DELETE, GET, OPTIONS, PATCH, POST, PUT, POKE; Max-Age: 86400"

var extendedBefore40 = before40.but(
	"Allow-Headers: "+headersBefore40+", my-custom-header",
	"Allow-Headers: "+headersHere+", my-custom-header",
)

// djangoSites has the settings in the guide, as in settings.py and as environment variables.
var djangoSites = []struct {
	name      string
	settings  string
	environ   []string
	mount     string // the prefix under which Django is mounted
	django    string // the oldest Django that has the settings in this form; "" for any
	library   string // the oldest django-cors-headers, likewise
	protected bool   // by Django's CsrfViewMiddleware and by a core.CSRFProtection
	exchanges []djangoExchange
}{
	{
		name:     "exact origins",
		settings: `CORS_ALLOWED_ORIGINS = ["https://app.example.com", "https://admin.example.com", "http://localhost:8080"]`,
		environ:  []string{"CORS_ALLOWED_ORIGINS=https://app.example.com,https://admin.example.com,http://localhost:8080"},
		exchanges: []djangoExchange{
			{"GET /items", passed, nil},
			{"GET /items" + fromApp, toApp, nil},
			{
				"GET /items Origin=http://localhost:8080",
				"200 of the handler; Allow-Origin: http://localhost:8080; Vary: Origin", nil,
			},
			{"POST /items" + fromApp, toApp, nil},
			{"HEAD /items" + fromApp, toApp, nil},
			{"PURGE /items" + fromApp, toApp, nil},
			{"GET /items" + fromEvil, passed, nil},
			{"GET /items Origin=", passed, nil},
			{"GET /items Origin=null", passed, nil},
			{"GET /items Origin=http://app.example.com", passed, nil},
			{"GET /items Origin=https://app.example.com:8443", passed, nil},
			{"GET /items Origin=https://app.example.com:443", passed, nil},
			{"GET /items Origin=https://APP.example.com", passed, nil},
			{"GET /items Origin=https://app.example.com.evil.example", passed, nil},
			{"GET /items Origin=https://[", passed, nil},
			{
				"GET /items Origin=HTTPS://app.example.com", passed,
				differences{noOrigin.but("Allow-Origin: HTTPS://app.example.com", "")},
			},
			{
				"GET /items Origin=https://app.example.com/path?query", passed,
				differences{noOrigin.but("Allow-Origin: https://app.example.com/path?query", "")},
			},
			{"GET /missing", "404; Vary: Origin", nil},
			{"GET /missing" + fromApp, "404; Allow-Origin: https://app.example.com; Vary: Origin", nil},
			{"GET /missing" + fromEvil, "404; Vary: Origin", nil},
			{"OPTIONS /items" + fromApp + forPUT, granted, allowedPreflight},
			{"OPTIONS /missing" + fromApp + forPUT, granted, allowedPreflight},
			{"OPTIONS /items" + fromApp + " Access-Control-Request-Method=GET", granted, allowedPreflight},
			{"OPTIONS /items" + fromApp + forPUT + with + "content-type", granted, allowedPreflight},
			{"OPTIONS /items" + fromApp + forPUT + with + "X-CSRFToken,Accept", granted, allowedPreflight},
			{"OPTIONS /items" + fromApp + forPUT + with + "x-other", refused, differences{compares, preflights, before40}},
			{
				"OPTIONS /items" + fromApp + forPUT + with + "content-type,x-other", refused,
				differences{compares, preflights, before40},
			},
			{
				"OPTIONS /items" + fromApp + " Access-Control-Request-Method=POKE", refused,
				differences{compares, preflights, before40},
			},
			{
				"OPTIONS /items" + fromApp + " Access-Control-Request-Method=put", refused,
				differences{compares, preflights, before40},
			},
			{"OPTIONS /items" + fromEvil + forPUT, refused, differences{nobody, preflights}},
			{"OPTIONS /items Origin=null" + forPUT, refused, differences{nobody, preflights}},
			{"OPTIONS /items", passed, nil},
			{"OPTIONS /items" + fromEvil, passed, nil},
			{"OPTIONS /items" + fromApp, toApp, differences{lists, before40}},
			{"OPTIONS /items" + forPUT, passed, differences{notAsked}},
			{"OPTIONS /items" + fromApp + " Access-Control-Request-Method=", toApp, differences{notAsked, lists, before40}},
		},
	},
	{
		name:     "null and file",
		settings: `CORS_ALLOWED_ORIGINS = ["null", "file://"]`,
		environ:  []string{"CORS_ALLOWED_ORIGINS=null,file://"},
		exchanges: []djangoExchange{
			{"GET /items Origin=null", "200 of the handler; Allow-Origin: null; Vary: Origin", nil},
			{"GET /items Origin=file://", "200 of the handler; Allow-Origin: file://; Vary: Origin", nil},
			{"GET /items Origin=file:///home/", passed, differences{noOrigin.but("Allow-Origin: file:///home/", "")}},
			{"GET /items" + fromApp, passed, nil},
		},
	},
	{
		name: "expressions",
		settings: `
CORS_ALLOWED_ORIGIN_REGEXES = [
	r"^https://\w{1,9}\.example\.com$",
	re.compile(r"^https://\w+\.CAPITAL\.example$", re.I),
]`,
		environ: []string{
			`CORS_ALLOWED_ORIGIN_REGEXES=["^https://\\w{1,9}\\.example\\.com$", "(?i)^https://\\w+\\.CAPITAL\\.example$"]`,
		},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, toApp, nil},
			{
				"GET /items Origin=https://a.capital.example",
				"200 of the handler; Allow-Origin: https://a.capital.example; Vary: Origin", nil,
			},
			{
				"GET /items Origin=https://A.capital.example", passed,
				differences{noOrigin.but("Allow-Origin: https://A.capital.example", "")},
			},
			{
				"GET /items Origin=https://ê.example.com", passed,
				differences{noOrigin.but("Allow-Origin: https://ê.example.com", "")},
			},
			{"GET /items Origin=https://abcdefghij.example.com", passed, nil},
			{"GET /items Origin=https://a.b.example.com", passed, nil},
			{"GET /items Origin=https://app.example.com.evil.example", passed, nil},
			{"OPTIONS /items" + fromApp + forPUT, granted, allowedPreflight},
			{"OPTIONS /items" + fromEvil + forPUT, refused, differences{nobody, preflights}},
		},
	},
	{
		name:     "expressions that match the beginning",
		settings: `CORS_ALLOWED_ORIGIN_REGEXES = [r"https://\w+\.example\.com", r"null"]`,
		environ:  []string{`CORS_ALLOWED_ORIGIN_REGEXES=https://\w+\.example\.com`},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, toApp, nil},
			{
				"GET /items Origin=https://a.example.com.evil.example", passed,
				differences{wholeOrigin.but("Allow-Origin: https://a.example.com.evil.example", "")},
			},
			{
				"GET /items Origin=https://a.example.com:8443", passed,
				differences{wholeOrigin.but("Allow-Origin: https://a.example.com:8443", "")},
			},
			{"GET /items Origin=null", passed, differences{noExpr}},
		},
	},
	{
		name:     "all origins",
		settings: `CORS_ALLOW_ALL_ORIGINS = True`,
		environ:  []string{"CORS_ALLOW_ALL_ORIGINS=True"},
		exchanges: []djangoExchange{
			{"GET /items", "200 of the handler; Allow-Origin: *", differences{anyForAll}},
			{"GET /items" + fromApp, "200 of the handler; Allow-Origin: *", differences{withAny}},
			{"GET /items Origin=null", "200 of the handler; Allow-Origin: *", differences{withAny}},
			{"GET /missing" + fromEvil, "404; Allow-Origin: *", differences{withAny}},
			{
				"OPTIONS /items" + fromEvil + " Access-Control-Request-Method=DELETE",
				"204; Allow-Origin: *" + aged + "; Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
				differences{as204, preflights, withAny, before40},
			},
			{
				"OPTIONS /items" + fromApp + " Access-Control-Request-Method=POKE",
				"403; Vary: Access-Control-Request-Method, Access-Control-Request-Headers",
				differences{compares.but("200; Allow-Origin: *"+aged, "403"), preflights, withAny, before40},
			},
			{"OPTIONS /items" + fromApp, "200 of the handler; Allow-Origin: *", differences{lists, withAny, before40}},
		},
	},
	{
		name: "old names",
		settings: `
CORS_ORIGIN_WHITELIST = ["https://app.example.com"]
CORS_ORIGIN_REGEX_WHITELIST = [r"^https://\w+\.preview\.example\.com$"]`,
		environ: []string{
			"CORS_ORIGIN_WHITELIST=https://app.example.com",
			`CORS_ORIGIN_REGEX_WHITELIST=^https://\w+\.preview\.example\.com$`,
		},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, toApp, nil},
			{
				"GET /items Origin=https://a.preview.example.com",
				"200 of the handler; Allow-Origin: https://a.preview.example.com; Vary: Origin", nil,
			},
			{"GET /items" + fromEvil, passed, nil},
		},
	},
	{
		name: "old names beside new",
		settings: `
CORS_ORIGIN_WHITELIST = ["https://old.example"]
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ORIGIN_ALLOW_ALL = True
CORS_ALLOW_ALL_ORIGINS = False`,
		environ: []string{
			"CORS_ORIGIN_WHITELIST=https://old.example", "CORS_ALLOWED_ORIGINS=https://app.example.com",
			"CORS_ORIGIN_ALLOW_ALL=True", "CORS_ALLOW_ALL_ORIGINS=False",
		},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, toApp, nil},
			{"GET /items Origin=https://old.example", passed, nil},
			{"GET /items" + fromEvil, passed, nil},
		},
	},
	{
		name: "all origins, by the old name, beside a list",
		settings: `
CORS_ORIGIN_ALLOW_ALL = True
CORS_ORIGIN_WHITELIST = ["https://app.example.com"]`,
		environ: []string{"CORS_ORIGIN_ALLOW_ALL=True", "CORS_ORIGIN_WHITELIST=https://app.example.com"},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, "200 of the handler; Allow-Origin: *", differences{withAny}},
			{"GET /items" + fromEvil, "200 of the handler; Allow-Origin: *", differences{withAny}},
		},
	},
	{
		name: "URLs",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_URLS_REGEX = r"^/api/.*$"`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_URLS_REGEX=^/api/.*$"},
		exchanges: []djangoExchange{
			{"GET /api/items", passed, nil},
			{"GET /api/items" + fromApp, toApp, nil},
			{"GET /api/items?x=/y" + fromApp, toApp, nil},
			{"GET /api/" + fromEvil, passed, nil},
			{"GET /api/missing" + fromApp, "404; Allow-Origin: https://app.example.com; Vary: Origin", nil},
			{"OPTIONS /api/items" + fromApp + forPUT, granted, allowedPreflight},
			{"OPTIONS /api/items" + fromEvil + forPUT, refused, differences{nobody, preflights}},
			{"GET /" + fromApp, alone, nil},
			{"GET /items", alone, nil},
			{"GET /app/api/" + fromApp, alone, nil},
			{"GET /apis" + fromApp, alone, nil},
			{"OPTIONS /items" + fromApp, alone, nil},
			{"OPTIONS /items" + fromApp + forPUT, alone, nil},
			{"OPTIONS /items" + fromEvil + forPUT, alone, nil},
			{
				"GET /API/items" + fromApp, toApp,
				differences{anyCase.but("", "Allow-Origin: https://app.example.com; Vary: Origin")},
			},
			{"GET /api/../items" + fromApp, passed, differences{anyCase.but("Allow-Origin: https://app.example.com", "")}},
			{"GET /api/%2e%2e/items" + fromApp, passed, differences{anyCase.but("Allow-Origin: https://app.example.com", "")}},
			{"GET /%61pi/items" + fromApp, passed, differences{anyCase.but("Allow-Origin: https://app.example.com", "")}},
			{
				"OPTIONS /%61pi/items" + fromApp + forPUT, refused,
				differences{anyCase.but("200; Allow-Origin: https://app.example.com"+aged, "403"), preflights, before40},
			},
			{"GET /api%2Fitems" + fromApp, passed, differences{anyCase.but("Allow-Origin: https://app.example.com", "")}},
		},
	},
	{
		name: "URLs by their beginning",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_URLS_REGEX = re.compile(r"/(api|feed)/")`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_URLS_REGEX=/(api|feed)/"},
		exchanges: []djangoExchange{
			{"GET /api/items" + fromApp, toApp, nil},
			{"GET /feed/x/y" + fromApp, toApp, nil},
			{"GET /x/feed/" + fromApp, alone, nil},
		},
	},
	{
		name: "a mounted Django",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_URLS_REGEX = r"^/api/.*$"`,
		mount:   "/mount",
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_URLS_REGEX=^/api/.*$"},
		exchanges: []djangoExchange{
			{"GET /mount/items" + fromApp, alone, nil},
			{
				"GET /mount/api/items" + fromApp, alone,
				differences{serverPath.but("Allow-Origin: https://app.example.com; Vary: Origin", "")},
			},
		},
	},
	{
		name: "methods and headers extended",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ALLOW_METHODS = (*default_methods, "POKE")
CORS_ALLOW_HEADERS = (*default_headers, "my-custom-header")`,
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com",
			"CORS_ALLOW_METHODS=DELETE,GET,OPTIONS,PATCH,POST,PUT,POKE",
			"CORS_ALLOW_HEADERS=accept,authorization,content-type,user-agent,x-csrftoken,x-requested-with,my-custom-header",
		},
		exchanges: []djangoExchange{
			{
				"OPTIONS /items" + fromApp + " Access-Control-Request-Method=POKE" + with + "my-custom-header",
				"204; Allow-Origin: https://app.example.com" + extended + varied,
				differences{as204, preflights, extendedBefore40},
			},
			{
				"OPTIONS /items" + fromApp + " Access-Control-Request-Method=PROPFIND", refused,
				differences{
					compares.but("200; Allow-Origin: https://app.example.com"+extended, "403"),
					preflights, extendedBefore40,
				},
			},
		},
	},
	{
		name: "lists of their own",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ALLOW_METHODS = ["GET", "PUT"]
CORS_ALLOW_HEADERS = ["X-Token", "Origin", "content-type", "x-token"]
CORS_PREFLIGHT_MAX_AGE = 600`,
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com",
			"CORS_ALLOW_METHODS=GET,PUT",
			"CORS_ALLOW_HEADERS=X-Token,Origin,content-type,x-token",
			"CORS_PREFLIGHT_MAX_AGE=600",
		},
		exchanges: []djangoExchange{
			{
				"OPTIONS /items" + fromApp + forPUT + with + "x-token",
				"204; Allow-Origin: https://app.example.com; Allow-Headers: x-token, content-type; " +
					"Allow-Methods: GET, PUT; Max-Age: 600" + varied,
				differences{
					as204, preflights,
					lower.but("Allow-Headers: X-Token, Origin, content-type, x-token", "Allow-Headers: x-token, content-type"),
				},
			},
		},
	},
	{
		name: "empty lists",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ALLOW_METHODS = []
CORS_ALLOW_HEADERS = []
CORS_EXPOSE_HEADERS = []`,
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_ALLOW_METHODS=", "CORS_ALLOW_HEADERS=",
			"CORS_EXPOSE_HEADERS=",
		},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, toApp, nil},
			{
				"OPTIONS /items" + fromApp + " Access-Control-Request-Method=POST",
				"204; Allow-Origin: https://app.example.com; Max-Age: 86400" + varied, differences{as204, preflights, noList},
			},
		},
	},
	{
		name: "exposed headers",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_EXPOSE_HEADERS = ["Content-Length", "X-Total"]`,
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com", `CORS_EXPOSE_HEADERS=["Content-Length", "X-Total"]`,
		},
		exchanges: []djangoExchange{
			{
				"GET /items" + fromApp,
				"200 of the handler; Allow-Origin: https://app.example.com; Expose-Headers: Content-Length, X-Total; Vary: Origin",
				nil,
			},
			{"GET /items" + fromEvil, passed, nil},
			{"GET /items", passed, nil},
			{
				"OPTIONS /items" + fromApp,
				"200 of the handler; Allow-Origin: https://app.example.com; Expose-Headers: Content-Length, X-Total; Vary: Origin",
				differences{lists, before40},
			},
			{"OPTIONS /items" + fromApp + forPUT, granted, differences{as204, preflights, exposed, before40}},
		},
	},
	{
		name: "max age 0",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_PREFLIGHT_MAX_AGE = 0`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_PREFLIGHT_MAX_AGE=0"},
		exchanges: []djangoExchange{
			{
				"OPTIONS /items" + fromApp + forPUT,
				"204; Allow-Origin: https://app.example.com" + byDefault + "; Max-Age: 0" + varied,
				differences{as204, preflights, zeroAge, before40},
			},
		},
	},
	{
		name: "max age as by default",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_PREFLIGHT_MAX_AGE = 86400`,
		environ:   []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_PREFLIGHT_MAX_AGE=86400"},
		exchanges: []djangoExchange{{"OPTIONS /items" + fromApp + forPUT, granted, allowedPreflight}},
	},
	{
		name: "preflights with 200",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_PREFLIGHT_STATUS=200"},
		exchanges: []djangoExchange{
			{
				"OPTIONS /items" + fromApp + forPUT, "200; Allow-Origin: https://app.example.com" + aged + varied,
				differences{preflights, before40},
			},
		},
	},
	{
		name: "credentials",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ALLOW_CREDENTIALS = True`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_ALLOW_CREDENTIALS=True"},
		exchanges: []djangoExchange{
			{"GET /items", passed, nil},
			{
				"GET /items" + fromApp,
				"200 of the handler; Allow-Credentials: true; Allow-Origin: https://app.example.com; Vary: Origin", nil,
			},
			{"GET /items" + fromEvil, passed, differences{before43}},
			{"GET /missing" + fromApp, "404; Allow-Credentials: true; Allow-Origin: https://app.example.com; Vary: Origin", nil},
			{
				"OPTIONS /items" + fromApp + forPUT,
				"204; Allow-Credentials: true; Allow-Origin: https://app.example.com" + aged + varied, allowedPreflight,
			},
			{"OPTIONS /items" + fromEvil + forPUT, refused, differences{nobody, preflights, before43}},
			{
				"OPTIONS /items" + fromApp,
				"200 of the handler; Allow-Credentials: true; Allow-Origin: https://app.example.com; Vary: Origin",
				differences{lists, before40},
			},
		},
	},
	{
		name:     "entries with a port and capitals",
		settings: `CORS_ALLOWED_ORIGINS = ["HTTPS://App.Example.com:443"]`,
		environ:  []string{"CORS_ALLOWED_ORIGINS=HTTPS://App.Example.com:443"},
		exchanges: []djangoExchange{
			{"GET /items" + fromApp, toApp, differences{normalised}},
			{"GET /items Origin=https://app.example.com:443", passed, nil},
		},
	},
	{
		name: "private network",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ALLOW_PRIVATE_NETWORK = True`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_ALLOW_PRIVATE_NETWORK=True"},
		library: "4.0",
		exchanges: []djangoExchange{
			{
				"OPTIONS /items" + fromApp + forPUT + " Access-Control-Request-Private-Network=true",
				"204; Allow-Origin: https://app.example.com; Allow-Private-Network: true" + aged + varied +
					", Access-Control-Request-Private-Network",
				differences{as204, preflights, privateVary},
			},
			{
				"OPTIONS /items" + fromApp + forPUT, granted + ", Access-Control-Request-Private-Network",
				differences{as204, preflights, privateVary},
			},
			{
				"OPTIONS /items" + fromEvil + forPUT + " Access-Control-Request-Private-Network=true",
				refused + ", Access-Control-Request-Private-Network", differences{nobody, preflights, privateVary},
			},
			{"GET /items" + fromApp, toApp, nil},
			{"GET /items" + fromApp + " Access-Control-Request-Private-Network=true", toApp, differences{private}},
		},
	},
	{
		name: "private network, not allowed",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com"]`,
		environ: []string{"CORS_ALLOWED_ORIGINS=https://app.example.com"},
		exchanges: []djangoExchange{
			{"OPTIONS /items" + fromApp + forPUT + " Access-Control-Request-Private-Network=true", granted, allowedPreflight},
		},
	},
	{
		name: "CSRF",
		settings: `
CORS_ALLOWED_ORIGINS = ["https://app.example.com", "https://read-only.example"]
CSRF_TRUSTED_ORIGINS = ["https://app.example.com", "https://*.trusted.example"]
MIDDLEWARE = [
	"corsheaders.middleware.CorsMiddleware",
	"django.middleware.common.CommonMiddleware",
	"django.middleware.csrf.CsrfViewMiddleware",
]`,
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com,https://read-only.example",
			"CSRF_TRUSTED_ORIGINS=https://app.example.com,https://*.trusted.example",
		},
		django:    "4.0",
		protected: true,
		exchanges: []djangoExchange{
			{"POST /items" + crossSite + fromApp + token, toApp, nil},
			{"POST /items" + crossSite + fromApp, toApp, differences{noToken}},
			{"POST /items", passed, differences{noToken}},
			{"POST /items" + crossSite + " Origin=https://a.trusted.example" + token, passed, nil},
			{"POST /items" + crossSite + " Origin=https://trusted.example" + token, "403; Vary: Origin", differences{apex}},
			{
				"POST /items" + crossSite + " Origin=https://read-only.example" + token,
				"403; Allow-Origin: https://read-only.example; Vary: Origin", nil,
			},
			{"POST /items" + crossSite + fromEvil + token, "403; Vary: Origin", nil},
			{
				"GET /items" + crossSite + " Origin=https://read-only.example",
				"200 of the handler; Allow-Origin: https://read-only.example; Vary: Origin", nil,
			},
		},
	},
}

const (
	crossSite = " Sec-Fetch-Site=cross-site"
	token     = " Cookie=csrftoken=0123456789abcdef0123456789abcdef X-CSRFToken=0123456789abcdef0123456789abcdef"
)

// djangoRefusals has settings that Django accepts and Polycors refuses, and Django's response with
// them.
var djangoRefusals = []struct {
	heading  string
	settings string
	environ  []string
	django   string // as in djangoSites
	library  string
	request  string
	there    string
	refused  []string // the variables, with the index of the entry
}{
	{
		heading: "Every origin with credentials", settings: "CORS_ALLOW_ALL_ORIGINS = True\nCORS_ALLOW_CREDENTIALS = True",
		environ: []string{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_ALLOW_CREDENTIALS=True"},
		request: "GET /items" + fromEvil,
		there:   "200 of the handler; Allow-Credentials: true; Allow-Origin: https://evil.example; Vary: Origin",
		refused: []string{"CORS_ALLOW_ALL_ORIGINS"},
	},
	{
		heading:  "Every origin with credentials",
		settings: "CORS_ALLOWED_ORIGINS = ['null', 'file://']\nCORS_ALLOW_CREDENTIALS = True",
		environ:  []string{"CORS_ALLOWED_ORIGINS=null,file://", "CORS_ALLOW_CREDENTIALS=True"},
		request:  "GET /items Origin=null",
		there:    "200 of the handler; Allow-Credentials: true; Allow-Origin: null; Vary: Origin",
		refused:  []string{"CORS_ALLOWED_ORIGINS[0]", "CORS_ALLOWED_ORIGINS[1]"},
	},
	{
		heading:  "Every origin with credentials",
		settings: "CORS_ALLOWED_ORIGIN_REGEXES = ['^https://.*$']\nCORS_ALLOW_CREDENTIALS = True",
		environ:  []string{"CORS_ALLOWED_ORIGIN_REGEXES=^https://.*$", "CORS_ALLOW_CREDENTIALS=True"},
		request:  "GET /items" + fromEvil,
		there:    "200 of the handler; Allow-Credentials: true; Allow-Origin: https://evil.example; Vary: Origin",
		refused:  []string{"CORS_ALLOWED_ORIGIN_REGEXES[0]"},
	},
	{
		heading:  "http origins with credentials",
		settings: "CORS_ALLOWED_ORIGINS = ['http://localhost', 'http://app.example.com']\nCORS_ALLOW_CREDENTIALS = True",
		environ:  []string{"CORS_ALLOWED_ORIGINS=http://localhost,http://app.example.com", "CORS_ALLOW_CREDENTIALS=True"},
		request:  "GET /items Origin=http://app.example.com",
		there:    "200 of the handler; Allow-Credentials: true; Allow-Origin: http://app.example.com; Vary: Origin",
		refused:  []string{"CORS_ALLOWED_ORIGINS[1]"},
	},
	{
		heading:  "Every origin with `CORS_ALLOW_PRIVATE_NETWORK`",
		settings: "CORS_ALLOW_ALL_ORIGINS = True\nCORS_ALLOW_PRIVATE_NETWORK = True",
		library:  "4.0",
		environ:  []string{"CORS_ALLOW_ALL_ORIGINS=True", "CORS_ALLOW_PRIVATE_NETWORK=True"},
		request:  "OPTIONS /items" + fromEvil + forPUT + " Access-Control-Request-Private-Network=true",
		there:    "200; Allow-Origin: *; Allow-Private-Network: true" + aged + "; Vary: Origin",
		refused:  []string{"CORS_ALLOW_ALL_ORIGINS"},
	},
	{
		heading: "A policy that allows nobody", settings: "CORS_ALLOWED_ORIGINS = []",
		environ: []string{"CORS_ALLOWED_ORIGINS="},
		request: "GET /items" + fromApp, there: "200 of the handler; Vary: Origin",
		refused: []string{"CORS_ALLOWED_ORIGINS"},
	},
	{
		heading: "`CORS_PREFLIGHT_MAX_AGE` above 86400", settings: `
CORS_ALLOWED_ORIGINS = ['https://app.example.com']
CORS_ALLOW_HEADERS = ['x-token']
CORS_PREFLIGHT_MAX_AGE = 604800`,
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_ALLOW_HEADERS=x-token", "CORS_PREFLIGHT_MAX_AGE=604800",
		},
		request: "OPTIONS /items" + fromApp + forPUT,
		there: "200; Allow-Headers: x-token; Allow-Methods: DELETE, GET, OPTIONS, PATCH, POST, PUT; " +
			"Allow-Origin: https://app.example.com; Max-Age: 604800; Vary: Origin",
		refused: []string{"CORS_PREFLIGHT_MAX_AGE"},
	},
	{
		heading: "`patch`, `CONNECT`, `Set-Cookie` exposed",
		settings: "CORS_ALLOWED_ORIGINS = ['https://app.example.com']\nCORS_ALLOW_METHODS = ['patch', 'CONNECT']\n" +
			"CORS_ALLOW_HEADERS = ['x-token']\nCORS_EXPOSE_HEADERS = ['Set-Cookie']",
		environ: []string{
			"CORS_ALLOWED_ORIGINS=https://app.example.com", "CORS_ALLOW_METHODS=patch,CONNECT", "CORS_ALLOW_HEADERS=x-token",
			"CORS_EXPOSE_HEADERS=Set-Cookie",
		},
		request: "OPTIONS /items" + fromApp + forPUT,
		there: "200; Allow-Headers: x-token; Allow-Methods: patch, CONNECT; " +
			"Allow-Origin: https://app.example.com; Expose-Headers: Set-Cookie; Max-Age: 86400; Vary: Origin",
		refused: []string{"CORS_ALLOW_METHODS[0]", "CORS_ALLOW_METHODS[1]", "CORS_EXPOSE_HEADERS[0]"},
	},
	{
		heading: "Expressions that RE2 does not have", settings: `CORS_ALLOWED_ORIGIN_REGEXES = [
	r"^https://(?!evil)\w{,9}\.example\.com\Z",
	r"^https://\w{,3}\.example\.net$",
]`,
		environ: []string{
			`CORS_ALLOWED_ORIGIN_REGEXES=["^https://(?!evil)\\w{,9}\\.example\\.com\\Z", "^https://\\w{,3}\\.example\\.net$"]`,
		},
		request: "GET /items" + fromApp, there: "200 of the handler; Allow-Origin: https://app.example.com; Vary: Origin",
		refused: []string{"CORS_ALLOWED_ORIGIN_REGEXES[0]", "CORS_ALLOWED_ORIGIN_REGEXES[1]"},
	},
	{
		heading: "http, `*` and `null` in `CSRF_TRUSTED_ORIGINS`",
		settings: "CSRF_TRUSTED_ORIGINS = ['http://app.example.com']\n" +
			"MIDDLEWARE = ['corsheaders.middleware.CorsMiddleware', 'django.middleware.csrf.CsrfViewMiddleware']", django: "4.0",
		environ: []string{"CSRF_TRUSTED_ORIGINS=http://app.example.com"},
		request: "POST /items Origin=http://app.example.com" + token, there: "200 of the handler; Vary: Origin",
		refused: []string{"CSRF_TRUSTED_ORIGINS[0]"},
	},
}

// The sections of the guide that list differences. The name of each difference is in bold.
const (
	refusedSection = "Refused when the settings are read"
	decidedSection = "Decided differently"
)

// TestDjangoGuide checks that the guide lists exactly the differences that TestDjango tests.
func TestDjangoGuide(t *testing.T) {
	var decided, refusals []string
	for _, site := range djangoSites {
		for _, x := range site.exchanges {
			for _, d := range x.differ {
				decided = append(decided, d.heading)
			}
		}
	}
	for _, r := range djangoRefusals {
		refusals = append(refusals, r.heading)
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "migrate", "django.md"))
	if err != nil {
		t.Fatal(err)
	}
	for section, tested := range map[string][]string{refusedSection: refusals, decidedSection: decided} {
		_, rest, found := strings.Cut(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"+section)
		if !found {
			t.Fatalf("docs/migrate/django.md says nowhere %q", section)
		}
		var listed []string
		for line := range strings.Lines(rest[strings.Index(rest, "\n- ")+1:]) {
			if line != "\n" && !strings.HasPrefix(line, "- ") && !strings.HasPrefix(line, "  ") {
				break
			}
			if bold := regexp.MustCompile(`^- \*\*(.+?)\.?\*\*`).FindStringSubmatch(line); bold != nil {
				listed = append(listed, bold[1])
			}
		}
		for _, heading := range listed {
			if !slices.Contains(tested, heading) {
				t.Errorf("docs/migrate/django.md lists under %q what is not tested: %q", section, heading)
			}
		}
		slices.Sort(tested)
		for _, heading := range slices.Compact(tested) {
			if !slices.Contains(listed, heading) {
				t.Errorf("docs/migrate/django.md does not list under %q: %q", section, heading)
			}
		}
	}
}

// TestDjango compares corshttp and settings.FromEnv with Django and django-cors-headers, over
// sockets.
func TestDjango(t *testing.T) {
	python := djangoPython(t)
	served := map[string]map[string]string{}
	for _, site := range djangoSites {
		served[site.name] = map[string]string{"settings": site.settings, "mount": site.mount}
	}
	for i, r := range djangoRefusals {
		served[fmt.Sprint("refused ", i)] = map[string]string{"settings": r.settings, "mount": ""}
	}
	there := startDjango(t, python, served)
	t.Logf("Django %s, django-cors-headers %s", there.Django, there.Library)
	skip := func(t *testing.T, django, library string) {
		if there.Django.before(django) || there.Library.before(library) {
			t.Skipf(
				"these are no settings of this version yet (Django %s, django-cors-headers %s)", cmp.Or(django, "any"),
				cmp.Or(library, "any"),
			)
		}
	}
	for _, site := range djangoSites {
		t.Run(site.name, func(t *testing.T) {
			skip(t, site.django, site.library)
			if problems := there.Problems[site.name]; len(problems) > 0 {
				t.Fatalf("Django does not take these settings: %q", problems)
			}
			here := httptest.NewServer(fromEnv(t, site.environ, site.protected))
			defer here.Close()
			for _, x := range site.exchanges {
				want := linesOf(x.here)
				if got := exchanged(t, here.Listener.Addr().String(), site.name, x.request); !slices.Equal(got, want) {
					t.Errorf("%s: here\n got %q\nwant %q", x.request, got, want)
				}
				for _, d := range x.differ {
					if d.before != "" && !there.Library.before(d.before) {
						continue
					}
					for _, line := range linesOf(d.here) {
						i := slices.Index(want, line)
						if i < 0 {
							t.Fatalf("%s: %q: the answer here has no line %q", x.request, d.heading, line)
						}
						want = slices.Delete(want, i, i+1)
					}
					want = append(want, linesOf(d.there)...)
				}
				slices.Sort(want)
				if got := exchanged(t, there.Address, site.name, x.request); !slices.Equal(got, want) {
					t.Errorf("%s: there\n got %q\nwant %q", x.request, got, want)
				}
			}
		})
	}
	for i, r := range djangoRefusals {
		t.Run(fmt.Sprintf("refused/%s/%d", r.heading, i), func(t *testing.T) {
			skip(t, r.django, r.library)
			name := fmt.Sprint("refused ", i)
			if problems := there.Problems[name]; len(problems) > 0 {
				t.Fatalf("Django does not take these settings: %q", problems)
			}
			if got, want := exchanged(t, there.Address, name, r.request), linesOf(r.there); !slices.Equal(got, want) {
				t.Errorf("%s: there\n got %q\nwant %q", r.request, got, want)
			}
			_, err := settings.FromEnv("CORS_", r.environ)
			if got := refusedVariables(t, err); !slices.Equal(got, r.refused) {
				t.Errorf("refused are %q, want %q: %v", got, r.refused, err)
			}
		})
	}
}

// fromEnv returns the handler of Polycors' server.
func fromEnv(t *testing.T, environ []string, protected bool) http.Handler {
	t.Helper()
	s, err := settings.FromEnv("CORS_", environ)
	if err != nil {
		t.Fatal(err)
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/missing") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("X-Handled", "true")
	})
	if protected {
		protection, err := core.NewCSRFProtection(s.CSRF)
		if err != nil {
			t.Fatal(err)
		}
		h = corshttp.Middleware(protection)(h)
	}
	return corshttp.New(s.CORS)(h)
}

// refusedVariables returns the variables that have problems.
func refusedVariables(t *testing.T, err error) (names []string) {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want several errors joined", err)
	}
	for _, err := range joined.Unwrap() {
		var e *core.ConfigError
		if !errors.As(err, &e) {
			t.Fatalf("%v is no *core.ConfigError", err)
		}
		name := e.Field
		if e.Index >= 0 {
			name += fmt.Sprintf("[%d]", e.Index)
		}
		names = append(names, name)
	}
	return names
}

// linesOf splits "200; Allow-Origin: *; Vary: A, B" into sorted lines. Vary has a line for each
// name.
func linesOf(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "; ") {
		if names, ok := strings.CutPrefix(line, "Vary: "); ok {
			for name := range strings.SplitSeq(names, ", ") {
				lines = append(lines, "Vary: "+name)
			}
		} else if line != "" {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// exchanged returns the response of the server at an address, in lines as linesOf has them. The
// path is sent unchanged.
func exchanged(t *testing.T, address, site, request string) []string {
	t.Helper()
	words := strings.Fields(request)
	sent := words[0] + " " + words[1] + " HTTP/1.1\r\n" +
		"Host: api.example.com\r\nConnection: close\r\nContent-Length: 0\r\nX-Settings: " + site + "\r\n"
	for _, word := range words[2:] {
		name, value, _ := strings.Cut(word, "=")
		sent += name + ": " + value + "\r\n"
	}
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(sent + "\r\n")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: words[0]})
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	defer response.Body.Close()
	status := fmt.Sprint(response.StatusCode)
	if response.Header.Get("X-Handled") != "" {
		status += " of the handler"
	}
	lines := []string{status}
	for name, values := range response.Header {
		if short, ok := strings.CutPrefix(name, "Access-Control-"); ok {
			for _, value := range values {
				lines = append(lines, short+": "+value)
			}
		}
	}
	for _, names := range response.Header.Values("Vary") {
		for name := range strings.SplitSeq(names, ",") {
			lines = append(lines, "Vary: "+http.CanonicalHeaderKey(strings.TrimSpace(name))) // newer versions write "origin"
		}
	}
	slices.Sort(lines)
	return lines
}

// djangoPython returns a Python that has django-cors-headers. Without one the test is skipped,
// unless CI_DJANGO is "required".
func djangoPython(t *testing.T) string {
	t.Helper()
	// Debian's package is for Debian's Python, which may not be the first one in PATH.
	for _, name := range [...]string{"/usr/bin/python3", "python3", "python"} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if exec.CommandContext(ctx, name, "-c", "import corsheaders, django").Run() == nil {
			return name
		}
	}
	const how = "no Python has django-cors-headers; install it, on Debian with: " +
		"apt-get install python3-django-cors-headers"
	if os.Getenv("CI_DJANGO") == "required" {
		t.Fatal(how)
	}
	t.Skip(how)
	return ""
}

// djangoVersion is a version such as "4.7.0".
type djangoVersion string

// before reports whether v is an older version, by the first two numbers. No version is before "".
func (v djangoVersion) before(other string) bool {
	if other == "" {
		return false
	}
	var a, b [2]int
	fmt.Sscanf(string(v), "%d.%d", &a[0], &a[1])
	fmt.Sscanf(other, "%d.%d", &b[0], &b[1])
	return slices.Compare(a[:], b[:]) < 0
}

// django is a running testdata/django_server.py.
type django struct {
	Address  string
	Django   djangoVersion
	Library  djangoVersion       `json:"corsheaders"`
	Problems map[string][]string // what Django's checks find, by site
}

// startDjango serves sites until the test ends.
func startDjango(t *testing.T, python string, sites map[string]map[string]string) (d django) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	cmd := exec.CommandContext(ctx, python, filepath.Join("testdata", "django_server.py"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = 5 * time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer cancel()
		stdin.Close() // this ends the server
		if err := cmd.Wait(); err != nil {
			t.Errorf("Django ended with %v", err)
		}
		if t.Failed() {
			t.Logf("Django said: %s", stderr.String())
		}
	})
	if err := json.NewEncoder(stdin).Encode(sites); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &d); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return d
}

package question

import (
	"github.com/polycors/cors/core/diagnose"
)

// An error in the console shows what a browser made of the server's response. The policy shows what
// the response should have been. If the two differ, the server does not run this policy, or
// something in front of it responds.

// cause describes why a browser blocked a request.
type cause struct {
	words  string // completes "The browser blocked it: ..."
	advice string
}

const (
	notThisPolicy = " The server does not run this policy, or something in front of it answers."
	deploy        = "check that the server was started again with this policy, and that no proxy changes its headers"
)

var causes = map[diagnose.Code]cause{
	diagnose.CodePreflightUnauthorized: {
		"the preflight got status 401 or 403",
		"put the CORS middleware before authentication, because preflights have no credentials",
	},
	diagnose.CodePreflightRedirected: {
		"the preflight was redirected",
		"request the URL that the redirect leads to; common causes are http instead of https, a slash at the end of " +
			"the path, and a login page",
	},
	diagnose.CodePreflightNotRouted: {
		"the preflight got status 404 or 405",
		"route OPTIONS requests to the CORS middleware; it must run before the router looks for a handler",
	},
	diagnose.CodePreflightServerError: {
		"the preflight got a status from 500 to 599",
		"look for the error in the log of the server or its proxy; the CORS middleware must run before what fails",
	},
	diagnose.CodePreflightStatus: {
		"the preflight did not get a status from 200 to 299",
		"find what responds to OPTIONS requests before the CORS middleware, such as a router, authentication or a proxy",
	},
	diagnose.CodeAllowOriginMissing: {
		"the response has no Access-Control-Allow-Origin header",
		"check that the CORS middleware runs for this path, and that the response is not an error of a proxy",
	},
	diagnose.CodeAllowOriginMismatch: {
		"Access-Control-Allow-Origin has another value than the origin of the page",
		"find what else writes this header: another CORS middleware, a proxy, or a cache that ignores Vary",
	},
	diagnose.CodeAllowOriginMultiple: {
		"Access-Control-Allow-Origin has several values",
		"remove the second CORS middleware, or the CORS headers that a proxy adds",
	},
	diagnose.CodeAllowCredentialsWildcard: {
		"Access-Control-Allow-Origin is *, but the page sends credentials", deploy,
	},
	diagnose.CodeAllowCredentialsMissing: {
		"Access-Control-Allow-Credentials is not true, but the page sends credentials", deploy,
	},
	diagnose.CodeMethodNotAllowed: {"Access-Control-Allow-Methods does not list the method", deploy},
	diagnose.CodeHeaderNotAllowed: {"Access-Control-Allow-Headers does not list a header of the request", deploy},
	diagnose.CodeListUnreadable:   {"a list in the response to the preflight is malformed", deploy},
}

// elsewhere has the causes that have nothing to do with the policy of the server.
var elsewhere = map[diagnose.Code]cause{
	diagnose.CodeNotSent: {
		"it did not send the request",
		"change the request or the permissions of the page; no CORS policy can change this",
	},
	diagnose.CodeUnreachable: {
		"there was no response",
		"check that the server runs, that the URL is right, and that the certificate is valid",
	},
	diagnose.CodeRedirectLostOrigin: {
		"a redirect led to a third origin, so the browser sent Origin: null",
		"request the URL that the redirect leads to",
	},
	"": {
		"the text does not say why",
		"paste the other errors that the console shows for this request",
	},
}

// compare changes a verdict if the browser's error contradicts it. The input is what was read from
// the text that was pasted.
func (v *verdict) compare(in diagnose.Input, report diagnose.Report) {
	if in.Kind != diagnose.KindConsole || isSameRefusal(in, report) {
		return
	}
	c, isOfServer := causes[in.Blocked]
	if !isOfServer {
		c = elsewhere[in.Blocked]
	}
	if !report.Readable {
		if isOfServer {
			v.Summary += " The browser blocked it for another reason: " + c.words + "." + notThisPolicy
			v.Fix += "; then " + c.advice
		}
		return
	}
	v.Readable = false
	v.Summary = "This policy allows it, but the browser blocked it: " + c.words + "."
	if isOfServer {
		v.Summary += notThisPolicy
	}
	v.Fix = c.advice
}

// isSameRefusal reports whether the browser's error is what this policy leads to.
func isSameRefusal(in diagnose.Input, report diagnose.Report) bool {
	switch {
	case report.Readable:
		return false
	case in.Blocked == report.Verdict.Blocked || report.Verdict.Blocked == diagnose.CodeNotSent:
		return true
	case in.Blocked == diagnose.CodePreflightUnauthorized || in.Blocked == diagnose.CodePreflightStatus:
		// With ForbidDisallowed, a refused preflight has status 403. Firefox and Safari report the
		// status, and not the missing header.
		return len(report.Exchanges) > 0 && report.Exchanges[0].Response.Status == 403
	}
	return false
}

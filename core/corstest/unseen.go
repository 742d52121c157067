package corstest

import (
	"fmt"
	"strings"

	"github.com/polycors/cors/core/internal/rawhttp"
)

// findUnseen finds a request that did not pass through the middleware.
func findUnseen(e *evidence) *problem {
	preflight := wasSeen(e.listed.preflight) || wasSeen(e.unlisted.preflight)
	actual := wasSeen(e.listed.actual) || wasSeen(e.unlisted.actual)
	switch {
	case preflight && actual, lookupFailed(e):
		return nil
	case preflight:
		return explainUnseenActual(e)
	case actual:
		return explainUnseenPreflight(e)
	}
	return explainUnseen(e)
}

// explainUnseen explains why neither the preflight nor the actual request passed through the
// middleware.
func explainUnseen(e *evidence) *problem {
	preflight, actual := e.listed.preflight, e.listed.actual
	p := &problem{fact: fmt.Sprintf("neither the preflight (%s) nor the actual request (%s) reached a CORS policy",
		described(preflight), described(actual))}
	switch {
	case isRedirect(preflight.Status) && isRedirect(actual.Status):
		p.causes = []cause{{
			"the router redirects before any middleware runs, because of a slash at the end or the case of the path",
			"use the path as it is registered, or " + wrap,
		}}
		return p
	case isAuth(preflight.Status) && isAuth(actual.Status):
		p.causes = []cause{unauthenticated}
		return p
	}
	if other := e.seenElsewhere(); other != "" {
		p.fact += ", but a request for " + other + ", which has no route, did"
		switch {
		case other == sibling(e.path) && preflight.Status == 404:
			// The router handles both as unknown, so only a policy can treat them differently.
			p.causes = []cause{excluded}
		case other == sibling(e.path) && isMissing(preflight):
			p.causes = []cause{excluded, late}
		default:
			p.causes = []cause{late, excluded}
		}
		return p
	}
	switch {
	case actual.Status == 405:
		p.causes = []cause{noGET}
	case preflight.Status == 404 && actual.Status == 404:
		p.causes = []cause{{
			"no route matches GET or OPTIONS, and the middleware runs only for routes that match", globally,
		}, excluded}
	default:
		p.causes = []cause{
			{"the middleware is registered after the route " +
				"(gin, fiber and echo groups run only what was registered before it), " +
				"on another route or group, or not at all", globally},
			excluded,
		}
	}
	return p
}

// explainUnseenPreflight explains why the actual request passed through the middleware and the
// preflight did not.
func explainUnseenPreflight(e *evidence) *problem {
	r := e.listed.preflight
	p := &problem{fact: fmt.Sprintf(
		"the actual request reached the CORS middleware, but the preflight (%s) did not", described(r))}
	switch {
	case isRedirect(r.Status):
		p.causes = []cause{{
			"the router redirects it before any middleware runs, and browsers do not follow",
			"use the path as it is registered, or " + wrap,
		}}
	case isAuth(r.Status):
		p.causes = []cause{unauthenticated}
	case isMissing(r):
		p.causes = []cause{{"the middleware is registered on a route or a group, which has no OPTIONS", globally}}
	case r.Status < 300:
		p.causes = []cause{{
			"something else responds to OPTIONS first, such as a route for OPTIONS or the router itself", globally,
		}}
	default:
		p.causes = []cause{{"something outside the middleware responds to OPTIONS", outermost}}
	}
	if a := e.unlisted.actual; isMissing(r) && allowed(a) != "" && !varies(a, "Origin") {
		p.fact = fmt.Sprintf("the actual response has Access-Control-Allow-Origin: %s, but the preflight (%s) "+
			"did not reach the CORS middleware", allowed(a), described(r))
		p.causes = append(p.causes, cause{
			"the middleware is not registered for this path, and the handler sets the header itself",
			"delete the line that sets it, and register the middleware once, for the whole server and before the routes",
		})
	}
	return p
}

// explainUnseenActual explains why the preflight passed through the middleware and the actual
// request did not.
func explainUnseenActual(e *evidence) *problem {
	r := e.listed.actual
	p := &problem{fact: fmt.Sprintf(
		"the preflight reached the CORS middleware, but the actual request (%s) did not", described(r))}
	switch {
	case isRedirect(r.Status):
		p.causes = []cause{{
			"the router redirects it before any middleware runs, and a page cannot follow",
			"use the path as it is registered, or " + wrap,
		}}
		return p
	case isAuth(r.Status):
		p.causes = []cause{{
			"something outside the middleware, such as authentication, responds first, so a page cannot read why", outermost,
		}}
		return p
	}
	if other := e.seenElsewhere(); other != "" {
		p.fact += ", although a request for " + other + ", which has no route, did"
		p.causes = []cause{late}
		return p
	}
	switch {
	case r.Status == 404 || r.Status == 405 || r.Status == 501:
		p.causes = []cause{noGET}
	case r.Status >= 500:
		p.causes = []cause{{
			"something outside the middleware, such as a recovery or a timeout, wrote its own response", outermost,
		}}
	default:
		p.causes = []cause{
			{"the middleware is registered for OPTIONS only", globally},
			{"the handler or a proxy removes the headers of the response", "leave the header to the policy"},
		}
	}
	return p
}

// seenElsewhere returns a path for which the middleware runs although the path has no route. It
// returns "" if it finds none. Such a path shows that the middleware is not registered for a single
// route only.
func (e *evidence) seenElsewhere() (path string) {
	for _, path := range []string{sibling(e.path), "/polycors-reachable/no-such-route"} {
		if r, err := probe(e.addr, unlistedOrigin, path); err == nil && wasSeen(r.actual) {
			return path
		}
	}
	return ""
}

// sibling returns a path in the same folder that probably has no route of its own.
func sibling(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path[:strings.LastIndexByte(path, '/')+1] + "polycors-reachable-no-such-route"
}

// wasSeen reports whether a CORS middleware has written to the response.
func wasSeen(r *rawhttp.Response) bool {
	return allowed(r) != "" || varies(r, "Origin") || varies(r, "Access-Control-Request-Method")
}

func isRedirect(status int) bool { return status >= 300 && status < 400 && status != 304 }

func isAuth(status int) bool { return status == 401 || status == 403 || status == 407 }

// isMissing reports whether a router wrote the response because no route matches.
func isMissing(r *rawhttp.Response) bool {
	return r.Status == 404 || r.Status == 405 || r.Status == 501 || r.Status < 300 && len(r.Values("Allow")) > 0
}

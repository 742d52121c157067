// Package core decides about cross-origin requests: one policy for every Go framework.
//
// A [Config] is compiled to a [Policy], which turns each [Request] into a [Decision], which is applied to the response:
//
//	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
//	decision := policy.Decide(ctx, request)
//	decision.ApplyMap(header)
//
// An application rarely does this itself: each package under github.com/polycors/cors/adapters does it for one framework.
//
// # What CORS is, and what it is not
//
// Browsers keep pages from reading what other origins answer. CORS (https://fetch.spec.whatwg.org/#http-cors-protocol) is how a server
// lets some of them read after all. It protects the visitors of a server, not the server: a request of a refused origin is still
// made, and anything but a browser ignores CORS. So it replaces neither authentication nor protection against cross-site request forgery.
//
// A preflight is the question that a browser asks before it sends a request that a form could not have sent:
// OPTIONS with Origin and Access-Control-Request-Method. The adapter answers it, and the handler never sees it. Every other request
// with an Origin is an actual request: the handler runs, and the headers say who may read what it answers.
//
// # Rules for deployment
//
// Register the middleware once, for the whole server, outside of authentication: a preflight carries no credentials, and
// an error that the page may not read helps nobody. A route or a group of routes often never sees a preflight, because no route is
// registered for OPTIONS.
//
// Leave CORS headers to one place. A proxy that adds its own produces two lines of Access-Control-Allow-Origin, which browsers refuse;
// [Strip] removes those of an upstream.
//
// Let caches see Vary. An answer depends on Origin unless the policy is "*", and says so.
package core

// Package core is the CORS engine of Polycors. It works with every web framework.
//
// A [Config] says which websites may read the responses of a server. [New] compiles it into a
// [Policy]. For each [Request], the policy makes a [Decision], and the decision writes the headers
// of the response:
//
//	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
//	decision := policy.Decide(ctx, request)
//	decision.ApplyMap(header)
//
// Applications rarely do that themselves. They use a middleware from
// github.com/polycors/cors/adapters, which has one for each framework.
//
// # What CORS is
//
// A browser does not let the pages of one origin read responses from another origin. CORS
// (https://fetch.spec.whatwg.org/#http-cors-protocol) lets a server allow that for chosen origins,
// by response headers.
//
// For some requests, such as a PUT or a request with an Authorization header, the browser first
// asks for permission. It sends a preflight: an OPTIONS request with the headers Origin and
// Access-Control-Request-Method. The middleware responds to it, and the handler does not see it.
// Every other request that has an Origin is an actual request: the handler runs, and the response
// says who may read it.
//
// # What CORS is not
//
// CORS does not protect the server. A request from a refused origin still reaches the handler, and
// clients other than browsers ignore CORS. So it replaces neither authentication nor protection
// against cross-site request forgery. For the latter, see [CSRFProtection].
//
// # Deployment
//
// Register the middleware once, around the whole server and outside of authentication. Preflights
// have no credentials, so authentication would refuse them, and a page cannot read an error
// response without CORS headers. Routers often have no route for OPTIONS, so a middleware that is
// registered for single routes does not see preflights.
//
// Only one server should write CORS headers. If a proxy adds its own, the response has two
// Access-Control-Allow-Origin lines, which browsers refuse. In a Go proxy, [Strip] removes the
// headers of the upstream server.
//
// Caches must see the Vary header. Unless the policy allows "*", responses depend on Origin, and
// Vary says so.
package core

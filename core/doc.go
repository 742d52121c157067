// Package core implements the CORS engine of Polycors. It works with every web framework.
//
// A [Config] describes which websites may read the responses of a server. [New] compiles it into a
// [Policy]. The policy makes a [Decision] for each [Request], and the decision writes the response
// headers:
//
//	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
//	decision := policy.Decide(ctx, request)
//	decision.ApplyMap(header)
//
// Applications rarely call these functions themselves. Instead, they use a middleware from
// github.com/polycors/cors/adapters, which has one for each supported framework.
//
// # What CORS is
//
// By default, a browser does not let a page of one origin read responses from another origin. With
// CORS (https://fetch.spec.whatwg.org/#http-cors-protocol), a server can send response headers that
// allow it for chosen origins.
//
// For some requests, such as a PUT or a request with an Authorization header, the browser first
// asks the server for permission by sending a preflight. A preflight is an OPTIONS request with the
// headers Origin and Access-Control-Request-Method. The middleware responds to it, and the handler
// does not see it. Every other request that has an Origin header is an actual request. The handler
// runs, and the response headers tell the browser who may read the response.
//
// # What CORS is not
//
// CORS does not protect the server. A request from a refused origin still reaches the handler, and
// clients other than browsers ignore CORS. Therefore CORS does not replace authentication or
// protection against cross-site request forgery. For the latter, see [CSRFProtection].
//
// # Deployment
//
// Register the middleware once, around the whole server and outside of authentication. Preflights
// have no credentials, so authentication would refuse them. Error responses need CORS headers too,
// because otherwise a page cannot read them. Do not register the middleware for single routes only:
// routers often have no route for OPTIONS, so the middleware would not see preflights.
//
// Only one server should write CORS headers. If a proxy adds its own, the response has two
// Access-Control-Allow-Origin lines, and browsers reject it. In a proxy written in Go, use [Strip]
// to remove the headers of the upstream server.
//
// Caches must see the Vary header. Unless the policy allows "*", responses depend on the Origin
// header of the request, and Vary tells caches so.
package core

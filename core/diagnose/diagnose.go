// Package diagnose finds out why a browser blocks a request. It reads the error in the browser's
// console, a fetch call, a curl command or the headers of a request. It then determines what a
// browser does with the request and with the responses, according to the Fetch standard
// (https://fetch.spec.whatwg.org/#http-cors-protocol).
//
//	in, err := diagnose.Read(`fetch("https://api.example.com/items", {method: "PUT"})`)
//	in.Fetch.Origin = "https://app.example.com"
//	report := diagnose.Explain(ctx, policy, in.Fetch)
//
// It also reads a policy as people write it, in JSON, environment variables or Go, and makes the
// change that a [Report] advises:
//
//	p, err := diagnose.ReadPolicy(`{"allow_origins": ["https://app.example.com"]}`)
//	policy, err := core.New(p.Config)
//	fixed, err := p.Apply(report.Changes, report.Enable)
//
// The package is meant for tools. A server does not need it.
package diagnose

package diagnose

import (
	"context"
	"slices"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/field"
	"github.com/polycors/cors/core/internal/origin"
)

// Report explains what happens to a request under a policy.
type Report struct {
	// Readable reports whether the page can read the response.
	Readable bool
	// Summary is the result in a sentence. If the page cannot read the response, it says which check
	// failed, and whether the browser sends the request at all. The reason is in Steps.
	Summary string
	// Steps contains the checks in the order in which they happen: path, origin, method, headers and
	// credentials.
	Steps []Step
	// Exchanges contains what the browser sends: the preflight, if there is one, and the request
	// itself, unless the preflight fails.
	Exchanges []Exchange
	// Verdict is what [Fetch.Judge] returns for the responses in Exchanges. If the origin of the page
	// is not known, its code is [CodeOriginUnknown].
	Verdict Verdict
	// Field is the name of the field in the Config that determined the result, such as
	// "AllowOrigins[0]". It may be empty.
	Field string
	// Fix describes in words what to change. It is "" if the page can read the response.
	Fix string
	// Changes lists the entries to add to the Config so that the page can read the response.
	Changes []core.ConfigChange
	// Enable lists the boolean fields of the Config to set to true, such as "AllowCredentials" or
	// "Routes[2].Config.AllowCredentials". A field may already be true. Changes, Enable and Instead
	// belong together. They are all empty if nothing needs to change, or if no such changes are known.
	Enable []string
	// Instead says what to change in the request, as in [core.Explanation].
	Instead map[string]string
	// Curl is a curl command that sends the last of the Exchanges. It may be empty.
	Curl string
}

// Step is one check of a [Report].
type Step struct {
	Name   string // "path", "origin", "method", "headers" or "credentials"
	Result Result
	Text   string // the reason for the result, in a sentence
}

// Result is the result of a [Step].
type Result string

const (
	Passed    Result = "passed"     // the policy allows it
	Failed    Result = "failed"     // the policy or the browser refuses it
	NotNeeded Result = "not needed" // no permission is needed, as for the method GET
	NotAsked  Result = "not asked"  // an earlier step failed
)

// Exchange is a request that the browser sends, and the part of the response that a policy writes.
type Exchange struct {
	Request     core.Request
	Explanation core.Explanation // why the policy allows or refuses the request
	Response    Response         // the headers that the policy writes; the status is 0 if the handler sets it
}

// Explain determines whether a page can read the response to f if the server has the policy p. If
// not, the report says why, and what to change.
//
// Explain calls [core.Policy.Explain] for each request that the browser sends. It may therefore
// call the AllowOriginFunc of the policy, but not OnDecision.
func Explain(ctx context.Context, p *core.Policy, f Fetch) Report {
	if step, why := f.unsendable(); why != "" {
		return unasked(step, why, "correct the request of the page; no policy can allow it", f.Judge(nil, nil))
	}
	if f.Origin == "" {
		const why = "The origin of the page is not known, so the policy cannot be asked."
		return unasked("origin", why, `give the origin of the page, such as "https://app.example.com"`,
			Verdict{Blocked: CodeOriginUnknown, Message: why})
	}
	x := explainer{ctx: ctx, policy: p, fetch: f}
	x.actual = x.exchange(f.Request())
	if f.isSameOrigin() {
		return x.sameOrigin()
	}
	responses := [2]*Response{nil, &x.actual.Response}
	if r, ok := f.Preflight(); ok {
		preflight := x.exchange(r)
		x.preflight, responses[0] = &preflight, &preflight.Response
	}
	x.report.Verdict = f.Judge(responses[0], responses[1])
	x.report.Readable = x.report.Verdict.Blocked == ""
	x.exchanges()
	x.steps()
	x.fix()
	return x.report
}

// explainer makes one Report.
type explainer struct {
	ctx       context.Context
	policy    *core.Policy
	fetch     Fetch
	preflight *Exchange // nil if there is none
	actual    Exchange
	report    Report
}

// exchange returns a request, and what the policy writes to the response.
func (x *explainer) exchange(r core.Request) Exchange {
	e := Exchange{Request: r, Explanation: x.policy.Explain(x.ctx, r)}
	d := e.Explanation.Decision
	e.Response = Response{Status: d.Status, Header: core.HeaderMap{}}
	d.ApplyMap(e.Response.Header)
	return e
}

// exchanges records what the browser sends.
func (x *explainer) exchanges() {
	last := &x.actual
	if x.preflight != nil {
		x.report.Exchanges = append(x.report.Exchanges, *x.preflight)
		if x.isStopped() {
			last = x.preflight
		}
	}
	if last == &x.actual {
		x.report.Exchanges = append(x.report.Exchanges, x.actual)
	}
	x.report.Curl = last.Explanation.Curl
}

// first returns the first exchange. It is the one that fails if the policy refuses the request.
func (x *explainer) first() *Exchange {
	if x.preflight != nil {
		return x.preflight
	}
	return &x.actual
}

var stepNames = [...]string{"path", "origin", "method", "headers", "credentials"}

// steps records the checks and the summary.
func (x *explainer) steps() {
	failed, because := x.failure()
	for _, name := range stepNames {
		step := Step{Name: name}
		switch {
		case name == failed:
			step.Result, step.Text = Failed, sentence(because)
		case failed != "" && slices.ContainsFunc(x.report.Steps, func(s Step) bool { return s.Result == Failed }):
			step.Result, step.Text = NotAsked, "An earlier check failed."
		default:
			step.Result, step.Text = x.success(name)
		}
		x.report.Steps = append(x.report.Steps, step)
	}
	x.report.Summary = x.summary(failed)
}

// summary returns the summary of a report in which a step failed, or none if failed is "".
func (x *explainer) summary(failed string) string {
	if failed == "" {
		return "The page can read the response."
	}
	subject := map[string]string{
		"path": "the path is", "origin": "the origin of the page is", "method": "the method is",
		"headers": "the headers are", "credentials": "credentials are",
	}[failed]
	result := "The request is sent, but the page cannot read the response: "
	if x.isStopped() {
		result = "The preflight fails, so the request is not sent: "
	}
	return result + subject + " not allowed."
}

// isStopped reports whether the preflight fails, so that the browser does not send the request.
func (x *explainer) isStopped() bool {
	return x.preflight != nil && x.fetch.judgePreflight(&x.preflight.Response).Blocked != ""
}

// failure returns the name of the step that failed, and why. It returns "" if none failed.
func (x *explainer) failure() (step, because string) {
	if x.report.Readable {
		return "", ""
	}
	e := x.first().Explanation
	switch {
	case e.Step != "":
		return e.Step, e.Because
	case e.Decision.Reason == core.ReasonNoPolicy:
		return "path", e.Because
	}
	switch x.report.Verdict.Blocked {
	case CodeAllowCredentialsWildcard:
		return "credentials", `the page sends credentials, but the policy allows "*", ` +
			"which does not include requests with credentials"
	case CodeAllowCredentialsMissing:
		return "credentials", "the page sends credentials, but " + x.actual.Explanation.Field + " is not set"
	}
	return "origin", x.report.Verdict.Message
}

// success returns the result of a step that did not fail.
func (x *explainer) success(step string) (Result, string) {
	method, unsafe := x.fetch.method(), x.fetch.unsafeNames()
	switch step {
	case "path":
		return Passed, "The policy applies to this path."
	case "origin":
		return Passed, x.grantedBy() + " allows the origin " + clip.Shown(x.fetch.Origin) + "."
	case "method":
		if field.IsSafelistedMethod(method) {
			return NotNeeded, method + " needs no permission."
		}
		return Passed, "The policy allows the method " + clip.Shown(method) + "."
	case "headers":
		if len(unsafe) == 0 {
			return NotNeeded, "The page sets no headers that need permission."
		}
		noun := "header "
		if len(unsafe) > 1 {
			noun = "headers "
		}
		return Passed, "The policy allows the " + noun + some(unsafe) + "."
	}
	if !x.fetch.Credentials {
		return NotNeeded, "The page does not send credentials."
	}
	return Passed, "The policy allows credentials."
}

// grantedBy returns the name of the field that allows the origin.
func (x *explainer) grantedBy() string {
	e := &x.actual.Explanation
	if x.fetch.Credentials { // then the field may be AllowCredentials
		f := x.fetch
		f.Credentials = false
		anonymous := x.exchange(f.Request())
		e = &anonymous.Explanation
	}
	if e.Decision.Allowed() && e.Field != "" {
		return e.Field
	}
	return "The policy"
}

// fix records what to change. The preflight and the request itself may need different changes.
func (x *explainer) fix() {
	r := &x.report
	r.Field = x.actual.Explanation.Field
	if r.Readable {
		return
	}
	first := &x.first().Explanation
	if first.Field != "" && !first.Decision.Allowed() {
		r.Field = first.Field
	}
	known := true
	for _, e := range x.explanations() {
		x.merge(e)
		if r.Fix == "" {
			r.Fix = e.Fix
		}
		if e.Fix != "" && len(e.Changes)+len(e.Instead) == 0 && !e.Decision.Allowed() {
			known = false
		}
	}
	if known && x.fetch.Credentials {
		known = x.allowCredentials()
	}
	if !known {
		r.Changes, r.Enable, r.Instead = nil, nil, nil
	}
}

// explanations returns the explanations of the preflight, if there is one, and of the request
// itself.
func (x *explainer) explanations() []*core.Explanation {
	if x.preflight == nil {
		return []*core.Explanation{&x.actual.Explanation}
	}
	return []*core.Explanation{&x.preflight.Explanation, &x.actual.Explanation}
}

// merge adds the changes of an explanation to the report.
func (x *explainer) merge(e *core.Explanation) {
	r := &x.report
	for _, c := range e.Changes {
		isSame := func(other core.ConfigChange) bool { return c.Field == other.Field && slices.Equal(c.Add, other.Add) }
		if !slices.ContainsFunc(r.Changes, isSame) {
			r.Changes = append(r.Changes, c)
		}
	}
	for name, value := range e.Instead {
		if r.Instead == nil {
			r.Instead = map[string]string{}
		}
		r.Instead[name] = value
	}
}

// allowCredentials records that AllowCredentials must be set, unless it is. It returns false if
// that is not enough.
func (x *explainer) allowCredentials() (known bool) {
	r, actual := &x.report, &x.actual.Explanation
	name := x.prefix() + "AllowCredentials"
	if d := &actual.Decision; d.Allowed() {
		if d.AllowCredentials {
			return true
		}
		if r.Fix != actual.Fix {
			r.Fix += "; " + actual.Fix
		}
		if d.AllowOrigin == "*" {
			return false // the origins must be listed, too
		}
		r.Enable = []string{name}
		return true
	}
	// The decision is a refusal, so it does not show whether AllowCredentials is set.
	from := x.fetch.Origin
	if instead, ok := r.Instead["Origin"]; ok {
		from = instead
	}
	if o, ok := origin.Parse(from); !ok || o.Scheme == "http" && !origin.IsLoopback(o.Host) {
		r.Fix = "serve the page from an https origin, list that origin in " + x.prefix() + "AllowOrigins, and set " + name
		return false
	}
	r.Fix += "; set " + name + " as well, unless it is already set"
	r.Enable = []string{name}
	return true
}

// prefix returns what precedes the names of the fields that apply to the path, such as
// "Routes[2].Config.".
func (x *explainer) prefix() string {
	const config = "].Config."
	name := x.report.Field
	for _, c := range x.report.Changes {
		name = c.Field
	}
	if i := strings.Index(name, config); i >= 0 {
		return name[:i+len(config)]
	}
	return ""
}

// sameOrigin explains a request from a page of the server itself.
func (x *explainer) sameOrigin() Report {
	r := Report{
		Readable:  true,
		Summary:   "The page can read the response, because it has the same origin as the server.",
		Exchanges: []Exchange{x.actual},
		Curl:      x.actual.Explanation.Curl,
	}
	for _, name := range stepNames {
		r.Steps = append(r.Steps, Step{name, NotNeeded, "CORS does not apply to requests within the same origin."})
	}
	return r
}

// unasked is the report about a request about which the policy was not asked.
func unasked(failed, why, fix string, verdict Verdict) Report {
	r := Report{Summary: why, Fix: fix, Verdict: verdict}
	for _, name := range stepNames {
		s := Step{name, NotAsked, "The policy was not asked."}
		if name == failed {
			s.Result, s.Text = Failed, why
		}
		r.Steps = append(r.Steps, s)
	}
	return r
}

// sentence returns text with a capital letter and a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

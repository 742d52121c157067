package diagnose

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/chromium"
	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/field"
)

// Response is the part of an HTTP response that determines whether a page may read it.
type Response struct {
	// Status is the status code, or 0 if it is unknown. An unknown status is assumed to be 200.
	Status int
	// Header is the response header. Its keys must be in canonical form.
	Header core.HeaderMap
}

// Verdict says whether a page can read the response to a request, and if not, why.
type Verdict struct {
	Blocked Code   // why the browser blocks the request; "" if the page can read the response
	Message string // what is wrong, in a sentence; "" if nothing is
	Console string // the error that Chromium shows in its console; "" if it shows none, or if it is unknown
}

// Code identifies the reason why a browser blocks a request. The codes will not change, so they are
// suitable for scripts.
type Code string

const (
	// CodeNotSent means that the request is invalid, so the browser does not send it.
	CodeNotSent Code = "not-sent"
	// CodeOriginUnknown means that the origin of the page is not known, so it cannot be determined
	// whether the page can read the response.
	CodeOriginUnknown Code = "origin-unknown"
	// CodeUnreachable means that there was no response.
	CodeUnreachable Code = "unreachable"

	// CodePreflightUnauthorized means that the preflight got status 401 or 403 from something other
	// than a CORS policy. Preflights have no credentials, so authentication must not apply to them.
	CodePreflightUnauthorized Code = "preflight-unauthorized"
	// CodePreflightRedirected means that the response to the preflight is a redirect.
	CodePreflightRedirected Code = "preflight-redirected"
	// CodePreflightNotRouted means that the preflight got status 404 or 405, because the server does
	// not handle OPTIONS requests for this path.
	CodePreflightNotRouted Code = "preflight-not-routed"
	// CodePreflightServerError means that the preflight got a status from 500 to 599.
	CodePreflightServerError Code = "preflight-server-error"
	// CodePreflightStatus means that the preflight got another status that is not from 200 to 299.
	CodePreflightStatus Code = "preflight-status"

	// CodeAllowOriginMissing means that the response has no Access-Control-Allow-Origin header.
	CodeAllowOriginMissing Code = "allow-origin-missing"
	// CodeAllowOriginMismatch means that Access-Control-Allow-Origin is another origin than that of
	// the page, or not an origin.
	CodeAllowOriginMismatch Code = "allow-origin-mismatch"
	// CodeAllowOriginMultiple means that Access-Control-Allow-Origin has several values.
	CodeAllowOriginMultiple Code = "allow-origin-multiple"
	// CodeAllowCredentialsWildcard means that Access-Control-Allow-Origin is "*" although the page
	// sends credentials.
	CodeAllowCredentialsWildcard Code = "allow-credentials-wildcard"
	// CodeAllowCredentialsMissing means that Access-Control-Allow-Credentials is not "true" although
	// the page sends credentials.
	CodeAllowCredentialsMissing Code = "allow-credentials-missing"

	// CodeMethodNotAllowed means that Access-Control-Allow-Methods does not list the method.
	CodeMethodNotAllowed Code = "method-not-allowed"
	// CodeHeaderNotAllowed means that Access-Control-Allow-Headers does not list a request header.
	CodeHeaderNotAllowed Code = "header-not-allowed"
	// CodeListUnreadable means that Access-Control-Allow-Methods or Access-Control-Allow-Headers is
	// not a list of names separated by commas.
	CodeListUnreadable Code = "list-unreadable"

	// CodeRedirectLostOrigin means that the response redirects to a third origin. The browser then
	// sends "Origin: null" to it, which few servers allow.
	CodeRedirectLostOrigin Code = "redirect-lost-origin"
)

// Judge determines whether a page can read the response to f. The arguments are the response to the
// preflight, and the response to the request itself. They are nil if the server did not respond.
// Judge ignores the first one if f needs no preflight, and the second one if the preflight fails.
//
// Judge does not follow redirects. If the response redirects to a URL with the same origin as
// f.URL, or if f is a request within the same origin, the caller must follow the redirect and call
// Judge again with the new URL.
//
// Judge implements the CORS check (https://fetch.spec.whatwg.org/#concept-cors-check) and the
// CORS-preflight fetch (https://fetch.spec.whatwg.org/#cors-preflight-fetch) of the Fetch standard.
func (f Fetch) Judge(preflight, response *Response) Verdict {
	if _, why := f.unsendable(); why != "" {
		return Verdict{Blocked: CodeNotSent, Message: why}
	}
	if _, ok := f.Preflight(); ok {
		if v := f.judgePreflight(preflight); v.Blocked != "" {
			return v
		}
	}
	return f.judgeResponse(response)
}

// judgePreflight judges the response to a preflight (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
func (f Fetch) judgePreflight(r *Response) Verdict {
	if r == nil {
		return Verdict{Blocked: CodeUnreachable, Message: "There was no response to the preflight."}
	}
	if isRedirect(r.Status) {
		message := fmt.Sprintf("The preflight is redirected (status %d), and browsers do not follow.", r.Status)
		return f.blocked(CodePreflightRedirected, message, chromium.InPreflight+chromium.Redirect)
	}
	// Step 7: the CORS check, and the status.
	if v := f.check(r, "preflight", chromium.InPreflight); v.Blocked != "" {
		if code := codeOfStatus(r); v.Blocked == CodeAllowOriginMissing && code != "" {
			v.Blocked, v.Message = code, statusMessage(code, r.Status)
		}
		return v
	}
	if r.Status != 0 && (r.Status < 200 || r.Status > 299) {
		code := codeOfStatus(r)
		switch r.Status {
		case 401:
			code = CodePreflightUnauthorized
		case 403:
			code = CodePreflightStatus // the response allows the origin, so a CORS policy handled the preflight
		}
		return f.blocked(code, statusMessage(code, r.Status), chromium.InPreflight+chromium.NotOK)
	}
	// Steps 7.1 to 7.3: the lists.
	const allowMethods, allowHeaders = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
	methods, ok := list(r, allowMethods)
	if !ok {
		return f.unreadable(allowMethods)
	}
	headers, ok := list(r, allowHeaders)
	if !ok {
		return f.unreadable(allowHeaders)
	}
	// Step 7.5: the method.
	method := f.method()
	anyMethod := !f.Credentials && slices.Contains(methods, "*")
	if !slices.Contains(methods, method) && !field.IsSafelistedMethod(method) && !anyMethod {
		return f.blocked(CodeMethodNotAllowed,
			allowMethods+" in the response to the preflight does not list "+clip.Unquoted(method)+".",
			chromium.Method(clip.Unquoted(method)))
	}
	return f.judgeHeaders(headers)
}

// judgeHeaders judges the list in Access-Control-Allow-Headers.
func (f Fetch) judgeHeaders(listed []string) Verdict {
	for i, name := range listed {
		listed[i] = strings.ToLower(name)
	}
	anyHeader := !f.Credentials && slices.Contains(listed, "*")
	for _, name := range f.unsafeNames() {
		if slices.Contains(listed, name) {
			continue
		}
		const notListed = "Access-Control-Allow-Headers in the response to the preflight does not list "
		switch {
		case !anyHeader: // step 7.7
			return f.blocked(CodeHeaderNotAllowed, notListed+clip.Unquoted(name)+".", chromium.Header(clip.Unquoted(name)))
		case name == "authorization": // step 7.6
			return Verdict{
				Blocked: CodeHeaderNotAllowed,
				Message: notListed + `authorization, which "*" does not include. Some browsers still allow it.`,
			}
		}
	}
	return Verdict{}
}

// judgeResponse judges the response to the request itself.
func (f Fetch) judgeResponse(r *Response) Verdict {
	if r == nil {
		return Verdict{Blocked: CodeUnreachable, Message: "There was no response to the request."}
	}
	if f.isSameOrigin() {
		return Verdict{}
	}
	if v := f.check(r, "request", ""); v.Blocked != "" {
		return v
	}
	// Fetch, HTTP-redirect fetch, step 10: the origin is lost if the redirect leads from another
	// origin to a third one.
	location := r.Header.Field("Location")
	if !isRedirect(r.Status) || location == "" {
		return Verdict{}
	}
	from := f.target()
	to, err := redirectTarget(from, location)
	if err != nil || originOf(from) == "" || originOf(to) == originOf(from) {
		return Verdict{}
	}
	return Verdict{
		Blocked: CodeRedirectLostOrigin,
		Message: "The response redirects from " + clip.Shown(originOf(from)) + " to " + clip.Shown(originOf(to)) +
			`, so the browser sends "Origin: null", which the target would have to allow.`,
	}
}

// redirectTarget returns the URL that a redirect leads to. If it is in the same origin, the path is
// that of the URL from.
func redirectTarget(from *url.URL, location string) (*url.URL, error) {
	location = strings.ReplaceAll(trimValue(location), `\`, "/")
	if strings.HasPrefix(location, "//") {
		location = from.Scheme + ":" + location
	}
	if !hasScheme.MatchString(location) {
		return from, nil
	}
	return parseURL(location)
}

// check is the CORS check (https://fetch.spec.whatwg.org/#concept-cors-check). The argument what
// says what r is the response to, and prefix precedes Chromium's reason.
func (f Fetch) check(r *Response, what, prefix string) Verdict {
	const allowOrigin, allowCredentials = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
	lines, present := r.Header[allowOrigin]
	value := trimValue(strings.Join(lines, ", ")) // step 1
	in := " in the response to the " + what
	switch {
	case !present: // step 2
		return f.blocked(CodeAllowOriginMissing, "The response to the "+what+" has no "+allowOrigin+" header.",
			prefix+chromium.MissingAllowOrigin)
	case value == "*" && !f.Credentials: // step 3
		return Verdict{}
	case value == "*":
		return f.blocked(CodeAllowCredentialsWildcard,
			allowOrigin+in+" is *, which is not enough for a request with credentials.", prefix+chromium.Wildcard)
	case value == "" || value != f.Origin: // step 4
		return f.otherOrigin(value, in, prefix)
	case !f.Credentials: // step 5
		return Verdict{}
	}
	// Steps 6 and 7. The value is case-sensitive.
	if value := trimValue(strings.Join(r.Header[allowCredentials], ", ")); value != "true" {
		return f.blocked(CodeAllowCredentialsMissing,
			allowCredentials+in+" is not true, which a request with credentials needs.",
			prefix+chromium.Credentials(clip.Unquoted(value)))
	}
	return Verdict{}
}

// otherOrigin is the verdict for a value of Access-Control-Allow-Origin that is not the origin of
// the page.
func (f Fetch) otherOrigin(value, in, prefix string) Verdict {
	shown := clip.Unquoted(value)
	if strings.ContainsAny(value, ", ") {
		return f.blocked(CodeAllowOriginMultiple,
			"Access-Control-Allow-Origin"+in+" has several values: "+shown+".", prefix+chromium.SeveralOrigins(shown))
	}
	why := chromium.OtherOrigin(shown)
	if u, err := url.Parse(value); value != "null" && (err != nil || u.Scheme == "") {
		why = chromium.InvalidOrigin(shown)
	}
	page := clip.Shown(f.Origin)
	if page == "" {
		page = "not known"
	}
	return f.blocked(CodeAllowOriginMismatch,
		"Access-Control-Allow-Origin"+in+" is "+quoted(value)+", and the origin of the page is "+page+".", prefix+why)
}

// blocked returns a verdict. The argument why is Chromium's reason.
func (f Fetch) blocked(code Code, message, why string) Verdict {
	v := Verdict{Blocked: code, Message: message}
	if f.Origin != "" {
		v.Console = chromium.Message(clip.Unquoted(f.href()), clip.Unquoted(f.Origin), why)
	}
	return v
}

// href returns the URL as Chromium prints it.
func (f Fetch) href() string {
	u := *f.target()
	u.User = nil
	if u.Host == "" {
		u.Scheme, u.Host = "https", "HOST"
	}
	return u.String()
}

func (f Fetch) unreadable(name string) Verdict {
	return f.blocked(CodeListUnreadable,
		name+" in the response to the preflight is not a list of names separated by commas.", chromium.Unreadable(name))
}

// list returns the elements of a header whose value is a list of tokens. It returns false if the
// list is malformed.
func list(r *Response, name string) (elements []string, ok bool) {
	for element := range strings.SplitSeq(strings.Join(r.Header[name], ","), ",") {
		switch element = trimValue(element); {
		case element == "":
		case !field.IsToken(element):
			return nil, false
		default:
			elements = append(elements, element)
		}
	}
	return elements, true
}

func isRedirect(status int) bool {
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308
}

// codeOfStatus returns the code for a status that is not from 200 to 299. It returns "" for all
// other statuses, and if a CORS policy refused the preflight with status 401 or 403.
func codeOfStatus(r *Response) Code {
	switch {
	case r.Status == 0 || r.Status >= 200 && r.Status <= 299:
		return ""
	case r.Status == 401 || r.Status == 403:
		if variesByOrigin(r) {
			return ""
		}
		return CodePreflightUnauthorized
	case r.Status == 404 || r.Status == 405:
		return CodePreflightNotRouted
	case r.Status >= 500:
		return CodePreflightServerError
	}
	return CodePreflightStatus
}

// variesByOrigin reports whether the Vary header shows that the response is from a CORS policy.
func variesByOrigin(r *Response) bool {
	for name := range strings.SplitSeq(strings.Join(r.Header["Vary"], ","), ",") {
		name = trimValue(name)
		if strings.EqualFold(name, "Origin") || strings.EqualFold(name, "Access-Control-Request-Method") {
			return true
		}
	}
	return false
}

// statusMessage describes a status of the response to a preflight.
func statusMessage(code Code, status int) string {
	text := fmt.Sprintf("The response to the preflight has status %d", status)
	switch code {
	case CodePreflightUnauthorized:
		return text + ", probably because something requires authentication. Preflights have no credentials."
	case CodePreflightNotRouted:
		return text + ", because the server does not handle OPTIONS requests for this path."
	}
	return text + ", and browsers require a status from 200 to 299."
}

func quoted(s string) string { return clip.Quoted(s) }

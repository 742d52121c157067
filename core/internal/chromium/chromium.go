// Package chromium has the error messages that Chromium prints to its console when it blocks a
// cross-origin request. The texts are from
// third_party/blink/renderer/platform/loader/cors/cors_error_string.cc.
//
// Some versions of Chromium append advice about no-cors, which is left out.
package chromium

// Message returns the message about a fetch call. The argument why is one of the reasons below,
// with InPreflight before it if it is about the response to a preflight.
func Message(url, origin, why string) string {
	return "Access to fetch at '" + url + "' from origin '" + origin + "' has been blocked by CORS policy: " + why
}

// InPreflight precedes a reason that is about the response to a preflight. It does not precede
// reasons that mention the preflight themselves.
const InPreflight = "Response to preflight request doesn't pass access control check: "

// Reasons that are always the same.
const (
	MissingAllowOrigin = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	Wildcard           = "The value of the 'Access-Control-Allow-Origin' header in the response must not be the " +
		"wildcard '*' when the request's credentials mode is 'include'."
	NotOK    = "It does not have HTTP ok status."
	Redirect = "Redirect is not allowed for a preflight request."
)

const validValue = " Have the server send the header with a valid value."

// SeveralOrigins is the reason for an Access-Control-Allow-Origin header with several values.
func SeveralOrigins(value string) string {
	return "The 'Access-Control-Allow-Origin' header contains multiple values '" + value +
		"', but only one is allowed." + validValue
}

// InvalidOrigin is the error that the value of the Access-Control-Allow-Origin header is not a
// valid origin.
func InvalidOrigin(value string) string {
	return "The 'Access-Control-Allow-Origin' header contains the invalid value '" + value + "'." + validValue
}

// OtherOrigin is the reason for an Access-Control-Allow-Origin header with another origin.
func OtherOrigin(value string) string {
	return "The 'Access-Control-Allow-Origin' header has a value '" + value +
		"' that is not equal to the supplied origin." + validValue
}

// Credentials is the reason for an Access-Control-Allow-Credentials header that is not "true". The
// value is "" if there is no such header.
func Credentials(value string) string {
	return "The value of the 'Access-Control-Allow-Credentials' header in the response is '" + value +
		"' which must be 'true' when the request's credentials mode is 'include'."
}

// Method is the reason for a method that Access-Control-Allow-Methods does not list.
func Method(method string) string {
	return "Method " + method + " is not allowed by Access-Control-Allow-Methods in preflight response."
}

// Header is the reason for a request header that Access-Control-Allow-Headers does not list. The
// name is in lower case.
func Header(name string) string {
	return "Request header field " + name + " is not allowed by Access-Control-Allow-Headers in preflight response."
}

// Unreadable is the reason for a list that is malformed. The name is Access-Control-Allow-Methods
// or Access-Control-Allow-Headers.
func Unreadable(name string) string {
	return "Cannot parse " + name + " response header field in preflight response."
}

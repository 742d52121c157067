package field

import (
	"net/textproto"
	"regexp"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
)

// This file recognizes the names of constants, such as http.MethodPut, HttpMethod.PUT and
// header::CONTENT_TYPE. As methods or header names they would allow nothing, because no browser
// sends them.

var (
	// qualified matches a name and the packages or types that it is in. Java has
	// HttpMethod.PUT.name() as well.
	qualified = regexp.MustCompile(`^(\w+(?:(?:\.|::)\w+)*?(?:\.|::))?(\w+?)` +
		`(?:(?:\.(?:name|toString|value|as_str))?\(\))?$`)
	// methodPrefix matches what Go, PHP and other languages put before a method.
	methodPrefix = regexp.MustCompile(`^(?:Method|METHOD_|HTTP_|Http)`)
	methodType   = regexp.MustCompile(`(?i:methods?)(?:\.|::)$`)
	headerType   = regexp.MustCompile(`(?i:headers?|header_?names?)(?:\.|::)$`)
	// camelCase matches the places in a name such as XRequestedWith where a hyphen belongs.
	camelCase = regexp.MustCompile(`([a-z0-9])([A-Z])|^(X)([A-Z])`)
)

// constant returns the method or header whose constant has the given name. It returns "" for other
// names, and "all" for a constant that means every method.
func (k entries) constant(name string) string {
	m := qualified.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	if k.isHeader {
		return headerConstant(m[1], m[2])
	}
	return methodConstant(m[1], m[2])
}

func methodConstant(qualifier, name string) string {
	prefix := methodPrefix.FindString(name)
	method := strings.ToUpper(name[len(prefix):])
	isOfType := methodType.MatchString(qualifier) || qualifier != "" && strings.EqualFold(prefix, "method")
	switch {
	case qualifier == "" && prefix == "" || method == "":
		return ""
	case isOfType && (anyWords[strings.ToLower(method)] || method == "VALUES"):
		return "all"
	case isOfType || commonMethods[method] || IsForbiddenMethod(method):
		return method
	}
	return ""
}

func headerConstant(qualifier, name string) string {
	short, isGo := strings.CutPrefix(name, "Header") // as in echo.HeaderAuthorization
	if isGo = isGo && short != "" && 'A' <= short[0] && short[0] <= 'Z'; isGo {
		name = short
	}
	if !isGo && !headerType.MatchString(qualifier) {
		return ""
	}
	header, squashed := "", strings.ToLower(strings.ReplaceAll(name, "_", ""))
	for known := range wellKnown { // such as etag, which has no hyphen
		// x-csrf-token comes before x-csrftoken.
		if strings.ReplaceAll(known, "-", "") == squashed && (header == "" || known < header) {
			header = known
		}
	}
	switch {
	case header == "" && qualifier == "":
		return "" // it may be a header of the author's own, such as HeaderVersion
	case header == "":
		header = strings.ReplaceAll(camelCase.ReplaceAllString(name, "$1$3-$2$4"), "_", "-")
	}
	return textproto.CanonicalMIMEHeaderKey(header)
}

// checkConstant refuses an entry that is the name of a constant. name is what the constant means.
func (k entries) checkConstant(name string) *problem.Problem {
	bad := k.check(name)
	if bad == nil {
		return problem.New("this is the name of a constant, not of a "+k.noun(), write(name))
	}
	return bad
}

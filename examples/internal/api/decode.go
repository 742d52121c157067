package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

const maxBody = 64 << 10

// decode decodes a body of at most maxBody bytes into *into. If that fails, it returns false and
// the response that refuses the body. example is a valid body, for error messages.
func decode(contentType string, body io.Reader, into any, example string) (Response, bool) {
	// A form on any website can send text/plain or application/x-www-form-urlencoded. The browser adds
	// the cookies and sends no preflight. Only application/json always needs a preflight, so requiring
	// it makes every write subject to the policy.
	if mediaType, _, err := mime.ParseMediaType(contentType); err != nil || mediaType != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "send the body as JSON, with Content-Type: application/json"), false
	}
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err != nil:
		return refuse(http.StatusBadRequest, "the body ended early"), false
	case len(data) > maxBody:
		return refuse(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody), false
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return refuse(http.StatusBadRequest, "the body is empty; send JSON such as %s", example), false
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return refuse(http.StatusBadRequest, "%q has the wrong type (%s); send JSON such as %s",
			wrongType.Field, wrongType.Value, example), false
	case errors.As(err, &wrongType):
		return refuse(http.StatusBadRequest, "the body has the wrong type (%s); send JSON such as %s",
			wrongType.Value, example), false
	case err != nil:
		return refuse(http.StatusBadRequest, "the body cannot be used (%s); send JSON such as %s",
			strings.TrimPrefix(err.Error(), "json: "), example), false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, "the body has more than one value; send JSON such as %s", example), false
	}
	return Response{}, true
}

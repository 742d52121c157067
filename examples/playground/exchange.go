package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

// exchange is one request to a framework's server, the decision about it, and the response. A
// redirect leads to a second exchange, and so does a preflight.
type exchange struct {
	ID        uint64           `json:"id"` // ascending
	Token     string           `json:"token,omitempty"`
	Framework string           `json:"framework"`
	At        time.Time        `json:"at"`
	Method    string           `json:"method"`
	Target    string           `json:"target"`   // as the server saw it
	Request   [][2]string      `json:"request"`  // header lines
	Decision  core.Explanation `json:"decision"` // zero if the adapter did not call Decide
	Status    int              `json:"status"`
	Response  [][2]string      `json:"response"` // header lines, without those that the server adds, such as Date
}

// exchangeKey is the key of the *exchange in a request's context.
type exchangeKey struct{}

// decider decides by the shared policy, and writes an explanation of each decision to the request's
// exchange.
type decider struct{ live *core.Live }

// Decide implements [core.Decider].
func (d decider) Decide(ctx context.Context, r core.Request) core.Decision {
	p := d.live.Load() // once, so that the decision and its explanation are from the same policy
	decision := p.Decide(ctx, r)
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	explainer, can := p.(interface {
		Explain(context.Context, core.Request) core.Explanation
	})
	if ok && can {
		e.Decision = written(explainer.Explain(ctx, r))
	}
	return decision
}

// written returns an explanation in the terms of the page. The policy of the servers is JSON, so
// settings have their keys in JSON instead of the names of the fields in Go.
func written(e core.Explanation) core.Explanation {
	if strings.HasPrefix(e.Path, shutPrefix) && strings.Contains(e.Because, strconv.Quote(e.Path)) {
		// The visitor's policy does not have the route of a path in [policy.shut].
		e.Because = "the playground refuses this path for a moment, to show that a policy can be changed"
		e.Field, e.Fix = "", ""
		return e
	}
	p := diagnose.Policy{Notation: diagnose.JSON}
	e.Because, e.Field, e.Fix = p.Translate(e.Because), p.Translate(e.Field), p.Translate(e.Fix)
	return e
}

// tapHTTP writes all requests and responses of a net/http handler to the journal. It is the
// outermost handler.
func tapHTTP(name string, j *journal, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{
			Framework: name, At: time.Now(), Token: cleanToken(r.URL.Query().Get("t")),
			Method: r.Method, Target: bound(r.RequestURI),
		}
		e.Request = appendLine(nil, "Host", r.Host)
		for field, values := range r.Header {
			for _, value := range values {
				e.Request = appendLine(e.Request, field, value)
			}
		}
		sortLines(e.Request)
		tap := &responseTap{ResponseWriter: w, exchange: e}
		defer func() {
			tap.note(http.StatusOK)
			j.add(e)
		}()
		next.ServeHTTP(tap, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e)))
	})
}

// responseTap records the status and the header that a handler writes. It hides the other methods
// of the ResponseWriter, which the API does not need.
type responseTap struct {
	http.ResponseWriter
	exchange *exchange
	noted    bool
}

func (t *responseTap) note(status int) {
	if t.noted {
		return
	}
	t.noted = true
	t.exchange.Status = status
	for field, values := range t.Header() {
		for _, value := range values {
			t.exchange.Response = appendLine(t.exchange.Response, field, value)
		}
	}
	sortLines(t.exchange.Response)
}

// WriteHeader implements [http.ResponseWriter].
func (t *responseTap) WriteHeader(status int) {
	t.note(status)
	t.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (t *responseTap) Write(data []byte) (int, error) {
	t.note(http.StatusOK)
	return t.ResponseWriter.Write(data)
}

// tapFast is tapHTTP for fasthttp.
func tapFast(name string, j *journal, next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		e := &exchange{
			Framework: name, At: time.Now(), Token: cleanToken(string(ctx.QueryArgs().Peek("t"))),
			Method: string(ctx.Method()), Target: bound(string(ctx.RequestURI())),
		}
		for field, value := range ctx.Request.Header.All() {
			e.Request = appendLine(e.Request, string(field), string(value))
		}
		sortLines(e.Request)
		ctx.SetUserValue(exchangeKey{}, e)
		defer func() {
			e.Status = ctx.Response.StatusCode()
			for field, value := range ctx.Response.Header.All() {
				e.Response = appendLine(e.Response, string(field), string(value))
			}
			sortLines(e.Response)
			j.add(e)
		}()
		next(ctx)
	}
}

const (
	maxLines = 40  // kept of a header
	maxValue = 600 // bytes kept of a name or value
)

// appendLine appends a header line. It limits the number and the length of the lines. Of cookies
// and credentials it keeps only the names, because a browser sends the cookies of a host to all its
// ports, so there may be cookies of other programs.
func appendLine(lines [][2]string, field, value string) [][2]string {
	if len(lines) >= maxLines || strings.HasPrefix(field, ":") {
		return lines
	}
	switch strings.ToLower(field) {
	case "cookie":
		var names []string
		for pair := range strings.SplitSeq(value, ";") {
			name, _, _ := strings.Cut(strings.TrimSpace(pair), "=")
			names = append(names, name+"=…")
		}
		value = strings.Join(names, "; ")
	case "authorization":
		scheme, _, _ := strings.Cut(value, " ")
		value = scheme + " …"
	}
	return append(lines, [2]string{bound(field), bound(value)})
}

func sortLines(lines [][2]string) {
	slices.SortStableFunc(lines, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
}

func bound(s string) string {
	if len(s) > maxValue {
		return s[:maxValue] + "…"
	}
	return s
}

// value returns the value of a response header field.
func (e *exchange) value(field string) (string, bool) {
	for _, line := range e.Response {
		if strings.EqualFold(line[0], field) {
			return line[1], true
		}
	}
	return "", false
}

package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/core"
)

// exchange is one request to a framework's server, what was decided about it, and the answer. A
// redirect makes two, and so does a preflight.
type exchange struct {
	ID        uint64           `json:"id"` // ascending
	Token     string           `json:"token,omitempty"`
	Framework string           `json:"framework"`
	At        time.Time        `json:"at"`
	Method    string           `json:"method"`
	Target    string           `json:"target"`   // as the server saw it
	Request   [][2]string      `json:"request"`  // header lines
	Decision  core.Explanation `json:"decision"` // zero if the adapter did not ask
	Status    int              `json:"status"`
	Response  [][2]string      `json:"response"` // header lines, without those that a server adds last, such as Date
}

// exchangeKey is the key of the *exchange in a request's context.
type exchangeKey struct{}

// decider answers the adapter of one framework as the shared policy does, and notes the decision in
// the exchange that it belongs to.
type decider struct{ live *core.Live }

// Decide implements [core.Decider].
func (d decider) Decide(ctx context.Context, r core.Request) core.Decision {
	policy := d.live.Load() // once, so that what is explained is what was decided
	decision := policy.Decide(ctx, r)
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	explainer, can := policy.(interface {
		Explain(context.Context, core.Request) core.Explanation
	})
	if ok && can {
		e.Decision = explainer.Explain(ctx, r)
	}
	return decision
}

// tapHTTP writes what passes through a handler of net/http to the journal. It stands outside of
// everything else.
func tapHTTP(name string, j *journal, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{Framework: name, At: time.Now(), Token: cleanToken(r.URL.Query().Get("t")), Method: r.Method, Target: bound(r.RequestURI)}
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

// responseTap notes the status and the header that a handler writes. The API neither streams nor
// upgrades, so nothing else of the ResponseWriter is missed.
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
	maxLines = 40  // of a header that are kept
	maxValue = 600 // bytes of a value that are kept
)

// appendLine appends a header line, within bounds. Cookies of a host are those of everything that
// runs on it, whatever its port, so of cookies and credentials only the names are kept.
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

// value returns the value of a header field of the answer.
func (e *exchange) value(field string) (string, bool) {
	for _, line := range e.Response {
		if strings.EqualFold(line[0], field) {
			return line[1], true
		}
	}
	return "", false
}

package corsfasthttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/polycors/cors/adapters/corsfasthttp"
	"github.com/polycors/cors/core"
)

// A client cannot hide a field of the header from a policy, and cannot add one
// after the body. Every request is sent to net/http as well, and fasthttp must give the same
// response or refuse the request.
func TestHiddenFields(t *testing.T) {
	const (
		evil    = "Origin: https://evil.example"
		cross   = "Sec-Fetch-Site: cross-site"
		same    = "Sec-Fetch-Site: same-origin"
		self    = "Origin: https://api.example"
		chunked = "Transfer-Encoding: chunked"
	)
	// send creates a request with a chunked body. The elements of lines after "" are sent after the
	// body.
	send := func(method string, lines ...string) string {
		i := slices.Index(lines, "")
		if i < 0 {
			i = len(lines)
			lines = append(lines, "")
		}
		head := append([]string{method + " /items HTTP/1.1", "Host: api.example"}, lines[:i]...)
		return strings.Join(head, "\r\n") + "\r\n\r\n2\r\nhi\r\n0\r\n" +
			strings.Join(append(lines[i+1:], "\r\n"), "\r\n")
	}
	sized := func(lines ...string) string {
		head := append([]string{"POST /items HTTP/1.1", "Host: api.example", "Content-Length: 2"}, lines...)
		return strings.Join(head, "\r\n") + "\r\n\r\nhi"
	}
	type row struct {
		name, request     string
		protected, forbid int // the status of net/http with a CSRFProtection, and with ForbidDisallowed
	}
	rows := []row{
		{"plain, cross-site", sized(evil, cross), 403, 403},
		{"plain, from nowhere", sized(), 200, 200},
		{"plain, chunked, cross-site", send("POST", chunked, evil, cross), 403, 403},
		{"plain, chunked, same-origin", send("POST", chunked, self, same), 200, 200},

		{"Trailer names the fields, sized", sized("Trailer: Origin, Sec-Fetch-Site", evil, cross), 403, 403},
		{"Trailer names the fields, chunked", send("POST", chunked, "Trailer: Origin, Sec-Fetch-Site", evil, cross), 403,
			403},
		{"Trailer comes last", sized(evil, cross, "Trailer: Origin,Sec-Fetch-Site"), 403, 403},
		{"Trailer in two lines", sized("Trailer: Origin", "Trailer: Sec-Fetch-Site", evil, cross), 403, 403},
		{"Trailer in lower case", sized("trailer: origin, sec-fetch-site", evil, cross), 403, 403},
		{"Trailer in upper case", sized("TRAILER: ORIGIN, SEC-FETCH-SITE", evil, cross), 403, 403},
		{"Trailer, GET", "GET /items HTTP/1.1\r\nHost: api.example\r\nTrailer: Origin\r\n" + evil + "\r\n\r\n", 200, 403},

		{"an undeclared trailer", send("POST", chunked, evil, "", same), 403, 403},
		{"an announced trailer", send("POST", chunked, evil, "Trailer: Sec-Fetch-Site", "", same), 403, 403},
		{"a second line as a trailer", send("POST", chunked, evil, cross, "", same), 403, 403},
		{"a second line as an announced trailer", send("POST", chunked, evil, cross, "Trailer: Sec-Fetch-Site", "", same),
			403, 403},
		{"the trailer is cross-site", send("POST", chunked, self, same, "", cross), 200, 200},
		{"the announced trailer is cross-site", send("POST", chunked, self, same, "Trailer: Sec-Fetch-Site", "", cross), 200,
			200},
		{"Origin as a trailer, too", send("POST", chunked, evil, "", self), 403, 403},
		{"Origin as an announced trailer, too", send("POST", chunked, evil, "Trailer: Origin", "", self), 403, 403},
		{"an allowed Origin as a trailer, too", send("POST", chunked, evil, "", app), 403, 403},
		{"another Origin as a trailer", send("POST", chunked, app, same, "", evil), 200, 200},
		{"everything as trailers", send("POST", chunked, "", evil, cross), 200, 200},
		{"everything as announced trailers", send("POST", chunked, "Trailer: Origin, Sec-Fetch-Site", "", evil, cross), 200,
			200},
		{"two lines and a trailer", send("POST", chunked, evil, evil, "", same, app), 403, 403},
		{"two lines that are allowed, one of them a trailer", send("POST", chunked, app, same, "", app), 200, 200},
		{"names of trailers in lower case", send("POST", chunked, evil, "", strings.ToLower(same)), 403, 403},
		{"names of trailers in upper case", send("POST", chunked, evil, "", "SEC-FETCH-SITE: same-origin"), 403, 403},
		{"a preflight's method as a trailer", send("OPTIONS", chunked, app, "", "Access-Control-Request-Method: PUT"), 200,
			200},
		{"a preflight's headers as a trailer", send("OPTIONS", chunked, app, "Access-Control-Request-Method: PUT", "",
			"Access-Control-Request-Headers: x-evil"), 204, 204},
		{"a PUT", send("PUT", chunked, evil, "", same), 403, 403},
		{"a GET", send("GET", chunked, evil, "", app), 200, 403},

		{"coding in lower case", send("POST", "transfer-encoding: chunked", evil, "", same), 403, 403},
		{"coding in upper case", send("POST", "TRANSFER-ENCODING: CHUNKED", evil, "", same), 403, 403},
		{"coding in mixed case", send("POST", "tRANSFER-eNCODING: cHUNKED", evil, "", same), 403, 403},
		{"coding without a blank", send("POST", "Transfer-Encoding:chunked", evil, "", same), 403, 403},
		{"coding with blanks", send("POST", "Transfer-Encoding:  \t chunked \t", evil, "", same), 403, 403},
		{"coding folded", send("POST", "Transfer-Encoding:\r\n chunked", evil, "", same), 403, 403},
		{"coding last", send("POST", evil, chunked, "", same), 403, 403},
		{"coding and a length", send("POST", "Content-Length: 2", chunked, evil, "", same), 403, 403},
		{"coding and a length, the other way round", send("POST", chunked, "Content-Length: 2", evil, "", same), 403, 403},
		{"coding twice", send("POST", chunked, chunked, evil, "", same), 501, 501},
		{"coding with another", send("POST", "Transfer-Encoding: gzip, chunked", evil, "", same), 501, 501},
		{"coding of another kind", send("POST", "Transfer-Encoding: x", evil, "", same), 501, 501},
		{"coding with a parameter", send("POST", "Transfer-Encoding: chunked;a=b", evil, "", same), 501, 501},

		{"names in lower case", sized("origin: https://evil.example", "sec-fetch-site: cross-site"), 403, 403},
		{"names in upper case", sized("ORIGIN: https://evil.example", "SEC-FETCH-SITE: cross-site"), 403, 403},
		{"names in mixed case", sized("oRiGiN: https://evil.example", "sEC-fETCH-sITE: cross-site"), 403, 403},
		{"a second line in upper case", sized(app, same, "ORIGIN: https://evil.example", "SEC-FETCH-SITE: cross-site"), 403,
			403},
		{"a preflight in upper case", "OPTIONS /items HTTP/1.1\r\nHost: api.example\r\nORIGIN: https://app.example\r\n" +
			"ACCESS-CONTROL-REQUEST-METHOD: PUT\r\nACCESS-CONTROL-REQUEST-HEADERS: x-a\r\n" +
			"access-control-request-headers: x-b\r\n\r\n", 204, 204},
		{"a name that only begins or ends like Origin", sized("Origins: https://evil.example",
			"X-Origin: https://evil.example"), 200, 200},
		{"a folded value that refuses", sized(self, "Sec-Fetch-Site:\r\n cross-site"), 403, 403},
		{"a folded value that allows", sized(evil, "Sec-Fetch-Site:\r\n same-origin"), 200, 200},
		{"a folded value in a chunked request", send("POST", chunked, self, "SEC-FETCH-SITE:\r\n\tcross-site", "", same), 403,
			403},
		{"a folded value of several words", sized(self, "Sec-Fetch-Site: same-origin\r\n\t, same-origin"), 403, 403},

		{"a blank before the colon", sized("Origin : https://evil.example", "Sec-Fetch-Site : cross-site"), 400, 400},
		{"blanks before the colon, and an allowed value", sized(app, "Origin  : https://app.example", cross), 400, 400},
		{"a blank before the colon, chunked", send("POST", chunked, evil, "Sec-Fetch-Site : same-origin"), 400, 400},
		{"a blank before the colon of a coding", send("POST", "Transfer-Encoding : chunked", evil, "", same), 400, 400},

		{"a host without a name", "POST /items HTTP/1.0\r\nContent-Length: 0\r\nORIGIN: https://evil.example\r\n\r\n", 403,
			403},
	}
	protection, err := core.NewCSRFProtection(core.CSRFConfig{})
	if err != nil {
		t.Fatal(err)
	}
	cors := compile(t, core.Config{
		AllowOrigins: []string{"https://app.example"}, AllowMethods: []string{"GET", "POST", "PUT"},
		AllowHeaders: []string{"x-a", "x-b"}, AllowCredentials: true, ForbidDisallowed: true,
	})
	open := compile(t, core.Config{AllowOrigins: []string{"https://app.example"}, AllowMethods: []string{"PUT"},
		AllowHeaders: []string{"*"}})
	kinds := []struct {
		name     string
		deciders []core.Decider // outermost first
		want     func(row) int
	}{
		{"protection", []core.Decider{open, protection}, func(r row) int { return r.protected }},
		{"forbid", []core.Decider{cors}, func(r row) int { return r.forbid }},
	}
	// Middleware outside reads the body, so fasthttp has already read the trailers.
	reading := func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) { ctx.PostBody(); next(ctx) }
	}
	servers := map[string]func(h fasthttp.RequestHandler) *fasthttp.Server{
		"plain": func(h fasthttp.RequestHandler) *fasthttp.Server { return &fasthttp.Server{Handler: h} },
		"names as sent": func(h fasthttp.RequestHandler) *fasthttp.Server {
			return &fasthttp.Server{Handler: h, DisableHeaderNamesNormalizing: true}
		},
		"stream": func(h fasthttp.RequestHandler) *fasthttp.Server {
			return &fasthttp.Server{Handler: h, StreamRequestBody: true}
		},
		"stream that is read before": func(h fasthttp.RequestHandler) *fasthttp.Server {
			return &fasthttp.Server{Handler: reading(h), StreamRequestBody: true}
		},
		"stream that is read before, names as sent": func(h fasthttp.RequestHandler) *fasthttp.Server {
			return &fasthttp.Server{Handler: reading(h), StreamRequestBody: true, DisableHeaderNamesNormalizing: true}
		},
	}
	for _, kind := range kinds {
		reference := httptest.NewServer(onNetHTTP(kind.deciders))
		t.Cleanup(reference.Close)
		wants := make([]answer, len(rows))
		for i, r := range rows {
			wants[i] = exchange(t, reference.Listener.Addr().String(), r.request)
			if want := kind.want(r); wants[i].status != want {
				t.Errorf("%s/%s: net/http responds %d, want %d", kind.name, r.name, wants[i].status, want)
			}
		}
		for name, server := range servers {
			handler := fasthttp.RequestHandler(ok)
			for _, d := range slices.Backward(kind.deciders) {
				handler = corsfasthttp.Middleware(d)(handler)
			}
			addr := start(t, server(handler))
			for i, r := range rows {
				t.Run(kind.name+"/"+name+"/"+r.name, func(t *testing.T) {
					got, want := exchange(t, addr, r.request), wants[i]
					switch {
					case got.status == 400 && got.cors() == nil: // fasthttp refuses the request
					case want.status == 501 || want.status == 400:
						// net/http refuses the request, and some versions of fasthttp do not.
						if got.status != 403 {
							t.Errorf("got %d, want 400 or 403", got.status)
						}
					case got.status != want.status || got.body != want.body || !slices.Equal(got.cors(), want.cors()):
						t.Errorf("got %d, %q and %q, net/http responds %d, %q and %q", got.status, got.cors(), got.body,
							want.status, want.cors(), want.body)
					}
				})
			}
		}
	}
}

// onNetHTTP serves the policies on net/http, as directly as possible.
func onNetHTTP(deciders []core.Decider) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, d := range deciders {
			decision := d.Decide(r.Context(), core.Request{
				Method: r.Method, Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, Header: core.HeaderMap(r.Header),
			})
			decision.ApplyMap(w.Header())
			if decision.Status != 0 {
				w.WriteHeader(decision.Status)
				return
			}
		}
		io.WriteString(w, "ok")
	})
}

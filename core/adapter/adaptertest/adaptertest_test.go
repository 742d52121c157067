package adaptertest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/adapter"
)

// plain is a correct adapter.
func plain(d core.Decider, next http.Handler) http.Handler {
	return adapter.Middleware("plain", d)(next)
}

type middleware func(d core.Decider, next http.Handler) http.Handler

// asNetHTTP returns a NetHTTP for the middleware m.
func (m middleware) asNetHTTP() NetHTTP {
	withDecider := func(d core.Decider) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler { return m(d, next) }
	}
	return StandardNetHTTP("plain", func(cfg core.Config) func(http.Handler) http.Handler {
		return withDecider(adapter.MustPolicy("plain", cfg))
	}, withDecider)
}

func TestRun(t *testing.T) { Run(t, middleware(plain).asNetHTTP().Serve) }

func TestRunNetHTTP(t *testing.T) { RunNetHTTP(t, middleware(plain).asNetHTTP()) }

// collector collects the failures of one case.
type collector struct{ texts []string }

func (c *collector) Helper() {}

func (c *collector) Errorf(format string, args ...any) {
	c.texts = append(c.texts, fmt.Sprintf(format, args...))
}

// passes runs the cases with the given names, and returns the names of those that an adapter
// passes.
func passes(t *testing.T, serve Serve, names []string) (passed []string) {
	t.Helper()
	ran := 0
	run(t, serve, names, func(name string, check func(r reporter)) {
		if !slices.Contains(names, name) {
			return
		}
		ran++
		var c collector
		if check(&c); len(c.texts) == 0 {
			passed = append(passed, name)
		}
	})
	if ran != len(names) {
		t.Errorf("%d of the cases %q exist", ran, names)
	}
	return passed
}

// fails returns the names of the cases that an adapter fails.
func fails(t *testing.T, serve Serve) (failed []string) {
	t.Helper()
	run(t, serve, nil, func(name string, check func(r reporter)) {
		var c collector
		if check(&c); len(c.texts) > 0 {
			failed = append(failed, name)
		}
	})
	return failed
}

// TestRunFindsMistakes contains a broken adapter for each mistake that the suite must find.
func TestRunFindsMistakes(t *testing.T) {
	// wrong replaces the whole adapter.
	wrong := func(serve func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler)) middleware {
		return func(d core.Decider, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(d, w, r, next) })
		}
	}
	// custom is an adapter whose steps can be replaced. A nil step is the same as in plain.
	custom := func(
		edit func(r *core.Request),
		apply func(d *core.Decision, h http.Header),
		finish func(d core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler),
	) middleware {
		return wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
			request := adapter.Request(r)
			if edit != nil {
				edit(&request)
			}
			decided := false
			defer func() {
				if !decided {
					core.Strip(w.Header())
				}
			}()
			decision := d.Decide(r.Context(), request)
			decided = true
			if apply != nil {
				apply(&decision, w.Header())
			} else {
				decision.ApplyMap(w.Header())
			}
			switch {
			case decision.Status == 0:
				next.ServeHTTP(w, r)
			case finish != nil:
				finish(decision, w, r, next)
			default:
				w.Header().Del("Allow")
				w.Header().Del("Content-Type")
				w.WriteHeader(decision.Status)
			}
		})
	}
	if failed := fails(t, custom(nil, nil, nil).asNetHTTP().Serve); len(failed) > 0 {
		t.Fatalf("without a mistake it fails %q", failed)
	}
	shown := func(edit func(*core.Request)) middleware { return custom(edit, nil, nil) }
	written := func(apply func(d *core.Decision, h http.Header)) middleware { return custom(nil, apply, nil) }
	type finish = func(d core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler)
	answeredBy := func(f finish) middleware { return custom(nil, nil, f) }
	// believes takes a value from one of the given fields.
	believes := func(set func(r *core.Request, value string), names ...string) middleware {
		return shown(func(r *core.Request) {
			for _, name := range names {
				if value := r.Header.Field(name); value != "" {
					set(r, value)
				}
			}
		})
	}
	believesPath := func(names ...string) middleware {
		return believes(func(r *core.Request, value string) { r.Path = value }, names...)
	}
	believesHost := func(names ...string) middleware {
		return believes(func(r *core.Request, value string) { r.Host = value }, names...)
	}
	believesMethod := func(names ...string) middleware {
		return believes(func(r *core.Request, value string) { r.Method = value }, names...)
	}
	// believesOrigin replaces Origin, and fillsOrigin adds it if the request does not have it.
	believesOrigin := func(names ...string) middleware {
		return believes(func(r *core.Request, value string) {
			r.Header = edited{r.Header, func(string) string { return value }}
		}, names...)
	}
	fillsOrigin := func(name string) middleware {
		return believes(func(r *core.Request, value string) {
			r.Header = edited{r.Header, func(origin string) string { return cmp.Or(origin, value) }}
		}, name)
	}
	editsPath := func(edit func(path string) string) middleware {
		return shown(func(r *core.Request) { r.Path = edit(r.Path) })
	}
	// until cuts the path at the first of the separators.
	until := func(separator string) middleware {
		return editsPath(func(path string) string {
			path, _, _ = strings.Cut(path, separator)
			return path
		})
	}
	// skips does not call the Decider for requests for which skip returns true.
	skips := func(skip func(r *http.Request) bool) middleware {
		return wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if skip(r) {
				next.ServeHTTP(w, r)
				return
			}
			plain(d, next).ServeHTTP(w, r)
		})
	}
	skipsMethod := func(method string) middleware {
		return skips(func(r *http.Request) bool { return r.Method == method })
	}
	skipsPath := func(prefix string) middleware {
		return skips(func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, prefix) })
	}
	skipsField := func(name, value string) middleware {
		return skips(func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get(name), value) })
	}
	// passesOn changes the request that the handler receives.
	passesOn := func(edit func(r *http.Request)) middleware {
		return func(d core.Decider, next http.Handler) http.Handler {
			return plain(d, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				edit(r)
				next.ServeHTTP(w, r)
			}))
		}
	}
	// form reads the method from the form, as some frameworks do.
	form := func(value func(r *http.Request) string) middleware {
		return wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if method := value(r); r.Method == "POST" && method != "" {
				r.Method = method
			}
			plain(d, next).ServeHTTP(w, r)
		})
	}
	answer := func(decision core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler) {
		if decision.Status == 0 {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Del("Allow")
		w.Header().Del("Content-Type")
		w.WriteHeader(decision.Status)
	}

	tests := []struct {
		name    string
		adapter middleware
		fails   []string // these cases
	}{
		{"overwrites Vary", written(func(d *core.Decision, h http.Header) {
			before := h["Vary"]
			h.Del("Vary")
			d.ApplyMap(h)
			if _, ok := h["Vary"]; !ok && before != nil {
				h["Vary"] = before
			}
		}), []string{"vary/before", "vary/before-preflight"}},
		{"adds to Vary without looking", written(func(d *core.Decision, h http.Header) {
			before := h["Vary"]
			h.Del("Vary")
			d.ApplyMap(h)
			h["Vary"] = append(slices.Clone(before), h["Vary"]...)
		}), []string{"vary/before-has-origin", "vary/before-has-star", "contract/registered-twice"}},
		{"leaves Vary out where it refuses", written(func(d *core.Decision, h http.Header) {
			if d.Reason != core.ReasonAllowed {
				d.Vary = ""
			}
			d.ApplyMap(h)
		}), []string{"vary/refused", "vary/no-origin"}},
		{
			"reads the first line of Access-Control-Request-Headers",
			shown(func(r *core.Request) { r.Header = firstLines{"Access-Control-Request-Headers", r.Header} }),
			[]string{"header/unlisted-in-second-line", "boundary/field-lines-apart"},
		},
		{"reads the first line of Origin", shown(func(r *core.Request) { r.Header = firstLines{"Origin", r.Header} }),
			[]string{"origin/two-lines-listed-first", "origin/two-lines", "boundary/field-two-lines"}},
		{
			"looks names up as they were sent", shown(func(r *core.Request) { r.Header = asSent{r.Header} }),
			[]string{"boundary/field-one-line", "origin/listed"},
		},
		{"makes Origin lower case", shown(func(r *core.Request) {
			r.Header = edited{r.Header, strings.ToLower}
		}), []string{"origin/upper-case", "pattern/upper-case"}},
		{"decodes Origin", shown(func(r *core.Request) {
			r.Header = edited{r.Header, func(s string) string { return strings.ReplaceAll(s, "%61", "a") }}
		}), []string{"origin/percent-letter"}},
		{
			"resolves the path", shown(func(r *core.Request) { r.Path = strings.ReplaceAll(r.Path, "//", "/") }),
			[]string{"boundary/path-with-two-slashes"},
		},
		{"does not decode the path", shown(func(r *core.Request) {
			if r.RawPath != "" {
				r.Path = r.RawPath
			}
		}), []string{"boundary/path-with-encoded-slash"}},
		{
			"forgets RawPath", shown(func(r *core.Request) { r.RawPath = "" }),
			[]string{"boundary/path-with-encoded-slash"},
		},
		{"believes X-Forwarded-Host", shown(func(r *core.Request) {
			if host := r.Header.Field("X-Forwarded-Host"); host != "" {
				r.Host = host
			}
		}), []string{"forbid/forwarded-host", "boundary/host-with-port"}},
		{"believes X-Http-Method-Override", shown(func(r *core.Request) {
			if method := r.Header.Field("X-Http-Method-Override"); method != "" {
				r.Method = method
			}
		}), []string{"preflight/override-is-not-one"}},
		{
			"calls the handler on a preflight too",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler) {
				w.WriteHeader(decision.Status)
				next.ServeHTTP(invisible{w.Header().Clone()}, r)
			}),
			[]string{"preflight/allowed", "preflight/disallowed"},
		},
		{
			"does not abort",
			answeredBy(func(_ core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler) {
				next.ServeHTTP(
					w, r,
				)
			}),
			[]string{"preflight/allowed", "preflight/disallowed", "forbid/disallowed"},
		},
		{"answers every OPTIONS", func(d core.Decider, next http.Handler) http.Handler {
			return plain(d, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "OPTIONS" {
					w.WriteHeader(204)
					return
				}
				next.ServeHTTP(w, r)
			}))
		}, []string{"preflight/plain-options", "preflight/options-without-method", "preflight/continue"}},
		{
			"refuses actual requests",
			wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
				decision := d.Decide(r.Context(), adapter.Request(r))
				decision.ApplyMap(w.Header())
				if decision.Kind == core.KindActual && !decision.Allowed() && decision.Status == 0 {
					decision.Status = 403
				}
				answer(decision, w, r, next)
			}),
			[]string{"origin/other", "null/same-origin-post", "preflight/websocket"},
		},
		{
			"writes a body on a 403",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				if decision.Status == 403 {
					http.Error(w, "Forbidden", 403)
					return
				}
				w.Header().Del("Allow")
				w.Header().Del("Content-Type")
				w.WriteHeader(decision.Status)
			}),
			[]string{"contract/refusal-has-no-body", "preflight/disallowed"},
		},
		{
			"answers 200 whatever the policy says",
			answeredBy(func(_ core.Decision, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				w.Header().Del("Allow")
				w.Header().Del("Content-Type")
				w.WriteHeader(200)
			}),
			[]string{"preflight/allowed", "contract/every-field"},
		},
		{
			"leaves Allow",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				w.Header().Del("Content-Type")
				w.WriteHeader(decision.Status)
			}),
			[]string{
				"contract/left-over-allow", "contract/left-over-allow-refused", "contract/left-over-allow-forbidden",
			},
		},
		{
			"leaves Content-Type",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				w.Header().Del("Allow")
				w.WriteHeader(decision.Status)
			}),
			[]string{"contract/left-over-allow-refused"},
		},
		{
			"takes Allow off the handler's answer",
			wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
				w.Header().Del("Allow")
				plain(d, next).ServeHTTP(w, r)
			}),
			[]string{"contract/left-over-allow-passed"},
		},
		{"adds Access-Control-Allow-Origin to what is there", written(func(d *core.Decision, h http.Header) {
			before := h["Access-Control-Allow-Origin"]
			d.ApplyMap(h)
			h["Access-Control-Allow-Origin"] = append(slices.Clone(before), h["Access-Control-Allow-Origin"]...)
		}), []string{"contract/stale-allowed", "contract/stale-refused", "contract/registered-twice"}},
		{"writes only what it grants", written(func(d *core.Decision, h http.Header) {
			if d.Allowed() {
				d.ApplyMap(h)
				return
			}
			h.Add("Vary", d.Vary)
		}), []string{"contract/stale-refused", "contract/inner-refuses"}},
		{"writes where nothing is decided", written(func(d *core.Decision, h http.Header) {
			d.ApplyMap(h)
			if d.Reason == core.ReasonNoPolicy {
				h.Add("Vary", "Origin")
			}
		}), []string{"contract/undecided", "contract/undecided-keeps"}},
		{
			"removes what an outer policy granted where nothing is decided",
			written(func(d *core.Decision, h http.Header) {
				core.Strip(h)
				d.ApplyMap(h)
			}),
			[]string{"contract/undecided-keeps", "contract/inner-undecided", "contract/inner-forgery"},
		},
		{"forgets the exposed headers", written(func(d *core.Decision, h http.Header) {
			d.ApplyMap(h)
			h.Del("Access-Control-Expose-Headers")
		}), []string{"expose/listed", "contract/every-field"}},
		{"writes max-age on actual requests", written(func(d *core.Decision, h http.Header) {
			d.ApplyMap(h)
			if d.Kind == core.KindActual && d.Allowed() {
				h.Set("Access-Control-Max-Age", "600")
			}
		}), []string{"max-age/actual"}},
		{
			"echoes the origin with the wildcard",
			wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
				decision := d.Decide(r.Context(), adapter.Request(r))
				if decision.AllowOrigin == "*" && r.Header.Get("Cookie") != "" {
					decision.AllowOrigin = r.Header.Get("Origin")
				}
				decision.ApplyMap(w.Header())
				answer(decision, w, r, next)
			}),
			[]string{"wildcard/cookie", "wildcard/cookie-poisons-nothing"},
		},
		{"decides twice", wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
			d.Decide(r.Context(), adapter.Request(r))
			plain(d, next).ServeHTTP(w, r)
		}), []string{"origin/listed", "boundary/path-root"}},
		{"keeps the policy of the start", func(d core.Decider, next http.Handler) http.Handler {
			if live, ok := d.(*core.Live); ok && live.Load() != nil {
				d = live.Load()
			}
			return plain(d, next)
		}, []string{"contract/policy-replaced"}},
		{"shares the values of Vary", func() middleware {
			shared := []string{"Origin"}
			return written(func(d *core.Decision, h http.Header) {
				d.ApplyMap(h)
				if slices.Equal(h["Vary"], []string{"Origin"}) {
					h["Vary"] = shared
				}
			})
		}(), []string{"contract/values-are-not-shared"}},
		{"gives a value room that belongs to the next", written(func(d *core.Decision, h http.Header) {
			d.ApplyMap(h)
			if len(h["Access-Control-Allow-Origin"]) == 1 && len(h["Vary"]) == 1 {
				both := []string{h["Access-Control-Allow-Origin"][0], h["Vary"][0]}
				h["Access-Control-Allow-Origin"], h["Vary"] = both[:1], both[1:]
			}
		}), []string{"contract/append-reaches-no-neighbour"}},
		{"mixes up what happens at the same time", func() middleware {
			var last atomic.Pointer[core.Decision]
			return func(d core.Decider, next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					decision := d.Decide(r.Context(), adapter.Request(r))
					kept := decision
					last.Store(&kept)
					time.Sleep(time.Millisecond) // as a look-up might
					decision = *last.Load()
					decision.ApplyMap(w.Header())
					answer(decision, w, r, next)
				})
			}
		}(), []string{"concurrency/mixed-origins"}},
		{
			"lets a decision hold bytes that it overwrites",
			wrong(func(d core.Decider, w http.ResponseWriter, r *http.Request, next http.Handler) {
				views := &views{header: core.HeaderMap(r.Header)}
				request := adapter.Request(r)
				request.Header = views // and Borrowed is not set
				decision := d.Decide(r.Context(), request)
				views.overwrite()
				decision.ApplyMap(w.Header())
				answer(decision, w, r, next)
			}),
			[]string{"contract/decisions-may-be-kept", "pattern/one-label", "header/any-with-credentials"},
		},
		{
			"writes bytes after the response",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, r *http.Request, _ http.Handler) {
				w.Header().Del("Allow")
				w.Header().Del("Content-Type")
				c, buffered, err := w.(http.Hijacker).Hijack()
				if err != nil {
					return
				}
				defer c.Close()
				fmt.Fprintf(buffered, "HTTP/1.1 %d \r\n", decision.Status)
				w.Header().Write(buffered)
				fmt.Fprintf(buffered, "\r\nhello")
				buffered.Flush()
			}),
			[]string{"preflight/allowed", "keep-alive/preflight-with-body-then-actual"},
		},

		{"believes X-Original-URL", believesPath("X-Original-Url"), []string{"boundary/path-not-from-field"}},
		{"believes X-Rewrite-URL", believesPath("X-Rewrite-Url"), []string{"boundary/path-not-from-field"}},
		{"believes X-Forwarded-Prefix", believes(func(r *core.Request, value string) {
			r.Path = value + r.Path
		}, "X-Forwarded-Prefix"), []string{"boundary/path-not-from-field"}},
		{"believes X-Host", believesHost("X-Host"), []string{"boundary/host-not-from-field"}},
		{"believes X-Original-Host", believesHost("X-Original-Host"), []string{"boundary/host-not-from-field"}},
		{
			"believes X-Forwarded-Origin", believesOrigin("X-Forwarded-Origin"),
			[]string{"boundary/origin-not-from-field", "boundary/origin-not-replaced"},
		},
		{
			"believes X-Forwarded-Origin without Origin", fillsOrigin("X-Forwarded-Origin"),
			[]string{"boundary/origin-not-from-field"},
		},
		{"believes Referer without Origin", fillsOrigin("Referer"), []string{"boundary/origin-not-from-field"}},
		{"believes X-Method-Override", believesMethod("X-Method-Override"), []string{"boundary/method-not-from-field"}},
		{"believes X-HTTP-Method", believesMethod("X-Http-Method"), []string{"boundary/method-not-from-field"}},
		{"believes _method in the query", form(func(r *http.Request) string {
			return r.URL.Query().Get("_method")
		}), []string{"boundary/method-not-from-query"}},
		{"believes _method in a form", form(func(r *http.Request) string {
			return r.PostFormValue("_method")
		}), []string{"boundary/method-not-from-body", "contract/handler-gets-body"}},
		{"shows HEAD as GET", shown(func(r *core.Request) {
			if r.Method == "HEAD" {
				r.Method = "GET"
			}
		}), []string{"boundary/method-head"}},
		{"takes an underscore for a hyphen", shown(func(r *core.Request) {
			r.Header = underscores{r.Header}
		}), []string{"boundary/field-with-underscores"}},
		{"makes Sec-Fetch-Site lower case", shown(func(r *core.Request) {
			r.Header = inLowerCase{"Sec-Fetch-Site", r.Header}
		}), []string{"boundary/field-with-upper-case-value"}},
		{"strips quotes from Origin", shown(func(r *core.Request) {
			r.Header = edited{r.Header, func(s string) string { return strings.Trim(s, `"`) }}
		}), []string{"boundary/field-in-quotes"}},
		{"makes Host lower case", shown(func(r *core.Request) {
			r.Host = strings.ToLower(r.Host)
		}), []string{"boundary/host-in-upper-case"}},
		{"decodes the path like a query", editsPath(func(path string) string {
			return strings.ReplaceAll(path, "+", " ")
		}), []string{"boundary/path-with-plus", "boundary/path-with-encoded-plus"}},
		{"cuts the path at a question mark", until("?"), []string{"boundary/path-with-encoded-question-mark"}},
		{"cuts the path at a number sign", until("#"), []string{"boundary/path-with-encoded-hash"}},
		{"cuts the path at a semicolon", until(";"), []string{"boundary/path-with-semicolon"}},
		{"cuts the path at a NUL byte", until("\x00"), []string{"boundary/path-with-encoded-nul"}},
		{"reads a backslash as a slash", editsPath(func(path string) string {
			return strings.ReplaceAll(path, `\`, "/")
		}), []string{"boundary/path-with-encoded-backslash", "boundary/path-with-backslash"}},
		{"cuts long paths", editsPath(func(path string) string {
			return path[:min(len(path), 4<<10)]
		}), []string{"boundary/path-of-8-kib"}},
		{"sets RawPath only for a percent sign", shown(func(r *core.Request) {
			if !strings.Contains(r.RawPath, "%") {
				r.RawPath = ""
			}
		}), []string{
			"boundary/path-with-backslash", "boundary/path-with-exclamation-mark", "boundary/path-in-utf-8-as-sent",
		}},
		{"does not ask about HEAD", skipsMethod("HEAD"), []string{"boundary/method-head"}},
		{"does not ask about PATCH", skipsMethod("PATCH"), []string{"boundary/method-patch"}},
		{"does not ask about TRACE", skipsMethod("TRACE"), []string{"boundary/method-trace"}},
		{"does not ask about favicon.ico", skipsPath("/favicon.ico"), []string{"boundary/asked-about-favicon"}},
		{"does not ask about files", skipsPath("/static/"), []string{"boundary/asked-about-files"}},
		{"does not ask about health checks", skipsPath("/healthz"), []string{"boundary/asked-about-health"}},
		{"does not ask about well-known paths", skipsPath("/.well-known/"), []string{"boundary/asked-about-well-known"}},
		{"does not ask about ranges", skipsField("Range", "bytes="), []string{"boundary/asked-about-range"}},
		{
			"does not ask about loopback", skipsField("X-Forwarded-For", "127.0.0.1"),
			[]string{"boundary/asked-about-loopback"},
		},
		{
			"does not ask about scripts", skipsField("X-Requested-With", "XMLHttpRequest"),
			[]string{"boundary/asked-about-script"},
		},
		{"makes up a context", func(d core.Decider, next http.Handler) http.Handler {
			return plain(withoutContext{d}, next)
		}, []string{"boundary/path-root"}},
		{
			"drains the body", passesOn(func(r *http.Request) { io.Copy(io.Discard, r.Body) }),
			[]string{"contract/handler-gets-body", "contract/handler-gets-chunked-body"},
		},
		{
			"takes the query away", passesOn(func(r *http.Request) { r.URL.RawQuery = "" }),
			[]string{"contract/handler-gets-target"},
		},
		{"cleans the URL", passesOn(func(r *http.Request) {
			r.URL.Path, r.URL.RawPath = path.Clean(r.URL.Path), ""
		}), []string{"contract/handler-gets-target"}},
		{
			"takes Origin away", passesOn(func(r *http.Request) { r.Header.Del("Origin") }),
			[]string{"contract/handler-gets-method-and-fields"},
		},
		{
			"deletes the headers of others",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				for name := range w.Header() {
					if name != "Vary" && name != "Polycors-Reason" && !strings.HasPrefix(name, "Access-Control-") {
						w.Header().Del(name)
					}
				}
				w.WriteHeader(decision.Status)
			}),
			[]string{"contract/keeps-headers", "contract/keeps-headers-refused", "contract/keeps-headers-forbidden"},
		},
		{
			"sets a cookie where it refuses",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler) {
				w.Header().Set("Set-Cookie", "refused=1")
				answer(decision, w, r, next)
			}),
			[]string{"contract/refusal-has-no-body", "forbid/disallowed"},
		},
		{
			"redirects where it refuses",
			answeredBy(func(decision core.Decision, w http.ResponseWriter, r *http.Request, next http.Handler) {
				w.Header().Set("Location", "/forbidden")
				answer(decision, w, r, next)
			}),
			[]string{"contract/refusal-has-no-body", "forbid/disallowed"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range passes(t, tt.adapter.asNetHTTP().Serve, tt.fails) {
				t.Errorf("it passes %s", name)
			}
		})
	}
}

// firstLines reads only the first line of one field.
type firstLines struct {
	name   string
	header core.RequestHeader
}

func (f firstLines) Field(name string) string {
	if lines := f.header.(core.HeaderMap)[name]; name == f.name && len(lines) > 0 {
		return lines[0]
	}
	return f.header.Field(name)
}

// asSent looks for names in lower case, which net/http does not preserve.
type asSent struct{ header core.RequestHeader }

func (a asSent) Field(name string) string { return a.header.Field(strings.ToLower(name)) }

// edited changes the value of Origin.
type edited struct {
	header core.RequestHeader
	edit   func(string) string
}

func (e edited) Field(name string) string {
	value := e.header.Field(name)
	if name == "Origin" {
		return e.edit(value)
	}
	return value
}

// underscores also finds a field whose name has underscores where a hyphen belongs.
type underscores struct{ header core.RequestHeader }

func (u underscores) Field(name string) string {
	return cmp.Or(
		u.header.Field(name),
		strings.Join(http.Header(u.header.(core.HeaderMap)).Values(strings.ReplaceAll(name, "-", "_")), ", "),
	)
}

// inLowerCase changes the value of one field.
type inLowerCase struct {
	name   string
	header core.RequestHeader
}

func (l inLowerCase) Field(name string) string {
	value := l.header.Field(name)
	if name == l.name {
		return strings.ToLower(value)
	}
	return value
}

// withoutContext calls another Decider with a context other than that of the request.
type withoutContext struct{ decider core.Decider }

func (w withoutContext) Decide(_ context.Context, r core.Request) core.Decision {
	return w.decider.Decide(context.Background(), r)
}

// views returns strings that share memory with buffers, which are overwritten later, as in
// fasthttp.
type views struct {
	header  core.RequestHeader
	buffers [][]byte
}

func (v *views) Field(name string) string {
	buf := []byte(v.header.Field(name))
	v.buffers = append(v.buffers, buf)
	return unsafe.String(unsafe.SliceData(buf), len(buf))
}

func (v *views) overwrite() {
	for _, buf := range v.buffers {
		for i := range buf {
			buf[i] = '~'
		}
	}
}

// invisible is a response that is discarded.
type invisible struct{ header http.Header }

func (d invisible) Header() http.Header         { return d.header }
func (d invisible) Write(p []byte) (int, error) { return len(p), nil }
func (d invisible) WriteHeader(int)             {}

// TestRunGivesUp: a server that never responds fails every case, without a timeout for each of
// them.
func TestRunGivesUp(t *testing.T) {
	defer func(usual time.Duration) { patience = usual }(patience)
	patience = 50 * time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // connections are made, by the system, and nobody reads
	silent := func(testing.TB, Server) string { return listener.Addr().String() }
	total := 0
	run(t, silent, nil, func(string, func(r reporter)) { total++ })
	if failed := fails(t, silent); len(failed) != total {
		t.Errorf("%d of %d cases fail", len(failed), total)
	}
}

var caseName = regexp.MustCompile(`^[a-z0-9.-]+/[a-z0-9.-]+$`)

// TestCases: the cases are complete and well-formed.
func TestCases(t *testing.T) {
	names := map[string]bool{}
	describe := func(name, why, source string) {
		if !caseName.MatchString(name) || names[name] {
			t.Errorf("%q is not a name of a case, or two have it", name)
		}
		names[name] = true
		if len(why) < 15 || strings.HasSuffix(why, ".") {
			t.Errorf("%s: %q is not a reason", name, why)
		}
		if !strings.HasPrefix(source, "https://") {
			t.Errorf("%s: the source %q is not a place in a standard", name, source)
		}
	}
	table := cases()
	reasons := map[core.Reason]bool{}
	for i := range table {
		c := &table[i]
		describe(c.name, c.why, c.source)
		reasons[c.want.reason] = true
		if chosen := strings.Contains(c.request, "\r\nX-Case: "+c.name+"\r\n"); chosen != (c.reply != nil) {
			t.Errorf("%s: the request chooses a reply (%t), the case has one (%t)", c.name, chosen, c.reply != nil)
		}
		if len(c.on.configs) == 1 && c.want.reason == core.ReasonNoPolicy && c.want.serverMayRefuse == nil {
			t.Errorf("%s: no reason is expected", c.name)
		}
		if !strings.Contains(c.request, "\r\n\r\n") {
			t.Errorf("%s: the request does not end", c.name)
		}
	}
	for _, c := range slices.Concat(conversations(), panicCases()) {
		describe(c.name, c.why, c.source)
	}
	for _, c := range boundaryCases() {
		describe(c.name, c.why, c.source)
	}
	for _, reason := range []core.Reason{
		core.ReasonNoOrigin, core.ReasonAllowed, core.ReasonOriginMalformed, core.ReasonOriginNotAllowed,
		core.ReasonLookupFailed, core.ReasonMethodMalformed, core.ReasonMethodNotAllowed,
		core.ReasonHeadersMalformed, core.ReasonHeadersTooLarge, core.ReasonHeaderNotAllowed,
	} {
		if !reasons[reason] {
			t.Errorf("no case has the reason %s", reason)
		}
	}
	t.Logf("%d cases in the table, %d with conversations and questions of the boundary", len(table), len(names))
	if len(table) < 250 {
		t.Errorf("the table has %d cases, want 250 at least", len(table))
	}
}

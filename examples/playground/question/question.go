// Package question answers the question of the playground's page: can a page read the response to
// this request under this policy, and if not, why? The server of the playground uses it, and so
// does the WebAssembly module of the static page.
package question

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

// MaxSize is the length of the longest question in bytes.
const MaxSize = 160 << 10

// maxListed is how many problems and findings are listed. Nobody corrects more at once.
const maxListed = 100

// asked is what the page asks.
type asked struct {
	Policy  string `json:"policy"`
	Fixed   bool   `json:"fixed"` // the policy was changed after the browser blocked the request
	Request struct {
		Text        string `json:"text"`   // what was pasted; only Origin is used with it
		Origin      string `json:"origin"` // used if the text does not contain the origin
		URL         string `json:"url"`
		Method      string `json:"method"`
		Headers     string `json:"headers"` // lines of the form "Name: value"
		Credentials bool   `json:"credentials"`
	} `json:"request"`
}

// explained is the result. Its lists are never null.
type explained struct {
	Policy  policy   `json:"policy"`
	Request request  `json:"request"`
	Verdict *verdict `json:"verdict"` // nil if the policy or the request has a problem
	Copy    copies   `json:"copy"`
}

type policy struct {
	Notation diagnose.Notation `json:"notation"`
	Problems []problem         `json:"problems"`
	Findings []finding         `json:"findings"`
}

type problem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Field   string `json:"field"`
	Value   string `json:"value"`
	Rule    string `json:"rule"`
	Fix     string `json:"fix"`
	Message string `json:"message"`
}

type finding struct {
	Line    int    `json:"line"`
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type request struct {
	Kind        string      `json:"kind"`
	Origin      string      `json:"origin"`
	URL         string      `json:"url"`
	Method      string      `json:"method"`
	Headers     [][2]string `json:"headers"`
	Credentials bool        `json:"credentials"`
	Notes       []string    `json:"notes"`
	Problem     string      `json:"problem,omitempty"`
}

type verdict struct {
	Readable  bool              `json:"readable"` // false, too, if the browser blocked what the policy allows
	Summary   string            `json:"summary"`
	Steps     []step            `json:"steps"`
	Line      int               `json:"line"` // of the policy's text; 0 if no line decided
	Field     string            `json:"field"`
	Fix       string            `json:"fix"`
	Fixed     string            `json:"fixed"` // the policy's text after the fix, or ""
	Instead   map[string]string `json:"instead"`
	Console   string            `json:"console"`
	Curl      string            `json:"curl"`
	Exchanges []exchange        `json:"exchanges"`
}

type step struct {
	Name   string          `json:"name"`
	Result diagnose.Result `json:"result"`
	Text   string          `json:"text"`
}

type exchange struct {
	Kind    string      `json:"kind"` // "preflight" or "request"
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Sent    [][2]string `json:"sent"`
	Status  int         `json:"status"` // 0 if the handler chooses it
	Headers [][2]string `json:"headers"`
}

// copies is the policy in each notation.
type copies struct {
	Go          string `json:"go"`
	JSON        string `json:"json"`
	Environment string `json:"env"`
}

// Explain reads a question in JSON and returns the explanation in JSON. The explanation says what
// is wrong with the policy and the request, or else what happens to the request. If the question
// itself cannot be read, the result is an object with the member "error".
func Explain(ctx context.Context, data []byte) []byte {
	var a asked
	if len(data) > MaxSize {
		return encode(map[string]string{"error": "the question is too long"})
	}
	if err := json.Unmarshal(data, &a); err != nil {
		return encode(map[string]string{"error": err.Error()})
	}
	p, err := diagnose.ReadPolicy(a.Policy)
	x := explained{Policy: describePolicy(p, err)}
	in := readRequest(a, &x.Request)
	if err != nil {
		return encode(x)
	}
	x.Copy = copiesOf(p)
	if x.Request.Problem != "" {
		return encode(x)
	}
	x.Verdict = judge(ctx, p, in, a.Fixed)
	return encode(x)
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // not possible: these are plain values
	}
	return data
}

func describePolicy(p diagnose.Policy, err error) policy {
	d := policy{Notation: p.Notation, Problems: []problem{}, Findings: []finding{}}
	for e := range core.Problems(err) {
		if len(d.Problems) == maxListed {
			break
		}
		field := e.Field
		if e.Index >= 0 {
			field += "[" + strconv.Itoa(e.Index) + "]"
		}
		d.Problems = append(d.Problems, problem{e.Line, e.Column, field, e.Value, e.Rule, e.Fix, e.Error()})
	}
	for _, f := range p.Findings[:min(len(p.Findings), maxListed)] {
		d.Findings = append(d.Findings, finding{p.Line(f.Field), f.Field, f.Code, f.Message})
	}
	return d
}

func copiesOf(p diagnose.Policy) (c copies) {
	// A policy in one notation can have a value that another one refuses. Then there is no copy.
	c.Go, _ = p.Write(diagnose.Go)
	c.JSON, _ = p.Write(diagnose.JSON)
	c.Environment, _ = p.Write(diagnose.Environment)
	return c
}

// readRequest reads the request of a question and describes it in r.
func readRequest(a asked, r *request) diagnose.Input {
	*r = request{Headers: [][2]string{}, Notes: []string{}}
	in := diagnose.Input{Fetch: diagnose.Fetch{
		URL: strings.TrimSpace(a.Request.URL), Method: strings.TrimSpace(a.Request.Method),
		Credentials: a.Request.Credentials,
	}}
	if a.Request.Text != "" {
		var err error
		if in, err = diagnose.Read(a.Request.Text); err != nil {
			r.Problem = sentence(err)
			return in
		}
		if in.Fetch.URL == "" {
			in.Fetch.URL = "/" // a note says that it is assumed
		}
	} else {
		in.Fetch.Header, r.Problem = readHeaders(a.Request.Headers)
	}
	f := &in.Fetch
	r.Kind, r.Notes = string(in.Kind), append(r.Notes, in.Notes...)
	if f.Origin == "" {
		var note, problem string
		f.Origin, note, problem = pageOrigin(strings.TrimSpace(a.Request.Origin))
		if note != "" {
			r.Notes = append(r.Notes, note)
		}
		r.Problem = cmp.Or(r.Problem, problem)
	}
	if f.URL == "" {
		r.Problem = cmp.Or(r.Problem, "Write what the page requests, such as https://api.example.com/items.")
	}
	r.Origin, r.URL, r.Method, r.Credentials = f.Origin, f.URL, cmp.Or(f.Method, "GET"), f.Credentials
	r.Headers = append(r.Headers, f.Header...)
	return in
}

// sentence returns the message of an error as a sentence.
func sentence(err error) string {
	text := strings.TrimPrefix(err.Error(), "cors: ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// pageOrigin returns the origin that somebody typed, as a browser writes it. They may have typed
// the URL of the page, or only its host. The note says what was changed. The problem is "" if there
// is an origin.
func pageOrigin(typed string) (origin, note, problem string) {
	const example = "rite the origin of the page, such as https://app.example.com."
	switch {
	case typed == "":
		return "", "", "W" + example
	case typed == "null":
		return typed, "", ""
	case strings.ContainsAny(typed, "$<>{}%"):
		return "", "", typed + " is a placeholder. W" + example
	}
	text := typed
	if !strings.Contains(text, "://") {
		text = "https://" + text
		if host := strings.TrimPrefix(text, "https://"); isLocal.MatchString(host) {
			text = "http://" + host
		}
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return typed, "", typed + " is not an origin. W" + example
	}
	host := strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	case u.Scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	}
	if origin = u.Scheme + "://" + host; origin != typed {
		note = "The origin of the page is read as " + origin + "."
	}
	return origin, note, ""
}

// isLocal matches a host that usually serves pages over http.
var isLocal = regexp.MustCompile(`^(?i)(?:[^/]*\.)?localhost(?:[:/]|$)|^127\.[0-9.]+(?:[:/]|$)|^\[::1\]`)

// readHeaders reads lines of the form "Name: value".
func readHeaders(text string) (list [][2]string, problem string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, "Write each header as a name, a colon and a value, such as X-Total: 1."
		}
		list = append(list, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return list, ""
}

// judge explains the request under the policy. If fixed is true, the policy was changed after the
// browser blocked the request, so the browser's error says nothing about it.
func judge(ctx context.Context, p diagnose.Policy, in diagnose.Input, fixed bool) *verdict {
	report := diagnose.Explain(ctx, p.Compiled(), in.Fetch)
	v := &verdict{
		Readable: report.Readable, Summary: p.Translate(report.Summary), Steps: []step{}, Line: p.Line(report.Field),
		Field: p.Translate(report.Field), Fix: p.Translate(report.Fix), Instead: map[string]string{},
		Console: report.Verdict.Console,
		Curl:    report.Curl, Exchanges: []exchange{},
	}
	for name, value := range report.Instead {
		v.Instead[name] = value
	}
	if len(report.Changes)+len(report.Enable) > 0 {
		v.Fixed, _ = p.Apply(report.Changes, report.Enable) // "" if the text has no place for them
	}
	for _, s := range report.Steps {
		v.Steps = append(v.Steps, step{s.Name, s.Result, p.Translate(s.Text)})
	}
	_, hasPreflight := in.Fetch.Preflight()
	for i, x := range report.Exchanges {
		kind := "request"
		if i == 0 && hasPreflight {
			kind = "preflight"
		}
		path := x.Request.RawPath
		if path == "" {
			path = (&url.URL{Path: x.Request.Path}).EscapedPath()
		}
		sent, _ := x.Request.Header.(core.HeaderMap)
		v.Exchanges = append(v.Exchanges, exchange{
			kind, x.Request.Method, path, fields(sent), x.Response.Status, fields(x.Response.Header),
		})
	}
	if !fixed {
		v.compare(in, report)
	}
	return v
}

// fields returns a header as lines, sorted by name.
func fields(h core.HeaderMap) [][2]string {
	list := [][2]string{}
	for name, values := range h {
		for _, value := range values {
			list = append(list, [2]string{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

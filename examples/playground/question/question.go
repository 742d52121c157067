// Package question answers the question of the playground's page: can a page read the response to
// this request under this policy, and if not, why? The server of the playground uses it, and so
// does the WebAssembly module of the static page.
package question

import (
	"context"
	"encoding/json"
	"net/url"
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
	Request struct {
		Text        string `json:"text"` // what was pasted; the other fields are used if it is ""
		Origin      string `json:"origin"`
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
	Readable  bool              `json:"readable"`
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
	f := readRequest(a, &x.Request)
	if err != nil {
		return encode(x)
	}
	x.Copy = copiesOf(p)
	if x.Request.Problem != "" {
		return encode(x)
	}
	compiled, err := core.New(p.Config)
	if err != nil {
		return encode(map[string]string{"error": err.Error()}) // not possible, because ReadPolicy has tried it
	}
	x.Verdict = judge(ctx, p, compiled, f)
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
func readRequest(a asked, r *request) diagnose.Fetch {
	*r = request{Headers: [][2]string{}, Notes: []string{}}
	var f diagnose.Fetch
	if a.Request.Text != "" {
		in, err := diagnose.Read(a.Request.Text)
		if err != nil {
			r.Problem = sentence(err)
			return f
		}
		r.Kind, f = string(in.Kind), in.Fetch
		r.Notes = append(r.Notes, in.Notes...)
	} else {
		f = diagnose.Fetch{
			Origin: strings.TrimSpace(a.Request.Origin), URL: strings.TrimSpace(a.Request.URL),
			Method: strings.TrimSpace(a.Request.Method), Credentials: a.Request.Credentials,
		}
		f.Header, r.Problem = readHeaders(a.Request.Headers)
	}
	r.Origin, r.URL, r.Method, r.Credentials = f.Origin, f.URL, f.Method, f.Credentials
	r.Headers = append(r.Headers, f.Header...)
	if r.Method == "" {
		r.Method = "GET"
	}
	if r.Problem == "" {
		r.Problem = incomplete(f)
	}
	return f
}

// sentence returns the message of an error as a sentence.
func sentence(err error) string {
	text := strings.TrimPrefix(err.Error(), "cors: ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// incomplete returns what is missing in a request, or "".
func incomplete(f diagnose.Fetch) string {
	if f.Origin == "" {
		return "The text does not say which page makes the request. Write its origin, such as https://app.example.com."
	}
	if f.URL == "" {
		return "The text does not say what the page requests. Write a URL, such as https://api.example.com/items."
	}
	if _, err := url.Parse(f.URL); err != nil {
		return "The URL cannot be read: " + err.Error() + "."
	}
	return ""
}

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

func judge(ctx context.Context, p diagnose.Policy, compiled *core.Policy, f diagnose.Fetch) *verdict {
	report := diagnose.Explain(ctx, compiled, f)
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
	_, hasPreflight := f.Preflight()
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
